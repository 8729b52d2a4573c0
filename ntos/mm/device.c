/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Device memory: frames of device untypeds, at physical addresses that somebody names (ACPI tables, HPET, a
 * framebuffer). A frame is retyped once and its capability kept; every mapping uses a copy.  Frames are made in runs
 * of up to 64, where the device untyped allows it.  Nothing here waits.
 */
#include "ntos/mm/mip.h"

#define MI_RUN_BITS 18

typedef struct _MI_DEVICE_RUN {
    struct _MI_DEVICE_RUN *Next;
    ULONG64 FirstPage;
    ULONG Pages;
    ULONG FirstSlot;
} MI_DEVICE_RUN, *PMI_DEVICE_RUN;

static PMI_DEVICE_RUN MiDeviceRuns;

static PMI_DEVICE_RUN MiMakeDeviceRun(ULONG64 PhysicalAddress, ULONG Bits)
{
    ULONG64 Base = MiRoundDown(PhysicalAddress, 1ull << Bits);
    ULONG Pages = 1u << (Bits - PAGE_SHIFT), Index;
    PMI_DEVICE_RUN Run = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Run), 'vDmM');
    PMI_UNTYPED Untyped;

    if (Run == NULL)
        return NULL;
    Run->FirstSlot = MiAllocateSlots(Pages);
    if (Run->FirstSlot != 0) {
        Untyped = MiCarveDevice(Base, Bits);
        if (Untyped != NULL && MiRetype(Untyped, seL4_X86_4K, 0, Run->FirstSlot, Pages) == seL4_NoError) {
            Run->FirstPage = Base >> PAGE_SHIFT;
            Run->Pages = Pages;
            Run->Next = MiDeviceRuns;
            MiDeviceRuns = Run;
            return Run;
        }
        if (Untyped != NULL)
            MiFreeUntyped(Untyped);
        for (Index = 0; Index < Pages; Index++)
            MmFreeSlot(Run->FirstSlot + Index);
    }
    ExFreePool(Run);
    return NULL;
}

ULONG MiDeviceFrame(ULONG64 PhysicalAddress)
{
    ULONG64 Page = PhysicalAddress >> PAGE_SHIFT;
    PMI_DEVICE_RUN Run;
    ULONG Bits;

    for (Run = MiDeviceRuns; Run != NULL; Run = Run->Next) {
        if (Page - Run->FirstPage < Run->Pages)
            return Run->FirstSlot + (ULONG)(Page - Run->FirstPage);
    }
    for (Bits = MI_RUN_BITS; Bits >= PAGE_SHIFT; Bits--) {
        Run = MiMakeDeviceRun(PhysicalAddress, Bits);
        if (Run != NULL)
            return Run->FirstSlot + (ULONG)(Page - Run->FirstPage);
    }
    return 0;
}

ULONG MiCachingAttributes(MEMORY_CACHING_TYPE CacheType)
{
    switch (CacheType) {
    case MmCached:
        return seL4_X86_WriteBack;
    case MmWriteCombined:
        return seL4_X86_WriteCombining;
    default:
        return seL4_X86_Uncacheable;
    }
}
