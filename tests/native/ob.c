/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Objects: handles, names, directories, symbolic links, private namespaces, duplication, queries, waits by handle.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()

/* Attributes for a name; valid until the next call with the same slot. */
static POBJECT_ATTRIBUTES Named(HANDLE Root, PCWSTR Name, ULONG Attributes)
{
    static OBJECT_ATTRIBUTES Slots[4];
    static UNICODE_STRING Strings[4];
    static ULONG Next;
    ULONG Slot = Next++ % ARRAYSIZE(Slots);

    RtlInitUnicodeString(&Strings[Slot], Name);
    InitializeObjectAttributes(&Slots[Slot], &Strings[Slot], Attributes, Root, NULL);
    return &Slots[Slot];
}

static HANDLE MakeEvent(VOID)
{
    HANDLE Event = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    return Event;
}

static ULONG HandleCountOf(HANDLE Handle)
{
    OBJECT_BASIC_INFORMATION Info;

    return NT_SUCCESS(NtQueryObject(Handle, ObjectBasicInformation, &Info, sizeof(Info), NULL))
            ? Info.HandleCount : ~0u;
}

static VOID TestClose(VOID)
{
    HANDLE Event = MakeEvent();

    CHECK(((ULONG_PTR)Event & 3) == 0 && Event != NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Event));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtClose(Event));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtClose(NULL));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtClose((HANDLE)0x7ffffff0));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtSetEvent((HANDLE)0xdeadbeef0, NULL));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtSetEvent(NtCurrentProcess(), NULL));
}

static VOID TestManyHandles(VOID)
{
    enum { COUNT = 5000 };
    static HANDLE Handles[COUNT];
    ULONG Made = 0;
    BOOLEAN Good = TRUE;

    while (Made < COUNT && NT_SUCCESS(NtCreateEvent(&Handles[Made], EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE)))
        Made++;
    CHECK(Made == COUNT);
    for (ULONG i = 0; i < Made; i++)
        Good &= NtSetEvent(Handles[i], NULL) == STATUS_SUCCESS;
    CHECK(Good);
    for (ULONG i = 0; i < Made; i++)
        Good &= NtClose(Handles[i]) == STATUS_SUCCESS;
    CHECK(Good);
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtSetEvent(Handles[COUNT / 2], NULL));
}

static VOID TestNames(VOID)
{
    HANDLE First = NULL, Second = NULL, Third = NULL;
    POBJECT_ATTRIBUTES Path = Named(NULL, L"\\BaseNamedObjects\\NereidTestEvent", OBJ_CASE_INSENSITIVE);

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&First, EVENT_ALL_ACCESS, Path, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION,
                 NtCreateEvent(&Second, EVENT_ALL_ACCESS, Path, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_OBJECT_NAME_EXISTS,
                 NtCreateEvent(&Second, EVENT_ALL_ACCESS,
                               Named(NULL, L"\\BaseNamedObjects\\nereidtestevent", OBJ_CASE_INSENSITIVE | OBJ_OPENIF),
                               NotificationEvent, FALSE));
    CHECK(Second != NULL && Second != First);
    CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(First, Second));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH,
                 NtCreateSemaphore(&Third, SEMAPHORE_ALL_ACCESS,
                                   Named(NULL, L"\\BaseNamedObjects\\NereidTestEvent",
                                         OBJ_CASE_INSENSITIVE | OBJ_OPENIF), 0, 1));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtOpenSemaphore(&Third, SEMAPHORE_ALL_ACCESS, Path));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
                 NtOpenEvent(&Third, EVENT_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\NEREIDTESTEVENT", 0)));
    CHECK(HandleCountOf(First) == 2);
    CHECK_STATUS(STATUS_SUCCESS, NtClose(First));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&First, EVENT_ALL_ACCESS, Path));
    NtClose(First);
    NtClose(Second);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Third, EVENT_ALL_ACCESS, Path));
}

static VOID TestBadNames(VOID)
{
    HANDLE Handle;
    OBJECT_ATTRIBUTES Bad;
    UNICODE_STRING Odd = { 3, 3, (PWSTR)L"\\ab" };

    CHECK_STATUS(STATUS_OBJECT_PATH_SYNTAX_BAD, NtOpenEvent(&Handle, EVENT_ALL_ACCESS, Named(NULL, L"NoSlash", 0)));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND,
                 NtOpenEvent(&Handle, EVENT_ALL_ACCESS, Named(NULL, L"\\NoSuchDirectory\\Event", 0)));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
                 NtOpenEvent(&Handle, EVENT_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\NoSuchEvent", 0)));
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID,
                 NtOpenEvent(&Handle, EVENT_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\", 0)));
    InitializeObjectAttributes(&Bad, &Odd, 0, NULL, NULL);
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, NtOpenEvent(&Handle, EVENT_ALL_ACCESS, &Bad));
    Bad.Length--;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtOpenEvent(&Handle, EVENT_ALL_ACCESS, &Bad));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtOpenEvent(&Handle, EVENT_ALL_ACCESS, Named((HANDLE)0x12340, L"Event", 0)));
}

static VOID TestDirectories(VOID)
{
    HANDLE Directory = NULL, Inner = NULL, Event = NULL, Again = NULL;
    UCHAR Buffer[1024];
    POBJECT_DIRECTORY_INFORMATION Info = (PVOID)Buffer;
    ULONG Context = 0, Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateDirectoryObject(&Directory, DIRECTORY_ALL_ACCESS,
                                                         Named(NULL, L"\\BaseNamedObjects\\NereidDirectory", 0)));
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES,
                 NtQueryDirectoryObject(Directory, Buffer, sizeof(Buffer), TRUE, TRUE, &Context, &Length));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtCreateDirectoryObject(&Inner, DIRECTORY_ALL_ACCESS, Named(Directory, L"Inner", 0)));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(Inner, L"Event", 0), NotificationEvent,
                                               TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Again, EVENT_ALL_ACCESS,
                                             Named(NULL, L"\\BaseNamedObjects\\NereidDirectory\\Inner\\Event", 0)));
    NtClose(Again);
    Context = 77;
    CHECK_STATUS(STATUS_SUCCESS,
                 NtQueryDirectoryObject(Directory, Buffer, sizeof(Buffer), TRUE, TRUE, &Context, &Length));
    CHECK(Context == 1);
    CHECK(Info->Name.Length == 10 && wcscmp(Info->Name.Buffer, L"Inner") == 0);
    CHECK(wcscmp(Info->TypeName.Buffer, L"Directory") == 0);
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES,
                 NtQueryDirectoryObject(Directory, Buffer, sizeof(Buffer), TRUE, FALSE, &Context, &Length));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtQueryDirectoryObject(Directory, Buffer, 40, TRUE, TRUE, &Context, &Length));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH,
                 NtQueryDirectoryObject(Event, Buffer, sizeof(Buffer), TRUE, TRUE, &Context, &Length));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtOpenEvent(&Again, EVENT_ALL_ACCESS, Named(Event, L"x", 0)));
    NtClose(Event);
    NtClose(Inner);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
                 NtOpenDirectoryObject(&Inner, DIRECTORY_QUERY, Named(Directory, L"Inner", 0)));
    NtClose(Directory);
}

static VOID TestLinks(VOID)
{
    HANDLE Link = NULL, Event = NULL, Through = NULL;
    UNICODE_STRING Target, Out;
    WCHAR Buffer[64];
    ULONG Length = 0;

    RtlInitUnicodeString(&Target, L"\\BaseNamedObjects");
    CHECK_STATUS(STATUS_SUCCESS,
                 NtCreateSymbolicLinkObject(&Link, SYMBOLIC_LINK_ALL_ACCESS,
                                            Named(NULL, L"\\BaseNamedObjects\\NereidLink", OBJ_CASE_INSENSITIVE),
                                                    &Target));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS,
                                               Named(NULL, L"\\BaseNamedObjects\\NereidLink\\NereidTarget",
                                                     OBJ_CASE_INSENSITIVE),
                                               NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtOpenEvent(&Through, EVENT_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\NereidTarget", 0)));
    NtClose(Through);
    Out.Buffer = Buffer;
    Out.Length = 0;
    Out.MaximumLength = sizeof(Buffer);
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySymbolicLinkObject(Link, &Out, &Length));
    CHECK(Out.Length == Target.Length && memcmp(Out.Buffer, Target.Buffer, Target.Length) == 0);
    CHECK(Length == Target.Length + sizeof(WCHAR));
    Out.MaximumLength = 4;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtQuerySymbolicLinkObject(Link, &Out, &Length));
    NtClose(Event);
    NtClose(Link);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND,
                 NtOpenSymbolicLinkObject(&Link, SYMBOLIC_LINK_QUERY, Named(NULL, L"\\BaseNamedObjects\\NereidLink",
                                                                            0)));
}

static VOID TestLinkCircle(VOID)
{
    HANDLE First = NULL, Second = NULL, Handle;
    UNICODE_STRING Target;

    RtlInitUnicodeString(&Target, L"\\BaseNamedObjects\\NereidB");
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSymbolicLinkObject(&First, SYMBOLIC_LINK_ALL_ACCESS,
                                                            Named(NULL, L"\\BaseNamedObjects\\NereidA", 0), &Target));
    RtlInitUnicodeString(&Target, L"\\BaseNamedObjects\\NereidA");
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSymbolicLinkObject(&Second, SYMBOLIC_LINK_ALL_ACCESS,
                                                            Named(NULL, L"\\BaseNamedObjects\\NereidB", 0), &Target));
    CHECK(!NT_SUCCESS(NtOpenEvent(&Handle, EVENT_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\NereidA\\x", 0))));
    NtClose(First);
    NtClose(Second);
}

static VOID TestDuplicate(VOID)
{
    HANDLE Event = MakeEvent(), Copy = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, Event, SELF, &Copy, EVENT_QUERY_STATE, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetEvent(Copy, NULL));
    NtClose(Copy);
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, Event, SELF, &Copy, 0, 0, DUPLICATE_SAME_ACCESS));
    CHECK(HandleCountOf(Event) == 2);
    CHECK_STATUS(STATUS_SUCCESS, NtSetEvent(Copy, NULL));
    CHECK_STATUS(STATUS_SUCCESS,
                 NtDuplicateObject(SELF, Copy, SELF, &Copy, 0, OBJ_INHERIT,
                                   DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    CHECK(HandleCountOf(Event) == 2);
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, Copy, NULL, NULL, 0, 0, DUPLICATE_CLOSE_SOURCE)));
    CHECK(HandleCountOf(Event) == 1);
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtDuplicateObject(SELF, Copy, SELF, &Copy, 0, 0, DUPLICATE_SAME_ACCESS));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, NtCurrentThread(), SELF, &Copy, 0, 0, DUPLICATE_SAME_ACCESS));
    NtClose(Copy);
    NtClose(Event);
}

static VOID TestHandleFlags(VOID)
{
    HANDLE Event = MakeEvent();
    OBJECT_HANDLE_FLAG_INFORMATION Flags = { TRUE, TRUE };
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationObject(Event, ObjectHandleFlagInformation, &Flags, sizeof(Flags)));
    memset(&Flags, 0, sizeof(Flags));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Event, ObjectHandleFlagInformation, &Flags, sizeof(Flags), &Length));
    CHECK(Flags.Inherit && Flags.ProtectFromClose);
    CHECK_STATUS(STATUS_HANDLE_NOT_CLOSABLE, NtClose(Event));
    memset(&Flags, 0, sizeof(Flags));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationObject(Event, ObjectHandleFlagInformation, &Flags, sizeof(Flags)));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Event));
}

static VOID TestQuery(VOID)
{
    HANDLE Event = NULL;
    OBJECT_BASIC_INFORMATION Basic;
    UCHAR Buffer[512];
    POBJECT_NAME_INFORMATION Name = (PVOID)Buffer;
    POBJECT_TYPE_INFORMATION Type = (PVOID)Buffer;
    ULONG Length = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_MODIFY_STATE, Named(NULL,
                                                                                 L"\\BaseNamedObjects\\NereidQuery", 0),
                                               NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Event, ObjectBasicInformation, &Basic, sizeof(Basic), &Length));
    CHECK(Basic.GrantedAccess == EVENT_MODIFY_STATE && Basic.HandleCount == 1 && Length == sizeof(Basic));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryObject(Event, ObjectBasicInformation, &Basic, sizeof(Basic) - 1,
                                                            &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Event, ObjectNameInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Name->Name.Length > 22 && wcscmp(Name->Name.Buffer + Name->Name.Length / 2 - 12, L"\\NereidQuery") == 0);
    CHECK(Length == sizeof(*Name) + Name->Name.Length + sizeof(WCHAR));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH,
                 NtQueryObject(Event, ObjectNameInformation, Buffer, sizeof(*Name) + 4, &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Event, ObjectTypeInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Type->TypeName.Length == 10 && wcscmp(Type->TypeName.Buffer, L"Event") == 0);
    CHECK(Type->ValidAccessMask == EVENT_ALL_ACCESS);
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryObject(Event, 99, Buffer, sizeof(Buffer), &Length)));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtQueryObject(NULL, ObjectBasicInformation, &Basic, sizeof(Basic), &Length));
    NtClose(Event);
}

static VOID TestPermanent(VOID)
{
    HANDLE Event = NULL;
    PCWSTR Path = L"\\BaseNamedObjects\\NereidPermanent";

    /* Wine 8 has no NtMakePermanentObject. */
    if (IsWine)
        return;
    CHECK_STATUS(STATUS_SUCCESS,
                 NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(NULL, Path, 0), NotificationEvent, TRUE));
    if (CHECK_STATUS(STATUS_SUCCESS, NtMakePermanentObject(Event))) {
        NtClose(Event);
        CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Event, EVENT_ALL_ACCESS, Named(NULL, Path, 0)));
        CHECK_STATUS(STATUS_SUCCESS, NtMakeTemporaryObject(Event));
    }
    NtClose(Event);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Event, EVENT_ALL_ACCESS, Named(NULL, Path, 0)));
}

static VOID TestWaits(VOID)
{
    HANDLE Events[3] = { MakeEvent(), MakeEvent(), MakeEvent() };
    LARGE_INTEGER Zero = { .QuadPart = 0 }, Short = { .QuadPart = -20 * 10000 };

    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Events[0], FALSE, &Zero));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Events[0], FALSE, &Short));
    NtSetEvent(Events[1], NULL);
    CHECK_STATUS(STATUS_WAIT_1, NtWaitForMultipleObjects(3, Events, WaitAny, FALSE, NULL));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForMultipleObjects(3, Events, WaitAll, FALSE, &Short));
    NtSetEvent(Events[0], NULL);
    NtSetEvent(Events[2], NULL);
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForMultipleObjects(3, Events, WaitAll, FALSE, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtWaitForMultipleObjects(0, Events, WaitAny, FALSE, &Zero));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_1, NtWaitForMultipleObjects(65, Events, WaitAny, FALSE, &Zero));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtWaitForSingleObject((HANDLE)0x10004, FALSE, &Zero));
    NtResetEvent(Events[0], NULL);
    CHECK_STATUS(STATUS_WAIT_0, NtSignalAndWaitForSingleObject(Events[0], Events[1], FALSE, NULL));
    CHECK_STATUS(STATUS_WAIT_0, NtWaitForSingleObject(Events[0], FALSE, &Zero));
    for (ULONG i = 0; i < 3; i++)
        NtClose(Events[i]);
}

/* --- what is left of a process that ends ---------------------------------------------------------------------- */

/* The child: leaves everything open. */
static int LeaveOpen(VOID)
{
    HANDLE Handle, Directory;
    WCHAR Name[40];

    NtCreateDirectoryObject(&Directory, DIRECTORY_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\NereidLeft", 0));
    for (ULONG i = 0; i < 700; i++) {
        _snwprintf(Name, ARRAYSIZE(Name), L"Left%u", i);
        NtCreateEvent(&Handle, EVENT_ALL_ACCESS, Named(Directory, Name, 0), NotificationEvent, FALSE);
        NtCreateMutant(&Handle, MUTANT_ALL_ACCESS, NULL, TRUE);
        NtOpenKey(&Handle, KEY_READ, Named(NULL, L"\\Registry\\Machine\\System", OBJ_CASE_INSENSITIVE));
        NtDuplicateObject(SELF, NtCurrentProcess(), SELF, &Handle, 0, 0, DUPLICATE_SAME_ACCESS);
        NtOpenProcessToken(SELF, TOKEN_QUERY, &Handle);
    }
    return 0;
}

/* Objects and handles of all types. */
static VOID CountObjects(PULONG Objects, PULONG Handles)
{
    static UCHAR Buffer[0x4000];
    POBJECT_TYPES_INFORMATION Types = (PVOID)Buffer;
    PUCHAR Place = Buffer + 8;
    ULONG Length = 0;

    *Objects = *Handles = 0;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(NULL, ObjectTypesInformation, Buffer, sizeof(Buffer), &Length)))
        return;
    for (ULONG i = 0; i < Types->NumberOfTypes; i++) {
        POBJECT_TYPE_INFORMATION Type = (PVOID)Place;

        *Objects += Type->TotalNumberOfObjects;
        *Handles += Type->TotalNumberOfHandles;
        Place += sizeof(*Type) + ((Type->TypeName.Length + sizeof(WCHAR) + 7) & ~7u);
    }
}

/* What Windows 10 says of its types. */
static const struct {
    PCWSTR Name;
    GENERIC_MAPPING Mapping;
    ACCESS_MASK Valid;
} TypeRights[] = {
    { L"Type", { 0x20000, 0x20000, 0x20000, 0xf0001 }, 0x1f0001 },
    { L"Directory", { 0x20003, 0x2000c, 0x20003, 0xf000f }, 0xf000f },
    { L"Token", { 0x2001a, 0x201e0, 0x20005, 0xf01ff }, 0x1f01ff },
    { L"Job", { 0x20004, 0x2000b, 0x120000, 0x1f003f }, 0x1f003f },
    { L"Process", { 0x20410, 0x20bea, 0x121001, 0x1fffff }, 0x1fffff },
    { L"Thread", { 0x20048, 0x20437, 0x121800, 0x1fffff }, 0x1fffff },
    { L"DebugObject", { 0x20001, 0x20002, 0x120000, 0x1f000f }, 0x1f000f },
    { L"Event", { 0x20001, 0x20002, 0x120000, 0x1f0003 }, 0x1f0003 },
    { L"Mutant", { 0x20001, 0x20000, 0x120000, 0x1f0001 }, 0x1f0001 },
    { L"Semaphore", { 0x20001, 0x20002, 0x120000, 0x1f0003 }, 0x1f0003 },
    { L"Timer", { 0x20001, 0x20002, 0x120000, 0x1f0003 }, 0x1f0003 },
    { L"KeyedEvent", { 0x20001, 0x20002, 0x20000, 0xf0003 }, 0x1f0003 },
    { L"Section", { 0x20005, 0x20002, 0x20008, 0xf001f }, 0x1f001f },
    { L"IoCompletion", { 0x20001, 0x20002, 0x120000, 0x1f0003 }, 0x1f0003 },
    { L"File", { 0x120089, 0x120116, 0x1200a0, 0x1f01ff }, 0x1f01ff },
    { L"Key", { 0x20019, 0x20006, 0x20039, 0xf003f }, 0x1f003f },
};

static BOOLEAN HasRights(POBJECT_TYPE_INFORMATION Type, ULONG i)
{
    return memcmp(&Type->GenericMapping, &TypeRights[i].Mapping, sizeof(GENERIC_MAPPING)) == 0 &&
           Type->ValidAccessMask == TypeRights[i].Valid;
}

static VOID TestTypeRights(VOID)
{
    static UCHAR Buffer[0x4000];
    POBJECT_TYPES_INFORMATION Types = (PVOID)Buffer;
    PUCHAR Place = Buffer + 8;
    ULONG Found = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(NULL, ObjectTypesInformation, Buffer, sizeof(Buffer), NULL));
    for (ULONG n = 0; n < Types->NumberOfTypes; n++) {
        POBJECT_TYPE_INFORMATION Type = (PVOID)Place;

        for (ULONG i = 0; i < ARRAYSIZE(TypeRights); i++) {
            UNICODE_STRING Name;

            RtlInitUnicodeString(&Name, TypeRights[i].Name);
            if (!RtlEqualUnicodeString(&Name, &Type->TypeName, FALSE))
                continue;
            Found++;
            if (!CHECK(HasRights(Type, i)))
                DbgPrint("  %ls\n", TypeRights[i].Name);
        }
        Place += sizeof(*Type) + ((Type->TypeName.MaximumLength + 7) & ~7u);
    }
    CHECK(Found == ARRAYSIZE(TypeRights));
}

/* DUPLICATE_CLOSE_SOURCE: "this occurs regardless of any error status returned" (DuplicateHandle). */
static VOID TestCloseSource(VOID)
{
    HANDLE Event = MakeEvent(), Copy = NULL;

    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH,
                 NtDuplicateObject(SELF, Event, NtCurrentThread(), &Copy, 0, 0, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    CHECK_STATUS(STATUS_INVALID_HANDLE, NtClose(Event));
}

/* Objects that are never signalled by anybody are always so, for who may wait. */
static VOID TestDefaultObject(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0x1000 }, Now = { .QuadPart = 0 };
    HANDLE Section = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS | SYNCHRONIZE, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL));
    TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Section, FALSE, &Now)));
    NtClose(Section);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtWaitForSingleObject(Section, FALSE, &Now));
    NtClose(Section);
}

static ACCESS_MASK GrantedAccess(HANDLE Handle, ACCESS_MASK Access)
{
    OBJECT_BASIC_INFORMATION Info = { 0 };
    HANDLE Copy = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(SELF, Handle, SELF, &Copy, Access, 0, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(Copy, ObjectBasicInformation, &Info, sizeof(Info), NULL));
    NtClose(Copy);
    return Info.GrantedAccess;
}

/* Rights that bring others with them ("Process Security and Access Rights", "Thread Security and Access Rights"). */
static VOID TestImpliedRights(VOID)
{
    ACCESS_MASK Process = GrantedAccess(SELF, PROCESS_SET_INFORMATION);
    ACCESS_MASK Suspend = GrantedAccess(NtCurrentThread(), THREAD_SUSPEND_RESUME);

    CHECK(GrantedAccess(SELF, PROCESS_QUERY_INFORMATION) == (PROCESS_QUERY_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION));
    TODO(OnWine, CHECK(Process == (PROCESS_SET_INFORMATION | PROCESS_SET_LIMITED_INFORMATION |
                                   PROCESS_QUERY_LIMITED_INFORMATION)));
    CHECK(GrantedAccess(SELF, PROCESS_TERMINATE) == PROCESS_TERMINATE);
    CHECK(GrantedAccess(NtCurrentThread(), THREAD_QUERY_INFORMATION) == (THREAD_QUERY_INFORMATION | THREAD_QUERY_LIMITED_INFORMATION));
    CHECK(GrantedAccess(NtCurrentThread(), THREAD_SET_INFORMATION) == (THREAD_SET_INFORMATION | THREAD_SET_LIMITED_INFORMATION));
    TODO(OnWine, CHECK(Suspend == (THREAD_SUSPEND_RESUME | THREAD_RESUME)));
}

#define NOTHING ((HANDLE)0xdead)
#define FAILS(Status, Call) (Handle = NOTHING, CHECK_STATUS((Status), (Call)), CHECK(Handle == NULL))

/* A create or open that fails leaves no old value behind, and does not come so far when there is no place for the handle. */
static VOID TestFailedHandles(VOID)
{
    PHANDLE Nowhere = (PHANDLE)0xdeadbee0;
    HANDLE Handle;

    FAILS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Handle, EVENT_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\NereidNone", 0)));
    FAILS(STATUS_OBJECT_PATH_SYNTAX_BAD, NtOpenMutant(&Handle, MUTANT_ALL_ACCESS, Named(NULL, L"relative", 0)));
    FAILS(STATUS_OBJECT_PATH_SYNTAX_BAD,
          NtCreateEvent(&Handle, EVENT_ALL_ACCESS, Named(NULL, L"relative", 0), NotificationEvent, FALSE));
    FAILS(STATUS_INVALID_PARAMETER, NtOpenEvent(&Handle, EVENT_ALL_ACCESS, NULL));
    FAILS(STATUS_INVALID_PARAMETER, NtCreateSemaphore(&Handle, SEMAPHORE_ALL_ACCESS, NULL, 2, 1));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtOpenEvent(Nowhere, EVENT_ALL_ACCESS, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtOpenDirectoryObject(Nowhere, DIRECTORY_QUERY, NULL));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION,
                 NtOpenMutant(Nowhere, MUTANT_ALL_ACCESS, Named(NULL, L"\\BaseNamedObjects\\NereidNone", 0)));
}

/* GLOBALROOT's target is the empty name, which leads to the root. */
static VOID TestGlobalRoot(VOID)
{
    WCHAR Buffer[8] = { 'x' };
    UNICODE_STRING Target = { 0, sizeof(Buffer), Buffer };
    ULONG Length = 0;
    HANDLE Link = NULL, Directory = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenSymbolicLinkObject(&Link, SYMBOLIC_LINK_QUERY, Named(NULL, L"\\??\\GLOBALROOT", 0)));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySymbolicLinkObject(Link, &Target, &Length));
    CHECK(Target.Length == 0 && Length == sizeof(WCHAR) && Buffer[0] == 0);
    Target.MaximumLength = 0;
    TODO(OnWine, CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, NtQuerySymbolicLinkObject(Link, &Target, &Length)));
    NtClose(Link);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenDirectoryObject(&Directory, DIRECTORY_QUERY,
                                                       Named(NULL, L"\\??\\GLOBALROOT\\??\\GLOBALROOT\\Device", 0)));
    NtClose(Directory);
}

static VOID TestProcessEnd(VOID)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentTeb()->ProcessEnvironmentBlock->ProcessParameters;
    PROCESS_START Start = {
        .ImagePath = Parameters->ImagePathName.Buffer,
        .CommandLine = L"ob.exe leave",
        .Input = Parameters->StandardInput,
        .Output = Parameters->StandardOutput,
        .Error = Parameters->StandardError,
    };
    ULONG Objects[2], Handles[2], Round = 0;
    HANDLE Process;
    ULONG ProcessId;

    if (IsWine)
        return;
    do {
        CountObjects(&Objects[0], &Handles[0]);
        if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &ProcessId)))
            return;
        CHECK_STATUS(0, WaitForProcess(Process));
        NtClose(Process);
        CountObjects(&Objects[1], &Handles[1]);
    } while (++Round < 3 && Objects[0] != Objects[1]);
    CHECK(Objects[0] == Objects[1]);
    CHECK(Handles[0] == Handles[1]);
    if (Objects[0] != Objects[1] || Handles[0] != Handles[1])
        Print(L"objects %u, then %u; handles %u, then %u\n", Objects[0], Objects[1], Handles[0], Handles[1]);
}

/* --- private namespaces --------------------------------------------------------------------------------------- */

static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID Authenticated = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_AUTHENTICATED_USER_RID } };
static SID Nobody = { SID_REVISION, 1, SECURITY_NULL_SID_AUTHORITY, { 7 } };
static SID Low = { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { SECURITY_MANDATORY_LOW_RID } };
static SID Protected = { SID_REVISION, 1, SECURITY_MANDATORY_LABEL_AUTHORITY, { 0x5000 } };

/* A boundary of that name with one or two SIDs (NULL: none). */
static POBJECT_BOUNDARY_DESCRIPTOR Boundary(PCWSTR Name, PSID First, PSID Second)
{
    POBJECT_BOUNDARY_DESCRIPTOR Descriptor;
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    Descriptor = RtlCreateBoundaryDescriptor(&String, 0);
    if (CHECK(Descriptor != NULL) && First != NULL)
        CHECK_STATUS(STATUS_SUCCESS, RtlAddSIDToBoundaryDescriptor(&Descriptor, First));
    if (Second != NULL)
        CHECK_STATUS(STATUS_SUCCESS, RtlAddSIDToBoundaryDescriptor(&Descriptor, Second));
    return Descriptor;
}

static NTSTATUS TryNamespace(POBJECT_BOUNDARY_DESCRIPTOR Descriptor, BOOLEAN Create)
{
    HANDLE Namespace = NULL;
    NTSTATUS Status = Create ? NtCreatePrivateNamespace(&Namespace, DIRECTORY_ALL_ACCESS, NULL, Descriptor)
                             : NtOpenPrivateNamespace(&Namespace, DIRECTORY_ALL_ACCESS, NULL, Descriptor);

    CHECK((Namespace != NULL) == NT_SUCCESS(Status));
    if (Namespace != NULL)
        NtClose(Namespace);
    return Status;
}

/* Source: Win32 documentation, CreateBoundaryDescriptor and its relatives. */
static VOID TestBoundaries(VOID)
{
    UNICODE_STRING Empty = { 0 }, Name = RTL_CONSTANT_UNICODE_STRING(L"odd");
    POBJECT_BOUNDARY_DESCRIPTOR Descriptor = RtlCreateBoundaryDescriptor(&Name, 0);
    OBJECT_BOUNDARY_DESCRIPTOR Saved = *Descriptor;
    POBJECT_BOUNDARY_ENTRY Entry = (POBJECT_BOUNDARY_ENTRY)(Descriptor + 1);
    SID Bad = World;

    CHECK(RtlCreateBoundaryDescriptor(&Empty, 0) == NULL);
    CHECK(RtlCreateBoundaryDescriptor(&Name, 2) == NULL);
    Bad.Revision = 7;
    CHECK_STATUS(STATUS_INVALID_SID, RtlAddSIDToBoundaryDescriptor(&Descriptor, &Bad));
    CHECK_STATUS(STATUS_INVALID_SID, RtlAddIntegrityLabelToBoundaryDescriptor(&Descriptor, &World));
    CHECK(memcmp(Descriptor, &Saved, sizeof(Saved)) == 0);

    CHECK_STATUS(STATUS_SUCCESS, TryNamespace(Descriptor, TRUE));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, TryNamespace(NULL, TRUE));
    Descriptor->Version = 2;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    Descriptor->Version = Saved.Version;
    Descriptor->Items++;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    Descriptor->Items--;
    Descriptor->Flags = 2;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    Descriptor->Flags = 0;
    for (ULONG Size = 0; Size < Saved.TotalSize; Size++) {
        Descriptor->TotalSize = Size;
        CHECK_STATUS(STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    }
    Descriptor->TotalSize = 0x40000000;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    Descriptor->TotalSize = Saved.TotalSize;
    Entry->EntrySize = sizeof(*Entry);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    Entry->EntrySize = 0xfffffff8;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    Entry->EntrySize = sizeof(*Entry) + Name.Length;
    for (ULONG Type = 0; Type < 6; Type++) {
        Entry->EntryType = Type;
        CHECK_STATUS(Type == OBNS_Name ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER, TryNamespace(Descriptor, TRUE));
    }
    RtlDeleteBoundaryDescriptor(Descriptor);
}

/* Who may: the caller has to have each SID and the integrity. */
static VOID TestBoundaryAccess(VOID)
{
    POBJECT_BOUNDARY_DESCRIPTOR Descriptor = Boundary(L"access", &World, NULL);

    CHECK_STATUS(STATUS_SUCCESS, RtlAddIntegrityLabelToBoundaryDescriptor(&Descriptor, &Low));
    CHECK_STATUS(STATUS_SUCCESS, TryNamespace(Descriptor, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddIntegrityLabelToBoundaryDescriptor(&Descriptor, &Protected));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryNamespace(Descriptor, TRUE));
    RtlDeleteBoundaryDescriptor(Descriptor);
    Descriptor = Boundary(L"access", &World, &Nobody);
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryNamespace(Descriptor, TRUE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryNamespace(Descriptor, FALSE));
    RtlDeleteBoundaryDescriptor(Descriptor);
}

/* Source: Win32 documentation, CreatePrivateNamespace, OpenPrivateNamespace, ClosePrivateNamespace. */
static VOID TestNamespaces(VOID)
{
    POBJECT_BOUNDARY_DESCRIPTOR Both = Boundary(L"nereid", &World, &Authenticated), Swapped = Boundary(L"nereid", &Authenticated, &World);
    POBJECT_BOUNDARY_DESCRIPTOR One = Boundary(L"nereid", &World, NULL), Upper = Boundary(L"NEREID", &World, &Authenticated);
    HANDLE Namespace = NULL, Again = NULL, Other = NULL, Event = NULL, Same = NULL;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, TryNamespace(Both, FALSE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtCreatePrivateNamespace(&Namespace, DIRECTORY_ALL_ACCESS,
                 Named(NULL, L"\\BaseNamedObjects\\NereidNamespace", 0), Both));
    CHECK_STATUS(STATUS_SUCCESS, NtCreatePrivateNamespace(&Namespace, DIRECTORY_ALL_ACCESS, NULL, Both));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, TryNamespace(Both, TRUE));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, TryNamespace(Swapped, TRUE));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, TryNamespace(One, FALSE));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, TryNamespace(Upper, FALSE));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtOpenPrivateNamespace(&Again, DIRECTORY_ALL_ACCESS,
                 Named(NULL, L"\\BaseNamedObjects\\NereidNamespace", 0), Both));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenPrivateNamespace(&Again, DIRECTORY_TRAVERSE | DIRECTORY_CREATE_OBJECT, NULL, Swapped));
    CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(Namespace, Again));

    /* Objects inside: found through any handle of it, and nowhere else. */
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(Again, L"Event", 0), NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Same, EVENT_ALL_ACCESS, Named(Namespace, L"Event", 0)));
    CHECK_STATUS(STATUS_SUCCESS, NtCompareObjects(Event, Same));
    NtClose(Same);
    CHECK_STATUS(STATUS_SUCCESS, NtCreatePrivateNamespace(&Other, DIRECTORY_ALL_ACCESS, NULL, One));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Same, EVENT_ALL_ACCESS, Named(Other, L"Event", 0)));
    NtClose(Other);

    /* Deleted: the boundary is free, what is open goes on. */
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtDeletePrivateNamespace(Again));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtDeletePrivateNamespace(Event));
    CHECK_STATUS(STATUS_SUCCESS, NtDeletePrivateNamespace(Namespace));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtDeletePrivateNamespace(Namespace));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, TryNamespace(Both, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Same, EVENT_ALL_ACCESS, Named(Namespace, L"Event", 0)));
    NtClose(Same);
    CHECK_STATUS(STATUS_SUCCESS, NtCreatePrivateNamespace(&Other, DIRECTORY_ALL_ACCESS, NULL, Both));
    CHECK_STATUS(STATUS_NOT_SAME_OBJECT, NtCompareObjects(Namespace, Other));
    NtClose(Namespace);
    NtClose(Again);
    CHECK_STATUS(STATUS_SUCCESS, TryNamespace(Both, FALSE));
    NtClose(Event);

    /* With the last handle it goes, though a name inside is still there. */
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(Other, L"Event", 0), NotificationEvent, FALSE));
    NtClose(Other);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, TryNamespace(Both, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreatePrivateNamespace(&Other, DIRECTORY_ALL_ACCESS, NULL, Both));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Same, EVENT_ALL_ACCESS, Named(Other, L"Event", 0)));
    NtClose(Other);
    NtClose(Event);
    RtlDeleteBoundaryDescriptor(Both);
    RtlDeleteBoundaryDescriptor(Swapped);
    RtlDeleteBoundaryDescriptor(One);
    RtlDeleteBoundaryDescriptor(Upper);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    if (ArgumentCount > 1)
        return LeaveOpen();
    CheckSystem();
    TestClose();
    TestManyHandles();
    TestNames();
    TestBadNames();
    TestDirectories();
    TestLinks();
    TestLinkCircle();
    TestDuplicate();
    TestHandleFlags();
    TestQuery();
    TestPermanent();
    TestWaits();
    TestTypeRights();
    TestCloseSource();
    TestDefaultObject();
    TestImpliedRights();
    TestFailedHandles();
    TestGlobalRoot();
    TestProcessEnd();
    if (!IsWine) {                      /* Wine 8.0 has no private namespaces */
        TestBoundaries();
        TestBoundaryAccess();
        TestNamespaces();
    }
    return CheckClose();
}
