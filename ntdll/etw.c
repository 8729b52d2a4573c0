/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Event tracing, the providers' side.
 *
 * A registration is an entry of a table; its handle is the entry's number and a generation, so that a stale handle is
 * known.  There are no trace sessions: nothing is ever enabled, an event that is written is dropped (as Windows does
 * while no session wants it), and a handle of a session is always invalid.  Results are Win32 errors.
 */
#include "ntdllp.h"

#define MAX_REGISTRATIONS 512               /* EventRegister's documented limit is 1024 a process */
#define MAX_EVENT_DATA 128                  /* descriptors an event */
#define MAX_EVENT_SIZE 0x10000              /* bytes, header included */
#define EVENT_HEADER_SIZE 80

typedef enum _ETW_KIND { ETW_FREE, ETW_PROVIDER, ETW_CLASSIC } ETW_KIND;

typedef struct _ETW_REGISTRATION {
    ETW_KIND Kind;
    ULONG Generation;
    GUID Guid;
} ETW_REGISTRATION;

static ETW_REGISTRATION EtwpTable[MAX_REGISTRATIONS];
static RTL_SRWLOCK EtwpLock;

static BOOLEAN EtwpIsValid(ULONGLONG Handle, ETW_KIND Kind)
{
    ULONG Index = (ULONG)Handle - 1;

    return Index < MAX_REGISTRATIONS && EtwpTable[Index].Kind == Kind &&
           EtwpTable[Index].Generation == (ULONG)(Handle >> 32);
}

static ULONG EtwpRegister(ETW_KIND Kind, const GUID *Guid, PULONG64 Handle)
{
    ULONG Error = ERROR_NO_SYSTEM_RESOURCES;

    RtlAcquireSRWLockExclusive(&EtwpLock);
    for (ULONG Index = 0; Index < MAX_REGISTRATIONS; Index++) {
        ETW_REGISTRATION *Entry = &EtwpTable[Index];

        if (Entry->Kind != ETW_FREE)
            continue;
        *Entry = (ETW_REGISTRATION){ Kind, Entry->Generation + 1, *Guid };
        *Handle = (ULONG64)Entry->Generation << 32 | (Index + 1);
        Error = ERROR_SUCCESS;
        break;
    }
    RtlReleaseSRWLockExclusive(&EtwpLock);
    return Error;
}

static ULONG EtwpUnregister(ETW_KIND Kind, ULONGLONG Handle)
{
    ULONG Error = ERROR_INVALID_HANDLE;

    RtlAcquireSRWLockExclusive(&EtwpLock);
    if (EtwpIsValid(Handle, Kind)) {
        EtwpTable[(ULONG)Handle - 1].Kind = ETW_FREE;
        Error = ERROR_SUCCESS;
    }
    RtlReleaseSRWLockExclusive(&EtwpLock);
    return Error;
}

/* --- manifest-based providers ------------------------------------------------------------------------------------ */

/* The callback is never called: no session enables a provider. */
ULONG NTAPI EtwEventRegister(const GUID *ProviderId, PENABLECALLBACK EnableCallback, PVOID CallbackContext,
        PREGHANDLE RegHandle)
{
    if (ProviderId == NULL || RegHandle == NULL)
        return ERROR_INVALID_PARAMETER;
    return EtwpRegister(ETW_PROVIDER, ProviderId, RegHandle);
}

ULONG NTAPI EtwEventUnregister(REGHANDLE RegHandle)
{
    return EtwpUnregister(ETW_PROVIDER, RegHandle);
}

BOOLEAN NTAPI EtwEventEnabled(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor)
{
    return FALSE;
}

BOOLEAN NTAPI EtwEventProviderEnabled(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword)
{
    return FALSE;
}

/* ERROR_INVALID_PARAMETER: too many descriptors, or none where the count says some; ERROR_ARITHMETIC_OVERFLOW: the
 * event exceeds 64 KiB. */
ULONG NTAPI EtwEventWriteTransfer(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, const GUID *ActivityId,
        const GUID *RelatedActivityId, ULONG UserDataCount, PEVENT_DATA_DESCRIPTOR UserData)
{
    ULONGLONG Size = EVENT_HEADER_SIZE;

    if (!EtwpIsValid(RegHandle, ETW_PROVIDER))
        return ERROR_INVALID_HANDLE;
    if (EventDescriptor == NULL || UserDataCount > MAX_EVENT_DATA || (UserDataCount != 0 && UserData == NULL))
        return ERROR_INVALID_PARAMETER;
    for (ULONG Index = 0; Index < UserDataCount; Index++)
        Size += UserData[Index].Size;
    return Size > MAX_EVENT_SIZE ? ERROR_ARITHMETIC_OVERFLOW : ERROR_SUCCESS;
}

ULONG NTAPI EtwEventWrite(REGHANDLE RegHandle, PCEVENT_DESCRIPTOR EventDescriptor, ULONG UserDataCount,
        PEVENT_DATA_DESCRIPTOR UserData)
{
    return EtwEventWriteTransfer(RegHandle, EventDescriptor, NULL, NULL, UserDataCount, UserData);
}

ULONG NTAPI EtwEventWriteString(REGHANDLE RegHandle, UCHAR Level, ULONGLONG Keyword, PCWSTR String)
{
    if (!EtwpIsValid(RegHandle, ETW_PROVIDER))
        return ERROR_INVALID_HANDLE;
    if (String == NULL)
        return ERROR_INVALID_PARAMETER;
    return (wcslen(String) + 1) * sizeof(WCHAR) > MAX_EVENT_SIZE - EVENT_HEADER_SIZE ? ERROR_ARITHMETIC_OVERFLOW
            : ERROR_SUCCESS;
}

static VOID EtwpCreateActivityId(GUID *ActivityId)
{
    static volatile LONG64 Serial;
    LARGE_INTEGER Now;

    NtQueryPerformanceCounter(&Now, NULL);
    ((PULONGLONG)ActivityId)[0] = (ULONGLONG)Now.QuadPart;
    ((PULONGLONG)ActivityId)[1] = (ULONGLONG)InterlockedIncrement64(&Serial) << 32 |
            (ULONG)(ULONG_PTR)NtCurrentTebEx()->ClientId.UniqueProcess;
}

/* The thread's activity: TEB.ActivityId. */
ULONG NTAPI EtwEventActivityIdControl(ULONG ControlCode, GUID *ActivityId)
{
    GUID *Current = &NtCurrentTebEx()->ActivityId, Old = *Current;

    if (ActivityId == NULL)
        return ERROR_INVALID_PARAMETER;
    switch (ControlCode) {
    case EVENT_ACTIVITY_CTRL_GET_ID:
        *ActivityId = Old;
        return ERROR_SUCCESS;
    case EVENT_ACTIVITY_CTRL_SET_ID:
        *Current = *ActivityId;
        return ERROR_SUCCESS;
    case EVENT_ACTIVITY_CTRL_CREATE_ID:
        EtwpCreateActivityId(ActivityId);
        return ERROR_SUCCESS;
    case EVENT_ACTIVITY_CTRL_GET_SET_ID:
        *Current = *ActivityId;
        *ActivityId = Old;
        return ERROR_SUCCESS;
    case EVENT_ACTIVITY_CTRL_CREATE_SET_ID:
        EtwpCreateActivityId(Current);
        *ActivityId = Old;
        return ERROR_SUCCESS;
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

/* Traits begin with their own size; what they say is of interest to a session only. */
ULONG NTAPI EtwEventSetInformation(REGHANDLE RegHandle, ULONG InformationClass, PVOID Information, ULONG Length)
{
    if (!EtwpIsValid(RegHandle, ETW_PROVIDER))
        return ERROR_INVALID_HANDLE;
    switch (InformationClass) {
    case EventProviderSetTraits:
        return Information != NULL && Length >= sizeof(USHORT) && *(const USHORT *)Information <= Length
                ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
    case EventProviderBinaryTrackInfo:
        return Length == 0 ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
    case EventProviderUseDescriptorType:
        return Information != NULL && Length == sizeof(UCHAR) ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

/* --- classic providers ------------------------------------------------------------------------------------------- */

ULONG NTAPI EtwRegisterTraceGuidsW(PTRACE_REQUEST RequestAddress, PVOID RequestContext, const GUID *ControlGuid,
        ULONG GuidCount, PTRACE_GUID_REGISTRATION TraceGuids, PCWSTR MofImagePath, PCWSTR MofResourceName,
        PTRACEHANDLE RegistrationHandle)
{
    ULONG Error;

    if (RequestAddress == NULL || ControlGuid == NULL || RegistrationHandle == NULL ||
        (GuidCount != 0 && TraceGuids == NULL))
        return ERROR_INVALID_PARAMETER;
    Error = EtwpRegister(ETW_CLASSIC, ControlGuid, RegistrationHandle);
    for (ULONG Index = 0; Error == ERROR_SUCCESS && Index < GuidCount; Index++)
        TraceGuids[Index].RegHandle = (HANDLE)(ULONG_PTR)(*RegistrationHandle + ((ULONG64)(Index + 1) << 16));
    return Error;
}

ULONG NTAPI EtwRegisterTraceGuidsA(PTRACE_REQUEST RequestAddress, PVOID RequestContext, const GUID *ControlGuid,
        ULONG GuidCount, PTRACE_GUID_REGISTRATION TraceGuids, PCSTR MofImagePath, PCSTR MofResourceName,
        PTRACEHANDLE RegistrationHandle)
{
    return EtwRegisterTraceGuidsW(RequestAddress, RequestContext, ControlGuid, GuidCount, TraceGuids, NULL, NULL,
            RegistrationHandle);
}

ULONG NTAPI EtwUnregisterTraceGuids(TRACEHANDLE RegistrationHandle)
{
    return RegistrationHandle == 0 ? ERROR_INVALID_PARAMETER : EtwpUnregister(ETW_CLASSIC, RegistrationHandle);
}

/* Buffer: what a request callback got, the session's handle in it.  INVALID_HANDLE_VALUE and the last error on
 * failure. */
TRACEHANDLE NTAPI EtwGetTraceLoggerHandle(PVOID Buffer)
{
    PWNODE_HEADER Header = Buffer;

    if (Header == NULL || Header->BufferSize < sizeof(*Header)) {
        RtlSetLastWin32Error(Header == NULL ? ERROR_INVALID_PARAMETER : ERROR_BAD_LENGTH);
        return (TRACEHANDLE)-1;
    }
    return Header->HistoricalContext;
}

/* 0 is also what a failure answers: the last error tells. */
ULONG NTAPI EtwGetTraceEnableFlags(TRACEHANDLE TraceHandle)
{
    RtlSetLastWin32Error(TraceHandle == 0 ? ERROR_INVALID_PARAMETER : ERROR_INVALID_HANDLE);
    return 0;
}

UCHAR NTAPI EtwGetTraceEnableLevel(TRACEHANDLE TraceHandle)
{
    return (UCHAR)EtwGetTraceEnableFlags(TraceHandle);
}

ULONG NTAPI EtwLogTraceEvent(TRACEHANDLE TraceHandle, PVOID EventTrace)
{
    return EventTrace == NULL ? ERROR_INVALID_PARAMETER : ERROR_INVALID_HANDLE;
}

ULONG NTAPI EtwTraceMessageVa(TRACEHANDLE TraceHandle, ULONG MessageFlags, const GUID *MessageGuid,
        USHORT MessageNumber, va_list Arguments)
{
    return ERROR_INVALID_HANDLE;
}

ULONG __cdecl EtwTraceMessage(TRACEHANDLE TraceHandle, ULONG MessageFlags, const GUID *MessageGuid,
        USHORT MessageNumber, ...)
{
    return EtwTraceMessageVa(TraceHandle, MessageFlags, MessageGuid, MessageNumber, NULL);
}
