/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Files: create dispositions, share modes, reading and writing, positions, information classes, directories and
 * wildcards, rename, deletion, byte-range locks, sections over files, bad names.  Works in C:\temp\nereidtest, which it
 * makes and removes.
 *
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "files.h"

#include <winioctl.h>

#define BASE L"\\??\\C:\\temp\\nereidtest"

static NTSTATUS Open(PCWSTR Name, ACCESS_MASK Access, ULONG Share, ULONG Disposition, ULONG Options, PHANDLE File)
{
    return OpenAt(NULL, Name, Access, Share, Disposition, Options, File);
}

static NTSTATUS Write(HANDLE File, const char *Text, LONGLONG At)
{
    LARGE_INTEGER Offset = { .QuadPart = At };

    return NtWriteFile(File, NULL, NULL, NULL, &Iosb, Text, (ULONG)strlen(Text), At < -2 ? NULL : &Offset, NULL);
}

static NTSTATUS Read(HANDLE File, char *Buffer, ULONG Length, LONGLONG At)
{
    LARGE_INTEGER Offset = { .QuadPart = At };

    memset(Buffer, 0, Length + 1);
    return NtReadFile(File, NULL, NULL, NULL, &Iosb, Buffer, Length, At < 0 ? NULL : &Offset, NULL);
}

/* NtQueryObject tells a file's name with the drive letter, as Wine does and kernelbase wants it. */
static VOID TestName(VOID)
{
    UCHAR Buffer[512];
    POBJECT_NAME_INFORMATION Name = (PVOID)Buffer;
    static const WCHAR Full[] = BASE;
    ULONG Length = 0;
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, ALL_SHARE, FILE_OPEN, FILE_DIRECTORY_FILE, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(File, ObjectNameInformation, Buffer, sizeof(Buffer), &Length));
    CHECK(Name->Name.Length == sizeof(Full) - sizeof(WCHAR) && _wcsnicmp(Name->Name.Buffer, Full, ARRAYSIZE(Full)) == 0);
    CHECK(Length == sizeof(*Name) + Name->Name.Length + sizeof(WCHAR));
    CHECK(!NT_SUCCESS(NtQueryObject(File, ObjectNameInformation, Buffer, sizeof(*Name), &Length)));
    CHECK(!NT_SUCCESS(NtQueryObject(File, ObjectNameInformation, Buffer, sizeof(*Name) + 14, &Length)));
    CHECK(Length == sizeof(*Name) + sizeof(Full));
    NtClose(File);
}

static void TestDispositions(void)
{
    HANDLE File;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(BASE L"\\a", GENERIC_READ, ALL_SHARE, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(BASE L"\\a", GENERIC_WRITE, ALL_SHARE, FILE_OVERWRITE, 0, &File));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, Open(BASE L"\\no\\a", GENERIC_READ, ALL_SHARE, FILE_OPEN_IF, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\a", GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK(Iosb.Information == FILE_CREATED);
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "hello", -3));
    NtClose(File);
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Open(BASE L"\\A", GENERIC_READ, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\A", GENERIC_READ, ALL_SHARE, FILE_OPEN_IF, 0, &File));
    CHECK(Iosb.Information == FILE_OPENED);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\a", GENERIC_WRITE, ALL_SHARE, FILE_OVERWRITE_IF, 0, &File));
    CHECK(Iosb.Information == FILE_OVERWRITTEN);
    NtClose(File);
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, Open(BASE L"\\a\\b", GENERIC_READ, ALL_SHARE, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_NOT_A_DIRECTORY, Open(BASE L"\\a", GENERIC_READ, ALL_SHARE, FILE_OPEN, FILE_DIRECTORY_FILE,
                                              &File));
    CHECK_STATUS(STATUS_FILE_IS_A_DIRECTORY, Open(BASE, GENERIC_READ, ALL_SHARE, FILE_OPEN, FILE_NON_DIRECTORY_FILE,
                                                  &File));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Open(BASE L"\\a", GENERIC_READ, ALL_SHARE, 6, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\a"));
    CHECK(!Exists(BASE L"\\a"));
}

static void TestReadWrite(void)
{
    FILE_POSITION_INFORMATION Position;
    FILE_STANDARD_INFORMATION Standard;
    LARGE_INTEGER Negative = { .QuadPart = -5 };
    char Buffer[64];
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\rw", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "0123456789", -3));
    CHECK(Iosb.Information == 10);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Position, sizeof(Position),
                                                        FilePositionInformation));
    CHECK(Position.CurrentByteOffset.QuadPart == 10);
    CHECK_STATUS(STATUS_END_OF_FILE, Read(File, Buffer, 4, -1));
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 4, 3));
    CHECK(strcmp(Buffer, "3456") == 0);
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 40, -1));
    CHECK(Iosb.Information == 3 && strcmp(Buffer, "789") == 0);
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "xyz", 20));
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 23, 0));
    CHECK(Iosb.Information == 23 && Buffer[15] == 0 && memcmp(Buffer + 20, "xyz", 3) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "end", -1));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Standard, sizeof(Standard),
                                                        FileStandardInformation));
    CHECK(Standard.EndOfFile.QuadPart == 26 && !Standard.Directory && Standard.NumberOfLinks == 1);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtWriteFile(File, NULL, NULL, NULL, &Iosb, "x", 1, &Negative, NULL));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\rw", GENERIC_READ, ALL_SHARE, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Write(File, "x", 0));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\rw", FILE_APPEND_DATA, ALL_SHARE, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Read(File, Buffer, 1, 0));
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "!", 0));
    NtClose(File);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Open(BASE L"\\rw", GENERIC_READ, ALL_SHARE, FILE_OPEN, FILE_DELETE_ON_CLOSE,
                                                &File));
    Remove(BASE L"\\rw");
}

static void TestSizes(void)
{
    FILE_END_OF_FILE_INFORMATION End = { .EndOfFile.QuadPart = 100000 };
    char Buffer[16];
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\size", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &End, sizeof(End), FileEndOfFileInformation));
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 8, 99992));
    CHECK(Iosb.Information == 8 && Buffer[7] == 0);
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "abcdefgh", 4090));
    End.EndOfFile.QuadPart = 4092;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &End, sizeof(End), FileEndOfFileInformation));
    End.EndOfFile.QuadPart = 8192;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &End, sizeof(End), FileEndOfFileInformation));
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 8, 4090));
    CHECK(Buffer[0] == 'a' && Buffer[1] == 'b' && Buffer[2] == 0 && Buffer[7] == 0);
    End.EndOfFile.QuadPart = -1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationFile(File, &Iosb, &End, sizeof(End),
                                                                FileEndOfFileInformation));
    TODO(OnWine, CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetInformationFile(File, &Iosb, &End, 4,
                                                                                FileEndOfFileInformation)));
    NtClose(File);
    Remove(BASE L"\\size");
}

static void TestSharing(void)
{
    HANDLE First, Second;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\share", GENERIC_READ, FILE_SHARE_READ, FILE_CREATE, 0, &First));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\share", GENERIC_READ, FILE_SHARE_READ, FILE_OPEN, 0, &Second));
    NtClose(Second);
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(BASE L"\\share", GENERIC_WRITE, ALL_SHARE, FILE_OPEN, 0, &Second));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(BASE L"\\share", DELETE, ALL_SHARE, FILE_OPEN, 0, &Second));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(BASE L"\\share", GENERIC_READ, 0, FILE_OPEN, 0, &Second));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\share", FILE_READ_ATTRIBUTES, 0, FILE_OPEN, 0, &Second));
    NtClose(Second);
    NtClose(First);
    Remove(BASE L"\\share");
}

/* Attributes and times are set by who may: a handle that has the right, or a caller whom the file grants it. */
static void TestWhoSetsAttributes(void)
{
    FILE_BASIC_INFORMATION Basic = { .FileAttributes = FILE_ATTRIBUTE_HIDDEN };
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE File, Reader;
    ACL Nobody;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlCreateAcl(&Nobody, sizeof(Nobody), ACL_REVISION);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\who", FILE_ALL_ACCESS, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\who", GENERIC_READ, ALL_SHARE, FILE_OPEN, 0, &Reader));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(Reader, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, &Nobody, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(File, DACL_SECURITY_INFORMATION, &Descriptor));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetInformationFile(Reader, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(File, DACL_SECURITY_INFORMATION, &Descriptor));
    NtClose(Reader);
    NtClose(File);
    Remove(BASE L"\\who");
}

static void TestDeletion(void)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    FILE_BASIC_INFORMATION Basic = { .FileAttributes = FILE_ATTRIBUTE_READONLY };
    HANDLE File, Other, Directory;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\del", GENERIC_READ | DELETE, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Disposition, sizeof(Disposition),
                                                      FileDispositionInformation));
    TODO(OnWine, CHECK_STATUS(STATUS_DELETE_PENDING, Open(BASE L"\\del", GENERIC_READ, ALL_SHARE, FILE_OPEN, 0,
                                                          &Other)));
    Disposition.DoDeleteFile = FALSE;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Disposition, sizeof(Disposition),
                                                      FileDispositionInformation));
    NtClose(File);
    CHECK(Exists(BASE L"\\del"));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\del", FILE_WRITE_ATTRIBUTES | DELETE, ALL_SHARE, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    Disposition.DoDeleteFile = TRUE;
    CHECK_STATUS(STATUS_CANNOT_DELETE, NtSetInformationFile(File, &Iosb, &Disposition, sizeof(Disposition),
                                                            FileDispositionInformation));
    if (!IsWine)        /* run as root, Wine does not look at the attribute */
        CHECK_STATUS(STATUS_ACCESS_DENIED, Open(BASE L"\\del", GENERIC_WRITE, ALL_SHARE, FILE_OPEN, 0, &Other));
    Basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\dir", DELETE, ALL_SHARE, FILE_CREATE, FILE_DIRECTORY_FILE, &Directory));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\dir\\in", GENERIC_READ, ALL_SHARE, FILE_CREATE, 0, &File));
    NtClose(File);
    CHECK_STATUS(STATUS_DIRECTORY_NOT_EMPTY, NtSetInformationFile(Directory, &Iosb, &Disposition, sizeof(Disposition),
                                                                  FileDispositionInformation));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\dir\\in"));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(Directory, &Iosb, &Disposition, sizeof(Disposition),
                                                      FileDispositionInformation));
    NtClose(Directory);
    CHECK(!Exists(BASE L"\\dir"));
    Remove(BASE L"\\del");
}

static NTSTATUS Rename(HANDLE File, HANDLE Root, PCWSTR Name, BOOLEAN Replace)
{
    UCHAR Buffer[sizeof(FILE_RENAME_INFORMATION) + 256] = { 0 };
    PFILE_RENAME_INFORMATION Information = (PFILE_RENAME_INFORMATION)Buffer;

    Information->ReplaceIfExists = Replace;
    Information->RootDirectory = Root;
    Information->FileNameLength = (ULONG)wcslen(Name) * sizeof(WCHAR);
    memcpy(Information->FileName, Name, Information->FileNameLength);
    return NtSetInformationFile(File, &Iosb, Information, sizeof(*Information) + Information->FileNameLength,
                                FileRenameInformation);
}

static void TestRename(void)
{
    HANDLE File, Other, Directory;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\one", DELETE, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\two", DELETE, ALL_SHARE, FILE_CREATE, 0, &Other));
    NtClose(Other);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\d", DELETE | FILE_TRAVERSE, ALL_SHARE, FILE_CREATE, FILE_DIRECTORY_FILE,
                                      &Directory));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Rename(File, NULL, BASE L"\\two", FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Rename(File, NULL, BASE L"\\two", TRUE));
    CHECK(!Exists(BASE L"\\one") && Exists(BASE L"\\two"));
    CHECK_STATUS(STATUS_SUCCESS, Rename(File, NULL, BASE L"\\d\\Three", FALSE));
    CHECK(Exists(BASE L"\\d\\three") && !Exists(BASE L"\\two"));
    CHECK_STATUS(STATUS_SUCCESS, Rename(File, Directory, L"four", FALSE));
    CHECK(Exists(BASE L"\\D\\FOUR"));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, Rename(File, NULL, BASE L"\\none\\x", FALSE));
    CHECK(!NT_SUCCESS(Rename(Directory, NULL, BASE L"\\d\\inside", FALSE)));
    NtClose(Directory);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\d\\four"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\d"));
}

/* Names that a pattern gives, as one string "a,b,". */
static NTSTATUS List(HANDLE Directory, PCWSTR Pattern, BOOLEAN Single, BOOLEAN Restart, PWCHAR Result)
{
    static UCHAR Buffer[4096] __attribute__((aligned(8)));
    PFILE_BOTH_DIR_INFORMATION Entry = (PFILE_BOTH_DIR_INFORMATION)Buffer;
    UNICODE_STRING String;
    NTSTATUS Status;

    *Result = 0;
    RtlInitUnicodeString(&String, Pattern);
    Status = NtQueryDirectoryFile(Directory, NULL, NULL, NULL, &Iosb, Buffer, sizeof(Buffer),
                                  FileBothDirectoryInformation, Single, Pattern != NULL ? &String : NULL, Restart);
    while (NT_SUCCESS(Status)) {
        memcpy(Result, Entry->FileName, Entry->FileNameLength);
        Result += Entry->FileNameLength / sizeof(WCHAR);
        *Result++ = ',';
        *Result = 0;
        if (Entry->NextEntryOffset == 0)
            break;
        Entry = (PFILE_BOTH_DIR_INFORMATION)((PUCHAR)Entry + Entry->NextEntryOffset);
    }
    return Status;
}

static void CheckPattern(PCWSTR Pattern, PCWSTR Expected)
{
    WCHAR Names[512];
    HANDLE Directory;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\list", FILE_LIST_DIRECTORY, ALL_SHARE, FILE_OPEN, FILE_DIRECTORY_FILE,
                                      &Directory));
    if (Expected == NULL)
        CHECK_STATUS(STATUS_NO_SUCH_FILE, List(Directory, Pattern, FALSE, FALSE, Names));
    else
        CHECK_STATUS(STATUS_SUCCESS, List(Directory, Pattern, FALSE, FALSE, Names));
    if (!CHECK(wcscmp(Names, Expected != NULL ? Expected : L"") == 0))
        Print(L"    %s gives %s\n", Pattern, Names);
    NtClose(Directory);
}

static void TestDirectory(void)
{
    static const PCWSTR Files[] = { L"alpha.txt", L"Beta.TXT", L"gamma", L"delta.c", L"a.b.c" };
    WCHAR Names[512];
    HANDLE Directory, File;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\list", FILE_LIST_DIRECTORY, ALL_SHARE, FILE_CREATE, FILE_DIRECTORY_FILE,
                                      &Directory));
    for (ULONG i = 0; i < ARRAYSIZE(Files); i++) {
        CHECK_STATUS(STATUS_SUCCESS, OpenAt(Directory, Files[i], GENERIC_READ, ALL_SHARE, FILE_CREATE, 0, &File));
        NtClose(File);
    }
    CHECK_STATUS(STATUS_SUCCESS, List(Directory, NULL, TRUE, FALSE, Names));
    CHECK(wcscmp(Names, L".,") == 0);
    CHECK_STATUS(STATUS_SUCCESS, List(Directory, NULL, TRUE, FALSE, Names));
    CHECK(wcscmp(Names, L"..,") == 0);
    CHECK_STATUS(STATUS_SUCCESS, List(Directory, NULL, FALSE, FALSE, Names));
    CHECK(wcscmp(Names, L"a.b.c,alpha.txt,Beta.TXT,delta.c,gamma,") == 0);
    CHECK_STATUS(STATUS_NO_MORE_FILES, List(Directory, NULL, FALSE, FALSE, Names));
    CHECK_STATUS(STATUS_SUCCESS, List(Directory, NULL, TRUE, TRUE, Names));
    CHECK(wcscmp(Names, L".,") == 0);
    NtClose(Directory);
    CheckPattern(L"alpha.txt", L"alpha.txt,");
    CheckPattern(L"BETA.*", L"Beta.TXT,");
    CheckPattern(L"g?mma", L"gamma,");
    CheckPattern(L"nothing*", NULL);
    CheckPattern(L"*.*", L".,..,a.b.c,alpha.txt,Beta.TXT,delta.c,gamma,");
    CheckPattern(L"g*.*", L"gamma,");
    CheckPattern(L"gamma.*.*", L"gamma,");
    CheckPattern(L"gam.*", NULL);
    CheckPattern(L"d*.*c", L"delta.c,");
    if (!IsWine) {
        CheckPattern(L"<.c", L"a.b.c,delta.c,");
        CheckPattern(L"<.<c", L"a.b.c,delta.c,");
        CheckPattern(L"*<c", L"a.b.c,delta.c,");
        CheckPattern(L"<", L"gamma,");
    }
    for (ULONG i = 0; i < ARRAYSIZE(Files); i++) {
        WCHAR Path[128] = BASE L"\\list\\";

        wcscat(Path, Files[i]);
        CHECK_STATUS(STATUS_SUCCESS, Remove(Path));
    }
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\list"));
}

static void TestNames(void)
{
    static const PCWSTR Bad[] = {
        BASE L"\\a*b", BASE L"\\a?b", BASE L"\\a<b", BASE L"\\a|b", BASE L"\\a\"b", BASE L"\\a/b", BASE L"\\a\x01" L"b",
        BASE L"\\\\x", BASE L"\\.", BASE L"\\..", BASE L"\\.\\x", BASE L"\\..\\x",
    };
    UCHAR Buffer[512];
    PFILE_NAME_INFORMATION Name = (PFILE_NAME_INFORMATION)Buffer;
    WCHAR Long[400];
    HANDLE File;

    for (ULONG i = 0; i < ARRAYSIZE(Bad); i++) {
        NTSTATUS Status = Open(Bad[i], GENERIC_READ, ALL_SHARE, FILE_OPEN_IF, 0, &File);

        if (!IsWine && !CHECK(Status == STATUS_OBJECT_NAME_INVALID))
            Print(L"    %s: %08x\n", Bad[i], Status);
        if (NT_SUCCESS(Status))
            NtClose(File);
    }
    wcscpy(Long, BASE L"\\");
    for (ULONG i = (ULONG)wcslen(Long), n = 0; n < 256; n++, i++) {
        Long[i] = 'x';
        Long[i + 1] = 0;
    }
    TODO(OnWine, CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, Open(Long, GENERIC_READ, ALL_SHARE, FILE_CREATE, 0, &File)));
    Long[wcslen(Long) - 1] = 0;
    CHECK_STATUS(STATUS_SUCCESS, Open(Long, DELETE, ALL_SHARE, FILE_CREATE, FILE_DELETE_ON_CLOSE, &File));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\Mixed Case.Txt", GENERIC_READ | DELETE, ALL_SHARE, FILE_CREATE,
                                      FILE_DELETE_ON_CLOSE, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, Buffer, sizeof(Buffer), FileNameInformation));
    CHECK(Name->FileNameLength == 31 * sizeof(WCHAR) &&
          memcmp(Name->FileName, L"\\temp\\nereidtest\\Mixed Case.Txt", Name->FileNameLength) == 0);
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, NtQueryInformationFile(File, &Iosb, Buffer, 8, FileNameInformation));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtQueryInformationFile(File, &Iosb, Buffer, sizeof(Buffer), 0));
    NtClose(File);
}

static void TestLocks(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 4 }, Length = { .QuadPart = 4 };
    char Buffer[8];
    HANDLE First, Second;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\lock", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &First));
    CHECK_STATUS(STATUS_SUCCESS, Write(First, "0123456789", 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\lock", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_OPEN, 0, &Second));
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    CHECK_STATUS(STATUS_LOCK_NOT_GRANTED, NtLockFile(Second, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE,
                                                     TRUE));
    CHECK_STATUS(STATUS_FILE_LOCK_CONFLICT, Read(Second, Buffer, 5, 0));
    CHECK_STATUS(STATUS_SUCCESS, Read(Second, Buffer, 4, 0));
    CHECK_STATUS(STATUS_FILE_LOCK_CONFLICT, Write(Second, "x", 7));
    CHECK_STATUS(STATUS_SUCCESS, Write(First, "x", 7));
    CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile(First, &Iosb, &Offset, &Length, NULL));
    CHECK_STATUS(STATUS_RANGE_NOT_LOCKED, NtUnlockFile(First, &Iosb, &Offset, &Length, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(Second, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, FALSE));
    NtClose(Second);
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    NtClose(First);
    Remove(BASE L"\\lock");
}

/*
 * "A shared lock can overlap an exclusive lock if both locks were created using the same file handle.  When a shared lock overlaps an
 * exclusive lock, the only possible access is a read by the owner of the locks.  [...] two unlock operations are necessary to unlock the
 * region; the first unlock operation unlocks the exclusive lock, the second unlock operation unlocks the shared lock" (LockFileEx).
 */
static void TestOverlappingLocks(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 4 }, Length = { .QuadPart = 4 }, Far = { .QuadPart = -16 }, Huge = { .QuadPart = 0x100000000ll };
    ULONG Key = 7;
    char Buffer[16];
    HANDLE First, Second;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\lock", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &First));
    CHECK_STATUS(STATUS_SUCCESS, Write(First, "0123456789", 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\lock", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_OPEN, 0, &Second));
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    CHECK_STATUS(STATUS_LOCK_NOT_GRANTED, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    CHECK_STATUS(STATUS_LOCK_NOT_GRANTED, NtLockFile(Second, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, FALSE));
    if (!IsWine) {                      /* Wine 8 does not let the two overlap */
        CHECK_STATUS(STATUS_LOCK_NOT_GRANTED, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Offset, &Length, &Key, TRUE, FALSE));
        CHECK_STATUS(STATUS_SUCCESS, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, FALSE));
        CHECK_STATUS(STATUS_SUCCESS, Read(First, Buffer, 8, 0));
        CHECK_STATUS(STATUS_FILE_LOCK_CONFLICT, Write(First, "x", 5));
        CHECK_STATUS(STATUS_FILE_LOCK_CONFLICT, Read(Second, Buffer, 8, 0));
        CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile(First, &Iosb, &Offset, &Length, NULL));
        CHECK_STATUS(STATUS_SUCCESS, Read(Second, Buffer, 8, 0));
        CHECK_STATUS(STATUS_SUCCESS, NtLockFile(Second, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, FALSE));
        CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile(Second, &Iosb, &Offset, &Length, NULL));
        CHECK_STATUS(STATUS_FILE_LOCK_CONFLICT, Write(First, "x", 5));
    }
    CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile(First, &Iosb, &Offset, &Length, NULL));
    CHECK_STATUS(STATUS_RANGE_NOT_LOCKED, NtUnlockFile(First, &Iosb, &Offset, &Length, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Write(First, "x", 5));
    /* Bytes behind the end, to the last one that has a number; one of two that overlap is given back by its own range. */
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Huge, &Huge, NULL, TRUE, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(Second, NULL, NULL, NULL, &Iosb, &Huge, &Length, NULL, TRUE, FALSE));
    CHECK_STATUS(STATUS_RANGE_NOT_LOCKED, NtUnlockFile(First, &Iosb, &Huge, &Length, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile(First, &Iosb, &Huge, &Huge, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile(Second, &Iosb, &Huge, &Length, NULL));
    if (!IsWine)
        CHECK_STATUS(STATUS_SUCCESS, NtLockFile(First, NULL, NULL, NULL, &Iosb, &Far, &Length, NULL, TRUE, TRUE));
    NtClose(Second);
    NtClose(First);
    Remove(BASE L"\\lock");
}

/* A request for a lock ends with its handle: later there would be nobody to give the lock back. */
static void TestWaitingLock(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 4 }, Length = { .QuadPart = 4 }, Limit = { .QuadPart = LONG_ENOUGH };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(BASE L"\\lock");
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(&Name, OBJ_CASE_INSENSITIVE);
    static IO_STATUS_BLOCK Pending;
    HANDLE Holder, Waiter, Event;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\lock", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &Holder));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(&Waiter, FILE_GENERIC_READ, &Attributes, &Iosb, ALL_SHARE, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(Holder, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    CHECK_STATUS(STATUS_PENDING, NtLockFile(Waiter, Event, NULL, NULL, &Pending, &Offset, &Length, NULL, FALSE, TRUE));
    NtClose(Waiter);
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, &Limit));
    CHECK_STATUS(STATUS_RANGE_NOT_LOCKED, Pending.Status);
    CHECK_STATUS(STATUS_SUCCESS, NtUnlockFile(Holder, &Iosb, &Offset, &Length, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(Holder, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    NtClose(Event);
    NtClose(Holder);
    Remove(BASE L"\\lock");
}

typedef struct _LATE {
    HANDLE File;
    LONGLONG Offset;
} LATE;

static NTSTATUS NTAPI LockThread(PVOID Argument)
{
    LATE *Late = Argument;
    LARGE_INTEGER Offset = { .QuadPart = Late->Offset }, Length = { .QuadPart = 4 };
    IO_STATUS_BLOCK IoStatus;

    return NtLockFile(Late->File, NULL, NULL, NULL, &IoStatus, &Offset, &Length, NULL, FALSE, TRUE);
}

/* Of a synchronous file one request waits for the other: it comes when the handle has gone, and leaves no lock. */
static void TestLateLock(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 4 }, Length = { .QuadPart = 4 };
    LATE First = { .Offset = 4 }, Second = { .Offset = 20 };
    HANDLE Holder, Waiting, Late;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\lock", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &Holder));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\lock", GENERIC_READ, ALL_SHARE, FILE_OPEN, 0, &First.File));
    Second.File = First.File;
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(Holder, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    Waiting = CheckStartThread(LockThread, &First);
    CheckSettle();
    Late = CheckStartThread(LockThread, &Second);
    CheckSettle();
    NtClose(First.File);
    CHECK_STATUS(STATUS_RANGE_NOT_LOCKED, CheckJoinThread(Waiting, NULL));
    CheckJoinThread(Late, NULL);
    Offset.QuadPart = Second.Offset;
    CHECK_STATUS(STATUS_SUCCESS, NtLockFile(Holder, NULL, NULL, NULL, &Iosb, &Offset, &Length, NULL, TRUE, TRUE));
    NtClose(Holder);
    Remove(BASE L"\\lock");
}

static void TestSection(void)
{
    LARGE_INTEGER Offset = { .QuadPart = 0 };
    char Buffer[16];
    HANDLE File, Section;
    PVOID View = NULL;
    SIZE_T Size = 0;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\map", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_MAPPED_FILE_SIZE_ZERO, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL,
                                                               PAGE_READWRITE, SEC_COMMIT, File));
    CHECK_STATUS(STATUS_SUCCESS, Write(File, "through the file", 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_READWRITE, SEC_COMMIT,
                                                 File));
    CHECK_STATUS(STATUS_SUCCESS, NtMapViewOfSection(Section, NtCurrentProcess(), &View, 0, 0, &Offset, &Size,
                                                    ViewUnmap, 0, PAGE_READWRITE));
    CHECK(View != NULL && memcmp(View, "through the file", 16) == 0);
    if (View != NULL) {
        memcpy(View, "THROUGH", 7);
        CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 7, 0));
        CHECK(strcmp(Buffer, "THROUGH") == 0);
        CHECK_STATUS(STATUS_SUCCESS, Write(File, "v", 9));
        CHECK(((char *)View)[9] == 'v');
        NtUnmapViewOfSection(NtCurrentProcess(), View);
    }
    NtClose(Section);
    NtClose(File);
    Remove(BASE L"\\map");
}

static VOID TestFlush(VOID)
{
    HANDLE Writer, Reader;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\flush", FILE_APPEND_DATA, ALL_SHARE, FILE_OVERWRITE_IF, 0, &Writer));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\flush", FILE_READ_DATA, ALL_SHARE, FILE_OPEN, 0, &Reader));
    for (ULONG Flags = 0; Flags < 16; Flags++)
        CHECK_STATUS(Flags <= 2 || Flags == 4 ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER,
                     NtFlushBuffersFileEx(Writer, Flags, NULL, 0, &Iosb));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtFlushBuffersFileEx(Writer, 0, &Iosb, 0, &Iosb));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtFlushBuffersFileEx(Writer, 0, NULL, 1, &Iosb));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtFlushBuffersFileEx(Reader, 0, NULL, 0, &Iosb));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtFlushBuffersFileEx(Writer, 0, NULL, 0, NULL));
    NtClose(Reader);
    NtClose(Writer);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\flush"));
}

static NTSTATUS Control(HANDLE File, ULONG Code, PVOID Input, ULONG InputLength, PVOID Output, ULONG OutputLength)
{
    return NtFsControlFile(File, NULL, NULL, NULL, &Iosb, Code, Input, InputLength, Output, OutputLength);
}

/* Holes: [MS-FSA] 2.1.5.10, FSCTL_SET_SPARSE, FSCTL_SET_ZERO_DATA, FSCTL_QUERY_ALLOCATED_RANGES. */
static void TestSparse(void)
{
    FILE_ALLOCATED_RANGE_BUFFER Asked = { .Length.QuadPart = 0x100000 }, Ranges[4];
    FILE_ZERO_DATA_INFORMATION Zero = { { .QuadPart = 0x1800 }, { .QuadPart = 0x3800 } };
    FILE_END_OF_FILE_INFORMATION End = { .EndOfFile.QuadPart = 0x1000000000ll };
    FILE_BASIC_INFORMATION Basic;
    static char Page[0x1000];
    char Buffer[8];
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\sparse", GENERIC_READ | GENERIC_WRITE, ALL_SHARE, FILE_CREATE, 0, &File));
    memset(Page, 'x', sizeof(Page));
    for (ULONG i = 0; i < 5; i++)
        CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Iosb, Page, sizeof(Page), NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, sizeof(Asked), Ranges, sizeof(Ranges)));
    CHECK(Iosb.Information == sizeof(Asked) && Ranges[0].FileOffset.QuadPart == 0 && Ranges[0].Length.QuadPart == 0x5000);
    CHECK_STATUS(STATUS_SUCCESS, Control(File, FSCTL_SET_SPARSE, NULL, 0, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    CHECK(Basic.FileAttributes & FILE_ATTRIBUTE_SPARSE_FILE);
    CHECK_STATUS(STATUS_SUCCESS, Control(File, FSCTL_SET_ZERO_DATA, &Zero, sizeof(Zero), NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 4, 0x17fe));
    CHECK(memcmp(Buffer, "xx\0\0", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 4, 0x2800));
    CHECK(memcmp(Buffer, "\0\0\0\0", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Read(File, Buffer, 4, 0x37fe));
    CHECK(memcmp(Buffer, "\0\0xx", 4) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, sizeof(Asked), Ranges, sizeof(Ranges)));
    CHECK(Iosb.Information == 2 * sizeof(Asked) && Ranges[0].FileOffset.QuadPart == 0 && Ranges[0].Length.QuadPart == 0x2000);
    CHECK(Ranges[1].FileOffset.QuadPart == 0x3000 && Ranges[1].Length.QuadPart == 0x2000);
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, sizeof(Asked), Ranges, 16));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, sizeof(Asked), Ranges, 15));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, 15, Ranges, sizeof(Ranges)));
    /* Clipped to what was asked for. */
    Asked.FileOffset.QuadPart = 0x1234;
    Asked.Length.QuadPart = 0x2000;
    CHECK_STATUS(STATUS_SUCCESS, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, sizeof(Asked), Ranges, sizeof(Ranges)));
    CHECK(Iosb.Information == 2 * sizeof(Asked) && Ranges[0].FileOffset.QuadPart == 0x1234 &&
          Ranges[0].Length.QuadPart == 0xdcc && Ranges[1].Length.QuadPart == 0x234);
    Asked.Length.QuadPart = MAXLONGLONG;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, sizeof(Asked), Ranges,
                                                   sizeof(Ranges)));
    Zero.FileOffset.QuadPart = -1;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(File, FSCTL_SET_ZERO_DATA, &Zero, sizeof(Zero), NULL, 0));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(File, FSCTL_SET_ZERO_DATA, &Zero, 8, NULL, 0));
    /* A large hole costs nothing, nor does zeroing it; oplocks are not granted; the file is no reparse point. */
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &End, sizeof(End), FileEndOfFileInformation));
    Zero.FileOffset.QuadPart = 0;
    Zero.BeyondFinalZero = End.EndOfFile;
    CHECK_STATUS(STATUS_SUCCESS, Control(File, FSCTL_SET_ZERO_DATA, &Zero, sizeof(Zero), NULL, 0));
    Asked.FileOffset.QuadPart = 0;
    CHECK_STATUS(STATUS_SUCCESS, Control(File, FSCTL_QUERY_ALLOCATED_RANGES, &Asked, sizeof(Asked), Ranges, sizeof(Ranges)));
    CHECK(Iosb.Information == 0);
    CHECK_STATUS(STATUS_OPLOCK_NOT_GRANTED, Control(File, FSCTL_REQUEST_BATCH_OPLOCK, NULL, 0, NULL, 0));
    CHECK_STATUS(STATUS_NOT_A_REPARSE_POINT, Control(File, FSCTL_GET_REPARSE_POINT, NULL, 0, Page, sizeof(Page)));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\sparse", GENERIC_READ, ALL_SHARE, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Control(File, FSCTL_SET_SPARSE, NULL, 0, NULL, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Control(File, FSCTL_SET_ZERO_DATA, &Zero, sizeof(Zero), NULL, 0));
    NtClose(File);
    Remove(BASE L"\\sparse");
}

static void TestVolume(void)
{
    UCHAR Buffer[128];
    PFILE_FS_DEVICE_INFORMATION Device = (PFILE_FS_DEVICE_INFORMATION)Buffer;
    PFILE_FS_FULL_SIZE_INFORMATION Full = (PFILE_FS_FULL_SIZE_INFORMATION)Buffer;
    PFILE_FS_ATTRIBUTE_INFORMATION Attribute = (PFILE_FS_ATTRIBUTE_INFORMATION)Buffer;
    HANDLE Directory;

    CHECK_STATUS(STATUS_SUCCESS, Open(L"\\??\\C:\\", FILE_LIST_DIRECTORY, ALL_SHARE, FILE_OPEN, FILE_DIRECTORY_FILE,
                                      &Directory));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(Directory, &Iosb, Buffer, sizeof(Buffer),
                                                              FileFsDeviceInformation));
    CHECK(Device->DeviceType != 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(Directory, &Iosb, Buffer, sizeof(Buffer),
                                                              FileFsFullSizeInformation));
    CHECK(Full->TotalAllocationUnits.QuadPart > 0 && Full->BytesPerSector >= 512);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(Directory, &Iosb, Buffer, sizeof(Buffer),
                                                              FileFsAttributeInformation));
    CHECK(Attribute->MaximumComponentNameLength == 255);
    TODO(OnWine, CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryVolumeInformationFile(Directory, &Iosb, Buffer, 4,
                                                                                        FileFsFullSizeInformation)));
    NtClose(Directory);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Directory;

    CheckSystem();
    if (NT_SUCCESS(Open(L"\\??\\C:\\temp", FILE_LIST_DIRECTORY, ALL_SHARE, FILE_OPEN_IF, FILE_DIRECTORY_FILE,
                        &Directory)))
        NtClose(Directory);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, ALL_SHARE, FILE_OPEN_IF, FILE_DIRECTORY_FILE,
                                      &Directory));
    NtClose(Directory);
    TestName();
    TestDispositions();
    TestReadWrite();
    TestSizes();
    TestSharing();
    if (!IsWine)        /* which asks for no right */
        TestWhoSetsAttributes();
    TestDeletion();
    TestRename();
    TestDirectory();
    TestNames();
    if (!IsWine) {      /* Wine wants an event for a lock, and keeps locks by itself; it has no sparse files */
        TestLocks();
    TestOverlappingLocks();
        TestWaitingLock();
        TestLateLock();
        TestSparse();
    }
    TestSection();
    if (!IsWine)        /* Wine 8.0 has no NtFlushBuffersFileEx */
        TestFlush();
    TestVolume();
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE));
    return CheckClose();
}
