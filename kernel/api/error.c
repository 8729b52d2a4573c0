/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a failed decode leaves for the reply: see syscall_error_t.
 */
#include "kernel/include/api.h"

syscall_error_t current_syscall_error;
lookup_fault_t current_lookup_fault;
fault_t current_fault;
cte_t *current_extra_caps[seL4_MsgMaxExtraCaps];

const uint8_t msgRegisters[seL4_FastMessageRegisters] = {RegR10, RegR8, RegR9, RegR15};

exception_t errorSimple(seL4_Error type)
{
    current_syscall_error.type = type;
    return EXCEPTION_SYSCALL_ERROR;
}

exception_t errorInvalidArgument(word_t argument)
{
    current_syscall_error.invalidArgumentNumber = argument;
    return errorSimple(seL4_InvalidArgument);
}

exception_t errorInvalidCapability(word_t number)
{
    current_syscall_error.invalidCapNumber = number;
    return errorSimple(seL4_InvalidCapability);
}

exception_t errorRange(word_t min, word_t max)
{
    current_syscall_error.rangeErrorMin = min;
    current_syscall_error.rangeErrorMax = max;
    return errorSimple(seL4_RangeError);
}

/* The description is in current_lookup_fault. */
exception_t errorFailedLookup(bool_t wasSource)
{
    current_syscall_error.failedLookupWasSource = wasSource;
    return errorSimple(seL4_FailedLookup);
}
