/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Run mode: one program of the host's instead of a console.
 *
 * The program's standard handles are pipes; its current directory is its file's.  One thread carries bytes between the
 * pipes and the host (abi/runlink.h) until the program has ended and its pipes are empty, says how it ended, sends
 * the files that the host asks for, and switches the machine off.  The log gets the exit status too.
 *
 * DIFFERS: processes that the program leaves behind end with the machine.
 */
#include "runner.h"

static const WCHAR LinkPort[] = L"\\Device\\Serial1";

enum { Output1, Output2, InputDone, LinkRead, ProgramEnd, HandleCount };

typedef struct _RUNNER {
    RUN_LINK Link;
    RUN_INPUT Input;
    RUN_OUTPUT Output[2];
    HANDLE Process;
    BOOLEAN Off;                /* the host has all it wants */
    WCHAR Path[1024];           /* of the file it wants */
    char Name[MAXIMUM_SHORT * 4];
    ULONG NameLength;
} RUNNER, *PRUNNER;

static RUNNER Runner;

/* --- the program -------------------------------------------------------------------------------------------------- */

/* The directory of an absolute path, without a backslash at its end unless it is a root. */
static VOID CutFileName(PWSTR Path)
{
    PWSTR Slash = wcsrchr(Path, L'\\');

    if (Slash != NULL)
        Slash[Slash == Path + 2] = 0;
}

static NTSTATUS OpenStreams(PROCESS_START *Start)
{
    NTSTATUS Status = OpenInput(&Runner.Input, &Start->Input);

    if (NT_SUCCESS(Status))
        Status = OpenOutput(&Runner.Output[0], 1, &Start->Output);
    if (NT_SUCCESS(Status))
        Status = OpenOutput(&Runner.Output[1], 2, &Start->Error);
    return Status;
}

static NTSTATUS StartTheProgram(PCWSTR CommandLine, PWSTR Image)
{
    PROCESS_START Start = { .ImagePath = Image, .CommandLine = CommandLine };
    PWSTR Directory = DuplicateString(Image);
    ULONG ProcessId;
    NTSTATUS Status;

    if (Directory == NULL)
        return STATUS_NO_MEMORY;
    CutFileName(Directory);
    Start.CurrentDirectory = Directory;
    Status = StartTerminal(&Start.Console);
    if (!NT_SUCCESS(Status))
        Report(L"smss: the program has no console: %s\n", DescribeStatus(Status));
    Status = OpenStreams(&Start);
    if (NT_SUCCESS(Status))
        Status = StartProcess(&Start, &Runner.Process, &ProcessId);
    /* The program has duplicates; while these live, no pipe of its would end. */
    NtClose(Start.Input);
    NtClose(Start.Output);
    NtClose(Start.Error);
    Free(Directory);
    return Status;
}

/* --- files for the host ------------------------------------------------------------------------------------------- */

static VOID EndFile(PRUN_LINK Link, NTSTATUS Status)
{
    char Text[MAXIMUM_SHORT];
    ULONG Length = 0;
    PCWSTR Reason = DescribeStatus(Status);

    if (!NT_SUCCESS(Status))
        RtlUnicodeToUTF8N(Text, sizeof(Text), &Length, Reason, (ULONG)(wcslen(Reason) * sizeof(WCHAR)));
    SendShort(Link, RUN_FILE_END, 0, Text, Length);
}

VOID SendFile(PRUN_LINK Link, PRUN_MESSAGE Message, PCWSTR Path)
{
    HANDLE File;
    ULONG Length;
    NTSTATUS Status = OpenPath(Path, FILE_READ_DATA, FILE_OPEN, FILE_NON_DIRECTORY_FILE, &File);

    if (!NT_SUCCESS(Status)) {
        EndFile(Link, Status);
        return;
    }
    do {
        Status = ReadBytes(File, Message->Data, PIECE_SIZE, &Length);
        if (NT_SUCCESS(Status) && Length != 0)
            Status = SendMessage(Link, Message, RUN_FILE, 0, Length);
    } while (NT_SUCCESS(Status) && Length != 0);
    NtClose(File);
    EndFile(Link, Status == STATUS_END_OF_FILE ? STATUS_SUCCESS : Status);
}

static NTSTATUS TakeFileName(const RUN_PIECE *Piece)
{
    ULONG Bytes = 0;
    NTSTATUS Status;

    if (Runner.Process != NULL || Piece->Length > sizeof(Runner.Name) - Runner.NameLength)
        return STATUS_DATA_ERROR;
    memcpy(Runner.Name + Runner.NameLength, Piece->Bytes, Piece->Length);
    Runner.NameLength += Piece->Length;
    if (!Piece->Last)
        return STATUS_SUCCESS;
    Status = RtlUTF8ToUnicodeN(Runner.Path, sizeof(Runner.Path) - sizeof(WCHAR), &Bytes, Runner.Name,
            Runner.NameLength);
    Runner.Path[Bytes / sizeof(WCHAR)] = 0;
    Runner.NameLength = 0;
    if (NT_SUCCESS(Status))
        SendFile(&Runner.Link, &Runner.Output[0].Message, Runner.Path);
    else
        EndFile(&Runner.Link, Status);
    return STATUS_SUCCESS;
}

/* --- what the host says ------------------------------------------------------------------------------------------- */

static NTSTATUS TakeMessage(const RUN_PIECE *Piece)
{
    switch (Piece->Type) {
    case RUN_DATA:
        return PutInput(&Runner.Link, &Runner.Input, Piece->Bytes, Piece->Length);
    case RUN_END:
        EndInput(&Runner.Link, &Runner.Input);
        return STATUS_SUCCESS;
    case RUN_CLOSED:
        if (Piece->Channel != 1 && Piece->Channel != 2)
            return STATUS_DATA_ERROR;
        Runner.Output[Piece->Channel - 1].Closed = TRUE;
        return STATUS_SUCCESS;
    case RUN_GET:
        return TakeFileName(Piece);
    case RUN_POWER_OFF:
        Runner.Off = TRUE;
        return STATUS_SUCCESS;
    default:
        return STATUS_DATA_ERROR;
    }
}

/* The read is done: takes all that it brought and reads on. */
static NTSTATUS PumpLink(PRUN_LINK Link)
{
    RUN_PIECE Piece;
    NTSTATUS Status = Link->IoStatus.Status;

    if (NT_ERROR(Status))
        return Status;
    Link->Filled = (ULONG)Link->IoStatus.Information;
    while (!Runner.Off) {
        Status = TakePiece(Link, &Piece);
        if (NT_SUCCESS(Status) && Status != STATUS_NO_MORE_ENTRIES)
            Status = TakeMessage(&Piece);
        if (!NT_SUCCESS(Status))
            break;
    }
    return Runner.Off ? STATUS_SUCCESS : Status == STATUS_NO_MORE_ENTRIES ? StartReadingLink(Link) : Status;
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

/* Serves one of what is ready; STATUS_TIMEOUT if nothing is, STATUS_WAIT_1 if the program has ended. */
static NTSTATUS ServeOne(PLARGE_INTEGER Timeout)
{
    HANDLE Handles[HandleCount];
    ULONG Kinds[HandleCount], Count = 0;
    NTSTATUS Status;

    for (ULONG Kind = 0; Kind < HandleCount; Kind++) {
        HANDLE Handle = Kind == LinkRead ? Runner.Link.ReadEvent :
                        Kind == ProgramEnd ? Runner.Process :
                        Kind == InputDone ? (Runner.Input.Writing ? Runner.Input.Event : NULL) :
                        Runner.Output[Kind].Pipe != NULL ? Runner.Output[Kind].Event : NULL;

        if (Handle == NULL)
            continue;
        Handles[Count] = Handle;
        Kinds[Count++] = Kind;
    }
    Status = NtWaitForMultipleObjects(Count, Handles, WaitAny, FALSE, Timeout);
    if (Status == STATUS_TIMEOUT || NT_ERROR(Status))
        return Status;
    switch (Kinds[Status - STATUS_WAIT_0]) {
    case LinkRead:
        return PumpLink(&Runner.Link);
    case ProgramEnd:
        return STATUS_WAIT_1;
    case InputDone:
        PumpInput(&Runner.Link, &Runner.Input);
        return STATUS_SUCCESS;
    default:
        PumpOutput(&Runner.Link, &Runner.Output[Kinds[Status - STATUS_WAIT_0]]);
        return STATUS_SUCCESS;
    }
}

/* Until the program has ended and what it wrote is sent. */
static NTSTATUS Serve(VOID)
{
    LARGE_INTEGER Now = { .QuadPart = 0 };
    ULONG ExitStatus;
    NTSTATUS Status;

    while ((Status = ServeOne(NULL)) == STATUS_SUCCESS)
        ;
    if (Status != STATUS_WAIT_1)
        return Status;
    ExitStatus = QueryExitStatus(Runner.Process);
    NtClose(Runner.Process);
    Runner.Process = NULL;
    while ((Status = ServeOne(&Now)) == STATUS_SUCCESS)
        ;
    if (Status != STATUS_TIMEOUT)
        return Status;
    Report(L"exit %08X\n", ExitStatus);
    return SendShort(&Runner.Link, RUN_EXIT, 0, &ExitStatus, sizeof(ExitStatus));
}

static VOID SayFailure(PCWSTR Image, NTSTATUS Status)
{
    char Text[MAXIMUM_SHORT];
    ULONG Length = 0;
    PCWSTR Reason = DescribeStatus(Status);

    Report(L"smss: %s: %s\n", Image, Reason);
    RtlUnicodeToUTF8N(Text, sizeof(Text), &Length, Reason, (ULONG)(wcslen(Reason) * sizeof(WCHAR)));
    SendShort(&Runner.Link, RUN_FAILED, 0, Text, Length);
}

static NTSTATUS Run(PCWSTR CommandLine, PWSTR Image)
{
    ULONG Credit = INPUT_SIZE;
    NTSTATUS Status = StartReadingLink(&Runner.Link);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = StartTheProgram(CommandLine, Image);
    SendShort(&Runner.Link, RUN_CREDIT, 0, &Credit, sizeof(Credit));
    if (!NT_SUCCESS(Status)) {
        SayFailure(Image, Status);
    } else {
        StartOutput(&Runner.Link, &Runner.Output[0]);
        StartOutput(&Runner.Link, &Runner.Output[1]);
        Status = Serve();
        if (!NT_SUCCESS(Status))
            return Status;
    }
    while (!Runner.Off && (Status = ServeOne(NULL)) == STATUS_SUCCESS)
        ;
    return Status;
}

VOID RunProgram(PCWSTR CommandLine)
{
    int ArgumentCount;
    PWSTR *Arguments = SplitCommandLine(CommandLine, (ULONG)wcslen(CommandLine), &ArgumentCount);
    NTSTATUS Status = Arguments != NULL ? OpenLink(&Runner.Link, LinkPort) : STATUS_NO_MEMORY;

    if (NT_SUCCESS(Status))
        Status = Run(CommandLine, Arguments[0]);
    if (!NT_SUCCESS(Status))
        Report(L"smss: the link to the host: %s\n", DescribeStatus(Status));
    NtShutdownSystem(ShutdownPowerOff);
}
