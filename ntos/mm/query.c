/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryVirtualMemory: what an address is, and how far it goes on alike.  Nothing here waits.
 */
#include "ntos/mm/services.h"

typedef struct _MI_PAGE_STATE {
    ULONG State;
    ULONG Protect;
} MI_PAGE_STATE;

/* The state of the page at Address in Vad; *Next: the address above up to which it holds for sure. */
static MI_PAGE_STATE MiPageState(PMM_SPACE Space, PMMVAD Vad, ULONG64 Address, PULONG64 Next)
{
    MI_PAGE_STATE Result = {MEM_RESERVE, 0};
    MI_WALK Walk;
    ULONG Protect;

    MiWalk(Space, Address, &Walk);
    *Next = Walk.Next;
    /* Without a table the range speaks, but a view's pages may differ one by one. */
    if (Walk.Pte == NULL && Vad->Segment != NULL &&
        (Vad->Type == MiVadImage || (Vad->Segment->Flags & MI_SEGMENT_RESERVE)))
        *Next = Address + PAGE_SIZE;
    if (Address < MiGrownEnd(Vad) && MiGrownEnd(Vad) < *Next)
        *Next = MiGrownEnd(Vad);
    if (MiPageProtection(Vad, Address, Walk.Pte == NULL ? 0 : *Walk.Pte, &Protect)) {
        Result.State = MEM_COMMIT;
        Result.Protect = MiWin32Protection(Protect);
    }
    return Result;
}

static ULONG MiVadType(PMMVAD Vad)
{
    return Vad->Type == MiVadImage ? MEM_IMAGE : Vad->Type == MiVadMapped ? MEM_MAPPED : MEM_PRIVATE;
}

static VOID MiQueryBasic(PMM_SPACE Space, ULONG64 Address, PMEMORY_BASIC_INFORMATION Information)
{
    ULONG64 Page = MiRoundDown(Address, PAGE_SIZE), Next;
    PMMVAD Vad = MiFindVadFrom(Space, Page);
    MI_PAGE_STATE State, Other;

    memset(Information, 0, sizeof(*Information));       /* what lies behind the last field, too */
    Information->BaseAddress = (PVOID)Page;
    if (Vad == NULL || Vad->Start > Page) {
        Information->State = MEM_FREE;
        Information->Protect = PAGE_NOACCESS;
        Information->RegionSize = (Vad == NULL ? (ULONG64)MM_HIGHEST_USER_ADDRESS + 1 : Vad->Start) - Page;
        return;
    }
    State = MiPageState(Space, Vad, Page, &Next);
    while (Next < Vad->End) {
        ULONG64 After;

        Other = MiPageState(Space, Vad, Next, &After);
        if (Other.State != State.State || Other.Protect != State.Protect)
            break;
        Next = After;
    }
    Information->AllocationBase = (PVOID)Vad->Start;
    Information->AllocationProtect =
        Vad->Type == MiVadImage ? PAGE_EXECUTE_WRITECOPY : MiWin32Protection(Vad->Protect);
    Information->RegionSize = (Next < Vad->End ? Next : Vad->End) - Page;
    Information->State = State.State;
    Information->Protect = State.Protect;
    Information->Type = MiVadType(Vad);
}

/* A user buffer: UNICODE_STRING, then the path. */
static NTSTATUS MiQueryFileName(PMM_SPACE Space, ULONG64 Address, PVOID Buffer, SIZE_T Length, PSIZE_T ReturnLength)
{
    PMMVAD Vad = MiFindVad(Space, Address);
    POBJECT_NAME_INFORMATION Name;
    NTSTATUS Status;
    ULONG Needed = 0;

    if (Vad == NULL || Vad->Section == NULL)
        return STATUS_INVALID_ADDRESS;
    if (Vad->Section->File == NULL)
        return STATUS_FILE_INVALID;
    Name = ExAllocatePoolWithTag(PagedPool, MM_IMAGE_NAME_SIZE, 'mNmM');
    if (Name == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = ObQueryNameString(Vad->Section->File, Name, MM_IMAGE_NAME_SIZE, &Needed);
    if (NT_SUCCESS(Status)) {
        UNICODE_STRING Path = Name->Name;
        SIZE_T Total = sizeof(UNICODE_STRING) + Path.Length + sizeof(WCHAR);

        *ReturnLength = Total;
        if (Length < Total) {
            Status = Length < sizeof(UNICODE_STRING) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_BUFFER_OVERFLOW;
        } else {
            Path.Buffer = (PWSTR)((PUCHAR)Buffer + sizeof(UNICODE_STRING));
            Path.MaximumLength = Path.Length + sizeof(WCHAR);
            Status = MmCopyToUser(Path.Buffer, Name->Name.Buffer, Path.Length);
            if (NT_SUCCESS(Status))
                Status = MmZeroUser((PUCHAR)Path.Buffer + Path.Length, sizeof(WCHAR));
            if (NT_SUCCESS(Status))
                Status = MmCopyToUser(Buffer, &Path, sizeof(Path));
        }
    }
    ExFreePool(Name);
    return Status;
}

/* The segment of the file's own bytes. */
static PMM_SEGMENT MiFileSegment(PMMVAD Vad)
{
    return Vad->Segment->File != NULL ? Vad->Segment->File : Vad->Segment;
}

NTSTATUS NTAPI NtAreMappedFilesTheSame(PVOID File1MappedAsAnImage, PVOID File2MappedAsFile)
{
    PMM_SPACE Space = &PsGetCurrentProcess()->Vm;
    PMMVAD Image = MiFindVad(Space, (ULONG64)File1MappedAsAnImage), Other = MiFindVad(Space, (ULONG64)File2MappedAsFile);

    if (Image == NULL || Other == NULL)
        return STATUS_INVALID_ADDRESS;
    if (Image->Section == NULL || Other->Section == NULL)
        return STATUS_CONFLICTING_ADDRESSES;
    if (Image == Other)
        return STATUS_SUCCESS;
    return Image->Type == MiVadImage && MiFileSegment(Image) == MiFileSegment(Other) ? STATUS_SUCCESS : STATUS_NOT_SAME_DEVICE;
}

BOOLEAN MmQueryImageAt(PMM_SPACE Space, ULONG64 Address, POBJECT_NAME_INFORMATION Name, PULONG64 Base)
{
    PMMVAD Vad = MiFindVad(Space, Address);
    ULONG Needed = 0;

    if (Vad == NULL || Vad->Type != MiVadImage || Vad->Section == NULL || Vad->Section->File == NULL)
        return FALSE;
    *Base = Vad->Start;
    return NT_SUCCESS(ObQueryNameString(Vad->Section->File, Name, MM_IMAGE_NAME_SIZE, &Needed));
}

/* RegionType: the bits of WIN32_MEMORY_REGION_INFORMATION, and two later ones. */
#define MI_REGION_PRIVATE 0x001
#define MI_REGION_DATA_FILE 0x002
#define MI_REGION_IMAGE 0x004
#define MI_REGION_PAGE_FILE 0x008
#define MI_REGION_PLACEHOLDER 0x100
#define MI_REGION_WRITE_WATCH 0x400

static ULONG MiRegionType(PMMVAD Vad)
{
    if (Vad->Type == MiVadImage)
        return MI_REGION_IMAGE;
    if (Vad->Type == MiVadMapped)
        return Vad->Section != NULL && Vad->Section->File != NULL ? MI_REGION_DATA_FILE : MI_REGION_PAGE_FILE;
    return MI_REGION_PRIVATE | (Vad->Placeholder ? MI_REGION_PLACEHOLDER : 0) |
           (Vad->Watch != NULL ? MI_REGION_WRITE_WATCH : 0);
}

/* MEMORY_REGION_INFORMATION as of Windows 10. */
typedef struct _MI_REGION_INFORMATION {
    PVOID AllocationBase;
    ULONG AllocationProtect;
    ULONG RegionType;
    SIZE_T RegionSize;
    SIZE_T CommitSize;
} MI_REGION_INFORMATION;

static NTSTATUS MiQueryRegion(PMM_SPACE Space, ULONG64 Address, MI_REGION_INFORMATION *Information)
{
    PMMVAD Vad = MiFindVad(Space, Address);

    if (Vad == NULL)
        return STATUS_INVALID_ADDRESS;
    *Information = (MI_REGION_INFORMATION){
        .AllocationBase = (PVOID)Vad->Start,
        .AllocationProtect = Vad->Type == MiVadImage ? PAGE_EXECUTE_WRITECOPY : MiWin32Protection(Vad->Protect),
        .RegionType = MiRegionType(Vad),
        .RegionSize = Vad->End - Vad->Start,
        .CommitSize = Vad->CommittedPages << PAGE_SHIFT,
    };
    return STATUS_SUCCESS;
}

/* MEMORY_IMAGE_INFORMATION. */
typedef struct _MI_IMAGE_INFORMATION {
    PVOID ImageBase;
    SIZE_T SizeOfImage;
    ULONG ImageFlags;
} MI_IMAGE_INFORMATION;

static NTSTATUS MiQueryImage(PMM_SPACE Space, ULONG64 Address, MI_IMAGE_INFORMATION *Information)
{
    PMMVAD Vad = MiFindVad(Space, Address);

    if (Vad == NULL)
        return STATUS_INVALID_ADDRESS;
    memset(Information, 0, sizeof(*Information));       /* as above */
    if (Vad->Type == MiVadImage) {
        Information->ImageBase = (PVOID)Vad->Start;
        Information->SizeOfImage = Vad->End - Vad->Start;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS MiQueryFixed(PMM_SPACE Space, ULONG64 Address, ULONG Class, PVOID Buffer, SIZE_T Length,
        PSIZE_T ReturnLength)
{
    union {
        MEMORY_BASIC_INFORMATION Basic;
        MI_REGION_INFORMATION Region;
        MI_IMAGE_INFORMATION Image;
    } Result;
    SIZE_T Size = Class == MemoryBasicInformation    ? sizeof(Result.Basic)
                  : Class == MemoryRegionInformation ? sizeof(Result.Region)
                                                     : sizeof(Result.Image);
    NTSTATUS Status = STATUS_SUCCESS;

    if (Length < Size)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Class == MemoryBasicInformation)
        MiQueryBasic(Space, Address, &Result.Basic);
    else if (Class == MemoryRegionInformation)
        Status = MiQueryRegion(Space, Address, &Result.Region);
    else
        Status = MiQueryImage(Space, Address, &Result.Image);
    *ReturnLength = Size;
    return NT_SUCCESS(Status) ? MmCopyToUser(Buffer, &Result, Size) : Status;
}

/* Not Windows': DLLs of libwine ask for the table of their Unix functions.  There are none (ntdll/wine.c), and their table is 0. */
#define MemoryWineUnixFuncs 1000

static NTSTATUS MiQueryUnixFunctions(PVOID Buffer, SIZE_T Length, PSIZE_T ReturnLength)
{
    ULONG64 Table = 0;

    if (Length != sizeof(Table))
        return STATUS_INFO_LENGTH_MISMATCH;
    *ReturnLength = sizeof(Table);
    return MmCopyToUser(Buffer, &Table, sizeof(Table));
}

/* Pages of the views of sections without a file, as far as the sections are committed (SharedCommitUsage of PROCESS_MEMORY_COUNTERS_EX2). */
static ULONG64 MiCountSharedCommit(PMM_SPACE Space)
{
    ULONG64 Count = 0, Pages;

    for (PMMVAD Vad = MiFindVadFrom(Space, 0); Vad != NULL; Vad = Vad->Next) {
        if (Vad->Type != MiVadMapped || Vad->Section == NULL || Vad->Section->File != NULL)
            continue;
        Pages = (Vad->End - Vad->Start) >> PAGE_SHIFT;
        Count += Vad->Segment->Flags & MI_SEGMENT_RESERVE && Vad->Segment->Charge < Pages ? Vad->Segment->Charge : Pages;
    }
    return Count;
}

/* MEMORY_SHARED_COMMIT_INFORMATION: pages. */
static NTSTATUS MiQuerySharedCommit(PMM_SPACE Space, PVOID Buffer, SIZE_T Length, PSIZE_T ReturnLength)
{
    SIZE_T Pages;

    if (Length < sizeof(Pages))
        return STATUS_INFO_LENGTH_MISMATCH;
    Pages = MiCountSharedCommit(Space);
    *ReturnLength = sizeof(Pages);
    return MmCopyToUser(Buffer, &Pages, sizeof(Pages));
}

static NTSTATUS MiQueryClass(PMM_SPACE Space, ULONG64 Address, ULONG Class, PVOID Buffer, SIZE_T Length,
        PSIZE_T ReturnLength)
{
    switch (Class) {
    case MemoryBasicInformation:
    case MemoryRegionInformation:
    case MemoryImageInformation:
        return MiQueryFixed(Space, Address, Class, Buffer, Length, ReturnLength);
    case MemoryMappedFilenameInformation:
        return MiQueryFileName(Space, Address, Buffer, Length, ReturnLength);
    case MemoryWorkingSetExInformation:
        *ReturnLength = Length;
        return MiQueryWorkingSetEx(Space, Buffer, Length);
    case MemoryWorkingSetInformation:
        return MiQueryWorkingSet(Space, Buffer, Length, ReturnLength);
    case MemoryWineUnixFuncs:
        return MiQueryUnixFunctions(Buffer, Length, ReturnLength);
    case MemorySharedCommitInformation:
        return MiQuerySharedCommit(Space, Buffer, Length, ReturnLength);
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

NTSTATUS NTAPI NtQueryVirtualMemory(HANDLE ProcessHandle, LPCVOID BaseAddress,
        MEMORY_INFORMATION_CLASS MemoryInformationClass, PVOID MemoryInformation, SIZE_T MemoryInformationLength,
        PSIZE_T ReturnLength)
{
    /* QueryWorkingSet wants PROCESS_VM_READ, too. */
    ACCESS_MASK Access = PROCESS_QUERY_INFORMATION |
                         (MemoryInformationClass == MemoryWorkingSetInformation ? PROCESS_VM_READ : 0);
    SIZE_T Returned = 0;
    PEPROCESS Process;
    NTSTATUS Status, Status2;

    if ((ULONG64)BaseAddress > (ULONG64)MM_HIGHEST_USER_ADDRESS)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeAnswer(MemoryInformation, MemoryInformationLength, ReturnLength, sizeof(*ReturnLength));
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, Access, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiQueryClass(&Process->Vm, (ULONG64)BaseAddress, MemoryInformationClass, MemoryInformation,
                          MemoryInformationLength, &Returned);
    ObDereferenceObject(Process);
    if (Returned != 0 && ReturnLength != NULL) {
        Status2 = MmCopyToUser(ReturnLength, &Returned, sizeof(Returned));
        if (NT_SUCCESS(Status))
            Status = Status2;
    }
    return Status;
}
