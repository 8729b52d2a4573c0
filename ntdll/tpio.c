/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pool I/O: files are bound to one completion port of the process; its thread turns each packet into a callback
 * of the object that is the packet's key.  A TP_IO lives while operations that were started are not reported.
 */
#include "tp.h"

static RTL_SRWLOCK TppIoLock;
static HANDLE TppIoPort;

static VOID TppDispatchPacket(ULONG_PTR Key, PVOID ApcContext, const IO_STATUS_BLOCK *Iosb)
{
    PTPP_RESULT Result = TppAllocateMemory(sizeof(*Result));

    if (Result != NULL) {
        Result->ApcContext = ApcContext;
        Result->Iosb = *Iosb;
    }
    if (Key & 1) {
        if (Result != NULL)
            TppDispatchAlpc(Key, Result);
        return;
    }
    if (Result != NULL)
        TppPost((PTPP_OBJECT)Key, Result);
    TppDereference((PTPP_OBJECT)Key);
}

static NTSTATUS NTAPI TppIoLoop(PVOID Context)
{
    ULONG_PTR Key, ApcContext;
    IO_STATUS_BLOCK Iosb;

    while (NT_SUCCESS(NtRemoveIoCompletion(TppIoPort, &Key, &ApcContext, &Iosb, NULL)))
        TppDispatchPacket(Key, (PVOID)ApcContext, &Iosb);
    return STATUS_SUCCESS;
}

static NTSTATUS TppStartIo(VOID)
{
    NTSTATUS Status = STATUS_SUCCESS;

    RtlAcquireSRWLockExclusive(&TppIoLock);
    if (TppIoPort == NULL) {
        Status = NtCreateIoCompletion(&TppIoPort, IO_COMPLETION_ALL_ACCESS, NULL, 0);
        if (NT_SUCCESS(Status)) {
            Status = TppStartThread(NULL, TppIoLoop, NULL);
            if (!NT_SUCCESS(Status)) {
                NtClose(TppIoPort);
                TppIoPort = NULL;
            }
        }
    }
    RtlReleaseSRWLockExclusive(&TppIoLock);
    return Status;
}

NTSTATUS TppBindFile(HANDLE File, PTPP_OBJECT Io)
{
    FILE_COMPLETION_INFORMATION Completion;
    IO_STATUS_BLOCK Iosb;
    NTSTATUS Status = TppStartIo();

    if (!NT_SUCCESS(Status))
        return Status;
    Completion.Port = TppIoPort;
    Completion.Key = Io;
    return NtSetInformationFile(File, &Iosb, &Completion, sizeof(Completion), FileCompletionInformation);
}

NTSTATUS TppBindPort(HANDLE Port, ULONG_PTR Key)
{
    ALPC_PORT_ASSOCIATE_COMPLETION_PORT Association = { .CompletionKey = (PVOID)Key };
    NTSTATUS Status = TppStartIo();

    if (!NT_SUCCESS(Status))
        return Status;
    Association.CompletionPort = TppIoPort;
    return NtAlpcSetInformation(Port, AlpcAssociateCompletionPortInformation, &Association, sizeof(Association));
}

NTSTATUS NTAPI TpAllocIoCompletion(PTP_IO *IoReturn, HANDLE File, PTP_IO_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment)
{
    PTPP_OBJECT Io;
    NTSTATUS Status;

    Status = TppAllocate(TppIo, Callback, Context, Environment, &Io);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = TppBindFile(File, Io);
    if (!NT_SUCCESS(Status)) {
        TppRelease(Io);
        return Status;
    }
    *IoReturn = (PTP_IO)Io;
    return STATUS_SUCCESS;
}

/* Before each operation on the file; its packet, or TpCancelAsyncIoOperation, is the end of it. */
VOID NTAPI TpStartAsyncIoOperation(PTP_IO Io)
{
    TppReference((PTPP_OBJECT)Io);
}

VOID NTAPI TpCancelAsyncIoOperation(PTP_IO Io)
{
    TppDereference((PTPP_OBJECT)Io);
}

/* DIFFERS: waits for the callbacks of operations that have ended; Windows waits for those in progress too. */
VOID NTAPI TpWaitForIoCompletion(PTP_IO Io, BOOL CancelPendingCallbacks)
{
    TppWaitForCallbacks((PTPP_OBJECT)Io, CancelPendingCallbacks);
}

VOID NTAPI TpReleaseIoCompletion(PTP_IO Io)
{
    TppRelease((PTPP_OBJECT)Io);
}
