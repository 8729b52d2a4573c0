/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Image segments: a PE file as it lies in memory, page by page.  Pages that lie whole and aligned in the file are the
 * file's own unless somebody may write the file; others are put together once.  All processes share them, and copy on
 * write.  Pages with no file content stay holes: zeros.  Relocation is ntdll's.
 *
 * No program can change the image that others run: while it is mapped, the file system refuses opens that write the file.
 *
 * A file has at most one image segment at a time.  The ones used last are kept when nobody maps them any more
 * (MiKept), until the file is to be written or memory is wanted for another.  Nothing here waits.
 */
#include "ntos/mm/mip.h"
#include "ntos/inc/ldr.h"

#define MI_KEPT_IMAGES 64

static PMM_SEGMENT MiKept[MI_KEPT_IMAGES];
static ULONG MiNextKept;

/* LDR_READ on a data segment. */
static NTSTATUS MiReadFile(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
    PMM_SEGMENT File = Context;
    SIZE_T Copied;

    if (Offset > File->Size || Length > File->Size - Offset)
        return STATUS_END_OF_FILE;
    return MmReadSegment(File, Offset, Buffer, Length, KernelMode, &Copied);
}

PMI_SUBSECTION MiFindSubsection(PMM_SEGMENT Image, ULONG64 Page)
{
    PMI_SUBSECTION Subsection = Image->Subsection;
    ULONG Index;

    for (Index = 0; Index < Image->SubsectionCount; Index++, Subsection++) {
        if (Page >= Subsection->StartPage && Page < Subsection->EndPage)
            return Subsection;
    }
    return NULL;
}

static UCHAR MiImageProtection(ULONG Characteristics)
{
    BOOLEAN Shared = (Characteristics & IMAGE_SCN_MEM_SHARED) != 0;

    if (Characteristics & IMAGE_SCN_MEM_EXECUTE) {
        if (Characteristics & IMAGE_SCN_MEM_WRITE)
            return Shared ? MM_EXECUTE_READWRITE : MM_EXECUTE_WRITECOPY;
        return Characteristics & IMAGE_SCN_MEM_READ ? MM_EXECUTE_READ : MM_EXECUTE;
    }
    if (Characteristics & IMAGE_SCN_MEM_WRITE)
        return Shared ? MM_READWRITE : MM_WRITECOPY;
    return Characteristics & IMAGE_SCN_MEM_READ ? MM_READONLY : MM_NOACCESS;
}

/* Page Index of the image comes from [Offset, + Bytes) of the file, the rest of it is zero. */
static NTSTATUS MiFillImagePage(PMM_SEGMENT Image, ULONG64 Index, ULONG64 Offset, ULONG64 Bytes)
{
    PMM_SEGMENT File = Image->File;
    ULONG64 *Entry;
    SIZE_T Copied;
    NTSTATUS Status;
    MI_PAGE Page;

    /* The file's last page is zero past the end, so that a short end is whole too. */
    if (File->Writers == 0 && Offset % PAGE_SIZE == 0 && (Bytes >= PAGE_SIZE || Offset + Bytes >= File->Size)) {
        Page = MiSegmentPage(File, Offset >> PAGE_SHIFT, TRUE, &Status);
        if (Page == 0)
            return Status;
        Entry = MiSegmentEntry(Image, Index, TRUE);
        if (Entry == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        *Entry = Page << PAGE_SHIFT | MI_SEGPTE_BORROWED;
        Image->ResidentPages++;
        return STATUS_SUCCESS;
    }
    Page = Bytes < PAGE_SIZE ? MiSegmentPage(Image, Index, TRUE, &Status) : MiSegmentPageToFill(Image, Index, &Status);
    if (Page == 0)
        return Status;
    return MmReadSegment(File, Offset, MiPageAddress(Page), Bytes < PAGE_SIZE ? Bytes : PAGE_SIZE, KernelMode, &Copied);
}

/* [Rva, + Bytes) comes from Offset of the file. */
static NTSTATUS MiFillImageRange(PMM_SEGMENT Image, ULONG64 Rva, ULONG64 Offset, ULONG64 Bytes)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG64 Done;

    if (Bytes > Image->File->Size - Offset)
        Bytes = Image->File->Size - Offset;
    for (Done = 0; NT_SUCCESS(Status) && Done < Bytes; Done += PAGE_SIZE)
        Status = MiFillImagePage(Image, (Rva + Done) >> PAGE_SHIFT, Offset + Done, Bytes - Done);
    return Status;
}

static VOID MiAddSubsection(PMM_SEGMENT Image, ULONG64 Rva, ULONG64 Bytes, UCHAR Protect, BOOLEAN Shared)
{
    Image->Subsection[Image->SubsectionCount++] = (MI_SUBSECTION){
        .StartPage = (ULONG)(Rva >> PAGE_SHIFT),
        .EndPage = (ULONG)(MiRoundUp(Rva + Bytes, PAGE_SIZE) >> PAGE_SHIFT),
        .Protect = Protect,
        .Shared = Shared,
    };
}

static NTSTATUS MiBuildImage(PMM_SEGMENT Image, const LDR_IMAGE *Layout)
{
    NTSTATUS Status;
    ULONG Index;

    Image->Subsection = ExAllocatePoolZero(PagedPool, (Layout->NumberOfSections + 1) * sizeof(MI_SUBSECTION), 'bSmM');
    if (Image->Subsection == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Layout->Flat) {
        MiAddSubsection(Image, 0, Layout->SizeOfImage, MM_EXECUTE_WRITECOPY, FALSE);
        return MiFillImageRange(Image, 0, 0, Layout->SizeOfImage);
    }
    MiAddSubsection(Image, 0, Layout->SizeOfHeaders, MM_READONLY, FALSE);
    Status = MiFillImageRange(Image, 0, 0, Layout->SizeOfHeaders);
    for (Index = 0; NT_SUCCESS(Status) && Index < Layout->NumberOfSections; Index++) {
        const LDR_IMAGE_SECTION *Section = &Layout->Section[Index];

        MiAddSubsection(Image, Section->VirtualAddress, Section->VirtualSize,
                        MiImageProtection(Section->Characteristics),
                        (Section->Characteristics & IMAGE_SCN_MEM_SHARED) != 0);
        Status = MiFillImageRange(Image, Section->VirtualAddress, Section->FileOffset, Section->FileSize);
    }
    return Status;
}

static VOID MiKeepImage(PMM_SEGMENT Image)
{
    PMM_SEGMENT Old = MiKept[MiNextKept];

    MmReferenceSegment(Image);
    Image->Kept = TRUE;
    MiKept[MiNextKept] = Image;
    MiNextKept = (MiNextKept + 1) % MI_KEPT_IMAGES;
    if (Old != NULL) {
        Old->Kept = FALSE;
        MmDereferenceSegment(Old);
    }
}

VOID MiForgetImage(PMM_SEGMENT Image)
{
    ULONG Index;

    for (Index = 0; Image->Kept && Index < MI_KEPT_IMAGES; Index++) {
        if (MiKept[Index] != Image)
            continue;
        MiKept[Index] = NULL;
        Image->Kept = FALSE;
        MmDereferenceSegment(Image);
        return;
    }
}

NTSTATUS MiCreateImageSegment(PMM_SEGMENT File, PMM_SEGMENT *Image)
{
    PLDR_IMAGE Layout;
    PMM_SEGMENT New;
    NTSTATUS Status;

    if (File->Image != NULL) {
        MmReferenceSegment(File->Image);
        *Image = File->Image;
        return STATUS_SUCCESS;
    }
    *Image = NULL;
    Layout = ExAllocatePoolWithTag(PagedPool, sizeof(*Layout), 'mImM');
    if (Layout == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = LdrCheckImage(MiReadFile, File, File->Size, Layout);
    if (NT_SUCCESS(Status))
        Status = MmCreateSegment(Layout->SizeOfImage, &New);
    if (NT_SUCCESS(Status)) {
        New->Flags = MI_SEGMENT_IMAGE;
        New->File = File;
        MmReferenceSegment(File);
        New->Information = Layout->Information;
        New->ImageBase = Layout->ImageBase;
        Status = MiBuildImage(New, Layout);
        if (NT_SUCCESS(Status)) {
            File->Image = New;
            if (File->Writers == 0)
                MiKeepImage(New);
            *Image = New;
        } else {
            MmDereferenceSegment(New);
        }
    }
    ExFreePool(Layout);
    return Status;
}
