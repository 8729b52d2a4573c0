/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What more than one domain adds to fastpath.c: the other thread may be of another domain.
 */
#define CONFIG_NUM_DOMAINS 3

#include "kernel/proofs/fastpath.c"

/*
 * of: fastpath_call and its slow path (domains)
 * shows: as fastpathCall; the CPU stays in the domain
 * bounds: as fastpathCall; 3 domains, the current one is 1
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: (CONFIG_NUM_DOMAINS > 1 && dest->tcbDomain != ksCurDomain) => false
 */
void proof_fastpathCallDomains(void)
{
    proof_fastpathCall();
}

/*
 * of: fastpath_reply_recv and its slow path (domains)
 * shows: as fastpathReplyRecv; the CPU stays in the domain
 * bounds: as fastpathReplyRecv; 3 domains, the current one is 1
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: (CONFIG_NUM_DOMAINS > 1 && caller->tcbDomain != ksCurDomain) => false
 */
void proof_fastpathReplyRecvDomains(void)
{
    proof_fastpathReplyRecv();
}
