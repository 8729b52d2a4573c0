/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The prompt's line editor (base/ntcmd/edit.c): keys in, line and terminal output out.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "base/ntcmd/edit.h"

#define PROMPT 4
#define COLUMNS 30

static EDITOR Editor;
static WCHAR Shown[COLUMNS + 1];        /* a terminal of one line */
static ULONG Column;
static BOOLEAN IsOutside;

/* The few things that the editor says to a terminal. */
static VOID Terminal(PCWSTR Text, ULONG Length)
{
    for (ULONG i = 0; i < Length; i++) {
        if (Text[i] == L'\b') {
            Column--;
        } else if (Text[i] == 0x1b) {
            ULONG Number = 0;

            for (i += 2; Text[i] >= L'0' && Text[i] <= L'9'; i++)
                Number = Number * 10 + Text[i] - L'0';
            if (Text[i] == L'G')
                Column = Number - 1;
            else
                for (ULONG j = Column; j < COLUMNS; j++)
                    Shown[j] = L' ';
        } else if (Text[i] != L'\a') {
            IsOutside |= Column >= COLUMNS;
            Shown[Column++ % COLUMNS] = Text[i];
        }
    }
}

static EDIT_RESULT Type(PCSTR Keys)
{
    EDIT_RESULT Result = EditGoesOn;

    for (; *Keys != 0; Keys++)
        Result = EditByte(&Editor, (UCHAR)*Keys);
    return Result;
}

static VOID Begin(VOID)
{
    Column = PROMPT;
    for (ULONG i = 0; i < COLUMNS; i++)
        Shown[i] = i < PROMPT ? L'>' : L' ';
    EditBegin(&Editor, PROMPT, COLUMNS);
}

/* The keys give this line, and the terminal shows it with the cursor where the editor has it. */
static VOID Gives(PCSTR Keys, PCWSTR Line)
{
    ULONG Length;

    Begin();
    Type(Keys);
    if (!CHECK(wcscmp(Editor.Text, Line) == 0))
        Print(L"    [%s], not [%s]\n", Editor.Text, Line);
    Length = min(Editor.Length - Editor.Window, COLUMNS - PROMPT - 1);
    if (!CHECK(wcsncmp(Shown + PROMPT, Editor.Text + Editor.Window, Length) == 0) ||
        !CHECK(Length == COLUMNS - PROMPT - 1 || Shown[PROMPT + Length] == L' '))
        Print(L"    shows [%s] for [%s]\n", Shown, Editor.Text);
    CHECK(Column == PROMPT + Editor.Cursor - Editor.Window);
    CHECK(wcsncmp(Shown, L">>>>", PROMPT) == 0 && !IsOutside);
}

#define UP "\x1b[A"
#define DOWN "\x1b[B"
#define RIGHT "\x1b[C"
#define LEFT "\x1b[D"
#define HOME "\x1b[H"
#define END "\x1b[F"
#define DEL "\x1b[3~"

static VOID TestEditing(VOID)
{
    Gives("", L"");
    Gives("abc", L"abc");
    Gives("ac" LEFT "b", L"abc");
    Gives("bc" HOME "a" END "d", L"abcd");
    Gives("bc\x1b[1~a\x1b[4~d", L"abcd");
    Gives("bc\x01" "a\x05" "d", L"abcd");
    Gives("abx\x7f" "c", L"abc");
    Gives("axbc" LEFT LEFT "\x08", L"abc");
    Gives("\x7f", L"");
    Gives("xabc" HOME DEL, L"abc");
    Gives("abc" DEL, L"abc");
    Gives("abcdef" LEFT LEFT LEFT "\x0b", L"abc");
    Gives("abcdef" LEFT LEFT LEFT "\x15", L"def");
    Gives("one two  \x17", L"one ");
    Gives("one two\x1b[1;5D\x1b[1;5Dx", L"xone two");
    Gives("one two" HOME "\x1b[1;5Cx", L"onex two");
    Gives("ba" LEFT "\x14", L"ab");
    Gives("abdc\x14", L"abcd");
    Gives("ab" LEFT LEFT LEFT LEFT "x", L"xab");
    Gives("ab" RIGHT RIGHT "x", L"abx");
    Gives("caf\xc3\xa9", L"caf\x00e9");
    Gives("\xf0\x9f\x98\x80", L"\xd83d\xde00");
    Gives("a\x80\xff" "b", L"ab");
    Gives("a\x1b[99;99~b", L"ab");
    Gives("a\x1b" "xb", L"ab");
    Gives("a\x1bOHb", L"ba");
    Gives("a\x02" "b\x06" "c", L"bac");
    Gives("abc\x02\x04", L"ab");
}

static VOID TestWindow(VOID)
{
    Gives("0123456789012345678901234", L"0123456789012345678901234");
    Gives("01234567890123456789012345", L"01234567890123456789012345");
    Gives("012345678901234567890123456789012345678901234567890123456789", L"012345678901234567890123456789012345678901234567890123456789");
    Gives("0123456789012345678901234567890123456789" HOME "x", L"x0123456789012345678901234567890123456789");
    Gives("0123456789012345678901234567890123456789" HOME END "x", L"0123456789012345678901234567890123456789x");
    Gives("0123456789012345678901234567890123456789\x7f\x7f", L"01234567890123456789012345678901234567");
    Gives("0123456789012345678901234567890123456789\x15", L"");
}

static VOID TestHistory(VOID)
{
    EditRemember(&Editor, L"first");
    EditRemember(&Editor, L"second");
    EditRemember(&Editor, L"second");
    EditRemember(&Editor, L"");
    CHECK(Editor.HistoryCount == 2);
    Gives(UP, L"second");
    Gives(UP UP, L"first");
    Gives(UP UP UP, L"first");
    Gives(UP UP DOWN, L"second");
    Gives("new" UP DOWN, L"new");
    Gives("new" UP UP DOWN DOWN DOWN, L"new");
    Gives(UP "x", L"secondx");
    Gives("\x10\x10\x0e", L"second");
    for (ULONG i = 0; i < HISTORY_LINES; i++) {
        WCHAR Line[16];

        _snwprintf(Line, ARRAYSIZE(Line), L"line %u", i);
        EditRemember(&Editor, Line);
    }
    CHECK(Editor.HistoryCount == HISTORY_LINES && wcscmp(Editor.History[0], L"line 0") == 0);
}

static VOID TestResults(VOID)
{
    Begin();
    CHECK(Type("abc\r") == EditEnter);
    CHECK(Type("\n") == EditEnter);
    CHECK(Type("\t") == EditTab);
    CHECK(Type("\x03") == EditInterrupt);
    CHECK(Type("\x0c") == EditClearScreen);
    CHECK(Type("\x04") == EditGoesOn);
    Begin();
    CHECK(Type("\x04") == EditEndOfInput);
}

static VOID TestLimit(VOID)
{
    Begin();
    for (ULONG i = 0; i < EDIT_MAX_CHARACTERS + 100; i++)
        EditByte(&Editor, 'x');
    CHECK(Editor.Length == EDIT_MAX_CHARACTERS && Editor.Text[EDIT_MAX_CHARACTERS] == 0);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    Editor.Show = Terminal;
    TestEditing();
    TestWindow();
    TestHistory();
    TestResults();
    TestLimit();
    return CheckClose();
}
