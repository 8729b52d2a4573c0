/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The end of a process whose other threads hold locks: what runs then (here a fiber local storage callback) finds them held, and the
 * process ends all the same, with its exit status.
 * Runs on: Nereid.  (Wine lets a critical section in, and waits for ever for a slim lock.)
 */
#include "check.h"

static RTL_CRITICAL_SECTION Section;
static RTL_SRWLOCK Lock;
static BOOLEAN UseSlimLock;

static NTSTATUS NTAPI Holder(PVOID Held)
{
    LARGE_INTEGER Long = { .QuadPart = -600 * 10000000ll };

    RtlEnterCriticalSection(&Section);
    RtlAcquireSRWLockExclusive(&Lock);
    NtSetEvent((HANDLE)Held, NULL);
    NtDelayExecution(FALSE, &Long);
    return STATUS_SUCCESS;
}

static VOID NTAPI AtEnd(PVOID Value)
{
    if (UseSlimLock)
        RtlAcquireSRWLockShared(&Lock);
    else
        RtlEnterCriticalSection(&Section);
    NtTerminateProcess(NtCurrentProcess(), STATUS_UNSUCCESSFUL);
}

/* What the child does. */
static NTSTATUS EndWithLocksHeld(BOOLEAN IsSlim)
{
    HANDLE Held, Thread;
    ULONG Index;

    UseSlimLock = IsSlim;
    RtlInitializeCriticalSection(&Section);
    NtCreateEvent(&Held, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    RtlFlsAlloc(AtEnd, &Index);
    RtlFlsSetValue(Index, (PVOID)1);
    RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, Holder, Held, &Thread, NULL);
    NtWaitForSingleObject(Held, FALSE, NULL);
    RtlExitUserProcess(7);
    return STATUS_UNSUCCESSFUL;
}

/* The exit status of a child with this command line, STATUS_TIMEOUT if it does not end. */
static NTSTATUS RunChild(PCWSTR CommandLine)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters, Parameters = NULL;
    RTL_USER_PROCESS_INFORMATION Child = { .Length = sizeof(Child) };
    LARGE_INTEGER Limit = { .QuadPart = -60 * 10000000ll };
    PROCESS_BASIC_INFORMATION Ended = { 0 };
    UNICODE_STRING Line, Path;

    RtlInitUnicodeString(&Line, CommandLine);
    CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Own->ImagePathName.Buffer, &Path, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateProcessParametersEx(&Parameters, &Own->ImagePathName, NULL, NULL, &Line, NULL, NULL, NULL, NULL,
            NULL, RTL_USER_PROC_PARAMS_NORMALIZED));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserProcess(&Path, OBJ_CASE_INSENSITIVE, Parameters, NULL, NULL, NULL, FALSE, NULL, NULL,
            &Child));
    NtResumeThread(Child.ThreadHandle, NULL);
    if (NtWaitForSingleObject(Child.ProcessHandle, FALSE, &Limit) != STATUS_WAIT_0)
        NtTerminateProcess(Child.ProcessHandle, STATUS_TIMEOUT);
    NtWaitForSingleObject(Child.ProcessHandle, FALSE, NULL);
    NtQueryInformationProcess(Child.ProcessHandle, ProcessBasicInformation, &Ended, sizeof(Ended), NULL);
    RtlDestroyProcessParameters(Parameters);
    RtlFreeUnicodeString(&Path);
    NtClose(Child.ThreadHandle);
    NtClose(Child.ProcessHandle);
    return Ended.ExitStatus;
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    if (ArgumentCount > 1)
        return EndWithLocksHeld(wcscmp(Arguments[1], L"slim") == 0);
    CHECK_STATUS(7, RunChild(L"shutdown section"));
    CHECK_STATUS(7, RunChild(L"shutdown slim"));
    return CheckClose();
}
