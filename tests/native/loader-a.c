/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A DLL for the loader's test: imports from loader-b.dll, has static thread-local storage, forwards, exports by number.
 */
#include "ntdll.h"

__declspec(dllimport) ULONG BCount(ULONG Reason);
BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved);
ULONG ACount(ULONG Reason);
ULONG AOfB(ULONG Reason);
ULONG *ATls(void);
ULONG AByNumber(void);

static ULONG Counts[4];
static ULONG BAttachedAtOurAttach;
static ULONG TlsCalls;
ULONG _tls_index;

__attribute__((section(".tls$AAA"))) ULONG TlsFirst = 0x1111;
__attribute__((section(".tls$MMM"))) ULONG TlsValue = 0x2222;
__attribute__((section(".tls$ZZZ"))) ULONG TlsLast = 0;

static VOID NTAPI TlsCallback(PVOID Base, DWORD Reason, PVOID Reserved)
{
    TlsCalls++;
}

static const PIMAGE_TLS_CALLBACK Callbacks[] = { TlsCallback, NULL };

/* The linker finds the TLS directory by this name. */
const IMAGE_TLS_DIRECTORY64 _tls_used = { (ULONGLONG)&TlsFirst, (ULONGLONG)(&TlsLast + 1), (ULONGLONG)&_tls_index,
        (ULONGLONG)Callbacks, 16, 0 };

BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Reserved)
{
    if (Reason == DLL_PROCESS_ATTACH)
        BAttachedAtOurAttach = BCount(DLL_PROCESS_ATTACH);
    Counts[Reason]++;
    return TRUE;
}

/* Calls of DllMain with that reason; 100: was loader-b attached before us; 101: calls of the TLS callback. */
ULONG ACount(ULONG Reason)
{
    return Reason == 100 ? BAttachedAtOurAttach : Reason == 101 ? TlsCalls : Counts[Reason];
}

ULONG AOfB(ULONG Reason)
{
    return BCount(Reason);
}

/* The calling thread's copy of TlsValue. */
ULONG *ATls(void)
{
    PUCHAR Block = ((PUCHAR *)NtCurrentTebEx()->ThreadLocalStoragePointer)[_tls_index];

    return (ULONG *)(Block + ((PUCHAR)&TlsValue - (PUCHAR)&TlsFirst));
}

ULONG AByNumber(void)
{
    return 42;
}
