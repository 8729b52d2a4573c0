// SPDX-License-Identifier: BSD-2-Clause
// limited COMMAND...: runs a command line without the rights of an administrator, as services that refuse to have them start themselves again.
#define _WIN32_WINNT 0x0600
#include <windows.h>
#include <stdio.h>
#include <string.h>

// The process's token without the group of the administrators and without privileges.
static HANDLE limited_token(void)
{
    SID_IDENTIFIER_AUTHORITY authority = SECURITY_NT_AUTHORITY;
    SID_AND_ATTRIBUTES administrators = { NULL, 0 };
    HANDLE own, limited = NULL;

    AllocateAndInitializeSid(&authority, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0, 0, &administrators.Sid);
    OpenProcessToken(GetCurrentProcess(), TOKEN_ALL_ACCESS, &own);
    CreateRestrictedToken(own, DISABLE_MAX_PRIVILEGE, 1, &administrators, 0, NULL, 0, NULL, &limited);
    return limited;
}

int main(int count, char **words)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION process;
    char line[4096] = "";
    DWORD status = 1;

    for (int i = 1; i < count; i++) {
        strcat(line, i > 1 ? " " : "");
        strcat(line, words[i]);
    }
    if (!CreateProcessAsUserA(limited_token(), NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        printf("limited: %s: error %lu\n", line, GetLastError());
        return 1;
    }
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &status);
    return (int)status;
}
