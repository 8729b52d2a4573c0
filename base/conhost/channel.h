/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A channel: one handle on which at most one asynchronous request is under way.
 *
 * The owner issues a request with the channel's File, Event and IoStatus and hands the service's status to
 * ChannelStarted.  Later main.c calls Completed; or, if the device failed or is not there, Retry, after a pause
 * that grows with each failure in a row.  After ten of them the channel stays closed and costs nothing.
 */
#pragma once

#include "nt.h"

#define TimeNever 0x7fffffffffffffffll

typedef struct _CHANNEL {
    PCWSTR DeviceName;
    VOID (*Completed)(ULONG Information);
    VOID (*Retry)(VOID);
    HANDLE File;                /* NULL: not open */
    HANDLE Event;
    IO_STATUS_BLOCK IoStatus;
    BOOLEAN IsBusy;
    UCHAR Failures;             /* in a row */
    LONGLONG RetryTime;         /* TimeNow units; 0: no retry is planned */
} CHANNEL, *PCHANNEL;

/* Puts the channel on main.c's list and makes its event; opens nothing. */
VOID ChannelAdd(PCHANNEL Channel);

/* Opens the device unless it is open; on failure plans a retry and returns FALSE. */
BOOLEAN ChannelOpen(PCHANNEL Channel);

/* Status is what the service returned that should start the request. */
VOID ChannelStarted(PCHANNEL Channel, NTSTATUS Status);
VOID ChannelIoctl(PCHANNEL Channel, ULONG Code, PVOID Input, ULONG InputLength, PVOID Output, ULONG OutputLength);

/* 100 ns units from an arbitrary beginning. */
LONGLONG TimeNow(VOID);
