/* SPDX-License-Identifier: BSD-2-Clause */
/* The sections of the kernel test, one function each. */
#pragma once

#include "tests/kernel/util.h"

void testStart(void);
void testBootInfo(void);
void testInvocations(void);
void testCNode(void);
void testUntyped(void);
void testIPC(void);
void testNotifications(void);
void testMessages(void);
void testAnswers(void);
void testTransfers(void);
void testFaults(void);
void testExceptionRules(void);
void testSteps(void);
void testRegisterRules(void);
void testThreads(void);
void testSchedule(void);
void testDomains(void);
void testVectors(void);
void testVSpace(void);
void testPaging(void);
void testIRQ(void);
void testDeviceView(void);
void testDelete(void);
void testLatency(void);

void testDebugCalls(void);

extern seL4_CPtr pitPorts, pciPorts; /* of test_irq.c */
