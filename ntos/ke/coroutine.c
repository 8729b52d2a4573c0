/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Coroutines: the stacks that ntos runs on.
 *
 * Exactly one runs, and it is in the event loop (KiLoop) or in something that the loop called.  A wait parks the
 * running stack for its thread and takes another one from the pool, which goes on with the loop; when the wait ends,
 * the thread goes to the ready list, and the loop gives its own stack to the pool and goes on with the thread's.
 * Every stack in the pool is at the top of the loop and owes nobody an answer.
 *
 * One spare stack is kept ahead; a wait that finds none fails (STATUS_INSUFFICIENT_RESOURCES) instead of stopping the
 * loop.
 */
#include "kep.h"

PKCOROUTINE KiCurrentCoroutine;
LIST_ENTRY KiReadyList;

static PKCOROUTINE KipFreeCoroutines;
static ULONG KipFreeCount;

static PKCOROUTINE KipCreateCoroutine(VOID)
{
    PKCOROUTINE Coroutine = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Coroutine), 'oCeK');
    PVOID *Stack;

    if (Coroutine == NULL)
        return NULL;
    Coroutine->StackLow = MmCreateKernelStack(KI_STACK_SIZE);
    if (Coroutine->StackLow == NULL) {
        ExFreePool(Coroutine);
        return NULL;
    }
    /* Eight registers, the return address; KiCoroutineEntry finds RSP 16-byte aligned. */
    Stack = (PVOID *)((PUCHAR)Coroutine->StackLow + KI_STACK_SIZE - 16);
    *--Stack = (PVOID)KiCoroutineEntry;
    for (int i = 0; i < 8; i++)
        *--Stack = NULL;
    Coroutine->StackPointer = Stack;
    KeStatistics.Coroutines++;
    return Coroutine;
}

static VOID KipAddFree(PKCOROUTINE Coroutine)
{
    Coroutine->Next = KipFreeCoroutines;
    KipFreeCoroutines = Coroutine;
    KipFreeCount++;
}

VOID KiInitializeCoroutines(VOID)
{
    KiInitializeList(&KiReadyList);
    for (int i = 0; i < 3; i++) {
        PKCOROUTINE Coroutine = KipCreateCoroutine();

        if (Coroutine == NULL)
            KeBugCheck("Not enough memory for the first stacks.");
        KipAddFree(Coroutine);
    }
    KiCurrentCoroutine = KipFreeCoroutines;
    KipFreeCoroutines = KiCurrentCoroutine->Next;
    KipFreeCount--;
}

BOOLEAN KiPark(VOID)
{
    PKTHREAD Thread = KiCurrentThread;
    PKCOROUTINE Mine = KiCurrentCoroutine, Next;
    PMM_SPACE Space = MmCurrentSpace;

    if (KipFreeCount < 2) {
        Next = KipCreateCoroutine();
        if (Next != NULL)
            KipAddFree(Next);
    }
    Next = KipFreeCoroutines;
    if (Next == NULL)
        return FALSE;
    KipFreeCoroutines = Next->Next;
    KipFreeCount--;
    KeStatistics.CoroutinesInUse++;
    KeStatistics.ContextSwitches++;
    KiCurrentCoroutine = Next;
    Thread->Coroutine = Mine;
    KiSwitchStack(&Mine->StackPointer, Next->StackPointer);
    /* Somebody called KiResumeCoroutine. */
    Thread->Coroutine = NULL;
    KiCurrentThread = Thread;
    MmCurrentSpace = Space;
    return TRUE;
}

VOID KiReadyThread(PKTHREAD Thread)
{
    KiAppend(&KiReadyList, &Thread->ReadyListEntry);
    KiPendingWork = TRUE;
}

VOID KiResumeCoroutine(PKCOROUTINE Coroutine)
{
    PKCOROUTINE Mine = KiCurrentCoroutine;

    KipAddFree(Mine);
    KeStatistics.CoroutinesInUse--;
    KiCurrentCoroutine = Coroutine;
    KiSwitchStack(&Mine->StackPointer, Coroutine->StackPointer);
}
