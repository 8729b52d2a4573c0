/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Splitting a command line (base/lib/args.c): the examples of Microsoft's "Parsing C command-line arguments", and
 * edges.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

static const struct {
    PCWSTR CommandLine;
    PCWSTR Expected[5];
} Cases[] = {
    { L"", { L"" } },
    { L"a", { L"a" } },
    { L"a b  c\td", { L"a", L"b", L"c", L"d" } },
    { L"a ", { L"a" } },
    { L"a \"b c\" d", { L"a", L"b c", L"d" } },
    { L"a \"abc\" d e", { L"a", L"abc", L"d", L"e" } },
    { L"a a\\\\b d\"e f\"g h", { L"a", L"a\\\\b", L"de fg", L"h" } },
    { L"a a\\\\\\\"b c d", { L"a", L"a\\\"b", L"c", L"d" } },
    { L"a a\\\\\\\\\"b c\" d e", { L"a", L"a\\\\b c", L"d", L"e" } },
    { L"a a\"b\"\" c d", { L"a", L"ab\" c d" } },
    { L"a \"\" b", { L"a", L"", L"b" } },
    { L"a \"b", { L"a", L"b" } },
    { L"a b\\", { L"a", L"b\\" } },
    { L"\"C:\\Program Files\\x.exe\" y", { L"C:\\Program Files\\x.exe", L"y" } },
    { L"C:\\dir\\\"x y\".exe z", { L"C:\\dir\\x y.exe", L"z" } },
};

static VOID TestCase(PCWSTR CommandLine, const PCWSTR *Expected)
{
    int Count, Wanted = 0;
    PWSTR *Arguments = SplitCommandLine(CommandLine, (ULONG)wcslen(CommandLine), &Count);

    while (Wanted < 5 && Expected[Wanted] != NULL)
        Wanted++;
    if (!CHECK(Arguments != NULL))
        return;
    if (!CHECK(Count == Wanted) || !CHECK(Arguments[Count] == NULL))
        Print(L"    [%s] gives %d arguments\n", CommandLine, Count);
    for (int i = 0; i < Count && i < Wanted; i++)
        if (!CHECK(wcscmp(Arguments[i], Expected[i]) == 0))
            Print(L"    [%s], argument %d: [%s]\n", CommandLine, i, Arguments[i]);
    Free(Arguments);
}

/* The most arguments that a length allows must fit into the allocation. */
static VOID TestManyArguments(VOID)
{
    static WCHAR CommandLine[2001];
    int Count;
    PWSTR *Arguments;

    for (ULONG i = 0; i < 2000; i++)
        CommandLine[i] = i % 2 == 0 ? L'x' : L' ';
    Arguments = SplitCommandLine(CommandLine, 2000, &Count);
    CHECK(Arguments != NULL && Count == 1000 && wcscmp(Arguments[999], L"x") == 0);
    Free(Arguments);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    for (ULONG i = 0; i < ARRAYSIZE(Cases); i++)
        TestCase(Cases[i].CommandLine, Cases[i].Expected);
    TestManyArguments();
    return CheckClose();
}
