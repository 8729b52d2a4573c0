/* SPDX-License-Identifier: BSD-2-Clause */
/* Section 3 of the ABI: endpoints and notifications. */
#include "tests/kernel/tests.h"

static seL4_CPtr endpoint, notification;
static volatile seL4_Word seen[8];

static void client(seL4_Word cap, seL4_Word n)
{
    message_t m = {.info = seL4_MessageInfo_new(7, 0, 0, 4).words[0], .mr = {n, n + 1, n + 2, n + 3}};

    rawCall((seL4_Word)seL4_SysCall, cap, &m);
    seen[0] = m.badge;
    seen[1] = m.info;
    seen[2] = m.mr[0];
    seen[3] = m.mr[1];
    seL4_Signal(notification);
    for (;;)
        seL4_Wait(notification + 1, NULL);
}

static void testCallReply(void)
{
    seL4_CPtr badged = allocSlots(1);
    seL4_MessageInfo_t info;
    seL4_Word badge, mr[4];
    thread_t t;

    CHECK_EQ(seL4_CNode_Mint(ROOT_CNODE, badged, 64, ROOT_CNODE, endpoint, 64, seL4_AllRights, 0xabcd), 0);
    newThread(&t, client, badged, 100, 200, 0);
    startThread(&t);
    info = seL4_RecvWithMRs(endpoint, &badge, &mr[0], &mr[1], &mr[2], &mr[3]);
    CHECK_EQ(badge, 0xabcd);
    CHECK_EQ(info.words[0], seL4_MessageInfo_new(7, 0, 0, 4).words[0]);
    CHECK_EQ(mr[0], 100);
    CHECK_EQ(mr[1], 101);
    CHECK_EQ(mr[2], 102);
    CHECK_EQ(mr[3], 103);
    seL4_SetMR(0, 55);
    seL4_SetMR(1, 66);
    seL4_Reply(seL4_MessageInfo_new(9, 0, 0, 1));
    seL4_Wait(notification, &badge);
    CHECK_EQ(badge, 0);
    CHECK_EQ(seen[0], 0);
    CHECK_EQ(seen[1], seL4_MessageInfo_new(9, 0, 0, 1).words[0]);
    CHECK_EQ(seen[2], 55);
    CHECK_EQ(seen[3], 101);
}

void testIPC(void)
{
    seL4_CPtr pair = allocSlots(2);

    endpoint = newObject(seL4_EndpointObject, 0);
    seL4_CNode_Move(ROOT_CNODE, pair, 64, ROOT_CNODE, newObject(seL4_NotificationObject, 0), 64);
    seL4_CNode_Move(ROOT_CNODE, pair + 1, 64, ROOT_CNODE, newObject(seL4_NotificationObject, 0), 64);
    notification = pair;
    testCallReply();
}
