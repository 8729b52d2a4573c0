/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The thread pool as ntdll exports it: Tp routines, and the older Rtl ones.  The Win32 thread pool functions are these
 * under other names, and document them.
 */
#pragma once

typedef VOID (NTAPI *PTP_IO_CALLBACK)(PTP_CALLBACK_INSTANCE Instance, PVOID Context, PVOID ApcContext,
        PIO_STATUS_BLOCK Iosb, PTP_IO Io);
typedef VOID (NTAPI *PRTL_WORK_ITEM_ROUTINE)(PVOID Context);
typedef VOID (NTAPI *PRTL_OVERLAPPED_COMPLETION_ROUTINE)(ULONG Status, ULONG Bytes, PVOID ApcContext);

NTSTATUS NTAPI TpAllocPool(PTP_POOL *PoolReturn, PVOID Reserved);
VOID NTAPI TpReleasePool(PTP_POOL Pool);
VOID NTAPI TpSetPoolMaxThreads(PTP_POOL Pool, LONG MaxThreads);
NTSTATUS NTAPI TpSetPoolMinThreads(PTP_POOL Pool, LONG MinThreads);
NTSTATUS NTAPI TpSetPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION StackInformation);
NTSTATUS NTAPI TpQueryPoolStackInformation(PTP_POOL Pool, PTP_POOL_STACK_INFORMATION StackInformation);

NTSTATUS NTAPI TpSimpleTryPost(PTP_SIMPLE_CALLBACK Callback, PVOID Context, PTP_CALLBACK_ENVIRON Environment);
NTSTATUS NTAPI TpAllocWork(PTP_WORK *WorkReturn, PTP_WORK_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment);
VOID NTAPI TpPostWork(PTP_WORK Work);
VOID NTAPI TpWaitForWork(PTP_WORK Work, BOOL CancelPendingCallbacks);
VOID NTAPI TpReleaseWork(PTP_WORK Work);

NTSTATUS NTAPI TpAllocTimer(PTP_TIMER *TimerReturn, PTP_TIMER_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment);
/* DueTime NULL: not any more.  Period and window in ms. */
VOID NTAPI TpSetTimer(PTP_TIMER Timer, PLARGE_INTEGER DueTime, LONG Period, LONG WindowLength);
BOOL NTAPI TpIsTimerSet(PTP_TIMER Timer);
VOID NTAPI TpWaitForTimer(PTP_TIMER Timer, BOOL CancelPendingCallbacks);
VOID NTAPI TpReleaseTimer(PTP_TIMER Timer);

NTSTATUS NTAPI TpAllocWait(PTP_WAIT *WaitReturn, PTP_WAIT_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment);
/* Handle NULL: not any more. */
VOID NTAPI TpSetWait(PTP_WAIT Wait, HANDLE Handle, PLARGE_INTEGER Timeout);
VOID NTAPI TpWaitForWait(PTP_WAIT Wait, BOOL CancelPendingCallbacks);
VOID NTAPI TpReleaseWait(PTP_WAIT Wait);

NTSTATUS NTAPI TpAllocIoCompletion(PTP_IO *IoReturn, HANDLE File, PTP_IO_CALLBACK Callback, PVOID Context,
        PTP_CALLBACK_ENVIRON Environment);
VOID NTAPI TpStartAsyncIoOperation(PTP_IO Io);
VOID NTAPI TpCancelAsyncIoOperation(PTP_IO Io);
VOID NTAPI TpWaitForIoCompletion(PTP_IO Io, BOOL CancelPendingCallbacks);
VOID NTAPI TpReleaseIoCompletion(PTP_IO Io);

NTSTATUS NTAPI TpAllocCleanupGroup(PTP_CLEANUP_GROUP *CleanupGroupReturn);
VOID NTAPI TpReleaseCleanupGroup(PTP_CLEANUP_GROUP CleanupGroup);
VOID NTAPI TpReleaseCleanupGroupMembers(PTP_CLEANUP_GROUP CleanupGroup, BOOL CancelPendingCallbacks,
        PVOID CleanupContext);

VOID NTAPI TpCallbackSetEventOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Event);
VOID NTAPI TpCallbackReleaseSemaphoreOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Semaphore,
        DWORD ReleaseCount);
VOID NTAPI TpCallbackReleaseMutexOnCompletion(PTP_CALLBACK_INSTANCE Instance, HANDLE Mutex);
VOID NTAPI TpCallbackLeaveCriticalSectionOnCompletion(PTP_CALLBACK_INSTANCE Instance,
        PRTL_CRITICAL_SECTION CriticalSection);
VOID NTAPI TpCallbackUnloadDllOnCompletion(PTP_CALLBACK_INSTANCE Instance, PVOID DllHandle);
NTSTATUS NTAPI TpCallbackMayRunLong(PTP_CALLBACK_INSTANCE Instance);
VOID NTAPI TpDisassociateCallback(PTP_CALLBACK_INSTANCE Instance);

NTSTATUS NTAPI RtlQueueWorkItem(PRTL_WORK_ITEM_ROUTINE Function, PVOID Context, ULONG Flags);
NTSTATUS NTAPI RtlCreateTimerQueue(PHANDLE TimerQueueHandle);
NTSTATUS NTAPI RtlDeleteTimerQueue(HANDLE TimerQueueHandle);
/* CompletionEvent here and below: NULL does not wait, INVALID_HANDLE_VALUE waits, else it is set at the end. */
NTSTATUS NTAPI RtlDeleteTimerQueueEx(HANDLE TimerQueueHandle, HANDLE CompletionEvent);
NTSTATUS NTAPI RtlCreateTimer(HANDLE TimerQueueHandle, PHANDLE Handle, WAITORTIMERCALLBACKFUNC Function, PVOID Context,
        ULONG DueTime, ULONG Period, ULONG Flags);
NTSTATUS NTAPI RtlUpdateTimer(HANDLE TimerQueueHandle, HANDLE TimerHandle, ULONG DueTime, ULONG Period);
NTSTATUS NTAPI RtlDeleteTimer(HANDLE TimerQueueHandle, HANDLE TimerHandle, HANDLE CompletionEvent);
NTSTATUS NTAPI RtlRegisterWait(PHANDLE WaitHandle, HANDLE Handle, WAITORTIMERCALLBACKFUNC Function, PVOID Context,
        ULONG Milliseconds, ULONG Flags);
NTSTATUS NTAPI RtlDeregisterWait(HANDLE WaitHandle);
NTSTATUS NTAPI RtlDeregisterWaitEx(HANDLE WaitHandle, HANDLE CompletionEvent);
NTSTATUS NTAPI RtlSetIoCompletionCallback(HANDLE FileHandle, PRTL_OVERLAPPED_COMPLETION_ROUTINE Function, ULONG Flags);
