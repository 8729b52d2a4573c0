/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Capabilities, derivation-tree nodes and slots.
 *
 *   words[0]:  63..16 object pointer (48 bits, sign-extended) | 15..8 per type | 7..0 type
 *   words[1]:  per type
 *
 *   type          words[0] 15..8                           words[1]
 *   untyped       8 device                                 63..42 clean units | 41..6 free index/16 (RAM);
 *                                                          48..6 free index/16 (device) | 5..0 size bits
 *   endpoint      8 send 9 receive 10 grant 11 grant-reply badge
 *   notification  8 send 9 receive                         badge
 *   reply         8 master 10 grant                        0
 *   cnode         13..8 radix, 21..16 shift (see below)    guard, at the top of the word
 *   thread        -                                        0
 *   irq handler   -                                        interrupt number
 *   zombie        kind: 8 is a TCB, else 15..9 radix;      slots that are left; of an endpoint or notification 1, or 0
 *                 15..8 80 endpoint, 82 notification       once nobody waits for it
 *   frame         9..8 rights 11..10 size 12 device        mapped address (page aligned) | 11..0 ASID, 0 = unmapped
 *   pt pd pdpt    -                                        mapped address | 11..0 ASID, 0 = unmapped
 *   pml4          -                                        ASID, 0 = none
 *   asid pool     -                                        ASID base
 *   io port       -                                        31..16 last port | 15..0 first port
 *
 * The types have upstream's numbers, so that DebugCapIdentify answers alike.  Architecture types are odd.
 *
 * A CNode is 64-byte aligned, so the low bits of its pointer hold shift = 64 - guard size - radix.  With the address at
 * the top of a word, index = (address ^ words[1]) >> shift, and the guard fits exactly if index < 2^radix.
 *
 * A slot (cte_t) is 32 bytes: a capability and its node in the derivation tree.  The tree is kept as a list in
 * preorder: the children of a slot follow it directly.  mdb next: 63..2 pointer | 1 revocable | 0 first badged.
 *
 *   untyped                       tree
 *     |-- endpoint 2              untyped <-> endpoint 2 <-> copy <-> badge 7 <-> copy of 7 <-> endpoint 1     list
 *     |     |-- copy                          (what is made last is next to its parent)
 *     |     '-- badge 7 -- copy of 7
 *     '-- endpoint 1
 */
#pragma once

#include "kernel/include/types.h"

enum {
    cap_null_cap = 0,
    cap_untyped_cap = 2,
    cap_endpoint_cap = 4,
    cap_notification_cap = 6,
    cap_reply_cap = 8,
    cap_cnode_cap = 10,
    cap_thread_cap = 12,
    cap_irq_control_cap = 14,
    cap_irq_handler_cap = 16,
    cap_zombie_cap = 18,
    cap_domain_cap = 20,
    cap_frame_cap = 1,
    cap_page_table_cap = 3,
    cap_page_directory_cap = 5,
    cap_pdpt_cap = 7,
    cap_pml4_cap = 9,
    cap_asid_control_cap = 11,
    cap_asid_pool_cap = 13,
    cap_io_port_cap = 19,
    cap_io_port_control_cap = 31,
};

typedef struct cap {
    word_t words[2];
} cap_t;

typedef struct cte {
    cap_t cap;
    struct cte *mdbPrev;
    word_t mdbNext;
} cte_t;

_Static_assert(sizeof(cte_t) == BIT(seL4_SlotBits), "a slot is 32 bytes");

static inline word_t cap_get_capType(cap_t cap)
{
    return cap.words[0] & 0xff;
}

static inline bool_t cap_is(cap_t cap, word_t type)
{
    return (cap.words[0] & 0xff) == type;
}

static inline bool_t isArchCap(cap_t cap)
{
    return cap.words[0] & 1;
}

/* The address of the object: of a thread the tcb_t, of a frame or untyped its place in the physical window. */
static inline word_t cap_get_capPtr(cap_t cap)
{
    return (word_t)((int64_t)cap.words[0] >> 16);
}

static inline cap_t cap_new(word_t type, word_t ptr, word_t bits, word_t word1)
{
    return (cap_t){{ptr << 16 | bits << 8 | type, word1}};
}

static inline cap_t cap_null_cap_new(void)
{
    return (cap_t){{0, 0}};
}

/* Endpoint and notification. */
#define CAP_CAN_SEND BIT(8)
#define CAP_CAN_RECEIVE BIT(9)
#define CAP_CAN_GRANT BIT(10)
#define CAP_CAN_GRANT_REPLY BIT(11)

static inline cap_t cap_endpoint_cap_new(word_t ptr, word_t badge)
{
    return cap_new(cap_endpoint_cap, ptr, 15, badge);
}

static inline cap_t cap_notification_cap_new(word_t ptr, word_t badge)
{
    return cap_new(cap_notification_cap, ptr, 3, badge);
}

static inline word_t cap_get_badge(cap_t cap)
{
    return cap.words[1];
}

/* Reply. */
#define CAP_REPLY_MASTER BIT(8)
#define CAP_REPLY_CAN_GRANT BIT(10) /* where an endpoint capability has it */

static inline cap_t cap_reply_cap_new(word_t canGrant, word_t master, word_t tcb)
{
    return cap_new(cap_reply_cap, tcb, canGrant << 2 | master, 0);
}

/* CNode. */
static inline word_t cap_cnode_cap_get_capCNodeRadix(cap_t cap)
{
    return cap.words[0] >> 8 & 63;
}

static inline word_t cap_cnode_cap_get_capCNodePtr(cap_t cap)
{
    return cap_get_capPtr(cap) & ~(word_t)63;
}

#define CAP_CNODE_SHIFT ((word_t)63 << 16)

/* Address bits that are left of 64 after guard and radix. */
static inline word_t cap_cnode_cap_get_shift(cap_t cap)
{
    return cap.words[0] >> 16 & 63;
}

static inline word_t cap_cnode_cap_get_capCNodeGuardSize(cap_t cap)
{
    return wordBits - cap_cnode_cap_get_shift(cap) - cap_cnode_cap_get_capCNodeRadix(cap);
}

static inline word_t cap_cnode_cap_get_capCNodeGuard(cap_t cap)
{
    word_t size = cap_cnode_cap_get_capCNodeGuardSize(cap);

    return size == 0 ? 0 : cap.words[1] >> (wordBits - size);
}

/* guard < 2^guardSize, guardSize + radix <= 64. */
static inline cap_t cap_cnode_cap_new(word_t radix, word_t guardSize, word_t guard, word_t ptr)
{
    return cap_new(cap_cnode_cap, ptr | (wordBits - guardSize - radix), radix,
                   guardSize == 0 ? 0 : guard << (wordBits - guardSize));
}

/* Untyped.  Free index and clean length are in bytes here; see untyped.c for their meaning. */
#define CAP_UNTYPED_DEVICE BIT(8)

static inline word_t cap_untyped_cap_get_capBlockSize(cap_t cap)
{
    return cap.words[1] & 63;
}

static inline bool_t cap_untyped_cap_get_capIsDevice(cap_t cap)
{
    return (cap.words[0] & CAP_UNTYPED_DEVICE) != 0;
}

static inline word_t cap_untyped_cap_get_capFreeIndex(cap_t cap)
{
    word_t value = cap.words[1] >> 6;

    return (cap_untyped_cap_get_capIsDevice(cap) ? value : value & MASK(36)) << 4;
}

/* One clean unit is 16 KiB, more for untypeds above 32 GiB so that the count fits its field. */
static inline word_t untypedCleanUnitBits(cap_t cap)
{
    word_t sizeBits = cap_untyped_cap_get_capBlockSize(cap);

    return sizeBits <= 35 ? 14 : sizeBits - 21;
}

static inline word_t cap_untyped_cap_get_cleanBytes(cap_t cap)
{
    word_t units = cap.words[1] >> 42;

    return units == 0 || cap_untyped_cap_get_capIsDevice(cap) ? 0 : units << untypedCleanUnitBits(cap);
}

/* Rounds cleanBytes down to whole units. */
static inline cap_t cap_untyped_cap_set_progress(cap_t cap, word_t freeIndex, word_t cleanBytes)
{
    word_t clean = cap_untyped_cap_get_capIsDevice(cap) ? 0 : cleanBytes >> untypedCleanUnitBits(cap);

    cap.words[1] = clean << 42 | freeIndex >> 4 << 6 | cap_untyped_cap_get_capBlockSize(cap);
    return cap;
}

static inline cap_t cap_untyped_cap_new(word_t freeIndex, word_t isDevice, word_t sizeBits, word_t ptr)
{
    return cap_new(cap_untyped_cap, ptr, isDevice, freeIndex >> 4 << 6 | sizeBits);
}

/* Thread. */
static inline cap_t cap_thread_cap_new(word_t tcb)
{
    return cap_new(cap_thread_cap, tcb, 0, 0);
}

/* Zombie: what is left of a CNode or TCB while its slots are emptied, of a queue while its threads are released. */
#define ZOMBIE_TYPE_TCB 1
#define ZOMBIE_TYPE_CNODE(radix) ((word_t)(radix) << 1)
#define ZOMBIE_TYPE_ENDPOINT 0x80
#define ZOMBIE_TYPE_NOTIFICATION 0x82

static inline cap_t cap_zombie_cap_new(word_t number, word_t zombieType, word_t ptr)
{
    return cap_new(cap_zombie_cap, ptr, zombieType, number);
}

static inline word_t cap_zombie_cap_get_capZombieNumber(cap_t cap)
{
    return cap.words[1];
}

static inline word_t cap_zombie_cap_get_capZombieType(cap_t cap)
{
    return cap.words[0] >> 8 & 0xff;
}

static inline bool_t cap_zombie_cap_isQueue(cap_t cap)
{
    return cap_zombie_cap_get_capZombieType(cap) >= ZOMBIE_TYPE_ENDPOINT;
}

/* Frames and paging structures. */
enum { X86_SmallPage = 0, X86_LargePage = 1, X64_HugePage = 2 };
enum { VMKernelOnly = 1, VMReadOnly = 2, VMReadWrite = 3 };

static inline cap_t cap_frame_cap_new(word_t ptr, word_t size, word_t rights, word_t isDevice)
{
    return cap_new(cap_frame_cap, ptr, rights | size << 2 | isDevice << 4, 0);
}

static inline word_t cap_frame_cap_get_capFVMRights(cap_t cap)
{
    return cap.words[0] >> 8 & 3;
}

static inline cap_t cap_frame_cap_set_capFVMRights(cap_t cap, word_t rights)
{
    cap.words[0] = (cap.words[0] & ~((word_t)3 << 8)) | rights << 8;
    return cap;
}

static inline word_t cap_frame_cap_get_capFSize(cap_t cap)
{
    return cap.words[0] >> 10 & 3;
}

static inline bool_t cap_frame_cap_get_capFIsDevice(cap_t cap)
{
    return cap.words[0] >> 12 & 1;
}

static inline word_t pageBitsForSize(word_t size)
{
    return seL4_PageBits + 9 * size;
}

static inline word_t cap_get_mappedASID(cap_t cap)
{
    return cap.words[1] & 0xfff;
}

static inline word_t cap_get_mappedAddress(cap_t cap)
{
    return ROUND_DOWN(cap.words[1], 12);
}

static inline cap_t cap_set_mapping(cap_t cap, word_t vaddr, word_t asid)
{
    cap.words[1] = ROUND_DOWN(vaddr, 12) | asid;
    return cap;
}

/* I/O ports. */
static inline cap_t cap_io_port_cap_new(word_t first, word_t last)
{
    return cap_new(cap_io_port_cap, 0, 0, last << 16 | first);
}

static inline word_t cap_io_port_cap_get_capIOPortFirstPort(cap_t cap)
{
    return cap.words[1] & 0xffff;
}

static inline word_t cap_io_port_cap_get_capIOPortLastPort(cap_t cap)
{
    return cap.words[1] >> 16;
}

/* Derivation-tree node. */
#define MDB_FIRST_BADGED 1
#define MDB_REVOCABLE 2
#define MDB_FLAGS 3

static inline cte_t *mdb_next(const cte_t *slot)
{
    return (cte_t *)(slot->mdbNext & ~(word_t)MDB_FLAGS);
}

static inline void mdb_set_next(cte_t *slot, const cte_t *next)
{
    slot->mdbNext = (word_t)next | (slot->mdbNext & MDB_FLAGS);
}

static inline bool_t mdb_revocable(const cte_t *slot)
{
    return (slot->mdbNext & MDB_REVOCABLE) != 0;
}

static inline bool_t mdb_firstBadged(const cte_t *slot)
{
    return (slot->mdbNext & MDB_FIRST_BADGED) != 0;
}
