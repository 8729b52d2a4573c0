/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The kernel's boot code as a host program: loader maps, ACPI tables and root tasks that no machine at hand has.
 *
 * Usage: boot [CASES] [SEED]    First what the CPU and the root task are told, to the byte; then the cases with a known outcome, then that many with bytes changed at random: each
 * must either work, and then all memory is accounted for, or end in bootFatal with one line.  Closes with
 * "N passed, N failed".
 *
 * Physical memory is a mapping at PPTR_BASE, all of the window, of which only what is touched exists.
 */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "tests/kernel/host/world.h"

#include "kernel/arch/x86_64/cpu.h"
#include "kernel/arch/x86_64/rootserver.c" /* for its state */

#define INFO 0x10000ull      /* multiboot information */
#define MAP 0x11000ull
#define MODULES 0x12000ull
#define TABLES 0xe0000ull    /* RSDP, RSDT, XSDT, MADT, a page each from here on */
#define ELF 0x400000ull
#define ELF_BYTES 0x3000ull
#define RAM_BYTES (64ull << 20)

boot_state_t bootState;
static jmp_buf fatal;
static const char *cause;
static uint64_t state;
static int passed, failed;

/* The kernel's image at physical 1 MiB: only its bounds matter. */
char hostImage[0x200000] __attribute__((aligned(4096)));
uint8_t smap_patch[3];
char syscall_entry[1];
__asm__(".globl ki_start, ki_boot_end, ki_end\n"
        ".set ki_start, hostImage + 0x100000\n"
        ".set ki_boot_end, hostImage + 0x106000\n"
        ".set ki_end, hostImage + 0x120000\n");

void serveInterrupts(void)
{
    abort();
}

void bootFatal(const char *what, const char *mend)
{
    cause = what;
    longjmp(fatal, 1);
}

void *bootPointer(paddr_t paddr, word_t bytes)
{
    if (paddr >= PADDR_TOP || bytes > PADDR_TOP - paddr)
        bootFatal("outside memory", "");
    return (void *)paddr_to_pptr(paddr);
}

static void *at(paddr_t paddr)
{
    return (void *)(PPTR_BASE + paddr);
}

static void put32(paddr_t paddr, uint32_t value)
{
    memcpy(at(paddr), &value, 4);
}

static void put64(paddr_t paddr, uint64_t value)
{
    memcpy(at(paddr), &value, 8);
}

static void fixChecksum(paddr_t table, word_t bytes, word_t offset)
{
    uint8_t *p = at(table), sum = 0;
    word_t i;

    p[offset] = 0;
    for (i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + p[i]);
    p[offset] = (uint8_t)-sum;
}

static void putTable(paddr_t table, const char *signature, uint32_t bytes)
{
    memcpy(at(table), signature, 4);
    put32(table + 4, bytes);
    fixChecksum(table, bytes, 9);
}

static paddr_t table(int i)
{
    return TABLES + 0x1000 + 0x1000 * (paddr_t)i;
}

/* RSDT is table 0, XSDT 1, MADT 2 (it may take several pages). */
static void makeACPI(word_t cpus)
{
    paddr_t madt = table(2), entry = madt + 44;
    word_t i;

    memcpy(at(TABLES), "RSD PTR ", 8);
    memset(at(TABLES + 8), 0, 28);
    ((uint8_t *)at(TABLES))[15] = 2;
    put32(TABLES + 16, (uint32_t)table(0));
    put32(TABLES + 20, 36);
    put64(TABLES + 24, table(1));
    put32(madt + 36, 0xfee00000);
    for (i = 0; i < cpus; i++, entry += 8) {
        put32(entry, i < 255 ? 0x0800 : 0x0800 | 0xff0000);
        put32(entry + 4, 1);
    }
    put32(entry, 0x0c01);
    put32(entry + 4, 0xfec00000);
    put32(entry + 8, 0);
    putTable(madt, "APIC", (uint32_t)(entry + 12 - madt));
    put32(table(0) + 36, (uint32_t)madt);
    putTable(table(0), "RSDT", 40);
    put64(table(1) + 36, madt);
    putTable(table(1), "XSDT", 44);
    fixChecksum(TABLES, 20, 8);
    fixChecksum(TABLES, 36, 32);
}

static void putMapEntry(word_t i, uint64_t base, uint64_t length, uint32_t type)
{
    paddr_t e = MAP + 24 * i;

    put32(e, 20);
    put64(e + 4, base);
    put64(e + 12, length);
    put32(e + 20, type);
}

/* A PC's map with a hole, and one module. */
static void makeMultiboot1(void)
{
    memset(at(INFO), 0, 128);
    put32(INFO, 1 << 0 | 1 << 3 | 1 << 6);
    put32(INFO + 20, 1);
    put32(INFO + 24, MODULES);
    put32(INFO + 44, 24 * 4);
    put32(INFO + 48, MAP);
    putMapEntry(0, 0, 0x9fc00, 1);
    putMapEntry(1, 0x100000, 0xf00000, 1);
    putMapEntry(2, 0xff0000, 0x20000, 2);
    putMapEntry(3, 0x1010000, RAM_BYTES - 0x1010000, 1);
    put32(MODULES, ELF);
    put32(MODULES + 4, ELF + ELF_BYTES);
}

/* The same as tags. */
static void makeMultiboot2(void)
{
    paddr_t p = INFO + 8;

    memset(at(INFO), 0, 512);
    put32(p, 3);
    put32(p + 4, 17);
    put32(p + 8, ELF);
    put32(p + 12, ELF + ELF_BYTES);
    p += 24;
    put32(p, 6);
    put32(p + 4, 16 + 24 * 2);
    put32(p + 8, 24);
    put64(p + 16, 0x100000);
    put64(p + 24, RAM_BYTES - 0x100000);
    put32(p + 32, 1);
    put64(p + 40, 0x1000000);
    put64(p + 48, 0x1000);
    put32(p + 56, 4);
    p += 64;
    put32(p, 15);
    put32(p + 4, 8 + 36);
    memcpy(at(p + 8), at(TABLES), 36);
    p += 48;
    put32(p + 4, 8);
    put32(INFO, (uint32_t)(p + 8 - INFO));
}

/* Two segments, the second with uninitialised data. */
static void makeELF(void)
{
    elf_header_t h = {.ident = {0x7f, 'E', 'L', 'F', 2, 1, 1}, .type = 2, .machine = EM_X86_64, .version = 1,
                      .entry = 0x400010, .phoff = 64, .ehsize = 64, .phentsize = 56, .phnum = 2};
    elf_segment_t s[2] = {{PT_LOAD, 5, 0, 0x400000, 0, 0x1000, 0x1000, 0x1000},
                          {PT_LOAD, 6, 0x1000, 0x402000, 0, 0x1800, 0x4000, 0x1000}};

    memcpy(at(ELF), &h, sizeof(h));
    memcpy(at(ELF + 64), s, sizeof(s));
    memset(at(ELF + 0x1000), 0x5a, ELF_BYTES - 0x1000);
}

static void makeMachine(void)
{
    madvise(at(0), PADDR_TOP, MADV_DONTNEED);
    memset(&bootState, 0, sizeof(bootState));
    memset(&root, 0, sizeof(root));
    resetKernel();
    makeACPI(1);
    makeELF();
}

static void check(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "FAILED: %s\n", what);
    abort();
}

static paddr_t end(seL4_UntypedDesc d)
{
    return d.paddr + BIT(d.sizeBits);
}

/* What the root task is told: untypeds do not overlap, RAM is in them, in the image or in the boot objects. */
static void checkRoot(void)
{
    word_t n = root.info->untyped.end - root.info->untyped.start, i, k, ram = 0, given = 0;
    const seL4_UntypedDesc *list = root.info->untypedList;

    for (i = 0; i < n; i++) {
        check(IS_ALIGNED(list[i].paddr, list[i].sizeBits), "untyped aligned");
        for (k = 0; k < i; k++)
            check(list[i].paddr >= end(list[k]) || list[k].paddr >= end(list[i]), "untypeds apart");
        check(list[i].paddr >= root.image + (root.imageEnd - root.imageStart) || end(list[i]) <= root.image, "image apart");
        check(list[i].paddr >= root.end || end(list[i]) <= root.next, "boot objects apart");
        if (!list[i].isDevice && list[i].paddr >= 0x120000)
            given += BIT(list[i].sizeBits);
        check(cap_untyped_cap_get_capBlockSize(root.cnode[root.info->untyped.start + i].cap) == list[i].sizeBits, "cap");
    }
    for (i = 0; i < bootState.ram.count; i++) {
        check(bootState.ram.r[i].start < bootState.ram.r[i].end, "RAM not empty");
        check(i == 0 || bootState.ram.r[i - 1].end < bootState.ram.r[i].start, "RAM ascending");
        ram += bootState.ram.r[i].end - MIN(bootState.ram.r[i].end, MAX(bootState.ram.r[i].start, (paddr_t)0x120000));
    }
    if (n < CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS)
        check(given <= ram, "no more than there is");
    for (i = seL4_NumInitialCaps; i < root.info->empty.start; i++)
        check(!cap_is(root.cnode[i].cap, cap_null_cap), "slots in use are filled");
    check(root.info->empty.start < root.info->empty.end, "free slots");
}

/* Whether the machine boots; the cause is in `cause` if not. */
static bool boots(void (*parse)(paddr_t))
{
    if (setjmp(fatal) != 0)
        return false;
    cause = NULL;
    parse(INFO);
    parseACPI();
    createRootServer();
    checkRoot();
    return true;
}

static void expect(const char *name, bool works, const char *text, void (*parse)(paddr_t))
{
    bool good = boots(parse) == works && (works || strstr(cause, text) != NULL);

    if (!good)
        printf("FAILED %s: %s\n", name, cause == NULL ? "it works" : cause);
    passed += good;
    failed += !good;
}

static void knownCases(void)
{
    static const word_t cpus[] = {1, 2, 255, 256, 1000};
    static const struct {
        uint32_t io;
        uint64_t local;
        bool works;
    } apics[] = {{0xfec00000, 0xfee00004, false}, {0xfec00100, 0xfee00000, false}, {0xfec00000, 1ull << 52 | 0xfee00000, false},
                 {0xfec00000, 0x1fee00000, true}};
    word_t i;

    for (i = 0; i < ARRAY_SIZE(cpus); i++) {
        makeMachine();
        makeMultiboot1();
        makeACPI(cpus[i]);
        expect("CPUs", true, "", parseMultiboot1);
        check(bootState.numIOAPICs == 1 && bootState.ioapic[0] == 0xfec00000 && bootState.lapic == 0xfee00000, "APICs");
    }
    makeMachine();
    makeMultiboot2();
    expect("multiboot 2", true, "", parseMultiboot2);
    makeMachine();
    makeMultiboot1();
    ((uint8_t *)at(table(0)))[9]++;
    expect("RSDT with a bad checksum", true, "", parseMultiboot1);
    ((uint8_t *)at(table(1)))[9]++;
    makeMultiboot1();
    memset(&bootState, 0, sizeof(bootState));
    expect("RSDT and XSDT with bad checksums", false, "MADT", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    ((uint8_t *)at(table(2)))[9]++;
    expect("MADT with a bad checksum", false, "MADT", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    ((uint8_t *)at(TABLES))[8]++;
    expect("RSDP with a bad checksum", false, "RSDP", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    makeACPI(0);
    expect("no CPU", false, "no CPU", parseMultiboot1);
    for (i = 0; i < ARRAY_SIZE(apics); i++) {
        makeMachine();
        makeMultiboot1();
        put32(table(2) + 56, apics[i].io);
        put32(table(2) + 64, 0x0c05);
        put64(table(2) + 68, apics[i].local);
        putTable(table(2), "APIC", 76);
        expect("addresses of APICs", apics[i].works, "not of a page", parseMultiboot1);
    }
    makeMachine();
    makeMultiboot1();
    put32(INFO + 44, 0);
    expect("empty map", false, "no memory above 1 MiB", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    put32(INFO, 1 << 0 | 1 << 3);
    put32(INFO + 8, (uint32_t)(RAM_BYTES >> 10));
    expect("no map, only a size", true, "", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    put32(INFO, 1 << 6);
    expect("no memory information", false, "no memory information", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    put32(INFO + 20, 0);
    expect("no module", false, "no root task", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    put32(MODULES + 4, ELF);
    expect("empty module", false, "empty", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    put32(MODULES + 4, ELF + 0x1800);
    expect("module cut short", false, "truncated", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    for (i = 1; i < 4; i++)
        putMapEntry(i, 0x100000 * i, 0x30000, 1);
    expect("too little memory", false, "too little memory", parseMultiboot1);
    makeMachine();
    makeMultiboot1();
    putMapEntry(2, 64ull << 30, 447ull << 30, 1);
    expect("510 GiB", true, "", parseMultiboot1);
}

static void expectBytes(const char *name, const void *got, const void *wanted, word_t bytes)
{
    bool good = memcmp(got, wanted, bytes) == 0;

    if (!good)
        printf("FAILED %s\n", name);
    passed += good;
    failed += !good;
}

static void expectEqual(const char *name, word_t got, word_t wanted)
{
    expectBytes(name, &got, &wanted, sizeof(got));
}

/* The entries that the attributes of a page select: WB WT UC- UC WC. */
static void knownPAT(void)
{
    initMSRs();
    expectBytes("page attribute table", &hostPAT, "\x06\x04\x07\x00\x01", 5);
}

/* The next blob: its identifier, its length, and what is in it. */
static const char *expectBlob(const char *blob, word_t id, word_t bytes, const void *content)
{
    word_t header[2] = {id, bytes};

    expectBytes("header of a blob", blob, header, 16);
    expectBytes("blob", blob + 16, content, bytes - 16);
    return blob + bytes;
}

static const char *extraArea(word_t bytes)
{
    expectEqual("length of the extra area", root.info->extraLen, bytes);
    expectEqual("pages of the extra area", root.info->extraBIPages.end - root.info->extraBIPages.start, 1);
    return (const char *)cap_get_capPtr(root.cnode[root.info->extraBIPages.start].cap);
}

/* Multiboot 1 with graphics: VBE, RSDP, memory map, TSC. */
static void knownBlobs1(void)
{
    uint8_t vbe[784] = {0}, map[1204] = {0};
    const char *blob;
    word_t i;

    makeMachine();
    makeMultiboot1();
    put32(INFO, 1 << 0 | 1 << 3 | 1 << 6 | 1 << 11);
    put32(INFO + 72, 0x20000);
    put32(INFO + 76, 0x20200);
    put32(INFO + 80, 0x2222aaaa);
    put32(INFO + 84, 0x44443333);
    for (i = 0; i < 768; i++)
        ((uint8_t *)at(0x20000))[i] = vbe[i] = (uint8_t)(i * 7);
    memcpy(vbe + 768, "\xaa\xaa\0\0\x22\x22\0\0\x33\x33\0\0\x44\x44\0\0", 16);
    map[0] = 96;
    memcpy(map + 4, at(MAP), 96);
    bootState.tscMHz = 0x1234;
    expect("multiboot 1 with graphics", true, "", parseMultiboot1);
    blob = extraArea(800 + 52 + 1220 + 20);
    blob = expectBlob(blob, 1, 800, vbe);
    blob = expectBlob(blob, 3, 52, at(TABLES));
    blob = expectBlob(blob, 2, 1220, map);
    blob = expectBlob(blob, 5, 20, "\x34\x12\0\0");
    expectBytes("nothing behind the blobs", blob, (const char[64]){0}, 64);
}

/* Multiboot 2 with a frame buffer: RSDP, frame buffer, an empty memory map, TSC. */
static void knownBlobs2(void)
{
    static const char tag[30] = "\x08\0\0\0\x1e\0\0\0" "\0\0\0\xfd\1\0\0\0" "\0\x10\0\0" "\0\4\0\0" "\0\3\0\0" "\x20\1";
    static const uint8_t map[1204];
    paddr_t last;
    const char *blob;

    makeMachine();
    makeMultiboot2();
    last = INFO + *(uint32_t *)at(INFO) - 8;
    memcpy(at(last), tag, sizeof(tag));
    put32(last + 36, 8);
    put32(INFO, (uint32_t)(last + 40 - INFO));
    expect("multiboot 2 with graphics", true, "", parseMultiboot2);
    blob = extraArea(52 + 38 + 1220 + 20);
    blob = expectBlob(blob, 3, 52, at(TABLES));
    blob = expectBlob(blob, 4, 38, tag + 8);
    blob = expectBlob(blob, 2, 1220, map);
    blob = expectBlob(blob, 5, 20, "\0\0\0\0");
    expectBytes("nothing behind the blobs", blob, (const char[64]){0}, 64);
}

/* More entries than the blob has room for: the first 50. */
static void knownLongMap(void)
{
    uint8_t map[1204] = {0xb0, 0x04};
    word_t i;

    makeMachine();
    makeMultiboot1();
    for (i = 4; i < 60; i++)
        putMapEntry(i, i << 32, 1 << 20, 2);
    put32(INFO + 44, 24 * 60);
    memcpy(map + 4, at(MAP), 1200);
    expect("60 entries", true, "", parseMultiboot1);
    expectBlob(extraArea(52 + 1220 + 20) + 52, 2, 1220, map);
}

static void knownCommandLines(void)
{
    static const struct {
        const char *text;
        uint16_t console, debug;
    } lines[] = {
        {"", 1, 2}, {"kernel", 1, 2}, {"console_port=0x2f8", 0x2f8, 2}, {"kernel debug_port=760 console_port=0X3E8 x", 0x3e8, 760},
        {"xconsole_port=9", 1, 2}, {"console_port=", 1, 2}, {"console_port=0x", 1, 2}, {"console_port=12a", 1, 2},
        {"console_port=0x10000 debug_port=65536", 1, 2}, {"console_port=65535 console_port=0", 0, 2}, {"debug_port =5", 1, 2},
        {"disable_iommu debug_port=5", 1, 5},
    };
    word_t i;

    for (i = 0; i < ARRAY_SIZE(lines); i++) {
        makeMachine();
        makeMultiboot1();
        put32(INFO, 1 << 0 | 1 << 2 | 1 << 3 | 1 << 6);
        put32(INFO + 16, 0x30000);
        memcpy(at(0x30000), lines[i].text, strlen(lines[i].text) + 1);
        bootState.consolePort = 1;
        bootState.debugPort = 2;
        expect(lines[i].text, true, "", parseMultiboot1);
        expectEqual("console port", bootState.consolePort, lines[i].console);
        expectEqual("debug port", bootState.debugPort, lines[i].debug);

        makeMachine();
        makeMultiboot2();
        memmove(at(INFO + 8 + 64), at(INFO + 8), 400);
        memset(at(INFO + 8), 0, 64);
        put32(INFO + 8, 1);
        put32(INFO + 12, 64); /* the text ends with the tag */
        memset(at(INFO + 16), ' ', 56);
        memcpy(at(INFO + 16 + 56 - strlen(lines[i].text)), lines[i].text, strlen(lines[i].text));
        put32(INFO, *(uint32_t *)at(INFO) + 64);
        bootState.consolePort = 1;
        bootState.debugPort = 2;
        expect(lines[i].text, true, "", parseMultiboot2);
        expectEqual("console port", bootState.consolePort, lines[i].console);
        expectEqual("debug port", bootState.debugPort, lines[i].debug);
    }
}

static uint64_t choice(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

/* Changes a few bytes in one of the places that loader, firmware or user fill. */
static void mutate(paddr_t start, word_t bytes)
{
    static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff};
    word_t n = 1 + choice() % 6;
    uint8_t *p = at(start);

    while (n-- > 0) {
        word_t i = choice() % bytes;

        p[i] = choice() % 2 ? (uint8_t)choice() : values[choice() % sizeof(values)];
    }
}

static void randomCase(void)
{
    void (*parse)(paddr_t) = choice() % 2 ? parseMultiboot1 : parseMultiboot2;
    int place;

    makeMachine();
    if (parse == parseMultiboot1)
        makeMultiboot1();
    else
        makeMultiboot2();
    switch (choice() % 4) {
    case 0:
        mutate(INFO, parse == parseMultiboot1 ? 52 : 144);
        break;
    case 1:
        mutate(parse == parseMultiboot1 ? MAP : INFO, 96);
        break;
    case 2:
        place = (int)(choice() % 3);
        mutate(table(place), 64);
        if (choice() % 4 != 0)
            fixChecksum(table(place), MIN(*(uint32_t *)at(table(place) + 4), 4096u), 9);
        break;
    default:
        mutate(ELF, 64 + 2 * 56);
        /* Segments of gigabytes would only be slow. */
        put32(ELF + 64 + 44, 0);
        put32(ELF + 64 + 56 + 44, 0);
        break;
    }
    boots(parse);
    passed++;
}

int main(int argc, char **argv)
{
    long n = argc > 1 ? strtol(argv[1], NULL, 10) : 20000, worked = 0, i;

    state = argc > 2 ? strtoull(argv[2], NULL, 10) : 88172645463325252ull;
    if (mmap(at(0), PADDR_TOP, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1,
             0) != at(0)) {
        perror("mmap");
        return 2;
    }
    knownPAT();
    knownBlobs1();
    knownBlobs2();
    knownLongMap();
    knownCommandLines();
    knownCases();
    for (i = 0; i < n; i++) {
        randomCase();
        worked += cause == NULL;
    }
    fprintf(stderr, "%ld of %ld changed machines boot\n", worked, n);
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
