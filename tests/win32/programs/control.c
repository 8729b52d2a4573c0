// SPDX-License-Identifier: BSD-2-Clause
//
// The first program's standard handles; control events: handlers, the default handler, process groups, events that are ignored.
// Starts itself on the same console, in a process group of its own, and sends the group an event.

#define WIN32_LEAN_AND_MEAN
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static volatile LONG events[2];
static HANDLE told;

static BOOL WINAPI Handler(DWORD event)
{
    if (event < 2)
        InterlockedIncrement(&events[event]);
    SetEvent(told);
    return TRUE;
}

static BOOL WINAPI Passing(DWORD event)
{
    printf("passed on %lu\n", event);
    fflush(stdout);
    return FALSE;
}

static BOOL WINAPI Ending(DWORD event)
{
    ExitProcess(event == CTRL_BREAK_EVENT ? 0 : 1);
}

// What the child does until it is ended.
static int Wait(const char *how)
{
    HANDLE ready = OpenEventA(EVENT_MODIFY_STATE, FALSE, "control-ready");

    told = CreateEventA(NULL, FALSE, FALSE, NULL);
    SetConsoleCtrlHandler(NULL, FALSE);     // a new group begins with Ctrl+C ignored
    if (!strcmp(how, "handle"))
        SetConsoleCtrlHandler(Handler, TRUE);
    if (!strcmp(how, "pass"))
        SetConsoleCtrlHandler(Passing, TRUE);
    if (!strcmp(how, "end"))
        SetConsoleCtrlHandler(Ending, TRUE);
    if (!strcmp(how, "ignore"))
        SetConsoleCtrlHandler(NULL, TRUE);
    SetEvent(ready);
    return WaitForSingleObject(told, strcmp(how, "ignore") ? 20000 : 1000) == WAIT_OBJECT_0 ? 7 : 8;
}

static void Child(const char *how)
{
    STARTUPINFOA si = { .cb = sizeof(si), .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION pi;
    HANDLE ready = CreateEventA(NULL, FALSE, FALSE, "control-ready");
    char line[64];
    DWORD status = 0, list[8];

    si.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    si.hStdOutput = si.hStdError = GetStdHandle(STD_OUTPUT_HANDLE);
    snprintf(line, sizeof(line), "control.exe %s", how);
    fflush(stdout);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, CREATE_NEW_PROCESS_GROUP, NULL, NULL, &si, &pi)) {
        printf("CreateProcess: %lu\n", GetLastError());
        return;
    }
    printf("%s: ready %lu", how, WaitForSingleObject(ready, 20000));
    printf(" processes %lu", GetConsoleProcessList(list, 8));
    printf(" sent %d\n", GenerateConsoleCtrlEvent(CTRL_BREAK_EVENT, pi.dwProcessId));
    fflush(stdout);
    WaitForSingleObject(pi.hProcess, 30000);
    GetExitCodeProcess(pi.hProcess, &status);
    printf("%s: ended with %08lx\n", how, status);
    CloseHandle(pi.hProcess);
    CloseHandle(ready);
}

// A C runtime tells its children the values of its files' handles: those of the first program must be for children, too.
static void Standard(void)
{
    static const DWORD names[] = {STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};

    printf("inheritable");
    for (int i = 0; i < 3; i++) {
        DWORD flags = 0;

        GetHandleInformation(GetStdHandle(names[i]), &flags);
        printf(" %lu", flags);
    }
    printf("\n");
    fflush(stdout);
    system("echo through the pipe|find \"pipe\"");
}

// "con" is what it is opened for, and no folder.
static void Named(void)
{
    HANDLE in = CreateFileA("con", GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL), both;
    HANDLE out = CreateFileA("con.txt", GENERIC_WRITE, FILE_SHARE_WRITE, NULL, CREATE_ALWAYS, 0, NULL);
    DWORD events;

    printf("con %d %d", GetNumberOfConsoleInputEvents(in, &events), SetConsoleTextAttribute(out, 7));
    CloseHandle(in);
    CloseHandle(out);
    both = CreateFileA("con", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    printf(" %d %lu", both != INVALID_HANDLE_VALUE, GetLastError());
    printf(" %d", CreateDirectoryA("con", NULL));
    printf(" %lu\n", GetLastError());
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return Wait(argv[1]);
    Standard();
    Named();
    told = CreateEventA(NULL, FALSE, FALSE, NULL);
    printf("handler %d", SetConsoleCtrlHandler(Handler, TRUE));
    printf(" sent %d", GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
    printf(" told %lu:", WaitForSingleObject(told, 10000));
    printf(" %ld %ld\n", events[0], events[1]);
    Child("default");
    Child("handle");
    Child("pass");
    Child("end");
    Child("ignore");
    printf("events here %ld %ld\n", events[0], events[1]);
    printf("not an event %d\n", GenerateConsoleCtrlEvent(7, 0));
    printf("removed %d", SetConsoleCtrlHandler(Handler, FALSE));
    printf(" %d\n", SetConsoleCtrlHandler(Handler, FALSE));
    printf("free %d", FreeConsole());
    printf(" attach %d", AttachConsole(GetCurrentProcessId()));
    printf(" sent %d\n", GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0));
    fflush(stdout);
    return 3;
}
