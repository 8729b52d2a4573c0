/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Put before the DDK's wdm.h on the include path of drivers and of the driver host.
 *
 * A driver runs in user mode.  On x64 the DDK turns port access, IRQL and the clock into instructions and
 * addresses of the kernel (in, out, mov cr8, 0xFFFFF78000000000), which fault there.  This header lets the
 * DDK define those under other names and declares the documented names as functions of ntoskrnl.exe and hal.dll.
 * Sources need no change.  A binary that was built without this header works too: the host carries out the
 * faulting instruction (drivers/host/emulate.c), which costs an exception each time.
 */
#pragma once

#include <intrin.h>

#define READ_PORT_UCHAR DdkInline_READ_PORT_UCHAR
#define READ_PORT_USHORT DdkInline_READ_PORT_USHORT
#define READ_PORT_ULONG DdkInline_READ_PORT_ULONG
#define READ_PORT_BUFFER_UCHAR DdkInline_READ_PORT_BUFFER_UCHAR
#define READ_PORT_BUFFER_USHORT DdkInline_READ_PORT_BUFFER_USHORT
#define READ_PORT_BUFFER_ULONG DdkInline_READ_PORT_BUFFER_ULONG
#define WRITE_PORT_UCHAR DdkInline_WRITE_PORT_UCHAR
#define WRITE_PORT_USHORT DdkInline_WRITE_PORT_USHORT
#define WRITE_PORT_ULONG DdkInline_WRITE_PORT_ULONG
#define WRITE_PORT_BUFFER_UCHAR DdkInline_WRITE_PORT_BUFFER_UCHAR
#define WRITE_PORT_BUFFER_USHORT DdkInline_WRITE_PORT_BUFFER_USHORT
#define WRITE_PORT_BUFFER_ULONG DdkInline_WRITE_PORT_BUFFER_ULONG
#define KeGetCurrentIrql DdkInline_KeGetCurrentIrql
#define KeLowerIrql DdkInline_KeLowerIrql
#define KfRaiseIrql DdkInline_KfRaiseIrql
#define KeRaiseIrqlToDpcLevel DdkInline_KeRaiseIrqlToDpcLevel
#define KeRaiseIrqlToSynchLevel DdkInline_KeRaiseIrqlToSynchLevel
/* These two stay renamed: the DDK's inline forms collide with the declarations of intrin.h. */
#define InterlockedBitTestAndSet DdkInline_InterlockedBitTestAndSet
#define InterlockedBitTestAndReset DdkInline_InterlockedBitTestAndReset

#include_next <wdm.h>

#undef READ_PORT_UCHAR
#undef READ_PORT_USHORT
#undef READ_PORT_ULONG
#undef READ_PORT_BUFFER_UCHAR
#undef READ_PORT_BUFFER_USHORT
#undef READ_PORT_BUFFER_ULONG
#undef WRITE_PORT_UCHAR
#undef WRITE_PORT_USHORT
#undef WRITE_PORT_ULONG
#undef WRITE_PORT_BUFFER_UCHAR
#undef WRITE_PORT_BUFFER_USHORT
#undef WRITE_PORT_BUFFER_ULONG
#undef KeGetCurrentIrql
#undef KeLowerIrql
#undef KfRaiseIrql
#undef KeRaiseIrqlToDpcLevel
#undef KeRaiseIrqlToSynchLevel
#undef KeQuerySystemTime
#undef KeQueryTickCount
#undef KeQueryInterruptTime

NTHALAPI UCHAR NTAPI READ_PORT_UCHAR(PUCHAR Port);
NTHALAPI USHORT NTAPI READ_PORT_USHORT(PUSHORT Port);
NTHALAPI ULONG NTAPI READ_PORT_ULONG(PULONG Port);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count);
NTHALAPI VOID NTAPI READ_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_UCHAR(PUCHAR Port, UCHAR Value);
NTHALAPI VOID NTAPI WRITE_PORT_USHORT(PUSHORT Port, USHORT Value);
NTHALAPI VOID NTAPI WRITE_PORT_ULONG(PULONG Port, ULONG Value);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count);
NTHALAPI VOID NTAPI WRITE_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count);

NTKERNELAPI KIRQL NTAPI KeGetCurrentIrql(VOID);
NTKERNELAPI VOID NTAPI KeLowerIrql(KIRQL NewIrql);
NTKERNELAPI KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql);
NTKERNELAPI KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID);

NTKERNELAPI VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
NTKERNELAPI VOID NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount);
NTKERNELAPI ULONGLONG NTAPI KeQueryInterruptTime(VOID);
