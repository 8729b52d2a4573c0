/* SPDX-License-Identifier: BSD-2-Clause
 *
 * SystemProcessInformation: every process with its threads, one entry after the other in the caller's buffer.
 *
 * Entry: SYSTEM_PROCESS_INFORMATION, its threads, the image name; rounded to 8 bytes.
 */
#include "psp.h"

static VOID PspFillThread(PKTHREAD KThread, PSYSTEM_THREAD_INFORMATION Thread)
{
    PETHREAD Object = CONTAINING_RECORD(KThread, ETHREAD, Tcb);

    memset(Thread, 0, sizeof(*Thread));
    Thread->KernelTime.QuadPart = (LONG64)KThread->KernelTime;
    Thread->UserTime.QuadPart = (LONG64)KThread->UserTime;
    Thread->CreateTime = Object->CreateTime;
    Thread->StartAddress = Object->StartAddress;
    Thread->ClientId = Object->Cid;
    Thread->Priority = KThread->Priority;
    Thread->BasePriority = KThread->BasePriority;
    Thread->ContextSwitches = (ULONG)KThread->ContextSwitches;
    Thread->ThreadState = KThread->State == KThreadUser && KThread->SuspendCount == 0 ? 1 : 5;  /* ready, waiting */
    Thread->WaitReason = KThread->SuspendCount != 0 ? Suspended : KThread->WaitReason;
}

static VOID PspFillProcess(PEPROCESS Process, PSYSTEM_PROCESS_INFORMATION Entry)
{
    ULONG64 KernelTime, UserTime;

    PspProcessTimes(Process, &KernelTime, &UserTime);
    memset(Entry, 0, sizeof(*Entry));
    Entry->NumberOfThreads = Process->ActiveThreads;
    Entry->NumberOfThreadsHighWatermark = Process->ActiveThreadsHighWatermark;
    Entry->WorkingSetPrivateSize.QuadPart = (LONG64)(Process->Vm.PrivatePages * PAGE_SIZE);
    Entry->CycleTime = KeCyclesOf(KernelTime + UserTime);
    Entry->CreateTime = Process->CreateTime;
    Entry->UserTime.QuadPart = (LONG64)UserTime;
    Entry->KernelTime.QuadPart = (LONG64)KernelTime;
    Entry->BasePriority = Process->Pcb.BasePriority;
    Entry->UniqueProcessId = Process->UniqueProcessId;
    Entry->InheritedFromUniqueProcessId = Process->InheritedFromUniqueProcessId;
    Entry->HandleCount = Process->ObjectTable != NULL ? ObGetProcessHandleCount(Process) : 0;
    Entry->SessionId = Process == PsInitialSystemProcess ? 0 : 1;
    Entry->PeakVirtualSize = Process->Vm.PeakVirtualSize;
    Entry->VirtualSize = Process->Vm.VirtualSize;
    Entry->PageFaultCount = Process->Vm.PageFaultCount;
    Entry->PeakWorkingSetSize = Process->Vm.PeakResidentPages * PAGE_SIZE;
    Entry->WorkingSetSize = Process->Vm.ResidentPages * PAGE_SIZE;
    Entry->PagefileUsage = Process->Vm.CommitCharge * PAGE_SIZE;
    Entry->PeakPagefileUsage = Process->Vm.PeakCommitCharge * PAGE_SIZE;
    Entry->PrivatePageCount = Process->Vm.CommitCharge * PAGE_SIZE;
    Entry->ReadOperationCount.QuadPart = (LONG64)Process->ReadOperationCount;
    Entry->WriteOperationCount.QuadPart = (LONG64)Process->WriteOperationCount;
    Entry->OtherOperationCount.QuadPart = (LONG64)Process->OtherOperationCount;
    Entry->ReadTransferCount.QuadPart = (LONG64)Process->ReadTransferCount;
    Entry->WriteTransferCount.QuadPart = (LONG64)Process->WriteTransferCount;
    Entry->OtherTransferCount.QuadPart = (LONG64)Process->OtherTransferCount;
}

static ULONG PspNameBytes(PEPROCESS Process)
{
    return (ULONG)(wcslen(Process->ImageName) * sizeof(WCHAR));
}

static ULONG PspEntrySize(PEPROCESS Process)
{
    ULONG Size = sizeof(SYSTEM_PROCESS_INFORMATION) + Process->ActiveThreads * sizeof(SYSTEM_THREAD_INFORMATION) +
                 PspNameBytes(Process) + sizeof(WCHAR);

    return (Size + 7) & ~7u;
}

static NTSTATUS PspWriteEntry(PEPROCESS Process, PUCHAR UserEntry, BOOLEAN Last)
{
    SYSTEM_PROCESS_INFORMATION Entry;
    SYSTEM_THREAD_INFORMATION Thread;
    PUCHAR Position = UserEntry + sizeof(Entry);
    PLIST_ENTRY Link;
    NTSTATUS Status = STATUS_SUCCESS;

    PspFillProcess(Process, &Entry);
    Entry.NextEntryOffset = Last ? 0 : PspEntrySize(Process);
    Entry.ImageName.Length = (USHORT)PspNameBytes(Process);
    Entry.ImageName.MaximumLength = Entry.ImageName.Length + sizeof(WCHAR);
    Entry.ImageName.Buffer = (PWSTR)(Position + Entry.NumberOfThreads * sizeof(Thread));
    for (Link = Process->Pcb.ThreadListHead.Flink; Link != &Process->Pcb.ThreadListHead && NT_SUCCESS(Status);
         Link = Link->Flink, Position += sizeof(Thread)) {
        PspFillThread(CONTAINING_RECORD(Link, KTHREAD, ThreadListEntry), &Thread);
        Status = MmCopyToUser(Position, &Thread, sizeof(Thread));
    }
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(Position, Process->ImageName, Entry.ImageName.MaximumLength);
    return NT_SUCCESS(Status) ? MmCopyToUser(UserEntry, &Entry, sizeof(Entry)) : Status;
}

NTSTATUS PspQuerySystemProcesses(PVOID UserBuffer, ULONG Length, PULONG ReturnLength)
{
    PLIST_ENTRY Link;
    PUCHAR Position = UserBuffer;
    NTSTATUS Status = STATUS_SUCCESS;

    *ReturnLength = 0;
    for (Link = PsActiveProcessHead.Flink; Link != &PsActiveProcessHead; Link = Link->Flink)
        *ReturnLength += PspEntrySize(CONTAINING_RECORD(Link, EPROCESS, ActiveProcessLinks));
    if (Length < *ReturnLength)
        return STATUS_INFO_LENGTH_MISMATCH;
    for (Link = PsActiveProcessHead.Flink; Link != &PsActiveProcessHead && NT_SUCCESS(Status); Link = Link->Flink) {
        PEPROCESS Process = CONTAINING_RECORD(Link, EPROCESS, ActiveProcessLinks);

        Status = PspWriteEntry(Process, Position, Link->Flink == &PsActiveProcessHead);
        Position += PspEntrySize(Process);
    }
    return Status;
}
