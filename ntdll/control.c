/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Control events of the console (Ctrl+C, Ctrl+Break): the executive starts a thread at KiUserControlDispatcher in each
 * process of Win32 on the console, and the process's handlers run on it: kernel32!CtrlRoutine knows them.
 *
 * What Windows does by default is to end the process with STATUS_CONTROL_C_EXIT.  The default handler of the kernelbase in
 * use ends it with 0; that call is known by its place: no handler of a program's calls RtlExitUserProcess from inside the
 * module that holds CtrlRoutine.
 */
#include "ntdllp.h"

LDRP_CONTROL_ROUTINE LdrpControlRoutine;

/* The calling thread is one that the executive started for a control event. */
static BOOLEAN LdrpIsControlThread(VOID)
{
    PVOID Start = NULL;

    return NT_SUCCESS(NtQueryInformationThread(NtCurrentThread(), ThreadQuerySetWin32StartAddress, &Start, sizeof(Start),
                                               NULL)) && Start == (PVOID)KiUserControlDispatcher;
}

NTSTATUS LdrpControlExitStatus(NTSTATUS ExitStatus, const void *Caller)
{
    PVOID Base, Handlers;

    if (ExitStatus != 0 || LdrpControlRoutine == NULL)
        return ExitStatus;
    if (RtlPcToFileHeader((PVOID)Caller, &Base) == NULL || RtlPcToFileHeader((PVOID)LdrpControlRoutine, &Handlers) != Base)
        return ExitStatus;
    return LdrpIsControlThread() ? STATUS_CONTROL_C_EXIT : ExitStatus;
}

NTSTATUS NTAPI KiUserControlDispatcher(PVOID Event)
{
    if (LdrpControlRoutine == NULL)
        NtTerminateProcess(NtCurrentProcess(), STATUS_CONTROL_C_EXIT);
    return (NTSTATUS)LdrpControlRoutine(Event);
}
