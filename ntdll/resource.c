/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Resources of an image: three levels of directories (type, name, language), then a data entry.
 *
 * Names below 64 KiB are numbers; others point to strings, and "#123" is a number too.  A language that is not there
 * falls back to neutral, to the primary language, to US English, and to the first one.  Offsets are checked against
 * the size of the resource section.
 */
#include "ntdllp.h"

typedef struct _LDRP_RESOURCES {
    PUCHAR Root;
    ULONG Size;
} LDRP_RESOURCES;

static const IMAGE_RESOURCE_DIRECTORY *LdrpDirectoryAt(const LDRP_RESOURCES *Resources, ULONG Offset)
{
    const IMAGE_RESOURCE_DIRECTORY *Directory = (const IMAGE_RESOURCE_DIRECTORY *)(Resources->Root + Offset);

    if (Offset + sizeof(*Directory) > Resources->Size ||
        Offset + sizeof(*Directory) + (Directory->NumberOfNamedEntries + Directory->NumberOfIdEntries) *
                sizeof(IMAGE_RESOURCE_DIRECTORY_ENTRY) > Resources->Size)
        return NULL;
    return Directory;
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindById(const IMAGE_RESOURCE_DIRECTORY *Directory, ULONG Id)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entries = (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(Directory + 1);

    for (ULONG Index = 0; Index < Directory->NumberOfIdEntries; Index++)
        if (Entries[Directory->NumberOfNamedEntries + Index].Id == Id)
            return &Entries[Directory->NumberOfNamedEntries + Index];
    return NULL;
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindByName(const LDRP_RESOURCES *Resources,
        const IMAGE_RESOURCE_DIRECTORY *Directory, PCWSTR Name)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entries = (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(Directory + 1);
    SIZE_T Length = wcslen(Name);

    for (ULONG Index = 0; Index < Directory->NumberOfNamedEntries; Index++) {
        ULONG Offset = Entries[Index].NameOffset;
        const IMAGE_RESOURCE_DIR_STRING_U *Text = (const IMAGE_RESOURCE_DIR_STRING_U *)(Resources->Root + Offset);

        if (Offset + sizeof(*Text) > Resources->Size || Offset + Text->Length * sizeof(WCHAR) + 2 > Resources->Size)
            return NULL;
        if (RtlCompareUnicodeStrings(Name, Length, Text->NameString, Text->Length, TRUE) == 0)
            return &Entries[Index];
    }
    return NULL;
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindEntry(const LDRP_RESOURCES *Resources,
        const IMAGE_RESOURCE_DIRECTORY *Directory, ULONG_PTR Name)
{
    PCWSTR Text = (PCWSTR)Name;

    if (Name < 0x10000)
        return LdrpFindById(Directory, (ULONG)Name);
    if (Text[0] == '#')
        return LdrpFindById(Directory, (ULONG)wcstoul(Text + 1, NULL, 10));
    return LdrpFindByName(Resources, Directory, Text);
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindLanguage(const IMAGE_RESOURCE_DIRECTORY *Directory, ULONG Language)
{
    const ULONG Choices[] = { Language, PRIMARYLANGID(Language), 0,
            MAKELANGID(PRIMARYLANGID(Language), SUBLANG_DEFAULT), MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US) };

    for (ULONG Index = 0; Index < ARRAYSIZE(Choices); Index++) {
        const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entry = LdrpFindById(Directory, Choices[Index]);

        if (Entry != NULL)
            return Entry;
    }
    return Directory->NumberOfNamedEntries + Directory->NumberOfIdEntries != 0
            ? (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(Directory + 1) : NULL;
}

/* Goes down Level levels; *Found is what the last one names: a directory, or (WantData) a data entry. */
static NTSTATUS LdrpFindResource(PVOID DllHandle, const LDR_RESOURCE_INFO *Info, ULONG Level, BOOLEAN WantData,
        const void **Found)
{
    static const NTSTATUS Missing[] = { STATUS_RESOURCE_TYPE_NOT_FOUND, STATUS_RESOURCE_NAME_NOT_FOUND,
            STATUS_RESOURCE_LANG_NOT_FOUND };
    LDRP_RESOURCES Resources;
    const IMAGE_RESOURCE_DIRECTORY *Directory;
    const ULONG_PTR *Names = &Info->Type;

    Resources.Root = RtlImageDirectoryEntryToData(DllHandle, TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Resources.Size);
    if (Resources.Root == NULL)
        return STATUS_RESOURCE_DATA_NOT_FOUND;
    if (Level > 3)
        return STATUS_INVALID_PARAMETER;
    Directory = LdrpDirectoryAt(&Resources, 0);
    for (ULONG Depth = 0; Depth < Level && Directory != NULL; Depth++) {
        const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entry = Depth == 2 ? LdrpFindLanguage(Directory, (ULONG)Names[2])
                : LdrpFindEntry(&Resources, Directory, Names[Depth]);

        if (Entry == NULL)
            return Missing[Depth];
        if (!Entry->DataIsDirectory) {
            if (!WantData || Depth != Level - 1 ||
                Entry->OffsetToData + sizeof(IMAGE_RESOURCE_DATA_ENTRY) > Resources.Size)
                return STATUS_RESOURCE_DATA_NOT_FOUND;
            *Found = Resources.Root + Entry->OffsetToData;
            return STATUS_SUCCESS;
        }
        Directory = LdrpDirectoryAt(&Resources, Entry->OffsetToDirectory);
    }
    if (Directory == NULL || WantData)
        return STATUS_RESOURCE_DATA_NOT_FOUND;
    *Found = Directory;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI LdrFindResource_U(PVOID DllHandle, const LDR_RESOURCE_INFO *ResourceInfo, ULONG Level,
        PIMAGE_RESOURCE_DATA_ENTRY *ResourceDataEntry)
{
    const void *Found = NULL;
    NTSTATUS Status = LdrpFindResource(DllHandle, ResourceInfo, Level, TRUE, &Found);

    if (NT_SUCCESS(Status))
        *ResourceDataEntry = (PIMAGE_RESOURCE_DATA_ENTRY)Found;
    return Status;
}

NTSTATUS NTAPI LdrFindResourceDirectory_U(PVOID DllHandle, const LDR_RESOURCE_INFO *ResourceInfo, ULONG Level,
        PIMAGE_RESOURCE_DIRECTORY *ResourceDirectory)
{
    const void *Found = NULL;
    NTSTATUS Status = LdrpFindResource(DllHandle, ResourceInfo, Level, FALSE, &Found);

    if (NT_SUCCESS(Status))
        *ResourceDirectory = (PIMAGE_RESOURCE_DIRECTORY)Found;
    return Status;
}

NTSTATUS NTAPI LdrAccessResource(PVOID DllHandle, const IMAGE_RESOURCE_DATA_ENTRY *ResourceDataEntry,
        PVOID *ResourceBuffer, PULONG ResourceLength)
{
    PUCHAR Base = (PUCHAR)((ULONG_PTR)DllHandle & ~(ULONG_PTR)3);

    if (ResourceBuffer != NULL)
        *ResourceBuffer = (ULONG_PTR)DllHandle & 1
                ? RtlImageRvaToVa(RtlImageNtHeader(Base), Base, ResourceDataEntry->OffsetToData, NULL)
                : Base + ResourceDataEntry->OffsetToData;
    if (ResourceLength != NULL)
        *ResourceLength = ResourceDataEntry->Size;
    return STATUS_SUCCESS;
}
