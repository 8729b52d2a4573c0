/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Links in listings of Debian's libwine: its FindFirstFile and FindNextFile say that an entry is a reparse point, but dwReserved0,
 * where Windows says of what kind, is 0.  Programs that take a link for a directory then walk through it, and may delete what is
 * there.  These routines stand for those functions (winelink.c) and fill it in; what cannot be opened keeps 0.
 */
#include "winelink.h"

/* The head of what a search's handle points to, in kernelbase.dll of libwine 8.0. */
typedef struct _RTLP_WINE_SEARCH {
    ULONG Magic;
    HANDLE Directory;                   /* NULL: the search was for one name and is over */
} RTLP_WINE_SEARCH, *PRTLP_WINE_SEARCH;

#define WINE_SEARCH_MAGIC 0xC0FFEE11

/* WIN32_FIND_DATAA and W are alike up to the name. */
typedef struct _RTLP_FIND_DATA {
    ULONG FileAttributes;
    ULONG Times[6], FileSizeHigh, FileSizeLow;
    ULONG Reserved0, Reserved1;
    union {
        CHAR A[MAX_PATH];
        WCHAR W[MAX_PATH];
    } FileName;
} RTLP_FIND_DATA, *PRTLP_FIND_DATA;

RTLP_WINE_FIND RtlpWineFind;

/* Name is relative to Directory, or absolute where that is NULL. */
static ULONG RtlpReadTag(HANDLE Directory, PUNICODE_STRING Name)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .RootDirectory = Directory, .ObjectName = Name,
                                     .Attributes = OBJ_CASE_INSENSITIVE };
    FILE_ATTRIBUTE_TAG_INFORMATION Tag = { 0 };
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;

    if (!NT_SUCCESS(NtOpenFile(&File, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &Attributes, &IoStatus,
                               FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                               FILE_OPEN_REPARSE_POINT | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT)))
        return 0;
    if (!NT_SUCCESS(NtQueryInformationFile(File, &IoStatus, &Tag, sizeof(Tag), FileAttributeTagInformation)))
        Tag.ReparseTag = 0;
    NtClose(File);
    return Tag.ReparseTag;
}

/* Path is what a search for one name was for; FindNextFile has none. */
static VOID RtlpTellTag(HANDLE Search, PRTLP_FIND_DATA Data, PCWSTR Path, PUNICODE_STRING Found)
{
    PRTLP_WINE_SEARCH Wine = Search;
    UNICODE_STRING Name;

    if (Wine->Magic != WINE_SEARCH_MAGIC)
        return;
    if (Wine->Directory != NULL) {
        Data->Reserved0 = RtlpReadTag(Wine->Directory, Found);
    } else if (Path != NULL && RtlDosPathNameToNtPathName_U(Path, &Name, NULL, NULL)) {
        Data->Reserved0 = RtlpReadTag(NULL, &Name);
        RtlFreeUnicodeString(&Name);
    }
}

static BOOLEAN RtlpIsFoundLink(HANDLE Search, const RTLP_FIND_DATA *Data)
{
    return Search != (HANDLE)-1 && Data->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT;
}

static HANDLE RtlpTellTagW(HANDLE Search, PRTLP_FIND_DATA Data, PCWSTR Path)
{
    UNICODE_STRING Found;

    if (RtlpIsFoundLink(Search, Data)) {
        RtlInitUnicodeString(&Found, Data->FileName.W);
        RtlpTellTag(Search, Data, Path, &Found);
    }
    return Search;
}

static HANDLE RtlpTellTagA(HANDLE Search, PRTLP_FIND_DATA Data, PCSZ Path)
{
    UNICODE_STRING Found = { 0 }, Wide = { 0 };

    if (!RtlpIsFoundLink(Search, Data))
        return Search;
    if (RtlCreateUnicodeStringFromAsciiz(&Found, Data->FileName.A) && (Path == NULL || RtlCreateUnicodeStringFromAsciiz(&Wide, Path)))
        RtlpTellTag(Search, Data, Wide.Buffer, &Found);
    RtlFreeUnicodeString(&Wide);
    RtlFreeUnicodeString(&Found);
    return Search;
}

HANDLE WINAPI RtlpFindFirstFileA(PCSZ Path, PVOID Data)
{
    return RtlpTellTagA(RtlpWineFind.FirstA(Path, Data), Data, Path);
}

HANDLE WINAPI RtlpFindFirstFileW(PCWSTR Path, PVOID Data)
{
    return RtlpTellTagW(RtlpWineFind.FirstW(Path, Data), Data, Path);
}

HANDLE WINAPI RtlpFindFirstFileExA(PCSZ Path, ULONG Level, PVOID Data, ULONG Kind, PVOID Filter, ULONG Flags)
{
    return RtlpTellTagA(RtlpWineFind.FirstExA(Path, Level, Data, Kind, Filter, Flags), Data, Path);
}

HANDLE WINAPI RtlpFindFirstFileExW(PCWSTR Path, ULONG Level, PVOID Data, ULONG Kind, PVOID Filter, ULONG Flags)
{
    return RtlpTellTagW(RtlpWineFind.FirstExW(Path, Level, Data, Kind, Filter, Flags), Data, Path);
}

int WINAPI RtlpFindNextFileA(HANDLE Search, PVOID Data)
{
    int Found = RtlpWineFind.NextA(Search, Data);

    if (Found)
        RtlpTellTagA(Search, Data, NULL);
    return Found;
}

int WINAPI RtlpFindNextFileW(HANDLE Search, PVOID Data)
{
    int Found = RtlpWineFind.NextW(Search, Data);

    if (Found)
        RtlpTellTagW(Search, Data, NULL);
    return Found;
}
