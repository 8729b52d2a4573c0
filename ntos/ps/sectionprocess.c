/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtCreateProcessEx and NtCreateProcess: a process without threads, of an image section or as a copy of its parent.
 *
 * Its creator writes the parameters (PEB.ProcessParameters) and makes the first thread, which is as the first thread of any
 * process then.  A copy has all that was in the parent's memory, its PEB and parameters too, and is for a thread that knows
 * where to begin (NtCreateUserProcess without an image makes it).
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"

#define PSP_OVERRIDE_ADDRESS_SPACE 0x8u         /* means nothing for memory that is not shared with the system */
#define PSP_SECTION_PROCESS_FLAGS (PROCESS_CREATE_FLAGS_BREAKAWAY | PROCESS_CREATE_FLAGS_NO_DEBUG_INHERIT | \
                                   PROCESS_CREATE_FLAGS_INHERIT_HANDLES | PSP_OVERRIDE_ADDRESS_SPACE | PROCESS_CREATE_FLAGS_LARGE_PAGES)

/* The path of the file that the section is an image of; Name is of MM_IMAGE_NAME_SIZE bytes. */
static NTSTATUS PspSectionPath(PSECTION Section, POBJECT_NAME_INFORMATION Name)
{
    SECTION_IMAGE_INFORMATION Information;
    ULONG Needed;

    if (!NT_SUCCESS(MmGetSectionImageInformation(Section, &Information)))
        return STATUS_SECTION_NOT_IMAGE;
    return ObQueryNameString(MmGetSectionFile(Section), Name, MM_IMAGE_NAME_SIZE, &Needed);
}

static NTSTATUS PspCreateFromSection(PPSP_CREATE Create)
{
    POBJECT_NAME_INFORMATION Name = ExAllocatePoolWithTag(PagedPool, MM_IMAGE_NAME_SIZE, PSP_TAG);
    NTSTATUS Status;

    if (Name == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = PspSectionPath(Create->Section, Name);
    if (NT_SUCCESS(Status)) {
        Create->ImagePath = &Name->Name;
        Status = PspCreate(Create);
    }
    ExFreePool(Name);
    return Status;
}

/* The objects that the handles name are Create's from here on, until PspReleaseSources. */
static NTSTATUS PspReferenceSources(PPSP_CREATE Create, HANDLE Parent, HANDLE Section, HANDLE Token)
{
    NTSTATUS Status = PspReferenceProcess(Parent, PROCESS_CREATE_PROCESS, &Create->Parent);

    if (NT_SUCCESS(Status) && Section != NULL)
        Status = ObReferenceObjectByHandle(Section, SECTION_MAP_EXECUTE, MmSectionObjectType, UserMode,
                                           (PVOID *)&Create->Section, NULL);
    if (NT_SUCCESS(Status) && Token != NULL)
        Status = PspReferencePrimaryToken(Token, &Create->Token);
    Create->Clone = Section == NULL;
    return Status;
}

static VOID PspReleaseSources(PPSP_CREATE Create)
{
    if (Create->Token != NULL)
        ObDereferenceObject(Create->Token);
    if (Create->Section != NULL)
        ObDereferenceObject(Create->Section);
    if (Create->Parent != NULL)
        ObDereferenceObject(Create->Parent);
}

static NTSTATUS PspCreateFromSources(PPSP_CREATE Create)
{
    if (!Create->Clone)
        return PspCreateFromSection(Create);
    Create->ImagePath = &Create->Parent->ImagePath;
    return PspCreate(Create);
}

/* The new process gets its debugger and a handle, or goes. */
static NTSTATUS PspPublish(PPSP_CREATE Create, HANDLE DebugPort, ACCESS_MASK Access, PHANDLE ProcessHandle)
{
    PEPROCESS Process = Create->Process;
    HANDLE Handle = NULL;
    NTSTATUS Status = PspSetDebugger(Create, DebugPort);

    if (!NT_SUCCESS(Status)) {
        PspAbandon(Create);
        return Status;
    }
    ObReferenceObject(Process);
    Status = ObInsertObject(Process, NULL, Access, 0, NULL, &Handle);
    if (NT_SUCCESS(Status))
        Status = PspPutHandle(ProcessHandle, Handle);
    if (!NT_SUCCESS(Status))
        DbgkAbandonProcess(Process);
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtCreateProcessEx(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        HANDLE ParentProcess, ULONG Flags, HANDLE SectionHandle, HANDLE DebugPort, HANDLE TokenHandle, ULONG Reserved)
{
    PSP_CREATE Create = {
        .Mode = UserMode, .ProcessAttributes = ObjectAttributes, .BasePriority = 8, .NoThread = TRUE,
        .InheritHandles = (Flags & PROCESS_CREATE_FLAGS_INHERIT_HANDLES) != 0,
        .NoDebugInherit = (Flags & PROCESS_CREATE_FLAGS_NO_DEBUG_INHERIT) != 0,
        .Breakaway = (Flags & PROCESS_CREATE_FLAGS_BREAKAWAY) != 0,
    };
    NTSTATUS Status;

    if ((Flags & ~PSP_SECTION_PROCESS_FLAGS) || ParentProcess == NULL || Reserved != 0)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(ProcessHandle, sizeof(HANDLE), 1);
    if (NT_SUCCESS(Status) && (Flags & PROCESS_CREATE_FLAGS_LARGE_PAGES))
        Status = PspRequirePrivilege(SE_LOCK_MEMORY_PRIVILEGE);
    if (NT_SUCCESS(Status))
        Status = PspReferenceSources(&Create, ParentProcess, SectionHandle, TokenHandle);
    if (NT_SUCCESS(Status))
        Status = PspCreateFromSources(&Create);
    if (NT_SUCCESS(Status))
        Status = PspPublish(&Create, DebugPort, DesiredAccess, ProcessHandle);
    PspReleaseSources(&Create);
    return Status;
}

NTSTATUS NTAPI NtCreateProcess(PHANDLE ProcessHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        HANDLE ParentProcess, BOOLEAN InheritObjectTable, HANDLE SectionHandle, HANDLE DebugPort, HANDLE TokenHandle)
{
    return NtCreateProcessEx(ProcessHandle, DesiredAccess, ObjectAttributes, ParentProcess,
                             InheritObjectTable ? PROCESS_CREATE_FLAGS_INHERIT_HANDLES : 0, SectionHandle, DebugPort, TokenHandle, 0);
}
