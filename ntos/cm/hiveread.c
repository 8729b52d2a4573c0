/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a hive image to a stream of keys and values (hive.h; format: hiveformat.h).
 *
 * First the bins are walked once: they and their cells must tile the image; the start of each allocated cell is
 * noted in a bit map, so that an offset is valid if its bit is set.  A second map notes the keys and values that were read: a key
 * that is reached twice would be a loop, and values that keys share could become many more than the image has room for.  Then the
 * tree is walked with a stack of key offsets.
 */
#include "ntos/cm/hive.h"
#include "rtl.h"

typedef struct _CMP_LEVEL {
    ULONG Key;                          /* offset of the key node */
    ULONG Next;                         /* index of the subkey that comes next */
} CMP_LEVEL;

typedef struct _CMP_HIVE_READER {
    const CM_HIVE_MEMORY *Memory;
    const CM_HIVE_SINK *Sink;
    PVOID Context;
    const UCHAR *Bins;
    ULONG Length;
    PUCHAR Cells;                       /* one bit for 8 bytes: an allocated cell starts here */
    PUCHAR Seen;                        /* the same: a key node or a value that was read */
    ULONG Depth;
    CMP_LEVEL Levels[CM_HIVE_MAXIMUM_DEPTH];
} CMP_HIVE_READER, *PCMP_HIVE_READER;

static BOOLEAN CmpTestBit(const UCHAR *Map, ULONG Offset)
{
    return (Map[Offset / 64] >> (Offset / 8 % 8)) & 1;
}

static VOID CmpSetBit(PUCHAR Map, ULONG Offset)
{
    Map[Offset / 64] |= (UCHAR)(1 << (Offset / 8 % 8));
}

static PVOID CmpAllocateZero(const CM_HIVE_MEMORY *Memory, SIZE_T Bytes)
{
    PVOID Result = Memory->Allocate(Bytes);

    if (Result != NULL)
        memset(Result, 0, Bytes);
    return Result;
}

/* --- base block and cells ------------------------------------------------------------------------------------- */

ULONG CmpBaseCheckSum(const HBASE_BLOCK *Base)
{
    ULONG Sum = 0;

    for (ULONG i = 0; i < FIELD_OFFSET(HBASE_BLOCK, CheckSum) / sizeof(ULONG); i++) {
        ULONG Word;

        memcpy(&Word, (const UCHAR *)Base + i * sizeof(ULONG), sizeof(Word));
        Sum ^= Word;
    }
    return Sum == 0xffffffffu ? 0xfffffffeu : Sum == 0 ? 1 : Sum;
}

NTSTATUS CmpCheckBaseBlock(const HBASE_BLOCK *Base)
{
    if (Base->Signature != HBASE_SIGNATURE || Base->CheckSum != CmpBaseCheckSum(Base))
        return STATUS_REGISTRY_CORRUPT;
    if (Base->Major != 1 || Base->Minor < 3 || Base->Minor > 6 || Base->Format != 1)
        return STATUS_REGISTRY_CORRUPT;
    if (Base->Length == 0 || Base->Length % HBLOCK_SIZE != 0 || Base->Length > CM_HIVE_MAXIMUM_LENGTH)
        return STATUS_REGISTRY_CORRUPT;
    return STATUS_SUCCESS;
}

/* The bytes of the cell at Offset, which is a cell's start, its size field not counted. */
static ULONG CmpCellSize(PCMP_HIVE_READER Reader, ULONG Offset)
{
    LONG Size;

    memcpy(&Size, Reader->Bins + Offset, sizeof(Size));
    return (ULONG)-Size - sizeof(LONG);
}

static NTSTATUS CmpCheckBin(PCMP_HIVE_READER Reader, ULONG Start, PULONG End)
{
    HBIN Bin;

    memcpy(&Bin, Reader->Bins + Start, sizeof(Bin));
    if (Bin.Signature != HBIN_SIGNATURE || Bin.FileOffset != Start || Bin.Size == 0 || Bin.Size % HBLOCK_SIZE != 0 ||
        Bin.Size > Reader->Length - Start)
        return STATUS_REGISTRY_CORRUPT;
    *End = Start + Bin.Size;
    for (ULONG Offset = Start + sizeof(HBIN); Offset < *End;) {
        LONG Size;
        ULONG Bytes;

        memcpy(&Size, Reader->Bins + Offset, sizeof(Size));
        Bytes = Size < 0 ? 0 - (ULONG)Size : (ULONG)Size;
        if (Bytes < 8 || Bytes % 8 != 0 || Bytes > *End - Offset)
            return STATUS_REGISTRY_CORRUPT;
        if (Size < 0)
            CmpSetBit(Reader->Cells, Offset);
        Offset += Bytes;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS CmpCheckBins(PCMP_HIVE_READER Reader)
{
    ULONG Start = 0;

    while (Start < Reader->Length) {
        NTSTATUS Status = CmpCheckBin(Reader, Start, &Start);

        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_SUCCESS;
}

/* The content of a cell of at least Minimum bytes, or NULL. */
static const void *CmpCell(PCMP_HIVE_READER Reader, ULONG Offset, ULONG Minimum, PULONG Size)
{
    if (Offset % 8 != 0 || Offset >= Reader->Length || !CmpTestBit(Reader->Cells, Offset))
        return NULL;
    *Size = CmpCellSize(Reader, Offset);
    return *Size >= Minimum ? Reader->Bins + Offset + sizeof(LONG) : NULL;
}

/* --- values --------------------------------------------------------------------------------------------------- */

/* Bytes or UTF-16 as UTF-16, in a new buffer (nothing for an empty name). */
static NTSTATUS CmpWidenName(PCMP_HIVE_READER Reader, const UCHAR *Bytes, ULONG Length, BOOLEAN Compressed,
        PUNICODE_STRING Name)
{
    ULONG Chars = Compressed ? Length : Length / sizeof(WCHAR);

    memset(Name, 0, sizeof(*Name));
    if (Chars > 16383 || (!Compressed && Length % sizeof(WCHAR) != 0))
        return STATUS_REGISTRY_CORRUPT;
    if (Chars == 0)
        return STATUS_SUCCESS;
    Name->Buffer = Reader->Memory->Allocate(Chars * sizeof(WCHAR));
    if (Name->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Name->Length = Name->MaximumLength = (USHORT)(Chars * sizeof(WCHAR));
    if (!Compressed) {
        memcpy(Name->Buffer, Bytes, Length);
        return STATUS_SUCCESS;
    }
    for (ULONG i = 0; i < Chars; i++)
        Name->Buffer[i] = Bytes[i];
    return STATUS_SUCCESS;
}

static VOID CmpFreeName(PCMP_HIVE_READER Reader, PUNICODE_STRING Name)
{
    if (Name->Buffer != NULL)
        Reader->Memory->Free(Name->Buffer);
}

/* Collects the segments of a db cell into Data[Length]. */
static NTSTATUS CmpReadBigData(PCMP_HIVE_READER Reader, const CM_BIG_DATA *Big, PUCHAR Data, ULONG Length)
{
    ULONG Count = (Length + HBIG_SEGMENT - 1) / HBIG_SEGMENT;
    const ULONG *List;
    ULONG Size;

    List = Big->Count == Count ? CmpCell(Reader, Big->List, Count * sizeof(ULONG), &Size) : NULL;
    if (List == NULL)
        return STATUS_REGISTRY_CORRUPT;
    for (ULONG i = 0; i < Count; i++) {
        ULONG Bytes = min(Length, HBIG_SEGMENT);
        const void *Segment = CmpCell(Reader, List[i], Bytes, &Size);

        if (Segment == NULL)
            return STATUS_REGISTRY_CORRUPT;
        memcpy(Data + i * HBIG_SEGMENT, Segment, Bytes);
        Length -= Bytes;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS CmpEmitBigValue(PCMP_HIVE_READER Reader, PCUNICODE_STRING Name, ULONG Type, const CM_BIG_DATA *Big,
        ULONG Length)
{
    PUCHAR Data;
    NTSTATUS Status;

    if (Length > Reader->Length)
        return STATUS_REGISTRY_CORRUPT;
    Data = Reader->Memory->Allocate(Length);
    if (Data == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = CmpReadBigData(Reader, Big, Data, Length);
    if (NT_SUCCESS(Status))
        Status = Reader->Sink->Value(Reader->Context, Name, Type, Data, Length);
    Reader->Memory->Free(Data);
    return Status;
}

static NTSTATUS CmpEmitValueData(PCMP_HIVE_READER Reader, PCUNICODE_STRING Name, const CM_KEY_VALUE *Value)
{
    ULONG Length = Value->DataLength & ~HVALUE_IN_CELL;
    const void *Data = &Value->Data;
    ULONG Size;

    if (Value->DataLength & HVALUE_IN_CELL) {
        if (Length > sizeof(Value->Data))
            return STATUS_REGISTRY_CORRUPT;
    } else if (Length != 0) {
        Data = CmpCell(Reader, Value->Data, min(Length, (ULONG)sizeof(CM_BIG_DATA)), &Size);
        if (Data == NULL)
            return STATUS_REGISTRY_CORRUPT;
        if (Length > HBIG_SEGMENT && ((const CM_BIG_DATA *)Data)->Signature == CM_BIG_DATA_SIGNATURE && Size < Length)
            return CmpEmitBigValue(Reader, Name, Value->Type, Data, Length);
        if (Size < Length)
            return STATUS_REGISTRY_CORRUPT;
    }
    return Reader->Sink->Value(Reader->Context, Name, Value->Type, Data, Length);
}

static NTSTATUS CmpEmitValue(PCMP_HIVE_READER Reader, ULONG Offset)
{
    const CM_KEY_VALUE *Value;
    UNICODE_STRING Name;
    NTSTATUS Status;
    ULONG Size;

    Value = CmpCell(Reader, Offset, sizeof(*Value), &Size);
    if (Value == NULL || Value->Signature != CM_KEY_VALUE_SIGNATURE || Value->NameLength > Size - sizeof(*Value) ||
        CmpTestBit(Reader->Seen, Offset))
        return STATUS_REGISTRY_CORRUPT;
    CmpSetBit(Reader->Seen, Offset);
    Status = CmpWidenName(Reader, Value->Name, Value->NameLength, Value->Flags & HVALUE_COMP_NAME, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpEmitValueData(Reader, &Name, Value);
    CmpFreeName(Reader, &Name);
    return Status;
}

static NTSTATUS CmpEmitValues(PCMP_HIVE_READER Reader, const CM_KEY_NODE *Key)
{
    const ULONG *List;
    ULONG Size;

    if (Key->ValueCount == 0)
        return STATUS_SUCCESS;
    if (Key->ValueCount > Reader->Length / 8)
        return STATUS_REGISTRY_CORRUPT;
    List = CmpCell(Reader, Key->ValueList, Key->ValueCount * sizeof(ULONG), &Size);
    if (List == NULL)
        return STATUS_REGISTRY_CORRUPT;
    for (ULONG i = 0; i < Key->ValueCount; i++) {
        NTSTATUS Status = CmpEmitValue(Reader, List[i]);

        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_SUCCESS;
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

/* A key node that was not read before, or NULL; it is noted as read. */
static const CM_KEY_NODE *CmpTakeKey(PCMP_HIVE_READER Reader, ULONG Offset)
{
    const CM_KEY_NODE *Key;
    ULONG Size;

    Key = CmpCell(Reader, Offset, sizeof(*Key), &Size);
    if (Key == NULL || Key->Signature != CM_KEY_NODE_SIGNATURE || Key->NameLength > Size - sizeof(*Key) ||
        Key->NameLength == 0 || CmpTestBit(Reader->Seen, Offset))
        return NULL;
    CmpSetBit(Reader->Seen, Offset);
    return Key;
}

static NTSTATUS CmpFindSecurity(PCMP_HIVE_READER Reader, const CM_KEY_NODE *Node, PCM_HIVE_KEY Key)
{
    const CM_KEY_SECURITY *Security;
    ULONG Size;

    if (Node->Security == HCELL_NIL)
        return STATUS_SUCCESS;
    Security = CmpCell(Reader, Node->Security, sizeof(*Security), &Size);
    if (Security == NULL || Security->Signature != CM_KEY_SECURITY_SIGNATURE ||
        Security->DescriptorLength > Size - sizeof(*Security))
        return STATUS_REGISTRY_CORRUPT;
    Key->Descriptor = Security->Descriptor;
    Key->DescriptorLength = Security->DescriptorLength;
    return STATUS_SUCCESS;
}

static NTSTATUS CmpFindClass(PCMP_HIVE_READER Reader, const CM_KEY_NODE *Node, PCM_HIVE_KEY Key)
{
    const void *Class;
    ULONG Size;

    if (Node->ClassLength == 0 || Node->Class == HCELL_NIL)
        return STATUS_SUCCESS;
    Class = CmpCell(Reader, Node->Class, Node->ClassLength, &Size);
    if (Class == NULL || Node->ClassLength % sizeof(WCHAR) != 0)
        return STATUS_REGISTRY_CORRUPT;
    Key->Class.Buffer = (PWSTR)Class;
    Key->Class.Length = Key->Class.MaximumLength = Node->ClassLength;
    return STATUS_SUCCESS;
}

/* Tells the sink of the key and its values and puts it on the stack. */
static NTSTATUS CmpPushKey(PCMP_HIVE_READER Reader, ULONG Offset)
{
    const CM_KEY_NODE *Node = CmpTakeKey(Reader, Offset);
    CM_HIVE_KEY Key = { 0 };
    NTSTATUS Status;

    if (Node == NULL || Reader->Depth == CM_HIVE_MAXIMUM_DEPTH)
        return STATUS_REGISTRY_CORRUPT;
    Key.LastWriteTime = Node->LastWriteTime;
    Key.Flags = Node->Flags;
    Key.UserFlags = Node->UserFlags;
    Status = CmpFindSecurity(Reader, Node, &Key);
    if (NT_SUCCESS(Status))
        Status = CmpFindClass(Reader, Node, &Key);
    if (NT_SUCCESS(Status))
        Status = CmpWidenName(Reader, Node->Name, Node->NameLength, Node->Flags & HKEY_COMP_NAME, &Key.Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = Reader->Sink->EnterKey(Reader->Context, &Key);
    CmpFreeName(Reader, &Key.Name);
    if (NT_SUCCESS(Status))
        Status = CmpEmitValues(Reader, Node);
    Reader->Levels[Reader->Depth++] = (CMP_LEVEL){ Offset, 0 };
    return Status;
}

/* Words an entry of a leaf takes; 0: it is no leaf. */
static ULONG CmpLeafStride(USHORT Signature)
{
    if (Signature == CM_INDEX_FAST_LEAF || Signature == CM_INDEX_HASH_LEAF)
        return 2;
    return Signature == CM_INDEX_LEAF ? 1 : 0;
}

static const CM_KEY_INDEX *CmpIndex(PCMP_HIVE_READER Reader, ULONG Offset)
{
    const CM_KEY_INDEX *Index;
    ULONG Stride;
    ULONG Size;

    Index = CmpCell(Reader, Offset, sizeof(*Index), &Size);
    if (Index == NULL)
        return NULL;
    Stride = Index->Signature == CM_INDEX_ROOT ? 1 : CmpLeafStride(Index->Signature);
    return Stride != 0 && Index->Count * Stride * sizeof(ULONG) <= Size - sizeof(*Index) ? Index : NULL;
}

/* The Number-th subkey in a list of subkeys; HCELL_NIL: the list is bad. */
static ULONG CmpSubKeyAt(PCMP_HIVE_READER Reader, ULONG ListOffset, ULONG Number)
{
    const CM_KEY_INDEX *Index = CmpIndex(Reader, ListOffset);

    for (ULONG i = 0; Index != NULL && Index->Signature == CM_INDEX_ROOT; i++) {
        const CM_KEY_INDEX *Leaf = i < Index->Count ? CmpIndex(Reader, Index->List[i]) : NULL;

        if (Leaf == NULL || Leaf->Signature == CM_INDEX_ROOT)
            return HCELL_NIL;
        if (Number < Leaf->Count)
            Index = Leaf;
        else
            Number -= Leaf->Count;
    }
    if (Index == NULL || Number >= Index->Count)
        return HCELL_NIL;
    return Index->List[Number * CmpLeafStride(Index->Signature)];
}

static NTSTATUS CmpWalkTree(PCMP_HIVE_READER Reader, ULONG RootCell)
{
    NTSTATUS Status = CmpPushKey(Reader, RootCell);

    while (NT_SUCCESS(Status) && Reader->Depth != 0) {
        CMP_LEVEL *Level = &Reader->Levels[Reader->Depth - 1];
        const CM_KEY_NODE *Key = (const CM_KEY_NODE *)(Reader->Bins + Level->Key + sizeof(LONG));

        if (Level->Next < Key->SubKeyCount) {
            Status = CmpPushKey(Reader, CmpSubKeyAt(Reader, Key->SubKeyList, Level->Next++));
        } else {
            Reader->Depth--;
            Status = Reader->Sink->LeaveKey(Reader->Context);
        }
    }
    return Status;
}

NTSTATUS CmpReadHive(const CM_HIVE_MEMORY *Memory, const CM_HIVE_SINK *Sink, PVOID Context, const void *Image,
        ULONG ImageLength)
{
    const HBASE_BLOCK *Base = Image;
    PCMP_HIVE_READER Reader;
    NTSTATUS Status;

    if (ImageLength < HBASE_SIZE || !NT_SUCCESS(CmpCheckBaseBlock(Base)) || Base->Length > ImageLength - HBASE_SIZE)
        return STATUS_REGISTRY_CORRUPT;
    Reader = CmpAllocateZero(Memory, sizeof(*Reader));
    if (Reader == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Reader->Memory = Memory;
    Reader->Sink = Sink;
    Reader->Context = Context;
    Reader->Bins = (const UCHAR *)Image + HBASE_SIZE;
    Reader->Length = Base->Length;
    Reader->Cells = CmpAllocateZero(Memory, Base->Length / 64);
    Reader->Seen = CmpAllocateZero(Memory, Base->Length / 64);
    Status = Reader->Cells != NULL && Reader->Seen != NULL ? CmpCheckBins(Reader) : STATUS_INSUFFICIENT_RESOURCES;
    if (NT_SUCCESS(Status))
        Status = CmpWalkTree(Reader, Base->RootCell);
    if (Reader->Cells != NULL)
        Memory->Free(Reader->Cells);
    if (Reader->Seen != NULL)
        Memory->Free(Reader->Seen);
    Memory->Free(Reader);
    return Status;
}
