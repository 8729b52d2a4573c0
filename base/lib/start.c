/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The entry point of native programs: makes the argument vector, calls wmain, ends the process.
 *
 * ntdll has initialised the process when RtlUserThreadStart calls NtProcessStartup.  Returning would end the
 * thread only; the process ends with wmain's value, whatever other threads do.
 */
#include "base/lib/native.h"

NTSTATUS NtProcessStartup(PPEB Peb);

NTSTATUS NtProcessStartup(PPEB Peb)
{
    UNICODE_STRING CommandLine = Peb->ProcessParameters->CommandLine;
    int ArgumentCount;
    PWSTR *Arguments = SplitCommandLine(CommandLine.Buffer, CommandLine.Length / sizeof(WCHAR), &ArgumentCount);
    NTSTATUS Status = STATUS_NO_MEMORY;

    if (Arguments != NULL) {
        Status = wmain(ArgumentCount, Arguments);
        PrintFlush();
    }
    RtlExitUserProcess(Status);
    return Status;
}

PVOID Allocate(SIZE_T Bytes)
{
    return RtlAllocateHeap(NtCurrentPeb()->ProcessHeap, HEAP_ZERO_MEMORY, Bytes);
}

VOID Free(PVOID Memory)
{
    if (Memory != NULL)
        RtlFreeHeap(NtCurrentPeb()->ProcessHeap, 0, Memory);
}

PWSTR DuplicateString(PCWSTR String)
{
    SIZE_T Bytes = (wcslen(String) + 1) * sizeof(WCHAR);
    PWSTR Copy = Allocate(Bytes);

    if (Copy != NULL)
        memcpy(Copy, String, Bytes);
    return Copy;
}
