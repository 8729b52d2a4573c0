/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hives of files: NtSaveKey, NtLoadKey, NtUnloadKey, NtFlushKey; files that were cut off or damaged.
 * Runs on: Nereid.  (Wine saves and loads a text format of its own.)
 */
#include "check.h"

#define SOURCE L"\\Registry\\Machine\\Software\\HiveTest"
#define TARGET L"\\Registry\\Machine\\HiveTest"
#define FILE_NAME L"\\??\\C:\\temp\\test.hiv"
#define LOG_NAME FILE_NAME L".LOG1"
#define ROOM 0x20000

static OBJECT_ATTRIBUTES Attributes[2];
static UNICODE_STRING Strings[2];

static POBJECT_ATTRIBUTES Named(ULONG Which, HANDLE Root, PCWSTR Name)
{
    RtlInitUnicodeString(&Strings[Which], Name);
    InitializeObjectAttributes(&Attributes[Which], &Strings[Which], OBJ_CASE_INSENSITIVE, Root, NULL);
    return &Attributes[Which];
}

static HANDLE CreateKey(HANDLE Root, PCWSTR Name, ULONG Options)
{
    HANDLE Key = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, Named(0, Root, Name), 0, NULL, Options, NULL));
    return Key;
}

static HANDLE OpenKey(PCWSTR Name)
{
    HANDLE Key = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_ALL_ACCESS, Named(0, NULL, Name)));
    return Key;
}

static VOID SetValue(HANDLE Key, PCWSTR Name, const void *Data, ULONG Length)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, &String, 0, REG_BINARY, (PVOID)Data, Length));
}

/* The value's first four bytes; -1: there is no such value. */
static ULONG GetValue(HANDLE Key, PCWSTR Name, PULONG Length)
{
    static union {
        KEY_VALUE_PARTIAL_INFORMATION Info;
        UCHAR Bytes[0x10000];
    } Buffer;
    UNICODE_STRING String;
    ULONG Needed;

    RtlInitUnicodeString(&String, Name);
    if (!NT_SUCCESS(NtQueryValueKey(Key, &String, KeyValuePartialInformation, &Buffer, sizeof(Buffer), &Needed)))
        return (ULONG)-1;
    *Length = Buffer.Info.DataLength;
    return *(UNALIGNED ULONG *)Buffer.Info.Data;
}

static HANDLE CreateFile(PCWSTR Name, ULONG Disposition)
{
    HANDLE File = NULL;
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS,
                 NtCreateFile(&File, FILE_READ_DATA | FILE_WRITE_DATA | SYNCHRONIZE, Named(1, NULL, Name), &Iosb, NULL,
                              FILE_ATTRIBUTE_NORMAL, 0, Disposition, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
    return File;
}

static ULONG ReadWhole(PCWSTR Name, PUCHAR Buffer)
{
    HANDLE File = CreateFile(Name, FILE_OPEN);
    LARGE_INTEGER Start = { .QuadPart = 0 };
    IO_STATUS_BLOCK Iosb = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtReadFile(File, NULL, NULL, NULL, &Iosb, Buffer, ROOM, &Start, NULL));
    NtClose(File);
    return (ULONG)Iosb.Information;
}

static VOID WriteWhole(PCWSTR Name, const UCHAR *Buffer, ULONG Length)
{
    HANDLE File = CreateFile(Name, FILE_OVERWRITE_IF);
    LARGE_INTEGER Start = { .QuadPart = 0 };
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Iosb, Buffer, Length, &Start, NULL));
    NtClose(File);
}

static VOID SetPrivilege(ULONG Privilege, BOOLEAN On)
{
    TOKEN_PRIVILEGES New = { 1, { { { Privilege, 0 }, On ? SE_PRIVILEGE_ENABLED : 0 } } };
    HANDLE Token;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    NtClose(Token);
}

static NTSTATUS Load(PCWSTR Target)
{
    return NtLoadKey(Named(0, NULL, Target), Named(1, NULL, FILE_NAME));
}

static NTSTATUS Unload(PCWSTR Target)
{
    return NtUnloadKey(Named(0, NULL, Target));
}

/* Source: values of several sizes, children, one of them volatile. */
static VOID TestSave(VOID)
{
    static UCHAR Big[40000];
    HANDLE Key = CreateKey(NULL, SOURCE, 0);
    HANDLE Child = CreateKey(Key, L"Child", 0);
    HANDLE Volatile = CreateKey(Key, L"Volatile", REG_OPTION_VOLATILE);
    HANDLE File = CreateFile(FILE_NAME, FILE_OVERWRITE_IF);
    ULONG Number = 0x12345678;

    for (ULONG i = 0; i < sizeof(Big); i++)
        Big[i] = (UCHAR)(i * 3);
    SetValue(Key, L"number", &Number, sizeof(Number));
    SetValue(Key, L"big", Big, sizeof(Big));
    SetValue(Child, L"\x3b1\x4e2d", Big, 100);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSaveKey(Key, File));
    SetPrivilege(SE_BACKUP_PRIVILEGE, TRUE);
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtSaveKey(Key, NULL));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtSaveKey(Key, Key));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtSaveKey(File, File));
    CHECK_STATUS(STATUS_SUCCESS, NtSaveKey(Key, File));
    NtClose(File);
    NtDeleteKey(Child);
    NtDeleteKey(Volatile);
    NtDeleteKey(Key);
    NtClose(Child);
    NtClose(Volatile);
    NtClose(Key);
}

static VOID TestLoad(VOID)
{
    HANDLE Key, Other;
    ULONG Length = 0;

    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, Load(TARGET));
    SetPrivilege(SE_RESTORE_PRIVILEGE, TRUE);
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND,
                 NtLoadKey(Named(0, NULL, TARGET), Named(1, NULL, L"\\??\\C:\\temp\\missing\\missing")));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Load(SOURCE));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Load(L"\\Registry\\Machine\\Software"));
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Load(TARGET L"2"));
    Key = OpenKey(TARGET);
    CHECK(GetValue(Key, L"number", &Length) == 0x12345678 && Length == 4);
    CHECK(GetValue(Key, L"big", &Length) == 0x09060300 && Length == 40000);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenKey(&Other, KEY_READ, Named(0, Key, L"Volatile")));
    CHECK_STATUS(STATUS_CANNOT_DELETE, NtDeleteKey(Key));
    Other = OpenKey(TARGET L"\\Child");
    CHECK(GetValue(Other, L"\x3b1\x4e2d", &Length) == 0x09060300 && Length == 100);
    CHECK_STATUS(STATUS_CANNOT_DELETE, Unload(TARGET));
    NtClose(Key);
    CHECK_STATUS(STATUS_CANNOT_DELETE, Unload(TARGET));
    NtClose(Other);
    Key = OpenKey(L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\hivelist");
    CHECK(GetValue(Key, L"\\REGISTRY\\MACHINE\\HiveTest", &Length) != (ULONG)-1);
    CHECK_STATUS(STATUS_SUCCESS, Unload(TARGET));
    CHECK(GetValue(Key, L"\\REGISTRY\\MACHINE\\HiveTest", &Length) == (ULONG)-1);
    NtClose(Key);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Unload(TARGET));
    CHECK_STATUS(STATUS_CANNOT_DELETE, Unload(L"\\Registry\\Machine\\Software"));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Unload(L"\\Registry\\Machine\\Software\\Microsoft"));
}

/* Loads, reads the number, unloads. */
static ULONG LoadedNumber(NTSTATUS *Status)
{
    ULONG Number = 0;
    ULONG Length;
    HANDLE Key;

    *Status = Load(TARGET);
    if (!NT_SUCCESS(*Status))
        return 0;
    Key = OpenKey(TARGET);
    Number = GetValue(Key, L"number", &Length);
    NtClose(Key);
    CHECK_STATUS(STATUS_SUCCESS, Unload(TARGET));
    return Number;
}

static VOID ChangeNumber(ULONG Number, BOOLEAN Flush)
{
    HANDLE Key;

    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET));
    Key = OpenKey(TARGET);
    SetValue(Key, L"number", &Number, sizeof(Number));
    if (Flush)
        CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Key));
    NtClose(Key);
    CHECK_STATUS(STATUS_SUCCESS, Unload(TARGET));
}

static VOID Seal(PULONG Base)
{
    Base[127] = 0;
    for (ULONG i = 0; i < 127; i++)
        Base[127] ^= Base[i];
}

/* A flush and an unload write; a file whose numbers differ is mended from its log, and only with one. */
static VOID TestRecovery(VOID)
{
    static UCHAR Old[ROOM], New[ROOM];
    NTSTATUS Status;
    ULONG Length;
    HANDLE File;

    ChangeNumber(111, TRUE);
    CHECK(LoadedNumber(&Status) == 111);
    Length = ReadWhole(FILE_NAME, Old);
    ChangeNumber(222, FALSE);
    CHECK(LoadedNumber(&Status) == 222);
    ReadWhole(FILE_NAME, New);
    ((PULONG)Old)[1]++;
    Seal((PULONG)Old);
    WriteWhole(FILE_NAME, Old, Length);
    CHECK(LoadedNumber(&Status) == 222);
    ((PULONG)New)[127] ^= 1;
    WriteWhole(FILE_NAME, New, Length);
    CHECK(LoadedNumber(&Status) == 222);
    WriteWhole(FILE_NAME, Old, Length);
    File = CreateFile(LOG_NAME, FILE_OVERWRITE);
    NtClose(File);
    LoadedNumber(&Status);
    CHECK_STATUS(STATUS_REGISTRY_CORRUPT, Status);
}

/* Damage of every kind is refused or read; the registry goes on either way. */
static VOID TestDamage(VOID)
{
    static UCHAR Good[ROOM], Bad[ROOM];
    ULONG Refused = 0;
    NTSTATUS Status;
    ULONG Length;

    TestSave();
    Length = ReadWhole(FILE_NAME, Good);
    for (ULONG i = 0; i < 400; i++) {
        ULONG At = 4096 + i * 2477 % (Length - 4096);

        memcpy(Bad, Good, Length);
        Bad[At] ^= (UCHAR)(1 << i % 8);
        WriteWhole(FILE_NAME, Bad, Length);
        LoadedNumber(&Status);
        Refused += Status == STATUS_REGISTRY_CORRUPT;
    }
    CHECK(Refused > 0);
    for (ULONG Cut = 0; Cut < Length; Cut += 997) {
        WriteWhole(FILE_NAME, Good, Cut);
        LoadedNumber(&Status);
        CHECK_STATUS(STATUS_REGISTRY_CORRUPT, Status);
    }
    WriteWhole(FILE_NAME, Good, Length);
    CHECK(LoadedNumber(&Status) == 0x12345678);
}

/* The length of a file; -1: it cannot be asked. */
static LONGLONG FileLength(PCWSTR Name)
{
    FILE_NETWORK_OPEN_INFORMATION Info;

    return NT_SUCCESS(NtQueryFullAttributesFile(Named(1, NULL, Name), &Info)) ? Info.EndOfFile.QuadPart : -1;
}

/* The machine's own hives: a flush makes the file, which is ntos's alone and listed; what it holds can be loaded. */
static VOID TestMachine(VOID)
{
    static const WCHAR SystemFile[] = L"\\SystemRoot\\System32\\config\\SYSTEM";
    static UCHAR Big[20000];
    HANDLE Key = OpenKey(L"\\Registry\\Machine\\System");
    IO_STATUS_BLOCK Iosb;
    LONGLONG Length;
    ULONG Got;
    HANDLE List, File;

    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Key));
    Length = FileLength(SystemFile);
    CHECK(Length >= 0x2000);
    CHECK(FileLength(L"\\SystemRoot\\System32\\config\\SYSTEM.LOG1") > 0);
    List = OpenKey(L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\hivelist");
    CHECK(GetValue(List, L"\\REGISTRY\\MACHINE\\SYSTEM", &Got) != (ULONG)-1);
    CHECK(GetValue(List, L"\\REGISTRY\\MACHINE\\SOFTWARE", &Got) == (ULONG)-1);
    NtClose(List);
    CHECK_STATUS(STATUS_SHARING_VIOLATION, NtOpenFile(&File, FILE_READ_DATA, Named(1, NULL, SystemFile), &Iosb, 7, 0));
    SetValue(Key, L"HiveTest", Big, sizeof(Big));
    CHECK(FileLength(SystemFile) == Length);
    CHECK_STATUS(STATUS_SUCCESS, NtFlushKey(Key));
    CHECK(FileLength(SystemFile) >= Length + (LONGLONG)sizeof(Big));

    File = CreateFile(FILE_NAME, FILE_OVERWRITE_IF);
    CHECK_STATUS(STATUS_SUCCESS, NtSaveKey(Key, File));
    NtClose(File);
    NtClose(Key);
    CHECK_STATUS(STATUS_SUCCESS, Load(TARGET));
    Key = OpenKey(TARGET);
    CHECK(GetValue(Key, L"HiveTest", &Got) == 0 && Got == sizeof(Big));
    NtClose(Key);
    CHECK_STATUS(STATUS_SUCCESS, Unload(TARGET));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    SetPrivilege(SE_BACKUP_PRIVILEGE, FALSE);
    SetPrivilege(SE_RESTORE_PRIVILEGE, FALSE);
    TestSave();
    TestLoad();
    TestRecovery();
    TestMachine();
    SetPrivilege(SE_BACKUP_PRIVILEGE, FALSE);
    TestDamage();
    return CheckClose();
}
