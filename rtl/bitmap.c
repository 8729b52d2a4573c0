/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Bitmaps: runs of bits in an array of ULONGs; bit 0 is the lowest bit of the first one.  Ranges outside the bitmap
 * are never touched.
 */
#include "rtl.h"

#define NOT_FOUND 0xffffffffu

VOID NTAPI RtlInitializeBitMap(PRTL_BITMAP BitMapHeader, PULONG BitMapBuffer, ULONG SizeOfBitMap)
{
    BitMapHeader->SizeOfBitMap = SizeOfBitMap;
    BitMapHeader->Buffer = BitMapBuffer;
}

VOID NTAPI RtlClearAllBits(PRTL_BITMAP BitMapHeader)
{
    memset(BitMapHeader->Buffer, 0, (BitMapHeader->SizeOfBitMap + 31) / 32 * sizeof(ULONG));
}

VOID NTAPI RtlSetAllBits(PRTL_BITMAP BitMapHeader)
{
    memset(BitMapHeader->Buffer, 0xff, (BitMapHeader->SizeOfBitMap + 31) / 32 * sizeof(ULONG));
}

VOID NTAPI RtlSetBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    BitMapHeader->Buffer[BitNumber / 32] |= 1u << BitNumber % 32;
}

VOID NTAPI RtlClearBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    BitMapHeader->Buffer[BitNumber / 32] &= ~(1u << BitNumber % 32);
}

BOOLEAN NTAPI RtlTestBit(PRTL_BITMAP BitMapHeader, ULONG BitNumber)
{
    return BitMapHeader->Buffer[BitNumber / 32] >> BitNumber % 32 & 1;
}

static BOOLEAN RtlpIsRange(const RTL_BITMAP *Map, ULONG Start, ULONG Length)
{
    return Length != 0 && Start < Map->SizeOfBitMap && Length <= Map->SizeOfBitMap - Start;
}

/* Bits of the word that holds Start which belong to the range; how many they are is *Count. */
static ULONG RtlpMask(ULONG Start, ULONG Length, PULONG Count)
{
    ULONG First = Start % 32;

    *Count = min(32 - First, Length);
    return (*Count == 32 ? ~0u : (1u << *Count) - 1) << First;
}

static VOID RtlpChange(PRTL_BITMAP Map, ULONG Start, ULONG Length, BOOLEAN Set)
{
    ULONG Count;

    if (!RtlpIsRange(Map, Start, Length))
        return;
    for (; Length != 0; Start += Count, Length -= Count) {
        ULONG Mask = RtlpMask(Start, Length, &Count);

        if (Set)
            Map->Buffer[Start / 32] |= Mask;
        else
            Map->Buffer[Start / 32] &= ~Mask;
    }
}

VOID NTAPI RtlSetBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToSet)
{
    RtlpChange(BitMapHeader, StartingIndex, NumberToSet, TRUE);
}

VOID NTAPI RtlClearBits(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG NumberToClear)
{
    RtlpChange(BitMapHeader, StartingIndex, NumberToClear, FALSE);
}

static BOOLEAN RtlpAreAll(PRTL_BITMAP Map, ULONG Start, ULONG Length, BOOLEAN Set)
{
    ULONG Count;

    if (!RtlpIsRange(Map, Start, Length))
        return FALSE;
    for (; Length != 0; Start += Count, Length -= Count) {
        ULONG Mask = RtlpMask(Start, Length, &Count);

        if ((Map->Buffer[Start / 32] & Mask) != (Set ? Mask : 0))
            return FALSE;
    }
    return TRUE;
}

BOOLEAN NTAPI RtlAreBitsSet(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
    return RtlpAreAll(BitMapHeader, StartingIndex, Length, TRUE);
}

BOOLEAN NTAPI RtlAreBitsClear(PRTL_BITMAP BitMapHeader, ULONG StartingIndex, ULONG Length)
{
    return RtlpAreAll(BitMapHeader, StartingIndex, Length, FALSE);
}

/* First bit at or after From whose value is Set; End if there is none before it. */
static ULONG RtlpNextBit(const RTL_BITMAP *Map, ULONG From, ULONG End, BOOLEAN Set)
{
    while (From < End) {
        ULONG Word = (Set ? Map->Buffer[From / 32] : ~Map->Buffer[From / 32]) >> From % 32;

        if (Word != 0)
            return min(From + (ULONG)__builtin_ctz(Word), End);
        From = (From / 32 + 1) * 32;
    }
    return End;
}

/* First run of Wanted bits of value Set that lies in [From, End). */
static ULONG RtlpFindRun(const RTL_BITMAP *Map, ULONG Wanted, ULONG From, ULONG End, BOOLEAN Set)
{
    while (From < End && Wanted <= End - From) {
        ULONG Start = RtlpNextBit(Map, From, End, Set), Stop = RtlpNextBit(Map, Start, End, !Set);

        if (Start < End && Stop - Start >= Wanted)
            return Start;
        From = Stop;
    }
    return NOT_FOUND;
}

static ULONG RtlpFind(PRTL_BITMAP Map, ULONG Wanted, ULONG Hint, BOOLEAN Set)
{
    ULONG Size = Map->SizeOfBitMap, Found;

    if (Hint >= Size)
        Hint = 0;
    if (Wanted == 0)
        return Hint & ~7u;
    if (Wanted > Size)
        return NOT_FOUND;
    Found = RtlpFindRun(Map, Wanted, Hint, Size, Set);
    if (Found == NOT_FOUND && Hint != 0)
        Found = RtlpFindRun(Map, Wanted, 0, min(Hint + Wanted - 1, Size), Set);
    return Found;
}

ULONG NTAPI RtlFindClearBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    return RtlpFind(BitMapHeader, NumberToFind, HintIndex, FALSE);
}

ULONG NTAPI RtlFindSetBits(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    return RtlpFind(BitMapHeader, NumberToFind, HintIndex, TRUE);
}

ULONG NTAPI RtlFindClearBitsAndSet(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    ULONG Found = RtlFindClearBits(BitMapHeader, NumberToFind, HintIndex);

    if (Found != NOT_FOUND)
        RtlSetBits(BitMapHeader, Found, NumberToFind);
    return Found;
}

ULONG NTAPI RtlFindSetBitsAndClear(PRTL_BITMAP BitMapHeader, ULONG NumberToFind, ULONG HintIndex)
{
    ULONG Found = RtlFindSetBits(BitMapHeader, NumberToFind, HintIndex);

    if (Found != NOT_FOUND)
        RtlClearBits(BitMapHeader, Found, NumberToFind);
    return Found;
}

/* Length of the first run of clear bits at or after FromIndex; 0: none. */
ULONG NTAPI RtlFindNextForwardRunClear(PRTL_BITMAP BitMapHeader, ULONG FromIndex, PULONG StartingRunIndex)
{
    ULONG Size = BitMapHeader->SizeOfBitMap, Start = RtlpNextBit(BitMapHeader, FromIndex, Size, FALSE);

    *StartingRunIndex = Start < Size ? Start : FromIndex;
    return Start < Size ? RtlpNextBit(BitMapHeader, Start, Size, TRUE) - Start : 0;
}

ULONG NTAPI RtlNumberOfSetBits(PRTL_BITMAP BitMapHeader)
{
    ULONG Total = 0, Count;

    for (ULONG Start = 0; Start < BitMapHeader->SizeOfBitMap; Start += Count) {
        ULONG Mask = RtlpMask(Start, BitMapHeader->SizeOfBitMap - Start, &Count);

        Total += (ULONG)__builtin_popcount(BitMapHeader->Buffer[Start / 32] & Mask);
    }
    return Total;
}

ULONG NTAPI RtlNumberOfClearBits(PRTL_BITMAP BitMapHeader)
{
    return BitMapHeader->SizeOfBitMap - RtlNumberOfSetBits(BitMapHeader);
}
