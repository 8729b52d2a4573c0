/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Section objects: a segment (of a file, of nothing but memory, or of an image) with a size and the most that views
 * may do with it.  The object holds a reference to its segment and to the file object that it was made from.
 *
 * Only IoGetFileSegment could ever wait.
 */
#include "ntos/mm/services.h"
#include "ntos/inc/io.h"
#include "ntos/inc/log.h"

POBJECT_TYPE MmSectionObjectType;

static VOID MiDeleteSection(PVOID Object)
{
    PSECTION Section = Object;

    if (Section->Segment != NULL)
        MmDereferenceSegment(Section->Segment);
    if (Section->File != NULL)
        ObDereferenceObject(Section->File);
}

NTSTATUS MmInitSections(VOID)
{
    UNICODE_STRING Name;
    OBJECT_TYPE_INITIALIZER Type = {
        .GenericMapping = {STANDARD_RIGHTS_READ | SECTION_QUERY | SECTION_MAP_READ,
                           STANDARD_RIGHTS_WRITE | SECTION_MAP_WRITE, STANDARD_RIGHTS_EXECUTE | SECTION_MAP_EXECUTE,
                           SECTION_ALL_ACCESS},
        .ValidAccessMask = SECTION_ALL_ACCESS,
        .WaitOffset = OB_ALWAYS_SIGNALLED,
        .DeleteProcedure = MiDeleteSection,
    };

    RtlInitUnicodeString(&Name, L"Section");
    return ObCreateObjectType(&Name, &Type, NULL, &MmSectionObjectType);
}

/* ------------------------------------------------------------------ creation */

static NTSTATUS MiCheckSectionArguments(ULONG Protect, ULONG Attributes, BOOLEAN HasFile)
{
    ULONG Code = MiMakeProtection(Protect & ~(ULONG)(PAGE_NOCACHE | PAGE_WRITECOMBINE));
    ULONG Known = SEC_COMMIT | SEC_RESERVE | SEC_IMAGE | SEC_IMAGE_NO_EXECUTE | SEC_NOCACHE | SEC_WRITECOMBINE |
                  SEC_FILE | SEC_LARGE_PAGES | SEC_BASED_BIT | SEC_NO_CHANGE_BIT;

    if (Code == MI_BAD_PROTECTION || Code == MM_NOACCESS || MiIsGuarded(Code))
        return STATUS_INVALID_PAGE_PROTECTION;
    if ((Attributes & ~Known) || !(Attributes & (SEC_COMMIT | SEC_RESERVE | SEC_IMAGE)))
        return STATUS_INVALID_PARAMETER_6;
    if ((Attributes & SEC_COMMIT) && (Attributes & (SEC_RESERVE | SEC_IMAGE)))
        return STATUS_INVALID_PARAMETER_6;
    if ((Attributes & SEC_IMAGE) && !HasFile)
        return STATUS_INVALID_FILE_FOR_SECTION;
    return Attributes & (SEC_LARGE_PAGES | SEC_BASED_BIT) ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

/* Memory that no file stands behind. */
static NTSTATUS MiCreatePageFileSegment(ULONG64 Size, ULONG Attributes, PMM_SEGMENT *Segment)
{
    ULONG64 Pages = BYTES_TO_PAGES(Size);
    NTSTATUS Status;

    if (Size == 0)
        return STATUS_INVALID_PARAMETER_4;
    Status = MmCreateSegment(Size, Segment);
    if (!NT_SUCCESS(Status))
        return Status;
    (*Segment)->Flags = MI_SEGMENT_PAGEFILE;
    if (Attributes & SEC_RESERVE) {
        (*Segment)->Flags |= MI_SEGMENT_RESERVE;
        return STATUS_SUCCESS;
    }
    if (!MiChargeCommit(Pages)) {
        MmDereferenceSegment(*Segment);
        return STATUS_COMMITMENT_LIMIT;
    }
    (*Segment)->Charge = Pages;
    return STATUS_SUCCESS;
}

/* Size 0: as long as the file.  A writable section makes the file longer if need be. */
static NTSTATUS MiCreateDataSegment(PFILE_OBJECT File, ULONG64 *Size, ULONG Protect, PMM_SEGMENT *Segment)
{
    NTSTATUS Status = IoGetFileSegment(File, Segment);

    if (!NT_SUCCESS(Status))
        return Status;
    if (*Size == 0)
        *Size = MmGetSegmentSize(*Segment);
    if (*Size == 0)
        Status = STATUS_MAPPED_FILE_SIZE_ZERO;
    else if (*Size > MmGetSegmentSize(*Segment))
        Status = MiIsWritable(MiMakeProtection(Protect)) ? MmSetSegmentSize(*Segment, *Size) : STATUS_SECTION_TOO_BIG;
    if (!NT_SUCCESS(Status))
        MmDereferenceSegment(*Segment);
    return Status;
}

static NTSTATUS MiCreateFileImage(PFILE_OBJECT File, PMM_SEGMENT *Segment)
{
    PMM_SEGMENT Data;
    NTSTATUS Status = IoGetFileSegment(File, &Data);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiCreateImageSegment(Data, Segment);
    MmDereferenceSegment(Data);
    return Status;
}

static NTSTATUS MiCreateSegmentFor(PFILE_OBJECT File, ULONG64 *Size, ULONG Protect, ULONG Attributes,
        PMM_SEGMENT *Segment)
{
    NTSTATUS Status;

    if (Attributes & SEC_IMAGE) {
        Status = MiCreateFileImage(File, Segment);
        if (!NT_SUCCESS(Status))
            return Status;
        if (*Size > (*Segment)->Size) {
            MmDereferenceSegment(*Segment);
            return STATUS_SECTION_TOO_BIG;
        }
        if (*Size == 0)
            *Size = (*Segment)->Size;
        return STATUS_SUCCESS;
    }
    if (File == NULL)
        return MiCreatePageFileSegment(*Size, Attributes, Segment);
    return MiCreateDataSegment(File, Size, Protect, Segment);
}

/* An object around Segment (its reference is consumed).  Mode and Attributes: see ObCreateObject. */
static NTSTATUS MiCreateSectionObject(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES ObjectAttributes, PMM_SEGMENT Segment,
        PFILE_OBJECT File, ULONG64 Size, ULONG Protect, ULONG Attributes, PSECTION *Section)
{
    NTSTATUS Status = ObCreateObject(Mode, MmSectionObjectType, ObjectAttributes, Mode, NULL, sizeof(SECTION), 0, 0,
                                     (PVOID *)Section);

    if (!NT_SUCCESS(Status)) {
        MmDereferenceSegment(Segment);
        return Status;
    }
    if (File != NULL)
        ObReferenceObject(File);
    **Section = (SECTION){.Segment = Segment, .File = File, .Size = Size, .Protect = Protect & 0xFF,
                          .Attributes = File == NULL ? Attributes : (Attributes & ~(ULONG)(SEC_COMMIT | SEC_RESERVE)) | SEC_FILE};
    return STATUS_SUCCESS;
}

NTSTATUS MmCreateSection(PSECTION *Section, PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection,
        ULONG AllocationAttributes, PFILE_OBJECT File)
{
    ULONG64 Size = MaximumSize == NULL ? 0 : (ULONG64)MaximumSize->QuadPart;
    PMM_SEGMENT Segment;
    NTSTATUS Status = MiCheckSectionArguments(SectionPageProtection, AllocationAttributes, File != NULL);

    *Section = NULL;
    if (NT_SUCCESS(Status))
        Status = MiCreateSegmentFor(File, &Size, SectionPageProtection, AllocationAttributes, &Segment);
    if (!NT_SUCCESS(Status))
        return Status;
    return MiCreateSectionObject(KernelMode, NULL, Segment, File, Size, SectionPageProtection, AllocationAttributes,
                                 Section);
}

/* The access to the file that a section of Protect needs.  An image that is only to be read is read. */
static ACCESS_MASK MiFileAccess(ULONG Protect, ULONG Attributes)
{
    ULONG Code = MiMakeProtection(Protect & 0xFF);

    if (Attributes & SEC_IMAGE && MiIsExecutable(Code))
        return FILE_EXECUTE;
    return FILE_READ_DATA | (MiIsWritable(Code) ? FILE_WRITE_DATA : 0) | (MiIsExecutable(Code) ? FILE_EXECUTE : 0);
}

static NTSTATUS MiCreateSectionHandle(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection,
        ULONG AllocationAttributes, HANDLE FileHandle, PHANDLE Handle)
{
    PFILE_OBJECT File = NULL;
    LARGE_INTEGER Maximum = {.QuadPart = 0};
    PMM_SEGMENT Segment = NULL;
    PSECTION Section;
    ULONG64 Size;
    NTSTATUS Status;

    Status = MiCheckSectionArguments(SectionPageProtection, AllocationAttributes, FileHandle != NULL);
    if (NT_SUCCESS(Status) && MaximumSize != NULL)
        Status = MmGetUser(&Maximum, MaximumSize);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(SectionHandle, sizeof(HANDLE), 1);
    if (NT_SUCCESS(Status) && FileHandle != NULL)
        Status = ObReferenceObjectByHandle(FileHandle, MiFileAccess(SectionPageProtection, AllocationAttributes),
                                           IoFileObjectType, UserMode, (PVOID *)&File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Size = (ULONG64)Maximum.QuadPart;
    Status = MiCreateSegmentFor(File, &Size, SectionPageProtection, AllocationAttributes, &Segment);
    if (NT_SUCCESS(Status))
        Status = MiCreateSectionObject(UserMode, ObjectAttributes, Segment, File, Size, SectionPageProtection,
                                       AllocationAttributes, &Section);
    if (File != NULL)
        ObDereferenceObject(File);
    return NT_SUCCESS(Status) ? ObInsertObject(Section, NULL, DesiredAccess, 0, NULL, Handle) : Status;
}

NTSTATUS NTAPI NtCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle)
{
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = MiCreateSectionHandle(SectionHandle, DesiredAccess, ObjectAttributes, MaximumSize, SectionPageProtection,
                                   AllocationAttributes, FileHandle, &Handle);
    return ObReturnHandle(Status, Handle, SectionHandle);
}

/* One node, and no sections of physical pages: neither may ask for anything. */
static NTSTATUS MiCheckSectionParameters(MEM_EXTENDED_PARAMETER *User, ULONG Count)
{
    ULONG Seen = 0;

    if (Count >= MemSectionExtendedParameterMax || (Count != 0 && User == NULL))
        return STATUS_INVALID_PARAMETER;
    for (ULONG Index = 0; Index < Count; Index++) {
        MEM_EXTENDED_PARAMETER Parameter;
        NTSTATUS Status = MmCopyFromUser(&Parameter, &User[Index], sizeof(Parameter));

        if (!NT_SUCCESS(Status))
            return Status;
        if (Parameter.Type == MemSectionExtendedParameterInvalidType || Parameter.Type >= MemSectionExtendedParameterMax ||
            Parameter.Reserved != 0 || (Seen & 1u << Parameter.Type))
            return STATUS_INVALID_PARAMETER;
        Seen |= 1u << Parameter.Type;
        if (Parameter.ULong64 == 0)
            continue;
        if (Parameter.Type == MemSectionExtendedParameterNumaNode)
            return STATUS_INVALID_PARAMETER;
        LogPrint("a section of physical pages is not implemented");
        return STATUS_NOT_IMPLEMENTED;
    }
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtCreateSectionEx(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PLARGE_INTEGER MaximumSize, ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle,
        MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ExtendedParameterCount)
{
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = MiCheckSectionParameters(ExtendedParameters, ExtendedParameterCount);
    if (NT_SUCCESS(Status))
        Status = MiCreateSectionHandle(SectionHandle, DesiredAccess, ObjectAttributes, MaximumSize, SectionPageProtection,
                                       AllocationAttributes, FileHandle, &Handle);
    return ObReturnHandle(Status, Handle, SectionHandle);
}

NTSTATUS NTAPI NtOpenSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(MmSectionObjectType, SectionHandle, DesiredAccess, ObjectAttributes);
}

/* ------------------------------------------------------------------ questions */

NTSTATUS MmGetSectionImageInformation(PSECTION Section, PSECTION_IMAGE_INFORMATION Information)
{
    if (!(Section->Segment->Flags & MI_SEGMENT_IMAGE))
        return STATUS_INVALID_PARAMETER;
    *Information = Section->Segment->Information;
    return STATUS_SUCCESS;
}

ULONG64 MmGetSectionImageBase(PSECTION Section)
{
    return Section->Segment->ImageBase;
}

PFILE_OBJECT MmGetSectionFile(PSECTION Section)
{
    return Section->File;
}

static NTSTATUS MiQuerySection(PSECTION Section, ULONG Class, PVOID Buffer, SIZE_T Length, PSIZE_T Returned)
{
    union {
        SECTION_BASIC_INFORMATION Basic;
        SECTION_IMAGE_INFORMATION Image;
        PVOID Delta;
    } Result;
    SIZE_T Size;

    if (Class > SectionRelocationInformation)
        return STATUS_INVALID_INFO_CLASS;
    Size = Class == SectionBasicInformation   ? sizeof(Result.Basic)
           : Class == SectionImageInformation ? sizeof(Result.Image)
                                              : sizeof(Result.Delta);
    if (Length < Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Class != SectionBasicInformation && !(Section->Segment->Flags & MI_SEGMENT_IMAGE))
        return STATUS_SECTION_NOT_IMAGE;
    memset(&Result, 0, sizeof(Result)); /* what lies between the fields, too */
    if (Class == SectionBasicInformation) {
        Result.Basic.AllocationAttributes = Section->Attributes;
        Result.Basic.MaximumSize.QuadPart = (LONGLONG)Section->Size;
    } else if (Class == SectionImageInformation) {
        Result.Image = Section->Segment->Information;
    }
    *Returned = Size;
    return MmCopyToUser(Buffer, &Result, Size);
}

NTSTATUS NTAPI NtQuerySection(HANDLE SectionHandle, SECTION_INFORMATION_CLASS SectionInformationClass,
        PVOID SectionInformation, SIZE_T SectionInformationLength, PSIZE_T ReturnLength)
{
    SIZE_T Returned = 0;
    PSECTION Section;
    NTSTATUS Status;

    Status = MmProbeAnswer(SectionInformation, SectionInformationLength, ReturnLength, sizeof(*ReturnLength));
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(SectionHandle, SECTION_QUERY, MmSectionObjectType, UserMode, (PVOID *)&Section,
                                       NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiQuerySection(Section, SectionInformationClass, SectionInformation, SectionInformationLength, &Returned);
    ObDereferenceObject(Section);
    if (NT_SUCCESS(Status) && ReturnLength != NULL)
        Status = MmCopyToUser(ReturnLength, &Returned, sizeof(Returned));
    return Status;
}

/* Only sections of data files grow; the file grows with them. */
NTSTATUS NTAPI NtExtendSection(HANDLE SectionHandle, PLARGE_INTEGER NewSectionSize)
{
    LARGE_INTEGER Size;
    PSECTION Section;
    NTSTATUS Status;

    Status = MmProbeForWrite(NewSectionSize, sizeof(*NewSectionSize), 1);
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Size, NewSectionSize);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(SectionHandle, SECTION_EXTEND_SIZE, MmSectionObjectType, UserMode,
                                           (PVOID *)&Section, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Section->File == NULL || (Section->Attributes & SEC_IMAGE)) {
        Status = STATUS_SECTION_NOT_EXTENDED;
    } else if ((ULONG64)Size.QuadPart > Section->Size) {
        if ((ULONG64)Size.QuadPart > MmGetSegmentSize(Section->Segment))
            Status = MmSetSegmentSize(Section->Segment, (ULONG64)Size.QuadPart);
        if (NT_SUCCESS(Status))
            Section->Size = (ULONG64)Size.QuadPart;
    }
    Size.QuadPart = (LONGLONG)Section->Size;
    ObDereferenceObject(Section);
    return NT_SUCCESS(Status) ? MmCopyToUser(NewSectionSize, &Size, sizeof(Size)) : Status;
}
