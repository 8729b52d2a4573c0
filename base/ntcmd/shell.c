/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Commands about the prompt itself: help, ver, echo, cls, history, set, time, exit.
 */
#include "ntcmd.h"

VOID CommandHelp(const COMMAND_LINE *Line)
{
    const COMMAND *Command;

    if (Line->WordCount == 2) {
        Command = FindCommand(Line->Words[1]);
        if (Command != NULL)
            Print(L"%s\n    %s\n", Command->Usage, Command->Help);
        else
            PrintError(L"help: %s: no such command\n", Line->Words[1]);
        return;
    }
    for (ULONG i = 0; i < CommandCount; i++)
        Print(L"  %-26s %s\n", Commands[i].Usage, Commands[i].Help);
    Print(L"Any other word is a program: a path, or a name in the current directory or PATH (.exe may be left out).\n"
          L"> FILE, >> FILE and < FILE redirect output and input.\n");
}

VOID CommandVersion(const COMMAND_LINE *Line)
{
    RTL_OSVERSIONINFOW Version = { .dwOSVersionInfoSize = sizeof(Version) };

    RtlGetVersion(&Version);
    Print(L"Nereid [NT %u.%u.%u]\n", Version.dwMajorVersion, Version.dwMinorVersion, Version.dwBuildNumber);
}

VOID CommandEcho(const COMMAND_LINE *Line)
{
    Print(L"%s\n", Line->Tail);
}

VOID CommandClear(const COMMAND_LINE *Line)
{
    Print(L"\x1b[2J\x1b[H");
}

VOID CommandHistory(const COMMAND_LINE *Line)
{
    for (ULONG i = 0; i < Editor.HistoryCount; i++)
        Print(L"%4u  %s\n", i + 1, Editor.History[i]);
}

/* Variables whose names begin with Prefix. */
static VOID ShowVariables(PCWSTR Prefix)
{
    SIZE_T Length = wcslen(Prefix);
    BOOLEAN IsFound = Length == 0;

    for (PCWSTR Next = NtCurrentPeb()->ProcessParameters->Environment; *Next != 0; Next += wcslen(Next) + 1) {
        if (_wcsnicmp(Next, Prefix, Length) == 0) {
            Print(L"%s\n", Next);
            IsFound = TRUE;
        }
    }
    if (!IsFound)
        PrintError(L"set: %s: not defined\n", Prefix);
}

VOID CommandSet(const COMMAND_LINE *Line)
{
    PWSTR Equals = wcschr(Line->Tail, L'=');
    UNICODE_STRING Name, Value;
    NTSTATUS Status;

    if (Equals == NULL || Equals == Line->Tail) {
        ShowVariables(Line->Tail);
        return;
    }
    *Equals = 0;
    RtlInitUnicodeString(&Name, Line->Tail);
    RtlInitUnicodeString(&Value, Equals + 1);
    Status = RtlSetEnvironmentVariable(NULL, &Name, Value.Length != 0 ? &Value : NULL);
    if (!NT_SUCCESS(Status))
        Complain(L"set", Line->Tail, Status);
}

VOID CommandTime(const COMMAND_LINE *Line)
{
    LARGE_INTEGER Now;
    TIME_FIELDS Fields;

    NtQuerySystemTime(&Now);
    RtlTimeToTimeFields(&Now, &Fields);
    Print(L"%04d-%02d-%02d %02d:%02d:%02d UTC\n", Fields.Year, Fields.Month, Fields.Day, Fields.Hour, Fields.Minute,
          Fields.Second);
}

VOID CommandExit(const COMMAND_LINE *Line)
{
    ULONG Status = 0;

    if (Line->WordCount == 2 && !ParseNumber(Line->Words[1], &Status)) {
        PrintError(L"exit: %s: not a number\n", Line->Words[1]);
        return;
    }
    PrintFlush();
    RtlExitUserProcess((NTSTATUS)Status);
}
