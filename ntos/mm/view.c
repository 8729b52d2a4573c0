/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Views: sections mapped into processes, and into ntos; device memory mapped into driver hosts.  A view is a range of
 * the process that holds a reference to the section and its segment; its pages come by faults.  Nothing here waits.
 */
#include "ntos/mm/services.h"
#include "ntos/inc/dbgk.h"

#define MI_USER_END ((ULONG64)MM_HIGHEST_USER_ADDRESS + 1)

static const MI_PLACE MiEverywhere = MI_EVERYWHERE;

BOOLEAN MiIsProtectionCompatible(ULONG SectionProtect, ULONG ViewProtect)
{
    ULONG Have = MiMakeProtection(SectionProtect & 0xFF), Want = MiMakeProtection(ViewProtect & 0xFF);
    BOOLEAN Execute, Write;

    if (Have == MI_BAD_PROTECTION || Want == MI_BAD_PROTECTION)
        return FALSE;
    if (Want == MM_NOACCESS)
        return TRUE;
    Execute = !MiIsExecutable(Want) || MiIsExecutable(Have);
    Write = !MiIsWritable(Want) || MiIsWritable(Have);
    return Execute && Write;
}

/* ------------------------------------------------------------------ views in processes */

/* Where an image goes: the wish, else its own base, else anywhere.  0 = nowhere. */
static ULONG64 MiPlaceImage(PMM_SPACE Space, PSECTION Section, ULONG64 Wish, const MI_PLACE *Place, ULONG64 Size,
        NTSTATUS *Status)
{
    ULONG64 Alignment = MiPlaceAlignment(Place);
    ULONG64 Lowest = Place->Lowest > 1ull << 32 || Place->Highest < 1ull << 33 ? Place->Lowest : 1ull << 32;
    ULONG64 Base = Wish != 0 ? MiRoundDown(Wish, MM_ALLOCATION_GRANULARITY) : Section->Segment->ImageBase;

    *Status = STATUS_SUCCESS;
    if (Base >= Place->Lowest && Size <= Place->Highest && Base <= Place->Highest - Size && Base % Alignment == 0 &&
        MiIsRangeFree(Space, Base, Base + Size)) {
        if (Base != Section->Segment->ImageBase)
            *Status = STATUS_IMAGE_NOT_AT_BASE;
        return Base;
    }
    if (Wish != 0) {
        *Status = STATUS_CONFLICTING_ADDRESSES;
        return 0;
    }
    Base = MiFindRange(Space, Size, Alignment, Lowest, Place->Highest, FALSE);
    *Status = Base == 0 ? STATUS_NO_MEMORY : STATUS_IMAGE_NOT_AT_BASE;
    return Base;
}

static NTSTATUS MiPlaceData(PMM_SPACE Space, ULONG64 Wish, const MI_PLACE *Place, ULONG64 Size, ULONG AllocationType,
        ULONG64 *Base)
{
    if (Wish == 0) {
        *Base = MiFindRange(Space, Size, MiPlaceAlignment(Place), Place->Lowest, Place->Highest,
                            (AllocationType & MEM_TOP_DOWN) != 0);
        return *Base == 0 ? STATUS_NO_MEMORY : STATUS_SUCCESS;
    }
    if (Wish % MM_ALLOCATION_GRANULARITY != 0)
        return STATUS_MAPPED_ALIGNMENT;
    if (Wish > MI_USER_END - Size || !MiIsRangeFree(Space, Wish, Wish + Size))
        return STATUS_CONFLICTING_ADDRESSES;
    *Base = Wish;
    return STATUS_SUCCESS;
}

/*
 * The part of the section that a view shows, from a multiple of Unit on: *Size rounded to pages.  With MEM_RESERVE a view of a file
 * that may be written (Grows) can be larger: what lies behind the end is there once the file has grown (ZwMapViewOfSection).
 */
static NTSTATUS MiViewExtent(PSECTION Section, ULONG64 Offset, ULONG64 Unit, SIZE_T Wanted, BOOLEAN Grows, ULONG64 *Size)
{
    BOOLEAN Image = (Section->Attributes & SEC_IMAGE) != 0;
    ULONG64 Total = MiRoundUp(Image ? Section->Segment->Size : Section->Size, PAGE_SIZE);

    if (Offset % Unit != 0)
        return STATUS_MAPPED_ALIGNMENT;
    if (!Image && Offset >= Section->Size)
        return STATUS_INVALID_VIEW_SIZE;
    if (Offset >= Total || (Wanted > Total - Offset && (!Grows || Wanted > MI_USER_END)))
        return STATUS_INVALID_VIEW_SIZE;
    *Size = Wanted == 0 ? Total - Offset : MiRoundUp(Wanted, PAGE_SIZE);
    return *Size > MI_USER_END ? STATUS_INVALID_VIEW_SIZE : STATUS_SUCCESS;
}

/* Pages of a new view that writing would make private. */
static ULONG64 MiCopyOnWritePages(PMMVAD Vad)
{
    PMI_SUBSECTION Subsection = Vad->Segment->Subsection;
    ULONG64 Pages = 0;
    ULONG Index;

    if (Vad->Type == MiVadMapped)
        return MiIsCopyOnWrite(Vad->Protect) ? (Vad->End - Vad->Start) >> PAGE_SHIFT : 0;
    for (Index = 0; Index < Vad->Segment->SubsectionCount; Index++, Subsection++)
        Pages += MiIsCopyOnWrite(Subsection->Protect) ? Subsection->EndPage - Subsection->StartPage : 0;
    return Pages;
}

/* Gives the range up again: a placeholder comes back. */
static VOID MiAbandonView(PMM_SPACE Space, PMMVAD Vad)
{
    if (Vad->Replaced)
        MiMakePlaceholder(Space, Vad);
    else
        MiReleaseVad(Space, Vad);
}

static NTSTATUS MiMapView(PSECTION Section, PMM_SPACE Space, PVOID *BaseAddress, const MI_PLACE *Place,
        PLARGE_INTEGER Offset, PSIZE_T ViewSize, ULONG AllocationType, ULONG Win32Protect)
{
    BOOLEAN Image = (Section->Attributes & SEC_IMAGE) != 0, Replace = (AllocationType & MEM_REPLACE_PLACEHOLDER) != 0;
    BOOLEAN Grows = !Image && (AllocationType & MEM_RESERVE) && Section->File != NULL && MiIsWritable(MiMakeProtection(Section->Protect));
    ULONG Protect = MiMakeProtection(Win32Protect);
    ULONG64 At = Offset == NULL ? 0 : (ULONG64)Offset->QuadPart, Size, Base;
    NTSTATUS Status, Placed = STATUS_SUCCESS;
    PMMVAD Vad = NULL;

    if (Protect == MI_BAD_PROTECTION)
        return STATUS_INVALID_PAGE_PROTECTION;
    /* MapViewOfFile3: "Only data/pf-backed section views are supported". */
    if (Replace && Image)
        return STATUS_INVALID_PARAMETER;
    if (!Image && !MiIsProtectionCompatible(Section->Protect, Win32Protect))
        return STATUS_SECTION_PROTECTION;
    if (Image)
        At = 0;
    Status = MiViewExtent(Section, At, Replace ? PAGE_SIZE : MM_ALLOCATION_GRANULARITY, Image ? 0 : *ViewSize, Grows,
                          &Size);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Replace) {
        Base = (ULONG64)*BaseAddress;
        Status = MiFindPlaceholder(Space, Base, Base + Size, &Vad);
    } else if (Image) {
        Base = MiPlaceImage(Space, Section, (ULONG64)*BaseAddress, Place, Size, &Placed);
        Status = Base == 0 ? Placed : STATUS_SUCCESS;
    } else {
        Status = MiPlaceData(Space, (ULONG64)*BaseAddress, Place, Size, AllocationType, &Base);
    }
    if (!NT_SUCCESS(Status))
        return Status;
    if (Vad == NULL)
        Vad = MiCreateVad(Space, Image ? MiVadImage : MiVadMapped, Base, Base + Size, MM_NOACCESS);
    if (Vad == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Vad->Type = Image ? MiVadImage : MiVadMapped;
    Vad->Protect = (UCHAR)(Image ? MM_EXECUTE_WRITECOPY : Protect);
    Vad->Placeholder = FALSE;
    Vad->Replaced = Replace;
    Vad->Grows = Grows;
    Vad->Commit = TRUE;
    Vad->NoChange = (Section->Attributes & SEC_NO_CHANGE_BIT) != 0;
    Vad->Inherit = Image || !MiIsWritable(Protect);     /* a program's service says it after this */
    Vad->FirstPage = At >> PAGE_SHIFT;
    Vad->Segment = Section->Segment;
    MmReferenceSegment(Vad->Segment);
    Vad->Segment->Views++;
    if (Vad->Segment->File != NULL)
        Vad->Segment->File->ImageViews++;
    Vad->Section = Section;
    ObReferenceObject(Section);
    if (!MiChargeVad(Space, Vad, MiCopyOnWritePages(Vad))) {
        MiAbandonView(Space, Vad);
        return STATUS_COMMITMENT_LIMIT;
    }
    *BaseAddress = (PVOID)Base;
    *ViewSize = Size;
    return Placed;
}

/*
 * The first CommitSize bytes of a new view become committed; only sections without a file may have pages that are not yet.
 * Answers Mapped, the view's own success, or a failure without the view.
 */
static NTSTATUS MiCommitView(PMM_SPACE Space, PVOID Base, SIZE_T CommitSize, NTSTATUS Mapped)
{
    PMMVAD Vad = MiFindVad(Space, (ULONG64)Base);
    NTSTATUS Status;

    if (CommitSize == 0 || Vad->Section->File != NULL)
        return Mapped;
    if (CommitSize > Vad->End - Vad->Start)
        Status = STATUS_INVALID_PARAMETER_5;
    else
        Status = MiCommitSection(Vad, Vad->Start, Vad->Start + MiRoundUp(CommitSize, PAGE_SIZE));
    if (NT_SUCCESS(Status))
        return Mapped;
    MiAbandonView(Space, Vad);
    return Status;
}

NTSTATUS MmMapViewOfSection(PSECTION Section, PMM_SPACE Space, PVOID *BaseAddress, SIZE_T CommitSize,
        PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize, ULONG AllocationType, ULONG Win32Protect)
{
    NTSTATUS Status = MiMapView(Section, Space, BaseAddress, &MiEverywhere, SectionOffset, ViewSize, AllocationType,
                                Win32Protect);

    return NT_SUCCESS(Status) ? MiCommitView(Space, *BaseAddress, CommitSize, Status) : Status;
}

/* The placeholder below the view stays. */
static NTSTATUS MiUnmapToPlaceholder(PMM_SPACE Space, PVOID BaseAddress)
{
    PMMVAD Vad = MiFindVad(Space, (ULONG64)BaseAddress);

    if (Vad == NULL || Vad->Segment == NULL)
        return STATUS_NOT_MAPPED_VIEW;
    if (!Vad->Replaced)
        return STATUS_CONFLICTING_ADDRESSES;
    if (!MiClearRange(Space, Vad->Start, Vad->End))
        return STATUS_NO_MEMORY;
    MiMakePlaceholder(Space, Vad);
    return STATUS_SUCCESS;
}

NTSTATUS MmUnmapViewOfSection(PMM_SPACE Space, PVOID BaseAddress)
{
    PMMVAD Vad = MiFindVad(Space, (ULONG64)BaseAddress);

    if (Vad == NULL || Vad->Segment == NULL)
        return STATUS_NOT_MAPPED_VIEW;
    return MiDeleteVad(Space, Vad) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* ------------------------------------------------------------------ services */

/* What a handle must allow for a view of Win32Protect. */
static ACCESS_MASK MiViewAccess(ULONG Win32Protect)
{
    static const ACCESS_MASK Access[] = {
        [MM_ZERO_ACCESS] = SECTION_MAP_READ,
        [MM_READONLY] = SECTION_MAP_READ,
        [MM_EXECUTE] = SECTION_MAP_EXECUTE,
        [MM_EXECUTE_READ] = SECTION_MAP_EXECUTE | SECTION_MAP_READ,
        [MM_READWRITE] = SECTION_MAP_WRITE,
        [MM_WRITECOPY] = SECTION_MAP_READ,
        [MM_EXECUTE_READWRITE] = SECTION_MAP_EXECUTE | SECTION_MAP_WRITE,
        [MM_EXECUTE_WRITECOPY] = SECTION_MAP_EXECUTE | SECTION_MAP_READ,
    };
    ULONG Protect = MiMakeProtection(Win32Protect & 0xFF);

    if (Protect == MI_BAD_PROTECTION || Protect == MM_NOACCESS)
        return SECTION_MAP_READ;
    return Access[Protect & 7];
}

typedef struct _MI_VIEW_ARGUMENTS {
    PVOID Base;
    SIZE_T Size;
    SIZE_T CommitSize;
    LARGE_INTEGER Offset;
    MI_PLACE Place;
    ULONG AllocationType;
    ULONG Protect;
} MI_VIEW_ARGUMENTS;

static NTSTATUS MiMapViewByHandle(HANDLE SectionHandle, HANDLE ProcessHandle, MI_VIEW_ARGUMENTS *View, UCHAR Inherit)
{
    PEPROCESS Process;
    PSECTION Section;
    NTSTATUS Status;

    Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(SectionHandle, 0, MmSectionObjectType, UserMode, (PVOID *)&Section, NULL);
    if (NT_SUCCESS(Status)) {
        /* For an image the protection argument says nothing; for data the handle must allow it. */
        ACCESS_MASK Access = Section->Attributes & SEC_IMAGE ? SECTION_MAP_READ : MiViewAccess(View->Protect);

        ObDereferenceObject(Section);
        Status = ObReferenceObjectByHandle(SectionHandle, Access, MmSectionObjectType, UserMode, (PVOID *)&Section, NULL);
    }
    if (NT_SUCCESS(Status)) {
        Status = MiMapView(Section, &Process->Vm, &View->Base, &View->Place, &View->Offset, &View->Size,
                           View->AllocationType, View->Protect);
        if (NT_SUCCESS(Status))
            Status = MiCommitView(&Process->Vm, View->Base, View->CommitSize, Status);
        if (NT_SUCCESS(Status))
            MiFindVad(&Process->Vm, (ULONG64)View->Base)->Inherit = Inherit == ViewShare;
        if (NT_SUCCESS(Status) && (Section->Attributes & SEC_IMAGE) && Process == PsGetCurrentProcess())
            DbgkMapImage(View->Base);
        ObDereferenceObject(Section);
    }
    ObDereferenceObject(Process);
    return Status;
}

/* Where nothing can be written back, nothing is mapped. */
static NTSTATUS MiGetView(MI_VIEW_ARGUMENTS *View, PVOID *BaseAddress, PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize)
{
    NTSTATUS Status = MmProbeAnswer(BaseAddress, sizeof(*BaseAddress), SectionOffset, sizeof(*SectionOffset));

    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ViewSize, sizeof(*ViewSize), 1);
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&View->Base, BaseAddress);
    View->Offset.QuadPart = 0;
    if (NT_SUCCESS(Status) && SectionOffset != NULL)
        Status = MmGetUser(&View->Offset, SectionOffset);
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&View->Size, ViewSize);
    return Status;
}

/* A success (STATUS_IMAGE_NOT_AT_BASE is one) stays what it is. */
static NTSTATUS MiPutView(const MI_VIEW_ARGUMENTS *View, PVOID *BaseAddress, PLARGE_INTEGER SectionOffset,
        PSIZE_T ViewSize, NTSTATUS Result)
{
    NTSTATUS Status = MmCopyToUser(BaseAddress, &View->Base, sizeof(View->Base));

    if (NT_SUCCESS(Status) && SectionOffset != NULL)
        Status = MmCopyToUser(SectionOffset, &View->Offset, sizeof(View->Offset));
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(ViewSize, &View->Size, sizeof(View->Size));
    return NT_SUCCESS(Status) ? Result : Status;
}

NTSTATUS NTAPI NtMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress, ULONG_PTR ZeroBits,
        SIZE_T CommitSize, PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize, SECTION_INHERIT InheritDisposition,
        ULONG AllocationType, ULONG Win32Protect)
{
    MI_VIEW_ARGUMENTS View = {.Place = {(ULONG64)MM_LOWEST_USER_ADDRESS, MiZeroBitsLimit(ZeroBits), 0},
                              .CommitSize = CommitSize, .AllocationType = AllocationType, .Protect = Win32Protect};
    NTSTATUS Status;

    if (InheritDisposition != ViewShare && InheritDisposition != ViewUnmap)
        return STATUS_INVALID_PARAMETER_8;
    if (View.Place.Highest == 0)
        return STATUS_INVALID_PARAMETER_4;
    if (AllocationType & ~(ULONG)(MEM_TOP_DOWN | MEM_RESERVE | MEM_LARGE_PAGES | MEM_DOS_LIM_BIT | SEC_NO_CHANGE_BIT))
        return STATUS_INVALID_PARAMETER_9;
    Status = MiGetView(&View, BaseAddress, SectionOffset, ViewSize);
    if (!NT_SUCCESS(Status))
        return Status;
    if ((ULONG64)View.Base >= MI_USER_END)
        return STATUS_INVALID_PARAMETER_3;
    /* An address that is given has the zero bits, too. */
    if ((ULONG64)View.Base >= View.Place.Highest)
        return STATUS_INVALID_PARAMETER_4;
    Status = MiMapViewByHandle(SectionHandle, ProcessHandle, &View, (UCHAR)InheritDisposition);
    return NT_SUCCESS(Status) ? MiPutView(&View, BaseAddress, SectionOffset, ViewSize, Status) : Status;
}

NTSTATUS NTAPI NtMapViewOfSectionEx(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID *BaseAddress,
        PLARGE_INTEGER SectionOffset, PSIZE_T ViewSize, ULONG AllocationType, ULONG PageProtection,
        MEM_EXTENDED_PARAMETER *ExtendedParameters, ULONG ExtendedParameterCount)
{
    MI_VIEW_ARGUMENTS View = {.AllocationType = AllocationType, .Protect = PageProtection};
    NTSTATUS Status;

    if (AllocationType & ~(ULONG)(MEM_TOP_DOWN | MEM_RESERVE | MEM_LARGE_PAGES | MEM_REPLACE_PLACEHOLDER))
        return STATUS_INVALID_PARAMETER;
    Status = MiGetView(&View, BaseAddress, SectionOffset, ViewSize);
    if (NT_SUCCESS(Status))
        Status = MiGetExtendedParameters(ExtendedParameters, ExtendedParameterCount, View.Base != NULL, &View.Place);
    if (NT_SUCCESS(Status) && (ULONG64)View.Base >= MI_USER_END)
        Status = STATUS_INVALID_PARAMETER_3;
    if (NT_SUCCESS(Status))
        Status = MiMapViewByHandle(SectionHandle, ProcessHandle, &View, ViewUnmap);
    return NT_SUCCESS(Status) ? MiPutView(&View, BaseAddress, SectionOffset, ViewSize, Status) : Status;
}

NTSTATUS NTAPI NtUnmapViewOfSectionEx(HANDLE ProcessHandle, PVOID BaseAddress, ULONG Flags)
{
    PEPROCESS Process;
    NTSTATUS Status;

    if (Flags & ~(ULONG)(MEM_UNMAP_WITH_TRANSIENT_BOOST | MEM_PRESERVE_PLACEHOLDER))
        return STATUS_INVALID_PARAMETER;
    Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    if (DbgkDebuggees != 0 && Process == PsGetCurrentProcess()) {
        PMMVAD Vad = MiFindVad(&Process->Vm, (ULONG64)BaseAddress);

        if (Vad != NULL && Vad->Type == MiVadImage && !(Flags & MEM_PRESERVE_PLACEHOLDER))
            DbgkUnmapImage((PVOID)Vad->Start);
    }
    if (Flags & MEM_PRESERVE_PLACEHOLDER)
        Status = MiUnmapToPlaceholder(&Process->Vm, BaseAddress);
    else
        Status = MmUnmapViewOfSection(&Process->Vm, BaseAddress);
    ObDereferenceObject(Process);
    return Status;
}

NTSTATUS NTAPI NtUnmapViewOfSection(HANDLE ProcessHandle, PVOID BaseAddress)
{
    return NtUnmapViewOfSectionEx(ProcessHandle, BaseAddress, 0);
}

/* ------------------------------------------------------------------ views in ntos */

typedef struct _MI_SYSTEM_VIEW {
    struct _MI_SYSTEM_VIEW *Next;
    PSECTION Section;
    ULONG64 Base;
    SIZE_T Pages;
} MI_SYSTEM_VIEW, *PMI_SYSTEM_VIEW;

static PMI_SYSTEM_VIEW MiSystemViews;

NTSTATUS MmMapViewInSystemSpace(PSECTION Section, PVOID *MappedBase, PSIZE_T ViewSize)
{
    SIZE_T Pages = BYTES_TO_PAGES(Section->Size), Index;
    PMI_SYSTEM_VIEW View = ExAllocatePoolWithTag(NonPagedPool, sizeof(*View), 'vSmM');
    NTSTATUS Status = STATUS_SUCCESS;

    *MappedBase = NULL;
    if (View == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    *View = (MI_SYSTEM_VIEW){.Section = Section, .Pages = Pages, .Base = MiReserveSystemVa(Pages)};
    if (View->Base == 0) {
        ExFreePool(View);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    for (Index = 0; NT_SUCCESS(Status) && Index < Pages; Index++) {
        MI_PAGE Page = MiSegmentPage(Section->Segment, Index, TRUE, &Status);

        if (Page != 0)
            Status = MiMapForeignPage(View->Base + (Index << PAGE_SHIFT), Page);
    }
    if (!NT_SUCCESS(Status)) {
        MiUnmapSystemRange(View->Base, Pages);
        MiReleaseSystemVa(View->Base, Pages);
        ExFreePool(View);
        return Status;
    }
    ObReferenceObject(Section);
    Section->Segment->Views++;
    View->Next = MiSystemViews;
    MiSystemViews = View;
    *MappedBase = (PVOID)View->Base;
    *ViewSize = Pages << PAGE_SHIFT;
    return STATUS_SUCCESS;
}

VOID MmUnmapViewInSystemSpace(PVOID MappedBase)
{
    PMI_SYSTEM_VIEW *Link = &MiSystemViews, View;

    while ((View = *Link) != NULL && View->Base != (ULONG64)MappedBase)
        Link = &View->Next;
    if (View == NULL)
        return;
    *Link = View->Next;
    MiUnmapSystemRange(View->Base, View->Pages);
    MiReleaseSystemVa(View->Base, View->Pages);
    View->Section->Segment->Views--;
    ObDereferenceObject(View->Section);
    ExFreePool(View);
}

/* ------------------------------------------------------------------ devices */

static NTSTATUS MiMapDevicePage(PMM_SPACE Space, ULONG64 Address, ULONG64 PhysicalAddress, ULONG Attributes)
{
    ULONG Frame = MiDeviceFrame(PhysicalAddress), Cap;
    MI_WALK Walk;
    NTSTATUS Status;

    if (Frame == 0)
        return STATUS_INVALID_ADDRESS;
    if (!MiMakePte(Space, Address, &Walk))
        return STATUS_NO_MEMORY;
    Cap = MiCopyCap(Frame, seL4_AllRights);
    if (Cap == 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MiMapCap(Space, Address, Cap, seL4_ReadWrite, Attributes | seL4_X86_NoExecute);
    if (!NT_SUCCESS(Status)) {
        MmDeleteCap(Cap);
        return Status;
    }
    MiSetPte(&Walk, MI_MAKE_PTE(0, MM_READWRITE, MI_PTE_VALID | MI_PTE_SHARED | MI_PTE_COMMIT | MI_PTE_MAPPED) |
                        (ULONG64)Cap << 40);
    Space->ResidentPages++;
    return STATUS_SUCCESS;
}

NTSTATUS MmMapDeviceMemory(PMM_SPACE Space, ULONG64 PhysicalAddress, SIZE_T Size, MEMORY_CACHING_TYPE CacheType,
        PVOID *BaseAddress)
{
    ULONG64 First = MiRoundDown(PhysicalAddress, PAGE_SIZE), Bytes, Base, Done;
    NTSTATUS Status = STATUS_SUCCESS;
    PMMVAD Vad;

    *BaseAddress = NULL;
    if (Size == 0 || Size > 1ull << 32 || PhysicalAddress + Size < PhysicalAddress)
        return STATUS_INVALID_PARAMETER;
    Bytes = MiRoundUp(PhysicalAddress + Size, PAGE_SIZE) - First;
    Base = MiFindRange(Space, Bytes, MM_ALLOCATION_GRANULARITY, 1ull << 32, MI_USER_END, FALSE);
    if (Base == 0)
        return STATUS_NO_MEMORY;
    Vad = MiCreateVad(Space, MiVadDevice, Base, Base + Bytes, MM_READWRITE);
    if (Vad == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Vad->Commit = TRUE;
    for (Done = 0; NT_SUCCESS(Status) && Done < Bytes; Done += PAGE_SIZE)
        Status = MiMapDevicePage(Space, Base + Done, First + Done, MiCachingAttributes(CacheType));
    if (!NT_SUCCESS(Status)) {
        MiDeleteVad(Space, Vad);
        return Status;
    }
    *BaseAddress = (PVOID)(Base + (PhysicalAddress - First));
    return STATUS_SUCCESS;
}

VOID MmUnmapDeviceMemory(PMM_SPACE Space, PVOID BaseAddress)
{
    PMMVAD Vad = MiFindVad(Space, (ULONG64)BaseAddress);

    if (Vad != NULL && Vad->Type == MiVadDevice && Vad->Start != MM_SHARED_USER_DATA_VA)
        MiDeleteVad(Space, Vad);
}
