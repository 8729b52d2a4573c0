/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The mm test task: ntos/mm, ntos/ldr and rtl on the kernel, without the rest of ntos.  world.c stands in for ke, ob,
 * ps, io.
 */
#pragma once

#include "ntos/mm/services.h"

void TestWrite(const char *Format, ...) __attribute__((format(printf, 1, 2)));
void TestCheck(int Ok, const char *What, const char *File, int Line);
void TestOpenSerial(void);
/* The one file: an open of it has Segment. */
PFILE_OBJECT TestOpenFile(PMM_SEGMENT Segment);
void TestPowerOff(void);
void TestBench(PMM_SEGMENT File);
extern EPROCESS TestProcess;

#define CHECK(e) TestCheck((e) != 0, #e, __FILE__, __LINE__)
#define CHECK_STATUS(e, s) \
    do { \
        NTSTATUS Got = (e); \
        if (Got != (s)) \
            TestWrite("  got %08x\n", (unsigned)Got); \
        TestCheck(Got == (s), #e " == " #s, __FILE__, __LINE__); \
    } while (0)

extern int TestPassed, TestFailed;
