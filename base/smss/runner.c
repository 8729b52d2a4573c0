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
#include "abi/conapi.h"

static const WCHAR LinkPort[] = L"\\Device\\Serial1";
static const WCHAR LinkWindow[] = L"\\Device\\SharedMemory";

enum { Output1, Output2, InputDone, LinkRead, ProgramEnd, HandleCount };

typedef struct _RUNNER {
    RUN_LINK Link;
    RUN_INPUT Input;
    RUN_OUTPUT Output[2];
    HANDLE Process;
    HANDLE Console;             /* the server side of its console; NULL: it has none */
    HANDLE ConsoleEvent;
    HANDLE File;                /* a file that the host wants; NULL: none */
    BOOLEAN Off;                /* the host has all it wants */
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
    Status = StartTerminal(&Runner.Console, &Start.Console);
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

static NTSTATUS EndFile(NTSTATUS Status)
{
    if (Runner.File != NULL)
        NtClose(Runner.File);
    Runner.File = NULL;
    return SendText(&Runner.Link, RUN_FILE_END, NT_SUCCESS(Status) ? L"" : DescribeStatus(Status));
}

static NTSTATUS OpenWantedFile(const UCHAR *Name, ULONG Length)
{
    WCHAR Path[RUN_MAXIMUM_PAYLOAD + 1];
    ULONG Bytes = 0;
    NTSTATUS Status;

    if (Runner.Process != NULL || Runner.File != NULL)
        return STATUS_DATA_ERROR;
    Status = RtlUTF8ToUnicodeN(Path, sizeof(Path) - sizeof(WCHAR), &Bytes, (PCSTR)Name, Length);
    Path[Bytes / sizeof(WCHAR)] = 0;
    if (NT_SUCCESS(Status))
        Status = OpenPath(Path, FILE_READ_DATA, FILE_OPEN, FILE_NON_DIRECTORY_FILE, &Runner.File);
    return NT_SUCCESS(Status) ? STATUS_SUCCESS : EndFile(Status);
}

/* The next piece of it; there is credit for one. */
static NTSTATUS SendFilePiece(VOID)
{
    PUCHAR Data = Runner.Output[0].Data;
    ULONG Length;
    NTSTATUS Status = ReadBytes(Runner.File, Data, PIECE_SIZE, &Length);

    if (NT_SUCCESS(Status) && Length != 0)
        return SendBytes(&Runner.Link, RUN_FILE, 0, Data, Length);
    return EndFile(Status == STATUS_END_OF_FILE ? STATUS_SUCCESS : Status);
}

/* --- what the host says ------------------------------------------------------------------------------------------- */

static NTSTATUS TakeCredit(PRUN_LINK Link)
{
    ULONG Credit = *(const ULONG *)Link->Payload;
    NTSTATUS Status;

    if (Link->Frame.Length != sizeof(Credit) || Credit > RUN_OUT_SIZE - (ULONG)Link->Credit)
        return STATUS_DATA_ERROR;
    Link->Credit += (LONG)Credit;
    Status = StartOutput(Link, &Runner.Output[0]);
    return NT_SUCCESS(Status) ? StartOutput(Link, &Runner.Output[1]) : Status;
}

/* Ctrl+C or Ctrl+Break at the host.  A program that cannot be told is no reason to end the link. */
static NTSTATUS SendControl(PRUN_LINK Link)
{
    CD_CONTROL_EVENT Event = { .Event = *(const ULONG *)Link->Payload };
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    if (Link->Frame.Length != sizeof(Event.Event) || Event.Event > CTRL_BREAK_EVENT)
        return STATUS_DATA_ERROR;
    if (Runner.Console == NULL || Runner.Process == NULL)
        return STATUS_SUCCESS;
    Status = NtDeviceIoControlFile(Runner.Console, Runner.ConsoleEvent, NULL, NULL, &IoStatus, IOCTL_CONDRV_SEND_CONTROL, &Event,
            sizeof(Event), NULL, 0);
    Status = CompleteTransfer(Status, Runner.ConsoleEvent, &IoStatus);
    if (!NT_SUCCESS(Status))
        Report(L"smss: the program is not told of a control event: %s\n", DescribeStatus(Status));
    return STATUS_SUCCESS;
}

static NTSTATUS ObeyFrame(PRUN_LINK Link)
{
    UCHAR Channel = Link->Frame.Channel;

    switch (Link->Frame.Type) {
    case RUN_DATA:
        return AnnounceInput(Link, &Runner.Input, Link->Frame.Length);
    case RUN_END:
        return EndInput(Link, &Runner.Input);
    case RUN_CREDIT:
        return TakeCredit(Link);
    case RUN_CLOSED:
        if (Channel != 1 && Channel != 2)
            return STATUS_DATA_ERROR;
        Runner.Output[Channel - 1].Closed = TRUE;
        return STATUS_SUCCESS;
    case RUN_GET:
        return OpenWantedFile(Link->Payload, Link->Frame.Length);
    case RUN_CONTROL:
        return SendControl(Link);
    case RUN_POWER_OFF:
        Runner.Off = TRUE;
        return STATUS_SUCCESS;
    default:
        return STATUS_DATA_ERROR;
    }
}

/* The read is done: obeys all that it brought and reads on. */
static NTSTATUS PumpLink(PRUN_LINK Link)
{
    NTSTATUS Status = Link->IoStatus.Status;

    if (NT_ERROR(Status))
        return Status;
    while (!Runner.Off) {
        Status = TakeFrame(Link);
        if (Status == STATUS_NO_MORE_ENTRIES)
            return StartReadingLink(Link);
        if (NT_SUCCESS(Status))
            Status = ObeyFrame(Link);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_SUCCESS;
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
                        Runner.Output[Kind].Reading ? Runner.Output[Kind].Event : NULL;

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
        return PumpInput(&Runner.Link, &Runner.Input);
    default:
        return PumpOutput(&Runner.Link, &Runner.Output[Kinds[Status - STATUS_WAIT_0]]);
    }
}

/* Whether one of the program's pipes waits for credit, so that nobody knows whether it is empty. */
static BOOLEAN IsStalled(VOID)
{
    return (Runner.Output[0].Pipe != NULL && !Runner.Output[0].Reading) ||
           (Runner.Output[1].Pipe != NULL && !Runner.Output[1].Reading);
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
    while ((Status = ServeOne(IsStalled() ? NULL : &Now)) == STATUS_SUCCESS)
        ;
    if (Status != STATUS_TIMEOUT)
        return Status;
    Report(L"exit %08X\n", ExitStatus);
    return SendFrame(&Runner.Link, RUN_EXIT, 0, &ExitStatus, sizeof(ExitStatus));
}

static NTSTATUS SayFailure(PCWSTR Image, NTSTATUS Status)
{
    Report(L"smss: %s: %s\n", Image, DescribeStatus(Status));
    return SendText(&Runner.Link, RUN_FAILED, DescribeStatus(Status));
}

static NTSTATUS Run(PCWSTR CommandLine, PWSTR Image)
{
    ULONG Credit = RUN_IN_SIZE;
    NTSTATUS Started, Status = StartReadingLink(&Runner.Link);

    if (!NT_SUCCESS(Status))
        return Status;
    Started = StartTheProgram(CommandLine, Image);
    Status = SendFrame(&Runner.Link, RUN_CREDIT, 0, &Credit, sizeof(Credit));
    if (NT_SUCCESS(Status))
        Status = NT_SUCCESS(Started) ? Serve() : SayFailure(Image, Started);
    while (NT_SUCCESS(Status) && !Runner.Off) {
        if (Runner.File != NULL && Runner.Link.Credit >= (LONG)PIECE_SIZE)
            Status = SendFilePiece();
        else
            Status = ServeOne(NULL);
    }
    return Status;
}

VOID RunProgram(PCWSTR CommandLine)
{
    int ArgumentCount;
    PWSTR *Arguments = SplitCommandLine(CommandLine, (ULONG)wcslen(CommandLine), &ArgumentCount);
    NTSTATUS Status = Arguments != NULL ? OpenLink(&Runner.Link, LinkPort, LinkWindow) : STATUS_NO_MEMORY;

    if (NT_SUCCESS(Status))
        Status = MakeEvent(&Runner.ConsoleEvent);
    if (NT_SUCCESS(Status))
        Status = Run(CommandLine, Arguments[0]);
    if (!NT_SUCCESS(Status))
        Report(L"smss: the link to the host: %s\n", DescribeStatus(Status));
    NtShutdownSystem(ShutdownPowerOff);
}
