/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryInformationProcess and NtSetInformationProcess.
 *
 * Answers of a fixed size are rows of a table: class, size, the right that it takes if not the limited one, and a routine
 * that fills a buffer of ntos; the few of variable size (image names, command line) have functions of their own.
 *
 * DIFFERS: cycles are CPU times in another unit, so that a thread's grow at ticks only.  Power throttling, priorities of I/O and of pages, boosts and the limits of the working set are kept and returned, and have no effect.
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"

#define PSP_MAX_ANSWER 0x100
#define PSP_DEBUG_INHERIT 1u             /* ProcessDebugFlags */

/* POWER_THROTTLING_PROCESS_STATE: speed of execution, and that requests for a finer clock do not count. */
#define PSP_THROTTLING_VERSION 1
#define PSP_THROTTLING_FLAGS 0x5u
typedef struct _PSP_THROTTLING {
    ULONG Version, ControlMask, StateMask;
} PSP_THROTTLING;

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

static VOID PspCycles(PEPROCESS Process, PVOID Buffer)
{
    ULONG64 KernelTime, UserTime;

    PspProcessTimes(Process, &KernelTime, &UserTime);
    ((PSP_CYCLES *)Buffer)->AccumulatedCycles = KeCyclesOf(KernelTime + UserTime);
}

static VOID PspThrottling(PEPROCESS Process, PVOID Buffer)
{
    *(PSP_THROTTLING *)Buffer = (PSP_THROTTLING){ PSP_THROTTLING_VERSION, Process->ThrottlingControl, Process->ThrottlingState };
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

static VOID PspPriorityBoost(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = Process->PriorityBoostDisabled;
}

static VOID PspIoPriority(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = Process->IoPriority;
}

static VOID PspPagePriority(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = Process->PagePriority;
}

static VOID PspQuotaLimits(PEPROCESS Process, PVOID Buffer)
{
    *(PQUOTA_LIMITS)Buffer = (QUOTA_LIMITS){
        .PagedPoolLimit = MAXSIZE_T, .NonPagedPoolLimit = MAXSIZE_T, .PagefileLimit = MAXSIZE_T, .TimeLimit.QuadPart = -1,
        .MinimumWorkingSetSize = Process->MinimumWorkingSet, .MaximumWorkingSetSize = Process->MaximumWorkingSet,
    };
}

/* MEM_EXECUTE_OPTION_DISABLE, _DISABLE_THUNK_EMULATION and _PERMANENT: data is never executed. */
static VOID PspExecuteFlags(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = 1 | 4 | 8;
}

static VOID PspDebugFlags(PEPROCESS Process, PVOID Buffer)
{
    *(PULONG)Buffer = !Process->NoDebugInherit;
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
#define PSP_PROCESS_HANDLES PSP_CLASS(51)               /* ProcessHandleInformation */
#define PSP_MITIGATION_POLICY PSP_CLASS(52)
#define PSP_IO_PRIORITY PSP_CLASS(33)
#define PSP_PAGE_PRIORITY PSP_CLASS(39)
#define PSP_POWER_THROTTLING PSP_CLASS(77)              /* ProcessPowerThrottlingState */
typedef struct _PSP_CLASS_ROW {
    PROCESSINFOCLASS Class;
    ULONG Size;
    PSP_FILL Fill;
    ACCESS_MASK Access;                 /* 0: PROCESS_QUERY_LIMITED_INFORMATION */
} PSP_CLASS_ROW;

static const PSP_CLASS_ROW PspClasses[] = {
    { ProcessBasicInformation, sizeof(PROCESS_BASIC_INFORMATION), PspBasic },
    { ProcessQuotaLimits, sizeof(QUOTA_LIMITS), PspQuotaLimits },
    { ProcessIoCounters, sizeof(IO_COUNTERS), PspIoCounters },
    { ProcessVmCounters, sizeof(VM_COUNTERS), PspVmCounters },
    { ProcessVmCounters, sizeof(PSP_VM_COUNTERS_EX), PspVmCountersEx },
    { ProcessTimes, sizeof(PSP_TIMES), PspTimes },
    { ProcessDebugPort, sizeof(ULONG_PTR), PspDebugPort, PROCESS_QUERY_INFORMATION },
    { ProcessDefaultHardErrorMode, sizeof(ULONG), PspHardErrors },
    { ProcessPriorityClass, 2, PspPriority },
    { ProcessHandleCount, sizeof(ULONG), PspHandleCount },
    { ProcessAffinityMask, sizeof(ULONG_PTR), PspOne },
    { ProcessPriorityBoost, sizeof(ULONG), PspPriorityBoost },
    { ProcessSessionInformation, sizeof(ULONG), PspOne },
    { ProcessWow64Information, sizeof(ULONG_PTR), PspZero },
    { PSP_CLASS(28), sizeof(ULONG), PspZero },          /* ProcessLUIDDeviceMapsEnabled */
    { ProcessBreakOnTermination, sizeof(ULONG), PspBreakOnTermination },
    { ProcessDebugFlags, sizeof(ULONG), PspDebugFlags, PROCESS_QUERY_INFORMATION },
    { PSP_IO_PRIORITY, sizeof(ULONG), PspIoPriority },
    { PSP_CLASS(34), sizeof(ULONG), PspExecuteFlags, PROCESS_QUERY_INFORMATION },
    { PSP_CLASS(36), sizeof(ULONG), PspCookie, PROCESS_QUERY_INFORMATION },     /* ProcessCookie */
    { PSP_CLASS(37), sizeof(SECTION_IMAGE_INFORMATION), PspImageInformation },
    { PSP_CLASS(38), sizeof(PSP_CYCLES), PspCycles },   /* ProcessCycleTime */
    { PSP_PAGE_PRIORITY, sizeof(ULONG), PspPagePriority },
    { PSP_CLASS(47), sizeof(USHORT), PspZero },         /* ProcessGroupInformation: processor group 0 */
    { PSP_CLASS(61), sizeof(UCHAR), PspZero },          /* ProcessProtectionInformation: not protected */
    { PSP_CLASS(75), sizeof(ULONG), PspZero },          /* ProcessSubsystemInformation: Win32 */
    { PSP_POWER_THROTTLING, sizeof(PSP_THROTTLING), PspThrottling },
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
    UNICODE_STRING Header = PspStringOf(Text->Length, Text->Length + sizeof(WCHAR), (PUCHAR)UserBuffer + sizeof(Header));
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

static NTSTATUS PspReturnImagePath(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    return PspReturnString(UserBuffer, Length, UserReturnLength, &Process->ImagePath);
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

/* What the process has of a policy's protections: only the whole system's is on, that data is not executed. */
static NTSTATUS PspReturnPolicy(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    struct {
        ULONG Policy;
        ULONG Flags;
        BOOLEAN Permanent;
    } Answer = { 0 };
    ULONG Size = sizeof(Answer);
    NTSTATUS Status = Length == Size ? MmGetUser(&Answer.Policy, (PULONG)UserBuffer) : STATUS_SUCCESS;

    if (!NT_SUCCESS(Status))
        return Status;
    if (Length == Size && Answer.Policy >= MaxProcessMitigationPolicy)
        return STATUS_INVALID_PARAMETER;
    Answer.Flags = Answer.Permanent = Answer.Policy == ProcessDEPPolicy;
    return PspReturn(UserBuffer, Length, UserReturnLength, &Answer, Size);
}

static NTSTATUS PspReturnDebugObject(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    HANDLE Handle = NULL;
    NTSTATUS Status = Length == sizeof(Handle) ? DbgkOpenDebugObject(Process, &Handle) : STATUS_SUCCESS;
    NTSTATUS Copied = PspReturn(UserBuffer, Length, UserReturnLength, &Handle, sizeof(Handle));

    if (!NT_SUCCESS(Copied) && Handle != NULL)
        ObCloseHandle(Handle, KernelMode);
    return NT_SUCCESS(Copied) ? Status : Copied;
}

static const struct {
    PROCESSINFOCLASS Class;
    ACCESS_MASK Access;
    NTSTATUS (*Return)(PEPROCESS Process, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength);
} PspSpecialClasses[] = {
    { ProcessImageFileName, PROCESS_QUERY_LIMITED_INFORMATION, PspReturnDevicePath },
    { PSP_CLASS(43), PROCESS_QUERY_LIMITED_INFORMATION, PspReturnImagePath },           /* ProcessImageFileNameWin32 */
    { PSP_CLASS(60), PROCESS_QUERY_LIMITED_INFORMATION, PspReturnCommandLine },         /* ProcessCommandLineInformation */
    { PSP_CLASS(30), PROCESS_QUERY_INFORMATION, PspReturnDebugObject },                 /* ProcessDebugObjectHandle */
    { PSP_PROCESS_HANDLES, PROCESS_QUERY_INFORMATION, PspReturnHandles },
    { PSP_MITIGATION_POLICY, PROCESS_QUERY_INFORMATION, PspReturnPolicy },
};

/* The row of Class; of one with two sizes the one of Length, or the last. */
static const PSP_CLASS_ROW *PspFindClass(PROCESSINFOCLASS Class, ULONG Length)
{
    const PSP_CLASS_ROW *Found = NULL;

    for (ULONG i = 0; i < ARRAYSIZE(PspClasses); i++)
        if (PspClasses[i].Class == Class && (Found == NULL || Found->Size != Length))
            Found = &PspClasses[i];
    return Found;
}

static NTSTATUS PspQuerySpecial(HANDLE Handle, PROCESSINFOCLASS Class, PVOID UserBuffer, ULONG Length, PULONG UserReturnLength)
{
    PEPROCESS Process;
    NTSTATUS Status;
    ULONG i = 0;

    while (i < ARRAYSIZE(PspSpecialClasses) && PspSpecialClasses[i].Class != Class)
        i++;
    if (i == ARRAYSIZE(PspSpecialClasses))
        return STATUS_INVALID_INFO_CLASS;
    Status = PspReferenceProcess(Handle, PspSpecialClasses[i].Access, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspSpecialClasses[i].Return(Process, UserBuffer, Length, UserReturnLength);
    ObDereferenceObject(Process);
    return Status;
}

/* Class and length come before the handle, as in NT. */
NTSTATUS NTAPI NtQueryInformationProcess(HANDLE ProcessHandle, PROCESSINFOCLASS ProcessInformationClass,
                                         PVOID ProcessInformation, ULONG ProcessInformationLength, PULONG ReturnLength)
{
    const PSP_CLASS_ROW *Row = PspFindClass(ProcessInformationClass, ProcessInformationLength);
    UCHAR Answer[PSP_MAX_ANSWER] = { 0 };
    PEPROCESS Process;
    NTSTATUS Status;

    if (Row == NULL)
        return PspQuerySpecial(ProcessHandle, ProcessInformationClass, ProcessInformation, ProcessInformationLength, ReturnLength);
    if (ProcessInformationLength == Row->Size) {
        Status = PspReferenceProcess(ProcessHandle, Row->Access != 0 ? Row->Access : PROCESS_QUERY_LIMITED_INFORMATION, &Process);
        if (!NT_SUCCESS(Status))
            return Status;
        Row->Fill(Process, Answer);
        ObDereferenceObject(Process);
    }
    return PspReturn(ProcessInformation, ProcessInformationLength, ReturnLength, Answer, Row->Size);
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

        /* A saturated one stays where it is. */
        if (CONTAINING_RECORD(Thread, ETHREAD, Tcb)->Saturation != 0)
            continue;
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
        Process->PriorityBoostDisabled = (ULONG)Value != 0;
        return STATUS_SUCCESS;
    case PSP_IO_PRIORITY:               /* above normal for who may raise priorities */
        Status = (ULONG)Value > PSP_NORMAL_IO_PRIORITY ? PspRequirePrivilege(SE_INC_BASE_PRIORITY_PRIVILEGE) : STATUS_SUCCESS;
        if ((ULONG)Value > PSP_MOST_IO_PRIORITY)
            return STATUS_INVALID_PARAMETER;
        if (NT_SUCCESS(Status))
            Process->IoPriority = (UCHAR)Value;
        return Status;
    case PSP_PAGE_PRIORITY:
        if ((ULONG)Value > PSP_NORMAL_PAGE_PRIORITY)
            return STATUS_INVALID_PARAMETER;
        Process->PagePriority = (UCHAR)Value;
        return STATUS_SUCCESS;
    case ProcessDebugFlags:
        if ((ULONG)Value & ~PSP_DEBUG_INHERIT)
            return STATUS_INVALID_PARAMETER;
        Process->NoDebugInherit = Value == 0;
        return STATUS_SUCCESS;
    case 34:                            /* ProcessExecuteFlags: data execution prevention is always on */
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_INFO_CLASS;
}

/* Both MAXSIZE_T: as much as can be is given back, which here is nothing. */
static NTSTATUS PspSetQuotaLimits(HANDLE Handle, PVOID UserBuffer, ULONG Length)
{
    QUOTA_LIMITS_EX Limits = { 0 };
    SIZE_T *Minimum = &Limits.MinimumWorkingSetSize, *Maximum = &Limits.MaximumWorkingSetSize;
    PEPROCESS Process;
    NTSTATUS Status;

    if (Length != sizeof(QUOTA_LIMITS) && Length != sizeof(QUOTA_LIMITS_EX))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Limits, UserBuffer, Length);
    if (NT_SUCCESS(Status))
        Status = PspReferenceProcess(Handle, PROCESS_SET_QUOTA, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    if (*Minimum == 0 || *Maximum == 0) {
        Status = PspRequirePrivilege(SE_INCREASE_QUOTA_PRIVILEGE);      /* the pool's limits, which there are none of */
    } else if (*Minimum != MAXSIZE_T || *Maximum != MAXSIZE_T) {
        if (*Minimum > *Maximum)
            Status = STATUS_BAD_WORKING_SET_LIMIT;
        else
            Process->MinimumWorkingSet = *Minimum, Process->MaximumWorkingSet = *Maximum;
    }
    ObDereferenceObject(Process);
    return Status;
}

/* ControlMask says which flags are the program's; StateMask's are among them (PROCESS_POWER_THROTTLING_STATE). */
static NTSTATUS PspSetThrottling(HANDLE Handle, PVOID UserBuffer, ULONG Length)
{
    PSP_THROTTLING New;
    PEPROCESS Process;
    NTSTATUS Status = Length == sizeof(New) ? MmCopyFromUser(&New, UserBuffer, sizeof(New)) : STATUS_INFO_LENGTH_MISMATCH;

    if (NT_SUCCESS(Status) && (New.Version != PSP_THROTTLING_VERSION || (New.ControlMask & ~PSP_THROTTLING_FLAGS) ||
                               (New.StateMask & ~New.ControlMask)))
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = PspReferenceProcess(Handle, PROCESS_SET_INFORMATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Process->ThrottlingControl = New.ControlMask;
    Process->ThrottlingState = New.StateMask;
    ObDereferenceObject(Process);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtSetInformationProcess(HANDLE ProcessHandle, PROCESSINFOCLASS ProcessInformationClass,
                                       PVOID ProcessInformation, ULONG ProcessInformationLength)
{
    ULONG Size = ProcessInformationClass == ProcessPriorityClass ? 2
                 : ProcessInformationClass == ProcessAffinityMask ? sizeof(ULONG64) : sizeof(ULONG);
    ULONG64 Value = 0;
    PEPROCESS Process;
    NTSTATUS Status;

    if (ProcessInformationClass == ProcessQuotaLimits)
        return PspSetQuotaLimits(ProcessHandle, ProcessInformation, ProcessInformationLength);
    if (ProcessInformationClass == PSP_POWER_THROTTLING)
        return PspSetThrottling(ProcessHandle, ProcessInformation, ProcessInformationLength);
    Status = PspReferenceProcess(ProcessHandle, PROCESS_SET_INFORMATION, &Process);
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
