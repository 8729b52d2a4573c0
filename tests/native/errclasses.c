/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Information classes: each of 0 to 255, and some beyond, with many lengths, to every service that has a class and a length
 * (the rows of errors-table.h).
 *
 * Whatever the class is: a query writes nothing behind the length that it is given and nothing if it fails (but for a part of an
 * answer that overflows); no class takes a buffer of no bytes; what is no class is none with any length.  What is
 * set wants its length: a shorter one is refused.
 *
 * Runs on: Nereid.
 */
#include "errors.h"
#include "errors-table.h"

#define FILL 0xcc
#define LAST_CLASS 0x103                /* a byte and some */

static const ULONG Lengths[] = { 0, 1, 2, 4, 7, 8, 0xc, 0x10, 0x14, 0x17, 0x18, 0x20, 0x28, 0x30, 0x38, 0x40, 0x48, 0x60, 0x70, 0x78, 0x100, 0x800 };

/* What a call may say of a class or its length. */
static const NTSTATUS Refusals[] = {
    STATUS_INVALID_INFO_CLASS, STATUS_INFO_LENGTH_MISMATCH, STATUS_BUFFER_TOO_SMALL, STATUS_BUFFER_OVERFLOW, STATUS_INVALID_PARAMETER,
    STATUS_NOT_IMPLEMENTED, STATUS_NOT_SUPPORTED, STATUS_ACCESS_DENIED, STATUS_PRIVILEGE_NOT_HELD, STATUS_INVALID_DEVICE_REQUEST,
};

/* What else a class says, with any length. */
static const struct {
    PCSTR Service;
    ULONG Class;
    NTSTATUS Status;
} Others[] = {
    { "NtQueryInformationProcess", 30, STATUS_PORT_NOT_SET },           /* ProcessDebugObjectHandle: there is no debugger */
    { "NtQueryInformationFile", 21, STATUS_OBJECT_NAME_NOT_FOUND },     /* FileAlternateNameInformation: there is none */
    { "NtQueryInformationToken", 19, STATUS_NO_SUCH_LOGON_SESSION },    /* TokenLinkedToken: there is none */
    { "NtQueryVirtualMemory", 2, STATUS_INVALID_ADDRESS },              /* MemoryMappedFilenameInformation: private memory */
    { "NtQuerySection", 1, STATUS_SECTION_NOT_IMAGE },
    { "NtQuerySection", 2, STATUS_SECTION_NOT_IMAGE },
};

/* Classes that may be asked for with no room, or set with nothing. */
static const struct {
    PCSTR Service;
    ULONG Class;
} WithoutRoom[] = {
    { "NtQuerySystemInformation", 3 },  /* SystemTimeOfDayInformation: as much as fits */
    { "NtQuerySystemInformation", 18 }, /* SystemPageFileInformation: an entry a page file, and there is none */
    { "NtSetInformationThread", 17 },   /* ThreadHideFromDebugger: there is nothing to say */
};

/* Classes that write something with a failure: what there is, and how much there would be; that there is no handle. */
static const struct {
    PCSTR Service;
    ULONG Class;
    NTSTATUS Status;
} Filling[] = {
    { "NtQuerySystemInformation", 11, STATUS_INFO_LENGTH_MISMATCH },    /* SystemModuleInformation */
    { "NtQueryVirtualMemory", 1, STATUS_INFO_LENGTH_MISMATCH },         /* MemoryWorkingSetInformation: the number of pages */
    { "NtQueryInformationProcess", 30, STATUS_PORT_NOT_SET },           /* ProcessDebugObjectHandle: NULL */
};

static struct {
    PCSTR Name;
    ANY_SERVICE Service;
    ARGUMENT Arguments[MOST_ARGUMENTS];
    ULONG Count, Class, Length, Buffer; /* which arguments these are */
} Row;

static BOOLEAN IsQuery(VOID)
{
    return Row.Arguments[Row.Buffer].Kind == '>';
}

static BOOLEAN MayRefuse(ULONG Class, NTSTATUS Status)
{
    for (ULONG i = 0; i < ARRAYSIZE(Refusals); i++)
        if (Status == Refusals[i])
            return TRUE;
    for (ULONG i = 0; i < ARRAYSIZE(Others); i++)
        if (strcmp(Others[i].Service, Row.Name) == 0 && Others[i].Class == Class && Others[i].Status == Status)
            return TRUE;
    return FALSE;
}

static BOOLEAN NeedsNoRoom(ULONG Class)
{
    for (ULONG i = 0; i < ARRAYSIZE(WithoutRoom); i++)
        if (strcmp(WithoutRoom[i].Service, Row.Name) == 0 && WithoutRoom[i].Class == Class)
            return TRUE;
    return FALSE;
}

static BOOLEAN Fills(ULONG Class, NTSTATUS Status)
{
    for (ULONG i = 0; i < ARRAYSIZE(Filling); i++)
        if (strcmp(Filling[i].Service, Row.Name) == 0 && Filling[i].Class == Class)
            return Status == Filling[i].Status;
    return FALSE;
}

static BOOLEAN IsFilled(ULONG From)
{
    for (ULONG i = From; i < MEMORY_SIZE; i++)
        if (Memory[Row.Buffer][i] != FILL)
            return FALSE;
    return TRUE;
}

static VOID Expect(BOOLEAN Holds, PCSTR What, ULONG Class, ULONG Length, NTSTATUS Status)
{
    if (!CHECK(Holds))
        Print(L"    %hs, class %u, length 0x%x: 0x%08X, %hs\n", Row.Name, Class, Length, Status, What);
}

static NTSTATUS CallWith(ULONG Class, ULONG Length)
{
    ULONG_PTR A[MOST_ARGUMENTS] = { 0 };

    Build(Row.Arguments, Row.Count, A);
    A[Row.Class] = Class;
    A[Row.Length] = Length;
    memset(Memory[Row.Buffer], FILL, MEMORY_SIZE);
    return Call(Row.Service, A);
}

static VOID TestQuery(ULONG Class)
{
    BOOLEAN IsNone = CallWith(Class, Lengths[0]) == STATUS_INVALID_INFO_CLASS;

    for (ULONG i = 0; i < ARRAYSIZE(Lengths); i++) {
        NTSTATUS Status = CallWith(Class, Lengths[i]);
        BOOLEAN Answers = NT_SUCCESS(Status) || Status == STATUS_BUFFER_OVERFLOW || Fills(Class, Status);

        Expect(NT_SUCCESS(Status) || MayRefuse(Class, Status), "which is no answer", Class, Lengths[i], Status);
        Expect(IsFilled(Answers ? Lengths[i] : 0), Answers ? "more is written" : "something is written", Class, Lengths[i], Status);
        Expect((Status == STATUS_INVALID_INFO_CLASS) == IsNone, "a class with some lengths only", Class, Lengths[i], Status);
        if (Lengths[i] == 0)
            Expect(!NT_SUCCESS(Status) || NeedsNoRoom(Class), "a success with no room", Class, 0, Status);
    }
}

/* Lengths that are too short for any class but a flag of a byte. */
static VOID TestSet(ULONG Class)
{
    static const ULONG Short[] = { 0, 1, 3 };

    for (ULONG i = 0; i < ARRAYSIZE(Short); i++) {
        NTSTATUS Status = CallWith(Class, Short[i]);

        Expect((NT_SUCCESS(Status) && (Short[i] != 0 || NeedsNoRoom(Class))) || (!NT_SUCCESS(Status) && MayRefuse(Class, Status)),
               "which is no answer", Class, Short[i], Status);
    }
}

/* errclasses [NUMBER]: that row only. */
int wmain(int ArgumentCount, PWSTR *Arguments)
{
    ULONG Rows = 0;

    CheckSystem();
    PrepareCalls();
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++) {
        Row.Name = Calls[i].Service;
        Row.Service = FindService(Row.Name);
        Row.Count = Parse(Calls[i].Arguments, Row.Arguments);
        if (!FindClass(Row.Arguments, Row.Count, &Row.Class, &Row.Length, &Row.Buffer) || (ArgumentCount > 1 && wcstoul(Arguments[1], NULL, 10) != i))
            continue;
        Rows++;
        for (ULONG Class = 0; Class <= LAST_CLASS; Class++)
            if (IsQuery())
                TestQuery(Class);
            else
                TestSet(Class);
    }
    Print(L"%u services with classes\n", Rows);
    return CheckClose();
}
