/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The node that LDR_DATA_TABLE_ENTRY.DdagNode leads to, where debuggers and process viewers read how often a module is used and
 * how far it has come.  As on Windows 10; there a node may stand for several modules of a circle, here each has its own.
 */
#pragma once

#include <nt.h>

typedef enum _LDR_DDAG_STATE {
    LdrModulesInitError = -4,
    LdrModulesSnapError,
    LdrModulesUnloaded,
    LdrModulesUnloading,
    LdrModulesPlaceHolder,
    LdrModulesMapping,
    LdrModulesMapped,
    LdrModulesWaitingForDependencies,
    LdrModulesSnapping,
    LdrModulesSnapped,
    LdrModulesCondensed,
    LdrModulesReadyToInit,
    LdrModulesInitializing,
    LdrModulesReadyToRun
} LDR_DDAG_STATE;

typedef struct _LDR_DDAG_NODE {
    LIST_ENTRY Modules;                 /* LDR_DATA_TABLE_ENTRY.NodeModuleLink */
    PVOID ServiceTagList;
    ULONG LoadCount;                    /* uses; MAXDWORD: stays to the end of the process */
    ULONG LoadWhileUnloadingCount;
    ULONG LowestLink;
    PVOID Dependencies;
    PVOID IncomingDependencies;
    LDR_DDAG_STATE State;
    PVOID CondenseLink;
    ULONG PreorderNumber;
} LDR_DDAG_NODE;

/* LDR_DATA_TABLE_ENTRY.LoadReason */
typedef enum _LDR_DLL_LOAD_REASON {
    LoadReasonStaticDependency,
    LoadReasonStaticForwarderDependency,
    LoadReasonDynamicForwarderDependency,
    LoadReasonDelayloadDependency,
    LoadReasonDynamicLoad
} LDR_DLL_LOAD_REASON;

C_ASSERT(sizeof(LDR_DDAG_NODE) == 0x50 && FIELD_OFFSET(LDR_DDAG_NODE, State) == 0x38);
