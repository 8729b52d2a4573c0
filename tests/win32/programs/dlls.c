/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A little of each DLL that console programs import beside the C runtime: user32, shell32, shlwapi, ole32, oleaut32, rpcrt4, crypt32,
 * a cryptographic provider, dbghelp, winmm; and the final names of files, which kernelbase makes.  Nothing here has a window or a network.
 */
#include <windows.h>
#include <dbghelp.h>
#include <rpc.h>
#include <shellapi.h>
#include <shlwapi.h>
#include <stdio.h>
#include <wincrypt.h>

static void final_name(const char *name, DWORD flags)
{
    char path[MAX_PATH] = "";
    HANDLE file = CreateFileA(name, 0, 7, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    DWORD length = GetFinalPathNameByHandleA(file, path, sizeof(path), flags);

    printf("final %s %lx: %lu %s\n", name, flags, length, path);
    CloseHandle(file);
}

static void user(void)
{
    char text[40] = "gruendlich";
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);

    printf("wsprintf %d", wsprintfA(text + 20, "%05d|%-4s|%X", 42, "ab", 0xBEEF));
    printf(" %s\n", text + 20);
    CharUpperBuffA(text, 4);
    printf("upper %.4s %d %d\n", text, IsCharAlphaA('x'), IsCharAlphaNumericA('-'));
    printf("wait %lu", MsgWaitForMultipleObjects(1, &event, FALSE, 20, QS_ALLINPUT));
    SetEvent(event);
    printf(" %lu\n", MsgWaitForMultipleObjects(1, &event, FALSE, INFINITE, QS_ALLINPUT));
    CloseHandle(event);
}

static void shell(void)
{
    int count = 0;
    WCHAR **words = CommandLineToArgvW(L"prog.exe \"two words\" back\\\\slash \"quo\\\"te\" end\\\\", &count);
    WCHAR path[MAX_PATH] = L"C:\\one\\two\\three.txt";

    for (int i = 0; i < count; i++)
        printf("word %d [%ls]\n", i, words[i]);
    LocalFree(words);
    PathRemoveFileSpecW(path);
    printf("folder %ls match %d extension %ls\n", path, PathMatchSpecW(L"three.txt", L"t*.tx?"), PathFindExtensionW(L"a.b.c"));
}

static void ole(void)
{
    BSTR text = SysAllocString(L"a string");
    VARIANT number, changed;
    UUID id = { 0x12345678, 0x9abc, 0xdef0, { 1, 2, 3, 4, 5, 6, 7, 8 } };
    RPC_CSTR name;

    printf("bstr %u %ls\n", SysStringLen(text), text);
    SysFreeString(text);
    VariantInit(&changed);
    VariantInit(&number);
    number.vt = VT_I4;
    number.lVal = 1234;
    printf("variant %lx", VariantChangeType(&changed, &number, 0, VT_BSTR));
    printf(" %ls\n", changed.bstrVal);
    VariantClear(&changed);
    printf("uuid %ld", UuidToStringA(&id, &name));
    printf(" %s\n", name);
    RpcStringFreeA(&name);
    printf("com %lx %lx\n", CoInitializeEx(NULL, COINIT_MULTITHREADED), CoInitializeEx(NULL, COINIT_MULTITHREADED));
    CoUninitialize();
    CoUninitialize();
}

static void crypt(void)
{
    static const BYTE bytes[] = "any carnal pleasure";
    char text[64];
    DWORD length = sizeof(text);

    printf("base64 %d", CryptBinaryToStringA(bytes, sizeof(bytes) - 1, CRYPT_STRING_BASE64 | CRYPT_STRING_NOCRLF, text, &length));
    printf(" %lu %s\n", length, text);
}

static void show_bytes(const char *what, const BYTE *bytes, DWORD count)
{
    printf("%s", what);
    for (DWORD i = 0; i < count; i++)
        printf("%s%02x", i ? "" : " ", bytes[i]);
    printf("\n");
}

static void digest(HCRYPTPROV provider, ALG_ID algorithm)
{
    BYTE value[64];
    DWORD length = sizeof(value);
    HCRYPTHASH hash = 0;

    printf("hash %d", CryptCreateHash(provider, algorithm, 0, 0, &hash));
    printf(" %d", CryptHashData(hash, (const BYTE *)"abc", 3, 0));
    printf(" %d", CryptGetHashParam(hash, HP_HASHVAL, value, &length, 0));
    show_bytes("", value, length);
    CryptDestroyHash(hash);
}

static void cipher(HCRYPTPROV provider)
{
    struct {
        BLOBHEADER header;
        DWORD size;
        BYTE key[16];
    } blob = { { PLAINTEXTKEYBLOB, CUR_BLOB_VERSION, 0, CALG_AES_128 }, 16, "0123456789abcde" };
    BYTE text[48] = "a text of more than one block";
    DWORD length = 30;
    HCRYPTKEY key = 0;

    printf("key %d\n", CryptImportKey(provider, (const BYTE *)&blob, sizeof(blob), 0, 0, &key));
    printf("encrypt %d", CryptEncrypt(key, 0, TRUE, 0, text, &length, sizeof(text)));
    show_bytes("", text, length);
    printf("decrypt %d", CryptDecrypt(key, 0, TRUE, 0, text, &length));
    printf(" %lu %s\n", length, text);
    CryptDestroyKey(key);
}

static void provider(void)
{
    BYTE random[2][16] = { { 0 } };
    HCRYPTPROV context = 0;

    printf("rsa full %d\n", CryptAcquireContextA(&context, NULL, NULL, PROV_RSA_FULL, CRYPT_VERIFYCONTEXT | CRYPT_SILENT));
    printf("random %d %d", CryptGenRandom(context, 16, random[0]), CryptGenRandom(context, 16, random[1]));
    printf(" %d\n", memcmp(random[0], random[1], 16) != 0);
    digest(context, CALG_MD5);
    CryptReleaseContext(context, 0);
    printf("aes %d\n", CryptAcquireContextA(&context, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    digest(context, CALG_SHA_256);
    cipher(context);
    CryptReleaseContext(context, 0);
    printf("unknown %d", CryptAcquireContextA(&context, NULL, "No Such Provider", PROV_RSA_FULL, CRYPT_VERIFYCONTEXT));
    printf(" %lx\n", GetLastError());
}

static void symbols(void)
{
    union {
        SYMBOL_INFO info;
        char room[sizeof(SYMBOL_INFO) + 256];
    } symbol = { .info = { .SizeOfStruct = sizeof(SYMBOL_INFO), .MaxNameLen = 255 } };
    HANDLE self = GetCurrentProcess();
    DWORD64 offset = 0;

    printf("symbols %d", SymInitialize(self, NULL, TRUE));
    printf(" %d", SymFromAddr(self, (DWORD64)(UINT_PTR)GetProcAddress(GetModuleHandleA("kernel32"), "CreateFileW") + 1, &offset, &symbol.info));
    printf(" %s+%d", symbol.info.Name, (int)offset);
    printf(" %d", SymGetModuleBase64(self, (DWORD64)(UINT_PTR)symbols) == (DWORD64)(UINT_PTR)GetModuleHandleA(NULL));
    printf(" %d\n", SymCleanup(self));
}

int main(void)
{
    SetErrorMode(SEM_FAILCRITICALERRORS);
    final_name("C:\\host\\dlls.exe", 0);
    final_name("c:\\HOST\\..\\host\\DLLS.EXE", VOLUME_NAME_NONE);
    final_name("C:\\windows\\system32", 0);
    user();
    shell();
    ole();
    crypt();
    provider();
    symbols();
    printf("time %d\n", timeGetTime() != 0);
    return 0;
}
