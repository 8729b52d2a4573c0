/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Paths, the current directory, environment blocks, process parameters.
 * Source of what becomes of dots and blanks: "File path formats on Windows systems" (Microsoft).
 * Runs on: Nereid and Wine.
 *
 * Of "...\\" Wine leaves two dots ("a segment of three or more periods isn't normalized"), and of "a..\\" one ("if a segment
 * ends in a single period, that period is removed").
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

/* The current directory is C:\\x\\. */
static VOID TestOddNames(VOID)
{
    static const PCWSTR Names[][2] = {
        { L"a.\\b", L"C:\\x\\a\\b" }, { L"a \\b", L"C:\\x\\a \\b" }, { L" \\b", L"C:\\x\\ \\b" }, { L". \\b", L"C:\\x\\. \\b" },
        { L"...", L"C:\\x\\" }, { L"....", L"C:\\x\\" }, { L". ", L"C:\\x\\" }, { L".. ", L"C:\\x\\" }, { L" .", L"C:\\x\\" },
        { L"a...", L"C:\\x\\a" }, { L"a. . .", L"C:\\x\\a" }, { L"a ", L"C:\\x\\a" }, { L" a", L"C:\\x\\ a" }, { L".a", L"C:\\x\\.a" },
        { L"..a", L"C:\\x\\..a" }, { L"a..b", L"C:\\x\\a..b" }, { L"a\\", L"C:\\x\\a\\" }, { L"a \\", L"C:\\x\\a \\" },
        { L".\\", L"C:\\x\\" }, { L"..\\", L"C:\\" }, { L"..", L"C:\\" }, { L"a\\..\\..\\..\\", L"C:\\" }, { L"C: ", L"C:\\x\\" },
        { L"C:..", L"C:\\" }, { L"C:\\...", L"C:\\" }, { L"C:\\.", L"C:\\" }, { L"C:\\a\\ ", L"C:\\a\\" }, { L"C:\\\\\\a", L"C:\\a" },
        { L"\\\\s\\t\\a\\..\\..\\..\\b", L"\\\\s\\t\\b" }, { L"\\\\s\\t\\a.\\b.", L"\\\\s\\t\\a\\b" }, { L"//s/t/a", L"\\\\s\\t\\a" },
        { L"\\\\.\\a\\..\\b", L"\\\\.\\b" }, { L"\\\\?\\a\\..\\b", L"\\\\?\\b" }, { L"\\\\.", L"\\\\.\\" }, { L"\\\\?", L"\\\\.\\" },
        { L"a?b*c", L"C:\\x\\a?b*c" }, { L"C:\\a\\nul.txt", L"\\\\.\\nul" }, { L"a:b:c", L"a:\\b:c" },
        { L"lpt9 . x", L"\\\\.\\lpt9" }, { L"com0", L"C:\\x\\com0" }, { L"a/./b/../c//d", L"C:\\x\\a\\c\\d" },
    };

    for (ULONG i = 0; i < ARRAYSIZE(Names); i++)
        TestFullPath(Names[i][0], Names[i][1]);
    TODO(OnWine, TestFullPath(L"...\\b", L"C:\\x\\...\\b"));
    TODO(OnWine, TestFullPath(L"a..\\b", L"C:\\x\\a..\\b"));
}

/* Names longer than any buffer that is set aside: whole, and with what ".." takes away. */
static VOID TestLongNames(VOID)
{
    static WCHAR Name[8000], Full[8000];
    UNICODE_STRING Path = { 0 };
    PWSTR Part = NULL;
    SIZE_T Length;

    wcscpy(Name, L"C:\\");
    while (wcslen(Name) < 6000)
        wcscat(Name, L"quite-long\\.\\");
    wcscat(Name, L"end");
    Length = 3 + (wcslen(Name) - 6) / 13 * 11 + 3;
    CHECK(RtlGetFullPathName_U(Name, sizeof(Full), Full, &Part) == Length * sizeof(WCHAR));
    CHECK(wcslen(Full) == Length && Part == Full + Length - 3 && wcscmp(Part, L"end") == 0 && wcsstr(Full, L"\\.\\") == NULL);
    CHECK(RtlGetFullPathName_U(Name, 2000, Full, NULL) == (Length + 1) * sizeof(WCHAR));
    if (CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Name, &Path, &Part, NULL))) {
        CHECK(Path.Length == (Length + 4) * sizeof(WCHAR) && wcscmp(Part, L"end") == 0);
        RtlFreeUnicodeString(&Path);
    }
    while (wcslen(Name) < 7900)
        wcscat(Name, L"\\..");
    CHECK(RtlGetFullPathName_U(Name, sizeof(Full), Full, NULL) == wcslen(Full) * sizeof(WCHAR) && wcslen(Full) < Length);
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
    CHECK(RtlGetFullPathName_U(L"   ", 100, Directory + 10, NULL) == 0);
    TestOddNames();
    TestLongNames();
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

/* Where the last part begins in the NT path; none of what is a root or a device. */
static VOID TestFileParts(VOID)
{
    static const struct { PCWSTR Name, Part; } Names[] = {
        { L"C:\\a\\b", L"b" }, { L"C:\\a\\b\\", NULL }, { L"C:\\", NULL }, { L"C:\\a", L"a" }, { L"\\\\s\\t", L"t" },
        { L"\\\\s\\t\\a", L"a" }, { L"\\\\s", NULL }, { L"NUL", NULL }, { L"\\\\.\\COM1", L"COM1" }, { L"\\\\?\\C:\\a", L"a" },
        { L"\\??\\C:\\a\\", NULL },
    };
    UNICODE_STRING Path;
    PWSTR Part;

    for (ULONG i = 0; i < ARRAYSIZE(Names); i++) {
        Part = (PWSTR)1;
        if (!CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Names[i].Name, &Path, &Part, NULL)))
            continue;
        if (!CHECK(Names[i].Part == NULL ? Part == NULL : Part != NULL && wcscmp(Part, Names[i].Part) == 0))
            Print(L"    [%s]: part [%s]\n", Names[i].Name, Part != NULL ? Part : L"NULL");
        RtlFreeUnicodeString(&Path);
    }
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, RtlDosPathNameToNtPathName_U_WithStatus(L"  ", &Path, NULL, NULL));
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, RtlDosPathNameToNtPathName_U_WithStatus(L"", &Path, NULL, NULL));
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
    TestFileParts();
    TestCurrentDirectory();
    TestEnvironment();
    TestParameters();
    return CheckClose();
}
