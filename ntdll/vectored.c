/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Vectored exception and continue handlers.
 *
 * Two lists under one slim lock.  A handler runs without the lock, on a node that is held by a use count: it may
 * remove itself or others meanwhile.
 */
#include "ntdllp.h"

typedef struct _VECTORED_NODE {
    LIST_ENTRY Links;
    PVECTORED_EXCEPTION_HANDLER Handler;
    ULONG Uses;
    BOOLEAN Removed;
} VECTORED_NODE;

static LIST_ENTRY RtlpExceptionHandlers = { &RtlpExceptionHandlers, &RtlpExceptionHandlers };
static LIST_ENTRY RtlpContinueHandlers = { &RtlpContinueHandlers, &RtlpContinueHandlers };
static RTL_SRWLOCK RtlpVectoredLock;

static PVOID RtlpAddVectored(PLIST_ENTRY List, ULONG First, PVECTORED_EXCEPTION_HANDLER Handler)
{
    VECTORED_NODE *Node = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Node));

    if (Node == NULL)
        return NULL;
    Node->Handler = Handler;
    Node->Uses = 1;
    RtlAcquireSRWLockExclusive(&RtlpVectoredLock);
    if (First)
        InsertHeadList(List, &Node->Links);
    else
        InsertTailList(List, &Node->Links);
    RtlReleaseSRWLockExclusive(&RtlpVectoredLock);
    return Node;
}

/* Gives a use back, under the lock; TRUE: it was the last one, and the node is out of its list. */
static BOOLEAN RtlpReleaseNode(VECTORED_NODE *Node)
{
    if (--Node->Uses != 0)
        return FALSE;
    RemoveEntryList(&Node->Links);
    return TRUE;
}

static ULONG RtlpRemoveVectored(PLIST_ENTRY List, PVOID Handle)
{
    VECTORED_NODE *Found = NULL;
    BOOLEAN Free = FALSE;

    RtlAcquireSRWLockExclusive(&RtlpVectoredLock);
    for (PLIST_ENTRY Link = List->Flink; Link != List; Link = Link->Flink) {
        VECTORED_NODE *Node = CONTAINING_RECORD(Link, VECTORED_NODE, Links);

        if (Node == Handle && !Node->Removed) {
            Found = Node;
            Node->Removed = TRUE;
            Free = RtlpReleaseNode(Node);
            break;
        }
    }
    RtlReleaseSRWLockExclusive(&RtlpVectoredLock);
    if (Free)
        RtlFreeHeap(RtlProcessHeap(), 0, Found);
    return Found != NULL;
}

static LONG RtlpCallVectored(PLIST_ENTRY List, PEXCEPTION_RECORD Record, PCONTEXT Context)
{
    EXCEPTION_POINTERS Pointers = { Record, Context };
    LONG Verdict = EXCEPTION_CONTINUE_SEARCH;
    PLIST_ENTRY Link;

    if (IsListEmpty(List))
        return Verdict;
    RtlAcquireSRWLockExclusive(&RtlpVectoredLock);
    for (Link = List->Flink; Link != List && Verdict != EXCEPTION_CONTINUE_EXECUTION;) {
        VECTORED_NODE *Node = CONTAINING_RECORD(Link, VECTORED_NODE, Links);
        BOOLEAN Free;

        if (Node->Removed) {
            Link = Link->Flink;
            continue;
        }
        Node->Uses++;
        RtlReleaseSRWLockExclusive(&RtlpVectoredLock);
        Verdict = Node->Handler(&Pointers);
        RtlAcquireSRWLockExclusive(&RtlpVectoredLock);
        Link = Link->Flink;
        Free = RtlpReleaseNode(Node);
        if (Free) {
            RtlReleaseSRWLockExclusive(&RtlpVectoredLock);
            RtlFreeHeap(RtlProcessHeap(), 0, Node);
            RtlAcquireSRWLockExclusive(&RtlpVectoredLock);
        }
    }
    RtlReleaseSRWLockExclusive(&RtlpVectoredLock);
    return Verdict;
}

LONG RtlpCallVectoredHandlers(PEXCEPTION_RECORD Record, PCONTEXT Context)
{
    return RtlpCallVectored(&RtlpExceptionHandlers, Record, Context);
}

VOID RtlpCallVectoredContinueHandlers(PEXCEPTION_RECORD Record, PCONTEXT Context)
{
    RtlpCallVectored(&RtlpContinueHandlers, Record, Context);
}

PVOID NTAPI RtlAddVectoredExceptionHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler)
{
    return RtlpAddVectored(&RtlpExceptionHandlers, First, Handler);
}

ULONG NTAPI RtlRemoveVectoredExceptionHandler(PVOID Handle)
{
    return RtlpRemoveVectored(&RtlpExceptionHandlers, Handle);
}

PVOID NTAPI RtlAddVectoredContinueHandler(ULONG First, PVECTORED_EXCEPTION_HANDLER Handler)
{
    return RtlpAddVectored(&RtlpContinueHandlers, First, Handler);
}

ULONG NTAPI RtlRemoveVectoredContinueHandler(PVOID Handle)
{
    return RtlpRemoveVectored(&RtlpContinueHandlers, Handle);
}
