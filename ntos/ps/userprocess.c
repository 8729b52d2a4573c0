/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtCreateUserProcess: captures the attribute list and the parameters, lets PspCreate work, returns handles and
 * attributes.  Without an image and parameters the new process is a copy of the caller's, and its thread of the thread
 * that calls.
 *
 * Attributes that are not known are passed over.
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"

#define PSP_MAX_ATTRIBUTES 32
#define PSP_MAX_HANDLE_LIST 1024
#define PSP_MAX_JOB_LIST 16

typedef struct _PSP_ATTRIBUTES {
    PS_ATTRIBUTE List[PSP_MAX_ATTRIBUTES];
    ULONG Count;
    UNICODE_STRING ImageName;           /* pool */
    PEPROCESS Parent;                   /* referenced, or NULL */
    PACCESS_TOKEN Token;
    HANDLE DebugObject;                 /* the caller's handle, or NULL */
    HANDLE *Handles;                    /* pool */
    ULONG HandleCount;
    struct _EJOB *Jobs[PSP_MAX_JOB_LIST];       /* referenced */
    ULONG JobCount;
} PSP_ATTRIBUTES, *PPSP_ATTRIBUTES;

static NTSTATUS PspCaptureJobs(PPSP_ATTRIBUTES Attributes, const HANDLE *User, SIZE_T Size)
{
    HANDLE Handles[PSP_MAX_JOB_LIST];
    ULONG Count = (ULONG)(Size / sizeof(HANDLE));
    NTSTATUS Status;

    if (Attributes->JobCount != 0 || Size % sizeof(HANDLE) != 0 || Size == 0 || Size > sizeof(Handles))
        return STATUS_INVALID_PARAMETER;
    Status = MmCopyFromUser(Handles, User, Size);
    for (ULONG i = 0; i < Count && NT_SUCCESS(Status); i++) {
        Status = ObReferenceObjectByHandle(Handles[i], JOB_OBJECT_ASSIGN_PROCESS, PsJobType, UserMode,
                                           (PVOID *)&Attributes->Jobs[i], NULL);
        Attributes->JobCount += NT_SUCCESS(Status);
    }
    return Status;
}

NTSTATUS PspReferencePrimaryToken(HANDLE Handle, PACCESS_TOKEN *Token)
{
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, TOKEN_ASSIGN_PRIMARY, SeTokenObjectType, UserMode, Token, NULL);

    return NT_SUCCESS(Status) ? SeCheckPrimaryToken(*Token) : Status;
}

static NTSTATUS PspCaptureAttribute(PPSP_ATTRIBUTES Attributes, const PS_ATTRIBUTE *Attribute)
{
    switch (Attribute->Attribute) {
    case PS_ATTRIBUTE_IMAGE_NAME:
        if (Attributes->ImageName.Buffer != NULL || Attribute->Size > PSP_MAX_STRING || Attribute->Size % 2 != 0)
            return STATUS_INVALID_PARAMETER;
        Attributes->ImageName.Length = Attributes->ImageName.MaximumLength = (USHORT)Attribute->Size;
        return MmCaptureBuffer(Attribute->ValuePtr, Attribute->Size, (PVOID *)&Attributes->ImageName.Buffer);
    case PS_ATTRIBUTE_PARENT_PROCESS:
        if (Attributes->Parent != NULL)
            return STATUS_INVALID_PARAMETER;
        return PspReferenceProcess(Attribute->ValuePtr, PROCESS_CREATE_PROCESS, &Attributes->Parent);
    case PS_ATTRIBUTE_TOKEN:
        if (Attributes->Token != NULL)
            return STATUS_INVALID_PARAMETER;
        return PspReferencePrimaryToken(Attribute->ValuePtr, &Attributes->Token);
    case PS_ATTRIBUTE_DEBUG_OBJECT:
        Attributes->DebugObject = Attribute->ValuePtr;
        return STATUS_SUCCESS;
    case PS_ATTRIBUTE_HANDLE_LIST:
        if (Attributes->Handles != NULL || Attribute->Size % sizeof(HANDLE) != 0 ||
            Attribute->Size > PSP_MAX_HANDLE_LIST * sizeof(HANDLE))
            return STATUS_INVALID_PARAMETER;
        Attributes->HandleCount = (ULONG)(Attribute->Size / sizeof(HANDLE));
        return MmCaptureBuffer(Attribute->ValuePtr, Attribute->Size, (PVOID *)&Attributes->Handles);
    case PS_ATTRIBUTE_JOB_LIST:
        return PspCaptureJobs(Attributes, Attribute->ValuePtr, Attribute->Size);
    default:
        return STATUS_SUCCESS;
    }
}

static NTSTATUS PspCaptureAttributes(PPS_ATTRIBUTE_LIST User, PPSP_ATTRIBUTES Attributes)
{
    SIZE_T Total;
    NTSTATUS Status;

    if (User == NULL)
        return STATUS_SUCCESS;
    Status = MmGetUser(&Total, &User->TotalLength);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Total < sizeof(SIZE_T) || (Total - sizeof(SIZE_T)) % sizeof(PS_ATTRIBUTE) != 0 ||
        (Total - sizeof(SIZE_T)) / sizeof(PS_ATTRIBUTE) > PSP_MAX_ATTRIBUTES)
        return STATUS_INVALID_PARAMETER;
    Attributes->Count = (ULONG)((Total - sizeof(SIZE_T)) / sizeof(PS_ATTRIBUTE));
    Status = MmCopyFromUser(Attributes->List, User->Attributes, Attributes->Count * sizeof(PS_ATTRIBUTE));
    for (ULONG i = 0; i < Attributes->Count && NT_SUCCESS(Status); i++)
        Status = PspCaptureAttribute(Attributes, &Attributes->List[i]);
    return Status;
}

/* An image has parameters, and a copy has neither; it is of the caller. */
static NTSTATUS PspCheckImage(const PSP_ATTRIBUTES *Attributes, PVOID Parameters)
{
    if ((Attributes->ImageName.Length == 0) != (Parameters == NULL))
        return STATUS_INVALID_PARAMETER;
    return Parameters != NULL || Attributes->Parent == NULL || Attributes->Parent == PsGetCurrentProcess() ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static VOID PspReleaseAttributes(PPSP_ATTRIBUTES Attributes)
{
    if (Attributes->ImageName.Buffer != NULL)
        ExFreePool(Attributes->ImageName.Buffer);
    if (Attributes->Handles != NULL)
        ExFreePool(Attributes->Handles);
    if (Attributes->Parent != NULL)
        ObDereferenceObject(Attributes->Parent);
    if (Attributes->Token != NULL)
        ObDereferenceObject(Attributes->Token);
    for (ULONG i = 0; i < Attributes->JobCount; i++)
        ObDereferenceObject(Attributes->Jobs[i]);
}

static NTSTATUS PspReturnAttributes(PPSP_ATTRIBUTES Attributes, PPSP_CREATE Create)
{
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG i = 0; i < Attributes->Count && NT_SUCCESS(Status); i++) {
        const PS_ATTRIBUTE *Attribute = &Attributes->List[i];
        const VOID *Data = NULL;
        SIZE_T Size = 0;

        if (Attribute->Attribute == PS_ATTRIBUTE_CLIENT_ID) {
            Data = &Create->Thread->Cid;
            Size = sizeof(CLIENT_ID);
        } else if (Attribute->Attribute == PS_ATTRIBUTE_TEB_ADDRESS) {
            Data = &Create->Thread->Tcb.Teb;
            Size = sizeof(PVOID);
        } else if (Attribute->Attribute == PS_ATTRIBUTE_IMAGE_INFO) {
            Data = &Create->Process->ImageInformation;
            Size = sizeof(SECTION_IMAGE_INFORMATION);
        }
        if (Data == NULL)
            continue;
        if (Attribute->Size < Size)
            return STATUS_INFO_LENGTH_MISMATCH;
        Status = MmCopyToUser(Attribute->ValuePtr, Data, Size);
        if (NT_SUCCESS(Status) && Attribute->ReturnLength != NULL)
            Status = MmPutUser(Attribute->ReturnLength, Size);
    }
    return Status;
}

/* DIFFERS: Size is not looked at (Windows: must be the structure's); kernelbase as packaged leaves it unset. */
static NTSTATUS PspReturnCreateInfo(PPS_CREATE_INFO User, PPSP_CREATE Create)
{
    PS_CREATE_INFO Info = { .Size = sizeof(Info), .State = Create->State };

    if (User == NULL)
        return STATUS_SUCCESS;
    if (Create->Process != NULL)
        Info.SuccessState.PebAddressNative = (ULONG64)Create->Process->Peb;
    return MmCopyToUser(User, &Info, sizeof(Info));
}

/* Both handles, or none. */
static NTSTATUS PspInsertHandles(PPSP_CREATE Create, ACCESS_MASK ProcessAccess, ACCESS_MASK ThreadAccess,
                                 PHANDLE ProcessHandle, PHANDLE ThreadHandle)
{
    HANDLE Process, Thread;
    NTSTATUS Status = ObInsertObject(Create->Process, NULL, ProcessAccess, 0, NULL, &Process);

    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Create->Thread);
        return Status;
    }
    Status = ObInsertObject(Create->Thread, NULL, ThreadAccess, 0, NULL, &Thread);
    if (NT_SUCCESS(Status)) {
        Status = PspPutHandle(ProcessHandle, Process);
        if (!NT_SUCCESS(Status)) {
            ObCloseHandle(Thread, KernelMode);
            return Status;
        }
        Status = PspPutHandle(ThreadHandle, Thread);
    }
    if (!NT_SUCCESS(Status))
        ObCloseHandle(Process, KernelMode);
    return Status;
}

NTSTATUS PspSetDebugger(PPSP_CREATE Create, HANDLE DebugObject)
{
    Create->Process->NoDebugInherit = Create->NoDebugInherit;
    return DebugObject != NULL ? DbgkAssignNewProcess(Create->Process, DebugObject)
           : DbgkInheritDebugger(Create->Process, Create->Parent);
}

static NTSTATUS PspStartUserProcess(PPSP_CREATE Create, PPSP_ATTRIBUTES Attributes, PPS_CREATE_INFO CreateInfo,
                                    ACCESS_MASK ProcessAccess, ACCESS_MASK ThreadAccess, PHANDLE ProcessHandle,
                                    PHANDLE ThreadHandle, BOOLEAN Suspended)
{
    PETHREAD Thread = Create->Thread;
    PEPROCESS Process = Create->Process;
    ULONG Previous;
    NTSTATUS Status = PspReturnAttributes(Attributes, Create);

    if (NT_SUCCESS(Status))
        Status = PspReturnCreateInfo(CreateInfo, Create);
    if (NT_SUCCESS(Status))
        Status = PspSetDebugger(Create, Attributes->DebugObject);
    if (NT_SUCCESS(Status))
        Status = PspInsertThread(Thread);
    if (!NT_SUCCESS(Status)) {
        DbgkAbandonProcess(Process);
        PspAbandon(Create);
        return Status;
    }
    ObReferenceObject(Thread);
    ObReferenceObject(Process);
    Status = PspInsertHandles(Create, ProcessAccess, ThreadAccess, ProcessHandle, ThreadHandle);
    if (!NT_SUCCESS(Status))
        PsTerminateProcess(Process, Status);
    else if (!Suspended)
        KeResumeThread(&Thread->Tcb, &Previous);
    ObDereferenceObject(Process);
    ObDereferenceObject(Thread);
    return Status;
}

/* DIFFERS: the thread of a copy begins with the vector state of a new thread (RtlCloneUserProcess loads it). */
NTSTATUS NTAPI NtCreateUserProcess(PHANDLE ProcessHandle, PHANDLE ThreadHandle, ACCESS_MASK ProcessDesiredAccess,
                                   ACCESS_MASK ThreadDesiredAccess, POBJECT_ATTRIBUTES ProcessObjectAttributes,
                                   POBJECT_ATTRIBUTES ThreadObjectAttributes, ULONG ProcessFlags, ULONG ThreadFlags,
                                   PRTL_USER_PROCESS_PARAMETERS ProcessParameters, PPS_CREATE_INFO CreateInfo,
                                   PPS_ATTRIBUTE_LIST AttributeList)
{
    struct {
        PSP_ATTRIBUTES Attributes;
        PSP_PARAMETERS Parameters;
        PSP_CREATE Create;
    } *Work;
    BOOLEAN Suspended = (ThreadFlags & THREAD_CREATE_FLAGS_CREATE_SUSPENDED) ||
                        (ProcessFlags & PROCESS_CREATE_FLAGS_SUSPENDED);
    PPSP_CREATE Create;
    NTSTATUS Status;

    if (ProcessFlags & ~PSP_PROCESS_FLAGS)
        return STATUS_INVALID_PARAMETER_7;
    if (ThreadFlags & ~PSP_THREAD_FLAGS)
        return STATUS_INVALID_PARAMETER_8;
    Status = MmProbeForWrite(ProcessHandle, sizeof(HANDLE), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ThreadHandle, sizeof(HANDLE), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Work = ExAllocatePoolZero(NonPagedPool, sizeof(*Work), PSP_TAG);
    if (Work == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Create = &Work->Create;
    Status = PspCaptureAttributes(AttributeList, &Work->Attributes);
    if (NT_SUCCESS(Status))
        Status = PspCheckImage(&Work->Attributes, ProcessParameters);
    if (NT_SUCCESS(Status) && ProcessParameters != NULL)
        Status = PspCaptureParameters(ProcessParameters, &Work->Parameters);
    if (NT_SUCCESS(Status)) {
        Create->Mode = UserMode;
        Create->ProcessAttributes = ProcessObjectAttributes;
        Create->ThreadAttributes = ThreadObjectAttributes;
        Create->Parent = Work->Attributes.Parent != NULL ? Work->Attributes.Parent : PsGetCurrentProcess();
        Create->Token = Work->Attributes.Token;
        Create->Clone = ProcessParameters == NULL;
        Create->ImagePath = Create->Clone ? &Create->Parent->ImagePath : &Work->Attributes.ImageName;
        Create->Parameters = Create->Clone ? NULL : &Work->Parameters;
        Create->BasePriority = 8;
        Create->InheritHandles = (ProcessFlags & PROCESS_CREATE_FLAGS_INHERIT_HANDLES) != 0;
        Create->NoDebugInherit = (ProcessFlags & PROCESS_CREATE_FLAGS_NO_DEBUG_INHERIT) != 0;
        Create->Breakaway = (ProcessFlags & PROCESS_CREATE_FLAGS_BREAKAWAY) != 0;
        Create->Jobs = Work->Attributes.Jobs;
        Create->JobCount = Work->Attributes.JobCount;
        Create->HandleList = Work->Attributes.Handles;
        Create->HandleCount = Work->Attributes.HandleCount;
        Create->ThreadFlags = ThreadFlags;
        Status = PspCreate(Create);
        if (NT_SUCCESS(Status))
            Status = PspStartUserProcess(Create, &Work->Attributes, CreateInfo, ProcessDesiredAccess,
                                         ThreadDesiredAccess, ProcessHandle, ThreadHandle, Suspended);
        else
            PspReturnCreateInfo(CreateInfo, Create);
        PspReleaseParameters(&Work->Parameters);
    }
    PspReleaseAttributes(&Work->Attributes);
    ExFreePool(Work);
    return Status;
}
