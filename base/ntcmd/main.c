/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ntcmd: the prompt.  Reads a line, finds the command or program, runs it, and again.
 *
 * On a console the line comes through the editor in raw mode; while a command or program runs the console is in line
 * mode, where Ctrl+C ends programs but not the prompt itself (`ntcmd /c LINE' runs one line; commands that may read for
 * ever run so).  Any other StandardInput is read as plain lines, without
 * echo or prompt, and its end ends ntcmd.
 */
#include "ntcmd.h"
#include "base/lib/mark.h"

#define MARK_PROMPT 2
#define PRIORITY 9              /* above the programs that it starts: the prompt stays quick while one of them spins */

EDITOR Editor;
static BOOLEAN IsConsole;

VOID Complain(PCWSTR Command, PCWSTR Subject, NTSTATUS Status)
{
    PrintError(L"%s: %s: %s\n", Command, Subject, DescribeStatus(Status));
}

BOOLEAN ParseNumber(PCWSTR Text, PULONG Number)
{
    wchar_t *End;

    *Number = wcstoul(Text, &End, 0);
    return *Text >= L'0' && *Text <= L'9' && *End == 0;
}

static HANDLE Input(VOID)
{
    return NtCurrentPeb()->ProcessParameters->StandardInput;
}

static VOID ShowOnConsole(PCWSTR Text, ULONG Length)
{
    Print(L"%.*s", Length, Text);
}

static VOID ShowNothing(PCWSTR Text, ULONG Length)
{
}

/* A fresh line, the current directory and `> '. */
static VOID ShowPrompt(VOID)
{
    WCHAR Directory[256];
    CONDRV_SCREEN_SIZE Size;
    ULONG Length;

    ConsoleGetSize(NtCurrentPeb()->ProcessParameters->StandardOutput, &Size);
    if (Size.CursorColumn != 0)
        Print(L"\n");
    Length = RtlGetCurrentDirectory_U(sizeof(Directory), Directory) / sizeof(WCHAR);
    if (Length == 0 || Length >= ARRAYSIZE(Directory))
        Length = (ULONG)wcslen(wcscpy(Directory, L"C:\\"));
    Print(L"%s> ", Directory);
    EditBegin(&Editor, (Length + 2) % max(Size.Columns, 1), Size.Columns);
}

/* FALSE at the end of the input.  The console hands out nothing beyond Enter, so no byte that a program might want to
 * read is taken here. */
static BOOLEAN NextByte(PUCHAR Byte)
{
    static UCHAR Bytes[128];
    static ULONG Count, Next;
    static BOOLEAN IsMarked;

    if (Next == Count) {
        if (!IsMarked) {
            COUNT_MARK(MARK_PROMPT);
            IsMarked = TRUE;
        }
        Next = 0;
        if (!NT_SUCCESS(ReadBytes(Input(), Bytes, IsConsole ? sizeof(Bytes) : 1, &Count)) || Count == 0) {
            Count = 0;
            return FALSE;
        }
    }
    *Byte = Bytes[Next++];
    return TRUE;
}

/* Shows the prompt and what was typed so far on a new line. */
static VOID ShowAgain(VOID)
{
    EDITOR *Line = &Editor;
    ULONG Length = Line->Length, Cursor = Line->Cursor;
    WCHAR First = Line->Text[0];

    ShowPrompt();
    Line->Length = Length;
    Line->Cursor = Cursor;
    Line->Text[0] = First;
    EditShow(Line);
}

static BOOLEAN ReadConsoleLine(VOID)
{
    UCHAR Byte;

    ConsoleSetMode(Input(), CONSOLE_RAW_MODE);
    PrintSetBuffering(TRUE);
    ShowPrompt();
    PrintFlush();
    while (NextByte(&Byte)) {
        switch (EditByte(&Editor, Byte)) {
        case EditEnter:
            Print(L"\n");
            PrintSetBuffering(FALSE);
            ConsoleSetMode(Input(), CONSOLE_LINE_MODE);
            return TRUE;
        case EditInterrupt:
            Print(L"^C\n");
            ShowPrompt();
            break;
        case EditTab:
            if (CompleteWord(&Editor))
                ShowAgain();
            break;
        case EditClearScreen:
            Print(L"\x1b[2J\x1b[H");
            PrintFlush();
            ShowAgain();
            break;
        case EditEndOfInput: case EditGoesOn:
            break;
        }
        PrintFlush();
    }
    PrintSetBuffering(FALSE);
    return FALSE;
}

static BOOLEAN ReadPlainLine(VOID)
{
    UCHAR Byte;

    EditBegin(&Editor, 0, EDIT_MAX_CHARACTERS + 2);
    while (NextByte(&Byte)) {
        if (Byte == '\n')
            return TRUE;
        if (Byte >= ' ' || Byte == '\t')
            EditInsert(&Editor, &(WCHAR){ Byte }, 1);
    }
    return Editor.Length != 0;
}

/* Blanks separate words, quotes keep blanks together and go away; backslashes are plain characters. */
static PWSTR *SplitWords(PCWSTR Text, int *WordCount)
{
    SIZE_T Length = wcslen(Text);
    PWSTR *Words = Allocate((Length / 2 + 2) * sizeof(PWSTR) + (Length + 2) * sizeof(WCHAR));
    PWSTR Out = (PWSTR)(Words + Length / 2 + 2);
    BOOLEAN Quoted = FALSE, InWord = FALSE;

    *WordCount = 0;
    if (Words == NULL)
        return NULL;
    for (; *Text != 0; Text++) {
        if (!Quoted && (*Text == L' ' || *Text == L'\t')) {
            if (InWord)
                *Out++ = 0;
            InWord = FALSE;
            continue;
        }
        if (!InWord)
            Words[(*WordCount)++] = Out;
        InWord = TRUE;
        if (*Text == L'"')
            Quoted = !Quoted;
        else
            *Out++ = *Text;
    }
    return Words;
}

static PCWSTR SkipFirstWord(PCWSTR Text)
{
    BOOLEAN Quoted = FALSE;

    for (; *Text != 0 && (Quoted || *Text != L' '); Text++)
        if (*Text == L'"')
            Quoted = !Quoted;
    while (*Text == L' ')
        Text++;
    return Text;
}

static VOID RunCommand(const COMMAND *Command, const COMMAND_LINE *Line)
{
    if (Line->WordCount < Command->MinimumWords || Line->WordCount > Command->MaximumWords) {
        PrintError(L"usage: %s\n", Command->Usage);
        return;
    }
    PrintSetBuffering(TRUE);
    Command->Function(Line);
    PrintSetBuffering(FALSE);
}

static VOID RunLine(PWSTR Text)
{
    REDIRECTION Redirection;
    COMMAND_LINE Line;
    const COMMAND *Command;

    while (*Text == L' ')
        Text++;
    if (!BeginRedirection(Text, &Redirection))
        return;
    Line.Text = Text;
    Line.Tail = SkipFirstWord(Text);
    Line.Words = SplitWords(Text, &Line.WordCount);
    if (Line.WordCount != 0) {
        Command = FindCommand(Line.Words[0]);
        if (Command != NULL && Command->IsApart && IsConsole)
            RunApart(&Line);
        else if (Command != NULL)
            RunCommand(Command, &Line);
        else
            RunProgram(&Line);
    }
    Free(Line.Words);
    EndRedirection(&Redirection);
}

/* ntcmd /c LINE: one line, then the end. */
static int RunOneLine(VOID)
{
    UNICODE_STRING CommandLine = NtCurrentPeb()->ProcessParameters->CommandLine;
    PWSTR Text = Allocate(CommandLine.Length + sizeof(WCHAR));

    if (Text == NULL)
        return STATUS_NO_MEMORY;
    memcpy(Text, CommandLine.Buffer, CommandLine.Length);
    RunLine((PWSTR)SkipFirstWord(SkipFirstWord(Text)));
    Free(Text);
    return STATUS_SUCCESS;
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    if (ArgumentCount > 2 && _wcsicmp(Arguments[1], L"/c") == 0)
        return RunOneLine();
    IsConsole = NT_SUCCESS(ConsoleSetMode(Input(), CONSOLE_LINE_MODE));
    Editor.Show = IsConsole ? ShowOnConsole : ShowNothing;
    if (IsConsole) {
        SetOwnPriority(PRIORITY);
        ConsoleHandleControl(Input(), TRUE);
        Print(L"Nereid.  `help' lists the commands.\n");
    }
    while (IsConsole ? ReadConsoleLine() : ReadPlainLine()) {
        PWSTR Text = DuplicateString(Editor.Text);

        EditRemember(&Editor, Editor.Text);
        if (Text != NULL)
            RunLine(Text);
        Free(Text);
    }
    return STATUS_SUCCESS;
}
