/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What keys and files inherit: entries for containers and for others, creators, protection, what the maker gives beside them, the token's
 * default where nothing is inherited.  The label of what is made below medium integrity, and of processes and threads.
 *
 * Source: Microsoft, "DACL for a New Object", "ACE Inheritance Rules", "Owner of a New Object", "Mandatory Integrity Control".
 *
 * Runs on: Nereid.  (Wine's keys and files inherit nothing.)
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define PARENT L"\\Registry\\Machine\\Software\\InheritTest"
#define DIRECTORY L"\\??\\C:\\temp\\inherit-test"
#define OI OBJECT_INHERIT_ACE
#define CI CONTAINER_INHERIT_ACE
#define IO INHERIT_ONLY_ACE
#define NP NO_PROPAGATE_INHERIT_ACE
#define ID INHERITED_ACE

typedef union _DESCRIPTOR {
    SECURITY_DESCRIPTOR Absolute;
    UCHAR Bytes[1024];
} DESCRIPTOR, *PDESCRIPTOR;

/* An entry that is expected; Sid NULL ends a list. */
typedef struct _ENTRY {
    PSID Sid;
    UCHAR Type, Flags;
    ACCESS_MASK Mask;
} ENTRY;

static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID Nobody = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { 12345 } };
static SID CreatorOwner = { SID_REVISION, 1, SECURITY_CREATOR_SID_AUTHORITY, { SECURITY_CREATOR_OWNER_RID } };
static SID CreatorGroup = { SID_REVISION, 1, SECURITY_CREATOR_SID_AUTHORITY, { SECURITY_CREATOR_GROUP_RID } };
static SID Low = { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { SECURITY_MANDATORY_LOW_RID } };
static union { TOKEN_OWNER Value; UCHAR Bytes[128]; } Owner;
static union { TOKEN_PRIMARY_GROUP Value; UCHAR Bytes[128]; } Group;
static union { TOKEN_DEFAULT_DACL Value; UCHAR Bytes[512]; } Default;
static ULONG ListRoom[128];
static PACL List = (PACL)ListRoom;
static UNICODE_STRING Name;
static OBJECT_ATTRIBUTES Attributes;

static POBJECT_ATTRIBUTES Named(PCWSTR Text, HANDLE Root, PDESCRIPTOR Descriptor)
{
    RtlInitUnicodeString(&Name, Text);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, Root, Descriptor);
    return &Attributes;
}

/* A descriptor with these entries. */
static VOID Describe(PDESCRIPTOR Descriptor, const ENTRY *Entries, SECURITY_DESCRIPTOR_CONTROL Control)
{
    RtlCreateAcl(List, sizeof(ListRoom), ACL_REVISION);
    for (; Entries->Sid != NULL; Entries++)
        if (Entries->Type == ACCESS_DENIED_ACE_TYPE)
            RtlAddAccessDeniedAceEx(List, ACL_REVISION, Entries->Flags, Entries->Mask, Entries->Sid);
        else
            RtlAddAccessAllowedAceEx(List, ACL_REVISION, Entries->Flags, Entries->Mask, Entries->Sid);
    RtlCreateSecurityDescriptor(Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(Descriptor, TRUE, List, FALSE);
    RtlSetControlSecurityDescriptor(Descriptor, Control, Control);
}

static PACL DaclOf(HANDLE Object, PDESCRIPTOR Parts)
{
    BOOLEAN Present = FALSE, Defaulted;
    PACL Dacl = NULL;
    ULONG Length;

    memset(Parts, 0, sizeof(*Parts));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Object, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION |
                                                       DACL_SECURITY_INFORMATION, Parts, sizeof(*Parts), &Length));
    RtlGetDaclSecurityDescriptor(Parts, &Present, &Dacl, &Defaulted);
    return Present ? Dacl : NULL;
}

/* The object has just these entries, and the token's owner and group. */
static VOID Expect(HANDLE Object, const ENTRY *Entries)
{
    DESCRIPTOR Parts;
    PACL Dacl = DaclOf(Object, &Parts);
    ACCESS_ALLOWED_ACE *Ace;
    BOOLEAN Defaulted;
    ULONG Count = 0;
    PSID Sid;

    for (; Entries[Count].Sid != NULL; Count++) {
        const ENTRY *Wanted = &Entries[Count];

        if (!CHECK(Dacl != NULL && NT_SUCCESS(RtlGetAce(Dacl, Count, (PVOID *)&Ace))))
            return;
        if (!CHECK(Ace->Header.AceType == Wanted->Type && Ace->Header.AceFlags == Wanted->Flags && Ace->Mask == Wanted->Mask &&
                   RtlEqualSid(&Ace->SidStart, Wanted->Sid)))
            Print(L"    entry %u: type %u, flags 0x%X, mask 0x%X\n", Count, Ace->Header.AceType, Ace->Header.AceFlags, Ace->Mask);
    }
    CHECK(Dacl != NULL && Dacl->AceCount == Count);
    CHECK(NT_SUCCESS(RtlGetOwnerSecurityDescriptor(&Parts, &Sid, &Defaulted)) && RtlEqualSid(Sid, Owner.Value.Owner));
    CHECK(NT_SUCCESS(RtlGetGroupSecurityDescriptor(&Parts, &Sid, &Defaulted)) && RtlEqualSid(Sid, Group.Value.PrimaryGroup));
}

static HANDLE MakeKey(HANDLE Root, PCWSTR Text, PDESCRIPTOR Descriptor)
{
    HANDLE Key = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, Named(Text, Root, Descriptor), 0, NULL, REG_OPTION_VOLATILE, NULL));
    return Key;
}

static VOID DropKey(HANDLE Key)
{
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    NtClose(Key);
}

static const ENTRY ParentEntries[] = {
    { &World, ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_ALL },
    { &CreatorOwner, ACCESS_ALLOWED_ACE_TYPE, CI | IO, GENERIC_ALL },
    { &CreatorGroup, ACCESS_ALLOWED_ACE_TYPE, CI | IO | NP, KEY_NOTIFY },
    { &World, ACCESS_ALLOWED_ACE_TYPE, CI | IO, GENERIC_READ },
    { &World, ACCESS_ALLOWED_ACE_TYPE, CI, KEY_SET_VALUE },
    { &Nobody, ACCESS_ALLOWED_ACE_TYPE, CI | NP, KEY_CREATE_LINK },
    { &Nobody, ACCESS_DENIED_ACE_TYPE, OI, DELETE },
    { NULL },
};

static VOID TestKeys(VOID)
{
    const ENTRY Child[] = {
        { Owner.Value.Owner, ACCESS_ALLOWED_ACE_TYPE, ID, KEY_ALL_ACCESS },
        { &CreatorOwner, ACCESS_ALLOWED_ACE_TYPE, CI | IO | ID, GENERIC_ALL },
        { Group.Value.PrimaryGroup, ACCESS_ALLOWED_ACE_TYPE, ID, KEY_NOTIFY },
        { &World, ACCESS_ALLOWED_ACE_TYPE, ID, KEY_READ },
        { &World, ACCESS_ALLOWED_ACE_TYPE, CI | IO | ID, GENERIC_READ },
        { &World, ACCESS_ALLOWED_ACE_TYPE, CI | ID, KEY_SET_VALUE },
        { &Nobody, ACCESS_ALLOWED_ACE_TYPE, ID, KEY_CREATE_LINK },
        { &Nobody, ACCESS_DENIED_ACE_TYPE, OI | IO | ID, DELETE },
        { NULL },
    };
    const ENTRY Below[] = { Child[0], Child[1], Child[3], Child[4], Child[5], Child[7], { NULL } };
    const ENTRY Own[] = {
        { &Nobody, ACCESS_ALLOWED_ACE_TYPE, 0, KEY_QUERY_VALUE },
        { &CreatorOwner, ACCESS_ALLOWED_ACE_TYPE, 0, GENERIC_WRITE },
        { NULL },
    };
    const ENTRY OwnAs[] = { Own[0], { Owner.Value.Owner, ACCESS_ALLOWED_ACE_TYPE, 0, KEY_WRITE }, { NULL } };
    const ENTRY Merged[] = { OwnAs[0], OwnAs[1], Below[0], Below[1], Below[2], Below[3], Below[4], Below[5], { NULL } };
    DESCRIPTOR Descriptor, Parts;
    HANDLE Parent, Key, Sibling, Deep, Given;

    Describe(&Descriptor, ParentEntries, SE_DACL_PROTECTED);
    Parent = MakeKey(NULL, PARENT, &Descriptor);
    Key = MakeKey(Parent, L"Child", NULL);
    Expect(Key, Child);
    DaclOf(Key, &Parts);
    CHECK(Parts.Absolute.Control & SE_DACL_AUTO_INHERITED && !(Parts.Absolute.Control & SE_DACL_PROTECTED));
    Sibling = MakeKey(Parent, L"Sibling", NULL);
    Expect(Sibling, Child);
    Deep = MakeKey(Key, L"Deep", NULL);
    Expect(Deep, Below);
    Describe(&Descriptor, Own, 0);
    Given = MakeKey(Key, L"Given", &Descriptor);
    Expect(Given, Merged);
    DropKey(Given);
    Describe(&Descriptor, Own, SE_DACL_PROTECTED);
    Given = MakeKey(Key, L"Given", &Descriptor);
    Expect(Given, OwnAs);
    /* Of a parent that hands on nothing: the token's default. */
    DropKey(Deep);
    Deep = MakeKey(Given, L"Deep", NULL);
    CHECK(DaclOf(Deep, &Parts) != NULL && DaclOf(Deep, &Parts)->AceCount == Default.Value.DefaultDacl->AceCount);
    DropKey(Deep);
    /* What changes the parent leaves the children, and counts for the next. */
    Describe(&Descriptor, Own, 0);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Parent, DACL_SECURITY_INFORMATION, &Descriptor));
    Expect(Sibling, Child);
    DropKey(Sibling);
    DropKey(Given);
    DropKey(Key);
    DropKey(Parent);
}

static HANDLE MakeFile(HANDLE Root, PCWSTR Text, ULONG Options, PDESCRIPTOR Descriptor)
{
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, READ_CONTROL | DELETE | SYNCHRONIZE, Named(Text, Root, Descriptor), &IoStatus, NULL, 0,
                                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_CREATE,
                                              Options | FILE_DELETE_ON_CLOSE, NULL, 0));
    return File;
}

static VOID TestFiles(VOID)
{
    static const ENTRY Entries[] = {
        { &World, ACCESS_ALLOWED_ACE_TYPE, 0, FILE_ALL_ACCESS },
        { &CreatorOwner, ACCESS_ALLOWED_ACE_TYPE, OI | CI | IO, GENERIC_ALL },
        { &World, ACCESS_ALLOWED_ACE_TYPE, OI, FILE_READ_DATA },
        { &Nobody, ACCESS_ALLOWED_ACE_TYPE, CI, FILE_READ_EA },
        { NULL },
    };
    const ENTRY OfFile[] = {
        { Owner.Value.Owner, ACCESS_ALLOWED_ACE_TYPE, ID, FILE_ALL_ACCESS },
        { &World, ACCESS_ALLOWED_ACE_TYPE, ID, FILE_READ_DATA },
        { NULL },
    };
    const ENTRY OfDirectory[] = {
        { Owner.Value.Owner, ACCESS_ALLOWED_ACE_TYPE, ID, FILE_ALL_ACCESS },
        { &CreatorOwner, ACCESS_ALLOWED_ACE_TYPE, OI | CI | IO | ID, GENERIC_ALL },
        { &World, ACCESS_ALLOWED_ACE_TYPE, OI | IO | ID, FILE_READ_DATA },
        { &Nobody, ACCESS_ALLOWED_ACE_TYPE, CI | ID, FILE_READ_EA },
        { NULL },
    };
    DESCRIPTOR Descriptor;
    HANDLE Parent, File, Directory;

    Describe(&Descriptor, Entries, SE_DACL_PROTECTED);
    Parent = MakeFile(NULL, DIRECTORY, FILE_DIRECTORY_FILE, &Descriptor);
    File = MakeFile(Parent, L"file", 0, NULL);
    Expect(File, OfFile);
    Directory = MakeFile(Parent, L"directory", FILE_DIRECTORY_FILE, NULL);
    Expect(Directory, OfDirectory);
    NtClose(File);
    File = MakeFile(Directory, L"file", 0, NULL);
    Expect(File, OfFile);
    NtClose(File);
    NtClose(Directory);
    NtClose(Parent);
}

static BOOLEAN HasLabel(HANDLE Object, ULONG Rid, ULONG Policy)
{
    DESCRIPTOR Parts;
    BOOLEAN Present = FALSE, Defaulted;
    ACCESS_ALLOWED_ACE *Ace;
    PACL Sacl = NULL;
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Object, LABEL_SECURITY_INFORMATION, &Parts, sizeof(Parts), &Length));
    RtlGetSaclSecurityDescriptor(&Parts, &Present, &Sacl, &Defaulted);
    return Present && Sacl != NULL && NT_SUCCESS(RtlGetAce(Sacl, 0, (PVOID *)&Ace)) &&
           Ace->Header.AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE && Ace->Mask == Policy &&
           *RtlSubAuthoritySid(&Ace->SidStart, 0) == Rid;
}

static NTSTATUS OpenSelf(ACCESS_MASK Access)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    CLIENT_ID Id = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    HANDLE Process;
    NTSTATUS Status = NtOpenProcess(&Process, Access, &Attributes, &Id);

    return NT_SUCCESS(Status) ? NtClose(Process) : Status;
}

static NTSTATUS OpenThread(ACCESS_MASK Access)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    CLIENT_ID Id = NtCurrentTeb()->ClientId;
    HANDLE Thread;
    NTSTATUS Status = NtOpenThread(&Thread, Access, &Attributes, &Id);

    return NT_SUCCESS(Status) ? NtClose(Thread) : Status;
}

static ULONG LevelOf(HANDLE Token)
{
    union {
        TOKEN_MANDATORY_LABEL Label;
        UCHAR Room[64];
    } Level;
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenIntegrityLevel, &Level, sizeof(Level), &Length));
    return *RtlSubAuthoritySid(Level.Label.Label.Sid, 0);
}

/* Processes and threads have the level of their process's token as label: nobody below writes to them or reads them. */
static VOID TestProcessLabel(ULONG Rid)
{
    ULONG Policy = SYSTEM_MANDATORY_LABEL_NO_WRITE_UP | SYSTEM_MANDATORY_LABEL_NO_READ_UP;

    CHECK(HasLabel(SELF, Rid, Policy));
    CHECK(HasLabel(NtCurrentThread(), Rid, Policy));
    CHECK_STATUS(STATUS_SUCCESS, OpenSelf(PROCESS_VM_READ | PROCESS_VM_WRITE));
    CHECK_STATUS(STATUS_SUCCESS, OpenThread(THREAD_GET_CONTEXT | THREAD_SET_CONTEXT));
}

/* The current thread acts at a low level. */
static VOID TestBelow(VOID)
{
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenSelf(PROCESS_VM_WRITE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenSelf(PROCESS_VM_READ));
    CHECK_STATUS(STATUS_SUCCESS, OpenSelf(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenThread(THREAD_GET_CONTEXT));
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenThread(THREAD_SET_CONTEXT));
    CHECK_STATUS(STATUS_SUCCESS, OpenThread(THREAD_QUERY_LIMITED_INFORMATION));
}

/* Who acts at a low level may use what he makes; what is of medium level has no label. */
static VOID TestLabel(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES ForToken = { .Length = sizeof(ForToken), .SecurityQualityOfService = &Qos };
    TOKEN_MANDATORY_LABEL Label = { { &Low, SE_GROUP_INTEGRITY } };
    HANDLE Token, Client = NULL, Event = NULL, Opened = NULL, Key, None = NULL;
    DESCRIPTOR Descriptor;

    Describe(&Descriptor, ParentEntries, SE_DACL_PROTECTED);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(SELF, TOKEN_ALL_ACCESS, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Token, TOKEN_ALL_ACCESS, &ForToken, FALSE, TokenImpersonation, &Client));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationToken(Client, TokenIntegrityLevel, &Label, sizeof(Label)));
    TestProcessLabel(LevelOf(Token));
    NtClose(Token);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Client, sizeof(Client)));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(L"\\BaseNamedObjects\\InheritTest", NULL, NULL),
                                               NotificationEvent, FALSE));
    TestBelow();
    CHECK(HasLabel(Event, SECURITY_MANDATORY_LOW_RID, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Opened, EVENT_MODIFY_STATE, Named(L"\\BaseNamedObjects\\InheritTest", NULL, NULL)));
    NtClose(Opened);
    NtClose(Event);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(L"\\BaseNamedObjects\\InheritTest", NULL, &Descriptor),
                                               NotificationEvent, FALSE));
    CHECK(HasLabel(Event, SECURITY_MANDATORY_LOW_RID, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP));
    NtClose(Event);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &None, sizeof(None)));
    NtClose(Client);
    Key = MakeKey(NULL, PARENT, &Descriptor);
    CHECK(!HasLabel(Key, SECURITY_MANDATORY_MEDIUM_RID, SYSTEM_MANDATORY_LABEL_NO_WRITE_UP));
    DropKey(Key);
}

int wmain(int argc, PWSTR *argv)
{
    HANDLE Token;
    ULONG Length;

    CheckSystem();
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(SELF, TOKEN_QUERY, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenOwner, &Owner, sizeof(Owner), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenPrimaryGroup, &Group, sizeof(Group), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenDefaultDacl, &Default, sizeof(Default), &Length));
    NtClose(Token);
    TestKeys();
    TestFiles();
    TestLabel();
    return CheckClose();
}
