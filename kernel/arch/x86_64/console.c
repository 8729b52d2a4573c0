/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console: COM1, polled.  Release kernels use it for fatal errors only; those also go to VGA text memory.
 */
#include "kernel/arch/x86_64/machine.h"

#define COM1 0x3f8
#define LINE_STATUS 5
#define SEND_READY 0x20
#define SEND_TRIES 100000

static void putRaw(char c)
{
    word_t tries = SEND_TRIES;

    while (!(inb(COM1 + LINE_STATUS) & SEND_READY) && --tries != 0)
        ;
    outb(COM1, (uint8_t)c);
}

void consolePutChar(char c)
{
    putRaw(c);
}

void consolePutString(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n')
            putRaw('\r');
        putRaw(*text);
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
