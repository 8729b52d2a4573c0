/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Line mode's editor (line.h): Backspace, Ctrl+U (whole line), Ctrl+W (word), Ctrl+Z (end of file).
 *
 * Invariant: at least two units are left for CR LF.  Pure code; nothing here waits.
 */
#include "line.h"

#define END_OF_FILE 0x1a

static VOID NoEcho(PCWSTR Text, ULONG Length)
{
}

static BOOLEAN IsControl(WCHAR Unit)
{
    return Unit < 0x20;
}

/* Takes the last character away, on the screen too: a control character shows as two. */
static VOID Erase(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    WCHAR Unit = Line->Text[--Line->Length];

    if (Unit >= 0xdc00 && Unit <= 0xdfff && Line->Length != 0)
        Line->Length--;                 /* the first half of the pair */
    Echo(L"\b \b\b \b", IsControl(Unit) ? 6 : 3);
}

static VOID EraseWord(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    while (Line->Length != 0 && Line->Text[Line->Length - 1] == ' ')
        Erase(Line, Echo);
    while (Line->Length != 0 && Line->Text[Line->Length - 1] != ' ')
        Erase(Line, Echo);
}

static VOID Append(PLINE_EDITOR Line, WCHAR Unit, PLINE_ECHO Echo)
{
    WCHAR Shown[2] = { '^', (WCHAR)(Unit + '@') };

    if (Line->Length >= LINE_MAX_LENGTH - 2) {
        Echo(L"\a", 1);
        return;
    }
    Line->Text[Line->Length++] = Unit;
    if (IsControl(Unit) && Unit != '\t')
        Echo(Shown, 2);
    else
        Echo(&Unit, 1);
}

static LINE_RESULT Finish(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    Echo(L"\r\n", 2);
    Line->Text[Line->Length++] = '\r';
    Line->Text[Line->Length++] = '\n';
    return Line->Text[0] == END_OF_FILE ? LineIsEndOfFile : LineIsComplete;
}

LINE_RESULT LineInput(PLINE_EDITOR Line, WCHAR Unit, PLINE_ECHO Echo)
{
    if (Echo == NULL)
        Echo = NoEcho;
    switch (Unit) {
    case '\r': case '\n':
        return Finish(Line, Echo);
    case '\b': case 0x7f:
        if (Line->Length != 0)
            Erase(Line, Echo);
        break;
    case 'U' & 0x1f:
        while (Line->Length != 0)
            Erase(Line, Echo);
        break;
    case 'W' & 0x1f:
        EraseWord(Line, Echo);
        break;
    default:
        Append(Line, Unit, Echo);
    }
    return LineGoesOn;
}
