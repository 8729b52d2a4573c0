/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Process parameters: from the parent's memory into pool, and normalised (pointers, not offsets) into the child.
 *
 * The child gets one block with the structure and its strings, and one with the environment, each an allocation of
 * its own.
 */
#include "psp.h"

/* Where the strings are in the structure. */
static const ULONG PspOffsets[PspStringCount] = {
    [PspDllPath] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, DllPath),
    [PspImagePathName] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, ImagePathName),
    [PspCommandLine] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, CommandLine),
    [PspWindowTitle] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, WindowTitle),
    [PspDesktopInfo] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, DesktopInfo),
    [PspShellInfo] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, ShellInfo),
    [PspRuntimeData] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, RuntimeData),
    [PspCurrentDirectory] = FIELD_OFFSET(RTL_USER_PROCESS_PARAMETERS, CurrentDirectory.DosPath),
};

static PUNICODE_STRING PspField(PRTL_USER_PROCESS_PARAMETERS Fixed, ULONG Index)
{
    return (PUNICODE_STRING)((PUCHAR)Fixed + PspOffsets[Index]);
}

static NTSTATUS PspCaptureString(const UNICODE_STRING *User, ULONG_PTR Base, PUNICODE_STRING Captured)
{
    NTSTATUS Status;

    if (User->Length == 0)
        return STATUS_SUCCESS;
    Status = MmCaptureBuffer((PUCHAR)User->Buffer + Base, User->Length, (PVOID *)&Captured->Buffer);
    if (!NT_SUCCESS(Status))
        return Status;
    Captured->Length = User->Length;
    Captured->MaximumLength = User->MaximumLength > User->Length ? User->MaximumLength : User->Length;
    return STATUS_SUCCESS;
}

NTSTATUS PspCaptureParameters(PRTL_USER_PROCESS_PARAMETERS User, PPSP_PARAMETERS Parameters)
{
    PRTL_USER_PROCESS_PARAMETERS Fixed = &Parameters->Fixed;
    ULONG_PTR Base = 0;
    NTSTATUS Status;

    memset(Parameters, 0, sizeof(*Parameters));
    if (User == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = MmCopyFromUser(Fixed, User, sizeof(*Fixed));
    if (!NT_SUCCESS(Status))
        return Status;
    if (!(Fixed->Flags & RTL_USER_PROC_PARAMS_NORMALIZED))
        Base = (ULONG_PTR)User;
    for (ULONG i = 0; i < PspStringCount && NT_SUCCESS(Status); i++)
        Status = PspCaptureString(PspField(Fixed, i), Base, &Parameters->Strings[i]);
    if (NT_SUCCESS(Status) && Fixed->Environment != NULL) {
        if (Fixed->EnvironmentSize > PSP_MAX_ENVIRONMENT)
            Status = STATUS_INVALID_PARAMETER;
        else
            Status = MmCaptureBuffer(Fixed->Environment, Fixed->EnvironmentSize, &Parameters->Environment);
        Parameters->EnvironmentSize = Fixed->EnvironmentSize;
    }
    if (!NT_SUCCESS(Status))
        PspReleaseParameters(Parameters);
    return Status;
}

VOID PspReleaseParameters(PPSP_PARAMETERS Parameters)
{
    for (ULONG i = 0; i < PspStringCount; i++)
        if (Parameters->Strings[i].Buffer != NULL)
            ExFreePool(Parameters->Strings[i].Buffer);
    if (Parameters->Environment != NULL)
        ExFreePool(Parameters->Environment);
    memset(Parameters, 0, sizeof(*Parameters));
}

/* Bytes that string i takes in the child: its text, a zero, and for the directory the room that programs expect. */
static SIZE_T PspRoom(const PSP_PARAMETERS *Parameters, ULONG i)
{
    SIZE_T Room = Parameters->Strings[i].Length + sizeof(WCHAR);

    if (i == PspCurrentDirectory && Room < 2 * MAX_PATH + 2 * sizeof(WCHAR))
        Room = 2 * MAX_PATH + 2 * sizeof(WCHAR);
    return (Room + 15) & ~(SIZE_T)15;
}

static NTSTATUS PspAllocate(PEPROCESS Process, SIZE_T Size, PVOID *Address)
{
    *Address = NULL;
    return MmAllocateVirtualMemory(&Process->Vm, Address, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
}

static NTSTATUS PspWriteEnvironment(PEPROCESS Process, PPSP_PARAMETERS Parameters, PVOID *Address)
{
    SIZE_T Size = Parameters->EnvironmentSize;
    NTSTATUS Status = PspAllocate(Process, Size < 4 ? 4 : Size, Address);

    return NT_SUCCESS(Status) ? MmWriteSpace(&Process->Vm, *Address, Parameters->Environment, Size) : Status;
}

/* What the child's string says of its room: runtime data is counted bytes, without a zero behind them. */
static USHORT PspMaximumLength(const PSP_PARAMETERS *Parameters, ULONG i)
{
    USHORT Length = Parameters->Strings[i].Length;

    if (i == PspRuntimeData)
        return Length;
    if (i == PspCurrentDirectory && PspRoom(Parameters, i) <= 0xffff)
        return (USHORT)(PspRoom(Parameters, i) & ~1ull);
    return (USHORT)(Length <= PSP_MAX_STRING - 2 ? Length + 2 : Length);
}

NTSTATUS PspWriteParameters(PEPROCESS Process, PPSP_PARAMETERS Parameters, PVOID *Address)
{
    SIZE_T Size = (sizeof(RTL_USER_PROCESS_PARAMETERS) + 15) & ~15ull, Offset = Size;
    PVOID Base = NULL, Environment = NULL;
    PRTL_USER_PROCESS_PARAMETERS Block;
    NTSTATUS Status;

    for (ULONG i = 0; i < PspStringCount; i++)
        Size += PspRoom(Parameters, i);
    Status = PspAllocate(Process, Size, &Base);
    if (NT_SUCCESS(Status))
        Status = PspWriteEnvironment(Process, Parameters, &Environment);
    if (!NT_SUCCESS(Status))
        return Status;
    Block = ExAllocatePoolZero(NonPagedPool, Size, PSP_TAG);
    if (Block == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    *Block = Parameters->Fixed;
    Block->MaximumLength = Block->Length = (ULONG)Size;
    Block->Flags |= RTL_USER_PROC_PARAMS_NORMALIZED;
    Block->Environment = Environment;
    Block->EnvironmentSize = Parameters->EnvironmentSize;
    for (ULONG i = 0; i < PspStringCount; i++) {
        PUNICODE_STRING Field = PspField(Block, i), String = &Parameters->Strings[i];

        memcpy((PUCHAR)Block + Offset, String->Buffer, String->Length);
        Field->Length = String->Length;
        Field->MaximumLength = PspMaximumLength(Parameters, i);
        Field->Buffer = (PWSTR)((PUCHAR)Base + Offset);
        Offset += PspRoom(Parameters, i);
    }
    Status = MmWriteSpace(&Process->Vm, Base, Block, Size);
    ExFreePool(Block);
    *Address = Base;
    return Status;
}
