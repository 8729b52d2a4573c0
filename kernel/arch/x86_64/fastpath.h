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

/* fastpath.c: rdi capability, rsi message info, rdx number.  All registers are saved in the context of thread. */
FASTPATH NORETURN void fastpath_call(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                     word_t number, word_t rcx, word_t mr1, word_t mr2);
FASTPATH NORETURN void fastpath_reply_recv(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                           word_t number, word_t rcx, word_t mr1, word_t mr2);
FASTPATH NORETURN void fastpath_send(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                     word_t number, word_t rcx, word_t mr1, word_t mr2);
FASTPATH NORETURN void fastpath_recv(tcb_t *thread, word_t r13, word_t r14, word_t mr3, cptr_t cptr, word_t info,
                                     word_t number, word_t rcx, word_t mr1, word_t mr2);

/* To entry.S: the general way. */
static inline NORETURN void syscallSlowpath(tcb_t *thread)
{
    register tcb_t *r12 __asm__("r12") = thread;

    __asm__ volatile("jmp syscall_slowpath" : : "r"(r12) : "memory");
    __builtin_unreachable();
}

/* The same for a Call whose capability has been found already. */
static inline NORETURN void callSlowpath(cte_t *slot)
{
    __asm__ volatile("jmp call_slowpath" : : "D"(slot) : "memory");
    __builtin_unreachable();
}

/* For a Send. */
static inline NORETURN void sendSlowpath(cte_t *slot)
{
    __asm__ volatile("jmp send_slowpath" : : "D"(slot) : "memory");
    __builtin_unreachable();
}

/* For a Recv. */
static inline NORETURN void recvSlowpath(cte_t *slot)
{
    __asm__ volatile("jmp recv_slowpath" : : "D"(slot) : "memory");
    __builtin_unreachable();
}

/* To user mode: badge and info are the message's, the other registers come from the context. */
static inline NORETURN void restoreSyscall(tcb_t *thread, word_t badge, word_t info)
{
    register tcb_t *r12 __asm__("r12") = thread;

    __asm__ volatile("jmp restore_syscall" : : "r"(r12), "D"(badge), "S"(info) : "memory");
    __builtin_unreachable();
}

/* The same with the message in its registers instead of the context's. */
static inline NORETURN void restoreMessage(tcb_t *thread, word_t badge, word_t info, word_t mr0, word_t mr1, word_t mr2,
                                           word_t mr3)
{
    register tcb_t *r12 __asm__("r12") = thread;
    register word_t r8 __asm__("r8") = mr1;
    register word_t r9 __asm__("r9") = mr2;
    register word_t r10 __asm__("r10") = mr0;
    register word_t r15 __asm__("r15") = mr3;

    __asm__ volatile("jmp restore_message"
                     : : "r"(r12), "D"(badge), "S"(info), "r"(r8), "r"(r9), "r"(r10), "r"(r15) : "memory");
    __builtin_unreachable();
}

/* To ksCurThread, whatever its last entry was. */
static inline NORETURN void restoreUserContext(void)
{
    __asm__ volatile("jmp restore_user_context" : : : "memory");
    __builtin_unreachable();
}
