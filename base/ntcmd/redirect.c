/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Redirection: `> FILE', `>> FILE' and `< FILE' outside quotes, for commands and programs alike.
 *
 * The words are blanked out of the line and the files become this process's standard handles until the command has
 * ended:
 * Print and a program that is started use them like any others.
 */
#include "ntcmd.h"

typedef struct _WISH {
    WCHAR Operator;             /* '<' or '>' */
    BOOLEAN IsAppending;
    WCHAR Path[MAX_PATH_CHARACTERS];
} WISH, *PWISH;

/* Finds the first redirection, blanks it out and describes it.  FALSE if there is none, or no name behind it: then
 * Wish->Operator tells. */
static BOOLEAN TakeRedirection(PWSTR Text, PWISH Wish)
{
    BOOLEAN Quoted = FALSE;
    ULONG Length = 0;

    *Wish = (WISH){ 0 };
    for (; *Text != 0 && (Quoted || (*Text != L'<' && *Text != L'>')); Text++)
        if (*Text == L'"')
            Quoted = !Quoted;
    if (*Text == 0)
        return FALSE;
    Wish->Operator = *Text;
    *Text++ = L' ';
    if (*Text == L'>' && Wish->Operator == L'>') {
        Wish->IsAppending = TRUE;
        *Text++ = L' ';
    }
    while (*Text == L' ')
        Text++;
    for (; *Text != 0 && (Quoted || (*Text != L' ' && *Text != L'<' && *Text != L'>')); *Text++ = L' ') {
        if (*Text == L'"')
            Quoted = !Quoted;
        else if (Length + 1 < MAX_PATH_CHARACTERS)
            Wish->Path[Length++] = *Text;
    }
    return Length != 0;
}

static VOID CutBlanks(PWSTR Text)
{
    SIZE_T Length = wcslen(Text);

    while (Length != 0 && Text[Length - 1] == L' ')
        Text[--Length] = 0;
}

static NTSTATUS Apply(const WISH *Wish, PREDIRECTION Redirection)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;
    PHANDLE Standard = Wish->Operator == L'<' ? &Own->StandardInput : &Own->StandardOutput;
    HANDLE File;
    NTSTATUS Status;

    if (Wish->Operator == L'<')
        Status = OpenPath(Wish->Path, FILE_GENERIC_READ, FILE_OPEN, FILE_NON_DIRECTORY_FILE, &File);
    else if (Wish->IsAppending)
        Status = OpenPath(Wish->Path, FILE_APPEND_DATA, FILE_OPEN_IF, FILE_NON_DIRECTORY_FILE, &File);
    else
        Status = OpenPath(Wish->Path, FILE_GENERIC_WRITE, FILE_OVERWRITE_IF, FILE_NON_DIRECTORY_FILE, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    if (*Standard != Redirection->Input && *Standard != Redirection->Output)
        NtClose(*Standard);
    *Standard = File;
    return Status;
}

BOOLEAN BeginRedirection(PWSTR Text, PREDIRECTION Redirection)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;
    PWISH Wish = Allocate(sizeof(WISH));
    BOOLEAN IsGood = Wish != NULL;

    Redirection->Input = Own->StandardInput;
    Redirection->Output = Own->StandardOutput;
    while (IsGood && TakeRedirection(Text, Wish)) {
        NTSTATUS Status = Apply(Wish, Redirection);

        CutBlanks(Text);
        if (!NT_SUCCESS(Status)) {
            PrintError(L"%s: %s\n", Wish->Path, DescribeStatus(Status));
            IsGood = FALSE;
        }
    }
    if (IsGood && Wish->Operator != 0) {
        PrintError(L"a file name is missing behind `%c'\n", Wish->Operator);
        IsGood = FALSE;
    }
    Free(Wish);
    if (!IsGood)
        EndRedirection(Redirection);
    return IsGood;
}

VOID EndRedirection(const REDIRECTION *Redirection)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;

    if (Own->StandardInput != Redirection->Input)
        NtClose(Own->StandardInput);
    if (Own->StandardOutput != Redirection->Output)
        NtClose(Own->StandardOutput);
    Own->StandardInput = Redirection->Input;
    Own->StandardOutput = Redirection->Output;
}
