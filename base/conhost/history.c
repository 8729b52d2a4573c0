/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lines typed before (history.h).
 *
 * DIFFERS: Windows keeps a history for each name of a program's file, this is one for each process.
 */
#include "history.h"

static HISTORY Histories[HISTORIES];
static ULONG Uses;

static VOID Forget(PHISTORY History)
{
    for (ULONG i = 0; i < History->Count; i++)
        Free(History->Lines[i].Text);
    History->Count = 0;
}

PHISTORY HistoryOf(ULONG_PTR Process)
{
    PHISTORY Oldest = &Histories[0];

    for (ULONG i = 0; i < HISTORIES; i++) {
        if (Histories[i].Used != 0 && Histories[i].Process == Process) {
            Histories[i].Used = ++Uses;
            return &Histories[i];
        }
        if (Histories[i].Used < Oldest->Used)
            Oldest = &Histories[i];
    }
    Forget(Oldest);
    Oldest->Process = Process;
    Oldest->Used = ++Uses;
    return Oldest;
}

VOID HistoryAdd(PHISTORY History, PCWSTR Text, ULONG Length)
{
    const HISTORY_LINE *Last = History->Count != 0 ? &History->Lines[History->Count - 1] : NULL;
    PWSTR Copy;

    if (Length == 0 || (Last != NULL && Last->Length == Length && memcmp(Last->Text, Text, Length * sizeof(WCHAR)) == 0))
        return;
    Copy = Allocate(Length * sizeof(WCHAR));
    if (Copy == NULL)
        return;
    memcpy(Copy, Text, Length * sizeof(WCHAR));
    if (History->Count == HISTORY_LINES) {
        Free(History->Lines[0].Text);
        memmove(History->Lines, History->Lines + 1, (HISTORY_LINES - 1) * sizeof(HISTORY_LINE));
        History->Count--;
    }
    History->Lines[History->Count++] = (HISTORY_LINE){ Length, Copy };
}
