/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory blocks: copy, move, fill, compare, search.
 *
 * Short blocks are moved with a few overlapping loads and stores, long ones with REP MOVSQ/STOSQ: each iteration
 * of a REP counts as one instruction under emulation, so the unit is eight bytes.  No vector registers: ntos runs
 * with its clients' vector state in the CPU.
 */
#include "rtl.h"

#undef RtlMoveMemory
#undef RtlCopyMemory
#undef RtlFillMemory
#undef RtlZeroMemory
VOID NTAPI RtlMoveMemory(PVOID Destination, const VOID *Source, SIZE_T Length);
VOID NTAPI RtlCopyMemory(PVOID Destination, const VOID *Source, SIZE_T Length);
VOID NTAPI RtlCopyMemoryNonTemporal(PVOID Destination, const VOID *Source, SIZE_T Length);
VOID NTAPI RtlFillMemory(PVOID Destination, SIZE_T Length, UCHAR Fill);
VOID NTAPI RtlZeroMemory(PVOID Destination, SIZE_T Length);

typedef ULONGLONG __attribute__((may_alias, aligned(1))) UNALIGNED_QUAD;
typedef ULONG __attribute__((may_alias, aligned(1))) UNALIGNED_LONG;
typedef USHORT __attribute__((may_alias, aligned(1))) UNALIGNED_SHORT;

/* Up to 16 bytes: all loads come before the first store, so overlap does not matter. */
static inline void RtlpMoveShort(char *To, const char *From, size_t Count)
{
    if (Count >= 8) {
        ULONGLONG First = *(const UNALIGNED_QUAD *)From;
        ULONGLONG Last = *(const UNALIGNED_QUAD *)(From + Count - 8);

        *(UNALIGNED_QUAD *)To = First;
        *(UNALIGNED_QUAD *)(To + Count - 8) = Last;
    } else if (Count >= 4) {
        ULONG First = *(const UNALIGNED_LONG *)From;
        ULONG Last = *(const UNALIGNED_LONG *)(From + Count - 4);

        *(UNALIGNED_LONG *)To = First;
        *(UNALIGNED_LONG *)(To + Count - 4) = Last;
    } else if (Count >= 2) {
        USHORT First = *(const UNALIGNED_SHORT *)From;
        USHORT Last = *(const UNALIGNED_SHORT *)(From + Count - 2);

        *(UNALIGNED_SHORT *)To = First;
        *(UNALIGNED_SHORT *)(To + Count - 2) = Last;
    } else if (Count != 0) {
        *To = *From;
    }
}

static inline void RtlpMoveForward(char *To, const char *From, size_t Count)
{
    const char *LastFrom = From + Count - 8;
    char *LastTo = To + Count - 8;
    ULONGLONG Last = *(const UNALIGNED_QUAD *)LastFrom;
    size_t Quads = (Count - 1) / 8;

    __asm__ volatile("rep movsq" : "+D"(To), "+S"(From), "+c"(Quads) : : "memory");
    *(UNALIGNED_QUAD *)LastTo = Last;
}

static inline void RtlpMoveBackward(char *To, const char *From, size_t Count)
{
    ULONGLONG First = *(const UNALIGNED_QUAD *)From;
    char *FirstTo = To;

    while (Count > 8) {
        Count -= 8;
        *(UNALIGNED_QUAD *)(To + Count) = *(const UNALIGNED_QUAD *)(From + Count);
    }
    *(UNALIGNED_QUAD *)FirstTo = First;
}

void *memcpy(void *restrict Destination, const void *restrict Source, size_t Count)
{
    if (Count <= 16)
        RtlpMoveShort(Destination, Source, Count);
    else
        RtlpMoveForward(Destination, Source, Count);
    return Destination;
}

void *memmove(void *Destination, const void *Source, size_t Count)
{
    if (Count <= 16)
        RtlpMoveShort(Destination, Source, Count);
    else if ((ULONG_PTR)Destination - (ULONG_PTR)Source >= Count)
        RtlpMoveForward(Destination, Source, Count);
    else
        RtlpMoveBackward(Destination, Source, Count);
    return Destination;
}

void *memset(void *Destination, int Fill, size_t Count)
{
    ULONGLONG Pattern = (UCHAR)Fill * 0x0101010101010101ull;
    char *To = Destination;
    size_t Quads;

    if (Count < 8) {
        while (Count != 0)
            To[--Count] = (char)Fill;
        return Destination;
    }
    *(UNALIGNED_QUAD *)(To + Count - 8) = Pattern;
    Quads = Count / 8;
    __asm__ volatile("rep stosq" : "+D"(To), "+c"(Quads) : "a"(Pattern) : "memory");
    return Destination;
}

int memcmp(const void *First, const void *Second, size_t Count)
{
    const UCHAR *Left = First, *Right = Second;

    while (Count >= 8 && *(const UNALIGNED_QUAD *)Left == *(const UNALIGNED_QUAD *)Right) {
        Left += 8;
        Right += 8;
        Count -= 8;
    }
    for (; Count != 0; Left++, Right++, Count--)
        if (*Left != *Right)
            return *Left < *Right ? -1 : 1;
    return 0;
}

void *memchr(const void *Memory, int Value, size_t Count)
{
    const UCHAR *At = Memory;

    for (; Count != 0; At++, Count--)
        if (*At == (UCHAR)Value)
            return (void *)At;
    return NULL;
}

SIZE_T NTAPI RtlCompareMemory(const VOID *Source1, const VOID *Source2, SIZE_T Length)
{
    const UCHAR *Left = Source1, *Right = Source2;
    SIZE_T Equal = 0;

    while (Equal + 8 <= Length && *(const UNALIGNED_QUAD *)(Left + Equal) == *(const UNALIGNED_QUAD *)(Right + Equal))
        Equal += 8;
    while (Equal < Length && Left[Equal] == Right[Equal])
        Equal++;
    return Equal;
}

SIZE_T NTAPI RtlCompareMemoryUlong(PVOID Source, SIZE_T Length, ULONG Pattern)
{
    const ULONG *Values = Source;
    SIZE_T Equal = 0;

    while (Equal < Length / sizeof(ULONG) && Values[Equal] == Pattern)
        Equal++;
    return Equal * sizeof(ULONG);
}

VOID NTAPI RtlFillMemoryUlong(PVOID Destination, SIZE_T Length, ULONG Pattern)
{
    ULONG *Values = Destination;

    for (SIZE_T Index = 0; Index < Length / sizeof(ULONG); Index++)
        Values[Index] = Pattern;
}

/* The names that Windows exports beside the macros of the headers. */
VOID NTAPI RtlMoveMemory(PVOID Destination, const VOID *Source, SIZE_T Length)
{
    memmove(Destination, Source, Length);
}

VOID NTAPI RtlCopyMemory(PVOID Destination, const VOID *Source, SIZE_T Length)
{
    memmove(Destination, Source, Length);
}

VOID NTAPI RtlCopyMemoryNonTemporal(PVOID Destination, const VOID *Source, SIZE_T Length)
{
    memmove(Destination, Source, Length);
}

VOID NTAPI RtlFillMemory(PVOID Destination, SIZE_T Length, UCHAR Fill)
{
    memset(Destination, Fill, Length);
}

VOID NTAPI RtlZeroMemory(PVOID Destination, SIZE_T Length)
{
    memset(Destination, 0, Length);
}
