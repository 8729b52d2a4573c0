/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The register contract between entry.S and fastpath.c.
 *
 * preserve_none: a function owns every register, and its arguments are r12 r13 r14 r15 rdi rsi rdx rcx r8 r9.  So the
 * user's message is where the system call left it: r15, r8, r9 are MR3, MR1, MR2, rdi and rsi capability and info.
 */
#pragma once

#include "kernel/include/tcb.h"

#define FASTPATH __attribute__((preserve_none))

typedef FASTPATH void fastpath_fn(tcb_t *thread, word_t r13, word_t r14, word_t mr3, word_t rdi, word_t rsi, word_t rdx,
                                  word_t rcx, word_t mr1, word_t mr2);

/* fastpath.c: rdi capability, rsi message info, rdx number. */
fastpath_fn fastpath_call, fastpath_reply_recv;

/* entry.S: the general way; needs the thread only, all registers are saved. */
fastpath_fn syscall_slowpath;

/* entry.S: to user mode; rdi badge, rsi info, all other registers come from the context. */
fastpath_fn restore_syscall;

/* entry.S: to ksCurThread, whatever its last entry was; needs no argument. */
fastpath_fn restore_user_context;
