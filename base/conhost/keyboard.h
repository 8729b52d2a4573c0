/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Keys of a PS/2 keyboard, as scan codes of set 1, turned into the console's key events.  US layout.
 */
#pragma once

#include "layout.h"
#include <ntddkbd.h>

typedef struct _KEYBOARD {
    BOOLEAN LeftShift, RightShift;
    BOOLEAN LeftControl, RightControl;
    BOOLEAN LeftAlt, RightAlt;
    BOOLEAN IsCapsLocked, IsNumLocked;
} KEYBOARD, *PKEYBOARD;

/* The event of one key going down or up; FALSE: the console knows no such key.  A KEYBOARD that is all zeros is one with
 * nothing pressed. */
BOOLEAN KeyboardTranslate(PKEYBOARD Keyboard, const KEYBOARD_INPUT_DATA *Event, PKEY_EVENT_RECORD Key);
