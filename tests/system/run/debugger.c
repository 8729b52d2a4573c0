/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A debugger of the Win32 interface for the runner's test: starts itself as a child, and steps that through five instructions behind its
 * breakpoint.  Prints `exit CODE, N breakpoints, N steps'.
 */
#include <stdio.h>
#include <windows.h>

#define TRAP_FLAG 0x100
#define STEPS 5
#define CHILD_STATUS 42

static int breakpoints, steps;

static int child(void)
{
    __asm__ volatile("int3\n nop\n nop\n nop\n nop\n nop\n nop");
    return CHILD_STATUS;
}

static void set_trap_flag(HANDLE thread)
{
    CONTEXT context = { .ContextFlags = CONTEXT_CONTROL };

    if (!GetThreadContext(thread, &context))
        return;
    context.EFlags |= TRAP_FLAG;
    SetThreadContext(thread, &context);
}

/* The first breakpoint is the loader's, the second the child's own. */
static DWORD on_exception(const EXCEPTION_DEBUG_INFO *exception, HANDLE thread)
{
    switch (exception->ExceptionRecord.ExceptionCode) {
    case EXCEPTION_BREAKPOINT:
        if (++breakpoints == 2)
            set_trap_flag(thread);
        return DBG_CONTINUE;
    case EXCEPTION_SINGLE_STEP:
        if (++steps < STEPS)
            set_trap_flag(thread);
        return DBG_CONTINUE;
    default:
        return DBG_EXCEPTION_NOT_HANDLED;
    }
}

int main(int argc, char **argv)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char path[MAX_PATH], line[MAX_PATH + 10];
    PROCESS_INFORMATION process;
    DEBUG_EVENT event;

    if (argc > 1)
        return child();
    GetModuleFileNameA(NULL, path, sizeof(path));
    snprintf(line, sizeof(line), "\"%s\" child", path);
    if (!CreateProcessA(path, line, NULL, NULL, FALSE, DEBUG_ONLY_THIS_PROCESS, NULL, NULL, &startup, &process))
        return 1;
    while (WaitForDebugEvent(&event, 20000)) {
        DWORD answer = DBG_CONTINUE;

        if (event.dwDebugEventCode == EXCEPTION_DEBUG_EVENT)
            answer = on_exception(&event.u.Exception, process.hThread);
        if (event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT) {
            printf("exit %lu, %d breakpoints, %d steps\n", event.u.ExitProcess.dwExitCode, breakpoints, steps);
            return 0;
        }
        ContinueDebugEvent(event.dwProcessId, event.dwThreadId, answer);
    }
    return 2;
}
