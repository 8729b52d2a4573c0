/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The loader's less used entry points: delayed imports, image file execution options, API sets; the edition, the search
 * mode.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

/* A module in memory with one delay-loaded DLL: offsets from its start stand for RVAs. */
static struct {
    IMAGE_DELAYLOAD_DESCRIPTOR Descriptor;
    HMODULE Handle;
    IMAGE_THUNK_DATA Addresses[5];
    IMAGE_THUNK_DATA Names[5];
    CHAR Dll[32];
    USHORT Hint1;
    CHAR Name1[32];
    USHORT Hint2;
    CHAR Name2[32];
} Module;

#define RVA(Field) ((ULONG)((PUCHAR)&Module.Field - (PUCHAR)&Module))

static VOID MakeModule(PCSTR Dll)
{
    memset(&Module, 0, sizeof(Module));
    Module.Descriptor.Attributes.AllAttributes = 1;
    Module.Descriptor.DllNameRVA = RVA(Dll);
    Module.Descriptor.ModuleHandleRVA = RVA(Handle);
    Module.Descriptor.ImportAddressTableRVA = RVA(Addresses);
    Module.Descriptor.ImportNameTableRVA = RVA(Names);
    strcpy(Module.Dll, Dll);
    strcpy(Module.Name1, "RtlAllocateHeap");
    strcpy(Module.Name2, "NoSuchFunction");
    Module.Names[0].u1.AddressOfData = RVA(Hint1);
    Module.Names[1].u1.AddressOfData = RVA(Hint2);
    Module.Names[2].u1.Ordinal = IMAGE_ORDINAL_FLAG64 | 0xfff0;
}

static PDELAYLOAD_INFO LastInfo;
static DELAYLOAD_INFO Kept;
static ULONG HookCalls, SystemCalls;

static PVOID NTAPI Hook(ULONG Reason, PDELAYLOAD_INFO Info)
{
    HookCalls++;
    LastInfo = Info;
    Kept = *Info;
    return Reason == 4 ? (PVOID)0x1234 : NULL;
}

static PVOID NTAPI RefusingHook(ULONG Reason, PDELAYLOAD_INFO Info)
{
    HookCalls++;
    return NULL;
}

static PVOID NTAPI SystemHook(LPCSTR DllName, LPCSTR ProcName)
{
    SystemCalls++;
    return (PVOID)0x5678;
}

static VOID TestDelayLoad(VOID)
{
    PVOID Address;

    MakeModule("ntdll.dll");
    Address = LdrResolveDelayLoadedAPI(&Module, &Module.Descriptor, NULL, NULL, &Module.Addresses[0], 0);
    CHECK(Address != NULL);
    CHECK((PVOID)Module.Addresses[0].u1.Function == Address);
    CHECK(Module.Handle != NULL);
    CHECK(LdrResolveDelayLoadedAPI(&Module, &Module.Descriptor, NULL, NULL, &Module.Addresses[0], 0) == Address);
    CHECK(LdrResolveDelayLoadedAPI(&Module, &Module.Descriptor, Hook, NULL, &Module.Addresses[1], 0) == (PVOID)0x1234);
    CHECK(HookCalls == 1 && LastInfo != NULL && Kept.Size == sizeof(Kept) && Kept.ThunkAddress == &Module.Addresses[1]);
    CHECK(Kept.TargetApiDescriptor.ImportDescribedByName && strcmp(Kept.TargetDllName, "ntdll.dll") == 0);
    if (!IsWine)            /* an offset there */
        CHECK(strcmp(Kept.TargetApiDescriptor.Description.Name, "NoSuchFunction") == 0);
    CHECK(Kept.DelayloadDescriptor == &Module.Descriptor && Kept.TargetModuleBase == Module.Handle);
    TODO(OnWine, CHECK(LdrResolveDelayLoadedAPI(&Module, &Module.Descriptor, RefusingHook, SystemHook,
                                                &Module.Addresses[1], 0) == (PVOID)0x5678));
    TODO(OnWine, CHECK(HookCalls == 2 && SystemCalls == 1));
    CHECK(LdrResolveDelayLoadedAPI(&Module, &Module.Descriptor, Hook, NULL, &Module.Addresses[2], 0) == (PVOID)0x1234);
    CHECK(!Kept.TargetApiDescriptor.ImportDescribedByName && Kept.TargetApiDescriptor.Description.Ordinal == 0xfff0);
    MakeModule("no-such-library.dll");
    CHECK(LdrResolveDelayLoadedAPI(&Module, &Module.Descriptor, Hook, NULL, &Module.Addresses[0], 0) == (PVOID)0x1234);
    CHECK(Module.Handle == NULL && Kept.TargetModuleBase == NULL);
    CHECK(strcmp(Kept.TargetDllName, "no-such-library.dll") == 0);
}

/* --- execution options ------------------------------------------------------------------------------------------- */

#define OPTIONS L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion\\Image File Execution Options"

static HANDLE MakeKey(PCWSTR Path)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE Key = NULL;

    RtlInitUnicodeString(&Name, Path);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtCreateKey(&Key, KEY_ALL_ACCESS, &Attributes, 0, NULL, 0, NULL);
    return Key;
}

static VOID SetValue(HANDLE Key, PCWSTR Name, ULONG Type, const void *Data, ULONG Length)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, &String, 0, Type, (PVOID)Data, Length));
}

static VOID TestOptions(VOID)
{
    HANDLE Outer, Options, Key;
    UNICODE_STRING Image, Missing;
    WCHAR Text[64];
    ULONG Number = 5, Length = 0;

    RtlInitUnicodeString(&Image, L"\\??\\C:\\some\\where\\nereid-test.exe");
    RtlInitUnicodeString(&Missing, L"nereid-missing.exe");
    Outer = MakeKey(L"\\Registry\\Machine\\Software\\Microsoft");
    if (Outer != NULL)
        NtClose(Outer);
    Outer = MakeKey(L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT");
    if (Outer != NULL)
        NtClose(Outer);
    Outer = MakeKey(L"\\Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion");
    if (Outer != NULL)
        NtClose(Outer);
    Options = MakeKey(OPTIONS);
    Key = MakeKey(OPTIONS L"\\nereid-test.exe");
    CHECK(Options != NULL && Key != NULL);
    SetValue(Key, L"Number", REG_DWORD, &Number, sizeof(Number));
    SetValue(Key, L"Text", REG_SZ, L"0x42", 10);
    Number = 0;
    CHECK_STATUS(STATUS_SUCCESS, LdrQueryImageFileExecutionOptions(&Image, L"Number", REG_DWORD, &Number, 4, &Length));
    CHECK(Number == 5 && Length == 4);
    CHECK_STATUS(STATUS_SUCCESS, LdrQueryImageFileExecutionOptions(&Image, L"Text", REG_DWORD, &Number, 4, &Length));
    CHECK(Number == 0x42);
    CHECK_STATUS(STATUS_SUCCESS, LdrQueryImageFileExecutionOptions(&Image, L"Text", REG_SZ, Text, sizeof(Text), &Length));
    CHECK(wcscmp(Text, L"0x42") == 0 && Length == 10);
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, LdrQueryImageFileExecutionOptions(&Image, L"Text", REG_SZ, Text, 4, &Length));
    CHECK(Length == 10);
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH,
            LdrQueryImageFileExecutionOptions(&Image, L"Number", REG_SZ, Text, sizeof(Text), &Length));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
            LdrQueryImageFileExecutionOptions(&Image, L"None", REG_DWORD, &Number, 4, &Length));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
            LdrQueryImageFileExecutionOptions(&Missing, L"Number", REG_DWORD, &Number, 4, &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    NtClose(Key);
    NtClose(Options);
}

/* --- the rest ---------------------------------------------------------------------------------------------------- */

static VOID TestApiSets(VOID)
{
    static const struct { PCWSTR Name; NTSTATUS Status; BOOLEAN InSchema, Present; } Rows[] = {
        { L"api-ms-win-core-processthreads-l1-1-0", STATUS_SUCCESS, TRUE, TRUE },
        { L"API-MS-WIN-CORE-FILE-L1-1-0", STATUS_SUCCESS, TRUE, TRUE },
        { L"api-ms-win-no-such-set-l1-1-0", STATUS_SUCCESS, FALSE, FALSE },
        { L"kernel32", STATUS_INVALID_PARAMETER },
        { L"api-ms-win-core-processthreads-l1-1-0.dll", STATUS_INVALID_PARAMETER },
    };

    for (ULONG Row = 0; Row < ARRAYSIZE(Rows); Row++) {
        BOOLEAN InSchema = 9, Present = 9;
        UNICODE_STRING Name;

        RtlInitUnicodeString(&Name, Rows[Row].Name);
        CHECK_STATUS(Rows[Row].Status, ApiSetQueryApiSetPresenceEx(&Name, &InSchema, &Present));
        if (Rows[Row].Status == STATUS_SUCCESS && !(IsWine && Row == 0))      /* Wine's schema does not find that one */
            CHECK(InSchema == Rows[Row].InSchema && Present == Rows[Row].Present);
    }
}

static VOID TestSmallOnes(VOID)
{
    ULONG Product = 99;
    PWSTR Path = NULL;

    CHECK(RtlGetProductInfo(6, 2, 0, 0, &Product) && Product != PRODUCT_UNDEFINED);
    CHECK(RtlGetProductInfo(10, 0, 0, 0, &Product) && Product != PRODUCT_UNDEFINED);
    CHECK(!RtlGetProductInfo(5, 1, 0, 0, &Product) && Product == PRODUCT_UNDEFINED);
    CHECK(!RtlGetProductInfo(6, 2, 0, 0, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetSearchPathMode(0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetSearchPathMode(0x10001));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetSearchPathMode(0x8000));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetSearchPathMode(0x18000));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetSearchPathMode(2));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetSearchPathMode(0x10000));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetSearchPath(&Path));
    CHECK(wcsstr(Path, L";.;") != NULL && wcsstr(Path, L";.;") < wcsstr(Path, L"system32"));
    RtlReleasePath(Path);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetSearchPathMode(1));
    CHECK_STATUS(STATUS_SUCCESS, RtlGetSearchPath(&Path));
    CHECK(wcsstr(Path, L";.") != NULL && wcsstr(Path, L";.") > wcsstr(Path, L"system32"));
    RtlReleasePath(Path);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetSearchPathMode(0x8001));
    CHECK_STATUS(STATUS_ACCESS_DENIED, RtlSetSearchPathMode(1));
    CHECK_STATUS(STATUS_ACCESS_DENIED, RtlSetSearchPathMode(0x10000));
}

int wmain(int argc, WCHAR **argv)
{
    CheckSystem();
    TestDelayLoad();
    if (!IsWine)            /* Wine looks up the whole path */
        TestOptions();
    if (NtCurrentPeb()->ApiSetMap != NULL)
        TestApiSets();
    TestSmallOnes();
    return CheckClose();
}
