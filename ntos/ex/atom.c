/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The global atom table: names of at most 255 characters to numbers 0xC000..0xFFFF, counted references,
 * case-insensitive. A name L"#123" (1..0xBFFF), or a pointer below 0x10000, is an integer atom: no entry, no count.
 * NtAddAtom, NtFindAtom, NtDeleteAtom, NtQueryInformationAtom.  Nothing here waits.
 */
#include "ntos/ex/exp.h"

#define EXP_FIRST_ATOM 0xC000
#define EXP_ATOM_COUNT 0x4000
#define EXP_ATOM_BUCKETS 256
#define EXP_ATOM_NAME_CHARS 255

typedef struct _EX_ATOM {
    struct _EX_ATOM *HashNext;
    RTL_ATOM Atom;
    USHORT ReferenceCount;
    ULONG Hash;
    UNICODE_STRING Name;                /* follows this structure */
} EX_ATOM, *PEX_ATOM;

static PEX_ATOM ExpAtomBuckets[EXP_ATOM_BUCKETS];
static PEX_ATOM *ExpAtoms;              /* by number; EXP_ATOM_COUNT entries, made at the first use */
static ULONG ExpNextAtom;
static ULONG ExpAtomsInUse;

typedef struct _ATOM_BASIC_INFORMATION {
    USHORT UsageCount;
    USHORT Flags;
    USHORT NameLength;
    WCHAR Name[1];
} ATOM_BASIC_INFORMATION, *PATOM_BASIC_INFORMATION;

/* The argument of a service: *Integer is the integer atom, or 0 and Name holds the characters. */
static NTSTATUS ExpCaptureAtomName(const WCHAR *AtomName, ULONG Length, PUNICODE_STRING Name, PWCHAR Buffer,
        RTL_ATOM *Integer)
{
    ULONG Value = 0;
    NTSTATUS Status;

    *Integer = 0;
    if ((ULONG_PTR)AtomName < 0x10000) {
        *Integer = (RTL_ATOM)(ULONG_PTR)AtomName;
        return *Integer == 0 || *Integer >= EXP_FIRST_ATOM ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    }
    if (Length > EXP_ATOM_NAME_CHARS * sizeof(WCHAR) || Length & 1)
        return STATUS_INVALID_PARAMETER;
    if (Length == 0)
        return STATUS_OBJECT_NAME_INVALID;
    Status = MmCopyFromUser(Buffer, AtomName, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    Name->Buffer = Buffer;
    Name->Length = Name->MaximumLength = Length;
    if (Buffer[0] != '#' || Length < 2 * sizeof(WCHAR))
        return STATUS_SUCCESS;
    for (ULONG i = 1; i < Length / sizeof(WCHAR); i++) {
        if (Buffer[i] < '0' || Buffer[i] > '9' || Value > 0xFFFF)
            return STATUS_SUCCESS;
        Value = Value * 10 + (Buffer[i] - '0');
    }
    if (Value == 0 || Value >= EXP_FIRST_ATOM)
        return STATUS_INVALID_PARAMETER;
    *Integer = (RTL_ATOM)Value;
    return STATUS_SUCCESS;
}

static PEX_ATOM ExpFindAtom(PUNICODE_STRING Name, PULONG Hash)
{
    RtlHashUnicodeString(Name, TRUE, HASH_STRING_ALGORITHM_X65599, Hash);
    for (PEX_ATOM Atom = ExpAtomBuckets[*Hash % EXP_ATOM_BUCKETS]; Atom != NULL; Atom = Atom->HashNext) {
        if (Atom->Hash == *Hash && RtlEqualUnicodeString(&Atom->Name, Name, TRUE))
            return Atom;
    }
    return NULL;
}

/* A free number, or EXP_ATOM_COUNT. */
static ULONG ExpAllocateAtomNumber(VOID)
{
    if (ExpAtoms == NULL) {
        ExpAtoms = ExAllocatePoolZero(PagedPool, EXP_ATOM_COUNT * sizeof(*ExpAtoms), EX_TAG_ATOM);
        if (ExpAtoms == NULL)
            return EXP_ATOM_COUNT;
    }
    for (ULONG i = 0; i < EXP_ATOM_COUNT; i++) {
        ULONG Number = (ExpNextAtom + i) % EXP_ATOM_COUNT;

        if (ExpAtoms[Number] == NULL) {
            ExpNextAtom = Number + 1;
            return Number;
        }
    }
    return EXP_ATOM_COUNT;
}

static NTSTATUS ExpInsertAtom(PUNICODE_STRING Name, ULONG Hash, PEX_ATOM *Result)
{
    ULONG Number = ExpAllocateAtomNumber();
    PEX_ATOM Atom;

    if (Number == EXP_ATOM_COUNT)
        return STATUS_NO_MEMORY;
    Atom = ExAllocatePoolWithTag(PagedPool, sizeof(*Atom) + Name->Length, EX_TAG_ATOM);
    if (Atom == NULL)
        return STATUS_NO_MEMORY;
    Atom->Atom = (RTL_ATOM)(EXP_FIRST_ATOM + Number);
    Atom->ReferenceCount = 0;
    Atom->Hash = Hash;
    Atom->Name.Buffer = (PWSTR)(Atom + 1);
    Atom->Name.Length = Atom->Name.MaximumLength = Name->Length;
    memcpy(Atom->Name.Buffer, Name->Buffer, Name->Length);
    Atom->HashNext = ExpAtomBuckets[Hash % EXP_ATOM_BUCKETS];
    ExpAtomBuckets[Hash % EXP_ATOM_BUCKETS] = Atom;
    ExpAtoms[Number] = Atom;
    ExpAtomsInUse++;
    *Result = Atom;
    return STATUS_SUCCESS;
}

static VOID ExpRemoveAtom(PEX_ATOM Atom)
{
    PEX_ATOM *Link = &ExpAtomBuckets[Atom->Hash % EXP_ATOM_BUCKETS];

    while (*Link != Atom)
        Link = &(*Link)->HashNext;
    *Link = Atom->HashNext;
    ExpAtoms[Atom->Atom - EXP_FIRST_ATOM] = NULL;
    ExpAtomsInUse--;
    ExFreePoolWithTag(Atom, EX_TAG_ATOM);
}

static PEX_ATOM ExpAtomByNumber(RTL_ATOM Number)
{
    return Number >= EXP_FIRST_ATOM && ExpAtoms != NULL ? ExpAtoms[Number - EXP_FIRST_ATOM] : NULL;
}

NTSTATUS NTAPI NtAddAtom(const WCHAR *AtomName, ULONG Length, PRTL_ATOM Atom)
{
    WCHAR Buffer[EXP_ATOM_NAME_CHARS];
    UNICODE_STRING Name;
    RTL_ATOM Number;
    PEX_ATOM Entry;
    ULONG Hash;
    NTSTATUS Status;

    Status = ExpCaptureAtomName(AtomName, Length, &Name, Buffer, &Number);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Number == 0) {
        Entry = ExpFindAtom(&Name, &Hash);
        if (Entry == NULL) {
            Status = ExpInsertAtom(&Name, Hash, &Entry);
            if (!NT_SUCCESS(Status))
                return Status;
        }
        /* A count that reached its limit stays: the atom is then never deleted. */
        if (Entry->ReferenceCount != 0xFFFF)
            Entry->ReferenceCount++;
        Number = Entry->Atom;
    }
    return Atom != NULL ? MmPutUser(Atom, Number) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtFindAtom(const WCHAR *AtomName, ULONG Length, PRTL_ATOM Atom)
{
    WCHAR Buffer[EXP_ATOM_NAME_CHARS];
    UNICODE_STRING Name;
    RTL_ATOM Number;
    ULONG Hash;
    NTSTATUS Status;

    Status = ExpCaptureAtomName(AtomName, Length, &Name, Buffer, &Number);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Number == 0) {
        PEX_ATOM Entry = ExpFindAtom(&Name, &Hash);

        if (Entry == NULL)
            return STATUS_OBJECT_NAME_NOT_FOUND;
        Number = Entry->Atom;
    }
    return Atom != NULL ? MmPutUser(Atom, Number) : STATUS_SUCCESS;
}

NTSTATUS NTAPI NtDeleteAtom(RTL_ATOM Atom)
{
    PEX_ATOM Entry = ExpAtomByNumber(Atom);

    if (Atom < EXP_FIRST_ATOM)
        return Atom != 0 ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
    if (Entry == NULL)
        return STATUS_INVALID_HANDLE;
    if (Entry->ReferenceCount != 0xFFFF && --Entry->ReferenceCount == 0)
        ExpRemoveAtom(Entry);
    return STATUS_SUCCESS;
}

/* Name, cut where the buffer ends and then terminated, as in NT. */
static NTSTATUS ExpQueryAtomBasic(RTL_ATOM Atom, PATOM_BASIC_INFORMATION User, ULONG Length, PULONG Needed)
{
    ULONG Header = FIELD_OFFSET(ATOM_BASIC_INFORMATION, Name);
    PEX_ATOM Entry = ExpAtomByNumber(Atom);
    ATOM_BASIC_INFORMATION Info = { 1, 1, 0, { 0 } };
    WCHAR Integer[8];
    PWCHAR Name = Integer;
    ULONG NameBytes;
    NTSTATUS Status;

    *Needed = sizeof(Info);
    if (Length < sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Atom == 0 || (Atom >= EXP_FIRST_ATOM && Entry == NULL))
        return STATUS_INVALID_HANDLE;
    if (Entry != NULL) {
        Info.UsageCount = Entry->ReferenceCount;
        Info.Flags = 0;
        Name = Entry->Name.Buffer;
        NameBytes = Entry->Name.Length;
    } else {
        NameBytes = _snwprintf(Integer, RTL_NUMBER_OF(Integer), L"#%u", Atom) * sizeof(WCHAR);
    }
    *Needed = Header + NameBytes + sizeof(WCHAR);
    if (Length < *Needed)
        NameBytes = (Length - Header - sizeof(WCHAR)) & ~1u;
    Info.NameLength = (USHORT)NameBytes;
    Status = MmCopyToUser(User, &Info, Header);
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser((PUCHAR)User + Header, Name, NameBytes);
    if (NT_SUCCESS(Status))
        Status = MmZeroUser((PUCHAR)User + Header + NameBytes, sizeof(WCHAR));
    return Status;
}

static NTSTATUS ExpQueryAtomTable(PULONG User, ULONG Length, PULONG Needed)
{
    ULONG Out = 0;

    *Needed = sizeof(ULONG) + ExpAtomsInUse * sizeof(RTL_ATOM);
    if (Length < *Needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    for (ULONG i = 0; i < EXP_ATOM_COUNT && ExpAtoms != NULL; i++) {
        if (ExpAtoms[i] != NULL) {
            NTSTATUS Status = MmPutUser((PRTL_ATOM)(User + 1) + Out++, ExpAtoms[i]->Atom);

            if (!NT_SUCCESS(Status))
                return Status;
        }
    }
    return MmPutUser(User, Out);
}

NTSTATUS NTAPI NtQueryInformationAtom(RTL_ATOM Atom, ATOM_INFORMATION_CLASS AtomInformationClass, PVOID AtomInformation,
        ULONG AtomInformationLength, PULONG ReturnLength)
{
    ULONG Needed = 0;
    NTSTATUS Status = MmProbeAnswer(AtomInformation, AtomInformationLength, ReturnLength, sizeof(*ReturnLength));

    if (!NT_SUCCESS(Status))
        return Status;
    switch (AtomInformationClass) {
    case AtomBasicInformation:
        Status = ExpQueryAtomBasic(Atom, AtomInformation, AtomInformationLength, &Needed);
        break;
    case AtomTableInformation:
        Status = ExpQueryAtomTable(AtomInformation, AtomInformationLength, &Needed);
        break;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
    if (ReturnLength != NULL) {
        NTSTATUS WriteStatus = MmPutUser(ReturnLength, Needed);

        if (!NT_SUCCESS(WriteStatus))
            return WriteStatus;
    }
    return Status;
}
