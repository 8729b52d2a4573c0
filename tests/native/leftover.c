/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Nothing of ntos's stack and pool reaches a program: what lies between and behind the fields of an answer, the other half of a union,
 * the unused end of a list.
 *
 * A debug ntos fills variables (-ftrivial-auto-var-init=pattern) and pool blocks with one byte; EXECUTIVE_RESOURCES says which.  Two or
 * more of it in a row that a service has written are ntos's own.  (One alone may be a number; a time may have any.)
 *
 * Services are called by nomem's scenarios (nomem.h), which come here as they come to svcfuzz (fuzzchains.h): what the pointers of the
 * last calls point to is compared with what was there before.  Then each information class of the queries of errors-table.h is asked of
 * each object, with many lengths; then the stacks of an exception, of an APC and of a new thread are looked at.
 *
 * Runs on: Nereid, debug.  With: crash.sys.
 */
#include "errors.h"
#include "errors-table.h"
#include "fuzzchains.h"
#include "nomem.h"
#include "resources.h"
#include "services.h"

#define FILL 0x55
#define SNAPSHOT 0x1000
#define RECENT 24
#define LAST_CLASS 0x103                /* a byte and some */
#define MOST_REPORTS 8                  /* of a service */
#define MS 10000ll

/* Memory that a call has got, and what was in it. */
typedef struct _PLACE {
    ULONG Service, Argument;
    ULONG_PTR Second;                   /* argument of the call: mostly the class */
    PUCHAR Address;                     /* NULL: none */
    SIZE_T Length;
    UCHAR Before[SNAPSHOT];
} PLACE, *PPLACE;

static const SCENARIOS *const Families[] = { &ObjectScenarios, &MemoryScenarios, &FileScenarios,
        &KeyScenarios, &TokenScenarios, &ProcessScenarios, &PortScenarios, &AlpcScenarios, &SystemScenarios };

HANDLE NoMemPartner;
static PCSTR Running;                   /* the scenario */
static UCHAR Unwritten;                 /* in each byte of ntos's memory that it has not written */
static USHORT TimeNow;                  /* the highest part of a time of these years */
static RTL_CRITICAL_SECTION Lock;       /* of the four below */
static PLACE Recent[RECENT];
static UCHAR After[SNAPSHOT];
static ULONG NextPlace, Reports[SERVICE_COUNT], CallCount;
static UCHAR Answer[0x10000] __attribute__((aligned(16)));

/* --- what is ntos's ----------------------------------------------------------------------------------------------- */

/* The eight bytes around Data[Index], which lies at Address, may be a time. */
static BOOLEAN IsTime(const UCHAR *Data, SIZE_T Length, SIZE_T Index, const UCHAR *Address)
{
    SIZE_T Within = ((ULONG_PTR)Address + Index) % 8;

    return Index >= Within && Index - Within + 8 <= Length && memcmp(Data + Index - Within + 6, &TimeNow, sizeof(TimeNow)) == 0;
}

/* Two such bytes in a row in Data, a copy of what is at Address, that were not in Before (NULL: none was); Length: there are none. */
static SIZE_T FindUnwritten(const UCHAR *Data, const UCHAR *Before, SIZE_T Length, const UCHAR *Address)
{
    ULONG Run = 0;

    for (SIZE_T i = 0; i < Length; i++) {
        Run = Data[i] == Unwritten && (Before == NULL || Before[i] != Unwritten) && !IsTime(Data, Length, i, Address) ? Run + 1 : 0;
        if (Run == 2)
            return i - 1;
    }
    return Length;
}

static VOID Report(ULONG Service, ULONG Argument, ULONG_PTR Second, SIZE_T Offset)
{
    if (Reports[Service]++ >= MOST_REPORTS)
        return;
    CHECK(!"what a service writes is its answer");
    Print(L"    %hs (second argument 0x%Ix), argument %u: offset 0x%Ix is of ntos's memory\n", Services[Service].Name, Second, Argument,
          Offset);
}

/* --- calls of the scenarios --------------------------------------------------------------------------------------- */

static VOID Remember(ULONG Service, ULONG Count, const ULONG_PTR *Arguments)
{
    for (ULONG i = 0; i < Count; i++) {
        PPLACE Place = &Recent[NextPlace];

        if (Services[Service].Kinds[i] != 'P' || Arguments[i] == 0)
            continue;
        Place->Address = NULL;
        Place->Length = 0;
        NtReadVirtualMemory(NtCurrentProcess(), (PVOID)Arguments[i], Place->Before, SNAPSHOT, &Place->Length);
        if (Place->Length == 0)
            continue;
        Place->Service = Service;
        Place->Argument = i;
        Place->Second = Count > 1 ? Arguments[1] : 0;
        Place->Address = (PUCHAR)Arguments[i];
        NextPlace = (NextPlace + 1) % RECENT;
    }
}

/* The last first.  What is written later, when a request ends, counts as its service's. */
static VOID CheckRecent(VOID)
{
    for (ULONG i = 0; i < RECENT; i++) {
        PPLACE Place = &Recent[(NextPlace + RECENT - 1 - i) % RECENT];
        SIZE_T Length = 0, Offset;

        if (Place->Address == NULL)
            continue;
        NtReadVirtualMemory(NtCurrentProcess(), Place->Address, After, Place->Length, &Length);
        Offset = FindUnwritten(After, Place->Before, Length, Place->Address);
        if (Offset < Length) {
            Report(Place->Service, Place->Argument, Place->Second, Offset);
            memset(Recent, 0, sizeof(Recent));  /* others may be of the same memory */
        } else if (Length != Place->Length) {
            Place->Address = NULL;
        }
    }
}

NTSTATUS FuzzCall(ULONG Service, ULONG Count, const ULONG_PTR *Arguments)
{
    ULONG_PTR All[MAX_ARGUMENTS] = { 0 };
    NTSTATUS Status;

    memcpy(All, Arguments, Count * sizeof(*Arguments));
    RtlEnterCriticalSection(&Lock);
    CallCount++;
    Remember(Service, Count, Arguments);
    RtlLeaveCriticalSection(&Lock);
    Status = CallService(Service, All);
    RtlEnterCriticalSection(&Lock);
    CheckRecent();
    RtlLeaveCriticalSection(&Lock);
    return Status;
}

BOOLEAN NoMemAnswer(ULONG Service, NTSTATUS Status)
{
    if (!CHECK(NT_SUCCESS(Status)))
        Print(L"    service %u in the scenario %hs: 0x%08X\n", Service, Running, Status);
    return NT_SUCCESS(Status);
}

VOID NoMemGaveBack(ULONG Service, NTSTATUS Status)
{
    NoMemAnswer(Service, Status);
}

VOID NoMemBegin(NTSTATUS (NTAPI *Routine)(PVOID), PVOID Argument)
{
    NoMemPartner = CheckStartThread(Routine, Argument);
}

VOID NoMemEnd(VOID)
{
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };

    CheckJoinThread(NoMemPartner, &Limit);
}

static NTSTATUS NTAPI RunScenario(PVOID Scenario)
{
    ((const SCENARIO *)Scenario)->Run();
    return STATUS_SUCCESS;
}

static VOID TestScenarios(VOID)
{
    for (ULONG Family = 0; Family < ARRAYSIZE(Families); Family++)
        for (ULONG i = 0; i < Families[Family]->Count; i++) {
            const SCENARIO *Scenario = &Families[Family]->List[i];

            Running = Scenario->Name;
            if (Scenario->OwnThread)
                CheckJoinThread(CheckStartThread(RunScenario, (PVOID)Scenario), NULL);
            else
                RunScenario((PVOID)Scenario);
            if (Scenario->Clean != NULL)
                Scenario->Clean();
            memset(Recent, 0, sizeof(Recent));
        }
}

/* --- information classes ------------------------------------------------------------------------------------------ */

static const ULONG Lengths[] = { 0x800, 1, 2, 4, 8, 0xc, 0x10, 0x14, 0x18, 0x1c, 0x20, 0x28, 0x30, 0x38, 0x40, 0x48, 0x50, 0x58, 0x60, 0x70, 0x78, 0x90, 0xb0,
        0x158, sizeof(Answer) };

typedef struct _QUERY {
    ULONG Service;
    ANY_SERVICE Function;
    ARGUMENT Arguments[MOST_ARGUMENTS];
    ULONG Count, Class, Length, Buffer; /* which arguments these are */
} QUERY, *PQUERY;

static ULONG FindRow(PCSTR Name)
{
    ULONG i = 0;

    while (i < SERVICE_COUNT && strcmp(Services[i].Name, Name) != 0)
        i++;
    return i;
}

static BOOLEAN FindQuery(ULONG Call, PQUERY Query)
{
    Query->Service = FindRow(Calls[Call].Service);
    Query->Function = FindService(Calls[Call].Service);
    Query->Count = Parse(Calls[Call].Arguments, Query->Arguments);
    return CHECK(Query->Service < SERVICE_COUNT) &&
           FindClass(Query->Arguments, Query->Count, &Query->Class, &Query->Length, &Query->Buffer) &&
           Query->Arguments[Query->Buffer].Kind == '>';
}

static NTSTATUS Ask(PQUERY Query, HANDLE Handle, ULONG Class, ULONG Length)
{
    ULONG_PTR A[MOST_ARGUMENTS] = { 0 };
    NTSTATUS Status;

    Build(Query->Arguments, Query->Count, A);
    for (ULONG i = 0; i < Query->Count; i++)
        if (Query->Arguments[i].Kind == '>' && A[i] != 0)
            memset(Memory[i], FILL, MEMORY_SIZE);
    memset(Answer, FILL, Length);
    if (Handle != NULL)
        A[0] = (ULONG_PTR)Handle;
    A[Query->Class] = Class;
    A[Query->Length] = Length;
    A[Query->Buffer] = (ULONG_PTR)Answer;
    CallCount++;
    Status = Call(Query->Function, A);
    for (ULONG i = 0; i < Query->Count; i++) {
        PUCHAR Written = i == Query->Buffer ? Answer : Memory[i];
        SIZE_T Size = i == Query->Buffer ? Length : MEMORY_SIZE, Offset;

        if (!IsPointer(&Query->Arguments[i]))
            continue;
        Offset = FindUnwritten(Written, NULL, Size, Written);
        if (Offset < Size)
            Report(Query->Service, i, Class, Offset);
    }
    return Status;
}

/* Until there is an answer; what is no class, or not of this object, has none. */
static BOOLEAN AskClass(PQUERY Query, HANDLE Handle, ULONG Class)
{
    for (ULONG i = 0; i < ARRAYSIZE(Lengths); i++) {
        NTSTATUS Status = Ask(Query, Handle, Class, Lengths[i]);

        if (NT_SUCCESS(Status))
            return TRUE;
        if (Status == STATUS_INVALID_INFO_CLASS || Status == STATUS_OBJECT_TYPE_MISMATCH || Status == STATUS_NOT_IMPLEMENTED)
            return FALSE;
    }
    return FALSE;
}

static VOID AddFile(NTSTATUS Status, HANDLE File)
{
    if (CHECK_STATUS(STATUS_SUCCESS, Status))
        Handles[HandleCount++].Good = File;
}

/* Files of other file systems and drivers. */
static VOID AddFiles(VOID)
{
    static const PCWSTR Paths[] = { L"\\Device\\Null", L"\\??\\C:", L"\\??\\pipe\\" };
    LARGE_INTEGER Timeout = { .QuadPart = -MS };
    IO_STATUS_BLOCK IoStatus;
    OBJECT_ATTRIBUTES Name;
    UNICODE_STRING String;
    HANDLE File = NULL;
    NTSTATUS Status;

    for (ULONG i = 0; i < ARRAYSIZE(Paths); i++) {
        Name = NoMemName(&String, Paths[i]);
        Status = NtOpenFile(&File, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &Name, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE,
                            FILE_SYNCHRONOUS_IO_NONALERT);
        AddFile(Status, File);
    }
    Name = NoMemName(&String, L"\\??\\pipe\\leftover");
    Status = NtCreateNamedPipeFile(&File, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &Name, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE,
                                   FILE_OPEN_IF, FILE_SYNCHRONOUS_IO_NONALERT, FILE_PIPE_MESSAGE_TYPE, FILE_PIPE_MESSAGE_MODE,
                                   FILE_PIPE_QUEUE_OPERATION, 1, 0x100, 0x100, &Timeout);
    AddFile(Status, File);
    Name = NoMemName(&String, L"\\??\\mailslot\\leftover");
    Status = NtCreateMailslotFile(&File, GENERIC_READ | SYNCHRONIZE, &Name, &IoStatus, FILE_SYNCHRONOUS_IO_NONALERT, 0, 0, &Timeout);
    AddFile(Status, File);
}

static VOID TestClasses(VOID)
{
    static QUERY Query;

    AddFiles();
    for (ULONG Call = 0; Call < ARRAYSIZE(Calls); Call++) {
        ULONG Answers = 0;

        if (!FindQuery(Call, &Query))
            continue;
        for (ULONG Class = 0; Class <= LAST_CLASS; Class++)
            if (!IsHandle(&Query.Arguments[0]))
                Answers += AskClass(&Query, NULL, Class);
            else
                for (ULONG i = 0; i < HandleCount; i++)
                    Answers += AskClass(&Query, Handles[i].Good, Class);
        if (!CHECK(Answers != 0))
            Print(L"    %hs: no class has an answer\n", Calls[Call].Service);
    }
}

/* --- stacks ------------------------------------------------------------------------------------------------------- */

/* This program has no such bytes on its stack: what ntos puts there is in frames that are left, too. */
static BOOLEAN IsStackClean(VOID)
{
    PUCHAR Low = NtCurrentTeb()->NtTib.StackLimit;
    SIZE_T Size = (PUCHAR)NtCurrentTeb()->NtTib.StackBase - Low;

    return FindUnwritten(Low, NULL, Size, Low) == Size;
}

static NTSTATUS NTAPI NewThread(PVOID Argument)
{
    PTEB Teb = NtCurrentTeb();

    CHECK(IsStackClean());
    CHECK(FindUnwritten((PUCHAR)Teb, NULL, sizeof(*Teb), (PUCHAR)Teb) == sizeof(*Teb));
    return STATUS_SUCCESS;
}

static VOID NTAPI Apc(PVOID A, PVOID B, PVOID C)
{
    CHECK(IsStackClean());
}

static LONG NTAPI Handler(PEXCEPTION_POINTERS Pointers)
{
    CHECK(IsStackClean());
    Pointers->ContextRecord->Rip += 2;  /* ud2 */
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* In a thread of its own: what the calls before have left is on no new stack. */
static NTSTATUS NTAPI TestFrames(PVOID Argument)
{
    PVOID Handle = RtlAddVectoredExceptionHandler(TRUE, Handler);

    __asm__ volatile("ud2");
    RtlRemoveVectoredExceptionHandler(Handle);
    CHECK_STATUS(STATUS_SUCCESS, NtQueueApcThread(NtCurrentThread(), (PPS_APC_ROUTINE)Apc, NULL, NULL, NULL));
    NtTestAlert();
    CHECK(IsStackClean());
    return STATUS_SUCCESS;
}

static VOID TestStacks(VOID)
{
    PPEB Peb = NtCurrentPeb();

    CheckJoinThread(CheckStartThread(NewThread, NULL), NULL);
    CheckJoinThread(CheckStartThread(TestFrames, NULL), NULL);
    CHECK(FindUnwritten((PUCHAR)Peb, NULL, sizeof(*Peb), (PUCHAR)Peb) == sizeof(*Peb));
}

/* --- */

static BOOLEAN IsDebug(VOID)
{
    EXECUTIVE_RESOURCES Resources;

    QueryResources(&Resources);
    Unwritten = (UCHAR)Resources.Unwritten;
    return Unwritten != 0;
}

static VOID EnablePrivileges(VOID)
{
    static const ULONG Privileges[] = { SE_DEBUG_PRIVILEGE, SE_CREATE_TOKEN_PRIVILEGE, SE_SYSTEMTIME_PRIVILEGE, SE_TIME_ZONE_PRIVILEGE };
    BOOLEAN Before;

    for (ULONG i = 0; i < ARRAYSIZE(Privileges); i++)
        RtlAdjustPrivilege(Privileges[i], TRUE, FALSE, &Before);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    LARGE_INTEGER Time;

    if (ArgumentCount == 2 && wcscmp(Arguments[1], L"child") == 0)
        return 0;
    CheckSystem();
    if (!CHECK(IsDebug()))              /* a release ntos shows nothing */
        return CheckClose();
    NtQuerySystemTime(&Time);
    TimeNow = (USHORT)((ULONG64)Time.QuadPart >> 48);
    RtlInitializeCriticalSection(&Lock);
    TestStacks();
    PrepareCalls();
    EnablePrivileges();
    TestScenarios();
    TestClasses();
    for (ULONG i = 0; i < SERVICE_COUNT; i++)
        CHECK(Reports[i] == 0);
    Print(L"%u calls\n", CallCount);
    return CheckClose();
}
