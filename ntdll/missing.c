/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Exports that exist by name only: each call answers STATUS_NOT_IMPLEMENTED, and the first one logs the name.  The
 * routines themselves are generated (mkmissing.py).
 */
#include "ntdllp.h"

typedef struct _MISSING_EXPORT {
    volatile LONG64 Called;
    char Name[];
} MISSING_EXPORT;

NTSTATUS KiMissingExport(MISSING_EXPORT *Row);

NTSTATUS KiMissingExport(MISSING_EXPORT *Row)
{
    if (InterlockedExchange64(&Row->Called, 1) == 0)
        DbgPrint("ntdll: %s is not implemented\n", Row->Name);
    return STATUS_NOT_IMPLEMENTED;
}
