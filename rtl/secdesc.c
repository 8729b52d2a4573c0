/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security descriptors, absolute (pointers) and self-relative (offsets from the descriptor's start; 0 = none).
 *
 * RtlValidRelativeSecurityDescriptor checks one that came from outside; the others trust the descriptor they get.
 * Self-relative layout made here: header, SACL, DACL, owner, group, each on a multiple of 4.
 */
#include "rtl.h"

typedef enum _SD_PART { PART_OWNER, PART_GROUP, PART_SACL, PART_DACL } SD_PART;

static const SECURITY_DESCRIPTOR *RtlpAbsolute(PSECURITY_DESCRIPTOR Descriptor)
{
    return Descriptor;
}

static BOOLEAN RtlpIsRelative(PSECURITY_DESCRIPTOR Descriptor)
{
    return (RtlpAbsolute(Descriptor)->Control & SE_SELF_RELATIVE) != 0;
}

/* The part's address in either form; NULL: absent, or a NULL ACL. */
static PVOID RtlpPart(PSECURITY_DESCRIPTOR Descriptor, SD_PART Part)
{
    const SECURITY_DESCRIPTOR *Absolute = Descriptor;
    const SECURITY_DESCRIPTOR_RELATIVE *Relative = Descriptor;
    DWORD Offsets[4];
    PVOID Pointers[4];

    if ((Part == PART_SACL && !(Absolute->Control & SE_SACL_PRESENT)) ||
        (Part == PART_DACL && !(Absolute->Control & SE_DACL_PRESENT)))
        return NULL;
    if (RtlpIsRelative(Descriptor)) {
        Offsets[PART_OWNER] = Relative->Owner;
        Offsets[PART_GROUP] = Relative->Group;
        Offsets[PART_SACL] = Relative->Sacl;
        Offsets[PART_DACL] = Relative->Dacl;
        return Offsets[Part] != 0 ? (PUCHAR)Descriptor + Offsets[Part] : NULL;
    }
    Pointers[PART_OWNER] = Absolute->Owner;
    Pointers[PART_GROUP] = Absolute->Group;
    Pointers[PART_SACL] = Absolute->Sacl;
    Pointers[PART_DACL] = Absolute->Dacl;
    return Pointers[Part];
}

static ULONG RtlpPartLength(PSECURITY_DESCRIPTOR Descriptor, SD_PART Part)
{
    PVOID Data = RtlpPart(Descriptor, Part);

    if (Data == NULL)
        return 0;
    return Part == PART_OWNER || Part == PART_GROUP ? RtlLengthSid(Data) : ((PACL)Data)->AclSize;
}

static ULONG RtlpRound(ULONG Length)
{
    return (Length + 3) & ~3u;
}

NTSTATUS NTAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, ULONG Revision)
{
    if (Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    *(SECURITY_DESCRIPTOR *)SecurityDescriptor = (SECURITY_DESCRIPTOR){ .Revision = SECURITY_DESCRIPTOR_REVISION };
    return STATUS_SUCCESS;
}

BOOLEAN NTAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor)
{
    PVOID Owner, Group, Sacl, Dacl;

    if (SecurityDescriptor == NULL || RtlpAbsolute(SecurityDescriptor)->Revision != SECURITY_DESCRIPTOR_REVISION)
        return FALSE;
    Owner = RtlpPart(SecurityDescriptor, PART_OWNER);
    Group = RtlpPart(SecurityDescriptor, PART_GROUP);
    Sacl = RtlpPart(SecurityDescriptor, PART_SACL);
    Dacl = RtlpPart(SecurityDescriptor, PART_DACL);
    return (Owner == NULL || RtlValidSid(Owner)) && (Group == NULL || RtlValidSid(Group)) &&
           (Sacl == NULL || RtlValidAcl(Sacl)) && (Dacl == NULL || RtlValidAcl(Dacl));
}

static BOOLEAN RtlpIsGoodSidAt(const UCHAR *Base, ULONG Length, ULONG Offset)
{
    return Offset % 4 == 0 && Offset >= sizeof(SECURITY_DESCRIPTOR_RELATIVE) && Offset < Length &&
           Length - Offset >= FIELD_OFFSET(SID, SubAuthority) && RtlValidSid((PSID)(Base + Offset)) &&
           RtlLengthSid((PSID)(Base + Offset)) <= Length - Offset;
}

static BOOLEAN RtlpIsGoodAclAt(const UCHAR *Base, ULONG Length, ULONG Offset)
{
    return Offset % 4 == 0 && Offset >= sizeof(SECURITY_DESCRIPTOR_RELATIVE) && Offset < Length &&
           Length - Offset >= sizeof(ACL) && ((const ACL *)(Base + Offset))->AclSize <= Length - Offset &&
           RtlValidAcl((PACL)(Base + Offset));
}

BOOLEAN NTAPI RtlValidRelativeSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
        ULONG SecurityDescriptorLength, SECURITY_INFORMATION RequiredInformation)
{
    const SECURITY_DESCRIPTOR_RELATIVE *Relative = SecurityDescriptor;
    const UCHAR *Base = SecurityDescriptor;

    if (SecurityDescriptorLength < sizeof(*Relative) || Relative->Revision != SECURITY_DESCRIPTOR_REVISION ||
        !(Relative->Control & SE_SELF_RELATIVE))
        return FALSE;
    if ((Relative->Owner != 0 || RequiredInformation & OWNER_SECURITY_INFORMATION) &&
        !RtlpIsGoodSidAt(Base, SecurityDescriptorLength, Relative->Owner))
        return FALSE;
    if ((Relative->Group != 0 || RequiredInformation & GROUP_SECURITY_INFORMATION) &&
        !RtlpIsGoodSidAt(Base, SecurityDescriptorLength, Relative->Group))
        return FALSE;
    if (Relative->Control & SE_SACL_PRESENT && Relative->Sacl != 0 &&
        !RtlpIsGoodAclAt(Base, SecurityDescriptorLength, Relative->Sacl))
        return FALSE;
    return !(Relative->Control & SE_DACL_PRESENT) || Relative->Dacl == 0 ||
           RtlpIsGoodAclAt(Base, SecurityDescriptorLength, Relative->Dacl);
}

ULONG NTAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor)
{
    ULONG Length = RtlpIsRelative(SecurityDescriptor) ? sizeof(SECURITY_DESCRIPTOR_RELATIVE)
            : sizeof(SECURITY_DESCRIPTOR);

    for (SD_PART Part = PART_OWNER; Part <= PART_DACL; Part++)
        Length += RtlpRound(RtlpPartLength(SecurityDescriptor, Part));
    return Length;
}

/* --- parts ------------------------------------------------------------------------------------------------------- */

NTSTATUS NTAPI RtlGetControlSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
        PSECURITY_DESCRIPTOR_CONTROL Control, PULONG Revision)
{
    *Revision = RtlpAbsolute(SecurityDescriptor)->Revision;
    if (*Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    *Control = RtlpAbsolute(SecurityDescriptor)->Control;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlSetControlSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor,
        SECURITY_DESCRIPTOR_CONTROL ControlBitsOfInterest, SECURITY_DESCRIPTOR_CONTROL ControlBitsToSet)
{
    const SECURITY_DESCRIPTOR_CONTROL Settable = SE_DACL_AUTO_INHERIT_REQ | SE_SACL_AUTO_INHERIT_REQ |
            SE_DACL_AUTO_INHERITED | SE_SACL_AUTO_INHERITED | SE_DACL_PROTECTED | SE_SACL_PROTECTED;
    SECURITY_DESCRIPTOR *Self = SecurityDescriptor;

    if ((ControlBitsOfInterest | ControlBitsToSet) & ~Settable || ControlBitsToSet & ~ControlBitsOfInterest)
        return STATUS_INVALID_PARAMETER;
    Self->Control = (Self->Control & ~ControlBitsOfInterest) | ControlBitsToSet;
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpGetAcl(PSECURITY_DESCRIPTOR Descriptor, SD_PART Part, SECURITY_DESCRIPTOR_CONTROL Present,
        SECURITY_DESCRIPTOR_CONTROL Default, PBOOLEAN IsPresent, PACL *Acl, PBOOLEAN IsDefaulted)
{
    if (RtlpAbsolute(Descriptor)->Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    *IsPresent = (RtlpAbsolute(Descriptor)->Control & Present) != 0;
    if (*IsPresent) {
        *Acl = RtlpPart(Descriptor, Part);
        *IsDefaulted = (RtlpAbsolute(Descriptor)->Control & Default) != 0;
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PBOOLEAN DaclPresent, PACL *Dacl,
        PBOOLEAN DaclDefaulted)
{
    return RtlpGetAcl(SecurityDescriptor, PART_DACL, SE_DACL_PRESENT, SE_DACL_DEFAULTED, DaclPresent, Dacl,
            DaclDefaulted);
}

NTSTATUS NTAPI RtlGetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PBOOLEAN SaclPresent, PACL *Sacl,
        PBOOLEAN SaclDefaulted)
{
    return RtlpGetAcl(SecurityDescriptor, PART_SACL, SE_SACL_PRESENT, SE_SACL_DEFAULTED, SaclPresent, Sacl,
            SaclDefaulted);
}

static NTSTATUS RtlpCheckSettable(PSECURITY_DESCRIPTOR Descriptor)
{
    if (RtlpAbsolute(Descriptor)->Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    return RtlpIsRelative(Descriptor) ? STATUS_INVALID_SECURITY_DESCR : STATUS_SUCCESS;
}

static VOID RtlpSetControl(SECURITY_DESCRIPTOR *Self, SECURITY_DESCRIPTOR_CONTROL Bit, BOOLEAN Set)
{
    Self->Control = Set ? Self->Control | Bit : Self->Control & ~Bit;
}

NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN DaclPresent, PACL Dacl,
        BOOLEAN DaclDefaulted)
{
    SECURITY_DESCRIPTOR *Self = SecurityDescriptor;
    NTSTATUS Status = RtlpCheckSettable(SecurityDescriptor);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlpSetControl(Self, SE_DACL_PRESENT, DaclPresent);
    RtlpSetControl(Self, SE_DACL_DEFAULTED, DaclPresent && DaclDefaulted);
    Self->Dacl = DaclPresent ? Dacl : NULL;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, BOOLEAN SaclPresent, PACL Sacl,
        BOOLEAN SaclDefaulted)
{
    SECURITY_DESCRIPTOR *Self = SecurityDescriptor;
    NTSTATUS Status = RtlpCheckSettable(SecurityDescriptor);

    if (!NT_SUCCESS(Status))
        return Status;
    RtlpSetControl(Self, SE_SACL_PRESENT, SaclPresent);
    RtlpSetControl(Self, SE_SACL_DEFAULTED, SaclPresent && SaclDefaulted);
    Self->Sacl = SaclPresent ? Sacl : NULL;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID *Owner,
        PBOOLEAN OwnerDefaulted)
{
    if (RtlpAbsolute(SecurityDescriptor)->Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    *Owner = RtlpPart(SecurityDescriptor, PART_OWNER);
    *OwnerDefaulted = (RtlpAbsolute(SecurityDescriptor)->Control & SE_OWNER_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID Owner,
        BOOLEAN OwnerDefaulted)
{
    SECURITY_DESCRIPTOR *Self = SecurityDescriptor;
    NTSTATUS Status = RtlpCheckSettable(SecurityDescriptor);

    if (!NT_SUCCESS(Status))
        return Status;
    Self->Owner = Owner;
    RtlpSetControl(Self, SE_OWNER_DEFAULTED, OwnerDefaulted);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlGetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID *Group,
        PBOOLEAN GroupDefaulted)
{
    if (RtlpAbsolute(SecurityDescriptor)->Revision != SECURITY_DESCRIPTOR_REVISION)
        return STATUS_UNKNOWN_REVISION;
    *Group = RtlpPart(SecurityDescriptor, PART_GROUP);
    *GroupDefaulted = (RtlpAbsolute(SecurityDescriptor)->Control & SE_GROUP_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID Group,
        BOOLEAN GroupDefaulted)
{
    SECURITY_DESCRIPTOR *Self = SecurityDescriptor;
    NTSTATUS Status = RtlpCheckSettable(SecurityDescriptor);

    if (!NT_SUCCESS(Status))
        return Status;
    Self->Group = Group;
    RtlpSetControl(Self, SE_GROUP_DEFAULTED, GroupDefaulted);
    return STATUS_SUCCESS;
}

/* --- from one form to the other ---------------------------------------------------------------------------------- */

/* Copies a part to *At and moves it on; the part's offset, 0 if it is absent. */
static DWORD RtlpPlacePart(PUCHAR Base, PULONG At, PSECURITY_DESCRIPTOR Source, SD_PART Part)
{
    ULONG Length = RtlpPartLength(Source, Part), Offset = *At;

    if (Length == 0)
        return 0;
    memcpy(Base + Offset, RtlpPart(Source, Part), Length);
    *At += RtlpRound(Length);
    return Offset;
}

/* Source may be of either form.  STATUS_BUFFER_TOO_SMALL: *BufferLength is what is needed. */
NTSTATUS NTAPI RtlMakeSelfRelativeSD(PSECURITY_DESCRIPTOR SecurityDescriptor,
        PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor, PULONG BufferLength)
{
    SECURITY_DESCRIPTOR_RELATIVE *Target = SelfRelativeSecurityDescriptor;
    ULONG Needed = sizeof(*Target), At = sizeof(*Target);

    for (SD_PART Part = PART_OWNER; Part <= PART_DACL; Part++)
        Needed += RtlpRound(RtlpPartLength(SecurityDescriptor, Part));
    if (*BufferLength < Needed) {
        *BufferLength = Needed;
        return STATUS_BUFFER_TOO_SMALL;
    }
    memset(Target, 0, Needed);
    Target->Revision = RtlpAbsolute(SecurityDescriptor)->Revision;
    Target->Sbz1 = RtlpAbsolute(SecurityDescriptor)->Sbz1;
    Target->Control = RtlpAbsolute(SecurityDescriptor)->Control | SE_SELF_RELATIVE;
    Target->Sacl = RtlpPlacePart((PUCHAR)Target, &At, SecurityDescriptor, PART_SACL);
    Target->Dacl = RtlpPlacePart((PUCHAR)Target, &At, SecurityDescriptor, PART_DACL);
    Target->Owner = RtlpPlacePart((PUCHAR)Target, &At, SecurityDescriptor, PART_OWNER);
    Target->Group = RtlpPlacePart((PUCHAR)Target, &At, SecurityDescriptor, PART_GROUP);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAbsoluteToSelfRelativeSD(PSECURITY_DESCRIPTOR AbsoluteSecurityDescriptor,
        PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor, PULONG BufferLength)
{
    if (RtlpIsRelative(AbsoluteSecurityDescriptor))
        return STATUS_BAD_DESCRIPTOR_FORMAT;
    return RtlMakeSelfRelativeSD(AbsoluteSecurityDescriptor, SelfRelativeSecurityDescriptor, BufferLength);
}

NTSTATUS NTAPI RtlSelfRelativeToAbsoluteSD(PSECURITY_DESCRIPTOR SelfRelativeSecurityDescriptor,
        PSECURITY_DESCRIPTOR AbsoluteSecurityDescriptor, PULONG AbsoluteSecurityDescriptorSize, PACL Dacl,
        PULONG DaclSize, PACL Sacl, PULONG SaclSize, PSID Owner, PULONG OwnerSize, PSID PrimaryGroup,
        PULONG PrimaryGroupSize)
{
    SECURITY_DESCRIPTOR *Target = AbsoluteSecurityDescriptor;
    PVOID Buffers[4] = { Owner, PrimaryGroup, Sacl, Dacl };
    PULONG Sizes[4] = { OwnerSize, PrimaryGroupSize, SaclSize, DaclSize };
    BOOLEAN TooSmall = *AbsoluteSecurityDescriptorSize < sizeof(*Target);

    if (!RtlpIsRelative(SelfRelativeSecurityDescriptor))
        return STATUS_BAD_DESCRIPTOR_FORMAT;
    for (SD_PART Part = PART_OWNER; Part <= PART_DACL; Part++)
        TooSmall |= *Sizes[Part] < RtlpPartLength(SelfRelativeSecurityDescriptor, Part);
    if (TooSmall) {
        for (SD_PART Part = PART_OWNER; Part <= PART_DACL; Part++)
            *Sizes[Part] = RtlpPartLength(SelfRelativeSecurityDescriptor, Part);
        *AbsoluteSecurityDescriptorSize = sizeof(*Target);
        return STATUS_BUFFER_TOO_SMALL;
    }
    for (SD_PART Part = PART_OWNER; Part <= PART_DACL; Part++) {
        ULONG Length = RtlpPartLength(SelfRelativeSecurityDescriptor, Part);

        if (Length != 0)
            memcpy(Buffers[Part], RtlpPart(SelfRelativeSecurityDescriptor, Part), Length);
        else
            Buffers[Part] = NULL;
        *Sizes[Part] = Length;
    }
    *Target = (SECURITY_DESCRIPTOR){ .Revision = SECURITY_DESCRIPTOR_REVISION,
            .Sbz1 = RtlpAbsolute(SelfRelativeSecurityDescriptor)->Sbz1,
            .Control = RtlpAbsolute(SelfRelativeSecurityDescriptor)->Control & ~SE_SELF_RELATIVE,
            .Owner = Buffers[PART_OWNER], .Group = Buffers[PART_GROUP], .Sacl = Buffers[PART_SACL],
            .Dacl = Buffers[PART_DACL] };
    return STATUS_SUCCESS;
}
