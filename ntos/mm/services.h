/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the service files of mm share: ranges that several services work on, and the way from a process handle to a
 * space.
 */
#pragma once

#include "ntos/mm/mip.h"
#include "ntos/inc/ob.h"
#include "ntos/inc/ps.h"

/* Attributes that mingw-w64 does not name. */
#define SEC_BASED_BIT 0x00200000
#define SEC_NO_CHANGE_BIT 0x00400000
#define MEM_DOS_LIM_BIT 0x40000000

/* Committed pages of [Start, End) get Protect; private entries only where Vad has no segment. */
NTSTATUS MiProtectRange(PMM_SPACE Space, PMMVAD Vad, ULONG64 Start, ULONG64 End, ULONG Protect);
/* May a view of a section made with SectionProtect have ViewProtect (both PAGE_)? */
BOOLEAN MiIsProtectionCompatible(ULONG SectionProtect, ULONG ViewProtect);
/* ZeroBits of the services: the highest address allowed (exclusive), 0 = bad value. */
ULONG64 MiZeroBitsLimit(ULONG64 ZeroBits);

/* Referenced process that has not ended; STATUS_PROCESS_IS_TERMINATING. */
NTSTATUS MiReferenceProcess(HANDLE ProcessHandle, ACCESS_MASK Access, PEPROCESS *Process);
