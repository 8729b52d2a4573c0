/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to the memory volume: nodes (files and directories), links (their names), what an open keeps, byte-range locks.
 *
 * A directory has one name, a file one or more: a link is one name in one directory, and an open holds the link that it
 * came by.  A link that is deleted leaves the tree when the last open that came by it is cleaned up, and its memory with
 * that open.  A node lives while it has a link or an open file object.  File data is the node's segment; its size is the
 * end of file.  Files of the boot archive get their segment at first use.
 */
#pragma once

#include "ntos/io/iop.h"

typedef struct _MEMFS_SHARE {
    ULONG OpenCount;                    /* opens with some access to data or deletion */
    ULONG Readers, Writers, Deleters;
    ULONG SharedRead, SharedWrite, SharedDelete;
} MEMFS_SHARE;

typedef struct _MEMFS_LINK {
    RTL_BALANCED_NODE Links;            /* in Parent->Children */
    LIST_ENTRY NodeEntry;               /* in Node->LinkList, while it is in the tree */
    struct _MEMFS_NODE *Node;
    struct _MEMFS_NODE *Parent;         /* NULL: the root's, or removed */
    UNICODE_STRING Name;                /* pool */
    LONG References;                    /* open file objects that came by this name */
    LONG Handles;                       /* those that were not cleaned up */
    BOOLEAN DeletePending;
    BOOLEAN Removed;                    /* from the tree */
} MEMFS_LINK, *PMEMFS_LINK;

#define MEMFS_MAXIMUM_LINKS 1024        /* of one file, as NTFS */

/*
 * A reparse point as FSCTL_SET_REPARSE_POINT gave it: REPARSE_DATA_BUFFER or, with another maker's tag,
 * REPARSE_GUID_DATA_BUFFER, whose data begin with the GUID ([MS-FSCC] 2.1.2.2, 2.1.2.3).
 *
 *      0                4                 6          8
 *      | tag            | length of data  | reserved | data or GUID ...
 */
typedef struct _MEMFS_REPARSE {
    ULONG Tag;
    USHORT DataLength;                  /* without the GUID */
    USHORT Reserved;
    UCHAR Data[];
} MEMFS_REPARSE, *PMEMFS_REPARSE;

C_ASSERT(FIELD_OFFSET(MEMFS_REPARSE, Data) == 8);

typedef struct _MEMFS_NODE {
    RTL_BALANCED_NODE IdLinks;          /* in the tree of all nodes, ordered by FileId */
    LIST_ENTRY LinkList;                /* MEMFS_LINK.NodeEntry, oldest first */
    ULONG LinkCount;
    RTL_AVL_TREE Children;              /* MEMFS_LINK.Links, ordered by name, without case */
    ULONG ChildCount;
    ULONG64 FileId;
    ULONG Attributes;                   /* FILE_ATTRIBUTE_DIRECTORY or not; NORMAL is never stored */
    PMEMFS_REPARSE Reparse;             /* pool; not NULL exactly with FILE_ATTRIBUTE_REPARSE_POINT */
    PSECURITY_DESCRIPTOR Descriptor;    /* referenced; the directory's until the file gets one of its own */
    LARGE_INTEGER CreationTime, LastAccessTime, LastWriteTime, ChangeTime;
    PMM_SEGMENT Segment;                /* NULL: not yet */
    PVOID BootData;                     /* while Segment is NULL: the pages in the image of ntos */
    ULONG64 BootSize;
    LONG References;                    /* open file objects */
    LONG Handles;                       /* those that were not cleaned up */
    LONG Writers;                       /* those that may write the data, cleaned up or not: sections hold them */
    MEMFS_SHARE Share;
    LIST_ENTRY LockList;                /* MEMFS_LOCK */
    LIST_ENTRY WaitingLocks;            /* IRP.ListEntry */
} MEMFS_NODE, *PMEMFS_NODE;

/* FILE_OBJECT.FsContext2 */
typedef struct _MEMFS_CCB {
    PMEMFS_LINK Link;                   /* the name it was opened by; by id: the oldest */
    BOOLEAN Volume;                     /* the volume itself was opened, not its root */
    BOOLEAN DeleteOnClose;
    BOOLEAN PosixDelete;                /* the name that is to be deleted goes with this open, not with the last one */
    BOOLEAN KeepsLastWriteTime;         /* what this open does leaves the time alone (FILE_BASIC_INFORMATION, -1) */
    BOOLEAN KeepsChangeTime;
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

static inline PMEMFS_LINK MemfsLink(PFILE_OBJECT File)
{
    return MemfsCcb(File)->Link;
}

/* The oldest name of a node; NULL: all were removed. */
static inline PMEMFS_LINK MemfsFirstLink(const MEMFS_NODE *Node)
{
    return IsListEmpty(&Node->LinkList) ? NULL : CONTAINING_RECORD(Node->LinkList.Flink, MEMFS_LINK, NodeEntry);
}

static inline BOOLEAN MemfsIsDirectory(const MEMFS_NODE *Node)
{
    return (Node->Attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static inline BOOLEAN MemfsIsReparsePoint(const MEMFS_NODE *Node)
{
    return (Node->Attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0;
}

/* 0: no reparse point. */
static inline ULONG MemfsGetTag(const MEMFS_NODE *Node)
{
    return Node->Reparse != NULL ? Node->Reparse->Tag : 0;
}

/* The directory is deleted, or will be: nothing new comes into it. */
static inline BOOLEAN MemfsIsGoing(const MEMFS_NODE *Directory)
{
    PMEMFS_LINK Link = MemfsFirstLink(Directory);

    return Link == NULL || Link->DeletePending;
}

/* ---- memfs_node.c ---- */
PMEMFS_LINK MemfsLookup(PMEMFS_NODE Directory, PCUNICODE_STRING Name);
/* The node with this id, or NULL. */
PMEMFS_NODE MemfsLookupId(ULONG64 FileId);
/* First child after Name (or the first of all with NULL). */
PMEMFS_LINK MemfsNextChild(PMEMFS_NODE Directory, PCUNICODE_STRING Name);
/* STATUS_OBJECT_NAME_COLLISION is not checked: look up first. */
NTSTATUS MemfsCreateNode(PMEMFS_NODE Directory, PCUNICODE_STRING Name, ULONG Attributes, PMEMFS_LINK *Link);
/* One name more for a file.  Replaced (or NULL) has the name until then.  A failure changes nothing. */
NTSTATUS MemfsAddLink(PMEMFS_NODE Node, PMEMFS_NODE Directory, PCUNICODE_STRING Name, PMEMFS_LINK Replaced);
/* Descriptor, one of se's, is referenced. */
VOID MemfsSetDescriptor(PMEMFS_NODE Node, PSECURITY_DESCRIPTOR Descriptor);
/* May the current thread do this?  STATUS_ACCESS_DENIED.  *Granted: what MAXIMUM_ALLOWED comes to. */
NTSTATUS MemfsGrantAccess(PMEMFS_NODE Node, ACCESS_MASK DesiredAccess, KPROCESSOR_MODE Mode, PACCESS_MASK Granted);
NTSTATUS MemfsCheckAccess(PMEMFS_NODE Node, ACCESS_MASK DesiredAccess, KPROCESSOR_MODE Mode);
/* Takes the name out of the tree.  Link and node go when nothing holds them: the caller's are gone if nothing does. */
VOID MemfsRemoveLink(PMEMFS_LINK Link);
/* Moves (and renames) a link of the tree; as MemfsAddLink. */
NTSTATUS MemfsMoveLink(PMEMFS_LINK Link, PMEMFS_NODE Directory, PCUNICODE_STRING Name, PMEMFS_LINK Replaced);
/* An open of the link's node begins; MemfsCloseLink is its end, and may free both. */
VOID MemfsOpenLink(PMEMFS_LINK Link);
VOID MemfsCloseLink(PMEMFS_LINK Link);
NTSTATUS MemfsEnsureSegment(PMEMFS_NODE Node);
ULONG64 MemfsGetSize(const MEMFS_NODE *Node);
ULONG64 MemfsGetAllocation(const MEMFS_NODE *Node);
NTSTATUS MemfsSetSize(PMEMFS_NODE Node, ULONG64 Size);
ULONG MemfsGetAttributes(const MEMFS_NODE *Node);
/* Something is no more, or new, in a directory: its times. */
VOID MemfsTouchDirectory(PMEMFS_NODE Directory);
/* Data were written through File: times, the archive attribute; Filter (FILE_NOTIFY_CHANGE_) is what watches are told. */
VOID MemfsTouch(PFILE_OBJECT File, ULONG Filter);
/* MemfsSetSize through an open, and MemfsTouch. */
NTSTATUS MemfsResize(PFILE_OBJECT File, ULONG64 Size);
/* Is the directory Ancestor, or below it?  No directory that was deleted is. */
BOOLEAN MemfsIsInside(const MEMFS_NODE *Directory, const MEMFS_NODE *Ancestor);
/* STATUS_OBJECT_NAME_INVALID if Name can be no file's name. */
NTSTATUS MemfsCheckName(PCUNICODE_STRING Name);
/* Path from the root into Buffer (Length bytes); *Needed always. */
NTSTATUS MemfsQueryPath(const MEMFS_LINK *Link, PWCHAR Buffer, ULONG Length, PULONG Needed);

/* ---- memfs_boot.c ---- */
/* The root and the boot archive's files. */
NTSTATUS MemfsPopulate(VOID);

/* ---- memfs_create.c ---- */
NTSTATUS MemfsCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsCleanup(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsClose(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- memfs_info.c ---- */
NTSTATUS MemfsQueryInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsSetInformation(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/* IRP_MJ_QUERY_EA, IRP_MJ_SET_EA: there are none. */
NTSTATUS MemfsRefuseEas(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- memfs_name.c ---- */
/* May this name of a file be deleted?  STATUS_CANNOT_DELETE, STATUS_DIRECTORY_NOT_EMPTY. */
NTSTATUS MemfsCheckDelete(PMEMFS_LINK Link);
/* Classes of NtSetInformationFile; MemfsSetInformation calls them. */
NTSTATUS MemfsSetDisposition(PIRP Irp);
NTSTATUS MemfsSetDispositionEx(PIRP Irp);
NTSTATUS MemfsRename(PIRP Irp);
NTSTATUS MemfsRenameEx(PIRP Irp);
NTSTATUS MemfsSetLink(PIRP Irp);
NTSTATUS MemfsSetLinkEx(PIRP Irp);

/* ---- memfs_volume.c ---- */
#define MEMFS_SERIAL 0x4e455245         /* of the volume */
NTSTATUS MemfsQueryVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS MemfsSetVolume(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- memfs_reparse.c ---- */
/*
 * The path went through Link, or ended there, and Rest is left of it (with or without a separator in front): writes the
 * name that stands for it to CompleteName, a look-up's.  STATUS_REPARSE; STATUS_IO_REPARSE_TAG_NOT_HANDLED and others.
 */
NTSTATUS MemfsFollow(PDEVICE_OBJECT Device, PMEMFS_LINK Link, PUNICODE_STRING Rest, PUNICODE_STRING CompleteName);
VOID MemfsFreeReparse(PMEMFS_NODE Node);
/* FSCTL_SET_REPARSE_POINT, FSCTL_GET_REPARSE_POINT, FSCTL_DELETE_REPARSE_POINT. */
NTSTATUS MemfsSetReparse(PIRP Irp);
NTSTATUS MemfsGetReparse(PIRP Irp);
NTSTATUS MemfsDeleteReparse(PIRP Irp);

/* ---- memfs_control.c ---- */
/* The first Length bytes of the input; STATUS_INVALID_PARAMETER if there are less. */
NTSTATUS MemfsGetInput(PIRP Irp, PVOID Buffer, ULONG Length);
NTSTATUS MemfsFsControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- memfs_dir.c ---- */
NTSTATUS MemfsDirectoryControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* ---- memfs_notify.c ---- */
NTSTATUS MemfsNotify(PIRP Irp);
/* Link, which is or was in Parent, has changed: Filter is of FILE_NOTIFY_CHANGE_, Action a FILE_ACTION_. */
VOID MemfsReport(PMEMFS_NODE Parent, const MEMFS_LINK *Link, ULONG Filter, ULONG Action);
/* The directory is deleted: requests on it end. */
VOID MemfsDirectoryGone(PMEMFS_NODE Directory);
VOID MemfsCloseWatch(PMEMFS_CCB Ccb);

/* ---- memfs_lock.c ---- */
NTSTATUS MemfsLockControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/* May File's process read (write) the range? */
BOOLEAN MemfsCheckLocks(PFILE_OBJECT File, ULONG64 Offset, ULONG64 Length, ULONG Key, BOOLEAN Write);
/* All locks of File by Process (NULL: by anybody). */
NTSTATUS MemfsUnlock(PFILE_OBJECT File, PLARGE_INTEGER Offset, PLARGE_INTEGER Length, ULONG Key);
VOID MemfsUnlockAll(PFILE_OBJECT File, PEPROCESS Process);
