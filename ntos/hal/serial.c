/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Polled output on COM1 (console, until its driver owns it, and last words) and COM3 (log).
 *
 * 16550A registers: National Semiconductor PC16550D data sheet, table II.  A UART is taken to exist if its scratch
 * register keeps two patterns.  What arrives is not touched: the FIFO and the divisor of COM1 stay as the firmware
 * left them (QEMU needs no setting; a real UART gets 115200 8N1).
 */
#include "halp.h"

#define UART_DATA 0
#define UART_INTERRUPT_ENABLE 1
#define UART_LINE_CONTROL 3
#define UART_MODEM_CONTROL 4
#define UART_LINE_STATUS 5
#define UART_SCRATCH 7
#define UART_DIVISOR_ACCESS 0x80
#define UART_8N1 0x03
#define UART_TRANSMIT_EMPTY 0x20
#define UART_SPIN 100000

static struct {
    USHORT Base;
    BOOLEAN Present;
} HalpUarts[] = { { 0x3f8, FALSE }, { 0x3e8, FALSE } };

static BOOLEAN HalpProbeUart(USHORT Base)
{
    KeWritePort(Base + UART_SCRATCH, 1, 0x5a);
    if ((KeReadPort(Base + UART_SCRATCH, 1) & 0xff) != 0x5a)
        return FALSE;
    KeWritePort(Base + UART_SCRATCH, 1, 0xa5);
    return (KeReadPort(Base + UART_SCRATCH, 1) & 0xff) == 0xa5;
}

VOID HalInitSerial(VOID)
{
    for (ULONG i = 0; i < ARRAYSIZE(HalpUarts); i++) {
        USHORT Base = HalpUarts[i].Base;

        if (!KeClaimPorts(Base, Base + 7) || !HalpProbeUart(Base))
            continue;
        HalpUarts[i].Present = TRUE;
        KeWritePort(Base + UART_LINE_CONTROL, 1, UART_DIVISOR_ACCESS | UART_8N1);
        KeWritePort(Base + UART_DATA, 1, 1);
        KeWritePort(Base + UART_INTERRUPT_ENABLE, 1, 0);
        KeWritePort(Base + UART_LINE_CONTROL, 1, UART_8N1);
        KeWritePort(Base + UART_MODEM_CONTROL, 1, 3);
    }
}

static VOID HalpPutByte(USHORT Base, UCHAR Byte)
{
    for (ULONG n = 0; n < UART_SPIN; n++)
        if (KeReadPort(Base + UART_LINE_STATUS, 1) & UART_TRANSMIT_EMPTY)
            break;
    KeWritePort(Base + UART_DATA, 1, Byte);
}

VOID HalSerialWrite(ULONG Port, const char *Text, SIZE_T Length)
{
    ULONG Index = Port == 1 ? 0 : 1;

    if (!HalpUarts[Index].Present)
        return;
    for (SIZE_T i = 0; i < Length; i++) {
        if (Text[i] == '\n')
            HalpPutByte(HalpUarts[Index].Base, '\r');
        HalpPutByte(HalpUarts[Index].Base, (UCHAR)Text[i]);
    }
}
