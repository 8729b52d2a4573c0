/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What is set and asked of keys besides values: NtSetInformationKey and the classes of NtQueryKey that show it, NtLockRegistryKey,
 * NtQueryMultipleValueKey, NtQueryOpenSubKeys(Ex), NtInitializeRegistry; what of it a hive keeps.
 *
 * Runs on: Nereid.  (Wine has none of these, or does nothing in them.)
 */
#include "check.h"
#include "named.h"

#define TEST_KEY L"\\Registry\\Machine\\Software\\NereidKeyInfo"
#define HIVE L"\\Registry\\Machine\\NereidKeyInfo"
#define HIVE_FILE L"\\??\\C:\\temp\\keyinfo.hiv"

static HANDLE Create(HANDLE Root, PCWSTR Name, ACCESS_MASK Access)
{
    HANDLE Key = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, Access, Named(Root, Name), 0, NULL, 0, NULL));
    return Key;
}

static NTSTATUS SetValue(HANDLE Key, PCWSTR Name, ULONG Type, const void *Data, ULONG Length)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return NtSetValueKey(Key, &String, 0, Type, (PVOID)Data, Length);
}

static ULONG QueryNumber(HANDLE Key, KEY_INFORMATION_CLASS Class)
{
    ULONG Number = 0xcccccccc, Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, Class, &Number, sizeof(Number), &Length));
    CHECK(Length == sizeof(Number));
    return Number;
}

static LONGLONG WriteTime(HANDLE Key)
{
    KEY_CACHED_INFORMATION Info = { 0 };
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, KeyCachedInformation, &Info, sizeof(Info), &Length));
    return Info.LastWriteTime.QuadPart;
}

static KEY_FLAGS_INFORMATION FlagsOf(HANDLE Key)
{
    KEY_FLAGS_INFORMATION Info = { 0 };
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, KeyFlagsInformation, &Info, sizeof(Info), &Length));
    CHECK(Length == sizeof(Info));
    return Info;
}

static NTSTATUS SetNumber(HANDLE Key, KEY_SET_INFORMATION_CLASS Class, ULONG Number)
{
    return NtSetInformationKey(Key, Class, &Number, sizeof(Number));
}

static VOID TestSet(HANDLE Key)
{
    static const ULONG Lengths[] = { 8, 4, 4, 4, 4, 4, 4 };
    LARGE_INTEGER Time = { .QuadPart = 0x01d0000000000000 };
    HANDLE Reader = Create(Key, L"", KEY_READ), Other = Create(Key, L"", KEY_READ);
    UCHAR Buffer[16] = { 0 };

    for (ULONG Class = 0; Class < ARRAYSIZE(Lengths); Class++)
        for (ULONG Length = 0; Length <= sizeof(Buffer); Length++)
            if (Length != Lengths[Class])
                CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetInformationKey(Key, Class, Buffer, Length));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtSetInformationKey(Key, 7, Buffer, 4));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtSetInformationKey(Key, -1, Buffer, 4));
    CHECK_STATUS(STATUS_NOT_SUPPORTED, SetNumber(Key, KeySetDebugInformation, 1));
    CHECK_STATUS(STATUS_NOT_SUPPORTED, SetNumber(Key, KeySetLayerInformation, 1));

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationKey(Key, KeyWriteTimeInformation, &Time, sizeof(Time)));
    CHECK(WriteTime(Key) == Time.QuadPart);
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Key, L"a", REG_DWORD, &Time, 4));
    CHECK(WriteTime(Key) > Time.QuadPart);

    CHECK(FlagsOf(Key).Wow64Flags == 0 && FlagsOf(Key).KeyFlags == 0 && FlagsOf(Key).ControlFlags == 0);
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, KeyWow64FlagsInformation, 5));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, KeyControlFlagsInformation, 2));
    CHECK(FlagsOf(Reader).Wow64Flags == 5 && FlagsOf(Reader).ControlFlags == 2);
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, KeySetVirtualizationInformation, 5));
    CHECK(QueryNumber(Key, KeyVirtualizationInformation) == 5 << 2);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, SetNumber(Key, KeySetVirtualizationInformation, 8));

    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Reader, KeySetHandleTagsInformation, 0x12345678));
    CHECK(QueryNumber(Reader, KeyHandleTagsInformation) == 0x12345678);
    CHECK(QueryNumber(Other, KeyHandleTagsInformation) == 0);
    for (ULONG Class = 0; Class < ARRAYSIZE(Lengths); Class++)
        if (Class != KeySetHandleTagsInformation)
            CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetInformationKey(Reader, Class, Buffer, Lengths[Class]));
    CHECK(QueryNumber(Key, KeyTrustInformation) == 0 && QueryNumber(Key, KeyLayerInformation) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtQueryKey(Key, 11, Buffer, sizeof(Buffer), (PULONG)Buffer));
    NtClose(Other);
    NtClose(Reader);
}

/* ZwSetInformationKey changes no value, so that who watches the key is not told. */
static VOID TestSilent(HANDLE Key)
{
    IO_STATUS_BLOCK IoStatus = { .Status = STATUS_PENDING };
    LARGE_INTEGER Time = { .QuadPart = 1 };
    HANDLE Watch = Create(Key, L"", KEY_READ);

    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeKey(Watch, NULL, NULL, NULL, &IoStatus, REG_LEGAL_CHANGE_FILTER, TRUE, NULL, 0, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationKey(Key, KeyWriteTimeInformation, &Time, sizeof(Time)));
    CHECK(IoStatus.Status == STATUS_PENDING);
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Key, L"a", REG_NONE, NULL, 0));
    CHECK(IoStatus.Status == STATUS_NOTIFY_ENUM_DIR);
    NtClose(Watch);
}

static VOID TestLock(HANDLE Key)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"a"), Renamed = RTL_CONSTANT_UNICODE_STRING(L"Renamed");
    HANDLE Locked = NULL, Reader, Child;
    LARGE_INTEGER Time = { .QuadPart = 1 };
    BOOLEAN Had;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Locked, KEY_ALL_ACCESS, Named(Key, L"Locked"), 0, NULL, REG_OPTION_VOLATILE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Locked, L"a", REG_SZ, L"b", 4));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_LOCK_MEMORY_PRIVILEGE, FALSE, FALSE, &Had));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtLockRegistryKey(Locked));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_LOCK_MEMORY_PRIVILEGE, TRUE, FALSE, &Had));
    Reader = Create(Locked, L"", KEY_READ);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtLockRegistryKey(Reader));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtLockRegistryKey(NULL));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtLockRegistryKey(NtCurrentProcess()));
    CHECK_STATUS(STATUS_SUCCESS, NtLockRegistryKey(Locked));
    CHECK_STATUS(STATUS_SUCCESS, NtLockRegistryKey(Locked));
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetValue(Locked, L"a", REG_SZ, L"c", 4));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtDeleteValueKey(Locked, &Name));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCreateKey(&Child, KEY_READ, Named(Locked, L"Child"), 0, NULL, REG_OPTION_VOLATILE, NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtRenameKey(Locked, &Renamed));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetInformationKey(Locked, KeyWriteTimeInformation, &Time, sizeof(Time)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtDeleteKey(Locked));
    NtClose(Reader);
    NtClose(Locked);
}

static VOID TestSeveralValues(HANDLE Key)
{
    static WCHAR Long[] = L"a string";
    UNICODE_STRING Names[4], None = RTL_CONSTANT_UNICODE_STRING(L"none");
    KEY_VALUE_ENTRY Entries[4];
    UCHAR Buffer[64];
    HANDLE Blind = Create(Key, L"", KEY_WRITE);
    ULONG Length, Needed;

    RtlInitUnicodeString(&Names[0], L"one");
    RtlInitUnicodeString(&Names[1], L"two");
    RtlInitUnicodeString(&Names[2], L"THREE");
    RtlInitUnicodeString(&Names[3], L"empty");
    SetValue(Key, L"one", REG_BINARY, "abc", 3);
    SetValue(Key, L"two", REG_SZ, Long, sizeof(Long));
    SetValue(Key, L"three", REG_DWORD, "1234", 4);
    SetValue(Key, L"empty", REG_NONE, NULL, 0);
    for (ULONG i = 0; i < ARRAYSIZE(Entries); i++)
        Entries[i] = (KEY_VALUE_ENTRY){ &Names[i], 0xcccc, 0xcccc, 0xcccc };
    memset(Buffer, 0xcc, sizeof(Buffer));
    Length = sizeof(Buffer);
    Needed = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryMultipleValueKey(Key, Entries, 4, Buffer, &Length, &Needed));
    CHECK(Length == 28 && Needed == Length);
    CHECK(Entries[0].DataOffset == 0 && Entries[0].DataLength == 3 && Entries[0].Type == REG_BINARY && memcmp(Buffer, "abc\xcc", 4) == 0);
    CHECK(Entries[1].DataOffset == 4 && Entries[1].DataLength == sizeof(Long) && memcmp(Buffer + 4, Long, sizeof(Long)) == 0);
    CHECK(Entries[2].DataOffset == 24 && Entries[2].Type == REG_DWORD && memcmp(Buffer + 24, "1234", 4) == 0);
    CHECK(Entries[3].DataLength == 0 && Entries[3].Type == REG_NONE);
    CHECK(Entries[0].ValueName == &Names[0]);

    /* "If the buffer is too small": what fits, and how much all want. */
    memset(Buffer, 0xcc, sizeof(Buffer));
    Length = 12;
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryMultipleValueKey(Key, Entries, 3, Buffer, &Length, &Needed));
    CHECK(Length == 3 && Needed == 28 && memcmp(Buffer, "abc\xcc", 4) == 0);
    CHECK(Entries[1].DataLength == sizeof(Long) && Entries[2].DataLength == 4);
    Length = 0;
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryMultipleValueKey(Key, Entries, 3, NULL, &Length, NULL));
    CHECK(Length == 0);
    Length = 0;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryMultipleValueKey(Key, NULL, 0, NULL, &Length, &Needed));
    CHECK(Needed == 0);

    Length = sizeof(Buffer);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtQueryMultipleValueKey(Blind, Entries, 1, Buffer, &Length, NULL));
    CHECK_STATUS(STATUS_INSUFFICIENT_RESOURCES, NtQueryMultipleValueKey(Key, Entries, 0x10001, Buffer, &Length, NULL));
    Entries[1].ValueName = &None;
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtQueryMultipleValueKey(Key, Entries, 3, Buffer, &Length, NULL));
    Entries[1].ValueName = NULL;
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryMultipleValueKey(Key, Entries, 3, Buffer, &Length, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryMultipleValueKey(Key, (PVOID)0x1000, 1, Buffer, &Length, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryMultipleValueKey(Key, Entries, 1, (PVOID)0x1000, &Length, NULL));
    CHECK(Length == sizeof(Buffer));
    NtClose(Blind);
}

/* Makes a hive of Key's tree and loads it. */
static VOID LoadHive(HANDLE Key)
{
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, Named(NULL, HIVE_FILE), &IoStatus, NULL, 0, 0,
                                              FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtSaveKey(Key, File));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKey(Named(NULL, HIVE), Named(NULL, HIVE_FILE)));
}

static VOID TestKept(HANDLE Key)
{
    HANDLE Root;

    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, KeyWow64FlagsInformation, 9));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, KeyControlFlagsInformation, 6));
    CHECK_STATUS(STATUS_SUCCESS, SetNumber(Key, KeySetVirtualizationInformation, 3));
    LoadHive(Key);
    Root = Create(NULL, HIVE, KEY_READ);
    CHECK(FlagsOf(Root).Wow64Flags == 9 && FlagsOf(Root).ControlFlags == 6);
    CHECK(QueryNumber(Root, KeyVirtualizationInformation) == 3 << 2);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadKey(Named(NULL, HIVE)));
}

/* How many of the opens are of that key and this process'. */
static ULONG CountOpens(const KEY_OPEN_SUBKEYS_INFORMATION *Info, PCWSTR Name)
{
    UNICODE_STRING String;
    ULONG Count = 0;

    RtlInitUnicodeString(&String, Name);
    for (ULONG i = 0; i < Info->Count; i++)
        Count += Info->KeyArray[i].PID == NtCurrentTeb()->ClientId.UniqueProcess &&
                 RtlEqualUnicodeString(&Info->KeyArray[i].KeyName, &String, TRUE);
    return Count;
}

static VOID TestOpens(HANDLE Key)
{
    static union {
        KEY_OPEN_SUBKEYS_INFORMATION Info;
        UCHAR Room[0x400];
    } Answer;
    ULONG Count = 0xcc, Needed = 0;
    HANDLE Root, First, Second, Again;
    BOOLEAN Had;

    NtClose(Create(Key, L"First", KEY_READ));
    NtClose(Create(Key, L"Second", KEY_READ));
    LoadHive(Key);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryOpenSubKeys(Named(NULL, HIVE), &Count));
    CHECK(Count == 0);
    Root = Create(NULL, HIVE, KEY_ALL_ACCESS);
    First = Create(Root, L"First", KEY_READ);
    Second = Create(Root, L"Second", KEY_READ);
    Again = Create(Root, L"Second", KEY_READ);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryOpenSubKeys(Named(NULL, HIVE), &Count));
    CHECK(Count == 2);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtQueryOpenSubKeys(Named(NULL, HIVE L"\\First"), &Count));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtQueryOpenSubKeys(Named(NULL, L"\\Registry\\Machine"), &Count));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtQueryOpenSubKeys(Named(NULL, HIVE L"None"), &Count));

    CHECK_STATUS(STATUS_SUCCESS, NtQueryOpenSubKeysEx(Named(NULL, HIVE), sizeof(Answer), &Answer, &Needed));
    CHECK(Answer.Info.Count == 4 && Needed > 4 * sizeof(KEY_PID_ARRAY) && Needed < sizeof(Answer));
    CHECK(CountOpens(&Answer.Info, HIVE) == 1 && CountOpens(&Answer.Info, HIVE L"\\First") == 1 &&
          CountOpens(&Answer.Info, HIVE L"\\Second") == 2);
    memset(&Answer, 0xcc, sizeof(Answer));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryOpenSubKeysEx(Named(NULL, HIVE), Needed - 1, &Answer, &Count));
    CHECK(Count == Needed && Answer.Info.Count == 4 && Answer.Room[sizeof(ULONG64)] == 0xcc);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtQueryOpenSubKeysEx(Named(NULL, HIVE), 3, &Answer, &Count));
    CHECK(Count == Needed);
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, FALSE, FALSE, &Had);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtQueryOpenSubKeysEx(Named(NULL, HIVE), sizeof(Answer), &Answer, &Needed));
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, TRUE, FALSE, &Had);

    NtClose(Again);
    NtClose(Second);
    NtClose(First);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryOpenSubKeys(Named(NULL, HIVE), &Count));
    CHECK(Count == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadKey(Named(NULL, HIVE)));
}

static VOID DeleteChild(HANDLE Key, PCWSTR Name)
{
    HANDLE Child = Create(Key, Name, KEY_ALL_ACCESS);

    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Child));
    NtClose(Child);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Key = Create(NULL, TEST_KEY, KEY_ALL_ACCESS);
    BOOLEAN Had;

    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, TRUE, FALSE, &Had));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, TRUE, FALSE, &Had));
    TestSet(Key);
    TestSilent(Key);
    TestSeveralValues(Key);
    TestKept(Key);
    TestOpens(Key);
    TestLock(Key);                      /* its key stays: volatile */
    DeleteChild(Key, L"First");
    DeleteChild(Key, L"Second");
    for (ULONG Condition = 0; Condition < 0x1000; Condition += Condition < 4 ? 1 : 333)
        CHECK_STATUS(Condition > REG_INIT_BOOT_ACCEPTED_MAX ? STATUS_INVALID_PARAMETER : STATUS_ACCESS_DENIED,
                     NtInitializeRegistry((USHORT)Condition));
    NtClose(Key);
    return CheckClose();
}
