/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Activation contexts: made from manifests, the stack, questions and lookups.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define MANIFEST L"C:\\actctx-test.manifest"
#define MANIFEST_NT L"\\??\\C:\\actctx-test.manifest"
#define PRIVATE_NT L"\\??\\C:\\nereid.test.private.manifest"

#define HEAD "<?xml version='1.0' encoding='UTF-8' standalone='yes'?>\r\n<!-- a comment -->\r\n" \
        "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v1\" manifestVersion=\"1.0\">\r\n" \
        "<assemblyIdentity type=\"win32\" name=\"Nereid.Test\" version=\"1.2.3.4\" processorArchitecture=\"amd64\"/>\r\n"
#define TAIL "</assembly>\r\n"

static VOID WriteFileOf(PCWSTR Path, const void *Bytes, ULONG Length)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Io;
    HANDLE File;

    RtlInitUnicodeString(&Name, Path);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (!CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, FILE_WRITE_DATA | DELETE | SYNCHRONIZE, &Attributes, &Io, NULL,
                                                   FILE_ATTRIBUTE_NORMAL, 0, FILE_OVERWRITE_IF,
                                                   FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE, NULL, 0)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Io, (PVOID)Bytes, Length, NULL, NULL));
    NtClose(File);
}

static VOID DeleteFileOf(PCWSTR Path)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;

    RtlInitUnicodeString(&Name, Path);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtDeleteFile(&Attributes);
}

static NTSTATUS CreateFrom(const void *Bytes, ULONG Length, PHANDLE Context)
{
    ACTCTXW Parameters = { .cbSize = sizeof(Parameters), .lpSource = MANIFEST };

    *Context = NULL;
    WriteFileOf(MANIFEST_NT, Bytes, Length);
    return RtlCreateActivationContext(Context, &Parameters);
}

static NTSTATUS CreateFromText(PCSTR Text, PHANDLE Context)
{
    return CreateFrom(Text, (ULONG)strlen(Text), Context);
}

static VOID TestBadParameters(VOID)
{
    ACTCTXW Parameters = { .cbSize = sizeof(Parameters), .lpSource = L"C:\\no-such-file.manifest" };
    HANDLE Context = NULL;

    NTSTATUS Status = RtlCreateActivationContext(&Context, &Parameters);

    CHECK(Status == STATUS_NO_SUCH_FILE || Status == STATUS_OBJECT_NAME_NOT_FOUND);
    Parameters.cbSize = 8;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCreateActivationContext(&Context, &Parameters));
    Parameters.cbSize = sizeof(Parameters);
    Parameters.dwFlags = 0x80000000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCreateActivationContext(&Context, &Parameters));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCreateActivationContext(&Context, NULL));
}

/* Each of these is refused. */
static VOID TestBadManifests(VOID)
{
    static const PCSTR Bad[] = {
        "", "no xml at all", "<assembly>", "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v1\"></assembly>",
        "<other xmlns=\"urn:schemas-microsoft-com:asm.v1\" manifestVersion=\"1.0\"></other>",
        "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v1\" manifestVersion=\"1.0\">",
        "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v1\" manifestVersion=\"1.0\"><file></assembly>",
        "<assembly xmlns=\"urn:schemas-microsoft-com:asm.v1\" manifestVersion=\"1.0></assembly>",
        HEAD "<dependency><dependentAssembly><assemblyIdentity type='win32' name='No.Such' version='6.0.0.0'"
        " processorArchitecture='amd64'/></dependentAssembly></dependency>" TAIL,
    };
    HANDLE Context;

    for (ULONG Index = 0; Index < ARRAYSIZE(Bad); Index++) {
        NTSTATUS Status = CreateFromText(Bad[Index], &Context);

        /* Wine cannot map an empty file, and takes an unterminated document. */
        if (IsWine && (Index == 0 || Index == 5))
            continue;
        CHECK(!NT_SUCCESS(Status));
        if (Index != 0)
            CHECK_STATUS(STATUS_SXS_CANT_GEN_ACTCTX, Status);
    }
}

static VOID TestEncodings(VOID)
{
    static const WCHAR Wide[] = L"\xfeff<assembly xmlns=\"urn:schemas-microsoft-com:asm.v1\" manifestVersion=\"1.0\">"
            L"<assemblyIdentity type=\"win32\" name=\"Wide\" version=\"1.0.0.0\" processorArchitecture=\"amd64\"/></assembly>";
    WCHAR Swapped[ARRAYSIZE(Wide)];
    HANDLE Context;

    CHECK_STATUS(STATUS_SUCCESS, CreateFrom(Wide, sizeof(Wide) - 2, &Context));
    RtlReleaseActivationContext(Context);
    for (ULONG Index = 0; Index < ARRAYSIZE(Wide) - 1; Index++)
        Swapped[Index] = (WCHAR)(Wide[Index] << 8 | Wide[Index] >> 8);
    CHECK_STATUS(STATUS_SUCCESS, CreateFrom(Swapped, sizeof(Wide) - 2, &Context));
    RtlReleaseActivationContext(Context);
    CHECK_STATUS(STATUS_SUCCESS, CreateFromText("\xef\xbb\xbf" HEAD TAIL, &Context));
    RtlReleaseActivationContext(Context);
    CHECK_STATUS(STATUS_SUCCESS, CreateFromText(HEAD TAIL, &Context));
    RtlReleaseActivationContext(Context);
}

/* --- the stack --------------------------------------------------------------------------------------------------- */

static HANDLE Active(VOID)
{
    HANDLE Context = (HANDLE)1;

    CHECK_STATUS(STATUS_SUCCESS, RtlGetActiveActivationContext(&Context));
    if (Context != NULL)
        RtlReleaseActivationContext(Context);
    return Context;
}

static NTSTATUS Deactivated;

/* The status that a deactivation raises. */
static __attribute__((noinline)) NTSTATUS Deactivate(ULONG Flags, ULONG_PTR Cookie)
{
    __try {
        RtlDeactivateActivationContext(Flags, Cookie);
        return STATUS_SUCCESS;
    } __except ((Deactivated = (NTSTATUS)GetExceptionCode()), EXCEPTION_EXECUTE_HANDLER) {
        return Deactivated;
    }
}

static VOID TestStack(VOID)
{
    HANDLE First, Second;
    ULONG_PTR One = 0, Two = 0, Three = 0;

    CHECK_STATUS(STATUS_SUCCESS, CreateFromText(HEAD TAIL, &First));
    CHECK_STATUS(STATUS_SUCCESS, CreateFromText(HEAD TAIL, &Second));
    CHECK(First != NULL && Second != NULL && First != Second);
    CHECK(Active() == NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlActivateActivationContext(0, First, &One));
    CHECK(Active() == First && One != 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlActivateActivationContext(0, Second, &Two));
    CHECK(Active() == Second && Two != One);
    CHECK_STATUS(STATUS_SUCCESS, RtlActivateActivationContext(0, NULL, &Three));
    CHECK(Active() == NULL);
    CHECK_STATUS(STATUS_SXS_EARLY_DEACTIVATION, Deactivate(0, Two));
    CHECK(Active() == NULL);
    CHECK_STATUS(STATUS_SUCCESS, Deactivate(0, Three));
    CHECK(Active() == Second);
    CHECK_STATUS(STATUS_SXS_INVALID_DEACTIVATION, Deactivate(0, 0x12345));
    CHECK_STATUS(STATUS_SUCCESS, Deactivate(RTL_DEACTIVATE_ACTIVATION_CONTEXT_FLAG_FORCE_EARLY_DEACTIVATION, One));
    CHECK(Active() == NULL);
    CHECK_STATUS(STATUS_SXS_INVALID_DEACTIVATION, Deactivate(0, Two));
    CHECK_STATUS(STATUS_SUCCESS, RtlActivateActivationContext(0, First, &One));
    RtlReleaseActivationContext(First);
    CHECK(Active() == First);
    CHECK_STATUS(STATUS_SUCCESS, Deactivate(0, One));
    RtlAddRefActivationContext(Second);
    RtlReleaseActivationContext(Second);
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, RtlZombifyActivationContext(Second)));
    RtlReleaseActivationContext(Second);
    if (!IsWine) {          /* Wine trusts the handle */
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlActivateActivationContext(0, Second, &One));
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlActivateActivationContext(0, &One, &One));
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlZombifyActivationContext(Second));
    }
}

/* --- questions --------------------------------------------------------------------------------------------------- */

#define SETTINGS "<v3:application xmlns:v3='urn:schemas-microsoft-com:asm.v3'><v3:windowsSettings" \
        " xmlns:ws5='http://schemas.microsoft.com/SMI/2005/WindowsSettings'" \
        " xmlns='http://schemas.microsoft.com/SMI/2016/WindowsSettings'><ws5:dpiAware>true</ws5:dpiAware>" \
        "<longPathAware>true</longPathAware></v3:windowsSettings></v3:application>"
#define FILES "<file name='one.dll'><windowClass>NereidClass</windowClass>" \
        "<windowClass versioned='no'>PlainClass</windowClass></file><file name='a &amp; &#98;.dll'/>"
#define LEVEL "<trustInfo><security><requestedPrivileges><requestedExecutionLevel level='highestAvailable'" \
        " uiAccess='true'/></requestedPrivileges></security></trustInfo>"
#define SUPPORTED "<compatibility xmlns='urn:schemas-microsoft-com:compatibility.v1'><application>" \
        "<supportedOS Id='{8e0f7a12-bfb3-4fe8-b9a5-48fd50a15a9a}'/><supportedOS Id='{1f676c76-80e1-4239-95bb-83d0f6d0da78}'/>" \
        "</application></compatibility>"

static VOID TestDetails(HANDLE Context)
{
    UCHAR Buffer[1024] __attribute__((aligned(8)));
    PACTIVATION_CONTEXT_DETAILED_INFORMATION Detailed = (PVOID)Buffer;
    PACTIVATION_CONTEXT_ASSEMBLY_DETAILED_INFORMATION Assembly = (PVOID)Buffer;
    PASSEMBLY_FILE_DETAILED_INFORMATION File = (PVOID)Buffer;
    PACTIVATION_CONTEXT_RUN_LEVEL_INFORMATION Level = (PVOID)Buffer;
    ACTIVATION_CONTEXT_QUERY_INDEX Index = { 0, 1 };
    SIZE_T Length = 0, Needed = 0;
    ULONG Number = 1;

    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlQueryInformationActivationContext(0, Context, NULL, 2, NULL, 0, &Needed));
    CHECK(Needed > sizeof(*Detailed));
    CHECK_STATUS(STATUS_SUCCESS,
            RtlQueryInformationActivationContext(0, Context, NULL, 2, Buffer, sizeof(Buffer), &Length));
    CHECK(Length == Needed && Detailed->ulAssemblyCount == 1 && Detailed->ulFormatVersion == 1);
    CHECK(Detailed->lpRootManifestPath != NULL && _wcsicmp(Detailed->lpRootManifestPath, MANIFEST) == 0);
    CHECK(Detailed->ulRootManifestPathChars == wcslen(MANIFEST));
    CHECK(Detailed->lpAppDirPath != NULL && wcslen(Detailed->lpAppDirPath) == Detailed->ulAppDirPathChars);
    CHECK(wcsncmp(NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer, Detailed->lpAppDirPath,
                  Detailed->ulAppDirPathChars) == 0);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL,
            RtlQueryInformationActivationContext(0, Context, NULL, 2, Buffer, Needed - 2, &Length));
    CHECK_STATUS(STATUS_SUCCESS,
            RtlQueryInformationActivationContext(0, Context, &Number, 3, Buffer, sizeof(Buffer), &Length));
    TODO(OnWine, CHECK(Assembly->ulFileCount == 2));
    CHECK(Assembly->ulManifestVersionMajor == 1);
    CHECK(wcsncmp(Assembly->lpAssemblyEncodedAssemblyIdentity, L"Nereid.Test,", 12) == 0);
    CHECK(wcsstr(Assembly->lpAssemblyEncodedAssemblyIdentity, L"version=\"1.2.3.4\"") != NULL);
    Number = 2;
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
            RtlQueryInformationActivationContext(0, Context, &Number, 3, Buffer, sizeof(Buffer), &Length));
    CHECK_STATUS(STATUS_SUCCESS,
            RtlQueryInformationActivationContext(0, Context, &Index, 4, Buffer, sizeof(Buffer), &Length));
    TODO(OnWine, CHECK(wcscmp(File->lpFileName, L"a & b.dll") == 0 && File->ulFilenameLength == 18));
    Index.ulFileIndexInAssembly = 2;
    CHECK_STATUS(STATUS_INVALID_PARAMETER,
            RtlQueryInformationActivationContext(0, Context, &Index, 4, Buffer, sizeof(Buffer), &Length));
    CHECK_STATUS(STATUS_SUCCESS,
            RtlQueryInformationActivationContext(0, Context, NULL, 5, Buffer, sizeof(Buffer), &Length));
    CHECK(Level->RunLevel == ACTCTX_RUN_LEVEL_HIGHEST_AVAILABLE && Level->UiAccess == 1);
    CHECK(Length == sizeof(*Level));
    CHECK_STATUS(STATUS_SUCCESS,
            RtlQueryInformationActivationContext(0, Context, NULL, 6, Buffer, sizeof(Buffer), &Length));
    CHECK(*(PULONG)Buffer == 2);
}

static VOID TestBasic(HANDLE Context)
{
    ACTIVATION_CONTEXT_BASIC_INFORMATION Basic = { (HANDLE)1, 1 };
    ULONG_PTR Cookie;
    SIZE_T Length;

    CHECK_STATUS(STATUS_SUCCESS, RtlActivateActivationContext(0, Context, &Cookie));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryInformationActivationContext(QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX, NULL, NULL, 1,
            &Basic, sizeof(Basic), &Length));
    CHECK(Basic.ActivationContext == Context && Basic.Flags == 0);
    RtlReleaseActivationContext(Context);
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryInformationActivationContext(QUERY_ACTCTX_FLAG_USE_ACTIVE_ACTCTX |
            QUERY_ACTCTX_FLAG_NO_ADDREF, NULL, NULL, 1, &Basic, sizeof(Basic), &Length));
    CHECK(Basic.ActivationContext == Context);
    CHECK_STATUS(STATUS_SUCCESS, Deactivate(0, Cookie));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryInformationActivationContext(0, NULL, NULL, 1, &Basic, sizeof(Basic), &Length));
    CHECK(Basic.ActivationContext == NULL);
}

static VOID TestSettings(HANDLE Context)
{
    static const WCHAR Year2005[] = L"http://schemas.microsoft.com/SMI/2005/WindowsSettings";
    static const WCHAR Year2016[] = L"http://schemas.microsoft.com/SMI/2016/WindowsSettings";
    WCHAR Value[16];
    SIZE_T Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlQueryActivationContextApplicationSettings(0, Context, NULL, L"dpiAware", Value,
            ARRAYSIZE(Value), &Length));
    CHECK(wcscmp(Value, L"true") == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryActivationContextApplicationSettings(0, Context, Year2005, L"dpiAware", Value,
            ARRAYSIZE(Value), &Length));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryActivationContextApplicationSettings(0, Context, Year2016, L"longPathAware",
            Value, ARRAYSIZE(Value), &Length));
    CHECK(wcscmp(Value, L"true") == 0 && Length == 5);
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlQueryActivationContextApplicationSettings(0, Context, Year2016,
            L"longPathAware", Value, 4, &Length)));
    CHECK_STATUS(STATUS_SXS_KEY_NOT_FOUND, RtlQueryActivationContextApplicationSettings(0, Context, Year2005,
            L"longPathAware", Value, ARRAYSIZE(Value), &Length));
    CHECK_STATUS(STATUS_SXS_KEY_NOT_FOUND, RtlQueryActivationContextApplicationSettings(0, Context, NULL, L"none", Value,
            ARRAYSIZE(Value), &Length));
    CHECK_STATUS(STATUS_SXS_KEY_NOT_FOUND, RtlQueryActivationContextApplicationSettings(0, NULL, NULL, L"dpiAware", Value,
            ARRAYSIZE(Value), &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlQueryActivationContextApplicationSettings(1, Context, NULL, L"dpiAware",
            Value, ARRAYSIZE(Value), &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlQueryActivationContextApplicationSettings(0, Context, L"other",
            L"dpiAware", Value, ARRAYSIZE(Value), &Length));
}

static VOID TestLookups(HANDLE Context)
{
    static const GUID Id = { 1 };
    ACTCTX_SECTION_KEYED_DATA Data = { .cbSize = sizeof(Data) };
    UNICODE_STRING Dll, Class, Missing;
    ULONG_PTR Cookie;

    RtlInitUnicodeString(&Dll, L"ONE.dll");
    RtlInitUnicodeString(&Class, L"NereidClass");
    RtlInitUnicodeString(&Missing, L"missing.dll");
    CHECK_STATUS(STATUS_SXS_KEY_NOT_FOUND, RtlFindActivationContextSectionString(0, NULL, 2, &Dll, &Data));
    CHECK_STATUS(STATUS_SUCCESS, RtlActivateActivationContext(0, Context, &Cookie));
    CHECK_STATUS(STATUS_SUCCESS, RtlFindActivationContextSectionString(0, NULL, 2, &Dll, &Data));
    CHECK(Data.lpData != NULL && *(PULONG)Data.lpData == Data.ulLength && Data.ulAssemblyRosterIndex == 1);
    CHECK(Data.hActCtx == NULL && Data.ulDataFormatVersion == 1);
    CHECK_STATUS(STATUS_SUCCESS, RtlFindActivationContextSectionString(FIND_ACTCTX_SECTION_KEY_RETURN_HACTCTX, NULL, 3,
            &Class, &Data));
    CHECK(Data.hActCtx == Context);
    RtlReleaseActivationContext(Context);
    CHECK(((PULONG)Data.lpData)[2] == wcslen(L"1.2.3.4!NereidClass") * sizeof(WCHAR));
    CHECK(wcscmp((PCWSTR)((PUCHAR)Data.lpData + ((PULONG)Data.lpData)[3]), L"1.2.3.4!NereidClass") == 0);
    CHECK(wcscmp((PCWSTR)((PUCHAR)Data.lpSectionBase + ((PULONG)Data.lpData)[5]), L"one.dll") == 0);
    RtlInitUnicodeString(&Class, L"PlainClass");
    CHECK_STATUS(STATUS_SUCCESS, RtlFindActivationContextSectionString(0, NULL, 3, &Class, &Data));
    CHECK(wcscmp((PCWSTR)((PUCHAR)Data.lpData + ((PULONG)Data.lpData)[3]), L"PlainClass") == 0);
    CHECK_STATUS(STATUS_SXS_KEY_NOT_FOUND, RtlFindActivationContextSectionString(0, NULL, 2, &Missing, &Data));
    CHECK_STATUS(STATUS_SXS_KEY_NOT_FOUND, RtlFindActivationContextSectionString(0, NULL, 7, &Dll, &Data));
    CHECK_STATUS(STATUS_SXS_KEY_NOT_FOUND, RtlFindActivationContextSectionGuid(0, NULL, 4, &Id, &Data));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFindActivationContextSectionString(0, &Id, 2, &Dll, &Data));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFindActivationContextSectionString(0x100, NULL, 2, &Dll, &Data));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFindActivationContextSectionString(0, NULL, 2, NULL, &Data));
    CHECK_STATUS(STATUS_SUCCESS, RtlFindActivationContextSectionString(0, NULL, 2, &Dll, NULL));
    Data.cbSize = 8;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFindActivationContextSectionString(0, NULL, 2, &Dll, &Data));
    CHECK_STATUS(STATUS_SUCCESS, Deactivate(0, Cookie));
}

/* A private assembly beside the manifest. */
static VOID TestDependency(VOID)
{
    static const CHAR Private[] = "<assembly xmlns='urn:schemas-microsoft-com:asm.v1' manifestVersion='1.0'>"
            "<assemblyIdentity type='win32' name='nereid.test.private' version='1.0.0.0' processorArchitecture='amd64'/>"
            "<file name='private.dll'/></assembly>";
    UCHAR Buffer[512] __attribute__((aligned(8)));
    HANDLE Context;
    SIZE_T Length;

    WriteFileOf(PRIVATE_NT, Private, sizeof(Private) - 1);
    CHECK_STATUS(STATUS_SUCCESS, CreateFromText(HEAD "<dependency><dependentAssembly><assemblyIdentity type='win32'"
            " name='nereid.test.private' version='1.0.0.0' processorArchitecture='amd64'/></dependentAssembly>"
            "</dependency>" TAIL, &Context));
    CHECK_STATUS(STATUS_SUCCESS,
            RtlQueryInformationActivationContext(0, Context, NULL, 2, Buffer, sizeof(Buffer), &Length));
    CHECK(((PACTIVATION_CONTEXT_DETAILED_INFORMATION)Buffer)->ulAssemblyCount == 2);
    RtlReleaseActivationContext(Context);
    DeleteFileOf(PRIVATE_NT);
}

int wmain(int argc, WCHAR **argv)
{
    HANDLE Context;

    CheckSystem();
    TestBadParameters();
    TestBadManifests();
    TestEncodings();
    TestStack();
    CHECK_STATUS(STATUS_SUCCESS, CreateFromText(HEAD FILES LEVEL SETTINGS SUPPORTED TAIL, &Context));
    TestDetails(Context);
    TestBasic(Context);
    TestSettings(Context);
    TestLookups(Context);
    RtlReleaseActivationContext(Context);
    TestDependency();
    DeleteFileOf(MANIFEST_NT);
    return CheckClose();
}
