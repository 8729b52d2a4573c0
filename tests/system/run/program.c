/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A Windows program for the runner's test: does what its first argument says.
 */
#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* Standard input to standard output, as bytes. */
static int copy(void)
{
    static char buffer[20000];
    long long total = 0;
    int count, done, part;

    _setmode(0, _O_BINARY);
    _setmode(1, _O_BINARY);
    while ((count = _read(0, buffer, sizeof(buffer))) > 0) {
        for (done = 0; done < count; done += part) {
            part = _write(1, buffer + done, count - done);
            if (part <= 0)
                return 9;
        }
        total += count;
    }
    fprintf(stderr, "copied %lld bytes\n", total);
    return count == 0 ? 0 : 8;
}

static void show(const char *name)
{
    char text[100];
    FILE *file = fopen(name, "rb");
    size_t length = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;

    text[length] = 0;
    printf("%s ", text);
    if (file != NULL)
        fclose(file);
}

static int files(int count, char **names)
{
    char directory[MAX_PATH] = "";
    FILE *file;
    int i;

    for (i = 0; i < count; i++)
        show(names[i]);
    GetCurrentDirectoryA(sizeof(directory), directory);
    printf("VARIABLE=%s directory=%s\n", getenv("VARIABLE"), directory);
    file = fopen("made.bin", "wb");
    for (i = 0; file != NULL && i < 256 * 300; i++)
        fputc(i & 255, file);
    if (file == NULL || fclose(file) != 0 || !CreateDirectoryA("sub", NULL))
        return 9;
    file = fopen("sub\\deep.txt", "wb");
    return file != NULL && fputs("deep", file) >= 0 && fclose(file) == 0 ? 0 : 9;
}

static int plugin(void)
{
    HMODULE module = LoadLibraryA("plugin.dll");
    int (*answer)(void) = module != NULL ? (int (*)(void))(void *)GetProcAddress(module, "plugin_answer") : NULL;

    if (answer == NULL) {
        printf("error %lu\n", GetLastError());
        return 9;
    }
    printf("plugin says %d\n", answer());
    return 0;
}

/* Bytes of free memory: SystemPerformanceInformation's AvailablePages. */
static long long available(void)
{
    LONG(WINAPI *query)(int, void *, ULONG, ULONG *) =
        (LONG(WINAPI *)(int, void *, ULONG, ULONG *))(void *)GetProcAddress(GetModuleHandleA("ntdll"), "NtQuerySystemInformation");
    ULONG information[128];

    return query(2, information, sizeof(information), NULL) == 0 ? (long long)information[11] * 4096 : -1;
}

/* Starts this program once more and waits until its main function has said so; the memory that it took. */
static long long start_another(char *self, PROCESS_INFORMATION *process)
{
    SECURITY_ATTRIBUTES inherit = { .nLength = sizeof(inherit), .bInheritHandle = TRUE };
    STARTUPINFOA start = { .cb = sizeof(start), .dwFlags = STARTF_USESTDHANDLES };
    char command[MAX_PATH + 10], byte;
    long long before = available();
    HANDLE ours;
    DWORD count;

    snprintf(command, sizeof(command), "%s wait", self);
    if (!CreatePipe(&ours, &start.hStdOutput, &inherit, 0) ||
        !CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &start, process) ||
        !ReadFile(ours, &byte, 1, &count, NULL) || count != 1) {
        printf("error %lu\n", GetLastError());
        exit(9);
    }
    CloseHandle(ours);
    CloseHandle(start.hStdOutput);
    return before - available();
}

/* What the second and third process of one program take, in KiB of free memory: their DLLs' code is there already. */
static int share(char *self)
{
    PROCESS_INFORMATION process[2];
    int i;

    for (i = 0; i < 2; i++)
        printf("%lld\n", start_another(self, &process[i]) / 1024);
    for (i = 0; i < 2; i++)
        TerminateProcess(process[i].hProcess, 0);
    return 0;
}

__attribute__((noinline)) static void crash_here(volatile int *place)
{
    *place = 1;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";

    if (strcmp(what, "copy") == 0)
        return copy();
    if (strcmp(what, "files") == 0)
        return files(argc - 2, argv + 2);
    if (strcmp(what, "plugin") == 0)
        return plugin();
    if (strcmp(what, "exit") == 0 && argc > 2)
        return atoi(argv[2]);
    if (strcmp(what, "share") == 0)
        return share(argv[0]);
    if (strcmp(what, "wait") == 0) {
        putchar('.');
        fflush(stdout);
        Sleep(INFINITE);
    }
    if (strcmp(what, "ignore") == 0) {
        puts("ignored");
        return 3;
    }
    if (strcmp(what, "crash") == 0) {
        puts("before");
        fflush(stdout);
        crash_here((volatile int *)8);
    }
    return 99;
}
