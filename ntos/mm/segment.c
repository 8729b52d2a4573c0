/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Segments: the pages of a file, or of a section that has no file.  A segment is a sparse array of page numbers in
 * chunks of 512; what is not there reads as zeros.  File reads, file writes and views use the same pages.
 *
 * Invariant: bytes of the last page past the size are zero, unless a view wrote there.  A page belongs to one
 * segment; image segments borrow pages of their file's.  Each page is charged when it is made, a page-file backed
 * segment whole at its creation. Pages of the boot archive are used where they lie.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_MAX_SEGMENT_SIZE (1ull << 40)

static ULONG64 MiChunksFor(ULONG64 Size)
{
    return (BYTES_TO_PAGES(Size) + MI_SEGMENT_CHUNK - 1) / MI_SEGMENT_CHUNK;
}

static BOOLEAN MiGrowChunks(PMM_SEGMENT Segment, ULONG64 Wanted)
{
    ULONG64 Count = Segment->Chunks == 0 ? 1 : Segment->Chunks;
    ULONG64 **Chunk;

    while (Count < Wanted)
        Count *= 2;
    Chunk = ExAllocatePoolZero(PagedPool, Count * sizeof(*Chunk), 'gSmM');
    if (Chunk == NULL)
        return FALSE;
    if (Segment->Chunk != NULL) {
        memcpy(Chunk, Segment->Chunk, Segment->Chunks * sizeof(*Chunk));
        ExFreePool(Segment->Chunk);
    }
    Segment->Chunk = Chunk;
    Segment->Chunks = (ULONG)Count;
    return TRUE;
}

ULONG64 *MiSegmentEntry(PMM_SEGMENT Segment, ULONG64 Index, BOOLEAN Create)
{
    ULONG64 Chunk = Index / MI_SEGMENT_CHUNK;

    if (Chunk >= Segment->Chunks && (!Create || !MiGrowChunks(Segment, Chunk + 1)))
        return NULL;
    if (Segment->Chunk[Chunk] == NULL) {
        if (!Create)
            return NULL;
        Segment->Chunk[Chunk] = MiAllocateReserved(MI_SEGMENT_CHUNK * sizeof(ULONG64), 'cSmM');
        if (Segment->Chunk[Chunk] == NULL)
            return NULL;
    }
    return &Segment->Chunk[Chunk][Index % MI_SEGMENT_CHUNK];
}

/* A page for *Entry, which has none. */
static MI_PAGE MiMakeSegmentPage(PMM_SEGMENT Segment, ULONG64 *Entry, BOOLEAN Zero, NTSTATUS *Status)
{
    BOOLEAN Charged = (Segment->Flags & MI_SEGMENT_PAGEFILE) != 0;
    MI_PAGE Page;

    if (!Charged && !MiChargeCommit(1)) {
        *Status = STATUS_COMMITMENT_LIMIT;
        return 0;
    }
    Page = MiAllocatePage(MiPfnSegment, Zero);
    if (Page == 0) {
        if (!Charged)
            MiReturnCommit(1);
        *Status = STATUS_NO_MEMORY;
        return 0;
    }
    Segment->Charge += Charged ? 0 : 1;
    Segment->ResidentPages++;
    *Entry = Page << PAGE_SHIFT | (*Entry & MI_SEGPTE_COMMIT);
    *Status = STATUS_SUCCESS;
    return Page;
}

MI_PAGE MiSegmentPage(PMM_SEGMENT Segment, ULONG64 Index, BOOLEAN Create, NTSTATUS *Status)
{
    ULONG64 *Entry = MiSegmentEntry(Segment, Index, Create);

    *Status = STATUS_SUCCESS;
    if (Entry != NULL && MI_PTE_PAGE(*Entry) != 0) {
        if (*Entry & MI_SEGPTE_ARCHIVE) {
            if (MiImagePage((PVOID)(MiImageBase + ((MI_PTE_PAGE(*Entry) - MiImageFirstPage) << PAGE_SHIFT))) == 0) {
                *Status = STATUS_NO_MEMORY;
                return 0;
            }
            *Entry &= ~MI_SEGPTE_ARCHIVE;
        }
        return MI_PTE_PAGE(*Entry);
    }
    if (!Create)
        return 0;
    if (Entry == NULL) {
        *Status = STATUS_NO_MEMORY;
        return 0;
    }
    return MiMakeSegmentPage(Segment, Entry, TRUE, Status);
}

MI_PAGE MiSegmentPageToFill(PMM_SEGMENT Segment, ULONG64 Index, NTSTATUS *Status)
{
    ULONG64 *Entry = MiSegmentEntry(Segment, Index, TRUE);

    if (Entry != NULL && MI_PTE_PAGE(*Entry) == 0)
        return MiMakeSegmentPage(Segment, Entry, FALSE, Status);
    return MiSegmentPage(Segment, Index, TRUE, Status);
}

static VOID MiFreeSegmentEntry(PMM_SEGMENT Segment, ULONG64 *Entry)
{
    MI_PAGE Page = MI_PTE_PAGE(*Entry);
    ULONG64 Flags = *Entry;

    *Entry = 0;
    if (Page == 0)
        return;
    Segment->ResidentPages--;
    if (Flags & MI_SEGPTE_BORROWED)
        return;
    if (Flags & MI_SEGPTE_ARCHIVE)
        Page = MiImagePage((PVOID)(MiImageBase + ((Page - MiImageFirstPage) << PAGE_SHIFT)));
    if (Page == 0)
        return;
    if (MiPfn(Page)->State == MiPfnSegment && !(Segment->Flags & MI_SEGMENT_PAGEFILE)) {
        MiReturnCommit(1);
        Segment->Charge--;
    }
    MiFreePage(Page);
}

/* Frees the pages from Index on. */
static VOID MiTruncate(PMM_SEGMENT Segment, ULONG64 Index)
{
    ULONG64 Chunk, First;

    for (Chunk = Index / MI_SEGMENT_CHUNK; Chunk < Segment->Chunks; Chunk++) {
        if (Segment->Chunk[Chunk] == NULL)
            continue;
        First = Chunk == Index / MI_SEGMENT_CHUNK ? Index % MI_SEGMENT_CHUNK : 0;
        for (; First < MI_SEGMENT_CHUNK; First++) {
            if (Segment->Chunk[Chunk][First] != 0)
                MiFreeSegmentEntry(Segment, &Segment->Chunk[Chunk][First]);
        }
        if (Chunk * MI_SEGMENT_CHUNK >= Index) {
            ExFreePool(Segment->Chunk[Chunk]);
            Segment->Chunk[Chunk] = NULL;
        }
    }
}

NTSTATUS MmCreateSegment(ULONG64 Size, PMM_SEGMENT *Segment)
{
    PMM_SEGMENT New;

    *Segment = NULL;
    if (Size > MI_MAX_SEGMENT_SIZE)
        return STATUS_SECTION_TOO_BIG;
    New = ExAllocatePoolZero(PagedPool, sizeof(*New), 'eSmM');
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    New->References = 1;
    New->Size = Size;
    *Segment = New;
    return STATUS_SUCCESS;
}

NTSTATUS MmCreateSegmentFromImage(PVOID Data, ULONG64 Size, PMM_SEGMENT *Segment)
{
    ULONG64 Pages = BYTES_TO_PAGES(Size), Index;
    ULONG64 First = ((ULONG64)Data - MiImageBase) >> PAGE_SHIFT;
    NTSTATUS Status;

    *Segment = NULL;
    if (((ULONG64)Data & (PAGE_SIZE - 1)) != 0 || First >= MiImagePages || Pages > MiImagePages - First)
        return STATUS_INVALID_PARAMETER;
    Status = MmCreateSegment(Size, Segment);
    for (Index = 0; NT_SUCCESS(Status) && Index < Pages; Index++) {
        ULONG64 *Entry = MiSegmentEntry(*Segment, Index, TRUE);

        if (Entry == NULL) {
            MmDereferenceSegment(*Segment);
            *Segment = NULL;
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        *Entry = (MiImageFirstPage + First + Index) << PAGE_SHIFT | MI_SEGPTE_ARCHIVE;
        (*Segment)->ResidentPages++;
    }
    return Status;
}

VOID MmReferenceSegment(PMM_SEGMENT Segment)
{
    Segment->References++;
}

VOID MmDereferenceSegment(PMM_SEGMENT Segment)
{
    if (--Segment->References != 0)
        return;
    MiTruncate(Segment, 0);
    if (Segment->Flags & MI_SEGMENT_PAGEFILE)
        MiReturnCommit(Segment->Charge);
    if (Segment->File != NULL) {
        Segment->File->Image = NULL;
        MmDereferenceSegment(Segment->File);
    }
    if (Segment->Chunk != NULL)
        ExFreePool(Segment->Chunk);
    if (Segment->Subsection != NULL)
        ExFreePool(Segment->Subsection);
    ExFreePool(Segment);
}

VOID MmCountSegmentWriters(PMM_SEGMENT Segment, LONG Step)
{
    Segment->Writers += Step;
}

ULONG64 MmGetSegmentSize(PMM_SEGMENT Segment)
{
    return Segment->Size;
}

ULONG64 MmGetSegmentAllocation(PMM_SEGMENT Segment)
{
    return Segment->ResidentPages << PAGE_SHIFT;
}

BOOLEAN MmFlushImageSegment(PMM_SEGMENT Segment)
{
    if (Segment->ImageViews != 0)
        return FALSE;
    if (Segment->Image != NULL)
        MiForgetImage(Segment->Image);
    return Segment->Image == NULL;
}

NTSTATUS MmSetSegmentSize(PMM_SEGMENT Segment, ULONG64 Size)
{
    MI_PAGE Page;
    NTSTATUS Status;

    if (Size > MI_MAX_SEGMENT_SIZE)
        return STATUS_SECTION_TOO_BIG;
    if (Size < Segment->Size) {
        if (Segment->Views != 0 || !MmFlushImageSegment(Segment))
            return STATUS_USER_MAPPED_FILE;
        MiTruncate(Segment, BYTES_TO_PAGES(Size));
        if (Size & (PAGE_SIZE - 1)) {
            Page = MiSegmentPage(Segment, Size >> PAGE_SHIFT, FALSE, &Status);
            if (Page != 0)
                memset((PUCHAR)MiPageAddress(Page) + (Size & (PAGE_SIZE - 1)), 0,
                       PAGE_SIZE - (Size & (PAGE_SIZE - 1)));
        }
    } else if (MiChunksFor(Size) > Segment->Chunks && !MiGrowChunks(Segment, MiChunksFor(Size))) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Segment->Size = Size;
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ copies */

static NTSTATUS MiCopyOut(PVOID To, const VOID *From, SIZE_T Length, KPROCESSOR_MODE Mode)
{
    if (Mode == UserMode)
        return From == NULL ? MmZeroUser(To, Length) : MmCopyToUser(To, From, Length);
    if (From == NULL)
        memset(To, 0, Length);
    else
        memcpy(To, From, Length);
    return STATUS_SUCCESS;
}

NTSTATUS MmReadSegment(PMM_SEGMENT Segment, ULONG64 Offset, PVOID Memory, SIZE_T Length, KPROCESSOR_MODE Mode,
        PSIZE_T Copied)
{
    PUCHAR To = Memory;
    NTSTATUS Status = STATUS_SUCCESS;

    *Copied = 0;
    while (Length != 0) {
        SIZE_T InPage = Offset & (PAGE_SIZE - 1);
        SIZE_T Part = Length < PAGE_SIZE - InPage ? Length : PAGE_SIZE - InPage;
        MI_PAGE Page = MiSegmentPage(Segment, Offset >> PAGE_SHIFT, FALSE, &Status);

        if (NT_SUCCESS(Status))
            Status = MiCopyOut(To, Page == 0 ? NULL : (PUCHAR)MiPageAddress(Page) + InPage, Part, Mode);
        if (!NT_SUCCESS(Status))
            return Status;
        To += Part;
        Offset += Part;
        Length -= Part;
        *Copied += Part;
    }
    return STATUS_SUCCESS;
}

NTSTATUS MmWriteSegment(PMM_SEGMENT Segment, ULONG64 Offset, const VOID *Memory, SIZE_T Length, KPROCESSOR_MODE Mode,
        PSIZE_T Copied)
{
    const UCHAR *From = Memory;
    NTSTATUS Status = STATUS_SUCCESS;

    *Copied = 0;
    while (Length != 0) {
        SIZE_T InPage = Offset & (PAGE_SIZE - 1);
        SIZE_T Part = Length < PAGE_SIZE - InPage ? Length : PAGE_SIZE - InPage;
        MI_PAGE Page = MiSegmentPage(Segment, Offset >> PAGE_SHIFT, TRUE, &Status);
        PUCHAR To;

        if (Page == 0)
            return Status;
        To = (PUCHAR)MiPageAddress(Page) + InPage;
        if (Mode == UserMode)
            Status = MmCopyFromUser(To, From, Part);
        else
            memcpy(To, From, Part);
        if (!NT_SUCCESS(Status))
            return Status;
        From += Part;
        Offset += Part;
        Length -= Part;
        *Copied += Part;
    }
    return STATUS_SUCCESS;
}

/* The first page from Index on, below End, that is there; End if there is none. */
static ULONG64 MiNextPage(PMM_SEGMENT Segment, ULONG64 Index, ULONG64 End)
{
    while (Index < End) {
        ULONG64 *Entry = MiSegmentEntry(Segment, Index, FALSE);

        if (Entry == NULL)
            Index = (Index / MI_SEGMENT_CHUNK + 1) * MI_SEGMENT_CHUNK;
        else if (MI_PTE_PAGE(*Entry) == 0)
            Index++;
        else
            return Index;
    }
    return End;
}

NTSTATUS MmZeroSegment(PMM_SEGMENT Segment, ULONG64 Offset, ULONG64 Length)
{
    ULONG64 End = Offset + Length, LastPage = BYTES_TO_PAGES(End);
    BOOLEAN MayFree = Segment->Views == 0 && MmFlushImageSegment(Segment);
    ULONG64 Index = MiNextPage(Segment, Offset >> PAGE_SHIFT, LastPage);

    for (; Index < LastPage; Index = MiNextPage(Segment, Index + 1, LastPage)) {
        ULONG64 First = Index << PAGE_SHIFT < Offset ? Offset : Index << PAGE_SHIFT;
        ULONG64 Last = (Index + 1) << PAGE_SHIFT > End ? End : (Index + 1) << PAGE_SHIFT;
        NTSTATUS Status;
        MI_PAGE Page;

        if (MayFree && Last - First == PAGE_SIZE) {
            MiFreeSegmentEntry(Segment, MiSegmentEntry(Segment, Index, FALSE));
            continue;
        }
        Page = MiSegmentPage(Segment, Index, FALSE, &Status);
        if (!NT_SUCCESS(Status))
            return Status;
        memset((PUCHAR)MiPageAddress(Page) + (First & (PAGE_SIZE - 1)), 0, Last - First);
    }
    return STATUS_SUCCESS;
}

BOOLEAN MmNextSegmentRange(PMM_SEGMENT Segment, ULONG64 Offset, ULONG64 End, PULONG64 First, PULONG64 Last)
{
    ULONG64 LastPage = BYTES_TO_PAGES(End);
    ULONG64 Index = MiNextPage(Segment, Offset >> PAGE_SHIFT, LastPage);

    if (Offset >= End || Index >= LastPage)
        return FALSE;
    *First = Index << PAGE_SHIFT;
    while (Index < LastPage && MiNextPage(Segment, Index, LastPage) == Index)
        Index++;
    *Last = Index << PAGE_SHIFT;
    return TRUE;
}
