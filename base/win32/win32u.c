/* SPDX-License-Identifier: BSD-2-Clause
 *
 * win32u.dll of a system without windows: user32 and gdi32 load over it, for the sake of the functions that need no window
 * (character case, strings of resources, message formatting).  Nothing ever sends a message here, so waiting for messages is waiting
 * for the handles, and the queue is empty.  Every other service of win32u.txt fails: it answers 0 (FALSE, NULL) with the error
 * ERROR_CALL_NOT_IMPLEMENTED, or STATUS_NOT_IMPLEMENTED where its value is a status, and its name is logged once.
 */
#include "ntdll.h"

enum { CALL_NOT_IMPLEMENTED = 120, WAIT_FOR_ALL = 0x0001, WAIT_ALERTABLE = 0x0002 };
#define FOREVER 0xFFFFFFFFu             /* INFINITE */
#define FAILED_WAIT 0xFFFFFFFFu         /* WAIT_FAILED */

typedef struct _MISSING_EXPORT {        /* a row of missing.S (ntdll/mkmissing.py) */
    volatile LONG64 Called;
    char Name[];
} MISSING_EXPORT;

ULONG_PTR KiMissingExport(MISSING_EXPORT *Row);
ULONG NTAPI NtUserMsgWaitForMultipleObjectsEx(ULONG Count, const HANDLE *Handles, ULONG Milliseconds, ULONG WakeMask, ULONG Flags);
BOOL NTAPI NtUserPeekMessage(PVOID Message, HANDLE Window, UINT First, UINT Last, UINT Flags);
ULONG NTAPI NtUserGetQueueStatus(UINT Flags);

/* The services of the display driver kernel answer with a status, all others with a handle, a number or a BOOL. */
static BOOLEAN AnswersStatus(const char *Name)
{
    return strncmp(Name, "NtGdiDdDDI", sizeof("NtGdiDdDDI") - 1) == 0;
}

ULONG_PTR KiMissingExport(MISSING_EXPORT *Row)
{
    if (InterlockedExchange64(&Row->Called, 1) == 0)
        DbgPrint("win32u: %s is not implemented\n", Row->Name);
    if (AnswersStatus(Row->Name))
        return (ULONG)STATUS_NOT_IMPLEMENTED;
    NtCurrentTeb()->LastErrorValue = CALL_NOT_IMPLEMENTED;
    return 0;
}

/*
 * Waits as MsgWaitForMultipleObjectsEx does (Microsoft's documentation of that function): the index of the handle, WAIT_TIMEOUT,
 * WAIT_IO_COMPLETION, or WAIT_FAILED with the last error.  With MWMO_WAITALL all handles and a message are waited for; the message
 * never comes, so only the time ends that wait, as it does with no handles.
 */
ULONG NTAPI NtUserMsgWaitForMultipleObjectsEx(ULONG Count, const HANDLE *Handles, ULONG Milliseconds, ULONG WakeMask, ULONG Flags)
{
    LARGE_INTEGER Timeout = { .QuadPart = Milliseconds == FOREVER ? MINLONGLONG : Milliseconds * -10000ll };
    BOOLEAN Alertable = (Flags & WAIT_ALERTABLE) != 0;
    NTSTATUS Status;

    if (Count == 0 || (Flags & WAIT_FOR_ALL)) {
        Status = NtDelayExecution(Alertable, &Timeout);
        if (Status == STATUS_SUCCESS)
            Status = STATUS_TIMEOUT;
    } else {
        Status = NtWaitForMultipleObjects(Count, Handles, WaitAny, Alertable, Milliseconds == FOREVER ? NULL : &Timeout);
    }
    if (NT_SUCCESS(Status))
        return (ULONG)Status;
    NtCurrentTeb()->LastErrorValue = RtlNtStatusToDosError(Status);
    return FAILED_WAIT;
}

BOOL NTAPI NtUserPeekMessage(PVOID Message, HANDLE Window, UINT First, UINT Last, UINT Flags)
{
    return FALSE;
}

ULONG NTAPI NtUserGetQueueStatus(UINT Flags)
{
    return 0;
}
