/* SPDX-License-Identifier: BSD-2-Clause */
/* CNode invocations and capability lookup. */
#include "tests/kernel/tests.h"

static seL4_CPtr ep, a, b, c;

static seL4_Error copy(seL4_CPtr to, seL4_CPtr from)
{
    return seL4_CNode_Copy(ROOT_CNODE, to, 64, ROOT_CNODE, from, 64, seL4_AllRights);
}

static seL4_Error mint(seL4_CPtr to, seL4_CPtr from, seL4_Word badge)
{
    return seL4_CNode_Mint(ROOT_CNODE, to, 64, ROOT_CNODE, from, 64, seL4_AllRights, badge);
}

static seL4_Error delete(seL4_CPtr slot)
{
    return seL4_CNode_Delete(ROOT_CNODE, slot, 64);
}

/* A slot is empty exactly if something can be moved in; finds out by copying onto it and deleting. */
static bool isEmpty(seL4_CPtr slot)
{
    seL4_Error error = copy(slot, seL4_CapInitThreadTCB);

    if (error == seL4_NoError)
        delete(slot);
    return error == seL4_NoError;
}

static void testCopyMove(void)
{
    CHECK_EQ(copy(a, ep), 0);
    CHECK_EQ(copy(a, ep), seL4_DeleteFirst);
    CHECK_EQ(copy(c, b), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_GetMR(1), seL4_MissingCapability);
    CHECK_EQ(seL4_GetMR(2), 64);
    CHECK_EQ(seL4_CNode_Move(ROOT_CNODE, b, 64, ROOT_CNODE, a, 64), 0);
    CHECK(isEmpty(a));
    CHECK(!isEmpty(b));
    CHECK_EQ(copy(c, seL4_CapIRQControl), seL4_IllegalOperation);
    CHECK_EQ(copy(c, seL4_CapIOPortControl), seL4_IllegalOperation);
    CHECK_EQ(copy(c, seL4_CapASIDControl), 0);
    CHECK_EQ(delete(c), 0);
    CHECK_EQ(delete(c), 0);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 0, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_RangeError);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 65, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_RangeError);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 64, ROOT_CNODE, ep, 10, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_GetMR(1), seL4_GuardMismatch);
    CHECK_EQ(seL4_GetMR(2), 10);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 64, ep, ep, 64, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(1), seL4_InvalidRoot);
    CHECK_EQ(delete(b), 0);
    CHECK_EQ(seL4_Invoke(ROOT_CNODE, TCBSuspend, 0, 2, a, 64, 0, 0, NULL), seL4_IllegalOperation);
    CHECK_EQ(seL4_Invoke(ROOT_CNODE, CNodeDelete, 0, 1, a, 64, 0, 0, NULL), seL4_TruncatedMessage);
    CHECK_EQ(seL4_Invoke(ROOT_CNODE, CNodeCopy, 0, 5, a, 64, ep, 64, NULL), seL4_TruncatedMessage);
}

static void testBadges(void)
{
    seL4_CPtr ntfn = newObject(seL4_NotificationObject, 0);
    seL4_Word badge;

    CHECK_EQ(mint(a, ep, 7), 0);
    CHECK_EQ(mint(b, a, 8), seL4_IllegalOperation);
    CHECK_EQ(mint(b, a, 0), seL4_IllegalOperation);
    CHECK_EQ(copy(b, a), 0);
    CHECK_EQ(seL4_CNode_Mutate(ROOT_CNODE, c, 64, ROOT_CNODE, ep, 64, 9), seL4_IllegalOperation);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, a, 64), 0);
    CHECK(isEmpty(b));
    CHECK_EQ(copy(b, ep), 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ep, 64), 0);
    CHECK(isEmpty(a));
    CHECK(isEmpty(b));
    CHECK_EQ(mint(a, ntfn, 0x8000000000000001ull), 0);
    seL4_Signal(a);
    seL4_Wait(ntfn, &badge);
    CHECK_EQ(badge, 0x8000000000000001ull);
    CHECK_EQ(delete(a), 0);
}

static void testRights(void)
{
    seL4_CPtr ntfn = newObject(seL4_NotificationObject, 0);

    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, a, 64, ROOT_CNODE, ntfn, 64, seL4_CanRead), 0);
    CHECK_EQ(seL4_Invoke(a, 0, 0, 0, 0, 0, 0, 0, NULL), seL4_InvalidCapability);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, b, 64, ROOT_CNODE, ep, 64, seL4_CanRead), 0);
    CHECK_EQ(seL4_Invoke(b, 0, 0, 0, 0, 0, 0, 0, NULL), seL4_InvalidCapability);
    CHECK_EQ(seL4_Invoke(c, 0, 0, 0, 0, 0, 0, 0, NULL), seL4_InvalidCapability);
    CHECK_EQ(seL4_CNode_CancelBadgedSends(ROOT_CNODE, b, 64), seL4_IllegalOperation);
    CHECK_EQ(seL4_CNode_CancelBadgedSends(ROOT_CNODE, ep, 64), 0);
    delete(a);
    delete(b);
}

static void testRotate(void)
{
    CHECK_EQ(mint(a, ep, 1), 0);
    CHECK_EQ(mint(b, ep, 2), 0);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, a, 64, 0, ROOT_CNODE, a, 64, 0, ROOT_CNODE, b, 64), seL4_IllegalOperation);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, c, 64, 0, ROOT_CNODE, a, 64, 0, ROOT_CNODE, b, 64), seL4_IllegalOperation);
    delete(a);
    delete(b);
    CHECK_EQ(copy(a, seL4_CapInitThreadTCB), 0);
    CHECK_EQ(copy(b, ROOT_CNODE), 0);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, c, 64, 0, ROOT_CNODE, a, 64, 51, ROOT_CNODE, b, 64), 0);
    CHECK(isEmpty(b));
    CHECK_EQ(seL4_Invoke(c, TCBUnbindNotification, 0, 0, 0, 0, 0, 0, NULL), seL4_IllegalOperation);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, a, 64, 0, ROOT_CNODE, c, 64, 51, ROOT_CNODE, a, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(c, b, 64), 0);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, b, 64, 0, ROOT_CNODE, a, 64, 0, ROOT_CNODE, ep, 64), seL4_IllegalOperation);
    delete(a);
    delete(c);
}

/* A CNode of its own below the root: guards, depths, nested addresses. */
static void testNested(void)
{
    seL4_CPtr small = newObject(seL4_CapTableObject, 4), guarded = allocSlots(1);
    seL4_Word guard = seL4_CNode_CapData_new(0x5, 8).words[0];

    CHECK_EQ(seL4_CNode_Copy(small, 3, 4, ROOT_CNODE, ep, 64, seL4_AllRights), 0);
    CHECK_EQ(seL4_CNode_Copy(small, 3, 5, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(0), 0);
    CHECK_EQ(seL4_GetMR(1), seL4_DepthMismatch);
    CHECK_EQ(seL4_GetMR(2), 1);
    CHECK_EQ(seL4_CNode_Copy(small, 3, 3, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(1), seL4_DepthMismatch);
    CHECK_EQ(seL4_GetMR(2), 3);
    CHECK_EQ(seL4_GetMR(3), 4);
    CHECK_EQ(mint(guarded, small, guard), 0);
    CHECK_EQ(seL4_CNode_Copy(guarded, 0x64, 12, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(1), seL4_GuardMismatch);
    CHECK_EQ(seL4_GetMR(2), 12);
    CHECK_EQ(seL4_GetMR(3), 5);
    CHECK_EQ(seL4_GetMR(4), 8);
    CHECK_EQ(seL4_CNode_Copy(guarded, 0x5 << 4 | 4, 12, ROOT_CNODE, ep, 64, seL4_AllRights), 0);
    CHECK_EQ(mint(a, small, seL4_CNode_CapData_new(0, 61).words[0]), seL4_IllegalOperation);
    CHECK_EQ(mint(a, small, seL4_CNode_CapData_new(0, 60).words[0]), 0);
    CHECK_EQ(seL4_CNode_Delete(a, 4, 64), 0);
    delete(a);
    CHECK_EQ(delete(guarded), 0);
    CHECK_EQ(delete(small), 0);
    CHECK(isEmpty(small));
}

void testCNode(void)
{
    ep = newObject(seL4_EndpointObject, 0);
    a = allocSlots(3);
    b = a + 1;
    c = a + 2;
    testCopyMove();
    testBadges();
    testRights();
    testRotate();
    testNested();
}
