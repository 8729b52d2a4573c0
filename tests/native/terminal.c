/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The terminal's pure parts (base/conhost): screen model and VT parser, keyboard, keys and their text, line mode, cells.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "base/conhost/cells.h"
#include "base/conhost/keyboard.h"
#include "base/conhost/keytext.h"
#include "base/conhost/line.h"
#include "base/conhost/paint.h"
#include "base/conhost/vt.h"

#define COLUMNS 10
#define ROWS 4

static VIDEO_CELL Cells[COLUMNS * ROWS];
static VIDEO_CELL Shown[COLUMNS * ROWS];
static SCREEN Screen;
static VT_PARSER Parser;

static VOID Begin(VOID)
{
    Parser = (VT_PARSER){ 0 };
    ScreenInitialize(&Screen, COLUMNS, ROWS, Cells);
}

static VOID Write(PCSTR Text)
{
    VtWrite(&Parser, &Screen, (const UCHAR *)Text, strlen(Text));
}

/* Rows of the screen, blanks at their ends cut, joined by '|'. */
static PCWSTR ScreenText(VOID)
{
    static WCHAR Text[COLUMNS * ROWS + ROWS + 1];
    PWSTR Out = Text;

    for (ULONG Row = 0; Row < ROWS; Row++) {
        ULONG Length = COLUMNS;

        while (Length != 0 && Cells[Row * COLUMNS + Length - 1].Character == L' ')
            Length--;
        for (ULONG i = 0; i < Length; i++)
            *Out++ = Cells[Row * COLUMNS + i].Character;
        if (Row + 1 < ROWS)
            *Out++ = L'|';
    }
    *Out = 0;
    return Text;
}

static VOID Shows(PCSTR Input, PCWSTR Expected)
{
    Begin();
    Write(Input);
    if (!CHECK(wcscmp(ScreenText(), Expected) == 0))
        Print(L"    shows [%s], not [%s]\n", ScreenText(), Expected);
}

static VOID TestText(VOID)
{
    Shows("abc", L"abc|||");
    Shows("abc\r\ndef", L"abc|def||");
    Shows("0123456789", L"0123456789|||");
    Shows("0123456789x", L"0123456789|x||");
    Shows("0123456789\r\nx", L"0123456789|x||");
    Shows("\x1b[?7l0123456789xyz", L"012345678z|||");
    Shows("1\r\n2\r\n3\r\n4\r\n5", L"2|3|4|5");
    Shows("ab\bc", L"ac|||");
    Shows("a\tb", L"a       b|||");
    Shows("a\tb\tc", L"a       bc|||");
    Shows("\xc3\xa9\xe2\x82\xac", L"\x00e9\x20ac|||");
    Shows("\xf0\x9f\x98\x80", L"\xfffd|||");
    Shows("a\xff" "b", L"a\xfffd" L"b|||");
    Shows("\xc0\xaf", L"\xfffd\xfffd|||");
    Shows("\xe2\x82" "A", L"\xfffd" L"A|||");
    Shows("\xed\xa0\x80", L"\xfffd|||");
}

static VOID TestCursor(VOID)
{
    Shows("\x1b[2;3Hx", L"|  x||");
    Shows("\x1b[99;99Hx", L"|||         x");
    Shows("\x1b[Hx", L"x|||");
    Shows("abc\x1b[2Dx", L"axc|||");
    Shows("abc\x1b[99Dx", L"xbc|||");
    Shows("\x1b[2Bx\x1b[Ay", L"| y|x|");
    Shows("ab\x1b[5Cx", L"ab     x|||");
    Shows("ab\x1b[5Gx", L"ab  x|||");
    Shows("\x1b[3dx", L"||x|");
    Shows("ab\x1b[Ex", L"ab|x||");
    Shows("ab\x1b" "7cd\x1b" "8X", L"abXd|||");
    Shows("ab\x1b[scd\x1b[uX", L"abXd|||");
    Shows("1\r\n2\x1bMx", L"1x|2||");
    Shows("1\x1bMx", L" x|1||");
    Shows("1\x1b" "Dx\x1b" "Ey", L"1| x|y|");
}

static VOID TestErase(VOID)
{
    Shows("abcdef\x1b[3D\x1b[K", L"abc|||");
    Shows("abcdef\x1b[3D\x1b[1K", L"    ef|||");
    Shows("abcdef\x1b[2K", L"|||");
    Shows("ab\r\ncd\r\nef\x1b[2;2H\x1b[J", L"ab|c||");
    Shows("ab\r\ncd\r\nef\x1b[2;1H\x1b[1J", L"| d|ef|");
    Shows("ab\r\ncd\x1b[2J", L"|||");
    Shows("abcdef\x1b[4D\x1b[2P", L"abef|||");
    Shows("abcdef\x1b[4D\x1b[2@", L"ab  cdef|||");
    Shows("0123456789\r\x1b[99@", L"|||");
    Shows("abcdef\x1b[4D\x1b[2X", L"ab  ef|||");
    Shows("1\r\n2\r\n3\x1b[1;1H\x1b[L", L"|1|2|3");
    Shows("1\r\n2\r\n3\x1b[1;1H\x1b[M", L"2|3||");
    Shows("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1b[M", L"1|3||4");
}

static VOID TestScrolling(VOID)
{
    Shows("1\r\n2\r\n3\r\n4\x1b[S", L"2|3|4|");
    Shows("1\r\n2\r\n3\r\n4\x1b[T", L"|1|2|3");
    Shows("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[3;1H\nx", L"1|3|x|4");
    Shows("1\r\n2\r\n3\r\n4\x1b[2;3r\x1b[2;1H\x1bMx", L"1|x|2|4");
    Shows("1\r\n2\x1b[99S", L"|||");
    Shows("\x1b[3;2rx", L"x|||");
    Shows("ab\x1b" "cx", L"x|||");
}

static VOID TestSequences(VOID)
{
    Shows("\x1b]0;title\x07x", L"x|||");
    Shows("\x1b]0;title\x1b\\x", L"x|||");
    Shows("\x1b[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18mx", L"x|||");
    Shows("\x1b[999999999999Cx", L"         x|||");
    Shows("\x1b(Bx", L"x|||");
    Shows("\x1b[?2004hx", L"x|||");
    Shows("\x1b[>cx", L"x|||");
    Shows("\x1b[ qx", L"x|||");
    Shows("\x1b[3\x18x", L"x|||");
    Shows("\x1b[3\x1b[2Cx", L"  x|||");
    Shows("a\x1b[2\rCx", L"a x|||");
}

static VOID HasAttributes(PCSTR Input, USHORT Attributes)
{
    Begin();
    Write(Input);
    Write("x");
    if (!CHECK(Cells[0].Attributes == Attributes))
        Print(L"    0x%04x, not 0x%04x\n", Cells[0].Attributes, Attributes);
}

static VOID TestColours(VOID)
{
    HasAttributes("", 0x07);
    HasAttributes("\x1b[31m", 0x04);
    HasAttributes("\x1b[1;31m", 0x0c);
    HasAttributes("\x1b[91m", 0x0c);
    HasAttributes("\x1b[44m", 0x17);
    HasAttributes("\x1b[104;93m", 0x9e);
    HasAttributes("\x1b[7m", 0x07 | VIDEO_CELL_REVERSE);
    HasAttributes("\x1b[4m", 0x07 | VIDEO_CELL_UNDERSCORE);
    HasAttributes("\x1b[31;1;4;7m\x1b[m", 0x07);
    HasAttributes("\x1b[31;44m\x1b[39;49m", 0x07);
    HasAttributes("\x1b[38;5;9m", 0x0c);
    HasAttributes("\x1b[38;5;196m", 0x0c);
    HasAttributes("\x1b[38;2;0;0;255m", 0x09);
    HasAttributes("\x1b[48;5;12;31m", 0x94);
    HasAttributes("\x1b[38;5m", 0x07);
    HasAttributes("\x1b[44m\x1b[2J", 0x17);
}

/* Applies what the screen says is changed to Shown, as display.c does, and compares. */
static VOID Bring(VOID)
{
    SCREEN_RECT Dirty = Screen.Dirty;
    ULONG Lines = Screen.ScrolledLines;

    memmove(Shown, Shown + Lines * COLUMNS, (ROWS - Lines) * COLUMNS * sizeof(VIDEO_CELL));
    for (ULONG Row = Dirty.Top; Row < Dirty.Bottom; Row++)
        for (ULONG Column = Dirty.Left; Column < Dirty.Right; Column++)
            Shown[Row * COLUMNS + Column] = Cells[Row * COLUMNS + Column];
    ScreenMarkShown(&Screen);
}

/* Random output: whatever comes, the display follows and the screen's invariants hold. */
static VOID TestRandom(VOID)
{
    static const CHAR Alphabet[] = "ab\r\n\n\x1b\x1b[[;12359HABCDJKLMPSTXr@m?7hl\b\t\xc3\xa9";
    ULONG Seed = 42, Wrong = 0;

    Begin();
    for (ULONG i = 0; i < 200000; i++) {
        UCHAR Byte = (UCHAR)Alphabet[RtlRandom(&Seed) % (sizeof(Alphabet) - 1)];

        VtWrite(&Parser, &Screen, &Byte, 1);
        Wrong += Screen.Cursor.Column >= COLUMNS || Screen.Cursor.Row >= ROWS || Screen.ScrollBottom > ROWS ||
                 Screen.ScrollTop >= Screen.ScrollBottom || Screen.Dirty.Right > COLUMNS || Screen.Dirty.Bottom > ROWS;
        if (i % 7 == 0) {
            Bring();
            Wrong += memcmp(Shown, Cells, sizeof(Cells)) != 0;
        }
    }
    CHECK(Wrong == 0);
}

/* Characters outside ASCII count as '?'. */
static BOOLEAN IsText(const WCHAR *Text, ULONG Length, PCSTR Expected)
{
    for (ULONG i = 0; i < Length; i++)
        if ((Text[i] < 0x80 ? (CHAR)Text[i] : '?') != Expected[i])
            return FALSE;
    return TRUE;
}

static KEYBOARD Keyboard;

static VOID Key(USHORT Code, USHORT Flags, PCSTR Expected)
{
    KEYBOARD_INPUT_DATA Event = { .MakeCode = Code, .Flags = Flags };
    WCHAR Text[KEY_MAX_TEXT];
    KEY_EVENT_RECORD Record;
    ULONG Length = KeyboardTranslate(&Keyboard, &Event, &Record) ? KeyText(&Record, TRUE, Text) : 0;

    if (!CHECK(Length == strlen(Expected) && IsText(Text, Length, Expected)))
        Print(L"    key 0x%02x flags %u: %u units\n", Code, Flags, Length);
}

static VOID Event(USHORT Code, USHORT Flags, USHORT VirtualKey, WCHAR Character, ULONG State)
{
    KEYBOARD_INPUT_DATA Data = { .MakeCode = Code, .Flags = Flags };
    KEY_EVENT_RECORD Record;

    if (!CHECK(KeyboardTranslate(&Keyboard, &Data, &Record) && Record.bKeyDown == !(Flags & KEY_BREAK) &&
               Record.wVirtualScanCode == Code && Record.wRepeatCount == 1 && Record.wVirtualKeyCode == VirtualKey &&
               Record.uChar.UnicodeChar == Character && Record.dwControlKeyState == State))
        Print(L"    key 0x%02x: virtual key %02x, character %04x, state %03x\n", Code, Record.wVirtualKeyCode,
              Record.uChar.UnicodeChar, Record.dwControlKeyState);
}

/* What Windows says of the same keys. */
static VOID TestEvents(VOID)
{
    Event(0x1e, KEY_MAKE, 'A', 'a', 0);
    Event(0x1e, KEY_BREAK, 'A', 'a', 0);
    Event(0x2a, KEY_MAKE, VkShift, 0, SHIFT_PRESSED);
    Event(0x0b, KEY_MAKE, '0', ')', SHIFT_PRESSED);
    Event(0x2a, KEY_BREAK, VkShift, 0, 0);
    Event(0x1d, KEY_E0, VkControl, 0, RIGHT_CTRL_PRESSED | ENHANCED_KEY);
    Event(0x2e, KEY_MAKE, 'C', 3, RIGHT_CTRL_PRESSED);
    Event(0x46, KEY_E0, VkCancel, 0, RIGHT_CTRL_PRESSED | ENHANCED_KEY);
    Event(0x1d, KEY_E0 | KEY_BREAK, VkControl, 0, ENHANCED_KEY);
    Event(0x48, KEY_E0, VkUp, 0, ENHANCED_KEY);
    Event(0x48, KEY_MAKE, VkUp, 0, 0);
    Event(0x0e, KEY_MAKE, VkBack, '\b', 0);
    Event(0x1c, KEY_MAKE, VkReturn, '\r', 0);
    Event(0x35, KEY_E0, VkDivide, '/', ENHANCED_KEY);
    Event(0x33, KEY_MAKE, 0xbc, ',', 0);
    Event(0x57, KEY_MAKE, VkF1 + 10, 0, 0);
    Event(0x45, KEY_MAKE, VkNumLock, 0, NUMLOCK_ON);
    Event(0x4f, KEY_MAKE, VkNumpad0 + 1, '1', NUMLOCK_ON);
    Event(0x45, KEY_MAKE, VkNumLock, 0, 0);
}

/* A terminal's bytes become keys, and the keys' text: the bytes again (Vt), or what a program reads that asked for no
 * sequences. */
static VOID Bytes(PCSTR Input, PCSTR Vt, PCSTR Plain, USHORT LastVirtualKey)
{
    KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS];
    KEY_PARSER KeyParser = { 0 };
    WCHAR VtText[64], PlainText[64];
    ULONG VtLength = 0, PlainLength = 0, Count, Last = 0;

    for (BOOLEAN IsEnd = FALSE; !IsEnd; Input++) {
        IsEnd = *Input == 0;
        Count = !IsEnd ? KeyParse(&KeyParser, (UCHAR)*Input, Keys) :
                KeyIsPending(&KeyParser) ? KeyGiveUp(&KeyParser, Keys) : 0;
        for (ULONG i = 0; i < Count; i++) {
            VtLength += KeyText(&Keys[i], TRUE, VtText + VtLength);
            PlainLength += KeyText(&Keys[i], FALSE, PlainText + PlainLength);
            Last = Keys[i].wVirtualKeyCode;
        }
    }
    CHECK(VtLength == strlen(Vt) && IsText(VtText, VtLength, Vt));
    CHECK(PlainLength == strlen(Plain) && IsText(PlainText, PlainLength, Plain));
    if (!CHECK(Last == LastVirtualKey))
        Print(L"    %hs: virtual key %02x\n", Vt, Last);
}

static VOID TestBytes(VOID)
{
    Bytes("a", "a", "a", 'A');
    Bytes("A", "A", "A", 'A');
    Bytes("\r\n", "\r", "\r", VkReturn);
    Bytes("\n", "\n", "\n", VkReturn);
    Bytes("\x7f", "\x7f", "\b", VkBack);
    Bytes("\b", "\b", "\x7f", VkBack);
    Bytes("\x03", "\x03", "\x03", 'C');
    Bytes("\x1a", "\x1a", "\x1a", 'Z');
    Bytes("\x1b[A", "\x1b[A", "", VkUp);
    Bytes("\x1bOA", "\x1b[A", "", VkUp);
    Bytes("\x1bOP", "\x1bOP", "", VkF1);
    Bytes("\x1b[1;5D", "\x1b[1;5D", "", VkLeft);
    Bytes("\x1b[1~", "\x1b[H", "", VkHome);
    Bytes("\x1b[3;2~", "\x1b[3;2~", "", VkDelete);
    Bytes("\x1b[24~", "\x1b[24~", "", VkF1 + 11);
    Bytes("\x1b[Z", "\x1b[Z", "\t", VkTab);
    Bytes("\x1b" "f", "\x1b" "f", "f", 'F');
    Bytes("\x1b", "\x1b", "\x1b", VkEscape);
    Bytes("\x1b\x1b", "\x1b\x1b", "\x1b\x1b", VkEscape);
    Bytes("\x1b[12;40R", "\x1b[12;40R", "\x1b[12;40R", 'R');
    Bytes("\x1b[99~", "\x1b[99~", "\x1b[99~", 0xc0);
    Bytes("\xff" "a", "?a", "?a", 'A');
}

/* A pair of surrogates for what is outside the first 65,536 characters. */
static VOID TestUtf8Keys(VOID)
{
    KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS];
    KEY_PARSER KeyParser = { 0 };

    for (PCSTR Byte = "\xf0\x9f\x98"; *Byte != 0; Byte++)
        CHECK(KeyParse(&KeyParser, (UCHAR)*Byte, Keys) == 0);
    CHECK(KeyParse(&KeyParser, 0x80, Keys) == 2);
    CHECK(Keys[0].uChar.UnicodeChar == 0xd83d && Keys[1].uChar.UnicodeChar == 0xde00);
    CHECK(KeyParse(&KeyParser, 0xc3, Keys) == 0 && KeyParse(&KeyParser, 0xa9, Keys) == 1);
    CHECK(Keys[0].uChar.UnicodeChar == 0xe9 && Keys[0].wVirtualKeyCode == 0);
}

static VOID TestKeyboard(VOID)
{
    Key(0x1e, KEY_MAKE, "a");
    Key(0x1e, KEY_BREAK, "");
    Key(0x2a, KEY_MAKE, "");
    Key(0x1e, KEY_MAKE, "A");
    Key(0x02, KEY_MAKE, "!");
    Key(0x28, KEY_MAKE, "\"");
    Key(0x0f, KEY_MAKE, "\x1b[Z");
    Key(0x48, KEY_E0, "\x1b[1;2A");
    Key(0x2a, KEY_BREAK, "");
    Key(0x3a, KEY_MAKE, "");
    Key(0x1e, KEY_MAKE, "A");
    Key(0x02, KEY_MAKE, "1");
    Key(0x3a, KEY_BREAK, "");
    Key(0x3a, KEY_MAKE, "");
    Key(0x1e, KEY_MAKE, "a");
    Key(0x1d, KEY_MAKE, "");
    Key(0x2e, KEY_MAKE, "\x03");
    Key(0x4b, KEY_E0, "\x1b[1;5D");
    Key(0x1d, KEY_BREAK, "");
    Key(0x38, KEY_MAKE, "");
    Key(0x21, KEY_MAKE, "\x1b" "f");
    Key(0x38, KEY_BREAK, "");
    Key(0x48, KEY_E0, "\x1b[A");
    Key(0x48, KEY_MAKE, "\x1b[A");
    Key(0x47, KEY_E0, "\x1b[H");
    Key(0x4f, KEY_E0, "\x1b[F");
    Key(0x53, KEY_E0, "\x1b[3~");
    Key(0x3b, KEY_MAKE, "\x1bOP");
    Key(0x58, KEY_MAKE, "\x1b[24~");
    Key(0x1c, KEY_MAKE, "\r");
    Key(0x1c, KEY_E0, "\r");
    Key(0x0e, KEY_MAKE, "\x7f");
    Key(0x45, KEY_MAKE, "");
    Key(0x48, KEY_MAKE, "8");
    Key(0x45, KEY_MAKE, "");
    Key(0x4a, KEY_MAKE, "-");
    Key(0x35, KEY_E0, "/");
    Key(0x2b, KEY_MAKE, "\\");
    Key(0x7f, KEY_MAKE, "");
    Key(0xff, KEY_MAKE, "");
    Key(0x1d, KEY_E1, "");
}

static CHAR Echoed[1024];
static ULONG EchoedLength;

static VOID Echo(PCWSTR Text, ULONG Length)
{
    for (ULONG i = 0; i < Length && EchoedLength + 1 < sizeof(Echoed); i++)
        Echoed[EchoedLength++] = Text[i] < 0x80 ? (CHAR)Text[i] : '?';
    Echoed[EchoedLength] = 0;
}

static VOID Line(PCSTR Input, LINE_RESULT Result, PCSTR Expected)
{
    static LINE_EDITOR Editor;
    LINE_RESULT Last = LineGoesOn;

    LineBegin(&Editor, NULL, 0, 0, 0, NULL);
    EchoedLength = 0;
    for (; *Input != 0; Input++)
        Last = LineInput(&Editor, (UCHAR)*Input, Echo);
    if (!CHECK(Last == Result) || !CHECK(Editor.Length == strlen(Expected) && IsText(Editor.Text, Editor.Length, Expected)))
        Print(L"    expected %hs\n", Expected);
}

static VOID TestLine(VOID)
{
    Line("abc\r", LineIsComplete, "abc\r\n");
    CHECK(strcmp(Echoed, "abc\r\n") == 0);
    Line("abc\n", LineIsComplete, "abc\r\n");
    Line("ab", LineGoesOn, "ab");
    Line("abx\x7f" "c\r", LineIsComplete, "abc\r\n");
    CHECK(strcmp(Echoed, "abx\b \bc\r\n") == 0);
    Line("\x7f\x7f" "a\r", LineIsComplete, "a\r\n");
    Line("a\xe9\x7f\r", LineIsComplete, "a\r\n");
    CHECK(strcmp(Echoed, "a?\b \b\r\n") == 0);
    Line("abc\x15" "d\r", LineIsComplete, "d\r\n");
    Line("ab cd  \x17" "x\r", LineIsComplete, "ab x\r\n");
    Line("\x1a\r", LineIsEndOfFile, "\x1a\r\n");
    CHECK(strcmp(Echoed, "^Z\r\n") == 0);
    Line("a\x1a\r", LineIsComplete, "a\x1a\r\n");
    Line("abc\x1b" "d\r", LineIsComplete, "d\r\n");
    Line("a\x01\x7f\r", LineIsComplete, "a\r\n");
    CHECK(strcmp(Echoed, "a^A\b\b  \b\b\r\n") == 0);
}

static VOID TestLongLine(VOID)
{
    static LINE_EDITOR Editor;

    LineBegin(&Editor, NULL, 0, 0, 0, NULL);
    for (ULONG i = 0; i < 2 * LINE_MAX_LENGTH; i++)
        LineInput(&Editor, 'x', NULL);
    CHECK(LineInput(&Editor, '\r', NULL) == LineIsComplete);
    CHECK(Editor.Length == LINE_MAX_LENGTH);
}

static VOID TestPairInLine(VOID)
{
    static LINE_EDITOR Editor;

    LineBegin(&Editor, NULL, 0, 0, 0, NULL);
    LineInput(&Editor, 0xd83d, NULL);
    LineInput(&Editor, 0xde00, NULL);
    CHECK(Editor.Length == 2);
    LineInput(&Editor, 'x', NULL);
    LineKey(&Editor, VkHome, 0, NULL);
    LineKey(&Editor, VkRight, 0, NULL);
    CHECK(Editor.Cursor == 2);
    LineInput(&Editor, '\b', NULL);
    CHECK(Editor.Length == 1 && Editor.Text[0] == 'x');
}

/* Text, with keys in it: < > left and right, [ ] the same by words, { } Home and End, ^ v up and down, ~ Del, ! Ins, ( ) Ctrl+Home
 * and Ctrl+End, 1 3 5 8 function keys, @ Esc, # Enter; everything else is typed. */
static VOID TypeKeys(PLINE_EDITOR Editor, PHISTORY History, PCSTR Keys)
{
    static const struct { CHAR Character; UCHAR VirtualKey; BOOLEAN IsControlled; } Names[] = {
        { '<', VkLeft }, { '>', VkRight }, { '[', VkLeft, TRUE }, { ']', VkRight, TRUE }, { '{', VkHome }, { '}', VkEnd },
        { '^', VkUp }, { 'v', VkDown }, { '~', VkDelete }, { '!', VkInsert }, { '(', VkHome, TRUE }, { ')', VkEnd, TRUE },
        { '1', VkF1 }, { '3', VkF1 + 2 }, { '5', VkF1 + 4 }, { '8', VkF1 + 7 },
    };

    for (; *Keys != 0; Keys++) {
        ULONG i = 0;

        while (i < ARRAYSIZE(Names) && Names[i].Character != *Keys)
            i++;
        if (i < ARRAYSIZE(Names))
            LineKey(Editor, Names[i].VirtualKey, Names[i].IsControlled ? LEFT_CTRL_PRESSED : 0, Echo);
        else if (LineInput(Editor, *Keys == '#' ? '\r' : *Keys == '@' ? 0x1b : (WCHAR)*Keys, Echo) != LineGoesOn)
            LineBegin(Editor, NULL, 0, Editor->Column, Editor->Columns, History);
    }
}

/* The line and the cursor's place, and that the screen shows both. */
static VOID Keys(PCSTR Input, PCSTR Expected, ULONG Cursor)
{
    static LINE_EDITOR Editor;
    static ULONG_PTR Process;
    PHISTORY History = HistoryOf(++Process);
    ULONG Column = 3;

    HistoryAdd(History, L"one two", 7);
    HistoryAdd(History, L"other", 5);
    Begin();
    Write("PS>");
    EchoedLength = 0;
    LineBegin(&Editor, NULL, 0, (USHORT)Column, COLUMNS, History);
    TypeKeys(&Editor, History, Input);
    Write(Echoed);
    if (!CHECK(IsText(Editor.Text, Editor.Length, Expected)) || !CHECK(Editor.Length == strlen(Expected)) || !CHECK(Editor.Cursor == Cursor))
        Print(L"    %hs: expected %hs and %u, is %u\n", Input, Expected, Cursor, Editor.Cursor);
    for (ULONG i = 0; i < 2 * COLUMNS; i++) {
        ULONG Shown = i < Column ? (ULONG)"PS>"[i] : i - Column < strlen(Expected) ? (ULONG)Expected[i - Column] : ' ';

        if (Screen.Cells[i].Character != Shown && !CHECK(Screen.Cells[i].Character == Shown))
            Print(L"    %hs: cell %u is %c\n", Input, i, Screen.Cells[i].Character);
    }
    CHECK(Screen.Cursor.Row * COLUMNS + Screen.Cursor.Column == Column + Cursor);
}

static VOID TestLineKeys(VOID)
{
    Keys("abc<<x", "axbc", 2);
    Keys("abc{x}y", "xabcy", 5);
    Keys("abc<\b", "ac", 1);
    Keys("abc{~~", "c", 0);
    Keys("ab<<<<<x", "xab", 1);
    Keys("one two[x[y", "one yxtwo", 5);
    Keys("one two{]x", "one xtwo", 5);
    Keys("abcd<<)", "ab", 2);
    Keys("abcd<<(", "cd", 0);
    Keys("abcd{!xy!z", "xyzcd", 3);
    Keys("abcd@x", "x", 1);
    Keys("^", "other", 5);
    Keys("^^", "one two", 7);
    Keys("^^^v", "other", 5);
    Keys("x^", "other", 5);
    Keys("abcdefghijk^", "other", 5);
    Keys("o8", "other", 1);
    Keys("o88", "one two", 1);
    Keys("on8", "one two", 2);
    Keys("ab3", "abher", 5);
    Keys("111", "oth", 3);
    Keys("a>", "at", 2);
    Keys("5", "other", 5);
    /* Over the end of a row. */
    Keys("abcdefg", "abcdefg", 7);
    Keys("abcdefghij", "abcdefghij", 10);
    Keys("abcdefghij{x", "xabcdefghij", 1);
    Keys("abcdefgh\b\b\b", "abcde", 5);
    Keys("abcdefghij<<<<<\b\bx", "abcxfghij", 4);
    Keys("abcdefg{~", "bcdefg", 0);
}

/* A line that a program has begun, and characters that end it. */
static VOID TestLineControl(VOID)
{
    static LINE_EDITOR Editor;

    LineBegin(&Editor, L"dir", 3, 6, 80, NULL);
    Editor.WakeMask = 1u << '\t';
    CHECK(Editor.Column == 3 && Editor.Cursor == 3);
    CHECK(LineInput(&Editor, 'x', NULL) == LineGoesOn);
    LineKey(&Editor, VkLeft, 0, NULL);
    CHECK(LineInput(&Editor, '\t', NULL) == LineIsWoken);
    CHECK(Editor.Length == 5 && IsText(Editor.Text, 5, "dir\tx"));
}

static VOID TestHistory(VOID)
{
    PHISTORY First = HistoryOf(100);

    for (WCHAR i = 0; i < HISTORY_LINES + 5; i++)
        HistoryAdd(First, &i, 1);
    HistoryAdd(First, L"", 0);
    CHECK(First->Count == HISTORY_LINES && First->Lines[0].Text[0] == 5);
    HistoryAdd(First, First->Lines[HISTORY_LINES - 1].Text, 1);
    CHECK(First->Lines[0].Text[0] == 5);
    for (ULONG i = 1; i < HISTORIES; i++)
        HistoryOf(100 + i);
    CHECK(HistoryOf(100) == First && First->Count == HISTORY_LINES);
    for (ULONG i = 0; i < HISTORIES; i++)
        CHECK(HistoryOf(200 + i)->Count == 0);
    CHECK(HistoryOf(100)->Count == 0);
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static NTSTATUS WriteAt(LONG Column, LONG Row, ULONG Width, PCWSTR Text, PULONG Written, SCREEN_RECT *Changed)
{
    CONAPI_CELLS Where = { (ULONG)Column, (ULONG)Row, ConapiCharacters, Width };

    return CellsWrite(&Screen, &Where, Text, (ULONG)wcslen(Text), Written, Changed);
}

static VOID TestCellsWrite(VOID)
{
    ULONG Written;
    SCREEN_RECT Changed;
    CONAPI_CELLS Where = { 0, 0, 3, 0 };

    Begin();
    CHECK_STATUS(STATUS_SUCCESS, WriteAt(8, 0, 0, L"abcd", &Written, &Changed));
    CHECK(wcscmp(ScreenText(), L"        ab|cd||") == 0 && Written == 4);
    CHECK(Changed.Left == 0 && Changed.Right == COLUMNS && Changed.Top == 0 && Changed.Bottom == 2);
    CHECK_STATUS(STATUS_SUCCESS, WriteAt(8, 3, 0, L"xyz", &Written, &Changed));
    CHECK(Written == 2 && Changed.Left == 8 && Changed.Right == COLUMNS && Changed.Top == 3 && Changed.Bottom == ROWS);
    CHECK_STATUS(STATUS_SUCCESS, WriteAt(9, 2, 2, L"mMnNoO", &Written, &Changed));
    CHECK(wcscmp(ScreenText(), L"        ab|cd|         m|        xn") == 0 && Written == 4);
    CHECK(Changed.Left == 9 && Changed.Right == COLUMNS && Changed.Top == 2 && Changed.Bottom == ROWS);
    CHECK_STATUS(STATUS_SUCCESS, WriteAt(COLUMNS, 0, 0, L"abcd", &Written, &Changed));
    CHECK(Written == 0);
    CHECK_STATUS(STATUS_SUCCESS, WriteAt(-1, 0, 1, L"abcd", &Written, &Changed));
    CHECK(Written == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, CellsWrite(&Screen, &Where, L"a", 1, &Written, &Changed));
}

static VOID TestCellsRead(VOID)
{
    struct {
        SMALL_RECT Rect;
        CHAR_INFO Cells[COLUMNS * ROWS];
    } Block;
    CONAPI_CELLS Where = { 1, 0, ConapiCharacters, 0 };
    WCHAR Text[COLUMNS * ROWS];
    ULONG Read;

    Begin();
    Write("abc\r\n\x1b[31mdef");
    CHECK_STATUS(STATUS_SUCCESS, CellsRead(&Screen, &Where, Text, 4 * sizeof(WCHAR), &Read));
    CHECK(Read == 4 * sizeof(WCHAR) && wcsncmp(Text, L"bc  ", 4) == 0);
    Where.Row = ROWS - 1;
    CHECK_STATUS(STATUS_SUCCESS, CellsRead(&Screen, &Where, Text, sizeof(Text), &Read));
    CHECK(Read == (COLUMNS - 1) * sizeof(WCHAR));
    Where = (CONAPI_CELLS){ 1, 0, ConapiBoth, 2 };
    CHECK_STATUS(STATUS_SUCCESS, CellsRead(&Screen, &Where, &Block, sizeof(SMALL_RECT) + 4 * sizeof(CHAR_INFO), &Read));
    CHECK(Block.Rect.Left == 1 && Block.Rect.Top == 0 && Block.Rect.Right == 2 && Block.Rect.Bottom == 1);
    CHECK(Block.Cells[1].Char.UnicodeChar == 'c' && Block.Cells[3].Char.UnicodeChar == 'f');
    CHECK(Block.Cells[0].Attributes == 7 && Block.Cells[2].Attributes == 4);
    Where.Width = 0;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, CellsRead(&Screen, &Where, &Block, sizeof(Block), &Read));
    Where = (CONAPI_CELLS){ 1, ROWS, ConapiBoth, 2 };
    CHECK_STATUS(STATUS_INVALID_PARAMETER, CellsRead(&Screen, &Where, &Block, sizeof(Block), &Read));
}

static VOID TestCellsFill(VOID)
{
    CONAPI_FILL Fill = { 8, 1, ConapiCharacters, 4, TRUE, L'x', 0 };
    ULONG Written;
    SCREEN_RECT Changed;

    Begin();
    CHECK_STATUS(STATUS_SUCCESS, CellsFill(&Screen, &Fill, &Written, &Changed));
    CHECK(wcscmp(ScreenText(), L"|        xx|xx|") == 0 && Written == 4);
    Fill.Count = 0x7fffffff;
    CHECK_STATUS(STATUS_SUCCESS, CellsFill(&Screen, &Fill, &Written, &Changed));
    CHECK(Written == COLUMNS * 2 + 2);
    Fill.Column = -1;
    CHECK_STATUS(STATUS_SUCCESS, CellsFill(&Screen, &Fill, &Written, &Changed));
    CHECK(Written == 0);
}

static VOID Scroll(SMALL_RECT Source, COORD Target, SMALL_RECT Clip, PCWSTR Expected)
{
    CONAPI_SCROLL Request = { Source, Target, Clip, { { L'.' }, 7 } };
    SCREEN_RECT Changed;

    Begin();
    Write("abc\r\ndef\r\nghi\r\njkl");
    CHECK_STATUS(Expected != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER, CellsScroll(&Screen, &Request, &Changed));
    if (Expected != NULL && !CHECK(wcscmp(ScreenText(), Expected) == 0))
        Print(L"    shows [%s], not [%s]\n", ScreenText(), Expected);
}

static VOID TestCellsScroll(VOID)
{
    static const SMALL_RECT All = { 0, 0, 0x7fff, 0x7fff };

    Scroll((SMALL_RECT){ 0, 1, 2, 3 }, (COORD){ 0, 0 }, All, L"def|ghi|jkl|...");
    Scroll((SMALL_RECT){ 0, 0, 2, 2 }, (COORD){ 0, 1 }, All, L"...|abc|def|ghi");
    Scroll((SMALL_RECT){ 0, 0, 2, 0 }, (COORD){ 1, 0 }, All, L".abc|def|ghi|jkl");
    Scroll((SMALL_RECT){ 1, 0, 2, 0 }, (COORD){ 0, 0 }, All, L"bc.|def|ghi|jkl");
    Scroll((SMALL_RECT){ 0, 0, 1, 1 }, (COORD){ 5, 2 }, All, L"..c|..f|ghi  ab|jkl  de");
    Scroll((SMALL_RECT){ 0, 0, 1, 1 }, (COORD){ 5, 2 }, (SMALL_RECT){ 1, 1, 5, 2 }, L"abc|d.f|ghi  a|jkl");
    Scroll((SMALL_RECT){ 0, 0, 2, 0 }, (COORD){ 9, 3 }, All, L"...|def|ghi|jkl      a");
    Scroll((SMALL_RECT){ 0, 0, COLUMNS, 0 }, (COORD){ 0, 0 }, All, NULL);
    Scroll((SMALL_RECT){ 2, 0, 1, 0 }, (COORD){ 0, 0 }, All, NULL);
    Scroll((SMALL_RECT){ 0, 0, 1, 0 }, (COORD){ 0, ROWS }, All, NULL);
    Scroll((SMALL_RECT){ 0, 0, 1, 0 }, (COORD){ -1, 0 }, All, NULL);
    Scroll((SMALL_RECT){ 0, 0, 1, 0 }, (COORD){ 0, 0 }, (SMALL_RECT){ 5, 0, 4, 3 }, NULL);
}

/* What paint.c makes of a screen shows the same screen, on a terminal that understands vt.h's language. */
static VOID TestPaint(VOID)
{
    static const CHAR Alphabet[] = "ab\r\n\x1b\x1b[[;1359Hm047\xc3\xa9";
    static VIDEO_CELL Wanted[COLUMNS * ROWS];
    UCHAR Text[(COLUMNS + 2) * PAINT_CELL_BYTES + PAINT_CURSOR_BYTES];
    SCREEN_CURSOR Cursor;
    BOOLEAN IsWrapPending;
    ULONG Seed = 7, Length;

    Begin();
    for (ULONG i = 0; i < 5000; i++) {
        UCHAR Byte = (UCHAR)Alphabet[RtlRandom(&Seed) % (sizeof(Alphabet) - 1)];

        VtWrite(&Parser, &Screen, &Byte, 1);
    }
    Write("\x1b[1m\x1b[2;10Hq");
    memcpy(Wanted, Cells, sizeof(Cells));
    Cursor = Screen.Cursor;
    IsWrapPending = Screen.IsWrapPending;
    for (ULONG Row = 0; Row < ROWS; Row++) {
        Length = PaintRow(&Screen, Row, 0, COLUMNS, Text);
        CHECK(Length <= (COLUMNS + 2) * PAINT_CELL_BYTES);
        memset(Cells + Row * COLUMNS, 0, COLUMNS * sizeof(VIDEO_CELL));
        VtWrite(&Parser, &Screen, Text, Length);
        CHECK(memcmp(Cells + Row * COLUMNS, Wanted + Row * COLUMNS, COLUMNS * sizeof(VIDEO_CELL)) == 0);
        Screen.Cursor = Cursor;
        Screen.IsWrapPending = IsWrapPending;
    }
    Length = PaintCursor(&Screen, Text);
    CHECK(Length <= PAINT_CURSOR_BYTES);
    Screen.IsWrapPending = FALSE;
    Screen.Cursor = (SCREEN_CURSOR){ 0 };
    VtWrite(&Parser, &Screen, Text, Length);
    CHECK(Screen.Cursor.Column == COLUMNS - 1 && Screen.Cursor.Row == 1 && Screen.IsWrapPending);
    CHECK(Screen.Cursor.Foreground == (Cursor.Foreground | 8) && Screen.Cursor.Background == Cursor.Background);
    CHECK(PaintCharacter(0x1b, Text) == 3 && memcmp(Text, "\xe2\x86\x90", 3) == 0);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestText();
    TestCursor();
    TestErase();
    TestScrolling();
    TestSequences();
    TestColours();
    TestRandom();
    TestKeyboard();
    TestLine();
    TestLongLine();
    TestPairInLine();
    TestLineKeys();
    TestLineControl();
    TestHistory();
    TestEvents();
    TestBytes();
    TestUtf8Keys();
    TestCellsWrite();
    TestCellsRead();
    TestCellsFill();
    TestCellsScroll();
    TestPaint();
    return CheckClose();
}
