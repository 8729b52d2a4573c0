/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Process creation: PspCreate does the work for NtCreateUserProcess, NtCreateProcessEx and PsCreateSystemProcess.
 *
 * Order: image section from the file; process object, address space, handle table; image and ntdll mapped, or the
 * parent's memory copied; handles inherited and standard handles duplicated; parameters and PEB written; first thread,
 * suspended.  Until PspInsertThread nothing runs, and dropping the references takes everything back.
 */
#include "psp.h"

#define PSP_HEAP_SEGMENT_RESERVE 0x100000
#define PSP_HEAP_SEGMENT_COMMIT 0x2000
#define PSP_HEAP_DECOMMIT_TOTAL 0x10000
#define PSP_HEAP_DECOMMIT_BLOCK 0x1000
#define PSP_CRITICAL_SECTION_TIMEOUT (-30ll * 24 * 3600 * 10000000)    /* 30 days */

NTSTATUS PspCreateImageSection(PCUNICODE_STRING Path, KPROCESSOR_MODE Mode, PSECTION *Section, PBOOLEAN Opened)
{
    PFILE_OBJECT File;
    NTSTATUS Status = IoOpenFileObject(Path, FILE_EXECUTE | FILE_READ_DATA | SYNCHRONIZE,
                                       FILE_SHARE_READ | FILE_SHARE_DELETE,
                                       FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, Mode, &File);

    *Opened = NT_SUCCESS(Status);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCreateSection(Section, NULL, PAGE_EXECUTE, SEC_IMAGE, File);
    ObDereferenceObject(File);
    return Status;
}

static NTSTATUS PspOpenImage(PPSP_CREATE Create, PSECTION *Section)
{
    BOOLEAN Opened;
    NTSTATUS Status;

    *Section = Create->Clone ? Create->Parent->SectionObject : Create->Section;
    if (*Section != NULL || Create->Clone) {
        if (*Section != NULL)
            ObReferenceObject(*Section);
        return *Section != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    }
    Status = PspCreateImageSection(Create->ImagePath, Create->Mode, Section, &Opened);
    if (!NT_SUCCESS(Status))
        Create->State = Opened ? PsCreateFailExeFormat : PsCreateFailOnFileOpen;
    return Status;
}

/* The last component, for lists. */
static VOID PspSetImageName(PEPROCESS Process, PCUNICODE_STRING Path)
{
    ULONG Length = Path->Length / sizeof(WCHAR), Start = Length, n;

    while (Start > 0 && Path->Buffer[Start - 1] != L'\\')
        Start--;
    for (n = 0; n < PS_IMAGE_NAME_CHARS - 1 && Start + n < Length; n++)
        Process->ImageName[n] = Path->Buffer[Start + n];
    Process->ImageName[n] = 0;
}

static NTSTATUS PspCopyPath(PCUNICODE_STRING Path, PUNICODE_STRING Copy)
{
    Copy->Buffer = ExAllocatePoolZero(NonPagedPool, Path->Length + sizeof(WCHAR), PSP_TAG);
    if (Copy->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(Copy->Buffer, Path->Buffer, Path->Length);
    Copy->Length = Path->Length;
    Copy->MaximumLength = Path->Length + sizeof(WCHAR);
    return STATUS_SUCCESS;
}

static NTSTATUS PspInitProcess(PPSP_CREATE Create, PEPROCESS Process)
{
    NTSTATUS Status;

    Process->ActiveProcessLinks.Flink = Process->ActiveProcessLinks.Blink = &Process->ActiveProcessLinks;
    KeInitializeProcess(&Process->Pcb, &Process->Vm, Create->BasePriority);
    Process->ExitStatus = STATUS_PENDING;
    Process->PriorityClass = PROCESS_PRIORITY_CLASS_NORMAL;
    Process->IoPriority = PSP_NORMAL_IO_PRIORITY;
    Process->PagePriority = PSP_NORMAL_PAGE_PRIORITY;
    Process->MinimumWorkingSet = PSP_MINIMUM_WORKING_SET;
    Process->MaximumWorkingSet = PSP_MAXIMUM_WORKING_SET;
    Process->InheritedFromUniqueProcessId = Create->Parent->UniqueProcessId;
    KeQuerySystemTime(&Process->CreateTime);
    ExGetRandomBytes(&Process->Cookie, sizeof(ULONG));
    PspSetImageName(Process, Create->ImagePath);
    Status = PspCopyPath(Create->ImagePath, &Process->ImagePath);
    if (NT_SUCCESS(Status))
        Status = PspCreateCid(Process, &Process->UniqueProcessId);
    if (NT_SUCCESS(Status))
        Status = SeSubProcessToken(Create->Token != NULL ? Create->Token : Create->Parent->Token, &Process->Token);
    if (NT_SUCCESS(Status))
        Status = MmCreateSpace(&Process->Vm);
    if (NT_SUCCESS(Status))
        Status = ObCreateHandleTable(&Process->ObjectTable);
    return Status;
}

static NTSTATUS PspMapImages(PEPROCESS Process, PSECTION Section)
{
    PVOID Base = (PVOID)KeNtdllBase;
    SIZE_T Size = 0;
    NTSTATUS Status = MmGetSectionImageInformation(Section, &Process->ImageInformation);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmMapViewOfSection(PspNtdllSection, &Process->Vm, &Base, 0, NULL, &Size, 0, PAGE_READWRITE);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Base != (PVOID)KeNtdllBase)
        return STATUS_CONFLICTING_ADDRESSES;
    Size = 0;
    Base = NULL;
    Status = MmMapViewOfSection(Section, &Process->Vm, &Base, 0, NULL, &Size, 0, PAGE_READWRITE);
    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Section);
    Process->SectionObject = Section;
    Process->SectionBaseAddress = Base;
    if (Process->ImageInformation.TransferAddress != NULL)
        Process->ImageInformation.TransferAddress = (PUCHAR)Process->ImageInformation.TransferAddress +
                                                    ((ULONG64)Base - MmGetSectionImageBase(Section));
    return STATUS_SUCCESS;
}

/* The parent's memory, with what the system knows of it.  Slice by slice: it may be much. */
static NTSTATUS PspCloneMemory(PEPROCESS Process, PEPROCESS Parent, PSECTION Section)
{
    LARGE_INTEGER Shortest = { .QuadPart = -1 };
    BOOLEAN Debugged = FALSE;
    ULONG64 Next = 0;
    NTSTATUS Status;

    while ((Status = MmCloneSpace(&Process->Vm, &Parent->Vm, &Next)) == STATUS_MORE_ENTRIES) {
        KeDelayExecutionThread(KernelMode, FALSE, &Shortest);
        if (Parent->Exiting)
            return STATUS_PROCESS_IS_TERMINATING;
        if (KeGetCurrentThread()->Terminating)
            return STATUS_THREAD_IS_TERMINATING;
    }
    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Section);
    Process->SectionObject = Section;
    Process->SectionBaseAddress = Parent->SectionBaseAddress;
    Process->ImageInformation = Parent->ImageInformation;
    Process->Peb = Parent->Peb;
    memcpy(Process->KeptTebs, Parent->KeptTebs, sizeof(Process->KeptTebs));
    Process->KeptTebCount = Parent->KeptTebCount;
    return MmWriteSpace(&Process->Vm, (PUCHAR)Process->Peb + FIELD_OFFSET(PEB, BeingDebugged), &Debugged, sizeof(Debugged));
}

/* ------------------------------------------------------------------ handles */

/* One handle that the parameters name: the child's value, NULL if there is none. */
static HANDLE PspGiveHandle(PPSP_CREATE Create, HANDLE Handle)
{
    PVOID Object;
    HANDLE Child;

    if ((LONG_PTR)Handle <= 0)          /* none, or a value with a meaning of its own */
        return Handle;
    if (Create->InheritHandles && NT_SUCCESS(ObReferenceProcessHandle(Create->Process, Handle, 0, NULL, KernelMode,
                                                                       &Object, NULL))) {
        ObDereferenceObject(Object);
        return Handle;
    }
    if (!NT_SUCCESS(ObDuplicateObject(Create->Parent, Handle, Create->Process, &Child, 0, 0,
                                      DUPLICATE_SAME_ACCESS | DUPLICATE_SAME_ATTRIBUTES, KernelMode)))
        return NULL;
    return Child;
}

/* By the parameters' handle; a process without parameters is in its parent's console. */
static VOID PspAttachConsole(PPSP_CREATE Create)
{
    HANDLE Console = Create->Parameters != NULL ? Create->Parameters->Fixed.ConsoleHandle : NULL;
    PFILE_OBJECT File;

    if (Create->Parameters == NULL)
        IoAttachConsole(Create->Process, NULL, Create->Parent, FALSE);
    if ((LONG_PTR)Console <= 0 || !NT_SUCCESS(ObReferenceProcessHandle(Create->Parent, Console, 0, IoFileObjectType,
                                                                       KernelMode, (PVOID *)&File, NULL)))
        return;
    /* CREATE_NEW_PROCESS_GROUP; the same flag makes Win32 ignore Ctrl+C. */
    IoAttachConsole(Create->Process, File, Create->Parent, (Create->Parameters->Fixed.ConsoleFlags & 1) != 0);
    ObDereferenceObject(File);
}

static NTSTATUS PspGiveStandardHandles(PPSP_CREATE Create)
{
    PRTL_USER_PROCESS_PARAMETERS Fixed = &Create->Parameters->Fixed;
    HANDLE *Standard[3] = { &Fixed->StandardInput, &Fixed->StandardOutput, &Fixed->StandardError };
    NTSTATUS Status = STATUS_SUCCESS;

    Fixed->ConsoleHandle = PspGiveHandle(Create, Fixed->ConsoleHandle);
    for (ULONG i = 0; i < 3; i++) {
        if (Create->StandardObjects[i] != NULL)
            Status = ObInsertHandle(Create->Process, Create->StandardObjects[i], GENERIC_READ | GENERIC_WRITE, 0,
                                    ObCreateHandle, Standard[i]);
        else
            *Standard[i] = PspGiveHandle(Create, *Standard[i]);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Fixed->CurrentDirectory.Handle = NULL;      /* the child opens its own */
    return STATUS_SUCCESS;
}

static NTSTATUS PspGiveHandles(PPSP_CREATE Create)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Create->InheritHandles)
        Status = ObInheritHandles(Create->Parent, Create->Process, Create->HandleList, Create->HandleCount);
    if (!NT_SUCCESS(Status))
        return Status;
    PspAttachConsole(Create);
    return Create->Parameters != NULL ? PspGiveStandardHandles(Create) : STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ PEB */

static NTSTATUS PspWritePeb(PPSP_CREATE Create)
{
    PEPROCESS Process = Create->Process;
    PSECTION_IMAGE_INFORMATION Image = &Process->ImageInformation;
    PPEB Peb;
    NTSTATUS Status = MmCreatePebTeb(&Process->Vm, PSP_PEB_SIZE, &Process->Peb);

    if (!NT_SUCCESS(Status))
        return Status;
    Peb = ExAllocatePoolZero(NonPagedPool, sizeof(*Peb), PSP_TAG);
    if (Peb == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Create->Parameters != NULL)
        Status = PspWriteParameters(Process, Create->Parameters, (PVOID *)&Peb->ProcessParameters);
    PspMapApiSet(Process, &Peb->ApiSetMap);
    PspMapCodePages(Process, Peb);
    Peb->Mutant = (HANDLE)-1;
    Peb->ImageBaseAddress = Process->SectionBaseAddress;
    Peb->IsImageDynamicallyRelocated = (Image->DllCharacteristics & IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE) != 0;
    Peb->NumberOfProcessors = 1;
    Peb->NtGlobalFlag = KeTraceServices ? FLG_SHOW_LDR_SNAPS : 0;
    Peb->CriticalSectionTimeout.QuadPart = PSP_CRITICAL_SECTION_TIMEOUT;
    Peb->HeapSegmentReserve = PSP_HEAP_SEGMENT_RESERVE;
    Peb->HeapSegmentCommit = PSP_HEAP_SEGMENT_COMMIT;
    Peb->HeapDeCommitTotalFreeThreshold = PSP_HEAP_DECOMMIT_TOTAL;
    Peb->HeapDeCommitFreeBlockThreshold = PSP_HEAP_DECOMMIT_BLOCK;
    Peb->OSMajorVersion = 10;
    Peb->OSBuildNumber = 19045;
    Peb->OSPlatformId = VER_PLATFORM_WIN32_NT;
    Peb->ImageSubsystem = Image->SubSystemType;
    Peb->ImageSubsystemMajorVersion = Image->SubSystemMajorVersion;
    Peb->ImageSubsystemMinorVersion = Image->SubSystemMinorVersion;
    Peb->ActiveProcessAffinityMask = 1;
    Peb->SessionId = 1;
    Peb->MinimumStackCommit = 0;
    if (NT_SUCCESS(Status))
        Status = MmWriteSpace(&Process->Vm, Process->Peb, Peb, sizeof(*Peb));
    ExFreePool(Peb);
    return Status;
}

/* ------------------------------------------------------------------ all together */

/* Just before the process is listed, with no wait in between: who ends a job meets it. */
static NTSTATUS PspGiveJobs(PPSP_CREATE Create)
{
    NTSTATUS Status = PspInheritJob(Create->Process, Create->Parent, Create->Breakaway);

    for (ULONG i = 0; i < Create->JobCount && NT_SUCCESS(Status); i++)
        Status = PspAssignProcessToJob(Create->Process, Create->Jobs[i]);
    return Status;
}

static NTSTATUS PspBuildProcess(PPSP_CREATE Create, PSECTION Section)
{
    PEPROCESS Process = Create->Process;
    PSP_THREAD_START Start = { .Flags = Create->ThreadFlags, .Initial = TRUE, .Clone = Create->Clone };
    NTSTATUS Status = PspInitProcess(Create, Process);

    if (NT_SUCCESS(Status))
        Status = Create->Clone ? PspCloneMemory(Process, Create->Parent, Section) : PspMapImages(Process, Section);
    if (NT_SUCCESS(Status) && Process->ImageInformation.TransferAddress == NULL)
        Status = STATUS_INVALID_IMAGE_FORMAT;
    if (NT_SUCCESS(Status))
        Status = PspGiveHandles(Create);
    if (NT_SUCCESS(Status) && !Create->Clone)
        Status = PspWritePeb(Create);
    if (NT_SUCCESS(Status) && Create->Prepare != NULL)
        Status = Create->Prepare(Process, Create->Context);
    if (NT_SUCCESS(Status))
        Status = PspGiveJobs(Create);
    if (!NT_SUCCESS(Status))
        return Status;
    PspAppend(&PsActiveProcessHead, &Process->ActiveProcessLinks);
    if (Create->NoThread)
        return STATUS_SUCCESS;
    Start.StartRoutine = Process->ImageInformation.TransferAddress;
    Start.Argument = Process->Peb;
    Start.StackReserve = Process->ImageInformation.MaximumStackSize;
    Start.StackCommit = Process->ImageInformation.CommittedStackSize;
    return PspCreateThread(Process, Create->Mode, Create->ThreadAttributes, &Start, &Create->Thread);
}

NTSTATUS PspOwn(PVOID Object, PEPROCESS Process)
{
    return SeDescribeForToken(Process->Token, &OBJECT_TO_OBJECT_HEADER(Object)->SecurityDescriptor);
}

NTSTATUS PspCreate(PPSP_CREATE Create)
{
    PSECTION Section;
    NTSTATUS Status;

    Create->State = PsCreateInitialState;
    Create->Process = NULL;
    Create->Thread = NULL;
    Status = PspOpenImage(Create, &Section);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Create->Parent->Exiting || Create->Parent->ExitCalled)
        Status = STATUS_PROCESS_IS_TERMINATING;
    if (NT_SUCCESS(Status))
        Status = ObCreateObject(Create->Mode, PsProcessType, Create->ProcessAttributes, Create->Mode, NULL,
                                sizeof(EPROCESS), 0, 0, (PVOID *)&Create->Process);
    if (NT_SUCCESS(Status))
        Status = PspBuildProcess(Create, Section);
    ObDereferenceObject(Section);
    if (NT_SUCCESS(Status) && Create->Mode == KernelMode)
        Status = PspOwn(Create->Process, Create->Process);
    if (NT_SUCCESS(Status))
        Create->State = PsCreateSuccess;
    else
        PspAbandon(Create);
    return Status;
}

VOID PspAbandon(PPSP_CREATE Create)
{
    if (Create->Thread != NULL)
        ObDereferenceObject(Create->Thread);
    if (Create->Process != NULL)
        ObDereferenceObject(Create->Process);
    Create->Thread = NULL;
    Create->Process = NULL;
}

/* ------------------------------------------------------------------ from ntos itself */

static NTSTATUS PspSetString(PPSP_PARAMETERS Parameters, ULONG Index, PCWSTR Text)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Text);
    return Text != NULL ? PspCopyPath(&String, &Parameters->Strings[Index]) : STATUS_SUCCESS;
}

static NTSTATUS PspSystemParameters(const PS_SYSTEM_PROCESS *System, PPSP_PARAMETERS Parameters)
{
    static const WCHAR Default[] = L"PATH=C:\\windows\\system32\0SystemRoot=C:\\windows\0SystemDrive=C:\0"
                                   L"TEMP=C:\\windows\\temp\0windir=C:\\windows\0";
    const WCHAR *Environment = System->Environment != NULL ? System->Environment : Default;
    SIZE_T Length = 0;
    NTSTATUS Status;

    while (Environment[Length] != 0)
        Length += wcslen(Environment + Length) + 1;
    Length = (Length + 1) * sizeof(WCHAR);
    memset(Parameters, 0, sizeof(*Parameters));
    Parameters->Environment = ExAllocatePoolWithTag(NonPagedPool, Length, PSP_TAG);
    Parameters->EnvironmentSize = Length;
    if (Parameters->Environment == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memcpy(Parameters->Environment, Environment, Length);
    Status = PspSetString(Parameters, PspImagePathName, System->ImagePath);
    if (NT_SUCCESS(Status))
        Status = PspSetString(Parameters, PspCommandLine, System->CommandLine);
    if (NT_SUCCESS(Status))
        Status = PspSetString(Parameters, PspDllPath, L"C:\\windows\\system32");
    if (NT_SUCCESS(Status))
        Status = PspSetString(Parameters, PspCurrentDirectory,
                              System->CurrentDirectory != NULL ? System->CurrentDirectory : L"C:\\");
    return Status;
}

NTSTATUS PsCreateSystemProcess(const PS_SYSTEM_PROCESS *System, PEPROCESS *Process, PETHREAD *Thread)
{
    PPSP_PARAMETERS Parameters = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Parameters), PSP_TAG);
    UNICODE_STRING Path;
    PSP_CREATE Create = {
        .Mode = KernelMode, .Parent = PsInitialSystemProcess, .ImagePath = &Path, .Parameters = Parameters,
        .Token = System->Token != NULL ? System->Token : SeSystemToken,
        .BasePriority = System->BasePriority != 0 ? System->BasePriority : 8,
        .StandardObjects = { System->StandardInput, System->StandardOutput, System->StandardError },
        .Prepare = System->Prepare, .Context = System->Context,
    };
    NTSTATUS Status;

    if (Parameters == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlInitUnicodeString(&Path, System->ImagePath);
    Status = PspSystemParameters(System, Parameters);
    if (NT_SUCCESS(Status))
        Status = PspCreate(&Create);
    PspReleaseParameters(Parameters);
    ExFreePool(Parameters);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = PspInsertThread(Create.Thread);
    if (!NT_SUCCESS(Status)) {
        PspAbandon(&Create);
        return Status;
    }
    *Process = Create.Process;
    if (Thread != NULL)
        *Thread = Create.Thread;
    else
        ObDereferenceObject(Create.Thread);
    return STATUS_SUCCESS;
}
