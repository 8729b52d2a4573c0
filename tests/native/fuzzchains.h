/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Chains of calls for svcfuzz: nomem's scenarios (nomem.h), whose services succeed one after the other, with an argument of a call
 * spoiled now and then.  The scenarios' sources are compiled with this file in front, which leads their calls to FuzzCall.
 */
#pragma once

#include "ntdll.h"
#include "nt/alpcapi.h"
#include "nt/dbgapi.h"

/* Calls the service of that row of services.h for the scenario that runs; Arguments has Count values. */
NTSTATUS FuzzCall(ULONG Service, ULONG Count, const ULONG_PTR *Arguments);

#include "calls.inc"

#define SCENARIO_CALL(Service) Spoiled##Service
