/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The line editor (edit.h).
 *
 * Invariant: Window <= Cursor <= Length, Cursor - Window < WindowSize, and the terminal shows Text from Window on, its
 * cursor at Cursor.  What is typed at the end of a line that fits is only echoed, so a session without a terminal stays
 * readable; everything else shows the window anew behind the prompt, which is never printed again.
 * Pure code but for Show and the heap (history).
 */
#include "edit.h"

#define CONTROL(Letter) ((Letter) & 0x1f)
#define BACKSPACE 0x7f
#define ESCAPE 0x1b
#define MIN_WINDOW 16

enum { EscapeNone, EscapeSeen, EscapeCsi, EscapeSs3 };

static VOID ShowText(PEDITOR Editor, PCWSTR Text)
{
    Editor->Show(Text, (ULONG)wcslen(Text));
}

static VOID ShowColumn(PEDITOR Editor, ULONG Column)
{
    WCHAR Sequence[16];

    _snwprintf(Sequence, ARRAYSIZE(Sequence), L"\x1b[%uG", Column + 1);
    ShowText(Editor, Sequence);
}

static ULONG VisibleLength(const EDITOR *Editor)
{
    return min(Editor->Length - Editor->Window, Editor->WindowSize - 1);
}

VOID EditShow(PEDITOR Editor)
{
    if (Editor->Cursor < Editor->Window)
        Editor->Window = Editor->Cursor - min(Editor->Cursor, Editor->WindowSize / 2);
    else if (Editor->Cursor - Editor->Window >= Editor->WindowSize)
        Editor->Window = Editor->Cursor - Editor->WindowSize / 2;
    ShowColumn(Editor, Editor->PromptColumn);
    Editor->Show(Editor->Text + Editor->Window, VisibleLength(Editor));
    ShowText(Editor, L"\x1b[K");
    if (Editor->Cursor != Editor->Window + VisibleLength(Editor))
        ShowColumn(Editor, Editor->PromptColumn + Editor->Cursor - Editor->Window);
}

VOID EditBegin(PEDITOR Editor, ULONG PromptColumn, ULONG Columns)
{
    Editor->Length = Editor->Cursor = Editor->Window = 0;
    Editor->Text[0] = 0;
    Editor->PromptColumn = PromptColumn;
    Editor->WindowSize = Columns > PromptColumn + MIN_WINDOW ? Columns - PromptColumn : MIN_WINDOW;
    Editor->HistoryIndex = Editor->HistoryCount;
    Editor->BytesLeft = 0;
    Editor->EscapeState = EscapeNone;
}

static VOID MoveTo(PEDITOR Editor, ULONG Cursor)
{
    Editor->Cursor = Cursor;
    if (Cursor < Editor->Window || Cursor - Editor->Window >= Editor->WindowSize)
        EditShow(Editor);
    else
        ShowColumn(Editor, Editor->PromptColumn + Cursor - Editor->Window);
}

VOID EditInsert(PEDITOR Editor, PCWSTR Text, ULONG Length)
{
    PWSTR Place = Editor->Text + Editor->Cursor;

    if (Length > EDIT_MAX_CHARACTERS - Editor->Length) {
        ShowText(Editor, L"\a");
        return;
    }
    memmove(Place + Length, Place, (Editor->Length - Editor->Cursor + 1) * sizeof(WCHAR));
    memcpy(Place, Text, Length * sizeof(WCHAR));
    Editor->Length += Length;
    Editor->Cursor += Length;
    if (Editor->Cursor == Editor->Length && Editor->Cursor - Editor->Window < Editor->WindowSize)
        Editor->Show(Text, Length);
    else
        EditShow(Editor);
}

/* Removes characters [First, Last) and puts the cursor there. */
static VOID Remove(PEDITOR Editor, ULONG First, ULONG Last)
{
    BOOLEAN IsLastCharacter = Last == Editor->Length && First + 1 == Last && Editor->Cursor == Last;

    if (First == Last)
        return;
    memmove(Editor->Text + First, Editor->Text + Last, (Editor->Length - Last + 1) * sizeof(WCHAR));
    Editor->Length -= Last - First;
    Editor->Cursor = First;
    if (IsLastCharacter && First >= Editor->Window)
        ShowText(Editor, L"\b \b");
    else
        EditShow(Editor);
}

static ULONG WordStart(const EDITOR *Editor)
{
    ULONG Place = Editor->Cursor;

    while (Place != 0 && Editor->Text[Place - 1] == L' ')
        Place--;
    while (Place != 0 && Editor->Text[Place - 1] != L' ')
        Place--;
    return Place;
}

static ULONG WordEnd(const EDITOR *Editor)
{
    ULONG Place = Editor->Cursor;

    while (Place != Editor->Length && Editor->Text[Place] == L' ')
        Place++;
    while (Place != Editor->Length && Editor->Text[Place] != L' ')
        Place++;
    return Place;
}

static VOID SwapCharacters(PEDITOR Editor)
{
    ULONG Place = Editor->Cursor == Editor->Length ? Editor->Cursor - 1 : Editor->Cursor;
    WCHAR First;

    if (Editor->Length < 2 || Editor->Cursor == 0)
        return;
    First = Editor->Text[Place - 1];
    Editor->Text[Place - 1] = Editor->Text[Place];
    Editor->Text[Place] = First;
    Editor->Cursor = Place + 1;
    EditShow(Editor);
}

static PWSTR CopyText(PCWSTR Text)
{
    SIZE_T Bytes = (wcslen(Text) + 1) * sizeof(WCHAR);
    PWSTR Copy = RtlAllocateHeap(RtlProcessHeap(), 0, Bytes);

    if (Copy != NULL)
        memcpy(Copy, Text, Bytes);
    return Copy;
}

static VOID FreeText(PWSTR Text)
{
    if (Text != NULL)
        RtlFreeHeap(RtlProcessHeap(), 0, Text);
}

VOID EditRemember(PEDITOR Editor, PCWSTR Line)
{
    PWSTR Copy;

    if (Line[0] == 0 || (Editor->HistoryCount != 0 && wcscmp(Editor->History[Editor->HistoryCount - 1], Line) == 0))
        return;
    Copy = CopyText(Line);
    if (Copy == NULL)
        return;
    if (Editor->HistoryCount == HISTORY_LINES) {
        FreeText(Editor->History[0]);
        memmove(Editor->History, Editor->History + 1, (HISTORY_LINES - 1) * sizeof(PWSTR));
        Editor->HistoryCount--;
    }
    Editor->History[Editor->HistoryCount++] = Copy;
}

static VOID GoToHistory(PEDITOR Editor, ULONG Index)
{
    PCWSTR Line;

    if (Index > Editor->HistoryCount)
        return;
    if (Editor->HistoryIndex == Editor->HistoryCount) {
        FreeText(Editor->NewLine);
        Editor->NewLine = CopyText(Editor->Text);
    }
    Editor->HistoryIndex = Index;
    Line = Index < Editor->HistoryCount ? Editor->History[Index] : Editor->NewLine;
    Editor->Length = Line != NULL ? (ULONG)wcslen(Line) : 0;
    if (Line != NULL)
        memcpy(Editor->Text, Line, Editor->Length * sizeof(WCHAR));
    Editor->Text[Editor->Length] = 0;
    Editor->Cursor = Editor->Length;
    Editor->Window = 0;
    EditShow(Editor);
}

static VOID NamedKey(PEDITOR Editor, UCHAR Final)
{
    BOOLEAN ByWord = Editor->EscapeModifier >= 3;       /* with Alt or Ctrl */

    if (Final == '~')
        Final = (UCHAR)(Editor->EscapeNumber == 1 || Editor->EscapeNumber == 7 ? 'H' :
                        Editor->EscapeNumber == 4 || Editor->EscapeNumber == 8 ? 'F' :
                        Editor->EscapeNumber == 3 ? 'x' : 0);
    switch (Final) {
    case 'A':
        if (Editor->HistoryIndex != 0)
            GoToHistory(Editor, Editor->HistoryIndex - 1);
        break;
    case 'B': GoToHistory(Editor, Editor->HistoryIndex + 1); break;
    case 'C': MoveTo(Editor, ByWord ? WordEnd(Editor) : min(Editor->Cursor + 1, Editor->Length)); break;
    case 'D': MoveTo(Editor, ByWord ? WordStart(Editor) : Editor->Cursor - (Editor->Cursor != 0)); break;
    case 'H': MoveTo(Editor, 0); break;
    case 'F': MoveTo(Editor, Editor->Length); break;
    case 'x': Remove(Editor, Editor->Cursor, min(Editor->Cursor + 1, Editor->Length)); break;
    }
}

static EDIT_RESULT ControlKey(PEDITOR Editor, UCHAR Byte)
{
    switch (Byte) {
    case '\r': case '\n': return EditEnter;
    case '\t': return EditTab;
    case CONTROL('C'): return EditInterrupt;
    case CONTROL('L'): return EditClearScreen;
    case CONTROL('D'):
        if (Editor->Length == 0)
            return EditEndOfInput;
        Remove(Editor, Editor->Cursor, min(Editor->Cursor + 1, Editor->Length));
        break;
    case CONTROL('A'): MoveTo(Editor, 0); break;
    case CONTROL('B'): NamedKey(Editor, 'D'); break;
    case CONTROL('E'): MoveTo(Editor, Editor->Length); break;
    case CONTROL('F'): NamedKey(Editor, 'C'); break;
    case CONTROL('H'): case BACKSPACE: Remove(Editor, Editor->Cursor - (Editor->Cursor != 0), Editor->Cursor); break;
    case CONTROL('K'): Remove(Editor, Editor->Cursor, Editor->Length); break;
    case CONTROL('N'): NamedKey(Editor, 'B'); break;
    case CONTROL('P'): NamedKey(Editor, 'A'); break;
    case CONTROL('T'): SwapCharacters(Editor); break;
    case CONTROL('U'): Remove(Editor, 0, Editor->Cursor); break;
    case CONTROL('W'): Remove(Editor, WordStart(Editor), Editor->Cursor); break;
    }
    return EditGoesOn;
}

static VOID EscapeByte(PEDITOR Editor, UCHAR Byte)
{
    if (Editor->EscapeState == EscapeSeen && (Byte == '[' || Byte == 'O')) {
        Editor->EscapeState = Byte == '[' ? EscapeCsi : EscapeSs3;
        Editor->EscapeNumber = Editor->EscapeModifier = 0;
    } else if (Editor->EscapeState == EscapeCsi && Byte == ';') {
        Editor->EscapeModifier = 0x100;
    } else if (Editor->EscapeState == EscapeCsi && Byte >= '0' && Byte <= '9') {
        PULONG Number = Editor->EscapeModifier != 0 ? &Editor->EscapeModifier : &Editor->EscapeNumber;

        *Number = ((*Number & 0xff) * 10 + Byte - '0') & 0xff;
    } else {
        if (Editor->EscapeState != EscapeSeen)
            NamedKey(Editor, Byte);
        Editor->EscapeState = Byte == ESCAPE ? EscapeSeen : EscapeNone;
    }
}

static VOID InsertCodePoint(PEDITOR Editor, ULONG CodePoint)
{
    WCHAR Pair[2] = { (WCHAR)CodePoint, 0 };

    if (CodePoint >= 0x10000) {
        Pair[0] = (WCHAR)(0xd800 + ((CodePoint - 0x10000) >> 10));
        Pair[1] = (WCHAR)(0xdc00 + (CodePoint & 0x3ff));
    }
    EditInsert(Editor, Pair, CodePoint >= 0x10000 ? 2 : 1);
}

/* Bytes that are no valid UTF-8 are dropped. */
static VOID TextByte(PEDITOR Editor, UCHAR Byte)
{
    if (Byte < 0x80) {
        Editor->BytesLeft = 0;
        InsertCodePoint(Editor, Byte);
    } else if (Byte >= 0xc2 && Byte <= 0xf4) {
        Editor->BytesLeft = Byte < 0xe0 ? 1 : Byte < 0xf0 ? 2 : 3;
        Editor->CodePoint = Byte & (0x3f >> Editor->BytesLeft);
    } else if (Byte < 0xc0 && Editor->BytesLeft != 0) {
        Editor->CodePoint = Editor->CodePoint << 6 | (Byte & 0x3f);
        if (--Editor->BytesLeft == 0 && Editor->CodePoint <= 0x10ffff)
            InsertCodePoint(Editor, Editor->CodePoint);
    }
}

EDIT_RESULT EditByte(PEDITOR Editor, UCHAR Byte)
{
    if (Editor->EscapeState != EscapeNone && (Byte >= 0x20 || Byte == ESCAPE)) {
        EscapeByte(Editor, Byte);
        return EditGoesOn;
    }
    if (Byte == ESCAPE) {
        Editor->EscapeState = EscapeSeen;
        return EditGoesOn;
    }
    Editor->EscapeState = EscapeNone;
    if (Byte < 0x20 || Byte == BACKSPACE)
        return ControlKey(Editor, Byte);
    TextByte(Editor, Byte);
    return EditGoesOn;
}
