/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System access control lists: the mandatory label, attributes for conditions (condition.c), the central policy's name, and what is
 * audited.  A SACL holds all of them, but they are set and queried apart, with rights of their own (LABEL_, ATTRIBUTE_, SCOPE_ and
 * SACL_SECURITY_INFORMATION).  The last two are only kept: opens of the system's own objects are not audited (audit.c has the checks of
 * servers), and there are no central policies.
 *
 * Lists are checked ones (RtlValidAcl).  Source: Microsoft, "SECURITY_INFORMATION", "Mandatory Integrity Control".
 */
#include "ntos/se/sep.h"

static PACE_HEADER SepAceAt(PACL Acl, ULONG Index)
{
    PACE_HEADER Ace;

    return NT_SUCCESS(RtlGetAce(Acl, Index, (PVOID *)&Ace)) ? Ace : NULL;
}

SYSTEM_MANDATORY_LABEL_ACE *SepFindLabel(PACL Sacl)
{
    for (ULONG i = 0; Sacl != NULL && i < Sacl->AceCount; i++) {
        PACE_HEADER Ace = SepAceAt(Sacl, i);

        if (Ace->AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE && !(Ace->AceFlags & INHERIT_ONLY_ACE))
            return (SYSTEM_MANDATORY_LABEL_ACE *)Ace;
    }
    return NULL;
}

SYSTEM_MANDATORY_LABEL_ACE *SepLabelOf(PSECURITY_DESCRIPTOR Descriptor)
{
    BOOLEAN Present, Defaulted;
    PACL Sacl = NULL;

    RtlGetSaclSecurityDescriptor(Descriptor, &Present, &Sacl, &Defaulted);
    return SepFindLabel(Present ? Sacl : NULL);
}

BOOLEAN SepHasOnlyLabels(PACL Sacl)
{
    ULONG Labels = 0;

    while (Labels < Sacl->AceCount && SepAceAt(Sacl, Labels)->AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE)
        Labels++;
    return Labels == Sacl->AceCount && Labels != 0;
}

/* The part of a SACL that the ACE belongs to. */
static SECURITY_INFORMATION SepPartOf(PACE_HEADER Ace)
{
    switch (Ace->AceType) {
    case SYSTEM_MANDATORY_LABEL_ACE_TYPE:
        return LABEL_SECURITY_INFORMATION;
    case SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE:
        return ATTRIBUTE_SECURITY_INFORMATION;
    case SYSTEM_SCOPED_POLICY_ID_ACE_TYPE:
        return SCOPE_SECURITY_INFORMATION;
    }
    return SACL_SECURITY_INFORMATION;
}

/* Appends the ACEs of one part.  Into has room. */
static VOID SepAppendPart(PACL Into, PACL From, SECURITY_INFORMATION Part)
{
    for (ULONG i = 0; From != NULL && i < From->AceCount; i++) {
        PACE_HEADER Ace = SepAceAt(From, i);

        if (SepPartOf(Ace) == Part)
            RtlAddAce(Into, From->AclRevision, Into->AceCount, Ace, Ace->AceSize);
    }
}

NTSTATUS SepJoinSacl(PACL Old, PACL New, SECURITY_INFORMATION Information, PACL *Joined)
{
    static const SECURITY_INFORMATION Order[] = { LABEL_SECURITY_INFORMATION, ATTRIBUTE_SECURITY_INFORMATION,
                                                  SCOPE_SECURITY_INFORMATION, SACL_SECURITY_INFORMATION };
    ULONG Size = sizeof(ACL) + (Old != NULL ? Old->AclSize : 0) + (New != NULL ? New->AclSize : 0);
    PACL Audits = Information & SACL_SECURITY_INFORMATION ? New : Old, Acl;
    PVOID End;

    *Joined = NULL;
    Acl = ExAllocatePoolZero(PagedPool, Size, SE_TAG_TOKEN);
    if (Acl == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlCreateAcl(Acl, min(Size, 0xfffc), Audits != NULL ? Audits->AclRevision : ACL_REVISION);
    for (ULONG i = 0; i < RTL_NUMBER_OF(Order); i++)
        SepAppendPart(Acl, Information & Order[i] ? New : Old, Order[i]);
    if (Audits == NULL && Acl->AceCount == 0) {
        ExFreePoolWithTag(Acl, SE_TAG_TOKEN);
        return STATUS_SUCCESS;
    }
    if (RtlFirstFreeAce(Acl, &End))
        Acl->AclSize = (USHORT)((PUCHAR)End - (PUCHAR)Acl);
    *Joined = Acl;
    return STATUS_SUCCESS;
}
