/* SPDX-License-Identifier: BSD-2-Clause
 *
 * SIDs, access control lists, security descriptors: the routines that make, read and change them.
 * Runs on: Nereid and Wine.
 *
 * Wine's RtlInitializeSid and RtlCopySid answer a BOOL where Microsoft documents an NTSTATUS, and check nothing; its
 * RtlValidSecurityDescriptor knows no descriptor with a SACL.  STATUS_BAD_DESCRIPTOR_FORMAT: Microsoft,
 * "RtlSelfRelativeToAbsoluteSD".
 */
#include "check.h"

static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID System = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SYSTEM_RID } };
static struct { SID Sid; ULONG Rid; } Admins = {
    { SID_REVISION, 2, SECURITY_NT_AUTHORITY, { SECURITY_BUILTIN_DOMAIN_RID } }, DOMAIN_ALIAS_RID_ADMINS
};

/* --- SIDs -------------------------------------------------------------------------------------------------------- */

static VOID TestSidParts(VOID)
{
    static SID_IDENTIFIER_AUTHORITY Authority = SECURITY_NT_AUTHORITY;
    UCHAR Buffer[SECURITY_MAX_SID_SIZE + 8];
    PSID Sid = Buffer;

    CHECK(RtlLengthRequiredSid(0) == 8 && RtlLengthRequiredSid(1) == 12 && RtlLengthRequiredSid(15) == 68);
    memset(Buffer, 0xcc, sizeof(Buffer));
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, RtlInitializeSid(Sid, &Authority, 2)));
    CHECK(*RtlSubAuthorityCountSid(Sid) == 2 && Buffer[0] == SID_REVISION);
    CHECK(memcmp(RtlIdentifierAuthoritySid(Sid), &Authority, sizeof(Authority)) == 0);
    CHECK((PUCHAR)RtlSubAuthoritySid(Sid, 0) == Buffer + 8 && (PUCHAR)RtlSubAuthoritySid(Sid, 1) == Buffer + 12);
    *RtlSubAuthoritySid(Sid, 0) = SECURITY_BUILTIN_DOMAIN_RID;
    *RtlSubAuthoritySid(Sid, 1) = DOMAIN_ALIAS_RID_ADMINS;
    CHECK(RtlValidSid(Sid) && RtlEqualSid(Sid, &Admins) && RtlLengthSid(Sid) == 16);
    *RtlSubAuthoritySid(Sid, 1) = DOMAIN_ALIAS_RID_USERS;
    CHECK(!RtlEqualSid(Sid, &Admins) && RtlEqualPrefixSid(Sid, &Admins));
    *RtlSubAuthoritySid(Sid, 0) = 33;
    CHECK(!RtlEqualPrefixSid(Sid, &Admins));
    CHECK(!RtlEqualPrefixSid(&World, &System) && !RtlEqualPrefixSid(&World, &Admins));
    Buffer[1] = SID_MAX_SUB_AUTHORITIES + 1;
    CHECK(!RtlValidSid(Sid));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlInitializeSid(Sid, &Authority, SID_MAX_SUB_AUTHORITIES + 1)));
}

static VOID TestSidCopies(VOID)
{
    UCHAR Buffer[32];
    WCHAR Text[64];
    UNICODE_STRING String = { 0, sizeof(Text), Text };

    memset(Buffer, 0xcc, sizeof(Buffer));
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlCopySid(15, Buffer, &Admins)));
    CHECK(Buffer[0] == 0xcc);
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, RtlCopySid(16, Buffer, &Admins)));
    CHECK(RtlEqualSid(Buffer, &Admins) && Buffer[16] == 0xcc);
    CHECK_STATUS(STATUS_SUCCESS, RtlConvertSidToUnicodeString(&String, &Admins, FALSE));
    CHECK(wcscmp(Text, L"S-1-5-32-544") == 0 && String.Length == 24);
    String.MaximumLength = 12;
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, RtlConvertSidToUnicodeString(&String, &Admins, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, RtlConvertSidToUnicodeString(&String, &World, TRUE));
    CHECK(String.Length == 14 && wcscmp(String.Buffer, L"S-1-1-0") == 0);
    RtlFreeUnicodeString(&String);
    CHECK(String.Buffer == NULL);
}

/* --- access control lists ---------------------------------------------------------------------------------------- */

static ACCESS_ALLOWED_ACE *Ace(PACL Acl, ULONG Index)
{
    PVOID Entry = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlGetAce(Acl, Index, &Entry));
    return Entry;
}

static VOID TestAces(VOID)
{
    UCHAR Buffer[256] __attribute__((aligned(8)));
    PACL Acl = (PACL)Buffer;
    PVOID Free = NULL;
    PVOID Entry;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateAcl(Acl, sizeof(Buffer), ACL_REVISION));
    CHECK(RtlFirstFreeAce(Acl, &Free) && Free == Acl + 1);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlGetAce(Acl, 0, &Entry));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedAceEx(Acl, ACL_REVISION, CONTAINER_INHERIT_ACE, 0x11, &World));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessDeniedAceEx(Acl, ACL_REVISION, INHERIT_ONLY_ACE, 0x22, &System));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Acl, ACL_REVISION, 0x44, &Admins, TRUE, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAceEx(Acl, ACL_REVISION, OBJECT_INHERIT_ACE, 0x88, &Admins, FALSE,
            TRUE));
    CHECK(Acl->AceCount == 4 && RtlValidAcl(Acl));
    CHECK(Ace(Acl, 0)->Header.AceType == ACCESS_ALLOWED_ACE_TYPE && Ace(Acl, 0)->Mask == 0x11);
    CHECK(Ace(Acl, 0)->Header.AceFlags == CONTAINER_INHERIT_ACE && Ace(Acl, 0)->Header.AceSize == 20);
    CHECK(Ace(Acl, 1)->Header.AceType == ACCESS_DENIED_ACE_TYPE && Ace(Acl, 1)->Header.AceFlags == INHERIT_ONLY_ACE);
    CHECK(Ace(Acl, 2)->Header.AceType == SYSTEM_AUDIT_ACE_TYPE && Ace(Acl, 2)->Header.AceSize == 24);
    CHECK(Ace(Acl, 2)->Header.AceFlags == SUCCESSFUL_ACCESS_ACE_FLAG);
    CHECK(Ace(Acl, 3)->Header.AceFlags == (OBJECT_INHERIT_ACE | FAILED_ACCESS_ACE_FLAG));
    CHECK(RtlEqualSid(&Ace(Acl, 3)->SidStart, &Admins) && Ace(Acl, 3)->Mask == 0x88);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlGetAce(Acl, 4, &Entry));
    CHECK(RtlFirstFreeAce(Acl, &Free) && (PUCHAR)Free == Buffer + sizeof(ACL) + 20 + 20 + 24 + 24);

    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlDeleteAce(Acl, 4));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteAce(Acl, 1));
    CHECK(Acl->AceCount == 3 && Ace(Acl, 1)->Mask == 0x44 && Ace(Acl, 2)->Mask == 0x88 && RtlValidAcl(Acl));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteAce(Acl, 2));
    CHECK(Acl->AceCount == 2 && RtlValidAcl(Acl));
}

/* Entries made elsewhere are put in front of, between and behind others. */
static VOID TestAddAce(VOID)
{
    UCHAR Buffer[120] __attribute__((aligned(8)));
    UCHAR Other[128] __attribute__((aligned(8)));
    PACL Acl = (PACL)Buffer, Source = (PACL)Other;

    RtlCreateAcl(Source, sizeof(Other), ACL_REVISION);
    RtlAddAccessAllowedAce(Source, ACL_REVISION, 1, &World);
    RtlAddAccessAllowedAce(Source, ACL_REVISION, 2, &System);
    RtlCreateAcl(Acl, sizeof(Buffer), ACL_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAce(Acl, ACL_REVISION, MAXDWORD, Source + 1, 20));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAce(Acl, ACL_REVISION, MAXDWORD, (PUCHAR)(Source + 1) + 20, 20));
    CHECK(Acl->AceCount == 2 && Ace(Acl, 0)->Mask == 1 && Ace(Acl, 1)->Mask == 2);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAce(Acl, ACL_REVISION, 0, Source + 1, 40));
    CHECK(Acl->AceCount == 4 && Ace(Acl, 0)->Mask == 1 && Ace(Acl, 1)->Mask == 2 && Ace(Acl, 2)->Mask == 1);
    CHECK(RtlValidAcl(Acl));
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlAddAce(Acl, ACL_REVISION, MAXDWORD, Source + 1, 40)));
    CHECK(Acl->AceCount == 4);
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlAddAce(Acl, ACL_REVISION, MAXDWORD, Source + 1, 19)));
}

static VOID TestAclInformation(VOID)
{
    UCHAR Buffer[100] __attribute__((aligned(8)));
    PACL Acl = (PACL)Buffer;
    ACL_SIZE_INFORMATION Size = { 0 };
    ACL_REVISION_INFORMATION Revision = { 0 };

    RtlCreateAcl(Acl, sizeof(Buffer), ACL_REVISION);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, 1, &World);
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryInformationAcl(Acl, &Size, sizeof(Size), AclSizeInformation));
    CHECK(Size.AceCount == 1 && Size.AclBytesInUse == 28 && Size.AclBytesFree == 72);
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryInformationAcl(Acl, &Revision, sizeof(Revision), AclRevisionInformation));
    CHECK(Revision.AclRevision == ACL_REVISION);
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlQueryInformationAcl(Acl, &Size, sizeof(Size) - 1, AclSizeInformation)));
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlQueryInformationAcl(Acl, &Revision, 3, AclRevisionInformation)));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_INFO_CLASS, RtlQueryInformationAcl(Acl, &Size, sizeof(Size), 77)));
}

/* An entry for the integrity level. */
static VOID TestMandatoryAce(VOID)
{
    static SID Low = { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { SECURITY_MANDATORY_LOW_RID } };
    UCHAR Buffer[64] __attribute__((aligned(8)));
    PACL Acl = (PACL)Buffer;

    RtlCreateAcl(Acl, sizeof(Buffer), ACL_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddMandatoryAce(Acl, ACL_REVISION, 0, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP,
            SYSTEM_MANDATORY_LABEL_ACE_TYPE, &Low));
    CHECK(Acl->AceCount == 1 && Ace(Acl, 0)->Header.AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE);
    CHECK(Ace(Acl, 0)->Mask == SYSTEM_MANDATORY_LABEL_NO_WRITE_UP && RtlEqualSid(&Ace(Acl, 0)->SidStart, &Low));
}

/* --- access masks ------------------------------------------------------------------------------------------------ */

static VOID TestMasks(VOID)
{
    static GENERIC_MAPPING Mapping = { 0x1, 0x2, 0x4, 0xf };
    ACCESS_MASK Mask = GENERIC_READ | GENERIC_EXECUTE | 0x100;

    RtlMapGenericMask(&Mask, &Mapping);
    CHECK(Mask == 0x105);
    Mask = GENERIC_ALL;
    RtlMapGenericMask(&Mask, &Mapping);
    CHECK(Mask == 0xf);
    Mask = GENERIC_WRITE | SYNCHRONIZE;
    RtlMapGenericMask(&Mask, &Mapping);
    CHECK(Mask == (0x2 | SYNCHRONIZE));
    CHECK(RtlAreAllAccessesGranted(0x7, 0x5) && !RtlAreAllAccessesGranted(0x7, 0x9) && RtlAreAllAccessesGranted(0, 0));
    CHECK(RtlAreAnyAccessesGranted(0x7, 0x9) && !RtlAreAnyAccessesGranted(0x7, 0x8));
}

/* --- descriptors ------------------------------------------------------------------------------------------------- */

static UCHAR DaclBuffer[64] __attribute__((aligned(8))), SaclBuffer[64] __attribute__((aligned(8)));

static VOID MakeAbsolute(SECURITY_DESCRIPTOR *Descriptor)
{
    RtlCreateAcl((PACL)DaclBuffer, sizeof(DaclBuffer), ACL_REVISION);
    RtlAddAccessAllowedAce((PACL)DaclBuffer, ACL_REVISION, 0x1f, &World);
    RtlCreateAcl((PACL)SaclBuffer, 8 + 20, ACL_REVISION);
    RtlAddAuditAccessAce((PACL)SaclBuffer, ACL_REVISION, 1, &World, TRUE, TRUE);
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateSecurityDescriptor(Descriptor, SECURITY_DESCRIPTOR_REVISION));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetOwnerSecurityDescriptor(Descriptor, &Admins, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetGroupSecurityDescriptor(Descriptor, &System, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetDaclSecurityDescriptor(Descriptor, TRUE, (PACL)DaclBuffer, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetSaclSecurityDescriptor(Descriptor, TRUE, (PACL)SaclBuffer, FALSE));
}

static VOID CheckParts(PSECURITY_DESCRIPTOR Descriptor)
{
    BOOLEAN Present, Defaulted;
    PACL Acl;
    PSID Sid;

    TODO(OnWine, CHECK(RtlValidSecurityDescriptor(Descriptor)));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetOwnerSecurityDescriptor(Descriptor, &Sid, &Defaulted));
    CHECK(Sid != NULL && RtlEqualSid(Sid, &Admins) && !Defaulted);
    CHECK_STATUS(STATUS_SUCCESS, RtlGetGroupSecurityDescriptor(Descriptor, &Sid, &Defaulted));
    CHECK(Sid != NULL && RtlEqualSid(Sid, &System) && Defaulted);
    CHECK_STATUS(STATUS_SUCCESS, RtlGetDaclSecurityDescriptor(Descriptor, &Present, &Acl, &Defaulted));
    CHECK(Present && !Defaulted && Acl != NULL && Acl->AceCount == 1 && Ace(Acl, 0)->Mask == 0x1f);
    CHECK_STATUS(STATUS_SUCCESS, RtlGetSaclSecurityDescriptor(Descriptor, &Present, &Acl, &Defaulted));
    CHECK(Present && !Defaulted && Acl != NULL && Ace(Acl, 0)->Header.AceType == SYSTEM_AUDIT_ACE_TYPE);
}

/* Absolute to self-relative and back; every length of the way back is asked for first. */
static VOID TestForms(VOID)
{
    SECURITY_DESCRIPTOR Descriptor, Absolute;
    UCHAR Relative[256] __attribute__((aligned(8)));
    UCHAR Parts[4][64] __attribute__((aligned(8)));
    ULONG Length = 10, Room;
    ULONG Lengths[5] = { 0 };
    BOOLEAN Present, Defaulted;
    PACL Acl;

    MakeAbsolute(&Descriptor);
    CheckParts(&Descriptor);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlMakeSelfRelativeSD(&Descriptor, Relative, &Length));
    CHECK(Length >= 20 + 16 + 12 + 28 + 28 && Length <= sizeof(Relative));
    CHECK_STATUS(STATUS_SUCCESS, RtlMakeSelfRelativeSD(&Descriptor, Relative, &Length));
    CHECK(((SECURITY_DESCRIPTOR *)Relative)->Control & SE_SELF_RELATIVE);
    CHECK(RtlLengthSecurityDescriptor(Relative) == Length);
    Room = sizeof(Relative);
    CHECK_STATUS(STATUS_SUCCESS, RtlMakeSelfRelativeSD(&Descriptor, Relative, &Room));
    CHECK(Room == sizeof(Relative));    /* receives "the minimum required size" if the function fails alone */
    CheckParts(Relative);

    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlSelfRelativeToAbsoluteSD(Relative, &Absolute, &Lengths[0], (PACL)Parts[0],
            &Lengths[1], (PACL)Parts[1], &Lengths[2], Parts[2], &Lengths[3], Parts[3], &Lengths[4]));
    CHECK(Lengths[0] == sizeof(Absolute) && Lengths[1] != 0 && Lengths[2] == 28 && Lengths[3] == 16 && Lengths[4] == 12);
    CHECK_STATUS(STATUS_SUCCESS, RtlSelfRelativeToAbsoluteSD(Relative, &Absolute, &Lengths[0], (PACL)Parts[0],
            &Lengths[1], (PACL)Parts[1], &Lengths[2], Parts[2], &Lengths[3], Parts[3], &Lengths[4]));
    CHECK(!(Absolute.Control & SE_SELF_RELATIVE) && Absolute.Owner == (PSID)Parts[2]);
    CheckParts(&Absolute);
    TODO(OnWine, CHECK_STATUS(STATUS_BAD_DESCRIPTOR_FORMAT, RtlSelfRelativeToAbsoluteSD(&Absolute, &Descriptor,
            &Lengths[0], (PACL)Parts[0], &Lengths[1], (PACL)Parts[1], &Lengths[2], Parts[2], &Lengths[3], Parts[3],
            &Lengths[4])));

    /* An absent list, and one that is present but NULL. */
    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, RtlGetSaclSecurityDescriptor(&Descriptor, &Present, &Acl, &Defaulted));
    CHECK(!Present);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, NULL, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetSaclSecurityDescriptor(&Descriptor, &Present, &Acl, &Defaulted));
    CHECK(Present && Acl == NULL && Defaulted);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetSaclSecurityDescriptor(&Descriptor, FALSE, NULL, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetSaclSecurityDescriptor(&Descriptor, &Present, &Acl, &Defaulted));
    CHECK(!Present);
    CHECK_STATUS(STATUS_INVALID_SECURITY_DESCR, RtlSetSaclSecurityDescriptor(Relative, TRUE, NULL, TRUE));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    TestSidParts();
    TestSidCopies();
    TestAces();
    TestAddAce();
    TestAclInformation();
    TestMandatoryAce();
    TestMasks();
    TestForms();
    return CheckClose();
}
