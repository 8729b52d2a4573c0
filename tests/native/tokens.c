/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tokens: NtCompareTokens; the label among the groups; what filtering a filtered token may not undo; NtFilterTokenEx, NtCreateTokenEx and
 * NtQuerySecurityAttributesToken, without claims; acting with a token of a higher level of integrity.
 *
 * Source: Microsoft, "NtCompareTokens", "CreateRestrictedToken" ("the Attributes members must be zero", "restricting SIDs are always
 * enabled for access checks"), "TOKEN_MANDATORY_POLICY", "Mandatory Integrity Control", "ImpersonateLoggedOnUser".
 *
 * Runs on: Nereid.
 */
#include "token.h"

#define ALWAYS (SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED)

typedef union _BUFFER {
    UCHAR Bytes[2048];
    ULONG64 Align;
    TOKEN_GROUPS Groups;
    TOKEN_MANDATORY_POLICY Policy;
    TOKEN_SECURITY_ATTRIBUTES_INFORMATION Attributes;
} BUFFER;

typedef struct _LIST {
    DWORD Count;
    SID_AND_ATTRIBUTES Sids[2];
} LIST;

static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID System = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SYSTEM_RID } };
static SID Nobody = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { 12345 } };
static SID Nothing = { SID_REVISION, 1, SECURITY_NULL_SID_AUTHORITY, { SECURITY_NULL_RID } };
static SID Low = { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { SECURITY_MANDATORY_LOW_RID } };
static SID Medium = { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { SECURITY_MANDATORY_MEDIUM_RID } };
static SID Highest = { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { SECURITY_MANDATORY_SYSTEM_RID } };
static BUFFER Buffer;
static HANDLE Own;

static VOID SetLevel(HANDLE Token, PSID Level)
{
    TOKEN_MANDATORY_LABEL Label = { { Level, SE_GROUP_INTEGRITY } };

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationToken(Token, TokenIntegrityLevel, &Label, sizeof(Label)));
}

static PTOKEN_GROUPS Query(HANDLE Token, TOKEN_INFORMATION_CLASS Class)
{
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, Class, &Buffer, sizeof(Buffer), &Length));
    return &Buffer.Groups;
}

/* --- comparing ----------------------------------------------------------------------------------------------------- */

static VOID Compare(HANDLE A, HANDLE B, BOOLEAN Expected)
{
    BOOLEAN Equal = 0x5e;

    CHECK_STATUS(STATUS_SUCCESS, NtCompareTokens(A, B, &Equal));
    CHECK(Equal == Expected);
    CHECK_STATUS(STATUS_SUCCESS, NtCompareTokens(B, A, &Equal));
    CHECK(Equal == Expected);
}

static VOID TestCompare(VOID)
{
    LIST Everyone = { 1, { { &World, 0 } } };
    TOKEN_PRIVILEGES Debug = { 1, { { { SE_DEBUG_PRIVILEGE, 0 }, 0 } } };
    HANDLE Copy = ImpersonationToken(Own, SecurityImpersonation), Other = NULL, Blind = NULL;
    BOOLEAN Equal = 0x5e;

    Compare(Own, Own, TRUE);
    Compare(Own, Copy, TRUE);
    Compare(Own, NtCurrentProcessToken(), TRUE);
    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Own, 0, (PTOKEN_GROUPS)&Everyone, NULL, NULL, &Other));
    Compare(Own, Other, FALSE);
    NtClose(Other);
    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Own, 0, NULL, &Debug, NULL, &Other));
    Compare(Own, Other, FALSE);
    NtClose(Other);
    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Own, 0, NULL, NULL, (PTOKEN_GROUPS)&Everyone, &Other));
    Compare(Own, Other, FALSE);
    NtClose(Other);
    SetPrivilege(Copy, SE_CHANGE_NOTIFY_PRIVILEGE, FALSE);
    Compare(Own, Copy, FALSE);
    SetPrivilege(Copy, SE_CHANGE_NOTIFY_PRIVILEGE, TRUE);
    Compare(Own, Copy, TRUE);
    SetLevel(Copy, &Low);
    Compare(Own, Copy, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Own, NtCurrentProcess(), &Blind, TOKEN_DUPLICATE, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCompareTokens(Own, Blind, &Equal));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCompareTokens(Blind, Own, &Equal));
    CHECK_STATUS(STATUS_NO_TOKEN, NtCompareTokens(Own, NtCurrentThreadToken(), &Equal));
    CHECK(Equal == 0x5e);
    NtClose(Blind);
    NtClose(Copy);
}

/* --- the label ------------------------------------------------------------------------------------------------------ */

static VOID CheckLabel(HANDLE Token, PSID Expected)
{
    PTOKEN_GROUPS Groups = Query(Token, TokenGroups);
    ULONG Labels = 0;

    for (ULONG i = 0; i < Groups->GroupCount; i++)
        if (Groups->Groups[i].Attributes & SE_GROUP_INTEGRITY && ++Labels)
            CHECK(RtlEqualSid(Groups->Groups[i].Sid, Expected));
    CHECK(Labels == 1);
}

/* TokenGroups has the label that TokenIntegrityLevel has. */
static VOID TestLabel(VOID)
{
    HANDLE Copy = ImpersonationToken(Own, SecurityImpersonation), Other = NULL;

    CheckLabel(Copy, &Highest);
    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Copy, LUA_TOKEN, NULL, NULL, NULL, &Other));
    CheckLabel(Other, &Medium);
    NtClose(Other);
    SetLevel(Copy, &Low);
    CheckLabel(Copy, &Low);
    Other = ImpersonationToken(Copy, SecurityImpersonation);
    CheckLabel(Other, &Low);
    NtClose(Other);
    NtClose(Copy);
}

/* --- filtering ------------------------------------------------------------------------------------------------------ */

static HANDLE Restrict(HANDLE Token, ULONG Flags, PSID First, PSID Second)
{
    LIST Only = { Second != NULL ? 2 : 1, { { First, 0 }, { Second, 0 } } };
    HANDLE New = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Token, Flags, NULL, NULL, First != NULL ? (PTOKEN_GROUPS)&Only : NULL, &New));
    return New;
}

static VOID CheckOnly(HANDLE Token, PSID Expected)
{
    PTOKEN_GROUPS Only = Query(Token, TokenRestrictedSids);

    CHECK(Only->GroupCount == 1 && RtlEqualSid(Only->Groups[0].Sid, Expected) && Only->Groups[0].Attributes == ALWAYS);
}

/* A second restriction is one more: what both lists have is left. */
static VOID TestTwice(VOID)
{
    LIST WithAttributes = { 1, { { &World, SE_GROUP_ENABLED } } };
    HANDLE First = Restrict(Own, 0, &World, &System), Second = Restrict(First, 0, &Nobody, &World), Third = Restrict(Second, 0, &System, NULL);
    HANDLE Other = Restrict(Second, 0, NULL, NULL);

    CHECK(Query(First, TokenRestrictedSids)->GroupCount == 2);
    CheckOnly(Second, &World);
    CheckOnly(Third, &Nothing);
    CheckOnly(Other, &World);
    NtClose(Other);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtFilterToken(Own, 0, NULL, NULL, (PTOKEN_GROUPS)&WithAttributes, &Other));
    NtClose(Third);
    NtClose(Second);
    NtClose(First);
}

/* An object that only System may read and write; the level is the client's. */
static NTSTATUS CheckAccess(HANDLE Token, ACCESS_MASK Desired, PSID Level)
{
    GENERIC_MAPPING Mapping = { 1, 2, 4, 7 };
    HANDLE Copy = ImpersonationToken(Token, SecurityImpersonation);
    SECURITY_DESCRIPTOR Descriptor;
    ULONG DaclSpace[32], SaclSpace[32], Granted, Length;
    PRIVILEGE_SET Set;
    NTSTATUS Result = -1;

    RtlCreateAcl((PACL)DaclSpace, sizeof(DaclSpace), ACL_REVISION);
    RtlAddAccessAllowedAce((PACL)DaclSpace, ACL_REVISION, 7, &System);
    RtlCreateAcl((PACL)SaclSpace, sizeof(SaclSpace), ACL_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddMandatoryAce((PACL)SaclSpace, ACL_REVISION, 0, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP,
                                                    SYSTEM_MANDATORY_LABEL_ACE_TYPE, Level));
    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetGroupSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, (PACL)DaclSpace, FALSE);
    RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, (PACL)SaclSpace, FALSE);
    Length = sizeof(Set);
    CHECK_STATUS(STATUS_SUCCESS, NtAccessCheck(&Descriptor, Copy, Desired, &Mapping, &Set, &Length, &Granted, &Result));
    NtClose(Copy);
    return Result;
}

/* WRITE_RESTRICTED loosens nothing: who was restricted in reading stays so. */
static VOID TestWriteRestricted(VOID)
{
    HANDLE Writes = Restrict(Own, WRITE_RESTRICTED, &World, NULL), All = Restrict(Own, 0, &World, NULL), Again;

    CHECK_STATUS(STATUS_SUCCESS, CheckAccess(Own, 2, &Low));
    CHECK_STATUS(STATUS_SUCCESS, CheckAccess(Writes, 1, &Low));
    CHECK_STATUS(STATUS_ACCESS_DENIED, CheckAccess(Writes, 2, &Low));
    CHECK_STATUS(STATUS_ACCESS_DENIED, CheckAccess(All, 1, &Low));
    Again = Restrict(All, WRITE_RESTRICTED, NULL, NULL);
    CHECK_STATUS(STATUS_ACCESS_DENIED, CheckAccess(Again, 1, &Low));
    NtClose(Again);
    Again = Restrict(All, WRITE_RESTRICTED, &World, NULL);
    CHECK_STATUS(STATUS_ACCESS_DENIED, CheckAccess(Again, 1, &Low));
    NtClose(Again);
    Again = Restrict(Writes, 0, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, CheckAccess(Again, 1, &Low));
    NtClose(Again);
    Again = Restrict(Writes, 0, &World, NULL);
    CHECK_STATUS(STATUS_ACCESS_DENIED, CheckAccess(Again, 1, &Low));
    NtClose(Again);
    NtClose(All);
    NtClose(Writes);
}

/* --- claims, and the policy ----------------------------------------------------------------------------------------- */

static VOID TestFilterEx(VOID)
{
    UNICODE_STRING Claim = RTL_CONSTANT_UNICODE_STRING(L"claim");
    TOKEN_SECURITY_ATTRIBUTES_INFORMATION Empty = { .Version = 1 }, One = { 1, 0, 1, NULL }, Unknown = { .Version = 2 };
    LIST Everyone = { 1, { { &World, 0 } } };
    PTOKEN_GROUPS Groups = (PTOKEN_GROUPS)&Everyone;
    HANDLE Token = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtFilterTokenEx(Own, 0, NULL, NULL, Groups, 1, &Claim, 1, &Claim, Groups, &Empty, &Empty, NULL, &Token));
    CheckOnly(Token, &World);
    NtClose(Token);
    CHECK_STATUS(STATUS_NOT_SUPPORTED, NtFilterTokenEx(Own, 0, NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, &One, NULL, NULL, &Token));
    CHECK_STATUS(STATUS_NOT_SUPPORTED, NtFilterTokenEx(Own, 0, NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL, &One, NULL, &Token));
    CHECK_STATUS(STATUS_NOT_SUPPORTED, NtFilterTokenEx(Own, 0, NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, Groups, &Token));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtFilterTokenEx(Own, 0, NULL, NULL, NULL, 0, NULL, 0, NULL, NULL, &Unknown, NULL, NULL, &Token));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtFilterTokenEx(Own, 0, NULL, NULL, NULL, 1, NULL, 0, NULL, NULL, NULL, NULL, NULL, &Token));
}

static VOID TestAttributes(VOID)
{
    UNICODE_STRING Claim = RTL_CONSTANT_UNICODE_STRING(L"WIN://SYSAPPID");
    ULONG Length = 0;

    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtQuerySecurityAttributesToken(Own, NULL, 0, NULL, 0, &Length));
    CHECK(Length == sizeof(Buffer.Attributes));
    memset(&Buffer, 0xff, sizeof(Buffer));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityAttributesToken(Own, NULL, 0, &Buffer, sizeof(Buffer), &Length));
    CHECK(Length == sizeof(Buffer.Attributes) && Buffer.Attributes.Version == 1 && Buffer.Attributes.AttributeCount == 0);
    CHECK_STATUS(STATUS_NOT_FOUND, NtQuerySecurityAttributesToken(Own, &Claim, 1, &Buffer, sizeof(Buffer), &Length));
    CHECK(Length == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtQuerySecurityAttributesToken(Own, &Claim, MAXDWORD, &Buffer, sizeof(Buffer), &Length));
}

/* A token of System at a low level, with a policy. */
static NTSTATUS CreateLow(PTOKEN_MANDATORY_POLICY Policy, PTOKEN_SECURITY_ATTRIBUTES_INFORMATION Claims, PTOKEN_GROUPS DeviceGroups, PHANDLE Token)
{
    LIST Groups = { 2, { { &World, ALWAYS }, { &Low, SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED } } };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    LARGE_INTEGER Never = { .QuadPart = -1 };
    LUID Id = SYSTEM_LUID;
    TOKEN_USER User = { { &System, 0 } };
    TOKEN_PRIVILEGES Privileges = { 0 };
    TOKEN_PRIMARY_GROUP Group = { &World };
    TOKEN_SOURCE Source = { "tokens", { 1, 0 } };

    return NtCreateTokenEx(Token, TOKEN_ALL_ACCESS, &Attributes, TokenPrimary, &Id, &Never, &User, (PTOKEN_GROUPS)&Groups, &Privileges,
                           Claims, NULL, DeviceGroups, Policy, NULL, &Group, NULL, &Source);
}

static VOID TestPolicy(VOID)
{
    TOKEN_MANDATORY_POLICY Off = { TOKEN_MANDATORY_POLICY_OFF }, Bad = { 8 };
    TOKEN_SECURITY_ATTRIBUTES_INFORMATION One = { 1, 0, 1, NULL };
    LIST Everyone = { 1, { { &World, 0 } } };
    HANDLE Token = NULL;

    CHECK_STATUS(STATUS_SUCCESS, CreateLow(NULL, NULL, NULL, &Token));
    Query(Token, TokenMandatoryPolicy);
    CHECK(Buffer.Policy.Policy == TOKEN_MANDATORY_POLICY_NO_WRITE_UP);
    CHECK_STATUS(STATUS_SUCCESS, CheckAccess(Token, 1, &Medium));
    CHECK_STATUS(STATUS_ACCESS_DENIED, CheckAccess(Token, 2, &Medium));
    NtClose(Token);
    CHECK_STATUS(STATUS_SUCCESS, CreateLow(&Off, NULL, NULL, &Token));
    Query(Token, TokenMandatoryPolicy);
    CHECK(Buffer.Policy.Policy == TOKEN_MANDATORY_POLICY_OFF);
    CHECK_STATUS(STATUS_SUCCESS, CheckAccess(Token, 2, &Medium));
    NtClose(Token);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, CreateLow(&Bad, NULL, NULL, &Token));
    CHECK_STATUS(STATUS_NOT_SUPPORTED, CreateLow(NULL, &One, NULL, &Token));
    CHECK_STATUS(STATUS_NOT_SUPPORTED, CreateLow(NULL, NULL, (PTOKEN_GROUPS)&Everyone, &Token));
    SetPrivilege(Own, SE_CREATE_TOKEN_PRIVILEGE, FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, CreateLow(NULL, NULL, NULL, &Token));
    SetPrivilege(Own, SE_CREATE_TOKEN_PRIVILEGE, TRUE);
}

/* --- acting with a token -------------------------------------------------------------------------------------------- */

static SECURITY_IMPERSONATION_LEVEL LevelWith(HANDLE Token)
{
    SECURITY_IMPERSONATION_LEVEL Level = -1;
    HANDLE Nothing = NULL;
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Token, sizeof(Token)));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(NtCurrentThreadToken(), TokenImpersonationLevel, &Level, sizeof(Level), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Nothing, sizeof(Nothing)));
    return Level;
}

/* A sandbox that gets hold of a token of a higher level may ask who that is, no more. */
static VOID TestHigherLevel(VOID)
{
    HANDLE Copy = ImpersonationToken(Own, SecurityImpersonation), LowCopy = ImpersonationToken(Own, SecurityImpersonation);

    SetLevel(LowCopy, &Low);
    SetLevel(Own, &Low);
    CHECK(LevelWith(Copy) == SecurityImpersonation);
    SetPrivilege(Own, SE_IMPERSONATE_PRIVILEGE, FALSE);
    CHECK(LevelWith(Copy) == SecurityIdentification);
    CHECK(LevelWith(LowCopy) == SecurityImpersonation);
    SetPrivilege(Own, SE_IMPERSONATE_PRIVILEGE, TRUE);
    SetLevel(Own, &Highest);
    NtClose(LowCopy);
    NtClose(Copy);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, &Own));
    TestCompare();
    TestLabel();
    TestTwice();
    TestWriteRestricted();
    TestFilterEx();
    TestAttributes();
    TestPolicy();
    TestHigherLevel();
    NtClose(Own);
    return CheckClose();
}
