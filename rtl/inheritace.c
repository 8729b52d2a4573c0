/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Access control entries on their way from a container, or a creator, to a new object.
 *
 * An entry of the parent is for the object itself (effective), for what is below it (inherit only), or both.  It stays one
 * entry if both parts are equal, and becomes two where generic rights or a creator's SID mean something else for the object.
 * An entry with an inherited object type is effective for objects of that type only; containers of other types hand it on.
 *
 * A list comes from the creator if it gives one, else from the parent's inheritable entries, else from the creator's default or (DACL)
 * the token's default.  Where the caller asks for automatic inheritance, an unprotected list of the creator gets the inherited entries
 * behind its own.
 * Source: ACE_HEADER, ACCESS_ALLOWED_OBJECT_ACE, "ACE Inheritance Rules", "Automatic propagation of inheritable ACEs" (Win32 documentation).
 */
#include "rtl/inheritace.h"

static const SID RtlpCreatorOwner = { SID_REVISION, 1, SECURITY_CREATOR_SID_AUTHORITY, { SECURITY_CREATOR_OWNER_RID } };
static const SID RtlpCreatorGroup = { SID_REVISION, 1, SECURITY_CREATOR_SID_AUTHORITY, { SECURITY_CREATOR_GROUP_RID } };

enum { KIND_UNKNOWN, KIND_PLAIN, KIND_OBJECT };

static UCHAR RtlpKindOf(UCHAR AceType)
{
    switch (AceType) {
    case ACCESS_ALLOWED_OBJECT_ACE_TYPE:
    case ACCESS_DENIED_OBJECT_ACE_TYPE:
    case SYSTEM_AUDIT_OBJECT_ACE_TYPE:
    case SYSTEM_ALARM_OBJECT_ACE_TYPE:
    case ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE:
    case ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE:
    case SYSTEM_AUDIT_CALLBACK_OBJECT_ACE_TYPE:
    case SYSTEM_ALARM_CALLBACK_OBJECT_ACE_TYPE:
        return KIND_OBJECT;
    case ACCESS_ALLOWED_COMPOUND_ACE_TYPE:
        return KIND_UNKNOWN;
    default:
        return AceType <= SYSTEM_SCOPED_POLICY_ID_ACE_TYPE ? KIND_PLAIN : KIND_UNKNOWN;
    }
}

NTSTATUS RtlpTakeAceApart(const ACE_HEADER *Ace, ACE_PARTS *Parts)
{
    const ACCESS_ALLOWED_OBJECT_ACE *Object = (const ACCESS_ALLOWED_OBJECT_ACE *)Ace;
    ULONG Kind = RtlpKindOf(Ace->AceType), Head = FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart), Length;

    *Parts = (ACE_PARTS){ .Header = Ace };
    if (Kind == KIND_UNKNOWN)
        return STATUS_SUCCESS;
    if (Kind == KIND_OBJECT) {
        Head = FIELD_OFFSET(ACCESS_ALLOWED_OBJECT_ACE, ObjectType);
        if (Ace->AceSize < Head)
            return STATUS_INVALID_ACL;
        if (Object->Flags & ACE_OBJECT_TYPE_PRESENT)
            Head += sizeof(GUID);
        if (Object->Flags & ACE_INHERITED_OBJECT_TYPE_PRESENT) {
            Parts->InheritedType = (const GUID *)((const UCHAR *)Ace + Head);
            Head += sizeof(GUID);
        }
    }
    if (Ace->AceSize < Head + FIELD_OFFSET(SID, SubAuthority))
        return STATUS_INVALID_ACL;
    Parts->Sid = (PSID)((PUCHAR)Ace + Head);
    Length = RtlLengthSid(Parts->Sid);
    if (!RtlValidSid(Parts->Sid) || Head + Length > Ace->AceSize)
        return STATUS_INVALID_ACL;
    Parts->Mask = Object->Mask;
    Parts->HeadLength = Head;
    Parts->TailLength = Ace->AceSize - Head - Length;
    return STATUS_SUCCESS;
}

/* The revision that a list needs for an entry. */
static UCHAR RtlpRevisionFor(UCHAR AceType)
{
    return RtlpKindOf(AceType) == KIND_OBJECT ? ACL_REVISION_DS : ACL_REVISION;
}

NTSTATUS RtlpAppendAce(PACL Acl, const ACE_PARTS *Ace, UCHAR AceFlags, ACCESS_MASK Mask, PSID Sid)
{
    ULONG SidLength = RtlLengthSid(Sid), Length = Ace->HeadLength + SidLength + Ace->TailLength;
    const UCHAR *Tail = (const UCHAR *)Ace->Header + Ace->Header->AceSize - Ace->TailLength;
    ACCESS_ALLOWED_ACE *New;
    PVOID Free;

    if (!RtlFirstFreeAce(Acl, &Free) || Free == NULL || (PUCHAR)Free + Length > (PUCHAR)Acl + Acl->AclSize)
        return STATUS_ALLOTTED_SPACE_EXCEEDED;
    New = Free;
    memcpy(New, Ace->Header, Ace->HeadLength);
    New->Header.AceFlags = AceFlags;
    New->Header.AceSize = (USHORT)Length;
    New->Mask = Mask;
    memcpy((PUCHAR)New + Ace->HeadLength, Sid, SidLength);
    memcpy((PUCHAR)New + Ace->HeadLength + SidLength, Tail, Ace->TailLength);
    Acl->AceCount++;
    Acl->AclRevision = max(Acl->AclRevision, RtlpRevisionFor(New->Header.AceType));
    return STATUS_SUCCESS;
}

/* The SID that a creator's SID stands for on the new object; others stand for themselves. */
static PSID RtlpEffectiveSid(const OBJECT_SECURITY *Object, PSID Sid)
{
    if (RtlEqualSid(Sid, (PSID)&RtlpCreatorOwner) && Object->Owner != NULL)
        return Object->Owner;
    return RtlEqualSid(Sid, (PSID)&RtlpCreatorGroup) && Object->Group != NULL ? Object->Group : Sid;
}

static BOOLEAN RtlpIsOfType(const OBJECT_SECURITY *Object, const GUID *Type)
{
    for (ULONG Index = 0; Index < Object->TypeCount; Index++)
        if (Object->Types[Index] != NULL && memcmp(Object->Types[Index], Type, sizeof(*Type)) == 0)
            return TRUE;
    return FALSE;
}

/* What one entry of the parent becomes: up to two entries of the child. */
static NTSTATUS RtlpInheritAce(const OBJECT_SECURITY *Object, PACL Acl, const ACE_PARTS *Ace, BOOLEAN Automatic)
{
    UCHAR Flags = Ace->Header->AceFlags, Keep = Flags & (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE);
    UCHAR Kind = (UCHAR)((Flags & (SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG)) |
            (Automatic ? INHERITED_ACE : 0));
    BOOLEAN Effective = (Flags & (Object->IsContainer ? CONTAINER_INHERIT_ACE : OBJECT_INHERIT_ACE)) != 0 &&
                        (Ace->InheritedType == NULL || RtlpIsOfType(Object, Ace->InheritedType));
    PSID NewSid = RtlpEffectiveSid(Object, Ace->Sid);
    ACCESS_MASK Mask = Ace->Mask;
    NTSTATUS Status = STATUS_SUCCESS;
    BOOLEAN Same;

    if (!Object->IsContainer || Flags & NO_PROPAGATE_INHERIT_ACE)
        Keep = 0;
    if (Object->Mapping != NULL)
        RtlMapGenericMask(&Mask, Object->Mapping);
    Same = Mask == Ace->Mask && NewSid == Ace->Sid;
    if (Effective)
        Status = RtlpAppendAce(Acl, Ace, (UCHAR)(Kind | (Same ? Keep : 0)), Mask, NewSid);
    if (NT_SUCCESS(Status) && Keep != 0 && (!Effective || !Same))
        Status = RtlpAppendAce(Acl, Ace, (UCHAR)(Kind | Keep | INHERIT_ONLY_ACE), Ace->Mask, Ace->Sid);
    return Status;
}

NTSTATUS RtlpAppendInherited(const OBJECT_SECURITY *Object, PACL Acl, PACL Parent, BOOLEAN Automatic)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ACE_PARTS Ace;
    PVOID Found;

    for (ULONG Index = 0; NT_SUCCESS(Status) && Parent != NULL && NT_SUCCESS(RtlGetAce(Parent, Index, &Found)); Index++) {
        Status = RtlpTakeAceApart(Found, &Ace);
        if (NT_SUCCESS(Status) && Ace.Sid != NULL)
            Status = RtlpInheritAce(Object, Acl, &Ace, Automatic);
    }
    return Status;
}

BOOLEAN RtlpInheritsForType(const OBJECT_SECURITY *Object, PACL Parent)
{
    UCHAR Wanted = Object->IsContainer ? CONTAINER_INHERIT_ACE : OBJECT_INHERIT_ACE;
    ACE_PARTS Ace;
    PVOID Found;

    for (ULONG Index = 0; Parent != NULL && NT_SUCCESS(RtlGetAce(Parent, Index, &Found)); Index++)
        if (NT_SUCCESS(RtlpTakeAceApart(Found, &Ace)) && Ace.InheritedType != NULL && Ace.Header->AceFlags & Wanted &&
            RtlpIsOfType(Object, Ace.InheritedType))
            return TRUE;
    return FALSE;
}

NTSTATUS RtlpAppendGiven(const OBJECT_SECURITY *Object, PACL Acl, PACL Given, BOOLEAN DropInherited)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ACE_PARTS Ace;
    PVOID Found;

    for (ULONG Index = 0; NT_SUCCESS(Status) && Given != NULL && NT_SUCCESS(RtlGetAce(Given, Index, &Found)); Index++) {
        const ACE_HEADER *Header = Found;
        ACCESS_MASK Mask;

        if (DropInherited && Header->AceFlags & INHERITED_ACE)
            continue;
        Status = RtlpTakeAceApart(Header, &Ace);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Ace.Sid == NULL || Header->AceFlags & INHERIT_ONLY_ACE) {
            Status = RtlAddAce(Acl, max(Given->AclRevision, Acl->AclRevision), MAXDWORD, Found, Header->AceSize);
            continue;
        }
        Mask = Ace.Mask;
        if (Object->Mapping != NULL)
            RtlMapGenericMask(&Mask, Object->Mapping);
        Status = RtlpAppendAce(Acl, &Ace, Header->AceFlags, Mask, RtlpEffectiveSid(Object, Ace.Sid));
    }
    return Status;
}

/* --- lists ------------------------------------------------------------------------------------------------------- */

LIST_SOURCE RtlpListOf(PSECURITY_DESCRIPTOR Descriptor, BOOLEAN IsDacl)
{
    SECURITY_DESCRIPTOR_CONTROL Control;
    LIST_SOURCE List = { 0 };
    ULONG Revision;

    if (Descriptor == NULL)
        return List;
    if (IsDacl)
        RtlGetDaclSecurityDescriptor(Descriptor, &List.Present, &List.Acl, &List.Defaulted);
    else
        RtlGetSaclSecurityDescriptor(Descriptor, &List.Present, &List.Acl, &List.Defaulted);
    RtlGetControlSecurityDescriptor(Descriptor, &Control, &Revision);
    List.Protected = (Control & (IsDacl ? SE_DACL_PROTECTED : SE_SACL_PROTECTED)) != 0;
    List.AutoInherited = (Control & (IsDacl ? SE_DACL_AUTO_INHERITED : SE_SACL_AUTO_INHERITED)) != 0;
    if (!List.Present)
        List.Acl = NULL;
    return List;
}

NTSTATUS RtlpMakeList(const OBJECT_SECURITY *Object, BOOLEAN IsDacl, PACL Acl, PBOOLEAN Present, PBOOLEAN Null)
{
    LIST_SOURCE Given = RtlpListOf(Object->Creator, IsDacl), Above = RtlpListOf(Object->Parent, IsDacl);
    BOOLEAN Automatic = (Object->Flags & (IsDacl ? SEF_DACL_AUTO_INHERIT : SEF_SACL_AUTO_INHERIT)) != 0;
    NTSTATUS Status;

    *Present = TRUE;
    *Null = FALSE;
    if (Object->Flags & SEF_DEFAULT_DESCRIPTOR_FOR_OBJECT && RtlpInheritsForType(Object, Above.Acl))
        Given = (LIST_SOURCE){ 0 };
    if (Given.Present && !Given.Defaulted) {
        *Null = Given.Acl == NULL;
        Status = RtlpAppendGiven(Object, Acl, Given.Acl, Automatic && !Given.Protected);
        if (NT_SUCCESS(Status) && Automatic && !Given.Protected && !*Null)
            Status = RtlpAppendInherited(Object, Acl, Above.Acl, TRUE);
        return Status;
    }
    Status = RtlpAppendInherited(Object, Acl, Above.Acl, Automatic);
    if (!NT_SUCCESS(Status) || Acl->AceCount != 0)
        return Status;
    if (Given.Present) {
        *Null = Given.Acl == NULL;
        return RtlpAppendGiven(Object, Acl, Given.Acl, FALSE);
    }
    if (IsDacl && Object->TokenDacl != NULL)
        return RtlpAppendGiven(Object, Acl, Object->TokenDacl, FALSE);
    *Present = FALSE;
    return STATUS_SUCCESS;
}

VOID RtlpTrimAcl(PACL Acl)
{
    PVOID Free;

    if (RtlFirstFreeAce(Acl, &Free) && Free != NULL)
        Acl->AclSize = (USHORT)((PUCHAR)Free - (PUCHAR)Acl);
}
