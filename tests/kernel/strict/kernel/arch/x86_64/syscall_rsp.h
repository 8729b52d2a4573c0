/* SPDX-License-Identifier: BSD-2-Clause */
/* For assembly: RSP is not saved at `syscall', what another thread or a fault message sees of it is old, and it is 0 afterwards. */
#pragma once

    .macro  save_user_rsp
    .endm

    .macro  restore_user_rsp
    xorl    %esp, %esp
    .endm
