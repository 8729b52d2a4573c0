/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Hives on the build host: what is built reads back the same, every changed byte and every cut is refused or read
 * within the image, failing allocations lose nothing, and a store that is cut off at any sector of any write holds
 * the old hive or the new one.
 *
 * Tests: ntos/cm/hiveread.c ntos/cm/hivebuild.c ntos/cm/hivestore.c rtl/memory.c rtl/string.c rtl/case.c.
 */
#include "tests/unit/unit.h"
#include "ntos/cm/hive.h"
#include <stdio.h>
#include <stdlib.h>

/* --- memory that can fail ------------------------------------------------------------------------------------- */

static long Live;
static long FailAfter = -1;

static PVOID Allocate(SIZE_T Bytes)
{
    if (FailAfter == 0)
        return NULL;
    if (FailAfter > 0)
        FailAfter--;
    Live++;
    return malloc(Bytes);
}

static VOID Free(PVOID Memory)
{
    Live--;
    free(Memory);
}

static const CM_HIVE_MEMORY Memory = { Allocate, Free };

/* --- a stream as bytes ---------------------------------------------------------------------------------------- */

typedef struct {
    UCHAR *Bytes;
    size_t Length, Capacity;
    ULONG Keys, Values;
} RECORD;

static void Append(RECORD *Record, const void *Data, size_t Length)
{
    if (Record->Length + Length > Record->Capacity) {
        Record->Capacity = (Record->Length + Length) * 2;
        Record->Bytes = realloc(Record->Bytes, Record->Capacity);
    }
    for (size_t i = 0; i < Length; i++)
        Record->Bytes[Record->Length + i] = ((const UCHAR *)Data)[i];
    Record->Length += Length;
}

static void AppendBlob(RECORD *Record, char Kind, const void *Data, ULONG Length)
{
    Append(Record, &Kind, 1);
    Append(Record, &Length, sizeof(Length));
    Append(Record, Data, Length);
}

static NTSTATUS RecordKey(PVOID Context, const CM_HIVE_KEY *Key)
{
    RECORD *Record = Context;

    Record->Keys++;
    AppendBlob(Record, 'K', Key->Name.Buffer, Key->Name.Length);
    AppendBlob(Record, 'C', Key->Class.Buffer, Key->Class.Length);
    AppendBlob(Record, 'T', &Key->LastWriteTime, sizeof(Key->LastWriteTime));
    AppendBlob(Record, 'S', Key->Descriptor, Key->DescriptorLength);
    return STATUS_SUCCESS;
}

static NTSTATUS RecordValue(PVOID Context, PCUNICODE_STRING Name, ULONG Type, const void *Data, ULONG DataLength)
{
    RECORD *Record = Context;

    Record->Values++;
    AppendBlob(Record, 'N', Name->Buffer, Name->Length);
    AppendBlob(Record, 'Y', &Type, sizeof(Type));
    AppendBlob(Record, 'D', Data, DataLength);
    return STATUS_SUCCESS;
}

static NTSTATUS RecordLeave(PVOID Context)
{
    AppendBlob(Context, 'L', NULL, 0);
    return STATUS_SUCCESS;
}

static const CM_HIVE_SINK RecordSink = { RecordKey, RecordValue, RecordLeave };

static int Same(const RECORD *A, const RECORD *B)
{
    if (A->Length != B->Length)
        return 0;
    for (size_t i = 0; i < A->Length; i++) {
        if (A->Bytes[i] != B->Bytes[i])
            return 0;
    }
    return 1;
}

/* --- a sample tree, told to any sink -------------------------------------------------------------------------- */

static void String(UNICODE_STRING *To, WCHAR *Buffer, const char *Text)
{
    USHORT Chars = 0;

    for (; Text[Chars] != 0; Chars++)
        Buffer[Chars] = (UCHAR)Text[Chars];
    To->Buffer = Buffer;
    To->Length = To->MaximumLength = Chars * sizeof(WCHAR);
}

static NTSTATUS Enter(const CM_HIVE_SINK *Sink, PVOID Context, const char *Name, ULONG Time)
{
    CM_HIVE_KEY Key = { .LastWriteTime = Time };
    WCHAR Buffer[256];

    String(&Key.Name, Buffer, Name);
    return Sink->EnterKey(Context, &Key);
}

static NTSTATUS Value(const CM_HIVE_SINK *Sink, PVOID Context, const char *Name, ULONG Type, ULONG Length, ULONG Seed)
{
    WCHAR Buffer[256];
    UNICODE_STRING String_;
    UCHAR *Data = malloc(Length + 1);
    NTSTATUS Status;

    for (ULONG i = 0; i < Length; i++)
        Data[i] = (UCHAR)(Seed + i * 7);
    String(&String_, Buffer, Name);
    Status = Sink->Value(Context, &String_, Type, Data, Length);
    free(Data);
    return Status;
}

static const ULONG Sizes[] = { 0, 1, 3, 4, 5, 8, 100, 4000, 16343, 16344, 16345, 32688, 32689, 100000 };

/* A key whose name and class are no Latin-1, with a descriptor of its own. */
static NTSTATUS TellUnicodeKey(const CM_HIVE_SINK *Sink, PVOID Context)
{
    static const WCHAR Name[] = { 0x3b1, 0x416, 0x4e2d };
    static const WCHAR Class[] = { 'C', 0x2211 };
    static const UCHAR Descriptor[20] = { 1, 0, 0, 0x80 };
    CM_HIVE_KEY Key = { .LastWriteTime = 77, .Descriptor = Descriptor, .DescriptorLength = sizeof(Descriptor) };
    NTSTATUS Status;

    Key.Name = (UNICODE_STRING){ sizeof(Name), sizeof(Name), (WCHAR *)Name };
    Key.Class = (UNICODE_STRING){ sizeof(Class), sizeof(Class), (WCHAR *)Class };
    Status = Sink->EnterKey(Context, &Key);
    if (NT_SUCCESS(Status))
        Status = Sink->Value(Context, &Key.Name, 1, Class, sizeof(Class));
    return NT_SUCCESS(Status) ? Sink->LeaveKey(Context) : Status;
}

static NTSTATUS TellTree(const CM_HIVE_SINK *Sink, PVOID Context, ULONG Children, ULONG Seed, BOOLEAN Big)
{
    NTSTATUS Status = Enter(Sink, Context, "ROOT", 1);

    for (ULONG i = 0; NT_SUCCESS(Status) && i < (Big ? RTL_NUMBER_OF(Sizes) : 7); i++) {
        char Name[32];

        snprintf(Name, sizeof(Name), "value %u", Sizes[i]);
        Status = Value(Sink, Context, i == 0 ? "" : Name, 3, Sizes[i], Seed + i);
    }
    for (ULONG i = 0; NT_SUCCESS(Status) && i < Children; i++) {
        char Name[32];

        snprintf(Name, sizeof(Name), "Child%05u", i);
        Status = Enter(Sink, Context, Name, 100 + i);
        if (NT_SUCCESS(Status))
            Status = Value(Sink, Context, "n", 4, 4, Seed * i);
        if (NT_SUCCESS(Status) && i % 3 == 0)
            Status = Enter(Sink, Context, "Deeper", i);
        if (NT_SUCCESS(Status) && i % 3 == 0)
            Status = Sink->LeaveKey(Context);
        if (NT_SUCCESS(Status))
            Status = Sink->LeaveKey(Context);
    }
    if (NT_SUCCESS(Status))
        Status = TellUnicodeKey(Sink, Context);
    return NT_SUCCESS(Status) ? Sink->LeaveKey(Context) : Status;
}

static PVOID Build(ULONG Children, ULONG Seed, BOOLEAN Big, ULONG *Length)
{
    PCM_HIVE_BUILDER Builder = CmpCreateHiveBuilder(&Memory);
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;
    PVOID Image = NULL;

    if (Builder != NULL) {
        Status = TellTree(&CmpHiveBuilderSink, Builder, Children, Seed, Big);
        if (NT_SUCCESS(Status))
            Status = CmpFinishHiveBuilder(Builder, &Image, Length);
        else
            CmpDeleteHiveBuilder(Builder);
    }
    return Image;
}

/* --- tests ---------------------------------------------------------------------------------------------------- */

/* The default descriptor appears on the way back: the first trip is compared without, the second whole. */
static void RoundTrip(ULONG Children, BOOLEAN Big)
{
    RECORD First = { 0 }, Second = { 0 };
    PCM_HIVE_BUILDER Builder = CmpCreateHiveBuilder(&Memory);
    ULONG Length = 0, Again = 0;
    PVOID Image = Build(Children, 5, Big, &Length);
    PVOID Copy = NULL;

    if (!CHECK(Image != NULL))
        return;
    CHECK(CmpReadHive(&Memory, &RecordSink, &First, Image, Length) == STATUS_SUCCESS);
    CHECK(First.Keys == 2 + Children + (Children + 2) / 3);
    CHECK(First.Values == (Big ? RTL_NUMBER_OF(Sizes) : 7) + Children + 1);
    CHECK(CmpReadHive(&Memory, &CmpHiveBuilderSink, Builder, Image, Length) == STATUS_SUCCESS);
    CHECK(CmpFinishHiveBuilder(Builder, &Copy, &Again) == STATUS_SUCCESS);
    CHECK(Again == Length && Copy != NULL);
    CHECK(CmpReadHive(&Memory, &RecordSink, &Second, Copy, Again) == STATUS_SUCCESS);
    CHECK(Same(&First, &Second));
    free(First.Bytes);
    free(Second.Bytes);
    Free(Image);
    Free(Copy);
    CHECK(Live == 0);
}

static void TestRoundTrip(void)
{
    static const ULONG Counts[] = { 0, 1, 506, 507, 508, 2000 };

    for (ULONG i = 0; i < RTL_NUMBER_OF(Counts); i++)
        RoundTrip(Counts[i], i % 2 == 0);
}

static void TestDepth(void)
{
    for (ULONG Depth = CM_HIVE_MAXIMUM_DEPTH - 1; Depth <= CM_HIVE_MAXIMUM_DEPTH + 1; Depth++) {
        PCM_HIVE_BUILDER Builder = CmpCreateHiveBuilder(&Memory);
        NTSTATUS Status = STATUS_SUCCESS;

        for (ULONG i = 0; NT_SUCCESS(Status) && i < Depth; i++)
            Status = Enter(&CmpHiveBuilderSink, Builder, "x", i);
        CHECK(NT_SUCCESS(Status) == (Depth <= CM_HIVE_MAXIMUM_DEPTH));
        CmpDeleteHiveBuilder(Builder);
    }
    CHECK(Live == 0);
}

static void TestOrder(void)
{
    PCM_HIVE_BUILDER Builder = CmpCreateHiveBuilder(&Memory);
    PVOID Image;
    ULONG Length;

    CHECK(CmpHiveBuilderSink.LeaveKey(Builder) == STATUS_INVALID_PARAMETER);
    CHECK(Value(&CmpHiveBuilderSink, Builder, "v", 1, 4, 0) == STATUS_INVALID_PARAMETER);
    CHECK(Enter(&CmpHiveBuilderSink, Builder, "", 0) == STATUS_INVALID_PARAMETER);
    CHECK(Enter(&CmpHiveBuilderSink, Builder, "a", 0) == STATUS_SUCCESS);
    CHECK(CmpFinishHiveBuilder(Builder, &Image, &Length) == STATUS_INVALID_PARAMETER && Image == NULL);
    Builder = CmpCreateHiveBuilder(&Memory);
    CHECK(Enter(&CmpHiveBuilderSink, Builder, "a", 0) == STATUS_SUCCESS);
    CHECK(CmpHiveBuilderSink.LeaveKey(Builder) == STATUS_SUCCESS);
    CHECK(Enter(&CmpHiveBuilderSink, Builder, "b", 0) == STATUS_INVALID_PARAMETER);
    CmpDeleteHiveBuilder(Builder);
    CHECK(Live == 0);
}

/* Every byte changed, three ways: the sanitizers watch that nothing outside the image is read. */
static void TestEveryByte(void)
{
    static const UCHAR Changes[] = { 0x01, 0x80, 0xff };
    ULONG Length = 0, Refused = 0;
    UCHAR *Image = Build(4, 5, FALSE, &Length);

    for (ULONG At = 0; At < Length; At++) {
        if (At == HBASE_USED)
            At = HBASE_SIZE;
        for (ULONG i = 0; i < sizeof(Changes); i++) {
            HBASE_BLOCK *Base = (HBASE_BLOCK *)Image;
            ULONG OldSum = Base->CheckSum;
            RECORD Record = { 0 };

            Image[At] ^= Changes[i];
            if (At < FIELD_OFFSET(HBASE_BLOCK, CheckSum))
                Base->CheckSum = CmpBaseCheckSum(Base);
            Refused += CmpReadHive(&Memory, &RecordSink, &Record, Image, Length) != STATUS_SUCCESS;
            Image[At] ^= Changes[i];
            Base->CheckSum = OldSum;
            free(Record.Bytes);
        }
    }
    CHECK(Refused > 500);
    CHECK(Live == 1);
    Free(Image);
}

static void TestEveryLength(void)
{
    ULONG Length = 0, Accepted = 0;
    UCHAR *Image = Build(40, 5, FALSE, &Length);

    for (ULONG Cut = 0; Cut < Length; Cut += 16) {
        UCHAR *Exact = malloc(Cut + 1);
        RECORD Record = { 0 };

        for (ULONG i = 0; i < Cut; i++)
            Exact[i] = Image[i];
        Accepted += CmpReadHive(&Memory, &RecordSink, &Record, Exact, Cut) == STATUS_SUCCESS;
        free(Record.Bytes);
        free(Exact);
    }
    CHECK(Accepted == 0);
    Free(Image);
}

/* A subkey list that points back to its own key. */
static void TestLoop(void)
{
    ULONG Length = 0;
    UCHAR *Image = Build(1, 5, FALSE, &Length);
    HBASE_BLOCK *Base = (HBASE_BLOCK *)Image;
    PCM_KEY_NODE Root = (PCM_KEY_NODE)(Image + HBASE_SIZE + Base->RootCell + sizeof(LONG));
    PCM_KEY_INDEX Index = (PCM_KEY_INDEX)(Image + HBASE_SIZE + Root->SubKeyList + sizeof(LONG));
    RECORD Record = { 0 };

    Index->List[0] = Base->RootCell;
    CHECK(CmpReadHive(&Memory, &RecordSink, &Record, Image, Length) == STATUS_REGISTRY_CORRUPT);
    free(Record.Bytes);
    Free(Image);
}

static void TestAllocations(void)
{
    long n;
    int Done = 0;

    for (n = 0; !Done && n < 10000; n++) {
        ULONG Length = 0;
        PVOID Image;

        FailAfter = n;
        Image = Build(600, 5, TRUE, &Length);
        Done = Image != NULL;
        FailAfter = -1;
        if (Image != NULL)
            Free(Image);
    }
    CHECK(Done && n > 20);
    CHECK(Live == 0);
}

/* --- files that are cut off ----------------------------------------------------------------------------------- */

#define FILE_ROOM 0x80000

typedef struct {
    UCHAR Bytes[FILE_ROOM];
    ULONG64 Size;
} DISK_FILE;

static DISK_FILE Primary, Log, SavedPrimary, SavedLog;
static long SectorsLeft = -1;           /* until the power goes; -1: never */

static NTSTATUS DiskRead(PVOID Context, ULONG64 Offset, PVOID Buffer, ULONG Length)
{
    DISK_FILE *File = Context;

    for (ULONG i = 0; i < Length; i++)
        ((UCHAR *)Buffer)[i] = File->Bytes[Offset + i];
    return STATUS_SUCCESS;
}

static NTSTATUS DiskWrite(PVOID Context, ULONG64 Offset, const void *Buffer, ULONG Length)
{
    DISK_FILE *File = Context;

    for (ULONG i = 0; i < Length; i++) {
        if ((Offset + i) % HSECTOR_SIZE == 0 || i == 0) {
            if (SectorsLeft == 0)
                return STATUS_UNSUCCESSFUL;
            if (SectorsLeft > 0)
                SectorsLeft--;
        }
        File->Bytes[Offset + i] = ((const UCHAR *)Buffer)[i];
    }
    if (File->Size < Offset + Length)
        File->Size = Offset + Length;
    return STATUS_SUCCESS;
}

static NTSTATUS DiskFlush(PVOID Context)
{
    return SectorsLeft == 0 ? STATUS_UNSUCCESSFUL : STATUS_SUCCESS;
}

static NTSTATUS DiskSetSize(PVOID Context, ULONG64 Size)
{
    DISK_FILE *File = Context;

    if (SectorsLeft == 0)
        return STATUS_UNSUCCESSFUL;
    for (ULONG64 i = File->Size; i < Size; i++)
        File->Bytes[i] = 0;
    File->Size = Size;
    return STATUS_SUCCESS;
}

static ULONG64 DiskSize(PVOID Context)
{
    return ((DISK_FILE *)Context)->Size;
}

static const CM_HIVE_FILE Disk = { DiskRead, DiskWrite, DiskFlush, DiskSetSize, DiskSize };

static CM_HIVE_STORE NewStore(void)
{
    return (CM_HIVE_STORE){ .Memory = &Memory, .File = &Disk, .Primary = &Primary, .Log = &Log };
}

static RECORD RecordOf(const void *Image, ULONG Length)
{
    RECORD Record = { 0 };

    CmpReadHive(&Memory, &RecordSink, &Record, Image, Length);
    return Record;
}

/* Writes the tree with Children and Seed through a store that was opened; its status. */
static NTSTATUS WriteTree(PCM_HIVE_STORE Store, ULONG Children, ULONG Seed)
{
    ULONG Length = 0;
    PVOID Image = Build(Children, Seed, FALSE, &Length);

    return CmpWriteHiveStore(Store, Image, Length, 1234);
}

/* From the tree of Old children to that of New, cut after each sector. */
static void CutEverywhere(ULONG Old, ULONG New)
{
    CM_HIVE_STORE Store = NewStore();
    RECORD OldRecord, NewRecord;
    ULONG Length = 0, Cuts = 0, Neither = 0, SawOld = 0, SawNew = 0;
    PVOID Image;
    NTSTATUS Status = STATUS_UNSUCCESSFUL;

    Image = Build(Old, 1, FALSE, &Length);
    OldRecord = RecordOf(Image, Length);
    Free(Image);
    Image = Build(New, 2, FALSE, &Length);
    NewRecord = RecordOf(Image, Length);
    Free(Image);
    Primary.Size = Log.Size = 0;
    CHECK(WriteTree(&Store, Old, 1) == STATUS_SUCCESS);
    CmpCloseHiveStore(&Store);
    SavedPrimary = Primary;
    SavedLog = Log;
    for (long Cut = 0; !NT_SUCCESS(Status) && Cut < 5000; Cut++, Cuts++) {
        CM_HIVE_STORE After = NewStore();
        RECORD Now = { 0 };

        Primary = SavedPrimary;
        Log = SavedLog;
        Store = NewStore();
        CHECK(NT_SUCCESS(CmpOpenHiveStore(&Store)));
        SectorsLeft = Cut;
        Status = WriteTree(&Store, New, 2);
        SectorsLeft = -1;
        CmpCloseHiveStore(&Store);
        if (NT_SUCCESS(CmpOpenHiveStore(&After)))
            Now = RecordOf(After.Image, After.ImageLength);
        SawOld += Same(&Now, &OldRecord);
        SawNew += Same(&Now, &NewRecord);
        Neither += !Same(&Now, &OldRecord) && !Same(&Now, &NewRecord);
        CmpCloseHiveStore(&After);
        free(Now.Bytes);
    }
    CHECK(NT_SUCCESS(Status) && Cuts > 10);
    CHECK(Neither == 0 && SawOld > 2 && SawNew > 2);
    free(OldRecord.Bytes);
    free(NewRecord.Bytes);
    CHECK(Live == 0);
}

static void TestCuts(void)
{
    CutEverywhere(3, 4);
    CutEverywhere(3, 200);
    CutEverywhere(200, 3);
}

/* A write that fails in the middle is finished by the next one, whatever the power does then. */
static void TestRetry(void)
{
    for (long Cut = 0; Cut < 80; Cut++) {
        CM_HIVE_STORE Store = NewStore();
        ULONG Length = 0;
        PVOID Image = Build(9, 3, FALSE, &Length);
        RECORD Wanted = RecordOf(Image, Length), Now;

        Free(Image);
        Primary.Size = Log.Size = 0;
        WriteTree(&Store, 3, 1);
        SectorsLeft = Cut;
        WriteTree(&Store, 6, 2);
        SectorsLeft = -1;
        CHECK(WriteTree(&Store, 9, 3) == STATUS_SUCCESS);
        CmpCloseHiveStore(&Store);
        CHECK(CmpOpenHiveStore(&Store) == STATUS_SUCCESS);
        Now = RecordOf(Store.Image, Store.ImageLength);
        CHECK(Same(&Now, &Wanted));
        CmpCloseHiveStore(&Store);
        free(Now.Bytes);
        free(Wanted.Bytes);
    }
    CHECK(Live == 0);
}

const UNIT_TEST Tests[] = {
    {"there and back", TestRoundTrip},
    {"depth", TestDepth},
    {"order of calls", TestOrder},
    {"every byte changed", TestEveryByte},
    {"every length", TestEveryLength},
    {"a loop", TestLoop},
    {"allocations that fail", TestAllocations},
    {"power cuts", TestCuts},
    {"retries", TestRetry},
    {0},
};
