/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Cells as text for a terminal that cannot be told cells: UTF-8 with the control functions of a VT100.
 */
#pragma once

#include "screen.h"

#define PAINT_CELL_BYTES 24             /* most that a cell takes, and the beginning of a row, and the cursor */
#define PAINT_CURSOR_BYTES 96

/* Writes the text that shows the cells [Left, Right) of Row; (Right - Left + 2) * PAINT_CELL_BYTES bytes at most.  Leaves
 * the terminal's cursor and attributes wherever they come to. */
ULONG PaintRow(const SCREEN *Screen, ULONG Row, ULONG Left, ULONG Right, PUCHAR Bytes);

/* The text that puts the cursor, its visibility and the attributes of what comes next as the screen has them; at most
 * PAINT_CURSOR_BYTES. */
ULONG PaintCursor(const SCREEN *Screen, PUCHAR Bytes);

/* The UTF-8 of a cell's character; control characters as the glyphs of code page 437.  At most 3 bytes. */
ULONG PaintCharacter(WCHAR Character, PUCHAR Bytes);
