/* SPDX-License-Identifier: BSD-2-Clause */
/* The sections of the kernel test, one function each. */
#pragma once

#include "tests/kernel/util.h"

void testBootInfo(void);
void testIPC(void);
void testFaults(void);
