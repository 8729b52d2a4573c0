/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console: a serial port, polled.  Release kernels use it for fatal errors only; those also go to VGA text memory.
 * Sources: PC16550D data sheet, section 8; the ports are COM1's unless the command line says otherwise.
 */
#include "kernel/arch/x86_64/machine.h"

#define LINE_STATUS 5
#define SEND_READY 0x20
#define SEND_EMPTY 0x40
#define SEND_TRIES 100000

static uint16_t consolePort, debugPort;

/* Turning the FIFO on drops a byte that has been received before: it is taken out and put back through the loopback, during
 * which nothing arrives.  So what was typed during the boot reaches the driver.  Sections 8.4 and 8.6. */
static BOOT_CODE void enableFIFO(uint16_t port)
{
    word_t tries = SEND_TRIES;
    bool_t isReceived;
    uint8_t byte;

    outb(port + 4, 0x10);
    isReceived = inb(port + LINE_STATUS) & 1;
    byte = isReceived ? inb(port) : 0;
    outb(port + 2, 1);
    if (!isReceived || byte == 0xff)
        return;
    outb(port, byte);
    while (!(inb(port + LINE_STATUS) & SEND_EMPTY) && --tries != 0)
        ;
}

static BOOT_CODE void initPort(uint16_t port)
{
    outb(port + 1, 0);
    outb(port + 3, 0x80); /* 115200 baud */
    outb(port + 0, 1);
    outb(port + 1, 0);
    outb(port + 3, 3); /* 8 bits, no parity, 1 stop */
    enableFIFO(port);
    outb(port + 4, 3);
}

/* Sets up what is new of the two. */
BOOT_CODE void initConsole(uint16_t console, uint16_t debug)
{
    if (console != consolePort)
        initPort(console);
    if (debug != debugPort && debug != console)
        initPort(debug);
    consolePort = console;
    debugPort = debug;
}

static void putRaw(uint16_t port, char c)
{
    word_t tries = SEND_TRIES;

    while (!(inb(port + LINE_STATUS) & SEND_READY) && --tries != 0)
        ;
    outb(port, (uint8_t)c);
}

void consolePutChar(char c)
{
    putRaw(consolePort, c);
}

void debugPutChar(char c)
{
    putRaw(debugPort, c);
}

void consolePutString(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            consolePutChar('\r');
        consolePutChar(*text);
    }
}

void consolePutHex(word_t value)
{
    int shift;

    consolePutString("0x");
    for (shift = 60; shift > 0 && value >> shift == 0; shift -= 4)
        ;
    for (; shift >= 0; shift -= 4)
        consolePutChar("0123456789abcdef"[value >> shift & 15]);
}

void consolePutNumber(word_t value)
{
    char digits[21];
    word_t i = sizeof(digits) - 1;

    digits[i] = '\0';
    do
        digits[--i] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    consolePutString(digits + i);
}

void halt(void)
{
    for (;;)
        __asm__ volatile("cli\n\thlt");
}

void kernelAssertFailed(const char *what, const char *file, int line)
{
    consolePutString("\nkernel: assertion failed: ");
    consolePutString(what);
    consolePutString(" at ");
    consolePutString(file);
    consolePutString(":");
    consolePutNumber((word_t)line);
    consolePutString("\n");
    halt();
}
