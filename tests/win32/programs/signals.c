// SPDX-License-Identifier: BSD-2-Clause
// Exceptions and signals: vectored handlers, guard pages, filters; an argument ends the process in one of the ways to die.
#include <windows.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "check.h"

static volatile LONG seen;
static void *volatile where;

static LONG CALLBACK Repair(EXCEPTION_POINTERS *info)
{
    DWORD old, code = info->ExceptionRecord->ExceptionCode;

    seen++;
    if (code == EXCEPTION_ACCESS_VIOLATION && info->ExceptionRecord->ExceptionInformation[1] == (ULONG_PTR)where)
        return VirtualProtect(where, 1, PAGE_READWRITE, &old) ? EXCEPTION_CONTINUE_EXECUTION : EXCEPTION_CONTINUE_SEARCH;
    if (code == 0xE0000001 || code == EXCEPTION_BREAKPOINT) {
        info->ContextRecord->Rip += code == EXCEPTION_BREAKPOINT;
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    return EXCEPTION_CONTINUE_SEARCH;
}

static void Vectored(void)
{
    void *handler = AddVectoredExceptionHandler(1, Repair);
    char *page = VirtualAlloc(NULL, 4096, MEM_COMMIT | MEM_RESERVE, PAGE_READONLY);

    where = page + 100;
    *(volatile char *)where = 5;
    SHOW("%ld %d", seen, page[100]);
    RaiseException(0xE0000001, 0, 0, NULL);
    SHOW("%ld", seen);
    __asm__ volatile("int3");
    SHOW("%ld", seen);
    YES(RemoveVectoredExceptionHandler(handler));
    YES(VirtualFree(page, 0, MEM_RELEASE));
}

static void Regions(void)
{
    MEMORY_BASIC_INFORMATION info;
    char *base = VirtualAlloc(NULL, 1 << 20, MEM_RESERVE, PAGE_NOACCESS);

    YES(VirtualAlloc(base + 8192, 100, MEM_COMMIT, PAGE_EXECUTE_READWRITE) == base + 8192);
    VirtualQuery(base + 8192, &info, sizeof(info));
    SHOW("%lx %lx %llx", info.State, info.Protect, (long long)info.RegionSize);
    VirtualQuery(base + 16384, &info, sizeof(info));
    SHOW("%lx %llx", info.State, (long long)info.RegionSize);
    memcpy(base + 8192, "\xb8\x2a\0\0\0\xc3", 6);
    FlushInstructionCache(GetCurrentProcess(), base + 8192, 6);
    SHOW("%d", ((int (*)(void))(void *)(base + 8192))());
    YES(VirtualFree(base + 8192, 4096, MEM_DECOMMIT));
    YES(VirtualFree(base, 0, MEM_RELEASE));
    SHOW("%d", VirtualFree(base, 0, MEM_RELEASE));
    SHOW("%lu", GetLastError());
    YES(IsBadReadPtr(base, 1));
}

static void OnSignal(int number)
{
    SHOW("%d", number);
    seen = 100;
}

static void Signals(void)
{
    signal(SIGTERM, OnSignal);
    SHOW("%d", raise(SIGTERM));
    SHOW("%ld", seen);
    SHOW("%d", signal(SIGTERM, SIG_IGN) == SIG_DFL);
    SHOW("%d", raise(SIGTERM));
}

static LONG WINAPI Last(EXCEPTION_POINTERS *info)
{
    SHOW("%lx", info->ExceptionRecord->ExceptionCode);
    fflush(stdout);
    ExitProcess(33);
}

static void AtExit(void)
{
    puts("at exit");
}

__attribute__((noinline)) static int Recurse(volatile char *p)
{
    volatile char space[1000];

    space[0] = *p;
    return Recurse(space) + space[0];
}

static void Die(const char *how)
{
    volatile int zero = 0;

    SetUnhandledExceptionFilter(Last);
    if (strcmp(how, "null") == 0)
        *(volatile int *)8 = 1;
    else if (strcmp(how, "divide") == 0)
        zero = 1 / zero;
    else if (strcmp(how, "stack") == 0)
        Recurse((volatile char *)how);
    else if (strcmp(how, "ud2") == 0)
        __asm__ volatile("ud2");
    else if (strcmp(how, "raise") == 0)
        RaiseException(0xE1234567, EXCEPTION_NONCONTINUABLE, 0, NULL);
    else if (strcmp(how, "abort") == 0)
        abort();
    else if (strcmp(how, "exit") == 0)
        exit(44);
    else if (strcmp(how, "_exit") == 0)
        _exit(45);
    else if (strcmp(how, "thread") == 0)
        ExitThread(46);
    else if (strcmp(how, "terminate") == 0)
        TerminateProcess(GetCurrentProcess(), 47);
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    atexit(AtExit);
    if (argc > 1)
        Die(argv[1]);
    Vectored();
    Regions();
    Signals();
    return 0;
}
