// SPDX-License-Identifier: BSD-2-Clause
// The DLL that modules.exe loads: counts its notifications and has a variable for each thread.
#include <windows.h>

static int calls;
static _Thread_local int local = 1000;

__declspec(dllexport) int Add(int a, int b)
{
    return a + b;
}

__declspec(dllexport) int Calls(void)
{
    return calls;
}

__declspec(dllexport) int Local(int add)
{
    return local += add;
}

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance, (void)reason, (void)reserved;
    calls++;
    return TRUE;
}
