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

// What the program needs stays, however often it is given back.
static void Needed(void)
{
    HMODULE needed = GetModuleHandleA("msvcrt.dll");

    if (needed == NULL)
        needed = GetModuleHandleA("ucrtbase.dll");
    for (int i = 0; i < 50; i++)
        YES(FreeLibrary(needed));
    YES(FreeLibrary(GetModuleHandleA(NULL)));
    SHOW("%s", "still here");
}

static int Count(HMODULE module)
{
    int (*calls)(void) = (int (*)(void))(void *)GetProcAddress(module, "Calls");

    return calls ? calls() : -1;
}

// Mapped, but nobody calls its entry point; whoever loads it as usual does not complete it.
static void Unresolved(void)
{
    HMODULE plugin = LoadLibraryExA("plugin.dll", NULL, DONT_RESOLVE_DLL_REFERENCES), again;
    int (*add)(int, int) = (int (*)(int, int))(void *)GetProcAddress(plugin, "Add");
    HANDLE thread;

    YES(plugin != NULL && ((ULONG_PTR)plugin & 3) == 0);
    YES(GetModuleHandleA("plugin.dll") == plugin);
    SHOW("%d", add(20, 3));
    SHOW("%d calls", Count(plugin));
    thread = CreateThread(NULL, 0, (LPTHREAD_START_ROUTINE)(void *)Sleep, NULL, 0, NULL);
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    SHOW("%d calls after a thread", Count(plugin));
    YES(FreeLibrary(plugin));
    YES(GetModuleHandleA("plugin.dll") == NULL);
    plugin = LoadLibraryExA("plugin.dll", NULL, DONT_RESOLVE_DLL_REFERENCES);
    again = LoadLibraryA("plugin.dll");
    YES(again == plugin);
    SHOW("%d calls", Count(plugin));
    YES(FreeLibrary(plugin));
    SHOW("%d calls", Count(plugin));
    YES(FreeLibrary(plugin));
    YES(LoadLibraryExA("no-such.dll", NULL, DONT_RESOLVE_DLL_REFERENCES) == NULL);
    SHOW("%lu", GetLastError());
}

// The version resource of a DLL, through a handle of any kind.
static void Resource(const char *how, HMODULE module)
{
    HRSRC found = FindResourceA(module, MAKEINTRESOURCEA(1), MAKEINTRESOURCEA(16));
    HGLOBAL loaded = found ? LoadResource(module, found) : NULL;
    const WORD *data = loaded ? LockResource(loaded) : NULL;

    SHOW("%s: kind %d found %d size %d", how, (int)((ULONG_PTR)module & 3), found != NULL,
         data ? SizeofResource(module, found) == data[0] : -1);
}

static void DataFiles(void)
{
    static const DWORD flags[] = { 0, DONT_RESOLVE_DLL_REFERENCES, LOAD_LIBRARY_AS_DATAFILE, LOAD_LIBRARY_AS_IMAGE_RESOURCE,
                                   LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE, LOAD_LIBRARY_AS_DATAFILE | LOAD_LIBRARY_AS_IMAGE_RESOURCE };
    char how[16];

    for (unsigned i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        HMODULE module = LoadLibraryExA("psapi.dll", NULL, flags[i]);

        snprintf(how, sizeof(how), "%lx", flags[i]);
        Resource(how, module);
        SHOW("%d", GetProcAddress(module, "GetProcessMemoryInfo") != NULL);
        YES(FreeLibrary(module));
    }
    YES(LoadLibraryExA("modules.exe", NULL, LOAD_LIBRARY_AS_DATAFILE) != NULL);
    YES(LoadLibraryExA("no-such.dll", NULL, LOAD_LIBRARY_AS_DATAFILE) == NULL);
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
    Needed();
    Unresolved();
    DataFiles();
    Threads();
    SystemModules();
    Version();
    return 0;
}
