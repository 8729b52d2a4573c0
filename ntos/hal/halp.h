/* SPDX-License-Identifier: BSD-2-Clause
 *
 * hal's own: what the ACPI tables said.
 */
#pragma once

#include "ntos/inc/hal.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/log.h"

typedef struct _HALP_REGISTER {         /* Generic Address Structure, ACPI 6.4 section 5.2.3.2, as far as used */
    UCHAR Space;                        /* 0 memory, 1 I/O; 0xff = none */
    UCHAR BitWidth;
    ULONG64 Address;
} HALP_REGISTER;

typedef struct _HALP_ACPI {
    ULONG Pm1aControl, Pm1bControl;     /* ports, 0 = none */
    ULONG SmiCommand, AcpiEnable;
    USHORT SleepTypeA, SleepTypeB;      /* of S5 */
    BOOLEAN S5Known;
    HALP_REGISTER Reset;
    UCHAR ResetValue;
    ULONG64 HpetAddress;
    UCHAR CenturyRegister;              /* CMOS index, 0 = none */
} HALP_ACPI;

extern HALP_ACPI HalpAcpi;

/* Reads the tables that the RSDP (36 bytes, may be NULL) leads to. */
VOID HalpReadAcpi(const UCHAR *Rsdp);
