/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rtlfuzz: numbers and their texts, GUIDs, bitmaps, calendar, access masks, version conditions, check sums and digests.
 */
#include "rtlfuzz.h"

/* --- numbers ---------------------------------------------------------------------------------------------------------- */

static const PCWSTR NumberPieces[] = { L"0", L"1", L"7", L"9", L"a", L"F", L"g", L"0x", L"0X", L"0b", L"0o", L"-", L"+", L" ", L"\t", L"4294967295", L"4294967296",
    L"2147483648", L"9223372036854775807", L"18446744073709551615", L"zz", L".", L"12", L"00", L"77777777777" };
static const ULONG Bases[] = { 0, 2, 8, 10, 16, 10, 16, 0, 0, 1, 3, 36, 37, 64 };

CASE(RtlIntegerToChar)
{
    ULONG Value = SomeUlong(), Base = ONE_OF(Bases), Room = Below(40);
    PCHAR Target = Output(Room);

    Tell("in", Value);
    Tell("base", Base);
    Tell("room", Room);
    TellStatus(RtlIntegerToChar(Value, Base, Room, Target));
    TellBytes("out", Target, Room);
}

static UNICODE_STRING SomeTarget(VOID)
{
    UNICODE_STRING Target = OutputUnicode(Below(40) * sizeof(WCHAR));

    Tell("maximum", Target.MaximumLength);
    return Target;
}

CASE(RtlIntegerToUnicodeString)
{
    ULONG Value = SomeUlong(), Base = ONE_OF(Bases);
    UNICODE_STRING Target = SomeTarget();

    Tell("in", Value);
    Tell("base", Base);
    TellStatus(RtlIntegerToUnicodeString(Value, Base, &Target));
    Tell("length", Target.Length);
    TellBytes("out", Target.Buffer, Target.MaximumLength);
}

CASE(RtlInt64ToUnicodeString)
{
    ULONG64 Value = SomeUlong64();
    ULONG Base = ONE_OF(Bases);
    UNICODE_STRING Target = SomeTarget();

    Tell("in", Value);
    Tell("base", Base);
    TellStatus(RtlInt64ToUnicodeString(Value, Base, &Target));
    Tell("length", Target.Length);
    TellBytes("out", Target.Buffer, Target.MaximumLength);
}

CASE(RtlUnicodeStringToInteger)
{
    WCHAR Text[40];
    ULONG Length = SOME_PIECES(Text, NumberPieces, 4), Base = ONE_OF(Bases), Value = 0x77777777;
    UNICODE_STRING String = InputUnicode(Text, Length);

    TellUnicode("in", &String);
    Tell("base", Base);
    TellStatus(RtlUnicodeStringToInteger(&String, Base, &Value));
    Tell("out", Value);
}

/* ASCII: Wine takes other bytes for blanks. */
CASE(RtlCharToInteger)
{
    WCHAR Text[40];
    CHAR Bytes[40];
    ULONG Length = SOME_PIECES(Text, NumberPieces, 4), Base = ONE_OF(Bases), Value = 0x77777777;

    for (ULONG i = 0; i < Length; i++)
        Text[i] = Text[i] < 0x7f ? Text[i] : L'7';
    ToBytes(Bytes, Text, Length);
    TellText("in", Text, Length);
    Tell("base", Base);
    TellStatus(RtlCharToInteger(Input(Bytes, Length + 1), Base, &Value));
    Tell("out", Value);
}

/* --- GUIDs ------------------------------------------------------------------------------------------------------------- */

/* Texts that are long enough: Wine reads on behind others. */
CASE(RtlGUIDFromString)
{
    static const PCWSTR Pieces[] = { L"{00112233-4455-6677-8899-aAbBcCdDeEfF}", L"{FFFFFFFF-ffff-0000-0000-000000000001}", L"{01234567-89ab-cdef-0000-00000000000a}" };
    WCHAR Text[80];
    ULONG Length = SOME_PIECES(Text, Pieces, 1);
    UNICODE_STRING String = InputUnicode(Text, Length);
    GUID Guid;
    NTSTATUS Status;

    if (Length < 38)
        return;
    TellUnicode("in", &String);
    Status = RtlGUIDFromString(&String, &Guid);
    TellStatus(Status);
    if (NT_SUCCESS(Status))
        TellBytes("guid", &Guid, sizeof(Guid));
}

CASE(RtlStringFromGUID)
{
    UNICODE_STRING String;
    GUID Guid;

    SomeBytes(&Guid, sizeof(Guid));
    TellStatus(RtlStringFromGUID(&Guid, &String));
    TellUnicode("out", &String);
    Tell("maximum", String.MaximumLength);
    RtlFreeUnicodeString(&String);
}

/* --- bitmaps ------------------------------------------------------------------------------------------------------------ */

#define BITMAP_WORDS 4

/* Runs of bits; the words' ends and the bitmap's matter most. */
static RTL_BITMAP SomeBitmap(VOID)
{
    ULONG Words[BITMAP_WORDS] = { 0 }, Bits = Once(4) ? Below(BITMAP_WORDS * 32) + 1 : 32 * (1 + Below(BITMAP_WORDS)), Bit = 0;
    RTL_BITMAP Bitmap;
    BOOLEAN Set = Once(2);

    while (Bit < BITMAP_WORDS * 32) {
        ULONG Run = Once(4) ? 1 + Below(70) : 1 + Below(5);

        for (; Run != 0 && Bit < BITMAP_WORDS * 32; Run--, Bit++)
            Words[Bit / 32] |= (ULONG)Set << Bit % 32;
        Set = !Set;
    }
    RtlInitializeBitMap(&Bitmap, Input(Words, (Bits + 31) / 32 * 4), Bits);
    Tell("bits", Bits);
    TellBytes("map", Bitmap.Buffer, (Bits + 31) / 32 * 4);
    return Bitmap;
}

static VOID TellBitmap(const RTL_BITMAP *Bitmap)
{
    TellBytes("map", Bitmap->Buffer, (Bitmap->SizeOfBitMap + 31) / 32 * 4);
}

/* At least one: of none Microsoft says that a byte's first bit is found, Wine finds nothing. */
typedef ULONG NTAPI FIND_BITS(PRTL_BITMAP, ULONG, ULONG);

static VOID FindBits(FIND_BITS *Routine)
{
    RTL_BITMAP Bitmap = SomeBitmap();
    ULONG Count = 1 + (Once(3) ? Below(140) : Below(6)), Hint = Once(2) ? Below(140) : 0;

    Tell("count", Count);
    Tell("hint", Hint);
    Tell("found", Routine(&Bitmap, Count, Hint));
    TellBitmap(&Bitmap);
}

CASE(RtlFindClearBits)
{
    FindBits(RtlFindClearBits);
}

CASE(RtlFindSetBits)
{
    FindBits(RtlFindSetBits);
}

CASE(RtlFindClearBitsAndSet)
{
    FindBits(RtlFindClearBitsAndSet);
}

CASE(RtlFindSetBitsAndClear)
{
    FindBits(RtlFindSetBitsAndClear);
}

CASE(RtlNumberOfSetBits)
{
    RTL_BITMAP Bitmap = SomeBitmap();

    Tell("set", RtlNumberOfSetBits(&Bitmap));
    Tell("clear", RtlNumberOfClearBits(&Bitmap));
}

/* Within the bitmap: what is asked of bits behind it is not documented. */
static ULONG SomeRange(const RTL_BITMAP *Bitmap, PULONG Count)
{
    ULONG Start = Below(Bitmap->SizeOfBitMap);

    *Count = Below(Bitmap->SizeOfBitMap - Start) + Once(2);
    Tell("start", Start);
    Tell("count", *Count);
    return Start;
}

CASE(RtlSetBits)
{
    RTL_BITMAP Bitmap = SomeBitmap();
    ULONG Count, Start = SomeRange(&Bitmap, &Count);

    RtlSetBits(&Bitmap, Start, Count);
    TellBitmap(&Bitmap);
}

CASE(RtlClearBits)
{
    RTL_BITMAP Bitmap = SomeBitmap();
    ULONG Count, Start = SomeRange(&Bitmap, &Count);

    RtlClearBits(&Bitmap, Start, Count);
    TellBitmap(&Bitmap);
}

CASE(RtlAreBitsSet)
{
    RTL_BITMAP Bitmap = SomeBitmap();
    ULONG Count, Start = SomeRange(&Bitmap, &Count);

    if (Once(4))
        RtlSetBits(&Bitmap, Start, Count);
    else if (Once(4))
        RtlClearBits(&Bitmap, Start, Count);
    Tell("set", RtlAreBitsSet(&Bitmap, Start, Count));
    Tell("clear", RtlAreBitsClear(&Bitmap, Start, Count));
}

CASE(RtlSetAllBits)
{
    RTL_BITMAP Bitmap = SomeBitmap();

    if (Once(2))
        RtlSetAllBits(&Bitmap);
    else
        RtlClearAllBits(&Bitmap);
    TellBitmap(&Bitmap);
}

/* --- calendar --------------------------------------------------------------------------------------------------------------- */

CASE(RtlTimeToTimeFields)
{
    LARGE_INTEGER Time = { .QuadPart = (LONGLONG)(SomeUlong64() >> 1) };
    TIME_FIELDS Fields;

    Tell("time", (ULONG64)Time.QuadPart);
    RtlTimeToTimeFields(&Time, &Fields);
    TellBytes("fields", &Fields, sizeof(Fields));
}

/* Years up to 30827, the last one, and no 29th of February but in leap years: Wine takes others. */
CASE(RtlTimeFieldsToTime)
{
    LARGE_INTEGER Time = { .QuadPart = 0x7777 };
    TIME_FIELDS Fields = { (SHORT)(1601 + Below(Once(3) ? 29227 : 500)), (SHORT)(1 + Below(12)), (SHORT)(1 + Below(31)), (SHORT)Below(24), (SHORT)Below(60),
        (SHORT)Below(60), (SHORT)Below(1000), (SHORT)Below(7) };

    if (Once(3))
        ((SHORT *)&Fields)[Below(7)] = Once(2) ? (SHORT)SomeUlong() : (SHORT)Below(64);
    if (Fields.Year > 30827 || (Fields.Month == 2 && Fields.Day == 29 && (Fields.Year % 4 != 0 || (Fields.Year % 100 == 0 && Fields.Year % 400 != 0))))
        return;
    TellBytes("fields", &Fields, sizeof(Fields));
    Tell("result", RtlTimeFieldsToTime(&Fields, &Time));
    Tell("time", (ULONG64)Time.QuadPart);
}

CASE(RtlTimeToSecondsSince1970)
{
    LARGE_INTEGER Time = { .QuadPart = (LONGLONG)(Once(3) ? SomeUlong64() : (Once(2) ? 116444736000000000 : 119600064000000000) + SomeUlong64() % 43000000000000000) };
    ULONG Seconds = 0x7777;

    Tell("time", (ULONG64)Time.QuadPart);
    Tell("result", RtlTimeToSecondsSince1970(&Time, &Seconds));
    Tell("seconds", Seconds);
    Tell("result", RtlTimeToSecondsSince1980(&Time, &Seconds));
    Tell("seconds", Seconds);
    RtlSecondsSince1970ToTime(SomeUlong(), &Time);
    Tell("time", (ULONG64)Time.QuadPart);
    RtlSecondsSince1980ToTime(SomeUlong(), &Time);
    Tell("time", (ULONG64)Time.QuadPart);
}

/* --- masks and conditions ------------------------------------------------------------------------------------------------------ */

CASE(RtlMapGenericMask)
{
    GENERIC_MAPPING Mapping;
    ACCESS_MASK Mask = SomeUlong() | (Below(16) << 28);

    SomeBytes(&Mapping, sizeof(Mapping));
    Tell("in", Mask);
    RtlMapGenericMask(&Mask, &Mapping);
    Tell("out", Mask);
    Tell("all", RtlAreAllAccessesGranted(SomeUlong(), SomeUlong()));
    Tell("any", RtlAreAnyAccessesGranted(SomeUlong(), SomeUlong()));
}

/* A condition once for each kind: setting one again is not documented. */
CASE(VerSetConditionMask)
{
    ULONGLONG Mask = 0;

    for (ULONG Kind = 0; Kind < 8; Kind++)
        if (Once(2))
            Mask = VerSetConditionMask(Mask, 1u << Kind, (BYTE)(1 + Below(7)));
    Tell("mask", Mask);
}

CASE(RtlNtStatusToDosError)
{
    static const ULONG Kinds[] = { 0xc0000000, 0x80000000, 0x40000000, 0, 0xc0010000, 0xc0020000, 0xc0070000, 0x80070000, 0xc0140000, 0xc0190000, 0xc0980000, 0xd0000000, 0xe0000000 };
    NTSTATUS Status = (NTSTATUS)(ONE_OF(Kinds) | (Once(4) ? Below(0x1000) : Below(0x400)));

    Tell("in", (ULONG)Status);
    Tell("error", RtlNtStatusToDosErrorNoTeb(Status));
}

/* --- digests -------------------------------------------------------------------------------------------------------------------- */

#define MOST_BYTES 300

/* A message in up to three parts. */
typedef struct _MESSAGE {
    UCHAR Bytes[MOST_BYTES];
    ULONG Ends[4];
} MESSAGE;

static VOID MakeMessage(MESSAGE *Message)
{
    SomeBytes(Message->Bytes, MOST_BYTES);
    Message->Ends[0] = 0;
    for (ULONG i = 1; i < 4; i++)
        Message->Ends[i] = Message->Ends[i - 1] + (Once(2) ? Below(100) : 64 * Below(2));
}

CASE(MD4Update)
{
    MESSAGE Message;
    MD4_CTX Context;

    MakeMessage(&Message);
    MD4Init(&Context);
    for (ULONG i = 0; i < 3; i++)
        MD4Update(&Context, Message.Bytes + Message.Ends[i], Message.Ends[i + 1] - Message.Ends[i]);
    MD4Final(&Context);
    TellBytes("digest", Context.digest, sizeof(Context.digest));
}

CASE(MD5Update)
{
    MESSAGE Message;
    MD5_CTX Context;

    MakeMessage(&Message);
    MD5Init(&Context);
    for (ULONG i = 0; i < 3; i++)
        MD5Update(&Context, Message.Bytes + Message.Ends[i], Message.Ends[i + 1] - Message.Ends[i]);
    MD5Final(&Context);
    TellBytes("digest", Context.digest, sizeof(Context.digest));
}

CASE(A_SHAUpdate)
{
    MESSAGE Message;
    SHA_CTX Context;
    ULONG Result[5];

    MakeMessage(&Message);
    A_SHAInit(&Context);
    for (ULONG i = 0; i < 3; i++)
        A_SHAUpdate(&Context, Message.Bytes + Message.Ends[i], Message.Ends[i + 1] - Message.Ends[i]);
    A_SHAFinal(&Context, Result);
    TellBytes("digest", Result, sizeof(Result));
}

CASE(RtlComputeCrc32)
{
    MESSAGE Message;

    MakeMessage(&Message);
    Tell("crc", RtlComputeCrc32(SomeUlong(), Message.Bytes, (INT)Message.Ends[3]));
}

/* --- memory ---------------------------------------------------------------------------------------------------------------------- */

CASE(RtlCompareMemory)
{
    UCHAR First[40], Second[40];
    ULONG Length = Below(sizeof(First)), At = Below(sizeof(First));

    SomeBytes(First, sizeof(First));
    memcpy(Second, First, sizeof(First));
    Second[At] ^= (UCHAR)Below(2);
    Tell("length", Length);
    Tell("same", RtlCompareMemory(Input(First, Length), Input(Second, Length), Length));
}

CASE(RtlCompareMemoryUlong)
{
    ULONG Words[8], Length = Below(sizeof(Words) + 1) & ~3u;
    PULONG Memory;

    Memory = Output(Length);
    RtlFillMemoryUlong(Memory, Length, SomeUlong());
    TellBytes("filled", Memory, Length);
    if (Length != 0 && Once(2))
        ((PUCHAR)Memory)[Below(Length)] ^= (UCHAR)Below(2);
    Tell("same", RtlCompareMemoryUlong(Memory, Length, Length != 0 ? Memory[0] : 7));
    RtlFillMemory(Memory, Length, SomeUlong());
    TellBytes("filled", Memory, Length);
}

const FUZZ_ROUTINE NumberRoutines[] = {
    ROW(RtlIntegerToChar), ROW(RtlIntegerToUnicodeString), ROW(RtlInt64ToUnicodeString), ROW(RtlUnicodeStringToInteger),
    ROW(RtlCharToInteger), ROW(RtlGUIDFromString), ROW(RtlStringFromGUID), ROW(RtlFindClearBits), ROW(RtlFindSetBits),
    ROW(RtlFindClearBitsAndSet), ROW(RtlFindSetBitsAndClear), ROW(RtlNumberOfSetBits),
    ROW(RtlSetBits), ROW(RtlClearBits), ROW(RtlAreBitsSet), ROW(RtlSetAllBits), ROW(RtlTimeToTimeFields), ROW(RtlTimeFieldsToTime),
    ROW(RtlTimeToSecondsSince1970), ROW(RtlMapGenericMask), ROW(VerSetConditionMask), ROW(RtlNtStatusToDosError), ROW(MD4Update),
    ROW(MD5Update), ROW(A_SHAUpdate), ROW(RtlComputeCrc32), ROW(RtlCompareMemory), ROW(RtlCompareMemoryUlong),
    { NULL, NULL }
};
