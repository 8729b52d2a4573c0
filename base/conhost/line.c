/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Line mode's editor (line.h).
 *
 * Cells count from the line's begin, over the ends of rows.  Invariants: the terminal's cursor is at the cell of Line->Cursor, in
 * the next row where that is behind the last column; at least two units are left for CR LF.  What is typed at the end is only
 * echoed, so that a session without a terminal stays readable.  Nothing here waits.
 */
#include "line.h"
#include "codepage.h"
#include "layout.h"

#define END_OF_FILE 0x1a
#define ESCAPE 0x1b
#define TAB_CELLS 8
#define MAX_BACKSPACES 8
#define NO_END 0x10000u

static VOID NoEcho(PCWSTR Text, ULONG Length)
{
}

/* --- cells -------------------------------------------------------------------------------------------------------- */

static BOOLEAN IsControl(WCHAR Unit)
{
    return Unit < 0x20;
}

static BOOLEAN IsSecondHalf(const LINE_EDITOR *Line, ULONG Index)
{
    return Index != 0 && Index < Line->Length && IsLowSurrogate(Line->Text[Index]) &&
           IsHighSurrogate(Line->Text[Index - 1]);
}

/* How many cells the unit at Index takes that begins at Cell. */
static ULONG UnitCells(const LINE_EDITOR *Line, ULONG Index, ULONG Cell)
{
    WCHAR Unit = Line->Text[Index];

    if (Unit == '\t')
        return TAB_CELLS - (Line->Column + Cell) % TAB_CELLS;
    if (IsSecondHalf(Line, Index))
        return 0;
    return IsControl(Unit) ? 2 : 1;
}

static ULONG CellOf(const LINE_EDITOR *Line, ULONG Index)
{
    ULONG Cell = 0;

    for (ULONG i = 0; i < Index; i++)
        Cell += UnitCells(Line, i, Cell);
    return Cell;
}

/* CSI Count Letter, or nothing for 0. */
static VOID Sequence(ULONG Count, WCHAR Letter, PLINE_ECHO Echo)
{
    WCHAR Text[16];

    if (Count != 0) {
        _snwprintf(Text, ARRAYSIZE(Text), L"\x1b[%u%c", Count, Letter);
        Echo(Text, (ULONG)wcslen(Text));
    }
}

/* Moves the terminal's cursor. */
static VOID Move(const LINE_EDITOR *Line, ULONG From, ULONG To, PLINE_ECHO Echo)
{
    ULONG Columns = Line->Columns != 0 ? Line->Columns : NO_END;
    ULONG FromRow = (Line->Column + From) / Columns, ToRow = (Line->Column + To) / Columns;

    if (FromRow != ToRow) {
        Sequence(FromRow > ToRow ? FromRow - ToRow : ToRow - FromRow, FromRow > ToRow ? 'A' : 'B', Echo);
        Sequence((Line->Column + To) % Columns + 1, 'G', Echo);
    } else if (From > To && From - To <= MAX_BACKSPACES) {
        Echo(L"\b\b\b\b\b\b\b\b", From - To);
    } else if (From > To) {
        Sequence(From - To, 'D', Echo);
    } else {
        Sequence(To - From, 'C', Echo);
    }
}

static VOID ShowUnit(const LINE_EDITOR *Line, ULONG Index, ULONG Cells, PLINE_ECHO Echo)
{
    WCHAR Unit = Line->Text[Index], Shown[2] = { '^', (WCHAR)(Unit + '@') };

    if (Unit == '\t')
        Echo(L"        ", Cells);
    else if (IsControl(Unit))
        Echo(Shown, 2);
    else
        Echo(&Unit, 1);
}

/* The terminal's cursor is at the unit From: shows the line from there on, where OldCells cells were shown before, and
 * goes to the line's cursor. */
static VOID Show(const LINE_EDITOR *Line, ULONG From, ULONG OldCells, PLINE_ECHO Echo)
{
    ULONG Cell = CellOf(Line, From);
    BOOLEAN IsAny = From < Line->Length || Cell < OldCells;

    for (ULONG i = From; i < Line->Length; i++) {
        ULONG Cells = UnitCells(Line, i, Cell);

        ShowUnit(Line, i, Cells, Echo);
        Cell += Cells;
    }
    for (; Cell < OldCells; Cell++)
        Echo(L" ", 1);
    if (IsAny && Line->Columns != 0 && (Line->Column + Cell) % Line->Columns == 0)
        Echo(L" \r", 2);            /* into the next row */
    Move(Line, Cell, CellOf(Line, Line->Cursor), Echo);
}

/* --- changes ------------------------------------------------------------------------------------------------------ */

static VOID MoveTo(PLINE_EDITOR Line, ULONG Index, PLINE_ECHO Echo)
{
    Move(Line, CellOf(Line, Line->Cursor), CellOf(Line, Index), Echo);
    Line->Cursor = Index;
}

/* Takes units [From, To) away; the cursor is where they were. */
static VOID Cut(PLINE_EDITOR Line, ULONG From, ULONG To, PLINE_ECHO Echo)
{
    ULONG OldCells = CellOf(Line, Line->Length);

    if (From == To)
        return;
    MoveTo(Line, From, Echo);
    memmove(Line->Text + From, Line->Text + To, (Line->Length - To) * sizeof(WCHAR));
    Line->Length -= To - From;
    Show(Line, From, OldCells, Echo);
}

static VOID PutUnit(PLINE_EDITOR Line, WCHAR Unit)
{
    memmove(Line->Text + Line->Cursor + 1, Line->Text + Line->Cursor, (Line->Length - Line->Cursor) * sizeof(WCHAR));
    Line->Text[Line->Cursor++] = Unit;
    Line->Length++;
}

static BOOLEAN IsFull(const LINE_EDITOR *Line)
{
    return Line->Length >= LINE_MAX_LENGTH - 2;
}

static ULONG Before(const LINE_EDITOR *Line, ULONG Index)
{
    if (Index == 0)
        return 0;
    return IsSecondHalf(Line, Index - 1) ? Index - 2 : Index - 1;
}

static ULONG After(const LINE_EDITOR *Line, ULONG Index)
{
    if (Index == Line->Length)
        return Index;
    return IsSecondHalf(Line, Index + 1) ? Index + 2 : Index + 1;
}

/* The first half of a pair is shown with the second. */
static VOID Insert(PLINE_EDITOR Line, WCHAR Unit, PLINE_ECHO Echo)
{
    ULONG OldCells = CellOf(Line, Line->Length), From = Line->Cursor;

    if (IsFull(Line)) {
        Echo(L"\a", 1);
        return;
    }
    if (Line->IsOverwriting && From < Line->Length && !IsLowSurrogate(Unit)) {
        ULONG Next = After(Line, From);

        memmove(Line->Text + From, Line->Text + Next, (Line->Length - Next) * sizeof(WCHAR));
        Line->Length -= Next - From;
    }
    PutUnit(Line, Unit);
    if (IsSecondHalf(Line, From))
        From--;
    if (!IsHighSurrogate(Unit))
        Show(Line, From, OldCells, Echo);
}

static ULONG WordBefore(const LINE_EDITOR *Line)
{
    ULONG Index = Line->Cursor;

    while (Index != 0 && Line->Text[Index - 1] == ' ')
        Index--;
    while (Index != 0 && Line->Text[Index - 1] != ' ')
        Index--;
    return Index;
}

static ULONG WordAfter(const LINE_EDITOR *Line)
{
    ULONG Index = Line->Cursor;

    while (Index < Line->Length && Line->Text[Index] != ' ')
        Index++;
    while (Index < Line->Length && Line->Text[Index] == ' ')
        Index++;
    return Index;
}

/* --- lines before ------------------------------------------------------------------------------------------------- */

static VOID Recall(PLINE_EDITOR Line, ULONG Index, PLINE_ECHO Echo)
{
    const HISTORY_LINE *Old = &Line->History->Lines[Index];
    ULONG OldCells = CellOf(Line, Line->Length);

    MoveTo(Line, 0, Echo);
    Line->HistoryIndex = Index;
    Line->Length = Line->Cursor = min(Old->Length, LINE_MAX_LENGTH - 2);
    memcpy(Line->Text, Old->Text, Line->Length * sizeof(WCHAR));
    Show(Line, 0, OldCells, Echo);
}

/* The next older line that begins with what is in front of the cursor, which stays. */
static VOID Search(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    ULONG Count = Line->History->Count, Cursor = Line->Cursor;

    for (ULONG i = 1; i <= Count; i++) {
        ULONG Index = (Line->HistoryIndex + Count - i) % Count;
        const HISTORY_LINE *Old = &Line->History->Lines[Index];

        if (Old->Length >= Cursor && memcmp(Old->Text, Line->Text, Cursor * sizeof(WCHAR)) == 0) {
            Recall(Line, Index, Echo);
            MoveTo(Line, Cursor, Echo);
            return;
        }
    }
}

/* Units of the last line, from the cursor's place on, replace the line's own. */
static VOID CopyLast(PLINE_EDITOR Line, BOOLEAN IsAll, PLINE_ECHO Echo)
{
    const HISTORY_LINE *Last = &Line->History->Lines[Line->History->Count - 1];
    BOOLEAN WasOverwriting = Line->IsOverwriting;

    Line->IsOverwriting = TRUE;
    while (Line->Cursor < Last->Length && !IsFull(Line)) {
        WCHAR Unit = Last->Text[Line->Cursor];

        Insert(Line, Unit, Echo);
        if (!IsAll && !IsHighSurrogate(Unit))
            break;
    }
    Line->IsOverwriting = WasOverwriting;
}

static VOID HistoryKey(PLINE_EDITOR Line, USHORT VirtualKey, PLINE_ECHO Echo)
{
    ULONG Count = Line->History != NULL ? Line->History->Count : 0;

    if (Count == 0)
        return;
    switch (VirtualKey) {
    case VkUp: case VkF1 + 4:
        Recall(Line, Line->HistoryIndex != 0 ? Line->HistoryIndex - 1 : 0, Echo);
        break;
    case VkDown:
        if (Line->HistoryIndex + 1 < Count)
            Recall(Line, Line->HistoryIndex + 1, Echo);
        break;
    case VkPrior:
        Recall(Line, 0, Echo);
        break;
    case VkNext:
        Recall(Line, Count - 1, Echo);
        break;
    case VkF1 + 7:
        Search(Line, Echo);
        break;
    case VkF1: case VkF1 + 2:
        CopyLast(Line, VirtualKey != VkF1, Echo);
        break;
    }
}

/* --- what comes --------------------------------------------------------------------------------------------------- */

VOID LineBegin(PLINE_EDITOR Line, PCWSTR Text, ULONG Length, USHORT Column, USHORT Columns, PHISTORY History)
{
    Line->Length = Line->Cursor = min(Length, LINE_MAX_LENGTH - 2);
    memcpy(Line->Text, Text, Line->Length * sizeof(WCHAR));
    Line->Columns = Columns;
    Line->Column = 0;
    if (Line->Length != 0 && Columns != 0)
        Column = (USHORT)((Column + Columns - CellOf(Line, Line->Length) % Columns) % Columns);
    Line->Column = Column;
    Line->IsOverwriting = FALSE;
    Line->WakeMask = 0;
    Line->History = History;
    Line->HistoryIndex = History != NULL ? History->Count : 0;
}

static LINE_RESULT Finish(PLINE_EDITOR Line, PLINE_ECHO Echo)
{
    MoveTo(Line, Line->Length, Echo);
    Echo(L"\r\n", 2);
    if (Line->History != NULL)
        HistoryAdd(Line->History, Line->Text, Line->Length);
    Line->Text[Line->Length++] = '\r';
    Line->Text[Line->Length++] = '\n';
    return Line->Text[0] == END_OF_FILE ? LineIsEndOfFile : LineIsComplete;
}

LINE_RESULT LineInput(PLINE_EDITOR Line, WCHAR Unit, PLINE_ECHO Echo)
{
    if (Echo == NULL)
        Echo = NoEcho;
    if (IsControl(Unit) && (Line->WakeMask >> Unit & 1)) {
        PutUnit(Line, Unit);
        return LineIsWoken;
    }
    switch (Unit) {
    case '\r': case '\n':
        return Finish(Line, Echo);
    case '\b': case 0x7f:
        Cut(Line, Before(Line, Line->Cursor), Line->Cursor, Echo);
        break;
    case ESCAPE: case 'U' & 0x1f:
        Cut(Line, 0, Line->Length, Echo);
        break;
    case 'W' & 0x1f:
        Cut(Line, WordBefore(Line), Line->Cursor, Echo);
        break;
    default:
        Insert(Line, Unit, Echo);
    }
    return LineGoesOn;
}

VOID LineKey(PLINE_EDITOR Line, USHORT VirtualKey, ULONG ControlKeyState, PLINE_ECHO Echo)
{
    BOOLEAN IsControlled = (ControlKeyState & CONTROL_PRESSED) != 0;

    if (Echo == NULL)
        Echo = NoEcho;
    switch (VirtualKey) {
    case VkLeft:
        MoveTo(Line, IsControlled ? WordBefore(Line) : Before(Line, Line->Cursor), Echo);
        break;
    case VkRight:
        if (Line->Cursor == Line->Length)
            HistoryKey(Line, VkF1, Echo);
        else
            MoveTo(Line, IsControlled ? WordAfter(Line) : After(Line, Line->Cursor), Echo);
        break;
    case VkHome:
        if (IsControlled)
            Cut(Line, 0, Line->Cursor, Echo);
        else
            MoveTo(Line, 0, Echo);
        break;
    case VkEnd:
        if (IsControlled)
            Cut(Line, Line->Cursor, Line->Length, Echo);
        else
            MoveTo(Line, Line->Length, Echo);
        break;
    case VkDelete:
        Cut(Line, Line->Cursor, After(Line, Line->Cursor), Echo);
        break;
    case VkInsert:
        Line->IsOverwriting = !Line->IsOverwriting;
        break;
    default:
        HistoryKey(Line, VirtualKey, Echo);
    }
}
