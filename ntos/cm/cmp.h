/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos/cm: the tree of keys.
 *
 * A CM_KEY is referenced by its place in the parent, by each of its children (so that a deleted key still knows its
 * path), by each open CM_KEY_BODY and by PCM_KEY holders.  SubKeys is sorted by upcased name: index, lookup and
 * enumeration are all over this array.  Values keep the order in which they were set first.
 */
#pragma once

#include "ntos/cm/hive.h"
#include "ntos/inc/cm.h"
#include "ntos/inc/ex.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/log.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"
#include "ntos/inc/se.h"
#include "rtl.h"

#define CM_TAG_KEY 'yeKC'
#define CM_TAG_VALUE 'laVC'
#define CM_TAG_LIST 'tsLC'
#define CM_TAG_NOTIFY 'toNC'
#define CM_TAG_HIVE 'viHC'

#define CM_MAXIMUM_KEY_NAME (256 * sizeof(WCHAR))       /* bytes */
#define CM_MAXIMUM_VALUE_NAME (16383 * sizeof(WCHAR))
#define CM_MAXIMUM_DATA 0x4000000u
#define CM_MAXIMUM_DEPTH 512
#define CM_MAXIMUM_LINKS 32

#define CM_KEY_DELETED 0x01
#define CM_KEY_VOLATILE 0x02
#define CM_KEY_LINK 0x04
#define CM_KEY_NO_DELETE 0x08           /* \Registry, Machine, User, roots of hives */
#define CM_KEY_HIVE 0x10                /* the root of a hive (hive.c) */
#define CM_KEY_READ_ONLY 0x20           /* NtLockRegistryKey */

typedef struct _CM_VALUE {
    UNICODE_STRING Name;                /* follows this structure */
    ULONG Type;
    ULONG DataLength;
    PVOID Data;                         /* pool, NULL if empty */
    ULONG Hash;
} CM_VALUE, *PCM_VALUE;

struct _CM_KEY {
    LONG ReferenceCount;
    ULONG Flags;
    PCM_KEY Parent;                     /* NULL: the root */
    UNICODE_STRING Name;                /* pool */
    UNICODE_STRING Class;               /* pool or empty */
    LARGE_INTEGER LastWriteTime;
    ULONG Depth;
    UCHAR Wow64Flags, ControlFlags;     /* NtSetInformationKey: four bits each */
    UCHAR VirtualFlags;                 /* KEY_SET_VIRTUALIZATION_INFORMATION */
    PCM_KEY *SubKeys;
    ULONG SubKeyCount, SubKeyCapacity;
    PCM_VALUE *Values;
    ULONG ValueCount, ValueCapacity;
    struct _CM_VALUE_INDEX *ValueIndex; /* pool; NULL: values are looked up one by one (key.c) */
    LIST_ENTRY WatchList;               /* CM_KEY_BODY.WatchLink: the opens that watch this key */
    PSECURITY_DESCRIPTOR SecurityDescriptor;    /* referenced; the parent's until the key gets one of its own */
};

/* The body of an object of type Key. */
typedef struct _CM_KEY_BODY {
    PCM_KEY Key;                        /* referenced */
    LIST_ENTRY NotifyList;              /* CM_NOTIFY.BodyLink: calls that wait for a change */
    LIST_ENTRY WatchLink;               /* CM_KEY.WatchList, from the first call to the last close or the key's end */
    ULONG WatchFilter;                  /* the first call's */
    BOOLEAN WatchTree;
    BOOLEAN Watching;                   /* it is in the list */
    BOOLEAN ChangePending;              /* one came while no call waited: the next call's */
    LIST_ENTRY OpenLink;                /* CmpOpens */
    HANDLE ProcessId;                   /* who opened it */
    ULONG HandleTags;                   /* NtSetInformationKey */
} CM_KEY_BODY, *PCM_KEY_BODY;

extern PCM_KEY CmpRoot;
extern PCM_KEY CmpApplications;         /* \\Registry\\A */
/* All bodies but that of \\REGISTRY (opens.c). */
extern LIST_ENTRY CmpOpens;

/* --- the tree (key.c); names are of ntos ---------------------------------------------------------------------- */
/* A new key without a parent yet, one reference.  NULL: no memory. */
PCM_KEY CmpAllocateKey(PCUNICODE_STRING Name, PCUNICODE_STRING Class, ULONG Flags);
/* Descriptor, one of se's, is referenced. */
VOID CmpSetDescriptor(PCM_KEY Key, PSECURITY_DESCRIPTOR Descriptor);
VOID CmpReferenceKey(PCM_KEY Key);
VOID CmpDereferenceKey(PCM_KEY Key);
/* Not referenced; NULL: there is none. */
PCM_KEY CmpFindSubKey(PCM_KEY Parent, PCUNICODE_STRING Name);
/*
 * Makes and links a subkey.  *Key is referenced.  STATUS_INVALID_PARAMETER (name), STATUS_CHILD_MUST_BE_VOLATILE,
 * STATUS_KEY_DELETED, STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS CmpCreateSubKey(PCM_KEY Parent, PCUNICODE_STRING Name, PCUNICODE_STRING Class, ULONG Flags, PCM_KEY *Key);
/* Links a key without a parent (the root of a tree) under the name Name.  STATUS_OBJECT_NAME_COLLISION. */
NTSTATUS CmpLinkTree(PCM_KEY Parent, PCUNICODE_STRING Name, PCM_KEY Root);
/* From the root to the deepest key. */
ULONG CmpTreeDepth(PCM_KEY Root);
/* Key gets the content of Tree, a tree without a parent, which goes; what was below Key goes too, and whose it was is told. */
VOID CmpTakeContent(PCM_KEY Key, PCM_KEY Tree);
/* Takes a tree, linked or not, apart.  Consumes its place in the parent, or the one reference that it had without. */
VOID CmpUnlinkTree(PCM_KEY Root);
/* Has any key of the tree more references than its place and its children make?  Root may have RootReferences more. */
BOOLEAN CmpIsTreeInUse(PCM_KEY Root, LONG RootReferences);
/* The key that follows Key in a walk over the tree below Root, parents first; NULL at the end. */
PCM_KEY CmpNextInTree(PCM_KEY Root, PCM_KEY Key);
/* STATUS_CANNOT_DELETE: it has subkeys, or is one of the fixed keys. */
NTSTATUS CmpDeleteKey(PCM_KEY Key);
NTSTATUS CmpRenameKey(PCM_KEY Key, PCUNICODE_STRING NewName);
/* May the key be changed?  STATUS_KEY_DELETED, STATUS_ACCESS_DENIED (locked). */
NTSTATUS CmpCheckChange(PCM_KEY Key);
/* Index in Values, or -1. */
LONG CmpFindValue(PCM_KEY Key, PCUNICODE_STRING Name);
NTSTATUS CmpSetValue(PCM_KEY Key, PCUNICODE_STRING Name, ULONG Type, const void *Data, ULONG DataLength);
NTSTATUS CmpDeleteValue(PCM_KEY Key, PCUNICODE_STRING Name);
/* The path from the root, `\REGISTRY\MACHINE\...'; Buffer NULL only counts bytes. */
ULONG CmpKeyPath(PCM_KEY Key, PWCHAR Buffer);

/*
 * Walks Rest from Start.  *Found (referenced) is the last key that exists; what is left of Rest could not be found (its
 * first component is the missing one) or follows a link: then *Found has CM_KEY_LINK and the link is to be followed
 * unless nothing follows and OpenLink is set.
 */
VOID CmpWalk(PCM_KEY Start, PUNICODE_STRING Rest, BOOLEAN OpenLink, PCM_KEY *Found, PBOOLEAN AtLink);
/* The first component of Rest; FALSE: none is left.  Separators before it are skipped; Rest moves behind it. */
BOOLEAN CmpNextComponent(PUNICODE_STRING Rest, PUNICODE_STRING Component);
/* The target of a link key: points into the value. */
NTSTATUS CmpLinkTarget(PCM_KEY Key, PUNICODE_STRING Target);

/* --- objects (object.c) --------------------------------------------------------------------------------------- */
typedef struct _CM_PARSE_CONTEXT {
    UNICODE_STRING Class;
    ULONG CreateOptions;
    BOOLEAN OpenOnly;                   /* a key that is not there is not made */
    ACCESS_MASK BackupAccess;           /* REG_OPTION_BACKUP_RESTORE: what the caller's privileges give */
    ULONG Disposition;
    PCM_KEY Hive;                       /* NtLoadKey: the tree to be linked where a key would be made */
    BOOLEAN Application;                /* below \\Registry\\A, that is */
    PCM_KEY Created;            /* out: the key that was made, referenced: goes again if there is no handle for it */
} CM_PARSE_CONTEXT, *PCM_PARSE_CONTEXT;

NTSTATUS CmpInitObjects(VOID);
/* The key behind a handle, referenced as body; STATUS_KEY_DELETED. */
NTSTATUS CmpReferenceBody(HANDLE Handle, ACCESS_MASK Access, PCM_KEY_BODY *Body);
/* A handle of the caller's for an open of Key.  STATUS_ACCESS_DENIED. */
NTSTATUS CmpOpenKeyHandle(PCM_KEY Key, ACCESS_MASK Access, PHANDLE Handle);
/* The same for a program's name. */
NTSTATUS CmpOpenBodyByName(POBJECT_ATTRIBUTES Attributes, ACCESS_MASK Access, PCM_KEY_BODY *Body);

/* --- files of hives (hivefile.c) ------------------------------------------------------------------------------- */
typedef struct _CM_HIVE {
    LIST_ENTRY Link;                    /* CmpHives */
    PCM_KEY Root;                       /* referenced */
    CM_HIVE_STORE Store;                /* Primary and Log are FILE_OBJECTs, referenced; NULL: not made yet */
    HANDLE PrimaryHandle, LogHandle;    /* ntos's: nobody else opens the files while the hive is loaded */
    PCWSTR FileName;                    /* of the files that the first flush makes; NULL: they are open */
    BOOLEAN Dirty;
    BOOLEAN Machine;                    /* one of the machine's: stays */
    BOOLEAN NoFiles;                    /* and never gets some */
    BOOLEAN Replaced;                   /* NtReplaceKey has given its file's name away */
    BOOLEAN Late;                       /* goes with the last open of it */
    ULONG Flags;                        /* NtLoadKeyEx: REG_* */
    PKEVENT Event;                      /* referenced: set when it goes; or NULL */
} CM_HIVE, *PCM_HIVE;

extern LIST_ENTRY CmpHives;

extern const CM_HIVE_FILE CmpHiveFiles;
/*
 * Opens a file for the hive alone, or with others that read it if Access is only that.  Attributes are the program's with UserMode,
 * ntos's else; the handle is ntos's.  Created may be NULL.
 */
NTSTATUS CmpOpenHiveFile(POBJECT_ATTRIBUTES Attributes, ACCESS_MASK Access, ULONG Disposition, KPROCESSOR_MODE Mode,
        PHANDLE Handle, PVOID *File, PBOOLEAN Created);
/* Opens or makes the log beside the primary file. */
NTSTATUS CmpOpenHiveLog(PCM_HIVE Hive);
VOID CmpCloseHiveFiles(PCM_HIVE Hive);
/* What CmpOpenHiveFile gave; File may be NULL. */
VOID CmpCloseHiveFile(HANDLE Handle, PVOID File);
/* The full name of an open file with Suffix behind it, in pool. */
NTSTATUS CmpHiveFileName(PFILE_OBJECT File, PCWSTR Suffix, POBJECT_NAME_INFORMATION *Name);

/* --- hives (hivetree.c, hiveload.c) ---------------------------------------------------------------------------- */
extern const CM_HIVE_MEMORY CmpPoolMemory;
/*
 * The stream of a tree, or of two as one (Low is not NULL): what both have is High's.  Volatile keys are left out.
 * STATUS_REGISTRY_QUOTA_LIMIT: it is too deep.
 */
NTSTATUS CmpTellTrees(PCM_KEY High, PCM_KEY Low, const CM_HIVE_SINK *Sink, PVOID Context);
/* A tree without a parent from a hive's image: one reference.  STATUS_REGISTRY_CORRUPT. */
NTSTATUS CmpReadTree(const void *Image, ULONG ImageLength, PCM_KEY *Root);
/* The image of CmpTellTrees in the format 1.Minor, as CmpFinishHiveBuilder. */
NTSTATUS CmpMakeImage(PCM_KEY High, PCM_KEY Low, ULONG Minor, PVOID *Image, PULONG ImageLength);
/* Something below the root of a hive changed. */
VOID CmpMarkHiveDirty(PCM_KEY Root);
/* The hive that Key belongs to; NULL: none. */
PCM_HIVE CmpHiveOf(PCM_KEY Key);
/* Writes a hive if it has changed; one that has no file and gets none is not.  STATUS_REGISTRY_IO_FAILED. */
NTSTATUS CmpFlushHive(PCM_HIVE Hive);
/* Writes all that have files. */
NTSTATUS CmpFlushAllHives(VOID);
/* A hive without files whose root is Root. */
NTSTATUS CmpMakeVolatileHive(PCM_KEY Root);
/* An open went: its reference on Key, which is consumed, and with the last one a hive that waits for that. */
VOID CmpOpenGone(PCM_KEY Key);
/* Is Key in a hive that goes, or an application's, and Start outside of it?  Nobody opens it then: the status. */
NTSTATUS CmpCheckOpen(PCM_KEY Start, PCM_KEY Key);
/* Makes hives of the machine's trees (System, Software, the default user's); their files are made by the first flush. */
NTSTATUS CmpAttachMachineHives(VOID);

/* --- the registry stands still (freeze.c) ---------------------------------------------------------------------- */
/* Waits until hives may be written.  For services only, and first: what is looked up before may be gone. */
NTSTATUS CmpWaitForThaw(VOID);
VOID CmpInitFreeze(VOID);

/* --- notification (notify.c) ---------------------------------------------------------------------------------- */
/* Something of the kind Filter (REG_NOTIFY_CHANGE_*) happened to Key. */
VOID CmpReportChange(PCM_KEY Key, ULONG Filter);
/* The body goes: its notifications end with STATUS_NOTIFY_CLEANUP. */
VOID CmpCancelNotify(PCM_KEY_BODY Body);
/* After PsInitSystem. */
NTSTATUS CmpInitNotify(VOID);
/* The key was deleted: all that watch it are told. */
VOID CmpReportDeleted(PCM_KEY Key);
