/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Key events from a terminal's bytes and text from key events (keytext.h).
 *
 * Sequences are xterm's: CSI letter or CSI number ~, with modifiers as CSI 1;m letter, SS3 letter, ESC before a
 * character for Alt.  Pure code; nothing here waits.
 */
#include "keytext.h"

#define ESCAPE 0x1b

/* --- text of events ----------------------------------------------------------------------------------------------- */

/* xterm's modifier parameter, less one. */
static ULONG Modifiers(ULONG State)
{
    return (State & SHIFT_PRESSED ? 1 : 0) | (State & ALT_PRESSED ? 2 : 0) | (State & CONTROL_PRESSED ? 4 : 0);
}

static ULONG SequenceText(const NAMED_KEY *Key, ULONG Modifier, PWSTR Text)
{
    ULONG Length = 0;
    BOOLEAN IsFunctionKey = Key->Final >= 'P' && Key->Final <= 'S';

    Text[Length++] = ESCAPE;
    Text[Length++] = IsFunctionKey && Modifier == 0 ? 'O' : '[';
    if (Key->Final == 0) {
        if (Key->Number >= 10)
            Text[Length++] = (WCHAR)('0' + Key->Number / 10);
        Text[Length++] = (WCHAR)('0' + Key->Number % 10);
    } else if (Modifier != 0) {
        Text[Length++] = '1';
    }
    if (Modifier != 0) {
        Text[Length++] = ';';
        Text[Length++] = (WCHAR)('1' + Modifier);
    }
    Text[Length++] = Key->Final != 0 ? (WCHAR)Key->Final : '~';
    return Length;
}

/* Keys that send something else than their character, or have none. */
static ULONG VtText(const KEY_EVENT_RECORD *Key, PWSTR Text)
{
    const NAMED_KEY *Named;

    if (Key->wVirtualKeyCode == VkBack) {
        Text[0] = Key->dwControlKeyState & CONTROL_PRESSED ? '\b' : 0x7f;
        return 1;
    }
    if (Key->wVirtualKeyCode == VkTab && Key->dwControlKeyState & SHIFT_PRESSED) {
        memcpy(Text, L"\x1b[Z", 3 * sizeof(WCHAR));
        return 3;
    }
    Named = Key->uChar.UnicodeChar == 0 ? LayoutKeyOfVirtualKey(Key->wVirtualKeyCode) : NULL;
    return Named != NULL ? SequenceText(Named, Modifiers(Key->dwControlKeyState), Text) : 0;
}

static BOOLEAN IsNul(const KEY_EVENT_RECORD *Key)
{
    return (Key->dwControlKeyState & CONTROL_PRESSED) &&
           (Key->wVirtualKeyCode == VkSpace || Key->wVirtualKeyCode == '2');
}

ULONG KeyText(const KEY_EVENT_RECORD *Key, BOOLEAN IsVt, WCHAR Text[KEY_MAX_TEXT])
{
    WCHAR Character = Key->uChar.UnicodeChar;
    ULONG Length = 0;

    /* A character composed with Alt and the keypad comes when Alt goes up. */
    if (!Key->bKeyDown && (Key->wVirtualKeyCode != VkMenu || Character == 0))
        return 0;
    if (IsVt)
        Length = VtText(Key, Text);
    if (Length != 0 || (Character == 0 && !IsNul(Key)))
        return Length;
    if (IsVt && Key->bKeyDown && Key->dwControlKeyState & ALT_PRESSED)
        Text[Length++] = ESCAPE;
    Text[Length++] = Character;
    return Length;
}

/* --- events of bytes ---------------------------------------------------------------------------------------------- */

static KEY_EVENT_RECORD CharacterKey(WCHAR Character)
{
    KEY_EVENT_RECORD Key = { .bKeyDown = TRUE, .wRepeatCount = 1, .uChar.UnicodeChar = Character };
    BOOLEAN IsShifted = FALSE;
    WCHAR OnKey = Character;

    if (Character < 0x20 && Character != '\b' && Character != '\t' && Character != '\r' && Character != ESCAPE) {
        Key.dwControlKeyState = LEFT_CTRL_PRESSED;
        OnKey = Character == 0 ? ' ' : Character == '\n' ? '\r' :
                (WCHAR)(Character <= 0x1a ? Character + 'a' - 1 : Character == 0x1f ? '-' : Character + '@');
    } else if (Character == 0x7f) {
        Key.dwControlKeyState = LEFT_CTRL_PRESSED;
        OnKey = '\b';
    }
    Key.wVirtualScanCode = LayoutScanCode(OnKey, &IsShifted);
    if (Key.wVirtualScanCode != 0)
        Key.wVirtualKeyCode = LayoutVirtualKey(Key.wVirtualScanCode);
    if (IsShifted)
        Key.dwControlKeyState |= SHIFT_PRESSED;
    return Key;
}

/* A byte that belongs to no sequence.  What a terminal's Backspace sends is Ctrl+Backspace's character on a keyboard,
 * and the other way round. */
static ULONG TextByte(PKEY_PARSER Parser, UCHAR Byte, PKEY_EVENT_RECORD Keys)
{
    if (Parser->BytesLeft != 0 && (Byte & 0xc0) == 0x80) {
        Parser->CodePoint = Parser->CodePoint << 6 | (Byte & 0x3f);
        if (--Parser->BytesLeft != 0)
            return 0;
        if (Parser->CodePoint < 0x10000) {
            Keys[0] = CharacterKey((WCHAR)Parser->CodePoint);
            return 1;
        }
        Keys[0] = CharacterKey((WCHAR)(0xd7c0 + (Parser->CodePoint >> 10)));
        Keys[1] = CharacterKey((WCHAR)(0xdc00 | (Parser->CodePoint & 0x3ff)));
        return 2;
    }
    Parser->BytesLeft = 0;
    if (Byte >= 0xc2 && Byte <= 0xf4) {
        Parser->BytesLeft = Byte < 0xe0 ? 1 : Byte < 0xf0 ? 2 : 3;
        Parser->CodePoint = Byte & (0x3f >> Parser->BytesLeft);
        return 0;
    }
    Keys[0] = CharacterKey(Byte >= 0x80 ? 0xfffd : Byte == 0x7f ? '\b' : Byte == '\b' ? 0x7f : Byte);
    return 1;
}

/* The numbers of a control sequence, at most two; missing ones are 0. */
static VOID Numbers(const KEY_PARSER *Parser, ULONG Values[2])
{
    ULONG Index = 0;

    Values[0] = Values[1] = 0;
    for (ULONG i = 2; i + 1 < Parser->SequenceLength; i++) {
        if (Parser->Sequence[i] == ';')
            Index++;
        else if (Index < 2 && Parser->Sequence[i] >= '0' && Parser->Sequence[i] <= '9')
            Values[Index] = Values[Index] * 10 + Parser->Sequence[i] - '0';
    }
}

/* The key of a complete sequence. */
static BOOLEAN SequenceKey(const KEY_PARSER *Parser, PKEY_EVENT_RECORD Key)
{
    CHAR Final = (CHAR)Parser->Sequence[Parser->SequenceLength - 1];
    const NAMED_KEY *Named;
    ULONG Values[2], Modifier;

    Numbers(Parser, Values);
    if (Final == 'Z') {
        *Key = CharacterKey('\t');
        Key->dwControlKeyState = SHIFT_PRESSED;
        return TRUE;
    }
    if (Final != '~' && Values[0] > 1)
        return FALSE;                   /* an answer of the terminal's, such as the cursor's place */
    Named = LayoutKeyOfSequence(Final, Values[0]);
    if (Named == NULL)
        return FALSE;
    Modifier = Values[1] != 0 ? Values[1] - 1 : 0;
    *Key = (KEY_EVENT_RECORD){ .bKeyDown = TRUE, .wRepeatCount = 1, .wVirtualKeyCode = Named->VirtualKey,
            .wVirtualScanCode = Named->ScanCode };
    Key->dwControlKeyState = (Modifier & 1 ? SHIFT_PRESSED : 0) | (Modifier & 2 ? LEFT_ALT_PRESSED : 0) |
                             (Modifier & 4 ? LEFT_CTRL_PRESSED : 0) |
                             (Named->VirtualKey >= VkPrior && Named->VirtualKey <= VkDelete ? ENHANCED_KEY : 0);
    return TRUE;
}

/* The bytes collected, a key each. */
static ULONG SequenceAsText(PKEY_PARSER Parser, PKEY_EVENT_RECORD Keys)
{
    ULONG Count = Parser->SequenceLength;

    for (ULONG i = 0; i < Count; i++)
        Keys[i] = CharacterKey(Parser->Sequence[i]);
    Parser->SequenceLength = 0;
    return Count;
}

static ULONG AltKey(PKEY_PARSER Parser, UCHAR Byte, PKEY_EVENT_RECORD Keys)
{
    ULONG Count;

    Parser->SequenceLength = 0;
    Count = TextByte(Parser, Byte, Keys);
    for (ULONG i = 0; i < Count; i++)
        Keys[i].dwControlKeyState |= LEFT_ALT_PRESSED;
    return Count;
}

/* A byte behind ESC. */
static ULONG SequenceByte(PKEY_PARSER Parser, UCHAR Byte, PKEY_EVENT_RECORD Keys)
{
    if (Byte == ESCAPE) {
        ULONG Count = SequenceAsText(Parser, Keys);

        Parser->Sequence[Parser->SequenceLength++] = Byte;
        return Count;
    }
    if (Parser->SequenceLength == 1 && Byte != '[' && Byte != 'O')
        return AltKey(Parser, Byte, Keys);
    Parser->Sequence[Parser->SequenceLength++] = Byte;
    if (Parser->SequenceLength > 2 && (Byte >= 0x40 || Parser->Sequence[1] == 'O')) {
        if (!SequenceKey(Parser, Keys))
            return SequenceAsText(Parser, Keys);
        Parser->SequenceLength = 0;
        return 1;
    }
    return Parser->SequenceLength == KEY_MAX_SEQUENCE || Byte < 0x20 ? SequenceAsText(Parser, Keys) : 0;
}

ULONG KeyParse(PKEY_PARSER Parser, UCHAR Byte, KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS])
{
    BOOLEAN IsSecondHalf = Byte == '\n' && Parser->WasCarriageReturn;

    Parser->WasCarriageReturn = Byte == '\r';
    if (IsSecondHalf)
        return 0;
    if (Parser->SequenceLength != 0)
        return SequenceByte(Parser, Byte, Keys);
    if (Byte != ESCAPE)
        return TextByte(Parser, Byte, Keys);
    Parser->Sequence[Parser->SequenceLength++] = Byte;
    return 0;
}

BOOLEAN KeyIsPending(const KEY_PARSER *Parser)
{
    return Parser->SequenceLength != 0;
}

ULONG KeyGiveUp(PKEY_PARSER Parser, KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS])
{
    return SequenceAsText(Parser, Keys);
}
