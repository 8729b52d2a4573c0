/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The descriptors of new objects.
 *
 * Keys and files inherit: entries of the parent's lists that are for what is made inside it come behind those that the maker gives,
 * unless he protects his list; if there are neither, the token's default DACL stands.  Owner and group are the token's if the maker
 * names none.  Other objects inherit nothing.  What a process of less than medium integrity makes gets its level as label, or it
 * could not write to it.
 *
 * What many objects inherit is kept once: a child of which nobody said anything has its parent's descriptor if it would be the same,
 * else the one that was made last for such a child (SepFindDerived).  Nothing here waits.
 * Source: Microsoft, "DACL for a New Object", "SACL for a New Object", "Owner of a New Object", "ACE Inheritance Rules",
 * "Mandatory Integrity Control".
 */
#include "ntos/se/sep.h"
#include "rtl/inheritace.h"

/* What makes an object, and where. */
typedef struct _SEP_BIRTH {
    PTOKEN Token;                       /* whose defaults count */
    PTOKEN Acting;                      /* whose privileges count, or NULL */
    PSECURITY_DESCRIPTOR Given;         /* or NULL */
    const SE_PARENT *Parent;            /* or NULL */
} SEP_BIRTH, *PSEP_BIRTH;

static PSID SepDefaultOwner(PTOKEN Token)
{
    return Token->UserAndGroups[Token->DefaultOwnerIndex].Sid;
}

static PSID SepDefaultGroup(PTOKEN Token)
{
    return Token->UserAndGroups[Token->PrimaryGroupIndex].Sid;
}

static BOOLEAN SepIsBelowMedium(PTOKEN Token)
{
    return Token->IntegritySid != NULL && SepIntegrityLevel(Token->IntegritySid) < SECURITY_MANDATORY_MEDIUM_RID;
}

/* Gives Parts the token's label if Policy is not 0 and it has none.  *Made: a SACL, to be freed, or NULL. */
static NTSTATUS SepAddLabel(PTOKEN Token, ULONG Policy, PSEP_PARTS Parts, PACL *Made)
{
    struct {
        ACL Acl;
        SYSTEM_MANDATORY_LABEL_ACE Ace;
        ULONG Rest[2];                  /* of the SID */
    } Label = { { ACL_REVISION, 0, sizeof(Label), 1, 0 }, { { SYSTEM_MANDATORY_LABEL_ACE_TYPE, 0, sizeof(Label) - sizeof(ACL) },
                Policy, 0 }, { 0 } };
    NTSTATUS Status;

    *Made = NULL;
    if (Policy == 0 || SepFindLabel(Parts->Sacl) != NULL)
        return STATUS_SUCCESS;
    RtlCopySid(sizeof(SID), (PSID)&Label.Ace.SidStart, Token->IntegritySid);
    Status = SepJoinSacl(Parts->Sacl, &Label.Acl, LABEL_SECURITY_INFORMATION, Made);
    if (NT_SUCCESS(Status)) {
        Parts->Sacl = *Made;
        Parts->Control |= SE_SACL_PRESENT;
    }
    return Status;
}

static NTSTATUS SepBuildWithLabel(PTOKEN Token, ULONG Policy, PSEP_PARTS Parts, PSECURITY_DESCRIPTOR *New)
{
    PACL Made;
    NTSTATUS Status = SepAddLabel(Token, Policy, Parts, &Made);

    if (NT_SUCCESS(Status))
        Status = SepBuild(Parts, New);
    if (Made != NULL)
        ExFreePoolWithTag(Made, SE_TAG_TOKEN);
    return Status;
}

static NTSTATUS SepBuildLabelled(PTOKEN Token, PSEP_PARTS Parts, PSECURITY_DESCRIPTOR *New)
{
    return SepBuildWithLabel(Token, SepIsBelowMedium(Token) ? SYSTEM_MANDATORY_LABEL_NO_WRITE_UP : 0, Parts, New);
}

NTSTATUS SeDescribeForToken(PACCESS_TOKEN AccessToken, PSECURITY_DESCRIPTOR *Descriptor)
{
    PTOKEN Token = AccessToken;
    SEP_PARTS Parts = {
        .Control = Token->DefaultDacl != NULL ? SE_DACL_PRESENT : 0,
        .Owner = SepDefaultOwner(Token),
        .Group = SepDefaultGroup(Token),
        .Dacl = Token->DefaultDacl,
    };
    NTSTATUS Status = STATUS_SUCCESS;

    if (Token->DefaultDescriptor == NULL)
        Status = SepBuildLabelled(Token, &Parts, &Token->DefaultDescriptor);
    *Descriptor = SeReferenceSecurityDescriptor(Token->DefaultDescriptor);
    return Status;
}

NTSTATUS SeLabelForToken(PACCESS_TOKEN AccessToken, PSECURITY_DESCRIPTOR *Descriptor)
{
    PTOKEN Token = AccessToken;
    BOOLEAN Default = *Descriptor == Token->DefaultDescriptor;
    PSECURITY_DESCRIPTOR New = Default ? SeReferenceSecurityDescriptor(Token->LabelledDescriptor) : NULL;
    NTSTATUS Status = STATUS_SUCCESS;
    SEP_PARTS Parts;

    if (Token->IntegritySid == NULL)
        return STATUS_SUCCESS;
    SepViewParts(*Descriptor, &Parts);
    if (New == NULL)
        Status = SepBuildWithLabel(Token, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP | SYSTEM_MANDATORY_LABEL_NO_READ_UP, &Parts, &New);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Default && Token->LabelledDescriptor == NULL)
        Token->LabelledDescriptor = SeReferenceSecurityDescriptor(New);
    SeReleaseSecurityDescriptor(*Descriptor);
    *Descriptor = New;
    return STATUS_SUCCESS;
}

VOID SepForgetDescriptors(PTOKEN Token)
{
    SeReleaseSecurityDescriptor(Token->DefaultDescriptor);
    SeReleaseSecurityDescriptor(Token->LabelledDescriptor);
    Token->DefaultDescriptor = Token->LabelledDescriptor = NULL;
}

/* May who acts with Token (NULL: without any right) give an object the owner and the SACL of Given? */
static NTSTATUS SepCheckGiven(PTOKEN Token, PSECURITY_DESCRIPTOR Given, PACL Sacl)
{
    if (Sacl != NULL && !SepHasOnlyLabels(Sacl) && (Token == NULL || !SepPrivilegeEnabled(Token, SE_SECURITY_PRIVILEGE)))
        return STATUS_PRIVILEGE_NOT_HELD;
    return SepCheckAssignment(Token, Given, OWNER_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION);
}

/* --- inheritance -------------------------------------------------------------------------------------------------------------------- */

/* Bytes that a list's entries may become: each two, with longer SIDs. */
static ULONG SepRoomFor(PACL Acl)
{
    return Acl != NULL ? 2 * (Acl->AclSize + Acl->AceCount * (ULONG)SECURITY_MAX_SID_SIZE) : 0;
}

static ULONG SepRoomForLists(const SEP_PARTS *Given, const SEP_PARTS *Above, PTOKEN Token)
{
    ULONG Dacl = SepRoomFor(Given->Dacl) + SepRoomFor(Above->Dacl) + SepRoomFor(Token->DefaultDacl);
    ULONG Sacl = SepRoomFor(Given->Sacl) + SepRoomFor(Above->Sacl);

    return min(sizeof(ACL) + max(Dacl, Sacl), MAX_ACL);
}

/* One of the lists, made in Room bytes at Acl, into Parts. */
static NTSTATUS SepMakeList(const OBJECT_SECURITY *Object, BOOLEAN IsDacl, PACL Acl, ULONG Room, PSEP_PARTS Parts)
{
    BOOLEAN Present, Null;
    NTSTATUS Status;

    RtlCreateAcl(Acl, Room, ACL_REVISION);
    Status = RtlpMakeList(Object, IsDacl, Acl, &Present, &Null);
    RtlpTrimAcl(Acl);
    if (NT_SUCCESS(Status) && Present) {
        *(IsDacl ? &Parts->Dacl : &Parts->Sacl) = Null ? NULL : Acl;
        Parts->Control |= IsDacl ? SE_DACL_PRESENT : SE_SACL_PRESENT;
    }
    return Status;
}

static NTSTATUS SepInherit(const SEP_BIRTH *Birth, const SEP_PARTS *Given, PSECURITY_DESCRIPTOR *New)
{
    OBJECT_SECURITY Object = {
        .Parent = Birth->Parent != NULL ? Birth->Parent->Descriptor : NULL, .Creator = Birth->Given,
        .IsContainer = Birth->Parent != NULL && Birth->Parent->IsContainer,
        .Flags = Birth->Parent != NULL ? SEF_DACL_AUTO_INHERIT | SEF_SACL_AUTO_INHERIT : 0,
        .Mapping = Birth->Parent != NULL ? Birth->Parent->Mapping : NULL,
        .Owner = Given->Owner != NULL ? Given->Owner : SepDefaultOwner(Birth->Token),
        .Group = Given->Group != NULL ? Given->Group : SepDefaultGroup(Birth->Token),
        .TokenDacl = Birth->Token->DefaultDacl,
    };
    SEP_PARTS Parts = { .Control = Given->Control & (SE_DACL_PROTECTED | SE_SACL_PROTECTED), .Owner = Object.Owner, .Group = Object.Group };
    SEP_PARTS Above;
    PUCHAR Lists;
    ULONG Room;
    NTSTATUS Status;

    SepViewParts(Object.Parent, &Above);
    Room = SepRoomForLists(Given, &Above, Birth->Token);
    Lists = ExAllocatePoolZero(PagedPool, 2 * Room, SE_TAG_TOKEN);
    if (Lists == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Birth->Parent != NULL)
        Parts.Control |= SE_DACL_AUTO_INHERITED | SE_SACL_AUTO_INHERITED;
    Status = SepMakeList(&Object, TRUE, (PACL)Lists, Room, &Parts);
    if (NT_SUCCESS(Status))
        Status = SepMakeList(&Object, FALSE, (PACL)(Lists + Room), Room, &Parts);
    if (NT_SUCCESS(Status))
        Status = SepBuildLabelled(Birth->Token, &Parts, New);
    ExFreePoolWithTag(Lists, SE_TAG_TOKEN);
    return Status;
}

/* --- descriptors that several children have ----------------------------------------------------------------------------------------- */

static BOOLEAN SepIsFor(PSECURITY_DESCRIPTOR Descriptor, PTOKEN Token)
{
    SEP_PARTS Parts;

    SepViewParts(Descriptor, &Parts);
    return RtlEqualSid(Parts.Owner, SepDefaultOwner(Token)) && RtlEqualSid(Parts.Group, SepDefaultGroup(Token));
}

/* The descriptor that the last such child got; NULL: none that fits. */
static PSECURITY_DESCRIPTOR SepFindDerived(const SE_PARENT *Parent, PTOKEN Token)
{
    PSEP_COUNT Found = SepCountOf(Parent->Descriptor)->Derived[Parent->IsContainer];

    if (Found == NULL || Found->Mapping != Parent->Mapping || SepIsBelowMedium(Token) || !SepIsFor(Found + 1, Token))
        return NULL;
    return SeReferenceSecurityDescriptor(Found + 1);
}

/* Nothing but the parent and the owners went into the list: its entries are inherited ones. */
static BOOLEAN SepIsInherited(PSECURITY_DESCRIPTOR Descriptor)
{
    PACE_HEADER Ace;
    SEP_PARTS Parts;

    SepViewParts(Descriptor, &Parts);
    return Parts.Dacl != NULL && NT_SUCCESS(RtlGetAce(Parts.Dacl, 0, (PVOID *)&Ace)) && Ace->AceFlags & INHERITED_ACE;
}

static VOID SepKeepDerived(const SE_PARENT *Parent, PTOKEN Token, PSECURITY_DESCRIPTOR *New)
{
    PSEP_COUNT Source = SepCountOf(Parent->Descriptor), Count = SepCountOf(*New);
    ULONG Length = RtlLengthSecurityDescriptor(*New);

    if (Length == RtlLengthSecurityDescriptor(Parent->Descriptor) && memcmp(*New, Parent->Descriptor, Length) == 0) {
        SeReleaseSecurityDescriptor(*New);
        *New = SeReferenceSecurityDescriptor(Parent->Descriptor);
    } else if (!SepIsBelowMedium(Token) && SepIsInherited(*New)) {
        Source->References++;
        Source->Derived[Parent->IsContainer] = Count;
        Count->Source = Source;
        Count->Mapping = Parent->Mapping;
    }
}

/* --- entry points ------------------------------------------------------------------------------------------------------------------- */

/* Does the list speak of whoever makes the object? */
static BOOLEAN SepNamesCreator(PACL Acl)
{
    PACE_HEADER Ace;

    for (ULONG i = 0; Acl != NULL && i < Acl->AceCount && NT_SUCCESS(RtlGetAce(Acl, i, (PVOID *)&Ace)); i++) {
        PSID Sid = SepSidOfAce(Ace);

        if (Sid != NULL && (RtlEqualSid(Sid, SeExports.CreatorOwnerSid) || RtlEqualSid(Sid, SeExports.CreatorGroupSid)))
            return TRUE;
    }
    return FALSE;
}

static NTSTATUS SepAssign(const SEP_BIRTH *Birth, KPROCESSOR_MODE Mode, PSECURITY_DESCRIPTOR *New)
{
    SEP_PARTS Parts;
    NTSTATUS Status = STATUS_SUCCESS;

    SepViewParts(Birth->Given, &Parts);
    if (Mode == UserMode && Birth->Given != NULL)
        Status = SepCheckGiven(Birth->Acting, Birth->Given, Parts.Sacl);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Birth->Parent == NULL) {
        if (Birth->Given == NULL)
            return SeDescribeForToken(Birth->Token, New);
        if (Parts.Owner != NULL && Parts.Group != NULL && Parts.Control & SE_DACL_PRESENT && !SepNamesCreator(Parts.Dacl) &&
            !SepIsBelowMedium(Birth->Token)) {
            *New = SeReferenceSecurityDescriptor(Birth->Given);
            return STATUS_SUCCESS;
        }
    } else if (Birth->Given == NULL && (*New = SepFindDerived(Birth->Parent, Birth->Token)) != NULL) {
        return STATUS_SUCCESS;
    }
    Status = SepInherit(Birth, &Parts, New);
    if (NT_SUCCESS(Status) && Birth->Parent != NULL && Birth->Given == NULL)
        SepKeepDerived(Birth->Parent, Birth->Token, New);
    return Status;
}

NTSTATUS SeAssignSecurity(const SE_PARENT *Parent, PSECURITY_DESCRIPTOR Given, KPROCESSOR_MODE Mode, PSECURITY_DESCRIPTOR *New)
{
    SECURITY_SUBJECT_CONTEXT Subject;
    SEP_BIRTH Birth = { .Given = Given, .Parent = Parent };
    NTSTATUS Status;

    SeCaptureSubjectContext(&Subject);
    Birth.Token = SepSubjectToken(&Subject);
    Birth.Acting = SepActingToken(&Subject);
    Status = SepAssign(&Birth, Mode, New);
    SeReleaseSubjectContext(&Subject);
    return Status;
}
