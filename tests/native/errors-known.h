/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For errors.c: what is answered otherwise than by most services, and what has no good call.
 */
#define COPY_CASES (1 << NullPointer | 1 << Unmapped | 1 << NeverMapped | 1 << NoAccess | 1 << Guarded | 1 << Straddling)

/* What is answered otherwise, and why. */
static const struct {
    PCSTR Service;
    ULONG Argument;                     /* from 0 */
    ULONG Cases;                        /* 1 << CASE; 0: all */
    ULONG Where;                        /* OnNereid, OnWine, Everywhere */
    NTSTATUS Status;
} Exceptions[] = {
    /* ObDuplicateObject without a target: the handle can only be closed. */
    { "NtDuplicateObject", 2, 1 << NullHandle, OnNereid, STATUS_INVALID_PARAMETER },
    /* The string there is empty: it has no room. */
    { "NtQuerySymbolicLinkObject", 1, 1 << ReadOnly, OnNereid, STATUS_BUFFER_TOO_SMALL },
    /* AddAtom: "a pointer to the atom name". */
    { "NtAddAtom", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    { "NtFindAtom", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    /* MAKEINTATOM: an address below 0x10000 is a number. */
    { "NtAddAtom", 0, 1 << NeverMapped, OnNereid, STATUS_SUCCESS },
    { "NtFindAtom", 0, 1 << NeverMapped, OnNereid, STATUS_SUCCESS },
    /* The count, which comes first, is 0. */
    { "NtAdjustPrivilegesToken", 2, 1 << Straddling, OnNereid, STATUS_SUCCESS },
    { "NtPrivilegeCheck", 1, 1 << Straddling, OnNereid, STATUS_SUCCESS },
    /* QueryInformationJobObject: NULL is "the job associated with the calling process"; there is none. */
    { "NtQueryInformationJobObject", 0, 1 << NullHandle, OnNereid, STATUS_ACCESS_DENIED },
    /* A process has a parent. */
    { "NtCreateProcess", 3, 1 << NullHandle, OnNereid, STATUS_INVALID_PARAMETER },
    { "NtCreateProcessEx", 3, 1 << NullHandle, OnNereid, STATUS_INVALID_PARAMETER },
    { "NtCreateThread", 5, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    /* ReadProcessMemory, ERROR_PARTIAL_COPY: nothing was copied, whichever side the bad memory is on. */
    { "NtReadVirtualMemory", 2, COPY_CASES | 1 << ReadOnly, OnNereid, STATUS_PARTIAL_COPY },
    { "NtWriteVirtualMemory", 2, COPY_CASES, OnNereid, STATUS_PARTIAL_COPY },
    /* ZwCreateSection: without a file MaximumSize may not be NULL. */
    { "NtCreateSection", 3, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER_4 },
    { "NtCreateSectionEx", 3, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER_4 },
    { "NtSetInformationVirtualMemory", 4, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER_5 },
    /* SetFileAttributes of libwine opens with SYNCHRONIZE alone. */
    { "NtSetInformationFile", 0, 1 << MissingRight, Everywhere, STATUS_SUCCESS },
    /* A pipe's first instance needs a timeout. */
    { "NtCreateNamedPipeFile", 13, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    /* AdjustTokenPrivileges: NewState may be NULL only with DisableAllPrivileges. */
    { "NtAdjustPrivilegesToken", 2, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    /* AccessCheck: "a pointer to a security descriptor". */
    { "NtAccessCheck", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_SECURITY_DESCR },
    { "NtAccessCheckByType", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_SECURITY_DESCR },
    { "NtAccessCheckByTypeResultList", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_SECURITY_DESCR },
    { "NtAccessCheckByTypeResultListAndAuditAlarmByHandle", 5, 1 << NullPointer, OnNereid, STATUS_INVALID_SECURITY_DESCR },
    /* The count, which comes first, is 0. */
    { "NtOpenObjectAuditAlarm", 8, 1 << Straddling, OnNereid, STATUS_SUCCESS },
    { "NtPrivilegeObjectAuditAlarm", 4, 1 << Straddling, OnNereid, STATUS_SUCCESS },
    { "NtPrivilegedServiceAuditAlarm", 3, 1 << Straddling, OnNereid, STATUS_SUCCESS },
    /* Nothing to send and nothing to receive. */
    { "NtAlpcSendWaitReceivePort", 4, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
};

/* What is written although the call fails. */
static const struct {
    PCSTR Service;
    ULONG Arguments;                    /* 1 << number */
} WritesAnyway[] = {
    { "NtReadVirtualMemory", 1 << 4 }, { "NtWriteVirtualMemory", 1 << 4 },      /* how much was copied, which may be nothing */
    { "NtSetInformationDebugObject", 1 << 4 },          /* the length, at once */
};

/* What Wine does not look at; the words are the documentation's. */
static const struct {
    PCSTR Service;
    ULONG Arguments;                    /* 1 << number */
} LooksAway[] = {
    { "NtSetInformationObject", 1 << 3 },               /* another status */
    { "NtMakeTemporaryObject", 1 << 0 },                /* "the caller must have DELETE access" */
    { "NtSetInformationProcess", 1 << 0 | 1 << 3 },     /* "must have the PROCESS_SET_INFORMATION access right" */
    { "NtQueryInformationThread", 1 << 3 },             /* STATUS_INFO_LENGTH_MISMATCH: "is not equal to the required length" */
    { "NtSetInformationThread", 1 << 0 | 1 << 3 },      /* THREAD_SET_THREAD_TOKEN, or another right for another class */
    { "NtQueryInformationJobObject", 1 << 1 | 1 << 3 }, /* another status; STATUS_INFO_LENGTH_MISMATCH */
    { "NtSetInformationJobObject", 1 << 1 | 1 << 3 },   /* another status */
    { "NtFlushInstructionCache", 1 << 0 },              /* "a handle to a process whose instruction cache is to be flushed" */
    { "NtSetInformationVirtualMemory", 1 << 0 },        /* "must have the PROCESS_SET_INFORMATION access right" */
    { "NtReadFile", 1 << 0 | 1 << 1 }, { "NtWriteFile", 1 << 0 | 1 << 1 },        /* an event's right; a section's file will do */
    { "NtFsControlFile", 1 << 0 | 1 << 1 },             /* this code is answered without the file */
    { "NtSetInformationFile", 1 << 0 | 1 << 3 },               /* another status */
    { "NtQueryVolumeInformationFile", 1 << 0 | 1 << 3 | 1 << 4 },        /* STATUS_INFO_LENGTH_MISMATCH, STATUS_INVALID_INFO_CLASS */
    { "NtNotifyChangeDirectoryFile", 1 << 0 },          /* "must have been opened with FILE_LIST_DIRECTORY" */
    { "NtCancelIoFile", 1 << 0 }, { "NtCancelIoFileEx", 1 << 0 },       /* "a handle to the file" */
    { "NtGetWriteWatch", 1 << 0 }, { "NtResetWriteWatch", 1 << 0 },     /* the memory of the caller only */
    { "NtReadFileScatter", 1 << 0 | 1 << 1 }, { "NtWriteFileGather", 1 << 0 | 1 << 1 },   /* as NtReadFile */
    { "NtSetVolumeInformationFile", 1 << 0 | 1 << 4 },  /* does nothing, and says success */
    { "NtQueryKey", 1 << 0 },                           /* KEY_QUERY_VALUE, "for any KeyInformationClass" */
    { "NtSaveKey", 1 << 0 | 1 << 1 },                   /* it looks for the privilege first */
    { "NtReplaceKey", 1 << 0 | 1 << 1 | 1 << 2 }, { "NtRestoreKey", 1 << 0 | 1 << 1 },    /* do nothing, and say success */
    { "NtSetInformationKey", 1 << 0 | 1 << 1 | 1 << 3 }, { "NtQueryMultipleValueKey", 1 << 0 },     /* so do these */
    { "NtLoadKeyEx", 1 << 3 | 1 << 4 },                 /* no trust key and no event */
    { "NtQueryIoCompletion", 1 << 1 },                  /* another status */
    { "NtNotifyChangeMultipleKeys", 1 << 3 },           /* as NtNotifyChangeKey */
    { "NtOpenProcessToken", 1 << 0 }, { "NtOpenProcessTokenEx", 1 << 0 },       /* "must have PROCESS_QUERY_INFORMATION" */
    { "NtOpenThreadToken", 1 << 0 }, { "NtOpenThreadTokenEx", 1 << 0 }, /* "must have THREAD_QUERY_INFORMATION" */
    { "NtSetInformationToken", 1 << 0 | 1 << 3 },       /* "must have TOKEN_ADJUST_DEFAULT"; a longer buffer will do */
    { "NtQueryObject", 1 << 3 }, { "NtQueryTimer", 1 << 3 },    /* a longer buffer will do */
    { "NtFlushBuffersFile", 1 << 0 }, { "NtFlushBuffersFileEx", 1 << 0 }, { "NtQueryInformationFile", 1 << 0 }, { "NtQueryDirectoryFile", 1 << 0 }, /* a section's file will do */
    { "NtDeviceIoControlFile", 1 << 0 },                /* another status */
    { "NtEnumerateValueKey", 1 << 4 },                  /* STATUS_BUFFER_TOO_SMALL: "the buffer is too small to receive any data" */
    { "NtNotifyChangeKey", 1 << 1 },                    /* "a handle to an event object, created by the caller" */
};

/* Types that will do as well: anything that can be signalled. */
static const struct {
    PCSTR Service, Letters;
    ULONG Argument;
} OtherTypes[] = {
    { "NtSignalAndWaitForSingleObject", "mn", 0 },
};

/* Services without a row. */
static const struct {
    PCSTR Service, Reason;
} NotCalled[] = {
    { "NtWaitForAlertByThreadId", "takes no handle, and NULL is for ever" },
    { "NtAlertThreadByThreadId", "takes a number" },
    { "NtDeleteAtom", "takes a number" },
    { "NtAreMappedFilesTheSame", "takes addresses, which it does not read: uuids" },
    { "NtAssociateWaitCompletionPacket", "wants a packet that is not in use: packets" },
    { "NtQueryEaFile", "never succeeds: fileclass" },
    { "NtSetEaFile", "never succeeds: fileclass" },
    { "NtQueryLicenseValue", "never succeeds: win10" },
    { "NtSetEventBoostPriority", "wants a synchronization event: win10" },
    { "NtQueryDebugFilterState", "takes numbers: win10" },
    { "NtSetDebugFilterState", "takes numbers: win10" },
    { "NtFlushWriteBuffer", "takes nothing" },
    { "NtIsSystemResumeAutomatic", "takes nothing" },
    { "NtDeletePrivateNamespace", "wants a namespace: ob" },
    { "NtSetSystemTime", "sets the clock" },
    { "NtShutdownSystem", "ends the system" },
    { "NtSetSystemInformation", "sets the time zone: clock" },
    { "NtCreateUserProcess", "wants a program: ps" },
    { "NtCreateToken", "wants a token: user" },
    { "NtCreateTokenEx", "wants a token: tokens" },
    { "NtAccessCheckAndAuditAlarm", "checks whom the thread impersonates: audit" },
    { "NtAccessCheckByTypeAndAuditAlarm", "checks whom the thread impersonates: audit" },
    { "NtAccessCheckByTypeResultListAndAuditAlarm", "checks whom the thread impersonates: audit" },
    { "NtContinue", "does not come back: except" },
    { "NtRaiseException", "does not come back: except" },
    { "NtCallbackReturn", "has no callback to return from" },
    { "NtTestAlert", "takes nothing" },
    { "NtLockRegistryKey", "the key could not be changed any more: keyinfo" },
    { "NtInitializeRegistry", "takes a number: keyinfo" },
    { "NtRevertContainerImpersonation", "takes nothing" },
    { "NtFreezeRegistry", "takes a number: hivefiles" },
    { "NtThawRegistry", "takes nothing: hivefiles" },
    { "NtYieldExecution", "takes nothing" },
    { "NtFlushProcessWriteBuffers", "takes nothing" },
};
