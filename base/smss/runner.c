/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Run mode: one program of the user's instead of a console.
 *
 * The program's standard handles are the second serial port, its directory is its file's.  When it has ended the log
 * gets the line `exit STATUS' (hexadecimal) and the machine is powered off.  A program that cannot be started
 * leaves no such line but one on the first serial port that says why.
 */
#include "smss.h"

typedef LARGE_INTEGER PHYSICAL_ADDRESS;         /* a driver's type, which ntddser.h needs */
#include <ntddser.h>

static const WCHAR ProgramPort[] = L"\\Device\\Serial1";
static const WCHAR ConsolePort[] = L"\\Device\\Serial0";

/* Reads answer with what has arrived instead of waiting for a full buffer. */
static VOID SetTimeouts(HANDLE Port)
{
    SERIAL_TIMEOUTS Timeouts = {
        .ReadIntervalTimeout = 0xffffffff,
        .ReadTotalTimeoutMultiplier = 0xffffffff,
        .ReadTotalTimeoutConstant = 0xfffffffe,
    };
    IO_STATUS_BLOCK IoStatus;

    NtDeviceIoControlFile(Port, NULL, NULL, NULL, &IoStatus, IOCTL_SERIAL_SET_TIMEOUTS, &Timeouts, sizeof(Timeouts),
            NULL, 0);
}

static VOID ReportFailure(PCWSTR Image, NTSTATUS Status)
{
    HANDLE Console;

    Report(L"smss: %s: %s\n", Image, DescribeStatus(Status));
    if (NT_SUCCESS(OpenPath(ConsolePort, FILE_GENERIC_WRITE, FILE_OPEN, 0, &Console))) {
        NtCurrentPeb()->ProcessParameters->StandardError = Console;
        PrintError(L"%s: %s\r\n", Image, DescribeStatus(Status));
        NtClose(Console);
    }
}

/* The directory of an absolute path, without a backslash at its end unless it is a root. */
static VOID CutFileName(PWSTR Path)
{
    PWSTR Slash = wcsrchr(Path, L'\\');

    if (Slash != NULL)
        Slash[Slash == Path + 2] = 0;
}

static NTSTATUS Run(PCWSTR CommandLine, PWSTR Image, PNTSTATUS ExitStatus)
{
    PROCESS_START Start = { .ImagePath = Image, .CommandLine = CommandLine };
    HANDLE Port = NULL, Process;
    IO_STATUS_BLOCK IoStatus;
    ULONG ProcessId;
    PWSTR Directory = DuplicateString(Image);
    NTSTATUS Status = Directory != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY;

    if (NT_SUCCESS(Status))
        Status = OpenPath(ProgramPort, FILE_GENERIC_READ | FILE_GENERIC_WRITE, FILE_OPEN, 0, &Port);
    if (!NT_SUCCESS(Status)) {
        Free(Directory);
        return Status;
    }
    CutFileName(Directory);
    SetTimeouts(Port);
    Start.CurrentDirectory = Directory;
    Start.Input = Start.Output = Start.Error = Port;
    Status = StartProcess(&Start, &Process, &ProcessId);
    if (NT_SUCCESS(Status)) {
        *ExitStatus = WaitForProcess(Process);
        NtFlushBuffersFile(Port, &IoStatus);
    }
    Free(Directory);
    NtClose(Port);
    return Status;
}

VOID RunProgram(PCWSTR CommandLine)
{
    int ArgumentCount;
    PWSTR *Arguments = SplitCommandLine(CommandLine, (ULONG)wcslen(CommandLine), &ArgumentCount);
    NTSTATUS ExitStatus, Status = STATUS_NO_MEMORY;

    if (Arguments != NULL)
        Status = Run(CommandLine, Arguments[0], &ExitStatus);
    if (NT_SUCCESS(Status))
        Report(L"exit %08X\n", ExitStatus);
    else
        ReportFailure(Arguments != NULL ? Arguments[0] : CommandLine, Status);
    NtShutdownSystem(ShutdownPowerOff);
}
