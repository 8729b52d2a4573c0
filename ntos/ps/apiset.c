/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The API-set schema: \SystemRoot\system32\apisetschema.dll, mapped into every process; PEB.ApiSetMap is its section
 * `.apiset'.  ntdll's loader reads it there.
 *
 * The image section is made at the first process that finds the file, and kept.  A volume without the file gives
 * processes without API sets.  May wait for the file.
 */
#include "psp.h"

static PSECTION PspApiSetSection;

static NTSTATUS PspOpenApiSetSchema(VOID)
{
    UNICODE_STRING Path = RTL_CONSTANT_UNICODE_STRING(L"\\SystemRoot\\system32\\apisetschema.dll");
    PSECTION Section;
    BOOLEAN Opened;
    NTSTATUS Status = PspCreateImageSection(&Path, KernelMode, &Section, &Opened);

    if (!NT_SUCCESS(Status))
        return Status;
    if (PspApiSetSection == NULL)
        PspApiSetSection = Section;
    else
        ObDereferenceObject(Section);           /* another thread was faster while this one waited */
    return STATUS_SUCCESS;
}

/* The address of the image's section `.apiset', or NULL.  The headers passed LdrCheckImage when the section was made. */
static PVOID PspFindApiSet(PEPROCESS Process, PUCHAR Base)
{
    IMAGE_DOS_HEADER Dos;
    IMAGE_NT_HEADERS Headers;
    IMAGE_SECTION_HEADER Section;
    PUCHAR At;

    if (!NT_SUCCESS(MmReadSpace(&Process->Vm, &Dos, Base, sizeof(Dos))) ||
        !NT_SUCCESS(MmReadSpace(&Process->Vm, &Headers, Base + Dos.e_lfanew, sizeof(Headers))))
        return NULL;
    At = Base + Dos.e_lfanew + FIELD_OFFSET(IMAGE_NT_HEADERS, OptionalHeader) + Headers.FileHeader.SizeOfOptionalHeader;
    for (ULONG i = 0; i < Headers.FileHeader.NumberOfSections; i++, At += sizeof(Section)) {
        if (!NT_SUCCESS(MmReadSpace(&Process->Vm, &Section, At, sizeof(Section))))
            return NULL;
        if (strncmp((const char *)Section.Name, ".apiset", sizeof(Section.Name)) == 0)
            return Base + Section.VirtualAddress;
    }
    return NULL;
}

VOID PspMapApiSet(PEPROCESS Process, PVOID *Map)
{
    PVOID Base = NULL;
    SIZE_T Size = 0;

    *Map = NULL;
    if (PspApiSetSection == NULL && !NT_SUCCESS(PspOpenApiSetSchema()))
        return;
    if (NT_SUCCESS(MmMapViewOfSection(PspApiSetSection, &Process->Vm, &Base, 0, NULL, &Size, 0, PAGE_READONLY)))
        *Map = PspFindApiSet(Process, Base);
}
