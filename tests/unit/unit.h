/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks for tests that run on the build host (and some, by tests/native/rtl.c, on Nereid).  A file has `const
 * UNIT_TEST Tests[]', ended by an empty row; main is in unit.c, which prints what failed and the closing line `N
 * passed, N failed'.
 */
#pragma once

typedef struct _UNIT_TEST {
    const char *Name;
    void (*Run)(void);
} UNIT_TEST;

extern const UNIT_TEST Tests[];

int UnitCheck(int Holds, const char *File, int Line, const char *Text);
#define CHECK(Expression) UnitCheck(!!(Expression), __FILE__, __LINE__, #Expression)

/* Makes the next Count allocations of rtl/ fail; 0: that cannot be done here. */
int UnitFailAllocations(unsigned Count);
