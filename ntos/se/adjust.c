/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Changes of a token: NtAdjustPrivilegesToken, NtAdjustGroupsToken.
 *
 * The change is worked out on captured copies first; what can fail (reading, the length of PreviousState) comes
 * before the first attribute changes, only the final write of PreviousState may fail after it, as in NT.  Nothing
 * here waits.
 */
#include "ntos/se/sep.h"

#define SEP_PRIVILEGE_BITS (SE_PRIVILEGE_ENABLED | SE_PRIVILEGE_REMOVED)

/* The attributes that Old shall have; FALSE: no change. */
static BOOLEAN SepNewPrivilege(const LUID_AND_ATTRIBUTES *Old, BOOLEAN DisableAll, const LUID_AND_ATTRIBUTES *Wanted,
        ULONG Count, PULONG Attributes)
{
    *Attributes = Old->Attributes;
    if (DisableAll)
        *Attributes &= ~SE_PRIVILEGE_ENABLED;
    for (ULONG i = 0; !DisableAll && i < Count; i++) {
        if (Wanted[i].Luid.LowPart == Old->Luid.LowPart && Wanted[i].Luid.HighPart == Old->Luid.HighPart)
            *Attributes = (Old->Attributes & ~SEP_PRIVILEGE_BITS) | (Wanted[i].Attributes & SEP_PRIVILEGE_BITS);
    }
    return *Attributes != Old->Attributes;
}

NTSTATUS NTAPI NtAdjustPrivilegesToken(HANDLE TokenHandle, BOOLEAN DisableAllPrivileges, PTOKEN_PRIVILEGES NewState,
        ULONG BufferLength, PTOKEN_PRIVILEGES PreviousState, PULONG ReturnLength)
{
    LUID_AND_ATTRIBUTES Wanted[SEP_MAXIMUM_PRIVILEGES];
    LUID_AND_ATTRIBUTES Changed[SEP_MAXIMUM_PRIVILEGES];
    ULONG WantedCount = 0;
    ULONG ChangedCount = 0;
    ULONG Known = 0;
    ULONG Kept = 0;
    ULONG Needed;
    PTOKEN Token;
    NTSTATUS Status = STATUS_SUCCESS;

    if (!DisableAllPrivileges)
        Status = NewState != NULL ? SepCapturePrivileges(NewState, Wanted, &WantedCount) : STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(TokenHandle, TOKEN_ADJUST_PRIVILEGES | (PreviousState != NULL
                                                                                   ? TOKEN_QUERY : 0),
                                           SeTokenObjectType, UserMode, (PVOID *)&Token, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG i = 0; i < Token->PrivilegeCount; i++) {
        ULONG Attributes;

        if (SepNewPrivilege(&Token->Privileges[i], DisableAllPrivileges, Wanted, WantedCount, &Attributes))
            Changed[ChangedCount++] = Token->Privileges[i];
    }
    for (ULONG i = 0; i < WantedCount; i++)
        Known += SepFindPrivilege(Token, Wanted[i].Luid) != NULL;
    Needed = FIELD_OFFSET(TOKEN_PRIVILEGES, Privileges) + ChangedCount * sizeof(LUID_AND_ATTRIBUTES);
    if (PreviousState != NULL) {
        Status = MmPutUser(ReturnLength, Needed);
        if (NT_SUCCESS(Status) && BufferLength < Needed)
            Status = STATUS_BUFFER_TOO_SMALL;
        if (!NT_SUCCESS(Status)) {
            ObDereferenceObject(Token);
            return Status;
        }
    }
    /* Commit. */
    for (ULONG i = 0; i < Token->PrivilegeCount; i++) {
        LUID_AND_ATTRIBUTES Privilege = Token->Privileges[i];

        SepNewPrivilege(&Token->Privileges[i], DisableAllPrivileges, Wanted, WantedCount, &Privilege.Attributes);
        if (!(Privilege.Attributes & SE_PRIVILEGE_REMOVED))
            Token->Privileges[Kept++] = Privilege;
    }
    Token->PrivilegeCount = Kept;
    if (ChangedCount != 0)
        ExAllocateLocallyUniqueId(&Token->ModifiedId);
    ObDereferenceObject(Token);
    if (PreviousState != NULL) {
        Status = MmPutUser(&PreviousState->PrivilegeCount, ChangedCount);
        if (NT_SUCCESS(Status))
            Status = MmCopyToUser(PreviousState->Privileges, Changed, ChangedCount * sizeof(Changed[0]));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return Known == WantedCount ? STATUS_SUCCESS : STATUS_NOT_ALL_ASSIGNED;
}

/* --- groups --------------------------------------------------------------------------------------------------- */

/* New attributes of group Index; STATUS_CANT_DISABLE_MANDATORY, STATUS_CANT_ENABLE_DENY_ONLY. */
static NTSTATUS SepNewGroup(PTOKEN Token, ULONG Index, BOOLEAN Reset, const SID_AND_ATTRIBUTES *Wanted, ULONG Count,
        PULONG Attributes)
{
    PSID_AND_ATTRIBUTES Group = &Token->UserAndGroups[Index];

    *Attributes = Group->Attributes;
    if (Group->Attributes & SE_GROUP_INTEGRITY)
        return STATUS_SUCCESS;
    if (Reset && !(Group->Attributes & SE_GROUP_MANDATORY)) {
        *Attributes &= ~SE_GROUP_ENABLED;
        if (Group->Attributes & SE_GROUP_ENABLED_BY_DEFAULT)
            *Attributes |= SE_GROUP_ENABLED;
    }
    for (ULONG i = 0; !Reset && i < Count; i++) {
        if (!RtlEqualSid(Wanted[i].Sid, Group->Sid))
            continue;
        if (Wanted[i].Attributes & SE_GROUP_ENABLED) {
            if (Group->Attributes & SE_GROUP_USE_FOR_DENY_ONLY)
                return STATUS_CANT_ENABLE_DENY_ONLY;
            *Attributes |= SE_GROUP_ENABLED;
        } else {
            if (Group->Attributes & SE_GROUP_MANDATORY)
                return STATUS_CANT_DISABLE_MANDATORY;
            *Attributes &= ~SE_GROUP_ENABLED;
        }
    }
    return STATUS_SUCCESS;
}

/* The groups that will change, with their old attributes, as TOKEN_GROUPS in pool with pointers into User. */
static NTSTATUS SepDescribeChange(PTOKEN Token, BOOLEAN Reset, const SID_AND_ATTRIBUTES *Wanted, ULONG Count,
        PTOKEN_GROUPS User, PTOKEN_GROUPS *Result, PULONG Size)
{
    ULONG Changes = 0;
    ULONG Offset;
    ULONG Attributes;
    ULONG Out = 0;
    NTSTATUS Status;

    *Size = 0;
    for (ULONG i = 1; i < Token->UserAndGroupCount; i++) {
        Status = SepNewGroup(Token, i, Reset, Wanted, Count, &Attributes);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Attributes != Token->UserAndGroups[i].Attributes) {
            Changes++;
            *Size += RtlLengthSid(Token->UserAndGroups[i].Sid);
        }
    }
    Offset = FIELD_OFFSET(TOKEN_GROUPS, Groups) + Changes * sizeof(SID_AND_ATTRIBUTES);
    *Size += Offset;
    *Result = ExAllocatePoolZero(PagedPool, max(*Size, sizeof(TOKEN_GROUPS)), SE_TAG_TOKEN);
    if (*Result == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    (*Result)->GroupCount = Changes;
    for (ULONG i = 1; i < Token->UserAndGroupCount; i++) {
        PSID_AND_ATTRIBUTES Group = &Token->UserAndGroups[i];

        SepNewGroup(Token, i, Reset, Wanted, Count, &Attributes);
        if (Attributes == Group->Attributes)
            continue;
        (*Result)->Groups[Out].Sid = (PUCHAR)User + Offset;
        (*Result)->Groups[Out++].Attributes = Group->Attributes;
        memcpy((PUCHAR)*Result + Offset, Group->Sid, RtlLengthSid(Group->Sid));
        Offset += RtlLengthSid(Group->Sid);
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtAdjustGroupsToken(HANDLE TokenHandle, BOOLEAN ResetToDefault, PTOKEN_GROUPS NewState,
        ULONG BufferLength, PTOKEN_GROUPS PreviousState, PULONG ReturnLength)
{
    PSID_AND_ATTRIBUTES Wanted = NULL;
    PTOKEN_GROUPS Previous = NULL;
    ULONG Count = 0;
    ULONG Known = 0;
    ULONG Size;
    PTOKEN Token;
    NTSTATUS Status = STATUS_SUCCESS;

    if (!ResetToDefault)
        Status = NewState != NULL ? SepCaptureGroups(NewState, &Wanted, &Count) : STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(TokenHandle, TOKEN_ADJUST_GROUPS | (PreviousState != NULL ? TOKEN_QUERY : 0),
                                       SeTokenObjectType, UserMode, (PVOID *)&Token, NULL);
    if (!NT_SUCCESS(Status)) {
        SepFreeSids(Wanted, Count);
        return Status;
    }
    Status = SepDescribeChange(Token, ResetToDefault, Wanted, Count, PreviousState, &Previous, &Size);
    if (NT_SUCCESS(Status) && PreviousState != NULL) {
        Status = MmPutUser(ReturnLength, Size);
        if (NT_SUCCESS(Status) && BufferLength < Size)
            Status = STATUS_BUFFER_TOO_SMALL;
    }
    if (NT_SUCCESS(Status)) {
        ULONG Attributes;

        for (ULONG i = 1; i < Token->UserAndGroupCount; i++) {
            SepNewGroup(Token, i, ResetToDefault, Wanted, Count, &Attributes);
            Token->UserAndGroups[i].Attributes = Attributes;
            for (ULONG j = 0; j < Count; j++)
                Known += RtlEqualSid(Wanted[j].Sid, Token->UserAndGroups[i].Sid);
        }
        if (Previous->GroupCount != 0)
            ExAllocateLocallyUniqueId(&Token->ModifiedId);
        if (PreviousState != NULL)
            Status = MmCopyToUser(PreviousState, Previous, Size);
        if (NT_SUCCESS(Status) && Known < Count)
            Status = STATUS_NOT_ALL_ASSIGNED;
    }
    if (Previous != NULL)
        ExFreePoolWithTag(Previous, SE_TAG_TOKEN);
    ObDereferenceObject(Token);
    SepFreeSids(Wanted, Count);
    return Status;
}
