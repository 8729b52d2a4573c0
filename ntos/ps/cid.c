/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Client ids: one table of processes and threads; id = index * 4, never 0.  The table holds no references: an object
 * leaves it when it is deleted.  Free entries are used in the order in which they became free, so that an id comes
 * back late.
 */
#include "psp.h"

#define PSP_CHUNK 256u
#define PSP_CHUNKS 4096u                /* most of them */
#define PSP_REUSE 64u                   /* free entries kept back before one is used again */

typedef struct _PSP_CID {
    PVOID Object;                       /* NULL: free */
    ULONG NextFree;
} PSP_CID;

static PSP_CID **PspChunks;
static ULONG PspChunkCount, PspChunkRoom;
static ULONG PspCidCount = 1;           /* entries in use or on the free list; index 0 is never used */
static ULONG PspFirstFree, PspLastFree, PspFreeCount;

static PSP_CID *PspEntry(ULONG64 Index)
{
    if (Index == 0 || Index >= PspCidCount)
        return NULL;
    return &PspChunks[Index / PSP_CHUNK][Index % PSP_CHUNK];
}

static BOOLEAN PspAddChunk(VOID)
{
    ULONG Room = PspChunkRoom == 0 ? 8 : 2 * PspChunkRoom;
    PSP_CID **Chunks = PspChunks;

    if (PspChunkCount == PspChunkRoom) {
        Chunks = Room > PSP_CHUNKS ? NULL : ExAllocatePoolZero(NonPagedPool, Room * sizeof(*Chunks), PSP_TAG);
        if (Chunks == NULL)
            return FALSE;
        if (PspChunks != NULL) {
            RtlCopyMemory(Chunks, PspChunks, PspChunkCount * sizeof(*Chunks));
            ExFreePool(PspChunks);
        }
        PspChunks = Chunks;
        PspChunkRoom = Room;
    }
    Chunks[PspChunkCount] = ExAllocatePoolZero(NonPagedPool, PSP_CHUNK * sizeof(PSP_CID), PSP_TAG);
    if (Chunks[PspChunkCount] == NULL)
        return FALSE;
    PspChunkCount++;
    return TRUE;
}

static ULONG PspNewIndex(VOID)
{
    if (PspCidCount / PSP_CHUNK == PspChunkCount && !PspAddChunk())
        return 0;
    return PspCidCount++;
}

NTSTATUS PspCreateCid(PVOID Object, PHANDLE Cid)
{
    ULONG Index = 0;

    if (PspFreeCount <= PSP_REUSE)
        Index = PspNewIndex();
    if (Index == 0 && PspFreeCount != 0) {
        Index = PspFirstFree;
        PspFirstFree = PspEntry(Index)->NextFree;
        PspFreeCount--;
    }
    if (Index == 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    PspEntry(Index)->Object = Object;
    *Cid = (HANDLE)(ULONG_PTR)(Index * 4);
    return STATUS_SUCCESS;
}

VOID PspDeleteCid(HANDLE Cid)
{
    ULONG Index = (ULONG)((ULONG_PTR)Cid / 4);
    PSP_CID *Entry = PspEntry(Index);

    if (Entry == NULL || Entry->Object == NULL)
        return;
    Entry->Object = NULL;
    Entry->NextFree = 0;
    if (PspFreeCount++ == 0)
        PspFirstFree = Index;
    else
        PspEntry(PspLastFree)->NextFree = Index;
    PspLastFree = Index;
}

static NTSTATUS PspLookup(HANDLE Cid, POBJECT_TYPE Type, PVOID *Object)
{
    PSP_CID *Entry = (ULONG_PTR)Cid % 4 == 0 ? PspEntry((ULONG_PTR)Cid / 4) : NULL;

    if (Entry == NULL || Entry->Object == NULL || ObGetObjectType(Entry->Object) != Type ||
        !ObReferenceObjectSafe(Entry->Object))
        return STATUS_INVALID_CID;
    *Object = Entry->Object;
    return STATUS_SUCCESS;
}

NTSTATUS PsLookupProcessByProcessId(HANDLE ProcessId, PEPROCESS *Process)
{
    return PspLookup(ProcessId, PsProcessType, (PVOID *)Process);
}

NTSTATUS PsLookupThreadByThreadId(HANDLE ThreadId, PETHREAD *Thread)
{
    return PspLookup(ThreadId, PsThreadType, (PVOID *)Thread);
}
