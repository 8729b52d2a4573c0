/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The domain capability where there is more than one domain.
 */
#define CONFIG_NUM_DOMAINS 3

#include "kernel/include/config.h"

#undef CONFIG_NUM_DOMAIN_SCHEDULES
#define CONFIG_NUM_DOMAIN_SCHEDULES 5

#include "kernel/proofs/tcb.c"

/*
 * of: decodeDomainInvocation, decodeScheduleConfigure, decodeScheduleSetStart (domains)
 * shows: an error and no change, or one entry has a domain and a time in range, or the schedule begins again at an entry with a time; the last entry
 *        stays an end mark, the start entry has a time; no other entry changes
 * bounds: 3 domains, a schedule of 5 entries (for 100); entries of any contents
 * mutant object/tcb_decode.c: if (duration == 0 && index == ksDomScheduleStart)\n        return errorInvalidArgument(2); =>
 * mutant object/tcb_decode.c: if (domain >= CONFIG_NUM_DOMAINS)\n        return errorRange => if (false)\n        return errorRange
 * mutant object/tcb_decode.c: if (ksDomSchedule[index].length == 0)\n        return errorInvalidArgument(0); =>
 */
void proof_decodeDomains(void)
{
    word_t length, label = nondet_word(), witness = nondet_byte(), start, index, end = CONFIG_NUM_DOMAIN_SCHEDULES - 1;
    const word_t *buffer = arbitraryCall(&length);
    dschedule_t was;
    exception_t status;

    __CPROVER_havoc_object(ksDomSchedule);
    start = ksDomScheduleStart = nondet_word();
    ksDomScheduleIdx = nondet_word();
    ASSUME(witness < end && start < end && ksDomScheduleIdx <= end);
    ASSUME(ksDomSchedule[start].length != 0 && ksDomSchedule[end].length == 0 && ksDomSchedule[witness].domain < CONFIG_NUM_DOMAINS);
    was = ksDomSchedule[witness];
    index = getSyscallArg(0, buffer);
    keepThreads();
    status = decodeDomainInvocation(label, length, buffer);
    claimAnswer(status);
    claimThreads();
    CLAIM(ksDomScheduleStart < end && ksDomSchedule[ksDomScheduleStart].length != 0 && ksDomSchedule[end].length == 0);
    CLAIM(ksDomSchedule[witness].domain < CONFIG_NUM_DOMAINS && ksDomScheduleIdx <= end);
    CLAIM(IMPLIES(status != EXCEPTION_NONE || label != DomainScheduleConfigure || witness != index,
                  ksDomSchedule[witness].domain == was.domain && ksDomSchedule[witness].length == was.length));
    CLAIM(ksDomScheduleStart == (status == EXCEPTION_NONE && label == DomainScheduleSetStart ? index : start));
    if (status == EXCEPTION_NONE && label == DomainScheduleConfigure)
        REACH("configured");
    if (status == EXCEPTION_NONE && label == DomainScheduleSetStart)
        REACH("started");
    REACH("end");
}
