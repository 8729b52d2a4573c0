/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The three pipes between the program and the host.  The program's ends are synchronous handles as CreatePipe makes
 * them; the machine's ends are asynchronous, one transfer at a time each, so that one thread serves all three.
 *
 * Input is bounded by credit: the host sends no more than Ring has room for, so a program that does not read stops
 * nobody else.
 */
#include "runner.h"

#define CREDIT_STEP (INPUT_SIZE / 4)    /* less is told only when nothing is left to be read */

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
            FILE_PIPE_BYTE_STREAM_MODE, FILE_PIPE_QUEUE_OPERATION, 1, INPUT_SIZE, INPUT_SIZE, &Timeout);
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

static VOID CloseOutput(PRUN_LINK Link, PRUN_OUTPUT Output)
{
    NtClose(Output->Pipe);
    Output->Pipe = NULL;
    SendShort(Link, RUN_END, Output->Channel, NULL, 0);
}

VOID StartOutput(PRUN_LINK Link, PRUN_OUTPUT Output)
{
    NTSTATUS Status = NtReadFile(Output->Pipe, Output->Event, NULL, NULL, &Output->IoStatus, Output->Message.Data,
            PIECE_SIZE, NULL, NULL);

    if (NT_ERROR(Status))
        CloseOutput(Link, Output);
}

VOID PumpOutput(PRUN_LINK Link, PRUN_OUTPUT Output)
{
    if (NT_ERROR(Output->IoStatus.Status) || Output->Closed) {
        CloseOutput(Link, Output);
        return;
    }
    if (Output->IoStatus.Information != 0)
        SendMessage(Link, &Output->Message, RUN_DATA, Output->Channel, (ULONG)Output->IoStatus.Information);
    StartOutput(Link, Output);
}

/* --- input -------------------------------------------------------------------------------------------------------- */

/* Room that the host may use; small amounts wait until the ring is empty. */
static VOID GiveCredit(PRUN_LINK Link, PRUN_INPUT Input)
{
    ULONG Credit = Input->Owed;

    if (Credit == 0 || Input->Ended || (Credit < CREDIT_STEP && Input->Head != Input->Tail))
        return;
    Input->Owed = 0;
    SendShort(Link, RUN_CREDIT, 0, &Credit, sizeof(Credit));
}

/* The program reads no more, or has got everything. */
static VOID CloseInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    NtClose(Input->Pipe);
    Input->Pipe = NULL;
    Input->Head = Input->Tail;
    if (!Input->Ended)
        SendShort(Link, RUN_CLOSED, 0, NULL, 0);
}

static VOID StartInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    ULONG At = Input->Head % INPUT_SIZE;
    ULONG Length = min(Input->Tail - Input->Head, INPUT_SIZE - At);
    NTSTATUS Status;

    if (Input->Pipe == NULL || Input->Writing)
        return;
    if (Length == 0) {
        if (Input->Ended)
            CloseInput(Link, Input);
        return;
    }
    Status = NtWriteFile(Input->Pipe, Input->Event, NULL, NULL, &Input->IoStatus, Input->Ring + At, Length, NULL, NULL);
    Input->Writing = !NT_ERROR(Status);
    if (!Input->Writing)
        CloseInput(Link, Input);
}

NTSTATUS PutInput(PRUN_LINK Link, PRUN_INPUT Input, const UCHAR *Bytes, ULONG Length)
{
    if (Input->Pipe == NULL)
        return STATUS_SUCCESS;
    if (Length > INPUT_SIZE - (Input->Tail - Input->Head))
        return STATUS_DATA_ERROR;
    while (Length != 0) {
        ULONG At = Input->Tail % INPUT_SIZE;
        ULONG Part = min(Length, INPUT_SIZE - At);

        memcpy(Input->Ring + At, Bytes, Part);
        Input->Tail += Part;
        Bytes += Part;
        Length -= Part;
    }
    StartInput(Link, Input);
    return STATUS_SUCCESS;
}

VOID EndInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    Input->Ended = TRUE;
    StartInput(Link, Input);
}

VOID PumpInput(PRUN_LINK Link, PRUN_INPUT Input)
{
    Input->Writing = FALSE;
    if (NT_ERROR(Input->IoStatus.Status)) {
        CloseInput(Link, Input);
        return;
    }
    Input->Head += (ULONG)Input->IoStatus.Information;
    Input->Owed += (ULONG)Input->IoStatus.Information;
    StartInput(Link, Input);
    GiveCredit(Link, Input);
}
