/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug system calls.  The build picks debug_on.c or debug_off.c.
 */
#pragma once

#include "kernel/include/types.h"

/* False if the number is no debug call of this kernel. */
bool_t handleDebugSyscall(word_t number);
