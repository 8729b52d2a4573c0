/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bits that mean nothing, one at a time, in every argument of flags, attributes, options or protection of every service: the good calls
 * of errors-table.h with one bit more.  Such a call is refused as the row of Flags says, makes nothing and loses nothing; where the row
 * says STATUS_SUCCESS the bit is ignored, and the call answers what the good one does.
 *
 * An argument of such a role (services.h) without a row fails.
 *
 * Runs on: Nereid.
 */
#include "errors.h"
#include "errors-table.h"
#include "services.h"
#include "errflags.h"

/* Roles of arguments that are made of bits. */
#define ROLES "wx12346"

static const SERVICE_ROW *FindRoles(PCSTR Name)
{
    for (ULONG i = 0; i < SERVICE_COUNT; i++)
        if (strcmp(Services[i].Name, Name) == 0)
            return &Services[i];
    return NULL;
}

static PCSTR FindCall(PCSTR Name)
{
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++)
        if (strcmp(Calls[i].Service, Name) == 0)
            return Calls[i].Arguments;
    return NULL;
}

/* What a call has made goes. */
static VOID CloseMade(const SERVICE_ROW *Roles, NTSTATUS Status, const ULONG_PTR *A)
{
    for (ULONG i = 0; NT_SUCCESS(Status) && Roles->Roles[i] != 0; i++)
        if (Roles->Roles[i] == 'h')
            NtClose(*(PHANDLE)A[i]);
}

static NTSTATUS CallWith(const FLAGS_ROW *Row, ULONG Bits)
{
    const SERVICE_ROW *Roles = FindRoles(Row->Service);
    ARGUMENT Arguments[MOST_ARGUMENTS];
    ULONG_PTR A[MOST_ARGUMENTS] = { 0 };
    NTSTATUS Status;

    if (FindCall(Row->Service) != NULL)
        Build(Arguments, Parse(FindCall(Row->Service), Arguments), A);
    A[Row->Argument] |= Bits;
    Status = Call(FindService(Row->Service), A);
    CloseMade(Roles, Status, A);
    return Status;
}

static VOID TestBits(const FLAGS_ROW *Row)
{
    NTSTATUS Ignored = Row->Status == STATUS_SUCCESS ? CallWith(Row, 0) : STATUS_SUCCESS;

    for (ULONG i = 0; i < 32; i++) {
        NTSTATUS Expected = Row->Status == STATUS_SUCCESS ? Ignored : Row->Status;
        NTSTATUS Status;

        if (Row->Known & 1u << i)
            continue;
        Status = CallWith(Row, 1u << i);
        if (!CHECK(Status == Expected))
            Print(L"    %hs, argument %u, bit 0x%x: 0x%08X instead of 0x%08X\n", Row->Service, Row->Argument, 1u << i, Status, Expected);
    }
}

static BOOLEAN HasRow(PCSTR Service, ULONG Argument)
{
    for (ULONG i = 0; i < ARRAYSIZE(Flags); i++)
        if (strcmp(Flags[i].Service, Service) == 0 && Flags[i].Argument == Argument)
            return TRUE;
    for (ULONG i = 0; i < ARRAYSIZE(NotTested); i++)
        if (strcmp(NotTested[i].Service, Service) == 0)
            return TRUE;
    return FALSE;
}

static VOID TestTable(VOID)
{
    for (ULONG i = 0; i < SERVICE_COUNT; i++)
        for (ULONG k = 0; Services[i].Roles[k] != 0; k++)
            if (strchr(ROLES, Services[i].Roles[k]) != NULL && !CHECK(HasRow(Services[i].Name, k)))
                Print(L"    %hs, argument %u has no row\n", Services[i].Name, k);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    PrepareCalls();
    TestTable();
    for (ULONG i = 0; i < ARRAYSIZE(Flags); i++)
        TestBits(&Flags[i]);
    return CheckClose();
}
