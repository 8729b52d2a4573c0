/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Descriptors from before automatic inheritance: which of their entries came from the parent?
 *
 * The list that the parent gives is made, and the object's own entries are compared with it: an entry came from the parent
 * if every right it speaks of, for the object and for what is below, stands in the parent's list for the same trustee.
 * So one entry may equal two.  Entries of the object's own stay first, and keep their order, as the others do.
 * Source: ConvertToAutoInheritPrivateObjectSecurity (Win32 documentation).
 */
#include "secobjectp.h"

#define BELOW_FLAGS (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | NO_PROPAGATE_INHERIT_ACE)
#define AUDIT_FLAGS (SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG)

/* Alike but for flags and mask. */
static BOOLEAN RtlpIsAlike(const ACE_HEADER *Left, const ACE_HEADER *Right)
{
    const ULONG After = FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart);

    return Left->AceType == Right->AceType && Left->AceSize == Right->AceSize &&
           (Left->AceFlags & AUDIT_FLAGS) == (Right->AceFlags & AUDIT_FLAGS) &&
           memcmp((const UCHAR *)Left + After, (const UCHAR *)Right + After, Left->AceSize - After) == 0;
}

static ACCESS_MASK RtlpMappedMask(const OBJECT_SECURITY *Object, const ACE_HEADER *Ace)
{
    ACCESS_MASK Mask = ((const ACCESS_ALLOWED_ACE *)Ace)->Mask;

    RtlMapGenericMask(&Mask, Object->Mapping);
    return Mask;
}

static BOOLEAN RtlpCameFromParent(const OBJECT_SECURITY *Object, PACL Inherited, const ACE_HEADER *Ace)
{
    ACCESS_MASK Here = 0, Below = 0, Wanted = RtlpMappedMask(Object, Ace);
    UCHAR BelowFlags = Ace->AceFlags & BELOW_FLAGS;
    PVOID Found;

    for (ULONG Index = 0; NT_SUCCESS(RtlGetAce(Inherited, Index, &Found)); Index++) {
        const ACE_HEADER *Other = Found;

        if (!RtlpIsAlike(Ace, Other))
            continue;
        if (!(Other->AceFlags & INHERIT_ONLY_ACE))
            Here |= RtlpMappedMask(Object, Other);
        if ((Other->AceFlags & BELOW_FLAGS) == BelowFlags)
            Below |= RtlpMappedMask(Object, Other);
    }
    return (Ace->AceFlags & INHERIT_ONLY_ACE || (Wanted & ~Here) == 0) && (BelowFlags == 0 || (Wanted & ~Below) == 0);
}

/* Copies the entries of Current that came from the parent, or the others; *Count: how many. */
static NTSTATUS RtlpCopyPart(const OBJECT_SECURITY *Object, PACL Acl, PACL Current, PACL Inherited, BOOLEAN FromParent, PULONG Count)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ACE_PARTS Ace;
    PVOID Found;

    *Count = 0;
    for (ULONG Index = 0; NT_SUCCESS(Status) && NT_SUCCESS(RtlGetAce(Current, Index, &Found)); Index++) {
        const ACE_HEADER *Header = Found;
        UCHAR Flags = (UCHAR)((Header->AceFlags & ~INHERITED_ACE) | (FromParent ? INHERITED_ACE : 0));
        BOOLEAN Known;

        Status = RtlpTakeAceApart(Header, &Ace);
        if (!NT_SUCCESS(Status))
            return Status;
        Known = Ace.Sid != NULL;
        if ((Known && RtlpCameFromParent(Object, Inherited, Header)) != FromParent)
            continue;
        Status = Known ? RtlpAppendAce(Acl, &Ace, Flags, Ace.Mask, Ace.Sid)
                : RtlAddAce(Acl, max(Current->AclRevision, Acl->AclRevision), MAXDWORD, Found, Header->AceSize);
        ++*Count;
    }
    return Status;
}

/* Fills New from the current list; *Protected: nothing in it came from the parent.  Inherited: room for MAX_ACL bytes. */
static NTSTATUS RtlpConvertList(const OBJECT_SECURITY *Object, BOOLEAN IsDacl, PACL New, PACL Inherited, PBOOLEAN Protected)
{
    PACL Current = RtlpListOf(Object->Creator, IsDacl).Acl, Parent = RtlpListOf(Object->Parent, IsDacl).Acl;
    ULONG Own, FromParent;
    NTSTATUS Status;

    RtlCreateAcl(Inherited, MAX_ACL, ACL_REVISION);
    Status = RtlpAppendInherited(Object, Inherited, Parent, TRUE);
    if (NT_SUCCESS(Status))
        Status = RtlpCopyPart(Object, New, Current, Inherited, FALSE, &Own);
    if (NT_SUCCESS(Status))
        Status = RtlpCopyPart(Object, New, Current, Inherited, TRUE, &FromParent);
    if (NT_SUCCESS(Status))
        *Protected = FromParent == 0;
    return Status;
}

/* Sets one list of Absolute.  A list that is inherited automatically already stays as it is. */
static NTSTATUS RtlpSetConverted(const OBJECT_SECURITY *Object, BOOLEAN IsDacl, PSECURITY_DESCRIPTOR Absolute, PACL New, PACL Inherited)
{
    SECURITY_DESCRIPTOR_CONTROL Auto = IsDacl ? SE_DACL_AUTO_INHERITED : SE_SACL_AUTO_INHERITED;
    SECURITY_DESCRIPTOR_CONTROL ProtectedBit = IsDacl ? SE_DACL_PROTECTED : SE_SACL_PROTECTED;
    LIST_SOURCE Current = RtlpListOf(Object->Creator, IsDacl);
    BOOLEAN Protected = Current.Protected;
    NTSTATUS Status = STATUS_SUCCESS;
    PACL List = Current.Acl;

    if (!Current.AutoInherited && List == NULL)
        Protected |= Current.Present;           /* a DACL that grants everything */
    if (!Current.AutoInherited && List != NULL) {
        RtlCreateAcl(New, MAX_ACL, List->AclRevision);
        Status = RtlpConvertList(Object, IsDacl, New, Inherited, &Protected);
        RtlpTrimAcl(New);
        List = New;
    }
    if (!NT_SUCCESS(Status))
        return Status;
    if (IsDacl)
        RtlSetDaclSecurityDescriptor(Absolute, Current.Present, List, Current.Defaulted);
    else
        RtlSetSaclSecurityDescriptor(Absolute, Current.Present, List, Current.Defaulted);
    ((SECURITY_DESCRIPTOR *)Absolute)->Control |= Auto | (Protected ? ProtectedBit : 0);
    return STATUS_SUCCESS;
}

/* Lists: room for three of MAX_ACL bytes. */
static NTSTATUS RtlpConvert(OBJECT_SECURITY *Object, PUCHAR Lists, PSECURITY_DESCRIPTOR *New)
{
    SECURITY_DESCRIPTOR Absolute;
    NTSTATUS Status;

    RtlCreateSecurityDescriptor(&Absolute, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Absolute, Object->Owner, FALSE);
    RtlSetGroupSecurityDescriptor(&Absolute, Object->Group, FALSE);
    Status = RtlpSetConverted(Object, TRUE, &Absolute, (PACL)Lists, (PACL)(Lists + 2 * MAX_ACL));
    if (NT_SUCCESS(Status))
        Status = RtlpSetConverted(Object, FALSE, &Absolute, (PACL)(Lists + MAX_ACL), (PACL)(Lists + 2 * MAX_ACL));
    return NT_SUCCESS(Status) ? RtlpMakeRelative(&Absolute, New) : Status;
}

/* The current descriptor with its inherited entries behind its own, marked INHERITED_ACE; a list without any is protected.
 * ParentDescriptor and ObjectType may be NULL.  RtlDeleteSecurityObject frees the result. */
NTSTATUS NTAPI RtlConvertToAutoInheritSecurityObject(PSECURITY_DESCRIPTOR ParentDescriptor,
        PSECURITY_DESCRIPTOR CurrentDescriptor, PSECURITY_DESCRIPTOR *NewDescriptor, GUID *ObjectType,
        BOOLEAN IsDirectoryObject, PGENERIC_MAPPING GenericMapping)
{
    OBJECT_SECURITY Object = { .Parent = ParentDescriptor, .Creator = CurrentDescriptor, .IsContainer = IsDirectoryObject,
            .Mapping = GenericMapping, .Types = &ObjectType, .TypeCount = 1 };
    NTSTATUS Status = STATUS_NO_MEMORY;
    PUCHAR Lists;

    *NewDescriptor = NULL;
    if (!RtlValidSecurityDescriptor(CurrentDescriptor) ||
        (ParentDescriptor != NULL && !RtlValidSecurityDescriptor(ParentDescriptor)))
        return STATUS_INVALID_SECURITY_DESCR;
    if (GenericMapping == NULL)
        return STATUS_INVALID_PARAMETER;
    Object.Owner = RtlpOwnerOf(CurrentDescriptor, FALSE);
    Object.Group = RtlpOwnerOf(CurrentDescriptor, TRUE);
    Lists = RtlAllocateHeap(RtlProcessHeap(), 0, 3 * MAX_ACL);
    if (Lists != NULL)
        Status = RtlpConvert(&Object, Lists, NewDescriptor);
    RtlFreeHeap(RtlProcessHeap(), 0, Lists);
    return Status;
}
