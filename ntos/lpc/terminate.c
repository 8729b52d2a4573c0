/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtRegisterThreadTerminatePort: a thread's end is told to the servers of the ports that it registered, with a message
 * LPC_CLIENT_DIED, which is kept ready from the registration on.  Nothing here waits.
 */
#include "ntos/lpc/lpcp.h"

typedef struct _LPC_TERMINATION {
    struct _LPC_TERMINATION *Next;
    PLPC_PORT Port;                     /* referenced */
    PLPC_MESSAGE Message;
} LPC_TERMINATION, *PLPC_TERMINATION;

NTSTATUS NTAPI NtRegisterThreadTerminatePort(HANDLE PortHandle)
{
    PETHREAD Thread = PsGetCurrentThread();
    PLPC_TERMINATION Termination;
    PLPC_PORT Port;
    NTSTATUS Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);

    if (!NT_SUCCESS(Status))
        return Status;
    Termination = ExAllocatePoolWithTag(PagedPool, sizeof(*Termination), LPC_TAG_OTHER);
    if (Termination == NULL)
        Status = STATUS_INSUFFICIENT_RESOURCES;
    else
        Status = LpcpCreateMessage(Port, sizeof(LARGE_INTEGER), &Termination->Message);
    if (!NT_SUCCESS(Status)) {
        if (Termination != NULL)
            ExFreePoolWithTag(Termination, LPC_TAG_OTHER);
        ObDereferenceObject(Port);
        return Status;
    }
    Termination->Port = Port;
    Termination->Next = Thread->TerminationPorts;
    Thread->TerminationPorts = Termination;
    return STATUS_SUCCESS;
}

static VOID LpcpTellDeath(PETHREAD Thread, PLPC_TERMINATION Termination)
{
    PLPC_MESSAGE Message = Termination->Message;
    PLPC_PORT Target;

    if (!NT_SUCCESS(LpcpTarget(Termination->Port, &Target))) {
        LpcpDestroyMessage(Message, STATUS_PORT_DISCONNECTED);
        return;
    }
    memcpy(Message->Data, &Thread->CreateTime, sizeof(Thread->CreateTime));
    LpcpIdentifyMessage(Message, Target, LPC_CLIENT_DIED);
    LpcpDeliver(Message);
}

VOID LpcpTellDeaths(PETHREAD Thread)
{
    PLPC_TERMINATION Termination;

    while ((Termination = Thread->TerminationPorts) != NULL) {
        Thread->TerminationPorts = Termination->Next;
        LpcpTellDeath(Thread, Termination);
        ObDereferenceObject(Termination->Port);
        ExFreePoolWithTag(Termination, LPC_TAG_OTHER);
    }
}
