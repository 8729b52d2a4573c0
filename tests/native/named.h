/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Object attributes for one call, as tests of keys need them.
 */
#pragma once

#include "nt.h"

/* Case does not count.  Good until the call after the next one. */
static inline POBJECT_ATTRIBUTES Named(HANDLE Root, PCWSTR Name)
{
    static OBJECT_ATTRIBUTES Attributes[2];
    static UNICODE_STRING Strings[2];
    static ULONG Next;
    ULONG i = Next++ % 2;

    RtlInitUnicodeString(&Strings[i], Name);
    InitializeObjectAttributes(&Attributes[i], &Strings[i], OBJ_CASE_INSENSITIVE, Root, NULL);
    return &Attributes[i];
}
