/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread pool callbacks for ALPC ports, as ntdll exports them.  Source: the Process Hacker headers (phnt, nttp.h).
 */
#pragma once

#include "nt/alpcapi.h"

typedef struct _TP_ALPC TP_ALPC, *PTP_ALPC;
typedef VOID (NTAPI *PTP_ALPC_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_ALPC Alpc);
typedef VOID (NTAPI *PTP_ALPC_CALLBACK_EX)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PTP_ALPC Alpc, PVOID ApcContext);

/*
 * A callback for each message that comes to the port, which receives it.  *AlpcReturn is there before the first callback.  The port cannot be given to
 * another afterwards: STATUS_PORT_ALREADY_SET.
 */
NTSTATUS NTAPI TpAllocAlpcCompletion(PTP_ALPC *AlpcReturn, HANDLE AlpcPort, PTP_ALPC_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment);
/* ApcContext: of the packet. */
NTSTATUS NTAPI TpAllocAlpcCompletionEx(PTP_ALPC *AlpcReturn, HANDLE AlpcPort, PTP_ALPC_CALLBACK_EX Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment);
VOID NTAPI TpWaitForAlpcCompletion(PTP_ALPC Alpc);
VOID NTAPI TpReleaseAlpcCompletion(PTP_ALPC Alpc);
/* The message is sent when the callback has ended; it stays where it is until then.  The first one of a callback counts. */
VOID NTAPI TpCallbackSendAlpcMessageOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE PortHandle, ULONG Flags, PPORT_MESSAGE SendMessage);
