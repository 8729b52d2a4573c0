/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's command line: `console_port=PORT' and `debug_port=PORT' say where the serial ports for the kernel's own lines and for
 * DebugPutChar are (COM1 otherwise), in decimal or, after 0x, in hexadecimal.  Everything else is ignored.
 */
#include "kernel/arch/x86_64/boot.h"

#define MAX_CMDLINE 4096

static BOOT_CODE word_t digit(char c)
{
    return c >= '0' && c <= '9' ? (word_t)(c - '0') : (c | 32) >= 'a' && (c | 32) <= 'f' ? (word_t)((c | 32) - 'a' + 10) : 16;
}

/* The 16-bit number that ends at a space or the end of the text; otherwise what it was. */
static BOOT_CODE word_t number(const char *text, word_t old)
{
    word_t base = 10, value = 0;

    if (text[0] == '0' && (text[1] | 32) == 'x') {
        base = 16;
        text += 2;
    }
    do {
        if (digit(*text) >= base || value > 0xffff)
            return old;
        value = value * base + digit(*text++);
    } while (*text != '\0' && *text != ' ');
    return value > 0xffff ? old : value;
}

/* Whether the text begins with the name; *value is what follows it. */
static BOOT_CODE bool_t option(const char *text, const char *name, uint16_t *value)
{
    for (; *name != '\0'; name++) {
        if (*text++ != *name)
            return false;
    }
    *value = (uint16_t)number(text, *value);
    return true;
}

/* bytes: what may be read at text, which need not end before. */
BOOT_CODE void parseCommandLine(const char *text, word_t bytes)
{
    static BOOT_BSS char copy[MAX_CMDLINE];
    word_t i, length = MIN(bytes, MAX_CMDLINE - 1);
    bool_t isStart = true;

    __builtin_memcpy(copy, text, length);
    for (i = 0; copy[i] != '\0'; i++) {
        if (isStart && !option(copy + i, "console_port=", &bootState.consolePort))
            option(copy + i, "debug_port=", &bootState.debugPort);
        isStart = copy[i] == ' ';
    }
}
