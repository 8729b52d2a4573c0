/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Process parameters, and making processes and threads.
 *
 * Process parameters are one block: the structure, the strings, the environment.  "Normalised" means that string
 * buffers are addresses, otherwise they are offsets from the block's start.
 */
#include "ntdllp.h"

#define CURRENT_DIRECTORY_BYTES (MAX_PATH * 2 * sizeof(WCHAR))

static SIZE_T RtlpRound(SIZE_T Bytes)
{
    return (Bytes + 7) & ~(SIZE_T)7;
}

/* Copies Source to *At, with room for Maximum bytes, and moves *At behind it. */
static VOID RtlpPlaceString(PUCHAR *At, PUNICODE_STRING Destination, PCUNICODE_STRING Source, USHORT Maximum)
{
    if (Source == NULL || Maximum == 0)
        return;
    Destination->Buffer = (PWSTR)*At;
    Destination->Length = Source->Length;
    Destination->MaximumLength = Maximum;
    memcpy(Destination->Buffer, Source->Buffer, Source->Length);
    Destination->Buffer[(Source->Length + 1) / sizeof(WCHAR)] = 0;     /* runtime data may be of odd length */
    *At += RtlpRound(Maximum);
}

static USHORT RtlpRoomFor(PCUNICODE_STRING String)
{
    return String != NULL ? (USHORT)min(String->Length + sizeof(WCHAR), 0xfffe) : 0;
}

static SIZE_T RtlpEnvironmentBytes(PCWSTR Environment)
{
    PCWSTR At = Environment;

    if (At == NULL)
        return 0;
    while (*At != 0)
        At += wcslen(At) + 1;
    return ((SIZE_T)(At - Environment) + 1) * sizeof(WCHAR);
}

NTSTATUS NTAPI RtlCreateProcessParametersEx(PRTL_USER_PROCESS_PARAMETERS *ProcessParameters,
        PUNICODE_STRING ImagePathName, PUNICODE_STRING DllPath, PUNICODE_STRING CurrentDirectory,
        PUNICODE_STRING CommandLine, PVOID Environment, PUNICODE_STRING WindowTitle, PUNICODE_STRING DesktopInfo,
        PUNICODE_STRING ShellInfo, PUNICODE_STRING RuntimeData, ULONG Flags)
{
    static const UNICODE_STRING Empty = { 0, sizeof(WCHAR), (PWSTR)L"" };
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters, Parameters;
    SIZE_T Size, EnvironmentBytes;
    PUCHAR At;

    RtlAcquirePebLock();
    DllPath = DllPath != NULL ? DllPath : &Own->DllPath;
    CurrentDirectory = CurrentDirectory != NULL ? CurrentDirectory : &Own->CurrentDirectory.DosPath;
    CommandLine = CommandLine != NULL ? CommandLine : ImagePathName;
    Environment = Environment != NULL ? Environment : Own->Environment;
    WindowTitle = WindowTitle != NULL ? WindowTitle : (PUNICODE_STRING)&Empty;
    DesktopInfo = DesktopInfo != NULL ? DesktopInfo : (PUNICODE_STRING)&Empty;
    ShellInfo = ShellInfo != NULL ? ShellInfo : (PUNICODE_STRING)&Empty;
    EnvironmentBytes = RtlpEnvironmentBytes(Environment);
    Size = sizeof(*Parameters) + RtlpRound(RtlpRoomFor(ImagePathName)) + RtlpRound(RtlpRoomFor(DllPath)) +
           CURRENT_DIRECTORY_BYTES + RtlpRound(RtlpRoomFor(CommandLine)) + RtlpRound(RtlpRoomFor(WindowTitle)) +
           RtlpRound(RtlpRoomFor(DesktopInfo)) + RtlpRound(RtlpRoomFor(ShellInfo)) +
           RtlpRound(RtlpRoomFor(RuntimeData)) + RtlpRound(EnvironmentBytes);
    Parameters = CurrentDirectory->Length + sizeof(WCHAR) <= CURRENT_DIRECTORY_BYTES
            ? RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Size) : NULL;
    if (Parameters == NULL) {
        RtlReleasePebLock();
        return STATUS_NO_MEMORY;
    }
    At = (PUCHAR)(Parameters + 1);
    Parameters->MaximumLength = Parameters->Length = (ULONG)Size;
    Parameters->Flags = RTL_USER_PROC_PARAMS_NORMALIZED;
    RtlpPlaceString(&At, &Parameters->CurrentDirectory.DosPath, CurrentDirectory, CURRENT_DIRECTORY_BYTES);
    RtlpPlaceString(&At, &Parameters->DllPath, DllPath, RtlpRoomFor(DllPath));
    RtlpPlaceString(&At, &Parameters->ImagePathName, ImagePathName, RtlpRoomFor(ImagePathName));
    RtlpPlaceString(&At, &Parameters->CommandLine, CommandLine, RtlpRoomFor(CommandLine));
    RtlpPlaceString(&At, &Parameters->WindowTitle, WindowTitle, RtlpRoomFor(WindowTitle));
    RtlpPlaceString(&At, &Parameters->DesktopInfo, DesktopInfo, RtlpRoomFor(DesktopInfo));
    RtlpPlaceString(&At, &Parameters->ShellInfo, ShellInfo, RtlpRoomFor(ShellInfo));
    RtlpPlaceString(&At, &Parameters->RuntimeData, RuntimeData, RtlpRoomFor(RuntimeData));
    Parameters->RuntimeData.MaximumLength = Parameters->RuntimeData.Length;     /* counted bytes: no zero behind them */
    if (EnvironmentBytes != 0) {
        memcpy(At, Environment, EnvironmentBytes);
        Parameters->Environment = At;
        Parameters->EnvironmentSize = EnvironmentBytes;
    }
    RtlReleasePebLock();
    *ProcessParameters = Flags & RTL_USER_PROC_PARAMS_NORMALIZED ? Parameters
            : RtlDeNormalizeProcessParams(Parameters);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlCreateProcessParameters(PRTL_USER_PROCESS_PARAMETERS *ProcessParameters,
        PUNICODE_STRING ImagePathName, PUNICODE_STRING DllPath, PUNICODE_STRING CurrentDirectory,
        PUNICODE_STRING CommandLine, PVOID Environment, PUNICODE_STRING WindowTitle, PUNICODE_STRING DesktopInfo,
        PUNICODE_STRING ShellInfo, PUNICODE_STRING RuntimeData)
{
    return RtlCreateProcessParametersEx(ProcessParameters, ImagePathName, DllPath, CurrentDirectory, CommandLine,
            Environment, WindowTitle, DesktopInfo, ShellInfo, RuntimeData, 0);
}

VOID NTAPI RtlDestroyProcessParameters(PRTL_USER_PROCESS_PARAMETERS ProcessParameters)
{
    RtlFreeHeap(RtlProcessHeap(), 0, ProcessParameters);
}

/* Adds Delta to every string's buffer that is not NULL. */
static VOID RtlpMoveStrings(PRTL_USER_PROCESS_PARAMETERS Parameters, ULONG_PTR Delta)
{
    PUNICODE_STRING Strings[] = { &Parameters->CurrentDirectory.DosPath, &Parameters->DllPath,
            &Parameters->ImagePathName, &Parameters->CommandLine, &Parameters->WindowTitle, &Parameters->DesktopInfo,
            &Parameters->ShellInfo, &Parameters->RuntimeData };

    for (ULONG Index = 0; Index < ARRAYSIZE(Strings); Index++)
        if (Strings[Index]->Buffer != NULL)
            Strings[Index]->Buffer = (PWSTR)((ULONG_PTR)Strings[Index]->Buffer + Delta);
}

PRTL_USER_PROCESS_PARAMETERS NTAPI RtlNormalizeProcessParams(PRTL_USER_PROCESS_PARAMETERS ProcessParameters)
{
    if (ProcessParameters != NULL && !(ProcessParameters->Flags & RTL_USER_PROC_PARAMS_NORMALIZED)) {
        RtlpMoveStrings(ProcessParameters, (ULONG_PTR)ProcessParameters);
        ProcessParameters->Flags |= RTL_USER_PROC_PARAMS_NORMALIZED;
    }
    return ProcessParameters;
}

PRTL_USER_PROCESS_PARAMETERS NTAPI RtlDeNormalizeProcessParams(PRTL_USER_PROCESS_PARAMETERS ProcessParameters)
{
    if (ProcessParameters != NULL && ProcessParameters->Flags & RTL_USER_PROC_PARAMS_NORMALIZED) {
        RtlpMoveStrings(ProcessParameters, 0 - (ULONG_PTR)ProcessParameters);
        ProcessParameters->Flags &= ~(ULONG)RTL_USER_PROC_PARAMS_NORMALIZED;
    }
    return ProcessParameters;
}

NTSTATUS NTAPI RtlCreateUserProcess(PUNICODE_STRING NtPathName, ULONG Attributes,
        PRTL_USER_PROCESS_PARAMETERS ProcessParameters, PSECURITY_DESCRIPTOR ProcessSecurityDescriptor,
        PSECURITY_DESCRIPTOR ThreadSecurityDescriptor, HANDLE ParentProcess, BOOLEAN InheritHandles, HANDLE DebugPort,
        HANDLE TokenHandle, PRTL_USER_PROCESS_INFORMATION ProcessInformation)
{
    struct {
        SIZE_T TotalLength;
        PS_ATTRIBUTE Attributes[6];
    } List = { 0 };
    OBJECT_ATTRIBUTES Process, Thread;
    PS_CREATE_INFO Create = { .Size = sizeof(Create) };
    PPS_ATTRIBUTE Next = List.Attributes;

    *Next++ = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_IMAGE_NAME, .Size = NtPathName->Length,
            .ValuePtr = NtPathName->Buffer };
    *Next++ = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_CLIENT_ID, .Size = sizeof(CLIENT_ID),
            .ValuePtr = &ProcessInformation->ClientId };
    *Next++ = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_IMAGE_INFO, .Size = sizeof(SECTION_IMAGE_INFORMATION),
            .ValuePtr = &ProcessInformation->ImageInformation };
    if (ParentProcess != NULL)
        *Next++ = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_PARENT_PROCESS, .Size = sizeof(HANDLE),
                .ValuePtr = ParentProcess };
    if (DebugPort != NULL)
        *Next++ = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_DEBUG_OBJECT, .Size = sizeof(HANDLE),
                .ValuePtr = DebugPort };
    if (TokenHandle != NULL)
        *Next++ = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_TOKEN, .Size = sizeof(HANDLE), .ValuePtr = TokenHandle };
    List.TotalLength = (SIZE_T)((PUCHAR)Next - (PUCHAR)&List);
    InitializeObjectAttributes(&Process, NULL, 0, NULL, ProcessSecurityDescriptor);
    InitializeObjectAttributes(&Thread, NULL, 0, NULL, ThreadSecurityDescriptor);
    RtlNormalizeProcessParams(ProcessParameters);
    memset(&ProcessInformation->ImageInformation, 0, sizeof(ProcessInformation->ImageInformation));
    ProcessInformation->Length = sizeof(*ProcessInformation);
    return NtCreateUserProcess(&ProcessInformation->ProcessHandle, &ProcessInformation->ThreadHandle,
            MAXIMUM_ALLOWED, MAXIMUM_ALLOWED, &Process, &Thread,
            InheritHandles ? PROCESS_CREATE_FLAGS_INHERIT_HANDLES : 0, THREAD_CREATE_FLAGS_CREATE_SUSPENDED,
            ProcessParameters, &Create, (PPS_ATTRIBUTE_LIST)&List);
}

NTSTATUS NTAPI RtlCreateUserThread(HANDLE ProcessHandle, PSECURITY_DESCRIPTOR ThreadSecurityDescriptor,
        BOOLEAN CreateSuspended, ULONG ZeroBits, SIZE_T MaximumStackSize, SIZE_T CommittedStackSize,
        PUSER_THREAD_START_ROUTINE StartAddress, PVOID Parameter, PHANDLE ThreadHandle, PCLIENT_ID ClientId)
{
    struct {
        SIZE_T TotalLength;
        PS_ATTRIBUTE Attributes[1];
    } List = { sizeof(List), { { 0 } } };
    OBJECT_ATTRIBUTES Attributes;
    CLIENT_ID Id = { 0 };
    HANDLE Thread;
    NTSTATUS Status;

    List.Attributes[0] = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_CLIENT_ID, .Size = sizeof(Id), .ValuePtr = &Id };
    InitializeObjectAttributes(&Attributes, NULL, 0, NULL, ThreadSecurityDescriptor);
    Status = NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, &Attributes, ProcessHandle, StartAddress, Parameter,
            CreateSuspended ? THREAD_CREATE_FLAGS_CREATE_SUSPENDED : 0, ZeroBits, CommittedStackSize,
            MaximumStackSize, (PPS_ATTRIBUTE_LIST)&List);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ClientId != NULL)
        *ClientId = Id;
    if (ThreadHandle != NULL)
        *ThreadHandle = Thread;
    else
        NtClose(Thread);
    return STATUS_SUCCESS;
}
