/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RtlAssert: a driver's ASSERT failed (debug builds).  It is logged, then the host breaks: ntos starts it again.
 */
#include "host.h"

VOID NTAPI RtlAssert(PVOID FailedAssertion, PVOID FileName, ULONG LineNumber, PSTR Message)
{
    DbgPrint("assertion failed: %s, %s:%lu %s\n", (PSTR)FailedAssertion, (PSTR)FileName, LineNumber,
             Message != NULL ? Message : "");
    __asm__ volatile("int3");
}
