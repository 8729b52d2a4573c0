/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Atom tables of a process: names to numbers from 0xC000 on, and back.
 *
 * A table has a chain of entries per hash bucket and an array that finds the entry of a number; numbers that become
 * free are given out again.  Texts compare without case.  Numbers below 0xC000 are integer atoms: they name themselves
 * ("#123"), and are never stored.  A table is a heap block with a lock of its own.
 */
#include "ntdllp.h"

#define FIRST_ATOM 0xC000
#define MAX_ATOMS 0x4000
#define MAX_NAME 255                    /* characters */
#define DEFAULT_BUCKETS 37

typedef struct _ATOM_ENTRY {
    struct _ATOM_ENTRY *Next;
    RTL_ATOM Atom;
    USHORT Pinned;
    ULONG References;
    ULONG Hash;
    ULONG NameLength;                   /* characters */
    WCHAR Name[];
} ATOM_ENTRY;

struct _RTL_ATOM_TABLE {
    RTL_CRITICAL_SECTION Lock;
    ULONG BucketCount;
    ULONG Room;                         /* entries of ByAtom */
    ATOM_ENTRY **ByAtom;
    ATOM_ENTRY *Buckets[];
};

/* Buckets 0: the default number.  A table that is there already is left as it is: STATUS_SUCCESS with Buckets 0, else
 * STATUS_INVALID_PARAMETER. */
NTSTATUS NTAPI RtlCreateAtomTable(ULONG Buckets, PRTL_ATOM_TABLE *Table)
{
    PRTL_ATOM_TABLE New;

    if (*Table != NULL)
        return Buckets != 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    if (Buckets < 2)
        Buckets = DEFAULT_BUCKETS;
    New = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*New) + Buckets * sizeof(New->Buckets[0]));
    if (New == NULL)
        return STATUS_NO_MEMORY;
    RtlInitializeCriticalSection(&New->Lock);
    New->BucketCount = Buckets;
    *Table = New;
    return STATUS_SUCCESS;
}

/* Under the lock. */
static VOID RtlpRemoveAtom(PRTL_ATOM_TABLE Table, ATOM_ENTRY *Entry)
{
    ATOM_ENTRY **Link = &Table->Buckets[Entry->Hash % Table->BucketCount];

    while (*Link != Entry)
        Link = &(*Link)->Next;
    *Link = Entry->Next;
    Table->ByAtom[Entry->Atom - FIRST_ATOM] = NULL;
    RtlFreeHeap(RtlProcessHeap(), 0, Entry);
}

NTSTATUS NTAPI RtlEmptyAtomTable(PRTL_ATOM_TABLE Table, BOOLEAN DeletePinned)
{
    if (Table == NULL)
        return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&Table->Lock);
    for (ULONG Index = 0; Index < Table->Room; Index++)
        if (Table->ByAtom[Index] != NULL && (DeletePinned || !Table->ByAtom[Index]->Pinned))
            RtlpRemoveAtom(Table, Table->ByAtom[Index]);
    RtlLeaveCriticalSection(&Table->Lock);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlDestroyAtomTable(PRTL_ATOM_TABLE Table)
{
    NTSTATUS Status = RtlEmptyAtomTable(Table, TRUE);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlDeleteCriticalSection(&Table->Lock);
    RtlFreeHeap(RtlProcessHeap(), 0, Table->ByAtom);
    RtlFreeHeap(RtlProcessHeap(), 0, Table);
    return STATUS_SUCCESS;
}

/* --- names ------------------------------------------------------------------------------------------------------- */

/* TRUE: Name is an integer atom (a small pointer, or "#digits"); *Atom is 0 if its number is none. */
static BOOLEAN RtlpIsIntegerAtom(PCWSTR Name, RTL_ATOM *Atom)
{
    ULONG Value = (ULONG)(ULONG_PTR)Name;

    if ((ULONG_PTR)Name > 0xffff) {
        if (*Name++ != '#' || *Name == 0)
            return FALSE;
        for (Value = 0; *Name != 0; Name++) {
            if (*Name < '0' || *Name > '9')
                return FALSE;
            if (Value < 0x10000)
                Value = Value * 10 + (ULONG)(*Name - '0');
        }
    }
    *Atom = Value < FIRST_ATOM ? (RTL_ATOM)Value : 0;
    return TRUE;
}

static ULONG RtlpHashAtom(PCWSTR Name, SIZE_T Length)
{
    ULONG Hash = 0;

    for (SIZE_T Index = 0; Index < Length; Index++)
        Hash = Hash * 31 + RtlUpcaseUnicodeChar(Name[Index]);
    return Hash;
}

/* Under the lock. */
static ATOM_ENTRY *RtlpFindAtomName(PRTL_ATOM_TABLE Table, PCWSTR Name, SIZE_T Length, ULONG Hash)
{
    for (ATOM_ENTRY *Entry = Table->Buckets[Hash % Table->BucketCount]; Entry != NULL; Entry = Entry->Next)
        if (Entry->Hash == Hash &&
            RtlCompareUnicodeStrings(Entry->Name, Entry->NameLength, Name, Length, TRUE) == 0)
            return Entry;
    return NULL;
}

/* Under the lock; NULL: no such atom. */
static ATOM_ENTRY *RtlpFindAtom(PRTL_ATOM_TABLE Table, RTL_ATOM Atom)
{
    return Atom >= FIRST_ATOM && (ULONG)(Atom - FIRST_ATOM) < Table->Room ? Table->ByAtom[Atom - FIRST_ATOM] : NULL;
}

/* A free number, with room for it in the array; MAX_ATOMS: none.  Under the lock. */
static ULONG RtlpReserveAtom(PRTL_ATOM_TABLE Table)
{
    ULONG Index = 0, Room = Table->Room * 2 + 32;
    ATOM_ENTRY **Grown;

    while (Index < Table->Room && Table->ByAtom[Index] != NULL)
        Index++;
    if (Index < Table->Room || Index == MAX_ATOMS)
        return Index;
    Room = min(Room, MAX_ATOMS);
    Grown = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Room * sizeof(*Grown));
    if (Grown == NULL)
        return MAX_ATOMS;
    if (Table->Room != 0)
        memcpy(Grown, Table->ByAtom, Table->Room * sizeof(*Grown));
    RtlFreeHeap(RtlProcessHeap(), 0, Table->ByAtom);
    Table->ByAtom = Grown;
    Table->Room = Room;
    return Index;
}

static NTSTATUS RtlpInsertAtom(PRTL_ATOM_TABLE Table, PCWSTR Name, SIZE_T Length, ULONG Hash, ATOM_ENTRY **Inserted)
{
    ULONG Index = RtlpReserveAtom(Table);
    ATOM_ENTRY **Bucket = &Table->Buckets[Hash % Table->BucketCount], *Entry;

    if (Index == MAX_ATOMS)
        return STATUS_NO_MEMORY;
    Entry = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Entry) + (Length + 1) * sizeof(WCHAR));
    if (Entry == NULL)
        return STATUS_NO_MEMORY;
    Entry->Atom = (RTL_ATOM)(FIRST_ATOM + Index);
    Entry->Hash = Hash;
    Entry->NameLength = (ULONG)Length;
    memcpy(Entry->Name, Name, Length * sizeof(WCHAR));
    Entry->Next = *Bucket;
    *Bucket = Table->ByAtom[Index] = Entry;
    *Inserted = Entry;
    return STATUS_SUCCESS;
}

/* The atom of Name, made if needed, with one reference more.  STATUS_OBJECT_NAME_INVALID: an empty
 * name; STATUS_INVALID_PARAMETER: no such integer atom (NULL is 0), or longer than 255 characters; STATUS_NO_MEMORY. */
NTSTATUS NTAPI RtlAddAtomToAtomTable(PRTL_ATOM_TABLE Table, PCWSTR Name, RTL_ATOM *Atom)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ATOM_ENTRY *Entry;
    RTL_ATOM Integer;
    SIZE_T Length;
    ULONG Hash;

    if (Table == NULL)
        return STATUS_INVALID_PARAMETER;
    if (RtlpIsIntegerAtom(Name, &Integer)) {
        if (Integer != 0 && Atom != NULL)
            *Atom = Integer;
        return Integer != 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    }
    if (*Name == 0)
        return STATUS_OBJECT_NAME_INVALID;
    Length = wcsnlen(Name, MAX_NAME + 1);
    if (Length > MAX_NAME)
        return STATUS_INVALID_PARAMETER;
    Hash = RtlpHashAtom(Name, Length);
    RtlEnterCriticalSection(&Table->Lock);
    Entry = RtlpFindAtomName(Table, Name, Length, Hash);
    if (Entry == NULL)
        Status = RtlpInsertAtom(Table, Name, Length, Hash, &Entry);
    if (NT_SUCCESS(Status)) {
        Entry->References++;
        if (Atom != NULL)
            *Atom = Entry->Atom;
    }
    RtlLeaveCriticalSection(&Table->Lock);
    return Status;
}

NTSTATUS NTAPI RtlLookupAtomInAtomTable(PRTL_ATOM_TABLE Table, PCWSTR Name, RTL_ATOM *Atom)
{
    ATOM_ENTRY *Entry;
    RTL_ATOM Integer, Found = 0;
    SIZE_T Length;

    if (Table == NULL)
        return STATUS_INVALID_PARAMETER;
    if (RtlpIsIntegerAtom(Name, &Integer)) {
        if (Integer != 0 && Atom != NULL)
            *Atom = Integer;
        return Integer != 0 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    }
    if (*Name == 0)
        return STATUS_OBJECT_NAME_INVALID;
    Length = wcsnlen(Name, MAX_NAME + 1);
    if (Length > MAX_NAME)
        return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&Table->Lock);
    Entry = RtlpFindAtomName(Table, Name, Length, RtlpHashAtom(Name, Length));
    if (Entry != NULL)
        Found = Entry->Atom;
    RtlLeaveCriticalSection(&Table->Lock);
    if (Found != 0 && Atom != NULL)
        *Atom = Found;
    return Found != 0 ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

/* --- numbers ----------------------------------------------------------------------------------------------------- */

/* Takes one reference back; the atom goes with the last.  STATUS_WAS_LOCKED: it is pinned, and stays. */
NTSTATUS NTAPI RtlDeleteAtomFromAtomTable(PRTL_ATOM_TABLE Table, RTL_ATOM Atom)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ATOM_ENTRY *Entry;

    if (Table == NULL)
        return STATUS_INVALID_PARAMETER;
    if (Atom < FIRST_ATOM)
        return Atom != 0 ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
    RtlEnterCriticalSection(&Table->Lock);
    Entry = RtlpFindAtom(Table, Atom);
    if (Entry == NULL)
        Status = STATUS_INVALID_HANDLE;
    else if (Entry->Pinned)
        Status = STATUS_WAS_LOCKED;
    else if (--Entry->References == 0)
        RtlpRemoveAtom(Table, Entry);
    RtlLeaveCriticalSection(&Table->Lock);
    return Status;
}

/* The atom stays until the table is emptied. */
NTSTATUS NTAPI RtlPinAtomInAtomTable(PRTL_ATOM_TABLE Table, RTL_ATOM Atom)
{
    ATOM_ENTRY *Entry;

    if (Table == NULL)
        return STATUS_INVALID_PARAMETER;
    if (Atom < FIRST_ATOM)
        return Atom != 0 ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
    RtlEnterCriticalSection(&Table->Lock);
    Entry = RtlpFindAtom(Table, Atom);
    if (Entry != NULL)
        Entry->Pinned = TRUE;
    RtlLeaveCriticalSection(&Table->Lock);
    return Entry != NULL ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

/* *Length: bytes of room on entry; bytes of text without the zero on return, cut to what fits. */
static NTSTATUS RtlpReturnAtomName(PCWSTR Text, SIZE_T Characters, PWSTR Name, PULONG Length)
{
    ULONG Room = *Length / sizeof(WCHAR);

    if (Room == 0) {
        *Length = (ULONG)(Characters * sizeof(WCHAR));
        return STATUS_BUFFER_TOO_SMALL;
    }
    if (Characters >= Room)
        Characters = Room - 1;
    memcpy(Name, Text, Characters * sizeof(WCHAR));
    Name[Characters] = 0;
    *Length = (ULONG)(Characters * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

/* Each of References, Pinned, and Name with Length may be NULL.  STATUS_INVALID_HANDLE: no such atom;
 * STATUS_INVALID_PARAMETER: atom 0; STATUS_BUFFER_TOO_SMALL: no room for a character. */
NTSTATUS NTAPI RtlQueryAtomInAtomTable(PRTL_ATOM_TABLE Table, RTL_ATOM Atom, PULONG References, PULONG Pinned,
        PWSTR Name, PULONG Length)
{
    NTSTATUS Status = STATUS_SUCCESS;
    WCHAR Number[8];
    ATOM_ENTRY *Entry;

    if (Table == NULL || Atom == 0)
        return STATUS_INVALID_PARAMETER;
    if (Atom < FIRST_ATOM) {
        if (References != NULL)
            *References = 1;
        if (Pinned != NULL)
            *Pinned = 1;
        return Name != NULL && Length != NULL
                ? RtlpReturnAtomName(Number, (SIZE_T)_snwprintf(Number, ARRAYSIZE(Number), L"#%u", Atom), Name, Length)
                : STATUS_SUCCESS;
    }
    RtlEnterCriticalSection(&Table->Lock);
    Entry = RtlpFindAtom(Table, Atom);
    if (Entry == NULL) {
        Status = STATUS_INVALID_HANDLE;
    } else {
        if (References != NULL)
            *References = Entry->References;
        if (Pinned != NULL)
            *Pinned = Entry->Pinned;
        if (Name != NULL && Length != NULL)
            Status = RtlpReturnAtomName(Entry->Name, Entry->NameLength, Name, Length);
    }
    RtlLeaveCriticalSection(&Table->Lock);
    return Status;
}
