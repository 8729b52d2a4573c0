// SPDX-License-Identifier: BSD-2-Clause
// Files and folders: the C library's and the system's own functions, in the folder that is current.
#include <windows.h>
#include <aclapi.h>
#include <direct.h>
#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include "check.h"

static void Streams(void)
{
    char line[64];
    FILE *f = fopen("stream.txt", "w");

    for (int i = 0; i < 1000; i++)
        fprintf(f, "line %d\n", i);
    SHOW("%ld", ftell(f));
    fclose(f);
    f = fopen("stream.txt", "rb");
    fseek(f, 0, SEEK_END);
    SHOW("%ld bytes", ftell(f));
    fseek(f, -10, SEEK_CUR);
    SHOW("%u", (unsigned)fread(line, 1, sizeof(line), f));
    fclose(f);
    f = fopen("stream.txt", "r+");
    for (int i = 0; i < 500; i++)
        fgets(line, sizeof(line), f);
    SHOW("%s", strtok(line, "\n"));
    fseek(f, 0, SEEK_SET);
    fputs("LINE", f);
    fclose(f);
    f = fopen("stream.txt", "a+");
    fputs("end\n", f);
    rewind(f);
    SHOW("%s", strtok(fgets(line, sizeof(line), f), "\n"));
    fclose(f);
    SHOW("%d", fopen("no/such/file", "r") == NULL);
    SHOW("errno %d", errno);
}

static void Descriptors(void)
{
    struct stat st;
    int fd = open("low.bin", O_CREAT | O_RDWR | O_BINARY | O_TRUNC, 0666);

    SHOW("%d", (int)write(fd, "0123456789\n\r\n", 13));
    SHOW("%ld", lseek(fd, 4, SEEK_SET));
    SHOW("%d", chsize(fd, 100));
    SHOW("%ld", filelength(fd));
    close(fd);
    SHOW("%d", stat("low.bin", &st));
    SHOW("%ld %d", (long)st.st_size, (st.st_mode & S_IFREG) != 0);
    SHOW("access %d %d", access("low.bin", 0), access("low.not", 0));
    SHOW("again %d", open("low.bin", O_CREAT | O_EXCL));
    SHOW("errno %d", errno);
    SHOW("rename %d", rename("low.bin", "moved.bin"));
    SHOW("remove %d", remove("moved.bin"));
    SHOW("remove %d", remove("moved.bin"));
}

static int Matches(const char *pattern)
{
    WIN32_FIND_DATAA data;
    HANDLE find = FindFirstFileA(pattern, &data);
    int count = 0;

    if (find == INVALID_HANDLE_VALUE)
        return 0;
    do
        count++;
    while (FindNextFileA(find, &data));
    FindClose(find);
    return count;
}

// A name without a dot is among all names.
static void Patterns(void)
{
    static const char *const names[] = {"plain", "plain.txt", ".start", "two.dots.txt", "spare.t"};
    static const char *const patterns[] = {"*", "*.*", "plain.*", "plain.*.*", "pl?in.*", "pla.*", "*.txt", "*.*.*", "??*.*", ".*", "sub\\*.*"};

    mkdir("patterns");
    chdir("patterns");
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
        fclose(fopen(names[i], "w"));
    for (unsigned i = 0; i < sizeof(patterns) / sizeof(*patterns); i++)
        SHOW("%s %d", patterns[i], Matches(patterns[i]));
    for (unsigned i = 0; i < sizeof(names) / sizeof(*names); i++)
        remove(names[i]);
    chdir("..");
    SHOW("%d", rmdir("patterns"));
}

static void Folders(void)
{
    WIN32_FIND_DATAA data;
    HANDLE find;
    int seen[4] = {0}, count = 0;

    SHOW("%d", mkdir("folder"));
    SHOW("%d", mkdir("folder"));
    SHOW("errno %d", errno);
    for (int i = 0; i < 300; i++) {
        char name[32];
        sprintf(name, "folder\\f%03d.%s", i, i % 3 ? "txt" : "dat");
        fclose(fopen(name, "w"));
    }
    find = FindFirstFileA("folder\\*.dat", &data);
    do {
        count++;
        seen[0] |= strcmp(data.cFileName, "f000.dat") == 0;
        seen[1] |= strcmp(data.cFileName, "f299.txt") == 0;
    } while (FindNextFileA(find, &data));
    SHOW("%d files, %d %d, %lu", count, seen[0], seen[1], GetLastError());
    FindClose(find);
    SHOW("%d", FindFirstFileA("folder\\*.none", &data) == INVALID_HANDLE_VALUE);
    SHOW("%lu", GetLastError());
    YES(RemoveDirectoryA("folder") == FALSE);
    SHOW("%lu", GetLastError());
    for (int i = 0; i < 300; i++) {
        char name[32];
        sprintf(name, "folder\\F%03d.%s", i, i % 3 ? "TXT" : "DAT");
        count -= DeleteFileA(name) ? 1 : 0;
    }
    SHOW("%d", count);
    YES(RemoveDirectoryA("folder"));
    SHOW("%lu", GetFileAttributesA("folder"));
}

// An empty file has nothing to map, and no handle comes of it.
static void Mappings(void)
{
    HANDLE file = CreateFileA("empty.bin", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);

    YES(CreateFileMappingA(file, NULL, PAGE_READWRITE, 0, 0, NULL) == NULL);
    SHOW("%lu", GetLastError());
    YES(CreateFileMappingA((HANDLE)0x7770, NULL, PAGE_READWRITE, 0, 100, NULL) == NULL);
    SHOW("%lu", GetLastError());
    YES(CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0, NULL) == NULL);
    SHOW("%lu", GetLastError());
    CloseHandle(file);
    DeleteFileA("empty.bin");
}

static void Handles(void)
{
    DWORD done = 0;
    LARGE_INTEGER size;
    BY_HANDLE_FILE_INFORMATION info;
    char buffer[32] = "";
    HANDLE a = CreateFileA("share.bin", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    HANDLE b = CreateFileA("SHARE.BIN", GENERIC_WRITE, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);

    SHOW("%d %lu", b == INVALID_HANDLE_VALUE, GetLastError());
    YES(WriteFile(a, "abcdefgh", 8, &done, NULL));
    SHOW("%lu", done);
    b = CreateFileA("share.bin", GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    SHOW("%d", b != INVALID_HANDLE_VALUE);
    YES(ReadFile(b, buffer, sizeof(buffer), &done, NULL));
    SHOW("%lu %s", done, buffer);
    YES(ReadFile(b, buffer, sizeof(buffer), &done, NULL));
    SHOW("at the end %lu", done);
    YES(SetFilePointer(a, 1 << 20, NULL, FILE_BEGIN) == 1 << 20);
    YES(SetEndOfFile(a));
    YES(GetFileSizeEx(b, &size));
    SHOW("%lld", size.QuadPart);
    YES(GetFileInformationByHandle(a, &info));
    SHOW("%lu links, %lu %lu", info.nNumberOfLinks, info.nFileSizeHigh, info.nFileSizeLow);
    SHOW("type %lu", GetFileType(a));
    YES(FlushFileBuffers(a));
    YES(LockFile(a, 0, 0, 4, 0));
    YES(ReadFile(b, buffer, 1, &done, NULL));
    YES(UnlockFile(a, 0, 0, 4, 0));
    YES(DeleteFileA("share.bin") == FALSE);
    SHOW("%lu", GetLastError());
    CloseHandle(a);
    CloseHandle(b);
    YES(SetFileAttributesA("share.bin", FILE_ATTRIBUTE_READONLY));
    YES(DeleteFileA("share.bin") == FALSE);
    SHOW("%lu", GetLastError());
    YES(SetFileAttributesA("share.bin", FILE_ATTRIBUTE_NORMAL));
    YES(DeleteFileA("share.bin"));
}

static void Times(void)
{
    FILETIME set = { 0xD53E8000, 0x019DB1DE }, got;
    HANDLE f = CreateFileA("time.bin", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);

    set.dwHighDateTime += 100000;
    YES(SetFileTime(f, NULL, NULL, &set));
    YES(GetFileTime(f, NULL, NULL, &got));
    SHOW("%ld", CompareFileTime(&set, &got));
    CloseHandle(f);
    SHOW("%lu", GetFileAttributesA("time.bin"));
}

static void Mapping(void)
{
    HANDLE f = CreateFileA("map.bin", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, 0, NULL);
    HANDLE m = CreateFileMappingA(f, NULL, PAGE_READWRITE, 0, 300000, NULL);
    unsigned char *view = MapViewOfFile(m, FILE_MAP_WRITE, 0, 0, 0), byte = 0;
    unsigned sum = 0;
    DWORD done;

    YES(view != NULL);
    for (int i = 0; i < 300000; i++)
        view[i] = (unsigned char)(i * 7);
    YES(FlushViewOfFile(view, 0));
    YES(UnmapViewOfFile(view));
    CloseHandle(m);
    SHOW("%lu", GetFileSize(f, NULL));
    SetFilePointer(f, 0, NULL, FILE_BEGIN);
    while (ReadFile(f, &byte, 1, &done, NULL) && done && sum < 1000000)
        sum += byte == 7;
    SHOW("%u", sum);
    SetFilePointer(f, 65536, NULL, FILE_BEGIN);
    YES(WriteFile(f, "written", 7, &done, NULL));
    m = CreateFileMappingA(f, NULL, PAGE_READONLY, 0, 0, NULL);
    view = MapViewOfFile(m, FILE_MAP_READ, 0, 65536, 4096);
    SHOW("%.7s", (char *)view);
    UnmapViewOfFile(view);
    CloseHandle(m);
    CloseHandle(f);
    YES(DeleteFileA("map.bin"));
}

static void Moving(void)
{
    WIN32_FILE_ATTRIBUTE_DATA data;
    FILE *f = fopen("one.txt", "wb");

    fputs("one", f);
    fclose(f);
    YES(CopyFileA("one.txt", "two.txt", TRUE));
    YES(CopyFileA("one.txt", "two.txt", TRUE) == FALSE);
    SHOW("%lu", GetLastError());
    YES(MoveFileExA("one.txt", "two.txt", 0) == FALSE);
    SHOW("%lu", GetLastError());
    YES(MoveFileExA("one.txt", "two.txt", MOVEFILE_REPLACE_EXISTING));
    YES(GetFileAttributesExA("two.txt", GetFileExInfoStandard, &data));
    SHOW("%lu", data.nFileSizeLow);
    YES(DeleteFileA("two.txt"));
    YES(DeleteFileA("two.txt") == FALSE);
    SHOW("%lu", GetLastError());
}

static void Temporary(void)
{
    char path[MAX_PATH], name[MAX_PATH];
    FILE *f = tmpfile();

    SHOW("%d", f != NULL);
    if (f) {
        fputs("temporary", f);
        rewind(f);
        SHOW("%d", fgetc(f));
        fclose(f);
    }
    YES(GetTempPathA(sizeof(path), path) > 0);
    YES(GetTempFileNameA(".", "abc", 0, name) != 0);
    YES(GetFileAttributesA(name) != INVALID_FILE_ATTRIBUTES);
    YES(DeleteFileA(name));
}

static void Overlapped(void)
{
    OVERLAPPED o = { .Offset = 3 };
    char buffer[8] = "";
    DWORD done = 0;
    HANDLE f = CreateFileA("async.bin", GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_OVERLAPPED, NULL);

    o.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    YES(WriteFile(f, "0123456789", 10, NULL, &o) || GetLastError() == ERROR_IO_PENDING);
    YES(GetOverlappedResult(f, &o, &done, TRUE));
    SHOW("%lu", done);
    o.Offset = 5;
    YES(ReadFile(f, buffer, 4, NULL, &o) || GetLastError() == ERROR_IO_PENDING);
    YES(GetOverlappedResult(f, &o, &done, TRUE));
    SHOW("%lu %s", done, buffer);
    o.Offset = 50;
    YES((ReadFile(f, buffer, 4, NULL, &o) || GetLastError() == ERROR_IO_PENDING) && GetOverlappedResult(f, &o, &done, TRUE));
    SHOW("%lu", GetLastError());
    CloseHandle(o.hEvent);
    CloseHandle(f);
    YES(DeleteFileA("async.bin"));
}

static void Security(void)
{
    SECURITY_INFORMATION asked = OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION;
    PSECURITY_DESCRIPTOR descriptor = NULL;
    PSID owner = NULL;
    PACL dacl = NULL;

    SHOW("%lu", GetNamedSecurityInfoA("stream.txt", SE_FILE_OBJECT, asked, &owner, NULL, &dacl, NULL, &descriptor));
    YES(IsValidSid(owner));
    LocalFree(descriptor);
    SHOW("%lu", GetNamedSecurityInfoA(".", SE_FILE_OBJECT, asked, &owner, NULL, &dacl, NULL, &descriptor));
    SHOW("%lu", SetNamedSecurityInfoA((char *)"stream.txt", SE_FILE_OBJECT, DACL_SECURITY_INFORMATION, NULL, NULL, dacl, NULL));
    LocalFree(descriptor);
    SHOW("%lu", GetNamedSecurityInfoA("none.txt", SE_FILE_OBJECT, asked, &owner, NULL, &dacl, NULL, &descriptor));
}

int main(void)
{
    Streams();
    Descriptors();
    Patterns();
    Folders();
    Mappings();
    Handles();
    Times();
    Mapping();
    Moving();
    Temporary();
    Overlapped();
    Security();
    SHOW("%d", remove("stream.txt"));
    return 0;
}
