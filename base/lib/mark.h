/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Marks for the counting plugin (tools/count.c): a five-byte NOP that names a point of the program by a constant of
 * 1 to 255.  On real hardware, and without the plugin, it does nothing.
 */
#pragma once

#define COUNT_MARK(Id) __asm__ volatile(".byte 0x0f, 0x1f, 0x44, 0x00, %c0" : : "i"(Id) : "memory")
