/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From a stream of keys and values to a hive image (hive.h; format: hiveformat.h).
 *
 * Cells are laid one behind the other; a bin is closed with a free cell when the next one does not fit.  A key
 * node is made when the key begins and completed when it ends, when its values and subkeys are known.  The image may
 * move whenever a cell is made: cells are named by offsets here, pointers live between two allocations only.
 */
#include "ntos/cm/hive.h"
#include "rtl.h"

#define CMP_LEAF_ENTRIES 507            /* a leaf of this many fills one block */
#define CMP_FIRST_IMAGE 0x4000

typedef struct _CMP_WORDS {
    ULONG *Words;
    ULONG Count, Capacity;
} CMP_WORDS, *PCMP_WORDS;

typedef struct _CMP_OPEN_KEY {
    ULONG Cell;
    CMP_WORDS Values;                   /* offsets */
    CMP_WORDS SubKeys;                  /* offset, hash or beginning of the name */
} CMP_OPEN_KEY, *PCMP_OPEN_KEY;

struct _CM_HIVE_BUILDER {
    const CM_HIVE_MEMORY *Memory;
    PUCHAR Image;                       /* base block and bins */
    ULONG Capacity, Length;             /* Length: base block and all bins */
    ULONG Next, BinStart;               /* in the bins: the next cell; the open bin (Next 0: none) */
    ULONG RootCell;
    ULONG Minor;                        /* version 1.Minor */
    CMP_WORDS Securities;               /* offsets of sk cells */
    ULONG Depth;
    CMP_OPEN_KEY Open[CM_HIVE_MAXIMUM_DEPTH];
};

/* A descriptor for keys that come without one: owner and full access Administrators and SYSTEM, read for everyone. */
static const UCHAR CmpDefaultDescriptor[] = {
    1, 0, 0x04, 0x80, 20, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 48, 0, 0, 0,   /* self-relative, DACL present */
    1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,                   /* owner S-1-5-32-544 */
    1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,                                  /* group S-1-5-18 */
    2, 0, 72, 0, 3, 0, 0, 0,
    0, 2, 24, 0, 0x3f, 0, 0x0f, 0, 1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 0x20, 2, 0, 0,
    0, 2, 20, 0, 0x3f, 0, 0x0f, 0, 1, 1, 0, 0, 0, 0, 0, 5, 18, 0, 0, 0,
    0, 2, 20, 0, 0x19, 0, 0x02, 0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0,
};

/* --- memory --------------------------------------------------------------------------------------------------- */

/* Room for Bytes more at *Buffer, which holds Used of Capacity bytes. */
static BOOLEAN CmpGrowBuffer(const CM_HIVE_MEMORY *Memory, PVOID *Buffer, ULONG Used, PULONG Capacity, ULONG Bytes,
        ULONG First)
{
    ULONG New = *Capacity != 0 ? *Capacity : First;
    PVOID Bigger;

    if (Bytes <= *Capacity - Used)
        return TRUE;
    while (New - Used < Bytes)
        New *= 2;
    Bigger = Memory->Allocate(New);
    if (Bigger == NULL)
        return FALSE;
    if (*Buffer != NULL) {
        memcpy(Bigger, *Buffer, Used);
        Memory->Free(*Buffer);
    }
    *Buffer = Bigger;
    *Capacity = New;
    return TRUE;
}

static BOOLEAN CmpAddWord(const CM_HIVE_MEMORY *Memory, PCMP_WORDS List, ULONG Word)
{
    ULONG Bytes = List->Capacity * sizeof(ULONG);

    if (!CmpGrowBuffer(Memory, (PVOID *)&List->Words, List->Count * sizeof(ULONG), &Bytes, sizeof(ULONG), 64))
        return FALSE;
    List->Capacity = Bytes / sizeof(ULONG);
    List->Words[List->Count++] = Word;
    return TRUE;
}

static VOID CmpFreeWords(const CM_HIVE_MEMORY *Memory, PCMP_WORDS List)
{
    if (List->Words != NULL)
        Memory->Free(List->Words);
    memset(List, 0, sizeof(*List));
}

/* --- bins and cells ------------------------------------------------------------------------------------------- */

static PUCHAR CmpBins(PCM_HIVE_BUILDER Builder)
{
    return Builder->Image + HBASE_SIZE;
}

static PVOID CmpAt(PCM_HIVE_BUILDER Builder, ULONG Cell)
{
    return CmpBins(Builder) + Cell + sizeof(LONG);
}

static VOID CmpSetCellSize(PCM_HIVE_BUILDER Builder, ULONG Cell, LONG Size)
{
    memcpy(CmpBins(Builder) + Cell, &Size, sizeof(Size));
}

/* What is left of the open bin becomes one free cell. */
static VOID CmpCloseBin(PCM_HIVE_BUILDER Builder)
{
    ULONG End = Builder->Length - HBASE_SIZE;

    if (Builder->Next != 0 && Builder->Next != End)
        CmpSetCellSize(Builder, Builder->Next, (LONG)(End - Builder->Next));
    Builder->Next = End;
}

static BOOLEAN CmpOpenBin(PCM_HIVE_BUILDER Builder, ULONG CellBytes)
{
    ULONG Size = (CellBytes + (ULONG)sizeof(HBIN) + HBLOCK_SIZE - 1) & ~(HBLOCK_SIZE - 1);
    HBIN Bin = { .Signature = HBIN_SIGNATURE, .FileOffset = Builder->Length - HBASE_SIZE, .Size = Size };

    if (Size > CM_HIVE_MAXIMUM_LENGTH - Builder->Length ||
        !CmpGrowBuffer(Builder->Memory, (PVOID *)&Builder->Image, Builder->Length, &Builder->Capacity, Size,
                       CMP_FIRST_IMAGE))
        return FALSE;
    CmpCloseBin(Builder);
    memset(Builder->Image + Builder->Length, 0, Size);
    memcpy(Builder->Image + Builder->Length, &Bin, sizeof(Bin));
    Builder->Length += Size;
    Builder->Next = Bin.FileOffset + sizeof(HBIN);
    return TRUE;
}

/* A cell for Bytes of content, which are zero.  HCELL_NIL: no memory. */
static ULONG CmpMakeCell(PCM_HIVE_BUILDER Builder, ULONG Bytes)
{
    ULONG Size = (Bytes + (ULONG)sizeof(LONG) + 7) & ~7u;
    ULONG Cell;

    if (Size > Builder->Length - HBASE_SIZE - Builder->Next && !CmpOpenBin(Builder, Size))
        return HCELL_NIL;
    Cell = Builder->Next;
    CmpSetCellSize(Builder, Cell, -(LONG)Size);
    Builder->Next += Size;
    return Cell;
}

static ULONG CmpMakeDataCell(PCM_HIVE_BUILDER Builder, const void *Data, ULONG Bytes)
{
    ULONG Cell = CmpMakeCell(Builder, Bytes);

    if (Cell != HCELL_NIL)
        memcpy(CmpAt(Builder, Cell), Data, Bytes);
    return Cell;
}

/* --- security ------------------------------------------------------------------------------------------------- */

static VOID CmpLinkSecurity(PCM_HIVE_BUILDER Builder, ULONG Cell)
{
    ULONG First = Builder->Securities.Words[0];
    ULONG Last = ((PCM_KEY_SECURITY)CmpAt(Builder, First))->Blink;
    PCM_KEY_SECURITY New = CmpAt(Builder, Cell);

    New->Flink = First;
    New->Blink = Last;
    ((PCM_KEY_SECURITY)CmpAt(Builder, Last))->Flink = Cell;
    ((PCM_KEY_SECURITY)CmpAt(Builder, First))->Blink = Cell;
}

/* The sk cell of a descriptor, shared by all keys that have the same. */
static ULONG CmpMakeSecurity(PCM_HIVE_BUILDER Builder, const void *Descriptor, ULONG Length)
{
    PCM_KEY_SECURITY Security;
    ULONG Cell;

    for (ULONG i = 0; i < Builder->Securities.Count; i++) {
        Security = CmpAt(Builder, Builder->Securities.Words[i]);
        if (Security->DescriptorLength == Length && memcmp(Security->Descriptor, Descriptor, Length) == 0) {
            Security->ReferenceCount++;
            return Builder->Securities.Words[i];
        }
    }
    Cell = CmpMakeCell(Builder, sizeof(*Security) + Length);
    if (Cell == HCELL_NIL || !CmpAddWord(Builder->Memory, &Builder->Securities, Cell))
        return HCELL_NIL;
    Security = CmpAt(Builder, Cell);
    Security->Signature = CM_KEY_SECURITY_SIGNATURE;
    Security->ReferenceCount = 1;
    Security->DescriptorLength = Length;
    memcpy(Security->Descriptor, Descriptor, Length);
    Security->Flink = Security->Blink = Cell;
    if (Builder->Securities.Count > 1)
        CmpLinkSecurity(Builder, Cell);
    return Cell;
}

/* --- names ---------------------------------------------------------------------------------------------------- */

/* One byte a character is enough. */
static BOOLEAN CmpIsCompressible(PCUNICODE_STRING Name)
{
    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++) {
        if (Name->Buffer[i] > 0xff)
            return FALSE;
    }
    return TRUE;
}

static USHORT CmpStoredLength(PCUNICODE_STRING Name)
{
    return CmpIsCompressible(Name) ? Name->Length / sizeof(WCHAR) : Name->Length;
}

static VOID CmpStoreName(PUCHAR To, PCUNICODE_STRING Name)
{
    if (!CmpIsCompressible(Name)) {
        memcpy(To, Name->Buffer, Name->Length);
        return;
    }
    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++)
        To[i] = (UCHAR)Name->Buffer[i];
}

static ULONG CmpHashName(PCUNICODE_STRING Name)
{
    ULONG Hash = 0;

    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++)
        Hash = Hash * 37 + RtlUpcaseUnicodeChar(Name->Buffer[i]);
    return Hash;
}

/* What an lf has in the place of the hash: the first four characters, if each fits a byte. */
static ULONG CmpNameHint(PCUNICODE_STRING Name)
{
    ULONG Hint = 0;

    for (ULONG i = 0; i < min(Name->Length / sizeof(WCHAR), sizeof(Hint)); i++) {
        if (Name->Buffer[i] > 0xff)
            return 0;
        Hint |= (ULONG)Name->Buffer[i] << 8 * i;
    }
    return Hint;
}

static BOOLEAN CmpIsOldFormat(PCM_HIVE_BUILDER Builder)
{
    return Builder->Minor < 4;
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

/* Writes Node into its cell; what it points to exists. */
static ULONG CmpMakeNode(PCM_HIVE_BUILDER Builder, const CM_HIVE_KEY *Key)
{
    const void *Descriptor = Key->DescriptorLength != 0 ? Key->Descriptor : CmpDefaultDescriptor;
    ULONG DescriptorLength = Key->DescriptorLength != 0 ? Key->DescriptorLength : sizeof(CmpDefaultDescriptor);
    ULONG Class = HCELL_NIL;
    ULONG Security;
    PCM_KEY_NODE Node;
    ULONG Cell;

    Security = CmpMakeSecurity(Builder, Descriptor, DescriptorLength);
    Cell = CmpMakeCell(Builder, sizeof(*Node) + CmpStoredLength(&Key->Name));
    if (Key->Class.Length != 0)
        Class = CmpMakeDataCell(Builder, Key->Class.Buffer, Key->Class.Length);
    if (Security == HCELL_NIL || Cell == HCELL_NIL || (Key->Class.Length != 0 && Class == HCELL_NIL))
        return HCELL_NIL;
    Node = CmpAt(Builder, Cell);
    *Node = (CM_KEY_NODE){
        .Signature = CM_KEY_NODE_SIGNATURE,
        .Flags = (USHORT)((Key->Flags & (HKEY_SYM_LINK | HKEY_NO_DELETE | HKEY_VIRTUAL)) |
                          (CmpIsCompressible(&Key->Name) ? HKEY_COMP_NAME : 0) |
                          (Builder->Depth == 0 ? HKEY_HIVE_ENTRY | HKEY_NO_DELETE : 0)),
        .LastWriteTime = Key->LastWriteTime,
        .Parent = Builder->Depth != 0 ? Builder->Open[Builder->Depth - 1].Cell : HCELL_NIL,
        .SubKeyList = HCELL_NIL,
        .VolatileSubKeyList = HCELL_NIL,
        .ValueList = HCELL_NIL,
        .Security = Security,
        .Class = Class,
        .NameLength = CmpStoredLength(&Key->Name),
        .ClassLength = Key->Class.Length,
        .UserFlags = Key->UserFlags,
    };
    CmpStoreName(Node->Name, &Key->Name);
    return Cell;
}

/* The parent of the key that begins learns of it. */
static BOOLEAN CmpAddSubKey(PCM_HIVE_BUILDER Builder, const CM_HIVE_KEY *Key, ULONG Cell)
{
    PCMP_OPEN_KEY Parent = &Builder->Open[Builder->Depth - 1];
    PCM_KEY_NODE Node = CmpAt(Builder, Parent->Cell);

    Node->MaxNameLen = max(Node->MaxNameLen, Key->Name.Length);
    Node->MaxClassLen = max(Node->MaxClassLen, Key->Class.Length);
    return CmpAddWord(Builder->Memory, &Parent->SubKeys, Cell) &&
           CmpAddWord(Builder->Memory, &Parent->SubKeys,
                      CmpIsOldFormat(Builder) ? CmpNameHint(&Key->Name) : CmpHashName(&Key->Name));
}

static NTSTATUS CmpBuildEnterKey(PVOID Context, const CM_HIVE_KEY *Key)
{
    PCM_HIVE_BUILDER Builder = Context;
    ULONG Cell;

    if (Builder->Depth == CM_HIVE_MAXIMUM_DEPTH || Key->Name.Length == 0 ||
        (Builder->Depth == 0 && Builder->RootCell != HCELL_NIL))
        return STATUS_INVALID_PARAMETER;
    Cell = CmpMakeNode(Builder, Key);
    if (Cell == HCELL_NIL || (Builder->Depth != 0 && !CmpAddSubKey(Builder, Key, Cell)))
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Builder->Depth == 0)
        Builder->RootCell = Cell;
    Builder->Open[Builder->Depth++].Cell = Cell;
    return STATUS_SUCCESS;
}

/* --- values --------------------------------------------------------------------------------------------------- */

static ULONG CmpMakeBigData(PCM_HIVE_BUILDER Builder, const UCHAR *Data, ULONG Length)
{
    ULONG Count = (Length + HBIG_SEGMENT - 1) / HBIG_SEGMENT;
    ULONG List = CmpMakeCell(Builder, Count * sizeof(ULONG));
    ULONG Cell = CmpMakeCell(Builder, sizeof(CM_BIG_DATA));

    if (List == HCELL_NIL || Cell == HCELL_NIL)
        return HCELL_NIL;
    for (ULONG i = 0; i < Count; i++) {
        ULONG Bytes = min(Length - i * HBIG_SEGMENT, HBIG_SEGMENT);
        ULONG Segment = CmpMakeCell(Builder, HBIG_SEGMENT);

        if (Segment == HCELL_NIL)
            return HCELL_NIL;
        memcpy(CmpAt(Builder, Segment), Data + i * HBIG_SEGMENT, Bytes);
        ((ULONG *)CmpAt(Builder, List))[i] = Segment;
    }
    *(PCM_BIG_DATA)CmpAt(Builder, Cell) = (CM_BIG_DATA){ CM_BIG_DATA_SIGNATURE, (USHORT)Count, List };
    return Cell;
}

/* The Data field of a value; HCELL_NIL: no memory (data is never at that offset). */
static ULONG CmpMakeValueData(PCM_HIVE_BUILDER Builder, const void *Data, ULONG Length)
{
    ULONG Word = 0;

    if (Length > HBIG_SEGMENT && !CmpIsOldFormat(Builder))
        return CmpMakeBigData(Builder, Data, Length);
    if (Length > sizeof(ULONG))
        return CmpMakeDataCell(Builder, Data, Length);
    if (Length != 0)
        memcpy(&Word, Data, Length);
    return Word;
}

static NTSTATUS CmpBuildValue(PVOID Context, PCUNICODE_STRING Name, ULONG Type, const void *Data, ULONG DataLength)
{
    PCM_HIVE_BUILDER Builder = Context;
    BOOLEAN InCell = DataLength <= sizeof(ULONG);
    PCMP_OPEN_KEY Open;
    PCM_KEY_VALUE Value;
    PCM_KEY_NODE Node;
    ULONG DataCell;
    ULONG Cell;

    if (Builder->Depth == 0 || DataLength > CM_HIVE_MAXIMUM_LENGTH)
        return STATUS_INVALID_PARAMETER;
    Open = &Builder->Open[Builder->Depth - 1];
    DataCell = CmpMakeValueData(Builder, Data, DataLength);
    Cell = CmpMakeCell(Builder, sizeof(*Value) + CmpStoredLength(Name));
    if ((!InCell && DataCell == HCELL_NIL) || Cell == HCELL_NIL ||
        !CmpAddWord(Builder->Memory, &Open->Values, Cell))
        return STATUS_INSUFFICIENT_RESOURCES;
    Value = CmpAt(Builder, Cell);
    *Value = (CM_KEY_VALUE){
        .Signature = CM_KEY_VALUE_SIGNATURE,
        .NameLength = CmpStoredLength(Name),
        .DataLength = InCell ? DataLength | HVALUE_IN_CELL : DataLength,
        .Data = DataCell,
        .Type = Type,
        .Flags = CmpIsCompressible(Name) ? HVALUE_COMP_NAME : 0,
    };
    CmpStoreName(Value->Name, Name);
    Node = CmpAt(Builder, Open->Cell);
    Node->MaxValueNameLen = max(Node->MaxValueNameLen, Name->Length);
    Node->MaxValueDataLen = max(Node->MaxValueDataLen, DataLength);
    return STATUS_SUCCESS;
}

/* --- lists ---------------------------------------------------------------------------------------------------- */

/* A leaf of Count entries (offset and hash or hint), or an ri of Count offsets. */
static ULONG CmpMakeIndex(PCM_HIVE_BUILDER Builder, USHORT Signature, const ULONG *Words, ULONG Count, ULONG Stride)
{
    ULONG Cell = CmpMakeCell(Builder, sizeof(CM_KEY_INDEX) + Count * Stride * sizeof(ULONG));
    PCM_KEY_INDEX Index;

    if (Cell == HCELL_NIL)
        return HCELL_NIL;
    Index = CmpAt(Builder, Cell);
    Index->Signature = Signature;
    Index->Count = (USHORT)Count;
    memcpy(Index->List, Words, Count * Stride * sizeof(ULONG));
    return Cell;
}

static ULONG CmpMakeSubKeyList(PCM_HIVE_BUILDER Builder, PCMP_WORDS SubKeys)
{
    ULONG Count = SubKeys->Count / 2;
    ULONG Leaves = (Count + CMP_LEAF_ENTRIES - 1) / CMP_LEAF_ENTRIES;
    USHORT Signature = CmpIsOldFormat(Builder) ? CM_INDEX_FAST_LEAF : CM_INDEX_HASH_LEAF;
    CMP_WORDS Roots = { 0 };
    ULONG Cell = HCELL_NIL;

    if (Leaves == 1)
        return CmpMakeIndex(Builder, Signature, SubKeys->Words, Count, 2);
    if (Leaves > 0xffff)
        return HCELL_NIL;
    for (ULONG i = 0; i < Leaves; i++) {
        ULONG Entries = min(Count - i * CMP_LEAF_ENTRIES, CMP_LEAF_ENTRIES);
        ULONG Leaf = CmpMakeIndex(Builder, Signature, SubKeys->Words + 2 * i * CMP_LEAF_ENTRIES, Entries, 2);

        if (Leaf == HCELL_NIL || !CmpAddWord(Builder->Memory, &Roots, Leaf))
            goto out;
    }
    Cell = CmpMakeIndex(Builder, CM_INDEX_ROOT, Roots.Words, Leaves, 1);
out:
    CmpFreeWords(Builder->Memory, &Roots);
    return Cell;
}

static NTSTATUS CmpBuildLeaveKey(PVOID Context)
{
    PCM_HIVE_BUILDER Builder = Context;
    ULONG SubKeyList = HCELL_NIL;
    ULONG ValueList = HCELL_NIL;
    PCMP_OPEN_KEY Open;
    PCM_KEY_NODE Node;

    if (Builder->Depth == 0)
        return STATUS_INVALID_PARAMETER;
    Open = &Builder->Open[Builder->Depth - 1];
    if (Open->Values.Count != 0)
        ValueList = CmpMakeDataCell(Builder, Open->Values.Words, Open->Values.Count * sizeof(ULONG));
    if (Open->SubKeys.Count != 0)
        SubKeyList = CmpMakeSubKeyList(Builder, &Open->SubKeys);
    if ((Open->Values.Count != 0 && ValueList == HCELL_NIL) || (Open->SubKeys.Count != 0 && SubKeyList == HCELL_NIL))
        return STATUS_INSUFFICIENT_RESOURCES;
    Node = CmpAt(Builder, Open->Cell);
    Node->ValueCount = Open->Values.Count;
    Node->ValueList = ValueList;
    Node->SubKeyCount = Open->SubKeys.Count / 2;
    Node->SubKeyList = SubKeyList;
    CmpFreeWords(Builder->Memory, &Open->Values);
    CmpFreeWords(Builder->Memory, &Open->SubKeys);
    Builder->Depth--;
    return STATUS_SUCCESS;
}

const CM_HIVE_SINK CmpHiveBuilderSink = {
    .EnterKey = CmpBuildEnterKey,
    .Value = CmpBuildValue,
    .LeaveKey = CmpBuildLeaveKey,
};

/* --- begin and end -------------------------------------------------------------------------------------------- */

PCM_HIVE_BUILDER CmpCreateHiveBuilder(const CM_HIVE_MEMORY *Memory)
{
    PCM_HIVE_BUILDER Builder = Memory->Allocate(sizeof(*Builder));

    if (Builder == NULL)
        return NULL;
    memset(Builder, 0, sizeof(*Builder));
    Builder->Memory = Memory;
    Builder->RootCell = HCELL_NIL;
    Builder->Minor = HBASE_MINOR;
    if (!CmpGrowBuffer(Memory, (PVOID *)&Builder->Image, 0, &Builder->Capacity, HBASE_SIZE, CMP_FIRST_IMAGE)) {
        Memory->Free(Builder);
        return NULL;
    }
    memset(Builder->Image, 0, HBASE_SIZE);
    Builder->Length = HBASE_SIZE;
    return Builder;
}

VOID CmpSetHiveFormat(PCM_HIVE_BUILDER Builder, ULONG Minor)
{
    Builder->Minor = Minor;
}

VOID CmpDeleteHiveBuilder(PCM_HIVE_BUILDER Builder)
{
    const CM_HIVE_MEMORY *Memory = Builder->Memory;

    for (ULONG i = 0; i < Builder->Depth; i++) {
        CmpFreeWords(Memory, &Builder->Open[i].Values);
        CmpFreeWords(Memory, &Builder->Open[i].SubKeys);
    }
    CmpFreeWords(Memory, &Builder->Securities);
    if (Builder->Image != NULL)
        Memory->Free(Builder->Image);
    Memory->Free(Builder);
}

VOID CmpSealBaseBlock(PHBASE_BLOCK Base, ULONG Sequence1, ULONG Sequence2, LONGLONG Time)
{
    Base->Sequence1 = Sequence1;
    Base->Sequence2 = Sequence2;
    Base->TimeStamp = Time;
    Base->CheckSum = CmpBaseCheckSum(Base);
}

NTSTATUS CmpFinishHiveBuilder(PCM_HIVE_BUILDER Builder, PVOID *Image, PULONG ImageLength)
{
    NTSTATUS Status = STATUS_INVALID_PARAMETER;
    HBASE_BLOCK Base = {
        .Signature = HBASE_SIGNATURE,
        .Major = 1,
        .Minor = Builder->Minor,
        .Type = HBASE_TYPE_PRIMARY,
        .Format = 1,
        .RootCell = Builder->RootCell,
        .Length = Builder->Length - HBASE_SIZE,
        .Cluster = 1,
    };

    *Image = NULL;
    *ImageLength = 0;
    if (Builder->Depth == 0 && Builder->RootCell != HCELL_NIL) {
        CmpCloseBin(Builder);
        CmpSealBaseBlock(&Base, 1, 1, 0);
        memcpy(Builder->Image, &Base, sizeof(Base));
        *Image = Builder->Image;
        *ImageLength = Builder->Length;
        Builder->Image = NULL;
        Status = STATUS_SUCCESS;
    }
    CmpDeleteHiveBuilder(Builder);
    return Status;
}
