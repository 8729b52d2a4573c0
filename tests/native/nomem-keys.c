/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): the registry.
 */
#include "nomem.h"

#define HIVE_FILE L"\\??\\C:\\nomem-hive"
#define OLD_FILE HIVE_FILE L"3"
#define LOADED_HIVE L"\\Registry\\Machine\\nomem-hive"
#define KEY L"\\Registry\\Machine\\Software\\nomem"

static UNICODE_STRING ValueName = RTL_CONSTANT_UNICODE_STRING(L"value"), Class = RTL_CONSTANT_UNICODE_STRING(L"class"),
        OtherName = RTL_CONSTANT_UNICODE_STRING(L"nomem-renamed");
static UCHAR Buffer[8192];
static LARGE_INTEGER Soon = { .QuadPart = -10000 };

static VOID Remove(HANDLE Key)
{
    if (Key == NULL)
        return;
    DROP(NtDeleteKey, Key);
    NoMemClose(Key);
}

static VOID Values(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, KEY);
    HANDLE Key = NULL, Again = NULL, Third = NULL;
    ULONG Length, Disposition;

    (void)(TRY(NtCreateKey, &Key, KEY_ALL_ACCESS, &Name, 0, &Class, 0, &Disposition) &&
           TRY(NtSetValueKey, Key, &ValueName, 0, REG_BINARY, Buffer, 3) &&
           TRY(NtSetValueKey, Key, &ValueName, 0, REG_BINARY, Buffer, 5000) && TRY(NtOpenKey, &Again, KEY_READ, &Name) &&
           TRY(NtOpenKeyEx, &Third, KEY_READ, &Name, 0) &&
           TRY(NtQueryValueKey, Again, &ValueName, KeyValueFullInformation, Buffer, sizeof(Buffer), &Length) &&
           TRY(NtEnumerateValueKey, Again, 0, KeyValueFullInformation, Buffer, sizeof(Buffer), &Length) &&
           TRY(NtQueryKey, Again, KeyFullInformation, Buffer, sizeof(Buffer), &Length) &&
           TRY(NtDeleteValueKey, Key, &ValueName) && TRY(NtFlushKey, Key));
    NoMemClose(Third);
    NoMemClose(Again);
    Remove(Key);
}

static VOID Children(VOID)
{
    UNICODE_STRING String, ChildString;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, KEY), ChildName = NoMemName(&ChildString, L"child");
    HANDLE Key = NULL, Child = NULL, Event = NULL;
    IO_STATUS_BLOCK IoStatus;
    ULONG Length;

    (void)(TRY(NtCreateKey, &Key, KEY_ALL_ACCESS, &Name, 0, NULL, REG_OPTION_VOLATILE, NULL) &&
           (ChildName.RootDirectory = Key) != NULL && TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) &&
           TRY(NtNotifyChangeKey, Key, Event, NULL, NULL, &IoStatus, REG_NOTIFY_CHANGE_NAME, FALSE, NULL, 0, TRUE) &&
           TRY(NtCreateKey, &Child, KEY_ALL_ACCESS, &ChildName, 0, NULL, REG_OPTION_VOLATILE, NULL) &&
           TRY(NtWaitForSingleObject, Event, FALSE, &Soon) &&
           TRY(NtEnumerateKey, Key, 0, KeyFullInformation, Buffer, sizeof(Buffer), &Length) &&
           TRY(NtRenameKey, Child, &OtherName));
    Remove(Child);
    Remove(Key);
    NoMemClose(Event);
}

/* What NtSaveKey wrote is loaded under another name. */
static VOID Hives(VOID)
{
    UNICODE_STRING String, FileString, HiveString;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, KEY), FileName = NoMemName(&FileString, HIVE_FILE),
            HiveName = NoMemName(&HiveString, LOADED_HIVE);
    HANDLE Key = NULL, File = NULL;
    IO_STATUS_BLOCK IoStatus;
    BOOLEAN Saved;

    Saved = TRY(NtCreateFile, &File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &FileName, &IoStatus, NULL, 0, 0, FILE_OVERWRITE_IF,
                FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0) &&
            TRY(NtCreateKey, &Key, KEY_ALL_ACCESS, &Name, 0, NULL, 0, NULL) &&
            TRY(NtSetValueKey, Key, &ValueName, 0, REG_BINARY, Buffer, 100) && TRY(NtSaveKey, Key, File);
    Remove(Key);
    NoMemClose(File);
    if (Saved && TRY(NtLoadKey, &HiveName, &FileName))
        (void)TRY(NtUnloadKey, &HiveName);
}

static VOID UnloadHive(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, LOADED_HIVE);

    NtUnloadKey(&Name);
}

/* A hive of its own, which is filled from a file, written without gaps and merged with a key of another one. */
static VOID HiveServices(VOID)
{
    UNICODE_STRING String, FileString, HiveString, SavedString, OldString;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, KEY), FileName = NoMemName(&FileString, HIVE_FILE L"2"),
            HiveName = NoMemName(&HiveString, LOADED_HIVE), SavedName = NoMemName(&SavedString, HIVE_FILE),
            OldName = NoMemName(&OldString, OLD_FILE);
    HANDLE Key = NULL, Root = NULL, File = NULL, Event = NULL;
    IO_STATUS_BLOCK IoStatus;

    (void)(TRY(NtCreateFile, &File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &SavedName, &IoStatus, NULL, 0, 0, FILE_OVERWRITE_IF,
               FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0) &&
           TRY(NtCreateKey, &Key, KEY_ALL_ACCESS, &Name, 0, NULL, 0, NULL) &&
           TRY(NtSetValueKey, Key, &ValueName, 0, REG_BINARY, Buffer, 100) && TRY(NtSaveKeyEx, Key, File, REG_LATEST_FORMAT) &&
           TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) &&
           TRY(NtLoadKeyEx, &HiveName, &FileName, REG_LOAD_HIVE_OPEN_HANDLE, Key, Event, KEY_ALL_ACCESS, &Root, NULL) &&
           TRY(NtRestoreKey, Root, File, 0) && TRY(NtCompactKeys, 1, &Root) && TRY(NtCompressKey, Root) &&
           TRY(NtNotifyChangeMultipleKeys, Key, 1, &HiveName, Event, NULL, NULL, &IoStatus, REG_NOTIFY_CHANGE_NAME, FALSE, NULL, 0, TRUE) &&
           TRY(NtSaveMergedKeys, Root, Key, File) && TRY(NtFreezeRegistry, 0));
    NtThawRegistry();
    Remove(Key);
    NoMemClose(File);
    if (Root != NULL)
        (void)TRY(NtReplaceKey, &SavedName, Root, &OldName);
    NoMemClose(Root);
    NoMemClose(Event);
    if (Root == NULL || !TRY(NtUnloadKeyEx, &HiveName, NULL))
        return;
    if (TRY(NtLoadKey2, &HiveName, &FileName, REG_NO_LAZY_FLUSH))
        (void)TRY(NtUnloadKey2, &HiveName, REG_FORCE_UNLOAD);
}

static VOID Information(VOID)
{
    UNICODE_STRING String, HiveString;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, KEY), HiveName = NoMemName(&HiveString, L"\\Registry\\Machine\\Software");
    LARGE_INTEGER Time = { .QuadPart = 1 };
    KEY_VALUE_ENTRY Entry = { &ValueName };
    HANDLE Key = NULL;
    ULONG Length = sizeof(Buffer), Number;

    (void)(TRY(NtCreateKey, &Key, KEY_ALL_ACCESS, &Name, 0, NULL, REG_OPTION_VOLATILE, NULL) &&
           TRY(NtSetValueKey, Key, &ValueName, 0, REG_BINARY, Buffer, 100) &&
           TRY(NtQueryMultipleValueKey, Key, &Entry, 1, Buffer, &Length, NULL) &&
           TRY(NtSetInformationKey, Key, KeyWriteTimeInformation, &Time, sizeof(Time)) &&
           TRY(NtQueryOpenSubKeys, &HiveName, &Number) && TRY(NtQueryOpenSubKeysEx, &HiveName, sizeof(Buffer), Buffer, &Number));
    Remove(Key);
}

static VOID RemoveHive(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES OldName = NoMemName(&String, OLD_FILE);

    UnloadHive();
    NtDeleteFile(&OldName);
}

static const SCENARIO List[] = { { "values", Values }, { "children", Children }, { "keyinfo", Information }, { "hives", Hives, UnloadHive },
        { "hiveservices", HiveServices, RemoveHive } };
const SCENARIOS KeyScenarios = { List, ARRAYSIZE(List) };
