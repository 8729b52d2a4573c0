/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What crash.sys and its tests have in common: the codes that crash.c describes.
 */
#pragma once

#define CRASH_DEVICE L"\\Device\\CrashTest"
#define CRASH_CODE(Function) CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800 + (Function), METHOD_BUFFERED, FILE_ANY_ACCESS)
#define CRASH_PING CRASH_CODE(0)
#define CRASH_WAIT CRASH_CODE(1)
#define CRASH_READ0 CRASH_CODE(2)
#define CRASH_BUGCHECK CRASH_CODE(3)
#define CRASH_SPINLOCK CRASH_CODE(4)
#define CRASH_WORK CRASH_CODE(5)
#define CRASH_INLINE CRASH_CODE(6)
#define CRASH_REGISTRY CRASH_CODE(7)
#define CRASH_SPIN CRASH_CODE(8)
#define CRASH_SPINODD CRASH_CODE(9)
#define CRASH_SPINLATER CRASH_CODE(10)
#define CRASH_KEEP CRASH_CODE(11)
#define CRASH_COMPUTE CRASH_CODE(12)
#define CRASH_CLAIM CTL_CODE(FILE_DEVICE_UNKNOWN, 0x80d, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

#define CRASH_LATER 5                   /* seconds */

#define CRASH_NO_UNLOAD 0x103           /* values of Start: how it unloads */
#define CRASH_BAD_UNLOAD 0x203
