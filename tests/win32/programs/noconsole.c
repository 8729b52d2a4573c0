// SPDX-License-Identifier: BSD-2-Clause
// Programs with a console of their own and no window (CREATE_NO_WINDOW), as tools start tools: the console goes with the last of them,
// in whatever it was interrupted, and with it the pipe ends that it inherited.
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

enum { ROUNDS = 12, MILLISECONDS = 10000 };

static int Child(void)
{
    static char text[8000];
    HANDLE screen = CreateFileA("CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    DWORD written;

    memset(text, 'x', sizeof(text));
    puts("child");
    fflush(stdout);
    while (WriteConsoleA(screen, text, sizeof(text), &written, NULL))
        ;
    return 1;
}

static DWORD WINAPI ReadToEnd(void *pipe)
{
    char text[64];
    DWORD length, all = 0;

    while (ReadFile(pipe, text, sizeof(text), &length, NULL))
        all += length;
    return GetLastError() == ERROR_BROKEN_PIPE ? all : 0;
}

/* Kills a child that writes to its console, a while after its first word; what arrived until the pipe was closed, 0: it was not. */
static DWORD Round(DWORD milliseconds)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    STARTUPINFOA startup = { .cb = sizeof(startup), .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION child;
    char line[] = "noconsole.exe child", word;
    HANDLE ours, theirs, reader;
    DWORD length, all = 0;

    if (!CreatePipe(&ours, &theirs, &inherit, 0) || !SetHandleInformation(ours, HANDLE_FLAG_INHERIT, 0))
        return 0;
    startup.hStdOutput = startup.hStdError = theirs;
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, CREATE_NO_WINDOW, NULL, NULL, &startup, &child))
        return 0;
    CloseHandle(theirs);
    ReadFile(ours, &word, 1, &length, NULL);
    Sleep(milliseconds);
    TerminateProcess(child.hProcess, 3);
    reader = CreateThread(NULL, 0, ReadToEnd, ours, 0, NULL);
    if (WaitForSingleObject(reader, MILLISECONDS) == WAIT_OBJECT_0)
        GetExitCodeThread(reader, &all);
    CloseHandle(child.hProcess);
    CloseHandle(child.hThread);
    return all;
}

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1)
        return Child();
    for (DWORD i = 0; i < ROUNDS; i++)
        SHOW("%lu", Round(i * 3));
    return 0;
}
