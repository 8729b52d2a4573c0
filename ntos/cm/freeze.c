/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtFreezeRegistry and NtThawRegistry: for who copies the files of hives.  Between them no service writes such a file: NtFlushKey, the
 * unloads, NtCompressKey and NtReplaceKey wait (CmpWaitForThaw).
 *
 * DIFFERS: keys and values may be changed meanwhile, for they are in memory only; a hive that goes with its last handle is written.
 */
#include "ntos/cm/cmp.h"

#define CMP_SECOND 10000000ull

static KEVENT CmpThawed;
static ULONG64 CmpThawTime;             /* interrupt time; 0: nothing is frozen */

static BOOLEAN CmpIsFrozen(VOID)
{
    return CmpThawTime > KeQueryInterruptTime();
}

NTSTATUS CmpWaitForThaw(VOID)
{
    while (CmpIsFrozen()) {
        LARGE_INTEGER Timeout = { .QuadPart = -(LONGLONG)(CmpThawTime - KeQueryInterruptTime()) };
        NTSTATUS Status = KeWaitForSingleObject(&CmpThawed, UserRequest, UserMode, FALSE, &Timeout);

        if (Status != STATUS_WAIT_0 && Status != STATUS_TIMEOUT)
            return Status;
    }
    return STATUS_SUCCESS;
}

VOID CmpInitFreeze(VOID)
{
    KeInitializeEvent(&CmpThawed, NotificationEvent, FALSE);
}

/* STATUS_INVALID_PARAMETER: it is frozen. */
NTSTATUS NTAPI NtFreezeRegistry(ULONG TimeOutInSeconds)
{
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    if (CmpIsFrozen())
        return STATUS_INVALID_PARAMETER;
    Status = CmpFlushAllHives();
    if (!NT_SUCCESS(Status))
        return Status;
    KeResetEvent(&CmpThawed);
    CmpThawTime = KeQueryInterruptTime() + TimeOutInSeconds * CMP_SECOND;
    return STATUS_SUCCESS;
}

/* STATUS_INVALID_PARAMETER: it is not frozen. */
NTSTATUS NTAPI NtThawRegistry(VOID)
{
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_BACKUP_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    if (!CmpIsFrozen())
        return STATUS_INVALID_PARAMETER;
    CmpThawTime = 0;
    KeSetEvent(&CmpThawed, 0, FALSE);
    return STATUS_SUCCESS;
}
