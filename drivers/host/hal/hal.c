/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * hal.dll: the exports that drivers import from the HAL.
 *
 * There is no hardware abstraction to do in a driver host: port access and time come from ntoskrnl.exe, which knows the
 * host's capabilities.  Nothing here waits, KeStallExecutionProcessor spins.
 */
#include <ntddk.h>

#include "hal.h"

UCHAR NTAPI READ_PORT_UCHAR(PUCHAR Port)
{
    return (UCHAR)HostReadPort((ULONG_PTR)Port, 1);
}

USHORT NTAPI READ_PORT_USHORT(PUSHORT Port)
{
    return (USHORT)HostReadPort((ULONG_PTR)Port, 2);
}

ULONG NTAPI READ_PORT_ULONG(PULONG Port)
{
    return HostReadPort((ULONG_PTR)Port, 4);
}

VOID NTAPI READ_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count)
{
    for (; Count > 0; Count--)
        *Buffer++ = READ_PORT_UCHAR(Port);
}

VOID NTAPI READ_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count)
{
    for (; Count > 0; Count--)
        *Buffer++ = READ_PORT_USHORT(Port);
}

VOID NTAPI READ_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count)
{
    for (; Count > 0; Count--)
        *Buffer++ = READ_PORT_ULONG(Port);
}

VOID NTAPI WRITE_PORT_UCHAR(PUCHAR Port, UCHAR Value)
{
    HostWritePort((ULONG_PTR)Port, 1, Value);
}

VOID NTAPI WRITE_PORT_USHORT(PUSHORT Port, USHORT Value)
{
    HostWritePort((ULONG_PTR)Port, 2, Value);
}

VOID NTAPI WRITE_PORT_ULONG(PULONG Port, ULONG Value)
{
    HostWritePort((ULONG_PTR)Port, 4, Value);
}

VOID NTAPI WRITE_PORT_BUFFER_UCHAR(PUCHAR Port, PUCHAR Buffer, ULONG Count)
{
    for (; Count > 0; Count--)
        WRITE_PORT_UCHAR(Port, *Buffer++);
}

VOID NTAPI WRITE_PORT_BUFFER_USHORT(PUSHORT Port, PUSHORT Buffer, ULONG Count)
{
    for (; Count > 0; Count--)
        WRITE_PORT_USHORT(Port, *Buffer++);
}

VOID NTAPI WRITE_PORT_BUFFER_ULONG(PULONG Port, PULONG Buffer, ULONG Count)
{
    for (; Count > 0; Count--)
        WRITE_PORT_ULONG(Port, *Buffer++);
}

/* hal.def exports these two under their names without Hal. */
VOID NTAPI HalKeStallExecutionProcessor(ULONG MicroSeconds)
{
    KeStallExecutionProcessor(MicroSeconds);
}

LARGE_INTEGER NTAPI HalKeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency)
{
    return KeQueryPerformanceCounter(PerformanceFrequency);
}

/* A DLL without state. */
BOOLEAN NTAPI DllMain(PVOID Base, ULONG Reason, PVOID Context)
{
    return TRUE;
}
