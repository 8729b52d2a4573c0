/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Links in the Win32 DLLs of Debian's libwine.  Their CreateFile functions know no FILE_FLAG_OPEN_REPARSE_POINT, so that what a
 * program does to a link would be done to its target, up to the deletion of a whole tree; and their CreateSymbolicLink functions
 * make none and answer TRUE.  Whoever asks kernelbase or kernel32 for these, or for what lists directories (winefind.c), gets ours.
 * Two that remain do to a link's target what Windows does to the link: SetFileAttributes and CreateHardLink.
 *
 * CreateFile's flags reach NtCreateFile without FILE_FLAG_OPEN_REPARSE_POINT, but with FILE_ATTRIBUTE_REPARSE_POINT, which Windows
 * ignores there: that attribute carries the flag.
 */
#include "winelink.h"
#include <winioctl.h>

/* What Win32's winbase.h and fileapi.h name. */
#define FILE_FLAG_OPEN_REPARSE_POINT 0x00200000
#define FILE_ATTRIBUTE_VALID_FLAGS 0x00007fb7
#define SYMBOLIC_LINK_FLAG_DIRECTORY 1
#define SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE 2

typedef struct _CREATEFILE2_EXTENDED_PARAMETERS {
    ULONG dwSize, dwFileAttributes, dwFileFlags, dwSecurityQosFlags;
    PVOID lpSecurityAttributes;
    HANDLE hTemplateFile;
} CREATEFILE2_EXTENDED_PARAMETERS;

typedef HANDLE (WINAPI *CREATE_FILE)(const void *Name, ULONG Access, ULONG Share, PVOID Security, ULONG Disposition, ULONG Flags, HANDLE Template);
typedef HANDLE (WINAPI *CREATE_FILE2)(PCWSTR Name, ULONG Access, ULONG Share, ULONG Disposition, const CREATEFILE2_EXTENDED_PARAMETERS *Extended);

typedef struct _RTLP_LINK {
    ULONG Tag;                          /* as REPARSE_DATA_BUFFER begins, [MS-FSCC] 2.1.2.4 */
    USHORT DataLength, Reserved;
    USHORT SubstituteNameOffset, SubstituteNameLength;
    USHORT PrintNameOffset, PrintNameLength;
    ULONG Flags;
    WCHAR Names[];
} RTLP_LINK, *PRTLP_LINK;

static CREATE_FILE RtlpWineCreateFileA, RtlpWineCreateFileW;
static CREATE_FILE2 RtlpWineCreateFile2;

static ULONG RtlpCarryFlag(ULONG Flags)
{
    Flags &= ~FILE_ATTRIBUTE_REPARSE_POINT;
    return Flags & FILE_FLAG_OPEN_REPARSE_POINT ? Flags | FILE_ATTRIBUTE_REPARSE_POINT : Flags;
}

static HANDLE WINAPI RtlpCreateFileA(const void *Name, ULONG Access, ULONG Share, PVOID Security, ULONG Disposition, ULONG Flags, HANDLE Template)
{
    return RtlpWineCreateFileA(Name, Access, Share, Security, Disposition, RtlpCarryFlag(Flags), Template);
}

static HANDLE WINAPI RtlpCreateFileW(const void *Name, ULONG Access, ULONG Share, PVOID Security, ULONG Disposition, ULONG Flags, HANDLE Template)
{
    return RtlpWineCreateFileW(Name, Access, Share, Security, Disposition, RtlpCarryFlag(Flags), Template);
}

/* CreateFile2 keeps but some attributes, so that the other one carries its flags. */
static HANDLE WINAPI RtlpCreateFile2(PCWSTR Name, ULONG Access, ULONG Share, ULONG Disposition,
        const CREATEFILE2_EXTENDED_PARAMETERS *Extended)
{
    PVOID KernelBase, Found;
    ANSI_STRING Other;

    if (Extended == NULL || !(Extended->dwFileFlags & FILE_FLAG_OPEN_REPARSE_POINT))
        return RtlpWineCreateFile2(Name, Access, Share, Disposition, Extended);
    RtlInitAnsiString(&Other, "CreateFileW");
    RtlPcToFileHeader((PVOID)RtlpWineCreateFile2, &KernelBase);
    if (!NT_SUCCESS(LdrGetProcedureAddress(KernelBase, &Other, 0, &Found))) {
        RtlSetLastWin32ErrorAndNtStatusFromNtStatus(STATUS_ENTRYPOINT_NOT_FOUND);
        return (HANDLE)-1;
    }
    return ((CREATE_FILE)Found)(Name, Access, Share, Extended->lpSecurityAttributes, Disposition,
                                Extended->dwFileAttributes | Extended->dwFileFlags | Extended->dwSecurityQosFlags, Extended->hTemplateFile);
}

/* Their advapi32 gives flags of CreateFile among the attributes, which NtCreateFile refuses. */
NTSTATUS NTAPI RtlpCreateFileForWine(PHANDLE File, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, PIO_STATUS_BLOCK IoStatus,
        PLARGE_INTEGER Size, ULONG FileAttributes, ULONG Share, ULONG Disposition, ULONG Options, PVOID Ea, ULONG EaLength)
{
    if (FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
        Options |= FILE_OPEN_REPARSE_POINT;
    FileAttributes &= FILE_ATTRIBUTE_VALID_FLAGS & ~FILE_ATTRIBUTE_REPARSE_POINT;
    return NtCreateFile(File, Access, Attributes, IoStatus, Size, FileAttributes, Share, Disposition, Options, Ea, EaLength);
}

/* --- CreateSymbolicLink --------------------------------------------------------------------------------------------- */

/* *Link is from the process heap.  A relative name is kept as it is, all else as the absolute name that it is now. */
static NTSTATUS RtlpMakeLink(PCWSTR Target, PRTLP_LINK *Link)
{
    RTL_PATH_TYPE Type = RtlDetermineDosPathNameType_U(Target);
    BOOLEAN Relative = Type == RtlPathTypeRelative || Type == RtlPathTypeRooted;
    UNICODE_STRING Shown, Name;
    NTSTATUS Status = RtlInitUnicodeStringEx(&Shown, Target);
    PRTLP_LINK New;

    Name = Shown;
    if (NT_SUCCESS(Status) && !Relative)
        Status = RtlDosPathNameToNtPathName_U_WithStatus(Target, &Name, NULL, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (sizeof(*New) + Name.Length + Shown.Length > MAXIMUM_REPARSE_DATA_BUFFER_SIZE)
        Status = STATUS_NAME_TOO_LONG;
    else if ((New = RtlAllocateHeap(RtlProcessHeap(), 0, sizeof(*New) + Name.Length + Shown.Length)) == NULL)
        Status = STATUS_NO_MEMORY;
    else {
        *New = (RTLP_LINK){
            .Tag = (ULONG)IO_REPARSE_TAG_SYMLINK,
            .DataLength = (USHORT)(sizeof(*New) - FIELD_OFFSET(RTLP_LINK, SubstituteNameOffset) + Name.Length + Shown.Length),
            .SubstituteNameLength = Name.Length, .PrintNameOffset = Name.Length, .PrintNameLength = Shown.Length,
            .Flags = Relative ? SYMLINK_FLAG_RELATIVE : 0,
        };
        memcpy(New->Names, Name.Buffer, Name.Length);
        memcpy((PUCHAR)New->Names + Name.Length, Shown.Buffer, Shown.Length);
        *Link = New;
    }
    if (!Relative)
        RtlFreeUnicodeString(&Name);
    return Status;
}

/* A new, empty file or directory that becomes the link; if it cannot, it goes again. */
static NTSTATUS RtlpPlaceLink(PUNICODE_STRING Path, const RTLP_LINK *Link, ULONG Kind)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = Path, .Attributes = OBJ_CASE_INSENSITIVE };
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    IO_STATUS_BLOCK IoStatus;
    HANDLE File;
    NTSTATUS Status = NtCreateFile(&File, FILE_WRITE_ATTRIBUTES | DELETE | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL, 0,
                                   FILE_CREATE, FILE_OPEN_REPARSE_POINT | FILE_SYNCHRONOUS_IO_NONALERT | Kind, NULL, 0);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtFsControlFile(File, NULL, NULL, NULL, &IoStatus, FSCTL_SET_REPARSE_POINT, (PVOID)Link,
                             FIELD_OFFSET(RTLP_LINK, SubstituteNameOffset) + Link->DataLength, NULL, 0);
    if (!NT_SUCCESS(Status))
        NtSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation);
    NtClose(File);
    return Status;
}

/* The privilege has to be enabled (SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE needs Windows' developer mode). */
static BOOLEAN WINAPI RtlpCreateSymbolicLinkW(PCWSTR Name, PCWSTR Target, ULONG Flags)
{
    ULONG Kind = Flags & SYMBOLIC_LINK_FLAG_DIRECTORY ? FILE_DIRECTORY_FILE : FILE_NON_DIRECTORY_FILE;
    UNICODE_STRING Path;
    PRTLP_LINK Link;
    NTSTATUS Status = STATUS_INVALID_PARAMETER;

    if (Name != NULL && Target != NULL && Target[0] != 0 &&
        !(Flags & ~(SYMBOLIC_LINK_FLAG_DIRECTORY | SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE)))
        Status = RtlDosPathNameToNtPathName_U_WithStatus(Name, &Path, NULL, NULL);
    if (NT_SUCCESS(Status)) {
        Status = RtlpMakeLink(Target, &Link);
        if (NT_SUCCESS(Status)) {
            Status = RtlpPlaceLink(&Path, Link, Kind);
            RtlFreeHeap(RtlProcessHeap(), 0, Link);
        }
        RtlFreeUnicodeString(&Path);
    }
    if (!NT_SUCCESS(Status))
        RtlSetLastWin32ErrorAndNtStatusFromNtStatus(Status);
    return NT_SUCCESS(Status);
}

static BOOLEAN WINAPI RtlpCreateSymbolicLinkA(PCSZ Name, PCSZ Target, ULONG Flags)
{
    UNICODE_STRING Link = { 0 }, To = { 0 };
    BOOLEAN Done = FALSE;

    if ((Name == NULL || RtlCreateUnicodeStringFromAsciiz(&Link, Name)) && (Target == NULL || RtlCreateUnicodeStringFromAsciiz(&To, Target)))
        Done = RtlpCreateSymbolicLinkW(Link.Buffer, To.Buffer, Flags);
    else
        RtlSetLastWin32ErrorAndNtStatusFromNtStatus(STATUS_NO_MEMORY);
    RtlFreeUnicodeString(&Link);
    RtlFreeUnicodeString(&To);
    return Done;
}

/* --- who gets them -------------------------------------------------------------------------------------------------- */

UCHAR RtlpWineKind(PCUNICODE_STRING Name, const void *Base, ULONG SizeOfImage)
{
    static const UNICODE_STRING KernelBase = RTL_CONSTANT_UNICODE_STRING(L"kernelbase.dll");
    static const UNICODE_STRING Kernel32 = RTL_CONSTANT_UNICODE_STRING(L"kernel32.dll");

    if (!RtlpIsWineDll(Base, SizeOfImage))
        return WineNone;
    if (RtlEqualUnicodeString(Name, &KernelBase, TRUE))
        return WineKernelBase;
    return RtlEqualUnicodeString(Name, &Kernel32, TRUE) ? WineKernel32 : WineNone;
}

typedef struct _RTLP_INSTEAD {
    PCSZ Name;
    PVOID Routine;
    PVOID *Original;                    /* NULL: is not called */
} RTLP_INSTEAD;

static const RTLP_INSTEAD RtlpInsteadOfKernelBase[] = {
    { "CreateFile2", (PVOID)RtlpCreateFile2, (PVOID *)&RtlpWineCreateFile2 },
    { "CreateFileA", (PVOID)RtlpCreateFileA, (PVOID *)&RtlpWineCreateFileA },
    { "CreateFileW", (PVOID)RtlpCreateFileW, (PVOID *)&RtlpWineCreateFileW },
    { "CreateSymbolicLinkW", (PVOID)RtlpCreateSymbolicLinkW, NULL },
    { "FindFirstFileA", (PVOID)RtlpFindFirstFileA, (PVOID *)&RtlpWineFind.FirstA },
    { "FindFirstFileExA", (PVOID)RtlpFindFirstFileExA, (PVOID *)&RtlpWineFind.FirstExA },
    { "FindFirstFileExW", (PVOID)RtlpFindFirstFileExW, (PVOID *)&RtlpWineFind.FirstExW },
    { "FindFirstFileW", (PVOID)RtlpFindFirstFileW, (PVOID *)&RtlpWineFind.FirstW },
    { "FindNextFileA", (PVOID)RtlpFindNextFileA, (PVOID *)&RtlpWineFind.NextA },
    { "FindNextFileW", (PVOID)RtlpFindNextFileW, (PVOID *)&RtlpWineFind.NextW },
};

PVOID RtlpInsteadOfWine(UCHAR Kind, PCSZ Name, PVOID Address)
{
    if (Name[0] != 'C' && Name[0] != 'F')
        return Address;
    /* kernel32 passes the others on to kernelbase. */
    if (Kind == WineKernel32)
        return strcmp(Name, "CreateSymbolicLinkA") == 0 ? (PVOID)RtlpCreateSymbolicLinkA : Address;
    for (ULONG i = 0; i < ARRAYSIZE(RtlpInsteadOfKernelBase); i++) {
        const RTLP_INSTEAD *Instead = &RtlpInsteadOfKernelBase[i];

        if (strcmp(Name, Instead->Name) != 0)
            continue;
        if (Instead->Original != NULL)
            *Instead->Original = Address;
        return Instead->Routine;
    }
    return Address;
}
