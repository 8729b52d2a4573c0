/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * i8042prt.sys: what its files share.
 *
 * Fields marked [i] are changed by the interrupt service routine; everybody else holds the interrupt spin lock.
 * Fields marked [d] are used at DISPATCH_LEVEL under DEVICE_EXTENSION.Lock.
 */
#pragma once

#include "drivers/lib/fdo.h"
#include <ntddkbd.h>

#define KEYBOARD_QUEUE_SIZE 128 /* events, power of two */

/* The controller (Intel 8042 in the IBM PC/AT; IBM PS/2 technical reference, "Keyboard and Auxiliary Device
 * Controller"). */
#define STATUS_OUTPUT_FULL 0x01 /* a byte for us is in the data port */
#define STATUS_INPUT_FULL 0x02  /* the controller has not taken our last byte yet */
#define STATUS_AUXILIARY 0x20   /* the byte is the mouse's */
#define COMMAND_READ_CONFIGURATION 0x20
#define COMMAND_WRITE_CONFIGURATION 0x60
#define COMMAND_DISABLE_AUXILIARY 0xA7
#define COMMAND_ENABLE_KEYBOARD 0xAE
#define CONFIGURATION_INTERRUPT 0x01
#define CONFIGURATION_AUXILIARY_INTERRUPT 0x02
#define CONFIGURATION_KEYBOARD_OFF 0x10
#define CONFIGURATION_TRANSLATE 0x40 /* the controller turns scan code set 2 into set 1 */

/* The keyboard (IBM PS/2 technical reference, "Keyboards"). */
#define KEYBOARD_SET_INDICATORS 0xED
#define KEYBOARD_ACKNOWLEDGE 0xFA
#define KEYBOARD_RESEND 0xFE

typedef struct _DEVICE_EXTENSION {
    FDO Fdo;
    PUCHAR DataPort;
    PUCHAR CommandPort;             /* read: status */
    PKINTERRUPT Interrupt;
    KDPC Dpc;
    KSPIN_LOCK Lock;

    KEYBOARD_INPUT_DATA Events[KEYBOARD_QUEUE_SIZE]; /* [i] */
    ULONG EventHead;                /* [i] next to hand out; indexes run freely */
    ULONG EventTail;                /* [i] next to fill */
    USHORT Prefix;                  /* [i] KEY_E0 or KEY_E1 of the code that follows */
    UCHAR Send[4];                  /* [i] bytes for the keyboard: one is sent, the next after its acknowledgement */
    UCHAR SendHead, SendTail;       /* [i] */

    IO_CSQ Queue;                   /* waiting reads */
    LIST_ENTRY Reads;               /* [d] */
    USHORT Indicators;              /* KEYBOARD_x_LOCK_ON */
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

/* controller.c */
NTSTATUS ControllerInitialize(PDEVICE_EXTENSION Extension);
VOID ControllerStop(PDEVICE_EXTENSION Extension);
/* Serves what the controller holds; for the time when an edge may have been missed. */
VOID ControllerDrain(PDEVICE_EXTENSION Extension);
VOID ControllerSetIndicators(PDEVICE_EXTENSION Extension, USHORT LedFlags);
KSERVICE_ROUTINE ControllerInterrupt;

/* class.c */
NTSTATUS KeyboardInitializeQueue(PDEVICE_EXTENSION Extension);
VOID KeyboardAbortReads(PDEVICE_EXTENSION Extension, PFILE_OBJECT FileObject);
KDEFERRED_ROUTINE KeyboardDpc;
DRIVER_DISPATCH KeyboardRead, KeyboardCleanup, KeyboardDeviceControl;
