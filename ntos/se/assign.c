/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Who may own an object, and which label it may get.
 *
 * An owner is the user of the token or one of its groups that are marked as owners; SeRestorePrivilege gives away.  A label is at most
 * that of the token; SeRelabelPrivilege raises it.  Nothing here waits.
 * Source: Microsoft, "Privilege Constants", "Mandatory Integrity Control", "Taking Object Ownership".
 */
#include "ntos/se/sep.h"

static BOOLEAN SepMayOwn(PTOKEN Token, PSID Owner)
{
    if (Token == NULL)
        return FALSE;
    for (ULONG i = 0; i < Token->UserAndGroupCount; i++) {
        const SID_AND_ATTRIBUTES *Entry = &Token->UserAndGroups[i];

        if (RtlEqualSid(Entry->Sid, Owner) && !(Entry->Attributes & SE_GROUP_USE_FOR_DENY_ONLY) &&
            (i == 0 || Entry->Attributes & SE_GROUP_OWNER))
            return TRUE;
    }
    return SepPrivilegeEnabled(Token, SE_RESTORE_PRIVILEGE);
}

static BOOLEAN SepMayLabel(PTOKEN Token, PSID Label)
{
    return Token != NULL && (Token->IntegritySid == NULL || SepIntegrityLevel(Label) <= SepIntegrityLevel(Token->IntegritySid) ||
                             SepPrivilegeEnabled(Token, SE_RELABEL_PRIVILEGE));
}

static NTSTATUS SepCheckLabel(PTOKEN Token, PSECURITY_DESCRIPTOR Descriptor)
{
    SYSTEM_MANDATORY_LABEL_ACE *Label = SepLabelOf(Descriptor);
    PSID Sid = Label != NULL ? &Label->SidStart : NULL;

    if (Sid == NULL || (SepIsLevel(Sid) && SepMayLabel(Token, Sid)))
        return STATUS_SUCCESS;
    return STATUS_INVALID_LABEL;
}

NTSTATUS SepCheckAssignment(PTOKEN Token, PSECURITY_DESCRIPTOR Descriptor, SECURITY_INFORMATION Information)
{
    BOOLEAN Defaulted;
    PSID Owner = NULL;

    RtlGetOwnerSecurityDescriptor(Descriptor, &Owner, &Defaulted);
    if (Information & (OWNER_SECURITY_INFORMATION | BACKUP_SECURITY_INFORMATION) && Owner != NULL && !SepMayOwn(Token, Owner))
        return STATUS_INVALID_OWNER;
    if (Information & (LABEL_SECURITY_INFORMATION | BACKUP_SECURITY_INFORMATION))
        return SepCheckLabel(Token, Descriptor);
    return STATUS_SUCCESS;
}

NTSTATUS SeCheckAssignment(PSECURITY_DESCRIPTOR Given, SECURITY_INFORMATION Information)
{
    SECURITY_SUBJECT_CONTEXT Subject;
    NTSTATUS Status;

    SeCaptureSubjectContext(&Subject);
    Status = SepCheckAssignment(SepActingToken(&Subject), Given, Information);
    SeReleaseSubjectContext(&Subject);
    return Status;
}
