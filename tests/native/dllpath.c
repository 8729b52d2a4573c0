/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Search paths for DLLs, and the settings behind them.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SEARCH_APPLICATION_DIR 0x200
#define SEARCH_USER_DIRS 0x400
#define SEARCH_SYSTEM32 0x800
#define SEARCH_DLL_LOAD_DIR 0x100
#define ALTERED 8

static WCHAR Text[4096];

static PCWSTR PathFor(PCWSTR Module, ULONG Flags)
{
    PWSTR Path, Unknown;

    if (!NT_SUCCESS(LdrGetDllPath(Module, Flags, &Path, &Unknown)))
        return L"(failed)";
    wcsncpy(Text, Path, ARRAYSIZE(Text) - 1);
    RtlReleasePath(Path);
    for (PWSTR At = Text; *At != 0; At++)
        *At = RtlDowncaseUnicodeChar(*At);
    return Text;
}

static VOID SetDirectory(PCWSTR Path)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Path);
    CHECK_STATUS(STATUS_SUCCESS, LdrSetDllDirectory(&String));
}

static VOID TestDllDirectory(VOID)
{
    WCHAR Buffer[64];
    UNICODE_STRING String = { 0, sizeof(Buffer), Buffer };

    CHECK(wcsstr(PathFor(NULL, 0), L";.;") != NULL);
    SetDirectory(L"C:\\windows\\system32");
    CHECK_STATUS(STATUS_SUCCESS, LdrGetDllDirectory(&String));
    CHECK(wcscmp(Buffer, L"C:\\windows\\system32") == 0 && String.Length == 19 * sizeof(WCHAR));
    CHECK(wcsstr(PathFor(NULL, 0), L";.;") == NULL);
    String.MaximumLength = 10;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, LdrGetDllDirectory(&String));
    CHECK(String.Length == 20 * sizeof(WCHAR));
    SetDirectory(NULL);
    CHECK(wcsstr(PathFor(NULL, 0), L";.;") != NULL);
}

static VOID TestFlags(VOID)
{
    static const UNICODE_STRING Added = RTL_CONSTANT_UNICODE_STRING(L"C:\\windows");
    static const UNICODE_STRING Absent = RTL_CONSTANT_UNICODE_STRING(L"C:\\windows\\no such directory");
    PWSTR Path, Unknown;
    PVOID Cookie;

    CHECK(wcscmp(PathFor(L"C:\\some\\x.dll", SEARCH_DLL_LOAD_DIR), L"c:\\some\\") == 0 ||
          wcscmp(Text, L"c:\\some") == 0);
    CHECK(wcsncmp(PathFor(L"C:\\some\\x.dll", ALTERED), L"c:\\some", 7) == 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrGetDllPath(L"x.dll", SEARCH_DLL_LOAD_DIR, &Path, &Unknown));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrGetDllPath(L"C:\\x.dll", ALTERED | SEARCH_SYSTEM32, &Path, &Unknown));
    CHECK(wcsncmp(PathFor(NULL, SEARCH_SYSTEM32), L"c:\\windows\\system32", 19) == 0);
    CHECK_STATUS(STATUS_SUCCESS, LdrAddDllDirectory(&Added, &Cookie));
    CHECK(wcsstr(PathFor(NULL, SEARCH_USER_DIRS), L"c:\\windows") != NULL);
    CHECK_STATUS(STATUS_SUCCESS, LdrRemoveDllDirectory(Cookie));
    CHECK(wcslen(PathFor(NULL, SEARCH_USER_DIRS)) == 0);
    CHECK(!NT_SUCCESS(LdrAddDllDirectory(&Absent, &Cookie)));
}

static VOID TestDefaults(VOID)
{
    CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrSetDefaultDllDirectories(0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, LdrSetDefaultDllDirectories(0x80000000));
    CHECK_STATUS(STATUS_SUCCESS, LdrSetDefaultDllDirectories(SEARCH_SYSTEM32));
    CHECK(wcsncmp(PathFor(NULL, 0), L"c:\\windows\\system32", 19) == 0 && wcschr(Text, ';') == NULL);
    CHECK_STATUS(STATUS_SUCCESS, LdrSetDefaultDllDirectories(SEARCH_APPLICATION_DIR | SEARCH_SYSTEM32));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestDllDirectory();
    TestFlags();
    TestDefaults();
    return CheckClose();
}
