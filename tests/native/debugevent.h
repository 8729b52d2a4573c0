/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For tests that debug a process.
 */
#pragma once

#include "check.h"
#include "nt/dbgapi.h"

/* This program once more, suspended, with the debug object (NULL: with none). */
static inline NTSTATUS StartDebuggee(PCWSTR CommandLine, HANDLE DebugObject, PRTL_USER_PROCESS_INFORMATION Information)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters;
    UNICODE_STRING Image = NtCurrentPeb()->ProcessParameters->ImagePathName, Command, Path;
    WCHAR NtPath[300];
    NTSTATUS Status;

    _snwprintf(NtPath, ARRAYSIZE(NtPath), L"\\??\\%s", Image.Buffer);
    RtlInitUnicodeString(&Path, NtPath);
    RtlInitUnicodeString(&Command, CommandLine);
    Status = RtlCreateProcessParametersEx(&Parameters, &Image, NULL, NULL, &Command, NULL, NULL, NULL, NULL, NULL, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Information->Length = sizeof(*Information);
    Status = RtlCreateUserProcess(&Path, OBJ_CASE_INSENSITIVE, Parameters, NULL, NULL, NULL, FALSE, DebugObject, NULL,
                                  Information);
    RtlDestroyProcessParameters(Parameters);
    return Status;
}

/* Those that come with an event. */
static inline VOID CloseEventHandles(const DBGUI_WAIT_STATE_CHANGE *Change)
{
    if (Change->NewState == DbgCreateProcessStateChange) {
        NtClose(Change->StateInfo.CreateProcessInfo.HandleToProcess);
        NtClose(Change->StateInfo.CreateProcessInfo.HandleToThread);
        NtClose(Change->StateInfo.CreateProcessInfo.NewProcess.FileHandle);
    } else if (Change->NewState == DbgCreateThreadStateChange) {
        NtClose(Change->StateInfo.CreateThread.HandleToThread);
    } else if (Change->NewState == DbgLoadDllStateChange && Change->StateInfo.LoadDll.FileHandle != NULL) {
        NtClose(Change->StateInfo.LoadDll.FileHandle);
    }
}
