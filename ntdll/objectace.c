/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Access control entries for object types: a mask, flags, up to two GUIDs, and the SID behind them.
 * Source: ACCESS_ALLOWED_OBJECT_ACE (Win32 documentation); such lists have revision 4.
 */
#include "ntdllp.h"

static NTSTATUS RtlpAddObjectAce(PACL Acl, ULONG Revision, UCHAR Type, ULONG AceFlags, ACCESS_MASK Mask,
        const GUID *ObjectType, const GUID *InheritedType, PSID Sid)
{
    ACCESS_ALLOWED_OBJECT_ACE *Ace;
    ULONG Length = FIELD_OFFSET(ACCESS_ALLOWED_OBJECT_ACE, ObjectType);
    PUCHAR At;
    PVOID Free;

    if (!RtlValidSid(Sid))
        return STATUS_INVALID_SID;
    if (Revision != ACL_REVISION_DS || Acl->AclRevision > MAX_ACL_REVISION)
        return STATUS_REVISION_MISMATCH;
    if (!RtlValidAcl(Acl) || !RtlFirstFreeAce(Acl, &Free))
        return STATUS_INVALID_ACL;
    Length += (ObjectType != NULL ? sizeof(GUID) : 0) + (InheritedType != NULL ? sizeof(GUID) : 0) + RtlLengthSid(Sid);
    if (Free == NULL || (PUCHAR)Free + Length > (PUCHAR)Acl + Acl->AclSize)
        return STATUS_ALLOTTED_SPACE_EXCEEDED;
    Ace = Free;
    Ace->Header = (ACE_HEADER){ Type, (UCHAR)AceFlags, (USHORT)Length };
    Ace->Mask = Mask;
    Ace->Flags = (ObjectType != NULL ? ACE_OBJECT_TYPE_PRESENT : 0) |
            (InheritedType != NULL ? ACE_INHERITED_OBJECT_TYPE_PRESENT : 0);
    At = (PUCHAR)&Ace->ObjectType;
    if (ObjectType != NULL) {
        memcpy(At, ObjectType, sizeof(GUID));
        At += sizeof(GUID);
    }
    if (InheritedType != NULL) {
        memcpy(At, InheritedType, sizeof(GUID));
        At += sizeof(GUID);
    }
    RtlCopySid(RtlLengthSid(Sid), (PSID)At, Sid);
    Acl->AceCount++;
    Acl->AclRevision = ACL_REVISION_DS;
    return STATUS_SUCCESS;
}

/* All three: without a GUID, the plain kind.  STATUS_REVISION_MISMATCH: AceRevision is not ACL_REVISION_DS. */
NTSTATUS NTAPI RtlAddAccessAllowedObjectAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask,
        GUID *ObjectTypeGuid, GUID *InheritedObjectTypeGuid, PSID Sid)
{
    if (ObjectTypeGuid == NULL && InheritedObjectTypeGuid == NULL)
        return RtlAddAccessAllowedAceEx(Acl, AceRevision, AceFlags, AccessMask, Sid);
    return RtlpAddObjectAce(Acl, AceRevision, ACCESS_ALLOWED_OBJECT_ACE_TYPE, AceFlags, AccessMask, ObjectTypeGuid,
            InheritedObjectTypeGuid, Sid);
}

NTSTATUS NTAPI RtlAddAccessDeniedObjectAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask,
        GUID *ObjectTypeGuid, GUID *InheritedObjectTypeGuid, PSID Sid)
{
    if (ObjectTypeGuid == NULL && InheritedObjectTypeGuid == NULL)
        return RtlAddAccessDeniedAceEx(Acl, AceRevision, AceFlags, AccessMask, Sid);
    return RtlpAddObjectAce(Acl, AceRevision, ACCESS_DENIED_OBJECT_ACE_TYPE, AceFlags, AccessMask, ObjectTypeGuid,
            InheritedObjectTypeGuid, Sid);
}

NTSTATUS NTAPI RtlAddAuditAccessObjectAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask,
        GUID *ObjectTypeGuid, GUID *InheritedObjectTypeGuid, PSID Sid, BOOLEAN AuditSuccess, BOOLEAN AuditFailure)
{
    if (ObjectTypeGuid == NULL && InheritedObjectTypeGuid == NULL)
        return RtlAddAuditAccessAceEx(Acl, AceRevision, AceFlags, AccessMask, Sid, AuditSuccess, AuditFailure);
    AceFlags |= (AuditSuccess ? SUCCESSFUL_ACCESS_ACE_FLAG : 0u) | (AuditFailure ? FAILED_ACCESS_ACE_FLAG : 0u);
    return RtlpAddObjectAce(Acl, AceRevision, SYSTEM_AUDIT_OBJECT_ACE_TYPE, AceFlags, AccessMask, ObjectTypeGuid,
            InheritedObjectTypeGuid, Sid);
}
