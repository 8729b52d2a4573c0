/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tab: completes the word in front of the cursor.
 *
 * The first word of a line becomes a command, or a program or directory; every other word a file name.  What all
 * candidates have in common is inserted; where that adds nothing they are listed.
 */
#include "ntcmd.h"

#define MAX_CANDIDATES 200

typedef struct _COMPLETION {
    PCWSTR Typed;                           /* the part that the candidates have to begin with */
    ULONG TypedLength;
    BOOLEAN ProgramsOnly;
    ULONG Count;
    PWSTR Candidates[MAX_CANDIDATES];
} COMPLETION, *PCOMPLETION;

static BOOLEAN AddCandidate(PCOMPLETION Completion, PCWSTR Name, ULONG Length, BOOLEAN IsDirectory)
{
    PWSTR Candidate;

    if (Length < Completion->TypedLength ||
        RtlCompareUnicodeStrings(Name, Completion->TypedLength, Completion->Typed, Completion->TypedLength, TRUE) != 0)
        return TRUE;
    if (Completion->Count == MAX_CANDIDATES)
        return FALSE;
    Candidate = Allocate((Length + 2) * sizeof(WCHAR));
    if (Candidate == NULL)
        return FALSE;
    memcpy(Candidate, Name, Length * sizeof(WCHAR));
    if (IsDirectory)
        Candidate[Length] = L'\\';
    Completion->Candidates[Completion->Count++] = Candidate;
    return TRUE;
}

static BOOLEAN EndsWithExe(PCWSTR Name, ULONG Length)
{
    return Length >= 4 && _wcsnicmp(Name + Length - 4, L".exe", 4) == 0;
}

static BOOLEAN AddFile(PVOID Context, const FILE_BOTH_DIR_INFORMATION *Entry)
{
    PCOMPLETION Completion = Context;
    PCWSTR Name = Entry->FileName;
    ULONG Length = Entry->FileNameLength / sizeof(WCHAR);
    BOOLEAN IsDirectory = (Entry->FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;

    if (Name[0] == L'.' && (Length == 1 || (Length == 2 && Name[1] == L'.')))
        return TRUE;
    if (Completion->ProgramsOnly && !IsDirectory && !EndsWithExe(Name, Length))
        return TRUE;
    return AddCandidate(Completion, Name, Length, IsDirectory);
}

static VOID AddFiles(PCOMPLETION Completion, PCWSTR Directory, ULONG Length)
{
    PWSTR Path = Allocate((Length + 2) * sizeof(WCHAR));

    if (Path == NULL)
        return;
    memcpy(Path, Directory, Length * sizeof(WCHAR));
    if (Length == 0)
        Path[0] = L'.';
    VisitDirectory(Path, NULL, AddFile, Completion);
    Free(Path);
}

/* How many characters all candidates share. */
static ULONG CommonLength(const COMPLETION *Completion)
{
    ULONG Length = (ULONG)wcslen(Completion->Candidates[0]);

    for (ULONG i = 1; i < Completion->Count; i++) {
        ULONG Same = 0;

        while (Same < Length && RtlUpcaseUnicodeChar(Completion->Candidates[i][Same]) ==
               RtlUpcaseUnicodeChar(Completion->Candidates[0][Same]))
            Same++;
        Length = Same;
    }
    return Length;
}

static VOID ListCandidates(const COMPLETION *Completion)
{
    ULONG Widest = 0, PerLine;

    for (ULONG i = 0; i < Completion->Count; i++)
        Widest = max(Widest, (ULONG)wcslen(Completion->Candidates[i]));
    PerLine = max(78 / (Widest + 2), 1);
    Print(L"\n");
    for (ULONG i = 0; i < Completion->Count; i++)
        Print(L"%-*s%s", Widest + 2, Completion->Candidates[i],
              (i + 1) % PerLine == 0 || i + 1 == Completion->Count ? L"\n" : L"");
}

static VOID Apply(PEDITOR Line, const COMPLETION *Completion, ULONG Length)
{
    PCWSTR Candidate = Completion->Candidates[0];

    EditInsert(Line, Candidate + Completion->TypedLength, Length - Completion->TypedLength);
    if (Completion->Count == 1 && (Length == 0 || Candidate[Length - 1] != L'\\'))
        EditInsert(Line, L" ", 1);
}

BOOLEAN CompleteWord(PEDITOR Line)
{
    PCOMPLETION Completion = Allocate(sizeof(COMPLETION));
    ULONG Start = Line->Cursor, Name, Length;
    BOOLEAN IsListed = FALSE;

    if (Completion == NULL)
        return FALSE;
    while (Start != 0 && Line->Text[Start - 1] != L' ' && Line->Text[Start - 1] != L'"')
        Start--;
    for (Name = Line->Cursor; Name > Start && Line->Text[Name - 1] != L'\\'; Name--)
        ;
    Completion->Typed = Line->Text + Name;
    Completion->TypedLength = Line->Cursor - Name;
    Completion->ProgramsOnly = Start == 0;
    if (Start == 0 && Name == Start)
        for (ULONG i = 0; i < CommandCount; i++)
            AddCandidate(Completion, Commands[i].Name, (ULONG)wcslen(Commands[i].Name), FALSE);
    AddFiles(Completion, Line->Text + Start, Name - Start);
    if (Completion->Count != 0) {
        Length = CommonLength(Completion);
        if (Length > Completion->TypedLength || Completion->Count == 1)
            Apply(Line, Completion, Length);
        else {
            ListCandidates(Completion);
            IsListed = TRUE;
        }
    }
    for (ULONG i = 0; i < Completion->Count; i++)
        Free(Completion->Candidates[i]);
    Free(Completion);
    return IsListed;
}
