/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Registry helpers of ntdll: keys by short names, tables of values.  Works in the current user's key `nereid-rtlreg', which it makes and
 * removes.
 *
 * Runs on: Nereid.  Wine's routine writes beyond what the caller says its buffers hold, and ends here.
 *
 * Rules: Windows Driver Kit, RtlQueryRegistryValues, RtlWriteRegistryValue, RtlDeleteRegistryValue, RtlCheckRegistryKey,
 * RtlCreateRegistryKey.
 */
#include "check.h"

#define KEY L"nereid-rtlreg"
#define SUBKEY KEY L"\\sub"

static NTSTATUS Put(PCWSTR Key, PCWSTR Name, ULONG Type, const void *Data, ULONG Length)
{
    return RtlWriteRegistryValue(RTL_REGISTRY_USER, Key, Name, Type, (PVOID)Data, Length);
}

#define PUT_TEXT(Key, Name, Type, Text) CHECK_STATUS(STATUS_SUCCESS, Put(Key, Name, Type, Text, sizeof(Text)))

static NTSTATUS Ask(PRTL_QUERY_REGISTRY_TABLE Table, PVOID Context)
{
    return RtlQueryRegistryValues(RTL_REGISTRY_USER, KEY, Table, Context, NULL);
}

/* What routines were given: names and texts, or lengths. */
static struct {
    ULONG Calls;
    WCHAR Text[256];
    ULONG Type, Length;
    PVOID Context, EntryContext;
    NTSTATUS Answer;
} Seen;

static NTSTATUS NTAPI Routine(PWSTR Name, ULONG Type, PVOID Data, ULONG Length, PVOID Context, PVOID EntryContext)
{
    Seen.Calls++;
    Seen.Type = Type;
    Seen.Length = Length;
    Seen.Context = Context;
    Seen.EntryContext = EntryContext;
    wcscat(Seen.Text, Name != NULL ? Name : L"-");
    if (Type == REG_SZ || Type == REG_EXPAND_SZ || Type == REG_MULTI_SZ) {
        wcscat(Seen.Text, L"=");
        wcscat(Seen.Text, Data);
    }
    wcscat(Seen.Text, L";");
    return Seen.Answer;
}

/* One row; the texts of all calls. */
static NTSTATUS AskRow(ULONG Flags, PCWSTR Name)
{
    RTL_QUERY_REGISTRY_TABLE Table[2] = { { .QueryRoutine = Routine, .Flags = Flags, .Name = (PWSTR)Name, .EntryContext = &Seen } };

    Seen.Calls = 0;
    Seen.Text[0] = 0;
    return Ask(Table, Table);
}

static VOID TestKeys(VOID)
{
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlCheckRegistryKey(RTL_REGISTRY_USER, KEY));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateRegistryKey(RTL_REGISTRY_USER, KEY));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateRegistryKey(RTL_REGISTRY_USER, KEY));
    CHECK_STATUS(STATUS_SUCCESS, RtlCheckRegistryKey(RTL_REGISTRY_USER, L"\\" KEY));
    CHECK_STATUS(STATUS_SUCCESS, RtlCheckRegistryKey(RTL_REGISTRY_USER | RTL_REGISTRY_OPTIONAL, KEY));
    CHECK_STATUS(STATUS_SUCCESS, RtlCheckRegistryKey(RTL_REGISTRY_CONTROL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, L""));
    CHECK_STATUS(STATUS_SUCCESS, RtlCheckRegistryKey(RTL_REGISTRY_WINDOWS_NT, L""));
    CHECK_STATUS(STATUS_SUCCESS, RtlCheckRegistryKey(RTL_REGISTRY_ABSOLUTE, L"\\Registry\\Machine\\Software"));
    CHECK_STATUS(STATUS_OBJECT_PATH_SYNTAX_BAD, RtlCheckRegistryKey(RTL_REGISTRY_ABSOLUTE, L"Registry"));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCheckRegistryKey(RTL_REGISTRY_MAXIMUM, KEY));
}

static VOID TestValues(VOID)
{
    ULONG Number = 7;
    UCHAR Long[20] = { 1, 2, 3 };

    PUT_TEXT(KEY, L"text", REG_SZ, L"words");
    PUT_TEXT(KEY, L"variable", REG_EXPAND_SZ, L"%SystemRoot%\\x");
    PUT_TEXT(KEY, L"list", REG_MULTI_SZ, L"one\0two\0");
    CHECK_STATUS(STATUS_SUCCESS, Put(KEY, L"number", REG_DWORD, &Number, sizeof(Number)));
    CHECK_STATUS(STATUS_SUCCESS, Put(KEY, L"long", REG_BINARY, Long, sizeof(Long)));
    PUT_TEXT(SUBKEY, L"below", REG_SZ, L"deep");

    CHECK_STATUS(STATUS_SUCCESS, AskRow(0, L"TEXT"));
    CHECK(Seen.Calls == 1 && wcscmp(Seen.Text, L"TEXT=words;") == 0 && Seen.Type == REG_SZ && Seen.Length == 12);
    CHECK(Seen.EntryContext == &Seen && Seen.Context != NULL);
    CHECK_STATUS(STATUS_SUCCESS, AskRow(0, L"list"));
    CHECK(Seen.Calls == 2 && wcscmp(Seen.Text, L"list=one;list=two;") == 0 && Seen.Type == REG_SZ);
    CHECK_STATUS(STATUS_SUCCESS, AskRow(RTL_QUERY_REGISTRY_NOEXPAND, L"list"));
    CHECK(Seen.Calls == 1 && Seen.Type == REG_MULTI_SZ && Seen.Length == 18);
    CHECK_STATUS(STATUS_SUCCESS, AskRow(0, L"variable"));
    CHECK(Seen.Calls == 1 && Seen.Type == REG_SZ && wcsstr(Seen.Text, L"%") == NULL && wcsstr(Seen.Text, L"\\x;") != NULL);
    CHECK(Seen.Length == (wcslen(Seen.Text) - wcslen(L"variable=;") + 1) * sizeof(WCHAR));
    CHECK_STATUS(STATUS_SUCCESS, AskRow(RTL_QUERY_REGISTRY_NOEXPAND, L"variable"));
    CHECK(Seen.Type == REG_EXPAND_SZ && wcscmp(Seen.Text, L"variable=%SystemRoot%\\x;") == 0);
    CHECK_STATUS(STATUS_SUCCESS, AskRow(0, L"long"));
    CHECK(Seen.Type == REG_BINARY && Seen.Length == sizeof(Long));
    CHECK_STATUS(STATUS_SUCCESS, AskRow(0, NULL));
    CHECK(Seen.Calls == 6 && wcsstr(Seen.Text, L"number;") != NULL && wcsstr(Seen.Text, L"list=two;") != NULL);
    CHECK_STATUS(STATUS_SUCCESS, AskRow(RTL_QUERY_REGISTRY_NOVALUE, NULL));
    CHECK(Seen.Calls == 1 && Seen.Type == REG_NONE && wcscmp(Seen.Text, L"-;") == 0);
    CHECK_STATUS(STATUS_SUCCESS, AskRow(RTL_QUERY_REGISTRY_SUBKEY, L"sub"));
    CHECK(wcscmp(Seen.Text, L"below=deep;") == 0);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, AskRow(RTL_QUERY_REGISTRY_SUBKEY, L"none"));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AskRow(RTL_QUERY_REGISTRY_SUBKEY, NULL));
    CHECK_STATUS(STATUS_SUCCESS, AskRow(0, L"none"));
    CHECK(Seen.Calls == 0);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, AskRow(RTL_QUERY_REGISTRY_REQUIRED, L"none"));
    Seen.Answer = STATUS_UNSUCCESSFUL;
    CHECK_STATUS(STATUS_UNSUCCESSFUL, AskRow(0, NULL));
    CHECK(Seen.Calls == 1);
    Seen.Answer = STATUS_SUCCESS;
}

/* Rows one after the other: into a subkey, back to the top, defaults. */
static VOID TestTable(VOID)
{
    static WCHAR Default[] = L"usual";
    RTL_QUERY_REGISTRY_TABLE Table[] = {
        { Routine, RTL_QUERY_REGISTRY_REQUIRED, L"text", NULL, REG_NONE, NULL, 0 },
        { NULL, RTL_QUERY_REGISTRY_SUBKEY, L"sub", NULL, REG_NONE, NULL, 0 },
        { Routine, 0, L"below", NULL, REG_NONE, NULL, 0 },
        { Routine, 0, L"text", NULL, REG_SZ, Default, 0 },
        { Routine, RTL_QUERY_REGISTRY_TOPKEY, L"text", NULL, REG_NONE, NULL, 0 },
        { 0 },
        { Routine, 0, L"text", NULL, REG_NONE, NULL, 0 },
    };

    Seen.Text[0] = 0;
    CHECK_STATUS(STATUS_SUCCESS, Ask(Table, NULL));
    CHECK(wcscmp(Seen.Text, L"text=words;below=deep;text=usual;text=words;") == 0);
    Seen.Text[0] = 0;
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryRegistryValuesEx(RTL_REGISTRY_USER, KEY, Table, NULL, NULL));
    CHECK(wcscmp(Seen.Text, L"text=words;below=deep;text=usual;text=words;") == 0);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlQueryRegistryValues(RTL_REGISTRY_USER, L"nereid-none", Table, NULL, NULL));
}

static NTSTATUS AskDirect(PCWSTR Name, ULONG Flags, PVOID Target, ULONG Type)
{
    RTL_QUERY_REGISTRY_TABLE Table[2] = { { NULL, RTL_QUERY_REGISTRY_DIRECT | Flags, (PWSTR)Name, Target, Type, NULL, 0 } };

    return Ask(Table, NULL);
}

static VOID TestDirect(VOID)
{
    RTL_QUERY_REGISTRY_TABLE Both[2] = { { Routine, RTL_QUERY_REGISTRY_DIRECT, L"text", NULL, REG_NONE, NULL, 0 } };
    UNICODE_STRING Text = { 0 };
    WCHAR Room[8];
    ULONG Number = 0;
    union {
        LONG Size;
        ULONG Words[8];
        UCHAR Bytes[32];
    } Data;

    CHECK_STATUS(STATUS_SUCCESS, AskDirect(L"text", 0, &Text, REG_NONE));
    if (CHECK(Text.Buffer != NULL))
        CHECK(wcscmp(Text.Buffer, L"words") == 0 && Text.Length == 10 && Text.MaximumLength == 12);
    RtlFreeUnicodeString(&Text);
    Text = (UNICODE_STRING){ 0, 12, Room };
    CHECK_STATUS(STATUS_SUCCESS, AskDirect(L"text", RTL_QUERY_REGISTRY_TYPECHECK, &Text, (ULONG)REG_SZ << 24));
    CHECK(Text.Buffer == Room && Text.Length == 10 && wcscmp(Room, L"words") == 0);
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, AskDirect(L"text", RTL_QUERY_REGISTRY_TYPECHECK, &Text, (ULONG)REG_DWORD << 24));
    Text.MaximumLength = 11;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, AskDirect(L"text", 0, &Text, REG_NONE));
    CHECK_STATUS(STATUS_SUCCESS, AskDirect(L"number", 0, &Number, REG_NONE));
    CHECK(Number == 7);
    /* Twenty bytes: alone in a buffer of so many, or behind length and type. */
    memset(&Data, 0xcc, sizeof(Data));
    Data.Size = -20;
    CHECK_STATUS(STATUS_SUCCESS, AskDirect(L"long", 0, &Data, REG_NONE));
    CHECK(Data.Bytes[0] == 1 && Data.Bytes[2] == 3 && Data.Bytes[19] == 0 && Data.Bytes[20] == 0xcc);
    Data.Size = -19;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, AskDirect(L"long", 0, &Data, REG_NONE));
    Data.Size = 28;
    CHECK_STATUS(STATUS_SUCCESS, AskDirect(L"long", 0, &Data, REG_NONE));
    CHECK(Data.Words[0] == 20 && Data.Words[1] == REG_BINARY && Data.Bytes[8] == 1 && Data.Bytes[28] == 0xcc);
    for (Data.Size = 0; Data.Size < 28; Data.Size += 3)
        CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, AskDirect(L"long", 0, &Data, REG_NONE));
    Data.Size = -12;
    CHECK_STATUS(STATUS_SUCCESS, AskDirect(L"text", RTL_QUERY_REGISTRY_NOSTRING, &Data, REG_NONE));
    CHECK(memcmp(&Data, L"words", 12) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AskDirect(NULL, 0, &Data, REG_NONE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, AskDirect(L"sub", RTL_QUERY_REGISTRY_SUBKEY, &Data, REG_NONE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Ask(Both, NULL));
}

static VOID TestDeletion(VOID)
{
    HANDLE Key, Sub;
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(KEY), SubName = RTL_CONSTANT_UNICODE_STRING(L"sub");
    OBJECT_ATTRIBUTES Attributes;
    HANDLE User;

    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteRegistryValue(RTL_REGISTRY_USER, KEY, L"number"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlDeleteRegistryValue(RTL_REGISTRY_USER, KEY, L"number"));
    CHECK_STATUS(STATUS_SUCCESS, AskRow(RTL_QUERY_REGISTRY_DELETE, L"text"));
    CHECK(wcscmp(Seen.Text, L"text=words;") == 0);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, AskRow(RTL_QUERY_REGISTRY_REQUIRED, L"text"));
    CHECK_STATUS(STATUS_SUCCESS, AskRow(RTL_QUERY_REGISTRY_DELETE | RTL_QUERY_REGISTRY_NOEXPAND, NULL));
    CHECK(Seen.Calls == 3);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, AskRow(RTL_QUERY_REGISTRY_REQUIRED, NULL));
    /* By a handle, which stays open. */
    CHECK_STATUS(STATUS_SUCCESS, RtlOpenCurrentUser(KEY_READ, &User));
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, User, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_ALL_ACCESS, &Attributes));
    CHECK_STATUS(STATUS_SUCCESS, RtlWriteRegistryValue(RTL_REGISTRY_HANDLE, (PCWSTR)Key, L"x", REG_SZ, L"y", 4));
    CHECK_STATUS(STATUS_SUCCESS, RtlCheckRegistryKey(RTL_REGISTRY_HANDLE, (PWSTR)Key));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteRegistryValue(RTL_REGISTRY_HANDLE, (PCWSTR)Key, L"x"));
    InitializeObjectAttributes(&Attributes, &SubName, OBJ_CASE_INSENSITIVE, Key, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Sub, DELETE, &Attributes));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Sub));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    NtClose(Sub);
    NtClose(Key);
    NtClose(User);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestKeys();
    TestValues();
    TestTable();
    TestDirect();
    TestDeletion();
    return CheckClose();
}
