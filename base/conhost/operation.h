/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Operations of programs on a screen buffer other than text: each runs when its turn among the writes has come.
 */
#pragma once

#include "buffer.h"
#include "abi/conapi.h"

/* What has to be shown anew, and the answer's data. */
typedef struct _OUTPUT_CHANGE {
    SCREEN_RECT Rect;           /* may be empty: then the cursor and the attributes only */
    ULONG ResultSize;
    union {
        ULONG Count;
        SMALL_RECT Rect;
    } Result;
} OUTPUT_CHANGE, *POUTPUT_CHANGE;

/* Input (Size bytes) is a program's and checked by the operation.  Changes the buffer, or fails and changes nothing. */
typedef NTSTATUS (*OUTPUT_OPERATION)(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change);

NTSTATUS OperationWriteCells(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change);
NTSTATUS OperationFillCells(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change);
NTSTATUS OperationScrollCells(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change);
NTSTATUS OperationSetInfo(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change);
NTSTATUS OperationActivate(PBUFFER Buffer, const void *Input, ULONG Size, POUTPUT_CHANGE Change);

/* What SET_OUTPUT_INFO sets, as it is. */
VOID OperationGetInfo(const BUFFER *Buffer, CONAPI_OUTPUT_INFO *Info);
