/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fiber local storage.
 *
 * TEB.FlsData names the thread's block of values, made when a value is first set.  Callbacks run for values that are
 * not NULL when a slot is freed (for every thread's value) and when a thread or fiber ends.  Under one slim lock;
 * callbacks run without it: who goes through all blocks leaves a cursor in their list meanwhile.
 */
#include "ntdllp.h"

#define FLS_SLOTS 1024

typedef struct _FLS_LINK {
    LIST_ENTRY Links;
    BOOLEAN IsCursor;               /* a place in the list, no block */
} FLS_LINK;

typedef struct _FLS_BLOCK {
    FLS_LINK Link;
    PVOID Values[FLS_SLOTS];
} FLS_BLOCK;

typedef struct _FLS_SLOT {
    BOOLEAN Used;
    BOOLEAN Freeing;                /* takes no new values */
    PFLS_CALLBACK_FUNCTION Callback;
} FLS_SLOT;

static FLS_SLOT RtlpFlsSlots[FLS_SLOTS];
static LIST_ENTRY RtlpFlsBlocks;
static RTL_SRWLOCK RtlpFlsLock;

VOID RtlpInitializeFls(VOID)
{
    InitializeListHead(&RtlpFlsBlocks);
    RtlpFlsSlots[0].Used = TRUE;
}

NTSTATUS NTAPI RtlFlsAlloc(PFLS_CALLBACK_FUNCTION Callback, PULONG Index)
{
    NTSTATUS Status = STATUS_NO_MEMORY;

    RtlAcquireSRWLockExclusive(&RtlpFlsLock);
    for (ULONG Slot = 1; Slot < FLS_SLOTS; Slot++) {
        if (!RtlpFlsSlots[Slot].Used) {
            RtlpFlsSlots[Slot] = (FLS_SLOT){ TRUE, FALSE, Callback };
            *Index = Slot;
            Status = STATUS_SUCCESS;
            break;
        }
    }
    RtlReleaseSRWLockExclusive(&RtlpFlsLock);
    return Status;
}

/* The value of one slot in a block, taken out. */
static PVOID RtlpTakeFls(FLS_BLOCK *Block, ULONG Index, PFLS_CALLBACK_FUNCTION *Callback)
{
    PVOID Value;

    RtlAcquireSRWLockExclusive(&RtlpFlsLock);
    Value = Block->Values[Index];
    Block->Values[Index] = NULL;
    *Callback = RtlpFlsSlots[Index].Callback;
    RtlReleaseSRWLockExclusive(&RtlpFlsLock);
    return Value;
}

/* Moves the cursor on to behind the next block that has a value at Index, and takes that; NULL: there is none. */
static PVOID RtlpNextFls(FLS_LINK *Cursor, ULONG Index)
{
    PVOID Value = NULL;
    PLIST_ENTRY Link;

    RtlAcquireSRWLockExclusive(&RtlpFlsLock);
    for (Link = Cursor->Links.Flink; Link != &RtlpFlsBlocks && Value == NULL; Link = Link->Flink) {
        FLS_LINK *Head = CONTAINING_RECORD(Link, FLS_LINK, Links);
        FLS_BLOCK *Block = CONTAINING_RECORD(Head, FLS_BLOCK, Link);

        if (Head->IsCursor)
            continue;
        Value = Block->Values[Index];
        Block->Values[Index] = NULL;
    }
    RemoveEntryList(&Cursor->Links);
    InsertTailList(Link, &Cursor->Links);
    RtlReleaseSRWLockExclusive(&RtlpFlsLock);
    return Value;
}

/* Calls the callback for every thread's value, in the thread that frees the slot. */
NTSTATUS NTAPI RtlFlsFree(ULONG Index)
{
    FLS_LINK Cursor = { .IsCursor = TRUE };
    PFLS_CALLBACK_FUNCTION Callback;
    PVOID Value;

    if (Index == 0 || Index >= FLS_SLOTS)
        return STATUS_INVALID_PARAMETER;
    RtlAcquireSRWLockExclusive(&RtlpFlsLock);
    if (!RtlpFlsSlots[Index].Used || RtlpFlsSlots[Index].Freeing) {
        RtlReleaseSRWLockExclusive(&RtlpFlsLock);
        return STATUS_INVALID_PARAMETER;
    }
    RtlpFlsSlots[Index].Freeing = TRUE;
    Callback = RtlpFlsSlots[Index].Callback;
    InsertHeadList(&RtlpFlsBlocks, &Cursor.Links);
    RtlReleaseSRWLockExclusive(&RtlpFlsLock);
    while ((Value = RtlpNextFls(&Cursor, Index)) != NULL)
        if (Callback != NULL)
            Callback(Value);
    RtlAcquireSRWLockExclusive(&RtlpFlsLock);
    RemoveEntryList(&Cursor.Links);
    RtlpFlsSlots[Index] = (FLS_SLOT){ FALSE };
    RtlReleaseSRWLockExclusive(&RtlpFlsLock);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlFlsGetValue(ULONG Index, PVOID *Value)
{
    FLS_BLOCK *Block = NtCurrentTebEx()->FlsData;

    if (Index == 0 || Index >= FLS_SLOTS)
        return STATUS_INVALID_PARAMETER;
    *Value = Block != NULL ? Block->Values[Index] : NULL;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlFlsSetValue(ULONG Index, PVOID Value)
{
    FLS_BLOCK *Block = NtCurrentTebEx()->FlsData;

    if (Index == 0 || Index >= FLS_SLOTS || !RtlpFlsSlots[Index].Used || RtlpFlsSlots[Index].Freeing)
        return STATUS_INVALID_PARAMETER;
    if (Block == NULL) {
        Block = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Block));
        if (Block == NULL)
            return STATUS_NO_MEMORY;
        RtlAcquireSRWLockExclusive(&RtlpFlsLock);
        InsertTailList(&RtlpFlsBlocks, &Block->Link.Links);
        RtlReleaseSRWLockExclusive(&RtlpFlsLock);
        NtCurrentTebEx()->FlsData = Block;
    }
    Block->Values[Index] = Value;
    return STATUS_SUCCESS;
}

/* Flags: 1 = run the callbacks, 2 = free the block. */
VOID NTAPI RtlProcessFlsData(PVOID FlsData, ULONG Flags)
{
    FLS_BLOCK *Block = FlsData;
    PFLS_CALLBACK_FUNCTION Callback;

    if (Block == NULL)
        return;
    for (ULONG Index = 1; Flags & 1 && Index < FLS_SLOTS; Index++) {
        PVOID Value = Block->Values[Index] != NULL ? RtlpTakeFls(Block, Index, &Callback) : NULL;

        if (Value != NULL && Callback != NULL)
            Callback(Value);
    }
    if (Flags & 2) {
        RtlAcquireSRWLockExclusive(&RtlpFlsLock);
        RemoveEntryList(&Block->Link.Links);
        RtlReleaseSRWLockExclusive(&RtlpFlsLock);
        RtlFreeHeap(RtlProcessHeap(), 0, Block);
    }
}

VOID RtlpFreeThreadFls(VOID)
{
    PVOID Block = NtCurrentTebEx()->FlsData;

    RtlProcessFlsData(Block, 1);
    NtCurrentTebEx()->FlsData = NULL;
    RtlProcessFlsData(Block, 2);
}
