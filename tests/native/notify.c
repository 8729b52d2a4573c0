/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Change notification of directories, mailslots, the label of the volume.
 *
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define DIRECTORY L"\\??\\C:\\temp\\notify.tmp"
#define SLOT L"\\??\\MAILSLOT\\nereid-test"
#define ALL_SHARE (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define NAMES (FILE_NOTIFY_CHANGE_FILE_NAME | FILE_NOTIFY_CHANGE_DIR_NAME)

static LARGE_INTEGER Now;

static NTSTATUS Create(PCWSTR Name, HANDLE Root, ACCESS_MASK Access, ULONG Disposition, ULONG Options, PHANDLE File)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;
    IO_STATUS_BLOCK Iosb;

    *File = NULL;
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    return NtCreateFile(File, Access | SYNCHRONIZE, &Attributes, &Iosb, NULL, 0, ALL_SHARE, Disposition, Options, NULL, 0);
}

static void Make(PCWSTR Name, HANDLE Root, ULONG Options)
{
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Create(Name, Root, GENERIC_READ | DELETE, FILE_OPEN_IF,
                                        Options | FILE_SYNCHRONOUS_IO_NONALERT, &File));
    NtClose(File);
}

static void Delete(PCWSTR Name, HANDLE Root)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteFile(&Attributes));
}

static NTSTATUS Settle(NTSTATUS Status, HANDLE File, PIO_STATUS_BLOCK Iosb)
{
    LARGE_INTEGER Long = { .QuadPart = LONG_ENOUGH };

    if (Status != STATUS_PENDING)
        return Status;
    return NtWaitForSingleObject(File, FALSE, &Long) == STATUS_TIMEOUT ? STATUS_TIMEOUT : Iosb->Status;
}

static BOOLEAN IsRecord(PFILE_NOTIFY_INFORMATION Record, ULONG Action, PCWSTR Name)
{
    return Record->Action == Action && Record->FileNameLength == wcslen(Name) * sizeof(WCHAR) &&
           memcmp(Record->FileName, Name, Record->FileNameLength) == 0;
}

static UCHAR Buffer[1024] __attribute__((aligned(8)));
#define First ((PFILE_NOTIFY_INFORMATION)Buffer)
#define Second ((PFILE_NOTIFY_INFORMATION)(Buffer + First->NextEntryOffset))

static NTSTATUS Watch(HANDLE Directory, ULONG Filter, BOOLEAN Tree, PIO_STATUS_BLOCK Iosb)
{
    memset(Buffer, 0, sizeof(Buffer));
    return NtNotifyChangeDirectoryFile(Directory, NULL, NULL, NULL, Iosb, Buffer, sizeof(Buffer), Filter, Tree);
}

static void Rename(PCWSTR From, PCWSTR To, HANDLE Root)
{
    struct {
        FILE_RENAME_INFORMATION Rename;
        WCHAR Room[32];
    } Information = { 0 };
    HANDLE File;
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, Create(From, Root, DELETE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, &File));
    Information.Rename.RootDirectory = Root;
    Information.Rename.FileNameLength = wcslen(To) * sizeof(WCHAR);
    memcpy(Information.Rename.FileName, To, Information.Rename.FileNameLength);
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Information, sizeof(Information),
                                                      FileRenameInformation));
    NtClose(File);
}

static void TestNotify(void)
{
    HANDLE Directory, Root, File;
    IO_STATUS_BLOCK Iosb, Other;
    LARGE_INTEGER Offset = { .QuadPart = 0 };

    Make(L"\\??\\C:\\temp", NULL, FILE_DIRECTORY_FILE);
    Make(DIRECTORY, NULL, FILE_DIRECTORY_FILE);
    CHECK_STATUS(STATUS_SUCCESS, Create(DIRECTORY, NULL, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Directory));
    CHECK_STATUS(STATUS_SUCCESS, Create(DIRECTORY, NULL, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE |
                                        FILE_SYNCHRONOUS_IO_NONALERT, &Root));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Watch(Directory, 0, FALSE, &Iosb));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Watch(Directory, 0x80000000, FALSE, &Iosb));
    CHECK_STATUS(STATUS_PENDING, Watch(Directory, NAMES | FILE_NOTIFY_CHANGE_SIZE, TRUE, &Iosb));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Directory, FALSE, &Now));
    Make(L"one.txt", Root, 0);
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Directory, &Iosb));
    CHECK(IsRecord(First, FILE_ACTION_ADDED, L"one.txt"));
    if (!IsWine) {
        /* What happens in between is kept. */
        CHECK(First->NextEntryOffset == 0 && Iosb.Information == 12 + 14);
        Rename(L"one.txt", L"two.txt", Root);
        CHECK_STATUS(STATUS_SUCCESS, Settle(Watch(Directory, NAMES, FALSE, &Iosb), Directory, &Iosb));
        CHECK(IsRecord(First, FILE_ACTION_RENAMED_OLD_NAME, L"one.txt"));
        CHECK(First->NextEntryOffset != 0 && IsRecord(Second, FILE_ACTION_RENAMED_NEW_NAME, L"two.txt"));
        CHECK_STATUS(STATUS_PENDING, Watch(Directory, NAMES, FALSE, &Iosb));
        Make(L"sub", Root, FILE_DIRECTORY_FILE);
        CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Directory, &Iosb));
        CHECK(IsRecord(First, FILE_ACTION_ADDED, L"sub"));
        CHECK_STATUS(STATUS_PENDING, Watch(Directory, NAMES, FALSE, &Iosb));
        Make(L"sub\\deep", Root, 0);
        CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Directory, &Iosb));
        CHECK(IsRecord(First, FILE_ACTION_ADDED, L"sub\\deep"));
        CHECK_STATUS(STATUS_PENDING, Watch(Directory, NAMES, FALSE, &Iosb));
        CHECK_STATUS(STATUS_SUCCESS, Create(L"two.txt", Root, GENERIC_WRITE, FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT,
                                            &File));
        CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Other, "abc", 3, &Offset, NULL));
        CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Other, "abc", 3, NULL, NULL));
        CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Other, "abc", 3, NULL, NULL));
        NtClose(File);
        CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Directory, &Iosb));
        CHECK(IsRecord(First, FILE_ACTION_MODIFIED, L"two.txt"));
        CHECK_STATUS(STATUS_SUCCESS, Settle(Watch(Directory, NAMES, FALSE, &Iosb), Directory, &Iosb));
        CHECK(IsRecord(First, FILE_ACTION_MODIFIED, L"two.txt") && First->NextEntryOffset == 0);
        Delete(L"two.txt", Root);
        Delete(L"sub\\deep", Root);
        CHECK_STATUS(STATUS_SUCCESS, Settle(Watch(Directory, NAMES, FALSE, &Iosb), Directory, &Iosb));
        CHECK(IsRecord(First, FILE_ACTION_REMOVED, L"two.txt"));
        CHECK(First->NextEntryOffset != 0 && IsRecord(Second, FILE_ACTION_REMOVED, L"sub\\deep"));
        /* Too much for the buffer of the first request. */
        for (ULONG i = 0; i < 100; i++) {
            Make(L"many", Root, 0);
            Delete(L"many", Root);
        }
        CHECK_STATUS(STATUS_NOTIFY_ENUM_DIR, Settle(Watch(Directory, NAMES, FALSE, &Iosb), Directory, &Iosb));
        CHECK(Iosb.Information == 0);
        Delete(L"sub", Root);
        Settle(Watch(Directory, NAMES, FALSE, &Iosb), Directory, &Iosb);
    } else {
        Delete(L"one.txt", Root);
        Settle(Watch(Directory, NAMES, FALSE, &Iosb), Directory, &Iosb);
        for (ULONG i = 0; i < 10 && Watch(Directory, NAMES, FALSE, &Iosb) != STATUS_PENDING; i++)
            ;
        NtCancelIoFile(Directory, &Other);
        Settle(STATUS_PENDING, Directory, &Iosb);
    }
    CHECK_STATUS(STATUS_PENDING, Watch(Directory, NAMES, FALSE, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, NtCancelIoFile(Directory, &Other));
    CHECK_STATUS(STATUS_CANCELLED, Settle(STATUS_PENDING, Directory, &Iosb));
    CHECK_STATUS(STATUS_PENDING, Watch(Directory, NAMES, FALSE, &Iosb));
    NtClose(Directory);
    TODO(OnWine, CHECK_STATUS(STATUS_NOTIFY_CLEANUP, Iosb.Status));
    NtClose(Root);
    Delete(DIRECTORY, NULL);
}

/* One filter, one change: is it told? */
static BOOLEAN Tells(HANDLE File, ULONG Filter, VOID (*Change)(HANDLE File))
{
    HANDLE Watcher;
    IO_STATUS_BLOCK Iosb = { 0 };
    BOOLEAN Told;

    CHECK_STATUS(STATUS_SUCCESS, Create(DIRECTORY, NULL, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Watcher));
    CHECK_STATUS(STATUS_PENDING, Watch(Watcher, Filter, FALSE, &Iosb));
    Change(File);
    Told = NtWaitForSingleObject(Watcher, FALSE, &Now) == STATUS_SUCCESS;
    if (Told)
        CHECK(IsRecord(First, FILE_ACTION_MODIFIED, L"changed"));
    NtClose(Watcher);
    return Told;
}

static VOID WriteSame(HANDLE File)
{
    LARGE_INTEGER Offset = { .QuadPart = 0 };
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Iosb, "abc", 3, &Offset, NULL));
}

static VOID Grow(HANDLE File)
{
    LARGE_INTEGER Offset = { .QuadPart = -1 };
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &Iosb, "abc", 3, &Offset, NULL));
}

static VOID Hide(HANDLE File)
{
    FILE_BASIC_INFORMATION Basic = { .FileAttributes = FILE_ATTRIBUTE_HIDDEN };
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
}

static VOID SetCreationTime(HANDLE File)
{
    FILE_BASIC_INFORMATION Basic = { .CreationTime.QuadPart = 116444736000000000ll };
    IO_STATUS_BLOCK Iosb;

    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
}

static VOID Protect(HANDLE File)
{
    SECURITY_DESCRIPTOR Descriptor;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(File, DACL_SECURITY_INFORMATION, &Descriptor));
}

static VOID TestFilters(VOID)
{
    const ULONG All = 0xfff;
    HANDLE Directory, File;

    Make(DIRECTORY, NULL, FILE_DIRECTORY_FILE);
    CHECK_STATUS(STATUS_SUCCESS, Create(DIRECTORY, NULL, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE |
                                        FILE_SYNCHRONOUS_IO_NONALERT, &Directory));
    CHECK_STATUS(STATUS_SUCCESS, Create(L"changed", Directory, GENERIC_READ | GENERIC_WRITE | WRITE_DAC, FILE_CREATE,
                                        FILE_SYNCHRONOUS_IO_NONALERT, &File));
    CHECK(Tells(File, FILE_NOTIFY_CHANGE_SIZE, Grow));
    CHECK(!Tells(File, FILE_NOTIFY_CHANGE_SIZE, WriteSame));
    CHECK(Tells(File, FILE_NOTIFY_CHANGE_LAST_WRITE, WriteSame));
    CHECK(!Tells(File, All & ~(FILE_NOTIFY_CHANGE_SIZE | FILE_NOTIFY_CHANGE_LAST_WRITE), Grow));
    CHECK(Tells(File, FILE_NOTIFY_CHANGE_ATTRIBUTES, Hide));
    CHECK(!Tells(File, All & ~FILE_NOTIFY_CHANGE_ATTRIBUTES, Hide));
    CHECK(Tells(File, FILE_NOTIFY_CHANGE_CREATION, SetCreationTime));
    CHECK(!Tells(File, All & ~FILE_NOTIFY_CHANGE_CREATION, SetCreationTime));
    CHECK(Tells(File, FILE_NOTIFY_CHANGE_SECURITY, Protect));
    CHECK(!Tells(File, All & ~FILE_NOTIFY_CHANGE_SECURITY, Protect));
    NtClose(File);
    Delete(L"changed", Directory);
    NtClose(Directory);
    Delete(DIRECTORY, NULL);
}

/* ------------------------------------------------------------------ mailslots */

static NTSTATUS CreateSlot(LONG64 Timeout, ULONG Maximum, PHANDLE Slot)
{
    LARGE_INTEGER ReadTimeout = { .QuadPart = Timeout };
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(SLOT);
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Iosb;

    *Slot = NULL;
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreateMailslotFile(Slot, GENERIC_READ | SYNCHRONIZE, &Attributes, &Iosb, 0, 0, Maximum, &ReadTimeout);
}

static NTSTATUS Read(HANDLE Slot, ULONG Length, PIO_STATUS_BLOCK Iosb)
{
    memset(Buffer, 0, sizeof(Buffer));
    return Settle(NtReadFile(Slot, NULL, NULL, NULL, Iosb, Buffer, Length, NULL, NULL), Slot, Iosb);
}

static void TestMailslot(void)
{
    FILE_MAILSLOT_QUERY_INFORMATION Query;
    FILE_MAILSLOT_SET_INFORMATION Set = { { .QuadPart = -1 } };
    HANDLE Slot, Writer, Again;
    IO_STATUS_BLOCK Iosb, Other;

    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Create(SLOT, NULL, GENERIC_WRITE, FILE_OPEN, 0, &Writer));
    CHECK_STATUS(STATUS_SUCCESS, CreateSlot(0, 20, &Slot));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, CreateSlot(0, 20, &Again));
    CHECK_STATUS(STATUS_SUCCESS, Create(L"\\??\\mailslot\\NEREID-TEST", NULL, GENERIC_WRITE, FILE_OPEN,
                                        FILE_SYNCHRONOUS_IO_NONALERT, &Writer));
    CHECK_STATUS(STATUS_IO_TIMEOUT, Read(Slot, 20, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Writer, NULL, NULL, NULL, &Iosb, "first", 5, NULL, NULL));
    CHECK(Iosb.Information == 5);
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Writer, NULL, NULL, NULL, &Iosb, "second!", 7, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(Slot, &Iosb, &Query, sizeof(Query), FileMailslotQueryInformation));
    CHECK(Query.MaximumMessageSize == 20 && Query.NextMessageSize == 5 && Query.ReadTimeout.QuadPart == 0);
    TODO(OnWine, CHECK(Query.MessagesAvailable == 2));
    CHECK_STATUS(STATUS_SUCCESS, Read(Slot, 20, &Iosb));
    CHECK(Iosb.Information == 5 && memcmp(Buffer, "first", 5) == 0);
    CHECK_STATUS(STATUS_SUCCESS, Read(Slot, 20, &Iosb));
    CHECK(Iosb.Information == 7 && memcmp(Buffer, "second!", 7) == 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(Slot, &Iosb, &Query, sizeof(Query), FileMailslotQueryInformation));
    CHECK(Query.NextMessageSize == 0xffffffff && Query.MessagesAvailable == 0);
    if (IsWine) {                       /* its mailslots are the host's sockets: no message sizes, other waiting */
        NtClose(Writer);
        NtClose(Slot);
        return;
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtWriteFile(Writer, NULL, NULL, NULL, &Iosb, "longer than allowed..", 21, NULL,
                                                       NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Writer, NULL, NULL, NULL, &Iosb, "third", 5, NULL, NULL));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, Read(Slot, 4, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, Read(Slot, 5, &Iosb));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(Slot, &Iosb, &Set, sizeof(Set), FileMailslotSetInformation));
    CHECK_STATUS(STATUS_PENDING, NtReadFile(Slot, NULL, NULL, NULL, &Iosb, Buffer, 20, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Writer, NULL, NULL, NULL, &Other, "late", 4, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, Settle(STATUS_PENDING, Slot, &Iosb));
    CHECK(Iosb.Information == 4 && memcmp(Buffer, "late", 4) == 0);
    Set.ReadTimeout.QuadPart = -300000;
    NtSetInformationFile(Slot, &Iosb, &Set, sizeof(Set), FileMailslotSetInformation);
    CHECK_STATUS(STATUS_IO_TIMEOUT, Read(Slot, 20, &Iosb));
    NtClose(Slot);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Create(SLOT, NULL, GENERIC_WRITE, FILE_OPEN, 0, &Again));
    NtClose(Writer);
}

/* ------------------------------------------------------------------ the label */

static void TestLabel(void)
{
    struct {
        FILE_FS_LABEL_INFORMATION Label;
        WCHAR Room[40];
    } Label = { 0 };
    struct {
        FILE_FS_VOLUME_INFORMATION Volume;
        WCHAR Room[40];
    } Volume, Before;
    HANDLE Root;
    IO_STATUS_BLOCK Iosb;

    if (IsWine)                         /* the host's file system has the last word there */
        return;
    CHECK_STATUS(STATUS_SUCCESS, Create(L"\\??\\C:", NULL, GENERIC_READ | GENERIC_WRITE, FILE_OPEN,
                                        FILE_SYNCHRONOUS_IO_NONALERT, &Root));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(Root, &Iosb, &Before, sizeof(Before),
                                                              FileFsVolumeInformation));
    Label.Label.VolumeLabelLength = 8;
    memcpy(Label.Label.VolumeLabel, L"Test", 8);
    CHECK_STATUS(STATUS_SUCCESS, NtSetVolumeInformationFile(Root, &Iosb, &Label, sizeof(Label), FileFsLabelInformation));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(Root, &Iosb, &Volume, sizeof(Volume),
                                                              FileFsVolumeInformation));
    CHECK(Volume.Volume.VolumeLabelLength == 8 && memcmp(Volume.Volume.VolumeLabel, L"Test", 8) == 0);
    Label.Label.VolumeLabelLength = 66;
    CHECK_STATUS(STATUS_INVALID_VOLUME_LABEL, NtSetVolumeInformationFile(Root, &Iosb, &Label, sizeof(Label),
                                                                         FileFsLabelInformation));
    Label.Label.VolumeLabelLength = 7;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtSetVolumeInformationFile(Root, &Iosb, &Label, sizeof(Label),
                                                                      FileFsLabelInformation));
    Label.Label.VolumeLabelLength = 8;
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetVolumeInformationFile(Root, &Iosb, &Label, 3, FileFsLabelInformation));
    CHECK_STATUS(STATUS_INVALID_INFO_CLASS, NtSetVolumeInformationFile(Root, &Iosb, &Label, sizeof(Label),
                                                                       FileFsVolumeInformation));
    Label.Label.VolumeLabelLength = Before.Volume.VolumeLabelLength;
    memcpy(Label.Label.VolumeLabel, Before.Volume.VolumeLabel, Before.Volume.VolumeLabelLength);
    CHECK_STATUS(STATUS_SUCCESS, NtSetVolumeInformationFile(Root, &Iosb, &Label, sizeof(Label), FileFsLabelInformation));
    NtClose(Root);
}

int wmain(int Count, WCHAR **Arguments)
{
    CheckSystem();
    TestNotify();
    if (!IsWine)        /* tells what the host tells it: not which kind of change it was */
        TestFilters();
    TestMailslot();
    TestLabel();
    return CheckClose();
}
