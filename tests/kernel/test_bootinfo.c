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

static void testBlobs(void)
{
    const char *at = (const char *)bootInfo + 4096, *end = at + bootInfo->extraLen;
    bool tsc = false, rsdp = false;

    while (at < end) {
        const seL4_BootInfoHeader *h = (const seL4_BootInfoHeader *)at;

        CHECK(h->len >= sizeof(*h) && h->len <= (seL4_Word)(end - at));
        if (h->id == SEL4_BOOTINFO_HEADER_X86_TSC_FREQ)
            tsc = ((const seL4_X86_BootInfo_tsc *)at)->freq_mhz > 100;
        if (h->id == SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP)
            rsdp = ((const seL4_X86_BootInfo_RSDP *)at)->rsdp[0] == 'R';
        at += h->len;
    }
    CHECK(at == end);
    CHECK(tsc);
    CHECK(rsdp);
}

void testBootInfo(void)
{
    testRegions();
    testUntypeds();
    testBlobs();
}
