/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The ACPI tables that hal needs: FADT (power, reset, century), MADT (interrupt overrides), HPET, and of the DSDT one
 * package, \_S5, found by its bytes (there is no AML interpreter).
 *
 * Sources: ACPI Specification 6.4, sections 5.2.5 to 5.2.12, 20.2.5.4 (package encoding); IA-PC HPET Specification
 * 1.0a, 3.2.4. Every length is checked against the mapping and capped; a table with a wrong checksum is not used.
 */
#include "halp.h"

#define ACPI_HEADER_SIZE 36
#define ACPI_MAX_TABLE 0x100000
#define FADT_DSDT 40                    /* byte offsets */
#define FADT_SMI_COMMAND 48
#define FADT_ACPI_ENABLE 52
#define FADT_PM1A_CONTROL 64
#define FADT_PM1B_CONTROL 68
#define FADT_CENTURY 108
#define FADT_FLAGS 112
#define FADT_RESET_REGISTER 116
#define FADT_RESET_VALUE 128
#define FADT_RESET_SUPPORTED (1u << 10)
#define MADT_ENTRIES 44
#define MADT_INTERRUPT_OVERRIDE 2
#define HPET_ADDRESS 44

HALP_ACPI HalpAcpi = { .Reset = { .Space = 0xff } };

static struct {
    ULONG Pin;
    BOOLEAN Level, ActiveLow;
} HalpIsa[16];

typedef struct _HALP_TABLE {
    const UCHAR *Data;
    ULONG Length;
} HALP_TABLE;

static ULONG HalpGet(const HALP_TABLE *Table, ULONG Offset, ULONG Size)
{
    ULONG Value = 0;

    if (Offset + Size <= Table->Length)
        memcpy(&Value, Table->Data + Offset, Size);
    return Value;
}

static ULONG64 HalpGet64(const HALP_TABLE *Table, ULONG Offset)
{
    return HalpGet(Table, Offset, 4) | (ULONG64)HalpGet(Table, Offset + 4, 4) << 32;
}

/* FALSE: not there, or damaged.  The mapping stays until HalpUnmap. */
static BOOLEAN HalpMap(ULONG64 Address, HALP_TABLE *Table)
{
    ULONG Length;
    UCHAR Sum = 0;

    Table->Data = Address != 0 ? MmMapIoSpace(Address, ACPI_HEADER_SIZE, MmCached) : NULL;
    if (Table->Data == NULL)
        return FALSE;
    memcpy(&Length, Table->Data + 4, sizeof(Length));
    MmUnmapIoSpace((PVOID)Table->Data, ACPI_HEADER_SIZE);
    if (Length < ACPI_HEADER_SIZE || Length > ACPI_MAX_TABLE)
        return FALSE;
    Table->Length = Length;
    Table->Data = MmMapIoSpace(Address, Length, MmCached);
    if (Table->Data == NULL)
        return FALSE;
    for (ULONG i = 0; i < Length; i++)
        Sum += Table->Data[i];
    if (Sum == 0)
        return TRUE;
    LogPrint("ACPI table %.4s has a wrong checksum", (const char *)Table->Data);
    MmUnmapIoSpace((PVOID)Table->Data, Length);
    return FALSE;
}

static VOID HalpUnmap(HALP_TABLE *Table)
{
    MmUnmapIoSpace((PVOID)Table->Data, Table->Length);
}

/* One integer of a package: ZeroOp, OneOp, BytePrefix n, WordPrefix n. */
static USHORT HalpReadInteger(const HALP_TABLE *Table, ULONG *Offset)
{
    UCHAR Op = (UCHAR)HalpGet(Table, *Offset, 1);
    USHORT Value = Op <= 1 ? Op : Op == 0x0a ? (USHORT)HalpGet(Table, *Offset + 1, 1)
                   : Op == 0x0b ? (USHORT)HalpGet(Table, *Offset + 1, 2) : 0;

    *Offset += Op == 0x0a ? 2 : Op == 0x0b ? 3 : 1;
    return Value;
}

/* Name (_S5_, Package { SLP_TYPa, SLP_TYPb, ... }): 08 [5c] "_S5_" 12 PkgLength NumElements elements. */
static VOID HalpFindS5(const HALP_TABLE *Dsdt)
{
    for (ULONG i = ACPI_HEADER_SIZE; i + 12 < Dsdt->Length; i++) {
        ULONG Offset = i + 4;

        if (memcmp(Dsdt->Data + i, "_S5_", 4) != 0 || Dsdt->Data[Offset] != 0x12)
            continue;
        Offset += 2 + (Dsdt->Data[Offset + 1] >> 6) + 1;        /* PackageOp, PkgLength, NumElements */
        HalpAcpi.SleepTypeA = HalpReadInteger(Dsdt, &Offset) & 7;
        HalpAcpi.SleepTypeB = HalpReadInteger(Dsdt, &Offset) & 7;
        HalpAcpi.S5Known = TRUE;
        return;
    }
}

static VOID HalpReadFadt(const HALP_TABLE *Fadt)
{
    HALP_TABLE Dsdt;

    HalpAcpi.SmiCommand = HalpGet(Fadt, FADT_SMI_COMMAND, 4);
    HalpAcpi.AcpiEnable = HalpGet(Fadt, FADT_ACPI_ENABLE, 1);
    HalpAcpi.Pm1aControl = HalpGet(Fadt, FADT_PM1A_CONTROL, 4);
    HalpAcpi.Pm1bControl = HalpGet(Fadt, FADT_PM1B_CONTROL, 4);
    HalpAcpi.CenturyRegister = (UCHAR)HalpGet(Fadt, FADT_CENTURY, 1);
    if (HalpGet(Fadt, FADT_FLAGS, 4) & FADT_RESET_SUPPORTED) {
        HalpAcpi.Reset.Space = (UCHAR)HalpGet(Fadt, FADT_RESET_REGISTER, 1);
        HalpAcpi.Reset.BitWidth = (UCHAR)HalpGet(Fadt, FADT_RESET_REGISTER + 1, 1);
        HalpAcpi.Reset.Address = HalpGet64(Fadt, FADT_RESET_REGISTER + 4);
        HalpAcpi.ResetValue = (UCHAR)HalpGet(Fadt, FADT_RESET_VALUE, 1);
    }
    if (HalpMap(HalpGet(Fadt, FADT_DSDT, 4), &Dsdt)) {
        HalpFindS5(&Dsdt);
        HalpUnmap(&Dsdt);
    }
}

static VOID HalpReadMadt(const HALP_TABLE *Madt)
{
    ULONG Offset = MADT_ENTRIES, Length;

    for (; Offset + 2 <= Madt->Length; Offset += Length) {
        Length = HalpGet(Madt, Offset + 1, 1);
        if (Length < 2)
            return;
        if (HalpGet(Madt, Offset, 1) == MADT_INTERRUPT_OVERRIDE && Length >= 10) {
            ULONG Irq = HalpGet(Madt, Offset + 3, 1), Flags = HalpGet(Madt, Offset + 8, 2);

            if (Irq >= ARRAYSIZE(HalpIsa))
                continue;
            HalpIsa[Irq].Pin = HalpGet(Madt, Offset + 4, 4);
            HalpIsa[Irq].ActiveLow = (Flags & 3) == 3;
            HalpIsa[Irq].Level = (Flags >> 2 & 3) == 3;
        }
    }
}

static VOID HalpReadTable(ULONG64 Address)
{
    HALP_TABLE Table;

    if (!HalpMap(Address, &Table))
        return;
    if (memcmp(Table.Data, "FACP", 4) == 0)
        HalpReadFadt(&Table);
    else if (memcmp(Table.Data, "APIC", 4) == 0)
        HalpReadMadt(&Table);
    else if (memcmp(Table.Data, "HPET", 4) == 0)
        HalpAcpi.HpetAddress = HalpGet64(&Table, HPET_ADDRESS);
    HalpUnmap(&Table);
}

VOID HalpReadAcpi(const UCHAR *Rsdp)
{
    HALP_TABLE Root = { 0 };
    ULONG EntrySize = 8;
    ULONG64 Xsdt = 0;
    ULONG Rsdt = 0;

    for (ULONG i = 0; i < ARRAYSIZE(HalpIsa); i++)
        HalpIsa[i].Pin = i;
    if (Rsdp == NULL) {
        LogPrint("no ACPI tables: interrupts as on the ISA bus, no power off");
        return;
    }
    memcpy(&Rsdt, Rsdp + 16, sizeof(Rsdt));
    if (Rsdp[15] >= 2)
        memcpy(&Xsdt, Rsdp + 24, sizeof(Xsdt));
    if (!HalpMap(Xsdt, &Root)) {
        EntrySize = 4;
        if (!HalpMap(Rsdt, &Root)) {
            LogPrint("ACPI: no usable root table");
            return;
        }
    }
    for (ULONG Offset = ACPI_HEADER_SIZE; Offset + EntrySize <= Root.Length; Offset += EntrySize)
        HalpReadTable(EntrySize == 8 ? HalpGet64(&Root, Offset) : HalpGet(&Root, Offset, 4));
    HalpUnmap(&Root);
}

VOID HalGetIsaInterrupt(ULONG IsaIrq, PULONG Pin, PBOOLEAN LevelTriggered, PBOOLEAN ActiveLow)
{
    if (IsaIrq >= ARRAYSIZE(HalpIsa)) { /* a global interrupt number: PCI, level, low */
        *Pin = IsaIrq;
        *LevelTriggered = *ActiveLow = TRUE;
        return;
    }
    *Pin = HalpIsa[IsaIrq].Pin;
    *LevelTriggered = HalpIsa[IsaIrq].Level;
    *ActiveLow = HalpIsa[IsaIrq].ActiveLow;
}
