/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services that came with Windows 10, or that only its own DLLs call, of several rooms: timers of 100 ns, events for locks, filters
 * of messages, licences, sections with parameters, directories with a shadow; small routines of ntdll.
 *
 * Runs on: Nereid.
 *
 * Rules: ExAllocateTimer, ExSetTimer, DbgPrintEx ("Reading and Filtering Debugging Messages"), CreateFileMapping2; see ntos's sources.
 */
#include "check.h"

#define MILLISECOND 10000ll
#define EVERYTHING L"\\BaseNamedObjects\\win10-"

static LARGE_INTEGER Zero, Long = { .QuadPart = LONG_ENOUGH };

/* --- timers ------------------------------------------------------------------------------------------------------- */

static NTSTATUS MakeTimer(PHANDLE Timer, ULONG Attributes)
{
    return NtCreateTimer2(Timer, NULL, NULL, Attributes, TIMER_ALL_ACCESS);
}

static VOID TestTimerKinds(VOID)
{
    LARGE_INTEGER Due = { .QuadPart = -2 * MILLISECOND };
    T2_SET_PARAMETERS Parameters = { .NoWakeTolerance = -1 };
    HANDLE Timer;

    CHECK_STATUS(STATUS_SUCCESS, MakeTimer(&Timer, EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer2(Timer, &Due, NULL, &Parameters));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, &Long));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Zero));
    NtClose(Timer);
    CHECK_STATUS(STATUS_SUCCESS, MakeTimer(&Timer, EX_TIMER_NOTIFICATION));
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer2(Timer, &Zero, NULL, &Parameters));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, &Long));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, &Zero));
    /* The older services take it, too. */
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Long, NULL, NULL, FALSE, 0, NULL));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelTimer2(Timer, NULL));
    NtClose(Timer);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_2, NtCreateTimer2(&Timer, &Zero, NULL, 0, TIMER_ALL_ACCESS));
    for (ULONG Bit = 1; Bit != 0; Bit <<= 1)
        if (!(Bit & (EX_TIMER_HIGH_RESOLUTION | EX_TIMER_NO_WAKE | EX_TIMER_NOTIFICATION)))
            CHECK_STATUS(STATUS_INVALID_PARAMETER_4, MakeTimer(&Timer, Bit));
}

static VOID TestTimerSettings(VOID)
{
    LARGE_INTEGER Period = { .QuadPart = 3 * MILLISECOND }, Bad = { .QuadPart = -1 };
    T2_SET_PARAMETERS Parameters = { .NoWakeTolerance = 0 };
    TIMER_BASIC_INFORMATION Info;
    HANDLE Timer;

    CHECK_STATUS(STATUS_SUCCESS, MakeTimer(&Timer, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer2(Timer, &Zero, &Period, &Parameters));
    for (ULONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, &Long));
    Period.QuadPart = 1;                /* 100 ns are rounded up, not down to a timer that fires once */
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer2(Timer, &Zero, &Period, &Parameters));
    for (ULONG i = 0; i < 3; i++)
        CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Timer, FALSE, &Long));
    /* What is refused leaves the timer as it was. */
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer2(Timer, &Long, NULL, &Parameters));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_3, NtSetTimer2(Timer, &Zero, &Bad, &Parameters));
    Bad.QuadPart = MAXLONGLONG;
    CHECK_STATUS(STATUS_INVALID_PARAMETER_3, NtSetTimer2(Timer, &Zero, &Bad, &Parameters));
    Parameters.Version = 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtSetTimer2(Timer, &Zero, NULL, &Parameters));
    Parameters = (T2_SET_PARAMETERS){ .Reserved = 1 };
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtSetTimer2(Timer, &Zero, NULL, &Parameters));
    Parameters = (T2_SET_PARAMETERS){ .NoWakeTolerance = -2 };
    CHECK_STATUS(STATUS_INVALID_PARAMETER_4, NtSetTimer2(Timer, &Zero, NULL, &Parameters));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetTimer2(Timer, &Zero, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryTimer(Timer, TimerBasicInformation, &Info, sizeof(Info), NULL));
    CHECK(Info.TimerState == FALSE && Info.RemainingTime.QuadPart > 0);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_2, NtCancelTimer2(Timer, &Parameters));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelTimer2(Timer, NULL));
    NtClose(Timer);
}

/* --- events, messages, licences ------------------------------------------------------------------------------------ */

static VOID TestEvents(VOID)
{
    HANDLE Event, Weak;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtSetEventBoostPriority(Event));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Event, NtCurrentProcess(), &Weak, SYNCHRONIZE, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetEventBoostPriority(Weak));
    NtClose(Weak);
    NtClose(Event);
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtSetEventBoostPriority(Event));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtSetEventBoostPriority(Event));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Event, FALSE, &Zero));
    NtClose(Event);
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtSetEventBoostPriority(NtCurrentProcess()));
}

static VOID TestFilters(VOID)
{
    const ULONG Component = 101;        /* DPFLTR_IHVDRIVER_ID is 77; nobody here uses this one */
    BOOLEAN Had, Ignored;

    CHECK(NtQueryDebugFilterState(Component, 0) == TRUE && NtQueryDebugFilterState(Component, 3) == FALSE);
    CHECK(NtQueryDebugFilterState(MAXDWORD, 31) == TRUE);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtQueryDebugFilterState(MAXDWORD - 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, FALSE, FALSE, &Had));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetDebugFilterState(Component, 3, TRUE));
    CHECK(NtQueryDebugFilterState(Component, 3) == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, TRUE, FALSE, &Ignored));
    CHECK_STATUS(STATUS_SUCCESS, NtSetDebugFilterState(Component, 3, TRUE));
    CHECK(NtQueryDebugFilterState(Component, 3) == TRUE && NtQueryDebugFilterState(Component, 2) == FALSE);
    CHECK(NtQueryDebugFilterState(Component + 1, 3) == FALSE);
    /* From 32 on a level is a mask: of 0x80000008 one bit will do. */
    CHECK(NtQueryDebugFilterState(Component, 0x80000008) == TRUE && NtQueryDebugFilterState(Component, 0x80000000) == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetDebugFilterState(Component, 0x80000020, TRUE));
    CHECK(NtQueryDebugFilterState(Component, 31) == TRUE && NtQueryDebugFilterState(Component, 5) == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetDebugFilterState(Component, 0xffffffff, FALSE));
    CHECK(NtQueryDebugFilterState(Component, 3) == FALSE && NtQueryDebugFilterState(Component, 31) == FALSE);
    CHECK(NtQueryDebugFilterState(Component, 0) == TRUE);
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtSetDebugFilterState(MAXDWORD, 0, TRUE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtSetDebugFilterState(155, 0, TRUE));
    CHECK(DbgPrintEx(Component, 3, "win10: this is not to be seen\n") == STATUS_SUCCESS);
    if (!Had)
        RtlAdjustPrivilege(SE_DEBUG_PRIVILEGE, FALSE, FALSE, &Ignored);
}

static VOID TestLicence(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"Kernel-MUI-Language-Allowed"), Empty = { 0 };
    ULONG Type = 7, Data = 7, Length = 7;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtQueryLicenseValue(&Name, &Type, &Data, sizeof(Data), &Length));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtQueryLicenseValue(&Name, NULL, NULL, 0, &Length));
    CHECK(Type == 7 && Data == 7 && Length == 7);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtQueryLicenseValue(&Empty, &Type, &Data, sizeof(Data), &Length));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryLicenseValue(NULL, &Type, &Data, sizeof(Data), &Length));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryLicenseValue(&Name, &Type, &Data, sizeof(Data), NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryLicenseValue(&Name, (PULONG)8, &Data, sizeof(Data), &Length));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryLicenseValue(&Name, &Type, (PVOID)8, sizeof(Data), &Length));
    CHECK(NtIsSystemResumeAutomatic() == FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtFlushWriteBuffer());
}

/* --- sections ----------------------------------------------------------------------------------------------------- */

static NTSTATUS MakeSection(MEM_EXTENDED_PARAMETER *Parameters, ULONG Count)
{
    LARGE_INTEGER Size = { .QuadPart = 0x1000 };
    HANDLE Section = (HANDLE)1;
    NTSTATUS Status = NtCreateSectionEx(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL, Parameters, Count);

    CHECK(NT_SUCCESS(Status) == (Section != NULL));
    if (NT_SUCCESS(Status))
        NtClose(Section);
    return Status;
}

static VOID TestSections(VOID)
{
    MEM_EXTENDED_PARAMETER Two[3] = { { { MemSectionExtendedParameterNumaNode, 0 }, { 0 } },
                                      { { MemSectionExtendedParameterUserPhysicalFlags, 0 }, { 0 } } };

    CHECK_STATUS(STATUS_SUCCESS, MakeSection(NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, MakeSection(Two, 0));
    CHECK_STATUS(STATUS_SUCCESS, MakeSection(Two, 1));
    CHECK_STATUS(STATUS_SUCCESS, MakeSection(Two, 2));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, MakeSection(Two, 3));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, MakeSection(NULL, 1));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, MakeSection((PVOID)8, 1));
    Two[1].ULong64 = 1;
    CHECK_STATUS(STATUS_NOT_IMPLEMENTED, MakeSection(Two, 2));
    Two[1] = Two[0];
    CHECK_STATUS(STATUS_INVALID_PARAMETER, MakeSection(Two, 2));        /* twice */
    Two[0].ULong64 = 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, MakeSection(Two, 1));        /* there is one node */
    Two[0].ULong64 = 0;
    Two[0].Reserved = 1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, MakeSection(Two, 1));
    Two[0].Reserved = 0;
    for (ULONG Type = 0; Type < 256; Type++) {
        Two[0].Type = Type;
        if (Type != MemSectionExtendedParameterNumaNode && Type != MemSectionExtendedParameterUserPhysicalFlags)
            CHECK_STATUS(STATUS_INVALID_PARAMETER, MakeSection(Two, 1));
    }
}

/* --- directories with a shadow ------------------------------------------------------------------------------------ */

static POBJECT_ATTRIBUTES In(HANDLE Root, PCWSTR Name)
{
    static OBJECT_ATTRIBUTES Attributes;
    static UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    return &Attributes;
}

static HANDLE MakeEvent(HANDLE Root, PCWSTR Name)
{
    HANDLE Event = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, In(Root, Name), NotificationEvent, FALSE));
    return Event;
}

static BOOLEAN IsThere(HANDLE Root, PCWSTR Name, HANDLE Same)
{
    HANDLE Event;
    BOOLEAN Answer;

    if (!NT_SUCCESS(NtOpenEvent(&Event, EVENT_ALL_ACCESS, In(Root, Name))))
        return FALSE;
    Answer = NtCompareObjects(Event, Same) == STATUS_SUCCESS;
    NtClose(Event);
    return Answer;
}

static VOID TestShadows(VOID)
{
    HANDLE Front, Behind, Sub, Weak, Other, Both, Hidden, Deep, New;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateDirectoryObject(&Behind, DIRECTORY_ALL_ACCESS, In(NULL, EVERYTHING L"behind")));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateDirectoryObject(&Sub, DIRECTORY_ALL_ACCESS, In(Behind, L"sub")));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateDirectoryObjectEx(&Front, DIRECTORY_ALL_ACCESS, In(NULL, EVERYTHING L"front"), Behind, 0));
    Both = MakeEvent(Behind, L"both");
    Deep = MakeEvent(Sub, L"deep");
    CHECK(IsThere(Front, L"Both", Both) && IsThere(NULL, EVERYTHING L"front\\both", Both));
    CHECK(IsThere(Front, L"sub\\deep", Deep) && !IsThere(Front, L"none", Both));
    /* What is made goes to the front, and is found first. */
    Hidden = MakeEvent(Front, L"both");
    CHECK(NtCompareObjects(Hidden, Both) == STATUS_NOT_SAME_OBJECT && IsThere(Front, L"both", Hidden) && IsThere(Behind, L"both", Both));
    NtClose(Hidden);
    CHECK(IsThere(Front, L"both", Both));
    New = MakeEvent(Front, L"sub\\new");
    CHECK(IsThere(Sub, L"new", New));
    NtClose(New);
    /* A shadow lives as long as what it is behind. */
    NtClose(Sub);
    NtClose(Behind);
    CHECK(IsThere(Front, L"both", Both));
    NtClose(Deep);
    NtClose(Both);
    CHECK(!IsThere(Front, L"both", Both));

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateDirectoryObjectEx(&Other, DIRECTORY_ALL_ACCESS, NULL, Front, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateDirectoryObjectEx(&Other, DIRECTORY_ALL_ACCESS, NULL, NULL, 1));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtCreateDirectoryObjectEx(&Other, DIRECTORY_ALL_ACCESS, NULL, NtCurrentProcess(), 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateDirectoryObjectEx(&Other, DIRECTORY_ALL_ACCESS, NULL, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Other, NtCurrentProcess(), &Weak, DIRECTORY_QUERY, 0, 0));
    NtClose(Other);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCreateDirectoryObjectEx(&Other, DIRECTORY_ALL_ACCESS, NULL, Weak, 0));
    NtClose(Weak);
    NtClose(Front);
}

/* --- what ntdll answers itself -------------------------------------------------------------------------------------- */

static BOOLEAN Grants(PACL Acl, ULONG Index, ACCESS_MASK Access, PSID Sid)
{
    PACCESS_ALLOWED_ACE Ace;

    return NT_SUCCESS(RtlGetAce(Acl, Index, (PVOID *)&Ace)) && Ace->Header.AceType == ACCESS_ALLOWED_ACE_TYPE && Ace->Mask == Access &&
           (Sid == NULL || RtlEqualSid(Sid, &Ace->SidStart));
}

/* "Full control to the LocalSystem account, administrators, and the creator owner, [...] read access to [...] Everyone [...] and the
 * anonymous account" (CreateNamedPipe). */
static VOID TestPipeAcl(VOID)
{
    static SID System = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_LOCAL_SYSTEM_RID } };
    static SID Everyone = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
    static SID Anonymous = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_ANONYMOUS_LOGON_RID } };
    SECURITY_DESCRIPTOR Descriptor;
    PACL Acl;

    if (!CHECK_STATUS(STATUS_SUCCESS, RtlDefaultNpAcl(&Acl)))
        return;
    CHECK(Acl->AceCount == 5 && RtlValidAcl(Acl));
    CHECK(Grants(Acl, 0, GENERIC_ALL, &System) && Grants(Acl, 1, GENERIC_ALL, NULL) && Grants(Acl, 2, GENERIC_ALL, NULL));
    CHECK(Grants(Acl, 3, GENERIC_READ, &Everyone) && Grants(Acl, 4, GENERIC_READ, &Anonymous));
    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, Acl, FALSE));
    RtlFreeHeap(RtlProcessHeap(), 0, Acl);
}

static VOID TestRelativePaths(VOID)
{
    struct {
        UNICODE_STRING Name;
        HANDLE Directory;
        PVOID Reference;
    } Relative;
    UNICODE_STRING Path, Wanted = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\temp\\file");
    PWSTR Part;

    memset(&Relative, 0xcc, sizeof(Relative));
    CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToRelativeNtPathName_U_WithStatus(L"C:\\temp\\.\\file", &Path, &Part, &Relative));
    CHECK(RtlEqualUnicodeString(&Path, &Wanted, FALSE) && wcscmp(Part, L"file") == 0);
    CHECK(Relative.Name.Length == 0 && Relative.Directory == NULL && Relative.Reference == NULL);
    RtlReleaseRelativeName(&Relative);
    RtlFreeUnicodeString(&Path);
    CHECK(RtlDosPathNameToRelativeNtPathName_U(L"C:\\temp\\file", &Path, NULL, NULL));
    CHECK(RtlEqualUnicodeString(&Path, &Wanted, FALSE));
    RtlFreeUnicodeString(&Path);
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, RtlDosPathNameToRelativeNtPathName_U_WithStatus(L"", &Path, NULL, NULL));
    CHECK(!RtlDosPathNameToRelativeNtPathName_U(L"", &Path, NULL, NULL));
}

static VOID TestState(VOID)
{
    LARGE_INTEGER Soon = { .QuadPart = -MILLISECOND };
    TEB_ACTIVE_FRAME Outer = { 0 }, Inner = { 0 };
    NT_PRODUCT_TYPE Type = 0;
    HANDLE Process, Thread, Other;

    CHECK(!RtlDllShutdownInProgress());
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), NtCurrentProcess(), NtCurrentProcess(), &Process, 0, 0,
                                                   DUPLICATE_SAME_ACCESS));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), NtCurrentThread(), NtCurrentProcess(), &Thread, 0, 0,
                                                   DUPLICATE_SAME_ACCESS));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateThreadEx(&Other, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (PVOID)TestState, NULL,
                                                  THREAD_CREATE_FLAGS_CREATE_SUSPENDED, 0, 0, 0, NULL));
    CHECK(RtlIsCurrentProcess(NtCurrentProcess()) && RtlIsCurrentProcess(Process) && !RtlIsCurrentProcess(Thread));
    CHECK(RtlIsCurrentThread(NtCurrentThread()) && RtlIsCurrentThread(Thread) && !RtlIsCurrentThread(Other) && !RtlIsCurrentThread(NULL));
    NtTerminateThread(Other, STATUS_SUCCESS);
    NtClose(Other);
    NtClose(Thread);
    NtClose(Process);
    CHECK(RtlGetNtProductType(&Type) && Type == NtProductWinNt);
    CHECK(wcscmp(RtlGetNtSystemRoot(), USER_SHARED_DATA->NtSystemRoot) == 0);
    CHECK(RtlGetActiveConsoleId() == USER_SHARED_DATA->ActiveConsoleId && RtlGetCurrentServiceSessionId() == 0);
    CHECK(RtlAreLongPathsEnabled() == NtCurrentPeb()->IsLongPathAwareProcess);
    CHECK_STATUS(STATUS_SUCCESS, RtlDelayExecution(FALSE, &Soon));
    CHECK(RtlGetFrame() == NULL);
    RtlPushFrame(&Outer);
    RtlPushFrame(&Inner);
    CHECK(RtlGetFrame() == &Inner && Inner.Previous == &Outer);
    RtlPopFrame(&Inner);
    CHECK(RtlGetFrame() == &Outer && Outer.Previous == NULL);
    RtlPopFrame(&Outer);
    CHECK(RtlGetFrame() == NULL);
    CHECK(RtlGetCurrentTransaction() == NULL);
    CHECK(RtlSetCurrentTransaction((HANDLE)8) && RtlGetCurrentTransaction() == (HANDLE)8);
    CHECK(RtlSetCurrentTransaction(NULL) && RtlGetCurrentTransaction() == NULL);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestTimerKinds();
    TestTimerSettings();
    TestEvents();
    TestFilters();
    TestLicence();
    TestSections();
    TestShadows();
    TestPipeAcl();
    TestRelativePaths();
    TestState();
    return CheckClose();
}
