/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Which messages of DbgPrintEx reach the log: a mask of levels for each component, and one for all of them, which lets
 * DPFLTR_ERROR_LEVEL through.  NtQueryDebugFilterState, NtSetDebugFilterState.  Nothing here waits.
 * DIFFERS: the registry's "Debug Print Filter" is not read; a mask is what was set since the start.
 *
 * Source: Microsoft's "Reading and Filtering Debugging Messages", DbgPrintEx; dpfilter.h for the components.
 */
#include "ntos/ex/exp.h"

#define EXP_COMPONENTS 155              /* DPFLTR_ENDOFTABLE_ID of Windows 10 */
#define EXP_ALWAYS 1u                   /* Kd_WIN2000_Mask: 1 << DPFLTR_ERROR_LEVEL */

static ULONG ExpMasks[EXP_COMPONENTS];

/* A level is a bit's number, or bits. */
static ULONG ExpLevelMask(ULONG Level)
{
    return Level < 32 ? 1u << Level : Level;
}

NTSTATUS NTAPI NtQueryDebugFilterState(ULONG ComponentId, ULONG Level)
{
    if (ComponentId >= EXP_COMPONENTS && ComponentId != MAXDWORD)
        return STATUS_INVALID_PARAMETER_1;
    return ComponentId == MAXDWORD || (ExpMasks[ComponentId] | EXP_ALWAYS) & ExpLevelMask(Level) ? TRUE : FALSE;
}

NTSTATUS NTAPI NtSetDebugFilterState(ULONG ComponentId, ULONG Level, BOOLEAN State)
{
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_DEBUG_PRIVILEGE), UserMode))
        return STATUS_ACCESS_DENIED;
    if (ComponentId >= EXP_COMPONENTS)
        return STATUS_INVALID_PARAMETER_1;
    ExpMasks[ComponentId] &= ~ExpLevelMask(Level);
    ExpMasks[ComponentId] |= State ? ExpLevelMask(Level) : 0;
    return STATUS_SUCCESS;
}
