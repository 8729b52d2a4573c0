/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The end of architecture objects and the choice of the decode function; objecttype.c has what else depends on the type.
 */
#include "kernel/proofs/proof.h"

#include "kernel/arch/x86_64/objects.c"

static word_t calls, called, argument, argument2, argument3, argument4;

enum { UNMAP_PAGE = 1, UNMAP_TABLE, DELETE_ASID, DELETE_POOL, FRAME, TABLE, ASID_CONTROL, ASID_POOL, PORT_CONTROL, PORT };

static void record(word_t what, word_t a, word_t b, word_t c, word_t d)
{
    called = what;
    argument = a;
    argument2 = b;
    argument3 = c;
    argument4 = d;
    calls++;
}

static exception_t decoded(word_t what, word_t label, word_t length)
{
    record(what, label, length, 0, 0);
    return nondet_exception();
}

void unmapPage(word_t size, asid_t asid, vptr_t vaddr, paddr_t paddr) { record(UNMAP_PAGE, size, asid, vaddr, paddr); }
void unmapTable(word_t level, asid_t asid, vptr_t vaddr, paddr_t table) { record(UNMAP_TABLE, level, asid, vaddr, table); }
void deleteASID(asid_t asid, word_t *pml4) { record(DELETE_ASID, asid, (word_t)pml4, 0, 0); }
void deleteASIDPool(asid_t base, asid_pool_t *pool) { record(DELETE_POOL, base, (word_t)pool, 0, 0); }

exception_t errorSimple(seL4_Error type)
{
    CLAIM(type == seL4_IllegalOperation);
    return EXCEPTION_SYSCALL_ERROR;
}

exception_t decodeFrameInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, bool_t isCall, const word_t *buffer)
{
    CLAIM(cap_is(cap, cap_frame_cap) && slot != NULL);
    (void)isCall, (void)buffer;
    return decoded(FRAME, label, length);
}

exception_t decodeTableInvocation(word_t label, word_t length, cte_t *slot, cap_t cap, const word_t *buffer)
{
    CLAIM((cap_is(cap, cap_page_table_cap) || cap_is(cap, cap_page_directory_cap) || cap_is(cap, cap_pdpt_cap)) && slot != NULL);
    (void)buffer;
    return decoded(TABLE, label, length);
}

exception_t decodeASIDControlInvocation(word_t label, word_t length, const word_t *buffer)
{
    (void)buffer;
    return decoded(ASID_CONTROL, label, length);
}

exception_t decodeASIDPoolInvocation(word_t label, cap_t cap)
{
    CLAIM(cap_is(cap, cap_asid_pool_cap));
    return decoded(ASID_POOL, label, 0);
}

exception_t decodeIOPortControlInvocation(word_t label, word_t length, cte_t *slot, const word_t *buffer)
{
    CLAIM(slot != NULL);
    (void)buffer;
    return decoded(PORT_CONTROL, label, length);
}

exception_t decodeIOPortInvocation(word_t label, word_t length, cap_t cap, bool_t isCall, const word_t *buffer)
{
    CLAIM(cap_is(cap, cap_io_port_cap));
    (void)isCall, (void)buffer;
    return decoded(PORT, label, length);
}

/*
 * of: Arch_finaliseCap
 * shows: with a mapped frame's capability exactly its own mapping goes, final or not; with the last one to a table its mapping, to a PML4 its
 *        ASID, to a pool the pool; with others nothing; nothing remains; only the last capability to ports has them freed
 * bounds: every architecture capability
 * mutant arch/x86_64/objects.c: if (type == cap_frame_cap && asid != 0) => if (final && type == cap_frame_cap && asid != 0)
 * mutant arch/x86_64/objects.c: if (!final)\n        return ret; =>
 * mutant arch/x86_64/objects.c: unmapTable((type - cap_page_table_cap) / 2 + 2, => unmapTable((type - cap_page_table_cap) / 2 + 1,
 * mutant arch/x86_64/objects.c: if (asid != 0)\n            deleteASID => deleteASID
 */
void proof_Arch_finaliseCap(void)
{
    cap_t cap = nondet_cap();
    bool_t final = nondet_bool(), isTable, mapped = cap_get_mappedASID(cap) != 0;
    word_t type = cap_get_capType(cap), ptr = cap_get_capPtr(cap);
    finaliseCap_ret_t ret;

    ASSUME(isArchCap(cap) && validCap(cap));
    ret = Arch_finaliseCap(cap, final);
    isTable = type == cap_page_table_cap || type == cap_page_directory_cap || type == cap_pdpt_cap;
    CLAIM(cap_is(ret.remainder, cap_null_cap));
    CLAIM(sameCap(ret.cleanupInfo, type == cap_io_port_cap && final ? cap : cap_null_cap_new()));
    CLAIM(calls == ((type == cap_frame_cap && mapped) || (final && isTable && mapped) || (final && type == cap_pml4_cap && mapped) ||
                    (final && type == cap_asid_pool_cap)));
    if (calls == 0) {
        REACH("nothing");
    } else if (type == cap_frame_cap) {
        CLAIM(called == UNMAP_PAGE && argument == cap_frame_cap_get_capFSize(cap) && argument2 == cap_get_mappedASID(cap));
        CLAIM(argument3 == cap_get_mappedAddress(cap) && argument4 == pptr_to_paddr(ptr));
        REACH("frame");
    } else if (isTable) {
        CLAIM(called == UNMAP_TABLE && argument == (type == cap_page_table_cap ? 2 : type == cap_page_directory_cap ? 3 : 4));
        CLAIM(argument2 == cap_get_mappedASID(cap) && argument3 == cap_get_mappedAddress(cap) && argument4 == pptr_to_paddr(ptr));
        REACH("table");
    } else {
        CLAIM(called == (type == cap_pml4_cap ? DELETE_ASID : DELETE_POOL) && argument2 == ptr);
        CLAIM(argument == (type == cap_pml4_cap ? cap_get_mappedASID(cap) : cap.words[1]));
        REACH("address space or pool");
    }
    REACH("end");
}

/*
 * of: Arch_decodeInvocation
 * shows: the decode function of the capability's type has label and length unchanged; of other types an error
 * bounds: every capability
 * mutant arch/x86_64/objects.c: case cap_asid_pool_cap:\n        return decodeASIDPoolInvocation(label, cap); =>
 */
void proof_Arch_decodeInvocation(void)
{
    cap_t cap = nondet_cap();
    word_t label = nondet_word(), length = nondet_word(), type = cap_get_capType(cap), expected;
    static cte_t slot;

    expected = type == cap_frame_cap ? FRAME : type == cap_page_table_cap || type == cap_page_directory_cap || type == cap_pdpt_cap ? TABLE
               : type == cap_asid_control_cap ? ASID_CONTROL : type == cap_asid_pool_cap ? ASID_POOL
               : type == cap_io_port_control_cap ? PORT_CONTROL : type == cap_io_port_cap ? PORT : 0;
    (void)Arch_decodeInvocation(label, length, &slot, cap, nondet_bool(), NULL);
    CLAIM(called == expected && calls == (expected != 0) && (calls == 0 || argument == label));
    if (calls == 0)
        REACH("error");
    REACH("end");
}
