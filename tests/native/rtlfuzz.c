/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ntdll's pure routines with random, nearly valid and boundary inputs: the same on Nereid and on Wine, whose answers are compared.
 * Runs on: Nereid and Wine.
 *
 *   rtlfuzz [SEED [CASES]]                 a line `digest ROUTINE VALUE' each
 *   rtlfuzz -v ROUTINE [SEED [CASES]]      a line for each case of one routine, with its input and its answers
 *
 * run.py compares the digests of the systems.  A case depends on the seed, its routine and its number alone.  A routine that faults
 * has its exception told; memory of inputs and outputs ends where nothing is mapped.  What is checked here: the same cases give
 * the same answers twice.
 */
#include "rtlfuzz.h"

#define DEFAULT_SEED 20240229
#define DEFAULT_CASES 2000
#define REPEATED_CASES 50
#define SLOTS 24
#define PATTERN 0xa5

static const FUZZ_ROUTINE *const Families[] = { StringRoutines, NumberRoutines, CRuntimeRoutines, SecurityRoutines, PathRoutines };

static ULONG64 RandomState, Digest;
static BOOLEAN Verbose;
static PUCHAR Slots;
static ULONG NextSlot;

/* --- random values ------------------------------------------------------------------------------------------------- */

static ULONG64 Mix(ULONG64 Value)
{
    Value = (Value ^ Value >> 30) * 0xbf58476d1ce4e5b9;
    Value = (Value ^ Value >> 27) * 0x94d049bb133111eb;
    return Value ^ Value >> 31;
}

ULONG64 Random64(VOID)
{
    return Mix(RandomState += 0x9e3779b97f4a7c15);
}

ULONG Below(ULONG Limit)
{
    return (ULONG)((Random64() >> 32) % Limit);
}

BOOLEAN Once(ULONG Times)
{
    return Below(Times) == 0;
}

ULONG64 SomeUlong64(VOID)
{
    switch (Below(5)) {
    case 0: return Below(20);
    case 1: return (1ull << Below(64)) + Below(5) - 2;
    case 2: return 0 - (ULONG64)Below(5);
    case 3: return Random64() >> Below(64);
    default: return Random64();
    }
}

ULONG SomeUlong(VOID)
{
    switch (Below(5)) {
    case 0: return Below(20);
    case 1: return (1u << Below(32)) + Below(5) - 2;
    case 2: return 0u - Below(5);
    default: return (ULONG)Random64() >> Below(32);
    }
}

VOID SomeBytes(PVOID Buffer, SIZE_T Length)
{
    for (SIZE_T i = 0; i < Length; i++)
        ((PUCHAR)Buffer)[i] = (UCHAR)(Random64() >> 40);
}

static WCHAR AnyChar(VOID)
{
    switch (Below(16)) {
    case 0: return (WCHAR)Below(0x20);
    case 1: return (WCHAR)(0x80 + Below(0x80));
    case 2: return (WCHAR)(0x100 + Below(0x500));
    case 3: return (WCHAR)(0x1e00 + Below(0x300));
    case 4: return (WCHAR)(0xd800 + Below(0x800));
    case 5: return (WCHAR)Random64();
    default: return (WCHAR)(0x20 + Below(0x60));
    }
}

/* Not the final sigma: its capital is the other one's in the table that Windows writes on NTFS volumes, but not on Wine. */
WCHAR SomeChar(VOID)
{
    WCHAR Char = AnyChar();

    return Char != 0x3c2 ? Char : 0x3c3;
}

static WCHAR SomeAsciiChar(VOID)
{
    return Once(12) ? (WCHAR)(1 + Below(0x7f)) : (WCHAR)(0x20 + Below(0x5f));
}

ULONG SomeText(PWSTR Buffer, ULONG Maximum)
{
    ULONG Length = Below((Once(4) ? Maximum : min(Maximum, 6)) + 1);
    BOOLEAN Ascii = Once(2);

    for (ULONG i = 0; i < Length; i++)
        if ((Buffer[i] = Ascii ? SomeAsciiChar() : SomeChar()) == 0)
            Buffer[i] = 0xfffd;
    Buffer[Length] = 0;
    return Length;
}

ULONG SomeAscii(PSTR Buffer, ULONG Maximum)
{
    ULONG Length = Below((Once(4) ? Maximum : min(Maximum, 6)) + 1);

    for (ULONG i = 0; i < Length; i++)
        Buffer[i] = (CHAR)SomeAsciiChar();
    Buffer[Length] = 0;
    return Length;
}

/* Changes, removes or adds a character; the length that remains. */
static ULONG SpoilText(PWSTR Buffer, ULONG Length, ULONG Maximum)
{
    ULONG At = Below(Length + 1);
    WCHAR Char = Once(3) ? SomeChar() : SomeAsciiChar();

    if (Char == 0)
        Char = L'\x7f';
    switch (Below(3)) {
    case 0:
        if (At < Length)
            Buffer[At] = Char;
        return Length;
    case 1:
        if (At == Length)
            return Length;
        memmove(Buffer + At, Buffer + At + 1, (Length - At - 1) * sizeof(WCHAR));
        return Length - 1;
    default:
        if (Length == Maximum)
            return Length;
        memmove(Buffer + At + 1, Buffer + At, (Length - At) * sizeof(WCHAR));
        Buffer[At] = Char;
        return Length + 1;
    }
}

ULONG SomePieces(PWSTR Buffer, ULONG Maximum, const PCWSTR *Pieces, ULONG PieceCount, ULONG MaximumPieces)
{
    ULONG Length = 0, Spoils = Once(4) ? 1 + Below(2) : 0;

    for (ULONG Count = Below(MaximumPieces + 1); Count != 0; Count--) {
        PCWSTR Piece = Pieces[Below(PieceCount)];
        ULONG PieceLength = (ULONG)wcslen(Piece);

        if (Length + PieceLength > Maximum)
            break;
        memcpy(Buffer + Length, Piece, PieceLength * sizeof(WCHAR));
        Length += PieceLength;
    }
    while (Spoils-- != 0)
        Length = SpoilText(Buffer, Length, Maximum);
    Buffer[Length] = 0;
    return Length;
}

VOID ToBytes(PSTR Buffer, PCWSTR Text, ULONG Length)
{
    for (ULONG i = 0; i < Length; i++)
        Buffer[i] = (CHAR)Text[i];
    Buffer[Length] = 0;
}

/* --- memory with nothing mapped behind ----------------------------------------------------------------------------- */

#define SLOT_STRIDE (FUZZ_SLOT + 0x1000)

static NTSTATUS MakeSlots(VOID)
{
    SIZE_T Size = SLOTS * SLOT_STRIDE;
    NTSTATUS Status = NtAllocateVirtualMemory(NtCurrentProcess(), (PVOID *)&Slots, 0, &Size, MEM_RESERVE, PAGE_READWRITE);

    for (ULONG i = 0; i < SLOTS && NT_SUCCESS(Status); i++) {
        PVOID Slot = Slots + i * SLOT_STRIDE;

        Size = FUZZ_SLOT;
        Status = NtAllocateVirtualMemory(NtCurrentProcess(), &Slot, 0, &Size, MEM_COMMIT, PAGE_READWRITE);
    }
    return Status;
}

PVOID Output(SIZE_T Length)
{
    PUCHAR End = Slots + NextSlot * SLOT_STRIDE + FUZZ_SLOT;

    NextSlot = (NextSlot + 1) % SLOTS;
    memset(End - Length, PATTERN, Length);
    return End - Length;
}

PVOID Input(const void *Bytes, SIZE_T Length)
{
    return memcpy(Output(Length), Bytes, Length);
}

UNICODE_STRING InputUnicode(PCWSTR Text, ULONG Length)
{
    return (UNICODE_STRING){ (USHORT)(Length * sizeof(WCHAR)), (USHORT)(Length * sizeof(WCHAR)), Input(Text, Length * sizeof(WCHAR)) };
}

STRING InputString(PCSTR Text, ULONG Length)
{
    return (STRING){ (USHORT)Length, (USHORT)Length, Input(Text, Length) };
}

UNICODE_STRING OutputUnicode(ULONG MaximumLength)
{
    return (UNICODE_STRING){ 0, (USHORT)MaximumLength, Output((MaximumLength + 1) & ~1u) };
}

STRING OutputString(ULONG MaximumLength)
{
    return (STRING){ 0, (USHORT)MaximumLength, Output(MaximumLength) };
}

/* --- telling -------------------------------------------------------------------------------------------------------- */

static VOID Fold(const void *Bytes, SIZE_T Length)
{
    for (SIZE_T i = 0; i < Length; i++)
        Digest = (Digest ^ ((const UCHAR *)Bytes)[i]) * 0x100000001b3;
}

VOID Tell(PCSTR Name, ULONG64 Value)
{
    Fold(&Value, sizeof(Value));
    if (Verbose)
        Print(L" %hs=%I64x", Name, Value);
}

VOID TellStatus(NTSTATUS Status)
{
    Fold(&Status, sizeof(Status));
    if (Verbose)
        Print(L" status=%08x", Status);
}

VOID TellSign(PCSTR Name, LONG Value)
{
    Tell(Name, (Value > 0) - (LONG64)(Value < 0));
}

VOID TellPlace(PCSTR Name, const void *Place, const void *Base)
{
    Tell(Name, Place == NULL ? ~0ull : (ULONG64)((PUCHAR)Place - (PUCHAR)Base));
}

/* Bytes of the pattern that end the others are told in one. */
VOID TellBytes(PCSTR Name, const void *Bytes, SIZE_T Length)
{
    SIZE_T Written = Length;

    Fold(Bytes, Length);
    if (!Verbose)
        return;
    while (Written != 0 && ((const UCHAR *)Bytes)[Written - 1] == PATTERN)
        Written--;
    Print(L" %hs[%x]=", Name, (ULONG)Length);
    for (SIZE_T i = 0; i < Written; i++)
        Print(L"%02x", ((const UCHAR *)Bytes)[i]);
    if (Written != Length)
        Print(L"...");
}

static VOID PrintChar(WCHAR Char)
{
    if (Char >= 0x20 && Char < 0x7f && Char != L'\\')
        Print(L"%c", Char);
    else
        Print(L"\\%x;", Char);
}

VOID TellText(PCSTR Name, PCWSTR Text, SIZE_T Length)
{
    if (Text == NULL) {
        Tell(Name, ~0ull);
        return;
    }
    Length = wcsnlen(Text, Length);
    Fold(Text, Length * sizeof(WCHAR));
    Fold(&Length, sizeof(Length));
    if (!Verbose)
        return;
    Print(L" %hs=\"", Name);
    for (SIZE_T i = 0; i < Length; i++)
        PrintChar(Text[i]);
    Print(L"\"");
}

VOID TellUnicode(PCSTR Name, PCUNICODE_STRING String)
{
    ULONG Length = String->Length / sizeof(WCHAR);

    Tell("length", String->Length);
    Fold(String->Buffer, Length * sizeof(WCHAR));
    if (!Verbose)
        return;
    Print(L" %hs=\"", Name);
    for (ULONG i = 0; i < Length; i++)
        PrintChar(String->Buffer[i]);
    Print(L"\"");
}

VOID TellString(PCSTR Name, const STRING *String)
{
    Tell("length", String->Length);
    Fold(String->Buffer, String->Length);
    if (!Verbose)
        return;
    Print(L" %hs=\"", Name);
    for (ULONG i = 0; i < String->Length; i++)
        PrintChar((UCHAR)String->Buffer[i]);
    Print(L"\"");
}

/* --- cases ---------------------------------------------------------------------------------------------------------- */

static VOID RunCase(const FUZZ_ROUTINE *Routine, ULONG64 Seed, ULONG Number)
{
    NTSTATUS Exception = STATUS_SUCCESS;

    RandomState = Mix(Seed + Number);
    for (PCSTR Name = Routine->Name; *Name != 0; Name++)
        RandomState = Mix(RandomState ^ *Name);
    NextSlot = 0;
    if (Verbose)
        Print(L"%u:", Number);
    __try {
        Routine->Case();
    } __except (Exception = GetExceptionCode(), EXCEPTION_EXECUTE_HANDLER) {
        Tell("exception", (ULONG)Exception);
    }
    if (Verbose)
        Print(L"\n");
}

static ULONG64 RunCases(const FUZZ_ROUTINE *Routine, ULONG64 Seed, ULONG Cases)
{
    Digest = 0xcbf29ce484222325;
    for (ULONG Number = 0; Number < Cases; Number++)
        RunCase(Routine, Seed, Number);
    return Digest;
}

static VOID RunRoutine(const FUZZ_ROUTINE *Routine, ULONG64 Seed, ULONG Cases)
{
    ULONG Repeated = min(Cases, REPEATED_CASES);
    ULONG64 First = RunCases(Routine, Seed, Repeated);

    if (!CHECK(RunCases(Routine, Seed, Repeated) == First))
        Print(L"%hs: the same cases, another answer\n", Routine->Name);
    Print(L"digest %hs %016I64x\n", Routine->Name, RunCases(Routine, Seed, Cases));
}

static ULONG ArgumentOr(PWSTR *Arguments, int Count, int Index, ULONG Default)
{
    return Index < Count ? wcstoul(Arguments[Index], NULL, 0) : Default;
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    BOOLEAN OnlyOne = ArgumentCount > 2 && wcscmp(Arguments[1], L"-v") == 0, Found = FALSE;
    int First = OnlyOne ? 3 : 1;
    ULONG Seed = ArgumentOr(Arguments, ArgumentCount, First, DEFAULT_SEED);
    ULONG Cases = ArgumentOr(Arguments, ArgumentCount, First + 1, DEFAULT_CASES);
    CHAR Name[64] = "";

    if (!CHECK_STATUS(STATUS_SUCCESS, MakeSlots()))
        return CheckClose();
    PrintSetBuffering(TRUE);
    Print(L"seed %u, %u cases of each routine\n", Seed, Cases);
    if (OnlyOne)
        ToBytes(Name, Arguments[2], min(wcslen(Arguments[2]), sizeof(Name) - 1));
    for (ULONG i = 0; i < ARRAYSIZE(Families); i++)
        for (const FUZZ_ROUTINE *Routine = Families[i]; Routine->Name != NULL; Routine++) {
            if (OnlyOne && strcmp(Routine->Name, Name) != 0)
                continue;
            Found = TRUE;
            if ((Verbose = OnlyOne))
                RunCases(Routine, Seed, Cases);
            else
                RunRoutine(Routine, Seed, Cases);
        }
    CHECK(Found);
    return CheckClose();
}
