/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The US keyboard: scan codes of set 1, Win32's virtual keys, the characters on the keys, and the sequences that
 * terminals send for keys without one.
 */
#pragma once

#include "ntdll.h"
#include "abi/conapi.h"

/* Virtual keys (winuser.h, which does not stand alone). */
enum {
    VkCancel = 0x03, VkBack = 0x08, VkTab = 0x09, VkClear = 0x0c, VkReturn = 0x0d, VkShift = 0x10, VkControl = 0x11,
    VkMenu = 0x12, VkCapital = 0x14, VkEscape = 0x1b, VkSpace = 0x20, VkPrior = 0x21, VkNext = 0x22, VkEnd = 0x23,
    VkHome = 0x24, VkLeft = 0x25, VkUp = 0x26, VkRight = 0x27, VkDown = 0x28, VkInsert = 0x2d, VkDelete = 0x2e,
    VkNumpad0 = 0x60, VkMultiply = 0x6a, VkAdd = 0x6b, VkSubtract = 0x6d, VkDecimal = 0x6e, VkDivide = 0x6f, VkF1 = 0x70,
    VkNumLock = 0x90,
};

/* A key without a character.  Final: the letter of CSI Final, or 0 for CSI Number ~ (xterm's). */
typedef struct _NAMED_KEY {
    UCHAR ScanCode;
    UCHAR VirtualKey;
    CHAR Final;
    UCHAR Number;
} NAMED_KEY;

#define CONTROL_PRESSED (LEFT_CTRL_PRESSED | RIGHT_CTRL_PRESSED)
#define ALT_PRESSED (LEFT_ALT_PRESSED | RIGHT_ALT_PRESSED)

/* The character of a text key, 0 if the scan code is of none. */
UCHAR LayoutCharacter(ULONG ScanCode, BOOLEAN IsShifted);

/* The key that types Character, as it is without Ctrl: its scan code and whether Shift is needed; 0: none does. */
UCHAR LayoutScanCode(WCHAR Character, PBOOLEAN IsShifted);

/* The virtual key of a text key. */
UCHAR LayoutVirtualKey(ULONG ScanCode);

/* What Ctrl makes of a key's character: ASCII's control characters, with the keyboard's usual stand-ins. */
UCHAR LayoutControlCharacter(UCHAR Character);

const NAMED_KEY *LayoutKeyOfScanCode(ULONG ScanCode);
const NAMED_KEY *LayoutKeyOfVirtualKey(ULONG VirtualKey);
const NAMED_KEY *LayoutKeyOfSequence(CHAR Final, ULONG Number);
