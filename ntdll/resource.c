/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Resources of an image: three levels of directories (type, name, language), then a data entry.
 *
 * Names below 64 KiB are numbers; others point to strings, compared as they are (who wants another case folds it first).
 * Offsets are checked against the size of the resource section.  Format: Microsoft, "PE Format", .rsrc section.
 */
#include "ntdllp.h"

#define LDRP_LANGUAGES 12

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

/* An entry of the wrong kind (a directory is wanted, or data) is none. */
static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpOfKind(const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entry, BOOLEAN WantDirectory)
{
    return Entry->DataIsDirectory == WantDirectory ? Entry : NULL;
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindById(const IMAGE_RESOURCE_DIRECTORY *Directory, ULONG Id,
        BOOLEAN WantDirectory)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entries = (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(Directory + 1) +
            Directory->NumberOfNamedEntries;

    for (ULONG Index = 0; Index < Directory->NumberOfIdEntries; Index++)
        if (!Entries[Index].NameIsString && Entries[Index].Id == Id)
            return LdrpOfKind(&Entries[Index], WantDirectory);
    return NULL;
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindByName(const LDRP_RESOURCES *Resources,
        const IMAGE_RESOURCE_DIRECTORY *Directory, PCWSTR Name, BOOLEAN WantDirectory)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entries = (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(Directory + 1);
    SIZE_T Length = wcslen(Name);

    for (ULONG Index = 0; Index < Directory->NumberOfNamedEntries; Index++) {
        ULONG Offset = Entries[Index].NameOffset;
        const IMAGE_RESOURCE_DIR_STRING_U *Text = (const IMAGE_RESOURCE_DIR_STRING_U *)(Resources->Root + Offset);

        if (!Entries[Index].NameIsString || Offset + sizeof(*Text) > Resources->Size ||
            Offset + sizeof(Text->Length) + Text->Length * sizeof(WCHAR) > Resources->Size)
            continue;
        if (Text->Length == Length && memcmp(Text->NameString, Name, Length * sizeof(WCHAR)) == 0)
            return LdrpOfKind(&Entries[Index], WantDirectory);
    }
    return NULL;
}

static ULONG LdrpAddLanguage(PUSHORT List, ULONG Count, ULONG Language)
{
    List[Count] = (USHORT)Language;
    return Count + 1;
}

/*
 * The languages to try for Language: itself, its neutral one, the neutral one.  If it is neutral (no particular one is
 * asked for), those of the thread, the user (unless it says "the system's") and the system, and English.  A particular one
 * that is not there is not replaced by another.  Source: Microsoft, "FindResourceEx" and "FormatMessage".
 */
static ULONG LdrpLanguagesFor(ULONG Language, PUSHORT List)
{
    ULONG Count = LdrpAddLanguage(List, 0, Language);
    LCID Locale;

    Count = LdrpAddLanguage(List, Count, PRIMARYLANGID(Language));
    Count = LdrpAddLanguage(List, Count, 0);
    if (PRIMARYLANGID(Language) != LANG_NEUTRAL)
        return Count;
    if (SUBLANGID(Language) != SUBLANG_SYS_DEFAULT) {
        Count = LdrpAddLanguage(List, Count, LANGIDFROMLCID(NtCurrentTebEx()->CurrentLocale));
        if (NT_SUCCESS(NtQueryDefaultLocale(TRUE, &Locale))) {
            Count = LdrpAddLanguage(List, Count, LANGIDFROMLCID(Locale));
            Count = LdrpAddLanguage(List, Count, PRIMARYLANGID(Locale));
        }
    }
    if (NT_SUCCESS(NtQueryDefaultLocale(FALSE, &Locale))) {
        Count = LdrpAddLanguage(List, Count, LANGIDFROMLCID(Locale));
        Count = LdrpAddLanguage(List, Count, PRIMARYLANGID(Locale));
    }
    return LdrpAddLanguage(List, Count, MAKELANGID(LANG_ENGLISH, SUBLANG_DEFAULT));
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindLanguage(const IMAGE_RESOURCE_DIRECTORY *Directory, ULONG Language,
        BOOLEAN WantDirectory)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *First = (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(Directory + 1), *Entry;
    USHORT Languages[LDRP_LANGUAGES];
    ULONG Count = LdrpLanguagesFor(Language, Languages);

    for (ULONG Index = 0; Index < Count; Index++)
        if ((Entry = LdrpFindById(Directory, Languages[Index], WantDirectory)) != NULL)
            return Entry;
    if (PRIMARYLANGID(Language) != LANG_NEUTRAL)
        return NULL;
    for (ULONG Index = 0; Index < (ULONG)Directory->NumberOfNamedEntries + Directory->NumberOfIdEntries; Index++)
        if (LdrpOfKind(&First[Index], WantDirectory) != NULL)
            return &First[Index];
    return NULL;
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *LdrpFindEntry(const LDRP_RESOURCES *Resources,
        const IMAGE_RESOURCE_DIRECTORY *Directory, ULONG Depth, ULONG_PTR Name, BOOLEAN WantDirectory)
{
    if (Depth == 2)
        return LdrpFindLanguage(Directory, (USHORT)Name, WantDirectory);
    return Name < 0x10000 ? LdrpFindById(Directory, (ULONG)Name, WantDirectory)
            : LdrpFindByName(Resources, Directory, (PCWSTR)Name, WantDirectory);
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
        BOOLEAN WantDirectory = !WantData || Depth != Level - 1;
        const IMAGE_RESOURCE_DIRECTORY_ENTRY *Entry = LdrpFindEntry(&Resources, Directory, Depth, Names[Depth], WantDirectory);

        if (Entry == NULL)
            return Missing[Depth];
        if (!WantDirectory) {
            if (Entry->OffsetToData + sizeof(IMAGE_RESOURCE_DATA_ENTRY) > Resources.Size)
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

/* Where the bytes of a data entry are in DllHandle, and how many.  STATUS_RESOURCE_DATA_NOT_FOUND: the image has no resources, or
 * they would lie outside of it. */
NTSTATUS NTAPI LdrAccessResource(PVOID DllHandle, const IMAGE_RESOURCE_DATA_ENTRY *ResourceDataEntry,
        PVOID *ResourceBuffer, PULONG ResourceLength)
{
    PUCHAR Base = (PUCHAR)((ULONG_PTR)DllHandle & ~(ULONG_PTR)3);
    ULONG Offset = ResourceDataEntry->OffsetToData, Size;
    PIMAGE_NT_HEADERS Headers;
    PVOID Data = Base + Offset;

    if (RtlImageDirectoryEntryToData(DllHandle, TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &Size) == NULL)
        return STATUS_RESOURCE_DATA_NOT_FOUND;
    Headers = RtlImageNtHeader(Base);
    if ((ULONG_PTR)DllHandle & 1)
        Data = RtlImageRvaToVa(Headers, Base, Offset, NULL);
    else if (Offset + (ULONGLONG)ResourceDataEntry->Size > Headers->OptionalHeader.SizeOfImage)
        Data = NULL;
    if (Data == NULL)
        return STATUS_RESOURCE_DATA_NOT_FOUND;
    if (ResourceBuffer != NULL)
        *ResourceBuffer = Data;
    if (ResourceLength != NULL)
        *ResourceLength = ResourceDataEntry->Size;
    return STATUS_SUCCESS;
}
