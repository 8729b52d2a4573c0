/* SPDX-License-Identifier: BSD-2-Clause
 *
 * main of the host tests, and the memory hooks that rtl/ asks for.
 */
#include <stdio.h>
#include <stdlib.h>

#include "unit.h"

void *RtlpAllocate(unsigned long Bytes);
const void *RtlpCodePage(unsigned char Oem);
void RtlpFree(void *Memory);

static int Passed, Failed;
static unsigned Failures;

int UnitCheck(int Holds, const char *File, int Line, const char *Text)
{
    if (Holds)
        Passed++;
    else
        Failed++;
    if (!Holds)
        printf("FAILED: %s:%d: %s\n", File, Line, Text);
    return Holds;
}

int UnitFailAllocations(unsigned Count)
{
    Failures = Count;
    return 1;
}

void *RtlpAllocate(unsigned long Bytes)
{
    if (Failures == 0)
        return malloc(Bytes);
    Failures--;
    return NULL;
}

void RtlpFree(void *Memory)
{
    free(Memory);
}

const void *RtlpCodePage(unsigned char Oem)
{
    (void)Oem;
    return NULL;
}

int main(void)
{
    for (const UNIT_TEST *Test = Tests; Test->Name != NULL; Test++)
        Test->Run();
    printf("%d passed, %d failed\n", Passed, Failed);
    return Failed != 0;
}
