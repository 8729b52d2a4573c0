/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The services that tell what a token may do: NtPrivilegeCheck, NtAccessCheck and the checks by type.  The audits of servers
 * (audit.c) check the same way.  Nothing here waits.
 */
#include "ntos/se/sep.h"

NTSTATUS NTAPI NtPrivilegeCheck(HANDLE ClientToken, PPRIVILEGE_SET RequiredPrivileges, PBOOLEAN Result)
{
    SEP_PRIVILEGE_SET Set;
    ULONG Found = 0;
    PTOKEN Token;
    NTSTATUS Status;

    Status = SepCapturePrivilegeSet(RequiredPrivileges, &Set);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SepReferenceToken(ClientToken, TOKEN_QUERY, &Token);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Token->TokenType == TokenImpersonation && Token->ImpersonationLevel < SecurityIdentification) {
        ObDereferenceObject(Token);
        return STATUS_BAD_IMPERSONATION_LEVEL;
    }
    for (ULONG i = 0; i < Set.Count; i++) {
        PLUID_AND_ATTRIBUTES Privilege = SepFindPrivilege(Token, Set.Privilege[i].Luid);

        if (Privilege != NULL && Privilege->Attributes & SE_PRIVILEGE_ENABLED) {
            Set.Privilege[i].Attributes |= SE_PRIVILEGE_USED_FOR_ACCESS;
            Found++;
        }
    }
    ObDereferenceObject(Token);
    Status = MmCopyToUser(RequiredPrivileges->Privilege, Set.Privilege, Set.Count * sizeof(Set.Privilege[0]));
    if (!NT_SUCCESS(Status))
        return Status;
    return MmPutUser(Result, (BOOLEAN)(Set.Control & PRIVILEGE_SET_ALL_NECESSARY
                                       ? Found == Set.Count : Found != 0));
}

/* The privileges that were used, into the program's set; STATUS_BUFFER_TOO_SMALL sets *UserLength. */
static NTSTATUS SepReturnPrivileges(ULONG Used, PPRIVILEGE_SET UserSet, ULONG Length, PULONG UserLength)
{
    struct {
        DWORD Count;
        DWORD Control;
        LUID_AND_ATTRIBUTES Privilege[2];
    } Set = { 0, 0, { { { 0, 0 }, 0 } } };
    ULONG Needed;
    NTSTATUS Status;

    if (Used & SEP_USED_SECURITY_PRIVILEGE)
        Set.Privilege[Set.Count++] = (LUID_AND_ATTRIBUTES){ SeMakeLuid(SE_SECURITY_PRIVILEGE),
                                                            SE_PRIVILEGE_USED_FOR_ACCESS };
    if (Used & SEP_USED_TAKE_OWNERSHIP)
        Set.Privilege[Set.Count++] =
            (LUID_AND_ATTRIBUTES){ SeMakeLuid(SE_TAKE_OWNERSHIP_PRIVILEGE), SE_PRIVILEGE_USED_FOR_ACCESS };
    Needed = FIELD_OFFSET(PRIVILEGE_SET, Privilege) + max(Set.Count, 1) * sizeof(LUID_AND_ATTRIBUTES);
    if (Length >= Needed)
        return MmCopyToUser(UserSet, &Set, Needed);
    Status = MmPutUser(UserLength, Needed);
    return NT_SUCCESS(Status) ? STATUS_BUFFER_TOO_SMALL : Status;
}

NTSTATUS SepIsClient(PTOKEN Token)
{
    if (Token->TokenType != TokenImpersonation)
        return STATUS_NO_IMPERSONATION_TOKEN;
    return Token->ImpersonationLevel < SecurityIdentification ? STATUS_BAD_IMPERSONATION_LEVEL : STATUS_SUCCESS;
}

NTSTATUS SepBeginCheck(PSEP_CHECK Check)
{
    ULONG Answers = Check->ResultList ? Check->TypeCount : 1;
    NTSTATUS Status;

    if (Check->TypeCount > SEP_MAXIMUM_TYPES || Answers == 0)
        return STATUS_INVALID_PARAMETER;
    Status = MmGetUser(&Check->Mapping, Check->UserMapping);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Check->UserGranted, Answers * sizeof(*Check->UserGranted), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Check->UserStatus, Answers * sizeof(*Check->UserStatus), 1);
    if (NT_SUCCESS(Status) && Check->Desired & (GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL))
        Status = STATUS_GENERIC_NOT_MAPPED;
    return Status;
}

/* A descriptor to check has an owner and a group. */
static NTSTATUS SepCaptureForCheck(PSECURITY_DESCRIPTOR User, PSECURITY_DESCRIPTOR *Captured)
{
    PSID Owner = NULL, Group = NULL;
    BOOLEAN Defaulted;
    NTSTATUS Status = SeCaptureSecurityDescriptor(User, UserMode, Captured);

    if (!NT_SUCCESS(Status))
        return Status;
    if (*Captured != NULL) {
        RtlGetOwnerSecurityDescriptor(*Captured, &Owner, &Defaulted);
        RtlGetGroupSecurityDescriptor(*Captured, &Group, &Defaulted);
    }
    return Owner != NULL && Group != NULL ? STATUS_SUCCESS : STATUS_INVALID_SECURITY_DESCR;
}

NTSTATUS SepRunCheck(PSEP_CHECK Check)
{
    NTSTATUS Status = SepIsClient(Check->Token);

    if (NT_SUCCESS(Status))
        Status = SepCaptureForCheck(Check->UserDescriptor, &Check->Descriptor);
    if (NT_SUCCESS(Status))
        Status = SepCaptureTypes(Check->UserTypes, Check->TypeCount, Check->UserSelf, &Check->Types);
    if (NT_SUCCESS(Status))
        Check->Result = SepAccessCheckByType(Check->Descriptor, Check->Token, Check->Desired, &Check->Mapping, 0, &Check->Types,
                                             &Check->Granted, &Check->PrivilegesUsed);
    return Status;
}

NTSTATUS SepResultOfPart(const SEP_CHECK *Check, ULONG Part)
{
    const SEP_TYPE_NODE *Node = &Check->Types.Nodes[Part];

    if (!NT_SUCCESS(Check->Result) && Check->Result != STATUS_ACCESS_DENIED)
        return Check->Result;
    return Check->Desired & ~MAXIMUM_ALLOWED & ~Node->Granted || (Check->Desired != 0 && Node->Granted == 0) ? STATUS_ACCESS_DENIED :
           STATUS_SUCCESS;
}

NTSTATUS SepReturnCheck(const SEP_CHECK *Check)
{
    ULONG Answers = Check->ResultList ? Check->Types.Count : 1;
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG i = 0; i < Answers && NT_SUCCESS(Status); i++) {
        Status = MmPutUser(&Check->UserGranted[i], Check->ResultList ? Check->Types.Nodes[i].Granted : Check->Granted);
        if (NT_SUCCESS(Status))
            Status = MmPutUser(&Check->UserStatus[i], Check->ResultList ? SepResultOfPart(Check, i) : Check->Result);
    }
    return Status;
}

VOID SepEndCheck(PSEP_CHECK Check)
{
    SepFreeTypes(&Check->Types);
    SeReleaseSecurityDescriptor(Check->Descriptor);
    if (Check->Token != NULL)
        ObDereferenceObject(Check->Token);
}

static NTSTATUS SepAnswerCheck(PSEP_CHECK Check, HANDLE ClientToken, PPRIVILEGE_SET PrivilegeSet, PULONG PrivilegeSetLength)
{
    ULONG Length;
    NTSTATUS Status;

    Status = MmGetUser(&Length, PrivilegeSetLength);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(PrivilegeSet, Length, 1);
    if (NT_SUCCESS(Status))
        Status = SepBeginCheck(Check);
    if (NT_SUCCESS(Status))
        Status = SepReferenceToken(ClientToken, TOKEN_QUERY, &Check->Token);
    if (NT_SUCCESS(Status))
        Status = SepRunCheck(Check);
    if (NT_SUCCESS(Status))
        Status = SepReturnPrivileges(Check->PrivilegesUsed, PrivilegeSet, Length, PrivilegeSetLength);
    if (NT_SUCCESS(Status))
        Status = SepReturnCheck(Check);
    SepEndCheck(Check);
    return Status;
}

NTSTATUS NTAPI NtAccessCheck(PSECURITY_DESCRIPTOR SecurityDescriptor, HANDLE ClientToken, ACCESS_MASK DesiredAccess,
        PGENERIC_MAPPING GenericMapping, PPRIVILEGE_SET PrivilegeSet, PULONG PrivilegeSetLength, PULONG GrantedAccess,
        NTSTATUS *AccessStatus)
{
    SEP_CHECK Check = { .UserDescriptor = SecurityDescriptor, .Desired = DesiredAccess, .UserMapping = GenericMapping,
                        .UserGranted = GrantedAccess, .UserStatus = AccessStatus };

    return SepAnswerCheck(&Check, ClientToken, PrivilegeSet, PrivilegeSetLength);
}

NTSTATUS NTAPI NtAccessCheckByType(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid, HANDLE ClientToken,
        ACCESS_MASK DesiredAccess, POBJECT_TYPE_LIST ObjectTypeList, ULONG ObjectTypeListLength, PGENERIC_MAPPING GenericMapping,
        PPRIVILEGE_SET PrivilegeSet, PULONG PrivilegeSetLength, PULONG GrantedAccess, NTSTATUS *AccessStatus)
{
    SEP_CHECK Check = { .UserDescriptor = SecurityDescriptor, .UserSelf = PrincipalSelfSid, .UserTypes = ObjectTypeList,
                        .TypeCount = ObjectTypeListLength, .Desired = DesiredAccess, .UserMapping = GenericMapping,
                        .UserGranted = GrantedAccess, .UserStatus = AccessStatus };

    return SepAnswerCheck(&Check, ClientToken, PrivilegeSet, PrivilegeSetLength);
}

NTSTATUS NTAPI NtAccessCheckByTypeResultList(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid, HANDLE ClientToken,
        ACCESS_MASK DesiredAccess, POBJECT_TYPE_LIST ObjectTypeList, ULONG ObjectTypeListLength, PGENERIC_MAPPING GenericMapping,
        PPRIVILEGE_SET PrivilegeSet, PULONG PrivilegeSetLength, PULONG GrantedAccess, NTSTATUS *AccessStatus)
{
    SEP_CHECK Check = { .UserDescriptor = SecurityDescriptor, .UserSelf = PrincipalSelfSid, .UserTypes = ObjectTypeList,
                        .TypeCount = ObjectTypeListLength, .ResultList = TRUE, .Desired = DesiredAccess,
                        .UserMapping = GenericMapping, .UserGranted = GrantedAccess, .UserStatus = AccessStatus };

    return SepAnswerCheck(&Check, ClientToken, PrivilegeSet, PrivilegeSetLength);
}
