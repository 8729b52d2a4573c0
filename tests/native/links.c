/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Names of files: several names of one file (hard links), deletion and renaming with POSIX semantics, file ids and
 * opening by them, what keeps a directory from being renamed; times that an open keeps from changing.  Works in
 * C:\temp\nereidlinks, which it makes and removes.
 *
 * Runs on: Nereid and Wine.
 *
 * Rules: [MS-FSA] 2.1.5.15 (FileBasicInformation, FileDispositionInformation, FileLinkInformation,
 * FileRenameInformation), Windows Driver Kit: FILE_DISPOSITION_INFORMATION_EX, FILE_RENAME_INFORMATION,
 * FILE_LINKS_INFORMATION, FILE_STAT_INFORMATION.
 */
#include "check.h"
#include "files.h"

#define BASE L"\\??\\C:\\temp\\nereidlinks"
#define FILE_ALL (GENERIC_READ | GENERIC_WRITE | DELETE)

/* Classes and flags that not every header has. */
#define DISPOSITION_EX ((FILE_INFORMATION_CLASS)64)
#define RENAME_EX ((FILE_INFORMATION_CLASS)65)
#define STAT ((FILE_INFORMATION_CLASS)68)
#define LINK_EX ((FILE_INFORMATION_CLASS)72)
#define ID_EXTD_DIRECTORY ((FILE_INFORMATION_CLASS)60)
#define DELETES 0x01u
#define POSIX 0x02u
#define ON_CLOSE 0x08u
#define IGNORE_READONLY 0x10u
#define REPLACES 0x01u

static NTSTATUS Open(PCWSTR Name, ACCESS_MASK Access, ULONG Disposition, ULONG Options, PHANDLE File)
{
    return OpenAt(NULL, Name, Access, ALL_SHARE, Disposition, Options, File);
}

static HANDLE Make(PCWSTR Name, ULONG Options)
{
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(Name, Options & FILE_DIRECTORY_FILE ? FILE_LIST_DIRECTORY | DELETE : FILE_ALL, FILE_CREATE,
                                      Options, &File));
    return File;
}

/* FILE_LINK_INFORMATION and FILE_RENAME_INFORMATION have one layout; Flags is what the Ex classes have for the BOOLEAN. */
static NTSTATUS SetName(HANDLE File, FILE_INFORMATION_CLASS Class, PCWSTR Name, ULONG Flags)
{
    UCHAR Buffer[sizeof(FILE_RENAME_INFORMATION) + 256] = { 0 };
    PFILE_RENAME_INFORMATION Information = (PFILE_RENAME_INFORMATION)Buffer;

    memcpy(Buffer, &Flags, sizeof(Flags));
    Information->FileNameLength = (ULONG)wcslen(Name) * sizeof(WCHAR);
    memcpy(Information->FileName, Name, Information->FileNameLength);
    return NtSetInformationFile(File, &Iosb, Information, sizeof(*Information) + Information->FileNameLength, Class);
}

static NTSTATUS DisposeEx(HANDLE File, ULONG Flags)
{
    return NtSetInformationFile(File, &Iosb, &Flags, sizeof(Flags), DISPOSITION_EX);
}

static FILE_STANDARD_INFORMATION Standard(HANDLE File)
{
    FILE_STANDARD_INFORMATION Information = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Information, sizeof(Information),
                                                        FileStandardInformation));
    return Information;
}

static LONGLONG FileId(HANDLE File)
{
    FILE_INTERNAL_INFORMATION Information = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Information, sizeof(Information),
                                                        FileInternalInformation));
    return Information.IndexNumber.QuadPart;
}

static NTSTATUS Write(HANDLE File, const char *Text)
{
    LARGE_INTEGER Offset = { .QuadPart = 0 };

    return NtWriteFile(File, NULL, NULL, NULL, &Iosb, Text, (ULONG)strlen(Text), &Offset, NULL);
}

static BOOLEAN Contains(HANDLE File, const char *Text)
{
    LARGE_INTEGER Offset = { .QuadPart = 0 };
    char Buffer[32] = { 0 };

    return NT_SUCCESS(NtReadFile(File, NULL, NULL, NULL, &Iosb, Buffer, sizeof(Buffer), &Offset, NULL)) &&
           strcmp(Buffer, Text) == 0;
}

static VOID TestHardLinks(VOID)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    HANDLE File = Make(BASE L"\\one", 0), Other, Directory;

    CHECK(Standard(File).NumberOfLinks == 1);
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "first"));
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, FileLinkInformation, BASE L"\\two", 0));
    CHECK(Standard(File).NumberOfLinks == 2);
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, SetName(File, FileLinkInformation, BASE L"\\TWO", 0));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, SetName(File, FileLinkInformation, BASE L"\\none\\three", 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\Two", FILE_ALL, FILE_OPEN, 0, &Other));
    CHECK(FileId(File) == FileId(Other));
    CHECK(Contains(Other, "first"));
    CHECK_STATUS(STATUS_SUCCESS, Write(Other, "other"));
    CHECK(Contains(File, "other"));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\one"));
    if (!IsWine) {      /* there a name goes with the last handle of the file, whatever name that was opened by */
        CHECK(!Exists(BASE L"\\one") && Exists(BASE L"\\two"));
        CHECK(Standard(Other).NumberOfLinks == 1 && !Standard(Other).DeletePending && Contains(Other, "other"));
    }

    /* A name that is to go is no name any more; the file is to go when it was the last. */
    CHECK_STATUS(STATUS_SUCCESS, SetName(Other, FileLinkInformation, BASE L"\\three", 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\three", FILE_ALL, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Disposition, sizeof(Disposition),
                                                      FileDispositionInformation));
    if (!IsWine) {      /* counts the names that there are */
        CHECK(Standard(File).NumberOfLinks == 1 && Standard(File).DeletePending);
        CHECK(Standard(Other).NumberOfLinks == 1 && !Standard(Other).DeletePending);
        CHECK_STATUS(STATUS_DELETE_PENDING, Open(BASE L"\\three", FILE_ALL, FILE_OPEN, 0, &Directory));
        CHECK_STATUS(STATUS_ACCESS_DENIED, SetName(File, FileLinkInformation, BASE L"\\four", 0));
    }
    NtClose(File);
    if (!IsWine)
        CHECK(!Exists(BASE L"\\three") && Exists(BASE L"\\two"));
    NtClose(Other);
    CHECK(!Exists(BASE L"\\one") && !Exists(BASE L"\\three"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\two"));

    Directory = Make(BASE L"\\directory", FILE_DIRECTORY_FILE);
    CHECK_STATUS(STATUS_FILE_IS_A_DIRECTORY, SetName(Directory, FileLinkInformation, BASE L"\\link", 0));
    NtClose(Directory);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\directory"));
}

static VOID TestReplacingLinks(VOID)
{
    HANDLE File = Make(BASE L"\\new", 0), Other = Make(BASE L"\\old", 0);

    CHECK_STATUS(STATUS_SUCCESS, Write(File, "new"));
    CHECK_STATUS(STATUS_SUCCESS, Write(Other, "old"));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, SetName(File, FileLinkInformation, BASE L"\\old", 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetName(File, FileLinkInformation, BASE L"\\old", REPLACES));
    NtClose(Other);
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, FileLinkInformation, BASE L"\\old", REPLACES));
    CHECK(Standard(File).NumberOfLinks == 2);
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, FileLinkInformation, BASE L"\\new", REPLACES));
    CHECK(Standard(File).NumberOfLinks == 2);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\old", FILE_ALL, FILE_OPEN, 0, &Other));
    CHECK(Contains(Other, "new"));
    NtClose(Other);

    /* One name of a file over another of the same. */
    if (!IsWine) {
        CHECK_STATUS(STATUS_SUCCESS, SetName(File, FileRenameInformation, BASE L"\\old", REPLACES));
        CHECK(!Exists(BASE L"\\new") && Standard(File).NumberOfLinks == 1);
    } else {
        Remove(BASE L"\\new");
    }
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\old"));
}

static BOOLEAN IsEntry(PUCHAR Buffer, ULONG Offset, LONGLONG ParentId, PCWSTR Name)
{
    ULONG Chars = *(PULONG)(Buffer + Offset + 16);

    return *(PLONGLONG)(Buffer + Offset + 8) == ParentId && Chars == wcslen(Name) &&
           memcmp(Buffer + Offset + 20, Name, Chars * sizeof(WCHAR)) == 0;
}

/* FILE_LINKS_INFORMATION: bytes needed, entries, then each: next, parent's id, characters, name. */
static VOID TestListOfLinks(VOID)
{
    UCHAR Buffer[256] __attribute__((aligned(8))) = { 0 };
    PULONG Head = (PULONG)Buffer;
    HANDLE File = Make(BASE L"\\alpha", 0), Directory;
    ULONG Second;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Directory));
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, FileLinkInformation, BASE L"\\b", 0));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, Buffer, sizeof(Buffer), FileHardLinkInformation));
    Second = 8 + *(PULONG)(Buffer + 8);
    CHECK(Head[1] == 2 && Iosb.Information == Head[0] && Second == 40);
    CHECK(IsEntry(Buffer, 8, FileId(Directory), L"alpha") && IsEntry(Buffer, Second, FileId(Directory), L"b"));
    CHECK(*(PULONG)(Buffer + Second) == 0 && Head[0] == Second + 22);
    memset(Buffer, 0, sizeof(Buffer));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryInformationFile(File, &Iosb, Buffer, 61, FileHardLinkInformation));
    CHECK(Head[0] == 62 && Head[1] == 1 && IsEntry(Buffer, 8, FileId(Directory), L"alpha"));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryInformationFile(File, &Iosb, Buffer, 8, FileHardLinkInformation));
    CHECK(Head[0] == 62 && Head[1] == 0 && Iosb.Information == 8);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationFile(File, &Iosb, Buffer, 7, FileHardLinkInformation));
    NtClose(Directory);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\alpha"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\b"));
}

static VOID TestPosixDelete(VOID)
{
    HANDLE File = Make(BASE L"\\posix", 0), Other, Again;

    CHECK_STATUS(STATUS_SUCCESS, Write(File, "still"));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\posix", FILE_ALL, FILE_OPEN, 0, &Other));
    CHECK_STATUS(STATUS_SUCCESS, DisposeEx(File, DELETES | POSIX));
    NtClose(File);
    /* The name went with the handle that asked; the other one goes on. */
    CHECK(!Exists(BASE L"\\posix"));
    CHECK(Contains(Other, "still"));
    CHECK_STATUS(STATUS_SUCCESS, Write(Other, "wrote"));
    CHECK(Standard(Other).NumberOfLinks == 0 && Standard(Other).DeletePending);
    CHECK_STATUS(STATUS_FILE_DELETED, DisposeEx(Other, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetName(Other, FileRenameInformation, BASE L"\\back", 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetName(Other, FileLinkInformation, BASE L"\\back", 0));
    Again = Make(BASE L"\\posix", 0);
    CHECK(!Contains(Again, "wrote") && Contains(Other, "wrote"));
    NtClose(Other);
    CHECK(Exists(BASE L"\\posix"));

    /* Without POSIX semantics the name stays until the last handle. */
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\posix", FILE_ALL, FILE_OPEN, 0, &Other));
    CHECK_STATUS(STATUS_SUCCESS, DisposeEx(Again, DELETES));
    NtClose(Again);
    CHECK_STATUS(STATUS_DELETE_PENDING, Open(BASE L"\\posix", FILE_ALL, FILE_OPEN, 0, &Again));
    CHECK_STATUS(STATUS_DELETE_PENDING, Open(BASE L"\\posix", FILE_ALL, FILE_CREATE, 0, &Again));
    CHECK_STATUS(STATUS_SUCCESS, DisposeEx(Other, 0));
    NtClose(Other);
    CHECK(Exists(BASE L"\\posix"));
    Remove(BASE L"\\posix");
    CHECK(!Exists(BASE L"\\posix"));
}

static VOID TestDispositionFlags(VOID)
{
    FILE_BASIC_INFORMATION Basic = { .FileAttributes = FILE_ATTRIBUTE_READONLY };
    HANDLE File = Make(BASE L"\\flags", 0);

    CHECK_STATUS(STATUS_INVALID_PARAMETER, DisposeEx(File, 0x80000000));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    CHECK_STATUS(STATUS_CANNOT_DELETE, DisposeEx(File, DELETES));
    CHECK_STATUS(STATUS_SUCCESS, DisposeEx(File, DELETES | IGNORE_READONLY));
    CHECK_STATUS(STATUS_SUCCESS, DisposeEx(File, 0));
    Basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    NtClose(File);

    /* Deletion on close can be taken back, and asked for. */
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\flags", DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE, &File));
    CHECK_STATUS(STATUS_SUCCESS, DisposeEx(File, ON_CLOSE));
    NtClose(File);
    CHECK(Exists(BASE L"\\flags"));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\flags", DELETE, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, DisposeEx(File, ON_CLOSE | DELETES));
    NtClose(File);
    CHECK(!Exists(BASE L"\\flags"));
}

static VOID TestPosixRename(VOID)
{
    HANDLE File = Make(BASE L"\\source", 0), Target = Make(BASE L"\\target", 0), Exclusive;
    UNICODE_STRING Name;

    CHECK_STATUS(STATUS_SUCCESS, Write(Target, "target"));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, SetName(File, RENAME_EX, BASE L"\\target", 0x80000000));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, SetName(File, RENAME_EX, BASE L"\\target", POSIX));
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetName(File, RENAME_EX, BASE L"\\target", REPLACES));
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, RENAME_EX, BASE L"\\target", REPLACES | POSIX));
    CHECK(!Exists(BASE L"\\source") && Contains(Target, "target") && !Contains(File, "target"));
    CHECK(Standard(Target).NumberOfLinks == 0);
    NtClose(Target);

    /* Who does not share deletion keeps the name. */
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, RENAME_EX, BASE L"\\source", 0));
    RtlInitUnicodeString(&Name, BASE L"\\target");
    CHECK_STATUS(STATUS_SUCCESS, OpenName(NULL, &Name, GENERIC_READ, FILE_SHARE_READ, FILE_CREATE, 0, &Exclusive));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, SetName(File, RENAME_EX, BASE L"\\target", REPLACES | POSIX));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, SetName(File, LINK_EX, BASE L"\\target", REPLACES | POSIX));
    NtClose(Exclusive);
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, LINK_EX, BASE L"\\target", REPLACES | POSIX));
    CHECK(Standard(File).NumberOfLinks == 2);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\target"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\source"));
}

/* [MS-FSA] 2.1.5.15.11: not while something below is open. */
static VOID TestRenameDirectory(VOID)
{
    HANDLE Directory = Make(BASE L"\\from", FILE_DIRECTORY_FILE), Inner = Make(BASE L"\\from\\inner", FILE_DIRECTORY_FILE);
    HANDLE File = Make(BASE L"\\from\\inner\\file", 0);

    if (!IsWine) {
        CHECK_STATUS(STATUS_ACCESS_DENIED, SetName(Directory, FileRenameInformation, BASE L"\\to", 0));
        NtClose(Inner);
        CHECK_STATUS(STATUS_ACCESS_DENIED, SetName(Directory, FileRenameInformation, BASE L"\\to", 0));
        NtClose(File);
    } else {
        NtClose(Inner);
        NtClose(File);
    }
    CHECK_STATUS(STATUS_SUCCESS, SetName(Directory, FileRenameInformation, BASE L"\\to", 0));
    NtClose(Directory);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\to\\inner\\file"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\to\\inner"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\to"));
}

static NTSTATUS OpenId(HANDLE Root, PVOID Id, ULONG Length, ULONG Disposition, PHANDLE File)
{
    UNICODE_STRING Name = { (USHORT)Length, (USHORT)Length, Id };

    return OpenName(Root, &Name, GENERIC_READ, ALL_SHARE, Disposition, FILE_OPEN_BY_FILE_ID, File);
}

static VOID TestIds(VOID)
{
    static const WCHAR Volume[] = L"\\??\\C:\\";
    LONGLONG Id[2] = { 0 };
    UCHAR Buffer[sizeof(Volume) + sizeof(Id)], Name[256];
    HANDLE File = Make(BASE L"\\by id", 0), Root, Other;
    UNICODE_STRING Path = { 0, sizeof(Buffer), (PVOID)Buffer };

    CHECK_STATUS(STATUS_SUCCESS, Open(L"\\??\\C:\\", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Root));
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "found"));
    Id[0] = FileId(File);
    CHECK_STATUS(STATUS_SUCCESS, OpenId(Root, Id, 8, FILE_OPEN, &Other));
    CHECK(Iosb.Information == FILE_OPENED && FileId(Other) == Id[0] && Contains(Other, "found"));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(Other, &Iosb, Name, sizeof(Name), FileNameInformation));
    NtClose(Other);
    CHECK(!NT_SUCCESS(OpenId(Root, Id, 6, FILE_OPEN, &Other)));
    if (!IsWine) {
        CHECK_STATUS(STATUS_SUCCESS, OpenId(Root, Id, 16, FILE_OPEN, &Other));
        CHECK(FileId(Other) == Id[0]);
        NtClose(Other);
        CHECK_STATUS(STATUS_SUCCESS, OpenId(File, Id, 8, FILE_OPEN, &Other));       /* any file of the volume will do */
        NtClose(Other);
        CHECK_STATUS(STATUS_INVALID_PARAMETER, OpenId(Root, Id, 8, FILE_OVERWRITE_IF, &Other));
        memcpy(Buffer, Volume, sizeof(Volume) - sizeof(WCHAR));
        memcpy(Buffer + sizeof(Volume) - sizeof(WCHAR), Id, 8);
        Path.Length = sizeof(Volume) - sizeof(WCHAR) + 8;
        CHECK_STATUS(STATUS_SUCCESS, OpenName(NULL, &Path, GENERIC_READ, ALL_SHARE, FILE_OPEN, FILE_OPEN_BY_FILE_ID, &Other));
        NtClose(Other);
        Id[1] = 1;
        CHECK_STATUS(STATUS_INVALID_PARAMETER, OpenId(Root, Id, 16, FILE_OPEN, &Other));
        Id[0] = 0x5c;           /* begins with a backslash, if it is taken for a name */
        CHECK(OpenId(Root, Id, 8, FILE_OPEN, &Other) != STATUS_OBJECT_NAME_INVALID);
        if (Other != NULL)
            NtClose(Other);
    }
    Id[0] = 0x7fffffffffffll;
    CHECK(!NT_SUCCESS(OpenId(Root, Id, 8, FILE_OPEN, &Other)));
    NtClose(File);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\by id"));
}

/* FILE_STAT_INFORMATION: id, four times, allocation, size, attributes, tag, links, access. */
static VOID TestStat(VOID)
{
    LONGLONG Stat[9] = { 0 };
    PULONG Tail = (PULONG)&Stat[7];
    HANDLE File = Make(BASE L"\\stat", 0);

    CHECK_STATUS(STATUS_SUCCESS, Write(File, "12345"));
    CHECK_STATUS(STATUS_SUCCESS, SetName(File, FileLinkInformation, BASE L"\\stat2", 0));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, Stat, sizeof(Stat), STAT));
    CHECK(Iosb.Information == sizeof(Stat) && Stat[0] == FileId(File) && Stat[6] == 5);
    CHECK(Tail[0] == FILE_ATTRIBUTE_ARCHIVE && Tail[1] == 0 && Tail[2] == 2);
    CHECK((Tail[3] & (FILE_READ_DATA | FILE_WRITE_DATA | DELETE)) == (FILE_READ_DATA | FILE_WRITE_DATA | DELETE));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryInformationFile(File, &Iosb, Stat, sizeof(Stat) - 1, STAT));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\stat2"));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\stat"));
}

static NTSTATUS SetTimes(HANDLE File, LONGLONG LastWrite, LONGLONG Change)
{
    FILE_BASIC_INFORMATION Basic = { .LastWriteTime.QuadPart = LastWrite, .ChangeTime.QuadPart = Change };

    return NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation);
}

static FILE_BASIC_INFORMATION Times(HANDLE File)
{
    FILE_BASIC_INFORMATION Basic = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    return Basic;
}

static VOID TestTimes(VOID)
{
    const LONGLONG Old = 116444736000000000ll, Older = Old - 10000000;
    HANDLE File = Make(BASE L"\\times", 0), Other;

    CHECK_STATUS(STATUS_SUCCESS, SetTimes(File, Old, 0));
    CHECK(Times(File).LastWriteTime.QuadPart == Old);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, SetTimes(File, -3, 0));
    if (!IsWine) {
        /* A time that was set stays, whatever the same open does; another open's writing changes it. */
        CHECK_STATUS(STATUS_SUCCESS, Write(File, "a"));
        CHECK(Times(File).LastWriteTime.QuadPart == Old);
        CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\times", FILE_ALL, FILE_OPEN, 0, &Other));
        CHECK_STATUS(STATUS_SUCCESS, Write(Other, "b"));
        CHECK(Times(File).LastWriteTime.QuadPart > Old);
        /* -1: this open changes it no more; -2: it does again. */
        CHECK_STATUS(STATUS_SUCCESS, SetTimes(Other, -1, -1));
        CHECK_STATUS(STATUS_SUCCESS, SetTimes(File, Older, Older));
        CHECK_STATUS(STATUS_SUCCESS, Write(Other, "c"));
        CHECK(Times(File).LastWriteTime.QuadPart == Older && Times(File).ChangeTime.QuadPart == Older);
        CHECK_STATUS(STATUS_SUCCESS, SetTimes(Other, -2, 0));
        CHECK_STATUS(STATUS_SUCCESS, Write(Other, "d"));
        CHECK(Times(File).LastWriteTime.QuadPart > Old && Times(File).ChangeTime.QuadPart == Older);
        CHECK_STATUS(STATUS_SUCCESS, SetTimes(Other, 0, -2));
        CHECK_STATUS(STATUS_SUCCESS, Write(Other, "e"));
        CHECK(Times(File).ChangeTime.QuadPart > Old);
        NtClose(Other);
    }
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\times"));
}

/* FILE_ID_EXTD_DIR_INFORMATION: name's length at 60, id of 128 bits at 72, name at 88. */
static VOID TestIdsOfDirectory(VOID)
{
    UCHAR Buffer[256] __attribute__((aligned(8)));
    HANDLE Directory, File = Make(BASE L"\\entry", 0);
    UNICODE_STRING Pattern = RTL_CONSTANT_UNICODE_STRING(L"entry");

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Directory));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryDirectoryFile(Directory, NULL, NULL, NULL, &Iosb, Buffer, sizeof(Buffer),
                                                      ID_EXTD_DIRECTORY, FALSE, &Pattern, TRUE));
    CHECK(*(PULONG)(Buffer + 60) == 10 && memcmp(Buffer + 88, L"entry", 10) == 0 && Iosb.Information == 98);
    CHECK(*(PLONGLONG)(Buffer + 72) == FileId(File) && *(PLONGLONG)(Buffer + 80) == 0);
    NtClose(Directory);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\entry"));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Directory;

    CheckSystem();
    if (NT_SUCCESS(Open(L"\\??\\C:\\temp", FILE_LIST_DIRECTORY, FILE_OPEN_IF, FILE_DIRECTORY_FILE, &Directory)))
        NtClose(Directory);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN_IF, FILE_DIRECTORY_FILE, &Directory));
    NtClose(Directory);
    TestHardLinks();
    TestReplacingLinks();
    TestRenameDirectory();
    TestIds();
    TestTimes();
    if (!IsWine) {      /* Wine 8 has none of these classes */
        TestListOfLinks();
        TestPosixDelete();
        TestDispositionFlags();
        TestPosixRename();
        TestStat();
        TestIdsOfDirectory();
    }
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE));
    return CheckClose();
}
