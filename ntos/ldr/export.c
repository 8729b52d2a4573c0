/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Exports of a PE file by name: a binary search in the name table, as the specification orders it.  Every table entry
 * is read through the caller's reader, so that damaged offsets end in an error of the reader.  Nothing here waits.
 */
#include "ntos/inc/ldr.h"
#include <string.h>

#define LDR_MAX_EXPORT_NAME 128

typedef struct _LDR_FILE {
    LDR_READ Read;
    PVOID Context;
    const LDR_IMAGE *Image;
} LDR_FILE;

/* Reads from an RVA that lies in the file part of a section. */
static NTSTATUS LdrpReadRva(const LDR_FILE *File, ULONG Rva, PVOID Buffer, ULONG Length)
{
    ULONG Index;

    for (Index = 0; Index < File->Image->NumberOfSections; Index++) {
        const LDR_IMAGE_SECTION *Section = &File->Image->Section[Index];
        ULONG Offset = Rva - Section->VirtualAddress;

        if (Rva < Section->VirtualAddress || Offset >= Section->FileSize || Length > Section->FileSize - Offset)
            continue;
        return File->Read(File->Context, (ULONG64)Section->FileOffset + Offset, Buffer, Length);
    }
    return STATUS_INVALID_IMAGE_FORMAT;
}

/* strcmp(Name, exported name at Rva); the result in *Order. */
static NTSTATUS LdrpCompareName(const LDR_FILE *File, ULONG Rva, const char *Name, int *Order)
{
    ULONG Index;
    char Character;

    for (Index = 0; Index < LDR_MAX_EXPORT_NAME; Index++) {
        NTSTATUS Status = LdrpReadRva(File, Rva + Index, &Character, 1);

        if (!NT_SUCCESS(Status))
            return Status;
        *Order = (UCHAR)Name[Index] - (UCHAR)Character;
        if (*Order != 0 || Character == 0)
            return STATUS_SUCCESS;
    }
    *Order = 1;
    return STATUS_SUCCESS;
}

static NTSTATUS LdrpReadDirectory(const LDR_FILE *File, IMAGE_DATA_DIRECTORY *Where, IMAGE_EXPORT_DIRECTORY *Export)
{
    IMAGE_DOS_HEADER Dos;
    IMAGE_NT_HEADERS64 Nt;
    NTSTATUS Status;

    Status = File->Read(File->Context, 0, &Dos, sizeof(Dos));
    if (NT_SUCCESS(Status))
        Status = File->Read(File->Context, (ULONG)Dos.e_lfanew, &Nt, sizeof(Nt));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Nt.OptionalHeader.NumberOfRvaAndSizes <= IMAGE_DIRECTORY_ENTRY_EXPORT)
        return STATUS_ENTRYPOINT_NOT_FOUND;
    *Where = Nt.OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];
    if (Where->VirtualAddress == 0)
        return STATUS_ENTRYPOINT_NOT_FOUND;
    return LdrpReadRva(File, Where->VirtualAddress, Export, sizeof(*Export));
}

NTSTATUS LdrFindExport(LDR_READ Read, PVOID Context, const LDR_IMAGE *Image, const char *Name, PULONG Rva)
{
    const LDR_FILE File = {Read, Context, Image};
    IMAGE_EXPORT_DIRECTORY Export;
    IMAGE_DATA_DIRECTORY Where;
    ULONG Low = 0, High, Middle, NameRva;
    USHORT Ordinal;
    NTSTATUS Status;
    int Order;

    Status = LdrpReadDirectory(&File, &Where, &Export);
    if (!NT_SUCCESS(Status))
        return Status;
    for (High = Export.NumberOfNames; Low < High;) {
        Middle = Low + (High - Low) / 2;
        Status = LdrpReadRva(&File, Export.AddressOfNames + Middle * 4, &NameRva, 4);
        if (NT_SUCCESS(Status))
            Status = LdrpCompareName(&File, NameRva, Name, &Order);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Order == 0)
            break;
        if (Order < 0)
            High = Middle;
        else
            Low = Middle + 1;
    }
    if (Low >= High)
        return STATUS_ENTRYPOINT_NOT_FOUND;
    Status = LdrpReadRva(&File, Export.AddressOfNameOrdinals + Middle * 2, &Ordinal, 2);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Ordinal >= Export.NumberOfFunctions)
        return STATUS_INVALID_IMAGE_FORMAT;
    Status = LdrpReadRva(&File, Export.AddressOfFunctions + Ordinal * 4, Rva, 4);
    if (!NT_SUCCESS(Status))
        return Status;
    /* An address inside the directory is a forwarder. */
    if (*Rva - Where.VirtualAddress < Where.Size || *Rva >= Image->SizeOfImage)
        return STATUS_ENTRYPOINT_NOT_FOUND;
    return STATUS_SUCCESS;
}
