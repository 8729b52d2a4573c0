/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * C entries of entry.S.
 */
#pragma once

#include "kernel/include/types.h"

void c_handle_interrupt(word_t vector, word_t errorCode);
void c_handle_kernel_interrupt(word_t vector, word_t errorCode, word_t ip);

/* In entry.S: lets in one interrupt that waits and returns its vector, or 0. */
word_t takeInterrupt(void);
