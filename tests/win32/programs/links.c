// SPDX-License-Identifier: BSD-2-Clause
// Junctions and symbolic links through Win32: what a program does to a link is not done to its target (the documentation of each
// function, and "Symbolic Link Effects on File Systems Functions").  Wine's functions know no links, so this runs without a reference.
#include <windows.h>
#include <winioctl.h>
#include <string.h>
#include "check.h"

// REPARSE_DATA_BUFFER as a mount point's, [MS-FSCC] 2.1.2.5.
typedef struct {
    ULONG tag;
    USHORT length, reserved;
    USHORT target_at, target_length, shown_at, shown_length;
    WCHAR names[300];
} Point;

static int failures;

static void Expect(const char *what, int holds)
{
    failures += !holds;
    if (!holds)
        printf("wrong: %s (error %lu)\n", what, GetLastError());
}
#define EXPECT(what) Expect(#what, (what) != 0)

static void Put(const char *path)
{
    HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    EXPECT(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
}

static int There(const char *path)
{
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static int IsLink(const char *path)
{
    DWORD attributes = GetFileAttributesA(path);

    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_REPARSE_POINT);
}

// A handle of the link itself, by each function that can open one.
static HANDLE OpenLink(int how, const char *path)
{
    DWORD flags = FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT;
    CREATEFILE2_EXTENDED_PARAMETERS more = { .dwSize = sizeof(more), .dwFileFlags = flags };
    WCHAR wide[64];

    MultiByteToWideChar(CP_ACP, 0, path, -1, wide, 64);
    if (how == 0)
        return CreateFileA(path, FILE_WRITE_ATTRIBUTES, 7, NULL, OPEN_EXISTING, flags, NULL);
    if (how == 1)
        return CreateFileW(wide, FILE_WRITE_ATTRIBUTES, 7, NULL, OPEN_EXISTING, flags, NULL);
    return CreateFile2(wide, FILE_WRITE_ATTRIBUTES, 7, OPEN_EXISTING, &more);
}

static void MakeJunction(const char *path, const char *folder)
{
    Point point = { .tag = IO_REPARSE_TAG_MOUNT_POINT };
    char full[260];
    DWORD done;
    HANDLE file;
    int length;

    CreateDirectoryA(path, NULL);
    GetFullPathNameA(folder, sizeof(full), full, NULL);
    length = swprintf(point.names, 300, L"\\??\\%hs", full) * sizeof(WCHAR);
    point.target_length = (USHORT)length;
    point.shown_at = (USHORT)(length + sizeof(WCHAR));
    point.length = (USHORT)(8 + length + 2 * sizeof(WCHAR));
    file = CreateFileA(path, GENERIC_WRITE, 0, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    EXPECT(DeviceIoControl(file, FSCTL_SET_REPARSE_POINT, &point, point.length + 8, NULL, 0, &done, NULL));
    CloseHandle(file);
}

static void Opened(const char *path, DWORD tag)
{
    FILE_ATTRIBUTE_TAG_INFO info;
    Point point;
    DWORD done;

    for (int how = 0; how < 3; how++) {
        HANDLE file = OpenLink(how, path);

        point.tag = 0;
        EXPECT(DeviceIoControl(file, FSCTL_GET_REPARSE_POINT, NULL, 0, &point, sizeof(point), &done, NULL) && point.tag == tag);
        EXPECT(GetFileInformationByHandleEx(file, FileAttributeTagInfo, &info, sizeof(info)) && info.ReparseTag == tag);
        CloseHandle(file);
    }
    // Without the flag it is the target, whatever attributes are asked for.
    HANDLE file = CreateFileA(path, 0, 7, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_ATTRIBUTE_REPARSE_POINT, NULL);
    EXPECT(!DeviceIoControl(file, FSCTL_GET_REPARSE_POINT, NULL, 0, &point, sizeof(point), &done, NULL) &&
           GetLastError() == ERROR_NOT_A_REPARSE_POINT);
    CloseHandle(file);
}

// Every way to list: the entry's tag, of a search for one name and of one for all.
static void Listed(const char *path, DWORD tag)
{
    WIN32_FIND_DATAW wide = { 0 };
    WIN32_FIND_DATAA data = { 0 };
    WCHAR name[64];
    int seen = 0;
    HANDLE search;

    MultiByteToWideChar(CP_ACP, 0, path, -1, name, 64);
    EXPECT(FindClose(FindFirstFileA(path, &data)) && data.dwReserved0 == tag);
    EXPECT(FindClose(FindFirstFileW(name, &wide)) && wide.dwReserved0 == tag);
    data.dwReserved0 = wide.dwReserved0 = 0;
    EXPECT(FindClose(FindFirstFileExA(path, FindExInfoBasic, &data, FindExSearchNameMatch, NULL, 0)) && data.dwReserved0 == tag);
    EXPECT(FindClose(FindFirstFileExW(name, FindExInfoBasic, &wide, FindExSearchNameMatch, NULL, 0)) && wide.dwReserved0 == tag);
    search = FindFirstFileA("*", &data);
    do
        seen += strcmp(data.cFileName, path) == 0 && data.dwReserved0 == tag;
    while (FindNextFileA(search, &data));
    FindClose(search);
    search = FindFirstFileW(L"*", &wide);
    do
        seen += wcscmp(wide.cFileName, name) == 0 && wide.dwReserved0 == tag;
    while (FindNextFileW(search, &wide));
    FindClose(search);
    EXPECT(seen == 2);
}

static void Junctions(void)
{
    MakeJunction("junction", "real");
    EXPECT(IsLink("junction") && There("junction\\canary"));
    Opened("junction", IO_REPARSE_TAG_MOUNT_POINT);
    Listed("junction", IO_REPARSE_TAG_MOUNT_POINT);
    EXPECT(MoveFileA("junction", "moved") && !There("junction") && There("moved\\canary"));
    EXPECT(RemoveDirectoryA("moved") && !There("moved"));
    MakeJunction("none", "empty");
    EXPECT(RemoveDirectoryA("none") && !There("none") && There("empty"));
}

static void SymbolicLinks(void)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    HANDLE file;

    EXPECT(CreateSymbolicLinkA("link", "real\\canary", 0) && IsLink("link"));
    EXPECT(!CreateSymbolicLinkA("link", "real\\canary", 0) && GetLastError() == ERROR_ALREADY_EXISTS);
    EXPECT(!CreateSymbolicLinkA("other", "real\\canary", 64) && GetLastError() == ERROR_INVALID_PARAMETER);
    EXPECT(!CreateSymbolicLinkA("no\\other", "real\\canary", 0) && GetLastError() == ERROR_PATH_NOT_FOUND);
    Opened("link", IO_REPARSE_TAG_SYMLINK);
    Listed("link", IO_REPARSE_TAG_SYMLINK);
    EXPECT(GetFileAttributesExA("link", GetFileExInfoStandard, &data) && (data.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT));
    EXPECT(CopyFileA("link", "copy", FALSE) && There("copy") && !IsLink("copy"));
    EXPECT(MoveFileExA("link", "moved", 0) && IsLink("moved") && !There("link"));
    EXPECT(MoveFileExA("copy", "moved", MOVEFILE_REPLACE_EXISTING) && !IsLink("moved") && DeleteFileA("moved"));
    EXPECT(CreateSymbolicLinkW(L"link", L"real/canary", SYMBOLIC_LINK_FLAG_ALLOW_UNPRIVILEGED_CREATE) && DeleteFileA("link") && !There("link"));
    EXPECT(CreateSymbolicLinkA("lost", "nowhere", 0) && IsLink("lost"));
    EXPECT(CreateFileA("lost", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL) == INVALID_HANDLE_VALUE && GetLastError() == ERROR_FILE_NOT_FOUND);
    EXPECT(DeleteFileA("lost") && !There("lost"));
    EXPECT(CreateSymbolicLinkA("folder", "real", SYMBOLIC_LINK_FLAG_DIRECTORY) && There("folder\\canary"));
    EXPECT(RemoveDirectoryA("folder") && !There("folder"));
    EXPECT(CreateSymbolicLinkA("link", "real\\canary", 0));
    file = CreateFileA("link", DELETE, 7, NULL, OPEN_EXISTING, FILE_FLAG_DELETE_ON_CLOSE | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    EXPECT(file != INVALID_HANDLE_VALUE && CloseHandle(file) && !There("link"));
}

int main(void)
{
    CreateDirectoryA("real", NULL);
    CreateDirectoryA("empty", NULL);
    Put("real\\canary");
    Junctions();
    EXPECT(There("real\\canary") && There("empty"));
    SymbolicLinks();
    EXPECT(There("real\\canary"));
    printf("%d wrong\n", failures);
    return failures != 0;
}
