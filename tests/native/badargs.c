/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bad pointers, handles and values to every service of abi/services.def.
 *
 * For each service the program starts itself again with the service's name; that child calls the service with every
 * combination of bad pointers, real handles of several types, and values.  The child may end in any way or be killed
 * when it waits for ever; what counts is that it can be started and killed, and that the system goes on.
 * Runs on: Nereid.
 */
#include "check.h"
#include "services.h"

#define SECOND 10000000ll

/* What these do is not a matter of arguments: they switch off, change the clock, or never return. */
static const PCSTR Excluded[] = { "NtShutdownSystem", "NtSetSystemTime", "NtTerminateProcess", "NtTerminateThread" };

static UCHAR Good[0x4000] __attribute__((aligned(0x1000)));
static ULONG_PTR Pointers[] = {
    1, 0xffff,                          /* never mapped */
    0x00007ffffffe0000, 0x00007ffffffefff9, 0x00007fffffffffff,     /* the upper end of user space */
    0x0000800000000000, 0xffff7fffffffffff,                         /* not canonical */
    0xffff800000000000, 0xffffffff80000000, 0xfffffffffffffff9,     /* the kernel's, the last bytes */
    0x0000000010000000, 0x0000100000000000,                         /* ntos's own addresses */
    (ULONG_PTR)Good + 1,                                            /* misaligned */
    (ULONG_PTR)Services,                                            /* read-only */
    0,                                                              /* LAST_PAGE: the last bytes of a page, then nothing */
    0,                                                              /* last, since a timeout of NULL is for ever */
};
#define LAST_PAGE (ARRAYSIZE(Pointers) - 2)

static const ULONG_PTR Values[] = { 0, 1, 0x48, 0xffffffff, 0xffffffffffffffff };
static ULONG_PTR Handles[9];
static ULONG HandleCount;

static VOID AddHandle(NTSTATUS Status, HANDLE Handle)
{
    if (NT_SUCCESS(Status))
        Handles[HandleCount++] = (ULONG_PTR)Handle;
}

static VOID MakeHandles(PCSTR Service)
{
    UNICODE_STRING Root = RTL_CONSTANT_UNICODE_STRING(L"\\"), Key = RTL_CONSTANT_UNICODE_STRING(L"\\Registry\\Machine");
    OBJECT_ATTRIBUTES RootAttributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Root, OBJ_CASE_INSENSITIVE);
    OBJECT_ATTRIBUTES KeyAttributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Key, OBJ_CASE_INSENSITIVE);
    LARGE_INTEGER Size = { .QuadPart = 0x10000 };
    HANDLE Handle = NULL;

    AddHandle(STATUS_SUCCESS, NULL);
    AddHandle(STATUS_SUCCESS, (HANDLE)0xfffffffc);
    AddHandle(NtCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE), Handle);
    AddHandle(NtCreateSection(&Handle, SECTION_ALL_ACCESS, NULL, &Size, PAGE_READWRITE, SEC_COMMIT, NULL), Handle);
    AddHandle(NtOpenDirectoryObject(&Handle, DIRECTORY_QUERY, &RootAttributes), Handle);
    AddHandle(NtOpenKey(&Handle, KEY_READ, &KeyAttributes), Handle);
    AddHandle(OpenPath(L"C:\\windows\\system32\\ntdll.dll", FILE_GENERIC_READ, FILE_OPEN, 0, &Handle), Handle);
    if (strncmp(Service, "NtSuspend", 9) != 0) {
        AddHandle(STATUS_SUCCESS, NtCurrentProcess());
        AddHandle(STATUS_SUCCESS, NtCurrentThread());
    }
}

static VOID MakeLastPage(VOID)
{
    PVOID Base = NULL;
    SIZE_T Size = 0x2000;

    if (NT_SUCCESS(NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_RESERVE, PAGE_READWRITE))) {
        Size = 0x1000;
        NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_COMMIT, PAGE_READWRITE);
    }
    Pointers[LAST_PAGE] = (ULONG_PTR)Base + 0x1000 - 4;
}

/* BadOne: which pointer argument is bad, the others are good; or -1 for all. */
static VOID Call(ULONG Service, ULONG_PTR Pointer, int BadOne, ULONG_PTR Handle, ULONG_PTR Value)
{
    ULONG_PTR A[MAX_ARGUMENTS] = { 0 };
    int PointerIndex = 0;

    for (ULONG i = 0; i < MAX_ARGUMENTS && Services[Service].Kinds[i] != 0; i++) {
        switch (Services[Service].Kinds[i]) {
        case 'H': A[i] = Handle; break;
        case 'V': A[i] = Value; break;
        default: A[i] = BadOne < 0 || BadOne == PointerIndex ? Pointer : (ULONG_PTR)Good; PointerIndex++;
        }
    }
    memset(Good, 0, sizeof(Good));
    CallService(Service, A);
}

static VOID CallAll(ULONG Service)
{
    int PointerCount = 0;

    for (PCSTR Kind = Services[Service].Kinds; *Kind != 0; Kind++)
        PointerCount += *Kind == 'P';
    for (ULONG Pointer = 0; Pointer < ARRAYSIZE(Pointers); Pointer++)
        for (int BadOne = -1; BadOne < (PointerCount > 1 ? PointerCount : 0); BadOne++)
            for (ULONG Handle = 0; Handle < HandleCount; Handle++)
                for (ULONG Value = 0; Value < ARRAYSIZE(Values); Value++)
                    Call(Service, Pointers[Pointer], BadOne, Handles[Handle], Values[Value]);
}

static BOOLEAN IsExcluded(PCSTR Name)
{
    for (ULONG i = 0; i < ARRAYSIZE(Excluded); i++)
        if (strcmp(Excluded[i], Name) == 0)
            return TRUE;
    return FALSE;
}

static int RunChild(PCWSTR Number)
{
    ULONG Service = wcstoul(Number, NULL, 10);

    if (Service >= SERVICE_COUNT)
        return 2;
    MakeHandles(Services[Service].Name);
    MakeLastPage();
    CallAll(Service);
    return 0;
}

static VOID TestService(ULONG Service)
{
    LARGE_INTEGER Timeout = { .QuadPart = -4 * SECOND }, Enough = { .QuadPart = LONG_ENOUGH };
    WCHAR CommandLine[32];
    PROCESS_START Start = {
        .ImagePath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer,
        .CommandLine = CommandLine,
    };
    HANDLE Process;
    ULONG ProcessId;
    NTSTATUS Status;

    _snwprintf(CommandLine, ARRAYSIZE(CommandLine), L"badargs %u", Service);
    if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &ProcessId)))
        return;
    Status = NtWaitForSingleObject(Process, FALSE, &Timeout);
    if (Status == STATUS_TIMEOUT) {
        Print(L"%hs waited\n", Services[Service].Name);
        CHECK_STATUS(STATUS_SUCCESS, NtTerminateProcess(Process, STATUS_CONTROL_C_EXIT));
        Status = NtWaitForSingleObject(Process, FALSE, &Enough);
    }
    if (!CHECK(Status == STATUS_SUCCESS))
        Print(L"    %hs: the child does not end\n", Services[Service].Name);
    Status = QueryExitStatus(Process);
    if (Status != 0 && Status != STATUS_CONTROL_C_EXIT)
        Print(L"%hs ended its process with 0x%08X\n", Services[Service].Name, Status);
    NtClose(Process);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    ULONG First = 0, End = SERVICE_COUNT;

    if (ArgumentCount == 2)
        return RunChild(Arguments[1]);
    if (ArgumentCount == 3) {           /* badargs FIRST END: only these */
        First = wcstoul(Arguments[1], NULL, 10);
        End = min(wcstoul(Arguments[2], NULL, 10), End);
    }
    for (ULONG i = First; i < End; i++)
        if (!IsExcluded(Services[i].Name))
            TestService(i);
    return CheckClose();
}
