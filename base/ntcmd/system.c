/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The system: processes, modules and drivers, memory, the machine, switching off.
 */
#include "ntcmd.h"
#include <cpuid.h>

/* A snapshot of a class whose size is not known beforehand; to be given to Free. */
static NTSTATUS QuerySystem(SYSTEM_INFORMATION_CLASS Class, PVOID *Information)
{
    ULONG Length = 0x4000;
    NTSTATUS Status = STATUS_NO_MEMORY;

    for (int Try = 0; Try < 8; Try++, Length *= 2) {
        *Information = Allocate(Length);
        if (*Information == NULL)
            return STATUS_NO_MEMORY;
        Status = NtQuerySystemInformation(Class, *Information, Length, NULL);
        if (NT_SUCCESS(Status))
            return Status;
        Free(*Information);
        *Information = NULL;
        if (Status != STATUS_INFO_LENGTH_MISMATCH && Status != STATUS_BUFFER_TOO_SMALL)
            break;
    }
    return Status;
}

VOID CommandProcesses(const COMMAND_LINE *Line)
{
    static UNICODE_STRING Unnamed = RTL_CONSTANT_UNICODE_STRING(L"ntos");
    PVOID Snapshot;
    PSYSTEM_PROCESS_INFORMATION Process;
    NTSTATUS Status = QuerySystem(SystemProcessInformation, &Snapshot);

    if (!NT_SUCCESS(Status)) {
        Complain(L"lp", L"processes", Status);
        return;
    }
    Print(L"%-24s %6s %8s %8s %12s\n", L"NAME", L"PID", L"THREADS", L"HANDLES", L"MEMORY");
    for (Process = Snapshot;; Process = (PSYSTEM_PROCESS_INFORMATION)((PUCHAR)Process + Process->NextEntryOffset)) {
        Print(L"%-24.*s %6u %8u %8u %8Iu KiB\n", COUNTED(Process->ImageName.Length != 0 ? &Process->ImageName
                : &Unnamed),
              (ULONG)(ULONG_PTR)Process->UniqueProcessId, Process->NumberOfThreads, Process->HandleCount,
              Process->WorkingSetSize / 1024);
        if (Process->NextEntryOffset == 0)
            break;
    }
    Free(Snapshot);
}

static NTSTATUS Kill(ULONG ProcessId)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    CLIENT_ID ClientId = { .UniqueProcess = (HANDLE)(ULONG_PTR)ProcessId };
    HANDLE Process;
    NTSTATUS Status = NtOpenProcess(&Process, PROCESS_TERMINATE, &Attributes, &ClientId);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = NtTerminateProcess(Process, STATUS_CONTROL_C_EXIT);
    NtClose(Process);
    return Status;
}

VOID CommandKill(const COMMAND_LINE *Line)
{
    for (int i = 1; i < Line->WordCount; i++) {
        ULONG ProcessId;
        NTSTATUS Status = STATUS_INVALID_PARAMETER;

        if (ParseNumber(Line->Words[i], &ProcessId))
            Status = Kill(ProcessId);
        if (!NT_SUCCESS(Status))
            Complain(L"kill", Line->Words[i], Status);
    }
}

static VOID ShowOwnModules(VOID)
{
    PLIST_ENTRY Head = &NtCurrentPeb()->Ldr->InLoadOrderModuleList;

    for (PLIST_ENTRY Next = Head->Flink; Next != Head; Next = Next->Flink) {
        PLDR_DATA_TABLE_ENTRY Module = CONTAINING_RECORD(Next, LDR_DATA_TABLE_ENTRY, InLoadOrderLinks);

        Print(L"%p %8u KiB  %.*s\n", Module->DllBase, Module->SizeOfImage / 1024,
              COUNTED(&Module->FullDllName));
    }
}

VOID CommandModules(const COMMAND_LINE *Line)
{
    PVOID Snapshot;
    PRTL_PROCESS_MODULES Modules;
    NTSTATUS Status = QuerySystem(SystemModuleInformation, &Snapshot);

    Print(L"This program:\n");
    ShowOwnModules();
    if (!NT_SUCCESS(Status)) {
        Complain(L"lm", L"drivers", Status);
        return;
    }
    Print(L"System and drivers:\n");
    Modules = Snapshot;
    for (ULONG i = 0; i < Modules->NumberOfModules; i++)
        Print(L"%p %8u KiB  %hs\n", Modules->Modules[i].ImageBase, Modules->Modules[i].ImageSize / 1024,
              (PCSTR)Modules->Modules[i].FullPathName);
    Free(Snapshot);
}

static NTSTATUS QueryMemory(PSYSTEM_BASIC_INFORMATION Basic, PSYSTEM_PERFORMANCE_INFORMATION Performance)
{
    NTSTATUS Status = NtQuerySystemInformation(SystemBasicInformation, Basic, sizeof(*Basic), NULL);

    if (NT_SUCCESS(Status))
        Status = NtQuerySystemInformation(SystemPerformanceInformation, Performance, sizeof(*Performance), NULL);
    return Status;
}

VOID CommandMemory(const COMMAND_LINE *Line)
{
    SYSTEM_BASIC_INFORMATION Basic;
    SYSTEM_PERFORMANCE_INFORMATION Performance;
    NTSTATUS Status = QueryMemory(&Basic, &Performance);
    ULONG PageKiB;

    if (!NT_SUCCESS(Status)) {
        Complain(L"mem", L"memory", Status);
        return;
    }
    PageKiB = Basic.PageSize / 1024;
    Print(L"%10I64u KiB memory\n", (ULONGLONG)Basic.NumberOfPhysicalPages * PageKiB);
    Print(L"%10I64u KiB free\n", (ULONGLONG)Performance.AvailablePages * PageKiB);
    Print(L"%10I64u KiB committed\n", (ULONGLONG)Performance.CommittedPages * PageKiB);
}

/* The processor's name, CPUID leaves 80000002h..80000004h (Intel SDM volume 2, CPUID). */
static VOID ShowProcessor(ULONG Processors)
{
    ULONG Name[13] = { 0 };
    PCSTR Text = (PCSTR)Name;

    if (__get_cpuid_max(0x80000000, NULL) >= 0x80000004)
        for (ULONG i = 0; i < 3; i++)
            __cpuid(0x80000002 + i, Name[i * 4], Name[i * 4 + 1], Name[i * 4 + 2], Name[i * 4 + 3]);
    while (*Text == ' ')
        Text++;
    Print(L"Processor   %u x %hs\n", Processors, Text);
}

VOID CommandSystem(const COMMAND_LINE *Line)
{
    SYSTEM_BASIC_INFORMATION Basic;
    SYSTEM_PERFORMANCE_INFORMATION Performance;
    CONDRV_SCREEN_SIZE Size;
    ULONG Seconds = NtGetTickCount() / 1000;
    NTSTATUS Status = QueryMemory(&Basic, &Performance);

    if (!NT_SUCCESS(Status)) {
        Complain(L"sysinfo", L"system", Status);
        return;
    }
    Print(L"System      ");
    CommandVersion(Line);
    ShowProcessor((ULONG)(UCHAR)Basic.NumberOfProcessors);
    Print(L"Memory      %u MiB, %u MiB free, pages of %u bytes\n",
          (ULONG)((ULONGLONG)Basic.NumberOfPhysicalPages * Basic.PageSize >> 20),
          (ULONG)((ULONGLONG)Performance.AvailablePages * Basic.PageSize >> 20), Basic.PageSize);
    if (NT_SUCCESS(ConsoleGetSize(NtCurrentPeb()->ProcessParameters->StandardOutput, &Size)))
        Print(L"Screen      %u x %u\n", Size.Columns, Size.Rows);
    Print(L"Running     %u:%02u:%02u\n", Seconds / 3600, Seconds / 60 % 60, Seconds % 60);
}

/* What the terminal still holds is written first. */
static VOID ShutDown(PCWSTR Command, SHUTDOWN_ACTION Action)
{
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    PrintFlush();
    NtFlushBuffersFile(NtCurrentPeb()->ProcessParameters->StandardOutput, &IoStatus);
    Status = NtShutdownSystem(Action);
    if (!NT_SUCCESS(Status))
        Complain(Command, L"the system goes on", Status);
}

VOID CommandReboot(const COMMAND_LINE *Line)
{
    ShutDown(L"reboot", ShutdownReboot);
}

VOID CommandPowerOff(const COMMAND_LINE *Line)
{
    ShutDown(L"poweroff", ShutdownPowerOff);
}
