/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What tcb_decode.c hands to tcb.c.
 */
#pragma once

#include "kernel/include/api.h"

enum { thread_control_space = 1, thread_control_buffer = 2 };

typedef struct thread_control {
    tcb_t *target;
    cte_t *slot; /* of the thread capability */
    word_t update;
    cptr_t faultHandler;
    cap_t cspace;
    cte_t *cspaceSlot;
    cap_t vspace;
    cte_t *vspaceSlot;
    word_t bufferAddress;
    cap_t buffer;
    cte_t *bufferSlot; /* NULL: no buffer */
} thread_control_t;

exception_t invokeThreadControl(const thread_control_t *control);
exception_t invokeReadRegisters(tcb_t *src, bool_t suspendSource, word_t n, bool_t isCall);
exception_t invokeWriteRegisters(tcb_t *dest, bool_t resumeTarget, word_t n, const word_t *buffer);
exception_t invokeCopyRegisters(tcb_t *dest, tcb_t *src, word_t flags);
exception_t invokeSetFlags(tcb_t *thread, word_t clear, word_t set, bool_t isCall);
exception_t invokeSetTLSBase(tcb_t *thread, word_t base);
