// SPDX-License-Identifier: BSD-2-Clause
// DLLs: loading, names, ordinals, counts, notifications, thread-local data, resources.
#include <windows.h>
#include <string.h>
#include "check.h"

static void Loading(void)
{
    int (*add)(int, int), (*calls)(void);
    char path[MAX_PATH];
    HMODULE plugin = LoadLibraryA("plugin.dll");

    YES(plugin != NULL);
    YES(GetModuleHandleA("PLUGIN.DLL") == plugin);
    YES(LoadLibraryA("plugin") == plugin);
    add = (int (*)(int, int))(void *)GetProcAddress(plugin, "Add");
    calls = (int (*)(void))(void *)GetProcAddress(plugin, "Calls");
    SHOW("%d", add(40, 2));
    SHOW("%d", calls());
    SHOW("%d", GetProcAddress(plugin, "add") == NULL);
    SHOW("%lu", GetLastError());
    GetModuleFileNameA(plugin, path, sizeof(path));
    SHOW("%s", strrchr(path, '\\') + 1);
    YES(FreeLibrary(plugin));
    YES(GetModuleHandleA("plugin.dll") == plugin);
    YES(FreeLibrary(plugin));
    YES(GetModuleHandleA("plugin.dll") == NULL);
    YES(LoadLibraryA("no-such.dll") == NULL);
    SHOW("%lu", GetLastError());
}

static DWORD WINAPI Thread(void *plugin)
{
    int (*local)(int) = (int (*)(int))(void *)GetProcAddress(plugin, "Local");

    return (DWORD)(local(1) * 100 + local(2));
}

static void Threads(void)
{
    HMODULE plugin = LoadLibraryA("plugin.dll");
    int (*local)(int) = (int (*)(int))(void *)GetProcAddress(plugin, "Local");
    int (*calls)(void) = (int (*)(void))(void *)GetProcAddress(plugin, "Calls");
    int before = calls();
    DWORD code;

    SHOW("%d", local(10));
    for (int i = 0; i < 3; i++) {
        HANDLE thread = CreateThread(NULL, 0, Thread, plugin, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        GetExitCodeThread(thread, &code);
        SHOW("%lu", code);
        CloseHandle(thread);
    }
    SHOW("%d", local(10));
    SHOW("%d notifications", calls() - before);
    YES(FreeLibrary(plugin));
}

static void SystemModules(void)
{
    static const char *const names[] = { "ntdll", "kernel32", "kernelbase", "msvcrt" };

    for (unsigned i = 0; i < 4; i++)
        SHOW("%s %d", names[i], GetModuleHandleA(names[i]) != NULL);
    YES(GetProcAddress(GetModuleHandleA("kernel32"), "HeapAlloc") == GetProcAddress(GetModuleHandleA("ntdll"), "RtlAllocateHeap"));
    HMODULE crt = LoadLibraryA("api-ms-win-crt-runtime-l1-1-0.dll");
    YES(crt != NULL && crt == GetModuleHandleA("ucrtbase"));
    HMODULE data = LoadLibraryExA("plugin.dll", NULL, LOAD_LIBRARY_AS_DATAFILE);
    YES(data != NULL && ((ULONG_PTR)data & 3) != 0);
    YES(FreeLibrary(data));
    HMODULE version = LoadLibraryA("version.dll");
    YES(GetProcAddress(version, "GetFileVersionInfoSizeA") != NULL);
    FreeLibrary(version);
}

static void Version(void)
{
    OSVERSIONINFOA v = { .dwOSVersionInfoSize = sizeof(v) };
    LONG (WINAPI *get)(OSVERSIONINFOA *) = (LONG (WINAPI *)(OSVERSIONINFOA *))(void *)GetProcAddress(GetModuleHandleA("ntdll"), "RtlGetVersion");
    SYSTEM_INFO info;

    SHOW("%ld", get(&v));
    YES(v.dwMajorVersion >= 6);
    GetNativeSystemInfo(&info);
    SHOW("%u %lu %lu", info.wProcessorArchitecture, info.dwPageSize, info.dwAllocationGranularity);
    YES(info.dwNumberOfProcessors >= 1);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    Loading();
    Threads();
    SystemModules();
    Version();
    return 0;
}
