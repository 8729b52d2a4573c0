/* SPDX-License-Identifier: BSD-2-Clause */
/* What hal.dll uses of ntoskrnl.exe beyond the DDI: ports by the host's capabilities (drivers/host/port.c). */
#pragma once

/* Size is 1, 2 or 4 bytes. */
ULONG HostReadPort(ULONG_PTR Port, ULONG Size);
VOID HostWritePort(ULONG_PTR Port, ULONG Size, ULONG Value);

VOID NTAPI HalKeStallExecutionProcessor(ULONG MicroSeconds);
LARGE_INTEGER NTAPI HalKeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency);
BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Context);
