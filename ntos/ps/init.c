/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of ps: the system process (ntos itself), the object types, ntdll and its entry points.
 *
 * The system process exists before there is an object manager, so that there is always a current thread; PsInitSystem
 * then makes it an object like the others, with a handle table, a token and process id 4.
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"
#include "ntos/inc/ldr.h"

extern ETHREAD KiSystemThread;

POBJECT_TYPE PsProcessType, PsThreadType;
PEPROCESS PsInitialSystemProcess;
LIST_ENTRY PsActiveProcessHead = { &PsActiveProcessHead, &PsActiveProcessHead };
ULONG64 PsLdrInitializeThunk, PsRtlUserThreadStart, PsKiUserExceptionDispatcher, PsKiUserApcDispatcher;
ULONG64 PsKiRaiseUserExceptionDispatcher, PsKiUserCallbackDispatcher, PsKiUserControlDispatcher;

static EPROCESS PspEarlyProcess;
PSECTION PspNtdllSection;
ULONG64 KeNtdllBase;

VOID PsInitSystemEarly(VOID)
{
    PKTHREAD Thread = &KiSystemThread.Tcb;

    KeInitializeProcess(&PspEarlyProcess.Pcb, NULL, 8);
    Thread->Process = Thread->OwningProcess = &PspEarlyProcess.Pcb;
    Thread->SystemThread = TRUE;
    Thread->State = KThreadService;
    Thread->Header.Type = ThreadObject;
    Thread->Header.WaitListHead.Flink = Thread->Header.WaitListHead.Blink = &Thread->Header.WaitListHead;
    Thread->UserApcListHead.Flink = Thread->UserApcListHead.Blink = &Thread->UserApcListHead;
    Thread->MutantListHead.Flink = Thread->MutantListHead.Blink = &Thread->MutantListHead;
    KiSystemThread.IrpList.Flink = KiSystemThread.IrpList.Blink = &KiSystemThread.IrpList;
    KiSystemThread.TimerList.Flink = KiSystemThread.TimerList.Blink = &KiSystemThread.TimerList;
    PsInitialSystemProcess = &PspEarlyProcess;
}

/* A right to ask or set implies the limited one (Microsoft, "Process Security and Access Rights", and the same of threads). */
static NTSTATUS PspOpenProcess(OB_OPEN_REASON OpenReason, KPROCESSOR_MODE AccessMode, PEPROCESS Process, PVOID Object,
        PACCESS_MASK GrantedAccess, ULONG HandleCount)
{
    if (*GrantedAccess & PROCESS_SET_INFORMATION)
        *GrantedAccess |= PROCESS_SET_LIMITED_INFORMATION | PROCESS_QUERY_LIMITED_INFORMATION;
    if (*GrantedAccess & PROCESS_QUERY_INFORMATION)
        *GrantedAccess |= PROCESS_QUERY_LIMITED_INFORMATION;
    return STATUS_SUCCESS;
}

static NTSTATUS PspOpenThread(OB_OPEN_REASON OpenReason, KPROCESSOR_MODE AccessMode, PEPROCESS Process, PVOID Object,
        PACCESS_MASK GrantedAccess, ULONG HandleCount)
{
    if (*GrantedAccess & THREAD_QUERY_INFORMATION)
        *GrantedAccess |= THREAD_QUERY_LIMITED_INFORMATION;
    if (*GrantedAccess & THREAD_SET_INFORMATION)
        *GrantedAccess |= THREAD_SET_LIMITED_INFORMATION;
    if (*GrantedAccess & THREAD_SUSPEND_RESUME)
        *GrantedAccess |= THREAD_RESUME;
    return STATUS_SUCCESS;
}

static PVOID PspTokenOfProcess(PVOID Object)
{
    return ((PEPROCESS)Object)->Token;
}

static PVOID PspTokenOfThread(PVOID Object)
{
    return ((PEPROCESS)((PETHREAD)Object)->Tcb.OwningProcess)->Token;
}

static NTSTATUS PspCreateTypes(VOID)
{
    UNICODE_STRING ProcessName = RTL_CONSTANT_UNICODE_STRING(L"Process");
    UNICODE_STRING ThreadName = RTL_CONSTANT_UNICODE_STRING(L"Thread");
    OBJECT_TYPE_INITIALIZER Process = {
        .GenericMapping = { STANDARD_RIGHTS_READ | PROCESS_VM_READ | PROCESS_QUERY_INFORMATION,
                            STANDARD_RIGHTS_WRITE | PROCESS_CREATE_PROCESS | PROCESS_CREATE_THREAD |
                            PROCESS_VM_OPERATION | PROCESS_VM_WRITE | PROCESS_DUP_HANDLE |
                            PROCESS_SET_QUOTA | PROCESS_SET_INFORMATION | PROCESS_SUSPEND_RESUME,
                            STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION |
                            PROCESS_TERMINATE, PROCESS_ALL_ACCESS },
        .ValidAccessMask = PROCESS_ALL_ACCESS,
        .WaitOffset = FIELD_OFFSET(EPROCESS, Pcb.Header),
        .SecurityRequired = TRUE,
        .OpenProcedure = PspOpenProcess,
        .TokenProcedure = PspTokenOfProcess,
        .DeleteProcedure = PspDeleteProcess,
    };
    OBJECT_TYPE_INITIALIZER Thread = {
        .GenericMapping = { STANDARD_RIGHTS_READ | THREAD_GET_CONTEXT | THREAD_QUERY_INFORMATION,
                            STANDARD_RIGHTS_WRITE | THREAD_TERMINATE | THREAD_SUSPEND_RESUME | THREAD_ALERT |
                            THREAD_SET_INFORMATION | THREAD_SET_CONTEXT | THREAD_SET_LIMITED_INFORMATION,
                            STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | THREAD_QUERY_LIMITED_INFORMATION | THREAD_RESUME,
                            THREAD_ALL_ACCESS },
        .ValidAccessMask = THREAD_ALL_ACCESS,
        .WaitOffset = FIELD_OFFSET(ETHREAD, Tcb.Header),
        .SecurityRequired = TRUE,
        .OpenProcedure = PspOpenThread,
        .TokenProcedure = PspTokenOfThread,
        .DeleteProcedure = PspDeleteThread,
    };
    NTSTATUS Status = ObCreateObjectType(&ProcessName, &Process, NULL, &PsProcessType);

    if (NT_SUCCESS(Status))
        Status = ObCreateObjectType(&ThreadName, &Thread, NULL, &PsThreadType);
    return Status;
}

NTSTATUS PsInitSystem(VOID)
{
    static const WCHAR Name[] = L"System";
    PEPROCESS System;
    HANDLE Id;
    NTSTATUS Status = PspCreateTypes();

    if (NT_SUCCESS(Status))
        Status = PspInitJobs();
    if (NT_SUCCESS(Status))
        Status = DbgkInitialize();
    if (NT_SUCCESS(Status))
        Status = ObCreateObject(KernelMode, PsProcessType, NULL, KernelMode, NULL, sizeof(EPROCESS), 0, 0,
                                (PVOID *)&System);
    if (!NT_SUCCESS(Status))
        return Status;
    KeInitializeProcess(&System->Pcb, NULL, 8);
    System->ExitStatus = STATUS_PENDING;
    System->PriorityClass = PROCESS_PRIORITY_CLASS_NORMAL;
    memcpy(System->ImageName, Name, sizeof(Name));
    KeQuerySystemTime(&System->CreateTime);
    ObReferenceObject(SeSystemToken);
    System->Token = SeSystemToken;
    Status = PspOwn(System, System);
    if (NT_SUCCESS(Status))
        Status = PspCreateCid(System, &System->UniqueProcessId);
    if (NT_SUCCESS(Status))
        Status = ObCreateHandleTable(&System->ObjectTable);
    if (NT_SUCCESS(Status))
        Status = PspCreateCid(System, &Id);         /* 8 belongs to the system's own thread */
    if (!NT_SUCCESS(Status))
        return Status;
    KiSystemThread.Cid.UniqueProcess = System->UniqueProcessId;
    KiSystemThread.Cid.UniqueThread = Id;
    KiSystemThread.Tcb.Process = KiSystemThread.Tcb.OwningProcess = &System->Pcb;
    KeGetCurrentThread()->Process = KeGetCurrentThread()->OwningProcess = &System->Pcb;
    PsGetCurrentThread()->Cid = KiSystemThread.Cid;
    PsInitialSystemProcess = System;
    PspAppend(&PsActiveProcessHead, &System->ActiveProcessLinks);
    ExRegisterInformationProvider(SystemProcessInformation, PspQuerySystemProcesses);
    return STATUS_SUCCESS;
}

NTSTATUS PsLocateSystemDll(VOID)
{
    static const struct {
        const char *Name;
        ULONG64 *Address;
        BOOLEAN Needed;
    } Entries[] = {
        { "LdrInitializeThunk", &PsLdrInitializeThunk, TRUE },
        { "RtlUserThreadStart", &PsRtlUserThreadStart, TRUE },
        { "KiUserExceptionDispatcher", &PsKiUserExceptionDispatcher, TRUE },
        { "KiUserApcDispatcher", &PsKiUserApcDispatcher, TRUE },
        { "KiRaiseUserExceptionDispatcher", &PsKiRaiseUserExceptionDispatcher, FALSE },
        { "KiUserCallbackDispatcher", &PsKiUserCallbackDispatcher, FALSE },
        { "KiUserControlDispatcher", &PsKiUserControlDispatcher, TRUE },
    };
    static LDR_IMAGE Image;
    LDR_BOOT_FILE File;
    UNICODE_STRING Path = RTL_CONSTANT_UNICODE_STRING(L"\\SystemRoot\\system32\\ntdll.dll");
    BOOLEAN Opened;
    ULONG Rva;
    NTSTATUS Status;

    if (!LdrFindBootFile("windows/system32/ntdll.dll", &File)) {
        LogConsole("The boot archive holds no windows/system32/ntdll.dll.");
        return STATUS_DLL_NOT_FOUND;
    }
    Status = LdrCheckImage(LdrReadBootFile, &File, File.Size, &Image);
    for (ULONG i = 0; NT_SUCCESS(Status) && i < ARRAYSIZE(Entries); i++) {
        NTSTATUS Found = LdrFindExport(LdrReadBootFile, &File, &Image, Entries[i].Name, &Rva);

        if (NT_SUCCESS(Found)) {
            *Entries[i].Address = Image.ImageBase + Rva;
        } else if (Entries[i].Needed) {
            LogConsole("ntdll.dll does not export %s.", Entries[i].Name);
            Status = STATUS_ENTRYPOINT_NOT_FOUND;
        }
    }
    KeNtdllBase = Image.ImageBase;
    if (NT_SUCCESS(Status))
        Status = PspCreateImageSection(&Path, KernelMode, &PspNtdllSection, &Opened);
    return Status;
}
