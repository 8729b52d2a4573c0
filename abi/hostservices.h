/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Prototypes and numbers of the host services (abi/hostservices.def has the contracts).  Include it after the NT
 * types: include/nt.h in ntos, the DDK's headers in the driver host.
 */
#pragma once

#define HOST_SERVICE_BASE 0x1000

#define HOST_SERVICE(Name, Arguments) NTSTATUS NTAPI Name Arguments;
#define HOST_MISSING(Name, Arguments) NTSTATUS NTAPI Name Arguments;
#include "hostservices.def"
#undef HOST_SERVICE
#undef HOST_MISSING

enum {
#define HOST_SERVICE(Name, Arguments) Name##Number,
#define HOST_MISSING(Name, Arguments) Name##Number,
#include "hostservices.def"
#undef HOST_SERVICE
#undef HOST_MISSING
    HostServiceCount
};
