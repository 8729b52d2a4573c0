/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From an NTSTATUS to the Win32 error that stands for it.
 *
 * One sorted table (statustable.h).  A status of the Win32 facility (0xC007xxxx, 0x8007xxxx) carries the error itself, as do those of
 * the network redirectors (0xC001xxxx).  An HRESULT that was made of a status (0xDxxxxxxx) stands for that.
 */
#include "rtl.h"
#include <winerror.h>

ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS Status);

typedef struct _STATUS_ROW {
    NTSTATUS Status;
    ULONG Error;
} STATUS_ROW;

#include "rtl/statustable.h"

/* ERROR_MR_MID_NOT_FOUND for a status that no Win32 error stands for. */
ULONG NTAPI RtlNtStatusToDosErrorNoTeb(NTSTATUS Status)
{
    ULONG Low = 0;
    ULONG High = ARRAYSIZE(RtlpStatusRows);

    if (((ULONG)Status & 0x20000000) != 0)
        return (ULONG)Status;
    if (((ULONG)Status & 0xf0000000) == 0xd0000000)
        Status &= ~FACILITY_NT_BIT;
    if (((ULONG)Status & 0x7fff0000) == 0x40070000 || ((ULONG)Status & 0xffff0000) == 0x80070000 || ((ULONG)Status & 0xffff0000) == 0xc0010000)
        return (ULONG)Status & 0xffff;
    while (Low < High) {
        ULONG Middle = (Low + High) / 2;

        if (RtlpStatusRows[Middle].Status == Status)
            return RtlpStatusRows[Middle].Error;
        if ((ULONG)RtlpStatusRows[Middle].Status < (ULONG)Status)
            Low = Middle + 1;
        else
            High = Middle;
    }
    return ERROR_MR_MID_NOT_FOUND;
}
