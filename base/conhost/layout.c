/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The US keyboard's tables (layout.h).  Pure code; nothing here waits.
 */
#include "layout.h"

/* Scan code set 1, codes 0x00..0x39 (IBM PS/2 technical reference, keyboards). */
static const CHAR PlainKeys[] = "\0\x1b" "1234567890-=\b\tqwertyuiop[]\r\0" "asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const CHAR ShiftedKeys[] = "\0\x1b" "!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0" "ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

#define TEXT_KEYS (sizeof(PlainKeys) - 1)

/* The keys with a number for a name, VK_OEM_1 and on (winuser.h). */
static const struct {
    CHAR Character;
    UCHAR VirtualKey;
} OemKeys[] = {
    { ';', 0xba }, { '=', 0xbb }, { ',', 0xbc }, { '-', 0xbd }, { '.', 0xbe }, { '/', 0xbf }, { '`', 0xc0 },
    { '[', 0xdb }, { '\\', 0xdc }, { ']', 0xdd }, { '\'', 0xde }, { '*', VkMultiply },
};

static const NAMED_KEY NamedKeys[] = {
    { 0x48, VkUp, 'A' }, { 0x50, VkDown, 'B' }, { 0x4d, VkRight, 'C' }, { 0x4b, VkLeft, 'D' }, { 0x47, VkHome, 'H' },
    { 0x4f, VkEnd, 'F' }, { 0x4c, VkClear, 'E' },
    { 0x52, VkInsert, 0, 2 }, { 0x53, VkDelete, 0, 3 }, { 0x49, VkPrior, 0, 5 }, { 0x51, VkNext, 0, 6 },
    { 0x3b, VkF1, 'P' }, { 0x3c, VkF1 + 1, 'Q' }, { 0x3d, VkF1 + 2, 'R' }, { 0x3e, VkF1 + 3, 'S' },
    { 0x3f, VkF1 + 4, 0, 15 }, { 0x40, VkF1 + 5, 0, 17 }, { 0x41, VkF1 + 6, 0, 18 }, { 0x42, VkF1 + 7, 0, 19 },
    { 0x43, VkF1 + 8, 0, 20 }, { 0x44, VkF1 + 9, 0, 21 }, { 0x57, VkF1 + 10, 0, 23 }, { 0x58, VkF1 + 11, 0, 24 },
};

UCHAR LayoutCharacter(ULONG ScanCode, BOOLEAN IsShifted)
{
    if (ScanCode >= TEXT_KEYS)
        return 0;
    return (UCHAR)(IsShifted ? ShiftedKeys[ScanCode] : PlainKeys[ScanCode]);
}

UCHAR LayoutScanCode(WCHAR Character, PBOOLEAN IsShifted)
{
    *IsShifted = FALSE;
    if (Character == 0 || Character > 0x7e)
        return 0;
    for (UCHAR i = 0; i < TEXT_KEYS; i++) {
        if (PlainKeys[i] == (CHAR)Character)
            return i;
        if (ShiftedKeys[i] == (CHAR)Character) {
            *IsShifted = TRUE;
            return i;
        }
    }
    return 0;
}

UCHAR LayoutVirtualKey(ULONG ScanCode)
{
    CHAR Plain = (CHAR)LayoutCharacter(ScanCode, FALSE);

    if (Plain >= 'a' && Plain <= 'z')
        return (UCHAR)(Plain - 'a' + 'A');
    for (ULONG i = 0; i < ARRAYSIZE(OemKeys); i++)
        if (OemKeys[i].Character == Plain)
            return OemKeys[i].VirtualKey;
    return (UCHAR)Plain;        /* digits, space, Enter, Tab, Escape, Backspace: the character's own code */
}

UCHAR LayoutControlCharacter(UCHAR Character)
{
    if (Character >= '@' && Character <= '~')
        return Character & 0x1f;
    switch (Character) {
    case ' ': case '2': return 0;
    case '/': case '-': return 0x1f;
    case '\b': return 0x7f;
    case '\r': return '\n';
    default: return Character;
    }
}

const NAMED_KEY *LayoutKeyOfScanCode(ULONG ScanCode)
{
    for (ULONG i = 0; i < ARRAYSIZE(NamedKeys); i++)
        if (NamedKeys[i].ScanCode == ScanCode)
            return &NamedKeys[i];
    return NULL;
}

const NAMED_KEY *LayoutKeyOfVirtualKey(ULONG VirtualKey)
{
    for (ULONG i = 0; i < ARRAYSIZE(NamedKeys); i++)
        if (NamedKeys[i].VirtualKey == VirtualKey)
            return &NamedKeys[i];
    return NULL;
}

/* Terminals send Home, End and F1 to F4 in a second form too. */
const NAMED_KEY *LayoutKeyOfSequence(CHAR Final, ULONG Number)
{
    static const struct {
        UCHAR Number;
        CHAR Final;
    } SecondForms[] = { { 1, 'H' }, { 7, 'H' }, { 4, 'F' }, { 8, 'F' }, { 11, 'P' }, { 12, 'Q' }, { 13, 'R' }, { 14, 'S' } };

    for (ULONG i = 0; Final == '~' && i < ARRAYSIZE(SecondForms); i++)
        if (SecondForms[i].Number == Number)
            Final = SecondForms[i].Final;
    for (ULONG i = 0; i < ARRAYSIZE(NamedKeys); i++)
        if (Final == '~' ? NamedKeys[i].Final == 0 && NamedKeys[i].Number == Number : NamedKeys[i].Final == Final)
            return &NamedKeys[i];
    return NULL;
}
