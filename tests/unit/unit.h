/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks for tests that run on the build host.  A file has `const UNIT_TEST Tests[]', ended by an empty row; main is in
 * unit.c, which prints what failed and the closing line `N passed, N failed'.
 */
#pragma once

typedef struct _UNIT_TEST {
    const char *Name;
    void (*Run)(void);
} UNIT_TEST;

extern const UNIT_TEST Tests[];

int UnitCheck(int Holds, const char *File, int Line, const char *Text);
#define CHECK(Expression) UnitCheck(!!(Expression), __FILE__, __LINE__, #Expression)

/* The hooks of rtl/: memory of the host's, which its sanitizer watches.  UnitFailAllocations makes the next Count fail. */
void UnitFailAllocations(unsigned Count);
