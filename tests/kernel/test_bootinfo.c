/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections 10 to 12 of the ABI: boot information, initial CSpace, untyped order. */
#include "tests/kernel/tests.h"

static void testRegions(void)
{
    CHECK_EQ(bootInfo->userImagePaging.start, 16);
    CHECK_EQ(bootInfo->extraBIPages.start, bootInfo->userImagePaging.end);
    CHECK_EQ(bootInfo->userImageFrames.start, bootInfo->extraBIPages.end);
    CHECK_EQ(bootInfo->untyped.start, bootInfo->userImageFrames.end);
    CHECK_EQ(bootInfo->empty.start, bootInfo->untyped.end);
    CHECK_EQ(bootInfo->empty.end, 1ull << bootInfo->initThreadCNodeSizeBits);
    CHECK_EQ(bootInfo->numNodes, 1);
    CHECK_EQ(bootInfo->numIOPTLevels, ~0ull);
    CHECK_EQ(bootInfo->initThreadDomain, 0);
    CHECK_EQ((seL4_Word)bootInfo, (seL4_Word)bootInfo->ipcBuffer + 4096);
}

static void testUntypeds(void)
{
    seL4_Word n = bootInfo->untyped.end - bootInfo->untyped.start, i;
    seL4_Word ram = 0;
    bool sawRAM = false;

    for (i = 0; i < n; i++) {
        const seL4_UntypedDesc *u = &bootInfo->untypedList[i];

        CHECK(u->sizeBits >= 4 && u->sizeBits <= 47);
        CHECK_EQ(u->paddr & ((1ull << u->sizeBits) - 1), 0);
        CHECK(!(sawRAM && u->isDevice));
        sawRAM = sawRAM || !u->isDevice;
        ram += u->isDevice ? 0 : 1ull << u->sizeBits;
    }
    CHECK(ram > 4ull << 20);
}

/* Devices ascending, then memory that the kernel needed for its start, then RAM ascending; each region in the fewest blocks. */
static void testOrder(void)
{
    const seL4_UntypedDesc *u = bootInfo->untypedList;
    seL4_Word n = bootInfo->untyped.end - bootInfo->untyped.start, i = 0, end, firstRAM;

    while (i < n) {
        seL4_Word start = u[i].paddr, at = start, bits;

        for (end = start; i < n && u[i].paddr == end; i++)
            end += 1ull << u[i].sizeBits;
        for (i--; u[i].paddr != start; i--)
            ;
        for (; at < end; i++) {
            bits = 63 - (seL4_Word)__builtin_clzl(end - at);
            if (at != 0 && (seL4_Word)__builtin_ctzl(at) < bits)
                bits = (seL4_Word)__builtin_ctzl(at);
            CHECK_EQ(u[i].sizeBits, bits > 47 ? 47 : bits);
            at += 1ull << u[i].sizeBits;
        }
        CHECK(i == n || u[i].isDevice != u[i - 1].isDevice || u[i].paddr > u[i - 1].paddr);
    }
    for (firstRAM = 0; firstRAM < n && u[firstRAM].isDevice; firstRAM++)
        ;
    CHECK(firstRAM < n);
    CHECK_EQ(u[0].paddr, 0);
    CHECK(u[firstRAM].paddr >= 0x100000);
    CHECK(u[firstRAM - 1].paddr + (1ull << u[firstRAM - 1].sizeBits) <= 1ull << 47);
}

static bool covered(seL4_Word paddr)
{
    seL4_Word n = bootInfo->untyped.end - bootInfo->untyped.start, i;

    for (i = 0; i < n; i++) {
        if (paddr - bootInfo->untypedList[i].paddr < 1ull << bootInfo->untypedList[i].sizeBits)
            return true;
    }
    return false;
}

/* What is an untyped and what the kernel keeps. */
static void testCoverage(void)
{
    static const seL4_Word given[] = {0, 0xa0000, 0xb8000, 0xe0000, 0xfffff, 0xfed00000, 0xffff0000, 0x100000000, 1ull << 46};
    static const seL4_Word kept[] = {0xfee00000, 0xfee00fff, 0xfec00000, 0xfffffff8};
    seL4_Word i;

    for (i = 0; i < sizeof(given) / sizeof(given[0]); i++)
        CHECK(covered(given[i]));
    for (i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        CHECK(!covered(kept[i]));
    for (i = bootInfo->userImageFrames.start; i < bootInfo->userImageFrames.end; i++)
        CHECK(!covered(seL4_X86_Page_GetAddress(i).paddr));
    CHECK(!covered(seL4_X86_Page_GetAddress(seL4_CapBootInfoFrame).paddr));
    CHECK(!covered(seL4_X86_Page_GetAddress(seL4_CapInitThreadIPCBuffer).paddr));
}

/* The blobs in their order and sizes (a multiboot 1 loader without graphics): RSDP, memory map, TSC. */
static void testBlobs(void)
{
    const char *at = (const char *)bootInfo + 4096;
    const seL4_X86_BootInfo_RSDP *rsdp = (const seL4_X86_BootInfo_RSDP *)at;
    const seL4_X86_BootInfo_mmap_t *map = (const seL4_X86_BootInfo_mmap_t *)(at + 52);
    const seL4_X86_BootInfo_tsc *tsc = (const seL4_X86_BootInfo_tsc *)(at + 52 + 1220);
    seL4_Word i, n = map->mmap_length / 24, ram = 0;
    uint8_t sum = 0;

    CHECK_EQ(bootInfo->extraLen, 52 + 1220 + 20);
    CHECK_EQ(bootInfo->extraBIPages.end - bootInfo->extraBIPages.start, 1);
    CHECK_EQ(rsdp->header.id, 3);
    CHECK_EQ(rsdp->header.len, 52);
    for (i = 0; i < 20; i++)
        sum = (uint8_t)(sum + rsdp->rsdp[i]);
    CHECK_EQ(sum, 0);
    CHECK(rsdp->rsdp[0] == 'R' && rsdp->rsdp[7] == ' ');
    CHECK_EQ(map->header.id, 2);
    CHECK_EQ(map->header.len, 1220);
    CHECK_EQ(map->mmap_length % 24, 0);
    CHECK(n >= 3 && n <= 50);
    for (i = 0; i < n; i++) {
        CHECK_EQ(map->mmap[i].size, 20);
        CHECK(map->mmap[i].length != 0);
        ram += map->mmap[i].type == 1 && map->mmap[i].base_addr >= 0x100000 ? map->mmap[i].length : 0;
    }
    CHECK(ram >= 14ull << 20);
    CHECK_EQ(tsc->header.id, 5);
    CHECK_EQ(tsc->header.len, 20);
    CHECK(tsc->freq_mhz != 0); /* how much it is a machine that has little time measures badly */
}

static void testEmptyRegions(void)
{
    CHECK_EQ(bootInfo->sharedFrames.start | bootInfo->sharedFrames.end, 0);
    CHECK_EQ(bootInfo->ioSpaceCaps.start | bootInfo->ioSpaceCaps.end, 0);
    CHECK_EQ(bootInfo->nodeID, 0);
    CHECK(bootInfo->initThreadCNodeSizeBits >= 13);
}

void testBootInfo(void)
{
    testRegions();
    testUntypeds();
    testOrder();
    testCoverage();
    testBlobs();
    testEmptyRegions();
}
