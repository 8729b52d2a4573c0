/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The link of a machine that runs one program: what base/smss/ and tools/runner.py say to one another.
 *
 * Frames go over the second serial port, one after the other in both directions, each a header and its payload.  Bulk
 * bytes are not in the frames but in memory that both sides see, the window (drivers/char/shmem): a ring each way.
 *
 *      0        1         2        4            8
 *      +--------+---------+--------+------------+----------
 *      | Type   | Channel | zero   | Length     | payload
 *      +--------+---------+--------+------------+----------
 *
 *      window   +---------------------------+ 0
 *               | to the host               |
 *               +---------------------------+ RUN_OUT_SIZE
 *               | to the machine            |
 *               +---------------------------+ RUN_OUT_SIZE + RUN_IN_SIZE, then nothing up to RUN_WINDOW_SIZE
 *
 * RUN_DATA and RUN_FILE announce Length bytes in the sender's ring, behind those that it announced before; they do not go over
 * the ring's end.  RUN_CREDIT gives room in the receiver's ring back, and at the beginning all of it: the
 * machine begins with one for its input, and the host, which says nothing before, answers with one.  Numbers are little-endian.
 *
 * RUN_CONTROL is what Ctrl+C and Ctrl+Break are at a console: all programs on the program's console get the event
 * (IOCTL_CONDRV_SEND_CONTROL in abi/condrv.h).  After the program's end it does nothing.
 */
#pragma once

#include <stdint.h>

typedef struct _RUN_FRAME {
    uint8_t Type;
    uint8_t Channel;            /* 0 standard input, 1 standard output, 2 standard error; 0 for the other types */
    uint16_t Zero;
    uint32_t Length;            /* of the payload; of RUN_DATA and RUN_FILE: in the window */
} RUN_FRAME;

_Static_assert(sizeof(RUN_FRAME) == 8, "layout");

#define RUN_WINDOW_SIZE 0x200000u
#define RUN_OUT_SIZE 0x100000u
#define RUN_IN_SIZE 0x40000u
#define RUN_MAXIMUM_PAYLOAD 0x400u

enum {
    RUN_DATA = 1,               /* bytes of the channel */
    RUN_END = 2,                /* the channel's writer has no more */
    RUN_CREDIT = 3,             /* uint32_t, that many bytes more may be sent */
    RUN_CLOSED = 4,             /* the channel's reader is gone: bytes for it are thrown away */
    RUN_EXIT = 5,               /* to the host: uint32_t, the program's exit status; its output is complete */
    RUN_FAILED = 6,             /* to the host: UTF-8, why the program could not be started */
    RUN_GET = 7,                /* to the machine, after its RUN_EXIT: UTF-8, the DOS path of a file to send */
    RUN_FILE = 8,               /* to the host: bytes of that file */
    RUN_FILE_END = 9,           /* to the host: UTF-8, why the file ends too early; empty: it is complete */
    RUN_POWER_OFF = 10,         /* to the machine, after its RUN_EXIT or RUN_FAILED */
    RUN_CONTROL = 11,           /* to the machine: uint32_t, CTRL_C_EVENT (0) or CTRL_BREAK_EVENT (1) */
};
