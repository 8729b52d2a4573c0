/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI: from the root pointer to the MADT, for the local APIC's address and the I/O APICs.
 *
 * Source: ACPI Specification 6.4, sections 5.2.5 to 5.2.12.  Every table is bounds and checksum tested.
 */
#include "kernel/arch/x86_64/boot.h"

#include "kernel/include/extensions.h"

#define MADT_LOCAL_APIC 0
#define MADT_IOAPIC 1
#define MADT_LAPIC_ADDRESS 5
#define MADT_LOCAL_X2APIC 9
#define MAX_TABLE_BYTES BIT(17) /* a MADT of 8,000 CPUs */
#define MAX_ROOT_ENTRIES 1024

typedef struct acpi_rsdp {
    char signature[8];
    uint8_t checksum;
    char oem[6];
    uint8_t revision;
    uint32_t rsdt;
    uint32_t length;
    uint64_t xsdt;
    uint8_t extendedChecksum, reserved[3];
} __attribute__((packed)) acpi_rsdp_t;

typedef struct acpi_header {
    char signature[4];
    uint32_t length;
    uint8_t revision, checksum;
    char oem[18];
    uint32_t creatorRevision, creator;
} __attribute__((packed)) acpi_header_t;

_Static_assert(sizeof(acpi_rsdp_t) == 36 && sizeof(acpi_header_t) == 38 - 2, "ACPI layouts");

static BOOT_CODE bool_t checksumOK(const void *data, word_t bytes)
{
    const uint8_t *p = data;
    uint8_t sum = 0;
    word_t i;

    for (i = 0; i < bytes; i++)
        sum = (uint8_t)(sum + p[i]);
    return sum == 0;
}

static BOOT_CODE bool_t sameText(const char *a, const char *b, word_t n)
{
    word_t i;

    for (i = 0; i < n; i++) {
        if (a[i] != b[i])
            return false;
    }
    return true;
}

static BOOT_CODE bool_t findRSDPIn(paddr_t start, paddr_t end)
{
    paddr_t p;

    for (p = start; p + sizeof(acpi_rsdp_t) <= end; p += 16) {
        const acpi_rsdp_t *rsdp = bootPointer(p, sizeof(*rsdp));

        if (sameText(rsdp->signature, "RSD PTR ", 8) && checksumOK(rsdp, 20)) {
            __builtin_memcpy(bootState.rsdp.rsdp, rsdp, sizeof(*rsdp));
            return true;
        }
    }
    return false;
}

/* A table whose signature and checksum are right, or NULL. */
static BOOT_CODE const acpi_header_t *table(paddr_t paddr, const char *signature)
{
    const acpi_header_t *h;

    if (paddr == 0 || paddr >= PADDR_TOP - MAX_TABLE_BYTES)
        return NULL;
    h = bootPointer(paddr, sizeof(*h));
    if (!sameText(h->signature, signature, 4) || h->length < sizeof(*h) || h->length > MAX_TABLE_BYTES ||
        !checksumOK(h, h->length))
        return NULL;
    return h;
}

static BOOT_CODE const acpi_header_t *findMADTIn(const acpi_header_t *root, word_t entryBytes)
{
    word_t offset;

    if (root == NULL)
        return NULL;
    for (offset = sizeof(*root);
         offset + entryBytes <= MIN(root->length, sizeof(*root) + MAX_ROOT_ENTRIES * entryBytes); offset += entryBytes) {
        word_t paddr = 0;
        const acpi_header_t *found;

        __builtin_memcpy(&paddr, (const char *)root + offset, entryBytes);
        found = table(paddr, "APIC");
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* Whether the registers there can be mapped: bits outside the address field of a page-table entry would be flags of it. */
static BOOT_CODE bool_t isDevicePage(paddr_t paddr)
{
    return IS_ALIGNED(paddr, seL4_PageBits) && paddr >> seL4_MaxUntypedBits == 0;
}

static BOOT_CODE void checkAPICAddresses(void)
{
    bool_t good = isDevicePage(bootState.lapic);
    word_t i;

    for (i = 0; i < bootState.numIOAPICs; i++)
        good = good && isDevicePage(bootState.ioapic[i]);
    if (!good)
        bootFatal("the ACPI tables give an APIC an address that is not of a page", "use other firmware");
}

static BOOT_CODE void parseMADT(const acpi_header_t *madt)
{
    const uint8_t *p = (const uint8_t *)madt;
    word_t offset = sizeof(*madt) + 8, cpus = 0;
    uint32_t address;
    word_t address64;

    __builtin_memcpy(&address, p + sizeof(*madt), 4);
    bootState.lapic = address;
    while (offset + 2 <= madt->length && p[offset + 1] >= 2 && offset + p[offset + 1] <= madt->length) {
        switch (p[offset]) {
        case MADT_LOCAL_APIC:
        case MADT_LOCAL_X2APIC:
            cpus++;
            break;
        case MADT_IOAPIC:
            if (p[offset + 1] >= 12 && bootState.numIOAPICs < CONFIG_MAX_NUM_IOAPIC) {
                __builtin_memcpy(&address, p + offset + 4, 4);
                bootState.ioapic[bootState.numIOAPICs++] = address;
            }
            break;
        case MADT_LAPIC_ADDRESS:
            if (p[offset + 1] >= 12) {
                __builtin_memcpy(&address64, p + offset + 4, 8);
                bootState.lapic = address64;
            }
            break;
        default:
            break;
        }
        offset += p[offset + 1];
    }
    if (cpus == 0 || bootState.numIOAPICs == 0)
        bootFatal("the ACPI tables list no CPU or no I/O APIC", "enable the I/O APIC in the firmware");
    checkAPICAddresses();
}

BOOT_CODE void parseACPI(void)
{
    const acpi_rsdp_t *rsdp = (const acpi_rsdp_t *)bootState.rsdp.rsdp;
    const acpi_header_t *madt;
    paddr_t ebda = (paddr_t)(*(const uint16_t *)bootPointer(0x40e, 2)) << 4;

    if (!bootState.haveRSDP)
        bootState.haveRSDP = findRSDPIn(0xe0000, 0x100000) ||
                             (ebda >= 0x80000 && ebda < 0xa0000 && findRSDPIn(ebda, MIN(ebda + 1024, 0xa0000ull)));
    if (!bootState.haveRSDP || !checksumOK(rsdp, 20))
        bootFatal("there is no valid ACPI root pointer (RSDP)", "enable ACPI in the firmware (QEMU: no -no-acpi)");
    madt = findMADTIn(table(rsdp->rsdt, "RSDT"), 4);
    if (madt == NULL && EXTENSION_XSDT && rsdp->revision >= 2 && checksumOK(rsdp, sizeof(*rsdp)))
        madt = findMADTIn(table(rsdp->xsdt, "XSDT"), 8);
    if (madt == NULL)
        bootFatal("there is no valid ACPI interrupt table (MADT)", "enable ACPI and the APIC in the firmware");
    parseMADT(madt);
}
