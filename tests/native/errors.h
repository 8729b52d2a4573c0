/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Good calls of services (errors-calls.c makes them from the rows of errors-table.h), for programs that spoil them.
 */
#pragma once

#include "check.h"
#include "nt/alpcapi.h"
#include "nt/dbgapi.h"

#define MOST_ARGUMENTS 17
#define MOST_HANDLES 32
#define MEMORY_SIZE 0x1000

typedef NTSTATUS (NTAPI *ANY_SERVICE)(ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
                                      ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
                                      ULONG_PTR, ULONG_PTR, ULONG_PTR);

/* A word of a row. */
typedef struct _ARGUMENT {
    CHAR Kind, What;
    BOOLEAN Optional;
    BOOLEAN Either;                     /* another right will do, too */
    ULONG Number;
} ARGUMENT;

typedef struct _ERROR_HANDLE {
    CHAR Letter;
    HANDLE Good;
} ERROR_HANDLE;

typedef struct _ERROR_NAME {
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;
    WCHAR Text[64];
} ERROR_NAME;

extern ERROR_HANDLE Handles[MOST_HANDLES];
extern ULONG HandleCount;
/* What the pointers of a call point to, by argument. */
extern UCHAR Memory[MOST_ARGUMENTS][MEMORY_SIZE];
extern ERROR_NAME Names[MOST_ARGUMENTS];
extern PVOID OwnPages;

/* The objects, an atom, memory, the privileges that services want. */
VOID PrepareCalls(VOID);
/* Index in Handles, or HandleCount: there is no such object here.  H is for any. */
ULONG FindHandle(CHAR Letter);
HANDLE FindGood(CHAR Letter);
/* Another handle for the same object. */
HANDLE DuplicateWith(HANDLE Handle, ACCESS_MASK Access);

ULONG Parse(PCSTR Text, ARGUMENT *Arguments);
BOOLEAN IsPointer(const ARGUMENT *Argument);
BOOLEAN IsClass(const ARGUMENT *Argument);
BOOLEAN IsLength(const ARGUMENT *Argument);
BOOLEAN IsHandle(const ARGUMENT *Argument);
/* Which arguments are an information class, the length of a buffer and that buffer; FALSE: there are none. */
BOOLEAN FindClass(const ARGUMENT *Arguments, ULONG Count, PULONG Class, PULONG Length, PULONG Buffer);
/* Bytes at a pointer; 0: it is not known. */
ULONG SizeOf(const ARGUMENT *Argument);
/* The values of a good call; FALSE: there is no such object here. */
BOOLEAN Build(const ARGUMENT *Arguments, ULONG Count, ULONG_PTR *Values);
/* NULL: ntdll has none of that name (Wine). */
ANY_SERVICE FindService(PCSTR Name);

static inline NTSTATUS Call(ANY_SERVICE Service, const ULONG_PTR *A)
{
    return Service(A[0], A[1], A[2], A[3], A[4], A[5], A[6], A[7], A[8], A[9], A[10], A[11], A[12], A[13],
                   A[14], A[15], A[16]);
}
