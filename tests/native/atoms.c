/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Atom tables of a process.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

static WCHAR Long[300];

static VOID TestTables(VOID)
{
    PRTL_ATOM_TABLE Table = NULL, Old;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateAtomTable(37, &Table));
    Old = Table;
    CHECK(Table != NULL);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlCreateAtomTable(37, &Table));
    CHECK(Table == Old);
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateAtomTable(0, &Table));
    CHECK(Table == Old);
    CHECK_STATUS(STATUS_SUCCESS, RtlDestroyAtomTable(Table));
    Table = NULL;
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateAtomTable(0, &Table));
    CHECK_STATUS(STATUS_SUCCESS, RtlDestroyAtomTable(Table));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlDestroyAtomTable(NULL));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlEmptyAtomTable(NULL, FALSE));
}

static VOID TestNames(PRTL_ATOM_TABLE Table)
{
    RTL_ATOM First = 0, Again = 0, Other = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, L"Nereid", &First));
    CHECK(First >= 0xC000);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, L"NEREID", &Again));
    CHECK(Again == First);
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, L"Other", &Other));
    CHECK(Other >= 0xC000 && Other != First);
    Again = 0;
    CHECK_STATUS(STATUS_SUCCESS, RtlLookupAtomInAtomTable(Table, L"nereid", &Again));
    CHECK(Again == First);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlLookupAtomInAtomTable(Table, L"missing", &Again));
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, RtlAddAtomToAtomTable(Table, L"", &Again));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlAddAtomToAtomTable(Table, NULL, &Again));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlAddAtomToAtomTable(NULL, L"x", &Again));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlLookupAtomInAtomTable(NULL, L"x", &Again));
    CHECK_STATUS(STATUS_OBJECT_NAME_INVALID, RtlLookupAtomInAtomTable(Table, L"", &Again));
    for (ULONG Index = 0; Index < 256; Index++)
        Long[Index] = 'a';
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlAddAtomToAtomTable(Table, Long, &Again));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlLookupAtomInAtomTable(Table, Long, &Again));
    Long[255] = 0;
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, Long, &Again));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteAtomFromAtomTable(Table, Again));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteAtomFromAtomTable(Table, First));
    CHECK_STATUS(STATUS_SUCCESS, RtlLookupAtomInAtomTable(Table, L"Nereid", &Again));
    CHECK_STATUS(STATUS_SUCCESS, RtlDeleteAtomFromAtomTable(Table, First));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlLookupAtomInAtomTable(Table, L"Nereid", &Again));
    CHECK_STATUS(STATUS_INVALID_HANDLE, RtlDeleteAtomFromAtomTable(Table, First));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlDeleteAtomFromAtomTable(NULL, First));
}

static VOID TestIntegers(PRTL_ATOM_TABLE Table)
{
    static const struct { PCWSTR Name; RTL_ATOM Atom; } Rows[] = {
        { L"#1", 1 }, { L"#42", 42 }, { L"#0042", 42 }, { L"#49151", 0xbfff }, { (PCWSTR)7, 7 }, { (PCWSTR)0xbfff, 0xbfff },
    };
    static const PCWSTR Bad[] = { L"#49152", L"#65536", L"#0", (PCWSTR)0xc000 };
    ULONG References = 0, Pinned = 0, Length = 64;
    WCHAR Name[32];
    RTL_ATOM Atom;

    for (ULONG Row = 0; Row < ARRAYSIZE(Rows); Row++) {
        Atom = 0;
        CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, Rows[Row].Name, &Atom));
        CHECK(Atom == Rows[Row].Atom);
        CHECK_STATUS(STATUS_SUCCESS, RtlLookupAtomInAtomTable(Table, Rows[Row].Name, &Atom));
        CHECK(Atom == Rows[Row].Atom);
        TODO(OnWine, CHECK_STATUS(STATUS_SUCCESS, RtlDeleteAtomFromAtomTable(Table, Atom)));
    }
    for (ULONG Row = 0; Row < ARRAYSIZE(Bad); Row++)
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlAddAtomToAtomTable(Table, Bad[Row], &Atom));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, L"#1a", &Atom));
    CHECK(Atom >= 0xc000);
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryAtomInAtomTable(Table, 42, &References, &Pinned, Name, &Length));
    CHECK(References == 1 && Pinned == 1 && wcscmp(Name, L"#42") == 0 && Length == 6);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlQueryAtomInAtomTable(Table, 0, &References, &Pinned, Name, &Length));
}

static VOID TestQueries(PRTL_ATOM_TABLE Table)
{
    ULONG References = 0, Pinned = 9, Length = 64;
    WCHAR Name[32];
    RTL_ATOM Atom = 0;

    CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, L"Query", &Atom));
    CHECK_STATUS(STATUS_SUCCESS, RtlAddAtomToAtomTable(Table, L"Query", &Atom));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryAtomInAtomTable(Table, Atom, &References, &Pinned, Name, &Length));
    CHECK(References == 2 && Pinned == 0 && wcscmp(Name, L"Query") == 0 && Length == 10);
    Length = 8;
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryAtomInAtomTable(Table, Atom, NULL, NULL, Name, &Length));
    CHECK(wcscmp(Name, L"Que") == 0 && Length == 6);
    Length = 0;
    CHECK_STATUS(STATUS_BUFFER_TOO_SMALL, RtlQueryAtomInAtomTable(Table, Atom, NULL, NULL, Name, &Length));
    CHECK(Length == 10);
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryAtomInAtomTable(Table, Atom, &References, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_INVALID_HANDLE, RtlQueryAtomInAtomTable(Table, 0xeeee, &References, NULL, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlPinAtomInAtomTable(Table, Atom));
    CHECK_STATUS(STATUS_WAS_LOCKED, RtlDeleteAtomFromAtomTable(Table, Atom));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryAtomInAtomTable(Table, Atom, NULL, &Pinned, NULL, NULL));
    CHECK(Pinned == 1);
    TODO(OnWine, CHECK_STATUS(STATUS_INVALID_HANDLE, RtlPinAtomInAtomTable(Table, 0xeeee)));
    CHECK_STATUS(STATUS_SUCCESS, RtlEmptyAtomTable(Table, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, RtlLookupAtomInAtomTable(Table, L"Query", &Atom));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlLookupAtomInAtomTable(Table, L"Other", &Atom));
    CHECK_STATUS(STATUS_SUCCESS, RtlEmptyAtomTable(Table, TRUE));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, RtlLookupAtomInAtomTable(Table, L"Query", &Atom));
}

/* Many atoms: each keeps its number, and numbers are given out again. */
static VOID TestMany(PRTL_ATOM_TABLE Table)
{
    static RTL_ATOM Atoms[2000];
    WCHAR Name[16];
    ULONG Wrong = 0;
    RTL_ATOM Found;

    for (ULONG Index = 0; Index < ARRAYSIZE(Atoms); Index++) {
        _snwprintf(Name, ARRAYSIZE(Name), L"atom%u", Index);
        Wrong += RtlAddAtomToAtomTable(Table, Name, &Atoms[Index]) != STATUS_SUCCESS;
    }
    CHECK(Wrong == 0);
    for (ULONG Index = 0; Index < ARRAYSIZE(Atoms); Index++) {
        _snwprintf(Name, ARRAYSIZE(Name), L"ATOM%u", Index);
        Wrong += RtlLookupAtomInAtomTable(Table, Name, &Found) != STATUS_SUCCESS || Found != Atoms[Index];
    }
    CHECK(Wrong == 0);
    for (ULONG Index = 0; Index < ARRAYSIZE(Atoms); Index++)
        Wrong += RtlDeleteAtomFromAtomTable(Table, Atoms[Index]) != STATUS_SUCCESS;
    CHECK(Wrong == 0);
}

int wmain(int argc, WCHAR **argv)
{
    PRTL_ATOM_TABLE Table = NULL;

    CheckSystem();
    TestTables();
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateAtomTable(0x7f, &Table));
    TestNames(Table);
    TestIntegers(Table);
    TestQueries(Table);
    TestMany(Table);
    CHECK_STATUS(STATUS_SUCCESS, RtlDestroyAtomTable(Table));
    return CheckClose();
}
