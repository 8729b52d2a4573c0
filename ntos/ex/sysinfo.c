/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQuerySystemInformation: one table of classes.  A class is a function here or a provider that another room
 * registered (ExRegisterInformationProvider: processes by ps, modules by io).
 *
 * A function gets the program's buffer and its length, always sets the length that it needs, and answers
 * STATUS_INFO_LENGTH_MISMATCH when the buffer does not fit.  One processor is what there is.  Nothing here waits.
 */
#include "ntos/ex/exp.h"
#include "ntos/inc/log.h"

#define EXP_MAXIMUM_CLASS 256

static EX_INFORMATION_PROVIDER ExpProviders[EXP_MAXIMUM_CLASS];

VOID ExRegisterInformationProvider(SYSTEM_INFORMATION_CLASS Class, EX_INFORMATION_PROVIDER Provider)
{
    NT_ASSERT((ULONG)Class < EXP_MAXIMUM_CLASS);
    ExpProviders[Class] = Provider;
}

NTSTATUS ExpPut(PVOID UserBuffer, ULONG Length, PULONG Needed, const void *Information, ULONG Size)
{
    *Needed = Size;
    if (Length < Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    return MmCopyToUser(UserBuffer, Information, Size);
}

/* --- machine -------------------------------------------------------------------------------------------------- */

static NTSTATUS ExpBasic(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    SYSTEM_BASIC_INFORMATION Info = { 0 };
    MM_STATISTICS Memory;

    *Needed = sizeof(Info);
    if (Length != sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    MmQueryStatistics(&Memory);
    Info.TimerResolution = KeMaximumIncrement;
    Info.PageSize = PAGE_SIZE;
    Info.NumberOfPhysicalPages = (ULONG)Memory.TotalPages;
    Info.LowestPhysicalPageNumber = 1;
    Info.HighestPhysicalPageNumber = (ULONG)Memory.HighestPage;
    Info.AllocationGranularity = MM_ALLOCATION_GRANULARITY;
    Info.MinimumUserModeAddress = (ULONG_PTR)MM_LOWEST_USER_ADDRESS;
    Info.MaximumUserModeAddress = (ULONG_PTR)MM_HIGHEST_USER_ADDRESS;
    Info.ActiveProcessorsAffinityMask = 1;
    Info.NumberOfProcessors = 1;
    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

static NTSTATUS ExpLogicalProcessors(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION Info[3] = { 0 };

    Info[0].ProcessorMask = Info[1].ProcessorMask = Info[2].ProcessorMask = 1;
    Info[0].Relationship = RelationProcessorCore;
    Info[1].Relationship = RelationNumaNode;
    Info[2].Relationship = RelationProcessorPackage;
    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

static NTSTATUS ExpNumaMap(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        ULONG HighestNodeNumber, Reserved;
        GROUP_AFFINITY Node0;
    } Info = { 0, 0, { 1, 0, { 0 } } };

    *Needed = sizeof(Info);
    if (Length < 2 * sizeof(ULONG))
        return STATUS_INFO_LENGTH_MISMATCH;
    return MmCopyToUser(UserBuffer, &Info, min(Length, sizeof(Info)));
}

static NTSTATUS ExpBootEnvironment(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        GUID BootIdentifier;
        ULONG FirmwareType;             /* 1: BIOS */
        ULONGLONG BootFlags;
    } Info = { .FirmwareType = 1 };

    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

/* --- load and memory ------------------------------------------------------------------------------------------ */

/* Windows XP's structure ended here; programs that know no more ask for this length. */
#define EXP_OLD_PERFORMANCE_SIZE 0x138

/* What no thread has used was idle. */
static VOID ExpTimes(PLARGE_INTEGER Idle, PLARGE_INTEGER Kernel, PLARGE_INTEGER User)
{
    ULONG64 Now = KeQueryInterruptTime();
    ULONG64 Busy = KeStatistics.KernelTime + KeStatistics.UserTime;

    Idle->QuadPart = Now > Busy ? (LONGLONG)(Now - Busy) : 0;
    User->QuadPart = (LONGLONG)KeStatistics.UserTime;
    Kernel->QuadPart = (LONGLONG)KeStatistics.KernelTime + Idle->QuadPart;
}

static NTSTATUS ExpPerformance(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    SYSTEM_PERFORMANCE_INFORMATION Info = { 0 };
    LARGE_INTEGER Kernel;
    LARGE_INTEGER User;
    MM_STATISTICS Memory;

    *Needed = sizeof(Info);
    if (Length < EXP_OLD_PERFORMANCE_SIZE)
        return STATUS_INFO_LENGTH_MISMATCH;
    MmQueryStatistics(&Memory);
    ExpTimes(&Info.IdleProcessTime, &Kernel, &User);
    for (PLIST_ENTRY Link = PsActiveProcessHead.Flink; Link != &PsActiveProcessHead; Link = Link->Flink) {
        PEPROCESS Process = CONTAINING_RECORD(Link, EPROCESS, ActiveProcessLinks);

        Info.IoReadTransferCount.QuadPart += (LONGLONG)Process->ReadTransferCount;
        Info.IoWriteTransferCount.QuadPart += (LONGLONG)Process->WriteTransferCount;
        Info.IoOtherTransferCount.QuadPart += (LONGLONG)Process->OtherTransferCount;
        Info.IoReadOperationCount += (ULONG)Process->ReadOperationCount;
        Info.IoWriteOperationCount += (ULONG)Process->WriteOperationCount;
        Info.IoOtherOperationCount += (ULONG)Process->OtherOperationCount;
    }
    Info.AvailablePages = (ULONG)Memory.AvailablePages;
    Info.CommittedPages = (ULONG)Memory.CommittedPages;
    Info.CommitLimit = (ULONG)Memory.CommitLimit;
    Info.PeakCommitment = (ULONG)Memory.CommittedPages;
    Info.PageFaultCount = (ULONG)Memory.PageFaults;
    Info.DemandZeroCount = (ULONG)Memory.DemandZeroFaults;
    Info.CopyOnWriteCount = (ULONG)Memory.CopyOnWriteFaults;
    Info.NonPagedPoolPages = (ULONG)Memory.PoolPages;
    Info.ContextSwitches = (ULONG)KeStatistics.ContextSwitches;
    Info.SystemCalls = (ULONG)KeStatistics.Services;
    Info.ResidentAvailablePages = (LONGLONG)Memory.AvailablePages;
    return MmCopyToUser(UserBuffer, &Info, min(Length, sizeof(Info)));
}

static NTSTATUS ExpProcessorPerformance(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        LARGE_INTEGER IdleTime, KernelTime, UserTime, DpcTime, InterruptTime;
        ULONG InterruptCount;
    } Info = { 0 };

    ExpTimes(&Info.IdleTime, &Info.KernelTime, &Info.UserTime);
    Info.InterruptCount = (ULONG)KeStatistics.Interrupts;
    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

static NTSTATUS ExpIdleCycles(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    LARGE_INTEGER Idle, Kernel, User;

    ExpTimes(&Idle, &Kernel, &User);
    Idle.QuadPart = (LONG64)KeCyclesOf((ULONG64)Idle.QuadPart);
    return ExpPut(UserBuffer, Length, Needed, &Idle, sizeof(Idle));
}

static NTSTATUS ExpFileCache(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    SIZE_T Info[9] = { 0 };

    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

/* There is no page file. */
static NTSTATUS ExpPageFiles(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    *Needed = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS ExpRegistryQuota(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        ULONG Allowed, Used;
        SIZE_T PagedPoolSize;
    } Info = { 0x20000000, (ULONG)MmGetPoolUsage(), 0x20000000 };

    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

/* --- time ----------------------------------------------------------------------------------------------------- */

static NTSTATUS ExpTimeOfDay(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        LARGE_INTEGER BootTime, CurrentTime, TimeZoneBias;
        ULONG TimeZoneId, Reserved;
        ULONGLONG BootTimeBias, SleepTimeBias;
    } Info = { 0 };

    *Needed = min(Length, sizeof(Info));
    if (Length > sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    Info.BootTime = KeBootTime;
    KeQuerySystemTime(&Info.CurrentTime);
    ExpQueryTimeZoneBias(&Info.TimeZoneBias, &Info.TimeZoneId);
    /* A shorter buffer gets the beginning, as in NT. */
    return MmCopyToUser(UserBuffer, &Info, Length);
}

/* --- interrupts, debugger and the like ------------------------------------------------------------------------ */

/* Programs take these 24 bytes as a source of random numbers, so they are random. */
static NTSTATUS ExpInterrupts(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    UCHAR Info[24];

    ExGetRandomBytes(Info, sizeof(Info));
    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

static NTSTATUS ExpExceptions(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    ULONG Info[4] = { 0 };

    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

static NTSTATUS ExpContextSwitches(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    ULONG Info[12] = { (ULONG)KeStatistics.ContextSwitches };

    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

static NTSTATUS ExpKernelDebugger(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        BOOLEAN Enabled, NotPresent;
    } Info = { FALSE, TRUE };

    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

static NTSTATUS ExpKernelDebuggerEx(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    BOOLEAN Info[3] = { FALSE };

    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

static NTSTATUS ExpFlags(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    ULONG Info = 0;

    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

static NTSTATUS ExpRangeStart(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    ULONG_PTR Info = 0xFFFF800000000000u;

    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

static NTSTATUS ExpCodeIntegrity(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    ULONG Info[2] = { sizeof(Info), 0 };

    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

static NTSTATUS ExpSecureBoot(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    BOOLEAN Info[2] = { FALSE };

    return ExpPut(UserBuffer, Length, Needed, Info, sizeof(Info));
}

/* --- processes and handles ------------------------------------------------------------------------------------ */

static NTSTATUS ExpProcessIdName(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        HANDLE ProcessId;
        UNICODE_STRING ImageName;
    } Info;
    PEPROCESS Process;
    NTSTATUS Status;

    *Needed = sizeof(Info);
    if (Length < sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Info, UserBuffer, sizeof(Info));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Info.ImageName.Length != 0)
        return STATUS_INVALID_PARAMETER;
    Status = PsLookupProcessByProcessId(Info.ProcessId, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Info.ImageName.MaximumLength < Process->ImagePath.Length + sizeof(WCHAR)) {
        Info.ImageName.MaximumLength = Process->ImagePath.Length + sizeof(WCHAR);
        Status = STATUS_INFO_LENGTH_MISMATCH;
    } else {
        Info.ImageName.Length = Process->ImagePath.Length;
        Info.ImageName.MaximumLength = Process->ImagePath.Length + sizeof(WCHAR);
        Status = MmCopyToUser(Info.ImageName.Buffer, Process->ImagePath.Buffer, Process->ImagePath.Length);
        if (NT_SUCCESS(Status))
            Status = MmZeroUser(Info.ImageName.Buffer + Process->ImagePath.Length / sizeof(WCHAR), sizeof(WCHAR));
    }
    ObDereferenceObject(Process);
    if (NT_SUCCESS(Status) || Status == STATUS_INFO_LENGTH_MISMATCH) {
        NTSTATUS WriteStatus = MmCopyToUser(UserBuffer, &Info, sizeof(Info));

        if (!NT_SUCCESS(WriteStatus))
            Status = WriteStatus;
    }
    return Status;
}

typedef struct _EXP_HANDLE_WALK {
    PUCHAR Out;                         /* the program's buffer, next entry */
    HANDLE ProcessId;
    BOOLEAN Extended;
    NTSTATUS Status;
} EXP_HANDLE_WALK, *PEXP_HANDLE_WALK;

typedef struct _EXP_HANDLE_ENTRY_EX {
    PVOID Object;
    ULONG_PTR UniqueProcessId;
    ULONG_PTR HandleValue;
    ULONG GrantedAccess;
    USHORT CreatorBackTraceIndex;
    USHORT ObjectTypeIndex;
    ULONG HandleAttributes;
    ULONG Reserved;
} EXP_HANDLE_ENTRY_EX;

static BOOLEAN ExpWriteHandle(PVOID Context, HANDLE Handle, PVOID Object, POBJECT_HANDLE_INFORMATION Entry)
{
    PEXP_HANDLE_WALK Walk = Context;
    ULONG TypeIndex = ObGetObjectType(Object)->Index;

    if (Walk->Extended) {
        EXP_HANDLE_ENTRY_EX Info = {
            Object, (ULONG_PTR)Walk->ProcessId, (ULONG_PTR)Handle, Entry->GrantedAccess, 0,
            (USHORT)TypeIndex, Entry->HandleAttributes, 0
        };

        Walk->Status = MmCopyToUser(Walk->Out, &Info, sizeof(Info));
        Walk->Out += sizeof(Info);
    } else {
        SYSTEM_HANDLE_ENTRY Info;

        memset(&Info, 0, sizeof(Info)); /* what lies behind the last field, too */
        Info.OwnerPid = (ULONG)(ULONG_PTR)Walk->ProcessId;
        Info.ObjectType = (BYTE)TypeIndex;
        Info.HandleFlags = (BYTE)Entry->HandleAttributes;
        Info.HandleValue = (USHORT)(ULONG_PTR)Handle;
        Info.ObjectPointer = Object;
        Info.AccessMask = Entry->GrantedAccess;
        Walk->Status = MmCopyToUser(Walk->Out, &Info, sizeof(Info));
        Walk->Out += sizeof(Info);
    }
    return NT_SUCCESS(Walk->Status);
}

static NTSTATUS ExpHandles(PVOID UserBuffer, ULONG Length, PULONG Needed, BOOLEAN Extended)
{
    ULONG EntrySize = Extended ? sizeof(EXP_HANDLE_ENTRY_EX) : sizeof(SYSTEM_HANDLE_ENTRY);
    EXP_HANDLE_WALK Walk = { .Extended = Extended };
    ULONG64 Count = 0;
    ULONG_PTR Header[2] = { 0 };
    ULONG HeaderSize = Extended ? sizeof(Header) : sizeof(ULONG64);

    for (PLIST_ENTRY Link = PsActiveProcessHead.Flink; Link != &PsActiveProcessHead; Link = Link->Flink)
        Count += ObGetProcessHandleCount(CONTAINING_RECORD(Link, EPROCESS, ActiveProcessLinks));
    *Needed = (ULONG)min(HeaderSize + Count * EntrySize, MAXDWORD);
    if (Length < *Needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    Header[0] = Count;
    Walk.Status = MmCopyToUser(UserBuffer, Header, HeaderSize);
    Walk.Out = (PUCHAR)UserBuffer + HeaderSize;
    for (PLIST_ENTRY Link = PsActiveProcessHead.Flink; Link != &PsActiveProcessHead && NT_SUCCESS(Walk.Status);
         Link = Link->Flink) {
        PEPROCESS Process = CONTAINING_RECORD(Link, EPROCESS, ActiveProcessLinks);

        Walk.ProcessId = Process->UniqueProcessId;
        ObEnumerateHandles(Process, ExpWriteHandle, &Walk);
    }
    return Walk.Status;
}

static NTSTATUS ExpHandleInformation(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    return ExpHandles(UserBuffer, Length, Needed, FALSE);
}

static NTSTATUS ExpExtendedHandleInformation(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    return ExpHandles(UserBuffer, Length, Needed, TRUE);
}

/* --- SystemPoolTagInformation --------------------------------------------------------------------------------- */

/* Layout: the phnt headers, ntexapi.h.  Nothing of the pool is paged out, so all of it counts as not paged. */
typedef struct _EXP_POOL_TAG {
    ULONG Tag;
    ULONG PagedAllocs, PagedFrees, Padding;
    SIZE_T PagedUsed;
    ULONG NonPagedAllocs, NonPagedFrees;
    SIZE_T NonPagedUsed;
} EXP_POOL_TAG, *PEXP_POOL_TAG;
C_ASSERT(sizeof(EXP_POOL_TAG) == 40);

static NTSTATUS ExpPoolTags(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    PUCHAR Out = (PUCHAR)UserBuffer + sizeof(ULONG64);
    NTSTATUS Status = STATUS_SUCCESS;
    MM_POOL_TAG Tag;
    ULONG Count = 0;

    *Needed = sizeof(ULONG64);
    for (ULONG i = 0; MmQueryPoolTag(i, &Tag); i++)
        *Needed += Tag.Allocations != 0 ? sizeof(EXP_POOL_TAG) : 0;
    if (Length < *Needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    for (ULONG i = 0; MmQueryPoolTag(i, &Tag) && NT_SUCCESS(Status); i++) {
        EXP_POOL_TAG Entry = { .Tag = Tag.Tag, .NonPagedAllocs = (ULONG)Tag.Allocations, .NonPagedFrees = (ULONG)Tag.Frees,
                .NonPagedUsed = Tag.Bytes };

        if (Tag.Allocations != 0)
            Status = MmCopyToUser(Out + sizeof(Entry) * Count++, &Entry, sizeof(Entry));
    }
    return NT_SUCCESS(Status) ? MmCopyToUser(UserBuffer, &Count, sizeof(Count)) : Status;
}

/* --- the table ------------------------------------------------------------------------------------------------ */

static const EX_INFORMATION_PROVIDER ExpClasses[EXP_MAXIMUM_CLASS] = {
    [0] = ExpBasic,                     /* SystemBasicInformation */
    [1] = ExpQueryProcessor,            /* SystemProcessorInformation */
    [2] = ExpPerformance,               /* SystemPerformanceInformation */
    [3] = ExpTimeOfDay,                 /* SystemTimeOfDayInformation */
    [8] = ExpProcessorPerformance,      /* SystemProcessorPerformanceInformation */
    [9] = ExpFlags,                     /* SystemFlagsInformation */
    [16] = ExpHandleInformation,        /* SystemHandleInformation */
    [18] = ExpPageFiles,                /* SystemPageFileInformation */
    [21] = ExpFileCache,                /* SystemFileCacheInformation */
    [22] = ExpPoolTags,                 /* SystemPoolTagInformation */
    [23] = ExpInterrupts,               /* SystemInterruptInformation */
    [28] = ExpQueryTimeAdjustment,      /* SystemTimeAdjustmentInformation */
    [33] = ExpExceptions,               /* SystemExceptionInformation */
    [35] = ExpKernelDebugger,           /* SystemKernelDebuggerInformation */
    [36] = ExpContextSwitches,          /* SystemContextSwitchInformation */
    [37] = ExpRegistryQuota,            /* SystemRegistryQuotaInformation */
    [44] = ExpQueryTimeZone,            /* SystemCurrentTimeZoneInformation */
    [50] = ExpRangeStart,               /* SystemRangeStartInformation */
    [55] = ExpNumaMap,                  /* SystemNumaProcessorMap */
    [62] = ExpBasic,                    /* SystemEmulationBasicInformation */
    [63] = ExpQueryProcessor,           /* SystemEmulationProcessorInformation */
    [64] = ExpExtendedHandleInformation,        /* SystemExtendedHandleInformation */
    [73] = ExpLogicalProcessors,        /* SystemLogicalProcessorInformation */
    [83] = ExpIdleCycles,               /* SystemProcessorIdleCycleTimeInformation */
    [88] = ExpProcessIdName,            /* SystemProcessIdInformation */
    [90] = ExpBootEnvironment,          /* SystemBootEnvironmentInformation */
    [102] = ExpQueryDynamicTimeZone,    /* SystemDynamicTimeZoneInformation */
    [103] = ExpCodeIntegrity,           /* SystemCodeIntegrityInformation */
    [105] = ExpQueryProcessorBrand,     /* SystemProcessorBrandString */
    [114] = ExpBasic,                   /* SystemNativeBasicInformation */
    [145] = ExpSecureBoot,              /* SystemSecureBootInformation */
    [149] = ExpKernelDebuggerEx,        /* SystemKernelDebuggerInformationEx */
};

NTSTATUS NTAPI NtQuerySystemInformation(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID SystemInformation,
        ULONG SystemInformationLength, PULONG ReturnLength)
{
    EX_INFORMATION_PROVIDER Provider = NULL;
    ULONG Needed = 0;
    NTSTATUS Status;

    if ((ULONG)SystemInformationClass < EXP_MAXIMUM_CLASS) {
        Provider = ExpClasses[SystemInformationClass];
        if (Provider == NULL)
            Provider = ExpProviders[SystemInformationClass];
    }
    if (SystemInformationClass == SystemExecutiveResources)
        Provider = ExpResources;
    if (SystemInformationClass == SystemAllocationFailure)
        Provider = ExpAllocationFailure;
    if (Provider == NULL)
        return STATUS_INVALID_INFO_CLASS;
    Status = MmProbeAnswer(SystemInformation, SystemInformationLength, ReturnLength, sizeof(*ReturnLength));
    if (!NT_SUCCESS(Status))
        return Status;
    Status = Provider(SystemInformation, SystemInformationLength, &Needed);
    if (ReturnLength != NULL) {
        NTSTATUS WriteStatus = MmPutUser(ReturnLength, Needed);

        if (!NT_SUCCESS(WriteStatus))
            return WriteStatus;
    }
    return Status;
}

/* --- SystemLogicalProcessorInformationEx ---------------------------------------------------------------------- */

#define EXP_LOGICAL_PROCESSOR_EX 107

static ULONG ExpDescribeProcessor(LOGICAL_PROCESSOR_RELATIONSHIP Relation,
        PSYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Info)
{
    ULONG Header = FIELD_OFFSET(SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX, Processor);

    memset(Info, 0, sizeof(*Info));
    Info->Relationship = Relation;
    switch (Relation) {
    case RelationProcessorCore:
    case RelationProcessorPackage:
        Info->Processor.GroupCount = 1;
        Info->Processor.GroupMask[0].Mask = 1;
        Info->Size = Header + sizeof(PROCESSOR_RELATIONSHIP);
        break;
    case RelationNumaNode:
        Info->NumaNode.GroupMask.Mask = 1;
        Info->Size = Header + sizeof(NUMA_NODE_RELATIONSHIP);
        break;
    case RelationGroup:
        Info->Group.MaximumGroupCount = Info->Group.ActiveGroupCount = 1;
        Info->Group.GroupInfo[0].MaximumProcessorCount = Info->Group.GroupInfo[0].ActiveProcessorCount = 1;
        Info->Group.GroupInfo[0].ActiveProcessorMask = 1;
        Info->Size = Header + sizeof(GROUP_RELATIONSHIP);
        break;
    default:
        break;
    }
    return Info->Size;
}

NTSTATUS NTAPI NtQuerySystemInformationEx(SYSTEM_INFORMATION_CLASS SystemInformationClass, PVOID InputBuffer,
        ULONG InputBufferLength, PVOID SystemInformation, ULONG SystemInformationLength, PULONG ReturnLength)
{
    static const LOGICAL_PROCESSOR_RELATIONSHIP All[] = {
        RelationProcessorCore, RelationProcessorPackage, RelationNumaNode, RelationGroup
    };
    SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX Info;
    LOGICAL_PROCESSOR_RELATIONSHIP Wanted;
    ULONG Needed = 0;
    NTSTATUS Status;

    if (SystemInformationClass != (SYSTEM_INFORMATION_CLASS)EXP_LOGICAL_PROCESSOR_EX)
        return STATUS_INVALID_INFO_CLASS;
    if (InputBufferLength < sizeof(Wanted))
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeAnswer(SystemInformation, SystemInformationLength, ReturnLength, sizeof(*ReturnLength));
    if (NT_SUCCESS(Status))
        Status = MmCopyFromUser(&Wanted, InputBuffer, sizeof(Wanted));
    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG i = 0; i < RTL_NUMBER_OF(All) && NT_SUCCESS(Status); i++) {
        ULONG Size = ExpDescribeProcessor(All[i], &Info);

        if (Wanted != RelationAll && Wanted != All[i])
            continue;
        if (Needed + Size <= SystemInformationLength)
            Status = MmCopyToUser((PUCHAR)SystemInformation + Needed, &Info, Size);
        Needed += Size;
    }
    if (NT_SUCCESS(Status) && Needed == 0)
        return STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status) && ReturnLength != NULL)
        Status = MmPutUser(ReturnLength, Needed);
    if (NT_SUCCESS(Status) && Needed > SystemInformationLength)
        Status = STATUS_INFO_LENGTH_MISMATCH;
    return Status;
}
