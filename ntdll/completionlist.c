/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ALPC completion lists, the program's side: messages are taken out of the shared memory, and given back.  The layout is
 * nt/alpcapi.h's; the system's side is ntos/lpc/completionlist.c, which adds at Tail while this takes at Head.
 *
 * Takers exclude each other by UserLock, so that the entry at Head stays what it is; against the system every change of
 * State is a compare and exchange.
 */
#include "ntdllp.h"
#include "nt/alpcapi.h"

/* ------------------------------------------------------------------ with the system */

NTSTATUS NTAPI AlpcRegisterCompletionList(HANDLE PortHandle, PALPC_COMPLETION_LIST_HEADER Buffer, ULONG Size,
        ULONG ConcurrencyCount, ULONG AttributeFlags)
{
    ALPC_PORT_COMPLETION_LIST_INFORMATION Information = { Buffer, Size, ConcurrencyCount, AttributeFlags };

    return NtAlpcSetInformation(PortHandle, AlpcRegisterCompletionListInformation, &Information, sizeof(Information));
}

NTSTATUS NTAPI AlpcUnregisterCompletionList(HANDLE PortHandle)
{
    return NtAlpcSetInformation(PortHandle, AlpcUnregisterCompletionListInformation, NULL, 0);
}

NTSTATUS NTAPI AlpcRundownCompletionList(HANDLE PortHandle)
{
    return NtAlpcSetInformation(PortHandle, AlpcCompletionListRundownInformation, NULL, 0);
}

NTSTATUS NTAPI AlpcAdjustCompletionListConcurrencyCount(HANDLE PortHandle, ULONG ConcurrencyCount)
{
    return NtAlpcSetInformation(PortHandle, AlpcAdjustCompletionListConcurrencyCountInformation, &ConcurrencyCount,
                                sizeof(ConcurrencyCount));
}

/* ------------------------------------------------------------------ the state */

static ALPC_COMPLETION_LIST_STATE AlpcpReadState(PALPC_COMPLETION_LIST_HEADER List)
{
    return (ALPC_COMPLETION_LIST_STATE){ .Value = *(volatile ULONG64 *)&List->State.Value };
}

static BOOLEAN AlpcpChangeState(PALPC_COMPLETION_LIST_HEADER List, ALPC_COMPLETION_LIST_STATE Old,
        ALPC_COMPLETION_LIST_STATE New)
{
    return (ULONG64)InterlockedCompareExchange64((volatile LONG64 *)&List->State.Value, (LONG64)New.Value,
                                                 (LONG64)Old.Value) == Old.Value;
}

BOOLEAN NTAPI AlpcRegisterCompletionListWorkerThread(PVOID CompletionList)
{
    ALPC_COMPLETION_LIST_STATE Old, New;

    do {
        New = Old = AlpcpReadState(CompletionList);
        if (Old.s1.ActiveThreadCount == 0xFFFF)
            return FALSE;
        New.s1.ActiveThreadCount++;
    } while (!AlpcpChangeState(CompletionList, Old, New));
    return TRUE;
}

BOOLEAN NTAPI AlpcUnregisterCompletionListWorkerThread(PVOID CompletionList)
{
    ALPC_COMPLETION_LIST_STATE Old, New;

    do {
        New = Old = AlpcpReadState(CompletionList);
        if (Old.s1.Head != ALPC_COMPLETION_LIST_EMPTY || Old.s1.ActiveThreadCount == 0)
            return FALSE;
        New.s1.ActiveThreadCount--;
    } while (!AlpcpChangeState(CompletionList, Old, New));
    return TRUE;
}

VOID NTAPI AlpcGetCompletionListLastMessageInformation(PVOID CompletionList, PULONG LastMessageId, PULONG LastCallbackId)
{
    PALPC_COMPLETION_LIST_HEADER List = CompletionList;

    *LastMessageId = List->LastMessageId;
    *LastCallbackId = List->LastCallbackId;
}

ULONG NTAPI AlpcGetOutstandingCompletionListMessageCount(PVOID CompletionList)
{
    PALPC_COMPLETION_LIST_HEADER List = CompletionList;

    return List->PostCount - List->ReturnCount;
}

/* ------------------------------------------------------------------ messages */

static SIZE_T AlpcpAttributeOffset(PPORT_MESSAGE Message)
{
    return (Message->u1.s1.TotalLength + 7) & ~(SIZE_T)7;
}

PALPC_MESSAGE_ATTRIBUTES NTAPI AlpcGetCompletionListMessageAttributes(PVOID CompletionList, PPORT_MESSAGE Message)
{
    PALPC_COMPLETION_LIST_HEADER List = CompletionList;

    return List->AttributeFlags != 0 ? (PVOID)((PUCHAR)Message + AlpcpAttributeOffset(Message)) : NULL;
}

/* The offset of the message at Head, which is taken out.  FALSE: there is none. */
static BOOLEAN AlpcpTakeFirst(PALPC_COMPLETION_LIST_HEADER List, PULONG Offset)
{
    volatile ULONG *Entries = (volatile ULONG *)((PUCHAR)List + List->ListOffset);
    ULONG Capacity = List->ListSize / sizeof(ULONG);
    ALPC_COMPLETION_LIST_STATE Old, New;

    do {
        New = Old = AlpcpReadState(List);
        if (Old.s1.Head >= Capacity)
            return FALSE;
        *Offset = Entries[Old.s1.Head];
        if (Old.s1.Head == Old.s1.Tail)
            New.s1.Head = New.s1.Tail = ALPC_COMPLETION_LIST_EMPTY;
        else
            New.s1.Head = Old.s1.Head + 1 < Capacity ? Old.s1.Head + 1 : 0;
    } while (!AlpcpChangeState(List, Old, New));
    return TRUE;
}

PPORT_MESSAGE NTAPI AlpcGetMessageFromCompletionList(PVOID CompletionList, PALPC_MESSAGE_ATTRIBUTES *MessageAttributes)
{
    PALPC_COMPLETION_LIST_HEADER List = CompletionList;
    PPORT_MESSAGE Message = NULL;
    ULONG Offset;

    RtlAcquireSRWLockExclusive(&List->UserLock);
    if (AlpcpTakeFirst(List, &Offset))
        Message = (PPORT_MESSAGE)((PUCHAR)List + List->DataOffset + Offset);
    RtlReleaseSRWLockExclusive(&List->UserLock);
    if (MessageAttributes != NULL)
        *MessageAttributes = Message != NULL ? AlpcGetCompletionListMessageAttributes(List, Message) : NULL;
    return Message;
}

VOID NTAPI AlpcFreeCompletionListMessage(PVOID CompletionList, PPORT_MESSAGE Message)
{
    PALPC_COMPLETION_LIST_HEADER List = CompletionList;
    volatile LONG *Bitmap = (volatile LONG *)((PUCHAR)List + List->BitmapOffset);
    ULONG_PTR Offset = (ULONG_PTR)Message - ((ULONG_PTR)List + List->DataOffset);
    SIZE_T First, Last;

    /* No message of this list: what is not in use must not be freed. */
    if (Offset >= List->DataSize || Offset % ALPC_COMPLETION_LIST_GRANULE != 0 || Message->u1.s1.TotalLength == 0)
        return;
    First = Offset / ALPC_COMPLETION_LIST_GRANULE;
    Last = (Offset + AlpcpAttributeOffset(Message) + List->AttributeSize - 1) / ALPC_COMPLETION_LIST_GRANULE;
    if (Last >= List->DataSize / ALPC_COMPLETION_LIST_GRANULE || Last / 8 >= List->BitmapSize)
        return;
    for (SIZE_T Bit = First; Bit <= Last; Bit++)
        InterlockedAnd(&Bitmap[Bit / 32], ~(LONG)(1u << Bit % 32));
    InterlockedIncrement((volatile LONG *)&List->ReturnCount);
}
