/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Access checks by object type: NtAccessCheckByType and NtAccessCheckByTypeResultList with trees of parts, ACEs for parts, what one
 * part's answer says of those above and below, S-1-5-10 (SELF), lists that are no trees.
 *
 * Source: Microsoft, "AccessCheckByType", "AccessCheckByTypeResultList", "OBJECT_TYPE_LIST"; [MS-DTYP] 2.5.3.2.
 *
 * Runs on: Nereid.
 */
#include "token.h"

#define PARTS 6
#define LEFT 0x5eed

/* The object; two sets, of two properties and of one. */
static GUID Types[PARTS] = { { 1 }, { 2 }, { 3 }, { 4 }, { 5 }, { 6 } };
static OBJECT_TYPE_LIST Tree[PARTS] = {
    { ACCESS_OBJECT_GUID, 0, &Types[0] },
    { ACCESS_PROPERTY_SET_GUID, 0, &Types[1] },
    { ACCESS_PROPERTY_GUID, 0, &Types[2] },
    { ACCESS_PROPERTY_GUID, 0, &Types[3] },
    { ACCESS_PROPERTY_SET_GUID, 0, &Types[4] },
    { ACCESS_PROPERTY_GUID, 0, &Types[5] },
};
static GENERIC_MAPPING Mapping = { 1, 2, 4, 7 | STANDARD_RIGHTS_ALL };
static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID Nobody = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { 12345 } };
static SID Self = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_PRINCIPAL_SELF_RID } };
static HANDLE Client;
static SECURITY_DESCRIPTOR Descriptor;
static ULONG AclSpace[256];
static PACL Acl = (PACL)AclSpace;
static ULONG Granted[PARTS];
static NTSTATUS Results[PARTS];

static HANDLE MakeClient(SECURITY_IMPERSONATION_LEVEL Level)
{
    HANDLE Token, Copy;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, &Token));
    Copy = ImpersonationToken(Token, Level);
    NtClose(Token);
    return Copy;
}

/* An empty list, and an owner that the client is not. */
static VOID Begin(VOID)
{
    RtlCreateAcl(Acl, sizeof(AclSpace), ACL_REVISION_DS);
    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetGroupSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, Acl, FALSE);
}

static VOID Allow(ULONG Part, ACCESS_MASK Mask)
{
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, 0, Mask, &Types[Part], NULL, &World));
}

static VOID Deny(ULONG Part, ACCESS_MASK Mask)
{
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessDeniedObjectAce(Acl, ACL_REVISION_DS, 0, Mask, &Types[Part], NULL, &World));
}

static NTSTATUS Check(ACCESS_MASK Desired, POBJECT_TYPE_LIST List, ULONG Count, PSID Principal)
{
    PRIVILEGE_SET Privileges;
    ULONG Length = sizeof(Privileges);
    NTSTATUS Result = LEFT, Status;

    Granted[0] = LEFT;
    Status = NtAccessCheckByType(&Descriptor, Principal, Client, Desired, List, Count, &Mapping, &Privileges, &Length, Granted, &Result);
    return NT_SUCCESS(Status) ? Result : Status;
}

static NTSTATUS CheckEach(ACCESS_MASK Desired)
{
    PRIVILEGE_SET Privileges;
    ULONG Length = sizeof(Privileges);

    for (ULONG i = 0; i < PARTS; i++)
        Granted[i] = Results[i] = LEFT;
    return NtAccessCheckByTypeResultList(&Descriptor, NULL, Client, Desired, Tree, PARTS, &Mapping, &Privileges, &Length, Granted, Results);
}

/* Of each part, what is granted; the status is success where that is all of Desired. */
static VOID Expect(ACCESS_MASK Desired, const ULONG *Rights)
{
    CHECK_STATUS(STATUS_SUCCESS, CheckEach(Desired));
    for (ULONG i = 0; i < PARTS; i++) {
        BOOLEAN All = Rights[i] != 0 && !(Desired & ~MAXIMUM_ALLOWED & ~Rights[i]);

        if (!CHECK(Granted[i] == Rights[i] && Results[i] == (All ? STATUS_SUCCESS : STATUS_ACCESS_DENIED)))
            Print(L"    part %u: 0x%X, 0x%08X\n", i, Granted[i], Results[i]);
    }
}

/* A part's rights are those of what belongs to it; only a whole set makes the set's, and all sets the object's. */
static VOID TestAllowed(VOID)
{
    Begin();
    Allow(1, 1);
    Expect(1, (ULONG[]){ 0, 1, 1, 1, 0, 0 });
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(1, Tree, PARTS, NULL));
    CHECK(Granted[0] == 0);
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(MAXIMUM_ALLOWED, Tree, PARTS, NULL));
    Allow(5, 1);
    Expect(1, (ULONG[]){ 1, 1, 1, 1, 1, 1 });
    CHECK_STATUS(STATUS_SUCCESS, Check(1, Tree, PARTS, NULL));
    CHECK(Granted[0] == 1);
    Begin();
    Allow(2, 3);
    Expect(3, (ULONG[]){ 0, 0, 3, 0, 0, 0 });
    Allow(3, 1);
    Expect(3, (ULONG[]){ 0, 1, 3, 1, 0, 0 });
    Expect(MAXIMUM_ALLOWED, (ULONG[]){ 0, 1, 3, 1, 0, 0 });
    Expect(MAXIMUM_ALLOWED | 2, (ULONG[]){ 0, 1, 3, 1, 0, 0 });
    Begin();
    Allow(0, 4);
    Expect(4, (ULONG[]){ 4, 4, 4, 4, 4, 4 });
    CHECK_STATUS(STATUS_SUCCESS, Check(4, Tree, PARTS, NULL));
}

/* What one part is denied, nothing above it is allowed; what came first stays. */
static VOID TestDenied(VOID)
{
    Begin();
    Deny(2, 1);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedAce(Acl, ACL_REVISION_DS, 3, &World));
    Expect(3, (ULONG[]){ 2, 2, 2, 3, 3, 3 });
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(1, Tree, PARTS, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Check(2, Tree, PARTS, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Check(MAXIMUM_ALLOWED, Tree, PARTS, NULL));
    CHECK(Granted[0] == 2);
    Begin();
    Allow(2, 1);
    Deny(1, 1);
    Allow(0, 1);
    Expect(1, (ULONG[]){ 0, 0, 1, 0, 1, 1 });
    Begin();
    Deny(4, 2);
    Allow(0, 3);
    Expect(3, (ULONG[]){ 1, 3, 3, 3, 1, 1 });
}

/* Types that the list does not have, and no list at all. */
static VOID TestOtherTypes(VOID)
{
    Begin();
    Allow(5, 1);
    Deny(4, 2);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedAce(Acl, ACL_REVISION_DS, 2, &World));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(1, Tree, 4, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Check(2, Tree, 4, NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(1, NULL, 0, NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(2, NULL, 0, NULL));
    /* Owner, privileges and a missing list are for the whole. */
    RtlSetOwnerSecurityDescriptor(&Descriptor, &World, FALSE);
    Expect(READ_CONTROL, (ULONG[]){ READ_CONTROL, READ_CONTROL, READ_CONTROL, READ_CONTROL, READ_CONTROL, READ_CONTROL });
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    Expect(5, (ULONG[]){ 5, 5, 5, 5, 5, 5 });
}

static VOID TestSelf(VOID)
{
    Begin();
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedAce(Acl, ACL_REVISION_DS, 1, &Self));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(1, Tree, PARTS, NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(1, Tree, PARTS, &Nobody));
    CHECK_STATUS(STATUS_SUCCESS, Check(1, Tree, PARTS, &World));
    CHECK_STATUS(STATUS_SUCCESS, Check(1, NULL, 0, &World));
    CHECK_STATUS(STATUS_INVALID_SID, Check(1, Tree, PARTS, &Types[1]));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Check(1, Tree, PARTS, (PSID)8));
}

/* The first is level 0, and the only one; no level is left out; 4 is the last. */
static VOID TestLists(VOID)
{
    static const struct {
        NTSTATUS Status;
        ULONG Count;
        USHORT Levels[6];
    } Lists[] = {
        { STATUS_SUCCESS, 1, { 0 } }, { STATUS_INVALID_PARAMETER, 1, { 1 } }, { STATUS_INVALID_PARAMETER, 2, { 0, 0 } },
        { STATUS_INVALID_PARAMETER, 2, { 0, 2 } }, { STATUS_SUCCESS, 5, { 0, 1, 2, 3, 4 } }, { STATUS_SUCCESS, 6, { 0, 1, 2, 3, 4, 4 } },
        { STATUS_INVALID_PARAMETER, 6, { 0, 1, 2, 3, 4, 5 } }, { STATUS_SUCCESS, 5, { 0, 1, 2, 3, 1 } },
        { STATUS_INVALID_PARAMETER, 5, { 0, 1, 2, 1, 3 } }, { STATUS_INVALID_PARAMETER, 2, { 0, 0xffff } },
    };
    OBJECT_TYPE_LIST List[PARTS];

    Begin();
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    for (ULONG i = 0; i < ARRAYSIZE(Lists); i++) {
        for (ULONG k = 0; k < Lists[i].Count; k++)
            List[k] = (OBJECT_TYPE_LIST){ Lists[i].Levels[k], 0, &Types[k] };
        if (!CHECK_STATUS(Lists[i].Status, Check(1, List, Lists[i].Count, NULL)))
            Print(L"    list %u\n", i);
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Check(1, Tree, 0xffffffff, NULL));
    List[0] = (OBJECT_TYPE_LIST){ 0, 0, NULL };
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Check(1, List, 1, NULL));
}

static VOID TestArguments(VOID)
{
    PRIVILEGE_SET Privileges;
    ULONG Length = sizeof(Privileges);
    HANDLE Other;

    Begin();
    CHECK_STATUS(STATUS_GENERIC_NOT_MAPPED, CheckEach(GENERIC_READ));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtAccessCheckByTypeResultList(&Descriptor, NULL, Client, 1, Tree, 0, &Mapping, &Privileges, &Length,
                                                                         Granted, Results));
    CHECK(Granted[0] == LEFT && Results[0] == LEFT);
    Length = 0;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtAccessCheckByType(&Descriptor, NULL, Client, 1, Tree, PARTS, &Mapping, &Privileges, &Length,
                                                              Granted, Results));
    CHECK(Length == sizeof(Privileges) && Granted[0] == LEFT);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY, &Other));
    CHECK_STATUS(STATUS_NO_IMPERSONATION_TOKEN, NtAccessCheckByType(&Descriptor, NULL, Other, 1, Tree, PARTS, &Mapping, &Privileges, &Length,
                                                                    Granted, Results));
    NtClose(Other);
    Other = MakeClient(SecurityAnonymous);
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, NtAccessCheckByType(&Descriptor, NULL, Other, 1, Tree, PARTS, &Mapping, &Privileges, &Length,
                                                                     Granted, Results));
    NtClose(Other);
}

/* A privilege that is missing is missing for every part. */
static VOID TestPrivilege(VOID)
{
    TOKEN_PRIVILEGES Off = { 1, { { { SE_SECURITY_PRIVILEGE, 0 }, 0 } } };

    Begin();
    Allow(0, 1);
    NtAdjustPrivilegesToken(Client, FALSE, &Off, 0, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, CheckEach(1 | ACCESS_SYSTEM_SECURITY));
    for (ULONG i = 0; i < PARTS; i++)
        CHECK(Granted[i] == 0 && Results[i] == STATUS_PRIVILEGE_NOT_HELD);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    Client = MakeClient(SecurityIdentification);
    TestAllowed();
    TestDenied();
    TestOtherTypes();
    TestSelf();
    TestLists();
    TestArguments();
    TestPrivilege();
    NtClose(Client);
    return CheckClose();
}
