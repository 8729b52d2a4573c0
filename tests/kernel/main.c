/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel test root task: every section of the ABI in turn.  Ends with "N passed, N failed".
 */
#include "tests/kernel/tests.h"

void run(void);

void run(void)
{
    static const struct {
        const char *name;
        void (*run)(void);
    } sections[] = {
        {"start", testStart},
        {"bootinfo", testBootInfo},
        {"invocation", testInvocations},
        {"cnode", testCNode},
        {"untyped", testUntyped},
        {"ipc", testIPC},
        {"notification", testNotifications},
        {"message", testMessages},
        {"answer", testAnswers},
        {"transfer", testTransfers},
        {"fault", testFaults},
        {"exception", testExceptionRules},
        {"step", testSteps},
        {"registers", testRegisterRules},
        {"thread", testThreads},
        {"schedule", testSchedule},
        {"domain", testDomains},
        {"vectors", testVectors},
        {"vspace", testVSpace},
        {"paging", testPaging},
        {"irq", testIRQ},
        {"device", testDeviceView},
        {"delete", testDelete},
        {"latency", testLatency},
        {"debug", testDebugCalls},
    };
    seL4_Word i;

    for (i = 0; i < sizeof(sections) / sizeof(sections[0]); i++) {
        seL4_Word before = checksPassed;

        sections[i].run();
        MARK(4);
        putString(sections[i].name);
        putString(": ");
        putNumber(checksPassed - before);
        putString("\n");
    }
}
