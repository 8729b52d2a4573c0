/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to the named pipes (npfs*.c).
 *
 *      NPFS_PIPE          one name: type, direction, descriptor
 *        NPFS_INSTANCE    one connection: state, a queue in each direction
 *          NPFS_END       one open: server or client side (FILE_OBJECT.FsContext)
 *
 * An end holds a reference on its instance, an instance on its pipe.  A client that the server has disconnected keeps
 * its end, without instance.  An end whose last handle is closed is out of Instance->Ends, and lives until its file
 * goes.
 */
#pragma once

#include "ntos/io/iop.h"
#include "ntos/inc/se.h"

#define NPFS_TAG 'sfPN'
#define NPFS_MAXIMUM_QUOTA 0x400000u    /* bytes buffered in one direction, whatever the creator asks for */

/*
 * Data on its way to one side.  Reads wait only while there are no entries.  Used counts the bytes of all entries;
 * what is over the quota belongs to writes that wait (their bytes are still in the writer's memory).
 */
typedef struct _NPFS_QUEUE {
    LIST_ENTRY Reads;                   /* IRP.ListEntry */
    LIST_ENTRY Entries;                 /* NPFS_ENTRY.Links, oldest first */
    ULONG Quota;
    ULONG64 Used;
} NPFS_QUEUE, *PNPFS_QUEUE;

typedef struct _NPFS_PIPE {
    LIST_ENTRY Links;                   /* NpfsPipes; points to itself for a pipe without name */
    UNICODE_STRING Name;                /* without leading backslash; pool */
    LIST_ENTRY Instances;
    ULONG Servers;                      /* instances whose server end is open */
    ULONG Type;                         /* FILE_PIPE_BYTE_STREAM_TYPE, FILE_PIPE_MESSAGE_TYPE */
    ULONG Configuration;                /* FILE_PIPE_INBOUND ... */
    ULONG MaximumInstances;
    LARGE_INTEGER DefaultTimeout;
    PSECURITY_DESCRIPTOR Descriptor;    /* NULL: everything is granted */
} NPFS_PIPE, *PNPFS_PIPE;

typedef struct _NPFS_INSTANCE {
    LIST_ENTRY Links;                   /* NPFS_PIPE.Instances */
    PNPFS_PIPE Pipe;
    ULONG References;                   /* ends */
    ULONG State;                        /* FILE_PIPE_..._STATE */
    struct _NPFS_END *Ends[2];          /* by side; NULL: none, or closed */
    NPFS_QUEUE Queues[2];               /* by the side that reads */
    LIST_ENTRY Listeners;               /* IRPs of FSCTL_PIPE_LISTEN */
    HANDLE ProcessIds[2];
    PACCESS_TOKEN ClientToken;          /* referenced; NULL: not connected */
    SECURITY_IMPERSONATION_LEVEL ClientLevel;
} NPFS_INSTANCE, *PNPFS_INSTANCE;

typedef struct _NPFS_END {
    PNPFS_INSTANCE Instance;            /* NULL: the root, or disconnected */
    BOOLEAN Root;                       /* an open of the device or its root directory */
    BOOLEAN Closed;
    ULONG Side;                         /* FILE_PIPE_CLIENT_END, FILE_PIPE_SERVER_END */
    ULONG ReadMode;
    ULONG CompletionMode;
    ULONG Listed;                       /* the root's enumeration: pipes that it has passed */
    BOOLEAN Found, HasPattern;          /* it gave one already; Pattern was set */
    UNICODE_STRING Pattern;             /* IopKeepPattern's */
} NPFS_END, *PNPFS_END;

extern LIST_ENTRY NpfsPipes;

static inline PNPFS_END NpfsEnd(PFILE_OBJECT File)
{
    return File->FsContext;
}

static inline NTSTATUS NpfsFinish(PIRP Irp, NTSTATUS Status)
{
    if (Status != STATUS_PENDING)
        Irp->IoStatus.Status = Status;
    return Status;
}

/* ---- npfs.c ---- */
PNPFS_PIPE NpfsFindPipe(PCUNICODE_STRING Name);
PNPFS_INSTANCE NpfsFindListening(PNPFS_PIPE Pipe);
VOID NpfsReleaseInstance(PNPFS_INSTANCE Instance);
/* The client is gone: its end has no instance any more. */
VOID NpfsDetachClient(PNPFS_INSTANCE Instance);

/* ---- npfs_data.c ---- */
VOID NpfsInitializeQueue(PNPFS_QUEUE Queue, ULONG Quota);
/* Ends every read of the queue; with Entries also what waits to be read, and the writes that wait. */
VOID NpfsFailQueue(PNPFS_QUEUE Queue, NTSTATUS Status, BOOLEAN Entries);
/* IRPs and bytes that could be read at once. */
ULONG NpfsReadable(const NPFS_QUEUE *Queue);
NTSTATUS NpfsRead(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS NpfsWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS NpfsFlush(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS NpfsPeek(PNPFS_END End, PIRP Irp);
NTSTATUS NpfsTransceive(PNPFS_END End, PIRP Irp);

/* ---- npfs_control.c ---- */
NTSTATUS NpfsFsControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/* An instance of Pipe is listening: answers those who wait for it. */
VOID NpfsWakeWaiters(PNPFS_PIPE Pipe);

/* ---- npfs_dir.c ---- */
#define NPFS_LISTED_NAME (255 * sizeof(WCHAR))  /* bytes; what is longer is listed cut */
NTSTATUS NpfsDirectoryControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- npfs_info.c ---- */
NTSTATUS NpfsQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS NpfsSetInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS NpfsQueryVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp);
