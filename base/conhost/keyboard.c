/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Scan codes to bytes (keyboard.h).
 *
 * Text keys come from one table, plain and shifted; Ctrl makes control characters of them, Alt sends ESC first.
 * Keys with a name send xterm's sequences: CSI letter or CSI number ~, with modifiers as CSI 1;m letter.
 * Pure code; nothing here waits.
 */
#include "keyboard.h"

#define ESCAPE 0x1b

/* Scan code set 1, codes 0x00..0x39 (IBM PS/2 technical reference, keyboards). */
static const CHAR PlainKeys[] = "\0\x1b" "1234567890-=\x7f\tqwertyuiop[]\r\0" "asdfghjkl;'`\0\\zxcvbnm,./\0*\0 ";
static const CHAR ShiftedKeys[] = "\0\x1b" "!@#$%^&*()_+\x7f\tQWERTYUIOP{}\r\0" "ASDFGHJKL:\"~\0|ZXCVBNM<>?\0*\0 ";

enum {
    KeyTab = 0x0f,
    KeyControl = 0x1d,
    KeyLeftShift = 0x2a,
    KeySlash = 0x35,
    KeyRightShift = 0x36,
    KeyAlt = 0x38,
    KeyCapsLock = 0x3a,
    KeyNumLock = 0x45,
    KeyPadFirst = 0x47,
    KeyPadLast = 0x53,
    KeyEnter = 0x1c,
    KeyAngle = 0x56,
};

/* Final: the letter of CSI Final, or 0 for CSI Number ~. */
typedef struct _NAMED_KEY {
    UCHAR MakeCode;
    CHAR Final;
    UCHAR Number;
} NAMED_KEY;

static const NAMED_KEY NamedKeys[] = {
    { 0x48, 'A' }, { 0x50, 'B' }, { 0x4d, 'C' }, { 0x4b, 'D' }, { 0x47, 'H' }, { 0x4f, 'F' }, { 0x4c, 'E' },
    { 0x52, 0, 2 }, { 0x53, 0, 3 }, { 0x49, 0, 5 }, { 0x51, 0, 6 },
    { 0x3b, 'P' }, { 0x3c, 'Q' }, { 0x3d, 'R' }, { 0x3e, 'S' },
    { 0x3f, 0, 15 }, { 0x40, 0, 17 }, { 0x41, 0, 18 }, { 0x42, 0, 19 }, { 0x43, 0, 20 }, { 0x44, 0, 21 },
    { 0x57, 0, 23 }, { 0x58, 0, 24 },
};

/* The keypad with Num Lock, from KeyPadFirst on. */
static const CHAR PadKeys[] = "789-456+1230.";

static BOOLEAN UpdateModifiers(PKEYBOARD Keyboard, USHORT Code, BOOLEAN IsExtended, BOOLEAN IsDown)
{
    switch (Code) {
    case KeyLeftShift:
        if (!IsExtended)        /* E0 2A is a shift that the keyboard makes up around some keys */
            Keyboard->LeftShift = IsDown;
        return TRUE;
    case KeyRightShift:
        if (!IsExtended)
            Keyboard->RightShift = IsDown;
        return TRUE;
    case KeyControl:
        *(IsExtended ? &Keyboard->RightControl : &Keyboard->LeftControl) = IsDown;
        return TRUE;
    case KeyAlt:
        *(IsExtended ? &Keyboard->RightAlt : &Keyboard->LeftAlt) = IsDown;
        return TRUE;
    case KeyCapsLock:
        Keyboard->IsCapsLocked ^= IsDown;
        return TRUE;
    case KeyNumLock:
        Keyboard->IsNumLocked ^= IsDown;
        return TRUE;
    }
    return FALSE;
}

static ULONG PutNamedKey(const NAMED_KEY *Key, ULONG Modifiers, PUCHAR Bytes)
{
    ULONG Length = 0;
    BOOLEAN IsFunctionKey = Key->Final >= 'P' && Key->Final <= 'S';

    Bytes[Length++] = ESCAPE;
    Bytes[Length++] = IsFunctionKey && Modifiers == 0 ? 'O' : '[';
    if (Key->Final == 0) {
        if (Key->Number >= 10)
            Bytes[Length++] = (UCHAR)('0' + Key->Number / 10);
        Bytes[Length++] = (UCHAR)('0' + Key->Number % 10);
    } else if (Modifiers != 0) {
        Bytes[Length++] = '1';
    }
    if (Modifiers != 0) {
        Bytes[Length++] = ';';
        Bytes[Length++] = (UCHAR)('1' + Modifiers);
    }
    Bytes[Length++] = Key->Final != 0 ? (UCHAR)Key->Final : '~';
    return Length;
}

/* ASCII's control characters, with the keyboard's usual stand-ins. */
static UCHAR ControlCharacter(UCHAR Character)
{
    if (Character >= '@' && Character <= '~')
        return Character & 0x1f;
    switch (Character) {
    case ' ': case '2': return 0;
    case '/': case '-': return 0x1f;
    case 0x7f: return '\b';
    default: return Character;
    }
}

static ULONG PutCharacter(UCHAR Character, BOOLEAN Control, BOOLEAN Alt, PUCHAR Bytes)
{
    ULONG Length = 0;

    if (Alt)
        Bytes[Length++] = ESCAPE;
    Bytes[Length++] = Control ? ControlCharacter(Character) : Character;
    return Length;
}

static UCHAR TextKey(const KEYBOARD *Keyboard, USHORT Code, BOOLEAN IsExtended)
{
    BOOLEAN Shift = Keyboard->LeftShift || Keyboard->RightShift;
    UCHAR Character;

    if (IsExtended)
        return (UCHAR)(Code == KeyEnter ? '\r' : Code == KeySlash ? '/' : 0);
    if (Code >= KeyPadFirst && Code <= KeyPadLast) {
        Character = (UCHAR)PadKeys[Code - KeyPadFirst];
        return Keyboard->IsNumLocked != Shift || Character == '+' || Character == '-' ? Character : 0;
    }
    if (Code == KeyAngle)
        return Shift ? '|' : '\\';
    if (Code >= sizeof(PlainKeys) - 1)
        return 0;
    Character = (UCHAR)PlainKeys[Code];
    if (Character >= 'a' && Character <= 'z')
        Shift ^= Keyboard->IsCapsLocked;
    return (UCHAR)(Shift ? ShiftedKeys[Code] : Character);
}

ULONG KeyboardTranslate(PKEYBOARD Keyboard, const KEYBOARD_INPUT_DATA *Event, UCHAR Bytes[KEYBOARD_MAX_BYTES])
{
    BOOLEAN IsExtended = (Event->Flags & KEY_E0) != 0, IsDown = !(Event->Flags & KEY_BREAK);
    BOOLEAN Shift, Control, Alt;
    UCHAR Character;

    if (Event->Flags & KEY_E1)          /* Pause */
        return 0;
    if (UpdateModifiers(Keyboard, Event->MakeCode, IsExtended, IsDown) || !IsDown)
        return 0;
    Shift = Keyboard->LeftShift || Keyboard->RightShift;
    Control = Keyboard->LeftControl || Keyboard->RightControl;
    Alt = Keyboard->LeftAlt || Keyboard->RightAlt;
    if (Event->MakeCode == KeyTab && Shift && !IsExtended) {
        memcpy(Bytes, "\x1b[Z", 3);
        return 3;
    }
    Character = TextKey(Keyboard, Event->MakeCode, IsExtended);
    if (Character != 0)
        return PutCharacter(Character, Control, Alt, Bytes);
    for (ULONG i = 0; i < ARRAYSIZE(NamedKeys); i++)
        if (NamedKeys[i].MakeCode == Event->MakeCode)
            return PutNamedKey(&NamedKeys[i], (Shift ? 1 : 0) | (Alt ? 2 : 0) | (Control ? 4 : 0), Bytes);
    return 0;
}
