/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * I/O ports and device memory.
 *
 * A port access is an invocation of the I/O port capability whose range holds the port; a driver reaches exactly
 * the ports of its host's resource lists.  Reading any other port gives all ones, writing it does nothing, and the
 * first such access of a host is logged.  Device memory is mapped by the executive, which checks the range.
 *
 * hal.dll's port routines end in HostReadPort and HostWritePort.  Nothing here waits.
 */
#include "host.h"

/* The capability for Size ports from Port on, or 0. */
static seL4_CPtr HostPortCapability(ULONG_PTR Port, ULONG Size)
{
    static seL4_CPtr LastSlot;
    static ULONG_PTR LastStart, LastEnd;
    static BOOLEAN IsLogged;
    const volatile DRIVER_RESOURCE *Resource;
    ULONG i, j;

    if (Port >= LastStart && Port + Size <= LastEnd)
        return LastSlot;
    for (i = 0; i < HOST_START->DriverCount; i++) {
        for (j = 0; j < HOST_START->Drivers[i].ResourceCount; j++) {
            Resource = &HOST_START->Drivers[i].Resources[j];
            if (Resource->Type != DRIVER_RESOURCE_PORT || Port < Resource->Start ||
                Port + Size > Resource->Start + Resource->Length)
                continue;
            LastStart = (ULONG_PTR)Resource->Start;
            LastEnd = (ULONG_PTR)(Resource->Start + Resource->Length);
            LastSlot = Resource->Slot;
            return LastSlot;
        }
    }
    if (!IsLogged)
        HostLog("driver host: access to port %x, which is no resource of this host\n", (unsigned)Port);
    IsLogged = TRUE;
    return 0;
}

ULONG HostReadPort(ULONG_PTR Port, ULONG Size)
{
    seL4_CPtr Slot = HostPortCapability(Port, Size);

    if (Slot == 0)
        return MAXULONG;
    switch (Size) {
    case 1:
        return seL4_X86_IOPort_In8(Slot, (seL4_Uint16)Port).result;
    case 2:
        return seL4_X86_IOPort_In16(Slot, (seL4_Uint16)Port).result;
    default:
        return seL4_X86_IOPort_In32(Slot, (seL4_Uint16)Port).result;
    }
}

VOID HostWritePort(ULONG_PTR Port, ULONG Size, ULONG Value)
{
    seL4_CPtr Slot = HostPortCapability(Port, Size);

    if (Slot == 0)
        return;
    if (Size == 1)
        seL4_X86_IOPort_Out8(Slot, Port, (UCHAR)Value);
    else if (Size == 2)
        seL4_X86_IOPort_Out16(Slot, Port, (USHORT)Value);
    else
        seL4_X86_IOPort_Out32(Slot, Port, Value);
}

PVOID NTAPI MmMapIoSpace(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, MEMORY_CACHING_TYPE CacheType)
{
    PVOID Address = NULL;
    NTSTATUS Status = NtHostMapDeviceMemory((ULONGLONG)PhysicalAddress.QuadPart, NumberOfBytes, CacheType, &Address);

    if (!NT_SUCCESS(Status)) {
        HostLog("driver host: device memory %I64x, %Ix bytes: status %x\n", PhysicalAddress.QuadPart, NumberOfBytes,
                Status);
        return NULL;
    }
    return Address;
}

VOID NTAPI MmUnmapIoSpace(PVOID BaseAddress, SIZE_T NumberOfBytes)
{
    NtHostUnmapDeviceMemory(BaseAddress, NumberOfBytes);
}
