/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The 16550A itself: registers, interrupt service, FIFOs.
 *
 * The service routine moves bytes between the FIFOs and memory and leaves the rest to the DPC.  It returns only when
 * the UART has no cause left: the line is edge triggered, and a cause that stays would never fire again.
 * When the input ring is full the receive interrupt is turned off and bytes stay in the UART until there is room, so
 * nothing is lost to a peer that stops sending when the FIFO is full.
 *
 * Register meanings: National Semiconductor PC16550D data sheet, section 8.
 */
#include "serial.h"

static UCHAR UartRead(PDEVICE_EXTENSION Extension, ULONG Register)
{
    return READ_PORT_UCHAR(Extension->Port + Register);
}

static VOID UartWrite(PDEVICE_EXTENSION Extension, ULONG Register, UCHAR Value)
{
    WRITE_PORT_UCHAR(Extension->Port + Register, Value);
}

static VOID UartSetInterrupts(PDEVICE_EXTENSION Extension, UCHAR Enable)
{
    if (Enable == Extension->InterruptEnable)
        return;
    Extension->InterruptEnable = Enable;
    UartWrite(Extension, UART_IER, Enable);
}

/* Notes what LSR says about the byte that is read next. */
static VOID UartNoteErrors(PDEVICE_EXTENSION Extension, UCHAR LineStatus)
{
    if (LineStatus & LSR_OVERRUN) {
        Extension->Errors |= SERIAL_ERROR_OVERRUN;
        Extension->Statistics.SerialOverrunErrorCount++;
    }
    if (LineStatus & LSR_PARITY) {
        Extension->Errors |= SERIAL_ERROR_PARITY;
        Extension->Statistics.ParityErrorCount++;
    }
    if (LineStatus & LSR_FRAMING) {
        Extension->Errors |= SERIAL_ERROR_FRAMING;
        Extension->Statistics.FrameErrorCount++;
    }
    if (LineStatus & (LSR_OVERRUN | LSR_PARITY | LSR_FRAMING))
        Extension->Events |= SERIAL_EV_ERR;
    if (LineStatus & LSR_BREAK) {
        Extension->Errors |= SERIAL_ERROR_BREAK;
        Extension->Events |= SERIAL_EV_BREAK;
    }
}

/* Moves what the UART holds into the ring; returns the last LSR. */
static UCHAR UartReceive(PDEVICE_EXTENSION Extension)
{
    UCHAR LineStatus, Byte;

    for (;;) {
        LineStatus = UartRead(Extension, UART_LSR);
        UartNoteErrors(Extension, LineStatus);
        if ((LineStatus & LSR_DATA) == 0)
            return LineStatus;
        if (Extension->InputTail - Extension->InputHead == SERIAL_INPUT_SIZE) {
            Extension->IsInputStopped = TRUE;
            UartSetInterrupts(Extension, Extension->InterruptEnable & ~(IER_RECEIVE | IER_LINE));
            return LineStatus;
        }
        Byte = UartRead(Extension, UART_DATA);
        Extension->Input[Extension->InputTail++ % SERIAL_INPUT_SIZE] = Byte;
        Extension->Statistics.ReceivedCount++;
        Extension->Events |= Byte == Extension->Chars.EventChar ? SERIAL_EV_RXCHAR | SERIAL_EV_RXFLAG :
                                                                  SERIAL_EV_RXCHAR;
    }
}

/* Fills the transmit FIFO as often as it is found empty, then leaves the rest to the interrupt. */
VOID UartTransmit(PDEVICE_EXTENSION Extension)
{
    ULONG Room;

    while (Extension->OutputLength > 0 && (UartRead(Extension, UART_LSR) & LSR_EMPTY)) {
        for (Room = UART_FIFO_SIZE; Room > 0 && Extension->OutputLength > 0; Room--) {
            UartWrite(Extension, UART_DATA, *Extension->OutputNext++);
            Extension->OutputLength--;
            Extension->Statistics.TransmittedCount++;
        }
    }
    UartSetInterrupts(Extension, Extension->OutputLength > 0 ? Extension->InterruptEnable | IER_TRANSMIT :
                                                              Extension->InterruptEnable & ~IER_TRANSMIT);
    if (Extension->OutputLength == 0)
        Extension->Events |= SERIAL_EV_TXEMPTY;
}

BOOLEAN NTAPI SerialInterrupt(PKINTERRUPT Interrupt, PVOID ServiceContext)
{
    PDEVICE_EXTENSION Extension = ServiceContext;
    BOOLEAN IsOurs = FALSE;
    UCHAR Cause;

    while (((Cause = UartRead(Extension, UART_IIR)) & IIR_NONE) == 0) {
        IsOurs = TRUE;
        if ((Cause & IIR_CAUSE) == IIR_MODEM_STATUS)
            UartRead(Extension, UART_MSR); /* that clears it */
        UartReceive(Extension);
        if (Extension->InterruptEnable & IER_TRANSMIT)
            UartTransmit(Extension);
    }
    if (IsOurs)
        KeInsertQueueDpc(&Extension->Dpc, NULL, NULL);
    return IsOurs;
}

ULONG UartTakeInput(PDEVICE_EXTENSION Extension, PUCHAR Buffer, ULONG Length)
{
    ULONG Count = 0;

    while (Count < Length && Extension->InputHead != Extension->InputTail)
        Buffer[Count++] = Extension->Input[Extension->InputHead++ % SERIAL_INPUT_SIZE];
    if (Extension->IsInputStopped && Extension->InputTail - Extension->InputHead <= SERIAL_INPUT_SIZE / 2) {
        Extension->IsInputStopped = FALSE;
        UartReceive(Extension);
        if (!Extension->IsInputStopped)
            UartSetInterrupts(Extension, Extension->InterruptEnable | IER_RECEIVE | IER_LINE);
    }
    return Count;
}

/* --- settings --------------------------------------------------------------------------------------------------- */

BOOLEAN UartSetBaudRate(PDEVICE_EXTENSION Extension, ULONG BaudRate)
{
    ULONG Divisor = BaudRate != 0 ? (UART_CLOCK + BaudRate / 2) / BaudRate : 0;
    UCHAR Line;
    KIRQL Irql;

    if (Divisor == 0 || Divisor > MAXUSHORT)
        return FALSE;
    Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);
    Line = UartRead(Extension, UART_LCR);
    UartWrite(Extension, UART_LCR, Line | LCR_DLAB);
    UartWrite(Extension, UART_DATA, (UCHAR)Divisor);
    UartWrite(Extension, UART_IER, (UCHAR)(Divisor >> 8));
    UartWrite(Extension, UART_LCR, Line & ~LCR_DLAB);
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
    Extension->BaudRate = BaudRate;
    return TRUE;
}

/* LCR: word length in bits 0-1, stop bits in bit 2, parity in bits 3-5. */
BOOLEAN UartSetLine(PDEVICE_EXTENSION Extension, const SERIAL_LINE_CONTROL *Line)
{
    static const UCHAR Parity[] = {[NO_PARITY] = 0x00, [ODD_PARITY] = 0x08, [EVEN_PARITY] = 0x18, [MARK_PARITY] = 0x28,
                                   [SPACE_PARITY] = 0x38};

    if (Line->WordLength < 5 || Line->WordLength > 8 || Line->Parity > SPACE_PARITY || Line->StopBits > STOP_BITS_2)
        return FALSE;
    if ((Line->StopBits == STOP_BITS_1_5) != (Line->WordLength == 5) && Line->StopBits != STOP_BIT_1)
        return FALSE;
    UartWrite(Extension, UART_LCR,
              (UCHAR)((Line->WordLength - 5) | (Line->StopBits != STOP_BIT_1 ? 0x04 : 0) | Parity[Line->Parity]));
    Extension->LineControl = *Line;
    return TRUE;
}

VOID UartSetBreak(PDEVICE_EXTENSION Extension, BOOLEAN IsOn)
{
    UCHAR Line = UartRead(Extension, UART_LCR);

    UartWrite(Extension, UART_LCR, IsOn ? Line | LCR_BREAK : Line & ~LCR_BREAK);
}

VOID UartSetModemControl(PDEVICE_EXTENSION Extension, UCHAR Set, UCHAR Clear)
{
    Extension->ModemControl = (Extension->ModemControl | Set) & ~Clear;
    UartWrite(Extension, UART_MCR, Extension->ModemControl);
}

/* Throws away what the FIFOs, and for input the ring, hold. */
VOID UartClear(PDEVICE_EXTENSION Extension, BOOLEAN Receive, BOOLEAN Transmit)
{
    KIRQL Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);

    UartWrite(Extension, UART_FCR, FCR_ENABLE | FCR_TRIGGER_8 | (Receive ? FCR_CLEAR_RECEIVE : 0) |
                                   (Transmit ? FCR_CLEAR_TRANSMIT : 0));
    if (Receive)
        Extension->InputHead = Extension->InputTail;
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
}

/* Turns the FIFO on, which empties the receiver.  So that no input is lost, the receiver is cut off from the line
 * meanwhile (loopback) and read before; a byte sent to ourselves marks the end, and taking it lets the peer go on. */
static VOID UartEnableFifo(PDEVICE_EXTENSION Extension)
{
    ULONG Try;

    UartWrite(Extension, UART_MCR, MCR_LOOPBACK);
    if (UartRead(Extension, UART_LSR) & LSR_DATA)
        Extension->Input[Extension->InputTail++ % SERIAL_INPUT_SIZE] = UartRead(Extension, UART_DATA);
    UartWrite(Extension, UART_FCR, FCR_ENABLE | FCR_TRIGGER_8);
    UartWrite(Extension, UART_DATA, 0);
    for (Try = 0; Try < 500 && (UartRead(Extension, UART_LSR) & LSR_DATA) == 0; Try++)
        KeStallExecutionProcessor(10);
    UartWrite(Extension, UART_MCR, MCR_DTR | MCR_RTS);
    UartRead(Extension, UART_DATA);
}

/* Before the interrupt is connected.  Bytes that arrived earlier are kept. */
VOID UartInitialize(PDEVICE_EXTENSION Extension)
{
    static const SERIAL_LINE_CONTROL Line = {STOP_BIT_1, NO_PARITY, 8};

    UartWrite(Extension, UART_IER, 0);
    Extension->InterruptEnable = 0;
    UartSetLine(Extension, &Line);
    if ((UartRead(Extension, UART_IIR) & IIR_FIFO) != IIR_FIFO)
        UartEnableFifo(Extension);
    UartSetModemControl(Extension, MCR_DTR | MCR_RTS | MCR_OUT2, 0);
    UartReceive(Extension);
}

VOID UartEnable(PDEVICE_EXTENSION Extension)
{
    KIRQL Irql = KeAcquireInterruptSpinLock(Extension->Interrupt);

    UartSetInterrupts(Extension, IER_RECEIVE | IER_LINE);
    UartReceive(Extension);
    KeReleaseInterruptSpinLock(Extension->Interrupt, Irql);
}

VOID UartStop(PDEVICE_EXTENSION Extension)
{
    UartWrite(Extension, UART_IER, 0);
    UartSetModemControl(Extension, 0, MCR_DTR | MCR_RTS | MCR_OUT2);
}
