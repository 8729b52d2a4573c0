/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Interlocked singly linked lists: a header of 16 bytes, changed as a whole by CMPXCHG16B.
 *
 *   low half:   | sequence (48 bits) | depth (16) |      high half:   | next entry (60 bits) | 0 (4) |
 *
 * The sequence changes with every operation, so that a pop cannot mistake an entry that went and came back.  Memory of
 * entries must stay readable, as Windows demands.
 */
#include "rtl.h"

PSLIST_ENTRY NTAPI RtlInterlockedPushListSList(PSLIST_HEADER ListHead, PSLIST_ENTRY List, PSLIST_ENTRY ListEnd,
        ULONG Count);

typedef struct _SLIST_STATE {
    ULONGLONG Low;
    ULONGLONG High;
} SLIST_STATE;

static SLIST_STATE RtlpReadHead(PSLIST_HEADER Head)
{
    volatile ULONGLONG *Words = (volatile ULONGLONG *)Head;

    return (SLIST_STATE){ Words[0], Words[1] };
}

/* TRUE if the header was *Old and is New now; else *Old is what it is. */
static BOOLEAN RtlpExchange(PSLIST_HEADER Head, SLIST_STATE *Old, SLIST_STATE New)
{
    BOOLEAN Done;

    __asm__ volatile("lock cmpxchg16b %1\n\tsete %0"
                     : "=q"(Done), "+m"(*(SLIST_STATE *)Head), "+a"(Old->Low), "+d"(Old->High)
                     : "b"(New.Low), "c"(New.High)
                     : "memory", "cc");
    return Done;
}

static PSLIST_ENTRY RtlpTop(SLIST_STATE State)
{
    return (PSLIST_ENTRY)(State.High & ~15ull);
}

/* The next state: another top, the depth changed by Change, the sequence one higher. */
static SLIST_STATE RtlpNextState(SLIST_STATE Old, PSLIST_ENTRY Top, LONG Change)
{
    USHORT Depth = (USHORT)(Old.Low + (ULONGLONG)(LONGLONG)Change);

    return (SLIST_STATE){ ((Old.Low >> 16) + 1) << 16 | Depth, (ULONGLONG)Top };
}

VOID NTAPI RtlInitializeSListHead(PSLIST_HEADER ListHead)
{
    memset(ListHead, 0, sizeof(*ListHead));
}

PSLIST_ENTRY NTAPI RtlFirstEntrySList(const SLIST_HEADER *ListHead)
{
    return RtlpTop(RtlpReadHead((PSLIST_HEADER)ListHead));
}

WORD NTAPI RtlQueryDepthSList(PSLIST_HEADER ListHead)
{
    return (WORD)RtlpReadHead(ListHead).Low;
}

/* Pushes a chain List..ListEnd of Count entries; the entry that was first. */
PSLIST_ENTRY NTAPI RtlInterlockedPushListSListEx(PSLIST_HEADER ListHead, PSLIST_ENTRY List, PSLIST_ENTRY ListEnd,
        DWORD Count)
{
    SLIST_STATE Old = RtlpReadHead(ListHead);

    do {
        ListEnd->Next = RtlpTop(Old);
    } while (!RtlpExchange(ListHead, &Old, RtlpNextState(Old, List, (LONG)Count)));
    return RtlpTop(Old);
}

PSLIST_ENTRY NTAPI RtlInterlockedPushListSList(PSLIST_HEADER ListHead, PSLIST_ENTRY List, PSLIST_ENTRY ListEnd,
        ULONG Count)
{
    return RtlInterlockedPushListSListEx(ListHead, List, ListEnd, Count);
}

PSLIST_ENTRY NTAPI RtlInterlockedPushEntrySList(PSLIST_HEADER ListHead, PSLIST_ENTRY ListEntry)
{
    return RtlInterlockedPushListSListEx(ListHead, ListEntry, ListEntry, 1);
}

PSLIST_ENTRY NTAPI RtlInterlockedPopEntrySList(PSLIST_HEADER ListHead)
{
    SLIST_STATE Old = RtlpReadHead(ListHead);

    while (RtlpTop(Old) != NULL && !RtlpExchange(ListHead, &Old, RtlpNextState(Old, RtlpTop(Old)->Next, -1)))
        ;
    return RtlpTop(Old);
}

/* Takes all entries; the chain that they make. */
PSLIST_ENTRY NTAPI RtlInterlockedFlushSList(PSLIST_HEADER ListHead)
{
    SLIST_STATE Old = RtlpReadHead(ListHead);

    while (RtlpTop(Old) != NULL && !RtlpExchange(ListHead, &Old, RtlpNextState(Old, NULL, -(LONG)(USHORT)Old.Low)))
        ;
    return RtlpTop(Old);
}
