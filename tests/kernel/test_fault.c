/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 9 of the ABI: faults and their replies. */
#include "tests/kernel/tests.h"

static volatile seL4_Word progress;

static void toucher(seL4_Word address, seL4_Word unused)
{
    *(volatile seL4_Word *)address = 42;
    progress = *(volatile seL4_Word *)address;
    __asm__ volatile("ud2");
    for (;;)
        seL4_Yield();
}

void testFaults(void)
{
    seL4_CPtr endpoint = newObject(seL4_EndpointObject, 0), frame = newObject(seL4_X86_4K, 0);
    seL4_Word vaddr = allocPages(1), badge;
    seL4_MessageInfo_t info;
    thread_t t;

    newThread(&t, toucher, vaddr, 0, 100, endpoint);
    startThread(&t);
    info = seL4_Recv(endpoint, &badge);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, 4).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_Addr), vaddr);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_PrefetchFault), 0);
    CHECK_EQ(seL4_GetMR(seL4_VMFault_FSR), 6);
    CHECK_EQ(seL4_X86_Page_Map(frame, ROOT_VSPACE, vaddr, seL4_ReadWrite, 0), 0);
    info = seL4_ReplyRecv(endpoint, seL4_MessageInfo_new(0, 0, 0, 0), &badge);
    CHECK_EQ(progress, 42);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(seL4_Fault_UserException, 0, 0, 5).words[0]);
    CHECK_EQ(seL4_GetMR(seL4_UserException_Number), 6);
    seL4_TCB_Suspend(t.tcb);
}
