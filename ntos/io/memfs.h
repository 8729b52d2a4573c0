/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to the memory volume: nodes (files and directories), what an open keeps, byte-range locks.
 *
 * A node lives while it has a parent (or is the root) or an open file; References counts open file objects.  A node
 * whose file is deleted leaves the tree at the last cleanup and its memory at the last close.  File data is the node's
 * segment; its size is the end of file.  Files of the boot archive get their segment at first use.
 */
#pragma once

#include "ntos/io/iop.h"

typedef struct _MEMFS_SHARE {
    ULONG OpenCount;                    /* opens with some access to data or deletion */
    ULONG Readers, Writers, Deleters;
    ULONG SharedRead, SharedWrite, SharedDelete;
} MEMFS_SHARE;

typedef struct _MEMFS_NODE {
    RTL_BALANCED_NODE Links;            /* in Parent->Children */
    struct _MEMFS_NODE *Parent;         /* NULL: root, or unlinked */
    RTL_AVL_TREE Children;              /* ordered by name, without case */
    ULONG ChildCount;
    UNICODE_STRING Name;                /* pool */
    ULONG64 FileId;
    ULONG Attributes;                   /* FILE_ATTRIBUTE_DIRECTORY or not; NORMAL is never stored */
    PSECURITY_DESCRIPTOR Descriptor;    /* referenced; the directory's until the file gets one of its own */
    LARGE_INTEGER CreationTime, LastAccessTime, LastWriteTime, ChangeTime;
    PMM_SEGMENT Segment;                /* NULL: not yet */
    PVOID BootData;                     /* while Segment is NULL: the pages in the image of ntos */
    ULONG64 BootSize;
    LONG References;                    /* open file objects */
    LONG Handles;                       /* those that were not cleaned up */
    LONG Writers;                       /* those that may write the data, cleaned up or not: sections hold them */
    BOOLEAN DeletePending;
    BOOLEAN Unlinked;
    MEMFS_SHARE Share;
    LIST_ENTRY LockList;                /* MEMFS_LOCK */
    LIST_ENTRY WaitingLocks;            /* IRP.ListEntry */
} MEMFS_NODE, *PMEMFS_NODE;

/* FILE_OBJECT.FsContext2 */
typedef struct _MEMFS_CCB {
    BOOLEAN Volume;                     /* the volume itself was opened, not its root */
    BOOLEAN DeleteOnClose;
    BOOLEAN ShareCounted;
    BOOLEAN Writer;                     /* counted in the node's Writers */
    BOOLEAN CleanedUp;
    BOOLEAN HasPattern;
    UCHAR Phase;                        /* of the enumeration: 0 ".", 1 "..", 2 children */
    BOOLEAN Found;                      /* the enumeration gave something already */
    BOOLEAN HasLast;
    struct _MEMFS_WATCH *Watch;         /* change notification; NULL: never asked for */
    UNICODE_STRING Pattern;             /* upcased; Buffer NULL: everything */
    UNICODE_STRING Last;                /* name that was given last */
} MEMFS_CCB, *PMEMFS_CCB;

typedef struct _MEMFS_LOCK {
    LIST_ENTRY ListEntry;
    ULONG64 First, Last;                /* bytes, inclusive */
    PFILE_OBJECT File;                  /* owner (with Process and Key) */
    PEPROCESS Process;
    ULONG Key;
    BOOLEAN Exclusive;
} MEMFS_LOCK, *PMEMFS_LOCK;

extern PMEMFS_NODE MemfsRoot;
extern LARGE_INTEGER MemfsCreationTime;

static inline PMEMFS_NODE MemfsNode(PFILE_OBJECT File)
{
    return File->FsContext;
}

static inline PMEMFS_CCB MemfsCcb(PFILE_OBJECT File)
{
    return File->FsContext2;
}

static inline BOOLEAN MemfsIsDirectory(const MEMFS_NODE *Node)
{
    return (Node->Attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

/* ---- memfs_node.c ---- */
PMEMFS_NODE MemfsLookup(PMEMFS_NODE Directory, PCUNICODE_STRING Name);
/* First child after Name (or the first of all with NULL). */
PMEMFS_NODE MemfsNextChild(PMEMFS_NODE Directory, PCUNICODE_STRING Name);
/* STATUS_OBJECT_NAME_COLLISION is not checked: look up first. */
NTSTATUS MemfsCreateNode(PMEMFS_NODE Directory, PCUNICODE_STRING Name, ULONG Attributes, PMEMFS_NODE *Node);
/* Descriptor, one of se's, is referenced. */
VOID MemfsSetDescriptor(PMEMFS_NODE Node, PSECURITY_DESCRIPTOR Descriptor);
/* May the current thread do this?  STATUS_ACCESS_DENIED.  *Granted: what MAXIMUM_ALLOWED comes to. */
NTSTATUS MemfsGrantAccess(PMEMFS_NODE Node, ACCESS_MASK DesiredAccess, KPROCESSOR_MODE Mode, PACCESS_MASK Granted);
NTSTATUS MemfsCheckAccess(PMEMFS_NODE Node, ACCESS_MASK DesiredAccess, KPROCESSOR_MODE Mode);
VOID MemfsUnlinkNode(PMEMFS_NODE Node);
/* Moves (and renames) a linked node; a failure changes nothing. */
NTSTATUS MemfsMoveNode(PMEMFS_NODE Node, PMEMFS_NODE Directory, PCUNICODE_STRING Name);
/* Frees the node if nothing holds it. */
VOID MemfsReleaseNode(PMEMFS_NODE Node);
NTSTATUS MemfsEnsureSegment(PMEMFS_NODE Node);
ULONG64 MemfsGetSize(const MEMFS_NODE *Node);
ULONG64 MemfsGetAllocation(const MEMFS_NODE *Node);
NTSTATUS MemfsSetSize(PMEMFS_NODE Node, ULONG64 Size);
ULONG MemfsGetAttributes(const MEMFS_NODE *Node);
VOID MemfsTouch(PMEMFS_NODE Node, BOOLEAN Written);
/* STATUS_OBJECT_NAME_INVALID if Name can be no file's name. */
NTSTATUS MemfsCheckName(PCUNICODE_STRING Name);
/* Path from the root into Buffer (Length bytes); *Needed always. */
NTSTATUS MemfsQueryPath(const MEMFS_NODE *Node, PWCHAR Buffer, ULONG Length, PULONG Needed);
/* The boot archive's files. */
NTSTATUS MemfsPopulate(VOID);

/* ---- memfs_create.c ---- */
NTSTATUS MemfsCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsClose(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/* May Node be deleted?  STATUS_CANNOT_DELETE, STATUS_DIRECTORY_NOT_EMPTY. */
NTSTATUS MemfsCheckDelete(PMEMFS_NODE Node);

/* ---- memfs_info.c ---- */
NTSTATUS MemfsQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsSetInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsQueryVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsSetVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- memfs_dir.c ---- */
NTSTATUS MemfsDirectoryControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- memfs_notify.c ---- */
NTSTATUS MemfsNotify(PIRP Irp);
/* Name in Parent has changed: Filter is of FILE_NOTIFY_CHANGE_, Action a FILE_ACTION_. */
VOID MemfsReport(PMEMFS_NODE Parent, PCUNICODE_STRING Name, ULONG Filter, ULONG Action);
/* The directory is deleted: requests on it end. */
VOID MemfsDirectoryGone(PMEMFS_NODE Directory);
VOID MemfsCloseWatch(PMEMFS_CCB Ccb);

/* ---- memfs_lock.c ---- */
NTSTATUS MemfsLockControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/* May File's process read (write) the range? */
BOOLEAN MemfsCheckLocks(PFILE_OBJECT File, ULONG64 Offset, ULONG64 Length, ULONG Key, BOOLEAN Write);
/* All locks of File by Process (NULL: by anybody). */
VOID MemfsUnlockAll(PFILE_OBJECT File, PEPROCESS Process);
