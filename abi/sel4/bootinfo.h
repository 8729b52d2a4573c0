/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the root task finds at RDI when it starts: one page of seL4_BootInfo, then (from the next page on)
 * `extraLen` bytes of blobs, each with a seL4_BootInfoHeader, packed without alignment: copy before use.
 *
 * The initial CSpace has fixed slots; everything from slot seL4_NumInitialCaps on is described by the regions.
 * The length of untypedList is a build constant of the kernel (230 here): read only [0, untyped.end - untyped.start).
 */
#pragma once

#include "abi/sel4/types.h"

enum {
    seL4_CapNull = 0,
    seL4_CapInitThreadTCB = 1,
    seL4_CapInitThreadCNode = 2,
    seL4_CapInitThreadVSpace = 3,
    seL4_CapIRQControl = 4,
    seL4_CapASIDControl = 5,
    seL4_CapInitThreadASIDPool = 6,
    seL4_CapIOPortControl = 7,
    seL4_CapIOSpace = 8,
    seL4_CapBootInfoFrame = 9,
    seL4_CapInitThreadIPCBuffer = 10,
    seL4_CapDomain = 11,
    seL4_CapSMMUSIDControl = 12,
    seL4_CapSMMUCBControl = 13,
    seL4_CapInitThreadSC = 14,
    seL4_CapSMC = 15,
    seL4_NumInitialCaps = 16,
};

#define CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS 230
#define seL4_BootInfoFrameBits 12
#define seL4_BootInfoFrameSize 4096

typedef struct seL4_SlotRegion {
    seL4_SlotPos start; /* first slot */
    seL4_SlotPos end;   /* first slot after the region */
} seL4_SlotRegion;

typedef struct seL4_UntypedDesc {
    seL4_Word paddr;
    seL4_Uint8 sizeBits;
    seL4_Uint8 isDevice;
    seL4_Uint8 padding[6];
} seL4_UntypedDesc;

typedef struct seL4_BootInfo {
    seL4_Word extraLen;
    seL4_NodeId nodeID;
    seL4_Word numNodes;
    seL4_Word numIOPTLevels;
    seL4_IPCBuffer *ipcBuffer;
    seL4_SlotRegion empty;
    seL4_SlotRegion sharedFrames;
    seL4_SlotRegion userImageFrames;
    seL4_SlotRegion userImagePaging;
    seL4_SlotRegion ioSpaceCaps;
    seL4_SlotRegion extraBIPages;
    seL4_Word initThreadCNodeSizeBits;
    seL4_Domain initThreadDomain;
    seL4_SlotRegion untyped;
    seL4_UntypedDesc untypedList[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS];
} seL4_BootInfo;

_Static_assert(sizeof(seL4_BootInfo) == 3848, "bootinfo for 230 untypeds");
_Static_assert(offsetof(seL4_BootInfo, untypedList) == 168, "untypedList");

enum {
    SEL4_BOOTINFO_HEADER_PADDING = 0,
    SEL4_BOOTINFO_HEADER_X86_VBE = 1,
    SEL4_BOOTINFO_HEADER_X86_MBMMAP = 2,
    SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP = 3,
    SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER = 4,
    SEL4_BOOTINFO_HEADER_X86_TSC_FREQ = 5,
    SEL4_BOOTINFO_HEADER_FDT = 6,
};

typedef struct seL4_BootInfoHeader {
    seL4_Word id;
    seL4_Word len; /* bytes, this header included */
} seL4_BootInfoHeader;

/* Blob 1: VBE information of multiboot 1 (800 bytes with its header). */
typedef struct __attribute__((packed)) seL4_X86_BootInfo_VBE {
    seL4_BootInfoHeader header;
    uint8_t vbeInfoBlock[512];
    uint8_t vbeModeInfoBlock[256];
    uint32_t vbeMode;
    uint32_t vbeInterfaceSeg;
    uint32_t vbeInterfaceOff;
    uint32_t vbeInterfaceLen;
} seL4_X86_BootInfo_VBE;

/* Blob 2: memory map in multiboot 1 form. */
#define SEL4_MULTIBOOT_MAX_MMAP_ENTRIES 50

typedef struct __attribute__((packed)) seL4_X86_mb_mmap {
    uint32_t size;
    uint64_t base_addr;
    uint64_t length;
    uint32_t type;
} seL4_X86_mb_mmap_t;

typedef struct __attribute__((packed)) seL4_X86_BootInfo_mmap {
    seL4_BootInfoHeader header;
    uint32_t mmap_length; /* bytes used in mmap[] */
    seL4_X86_mb_mmap_t mmap[SEL4_MULTIBOOT_MAX_MMAP_ENTRIES];
} seL4_X86_BootInfo_mmap_t;

/* Blob 3: copy of the ACPI RSDP. */
typedef struct __attribute__((packed)) seL4_X86_BootInfo_RSDP {
    seL4_BootInfoHeader header;
    uint8_t rsdp[36];
} seL4_X86_BootInfo_RSDP;

/* Blob 4: framebuffer of multiboot 2. */
typedef struct __attribute__((packed)) seL4_X86_BootInfo_fb {
    seL4_BootInfoHeader header;
    uint64_t addr;
    uint32_t pitch; /* bytes a line */
    uint32_t width;
    uint32_t height;
    uint8_t bpp;
    uint8_t type; /* 1 = RGB, 2 = EGA text */
} seL4_X86_BootInfo_fb_t;

/* Blob 5: TSC frequency. */
typedef struct __attribute__((packed)) seL4_X86_BootInfo_tsc {
    seL4_BootInfoHeader header;
    uint32_t freq_mhz;
} seL4_X86_BootInfo_tsc;

_Static_assert(sizeof(seL4_X86_BootInfo_VBE) == 800, "VBE blob");
_Static_assert(sizeof(seL4_X86_BootInfo_mmap_t) == 1220, "memory map blob");
_Static_assert(sizeof(seL4_X86_BootInfo_RSDP) == 52, "RSDP blob");
_Static_assert(sizeof(seL4_X86_BootInfo_fb_t) == 38, "framebuffer blob");
_Static_assert(sizeof(seL4_X86_BootInfo_tsc) == 20, "TSC blob");
