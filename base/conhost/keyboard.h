/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Keys of a PS/2 keyboard, as scan codes of set 1, turned into the bytes that a serial terminal sends for them.
 * US layout.
 */
#pragma once

#include "nt.h"
#include <ntddkbd.h>

#define KEYBOARD_MAX_BYTES 8

typedef struct _KEYBOARD {
    BOOLEAN LeftShift, RightShift;
    BOOLEAN LeftControl, RightControl;
    BOOLEAN LeftAlt, RightAlt;
    BOOLEAN IsCapsLocked, IsNumLocked;
} KEYBOARD, *PKEYBOARD;

/* Writes the bytes of one key event to Bytes and returns their number, 0 for a key that only changes the state.
 * A KEYBOARD that is all zeros is one with nothing pressed. */
ULONG KeyboardTranslate(PKEYBOARD Keyboard, const KEYBOARD_INPUT_DATA *Event, UCHAR Bytes[KEYBOARD_MAX_BYTES]);
