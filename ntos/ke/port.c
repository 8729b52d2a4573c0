/* SPDX-License-Identifier: BSD-2-Clause
 *
 * I/O ports: the ranges that ntos has had issued, for itself (hal) and for driver hosts.
 *
 * The kernel issues a port once; so the ranges are kept for ever and copied to whoever is granted the same range
 * again (a host that was restarted, COM1 which ntos writes its last words to).  The two UARTs come first, before
 * there is memory management: their capabilities are in slots of the initial CNode that are empty by the boot
 * protocol.
 */
#include "kep.h"

#define KI_MAX_PORT_RANGES 48
/* The two first: IOSpace, empty without an IOMMU; SMMU, not on this architecture. */
static const seL4_CPtr KipEarlySlots[] = { 8, 12 };
static ULONG KipEarly;

static struct {
    USHORT First, Last;
    seL4_CPtr Cap;
} KipRanges[KI_MAX_PORT_RANGES];
static ULONG KipRangeCount;

static seL4_CPtr KipIssue(USHORT First, USHORT Last, seL4_CPtr Slot, seL4_CNode Root)
{
    if (KipRangeCount == KI_MAX_PORT_RANGES || Slot == 0)
        return 0;
    if (seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, First, Last, Root, Slot, 64) != seL4_NoError)
        return 0;
    KipRanges[KipRangeCount].First = First;
    KipRanges[KipRangeCount].Last = Last;
    KipRanges[KipRangeCount++].Cap = Slot;
    return Slot;
}

seL4_CPtr KiGetPortCap(USHORT First, USHORT Last)
{
    seL4_CPtr Slot, Cap;

    for (ULONG i = 0; i < KipRangeCount; i++)
        if (KipRanges[i].First == First && KipRanges[i].Last == Last)
            return KipRanges[i].Cap;
    if (KipEarly < ARRAYSIZE(KipEarlySlots))
        return KipIssue(First, Last, KipEarlySlots[KipEarly++], seL4_CapInitThreadCNode);
    Slot = MmAllocateSlot();
    Cap = KipIssue(First, Last, Slot, MmRootCNode);
    if (Cap == 0 && Slot != 0)
        MmFreeSlot(Slot);
    return Cap;
}

BOOLEAN KeClaimPorts(USHORT First, USHORT Last)
{
    return KiGetPortCap(First, Last) != 0;
}

static seL4_CPtr KipFindPort(USHORT Port, ULONG Size)
{
    for (ULONG i = 0; i < KipRangeCount; i++)
        if (Port >= KipRanges[i].First && Port + Size - 1 <= KipRanges[i].Last)
            return KipRanges[i].Cap;
    return KiGetPortCap(Port, (USHORT)(Port + Size - 1));
}

ULONG KeReadPort(USHORT Port, ULONG Size)
{
    seL4_CPtr Cap = KipFindPort(Port, Size);

    if (Cap == 0)
        return ~0u;
    switch (Size) {
    case 1:
        return seL4_X86_IOPort_In8(Cap, Port).result;
    case 2:
        return seL4_X86_IOPort_In16(Cap, Port).result;
    default:
        return seL4_X86_IOPort_In32(Cap, Port).result;
    }
}

VOID KeWritePort(USHORT Port, ULONG Size, ULONG Value)
{
    seL4_CPtr Cap = KipFindPort(Port, Size);

    if (Cap == 0)
        return;
    switch (Size) {
    case 1:
        seL4_X86_IOPort_Out8(Cap, Port, Value & 0xff);
        break;
    case 2:
        seL4_X86_IOPort_Out16(Cap, Port, Value & 0xffff);
        break;
    default:
        seL4_X86_IOPort_Out32(Cap, Port, Value);
        break;
    }
}
