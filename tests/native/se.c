/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tokens, privileges, access checks, security descriptors of objects.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()

typedef union _BUFFER {
    UCHAR Bytes[2048];
    ULONG64 Align;
    TOKEN_USER User;
    TOKEN_GROUPS Groups;
    TOKEN_PRIVILEGES Privileges;
    TOKEN_OWNER Owner;
    TOKEN_DEFAULT_DACL Dacl;
    TOKEN_STATISTICS Statistics;
} BUFFER;

static SID_IDENTIFIER_AUTHORITY World = { SECURITY_WORLD_SID_AUTHORITY };
static SID_IDENTIFIER_AUTHORITY Nt = { SECURITY_NT_AUTHORITY };

static PSID MakeSid(PSID_IDENTIFIER_AUTHORITY Authority, UCHAR Count, ULONG First, ULONG Second)
{
    PSID Sid = NULL;

    RtlAllocateAndInitializeSid(Authority, Count, First, Second, 0, 0, 0, 0, 0, 0, &Sid);
    return Sid;
}

static HANDLE OpenToken(ACCESS_MASK Access)
{
    HANDLE Token = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(SELF, Access, &Token));
    return Token;
}

static VOID TestQueries(VOID)
{
    static const struct {
        TOKEN_INFORMATION_CLASS Class;
        ULONG Fixed;
    } Fixed[] = {
        { TokenType, 4 }, { TokenStatistics, sizeof(TOKEN_STATISTICS) }, { TokenSessionId, 4 }, { TokenElevation, 4 },
                { TokenElevationType, 4 },
    };
    HANDLE Token = OpenToken(TOKEN_QUERY | TOKEN_QUERY_SOURCE);
    BUFFER Buffer;
    ULONG Length = 0, Needed = 0;
    PSID Everyone = MakeSid(&World, 1, SECURITY_WORLD_RID, 0);
    BOOLEAN Found = FALSE;

    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtQueryInformationToken(Token, TokenUser, NULL, 0, &Needed));
    CHECK(Needed > sizeof(TOKEN_USER));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenUser, &Buffer, Needed, &Length));
    CHECK(Length == Needed && RtlValidSid(Buffer.User.User.Sid));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenGroups, &Buffer, sizeof(Buffer), &Length));
    for (ULONG i = 0; i < Buffer.Groups.GroupCount; i++)
        Found |= RtlEqualSid(Buffer.Groups.Groups[i].Sid, Everyone);
    CHECK(Found);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenPrivileges, &Buffer, sizeof(Buffer), &Length));
    CHECK(Buffer.Privileges.PrivilegeCount > 5);
    CHECK(Length == FIELD_OFFSET(TOKEN_PRIVILEGES,
                                 Privileges) + Buffer.Privileges.PrivilegeCount * sizeof(LUID_AND_ATTRIBUTES));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenOwner, &Buffer, sizeof(Buffer), &Length));
    CHECK(RtlValidSid(Buffer.Owner.Owner));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenDefaultDacl, &Buffer, sizeof(Buffer), &Length));
    CHECK(Buffer.Dacl.DefaultDacl == NULL || RtlValidAcl(Buffer.Dacl.DefaultDacl));
    for (ULONG i = 0; i < ARRAYSIZE(Fixed); i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, Fixed[i].Class, &Buffer, sizeof(Buffer), &Length));
        CHECK(Length == Fixed[i].Fixed);
    }
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenSource, &Buffer,
                                                                      sizeof(TOKEN_SOURCE), &Length)));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationToken(Token, 0, &Buffer, sizeof(Buffer),
                                                                                 &Length)));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQueryInformationToken(NtCurrentProcessToken(), TokenStatistics, &Buffer, sizeof(Buffer), &Length));
    RtlFreeSid(Everyone);
    NtClose(Token);
}

static VOID TestPrivileges(VOID)
{
    HANDLE Token = OpenToken(TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES);
    TOKEN_PRIVILEGES New = { 1, { { { SE_DEBUG_PRIVILEGE, 0 }, SE_PRIVILEGE_ENABLED } } };
    PRIVILEGE_SET Set = { 1, PRIVILEGE_SET_ALL_NECESSARY, { { { SE_DEBUG_PRIVILEGE, 0 }, 0 } } };
    TOKEN_PRIVILEGES Old;
    BOOLEAN Held = FALSE;
    ULONG Length = 0;

    New.Privileges[0].Attributes = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtPrivilegeCheck(Token, &Set, &Held));
    CHECK(!Held);
    New.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, sizeof(Old), &Old, &Length));
    CHECK(Old.PrivilegeCount == 1 && !(Old.Privileges[0].Attributes & SE_PRIVILEGE_ENABLED));
    CHECK_STATUS(STATUS_SUCCESS, NtPrivilegeCheck(Token, &Set, &Held));
    CHECK(Held);
    New.Privileges[0].Luid.LowPart = 999;
    CHECK_STATUS(STATUS_NOT_ALL_ASSIGNED, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    NtClose(Token);
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, FALSE, FALSE, &Held));
    CHECK(Held);
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, FALSE, FALSE, &Held));
    CHECK(!Held);
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, TRUE, FALSE, &Held));
    CHECK(!Held);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, RtlAdjustPrivilege(999, TRUE, FALSE, &Held));
    CHECK_STATUS(STATUS_NO_TOKEN, RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, TRUE, TRUE, &Held));
    Token = OpenToken(TOKEN_QUERY);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtAdjustPrivilegesToken(Token, TRUE, NULL, 0, NULL, NULL));
    NtClose(Token);
}

static HANDLE Impersonation(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes;
    HANDLE Token = OpenToken(TOKEN_DUPLICATE), Copy = NULL;

    InitializeObjectAttributes(&Attributes, NULL, 0, NULL, NULL);
    Attributes.SecurityQualityOfService = &Qos;
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Token, TOKEN_ALL_ACCESS, &Attributes, FALSE, TokenImpersonation,
                                                  &Copy));
    NtClose(Token);
    return Copy;
}

static VOID TestDuplicate(VOID)
{
    HANDLE Copy = Impersonation();
    BUFFER Buffer;
    ULONG Value = 0, Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Copy, TokenType, &Value, sizeof(Value), &Length));
    CHECK(Value == TokenImpersonation);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Copy, TokenImpersonationLevel, &Value, sizeof(Value),
                                                         &Length));
    CHECK(Value == SecurityImpersonation);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Copy, TokenStatistics, &Buffer, sizeof(Buffer), &Length));
    CHECK(Buffer.Statistics.TokenType == TokenImpersonation);
    NtClose(Copy);
    CHECK_STATUS(STATUS_NO_TOKEN, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Copy));
}

static VOID TestImpersonation(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityIdentification, SECURITY_STATIC_TRACKING, FALSE };
    HANDLE Token = NULL, None = NULL;
    ULONG Value = 0, Length = 0;
    BUFFER Buffer;
    PSID Anonymous = MakeSid(&Nt, 1, SECURITY_ANONYMOUS_LOGON_RID, 0);

    /* Wine 8 has neither service. */
    if (IsWine)
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtImpersonateThread(NtCurrentThread(), NtCurrentThread(), &Qos));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenImpersonationLevel, &Value, sizeof(Value),
                                                         &Length));
    CHECK(Value == SecurityIdentification);
    NtClose(Token);
    Qos.ImpersonationLevel = SecurityImpersonation;
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, NtImpersonateThread(NtCurrentThread(), NtCurrentThread(), &Qos));
    CHECK_STATUS(STATUS_SUCCESS, NtImpersonateAnonymousToken(NtCurrentThread()));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenUser, &Buffer, sizeof(Buffer), &Length));
    CHECK(RtlEqualSid(Buffer.User.User.Sid, Anonymous));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenIntegrityLevel, &Buffer, sizeof(Buffer), &Length));
    CHECK(*RtlSubAuthoritySid(Buffer.User.User.Sid, 0) == SECURITY_MANDATORY_UNTRUSTED_RID);
    NtClose(Token);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &None,
                                                        sizeof(None)));
    CHECK_STATUS(STATUS_NO_TOKEN, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    RtlFreeSid(Anonymous);
}

/* A descriptor with an owner, a group and Acl. */
static VOID Describe(PSECURITY_DESCRIPTOR Descriptor, PSID Owner, PACL Acl)
{
    RtlCreateSecurityDescriptor(Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(Descriptor, Owner, FALSE);
    RtlSetGroupSecurityDescriptor(Descriptor, Owner, FALSE);
    RtlSetDaclSecurityDescriptor(Descriptor, TRUE, Acl, FALSE);
}

static NTSTATUS Check(PSECURITY_DESCRIPTOR Descriptor, HANDLE Token, ACCESS_MASK Desired, PULONG Granted)
{
    GENERIC_MAPPING Mapping = { 1, 2, 4, 7 | STANDARD_RIGHTS_ALL };
    PRIVILEGE_SET Privileges;
    ULONG Length = sizeof(Privileges);
    NTSTATUS Result = -1;
    NTSTATUS Status;

    *Granted = 0;
    Status = NtAccessCheck(Descriptor, Token, Desired, &Mapping, &Privileges, &Length, Granted, &Result);
    return NT_SUCCESS(Status) ? Result : Status;
}

static VOID TestAccessCheck(VOID)
{
    HANDLE Token = Impersonation();
    PSID Everyone = MakeSid(&World, 1, SECURITY_WORLD_RID, 0), Nobody = MakeSid(&Nt, 2, 99, 12345);
    SECURITY_DESCRIPTOR Descriptor;
    ULONG AclSpace[64];
    PACL Acl = (PACL)AclSpace;
    ULONG Granted;

    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION);
    RtlAddAccessDeniedAce(Acl, ACL_REVISION, 2, Everyone);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, 3, Everyone);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, 4, Nobody);
    Describe(&Descriptor, Nobody, Acl);
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, 1, &Granted));
    CHECK(Granted == 1);
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 2, &Granted));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 1 | 4, &Granted));
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, MAXIMUM_ALLOWED, &Granted));
    CHECK(Granted == 1);
    CHECK_STATUS(STATUS_GENERIC_NOT_MAPPED, Check(&Descriptor, Token, GENERIC_READ, &Granted));
    Describe(&Descriptor, Nobody, NULL);
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, 7, &Granted));
    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION);
    Describe(&Descriptor, Everyone, Acl);
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 1, &Granted));
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, READ_CONTROL | WRITE_DAC, &Granted));
    NtClose(Token);
    Token = OpenToken(TOKEN_ALL_ACCESS);
    CHECK_STATUS(STATUS_NO_IMPERSONATION_TOKEN, Check(&Descriptor, Token, READ_CONTROL, &Granted));
    NtClose(Token);
    RtlFreeSid(Everyone);
    RtlFreeSid(Nobody);
}

/* The checks' order, and what becomes of the set of privileges (AccessCheck's parameters). */
static VOID TestAccessCheckArguments(VOID)
{
    enum { LEFT = 0x5eed };
    GENERIC_MAPPING Mapping = { 1, 2, 4, 7 };
    PSID Everyone = MakeSid(&World, 1, SECURITY_WORLD_RID, 0);
    HANDLE Token = Impersonation();
    SECURITY_DESCRIPTOR Descriptor;
    PRIVILEGE_SET Set[2] = { { LEFT } };
    ULONG Length = sizeof(Set[0]), Granted = LEFT;
    NTSTATUS Result = LEFT;

    Describe(&Descriptor, Everyone, NULL);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtAccessCheck(&Descriptor, Token, GENERIC_READ, &Mapping, NULL, &Length, &Granted, &Result));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtAccessCheck(&Descriptor, Token, GENERIC_READ, &Mapping, Set, NULL, &Granted, &Result));
    Length = 0;
    CHECK_STATUS(STATUS_GENERIC_NOT_MAPPED, NtAccessCheck(&Descriptor, Token, GENERIC_READ, &Mapping, Set, &Length, &Granted, &Result));
    CHECK(Length == 0);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtAccessCheck(&Descriptor, Token, 1, &Mapping, Set, &Length, &Granted, &Result));
    CHECK(Length == sizeof(Set[0]) && Set[0].PrivilegeCount == LEFT && Granted == LEFT && Result == LEFT);
    Length = sizeof(Set[0]) + 1;
    CHECK_STATUS(STATUS_SUCCESS, NtAccessCheck(&Descriptor, Token, 1, &Mapping, Set, &Length, &Granted, &Result));
    TODO(OnWine, CHECK(Length == sizeof(Set[0]) + 1));
    CHECK(Set[0].PrivilegeCount == 0 && Granted == 1 && Result == STATUS_SUCCESS);
    NtClose(Token);
    RtlFreeSid(Everyone);
}

/* An ACE with Extra bytes between mask and SID and Tail behind it. */
static VOID AddAce(PACL Acl, UCHAR Type, ACCESS_MASK Mask, const VOID *Extra, ULONG ExtraLength, PSID Sid, PCSTR Tail)
{
    ULONG SidLength = RtlLengthSid(Sid), TailLength = (ULONG)strlen(Tail);
    UCHAR Space[128] = { 0 };
    ACCESS_ALLOWED_ACE *Ace = (PVOID)Space;

    Ace->Header.AceType = Type;
    Ace->Header.AceSize = (USHORT)(8 + ExtraLength + SidLength + TailLength);
    Ace->Mask = Mask;
    memcpy(Space + 8, Extra, ExtraLength);
    memcpy(Space + 8 + ExtraLength, Sid, SidLength);
    memcpy(Space + 8 + ExtraLength + SidLength, Tail, TailLength);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAce(Acl, ACL_REVISION_DS, MAXDWORD, Space, Ace->Header.AceSize));
}

/* Kinds of ACEs: "ACE" and "How AccessCheck Works"; [MS-DTYP] 2.5.3.2.  Wine 8.0 knows the plain two. */
static VOID TestKindsOfAces(VOID)
{
    static const ULONG ForType[5] = { ACE_OBJECT_TYPE_PRESENT, 1, 2, 3, 4 }, ForAll[1] = { 0 };
    HANDLE Token = Impersonation();
    PSID Everyone = MakeSid(&World, 1, SECURITY_WORLD_RID, 0);
    SECURITY_DESCRIPTOR Descriptor;
    ULONG AclSpace[128], Granted;
    PACL Acl = (PACL)AclSpace;

    Describe(&Descriptor, Everyone, Acl);
    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION_DS);
    AddAce(Acl, ACCESS_ALLOWED_OBJECT_ACE_TYPE, 1, ForAll, sizeof(ForAll), Everyone, "");
    AddAce(Acl, ACCESS_ALLOWED_OBJECT_ACE_TYPE, 2, ForType, sizeof(ForType), Everyone, "");
    AddAce(Acl, ACCESS_ALLOWED_CALLBACK_ACE_TYPE, 4, NULL, 0, Everyone, "artx");
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, 1, &Granted));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 2, &Granted));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 4, &Granted));
    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION_DS);
    AddAce(Acl, ACCESS_DENIED_OBJECT_ACE_TYPE, 1, ForType, sizeof(ForType), Everyone, "");
    AddAce(Acl, ACCESS_DENIED_CALLBACK_ACE_TYPE, 2, NULL, 0, Everyone, "artx");
    AddAce(Acl, ACCESS_DENIED_CALLBACK_ACE_TYPE, 4, NULL, 0, Everyone, "else");
    RtlAddAccessAllowedAce(Acl, ACL_REVISION_DS, 7, Everyone);
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 1, &Granted));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 2, &Granted));
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, 4, &Granted));
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, MAXIMUM_ALLOWED, &Granted));
    CHECK(Granted == (4 | READ_CONTROL | WRITE_DAC));
    NtClose(Token);
    RtlFreeSid(Everyone);
}

/* OWNER RIGHTS (S-1-3-4): "limits the access of the owner". */
static VOID TestOwnerRights(VOID)
{
    static SID_IDENTIFIER_AUTHORITY Creator = { SECURITY_CREATOR_SID_AUTHORITY };
    HANDLE Token = Impersonation();
    PSID Everyone = MakeSid(&World, 1, SECURITY_WORLD_RID, 0), Nobody = MakeSid(&Nt, 2, 99, 12345), Owner = MakeSid(&Creator, 1, 4, 0);
    SECURITY_DESCRIPTOR Descriptor;
    ULONG AclSpace[64], Granted;
    PACL Acl = (PACL)AclSpace;

    Describe(&Descriptor, Everyone, Acl);
    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, READ_CONTROL | 1, Owner);
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, MAXIMUM_ALLOWED, &Granted));
    CHECK(Granted == (READ_CONTROL | 1));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, WRITE_DAC, &Granted));
    Describe(&Descriptor, Nobody, Acl);
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(&Descriptor, Token, 1, &Granted));
    Describe(&Descriptor, Everyone, Acl);
    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION);
    RtlAddAccessAllowedAceEx(Acl, ACL_REVISION, OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE, 1, Owner);
    CHECK_STATUS(STATUS_SUCCESS, Check(&Descriptor, Token, READ_CONTROL | WRITE_DAC, &Granted));
    NtClose(Token);
    RtlFreeSid(Everyone);
    RtlFreeSid(Nobody);
    RtlFreeSid(Owner);
}

/* Any mandatory label may be a token's: sandboxes take Untrusted, and levels between the named ones. */
static VOID TestLevels(VOID)
{
    static SID_IDENTIFIER_AUTHORITY Label = { SECURITY_MANDATORY_LABEL_AUTHORITY };
    static const ULONG Levels[] = { 0x2100, 0x1800, 0x800, SECURITY_MANDATORY_UNTRUSTED_RID };
    HANDLE Token = Impersonation(), Copy = NULL;
    TOKEN_MANDATORY_LABEL Set = { { NULL, SE_GROUP_INTEGRITY } };
    PSID Everyone = MakeSid(&World, 1, SECURITY_WORLD_RID, 0);
    BUFFER Buffer;
    ULONG Length;

    for (ULONG i = 0; i < ARRAYSIZE(Levels); i++) {
        Set.Label.Sid = MakeSid(&Label, 1, Levels[i], 0);
        CHECK_STATUS(STATUS_SUCCESS, NtSetInformationToken(Token, TokenIntegrityLevel, &Set, sizeof(Set)));
        RtlFreeSid(Set.Label.Sid);
        CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Token, TOKEN_QUERY, NULL, FALSE, TokenImpersonation, &Copy));
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Copy, TokenIntegrityLevel, &Buffer, sizeof(Buffer), &Length));
        CHECK(*RtlSubAuthoritySid(Buffer.User.User.Sid, 0) == Levels[i]);
        NtClose(Copy);
    }
    Set.Label.Sid = Everyone;
    CHECK_STATUS(STATUS_INVALID_LABEL, NtSetInformationToken(Token, TokenIntegrityLevel, &Set, sizeof(Set)));
    NtClose(Token);
    RtlFreeSid(Everyone);
}

/* Without a quality of service, as the Win32 system's DuplicateTokenEx calls: the level stands in EffectiveOnly's place. */
static VOID TestLevelOfWin32(VOID)
{
    HANDLE Token = OpenToken(TOKEN_DUPLICATE), Copy = NULL;
    OBJECT_ATTRIBUTES Attributes;
    ULONG Length, Level = 0;

    InitializeObjectAttributes(&Attributes, NULL, 0, NULL, NULL);
    for (ULONG i = SecurityIdentification; i <= SecurityImpersonation; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Token, TOKEN_QUERY, &Attributes, (BOOLEAN)i, TokenImpersonation, &Copy));
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Copy, TokenImpersonationLevel, &Level, sizeof(Level), &Length));
        CHECK(Level == i);
        NtClose(Copy);
    }
    NtClose(Token);
}

static VOID TestObjectSecurity(VOID)
{
    PSID Everyone = MakeSid(&World, 1, SECURITY_WORLD_RID, 0);
    SECURITY_DESCRIPTOR Descriptor;
    ULONG AclSpace[64], Out[128];
    PACL Acl = (PACL)AclSpace, Found = NULL;
    BOOLEAN Present = FALSE, Defaulted;
    HANDLE Event = NULL;
    ULONG Length = 0;

    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, EVENT_ALL_ACCESS, Everyone);
    Describe(&Descriptor, Everyone, Acl);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Event, DACL_SECURITY_INFORMATION, &Descriptor));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtQuerySecurityObject(Event, DACL_SECURITY_INFORMATION, NULL, 0, &Length));
    CHECK(Length > sizeof(SECURITY_DESCRIPTOR_RELATIVE));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Event, DACL_SECURITY_INFORMATION, Out, sizeof(Out), &Length));
    CHECK(NT_SUCCESS(RtlGetDaclSecurityDescriptor(Out, &Present, &Found, &Defaulted)) && Present && Found != NULL &&
          Found->AceCount == 1);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetSecurityObject(Event, DACL_SECURITY_INFORMATION, NULL));
    NtClose(Event);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_MODIFY_STATE, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtQuerySecurityObject(Event, DACL_SECURITY_INFORMATION, Out, sizeof(Out),
                                                             &Length));
    NtClose(Event);
    RtlFreeSid(Everyone);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestQueries();
    TestPrivileges();
    TestDuplicate();
    TestImpersonation();
    TestAccessCheck();
    TestAccessCheckArguments();
    if (!IsWine) {
        TestKindsOfAces();
        TestOwnerRights();
        TestLevels();
        TestLevelOfWin32();
    }
    TestObjectSecurity();
    return CheckClose();
}
