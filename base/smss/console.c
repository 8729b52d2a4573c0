/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The console: starts the terminal (conhost) and the shell, and starts either again when it ends.
 *
 * smss keeps the console's server handle, so the console, the programs on it and their unread output outlive a
 * terminal that dies.  A program that ends within a second of its start is started again only after a pause.
 */
#include "smss.h"

#define SECOND 10000000ll

typedef struct _CHILD {
    PCWSTR Title;
    PROCESS_START Start;
    HANDLE Process;
    LARGE_INTEGER StartTime;
} CHILD, *PCHILD;

static NTSTATUS OpenConsoleFile(PCWSTR Name, HANDLE Root, ULONG Options, PHANDLE File)
{
    UNICODE_STRING String;
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;

    *File = NULL;
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, Root, NULL);
    return NtOpenFile(File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Attributes, &IoStatus,
                      FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, Options);
}

/* The shell's handles; the terminal's is the server, without FILE_SYNCHRONOUS_IO since it waits for many things. */
static NTSTATUS OpenConsole(PHANDLE Server, PROCESS_START *Shell)
{
    NTSTATUS Status = OpenConsoleFile(L"\\Device\\ConDrv\\Server", NULL, 0, Server);

    if (NT_SUCCESS(Status))
        Status = OpenConsoleFile(L"Reference", *Server, FILE_SYNCHRONOUS_IO_NONALERT, &Shell->Console);
    if (NT_SUCCESS(Status))
        Status = OpenConsoleFile(L"Input", *Server, FILE_SYNCHRONOUS_IO_NONALERT, &Shell->Input);
    if (NT_SUCCESS(Status))
        Status = OpenConsoleFile(L"Output", *Server, FILE_SYNCHRONOUS_IO_NONALERT, &Shell->Output);
    Shell->Error = Shell->Output;
    return Status;
}

static VOID StartChild(PCHILD Child)
{
    ULONG ProcessId;
    LARGE_INTEGER Pause = { .QuadPart = -SECOND }, Now;
    NTSTATUS Status;

    NtQuerySystemTime(&Now);
    if (Now.QuadPart - Child->StartTime.QuadPart < SECOND)
        NtDelayExecution(FALSE, &Pause);
    NtQuerySystemTime(&Child->StartTime);
    Status = StartProcess(&Child->Start, &Child->Process, &ProcessId);
    if (!NT_SUCCESS(Status)) {
        Child->Process = NULL;
        Report(L"smss: %s %s: %s\n", Child->Title, Child->Start.ImagePath, DescribeStatus(Status));
    }
}

/* The terminal is started once. */
NTSTATUS StartTerminal(PHANDLE Server, PHANDLE Reference)
{
    CHILD Terminal = { .Title = L"terminal" };
    PROCESS_START Console = { 0 };
    NTSTATUS Status = OpenConsole(Server, &Console);

    *Reference = Console.Console;
    if (!NT_SUCCESS(Status))
        return Status;
    NtClose(Console.Input);
    NtClose(Console.Output);
    Terminal.Start.ImagePath = Terminal.Start.CommandLine = ReadText(SESSION_MANAGER_KEY, L"ConsoleHost");
    Terminal.Start.Input = *Server;
    if (Terminal.Start.ImagePath == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    StartChild(&Terminal);
    return Terminal.Process != NULL ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

static VOID ChildEnded(PCHILD Child)
{
    NTSTATUS Status = QueryExitStatus(Child->Process);

    Report(L"smss: %s ended (0x%08X), starting it again\n", Child->Title, Status);
    NtClose(Child->Process);
    StartChild(Child);
}

VOID RunConsole(VOID)
{
    CHILD Children[] = { { .Title = L"terminal" }, { .Title = L"shell" } };
    HANDLE Processes[ARRAYSIZE(Children)], Server;
    NTSTATUS Status;

    Children[0].Start.ImagePath = Children[0].Start.CommandLine = ReadText(SESSION_MANAGER_KEY, L"ConsoleHost");
    Children[1].Start.ImagePath = Children[1].Start.CommandLine = ReadText(SESSION_MANAGER_KEY, L"Shell");
    Children[1].Start.CurrentDirectory = L"C:\\";
    Status = OpenConsole(&Server, &Children[1].Start);
    Children[0].Start.Input = Server;
    if (!NT_SUCCESS(Status) || Children[0].Start.ImagePath == NULL || Children[1].Start.ImagePath == NULL) {
        Report(L"smss: no console: %s\n", NT_SUCCESS(Status) ? L"ConsoleHost or Shell is not set"
                : DescribeStatus(Status));
        return;
    }
    for (ULONG i = 0; i < ARRAYSIZE(Children); i++)
        StartChild(&Children[i]);
    while (Children[0].Process != NULL && Children[1].Process != NULL) {
        for (ULONG i = 0; i < ARRAYSIZE(Children); i++)
            Processes[i] = Children[i].Process;
        Status = NtWaitForMultipleObjects(ARRAYSIZE(Processes), Processes, WaitAny, FALSE, NULL);
        if (Status >= 0 && Status < (NTSTATUS)ARRAYSIZE(Children))
            ChildEnded(&Children[Status]);
    }
}
