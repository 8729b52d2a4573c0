// SPDX-License-Identifier: BSD-2-Clause
// What the system bears, seen from a program:
//     strain repeat N COMMAND           runs a command N times; pages, handles, objects and processes are counted before and after
//     strain mutate SEED COUNT PROGRAM  starts damaged copies of a program: cut short, or with some bits flipped
//     strain mutate-dll SEED COUNT DLL  the same with a DLL, which `strain load' loads
#include <windows.h>
#include <winternl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef NTSTATUS (NTAPI *QUERY)(ULONG, PVOID, ULONG, PULONG);
typedef NTSTATUS (NTAPI *QUERY_OBJECT)(HANDLE, ULONG, PVOID, ULONG, PULONG);

typedef struct {
    long long pages, handles, objects, processes;
} COUNTS;

static unsigned long long state;

static unsigned Random(unsigned below)
{
    state = state * 6364136223846793005ull + 1442695040888963407ull;
    return (unsigned)((state >> 33) % below);
}

// Starts a command with its output thrown away; its status, 0xE0000000 + error where it does not start, 0xDEAD where it does not end.
static DWORD Run(const char *command, DWORD milliseconds)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    STARTUPINFOA si = { .cb = sizeof(si), .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION pi;
    char line[1024];
    DWORD status = 0;
    BOOL started;

    snprintf(line, sizeof(line), "%s", command);
    si.hStdInput = si.hStdOutput = si.hStdError = CreateFileA("NUL", GENERIC_READ | GENERIC_WRITE, 3, &inherit, OPEN_EXISTING, 0, NULL);
    started = CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &si, &pi);
    if (!started)
        status = 0xE0000000 + GetLastError();
    CloseHandle(si.hStdOutput);
    if (!started)
        return status;
    if (WaitForSingleObject(pi.hProcess, milliseconds) != WAIT_OBJECT_0)
        TerminateProcess(pi.hProcess, 0xDEAD);
    WaitForSingleObject(pi.hProcess, 10000);
    GetExitCodeProcess(pi.hProcess, &status);
    CloseHandle(pi.hThread);
    CloseHandle(pi.hProcess);
    return status;
}

static BYTE buffer[1 << 18];

// Objects of all types: NtQueryObject, class 3, a count and for each type 0x68 bytes and its name, in steps of eight.
static long long Objects(QUERY_OBJECT query)
{
    struct { UNICODE_STRING name; ULONG objects, handles, rest[20]; } *type = (void *)(buffer + 8);
    long long sum = 0;
    ULONG size, count;

    if (query(NULL, 3, buffer, sizeof(buffer), &size) < 0)
        return -1;
    count = *(ULONG *)buffer;
    for (ULONG i = 0; i < count; i++) {
        sum += type->objects;
        type = (void *)((BYTE *)type + 0x68 + ((type->name.MaximumLength + 7) & ~7));
    }
    return sum;
}

static COUNTS Count(void)
{
    HMODULE ntdll = GetModuleHandleA("ntdll");
    QUERY query = (QUERY)(void *)GetProcAddress(ntdll, "NtQuerySystemInformation");
    COUNTS counts = {0};
    ULONG size;

    if (query(2, buffer, sizeof(buffer), &size) >= 0)
        counts.pages = ((ULONG *)buffer)[11];                   // SystemPerformanceInformation.AvailablePages
    if (query(16, buffer, sizeof(buffer), &size) >= 0)
        counts.handles = *(ULONG *)buffer;                      // SystemHandleInformation
    if (query(5, buffer, sizeof(buffer), &size) >= 0)
        for (SYSTEM_PROCESS_INFORMATION *p = (void *)buffer;; p = (void *)((BYTE *)p + p->NextEntryOffset)) {
            counts.processes++;
            if (p->NextEntryOffset == 0)
                break;
        }
    counts.objects = Objects((QUERY_OBJECT)(void *)GetProcAddress(ntdll, "NtQueryObject"));
    return counts;
}

static int Repeat(int times, const char *command)
{
    COUNTS before, after;
    DWORD status = 0;

    for (int i = 0; i < 10; i++)                                // what is made once and kept
        status = Run(command, 60000);
    before = Count();
    for (int i = 0; i < times; i++)
        status |= Run(command, 60000);
    Sleep(200);
    after = Count();
    printf("%d runs, statuses %lx\n", times, status);
    printf("pages %+lld handles %+lld objects %+lld processes %+lld\n", after.pages - before.pages, after.handles - before.handles,
           after.objects - before.objects, after.processes - before.processes);
    fprintf(stderr, "before: pages %lld handles %lld objects %lld processes %lld\n", before.pages, before.handles, before.objects, before.processes);
    return before.pages > 0 && before.handles > 0 && before.objects > 0 && before.processes > 0 ? 0 : 1;
}

static BYTE *Read(const char *name, DWORD *size)
{
    HANDLE file = CreateFileA(name, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    BYTE *data;

    if (file == INVALID_HANDLE_VALUE)
        exit(3);
    *size = GetFileSize(file, NULL);
    data = malloc(*size);
    if (!ReadFile(file, data, *size, size, NULL))
        exit(3);
    CloseHandle(file);
    return data;
}

// Half of the flips hit the headers, where most of what the loader reads stands.
static DWORD Damage(BYTE *data, DWORD size)
{
    unsigned flips = 1 + Random(16);

    if (Random(4) == 0)
        return Random(2) ? Random(size) : Random(2048);
    while (flips--)
        data[Random(2) ? Random(1024) : Random(size)] ^= (BYTE)(1u << Random(8));
    return size;
}

static void Write(const char *name, const BYTE *data, DWORD size)
{
    HANDLE file = INVALID_HANDLE_VALUE;
    DWORD done;

    for (int i = 0; i < 50 && file == INVALID_HANDLE_VALUE; i++) {
        file = CreateFileA(name, GENERIC_WRITE, FILE_SHARE_READ, NULL, CREATE_ALWAYS, 0, NULL);
        if (file == INVALID_HANDLE_VALUE)
            Sleep(10);
    }
    if (file == INVALID_HANDLE_VALUE || !WriteFile(file, data, size, &done, NULL) || done != size)
        exit(4);
    CloseHandle(file);
}

static int Mutate(const char *what, unsigned seed, int count, const char *name)
{
    int refused = 0, crashed = 0, hung = 0, ended = 0;
    BOOL dll = strcmp(what, "mutate-dll") == 0;
    DWORD size, cut, status;
    BYTE *original = Read(name, &size), *copy = malloc(size);

    for (int i = 0; i < count; i++) {
        state = seed + (unsigned)i;
        Random(1);
        memcpy(copy, original, size);
        cut = Damage(copy, size);
        Write(dll ? "damaged.dll" : "damaged.exe", copy, cut);
        status = Run(dll ? "strain.exe load damaged.dll" : "damaged.exe", 3000);
        if (status == 0xDEAD)
            hung++;
        else if (status >= 0xE0000000 || status == 99)
            refused++;
        else if (status >= 0xC0000000)
            crashed++;
        else
            ended++;
    }
    printf("%d damaged files: all answered %d\n", count, refused + crashed + hung + ended == count);
    printf("sound one: %lx\n", Run("hello.exe x", 60000));
    fprintf(stderr, "refused %d, crashed %d, hung %d, ended %d\n", refused, crashed, hung, ended);
    return 0;
}

int main(int argc, char **argv)
{
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    if (argc == 3 && strcmp(argv[1], "load") == 0)
        return LoadLibraryA(argv[2]) ? 0 : 99;
    if (argc == 4 && strcmp(argv[1], "repeat") == 0)
        return Repeat(atoi(argv[2]), argv[3]);
    if (argc == 5 && strncmp(argv[1], "mutate", 6) == 0)
        return Mutate(argv[1], strtoul(argv[2], NULL, 10), atoi(argv[3]), argv[4]);
    return 2;
}
