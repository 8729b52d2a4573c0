/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For errsizes.c: what is said of sizes, addresses and offsets that are too large, by service and argument.  Several statuses: it depends
 * on where the range ends.  STATUS_SUCCESS needs a reason.
 */
#pragma once

#include "check.h"

typedef struct _SIZES_ROW {
    PCSTR Service;
    ULONG Argument;                     /* from 0 */
    BOOLEAN IsWide;                     /* a value of 64 bits */
    NTSTATUS Statuses[4];               /* up to the first 0 behind the first */
} SIZES_ROW;

static const SIZES_ROW Sizes[] = {
    { "NtAddAtom", 1, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtFindAtom", 1, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtAllocateVirtualMemory", 1, FALSE, { STATUS_SUCCESS, STATUS_INVALID_PARAMETER_2, STATUS_INVALID_PARAMETER_4 } }, /* the last pages are a program's */
    { "NtAllocateVirtualMemory", 2, TRUE, { STATUS_SUCCESS } },                                                 /* more than 32 is a mask of the address's bits */
    { "NtAllocateVirtualMemory", 3, FALSE, { STATUS_SUCCESS, STATUS_INVALID_PARAMETER_4, STATUS_NO_MEMORY } },  /* 4 GiB and a page can be reserved */
    { "NtAllocateVirtualMemoryEx", 1, FALSE, { STATUS_SUCCESS, STATUS_INVALID_PARAMETER_2, STATUS_INVALID_PARAMETER_4 } }, /* as above */
    { "NtAllocateVirtualMemoryEx", 2, FALSE, { STATUS_SUCCESS, STATUS_INVALID_PARAMETER_4, STATUS_NO_MEMORY } }, /* as above */
    { "NtAllocateVirtualMemoryEx", 6, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtFreeVirtualMemory", 1, FALSE, { STATUS_INVALID_PARAMETER_2, STATUS_MEMORY_NOT_ALLOCATED, STATUS_INVALID_PARAMETER_3 } },
    { "NtFreeVirtualMemory", 2, FALSE, { STATUS_MEMORY_NOT_ALLOCATED, STATUS_INVALID_PARAMETER_3 } },
    { "NtProtectVirtualMemory", 1, FALSE, { STATUS_INVALID_PARAMETER_2, STATUS_CONFLICTING_ADDRESSES, STATUS_INVALID_PARAMETER_3 } },
    { "NtProtectVirtualMemory", 2, FALSE, { STATUS_CONFLICTING_ADDRESSES, STATUS_INVALID_PARAMETER_3 } },
    { "NtQueryVirtualMemory", 1, FALSE, { STATUS_SUCCESS, STATUS_INVALID_PARAMETER } },                         /* the last pages are a program's */
    { "NtReadVirtualMemory", 1, FALSE, { STATUS_ACCESS_VIOLATION, STATUS_PARTIAL_COPY } },
    { "NtReadVirtualMemory", 3, TRUE, { STATUS_PARTIAL_COPY, STATUS_ACCESS_VIOLATION } },                       /* the page is copied, what follows is not there */
    { "NtWriteVirtualMemory", 1, FALSE, { STATUS_ACCESS_VIOLATION, STATUS_PARTIAL_COPY } },
    { "NtWriteVirtualMemory", 3, TRUE, { STATUS_PARTIAL_COPY, STATUS_ACCESS_VIOLATION } },
    { "NtLockVirtualMemory", 1, FALSE, { STATUS_INVALID_PARAMETER_3, STATUS_ACCESS_VIOLATION } },
    { "NtLockVirtualMemory", 2, FALSE, { STATUS_ACCESS_VIOLATION, STATUS_INVALID_PARAMETER_3 } },
    { "NtUnlockVirtualMemory", 1, FALSE, { STATUS_INVALID_PARAMETER_3, STATUS_NOT_LOCKED } },
    { "NtUnlockVirtualMemory", 2, FALSE, { STATUS_NOT_LOCKED, STATUS_INVALID_PARAMETER_3 } },
    { "NtFlushVirtualMemory", 1, FALSE, { STATUS_NOT_MAPPED_VIEW } },
    { "NtSetTimer2", 2, FALSE, { STATUS_SUCCESS, STATUS_INVALID_PARAMETER_3 } },                               /* a period of at most 2^31 ms */
    { "NtFlushVirtualMemory", 2, FALSE, { STATUS_NOT_MAPPED_VIEW } },
    { "NtFlushInstructionCache", 1, FALSE, { STATUS_SUCCESS } },                                                /* nothing has to be done */
    { "NtFlushInstructionCache", 2, TRUE, { STATUS_SUCCESS } },                                                 /* as above */
    { "NtCreateSection", 3, FALSE, { STATUS_SECTION_TOO_BIG } },
    { "NtCreateSectionEx", 3, FALSE, { STATUS_SECTION_TOO_BIG } },
    { "NtCreateSectionEx", 8, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtExtendSection", 1, FALSE, { STATUS_SECTION_NOT_EXTENDED } },
    { "NtMapViewOfSection", 2, FALSE, { STATUS_INVALID_PARAMETER_3, STATUS_MAPPED_ALIGNMENT } },
    { "NtMapViewOfSection", 3, TRUE, { STATUS_SUCCESS } },                                                      /* a mask, as above */
    { "NtMapViewOfSection", 4, TRUE, { STATUS_INVALID_PARAMETER_5 } },
    { "NtMapViewOfSection", 5, FALSE, { STATUS_MAPPED_ALIGNMENT, STATUS_INVALID_VIEW_SIZE } },
    { "NtMapViewOfSection", 6, FALSE, { STATUS_INVALID_VIEW_SIZE } },
    { "NtMapViewOfSectionEx", 2, FALSE, { STATUS_INVALID_PARAMETER_3, STATUS_MAPPED_ALIGNMENT } },
    { "NtMapViewOfSectionEx", 3, FALSE, { STATUS_MAPPED_ALIGNMENT, STATUS_INVALID_VIEW_SIZE } },
    { "NtMapViewOfSectionEx", 4, FALSE, { STATUS_INVALID_VIEW_SIZE } },
    { "NtMapViewOfSectionEx", 8, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtUnmapViewOfSection", 1, FALSE, { STATUS_NOT_MAPPED_VIEW } },
    { "NtUnmapViewOfSectionEx", 1, FALSE, { STATUS_NOT_MAPPED_VIEW } },
    { "NtSetInformationVirtualMemory", 5, FALSE, { STATUS_INVALID_PARAMETER_6 } },
    { "NtCreateFile", 4, FALSE, { STATUS_SUCCESS, STATUS_INVALID_PARAMETER } },                                 /* "ignored" where a file is opened; negative is none */
    { "NtCreateFile", 10, FALSE, { STATUS_SUCCESS } },                                                          /* there is no EaBuffer */
    { "NtReadFile", 6, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtReadFile", 7, FALSE, { STATUS_END_OF_FILE, STATUS_INVALID_PARAMETER } },
    { "NtWriteFile", 6, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtWriteFile", 7, FALSE, { STATUS_DISK_FULL, STATUS_INVALID_PARAMETER } },
    { "NtDeviceIoControlFile", 7, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtDeviceIoControlFile", 9, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtFsControlFile", 7, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtFsControlFile", 9, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtFlushBuffersFileEx", 3, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtQueryDirectoryFile", 6, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtNotifyChangeDirectoryFile", 6, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtQueryDirectoryFileEx", 6, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtNotifyChangeDirectoryFileEx", 6, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtLockFile", 5, FALSE, { STATUS_SUCCESS, STATUS_INVALID_LOCK_RANGE } },                                  /* a range may lie behind the end of any file, but has to end before 2^64 */
    { "NtLockFile", 6, FALSE, { STATUS_SUCCESS } },                                                             /* as above */
    { "NtUnlockFile", 2, FALSE, { STATUS_RANGE_NOT_LOCKED, STATUS_INVALID_LOCK_RANGE } },
    { "NtUnlockFile", 3, FALSE, { STATUS_RANGE_NOT_LOCKED } },
    { "NtCreateMailslotFile", 6, FALSE, { STATUS_SUCCESS } },                                                   /* any: it is a limit */
    { "NtCreateKey", 3, FALSE, { STATUS_SUCCESS } },                                                            /* not used */
    { "NtSetValueKey", 2, FALSE, { STATUS_SUCCESS } },                                                          /* not used */
    { "NtSetValueKey", 5, FALSE, { STATUS_INSUFFICIENT_RESOURCES } },
    { "NtAdjustPrivilegesToken", 3, FALSE, { STATUS_SUCCESS } },                                                /* there is no PreviousState */
    { "NtAdjustGroupsToken", 3, FALSE, { STATUS_SUCCESS } },                                                    /* as above */
    { "NtCreatePort", 2, FALSE, { STATUS_INVALID_PARAMETER_3 } },
    { "NtCreatePort", 3, FALSE, { STATUS_INVALID_PARAMETER_4 } },
    { "NtCreateWaitablePort", 2, FALSE, { STATUS_INVALID_PARAMETER_3 } },
    { "NtCreateWaitablePort", 3, FALSE, { STATUS_INVALID_PARAMETER_4 } },
    { "NtReadRequestData", 4, TRUE, { STATUS_REPLY_MESSAGE_MISMATCH } },
    { "NtWriteRequestData", 4, TRUE, { STATUS_REPLY_MESSAGE_MISMATCH } },
    { "NtQueryInformationPort", 3, FALSE, { STATUS_INVALID_INFO_CLASS } },
    { "NtAlpcCreatePortSection", 3, TRUE, { STATUS_COMMITMENT_LIMIT, STATUS_INVALID_PARAMETER, STATUS_SECTION_TOO_BIG } },
    { "NtAlpcCreateResourceReserve", 2, TRUE, { STATUS_INVALID_PARAMETER } },
    { "NtAlpcQueryInformationMessage", 4, FALSE, { STATUS_MESSAGE_NOT_FOUND } },
    { "NtAlpcSendWaitReceivePort", 5, FALSE, { STATUS_TIMEOUT } },
    { "NtQuerySystemInformationEx", 2, FALSE, { STATUS_SUCCESS } },                                             /* more than the class takes */
    { "NtQuerySystemInformationEx", 4, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtQueryInformationAtom", 3, FALSE, { STATUS_ACCESS_VIOLATION } },
    { "NtPowerInformation", 2, FALSE, { STATUS_SUCCESS } },                                                     /* there is no InputBuffer */
    { "NtCreateThreadEx", 7, TRUE, { STATUS_SUCCESS } },                                                        /* a mask, as above: ps tests what it means */
    { "NtCreateThreadEx", 8, TRUE, { STATUS_COMMITMENT_LIMIT, STATUS_NO_MEMORY } },
    { "NtCreateThreadEx", 9, TRUE, { STATUS_SUCCESS, STATUS_NO_MEMORY } },                                      /* 4 GiB of addresses for a stack */
    { "NtGetWriteWatch", 2, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtGetWriteWatch", 3, TRUE, { STATUS_INVALID_PARAMETER } },
    { "NtResetWriteWatch", 1, FALSE, { STATUS_INVALID_PARAMETER } },
    { "NtResetWriteWatch", 2, TRUE, { STATUS_INVALID_PARAMETER } },
    { "NtReadFileScatter", 6, FALSE, { STATUS_INVALID_PARAMETER, STATUS_ACCESS_VIOLATION } },
    { "NtReadFileScatter", 7, FALSE, { STATUS_INVALID_PARAMETER, STATUS_END_OF_FILE } },
    { "NtWriteFileGather", 6, FALSE, { STATUS_INVALID_PARAMETER, STATUS_ACCESS_VIOLATION } },
    { "NtWriteFileGather", 7, FALSE, { STATUS_INVALID_PARAMETER, STATUS_DISK_FULL } },
    { "NtSetVolumeInformationFile", 3, FALSE, { STATUS_INVALID_PARAMETER } },
};

/* Services whose sizes are not tried. */
static const struct {
    PCSTR Service, Reason;
} NotTested[] = {
    { "NtNotifyChangeKey", "a request stays; its buffer is not used" },
    { "NtNotifyChangeMultipleKeys", "the same" },
};
