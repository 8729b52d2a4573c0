/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Conditional ACEs: each operator, true, false and unknown, attributes of the object, programs that are none.  A condition is shown
 * twice: by an ACE that allows (it must be true) and one that denies (it must not be false).
 *
 * Source: [MS-DTYP] 2.4.4.17, 2.4.10.1, 2.5.3.1.5.
 *
 * Runs on: Nereid.  (Wine looks at no condition.)
 */
#include "check.h"

enum { FALSE_, TRUE_, UNKNOWN };

static GENERIC_MAPPING Mapping = { 1, 2, 4, 7 };
static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID Nobody = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { 12345 } };
static HANDLE Client;
static SECURITY_DESCRIPTOR Descriptor;
static ULONG DaclSpace[512], SaclSpace[512];
static PACL Dacl = (PACL)DaclSpace, Sacl = (PACL)SaclSpace;
static UCHAR Code[1024];
static ULONG Length;

static VOID Put(const VOID *Data, ULONG Size)
{
    memcpy(Code + Length, Data, Size);
    Length += Size;
}

static VOID Op(UCHAR Byte)
{
    Put(&Byte, 1);
}

static VOID Sized(UCHAR Token, const VOID *Data, ULONG Size)
{
    Op(Token);
    Put(&Size, sizeof(Size));
    Put(Data, Size);
}

static VOID Text(UCHAR Token, PCWSTR String)
{
    Sized(Token, String, (ULONG)(wcslen(String) * sizeof(WCHAR)));
}

static VOID Integer(LONG64 Value)
{
    Op(0x04);
    Put(&Value, sizeof(Value));
    Op(3);
    Op(2);
}

static VOID SidLiteral(PSID Sid)
{
    Sized(0x51, Sid, RtlLengthSid(Sid));
}

/* What was put since Start becomes a composite. */
static VOID Compose(ULONG Start)
{
    ULONG Size = Length - Start;

    memmove(Code + Start + 5, Code + Start, Size);
    Code[Start] = 0x50;
    memcpy(Code + Start + 1, &Size, sizeof(Size));
    Length += 5;
}

#define LOCAL(Name) Text(0xf8, Name)
#define USER(Name) Text(0xf9, Name)
#define RESOURCE(Name) Text(0xfa, Name)
#define DEVICE(Name) Text(0xfb, Name)
#define STRING(Value) Text(0x10, Value)

static NTSTATUS Check(UCHAR AceType)
{
    struct { ACE_HEADER Header; ACCESS_MASK Mask; UCHAR Rest[1100]; } Ace;
    ULONG SidLength = RtlLengthSid(&World), Size = (8 + SidLength + 4 + Length + 3) & ~3u;
    PRIVILEGE_SET Privileges;
    ULONG PrivilegesLength = sizeof(Privileges), Granted;
    NTSTATUS Result = STATUS_PENDING;

    memset(&Ace, 0, sizeof(Ace));
    Ace.Header = (ACE_HEADER){ AceType, 0, (USHORT)Size };
    Ace.Mask = 1;
    memcpy(Ace.Rest, &World, SidLength);
    memcpy(Ace.Rest + SidLength, "artx", 4);
    memcpy(Ace.Rest + SidLength + 4, Code, Length);
    RtlCreateAcl(Dacl, sizeof(DaclSpace), ACL_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAce(Dacl, ACL_REVISION, MAXDWORD, &Ace, Size));
    if (AceType == ACCESS_DENIED_CALLBACK_ACE_TYPE)
        CHECK_STATUS(STATUS_SUCCESS, RtlAddAccessAllowedAce(Dacl, ACL_REVISION, 1, &World));
    CHECK_STATUS(STATUS_SUCCESS, NtAccessCheck(&Descriptor, Client, 1, &Mapping, &Privileges, &PrivilegesLength, &Granted, &Result));
    return Result;
}

/* What the code says; it is forgotten. */
static int Say(VOID)
{
    BOOLEAN Allows = Check(ACCESS_ALLOWED_CALLBACK_ACE_TYPE) == STATUS_SUCCESS;
    BOOLEAN Denies = Check(ACCESS_DENIED_CALLBACK_ACE_TYPE) == STATUS_ACCESS_DENIED;

    Length = 0;
    return Allows ? (Denies ? TRUE_ : -1) : Denies ? UNKNOWN : FALSE_;
}

/* --- attributes of the object ----------------------------------------------------------------------------------------------------- */

static VOID AddClaim(PCWSTR Name, USHORT Type, ULONG Flags, const VOID *const *Values, const ULONG *Sizes, ULONG Count)
{
    struct { ACE_HEADER Header; ACCESS_MASK Mask; SID Sid; UCHAR Claim[512]; } Ace;
    CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1 *Claim = (PVOID)Ace.Claim;
    ULONG At = FIELD_OFFSET(CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1, Values) + Count * sizeof(ULONG);

    memset(&Ace, 0, sizeof(Ace));
    Ace.Sid = World;
    *Claim = (CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1){ .ValueType = Type, .Flags = Flags, .ValueCount = Count };
    for (ULONG i = 0; i < Count; i++) {
        Claim->Values.pInt64[i] = At;
        memcpy(Ace.Claim + At, Values[i], Sizes[i]);
        At = (At + Sizes[i] + 3) & ~3u;
    }
    Claim->Name = At;
    wcscpy((PWSTR)(Ace.Claim + At), Name);
    At += (ULONG)(wcslen(Name) + 1) * sizeof(WCHAR);
    Ace.Header = (ACE_HEADER){ SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE, 0, (USHORT)((FIELD_OFFSET(typeof(Ace), Claim) + At + 3) & ~3u) };
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAce(Sacl, ACL_REVISION, MAXDWORD, &Ace, Ace.Header.AceSize));
}

static VOID AddIntegers(PCWSTR Name, USHORT Type, ULONG Flags, const LONG64 *Numbers, ULONG Count)
{
    const VOID *Values[4];
    ULONG Sizes[4];

    for (ULONG i = 0; i < Count; i++)
        Values[i] = &Numbers[i], Sizes[i] = sizeof(LONG64);
    AddClaim(Name, Type, Flags, Values, Sizes, Count);
}

static VOID AddStrings(PCWSTR Name, ULONG Flags, PCWSTR First, PCWSTR Second)
{
    const VOID *Values[] = { First, Second };
    ULONG Sizes[] = { (ULONG)(wcslen(First) + 1) * 2, Second != NULL ? (ULONG)(wcslen(Second) + 1) * 2 : 0 };

    AddClaim(Name, CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING, Flags, Values, Sizes, Second != NULL ? 2 : 1);
}

static VOID MakeAttributes(VOID)
{
    struct { ULONG Length; SID Sid; } SidValue = { sizeof(SID), World };
    const VOID *Value = &SidValue;
    ULONG Size = sizeof(SidValue);

    RtlCreateAcl(Sacl, sizeof(SaclSpace), ACL_REVISION);
    AddIntegers(L"Level", CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64, 0, (LONG64[]){ -5 }, 1);
    AddIntegers(L"Big", CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64, 0, (LONG64[]){ -1 }, 1);
    AddIntegers(L"Set", CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64, 0, (LONG64[]){ 1, 2, 3 }, 3);
    AddIntegers(L"No", CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN, 0, (LONG64[]){ 0 }, 1);
    AddIntegers(L"Off", CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64, CLAIM_SECURITY_ATTRIBUTE_DISABLED, (LONG64[]){ 1 }, 1);
    AddIntegers(L"Deny", CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64, CLAIM_SECURITY_ATTRIBUTE_USE_FOR_DENY_ONLY, (LONG64[]){ 1 }, 1);
    AddIntegers(L"Odd", 0x77, 0, (LONG64[]){ 1 }, 1);
    AddStrings(L"Project", 0, L"Windows", L"Sql");
    AddStrings(L"Name", 0, L"Anna", NULL);
    AddStrings(L"Exact", CLAIM_SECURITY_ATTRIBUTE_VALUE_CASE_SENSITIVE, L"Anna", NULL);
    AddStrings(L"Empty", 0, L"", NULL);
    AddClaim(L"Group", CLAIM_SECURITY_ATTRIBUTE_TYPE_SID, 0, &Value, &Size, 1);
    RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, Sacl, FALSE);
}

/* --- tests ------------------------------------------------------------------------------------------------------------------------- */

static int Relate(PCWSTR Name, UCHAR Operator, LONG64 Value)
{
    RESOURCE(Name);
    Integer(Value);
    Op(Operator);
    return Say();
}

static VOID TestIntegers(VOID)
{
    static const struct { UCHAR Operator; int Less, Equal, More; } Rows[] = {
        { 0x80, FALSE_, TRUE_, FALSE_ }, { 0x81, TRUE_, FALSE_, TRUE_ }, { 0x82, TRUE_, FALSE_, FALSE_ },
        { 0x83, TRUE_, TRUE_, FALSE_ }, { 0x84, FALSE_, FALSE_, TRUE_ }, { 0x85, FALSE_, TRUE_, TRUE_ },
    };

    for (ULONG i = 0; i < RTL_NUMBER_OF(Rows); i++) {
        CHECK(Relate(L"Level", Rows[i].Operator, 7) == Rows[i].Less);
        CHECK(Relate(L"level", Rows[i].Operator, -5) == Rows[i].Equal);
        CHECK(Relate(L"LEVEL", Rows[i].Operator, -6) == Rows[i].More);
        CHECK(Relate(L"Big", Rows[i].Operator, -1) == Rows[i].More);
        CHECK(Relate(L"Missing", Rows[i].Operator, 1) == UNKNOWN);
        CHECK(Relate(L"Name", Rows[i].Operator, 1) == UNKNOWN);
    }
    CHECK(Relate(L"Set", 0x82, 5) == UNKNOWN);
    CHECK(Relate(L"Off", 0x80, 1) == UNKNOWN);
    CHECK(Relate(L"Odd", 0x80, 1) == UNKNOWN);
    CHECK(Relate(L"No", 0x80, 0) == TRUE_);
    /* An attribute for denying alone is absent for who allows. */
    RESOURCE(L"Deny"), Integer(1), Op(0x81);
    CHECK(Say() == FALSE_);
    RESOURCE(L"Deny"), Op(0x87);
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(ACCESS_DENIED_CALLBACK_ACE_TYPE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Check(ACCESS_ALLOWED_CALLBACK_ACE_TYPE));
    Length = 0;
}

static int RelateText(PCWSTR Name, UCHAR Operator, PCWSTR First, PCWSTR Second)
{
    ULONG Start;

    RESOURCE(Name);
    Start = Length;
    STRING(First);
    if (Second != NULL) {
        STRING(Second);
        Compose(Start);
    }
    Op(Operator);
    return Say();
}

static VOID TestStringsAndSets(VOID)
{
    CHECK(RelateText(L"Name", 0x80, L"anna", NULL) == TRUE_);
    CHECK(RelateText(L"Exact", 0x80, L"anna", NULL) == FALSE_);
    CHECK(RelateText(L"Exact", 0x80, L"Anna", NULL) == TRUE_);
    CHECK(RelateText(L"Name", 0x82, L"Berta", NULL) == TRUE_);
    CHECK(RelateText(L"Project", 0x80, L"sql", L"windows") == TRUE_);
    CHECK(RelateText(L"Project", 0x80, L"sql", L"linux") == FALSE_);
    CHECK(RelateText(L"Project", 0x80, L"sql", NULL) == FALSE_);
    CHECK(RelateText(L"Project", 0x86, L"sql", NULL) == TRUE_);
    CHECK(RelateText(L"Project", 0x86, L"sql", L"linux") == FALSE_);
    CHECK(RelateText(L"Project", 0x8e, L"sql", L"linux") == TRUE_);
    CHECK(RelateText(L"Project", 0x88, L"sql", L"linux") == TRUE_);
    CHECK(RelateText(L"Project", 0x8f, L"sql", L"linux") == FALSE_);
    CHECK(RelateText(L"Project", 0x88, L"bsd", L"linux") == FALSE_);
    CHECK(RelateText(L"Missing", 0x86, L"sql", NULL) == UNKNOWN);
    CHECK(RelateText(L"Missing", 0x8e, L"sql", NULL) == UNKNOWN);
    RESOURCE(L"Set"), Integer(2), Op(0x86);
    CHECK(Say() == TRUE_);
    RESOURCE(L"Set"), RESOURCE(L"Set"), Op(0x80);
    CHECK(Say() == TRUE_);
    RESOURCE(L"Group"), SidLiteral(&World), Op(0x80);
    CHECK(Say() == TRUE_);
    RESOURCE(L"Group"), SidLiteral(&Nobody), Op(0x80);
    CHECK(Say() == FALSE_);
    RESOURCE(L"Group"), SidLiteral(&Nobody), Op(0x82);
    CHECK(Say() == UNKNOWN);
}

static int Member(UCHAR Operator, PSID First, PSID Second)
{
    SidLiteral(First);
    if (Second != NULL) {
        SidLiteral(Second);
        Compose(0);
    }
    Op(Operator);
    return Say();
}

static VOID TestMembers(VOID)
{
    CHECK(Member(0x89, &World, NULL) == TRUE_);
    CHECK(Member(0x89, &Nobody, NULL) == FALSE_);
    CHECK(Member(0x89, &World, &Nobody) == FALSE_);
    CHECK(Member(0x8b, &World, &Nobody) == TRUE_);
    CHECK(Member(0x8b, &Nobody, &World) == TRUE_);
    CHECK(Member(0x90, &World, &Nobody) == TRUE_);
    CHECK(Member(0x90, &World, NULL) == FALSE_);
    CHECK(Member(0x92, &Nobody, &Nobody) == TRUE_);
    CHECK(Member(0x8a, &World, NULL) == FALSE_);
    CHECK(Member(0x91, &World, NULL) == TRUE_);
    CHECK(Member(0x8c, &World, NULL) == FALSE_);
    CHECK(Member(0x93, &World, NULL) == TRUE_);
    STRING(L"S-1-1-0"), Op(0x89);
    CHECK(Say() == UNKNOWN);
    RESOURCE(L"Group"), Op(0x89);
    CHECK(Say() == UNKNOWN);
}

/* Pushes true, false or unknown. */
static VOID Truth(int Value)
{
    if (Value == UNKNOWN) {
        USER(L"Missing"), Integer(1), Op(0x80);
    } else {
        SidLiteral(Value == TRUE_ ? &World : &Nobody);
        Op(0x89);
    }
}

static VOID TestLogic(VOID)
{
    static const int And[3][3] = { { FALSE_, FALSE_, FALSE_ }, { FALSE_, TRUE_, UNKNOWN }, { FALSE_, UNKNOWN, UNKNOWN } };
    static const int Or[3][3] = { { FALSE_, TRUE_, UNKNOWN }, { TRUE_, TRUE_, TRUE_ }, { UNKNOWN, TRUE_, UNKNOWN } };
    static const int Not[3] = { TRUE_, FALSE_, UNKNOWN };

    for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
            Truth(a), Truth(b), Op(0xa0);
            CHECK(Say() == And[a][b]);
            Truth(a), Truth(b), Op(0xa1);
            CHECK(Say() == Or[a][b]);
        }
        Truth(a), Op(0xa2);
        CHECK(Say() == Not[a]);
    }
    /* Attributes say something alone: numbers and strings. */
    RESOURCE(L"Level");
    CHECK(Say() == TRUE_);
    RESOURCE(L"No");
    CHECK(Say() == FALSE_);
    RESOURCE(L"Empty"), Op(0xa2);
    CHECK(Say() == TRUE_);
    RESOURCE(L"Name"), Truth(TRUE_), Op(0xa0);
    CHECK(Say() == TRUE_);
    RESOURCE(L"Group"), Truth(TRUE_), Op(0xa1);
    CHECK(Say() == UNKNOWN);
}

static VOID TestExists(VOID)
{
    RESOURCE(L"Level"), Op(0x87);
    CHECK(Say() == TRUE_);
    RESOURCE(L"Level"), Op(0x8d);
    CHECK(Say() == FALSE_);
    RESOURCE(L"Missing"), Op(0x87);
    CHECK(Say() == FALSE_);
    LOCAL(L"WIN://SYSAPPID"), Op(0x87);
    CHECK(Say() == FALSE_);
    USER(L"Level"), Op(0x87);
    CHECK(Say() == FALSE_);
    DEVICE(L"Level"), Op(0x8d);
    CHECK(Say() == TRUE_);
    Truth(TRUE_), Op(0x87);
    CHECK(Say() == UNKNOWN);
}

static VOID TestNoPrograms(VOID)
{
    ULONG Whole;

    CHECK(Say() == UNKNOWN);
    Truth(TRUE_), Truth(TRUE_);
    CHECK(Say() == UNKNOWN);
    Truth(TRUE_), Op(0xa0);
    CHECK(Say() == UNKNOWN);
    Op(0xa2);
    CHECK(Say() == UNKNOWN);
    Integer(1);
    CHECK(Say() == UNKNOWN);
    Integer(1), RESOURCE(L"No"), Op(0x81);
    CHECK(Say() == UNKNOWN);
    Truth(TRUE_), Op(0x94);
    CHECK(Say() == UNKNOWN);
    Truth(TRUE_), Op(0xfc);
    CHECK(Say() == UNKNOWN);
    Truth(TRUE_), Op(0), Op(0xa2);
    CHECK(Say() == UNKNOWN);
    /* An error is not hidden by what would decide without it. */
    Truth(TRUE_), Integer(1), Op(0xa1);
    CHECK(Say() == UNKNOWN);
    /* Nested as deep as a stack of 32 goes. */
    for (ULONG i = 0; i < 32; i++)
        Truth(TRUE_);
    for (ULONG i = 0; i < 31; i++)
        Op(0xa0);
    CHECK(Say() == TRUE_);
    /* Cut anywhere. */
    RESOURCE(L"Name"), STRING(L"Anna"), Op(0x80);
    Whole = Length;
    CHECK(Say() == TRUE_);
    for (ULONG Cut = 0; Cut < Whole; Cut++) {
        RESOURCE(L"Name"), STRING(L"Anna"), Op(0x80);
        Length = Cut;
        Code[Cut] = 0;
        if (Cut != 5 + 8)       /* the attribute alone, which is a string */
            CHECK(Say() == UNKNOWN);
        Length = 0;
    }
}

/* Conditions and attributes stand on objects, not in checks alone. */
static VOID TestObject(VOID)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE Event = NULL, Opened = NULL;

    RESOURCE(L"Level"), Integer(-5), Op(0x80);
    Check(ACCESS_ALLOWED_CALLBACK_ACE_TYPE);
    RtlInitUnicodeString(&Name, L"\\BaseNamedObjects\\ConditionsTest");
    InitializeObjectAttributes(&Attributes, &Name, 0, NULL, &Descriptor);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, &Attributes, NotificationEvent, FALSE));
    Attributes.SecurityDescriptor = NULL;
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Opened, EVENT_QUERY_STATE, &Attributes));
    if (Opened != NULL)
        NtClose(Opened);
    RtlSetSaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Event, DACL_SECURITY_INFORMATION, &Descriptor));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Opened, EVENT_QUERY_STATE, &Attributes));
    NtClose(Opened);
    NtClose(Event);
    Length = 0;
}

int wmain(int argc, PWSTR *argv)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .SecurityQualityOfService = &Quality };
    BOOLEAN Was;
    HANDLE Token;

    CheckSystem();
    RtlAdjustPrivilege(SE_SECURITY_PRIVILEGE, TRUE, FALSE, &Was);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Token, TOKEN_ALL_ACCESS, &Attributes, FALSE, TokenImpersonation, &Client));
    NtClose(Token);
    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetOwnerSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetGroupSecurityDescriptor(&Descriptor, &Nobody, FALSE);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, Dacl, FALSE);
    MakeAttributes();
    TestIntegers();
    TestStringsAndSets();
    TestMembers();
    TestLogic();
    TestExists();
    TestNoPrograms();
    TestObject();
    NtClose(Client);
    return CheckClose();
}
