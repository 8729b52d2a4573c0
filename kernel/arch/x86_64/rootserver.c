/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The root task: its image, its address space, its CSpace, and everything that is left of the machine as untypeds.
 *
 *   virtual    [image][IPC buffer page][boot information page][extra area]
 *   physical   image: first gap of RAM that is large enough; boot objects: top of the last gap that is
 *
 * DIFFERS: the root CNode grows beyond its configured size if the image would not fit in it.
 */
#include "kernel/arch/x86_64/boot.h"

#include "kernel/arch/x86_64/vspace.h"
#include "kernel/include/extensions.h"
#include "kernel/include/api.h"

#define EM_X86_64 62
#define PT_LOAD 1
#define SPARE_SLOTS 1024
#define PAGE BIT(seL4_PageBits)

typedef struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
} __attribute__((packed)) elf_header_t;

typedef struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
} __attribute__((packed)) elf_segment_t;

static struct {
    const elf_header_t *elf;
    vptr_t imageStart, imageEnd;    /* page aligned */
    vptr_t ipcBuffer, bootInfo, extra, top;
    paddr_t image;
    word_t extraBytes, extraPages;  /* pages is a power of two, or 0 */
    word_t pdpts, pds, pts;         /* tables needed */
    word_t radix;
    paddr_t next, end;              /* boot objects: bump allocator */
    region_list_t available;
    cte_t *cnode;
    word_t *pml4;
    word_t slot;                    /* next free slot */
    seL4_BootInfo *info;
} root BOOT_BSS;

extern char ki_start[], ki_boot_end[], ki_end[];

static BOOT_CODE const elf_segment_t *segment(word_t i)
{
    return (const elf_segment_t *)((const char *)root.elf + root.elf->phoff) + i;
}

static BOOT_CODE void badImage(const char *why)
{
    bootFatal(why, "the root task's file is damaged or no x86-64 ELF program: build or copy it again");
}

static BOOT_CODE void checkSegment(const elf_segment_t *s, word_t fileBytes)
{
    if (s->offset > fileBytes || s->filesz > fileBytes - s->offset || s->filesz > s->memsz)
        badImage("the root task's ELF file is truncated");
    if (s->vaddr > USER_TOP || s->memsz > USER_TOP / 2 || s->vaddr + s->memsz > USER_TOP / 2)
        badImage("the root task's ELF file has a segment outside user space");
}

static BOOT_CODE void checkImage(void)
{
    word_t bytes = bootState.module.end - bootState.module.start, i;
    const elf_header_t *elf = (const elf_header_t *)paddr_to_pptr(bootState.module.start);

    root.elf = elf;
    if (bytes < sizeof(*elf) || *(const uint32_t *)elf->ident != 0x464c457f || elf->ident[4] != 2 ||
        elf->machine != EM_X86_64)
        badImage("the root task is no x86-64 ELF file");
    if (elf->phentsize != sizeof(elf_segment_t) || elf->phoff > bytes || !IS_ALIGNED(elf->phoff, 3) ||
        elf->phnum * sizeof(elf_segment_t) > bytes - elf->phoff)
        badImage("the root task's ELF headers are damaged");
    root.imageStart = USER_TOP;
    for (i = 0; i < elf->phnum; i++) {
        const elf_segment_t *s = segment(i);

        if (s->type != PT_LOAD || s->memsz == 0)
            continue;
        checkSegment(s, bytes);
        root.imageStart = MIN(root.imageStart, s->vaddr);
        root.imageEnd = MAX(root.imageEnd, ROUND_UP(s->vaddr + s->memsz, seL4_PageBits));
    }
    if (root.imageStart >= root.imageEnd || !IS_ALIGNED(root.imageStart, seL4_PageBits))
        badImage("the root task's ELF file does not start on a page");
    if (elf->entry < root.imageStart || elf->entry >= root.imageEnd)
        badImage("the root task's entry point is outside its image");
}

static BOOT_CODE word_t tablesFor(word_t bits)
{
    return ((root.top - 1) >> bits) - (root.imageStart >> bits) + 1;
}

static BOOT_CODE void layOut(void)
{
    word_t slots;

    root.extraBytes = (bootState.haveVBE ? sizeof(bootState.vbe) : 0) + sizeof(bootState.rsdp) +
                      (bootState.haveFramebuffer ? sizeof(bootState.framebuffer) : 0) + sizeof(bootState.mmap) +
                      sizeof(seL4_X86_BootInfo_tsc);
    root.extraPages = 1;
    while (root.extraPages * PAGE < root.extraBytes)
        root.extraPages *= 2;
    root.ipcBuffer = root.imageEnd;
    root.bootInfo = root.ipcBuffer + PAGE;
    root.extra = root.bootInfo + PAGE;
    root.top = root.extra + root.extraPages * PAGE;
    root.pdpts = tablesFor(39);
    root.pds = tablesFor(30);
    root.pts = tablesFor(21);
    slots = seL4_NumInitialCaps + root.pdpts + root.pds + root.pts + root.extraPages +
            ((root.imageEnd - root.imageStart) >> seL4_PageBits) + CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS + SPARE_SLOTS;
    root.radix = CONFIG_ROOT_CNODE_SIZE_BITS;
    while (EXTENSION_ROOT_CNODE_GROWS && BIT(root.radix) < slots)
        root.radix++;
    if (BIT(root.radix) + SPARE_SLOTS < slots)
        badImage("the root task's image has more pages than the root CNode has slots");
}

static BOOT_CODE void tooLittleMemory(void)
{
    bootFatal("there is too little memory for the root task", "give the machine more memory (QEMU: -m)");
}

/* Chooses the physical places of image and boot objects; the module must stay untouched until it is copied. */
static BOOT_CODE void placeMemory(void)
{
    word_t imageBytes = root.imageEnd - root.imageStart, i;
    word_t objectBytes = BIT(root.radix + seL4_SlotBits) +
                         (5 + root.extraPages + root.pdpts + root.pds + root.pts) * PAGE;
    region_list_t *a = &root.available;

    *a = bootState.ram;
    regionRemove(a, 0, ROUND_UP((word_t)ki_end - KERNEL_ELF_BASE, seL4_PageBits));
    regionRemove(a, ROUND_DOWN(bootState.module.start, seL4_PageBits), ROUND_UP(bootState.module.end, seL4_PageBits));
    for (i = 0; i < a->count && a->r[i].end - a->r[i].start < imageBytes; i++)
        ;
    if (i == a->count)
        tooLittleMemory();
    root.image = a->r[i].start;
    regionRemove(a, root.image, root.image + imageBytes);
    for (i = a->count; i > 0 && a->r[i - 1].end - a->r[i - 1].start < objectBytes; i--)
        ;
    if (i == 0)
        tooLittleMemory();
    root.end = a->r[i - 1].end;
    root.next = root.end - objectBytes;

    *a = bootState.ram;
    regionRemove(a, 0, ROUND_UP((word_t)ki_end - KERNEL_ELF_BASE, seL4_PageBits));
    regionRemove(a, root.image, root.image + imageBytes);
    regionRemove(a, root.next, root.end);
}

/* Zeroed boot memory, a multiple of a page. */
static BOOT_CODE pptr_t bootAlloc(word_t bytes)
{
    pptr_t ptr = paddr_to_pptr(root.next);

    assert(root.next + bytes <= root.end);
    root.next += bytes;
    clearMemory(ptr, bytes);
    return ptr;
}

static BOOT_CODE void clearBytes(pptr_t from, pptr_t to)
{
    if (to > from)
        __builtin_memset((void *)from, 0, to - from);
}

/* Copies the segments; only what no segment fills is zeroed. */
static BOOT_CODE void loadImage(void)
{
    pptr_t base = paddr_to_pptr(root.image), filled = base, start;
    bool_t ascending = true;
    word_t i, last = 0;

    for (i = 0; i < root.elf->phnum; i++) {
        if (segment(i)->type == PT_LOAD && segment(i)->memsz != 0) {
            ascending = ascending && segment(i)->vaddr >= last;
            last = segment(i)->vaddr + segment(i)->memsz;
        }
    }
    if (!ascending)
        clearBytes(base, base + (root.imageEnd - root.imageStart));
    for (i = 0; i < root.elf->phnum; i++) {
        const elf_segment_t *s = segment(i);

        if (s->type != PT_LOAD || s->memsz == 0)
            continue;
        start = base + (s->vaddr - root.imageStart);
        if (ascending)
            clearBytes(filled, start);
        __builtin_memcpy((void *)start, (const char *)root.elf + s->offset, s->filesz);
        filled = start + s->filesz;
    }
    if (ascending)
        clearBytes(filled, base + (root.imageEnd - root.imageStart));
}

static BOOT_CODE void writeSlot(word_t slot, cap_t cap)
{
    root.cnode[slot].cap = cap;
    root.cnode[slot].mdbNext = MDB_REVOCABLE | MDB_FIRST_BADGED;
}

/* Makes the tables of one level and maps them; level as in lookupPagingSlot. */
static BOOT_CODE void createTables(word_t level, word_t count)
{
    word_t bits = 3 + 9 * level, i;

    for (i = 0; i < count; i++) {
        vptr_t vaddr = ((root.imageStart >> bits) + i) << bits;
        pptr_t table = bootAlloc(PAGE);

        *lookupPagingSlot(root.pml4, vaddr, level) = pptr_to_paddr(table) | PTE_PRESENT | PTE_WRITE | PTE_USER |
                                                     PTE_ACCESSED;
        writeSlot(root.slot++, cap_set_mapping(cap_new(cap_page_table_cap + 2 * (level - 2), table, 0, 0), vaddr, 1));
    }
}

static BOOT_CODE cap_t mapFrame(pptr_t frame, vptr_t vaddr)
{
    *lookupPagingSlot(root.pml4, vaddr, 1) = pptr_to_paddr(frame) | PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_ACCESSED |
                                             PTE_DIRTY;
    return cap_set_mapping(cap_frame_cap_new(frame, X86_SmallPage, VMReadWrite, false), vaddr, 1);
}

static BOOT_CODE void createSpaces(void)
{
    asid_pool_t *pool;

    root.cnode = (cte_t *)bootAlloc(BIT(root.radix + seL4_SlotBits));
    root.pml4 = (word_t *)bootAlloc(PAGE);
    pool = (asid_pool_t *)bootAlloc(PAGE);
    root.slot = seL4_NumInitialCaps;
    copyKernelMappings(root.pml4);
    root.pml4[PML4_ASID_ENTRY] = pml4ASIDEntry(1);
    x86KSASIDTable[0] = pool;
    pool->array[1] = root.pml4;
    writeSlot(seL4_CapInitThreadCNode, cap_cnode_cap_new(root.radix, wordBits - root.radix, 0, (word_t)root.cnode));
    writeSlot(seL4_CapInitThreadVSpace, cap_new(cap_pml4_cap, (word_t)root.pml4, 0, 1));
    writeSlot(seL4_CapInitThreadASIDPool, cap_new(cap_asid_pool_cap, (word_t)pool, 0, 0));
    writeSlot(seL4_CapASIDControl, cap_new(cap_asid_control_cap, 0, 0, 0));
    writeSlot(seL4_CapIRQControl, cap_new(cap_irq_control_cap, 0, 0, 0));
    writeSlot(seL4_CapIOPortControl, cap_new(cap_io_port_control_cap, 0, 0, 0));
    writeSlot(seL4_CapDomain, cap_new(cap_domain_cap, 0, 0, 0));
}

static BOOT_CODE char *putBlob(char *at, void *blob, word_t id, word_t bytes)
{
    seL4_BootInfoHeader header = {id, bytes};

    __builtin_memcpy(blob, &header, sizeof(header));
    __builtin_memcpy(at, blob, bytes);
    return at + bytes;
}

static BOOT_CODE void fillExtraArea(char *at)
{
    seL4_X86_BootInfo_tsc tsc = {.freq_mhz = (uint32_t)bootState.tscMHz};

    if (bootState.haveVBE)
        at = putBlob(at, &bootState.vbe, SEL4_BOOTINFO_HEADER_X86_VBE, sizeof(bootState.vbe));
    at = putBlob(at, &bootState.rsdp, SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP, sizeof(bootState.rsdp));
    if (bootState.haveFramebuffer)
        at = putBlob(at, &bootState.framebuffer, SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER, sizeof(bootState.framebuffer));
    at = putBlob(at, &bootState.mmap, SEL4_BOOTINFO_HEADER_X86_MBMMAP, sizeof(bootState.mmap));
    putBlob(at, &tsc, SEL4_BOOTINFO_HEADER_X86_TSC_FREQ, sizeof(tsc));
}

/* IPC buffer, boot information and extra area. */
static BOOT_CODE void createInfoPages(void)
{
    pptr_t extra;
    word_t i;

    writeSlot(seL4_CapInitThreadIPCBuffer, mapFrame(bootAlloc(PAGE), root.ipcBuffer));
    root.info = (seL4_BootInfo *)bootAlloc(PAGE);
    writeSlot(seL4_CapBootInfoFrame, mapFrame((pptr_t)root.info, root.bootInfo));
    extra = bootAlloc(root.extraPages * PAGE);
    fillExtraArea((char *)extra);
    root.info->extraBIPages.start = root.slot;
    for (i = 0; i < root.extraPages; i++)
        writeSlot(root.slot++, mapFrame(extra + i * PAGE, root.extra + i * PAGE));
    root.info->extraBIPages.end = root.slot;
}

static BOOT_CODE void mapImage(void)
{
    vptr_t vaddr;

    root.info->userImageFrames.start = root.slot;
    for (vaddr = root.imageStart; vaddr < root.imageEnd; vaddr += PAGE)
        writeSlot(root.slot++, mapFrame(paddr_to_pptr(root.image) + (vaddr - root.imageStart), vaddr));
    root.info->userImageFrames.end = root.slot;
}

static BOOT_CODE void createThread(void)
{
    pptr_t object = bootAlloc(PAGE);
    tcb_t *tcb = (tcb_t *)(object + TCB_OFFSET);
    cap_t buffer = root.cnode[seL4_CapInitThreadIPCBuffer].cap;

    initThreadObject(tcb);
    writeSlot(seL4_CapInitThreadTCB, cap_thread_cap_new((word_t)tcb));
    cteInsert(root.cnode[seL4_CapInitThreadCNode].cap, &root.cnode[seL4_CapInitThreadCNode],
              TCB_PTR_CTE_PTR(tcb, tcbCTable));
    cteInsert(root.cnode[seL4_CapInitThreadVSpace].cap, &root.cnode[seL4_CapInitThreadVSpace],
              TCB_PTR_CTE_PTR(tcb, tcbVTable));
    buffer.words[1] = 0;
    cteInsert(buffer, &root.cnode[seL4_CapInitThreadIPCBuffer], TCB_PTR_CTE_PTR(tcb, tcbBuffer));
    tcb->registers[RegRDI] = root.bootInfo;
    tcb->registers[RegFaultIP] = tcb->nextIP = root.elf->entry;
    tcb->tcbPriority = tcb->tcbMCP = seL4_MaxPrio;
    tcb->tcbDomain = (uint8_t)ksCurDomain;
    setThreadState(tcb, ThreadState_Running);
    tcbSchedEnqueue(tcb);
    rescheduleRequired();
}

/* Splits a region into maximal naturally aligned blocks. */
static BOOT_CODE void addUntypeds(paddr_t start, paddr_t end, bool_t isDevice)
{
    seL4_SlotRegion *region = &root.info->untyped;

    while (start < end) {
        word_t bits = MIN((word_t)seL4_MaxUntypedBits, 63 - (word_t)__builtin_clzl(end - start));
        word_t i = root.slot - region->start;

        if (start != 0)
            bits = MIN(bits, (word_t)__builtin_ctzl(start));
        if (bits >= seL4_MinUntypedBits && i < CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS) {
            root.info->untypedList[i] = (seL4_UntypedDesc){start, (uint8_t)bits, isDevice, {0}};
            writeSlot(root.slot++,
                      cap_untyped_cap_new(isDevice ? 0 : BIT(bits), isDevice, bits, paddr_to_pptr(start)));
        }
        start += BIT(bits);
    }
}

static BOOT_CODE void createUntypeds(void)
{
    static BOOT_BSS region_list_t device;
    paddr_t bootStart = (word_t)ki_start - KERNEL_ELF_BASE, bootEnd = (word_t)ki_boot_end - KERNEL_ELF_BASE;
    word_t i;

    root.info->untyped.start = root.slot;
    regionAdd(&device, 0, BIT(seL4_MaxUntypedBits));
    for (i = 0; i < bootState.ram.count; i++)
        regionRemove(&device, bootState.ram.r[i].start, bootState.ram.r[i].end);
    regionRemove(&device, bootStart, ROUND_UP((word_t)ki_end - KERNEL_ELF_BASE, seL4_PageBits));
    regionRemove(&device, bootState.lapic, bootState.lapic + PAGE);
    for (i = 0; i < bootState.numIOAPICs; i++)
        regionRemove(&device, bootState.ioapic[i], bootState.ioapic[i] + PAGE);
    regionRemove(&device, 0xfffffff8, 0x100000000);
    for (i = 0; i < device.count; i++)
        addUntypeds(device.r[i].start, device.r[i].end, true);
    addUntypeds(bootStart, bootEnd, false);
    for (i = 0; i < root.available.count; i++)
        addUntypeds(root.available.r[i].start, root.available.r[i].end, false);
    root.info->untyped.end = root.slot;
}

static BOOT_CODE void finishInfo(void)
{
    seL4_BootInfo *info = root.info;

    info->extraLen = root.extraBytes;
    info->numNodes = 1;
    info->numIOPTLevels = ~(word_t)0;
    info->ipcBuffer = (seL4_IPCBuffer *)root.ipcBuffer;
    info->initThreadCNodeSizeBits = root.radix;
    info->userImagePaging = (seL4_SlotRegion){seL4_NumInitialCaps,
                                              seL4_NumInitialCaps + root.pdpts + root.pds + root.pts};
    info->empty = (seL4_SlotRegion){root.slot, BIT(root.radix)};
}

BOOT_CODE void createRootServer(void)
{
    checkImage();
    layOut();
    placeMemory();
    loadImage();
    createSpaces();
    createTables(4, root.pdpts);
    createTables(3, root.pds);
    createTables(2, root.pts);
    createInfoPages();
    mapImage();
    createThread();
    createUntypeds();
    finishInfo();
}
