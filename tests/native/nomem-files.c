/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): files and folders, locks, notifications, pipes, mailslots, a device.
 */
#include "nomem.h"
#include "base/lib/reparse.h"

typedef LARGE_INTEGER PHYSICAL_ADDRESS;
#include <ntddser.h>

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define ALL (FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE)

static IO_STATUS_BLOCK IoStatus, Other;
static UCHAR Buffer[8192];
static LARGE_INTEGER Start, Soon = { .QuadPart = -10000 };

static VOID Files(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\??\\C:\\nomem-file");
    LARGE_INTEGER Length = { .QuadPart = 100 };
    FILE_POSITION_INFORMATION Position = { { .QuadPart = 3 } };
    FILE_END_OF_FILE_INFORMATION End = { { .QuadPart = 3000 } };
    HANDLE File = NULL, Again = NULL;

    if (TRY(NtCreateFile, &File, ALL, &Name, &IoStatus, NULL, 0, SHARE_ALL, FILE_OVERWRITE_IF,
               FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0) &&
        TRY(NtWriteFile, File, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer), &Start, NULL) &&
        TRY(NtReadFile, File, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer), &Start, NULL) &&
        TRY(NtOpenFile, &Again, FILE_GENERIC_READ, &Name, &Other, SHARE_ALL, FILE_SYNCHRONOUS_IO_NONALERT) &&
        TRY(NtSetInformationFile, File, &IoStatus, &Position, sizeof(Position), FilePositionInformation) &&
        TRY(NtSetInformationFile, File, &IoStatus, &End, sizeof(End), FileEndOfFileInformation) &&
        TRY(NtQueryInformationFile, File, &IoStatus, Buffer, sizeof(Buffer), FileAllInformation) &&
        TRY(NtQueryVolumeInformationFile, File, &IoStatus, Buffer, sizeof(Buffer), FileFsSizeInformation) &&
        TRY(NtQueryInformationByName, &Name, &IoStatus, Buffer, sizeof(Buffer), FileStatInformation) &&
        TRY(NtQueryAttributesFile, &Name, (PVOID)Buffer) && TRY(NtQueryFullAttributesFile, &Name, (PVOID)Buffer) &&
        TRY(NtFlushBuffersFile, File, &IoStatus) && TRY(NtFlushBuffersFileEx, File, 0, NULL, 0, &IoStatus) &&
        TRY(NtLockFile, File, NULL, NULL, NULL, &IoStatus, &Start, &Length, 0, TRUE, TRUE))
        DROP(NtUnlockFile, File, &IoStatus, &Start, &Length, 0);
    NoMemClose(Again);
    NoMemClose(File);
}

static VOID Folders(VOID)
{
    UNICODE_STRING String, FileString, Pattern = RTL_CONSTANT_UNICODE_STRING(L"*");
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\??\\C:\\nomem-folder"), FileName = NoMemName(&FileString, L"child");
    struct {
        FILE_RENAME_INFORMATION Header;
        WCHAR Text[16];
    } Rename = { .Header = { .FileNameLength = 10 } };
    HANDLE Folder = NULL, File = NULL;

    memcpy(Rename.Header.FileName, L"other", 10);
    if (TRY(NtCreateFile, &Folder, ALL | FILE_LIST_DIRECTORY, &Name, &IoStatus, NULL, 0, SHARE_ALL, FILE_OPEN_IF,
            FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0)) {
        Rename.Header.RootDirectory = FileName.RootDirectory = Folder;
        (void)(TRY(NtCreateFile, &File, ALL, &FileName, &IoStatus, NULL, 0, SHARE_ALL, FILE_OVERWRITE_IF,
                   FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0) &&
               TRY(NtSetInformationFile, File, &IoStatus, &Rename, sizeof(Rename), FileRenameInformation) &&
               TRY(NtQueryDirectoryFile, Folder, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer),
                   FileBothDirectoryInformation, FALSE, &Pattern, TRUE) &&
               TRY(NtQueryDirectoryFileEx, Folder, NULL, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer),
                   FileBothDirectoryInformation, SL_RESTART_SCAN | SL_NO_CURSOR_UPDATE_QUERY, &Pattern));
    }
    NoMemClose(File);
    NoMemClose(Folder);
}

#define POINTED L"\\??\\C:\\nomem-link"

/* A relative symbolic link in a folder to the folder, and the folder through it. */
static VOID Reparses(VOID)
{
    static LINK_POINT Point;
    UNICODE_STRING String, Through;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, POINTED), Behind = NoMemName(&Through, POINTED L"\\self");
    HANDLE Folder = NULL, Link = NULL, Again = NULL;
    static BOOLEAN Privileged;
    BOOLEAN Old;

    Privileged = Privileged || NT_SUCCESS(RtlAdjustPrivilege(SE_CREATE_SYMBOLIC_LINK_PRIVILEGE, TRUE, FALSE, &Old));
    if (!Privileged)
        return;
    MakeLink(&Point, (ULONG)IO_REPARSE_TAG_SYMLINK, SYMLINK_FLAG_RELATIVE, L"..\\nomem-link", L"");
    (void)(TRY(NtCreateFile, &Folder, ALL | FILE_LIST_DIRECTORY, &Name, &IoStatus, NULL, 0, SHARE_ALL, FILE_OPEN_IF,
               FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0) &&
           TRY(NtCreateFile, &Link, ALL, &Behind, &Other, NULL, 0, SHARE_ALL, FILE_OPEN_IF, FILE_DIRECTORY_FILE |
               FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE | FILE_OPEN_REPARSE_POINT, NULL, 0) &&
           TRY(NtFsControlFile, Link, NULL, NULL, NULL, &Other, FSCTL_SET_REPARSE_POINT, &Point, POINT_LENGTH(&Point), NULL, 0) &&
           TRY(NtFsControlFile, Link, NULL, NULL, NULL, &Other, FSCTL_GET_REPARSE_POINT, NULL, 0, Buffer, sizeof(Buffer)) &&
           TRY(NtOpenFile, &Again, FILE_LIST_DIRECTORY | SYNCHRONIZE, &Behind, &Other, SHARE_ALL, FILE_SYNCHRONOUS_IO_NONALERT));
    NoMemClose(Again);
    NoMemClose(Link);
    NoMemClose(Folder);
}

#define DELETED L"\\??\\C:\\nomem-deleted"

static VOID Deletes(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DELETED);
    HANDLE File = NULL;

    (void)(TRY(NtCreateFile, &File, ALL, &Name, &IoStatus, NULL, 0, SHARE_ALL, FILE_OPEN_IF, FILE_SYNCHRONOUS_IO_NONALERT, NULL,
               0) &&
           TRY(NtDeleteFile, &Name));
    NoMemClose(File);
}

static VOID DeleteIt(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DELETED);

    NtDeleteFile(&Name);
}

#define NAMES L"\\??\\C:\\nomem-names"
static const WCHAR Second[] = NAMES L"2";

/* A second name for a file, which then replaces the first. */
static VOID Links(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, NAMES);
    struct {
        FILE_LINK_INFORMATION Header;
        WCHAR Text[32];
    } Link = { .Header = { .ReplaceIfExists = TRUE, .FileNameLength = sizeof(Second) - sizeof(WCHAR) } };
    HANDLE File = NULL;

    memcpy(Link.Header.FileName, Second, Link.Header.FileNameLength);
    (void)(TRY(NtCreateFile, &File, ALL, &Name, &IoStatus, NULL, 0, SHARE_ALL, FILE_OVERWRITE_IF,
               FILE_SYNCHRONOUS_IO_NONALERT | FILE_DELETE_ON_CLOSE, NULL, 0) &&
           TRY(NtSetInformationFile, File, &IoStatus, &Link, sizeof(Link), FileLinkInformation) &&
           TRY(NtQueryInformationFile, File, &IoStatus, Buffer, sizeof(Buffer), FileHardLinkInformation) &&
           TRY(NtSetInformationFile, File, &IoStatus, &Link, sizeof(Link), FileRenameInformation));
    NoMemClose(File);
}

static VOID UnlinkBoth(VOID)
{
    UNICODE_STRING String, OtherString;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, NAMES), OtherName = NoMemName(&OtherString, Second);

    NtDeleteFile(&Name);
    NtDeleteFile(&OtherName);
}

/* Requests that stay, and are cancelled. */
static VOID Notifications(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\??\\C:\\");
    HANDLE Folder = NULL, Event = NULL;

    (void)(TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) &&
           TRY(NtOpenFile, &Folder, FILE_LIST_DIRECTORY, &Name, &Other, SHARE_ALL, FILE_DIRECTORY_FILE) &&
           TRY(NtNotifyChangeDirectoryFile, Folder, Event, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer),
               FILE_NOTIFY_CHANGE_FILE_NAME, FALSE) &&
           TRY(NtCancelIoFileEx, Folder, &IoStatus, &Other) && TRY(NtWaitForSingleObject, Event, FALSE, NULL) &&
           TRY(NtNotifyChangeDirectoryFile, Folder, Event, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer),
               FILE_NOTIFY_CHANGE_FILE_NAME, FALSE) &&
           TRY(NtCancelIoFile, Folder, &Other) &&
           TRY(NtNotifyChangeDirectoryFileEx, Folder, Event, NULL, NULL, &IoStatus, Buffer, sizeof(Buffer),
               FILE_NOTIFY_CHANGE_FILE_NAME, FALSE, DirectoryNotifyExtendedInformation) &&
           TRY(NtCancelIoFile, Folder, &Other));
    NoMemClose(Folder);
    NoMemClose(Event);
}

static VOID Pipes(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\Device\\NamedPipe\\nomem-pipe");
    LARGE_INTEGER Timeout = { .QuadPart = -10000 };
    HANDLE Server = NULL, Client = NULL, Event = NULL, Port = NULL;
    FILE_COMPLETION_INFORMATION Completion = { NULL, (PVOID)7 };

    (void)(TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) &&
           TRY(NtCreateIoCompletion, &Port, IO_COMPLETION_ALL_ACCESS, NULL, 0) &&
           TRY(NtCreateNamedPipeFile, &Server, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &Name, &Other,
               FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN_IF, 0, 1, 1, 0, 10, 0x1000, 0x1000, &Timeout) &&
           (Completion.Port = Port) != NULL &&
           TRY(NtSetInformationFile, Server, &Other, &Completion, sizeof(Completion), FileCompletionInformation) &&
           TRY(NtFsControlFile, Server, Event, NULL, NULL, &IoStatus, FSCTL_PIPE_LISTEN, NULL, 0, NULL, 0) &&
           TRY(NtOpenFile, &Client, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Name, &Other, FILE_SHARE_READ | FILE_SHARE_WRITE,
               FILE_SYNCHRONOUS_IO_NONALERT) &&
           TRY(NtReadFile, Server, Event, NULL, NULL, &IoStatus, Buffer, 100, NULL, NULL) &&
           TRY(NtWriteFile, Client, NULL, NULL, NULL, &Other, Buffer, 10, NULL, NULL) &&
           TRY(NtWaitForSingleObject, Event, FALSE, &Soon) &&
           TRY(NtWriteFile, Client, NULL, NULL, NULL, &Other, Buffer, 100, NULL, NULL) &&
           TRY(NtQueryInformationFile, Server, &Other, Buffer, sizeof(FILE_PIPE_LOCAL_INFORMATION), FilePipeLocalInformation) &&
           TRY(NtFsControlFile, Server, NULL, NULL, NULL, &Other, FSCTL_PIPE_DISCONNECT, NULL, 0, NULL, 0));
    NoMemClose(Client);
    NoMemClose(Server);
    NoMemClose(Port);
    NoMemClose(Event);
}

static VOID Mailslots(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\Device\\Mailslot\\nomem-slot");
    HANDLE Server = NULL, Client = NULL;

    (void)(TRY(NtCreateMailslotFile, &Server, GENERIC_READ | SYNCHRONIZE, &Name, &IoStatus, FILE_SYNCHRONOUS_IO_NONALERT, 0, 0,
               &Soon) &&
           TRY(NtOpenFile, &Client, FILE_GENERIC_WRITE, &Name, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE,
               FILE_SYNCHRONOUS_IO_NONALERT) &&
           TRY(NtWriteFile, Client, NULL, NULL, NULL, &IoStatus, Buffer, 100, NULL, NULL) &&
           TRY(NtReadFile, Server, NULL, NULL, NULL, &IoStatus, Buffer, 1000, NULL, NULL));
    NoMemClose(Client);
    NoMemClose(Server);
}

static VOID Device(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\Device\\Null");
    HANDLE File = NULL;

    (void)(TRY(NtOpenFile, &File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Name, &IoStatus, SHARE_ALL,
               FILE_SYNCHRONOUS_IO_NONALERT) &&
           TRY(NtWriteFile, File, NULL, NULL, NULL, &IoStatus, Buffer, 100, NULL, NULL));
    NoMemClose(File);
}

static VOID Requests(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\Device\\Serial0");
    SERIAL_BAUD_RATE Rate;
    HANDLE File = NULL;

    (void)(TRY(NtOpenFile, &File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Name, &IoStatus, SHARE_ALL,
               FILE_SYNCHRONOUS_IO_NONALERT) &&
           TRY(NtDeviceIoControlFile, File, NULL, NULL, NULL, &IoStatus, IOCTL_SERIAL_GET_BAUD_RATE, NULL, 0, &Rate,
               sizeof(Rate)));
    NoMemClose(File);
}

static VOID Pages(VOID)
{
    static UCHAR Memory[3 * 0x1000] __attribute__((aligned(0x1000)));
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\??\\C:\\nomem-pages");
    FILE_SEGMENT_ELEMENT Segments[3] = { { .Buffer = Memory + 0x1000 }, { .Buffer = Memory }, { .Buffer = NULL } };
    HANDLE File = NULL, Event = NULL;

    (void)(TRY(NtCreateEvent, &Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE) &&
           TRY(NtCreateFile, &File, ALL, &Name, &IoStatus, NULL, 0, SHARE_ALL, FILE_OVERWRITE_IF,
               FILE_NO_INTERMEDIATE_BUFFERING | FILE_DELETE_ON_CLOSE, NULL, 0) &&
           TRY(NtWriteFileGather, File, Event, NULL, NULL, &IoStatus, Segments, 0x2000, &Start, NULL) &&
           TRY(NtWaitForSingleObject, Event, FALSE, NULL) &&
           TRY(NtReadFileScatter, File, Event, NULL, NULL, &IoStatus, Segments, 0x2000, &Start, NULL) &&
           TRY(NtWaitForSingleObject, Event, FALSE, NULL));
    NoMemClose(File);
    NoMemClose(Event);
}

static VOID Label(VOID)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\??\\C:");
    FILE_FS_LABEL_INFORMATION None = { 0 };
    HANDLE Volume = NULL;

    (void)(TRY(NtOpenFile, &Volume, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Name, &IoStatus, SHARE_ALL,
               FILE_SYNCHRONOUS_IO_NONALERT) &&
           TRY(NtSetVolumeInformationFile, Volume, &IoStatus, &None, sizeof(None), FileFsLabelInformation));
    NoMemClose(Volume);
}

#define DRIVER_KEY L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\crash"

/* The driver's key, made with memory. */
static NTSTATUS NTAPI MakeDriverKey(PVOID Argument)
{
    static const WCHAR Image[] = L"\\??\\C:\\host\\crash.sys";
    UNICODE_STRING String, Path = RTL_CONSTANT_UNICODE_STRING(L"ImagePath"), TypeName = RTL_CONSTANT_UNICODE_STRING(L"Type"),
            StartName = RTL_CONSTANT_UNICODE_STRING(L"Start");
    OBJECT_ATTRIBUTES Name = NoMemName(&String, DRIVER_KEY);
    ULONG Type = 1, StartKind = 3;
    HANDLE Key;
    NTSTATUS Status = NtCreateKey(&Key, KEY_ALL_ACCESS, &Name, 0, NULL, REG_OPTION_VOLATILE, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    NtSetValueKey(Key, &Path, 0, REG_SZ, (PVOID)Image, sizeof(Image));
    NtSetValueKey(Key, &TypeName, 0, REG_DWORD, &Type, sizeof(Type));
    NtSetValueKey(Key, &StartName, 0, REG_DWORD, &StartKind, sizeof(StartKind));
    NtClose(Key);
    return STATUS_SUCCESS;
}

static VOID Driver(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(DRIVER_KEY);

    NoMemBegin(MakeDriverKey, NULL);
    NoMemEnd();
    if (TRY(NtLoadDriver, &Name))
        (void)TRY(NtUnloadDriver, &Name);
}

static VOID UnloadDriver(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(DRIVER_KEY);

    NtUnloadDriver(&Name);
}

/* The partner reads from a mailslot into which nobody writes. */
static NTSTATUS NTAPI ReadNothing(PVOID Argument)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Name = NoMemName(&String, L"\\Device\\Mailslot\\nomem-nothing");
    LARGE_INTEGER Forever = { .QuadPart = -1 };
    static UCHAR Unread[100];
    HANDLE Server = NULL;
    IO_STATUS_BLOCK Own;
    NTSTATUS Status;

    Status = NtCreateMailslotFile(&Server, GENERIC_READ | SYNCHRONIZE, &Name, &Own, FILE_SYNCHRONOUS_IO_NONALERT, 0, 0, &Forever);
    if (NT_SUCCESS(Status)) {
        Status = NtReadFile(Server, NULL, NULL, NULL, &Own, Unread, sizeof(Unread), NULL, NULL);
        NtClose(Server);
    }
    return Status;
}

static VOID Cancel(VOID)
{
    ULONG Tries = 0;
    NTSTATUS Status;

    NoMemBegin(ReadNothing, NULL);
    do {
        NtDelayExecution(FALSE, &Soon);
        Status = SCENARIO_CALL(NtCancelSynchronousIoFile)(NoMemPartner, NULL, &IoStatus);
    } while (Status == STATUS_NOT_FOUND && ++Tries < 1000);
    (void)NoMemAnswer(NumberNtCancelSynchronousIoFile, Status);
}

/* If it was not cancelled, it is now. */
static VOID CancelNow(VOID)
{
    NtCancelSynchronousIoFile(NoMemPartner, NULL, &IoStatus);
    NoMemEnd();
}

static const SCENARIO List[] = {
    { "files", Files }, { "folders", Folders }, { "reparses", Reparses }, { "deletes", Deletes, DeleteIt },
    { "links", Links, UnlinkBoth }, { "notifications", Notifications },
    { "pipes", Pipes }, { "mailslots", Mailslots }, { "device", Device },
    { "requests", Requests }, { "pages", Pages }, { "label", Label }, { "driver", Driver, UnloadDriver }, { "cancel", Cancel, CancelNow },
};
const SCENARIOS FileScenarios = { List, ARRAYSIZE(List) };
