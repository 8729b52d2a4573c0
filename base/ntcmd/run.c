/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Programs: finds the file that a word names, starts it with this console and waits for its end.
 *
 * A word with a path in it names the file; any other is looked for in the current directory, then in those of PATH.
 * Without an extension .exe is added.  The program gets the line as it was typed.
 */
#include "ntcmd.h"

static BOOLEAN IsFile(PCWSTR Path, PULONG Attributes)
{
    return NT_SUCCESS(QueryPathAttributes(Path, Attributes));
}

static BOOLEAN HasExtension(PCWSTR Name)
{
    PCWSTR Slash = wcsrchr(Name, L'\\');

    return wcschr(Slash != NULL ? Slash : Name, L'.') != NULL;
}

/* Directory (Length characters, may be none), the name and perhaps .exe; TRUE if such a file exists. */
static BOOLEAN TryPath(PCWSTR Directory, ULONG Length, PCWSTR Name, PWSTR Path)
{
    static const PCWSTR Extensions[] = { L"", L".exe" };
    ULONG Attributes;

    for (ULONG i = HasExtension(Name) ? 0 : 1; i < ARRAYSIZE(Extensions); i++) {
        int Written = _snwprintf(Path, MAX_PATH_CHARACTERS, L"%.*s%s%s%s", Length, Directory,
                                 Length != 0 && Directory[Length - 1] != L'\\' ? L"\\" : L"", Name, Extensions[i]);

        if (Written > 0 && Written < MAX_PATH_CHARACTERS && IsFile(Path, &Attributes) &&
            !(Attributes & FILE_ATTRIBUTE_DIRECTORY))
            return TRUE;
    }
    return FALSE;
}

static PWSTR QueryPath(VOID)
{
    static UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"PATH");
    UNICODE_STRING Value = { 0, 0x2000, Allocate(0x2000 + sizeof(WCHAR)) };

    if (Value.Buffer != NULL && !NT_SUCCESS(RtlQueryEnvironmentVariable_U(NULL, &Name, &Value))) {
        Free(Value.Buffer);
        return NULL;
    }
    if (Value.Buffer != NULL)
        Value.Buffer[Value.Length / sizeof(WCHAR)] = 0;
    return Value.Buffer;
}

static BOOLEAN FindProgram(PCWSTR Word, PWSTR Path)
{
    PWSTR Directories;
    BOOLEAN IsFound = FALSE;

    if (TryPath(L"", 0, Word, Path))
        return TRUE;
    if (wcspbrk(Word, L"\\:/") != NULL)
        return FALSE;
    Directories = QueryPath();
    for (PCWSTR Next = Directories; !IsFound && Next != NULL && *Next != 0;) {
        PCWSTR End = wcschr(Next, L';');
        ULONG Length = End != NULL ? (ULONG)(End - Next) : (ULONG)wcslen(Next);

        IsFound = Length != 0 && TryPath(Next, Length, Word, Path);
        Next += Length + (End != NULL);
    }
    Free(Directories);
    return IsFound;
}

/* A Ctrl+C shows itself, everything else that is not 0 is said. */
static VOID ShowExitStatus(PCWSTR Word, NTSTATUS Status)
{
    PCWSTR Text = StatusText(Status);

    if (Status == STATUS_SUCCESS || Status == STATUS_CONTROL_C_EXIT)
        return;
    if (Status > 0)
        PrintError(L"%s: exit status %d\n", Word, Status);
    else if (Text != NULL)
        PrintError(L"%s: exit status 0x%08X (%s)\n", Word, Status, Text);
    else
        PrintError(L"%s: exit status 0x%08X\n", Word, Status);
}

static VOID StartAndWait(PCWSTR Word, PCWSTR Path, PCWSTR CommandLine)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;
    PROCESS_START Start = {
        .ImagePath = Path,
        .CommandLine = CommandLine,
        .Console = Own->ConsoleHandle,
        .Input = Own->StandardInput,
        .Output = Own->StandardOutput,
        .Error = Own->StandardError,
    };
    HANDLE Process;
    ULONG ProcessId;
    NTSTATUS Status = StartProcess(&Start, &Process, &ProcessId);

    if (!NT_SUCCESS(Status)) {
        Complain(L"cannot run", Path, Status);
        return;
    }
    ShowExitStatus(Word, WaitForProcess(Process));
    NtClose(Process);
}

VOID RunProgram(const COMMAND_LINE *Line)
{
    PWSTR Path = Allocate((MAX_PATH_CHARACTERS + 1) * sizeof(WCHAR));

    if (Path == NULL)
        return;
    if (FindProgram(Line->Words[0], Path))
        StartAndWait(Line->Words[0], Path, Line->Text);
    else
        PrintError(L"%s: no such command or program (help lists the commands)\n", Line->Words[0]);
    Free(Path);
}

VOID RunApart(const COMMAND_LINE *Line)
{
    static const WCHAR Prefix[] = L"ntcmd /c ";
    PWSTR CommandLine = Allocate(sizeof(Prefix) + wcslen(Line->Text) * sizeof(WCHAR));

    if (CommandLine == NULL)
        return;
    wcscat(wcscpy(CommandLine, Prefix), Line->Text);
    StartAndWait(Line->Words[0], NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, CommandLine);
    Free(CommandLine);
}
