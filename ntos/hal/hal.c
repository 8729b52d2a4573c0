/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the boot information says about the machine: RSDP, TSC frequency, framebuffer, HPET.
 *
 * ke finds the boot protocol's blobs; hal knows what is in them.
 */
#include "halp.h"

#define BLOB_RSDP 3                     /* ids of the boot protocol's blobs */
#define BLOB_FRAMEBUFFER 4
#define BLOB_TSC_FREQUENCY 5

typedef struct __attribute__((packed)) _HALP_FRAMEBUFFER_BLOB {
    ULONG64 Address;
    ULONG Pitch, Width, Height;
    UCHAR BitsPerPixel;
    UCHAR Type;
} HALP_FRAMEBUFFER_BLOB;

static HAL_FRAMEBUFFER HalpFramebuffer;
static BOOLEAN HalpHasFramebuffer;
static ULONG HalpTscMegahertz;
static volatile ULONG64 *HalpHpet;

#define HPET_REGISTERS 0x400
#define HPET_CAPABILITIES 0
#define FRAMEBUFFER_RGB 1

static VOID HalpReadFramebuffer(VOID)
{
    HALP_FRAMEBUFFER_BLOB Blob;

    if (!KeGetBootBlob(BLOB_FRAMEBUFFER, &Blob, sizeof(Blob)) || Blob.Type != FRAMEBUFFER_RGB || Blob.Address == 0)
        return;
    HalpFramebuffer.PhysicalAddress = Blob.Address;
    HalpFramebuffer.Pitch = Blob.Pitch;
    HalpFramebuffer.Width = Blob.Width;
    HalpFramebuffer.Height = Blob.Height;
    HalpFramebuffer.BitsPerPixel = Blob.BitsPerPixel;
    HalpHasFramebuffer = TRUE;
}

VOID HalInitSystem(VOID)
{
    UCHAR Rsdp[36];

    KeGetBootBlob(BLOB_TSC_FREQUENCY, &HalpTscMegahertz, sizeof(HalpTscMegahertz));
    HalpReadFramebuffer();
    HalpReadAcpi(KeGetBootBlob(BLOB_RSDP, Rsdp, sizeof(Rsdp)) ? Rsdp : NULL);
    if (HalpAcpi.HpetAddress != 0)
        HalpHpet = MmMapIoSpace(HalpAcpi.HpetAddress, HPET_REGISTERS, MmNonCached);
}

BOOLEAN HalGetFramebuffer(PHAL_FRAMEBUFFER Framebuffer)
{
    *Framebuffer = HalpFramebuffer;
    return HalpHasFramebuffer;
}

ULONG HalGetTscMegahertz(VOID)
{
    return HalpTscMegahertz;
}

volatile ULONG64 *HalGetHpet(PULONG PeriodFs)
{
    if (HalpHpet == NULL)
        return NULL;
    *PeriodFs = (ULONG)(HalpHpet[HPET_CAPABILITIES] >> 32);
    return HalpHpet;
}
