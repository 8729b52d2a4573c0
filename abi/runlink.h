/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The link of a machine that runs one program: what base/smss/ and tools/runner.py say to one another over the second serial
 * port.  Frames follow each other in both directions, each a header and Length bytes:
 *
 *      0        1         2        4            8
 *      +--------+---------+--------+------------+----------
 *      | Type   | Channel | zero   | Length     | payload
 *      +--------+---------+--------+------------+----------
 *
 * The machine begins, with a credit for channel 0; the host says nothing before that.  Numbers are little-endian.
 */
#pragma once

#include <stdint.h>

typedef struct _RUN_FRAME {
    uint8_t Type;
    uint8_t Channel;            /* 0 standard input, 1 standard output, 2 standard error; 0 for the other types */
    uint16_t Zero;
    uint32_t Length;
} RUN_FRAME;

_Static_assert(sizeof(RUN_FRAME) == 8, "layout");

#define RUN_MAXIMUM_LENGTH 0x10000u     /* of a payload */

enum {
    RUN_DATA = 1,               /* bytes of the channel */
    RUN_END = 2,                /* the channel's writer has no more */
    RUN_CREDIT = 3,             /* to the host: uint32_t, that many bytes more of standard input may be sent */
    RUN_CLOSED = 4,             /* the channel's reader is gone: bytes for it are thrown away */
    RUN_EXIT = 5,               /* to the host: uint32_t, the program's exit status; its output is complete */
    RUN_FAILED = 6,             /* to the host: UTF-8, why the program could not be started */
    RUN_GET = 7,                /* to the machine, after its RUN_EXIT: UTF-8, the DOS path of a file to send */
    RUN_FILE = 8,               /* to the host: bytes of that file */
    RUN_FILE_END = 9,           /* to the host: UTF-8, why the file ends too early; empty: it is complete */
    RUN_POWER_OFF = 10,         /* to the machine, after its RUN_EXIT or RUN_FAILED */
};
