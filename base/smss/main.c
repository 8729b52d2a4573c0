/* SPDX-License-Identifier: BSD-2-Clause
 *
 * smss: the first program.  ntos starts it when the executive is up; it starts everything else.
 *
 * The registry says what: Control\Session Manager has ConsoleHost and Shell (DOS paths) and the key Environment;
 * Control\SystemStartOptions with `RUN=command line' at its end asks for that program instead of a console.
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

/* The rest of the options behind `RUN=', which stands at the beginning or after a blank. */
static PCWSTR FindRunOption(PCWSTR Options)
{
    for (PCWSTR Next = Options; Next != NULL && (Next = wcsstr(Next, L"RUN=")) != NULL; Next++)
        if (Next == Options || Next[-1] == L' ')
            return Next + 4;
    return NULL;
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    PWSTR Options;
    PCWSTR CommandLine;

    LoadEnvironment(SESSION_MANAGER_KEY L"\\Environment");
    Options = ReadText(CONTROL_KEY, L"SystemStartOptions");
    CommandLine = FindRunOption(Options);
    if (CommandLine != NULL)
        RunProgram(CommandLine);
    else
        RunConsole();
    return STATUS_SUCCESS;
}
