/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtCompareTokens, and NtQuerySecurityAttributesToken, which has nothing to tell: tokens have no security attributes.  Nothing here
 * waits.
 */
#include "ntos/se/sep.h"

/* Each of A is in B, with the same of these attributes. */
static BOOLEAN SepSidsAreIn(const SID_AND_ATTRIBUTES *A, ULONG CountA, const SID_AND_ATTRIBUTES *B, ULONG CountB, ULONG Attributes)
{
    for (ULONG i = 0; i < CountA; i++) {
        ULONG k = 0;

        while (k < CountB && (!RtlEqualSid(A[i].Sid, B[k].Sid) || (A[i].Attributes ^ B[k].Attributes) & Attributes))
            k++;
        if (k == CountB)
            return FALSE;
    }
    return TRUE;
}

/* The privileges of A are in B, on or off as there. */
static BOOLEAN SepPrivilegesAreIn(PTOKEN A, PTOKEN B)
{
    for (ULONG i = 0; i < A->PrivilegeCount; i++) {
        PLUID_AND_ATTRIBUTES Other = SepFindPrivilege(B, A->Privileges[i].Luid);

        if (Other == NULL || (A->Privileges[i].Attributes ^ Other->Attributes) & SE_PRIVILEGE_ENABLED)
            return FALSE;
    }
    return TRUE;
}

static BOOLEAN SepIsWithin(PTOKEN A, PTOKEN B)
{
    return SepSidsAreIn(A->UserAndGroups, A->UserAndGroupCount, B->UserAndGroups, B->UserAndGroupCount,
                        SE_GROUP_ENABLED | SE_GROUP_USE_FOR_DENY_ONLY) &&
           SepSidsAreIn(A->RestrictedSids, A->RestrictedSidCount, B->RestrictedSids, B->RestrictedSidCount, 0) &&
           SepPrivilegesAreIn(A, B);
}

static BOOLEAN SepAreEqual(PTOKEN A, PTOKEN B)
{
    return RtlEqualSid(SeTokenUser(A), SeTokenUser(B)) && A->WriteRestricted == B->WriteRestricted &&
           A->MandatoryPolicy == B->MandatoryPolicy && RtlEqualSid(A->IntegritySid, B->IntegritySid) &&
           SepIsWithin(A, B) && SepIsWithin(B, A);
}

/* Source: Microsoft, "NtCompareTokens function". */
NTSTATUS NTAPI NtCompareTokens(HANDLE FirstTokenHandle, HANDLE SecondTokenHandle, PBOOLEAN Equal)
{
    PTOKEN First, Second;
    BOOLEAN AreEqual;
    NTSTATUS Status = MmProbeForWrite(Equal, sizeof(*Equal), 1);

    if (NT_SUCCESS(Status))
        Status = SepReferenceToken(FirstTokenHandle, TOKEN_QUERY, &First);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SepReferenceToken(SecondTokenHandle, TOKEN_QUERY, &Second);
    if (NT_SUCCESS(Status)) {
        AreEqual = First == Second || SepAreEqual(First, Second);
        Status = MmPutUser(Equal, AreEqual);
        ObDereferenceObject(Second);
    }
    ObDereferenceObject(First);
    return Status;
}

NTSTATUS SepProbeNames(PUNICODE_STRING Names, ULONG Count)
{
    UNICODE_STRING Name;
    NTSTATUS Status = Count > SEP_MAXIMUM_CLAIMS ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;

    for (ULONG i = 0; i < Count && NT_SUCCESS(Status); i++) {
        Status = MmCaptureUnicodeString(&Names[i], &Name);
        if (NT_SUCCESS(Status))
            MmReleaseUnicodeString(&Name);
    }
    return Status;
}

NTSTATUS NTAPI NtQuerySecurityAttributesToken(HANDLE TokenHandle, PUNICODE_STRING Attributes, ULONG NumberOfAttributes, PVOID Buffer,
        ULONG Length, PULONG ReturnLength)
{
    TOKEN_SECURITY_ATTRIBUTES_INFORMATION None = { .Version = TOKEN_SECURITY_ATTRIBUTES_INFORMATION_VERSION_V1 };
    PTOKEN Token;
    NTSTATUS Status = MmProbeForWrite(Buffer, Length, 1);

    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ReturnLength, sizeof(*ReturnLength), 1);
    if (NT_SUCCESS(Status))
        Status = SepProbeNames(Attributes, NumberOfAttributes);
    if (NT_SUCCESS(Status))
        Status = SepReferenceToken(TokenHandle, TOKEN_QUERY, &Token);
    if (!NT_SUCCESS(Status))
        return Status;
    ObDereferenceObject(Token);
    Status = MmPutUser(ReturnLength, NumberOfAttributes != 0 ? 0 : (ULONG)sizeof(None));
    if (!NT_SUCCESS(Status) || NumberOfAttributes != 0)
        return NT_SUCCESS(Status) ? STATUS_NOT_FOUND : Status;
    return Length < sizeof(None) ? STATUS_BUFFER_TOO_SMALL : MmCopyToUser(Buffer, &None, sizeof(None));
}
