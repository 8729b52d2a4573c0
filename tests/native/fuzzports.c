/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Ports and messages of a fuzzing process (fuzz.h).  The process connects to a port of its own, so that it has both
 * ends; the messages are few and shared by its threads: what one received, another answers or sends on.
 */
#include "fuzz.h"

#define MESSAGES 8
#define MESSAGE_BYTES 0x200
#define MAXIMUM_MESSAGE 0x100

static UCHAR Messages[MESSAGES][MESSAGE_BYTES] __attribute__((aligned(16)));
static HANDLE Listener;
static WCHAR OwnName[64];

static const ALPC_PORT_ATTRIBUTES Options = { .Flags = ALPC_PORFLG_ALLOW_LPC_REQUESTS, .MaxMessageLength = MAXIMUM_MESSAGE };

HANDLE FuzzMakePort(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(FUZZ_PORT);
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    HANDLE Handle = NULL;

    NtCreatePort(&Handle, &Attributes, 0x40, MAXIMUM_MESSAGE, 0);
    return Handle;
}

HANDLE FuzzMakeListener(VOID)
{
    ALPC_PORT_ATTRIBUTES Copy = Options;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;

    _snwprintf(OwnName, ARRAYSIZE(OwnName), FUZZ_PORT L"-%u", (ULONG)(ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess);
    RtlInitUnicodeString(&Name, OwnName);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Listener = NULL;
    NtAlpcCreatePort(&Listener, &Attributes, &Copy);
    return Listener;
}

HANDLE FuzzMakeClientPort(VOID)
{
    ALPC_PORT_ATTRIBUTES Copy = Options;
    UNICODE_STRING Name;
    HANDLE Handle = NULL;

    RtlInitUnicodeString(&Name, OwnName);
    NtAlpcConnectPort(&Handle, &Name, NULL, &Copy, 0, NULL, NULL, NULL, NULL, NULL, NULL);
    return Handle;
}

/* Accepts what FuzzMakeClientPort asked for, if nobody else took the request. */
HANDLE FuzzMakeServerPort(VOID)
{
    ALPC_PORT_ATTRIBUTES Copy = Options;
    UCHAR Request[MESSAGE_BYTES] __attribute__((aligned(16))) = { 0 };
    LARGE_INTEGER Zero = { .QuadPart = 0 };
    SIZE_T Length = sizeof(Request);
    HANDLE Handle = NULL;

    if (NtAlpcSendWaitReceivePort(Listener, 0, NULL, NULL, (PPORT_MESSAGE)Request, &Length, NULL, &Zero) == STATUS_SUCCESS)
        NtAlpcAcceptConnectPort(&Handle, Listener, 0, NULL, &Copy, Request, (PPORT_MESSAGE)Request, NULL, TRUE);
    return Handle;
}

PVOID FuzzPickMessage(PFUZZ_THREAD Thread)
{
    PPORT_MESSAGE Message = (PPORT_MESSAGE)Messages[FuzzBelow(Thread, MESSAGES)];

    if (FuzzOnce(Thread, 2)) {
        Message->u1.s1.DataLength = (SHORT)FuzzBelow(Thread, MAXIMUM_MESSAGE - sizeof(*Message));
        Message->u1.s1.TotalLength = (SHORT)(Message->u1.s1.DataLength + sizeof(*Message));
        Message->u2.ZeroInit = 0;
    }
    if (FuzzOdd(Thread, 4))
        ((PULONG)Message)[FuzzBelow(Thread, MESSAGE_BYTES / 4)] = (ULONG)FuzzRandom(Thread);
    return Message;
}

ULONG FuzzPutMessageAttributes(PFUZZ_THREAD Thread, PVOID Room)
{
    PALPC_MESSAGE_ATTRIBUTES Attributes = Room;
    PULONG64 Content = (PULONG64)(Attributes + 1);

    Attributes->AllocatedAttributes = (ULONG)FuzzRandom(Thread) & 0xfe000000;
    Attributes->ValidAttributes = (ULONG)FuzzRandom(Thread) & Attributes->AllocatedAttributes;
    for (ULONG i = 0; i < 24; i++)
        if (FuzzOnce(Thread, 3))
            Content[i] = FuzzOnce(Thread, 2) ? (ULONG_PTR)FuzzPickHandle(Thread, 'H') : FuzzBelow(Thread, 16);
    return sizeof(*Attributes) + 24 * sizeof(*Content);
}
