/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The descriptors of new objects: what their makers leave out, whom they may make owner, labels and audit lists apart.
 *
 * Source: Microsoft, "DACL for a New Object", "Owner of a New Object", "SECURITY_INFORMATION" (rights and privileges of each part),
 * "Mandatory Integrity Control", NTSTATUS values STATUS_INVALID_OWNER, STATUS_INVALID_LABEL.
 * DIFFERS: Wine checks neither owners nor labels nor SeSecurityPrivilege for a new object's SACL, and takes the SACL for one part.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "resources.h"

#define SELF NtCurrentProcess()
#define ALL_PARTS (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION)
#define LABELLED(Rid) { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { Rid } }

typedef union _DESCRIPTOR {
    SECURITY_DESCRIPTOR Absolute;
    UCHAR Bytes[512];
} DESCRIPTOR, *PDESCRIPTOR;

static SID Everyone = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID LocalService = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SERVICE_RID } };
static SID Low = LABELLED(SECURITY_MANDATORY_LOW_RID), Protected = LABELLED(SECURITY_MANDATORY_PROTECTED_PROCESS_RID);
static ULONG64 ListRoom[32];
static PACL List = (PACL)ListRoom;

static BOOLEAN SetPrivilege(ULONG Privilege, BOOLEAN Enable)
{
    TOKEN_PRIVILEGES New = { 1, { { { Privilege, 0 }, Enable ? SE_PRIVILEGE_ENABLED : 0 } } };
    NTSTATUS Status;
    HANDLE Token;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(SELF, TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &Token));
    Status = NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL);
    NtClose(Token);
    return Status == STATUS_SUCCESS;
}

static VOID Begin(PDESCRIPTOR Descriptor, PSID Owner, PACL Dacl)
{
    RtlCreateSecurityDescriptor(Descriptor, SECURITY_DESCRIPTOR_REVISION);
    if (Owner != NULL)
        RtlSetOwnerSecurityDescriptor(Descriptor, Owner, FALSE);
    if (Dacl != NULL)
        RtlSetDaclSecurityDescriptor(Descriptor, TRUE, Dacl, FALSE);
}

static NTSTATUS MakeEvent(PDESCRIPTOR Descriptor, ACCESS_MASK Access, PHANDLE Event)
{
    OBJECT_ATTRIBUTES Attributes;

    InitializeObjectAttributes(&Attributes, NULL, 0, NULL, Descriptor);
    *Event = NULL;
    return NtCreateEvent(Event, Access, &Attributes, NotificationEvent, FALSE);
}

/* The object's parts, self-relative. */
static BOOLEAN Query(HANDLE Object, SECURITY_INFORMATION Information, PDESCRIPTOR Parts)
{
    ULONG Length;

    memset(Parts, 0, sizeof(*Parts));
    return CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Object, Information, Parts, sizeof(*Parts), &Length));
}

static PACL DaclOf(PDESCRIPTOR Parts)
{
    BOOLEAN Present = FALSE, Defaulted;
    PACL Dacl = NULL;

    RtlGetDaclSecurityDescriptor(Parts, &Present, &Dacl, &Defaulted);
    return Present ? Dacl : NULL;
}

static PACL SaclOf(PDESCRIPTOR Parts)
{
    BOOLEAN Present = FALSE, Defaulted;
    PACL Sacl = NULL;

    RtlGetSaclSecurityDescriptor(Parts, &Present, &Sacl, &Defaulted);
    return Present ? Sacl : NULL;
}

static PSID OwnerOf(PDESCRIPTOR Parts)
{
    BOOLEAN Defaulted;
    PSID Owner = NULL;

    RtlGetOwnerSecurityDescriptor(Parts, &Owner, &Defaulted);
    return Owner;
}

static PSID GroupOf(PDESCRIPTOR Parts)
{
    BOOLEAN Defaulted;
    PSID Group = NULL;

    RtlGetGroupSecurityDescriptor(Parts, &Group, &Defaulted);
    return Group;
}

/* A descriptor without owner, group and DACL describes nothing of them: the token's stand in. */
static VOID TestWhatIsLeftOut(VOID)
{
    DESCRIPTOR Empty, OnlyList, Parts, Plain;
    HANDLE Event;

    Begin(&Empty, NULL, NULL);
    RtlCreateAcl(List, sizeof(ListRoom), ACL_REVISION);
    RtlAddAccessAllowedAce(List, ACL_REVISION, EVENT_QUERY_STATE, &Everyone);
    Begin(&OnlyList, NULL, List);
    if (CHECK_STATUS(STATUS_SUCCESS, MakeEvent(&OnlyList, EVENT_ALL_ACCESS, &Event)) && Query(Event, ALL_PARTS, &Plain)) {
        CHECK(OwnerOf(&Plain) != NULL);
        CHECK(GroupOf(&Plain) != NULL);
        CHECK(DaclOf(&Plain) != NULL && DaclOf(&Plain)->AceCount == 1);
        NtClose(Event);
    }
    if (CHECK_STATUS(STATUS_SUCCESS, MakeEvent(&Empty, EVENT_ALL_ACCESS, &Event)) && Query(Event, ALL_PARTS, &Parts)) {
        CHECK(OwnerOf(&Parts) != NULL && RtlEqualSid(OwnerOf(&Parts), OwnerOf(&Plain)));
        CHECK(GroupOf(&Parts) != NULL && RtlEqualSid(GroupOf(&Parts), GroupOf(&Plain)));
        CHECK(DaclOf(&Parts) != NULL && DaclOf(&Parts)->AceCount != 0);
        NtClose(Event);
    }
}

static NTSTATUS SetOwner(HANDLE Event, PSID Owner)
{
    DESCRIPTOR Descriptor;

    Begin(&Descriptor, Owner, NULL);
    return NtSetSecurityObject(Event, OWNER_SECURITY_INFORMATION, &Descriptor);
}

static VOID TestOwners(VOID)
{
    DESCRIPTOR Descriptor, Parts;
    HANDLE Event, Other;

    if (!CHECK_STATUS(STATUS_SUCCESS, MakeEvent(NULL, EVENT_ALL_ACCESS, &Event)))
        return;
    Begin(&Descriptor, &LocalService, NULL);
    SetPrivilege(SE_RESTORE_PRIVILEGE, FALSE);
    CHECK_STATUS(IsWine ? STATUS_SUCCESS : STATUS_INVALID_OWNER, SetOwner(Event, &LocalService));
    CHECK_STATUS(IsWine ? STATUS_SUCCESS : STATUS_INVALID_OWNER, MakeEvent(&Descriptor, EVENT_ALL_ACCESS, &Other));
    NtClose(Event);
    if (Other != NULL)
        NtClose(Other);
    if (!SetPrivilege(SE_RESTORE_PRIVILEGE, TRUE))
        return;
    if (CHECK_STATUS(STATUS_SUCCESS, MakeEvent(&Descriptor, EVENT_ALL_ACCESS, &Event)) &&
        Query(Event, OWNER_SECURITY_INFORMATION, &Parts))
        CHECK(OwnerOf(&Parts) != NULL && RtlEqualSid(OwnerOf(&Parts), &LocalService));
    SetPrivilege(SE_RESTORE_PRIVILEGE, FALSE);
    NtClose(Event);
}

/* The thread acts with a copy of the process' token, as far as Level. */
static BOOLEAN ActAs(SECURITY_IMPERSONATION_LEVEL Level)
{
    SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), Level, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .SecurityQualityOfService = &Qos };
    HANDLE Token, Copy = NULL;
    BOOLEAN Good;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(SELF, TOKEN_DUPLICATE, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Token, TOKEN_IMPERSONATE | TOKEN_QUERY, &Attributes, FALSE, TokenImpersonation, &Copy));
    Good = CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Copy, sizeof(Copy)));
    NtClose(Copy);
    NtClose(Token);
    return Good;
}

/* Who may only be identified lends neither his privileges nor his name. */
static VOID TestIdentified(VOID)
{
    DESCRIPTOR Descriptor;
    HANDLE Event, None = NULL;

    Begin(&Descriptor, &LocalService, NULL);
    if (IsWine || !SetPrivilege(SE_RESTORE_PRIVILEGE, TRUE))
        return;
    for (ULONG Level = SecurityIdentification; Level <= SecurityImpersonation; Level++) {
        if (!ActAs(Level))
            continue;
        CHECK_STATUS(Level == SecurityImpersonation ? STATUS_SUCCESS : STATUS_INVALID_OWNER,
                     MakeEvent(&Descriptor, EVENT_ALL_ACCESS, &Event));
        CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &None, sizeof(None)));
        if (Event != NULL)
            NtClose(Event);
    }
    SetPrivilege(SE_RESTORE_PRIVILEGE, FALSE);
}

/* A list with a label for Level, if there is one, and an audit entry, if Audit. */
static PACL MakeSacl(PSID Level, BOOLEAN Audit)
{
    struct {
        ACE_HEADER Header;
        ACCESS_MASK Mask;
        SID Sid;
    } Label = { { SYSTEM_MANDATORY_LABEL_ACE_TYPE, 0, sizeof(Label) }, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP, { 0 } };

    RtlCreateAcl(List, sizeof(ListRoom), ACL_REVISION);
    if (Level != NULL) {
        Label.Sid = *(SID *)Level;
        RtlAddAce(List, ACL_REVISION, MAXDWORD, &Label, sizeof(Label));
    }
    if (Audit)
        RtlAddAuditAccessAce(List, ACL_REVISION, EVENT_MODIFY_STATE, &Everyone, TRUE, TRUE);
    return List;
}

static NTSTATUS SetSacl(HANDLE Event, SECURITY_INFORMATION Information, PACL Sacl)
{
    DESCRIPTOR Descriptor;

    Begin(&Descriptor, NULL, NULL);
    RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, Sacl, FALSE);
    return NtSetSecurityObject(Event, Information, &Descriptor);
}

/* How many entries of the kind the part of the object's SACL has; on Nereid all of them are of that kind. */
static ULONG CountAces(HANDLE Event, SECURITY_INFORMATION Information, UCHAR Type)
{
    DESCRIPTOR Parts;
    PACE_HEADER Ace;
    ULONG Count = 0;
    PACL Sacl;

    if (!Query(Event, Information, &Parts) || (Sacl = SaclOf(&Parts)) == NULL)
        return 0;
    for (ULONG i = 0; i < Sacl->AceCount; i++)
        if (CHECK(NT_SUCCESS(RtlGetAce(Sacl, i, (PVOID *)&Ace))) && (IsWine || CHECK(Ace->AceType == Type)))
            Count += Ace->AceType == Type;
    return Count;
}

/* Each part changes and shows what is its own. */
static VOID TestPartsOfTheSacl(VOID)
{
    HANDLE Event;

    if (!SetPrivilege(SE_SECURITY_PRIVILEGE, TRUE) ||
        !CHECK_STATUS(STATUS_SUCCESS, MakeEvent(NULL, EVENT_ALL_ACCESS | ACCESS_SYSTEM_SECURITY, &Event)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, SetSacl(Event, SACL_SECURITY_INFORMATION, MakeSacl(NULL, TRUE)));
    CHECK_STATUS(STATUS_SUCCESS, SetSacl(Event, LABEL_SECURITY_INFORMATION, MakeSacl(&Low, FALSE)));
    CHECK(CountAces(Event, SACL_SECURITY_INFORMATION, SYSTEM_AUDIT_ACE_TYPE) == 1);
    CHECK(CountAces(Event, LABEL_SECURITY_INFORMATION, SYSTEM_MANDATORY_LABEL_ACE_TYPE) == 1);
    CHECK_STATUS(STATUS_SUCCESS, SetSacl(Event, SACL_SECURITY_INFORMATION, MakeSacl(NULL, FALSE)));
    CHECK(CountAces(Event, SACL_SECURITY_INFORMATION, SYSTEM_AUDIT_ACE_TYPE) == 0);
    CHECK(CountAces(Event, LABEL_SECURITY_INFORMATION, SYSTEM_MANDATORY_LABEL_ACE_TYPE) == (IsWine ? 0 : 1));
    /* What else stands in the list of a label is not set: WRITE_OWNER is no right to audit. */
    CHECK_STATUS(STATUS_SUCCESS, SetSacl(Event, LABEL_SECURITY_INFORMATION, MakeSacl(&Low, TRUE)));
    CHECK(CountAces(Event, SACL_SECURITY_INFORMATION, SYSTEM_AUDIT_ACE_TYPE) == 0);
    NtClose(Event);
    SetPrivilege(SE_SECURITY_PRIVILEGE, FALSE);
}

/* Attributes and the name of a policy are parts of their own, and protection is said beside the parts. */
static VOID TestMoreParts(VOID)
{
    struct { ACE_HEADER Header; ACCESS_MASK Mask; SID Sid; ULONG Data[8]; } Attribute = {
        { SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE, 0, sizeof(Attribute) }, 0, Everyone, { 0 } };
    struct { ACE_HEADER Header; ACCESS_MASK Mask; SID Sid; } Scope = {
        { SYSTEM_SCOPED_POLICY_ID_ACE_TYPE, 0, sizeof(Scope) }, 0, { SID_REVISION, 1, { { 0, 0, 0, 0, 0, 17 } }, { 0 } } };
    DESCRIPTOR Descriptor, Parts;
    HANDLE Event;

    SetPrivilege(SE_SECURITY_PRIVILEGE, TRUE);
    if (!CHECK_STATUS(STATUS_SUCCESS, MakeEvent(NULL, EVENT_ALL_ACCESS | ACCESS_SYSTEM_SECURITY, &Event)))
        return;
    MakeSacl(&Low, TRUE);
    RtlAddAce(List, ACL_REVISION, MAXDWORD, &Attribute, sizeof(Attribute));
    RtlAddAce(List, ACL_REVISION, MAXDWORD, &Scope, sizeof(Scope));
    CHECK_STATUS(STATUS_SUCCESS, SetSacl(Event, ATTRIBUTE_SECURITY_INFORMATION, List));
    CHECK(CountAces(Event, ATTRIBUTE_SECURITY_INFORMATION, SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE) == 1);
    CHECK(CountAces(Event, BACKUP_SECURITY_INFORMATION, SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE) == 1);
    CHECK_STATUS(STATUS_SUCCESS, SetSacl(Event, SCOPE_SECURITY_INFORMATION, List));
    CHECK(CountAces(Event, SCOPE_SECURITY_INFORMATION, SYSTEM_SCOPED_POLICY_ID_ACE_TYPE) == 1);
    CHECK(CountAces(Event, ATTRIBUTE_SECURITY_INFORMATION, SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE) == 1);
    CHECK(CountAces(Event, SACL_SECURITY_INFORMATION, SYSTEM_AUDIT_ACE_TYPE) == 0);
    CHECK(CountAces(Event, LABEL_SECURITY_INFORMATION, SYSTEM_MANDATORY_LABEL_ACE_TYPE) == 0);
    Begin(&Descriptor, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Event, PROTECTED_DACL_SECURITY_INFORMATION, &Descriptor));
    CHECK(Query(Event, DACL_SECURITY_INFORMATION, &Parts) && Parts.Absolute.Control & SE_DACL_PROTECTED);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Event, UNPROTECTED_DACL_SECURITY_INFORMATION, &Descriptor));
    CHECK(Query(Event, DACL_SECURITY_INFORMATION, &Parts) && !(Parts.Absolute.Control & SE_DACL_PROTECTED));
    NtClose(Event);
    SetPrivilege(SE_SECURITY_PRIVILEGE, FALSE);
}

/* Each part asks for its right, and with all others it is not told or changed. */
static VOID TestRightsOfParts(VOID)
{
    static const struct { SECURITY_INFORMATION Part; ACCESS_MASK Query, Set; } Rows[] = {
        { OWNER_SECURITY_INFORMATION, READ_CONTROL, WRITE_OWNER },
        { GROUP_SECURITY_INFORMATION, READ_CONTROL, WRITE_OWNER },
        { DACL_SECURITY_INFORMATION, READ_CONTROL, WRITE_DAC },
        { SACL_SECURITY_INFORMATION, ACCESS_SYSTEM_SECURITY, ACCESS_SYSTEM_SECURITY },
        { LABEL_SECURITY_INFORMATION, READ_CONTROL, WRITE_OWNER },
        { ATTRIBUTE_SECURITY_INFORMATION, READ_CONTROL, WRITE_DAC },
        { SCOPE_SECURITY_INFORMATION, READ_CONTROL, ACCESS_SYSTEM_SECURITY },
        { BACKUP_SECURITY_INFORMATION, READ_CONTROL | ACCESS_SYSTEM_SECURITY, WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY },
        { PROTECTED_DACL_SECURITY_INFORMATION, 0, WRITE_DAC },
        { UNPROTECTED_DACL_SECURITY_INFORMATION, 0, WRITE_DAC },
        { PROTECTED_SACL_SECURITY_INFORMATION, 0, ACCESS_SYSTEM_SECURITY },
        { UNPROTECTED_SACL_SECURITY_INFORMATION, 0, ACCESS_SYSTEM_SECURITY },
    };
    static const ACCESS_MASK Rights[] = { READ_CONTROL, WRITE_DAC, WRITE_OWNER, ACCESS_SYSTEM_SECURITY };
    const ACCESS_MASK All = READ_CONTROL | WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY | EVENT_MODIFY_STATE;
    DESCRIPTOR Whole, Parts;
    HANDLE Event;
    ULONG Length;

    SetPrivilege(SE_SECURITY_PRIVILEGE, TRUE);
    RtlCreateAcl(List, sizeof(ListRoom), ACL_REVISION);
    RtlAddAccessAllowedAce(List, ACL_REVISION, EVENT_ALL_ACCESS, &Everyone);
    Begin(&Whole, NULL, List);
    if (!CHECK_STATUS(STATUS_SUCCESS, MakeEvent(&Whole, All, &Event)) || !CHECK(Query(Event, ALL_PARTS, &Whole)))
        return;
    for (ULONG i = 0; i < RTL_NUMBER_OF(Rows); i++) {
        for (ULONG k = 0; k < RTL_NUMBER_OF(Rights); k++) {
            HANDLE Less = NULL;

            CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, Event, SELF, &Less, All & ~Rights[k], 0, 0));
            CHECK_STATUS(Rows[i].Query & Rights[k] ? STATUS_ACCESS_DENIED : STATUS_SUCCESS,
                         NtQuerySecurityObject(Less, Rows[i].Part, &Parts, sizeof(Parts), &Length));
            CHECK_STATUS(Rows[i].Set & Rights[k] ? STATUS_ACCESS_DENIED : STATUS_SUCCESS,
                         NtSetSecurityObject(Less, Rows[i].Part, &Whole));
            NtClose(Less);
        }
    }
    NtClose(Event);
    SetPrivilege(SE_SECURITY_PRIVILEGE, FALSE);
}

static VOID TestLabels(VOID)
{
    DESCRIPTOR Descriptor;
    HANDLE Event, Other;

    SetPrivilege(SE_RELABEL_PRIVILEGE, FALSE);
    if (!CHECK_STATUS(STATUS_SUCCESS, MakeEvent(NULL, EVENT_ALL_ACCESS, &Event)))
        return;
    CHECK_STATUS(IsWine ? STATUS_SUCCESS : STATUS_INVALID_LABEL, SetSacl(Event, LABEL_SECURITY_INFORMATION, MakeSacl(&Protected, FALSE)));
    CHECK_STATUS(IsWine ? STATUS_SUCCESS : STATUS_INVALID_LABEL, SetSacl(Event, LABEL_SECURITY_INFORMATION, MakeSacl(&Everyone, FALSE)));
    CHECK_STATUS(STATUS_SUCCESS, SetSacl(Event, LABEL_SECURITY_INFORMATION, MakeSacl(&Low, FALSE)));
    NtClose(Event);
    Begin(&Descriptor, NULL, NULL);
    RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, MakeSacl(&Protected, FALSE), FALSE);
    CHECK_STATUS(IsWine ? STATUS_SUCCESS : STATUS_INVALID_LABEL, MakeEvent(&Descriptor, EVENT_ALL_ACCESS, &Other));
    if (Other != NULL)
        NtClose(Other);
}

static NTSTATUS MakeWithSacl(PSID Level, BOOLEAN Audit)
{
    DESCRIPTOR Descriptor;
    NTSTATUS Status;
    HANDLE Event;

    Begin(&Descriptor, NULL, NULL);
    RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, MakeSacl(Level, Audit), FALSE);
    Status = MakeEvent(&Descriptor, EVENT_ALL_ACCESS, &Event);
    if (NT_SUCCESS(Status))
        NtClose(Event);
    return Status;
}

static VOID TestNewSacl(VOID)
{
    SetPrivilege(SE_SECURITY_PRIVILEGE, FALSE);
    CHECK_STATUS(IsWine ? STATUS_SUCCESS : STATUS_PRIVILEGE_NOT_HELD, MakeWithSacl(NULL, TRUE));
    CHECK_STATUS(IsWine ? STATUS_SUCCESS : STATUS_PRIVILEGE_NOT_HELD, MakeWithSacl(&Low, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, MakeWithSacl(&Low, FALSE));
    if (!SetPrivilege(SE_SECURITY_PRIVILEGE, TRUE))
        return;
    CHECK_STATUS(STATUS_SUCCESS, MakeWithSacl(&Low, TRUE));
    SetPrivilege(SE_SECURITY_PRIVILEGE, FALSE);
}

/* A file and a key take the DACL that is left out from where they are made. */
static VOID TestFilesAndKeys(VOID)
{
    UNICODE_STRING FileName = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\assign-test");
    UNICODE_STRING KeyName = RTL_CONSTANT_UNICODE_STRING(L"\\Registry\\Machine\\Software\\assign-test");
    DESCRIPTOR Descriptor, Parts;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Handle;

    Begin(&Descriptor, NULL, NULL);
    InitializeObjectAttributes(&Attributes, &FileName, OBJ_CASE_INSENSITIVE, NULL, &Descriptor);
    if (CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&Handle, FILE_GENERIC_READ | DELETE, &Attributes, &IoStatus, NULL, 0, 0, FILE_OPEN_IF,
                                                  FILE_DELETE_ON_CLOSE, NULL, 0))) {
        if (Query(Handle, ALL_PARTS, &Parts))
            CHECK(OwnerOf(&Parts) != NULL && DaclOf(&Parts) != NULL);
        NtClose(Handle);
    }
    InitializeObjectAttributes(&Attributes, &KeyName, OBJ_CASE_INSENSITIVE, NULL, &Descriptor);
    if (CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Handle, KEY_ALL_ACCESS, &Attributes, 0, NULL, REG_OPTION_VOLATILE, NULL))) {
        if (Query(Handle, ALL_PARTS, &Parts))
            CHECK(OwnerOf(&Parts) != NULL && DaclOf(&Parts) != NULL);
        NtDeleteKey(Handle);
        NtClose(Handle);
    }
}

/* Setting no part needs no right, and makes no descriptor of the object's own. */
static VOID TestNoPart(VOID)
{
    static POOL_TAGS Before, After;
    const ULONG DescriptorTag = 'dSeS';
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE Event = NULL;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, SYNCHRONIZE, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, QueryPoolTags(&Before));
    CHECK(PoolBlocksOf(&Before, DescriptorTag) != 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Event, 0, &Descriptor));
    CHECK_STATUS(STATUS_SUCCESS, QueryPoolTags(&After));
    CHECK(PoolBlocksOf(&After, DescriptorTag) == PoolBlocksOf(&Before, DescriptorTag));
    NtClose(Event);
}

int wmain(int Count, PWSTR *Arguments)
{
    CheckSystem();
    TestWhatIsLeftOut();
    TestOwners();
    TestIdentified();
    TestPartsOfTheSacl();
    if (!IsWine)                        /* which does not know these parts */
        TestMoreParts(), TestRightsOfParts();
    TestLabels();
    TestNewSacl();
    TestFilesAndKeys();
    if (!IsWine)                        /* which has no pool */
        TestNoPart();
    return CheckClose();
}
