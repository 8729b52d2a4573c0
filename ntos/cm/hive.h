/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hives: registry trees as files.  Pure code, which knows neither keys nor files of ntos; also built for the host's
 * tests.
 *
 * A tree travels as a stream of calls (CM_HIVE_SINK): EnterKey, the key's values, its subkeys in the same way,
 * LeaveKey. CmpReadHive turns an image into such a stream, CmpHiveBuilderSink a stream into an image, and a
 * CM_HIVE_STORE keeps an image in a file with a log, so that whatever is cut off in the middle, the file holds the
 * old image or the new one. Nothing here recurses.
 */
#pragma once

#include "nt.h"
#include "ntos/cm/hiveformat.h"

#define CM_HIVE_MAXIMUM_DEPTH 512
#define CM_HIVE_MAXIMUM_LENGTH 0x20000000u

typedef struct _CM_HIVE_MEMORY {
    PVOID (*Allocate)(SIZE_T Bytes);
    VOID (*Free)(PVOID Memory);
} CM_HIVE_MEMORY, *PCM_HIVE_MEMORY;

typedef struct _CM_HIVE_KEY {
    UNICODE_STRING Name, Class;
    LONGLONG LastWriteTime;
    ULONG Flags;                        /* HKEY_* */
    UCHAR UserFlags;                    /* as CM_KEY_NODE */
    const void *Descriptor;             /* self-relative; Length 0: the default one */
    ULONG DescriptorLength;
} CM_HIVE_KEY, *PCM_HIVE_KEY;

/* What the pointers point to lives until the call returns.  A failure ends the stream. */
typedef struct _CM_HIVE_SINK {
    NTSTATUS (*EnterKey)(PVOID Context, const CM_HIVE_KEY *Key);
    NTSTATUS (*Value)(PVOID Context, PCUNICODE_STRING Name, ULONG Type, const void *Data, ULONG DataLength);
    NTSTATUS (*LeaveKey)(PVOID Context);
} CM_HIVE_SINK, *PCM_HIVE_SINK;

/* --- reading (hiveread.c) ------------------------------------------------------------------------------------- */

/* STATUS_REGISTRY_CORRUPT: this is no base block. */
NTSTATUS CmpCheckBaseBlock(const HBASE_BLOCK *Base);
ULONG CmpBaseCheckSum(const HBASE_BLOCK *Base);
/*
 * Image: base block and bins, ImageLength bytes, ntos's own copy.  Everything in it is checked: a bad cell, a
 * key reached twice, a depth above CM_HIVE_MAXIMUM_DEPTH is STATUS_REGISTRY_CORRUPT, after which the sink may have
 * seen part of the tree.  Statuses of the sink.  STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS CmpReadHive(const CM_HIVE_MEMORY *Memory, const CM_HIVE_SINK *Sink, PVOID Context, const void *Image,
        ULONG ImageLength);

/* --- building (hivebuild.c) ----------------------------------------------------------------------------------- */

typedef struct _CM_HIVE_BUILDER CM_HIVE_BUILDER, *PCM_HIVE_BUILDER;

/* The sink's context is the builder.  One tree a builder.  STATUS_INVALID_PARAMETER: a stream out of order. */
extern const CM_HIVE_SINK CmpHiveBuilderSink;
PCM_HIVE_BUILDER CmpCreateHiveBuilder(const CM_HIVE_MEMORY *Memory);
/* The format's minor version, before anything is told: 5, which is that of a new builder, or 3, which knows neither hashes nor db cells. */
VOID CmpSetHiveFormat(PCM_HIVE_BUILDER Builder, ULONG Minor);
/*
 * The finished image, base block first, to be freed by the caller with Memory; sequence numbers and time are the
 * store's to set (CmpWriteHive, CmpSealBaseBlock).  The builder goes in any case.
 */
NTSTATUS CmpFinishHiveBuilder(PCM_HIVE_BUILDER Builder, PVOID *Image, PULONG ImageLength);
VOID CmpDeleteHiveBuilder(PCM_HIVE_BUILDER Builder);
/* Sequence numbers, time and checksum of an image. */
VOID CmpSealBaseBlock(PHBASE_BLOCK Base, ULONG Sequence1, ULONG Sequence2, LONGLONG Time);

/* --- storing (hivestore.c) ------------------------------------------------------------------------------------ */

/* A file as the store needs it.  Flush: what was written before survives a power cut once it has returned. */
typedef struct _CM_HIVE_FILE {
    NTSTATUS (*Read)(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length);
    NTSTATUS (*Write)(PVOID Context, ULONG64 Offset, const void *Buffer, ULONG Length);
    NTSTATUS (*Flush)(PVOID Context);
    NTSTATUS (*SetSize)(PVOID Context, ULONG64 Size);
    ULONG64 (*Size)(PVOID Context);
} CM_HIVE_FILE, *PCM_HIVE_FILE;

typedef struct _CM_HIVE_STORE {
    const CM_HIVE_MEMORY *Memory;
    const CM_HIVE_FILE *File;
    PVOID Primary, Log;                 /* contexts of File */
    PUCHAR Image;                       /* what the files hold, or will hold once Unfinished is redone */
    ULONG ImageLength;
    ULONG Sequence;
    BOOLEAN Unfinished;                 /* the log has Image, the primary file not surely */
} CM_HIVE_STORE, *PCM_HIVE_STORE;

/*
 * Reads the primary file and mends it from the log where a write was cut off.  Store->Image is then the hive's.
 * STATUS_REGISTRY_CORRUPT; STATUS_REGISTRY_RECOVERED is a success: the log was used.
 */
NTSTATUS CmpOpenHiveStore(PCM_HIVE_STORE Store);
/*
 * Makes Image (as CmpFinishHiveBuilder gives it; the store owns it from here on) the file's content.  On failure
 * the files hold the old or the new image, and the next call finishes what was begun first.
 */
NTSTATUS CmpWriteHiveStore(PCM_HIVE_STORE Store, PVOID Image, ULONG ImageLength, LONGLONG Time);
VOID CmpCloseHiveStore(PCM_HIVE_STORE Store);
/* Marvin32 with the log's seed. */
ULONG64 CmpHiveHash(const void *Data, ULONG Length);
