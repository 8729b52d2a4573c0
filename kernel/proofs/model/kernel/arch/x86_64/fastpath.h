/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ways out of fastpath.c, for the proofs.  They end the function, and leave in the context of the thread that runs then what its user
 * code finds in the registers; entry.S does the same.
 */
#pragma once

#include "kernel/include/tcb.h"

#undef NORETURN
#define NORETURN
#define FASTPATH

extern bool_t modelSlowPath;   /* the fast path was not taken */
extern const tcb_t *modelUser; /* else who runs */

/* sysret: RCX and R11 carry address and flags. */
static inline void modelSysret(tcb_t *thread)
{
    thread->registers[RegRCX] = thread->nextIP;
    thread->registers[RegR11] = thread->registers[RegFLAGS];
    modelUser = thread;
}

/* restore_user_context */
static inline void modelRestoreUserContext(tcb_t *thread)
{
    if (thread->inSyscall == 1) {
        modelSysret(thread);
        return;
    }
    thread->inSyscall = 1;
    modelUser = thread;
}

static inline void modelRestoreSyscall(tcb_t *thread, word_t badge, word_t info)
{
    thread->registers[RegRDI] = badge;
    thread->registers[RegRSI] = info;
    modelSysret(thread);
}

static inline void modelRestoreMessage(tcb_t *thread, word_t badge, word_t info, word_t mr0, word_t mr1, word_t mr2, word_t mr3)
{
    thread->registers[RegR10] = mr0;
    thread->registers[RegR8] = mr1;
    thread->registers[RegR9] = mr2;
    thread->registers[RegR15] = mr3;
    modelRestoreSyscall(thread, badge, info);
}

static inline void modelSlow(const void *rest)
{
    (void)rest;
    modelSlowPath = true;
}

#define AND_LEAVE(statement) do { statement; return; } while (0)
#define syscallSlowpath(thread) AND_LEAVE(modelSlow(thread))
#define callSlowpath(slot) AND_LEAVE(modelSlow(slot))
#define sendSlowpath(slot) AND_LEAVE(modelSlow(slot))
#define recvSlowpath(slot) AND_LEAVE(modelSlow(slot))
#define restoreSyscall(...) AND_LEAVE(modelRestoreSyscall(__VA_ARGS__))
#define restoreMessage(...) AND_LEAVE(modelRestoreMessage(__VA_ARGS__))
#define restoreUserContext() AND_LEAVE(modelRestoreUserContext(ksCurThread))
