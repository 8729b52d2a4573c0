/* SPDX-License-Identifier: BSD-2-Clause */
/* For assembly: RSP is preserved over `syscall'.  (The ABI does not promise it: see include/extensions.h.) */
#pragma once

    /* thread in RSP, RCX is free */
    .macro  save_user_rsp
    movq    ksUserRSP, %rcx
    movq    %rcx, CTX_RSP(%rsp)
    .endm

    /* thread in R12 */
    .macro  restore_user_rsp
    movq    CTX_RSP(%r12), %rsp
    .endm
