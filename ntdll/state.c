/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small questions that programs ask about themselves, their thread and the system, answered from the TEB, the PEB and
 * KUSER_SHARED_DATA: no service is called but to compare handles and to wait.
 */
#include "ntdllp.h"

/* The process ends: its threads are gone, and DLLs are told so. */
BOOLEAN NTAPI RtlDllShutdownInProgress(VOID)
{
    return LdrpShutdownInProgress;
}

static BOOLEAN RtlpIsSame(HANDLE Handle, HANDLE Own)
{
    return Handle == Own || NtCompareObjects(Handle, Own) == STATUS_SUCCESS;
}

BOOLEAN NTAPI RtlIsCurrentProcess(HANDLE ProcessHandle)
{
    return RtlpIsSame(ProcessHandle, NtCurrentProcess());
}

BOOLEAN NTAPI RtlIsCurrentThread(HANDLE ThreadHandle)
{
    return RtlpIsSame(ThreadHandle, NtCurrentThread());
}

BOOLEAN NTAPI RtlAreLongPathsEnabled(VOID)
{
    return NtCurrentPeb()->IsLongPathAwareProcess;
}

BOOLEAN NTAPI RtlGetNtProductType(PNT_PRODUCT_TYPE ProductType)
{
    *ProductType = (NT_PRODUCT_TYPE)USER_SHARED_DATA->NtProductType;
    return USER_SHARED_DATA->ProductTypeIsValid;
}

PWSTR NTAPI RtlGetNtSystemRoot(VOID)
{
    return (PWSTR)USER_SHARED_DATA->NtSystemRoot;
}

ULONG NTAPI RtlGetActiveConsoleId(VOID)
{
    return USER_SHARED_DATA->ActiveConsoleId;
}

/* There are no containers, which have services' sessions of their own. */
ULONG NTAPI RtlGetCurrentServiceSessionId(VOID)
{
    return 0;
}

NTSTATUS NTAPI RtlDelayExecution(BOOLEAN Alertable, PLARGE_INTEGER DelayInterval)
{
    return NtDelayExecution(Alertable, DelayInterval);
}

/* --- of the thread ------------------------------------------------------------------------------------------------ */

/* What files are opened in; there are no transactions, so that nothing reads it. */
HANDLE NTAPI RtlGetCurrentTransaction(VOID)
{
    return NtCurrentTebEx()->CurrentTransactionHandle;
}

BOOL NTAPI RtlSetCurrentTransaction(HANDLE TransactionHandle)
{
    NtCurrentTebEx()->CurrentTransactionHandle = TransactionHandle;
    return TRUE;
}

VOID NTAPI RtlPushFrame(PTEB_ACTIVE_FRAME Frame)
{
    Frame->Previous = NtCurrentTebEx()->ActiveFrame;
    NtCurrentTebEx()->ActiveFrame = Frame;
}

/* Frames that came after it, and that nobody took away, go with it. */
VOID NTAPI RtlPopFrame(PTEB_ACTIVE_FRAME Frame)
{
    NtCurrentTebEx()->ActiveFrame = Frame->Previous;
}

PTEB_ACTIVE_FRAME NTAPI RtlGetFrame(VOID)
{
    return NtCurrentTebEx()->ActiveFrame;
}
