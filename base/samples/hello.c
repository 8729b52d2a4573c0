/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The smallest program: prints where it runs and its arguments.
 *
 *   hello one "two three"
 */
#include "base/lib/native.h"

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    PPEB Peb = NtCurrentPeb();

    Print(L"Hello from process %u on Nereid (NT %u.%u.%u).\n", (ULONG)(ULONG_PTR)NtCurrentTeb()->ClientId.UniqueProcess,
          Peb->OSMajorVersion, Peb->OSMinorVersion, Peb->OSBuildNumber);
    for (int i = 1; i < ArgumentCount; i++)
        Print(L"argument %d: %s\n", i, Arguments[i]);
    return 0;
}
