/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory volume: questions about the volume as a whole, and its label.  The buffer is Irp->SystemBuffer, in ntos, its
 * length checked by info.c.  Nothing here waits.
 */
#include "ntos/io/memfs.h"

#define MEMFS_LABEL_CHARS 32

static WCHAR MemfsLabel[MEMFS_LABEL_CHARS + 1] = L"Nereid";

NTSTATUS MemfsSetVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_FS_LABEL_INFORMATION Label = Irp->SystemBuffer;
    ULONG Room = Irp->InputLength - FIELD_OFFSET(FILE_FS_LABEL_INFORMATION, VolumeLabel);

    Irp->IoStatus.Information = 0;
    if (Label->VolumeLabelLength > Room || Label->VolumeLabelLength % sizeof(WCHAR) != 0)
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    if (Label->VolumeLabelLength > MEMFS_LABEL_CHARS * sizeof(WCHAR))
        return Irp->IoStatus.Status = STATUS_INVALID_VOLUME_LABEL;
    memcpy(MemfsLabel, Label->VolumeLabel, Label->VolumeLabelLength);
    MemfsLabel[Label->VolumeLabelLength / sizeof(WCHAR)] = 0;
    return Irp->IoStatus.Status = STATUS_SUCCESS;
}

/* Text after a fixed part: cut to what fits. */
static NTSTATUS MemfsPutText(PIRP Irp, ULONG Offset, PCWSTR Text, PULONG TextLength)
{
    ULONG Length = (ULONG)wcslen(Text) * sizeof(WCHAR);
    ULONG Room = Irp->OutputLength - Offset;

    *TextLength = Length;
    memcpy((PUCHAR)Irp->SystemBuffer + Offset, Text, Length < Room ? Length : Room);
    Irp->IoStatus.Information = Offset + (Length < Room ? Length : Room);
    return Length <= Room ? STATUS_SUCCESS : STATUS_BUFFER_OVERFLOW;
}

static VOID MemfsCountUnits(PLARGE_INTEGER Total, PLARGE_INTEGER Available)
{
    MM_STATISTICS Statistics;

    MmQueryStatistics(&Statistics);
    Total->QuadPart = Statistics.TotalPages;
    Available->QuadPart = Statistics.AvailablePages;
}

/* FILE_FS_SECTOR_SIZE_INFORMATION ([MS-FSCC] 2.5.8), which no header of ours has. */
typedef struct _MEMFS_SECTORS {
    ULONG LogicalBytes;
    ULONG PhysicalBytesForAtomicity, PhysicalBytesForPerformance, EffectiveBytesForAtomicity;
    ULONG Flags;
    ULONG OffsetForSectorAlignment, OffsetForPartitionAlignment;
} MEMFS_SECTORS, *PMEMFS_SECTORS;

C_ASSERT(sizeof(MEMFS_SECTORS) == 28);

#define MEMFS_ALIGNED 0x3               /* SSINFO_FLAGS_ALIGNED_DEVICE, SSINFO_FLAGS_PARTITION_ALIGNED_ON_DEVICE */
#define MEMFS_NO_SEEK 0x4               /* SSINFO_FLAGS_NO_SEEK_PENALTY */

static VOID MemfsDescribeSectors(PMEMFS_SECTORS Sectors)
{
    Sectors->LogicalBytes = 512;
    Sectors->PhysicalBytesForAtomicity = Sectors->PhysicalBytesForPerformance = 512;
    Sectors->EffectiveBytesForAtomicity = 512;
    Sectors->Flags = MEMFS_ALIGNED | MEMFS_NO_SEEK;
}

NTSTATUS MemfsQueryVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PFILE_FS_FULL_SIZE_INFORMATION Full = Irp->SystemBuffer;
    PFILE_FS_SIZE_INFORMATION Size = Irp->SystemBuffer;
    PFILE_FS_VOLUME_INFORMATION Volume = Irp->SystemBuffer;
    PFILE_FS_ATTRIBUTE_INFORMATION Attribute = Irp->SystemBuffer;

    Irp->IoStatus.Information = 0;
    switch (Irp->Parameters.Information.Class) {
    case FileFsVolumeInformation:
        Volume->VolumeCreationTime = MemfsCreationTime;
        Volume->VolumeSerialNumber = MEMFS_SERIAL;
        return Irp->IoStatus.Status = MemfsPutText(Irp, FIELD_OFFSET(FILE_FS_VOLUME_INFORMATION, VolumeLabel),
                                                   MemfsLabel, &Volume->VolumeLabelLength);
    case FileFsAttributeInformation:
        Attribute->FileSystemAttributes = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK | FILE_SUPPORTS_HARD_LINKS |
                                          FILE_SUPPORTS_OPEN_BY_FILE_ID | FILE_SUPPORTS_SPARSE_FILES |
                                          FILE_SUPPORTS_REPARSE_POINTS |
                                          FILE_SUPPORTS_POSIX_UNLINK_RENAME;
        Attribute->MaximumComponentNameLength = 255;
        return Irp->IoStatus.Status = MemfsPutText(Irp, FIELD_OFFSET(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName),
                                                   L"RamFs", &Attribute->FileSystemNameLength);
    case FileFsSizeInformation:
        MemfsCountUnits(&Size->TotalAllocationUnits, &Size->AvailableAllocationUnits);
        Size->SectorsPerAllocationUnit = PAGE_SIZE / 512;
        Size->BytesPerSector = 512;
        Irp->IoStatus.Information = sizeof(*Size);
        return Irp->IoStatus.Status = STATUS_SUCCESS;
    case FileFsFullSizeInformation:
        MemfsCountUnits(&Full->TotalAllocationUnits, &Full->CallerAvailableAllocationUnits);
        Full->ActualAvailableAllocationUnits = Full->CallerAvailableAllocationUnits;
        Full->SectorsPerAllocationUnit = PAGE_SIZE / 512;
        Full->BytesPerSector = 512;
        Irp->IoStatus.Information = sizeof(*Full);
        return Irp->IoStatus.Status = STATUS_SUCCESS;
    case FileFsSectorSizeInformation:
        MemfsDescribeSectors(Irp->SystemBuffer);
        Irp->IoStatus.Information = sizeof(MEMFS_SECTORS);
        return Irp->IoStatus.Status = STATUS_SUCCESS;
    default:
        return Irp->IoStatus.Status = STATUS_INVALID_PARAMETER;
    }
}
