/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Build variables.  What may be set from outside (make KERNEL_CONFIG='-DCONFIG_NUM_DOMAINS=16') is guarded,
 * the rest is the base configuration of the ABI.
 */
#pragma once

#ifndef CONFIG_NUM_DOMAINS
#define CONFIG_NUM_DOMAINS 1
#endif

#ifndef CONFIG_ROOT_CNODE_SIZE_BITS
#define CONFIG_ROOT_CNODE_SIZE_BITS 13
#endif

/* 1: user code uses wrfsbase/wrgsbase; 0: CR4.FSGSBASE stays clear and user code uses SetTLSBase. */
#ifndef CONFIG_FSGSBASE_INST
#define CONFIG_FSGSBASE_INST 1
#endif

/* 1: XSAVE with AVX state; threads are twice as large then: -DCONFIG_XSAVE=1 -DseL4_TCBBits=12.  0: FXSAVE. */
#ifndef CONFIG_XSAVE
#define CONFIG_XSAVE 0
#endif
#define CONFIG_VECTOR_STATE_BYTES (CONFIG_XSAVE ? 832 : 512)

/* 0 sends every system call through the slow path, to compare the two. */
#ifndef CONFIG_FASTPATH
#define CONFIG_FASTPATH 1
#endif

#ifdef DBG
#define CONFIG_DEBUG 1
#else
#define CONFIG_DEBUG 0
#endif

#define CONFIG_NUM_PRIORITIES 256
#define CONFIG_NUM_DOMAIN_SCHEDULES (CONFIG_NUM_DOMAINS == 1 ? 2 : 100)
#define CONFIG_TIME_SLICE 5
#define CONFIG_TIMER_TICK_MS 2
#define CONFIG_RETYPE_FAN_OUT_LIMIT 256
/* Upstream's promise is 100; fewer, so that 10,000 instructions suffice for any of them. */
#define CONFIG_MAX_WORK_UNITS 24
#define CONFIG_MAX_PUT_OFF 8
#define CONFIG_MAX_NUM_IOAPIC 1
#define CONFIG_KERNEL_STACK_BITS 12
