/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From an instruction's address to its unwind data.
 *
 * Images are in an array sorted by base; code made at run time (RtlAddFunctionTable, RtlAddGrowableFunctionTable,
 * RtlInstallFunctionTableCallback) in a list.  Both are guarded by a lock of their own, not by the loader lock, because
 * exceptions are dispatched while other threads load modules.
 */
#include "ntdllp.h"

typedef struct _IMAGE_TABLE {
    ULONG_PTR Base;
    ULONG Size;
    ULONG Count;
    PRUNTIME_FUNCTION Functions;
    PVOID Owner;                    /* the loader's entry for it */
} IMAGE_TABLE;

typedef struct _DYNAMIC_TABLE {
    LIST_ENTRY Links;
    ULONG_PTR Identifier;           /* what RtlDeleteFunctionTable is given */
    ULONG_PTR Start;                /* addresses that the table speaks of */
    ULONG_PTR End;
    ULONG_PTR Base;
    PRUNTIME_FUNCTION Functions;
    ULONG Count;
    ULONG Room;                     /* a growable table's Functions; Count is at most this */
    PGET_RUNTIME_FUNCTION_CALLBACK Callback;
    PVOID Context;
} DYNAMIC_TABLE;

static IMAGE_TABLE RtlpFirstImages[32];
static IMAGE_TABLE *RtlpImages = RtlpFirstImages;
static ULONG RtlpImageCount, RtlpImageRoom = ARRAYSIZE(RtlpFirstImages);
static LIST_ENTRY RtlpDynamicTables = { &RtlpDynamicTables, &RtlpDynamicTables };
static RTL_SRWLOCK RtlpTableLock;

/* Number of images whose base is at or below Address. */
static ULONG RtlpUpperBound(ULONG_PTR Address)
{
    ULONG Low = 0, High = RtlpImageCount;

    while (Low < High) {
        ULONG Middle = (Low + High) / 2;

        if (RtlpImages[Middle].Base <= Address)
            Low = Middle + 1;
        else
            High = Middle;
    }
    return Low;
}

static const IMAGE_TABLE *RtlpFindImage(ULONG_PTR Address)
{
    ULONG Index = RtlpUpperBound(Address);

    return Index != 0 && Address - RtlpImages[Index - 1].Base < RtlpImages[Index - 1].Size ? &RtlpImages[Index - 1]
            : NULL;
}

NTSTATUS RtlpAddImageFunctionTable(PVOID Base, ULONG SizeOfImage, PVOID Owner)
{
    ULONG Size, Index, Room = RtlpImageRoom * 2;
    PRUNTIME_FUNCTION Functions = RtlImageDirectoryEntryToData(Base, TRUE, IMAGE_DIRECTORY_ENTRY_EXCEPTION, &Size);
    IMAGE_TABLE *Grown = NULL;

    if (RtlpImageCount == RtlpImageRoom) {
        Grown = RtlAllocateHeap(RtlProcessHeap(), 0, Room * sizeof(*Grown));
        if (Grown == NULL)
            return STATUS_NO_MEMORY;
    }
    RtlAcquireSRWLockExclusive(&RtlpTableLock);
    if (Grown != NULL) {
        memcpy(Grown, RtlpImages, RtlpImageCount * sizeof(*Grown));
        if (RtlpImages != RtlpFirstImages)
            RtlFreeHeap(RtlProcessHeap(), 0, RtlpImages);
        RtlpImages = Grown;
        RtlpImageRoom = Room;
    }
    Index = RtlpUpperBound((ULONG_PTR)Base);
    memmove(&RtlpImages[Index + 1], &RtlpImages[Index], (RtlpImageCount - Index) * sizeof(*RtlpImages));
    RtlpImages[Index] = (IMAGE_TABLE){ (ULONG_PTR)Base, SizeOfImage,
            Functions != NULL ? Size / (ULONG)sizeof(*Functions) : 0, Functions, Owner };
    RtlpImageCount++;
    RtlReleaseSRWLockExclusive(&RtlpTableLock);
    return STATUS_SUCCESS;
}

VOID RtlpRemoveImageFunctionTable(PVOID Base)
{
    ULONG Index;

    RtlAcquireSRWLockExclusive(&RtlpTableLock);
    Index = RtlpUpperBound((ULONG_PTR)Base);
    if (Index != 0 && RtlpImages[Index - 1].Base == (ULONG_PTR)Base) {
        memmove(&RtlpImages[Index - 1], &RtlpImages[Index], (RtlpImageCount - Index) * sizeof(*RtlpImages));
        RtlpImageCount--;
    }
    RtlReleaseSRWLockExclusive(&RtlpTableLock);
}

/* The owner of the image that Address is in; NULL: none. */
PVOID RtlpOwnerOfImage(const void *Address)
{
    const IMAGE_TABLE *Image;
    PVOID Owner;

    RtlAcquireSRWLockShared(&RtlpTableLock);
    Image = RtlpFindImage((ULONG_PTR)Address);
    Owner = Image != NULL ? Image->Owner : NULL;
    RtlReleaseSRWLockShared(&RtlpTableLock);
    return Owner;
}

static PRUNTIME_FUNCTION RtlpSearch(PRUNTIME_FUNCTION Functions, ULONG Count, ULONG Rva)
{
    ULONG Low = 0, High = Count;

    while (Low < High) {
        ULONG Middle = (Low + High) / 2;

        if (Rva < Functions[Middle].BeginAddress)
            High = Middle;
        else if (Rva >= Functions[Middle].EndAddress)
            Low = Middle + 1;
        else
            return &Functions[Middle];
    }
    return NULL;
}

/* Dynamic tables need not be sorted. */
static PRUNTIME_FUNCTION RtlpSearchDynamic(ULONG_PTR ControlPc, PULONG_PTR ImageBase)
{
    for (PLIST_ENTRY Link = RtlpDynamicTables.Flink; Link != &RtlpDynamicTables; Link = Link->Flink) {
        DYNAMIC_TABLE *Table = CONTAINING_RECORD(Link, DYNAMIC_TABLE, Links);

        if (ControlPc < Table->Start || ControlPc >= Table->End)
            continue;
        *ImageBase = Table->Base;
        if (Table->Callback != NULL)
            return Table->Callback(ControlPc, Table->Context);
        for (ULONG Index = 0; Index < Table->Count; Index++) {
            PRUNTIME_FUNCTION Function = &Table->Functions[Index];

            if (ControlPc - Table->Base >= Function->BeginAddress && ControlPc - Table->Base < Function->EndAddress)
                return Function;
        }
    }
    return NULL;
}

/* The unwind data of the function that contains ControlPc; NULL: a leaf function, or no code of ours. */
PRUNTIME_FUNCTION NTAPI RtlLookupFunctionEntry(ULONG_PTR ControlPc, PULONG_PTR ImageBase,
        PUNWIND_HISTORY_TABLE HistoryTable)
{
    PRUNTIME_FUNCTION Function = NULL;
    const IMAGE_TABLE *Image;

    RtlAcquireSRWLockShared(&RtlpTableLock);
    Image = RtlpFindImage(ControlPc);
    if (Image != NULL) {
        *ImageBase = Image->Base;
        Function = RtlpSearch(Image->Functions, Image->Count, (ULONG)(ControlPc - Image->Base));
        if (Function != NULL && Function->UnwindData & 1)
            Function = (PRUNTIME_FUNCTION)(Image->Base + (Function->UnwindData & ~1u));
    } else {
        Function = RtlpSearchDynamic(ControlPc, ImageBase);
    }
    RtlReleaseSRWLockShared(&RtlpTableLock);
    return Function;
}

PVOID NTAPI RtlPcToFileHeader(PVOID PcValue, PVOID *BaseOfImage)
{
    const IMAGE_TABLE *Image;

    RtlAcquireSRWLockShared(&RtlpTableLock);
    Image = RtlpFindImage((ULONG_PTR)PcValue);
    *BaseOfImage = Image != NULL ? (PVOID)Image->Base : NULL;
    RtlReleaseSRWLockShared(&RtlpTableLock);
    return *BaseOfImage;
}

/* A copy of Template in the list, or NULL. */
static DYNAMIC_TABLE *RtlpInsertDynamic(const DYNAMIC_TABLE *Template)
{
    DYNAMIC_TABLE *Table = RtlAllocateHeap(RtlProcessHeap(), 0, sizeof(*Table));

    if (Table == NULL)
        return NULL;
    *Table = *Template;
    RtlAcquireSRWLockExclusive(&RtlpTableLock);
    InsertTailList(&RtlpDynamicTables, &Table->Links);
    RtlReleaseSRWLockExclusive(&RtlpTableLock);
    return Table;
}

BOOLEAN __cdecl RtlAddFunctionTable(PRUNTIME_FUNCTION FunctionTable, DWORD EntryCount, DWORD64 BaseAddress)
{
    DYNAMIC_TABLE Table = { .Identifier = (ULONG_PTR)FunctionTable, .Base = BaseAddress, .Functions = FunctionTable,
            .Count = EntryCount, .Start = (ULONG_PTR)-1 };

    for (ULONG Index = 0; Index < EntryCount; Index++) {
        Table.Start = min(Table.Start, BaseAddress + FunctionTable[Index].BeginAddress);
        Table.End = max(Table.End, BaseAddress + FunctionTable[Index].EndAddress);
    }
    return RtlpInsertDynamic(&Table) != NULL;
}

BOOLEAN __cdecl RtlInstallFunctionTableCallback(DWORD64 TableIdentifier, DWORD64 BaseAddress, DWORD Length,
        PGET_RUNTIME_FUNCTION_CALLBACK Callback, PVOID Context, PCWSTR OutOfProcessCallbackDll)
{
    DYNAMIC_TABLE Table = { .Identifier = TableIdentifier, .Base = BaseAddress, .Start = BaseAddress,
            .End = BaseAddress + Length, .Callback = Callback, .Context = Context };

    if ((TableIdentifier & 3) != 3)
        return FALSE;
    return RtlpInsertDynamic(&Table) != NULL;
}

/*
 * Functions of [RangeBase, RangeEnd), sorted, their addresses counted from RangeBase; MaximumEntryCount are there, the
 * first EntryCount count, and RtlGrowFunctionTable adds the next ones.  The table is the caller's until
 * RtlDeleteGrowableFunctionTable.  Source: Microsoft, "RtlAddGrowableFunctionTable" and its kin.
 */
DWORD NTAPI RtlAddGrowableFunctionTable(PVOID *DynamicTable, PRUNTIME_FUNCTION FunctionTable, DWORD EntryCount,
        DWORD MaximumEntryCount, ULONG_PTR RangeBase, ULONG_PTR RangeEnd)
{
    DYNAMIC_TABLE Table = { .Identifier = (ULONG_PTR)-1, .Base = RangeBase, .Start = RangeBase, .End = RangeEnd,
            .Functions = FunctionTable, .Count = EntryCount, .Room = MaximumEntryCount };

    if (EntryCount > MaximumEntryCount || RangeEnd < RangeBase)
        return (DWORD)STATUS_INVALID_PARAMETER;
    *DynamicTable = RtlpInsertDynamic(&Table);
    return (DWORD)(*DynamicTable != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY);
}

/* A count that is less than before, or more than there is room for, changes nothing. */
VOID NTAPI RtlGrowFunctionTable(PVOID DynamicTable, DWORD NewEntryCount)
{
    DYNAMIC_TABLE *Table = DynamicTable;

    RtlAcquireSRWLockExclusive(&RtlpTableLock);
    if (NewEntryCount > Table->Count && NewEntryCount <= Table->Room)
        Table->Count = NewEntryCount;
    RtlReleaseSRWLockExclusive(&RtlpTableLock);
}

VOID NTAPI RtlDeleteGrowableFunctionTable(PVOID DynamicTable)
{
    DYNAMIC_TABLE *Table = DynamicTable;

    RtlAcquireSRWLockExclusive(&RtlpTableLock);
    RemoveEntryList(&Table->Links);
    RtlReleaseSRWLockExclusive(&RtlpTableLock);
    RtlFreeHeap(RtlProcessHeap(), 0, Table);
}

BOOLEAN __cdecl RtlDeleteFunctionTable(PRUNTIME_FUNCTION FunctionTable)
{
    DYNAMIC_TABLE *Found = NULL;

    RtlAcquireSRWLockExclusive(&RtlpTableLock);
    for (PLIST_ENTRY Link = RtlpDynamicTables.Flink; Link != &RtlpDynamicTables; Link = Link->Flink) {
        DYNAMIC_TABLE *Table = CONTAINING_RECORD(Link, DYNAMIC_TABLE, Links);

        if (Table->Identifier == (ULONG_PTR)FunctionTable) {
            RemoveEntryList(Link);
            Found = Table;
            break;
        }
    }
    RtlReleaseSRWLockExclusive(&RtlpTableLock);
    RtlFreeHeap(RtlProcessHeap(), 0, Found);
    return Found != NULL;
}
