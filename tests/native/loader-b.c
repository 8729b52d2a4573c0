/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A DLL for the loader's test: what loader-a.dll imports.
 */
#include "ntdll.h"

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved);
__declspec(dllexport) ULONG BCount(ULONG Reason);
__declspec(dllexport) const ULONG *BPointer(void);

static ULONG Counts[4];
static const ULONG Number = 77;
static const ULONG *const Relocated = &Number;

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved)
{
    Counts[Reason]++;
    return TRUE;
}

ULONG BCount(ULONG Reason)
{
    return Counts[Reason];
}

/* An address that the loader had to relocate if the DLL is not at its base. */
const ULONG *BPointer(void)
{
    return Relocated;
}
