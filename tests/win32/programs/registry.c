// SPDX-License-Identifier: BSD-2-Clause
// The registry and security functions of advapi32.
#include <windows.h>
#include <string.h>
#include "check.h"

static const char where[] = "Software\\Win32Test\\Key";

static void Values(void)
{
    HKEY key;
    DWORD disposition, type, size, number = 0x12345678;
    char text[64];

    SHOW("%ld", RegCreateKeyExA(HKEY_CURRENT_USER, where, 0, NULL, 0, KEY_ALL_ACCESS, NULL, &key, &disposition));
    SHOW("%lu", disposition);
    SHOW("%ld", RegSetValueExA(key, "Text", 0, REG_SZ, (const BYTE *)"some text", 10));
    SHOW("%ld", RegSetValueExA(key, "Number", 0, REG_DWORD, (const BYTE *)&number, sizeof(number)));
    SHOW("%ld", RegSetValueExA(key, "Bytes", 0, REG_BINARY, (const BYTE *)"\1\2\3", 3));
    SHOW("%ld", RegSetValueExA(key, "List", 0, REG_MULTI_SZ, (const BYTE *)"one\0two\0", 9));
    size = sizeof(text);
    SHOW("%ld", RegQueryValueExA(key, "TEXT", NULL, &type, (BYTE *)text, &size));
    SHOW("%lu %lu %s", type, size, text);
    size = 2;
    SHOW("%ld", RegQueryValueExA(key, "Text", NULL, &type, (BYTE *)text, &size));
    SHOW("%lu", size);
    size = sizeof(number), number = 0;
    SHOW("%ld", RegGetValueA(HKEY_CURRENT_USER, where, "Number", RRF_RT_REG_DWORD, &type, &number, &size));
    SHOW("%lx", number);
    for (DWORD i = 0, n = sizeof(text); RegEnumValueA(key, i, text, &n, NULL, &type, NULL, NULL) == 0; i++, n = sizeof(text))
        SHOW("%lu %s %lu", i, text, type);
    SHOW("%ld", RegDeleteValueA(key, "Bytes"));
    SHOW("%ld", RegDeleteValueA(key, "Bytes"));
    SHOW("%ld", RegCloseKey(key));
}

static void Keys(void)
{
    HKEY key, sub;
    DWORD keys, values;
    char name[64];

    SHOW("%ld", RegOpenKeyExA(HKEY_CURRENT_USER, where, 0, KEY_ALL_ACCESS, &key));
    for (int i = 0; i < 5; i++) {
        sprintf(name, "Sub%d", i);
        RegCreateKeyA(key, name, &sub);
        RegCloseKey(sub);
    }
    SHOW("%ld", RegQueryInfoKeyA(key, NULL, NULL, NULL, &keys, NULL, NULL, &values, NULL, NULL, NULL, NULL));
    SHOW("%lu %lu", keys, values);
    for (DWORD i = 0; RegEnumKeyA(key, i, name, sizeof(name)) == 0; i++)
        SHOW("%s", name);
    SHOW("%ld", RegDeleteKeyA(HKEY_CURRENT_USER, where));
    RegCloseKey(key);
    SHOW("%ld", RegDeleteTreeA(HKEY_CURRENT_USER, "Software\\Win32Test"));
    SHOW("%ld", RegOpenKeyExA(HKEY_CURRENT_USER, where, 0, KEY_READ, &key));
}

static void Security(void)
{
    HANDLE token;
    BYTE buffer[256], sid[SECURITY_MAX_SID_SIZE];
    DWORD size = sizeof(sid), needed;
    SID_IDENTIFIER_AUTHORITY nt = SECURITY_NT_AUTHORITY;
    PSID made;

    YES(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token));
    YES(GetTokenInformation(token, TokenUser, buffer, sizeof(buffer), &needed));
    YES(IsValidSid(((TOKEN_USER *)buffer)->User.Sid));
    CloseHandle(token);
    YES(CreateWellKnownSid(WinBuiltinAdministratorsSid, NULL, sid, &size));
    YES(AllocateAndInitializeSid(&nt, 2, SECURITY_BUILTIN_DOMAIN_RID, DOMAIN_ALIAS_RID_ADMINS, 0, 0, 0, 0, 0, 0, &made));
    YES(EqualSid(made, sid));
    SHOW("%d %lu", *GetSidSubAuthorityCount(made), *GetSidSubAuthority(made, 1));
    FreeSid(made);
    YES(InitializeSecurityDescriptor(buffer, SECURITY_DESCRIPTOR_REVISION));
    YES(SetSecurityDescriptorDacl(buffer, TRUE, NULL, FALSE));
    YES(IsValidSecurityDescriptor(buffer));
}

int main(void)
{
    Values();
    Keys();
    Security();
    return 0;
}
