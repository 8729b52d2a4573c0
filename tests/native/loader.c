/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The loader: imports, order of entry points, forwarders, numbers, relocation, thread-local storage, unloading, errors;
 * counts of uses, callbacks for modules that come and go, names of modules, their nodes, thread callouts, unloading behind a callback, 300 modules.
 * Its DLLs are loader-a.dll (imports from the other) and loader-b.dll, beside the program.
 * With: tests/loader-a.dll tests/loader-b.dll.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "ntdll/ddag.h"

static ULONG (*ACount)(ULONG);
static ULONG *(*ATls)(void);
static volatile ULONG TlsOfThread, *TlsPlaceOfThread;

static PVOID Load(PCWSTR Name, NTSTATUS Expected)
{
    UNICODE_STRING String;
    PVOID Base = NULL;

    RtlInitUnicodeString(&String, Name);
    CHECK_STATUS(Expected, LdrLoadDll(NULL, NULL, &String, &Base));
    return Base;
}

static PVOID Export(PVOID Base, PCSZ Name, ULONG Ordinal)
{
    ANSI_STRING String;
    PVOID Address = NULL;

    RtlInitAnsiString(&String, Name);
    LdrGetProcedureAddress(Base, Name != NULL ? &String : NULL, Ordinal, &Address);
    return Address;
}

static BOOLEAN IsLoaded(PCWSTR Name)
{
    UNICODE_STRING String;
    PVOID Base;

    RtlInitUnicodeString(&String, Name);
    return NT_SUCCESS(LdrGetDllHandleEx(LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT, NULL, NULL, &String, &Base));
}

static NTSTATUS NTAPI Thread(PVOID Argument)
{
    TlsPlaceOfThread = ATls();
    TlsOfThread = *TlsPlaceOfThread;
    *TlsPlaceOfThread = 5;
    return STATUS_SUCCESS;
}

static VOID TestExports(PVOID A)
{
    ULONG (*Forward)(ULONG) = Export(A, "AForward", 0);
    SIZE_T (*Length)(PCWSTR) = Export(A, "ALength", 0);
    ULONG (*ByNumber)(void) = Export(A, NULL, 7);
    ULONG (*OfB)(ULONG) = Export(A, "AOfB", 0);
    ANSI_STRING Missing;
    PVOID Address;

    CHECK(ACount != NULL && ACount(DLL_PROCESS_ATTACH) == 1);
    CHECK(ACount(100) == 1);
    CHECK(ACount(101) == 1);
    CHECK(OfB != NULL && OfB(DLL_PROCESS_ATTACH) == 1);
    CHECK(Forward != NULL && Forward(DLL_PROCESS_ATTACH) == 1);
    CHECK(Length != NULL && Length(L"four") == 4);
    CHECK(ByNumber != NULL && ByNumber() == 42);
    RtlInitAnsiString(&Missing, "Nothing");
    CHECK_STATUS(IsWine ? STATUS_PROCEDURE_NOT_FOUND : STATUS_ENTRYPOINT_NOT_FOUND,
                 LdrGetProcedureAddress(A, &Missing, 0, &Address));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrGetProcedureAddress((PVOID)0x1000, &Missing, 0, &Address));
}

static VOID TestTls(VOID)
{
    HANDLE Handle;

    if (!CHECK(ATls != NULL))
        return;
    CHECK(*ATls() == 0x2222);
    *ATls() = 3;
    if (!CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, Thread, NULL,
                                                          &Handle, NULL)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Handle, FALSE, NULL));
    NtClose(Handle);
    CHECK(TlsOfThread == 0x2222 && TlsPlaceOfThread != ATls() && *ATls() == 3);
    CHECK(ACount(DLL_THREAD_ATTACH) == 1 && ACount(DLL_THREAD_DETACH) == 1);
}

static VOID TestLists(PVOID A)
{
    PLDR_DATA_TABLE_ENTRY Entry = NULL;
    PPEB_LDR_DATA Ldr = NtCurrentPeb()->Ldr;
    PLDR_DATA_TABLE_ENTRY First = CONTAINING_RECORD(Ldr->InLoadOrderModuleList.Flink, LDR_DATA_TABLE_ENTRY,
            InLoadOrderLinks);
    PLDR_DATA_TABLE_ENTRY Second = CONTAINING_RECORD(First->InLoadOrderLinks.Flink, LDR_DATA_TABLE_ENTRY,
            InLoadOrderLinks);

    CHECK(First->DllBase == NtCurrentPeb()->ImageBaseAddress);
    CHECK(_wcsicmp(Second->BaseDllName.Buffer, L"ntdll.dll") == 0);
    CHECK_STATUS(STATUS_SUCCESS, LdrFindEntryForAddress((PUCHAR)A + 0x1000, &Entry));
    CHECK(Entry != NULL && Entry->DllBase == A && _wcsicmp(Entry->BaseDllName.Buffer, L"loader-a.dll") == 0);
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES, LdrFindEntryForAddress((PVOID)0x10, &Entry));
}

static PLDR_DATA_TABLE_ENTRY EntryOf(PVOID Base)
{
    PLDR_DATA_TABLE_ENTRY Entry = NULL;

    CHECK_STATUS(STATUS_SUCCESS, LdrFindEntryForAddress(Base, &Entry));
    return Entry;
}

/* What process viewers show of each module: A was loaded by a call, B because A imports from it, ntdll with the program. */
static VOID TestNodes(PVOID A, PVOID B)
{
    PLDR_DATA_TABLE_ENTRY OfA = EntryOf(A), OfB = EntryOf(B), Program = EntryOf(NtCurrentPeb()->ImageBaseAddress);
    PLDR_DATA_TABLE_ENTRY Ntdll = CONTAINING_RECORD(Program->InLoadOrderLinks.Flink, LDR_DATA_TABLE_ENTRY, InLoadOrderLinks);
    PVOID Again;
    ULONG Uses;

    if (!CHECK(OfA != NULL && OfB != NULL))
        return;
    if (!CHECK(OfA->DdagNode != NULL && OfB->DdagNode != NULL && Ntdll->DdagNode != NULL && Program->DdagNode != NULL))
        return;
    CHECK(OfA->DdagNode->Modules.Flink == &OfA->NodeModuleLink && OfA->NodeModuleLink.Flink == &OfA->DdagNode->Modules);
    TODO(OnWine, CHECK(Ntdll->DdagNode->LoadCount == MAXDWORD && Program->DdagNode->LoadCount == MAXDWORD));
    Uses = OfA->DdagNode->LoadCount;
    TODO(OnWine, CHECK(Uses != 0 && Uses != MAXDWORD));
    Again = Load(L"loader-a.dll", STATUS_SUCCESS);
    CHECK(Again == A);
    TODO(OnWine, CHECK(OfA->DdagNode->LoadCount == Uses + 1));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(A));
    CHECK(OfA->DdagNode->LoadCount == Uses);
    TODO(OnWine, CHECK(OfA->DdagNode->State == LdrModulesReadyToRun && OfB->DdagNode->State == LdrModulesReadyToRun));
    TODO(OnWine, CHECK(OfA->LoadReason == LoadReasonDynamicLoad && OfA->ParentDllBase == NULL));
    TODO(OnWine, CHECK(OfB->LoadReason == LoadReasonStaticDependency && OfB->ParentDllBase == A));
    for (ULONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(Ntdll->DllBase));
    CHECK(IsLoaded(L"ntdll.dll"));
}

static NTSTATUS NTAPI WaitForEver(PVOID Argument)
{
    LARGE_INTEGER Long = { .QuadPart = -3600 * 10000000ll };

    return NtDelayExecution(FALSE, &Long);
}

/* Blocks of the process's heap that are in use. */
static ULONG BusyBlocks(VOID)
{
    RTL_HEAP_WALK_ENTRY Walk = { 0 };
    ULONG Busy = 0;

    RtlLockHeap(RtlProcessHeap());
    while (RtlWalkHeap(RtlProcessHeap(), &Walk) == STATUS_SUCCESS)
        Busy += (Walk.Flags & RTL_HEAP_WALK_BUSY) != 0;
    RtlUnlockHeap(RtlProcessHeap());
    return Busy;
}

/* A thread that is terminated leaves its storage behind.  Another one at the same TEB takes the place, and frees its own. */
static VOID TestTlsOfTerminated(VOID)
{
    ULONG Before = 0, After;

    for (ULONG Round = 0; Round < 20; Round++) {
        HANDLE Sleeper = CheckStartThread((PVOID)WaitForEver, NULL);

        CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Sleeper, STATUS_SUCCESS));
        CheckJoinThread(Sleeper, NULL);
        CheckJoinThread(CheckStartThread((PVOID)Thread, NULL), NULL);
        if (Round == 4)
            Before = BusyBlocks();
    }
    After = BusyBlocks();
    if (!CHECK(TlsOfThread == 0x2222 && After <= Before + 8))
        Print(L"    %u blocks, then %u\n", Before, After);
}

/* --- uses, names, threads ---------------------------------------------------------------------------------------- */

static NTSTATUS NTAPI EmptyThread(PVOID Argument)
{
    return STATUS_SUCCESS;
}

static VOID RunThread(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(CheckStartThread((PVOID)EmptyThread, NULL), NULL));
}

static VOID TestUses(VOID)
{
    PVOID B = Load(L"loader-b.dll", STATUS_SUCCESS);

    if (!IsWine)            /* it takes any flag */
        CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrAddRefDll(0x100, B));
    CHECK_STATUS(STATUS_SUCCESS, LdrAddRefDll(0, B));
    CHECK_STATUS(STATUS_SUCCESS, LdrAddRefDll(0, B));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
    CHECK(IsLoaded(L"loader-b.dll"));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
    CHECK(!IsLoaded(L"loader-b.dll"));
    CHECK(!NT_SUCCESS(LdrAddRefDll(0, B)) && !NT_SUCCESS(LdrAddRefDll(0, (PVOID)0x123450)));
    CHECK(!NT_SUCCESS(LdrAddRefDll(0, NULL)));
}

static VOID TestFullNames(PVOID A)
{
    WCHAR Buffer[300], *Slash;
    UNICODE_STRING Name = { 0, sizeof(Buffer), Buffer }, Own = NtCurrentPeb()->ProcessParameters->ImagePathName;
    USHORT Length;

    CHECK_STATUS(STATUS_SUCCESS, LdrGetDllFullName(A, &Name));
    Buffer[Name.Length / sizeof(WCHAR)] = 0;
    Slash = wcsrchr(Buffer, '\\');
    CHECK(Slash != NULL && _wcsicmp(Slash + 1, L"loader-a.dll") == 0 && Buffer[1] == ':');
    Length = Name.Length;
    Name.MaximumLength = Length;            /* no room for the zero */
    memset(Buffer, 0x55, sizeof(Buffer));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, LdrGetDllFullName(A, &Name));
    CHECK(Name.Length == Length && Buffer[Length / sizeof(WCHAR)] == 0x5555);
    Name.MaximumLength = 8;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, LdrGetDllFullName(A, &Name));
    CHECK(Name.Length == 8 && Buffer[4] != 0);
    Name.MaximumLength = sizeof(Buffer);
    CHECK_STATUS(STATUS_SUCCESS, LdrGetDllFullName(NULL, &Name));
    CHECK(RtlEqualUnicodeString(&Name, &Own, TRUE));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrGetDllFullName((PUCHAR)A + 0x1000, &Name));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrGetDllFullName((PVOID)0x123450, &Name));
}

/* A has static thread-local storage: its entry point is called for threads whatever it wants. */
static VOID TestThreadCallouts(PVOID A)
{
    PVOID B = Load(L"loader-b.dll", STATUS_SUCCESS);
    ULONG (*BCount)(ULONG) = Export(B, "BCount", 0), Before = ACount(DLL_THREAD_ATTACH), OfB = BCount(DLL_THREAD_ATTACH);

    RunThread();
    CHECK(ACount(DLL_THREAD_ATTACH) == Before + 1 && BCount(DLL_THREAD_ATTACH) == OfB + 1);
    CHECK(BCount(DLL_THREAD_DETACH) == BCount(DLL_THREAD_ATTACH));
    CHECK_STATUS(STATUS_SUCCESS, LdrDisableThreadCalloutsForDll(B));
    CHECK_STATUS(STATUS_SUCCESS, LdrDisableThreadCalloutsForDll(B));
    RunThread();
    CHECK(BCount(DLL_THREAD_ATTACH) == OfB + 1 && BCount(DLL_THREAD_DETACH) == OfB + 1);
    CHECK(ACount(DLL_THREAD_ATTACH) == Before + 2);
    LdrDisableThreadCalloutsForDll(A);
    RunThread();
    CHECK(ACount(DLL_THREAD_ATTACH) == Before + 3);
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrDisableThreadCalloutsForDll((PVOID)0x123450));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrDisableThreadCalloutsForDll((PUCHAR)B + 0x1000));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
}

/* --- callbacks for modules that come and go ---------------------------------------------------------------------- */

static struct {
    ULONG Reason;
    PVOID Base;
    ULONG Size;
    WCHAR Name[16];
    BOOLEAN FullNameEnds, IsMapped;
} Told[8];
static ULONG ToldCount, OtherToldCount;
static PVOID OwnCookie, SecondCookie;

static VOID CALLBACK Tell(ULONG Reason, const LDR_DLL_NOTIFICATION_DATA *Data, PVOID Context)
{
    const LDR_DLL_LOADED_NOTIFICATION_DATA *Loaded = &Data->Loaded;

    if (ToldCount >= ARRAYSIZE(Told) || Context != (PVOID)0x321)
        return;
    Told[ToldCount].Reason = Reason;
    Told[ToldCount].Base = Loaded->DllBase;
    Told[ToldCount].Size = Loaded->SizeOfImage;
    Told[ToldCount].FullNameEnds = Loaded->FullDllName->Length > Loaded->BaseDllName->Length;
    Told[ToldCount].IsMapped = RtlImageNtHeader(Loaded->DllBase)->Signature == IMAGE_NT_SIGNATURE;
    memcpy(Told[ToldCount].Name, Loaded->BaseDllName->Buffer, min(Loaded->BaseDllName->Length, sizeof(Told[0].Name) - 2));
    ToldCount++;
}

/* Takes itself away. */
static VOID CALLBACK TellOnce(ULONG Reason, const LDR_DLL_NOTIFICATION_DATA *Data, PVOID Context)
{
    OtherToldCount++;
    CHECK_STATUS(STATUS_SUCCESS, LdrUnregisterDllNotification(SecondCookie));
}

static BOOLEAN WasTold(ULONG Index, ULONG Reason, PCWSTR Name, PVOID Base)
{
    return Index < ToldCount && Told[Index].Reason == Reason && Told[Index].Base == Base && Told[Index].FullNameEnds &&
           Told[Index].IsMapped && _wcsicmp(Told[Index].Name, Name) == 0 && Told[Index].Size >= 0x2000;
}

static VOID TestNotifications(VOID)
{
    PVOID A, B;

    if (!IsWine)            /* "must be zero" */
        CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrRegisterDllNotification(1, Tell, NULL, &OwnCookie));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrRegisterDllNotification(0, NULL, NULL, &OwnCookie));
    CHECK_STATUS(STATUS_SUCCESS, LdrRegisterDllNotification(0, TellOnce, NULL, &SecondCookie));
    CHECK_STATUS(STATUS_SUCCESS, LdrRegisterDllNotification(0, Tell, (PVOID)0x321, &OwnCookie));
    A = Load(L"loader-a.dll", STATUS_SUCCESS);
    B = Load(L"loader-b.dll", STATUS_SUCCESS);      /* there already: nobody is told */
    CHECK(ToldCount == 2 && OtherToldCount == 1);
    CHECK(WasTold(0, LDR_DLL_NOTIFICATION_REASON_LOADED, L"loader-b.dll", B));      /* what others need comes first */
    CHECK(WasTold(1, LDR_DLL_NOTIFICATION_REASON_LOADED, L"loader-a.dll", A));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
    CHECK(ToldCount == 2);
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(A));
    CHECK(ToldCount == 4);
    CHECK(WasTold(2, LDR_DLL_NOTIFICATION_REASON_UNLOADED, L"loader-a.dll", A));
    CHECK(WasTold(3, LDR_DLL_NOTIFICATION_REASON_UNLOADED, L"loader-b.dll", B));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnregisterDllNotification(OwnCookie));
    if (!IsWine) {          /* it believes every cookie */
        CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrUnregisterDllNotification(OwnCookie));
        CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrUnregisterDllNotification(SecondCookie));
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrUnregisterDllNotification(NULL));
    B = Load(L"loader-b.dll", STATUS_SUCCESS);
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
    CHECK(ToldCount == 4 && OtherToldCount == 1);
}

/* --- unloading behind a callback --------------------------------------------------------------------------------- */

static PVOID PoolDll;
static volatile LONG PoolCalls;
static volatile BOOLEAN LoadedInCallback;

static VOID NTAPI UnloadBehind(PTP_CALLBACK_INSTANCE Instance, PVOID Context)
{
    TpCallbackUnloadDllOnCompletion(Instance, PoolDll);
    TpCallbackUnloadDllOnCompletion(Instance, (PVOID)0x123450);     /* only the first one counts */
    LoadedInCallback = IsLoaded(L"loader-b.dll");
    InterlockedIncrement(&PoolCalls);
}

static VOID TestUnloadBehindCallback(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -100000 };

    PoolDll = Load(L"loader-b.dll", STATUS_SUCCESS);
    CHECK_STATUS(STATUS_SUCCESS, TpSimpleTryPost(UnloadBehind, NULL, NULL));
    for (ULONG Wait = 0; Wait < 1000 && (PoolCalls == 0 || IsLoaded(L"loader-b.dll")); Wait++)
        NtDelayExecution(FALSE, &Short);
    CHECK(PoolCalls == 1 && LoadedInCallback && !IsLoaded(L"loader-b.dll"));
}

/* --- many modules ------------------------------------------------------------------------------------------------ */

#define MANY 300
#define GROUP 50
static PVOID ManyBases[MANY];
static UCHAR ManyBytes[0x10000];

static NTSTATUS OpenFile(PCUNICODE_STRING Name, ACCESS_MASK Access, ULONG Disposition, ULONG Options, PHANDLE File)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;

    InitializeObjectAttributes(&Attributes, (PUNICODE_STRING)Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreateFile(File, Access | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL,
                        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, Disposition,
                        FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE | Options, NULL, 0);
}

static ULONG ReadSelf(PVOID Module)
{
    WCHAR Path[300];
    UNICODE_STRING Name = { 0, sizeof(Path) - 2, Path }, NtName;
    IO_STATUS_BLOCK IoStatus = { .Information = 0 };
    HANDLE File;

    LdrGetDllFullName(Module, &Name);
    Path[Name.Length / sizeof(WCHAR)] = 0;
    RtlDosPathNameToNtPathName_U(Path, &NtName, NULL, NULL);
    if (!CHECK_STATUS(STATUS_SUCCESS, OpenFile(&NtName, FILE_READ_DATA, FILE_OPEN, 0, &File)))
        return 0;
    NtReadFile(File, NULL, NULL, NULL, &IoStatus, ManyBytes, sizeof(ManyBytes), NULL, NULL);
    NtClose(File);
    RtlFreeUnicodeString(&NtName);
    return (ULONG)IoStatus.Information;
}

/* The file of module Index; Length 0: deletes it. */
static NTSTATUS MakeFile(ULONG Index, ULONG Length)
{
    WCHAR Path[40];
    UNICODE_STRING Name;
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;
    NTSTATUS Status;

    _snwprintf(Path, ARRAYSIZE(Path), L"\\??\\C:\\many-%u.dll", Index);
    RtlInitUnicodeString(&Name, Path);
    Status = OpenFile(&Name, Length != 0 ? FILE_WRITE_DATA : DELETE, Length != 0 ? FILE_OVERWRITE_IF : FILE_OPEN,
                      Length != 0 ? 0 : FILE_DELETE_ON_CLOSE, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Length != 0)
        Status = NtWriteFile(File, NULL, NULL, NULL, &IoStatus, ManyBytes, Length, NULL, NULL);
    NtClose(File);
    return Status;
}

static ULONG64 Ticks(VOID)
{
    LARGE_INTEGER Counter;

    NtQueryPerformanceCounter(&Counter, NULL);
    return (ULONG64)Counter.QuadPart;
}

/* Loads one, finds exports of it and of the first one, and the entry: the time. */
static ULONG64 LoadOne(ULONG Index)
{
    PLDR_DATA_TABLE_ENTRY Entry = NULL;
    UNICODE_STRING Name;
    ANSI_STRING Export;
    ULONG64 Before;
    NTSTATUS Status;
    PVOID Address;
    WCHAR Path[40];

    _snwprintf(Path, ARRAYSIZE(Path), L"C:\\many-%u.dll", Index);
    RtlInitUnicodeString(&Name, Path);
    RtlInitAnsiString(&Export, "BCount");
    Before = Ticks();
    Status = LdrLoadDll(NULL, NULL, &Name, &ManyBases[Index]);
    for (ULONG Time = 0; Time < 20 && NT_SUCCESS(Status); Time++) {
        Status = LdrGetProcedureAddress(ManyBases[Time % 2 ? Index : 0], &Export, 0, &Address);
        LdrFindEntryForAddress(Address, &Entry);
    }
    Before = Ticks() - Before;
    return NT_SUCCESS(Status) && Entry != NULL && Entry->DllBase == ManyBases[Index] ? Before : 0;
}

/* The time of a load does not grow with the number of modules.  The least of a group counts: it was not disturbed. */
static VOID TestMany(PVOID Module)
{
    ULONG Length = ReadSelf(Module), Loaded = 0, Made = 0;
    ULONG64 Least[MANY / GROUP];

    while (Made < MANY && NT_SUCCESS(MakeFile(Made, Length)))
        Made++;
    CHECK(Length >= 0x2000 && Made == MANY);
    for (ULONG Index = 0; Index < Made; Index++) {
        ULONG64 Time = LoadOne(Index);

        Loaded += Time != 0;
        if (Index % GROUP == 0 || Time < Least[Index / GROUP])
            Least[Index / GROUP] = Time;
    }
    CHECK(Loaded == MANY);
    if (!IsWine && !CHECK(Least[MANY / GROUP - 1] < 3 * Least[0]))
        Print(L"    %llu and %llu ticks\n", Least[0], Least[MANY / GROUP - 1]);
    Loaded = 0;
    for (ULONG Index = 0; Index < Made; Index++)
        Loaded += NT_SUCCESS(LdrUnloadDll(ManyBases[Index])) && !NT_SUCCESS(LdrUnloadDll(ManyBases[Index]));
    CHECK(Loaded == MANY && !IsLoaded(L"many-0.dll") && !IsLoaded(L"many-299.dll"));
    for (ULONG Index = 0; Index < Made; Index++)
        MakeFile(Index, 0);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    PVOID A, B, Again;
    const ULONG *(*BPointer)(void);

    CheckSystem();
    CHECK(!IsLoaded(L"loader-a.dll"));
    A = Load(L"loader-a", STATUS_SUCCESS);
    if (!CHECK(A != NULL))
        return CheckClose();
    ACount = Export(A, "ACount", 0);
    ATls = Export(A, "ATls", 0);
    TestExports(A);
    TestTls();
    TestLists(A);
    if (!IsWine)
        TestTlsOfTerminated();
    B = Load(L"LOADER-B.DLL", STATUS_SUCCESS);
    BPointer = Export(B, "BPointer", 0);
    CHECK(A != B && BPointer != NULL && *BPointer() == 77);
    TestNodes(A, B);
    Again = Load(L"loader-a.dll", STATUS_SUCCESS);
    CHECK(Again == A && ACount(DLL_PROCESS_ATTACH) == 1);
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(A));
    CHECK(IsLoaded(L"loader-a.dll"));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(A));
    CHECK(!IsLoaded(L"loader-a.dll") && IsLoaded(L"loader-b.dll"));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
    CHECK(!IsLoaded(L"loader-b.dll"));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrUnloadDll(B));
    TestNotifications();
    TestUses();
    TestUnloadBehindCallback();
    A = Load(L"loader-a", STATUS_SUCCESS);
    ACount = Export(A, "ACount", 0);
    TestFullNames(A);
    TestThreadCallouts(A);
    TestMany(Load(L"loader-b.dll", STATUS_SUCCESS));
    Load(L"no-such.dll", STATUS_DLL_NOT_FOUND);
    Load(L"C:\\no-such-directory\\x.dll", STATUS_DLL_NOT_FOUND);
    return CheckClose();
}
