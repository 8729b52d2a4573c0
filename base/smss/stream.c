/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The three pipes between the program and the host.  The program's ends are synchronous handles as CreatePipe makes
 * them; the machine's ends are asynchronous, one transfer at a time each, so that one thread serves all three.
 *
 * Both ways are bounded by credit, so a program that does not read, or a host that does not, stops nobody else.
 */
#include "runner.h"

#define PIPE_QUOTA 0x10000u
#define CREDIT_STEP (RUN_IN_SIZE / 4)   /* less is told only when nothing is left to be taken */

static NTSTATUS OpenPipeRoot(PHANDLE Root)
{
    UNICODE_STRING Name = { 0 };
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;

    RtlInitUnicodeString(&Name, L"\\Device\\NamedPipe\\");
    InitializeObjectAttributes(&Attributes, &Name, 0, NULL, NULL);
    return NtOpenFile(Root, GENERIC_READ | SYNCHRONIZE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE,
                      FILE_SYNCHRONOUS_IO_NONALERT);
}

/* A pipe without a name: Ours reads (Inbound) or writes, Theirs the other. */
static NTSTATUS MakePipe(BOOLEAN Inbound, PHANDLE Ours, PHANDLE Theirs)
{
    LARGE_INTEGER Timeout = { .QuadPart = -1200000000 };
    UNICODE_STRING Name = { 0 };
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Root;
    NTSTATUS Status = OpenPipeRoot(&Root);

    *Ours = *Theirs = NULL;
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name, 0, Root, NULL);
    Status = NtCreateNamedPipeFile(Ours, (Inbound ? FILE_GENERIC_READ : FILE_GENERIC_WRITE) | SYNCHRONIZE, &Attributes,
            &IoStatus, Inbound ? FILE_SHARE_WRITE : FILE_SHARE_READ, FILE_CREATE, 0, FILE_PIPE_BYTE_STREAM_TYPE,
            FILE_PIPE_BYTE_STREAM_MODE, FILE_PIPE_QUEUE_OPERATION, 1, PIPE_QUOTA, PIPE_QUOTA, &Timeout);
    NtClose(Root);
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name, 0, *Ours, NULL);
    Status = NtOpenFile(Theirs, Inbound ? FILE_GENERIC_WRITE | FILE_READ_ATTRIBUTES : FILE_GENERIC_READ, &Attributes,
            &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE);
    if (!NT_SUCCESS(Status))
        NtClose(*Ours);
    return Status;
}

NTSTATUS OpenOutput(PRUN_OUTPUT Output, UCHAR Channel, PHANDLE Theirs)
{
    NTSTATUS Status = MakeEvent(&Output->Event);

    Output->Channel = Channel;
    return NT_SUCCESS(Status) ? MakePipe(TRUE, &Output->Pipe, Theirs) : Status;
}

NTSTATUS OpenInput(PRUN_INPUT Input, PHANDLE Theirs)
{
    NTSTATUS Status = MakeEvent(&Input->Event);

    return NT_SUCCESS(Status) ? MakePipe(FALSE, &Input->Pipe, Theirs) : Status;
}

/* --- output ------------------------------------------------------------------------------------------------------- */

static NTSTATUS CloseOutput(PRUN_LINK Link, PRUN_OUTPUT Output)
{
    NtClose(Output->Pipe);
    Output->Pipe = NULL;
    return SendFrame(Link, RUN_END, Output->Channel, "", 0);
}

NTSTATUS StartOutput(PRUN_LINK Link, PRUN_OUTPUT Output)
{
    NTSTATUS Status;

    /* The other output may bring as much at the same time. */
    if (Output->Pipe == NULL || Output->Reading || Link->Credit < 2 * (LONG)PIECE_SIZE)
        return STATUS_SUCCESS;
    Status = NtReadFile(Output->Pipe, Output->Event, NULL, NULL, &Output->IoStatus, Output->Data, PIECE_SIZE, NULL, NULL);
    Output->Reading = !NT_ERROR(Status);
    return Output->Reading ? STATUS_SUCCESS : CloseOutput(Link, Output);
}

NTSTATUS PumpOutput(PRUN_LINK Link, PRUN_OUTPUT Output)
{
    NTSTATUS Status;

    Output->Reading = FALSE;
    if (NT_ERROR(Output->IoStatus.Status) || Output->Closed)
        return CloseOutput(Link, Output);
    Status = SendBytes(Link, RUN_DATA, Output->Channel, Output->Data, (ULONG)Output->IoStatus.Information);
    return NT_SUCCESS(Status) ? StartOutput(Link, Output) : Status;
}

/* --- input -------------------------------------------------------------------------------------------------------- */

/* Room that the host may use; small amounts wait until there is nothing else to do. */
static NTSTATUS GiveCredit(PRUN_LINK Link, PRUN_INPUT Input)
{
    ULONG Credit = Input->Owed;

    if (Credit == 0 || Input->Ended || (Credit < CREDIT_STEP && Input->Announced != 0))
        return STATUS_SUCCESS;
    Input->Owed = 0;
    return SendFrame(Link, RUN_CREDIT, 0, &Credit, sizeof(Credit));
}

/* The program reads no more, or has got everything. */
static NTSTATUS CloseInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    NtClose(Input->Pipe);
    Input->Pipe = NULL;
    return Input->Ended ? STATUS_SUCCESS : SendFrame(Link, RUN_CLOSED, 0, "", 0);
}

static NTSTATUS StartInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    ULONG Length = TakeableBytes(Link, Input->Announced);
    NTSTATUS Status;

    if (Input->Pipe == NULL || Input->Writing)
        return STATUS_SUCCESS;
    if (Length == 0)
        return Input->Ended ? CloseInput(Link, Input) : STATUS_SUCCESS;
    Status = TakeBytes(Link, Input->Data, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    Input->Announced -= Length;
    Input->Owed += Length;
    Status = NtWriteFile(Input->Pipe, Input->Event, NULL, NULL, &Input->IoStatus, Input->Data, Length, NULL, NULL);
    Input->Writing = !NT_ERROR(Status);
    return Input->Writing ? GiveCredit(Link, Input) : CloseInput(Link, Input);
}

NTSTATUS AnnounceInput(PRUN_LINK Link, PRUN_INPUT Input, ULONG Length)
{
    if (Length > RUN_IN_SIZE - Input->Announced)
        return STATUS_DATA_ERROR;
    Input->Announced += Length;
    return StartInput(Link, Input);
}

NTSTATUS EndInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    Input->Ended = TRUE;
    return StartInput(Link, Input);
}

NTSTATUS PumpInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    Input->Writing = FALSE;
    return NT_ERROR(Input->IoStatus.Status) ? CloseInput(Link, Input) : StartInput(Link, Input);
}
