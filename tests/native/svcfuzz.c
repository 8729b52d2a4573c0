/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Every service of abi/services.def with random and nearly valid arguments, from several threads of several processes.
 *
 *   svcfuzz [CALLS [SEED [PROCESSES [THREADS]]]]     200,000 calls, 3 processes at a time, 4 threads each
 *   svcfuzz child NUMBER SEED CALLS THREADS          one process of a run again, alone
 *
 * A run is a row of child processes, each with a number and a seed made from the run's; a child ends itself now and
 * then, as its calls will have it, or is ended when it waits for ever.  With one process of one thread the same seed
 * makes the same calls.  No service is left out: children give up the privileges that would let them switch off, set
 * the clock, load drivers or open other processes; most of them give up all.
 *
 * Checked: ntos goes on; a victim process, and objects that the children have handles with few rights of, are as they
 * were; objects of each type, handles, kernel objects, stacks, pages of programs, commitment and the pool's blocks of each tag
 * are back when the children have ended and what they left behind a name is deleted, pages but for a few and but for the hives' files.
 * Runs on: Nereid.
 */
#include "check.h"
#include "fuzz.h"
#include "resources.h"

#define MS 10000ll
#define SECOND (1000 * MS)
#define SHARED_NAME L"\\BaseNamedObjects\\SvcFuzzShared"
#define MAX_THREADS 16
#define MAX_PROCESSES 16
#define CALLS_EACH 4000
#define MOST_IDLE 30
#define KEPT_PAGES 64                   /* of ntos: pool pages with a few blocks each, stacks and tables that are kept */
#define KEPT_SLOTS 64                   /* of those pages and tables, and of pages of programs that run besides */
#define TOUCHED_PAGES 4                 /* committed before, and touched the first time by programs that run besides */
#define SystemDynamicTimeZoneInformation 102

typedef struct _CHILD_SLOT {
    volatile LONG Calls;
    FUZZ_GUARDED Guarded;
} CHILD_SLOT, *PCHILD_SLOT;

typedef struct _SHARED {
    CHILD_SLOT Slot[MAX_PROCESSES];
    volatile LONG ServiceCalls[SERVICE_COUNT];
    volatile LONG ServiceSuccesses[SERVICE_COUNT];
} SHARED, *PSHARED;

static PSHARED Shared;

static ULONG64 Mix(ULONG64 Seed, ULONG64 Number)
{
    FUZZ_THREAD Thread = { .Random = Seed ^ Number * 0xd1342543de82ef95 };

    return FuzzRandom(&Thread);
}

static NTSTATUS MapShared(HANDLE Section)
{
    SIZE_T Size = 0;

    return NtMapViewOfSection(Section, NtCurrentProcess(), (PVOID *)&Shared, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_READWRITE);
}

/* --- the child ----------------------------------------------------------------------------------------------------- */

/* These end or stop the child more often than not. */
static const PCSTR RareNames[] = { "NtTerminateProcess", "NtTerminateThread", "NtSuspendProcess", "NtSuspendThread", "NtContinue",
    "NtRaiseException", "NtSetContextThread", "NtTerminateJobObject", "NtDebugActiveProcess", "NtUnmapViewOfSection",
    "NtUnmapViewOfSectionEx", "NtAdjustPrivilegesToken", "NtCreateUserProcess", "NtCreateProcess", "NtCreateProcessEx", "NtListenPort", "NtReplyWaitReceivePort",
    "NtReplyWaitReplyPort", "NtRequestWaitReplyPort", "NtConnectPort", "NtSecureConnectPort", "NtFreezeRegistry" };
#define RARE 48
#define TRESPASS 24                     /* a call whose only fault is a handle with too few rights, in so many calls */
#define CHAIN 48                        /* a chain of calls after so many calls */

static BOOLEAN Rare[SERVICE_COUNT];
static PCHILD_SLOT OwnSlot;
static ULONG CallsEach;

typedef struct _WORKER {
    FUZZ_THREAD Fuzz;
    HANDLE Thread;
} WORKER, *PWORKER;

static WORKER Workers[MAX_THREADS];

/* Counts, and calls. */
static NTSTATUS Call(ULONG Service, const ULONG_PTR *Arguments)
{
    NTSTATUS Status;

    InterlockedIncrement(&OwnSlot->Calls);
    InterlockedIncrement(&Shared->ServiceCalls[Service]);
    Status = CallService(Service, Arguments);
    if (NT_SUCCESS(Status))
        InterlockedIncrement(&Shared->ServiceSuccesses[Service]);
    return Status;
}

/* FALSE: not now. */
static BOOLEAN MakeArguments(PFUZZ_THREAD Thread, ULONG Service, ULONG_PTR *Arguments)
{
    memset(Arguments, 0, MAX_ARGUMENTS * sizeof(*Arguments));
    if (FuzzOnce(Thread, TRESPASS) && FuzzMakeTrespass(Thread, &Services[Service], Arguments))
        return TRUE;
    if (Rare[Service] && !FuzzOnce(Thread, RARE))
        return FALSE;
    FuzzMakeArguments(Thread, &Services[Service], Arguments);
    /* Seconds in which all who write hives wait. */
    if (strcmp(Services[Service].Name, "NtFreezeRegistry") == 0)
        Arguments[0] %= 2;
    return TRUE;
}

static NTSTATUS NTAPI Work(PVOID Argument)
{
    PFUZZ_THREAD Thread = Argument;
    ULONG_PTR Arguments[MAX_ARGUMENTS];

    for (ULONG n = 0; n < CallsEach;) {
        ULONG Service = FuzzBelow(Thread, SERVICE_COUNT);
        NTSTATUS Status;

        if (!MakeArguments(Thread, Service, Arguments))
            continue;
        n++;
        Status = Call(Service, Arguments);
        FuzzTakeHandles(Thread, Services[Service].Roles, Arguments, Status);
        if (n % 16 == 0)
            FuzzRenewHandle(Thread);
        if (Thread == &Workers[0].Fuzz && FuzzOnce(Thread, CHAIN))
            FuzzRunChain(Thread, Call);
    }
    return STATUS_SUCCESS;
}

static VOID EnablePrivilege(ULONG Privilege)
{
    TOKEN_PRIVILEGES New = { 1, { { { Privilege, 0 }, SE_PRIVILEGE_ENABLED } } };
    HANDLE Token;

    NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &Token);
    NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL);
    NtClose(Token);
}

/* All privileges go, or those that let a program change the whole system. */
static VOID GiveUpPrivileges(BOOLEAN All)
{
    static const ULONG Mighty[] = { SE_TCB_PRIVILEGE, SE_SHUTDOWN_PRIVILEGE, SE_SYSTEMTIME_PRIVILEGE, SE_LOAD_DRIVER_PRIVILEGE,
        SE_CREATE_PERMANENT_PRIVILEGE, SE_DEBUG_PRIVILEGE, SE_TAKE_OWNERSHIP_PRIVILEGE, SE_SECURITY_PRIVILEGE,
        SE_ASSIGNPRIMARYTOKEN_PRIVILEGE, SE_CREATE_TOKEN_PRIVILEGE, SE_RELABEL_PRIVILEGE, SE_LOCK_MEMORY_PRIVILEGE };
    struct {
        ULONG Count;
        LUID_AND_ATTRIBUTES Entry[64];
    } Remove = { 0 };
    HANDLE Token = NULL;

    for (ULONG i = 0; i < (All ? SE_MAX_WELL_KNOWN_PRIVILEGE + 1 : ARRAYSIZE(Mighty)); i++)
        Remove.Entry[Remove.Count++] = (LUID_AND_ATTRIBUTES){ { All ? i : Mighty[i], 0 }, SE_PRIVILEGE_REMOVED };
    NtOpenProcessToken(NtCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &Token);
    NtAdjustPrivilegesToken(Token, FALSE, (PTOKEN_PRIVILEGES)&Remove, 0, NULL, NULL);
    NtClose(Token);
}

/* One child in four keeps what does not change the whole system. */
static BOOLEAN MayRestore(ULONG Number)
{
    return Number % 4 == 0;
}

static NTSTATUS OpenShared(ULONG Number)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(SHARED_NAME);
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    HANDLE Section;
    NTSTATUS Status = NtOpenSection(&Section, SECTION_MAP_READ | SECTION_MAP_WRITE, &Attributes);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = MapShared(Section);
    NtClose(Section);
    OwnSlot = &Shared->Slot[Number % MAX_PROCESSES];
    return Status;
}

/* Threads that wait for ever are woken once; then the process ends. */
static VOID Watch(ULONG Threads)
{
    LARGE_INTEGER Period = { .QuadPart = -100 * MS };
    HANDLE Handles[MAX_THREADS];
    LONG Before = -1;
    ULONG Idle = 0;

    for (ULONG i = 0; i < Threads; i++)
        Handles[i] = Workers[i].Thread;
    while (NtWaitForMultipleObjects(Threads, Handles, WaitAll, FALSE, &Period) == STATUS_TIMEOUT && Idle < 3) {
        Idle = OwnSlot->Calls == Before ? Idle + 1 : 0;
        Before = OwnSlot->Calls;
        for (ULONG i = 0; i < Threads && Idle == 1; i++) {
            IO_STATUS_BLOCK IoStatus;

            NtAlertThread(Handles[i]);
            NtCancelSynchronousIoFile(Handles[i], NULL, &IoStatus);
        }
    }
}

/* What the calls did to the child ends it without a word. */
static LONG NTAPI EndQuietly(PEXCEPTION_POINTERS Pointers)
{
    NtTerminateProcess(NtCurrentProcess(), Pointers->ExceptionRecord->ExceptionCode);
    return EXCEPTION_CONTINUE_SEARCH;
}

static int RunChild(ULONG Number, ULONG64 Seed, ULONG Calls, ULONG Threads)
{
    if (!NT_SUCCESS(OpenShared(Number)))
        return 2;
    for (ULONG i = 0; i < SERVICE_COUNT; i++)
        for (ULONG n = 0; n < ARRAYSIZE(RareNames); n++)
            Rare[i] |= strcmp(Services[i].Name, RareNames[n]) == 0;
    GiveUpPrivileges(!MayRestore(Number));
    EnablePrivilege(SE_BACKUP_PRIVILEGE);
    EnablePrivilege(SE_RESTORE_PRIVILEGE);
    RtlAddVectoredExceptionHandler(1, EndQuietly);
    if (!NT_SUCCESS(FuzzPrepareArguments()))
        return 3;
    FuzzPrepareHandles(&OwnSlot->Guarded);
    CallsEach = Calls / Threads;
    for (ULONG i = 0; i < Threads; i++)
        if (!NT_SUCCESS(FuzzPrepareThread(&Workers[i].Fuzz, Mix(Seed, i))))
            return 4;
    for (ULONG i = 0; i < Threads; i++)
        if (!NT_SUCCESS(RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, Work, &Workers[i].Fuzz,
                                            &Workers[i].Thread, NULL)))
            return 5;
    Watch(Threads);
    return NtTerminateProcess(NtCurrentProcess(), 0);
}

/* --- the run --------------------------------------------------------------------------------------------------------- */

static HANDLE SharedSection;
static ULONG64 RunSeed;
static ULONG Threads, NextChild;

typedef struct _CHILD {
    HANDLE Process;
    HANDLE Job;
    ULONG Number;
    LONG Before;                        /* calls seen last */
    ULONG Idle;                         /* looks without a new call */
} CHILD, *PCHILD;

static CHILD Children[MAX_PROCESSES];

/* Everybody may use the object and nobody may change its security; closes the handle. */
static VOID ProtectName(HANDLE Handle)
{
    SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
    ULONG64 Room[8];
    PACL Acl = (PACL)Room;

    RtlCreateAcl(Acl, sizeof(Room), ACL_REVISION);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, SPECIFIC_RIGHTS_ALL | READ_CONTROL | SYNCHRONIZE, &World);
    FuzzSetProtection(Handle, Acl);
    NtClose(Handle);
}

static VOID ProtectOpened(NTSTATUS (NTAPI *Open)(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES), POBJECT_ATTRIBUTES Attributes)
{
    HANDLE Handle;

    if (CHECK_STATUS(STATUS_SUCCESS, Open(&Handle, WRITE_DAC | WRITE_OWNER, Attributes)))
        ProtectName(Handle);
    else
        Print(L"    %wZ\n", Attributes->ObjectName);
}

/* The directories, links and sections below Directory, which it closes. */
static VOID ProtectTree(HANDLE Directory)
{
    UCHAR Buffer[0x400] __attribute__((aligned(8)));
    POBJECT_DIRECTORY_INFORMATION Entry = (PVOID)Buffer;
    UNICODE_STRING DirectoryType = RTL_CONSTANT_UNICODE_STRING(L"Directory");
    UNICODE_STRING LinkType = RTL_CONSTANT_UNICODE_STRING(L"SymbolicLink");
    UNICODE_STRING SectionType = RTL_CONSTANT_UNICODE_STRING(L"Section");
    OBJECT_ATTRIBUTES Attributes;
    ULONG Context = 0, Length;
    HANDLE Inner;

    while (NT_SUCCESS(NtQueryDirectoryObject(Directory, Entry, sizeof(Buffer), TRUE, FALSE, &Context, &Length))) {
        InitializeObjectAttributes(&Attributes, &Entry->Name, OBJ_CASE_INSENSITIVE, Directory, NULL);
        if (RtlEqualUnicodeString(&Entry->TypeName, &LinkType, FALSE))
            ProtectOpened(NtOpenSymbolicLinkObject, &Attributes);
        if (RtlEqualUnicodeString(&Entry->TypeName, &SectionType, FALSE))
            ProtectOpened(NtOpenSection, &Attributes);
        if (!RtlEqualUnicodeString(&Entry->TypeName, &DirectoryType, FALSE))
            continue;
        if (NT_SUCCESS(NtOpenDirectoryObject(&Inner, DIRECTORY_QUERY | DIRECTORY_TRAVERSE, &Attributes)))
            ProtectTree(Inner);
        ProtectOpened(NtOpenDirectoryObject, &Attributes);
    }
    NtClose(Directory);
}

/*
 * What all programs need: any may use it, and none may change who may.  The children act as the user that owns the system, and would
 * else lock out those that follow them.
 */
static VOID ProtectNames(VOID)
{
    static const PCWSTR Keys[] = { L"\\Registry", L"\\Registry\\Machine", L"\\Registry\\Machine\\Software" };
    static const PCWSTR Files[] = { L"\\??\\C:\\", L"\\??\\C:\\windows\\system32\\ntdll.dll", L"\\Device\\Null",
            L"\\??\\C:", L"\\Device\\NamedPipe\\", L"\\Device\\Mailslot\\", L"\\Device\\ConDrv\\Server" };
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE Handle;

    FuzzInitializeName(&Attributes, &Name, L"\\");
    if (CHECK_STATUS(STATUS_SUCCESS, NtOpenDirectoryObject(&Handle, DIRECTORY_QUERY | DIRECTORY_TRAVERSE, &Attributes)))
        ProtectTree(Handle);
    ProtectOpened(NtOpenDirectoryObject, &Attributes);
    for (ULONG i = 0; i < ARRAYSIZE(Keys); i++) {
        FuzzInitializeName(&Attributes, &Name, Keys[i]);
        ProtectOpened(NtOpenKey, &Attributes);
    }
    for (ULONG i = 0; i < ARRAYSIZE(Files); i++)
        if (CHECK_STATUS(STATUS_SUCCESS, OpenPath(Files[i], WRITE_DAC | WRITE_OWNER, FILE_OPEN, 0, &Handle)))
            ProtectName(Handle);
        else
            Print(L"    %s\n", Files[i]);
    if (CHECK_STATUS(STATUS_SUCCESS, OpenPath(NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, WRITE_DAC | WRITE_OWNER, FILE_OPEN, 0, &Handle)))
        ProtectName(Handle);
}

/* The processes of the system, and those that started this one: else NtGetNextProcess would hand them to the children, who are the same user. */
static VOID ProtectProcesses(VOID)
{
    for (PSYSTEM_PROCESS_INFORMATION Entry = FuzzFirstProcess(); Entry != NULL; Entry = FuzzNextProcess(Entry)) {
        OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(NULL, 0);
        CLIENT_ID Id = { (HANDLE)Entry->UniqueProcessId, NULL };
        HANDLE Process;

        if (NT_SUCCESS(NtOpenProcess(&Process, WRITE_DAC | WRITE_OWNER, &Attributes, &Id))) {
            FuzzProtect(Process);
            NtClose(Process);
        }
    }
}

/* What the processes that there are have committed: this one, the victim, and those of the system. */
static ULONG64 CountPrivatePages(VOID)
{
    ULONG64 Pages = 0;

    for (PSYSTEM_PROCESS_INFORMATION Entry = FuzzFirstProcess(); Entry != NULL; Entry = FuzzNextProcess(Entry))
        Pages += Entry->PagefileUsage / 0x1000;
    return Pages;
}

static VOID PrepareShared(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(SHARED_NAME);
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    LARGE_INTEGER Size = { .QuadPart = sizeof(SHARED) };

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&SharedSection, SECTION_ALL_ACCESS, &Attributes, &Size, PAGE_READWRITE,
                                                 SEC_COMMIT, NULL));
    CHECK_STATUS(STATUS_SUCCESS, MapShared(SharedSection));
}

/* --- what the children leave behind a name -------------------------------------------------------------------------- */

/* A child may have made the object nobody's: Open opens it with an access that its owner always gets, or who takes ownership. */
static VOID TakeOver(NTSTATUS (*Open)(PVOID Name, ACCESS_MASK Access, PHANDLE Handle), PVOID Name)
{
    static SID LocalSystem = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SYSTEM_RID } };
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE Handle;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &LocalSystem, FALSE);
    if (NT_SUCCESS(Open(Name, WRITE_OWNER, &Handle))) {
        NtSetSecurityObject(Handle, OWNER_SECURITY_INFORMATION, &Descriptor);
        NtClose(Handle);
    }
    if (NT_SUCCESS(Open(Name, WRITE_DAC, &Handle))) {
        NtSetSecurityObject(Handle, DACL_SECURITY_INFORMATION, &Descriptor);
        NtClose(Handle);
    }
}

static NTSTATUS OpenAKey(PVOID Attributes, ACCESS_MASK Access, PHANDLE Key)
{
    return NtOpenKey(Key, Access, Attributes);
}

static BOOLEAN DeleteKeys(HANDLE Root, PCUNICODE_STRING Path, ULONG Depth)
{
    UCHAR Buffer[0x300] __attribute__((aligned(8)));
    PKEY_BASIC_INFORMATION Basic = (PVOID)Buffer;
    UNICODE_STRING Name = *Path;
    OBJECT_ATTRIBUTES Attributes;
    NTSTATUS Status;
    ULONG Length;
    HANDLE Key;

    /* A link may lead back, and a name without characters means the key itself. */
    if (Depth > 32 || Name.Length == 0)
        return FALSE;
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_OPENLINK, Root, NULL);
    TakeOver(OpenAKey, &Attributes);
    if (!NT_SUCCESS(NtOpenKey(&Key, KEY_ALL_ACCESS, &Attributes)))
        return FALSE;
    while (NT_SUCCESS(NtEnumerateKey(Key, 0, KeyBasicInformation, Basic, sizeof(Buffer) - sizeof(WCHAR), &Length))) {
        WCHAR Child[256];
        UNICODE_STRING ChildName = { (USHORT)min(Basic->NameLength, sizeof(Child)), sizeof(Child), Child };

        memcpy(Child, Basic->Name, ChildName.Length);
        if (!DeleteKeys(Key, &ChildName, Depth + 1))
            break;
    }
    Status = NtDeleteKey(Key);
    NtClose(Key);
    return NT_SUCCESS(Status);
}

/* A hive that a child has loaded, or keys.  FALSE: it stays. */
static BOOLEAN RemoveKey(HANDLE Root, PUNICODE_STRING Name)
{
    OBJECT_ATTRIBUTES Attributes;
    NTSTATUS Status;

    InitializeObjectAttributes(&Attributes, Name, OBJ_CASE_INSENSITIVE, Root, NULL);
    Status = NtUnloadKey(&Attributes);
    if (NT_SUCCESS(Status) || DeleteKeys(Root, Name, 0))
        return TRUE;
    Print(L"    key %wZ stays: 0x%08X\n", Name, Status);
    return FALSE;
}

/* Keys and values of \Registry\Machine that were not there when the run began; the first call learns which were. */
static VOID DeleteOtherKeys(VOID)
{
    static UNICODE_STRING Known[32];
    static ULONG KnownCount;
    UNICODE_STRING Machine = RTL_CONSTANT_UNICODE_STRING(L"\\Registry\\Machine");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Machine, OBJ_CASE_INSENSITIVE);
    UCHAR Buffer[0x1000] __attribute__((aligned(8)));
    PKEY_BASIC_INFORMATION Basic = (PVOID)Buffer;
    PKEY_VALUE_BASIC_INFORMATION Value = (PVOID)Buffer;
    BOOLEAN First = KnownCount == 0;
    UNICODE_STRING Name;
    ULONG Length, Index = 0;
    HANDLE Key;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_READ | KEY_WRITE, &Attributes)))
        return;
    while (NT_SUCCESS(NtEnumerateKey(Key, Index, KeyBasicInformation, Basic, sizeof(Buffer), &Length))) {
        ULONG i = 0;

        Name = (UNICODE_STRING){ (USHORT)Basic->NameLength, (USHORT)Basic->NameLength, Basic->Name };
        while (i < KnownCount && !RtlEqualUnicodeString(&Known[i], &Name, TRUE))
            i++;
        if (First && KnownCount < ARRAYSIZE(Known))
            RtlDuplicateUnicodeString(RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE, &Name, &Known[KnownCount++]);
        if (First || i < KnownCount || !RemoveKey(Key, &Name))
            Index++;
    }
    for (Index = 0; NT_SUCCESS(NtEnumerateValueKey(Key, Index, KeyValueBasicInformation, Value, sizeof(Buffer), &Length));) {
        Name = (UNICODE_STRING){ (USHORT)Value->NameLength, (USHORT)Value->NameLength, Value->Name };
        Index += First || !NT_SUCCESS(NtDeleteValueKey(Key, &Name));
    }
    NtClose(Key);
}

/* An owner gets no SYNCHRONIZE, so the open is asynchronous. */
static NTSTATUS OpenAFile(PVOID Path, ACCESS_MASK Access, PHANDLE File)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    UNICODE_STRING Name;

    FuzzInitializeName(&Attributes, &Name, Path);
    return NtOpenFile(File, Access, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN_REPARSE_POINT);
}

/* A child may have made it read-only. */
static VOID DeleteOneFile(PWSTR Path)
{
    FILE_BASIC_INFORMATION Basic = { .FileAttributes = FILE_ATTRIBUTE_NORMAL };
    FILE_DISPOSITION_INFORMATION Delete = { TRUE };
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;
    HANDLE File;

    TakeOver(OpenAFile, Path);
    Status = OpenPath(Path, DELETE | FILE_WRITE_ATTRIBUTES, FILE_OPEN, FILE_OPEN_REPARSE_POINT, &File);
    if (NT_SUCCESS(Status)) {
        NtSetInformationFile(File, &IoStatus, &Basic, sizeof(Basic), FileBasicInformation);
        Status = NtSetInformationFile(File, &IoStatus, &Delete, sizeof(Delete), FileDispositionInformation);
        NtClose(File);
    }
    if (!CHECK_STATUS(STATUS_SUCCESS, Status))
        Print(L"    %s\n", Path);
}

/* One file of a folder at a time. */
typedef union _FOLDER_ENTRY {
    FILE_DIRECTORY_INFORMATION File;
    UCHAR Room[0x400];
} FOLDER_ENTRY, *PFOLDER_ENTRY;

static NTSTATUS OpenFolder(PCWSTR Path, PHANDLE Folder)
{
    return OpenPath(Path, FILE_LIST_DIRECTORY | SYNCHRONIZE, FILE_OPEN, FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, Folder);
}

/* The next one; Pattern is that of the first call.  FALSE: there is none. */
static BOOLEAN NextFile(HANDLE Folder, PUNICODE_STRING Pattern, PFOLDER_ENTRY Entry)
{
    IO_STATUS_BLOCK IoStatus;

    return NT_SUCCESS(NtQueryDirectoryFile(Folder, NULL, NULL, NULL, &IoStatus, Entry, sizeof(*Entry), FileDirectoryInformation, TRUE,
                                           Pattern, FALSE));
}

/* Deletes what is in the folder Path and has a name that begins with Prefix, with what is in there. */
static VOID DeleteFiles(PCWSTR Path, PCWSTR Prefix, ULONG Depth)
{
    FOLDER_ENTRY Buffer;
    PFILE_DIRECTORY_INFORMATION Entry = &Buffer.File;
    HANDLE Folder;
    WCHAR Child[512];

    if (Depth != 0)
        TakeOver(OpenAFile, (PVOID)Path);
    if (Depth > 8 || !NT_SUCCESS(OpenFolder(Path, &Folder)))
        return;
    while (NextFile(Folder, NULL, &Buffer)) {
        _snwprintf(Child, ARRAYSIZE(Child), L"%s%s%.*s", Path, Path[wcslen(Path) - 1] == L'\\' ? L"" : L"\\",
                   (int)(Entry->FileNameLength / sizeof(WCHAR)), Entry->FileName);
        if (Entry->FileName[0] == L'.' && Entry->FileNameLength <= 2 * sizeof(WCHAR))
            continue;
        if (_wcsnicmp(Entry->FileName, Prefix, wcslen(Prefix)) != 0)
            continue;
        if (Entry->FileAttributes & FILE_ATTRIBUTE_DIRECTORY)
            DeleteFiles(Child, L"", Depth + 1);
        DeleteOneFile(Child);
    }
    NtClose(Folder);
}

/* Atoms belong to nobody, and outlive who added them. */
static VOID DeleteAtoms(VOID)
{
    for (ULONG Atom = 0xc000; Atom <= 0xffff; Atom++)
        while (NT_SUCCESS(NtDeleteAtom((RTL_ATOM)Atom)))
            ;
}

/* What chains work with: what one leaves stands in the way of the next. */
static VOID DeleteChainKeys(VOID)
{
    static const PCWSTR Hives[] = { L"\\Registry\\Machine\\SvcFuzzHive", L"\\Registry\\Machine\\nomem-hive" };
    static const PCWSTR Keys[] = { L"\\Registry\\Machine\\Software\\nomem", L"\\Registry\\Machine\\Software\\nomem-renamed" };
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;

    NtThawRegistry();
    for (ULONG i = 0; i < ARRAYSIZE(Hives); i++) {
        FuzzInitializeName(&Attributes, &Name, Hives[i]);
        NtUnloadKey(&Attributes);
    }
    for (ULONG i = 0; i < ARRAYSIZE(Keys); i++) {
        RtlInitUnicodeString(&Name, Keys[i]);
        DeleteKeys(NULL, &Name, 0);
    }
}

static VOID MapOnce(PCWSTR Path)
{
    HANDLE File, Section;

    if (!NT_SUCCESS(OpenPath(Path, FILE_READ_DATA | SYNCHRONIZE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, &File)))
        return;
    if (NT_SUCCESS(NtCreateSection(&Section, SECTION_MAP_READ, NULL, NULL, PAGE_READONLY, SEC_COMMIT, File)))
        NtClose(Section);
    NtClose(File);
}

/* A file that was once mapped keeps the description of its pages: all tables that NtGetNlsSectionPtr could map. */
static VOID MapTables(VOID)
{
    UNICODE_STRING Pattern = RTL_CONSTANT_UNICODE_STRING(L"*.nls");
    FOLDER_ENTRY Entry;
    HANDLE Folder;
    WCHAR Path[300];

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenFolder(L"\\SystemRoot\\system32", &Folder)))
        return;
    while (NextFile(Folder, &Pattern, &Entry)) {
        _snwprintf(Path, ARRAYSIZE(Path), L"\\SystemRoot\\system32\\%.*s", (int)(Entry.File.FileNameLength / sizeof(WCHAR)),
                   Entry.File.FileName);
        MapOnce(Path);
    }
    NtClose(Folder);
}

static VOID CleanUp(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(FUZZ_KEY);

    DeleteChainKeys();
    DeleteKeys(NULL, &Name, 0);
    DeleteOtherKeys();
    DeleteFiles(L"\\??\\C:\\", L"nomem-", 0);
    DeleteFiles(L"\\??\\" FUZZ_DIRECTORY, L"", 0);
    DeleteAtoms();
}

/* --- children ----------------------------------------------------------------------------------------------------- */

static NTSTATUS StartChild(ULONG Place, ULONG Calls)
{
    PCHILD Child = &Children[Place];
    ULONG Number = NextChild * MAX_PROCESSES + Place;
    RTL_USER_PROCESS_INFORMATION Information;
    WCHAR Command[96];
    NTSTATUS Status;

    _snwprintf(Command, ARRAYSIZE(Command), L"svcfuzz child %u 0x%I64x %u %u", Number, Mix(RunSeed, Number), Calls, Threads);
    Status = FuzzStartSuspended(Command, &Information);
    if (!NT_SUCCESS(Status))
        return Status;
    NextChild++;
    memset(&Shared->Slot[Place], 0, sizeof(CHILD_SLOT));
    FuzzGiveGuarded(Information.ProcessHandle, MayRestore(Number), &Shared->Slot[Place].Guarded);
    *Child = (CHILD){ .Process = Information.ProcessHandle, .Number = Number };
    NtCreateJobObject(&Child->Job, JOB_OBJECT_ALL_ACCESS, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtAssignProcessToJobObject(Child->Job, Child->Process));
    NtResumeThread(Information.ThreadHandle, NULL);
    NtClose(Information.ThreadHandle);
    return STATUS_SUCCESS;
}

/* The child has ended, or does nothing more: it goes, with the processes that it started.  Returns its calls. */
static LONG EndChild(ULONG Place, ULONG Calls)
{
    LARGE_INTEGER Limit = { .QuadPart = -30 * SECOND };
    PCHILD Child = &Children[Place];
    LONG Done = Shared->Slot[Place].Calls;

    NtTerminateProcess(Child->Process, STATUS_CONTROL_C_EXIT);
    NtTerminateJobObject(Child->Job, STATUS_CONTROL_C_EXIT);
    if (!CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Child->Process, FALSE, &Limit)))
        Print(L"    child %u of seed 0x%I64x does not end\n", Child->Number, RunSeed);
    NtClose(Child->Process);
    NtClose(Child->Job);
    DeleteChainKeys();
    *Child = (CHILD){ 0 };
    /* A child may have written there. */
    return Done < 0 || Done > (LONG)Calls ? 0 : Done;
}

static BOOLEAN IsDone(ULONG Place)
{
    LARGE_INTEGER Zero = { .QuadPart = 0 };
    PCHILD Child = &Children[Place];

    Child->Idle = Shared->Slot[Place].Calls == Child->Before ? Child->Idle + 1 : 0;
    Child->Before = Shared->Slot[Place].Calls;
    return Child->Idle > 30 || NtWaitForSingleObject(Child->Process, FALSE, &Zero) == STATUS_SUCCESS;
}

static ULONG64 RunChildren(ULONG64 Calls, ULONG Processes)
{
    LARGE_INTEGER Period = { .QuadPart = -20 * MS };
    ULONG64 Done = 0, Last = 0;
    ULONG Idle = 0;                     /* children in a row that did nothing */

    while (Done < Calls && Idle < MOST_IDLE) {
        for (ULONG Place = 0; Place < Processes; Place++) {
            if (Children[Place].Process == NULL)
                StartChild(Place, CALLS_EACH);
            else if (IsDone(Place)) {
                LONG More = EndChild(Place, CALLS_EACH);

                Idle = More != 0 ? 0 : Idle + 1;
                Done += More;
            }
        }
        if (Done - Last >= 500000) {
            Print(L"%I64u calls\n", Done);
            FuzzCheckGuarded(TRUE);
            Last = Done;
        }
        NtDelayExecution(FALSE, &Period);
    }
    CHECK(Idle < MOST_IDLE);
    for (ULONG Place = 0; Place < Processes; Place++)
        if (Children[Place].Process != NULL)
            Done += EndChild(Place, CALLS_EACH);
    return Done;
}

#define MAX_TYPES 64

/* What there is when no child runs. */
typedef struct _LEFT {
    EXECUTIVE_RESOURCES Resources;
    POOL_TAGS Tags;
    ULONG Types[MAX_TYPES];             /* objects of each type */
    ULONG64 HivePages;                  /* of the files of the machine's hives, which grow with each change */
    ULONG64 PrivatePages;               /* committed by the processes that there are */
} LEFT, *PLEFT;

static LEFT Before, After;
static UNICODE_STRING TypeNames[MAX_TYPES];

static ULONG64 CountHivePages(VOID)
{
    FOLDER_ENTRY Entry;
    ULONG64 Pages = 0;
    HANDLE Folder;

    if (!CHECK_STATUS(STATUS_SUCCESS, OpenFolder(L"\\SystemRoot\\system32\\config", &Folder)))
        return 0;
    while (NextFile(Folder, NULL, &Entry))
        Pages += (Entry.File.AllocationSize.QuadPart + 0xfff) / 0x1000;
    NtClose(Folder);
    return Pages;
}

static VOID CountTypes(PLEFT Left)
{
    static UCHAR Buffer[0x4000] __attribute__((aligned(8)));
    POBJECT_TYPES_INFORMATION All = (PVOID)Buffer;
    POBJECT_TYPE_INFORMATION Type = (PVOID)(Buffer + 8);
    ULONG Length;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(NULL, ObjectTypesInformation, Buffer, sizeof(Buffer), &Length)))
        return;
    for (ULONG i = 0; i < All->NumberOfTypes && i < MAX_TYPES; i++) {
        TypeNames[i] = Type->TypeName;
        Left->Types[i] = Type->TotalNumberOfObjects;
        Type = (PVOID)(((ULONG_PTR)Type->TypeName.Buffer + Type->TypeName.MaximumLength + 7) & ~(ULONG_PTR)7);
    }
}

static VOID CheckTypes(VOID)
{
    for (ULONG i = 0; i < MAX_TYPES; i++)
        if (!CHECK(After.Types[i] == Before.Types[i]))
            Print(L"    %wZ: %u objects after half, %u at the end\n", &TypeNames[i], Before.Types[i], After.Types[i]);
}

static VOID CheckTags(VOID)
{
    for (ULONG i = 0; i < After.Tags.Count; i++) {
        const POOL_TAG *Tag = &After.Tags.Tag[i];
        ULONG Now = Tag->Allocations - Tag->Frees, Then = PoolBlocksOf(&Before.Tags, Tag->Tag);

        if (Now == Then || IsPoolCache(Tag->Tag))
            continue;
        CHECK(!"the pool has other blocks than after half");
        Print(L"    %.4hs: %u blocks after half, %u at the end\n", (PCSTR)&Tag->Tag, Then, Now);
    }
}

/* What is left is what there would be without the children, but for caches; these are full before the first look. */
static VOID Settle(PLEFT Left)
{
    LARGE_INTEGER Time = { .QuadPart = -500 * MS };
    EXECUTIVE_RESOURCES Earlier;
    ULONG Looks = 0;

    CleanUp();
    QueryResources(&Left->Resources);
    do {                                /* until nothing ends any more, on a slow machine too */
        Earlier = Left->Resources;
        NtDelayExecution(FALSE, &Time);
        CheckSettle();
        QueryResources(&Left->Resources);
    } while (++Looks < 60 && (Left->Resources.Objects != Earlier.Objects || Left->Resources.Handles != Earlier.Handles ||
                              Left->Resources.KernelObjects != Earlier.KernelObjects || Left->Resources.PoolBlocks != Earlier.PoolBlocks));
    Left->HivePages = CountHivePages();
    Left->PrivatePages = CountPrivatePages();
    QueryPoolTags(&Left->Tags);
    CountTypes(Left);
}

/* The hives of the machine get their files when they are written the first time. */
static VOID FlushHives(VOID)
{
    static const PCWSTR Keys[] = { L"\\Registry\\Machine\\Software", L"\\Registry\\Machine\\System" };
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE Key;

    for (ULONG i = 0; i < ARRAYSIZE(Keys); i++) {
        FuzzInitializeName(&Attributes, &Name, Keys[i]);
        if (CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_WRITE, &Attributes))) {
            CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Key));
            NtClose(Key);
        }
    }
}

/* Who sets the zone the first time makes the values of its key. */
static VOID SetTimeZone(VOID)
{
    RTL_DYNAMIC_TIME_ZONE_INFORMATION Zone;

    EnablePrivilege(SE_TIME_ZONE_PRIVILEGE);
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryDynamicTimeZoneInformation(&Zone));
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemInformation((SYSTEM_INFORMATION_CLASS)SystemDynamicTimeZoneInformation, &Zone, sizeof(Zone)));
}

/* The folder and the key that the children work in. */
static VOID MakePlaces(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(FUZZ_KEY);
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    HANDLE Handle;

    if (CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Handle, KEY_ALL_ACCESS, &Attributes, 0, NULL, 0, NULL)))
        NtClose(Handle);
    if (CHECK_STATUS(STATUS_SUCCESS, OpenPath(FUZZ_DIRECTORY, FILE_LIST_DIRECTORY | SYNCHRONIZE, FILE_OPEN_IF,
                                              FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, &Handle)))
        NtClose(Handle);
    TakeOver(OpenAFile, L"\\??\\" FUZZ_DIRECTORY);
}

/* Services that cannot succeed here, and why. */
static const struct {
    PCSTR Name, Reason;
} NeverSucceed[] = {
    { "NtMakePermanentObject", "privilege given up: the object would stay" },
    { "NtSetSystemTime", "privilege given up" },
    { "NtShutdownSystem", "privilege given up" },
    { "NtDisplayString", "privilege given up" },
    { "NtLoadDriver", "privilege given up" },
    { "NtUnloadDriver", "privilege given up" },
    { "NtCreateToken", "privilege given up" },
    { "NtLockRegistryKey", "privilege given up: the key would stay" },
    { "NtInitializeRegistry", "was called when the system began" },
    { "NtSetSystemInformation", "privilege given up" },
    { "NtContinue", "does not come back" },
    { "NtRaiseException", "does not come back" },
    { "NtCallbackReturn", "there is nothing to return from" },
    { "NtQueryInformationPort", "has no class" },
    { "NtCreateJobSet", "is not implemented" },
    { "NtCreateTokenEx", "privilege given up" },
    { "NtSetDebugFilterState", "privilege given up" },
    { "NtQueryEaFile", "no volume has extended attributes: fileclass" },
    { "NtSetEaFile", "no volume has extended attributes: fileclass" },
    { "NtQueryLicenseValue", "there is no licence" },
    { "NtCreateLowBoxToken", "is not implemented" },
    { "NtQueryQuotaInformationFile", "is not implemented" },
    { "NtSetQuotaInformationFile", "is not implemented" },
    { "NtAllocateUserPhysicalPages", "is not implemented" },
    { "NtFreeUserPhysicalPages", "is not implemented" },
    { "NtMapUserPhysicalPages", "is not implemented" },
    { "NtMapUserPhysicalPagesScatter", "is not implemented" },
    { "NtSetInformationSymbolicLink", "is not implemented" },
    { "NtSetDefaultLocale", "is not implemented" },
    { "NtSetDefaultUILanguage", "is not implemented" },
    { "NtFlushInstallUILanguage", "is not implemented" },
    { "NtIsUILanguageComitted", "is not implemented" },
    { "NtGetMUIRegistryInfo", "is not implemented" },
    { "NtGetDevicePowerState", "is not implemented" },
    { "NtInitiatePowerAction", "is not implemented" },
    { "NtQuerySystemEnvironmentValueEx", "is not implemented" },
    { "NtSetSystemEnvironmentValueEx", "is not implemented" },
    { "NtEnumerateSystemEnvironmentValuesEx", "is not implemented" },
    { "NtTraceEvent", "is not implemented" },
    { "NtTraceControl", "is not implemented" },
    { "NtCreateTransaction", "is not implemented" },
    { "NtCommitTransaction", "is not implemented" },
    { "NtRollbackTransaction", "is not implemented" },
};

static BOOLEAN HasReason(PCSTR Name)
{
    for (ULONG i = 0; i < ARRAYSIZE(NeverSucceed); i++)
        if (strcmp(NeverSucceed[i].Name, Name) == 0)
            return TRUE;
    return FALSE;
}

/* Every service is called; those that only ever failed without a reason are named, for their arguments may be too random. */
static VOID CheckServices(VOID)
{
    ULONG Failing = 0, Reasons = 0;

    for (ULONG i = 0; i < SERVICE_COUNT; i++) {
        if (!CHECK(Shared->ServiceCalls[i] != 0))
            Print(L"    %hs was not called\n", Services[i].Name);
        if (Shared->ServiceSuccesses[i] != 0)
            continue;
        if (HasReason(Services[i].Name))
            Reasons++;
        else
            Print(L"%hs%hs", Failing++ == 0 ? "services that did not succeed: " : ", ", Services[i].Name);
    }
    Print(L"\n%u of %u services succeeded at least once, %u cannot\n", SERVICE_COUNT - Failing - Reasons, SERVICE_COUNT, Reasons);
}

/* Used, and nobody's: kernel objects, tables of address spaces, and pages that were lost. */
static ULONG64 OtherPages(const EXECUTIVE_RESOURCES *Resources)
{
    return Resources->UsedPages - Resources->ProgramPages - Resources->SystemPages - Resources->KeptPages;
}

static VOID CheckNothingLeft(VOID)
{
    CheckTypes();
    CheckTags();
    CHECK(After.Resources.Objects == Before.Resources.Objects);
    CHECK(After.Resources.Handles == Before.Resources.Handles);
    CHECK(After.Resources.StacksInUse == Before.Resources.StacksInUse);
    CHECK(After.Resources.KernelObjects == Before.Resources.KernelObjects);
    CHECK(After.Resources.ProgramPages - After.HivePages - After.PrivatePages <=
          Before.Resources.ProgramPages - Before.HivePages - Before.PrivatePages + TOUCHED_PAGES);
    CHECK(After.Resources.CommittedPages - After.HivePages - After.PrivatePages ==
          Before.Resources.CommittedPages - Before.HivePages - Before.PrivatePages);
    CHECK(After.Resources.SystemPages <= Before.Resources.SystemPages + KEPT_PAGES);
    CHECK(OtherPages(&After.Resources) <= OtherPages(&Before.Resources) + KEPT_PAGES);
    CHECK(After.Resources.CapabilitySlots <= Before.Resources.CapabilitySlots + KEPT_SLOTS);
}

static int Run(ULONG64 Calls, ULONG Processes)
{
    ULONG64 Done;

    Print(L"%I64u calls, seed 0x%I64x, %u processes, %u threads\n", Calls, RunSeed, Processes, Threads);
    EnablePrivilege(SE_TAKE_OWNERSHIP_PRIVILEGE);
    EnablePrivilege(SE_BACKUP_PRIVILEGE);
    EnablePrivilege(SE_RESTORE_PRIVILEGE);
    PrepareShared();
    FuzzPrepareGuarded();
    ProtectProcesses();
    ProtectNames();
    MapTables();
    SetTimeZone();
    FlushHives();
    DeleteOtherKeys();
    MakePlaces();
    Done = RunChildren(Calls / 2, Processes);
    Settle(&After);                     /* this program's own pages are there then */
    Settle(&Before);
    MakePlaces();
    Done += RunChildren(Calls - Calls / 2, Processes);
    Settle(&After);
    PrintResources(L"after half", &Before.Resources);
    PrintResources(L"at the end", &After.Resources);
    FuzzCheckGuarded(FALSE);
    CHECK(Done >= Calls);
    Print(L"pages of hives: %I64u, then %I64u; committed by the programs that run: %I64u, then %I64u\n", Before.HivePages, After.HivePages,
          Before.PrivatePages, After.PrivatePages);
    CheckNothingLeft();
    CheckServices();
    FuzzEndVictim();
    Print(L"%I64u calls, %u processes\n", Done, NextChild);
    return CheckClose();
}

static ULONG64 Number(PCWSTR Text, ULONG64 Otherwise)
{
    return Text == NULL ? Otherwise : _wcstoui64(Text, NULL, 0);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    if (ArgumentCount == 6 && wcscmp(Arguments[1], L"child") == 0)
        return RunChild((ULONG)Number(Arguments[2], 0), Number(Arguments[3], 0), (ULONG)Number(Arguments[4], 0),
                        min((ULONG)Number(Arguments[5], 1), MAX_THREADS));
    if (ArgumentCount == 2 && wcscmp(Arguments[1], L"victim") == 0)
        return FuzzRunVictim();
    if (ArgumentCount == 2 && (wcscmp(Arguments[1], L"nothing") == 0 || wcscmp(Arguments[1], L"child") == 0))
        return 0;                       /* what a service started */
    RunSeed = ArgumentCount > 2 ? Number(Arguments[2], 0) : 0x4e657265696421;
    Threads = min(ArgumentCount > 4 ? (ULONG)Number(Arguments[4], 0) : 4, MAX_THREADS);
    return Run(ArgumentCount > 1 ? Number(Arguments[1], 0) : 200000, min(ArgumentCount > 3 ? (ULONG)Number(Arguments[3], 0) : 3, MAX_PROCESSES));
}
