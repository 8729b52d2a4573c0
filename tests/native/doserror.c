/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RtlNtStatusToDosError: the Win32 errors of statuses from all over the table.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

static const struct {
    ULONG Status, Error;
} Rows[] = {
    { 0x00000000, 0 },      { 0x00000102, 1460 },   { 0x00000103, 997 },    { 0x0000010c, 1022 },   { 0x40000000, 698 },
    { 0x80000001, 0x80000001 }, { 0x80000002, 998 }, { 0x80000005, 234 },   { 0x80000006, 18 },     { 0x8000001a, 259 },
    { 0xc0000001, 31 },     { 0xc0000002, 1 },      { 0xc0000005, 998 },    { 0xc0000008, 6 },      { 0xc000000d, 87 },
    { 0xc0000011, 38 },     { 0xc0000017, 8 },      { 0xc0000018, 487 },    { 0xc0000022, 5 },      { 0xc0000023, 122 },
    { 0xc0000034, 2 },      { 0xc0000035, 183 },    { 0xc000003a, 3 },      { 0xc0000043, 32 },     { 0xc000007b, 193 },
    { 0xc00000a0, 487 },    { 0xc00000ba, 5 },      { 0xc0000101, 145 },    { 0xc0000120, 995 },    { 0xc0000135, 126 },
    { 0xc0000139, 127 },    { 0xc000014b, 109 },    { 0xc0000225, 1168 },
    { 0xc0000275, 4390 },   { 0xc0000279, 1920 },
    { 0x80070005, 5 },      { 0xc0070057, 87 },     { 0x20001234, 0x20001234 }, { 0xc0ffffff, 317 }, { 0x00000001, 731 },
    { 0xc0010003, 3 },      { 0xc00100e2, 226 },    { 0xd0000034, 2 },      { 0xd0000022, 5 },      { 0xc000046a, 337 },
    { 0xc00001a9, 50 },     { 0x80000032, 235 },    { 0xc0000490, 1169 },   { 0xf0000005, 0xf0000005 },
};

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    for (ULONG i = 0; i < ARRAYSIZE(Rows); i++) {
        ULONG Error = RtlNtStatusToDosErrorNoTeb((NTSTATUS)Rows[i].Status);

        if (!CHECK(Error == Rows[i].Error))
            Print(L"%08x: %u instead of %u\n", Rows[i].Status, Error, Rows[i].Error);
    }
    CHECK(RtlNtStatusToDosError(STATUS_ACCESS_DENIED) == 5);
    CHECK(NtCurrentTeb()->LastStatusValue == STATUS_ACCESS_DENIED);
    return CheckClose();
}
