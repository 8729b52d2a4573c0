/* SPDX-License-Identifier: BSD-2-Clause
 *
 * 32-bit programs on a 64-bit system: there are none.  These give the answers of a system and a process that are 64-bit.
 */
#include "ntdllp.h"

/* Only a 32-bit process has something to redirect. */
NTSTATUS NTAPI RtlWow64EnableFsRedirection(BOOLEAN Enable)
{
    return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS NTAPI RtlWow64EnableFsRedirectionEx(ULONG Disable, PULONG OldLevel)
{
    return STATUS_NOT_IMPLEMENTED;
}

/* *CurrentMachine: IMAGE_FILE_MACHINE_UNKNOWN, the process runs as what it is. */
NTSTATUS NTAPI RtlWow64GetProcessMachines(HANDLE ProcessHandle, PUSHORT CurrentMachine, PUSHORT NativeMachine)
{
    PROCESS_BASIC_INFORMATION Basic;
    NTSTATUS Status = NtQueryInformationProcess(ProcessHandle, ProcessBasicInformation, &Basic, sizeof(Basic), NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    if (CurrentMachine != NULL)
        *CurrentMachine = IMAGE_FILE_MACHINE_UNKNOWN;
    if (NativeMachine != NULL)
        *NativeMachine = IMAGE_FILE_MACHINE_AMD64;
    return STATUS_SUCCESS;
}

/* STATUS_INVALID_PARAMETER: the thread has no 32-bit context; or what asking about the thread answers. */
static NTSTATUS RtlpRefuse32Bit(HANDLE ThreadHandle)
{
    THREAD_BASIC_INFORMATION Basic;
    NTSTATUS Status = NtQueryInformationThread(ThreadHandle, ThreadBasicInformation, &Basic, sizeof(Basic), NULL);

    return NT_SUCCESS(Status) ? STATUS_INVALID_PARAMETER : Status;
}

NTSTATUS NTAPI RtlWow64GetThreadContext(HANDLE ThreadHandle, PVOID ThreadContext)
{
    return RtlpRefuse32Bit(ThreadHandle);
}

NTSTATUS NTAPI RtlWow64SetThreadContext(HANDLE ThreadHandle, const void *ThreadContext)
{
    return RtlpRefuse32Bit(ThreadHandle);
}
