// SPDX-License-Identifier: BSD-2-Clause
// batch LIST: runs the steps of a list one after the other and reports what each did, on the reference system and on ours.
//
// A step is a line of fields with a tab between them: name, seconds, file for its standard input (or empty), command line, and the files
// that it leaves (with blanks between).  What a program writes goes into NAME.out.  The report is one stream:
//     @step NAME STATUS MILLISECONDS LENGTH BYTES \n  that many bytes of output \n  @file NAME LENGTH FNV64 \n ...  and at the end  @end
// Of a long output the first bytes are shown.
// A command line that begins with `*N ' is started N times at once (its output goes to NAME.N.out, only the first is shown; the
// statuses are added up).
#include <windows.h>
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 64, SHOWN = 32768 };

static HANDLE Open(const char *name, DWORD access, DWORD disposition)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };

    return CreateFileA(name, access, FILE_SHARE_READ | FILE_SHARE_WRITE, &inherit, disposition, 0, NULL);
}

// Starts one program; its process, or NULL with the error in *Status.
static HANDLE Start(const char *command, const char *input, const char *output, DWORD *status)
{
    STARTUPINFOA si = { .cb = sizeof(si), .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION pi = {0};
    char line[4096];
    BOOL started;

    snprintf(line, sizeof(line), "%s", command);
    si.hStdInput = Open(*input ? input : "NUL", GENERIC_READ, OPEN_EXISTING);
    si.hStdOutput = si.hStdError = Open(output, GENERIC_WRITE, CREATE_ALWAYS);
    started = CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &si, &pi);
    *status = started ? 0 : GetLastError();
    CloseHandle(si.hStdInput);
    CloseHandle(si.hStdOutput);
    if (started)
        CloseHandle(pi.hThread);
    return pi.hProcess;
}

// The exit status of a process, which is ended where it takes too long.
static DWORD Finish(HANDLE process, DWORD seconds)
{
    DWORD status = 0;

    if (WaitForSingleObject(process, seconds * 1000) != WAIT_OBJECT_0) {
        TerminateProcess(process, 0xDEAD);
        WaitForSingleObject(process, 10000);
    }
    GetExitCodeProcess(process, &status);
    CloseHandle(process);
    return status;
}

// Bytes and checksum of a file; the bytes go into the report where the file is the output of a step.
static void Send(const char *name, DWORD bytes)
{
    static char buffer[SHOWN];
    DWORD done = 0;
    HANDLE file = Open(name, GENERIC_READ, OPEN_EXISTING);

    while (bytes && ReadFile(file, buffer, bytes, &done, NULL) && done) {
        fwrite(buffer, 1, done, stdout);
        bytes -= done;
    }
    for (; bytes; bytes--)
        putchar(0);
    CloseHandle(file);
}

static DWORD Length(const char *name)
{
    WIN32_FILE_ATTRIBUTE_DATA data;

    return GetFileAttributesExA(name, GetFileExInfoStandard, &data) ? data.nFileSizeLow : 0;
}

static void ReportFile(const char *name)
{
    static unsigned char buffer[65536];
    unsigned long long hash = 0xCBF29CE484222325, bytes = 0;
    DWORD done = 0;
    HANDLE file = Open(name, GENERIC_READ, OPEN_EXISTING);

    if (file == INVALID_HANDLE_VALUE) {
        printf("@file %s missing\n", name);
        return;
    }
    while (ReadFile(file, buffer, sizeof(buffer), &done, NULL) && done)
        for (DWORD i = 0; i < done; i++, bytes++)
            hash = (hash ^ buffer[i]) * 0x100000001B3;
    printf("@file %s %llu %016llx\n", name, bytes, hash);
    CloseHandle(file);
}

static void Step(char *name, DWORD seconds, const char *input, const char *command, char *files)
{
    HANDLE running[MOST];
    DWORD status = 0, one, count = 1, length;
    ULONGLONG start = GetTickCount64();
    char output[MAX_PATH];

    if (*command == '*') {
        count = min(strtoul(command + 1, (char **)&command, 10), MOST);
        command++;
    }
    for (DWORD i = 0; i < count; i++) {
        snprintf(output, sizeof(output), i ? "%s.%lu.out" : "%s.out", name, i);
        running[i] = Start(command, input, output, &one);
        status += running[i] ? 0 : 0xE0000000 + one;
    }
    for (DWORD i = 0; i < count; i++)
        status += running[i] ? Finish(running[i], seconds) : 0;
    snprintf(output, sizeof(output), "%s.out", name);
    length = Length(output);
    printf("@step %s %08lx %llu %lu %lu\n", name, status, GetTickCount64() - start, length, min(length, SHOWN));
    Send(output, min(length, SHOWN));
    printf("\n");
    for (char *file = strtok(files, " "); file; file = strtok(NULL, " "))
        ReportFile(file);
    fflush(stdout);
}

// The next field of a line, which ends at a tab.
static char *Field(char **line)
{
    char *field = *line, *tab = strchr(field, '\t');

    *line = tab ? tab + 1 : field + strlen(field);
    if (tab)
        *tab = 0;
    return field;
}

int main(int argc, char **argv)
{
    static char line[8192];
    FILE *list = fopen(argc > 1 ? argv[1] : "list.txt", "r");

    if (!list)
        return 2;
    setmode(1, O_BINARY);
    SetErrorMode(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX);
    while (fgets(line, sizeof(line), list)) {
        char *rest = strtok(line, "\r\n"), *name, *seconds, *input, *command;

        if (!rest || *rest == '#')
            continue;
        name = Field(&rest);
        seconds = Field(&rest);
        input = Field(&rest);
        command = Field(&rest);
        Step(name, strtoul(seconds, NULL, 10), input, command, rest);
    }
    puts("@end");
    return 0;
}
