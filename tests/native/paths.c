/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Paths, the current directory, environment blocks, process parameters.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

static VOID TestFullPath(PCWSTR Name, PCWSTR Expected)
{
    WCHAR Buffer[300] = { 0 };
    PWSTR FilePart;
    ULONG Bytes = RtlGetFullPathName_U(Name, sizeof(Buffer), Buffer, &FilePart);

    if (!CHECK(wcscmp(Buffer, Expected) == 0 && Bytes == wcslen(Expected) * sizeof(WCHAR)))
        Print(L"    [%s] is [%s], not [%s]\n", Name, Buffer, Expected);
    CHECK(RtlGetFullPathName_U(Name, 4, Buffer, NULL) == (wcslen(Expected) + 1) * sizeof(WCHAR));
}

static VOID TestFullPaths(VOID)
{
    static WCHAR Directory[64] = L"C:\\x\\";
    PUNICODE_STRING Current = &NtCurrentPeb()->ProcessParameters->CurrentDirectory.DosPath;
    UNICODE_STRING Saved = *Current;

    RtlInitUnicodeString(Current, Directory);
    TestFullPath(L"a\\b", L"C:\\x\\a\\b");
    TestFullPath(L"..\\b", L"C:\\b");
    TestFullPath(L"..\\..\\..\\b", L"C:\\b");
    TestFullPath(L"\\q\\..\\.\\r", L"C:\\r");
    TestFullPath(L"C:\\a\\..\\..\\b. ", L"C:\\b");
    TestFullPath(L"c:/a//b/", L"c:\\a\\b\\");
    TestFullPath(L"NUL", L"\\\\.\\NUL");
    TestFullPath(L"com1", L"\\\\.\\com1");
    TestFullPath(L"\\\\server\\share\\..\\x", L"\\\\server\\share\\x");
    TestFullPath(L"\\\\.\\COM1", L"\\\\.\\COM1");
    TestFullPath(L".", L"C:\\x");
    TestFullPath(L"C:foo", L"C:\\x\\foo");
    TestFullPath(L"C:\\", L"C:\\");
    TestFullPath(L"C:\\a\\.", L"C:\\a");
    TestFullPath(L"C:\\a\\b\\..", L"C:\\a");
    CHECK(RtlGetFullPathName_U(L"", 100, Directory + 10, NULL) == 0);
    *Current = Saved;
}

static VOID TestTypes(VOID)
{
    CHECK(RtlDetermineDosPathNameType_U(L"\\\\s\\t") == RtlPathTypeUncAbsolute);
    CHECK(RtlDetermineDosPathNameType_U(L"C:\\x") == RtlPathTypeDriveAbsolute);
    CHECK(RtlDetermineDosPathNameType_U(L"C:x") == RtlPathTypeDriveRelative);
    CHECK(RtlDetermineDosPathNameType_U(L"\\x") == RtlPathTypeRooted);
    CHECK(RtlDetermineDosPathNameType_U(L"x") == RtlPathTypeRelative);
    CHECK(RtlDetermineDosPathNameType_U(L"\\\\.\\x") == RtlPathTypeLocalDevice);
    CHECK(RtlDetermineDosPathNameType_U(L"\\\\?") == RtlPathTypeRootLocalDevice);
    CHECK(RtlIsDosDeviceName_U(L"NUL") == 6 && RtlIsDosDeviceName_U(L"nulx") == 0);
    CHECK(RtlIsDosDeviceName_U(L"C:\\a\\CON") == MAKELONG(6, 10));
}

static VOID TestNtPath(PCWSTR Name, PCWSTR Expected)
{
    UNICODE_STRING Path = { 0 };
    PWSTR FilePart;

    if (!CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Name, &Path, &FilePart, NULL)))
        return;
    if (!CHECK(wcscmp(Path.Buffer, Expected) == 0))
        Print(L"    [%s] is [%wZ], not [%s]\n", Name, &Path, Expected);
    RtlFreeUnicodeString(&Path);
}

static VOID TestCurrentDirectory(VOID)
{
    WCHAR Buffer[300], Before[300];
    UNICODE_STRING Path;

    CHECK(RtlGetCurrentDirectory_U(sizeof(Before), Before) != 0);
    RtlInitUnicodeString(&Path, L"C:\\windows\\..\\windows");
    CHECK_STATUS(STATUS_SUCCESS, RtlSetCurrentDirectory_U(&Path));
    CHECK(RtlGetCurrentDirectory_U(sizeof(Buffer), Buffer) == 20 && _wcsicmp(Buffer, L"C:\\windows") == 0);
    CHECK(RtlGetCurrentDirectory_U(4, Buffer) == 22);
    CHECK(RtlDoesFileExists_U(L"system32\\ntdll.dll") && !RtlDoesFileExists_U(L"system32\\no-such-file"));
    RtlInitUnicodeString(&Path, L"C:\\");
    CHECK_STATUS(STATUS_SUCCESS, RtlSetCurrentDirectory_U(&Path));
    CHECK(RtlGetCurrentDirectory_U(sizeof(Buffer), Buffer) == 6 && wcscmp(Buffer, L"C:\\") == 0);
    RtlInitUnicodeString(&Path, L"C:\\no-such-directory");
    CHECK(!NT_SUCCESS(RtlSetCurrentDirectory_U(&Path)));
    RtlInitUnicodeString(&Path, Before);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetCurrentDirectory_U(&Path));
}

static VOID Set(PWSTR *Environment, PCWSTR Name, PCWSTR Value)
{
    UNICODE_STRING NameString, ValueString;

    RtlInitUnicodeString(&NameString, Name);
    RtlInitUnicodeString(&ValueString, Value);
    CHECK_STATUS(STATUS_SUCCESS,
                 RtlSetEnvironmentVariable(Environment, &NameString, Value != NULL ? &ValueString : NULL));
}

static VOID TestEnvironment(VOID)
{
    WCHAR Buffer[64];
    UNICODE_STRING Name, Value = { 0, sizeof(Buffer), Buffer }, Source;
    PWSTR Environment = NULL;
    ULONG Needed;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateEnvironment(FALSE, &Environment));
    Set(&Environment, L"BB", L"one");
    Set(&Environment, L"aa", L"two");
    Set(&Environment, L"bb", L"longer value");
    RtlInitUnicodeString(&Name, L"Bb");
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryEnvironmentVariable_U(Environment, &Name, &Value));
    CHECK(Value.Length == 24 && wcscmp(Buffer, L"longer value") == 0);
    Value.MaximumLength = 4;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlQueryEnvironmentVariable_U(Environment, &Name, &Value));
    Value.MaximumLength = sizeof(Buffer);
    RtlInitUnicodeString(&Source, L"x%AA%y%zz%");
    CHECK_STATUS(STATUS_SUCCESS, RtlExpandEnvironmentStrings_U(Environment, &Source, &Value, &Needed));
    CHECK(wcscmp(Buffer, L"xtwoy%zz%") == 0 && Needed == 20);
    Set(&Environment, L"AA", NULL);
    RtlInitUnicodeString(&Name, L"aa");
    CHECK_STATUS(STATUS_VARIABLE_NOT_FOUND, RtlQueryEnvironmentVariable_U(Environment, &Name, &Value));
    RtlDestroyEnvironment(Environment);
    Set(NULL, L"nereid_test", L"1");
    RtlInitUnicodeString(&Name, L"NEREID_TEST");
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryEnvironmentVariable_U(NULL, &Name, &Value));
    Set(NULL, L"nereid_test", NULL);
    CHECK_STATUS(STATUS_VARIABLE_NOT_FOUND, RtlQueryEnvironmentVariable_U(NULL, &Name, &Value));
}

static VOID TestParameters(VOID)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NULL;
    UNICODE_STRING Image, Command;

    RtlInitUnicodeString(&Image, L"\\??\\C:\\a.exe");
    RtlInitUnicodeString(&Command, L"a one two");
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateProcessParametersEx(&Parameters, &Image, NULL, NULL, &Command, NULL, NULL, NULL,
                                                              NULL, NULL, RTL_USER_PROC_PARAMS_NORMALIZED));
    if (!CHECK(Parameters != NULL))
        return;
    CHECK(RtlEqualUnicodeString(&Parameters->CommandLine, &Command, FALSE));
    CHECK(RtlEqualUnicodeString(&Parameters->ImagePathName, &Image, FALSE));
    CHECK(Parameters->CurrentDirectory.DosPath.Length >= 6 && Parameters->Environment != NULL);
    RtlDeNormalizeProcessParams(Parameters);
    CHECK((ULONG_PTR)Parameters->CommandLine.Buffer < 0x10000);
    RtlNormalizeProcessParams(Parameters);
    CHECK(RtlEqualUnicodeString(&Parameters->CommandLine, &Command, FALSE));
    RtlDestroyProcessParameters(Parameters);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestFullPaths();
    TestTypes();
    TestNtPath(L"C:\\a\\b", L"\\??\\C:\\a\\b");
    TestNtPath(L"\\\\server\\share\\f", L"\\??\\UNC\\server\\share\\f");
    TestNtPath(L"\\\\?\\C:\\a\\..\\b", L"\\??\\C:\\a\\..\\b");
    TestNtPath(L"\\\\.\\COM1", L"\\??\\COM1");
    TestCurrentDirectory();
    TestEnvironment();
    TestParameters();
    return CheckClose();
}
