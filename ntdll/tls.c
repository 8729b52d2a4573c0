/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Static thread-local storage: PE TLS directories, and the bitmaps of dynamic TLS slots.
 *
 * Each module with a TLS directory has an index; each thread has a vector of pointers
 * (TEB.ThreadLocalStoragePointer), one block an index.  A module loaded later gets a block in every thread that
 * exists: the vectors of all threads are in lists, found by the address of the TEB.  A vector that had to grow is
 * replaced, and the old one kept until its thread ends, because that thread may be reading it.  A thread that was
 * terminated stays in its list until another one gets its TEB, or until its vector would have to grow: its TEB may be
 * gone.  All under the loader lock.
 */
#include "ntdllp.h"

#define LDRP_MAX_TLS_MODULES 256
#define LDRP_VECTOR_ROOM 16
#define LDRP_TLS_LISTS 32
#define LDRP_TEB_BYTES 0x2000

typedef struct _LDRP_TLS_VECTOR {
    struct _LDRP_TLS_VECTOR *Older;
    ULONG Room;
    PVOID Blocks[];
} LDRP_TLS_VECTOR;

typedef struct _LDRP_THREAD_TLS {
    struct _LDRP_THREAD_TLS *Next;
    PTEB Teb;
    CLIENT_ID Id;
    LDRP_TLS_VECTOR *Vector;
} LDRP_THREAD_TLS;

static const IMAGE_TLS_DIRECTORY64 *LdrpTlsDirectories[LDRP_MAX_TLS_MODULES];
static ULONG LdrpTlsCount;
static LDRP_THREAD_TLS *LdrpTlsThreads[LDRP_TLS_LISTS];
static RTL_BITMAP LdrpTlsBitmap, LdrpTlsExpansionBitmap;

VOID LdrpInitializeTlsBitmaps(PPEB Peb)
{
    RtlInitializeBitMap(&LdrpTlsBitmap, Peb->TlsBitmapBits, 64);
    RtlInitializeBitMap(&LdrpTlsExpansionBitmap, Peb->TlsExpansionBitmapBits, 1024);
    RtlSetBit(&LdrpTlsBitmap, 0);
    Peb->TlsBitmap = &LdrpTlsBitmap;
    Peb->TlsExpansionBitmap = &LdrpTlsExpansionBitmap;
}

static const IMAGE_TLS_DIRECTORY64 *LdrpTlsDirectoryOf(PLDRP_MODULE Module)
{
    ULONG Size;
    const IMAGE_TLS_DIRECTORY64 *Directory = RtlImageDirectoryEntryToData(Module->Entry.DllBase, TRUE,
            IMAGE_DIRECTORY_ENTRY_TLS, &Size);

    return Directory != NULL && Size >= sizeof(*Directory) ? Directory : NULL;
}

static PVOID LdrpNewTlsBlock(const IMAGE_TLS_DIRECTORY64 *Directory)
{
    SIZE_T Initialised = Directory->EndAddressOfRawData - Directory->StartAddressOfRawData;
    PVOID Block = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Initialised + Directory->SizeOfZeroFill + 1);

    if (Block != NULL && Initialised != 0)
        memcpy(Block, (const void *)Directory->StartAddressOfRawData, Initialised);
    return Block;
}

static BOOLEAN LdrpHasPlace(const LDRP_THREAD_TLS *Thread, ULONG Index)
{
    return Thread->Vector != NULL && Index < Thread->Vector->Room;
}

/* The thread was terminated.  FALSE where that cannot be told. */
static BOOLEAN LdrpHasEnded(const LDRP_THREAD_TLS *Thread)
{
    OBJECT_ATTRIBUTES Attributes = { .Length = sizeof(Attributes) };
    THREAD_BASIC_INFORMATION Basic;
    CLIENT_ID Id = Thread->Id;
    HANDLE Handle;
    NTSTATUS Status;

    if (Thread->Teb == NtCurrentTebEx())
        return FALSE;
    Status = NtOpenThread(&Handle, THREAD_QUERY_LIMITED_INFORMATION, &Attributes, &Id);
    if (!NT_SUCCESS(Status))
        return Status == STATUS_INVALID_CID;
    Status = NtQueryInformationThread(Handle, ThreadBasicInformation, &Basic, sizeof(Basic), NULL);
    NtClose(Handle);
    return NT_SUCCESS(Status) && (Basic.ExitStatus != STATUS_PENDING || Basic.TebBaseAddress != Thread->Teb);
}

/* Tells the thread where its vector is.  Another one may end meanwhile: its TEB is written as memory that may be gone. */
static VOID LdrpSetVector(const LDRP_THREAD_TLS *Thread)
{
    PVOID Blocks = Thread->Vector->Blocks;

    if (Thread->Teb == NtCurrentTebEx())
        Thread->Teb->ThreadLocalStoragePointer = Blocks;
    else
        NtWriteVirtualMemory(NtCurrentProcess(), &Thread->Teb->ThreadLocalStoragePointer, &Blocks, sizeof(Blocks), NULL);
}

/* Makes sure that the thread's vector has a place Index. */
static NTSTATUS LdrpGrowVector(LDRP_THREAD_TLS *Thread, ULONG Index)
{
    LDRP_TLS_VECTOR *Old = Thread->Vector, *New;
    ULONG Room = (Index / LDRP_VECTOR_ROOM + 1) * LDRP_VECTOR_ROOM;

    if (LdrpHasPlace(Thread, Index))
        return STATUS_SUCCESS;
    New = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*New) + Room * sizeof(PVOID));
    if (New == NULL)
        return STATUS_NO_MEMORY;
    if (Old != NULL)
        memcpy(New->Blocks, Old->Blocks, Old->Room * sizeof(PVOID));
    New->Room = Room;
    New->Older = Old;
    Thread->Vector = New;
    LdrpSetVector(Thread);
    return STATUS_SUCCESS;
}

static NTSTATUS LdrpGiveBlock(LDRP_THREAD_TLS *Thread, ULONG Index)
{
    PVOID Block;
    NTSTATUS Status = LdrpGrowVector(Thread, Index);

    if (!NT_SUCCESS(Status))
        return Status;
    Block = LdrpNewTlsBlock(LdrpTlsDirectories[Index]);
    if (Block == NULL)
        return STATUS_NO_MEMORY;
    Thread->Vector->Blocks[Index] = Block;
    return STATUS_SUCCESS;
}

static LDRP_THREAD_TLS **LdrpListOf(PTEB Teb)
{
    return &LdrpTlsThreads[(ULONG_PTR)Teb / LDRP_TEB_BYTES % LDRP_TLS_LISTS];
}

static VOID LdrpFreeThread(LDRP_THREAD_TLS *Thread)
{
    LDRP_TLS_VECTOR *Vector = Thread->Vector;
    LDRP_THREAD_TLS **Link = LdrpListOf(Thread->Teb);

    while (*Link != Thread)
        Link = &(*Link)->Next;
    *Link = Thread->Next;
    for (ULONG Index = 0; Vector != NULL && Index < Vector->Room; Index++)
        RtlFreeHeap(RtlProcessHeap(), 0, Vector->Blocks[Index]);
    while (Vector != NULL) {
        LDRP_TLS_VECTOR *Older = Vector->Older;

        RtlFreeHeap(RtlProcessHeap(), 0, Vector);
        Vector = Older;
    }
    RtlFreeHeap(RtlProcessHeap(), 0, Thread);
}

static NTSTATUS LdrpGiveBlocksInList(LDRP_THREAD_TLS *Thread, ULONG Index)
{
    NTSTATUS Status = STATUS_SUCCESS;
    LDRP_THREAD_TLS *Next;

    for (; Thread != NULL && NT_SUCCESS(Status); Thread = Next) {
        Next = Thread->Next;
        if (!LdrpHasPlace(Thread, Index) && LdrpHasEnded(Thread))
            LdrpFreeThread(Thread);
        else
            Status = LdrpGiveBlock(Thread, Index);
    }
    return Status;
}

/* Every thread gets a block for the module of Index. */
static NTSTATUS LdrpGiveBlocks(ULONG Index)
{
    NTSTATUS Status = STATUS_SUCCESS;

    for (ULONG List = 0; List < LDRP_TLS_LISTS && NT_SUCCESS(Status); List++)
        Status = LdrpGiveBlocksInList(LdrpTlsThreads[List], Index);
    return Status;
}

static VOID LdrpTakeBlocks(ULONG Index)
{
    for (ULONG List = 0; List < LDRP_TLS_LISTS; List++) {
        for (LDRP_THREAD_TLS *Thread = LdrpTlsThreads[List]; Thread != NULL; Thread = Thread->Next) {
            if (!LdrpHasPlace(Thread, Index))
                continue;
            RtlFreeHeap(RtlProcessHeap(), 0, Thread->Vector->Blocks[Index]);
            Thread->Vector->Blocks[Index] = NULL;
        }
    }
}

/* Gives the module an index, and every thread a block, if it has a TLS directory. */
NTSTATUS LdrpAddTls(PLDRP_MODULE Module)
{
    const IMAGE_TLS_DIRECTORY64 *Directory = LdrpTlsDirectoryOf(Module);
    ULONG Index = 0;

    if (Directory == NULL)
        return STATUS_SUCCESS;
    while (Index < LdrpTlsCount && LdrpTlsDirectories[Index] != NULL)
        Index++;
    if (Index == LDRP_MAX_TLS_MODULES)
        return STATUS_INSUFFICIENT_RESOURCES;
    LdrpTlsDirectories[Index] = Directory;
    if (Index == LdrpTlsCount)
        LdrpTlsCount++;
    Module->Entry.TlsIndex = (USHORT)-1;
    if (Directory->AddressOfIndex != 0)
        *(PULONG)Directory->AddressOfIndex = Index;
    return LdrpGiveBlocks(Index);
}

VOID LdrpRemoveTls(PLDRP_MODULE Module)
{
    const IMAGE_TLS_DIRECTORY64 *Directory = LdrpTlsDirectoryOf(Module);

    for (ULONG Index = 0; Directory != NULL && Index < LdrpTlsCount; Index++) {
        if (LdrpTlsDirectories[Index] != Directory)
            continue;
        LdrpTlsDirectories[Index] = NULL;
        LdrpTakeBlocks(Index);
    }
}

/* The thread with that TEB; NULL: it has no thread-local storage. */
static LDRP_THREAD_TLS *LdrpThreadOf(PTEB Teb)
{
    LDRP_THREAD_TLS *Thread = *LdrpListOf(Teb);

    while (Thread != NULL && Thread->Teb != Teb)
        Thread = Thread->Next;
    return Thread;
}

/* For a thread that starts: its blocks for every module that is loaded.  A thread that was terminated has left its own
 * behind: they go when another thread gets its TEB. */
NTSTATUS LdrpAllocateThreadTls(VOID)
{
    LDRP_THREAD_TLS *Thread = LdrpThreadOf(NtCurrentTebEx());
    NTSTATUS Status = STATUS_SUCCESS;

    if (Thread != NULL)
        LdrpFreeThread(Thread);
    Thread = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(*Thread));
    if (Thread == NULL)
        return STATUS_NO_MEMORY;
    Thread->Teb = NtCurrentTebEx();
    Thread->Id = Thread->Teb->ClientId;
    Thread->Next = *LdrpListOf(Thread->Teb);
    *LdrpListOf(Thread->Teb) = Thread;
    for (ULONG Index = 0; Index < LdrpTlsCount && NT_SUCCESS(Status); Index++)
        if (LdrpTlsDirectories[Index] != NULL)
            Status = LdrpGiveBlock(Thread, Index);
    if (!NT_SUCCESS(Status))
        LdrpFreeThreadTls();
    return Status;
}

VOID LdrpFreeThreadTls(VOID)
{
    LDRP_THREAD_TLS *Thread = LdrpThreadOf(NtCurrentTebEx());

    if (Thread == NULL)
        return;
    NtCurrentTebEx()->ThreadLocalStoragePointer = NULL;
    LdrpFreeThread(Thread);
}

VOID LdrpCallTlsCallbacks(PLDRP_MODULE Module, ULONG Reason)
{
    const IMAGE_TLS_DIRECTORY64 *Directory = LdrpTlsDirectoryOf(Module);
    const PIMAGE_TLS_CALLBACK *Callback;

    if (Directory == NULL || Directory->AddressOfCallBacks == 0 || Module->IsDriver)
        return;
    for (Callback = (const PIMAGE_TLS_CALLBACK *)Directory->AddressOfCallBacks; *Callback != NULL; Callback++)
        (*Callback)(Module->Entry.DllBase, Reason, NULL);
}
