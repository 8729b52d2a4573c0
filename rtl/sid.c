/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security identifiers.  A SID is trusted to be as long as its SubAuthorityCount says: whoever takes one from outside
 * checks the length first.
 */
#include "rtl.h"

BOOLEAN NTAPI RtlValidSid(PSID Sid)
{
    const SID *Self = Sid;

    return Self != NULL && (Self->Revision & 0x0f) == SID_REVISION &&
           Self->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

ULONG NTAPI RtlLengthRequiredSid(ULONG SubAuthorityCount)
{
    return FIELD_OFFSET(SID, SubAuthority) + SubAuthorityCount * sizeof(ULONG);
}

ULONG NTAPI RtlLengthSid(PSID Sid)
{
    return RtlLengthRequiredSid(((const SID *)Sid)->SubAuthorityCount);
}

BOOLEAN NTAPI RtlEqualSid(PSID Sid1, PSID Sid2)
{
    return RtlLengthSid(Sid1) == RtlLengthSid(Sid2) && memcmp(Sid1, Sid2, RtlLengthSid(Sid1)) == 0;
}

/* Equal but for the last sub-authority. */
BOOLEAN NTAPI RtlEqualPrefixSid(PSID Sid1, PSID Sid2)
{
    const SID *First = Sid1, *Second = Sid2;

    if (First->Revision != Second->Revision || First->SubAuthorityCount != Second->SubAuthorityCount)
        return FALSE;
    return memcmp(First, Second, RtlLengthRequiredSid(max(First->SubAuthorityCount, 1) - 1)) == 0;
}

NTSTATUS NTAPI RtlInitializeSid(PSID Sid, PSID_IDENTIFIER_AUTHORITY IdentifierAuthority, UCHAR SubAuthorityCount)
{
    SID *Self = Sid;

    if (SubAuthorityCount > SID_MAX_SUB_AUTHORITIES)
        return STATUS_INVALID_PARAMETER;
    Self->Revision = SID_REVISION;
    Self->SubAuthorityCount = SubAuthorityCount;
    Self->IdentifierAuthority = *IdentifierAuthority;
    return STATUS_SUCCESS;
}

PSID_IDENTIFIER_AUTHORITY NTAPI RtlIdentifierAuthoritySid(PSID Sid)
{
    return &((SID *)Sid)->IdentifierAuthority;
}

PULONG NTAPI RtlSubAuthoritySid(PSID Sid, ULONG SubAuthority)
{
    return &((SID *)Sid)->SubAuthority[SubAuthority];
}

PUCHAR NTAPI RtlSubAuthorityCountSid(PSID Sid)
{
    return &((SID *)Sid)->SubAuthorityCount;
}

NTSTATUS NTAPI RtlCopySid(ULONG DestinationSidLength, PSID DestinationSid, PSID SourceSid)
{
    ULONG Length = RtlLengthSid(SourceSid);

    if (DestinationSidLength < Length)
        return STATUS_BUFFER_TOO_SMALL;
    memmove(DestinationSid, SourceSid, Length);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY IdentifierAuthority, UCHAR SubAuthorityCount,
        ULONG SubAuthority0, ULONG SubAuthority1, ULONG SubAuthority2, ULONG SubAuthority3, ULONG SubAuthority4,
        ULONG SubAuthority5, ULONG SubAuthority6, ULONG SubAuthority7, PSID *Sid)
{
    const ULONG Values[8] = { SubAuthority0, SubAuthority1, SubAuthority2, SubAuthority3, SubAuthority4, SubAuthority5,
            SubAuthority6, SubAuthority7 };
    PSID New;

    if (SubAuthorityCount > ARRAYSIZE(Values))
        return STATUS_INVALID_SID;
    New = RtlpAllocate(RtlLengthRequiredSid(SubAuthorityCount));
    if (New == NULL)
        return STATUS_NO_MEMORY;
    RtlInitializeSid(New, IdentifierAuthority, SubAuthorityCount);
    memcpy(((SID *)New)->SubAuthority, Values, SubAuthorityCount * sizeof(ULONG));
    *Sid = New;
    return STATUS_SUCCESS;
}

PVOID NTAPI RtlFreeSid(PSID Sid)
{
    if (Sid != NULL)
        RtlpFree(Sid);
    return NULL;
}

/* S-R-I-S-S...; the authority is hexadecimal if it does not fit into 32 bits. */
NTSTATUS NTAPI RtlConvertSidToUnicodeString(PUNICODE_STRING UnicodeString, PSID Sid, BOOLEAN AllocateDestinationString)
{
    WCHAR Text[256];
    const SID *Self = Sid;
    const UCHAR *Id = Self->IdentifierAuthority.Value;
    ULONGLONG Authority = 0;
    UNICODE_STRING Result;
    int Length;

    if (!RtlValidSid(Sid))
        return STATUS_INVALID_SID;
    for (ULONG Index = 0; Index < 6; Index++)
        Authority = Authority << 8 | Id[Index];
    Length = _snwprintf(Text, ARRAYSIZE(Text), Authority >> 32 != 0 ? L"S-%u-0x%012I64x" : L"S-%u-%I64u",
            Self->Revision, Authority);
    for (ULONG Index = 0; Index < Self->SubAuthorityCount; Index++)
        Length += _snwprintf(Text + Length, ARRAYSIZE(Text) - (SIZE_T)Length, L"-%u", Self->SubAuthority[Index]);
    Result = (UNICODE_STRING){ (USHORT)(Length * sizeof(WCHAR)), (USHORT)((Length + 1) * sizeof(WCHAR)), Text };
    if (AllocateDestinationString)
        return RtlCreateUnicodeString(UnicodeString, Text) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
    if (Result.Length > UnicodeString->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    RtlCopyUnicodeString(UnicodeString, &Result);
    return STATUS_SUCCESS;
}
