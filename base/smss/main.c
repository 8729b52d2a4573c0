/* SPDX-License-Identifier: BSD-2-Clause
 *
 * smss: the first program.  ntos starts it when the executive is up; it starts everything else.
 *
 * The registry says what: Control\Session Manager has ConsoleHost and Shell (DOS paths) and the key Environment;
 * Control\RunCommandLine asks for that program instead of a console.
 */
#include "smss.h"

VOID Report(PCWSTR Format, ...)
{
    WCHAR Text[256];
    UNICODE_STRING String;
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnwprintf(Text, ARRAYSIZE(Text), Format, Arguments);
    va_end(Arguments);
    String.Buffer = Text;
    String.Length = (USHORT)(Length < 0 ? sizeof(Text) : Length * sizeof(WCHAR));
    String.MaximumLength = sizeof(Text);
    NtDisplayString(&String);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    PCWSTR CommandLine;

    LoadEnvironment(SESSION_MANAGER_KEY L"\\Environment");
    CommandLine = ReadText(CONTROL_KEY, L"RunCommandLine");
    if (CommandLine != NULL)
        RunProgram(CommandLine);
    else
        RunConsole();
    return STATUS_SUCCESS;
}
