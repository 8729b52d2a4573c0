/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pointers that are not aligned, for every pointer of every service: the good calls of errors-table.h, with what the pointer points to
 * moved by a byte.  Such a call answers and writes what the same call with an aligned pointer does, and not a byte beside it; where the
 * documentation wants an alignment (Wanted) it is STATUS_DATATYPE_MISALIGNMENT and nothing is written.
 *
 * Of each information class only the status is compared.
 *
 * A call is made twice before it is made with a moved pointer: bytes that are not the same in both answers are not compared.
 *
 * Runs on: Nereid.
 */
#include "errors.h"
#include "errors-table.h"
#include "services.h"

#define FILL 0xcc
#define ATTEMPTS 3                      /* an answer may change of itself */
#define WORD sizeof(ULONG64)
#define LAST_CLASS 0x100

/* What has to be aligned; there is no other such place. */
static const struct {
    PCSTR Service;
    ULONG Arguments;                    /* 1 << number */
} Wanted[] = {
    /* ReadDirectoryChangesW: "a pointer to the DWORD-aligned formatted buffer", ERROR_NOACCESS if it is not. */
    { "NtNotifyChangeDirectoryFile", 1 << 5 }, { "NtNotifyChangeDirectoryFileEx", 1 << 5 },
};

/* Good calls that cannot be made. */
static const struct {
    PCSTR Service, Reason;
} NotMade[] = {
    { "NtNotifyChangeDirectoryFile", "waits for a change" },
    { "NtNotifyChangeDirectoryFileEx", "waits for a change" },
    { "NtNotifyChangeKey", "its answer comes later: TestNotify" },
    { "NtListenPort", "waits for a client" },
    { "NtReplyWaitReceivePort", "waits for a message" },
};

typedef struct _ANSWER {
    NTSTATUS Status;
    ULONG_PTR Places[MOST_ARGUMENTS];
    UCHAR Bytes[MOST_ARGUMENTS][MEMORY_SIZE];
} ANSWER;

static struct {
    PCSTR Name;
    ANY_SERVICE Service;
    const SERVICE_ROW *Roles;
    ARGUMENT Arguments[MOST_ARGUMENTS];
    ULONG Count;
} Row;

static ANSWER Answers[3];               /* two of aligned pointers, one of a moved one */
static UCHAR Moved[MEMORY_SIZE + 0x20] __attribute__((aligned(16)));

static BOOLEAN IsMade(PCSTR Service)
{
    for (ULONG i = 0; i < ARRAYSIZE(NotMade); i++)
        if (strcmp(NotMade[i].Service, Service) == 0)
            return FALSE;
    return TRUE;
}

static BOOLEAN WantsAlignment(ULONG Argument)
{
    for (ULONG i = 0; i < ARRAYSIZE(Wanted); i++)
        if (strcmp(Wanted[i].Service, Row.Name) == 0 && Wanted[i].Arguments & 1u << Argument)
            return TRUE;
    return FALSE;
}

static BOOLEAN IsAnswer(ULONG Argument)
{
    return IsPointer(&Row.Arguments[Argument]) && Row.Arguments[Argument].Kind != '<' && SizeOf(&Row.Arguments[Argument]) != 0;
}

static BOOLEAN HasName(const ARGUMENT *Argument)
{
    return (Argument->What == 'O' && Argument->Number != 0) || (Argument->What == 'U' && Argument->Number != 2);
}

/* A good call's arguments; what only an answer goes to is filled. */
static BOOLEAN BuildCall(ULONG_PTR *A)
{
    memset(A, 0, MOST_ARGUMENTS * sizeof(*A));
    if (!Build(Row.Arguments, Row.Count, A))
        return FALSE;
    for (ULONG i = 0; i < Row.Count; i++)
        if (Row.Arguments[i].Kind == '>' && Row.Arguments[i].What == 0)
            memset((PVOID)A[i], FILL, SizeOf(&Row.Arguments[i]));
    return TRUE;
}

/* Objects that the call has made go. */
static VOID CloseMade(NTSTATUS Status, const ULONG_PTR *A)
{
    HANDLE Made;

    for (ULONG i = 0; NT_SUCCESS(Status) && Row.Roles->Roles[i] != 0; i++) {
        if (Row.Roles->Roles[i] != 'h')
            continue;
        memcpy(&Made, (PVOID)A[i], sizeof(Made));
        NtClose(Made);
    }
}

static VOID MakeCall(const ULONG_PTR *A, ANSWER *Answer)
{
    Answer->Status = Call(Row.Service, A);
    memcpy(Answer->Places, A, sizeof(Answer->Places));
    for (ULONG i = 0; i < Row.Count; i++)
        if (IsAnswer(i))
            memcpy(Answer->Bytes[i], (PVOID)A[i], SizeOf(&Row.Arguments[i]));
    CloseMade(Answer->Status, A);
}

/* The same, or the address of the same place of the buffer. */
static BOOLEAN SameWord(ULONG Argument, ULONG Offset, ULONG Part)
{
    ULONG64 Word[2] = { 0 };

    for (ULONG i = 0; i < 2; i++)
        memcpy(&Word[i], &Answers[i + 1].Bytes[Argument][Offset], Part);
    return Word[0] == Word[1] || (Part == WORD && Word[0] - Answers[1].Places[Argument] == Word[1] - Answers[2].Places[Argument]);
}

/* Words that are no clock, counter or handle: the same in both of the first answers. */
static BOOLEAN SameAnswer(ULONG Argument)
{
    ULONG Size = SizeOf(&Row.Arguments[Argument]);

    for (ULONG i = 0; i < Size; i += WORD) {
        ULONG Part = min(WORD, Size - i);

        if (memcmp(&Answers[0].Bytes[Argument][i], &Answers[1].Bytes[Argument][i], Part) == 0 && !SameWord(Argument, i, Part))
            return FALSE;
    }
    return TRUE;
}

static BOOLEAN IsFilled(const UCHAR *Bytes, ULONG Length)
{
    for (ULONG i = 0; i < Length; i++)
        if (Bytes[i] != FILL)
            return FALSE;
    return TRUE;
}

/* The pointer itself is odd, or (Inside) the one to the characters of the name that it points to. */
static VOID MoveArgument(ULONG_PTR *A, ULONG Argument, BOOLEAN Inside)
{
    memset(Moved, FILL, sizeof(Moved));
    if (Inside) {
        memcpy(Moved + 1, Names[Argument].Text, sizeof(Names[Argument].Text));
        Names[Argument].String.Buffer = (PWSTR)(PVOID)(Moved + 1);
    } else {
        memcpy(Moved + 1, (PVOID)A[Argument], SizeOf(&Row.Arguments[Argument]));
        A[Argument] = (ULONG_PTR)(Moved + 1);
    }
}

/* Whether the answer is the same; Beside: bytes beside it are not. */
static BOOLEAN TryMoved(ULONG Argument, BOOLEAN Inside, PBOOLEAN Beside)
{
    ULONG Size = SizeOf(&Row.Arguments[Argument]);
    ULONG_PTR A[MOST_ARGUMENTS];

    for (ULONG i = 0; i < 2; i++) {
        BuildCall(A);
        MakeCall(A, &Answers[i]);
    }
    BuildCall(A);
    MoveArgument(A, Argument, Inside);
    MakeCall(A, &Answers[2]);
    *Beside = Moved[0] != FILL || (!Inside && !IsFilled(Moved + 1 + Size, sizeof(Moved) - 1 - Size));
    if (Answers[2].Status != Answers[1].Status)
        return FALSE;
    for (ULONG i = 0; i < Row.Count && !Inside; i++)
        if (IsAnswer(i) && !SameAnswer(i))
            return FALSE;
    return TRUE;
}

static VOID TestMoved(ULONG Argument, BOOLEAN Inside)
{
    BOOLEAN Beside = FALSE, Same = FALSE;

    for (ULONG i = 0; i < ATTEMPTS && !Same && !Beside; i++)
        Same = TryMoved(Argument, Inside, &Beside);
    if (!CHECK(Same && !Beside))
        Print(L"    %hs, argument %u%hs: 0x%08X, aligned 0x%08X%hs\n", Row.Name, Argument, Inside ? ", its characters" : "",
              Answers[2].Status, Answers[1].Status, Beside ? ", bytes beside it are written" : "");
}

/* Refused before anything happens: even of a call that would wait. */
static VOID TestRefused(ULONG Argument)
{
    ULONG_PTR A[MOST_ARGUMENTS];

    BuildCall(A);
    MoveArgument(A, Argument, FALSE);
    if (!CHECK_STATUS(STATUS_DATATYPE_MISALIGNMENT, Call(Row.Service, A)))
        Print(L"    %hs, argument %u\n", Row.Name, Argument);
    if (Row.Arguments[Argument].Kind == '>')
        CHECK(IsFilled(Moved, sizeof(Moved)));
}

static VOID TestRow(VOID)
{
    ULONG_PTR A[MOST_ARGUMENTS];

    if (!CHECK(BuildCall(A))) {
        Print(L"    %hs: no object for it\n", Row.Name);
        return;
    }
    for (ULONG i = 0; i < Row.Count; i++) {
        if (!IsPointer(&Row.Arguments[i]) || SizeOf(&Row.Arguments[i]) == 0)
            continue;
        if (WantsAlignment(i))
            TestRefused(i);
        else if (IsMade(Row.Name))
            TestMoved(i, FALSE);
        if (IsMade(Row.Name) && HasName(&Row.Arguments[i]))
            TestMoved(i, TRUE);
    }
}

/* --- information classes ------------------------------------------------------------------------------------------ */

/* The argument of that kind; Row.Count: there is none. */
static ULONG FindArgument(BOOLEAN (*Is)(const ARGUMENT *Argument))
{
    ULONG i = 0;

    while (i < Row.Count && !Is(&Row.Arguments[i]))
        i++;
    return i;
}

/* The buffer that an answer goes to has as many bytes as the length says. */
static ULONG FindBuffer(ULONG Length)
{
    ULONG i = 0;

    while (i < Row.Count && (Row.Arguments[i].Kind != '>' || Row.Arguments[i].What != 0 || Row.Arguments[i].Number != Row.Arguments[Length].Number))
        i++;
    return i;
}

/* With the first length that the class takes; FALSE: it takes none of them. */
static BOOLEAN FindLength(ULONG_PTR *A, ULONG Length, NTSTATUS *Status)
{
    static const ULONG Lengths[] = { 1, 4, 8, 0xc, 0x10, 0x14, 0x18, 0x20, 0x28, 0x30, 0x38, 0x40, 0x48, 0x60, 0x70, 0x100, 0x800 };

    for (ULONG i = 0; i < ARRAYSIZE(Lengths); i++) {
        A[Length] = Lengths[i];
        *Status = Call(Row.Service, A);
        if (NT_SUCCESS(*Status))
            return TRUE;
    }
    return FALSE;
}

static VOID TestClasses(VOID)
{
    ULONG Class = FindArgument(IsClass), Length = FindArgument(IsLength), Buffer = Length < Row.Count ? FindBuffer(Length) : Row.Count;
    ULONG_PTR A[MOST_ARGUMENTS];

    if (Class == Row.Count || Buffer == Row.Count)
        return;
    for (ULONG Value = 0; Value <= LAST_CLASS; Value++) {
        NTSTATUS Status, MovedStatus;

        BuildCall(A);
        A[Class] = Value;
        if (!FindLength(A, Length, &Status))
            continue;
        memset(Moved, FILL, sizeof(Moved));
        A[Buffer] = (ULONG_PTR)(Moved + 1);
        MovedStatus = Call(Row.Service, A);
        if (!CHECK(MovedStatus == Status && Moved[0] == FILL && IsFilled(Moved + 1 + A[Length], sizeof(Moved) - 1 - A[Length])))
            Print(L"    %hs, class %u, length 0x%llx: 0x%08X, aligned 0x%08X\n", Row.Name, Value, A[Length], MovedStatus, Status);
    }
}

/* An answer that comes later. */
static VOID TestNotify(VOID)
{
    UNICODE_STRING Path = RTL_CONSTANT_UNICODE_STRING(L"\\Registry\\Machine\\Software\\errors");
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes), .ObjectName = &Path, .Attributes = OBJ_CASE_INSENSITIVE };
    PIO_STATUS_BLOCK Later = (PIO_STATUS_BLOCK)(PVOID)(Moved + 1);
    IO_STATUS_BLOCK IoStatus;
    HANDLE Key;

    memset(Moved, FILL, sizeof(Moved));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_NOTIFY, &Attributes));
    CHECK_STATUS(STATUS_PENDING, NtNotifyChangeKey(Key, NULL, NULL, NULL, Later, REG_NOTIFY_CHANGE_NAME, FALSE, NULL, 0, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Key));
    memcpy(&IoStatus, Later, sizeof(IoStatus));
    CHECK_STATUS(STATUS_NOTIFY_CLEANUP, IoStatus.Status);
    CHECK(Moved[0] == FILL && IsFilled(Moved + 1 + sizeof(IoStatus), sizeof(Moved) - 1 - sizeof(IoStatus)));
}

static const SERVICE_ROW *FindRoles(PCSTR Name)
{
    for (ULONG i = 0; i < SERVICE_COUNT; i++)
        if (strcmp(Services[i].Name, Name) == 0)
            return &Services[i];
    return NULL;
}

/* erralign [SERVICE]: that one only. */
int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    PrepareCalls();
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++) {
        WCHAR Name[64];

        Row.Name = Calls[i].Service;
        Row.Service = FindService(Row.Name);
        Row.Roles = FindRoles(Row.Name);
        Row.Count = Parse(Calls[i].Arguments, Row.Arguments);
        _snwprintf(Name, ARRAYSIZE(Name), L"%hs", Row.Name);
        if (ArgumentCount > 1 && wcscmp(Arguments[1], Name) != 0)
            continue;
        TestRow();
        TestClasses();
    }
    TestNotify();
    return CheckClose();
}
