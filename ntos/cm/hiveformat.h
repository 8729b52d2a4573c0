/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The registry's file format (regf) as it lies on disk; all numbers little-endian.
 *
 *   file    base block (4096 bytes, the first 512 matter) | hive bins
 *   bin     header (32) | cells, without a gap, up to the bin's size (a multiple of 4096)
 *   cell    size (4; negative: allocated; a multiple of 8, this field included) | content
 *   log     base block (512) | entries, each a multiple of 512 bytes
 *   entry   header (40) | references (offset, size) of the dirty pages | the pages
 *
 * An offset names a cell by its distance from the first bin.  A key node (nk) points to a list of its subkeys (lf, lh
 * or li, or ri: a list of these; sorted by upcased name), to a list of its values (plain offsets of vk cells), to its
 * security descriptor (sk; a circular list, shared by keys) and to its class name (bare UTF-16).  Value data of up to
 * 4 bytes lies in the vk itself, of more than 16,344 bytes in segments behind a db cell.
 *
 * Sources: Microsoft, "Inside the Registry" (Windows NT Magazine, 1999); M. Suhanov, "Windows registry file format
 * specification".
 */
#pragma once

#include "nt.h"

#define HBASE_SIGNATURE 0x66676572u     /* regf */
#define HBIN_SIGNATURE 0x6e696268u      /* hbin */
#define HLOG_ENTRY_SIGNATURE 0x454c7648u /* HvLE */
#define HBASE_SIZE 4096u                /* before the first bin */
#define HBASE_USED 512u
#define HBLOCK_SIZE 4096u
#define HSECTOR_SIZE 512u
#define HCELL_NIL 0xffffffffu
#define HHASH_SEED 0x82EF4D887A4E55C5ull

#define HBASE_MINOR 5u                  /* of what is written */
#define HBASE_MINOR_STANDARD 3u         /* REG_STANDARD_FORMAT: what all systems read */
#define HBASE_TYPE_PRIMARY 0
#define HBASE_TYPE_LOG 6

typedef struct _HBASE_BLOCK {
    ULONG Signature;
    ULONG Sequence1, Sequence2;         /* differ while the bins are being written */
    LONGLONG TimeStamp;
    ULONG Major, Minor;                 /* 1.3 to 1.6 */
    ULONG Type;
    ULONG Format;                       /* 1: as in memory */
    ULONG RootCell;
    ULONG Length;                       /* of the bins */
    ULONG Cluster;                      /* 1: 512-byte sectors */
    WCHAR FileName[32];
    UCHAR Reserved[396];
    ULONG CheckSum;                     /* of the 508 bytes before: exclusive or of the words */
} __attribute__((packed)) HBASE_BLOCK, *PHBASE_BLOCK;

typedef struct _HBIN {
    ULONG Signature;
    ULONG FileOffset;                   /* from the first bin */
    ULONG Size;
    ULONG Reserved[2];
    LONGLONG TimeStamp;
    ULONG Spare;
} __attribute__((packed)) HBIN, *PHBIN;

#define CM_KEY_NODE_SIGNATURE 0x6b6e    /* nk */
#define CM_KEY_VALUE_SIGNATURE 0x6b76   /* vk */
#define CM_KEY_SECURITY_SIGNATURE 0x6b73 /* sk */
#define CM_BIG_DATA_SIGNATURE 0x6264    /* db */
#define CM_INDEX_FAST_LEAF 0x666c       /* lf: offset, first four characters */
#define CM_INDEX_HASH_LEAF 0x686c       /* lh: offset, hash of the name */
#define CM_INDEX_LEAF 0x696c            /* li: offset */
#define CM_INDEX_ROOT 0x6972            /* ri: offsets of leaves */

#define HKEY_VOLATILE 0x01
#define HKEY_HIVE_ENTRY 0x04            /* the root */
#define HKEY_NO_DELETE 0x08
#define HKEY_SYM_LINK 0x10
#define HKEY_COMP_NAME 0x20             /* one byte a character */
#define HKEY_VIRTUAL_SOURCE 0x80
#define HKEY_VIRTUAL_TARGET 0x100
#define HKEY_VIRTUAL_STORE 0x200
#define HKEY_VIRTUAL (HKEY_VIRTUAL_SOURCE | HKEY_VIRTUAL_TARGET | HKEY_VIRTUAL_STORE)
#define HVALUE_COMP_NAME 0x0001
#define HVALUE_IN_CELL 0x80000000u      /* of DataLength: the data is in Data */
#define HBIG_SEGMENT 16344u

typedef struct _CM_KEY_NODE {
    USHORT Signature;
    USHORT Flags;
    LONGLONG LastWriteTime;
    ULONG Spare;
    ULONG Parent;
    ULONG SubKeyCount, VolatileSubKeyCount;
    ULONG SubKeyList, VolatileSubKeyList;
    ULONG ValueCount, ValueList;
    ULONG Security;
    ULONG Class;
    USHORT MaxNameLen;                  /* of the subkeys, in bytes of UTF-16 */
    UCHAR UserFlags;                    /* for 32-bit programs: 4 bits; control of virtualization: 4 bits */
    UCHAR Debug;
    ULONG MaxClassLen;
    ULONG MaxValueNameLen, MaxValueDataLen;
    ULONG WorkVar;
    USHORT NameLength, ClassLength;     /* bytes */
    UCHAR Name[];
} __attribute__((packed)) CM_KEY_NODE, *PCM_KEY_NODE;

typedef struct _CM_KEY_VALUE {
    USHORT Signature;
    USHORT NameLength;
    ULONG DataLength;
    ULONG Data;
    ULONG Type;
    USHORT Flags;
    USHORT Spare;
    UCHAR Name[];
} CM_KEY_VALUE, *PCM_KEY_VALUE;

typedef struct _CM_KEY_SECURITY {
    USHORT Signature;
    USHORT Reserved;
    ULONG Flink, Blink;
    ULONG ReferenceCount;
    ULONG DescriptorLength;
    UCHAR Descriptor[];
} CM_KEY_SECURITY, *PCM_KEY_SECURITY;

typedef struct _CM_KEY_INDEX {
    USHORT Signature;
    USHORT Count;
    ULONG List[];                       /* lf, lh: two words an entry */
} CM_KEY_INDEX, *PCM_KEY_INDEX;

typedef struct _CM_BIG_DATA {
    USHORT Signature;
    USHORT Count;
    ULONG List;
} CM_BIG_DATA, *PCM_BIG_DATA;

typedef struct _HLOG_ENTRY {
    ULONG Signature;
    ULONG Size;
    ULONG Flags;
    ULONG Sequence;
    ULONG Length;                       /* of the bins, after this entry */
    ULONG PageCount;
    ULONG64 DataHash;                   /* Marvin32 of what follows the header */
    ULONG64 HeaderHash;                 /* Marvin32 of the 32 bytes before */
    struct {
        ULONG Offset, Size;
    } Pages[];
} HLOG_ENTRY, *PHLOG_ENTRY;

_Static_assert(sizeof(HBASE_BLOCK) == HBASE_USED, "base block");
_Static_assert(sizeof(HBIN) == 32, "bin header");
_Static_assert(sizeof(CM_KEY_NODE) == 76, "nk");
_Static_assert(sizeof(CM_KEY_VALUE) == 20, "vk");
_Static_assert(sizeof(CM_KEY_SECURITY) == 20, "sk");
_Static_assert(sizeof(HLOG_ENTRY) == 40, "log entry");
