// SPDX-License-Identifier: BSD-2-Clause
// measure LIST: what ./bench.sh win32 counts.  A line of the list is a title, a file for the standard input (or nothing) and a command, with
// tabs between; `load DLL' as a command loads a DLL into this process.  Before and after each the counting plugin sees a mark (from 16 on).
// linux/init.c does the same on Linux.
#include <windows.h>
#include <stdio.h>
#include <string.h>

static unsigned char *code;

// The plugin's mark: a NOP of five bytes whose last one is the number.
static void Mark(unsigned number)
{
    const unsigned char mark[] = { 0x0F, 0x1F, 0x44, 0x00, (unsigned char)number, 0xC3 };

    memcpy(code + number * 16, mark, sizeof(mark));
    ((void (*)(void))(void *)(code + number * 16))();
}

static DWORD Run(char *command, const char *input)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    STARTUPINFOA si = { .cb = sizeof(si), .dwFlags = STARTF_USESTDHANDLES };
    PROCESS_INFORMATION pi;
    DWORD status = 0xDEAD;

    si.hStdInput = CreateFileA(*input ? input : "NUL", GENERIC_READ, FILE_SHARE_READ, &inherit, OPEN_EXISTING, 0, NULL);
    si.hStdOutput = si.hStdError = CreateFileA("measure.out", GENERIC_WRITE, FILE_SHARE_READ, &inherit, CREATE_ALWAYS, 0, NULL);
    if (CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &si, &pi)) {
        WaitForSingleObject(pi.hProcess, INFINITE);
        GetExitCodeProcess(pi.hProcess, &status);
        CloseHandle(pi.hThread);
        CloseHandle(pi.hProcess);
    }
    CloseHandle(si.hStdInput);
    CloseHandle(si.hStdOutput);
    return status;
}

int main(int argc, char **argv)
{
    static char line[1024];
    unsigned number = 16;
    FILE *list = fopen(argc > 1 ? argv[1] : "measure.txt", "r");

    code = VirtualAlloc(NULL, 4096, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    while (list && fgets(line, sizeof(line), list)) {
        char *input = strchr(line, '\t'), *command = input ? strchr(input + 1, '\t') : NULL;
        DWORD status;

        if (!command)
            continue;
        *input++ = *command++ = 0;
        command[strcspn(command, "\r\n")] = 0;
        Mark(number);
        status = strncmp(command, "load ", 5) == 0 ? (LoadLibraryA(command + 5) == NULL) : Run(command, input);
        Mark(number + 1);
        printf("%u\t%lu\t%s\n", number, status, line);
        fflush(stdout);
        number += 2;
    }
    return 0;
}
