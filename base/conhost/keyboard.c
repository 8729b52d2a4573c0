/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Scan codes to key events (keyboard.h): the state of the modifiers, the keypad, and what layout.c says of all other
 * keys.  Pure code; nothing here waits.
 */
#include "keyboard.h"

enum {
    KeyControl = 0x1d,
    KeyLeftShift = 0x2a,
    KeySlash = 0x35,
    KeyRightShift = 0x36,
    KeyAlt = 0x38,
    KeyCapsLock = 0x3a,
    KeyNumLock = 0x45,
    KeyPause = 0x46,
    KeyPadFirst = 0x47,
    KeyPadLast = 0x53,
    KeyEnter = 0x1c,
    KeyAngle = 0x56,
};

#define OEM_102 0xe2                    /* the key beside the left Shift */

/* The keypad with Num Lock, from KeyPadFirst on. */
static const CHAR PadKeys[] = "789-456+1230.";

/* The virtual key of a modifier, whose state it notes; 0: the key is none. */
static UCHAR UpdateModifiers(PKEYBOARD Keyboard, USHORT Code, BOOLEAN IsExtended, BOOLEAN IsDown)
{
    switch (Code) {
    case KeyLeftShift:
        Keyboard->LeftShift = IsDown;
        return VkShift;
    case KeyRightShift:
        Keyboard->RightShift = IsDown;
        return VkShift;
    case KeyControl:
        *(IsExtended ? &Keyboard->RightControl : &Keyboard->LeftControl) = IsDown;
        return VkControl;
    case KeyAlt:
        *(IsExtended ? &Keyboard->RightAlt : &Keyboard->LeftAlt) = IsDown;
        return VkMenu;
    case KeyCapsLock:
        Keyboard->IsCapsLocked ^= IsDown;
        return VkCapital;
    case KeyNumLock:
        Keyboard->IsNumLocked ^= IsDown;
        return VkNumLock;
    }
    return 0;
}

static ULONG ControlKeyState(const KEYBOARD *Keyboard, BOOLEAN IsExtended)
{
    return (Keyboard->LeftShift || Keyboard->RightShift ? SHIFT_PRESSED : 0) |
           (Keyboard->LeftControl ? LEFT_CTRL_PRESSED : 0) | (Keyboard->RightControl ? RIGHT_CTRL_PRESSED : 0) |
           (Keyboard->LeftAlt ? LEFT_ALT_PRESSED : 0) | (Keyboard->RightAlt ? RIGHT_ALT_PRESSED : 0) |
           (Keyboard->IsCapsLocked ? CAPSLOCK_ON : 0) | (Keyboard->IsNumLocked ? NUMLOCK_ON : 0) |
           (IsExtended ? ENHANCED_KEY : 0);
}

/* The keypad's keys that are characters now. */
static BOOLEAN PadKey(const KEYBOARD *Keyboard, USHORT Code, PKEY_EVENT_RECORD Key)
{
    CHAR Character;

    if (Code < KeyPadFirst || Code > KeyPadLast)
        return FALSE;
    Character = PadKeys[Code - KeyPadFirst];
    if (Character != '+' && Character != '-' && Keyboard->IsNumLocked == (Keyboard->LeftShift || Keyboard->RightShift))
        return FALSE;
    Key->wVirtualKeyCode = Character == '+' ? VkAdd : Character == '-' ? VkSubtract : Character == '.' ? VkDecimal :
                           (USHORT)(VkNumpad0 + Character - '0');
    Key->uChar.UnicodeChar = (WCHAR)Character;
    return TRUE;
}

static BOOLEAN TextKey(const KEYBOARD *Keyboard, USHORT Code, BOOLEAN IsExtended, PKEY_EVENT_RECORD Key)
{
    BOOLEAN IsShifted = Keyboard->LeftShift || Keyboard->RightShift;
    UCHAR Character;

    if (Code == KeyAngle && !IsExtended) {
        Key->wVirtualKeyCode = OEM_102;
        Key->uChar.UnicodeChar = IsShifted ? L'|' : L'\\';
        return TRUE;
    }
    if (IsExtended && Code != KeyEnter && Code != KeySlash)
        return FALSE;
    Character = LayoutCharacter(Code, FALSE);
    if (Character >= 'a' && Character <= 'z')
        IsShifted ^= Keyboard->IsCapsLocked;
    Key->wVirtualKeyCode = IsExtended && Code == KeySlash ? VkDivide : LayoutVirtualKey(Code);
    Key->uChar.UnicodeChar = IsExtended ? Character : LayoutCharacter(Code, IsShifted);
    return Character != 0;
}

BOOLEAN KeyboardTranslate(PKEYBOARD Keyboard, const KEYBOARD_INPUT_DATA *Event, PKEY_EVENT_RECORD Key)
{
    BOOLEAN IsExtended = (Event->Flags & KEY_E0) != 0, IsDown = !(Event->Flags & KEY_BREAK);
    USHORT Code = Event->MakeCode;
    const NAMED_KEY *Named;

    *Key = (KEY_EVENT_RECORD){ .bKeyDown = IsDown, .wRepeatCount = 1, .wVirtualScanCode = Code };
    if (Event->Flags & KEY_E1)          /* Pause */
        return FALSE;
    if (IsExtended && (Code == KeyLeftShift || Code == KeyRightShift))
        return FALSE;                   /* a shift that the keyboard makes up around some keys */
    Key->wVirtualKeyCode = UpdateModifiers(Keyboard, Code, IsExtended, IsDown);
    Key->dwControlKeyState = ControlKeyState(Keyboard, IsExtended);
    if (Key->wVirtualKeyCode != 0)
        return TRUE;
    if (IsExtended && Code == KeyPause) {       /* Ctrl+Break */
        Key->wVirtualKeyCode = VkCancel;
        return TRUE;
    }
    if ((!IsExtended && PadKey(Keyboard, Code, Key)) || TextKey(Keyboard, Code, IsExtended, Key)) {
        if (Key->dwControlKeyState & CONTROL_PRESSED)
            Key->uChar.UnicodeChar = LayoutControlCharacter((UCHAR)Key->uChar.UnicodeChar);
        return TRUE;
    }
    Named = LayoutKeyOfScanCode(Code);
    if (Named != NULL)
        Key->wVirtualKeyCode = Named->VirtualKey;
    return Named != NULL;
}
