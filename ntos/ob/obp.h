/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos/ob: directories, handle tables, name lookup.
 */
#pragma once

#include "ntos/inc/ob.h"
#include "ntos/inc/se.h"
#include "rtl.h"

#define OB_TAG_OBJECT 'jbOb'
#define OB_TAG_NAME 'mNbO'
#define OB_TAG_HANDLES 'tbHO'
#define OB_TAG_DIRECTORY 'rDbO'
#define OB_TAG_NAMESPACE 'pNbO'

/* --- directories ---------------------------------------------------------------------------------------------- */
#define OBP_INLINE_BUCKETS 8

typedef struct _OBP_NAMESPACE *POBP_NAMESPACE;

struct _OBJECT_DIRECTORY {
    ULONG Count;
    ULONG BucketCount;                  /* power of two */
    POBJECT_HEADER_NAME_INFO *Buckets;  /* InlineBuckets until the directory grows */
    LIST_ENTRY Names;                   /* OBJECT_HEADER_NAME_INFO.Order */
    struct _OBJECT_DIRECTORY *Shadow;   /* referenced: where a name is looked up that is not here; NULL: nowhere */
    POBP_NAMESPACE Namespace;           /* the private namespace that this is and that can be opened, or NULL */
    POBJECT_HEADER_NAME_INFO InlineBuckets[OBP_INLINE_BUCKETS];
};

extern POBJECT_DIRECTORY ObpRootDirectory;
extern POBJECT_DIRECTORY ObpGlobalDosDevices;

VOID ObpInitializeDirectory(POBJECT_DIRECTORY Directory);
/* A directory that is in no other yet.  Statuses of ObCreateObject. */
NTSTATUS ObpNewDirectory(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_DIRECTORY *Directory);
ULONG ObpHashName(PCUNICODE_STRING Name);
/* Not referenced; NULL if there is none. */
PVOID ObpLookupDirectoryEntry(POBJECT_DIRECTORY Directory, PCUNICODE_STRING Name, ULONG Attributes);
/* Gives Object the name; the directory takes one reference on the object, the name one on the directory. */
NTSTATUS ObpInsertDirectoryEntry(POBJECT_DIRECTORY Directory, PCUNICODE_STRING Name, PVOID Object);
/* Takes the name out of its directory and drops the two references; the object keeps NameInfo without a directory. */
VOID ObpUnlinkName(POBJECT_HEADER Header);
extern const OBJECT_TYPE_INITIALIZER ObpDirectoryTypeInitializer;
/* namespace.c: the private namespace can be opened no more.  Directory->Namespace is not NULL. */
VOID ObpForgetNamespace(POBJECT_DIRECTORY Directory);

/* --- symbolic links ------------------------------------------------------------------------------------------- */
typedef struct _OBJECT_SYMBOLIC_LINK {
    LARGE_INTEGER CreationTime;
    UNICODE_STRING LinkTarget;          /* pool */
} OBJECT_SYMBOLIC_LINK, *POBJECT_SYMBOLIC_LINK;

extern const OBJECT_TYPE_INITIALIZER ObpSymbolicLinkTypeInitializer;
/* Target is read as Mode says; the result is Handle (may be NULL) in the current process. */
NTSTATUS ObpCreateSymbolicLink(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes, const UNICODE_STRING *Target,
        ACCESS_MASK DesiredAccess, PHANDLE Handle);

/* --- lookup --------------------------------------------------------------------------------------------------- */
#define OBP_MAXIMUM_REPARSES 160        /* a drive letter for each of the 63 that files may have, and some more */

/* Where a name ended that does not exist: the directory (referenced) and the last component (inside Name). */
typedef struct _OBP_LOOKUP {
    UNICODE_STRING Name;                /* working copy of the path; pool */
    POBJECT_DIRECTORY Directory;        /* NULL: the parent does not exist either */
    UNICODE_STRING LastName;
} OBP_LOOKUP, *POBP_LOOKUP;

/*
 * Looks Name (captured, pool; it is Lookup's from here on, and empty afterwards) up from RootDirectory.  Success:
 * *Object referenced. STATUS_OBJECT_NAME_NOT_FOUND with Lookup->Directory set: only the last component is missing.
 * Always follow with ObpReleaseLookup.
 */
NTSTATUS ObpLookupObjectName(HANDLE RootDirectory, PUNICODE_STRING Name, ULONG Attributes, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode, PACCESS_STATE AccessState, PVOID ParseContext, PVOID InsertObject,
        PSECURITY_QUALITY_OF_SERVICE SecurityQos, POBP_LOOKUP Lookup, PVOID *Object);
VOID ObpReleaseLookup(POBP_LOOKUP Lookup);

/* --- handles -------------------------------------------------------------------------------------------------- */
#define OBP_HANDLE_PAGE_SHIFT 8
#define OBP_HANDLES_PER_PAGE (1u << OBP_HANDLE_PAGE_SHIFT)
#define OBP_MAXIMUM_HANDLES (1u << 24)
#define OBP_KERNEL_HANDLE_BIT ((ULONG_PTR)(LONG_PTR)(LONG)0x80000000)

/* Free entries have Value 0 and are chained by NextFree (0 ends the list: entry 0 is never used). */
typedef struct _HANDLE_TABLE_ENTRY {
    ULONG_PTR Value;                    /* POBJECT_HEADER | OBJ_PROTECT_CLOSE | OBJ_INHERIT */
    ACCESS_MASK GrantedAccess;
    ULONG NextFree;
} HANDLE_TABLE_ENTRY, *PHANDLE_TABLE_ENTRY;

struct _HANDLE_TABLE {
    ULONG NextUnused;                   /* entries from here on were never used (and are not initialised) */
    ULONG FirstFree;
    ULONG Count;                        /* handles in use */
    ULONG Capacity;                     /* entries that have memory */
    ULONG PageSlots;                    /* length of Pages */
    PHANDLE_TABLE_ENTRY *Pages;
};

static inline PHANDLE_TABLE_ENTRY ObpEntryAt(PHANDLE_TABLE Table, ULONG Index)
{
    return &Table->Pages[Index >> OBP_HANDLE_PAGE_SHIFT][Index & (OBP_HANDLES_PER_PAGE - 1)];
}

static inline POBJECT_HEADER ObpEntryHeader(PHANDLE_TABLE_ENTRY Entry)
{
    return (POBJECT_HEADER)(Entry->Value & ~(ULONG_PTR)OBJ_HANDLE_ATTRIBUTES);
}

/* The entry of a program's handle in use, or NULL; pseudo handles have none. */
static inline PHANDLE_TABLE_ENTRY ObpUserEntry(PHANDLE_TABLE Table, HANDLE Handle)
{
    ULONG_PTR Index = (ULONG_PTR)Handle >> 2;
    PHANDLE_TABLE_ENTRY Entry;

    if (Table == NULL || Index >= Table->NextUnused || Index == 0)
        return NULL;
    Entry = ObpEntryAt(Table, (ULONG)Index);
    return Entry->Value != 0 ? Entry : NULL;
}

/* The table that Handle belongs to: the process's, or with KernelMode the kernel's.  NULL: the process is gone. */
PHANDLE_TABLE ObpSelectTable(PEPROCESS Process, HANDLE Handle, KPROCESSOR_MODE Mode);
/* The entry of a handle in use, or NULL. */
PHANDLE_TABLE_ENTRY ObpLookupHandle(PHANDLE_TABLE Table, HANDLE Handle);

/*
 * Makes a handle to Object in Process: Open method, counts, entry; takes a reference for the handle.  GrantedAccess
 * must be resolved.  HandleAttributes: OBJ_INHERIT, OBJ_PROTECT_CLOSE, OBJ_KERNEL_HANDLE (KernelMode only).
 */
NTSTATUS ObpCreateHandle(OB_OPEN_REASON Reason, PEPROCESS Process, PVOID Object, ACCESS_MASK GrantedAccess,
        ULONG HandleAttributes, KPROCESSOR_MODE Mode, PHANDLE Handle);

/* --- objects -------------------------------------------------------------------------------------------------- */
/* The one access check at open and create.  *GrantedAccess: resolved rights.  STATUS_ACCESS_DENIED and the like. */
NTSTATUS ObpCheckObjectAccess(POBJECT_HEADER Header, ACCESS_MASK DesiredAccess, ULONG Attributes,
        KPROCESSOR_MODE AccessMode, PACCESS_MASK GrantedAccess);
/* Delete methods are running: nothing may wait. */
extern BOOLEAN ObpDeleting;
/* The handle that went was the last one: the name goes with it. */
VOID ObpDeleteNameCheck(POBJECT_HEADER Header);

/* Types in the order of their index, for NtQueryObject(ObjectTypesInformation). */
extern POBJECT_TYPE ObpObjectTypes[];
extern ULONG ObpObjectTypeCount;
#define OBP_MAXIMUM_TYPES 64
#define OBP_FIRST_TYPE_INDEX 2
