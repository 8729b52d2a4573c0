/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What depends on the type of a capability: comparison, derivation, rights, data, sizes, creation and the end of objects.
 * One switch a function; architecture types are passed on.
 */
#include "kernel/include/api.h"
#include "kernel/include/arch.h"

static word_t zombieSizeBits(word_t zombieType)
{
    switch (zombieType) {
    case ZOMBIE_TYPE_TCB:
        return seL4_TCBBits;
    case ZOMBIE_TYPE_ENDPOINT:
        return seL4_EndpointBits;
    case ZOMBIE_TYPE_NOTIFICATION:
        return seL4_NotificationBits;
    default:
        return (zombieType >> 1) + seL4_SlotBits;
    }
}

/* log2 of the bytes of the object, 0 if it has none in memory. */
static word_t capSizeBits(cap_t cap)
{
    static const uint8_t sizeBits[32] = {
        [cap_endpoint_cap] = seL4_EndpointBits,
        [cap_notification_cap] = seL4_NotificationBits,
        [cap_thread_cap] = seL4_TCBBits,
        [cap_page_table_cap] = seL4_PageBits,
        [cap_page_directory_cap] = seL4_PageBits,
        [cap_pdpt_cap] = seL4_PageBits,
        [cap_pml4_cap] = seL4_PageBits,
        [cap_asid_pool_cap] = seL4_PageBits,
    };
    word_t type = cap_get_capType(cap);

    if (type == cap_frame_cap)
        return pageBitsForSize(cap_frame_cap_get_capFSize(cap));
    if (type == cap_untyped_cap)
        return cap_untyped_cap_get_capBlockSize(cap);
    if (type == cap_cnode_cap)
        return cap_cnode_cap_get_capCNodeRadix(cap) + seL4_SlotBits;
    return type == cap_zombie_cap ? zombieSizeBits(cap_zombie_cap_get_capZombieType(cap)) : sizeBits[type % 32];
}

/* A capability's pointer lies in its object, if not at its start. */
bool_t untypedContains(cap_t untyped, cap_t cap)
{
    word_t size = BIT(cap_untyped_cap_get_capBlockSize(untyped)), bits;

    if (cap_get_capPtr(cap) - cap_get_capPtr(untyped) >= size)
        return false;
    bits = capSizeBits(cap);
    return bits != 0 && BIT(bits) <= size;
}

bool_t sameRegionAs(cap_t a, cap_t b)
{
    switch (cap_get_capType(a)) {
    case cap_untyped_cap:
        return untypedContains(a, b);
    case cap_endpoint_cap:
    case cap_notification_cap:
    case cap_thread_cap:
    case cap_reply_cap:
        return cap_get_capType(a) == cap_get_capType(b) && cap_get_capPtr(a) == cap_get_capPtr(b);
    case cap_cnode_cap:
        return cap_is(b, cap_cnode_cap) && cap_cnode_cap_get_capCNodePtr(a) == cap_cnode_cap_get_capCNodePtr(b);
    case cap_domain_cap:
        return cap_is(b, cap_domain_cap);
    case cap_irq_control_cap:
        return cap_is(b, cap_irq_control_cap) || cap_is(b, cap_irq_handler_cap);
    case cap_irq_handler_cap:
        return cap_is(b, cap_irq_handler_cap) && a.words[1] == b.words[1];
    default:
        return isArchCap(a) && isArchCap(b) && Arch_sameRegionAs(a, b);
    }
}

bool_t sameObjectAs(cap_t a, cap_t b)
{
    if (cap_is(a, cap_untyped_cap))
        return false;
    if (cap_is(a, cap_irq_control_cap) && cap_is(b, cap_irq_handler_cap))
        return false;
    if (isArchCap(a) && isArchCap(b))
        return Arch_sameObjectAs(a, b);
    return sameRegionAs(a, b);
}

deriveCap_ret_t deriveCap(cte_t *slot, cap_t cap)
{
    deriveCap_ret_t ret = {EXCEPTION_NONE, cap};

    if (isArchCap(cap))
        return Arch_deriveCap(slot, cap);
    switch (cap_get_capType(cap)) {
    case cap_zombie_cap:
    case cap_irq_control_cap:
    case cap_reply_cap:
        ret.cap = cap_null_cap_new();
        break;
    case cap_untyped_cap:
        ret.status = ensureNoChildren(slot);
        if (ret.status != EXCEPTION_NONE)
            ret.cap = cap_null_cap_new();
        break;
    default:
        break;
    }
    return ret;
}

static finaliseCap_ret_t finaliseCNodeOrThread(cap_t cap)
{
    finaliseCap_ret_t ret = {cap_null_cap_new(), cap_null_cap_new()};
    tcb_t *tcb;

    if (cap_is(cap, cap_cnode_cap)) {
        word_t radix = cap_cnode_cap_get_capCNodeRadix(cap);

        ret.remainder = cap_zombie_cap_new(BIT(radix), ZOMBIE_TYPE_CNODE(radix), cap_cnode_cap_get_capCNodePtr(cap));
        return ret;
    }
    tcb = (tcb_t *)cap_get_capPtr(cap);
    unbindNotification(tcb);
    suspend(tcb);
    fpuThreadDelete(tcb);
    ret.remainder = cap_zombie_cap_new(tcbCNodeEntries, ZOMBIE_TYPE_TCB, (word_t)TCB_PTR_CTE_PTR(tcb, tcbCTable));
    return ret;
}

static cap_t finaliseEndpoint(cap_t cap)
{
    if (((endpoint_t *)cap_get_capPtr(cap))->head == NULL)
        return cap_null_cap_new();
    return cap_zombie_cap_new(1, ZOMBIE_TYPE_ENDPOINT, cap_get_capPtr(cap));
}

static cap_t finaliseNotification(cap_t cap)
{
    notification_t *ntfn = (notification_t *)cap_get_capPtr(cap);

    unbindMaybeNotification(ntfn);
    if (notification_state(ntfn) != NtfnState_Waiting)
        return cap_null_cap_new();
    return cap_zombie_cap_new(1, ZOMBIE_TYPE_NOTIFICATION, cap_get_capPtr(cap));
}

/* Whether threads must be released before the capability may go: of an endpoint, a notification, or of the notification
 * that an interrupt handler leads to. */
bool_t keepsWaiters(cap_t cap)
{
    return cap_is(cap, cap_zombie_cap) ? cap_zombie_cap_isQueue(cap) : cap_is(cap, cap_irq_handler_cap);
}

/* Releases one thread behind such a capability; returns what the capability is then. */
cap_t releaseWaiter(cap_t cap)
{
    chargeWork(1);
    if (cap_is(cap, cap_irq_handler_cap))
        cancelOneSignal(waitersOfIRQ(cap.words[1]));
    else if (cap_zombie_cap_get_capZombieType(cap) == ZOMBIE_TYPE_ENDPOINT)
        cap.words[1] = cancelOneIPC((endpoint_t *)cap_get_capPtr(cap));
    else
        cap.words[1] = cancelOneSignal((notification_t *)cap_get_capPtr(cap));
    return cap;
}

/*
 * What remains of a capability that is being deleted: null, a zombie whose slots must be emptied or threads released
 * first, or an interrupt handler whose threads must.  cleanupInfo is for postCapDeletion, once the slot is empty.
 */
finaliseCap_ret_t finaliseCap(cap_t cap, bool_t final)
{
    finaliseCap_ret_t ret = {cap_null_cap_new(), cap_null_cap_new()};

    if (isArchCap(cap))
        return Arch_finaliseCap(cap, final);
    if (cap_is(cap, cap_zombie_cap))
        ret.remainder = cap;
    if (!final)
        return ret;
    switch (cap_get_capType(cap)) {
    case cap_endpoint_cap:
        ret.remainder = finaliseEndpoint(cap);
        break;
    case cap_notification_cap:
        ret.remainder = finaliseNotification(cap);
        break;
    case cap_cnode_cap:
    case cap_thread_cap:
        return finaliseCNodeOrThread(cap);
    case cap_irq_handler_cap:
        if (waitersOfIRQ(cap.words[1]) != NULL) {
            ret.remainder = cap;
            break;
        }
        deletingIRQHandler(cap.words[1]);
        ret.cleanupInfo = cap;
        break;
    default:
        break;
    }
    return ret;
}

void postCapDeletion(cap_t cap)
{
    if (cap_is(cap, cap_irq_handler_cap))
        deletedIRQHandler(cap.words[1]);
    else if (cap_is(cap, cap_io_port_cap))
        freeIOPortRange(cap_io_port_cap_get_capIOPortFirstPort(cap), cap_io_port_cap_get_capIOPortLastPort(cap));
}

/* preserve: an existing badge may not be changed (Mutate). */
cap_t updateCapData(bool_t preserve, word_t newData, cap_t cap)
{
    word_t guardSize = newData & 63;

    switch (cap_get_capType(cap)) {
    case cap_endpoint_cap:
    case cap_notification_cap:
        if (preserve || cap_get_badge(cap) != 0)
            return cap_null_cap_new();
        cap.words[1] = newData;
        return cap;
    case cap_cnode_cap:
        if (guardSize + cap_cnode_cap_get_capCNodeRadix(cap) > wordBits)
            return cap_null_cap_new();
        return cap_cnode_cap_new(cap_cnode_cap_get_capCNodeRadix(cap), guardSize, newData >> 6 & MASK(guardSize),
                                 cap_cnode_cap_get_capCNodePtr(cap));
    default:
        return cap;
    }
}

/* rights: the user's rights word, whose bits lie as the capability's. */
cap_t maskCapRights(word_t rights, cap_t cap)
{
    switch (cap_get_capType(cap)) {
    case cap_endpoint_cap:
        cap.words[0] &= ~((word_t)15 << 8) | (rights & 15) << 8;
        return cap;
    case cap_notification_cap:
        cap.words[0] &= ~((word_t)3 << 8) | (rights & 3) << 8;
        return cap;
    case cap_reply_cap:
        if (!(rights & 4))
            cap.words[0] &= ~CAP_REPLY_CAN_GRANT;
        return cap;
    default:
        return isArchCap(cap) ? Arch_maskCapRights(rights, cap) : cap;
    }
}

bool_t hasCancelSendRights(cap_t cap)
{
    word_t all = CAP_CAN_SEND | CAP_CAN_RECEIVE | CAP_CAN_GRANT | CAP_CAN_GRANT_REPLY;

    return cap_is(cap, cap_endpoint_cap) && (cap.words[0] & all) == all;
}

/* log2 of the bytes of an object of a valid type. */
word_t getObjectSize(word_t type, word_t userSize)
{
    if (type > seL4_CapTableObject)
        return Arch_getObjectSize(type);
    if (type == seL4_UntypedObject)
        return userSize;
    if (type == seL4_CapTableObject)
        return seL4_SlotBits + userSize;
    return type == seL4_TCBObject ? seL4_TCBBits : type == seL4_EndpointObject ? seL4_EndpointBits : seL4_NotificationBits;
}

/* What objects hold from the start other than zeros, which their memory has already. */
void initObjects(word_t type, word_t ptr, word_t objectBits, word_t count)
{
    tcb_t *tcb = (tcb_t *)(ptr + TCB_OFFSET);

    if (type == seL4_TCBObject) {
        for (; count-- > 0; tcb = (tcb_t *)((word_t)tcb + BIT(objectBits)))
            initThreadObject(tcb);
    } else if (type > seL4_CapTableObject) {
        Arch_initObjects(type, ptr, count);
    }
}

/* The first capability to a new object. */
cap_t createCap(word_t type, word_t ptr, word_t userSize, bool_t isDevice)
{
    switch (type) {
    case seL4_UntypedObject:
        return cap_untyped_cap_new(0, isDevice, userSize, ptr);
    case seL4_TCBObject:
        return cap_thread_cap_new(ptr + TCB_OFFSET);
    case seL4_EndpointObject:
        return cap_endpoint_cap_new(ptr, 0);
    case seL4_NotificationObject:
        return cap_notification_cap_new(ptr, 0);
    case seL4_CapTableObject:
        return cap_cnode_cap_new(userSize, 0, 0, ptr);
    default:
        return Arch_createCap(type, ptr, isDevice);
    }
}
