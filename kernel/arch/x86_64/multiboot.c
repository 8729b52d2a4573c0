/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Boot information of multiboot 1 and 2: command line, memory map, first module, frame buffer, ACPI root pointer.
 *
 * Sources: Multiboot Specification 0.6.96, section 3.3; Multiboot2 Specification 2.0, section 3.6.
 * Everything that is kept is copied into bootState: the loader's memory is handed out later.
 */
#include "kernel/arch/x86_64/boot.h"

#define MB1_MEMORY BIT(0)
#define MB1_CMDLINE BIT(2)
#define MB1_MODULES BIT(3)
#define MB1_MMAP BIT(6)
#define MB1_VBE BIT(11)
#define MEMORY_RAM 1
#define MIB BIT(20)
#define MAX_MAP_BYTES BIT(16)

typedef struct mb1_info {
    uint32_t flags, memLower, memUpper, bootDevice, cmdline;
    uint32_t modsCount, modsAddr;
    uint32_t syms[4];
    uint32_t mmapLength, mmapAddr;
    uint32_t drivesLength, drivesAddr, configTable, loaderName, apmTable;
    uint32_t vbeControlInfo, vbeModeInfo;
    uint16_t vbeMode, vbeInterfaceSeg, vbeInterfaceOff, vbeInterfaceLen;
} __attribute__((packed)) mb1_info_t;

typedef struct mb1_module {
    uint32_t start, end, string, reserved;
} __attribute__((packed)) mb1_module_t;

typedef struct mb2_tag {
    uint32_t type, size;
} mb2_tag_t;

typedef struct mb2_mmap_entry {
    uint64_t base, length;
    uint32_t type, reserved;
} __attribute__((packed)) mb2_mmap_entry_t;

static BOOT_CODE void addMemory(word_t base, word_t length, word_t type)
{
    word_t end = base + length;

    if (type != MEMORY_RAM || end < base)
        return;
    base = ROUND_UP(MAX(base, MIB), seL4_PageBits);
    end = ROUND_DOWN(MIN(end, PADDR_TOP), seL4_PageBits);
    regionAdd(&bootState.ram, base, end);
}

static BOOT_CODE void removeReserved(word_t base, word_t length, word_t type)
{
    if (type != MEMORY_RAM && base + length > base)
        regionRemove(&bootState.ram, ROUND_DOWN(base, seL4_PageBits), ROUND_UP(base + length, seL4_PageBits));
}

static BOOT_CODE void setModule(word_t start, word_t end)
{
    if (bootState.module.end != 0)
        return;
    if (end <= start)
        bootFatal("the root task's module is empty", "give the kernel its root task (QEMU: -initrd FILE)");
    bootPointer(start, end - start);
    bootState.module = (p_region_t){start, end};
}

static BOOT_CODE void checkResult(void)
{
    if (bootState.module.end == 0)
        bootFatal("there is no root task", "load it as the first module (QEMU: -initrd FILE)");
    if (bootState.ram.count == 0)
        bootFatal("the boot loader reports no memory above 1 MiB", "use another boot loader");
}

/* Calls f(base, length, type) for each entry of a multiboot 1 map. */
static BOOT_CODE void forEachMmap1(const mb1_info_t *info, void (*f)(word_t, word_t, word_t))
{
    word_t offset = 0, length = MIN((word_t)info->mmapLength, MAX_MAP_BYTES);

    while (offset + sizeof(seL4_X86_mb_mmap_t) <= length) {
        const seL4_X86_mb_mmap_t *e = bootPointer((word_t)info->mmapAddr + offset, sizeof(*e));

        f(e->base_addr, e->length, e->type);
        offset += (word_t)e->size + 4;
    }
}

static BOOT_CODE void copyMmapBlob(const mb1_info_t *info)
{
    word_t length = MIN((word_t)info->mmapLength, sizeof(bootState.mmap.mmap));

    bootState.mmap.mmap_length = (uint32_t)length;
    __builtin_memcpy(bootState.mmap.mmap, bootPointer(info->mmapAddr, length), length);
}

static BOOT_CODE void copyVBE(const mb1_info_t *info)
{
    seL4_X86_BootInfo_VBE *vbe = &bootState.vbe;

    bootState.haveVBE = true;
    __builtin_memcpy(vbe->vbeInfoBlock, bootPointer(info->vbeControlInfo, 512), 512);
    __builtin_memcpy(vbe->vbeModeInfoBlock, bootPointer(info->vbeModeInfo, 256), 256);
    vbe->vbeMode = info->vbeMode;
    vbe->vbeInterfaceSeg = info->vbeInterfaceSeg;
    vbe->vbeInterfaceOff = info->vbeInterfaceOff;
    vbe->vbeInterfaceLen = info->vbeInterfaceLen;
}

BOOT_CODE void parseMultiboot1(paddr_t paddr)
{
    const mb1_info_t *info = bootPointer(paddr, sizeof(*info));
    const mb1_module_t *module;

    if (!(info->flags & MB1_MEMORY))
        bootFatal("the boot loader gives no memory information", "use GRUB or QEMU's -kernel");
    if (info->flags & MB1_CMDLINE)
        parseCommandLine(bootPointer(info->cmdline, 1), PADDR_TOP - info->cmdline);
    if (info->flags & MB1_MMAP) {
        forEachMmap1(info, addMemory);
        forEachMmap1(info, removeReserved);
        copyMmapBlob(info);
    } else {
        addMemory(MIB, (word_t)info->memUpper << 10, MEMORY_RAM);
    }
    if ((info->flags & MB1_MODULES) && info->modsCount != 0) {
        module = bootPointer(info->modsAddr, sizeof(*module));
        setModule(module->start, module->end);
    }
    if ((info->flags & MB1_VBE) && info->vbeControlInfo != 0 && info->vbeModeInfo != 0)
        copyVBE(info);
    checkResult();
}

static BOOT_CODE void parseMmap2(const uint32_t *tag, word_t size)
{
    word_t entrySize = tag[2], offset, pass;

    if (entrySize < sizeof(mb2_mmap_entry_t))
        return;
    for (pass = 0; pass < 2; pass++) {
        for (offset = 16; offset + entrySize <= size; offset += entrySize) {
            const mb2_mmap_entry_t *e = (const mb2_mmap_entry_t *)((const char *)tag + offset);

            if (pass == 0)
                addMemory(e->base, e->length, e->type);
            else
                removeReserved(e->base, e->length, e->type);
        }
    }
}

static BOOT_CODE void parseTag2(const uint32_t *tag, word_t type, word_t size)
{
    const char *bytes = (const char *)tag;

    switch (type) {
    case 1:
        parseCommandLine(bytes + 8, size - 8);
        break;
    case 3:
        if (size >= 16)
            setModule(tag[2], tag[3]);
        break;
    case 6:
        if (size >= 16)
            parseMmap2(tag, size);
        break;
    case 8:
        if (size >= 30) {
            bootState.haveFramebuffer = true;
            __builtin_memcpy(&bootState.framebuffer.addr, bytes + 8, 22);
        }
        break;
    case 14:
    case 15:
        if (size > 8 && (!bootState.haveRSDP || type == 15)) {
            bootState.haveRSDP = true;
            __builtin_memcpy(bootState.rsdp.rsdp, bytes + 8, MIN(size - 8, sizeof(bootState.rsdp.rsdp)));
        }
        break;
    default:
        break;
    }
}

BOOT_CODE void parseMultiboot2(paddr_t paddr)
{
    const uint32_t *header = bootPointer(paddr, 8);
    word_t total = header[0], offset = 8;

    bootPointer(paddr, total);
    while (offset + 8 <= total) {
        const mb2_tag_t *tag = (const mb2_tag_t *)((const char *)header + offset);

        if (tag->type == 0 || tag->size < 8 || tag->size > total - offset)
            break;
        parseTag2((const uint32_t *)tag, tag->type, tag->size);
        offset = ROUND_UP(offset + tag->size, 3);
    }
    checkResult();
}
