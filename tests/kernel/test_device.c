/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only a device sees: message-signalled interrupts as they arrive, and the bits of page-table entries, which its DMA reads.
 *
 * The device is QEMU's `edu' (docs/specs/edu.txt); without it there is nothing to test.  PCI Local Bus Specification 3.0, section 6.8
 * (MSI); Intel SDM volume 3, "4-Level Paging" (entries) and "Message Signalled Interrupts".
 */
#include "tests/kernel/tests.h"

#define EDU_ID 0x11e81234
#define EDU_RAISE (0x60 / 4)
#define EDU_LOWER (0x64 / 4)
#define EDU_DMA (0x80 / 8) /* source, destination, bytes, command */
#define EDU_BUFFER 0x40000
#define DMA_RUN 1
#define DMA_FROM_DEVICE 2

#define BASE 0x50000000000ull
#define VECTOR 60
#define FIRST_VECTOR 0x30
#define MSI_ADDRESS 0xfee00000
#define MSI_CAPABILITY 5

#define ACCESSED_DIRTY 0x60ull
#define NO_EXECUTE (1ull << 63)

static seL4_Word edu; /* its configuration space */
static volatile seL4_Uint32 *registers;
static volatile seL4_Word *dmaPage;
static seL4_Word dmaPaddr;

static seL4_Word readConfig(seL4_Word offset)
{
    seL4_X86_IOPort_Out32(pciPorts, 0xcf8, 0x80000000 | edu | offset);
    return seL4_X86_IOPort_In32(pciPorts, 0xcfc).result;
}

static void writeConfig(seL4_Word offset, seL4_Word value)
{
    seL4_X86_IOPort_Out32(pciPorts, 0xcf8, 0x80000000 | edu | offset);
    seL4_X86_IOPort_Out32(pciPorts, 0xcfc, value);
}

static bool findDevice(void)
{
    for (edu = 0; edu < 32 << 11; edu += 1 << 11) {
        if (readConfig(0) == EDU_ID)
            return true;
    }
    return false;
}

/* A frame of the device's memory, by halving the untyped that it lies in. */
static seL4_CPtr deviceFrame(seL4_Word paddr)
{
    const seL4_UntypedDesc *u = bootInfo->untypedList;
    seL4_CPtr cap = bootInfo->untyped.start, frame = allocSlots(1), halves;
    seL4_Word bits;

    for (; paddr - u->paddr >= 1ull << u->sizeBits; u++)
        cap++;
    CHECK(u->isDevice);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, cap, 64), 0);
    for (bits = u->sizeBits; bits > 12; cap = halves + (paddr >> bits & 1)) {
        halves = allocSlots(2);
        bits--;
        CHECK_ERROR(seL4_Untyped_Retype(cap, seL4_UntypedObject, bits, ROOT_CNODE, 0, 0, halves, 2), 0);
    }
    CHECK_ERROR(seL4_Untyped_Retype(cap, seL4_X86_4K, 0, ROOT_CNODE, 0, 0, frame, 1), 0);
    CHECK_EQ(seL4_X86_Page_GetAddress(frame).paddr, paddr);
    return frame;
}

static void mapDevice(void)
{
    seL4_CPtr frame;

    writeConfig(4, (readConfig(4) & 0xffff) | 6); /* memory, bus master */
    registers = (volatile seL4_Uint32 *)allocPages(1);
    CHECK_ERROR(seL4_X86_Page_Map(deviceFrame(readConfig(0x10) & ~15ull), ROOT_VSPACE, (seL4_Word)registers, seL4_ReadWrite,
                                  seL4_X86_Uncacheable), 0);
    CHECK_EQ(registers[0], 0x010000ed);
    dmaPage = newPages(1, &frame);
    dmaPaddr = seL4_X86_Page_GetAddress(frame).paddr;
}

/* Sends vectors that are hardware's numbers from now on. */
static void setMessage(seL4_Word vector)
{
    seL4_Word at = readConfig(0x34) & 0xfc;

    while (at != 0 && (readConfig(at) & 0xff) != MSI_CAPABILITY)
        at = readConfig(at) >> 8 & 0xfc;
    CHECK(at != 0);
    writeConfig(at + 4, MSI_ADDRESS);
    writeConfig(at + 8, 0);
    writeConfig(at + 12, vector);
    writeConfig(at, readConfig(at) | 1 << 16);
}

/* Lets the device send one message; what the notification has got a little later. */
static seL4_Word raise(seL4_CPtr ntfn)
{
    seL4_Word badge = 0, i;

    registers[EDU_RAISE] = 1;
    for (i = 0; i < 1000 && badge == 0; i++)
        seL4_Poll(ntfn, &badge);
    registers[EDU_LOWER] = 1;
    return badge;
}

static void testMSI(seL4_CPtr ntfn)
{
    seL4_CPtr irq = allocSlots(1), badged = mintCap(ntfn, seL4_CanWrite, 0x40);
    seL4_Word badge;

    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, irq, 64, 0, edu >> 11, 0, 0, VECTOR), 0);
    setMessage(FIRST_VECTOR + VECTOR);
    CHECK_EQ(raise(ntfn), 0); /* no notification yet: lost */
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, badged), 0);
    CHECK_EQ(raise(ntfn), 0x40);
    CHECK_EQ(raise(ntfn), 0x40); /* messages are not masked, so no Ack is needed */
    CHECK_ERROR(seL4_IRQHandler_Ack(irq), 0);
    CHECK_EQ(raise(ntfn), 0x40);
    registers[EDU_RAISE] = 1;
    seL4_Wait(ntfn, &badge);
    CHECK_EQ(badge, 0x40);
    CHECK_ERROR(seL4_IRQHandler_Clear(irq), 0);
    CHECK_EQ(raise(ntfn), 0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, badged), 0);
    CHECK_ERROR(deleteCap(irq), 0);
    CHECK_EQ(raise(ntfn), 0);
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, irq, 64, 0, edu >> 11, 0, 0, 107), 0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, badged), 0);
    CHECK_EQ(raise(ntfn), 0); /* another vector's */
    setMessage(FIRST_VECTOR + 107);
    CHECK_EQ(raise(ntfn), 0x40);
    CHECK_ERROR(deleteCap(irq), 0);
}

/* Messages with vectors that nobody was given: no thread notices, and nothing is blocked afterwards. */
static void testStrayMessages(seL4_CPtr ntfn)
{
    static const uint8_t vectors[] = {0x20, 0x2f, 0x9c, 0x9e, 0xa0, 0xfe};
    seL4_CPtr irq = allocSlots(1), badged = mintCap(ntfn, seL4_CanWrite, 0x80), copies = allocSlots(200), object;
    seL4_Word i, failed = 0;

    for (i = 0; i < 2 * sizeof(vectors); i++) {
        setMessage(vectors[i / 2]);
        CHECK_EQ(raise(ntfn), 0);
    }
    CHECK_ERROR(seL4_IRQControl_GetMSI(seL4_CapIRQControl, ROOT_CNODE, irq, 64, 0, edu >> 11, 0, 0, 0), 0);
    CHECK_ERROR(seL4_IRQHandler_SetNotification(irq, badged), 0);
    setMessage(FIRST_VECTOR); /* the lowest */
    CHECK_EQ(raise(ntfn), 0x80);
    object = newObject(seL4_EndpointObject, 0);
    for (i = 0; i < 200; i++)
        failed += seL4_CNode_Copy(ROOT_CNODE, copies + i, 64, ROOT_CNODE, object, 64, seL4_AllRights) != 0;
    CHECK_EQ(failed, 0);
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, object, 64), 0); /* would look for pending interrupts for ever */
    CHECK_ERROR(deleteCap(irq), 0);
}

static void dma(seL4_Word source, seL4_Word destination, seL4_Word bytes, seL4_Word command)
{
    volatile seL4_Word *r = (volatile seL4_Word *)registers + EDU_DMA;

    r[0] = source;
    r[1] = destination;
    r[2] = bytes;
    r[3] = command | DMA_RUN;
    while (r[3] & DMA_RUN)
        ;
}

/* The first 16 entries of a table at this physical address. */
static void readTable(seL4_Word table, seL4_Word entries[16])
{
    seL4_Word i;

    dma(table, EDU_BUFFER, 128, 0);
    dma(EDU_BUFFER, dmaPaddr, 128, DMA_FROM_DEVICE);
    for (i = 0; i < 16; i++)
        entries[i] = dmaPage[i] & ~ACCESSED_DIRTY;
}

/* The attributes: bit 0 is PWT, bit 1 PCD, bit 2 the PAT bit, which lies elsewhere in the entry of a larger page. */
static seL4_Word cacheBits(seL4_Word attr, seL4_Word patBit)
{
    return (attr & 1 ? 1 << 3 : 0) | (attr & 2 ? 1 << 4 : 0) | (attr & 4 ? 1ull << patBit : 0);
}

static void mapCopy(seL4_CPtr frame, seL4_Word vaddr, seL4_Word rights, seL4_Word attr)
{
    CHECK_ERROR(seL4_X86_Page_Map(copyCap(frame, seL4_AllRights), ROOT_VSPACE, vaddr, (seL4_CapRights_t){{rights}}, attr), 0);
}

static void testEntries(void)
{
    static const uint8_t rightsBits[] = {1, 1, 5, 7}; /* none, write only, read, both: present, writable, user */
    seL4_CPtr untyped = newUntyped(14), tables = allocSlots(3), frame = allocSlots(1), large = largePage(), huge = allocSlots(1);
    seL4_Word paddr, largePaddr = seL4_X86_Page_GetAddress(large).paddr, hugePaddr, entries[16], i;
    const seL4_UntypedDesc *u = bootInfo->untypedList;
    seL4_CPtr device = bootInfo->untyped.start;

    /* A page of user memory, then PT, PD, PDPT behind it. */
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_X86_4K, 0, ROOT_CNODE, 0, 0, frame, 1), 0);
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_X86_PageTableObject, 0, ROOT_CNODE, 0, 0, tables, 1), 0);
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_X86_PageDirectoryObject, 0, ROOT_CNODE, 0, 0, tables + 1, 1), 0);
    CHECK_ERROR(seL4_Untyped_Retype(untyped, seL4_X86_PDPTObject, 0, ROOT_CNODE, 0, 0, tables + 2, 1), 0);
    paddr = seL4_X86_Page_GetAddress(frame).paddr;
    CHECK_ERROR(seL4_X86_PDPT_Map(tables + 2, ROOT_VSPACE, BASE, 0), 0);
    CHECK_ERROR(seL4_X86_PageDirectory_Map(tables + 1, ROOT_VSPACE, BASE, 5), 0);
    CHECK_ERROR(seL4_X86_PageTable_Map(tables, ROOT_VSPACE, BASE, 6), 0);

    for (i = 0; i < 8; i++)
        mapCopy(frame, BASE + (i << 12), 3, i);
    for (i = 0; i < 4; i++)
        mapCopy(frame, BASE + ((8 + i) << 12), i, 0);
    mapCopy(frame, BASE + (12 << 12), 3, seL4_X86_NoExecute);
    readTable(paddr + 0x1000, entries);
    for (i = 0; i < 8; i++)
        CHECK_EQ(entries[i], paddr | 7 | cacheBits(i, 7));
    for (i = 0; i < 4; i++)
        CHECK_EQ(entries[8 + i], paddr | rightsBits[i]);
    CHECK_EQ(entries[12] & ~NO_EXECUTE, paddr | 7); /* whether the bit is set is the kernel's affair */
    CHECK_EQ(entries[13], 0);

    for (i = 0; i < 8; i++)
        mapCopy(large, BASE + ((1 + i) << 21), 3, i);
    readTable(paddr + 0x2000, entries);
    CHECK_EQ(entries[0], (paddr + 0x1000) | 7 | cacheBits(2, 0)); /* a table has no PAT bit */
    for (i = 0; i < 8; i++)
        CHECK_EQ(entries[1 + i], largePaddr | 0x87 | cacheBits(i, 12));

    for (; !u->isDevice || u->sizeBits < 30 || u->paddr >> 32 == 0; u++)
        device++;
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, device, 64), 0);
    CHECK_ERROR(seL4_Untyped_Retype(device, seL4_X64_HugePageObject, 0, ROOT_CNODE, 0, 0, huge, 1), 0);
    hugePaddr = seL4_X86_Page_GetAddress(huge).paddr;
    CHECK_EQ(hugePaddr, u->paddr);
    for (i = 0; i < 8; i++)
        mapCopy(huge, BASE + ((1 + i) << 30), 3, i);
    readTable(paddr + 0x3000, entries);
    CHECK_EQ(entries[0], (paddr + 0x2000) | 7 | cacheBits(1, 0));
    for (i = 0; i < 8; i++)
        CHECK_EQ(entries[1 + i], hugePaddr | 0x87 | cacheBits(i, 12));
    CHECK_ERROR(seL4_CNode_Revoke(ROOT_CNODE, untyped, 64), 0);
}

void testDeviceView(void)
{
    seL4_CPtr ntfn;

    if (!findDevice())
        return;
    ntfn = newObject(seL4_NotificationObject, 0);
    mapDevice();
    testMSI(ntfn);
    testStrayMessages(ntfn);
    testEntries();
}
