/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The error paths of all services, one at a time: a call that is good (errors-table.h) but for one argument.
 *
 * A handle is NULL, closed, the kernel's, none that there can be, a pseudo handle, of each other type (its two low bits do not count), or
 * lacks a right; a pointer is NULL, not mapped, not
 * accessible, guarded, half in the next page, beyond the program's addresses, or to memory that cannot be written; a length is 0, one
 * short, one long or huge; a class is none.  What such a call answers is the same for nearly all services (errors-known.h has the others).
 * It writes no answer and loses no handle, object or memory.
 *
 * Runs on: Nereid and Wine.
 */
#include "errors.h"
#include "resources.h"
#include "errors-table.h"

typedef enum _CASE {
    NullHandle, ClosedHandle, FarHandle, WideHandle, PseudoProcess, PseudoThread, PseudoOther, WrongType, LowBits, MissingRight,
    NullPointer, Unmapped, NeverMapped, NoAccess, Guarded, Kernels, NotCanonical, ReadOnly, Straddling, AtUserEnd, Wrapping,
    LengthZero, LengthShort, LengthLong, LengthHuge, BadClass,
    CASE_COUNT
} CASE;

static const PCSTR CaseNames[] = { "NULL as the handle", "a closed handle", "a handle that cannot be", "a handle of more than 32 bits",
        "the process's pseudo handle", "the thread's pseudo handle", "the session's or a token's pseudo handle", "a handle of another type",
        "low bits in a handle of another type", "a handle without the right",
        "NULL", "memory that is reserved", "memory that is not mapped", "memory without access", "a guard page", "the kernel's memory",
        "an address that is not canonical", "read-only memory", "memory that ends too early", "the end of the user's addresses",
        "the end of all addresses", "length 0", "a length one short", "a length one long", "a huge length", "a class that is none" };
C_ASSERT(ARRAYSIZE(CaseNames) == CASE_COUNT);
C_ASSERT(CASE_COUNT <= 32);

#define FILL 0xcc                       /* what is in a buffer that an answer goes to */
#define REPEATS 4                       /* of a row, while something seems to be lost */

#include "errors-known.h"

static const PCSTR Implemented[] = {
#define SERVICE(Name, Arguments) #Name,
#define MISSING(Name, Arguments)
#define RETIRED(Name, Arguments)
#include "abi/services.def"
#undef SERVICE
#undef MISSING
#undef RETIRED
};

static BOOLEAN Verbose;
static PVOID ReadOnlyPage, ReservedPages, NoAccessPage, GuardPage, LastPage;

typedef struct _ROW {
    PCSTR Name;
    ANY_SERVICE Service;
    ARGUMENT Arguments[MOST_ARGUMENTS];
    ULONG Count;
} ROW;

/* --- cases -------------------------------------------------------------------------------------------------------- */

/* What case Case of that number (from 0) does with an argument. */
typedef struct _SPOILT {
    ULONG_PTR Value;
    NTSTATUS Status;                    /* what is expected */
    NTSTATUS OrElse;                    /* or this */
    HANDLE Made;                        /* to close, or NULL */
} SPOILT, *PSPOILT;

static BOOLEAN IsPseudo(CASE Case, CHAR Letter)
{
    return Letter == 'H' || (Case == PseudoProcess && Letter == 'p') || (Case == PseudoThread && Letter == 't') ||
           (Case == PseudoOther && (Letter == 'o' || Letter == 'z'));
}

/* The number-th right of Mask: from 1; number 0: all. */
static ACCESS_MASK RightOf(ACCESS_MASK Mask, ULONG Number)
{
    if (Number == 0)
        return ~0u;
    while (--Number != 0)
        Mask &= Mask - 1;
    return Mask & -Mask;
}

static BOOLEAN SpoilRight(const ARGUMENT *Argument, ULONG Number, PSPOILT Spoilt)
{
    OBJECT_BASIC_INFORMATION Basic;
    HANDLE Good = Handles[FindHandle(Argument->Kind)].Good;
    ACCESS_MASK Right = RightOf(Argument->Number, Number);

    if (Argument->Number == 0 || Right == 0 || (Number != 0 && Argument->Either))
        return FALSE;
    NtQueryObject(Good, ObjectBasicInformation, &Basic, sizeof(Basic), NULL);
    Spoilt->Made = DuplicateWith(Good, Basic.GrantedAccess & ~Right);
    Spoilt->Value = (ULONG_PTR)Spoilt->Made;
    Spoilt->Status = STATUS_ACCESS_DENIED;
    return TRUE;
}

/* The low bits are a program's own: "the two low-order bits of a handle are ignored" (ntdef.h, OBJ_HANDLE_TAGBITS). */
static BOOLEAN SpoilType(CASE Case, ULONG Number, PSPOILT Spoilt)
{
    if (Number >= HandleCount)
        return FALSE;
    Spoilt->Value = (ULONG_PTR)Handles[Number].Good | (Case == LowBits ? Number % 3 + 1 : 0);
    Spoilt->Status = STATUS_OBJECT_TYPE_MISMATCH;
    return TRUE;
}

/* Values that are no handle of a program's: the kernel's, pseudo handles of 32 bits, pseudo handles that mean nothing, and others. */
static BOOLEAN SpoilFar(ULONG Number, PSPOILT Spoilt)
{
    static const ULONG_PTR Values[] = { 0xffffffff80000004, 0xffffffff80000000, 0x8000000000000004, 0xffff800000001000, 0x80000004, 0x7ffffffc,
            -7, -8, 1, 3, 0x7fffffffffffffff, 0xffffffff, 0xfffffffe, 0xfffffffc };

    /* Wine takes the last four, cut to 32 bits, for pseudo handles where it closes them. */
    if (Number >= ARRAYSIZE(Values) - (IsWine ? 4 : 0))
        return FALSE;
    Spoilt->Value = Values[Number];
    return TRUE;
}

static BOOLEAN SpoilPseudo(const ARGUMENT *Argument, CASE Case, ULONG Number, PSPOILT Spoilt)
{
    static const LONG_PTR Others[] = { -3, -4, -5, -6 };        /* the session, the tokens of process and thread */

    if (IsPseudo(Case, Argument->Kind) || Number >= (Case == PseudoOther ? ARRAYSIZE(Others) : 1))
        return FALSE;
    if (Case == PseudoOther && IsWine)
        return FALSE;                   /* it takes tokens' for handles of tokens everywhere */
    Spoilt->Value = (ULONG_PTR)(Case == PseudoOther ? Others[Number] : Case == PseudoThread ? -2 : -1);
    if (Case != PseudoOther)
        Spoilt->Status = STATUS_OBJECT_TYPE_MISMATCH;
    return TRUE;
}

static BOOLEAN SpoilHandle(const ARGUMENT *Argument, CASE Case, ULONG Number, PSPOILT Spoilt)
{
    Spoilt->Status = STATUS_INVALID_HANDLE;
    switch (Case) {
    case FarHandle: return SpoilFar(Number, Spoilt);
    case WrongType:
    case LowBits: return SpoilType(Case, Number, Spoilt);
    case MissingRight: return SpoilRight(Argument, Number, Spoilt);
    case PseudoProcess:
    case PseudoThread:
    case PseudoOther: return SpoilPseudo(Argument, Case, Number, Spoilt);
    default: break;
    }
    if (Number != 0 || (Case == NullHandle && Argument->Optional))
        return FALSE;
    Spoilt->Value = Case == WideHandle ? 1ull << 32 | (ULONG_PTR)Handles[FindHandle(Argument->Kind)].Good : Case == NullHandle ? 0 : 0xffff0;
    return TRUE;
}

/* The first half of what is at Value, at the end of a page behind which nothing is. */
static ULONG_PTR Straddle(ULONG_PTR Value, ULONG Half)
{
    memcpy((PUCHAR)LastPage + 0x1000 - Half, (PVOID)Value, Half);
    return (ULONG_PTR)LastPage + 0x1000 - Half;
}

static VOID GuardAgain(VOID)
{
    PVOID Base = GuardPage;
    SIZE_T Size = 0x1000;
    ULONG Old;

    NtProtectVirtualMemory(NtCurrentProcess(), &Base, &Size, PAGE_READWRITE | PAGE_GUARD, &Old);
}

static BOOLEAN SpoilPointer(const ARGUMENT *Argument, CASE Case, PSPOILT Spoilt)
{
    ULONG Half = (SizeOf(Argument) + 1) / 2;

    if (IsWine)
        return FALSE;                   /* it reads answers into buffers that it has not looked at, and ends the process */
    if (Half == 0 || (Case == NullPointer && Argument->Optional) || (Case == ReadOnly && Argument->Kind == '<') ||
        (Case == Straddling && Half == SizeOf(Argument)))
        return FALSE;
    Spoilt->Status = STATUS_ACCESS_VIOLATION;
    switch (Case) {
    case NullPointer:
        if (Argument->What == 'O' && Argument->Number != 0)
            Spoilt->Status = STATUS_INVALID_PARAMETER;
        Spoilt->Value = 0;
        break;
    case Unmapped: Spoilt->Value = (ULONG_PTR)ReservedPages; break;
    case NeverMapped: Spoilt->Value = 0x1000; break;
    case NoAccess: Spoilt->Value = (ULONG_PTR)NoAccessPage; break;
    case Guarded:
        GuardAgain();
        Spoilt->Value = (ULONG_PTR)GuardPage;
        Spoilt->Status = STATUS_GUARD_PAGE_VIOLATION;
        break;
    case Kernels: Spoilt->Value = 0xffff800000001000; break;
    case NotCanonical: Spoilt->Value = 0x0080000000001000; break;
    case ReadOnly: Spoilt->Value = (ULONG_PTR)ReadOnlyPage; break;
    case Straddling: Spoilt->Value = Straddle(Spoilt->Value, Half); break;
    case AtUserEnd: Spoilt->Value = 0x00007fffffff0000 - Half; break;
    default: Spoilt->Value = (ULONG_PTR)0 - Half;
    }
    return TRUE;
}

/* L: it wants just this length; N and S: at least this; B: any, and an answer that does not fit is too large. */
static BOOLEAN SpoilLength(const ARGUMENT *Argument, CASE Case, ULONG Number, PSPOILT Spoilt)
{
    static const ULONG Huge[] = { 0x7fffffff, 0x80000000, 0xffffffff };

    if (Case == LengthHuge ? Number >= ARRAYSIZE(Huge) || IsWine : Number != 0)
        return FALSE;
    if ((Case == LengthShort && Argument->Kind == 'B') || (Case == LengthLong && Argument->Kind != 'L'))
        return FALSE;
    Spoilt->Status = Argument->Kind == 'L' || Argument->Kind == 'N' ? STATUS_INFO_LENGTH_MISMATCH : STATUS_BUFFER_TOO_SMALL;
    /* The whole of a buffer is looked at: before its length, or where just one length is right perhaps after it. */
    if (Case == LengthHuge && Argument->Kind == 'L')
        Spoilt->OrElse = STATUS_ACCESS_VIOLATION;
    else if (Case == LengthHuge)
        Spoilt->Status = STATUS_ACCESS_VIOLATION;
    Spoilt->Value = Case == LengthZero ? 0 : Case == LengthShort ? Argument->Number - 1 : Case == LengthLong ? Argument->Number + 1 : Huge[Number];
    return TRUE;
}

/* FALSE: there is no case of that number for this argument.  Value is a good one. */
static BOOLEAN Spoil(const ARGUMENT *Argument, CASE Case, ULONG Number, ULONG_PTR Value, PSPOILT Spoilt)
{
    memset(Spoilt, 0, sizeof(*Spoilt));
    Spoilt->Value = Value;
    if (Case <= MissingRight)
        return IsHandle(Argument) && SpoilHandle(Argument, Case, Number, Spoilt);
    if (Case <= Wrapping)
        return IsPointer(Argument) && Number == 0 && SpoilPointer(Argument, Case, Spoilt);
    if (Case <= LengthHuge)
        return IsLength(Argument) && SpoilLength(Argument, Case, Number, Spoilt);
    Spoilt->Status = Argument->Kind == 'c' ? STATUS_INVALID_INFO_CLASS : STATUS_INVALID_PARAMETER;
    Spoilt->Value = 0x7ffe;
    return IsClass(Argument) && Number == 0;
}

/* A type that is wrong: not the argument's own, nor one of the same type. */
static BOOLEAN IsWrongType(const ROW *Row, ULONG Index, ULONG Number)
{
    const ARGUMENT *Argument = &Row->Arguments[Index];
    static const PCSTR Alike[] = { "fvg", "oz" };

    if (Number >= HandleCount)
        return TRUE;                    /* the end, SpoilType says */
    if (Argument->Kind == 'H' || Argument->Kind == Handles[Number].Letter)
        return FALSE;
    for (ULONG i = 0; i < ARRAYSIZE(Alike); i++)
        if (strchr(Alike[i], Argument->Kind) != NULL && strchr(Alike[i], Handles[Number].Letter) != NULL)
            return FALSE;
    for (ULONG i = 0; i < ARRAYSIZE(OtherTypes); i++)
        if (strcmp(OtherTypes[i].Service, Row->Name) == 0 && OtherTypes[i].Argument == Index &&
            strchr(OtherTypes[i].Letters, Handles[Number].Letter) != NULL)
            return FALSE;
    return TRUE;
}

static NTSTATUS ExpectedOf(PCSTR Service, ULONG Argument, CASE Case, NTSTATUS Usual)
{
    for (ULONG i = 0; i < ARRAYSIZE(Exceptions); i++)
        if (strcmp(Exceptions[i].Service, Service) == 0 && Exceptions[i].Argument == Argument &&
            (Exceptions[i].Cases == 0 || Exceptions[i].Cases & 1u << Case) && Exceptions[i].Where & (IsWine ? OnWine : OnNereid))
            return Exceptions[i].Status;
    return Usual;
}

static BOOLEAN IsWrittenAnyway(PCSTR Service, ULONG Argument)
{
    for (ULONG i = 0; i < ARRAYSIZE(WritesAnyway); i++)
        if (strcmp(WritesAnyway[i].Service, Service) == 0 && WritesAnyway[i].Arguments & 1u << Argument)
            return TRUE;
    return FALSE;
}

static BOOLEAN IsCompared(PCSTR Service, ULONG Argument)
{
    for (ULONG i = 0; i < ARRAYSIZE(LooksAway) && IsWine; i++)
        if (strcmp(LooksAway[i].Service, Service) == 0 && LooksAway[i].Arguments & 1u << Argument)
            return FALSE;
    return TRUE;
}

/* --- a row -------------------------------------------------------------------------------------------------------- */

static VOID FillAnswers(const ROW *Row)
{
    for (ULONG i = 0; i < Row->Count; i++)
        if (Row->Arguments[i].Kind == '>' && Row->Arguments[i].What == 0)
            memset(Memory[i], FILL, MEMORY_SIZE);
}

static BOOLEAN SaysLength(NTSTATUS Status)
{
    return Status == STATUS_INFO_LENGTH_MISMATCH || Status == STATUS_BUFFER_TOO_SMALL || Status == STATUS_BUFFER_OVERFLOW;
}

/* A handle's place, in which a create or open that fails leaves NULL. */
static BOOLEAN IsNullHandle(const ARGUMENT *Argument, const UCHAR *Place)
{
    HANDLE Handle;

    memcpy(&Handle, Place, sizeof(Handle));
    return Argument->Number == sizeof(Handle) && Handle == NULL;
}

/* The first argument, not Spoilt's, that the failed call has written an answer to; Count: none. */
static ULONG FindWritten(const ROW *Row, ULONG Spoilt, NTSTATUS Status)
{
    for (ULONG i = 0; i < Row->Count; i++) {
        const ARGUMENT *Argument = &Row->Arguments[i];

        if (i == Spoilt || Argument->Kind != '>' || Argument->What != 0 || IsWrittenAnyway(Row->Name, i))
            continue;
        /* The length that it would be. */
        if ((SaysLength(Status) && Argument->Number <= 8) || IsNullHandle(Argument, Memory[i]))
            continue;
        for (ULONG k = 0; k < SizeOf(Argument); k++)
            if (Memory[i][k] != FILL)
                return i;
    }
    return Row->Count;
}

static VOID Complain(const ROW *Row, ULONG Argument, CASE Case, ULONG Number)
{
    Print(L"    %hs, argument %u, %hs", Row->Name, Argument, CaseNames[Case]);
    if (Case == WrongType || Case == LowBits)
        Print(L" (%c)", Handles[Number].Letter);
    else if (Number != 0)
        Print(L" (%u)", Number);
}

/* FALSE: there is no case of that number. */
static BOOLEAN TestCase(const ROW *Row, ULONG Argument, CASE Case, ULONG Number)
{
    ULONG_PTR A[MOST_ARGUMENTS] = { 0 };
    NTSTATUS Status, Expected;
    SPOILT Spoilt;
    ULONG Written;

    if (!Build(Row->Arguments, Row->Count, A))
        return FALSE;
    FillAnswers(Row);
    if ((Case == WrongType || Case == LowBits) && !IsWrongType(Row, Argument, Number))
        return TRUE;
    if (!Spoil(&Row->Arguments[Argument], Case, Number, A[Argument], &Spoilt))
        return FALSE;
    Expected = ExpectedOf(Row->Name, Argument, Case, Spoilt.Status);
    if (Verbose) {
        Complain(Row, Argument, Case, Number);
        Print(L"\n");
    }
    A[Argument] = Spoilt.Value;
    Status = Call(Row->Service, A);
    if (Spoilt.Made != NULL)
        NtClose(Spoilt.Made);
    if (IsWine && Status == STATUS_NOT_IMPLEMENTED)
        return TRUE;
    if (!CHECK(Status == Expected || (Spoilt.OrElse != 0 && Status == Spoilt.OrElse))) {
        Complain(Row, Argument, Case, Number);
        Print(L": 0x%08X instead of 0x%08X\n", Status, Expected);
    }
    Written = IsWine || NT_SUCCESS(Status) ? Row->Count : FindWritten(Row, Argument, Status);
    if (!CHECK(Written == Row->Count)) {
        Complain(Row, Argument, Case, Number);
        Print(L": 0x%08X, argument %u is written\n", Status, Written);
    }
    return TRUE;
}

static VOID TestRow(const ROW *Row)
{
    for (ULONG i = 0; i < Row->Count; i++)
        for (CASE Case = 0; IsCompared(Row->Name, i) && Case < CASE_COUNT; Case++)
            for (ULONG Number = 0; TestCase(Row, i, Case, Number); Number++) {
            }
}

static BOOLEAN IsMore(const EXECUTIVE_RESOURCES *After, const EXECUTIVE_RESOURCES *Before)
{
    return After->Objects > Before->Objects || After->Handles > Before->Handles || After->PoolBlocks > Before->PoolBlocks ||
           After->CommittedPages > Before->CommittedPages || After->StacksInUse > Before->StacksInUse;
}

/* A cache grows once; what is lost grows each time. */
static VOID TestCall(PCSTR Name, PCSTR Text)
{
    ROW Row = { .Name = Name, .Service = FindService(Name) };
    EXECUTIVE_RESOURCES Before, After;
    ULONG Rounds = 0;

    Row.Count = Parse(Text, Row.Arguments);
    if (Row.Service == NULL)
        return;
    do {
        QueryResources(&Before);
        TestRow(&Row);
        QueryResources(&After);
    } while (!IsWine && IsMore(&After, &Before) && ++Rounds < REPEATS);
    if (!CHECK(Rounds < REPEATS)) {
        Print(L"    %hs loses something\n", Name);
        PrintResources(L"    before", &Before);
        PrintResources(L"    after ", &After);
    }
}

/* Where the old state cannot be returned the new one is not set. */
static VOID TestNothingHappens(VOID)
{
    HANDLE Event, Mutant, Semaphore, Timer, Thread = FindGood('t');
    EVENT_BASIC_INFORMATION EventState;
    MUTANT_BASIC_INFORMATION MutantState;
    SEMAPHORE_BASIC_INFORMATION SemaphoreState;
    LARGE_INTEGER Now = { .QuadPart = 0 };
    SIZE_T Size = 0x1000;
    PVOID Base = NULL;
    ULONG Count;

    NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetEvent(Event, ReservedPages));
    NtQueryEvent(Event, EventBasicInformation, &EventState, sizeof(EventState), NULL);
    CHECK(EventState.EventState == 0);
    NtCreateMutant(&Mutant, MUTANT_ALL_ACCESS, NULL, TRUE);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReleaseMutant(Mutant, ReservedPages));
    NtQueryMutant(Mutant, MutantBasicInformation, &MutantState, sizeof(MutantState), NULL);
    CHECK(MutantState.CurrentCount == 0 && MutantState.OwnedByCaller);
    NtCreateSemaphore(&Semaphore, SEMAPHORE_ALL_ACCESS, NULL, 1, 5);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReleaseSemaphore(Semaphore, 1, ReservedPages));
    NtQuerySemaphore(Semaphore, SemaphoreBasicInformation, &SemaphoreState, sizeof(SemaphoreState), NULL);
    CHECK(SemaphoreState.CurrentCount == 1);
    NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, NotificationTimer);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetTimer(Timer, &Now, NULL, NULL, FALSE, 0, ReservedPages));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Now));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSuspendThread(Thread, ReservedPages));
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, &Count));
    CHECK(Count == 1);
    NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtProtectVirtualMemory(NtCurrentProcess(), &Base, &Size, PAGE_READONLY, ReservedPages));
    *(volatile UCHAR *)Base = 1;
    NtClose(Event);
    NtClose(Mutant);
    NtClose(Semaphore);
    NtClose(Timer);
}

static BOOLEAN HasRow(PCSTR Service)
{
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++)
        if (strcmp(Calls[i].Service, Service) == 0)
            return TRUE;
    return FALSE;
}

static BOOLEAN HasReason(PCSTR Service)
{
    for (ULONG i = 0; i < ARRAYSIZE(NotCalled); i++)
        if (strcmp(NotCalled[i].Service, Service) == 0)
            return TRUE;
    return FALSE;
}

static VOID TestAllHaveRows(VOID)
{
    for (ULONG i = 0; i < ARRAYSIZE(Implemented); i++)
        if (!CHECK(HasRow(Implemented[i]) != HasReason(Implemented[i])))
            Print(L"    %hs: either a row or a reason\n", Implemented[i]);
}

static PVOID Page(ULONG Type, ULONG Protect, SIZE_T Size)
{
    PVOID Base = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, Type, Protect));
    return Base;
}

static VOID PreparePages(VOID)
{
    SIZE_T Size = 0x1000;

    ReadOnlyPage = Page(MEM_RESERVE | MEM_COMMIT, PAGE_READONLY, 0x1000);
    NoAccessPage = Page(MEM_RESERVE | MEM_COMMIT, PAGE_NOACCESS, 0x1000);
    GuardPage = Page(MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD, 0x1000);
    ReservedPages = Page(MEM_RESERVE, PAGE_READWRITE, 0x1000);
    LastPage = Page(MEM_RESERVE, PAGE_READWRITE, 0x2000);
    NtAllocateVirtualMemory(NtCurrentProcess(), &LastPage, 0, &Size, MEM_COMMIT, PAGE_READWRITE);
}

/* errors [NUMBER]: that row only, and each case is said. */
int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    Verbose = ArgumentCount > 1;
    PreparePages();
    PrepareCalls();
    TestAllHaveRows();
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++)
        if (ArgumentCount == 1 || wcstoul(Arguments[1], NULL, 10) == i)
            TestCall(Calls[i].Service, Calls[i].Arguments);
    if (!IsWine)                        /* it sets the state in its server, before it writes the old one */
        TestNothingHappens();
    return CheckClose();
}
