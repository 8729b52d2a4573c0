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

static void testCopyMove(void)
{
    CHECK_EQ(copy(a, ep), 0);
    CHECK_EQ(copy(a, ep), seL4_DeleteFirst);
    CHECK_EQ(copy(c, b), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_GetMR(1), seL4_MissingCapability);
    CHECK_EQ(seL4_GetMR(2), 64);
    CHECK_EQ(seL4_CNode_Move(ROOT_CNODE, b, 64, ROOT_CNODE, a, 64), 0);
    CHECK(isEmptySlot(a));
    CHECK(!isEmptySlot(b));
    CHECK_EQ(copy(c, seL4_CapIRQControl), seL4_IllegalOperation);
    CHECK_EQ(copy(c, seL4_CapIOPortControl), seL4_IllegalOperation);
    CHECK_EQ(copy(c, seL4_CapASIDControl), 0);
    CHECK_EQ(deleteCap(c), 0);
    CHECK_EQ(deleteCap(c), 0);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 0, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_RangeError);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 65, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_RangeError);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 64, ROOT_CNODE, ep, 10, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(0), 1);
    CHECK_EQ(seL4_GetMR(1), seL4_GuardMismatch);
    CHECK_EQ(seL4_GetMR(2), 10);
    CHECK_EQ(seL4_CNode_Copy(ROOT_CNODE, c, 64, ep, ep, 64, seL4_AllRights), seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(1), seL4_InvalidRoot);
    CHECK_EQ(deleteCap(b), 0);
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
    CHECK(isEmptySlot(b));
    CHECK_EQ(copy(b, ep), 0);
    CHECK_EQ(seL4_CNode_Revoke(ROOT_CNODE, ep, 64), 0);
    CHECK(isEmptySlot(a));
    CHECK(isEmptySlot(b));
    CHECK_EQ(mint(a, ntfn, 0x8000000000000001ull), 0);
    seL4_Signal(a);
    seL4_Wait(ntfn, &badge);
    CHECK_EQ(badge, 0x8000000000000001ull);
    CHECK_EQ(deleteCap(a), 0);
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
    deleteCap(a);
    deleteCap(b);
}

static void testRotate(void)
{
    CHECK_EQ(mint(a, ep, 1), 0);
    CHECK_EQ(mint(b, ep, 2), 0);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, a, 64, 0, ROOT_CNODE, a, 64, 0, ROOT_CNODE, b, 64), seL4_IllegalOperation);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, c, 64, 0, ROOT_CNODE, a, 64, 0, ROOT_CNODE, b, 64), seL4_IllegalOperation);
    deleteCap(a);
    deleteCap(b);
    CHECK_EQ(copy(a, seL4_CapInitThreadTCB), 0);
    CHECK_EQ(copy(b, ROOT_CNODE), 0);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, c, 64, 0, ROOT_CNODE, a, 64, 51, ROOT_CNODE, b, 64), 0);
    CHECK(isEmptySlot(b));
    CHECK_EQ(seL4_Invoke(c, TCBUnbindNotification, 0, 0, 0, 0, 0, 0, NULL), seL4_IllegalOperation);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, a, 64, 0, ROOT_CNODE, c, 64, 51, ROOT_CNODE, a, 64), 0);
    CHECK_EQ(seL4_CNode_Delete(c, b, 64), 0);
    CHECK_EQ(seL4_CNode_Rotate(ROOT_CNODE, b, 64, 0, ROOT_CNODE, a, 64, 0, ROOT_CNODE, ep, 64), seL4_IllegalOperation);
    deleteCap(a);
    deleteCap(c);
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
    deleteCap(a);
    CHECK_EQ(deleteCap(guarded), 0);
    CHECK_EQ(deleteCap(small), 0);
    CHECK(isEmptySlot(small));
}

static seL4_Error rotate(seL4_CPtr dest, seL4_Word destBadge, seL4_CPtr pivot, seL4_Word pivotBadge, seL4_CPtr src)
{
    return seL4_CNode_Rotate(ROOT_CNODE, dest, 64, destBadge, ROOT_CNODE, pivot, 64, pivotBadge, ROOT_CNODE, src, 64);
}

/* The errors of every operation on two or three slots, source and destination side. */
static void testErrors(void)
{
    seL4_CPtr small = newObject(seL4_CapTableObject, 4);
    seL4_Word guardSize = 64 - bootInfo->initThreadCNodeSizeBits;

    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 64, ROOT_CNODE, ep, 65, seL4_AllRights), seL4_RangeError, 1, 64);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 64, ROOT_CNODE, ep, 0, seL4_AllRights), seL4_RangeError, 1, 64);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 0, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_RangeError, 1, 64);
    CHECK_ERROR(seL4_CNode_Copy(small, 3, 5, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_FailedLookup, 0, seL4_DepthMismatch, 1);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 64, small, 3, 5, seL4_AllRights), seL4_FailedLookup, 1, seL4_DepthMismatch, 1);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 64, small, 3, 3, seL4_AllRights), seL4_FailedLookup, 1, seL4_DepthMismatch, 3, 4);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 64, small, 3, 4, seL4_AllRights), seL4_FailedLookup, 1,
                seL4_MissingCapability, 4);
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, a, 64, small, 3, 4), seL4_FailedLookup, 1, seL4_MissingCapability, 4);
    CHECK_ERROR(seL4_CNode_Mutate(ROOT_CNODE, a, 64, small, 3, 4, 0), seL4_FailedLookup, 1, seL4_MissingCapability, 4);
    CHECK_ERROR(seL4_CNode_Mint(ROOT_CNODE, a, 64, small, 3, 4, seL4_AllRights, 0), seL4_FailedLookup, 1,
                seL4_MissingCapability, 4);
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, ep, 64, ROOT_CNODE, ep, 64), seL4_DeleteFirst);
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, ep, 64, small, 3, 3), seL4_DeleteFirst); /* the destination is looked at first */
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 10, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_FailedLookup, 0,
                seL4_GuardMismatch, 10, 0);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, 0, 10, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_FailedLookup, 0,
                seL4_GuardMismatch, 10, 0);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, 1ull << 60, 64, ROOT_CNODE, ep, 64, seL4_AllRights), seL4_FailedLookup, 0,
                seL4_GuardMismatch, 64, 0);
    CHECK_EQ(seL4_GetMR(4), guardSize);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, a, 64, a, ep, 64, seL4_AllRights), seL4_FailedLookup, 1, seL4_InvalidRoot);
    CHECK_ERROR(seL4_CNode_Delete(ROOT_CNODE, a, 0), seL4_RangeError, 1, 64);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, a, 70), seL4_RangeError, 1, 64);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, a, 64), 0); /* an empty slot */
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(ROOT_CNODE, a, 64), seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_CancelBadgedSends(ROOT_CNODE, small, 64), seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_SaveCaller(ROOT_CNODE, ep, 64), seL4_DeleteFirst);
    CHECK_ERROR(seL4_CNode_SaveCaller(ROOT_CNODE, a, 64), 0);
    CHECK_ERROR(rotate(a, 0, b, 0, ep), seL4_FailedLookup, 0, seL4_MissingCapability, 64);
    CHECK_ERROR(rotate(a, 0, ep, 0, b), seL4_FailedLookup, 1, seL4_MissingCapability, 64);
    CHECK_ERROR(rotate(small, 0, ep, 0, b), seL4_DeleteFirst);
    CHECK_ERROR(rotate(ep, 0, ep, 0, small), seL4_IllegalOperation);
    CHECK_ERROR(rotate(a, 0, small, 0, small), seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_Rotate(ROOT_CNODE, a, 64, 0, ep, 0, 64, 0, ROOT_CNODE, small, 64), seL4_FailedLookup, 1,
                seL4_InvalidRoot); /* the pivot's address counts as a source's, an empty pivot does not */
    CHECK_ERROR(seL4_CNode_Rotate(ROOT_CNODE, a, 64, 0, ROOT_CNODE, ep, 64, 0, ep, 0, 64), seL4_FailedLookup, 1, seL4_InvalidRoot);
    CHECK_ERROR(deleteCap(small), 0);
}

/* Rotation carries the guards of CNode capabilities, the derivation of each and refuses what Mutate refuses. */
static void testRotateData(void)
{
    seL4_CPtr one = newObject(seL4_CapTableObject, 4), two = newObject(seL4_CapTableObject, 5), child = allocSlots(1);
    seL4_Word guard = seL4_CNode_CapData_new(1, 60).words[0], guard5 = seL4_CNode_CapData_new(2, 59).words[0];

    CHECK_ERROR(rotate(a, guard5, two, guard, one), 0); /* two -> a, one -> slot of two */
    CHECK(isEmptySlot(one));
    CHECK_ERROR(seL4_CNode_Copy(a, 2ull << 5 | 31, 64, ROOT_CNODE, ep, 64, seL4_AllRights), 0);
    CHECK_ERROR(seL4_CNode_Copy(two, 1ull << 4 | 15, 64, ROOT_CNODE, ep, 64, seL4_AllRights), 0);
    CHECK_ERROR(rotate(a, guard, two, guard5, a), 0); /* a swap */
    CHECK_ERROR(seL4_CNode_Delete(two, 2ull << 5 | 31, 64), 0);
    CHECK_ERROR(seL4_CNode_Delete(a, 1ull << 4 | 15, 64), 0);
    CHECK_ERROR(rotate(one, seL4_CNode_CapData_new(0, 61).words[0], two, 0, a), seL4_IllegalOperation);
    CHECK_ERROR(rotate(one, 0, two, seL4_CNode_CapData_new(0, 62).words[0], a), seL4_IllegalOperation);
    CHECK_ERROR(seL4_CNode_Copy(ROOT_CNODE, child, 64, ROOT_CNODE, a, 64, seL4_AllRights), 0);
    CHECK_ERROR(rotate(one, 0, two, 0, a), 0); /* two -> one, a -> two */
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, one, 64), 0);
    CHECK(!isEmptySlot(child));
    CHECK_ERROR(seL4_CNode_Mutate(ROOT_CNODE, a, 64, ROOT_CNODE, one, 64, guard5), 0);
    CHECK(isEmptySlot(one));
    CHECK_ERROR(seL4_CNode_Delete(a, 2ull << 5 | 3, 64), 0);
    CHECK_ERROR(seL4_CNode_Mutate(ROOT_CNODE, one, 64, ROOT_CNODE, a, 64, seL4_CNode_CapData_new(0, 63).words[0]),
                seL4_IllegalOperation);
    CHECK(!isEmptySlot(a));
    CHECK_ERROR(seL4_CNode_Mutate(ROOT_CNODE, one, 64, ROOT_CNODE, seL4_CapASIDControl, 64, 77), 0); /* no data: a move */
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, seL4_CapASIDControl, 64, ROOT_CNODE, one, 64), 0);
    CHECK_ERROR(deleteCap(a), 0);
    CHECK_ERROR(deleteCap(two), 0);
    CHECK_ERROR(deleteCap(child), 0);
}

/* Which operations each kind of capability refuses. */
static void testCopyable(void)
{
    seL4_CPtr ut = newUntyped(12), tables[4] = {newObject(seL4_X86_PageTableObject, 0),
        newObject(seL4_X86_PageDirectoryObject, 0), newObject(seL4_X86_PDPTObject, 0), newObject(seL4_X64_PML4Object, 0)};
    seL4_CPtr can[] = {seL4_CapInitThreadTCB, ROOT_CNODE, ROOT_VSPACE, seL4_CapASIDControl, seL4_CapInitThreadASIDPool,
                       seL4_CapBootInfoFrame, seL4_CapDomain, ep, ut};
    seL4_Word i;

    for (i = 0; i < sizeof(can) / sizeof(can[0]); i++) {
        CHECK_ERROR(copy(a, can[i]), 0);
        CHECK_ERROR(deleteCap(a), 0);
    }
    for (i = 0; i < 4; i++) {
        CHECK_ERROR(copy(a, tables[i]), seL4_IllegalOperation);
        CHECK_ERROR(mint(a, tables[i], 5), seL4_IllegalOperation);
        CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, a, 64, ROOT_CNODE, tables[i], 64), 0);
        CHECK_ERROR(deleteCap(a), 0);
    }
    CHECK_ERROR(copy(a, seL4_CapIRQControl), seL4_IllegalOperation);
    CHECK_ERROR(mint(a, seL4_CapIRQControl, 0), seL4_IllegalOperation);
    CHECK_ERROR(copy(a, seL4_CapIOPortControl), seL4_IllegalOperation);
    CHECK_ERROR(seL4_Untyped_Retype(ut, seL4_EndpointObject, 0, ROOT_CNODE, 0, 0, a, 1), 0);
    CHECK_ERROR(copy(b, ut), seL4_RevokeFirst);
    CHECK_ERROR(mint(b, ut, 0), seL4_RevokeFirst);
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, b, 64, ROOT_CNODE, ut, 64), 0);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, b, 64), 0);
    CHECK(isEmptySlot(a));
    CHECK_ERROR(deleteCap(b), 0);
}

/* What Revoke takes: copies and mints of an original, copies of a badged one, never siblings or parents. */
static void testFamilies(void)
{
    seL4_CPtr s = allocSlots(6);

    CHECK_ERROR(mint(s, ep, 1), 0);
    CHECK_ERROR(copy(s + 1, s), 0);
    CHECK_ERROR(mint(s + 2, ep, 1), 0); /* the same badge, another family */
    CHECK_ERROR(copy(s + 3, ep), 0);
    CHECK_ERROR(copy(s + 4, s + 3), 0);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, s, 64), 0);
    CHECK(isEmptySlot(s + 1));
    CHECK(!isEmptySlot(s + 2));
    CHECK(!isEmptySlot(s + 3));
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, s + 3, 64), 0); /* a copy has no children of its own */
    CHECK(!isEmptySlot(s + 4));
    CHECK_ERROR(copy(s + 1, s), 0);
    CHECK_ERROR(deleteCap(s), 0); /* the first of its family: the next one takes its place */
    CHECK_ERROR(copy(s, s + 1), 0);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, s + 2, 64), 0);
    CHECK(!isEmptySlot(s));
    CHECK(!isEmptySlot(s + 1));
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, s + 5, 64, ROOT_CNODE, ep, 64), 0); /* the original, moved */
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, s + 5, 64), 0);
    CHECK(isEmptySlot(s));
    CHECK(isEmptySlot(s + 1));
    CHECK(isEmptySlot(s + 2));
    CHECK(isEmptySlot(s + 3));
    CHECK(isEmptySlot(s + 4));
    CHECK_ERROR(seL4_CNode_Move(ROOT_CNODE, ep, 64, ROOT_CNODE, s + 5, 64), 0);
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
    testErrors();
    testRotateData();
    testCopyable();
    testFamilies();
}
