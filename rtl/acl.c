/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Access control lists: a header, and ACEs in a row; AclSize is the room, the free part is behind the last ACE.
 *
 * RtlValidAcl checks that every ACE lies inside AclSize, and that the SID of the kinds that have one at the usual place
 * lies inside its ACE.  The other routines may be used on an ACL that passed it.
 */
#include "rtl.h"

/* The kinds with a mask and then a SID. */
static BOOLEAN RtlpHasPlainSid(UCHAR Type)
{
    return Type <= SYSTEM_ALARM_ACE_TYPE || Type == ACCESS_ALLOWED_CALLBACK_ACE_TYPE ||
           Type == ACCESS_DENIED_CALLBACK_ACE_TYPE || Type == SYSTEM_MANDATORY_LABEL_ACE_TYPE;
}

static BOOLEAN RtlpIsGoodAce(const ACE_HEADER *Ace, ULONG Room)
{
    const ACCESS_ALLOWED_ACE *Plain = (const ACCESS_ALLOWED_ACE *)Ace;
    const SID *Sid = (const SID *)&Plain->SidStart;

    if (Room < sizeof(*Ace) || Ace->AceSize < sizeof(*Ace) || Ace->AceSize > Room || Ace->AceSize % 4 != 0)
        return FALSE;
    if (!RtlpHasPlainSid(Ace->AceType))
        return TRUE;
    return Ace->AceSize >= FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart) + FIELD_OFFSET(SID, SubAuthority) &&
           RtlValidSid((PSID)Sid) &&
           FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart) + RtlLengthSid((PSID)Sid) <= Ace->AceSize;
}

NTSTATUS NTAPI RtlCreateAcl(PACL Acl, ULONG AclLength, ULONG AclRevision)
{
    if (AclLength < sizeof(ACL))
        return STATUS_BUFFER_TOO_SMALL;
    if (AclRevision < MIN_ACL_REVISION || AclRevision > MAX_ACL_REVISION || AclLength > 0xffff)
        return STATUS_INVALID_PARAMETER;
    *Acl = (ACL){ .AclRevision = (UCHAR)AclRevision, .AclSize = (USHORT)(AclLength & ~3u) };
    return STATUS_SUCCESS;
}

/* *FirstFree: the place behind the last ACE, NULL if the list is full.  FALSE: the ACEs run out of the list. */
BOOLEAN NTAPI RtlFirstFreeAce(PACL Acl, PVOID *FirstFree)
{
    PUCHAR At = (PUCHAR)(Acl + 1), End = (PUCHAR)Acl + Acl->AclSize;

    *FirstFree = NULL;
    for (ULONG Index = 0; Index < Acl->AceCount; Index++) {
        if (At + sizeof(ACE_HEADER) > End)
            return FALSE;
        At += ((PACE_HEADER)At)->AceSize;
    }
    if (At <= End)
        *FirstFree = At;
    return TRUE;
}

BOOLEAN NTAPI RtlValidAcl(PACL Acl)
{
    const UCHAR *At, *End;

    if (Acl == NULL || Acl->AclRevision < MIN_ACL_REVISION || Acl->AclRevision > MAX_ACL_REVISION ||
        Acl->AclSize < sizeof(ACL) || Acl->AclSize % 4 != 0)
        return FALSE;
    At = (const UCHAR *)(Acl + 1);
    End = (const UCHAR *)Acl + Acl->AclSize;
    for (ULONG Index = 0; Index < Acl->AceCount; Index++) {
        if (!RtlpIsGoodAce((const ACE_HEADER *)At, (ULONG)(End - At)))
            return FALSE;
        At += ((const ACE_HEADER *)At)->AceSize;
    }
    return TRUE;
}

NTSTATUS NTAPI RtlGetAce(PACL Acl, ULONG AceIndex, PVOID *Ace)
{
    PUCHAR At = (PUCHAR)(Acl + 1), End = (PUCHAR)Acl + Acl->AclSize;

    if (AceIndex >= Acl->AceCount)
        return STATUS_INVALID_PARAMETER;
    for (; AceIndex != 0; AceIndex--) {
        if (At >= End)
            return STATUS_INVALID_PARAMETER;
        At += ((PACE_HEADER)At)->AceSize;
    }
    if (At >= End)
        return STATUS_INVALID_PARAMETER;
    *Ace = At;
    return STATUS_SUCCESS;
}

/* Inserts the ACEs of AceList before number StartingAceIndex (MAXDWORD: at the end). */
NTSTATUS NTAPI RtlAddAce(PACL Acl, ULONG AceRevision, ULONG StartingAceIndex, PVOID AceList, ULONG AceListLength)
{
    PUCHAR Place = (PUCHAR)(Acl + 1), Source = AceList, Limit = Source + AceListLength;
    PVOID Free;
    ULONG Count = 0;

    if (!RtlValidAcl(Acl) || !RtlFirstFreeAce(Acl, &Free))
        return STATUS_INVALID_PARAMETER;
    for (; Source < Limit; Source += ((PACE_HEADER)Source)->AceSize, Count++)
        if (!RtlpIsGoodAce((const ACE_HEADER *)Source, (ULONG)(Limit - Source)))
            return STATUS_INVALID_PARAMETER;
    if (Free == NULL || (PUCHAR)Free + AceListLength > (PUCHAR)Acl + Acl->AclSize)
        return STATUS_BUFFER_TOO_SMALL;
    for (ULONG Index = 0; Index < StartingAceIndex && Index < Acl->AceCount; Index++)
        Place += ((PACE_HEADER)Place)->AceSize;
    memmove(Place + AceListLength, Place, (SIZE_T)((PUCHAR)Free - Place));
    memcpy(Place, AceList, AceListLength);
    Acl->AceCount += (USHORT)Count;
    Acl->AclRevision = (UCHAR)max(Acl->AclRevision, AceRevision);
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpAddPlainAce(PACL Acl, ULONG Revision, UCHAR Type, ULONG Flags, ACCESS_MASK Mask, PSID Sid)
{
    ULONG Length;
    PVOID Free;
    ACCESS_ALLOWED_ACE *Ace;

    if (!RtlValidSid(Sid))
        return STATUS_INVALID_SID;
    if (Revision > MAX_ACL_REVISION || Acl->AclRevision > MAX_ACL_REVISION)
        return STATUS_REVISION_MISMATCH;
    if (!RtlValidAcl(Acl) || !RtlFirstFreeAce(Acl, &Free))
        return STATUS_INVALID_ACL;
    Length = FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart) + RtlLengthSid(Sid);
    if (Free == NULL || (PUCHAR)Free + Length > (PUCHAR)Acl + Acl->AclSize)
        return STATUS_ALLOTTED_SPACE_EXCEEDED;
    Ace = Free;
    Ace->Header = (ACE_HEADER){ Type, (UCHAR)Flags, (USHORT)Length };
    Ace->Mask = Mask;
    RtlCopySid(RtlLengthSid(Sid), (PSID)&Ace->SidStart, Sid);
    Acl->AceCount++;
    Acl->AclRevision = (UCHAR)max(Acl->AclRevision, Revision);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAddAccessAllowedAce(PACL Acl, ULONG AceRevision, ACCESS_MASK AccessMask, PSID Sid)
{
    return RtlpAddPlainAce(Acl, AceRevision, ACCESS_ALLOWED_ACE_TYPE, 0, AccessMask, Sid);
}

NTSTATUS NTAPI RtlAddAccessAllowedAceEx(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask, PSID Sid)
{
    return RtlpAddPlainAce(Acl, AceRevision, ACCESS_ALLOWED_ACE_TYPE, AceFlags, AccessMask, Sid);
}

NTSTATUS NTAPI RtlAddAccessDeniedAce(PACL Acl, ULONG AceRevision, ACCESS_MASK AccessMask, PSID Sid)
{
    return RtlpAddPlainAce(Acl, AceRevision, ACCESS_DENIED_ACE_TYPE, 0, AccessMask, Sid);
}

NTSTATUS NTAPI RtlAddAccessDeniedAceEx(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask, PSID Sid)
{
    return RtlpAddPlainAce(Acl, AceRevision, ACCESS_DENIED_ACE_TYPE, AceFlags, AccessMask, Sid);
}

NTSTATUS NTAPI RtlAddAuditAccessAceEx(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask, PSID Sid,
        BOOLEAN AuditSuccess, BOOLEAN AuditFailure)
{
    AceFlags |= (AuditSuccess ? SUCCESSFUL_ACCESS_ACE_FLAG : 0) | (AuditFailure ? FAILED_ACCESS_ACE_FLAG : 0);
    return RtlpAddPlainAce(Acl, AceRevision, SYSTEM_AUDIT_ACE_TYPE, AceFlags, AccessMask, Sid);
}

NTSTATUS NTAPI RtlAddAuditAccessAce(PACL Acl, ULONG AceRevision, ACCESS_MASK AccessMask, PSID Sid, BOOLEAN AuditSuccess,
        BOOLEAN AuditFailure)
{
    return RtlAddAuditAccessAceEx(Acl, AceRevision, 0, AccessMask, Sid, AuditSuccess, AuditFailure);
}

NTSTATUS NTAPI RtlAddMandatoryAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ULONG MandatoryFlags, ULONG AceType,
        PSID LabelSid)
{
    if (AceType != SYSTEM_MANDATORY_LABEL_ACE_TYPE || MandatoryFlags & ~7u)
        return STATUS_INVALID_PARAMETER;
    return RtlpAddPlainAce(Acl, AceRevision, SYSTEM_MANDATORY_LABEL_ACE_TYPE, AceFlags, MandatoryFlags, LabelSid);
}

NTSTATUS NTAPI RtlDeleteAce(PACL Acl, ULONG AceIndex)
{
    PVOID Ace, Free;
    ULONG Length;

    if (!RtlValidAcl(Acl) || !NT_SUCCESS(RtlGetAce(Acl, AceIndex, &Ace)) || !RtlFirstFreeAce(Acl, &Free))
        return STATUS_INVALID_PARAMETER;
    Length = ((PACE_HEADER)Ace)->AceSize;
    memmove(Ace, (PUCHAR)Ace + Length, (SIZE_T)((PUCHAR)Free - (PUCHAR)Ace) - Length);
    Acl->AceCount--;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlQueryInformationAcl(PACL Acl, PVOID AclInformation, ULONG AclInformationLength,
        ACL_INFORMATION_CLASS AclInformationClass)
{
    PACL_SIZE_INFORMATION Size = AclInformation;
    PVOID Free;

    switch (AclInformationClass) {
    case AclRevisionInformation:
        if (AclInformationLength < sizeof(ACL_REVISION_INFORMATION))
            return STATUS_BUFFER_TOO_SMALL;
        ((PACL_REVISION_INFORMATION)AclInformation)->AclRevision = Acl->AclRevision;
        return STATUS_SUCCESS;
    case AclSizeInformation:
        if (AclInformationLength < sizeof(*Size))
            return STATUS_BUFFER_TOO_SMALL;
        if (!RtlFirstFreeAce(Acl, &Free))
            return STATUS_INVALID_PARAMETER;
        Size->AceCount = Acl->AceCount;
        Size->AclBytesInUse = Free != NULL ? (DWORD)((PUCHAR)Free - (PUCHAR)Acl) : Acl->AclSize;
        Size->AclBytesFree = Acl->AclSize - Size->AclBytesInUse;
        return STATUS_SUCCESS;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

VOID NTAPI RtlMapGenericMask(PACCESS_MASK AccessMask, const GENERIC_MAPPING *GenericMapping)
{
    if (*AccessMask & GENERIC_READ)
        *AccessMask |= GenericMapping->GenericRead;
    if (*AccessMask & GENERIC_WRITE)
        *AccessMask |= GenericMapping->GenericWrite;
    if (*AccessMask & GENERIC_EXECUTE)
        *AccessMask |= GenericMapping->GenericExecute;
    if (*AccessMask & GENERIC_ALL)
        *AccessMask |= GenericMapping->GenericAll;
    *AccessMask &= ~(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | GENERIC_ALL);
}

BOOLEAN NTAPI RtlAreAllAccessesGranted(ACCESS_MASK GrantedAccess, ACCESS_MASK DesiredAccess)
{
    return (GrantedAccess & DesiredAccess) == DesiredAccess;
}

BOOLEAN NTAPI RtlAreAnyAccessesGranted(ACCESS_MASK GrantedAccess, ACCESS_MASK DesiredAccess)
{
    return (GrantedAccess & DesiredAccess) != 0;
}
