/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * serial.sys: what its files share.  See README.md for the structure.
 *
 * Fields marked [i] belong to the interrupt: the service routine changes them, everybody else holds the interrupt spin
 * lock.  Fields marked [d] are used at DISPATCH_LEVEL under DEVICE_EXTENSION.Lock.
 */
#pragma once

#include "drivers/lib/fdo.h"
#include <ntddser.h>

#define SERIAL_TAG 'lreS'
#define SERIAL_INPUT_SIZE 4096 /* power of two */

/* Registers of the 16550A, offsets from the port base (National Semiconductor PC16550D, section 8). */
enum {
    UART_DATA = 0,  /* receive buffer, transmit holding; divisor latch low while DLAB */
    UART_IER = 1,   /* interrupt enable; divisor latch high while DLAB */
    UART_IIR = 2,   /* read: interrupt identification */
    UART_FCR = 2,   /* write: FIFO control */
    UART_LCR = 3,
    UART_MCR = 4,
    UART_LSR = 5,
    UART_MSR = 6,
    UART_SCRATCH = 7,
};

#define IER_RECEIVE 0x01
#define IER_TRANSMIT 0x02
#define IER_LINE 0x04
#define IIR_NONE 0x01
#define IIR_CAUSE 0x0E
#define IIR_MODEM_STATUS 0x00
#define IIR_FIFO 0xC0
#define FCR_ENABLE 0x01
#define FCR_CLEAR_RECEIVE 0x02
#define FCR_CLEAR_TRANSMIT 0x04
#define FCR_TRIGGER_8 0x80
#define LCR_DLAB 0x80
#define LCR_BREAK 0x40
#define MCR_DTR 0x01
#define MCR_RTS 0x02
#define MCR_OUT2 0x08 /* gates the interrupt line on a PC */
#define MCR_LOOPBACK 0x10
#define LSR_DATA 0x01
#define LSR_OVERRUN 0x02
#define LSR_PARITY 0x04
#define LSR_FRAMING 0x08
#define LSR_BREAK 0x10
#define LSR_EMPTY 0x20 /* the transmit FIFO is empty */
#define LSR_IDLE 0x40  /* and so is the shift register */

#define UART_CLOCK 115200 /* baud rate with divisor 1 */
#define UART_FIFO_SIZE 16

typedef struct _DEVICE_EXTENSION {
    FDO Fdo;
    UNICODE_STRING LinkName; /* \??\COMx */
    WCHAR LinkBuffer[16];
    PUCHAR Port;
    PKINTERRUPT Interrupt;
    KDPC Dpc;
    KSPIN_LOCK Lock;

    /* input */
    UCHAR Input[SERIAL_INPUT_SIZE]; /* [i] ring of received bytes */
    ULONG InputHead;                /* [i] next byte to hand out; indexes run freely */
    ULONG InputTail;                /* [i] next byte to fill */
    BOOLEAN IsInputStopped;         /* [i] the ring was full: the receive interrupt is off */
    LIST_ENTRY Reads;               /* [d] waiting IRP_MJ_READ, in order */
    KTIMER ReadTimer;               /* [d] timeout of the first of them */
    KDPC ReadTimeout;

    /* output */
    PUCHAR OutputNext;              /* [i] rest of the current write */
    ULONG OutputLength;             /* [i] */
    LIST_ENTRY Writes;              /* [d] the current write, then the waiting ones */
    KTIMER WriteTimer;              /* [d] timeout of the first of them */
    KDPC WriteTimeout;

    /* events */
    LIST_ENTRY Waits;               /* [d] waiting IOCTL_SERIAL_WAIT_ON_MASK, at most one */
    ULONG WaitMask;                 /* [d] */
    ULONG Events;                   /* [i] SERIAL_EV_x since the last report */
    ULONG Errors;                   /* [i] SERIAL_ERROR_x since the last IOCTL_SERIAL_GET_COMMSTATUS */
    SERIALPERF_STATS Statistics;    /* [i] */

    /* settings [d] */
    SERIAL_TIMEOUTS Timeouts;
    SERIAL_CHARS Chars;
    SERIAL_HANDFLOW HandFlow;
    SERIAL_LINE_CONTROL LineControl;
    ULONG BaudRate;
    UCHAR InterruptEnable;          /* [i] what IER holds */
    UCHAR ModemControl;             /* what MCR holds */
} DEVICE_EXTENSION, *PDEVICE_EXTENSION;

/* uart.c */
VOID UartInitialize(PDEVICE_EXTENSION Extension);
VOID UartEnable(PDEVICE_EXTENSION Extension);
VOID UartStop(PDEVICE_EXTENSION Extension);
BOOLEAN UartSetBaudRate(PDEVICE_EXTENSION Extension, ULONG BaudRate);
BOOLEAN UartSetLine(PDEVICE_EXTENSION Extension, const SERIAL_LINE_CONTROL *Line);
VOID UartSetBreak(PDEVICE_EXTENSION Extension, BOOLEAN IsOn);
VOID UartSetModemControl(PDEVICE_EXTENSION Extension, UCHAR Set, UCHAR Clear);
VOID UartClear(PDEVICE_EXTENSION Extension, BOOLEAN Receive, BOOLEAN Transmit);
/* Under the interrupt spin lock. */
VOID UartTransmit(PDEVICE_EXTENSION Extension);
ULONG UartTakeInput(PDEVICE_EXTENSION Extension, PUCHAR Buffer, ULONG Length);
KSERVICE_ROUTINE SerialInterrupt;

/* transfer.c */
DRIVER_DISPATCH SerialReadWrite, SerialCleanup, SerialFlush;
KDEFERRED_ROUTINE SerialDpc, SerialReadTimeout, SerialWriteTimeout;
/* Puts Irp into a queue with a cancel routine; under Lock.  FALSE: it was cancelled already; the caller
 * completes it with STATUS_CANCELLED, outside the lock. */
BOOLEAN SerialQueueIrp(PLIST_ENTRY Queue, PIRP Irp);
/* Completes every IRP of the queue that belongs to FileObject (NULL: all) with STATUS_CANCELLED. */
VOID SerialAbort(PDEVICE_EXTENSION Extension, PLIST_ENTRY Queue, PFILE_OBJECT FileObject);

/* control.c */
DRIVER_DISPATCH SerialDeviceControl, SerialQueryInformation;
/* Completes the waiting IOCTL_SERIAL_WAIT_ON_MASK if one of its events has happened. */
VOID SerialReportEvents(PDEVICE_EXTENSION Extension);
