/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security descriptors of private objects: made from the creator's descriptor, the parent's and the token's defaults.
 *
 * An access control list comes from the creator if it gives one, else from the parent's inheritable entries, else from
 * the creator's default or (DACL) the token's default.  Where the caller asks for automatic inheritance, an
 * unprotected list of the creator gets the inherited entries behind its own.
 * Source: "Automatic propagation of inheritable ACEs", CreatePrivateObjectSecurityEx (Win32 documentation).
 */
#include "ntdllp.h"

#define MAX_ACL 0xfff0u

typedef struct _OBJECT_SECURITY {
    PSECURITY_DESCRIPTOR Parent;            /* may be NULL, as the creator's */
    PSECURITY_DESCRIPTOR Creator;
    BOOLEAN IsContainer;
    ULONG Flags;                            /* SEF_... */
    const GENERIC_MAPPING *Mapping;
    PSID Owner;
    PSID Group;
    PTOKEN_DEFAULT_DACL TokenDacl;          /* NULL: no token */
} OBJECT_SECURITY;

/* --- entries ----------------------------------------------------------------------------------------------------- */

static const SID RtlpCreatorOwner = { SID_REVISION, 1, SECURITY_CREATOR_SID_AUTHORITY, { SECURITY_CREATOR_OWNER_RID } };
static const SID RtlpCreatorGroup = { SID_REVISION, 1, SECURITY_CREATOR_SID_AUTHORITY, { SECURITY_CREATOR_GROUP_RID } };

/* Appends an entry like Ace with other flags, mask and SID. */
static NTSTATUS RtlpAppendAce(PACL Acl, const ACCESS_ALLOWED_ACE *Ace, UCHAR AceFlags, ACCESS_MASK Mask, PSID Sid)
{
    ULONG Head = FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart), Length = Head + RtlLengthSid(Sid);
    ACCESS_ALLOWED_ACE *New;
    PVOID Free;

    if (!RtlFirstFreeAce(Acl, &Free) || Free == NULL || (PUCHAR)Free + Length > (PUCHAR)Acl + Acl->AclSize)
        return STATUS_ALLOTTED_SPACE_EXCEEDED;
    New = Free;
    New->Header = (ACE_HEADER){ Ace->Header.AceType, AceFlags, (USHORT)Length };
    New->Mask = Mask;
    memcpy(&New->SidStart, Sid, Length - Head);
    Acl->AceCount++;
    return STATUS_SUCCESS;
}

/* The SID that a creator's SID stands for on the new object; others stand for themselves. */
static PSID RtlpEffectiveSid(const OBJECT_SECURITY *Object, PSID Sid)
{
    if (RtlEqualSid(Sid, (PSID)&RtlpCreatorOwner) && Object->Owner != NULL)
        return Object->Owner;
    return RtlEqualSid(Sid, (PSID)&RtlpCreatorGroup) && Object->Group != NULL ? Object->Group : Sid;
}

/* What one entry of the parent becomes: up to two entries of the child. */
static NTSTATUS RtlpInheritAce(const OBJECT_SECURITY *Object, PACL Acl, const ACCESS_ALLOWED_ACE *Ace, BOOLEAN Automatic)
{
    UCHAR Flags = Ace->Header.AceFlags, Keep = Flags & (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE);
    UCHAR Kind = (UCHAR)((Flags & (SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG)) |
            (Automatic ? INHERITED_ACE : 0));
    BOOLEAN Effective = (Flags & (Object->IsContainer ? CONTAINER_INHERIT_ACE : OBJECT_INHERIT_ACE)) != 0;
    PSID Sid = (PSID)&Ace->SidStart, NewSid = RtlpEffectiveSid(Object, Sid);
    ACCESS_MASK Mask = Ace->Mask;
    NTSTATUS Status = STATUS_SUCCESS;
    BOOLEAN Same;

    if (!Object->IsContainer || Flags & NO_PROPAGATE_INHERIT_ACE)
        Keep = 0;
    RtlMapGenericMask(&Mask, Object->Mapping);
    Same = Mask == Ace->Mask && NewSid == Sid;
    if (Effective)
        Status = RtlpAppendAce(Acl, Ace, (UCHAR)(Kind | (Same ? Keep : 0)), Mask, NewSid);
    if (NT_SUCCESS(Status) && Keep != 0 && (!Effective || !Same))
        Status = RtlpAppendAce(Acl, Ace, (UCHAR)(Kind | Keep | INHERIT_ONLY_ACE), Ace->Mask, Sid);
    return Status;
}

/* Entries with a mask and a SID behind it. */
static BOOLEAN RtlpIsPlainAce(const ACE_HEADER *Ace)
{
    return Ace->AceType <= SYSTEM_ALARM_ACE_TYPE || Ace->AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE;
}

static NTSTATUS RtlpAppendInherited(const OBJECT_SECURITY *Object, PACL Acl, PACL Parent, BOOLEAN Automatic)
{
    NTSTATUS Status = STATUS_SUCCESS;
    PVOID Ace;

    for (ULONG Index = 0; NT_SUCCESS(Status) && Parent != NULL && NT_SUCCESS(RtlGetAce(Parent, Index, &Ace)); Index++)
        if (RtlpIsPlainAce(Ace))
            Status = RtlpInheritAce(Object, Acl, Ace, Automatic);
    return Status;
}

/* Copies a list that was given: generic rights are mapped, creator's SIDs replaced. */
static NTSTATUS RtlpAppendGiven(const OBJECT_SECURITY *Object, PACL Acl, PACL Given, BOOLEAN DropInherited)
{
    NTSTATUS Status = STATUS_SUCCESS;
    PVOID Found;

    for (ULONG Index = 0; NT_SUCCESS(Status) && Given != NULL && NT_SUCCESS(RtlGetAce(Given, Index, &Found)); Index++) {
        ACCESS_ALLOWED_ACE *Ace = Found;
        ACCESS_MASK Mask = Ace->Mask;

        if (DropInherited && Ace->Header.AceFlags & INHERITED_ACE)
            continue;
        if (!RtlpIsPlainAce(Found) || Ace->Header.AceFlags & INHERIT_ONLY_ACE) {
            Status = RtlAddAce(Acl, Given->AclRevision, MAXDWORD, Found, Ace->Header.AceSize);
            continue;
        }
        RtlMapGenericMask(&Mask, Object->Mapping);
        Status = RtlpAppendAce(Acl, Ace, Ace->Header.AceFlags, Mask,
                RtlpEffectiveSid(Object, (PSID)&Ace->SidStart));
    }
    return Status;
}

/* --- lists ------------------------------------------------------------------------------------------------------- */

typedef struct _LIST_SOURCE {
    BOOLEAN Present;
    BOOLEAN Defaulted;
    BOOLEAN Protected;
    PACL Acl;
} LIST_SOURCE;

static LIST_SOURCE RtlpListOf(PSECURITY_DESCRIPTOR Descriptor, BOOLEAN IsDacl)
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
    if (!List.Present)
        List.Acl = NULL;
    return List;
}

/* Fills Acl; *Present: is there a list at all?  *Null: a DACL that grants everything. */
static NTSTATUS RtlpMakeList(const OBJECT_SECURITY *Object, BOOLEAN IsDacl, PACL Acl, PBOOLEAN Present, PBOOLEAN Null)
{
    LIST_SOURCE Given = RtlpListOf(Object->Creator, IsDacl), Above = RtlpListOf(Object->Parent, IsDacl);
    BOOLEAN Automatic = (Object->Flags & (IsDacl ? SEF_DACL_AUTO_INHERIT : SEF_SACL_AUTO_INHERIT)) != 0;
    NTSTATUS Status;

    *Present = TRUE;
    *Null = FALSE;
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
    if (IsDacl && Object->TokenDacl != NULL && Object->TokenDacl->DefaultDacl != NULL)
        return RtlpAppendGiven(Object, Acl, Object->TokenDacl->DefaultDacl, FALSE);
    *Present = FALSE;
    return STATUS_SUCCESS;
}

/* --- tokens ------------------------------------------------------------------------------------------------------ */

/* A heap block with the token's answer; NULL: none. */
static PVOID RtlpTokenInformation(HANDLE Token, TOKEN_INFORMATION_CLASS Class)
{
    ULONG Length = 0;
    PVOID Buffer;

    NtQueryInformationToken(Token, Class, NULL, 0, &Length);
    Buffer = Length != 0 ? RtlAllocateHeap(RtlProcessHeap(), 0, Length) : NULL;
    if (Buffer != NULL && !NT_SUCCESS(NtQueryInformationToken(Token, Class, Buffer, Length, &Length))) {
        RtlFreeHeap(RtlProcessHeap(), 0, Buffer);
        return NULL;
    }
    return Buffer;
}

static PSID RtlpOwnerOf(PSECURITY_DESCRIPTOR Descriptor, BOOLEAN IsGroup)
{
    BOOLEAN Defaulted;
    PSID Sid = NULL;

    if (Descriptor == NULL)
        return NULL;
    if (IsGroup)
        RtlGetGroupSecurityDescriptor(Descriptor, &Sid, &Defaulted);
    else
        RtlGetOwnerSecurityDescriptor(Descriptor, &Sid, &Defaulted);
    return Sid;
}

/* --- the object's descriptor ------------------------------------------------------------------------------------- */

static SECURITY_DESCRIPTOR_CONTROL RtlpNewControl(const OBJECT_SECURITY *Object)
{
    SECURITY_DESCRIPTOR_CONTROL Control = 0, Given = 0;
    ULONG Revision;

    if (Object->Creator != NULL)
        RtlGetControlSecurityDescriptor(Object->Creator, &Given, &Revision);
    Control = Given & (SE_DACL_PROTECTED | SE_SACL_PROTECTED);
    if (Object->Flags & SEF_DACL_AUTO_INHERIT)
        Control |= SE_DACL_AUTO_INHERITED;
    if (Object->Flags & SEF_SACL_AUTO_INHERIT)
        Control |= SE_SACL_AUTO_INHERITED;
    return Control;
}

/* Lists: room for two of MAX_ACL bytes. */
static NTSTATUS RtlpBuildDescriptor(const OBJECT_SECURITY *Object, PUCHAR Lists, PSECURITY_DESCRIPTOR *New)
{
    PACL Dacl = (PACL)Lists, Sacl = (PACL)(Lists + MAX_ACL);
    SECURITY_DESCRIPTOR Absolute;
    BOOLEAN Present, Null;
    ULONG Length = 0;
    PVOID Free;
    NTSTATUS Status;

    RtlCreateSecurityDescriptor(&Absolute, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Absolute, Object->Owner, FALSE);
    RtlSetGroupSecurityDescriptor(&Absolute, Object->Group, FALSE);
    RtlCreateAcl(Dacl, MAX_ACL, ACL_REVISION);
    RtlCreateAcl(Sacl, MAX_ACL, ACL_REVISION);
    Status = RtlpMakeList(Object, TRUE, Dacl, &Present, &Null);
    if (!NT_SUCCESS(Status))
        return Status;
    if (RtlFirstFreeAce(Dacl, &Free) && Free != NULL)
        Dacl->AclSize = (USHORT)((PUCHAR)Free - (PUCHAR)Dacl);
    RtlSetDaclSecurityDescriptor(&Absolute, Present, Null ? NULL : Dacl, FALSE);
    Status = RtlpMakeList(Object, FALSE, Sacl, &Present, &Null);
    if (!NT_SUCCESS(Status))
        return Status;
    if (RtlFirstFreeAce(Sacl, &Free) && Free != NULL)
        Sacl->AclSize = (USHORT)((PUCHAR)Free - (PUCHAR)Sacl);
    RtlSetSaclSecurityDescriptor(&Absolute, Present, Null ? NULL : Sacl, FALSE);
    Absolute.Control |= RtlpNewControl(Object);
    RtlAbsoluteToSelfRelativeSD(&Absolute, NULL, &Length);
    *New = RtlAllocateHeap(RtlProcessHeap(), 0, Length);
    return *New != NULL ? RtlAbsoluteToSelfRelativeSD(&Absolute, *New, &Length) : STATUS_NO_MEMORY;
}

static NTSTATUS RtlpNewSecurityObject(OBJECT_SECURITY *Object, HANDLE Token, PSECURITY_DESCRIPTOR *New)
{
    PTOKEN_OWNER Owner = Token != NULL ? RtlpTokenInformation(Token, TokenOwner) : NULL;
    PTOKEN_PRIMARY_GROUP Group = Token != NULL ? RtlpTokenInformation(Token, TokenPrimaryGroup) : NULL;
    PUCHAR Lists = RtlAllocateHeap(RtlProcessHeap(), 0, 2 * MAX_ACL);
    NTSTATUS Status = STATUS_NO_MEMORY;

    *New = NULL;
    Object->TokenDacl = Token != NULL ? RtlpTokenInformation(Token, TokenDefaultDacl) : NULL;
    Object->Owner = RtlpOwnerOf(Object->Creator, FALSE);
    Object->Group = RtlpOwnerOf(Object->Creator, TRUE);
    if (Object->Owner == NULL && Object->Flags & SEF_DEFAULT_OWNER_FROM_PARENT)
        Object->Owner = RtlpOwnerOf(Object->Parent, FALSE);
    if (Object->Group == NULL && Object->Flags & SEF_DEFAULT_GROUP_FROM_PARENT)
        Object->Group = RtlpOwnerOf(Object->Parent, TRUE);
    if (Object->Owner == NULL && Owner != NULL)
        Object->Owner = Owner->Owner;
    if (Object->Group == NULL && Group != NULL)
        Object->Group = Group->PrimaryGroup;
    if (Object->Owner == NULL)
        Status = Token == NULL ? STATUS_NO_TOKEN : STATUS_INVALID_OWNER;
    else if (Object->Group == NULL)
        Status = Token == NULL ? STATUS_NO_TOKEN : STATUS_INVALID_PRIMARY_GROUP;
    else if (Lists != NULL)
        Status = RtlpBuildDescriptor(Object, Lists, New);
    if (!NT_SUCCESS(Status) && *New != NULL)
        RtlDeleteSecurityObject(New);
    RtlFreeHeap(RtlProcessHeap(), 0, Lists);
    RtlFreeHeap(RtlProcessHeap(), 0, Object->TokenDacl);
    RtlFreeHeap(RtlProcessHeap(), 0, Group);
    RtlFreeHeap(RtlProcessHeap(), 0, Owner);
    return Status;
}

/* --- entry points ------------------------------------------------------------------------------------------------ */

NTSTATUS NTAPI RtlNewSecurityObject(PSECURITY_DESCRIPTOR ParentDescriptor, PSECURITY_DESCRIPTOR CreatorDescriptor,
        PSECURITY_DESCRIPTOR *NewDescriptor, BOOLEAN IsDirectoryObject, HANDLE Token, PGENERIC_MAPPING GenericMapping)
{
    return RtlNewSecurityObjectEx(ParentDescriptor, CreatorDescriptor, NewDescriptor, NULL, IsDirectoryObject, 0, Token,
            GenericMapping);
}

/* A self-relative descriptor that RtlDeleteSecurityObject frees.  Either descriptor may be NULL; Token may be NULL if
 * owner and group come from the descriptors (STATUS_NO_TOKEN).  Flags: SEF_.... */
/* PARTIAL: entries for object types are never inherited; no check that the owner may be set. */
NTSTATUS NTAPI RtlNewSecurityObjectEx(PSECURITY_DESCRIPTOR ParentDescriptor, PSECURITY_DESCRIPTOR CreatorDescriptor,
        PSECURITY_DESCRIPTOR *NewDescriptor, GUID *ObjectType, BOOLEAN IsDirectoryObject, ULONG AutoInheritFlags,
        HANDLE Token, PGENERIC_MAPPING GenericMapping)
{
    OBJECT_SECURITY Object = { ParentDescriptor, CreatorDescriptor, IsDirectoryObject, AutoInheritFlags, GenericMapping };

    if ((ParentDescriptor != NULL && !RtlValidSecurityDescriptor(ParentDescriptor)) ||
        (CreatorDescriptor != NULL && !RtlValidSecurityDescriptor(CreatorDescriptor)))
        return STATUS_INVALID_SECURITY_DESCR;
    if (GenericMapping == NULL)
        return STATUS_INVALID_PARAMETER;
    return RtlpNewSecurityObject(&Object, Token, NewDescriptor);
}

/* PARTIAL: entries for object types are never inherited. */
NTSTATUS NTAPI RtlNewSecurityObjectWithMultipleInheritance(PSECURITY_DESCRIPTOR ParentDescriptor,
        PSECURITY_DESCRIPTOR CreatorDescriptor, PSECURITY_DESCRIPTOR *NewDescriptor, GUID **ObjectTypes,
        ULONG GuidCount, BOOLEAN IsDirectoryObject, ULONG AutoInheritFlags, HANDLE Token,
        PGENERIC_MAPPING GenericMapping)
{
    return RtlNewSecurityObjectEx(ParentDescriptor, CreatorDescriptor, NewDescriptor, GuidCount != 0 ? ObjectTypes[0]
            : NULL, IsDirectoryObject, AutoInheritFlags, Token, GenericMapping);
}

NTSTATUS NTAPI RtlDeleteSecurityObject(PSECURITY_DESCRIPTOR *Descriptor)
{
    RtlFreeHeap(RtlProcessHeap(), 0, *Descriptor);
    *Descriptor = NULL;
    return STATUS_SUCCESS;
}

/* The current descriptor with the parent's inheritable entries in place of its own inherited ones. */
/* PARTIAL: entries that were inherited before automatic inheritance are not recognised. */
NTSTATUS NTAPI RtlConvertToAutoInheritSecurityObject(PSECURITY_DESCRIPTOR ParentDescriptor,
        PSECURITY_DESCRIPTOR CurrentDescriptor, PSECURITY_DESCRIPTOR *NewDescriptor, GUID *ObjectType,
        BOOLEAN IsDirectoryObject, PGENERIC_MAPPING GenericMapping)
{
    return RtlNewSecurityObjectEx(ParentDescriptor, CurrentDescriptor, NewDescriptor, ObjectType, IsDirectoryObject,
            SEF_DACL_AUTO_INHERIT | SEF_SACL_AUTO_INHERIT, NULL, GenericMapping);
}
