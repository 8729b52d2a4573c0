/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The debug system calls -9..-14 of debug kernels.  What DebugPutChar writes goes to the debug port, the rest to the console.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"
#include "kernel/include/debug.h"

static void dumpQueue(word_t queue)
{
    const tcb_t *thread;

    for (thread = ksReadyQueues[queue].head; thread != NULL; thread = thread->tcbSchedNext) {
        consolePutString("ready: thread ");
        consolePutHex((word_t)thread);
        consolePutString(" priority ");
        consolePutNumber(thread->tcbPriority);
        consolePutString(" ip ");
        consolePutHex(thread->nextIP);
        consolePutString("\n");
    }
}

static void dumpScheduler(void)
{
    word_t i;

    for (i = 0; i < NUM_READY_QUEUES; i++)
        dumpQueue(i);
}

static void nameThread(tcb_t *caller)
{
    const char *buffer = (const char *)lookupIPCBuffer(false, caller);
    cap_t cap;
    word_t i;

    lookupCap(caller, getRegister(caller, capRegister), &cap);
    if (buffer == NULL || !cap_is(cap, cap_thread_cap))
        return;
    consolePutString("thread ");
    consolePutHex(cap_get_capPtr(cap));
    consolePutString(" is ");
    for (i = 8; i < 8 * (seL4_MsgMaxLength + 1) && buffer[i] != '\0'; i++)
        consolePutChar(buffer[i]);
    consolePutString("\n");
}

bool_t handleDebugSyscall(word_t number)
{
    tcb_t *thread = ksCurThread;
    word_t argument = getRegister(thread, capRegister);
    cap_t cap;

    switch ((int64_t)number) {
    case seL4_SysDebugPutChar:
        debugPutChar((char)argument);
        return true;
    case seL4_SysDebugDumpScheduler:
        dumpScheduler();
        return true;
    case seL4_SysDebugHalt:
        consolePutString("halted by DebugHalt\n");
        halt();
    case seL4_SysDebugCapIdentify:
        lookupCap(thread, argument, &cap);
        setRegister(thread, capRegister, cap_get_capType(cap));
        return true;
    case seL4_SysDebugSnapshot:
        return true;
    case seL4_SysDebugNameThread:
        nameThread(thread);
        return true;
    default:
        return false;
    }
}
