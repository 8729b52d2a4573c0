/* SPDX-License-Identifier: BSD-2-Clause
 *
 * DLLs that need each other: circles and their end, the order of entry points, loads from within entry points, entry
 * points that refuse, loads that fail and what remains of them, forwarders, chains.  The DLLs are made at run time.
 * Runs on: Nereid and Wine.
 */
#include "makedll.h"

/* The DLLs are ldr-a.dll ... ldr-z.dll; entry points write here: +a attach, -a detach, what hooks add. */
static char Trace[256];
static BOOLEAN (*Hooks[26])(ULONG Reason);      /* of a DLL's entry point; the answer is DllMain's */
static PVOID Bases[26];                         /* of the last load by Load */

static VOID Note(char Sign, char Letter)
{
    SIZE_T Length = strlen(Trace);

    if (Length < sizeof(Trace) - 3) {
        Trace[Length] = Sign;
        Trace[Length + (Letter != 0)] = Letter != 0 ? Letter : Sign;
    }
}

static BOOLEAN NTAPI Entry(PVOID Base, ULONG Reason, PVOID Reserved)
{
    PLDR_DATA_TABLE_ENTRY Module = NULL;
    char Letter;

    if (Reason != DLL_PROCESS_ATTACH && Reason != DLL_PROCESS_DETACH)
        return TRUE;
    if (!NT_SUCCESS(LdrFindEntryForAddress(Base, &Module)) || Module->BaseDllName.Length < 10)
        return FALSE;
    Letter = (char)Module->BaseDllName.Buffer[4];
    Note(Reason == DLL_PROCESS_ATTACH ? '+' : '-', Letter);
    return Hooks[Letter - 'a'] == NULL || Hooks[Letter - 'a'](Reason);
}

/* Makes the DLL; imports as in makedll.h, a single letter for a DLL's Func. */
static VOID Make(char Letter, PCSZ First, PCSZ Second, PCSZ Third, PCSZ Forward)
{
    static const char Form[] = "ldr-?.dll!Func";
    PCSZ Imports[MAKEDLL_IMPORTS] = { First, Second, Third };
    char Texts[MAKEDLL_IMPORTS][32];
    MAKEDLL Dll = { .Forward = Forward, .Entry = (PVOID)Entry, .Value = (ULONG)Letter };

    for (ULONG Index = 0; Imports[Index] != NULL; Index++) {
        strcpy(Texts[Index], Form);
        Texts[Index][4] = Imports[Index][0];
        Dll.Imports[Index] = Imports[Index][1] == 0 ? Texts[Index] : Imports[Index];
    }
    CHECK_STATUS(STATUS_SUCCESS, MakeDll(MakeDllPath(Letter), &Dll));
}

static NTSTATUS Load(char Letter)
{
    UNICODE_STRING Name = MakeDllName(Letter);

    return LdrLoadDll(MAKEDLL_DIRECTORY, NULL, &Name, &Bases[Letter - 'a']);
}

static NTSTATUS Unload(char Letter)
{
    return LdrUnloadDll(Bases[Letter - 'a']);
}

static PVOID BaseOf(char Letter)
{
    UNICODE_STRING Name = MakeDllName(Letter);
    PVOID Base = NULL;

    LdrGetDllHandleEx(LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT, NULL, NULL, &Name, &Base);
    return Base;
}

static NTSTATUS GetExport(PVOID Base, PCSZ Name, ULONG (**Function)(VOID))
{
    ANSI_STRING String;

    RtlInitAnsiString(&String, Name);
    *Function = NULL;
    return LdrGetProcedureAddress(Base, &String, 0, (PVOID *)Function);
}

/* Is the trace the expected one?  Clears it. */
static BOOLEAN Traced(PCSZ Expected)
{
    BOOLEAN Equal = strcmp(Trace, Expected) == 0;

    if (!Equal)
        Print(L"    trace %S, expected %S\n", Trace, Expected);
    memset(Trace, 0, sizeof(Trace));
    return Equal;
}

static BOOLEAN NoneLoaded(PCSZ Letters)
{
    BOOLEAN None = TRUE;

    for (; *Letters != 0; Letters++)
        if (MakeDllIsLoaded(*Letters)) {
            Print(L"    %c is loaded\n", *Letters);
            None = FALSE;
        }
    return None;
}

static VOID ClearHooks(VOID)
{
    memset(Hooks, 0, sizeof(Hooks));
    memset(Trace, 0, sizeof(Trace));
}

static BOOLEAN Refuse(ULONG Reason)
{
    return Reason != DLL_PROCESS_ATTACH;
}

/* --- the order, and circles -------------------------------------------------------------------------------------- */

/* Source: Microsoft, "Dynamic-Link Library Best Practices": initialised behind what it needs, ended in the reverse order. */
static VOID TestOrder(VOID)
{
    Make('a', "b", "c", NULL, NULL);
    Make('b', "d", NULL, NULL, NULL);
    Make('c', "d", NULL, NULL, NULL);
    Make('d', NULL, NULL, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, Load('a'));
    CHECK(Traced("+d+b+c+a"));
    CHECK_STATUS(STATUS_SUCCESS, Load('c'));
    CHECK(Traced(""));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("-a-b") && NoneLoaded("ab"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('c'));
    CHECK(Traced("-c-d") && NoneLoaded("cd"));
    CHECK_STATUS(STATUS_SUCCESS, Load('a'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("+d+b+c+a-a-c-b-d") && NoneLoaded("abcd"));
}

/* Not on Wine, which unloads one DLL of a circle while others that need it stay, and others never. */
static VOID TestCircles(VOID)
{
    Make('e', "f", NULL, NULL, NULL);
    Make('f', "e", NULL, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, Load('e'));
    CHECK(Traced("+f+e"));
    CHECK_STATUS(STATUS_SUCCESS, Load('f'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('e'));
    CHECK(Traced("") && MakeDllIsLoaded('e') && MakeDllIsLoaded('f'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('f'));
    CHECK(Traced("-e-f") && NoneLoaded("ef"));

    Make('g', "h", NULL, NULL, NULL);
    Make('h', "i", NULL, NULL, NULL);
    Make('i', "g", "j", NULL, NULL);                /* with a tail */
    Make('j', NULL, NULL, NULL, NULL);
    Make('k', "h", NULL, NULL, NULL);               /* and something that holds it */
    CHECK_STATUS(STATUS_SUCCESS, Load('g'));
    CHECK(Traced("+j+i+h+g"));
    CHECK_STATUS(STATUS_SUCCESS, Load('k'));
    CHECK(Traced("+k"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('g'));
    CHECK(Traced("") && MakeDllIsLoaded('g') && MakeDllIsLoaded('j'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('k'));
    CHECK(Traced("-k-g-h-i-j") && NoneLoaded("ghijk"));
}

static VOID TestPinnedCircle(VOID)
{
    Make('l', "m", NULL, NULL, NULL);
    Make('m', "l", NULL, NULL, NULL);
    CHECK_STATUS(STATUS_SUCCESS, Load('l'));
    CHECK_STATUS(STATUS_SUCCESS, LdrAddRefDll(LDR_ADDREF_DLL_PIN, BaseOf('m')));
    CHECK_STATUS(STATUS_SUCCESS, Unload('l'));
    CHECK(Traced("+m+l") && MakeDllIsLoaded('l') && MakeDllIsLoaded('m'));
    LdrUnloadDll(BaseOf('m'));
    CHECK(Traced("") && MakeDllIsLoaded('l') && MakeDllIsLoaded('m'));
}

/* --- forwarders -------------------------------------------------------------------------------------------------- */

/* Not on Wine, which keeps what a forwarder has loaded. */
static VOID TestForwarders(VOID)
{
    UNICODE_STRING Directory = RTL_CONSTANT_UNICODE_STRING(MAKEDLL_DIRECTORY), None = { 0 };
    ULONG (*Function)(VOID);

    Make('a', "ldr-b.dll!Forward", NULL, NULL, NULL);       /* an import that is forwarded: its importer holds the target */
    Make('b', NULL, NULL, NULL, "ldr-c.Func");
    Make('c', NULL, NULL, NULL, "ldr-c.Func");
    CHECK_STATUS(STATUS_SUCCESS, Load('a'));
    CHECK(Traced("+b+c+a"));
    CHECK_STATUS(STATUS_SUCCESS, GetExport(BaseOf('b'), "Forward", &Function));
    CHECK(Function != NULL && Function() == 'c');
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("-a-c-b") && NoneLoaded("abc"));
    CHECK_STATUS(STATUS_SUCCESS, Load('b'));
    CHECK(Traced("+b") && !MakeDllIsLoaded('c'));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, GetExport(BaseOf('b'), "Forward", &Function));  /* not in the default directories */
    CHECK(Traced("") && Function == NULL && !MakeDllIsLoaded('c'));
    CHECK_STATUS(STATUS_SUCCESS, LdrSetDllDirectory(&Directory));
    CHECK_STATUS(STATUS_SUCCESS, GetExport(BaseOf('b'), "Forward", &Function));
    CHECK(Traced("+c") && Function != NULL && Function() == 'c');
    CHECK_STATUS(STATUS_SUCCESS, Unload('b'));
    CHECK(Traced("-c-b") && NoneLoaded("bc"));
    CHECK_STATUS(STATUS_SUCCESS, Load('c'));                /* forwards to itself */
    CHECK_STATUS(STATUS_SUCCESS, GetExport(BaseOf('c'), "Forward", &Function));
    CHECK(Function != NULL && Function() == 'c');
    CHECK_STATUS(STATUS_SUCCESS, Unload('c'));
    CHECK(Traced("+c-c") && NoneLoaded("c"));
    CHECK_STATUS(STATUS_SUCCESS, Load('b'));
    Hooks['c' - 'a'] = Refuse;
    CHECK_STATUS(STATUS_DLL_INIT_FAILED, GetExport(BaseOf('b'), "Forward", &Function));
    CHECK_STATUS(STATUS_DLL_INIT_FAILED, GetExport(BaseOf('b'), "Forward", &Function));
    CHECK(Traced("+b+c-c+c-c") && NoneLoaded("c"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('b'));
    CHECK(Traced("-b") && NoneLoaded("bc"));
    CHECK_STATUS(STATUS_SUCCESS, LdrSetDllDirectory(&None));
    ClearHooks();
}

/* Forwarders that lead in a circle, or to something that is not there. */
static VOID TestBadForwarders(VOID)
{
    static const PCSZ Targets[] = { "ldr-o.Forward", "ldr-o.None", "ldr-o.#9", "no-such-module.None", "ldr-o", "" };
    UNICODE_STRING Directory = RTL_CONSTANT_UNICODE_STRING(MAKEDLL_DIRECTORY), None = { 0 };
    ULONG (*Function)(VOID);

    CHECK_STATUS(STATUS_SUCCESS, LdrSetDllDirectory(&Directory));
    Make('o', NULL, NULL, NULL, "ldr-n.Forward");
    for (ULONG Index = 0; Index < ARRAYSIZE(Targets); Index++) {
        Make('n', NULL, NULL, NULL, Targets[Index]);
        CHECK_STATUS(STATUS_SUCCESS, Load('n'));
        if (!CHECK(!NT_SUCCESS(GetExport(BaseOf('n'), "Forward", &Function)) && Function == NULL && !MakeDllIsLoaded('o')))
            Print(L"    %S\n", Targets[Index]);
        CHECK_STATUS(STATUS_SUCCESS, Unload('n'));
        CHECK(Traced("+n-n") && NoneLoaded("no"));
    }
    CHECK_STATUS(STATUS_SUCCESS, LdrSetDllDirectory(&None));
}

/* --- loads from within entry points ------------------------------------------------------------------------------ */

static char InnerLetter;
static NTSTATUS InnerStatus;

static BOOLEAN LoadInner(ULONG Reason)
{
    if (Reason != DLL_PROCESS_ATTACH)
        return TRUE;
    Note('(', 0);
    InnerStatus = Load(InnerLetter);
    Note(')', 0);
    return TRUE;
}

static BOOLEAN FindExport(ULONG Reason)
{
    ULONG (*Function)(VOID);

    if (Reason != DLL_PROCESS_ATTACH)
        return TRUE;
    Note('(', 0);
    InnerStatus = GetExport(BaseOf('a'), "Func", &Function);
    if (!NT_SUCCESS(InnerStatus) || Function() != 'a')
        Note('!', 0);
    Note(')', 0);
    return TRUE;
}

/* a needs b and c, in this order; b loads Inner, which needs Needed. */
static NTSTATUS LoadNested(char Inner, PCSZ Needed)
{
    Make('a', "b", "c", NULL, NULL);
    Make('b', NULL, NULL, NULL, NULL);
    Make('c', NULL, NULL, NULL, NULL);
    Make('d', Needed, NULL, NULL, NULL);
    Hooks['b' - 'a'] = LoadInner;
    InnerLetter = Inner;
    InnerStatus = STATUS_UNSUCCESSFUL;
    return Load('a');
}

static VOID TestNested(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, LoadNested('d', NULL));        /* one of its own */
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b(+d)+c+a"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("-a-c-b") && MakeDllIsLoaded('d'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('d'));
    CHECK(Traced("-d") && NoneLoaded("abcd"));
    CHECK_STATUS(STATUS_SUCCESS, LoadNested('d', "c"));         /* one that needs what the outer load has not come to */
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b(+c+d)+a"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("-a-b") && MakeDllIsLoaded('c'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('d'));
    CHECK(Traced("-d-c") && NoneLoaded("abcd"));
    CHECK_STATUS(STATUS_SUCCESS, LoadNested('c', NULL));        /* what the outer load has not come to */
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b(+c)+a"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('c'));
    CHECK(Traced("-a-b-c") && NoneLoaded("abc"));
    CHECK_STATUS(STATUS_SUCCESS, LoadNested('a', NULL));        /* what is being loaded */
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b()+c+a"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("") && MakeDllIsLoaded('a'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("-a-c-b") && NoneLoaded("abc"));
    CHECK_STATUS(STATUS_SUCCESS, LoadNested('b', NULL));        /* what runs */
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b()+c+a"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('b'));
    CHECK(Traced("-a-c-b") && NoneLoaded("abc"));
    Hooks['b' - 'a'] = FindExport;
    CHECK_STATUS(STATUS_SUCCESS, Load('a'));                    /* a lookup initialises nothing */
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b()+c+a"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("-a-c-b"));
    ClearHooks();
}

/* --- entry points that refuse ------------------------------------------------------------------------------------ */

static VOID TestRefusals(VOID)
{
    Hooks['c' - 'a'] = Refuse;
    Make('a', "b", "c", "d", NULL);
    Make('b', NULL, NULL, NULL, NULL);
    Make('c', NULL, NULL, NULL, NULL);
    Make('d', NULL, NULL, NULL, NULL);
    CHECK_STATUS(STATUS_DLL_INIT_FAILED, Load('a'));
    CHECK(Traced("+b+c-c-b") && NoneLoaded("abcd"));
    CHECK_STATUS(STATUS_DLL_INIT_FAILED, Load('c'));
    CHECK(Traced("+c-c") && NoneLoaded("c"));
    ClearHooks();
    Hooks['e' - 'a'] = Refuse;                                  /* in a circle */
    if (!IsWine) {
        CHECK_STATUS(STATUS_DLL_INIT_FAILED, Load('e'));
        CHECK(Traced("+f+e-e-f") && NoneLoaded("ef"));
        CHECK_STATUS(STATUS_DLL_INIT_FAILED, Load('f'));
        CHECK(Traced("+e-e") && NoneLoaded("ef"));
    }
    ClearHooks();
    Hooks['d' - 'a'] = Refuse;                                  /* in the inner load only */
    CHECK_STATUS(STATUS_SUCCESS, LoadNested('d', "q"));
    CHECK(InnerStatus == STATUS_DLL_INIT_FAILED && Traced("+b(+q+d-d-q)+c+a") && NoneLoaded("dq"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(Traced("-a-c-b") && NoneLoaded("abc"));
    ClearHooks();
    Hooks['c' - 'a'] = Refuse;                                  /* in the inner load, and the outer one needs it */
    CHECK_STATUS(STATUS_DLL_INIT_FAILED, LoadNested('c', NULL));
    TODO(OnWine, CHECK(InnerStatus == STATUS_DLL_INIT_FAILED && Traced("+b(+c-c)-b")));     /* it asks c once more */
    CHECK(NoneLoaded("abc"));
    ClearHooks();
    Hooks['a' - 'a'] = Refuse;                                  /* in the outer load, when the inner one is done */
    CHECK_STATUS(STATUS_DLL_INIT_FAILED, LoadNested('d', "c"));
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b(+c+d)+a-a-b") && NoneLoaded("ab") && MakeDllIsLoaded('c'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('d'));
    CHECK(Traced("-d-c") && NoneLoaded("cd"));
    ClearHooks();
}

/* --- entry points at the end ------------------------------------------------------------------------------------- */

/* Loaded at attach, unloaded at detach, as programs do. */
static BOOLEAN HoldD(ULONG Reason)
{
    Note('(', 0);
    InnerStatus = Reason == DLL_PROCESS_ATTACH ? Load('d') : Unload('d');
    Note(')', 0);
    return TRUE;
}

static NTSTATUS LoadOfNew;

/* Finds itself and what ends with it; loads one that ends, and one that needs it. */
static BOOLEAN LoadAtEnd(ULONG Reason)
{
    ULONG (*Function)(VOID);

    if (Reason != DLL_PROCESS_DETACH)
        return TRUE;
    Note('(', 0);
    if (!MakeDllIsLoaded('a') || !MakeDllIsLoaded('b') || !NT_SUCCESS(GetExport(BaseOf('b'), "Func", &Function)) || Function() != 'b')
        Note('!', 0);
    InnerStatus = Load('b');
    Unload('b');
    LoadOfNew = IsWine ? STATUS_DLL_NOT_FOUND : Load('d');
    Note(')', 0);
    return TRUE;
}

static VOID TestEnd(VOID)
{
    Make('a', "b", NULL, NULL, NULL);
    Make('b', NULL, NULL, NULL, NULL);
    Make('d', NULL, NULL, NULL, NULL);
    Hooks['a' - 'a'] = HoldD;
    CHECK_STATUS(STATUS_SUCCESS, Load('a'));
    CHECK(InnerStatus == STATUS_SUCCESS && Traced("+b+a(+d)"));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    TODO(OnWine, CHECK(InnerStatus == STATUS_SUCCESS && Traced("-a(-d)-b")));       /* it ends d when a has returned */
    CHECK(NoneLoaded("abd"));
    ClearHooks();
    Make('d', "b", NULL, NULL, NULL);                           /* the inner unload must not end b before its time */
    Hooks['a' - 'a'] = HoldD;
    CHECK_STATUS(STATUS_SUCCESS, Load('a'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    TODO(OnWine, CHECK(Traced("+b+a(+d)-a(-d)-b")));
    CHECK(NoneLoaded("abd"));
    ClearHooks();
    Hooks['a' - 'a'] = LoadAtEnd;
    CHECK_STATUS(STATUS_SUCCESS, Load('a'));
    CHECK_STATUS(STATUS_SUCCESS, Unload('a'));
    CHECK(InnerStatus == STATUS_SUCCESS && LoadOfNew == STATUS_DLL_NOT_FOUND);
    CHECK(Traced("+b+a-a()-b") && NoneLoaded("abd"));
    ClearHooks();
}

/* --- loads that fail --------------------------------------------------------------------------------------------- */

static const struct {
    PCSZ Import;
    NTSTATUS Status;
} Failures[] = {
    { "ldr-no.dll!Func", STATUS_DLL_NOT_FOUND },
    { "ldr-c.dll!None", STATUS_ENTRYPOINT_NOT_FOUND },
    { "ldr-c.dll#77", STATUS_ORDINAL_NOT_FOUND },
    { "ldr-c.dll#1", STATUS_ORDINAL_NOT_FOUND },        /* an empty place of the table */
};

static BOOLEAN Counts(PULONG Handles, PSIZE_T Pages)
{
    VM_COUNTERS Memory = { 0 };

    *Pages = 0;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(NtCurrentProcess(), ProcessHandleCount, Handles, sizeof(*Handles), NULL)) ||
        !CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationProcess(NtCurrentProcess(), ProcessVmCounters, &Memory, sizeof(Memory), NULL)))
        return FALSE;
    *Pages = Memory.PagefileUsage / 0x1000;
    return TRUE;
}

/* a needs b, then what is not there; s does, too, and is in a circle with t.  Not on Wine, which gives functions that raise
 * for those that are missing, and keeps b. */
static VOID TestFailures(VOID)
{
    ULONG HandlesBefore, HandlesAfter;
    SIZE_T PagesBefore, PagesAfter;

    Make('b', NULL, NULL, NULL, NULL);
    Make('c', NULL, NULL, NULL, NULL);
    for (ULONG Index = 0; Index < ARRAYSIZE(Failures); Index++) {
        Make('a', "b", Failures[Index].Import, NULL, NULL);
        if (!CHECK_STATUS(Failures[Index].Status, Load('a')))
            Print(L"    %S\n", Failures[Index].Import);
        CHECK(Traced("") && NoneLoaded("abc"));
    }
    Make('s', "t", "ldr-c.dll!None", NULL, NULL);
    Make('t', "s", NULL, NULL, NULL);
    CHECK_STATUS(STATUS_ENTRYPOINT_NOT_FOUND, Load('s'));
    CHECK_STATUS(STATUS_ENTRYPOINT_NOT_FOUND, Load('t'));
    CHECK(Traced("") && NoneLoaded("stc"));
    Counts(&HandlesBefore, &PagesBefore);
    for (ULONG Round = 0; Round < 250; Round++) {
        Hooks['c' - 'a'] = Refuse;
        if (Load('a') != STATUS_ORDINAL_NOT_FOUND || Load('s') != STATUS_ENTRYPOINT_NOT_FOUND ||
            Load('t') != STATUS_ENTRYPOINT_NOT_FOUND || Load('c') != STATUS_DLL_INIT_FAILED)
            Note('!', 0);
        if (Round < 16)                 /* blocks that stay */
            Counts(&HandlesBefore, &PagesBefore);
    }
    CHECK(strchr(Trace, '!') == NULL && NoneLoaded("abcst"));
    if (Counts(&HandlesAfter, &PagesAfter) &&
        !CHECK(HandlesAfter == HandlesBefore && PagesAfter <= PagesBefore))
        Print(L"    handles %u, then %u; pages %zu, then %zu\n", HandlesBefore, HandlesAfter, PagesBefore, PagesAfter);
    ClearHooks();
}

/* --- a chain ----------------------------------------------------------------------------------------------------- */

#define CHAIN 300

static VOID TestChain(VOID)
{
    WCHAR Path[40];
    char Import[40];
    UNICODE_STRING Name;
    PVOID First = NULL, Last = NULL;

    for (ULONG Index = 0; Index < CHAIN; Index++) {
        MAKEDLL Dll = { .Imports = { Index + 1 < CHAIN ? Import : NULL } };

        _snprintf(Import, sizeof(Import), "link-%u.dll!Func", Index + 1);
        _snwprintf(Path, ARRAYSIZE(Path), MAKEDLL_DIRECTORY L"link-%u.dll", Index);
        if (!CHECK_STATUS(STATUS_SUCCESS, MakeDll(Path, &Dll)))
            return;
    }
    RtlInitUnicodeString(&Name, L"link-0.dll");
    CHECK_STATUS(STATUS_SUCCESS, LdrLoadDll(MAKEDLL_DIRECTORY, NULL, &Name, &First));
    RtlInitUnicodeString(&Name, L"link-299.dll");
    CHECK_STATUS(STATUS_SUCCESS, LdrGetDllHandle(NULL, NULL, &Name, &Last));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(First));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrGetDllHandle(NULL, NULL, &Name, &Last));
    for (ULONG Index = 0; Index < CHAIN; Index++) {
        _snwprintf(Path, ARRAYSIZE(Path), MAKEDLL_DIRECTORY L"link-%u.dll", Index);
        MakeDllFile(Path, NULL, 0);
    }
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    Make('q', NULL, NULL, NULL, NULL);
    TestOrder();
    if (!IsWine) {
        TestCircles();
        TestPinnedCircle();
        TestForwarders();
        TestBadForwarders();
    }
    TestNested();
    TestRefusals();
    TestEnd();
    if (!IsWine)
        TestFailures();
    TestChain();
    ClearHooks();
    MakeDllDeleteAll();
    return CheckClose();
}
