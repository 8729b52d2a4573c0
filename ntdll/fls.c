/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Fiber local storage.
 *
 * TEB.FlsData names the thread's block of values, made when a value is first set.  Callbacks run for values that are
 * not NULL when a slot is freed (for every thread's value) and when a thread or fiber ends.  Under one slim lock;
 * callbacks run without it.
 */
#include "ntdllp.h"

#define FLS_SLOTS 1024

typedef struct _FLS_BLOCK {
    LIST_ENTRY Links;
    PVOID Values[FLS_SLOTS];
} FLS_BLOCK;

typedef struct _FLS_SLOT {
    BOOLEAN Used;
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
            RtlpFlsSlots[Slot] = (FLS_SLOT){ TRUE, Callback };
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

NTSTATUS NTAPI RtlFlsFree(ULONG Index)
{
    PFLS_CALLBACK_FUNCTION Callback;

    if (Index == 0 || Index >= FLS_SLOTS || !RtlpFlsSlots[Index].Used)
        return STATUS_INVALID_PARAMETER;
    for (PLIST_ENTRY Link = RtlpFlsBlocks.Flink; Link != &RtlpFlsBlocks; Link = Link->Flink) {
        PVOID Value = RtlpTakeFls(CONTAINING_RECORD(Link, FLS_BLOCK, Links), Index, &Callback);

        if (Value != NULL && Callback != NULL)
            Callback(Value);
    }
    RtlAcquireSRWLockExclusive(&RtlpFlsLock);
    RtlpFlsSlots[Index] = (FLS_SLOT){ FALSE, NULL };
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

    if (Index == 0 || Index >= FLS_SLOTS || !RtlpFlsSlots[Index].Used)
        return STATUS_INVALID_PARAMETER;
    if (Block == NULL) {
        Block = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Block));
        if (Block == NULL)
            return STATUS_NO_MEMORY;
        RtlAcquireSRWLockExclusive(&RtlpFlsLock);
        InsertTailList(&RtlpFlsBlocks, &Block->Links);
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
        RemoveEntryList(&Block->Links);
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
