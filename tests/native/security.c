/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security of private objects, entries for object types, extended contexts, user stacks, heap walks, 32-bit answers.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define ADMINS { SID_REVISION, 2, SECURITY_NT_AUTHORITY, { SECURITY_BUILTIN_DOMAIN_RID } }

static struct { SID Sid; ULONG Rid; } Admins = { ADMINS, DOMAIN_ALIAS_RID_ADMINS }, Users = { ADMINS, DOMAIN_ALIAS_RID_USERS };
static SID System = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SYSTEM_RID } };
static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID Creator = { SID_REVISION, 1, SECURITY_CREATOR_SID_AUTHORITY, { SECURITY_CREATOR_OWNER_RID } };
static GENERIC_MAPPING Mapping = { 0x1, 0x2, 0x4, 0xf };

/* --- object entries ---------------------------------------------------------------------------------------------- */

static VOID TestObjectAces(VOID)
{
    static GUID Type = { 1, 2, 3, { 4 } }, Inherited = { 5, 6, 7, { 8 } };
    UCHAR Buffer[512] __attribute__((aligned(8)));
    PACL Acl = (PACL)Buffer;
    ACCESS_ALLOWED_OBJECT_ACE *Ace = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateAcl(Acl, sizeof(Buffer), ACL_REVISION_DS));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, 0, 7, &Type, &Inherited, &World));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetAce(Acl, 0, (PVOID *)&Ace));
    CHECK(Ace->Header.AceType == ACCESS_ALLOWED_OBJECT_ACE_TYPE && Ace->Mask == 7 && Ace->Flags == 3);
    CHECK(memcmp(&Ace->ObjectType, &Type, 16) == 0 && memcmp(&Ace->InheritedObjectType, &Inherited, 16) == 0);
    CHECK(RtlEqualSid((PSID)&Ace->SidStart, &World));
    CHECK(Ace->Header.AceSize == FIELD_OFFSET(ACCESS_ALLOWED_OBJECT_ACE, SidStart) + RtlLengthSid(&World));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessDeniedObjectAce(Acl, ACL_REVISION_DS, CONTAINER_INHERIT_ACE, 1, &Type, NULL,
            &World));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetAce(Acl, 1, (PVOID *)&Ace));
    CHECK(Ace->Header.AceType == ACCESS_DENIED_OBJECT_ACE_TYPE && Ace->Flags == ACE_OBJECT_TYPE_PRESENT);
    CHECK(RtlEqualSid((PSID)&Ace->InheritedObjectType, &World));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAuditAccessObjectAce(Acl, ACL_REVISION_DS, 0, 1, NULL, &Inherited, &World, TRUE,
            TRUE));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetAce(Acl, 2, (PVOID *)&Ace));
    CHECK(Ace->Header.AceFlags == (SUCCESSFUL_ACCESS_ACE_FLAG | FAILED_ACCESS_ACE_FLAG) && Ace->Flags == 2);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, 0, 1, NULL, NULL, &World));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetAce(Acl, 3, (PVOID *)&Ace));
    CHECK(Ace->Header.AceType == ACCESS_ALLOWED_ACE_TYPE);
    CHECK(Acl->AceCount == 4 && RtlValidAcl(Acl));
    Acl->AclSize = 200;
    CHECK_STATUS(STATUS_ALLOTTED_SPACE_EXCEEDED,
            RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, 0, 7, &Type, &Inherited, &Admins));
    CHECK_STATUS(STATUS_REVISION_MISMATCH,
            RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION, 0, 7, &Type, &Inherited, &World));
}

/* --- private objects: Wine's routines are stubs ------------------------------------------------------------------ */

static ACCESS_ALLOWED_ACE *AceOf(PSECURITY_DESCRIPTOR Descriptor, ULONG Index)
{
    BOOLEAN Present = FALSE, Defaulted;
    PACL Dacl = NULL;
    PVOID Ace = NULL;

    RtlGetDaclSecurityDescriptor(Descriptor, &Present, &Dacl, &Defaulted);
    return Present && Dacl != NULL && NT_SUCCESS(RtlGetAce(Dacl, Index, &Ace)) ? Ace : NULL;
}

static BOOLEAN IsAce(const ACCESS_ALLOWED_ACE *Ace, UCHAR Flags, ACCESS_MASK Mask, PSID Sid)
{
    return Ace != NULL && Ace->Header.AceFlags == Flags && Ace->Mask == Mask && RtlEqualSid((PSID)&Ace->SidStart, Sid);
}

static VOID TestDefaults(HANDLE Token)
{
    PSECURITY_DESCRIPTOR New = NULL;
    BOOLEAN Defaulted;
    PSID Owner = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObject(NULL, NULL, &New, FALSE, Token, &Mapping));
    CHECK(RtlValidSecurityDescriptor(New) && RtlValidRelativeSecurityDescriptor(New, RtlLengthSecurityDescriptor(New), 7));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetOwnerSecurityDescriptor(New, &Owner, &Defaulted));
    CHECK(Owner != NULL);
    CHECK(AceOf(New, 0) != NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteSecurityObject(&New));
    CHECK(New == NULL);
    CHECK_STATUS(STATUS_NO_TOKEN, RtlNewSecurityObject(NULL, NULL, &New, FALSE, NULL, &Mapping));
    CHECK(New == NULL);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlNewSecurityObject(NULL, NULL, &New, FALSE, Token, NULL));
    CHECK_STATUS(STATUS_INVALID_SECURITY_DESCR,
            RtlNewSecurityObject(&(SECURITY_DESCRIPTOR){ 9 }, NULL, &New, FALSE, Token, &Mapping));
}

/* Without a token nothing can be checked, so nothing may have to be. */
#define UNCHECKED (SEF_AVOID_PRIVILEGE_CHECK | SEF_AVOID_OWNER_CHECK)

/* Parent: administrators inherit to all, users to objects only, the creator to containers, the system not at all. */
static VOID MakeParent(SECURITY_DESCRIPTOR *Parent, PACL Acl, ULONG Length)
{
    RtlCreateSecurityDescriptor(Parent, SECURITY_DESCRIPTOR_REVISION);
    RtlCreateAcl(Acl, Length, ACL_REVISION);
    RtlAddAccessAllowedAceEx(Acl, ACL_REVISION, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, 0x3, &Admins);
    RtlAddAccessAllowedAceEx(Acl, ACL_REVISION, OBJECT_INHERIT_ACE, 0x1, &Users);
    RtlAddAccessAllowedAceEx(Acl, ACL_REVISION, CONTAINER_INHERIT_ACE, GENERIC_ALL, &Creator);
    RtlAddAccessAllowedAceEx(Acl, ACL_REVISION, 0, 0x8, &System);
    RtlSetDaclSecurityDescriptor(Parent, TRUE, Acl, FALSE);
    RtlSetOwnerSecurityDescriptor(Parent, &System, FALSE);
    RtlSetGroupSecurityDescriptor(Parent, &System, FALSE);
}

static VOID TestInheritance(VOID)
{
    UCHAR ParentAcl[512] __attribute__((aligned(8))), OwnAcl[256] __attribute__((aligned(8)));
    SECURITY_DESCRIPTOR Parent, Own;
    PSECURITY_DESCRIPTOR New = NULL;
    SECURITY_DESCRIPTOR_CONTROL Control;
    ULONG Revision;

    MakeParent(&Parent, (PACL)ParentAcl, sizeof(ParentAcl));
    RtlCreateSecurityDescriptor(&Own, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Own, &World, FALSE);
    RtlSetGroupSecurityDescriptor(&Own, &World, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, NULL, FALSE, UNCHECKED, NULL, &Mapping));
    CHECK(IsAce(AceOf(New, 0), 0, 0x3, &Admins) && IsAce(AceOf(New, 1), 0, 0x1, &Users) && AceOf(New, 2) == NULL);
    RtlDeleteSecurityObject(&New);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, NULL, TRUE, UNCHECKED, NULL, &Mapping));
    CHECK(IsAce(AceOf(New, 0), OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, 0x3, &Admins));
    CHECK(IsAce(AceOf(New, 1), OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE, 0x1, &Users));
    CHECK(IsAce(AceOf(New, 2), 0, 0xf, &World));
    CHECK(IsAce(AceOf(New, 3), CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE, GENERIC_ALL, &Creator));
    CHECK(AceOf(New, 4) == NULL);
    RtlDeleteSecurityObject(&New);
    RtlCreateAcl((PACL)OwnAcl, sizeof(OwnAcl), ACL_REVISION);
    RtlAddAccessAllowedAce((PACL)OwnAcl, ACL_REVISION, GENERIC_READ | GENERIC_WRITE, &System);
    RtlSetDaclSecurityDescriptor(&Own, TRUE, (PACL)OwnAcl, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, NULL, FALSE, UNCHECKED, NULL, &Mapping));
    CHECK(IsAce(AceOf(New, 0), 0, 0x3, &System) && AceOf(New, 1) == NULL);
    RtlDeleteSecurityObject(&New);
    CHECK_STATUS(STATUS_SUCCESS,
            RtlNewSecurityObjectEx(&Parent, &Own, &New, NULL, FALSE, UNCHECKED | SEF_DACL_AUTO_INHERIT, NULL, &Mapping));
    CHECK(IsAce(AceOf(New, 0), 0, 0x3, &System) && IsAce(AceOf(New, 1), INHERITED_ACE, 0x3, &Admins));
    CHECK(IsAce(AceOf(New, 2), INHERITED_ACE, 0x1, &Users) && AceOf(New, 3) == NULL);
    RtlGetControlSecurityDescriptor(New, &Control, &Revision);
    CHECK(Control & SE_DACL_AUTO_INHERITED);
    RtlDeleteSecurityObject(&New);
    RtlSetControlSecurityDescriptor(&Own, SE_DACL_PROTECTED, SE_DACL_PROTECTED);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectWithMultipleInheritance(&Parent, &Own, &New, NULL, 0, FALSE,
            UNCHECKED | SEF_DACL_AUTO_INHERIT, NULL, &Mapping));
    CHECK(IsAce(AceOf(New, 0), 0, 0x3, &System) && AceOf(New, 1) == NULL);
    RtlDeleteSecurityObject(&New);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, NULL, &New, NULL, FALSE,
            UNCHECKED | SEF_DEFAULT_OWNER_FROM_PARENT | SEF_DEFAULT_GROUP_FROM_PARENT, NULL, &Mapping));
    RtlDeleteSecurityObject(&New);
}

/* Source: CreatePrivateObjectSecurityEx, "Remarks" (Win32 documentation). */
static VOID TestChecks(HANDLE Token)
{
    UCHAR Acl[64] __attribute__((aligned(8)));
    SECURITY_DESCRIPTOR Own;
    PSECURITY_DESCRIPTOR New;
    BOOLEAN Restore, Security;

    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, FALSE, FALSE, &Restore);
    RtlAdjustPrivilege(SE_SECURITY_PRIVILEGE, FALSE, FALSE, &Security);
    RtlCreateSecurityDescriptor(&Own, SECURITY_DESCRIPTOR_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObject(NULL, &Own, &New, FALSE, Token, &Mapping));
    RtlDeleteSecurityObject(&New);
    RtlSetOwnerSecurityDescriptor(&Own, (PSID)&Admins, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObject(NULL, &Own, &New, FALSE, Token, &Mapping));
    RtlDeleteSecurityObject(&New);
    RtlSetOwnerSecurityDescriptor(&Own, &World, FALSE);
    CHECK_STATUS(STATUS_INVALID_OWNER, RtlNewSecurityObject(NULL, &Own, &New, FALSE, Token, &Mapping));
    CHECK(New == NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(NULL, &Own, &New, NULL, FALSE, SEF_AVOID_OWNER_CHECK, Token, &Mapping));
    RtlDeleteSecurityObject(&New);
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, TRUE, FALSE, &Restore);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObject(NULL, &Own, &New, FALSE, Token, &Mapping));
    RtlDeleteSecurityObject(&New);
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, FALSE, FALSE, &Restore);
    RtlSetOwnerSecurityDescriptor(&Own, NULL, FALSE);
    RtlCreateAcl((PACL)Acl, sizeof(Acl), ACL_REVISION);
    RtlAddAuditAccessAce((PACL)Acl, ACL_REVISION, 1, &World, TRUE, FALSE);
    RtlSetSaclSecurityDescriptor(&Own, TRUE, (PACL)Acl, FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, RtlNewSecurityObject(NULL, &Own, &New, FALSE, Token, &Mapping));
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(NULL, &Own, &New, NULL, FALSE, SEF_AVOID_PRIVILEGE_CHECK, Token, &Mapping));
    RtlDeleteSecurityObject(&New);
    RtlAdjustPrivilege(SE_SECURITY_PRIVILEGE, TRUE, FALSE, &Security);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObject(NULL, &Own, &New, FALSE, Token, &Mapping));
    RtlDeleteSecurityObject(&New);
    RtlAdjustPrivilege(SE_SECURITY_PRIVILEGE, FALSE, FALSE, &Security);
    CHECK_STATUS(STATUS_NO_TOKEN, RtlNewSecurityObjectEx(NULL, &Own, &New, NULL, FALSE, SEF_AVOID_OWNER_CHECK, NULL, &Mapping));
    CHECK_STATUS(STATUS_NO_TOKEN, RtlNewSecurityObjectEx(NULL, &Own, &New, NULL, FALSE, SEF_AVOID_PRIVILEGE_CHECK, NULL, &Mapping));
    CHECK_STATUS(STATUS_INVALID_OWNER, RtlNewSecurityObjectEx(NULL, &Own, &New, NULL, FALSE, UNCHECKED, NULL, &Mapping));
}

/* --- entries for object types, inherited -------------------------------------------------------------------------- */

static GUID File = { 1 }, Folder = { 2 }, Printer = { 3 }, Property = { 4 };

/* The object entry number Index: flags, mask, property and inherited type (NULL: none), SID. */
static BOOLEAN IsObjectAce(PSECURITY_DESCRIPTOR Descriptor, ULONG Index, UCHAR Flags, ACCESS_MASK Mask, const GUID *Type,
        const GUID *Inherited, PSID Sid)
{
    const ACCESS_ALLOWED_OBJECT_ACE *Ace = (PVOID)AceOf(Descriptor, Index);
    const UCHAR *At = Ace != NULL ? (const UCHAR *)&Ace->ObjectType : NULL;

    if (Ace == NULL || Ace->Header.AceType != ACCESS_ALLOWED_OBJECT_ACE_TYPE || Ace->Header.AceFlags != Flags || Ace->Mask != Mask ||
        Ace->Flags != ((Type != NULL ? 1u : 0) | (Inherited != NULL ? 2u : 0)))
        return FALSE;
    if (Type != NULL && memcmp(At, Type, 16) != 0)
        return FALSE;
    At += Type != NULL ? 16 : 0;
    if (Inherited != NULL && memcmp(At, Inherited, 16) != 0)
        return FALSE;
    return RtlEqualSid((PSID)(At + (Inherited != NULL ? 16 : 0)), Sid);
}

/* For all, for folders alone, for files alone, and the creator of printers. */
static VOID MakeTypedParent(SECURITY_DESCRIPTOR *Parent, PACL Acl, ULONG Length)
{
    const UCHAR Both = OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE;

    RtlCreateSecurityDescriptor(Parent, SECURITY_DESCRIPTOR_REVISION);
    RtlCreateAcl(Acl, Length, ACL_REVISION_DS);
    RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, Both, 0x1, &Property, NULL, &World);
    RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, Both, 0x2, NULL, &Folder, (PSID)&Admins);
    RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, OBJECT_INHERIT_ACE, 0x4, &Property, &File, (PSID)&Users);
    RtlAddAccessAllowedObjectAce(Acl, ACL_REVISION_DS, Both | NO_PROPAGATE_INHERIT_ACE, GENERIC_READ, NULL, &Printer, &Creator);
    RtlSetDaclSecurityDescriptor(Parent, TRUE, Acl, FALSE);
}

static VOID TestTypedInheritance(VOID)
{
    UCHAR Acl[512] __attribute__((aligned(8)));
    GUID *Types[2] = { &Printer, &Folder };
    SECURITY_DESCRIPTOR Parent, Own;
    PSECURITY_DESCRIPTOR New;

    MakeTypedParent(&Parent, (PACL)Acl, sizeof(Acl));
    RtlCreateSecurityDescriptor(&Own, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Own, &System, FALSE);
    RtlSetGroupSecurityDescriptor(&Own, &System, FALSE);
    /* A file. */
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, &File, FALSE, UNCHECKED, NULL, &Mapping));
    CHECK(RtlValidSecurityDescriptor(New) && IsObjectAce(New, 0, 0, 0x1, &Property, NULL, &World));
    CHECK(IsObjectAce(New, 1, 0, 0x4, &Property, &File, (PSID)&Users) && AceOf(New, 2) == NULL);
    RtlDeleteSecurityObject(&New);
    /* A folder: what is for files goes on to them. */
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, &Folder, TRUE, UNCHECKED | SEF_DACL_AUTO_INHERIT, NULL, &Mapping));
    CHECK(IsObjectAce(New, 0, INHERITED_ACE | OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, 0x1, &Property, NULL, &World));
    CHECK(IsObjectAce(New, 1, INHERITED_ACE | OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, 0x2, NULL, &Folder, (PSID)&Admins));
    CHECK(IsObjectAce(New, 2, INHERITED_ACE | OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE, 0x4, &Property, &File, (PSID)&Users));
    CHECK(AceOf(New, 3) == NULL);
    RtlDeleteSecurityObject(&New);
    /* A container of no type: nothing of the typed ones is for it. */
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, NULL, TRUE, UNCHECKED, NULL, &Mapping));
    CHECK(IsObjectAce(New, 1, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE | INHERIT_ONLY_ACE, 0x2, NULL, &Folder, (PSID)&Admins));
    CHECK(IsObjectAce(New, 2, OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE, 0x4, &Property, &File, (PSID)&Users) && AceOf(New, 3) == NULL);
    RtlDeleteSecurityObject(&New);
    /* A printer that is a folder, too; the creator becomes the owner, generic rights become the printer's. */
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectWithMultipleInheritance(&Parent, &Own, &New, Types, 2, FALSE, UNCHECKED, NULL, &Mapping));
    CHECK(IsObjectAce(New, 1, 0, 0x2, NULL, &Folder, (PSID)&Admins) && IsObjectAce(New, 2, 0, 0x1, NULL, &Printer, &System));
    CHECK(AceOf(New, 3) == NULL);
    RtlDeleteSecurityObject(&New);
}

/* SEF_DEFAULT_DESCRIPTOR_FOR_OBJECT: the creator's list counts only where the parent has nothing for the type. */
static VOID TestTypeDefaults(VOID)
{
    UCHAR Acl[512] __attribute__((aligned(8))), OwnAcl[64] __attribute__((aligned(8)));
    const ULONG Flags = UNCHECKED | SEF_DEFAULT_DESCRIPTOR_FOR_OBJECT;
    SECURITY_DESCRIPTOR Parent, Own;
    PSECURITY_DESCRIPTOR New;

    MakeTypedParent(&Parent, (PACL)Acl, sizeof(Acl));
    RtlCreateSecurityDescriptor(&Own, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Own, &System, FALSE);
    RtlSetGroupSecurityDescriptor(&Own, &System, FALSE);
    RtlCreateAcl((PACL)OwnAcl, sizeof(OwnAcl), ACL_REVISION);
    RtlAddAccessAllowedAce((PACL)OwnAcl, ACL_REVISION, 0x8, &System);
    RtlSetDaclSecurityDescriptor(&Own, TRUE, (PACL)OwnAcl, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, &Folder, FALSE, Flags, NULL, &Mapping));
    CHECK(IsObjectAce(New, 0, 0, 0x1, &Property, NULL, &World) && IsObjectAce(New, 1, 0, 0x2, NULL, &Folder, (PSID)&Admins));
    RtlDeleteSecurityObject(&New);
    CHECK_STATUS(STATUS_SUCCESS, RtlNewSecurityObjectEx(&Parent, &Own, &New, &Property, FALSE, Flags, NULL, &Mapping));
    CHECK(IsAce(AceOf(New, 0), 0, 0x8, &System) && AceOf(New, 1) == NULL);
    RtlDeleteSecurityObject(&New);
}

/* An entry that says that it is longer than it is: refused, not read past. */
static VOID TestBadObjectAce(VOID)
{
    UCHAR Acl[512] __attribute__((aligned(8)));
    SECURITY_DESCRIPTOR Parent;
    PSECURITY_DESCRIPTOR New = NULL;
    PVOID Ace;

    MakeTypedParent(&Parent, (PACL)Acl, sizeof(Acl));
    RtlSetOwnerSecurityDescriptor(&Parent, &System, FALSE);
    RtlSetGroupSecurityDescriptor(&Parent, &System, FALSE);
    RtlGetAce((PACL)Acl, 3, &Ace);
    ((PACE_HEADER)Ace)->AceSize = 16;
    CHECK(!NT_SUCCESS(RtlNewSecurityObjectEx(&Parent, NULL, &New, &File, FALSE,
            UNCHECKED | SEF_DEFAULT_OWNER_FROM_PARENT | SEF_DEFAULT_GROUP_FROM_PARENT, NULL, &Mapping)));
    CHECK(New == NULL);
}

/* --- conversion --------------------------------------------------------------------------------------------------- */

/* Source: ConvertToAutoInheritPrivateObjectSecurity (Win32 documentation). */
static VOID TestConversion(VOID)
{
    UCHAR ParentAcl[512] __attribute__((aligned(8))), OwnAcl[512] __attribute__((aligned(8)));
    SECURITY_DESCRIPTOR Parent, Own;
    SECURITY_DESCRIPTOR_CONTROL Control;
    PSECURITY_DESCRIPTOR New = NULL, Again = NULL;
    ULONG Revision;

    MakeParent(&Parent, (PACL)ParentAcl, sizeof(ParentAcl));
    RtlCreateSecurityDescriptor(&Own, SECURITY_DESCRIPTOR_REVISION);
    RtlCreateAcl((PACL)OwnAcl, sizeof(OwnAcl), ACL_REVISION);
    RtlAddAccessAllowedAce((PACL)OwnAcl, ACL_REVISION, 0x1, (PSID)&Admins);     /* two that equal one of the parent */
    RtlAddAccessAllowedAce((PACL)OwnAcl, ACL_REVISION, 0x8, &World);
    RtlAddAccessAllowedAce((PACL)OwnAcl, ACL_REVISION, 0x2, (PSID)&Admins);
    RtlAddAccessAllowedAce((PACL)OwnAcl, ACL_REVISION, 0x3, (PSID)&Users);      /* more than the parent gives */
    RtlAddAccessDeniedAce((PACL)OwnAcl, ACL_REVISION, 0x1, (PSID)&Users);       /* another kind */
    RtlSetDaclSecurityDescriptor(&Own, TRUE, (PACL)OwnAcl, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlConvertToAutoInheritSecurityObject(&Parent, &Own, &New, NULL, FALSE, &Mapping));
    CHECK(IsAce(AceOf(New, 0), 0, 0x8, &World) && IsAce(AceOf(New, 1), 0, 0x3, &Users));
    CHECK(IsAce(AceOf(New, 2), 0, 0x1, &Users) && AceOf(New, 2)->Header.AceType == ACCESS_DENIED_ACE_TYPE);
    CHECK(IsAce(AceOf(New, 3), INHERITED_ACE, 0x1, &Admins) && IsAce(AceOf(New, 4), INHERITED_ACE, 0x2, &Admins));
    CHECK(AceOf(New, 5) == NULL);
    RtlGetControlSecurityDescriptor(New, &Control, &Revision);
    CHECK((Control & (SE_DACL_AUTO_INHERITED | SE_SACL_AUTO_INHERITED)) == (SE_DACL_AUTO_INHERITED | SE_SACL_AUTO_INHERITED));
    CHECK(!(Control & SE_DACL_PROTECTED));
    /* Once converted, it stays. */
    CHECK_STATUS(STATUS_SUCCESS, RtlConvertToAutoInheritSecurityObject(NULL, New, &Again, NULL, FALSE, &Mapping));
    CHECK(RtlLengthSecurityDescriptor(New) == RtlLengthSecurityDescriptor(Again) &&
          memcmp(New, Again, RtlLengthSecurityDescriptor(New)) == 0);
    RtlDeleteSecurityObject(&Again);
    RtlDeleteSecurityObject(&New);
    /* Without a parent all are the object's own, and the list is protected. */
    CHECK_STATUS(STATUS_SUCCESS, RtlConvertToAutoInheritSecurityObject(NULL, &Own, &New, NULL, FALSE, &Mapping));
    RtlGetControlSecurityDescriptor(New, &Control, &Revision);
    CHECK(Control & SE_DACL_PROTECTED && Control & SE_DACL_AUTO_INHERITED && IsAce(AceOf(New, 0), 0, 0x1, &Admins));
    RtlDeleteSecurityObject(&New);
    /* A container: one entry for it and what is below equals the parent's, one for it alone does not say what is below. */
    RtlCreateAcl((PACL)OwnAcl, sizeof(OwnAcl), ACL_REVISION);
    RtlAddAccessAllowedAceEx((PACL)OwnAcl, ACL_REVISION, OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, 0x3, (PSID)&Admins);
    RtlAddAccessAllowedAceEx((PACL)OwnAcl, ACL_REVISION, CONTAINER_INHERIT_ACE, 0x3, (PSID)&Admins);
    RtlAddAccessAllowedAceEx((PACL)OwnAcl, ACL_REVISION, OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE, 0x1, (PSID)&Users);
    RtlAddAccessAllowedAceEx((PACL)OwnAcl, ACL_REVISION, OBJECT_INHERIT_ACE, 0x1, (PSID)&Users);
    CHECK_STATUS(STATUS_SUCCESS, RtlConvertToAutoInheritSecurityObject(&Parent, &Own, &New, NULL, TRUE, &Mapping));
    CHECK(IsAce(AceOf(New, 0), CONTAINER_INHERIT_ACE, 0x3, &Admins) && IsAce(AceOf(New, 1), OBJECT_INHERIT_ACE, 0x1, &Users));
    CHECK(IsAce(AceOf(New, 2), INHERITED_ACE | OBJECT_INHERIT_ACE | CONTAINER_INHERIT_ACE, 0x3, &Admins));
    CHECK(IsAce(AceOf(New, 3), INHERITED_ACE | OBJECT_INHERIT_ACE | INHERIT_ONLY_ACE, 0x1, &Users) && AceOf(New, 4) == NULL);
    RtlDeleteSecurityObject(&New);
    CHECK_STATUS(STATUS_INVALID_SECURITY_DESCR, RtlConvertToAutoInheritSecurityObject(&Parent, &(SECURITY_DESCRIPTOR){ 9 }, &New, NULL,
                                                                                      FALSE, &Mapping));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlConvertToAutoInheritSecurityObject(&Parent, &Own, &New, NULL, FALSE, NULL));
}

/* --- contexts ---------------------------------------------------------------------------------------------------- */

static VOID TestExtendedContexts(VOID)
{
    static UCHAR Buffer[8192];
    PCONTEXT_EX Ex = NULL;
    ULONG Length = 0;
    PCONTEXT Legacy;

    CHECK_STATUS(STATUS_SUCCESS, RtlGetExtendedContextLength2(CONTEXT_FULL, &Length, ~0ull));
    CHECK(Length == sizeof(CONTEXT) + sizeof(CONTEXT_EX) + 15);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlGetExtendedContextLength2(0, &Length, ~0ull));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlGetExtendedContextLength2(CONTEXT_AMD64 | 0x10000, &Length, ~0ull));
    CHECK_STATUS(STATUS_SUCCESS, RtlInitializeExtendedContext2(Buffer + 1, CONTEXT_FULL, &Ex, ~0ull));
    CHECK(Ex->Legacy.Offset == -(LONG)sizeof(CONTEXT) && Ex->Legacy.Length == sizeof(CONTEXT));
    CHECK(Ex->All.Offset == -(LONG)sizeof(CONTEXT) && Ex->All.Length == sizeof(CONTEXT) + sizeof(CONTEXT_EX));
    CHECK(Ex->XState.Length == 0);
    Legacy = RtlLocateLegacyContext(Ex, &Length);
    CHECK((ULONG_PTR)Legacy % 16 == 0 && (PUCHAR)Legacy > Buffer && Legacy->ContextFlags == CONTEXT_FULL);
    CHECK(Length == sizeof(CONTEXT));
    CHECK(RtlLocateExtendedFeature(Ex, XSTATE_AVX, &Length) == NULL);
    CHECK(RtlGetExtendedFeaturesMask(Ex) == 0);
    if (RtlGetEnabledExtendedFeatures(~0ull) == 0) {
        CHECK_STATUS(STATUS_NOT_SUPPORTED, RtlGetExtendedContextLength2(CONTEXT_AMD64 | 0x40, &Length, ~0ull));
        CHECK_STATUS(STATUS_NOT_SUPPORTED, RtlInitializeExtendedContext2(Buffer, CONTEXT_AMD64 | 0x40, &Ex, ~0ull));
        return;
    }
    CHECK_STATUS(STATUS_SUCCESS, RtlGetExtendedContextLength2(CONTEXT_AMD64 | 0x40, &Length, ~0ull));
    CHECK(Length > sizeof(CONTEXT) + sizeof(CONTEXT_EX) + 15 + 64);
    CHECK_STATUS(STATUS_SUCCESS, RtlInitializeExtendedContext2(Buffer, CONTEXT_AMD64 | 0x40, &Ex, ~0ull));
    CHECK(((ULONG_PTR)Ex + (ULONG_PTR)(LONG_PTR)Ex->XState.Offset) % 64 == 0);
    RtlSetExtendedFeaturesMask(Ex, ~0ull);
    CHECK((RtlGetExtendedFeaturesMask(Ex) & 3) == 0);
}

static VOID TestCopyContext(VOID)
{
    static CONTEXT From, To;

    memset(&From, 0x11, sizeof(From));
    memset(&To, 0x22, sizeof(To));
    From.ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    To.ContextFlags = CONTEXT_AMD64;
    CHECK_STATUS(STATUS_SUCCESS, RtlCopyContext(&To, CONTEXT_INTEGER, &From));
    CHECK(To.Rax == From.Rax && To.R15 == From.R15 && To.Rbp == From.Rbp);
    CHECK(To.Rsp == 0x2222222222222222 && To.Rip == 0x2222222222222222 && To.SegDs == 0x2222);
    CHECK((To.ContextFlags & CONTEXT_INTEGER) == CONTEXT_INTEGER);
    CHECK_STATUS(STATUS_SUCCESS, RtlCopyContext(&To, CONTEXT_CONTROL | CONTEXT_SEGMENTS, &From));
    CHECK(To.Rsp == From.Rsp && To.Rip == From.Rip && To.SegDs == From.SegDs && To.SegCs == From.SegCs);
    CHECK(To.Dr7 == 0x2222222222222222);
    CHECK_STATUS(STATUS_SUCCESS, RtlCopyContext(&To, CONTEXT_DEBUG_REGISTERS, &From));
    CHECK(To.Dr7 == 0x2222222222222222);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCopyContext(&To, 0, &From));
    From.ContextFlags = 0;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCopyContext(&To, CONTEXT_INTEGER, &From));
}

/* --- memory ------------------------------------------------------------------------------------------------------ */

static VOID TestUserStack(VOID)
{
    INITIAL_TEB Stack = { { 0 } };
    MEMORY_BASIC_INFORMATION Info;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserStack(0x4000, 0x40000, 0, 0x1000, 0x10000, &Stack));
    TODO(OnWine, CHECK((PUCHAR)Stack.StackBase - (PUCHAR)Stack.StackAllocationBase == 0x40000));
    CHECK(Stack.StackLimit > Stack.StackAllocationBase && Stack.StackLimit < Stack.StackBase);
    ((volatile UCHAR *)Stack.StackBase)[-1] = 1;
    CHECK(((volatile UCHAR *)Stack.StackBase)[-1] == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(NtCurrentProcess(), (PUCHAR)Stack.StackBase - 1,
            MemoryBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.State == MEM_COMMIT && Info.Protect == PAGE_READWRITE && Info.AllocationBase == Stack.StackAllocationBase);
    RtlFreeUserStack(Stack.StackAllocationBase);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(NtCurrentProcess(), Stack.StackAllocationBase,
            MemoryBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.State == MEM_FREE);
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserStack(0x20000, 0x10000, 0, 1, 1, &Stack));
    CHECK((PUCHAR)Stack.StackBase - (PUCHAR)Stack.StackAllocationBase == 0x100000);
    RtlFreeUserStack(Stack.StackAllocationBase);
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserStack(0, 0, 0, 1, 1, &Stack));
    RtlFreeUserStack(Stack.StackAllocationBase);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCreateUserStack(0x1000, 0x10000, 0, 0, 1, &Stack));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCreateUserStack(0x1000, 0x10000, 0, 1, 0, &Stack));
}

static VOID TestHeapWalk(VOID)
{
    PVOID Heap = RtlCreateHeap(HEAP_GROWABLE, NULL, 0, 0, NULL, NULL), Blocks[4];
    const SIZE_T Sizes[4] = { 24, 5000, 100, 3 * 1024 * 1024 };
    RTL_HEAP_WALK_ENTRY Entry = { 0 };
    ULONG Found = 0, Regions = 0, Busy = 0, Turns = 0;
    NTSTATUS Status;

    for (ULONG Index = 0; Index < 4; Index++)
        Blocks[Index] = RtlAllocateHeap(Heap, 0, Sizes[Index]);
    while ((Status = RtlWalkHeap(Heap, &Entry)) == STATUS_SUCCESS && Turns++ < 1000) {
        Regions += (Entry.Flags & RTL_HEAP_WALK_SEGMENT) != 0;
        Busy += (Entry.Flags & RTL_HEAP_WALK_BUSY) != 0;
        for (ULONG Index = 0; Index < 4; Index++)
            if (Entry.DataAddress == Blocks[Index] && Entry.Flags & RTL_HEAP_WALK_BUSY && Entry.DataSize == Sizes[Index])
                Found |= 1u << Index;
    }
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES, Status);
    CHECK(Found == 15);
    CHECK(Regions >= 1 && Busy >= 4);
    if (!IsWine) {
        RtlFreeHeap(Heap, 0, Blocks[1]);
        for (Entry.DataAddress = NULL, Entry.Flags = 0, Found = 0; RtlWalkHeap(Heap, &Entry) == STATUS_SUCCESS;)
            Found |= Entry.DataAddress == Blocks[1] && Entry.Flags & RTL_HEAP_WALK_BUSY;
        CHECK(Found == 0);
        Entry.DataAddress = &Entry;
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlWalkHeap(Heap, &Entry));
    }
    RtlDestroyHeap(Heap);
}

/* --- the rest ---------------------------------------------------------------------------------------------------- */

static VOID TestWow64(VOID)
{
    USHORT Current = 9, Native = 9;
    UCHAR Context[1024];

    CHECK_STATUS(STATUS_NOT_IMPLEMENTED, RtlWow64EnableFsRedirection(TRUE));
    CHECK_STATUS(STATUS_NOT_IMPLEMENTED, RtlWow64EnableFsRedirectionEx(1, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlWow64GetProcessMachines(NtCurrentProcess(), &Current, &Native));
    CHECK(Current == IMAGE_FILE_MACHINE_UNKNOWN && Native == IMAGE_FILE_MACHINE_AMD64);
    CHECK_STATUS(STATUS_INVALID_HANDLE, RtlWow64GetProcessMachines((HANDLE)0xdeadbee0, &Current, &Native));
    if (!IsWine) {
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlWow64GetThreadContext(NtCurrentThread(), Context));
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlWow64SetThreadContext(NtCurrentThread(), Context));
        CHECK_STATUS(STATUS_INVALID_HANDLE, RtlWow64GetThreadContext((HANDLE)0xdeadbee0, Context));
    }
}

static VOID TestImpersonateSelf(VOID)
{
    TOKEN_STATISTICS Statistics;
    HANDLE Token = NULL, None = NULL;
    ULONG Length;

    CHECK_STATUS(STATUS_NO_TOKEN, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    CHECK_STATUS(STATUS_SUCCESS, RtlImpersonateSelf(SecurityImpersonation));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenStatistics, &Statistics, sizeof(Statistics), &Length));
    CHECK(Statistics.TokenType == TokenImpersonation && Statistics.ImpersonationLevel == SecurityImpersonation);
    NtClose(Token);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &None, sizeof(None)));
    CHECK_STATUS(STATUS_NO_TOKEN, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Token));
}

int wmain(int argc, WCHAR **argv)
{
    HANDLE Token = NULL;

    CheckSystem();
    if (!IsWine) {          /* Wine has no entries for object types, and makes no private descriptors */
        TestObjectAces();
        CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY, &Token));
        TestDefaults(Token);
        TestInheritance();
        TestChecks(Token);
        TestTypedInheritance();
        TestTypeDefaults();
        TestBadObjectAce();
        TestConversion();
        NtClose(Token);
    }
    TestExtendedContexts();
    if (!IsWine)            /* Wine reads a CONTEXT_EX behind each */
        TestCopyContext();
    TestUserStack();
    TestHeapWalk();
    TestWow64();
    TestImpersonateSelf();
    return CheckClose();
}
