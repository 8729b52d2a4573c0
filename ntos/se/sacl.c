/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System access control lists: the mandatory label, and the rest.  A SACL holds both, but they are set and queried apart, with
 * rights of their own (LABEL_SECURITY_INFORMATION, SACL_SECURITY_INFORMATION).  The rest is only kept: opens of the system's own
 * objects are not audited (audit.c has the checks of servers).
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

/* Appends From's labels, or what are none.  Into has room. */
static VOID SepAppendAces(PACL Into, PACL From, BOOLEAN Labels)
{
    for (ULONG i = 0; From != NULL && i < From->AceCount; i++) {
        PACE_HEADER Ace = SepAceAt(From, i);

        if ((Ace->AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE) == Labels)
            RtlAddAce(Into, From->AclRevision, Into->AceCount, Ace, Ace->AceSize);
    }
}

NTSTATUS SepJoinSacl(PACL Labels, PACL Rest, PACL *Joined)
{
    ULONG Size = sizeof(ACL) + (Labels != NULL ? Labels->AclSize : 0) + (Rest != NULL ? Rest->AclSize : 0);
    PVOID End;
    PACL New;

    *Joined = NULL;
    if (Rest == NULL && (Labels == NULL || SepFindLabel(Labels) == NULL))
        return STATUS_SUCCESS;
    New = ExAllocatePoolZero(PagedPool, Size, SE_TAG_TOKEN);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlCreateAcl(New, min(Size, 0xfffc), Rest != NULL ? Rest->AclRevision : ACL_REVISION);
    SepAppendAces(New, Labels, TRUE);
    SepAppendAces(New, Rest, FALSE);
    if (RtlFirstFreeAce(New, &End))
        New->AclSize = (USHORT)((PUCHAR)End - (PUCHAR)New);
    *Joined = New;
    return STATUS_SUCCESS;
}
