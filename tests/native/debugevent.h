/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For tests that debug a process.
 */
#pragma once

#include "check.h"
#include "nt/dbgapi.h"

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
