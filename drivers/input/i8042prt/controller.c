/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The i8042 controller and the keyboard behind it: start, interrupt service, indicators.
 *
 * The controller translates to scan code set 1.  The service routine turns bytes into KEYBOARD_INPUT_DATA and queues
 * them; it never waits for the hardware.  Commands to the keyboard (indicators) are sent byte by byte from the
 * acknowledgements.  When the event queue is full the last event becomes KEYBOARD_OVERRUN_MAKE_CODE, as Windows does.
 *
 * Sources: IBM PS/2 hardware interface technical reference, "Keyboard and Auxiliary Device Controller", "Keyboards".
 */
#include "i8042prt.h"

#define CONTROLLER_TRIES 1000 /* of 10 us: 10 ms */

static BOOLEAN ControllerWaitFor(PDEVICE_EXTENSION Extension, UCHAR Mask, UCHAR Value)
{
    ULONG Try;

    for (Try = 0; Try < CONTROLLER_TRIES; Try++) {
        if ((READ_PORT_UCHAR(Extension->CommandPort) & Mask) == Value)
            return TRUE;
        KeStallExecutionProcessor(10);
    }
    return FALSE;
}

static BOOLEAN ControllerCommand(PDEVICE_EXTENSION Extension, UCHAR Command)
{
    if (!ControllerWaitFor(Extension, STATUS_INPUT_FULL, 0))
        return FALSE;
    WRITE_PORT_UCHAR(Extension->CommandPort, Command);
    return TRUE;
}

static BOOLEAN ControllerWriteData(PDEVICE_EXTENSION Extension, UCHAR Byte)
{
    if (!ControllerWaitFor(Extension, STATUS_INPUT_FULL, 0))
        return FALSE;
    WRITE_PORT_UCHAR(Extension->DataPort, Byte);
    return TRUE;
}

static BOOLEAN ControllerReadData(PDEVICE_EXTENSION Extension, PUCHAR Byte)
{
    if (!ControllerWaitFor(Extension, STATUS_OUTPUT_FULL, STATUS_OUTPUT_FULL))
        return FALSE;
    *Byte = READ_PORT_UCHAR(Extension->DataPort);
    return TRUE;
}

/* Configures the controller with interrupts off.  Keys that were pressed before the start are
 * thrown away.  STATUS_NO_SUCH_DEVICE: there is no controller. */
NTSTATUS ControllerInitialize(PDEVICE_EXTENSION Extension)
{
    UCHAR Configuration;
    ULONG i;

    for (i = 0; i < 32 && (READ_PORT_UCHAR(Extension->CommandPort) & STATUS_OUTPUT_FULL); i++)
        READ_PORT_UCHAR(Extension->DataPort);
    if (i == 32 || !ControllerCommand(Extension, COMMAND_DISABLE_AUXILIARY) ||
        !ControllerCommand(Extension, COMMAND_READ_CONFIGURATION) || !ControllerReadData(Extension, &Configuration))
        return STATUS_NO_SUCH_DEVICE;
    Configuration |= CONFIGURATION_INTERRUPT | CONFIGURATION_TRANSLATE;
    Configuration &= ~(CONFIGURATION_AUXILIARY_INTERRUPT | CONFIGURATION_KEYBOARD_OFF);
    if (!ControllerCommand(Extension, COMMAND_WRITE_CONFIGURATION) || !ControllerWriteData(Extension, Configuration) ||
        !ControllerCommand(Extension, COMMAND_ENABLE_KEYBOARD))
        return STATUS_IO_DEVICE_ERROR;
    return STATUS_SUCCESS;
}

/* Sends the next byte of the queue, if there is one.  Under the interrupt spin lock. */
static VOID ControllerSendNext(PDEVICE_EXTENSION Extension)
{
    if (Extension->SendHead != Extension->SendTail)
        WRITE_PORT_UCHAR(Extension->DataPort, Extension->Send[Extension->SendHead % sizeof(Extension->Send)]);
}

static VOID ControllerSend(PDEVICE_EXTENSION Extension, const UCHAR *Bytes, UCHAR Count)
{
    BOOLEAN IsIdle = Extension->SendHead == Extension->SendTail;

    if ((UCHAR)(Extension->SendTail - Extension->SendHead) + Count > (ULONG)sizeof(Extension->Send))
        Extension->SendHead = Extension->SendTail; /* the keyboard does not answer: forget what it was told */
    while (Count-- > 0)
        Extension->Send[Extension->SendTail++ % sizeof(Extension->Send)] = *Bytes++;
    if (IsIdle)
        ControllerSendNext(Extension);
}

VOID ControllerSetIndicators(PDEVICE_EXTENSION Extension, USHORT LedFlags)
{
    UCHAR Bytes[2] = {KEYBOARD_SET_INDICATORS, (UCHAR)(LedFlags & 7)};
    KIRQL Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);

    ControllerSend(Extension, Bytes, sizeof(Bytes));
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
}

static VOID ControllerQueueEvent(PDEVICE_EXTENSION Extension, USHORT MakeCode, USHORT Flags)
{
    PKEYBOARD_INPUT_DATA Event;

    if (Extension->EventTail - Extension->EventHead == KEYBOARD_QUEUE_SIZE) {
        Event = &Extension->Events[(Extension->EventTail - 1) % KEYBOARD_QUEUE_SIZE];
        MakeCode = KEYBOARD_OVERRUN_MAKE_CODE;
        Flags = 0;
    } else {
        Event = &Extension->Events[Extension->EventTail++ % KEYBOARD_QUEUE_SIZE];
    }
    RtlZeroMemory(Event, sizeof(*Event));
    Event->MakeCode = MakeCode;
    Event->Flags = Flags;
}

/* One byte of scan code set 1: E0 and E1 are prefixes, bit 7 is release. */
static VOID ControllerTakeByte(PDEVICE_EXTENSION Extension, UCHAR Byte)
{
    switch (Byte) {
    case KEYBOARD_ACKNOWLEDGE:
        if (Extension->SendHead != Extension->SendTail)
            Extension->SendHead++;
        ControllerSendNext(Extension);
        return;
    case KEYBOARD_RESEND:
        ControllerSendNext(Extension);
        return;
    case 0xE0:
        Extension->Prefix = KEY_E0;
        return;
    case 0xE1:
        Extension->Prefix = KEY_E1;
        return;
    case 0x00:
    case 0xFF:
        Extension->Prefix = 0;
        ControllerQueueEvent(Extension, KEYBOARD_OVERRUN_MAKE_CODE, 0);
        return;
    default:
        ControllerQueueEvent(Extension, Byte & 0x7f, Extension->Prefix | (Byte & 0x80 ? KEY_BREAK : KEY_MAKE));
        if (Extension->Prefix != KEY_E1 || (Byte & 0x7f) != 0x1d) /* Pause is E1 and two codes */
            Extension->Prefix = 0;
        return;
    }
}

/* Returns whether there was a byte. */
static BOOLEAN ControllerReceive(PDEVICE_EXTENSION Extension)
{
    BOOLEAN Any = FALSE;
    UCHAR Status, Byte;

    while ((Status = READ_PORT_UCHAR(Extension->CommandPort)) & STATUS_OUTPUT_FULL) {
        Byte = READ_PORT_UCHAR(Extension->DataPort);
        if ((Status & STATUS_AUXILIARY) == 0)
            ControllerTakeByte(Extension, Byte);
        Any = TRUE;
    }
    return Any;
}

BOOLEAN NTAPI ControllerInterrupt(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
    PDEVICE_EXTENSION Extension = ServiceContext;

    if (!ControllerReceive(Extension))
        return FALSE;
    KeInsertQueueDpc(&Extension->Dpc, NULL, NULL);
    return TRUE;
}

VOID ControllerDrain(PDEVICE_EXTENSION Extension)
{
    KIRQL Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);

    ControllerReceive(Extension);
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
}

VOID ControllerStop(PDEVICE_EXTENSION Extension)
{
    UCHAR Configuration;

    if (ControllerCommand(Extension, COMMAND_READ_CONFIGURATION) && ControllerReadData(Extension, &Configuration) &&
        ControllerCommand(Extension, COMMAND_WRITE_CONFIGURATION))
        ControllerWriteData(Extension, Configuration & ~CONFIGURATION_INTERRUPT);
}
