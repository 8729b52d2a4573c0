/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Newer forms of questions about files: by name (NtQueryInformationByName), enumeration with flags (NtQueryDirectoryFileEx),
 * notification with all about a file (NtNotifyChangeDirectoryFileEx), and extended attributes, which the volume does not have.
 * Works in C:\temp\nereidclass, which it makes and removes.
 *
 * Runs on: Nereid.
 *
 * Rules: Microsoft's pages on these services, FILE_STAT_INFORMATION, FILE_NOTIFY_EXTENDED_INFORMATION, IoCheckEaBufferValidity;
 * [MS-FSA] 2.1.5.12, 2.1.5.15.
 */
#include "check.h"
#include "files.h"

#define BASE L"\\??\\C:\\temp\\nereidclass"
#define FILE_ALL (GENERIC_READ | GENERIC_WRITE | DELETE)
#define NAMES (FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME)

static HANDLE Make(PCWSTR Name, PCSTR Text)
{
    LARGE_INTEGER Start = { .QuadPart = 0 };
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, OpenAt(NULL, Name, FILE_ALL, ALL_SHARE, FILE_CREATE, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Iosb, Text, (ULONG)strlen(Text), &Start, NULL));
    return File;
}

/* Options without FILE_SYNCHRONOUS_IO_NONALERT: requests on it may stay. */
static HANDLE OpenDirectory(PCWSTR Name, ULONG Options)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;
    HANDLE Directory = NULL;

    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&Directory, FILE_LIST_DIRECTORY | FILE_READ_ATTRIBUTES | SYNCHRONIZE, &Attributes, &Iosb,
                                              NULL, 0, ALL_SHARE, FILE_OPEN_IF, FILE_DIRECTORY_FILE | Options, NULL, 0));
    return Directory;
}

/* --- by name ------------------------------------------------------------------------------------------------------ */

static NTSTATUS ByName(HANDLE Root, PCWSTR Name, PVOID Buffer, ULONG Length, ULONG Class)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    return NtQueryInformationByName(&Attributes, &Iosb, Buffer, Length, (FILE_INFORMATION_CLASS)Class);
}

static VOID TestByName(VOID)
{
    HANDLE File = Make(BASE L"\\by name", "12345"), Directory = OpenDirectory(BASE, 0);
    FILE_STAT_INFORMATION Stat, Same;
    ULONG Case = 7;

    memset(&Stat, 0xcc, sizeof(Stat));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Same, sizeof(Same), FileStatInformation));
    CHECK_STATUS(STATUS_SUCCESS, ByName(NULL, BASE L"\\BY NAME", &Stat, sizeof(Stat), FileStatInformation));
    CHECK(Iosb.Information == sizeof(Stat) && Iosb.Status == STATUS_SUCCESS && memcmp(&Stat, &Same, sizeof(Stat)) == 0);
    CHECK(Stat.EndOfFile.QuadPart == 5 && Stat.FileAttributes == FILE_ATTRIBUTE_ARCHIVE && Stat.NumberOfLinks == 1);
    CHECK_STATUS(STATUS_SUCCESS, ByName(Directory, L"by name", &Stat, sizeof(Stat) + 1, FileStatInformation));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, ByName(Directory, L"by name", &Stat, sizeof(Stat) - 1, FileStatInformation));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, ByName(Directory, L"none", &Stat, sizeof(Stat), FileStatInformation));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, ByName(Directory, L"none\\none", &Stat, sizeof(Stat), FileStatInformation));
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, ByName(Directory, L"a*b", &Stat, sizeof(Stat), FileStatInformation));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, ByName(Directory, L"by name", &Stat, sizeof(Stat), FileBasicInformation));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, ByName(Directory, L"by name", &Stat, sizeof(Stat), FileStatLxInformation));
    /* Only directories have a case of their own. */
    CHECK_STATUS(STATUS_SUCCESS, ByName(NULL, BASE, &Case, sizeof(Case), FileCaseSensitiveInformation));
    CHECK(Case == 0 && Iosb.Information == sizeof(Case));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, ByName(NULL, BASE L"\\by name", &Case, sizeof(Case), FileCaseSensitiveInformation));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(Directory, &Iosb, &Case, sizeof(Case), FileCaseSensitiveInformation));
    NtClose(Directory);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\by name"));
}

/* --- enumeration -------------------------------------------------------------------------------------------------- */

static WCHAR Listed[16];

/* The second letters of the names of one answer. */
static NTSTATUS List(HANDLE Directory, ULONG Flags, PCWSTR Pattern)
{
    UCHAR Buffer[1024] __attribute__((aligned(8)));
    UNICODE_STRING String;
    ULONG Count = 0, At = 0;
    NTSTATUS Status;

    RtlInitUnicodeString(&String, Pattern);
    Status = NtQueryDirectoryFileEx(Directory, NULL, NULL, NULL, &Iosb, Buffer, sizeof(Buffer), FileNamesInformation, Flags,
                                    Pattern != NULL ? &String : NULL);
    Listed[0] = 0;
    if (!NT_SUCCESS(Status))
        return Status;
    for (;;) {
        PFILE_NAMES_INFORMATION Entry = (PVOID)(Buffer + At);

        Listed[Count++] = Entry->FileName[1];
        if (Entry->NextEntryOffset == 0 || Count == ARRAYSIZE(Listed) - 1)
            break;
        At += Entry->NextEntryOffset;
    }
    Listed[Count] = 0;
    return Status;
}

#define LISTS(Names, Flags, Pattern) (CHECK_STATUS(STATUS_SUCCESS, List(Directory, Flags, Pattern)), CHECK(wcscmp(Listed, Names) == 0))

static VOID TestEnumeration(VOID)
{
    HANDLE Directory = OpenDirectory(BASE, FILE_SYNCHRONOUS_IO_NONALERT);
    WCHAR Name[] = BASE L"\\xa";

    for (WCHAR Letter = 'a'; Letter <= 'd'; Letter++) {
        Name[ARRAYSIZE(Name) - 2] = Letter;
        NtClose(Make(Name, ""));
    }
    LISTS(L"a", SL_RETURN_SINGLE_ENTRY, L"x?");
    LISTS(L"b", SL_RETURN_SINGLE_ENTRY, NULL);
    /* The place stays where it is. */
    LISTS(L"c", SL_RETURN_SINGLE_ENTRY | SL_NO_CURSOR_UPDATE_QUERY, NULL);
    LISTS(L"cd", SL_NO_CURSOR_UPDATE_QUERY, NULL);
    LISTS(L"c", SL_RETURN_SINGLE_ENTRY | SL_RETURN_ON_DISK_ENTRIES_ONLY, NULL);
    LISTS(L"d", 0, NULL);
    CHECK_STATUS(STATUS_NO_MORE_FILES, List(Directory, SL_NO_CURSOR_UPDATE_QUERY, NULL));
    CHECK_STATUS(STATUS_NO_MORE_FILES, List(Directory, 0, NULL));
    LISTS(L"abcd", SL_RESTART_SCAN, NULL);
    LISTS(L"b", SL_RESTART_SCAN, L"xb");
    LISTS(L"abcd", SL_RESTART_SCAN | SL_NO_CURSOR_UPDATE_QUERY, L"x?");
    LISTS(L"a", SL_RETURN_SINGLE_ENTRY, NULL);
    CHECK_STATUS(STATUS_NO_SUCH_FILE, List(Directory, SL_RESTART_SCAN, L"none"));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, List(Directory, SL_INDEX_SPECIFIED, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, List(Directory, 0x20, NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, List(Directory, 0x80000000, NULL));
    for (WCHAR Letter = 'a'; Letter <= 'd'; Letter++) {
        Name[ARRAYSIZE(Name) - 2] = Letter;
        CHECK_STATUS(STATUS_SUCCESS, Remove(Name));
    }
    NtClose(Directory);
}

/* --- notification ------------------------------------------------------------------------------------------------- */

static UCHAR Changes[1024] __attribute__((aligned(8)));

static NTSTATUS Watch(HANDLE Directory, PIO_STATUS_BLOCK Result, ULONG Class)
{
    memset(Changes, 0xcc, sizeof(Changes));
    return NtNotifyChangeDirectoryFileEx(Directory, NULL, NULL, NULL, Result, Changes, sizeof(Changes), NAMES | FILE_NOTIFY_CHANGE_SIZE,
                                         TRUE, (DIRECTORY_NOTIFY_INFORMATION_CLASS)Class);
}

static NTSTATUS Wait(HANDLE Directory, PIO_STATUS_BLOCK Result)
{
    LARGE_INTEGER Long = { .QuadPart = LONG_ENOUGH };

    return NtWaitForSingleObject(Directory, FALSE, &Long) == STATUS_TIMEOUT ? STATUS_TIMEOUT : Result->Status;
}

static BOOLEAN Names(const FILE_NOTIFY_EXTENDED_INFORMATION *Record, ULONG Action, PCWSTR Name)
{
    return Record->Action == Action && Record->FileNameLength == wcslen(Name) * sizeof(WCHAR) &&
           memcmp(Record->FileName, Name, Record->FileNameLength) == 0;
}

static const FILE_NOTIFY_EXTENDED_INFORMATION *Next(const FILE_NOTIFY_EXTENDED_INFORMATION *Record)
{
    CHECK(Record->NextEntryOffset != 0 && Record->NextEntryOffset % 8 == 0);
    return (PVOID)((PUCHAR)Record + Record->NextEntryOffset);
}

static VOID TestNotification(VOID)
{
    const FILE_NOTIFY_EXTENDED_INFORMATION *Record = (PVOID)Changes;
    HANDLE Directory = OpenDirectory(BASE, 0), File, Folder;
    FILE_STAT_INFORMATION Stat, Parent;
    IO_STATUS_BLOCK Result;

    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, Watch(Directory, &Result, 0));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, Watch(Directory, &Result, 3));
    CHECK_STATUS(STATUS_PENDING, Watch(Directory, &Result, DirectoryNotifyExtendedInformation));
    File = Make(BASE L"\\new", "four");
    CHECK_STATUS(STATUS_SUCCESS, Wait(Directory, &Result));
    CHECK(Names(Record, FILE_ACTION_ADDED, L"new") && Result.Information == 84 + 6 && Record->NextEntryOffset == 0);
    CHECK_STATUS(STATUS_SUCCESS, ByName(NULL, BASE L"\\new", &Stat, sizeof(Stat), FileStatInformation));
    CHECK_STATUS(STATUS_SUCCESS, ByName(NULL, BASE, &Parent, sizeof(Parent), FileStatInformation));
    CHECK(Record->FileId.QuadPart == Stat.FileId.QuadPart && Record->ParentFileId.QuadPart == Parent.FileId.QuadPart);
    CHECK(Record->CreationTime.QuadPart == Stat.CreationTime.QuadPart && Record->FileSize.QuadPart == 0);
    CHECK(Record->FileAttributes == FILE_ATTRIBUTE_ARCHIVE && Record->ReparsePointTag == 0);
    /* What came in between is kept: the size as it is after the last of several writes; the folder; and what is gone. */
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Iosb, "12345678", 8, &(LARGE_INTEGER){ .QuadPart = 4 }, NULL));
    Folder = OpenDirectory(BASE L"\\new folder", 0);
    NtClose(Folder);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\new folder"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\new"));
    CHECK_STATUS(STATUS_SUCCESS, Watch(Directory, &Result, DirectoryNotifyExtendedInformation));
    CHECK(Names(Record, FILE_ACTION_MODIFIED, L"new") && Record->FileSize.QuadPart == 12 && Record->FileId.QuadPart == Stat.FileId.QuadPart);
    Record = Next(Record);
    CHECK(Names(Record, FILE_ACTION_ADDED, L"new folder") && Record->FileAttributes == FILE_ATTRIBUTE_DIRECTORY && Record->FileSize.QuadPart == 0);
    Record = Next(Record);
    CHECK(Names(Record, FILE_ACTION_REMOVED, L"new folder"));
    Record = Next(Record);
    CHECK(Names(Record, FILE_ACTION_REMOVED, L"new") && Record->FileId.QuadPart == Stat.FileId.QuadPart && Record->NextEntryOffset == 0);
    /* Records of the other kind: what was kept is lost, and the older service sees it. */
    NtClose(Make(BASE L"\\lost", ""));
    CHECK_STATUS(STATUS_NOTIFY_ENUM_DIR, Watch(Directory, &Result, DirectoryNotifyInformation));
    CHECK_STATUS(STATUS_PENDING, Watch(Directory, &Result, DirectoryNotifyInformation));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Watch(Directory, &Iosb, DirectoryNotifyExtendedInformation));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\lost"));
    CHECK_STATUS(STATUS_SUCCESS, Wait(Directory, &Result));
    CHECK(((PFILE_NOTIFY_INFORMATION)Changes)->Action == FILE_ACTION_REMOVED && Result.Information == 12 + 8);
    NtClose(Directory);
}

/* --- extended attributes ------------------------------------------------------------------------------------------ */

typedef union _EA_LIST {
    FILE_FULL_EA_INFORMATION Full;
    FILE_GET_EA_INFORMATION Get;
    UCHAR Bytes[64];
} EA_LIST;

/* Appends an attribute to a list of Length bytes; the new length.  The entry before it ends at Last. */
static ULONG Append(EA_LIST *List, ULONG Last, ULONG Length, PCSTR Name, USHORT ValueLength)
{
    ULONG At = Length != 0 ? (Length + 3) & ~3u : 0;
    PFILE_FULL_EA_INFORMATION Entry = (PVOID)(List->Bytes + At);

    if (At != 0)
        ((PFILE_FULL_EA_INFORMATION)(List->Bytes + Last))->NextEntryOffset = At - Last;
    memset(Entry, 0, 8 + strlen(Name) + 1 + ValueLength);
    Entry->EaNameLength = (UCHAR)strlen(Name);
    Entry->EaValueLength = ValueLength;
    memcpy(Entry->EaName, Name, strlen(Name));
    return At + 8 + (ULONG)strlen(Name) + 1 + ValueLength;
}

static NTSTATUS CreateWith(EA_LIST *List, ULONG Length)
{
    UNICODE_STRING String = RTL_CONSTANT_UNICODE_STRING(BASE L"\\eas");
    OBJECT_ATTRIBUTES Attributes;
    HANDLE File;
    NTSTATUS Status;

    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtCreateFile(&File, FILE_ALL | SYNCHRONIZE, &Attributes, &Iosb, NULL, 0, ALL_SHARE, FILE_OPEN_IF, 0, List, Length);
    if (NT_SUCCESS(Status))
        NtClose(File);
    return Status;
}

/* Both services and the create look at a list of attributes alike.  Information says where it is wrong. */
static VOID CheckList(HANDLE File, EA_LIST *List, ULONG Length, NTSTATUS Status, ULONG Offset)
{
    Iosb.Information = MAXDWORD;
    CHECK_STATUS(Status, NtSetEaFile(File, &Iosb, List, Length));
    CHECK(Status != STATUS_EA_LIST_INCONSISTENT || Iosb.Information == Offset);
    CHECK_STATUS(Status, CreateWith(List, Length));
}

static VOID TestAttributes(VOID)
{
    HANDLE File = Make(BASE L"\\eas", ""), Other;
    FILE_EA_INFORMATION Size = { 1 };
    EA_LIST List = { 0 };
    ULONG Length = Append(&List, 0, 0, "NAME", 3), Index = 1;
    UCHAR Buffer[64];

    CHECK(Length == 16);
    CheckList(File, &List, Length, STATUS_EAS_NOT_SUPPORTED, 0);
    CheckList(File, &List, Length - 1, STATUS_EA_LIST_INCONSISTENT, 0);
    CheckList(File, &List, 7, STATUS_EA_LIST_INCONSISTENT, 0);
    Length = Append(&List, 0, Length, "B", 5);
    CHECK(Length == 16 + 15);
    CheckList(File, &List, Length, STATUS_EAS_NOT_SUPPORTED, 0);
    CheckList(File, &List, Length - 1, STATUS_EA_LIST_INCONSISTENT, 16);
    CheckList(File, &List, 16, STATUS_EA_LIST_INCONSISTENT, 16);
    List.Bytes[16 + 8 + 1] = 'x';       /* the zero behind the second name */
    CheckList(File, &List, Length, STATUS_EA_LIST_INCONSISTENT, 16);
    List.Bytes[16 + 8 + 1] = 0;
    for (ULONG Wrong = 1; Wrong < 40; Wrong++) {
        List.Full.NextEntryOffset = Wrong;
        if (Wrong != 16)
            CheckList(File, &List, Length, STATUS_EA_LIST_INCONSISTENT, 0);
    }
    List.Full.NextEntryOffset = 0xfffffff0;
    CheckList(File, &List, Length, STATUS_EA_LIST_INCONSISTENT, 0);
    CHECK_STATUS(STATUS_EA_LIST_INCONSISTENT, NtSetEaFile(File, &Iosb, &List, 0));
    CHECK_STATUS(STATUS_SUCCESS, CreateWith(&List, 0));

    CHECK_STATUS(STATUS_EAS_NOT_SUPPORTED, NtQueryEaFile(File, &Iosb, Buffer, sizeof(Buffer), FALSE, NULL, 0, NULL, TRUE));
    CHECK_STATUS(STATUS_EAS_NOT_SUPPORTED, NtQueryEaFile(File, &Iosb, Buffer, sizeof(Buffer), TRUE, NULL, 0, &Index, TRUE));
    memset(&List, 0, sizeof(List));
    List.Get.EaNameLength = 2;
    CHECK_STATUS(STATUS_EAS_NOT_SUPPORTED, NtQueryEaFile(File, &Iosb, Buffer, sizeof(Buffer), FALSE, &List, 8, NULL, TRUE));
    CHECK_STATUS(STATUS_EA_LIST_INCONSISTENT, NtQueryEaFile(File, &Iosb, Buffer, sizeof(Buffer), FALSE, &List, 7, NULL, TRUE));
    CHECK(Iosb.Information == 0);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryEaFile(File, &Iosb, (PVOID)8, 8, FALSE, NULL, 0, NULL, TRUE));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtQueryEaFile(File, &Iosb, Buffer, 8, FALSE, NULL, 0, (PULONG)8, TRUE));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetEaFile(File, &Iosb, (PVOID)8, 8));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetEaFile(File, (PVOID)8, &List, 8));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Size, sizeof(Size), FileEaInformation));
    CHECK(Size.EaSize == 0);
    /* Rights; another kind of device. */
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(NULL, BASE L"\\eas", FILE_READ_DATA, ALL_SHARE, FILE_OPEN, 0, &Other));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtQueryEaFile(Other, &Iosb, Buffer, sizeof(Buffer), FALSE, NULL, 0, NULL, TRUE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetEaFile(Other, &Iosb, &List, 8));
    NtClose(Other);
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, NtSetEaFile(NtCurrentProcess(), &Iosb, &List, 8));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(NULL, L"\\Device\\Null", FILE_ALL, ALL_SHARE, FILE_OPEN, 0, &Other));
    CHECK_STATUS(STATUS_INVALID_DEVICE_REQUEST, NtQueryEaFile(Other, &Iosb, Buffer, sizeof(Buffer), FALSE, NULL, 0, NULL, TRUE));
    NtClose(Other);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\eas"));
}

/* --- other classes ------------------------------------------------------------------------------------------------- */

#define FileIoPriorityHintInformation ((FILE_INFORMATION_CLASS)43)
#define FileReplaceCompletionInformation ((FILE_INFORMATION_CLASS)61)
#define FileFsSectorSizeInformation ((FS_INFORMATION_CLASS)11)

static VOID TestClasses(VOID)
{
    HANDLE File = Make(BASE L"\\classes", "");
    ULONG Hint = 7, Sectors[8];

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Hint, sizeof(Hint), FileIoPriorityHintInformation));
    CHECK(Hint == 2);
    for (Hint = 0; Hint < 3; Hint++) {
        ULONG Now = 7;

        CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Hint, sizeof(Hint), FileIoPriorityHintInformation));
        CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Now, sizeof(Now), FileIoPriorityHintInformation));
        CHECK(Now == Hint);
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetInformationFile(File, &Iosb, &Hint, sizeof(Hint), FileIoPriorityHintInformation));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(File, &Iosb, Sectors, sizeof(Sectors), FileFsSectorSizeInformation));
    CHECK(Iosb.Information == 28 && Sectors[0] == 512 && Sectors[1] == 512 && Sectors[2] == 512 && Sectors[3] == 512);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQueryVolumeInformationFile(File, &Iosb, Sectors, 27, FileFsSectorSizeInformation));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\classes"));
}

static NTSTATUS Bind(HANDLE File, HANDLE Port, FILE_INFORMATION_CLASS Class)
{
    FILE_COMPLETION_INFORMATION Completion = { Port, (PVOID)5 };

    return NtSetInformationFile(File, &Iosb, &Completion, sizeof(Completion), Class);
}

/* A file may get another port, or none. */
static VOID TestReplacedPort(VOID)
{
    HANDLE Directory = OpenDirectory(BASE, 0), Same = OpenDirectory(BASE, FILE_SYNCHRONOUS_IO_NONALERT), Ports[2], Event;

    for (ULONG i = 0; i < 2; i++)
        CHECK_STATUS(STATUS_SUCCESS, NtCreateIoCompletion(&Ports[i], IO_COMPLETION_ALL_ACCESS, NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Bind(Directory, Ports[0], FileCompletionInformation));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Bind(Directory, Ports[1], FileCompletionInformation));
    CHECK_STATUS(STATUS_SUCCESS, Bind(Directory, Ports[1], FileReplaceCompletionInformation));
    CHECK_STATUS(STATUS_OBJECT_TYPE_MISMATCH, Bind(Directory, Event, FileReplaceCompletionInformation));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Bind(Directory, Ports[0], FileCompletionInformation));
    CHECK_STATUS(STATUS_SUCCESS, Bind(Directory, NULL, FileReplaceCompletionInformation));
    CHECK_STATUS(STATUS_INVALID_HANDLE, Bind(Directory, NULL, FileCompletionInformation));
    CHECK_STATUS(STATUS_SUCCESS, Bind(Directory, Ports[0], FileCompletionInformation));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Bind(Same, Ports[0], FileReplaceCompletionInformation));
    NtClose(Event);
    NtClose(Ports[1]);
    NtClose(Ports[0]);
    NtClose(Same);
    NtClose(Directory);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    NtClose(OpenDirectory(L"\\??\\C:\\temp", 0));
    NtClose(OpenDirectory(BASE, 0));
    TestByName();
    TestEnumeration();
    TestNotification();
    TestAttributes();
    TestClasses();
    TestReplacedPort();
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE));
    return CheckClose();
}
