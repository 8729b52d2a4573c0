/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For errflags.c: the bits that mean something, by service and argument, and what is said of the others.
 *
 * Wine refuses unknown bits of NtAllocateVirtualMemory, NtFreeVirtualMemory and NtGetWriteWatch (STATUS_INVALID_PARAMETER, without a
 * number) and ignores nearly all others.  Win32 functions say ERROR_INVALID_PARAMETER for each of the statuses here: VirtualAlloc,
 * CreateFile ("any other value"), CreateNamedPipe, RegCreateKeyEx, RegNotifyChangeKeyValue and ReadDirectoryChangesW of their flags;
 * a page protection that is none is STATUS_INVALID_PAGE_PROTECTION (ZwAllocateVirtualMemory, ZwCreateSection).
 */
#pragma once

#include "check.h"
#include "nt/alpcapi.h"

typedef struct _FLAGS_ROW {
    PCSTR Service;
    ULONG Argument;                     /* from 0 */
    ULONG Known;                        /* bits that are not tried */
    NTSTATUS Status;                    /* STATUS_SUCCESS: ignored */
} FLAGS_ROW;

/* With PAGE_READWRITE: a second protection is none, either. */
#define PROTECTION_BITS (PAGE_READWRITE | PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE | 0x40000000 /* PAGE_TARGETS_INVALID */)
#define ALLOCATION_BITS (MEM_COMMIT | MEM_RESERVE | MEM_RESET | MEM_TOP_DOWN | MEM_WRITE_WATCH | MEM_PHYSICAL | MEM_RESET_UNDO | MEM_LARGE_PAGES | \
                         0x80000000 /* MEM_4MB_PAGES */)
#define PLACEHOLDER_BITS (MEM_RESERVE_PLACEHOLDER | MEM_REPLACE_PLACEHOLDER)
#define SECTION_BITS 0xffe60000         /* SEC_HUGE_PAGES to SEC_LARGE_PAGES */
#define VIEW_BITS (MEM_RESERVE | MEM_REPLACE_PLACEHOLDER | MEM_TOP_DOWN | MEM_LARGE_PAGES | 0x400000 /* SEC_NO_CHANGE */ | \
                   0x800000 /* MEM_DIFFERENT_IMAGE_BASE_OK */ | 0x40000000 /* MEM_DOS_LIM */)
/* FILE_ATTRIBUTE_VALID_FLAGS and later ones: neither FILE_ATTRIBUTE_DEVICE nor 8, which was a volume's label. */
#define ATTRIBUTE_BITS 0x207fffb7
#define SHARE_BITS (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define OPTION_BITS 0x00ffffff          /* FILE_VALID_OPTION_FLAGS */
/* Neither those of NtRestoreKey (1, 2, 8) nor what only the start of the system uses: REG_START_JOURNAL, REG_BOOT_HIVE. */
#define LOAD_BITS 0xfbb4
#define CONNECT_BITS (ALPC_MSGFLG_SYNC_REQUEST | ALPC_MSGFLG_TRACK_PORT_REFERENCES | ALPC_MSGFLG_WAIT_USER_MODE | ALPC_MSGFLG_WAIT_ALERTABLE)
#define MESSAGE_BITS (CONNECT_BITS | ALPC_MSGFLG_REPLY_MESSAGE | ALPC_MSGFLG_LPC_MODE | ALPC_MSGFLG_RELEASE_MESSAGE)

static const FLAGS_ROW Flags[] = {
    { "NtDuplicateObject", 5, 0, STATUS_SUCCESS },
    { "NtDuplicateObject", 6, DUPLICATE_CLOSE_SOURCE | DUPLICATE_SAME_ACCESS | DUPLICATE_SAME_ATTRIBUTES, STATUS_SUCCESS },
    { "NtQuerySecurityObject", 1, 0x1007f, STATUS_SUCCESS },
    { "NtSetSecurityObject", 1, 0xf001007f, STATUS_SUCCESS },
    { "NtCreateKeyedEvent", 3, 0, STATUS_INVALID_PARAMETER_4 },
    { "NtRaiseHardError", 4, 0xf, STATUS_INVALID_PARAMETER_4 },
    { "NtSetThreadExecutionState", 0, 0x80000047, STATUS_INVALID_PARAMETER },
    { "NtCreateThreadEx", 6, 0xff, STATUS_INVALID_PARAMETER_7 },
    { "NtCreateProcessEx", 4, 0x1f, STATUS_INVALID_PARAMETER },
    { "NtGetNextProcess", 2, 0, STATUS_SUCCESS },
    { "NtGetNextProcess", 3, 1, STATUS_INVALID_PARAMETER },
    { "NtGetNextThread", 3, 0, STATUS_SUCCESS },
    { "NtGetNextThread", 4, 0, STATUS_INVALID_PARAMETER },
    { "NtCreateUserProcess", 6, 0x7ffff, STATUS_INVALID_PARAMETER_7 },
    { "NtCreateUserProcess", 7, 0xff, STATUS_INVALID_PARAMETER_8 },
    { "NtAllocateVirtualMemory", 4, ALLOCATION_BITS, STATUS_INVALID_PARAMETER_5 },
    { "NtAllocateVirtualMemory", 5, PROTECTION_BITS, STATUS_INVALID_PAGE_PROTECTION },
    { "NtAllocateVirtualMemoryEx", 3, ALLOCATION_BITS | PLACEHOLDER_BITS, STATUS_INVALID_PARAMETER_5 },
    { "NtAllocateVirtualMemoryEx", 4, PROTECTION_BITS, STATUS_INVALID_PAGE_PROTECTION },
    { "NtFreeVirtualMemory", 3, MEM_DECOMMIT | MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS | MEM_PRESERVE_PLACEHOLDER, STATUS_INVALID_PARAMETER_4 },
    { "NtProtectVirtualMemory", 3, PROTECTION_BITS, STATUS_INVALID_PAGE_PROTECTION },
    { "NtLockVirtualMemory", 3, 3 /* MAP_PROCESS, MAP_SYSTEM */, STATUS_INVALID_PARAMETER_4 },
    { "NtUnlockVirtualMemory", 3, 3 /* the same */, STATUS_INVALID_PARAMETER_4 },
    { "NtGetWriteWatch", 1, 1, STATUS_INVALID_PARAMETER },
    { "NtCreateSection", 4, PROTECTION_BITS, STATUS_INVALID_PAGE_PROTECTION },
    { "NtCreateSection", 5, SECTION_BITS, STATUS_INVALID_PARAMETER_6 },
    { "NtCreateSectionEx", 4, PROTECTION_BITS, STATUS_INVALID_PAGE_PROTECTION },
    { "NtCreateSectionEx", 5, SECTION_BITS, STATUS_INVALID_PARAMETER_6 },
    { "NtCreateDirectoryObjectEx", 4, 0, STATUS_INVALID_PARAMETER },
    { "NtCreateTimer2", 3, EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE | EX_TIMER_NOTIFICATION, STATUS_INVALID_PARAMETER_4 },
    { "NtMapViewOfSection", 8, VIEW_BITS, STATUS_INVALID_PARAMETER_9 },
    { "NtMapViewOfSection", 9, PROTECTION_BITS, STATUS_INVALID_PAGE_PROTECTION },
    { "NtMapViewOfSectionEx", 5, VIEW_BITS, STATUS_INVALID_PARAMETER },
    { "NtMapViewOfSectionEx", 6, PROTECTION_BITS, STATUS_INVALID_PAGE_PROTECTION },
    { "NtUnmapViewOfSectionEx", 2, 3, STATUS_INVALID_PARAMETER },
    { "NtCreateFile", 5, ATTRIBUTE_BITS, STATUS_INVALID_PARAMETER },
    { "NtCreateFile", 6, SHARE_BITS, STATUS_INVALID_PARAMETER },
    { "NtCreateFile", 8, OPTION_BITS, STATUS_INVALID_PARAMETER },
    { "NtOpenFile", 4, SHARE_BITS, STATUS_INVALID_PARAMETER },
    { "NtOpenFile", 5, OPTION_BITS, STATUS_INVALID_PARAMETER },
    { "NtNotifyChangeDirectoryFile", 7, 0xfff, STATUS_INVALID_PARAMETER },
    { "NtNotifyChangeDirectoryFileEx", 7, 0xfff, STATUS_INVALID_PARAMETER },
    { "NtQueryDirectoryFileEx", 8, SL_RESTART_SCAN | SL_RETURN_SINGLE_ENTRY | SL_RETURN_ON_DISK_ENTRIES_ONLY | SL_NO_CURSOR_UPDATE_QUERY,
      STATUS_INVALID_PARAMETER },
    { "NtCreateNamedPipeFile", 4, SHARE_BITS, STATUS_INVALID_PARAMETER },
    { "NtCreateNamedPipeFile", 6, OPTION_BITS, STATUS_INVALID_PARAMETER },
    { "NtCreateNamedPipeFile", 7, 3, STATUS_INVALID_PARAMETER },
    { "NtCreateNamedPipeFile", 8, 1, STATUS_INVALID_PARAMETER },
    { "NtCreateNamedPipeFile", 9, 1, STATUS_INVALID_PARAMETER },
    { "NtCreateMailslotFile", 4, OPTION_BITS, STATUS_INVALID_PARAMETER },
    { "NtCreateKey", 5, 0x1f, STATUS_INVALID_PARAMETER },
    { "NtOpenKeyEx", 3, 0x1c, STATUS_INVALID_PARAMETER },
    { "NtLoadKey2", 2, LOAD_BITS, STATUS_INVALID_PARAMETER },
    { "NtLoadKeyEx", 2, LOAD_BITS, STATUS_INVALID_PARAMETER },
    { "NtUnloadKey2", 1, REG_FORCE_UNLOAD, STATUS_INVALID_PARAMETER },
    { "NtRestoreKey", 2, 0xf, STATUS_INVALID_PARAMETER },
    { "NtNotifyChangeKey", 5, 0x1000000f, STATUS_INVALID_PARAMETER },
    { "NtNotifyChangeMultipleKeys", 7, 0x1000000f, STATUS_INVALID_PARAMETER },
    { "NtOpenProcessTokenEx", 2, 0, STATUS_SUCCESS },
    { "NtOpenThreadTokenEx", 3, 0, STATUS_SUCCESS },
    { "NtFilterToken", 1, 0xf, STATUS_INVALID_PARAMETER },
    { "NtFilterTokenEx", 1, 0xf, STATUS_INVALID_PARAMETER },
    { "NtAccessCheckByTypeAndAuditAlarm", 8, 1, STATUS_INVALID_PARAMETER },
    { "NtAccessCheckByTypeResultListAndAuditAlarm", 8, 1, STATUS_INVALID_PARAMETER },
    { "NtAccessCheckByTypeResultListAndAuditAlarmByHandle", 9, 1, STATUS_INVALID_PARAMETER },
    { "NtCreateDebugObject", 3, 1, STATUS_INVALID_PARAMETER },
    { "NtFlushBuffersFileEx", 1, 0xf, STATUS_INVALID_PARAMETER },
    { "NtAlpcDisconnectPort", 1, 1, STATUS_INVALID_PARAMETER },
    { "NtAlpcCreatePortSection", 1, 0x40000, STATUS_INVALID_PARAMETER },
    { "NtAlpcDeletePortSection", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcCreateResourceReserve", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcDeleteResourceReserve", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcCreateSectionView", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcDeleteSectionView", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcCreateSecurityContext", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcDeleteSecurityContext", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcRevokeSecurityContext", 1, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcConnectPort", 4, CONNECT_BITS, STATUS_INVALID_PARAMETER },
    { "NtAlpcConnectPortEx", 4, CONNECT_BITS, STATUS_INVALID_PARAMETER },
    { "NtAlpcAcceptConnectPort", 2, CONNECT_BITS, STATUS_INVALID_PARAMETER },
    { "NtAlpcSendWaitReceivePort", 1, MESSAGE_BITS, STATUS_INVALID_PARAMETER },
    { "NtAlpcCancelMessage", 1, ALPC_CANCELFLG_TRY_CANCEL | ALPC_CANCELFLG_NO_CONTEXT_CHECK, STATUS_INVALID_PARAMETER },
    { "NtAlpcImpersonateClientContainerOfPort", 2, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcOpenSenderProcess", 3, 0, STATUS_INVALID_PARAMETER },
    { "NtAlpcOpenSenderThread", 3, 0, STATUS_INVALID_PARAMETER },
};

/* Services whose flags have no row. */
static const struct {
    PCSTR Service, Reason;
} NotTested[] = {
    { "NtCreateJobSet", "is not implemented" },
    { "NtGetMUIRegistryInfo", "is not implemented" },
    { "NtInitiatePowerAction", "is not implemented" },
    { "NtQuerySystemEnvironmentValueEx", "is not implemented" },
    { "NtSetSystemEnvironmentValueEx", "is not implemented" },
    { "NtTraceEvent", "is not implemented" },
    { "NtCreateTransaction", "is not implemented" },
};
