/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A hive in a file, with its log (hive.h; format: hiveformat.h).
 *
 * A write goes in this order, each step flushed before the next:
 *
 *   1. log: base block and one entry with the pages that differ
 *   2. primary: base block with Sequence1 one ahead of Sequence2
 *   3. primary: the pages
 *   4. primary: base block with both numbers equal           <- from here on the log is not needed
 *
 * Before step 2 the primary file is the old hive.  From step 2 to 4 its numbers differ (or, cut inside a sector, its
 * checksum is wrong), and the log's entry, whose hashes say that it is whole, makes it the new one.  The log is written
 * over only when the primary file is whole: an unfinished write is finished first.
 */
#include "ntos/cm/hive.h"
#include "rtl.h"

/* --- hash ----------------------------------------------------------------------------------------------------- */

static ULONG CmpRotate(ULONG Value, ULONG Bits)
{
    return Value << Bits | Value >> (32 - Bits);
}

static VOID CmpMix(PULONG Low, PULONG High)
{
    *High ^= *Low;
    *Low = CmpRotate(*Low, 20) + *High;
    *High = CmpRotate(*High, 9) ^ *Low;
    *Low = CmpRotate(*Low, 27) + *High;
    *High = CmpRotate(*High, 19);
}

ULONG64 CmpHiveHash(const void *Data, ULONG Length)
{
    const UCHAR *Bytes = Data;
    ULONG Low = (ULONG)HHASH_SEED;
    ULONG High = (ULONG)(HHASH_SEED >> 32);
    ULONG Last = 0x80;

    for (; Length >= sizeof(ULONG); Length -= sizeof(ULONG), Bytes += sizeof(ULONG)) {
        ULONG Word;

        memcpy(&Word, Bytes, sizeof(Word));
        Low += Word;
        CmpMix(&Low, &High);
    }
    while (Length-- > 0)
        Last = Last << 8 | Bytes[Length];
    Low += Last;
    CmpMix(&Low, &High);
    CmpMix(&Low, &High);
    return (ULONG64)High << 32 | Low;
}

/* --- the log -------------------------------------------------------------------------------------------------- */

static BOOLEAN CmpIsPageDirty(PCM_HIVE_STORE Store, const UCHAR *Image, ULONG Offset)
{
    return Store->Image == NULL || Offset >= Store->ImageLength ||
           memcmp(Store->Image + Offset, Image + Offset, HBLOCK_SIZE) != 0;
}

static ULONG CmpCountDirtyPages(PCM_HIVE_STORE Store, const UCHAR *Image, ULONG ImageLength)
{
    ULONG Count = 0;

    for (ULONG Offset = HBASE_SIZE; Offset < ImageLength; Offset += HBLOCK_SIZE)
        Count += CmpIsPageDirty(Store, Image, Offset);
    return Count;
}

/* The log's whole content for the change from Store->Image to Image. */
static PUCHAR CmpMakeLog(PCM_HIVE_STORE Store, const UCHAR *Image, ULONG ImageLength, PULONG LogLength)
{
    ULONG Count = CmpCountDirtyPages(Store, Image, ImageLength);
    ULONG References = sizeof(HLOG_ENTRY) + Count * 2 * sizeof(ULONG);
    ULONG Size = (References + Count * HBLOCK_SIZE + HSECTOR_SIZE - 1) & ~(HSECTOR_SIZE - 1);
    PUCHAR Log = Store->Memory->Allocate(HBASE_USED + Size);
    PHBASE_BLOCK Base = (PHBASE_BLOCK)Log;
    PHLOG_ENTRY Entry = (PHLOG_ENTRY)(Log + HBASE_USED);
    ULONG Next = 0;

    if (Log == NULL)
        return NULL;
    memset(Log, 0, HBASE_USED + Size);
    memcpy(Base, Image, HBASE_USED);
    Base->Type = HBASE_TYPE_LOG;
    CmpSealBaseBlock(Base, Base->Sequence1, Base->Sequence1, Base->TimeStamp);
    Entry->Signature = HLOG_ENTRY_SIGNATURE;
    Entry->Size = Size;
    Entry->Sequence = Base->Sequence1;
    Entry->Length = ImageLength - HBASE_SIZE;
    Entry->PageCount = Count;
    for (ULONG Offset = HBASE_SIZE; Offset < ImageLength; Offset += HBLOCK_SIZE) {
        if (!CmpIsPageDirty(Store, Image, Offset))
            continue;
        Entry->Pages[Next].Offset = Offset - HBASE_SIZE;
        Entry->Pages[Next].Size = HBLOCK_SIZE;
        memcpy((PUCHAR)Entry + References + Next++ * HBLOCK_SIZE, Image + Offset, HBLOCK_SIZE);
    }
    Entry->DataHash = CmpHiveHash(Entry + 1, Size - sizeof(HLOG_ENTRY));
    Entry->HeaderHash = CmpHiveHash(Entry, FIELD_OFFSET(HLOG_ENTRY, HeaderHash));
    *LogLength = HBASE_USED + Size;
    return Log;
}

static BOOLEAN CmpIsEntryWhole(const HLOG_ENTRY *Entry, ULONG Room)
{
    ULONG64 Needed;

    if (Room < sizeof(*Entry) || Entry->Signature != HLOG_ENTRY_SIGNATURE || Entry->Size % HSECTOR_SIZE != 0 ||
        Entry->Size < sizeof(*Entry) || Entry->Size > Room ||
        Entry->HeaderHash != CmpHiveHash(Entry, FIELD_OFFSET(HLOG_ENTRY, HeaderHash)) ||
        Entry->DataHash != CmpHiveHash(Entry + 1, Entry->Size - sizeof(*Entry)))
        return FALSE;
    Needed = sizeof(*Entry) + (ULONG64)Entry->PageCount * 2 * sizeof(ULONG);
    if (Entry->PageCount > CM_HIVE_MAXIMUM_LENGTH / HSECTOR_SIZE || Needed > Entry->Size ||
        Entry->Length > CM_HIVE_MAXIMUM_LENGTH || Entry->Length % HBLOCK_SIZE != 0)
        return FALSE;
    for (ULONG i = 0; i < Entry->PageCount; i++) {
        ULONG Offset = Entry->Pages[i].Offset;
        ULONG Size = Entry->Pages[i].Size;

        Needed += Size;
        if (Offset > Entry->Length || Size > Entry->Length - Offset || Needed > Entry->Size)
            return FALSE;
    }
    return TRUE;
}

/* Lays the entry's pages over the image, which grows if it has to. */
static NTSTATUS CmpApplyEntry(PCM_HIVE_STORE Store, const HLOG_ENTRY *Entry)
{
    const UCHAR *Page = (const UCHAR *)(Entry + 1) + Entry->PageCount * 2 * sizeof(ULONG);

    if (HBASE_SIZE + Entry->Length > Store->ImageLength) {
        PUCHAR Bigger = Store->Memory->Allocate(HBASE_SIZE + Entry->Length);

        if (Bigger == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        memset(Bigger, 0, HBASE_SIZE + Entry->Length);
        memcpy(Bigger, Store->Image, Store->ImageLength);
        Store->Memory->Free(Store->Image);
        Store->Image = Bigger;
    }
    Store->ImageLength = HBASE_SIZE + Entry->Length;
    for (ULONG i = 0; i < Entry->PageCount; i++) {
        memcpy(Store->Image + HBASE_SIZE + Entry->Pages[i].Offset, Page, Entry->Pages[i].Size);
        Page += Entry->Pages[i].Size;
    }
    return STATUS_SUCCESS;
}

/* --- reading -------------------------------------------------------------------------------------------------- */

static NTSTATUS CmpReadWhole(PCM_HIVE_STORE Store, PVOID File, PUCHAR *Bytes, PULONG Length)
{
    ULONG64 Size = Store->File->Size(File);
    NTSTATUS Status;

    *Bytes = NULL;
    *Length = 0;
    if (Size < HBASE_USED || Size > CM_HIVE_MAXIMUM_LENGTH)
        return STATUS_REGISTRY_CORRUPT;
    *Bytes = Store->Memory->Allocate((SIZE_T)Size);
    if (*Bytes == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    *Length = (ULONG)Size;
    Status = Store->File->Read(File, 0, *Bytes, *Length);
    if (!NT_SUCCESS(Status)) {
        Store->Memory->Free(*Bytes);
        *Bytes = NULL;
    }
    return Status;
}

/*
 * Lays the whole entries of a log over the image: those that follow on each other from Sequence on.  FALSE: none.
 */
static NTSTATUS CmpReplayLog(PCM_HIVE_STORE Store, const UCHAR *Log, ULONG LogLength, ULONG Oldest, PULONG Sequence)
{
    ULONG Applied = 0;

    for (ULONG Offset = HBASE_USED; Offset < LogLength;) {
        const HLOG_ENTRY *Entry = (const HLOG_ENTRY *)(Log + Offset);
        NTSTATUS Status;

        if (!CmpIsEntryWhole(Entry, LogLength - Offset) || Entry->Sequence < Oldest ||
            (Applied != 0 && Entry->Sequence != *Sequence + 1))
            break;
        Status = CmpApplyEntry(Store, Entry);
        if (!NT_SUCCESS(Status))
            return Status;
        *Sequence = Entry->Sequence;
        Applied++;
        Offset += Entry->Size;
    }
    return Applied != 0 ? STATUS_SUCCESS : STATUS_REGISTRY_CORRUPT;
}

static NTSTATUS CmpWritePrimary(PCM_HIVE_STORE Store);

/* The primary file was cut off while it was written. */
static NTSTATUS CmpRecover(PCM_HIVE_STORE Store, BOOLEAN BaseIsGood)
{
    PHBASE_BLOCK Base = (PHBASE_BLOCK)Store->Image;
    ULONG Sequence = 0;
    ULONG LogLength;
    PUCHAR Log;
    NTSTATUS Status;

    if (Store->Log == NULL)
        return STATUS_REGISTRY_CORRUPT;
    Status = CmpReadWhole(Store, Store->Log, &Log, &LogLength);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpCheckBaseBlock((PHBASE_BLOCK)Log);
    if (NT_SUCCESS(Status))
        Status = CmpReplayLog(Store, Log, LogLength, BaseIsGood ? Base->Sequence2 : 0, &Sequence);
    if (NT_SUCCESS(Status)) {
        Base = (PHBASE_BLOCK)Store->Image;
        memcpy(Base, Log, HBASE_USED);
        Base->Type = HBASE_TYPE_PRIMARY;
        Base->Length = Store->ImageLength - HBASE_SIZE;
        CmpSealBaseBlock(Base, Sequence, Sequence, Base->TimeStamp);
    }
    Store->Memory->Free(Log);
    if (!NT_SUCCESS(Status))
        return Status;
    Store->Sequence = Sequence;
    Store->Unfinished = TRUE;
    /* A file that cannot be written stays as it is: what was read is whole all the same. */
    (VOID)CmpWritePrimary(Store);
    return STATUS_REGISTRY_RECOVERED;
}

NTSTATUS CmpOpenHiveStore(PCM_HIVE_STORE Store)
{
    const HBASE_BLOCK *Base;
    BOOLEAN BaseIsGood;
    NTSTATUS Status;

    Status = CmpReadWhole(Store, Store->Primary, &Store->Image, &Store->ImageLength);
    if (!NT_SUCCESS(Status))
        return Status;
    Base = (const HBASE_BLOCK *)Store->Image;
    BaseIsGood = Store->ImageLength >= HBASE_SIZE && NT_SUCCESS(CmpCheckBaseBlock(Base));
    if (BaseIsGood && Base->Sequence1 == Base->Sequence2) {
        Store->Sequence = Base->Sequence1;
        if (Base->Length <= Store->ImageLength - HBASE_SIZE) {
            Store->ImageLength = HBASE_SIZE + Base->Length;
            return STATUS_SUCCESS;
        }
        Status = STATUS_REGISTRY_CORRUPT;
    } else {
        Status = CmpRecover(Store, BaseIsGood);
    }
    if (!NT_SUCCESS(Status))
        CmpCloseHiveStore(Store);
    return Status;
}

/* --- writing -------------------------------------------------------------------------------------------------- */

static NTSTATUS CmpWriteBase(PCM_HIVE_STORE Store, ULONG Sequence2)
{
    HBASE_BLOCK Base;
    NTSTATUS Status;

    memcpy(&Base, Store->Image, sizeof(Base));
    CmpSealBaseBlock(&Base, Store->Sequence, Sequence2, Base.TimeStamp);
    Status = Store->File->Write(Store->Primary, 0, &Base, sizeof(Base));
    return NT_SUCCESS(Status) ? Store->File->Flush(Store->Primary) : Status;
}

/* Steps 2 to 4.  All pages are written: which of them an earlier try has reached is not known. */
static NTSTATUS CmpWritePrimary(PCM_HIVE_STORE Store)
{
    NTSTATUS Status = CmpWriteBase(Store, Store->Sequence - 1);

    if (NT_SUCCESS(Status))
        Status = Store->File->SetSize(Store->Primary, Store->ImageLength);
    if (NT_SUCCESS(Status))
        Status = Store->File->Write(Store->Primary, HBASE_USED, Store->Image + HBASE_USED,
                                    Store->ImageLength - HBASE_USED);
    if (NT_SUCCESS(Status))
        Status = Store->File->Flush(Store->Primary);
    if (NT_SUCCESS(Status))
        Status = CmpWriteBase(Store, Store->Sequence);
    if (NT_SUCCESS(Status))
        Store->Unfinished = FALSE;
    return Status;
}

/* Step 1. */
static NTSTATUS CmpWriteLog(PCM_HIVE_STORE Store, const UCHAR *Image, ULONG ImageLength)
{
    ULONG LogLength;
    PUCHAR Log = CmpMakeLog(Store, Image, ImageLength, &LogLength);
    NTSTATUS Status;

    if (Log == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = Store->File->SetSize(Store->Log, LogLength);
    if (NT_SUCCESS(Status))
        Status = Store->File->Write(Store->Log, 0, Log, LogLength);
    if (NT_SUCCESS(Status))
        Status = Store->File->Flush(Store->Log);
    Store->Memory->Free(Log);
    return Status;
}

NTSTATUS CmpWriteHiveStore(PCM_HIVE_STORE Store, PVOID Image, ULONG ImageLength, LONGLONG Time)
{
    NTSTATUS Status = Store->Unfinished ? CmpWritePrimary(Store) : STATUS_SUCCESS;
    ULONG Sequence = Store->Sequence + 1;

    CmpSealBaseBlock(Image, Sequence, Sequence, Time);
    if (NT_SUCCESS(Status))
        Status = CmpWriteLog(Store, Image, ImageLength);
    if (!NT_SUCCESS(Status)) {
        Store->Memory->Free(Image);
        return Status;
    }
    if (Store->Image != NULL)
        Store->Memory->Free(Store->Image);
    Store->Image = Image;
    Store->ImageLength = ImageLength;
    Store->Sequence = Sequence;
    Store->Unfinished = TRUE;
    return CmpWritePrimary(Store);
}

VOID CmpCloseHiveStore(PCM_HIVE_STORE Store)
{
    if (Store->Image != NULL)
        Store->Memory->Free(Store->Image);
    Store->Image = NULL;
    Store->ImageLength = 0;
}
