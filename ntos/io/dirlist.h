/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to the file systems of ntos: enumerations of directories (dirlist.c).
 */
#pragma once

#include "ntos/io/iop.h"

typedef struct _IOP_FORMAT IOP_FORMAT;

/* What stands next in a directory. */
typedef struct _IOP_ENTRY {
    UNICODE_STRING Name;                /* at most 255 characters are listed whole */
    PVOID Object;                       /* the file system's */
} IOP_ENTRY, *PIOP_ENTRY;

typedef struct _IOP_ABOUT {
    LARGE_INTEGER CreationTime, LastAccessTime, LastWriteTime, ChangeTime;
    ULONG64 EndOfFile, AllocationSize;
    ULONG FileAttributes;
    ULONG ReparseTag;
    ULONG64 FileId;
} IOP_ABOUT, *PIOP_ABOUT;

/* An enumeration for the time of one answer.  None of the routines waits. */
typedef struct _IOP_LISTING {
    BOOLEAN (*Next)(struct _IOP_LISTING *Listing, PIOP_ENTRY Entry);    /* without going on; FALSE: the end */
    VOID (*Advance)(struct _IOP_LISTING *Listing, const IOP_ENTRY *Entry);
    VOID (*Describe)(const IOP_ENTRY *Entry, PIOP_ABOUT About);         /* into zeros */
    const IOP_FORMAT *Format;
    PUNICODE_STRING Pattern;            /* IopKeepPattern's */
    PVOID Directory, Place;             /* the file system's */
} IOP_LISTING;

/* The records of a class.  STATUS_INVALID_INFO_CLASS; STATUS_INFO_LENGTH_MISMATCH: a buffer of Length has no room for one. */
NTSTATUS IopFindFormat(ULONG Class, ULONG Length, const IOP_FORMAT **Format);
/* Replaces what is kept (pool; Buffer NULL: everything matches) by an upcased copy of Pattern. */
NTSTATUS IopKeepPattern(PUNICODE_STRING Pattern, PUNICODE_STRING Kept);
/*
 * Fills the request's buffer; *Used bytes.  *Found says whether the enumeration has given anything, then and before:
 * STATUS_NO_MORE_FILES, else STATUS_NO_SUCH_FILE.
 */
NTSTATUS IopListDirectory(PIRP Irp, IOP_LISTING *Listing, PBOOLEAN Found, PULONG Used);
