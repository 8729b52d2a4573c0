/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The terminal's pure parts (base/conhost): screen model and VT parser, keyboard, line mode.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "base/conhost/keyboard.h"
#include "base/conhost/line.h"
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

static KEYBOARD Keyboard;

static VOID Key(USHORT Code, USHORT Flags, PCSTR Expected)
{
    KEYBOARD_INPUT_DATA Event = { .MakeCode = Code, .Flags = Flags };
    UCHAR Bytes[KEYBOARD_MAX_BYTES];
    ULONG Length = KeyboardTranslate(&Keyboard, &Event, Bytes);

    if (!CHECK(Length == strlen(Expected) && memcmp(Bytes, Expected, Length) == 0))
        Print(L"    key 0x%02x flags %u: %u bytes\n", Code, Flags, Length);
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

static CHAR Echoed[256];
static ULONG EchoedLength;

static VOID Echo(const UCHAR *Bytes, ULONG Length)
{
    for (ULONG i = 0; i < Length && EchoedLength + 1 < sizeof(Echoed); i++)
        Echoed[EchoedLength++] = (CHAR)Bytes[i];
    Echoed[EchoedLength] = 0;
}

static VOID Line(PCSTR Input, LINE_RESULT Result, PCSTR Expected)
{
    static LINE_EDITOR Editor;
    LINE_RESULT Last = LineGoesOn;

    Editor = (LINE_EDITOR){ 0 };
    EchoedLength = 0;
    for (; *Input != 0; Input++)
        Last = LineInput(&Editor, (UCHAR)*Input, Echo);
    if (!CHECK(Last == Result) ||
        !CHECK(Result == LineIsEndOfFile ||
               (Editor.Length == strlen(Expected) && memcmp(Editor.Bytes, Expected, Editor.Length) == 0)))
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
    Line("a\xc3\xa9\x7f\r", LineIsComplete, "a\r\n");
    CHECK(strcmp(Echoed, "a\xc3\xa9\b \b\r\n") == 0);
    Line("abc\x15" "d\r", LineIsComplete, "d\r\n");
    Line("ab cd  \x17" "x\r", LineIsComplete, "ab x\r\n");
    Line("a\x1b[Db\x1bOAc\r", LineIsComplete, "abc\r\n");
    Line("\x1a\r", LineIsEndOfFile, "");
    CHECK(strcmp(Echoed, "^Z\r\n") == 0);
    Line("a\x1a\r", LineIsComplete, "a\x1a\r\n");
    Line("a\x01\x7f\r", LineIsComplete, "a\r\n");
    CHECK(strcmp(Echoed, "a^A\b \b\b \b\r\n") == 0);
}

static VOID TestLongLine(VOID)
{
    static LINE_EDITOR Editor;

    Editor = (LINE_EDITOR){ 0 };
    for (ULONG i = 0; i < 2 * LINE_MAX_BYTES; i++)
        LineInput(&Editor, 'x', NULL);
    CHECK(LineInput(&Editor, '\r', NULL) == LineIsComplete);
    CHECK(Editor.Length == LINE_MAX_BYTES);
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
    return CheckClose();
}
