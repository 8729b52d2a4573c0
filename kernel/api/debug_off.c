/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Release kernels have no debug system calls: their numbers raise UnknownSyscall faults.
 */
#include "kernel/include/debug.h"

bool_t handleDebugSyscall(word_t number)
{
    return false;
}
