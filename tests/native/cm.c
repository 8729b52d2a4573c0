/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The registry: keys, values, all information classes with their length rules, enumeration, links, notification, backup.
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "named.h"

#define TEST_KEY L"\\Registry\\Machine\\Software\\NereidTest"

static PUNICODE_STRING Text(PCWSTR Name)
{
    static UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return &String;
}

static HANDLE Create(HANDLE Root, PCWSTR Name)
{
    HANDLE Key = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, Named(Root, Name), 0, NULL, 0, NULL));
    return Key;
}

/* A name that leads out of the registry: the file system must not take the registry's request for its own. */
static VOID TestNamesOfFiles(VOID)
{
    static const PCWSTR Names[] = { L"\\??\\C:\\windows\\NereidTest", L"\\??\\C:\\", L"\\Device\\NamedPipe\\NereidTest" };
    HANDLE Key;

    for (ULONG i = 0; i < ARRAYSIZE(Names); i++) {
        CHECK(!NT_SUCCESS(NtCreateKey(&Key, KEY_ALL_ACCESS, Named(NULL, Names[i]), 0, NULL, 0, NULL)));
        CHECK(!NT_SUCCESS(NtOpenKey(&Key, KEY_READ, Named(NULL, Names[i]))));
    }
}

static VOID TestCreate(VOID)
{
    HANDLE Key = NULL, Again = NULL, Child;
    ULONG Disposition = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, Named(NULL, TEST_KEY), 0, NULL, 0, &Disposition));
    CHECK(Disposition == REG_CREATED_NEW_KEY);
    CHECK_STATUS(STATUS_SUCCESS,
                 NtCreateKey(&Again, KEY_ALL_ACCESS, Named(NULL, L"\\registry\\MACHINE\\software\\nereidtest"), 0,
                             NULL, 0,
                             &Disposition));
    CHECK(Disposition == REG_OPENED_EXISTING_KEY);
    NtClose(Again);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
                 NtCreateKey(&Child, KEY_ALL_ACCESS, Named(Key, L"Missing\\Child"), 0, NULL, 0, NULL));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenKey(&Child, KEY_READ, Named(Key, L"Missing")));
    Child = Create(Key, L"Child");
    TODO(OnWine, CHECK_STATUS(STATUS_CANNOT_DELETE, NtDeleteKey(Key)));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Child));
    CHECK_STATUS(STATUS_KEY_DELETED, NtSetValueKey(Child, Text(L"x"), 0, REG_SZ, L"", 2));
    NtClose(Child);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Again, KEY_READ, Named(NULL, TEST_KEY)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetValueKey(Again, Text(L"x"), 0, REG_SZ, L"", 2));
    NtClose(Again);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    NtClose(Key);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenKey(&Key, KEY_READ, Named(NULL, TEST_KEY)));
}

static VOID TestValues(HANDLE Key)
{
    UCHAR Buffer[256];
    PKEY_VALUE_PARTIAL_INFORMATION Partial = (PVOID)Buffer;
    PKEY_VALUE_FULL_INFORMATION Full = (PVOID)Buffer;
    PKEY_VALUE_BASIC_INFORMATION Basic = (PVOID)Buffer;
    ULONG Number = 0x12345678, Length = 0;
    ULONG Fixed = FIELD_OFFSET(KEY_VALUE_PARTIAL_INFORMATION, Data);

    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, Text(L"Number"), 0, REG_DWORD, &Number, sizeof(Number)));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQueryValueKey(Key, Text(L"NUMBER"), KeyValuePartialInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Length == Fixed + 4 && Partial->Type == REG_DWORD && Partial->DataLength == 4 &&
          memcmp(Partial->Data, &Number, 4) == 0);
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW,
                 NtQueryValueKey(Key, Text(L"Number"), KeyValuePartialInformation, Buffer, Fixed + 2, &Length));
    CHECK(Length == Fixed + 4 && Partial->DataLength == 4);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL,
                 NtQueryValueKey(Key, Text(L"Number"), KeyValuePartialInformation, Buffer, Fixed - 1, &Length));
    CHECK(Length == Fixed + 4);
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQueryValueKey(Key, Text(L"Number"), KeyValueFullInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Full->NameLength == 12 && memcmp(Full->Name, L"Number", 12) == 0 && Full->DataLength == 4 &&
          memcmp(Buffer + Full->DataOffset, &Number, 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQueryValueKey(Key, Text(L"Number"), KeyValueBasicInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Basic->NameLength == 12 && Length == FIELD_OFFSET(KEY_VALUE_BASIC_INFORMATION, Name) + 12);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
                 NtQueryValueKey(Key, Text(L"None"), KeyValuePartialInformation, Buffer, sizeof(Buffer), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, Text(L""), 0, REG_SZ, L"default", 16));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQueryValueKey(Key, Text(L""), KeyValuePartialInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Partial->Type == REG_SZ && wcscmp((PWSTR)Partial->Data, L"default") == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteValueKey(Key, Text(L"Number")));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtDeleteValueKey(Key, Text(L"Number")));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteValueKey(Key, Text(L"")));
}

static VOID TestEnumerate(HANDLE Key)
{
    static PCWSTR const Names[] = { L"delta", L"Alpha", L"charlie", L"BRAVO" };
    static PCWSTR const Sorted[] = { L"Alpha", L"BRAVO", L"charlie", L"delta" };
    UCHAR Buffer[256];
    PKEY_BASIC_INFORMATION Basic = (PVOID)Buffer;
    PKEY_FULL_INFORMATION Full = (PVOID)Buffer;
    HANDLE Keys[4];
    ULONG Length = 0;

    for (ULONG i = 0; i < 4; i++)
        Keys[i] = Create(Key, Names[i]);
    for (ULONG i = 0; i < 4; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtEnumerateKey(Key, i, KeyBasicInformation, Buffer, sizeof(Buffer), &Length));
        CHECK(Basic->NameLength == wcslen(Sorted[i]) * 2 && memcmp(Basic->Name, Sorted[i], Basic->NameLength) == 0);
    }
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES, NtEnumerateKey(Key, 4, KeyBasicInformation, Buffer, sizeof(Buffer), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, KeyFullInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Full->SubKeys == 4 && Full->MaxNameLen == 14 && Full->Values == 0);
    for (ULONG i = 0; i < 4; i++) {
        CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Keys[i]));
        NtClose(Keys[i]);
    }
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES, NtEnumerateKey(Key, 0, KeyBasicInformation, Buffer, sizeof(Buffer), &Length));
    for (ULONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, Text(Names[i]), 0, REG_BINARY, &i, i));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, KeyFullInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Full->Values == 3 && Full->MaxValueNameLen == 14 && Full->MaxValueDataLen == 2);
    CHECK_STATUS(STATUS_SUCCESS, NtEnumerateValueKey(Key, 2, KeyValueBasicInformation, Buffer, sizeof(Buffer),
                                                     &Length));
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES,
                 NtEnumerateValueKey(Key, 3, KeyValueBasicInformation, Buffer, sizeof(Buffer), &Length));
    for (ULONG i = 0; i < 3; i++)
        NtDeleteValueKey(Key, Text(Names[i]));
}

static VOID TestNames(HANDLE Key)
{
    static const WCHAR Path[] = L"\\REGISTRY\\MACHINE\\Software\\NereidTest";
    UCHAR Buffer[512];
    PKEY_NAME_INFORMATION Name = (PVOID)Buffer;
    POBJECT_NAME_INFORMATION Object = (PVOID)Buffer;
    UNICODE_STRING Expected, Found;
    HANDLE Child = Create(Key, L"Before");
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, KeyNameInformation, Buffer, sizeof(Buffer), &Length));
    RtlInitUnicodeString(&Expected, Path);
    Found.Buffer = Name->Name;
    Found.Length = Found.MaximumLength = (USHORT)Name->NameLength;
    CHECK(RtlEqualUnicodeString(&Expected, &Found, TRUE));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryKey(Key, KeyNameInformation, Buffer, 8, &Length));
    CHECK(Length == 4 + sizeof(Path) - sizeof(WCHAR));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Key, ObjectNameInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(RtlEqualUnicodeString(&Expected, &Object->Name, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtRenameKey(Child, Text(L"After")));
    NtClose(Child);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenKey(&Child, KEY_ALL_ACCESS, Named(Key, L"Before")));
    if (CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Child, KEY_ALL_ACCESS, Named(Key, L"After")))) {
        NtDeleteKey(Child);
        NtClose(Child);
    }
}

static VOID TestVolatile(HANDLE Key)
{
    HANDLE Volatile = NULL, Child = NULL;

    CHECK_STATUS(STATUS_SUCCESS,
                 NtCreateKey(&Volatile, KEY_ALL_ACCESS, Named(Key, L"Volatile"), 0, NULL, REG_OPTION_VOLATILE, NULL));
    CHECK_STATUS(STATUS_CHILD_MUST_BE_VOLATILE,
                 NtCreateKey(&Child, KEY_ALL_ACCESS, Named(Volatile, L"Stable"), 0, NULL, 0, NULL));
    NtDeleteKey(Volatile);
    NtClose(Volatile);
}

static VOID TestLink(HANDLE Key)
{
    static const WCHAR Target[] = TEST_KEY L"\\Target";
    HANDLE Link = NULL, Real = Create(Key, L"Target"), Child, Through = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Link, KEY_ALL_ACCESS | KEY_CREATE_LINK, Named(Key, L"Link"), 0, NULL,
                                             REG_OPTION_CREATE_LINK, NULL));
    for (ULONG i = 0; i < 2; i++)       /* no key becomes a link, nor a link one again */
        CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, NtCreateKey(&Through, KEY_ALL_ACCESS | KEY_CREATE_LINK, Named(Key, i ? L"Link" : L"Target"), 0,
                                                               NULL, REG_OPTION_CREATE_LINK, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Link, Text(L"SymbolicLinkValue"), 0, REG_LINK, (PVOID)Target,
                                               sizeof(Target) - sizeof(WCHAR)));
    Child = Create(Key, L"Link\\Child");
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Through, KEY_READ, Named(Real, L"Child")));
    NtClose(Through);
    NtDeleteKey(Child);
    NtClose(Child);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Link));
    NtClose(Link);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Real));
    NtClose(Real);
}

static VOID TestNotify(HANDLE Key)
{
    IO_STATUS_BLOCK Status = { .Status = -1 };
    LARGE_INTEGER Zero = { .QuadPart = 0 };
    HANDLE Event = NULL, Child, Watch = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Watch, KEY_ALL_ACCESS, Named(NULL, TEST_KEY)));
    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeKey(Watch, Event, NULL, NULL, &Status, REG_NOTIFY_CHANGE_NAME, FALSE,
                                                   NULL, 0,
                                                   TRUE));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    Child = Create(Key, L"Noise");
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeKey(Watch, Event, NULL, NULL, &Status, REG_NOTIFY_CHANGE_LAST_SET,
                                                   FALSE, NULL,
                                                   0, TRUE));
    NtSetValueKey(Child, Text(L"Below"), 0, REG_SZ, L"", 2);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    NtClose(Watch);
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_PARAMETER,
                              NtNotifyChangeKey(Key, Event, NULL, NULL, &Status, 0, FALSE, NULL, 0, TRUE)));
    NtDeleteKey(Child);
    NtClose(Child);
    NtClose(Event);
}

static NTSTATUS Watch(HANDLE Key, HANDLE Event, ULONG Filter, BOOLEAN Tree)
{
    static IO_STATUS_BLOCK Result;

    return NtNotifyChangeKey(Key, Event, NULL, NULL, &Result, Filter, Tree, NULL, 0, TRUE);
}

/*
 * A handle watches from the first call on: a change between two calls is the next one's.  RegNotifyChangeKeyValue: calls with the same
 * handle "but different values for the bWatchSubtree and dwNotifyFilter parameters ... will succeed but the changes will be ignored".
 * Wine remembers neither.
 */
static VOID TestNotifyAgain(HANDLE Key)
{
    LARGE_INTEGER Zero = { .QuadPart = 0 };
    HANDLE Event = NULL, Child = Create(Key, L"Below"), Other, Same = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Same, KEY_ALL_ACCESS, Named(NULL, TEST_KEY)));
    CHECK_STATUS(STATUS_PENDING, Watch(Same, Event, REG_NOTIFY_CHANGE_LAST_SET, TRUE));
    NtSetValueKey(Child, Text(L"First"), 0, REG_SZ, L"", 2);
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    NtSetValueKey(Child, Text(L"Between"), 0, REG_SZ, L"", 2);
    NtSetValueKey(Child, Text(L"Between2"), 0, REG_SZ, L"", 2);
    CHECK_STATUS(STATUS_PENDING, Watch(Same, Event, REG_NOTIFY_CHANGE_LAST_SET, TRUE));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_PENDING, Watch(Same, Event, REG_NOTIFY_CHANGE_NAME, FALSE));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    Other = Create(Key, L"Name");
    NtDeleteKey(Other);
    NtClose(Other);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    NtSetValueKey(Child, Text(L"Last"), 0, REG_SZ, L"", 2);
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    NtClose(Same);
    /* The key's end is one, too, and the last. */
    CHECK_STATUS(STATUS_PENDING, Watch(Child, Event, REG_NOTIFY_CHANGE_NAME, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Child));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_KEY_DELETED, Watch(Child, Event, REG_NOTIFY_CHANGE_NAME, FALSE));
    NtClose(Child);
    /* REG_NOTIFY_THREAD_AGNOSTIC alone names no change: the close ends it. */
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Same, KEY_ALL_ACCESS, Named(NULL, TEST_KEY)));
    CHECK_STATUS(STATUS_PENDING, Watch(Same, Event, REG_NOTIFY_THREAD_AGNOSTIC, TRUE));
    CHECK_STATUS(STATUS_PENDING, Watch(Same, Event, REG_NOTIFY_THREAD_AGNOSTIC, TRUE));
    NtSetValueKey(Key, Text(L"NoName"), 0, REG_SZ, L"", 2);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    NtClose(Same);
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    NtSetValueKey(Key, Text(L"NoName"), 0, REG_SZ, L"", 2);
    NtClose(Event);
}

typedef struct _ASK {
    HANDLE Key, Event;
    ULONG Filter;
    IO_STATUS_BLOCK Result;
} ASK;

static NTSTATUS NTAPI Ask(PVOID Argument)
{
    ASK *Wanted = Argument;

    return NtNotifyChangeKey(Wanted->Key, Wanted->Event, NULL, NULL, &Wanted->Result, Wanted->Filter, FALSE, NULL, 0, TRUE);
}

/*
 * RegNotifyChangeKeyValue: the event is signalled when the thread that asked exits, unless REG_NOTIFY_THREAD_AGNOSTIC is
 * set.  Wine waits for the key's handle.
 */
static VOID TestNotifyThread(HANDLE Key)
{
    LARGE_INTEGER Zero = { .QuadPart = 0 }, Limit = { .QuadPart = LONG_ENOUGH };
    ASK Wanted = { .Filter = REG_NOTIFY_CHANGE_NAME };
    HANDLE Child;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Wanted.Key, KEY_ALL_ACCESS, Named(NULL, TEST_KEY)));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Wanted.Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    Wanted.Result.Status = -1;
    CHECK_STATUS(STATUS_PENDING, CheckJoinThread(CheckStartThread(Ask, &Wanted), &Limit));
    TODO(OnWine, CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Wanted.Event, FALSE, &Zero)));
    TODO(OnWine, CHECK(Wanted.Result.Status == STATUS_NOTIFY_CLEANUP));
    Wanted.Filter |= REG_NOTIFY_THREAD_AGNOSTIC;
    CHECK_STATUS(STATUS_PENDING, CheckJoinThread(CheckStartThread(Ask, &Wanted), &Limit));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Wanted.Event, FALSE, &Zero));
    Child = Create(Key, L"Noise");
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Wanted.Event, FALSE, &Zero));
    NtDeleteKey(Child);
    NtClose(Child);
    NtClose(Wanted.Key);
    NtClose(Wanted.Event);
}

/* Many keys and values, found again by name. */
static VOID TestMany(HANDLE Key)
{
    enum { COUNT = 400 };
    WCHAR Name[32];
    ULONG Good = 0;

    for (ULONG i = 0; i < COUNT; i++) {
        HANDLE Child;

        _snwprintf(Name, ARRAYSIZE(Name), L"Key%u", (i * 7919) % COUNT);
        if (NT_SUCCESS(NtCreateKey(&Child, KEY_ALL_ACCESS, Named(Key, Name), 0, NULL, 0, NULL))) {
            Good += NT_SUCCESS(NtSetValueKey(Child, Text(Name), 0, REG_DWORD, &i, sizeof(i)));
            NtClose(Child);
        }
    }
    CHECK(Good == COUNT);
    Good = 0;
    for (ULONG i = 0; i < COUNT; i++) {
        HANDLE Child;

        _snwprintf(Name, ARRAYSIZE(Name), L"KEY%u", i);
        if (NT_SUCCESS(NtOpenKey(&Child, KEY_ALL_ACCESS, Named(Key, Name)))) {
            Good += NT_SUCCESS(NtDeleteKey(Child));
            NtClose(Child);
        }
    }
    CHECK(Good == COUNT);
}

static NTSTATUS OpenForBackup(HANDLE Root, PCWSTR Name, ACCESS_MASK Desired, PACCESS_MASK Granted, PHANDLE Key)
{
    OBJECT_BASIC_INFORMATION Basic = { 0 };
    NTSTATUS Status = NtOpenKeyEx(Key, Desired, Named(Root, Name), REG_OPTION_BACKUP_RESTORE);

    if (NT_SUCCESS(Status))
        CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(*Key, ObjectBasicInformation, &Basic, sizeof(Basic), NULL));
    *Granted = Basic.GrantedAccess;
    return Status;
}

static NTSTATUS CreateForBackup(PCWSTR Name)
{
    HANDLE Root, Key;
    NTSTATUS Status;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenKeyEx(&Root, READ_CONTROL, Named(NULL, TEST_KEY L"\\Locked"), 0));
    Status = NtCreateKey(&Key, KEY_ALL_ACCESS, Named(Root, Name), 0, NULL, REG_OPTION_BACKUP_RESTORE, NULL);
    NtClose(Root);
    if (!NT_SUCCESS(Status))
        return Status;
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    return NtClose(Key);
}

/* A key whose descriptor lets nobody in is opened with the rights that enabled privileges give, whatever is asked for. */
static VOID TestBackup(HANDLE Root)
{
    static const ACCESS_MASK Backup = ACCESS_SYSTEM_SECURITY | KEY_READ, Restore = ACCESS_SYSTEM_SECURITY | DELETE | KEY_WRITE;
    BOOLEAN HadBackup, HadRestore, Ignored;
    SECURITY_DESCRIPTOR Nobody;
    HANDLE Locked = Create(Root, L"Locked"), Key;
    ACCESS_MASK Granted;
    ULONG Value = 1;
    ACL Empty;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateSecurityDescriptor(&Nobody, SECURITY_DESCRIPTOR_REVISION));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateAcl(&Empty, sizeof(Empty), ACL_REVISION));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetDaclSecurityDescriptor(&Nobody, TRUE, &Empty, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Locked, DACL_SECURITY_INFORMATION, &Nobody));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, FALSE, FALSE, &HadBackup));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, FALSE, FALSE, &HadRestore));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenKeyEx(&Key, KEY_READ, Named(Root, L"Locked"), 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenForBackup(Root, L"Locked", READ_CONTROL, &Granted, &Key));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, OpenForBackup(Root, L"Nothing", KEY_READ, &Granted, &Key));
    CHECK_STATUS(STATUS_ACCESS_DENIED, CreateForBackup(L"New"));

    RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, TRUE, FALSE, &Ignored);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenKeyEx(&Key, KEY_READ, Named(Root, L"Locked"), 0));
    CHECK_STATUS(STATUS_SUCCESS, OpenForBackup(Root, L"Locked", KEY_ALL_ACCESS, &Granted, &Key));
    CHECK(Granted == Backup);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetValueKey(Key, Text(L"Value"), 0, REG_DWORD, &Value, sizeof(Value)));
    NtClose(Key);
    CHECK_STATUS(STATUS_ACCESS_DENIED, CreateForBackup(L"New"));

    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, TRUE, FALSE, &Ignored);
    CHECK_STATUS(STATUS_SUCCESS, OpenForBackup(Root, L"Locked", 0, &Granted, &Key));
    CHECK(Granted == (Backup | Restore));
    NtClose(Key);
    RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, FALSE, FALSE, &Ignored);
    CHECK_STATUS(STATUS_SUCCESS, CreateForBackup(L"New"));
    CHECK_STATUS(STATUS_SUCCESS, OpenForBackup(Root, L"Locked", MAXIMUM_ALLOWED, &Granted, &Key));
    CHECK(Granted == Restore);
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, Text(L"Value"), 0, REG_DWORD, &Value, sizeof(Value)));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    NtClose(Key);
    NtClose(Locked);
    RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, HadBackup, FALSE, &Ignored);
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, HadRestore, FALSE, &Ignored);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Key;

    TestNamesOfFiles();
    TestCreate();
    Key = Create(NULL, TEST_KEY);
    TestValues(Key);
    TestEnumerate(Key);
    TestNames(Key);
    TestVolatile(Key);
    TestLink(Key);
    TestNotify(Key);
    if (!IsWine)
        TestNotifyAgain(Key);
    TestNotifyThread(Key);
    TestMany(Key);
    if (!IsWine)                        /* which ignores REG_OPTION_BACKUP_RESTORE */
        TestBackup(Key);
    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Key));
    NtDeleteKey(Key);
    NtClose(Key);
    return CheckClose();
}
