/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Process creation over ntdll's RtlCreateUserProcess (process.h).  Everything here may wait.
 */
#include "base/lib/process.h"

/* A child gets standard handles that its own children inherit: a C runtime tells them the values of its files. */
static VOID MakeInheritable(HANDLE Handle)
{
    OBJECT_HANDLE_FLAG_INFORMATION Flags = { .Inherit = TRUE };

    if (Handle != NULL)
        NtSetInformationObject(Handle, ObjectHandleFlagInformation, &Flags, sizeof(Flags));
}

static NTSTATUS MakeParameters(const PROCESS_START *Start, PRTL_USER_PROCESS_PARAMETERS *Parameters)
{
    UNICODE_STRING Image, CommandLine, Directory;
    NTSTATUS Status;

    RtlInitUnicodeString(&Image, Start->ImagePath);
    RtlInitUnicodeString(&CommandLine, Start->CommandLine);
    RtlInitUnicodeString(&Directory, Start->CurrentDirectory);
    Status = RtlCreateProcessParametersEx(Parameters, &Image, NULL, Start->CurrentDirectory != NULL ? &Directory : NULL,
                                          &CommandLine, Start->Environment, &Image, NULL, NULL, NULL,
                                          RTL_USER_PROC_PARAMS_NORMALIZED);
    if (!NT_SUCCESS(Status))
        return Status;
    (*Parameters)->ConsoleHandle = Start->Console;
    (*Parameters)->StandardInput = Start->Input;
    (*Parameters)->StandardOutput = Start->Output;
    (*Parameters)->StandardError = Start->Error;
    MakeInheritable(Start->Input);
    MakeInheritable(Start->Output);
    MakeInheritable(Start->Error);
    return STATUS_SUCCESS;
}

NTSTATUS StartProcess(const PROCESS_START *Start, PHANDLE Process, PULONG ProcessId)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters;
    RTL_USER_PROCESS_INFORMATION Information = { .Length = sizeof(Information) };
    UNICODE_STRING NtPath;
    NTSTATUS Status;

    *Process = NULL;
    *ProcessId = 0;
    Status = RtlDosPathNameToNtPathName_U_WithStatus(Start->ImagePath, &NtPath, NULL, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MakeParameters(Start, &Parameters);
    if (NT_SUCCESS(Status)) {
        Status = RtlCreateUserProcess(&NtPath, OBJ_CASE_INSENSITIVE, Parameters, NULL, NULL, NULL, FALSE, NULL, NULL,
                                      &Information);
        RtlDestroyProcessParameters(Parameters);
    }
    RtlFreeUnicodeString(&NtPath);
    if (!NT_SUCCESS(Status))
        return Status;
    NtResumeThread(Information.ThreadHandle, NULL);
    NtClose(Information.ThreadHandle);
    *Process = Information.ProcessHandle;
    *ProcessId = (ULONG)(ULONG_PTR)Information.ClientId.UniqueProcess;
    return STATUS_SUCCESS;
}

NTSTATUS QueryExitStatus(HANDLE Process)
{
    PROCESS_BASIC_INFORMATION Basic;
    NTSTATUS Status = NtQueryInformationProcess(Process, ProcessBasicInformation, &Basic, sizeof(Basic), NULL);

    return NT_SUCCESS(Status) ? Basic.ExitStatus : Status;
}

NTSTATUS WaitForProcess(HANDLE Process)
{
    NtWaitForSingleObject(Process, FALSE, NULL);
    return QueryExitStatus(Process);
}

VOID SetOwnPriority(LONG Priority)
{
    KPRIORITY BasePriority = Priority;
    BOOLEAN Enabled;

    RtlAdjustPrivilege(SE_INC_BASE_PRIORITY_PRIVILEGE, TRUE, FALSE, &Enabled);
    NtSetInformationProcess(NtCurrentProcess(), ProcessBasePriority, &BasePriority, sizeof(BasePriority));
}
