/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security descriptors: capture from programs, and the descriptor in an object's header.
 *
 * A captured descriptor is self-relative, in pool, owns its length, and passed RtlValidRelativeSecurityDescriptor:
 * nobody checks it again. An absolute descriptor of a program is captured part by part.  Descriptors are counted and
 * never change: objects share them, and a change makes a new one.  Nothing here waits.
 */
#include "ntos/se/sep.h"

static NTSTATUS SepRead(KPROCESSOR_MODE Mode, PVOID To, const void *From, SIZE_T Length)
{
    if (Mode == UserMode)
        return MmCopyFromUser(To, From, Length);
    memcpy(To, From, Length);
    return STATUS_SUCCESS;
}

static NTSTATUS SepCopyPart(KPROCESSOR_MODE Mode, const void *From, SIZE_T Length, PVOID *Result)
{
    NTSTATUS Status;

    *Result = ExAllocatePoolWithTag(PagedPool, Length, SE_TAG_TOKEN);
    if (*Result == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = SepRead(Mode, *Result, From, Length);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(*Result, SE_TAG_TOKEN);
        *Result = NULL;
    }
    return Status;
}

static NTSTATUS SepCaptureSid(KPROCESSOR_MODE Mode, const void *From, PSID *Sid)
{
    UCHAR Header[2];
    NTSTATUS Status;

    *Sid = NULL;
    if (From == NULL)
        return STATUS_SUCCESS;
    Status = SepRead(Mode, Header, From, sizeof(Header));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Header[0] != SID_REVISION || Header[1] > SID_MAX_SUB_AUTHORITIES)
        return STATUS_INVALID_SID;
    Status = SepCopyPart(Mode, From, RtlLengthRequiredSid(Header[1]), Sid);
    if (!NT_SUCCESS(Status))
        return Status;
    /* The program may have changed it between the two reads. */
    ((PUCHAR)*Sid)[0] = Header[0];
    ((PUCHAR)*Sid)[1] = Header[1];
    return STATUS_SUCCESS;
}

NTSTATUS SepCaptureAcl(KPROCESSOR_MODE Mode, const void *From, PACL *Acl)
{
    ACL Header;
    NTSTATUS Status;

    *Acl = NULL;
    if (From == NULL)
        return STATUS_SUCCESS;
    Status = SepRead(Mode, &Header, From, sizeof(Header));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Header.AclSize < sizeof(Header))
        return STATUS_INVALID_ACL;
    Status = SepCopyPart(Mode, From, Header.AclSize, (PVOID *)Acl);
    if (!NT_SUCCESS(Status))
        return Status;
    memcpy(*Acl, &Header, sizeof(Header));
    if (!RtlValidAcl(*Acl)) {
        ExFreePoolWithTag(*Acl, SE_TAG_TOKEN);
        *Acl = NULL;
        return STATUS_INVALID_ACL;
    }
    return STATUS_SUCCESS;
}

static VOID SepFreeParts(PSEP_PARTS Parts)
{
    PVOID All[] = { Parts->Owner, Parts->Group, Parts->Sacl, Parts->Dacl };

    for (ULONG i = 0; i < RTL_NUMBER_OF(All); i++) {
        if (All[i] != NULL)
            ExFreePoolWithTag(All[i], SE_TAG_TOKEN);
    }
}

static NTSTATUS SepCaptureParts(KPROCESSOR_MODE Mode, PSECURITY_DESCRIPTOR Given, PSEP_PARTS Parts)
{
    SECURITY_DESCRIPTOR_RELATIVE Relative;
    SECURITY_DESCRIPTOR Absolute;
    PUCHAR Base = Given;
    NTSTATUS Status;

    memset(Parts, 0, sizeof(*Parts));
    Status = SepRead(Mode, &Relative, Given, sizeof(Relative));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Relative.Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    memset(&Absolute, 0, sizeof(Absolute));
    Parts->Control = Relative.Control;
    if (Relative.Control & SE_SELF_RELATIVE) {
        Absolute.Owner = Relative.Owner != 0 ? Base + Relative.Owner : NULL;
        Absolute.Group = Relative.Group != 0 ? Base + Relative.Group : NULL;
        Absolute.Sacl = Relative.Sacl != 0 ? (PACL)(Base + Relative.Sacl) : NULL;
        Absolute.Dacl = Relative.Dacl != 0 ? (PACL)(Base + Relative.Dacl) : NULL;
    } else {
        Status = SepRead(Mode, &Absolute, Given, sizeof(Absolute));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = SepCaptureSid(Mode, Absolute.Owner, &Parts->Owner);
    if (NT_SUCCESS(Status))
        Status = SepCaptureSid(Mode, Absolute.Group, &Parts->Group);
    if (NT_SUCCESS(Status) && Parts->Control & SE_SACL_PRESENT)
        Status = SepCaptureAcl(Mode, Absolute.Sacl, &Parts->Sacl);
    if (NT_SUCCESS(Status) && Parts->Control & SE_DACL_PRESENT)
        Status = SepCaptureAcl(Mode, Absolute.Dacl, &Parts->Dacl);
    if (!NT_SUCCESS(Status))
        SepFreeParts(Parts);
    return Status;
}

#define SEP_ALIGN4(n) (((n) + 3) & ~3u)

static ULONG SepPlace(PUCHAR Base, PULONG Offset, const void *Part, ULONG Length)
{
    ULONG Place = *Offset;

    if (Part == NULL)
        return 0;
    if (Base != NULL)
        memcpy(Base + Place, Part, Length);
    *Offset += SEP_ALIGN4(Length);
    return Place;
}

/* Lays the parts out after Header; Base NULL only counts.  Returns the total length. */
static ULONG SepLayOut(const SEP_PARTS *Parts, PISECURITY_DESCRIPTOR_RELATIVE Header, PUCHAR Base)
{
    ULONG Offset = sizeof(*Header);

    memset(Header, 0, sizeof(*Header));
    Header->Revision = SECURITY_DESCRIPTOR_REVISION;
    Header->Control = Parts->Control | SE_SELF_RELATIVE;
    Header->Sacl = SepPlace(Base, &Offset, Parts->Sacl, Parts->Sacl != NULL ? Parts->Sacl->AclSize : 0);
    Header->Dacl = SepPlace(Base, &Offset, Parts->Dacl, Parts->Dacl != NULL ? Parts->Dacl->AclSize : 0);
    Header->Owner = SepPlace(Base, &Offset, Parts->Owner, Parts->Owner != NULL ? RtlLengthSid(Parts->Owner) : 0);
    Header->Group = SepPlace(Base, &Offset, Parts->Group, Parts->Group != NULL ? RtlLengthSid(Parts->Group) : 0);
    return Offset;
}

NTSTATUS SepBuild(const SEP_PARTS *Parts, PSECURITY_DESCRIPTOR *Result)
{
    SECURITY_DESCRIPTOR_RELATIVE Header;
    ULONG Length = SepLayOut(Parts, &Header, NULL);
    PSEP_COUNT Count = ExAllocatePoolZero(PagedPool, sizeof(*Count) + Length, SE_TAG_DESCRIPTOR);

    if (Count == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Count->References = 1;
    *Result = Count + 1;
    SepLayOut(Parts, &Header, *Result);
    memcpy(*Result, &Header, sizeof(Header));
    return STATUS_SUCCESS;
}

NTSTATUS SeCaptureSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, KPROCESSOR_MODE Mode,
        PSECURITY_DESCRIPTOR *Captured)
{
    SEP_PARTS Parts;
    NTSTATUS Status;

    *Captured = NULL;
    if (SecurityDescriptor == NULL)
        return STATUS_SUCCESS;
    Status = SepCaptureParts(Mode, SecurityDescriptor, &Parts);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SepBuild(&Parts, Captured);
    SepFreeParts(&Parts);
    return Status;
}

PSECURITY_DESCRIPTOR SeReferenceSecurityDescriptor(PSECURITY_DESCRIPTOR Captured)
{
    if (Captured != NULL)
        SepCountOf(Captured)->References++;
    return Captured;
}

VOID SeReleaseSecurityDescriptor(PSECURITY_DESCRIPTOR Captured)
{
    PSEP_COUNT Count = Captured != NULL ? SepCountOf(Captured) : NULL, Source;

    for (; Count != NULL && --Count->References == 0; Count = Source) {
        Source = Count->Source;
        for (ULONG i = 0; Source != NULL && i < RTL_NUMBER_OF(Source->Derived); i++)
            if (Source->Derived[i] == Count)
                Source->Derived[i] = NULL;
        ExFreePoolWithTag(Count, SE_TAG_DESCRIPTOR);
    }
}

/* --- descriptors of objects ----------------------------------------------------------------------------------- */

VOID SepViewParts(PSECURITY_DESCRIPTOR Descriptor, PSEP_PARTS Parts)
{
    BOOLEAN Present;
    BOOLEAN Defaulted;
    ULONG Revision;

    memset(Parts, 0, sizeof(*Parts));
    if (Descriptor == NULL)
        return;
    RtlGetControlSecurityDescriptor(Descriptor, &Parts->Control, &Revision);
    RtlGetOwnerSecurityDescriptor(Descriptor, &Parts->Owner, &Defaulted);
    RtlGetGroupSecurityDescriptor(Descriptor, &Parts->Group, &Defaulted);
    RtlGetSaclSecurityDescriptor(Descriptor, &Present, &Parts->Sacl, &Defaulted);
    if (!Present)
        Parts->Sacl = NULL;
    RtlGetDaclSecurityDescriptor(Descriptor, &Present, &Parts->Dacl, &Defaulted);
    if (!Present)
        Parts->Dacl = NULL;
}

#define SEP_SACL_BITS \
    (SE_SACL_PRESENT | SE_SACL_DEFAULTED | SE_SACL_AUTO_INHERITED | SE_SACL_PROTECTED | SE_SACL_AUTO_INHERIT_REQ)
#define SEP_DACL_BITS \
    (SE_DACL_PRESENT | SE_DACL_DEFAULTED | SE_DACL_AUTO_INHERITED | SE_DACL_PROTECTED | SE_DACL_AUTO_INHERIT_REQ)

#define SEP_SACL_PARTS \
    (SACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION | ATTRIBUTE_SECURITY_INFORMATION | SCOPE_SECURITY_INFORMATION)
#define SEP_ALL_PARTS (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | SEP_SACL_PARTS)
#define SEP_PROTECTION \
    (PROTECTED_DACL_SECURITY_INFORMATION | PROTECTED_SACL_SECURITY_INFORMATION | UNPROTECTED_DACL_SECURITY_INFORMATION | \
     UNPROTECTED_SACL_SECURITY_INFORMATION)

/* The parts that are named; who saves or restores all says so with one bit. */
static SECURITY_INFORMATION SepNamedParts(SECURITY_INFORMATION Information)
{
    return Information & BACKUP_SECURITY_INFORMATION ? Information | SEP_ALL_PARTS : Information;
}

static VOID SepProtect(PSEP_PARTS Parts, SECURITY_INFORMATION Information)
{
    if (Information & PROTECTED_DACL_SECURITY_INFORMATION)
        Parts->Control |= SE_DACL_PROTECTED;
    if (Information & UNPROTECTED_DACL_SECURITY_INFORMATION)
        Parts->Control &= ~SE_DACL_PROTECTED;
    if (Information & PROTECTED_SACL_SECURITY_INFORMATION)
        Parts->Control |= SE_SACL_PROTECTED;
    if (Information & UNPROTECTED_SACL_SECURITY_INFORMATION)
        Parts->Control &= ~SE_SACL_PROTECTED;
}

/*
 * Moves the wanted parts of From over those of Into.  A SACL of which only a part moves is a new list: *Joined, for SepFreeJoined.
 */
static NTSTATUS SepSelect(PSEP_PARTS Into, const SEP_PARTS *From, SECURITY_INFORMATION Information, PACL *Joined)
{
    SECURITY_DESCRIPTOR_CONTROL Mask = 0;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Information & OWNER_SECURITY_INFORMATION) {
        Into->Owner = From->Owner;
        Mask |= SE_OWNER_DEFAULTED;
    }
    if (Information & GROUP_SECURITY_INFORMATION) {
        Into->Group = From->Group;
        Mask |= SE_GROUP_DEFAULTED;
    }
    if (Information & SACL_SECURITY_INFORMATION)
        Mask |= SEP_SACL_BITS;
    if (Information & DACL_SECURITY_INFORMATION) {
        Into->Dacl = From->Dacl;
        Mask |= SEP_DACL_BITS;
    }
    Into->Control = (Into->Control & ~Mask) | (From->Control & Mask);
    *Joined = NULL;
    if (Into->Sacl != From->Sacl && Information & SEP_SACL_PARTS) {
        if ((Information & SEP_SACL_PARTS) != SEP_SACL_PARTS)
            Status = SepJoinSacl(Into->Sacl, From->Sacl, Information, Joined);
        Into->Sacl = (Information & SEP_SACL_PARTS) != SEP_SACL_PARTS ? *Joined : From->Sacl;
    }
    if (Into->Sacl != NULL)
        Into->Control |= SE_SACL_PRESENT;
    return Status;
}

static VOID SepFreeJoined(PACL Joined)
{
    if (Joined != NULL)
        ExFreePoolWithTag(Joined, SE_TAG_TOKEN);
}

/*
 * The masks of a list that is handed out: descriptors are shared by objects of different types, so that generic rights
 * become specific ones only here (and in the check).
 */
static VOID SepMapAcl(PSECURITY_DESCRIPTOR Descriptor, const GENERIC_MAPPING *Mapping)
{
    BOOLEAN Present, Defaulted;
    PACE_HEADER Ace;
    PACL Acl = NULL;

    RtlGetDaclSecurityDescriptor(Descriptor, &Present, &Acl, &Defaulted);
    if (!Present || Acl == NULL)
        return;
    for (ULONG i = 0; i < Acl->AceCount && NT_SUCCESS(RtlGetAce(Acl, i, (PVOID *)&Ace)); i++) {
        if (!(Ace->AceFlags & INHERIT_ONLY_ACE))
            RtlMapGenericMask(&((ACCESS_ALLOWED_ACE *)Ace)->Mask, Mapping);
    }
}

static NTSTATUS SepQueryDescriptor(PSECURITY_DESCRIPTOR Kept, SECURITY_INFORMATION Information,
        const GENERIC_MAPPING *Mapping, PSECURITY_DESCRIPTOR Buffer, PULONG Length)
{
    SECURITY_DESCRIPTOR_RELATIVE Relative;
    SEP_PARTS All;
    SEP_PARTS Chosen = { 0 };
    PACL Joined;
    ULONG Needed;
    NTSTATUS Status;

    SepViewParts(Kept, &All);
    Status = SepSelect(&Chosen, &All, SepNamedParts(Information), &Joined);
    if (!NT_SUCCESS(Status))
        return Status;
    Needed = SepLayOut(&Chosen, &Relative, NULL);
    if (*Length >= Needed) {
        SepLayOut(&Chosen, &Relative, Buffer);
        memcpy(Buffer, &Relative, sizeof(Relative));
        SepMapAcl(Buffer, Mapping);
    } else {
        Status = STATUS_BUFFER_TOO_SMALL;
    }
    *Length = Needed;
    SepFreeJoined(Joined);
    return Status;
}

/* What names no part needs no right, and leaves the descriptor, which objects share, as it is. */
static NTSTATUS SepSetDescriptor(PSECURITY_DESCRIPTOR *Kept, SECURITY_INFORMATION Information,
        PSECURITY_DESCRIPTOR New)
{
    PSECURITY_DESCRIPTOR Built;
    SEP_PARTS Old;
    SEP_PARTS Given;
    PACL Joined;
    NTSTATUS Status;

    Information = SepNamedParts(Information);
    if (!(Information & (SEP_ALL_PARTS | SEP_PROTECTION)))
        return STATUS_SUCCESS;
    SepViewParts(*Kept, &Old);
    SepViewParts(New, &Given);
    if (Information & OWNER_SECURITY_INFORMATION && Given.Owner == NULL)
        return STATUS_INVALID_OWNER;
    if (Information & GROUP_SECURITY_INFORMATION && Given.Group == NULL)
        return STATUS_INVALID_PRIMARY_GROUP;
    Status = SepSelect(&Old, &Given, Information, &Joined);
    SepProtect(&Old, Information);
    if (NT_SUCCESS(Status))
        Status = SepBuild(&Old, &Built);
    SepFreeJoined(Joined);
    if (!NT_SUCCESS(Status))
        return Status;
    SeReleaseSecurityDescriptor(*Kept);
    *Kept = Built;
    return STATUS_SUCCESS;
}

NTSTATUS SeDescriptorMethod(PSECURITY_DESCRIPTOR *Kept, const GENERIC_MAPPING *Mapping,
        SECURITY_OPERATION_CODE OperationCode, PSECURITY_INFORMATION SecurityInformation,
        PSECURITY_DESCRIPTOR SecurityDescriptor, PULONG Length)
{
    switch (OperationCode) {
    case QuerySecurityDescriptor:
        return SepQueryDescriptor(*Kept, *SecurityInformation, Mapping, SecurityDescriptor, Length);
    case SetSecurityDescriptor:
        return SepSetDescriptor(Kept, *SecurityInformation, SecurityDescriptor);
    case DeleteSecurityDescriptor:
    case AssignSecurityDescriptor:
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_PARAMETER;
}

NTSTATUS SeDefaultObjectMethod(PVOID Object, SECURITY_OPERATION_CODE OperationCode,
        PSECURITY_INFORMATION SecurityInformation, PSECURITY_DESCRIPTOR SecurityDescriptor, PULONG Length)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);

    return SeDescriptorMethod(&Header->SecurityDescriptor, &Header->Type->TypeInfo.GenericMapping, OperationCode,
                              SecurityInformation, SecurityDescriptor, Length);
}

/* --- what the system makes --------------------------------------------------------------------------------------------- */

typedef struct _SEP_ACE {
    ACE_HEADER Header;
    ACCESS_MASK Mask;
    UCHAR Sid[12];                      /* with one subauthority */
} SEP_ACE;

#define SEP_INHERIT (OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE)
#define SEP_SID(Authority, Count, Rid) { SID_REVISION, Count, 0, 0, 0, 0, 0, Authority, Rid }
#define SEP_ACE_FOR(Rights, Authority, Rid) \
    { { ACCESS_ALLOWED_ACE_TYPE, SEP_INHERIT, sizeof(SEP_ACE) }, Rights, SEP_SID(Authority, 1, Rid) }

/* Owned by Administrators; all for them and System, PublicRights for everyone; for what is made inside it as well. */
typedef struct _SEP_PUBLIC_DESCRIPTOR {
    SEP_COUNT Count;
    SECURITY_DESCRIPTOR_RELATIVE Header;
    ACL Acl;
    SEP_ACE World, System;
    struct {
        ACE_HEADER Header;
        ACCESS_MASK Mask;
        UCHAR Sid[16];
    } Admins;
} SEP_PUBLIC_DESCRIPTOR;

#define SEP_OFFSET(Field) (FIELD_OFFSET(SEP_PUBLIC_DESCRIPTOR, Field) - FIELD_OFFSET(SEP_PUBLIC_DESCRIPTOR, Header))
#define SEP_PUBLIC(PublicRights) SEP_PUBLIC_WITH(PublicRights, 0, 0)
#define SEP_PUBLIC_WITH(PublicRights, Control, Sacl) { \
    .Count = { 1 }, \
    .Header = { SECURITY_DESCRIPTOR_REVISION, 0, SE_SELF_RELATIVE | SE_DACL_PRESENT | (Control), SEP_OFFSET(Admins.Sid), \
                SEP_OFFSET(System.Sid), Sacl, SEP_OFFSET(Acl) }, \
    .Acl = { ACL_REVISION, 0, sizeof(SEP_PUBLIC_DESCRIPTOR) - FIELD_OFFSET(SEP_PUBLIC_DESCRIPTOR, Acl), 3, 0 }, \
    .World = SEP_ACE_FOR(PublicRights, 1, SECURITY_WORLD_RID), \
    .System = SEP_ACE_FOR(GENERIC_ALL, 5, SECURITY_LOCAL_SYSTEM_RID), \
    .Admins = { { ACCESS_ALLOWED_ACE_TYPE, SEP_INHERIT, 24 }, GENERIC_ALL, \
                { SID_REVISION, 2, 0, 0, 0, 0, 0, 5, SECURITY_BUILTIN_DOMAIN_RID, 0, 0, 0, \
                  DOMAIN_ALIAS_RID_ADMINS & 0xff, DOMAIN_ALIAS_RID_ADMINS >> 8, 0, 0 } }, \
}

static SEP_PUBLIC_DESCRIPTOR SepPublicRead = SEP_PUBLIC(GENERIC_READ);
static SEP_PUBLIC_DESCRIPTOR SepPublicExecute = SEP_PUBLIC(GENERIC_READ | GENERIC_EXECUTE);
static SEP_PUBLIC_DESCRIPTOR SepPublicOpen = SEP_PUBLIC(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | DELETE);

/* The same with a label: who acts at a low level may write, too. */
static struct {
    SEP_PUBLIC_DESCRIPTOR Public;
    ACL Acl;
    SEP_ACE Label;
} SepSharedObjects = {
    .Public = SEP_PUBLIC_WITH(GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE | DELETE, SE_SACL_PRESENT,
                              sizeof(SEP_PUBLIC_DESCRIPTOR) - FIELD_OFFSET(SEP_PUBLIC_DESCRIPTOR, Header)),
    .Acl = { ACL_REVISION, 0, sizeof(ACL) + sizeof(SEP_ACE), 1, 0 },
    .Label = { { SYSTEM_MANDATORY_LABEL_ACE_TYPE, 0, sizeof(SEP_ACE) }, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP,
               { SID_REVISION, 1, 0, 0, 0, 0, 0, 16, SECURITY_MANDATORY_LOW_RID & 0xff, SECURITY_MANDATORY_LOW_RID >> 8, 0, 0 } },
};

PSECURITY_DESCRIPTOR SeSharedObjectsSd = &SepSharedObjects.Public.Header;
PSECURITY_DESCRIPTOR SePublicReadSd = &SepPublicRead.Header;
PSECURITY_DESCRIPTOR SePublicDefaultSd = &SepPublicExecute.Header;
PSECURITY_DESCRIPTOR SePublicOpenSd = &SepPublicOpen.Header;

C_ASSERT(sizeof(SEP_ACE) == 20 && sizeof(SepPublicRead.Admins) == 24);
