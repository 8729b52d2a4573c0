/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What more than one domain adds to fastpath_ready.c: queues for each, and the time of the current one.
 */
#define CONFIG_NUM_DOMAINS 3

#include "kernel/proofs/fastpath_ready.c"

/*
 * of: fastpath_recv and its slow path (domains)
 * shows: as fastpathRecv; the CPU stays in the domain, whose time is not over; queues and bitmaps of other domains stay
 * bounds: as fastpathRecv; 3 domains, the current one is 1
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: (CONFIG_NUM_DOMAINS > 1 && ksDomainTime == 0) => false
 * mutant arch/x86_64/fastpath.c: prio = bestReadyPrio(dom, ready); => prio = bestReadyPrio(0, ready);
 * mutant arch/x86_64/fastpath.c: takeReady(dom, prio, next); => takeReady(2, prio, next);
 */
void proof_fastpathRecvDomains(void)
{
    proof_fastpathRecv();
}

/*
 * of: fastpath_send and its slow path (domains)
 * shows: as fastpathSend; the CPU stays in the domain, whose time is not over; queues and bitmaps of other domains stay
 * bounds: as fastpathSend; 3 domains, the current one is 1
 * unwind: 5
 * mutant arch/x86_64/fastpath.c: (caller->tcbDomain != ksCurDomain || ksDomainTime == 0) => caller->tcbDomain != ksCurDomain
 * mutant arch/x86_64/fastpath.c: (caller->tcbDomain != ksCurDomain || ksDomainTime == 0) => ksDomainTime == 0
 */
void proof_fastpathSendDomains(void)
{
    proof_fastpathSend();
}
