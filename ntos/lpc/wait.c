/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Waits of lpc: for a message, for an answer.
 *
 * A wait lies on the stack of the thread that waits, which is parked.  Whoever has something for it takes it out of its
 * list and ends it (LpcpEndWait); from then on nothing else can end it, so that a message that was handed over is never
 * lost.  Until the thread runs the message knows the wait (LpcMessageHanded), for its sender may take it back; the thread
 * then waits again.  A wait that breaks off (timeout, alert, the thread's end) is still in its list, and takes itself out.
 */
#include "ntos/lpc/lpcp.h"

VOID LpcpInitializeWait(PLPC_WAIT Wait)
{
    memset(Wait, 0, sizeof(*Wait));
    InitializeListHead(&Wait->Link);
    KeInitializeEvent(&Wait->Event, NotificationEvent, FALSE);
}

VOID LpcpEndWait(PLPC_WAIT Wait, PLPC_MESSAGE Message, NTSTATUS Status)
{
    Wait->Message = Message;
    Wait->Status = Status;
    KeSetEvent(&Wait->Event, 1, FALSE);
}

NTSTATUS LpcpAwait(PLPC_WAIT Wait, KWAIT_REASON Reason, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    NTSTATUS Status = KeWaitForSingleObject(&Wait->Event, Reason, UserMode, Alertable, Timeout);

    return Status == STATUS_WAIT_0 ? Wait->Status : Status;
}

static PLPC_MESSAGE LpcpTakeFirst(PLPC_PORT Queue)
{
    PLPC_MESSAGE Message = CONTAINING_RECORD(RemoveHeadList(&Queue->Queue), LPC_MESSAGE, Link);

    Message->State = LpcMessageHeld;
    LpcpQuiet(Queue);
    return Message;
}

/* STATUS_RETRY: the message that ended the wait was taken back. */
static NTSTATUS LpcpAwaitMessage(PLPC_PORT Queue, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLPC_MESSAGE *Message)
{
    LPC_WAIT Wait;
    NTSTATUS Status;

    LpcpInitializeWait(&Wait);
    InsertTailList(&Queue->Waiters, &Wait.Link);
    Status = LpcpAwait(&Wait, WrLpcReceive, Alertable, Timeout);
    if (KeReadStateEvent(&Wait.Event) == 0)
        RemoveEntryList(&Wait.Link);
    *Message = Wait.Message;
    if (Wait.Message != NULL)
        Wait.Message->State = LpcMessageHeld;
    return Status;
}

/* A relative Timeout begins anew where a message was taken back. */
NTSTATUS LpcpReceive(PLPC_PORT Port, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLPC_MESSAGE *Message)
{
    PLPC_PORT Queue = LpcpQueueOf(Port);
    NTSTATUS Status;

    *Message = NULL;
    do {
        if (!IsListEmpty(&Queue->Queue)) {
            *Message = LpcpTakeFirst(Queue);
            return STATUS_SUCCESS;
        }
        if (LpcpHasListed(Queue))
            return STATUS_ALPC_CHECK_COMPLETION_LIST;
        if (Port->Closed)
            return Port->EndStatus;
        LpcpQuiet(Queue);               /* the program may have emptied the list */
        Status = LpcpAwaitMessage(Queue, Alertable, Timeout, Message);
    } while (Status == STATUS_RETRY);
    return Status;
}
