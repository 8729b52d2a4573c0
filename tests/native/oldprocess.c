/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Processes by the old services: NtCreateProcessEx with an image section, whose parameters and first thread the creator makes, and without one,
 * the copy of its parent.  What a copy has is what was in the parent's memory when it was made, page by page.
 * Runs on: Nereid.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define PAGE 0x1000u
#define BIG (24u << 20)                  /* a copy of many slices */

static PWSTR OwnPath;
static ULONG Fixed = 1;
static HANDLE SharedSection;

static HANDLE OpenImage(PCWSTR Path, ACCESS_MASK SectionAccess)
{
    UNICODE_STRING NtPath;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE File, Section = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Path, &NtPath, NULL, NULL));
    InitializeObjectAttributes(&Attributes, &NtPath, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(&File, FILE_EXECUTE | FILE_READ_DATA | SYNCHRONIZE, &Attributes, &IoStatus,
                                                FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_SYNCHRONOUS_IO_NONALERT))) {
        CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SectionAccess, NULL, NULL, PAGE_EXECUTE, SEC_IMAGE, File));
        NtClose(File);
    }
    RtlFreeUnicodeString(&NtPath);
    return Section;
}

static NTSTATUS Create(HANDLE Parent, ULONG Flags, HANDLE Section, PHANDLE Process)
{
    *Process = NULL;
    return NtCreateProcessEx(Process, PROCESS_ALL_ACCESS, NULL, Parent, Flags, Section, NULL, NULL, 0);
}

static PVOID PebOf(HANDLE Process, HANDLE *Id)
{
    PROCESS_BASIC_INFORMATION Basic = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, ProcessBasicInformation, &Basic, sizeof(Basic), NULL));
    if (Id != NULL)
        *Id = (HANDLE)Basic.UniqueProcessId;
    return Basic.PebBaseAddress;
}

/* The parameters, as offsets, where the new process has room for them, and the address in its PEB. */
static VOID GiveParameters(HANDLE Process, PCWSTR CommandLine)
{
    UNICODE_STRING Image, Line;
    PRTL_USER_PROCESS_PARAMETERS Parameters;
    PVOID Place = NULL, Environment;
    SIZE_T Size;

    RtlInitUnicodeString(&Image, OwnPath);
    RtlInitUnicodeString(&Line, CommandLine);
    if (!CHECK_STATUS(STATUS_SUCCESS, RtlCreateProcessParametersEx(&Parameters, &Image, NULL, NULL, &Line, NULL, NULL, NULL, NULL, NULL,
                                                                   RTL_USER_PROC_PARAMS_NORMALIZED)))
        return;
    Parameters->StandardOutput = Parameters->StandardError = NtCurrentPeb()->ProcessParameters->StandardOutput;
    Size = Parameters->MaximumLength;
    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(Process, &Place, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE));
    Environment = (PUCHAR)Place + ((PUCHAR)Parameters->Environment - (PUCHAR)Parameters);
    RtlDeNormalizeProcessParams(Parameters);
    Parameters->Environment = Environment;
    CHECK_STATUS(STATUS_SUCCESS, NtWriteVirtualMemory(Process, Place, Parameters, Parameters->MaximumLength, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteVirtualMemory(Process, (PUCHAR)PebOf(Process, NULL) + FIELD_OFFSET(PEB, ProcessParameters), &Place,
                                                      sizeof(Place), NULL));
    RtlDestroyProcessParameters(Parameters);
}

/* The whole way from a file to a program's exit status. */
static VOID TestSection(VOID)
{
    HANDLE Section = OpenImage(OwnPath, SECTION_MAP_EXECUTE | SECTION_QUERY), Process, Thread = NULL, Id = NULL;
    SECTION_IMAGE_INFORMATION Image;
    PROCESS_BASIC_INFORMATION Basic;
    UNICODE_STRING *Name;
    WCHAR Buffer[300];
    PEB Peb;
    PVOID Start;

    CHECK_STATUS(STATUS_SUCCESS, NtQuerySection(Section, SectionImageInformation, &Image, sizeof(Image), NULL));
    if (!CHECK_STATUS(STATUS_SUCCESS, Create(SELF, 0, Section, &Process)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(Process, PebOf(Process, &Id), &Peb, sizeof(Peb), NULL));
    CHECK(Peb.ProcessParameters == NULL && Peb.ImageBaseAddress != NULL && Peb.ImageSubsystem == Image.SubSystemType);
    CHECK(Id != NULL && Id != NtCurrentTeb()->ClientId.UniqueProcess);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, ProcessBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(Basic.InheritedFromUniqueProcessId == (ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess && Basic.ExitStatus == STATUS_PENDING);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, ProcessImageFileName, Buffer, sizeof(Buffer), NULL));
    Name = (UNICODE_STRING *)Buffer;
    CHECK(Name->Length > 14 * sizeof(WCHAR) && _wcsnicmp(Name->Buffer + Name->Length / sizeof(WCHAR) - 14, L"oldprocess.exe", 14) == 0);
    GiveParameters(Process, L"oldprocess exit 61");
    Start = (PUCHAR)Peb.ImageBaseAddress + RtlImageNtHeader(NtCurrentPeb()->ImageBaseAddress)->OptionalHeader.AddressOfEntryPoint;
    CHECK_STATUS(STATUS_SUCCESS, NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, Process, Start, PebOf(Process, NULL),
                                                  THREAD_CREATE_FLAGS_CREATE_SUSPENDED, 0, 0, 0, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtResumeThread(Thread, NULL));
    CHECK(WaitForProcess(Process) == 61);
    NtClose(Thread);
    NtClose(Process);
    /* The same by the older name. */
    if (CHECK_STATUS(STATUS_SUCCESS, NtCreateProcess(&Process, PROCESS_ALL_ACCESS, NULL, SELF, TRUE, Section, NULL, NULL))) {
        NtTerminateProcess(Process, STATUS_SUCCESS);
        NtClose(Process);
    }
    NtClose(Section);
}

/* A process that never gets a thread: it is listed and can be opened, gets none any more when it was ended, and goes with its last handle. */
static VOID TestWithoutThreads(VOID)
{
    HANDLE Section = OpenImage(OwnPath, SECTION_ALL_ACCESS), Process, Other, Thread, Id = NULL, Event, Given = NULL;
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    LARGE_INTEGER Now = { .QuadPart = 0 };
    PROCESS_BASIC_INFORMATION Basic;
    OBJECT_BASIC_INFORMATION Object;
    CLIENT_ID Cid = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    if (!CHECK_STATUS(STATUS_SUCCESS, Create(SELF, 0, Section, &Process)))
        return;
    PebOf(Process, &Id);
    Cid.UniqueProcess = Id;
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcess(&Other, PROCESS_ALL_ACCESS, &Attributes, &Cid));
    NtClose(Other);
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Process, FALSE, &Now));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, Event, Process, &Given, 0, 0, DUPLICATE_SAME_ACCESS));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Event, ObjectBasicInformation, &Object, sizeof(Object), NULL));
    CHECK(Object.HandleCount == 2);
    CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, 7));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Event, ObjectBasicInformation, &Object, sizeof(Object), NULL));
    CHECK(Object.HandleCount == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, ProcessBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK(Basic.ExitStatus == 7);
    CHECK_STATUS(STATUS_PROCESS_IS_TERMINATING, NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, Process, (PVOID)0x10000, NULL, 0, 0, 0, 0, NULL));
    NtClose(Process);
    CHECK_STATUS(STATUS_INVALID_CID, NtOpenProcess(&Other, PROCESS_ALL_ACCESS, &Attributes, &Cid));
    NtClose(Event);
    NtClose(Section);
}

static VOID TestInheritance(VOID)
{
    HANDLE Section = OpenImage(OwnPath, SECTION_ALL_ACCESS), Process, Event, Copy;
    OBJECT_ATTRIBUTES Inherit = { .Length = sizeof(Inherit), .Attributes = OBJ_INHERIT };

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, &Inherit, NotificationEvent, FALSE));
    for (ULONG i = 0; i < 4; i++) {
        BOOLEAN Inherits = (i & 1) != 0;

        if (!CHECK_STATUS(STATUS_SUCCESS, Create(SELF, Inherits ? PROCESS_CREATE_FLAGS_INHERIT_HANDLES : 0, i & 2 ? NULL : Section, &Process)))
            continue;
        if (CHECK_STATUS(Inherits ? STATUS_SUCCESS : STATUS_INVALID_HANDLE,
                         NtDuplicateObject(Process, Event, SELF, &Copy, 0, 0, DUPLICATE_SAME_ACCESS)) && Inherits) {
            CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(Event, Copy));
            NtClose(Copy);
        }
        NtTerminateProcess(Process, 0);
        NtClose(Process);
    }
    NtClose(Event);
    NtClose(Section);
}

static VOID TestBadCalls(VOID)
{
    HANDLE Image = OpenImage(OwnPath, SECTION_ALL_ACCESS), Unmappable = OpenImage(OwnPath, SECTION_QUERY), Data = NULL, Weak = NULL, Process, Token;
    LARGE_INTEGER Size = { .QuadPart = PAGE };

    CHECK_STATUS(STATUS_INVALID_PARAMETER, Create(NULL, 0, Image, &Process));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Create(SELF, 0x20, Image, &Process));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreateProcessEx(&Process, PROCESS_ALL_ACCESS, NULL, SELF, 0, Image, NULL, NULL, 1));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtCreateProcessEx(NULL, PROCESS_ALL_ACCESS, NULL, SELF, 0, Image, NULL, NULL, 0));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, Create(NtCurrentThread(), 0, Image, &Process));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, Create(SELF, 0, SELF, &Process));
    CHECK_STATUS(STATUS_INVALID_HANDLE, Create(SELF, 0, (HANDLE)0x7654, &Process));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Create(SELF, 0, Unmappable, &Process));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Data, SECTION_ALL_ACCESS, NULL, &Size, PAGE_EXECUTE_READWRITE, SEC_COMMIT, NULL));
    CHECK_STATUS(STATUS_SECTION_NOT_IMAGE, Create(SELF, 0, Data, &Process));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, SELF, SELF, &Weak, PROCESS_ALL_ACCESS & ~PROCESS_CREATE_PROCESS, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Create(Weak, 0, Image, &Process));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Create(Weak, 0, NULL, &Process));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtCreateProcessEx(&Process, PROCESS_ALL_ACCESS, NULL, SELF, 0, Image, Data, NULL, 0));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtCreateProcessEx(&Process, PROCESS_ALL_ACCESS, NULL, SELF, 0, Image, NULL, Data, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(SELF, TOKEN_QUERY, &Token));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCreateProcessEx(&Process, PROCESS_ALL_ACCESS, NULL, SELF, 0, Image, NULL, Token, 0));
    NtClose(Token);
    NtClose(Weak);
    NtClose(Data);
    NtClose(Unmappable);
    NtClose(Image);
}

/* ------------------------------------------------------------------ copies */

static ULONG64 ReadOf(HANDLE Process, PVOID Address)
{
    ULONG64 Value = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtReadVirtualMemory(Process, Address, &Value, sizeof(Value), NULL));
    return Value;
}

static MEMORY_BASIC_INFORMATION Look(HANDLE Process, PVOID Address)
{
    MEMORY_BASIC_INFORMATION Basic = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(Process, Address, MemoryBasicInformation, &Basic, sizeof(Basic), NULL));
    return Basic;
}

static PVOID Reserve(SIZE_T Size, ULONG Type)
{
    PVOID Base = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | Type, PAGE_READWRITE));
    return Base;
}

static VOID Release(PVOID Base)
{
    SIZE_T Size = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Base, &Size, MEM_RELEASE));
}

static VOID Protect(PVOID Base, ULONG Protection)
{
    SIZE_T Size = PAGE;
    ULONG Old;

    CHECK_STATUS(STATUS_SUCCESS, NtProtectVirtualMemory(SELF, &Base, &Size, Protection, &Old));
}

static PVOID MapShared(SECTION_INHERIT Inherit, ULONG Protection)
{
    PVOID Base = NULL;
    SIZE_T Size = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(SharedSection, SELF, &Base, 0, 0, NULL, &Size, Inherit, 0, Protection));
    return Base;
}

static ULONG64 PrivateUsage(HANDLE Process)
{
    VM_COUNTERS Counters = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(Process, ProcessVmCounters, &Counters, sizeof(Counters), NULL));
    return Counters.PagefileUsage;
}

/* Every range of the parent's, but for device memory and views that are not to be inherited, is in the copy as it is. */
static VOID CompareRanges(HANDLE Process, PVOID NotInherited)
{
    MEMORY_BASIC_INFORMATION Own, Other;
    ULONG Different = 0, Ranges = 0;

    for (PUCHAR At = (PUCHAR)0x10000; NT_SUCCESS(NtQueryVirtualMemory(SELF, At, MemoryBasicInformation, &Own, sizeof(Own), NULL));
         At = (PUCHAR)Own.BaseAddress + Own.RegionSize) {
        if (Own.AllocationBase == NotInherited || Own.State == MEM_FREE)
            continue;
        Other = Look(Process, At);
        Ranges++;
        if (Own.Type == MEM_PRIVATE && (Own.AllocationBase != Other.AllocationBase || Own.State != Other.State ||
                                        Own.AllocationProtect != Other.AllocationProtect || Own.Type != Other.Type))
            Different++;
        if (Own.Type != MEM_PRIVATE && (Own.AllocationBase != Other.AllocationBase || Own.State != Other.State || Own.Protect != Other.Protect))
            Different++;
    }
    CHECK(Ranges > 20);
    CHECK(Different == 0);
}

static VOID TestCopy(VOID)
{
    PUCHAR Pages = Reserve(16 * PAGE, 0), Whole = Reserve(4 * PAGE, MEM_COMMIT), Watched = Reserve(4 * PAGE, MEM_COMMIT | MEM_WRITE_WATCH);
    LARGE_INTEGER Size = { .QuadPart = 4 * PAGE };
    PVOID Part = Pages + 2 * PAGE, Share, Own, Copy;
    SIZE_T Bytes = 3 * PAGE, Written = 0;
    HANDLE Process;

    CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Part, 0, &Bytes, MEM_COMMIT, PAGE_READWRITE));
    *(PULONG64)(Pages + 2 * PAGE) = 0x1111;
    *(PULONG64)(Pages + 3 * PAGE) = 0x2222;
    Protect(Pages + 3 * PAGE, PAGE_READONLY);
    *(PULONG64)(Whole + PAGE) = 0x3333;
    Part = Whole + 2 * PAGE;
    Bytes = PAGE;
    CHECK_STATUS(STATUS_SUCCESS, NtFreeVirtualMemory(SELF, &Part, &Bytes, MEM_DECOMMIT));
    Protect(Whole + 3 * PAGE, PAGE_READWRITE | PAGE_GUARD);
    *(PULONG64)Watched = 0x4444;
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&SharedSection, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL));
    Share = MapShared(ViewShare, PAGE_READWRITE);
    Own = MapShared(ViewUnmap, PAGE_READWRITE);
    Copy = MapShared(ViewShare, PAGE_WRITECOPY);
    *(PULONG64)Share = 0x5555;
    *(PULONG64)((PUCHAR)Copy + PAGE) = 0x6666;
    Fixed = 77;

    if (!CHECK_STATUS(STATUS_SUCCESS, Create(SELF, 0, NULL, &Process)))
        return;
    CompareRanges(Process, Own);
    CHECK(PebOf(Process, NULL) == NtCurrentPeb());
    CHECK(ReadOf(Process, Pages + 2 * PAGE) == 0x1111 && ReadOf(Process, Pages + 3 * PAGE) == 0x2222 && ReadOf(Process, Pages + 4 * PAGE) == 0);
    CHECK(ReadOf(Process, Whole + PAGE) == 0x3333 && ReadOf(Process, Watched) == 0x4444);
    CHECK(Look(Process, Pages).State == MEM_RESERVE && Look(Process, Pages + 3 * PAGE).Protect == PAGE_READONLY);
    CHECK(Look(Process, Whole + 2 * PAGE).State == MEM_RESERVE);
    CHECK(Look(Process, Whole + 3 * PAGE).Protect == (PAGE_READWRITE | PAGE_GUARD));
    CHECK((ULONG)ReadOf(Process, &Fixed) == 77);
    CHECK(ReadOf(Process, Share) == 0x5555 && ReadOf(Process, (PUCHAR)Copy + PAGE) == 0x6666);
    CHECK(Look(Process, Own).State == MEM_FREE);

    /* From here on each has its own. */
    *(PULONG64)(Pages + 2 * PAGE) = 0x7777;
    *(PULONG64)((PUCHAR)Copy + PAGE) = 0x8888;
    *(PULONG64)((PUCHAR)Share + 8) = 0x9999;
    Fixed = 78;
    CHECK(ReadOf(Process, Pages + 2 * PAGE) == 0x1111 && ReadOf(Process, (PUCHAR)Copy + PAGE) == 0x6666 && (ULONG)ReadOf(Process, &Fixed) == 77);
    CHECK(ReadOf(Process, (PUCHAR)Share + 8) == 0x9999);
    CHECK_STATUS(STATUS_SUCCESS, NtWriteVirtualMemory(Process, Whole + PAGE, &(ULONG64){ 0xaaaa }, 8, &Written));
    CHECK(ReadOf(Process, Whole + PAGE) == 0xaaaa && *(PULONG64)(Whole + PAGE) == 0x3333);
    NtTerminateProcess(Process, 0);
    NtClose(Process);
    for (ULONG i = 0; i < 3; i++)
        NtUnmapViewOfSection(SELF, (PVOID[]){ Share, Own, Copy }[i]);
    NtClose(SharedSection);
    Release(Pages);
    Release(Whole);
    Release(Watched);
}

/* Memory of many slices, in blocks of 2 MiB, and what it counts. */
static VOID TestLarge(VOID)
{
    PUCHAR Base = Reserve(BIG, MEM_COMMIT);
    ULONG64 Usage, Wrong = 0;
    HANDLE Process;

    for (ULONG At = 0; At < BIG; At += PAGE)
        if (At / PAGE % 3 != 0)
            *(PULONG)(Base + At) = At + 1;
    if (!CHECK_STATUS(STATUS_SUCCESS, Create(SELF, 0, NULL, &Process)))
        return;
    Usage = PrivateUsage(SELF);
    CHECK(PrivateUsage(Process) <= Usage && PrivateUsage(Process) + 0x100000 >= Usage);
    for (ULONG At = 0; At < BIG; At += 37 * PAGE)
        Wrong += (ULONG)ReadOf(Process, Base + At) != (At / PAGE % 3 != 0 ? At + 1 : 0);
    CHECK(Wrong == 0);
    NtTerminateProcess(Process, 0);
    NtClose(Process);
    Release(Base);
}

/* A copy of what half of the memory that may be promised is promised to cannot be had, and leaves nothing. */
static VOID TestCommitLimit(VOID)
{
    SYSTEM_PERFORMANCE_INFORMATION Before, After;
    PVOID Base = NULL;
    SIZE_T Size;
    HANDLE Process;

    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemPerformanceInformation, &Before, sizeof(Before), NULL));
    Size = ((SIZE_T)(Before.CommitLimit - Before.CommittedPages) * 2 / 3) * PAGE;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtAllocateVirtualMemory(SELF, &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemPerformanceInformation, &Before, sizeof(Before), NULL));
    CHECK_STATUS(STATUS_COMMITMENT_LIMIT, Create(SELF, 0, NULL, &Process));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemPerformanceInformation, &After, sizeof(After), NULL));
    CHECK(After.CommittedPages <= Before.CommittedPages + 16);
    Release(Base);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    OwnPath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer;
    if (ArgumentCount > 2)
        return (int)wcstol(Arguments[2], NULL, 10);
    TestSection();
    TestWithoutThreads();
    TestInheritance();
    TestBadCalls();
    TestCopy();
    TestLarge();
    TestCommitLimit();
    return CheckClose();
}
