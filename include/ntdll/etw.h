/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Event tracing: providers' side.  Results are Win32 errors.  Sources: evntprov.h and evntrace.h of the Windows SDK.
 */
#pragma once

#include <winerror.h>

typedef ULONGLONG REGHANDLE, *PREGHANDLE;
typedef ULONG64 TRACEHANDLE, *PTRACEHANDLE;

typedef struct _EVENT_DATA_DESCRIPTOR {
    ULONGLONG Ptr;
    ULONG Size;
    ULONG Reserved;
} EVENT_DATA_DESCRIPTOR, *PEVENT_DATA_DESCRIPTOR;

typedef struct _EVENT_DESCRIPTOR {
    USHORT Id;
    UCHAR Version;
    UCHAR Channel;
    UCHAR Level;
    UCHAR Opcode;
    USHORT Task;
    ULONGLONG Keyword;
} EVENT_DESCRIPTOR, *PEVENT_DESCRIPTOR;
typedef const EVENT_DESCRIPTOR *PCEVENT_DESCRIPTOR;

typedef VOID (NTAPI *PENABLECALLBACK)(const GUID *SourceId, ULONG IsEnabled, UCHAR Level, ULONGLONG MatchAnyKeyword,
        ULONGLONG MatchAllKeyword, PVOID FilterData, PVOID CallbackContext);

typedef struct _TRACE_GUID_REGISTRATION {
    const GUID *Guid;
    HANDLE RegHandle;
} TRACE_GUID_REGISTRATION, *PTRACE_GUID_REGISTRATION;
typedef ULONG (NTAPI *PTRACE_REQUEST)(ULONG RequestCode, PVOID RequestContext, PULONG BufferSize, PVOID Buffer);

typedef struct _WNODE_HEADER {
    ULONG BufferSize;
    ULONG ProviderId;
    ULONG64 HistoricalContext;          /* the session's handle */
    LARGE_INTEGER TimeStamp;
    GUID Guid;
    ULONG ClientContext;
    ULONG Flags;
} WNODE_HEADER, *PWNODE_HEADER;

enum { EVENT_ACTIVITY_CTRL_GET_ID = 1, EVENT_ACTIVITY_CTRL_SET_ID, EVENT_ACTIVITY_CTRL_CREATE_ID,
        EVENT_ACTIVITY_CTRL_GET_SET_ID, EVENT_ACTIVITY_CTRL_CREATE_SET_ID };
enum { EventProviderBinaryTrackInfo, EventProviderSetReserved1, EventProviderSetTraits,
        EventProviderUseDescriptorType };

ULONG NTAPI EtwEventRegister(const GUID *ProviderId, PENABLECALLBACK EnableCallback, PVOID CallbackContext,
        PREGHANDLE RegHandle);
ULONG NTAPI EtwEventUnregister(REGHANDLE RegHandle);
BOOLEAN NTAPI EtwEventEnabled(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor);
BOOLEAN NTAPI EtwEventProviderEnabled(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword);
ULONG NTAPI EtwEventWrite(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, ULONG UserDataCount,
        PEVENT_DATA_DESCRIPTOR UserData);
ULONG NTAPI EtwEventWriteTransfer(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, const GUID *ActivityId,
        const GUID *RelatedActivityId, ULONG UserDataCount, PEVENT_DATA_DESCRIPTOR UserData);
ULONG NTAPI EtwEventWriteString(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword, PCWSTR String);
ULONG NTAPI EtwEventActivityIdControl(ULONG ControlCode, GUID *ActivityId);
ULONG NTAPI EtwEventSetInformation(REGHANDLE RegHandle, ULONG InformationClass, PVOID Information, ULONG Length);

ULONG NTAPI EtwRegisterTraceGuidsW(PTRACE_REQUEST RequestAddress, PVOID RequestContext, const GUID *ControlGuid,
        ULONG GuidCount, PTRACE_GUID_REGISTRATION TraceGuids, PCWSTR MofImagePath, PCWSTR MofResourceName,
        PTRACEHANDLE RegistrationHandle);
ULONG NTAPI EtwRegisterTraceGuidsA(PTRACE_REQUEST RequestAddress, PVOID RequestContext, const GUID *ControlGuid,
        ULONG GuidCount, PTRACE_GUID_REGISTRATION TraceGuids, PCSTR MofImagePath, PCSTR MofResourceName,
        PTRACEHANDLE RegistrationHandle);
ULONG NTAPI EtwUnregisterTraceGuids(TRACEHANDLE RegistrationHandle);
TRACEHANDLE NTAPI EtwGetTraceLoggerHandle(PVOID Buffer);
ULONG NTAPI EtwGetTraceEnableFlags(TRACEHANDLE TraceHandle);
UCHAR NTAPI EtwGetTraceEnableLevel(TRACEHANDLE TraceHandle);
ULONG NTAPI EtwLogTraceEvent(TRACEHANDLE TraceHandle, PVOID EventTrace);
ULONG __cdecl EtwTraceMessage(TRACEHANDLE TraceHandle, ULONG MessageFlags, const GUID *MessageGuid,
        USHORT MessageNumber, ...);
ULONG NTAPI EtwTraceMessageVa(TRACEHANDLE TraceHandle, ULONG MessageFlags, const GUID *MessageGuid,
        USHORT MessageNumber, va_list Arguments);
