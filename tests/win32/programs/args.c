// SPDX-License-Identifier: BSD-2-Clause
// Arguments, the command line, environment and paths of a process.
#include <windows.h>
#include <direct.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

static void Arguments(int argc, char **argv)
{
    SHOW("%d", argc);
    for (int i = 1; i < argc; i++)
        SHOW("%d [%s]", i, argv[i]);
    SHOW("ends like the command line: %d", strstr(GetCommandLineA(), argc > 1 ? argv[argc - 1] : "") != NULL);
    SHOW("[%ls]", wcsrchr(GetCommandLineW(), ' ') ? wcsrchr(GetCommandLineW(), ' ') : L"");
}

static void Environment(void)
{
    char buffer[256];

    YES(getenv("NOT_THERE") == NULL);
    SHOW("put %d", putenv("ONE=first value"));
    SHOW("%s", getenv("ONE"));
    YES(SetEnvironmentVariableA("Two", "second"));
    SHOW("%lu", GetEnvironmentVariableA("TWO", buffer, sizeof(buffer)));
    SHOW("%s", buffer);
    SHOW("%lu needed", GetEnvironmentVariableA("TWO", buffer, 3));
    SHOW("%lu", ExpandEnvironmentStringsA("<%one%|%TWO%|%NOT_THERE%|100%>", buffer, sizeof(buffer)));
    SHOW("%s", buffer);
    YES(SetEnvironmentVariableA("Two", NULL));
    SHOW("%lu", GetEnvironmentVariableA("TWO", buffer, sizeof(buffer)));
    SHOW("%lu", GetLastError());
    SHOW("put %d", putenv("ONE="));
    YES(getenv("ONE") == NULL);
}

static void EnvironmentBlock(void)
{
    LPWCH block = GetEnvironmentStringsW();
    int found = 0, count = 0;

    for (LPWCH p = block; *p; p += wcslen(p) + 1, count++)
        found += _wcsnicmp(p, L"SYSTEMROOT=", 11) == 0 || _wcsnicmp(p, L"GIVEN=", 6) == 0;
    SHOW("found %d, any %d", found, count > 0);
    FreeEnvironmentStringsW(block);
    SHOW("SystemRoot %s", getenv("SystemRoot"));
    SHOW("GIVEN %s", getenv("GIVEN") ? getenv("GIVEN") : "(none)");
}

static void Paths(void)
{
    char buffer[MAX_PATH], *part;

    GetModuleFileNameA(NULL, buffer, sizeof(buffer));
    SHOW("module %s", strrchr(buffer, '\\') + 1);
    YES(GetModuleHandleA(NULL) != NULL);
    YES(SetCurrentDirectoryA("C:\\windows"));
    SHOW("%s", getcwd(buffer, sizeof(buffer)));
    GetFullPathNameA("system32\\..\\.\\temp/x.txt", sizeof(buffer), buffer, &part);
    SHOW("%s %s", buffer, part);
    GetFullPathNameA("\\\\.\\C:\\a\\..\\b", sizeof(buffer), buffer, &part);
    SHOW("%s", buffer);
    GetFullPathNameA("nul", sizeof(buffer), buffer, &part);
    SHOW("%s", buffer);
    YES(SetCurrentDirectoryA("no such folder") == FALSE);
    SHOW("%lu", GetLastError());
    GetSystemDirectoryA(buffer, sizeof(buffer));
    SHOW("%s", buffer);
    GetWindowsDirectoryA(buffer, sizeof(buffer));
    SHOW("%s", buffer);
    YES(SearchPathA(NULL, "kernel32", ".dll", sizeof(buffer), buffer, &part) > 0);
    SHOW("%s", part);
}

static void Errors(void)
{
    static const DWORD codes[] = { 0, 2, 3, 5, 6, 8, 32, 87, 122, 183, 193, 997, 1450 };
    char buffer[256];

    for (unsigned i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
        DWORD length = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL, codes[i], 0x409, buffer,
                                      sizeof(buffer), NULL);
        SHOW("%lu: %s", codes[i], length ? strtok(buffer, "\r\n") : "-");
    }
}

int main(int argc, char **argv)
{
    Arguments(argc, argv);
    Environment();
    EnvironmentBlock();
    Paths();
    Errors();
    return 7;
}
