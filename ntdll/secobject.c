/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security descriptors of private objects: made from the creator's descriptor, the parent's and the token's defaults.
 *
 * The lists are rtl/inheritace.c's work.
 * Source: CreatePrivateObjectSecurityEx (Win32 documentation).
 */
#include "secobjectp.h"

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

PSID RtlpOwnerOf(PSECURITY_DESCRIPTOR Descriptor, BOOLEAN IsGroup)
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

NTSTATUS RtlpMakeRelative(PSECURITY_DESCRIPTOR Absolute, PSECURITY_DESCRIPTOR *New)
{
    NTSTATUS Status = STATUS_NO_MEMORY;
    ULONG Length = 0;

    RtlAbsoluteToSelfRelativeSD(Absolute, NULL, &Length);
    *New = RtlAllocateHeap(RtlProcessHeap(), 0, Length);
    if (*New != NULL)
        Status = RtlAbsoluteToSelfRelativeSD(Absolute, *New, &Length);
    if (!NT_SUCCESS(Status) && *New != NULL)
        RtlDeleteSecurityObject(New);
    return Status;
}

/* Lists: room for two of MAX_ACL bytes. */
static NTSTATUS RtlpBuildDescriptor(const OBJECT_SECURITY *Object, PUCHAR Lists, PSECURITY_DESCRIPTOR *New)
{
    PACL Dacl = (PACL)Lists, Sacl = (PACL)(Lists + MAX_ACL);
    SECURITY_DESCRIPTOR Absolute;
    BOOLEAN Present, Null;
    NTSTATUS Status;

    RtlCreateSecurityDescriptor(&Absolute, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Absolute, Object->Owner, FALSE);
    RtlSetGroupSecurityDescriptor(&Absolute, Object->Group, FALSE);
    RtlCreateAcl(Dacl, MAX_ACL, ACL_REVISION);
    RtlCreateAcl(Sacl, MAX_ACL, ACL_REVISION);
    Status = RtlpMakeList(Object, TRUE, Dacl, &Present, &Null);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlpTrimAcl(Dacl);
    RtlSetDaclSecurityDescriptor(&Absolute, Present, Null ? NULL : Dacl, FALSE);
    Status = RtlpMakeList(Object, FALSE, Sacl, &Present, &Null);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlpTrimAcl(Sacl);
    RtlSetSaclSecurityDescriptor(&Absolute, Present, Null ? NULL : Sacl, FALSE);
    Absolute.Control |= RtlpNewControl(Object);
    return RtlpMakeRelative(&Absolute, New);
}

/* Enabled in the token? */
static BOOLEAN RtlpHasPrivilege(HANDLE Token, ULONG Privilege)
{
    PTOKEN_PRIVILEGES Privileges = RtlpTokenInformation(Token, TokenPrivileges);
    BOOLEAN Has = FALSE;

    for (ULONG Index = 0; Privileges != NULL && Index < Privileges->PrivilegeCount; Index++) {
        const LUID_AND_ATTRIBUTES *One = &Privileges->Privileges[Index];

        if (One->Luid.LowPart == Privilege && One->Luid.HighPart == 0)
            Has = (One->Attributes & SE_PRIVILEGE_ENABLED) != 0;
    }
    RtlFreeHeap(RtlProcessHeap(), 0, Privileges);
    return Has;
}

/* The token's user, or one of its groups that may own; anyone with the privilege to restore files. */
static BOOLEAN RtlpMayOwn(HANDLE Token, PSID Owner)
{
    PTOKEN_USER User = RtlpTokenInformation(Token, TokenUser);
    PTOKEN_GROUPS Groups = RtlpTokenInformation(Token, TokenGroups);
    BOOLEAN May = User != NULL && RtlEqualSid(User->User.Sid, Owner);

    for (ULONG Index = 0; Groups != NULL && !May && Index < Groups->GroupCount; Index++)
        May = (Groups->Groups[Index].Attributes & (SE_GROUP_OWNER | SE_GROUP_USE_FOR_DENY_ONLY)) == SE_GROUP_OWNER &&
              RtlEqualSid(Groups->Groups[Index].Sid, Owner);
    RtlFreeHeap(RtlProcessHeap(), 0, Groups);
    RtlFreeHeap(RtlProcessHeap(), 0, User);
    return May || RtlpHasPrivilege(Token, SE_RESTORE_PRIVILEGE);
}

/* What the token must be allowed: to set a SACL, and to make Object->Owner the owner. */
static NTSTATUS RtlpCheckToken(const OBJECT_SECURITY *Object, HANDLE Token)
{
    LIST_SOURCE Sacl = RtlpListOf(Object->Creator, FALSE);

    if (Token == NULL)
        return (Object->Flags & SEF_AVOID_PRIVILEGE_CHECK) && (Object->Flags & SEF_AVOID_OWNER_CHECK) ? STATUS_SUCCESS : STATUS_NO_TOKEN;
    if (!(Object->Flags & SEF_AVOID_PRIVILEGE_CHECK) && Sacl.Present && !Sacl.Defaulted && !RtlpHasPrivilege(Token, SE_SECURITY_PRIVILEGE))
        return STATUS_PRIVILEGE_NOT_HELD;
    if (!(Object->Flags & SEF_AVOID_OWNER_CHECK) && Object->Owner != NULL && !RtlpMayOwn(Token, Object->Owner))
        return STATUS_INVALID_OWNER;
    return STATUS_SUCCESS;
}

/* Owner and group where the descriptors do not say: the token's. */
static NTSTATUS RtlpFindOwners(OBJECT_SECURITY *Object, PTOKEN_OWNER Owner, PTOKEN_PRIMARY_GROUP Group)
{
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
        return STATUS_INVALID_OWNER;
    return Object->Group == NULL ? STATUS_INVALID_PRIMARY_GROUP : STATUS_SUCCESS;
}

static NTSTATUS RtlpNewSecurityObject(OBJECT_SECURITY *Object, HANDLE Token, PSECURITY_DESCRIPTOR *New)
{
    PTOKEN_OWNER Owner = Token != NULL ? RtlpTokenInformation(Token, TokenOwner) : NULL;
    PTOKEN_PRIMARY_GROUP Group = Token != NULL ? RtlpTokenInformation(Token, TokenPrimaryGroup) : NULL;
    PUCHAR Lists = RtlAllocateHeap(RtlProcessHeap(), 0, 2 * MAX_ACL);
    PTOKEN_DEFAULT_DACL Default = Token != NULL ? RtlpTokenInformation(Token, TokenDefaultDacl) : NULL;
    NTSTATUS Status = Lists != NULL ? RtlpFindOwners(Object, Owner, Group) : STATUS_NO_MEMORY;

    Object->TokenDacl = Default != NULL ? Default->DefaultDacl : NULL;
    if (NT_SUCCESS(Status) || Token == NULL) {
        NTSTATUS Checked = RtlpCheckToken(Object, Token);

        Status = NT_SUCCESS(Checked) ? Status : Checked;
    }
    if (NT_SUCCESS(Status))
        Status = RtlpBuildDescriptor(Object, Lists, New);
    RtlFreeHeap(RtlProcessHeap(), 0, Lists);
    RtlFreeHeap(RtlProcessHeap(), 0, Default);
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

/* ObjectType may be NULL; otherwise as RtlNewSecurityObjectWithMultipleInheritance. */
NTSTATUS NTAPI RtlNewSecurityObjectEx(PSECURITY_DESCRIPTOR ParentDescriptor, PSECURITY_DESCRIPTOR CreatorDescriptor,
        PSECURITY_DESCRIPTOR *NewDescriptor, GUID *ObjectType, BOOLEAN IsDirectoryObject, ULONG AutoInheritFlags,
        HANDLE Token, PGENERIC_MAPPING GenericMapping)
{
    return RtlNewSecurityObjectWithMultipleInheritance(ParentDescriptor, CreatorDescriptor, NewDescriptor, &ObjectType,
            ObjectType != NULL ? 1 : 0, IsDirectoryObject, AutoInheritFlags, Token, GenericMapping);
}

/* A self-relative descriptor that RtlDeleteSecurityObject frees.  Either descriptor may be NULL.  ObjectTypes: what the object
 * is, for the parent's entries for object types.  Flags: SEF_....  Token may be NULL with SEF_AVOID_PRIVILEGE_CHECK and
 * SEF_AVOID_OWNER_CHECK only (STATUS_NO_TOKEN); else it must allow the creator's SACL (STATUS_PRIVILEGE_NOT_HELD) and the owner
 * (STATUS_INVALID_OWNER). */
NTSTATUS NTAPI RtlNewSecurityObjectWithMultipleInheritance(PSECURITY_DESCRIPTOR ParentDescriptor,
        PSECURITY_DESCRIPTOR CreatorDescriptor, PSECURITY_DESCRIPTOR *NewDescriptor, GUID **ObjectTypes,
        ULONG GuidCount, BOOLEAN IsDirectoryObject, ULONG AutoInheritFlags, HANDLE Token,
        PGENERIC_MAPPING GenericMapping)
{
    OBJECT_SECURITY Object = { .Parent = ParentDescriptor, .Creator = CreatorDescriptor, .IsContainer = IsDirectoryObject,
            .Flags = AutoInheritFlags, .Mapping = GenericMapping, .Types = ObjectTypes, .TypeCount = GuidCount };

    *NewDescriptor = NULL;
    if ((ParentDescriptor != NULL && !RtlValidSecurityDescriptor(ParentDescriptor)) ||
        (CreatorDescriptor != NULL && !RtlValidSecurityDescriptor(CreatorDescriptor)))
        return STATUS_INVALID_SECURITY_DESCR;
    if (GenericMapping == NULL)
        return STATUS_INVALID_PARAMETER;
    return RtlpNewSecurityObject(&Object, Token, NewDescriptor);
}

NTSTATUS NTAPI RtlDeleteSecurityObject(PSECURITY_DESCRIPTOR *Descriptor)
{
    RtlFreeHeap(RtlProcessHeap(), 0, *Descriptor);
    *Descriptor = NULL;
    return STATUS_SUCCESS;
}
