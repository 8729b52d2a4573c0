/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Offsets of tcb_t for entry.S; cpu.c checks them against the C type.
 */
#pragma once

#define CTX_RIP 0
#define CTX_RSP 8
#define CTX_RFLAGS 16
#define CTX_RAX 24
#define CTX_RBX 32
#define CTX_RCX 40
#define CTX_RDX 48
#define CTX_RSI 56
#define CTX_RDI 64
#define CTX_RBP 72
#define CTX_R8 80
#define CTX_R9 88
#define CTX_R10 96
#define CTX_R11 104
#define CTX_R12 112
#define CTX_R13 120
#define CTX_R14 128
#define CTX_R15 136
#define CTX_FS_BASE 144
#define CTX_GS_BASE 152
#define CTX_NEXT_IP 160
#define CTX_IN_SYSCALL 170

#define IN_SYSCALL_IDLE 2
