/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to secobject.c and autoinherit.c.
 */
#pragma once

#include "ntdllp.h"
#include "rtl/inheritace.h"

/* Owner (or group) of a descriptor, which may be NULL. */
PSID RtlpOwnerOf(PSECURITY_DESCRIPTOR Descriptor, BOOLEAN IsGroup);
/* A self-relative copy on the heap. */
NTSTATUS RtlpMakeRelative(PSECURITY_DESCRIPTOR Absolute, PSECURITY_DESCRIPTOR *New);
