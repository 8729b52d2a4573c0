/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Line mode's editor (line.h): Backspace, Ctrl+U (whole line), Ctrl+W (word), Ctrl+Z (end of file).
 *
 * Invariant: the line's bytes are whole UTF-8 characters except while one arrives, and at least two bytes are left
 * for CR LF.  Pure code; nothing here waits.
 */
#include "line.h"

#define END_OF_FILE 0x1a

static VOID NoEcho(const UCHAR *Bytes, ULONG Length)
{
}

static BOOLEAN IsControl(UCHAR Byte)
{
    return Byte < 0x20;
}

/* Takes the last character away, on the screen too: a control character shows as two. */
static VOID Erase(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    UCHAR Byte;

    do {
        Byte = Line->Bytes[--Line->Length];
    } while (Line->Length != 0 && (Byte & 0xc0) == 0x80);
    Echo((const UCHAR *)"\b \b\b \b", IsControl(Byte) ? 6 : 3);
}

static VOID EraseWord(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    while (Line->Length != 0 && Line->Bytes[Line->Length - 1] == ' ')
        Erase(Line, Echo);
    while (Line->Length != 0 && Line->Bytes[Line->Length - 1] != ' ')
        Erase(Line, Echo);
}

static VOID Append(PLINE_EDITOR Line, UCHAR Byte, PLINE_ECHO Echo)
{
    UCHAR Shown[2] = { '^', (UCHAR)(Byte + '@') };

    if (Line->Length >= LINE_MAX_BYTES - 2) {
        Echo((const UCHAR *)"\a", 1);
        return;
    }
    Line->Bytes[Line->Length++] = Byte;
    if (IsControl(Byte) && Byte != '\t')
        Echo(Shown, 2);
    else
        Echo(&Byte, 1);
}

static LINE_RESULT Finish(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    Echo((const UCHAR *)"\r\n", 2);
    if (Line->Length != 0 && Line->Bytes[0] == END_OF_FILE)
        return LineIsEndOfFile;
    Line->Bytes[Line->Length++] = '\r';
    Line->Bytes[Line->Length++] = '\n';
    return LineIsComplete;
}

/* TRUE if the byte belongs to an escape sequence and is to be dropped. */
static BOOLEAN IsPartOfSequence(PLINE_EDITOR Line, UCHAR Byte)
{
    if (Line->EscapeState == 0) {
        Line->EscapeState = Byte == 0x1b;
        return Byte == 0x1b;
    }
    if (Line->EscapeState == 1 && (Byte == '[' || Byte == 'O'))
        Line->EscapeState = 2;
    else if (Line->EscapeState == 1 || (Byte >= 0x40 && Byte <= 0x7e))
        Line->EscapeState = 0;
    return TRUE;
}

LINE_RESULT LineInput(PLINE_EDITOR Line, UCHAR Byte, PLINE_ECHO Echo)
{
    if (Echo == NULL)
        Echo = NoEcho;
    if (IsPartOfSequence(Line, Byte))
        return LineGoesOn;
    switch (Byte) {
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
        Append(Line, Byte, Echo);
    }
    return LineGoesOn;
}
