/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The questions about neighbours in the derivation tree, for any meaning of `same object' and `same region'.
 */
#include "kernel/proofs/mdb_world.h"

#include "kernel/object/mdb.c"
#include "kernel/api/error.c"

bool __CPROVER_uninterpreted_sameObject(word_t, word_t, word_t, word_t);
bool __CPROVER_uninterpreted_sameRegion(word_t, word_t, word_t, word_t);

bool_t sameObjectAs(cap_t a, cap_t b)
{
    return __CPROVER_uninterpreted_sameObject(a.words[0], a.words[1], b.words[0], b.words[1]);
}

bool_t sameRegionAs(cap_t a, cap_t b)
{
    return __CPROVER_uninterpreted_sameRegion(a.words[0], a.words[1], b.words[0], b.words[1]);
}

/*
 * of: isFinalCapability, ensureNoChildren, ensureEmptySlot, slotCapLongRunningDelete
 * shows: final means that neither neighbour is the same object; a long deletion only for threads, CNodes and zombies; nothing is changed
 * bounds: tree of any size; what is the same object is arbitrary here
 * mutant object/mdb.c: if (prev != NULL && sameObjectAs(prev->cap, slot->cap)) => if (false)
 * mutant object/mdb.c: isFinalCapability(slot)) => false)
 */
void proof_isFinalCapability(void)
{
    cte_t beforeX;
    exception_t status;

    arbitraryWorld();
    ASSUME(x.mdbPrev != &beyond && mdb_next(&x) != &beyond);
    beforeX = x;
    if (isFinalCapability(&x)) {
        CLAIM(x.mdbPrev == NULL || !sameObjectAs(x.mdbPrev->cap, x.cap));
        CLAIM(mdb_next(&x) == NULL || !sameObjectAs(x.cap, mdb_next(&x)->cap));
        REACH("final");
    }
    CLAIM(slotCapLongRunningDelete(&x) == (isFinalCapability(&x) && (cap_is(x.cap, cap_thread_cap) ||
                                                                    cap_is(x.cap, cap_zombie_cap) ||
                                                                    cap_is(x.cap, cap_cnode_cap))));
    status = ensureNoChildren(&x);
    CLAIM(status == EXCEPTION_NONE || current_syscall_error.type == seL4_RevokeFirst);
    CLAIM((status != EXCEPTION_NONE) == (mdb_next(&x) != NULL && isMDBParentOf(&x, mdb_next(&x))));
    status = ensureEmptySlot(&x);
    CLAIM((status == EXCEPTION_NONE) == cap_is(x.cap, cap_null_cap));
    CLAIM(sameSlot(x, beforeX));
    claimWorld();
    REACH("end");
}
