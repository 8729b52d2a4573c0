/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small questions: the PEB and its lock, the environment as a whole, version conditions, processors, fiber local storage, where
 * programs are looked for, paths as the object manager wants them, the names that libwine's DLLs add.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

/* --- the PEB ----------------------------------------------------------------------------------------------------- */

static volatile LONG LockTaken;

static NTSTATUS NTAPI TakePebLock(PVOID Argument)
{
    RtlAcquirePebLock();
    LockTaken = 1;
    RtlReleasePebLock();
    return STATUS_SUCCESS;
}

/* The lock can be taken again by its owner, and is FastPebLock; nobody else gets it meanwhile. */
static VOID TestPebLock(VOID)
{
    LARGE_INTEGER Short = { .QuadPart = -500000 };
    HANDLE Thread;

    CHECK(RtlGetCurrentPeb() == NtCurrentPeb() && RtlGetCurrentPeb() == NtCurrentTebEx()->ProcessEnvironmentBlock);
    RtlAcquirePebLock();
    RtlAcquirePebLock();
    CHECK(NtCurrentPeb()->FastPebLock->RecursionCount == 2);
    CHECK(NtCurrentPeb()->FastPebLock->OwningThread == NtCurrentTebEx()->ClientId.UniqueThread);
    Thread = CheckStartThread((PVOID)TakePebLock, NULL);
    RtlReleasePebLock();
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Thread, FALSE, &Short));
    CHECK(LockTaken == 0);
    RtlReleasePebLock();
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, NULL));
    CHECK(LockTaken == 1 && NtCurrentPeb()->FastPebLock->RecursionCount == 0);
}

static VOID SetVariable(PWSTR *Environment, PCWSTR Name, PCWSTR Value)
{
    UNICODE_STRING NameString, ValueString;

    RtlInitUnicodeString(&NameString, Name);
    RtlInitUnicodeString(&ValueString, Value);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetEnvironmentVariable(Environment, &NameString, Value != NULL ? &ValueString : NULL));
}

static BOOLEAN HasValue(PCWSTR Name, PCWSTR Expected)
{
    WCHAR Value[64] = { 0 };
    SIZE_T Length = 0;
    NTSTATUS Status = RtlQueryEnvironmentVariable(NULL, Name, wcslen(Name), Value, ARRAYSIZE(Value), &Length);

    return Expected != NULL ? Status == STATUS_SUCCESS && wcscmp(Value, Expected) == 0 : Status == STATUS_VARIABLE_NOT_FOUND;
}

/* The process's block is exchanged; the one before can be put back, or is destroyed. */
static VOID TestEnvironment(VOID)
{
    PWSTR First = NtCurrentPeb()->ProcessParameters->Environment, New = NULL, Previous = NULL, Second = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateEnvironment(FALSE, &New));
    SetVariable(&New, L"Small", L"one");
    CHECK(HasValue(L"SMALL", NULL));
    RtlSetCurrentEnvironment(New, &Previous);
    CHECK(Previous == First && NtCurrentPeb()->ProcessParameters->Environment == New);
    CHECK(HasValue(L"SMALL", L"one") && HasValue(L"SystemRoot", NULL));
    SetVariable(NULL, L"Small", L"a much longer value, so that the block does not have the room");
    SetVariable(NULL, L"Other", L"two");
    CHECK(HasValue(L"small", L"a much longer value, so that the block does not have the room") && HasValue(L"Other", L"two"));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateEnvironment(TRUE, &Second));
    RtlSetCurrentEnvironment(Second, NULL);
    CHECK(HasValue(L"Other", L"two"));
    SetVariable(NULL, L"Other", NULL);
    CHECK(HasValue(L"Other", NULL));
    RtlSetCurrentEnvironment(Previous, &Second);
    CHECK(HasValue(L"Small", NULL) && NtCurrentPeb()->ProcessParameters->Environment == First);
    RtlDestroyEnvironment(Second);
    SetVariable(NULL, L"Small", L"three");
    CHECK(HasValue(L"Small", L"three"));
}

/* --- versions and processors ------------------------------------------------------------------------------------- */

static VOID TestConditions(VOID)
{
    static const ULONG Kinds[] = { VER_MINORVERSION, VER_MAJORVERSION, VER_BUILDNUMBER, VER_PLATFORMID, VER_SERVICEPACKMINOR,
            VER_SERVICEPACKMAJOR, VER_SUITENAME, VER_PRODUCT_TYPE };
    ULONGLONG All = 0;

    for (ULONG Index = 0; Index < ARRAYSIZE(Kinds); Index++) {
        for (UCHAR Condition = 1; Condition < 8; Condition++)
            CHECK(VerSetConditionMask(0, Kinds[Index], Condition) == (ULONGLONG)Condition << 3 * Index);
        CHECK(VerSetConditionMask(5, Kinds[Index], 0) == 5);
        All = VerSetConditionMask(All, Kinds[Index], VER_GREATER_EQUAL);
    }
    CHECK(All == 0x6db6db);
    CHECK(VerSetConditionMask(7, 0, 3) == 7);
    CHECK(VerSetConditionMask(0, VER_MINORVERSION, 0xfb) == 3);         /* three bits of the condition count */
    CHECK(VerSetConditionMask(VerSetConditionMask(0, VER_MAJORVERSION, 1), VER_MAJORVERSION, 2) == 0x18);
}

static VOID TestProcessors(VOID)
{
    PROCESSOR_NUMBER Number = { 77, 77, 77 };
    SYSTEM_BASIC_INFORMATION Basic;

    for (ULONG Feature = 0; Feature < PROCESSOR_FEATURE_MAX; Feature++)
        CHECK(RtlIsProcessorFeaturePresent(Feature) == ((const KUSER_SHARED_DATA *)0x7ffe0000)->ProcessorFeatures[Feature]);
    CHECK(RtlIsProcessorFeaturePresent(PF_COMPARE_EXCHANGE_DOUBLE) && RtlIsProcessorFeaturePresent(PF_XMMI64_INSTRUCTIONS_AVAILABLE));
    CHECK(!RtlIsProcessorFeaturePresent(PROCESSOR_FEATURE_MAX) && !RtlIsProcessorFeaturePresent(0xffffffff));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(NtGetCurrentProcessorNumber() < (ULONG)(UCHAR)Basic.NumberOfProcessors);
    RtlGetCurrentProcessorNumberEx(&Number);
    CHECK(Number.Group == 0 && Number.Number < (UCHAR)Basic.NumberOfProcessors && Number.Reserved == 0);
}

/* --- fiber local storage ----------------------------------------------------------------------------------------- */

#define FLS_THREADS 8
static volatile LONG FlsCalls, FlsSum, FlsReady, FlsGo;
static ULONG FlsIndex, FlsOther;

static VOID NTAPI CountFls(PVOID Value)
{
    InterlockedIncrement(&FlsCalls);
    InterlockedExchangeAdd(&FlsSum, (LONG)(LONG_PTR)Value);
}

static NTSTATUS NTAPI FlsThread(PVOID Argument)
{
    PVOID Value = (PVOID)1;

    CHECK_STATUS(STATUS_SUCCESS, RtlFlsSetValue(FlsIndex, Argument));
    InterlockedIncrement(&FlsReady);
    while (FlsGo < (LONG)(LONG_PTR)Argument)
        NtYieldExecution();
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsGetValue(FlsIndex, &Value));
    CHECK(Value == NULL);
    return STATUS_SUCCESS;
}

static VOID TestFls(VOID)
{
    HANDLE Threads[FLS_THREADS];
    PVOID Value = (PVOID)7;
    LONG Sum = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlFlsAlloc(CountFls, &FlsIndex));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsAlloc(NULL, &FlsOther));
    CHECK(FlsIndex != 0 && FlsOther != 0 && FlsIndex != FlsOther);
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsGetValue(FlsIndex, &Value));
    CHECK(Value == NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsSetValue(FlsIndex, (PVOID)100));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsSetValue(FlsOther, (PVOID)200));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsGetValue(FlsIndex, &Value));
    CHECK(Value == (PVOID)100);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFlsGetValue(0, &Value));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFlsGetValue(0x10000, &Value));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFlsGetValue(0xffffffff, &Value));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFlsSetValue(0, &Value));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFlsFree(0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFlsFree(0xffffffff));
    for (LONG Index = 0; Index < FLS_THREADS; Index++) {
        Threads[Index] = CheckStartThread((PVOID)FlsThread, (PVOID)(ULONG_PTR)(1 << Index));
        Sum += 1 << Index;
        while (FlsReady <= Index)
            NtYieldExecution();
    }
    /* The slot is freed: its callback sees all threads' values, once each. */
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsFree(FlsIndex));
    CHECK(FlsCalls == FLS_THREADS + 1 && FlsSum == Sum + 100);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlFlsFree(FlsIndex));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsAlloc(CountFls, &FlsIndex));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsGetValue(FlsIndex, &Value));
    CHECK(Value == NULL);
    for (ULONG Index = 0; Index < FLS_THREADS; Index++) {
        FlsGo = 1 << Index;
        CheckJoinThread(Threads[Index], NULL);
    }
    CHECK(FlsCalls == FLS_THREADS + 1);
    /* As a fiber's end does it: the callbacks, and the block's memory after that. */
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsSetValue(FlsIndex, (PVOID)5000));
    FlsCalls = FlsSum = 0;
    RtlProcessFlsData(NtCurrentTebEx()->FlsData, 0);
    CHECK(FlsCalls == 0);
    RtlProcessFlsData(NtCurrentTebEx()->FlsData, 1);
    CHECK(FlsCalls == 1 && FlsSum == 5000);
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsGetValue(FlsIndex, &Value));
    CHECK(Value == NULL);
    RtlProcessFlsData(NULL, 3);
    RtlProcessFlsData(NtCurrentTebEx()->FlsData, 2);
    NtCurrentTebEx()->FlsData = NULL;
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsSetValue(FlsIndex, (PVOID)1));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsFree(FlsIndex));
    CHECK_STATUS(STATUS_SUCCESS, RtlFlsFree(FlsOther));
}

/* --- paths ------------------------------------------------------------------------------------------------------- */

static VOID TestExePath(VOID)
{
    PWSTR Path = NULL, Dot, System;

    CHECK_STATUS(STATUS_SUCCESS, RtlGetExePath(L"some.exe", &Path));
    Dot = wcsstr(Path, L";.;");
    System = wcsstr(Path, L"system32");
    CHECK(Dot != NULL && System != NULL && Dot < System);       /* the program's directory, the current one, the system's */
    RtlReleasePath(Path);
}

static VOID TestNtPathNames(VOID)
{
    UNICODE_STRING Name = { 0 };
    PCWSTR Part = (PCWSTR)7;

    CHECK(RtlDosPathNameToNtPathName_U(L"C:\\windows\\x\\..\\a.txt", &Name, &Part, NULL));
    CHECK(wcscmp(Name.Buffer, L"\\??\\C:\\windows\\a.txt") == 0 && Part != NULL && wcscmp(Part, L"a.txt") == 0);
    CHECK(Name.Length == 2 * wcslen(Name.Buffer) && Name.MaximumLength >= Name.Length + 2);
    RtlFreeUnicodeString(&Name);
    CHECK(RtlDosPathNameToNtPathName_U(L"C:\\windows\\", &Name, &Part, NULL));
    CHECK(wcscmp(Name.Buffer, L"\\??\\C:\\windows\\") == 0 && Part == NULL);
    RtlFreeUnicodeString(&Name);
    CHECK(RtlDosPathNameToNtPathName_U(L"\\\\?\\C:\\a\\..\\b", &Name, NULL, NULL));
    CHECK(wcscmp(Name.Buffer, L"\\??\\C:\\a\\..\\b") == 0);
    RtlFreeUnicodeString(&Name);
    CHECK(RtlDosPathNameToNtPathName_U(L"\\\\server\\share\\file", &Name, NULL, NULL));
    CHECK(wcscmp(Name.Buffer, L"\\??\\UNC\\server\\share\\file") == 0);
    RtlFreeUnicodeString(&Name);
    CHECK(!(BOOLEAN)RtlDosPathNameToNtPathName_U(L"", &Name, NULL, NULL));
    CHECK(!(BOOLEAN)RtlDosPathNameToNtPathName_U(NULL, &Name, NULL, NULL));
}

static VOID TestSearchPath(VOID)
{
    static const WCHAR System[] = L"C:\\windows\\system32";
    WCHAR Buffer[128], Path[128];
    PWSTR Part = NULL;
    ULONG Length = RtlDosSearchPath_U(L"C:\\no-such;C:\\windows\\system32;C:\\", L"ntdll.dll", NULL, sizeof(Buffer), Buffer, &Part);

    CHECK(Length == 2 * (ARRAYSIZE(System) + 9) && _wcsicmp(Buffer, L"C:\\windows\\system32\\ntdll.dll") == 0);
    CHECK(Part != NULL && _wcsicmp(Part, L"ntdll.dll") == 0);
    CHECK(RtlDosSearchPath_U(System, L"ntdll", L".dll", sizeof(Buffer), Buffer, &Part) == Length);
    CHECK(RtlDosSearchPath_U(System, L"ntdll.dll", L".exe", sizeof(Buffer), Buffer, &Part) == Length);   /* it has one */
    CHECK(RtlDosSearchPath_U(L"C:\\windows\\system32\\", L"ntdll.dll", NULL, sizeof(Buffer), Buffer, &Part) == Length);
    CHECK(RtlDosSearchPath_U(System, L"ntdll", NULL, sizeof(Buffer), Buffer, &Part) == 0);
    CHECK(RtlDosSearchPath_U(System, L"no-such.dll", NULL, sizeof(Buffer), Buffer, &Part) == 0);
    CHECK(RtlDosSearchPath_U(L"", L"ntdll.dll", NULL, sizeof(Buffer), Buffer, &Part) == 0);
    CHECK(RtlDosSearchPath_U(L"C:\\no-such", L"C:\\windows\\system32\\ntdll.dll", NULL, sizeof(Buffer), Buffer, &Part) == Length);
    CHECK(RtlDosSearchPath_U(System, L"C:\\no-such\\ntdll.dll", NULL, sizeof(Buffer), Buffer, &Part) == 0);
    /* Too small: the bytes with the zero, and nothing is written. */
    memset(Buffer, 0x55, sizeof(Buffer));
    CHECK(RtlDosSearchPath_U(System, L"ntdll.dll", NULL, 8, Buffer, &Part) == Length + 2 && Buffer[4] == 0x5555);
    CHECK(RtlDosSearchPath_U(System, L"ntdll.dll", NULL, Length + 2, Buffer, &Part) == Length);
    /* A directory without a name is the current one. */
    {
        UNICODE_STRING Directory = RTL_CONSTANT_UNICODE_STRING(L"C:\\windows\\system32"), Old = { 0, sizeof(Path), Path };

        Old.Length = (USHORT)RtlGetCurrentDirectory_U(sizeof(Path), Path);
        CHECK_STATUS(STATUS_SUCCESS, RtlSetCurrentDirectory_U(&Directory));
        CHECK(RtlDosSearchPath_U(L"C:\\no-such;;C:\\", L"ntdll.dll", NULL, sizeof(Buffer), Buffer, &Part) == Length);
        CHECK_STATUS(STATUS_SUCCESS, RtlSetCurrentDirectory_U(&Old));
    }
}

/* --- libwine's names --------------------------------------------------------------------------------------------- */

typedef struct _CHANNEL {
    UCHAR Flags;
    CHAR Name[15];
} CHANNEL;

unsigned char __cdecl __wine_dbg_get_channel_flags(CHANNEL *Channel);
const char *__cdecl __wine_dbg_strdup(const char *Text);
int __cdecl __wine_dbg_header(unsigned Class, CHANNEL *Channel, const char *Function);
int __cdecl __wine_dbg_output(const char *Text);
NTSTATUS __cdecl wine_nt_to_unix_file_name(const OBJECT_ATTRIBUTES *Attributes, char *Name, PULONG Size, ULONG Disposition);
NTSTATUS __cdecl wine_unix_to_nt_file_name(const char *Name, WCHAR *Buffer, PULONG Size);
const char *__cdecl wine_get_version(void);
void __cdecl wine_get_host_version(const char **System, const char **Release);

/* The classes are fixme, err, warn, trace; a channel whose highest bit is set has the default ones.  (Wine: WINEDEBUG.) */
static VOID TestDebugChannels(VOID)
{
    CHANNEL New = { 0xff, "small" }, Silent = { 0, "small" }, Warn = { 4, "small" };
    const char *First, *Copies[8];

    if (!IsWine) {
        CHECK(__wine_dbg_get_channel_flags(&New) == 3 && New.Flags == 3);
        CHECK(__wine_dbg_header(1, &New, "Function") > 0 && __wine_dbg_output("a line\n") == 7);
        CHECK(__wine_dbg_get_channel_flags(&Silent) == 0 && __wine_dbg_get_channel_flags(&Warn) == 4);
    }
    for (unsigned Class = 0; Class < 4; Class++)
        CHECK(__wine_dbg_header(Class, &Silent, "Function") == -1);
    CHECK(__wine_dbg_header(0, &Warn, "Function") == -1 && __wine_dbg_header(3, &Warn, "Function") == -1);
    CHECK(__wine_dbg_output("") == 0);
    First = __wine_dbg_strdup("text");
    CHECK(strcmp(First, "text") == 0);
    for (ULONG Index = 0; Index < ARRAYSIZE(Copies); Index++)
        Copies[Index] = __wine_dbg_strdup("another");
    for (ULONG Index = 0; Index < ARRAYSIZE(Copies); Index++)
        CHECK(strcmp(Copies[Index], "another") == 0 && (Index == 0 || Copies[Index] != Copies[Index - 1]));
    CHECK(strcmp(First, "text") == 0);
}

static VOID TestWineVersion(VOID)
{
    const char *System = NULL, *Release = NULL;

    CHECK(wine_get_version() != NULL && wine_get_version()[0] >= '1' && wine_get_version()[0] <= '9');
    wine_get_host_version(&System, &Release);
    CHECK(System != NULL && Release != NULL && System[0] != 0);
    wine_get_host_version(NULL, NULL);
    wine_get_host_version(NULL, &Release);
    if (!IsWine)
        CHECK(strcmp(System, "Nereid") == 0);
}

/* There is no Unix below us. */
static VOID TestUnixNames(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\windows");
    OBJECT_ATTRIBUTES Attributes;
    CHAR Unix[200] = "";
    WCHAR Back[200];
    ULONG Size = sizeof(Unix), Length = ARRAYSIZE(Back);
    NTSTATUS Expected = IsWine ? STATUS_SUCCESS : STATUS_NOT_IMPLEMENTED;

    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(Expected, wine_nt_to_unix_file_name(&Attributes, Unix, &Size, FILE_OPEN));
    CHECK_STATUS(Expected, wine_unix_to_nt_file_name("/", Back, &Length));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestPebLock();
    TestEnvironment();
    TestConditions();
    TestProcessors();
    TestFls();
    TestExePath();
    TestNtPathNames();
    TestSearchPath();
    TestDebugChannels();
    TestWineVersion();
    TestUnixNames();
    return CheckClose();
}
