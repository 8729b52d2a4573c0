// SPDX-License-Identifier: BSD-2-Clause
// Processes: children with pipes, environments, folders and handles of their own; jobs; named pipes; priorities; the C library's ways.
#define _WIN32_WINNT 0x0600
#include <windows.h>
#include <io.h>
#include <process.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

static char self[MAX_PATH];

// Starts this program again with these words; its output comes through `output'.
static HANDLE Start(const char *words, HANDLE input, HANDLE output, const char *environment, const char *folder)
{
    STARTUPINFOA si = { .cb = sizeof(si), .dwFlags = STARTF_USESTDHANDLES, .hStdInput = input, .hStdOutput = output, .hStdError = output };
    PROCESS_INFORMATION pi;
    char line[2 * MAX_PATH];

    snprintf(line, sizeof(line), "\"%s\" %s", self, words);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, (void *)environment, folder, &si, &pi)) {
        SHOW("%s: error %lu", words, GetLastError());
        return NULL;
    }
    CloseHandle(pi.hThread);
    return pi.hProcess;
}

static DWORD Finish(HANDLE process)
{
    DWORD code = 0;

    if (WaitForSingleObject(process, 30000) != WAIT_OBJECT_0)
        return 0xDEAD;
    GetExitCodeProcess(process, &code);
    CloseHandle(process);
    return code;
}

static void Pipes(void)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE in[2], out[2], child;
    char text[256];
    DWORD done, total = 0;

    YES(CreatePipe(&in[0], &in[1], &inherit, 0));
    YES(CreatePipe(&out[0], &out[1], &inherit, 4096));
    SetHandleInformation(in[1], HANDLE_FLAG_INHERIT, 0);
    SetHandleInformation(out[0], HANDLE_FLAG_INHERIT, 0);
    child = Start("upper", in[0], out[1], NULL, NULL);
    CloseHandle(in[0]);
    CloseHandle(out[1]);
    YES(WriteFile(in[1], "through the pipe\n", 17, &done, NULL));
    CloseHandle(in[1]);
    while (total < sizeof(text) - 1 && ReadFile(out[0], text + total, sizeof(text) - 1 - total, &done, NULL) && done)
        total += done;
    SHOW("%lu", GetLastError());
    text[total] = 0;
    SHOW("%s", strtok(text, "\r\n"));
    SHOW("%lu", Finish(child));
    CloseHandle(out[0]);
}

static void Volume(void)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE out[2], child;
    static char buffer[65536];
    DWORD done, total = 0, sum = 0;

    CreatePipe(&out[0], &out[1], &inherit, 0);
    SetHandleInformation(out[0], HANDLE_FLAG_INHERIT, 0);
    child = Start("flood", NULL, out[1], NULL, NULL);
    CloseHandle(out[1]);
    while (ReadFile(out[0], buffer, sizeof(buffer), &done, NULL) && done)
        for (DWORD i = 0; i < done; i++, total++)
            sum = sum * 31 + (unsigned char)buffer[i];
    SHOW("%lu %08lx %lu", total, sum, Finish(child));
    CloseHandle(out[0]);
}

static void Environments(void)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    HANDLE out = CreateFileA("child.out", GENERIC_WRITE, FILE_SHARE_READ, &inherit, CREATE_ALWAYS, 0, NULL);
    char line[256];
    FILE *f;

    SHOW("%lu", Finish(Start("show \"a b\" c\\\"d", NULL, out, "NEW=value\0SystemRoot=C:\\windows\0", "C:\\windows")));
    CloseHandle(out);
    f = fopen("child.out", "r");
    while (fgets(line, sizeof(line), f))
        SHOW("%s", strtok(line, "\n"));
    fclose(f);
    remove("child.out");
}

static void Ends(void)
{
    static const char *const ways[] = { "exit 0", "exit 255", "exit -1", "crash", "abort" };
    HANDLE child;
    DWORD code;

    for (unsigned i = 0; i < sizeof(ways) / sizeof(ways[0]); i++)
        SHOW("%s: %lx", ways[i], Finish(Start(ways[i], NULL, NULL, NULL, NULL)));
    child = Start("sleep", NULL, NULL, NULL, NULL);
    SHOW("%lu", WaitForSingleObject(child, 50));
    GetExitCodeProcess(child, &code);
    SHOW("%lu", code);
    YES(TerminateProcess(child, 77));
    SHOW("%lu", Finish(child));
    SHOW("%d", CreateProcessA(NULL, (char[]){"no-such-program.exe"}, NULL, NULL, FALSE, 0, NULL, NULL,
                              &(STARTUPINFOA){ .cb = sizeof(STARTUPINFOA) }, &(PROCESS_INFORMATION){0}));
    SHOW("%lu", GetLastError());
}

static void Spawned(void)
{
    fflush(stdout);
    SHOW("%d", (int)_spawnl(_P_WAIT, self, "processes", "exit", "9", NULL));
    intptr_t child = _spawnl(_P_NOWAIT, self, "processes", "exit", "10", NULL);
    int status = 0;
    YES(_cwait(&status, child, 0) == child);
    SHOW("%d", status);
}

static void Jobs(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {0};
    HANDLE job = CreateJobObjectA(NULL, NULL), child = Start("sleep", NULL, NULL, NULL, NULL);

    limits.BasicLimitInformation.LimitFlags = JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    YES(SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof(limits)));
    YES(AssignProcessToJobObject(job, child));
    YES(CloseHandle(job));
    SHOW("%lu", WaitForSingleObject(child, 10000));
    CloseHandle(child);
}

static DWORD WINAPI Client(void *name)
{
    char reply[32] = "";
    DWORD done = 0;

    CallNamedPipeA(name, (char[]){"question"}, 8, reply, sizeof(reply), &done, 5000);
    return done == 6 && memcmp(reply, "answer", 6) == 0;
}

static void NamedPipes(void)
{
    static char name[] = "\\\\.\\pipe\\win32-test";
    char text[32] = "";
    DWORD done = 0, code;
    HANDLE pipe = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE | PIPE_WAIT, 2, 512, 512, 0, NULL);
    HANDLE thread = CreateThread(NULL, 0, Client, name, 0, NULL);

    YES(pipe != INVALID_HANDLE_VALUE);
    YES(ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED);
    YES(ReadFile(pipe, text, sizeof(text), &done, NULL));
    SHOW("%lu %s", done, text);
    YES(WriteFile(pipe, "answer", 6, &done, NULL));
    FlushFileBuffers(pipe);
    WaitForSingleObject(thread, 10000);
    GetExitCodeThread(thread, &code);
    SHOW("%lu", code);
    CloseHandle(thread);
    CloseHandle(pipe);
    SHOW("%d", WaitNamedPipeA("\\\\.\\pipe\\no-such-pipe", 1));
    SHOW("%lu", GetLastError());
}

// The classes but REALTIME, which wants a privilege.
static void Classes(void)
{
    static const DWORD classes[] = { IDLE_PRIORITY_CLASS, BELOW_NORMAL_PRIORITY_CLASS, NORMAL_PRIORITY_CLASS, ABOVE_NORMAL_PRIORITY_CLASS,
                                     HIGH_PRIORITY_CLASS };

    SHOW("%lx", GetPriorityClass(GetCurrentProcess()));
    for (unsigned i = 0; i < sizeof(classes) / sizeof(*classes); i++) {
        YES(SetPriorityClass(GetCurrentProcess(), classes[i]));
        SHOW("%lx", GetPriorityClass(GetCurrentProcess()));
        SHOW("%d", GetThreadPriority(GetCurrentThread()));
    }
    SHOW("%d", SetPriorityClass(GetCurrentProcess(), 3));
    SHOW("%lu", GetLastError());
    YES(SetPriorityClass(GetCurrentProcess(), NORMAL_PRIORITY_CLASS));
    SHOW("%lx", GetPriorityClass(NULL));
    SHOW("%lu", GetLastError());
}

static void ThreadPriorities(void)
{
    static const int priorities[] = { THREAD_PRIORITY_IDLE, THREAD_PRIORITY_LOWEST, THREAD_PRIORITY_BELOW_NORMAL, THREAD_PRIORITY_NORMAL,
                                      THREAD_PRIORITY_ABOVE_NORMAL, THREAD_PRIORITY_HIGHEST, THREAD_PRIORITY_TIME_CRITICAL };

    for (unsigned i = 0; i < sizeof(priorities) / sizeof(*priorities); i++) {
        YES(SetThreadPriority(GetCurrentThread(), priorities[i]));
        SHOW("%d", GetThreadPriority(GetCurrentThread()));
    }
    YES(SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_NORMAL));
    SHOW("%d", GetThreadPriority(NULL) == THREAD_PRIORITY_ERROR_RETURN);
    SHOW("%lu", GetLastError());
}

static int Upper(void)
{
    int c;

    while ((c = getchar()) != EOF)
        putchar(c >= 'a' && c <= 'z' ? c - 32 : c);
    return 12;
}

static int Flood(void)
{
    for (int i = 0; i < 60000; i++)
        printf("%d %x\n", i, i * i);
    return 13;
}

static int Show(int argc, char **argv)
{
    char folder[MAX_PATH];

    for (int i = 2; i < argc; i++)
        printf("[%s]\n", argv[i]);
    GetCurrentDirectoryA(sizeof(folder), folder);
    printf("%s\n%s\n", folder, getenv("NEW") ? getenv("NEW") : "-");
    return 14;
}

// A process that starts the next with what it was started with itself: runtime data neither grow nor shrink on the way.
static int Generation(int left)
{
    STARTUPINFOA si;
    PROCESS_INFORMATION pi;
    char line[2 * MAX_PATH];

    GetStartupInfoA(&si);
    printf("%d bytes:", si.cbReserved2);
    for (int i = 0; i < si.cbReserved2; i++)
        printf(" %02x", si.lpReserved2[i]);
    printf("\n");
    fflush(stdout);
    if (left == 0)
        return 0;
    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" generation %d", self, left - 1);
    if (!CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &si, &pi))
        return 1;
    CloseHandle(pi.hThread);
    return (int)Finish(pi.hProcess);
}

static void Generations(void)
{
    static BYTE data[] = { 0, 0, 0, 0, 'd', 'a', 't' };     // no handles for the C runtime, and more
    STARTUPINFOA si = { .cb = sizeof(si), .lpReserved2 = data, .cbReserved2 = sizeof(data) };
    PROCESS_INFORMATION pi;
    char line[2 * MAX_PATH];

    fflush(stdout);
    for (int i = 0; i < 2; i++) {
        si.cbReserved2 = i ? 0 : sizeof(data);
        snprintf(line, sizeof(line), "\"%s\" generation 2", self);
        if (CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &si, &pi)) {
            CloseHandle(pi.hThread);
            SHOW("%lu", Finish(pi.hProcess));
        }
    }
}

// A list names the only handles that a child inherits.
static void Listed(void)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    STARTUPINFOEXA si = { .StartupInfo.cb = sizeof(si) };
    PROCESS_INFORMATION pi;
    HANDLE ends[2][2], list[1];
    SIZE_T size = 0;
    char line[2 * MAX_PATH];
    DWORD bytes;

    for (int i = 0; i < 2; i++)
        CreatePipe(&ends[i][0], &ends[i][1], &inherit, 0);
    list[0] = ends[0][1];
    InitializeProcThreadAttributeList(NULL, 1, 0, &size);
    si.lpAttributeList = malloc(size);
    YES(InitializeProcThreadAttributeList(si.lpAttributeList, 1, 0, &size));
    YES(UpdateProcThreadAttribute(si.lpAttributeList, 0, PROC_THREAD_ATTRIBUTE_HANDLE_LIST, list, sizeof(list), NULL, NULL));
    for (int i = 0; i < 2; i++) {
        snprintf(line, sizeof(line), "\"%s\" give %llu", self, (unsigned long long)(ULONG_PTR)ends[i][1]);
        if (CreateProcessA(NULL, line, NULL, NULL, TRUE, EXTENDED_STARTUPINFO_PRESENT, NULL, NULL, &si.StartupInfo, &pi)) {
            CloseHandle(pi.hThread);
            SHOW("%d given %lu", i, Finish(pi.hProcess));
        }
        bytes = 0;
        PeekNamedPipe(ends[i][0], NULL, 0, NULL, &bytes, NULL);
        SHOW("%d has %lu", i, bytes);
        CloseHandle(ends[i][0]);
        CloseHandle(ends[i][1]);
    }
    DeleteProcThreadAttributeList(si.lpAttributeList);
    free(si.lpAttributeList);
}

// Writes to a handle whose value the parent told, if there is a pipe behind it.
static int Give(const char *handle)
{
    HANDLE pipe = (HANDLE)(ULONG_PTR)strtoull(handle, NULL, 10);
    DWORD done = 0;

    if (pipe == GetStdHandle(STD_OUTPUT_HANDLE) || GetFileType(pipe) != FILE_TYPE_PIPE)
        return 0;
    return WriteFile(pipe, "given", 5, &done, NULL) ? (int)done : 0;
}

static int Child(int argc, char **argv)
{
    if (strcmp(argv[1], "give") == 0)
        return Give(argv[2]);
    if (strcmp(argv[1], "generation") == 0)
        return Generation(atoi(argv[2]));
    if (strcmp(argv[1], "upper") == 0)
        return Upper();
    if (strcmp(argv[1], "flood") == 0)
        return Flood();
    if (strcmp(argv[1], "show") == 0)
        return Show(argc, argv);
    if (strcmp(argv[1], "sleep") == 0)
        Sleep(60000);
    if (strcmp(argv[1], "crash") == 0)
        *(volatile int *)16 = 0;
    if (strcmp(argv[1], "abort") == 0)
        _exit(3);
    return argc > 2 ? atoi(argv[2]) : 0;
}

int main(int argc, char **argv)
{
    if (argc > 1)
        return Child(argc, argv);
    setvbuf(stdout, NULL, _IONBF, 0);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX);
    GetModuleFileNameA(NULL, self, sizeof(self));
    Pipes();
    Volume();
    Environments();
    Ends();
    Spawned();
    Jobs();
    NamedPipes();
    Generations();
    Listed();
    Classes();
    ThreadPriorities();
    return 0;
}
