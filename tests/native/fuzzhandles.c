/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The handles of a fuzzing process (fuzz.h): one or two of each object type, made again at random.
 */
#include "fuzz.h"

static OBJECT_ATTRIBUTES Unnamed = { .Length = sizeof(OBJECT_ATTRIBUTES) };

static HANDLE OpenName(PCWSTR Text, NTSTATUS (NTAPI *Open)(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES), ACCESS_MASK Access)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    HANDLE Handle = NULL;

    RtlInitUnicodeString(&Name, Text);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Open(&Handle, Access, &Attributes);
    return Handle;
}

static HANDLE OpenFuzzFile(PCWSTR Text, ACCESS_MASK Access, ULONG Disposition, ULONG Options)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Handle = NULL;

    RtlInitUnicodeString(&Name, Text);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtCreateFile(&Handle, Access, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL,
                 FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, Disposition, Options, NULL, 0);
    return Handle;
}

static HANDLE MakeEvent(VOID)
{
    HANDLE Handle = NULL;

    NtCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, TRUE);
    return Handle;
}

static HANDLE MakeMutant(VOID)
{
    HANDLE Handle = NULL;

    NtCreateMutant(&Handle, MUTANT_ALL_ACCESS, NULL, FALSE);
    return Handle;
}

static HANDLE MakeSemaphore(VOID)
{
    HANDLE Handle = NULL;

    NtCreateSemaphore(&Handle, SEMAPHORE_ALL_ACCESS, NULL, 2, 10);
    return Handle;
}

static HANDLE MakeTimer(VOID)
{
    HANDLE Handle = NULL;

    NtCreateTimer(&Handle, TIMER_ALL_ACCESS, NULL, NotificationTimer);
    return Handle;
}

static HANDLE MakeKeyedEvent(VOID)
{
    HANDLE Handle = NULL;

    NtCreateKeyedEvent(&Handle, KEYEDEVENT_ALL_ACCESS, NULL, 0);
    return Handle;
}

static HANDLE MakeSection(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0x30000 };
    HANDLE Handle = NULL;

    NtCreateSection(&Handle, SECTION_ALL_ACCESS, NULL, &Size, PAGE_EXECUTE_READWRITE, SEC_COMMIT, NULL);
    return Handle;
}

static HANDLE MakeReservedSection(VOID)
{
    LARGE_INTEGER Size = { .QuadPart = 0x100000 };
    HANDLE Handle = NULL;

    NtCreateSection(&Handle, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_RESERVE, NULL);
    return Handle;
}

static HANDLE MakeImageSection(VOID)
{
    HANDLE File = OpenFuzzFile(L"\\??\\C:\\windows\\system32\\ntdll.dll", FILE_GENERIC_READ | FILE_GENERIC_EXECUTE, FILE_OPEN,
                               FILE_SYNCHRONOUS_IO_NONALERT), Handle = NULL;

    NtCreateSection(&Handle, SECTION_MAP_READ | SECTION_MAP_EXECUTE | SECTION_QUERY, NULL, NULL, PAGE_EXECUTE, SEC_IMAGE, File);
    NtClose(File);
    return Handle;
}

static HANDLE MakeFileSection(VOID)
{
    HANDLE File = OpenFuzzFile(L"\\??\\C:\\SvcFuzz\\mapped", FILE_GENERIC_READ | FILE_GENERIC_WRITE, FILE_OPEN_IF,
                               FILE_SYNCHRONOUS_IO_NONALERT), Handle = NULL;
    LARGE_INTEGER Size = { .QuadPart = 0x5123 };

    NtCreateSection(&Handle, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, File);
    NtClose(File);
    return Handle;
}

static HANDLE MakeDirectory(VOID)
{
    HANDLE Handle = NULL;

    NtCreateDirectoryObject(&Handle, DIRECTORY_ALL_ACCESS, &Unnamed);
    return Handle;
}

static HANDLE OpenRoot(VOID)
{
    return OpenName(L"\\", NtOpenDirectoryObject, DIRECTORY_QUERY | DIRECTORY_TRAVERSE);
}

static HANDLE MakeLink(VOID)
{
    UNICODE_STRING Target = RTL_CONSTANT_UNICODE_STRING(L"\\BaseNamedObjects");
    HANDLE Handle = NULL;

    NtCreateSymbolicLinkObject(&Handle, SYMBOLIC_LINK_ALL_ACCESS, &Unnamed, &Target);
    return Handle;
}

static HANDLE MakeKey(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(FUZZ_KEY L"\\key");
    OBJECT_ATTRIBUTES Attributes;
    HANDLE Handle = NULL;

    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtCreateKey(&Handle, KEY_ALL_ACCESS, &Attributes, 0, NULL, 0, NULL);
    return Handle;
}

static HANDLE OpenMachineKey(VOID)
{
    return OpenName(L"\\Registry\\Machine", NtOpenKey, KEY_READ);
}

static HANDLE MakeFile(VOID)
{
    return OpenFuzzFile(L"\\??\\C:\\SvcFuzz\\file", FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE, FILE_OPEN_IF,
                        FILE_SYNCHRONOUS_IO_NONALERT);
}

static HANDLE MakeAsynchronousFile(VOID)
{
    return OpenFuzzFile(L"\\??\\C:\\SvcFuzz\\async", FILE_GENERIC_READ | FILE_GENERIC_WRITE, FILE_OPEN_IF, 0);
}

static HANDLE OpenReadOnlyFile(VOID)
{
    return OpenFuzzFile(L"\\??\\C:\\windows\\system32\\ntdll.dll", FILE_GENERIC_READ, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT);
}

static HANDLE OpenFolder(VOID)
{
    return OpenFuzzFile(L"\\??\\C:\\SvcFuzz", FILE_GENERIC_READ | FILE_TRAVERSE, FILE_OPEN, FILE_DIRECTORY_FILE);
}

static HANDLE MakePipe(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\Device\\NamedPipe\\svcfuzz-pipe");
    LARGE_INTEGER Timeout = { .QuadPart = -10000 };
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Handle = NULL;

    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtCreateNamedPipeFile(&Handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &Attributes, &IoStatus,
                          FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN_IF, 0, 1, 1, 0, 10, 0x1000, 0x1000, &Timeout);
    return Handle;
}

static HANDLE OpenPipe(VOID)
{
    return OpenFuzzFile(L"\\Device\\NamedPipe\\svcfuzz-pipe", FILE_GENERIC_READ | FILE_GENERIC_WRITE, FILE_OPEN, 0);
}

static HANDLE MakeMailslot(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\Device\\Mailslot\\svcfuzz-slot");
    LARGE_INTEGER Timeout = { .QuadPart = -10000 };
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Handle = NULL;

    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    NtCreateMailslotFile(&Handle, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus, 0, 0, 0, &Timeout);
    return Handle;
}

static HANDLE OpenNull(VOID)
{
    return OpenFuzzFile(L"\\Device\\Null", FILE_GENERIC_READ | FILE_GENERIC_WRITE, FILE_OPEN, 0);
}

static HANDLE MakeConsole(VOID)
{
    return OpenFuzzFile(L"\\Device\\ConDrv\\Server", FILE_GENERIC_READ | FILE_GENERIC_WRITE, FILE_OPEN, 0);
}

static HANDLE MakeWaitPacket(VOID)
{
    HANDLE Handle = NULL;

    NtCreateWaitCompletionPacket(&Handle, GENERIC_ALL, NULL);
    return Handle;
}

static HANDLE MakeReserve(VOID)
{
    HANDLE Handle = NULL;

    NtAllocateReserveObject(&Handle, NULL, MemoryReserveIoCompletion);
    return Handle;
}

static HANDLE MakeIoCompletion(VOID)
{
    HANDLE Handle = NULL;

    NtCreateIoCompletion(&Handle, IO_COMPLETION_ALL_ACCESS, NULL, 0);
    return Handle;
}

static NTSTATUS NTAPI NoWorker(PVOID Parameter)
{
    return STATUS_SUCCESS;
}

static HANDLE MakeWorkerFactory(VOID)
{
    LARGE_INTEGER Idle = { .QuadPart = -10000 };
    HANDLE Handle = NULL, Port = MakeIoCompletion();

    NtCreateWorkerFactory(&Handle, GENERIC_ALL, NULL, Port, NtCurrentProcess(), (PVOID)NoWorker, NULL, 3, 0, 0);
    NtSetInformationWorkerFactory(Handle, WorkerFactoryIdleTimeout, &Idle, sizeof(Idle));
    NtClose(Port);
    return Handle;
}

static HANDLE MakeJob(VOID)
{
    HANDLE Handle = NULL;

    NtCreateJobObject(&Handle, JOB_OBJECT_ALL_ACCESS, NULL);
    return Handle;
}

static HANDLE MakeDebugObject(VOID)
{
    HANDLE Handle = NULL;

    NtCreateDebugObject(&Handle, DEBUG_OBJECT_ALL_ACCESS, &Unnamed, 0);
    return Handle;
}

static HANDLE OpenOwnToken(VOID)
{
    HANDLE Handle = NULL;

    NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, &Handle);
    return Handle;
}

static HANDLE MakeImpersonationToken(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .SecurityQualityOfService = &Quality };
    HANDLE Token = OpenOwnToken(), Handle = NULL;

    NtDuplicateToken(Token, TOKEN_ALL_ACCESS, &Attributes, FALSE, TokenImpersonation, &Handle);
    NtClose(Token);
    return Handle;
}

static HANDLE OpenOwnProcess(VOID)
{
    CLIENT_ID Id = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    HANDLE Handle = NULL;

    NtOpenProcess(&Handle, PROCESS_ALL_ACCESS, &Unnamed, &Id);
    return Handle;
}

static HANDLE OpenOwnThread(VOID)
{
    CLIENT_ID Id = NtCurrentTeb()->ClientId;
    HANDLE Handle = NULL;

    NtOpenThread(&Handle, THREAD_ALL_ACCESS, &Unnamed, &Id);
    return Handle;
}

static HANDLE QuerySelf(VOID)
{
    CLIENT_ID Id = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    HANDLE Handle = NULL;

    NtOpenProcess(&Handle, PROCESS_QUERY_LIMITED_INFORMATION, &Unnamed, &Id);
    return Handle;
}

static const struct {
    CHAR Role;
    HANDLE (*Make)(VOID);
} Makers[] = {
    { 'e', MakeEvent }, { 'm', MakeMutant }, { 'n', MakeSemaphore }, { 'i', MakeTimer }, { 'y', MakeKeyedEvent },
    { 's', MakeSection }, { 's', MakeReservedSection }, { 's', MakeImageSection }, { 's', MakeFileSection },
    { 'd', MakeDirectory }, { 'd', OpenRoot }, { 'l', MakeLink }, { 'k', MakeKey }, { 'k', OpenMachineKey },
    { 'f', MakeFile }, { 'f', MakeAsynchronousFile }, { 'f', OpenReadOnlyFile }, { 'f', OpenFolder }, { 'f', MakePipe },
    { 'f', OpenPipe }, { 'f', MakeMailslot }, { 'f', OpenNull }, { 'f', MakeConsole }, { 'c', MakeIoCompletion },
    { 'c', MakeWaitPacket }, { 'c', MakeReserve }, { '#', MakeWorkerFactory },
    { 'j', MakeJob }, { 'b', MakeDebugObject }, { 'o', OpenOwnToken }, { 'o', MakeImpersonationToken },
    { 'u', FuzzMakePort }, { 'u', FuzzMakeListener }, { 'u', FuzzMakeClientPort }, { 'u', FuzzMakeServerPort },
    { 'p', OpenOwnProcess }, { 'p', QuerySelf }, { 't', OpenOwnThread },
};

static HANDLE Pool[ARRAYSIZE(Makers) + FUZZ_MAX_GUARDED];
static ULONG PoolSize;
static FUZZ_GUARDED OwnGuarded;

VOID FuzzPrepareHandles(const FUZZ_GUARDED *Guarded)
{
    for (ULONG i = 0; i < ARRAYSIZE(Makers); i++)
        Pool[i] = Makers[i].Make();
    PoolSize = ARRAYSIZE(Makers);
    OwnGuarded = *Guarded;
    OwnGuarded.Count = min(OwnGuarded.Count, FUZZ_MAX_GUARDED);
    for (ULONG i = 0; i < OwnGuarded.Count; i++)
        Pool[PoolSize++] = OwnGuarded.Handle[i];
}

HANDLE FuzzPickGuarded(PFUZZ_THREAD Thread, CHAR Role)
{
    ULONG Start = FuzzBelow(Thread, FUZZ_MAX_GUARDED);

    for (ULONG n = 0; n < FUZZ_MAX_GUARDED; n++) {
        ULONG i = (Start + n) % FUZZ_MAX_GUARDED;

        if (i < OwnGuarded.Count && (Role == 'H' || Role == OwnGuarded.Role[i]))
            return OwnGuarded.Handle[i];
    }
    return NULL;
}

VOID FuzzRenewHandle(PFUZZ_THREAD Thread)
{
    ULONG i = FuzzBelow(Thread, ARRAYSIZE(Makers));
    HANDLE Old = Pool[i];

    Pool[i] = Makers[i].Make();
    NtClose(Old);
}

static HANDLE PickOfRole(PFUZZ_THREAD Thread, CHAR Role)
{
    ULONG Start = FuzzBelow(Thread, ARRAYSIZE(Makers));

    if (Role == 'p' && FuzzOnce(Thread, 2))
        return NtCurrentProcess();
    if (Role == 't' && FuzzOnce(Thread, 2))
        return NtCurrentThread();
    for (ULONG n = 0; n < ARRAYSIZE(Makers); n++) {
        ULONG i = (Start + n) % ARRAYSIZE(Makers);

        if (Makers[i].Role == Role)
            return Pool[i];
    }
    return Pool[Start];
}

HANDLE FuzzPickHandle(PFUZZ_THREAD Thread, CHAR Role)
{
    static const ULONG_PTR Odd[] = { 0, (ULONG_PTR)-1, (ULONG_PTR)-2, (ULONG_PTR)-3, (ULONG_PTR)-4, (ULONG_PTR)-5,
            (ULONG_PTR)-6, 1, 2, 3, 0x7ffffffc, 0x80000000, 0xfffffffc, 0xffffffff, 0x100000004, 0x7fffffffffffffff };
    ULONG Choice = FuzzBelow(Thread, 32);

    if (Choice < 20 || Thread->Careful)
        return PickOfRole(Thread, Role);
    if (Choice < 26)
        return Pool[FuzzBelow(Thread, PoolSize)];
    if (Choice < 28)
        return Thread->Made[FuzzBelow(Thread, FUZZ_MADE)];
    if (Choice < 30)
        return (HANDLE)Odd[FuzzBelow(Thread, ARRAYSIZE(Odd))];
    if (Choice == 30)
        return (HANDLE)(ULONG_PTR)(4 * FuzzBelow(Thread, 400));
    return (HANDLE)((ULONG_PTR)PickOfRole(Thread, Role) | (1 + FuzzBelow(Thread, 3)));
}
