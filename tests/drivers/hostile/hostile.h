/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What hostile.sys and its test, tests/native/hostile.c, have in common.
 */
#pragma once

#define HOSTILE_DEVICE L"\\Device\\HostileTest"
#define HOSTILE_CODE(Function) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + (Function), METHOD_BUFFERED, FILE_ANY_ACCESS)
#define HOSTILE_ATTACK HOSTILE_CODE(0)          /* in: ULONG64, the seed */
#define HOSTILE_LIE HOSTILE_CODE(1)             /* in: ULONG64, the seed */
#define HOSTILE_WAIT HOSTILE_CODE(2)
#define HOSTILE_OTHER HOSTILE_CODE(3)           /* answered, or lied to */
#define HOSTILE_BREAK HOSTILE_CODE(4)           /* in: ULONG, one of these */

enum {
    HOSTILE_OLD_ANSWER,         /* the last HOSTILE_WAIT is answered with success, by a number that its place in the ring had before */
    HOSTILE_PENDING_ANSWER,     /* by its number, with STATUS_PENDING */
    HOSTILE_TAKEN,              /* says that requests are taken that were never sent, and answers no more */
    HOSTILE_ANSWERED,           /* says that HOSTILE_AHEAD requests more are answered than are */
};

#define HOSTILE_AHEAD 0x20000000
