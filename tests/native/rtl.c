/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The pure routines as ntdll exports them: the host tests of strings, compiled as a native program.
 * Runs on: Nereid.  (Wine's ntdll lacks some of the C functions.)
 */
#include "check.h"
#undef CHECK
#include "tests/unit/unit.h"

int UnitCheck(int Holds, const char *File, int Line, const char *Text)
{
    return CheckResult(Holds != 0, File, Line, Text);
}

int UnitFailAllocations(unsigned Count)
{
    return 0;
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    for (const UNIT_TEST *Test = Tests; Test->Name != NULL; Test++)
        Test->Run();
    return CheckClose();
}
