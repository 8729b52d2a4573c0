/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos's side of driver hosts (abi/driver.h is the contract): hosts, their drivers, devices, files,
 * requests.
 *
 * A host is made from the registry once and lives for ever; its process comes and goes.  State says what may be done:
 *
 *   HostDown --(process created)--> HostStarting --(NtHostReady)--> HostLoading --(drivers started, files re-opened)-->
 * HostRunning
 *       ^------------------------------(the process
 * ends)-----------------------------------------------------------------'
 *   HostFailed: given up, never started, or without a driver since the last one was unloaded; requests fail.
 *
 * Requests of programs enter the ring only in HostRunning; until then they wait in Waiting.  A request has a place in
 * Slots while it is in the host's hands.  Everything runs in the loop or in a service: nothing waits but the functions
 * that say so.
 */
#pragma once

#include "ntos/io/iop.h"
#include "ntos/inc/cm.h"
#include "ntos/inc/se.h"
#include "abi/driver.h"
#include "abi/hostservices.h"

#define HOST_MAX_DEVICES 32
#define HOST_MAX_FILES 1024
#define HOST_MAX_LINKS 16
#define HOST_MAX_RANGES 16
#define HOST_MAX_TRANSFER 0x10000u      /* bytes of one request, both buffers together */
#define HOST_GRANULE 64u                /* of the data area */
#define HOST_NAME_CHARS 32
#define HOST_PRIORITY 14                /* above programs: input stays quick while a program spins */
/*
 * HOST.WatchTime, seconds, unless a key says otherwise.  NT waits five minutes for the requests of a thread that ends, because it can do
 * nothing to their driver then; a host can be started again.  Half a minute is longer than a flush of a disk that spins up first, and
 * than what a serial line needs for the 16 KiB of a buffer at 9600 baud.
 */
#define HOST_WATCH_TIME 30
#define HOST_LEAST_WATCH_TIME 3
#define HOST_MOST_WATCH_TIME 3600

typedef struct _HOST HOST, *PHOST;
typedef struct _HOST_REQUEST HOST_REQUEST, *PHOST_REQUEST;

typedef enum _HOST_STATE {
    HostDown,
    HostStarting,
    HostLoading,
    HostRunning,
    HostFailed
} HOST_STATE;

typedef struct _HOST_DRIVER {
    WCHAR Name[HOST_NAME_CHARS];        /* service key */
    PDRIVER_OBJECT DriverObject;        /* \Driver\Name; NULL until the first start */
    BOOLEAN Started;
    BOOLEAN Unloading;                  /* it stops once no file of its devices is open (unload.c) */
    BOOLEAN StopSent;
    BOOLEAN Unloaded;                   /* it does not start with its host */
    NTSTATUS Status;                    /* of the last start */
    KEVENT Answered;                    /* notification: the host has answered what NtLoadDriver or NtUnloadDriver asked */
    NTSTATUS Answer;
    PVOID ImageBase;                    /* in the host */
    ULONG ImageSize;
} HOST_DRIVER, *PHOST_DRIVER;

/* DEVICE_OBJECT.DeviceExtension; the device's id is its index in HOST.Devices plus 1. */
typedef struct _HOST_DEVICE {
    PHOST Host;
    ULONG Id;
    ULONG DriverIndex;
    PDEVICE_OBJECT DeviceObject;        /* NULL: created without a name */
    UNICODE_STRING Name;                /* pool */
    BOOLEAN Bound;                      /* the host's present life knows it */
    BOOLEAN InUse;
} HOST_DEVICE, *PHOST_DEVICE;

/* FILE_OBJECT.FsContext */
typedef struct _HOST_FILE {
    PHOST Host;
    PHOST_DEVICE Device;
    PFILE_OBJECT File;                  /* not referenced; NULL: closing */
    ULONG FileId;                       /* index in HOST.Files */
    BOOLEAN Known;                      /* the host's present life has it open */
    BOOLEAN Opened;                     /* the create succeeded once */
    BOOLEAN CleanedUp;
    BOOLEAN Reopening;                  /* a create of ntos's own is under way */
    PHOST_REQUEST CleanupRequest;       /* pool: closing may not fail.  NULL: used */
    PHOST_REQUEST CloseRequest;
} HOST_FILE, *PHOST_FILE;

typedef VOID (*HOST_REQUEST_DONE)(PHOST Host, PHOST_REQUEST Request, NTSTATUS Status);

struct _HOST_REQUEST {
    LIST_ENTRY Links;                   /* Waiting; else unlinked */
    PIRP Irp;                           /* NULL: ntos's own */
    PEPROCESS Owner;                    /* whose share of the ring it takes; not referenced, to compare only; NULL: nobody's */
    HOST_REQUEST_DONE Done;             /* for ntos's own */
    PHOST_FILE File;                    /* NULL: none */
    ULONG Piece;                        /* bytes of this transfer done before */
    ULONG Slot;                         /* index in HOST.Slots */
    ULONG DataOffset, DataLength;       /* allocated in the data area; 0 none */
    BOOLEAN CancelWanted;               /* a DRIVER_OP_CANCEL is to be sent */
    BOOLEAN CancelSent;
    ULONG Looks;                        /* hostwatch.c: how many it has seen unanswered since it ends something */
    PVOID OwnInput;                     /* pool: input of ntos's own requests */
    DRIVER_REQUEST Entry;
};

/* Device memory that the host may map. */
typedef struct _HOST_RANGE {
    ULONG64 Start, Length;
} HOST_RANGE;

typedef struct _HOST_LINK {
    UNICODE_STRING Name, Target;        /* pool; Name.Buffer NULL: free */
} HOST_LINK;

struct _HOST {
    LIST_ENTRY HostLinks;               /* IopHosts */
    WCHAR Group[HOST_NAME_CHARS];       /* empty: a host of its own */
    HOST_STATE State;
    KEVENT StateEvent;                  /* notification: State is HostRunning or HostFailed */
    ULONG DriverCount;
    HOST_DRIVER Drivers[DRIVER_MAX_DRIVERS];
    ULONG Generation;                   /* starts so far, minus one */
    ULONG QuickDeaths;                  /* in a row */
    ULONG64 StartTime;                  /* interrupt time */
    PEPROCESS Process;                  /* referenced; NULL in HostDown */
    PKHOST_CHANNEL Channel;
    PSECTION Section;
    PUCHAR Region;                      /* the shared region, in ntos */
    DRIVER_RINGS *Rings;
    ULONG SubmissionTail, CompletionHead;       /* ntos's copies: the ring's are not trusted */
    ULONG LoadPending;                  /* starts and re-creates not yet answered */
    ULONG64 NextSequence;
    ULONG WatchTime;                    /* seconds (hostwatch.c); from its drivers' keys */
    ULONG LastActivity;                 /* the host's count at the last look of the watch */
    ULONG Unchanged;                    /* looks at that count */
    BOOLEAN Rung;                       /* the watch has rung the host since */
    ULONG Active;                       /* requests in Slots */
    ULONG DataInUse;                    /* bytes of the data area that they have */
    PHOST_REQUEST Slots[DRIVER_RING_ENTRIES];
    LIST_ENTRY Waiting;
    RTL_BITMAP DataBitmap;
    ULONG DataBits[(DRIVER_DATA_SIZE / HOST_GRANULE + 31) / 32];
    HOST_DEVICE Devices[HOST_MAX_DEVICES];
    PHOST_FILE Files[HOST_MAX_FILES];   /* index 0 unused */
    HOST_LINK Links[HOST_MAX_LINKS];
    ULONG RangeCount;
    HOST_RANGE Ranges[HOST_MAX_RANGES];
    ULONG InterruptCount;               /* badge bits given out */
};

extern LIST_ENTRY IopHosts;

static inline PHOST_FILE IopHostFile(PFILE_OBJECT File)
{
    return File->FsContext;
}

/* ---- host.c: life and death of the process ---- */
/* The host whose process is the current one, or NULL. */
PHOST IopCurrentHost(VOID);
/* Waits (process creation). */
NTSTATUS IopStartHost(PHOST Host);
/* No driver is left in it: its process ends, and the host is HostFailed then. */
VOID IopEndHost(PHOST Host);
/* The host misbehaves: its process is ended, and started again. */
VOID IopBreakHost(PHOST Host, const char *Reason);
/* NtHostReady: drivers are started, then files re-opened, then requests flow. */
NTSTATUS IopHostReady(PHOST Host);
/* Waits until the host runs or failed; 10 s at most.  Its driver's status. */
NTSTATUS IopWaitForHost(PHOST Host, ULONG DriverIndex);

/* ---- hostring.c ---- */
VOID IopResetRings(PHOST Host);
VOID IopHostDoorbell(PVOID Context);
/* An own request (Irp NULL), sent at once or when there is room.  Input may be NULL; it is copied. */
NTSTATUS IopSendOwn(PHOST Host, const DRIVER_REQUEST *Entry, PHOST_FILE File, const VOID *Input, ULONG InputLength,
        HOST_REQUEST_DONE Done);
/* A program's request.  The IRP is pending on STATUS_PENDING. */
NTSTATUS IopSendIrp(PHOST Host, PHOST_FILE File, PIRP Irp, const DRIVER_REQUEST *Entry);
/* FALSE: the host has spoiled its index of the submission ring, and is ended. */
BOOLEAN IopIsRingSound(PHOST Host);
/* Moves waiting requests into the ring as far as there is room. */
VOID IopPumpHost(PHOST Host);
/* The process is gone: reads are kept for its next life, all else completes with STATUS_DEVICE_NOT_CONNECTED. */
VOID IopAbortRequests(PHOST Host, BOOLEAN KeepReads);

/* ---- hostwatch.c: hosts that are stuck ---- */
VOID IopInitializeWatch(VOID);
/* A host has something to do, or reports to have done it; or a program wants to run and a host may keep it from that. */
VOID IopNoteActivity(VOID);

/* ---- hostdev.c ---- */
extern const PDRIVER_DISPATCH IopHostDispatch[];
/* Opens again what was open.  Counts Host->LoadPending. */
VOID IopReopenFiles(PHOST Host, HOST_REQUEST_DONE Done);
/* The host's life is over.  Before its requests end: it knows no file, so that one that is closed with its last request sends no close. */
VOID IopForgetFiles(PHOST Host);
/* And after: closes are done. */
VOID IopFreeClosedFiles(PHOST Host);
VOID IopFreeHostFile(PHOST_FILE File);
/* The file object is gone: tells the host, or forgets the number at once. */
VOID IopCloseHostFile(PHOST_FILE File);

/* ---- hostsvc.c ---- */
/* The driver has done with it, or is gone: the name is free, the place too unless files are open. */
VOID IopForgetDevice(PHOST_DEVICE Device);
/* Its last driver is gone: so are the links that nobody can delete any more.  DIFFERS: in NT they stay. */
VOID IopForgetLinks(PHOST Host);

/* ---- unload.c ---- */
BOOLEAN IopIsHostEmpty(PHOST Host);
/* Stops what is to be unloaded and has no open files; for a host that has come to run, and after the end of a file. */
VOID IopCheckUnloads(PHOST Host);
/* After a start that failed: the driver is as one that was unloaded, so that it can be loaded again. */
VOID IopForgetFailedDriver(PHOST Host, ULONG Index);
/* Loads a driver that was unloaded.  Waits. */
NTSTATUS IopLoadAgain(PHOST Host, ULONG Index);

/* ---- driver.c: service keys ---- */
/* The host that has the driver of this name, and its index there; NULL: none. */
PHOST IopFindDriver(PCWSTR Name, PULONG Index);
/* A program wants the driver whose key UserPath names changed: Routine, for one driver at a time.  Waits. */
NTSTATUS IopChangeDriver(PUNICODE_STRING UserPath, NTSTATUS (*Routine)(PCWSTR Name));
/* \Driver\Name, unless it is there. */
NTSTATUS IopMakeDriverObject(PHOST_DRIVER Driver);
/* Fills Host->Region's start block entry of a driver and grants its resources. */
NTSTATUS IopDescribeDriver(PHOST Host, ULONG Index);
