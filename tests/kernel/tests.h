/* SPDX-License-Identifier: BSD-2-Clause */
/* The sections of the kernel test, one function each. */
#pragma once

#include "tests/kernel/util.h"

void testBootInfo(void);
void testCNode(void);
void testUntyped(void);
void testIPC(void);
void testNotifications(void);
void testFaults(void);
void testThreads(void);
void testVSpace(void);
void testIRQ(void);
void testDelete(void);
void testLatency(void);

extern seL4_CPtr pitPorts; /* of test_irq.c */
