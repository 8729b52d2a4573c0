/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reparse points: setting, getting and deleting them with every status, junctions and symbolic links (absolute, from the volume's
 * root, relative) in the middle and at the end of a path, chains and circles of them, points with tags that nobody follows; what
 * queries, listings and notifications say of them; deleting, renaming and replacing them.  Works in C:\temp\nereidreparse, which it
 * makes and removes.
 *
 * Runs on: Nereid.  (Wine 8 knows none of the three codes.)  Rules: [MS-FSA] 2.1.5.1, 2.1.5.1.2, 2.1.5.10.3, .14, .37; [MS-FSCC]
 * 2.1.2, 2.3.6, 2.3.28, 2.3.82, 2.4.6, 2.4.17; Win32 documentation: Reparse Points; Windows Driver Kit: OBJECT_ATTRIBUTES.
 */
#include "check.h"
#include "files.h"
#include "base/lib/reparse.h"

#define BASE L"\\??\\C:\\temp\\nereidreparse"
#define FOREIGN_TAG 0x00001234u         /* another maker's: the point has a GUID */
#define UNKNOWN_TAG 0x80001234u         /* one of Microsoft's that nobody knows */
#define MOUNT ((ULONG)IO_REPARSE_TAG_MOUNT_POINT)
#define SYMLINK ((ULONG)IO_REPARSE_TAG_SYMLINK)
#define STAT ((FILE_INFORMATION_CLASS)68)
#define ID_EXTD_DIRECTORY ((FILE_INFORMATION_CLASS)60)

static LINK_POINT Point, Got;

static NTSTATUS Open(PCWSTR Name, ACCESS_MASK Access, ULONG Disposition, ULONG Options, PHANDLE File)
{
    return OpenAt(NULL, Name, Access, ALL_SHARE, Disposition, Options, File);
}

/* Is the file there, when links are followed?  The status of opening it. */
static NTSTATUS Reach(PCWSTR Name)
{
    HANDLE File;
    NTSTATUS Status = Open(Name, FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &File);

    if (NT_SUCCESS(Status))
        NtClose(File);
    return Status;
}

static LONGLONG IdOf(HANDLE File)
{
    FILE_INTERNAL_INFORMATION Information = { { .QuadPart = -1 } };

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Information, sizeof(Information), FileInternalInformation));
    return Information.IndexNumber.QuadPart;
}

/* The id of what a name leads to, 0: nothing. */
static LONGLONG Id(PCWSTR Name, ULONG Options)
{
    LONGLONG Found;
    HANDLE File;

    if (!NT_SUCCESS(Open(Name, FILE_READ_ATTRIBUTES, FILE_OPEN, Options, &File)))
        return 0;
    Found = IdOf(File);
    NtClose(File);
    return Found;
}

static NTSTATUS Control(HANDLE File, ULONG Code, PVOID Input, ULONG InputLength, PVOID Output, ULONG OutputLength)
{
    return NtFsControlFile(File, NULL, NULL, NULL, &Iosb, Code, Input, InputLength, Output, OutputLength);
}

static NTSTATUS SetPoint(HANDLE File)
{
    return Control(File, FSCTL_SET_REPARSE_POINT, &Point, POINT_LENGTH(&Point), NULL, 0);
}

static VOID Make(PCWSTR Name, ULONG Options)
{
    HANDLE File;
    ACCESS_MASK Access = Options & FILE_DIRECTORY_FILE ? FILE_LIST_DIRECTORY : GENERIC_WRITE;

    CHECK_STATUS(STATUS_SUCCESS, Open(Name, Access, FILE_CREATE, Options, &File));
    NtClose(File);
}

/* A new link. */
static VOID Link(PCWSTR Name, ULONG Options, ULONG Tag, ULONG Flags, PCWSTR Target)
{
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(Name, GENERIC_WRITE, FILE_CREATE, Options | FILE_OPEN_REPARSE_POINT, &File));
    MakeLink(&Point, Tag, Flags, Target, L"shown");
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(File));
    NtClose(File);
}

static VOID Junction(PCWSTR Name, PCWSTR Target)
{
    Link(Name, FILE_DIRECTORY_FILE, MOUNT, 0, Target);
}

static VOID Privilege(BOOLEAN Enable)
{
    BOOLEAN Old;

    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_CREATE_SYMBOLIC_LINK_PRIVILEGE, Enable, FALSE, &Old));
}

/* The point itself goes, not what it leads to. */
static VOID RemovePoint(PCWSTR Name)
{
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(Name, DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE | FILE_OPEN_REPARSE_POINT, &File));
    NtClose(File);
}

static NTSTATUS SetWithLength(HANDLE File, ULONG Length)
{
    return Control(File, FSCTL_SET_REPARSE_POINT, &Point, Length, NULL, 0);
}

static VOID TestBuffers(HANDLE Directory)
{
    static const USHORT Odd[] = { 1, 3, 0xffff };

    MakeLink(&Point, MOUNT, 0, BASE L"\\target", L"x");
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, 0));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, POINT_HEADER - 1));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, POINT_LENGTH(&Point) - 1));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, POINT_LENGTH(&Point) + 1));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, POINT_LENGTH(&Point) + sizeof(GUID)));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(Directory, FSCTL_SET_REPARSE_POINT, &Point, POINT_LENGTH(&Point), &Got, 8));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, Control(Directory, FSCTL_SET_REPARSE_POINT, (PVOID)8, 64, NULL, 0));
    for (ULONG i = 0; i < ARRAYSIZE(Odd); i++) {
        USHORT *Fields[] = {
            &Point.SubstituteNameOffset, &Point.SubstituteNameLength, &Point.PrintNameOffset, &Point.PrintNameLength,
        };

        for (ULONG k = 0; k < ARRAYSIZE(Fields); k++) {
            USHORT Kept = *Fields[k];

            *Fields[k] = Odd[i];
            CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetPoint(Directory));
            *Fields[k] = Kept;
        }
    }
    /* Two bytes too far each. */
    Point.SubstituteNameLength = Point.DataLength - 8 + sizeof(WCHAR);
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetPoint(Directory));
    Point.SubstituteNameLength = 0;
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetPoint(Directory));
    MakeLink(&Point, MOUNT, 0, L"relative", L"");
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetPoint(Directory));
    MakeLink(&Point, MOUNT, 0, BASE L"\\target", L"");
    Point.DataLength = 6;
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetPoint(Directory));
    for (ULONG Tag = 0; Tag < 2; Tag++) {
        Point.Tag = Tag;
        CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, POINT_HEADER + 6));
    }
    Point.Tag = UNKNOWN_TAG;
    Point.DataLength = MAXIMUM_REPARSE_DATA_BUFFER_SIZE - POINT_HEADER + 1;
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetPoint(Directory));
    CHECK_STATUS(STATUS_NOT_A_REPARSE_POINT, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, sizeof(Got)));
    Point.DataLength--;
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(Directory));
    CHECK_STATUS(STATUS_SUCCESS, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, sizeof(Got)));
    CHECK(Iosb.Information == MAXIMUM_REPARSE_DATA_BUFFER_SIZE && memcmp(&Got, &Point, MAXIMUM_REPARSE_DATA_BUFFER_SIZE) == 0);
    Point.DataLength = 0;
    CHECK_STATUS(STATUS_SUCCESS, Control(Directory, FSCTL_DELETE_REPARSE_POINT, &Point, POINT_HEADER, NULL, 0));
}

static VOID TestSetAndGet(HANDLE Directory)
{
    ULONG Length;

    MakeLink(&Point, MOUNT, 0, BASE L"\\target", L"x");
    Length = POINT_LENGTH(&Point);
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(Directory));
    memset(&Got, 0xcc, sizeof(Got));
    CHECK_STATUS(STATUS_SUCCESS, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, sizeof(Got)));
    CHECK(Iosb.Information == Length && memcmp(&Got, &Point, Length) == 0 && ((PUCHAR)&Got)[Length] == 0xcc);
    CHECK_STATUS(STATUS_SUCCESS, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, Length));
    memset(&Got, 0xcc, sizeof(Got));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, POINT_HEADER));
    CHECK(Iosb.Information == POINT_HEADER && Got.Tag == MOUNT && Got.DataLength == Point.DataLength);
    CHECK(((PUCHAR)&Got)[POINT_HEADER] == 0xcc);
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, POINT_HEADER - 1));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, NULL, 0));
    /* The same tag may come again, another not. */
    MakeLink(&Point, MOUNT, 0, BASE, L"");
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(Directory));
    CHECK_STATUS(STATUS_SUCCESS, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, sizeof(Got)));
    CHECK(memcmp(&Got, &Point, POINT_LENGTH(&Point)) == 0);
    Point.Tag = UNKNOWN_TAG;
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_MISMATCH, SetPoint(Directory));
}

static NTSTATUS DeletePoint(HANDLE File, ULONG Tag, USHORT DataLength, ULONG Length)
{
    Point.Tag = Tag;
    Point.DataLength = DataLength;
    return Control(File, FSCTL_DELETE_REPARSE_POINT, &Point, Length, NULL, 0);
}

static VOID TestDelete(HANDLE Directory)
{
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, DeletePoint(Directory, MOUNT, 0, POINT_HEADER - 1));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, DeletePoint(Directory, MOUNT, 0, POINT_HEADER + 1));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, DeletePoint(Directory, MOUNT, 0, POINT_HEADER + sizeof(GUID)));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, DeletePoint(Directory, MOUNT, 1, POINT_HEADER));
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_INVALID, DeletePoint(Directory, 0, 0, POINT_HEADER));
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_INVALID, DeletePoint(Directory, 1, 0, POINT_HEADER));
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_MISMATCH, DeletePoint(Directory, UNKNOWN_TAG, 0, POINT_HEADER));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, DeletePoint(Directory, FOREIGN_TAG, 0, POINT_HEADER));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(Directory, FSCTL_DELETE_REPARSE_POINT, &Point, POINT_HEADER, &Got, 8));
    CHECK_STATUS(STATUS_SUCCESS, DeletePoint(Directory, MOUNT, 0, POINT_HEADER));
    CHECK_STATUS(STATUS_NOT_A_REPARSE_POINT, DeletePoint(Directory, MOUNT, 0, POINT_HEADER));
    CHECK_STATUS(STATUS_NOT_A_REPARSE_POINT, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, sizeof(Got)));
}

/* Another maker's point: tag, GUID, data. */
static VOID TestForeign(HANDLE Directory)
{
    PUCHAR Bytes = (PUCHAR)&Point;

    memset(&Point, 0, sizeof(Point));
    Point.Tag = FOREIGN_TAG;
    Point.DataLength = 4;
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, 12));
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, SetWithLength(Directory, 28));
    Bytes[POINT_HEADER] = 7;
    memcpy(Bytes + 24, "data", 4);
    CHECK_STATUS(STATUS_SUCCESS, SetWithLength(Directory, 28));
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, 23));
    CHECK_STATUS(STATUS_BUFFER_OVERFLOW, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, 27));
    CHECK_STATUS(STATUS_SUCCESS, Control(Directory, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, 28));
    CHECK(Iosb.Information == 28 && memcmp(&Got, &Point, 28) == 0);
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_NOT_HANDLED, Reach(BASE L"\\place"));
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_NOT_HANDLED, Reach(BASE L"\\place\\inside"));
    Bytes[POINT_HEADER] = 8;
    CHECK_STATUS(STATUS_REPARSE_ATTRIBUTE_CONFLICT, SetWithLength(Directory, 28));
    CHECK_STATUS(STATUS_REPARSE_ATTRIBUTE_CONFLICT, DeletePoint(Directory, FOREIGN_TAG, 0, 24));
    Bytes[POINT_HEADER] = 7;
    CHECK_STATUS(STATUS_SUCCESS, DeletePoint(Directory, FOREIGN_TAG, 0, 24));
}

static VOID TestRights(VOID)
{
    HANDLE File;

    MakeLink(&Point, MOUNT, 0, BASE, L"");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\place", FILE_READ_DATA | FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetPoint(File));
    CHECK_STATUS(STATUS_ACCESS_DENIED, DeletePoint(File, MOUNT, 0, POINT_HEADER));
    NtClose(File);
    MakeLink(&Point, MOUNT, 0, BASE, L"");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\place", FILE_WRITE_ATTRIBUTES, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(File));
    CHECK_STATUS(STATUS_SUCCESS, DeletePoint(File, MOUNT, 0, POINT_HEADER));
    NtClose(File);
    MakeLink(&Point, MOUNT, 0, BASE, L"");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_WRITE_ATTRIBUTES, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_DIRECTORY_NOT_EMPTY, SetPoint(File));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\target\\file", FILE_WRITE_ATTRIBUTES, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_NOT_A_DIRECTORY, SetPoint(File));
    MakeLink(&Point, SYMLINK, 0, BASE L"\\target", L"");
    Privilege(FALSE);
    CHECK_STATUS(STATUS_ACCESS_DENIED, SetPoint(File));
    Privilege(TRUE);
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(L"\\??\\C:", FILE_WRITE_ATTRIBUTES, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, SetPoint(File));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Control(File, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, sizeof(Got)));
    NtClose(File);
}

static VOID TestControls(VOID)
{
    HANDLE Directory;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\place", GENERIC_READ | GENERIC_WRITE, FILE_CREATE, FILE_DIRECTORY_FILE, &Directory));
    TestBuffers(Directory);
    TestSetAndGet(Directory);
    TestDelete(Directory);
    TestForeign(Directory);
    NtClose(Directory);
    TestRights();
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\place"));
}

static VOID TestJunction(VOID)
{
    LONGLONG Target = Id(BASE L"\\target", 0), File = Id(BASE L"\\target\\file", 0);
    HANDLE Root, Handle;

    Junction(BASE L"\\junction", BASE L"\\target");
    CHECK(Target != 0 && File != 0 && Id(BASE L"\\junction", FILE_OPEN_REPARSE_POINT) != Target);
    CHECK(Id(BASE L"\\junction", 0) == Target && Id(BASE L"\\junction\\", 0) == Target && Id(BASE L"\\JUNCTION\\FILE", 0) == File);
    CHECK(Id(BASE L"\\junction\\file", FILE_OPEN_REPARSE_POINT) == File);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Reach(BASE L"\\junction\\none"));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, Reach(BASE L"\\junction\\none\\file"));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, Reach(BASE L"\\junction\\file\\none"));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Open(BASE L"\\junction", FILE_LIST_DIRECTORY, FILE_CREATE, FILE_DIRECTORY_FILE,
                                                    &Handle));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Open(BASE L"\\junction", FILE_LIST_DIRECTORY, FILE_CREATE, FILE_DIRECTORY_FILE |
                                                    FILE_OPEN_REPARSE_POINT, &Handle));
    /* What is made there is made in the target. */
    Make(BASE L"\\junction\\new", 0);
    CHECK(Exists(BASE L"\\target\\new"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\junction\\new"));
    CHECK(!Exists(BASE L"\\target\\new"));
    /* Relative to a folder, and to the link itself. */
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Root));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(Root, L"junction\\file", FILE_READ_DATA, ALL_SHARE, FILE_OPEN, 0, &Handle));
    CHECK(IdOf(Handle) == File);
    NtClose(Handle);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\junction", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_OPEN_REPARSE_POINT, &Root));
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(Root, L"file", FILE_READ_DATA, ALL_SHARE, FILE_OPEN, 0, &Handle));
    CHECK(IdOf(Handle) == File);
    NtClose(Handle);
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(Root, L"", FILE_LIST_DIRECTORY, ALL_SHARE, FILE_OPEN, 0, &Handle));
    CHECK(IdOf(Handle) == Target);
    NtClose(Handle);
    NtClose(Root);
    RemovePoint(BASE L"\\junction");
    CHECK(!Exists(BASE L"\\junction") && Exists(BASE L"\\target\\file"));
}

static VOID TestSymbolicLinks(VOID)
{
    static const struct { PCWSTR Name; ULONG Flags; PCWSTR Target; } Links[] = {
        { BASE L"\\link", 0, BASE L"\\target\\file" },
        { BASE L"\\link", SYMLINK_FLAG_RELATIVE, L"target\\file" },
        { BASE L"\\link", SYMLINK_FLAG_RELATIVE, L".\\target\\.\\file" },
        { BASE L"\\link", SYMLINK_FLAG_RELATIVE, L"target\\..\\target\\file" },
        { BASE L"\\link", SYMLINK_FLAG_RELATIVE, L"..\\..\\temp\\nereidreparse\\target\\file" },
        { BASE L"\\link", SYMLINK_FLAG_RELATIVE, L"\\temp\\nereidreparse\\target\\file" },
        { BASE L"\\target\\link", SYMLINK_FLAG_RELATIVE, L"file" },
        { BASE L"\\target\\link", SYMLINK_FLAG_RELATIVE, L"..\\target\\file" },
    };
    LONGLONG File = Id(BASE L"\\target\\file", 0), Root = Id(L"\\??\\C:\\", 0);

    for (ULONG i = 0; i < ARRAYSIZE(Links); i++) {
        Link(Links[i].Name, 0, SYMLINK, Links[i].Flags, Links[i].Target);
        if (!CHECK(Id(Links[i].Name, 0) == File))
            Print(L"%s\n", Links[i].Target);
        RemovePoint(Links[i].Name);
    }
    CHECK(Exists(BASE L"\\target\\file"));
    /* A folder's links, also in the middle of a path; the volume's root, and nothing above it. */
    Link(BASE L"\\link", FILE_DIRECTORY_FILE, SYMLINK, SYMLINK_FLAG_RELATIVE, L"target");
    CHECK(Id(BASE L"\\link\\file", 0) == File && Id(BASE L"\\link", 0) == Id(BASE L"\\target", 0));
    RemovePoint(BASE L"\\link");
    Link(BASE L"\\link", FILE_DIRECTORY_FILE, SYMLINK, SYMLINK_FLAG_RELATIVE, L"..\\..");
    CHECK(Id(BASE L"\\link", 0) == Root && Id(BASE L"\\link\\temp\\nereidreparse\\target\\file", 0) == File);
    RemovePoint(BASE L"\\link");
    Link(BASE L"\\link", FILE_DIRECTORY_FILE, SYMLINK, SYMLINK_FLAG_RELATIVE, L"..\\..\\..");
    CHECK_STATUS(STATUS_IO_REPARSE_DATA_INVALID, Reach(BASE L"\\link"));
    RemovePoint(BASE L"\\link");
    Link(BASE L"\\link", FILE_DIRECTORY_FILE, SYMLINK, SYMLINK_FLAG_RELATIVE, L"target\\\\file");
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, Reach(BASE L"\\link"));
    RemovePoint(BASE L"\\link");
    /* Nothing there: what is made comes to be where the link points. */
    Link(BASE L"\\link", 0, SYMLINK, SYMLINK_FLAG_RELATIVE, L"target\\later");
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Reach(BASE L"\\link"));
    Make(BASE L"\\link", 0);
    CHECK_STATUS(STATUS_SUCCESS, Reach(BASE L"\\link"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\target\\later"));
    RemovePoint(BASE L"\\link");
}

/* Links to links: 63 are followed, not one more, and no circle is gone round for ever. */
static VOID TestChains(VOID)
{
    WCHAR Name[64], Target[64];

    Make(BASE L"\\chain", FILE_DIRECTORY_FILE);
    wcscpy(Target, L"\\??\\C:\\temp\\nereidreparse\\target");
    wcscpy(Name, BASE L"\\chain\\00");
    for (ULONG i = 1; i <= 64; i++) {
        Name[wcslen(Name) - 2] = (WCHAR)('0' + i / 10);
        Name[wcslen(Name) - 1] = (WCHAR)('0' + i % 10);
        Junction(Name, Target);
        wcscpy(Target, Name);
    }
    CHECK_STATUS(STATUS_SUCCESS, Reach(BASE L"\\chain\\63"));
    CHECK_STATUS(STATUS_SUCCESS, Reach(BASE L"\\chain\\63\\file"));
    CHECK_STATUS(STATUS_REPARSE_POINT_NOT_RESOLVED, Reach(BASE L"\\chain\\64"));
    CHECK_STATUS(STATUS_SUCCESS, Reach(BASE L"\\chain\\33"));
    for (ULONG i = 1; i <= 64; i++) {
        Name[wcslen(Name) - 2] = (WCHAR)('0' + i / 10);
        Name[wcslen(Name) - 1] = (WCHAR)('0' + i % 10);
        RemovePoint(Name);
    }
    Junction(BASE L"\\chain\\self", BASE L"\\chain\\self");
    CHECK_STATUS(STATUS_REPARSE_POINT_NOT_RESOLVED, Reach(BASE L"\\chain\\self"));
    CHECK_STATUS(STATUS_REPARSE_POINT_NOT_RESOLVED, Reach(BASE L"\\chain\\self\\a\\b"));
    RemovePoint(BASE L"\\chain\\self");
    Link(BASE L"\\chain\\a", 0, SYMLINK, SYMLINK_FLAG_RELATIVE, L"b");
    Link(BASE L"\\chain\\b", 0, SYMLINK, SYMLINK_FLAG_RELATIVE, L"a");
    CHECK_STATUS(STATUS_REPARSE_POINT_NOT_RESOLVED, Reach(BASE L"\\chain\\a"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\chain\\a"));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Reach(BASE L"\\chain\\b"));
    RemovePoint(BASE L"\\chain\\b");
    /* What lies on another device, and nowhere. */
    Junction(BASE L"\\chain\\null", L"\\Device\\Null");
    CHECK_STATUS(STATUS_SUCCESS, Reach(BASE L"\\chain\\null"));
    RemovePoint(BASE L"\\chain\\null");
    Junction(BASE L"\\chain\\none", L"\\??\\Q:\\none");
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, Reach(BASE L"\\chain\\none"));
    RemovePoint(BASE L"\\chain\\none");
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\chain"));
}

static VOID TestTags(VOID)
{
    UNICODE_STRING Name;
    HANDLE File, ById;
    LONGLONG FileId;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\tagged", GENERIC_READ | GENERIC_WRITE, FILE_CREATE, 0, &File));
    FileId = IdOf(File);
    memset(&Point, 0, sizeof(Point));
    Point.Tag = UNKNOWN_TAG;
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(File));
    NtClose(File);
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_NOT_HANDLED, Reach(BASE L"\\tagged"));
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_NOT_HANDLED, Open(BASE L"\\tagged", GENERIC_WRITE, FILE_OVERWRITE_IF, 0, &File));
    CHECK(RtlNtStatusToDosErrorNoTeb(STATUS_IO_REPARSE_TAG_NOT_HANDLED) == 1920);
    /* An id is no way round a point; the point itself can be opened by it. */
    Name.Buffer = (PWSTR)&FileId;
    Name.Length = Name.MaximumLength = sizeof(FileId);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_IO_REPARSE_TAG_NOT_HANDLED, OpenName(File, &Name, FILE_READ_DATA, ALL_SHARE, FILE_OPEN,
                                                             FILE_OPEN_BY_FILE_ID, &ById));
    CHECK_STATUS(STATUS_SUCCESS, OpenName(File, &Name, FILE_READ_DATA, ALL_SHARE, FILE_OPEN, FILE_OPEN_BY_FILE_ID |
                                          FILE_OPEN_REPARSE_POINT, &ById));
    CHECK(IdOf(ById) == FileId);
    NtClose(ById);
    NtClose(File);
    RemovePoint(BASE L"\\tagged");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\linked", GENERIC_WRITE, FILE_CREATE, 0, &File));
    FileId = IdOf(File);
    MakeLink(&Point, SYMLINK, SYMLINK_FLAG_RELATIVE, L"target\\file", L"");
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(File));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, OpenName(File, &Name, FILE_READ_DATA, ALL_SHARE, FILE_OPEN, FILE_OPEN_BY_FILE_ID, &ById));
    CHECK(IdOf(ById) == Id(BASE L"\\target\\file", 0));
    NtClose(ById);
    NtClose(File);
    RemovePoint(BASE L"\\linked");
}

/* OBJ_DONT_REPARSE: the name may go through no link of the volume's, nor of the object manager's. */
static NTSTATUS OpenWithoutReparse(HANDLE Root, PCWSTR Text, ULONG Options)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE File;
    NTSTATUS Status;

    RtlInitUnicodeString(&Name, Text);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_DONT_REPARSE, Root, NULL);
    Status = NtOpenFile(&File, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &Attributes, &Iosb, ALL_SHARE, Options |
                        FILE_SYNCHRONOUS_IO_NONALERT);
    if (NT_SUCCESS(Status))
        NtClose(File);
    return Status;
}

static VOID TestDontReparse(VOID)
{
    HANDLE Root;

    Junction(BASE L"\\junction", BASE L"\\target");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Root));
    CHECK_STATUS(STATUS_SUCCESS, OpenWithoutReparse(Root, L"target\\file", 0));
    CHECK_STATUS(STATUS_REPARSE_POINT_ENCOUNTERED, OpenWithoutReparse(Root, L"junction\\file", 0));
    CHECK_STATUS(STATUS_REPARSE_POINT_ENCOUNTERED, OpenWithoutReparse(Root, L"junction", 0));
    CHECK_STATUS(STATUS_SUCCESS, OpenWithoutReparse(Root, L"junction", FILE_OPEN_REPARSE_POINT));
    CHECK_STATUS(STATUS_REPARSE_POINT_ENCOUNTERED, OpenWithoutReparse(NULL, BASE L"\\target", 0));
    CHECK_STATUS(STATUS_SUCCESS, OpenWithoutReparse(NULL, L"\\Device\\RamDisk0\\temp\\nereidreparse\\target", 0));
    CHECK(RtlNtStatusToDosErrorNoTeb(STATUS_REPARSE_POINT_ENCOUNTERED) == 4395);
    NtClose(Root);
    RemovePoint(BASE L"\\junction");
}

static ULONG AttributesOf(PCWSTR Text)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    FILE_BASIC_INFORMATION Basic = { 0 };

    RtlInitUnicodeString(&Name, Text);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryAttributesFile(&Attributes, &Basic));
    return Basic.FileAttributes;
}

/* The tag where a listing of class Class has it at Offset. */
static ULONG ListedTag(FILE_INFORMATION_CLASS Class, ULONG Offset)
{
    UCHAR Buffer[512] __attribute__((aligned(8))) = { 0 };
    UNICODE_STRING Pattern;
    HANDLE Directory;

    RtlInitUnicodeString(&Pattern, L"junction");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE, FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &Directory));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryDirectoryFile(Directory, NULL, NULL, NULL, &Iosb, Buffer, sizeof(Buffer), Class, TRUE,
                                                      &Pattern, TRUE));
    NtClose(Directory);
    CHECK(((PFILE_DIRECTORY_INFORMATION)Buffer)->FileAttributes == (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT));
    return *(PULONG)(Buffer + Offset);
}

static VOID TestListings(VOID)
{
    CHECK(ListedTag(FileFullDirectoryInformation, FIELD_OFFSET(FILE_FULL_DIR_INFORMATION, EaSize)) == MOUNT);
    CHECK(ListedTag(FileBothDirectoryInformation, FIELD_OFFSET(FILE_BOTH_DIR_INFORMATION, EaSize)) == MOUNT);
    CHECK(ListedTag(FileIdFullDirectoryInformation, FIELD_OFFSET(FILE_ID_FULL_DIR_INFORMATION, EaSize)) == MOUNT);
    CHECK(ListedTag(FileIdBothDirectoryInformation, FIELD_OFFSET(FILE_ID_BOTH_DIR_INFORMATION, EaSize)) == MOUNT);
    CHECK(ListedTag(ID_EXTD_DIRECTORY, 68) == MOUNT && ListedTag(ID_EXTD_DIRECTORY, 64) == 0);
}

static VOID TestQueries(VOID)
{
    FILE_ATTRIBUTE_TAG_INFORMATION Tag;
    UCHAR Stat[72] __attribute__((aligned(8)));
    struct { FILE_FS_ATTRIBUTE_INFORMATION Information; WCHAR Room[32]; } Volume;
    FILE_BASIC_INFORMATION Basic = { .FileAttributes = FILE_ATTRIBUTE_HIDDEN };
    HANDLE File;

    Junction(BASE L"\\junction", BASE L"\\target");
    CHECK(AttributesOf(BASE L"\\junction") == (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT));
    CHECK(AttributesOf(BASE L"\\junction\\file") == FILE_ATTRIBUTE_ARCHIVE);
    CHECK(AttributesOf(BASE L"\\target") == FILE_ATTRIBUTE_DIRECTORY);
    TestListings();
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\junction", FILE_READ_ATTRIBUTES | FILE_WRITE_ATTRIBUTES, FILE_OPEN,
                                      FILE_OPEN_REPARSE_POINT, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Tag, sizeof(Tag), FileAttributeTagInformation));
    CHECK(Tag.FileAttributes == (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT) && Tag.ReparseTag == MOUNT);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, Stat, sizeof(Stat), STAT));
    CHECK(*(PULONG)(Stat + 60) == MOUNT);
    /* Setting attributes leaves the point. */
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    CHECK(AttributesOf(BASE L"\\junction") == (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT | FILE_ATTRIBUTE_HIDDEN));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryVolumeInformationFile(File, &Iosb, &Volume, sizeof(Volume), FileFsAttributeInformation));
    CHECK(Volume.Information.FileSystemAttributes & 0x00000080);    /* FILE_SUPPORTS_REPARSE_POINTS */
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\junction", FILE_READ_ATTRIBUTES, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Tag, sizeof(Tag), FileAttributeTagInformation));
    CHECK(Tag.FileAttributes == FILE_ATTRIBUTE_DIRECTORY && Tag.ReparseTag == 0);
    NtClose(File);
    RemovePoint(BASE L"\\junction");
}

static VOID TestNotify(VOID)
{
    UCHAR Buffer[256] __attribute__((aligned(8))) = { 0 };
    PFILE_NOTIFY_INFORMATION Record = (PVOID)Buffer;
    HANDLE File, Directory;
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    IO_STATUS_BLOCK Pending = { 0 };

    Make(BASE L"\\place", FILE_DIRECTORY_FILE);
    RtlInitUnicodeString(&Name, BASE);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(&Directory, FILE_LIST_DIRECTORY | SYNCHRONIZE, &Attributes, &Iosb, ALL_SHARE,
                                            FILE_DIRECTORY_FILE));
    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeDirectoryFile(Directory, NULL, NULL, NULL, &Pending, Buffer, sizeof(Buffer),
                                                             FILE_NOTIFY_CHANGE_ATTRIBUTES, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\place", FILE_WRITE_ATTRIBUTES, FILE_OPEN, 0, &File));
    MakeLink(&Point, MOUNT, 0, BASE L"\\target", L"");
    CHECK_STATUS(STATUS_SUCCESS, SetPoint(File));
    CHECK(Pending.Status == STATUS_SUCCESS && Record->Action == FILE_ACTION_MODIFIED && Record->FileNameLength == 10);
    Buffer[0] = 0xcc;
    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeDirectoryFile(Directory, NULL, NULL, NULL, &Pending, Buffer, sizeof(Buffer),
                                                             FILE_NOTIFY_CHANGE_ATTRIBUTES, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, DeletePoint(File, MOUNT, 0, POINT_HEADER));
    CHECK(Record->NextEntryOffset == 0 && Record->Action == FILE_ACTION_MODIFIED);
    NtClose(File);
    NtClose(Directory);
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\place"));
}

static NTSTATUS Rename(PCWSTR From, PCWSTR To, ULONG Options, BOOLEAN Replace)
{
    struct { FILE_RENAME_INFORMATION Rename; WCHAR Room[64]; } Information = { 0 };
    HANDLE File;
    NTSTATUS Status = Open(From, DELETE | FILE_READ_DATA, FILE_OPEN, Options, &File);

    if (!NT_SUCCESS(Status))
        return Status;
    Information.Rename.ReplaceIfExists = Replace;
    Information.Rename.FileNameLength = (ULONG)wcslen(To) * sizeof(WCHAR);
    memcpy(Information.Rename.FileName, To, Information.Rename.FileNameLength);
    Status = NtSetInformationFile(File, &Iosb, &Information, sizeof(Information), FileRenameInformation);
    NtClose(File);
    return Status;
}

static VOID TestNames(VOID)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    HANDLE File;

    Junction(BASE L"\\junction", BASE L"\\target");
    /* The link is renamed, into itself it cannot go: that would be into the target; files come into the target through it. */
    CHECK_STATUS(STATUS_SUCCESS, Rename(BASE L"\\junction", BASE L"\\renamed", FILE_OPEN_REPARSE_POINT, FALSE));
    CHECK(!Exists(BASE L"\\junction") && Exists(BASE L"\\target") && Exists(BASE L"\\renamed\\file"));
    Make(BASE L"\\other", 0);
    CHECK_STATUS(STATUS_SUCCESS, Rename(BASE L"\\other", BASE L"\\renamed\\other", 0, FALSE));
    CHECK(Exists(BASE L"\\target\\other") && !Exists(BASE L"\\other"));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, Rename(BASE L"\\renamed\\other", BASE L"\\renamed", 0, FALSE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Rename(BASE L"\\renamed\\other", BASE L"\\renamed", 0, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\renamed\\other"));
    /* Deletion by disposition, by name, by an open that asks for nothing else. */
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\renamed", DELETE | FILE_READ_ATTRIBUTES | FILE_READ_DATA, FILE_OPEN,
                                      FILE_OPEN_REPARSE_POINT, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Disposition, sizeof(Disposition), FileDispositionInformation));
    NtClose(File);
    CHECK(!Exists(BASE L"\\renamed"));
    Junction(BASE L"\\junction", BASE L"\\target");
    RtlInitUnicodeString(&Name, BASE L"\\junction");
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteFile(&Attributes));
    CHECK(!Exists(BASE L"\\junction"));
    Junction(BASE L"\\junction", BASE L"\\target");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\junction", DELETE, FILE_OPEN, FILE_DIRECTORY_FILE, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Disposition, sizeof(Disposition), FileDispositionInformation));
    NtClose(File);
    CHECK(!Exists(BASE L"\\junction") && Exists(BASE L"\\target\\file"));
    /* An open for more goes to the target, which is not empty. */
    Junction(BASE L"\\junction", BASE L"\\target");
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\junction", DELETE | FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE, &File));
    CHECK_STATUS(STATUS_DIRECTORY_NOT_EMPTY, NtSetInformationFile(File, &Iosb, &Disposition, sizeof(Disposition),
                                                                  FileDispositionInformation));
    NtClose(File);
    RemovePoint(BASE L"\\junction");
}

/* Share modes and attributes are the target's, not the link's. */
static VOID TestTargetChecks(VOID)
{
    HANDLE File, Other;

    Link(BASE L"\\link", 0, SYMLINK, SYMLINK_FLAG_RELATIVE, L"target\\file");
    CHECK_STATUS(STATUS_SUCCESS, OpenAt(NULL, BASE L"\\target\\file", GENERIC_WRITE, 0, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(BASE L"\\link", FILE_READ_DATA, FILE_OPEN, 0, &Other));
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\link", FILE_READ_DATA, FILE_OPEN, FILE_OPEN_REPARSE_POINT, &Other));
    NtClose(Other);
    NtClose(File);
    CHECK_STATUS(STATUS_NOT_A_DIRECTORY, Open(BASE L"\\link", FILE_READ_DATA, FILE_OPEN, FILE_DIRECTORY_FILE, &File));
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, Open(BASE L"\\link\\", FILE_READ_DATA, FILE_OPEN, 0, &File));
    CHECK_STATUS(STATUS_OBJECT_PATH_NOT_FOUND, Open(BASE L"\\link\\x", FILE_READ_DATA, FILE_OPEN, 0, &File));
    /* Written over, the target stays what the link leads to; superseded itself, the link is a file again. */
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\link", GENERIC_WRITE, FILE_OVERWRITE, 0, &File));
    CHECK(IdOf(File) == Id(BASE L"\\target\\file", 0));
    NtClose(File);
    CHECK(AttributesOf(BASE L"\\link") & FILE_ATTRIBUTE_REPARSE_POINT);
    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\link", GENERIC_WRITE, FILE_SUPERSEDE, FILE_OPEN_REPARSE_POINT, &File));
    CHECK_STATUS(STATUS_NOT_A_REPARSE_POINT, Control(File, FSCTL_GET_REPARSE_POINT, NULL, 0, &Got, sizeof(Got)));
    NtClose(File);
    CHECK(Id(BASE L"\\link", 0) != Id(BASE L"\\target\\file", 0));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\link"));
}

/* A point that is replaced or taken away leaves nothing behind: memory would not last. */
static VOID TestManyPoints(VOID)
{
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(BASE L"\\place", GENERIC_WRITE, FILE_CREATE, FILE_DIRECTORY_FILE, &File));
    memset(&Point, 0, sizeof(Point));
    for (ULONG i = 0; i < 10000; i++) {
        Point.Tag = UNKNOWN_TAG;
        Point.DataLength = MAXIMUM_REPARSE_DATA_BUFFER_SIZE - POINT_HEADER;
        if (!NT_SUCCESS(SetPoint(File)) || (i % 2 == 1 && !NT_SUCCESS(DeletePoint(File, UNKNOWN_TAG, 0, POINT_HEADER)))) {
            CHECK(!"set again");
            break;
        }
    }
    NtClose(File);
    RemovePoint(BASE L"\\place");
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    Make(BASE, FILE_DIRECTORY_FILE);
    Make(BASE L"\\target", FILE_DIRECTORY_FILE);
    Make(BASE L"\\target\\file", 0);
    Privilege(TRUE);
    TestControls();
    TestJunction();
    TestSymbolicLinks();
    TestChains();
    TestTags();
    TestDontReparse();
    TestQueries();
    TestNotify();
    TestNames();
    TestTargetChecks();
    TestManyPoints();
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\target\\file"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE L"\\target"));
    CHECK_STATUS(STATUS_SUCCESS, Remove(BASE));
    return CheckClose();
}
