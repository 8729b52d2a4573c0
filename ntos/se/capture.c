/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of SIDs and privileges of programs, captured.  Nothing here waits.
 */
#include "ntos/se/sep.h"

NTSTATUS SepCapturePrivileges(PTOKEN_PRIVILEGES User, PLUID_AND_ATTRIBUTES Entries, PULONG Count)
{
    NTSTATUS Status = MmCopyFromUser(Count, &User->PrivilegeCount, sizeof(*Count));

    if (!NT_SUCCESS(Status))
        return Status;
    if (*Count > SEP_MAXIMUM_PRIVILEGES)
        return STATUS_INVALID_PARAMETER;
    return MmCopyFromUser(Entries, User->Privileges, *Count * sizeof(*Entries));
}

NTSTATUS SepCapturePrivilegeSet(PPRIVILEGE_SET User, PSEP_PRIVILEGE_SET Set)
{
    NTSTATUS Status = MmCopyFromUser(Set, User, FIELD_OFFSET(PRIVILEGE_SET, Privilege));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Set->Count > SEP_MAXIMUM_PRIVILEGES)
        return STATUS_INVALID_PARAMETER;
    return MmCopyFromUser(Set->Privilege, User->Privilege, Set->Count * sizeof(Set->Privilege[0]));
}

VOID SepFreeSids(PSID_AND_ATTRIBUTES List, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++)
        ExFreePool(List[i].Sid);
    if (List != NULL)
        ExFreePool(List);
}

NTSTATUS SepCaptureOneSid(PVOID UserSid, PSID *Sid)
{
    UCHAR Header[2];
    NTSTATUS Status = MmCopyFromUser(Header, UserSid, sizeof(Header));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Header[0] != SID_REVISION || Header[1] > SID_MAX_SUB_AUTHORITIES)
        return STATUS_INVALID_SID;
    Status = MmCaptureBuffer(UserSid, RtlLengthRequiredSid(Header[1]), (PVOID *)Sid);
    if (NT_SUCCESS(Status))
        memcpy(*Sid, Header, sizeof(Header));
    return Status;
}

NTSTATUS SepCaptureGroups(PTOKEN_GROUPS User, PSID_AND_ATTRIBUTES *List, PULONG Count)
{
    ULONG Given;
    NTSTATUS Status;

    *List = NULL;
    *Count = 0;
    if (User == NULL)
        return STATUS_SUCCESS;
    Status = MmCopyFromUser(&Given, &User->GroupCount, sizeof(Given));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Given > SEP_MAXIMUM_GROUPS)
        return STATUS_INVALID_PARAMETER;
    Status = MmCaptureBuffer(User->Groups, Given * sizeof(SID_AND_ATTRIBUTES), (PVOID *)List);
    while (NT_SUCCESS(Status) && *Count < Given) {
        Status = SepCaptureOneSid((*List)[*Count].Sid, &(*List)[*Count].Sid);
        if (NT_SUCCESS(Status))
            (*Count)++;
    }
    if (!NT_SUCCESS(Status)) {
        SepFreeSids(*List, *Count);
        *List = NULL;
        *Count = 0;
    }
    return Status;
}
