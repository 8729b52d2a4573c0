/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pool callbacks for ALPC ports: a port's messages are told at the pool's completion port (tpio.c), and each packet is a
 * callback, which receives by itself.
 *
 * Nobody can take a port away from its completion port again, and packets may come after the object has gone: a packet's
 * key is a number, odd as no address of an object is, which is looked up among the objects that there are.
 */
#include "tp.h"

static RTL_SRWLOCK TppAlpcLock;
static LIST_ENTRY TppAlpcObjects = { &TppAlpcObjects, &TppAlpcObjects };       /* TPP_OBJECT.AlpcLinks */
static ULONG_PTR TppLastAlpcKey = 1;

VOID TppDispatchAlpc(ULONG_PTR Key, PTPP_RESULT Result)
{
    RtlAcquireSRWLockExclusive(&TppAlpcLock);
    for (PLIST_ENTRY Link = TppAlpcObjects.Flink; Link != &TppAlpcObjects; Link = Link->Flink) {
        PTPP_OBJECT Alpc = CONTAINING_RECORD(Link, TPP_OBJECT, AlpcLinks);

        if (Alpc->AlpcKey != Key)
            continue;
        TppPost(Alpc, Result);
        Result = NULL;
        break;
    }
    RtlReleaseSRWLockExclusive(&TppAlpcLock);
    if (Result != NULL)
        TppFreeMemory(Result);
}

VOID TppForgetAlpc(PTPP_OBJECT Alpc)
{
    RtlAcquireSRWLockExclusive(&TppAlpcLock);
    if (Alpc->AlpcKey != 0)
        RemoveEntryList(&Alpc->AlpcLinks);
    Alpc->AlpcKey = 0;
    RtlReleaseSRWLockExclusive(&TppAlpcLock);
}

static NTSTATUS TppAllocateAlpc(TPP_TYPE Type, PTP_ALPC *AlpcReturn, HANDLE Port, PVOID Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment)
{
    PTPP_OBJECT Alpc;
    NTSTATUS Status = TppAllocate(Type, Callback, Context, Environment, &Alpc);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlAcquireSRWLockExclusive(&TppAlpcLock);
    Alpc->AlpcKey = TppLastAlpcKey += 2;
    InsertTailList(&TppAlpcObjects, &Alpc->AlpcLinks);
    RtlReleaseSRWLockExclusive(&TppAlpcLock);
    *AlpcReturn = (PTP_ALPC)Alpc;       /* a message may be there already, and its callback run at once */
    Status = TppBindPort(Port, Alpc->AlpcKey);
    if (!NT_SUCCESS(Status)) {
        *AlpcReturn = NULL;
        TppRelease(Alpc);
    }
    return Status;
}

NTSTATUS NTAPI TpAllocAlpcCompletion(PTP_ALPC *AlpcReturn, HANDLE AlpcPort, PTP_ALPC_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment)
{
    return TppAllocateAlpc(TppAlpc, AlpcReturn, AlpcPort, (PVOID)Callback, Context, Environment);
}

NTSTATUS NTAPI TpAllocAlpcCompletionEx(PTP_ALPC *AlpcReturn, HANDLE AlpcPort, PTP_ALPC_CALLBACK_EX Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment)
{
    return TppAllocateAlpc(TppAlpcEx, AlpcReturn, AlpcPort, (PVOID)Callback, Context, Environment);
}

VOID NTAPI TpWaitForAlpcCompletion(PTP_ALPC Alpc)
{
    TppWaitForCallbacks((PTPP_OBJECT)Alpc, FALSE);
}

VOID NTAPI TpReleaseAlpcCompletion(PTP_ALPC Alpc)
{
    TppRelease((PTPP_OBJECT)Alpc);
}

VOID NTAPI TpCallbackSendAlpcMessageOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE PortHandle, ULONG Flags, PPORT_MESSAGE SendMessage)
{
    if (Instance->AlpcMessage != NULL)
        return;
    Instance->AlpcMessage = SendMessage;
    Instance->AlpcPort = PortHandle;
    Instance->AlpcFlags = Flags;
}
