/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table of services (abi/services.def) as programs that call all of them need it.
 *
 * Kinds has one letter an argument: H handle, P pointer, V value.  Roles says more:
 *
 *   handles   p process, t thread, f file, e event, s section, d directory, l link, m mutant, n semaphore, i timer,
 *             y keyed event, c completion port, j job, k key, o token, b debug object, u port,
 *             # worker factory, H any
 *   pointers  h handle, N handles, O object attributes, U counted string, W text, T time to wait, I 64-bit number,
 *             A address (in and out), Z size, S I/O status, D client ID, X context, E exception, Y security descriptor,
 *             G groups, P privileges, M generic mapping, R routine, L process attributes, Q process parameters,
 *             J creation information, V extended parameters, F memory ranges, K quality of service, B a buffer,
 *             a address of memory, C message of a port, g attributes of such a message, & object types, % a SID
 *   values    r access, q boolean, x protection, z length, w flags, v other, 0 what is mostly zero, 1 kind of allocation,
 *             2 of freeing, 3 sharing, 4 options and 5 disposition of an open, 6 file attributes, 7 control code,
 *             8 inheritance of a view, 9 information class, + a small count
 */
#pragma once

#include "ntdll.h"
#include "nt/alpcapi.h"
#include "nt/dbgapi.h"

#define MAX_ARGUMENTS 17

typedef struct _SERVICE_ROW {
    PCSTR Name;
    PVOID Function;
    PCSTR Kinds;
    PCSTR Roles;
} SERVICE_ROW;

typedef NTSTATUS (NTAPI *ANY_SERVICE)(ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
                                      ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
                                      ULONG_PTR, ULONG_PTR, ULONG_PTR);

static const SERVICE_ROW Services[] = {
#include "services.inc"
};
#define SERVICE_COUNT ((ULONG)ARRAYSIZE(Services))

/* Calls with as many arguments as the longest service has: the others do not look at the rest. */
static inline NTSTATUS CallService(ULONG Service, const ULONG_PTR *A)
{
    return ((ANY_SERVICE)Services[Service].Function)(A[0], A[1], A[2], A[3], A[4], A[5], A[6], A[7], A[8], A[9], A[10],
                                                     A[11], A[12], A[13], A[14], A[15], A[16]);
}
