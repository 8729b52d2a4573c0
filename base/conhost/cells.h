/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The cells of a screen as Win32's console functions see them: read, written, filled, moved.  Arguments are a program's and
 * are checked here.
 */
#pragma once

#include "screen.h"
#include "abi/conapi.h"

/* Writes the cells that follow Where (Count elements of its mode) and sets *Written to how many were taken, *Changed to the
 * rectangle that they changed (empty if none).  STATUS_INVALID_PARAMETER: no such mode. */
NTSTATUS CellsWrite(PSCREEN Screen, const CONAPI_CELLS *Where, const void *Cells, ULONG Count, PULONG Written,
                    SCREEN_RECT *Changed);

/* Copies cells to Data (Size bytes) and sets *Read to the bytes; ConapiBoth: a SMALL_RECT, then the rectangle that it
 * says.  STATUS_INVALID_PARAMETER: no such mode, or a rectangle that is not on the screen. */
NTSTATUS CellsRead(const SCREEN *Screen, const CONAPI_CELLS *Where, void *Data, ULONG Size, PULONG Read);

/* Fills a run of cells; as CellsWrite. */
NTSTATUS CellsFill(PSCREEN Screen, const CONAPI_FILL *Fill, PULONG Written, SCREEN_RECT *Changed);

/* Moves a rectangle, as ScrollConsoleScreenBuffer does.  STATUS_INVALID_PARAMETER: the source, the target or what is left of
 * the clipping rectangle is not on the screen. */
NTSTATUS CellsScroll(PSCREEN Screen, const CONAPI_SCROLL *Scroll, SCREEN_RECT *Changed);
