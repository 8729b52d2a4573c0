/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Keys and files: NtSaveKeyEx, NtSaveMergedKeys, NtLoadKey2, NtLoadKeyEx, NtUnloadKey2, NtUnloadKeyEx, NtRestoreKey, NtCompactKeys,
 * NtCompressKey, NtFreezeRegistry, NtReplaceKey, NtNotifyChangeMultipleKeys (whose second key is of another hive).  (NtSaveKey, NtLoadKey, NtUnloadKey and damaged files: hive.)
 *
 * Runs on: Nereid.  (Wine's hives are text, and it knows few of the flags.)
 */
#include "hivefile.h"

#define SOURCE L"\\Registry\\Machine\\Software\\NereidHiveFiles"
#define TARGET L"\\Registry\\Machine\\NereidHiveFiles"
#define APPLICATION L"\\Registry\\A\\{7c9e2f51-8f0e-4b6e-9d5f-3b1f0a6c1e11}"
#define SAVED L"\\??\\C:\\temp\\hivefiles.sav"
#define LOADED L"\\??\\C:\\temp\\hivefiles.hiv"
#define MISSING_FILE L"\\??\\C:\\temp\\hivefiles.new"

static HANDLE Create(HANDLE Root, PCWSTR Name)
{
    HANDLE Key = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, Named(Root, Name), 0, NULL, 0, NULL));
    return Key;
}

static NTSTATUS Open(HANDLE Root, PCWSTR Name)
{
    HANDLE Key;
    NTSTATUS Status = NtOpenKey(&Key, KEY_READ, Named(Root, Name));

    return NT_SUCCESS(Status) ? NtClose(Key) : Status;
}

static NTSTATUS SetNumber(HANDLE Key, PCWSTR Name, ULONG Number)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return NtSetValueKey(Key, &String, 0, REG_DWORD, &Number, sizeof(Number));
}

/* -1: there is no such number. */
static ULONG GetNumber(HANDLE Key, PCWSTR Name)
{
    struct {
        KEY_VALUE_PARTIAL_INFORMATION Info;
        UCHAR Room[16];
    } Buffer = { { 0 } };
    UNICODE_STRING String;
    NTSTATUS Status;
    ULONG Length;

    RtlInitUnicodeString(&String, Name);
    Status = NtQueryValueKey(Key, &String, KeyValuePartialInformation, &Buffer, sizeof(Buffer), &Length);
    if (!NT_SUCCESS(Status) && Status != STATUS_BUFFER_OVERFLOW)
        return (ULONG)-1;
    return *(UNALIGNED ULONG *)Buffer.Info.Data;
}

static VOID DeleteFile(PCWSTR Name)
{
    NtDeleteFile(Named(NULL, Name));
}

static BOOLEAN Privilege(ULONG Which, BOOLEAN On)
{
    BOOLEAN Had = FALSE;

    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(Which, On, FALSE, &Had));
    return Had;
}

static VOID DeleteTree(PCWSTR Name, const PCWSTR *Children)
{
    HANDLE Root = Create(NULL, Name), Child;

    for (; *Children != NULL; Children++) {
        Child = Create(Root, *Children);
        CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Child));
        NtClose(Child);
    }
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Root));
    NtClose(Root);
}

static NTSTATUS Load(PCWSTR Target, PCWSTR File, ULONG Flags)
{
    return NtLoadKey2(Named(NULL, Target), Named(NULL, File), Flags);
}

static NTSTATUS Unload(ULONG Flags)
{
    return NtUnloadKey2(Named(NULL, TARGET), Flags);
}

/* --- saving ----------------------------------------------------------------------------------------------------------- */

/* The minor version of the file; the signatures of its lists of subkeys. */
static ULONG FormatOf(PCWSTR Name, PBOOLEAN Hashes, PBOOLEAN BigData)
{
    static UCHAR Image[0x20000];
    LARGE_INTEGER Start = { .QuadPart = 0 };
    IO_STATUS_BLOCK IoStatus = { .Information = 0 };
    HANDLE File = OpenFile(Name, FILE_OPEN);

    CHECK_STATUS(STATUS_SUCCESS, NtReadFile(File, NULL, NULL, NULL, &IoStatus, Image, sizeof(Image), &Start, NULL));
    NtClose(File);
    *Hashes = *BigData = FALSE;
    for (ULONG i = 0x1024; i + 4 < IoStatus.Information; i += 8) {
        *Hashes |= memcmp(Image + i, "lh\3\0", 4) == 0;
        *BigData |= memcmp(Image + i, "db\3\0", 4) == 0;
    }
    return ((PULONG)Image)[6];
}

static VOID CheckSaved(PCWSTR File)
{
    HANDLE Key;

    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, File, 0));
    Key = Create(NULL, TARGET);
    CHECK(GetNumber(Key, L"number") == 7 && GetNumber(Key, L"big") == 0x03020100);
    CHECK_STATUS(STATUS_SUCCESS, Open(Key, L"Child"));
    CHECK_STATUS(STATUS_SUCCESS, Open(Key, L"\x3b1\x3b2\x3b3\x3b4\x3b5"));
    CHECK_STATUS(STATUS_SUCCESS, Open(Key, L"b"));
    NtClose(Key);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
}

static VOID TestFormats(HANDLE Key)
{
    static const struct {
        ULONG Format, Minor;
    } Formats[] = { { REG_STANDARD_FORMAT, 3 }, { REG_LATEST_FORMAT, 5 } };
    static const ULONG Wrong[] = { 0, 3, 5, 6, 7, 8, 0x80000001, ~0u };
    UNICODE_STRING BigName = RTL_CONSTANT_UNICODE_STRING(L"big");
    HANDLE Machine = Create(NULL, L"\\Registry\\Machine"), Child = Create(Key, L"Child"), File;
    static UCHAR Big[40000];
    BOOLEAN Hashes, BigData;

    for (ULONG i = 0; i < sizeof(Big); i++)
        Big[i] = (UCHAR)i;
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, L"number", 7));
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, &BigName, 0, REG_BINARY, Big, sizeof(Big)));
    NtClose(Create(Key, L"\x3b1\x3b2\x3b3\x3b4\x3b5"));
    NtClose(Create(Key, L"b"));
    for (ULONG i = 0; i < ARRAYSIZE(Formats); i++) {
        File = OpenFile(SAVED, FILE_OVERWRITE_IF);
        CHECK_STATUS(STATUS_SUCCESS, NtSaveKeyEx(Key, File, Formats[i].Format));
        NtClose(File);
        CHECK(FormatOf(SAVED, &Hashes, &BigData) == Formats[i].Minor);
        CHECK(Hashes == (Formats[i].Minor == 5) && BigData == (Formats[i].Minor == 5));
        CheckSaved(SAVED);
    }
    File = OpenFile(SAVED, FILE_OVERWRITE_IF);
    /* "The only format supported by Windows 2000": RegSaveKey's. */
    CHECK_STATUS(STATUS_SUCCESS, NtSaveKey(Key, File));
    NtClose(File);
    CHECK(FormatOf(SAVED, &Hashes, &BigData) == 3);
    File = OpenFile(SAVED, FILE_OPEN);
    for (ULONG i = 0; i < ARRAYSIZE(Wrong); i++)
        CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSaveKeyEx(Key, File, Wrong[i]));
    /* REG_NO_COMPRESSION: "hKey must specify the root of a hive". */
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSaveKeyEx(Key, File, REG_NO_COMPRESSION));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSaveKeyEx(Machine, File, REG_LATEST_FORMAT));
    Privilege(SE_BACKUP_PRIVILEGE, FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSaveKeyEx(Key, File, REG_LATEST_FORMAT));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSaveMergedKeys(Key, Key, File));
    Privilege(SE_BACKUP_PRIVILEGE, TRUE);
    NtClose(File);
    NtClose(Child);
    NtClose(Machine);
}

/* Key is High's tree; a hive has Low's. */
static VOID TestMerge(HANDLE Key)
{
    HANDLE File = OpenFile(SAVED, FILE_OVERWRITE_IF), Low = NULL, Child, Merged;

    DeleteFile(LOADED);
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_LOAD_HIVE_OPEN_HANDLE, NULL, NULL,
                                             KEY_ALL_ACCESS, &Low, NULL));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Low, L"NUMBER", 8));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Low, L"low", 9));
    Child = Create(Low, L"child");
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Child, L"below", 10));
    NtClose(Child);
    NtClose(Create(Low, L"a"));
    NtClose(Create(Low, L"z"));
    NtClose(Create(Low, L"z\\zz"));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSaveMergedKeys(Low, Low, File));
    CHECK_STATUS(STATUS_SUCCESS, NtSaveMergedKeys(Key, Low, File));
    CHECK_STATUS(STATUS_SUCCESS, NtSaveKeyEx(Low, OpenFile(LOADED L"2", FILE_OVERWRITE_IF), REG_NO_COMPRESSION));
    NtClose(File);
    NtClose(Low);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, SAVED, 0));
    Merged = Create(NULL, TARGET);
    CHECK(GetNumber(Merged, L"number") == 7 && GetNumber(Merged, L"low") == 9 && GetNumber(Merged, L"big") == 0x03020100);
    Child = Create(Merged, L"Child");
    CHECK(GetNumber(Child, L"below") == 10);
    NtClose(Child);
    CHECK_STATUS(STATUS_SUCCESS, Open(Merged, L"a"));
    CHECK_STATUS(STATUS_SUCCESS, Open(Merged, L"b"));
    CHECK_STATUS(STATUS_SUCCESS, Open(Merged, L"z\\zz"));
    NtClose(Merged);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
}

/* --- loading and unloading --------------------------------------------------------------------------------------- */

static BOOLEAN IsSet(HANDLE Event)
{
    LARGE_INTEGER Zero = { .QuadPart = 0 };

    return NtWaitForSingleObject(Event, FALSE, &Zero) == STATUS_WAIT_0;
}

static VOID TestLoadFlags(VOID)
{
    static const ULONG Wrong[] = { REG_WHOLE_HIVE_VOLATILE, REG_REFRESH_HIVE, REG_FORCE_RESTORE, REG_PROCESS_PRIVATE, REG_START_JOURNAL,
        REG_BOOT_HIVE, REG_APP_HIVE, REG_LOAD_HIVE_OPEN_HANDLE };
    HANDLE Root = NULL, Software = Create(NULL, L"\\Registry\\Machine\\Software"), Machine = Create(NULL, L"\\Registry\\Machine");

    for (ULONG i = 0; i < ARRAYSIZE(Wrong); i++)
        CHECK_STATUS(STATUS_INVALID_PARAMETER, Load(TARGET, LOADED, Wrong[i]));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), 0, NULL, NULL, KEY_READ, &Root, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), 0, NULL, NULL, 0, NULL, &Root));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), 0, Machine, NULL, 0, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), 0, Software, NULL, 0, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));

    /* A file that is read only: what is changed is not kept. */
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_OPEN_READ_ONLY | REG_LOAD_HIVE_OPEN_HANDLE,
                                             NULL, NULL, KEY_ALL_ACCESS, &Root, NULL));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 1));
    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Root));
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_IMMUTABLE | REG_LOAD_HIVE_OPEN_HANDLE,
                                             NULL, NULL, KEY_ALL_ACCESS, &Root, NULL));
    CHECK(GetNumber(Root, L"low") == 9);
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetNumber(Root, L"low", 1));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCreateKey(&Software, KEY_READ, Named(Root, L"New"), 0, NULL, 0, NULL));
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Load(TARGET, MISSING_FILE, REG_OPEN_READ_ONLY));
    Privilege(SE_RESTORE_PRIVILEGE, FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, Load(TARGET, LOADED, REG_NO_LAZY_FLUSH));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, Unload(REG_FORCE_UNLOAD));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtUnloadKeyEx(Named(NULL, TARGET), NULL));
    Privilege(SE_RESTORE_PRIVILEGE, TRUE);
    NtClose(Machine);
}

/* RegLoadKey: "If this file does not exist, a file is created with the specified name." */
static VOID TestNewFile(VOID)
{
    HANDLE Key;

    DeleteFile(MISSING_FILE);
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, MISSING_FILE, REG_NO_LAZY_FLUSH));
    Key = Create(NULL, TARGET);
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, L"number", 1));
    NtClose(Key);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, MISSING_FILE, 0));
    Key = Create(NULL, TARGET);
    CHECK(GetNumber(Key, L"number") == 1);
    NtClose(Key);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    DeleteFile(MISSING_FILE);
    DeleteFile(MISSING_FILE L".LOG1");
}

static VOID TestForcedUnload(VOID)
{
    HANDLE Root, Child, Event = NULL;
    IO_STATUS_BLOCK IoStatus = { .Status = -1 };

    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, LOADED, 0));
    Root = Create(NULL, TARGET);
    Child = Create(Root, L"z\\zz");
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Unload(2));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Unload(REG_FORCE_UNLOAD | 0x80000000));
    CHECK_STATUS(STATUS_CANNOT_DELETE, Unload(0));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Child, L"kept", 11));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeKey(Child, Event, NULL, NULL, &IoStatus, REG_NOTIFY_CHANGE_NAME, FALSE, NULL, 0, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, Unload(REG_FORCE_UNLOAD));
    CHECK(IsSet(Event) && IoStatus.Status == STATUS_NOTIFY_ENUM_DIR);
    CHECK_STATUS(STATUS_KEY_DELETED, SetNumber(Child, L"kept", 12));
    CHECK_STATUS(STATUS_KEY_DELETED, SetNumber(Root, L"kept", 12));
    CHECK_STATUS(STATUS_KEY_DELETED, Open(Root, L"z"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(NULL, TARGET));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, LOADED, 0));
    CHECK_STATUS(STATUS_KEY_DELETED, SetNumber(Root, L"kept", 12));
    NtClose(Child);
    NtClose(Root);
    Child = Create(NULL, TARGET L"\\z\\zz");
    CHECK(GetNumber(Child, L"kept") == 11);
    NtClose(Child);
    CHECK_STATUS(STATUS_SUCCESS, Unload(REG_FORCE_UNLOAD));
    CHECK_STATUS(STATUS_CANNOT_DELETE, NtUnloadKey2(Named(NULL, L"\\Registry\\Machine\\Software"), REG_FORCE_UNLOAD));
    NtClose(Event);
}

static VOID TestLateUnload(VOID)
{
    HANDLE Event = NULL, Root, Child;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, LOADED, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadKeyEx(Named(NULL, TARGET), Event));
    CHECK(IsSet(Event));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtUnloadKeyEx(Named(NULL, TARGET), Event));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, LOADED, 0));
    Root = Create(NULL, TARGET);
    Child = Create(Root, L"z");
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtUnloadKeyEx(Named(NULL, TARGET), Root));
    CHECK_STATUS(STATUS_PENDING, NtUnloadKeyEx(Named(NULL, TARGET), Event));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(NULL, TARGET));
    CHECK_STATUS(STATUS_TOO_LATE, NtUnloadKeyEx(Named(Root, L""), Event));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Load(TARGET L"2", LOADED, 0));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Child, L"late", 13));
    NtClose(Root);
    CHECK(!IsSet(Event));
    NtClose(Child);
    CHECK(IsSet(Event));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, LOADED, 0));
    Child = Create(NULL, TARGET L"\\z");
    CHECK(GetNumber(Child, L"late") == 13);
    NtClose(Child);
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadKeyEx(Named(NULL, TARGET), NULL));
    NtClose(Event);
}

/* RegLoadAppKey: no privilege, no place that others see, gone with the last handle. */
static VOID TestApplicationHive(VOID)
{
    HANDLE Root = NULL, Again = NULL, Private = NULL, Child, Event = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    DeleteFile(MISSING_FILE);
    Privilege(SE_RESTORE_PRIVILEGE, FALSE);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, MISSING_FILE), REG_APP_HIVE, NULL, NULL,
                                                       KEY_ALL_ACCESS, &Root, NULL));
    CHECK(Root == NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, APPLICATION), Named(NULL, MISSING_FILE), REG_APP_HIVE, NULL, Event, KEY_ALL_ACCESS,
                                             &Root, NULL));
    Child = Create(Root, L"Child");
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Child, L"number", 14));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(NULL, APPLICATION));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(NULL, L"\\Registry\\A"));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(NULL, APPLICATION L"\\Child"));
    CHECK_STATUS(STATUS_SUCCESS, Open(Root, L"Child"));
    /* The same file again is the same hive. */
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, APPLICATION L"2"), Named(NULL, MISSING_FILE), REG_APP_HIVE, NULL, NULL, KEY_READ,
                                             &Again, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Open(Again, L"Child"));
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetNumber(Again, L"number", 1));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, NtLoadKeyEx(Named(NULL, APPLICATION L"2"), Named(NULL, MISSING_FILE),
                                                       REG_APP_HIVE | REG_PROCESS_PRIVATE, NULL, NULL, KEY_READ, &Private, NULL));
    CHECK(Private == NULL);
    NtClose(Root);
    NtClose(Child);
    CHECK(!IsSet(Event));
    NtClose(Again);
    CHECK(IsSet(Event));
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, APPLICATION L"2"), Named(NULL, MISSING_FILE), REG_APP_HIVE, NULL, NULL, KEY_READ,
                                             &Root, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Open(Root, L"Child"));
    NtClose(Root);
    Privilege(SE_RESTORE_PRIVILEGE, TRUE);
    NtClose(Event);
}

/* --- restoring --------------------------------------------------------------------------------------------------- */

/* Key's tree as TestFormats has left it, saved in SAVED. */
static VOID TestRestore(HANDLE Key)
{
    HANDLE File = OpenFile(SAVED, FILE_OVERWRITE_IF), Target = Create(NULL, SOURCE L"2"), Child, Machine = Create(NULL, L"\\Registry\\Machine");
    IO_STATUS_BLOCK IoStatus = { .Status = -1 };
    HANDLE Bad = OpenFile(MISSING_FILE, FILE_OVERWRITE_IF), Watch = Create(NULL, SOURCE L"2"), Event = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtSaveKeyEx(Key, File, REG_LATEST_FORMAT));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Target, L"old", 1));
    Child = Create(Target, L"Old");
    for (ULONG Flags = 0x10; Flags != 0; Flags <<= 1)
        CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRestoreKey(Target, File, Flags));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRestoreKey(Target, File, REG_REFRESH_HIVE | REG_FORCE_RESTORE));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtRestoreKey(Target, NULL, 0));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtRestoreKey(File, File, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtRestoreKey(Machine, File, REG_FORCE_RESTORE));
    CHECK_STATUS(STATUS_CANNOT_DELETE, NtRestoreKey(Target, File, 0));
    NtClose(Watch);
    CHECK_STATUS(STATUS_CANNOT_DELETE, NtRestoreKey(Target, File, 0));
    CHECK(GetNumber(Target, L"old") == 1);
    CHECK_STATUS(STATUS_REGISTRY_CORRUPT, NtRestoreKey(Target, Bad, REG_FORCE_RESTORE));
    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeKey(Target, Event, NULL, NULL, &IoStatus, REG_NOTIFY_CHANGE_NAME, FALSE, NULL, 0, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtRestoreKey(Target, File, REG_FORCE_RESTORE));
    CHECK(IsSet(Event));
    CHECK_STATUS(STATUS_KEY_DELETED, SetNumber(Child, L"a", 1));
    NtClose(Child);
    CHECK(GetNumber(Target, L"old") == (ULONG)-1 && GetNumber(Target, L"number") == 7 && GetNumber(Target, L"big") == 0x03020100);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(Target, L"Old"));
    CHECK_STATUS(STATUS_SUCCESS, Open(Target, L"b"));
    CHECK_STATUS(STATUS_SUCCESS, Open(NULL, SOURCE L"2\\Child"));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Target, L"new", 2));
    CHECK_STATUS(STATUS_SUCCESS, NtRestoreKey(Target, File, 0));
    CHECK(GetNumber(Target, L"new") == (ULONG)-1 && GetNumber(Target, L"number") == 7);
    Privilege(SE_RESTORE_PRIVILEGE, FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtRestoreKey(Target, File, 0));
    Privilege(SE_RESTORE_PRIVILEGE, TRUE);

    /* REG_WHOLE_HIVE_VOLATILE: a key directly below Machine becomes a hive that no file has. */
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRestoreKey(Target, File, REG_WHOLE_HIVE_VOLATILE));
    Child = Create(NULL, TARGET);
    CHECK_STATUS(STATUS_SUCCESS, NtRestoreKey(Child, File, REG_WHOLE_HIVE_VOLATILE));
    CHECK(GetNumber(Child, L"number") == 7);
    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Child));
    CHECK_STATUS(STATUS_CANNOT_DELETE, NtDeleteKey(Child));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRestoreKey(Child, File, REG_WHOLE_HIVE_VOLATILE));
    NtClose(Child);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(NULL, TARGET));

    NtClose(File);
    NtClose(Target);
    NtClose(Bad);
    NtClose(Event);
    NtClose(Machine);
    DeleteFile(MISSING_FILE);
    DeleteTree(SOURCE L"2", (const PCWSTR[]){ L"b", L"Child", L"\x3b1\x3b2\x3b3\x3b4\x3b5", NULL });
}

/* REG_REFRESH_HIVE: back to the last flush. */
static VOID TestRefresh(VOID)
{
    HANDLE Root = NULL, Child;
    BOOLEAN Had = Privilege(SE_TCB_PRIVILEGE, FALSE);

    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_LOAD_HIVE_OPEN_HANDLE, NULL, NULL,
                                             KEY_ALL_ACCESS, &Root, NULL));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtRestoreKey(Root, NULL, REG_REFRESH_HIVE));
    Privilege(SE_TCB_PRIVILEGE, TRUE);
    /* "The subtree must not be lazy flushed", "the handle must refer to the root". */
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRestoreKey(Root, NULL, REG_REFRESH_HIVE));
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_LOAD_HIVE_OPEN_HANDLE | REG_NO_LAZY_FLUSH,
                                             NULL, NULL, KEY_ALL_ACCESS, &Root, NULL));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 20));
    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Root));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 21));
    NtClose(Create(Root, L"Soon gone"));
    Child = Create(Root, L"z");
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtRestoreKey(Child, NULL, REG_REFRESH_HIVE));
    NtClose(Child);
    CHECK_STATUS(STATUS_SUCCESS, NtRestoreKey(Root, NULL, REG_REFRESH_HIVE));
    CHECK(GetNumber(Root, L"low") == 20);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(Root, L"Soon gone"));
    CHECK_STATUS(STATUS_SUCCESS, Open(Root, L"z"));
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    Privilege(SE_TCB_PRIVILEGE, Had);
}

/* --- small hives, still hives ------------------------------------------------------------------------------------ */

static LONGLONG FileLength(PCWSTR Name)
{
    FILE_NETWORK_OPEN_INFORMATION Info;

    return NT_SUCCESS(NtQueryFullAttributesFile(Named(NULL, Name), &Info)) ? Info.EndOfFile.QuadPart : -1;
}

static VOID TestCompress(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"large");
    HANDLE Root = NULL, Child, Keys[3], Reader;
    static UCHAR Large[50000];
    LONGLONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_LOAD_HIVE_OPEN_HANDLE, NULL, NULL,
                                             KEY_ALL_ACCESS, &Root, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Root, &Name, 0, REG_BINARY, Large, sizeof(Large)));
    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Root));
    Length = FileLength(LOADED);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteValueKey(Root, &Name));
    CHECK_STATUS(STATUS_SUCCESS, NtCompressKey(Root));
    CHECK(FileLength(LOADED) <= Length - (LONGLONG)sizeof(Large) + 0x2000);
    Child = Create(Root, L"z");
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCompressKey(Child));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Reader, KEY_READ, Named(NULL, TARGET)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCompressKey(Reader));
    Keys[0] = Root;
    Keys[1] = Child;
    Keys[2] = Create(NULL, SOURCE);
    CHECK_STATUS(STATUS_SUCCESS, NtCompactKeys(2, Keys));
    CHECK_STATUS(STATUS_SUCCESS, NtCompactKeys(0, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCompactKeys(3, Keys));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCompactKeys(1, &Reader));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtCompactKeys(1, NULL));
    NtClose(Keys[2]);
    NtClose(Reader);
    NtClose(Child);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
}

static NTSTATUS NTAPI Flush(PVOID Key)
{
    return NtFlushKey(Key);
}

static VOID TestFreeze(VOID)
{
    LARGE_INTEGER Soon = { .QuadPart = -100 * 10000ll }, Limit = { .QuadPart = LONG_ENOUGH };
    HANDLE Root = NULL, Thread;
    LONGLONG Length;

    Privilege(SE_BACKUP_PRIVILEGE, FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtFreezeRegistry(1));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtThawRegistry());
    Privilege(SE_BACKUP_PRIVILEGE, TRUE);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtThawRegistry());
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_LOAD_HIVE_OPEN_HANDLE, NULL, NULL,
                                             KEY_ALL_ACCESS, &Root, NULL));
    for (ULONG i = 0; i < 400; i++) {
        WCHAR Name[16];

        _snwprintf(Name, ARRAYSIZE(Name), L"frozen%u", i);
        CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, Name, i));
    }
    Length = FileLength(LOADED);
    CHECK_STATUS(STATUS_SUCCESS, NtFreezeRegistry(1000));
    CHECK(FileLength(LOADED) > Length);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtFreezeRegistry(1));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 30));
    Thread = CheckStartThread(Flush, Root);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Thread, FALSE, &Soon));
    CHECK_STATUS(STATUS_SUCCESS, NtThawRegistry());
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, &Limit));
    /* The time ends it, too, and so does the end of who waits. */
    CHECK_STATUS(STATUS_SUCCESS, NtFreezeRegistry(1));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 31));
    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Root));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtThawRegistry());
    CHECK_STATUS(STATUS_SUCCESS, NtFreezeRegistry(1000));
    Thread = CheckStartThread(Flush, Root);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Thread, FALSE, &Soon));
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Thread, STATUS_CANCELLED));
    CHECK_STATUS(STATUS_CANCELLED, CheckJoinThread(Thread, &Limit));
    CHECK_STATUS(STATUS_SUCCESS, NtThawRegistry());
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
}

/* --- names of files ---------------------------------------------------------------------------------------------- */

static NTSTATUS Replace(PCWSTR New, HANDLE Root, PCWSTR Old)
{
    return NtReplaceKey(Named(NULL, New), Root, Named(NULL, Old));
}

/* RegReplaceKey: the new file is the hive's from the next load on, the old one has what the hive had. */
static VOID TestReplace(HANDLE Key)
{
    HANDLE File = OpenFile(SAVED, FILE_OVERWRITE_IF), Root = NULL, Child;

    CHECK_STATUS(STATUS_SUCCESS, NtSaveKeyEx(Key, File, REG_LATEST_FORMAT));
    NtClose(File);
    NtClose(OpenFile(MISSING_FILE, FILE_OVERWRITE_IF));
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_LOAD_HIVE_OPEN_HANDLE, NULL, NULL,
                                             KEY_ALL_ACCESS, &Root, NULL));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 40));
    Child = Create(Root, L"z");
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Replace(SAVED, Child, LOADED L".old"));
    CHECK_STATUS(STATUS_INVALID_HANDLE, Replace(SAVED, NULL, LOADED L".old"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Replace(SAVED L"3", Root, LOADED L".old"));
    CHECK_STATUS(STATUS_REGISTRY_CORRUPT, Replace(MISSING_FILE, Root, LOADED L".old"));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Replace(SAVED, Root, MISSING_FILE));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Replace(LOADED, Root, LOADED L".old"));
    Privilege(SE_RESTORE_PRIVILEGE, FALSE);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, Replace(SAVED, Root, LOADED L".old"));
    Privilege(SE_RESTORE_PRIVILEGE, TRUE);
    CHECK_STATUS(STATUS_SUCCESS, Replace(SAVED, Root, LOADED L".old"));
    CHECK_STATUS(STATUS_FILE_RENAMED, Replace(MISSING_FILE, Root, LOADED L".older"));
    CHECK(GetNumber(Root, L"low") == 40 && GetNumber(Root, L"number") == 8);
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 41));
    NtClose(Child);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    CHECK(FileLength(SAVED) == -1);
    CheckSaved(LOADED);
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, LOADED L".old", 0));
    Root = Create(NULL, TARGET);
    CHECK(GetNumber(Root, L"low") == 41 && GetNumber(Root, L"number") == 8);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
}

/* --- two keys at a time ------------------------------------------------------------------------------------------ */

static NTSTATUS WatchBoth(HANDLE Master, ULONG Count, PCWSTR Slave, HANDLE Event, PIO_STATUS_BLOCK IoStatus)
{
    return NtNotifyChangeMultipleKeys(Master, Count, Count != 0 ? Named(NULL, Slave) : NULL, Event, NULL, NULL, IoStatus,
                                      REG_NOTIFY_CHANGE_LAST_SET, TRUE, NULL, 0, TRUE);
}

typedef struct _BOTH {
    HANDLE Key;
    IO_STATUS_BLOCK IoStatus;
} BOTH;

static NTSTATUS NTAPI WaitForBoth(PVOID Argument)
{
    BOTH *Both = Argument;

    return NtNotifyChangeMultipleKeys(Both->Key, 1, Named(NULL, TARGET), NULL, NULL, NULL, &Both->IoStatus, REG_NOTIFY_CHANGE_LAST_SET, TRUE,
                                      NULL, 0, FALSE);
}

static VOID TestTwoKeys(HANDLE Key)
{
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };
    IO_STATUS_BLOCK IoStatus = { .Status = -1 };
    HANDLE Root = NULL, Watch, Event = NULL, Thread;
    BOTH Both = { 0 };
    ULONG Open;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET), Named(NULL, LOADED), REG_LOAD_HIVE_OPEN_HANDLE, NULL, NULL,
                                             KEY_ALL_ACCESS, &Root, NULL));
    Watch = Create(NULL, SOURCE);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, WatchBoth(Watch, 2, TARGET, Event, &IoStatus));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, WatchBoth(Watch, 1, L"\\Registry\\Machine\\Software", Event, &IoStatus));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, WatchBoth(Watch, 1, TARGET L"3", Event, &IoStatus));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtNotifyChangeMultipleKeys(Watch, 1, NULL, Event, NULL, NULL, &IoStatus,
                                                                      REG_NOTIFY_CHANGE_LAST_SET, TRUE, NULL, 0, TRUE));
    CHECK_STATUS(STATUS_PENDING, WatchBoth(Watch, 0, NULL, Event, &IoStatus));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, L"number", 7));
    CHECK(IsSet(Event) && IoStatus.Status == STATUS_NOTIFY_ENUM_DIR);
    for (ULONG i = 0; i < 3; i++) {
        CHECK_STATUS(STATUS_PENDING, WatchBoth(Watch, 1, TARGET, Event, &IoStatus));
        CHECK(!IsSet(Event));
        CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 50));
        CHECK(IsSet(Event));
        CHECK_STATUS(STATUS_PENDING, WatchBoth(Watch, 1, TARGET L"\\Child", Event, &IoStatus));
        CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, L"number", 7));
        CHECK(IsSet(Event));
    }
    /* Nothing is left of the calls that are done. */
    CHECK_STATUS(STATUS_SUCCESS, NtQueryOpenSubKeys(Named(NULL, TARGET), &Open));
    CHECK(Open == 0);
    CHECK_STATUS(STATUS_PENDING, WatchBoth(Watch, 1, TARGET, Event, &IoStatus));
    NtClose(Root);
    CHECK_STATUS(STATUS_CANNOT_DELETE, Unload(0));
    CHECK_STATUS(STATUS_SUCCESS, Unload(REG_FORCE_UNLOAD));
    CHECK(IsSet(Event));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET, LOADED, 0));
    CHECK_STATUS(STATUS_PENDING, WatchBoth(Watch, 1, TARGET, Event, &IoStatus));
    NtClose(Watch);
    CHECK(IsSet(Event) && IoStatus.Status == STATUS_NOTIFY_CLEANUP);

    Both.Key = Create(NULL, SOURCE);
    Thread = CheckStartThread(WaitForBoth, &Both);
    CheckSettle();
    Root = Create(NULL, TARGET);
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Root, L"low", 51));
    CHECK_STATUS(STATUS_NOTIFY_ENUM_DIR, CheckJoinThread(Thread, &Limit));
    Thread = CheckStartThread(WaitForBoth, &Both);
    CheckSettle();
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateThread(Thread, STATUS_CANCELLED));
    CHECK_STATUS(STATUS_CANCELLED, CheckJoinThread(Thread, &Limit));
    NtClose(Both.Key);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Unload(0));
    NtClose(Event);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Key;

    Privilege(SE_BACKUP_PRIVILEGE, TRUE);
    Privilege(SE_RESTORE_PRIVILEGE, TRUE);
    Key = Create(NULL, SOURCE);
    TestFormats(Key);
    TestMerge(Key);
    TestLoadFlags();
    TestNewFile();
    TestForcedUnload();
    TestLateUnload();
    TestApplicationHive();
    TestRestore(Key);
    TestRefresh();
    TestCompress();
    TestFreeze();
    TestTwoKeys(Key);
    TestReplace(Key);
    NtClose(Key);
    DeleteTree(SOURCE, (const PCWSTR[]){ L"b", L"Child", L"\x3b1\x3b2\x3b3\x3b4\x3b5", NULL });
    return CheckClose();
}
