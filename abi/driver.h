/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The door between ntos and a driver host: one shared region, two rings, five capability slots.
 *
 * ntos starts the process, writes the start block and maps the region at DRIVER_REGION_ADDRESS.  The host initialises
 * itself, calls NtHostReady (abi/hostservices.def) and enters its loop.  Everything that ntos wants of it from then on
 * is an entry of the submission ring, the first one being DRIVER_OP_START for each driver of the start block.
 *
 *      0      +--------------------------+
 *             | DRIVER_START_BLOCK       |  written by ntos; drivers may be appended later (DriverCount grows)
 *      8192   +--------------------------+
 *             | DRIVER_RINGS             |  indexes, one writer a cache line
 *             | DRIVER_REQUEST [64]      |  ntos -> host
 *             | DRIVER_COMPLETION [64]   |  host -> ntos
 *      16384  +--------------------------+
 *             | data area                |  allocated by ntos; the bytes of a request, for the request's life
 *             +--------------------------+  DRIVER_REGION_SIZE; pages appear when they are first touched
 *
 * Rings.  Indexes run freely (modulo 2^32), an entry is at index & (DRIVER_RING_ENTRIES - 1).  The producer writes the
 * entry, then its Tail (release); the consumer reads Tail (acquire), the entry, then writes its Head (release).  ntos
 * never has more than DRIVER_RING_ENTRIES requests unanswered, so a correct host never finds the completion ring full.
 *
 * Doorbells, only for a peer that sleeps.  Before it waits, a consumer sets its Sleeping word to 1, a full fence, looks
 * at the ring once more, and waits if it is empty.  A producer, after its last Tail of a batch, a full fence, exchanges
 * the peer's Sleeping word with 0 and signals if it was 1.  A host that goes to sleep also signals ntos if
 * ExecutiveHasMore is 1 (the submission ring was full).
 *
 * Activity.  ntos may signal a host that has nothing to do: a host that sleeps wakes, and so changes HostActivity.  One that
 * does not change it in time is stuck in a driver, and is ended; so is one that leaves unanswered what ends something
 * (ntos/io/hostwatch.c).
 *
 * Trust.  ntos copies each index and each completion once and then checks the copy: unknown RequestId, a status that is
 * STATUS_PENDING, Information beyond the request's buffer, an index that runs ahead by more than the ring: the host is
 * broken and is ended.  The host trusts ntos.
 *
 * Data.  A request's bytes are at InputOffset (InputLength bytes from the caller) and OutputOffset (room for
 * OutputLength bytes to the caller), both from the region's start, 16-byte aligned; the two are equal for
 * METHOD_BUFFERED.  ntos returns min(Information, OutputLength) bytes if the status is a success or a warning.
 */
#pragma once

#include <stdint.h>

#define DRIVER_ABI_VERSION 1

#define DRIVER_REGION_ADDRESS 0x7FFB00000000ull
#define DRIVER_REGION_SIZE 0x40000u
#define DRIVER_RINGS_OFFSET 0x2000u
#define DRIVER_DATA_OFFSET 0x4000u
#define DRIVER_DATA_SIZE (DRIVER_REGION_SIZE - DRIVER_DATA_OFFSET)
#define DRIVER_RING_ENTRIES 64u

/* Capability slots of every thread of a host (CPtr = slot number). */
#define DRIVER_SLOT_SERVICE 1u          /* seL4_Call: NT services */
#define DRIVER_SLOT_FAULT 2u
#define DRIVER_SLOT_WAIT 3u             /* seL4_Wait/Poll: the host's notification */
#define DRIVER_SLOT_DOORBELL 4u         /* seL4_Signal: wakes ntos */
#define DRIVER_SLOT_SELF 5u             /* seL4_Signal: wakes the host's own loop (for its other threads) */
#define DRIVER_SLOT_FIRST_RESOURCE 8u   /* IRQ handlers and I/O port ranges, as DRIVER_RESOURCE.Slot says */

/* Badge bits of the host's notification.  Interrupts have bits 2..63, as DRIVER_RESOURCE.BadgeBit says. */
#define DRIVER_BADGE_REQUESTS (1ull << 0)
#define DRIVER_BADGE_SELF (1ull << 1)
#define DRIVER_FIRST_IRQ_BADGE_BIT 2u

/* ---- start block ---- */

#define DRIVER_MAX_DRIVERS 8u
#define DRIVER_MAX_RESOURCES 12u
#define DRIVER_MAX_INSTANCES 4u

enum {                                  /* DRIVER_RESOURCE.Type: the values of CmResourceTypeXxx */
    DRIVER_RESOURCE_PORT = 1,
    DRIVER_RESOURCE_INTERRUPT = 2,
    DRIVER_RESOURCE_MEMORY = 3,
};

#define DRIVER_RESOURCE_FRAMEBUFFER 0x01u       /* Flags: memory that is the boot framebuffer of the start block */
#define DRIVER_RESOURCE_LEVEL 0x02u             /* Flags: level-triggered interrupt */

typedef struct _DRIVER_RESOURCE {
    uint8_t Type;
    uint8_t Flags;
    uint8_t Instance;                   /* which device of the driver: 0 .. InstanceCount - 1 */
    uint8_t BadgeBit;                   /* interrupt: its bit of the host's notification */
    uint32_t Slot;                      /* port, interrupt: capability slot.  Memory: 0 */
    uint64_t Start;                     /* first port, ISA interrupt number, physical address */
    uint64_t Length;                    /* ports, 1, bytes */
} DRIVER_RESOURCE;

/* One service key.  A key whose Parameters subkey has subkeys Device0, Device1 .. describes one root-enumerated device
 * in each, with its own resources; else there is one device, and its resources are in Parameters itself. */
typedef struct _DRIVER_DESCRIPTOR {
    uint16_t ServiceName[32];           /* key name below ...\Services, NUL-terminated */
    uint16_t ImagePath[128];            /* NT path of the .sys file, NUL-terminated */
    uint32_t InstanceCount;             /* 0: a driver without devices of its own (no AddDevice call) */
    uint32_t ResourceCount;
    DRIVER_RESOURCE Resources[DRIVER_MAX_RESOURCES];
} DRIVER_DESCRIPTOR;

typedef struct _DRIVER_FRAMEBUFFER {    /* all zero: there is none */
    uint64_t PhysicalAddress;
    uint32_t Pitch;                     /* bytes from one line to the next */
    uint32_t Width;                     /* pixels */
    uint32_t Height;
    uint8_t BitsPerPixel;
    uint8_t RedPosition, RedSize, GreenPosition, GreenSize, BluePosition, BlueSize;
    uint8_t Reserved;
} DRIVER_FRAMEBUFFER;

typedef struct _DRIVER_START_BLOCK {
    uint32_t Version;                   /* DRIVER_ABI_VERSION */
    uint32_t RegionSize;
    uint32_t DriverCount;
    uint32_t Generation;                /* 0 at the first start of this host, then the number of restarts */
    DRIVER_FRAMEBUFFER Framebuffer;
    DRIVER_DESCRIPTOR Drivers[DRIVER_MAX_DRIVERS];
} DRIVER_START_BLOCK;

/* ---- rings ---- */

/* Operation: an IRP_MJ_* code, or one of these. */
enum {
    DRIVER_OP_START = 0x80,             /* Parameter1 = index into Drivers: load the image, DriverEntry, AddDevice and
                                           IRP_MN_START_DEVICE for each instance.  Completion: the driver's status */
    DRIVER_OP_STOP = 0x81,              /* Parameter1 = index: DriverUnload; none of its devices has open files.  Refused
                                           as DRIVER_OP_QUERY_STOP is */
    DRIVER_OP_CANCEL = 0x82,            /* RequestId = the request to cancel.  Has no completion of its own; the request
                                           itself completes in its own time.  Not an error if it has gone */
    DRIVER_OP_QUERY_STOP = 0x83,        /* Parameter1 = index: could it be stopped?  STATUS_INVALID_DEVICE_REQUEST for a
                                           driver without DriverUnload, and for a Plug and Play driver */
};

/*
 * Operation            FileId  Minor  Parameter1              Parameter2               Parameter3          input / output
 * IRP_MJ_CREATE        new     -      CreateOptions and       DesiredAccess, ShareAc-  process id of the   rest of the name,
 *                                     disposition << 24       cess << 32, FileAttri-   caller              UTF-16 / -
 *                                                             butes << 48
 * IRP_MJ_CLEANUP       yes     -      -                       -                        process id          - / -
 * IRP_MJ_CLOSE         yes     -      -                       -                        -                   - / -
 * IRP_MJ_READ          yes     -      Key                     ByteOffset (-1: none)    process id          - / bytes
 * IRP_MJ_WRITE         yes     -      Key                     ByteOffset (-1: none)    process id          bytes / -
 * IRP_MJ_DEVICE_CONTROL yes    -      IoControlCode           -                        process id          as the method says
 * IRP_MJ_FLUSH_BUFFERS yes     -      -                       -                        process id          - / -
 * IRP_MJ_QUERY_INFORMATION yes -      FileInformationClass    -                        process id          - / structure
 * IRP_MJ_SET_INFORMATION   yes -      FileInformationClass    -                        process id          structure / -
 *
 * CLOSE completes like the others; ntos uses its FileId again after that.  METHOD_IN_DIRECT and METHOD_OUT_DIRECT: input
 * is the system buffer, output the buffer that the MDL describes (for IN_DIRECT its bytes are the caller's).
 * METHOD_NEITHER is refused by ntos with STATUS_NOT_SUPPORTED.
 */
typedef struct _DRIVER_REQUEST {
    uint64_t RequestId;                 /* never 0; returned in the completion */
    uint8_t Operation;
    uint8_t MinorFunction;
    uint16_t Reserved;
    uint32_t DeviceId;                  /* as NtHostCreateDevice returned it */
    uint32_t FileId;                    /* 1 ..: a small number, one for each open file object of this host; 0 none */
    uint32_t Parameter1;
    uint64_t Parameter2;
    uint64_t Parameter3;
    uint32_t InputOffset, InputLength;
    uint32_t OutputOffset, OutputLength;
    uint64_t Reserved2;
} DRIVER_REQUEST;

typedef struct _DRIVER_COMPLETION {
    uint64_t RequestId;
    int32_t Status;                     /* NTSTATUS, not STATUS_PENDING */
    uint32_t Reserved;
    uint64_t Information;
    uint64_t Reserved2;
} DRIVER_COMPLETION;

typedef struct _DRIVER_RINGS {
    volatile uint32_t SubmissionTail;           /* written by ntos */
    volatile uint32_t CompletionHead;
    volatile uint32_t ExecutiveHasMore;         /* 1: ntos has requests that found no room */
    uint32_t Padding0[13];
    volatile uint32_t SubmissionHead;           /* written by the host */
    volatile uint32_t CompletionTail;
    volatile uint32_t HostActivity;             /* counts each time the host's loop falls asleep or wakes; odd: asleep */
    uint32_t Padding1[13];
    volatile uint32_t HostSleeping;             /* set by its owner, exchanged with 0 by the peer */
    volatile uint32_t ExecutiveSleeping;
    uint32_t Padding2[14];
    DRIVER_REQUEST Submission[DRIVER_RING_ENTRIES];
    DRIVER_COMPLETION Completion[DRIVER_RING_ENTRIES];
} DRIVER_RINGS;

_Static_assert(sizeof(DRIVER_RESOURCE) == 24, "layout");
_Static_assert(sizeof(DRIVER_REQUEST) == 64, "one cache line");
_Static_assert(sizeof(DRIVER_COMPLETION) == 32, "half a cache line");
_Static_assert(sizeof(DRIVER_START_BLOCK) <= DRIVER_RINGS_OFFSET, "the start block has two pages");
_Static_assert(sizeof(DRIVER_RINGS) <= DRIVER_DATA_OFFSET - DRIVER_RINGS_OFFSET, "the rings have two pages");
