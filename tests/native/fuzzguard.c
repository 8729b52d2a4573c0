/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What svcfuzz's children may not change (fuzz.h): a victim process, and one object of several types, of which they get handles with few
 * rights.  Nobody gets more rights of them.
 *
 * The victim has memory where the children's arguments have their addresses: views of one section, and a reserved range, so that whatever is
 * written, freed, committed or protected there shows.  It answers a ping while that, other memory and its code are as they were.
 */
#include "check.h"
#include "fuzz.h"

#define MS 10000ll
#define SECOND (1000 * MS)
#define VICTIM_BYTES 0x100000
#define VIEW_BYTES 0x10000
#define VIEWS (FUZZ_SCRATCH_SIZE / 2 / VIEW_BYTES)
#define PING_NAME L"\\BaseNamedObjects\\SvcFuzzPing"
#define PONG_NAME L"\\BaseNamedObjects\\SvcFuzzPong"

VOID FuzzInitializeName(POBJECT_ATTRIBUTES Attributes, PUNICODE_STRING Name, PCWSTR Text)
{
    RtlInitUnicodeString(Name, Text);
    InitializeObjectAttributes(Attributes, Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
}

static HANDLE CreateNamedEvent(PCWSTR Text)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    HANDLE Handle = NULL;

    FuzzInitializeName(&Attributes, &Name, Text);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Handle, EVENT_ALL_ACCESS, &Attributes, SynchronizationEvent, FALSE));
    return Handle;
}

VOID FuzzSetProtection(HANDLE Handle, PACL Acl)
{
    SID LocalService = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SERVICE_RID } };
    SECURITY_DESCRIPTOR Descriptor;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, Acl, FALSE);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &LocalService, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Handle, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &Descriptor));
}

VOID FuzzProtect(HANDLE Handle)
{
    ACL Nobody;

    RtlCreateAcl(&Nobody, sizeof(Nobody), ACL_REVISION);
    FuzzSetProtection(Handle, &Nobody);
}

/* --- processes ------------------------------------------------------------------------------------------------------ */

NTSTATUS FuzzStartSuspended(PCWSTR CommandText, PRTL_USER_PROCESS_INFORMATION Information)
{
    PWSTR Path = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer;
    PRTL_USER_PROCESS_PARAMETERS Parameters;
    UNICODE_STRING NtPath, Image, Command;
    NTSTATUS Status;

    *Information = (RTL_USER_PROCESS_INFORMATION){ .Length = sizeof(*Information) };
    RtlInitUnicodeString(&Image, Path);
    RtlInitUnicodeString(&Command, CommandText);
    Status = RtlDosPathNameToNtPathName_U_WithStatus(Path, &NtPath, NULL, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = RtlCreateProcessParametersEx(&Parameters, &Image, NULL, NULL, &Command, NULL, NULL, NULL, NULL, NULL, 1);
    if (NT_SUCCESS(Status)) {
        Status = RtlCreateUserProcess(&NtPath, OBJ_CASE_INSENSITIVE, Parameters, NULL, NULL, NULL, FALSE, NULL, NULL, Information);
        RtlDestroyProcessParameters(Parameters);
    }
    RtlFreeUnicodeString(&NtPath);
    return Status;
}

static ULONG HandleCount(HANDLE Process)
{
    ULONG Count = 0;

    NtQueryInformationProcess(Process, ProcessHandleCount, &Count, sizeof(Count), NULL);
    return Count;
}

PSYSTEM_PROCESS_INFORMATION FuzzFirstProcess(VOID)
{
    static UCHAR Buffer[0x40000] __attribute__((aligned(16)));

    return NT_SUCCESS(NtQuerySystemInformation(SystemProcessInformation, Buffer, sizeof(Buffer), NULL)) ? (PVOID)Buffer : NULL;
}

PSYSTEM_PROCESS_INFORMATION FuzzNextProcess(PSYSTEM_PROCESS_INFORMATION Process)
{
    return Process->NextEntryOffset != 0 ? (PVOID)((PUCHAR)Process + Process->NextEntryOffset) : NULL;
}

static ULONG ThreadCount(HANDLE Process)
{
    PROCESS_BASIC_INFORMATION Basic;

    if (!NT_SUCCESS(NtQueryInformationProcess(Process, ProcessBasicInformation, &Basic, sizeof(Basic), NULL)))
        return 0;
    for (PSYSTEM_PROCESS_INFORMATION Entry = FuzzFirstProcess(); Entry != NULL; Entry = FuzzNextProcess(Entry))
        if ((ULONG_PTR)Entry->UniqueProcessId == Basic.UniqueProcessId)
            return Entry->NumberOfThreads;
    return 0;
}

/* --- the victim ---------------------------------------------------------------------------------------------------- */

static HANDLE OpenEventByName(PCWSTR Text)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    HANDLE Handle = NULL;

    FuzzInitializeName(&Attributes, &Name, Text);
    NtOpenEvent(&Handle, EVENT_ALL_ACCESS, &Attributes);
    return Handle;
}

static ULONG64 Checksum(const ULONG64 *Memory, SIZE_T Bytes)
{
    ULONG64 Sum = Bytes;

    for (SIZE_T i = 0; i < Bytes / sizeof(*Memory); i++)
        Sum = (Sum << 7 | Sum >> 57) ^ Memory[i];
    return Sum;
}

static NTSTATUS NTAPI WaitForEver(PVOID Argument)
{
    LARGE_INTEGER Long = { .QuadPart = -36000 * SECOND };

    return NtDelayExecution(FALSE, &Long);
}

/* Views of one section in the lower half of the children's addresses, a reserved range in the upper one. */
static NTSTATUS MapTarget(VOID)
{
    PVOID Base = (PVOID)(FUZZ_SCRATCH_BASE + FUZZ_SCRATCH_SIZE / 2);
    LARGE_INTEGER Bytes = { .QuadPart = VIEW_BYTES };
    SIZE_T Size = FUZZ_SCRATCH_SIZE / 2;
    HANDLE Section;
    NTSTATUS Status = NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE);

    if (NT_SUCCESS(Status))
        Status = NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Bytes, PAGE_READWRITE, SEC_COMMIT, NULL);
    for (ULONG i = 0; NT_SUCCESS(Status) && i < VIEWS; i++) {
        Base = (PVOID)(FUZZ_SCRATCH_BASE + i * VIEW_BYTES);
        Size = VIEW_BYTES;
        Status = NtMapViewOfSection(Section, NtCurrentProcess(), &Base, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE);
    }
    return Status;
}

static BOOLEAN IsRange(ULONG64 Address, SIZE_T Size, ULONG State, ULONG Protect)
{
    MEMORY_BASIC_INFORMATION Range;

    return NT_SUCCESS(NtQueryVirtualMemory(NtCurrentProcess(), (PVOID)Address, MemoryBasicInformation, &Range, sizeof(Range), NULL)) &&
           Range.RegionSize == Size && Range.State == State && Range.Protect == Protect;
}

static BOOLEAN IsTargetWhole(VOID)
{
    for (ULONG i = 0; i < VIEWS; i++)
        if (!IsRange(FUZZ_SCRATCH_BASE + i * VIEW_BYTES, VIEW_BYTES, MEM_COMMIT, PAGE_READWRITE))
            return FALSE;
    return IsRange(FUZZ_SCRATCH_BASE + FUZZ_SCRATCH_SIZE / 2, FUZZ_SCRATCH_SIZE / 2, MEM_RESERVE, 0);
}

static ULONG64 FillAtRandom(ULONG64 *Memory, SIZE_T Bytes)
{
    FUZZ_THREAD Thread = { .Random = 1 };

    for (SIZE_T i = 0; i < Bytes / sizeof(*Memory); i++)
        Memory[i] = FuzzRandom(&Thread);
    return Checksum(Memory, Bytes);
}

int FuzzRunVictim(VOID)
{
    HANDLE Ping = OpenEventByName(PING_NAME), Pong = OpenEventByName(PONG_NAME);
    ULONG64 *Code = NtCurrentPeb()->ImageBaseAddress, *Target = (ULONG64 *)FUZZ_SCRATCH_BASE;
    static ULONG64 Memory[VICTIM_BYTES / sizeof(ULONG64)];
    ULONG64 Sum, TargetSum, CodeSum = Checksum(Code, 0x1000);

    if (!NT_SUCCESS(MapTarget()))
        return 3;
    Sum = FillAtRandom(Memory, sizeof(Memory));
    TargetSum = FillAtRandom(Target, VIEW_BYTES);
    for (ULONG i = 0; i < 2; i++)
        RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, WaitForEver, NULL, NULL, NULL);
    while (NtWaitForSingleObject(Ping, FALSE, NULL) == STATUS_SUCCESS) {
        if (!IsTargetWhole() || Checksum(Target, VIEW_BYTES) != TargetSum || Checksum(Memory, sizeof(Memory)) != Sum ||
            Checksum(Code, 0x1000) != CodeSum)
            return 1;
        NtSetEvent(Pong, NULL);
    }
    return 2;
}

/* --- what is guarded ------------------------------------------------------------------------------------------------ */

typedef struct _GUARDED_OBJECT {
    HANDLE Handle;
    CHAR Role;
    ACCESS_MASK Access;                 /* what the children get */
} GUARDED_OBJECT;

/* What may not change. */
typedef struct _GUARDED_STATE {
    struct {
        ULONG Handles, Threads;
        NTSTATUS InJob;
        KAFFINITY Affinity;
        KPRIORITY Priority;
        SIZE_T Reserved, Committed;
    } Process;
    struct {
        KAFFINITY Affinity;
        KPRIORITY Priority;
    } Thread;
    KEY_FULL_INFORMATION Key;
    FILE_STANDARD_INFORMATION File;
    FILE_BASIC_INFORMATION FileTimes;
    SECTION_BASIC_INFORMATION Section;
    EVENT_BASIC_INFORMATION Event;
    ULONG64 Security[FUZZ_MAX_GUARDED];
} GUARDED_STATE, *PGUARDED_STATE;

static GUARDED_OBJECT Objects[FUZZ_MAX_GUARDED];
static ULONG ObjectCount;
static HANDLE Victim, VictimThread, Ping, Pong, GuardSection, GuardKey, GuardFolder, GuardFile, GuardEvent;
static HANDLE GuardReader;              /* another open of the file: what an open may, its driver lets each of its handles */
static ULONG64 *GuardData;
static GUARDED_STATE First;

static VOID Guard(HANDLE Handle, CHAR Role, ACCESS_MASK Access)
{
    Objects[ObjectCount++] = (GUARDED_OBJECT){ Handle, Role, Access };
}

VOID FuzzGiveGuarded(HANDLE Process, BOOLEAN MayRestore, PFUZZ_GUARDED Guarded)
{
    Guarded->Count = 0;
    for (ULONG i = 0; i < ObjectCount; i++) {
        /* With SeRestorePrivilege any handle is enough to write: NtRestoreKey, FILE_OPEN_FOR_BACKUP_INTENT. */
        if (MayRestore && (Objects[i].Role == 'k' || Objects[i].Role == 'f'))
            continue;
        NtDuplicateObject(NtCurrentProcess(), Objects[i].Handle, Process, &Guarded->Handle[Guarded->Count], Objects[i].Access, 0, 0);
        Guarded->Role[Guarded->Count++] = Objects[i].Role;
    }
}

/* Owner and list of an object, in one number. */
static ULONG64 SecurityOf(HANDLE Handle)
{
    ULONG64 Descriptor[0x40] = { 0 };
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Handle, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, Descriptor,
                                                       sizeof(Descriptor), &Length));
    return Checksum(Descriptor, sizeof(Descriptor));
}

static VOID LookAtProcess(PGUARDED_STATE State)
{
    PROCESS_BASIC_INFORMATION Process;
    THREAD_BASIC_INFORMATION Thread;
    VM_COUNTERS Memory;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Victim, ProcessVmCounters, &Memory, sizeof(Memory), NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Victim, ProcessBasicInformation, &Process, sizeof(Process), NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationThread(VictimThread, ThreadBasicInformation, &Thread, sizeof(Thread), NULL));
    State->Process.Handles = HandleCount(Victim);
    State->Process.Threads = ThreadCount(Victim);
    State->Process.InJob = NtIsProcessInJob(Victim, NULL);
    State->Process.Affinity = Process.AffinityMask;
    State->Process.Priority = Process.BasePriority;
    State->Process.Reserved = Memory.VirtualSize;
    State->Process.Committed = Memory.PagefileUsage;
    State->Thread.Affinity = Thread.AffinityMask;
    State->Thread.Priority = Thread.BasePriority;
}

static VOID LookAtFile(PGUARDED_STATE State)
{
    IO_STATUS_BLOCK IoStatus;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(GuardFile, &IoStatus, &State->File, sizeof(State->File), FileStandardInformation));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(GuardFile, &IoStatus, &State->FileTimes, sizeof(State->FileTimes),
                                                        FileBasicInformation));
    /* Who may read it changes the one; who has any handle may link to it. */
    State->FileTimes.LastAccessTime.QuadPart = State->FileTimes.ChangeTime.QuadPart = 0;
    State->File.NumberOfLinks = 0;
}

static VOID Look(PGUARDED_STATE State)
{
    ULONG Length;

    memset(State, 0, sizeof(*State));
    LookAtProcess(State);
    LookAtFile(State);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(GuardKey, KeyFullInformation, &State->Key, sizeof(State->Key), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySection(GuardSection, SectionBasicInformation, &State->Section, sizeof(State->Section), NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryEvent(GuardEvent, EventBasicInformation, &State->Event, sizeof(State->Event), NULL));
    for (ULONG i = 0; i < ObjectCount; i++)
        State->Security[i] = SecurityOf(Objects[i].Handle);
}

/* Whose an object is that is no longer as it was, and how many entries its list has. */
static VOID PrintSecurity(const GUARDED_OBJECT *Object)
{
    ULONG64 Descriptor[0x40] = { 0 };
    BOOLEAN Present = FALSE, Defaulted;
    UNICODE_STRING Name = { 0 };
    PSID Owner = NULL;
    PACL Acl = NULL;
    ULONG Length;

    NtQuerySecurityObject(Object->Handle, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, Descriptor, sizeof(Descriptor), &Length);
    RtlGetOwnerSecurityDescriptor(Descriptor, &Owner, &Defaulted);
    RtlGetDaclSecurityDescriptor(Descriptor, &Present, &Acl, &Defaulted);
    RtlConvertSidToUnicodeString(&Name, Owner, TRUE);
    Print(L"    object %c: owner %wZ, list %s with %u entries\n", Object->Role, &Name, Present ? L"present" : L"absent",
          Acl != NULL ? Acl->AceCount : 0);
    RtlFreeUnicodeString(&Name);
}

static BOOLEAN IsPageAsItWas(const ULONG64 *Page)
{
    for (ULONG i = 0; i < 0x1000 / sizeof(*Page); i++)
        if (Page[i] != (i == 0 ? 0x1234 : 0))
            return FALSE;
    return TRUE;
}

VOID FuzzCheckGuarded(BOOLEAN ChildrenRun)
{
    LARGE_INTEGER Limit = { .QuadPart = -30 * SECOND }, Start = { .QuadPart = 0 };
    ULONG64 Data[4] = { 0 };
    IO_STATUS_BLOCK IoStatus;
    GUARDED_STATE Now;

    NtSetEvent(Ping, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Pong, FALSE, &Limit));
    CHECK_STATUS(STATUS_PENDING, QueryExitStatus(Victim));
    Look(&Now);
    CHECK(memcmp(&Now.Process, &First.Process, sizeof(Now.Process)) == 0);
    CHECK(memcmp(&Now.Thread, &First.Thread, sizeof(Now.Thread)) == 0);
    CHECK(memcmp(&Now.Key, &First.Key, sizeof(Now.Key)) == 0);
    if (!CHECK(memcmp(&Now.File, &First.File, sizeof(Now.File)) == 0))
        Print(L"    %I64u bytes in %I64u, to be deleted: %u; before: %I64u in %I64u, %u\n", Now.File.EndOfFile.QuadPart,
              Now.File.AllocationSize.QuadPart, Now.File.DeletePending, First.File.EndOfFile.QuadPart, First.File.AllocationSize.QuadPart,
              First.File.DeletePending);
    if (!CHECK(memcmp(&Now.FileTimes, &First.FileTimes, sizeof(Now.FileTimes)) == 0))
        Print(L"    made 0x%I64x, written 0x%I64x, attributes 0x%x; before: 0x%I64x, 0x%I64x, 0x%x\n", Now.FileTimes.CreationTime.QuadPart,
              Now.FileTimes.LastWriteTime.QuadPart, Now.FileTimes.FileAttributes, First.FileTimes.CreationTime.QuadPart,
              First.FileTimes.LastWriteTime.QuadPart, First.FileTimes.FileAttributes);
    CHECK(memcmp(&Now.Section, &First.Section, sizeof(Now.Section)) == 0);
    CHECK(memcmp(&Now.Event, &First.Event, sizeof(Now.Event)) == 0);
    for (ULONG i = 0; i < ObjectCount; i++)
        if (!CHECK(Now.Security[i] == First.Security[i]))
            PrintSecurity(&Objects[i]);
    CHECK(IsPageAsItWas(GuardData));
    if (ChildrenRun)            /* who may read the file may lock a part of it */
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtReadFile(GuardFile, NULL, NULL, NULL, &IoStatus, Data, sizeof(Data), &Start, NULL));
    CHECK(IoStatus.Information == 8 && Data[0] == 0x1234);
}

static BOOLEAN StartVictim(VOID)
{
    RTL_USER_PROCESS_INFORMATION Information;
    LARGE_INTEGER Limit = { .QuadPart = -30 * SECOND };

    Ping = CreateNamedEvent(PING_NAME);
    Pong = CreateNamedEvent(PONG_NAME);
    if (!CHECK_STATUS(STATUS_SUCCESS, FuzzStartSuspended(L"svcfuzz victim", &Information)))
        return FALSE;
    Victim = Information.ProcessHandle;
    VictimThread = Information.ThreadHandle;
    NtResumeThread(VictimThread, NULL);
    NtSetEvent(Ping, NULL);
    return CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Pong, FALSE, &Limit));
}

static VOID MakeObjects(VOID)
{
    UNICODE_STRING KeyName = RTL_CONSTANT_UNICODE_STRING(L"\\Registry\\Machine\\SvcFuzzGuard");
    OBJECT_ATTRIBUTES KeyAttributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&KeyName, OBJ_CASE_INSENSITIVE);
    LARGE_INTEGER Size = { .QuadPart = 0x1000 }, Start = { .QuadPart = 0 };
    ULONG64 Content = 0x1234;
    IO_STATUS_BLOCK IoStatus;
    SIZE_T ViewSize = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&GuardSection, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL));
    NtMapViewOfSection(GuardSection, NtCurrentProcess(), (PVOID *)&GuardData, 0, 0, NULL, &ViewSize, ViewUnmap, 0, PAGE_READWRITE);
    GuardData[0] = Content;
    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&GuardKey, KEY_ALL_ACCESS, &KeyAttributes, 0, NULL, REG_OPTION_VOLATILE, NULL));
    /* In a folder of its own: who may delete from the folder may delete the file. */
    CHECK_STATUS(STATUS_SUCCESS, OpenPath(L"C:\\SvcFuzzGuard", FILE_ALL_ACCESS, FILE_OPEN_IF, FILE_DIRECTORY_FILE, &GuardFolder));
    CHECK_STATUS(STATUS_SUCCESS, OpenPath(L"C:\\SvcFuzzGuard\\file", FILE_ALL_ACCESS, FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT,
                                          &GuardFile));
    NtWriteFile(GuardFile, NULL, NULL, NULL, &IoStatus, &Content, sizeof(Content), &Start, NULL);
    CHECK_STATUS(STATUS_SUCCESS, OpenPath(L"C:\\SvcFuzzGuard\\file", FILE_GENERIC_READ, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT,
                                          &GuardReader));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&GuardEvent, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
}

VOID FuzzPrepareGuarded(VOID)
{
    HANDLE *const Own[] = { &Victim, &VictimThread, &GuardSection, &GuardKey, &GuardFolder, &GuardFile, &GuardEvent };

    if (!StartVictim())
        return;
    MakeObjects();
    FuzzProtect(NtCurrentProcess());
    for (ULONG i = 0; i < ARRAYSIZE(Own); i++)
        FuzzProtect(*Own[i]);
    Guard(Victim, 'p', PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE);
    Guard(VictimThread, 't', THREAD_QUERY_LIMITED_INFORMATION | SYNCHRONIZE);
    Guard(GuardSection, 's', SECTION_MAP_READ | SECTION_QUERY);
    Guard(GuardKey, 'k', KEY_READ);
    Guard(GuardReader, 'f', FILE_GENERIC_READ);
    Guard(GuardEvent, 'e', SYNCHRONIZE);
    Look(&First);
    FuzzCheckGuarded(FALSE);
}

VOID FuzzEndVictim(VOID)
{
    NtTerminateProcess(Victim, 0);
}
