/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryVirtualMemory about the working set: the list of its pages (MemoryWorkingSetInformation) and what single pages
 * are (MemoryWorkingSetExInformation).  The working set is what is mapped in hardware.  Nothing here waits.
 */
#include "ntos/mm/services.h"

/* Pages of an array of MEMORY_WORKING_SET_EX_INFORMATION. */
NTSTATUS MiQueryWorkingSetEx(PMM_SPACE Space, PVOID Buffer, SIZE_T Length)
{
    struct {
        ULONG64 Address, Attributes;
    } Entry;
    SIZE_T Index;

    if (Length < sizeof(Entry))
        return STATUS_INFO_LENGTH_MISMATCH;
    for (Index = 0; Index < Length / sizeof(Entry); Index++) {
        PUCHAR User = (PUCHAR)Buffer + Index * sizeof(Entry);
        NTSTATUS Status = MmCopyFromUser(&Entry, User, sizeof(Entry));
        MI_WALK Walk;

        if (!NT_SUCCESS(Status))
            return Status;
        Entry.Attributes = 0;
        if (Entry.Address <= (ULONG64)MM_HIGHEST_USER_ADDRESS) {
            MiWalk(Space, Entry.Address, &Walk);
            /* Bit 0 valid, 1..3 share count, 4..14 protection, 15 shared, 22 large page. */
            if (Walk.Pte != NULL && (*Walk.Pte & MI_PTE_VALID))
                Entry.Attributes = 1 | (ULONG64)(MiWin32Protection(MI_PTE_PROTECT(*Walk.Pte)) & 0x7FF) << 4 |
                                   (*Walk.Pte & MI_PTE_SHARED ? 2 | 1 << 15 : 0) | (Walk.Large ? 1 << 22 : 0);
        }
        Status = MmCopyToUser(User, &Entry, sizeof(Entry));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ the list */

#define MI_BLOCK_BATCH 64               /* entries that are copied to the program at once */

/* A list in a program's buffer: a 64-bit count, then PSAPI_WORKING_SET_BLOCKs. */
typedef struct _MI_BLOCK_LIST {
    PULONG64 User;                      /* where the next batch goes */
    ULONG64 Room, Count;                /* entries that fit; that there are */
    ULONG Fill;
    ULONG64 Batch[MI_BLOCK_BATCH];
} MI_BLOCK_LIST;

static NTSTATUS MiFlushBlocks(MI_BLOCK_LIST *List)
{
    NTSTATUS Status = MmCopyToUser(List->User, List->Batch, List->Fill * sizeof(ULONG64));

    List->User += List->Fill;
    List->Fill = 0;
    return Status;
}

/* Bits 0..4 protection (NT's code), 5..7 share count, 8 shared, 12..63 page number. */
static NTSTATUS MiAddBlock(MI_BLOCK_LIST *List, ULONG64 Address, ULONG64 Pte)
{
    if (++List->Count > List->Room)
        return STATUS_SUCCESS;
    List->Batch[List->Fill++] = Address | MI_PTE_PROTECT(Pte) | (Pte & MI_PTE_SHARED ? 1 << 5 | 1 << 8 : 0);
    return List->Fill == MI_BLOCK_BATCH ? MiFlushBlocks(List) : STATUS_SUCCESS;
}

static NTSTATUS MiAddRange(PMM_SPACE Space, PMMVAD Vad, MI_BLOCK_LIST *List)
{
    ULONG64 Address, Limit;
    NTSTATUS Status = STATUS_SUCCESS;
    MI_WALK Walk;

    for (Address = Vad->Start; NT_SUCCESS(Status) && Address < Vad->End; Address = Limit) {
        MiWalk(Space, Address, &Walk);
        Limit = Walk.Next < Vad->End ? Walk.Next : Vad->End;
        if (Walk.Pte == NULL || !(*Walk.Pte & MI_PTE_MAPPED))
            continue;
        /* One by one: each batch goes through user memory, which may change the entry. */
        Limit = Address + PAGE_SIZE;
        Status = MiAddBlock(List, Address, *Walk.Pte);
    }
    return Status;
}

NTSTATUS MiQueryWorkingSet(PMM_SPACE Space, PVOID Buffer, SIZE_T Length, PSIZE_T ReturnLength)
{
    MI_BLOCK_LIST List = {.User = (PULONG64)Buffer + 1};
    NTSTATUS Status = STATUS_SUCCESS, Put;
    PMMVAD Vad;

    if (Length < sizeof(ULONG64))
        return STATUS_INFO_LENGTH_MISMATCH;
    List.Room = Length / sizeof(ULONG64) - 1;
    for (Vad = MiFindVadFrom(Space, 0); NT_SUCCESS(Status) && Vad != NULL; Vad = Vad->Next)
        Status = MiAddRange(Space, Vad, &List);
    if (NT_SUCCESS(Status))
        Status = MiFlushBlocks(&List);
    Put = MmPutUser((PULONG64)Buffer, List.Count);
    if (!NT_SUCCESS(Status) || !NT_SUCCESS(Put))
        return NT_SUCCESS(Status) ? Put : Status;
    if (List.Count > List.Room)
        return STATUS_INFO_LENGTH_MISMATCH;
    *ReturnLength = (List.Count + 1) * sizeof(ULONG64);
    return STATUS_SUCCESS;
}
