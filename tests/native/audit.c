/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Audits of servers: NtAccessCheckAndAuditAlarm and its kin by type check the client whom the thread impersonates, and say in
 * GenerateOnClose whether the SACL asked for an audit of what was granted; NtOpenObjectAuditAlarm and others tell what a server did
 * itself.  All want SeAuditPrivilege in the process' own token ("the test is always performed against the primary token of the
 * calling process"); with AUDIT_ALLOW_NO_PRIVILEGE the check is made without, and nothing is audited.
 *
 * Source: Microsoft, "AccessCheckAndAuditAlarm", "AccessCheckByTypeAndAuditAlarm", "ObjectOpenAuditAlarm", "PrivilegedServiceAuditAlarm".
 *
 * Runs on: Nereid.
 */
#include "token.h"

#define LEFT 0x5eed
#define PARTS 2

static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID Nobody = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { 12345 } };
static GENERIC_MAPPING Mapping = { 1, 2, 4, 7 };
static GUID Types[PARTS] = { { 1 }, { 2 } };
static OBJECT_TYPE_LIST Tree[PARTS] = { { 0, 0, &Types[0] }, { 1, 0, &Types[1] } };
static UNICODE_STRING Server = RTL_CONSTANT_UNICODE_STRING(L"audit"), Kind = RTL_CONSTANT_UNICODE_STRING(L"Thing");
static UNICODE_STRING Object = RTL_CONSTANT_UNICODE_STRING(L"a\nname");
static SECURITY_DESCRIPTOR Descriptor;
static ULONG DaclSpace[64], SaclSpace[64];
static PACL Dacl = (PACL)DaclSpace, Sacl = (PACL)SaclSpace;
static ULONG Granted[PARTS];
static NTSTATUS Results[PARTS];
static BOOLEAN Generate;
static HANDLE Own, Client;             /* the process' token, opened before the thread acts for somebody */

static VOID SetClient(HANDLE Token)
{
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Token, sizeof(Token)));
}

/* The DACL allows 1; what the SACL asks for is added by the tests. */
static VOID Begin(VOID)
{
    RtlCreateAcl(Dacl, sizeof(DaclSpace), ACL_REVISION);
    RtlAddAccessAllowedAce(Dacl, ACL_REVISION, 1, &World);
    RtlCreateAcl(Sacl, sizeof(SaclSpace), ACL_REVISION_DS);
    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetGroupSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, Dacl, FALSE);
    RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, Sacl, FALSE);
    memset(Granted, 0xff, sizeof(Granted));
    memset(Results, 0xff, sizeof(Results));
    Generate = 0x5e;
}

static NTSTATUS Check(ACCESS_MASK Desired)
{
    return NtAccessCheckAndAuditAlarm(&Server, (PVOID)0x1234, &Kind, &Object, &Descriptor, Desired, &Mapping, FALSE, Granted, Results, &Generate);
}

static NTSTATUS CheckByType(ACCESS_MASK Desired, AUDIT_EVENT_TYPE Event, ULONG Flags)
{
    return NtAccessCheckByTypeAndAuditAlarm(&Server, NULL, &Kind, &Object, &Descriptor, NULL, Desired, Event, Flags, Tree, PARTS, &Mapping,
                                            TRUE, Granted, Results, &Generate);
}

static NTSTATUS CheckEach(ACCESS_MASK Desired, ULONG Flags)
{
    return NtAccessCheckByTypeResultListAndAuditAlarm(&Server, NULL, &Kind, &Object, &Descriptor, NULL, Desired, AuditEventObjectAccess, Flags,
                                                      Tree, PARTS, &Mapping, FALSE, Granted, Results, &Generate);
}

static NTSTATUS CheckEachOf(HANDLE Token, ACCESS_MASK Desired)
{
    return NtAccessCheckByTypeResultListAndAuditAlarmByHandle(&Server, NULL, Token, &Kind, &Object, &Descriptor, NULL, Desired,
                                                              AuditEventObjectAccess, 0, Tree, PARTS, &Mapping, FALSE, Granted, Results, &Generate);
}

static VOID TestClient(VOID)
{
    HANDLE Unknown = ImpersonationToken(Own, SecurityAnonymous);

    Begin();
    CHECK_STATUS(STATUS_NO_IMPERSONATION_TOKEN, Check(1));
    CHECK_STATUS(STATUS_NO_IMPERSONATION_TOKEN, CheckByType(1, AuditEventObjectAccess, 0));
    CHECK_STATUS(STATUS_NO_IMPERSONATION_TOKEN, CheckEach(1, 0));
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, CheckEachOf(Unknown, 1));
    CHECK_STATUS(STATUS_NO_IMPERSONATION_TOKEN, CheckEachOf(Own, 1));
    SetClient(Unknown);
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, Check(1));
    SetClient(Client);
    CHECK(Granted[0] == MAXDWORD && Results[0] == -1 && Generate == 0x5e);
    CHECK_STATUS(STATUS_SUCCESS, Check(1));
    CHECK(Granted[0] == 1 && Results[0] == STATUS_SUCCESS && Generate == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, Check(2));
    CHECK(Granted[0] == 0 && Results[0] == STATUS_ACCESS_DENIED && Generate == FALSE);
    CHECK_STATUS(STATUS_GENERIC_NOT_MAPPED, Check(GENERIC_READ));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, CheckByType(1, 2, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, CheckByType(1, AuditEventObjectAccess, 2));
    CHECK_STATUS(STATUS_SUCCESS, CheckByType(1, AuditEventDirectoryServiceAccess, AUDIT_ALLOW_NO_PRIVILEGE));
    NtClose(Unknown);
}

/* A close is audited if the open was; one that failed has none. */
static VOID TestAsked(VOID)
{
    Begin();
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Sacl, ACL_REVISION_DS, 1, &World, TRUE, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Check(1));
    CHECK(Generate == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, Check(MAXIMUM_ALLOWED));
    CHECK(Generate == TRUE && Granted[0] == 1);
    CHECK_STATUS(STATUS_SUCCESS, Check(2));
    CHECK(Generate == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, CheckByType(1, AuditEventObjectAccess, 0));
    CHECK(Generate == TRUE && Granted[0] == 1 && Granted[1] == MAXDWORD);
    CHECK_STATUS(STATUS_SUCCESS, CheckEach(1, 0));
    CHECK(Generate == TRUE && Granted[1] == 1 && Results[1] == STATUS_SUCCESS);
    CHECK_STATUS(STATUS_SUCCESS, CheckEachOf(Client, 1));
    CHECK(Generate == TRUE);
    Begin();                            /* other rights, others, those that fail */
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Sacl, ACL_REVISION_DS, 4, &World, TRUE, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Sacl, ACL_REVISION_DS, 1, &Nobody, TRUE, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Sacl, ACL_REVISION_DS, 1, &World, FALSE, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, Check(1));
    CHECK(Generate == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Sacl, ACL_REVISION_DS, GENERIC_READ, &World, TRUE, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Check(1));
    CHECK(Generate == TRUE);
}

/* An audit of a part: that part's own answer counts. */
static VOID TestParts(VOID)
{
    Begin();
    RtlCreateAcl(Dacl, sizeof(DaclSpace), ACL_REVISION_DS);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedObjectAce(Dacl, ACL_REVISION_DS, 0, 1, &Types[1], NULL, &World));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedObjectAce(Dacl, ACL_REVISION_DS, 0, 2, &Types[0], NULL, &World));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessObjectAce(Sacl, ACL_REVISION_DS, 0, 1, &Types[1], NULL, &World, TRUE, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, CheckEach(1, 0));
    CHECK(Generate == TRUE && Results[1] == STATUS_SUCCESS);
    CHECK_STATUS(STATUS_SUCCESS, CheckEach(2, 0));
    CHECK(Generate == FALSE && Results[0] == STATUS_SUCCESS);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAccessCheckByTypeResultListAndAuditAlarm(&Server, NULL, &Kind, &Object, &Descriptor, NULL, 1,
                 AuditEventObjectAccess, 0, Tree, 0, &Mapping, FALSE, Granted, Results, &Generate));
}

static VOID TestWithoutPrivilege(VOID)
{
    PRIVILEGE_SET Set = { 1, 0, { { { SE_SECURITY_PRIVILEGE, 0 }, 0 } } };

    Begin();
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Sacl, ACL_REVISION_DS, 1, &World, TRUE, TRUE));
    SetPrivilege(Own, SE_AUDIT_PRIVILEGE, FALSE);           /* the client's token has it still */
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, Check(1));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, CheckByType(1, AuditEventObjectAccess, 0));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, CheckEach(1, 0));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, CheckEachOf(Client, 1));
    CHECK_STATUS(STATUS_SUCCESS, CheckByType(1, AuditEventObjectAccess, AUDIT_ALLOW_NO_PRIVILEGE));
    CHECK(Granted[0] == 1 && Generate == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, CheckEach(1, AUDIT_ALLOW_NO_PRIVILEGE));
    CHECK(Granted[1] == 1 && Generate == FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtOpenObjectAuditAlarm(&Server, NULL, &Kind, &Object, &Descriptor, Client, 1, 1, NULL, FALSE, TRUE,
                                                                   &Generate));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtCloseObjectAuditAlarm(&Server, NULL, FALSE));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtDeleteObjectAuditAlarm(&Server, NULL, TRUE));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtPrivilegeObjectAuditAlarm(&Server, NULL, Client, 1, &Set, TRUE));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtPrivilegedServiceAuditAlarm(&Server, &Kind, Client, &Set, TRUE));
    SetPrivilege(Own, SE_AUDIT_PRIVILEGE, TRUE);
}

/* What servers did themselves. */
static VOID TestTold(VOID)
{
    PRIVILEGE_SET Set = { 1, 0, { { { SE_SECURITY_PRIVILEGE, 0 }, 0 } } }, Many = { 65 };
    HANDLE Unknown = ImpersonationToken(Own, SecurityAnonymous), Blind;

    Begin();
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessAce(Sacl, ACL_REVISION_DS, 1, &World, TRUE, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenObjectAuditAlarm(&Server, NULL, &Kind, &Object, &Descriptor, Client, 1, 1, &Set, FALSE, TRUE, &Generate));
    CHECK(Generate == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenObjectAuditAlarm(&Server, NULL, &Kind, &Object, &Descriptor, Client, 1, 0, NULL, FALSE, FALSE, &Generate));
    CHECK(Generate == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenObjectAuditAlarm(&Server, NULL, &Kind, &Object, NULL, Client, 1, 1, NULL, FALSE, TRUE, &Generate));
    CHECK(Generate == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenObjectAuditAlarm(&Server, NULL, &Kind, &Object, &Descriptor, Own, 1, 1, NULL, FALSE, TRUE, &Generate));
    CHECK(Generate == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Own, NtCurrentProcess(), &Blind, TOKEN_DUPLICATE, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtPrivilegeObjectAuditAlarm(&Server, NULL, Blind, 1, &Set, TRUE));
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, NtPrivilegeObjectAuditAlarm(&Server, NULL, Unknown, 1, &Set, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtPrivilegeObjectAuditAlarm(&Server, (PVOID)8, Own, 1, &Set, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtPrivilegedServiceAuditAlarm(&Server, &Kind, Client, &Set, TRUE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtPrivilegedServiceAuditAlarm(&Server, &Kind, Client, &Many, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtCloseObjectAuditAlarm(&Server, (PVOID)8, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteObjectAuditAlarm(&Server, (PVOID)8, TRUE));
    NtClose(Blind);
    NtClose(Unknown);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, &Own));
    Client = ImpersonationToken(Own, SecurityIdentification);
    TestClient();
    TestAsked();
    TestParts();
    TestWithoutPrivilege();
    TestTold();
    SetClient(NULL);
    NtClose(Client);
    NtClose(Own);
    return CheckClose();
}
