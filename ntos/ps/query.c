/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryInformationProcess and NtSetInformationProcess.
 *
 * Answers of a fixed size are rows of a table: class, size, and a routine that fills a buffer of ntos; the few of
 * variable size (image names, command line) have functions of their own.
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"

#define PSP_MAX_ANSWER 0x100

typedef VOID (*PSP_FILL)(PEPROCESS Process, PVOID Buffer);

NTSTATUS PspReturn(PVOID UserBuffer, ULONG Length, PULONG UserReturnLength, const VOID *Data, ULONG DataLength)
{
    NTSTATUS Status = MmProbeAnswer(UserBuffer, Length == DataLength ? Length : 0, UserReturnLength, sizeof(*UserReturnLength));

    if (NT_SUCCESS(Status) && UserReturnLength != NULL)
        Status = MmPutUser(UserReturnLength, DataLength);
    if (NT_SUCCESS(Status))
        Status = Length == DataLength ? MmCopyToUser(UserBuffer, Data, DataLength) : STATUS_INFO_LENGTH_MISMATCH;
    return Status;
}

static VOID PspBasic(PEPROCESS Process, PVOID Buffer)
{
    PPROCESS_BASIC_INFORMATION Basic = Buffer;

    Basic->ExitStatus = Process->ExitCalled || Process->Exiting ? Process->ExitStatus : STATUS_PENDING;
    Basic->PebBaseAddress = Process->Peb;
    Basic->AffinityMask = 1;
    Basic->BasePriority = Process->Pcb.BasePriority;
    Basic->UniqueProcessId = (ULONG_PTR)Process->UniqueProcessId;
    Basic->InheritedFromUniqueProcessId = (ULONG_PTR)Process->InheritedFromUniqueProcessId;
}

VOID PspAddIoCounters(PEPROCESS Process, PIO_COUNTERS Counters)
{
    Counters->ReadOperationCount += Process->ReadOperationCount;
    Counters->WriteOperationCount += Process->WriteOperationCount;
    Counters->OtherOperationCount += Process->OtherOperationCount;
    Counters->ReadTransferCount += Process->ReadTransferCount;
    Counters->WriteTransferCount += Process->WriteTransferCount;
    Counters->OtherTransferCount += Process->OtherTransferCount;
}

static VOID PspIoCounters(PEPROCESS Process, PVOID Buffer)
{
    PspAddIoCounters(Process, Buffer);
}

static VOID PspVmCounters(PEPROCESS Process, PVOID Buffer)
{
    VM_COUNTERS *Counters = Buffer;

    Counters->PeakVirtualSize = Process->Vm.PeakVirtualSize;
    Counters->VirtualSize = Process->Vm.VirtualSize;
    Counters->PageFaultCount = Process->Vm.PageFaultCount;
    Counters->PeakWorkingSetSize = Process->Vm.PeakResidentPages * PAGE_SIZE;
    Counters->WorkingSetSize = Process->Vm.ResidentPages * PAGE_SIZE;
    Counters->PagefileUsage = Process->Vm.CommitCharge * PAGE_SIZE;
    Counters->PeakPagefileUsage = Process->Vm.PeakCommitCharge * PAGE_SIZE;
}

/* VM_COUNTERS_EX: PrivateUsage is behind the others. */
typedef struct _PSP_VM_COUNTERS_EX {
    VM_COUNTERS Counters;
    SIZE_T PrivateUsage;
} PSP_VM_COUNTERS_EX;

static VOID PspVmCountersEx(PEPROCESS Process, PVOID Buffer)
{
    PSP_VM_COUNTERS_EX *Extended = Buffer;

    PspVmCounters(Process, &Extended->Counters);
    Extended->PrivateUsage = Extended->Counters.PagefileUsage;
}

VOID PspProcessTimes(PEPROCESS Process, PULONG64 KernelTime, PULONG64 UserTime)
{
    PLIST_ENTRY Head = &Process->Pcb.ThreadListHead;

    *KernelTime = Process->Pcb.KernelTime;
    *UserTime = Process->Pcb.UserTime;
    for (PLIST_ENTRY Entry = Head->Flink; Entry != Head; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, ThreadListEntry);

        *KernelTime += Thread->KernelTime;
        *UserTime += Thread->UserTime;
    }
}

static VOID PspTimes(PEPROCESS Process, PVOID Buffer)
{
    PSP_TIMES *Times = Buffer;
    ULONG64 KernelTime, UserTime;

    PspProcessTimes(Process, &KernelTime, &UserTime);

    Times->CreateTime = Process->CreateTime;
    Times->ExitTime = Process->ExitTime;
    Times->KernelTime.QuadPart = (LONG64)KernelTime;
    Times->UserTime.QuadPart = (LONG64)UserTime;
}

static VOID PspHardErrors(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = Process->DefaultHardErrorProcessing;
}

static VOID PspPriority(PEPROCESS Process, PVOID Buffer)
{
    ((PUCHAR)Buffer)[0] = FALSE;
    ((PUCHAR)Buffer)[1] = Process->PriorityClass;
}

static VOID PspHandleCount(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = Process->ObjectTable != NULL ? ObGetProcessHandleCount(Process) : 0;
}

static VOID PspOne(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = 1;
}

static VOID PspDebugPort(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG_PTR)Buffer = DbgkIsDebugged(Process) ? ~(ULONG_PTR)0 : 0;
}

static VOID PspZero(PEPROCESS Process, PVOID Buffer)
{
}

static VOID PspBreakOnTermination(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = Process->BreakOnTermination;
}

static VOID PspCookie(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = (ULONG)Process->Cookie;
}

static VOID PspImageInformation(PEPROCESS Process, PVOID Buffer)
{
    memcpy(Buffer, &Process->ImageInformation, sizeof(Process->ImageInformation));
}

#define PSP_CLASS(n) ((PROCESSINFOCLASS)(n))
static const struct {
    PROCESSINFOCLASS Class;
    ULONG Size;
    PSP_FILL Fill;
} PspClasses[] = {
    { ProcessBasicInformation, sizeof(PROCESS_BASIC_INFORMATION), PspBasic },
    { ProcessIoCounters, sizeof(IO_COUNTERS), PspIoCounters },
    { ProcessVmCounters, sizeof(VM_COUNTERS), PspVmCounters },
    { ProcessVmCounters, sizeof(PSP_VM_COUNTERS_EX), PspVmCountersEx },
    { ProcessTimes, sizeof(PSP_TIMES), PspTimes },
    { ProcessDebugPort, sizeof(ULONG_PTR), PspDebugPort },
    { ProcessDefaultHardErrorMode, sizeof(ULONG), PspHardErrors },
    { ProcessPriorityClass, 2, PspPriority },
    { ProcessHandleCount, sizeof(ULONG), PspHandleCount },
    { ProcessAffinityMask, sizeof(ULONG_PTR), PspOne },
    { ProcessPriorityBoost, sizeof(ULONG), PspZero },
    { ProcessSessionInformation, sizeof(ULONG), PspOne },
    { ProcessWow64Information, sizeof(ULONG_PTR), PspZero },
    { PSP_CLASS(28), sizeof(ULONG), PspZero },          /* ProcessLUIDDeviceMapsEnabled */
    { ProcessBreakOnTermination, sizeof(ULONG), PspBreakOnTermination },
    { ProcessDebugFlags, sizeof(ULONG), PspOne },
    { PSP_CLASS(36), sizeof(ULONG), PspCookie },        /* ProcessCookie */
    { PSP_CLASS(37), sizeof(SECTION_IMAGE_INFORMATION), PspImageInformation },
};

NTSTATUS PspBeginAnswer(PVOID UserBuffer, ULONG Length, PULONG UserReturnLength, ULONG Needed, NTSTATUS TooSmall)
{
    NTSTATUS Status = MmProbeAnswer(UserBuffer, Length, UserReturnLength, sizeof(*UserReturnLength));

    if (NT_SUCCESS(Status) && UserReturnLength != NULL)
        Status = MmPutUser(UserReturnLength, Needed);
    return NT_SUCCESS(Status) && Length < Needed ? TooSmall : Status;
}

static NTSTATUS PspReturnString(PVOID UserBuffer, ULONG Length, PULONG UserReturnLength, PCUNICODE_STRING Text)
{
    ULONG Needed = sizeof(UNICODE_STRING) + Text->Length + sizeof(WCHAR);
    UNICODE_STRING Header = { Text->Length, Text->Length + sizeof(WCHAR),
                              (PWSTR)((PUCHAR)UserBuffer + sizeof(UNICODE_STRING)) };
    WCHAR Zero = 0;
    NTSTATUS Status = PspBeginAnswer(UserBuffer, Length, UserReturnLength, Needed, STATUS_INFO_LENGTH_MISMATCH);

    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(UserBuffer, &Header, sizeof(Header));
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(Header.Buffer, Text->Buffer, Text->Length);
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser((PUCHAR)Header.Buffer + Text->Length, &Zero, sizeof(Zero));
    return Status;
}

/* The command line lies in the process's own memory. */
static NTSTATUS PspReturnCommandLine(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters;
    UNICODE_STRING Text;
    PWSTR Copy;
    NTSTATUS Status;

    if (Process->Peb == NULL || Process->Vm.VSpaceCap == 0)
        return STATUS_PROCESS_IS_TERMINATING;
    Status = MmReadSpace(&Process->Vm, &Parameters, &((PPEB)Process->Peb)->ProcessParameters, sizeof(Parameters));
    if (NT_SUCCESS(Status))
        Status = MmReadSpace(&Process->Vm, &Text, &Parameters->CommandLine, sizeof(Text));
    if (!NT_SUCCESS(Status))
        return Status;
    Copy = ExAllocatePoolWithTag(NonPagedPool, Text.Length + sizeof(WCHAR), PSP_TAG);
    if (Copy == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmReadSpace(&Process->Vm, Copy, Text.Buffer, Text.Length);
    Text.Buffer = Copy;
    if (NT_SUCCESS(Status))
        Status = PspReturnString(UserBuffer, Length, UserReturnLength, &Text);
    ExFreePool(Copy);
    return Status;
}

/* \Device\RamDisk0\... of the image's file. */
static NTSTATUS PspReturnDevicePath(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    UCHAR Buffer[sizeof(OBJECT_NAME_INFORMATION) + 1024];
    POBJECT_NAME_INFORMATION Name = (PVOID)Buffer;
    PFILE_OBJECT File = Process->SectionObject != NULL ? MmGetSectionFile(Process->SectionObject) : NULL;
    ULONG Size;

    if (File == NULL || !NT_SUCCESS(ObQueryNameString(File, Name, sizeof(Buffer), &Size)))
        return PspReturnString(UserBuffer, Length, UserReturnLength, &Process->ImagePath);
    return PspReturnString(UserBuffer, Length, UserReturnLength, &Name->Name);
}

static NTSTATUS PspQuery(PEPROCESS Process, PROCESSINFOCLASS Class, PVOID UserBuffer, ULONG Length,
                         PULONG UserReturnLength)
{
    UCHAR Answer[PSP_MAX_ANSWER] = { 0 };

    switch ((ULONG)Class) {
    case ProcessImageFileName:
        return PspReturnDevicePath(Process, UserBuffer, Length, UserReturnLength);
    case 43:                            /* ProcessImageFileNameWin32 */
        return PspReturnString(UserBuffer, Length, UserReturnLength, &Process->ImagePath);
    case 60:                            /* ProcessCommandLineInformation */
        return PspReturnCommandLine(Process, UserBuffer, Length, UserReturnLength);
    case 30:                            /* ProcessDebugObjectHandle */
        return STATUS_PORT_NOT_SET;
    }
    for (ULONG i = 0; i < ARRAYSIZE(PspClasses); i++) {
        BOOLEAN Again = i + 1 < ARRAYSIZE(PspClasses) && PspClasses[i + 1].Class == Class;

        /* A class with two sizes has a row for each. */
        if (PspClasses[i].Class != Class || (Again && Length != PspClasses[i].Size))
            continue;
        PspClasses[i].Fill(Process, Answer);
        return PspReturn(UserBuffer, Length, UserReturnLength, Answer, PspClasses[i].Size);
    }
    return STATUS_INVALID_INFO_CLASS;
}

NTSTATUS NTAPI NtQueryInformationProcess(HANDLE ProcessHandle, PROCESSINFOCLASS ProcessInformationClass,
                                         PVOID ProcessInformation, ULONG ProcessInformationLength, PULONG ReturnLength)
{
    PEPROCESS Process;
    NTSTATUS Status = ObReferenceObjectByHandle(ProcessHandle, PROCESS_QUERY_LIMITED_INFORMATION, PsProcessType,
                                                UserMode, (PVOID *)&Process, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspQuery(Process, ProcessInformationClass, ProcessInformation, ProcessInformationLength, ReturnLength);
    ObDereferenceObject(Process);
    return Status;
}

/* ------------------------------------------------------------------ set */

static VOID PspSetBasePriority(PEPROCESS Process, LONG Priority)
{
    PLIST_ENTRY Head = &Process->Pcb.ThreadListHead, Entry;
    LONG Delta = Priority - Process->Pcb.BasePriority;

    Process->Pcb.BasePriority = Priority;
    for (Entry = Head->Flink; Entry != Head; Entry = Entry->Flink) {
        PKTHREAD Thread = CONTAINING_RECORD(Entry, KTHREAD, ThreadListEntry);
        LONG New = Thread->BasePriority + Delta;

        Thread->BasePriority = New < 1 ? 1 : New > 31 ? 31 : New;
        KeSetPriorityThread(Thread, Thread->BasePriority);
    }
}

UCHAR PspClassPriority(UCHAR Class)
{
    /* None, idle, normal, high, realtime, below normal, above normal. */
    static const UCHAR Base[] = { 0, 4, 8, 13, 24, 6, 10 };

    return Class < sizeof(Base) ? Base[Class] : 0;
}

BOOLEAN PspNeedsPrivilege(UCHAR Class)
{
    return PspClassPriority(Class) > PspClassPriority(PROCESS_PRIORITY_CLASS_HIGH);
}

VOID PspSetPriorityClass(PEPROCESS Process, UCHAR Class)
{
    Process->PriorityClass = Class;
    PspSetBasePriority(Process, PspClassPriority(Class));
}

/* A class that the process's job prescribes comes instead, with no word (JOB_OBJECT_LIMIT_PRIORITY_CLASS). */
static NTSTATUS PspRequestPriorityClass(PEPROCESS Process, UCHAR Class)
{
    NTSTATUS Status = PspNeedsPrivilege(Class) ? PspRequirePrivilege(SE_INC_BASE_PRIORITY_PRIVILEGE) : STATUS_SUCCESS;

    if (PspClassPriority(Class) == 0)
        return STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        PspSetPriorityClass(Process, PspJobPriorityClass(Process, Class));
    return Status;
}

static NTSTATUS PspRequestBasePriority(PEPROCESS Process, LONG Priority)
{
    NTSTATUS Status = Priority > Process->Pcb.BasePriority ? PspRequirePrivilege(SE_INC_BASE_PRIORITY_PRIVILEGE)
                      : STATUS_SUCCESS;

    if (Priority < 1 || Priority > 31)
        return STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        PspSetBasePriority(Process, Priority);
    return Status;
}

static NTSTATUS PspSet(PEPROCESS Process, PROCESSINFOCLASS Class, ULONG64 Value)
{
    NTSTATUS Status;

    switch ((ULONG)Class) {
    case ProcessBasePriority:
        return PspRequestBasePriority(Process, (LONG)Value);
    case ProcessDefaultHardErrorMode:
        Process->DefaultHardErrorProcessing = (ULONG)Value;
        return STATUS_SUCCESS;
    case ProcessPriorityClass:
        return PspRequestPriorityClass(Process, (UCHAR)(Value >> 8));
    case ProcessAffinityMask:
        return Value == 1 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    case ProcessBreakOnTermination:
        Status = PspRequirePrivilege(SE_DEBUG_PRIVILEGE);
        if (NT_SUCCESS(Status))
            Process->BreakOnTermination = (ULONG)Value != 0;
        return Status;
    case ProcessPriorityBoost:
    case 34:                            /* ProcessExecuteFlags: data execution prevention is always on */
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_INFO_CLASS;
}

NTSTATUS NTAPI NtSetInformationProcess(HANDLE ProcessHandle, PROCESSINFOCLASS ProcessInformationClass,
                                       PVOID ProcessInformation, ULONG ProcessInformationLength)
{
    ULONG Size = ProcessInformationClass == ProcessPriorityClass ? 2
                 : ProcessInformationClass == ProcessAffinityMask ? sizeof(ULONG64) : sizeof(ULONG);
    ULONG64 Value = 0;
    PEPROCESS Process;
    NTSTATUS Status = ObReferenceObjectByHandle(ProcessHandle, PROCESS_SET_INFORMATION, PsProcessType, UserMode,
                                                (PVOID *)&Process, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    if (ProcessInformationLength != Size)
        Status = STATUS_INFO_LENGTH_MISMATCH;
    else
        Status = MmCopyFromUser(&Value, ProcessInformation, Size);
    if (NT_SUCCESS(Status))
        Status = PspSet(Process, ProcessInformationClass, Value);
    ObDereferenceObject(Process);
    return Status;
}
