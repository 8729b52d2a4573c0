/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Access by ntos to the memory of processes: a look-up in the software tables, a fault where the page is not there
 * yet, and a copy through the window.  No kernel call unless something must be mapped.
 *
 * The page that a small copy used last is remembered in the space (CachedUserPage, bit 0: may be written); whoever changes
 * an entry that may be the remembered one calls MiInvalidateUserCache.  Copies inside that page take the short way.  It
 * is mostly the page of the stack with a service's arguments; a buffer's pages do not displace it.
 * Nothing here waits.
 */
#include "ntos/mm/mip.h"
#include "ntos/inc/ke.h"

#define MI_USER_END ((ULONG64)MM_HIGHEST_USER_ADDRESS + 1)
#define MI_SMALL_COPY 256

/* TEB of the thread that is served, if Space is its own: stacks grow for the owner only. */
static ULONG64 MiCurrentTeb(PMM_SPACE Space)
{
    PKTHREAD Thread = KeGetCurrentThread();

    if (Space != MmCurrentSpace || Thread->Process != Thread->OwningProcess)
        return 0;
    return (ULONG64)Thread->Teb;
}

/* The entry lets ntos do Access now. */
static BOOLEAN MiEntryAllows(PMI_WALK Walk, MM_ACCESS Access)
{
    ULONG64 Pte = Walk->Pte == NULL ? 0 : *Walk->Pte;

    /* Page 0 stands for device memory, which ntos does not touch on a program's behalf. */
    if (!(Pte & MI_PTE_VALID) || MI_PTE_PAGE(Pte) == 0 || !MiIsAccessible(MI_PTE_PROTECT(Pte)))
        return FALSE;
    return Access != MmWriteAccess || MiIsWritablePte(Pte);
}

/* Where ntos sees Address (to the end of its page) for Access.  Remember: the page is likely to be used again. */
static NTSTATUS MiUserPage(PMM_SPACE Space, ULONG64 Address, MM_ACCESS Access, BOOLEAN Remember, PUCHAR *Kernel)
{
    ULONG64 Page = MiRoundDown(Address, PAGE_SIZE);
    NTSTATUS Status;
    MI_WALK Walk;

    if (Space == NULL || Address >= MI_USER_END || Space->Root == NULL)
        return STATUS_ACCESS_VIOLATION;
    MiWalk(Space, Address, &Walk);
    if (!MiEntryAllows(&Walk, Access)) {
        Status = MiResolve(Space, Address, Access, MiCurrentTeb(Space));
        if (!NT_SUCCESS(Status))
            return Status;
        MiWalk(Space, Address, &Walk);
        if (!MiEntryAllows(&Walk, Access))
            return STATUS_ACCESS_VIOLATION;
    }
    if (!MiReachPage(MI_PTE_PAGE(*Walk.Pte)))
        return STATUS_NO_MEMORY;
    *Kernel = MiPageAddress(MI_PTE_PAGE(*Walk.Pte));
    if (Walk.Large)
        *Kernel += Page & (MM_LARGE_PAGE_SIZE - 1);
    if (Remember) {
        Space->CachedUserPage = Page | (MiIsWritablePte(*Walk.Pte) ? 1 : 0);
        Space->CachedKernelPage = (ULONG64)*Kernel;
    }
    *Kernel += Address & (PAGE_SIZE - 1);
    return STATUS_SUCCESS;
}

static SIZE_T MiToPageEnd(ULONG64 Address, SIZE_T Length)
{
    SIZE_T Room = PAGE_SIZE - (Address & (PAGE_SIZE - 1));

    return Length < Room ? Length : Room;
}

static BOOLEAN MiIsUserRange(ULONG64 Address, SIZE_T Length)
{
    return Address < MI_USER_END && Length <= MI_USER_END - Address;
}

/* [Address, + Length) lies in the page used last. */
static BOOLEAN MiIsCached(PMM_SPACE Space, ULONG64 Address, SIZE_T Length, ULONG64 NeededBits)
{
    ULONG64 Cached = Space->CachedUserPage;

    return ((Address ^ Cached) & ~(ULONG64)(PAGE_SIZE - 1)) == 0 && (Cached & NeededBits) == NeededBits &&
           (Address & (PAGE_SIZE - 1)) + Length <= PAGE_SIZE && Cached != 0;
}

NTSTATUS MmReadSpace(PMM_SPACE Space, PVOID Destination, const VOID *UserSource, SIZE_T Length)
{
    ULONG64 Address = (ULONG64)UserSource;
    BOOLEAN Small = Length <= MI_SMALL_COPY;
    PUCHAR To = Destination, Kernel;
    NTSTATUS Status;

    if (Length != 0 && !MiIsUserRange(Address, Length))
        return STATUS_ACCESS_VIOLATION;
    while (Length != 0) {
        SIZE_T Part = MiToPageEnd(Address, Length);

        Status = MiUserPage(Space, Address, MmReadAccess, Small, &Kernel);
        if (!NT_SUCCESS(Status))
            return Status;
        memcpy(To, Kernel, Part);
        To += Part;
        Address += Part;
        Length -= Part;
    }
    return STATUS_SUCCESS;
}

NTSTATUS MmWriteSpace(PMM_SPACE Space, PVOID UserDestination, const VOID *Source, SIZE_T Length)
{
    ULONG64 Address = (ULONG64)UserDestination;
    BOOLEAN Small = Length <= MI_SMALL_COPY;
    const UCHAR *From = Source;
    PUCHAR Kernel;
    NTSTATUS Status;

    if (Source != NULL && Length <= PAGE_SIZE && MiIsCached(Space, Address, Length, 1)) {
        memcpy((PVOID)(Space->CachedKernelPage + (Address & (PAGE_SIZE - 1))), Source, Length);
        return STATUS_SUCCESS;
    }
    if (Length != 0 && !MiIsUserRange(Address, Length))
        return STATUS_ACCESS_VIOLATION;
    while (Length != 0) {
        SIZE_T Part = MiToPageEnd(Address, Length);

        Status = MiUserPage(Space, Address, MmWriteAccess, Small, &Kernel);
        if (!NT_SUCCESS(Status))
            return Status;
        if (Source == NULL)
            memset(Kernel, 0, Part);
        else
            memcpy(Kernel, From, Part);
        From += Part;
        Address += Part;
        Length -= Part;
    }
    return STATUS_SUCCESS;
}

NTSTATUS MmCopyFromUser(PVOID Destination, const VOID *UserSource, SIZE_T Length)
{
    PMM_SPACE Space = MmCurrentSpace;
    ULONG64 Address = (ULONG64)UserSource;

    if (Space != NULL && Length <= PAGE_SIZE && MiIsCached(Space, Address, Length, 0)) {
        memcpy(Destination, (PVOID)(Space->CachedKernelPage + (Address & (PAGE_SIZE - 1))), Length);
        return STATUS_SUCCESS;
    }
    return MmReadSpace(Space, Destination, UserSource, Length);
}

NTSTATUS MmCopyToUser(PVOID UserDestination, const VOID *Source, SIZE_T Length)
{
    PMM_SPACE Space = MmCurrentSpace;
    ULONG64 Address = (ULONG64)UserDestination;

    if (Space != NULL && Length <= PAGE_SIZE && MiIsCached(Space, Address, Length, 1)) {
        memcpy((PVOID)(Space->CachedKernelPage + (Address & (PAGE_SIZE - 1))), Source, Length);
        return STATUS_SUCCESS;
    }
    return MmWriteSpace(Space, UserDestination, Source, Length);
}

NTSTATUS MmZeroUser(PVOID UserDestination, SIZE_T Length)
{
    return MmWriteSpace(MmCurrentSpace, UserDestination, NULL, Length);
}

NTSTATUS MmCopySpaceToSpace(PMM_SPACE Target, PVOID UserDestination, PMM_SPACE Source, const VOID *UserSource,
        SIZE_T Length, PSIZE_T Copied)
{
    ULONG64 To = (ULONG64)UserDestination, From = (ULONG64)UserSource;
    PUCHAR Write, Read;

    *Copied = 0;
    if (Length != 0 && (!MiIsUserRange(To, Length) || !MiIsUserRange(From, Length)))
        return STATUS_ACCESS_VIOLATION;
    while (Length != 0) {
        SIZE_T Part = MiToPageEnd(To, MiToPageEnd(From, Length));

        /* The target first: resolving it may copy the very page that is read. */
        if (!NT_SUCCESS(MiUserPage(Target, To, MmWriteAccess, FALSE, &Write)) ||
            !NT_SUCCESS(MiUserPage(Source, From, MmReadAccess, FALSE, &Read)))
            return STATUS_PARTIAL_COPY;
        memmove(Write, Read, Part);
        To += Part;
        From += Part;
        Length -= Part;
        *Copied += Part;
    }
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ probes and captures */

static NTSTATUS MiProbe(ULONG64 Address, SIZE_T Length, ULONG Alignment, MM_ACCESS Access)
{
    PMM_SPACE Space = MmCurrentSpace;
    ULONG64 Page, End = Address + Length;
    MI_WALK Walk;
    ULONG Protect;

    if (Length == 0)
        return STATUS_SUCCESS;
    if (Alignment > 1 && (Address & (Alignment - 1)) != 0)
        return STATUS_DATATYPE_MISALIGNMENT;
    if (Space == NULL || !MiIsUserRange(Address, Length))
        return STATUS_ACCESS_VIOLATION;
    if (Length <= PAGE_SIZE && MiIsCached(Space, Address, Length, Access == MmWriteAccess))
        return STATUS_SUCCESS;
    for (Page = MiRoundDown(Address, PAGE_SIZE); Page < End; Page += PAGE_SIZE) {
        BOOLEAN Guarded;
        PMMVAD Vad;

        MiWalk(Space, Page, &Walk);
        if (MiEntryAllows(&Walk, Access))
            continue;
        Vad = MiFindVad(Space, Page);
        if (Vad == NULL || !MiPageProtection(Vad, Page, Walk.Pte == NULL ? 0 : *Walk.Pte, &Protect))
            return STATUS_ACCESS_VIOLATION;
        Guarded = MiIsGuarded(Protect);
        Protect &= Guarded ? ~(ULONG)MM_GUARD_PAGE : ~0u;
        if (!MiIsAccessible(Protect) ||
            (Access == MmWriteAccess && !MiIsWritable(Protect) && !MiIsCopyOnWrite(Protect)))
            return STATUS_ACCESS_VIOLATION;
        /* NT's probe writes to every page: all of a buffer counts as written, and a guard page says so before anything happens. */
        if (Access == MmWriteAccess && (Vad->Watch != NULL || Guarded)) {
            NTSTATUS Status = MiResolve(Space, Page, MmWriteAccess, MiCurrentTeb(Space));

            if (!NT_SUCCESS(Status))
                return Status;
        }
    }
    return STATUS_SUCCESS;
}

NTSTATUS MmProbeForRead(const VOID *UserAddress, SIZE_T Length, ULONG Alignment)
{
    return MiProbe((ULONG64)UserAddress, Length, Alignment, MmReadAccess);
}

NTSTATUS MmProbeForWrite(PVOID UserAddress, SIZE_T Length, ULONG Alignment)
{
    return MiProbe((ULONG64)UserAddress, Length, Alignment, MmWriteAccess);
}

NTSTATUS MmProbeAnswer(PVOID UserBuffer, SIZE_T Length, PVOID UserReturnLength, SIZE_T ReturnLengthSize)
{
    NTSTATUS Status = MmProbeForWrite(UserBuffer, Length, 1);

    return NT_SUCCESS(Status) && UserReturnLength != NULL ? MmProbeForWrite(UserReturnLength, ReturnLengthSize, 1) : Status;
}

NTSTATUS MmCaptureBuffer(const VOID *UserSource, SIZE_T Length, PVOID *Buffer)
{
    NTSTATUS Status;

    *Buffer = NULL;
    if (Length == 0)
        return STATUS_SUCCESS;
    if (!MiIsUserRange((ULONG64)UserSource, Length))
        return STATUS_ACCESS_VIOLATION;
    *Buffer = ExAllocatePoolWithTag(PagedPool, Length, 'tpaC');
    if (*Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmCopyFromUser(*Buffer, UserSource, Length);
    if (!NT_SUCCESS(Status)) {
        ExFreePool(*Buffer);
        *Buffer = NULL;
    }
    return Status;
}

NTSTATUS MmCaptureUnicodeString(const UNICODE_STRING *UserString, PUNICODE_STRING Captured)
{
    UNICODE_STRING String;
    NTSTATUS Status;

    *Captured = (UNICODE_STRING){0};
    Status = MmGetUser(&String, UserString);
    if (!NT_SUCCESS(Status) || String.Length == 0)
        return Status;
    if (String.Length & 1)
        return STATUS_INVALID_PARAMETER;
    Captured->Buffer = ExAllocatePoolWithTag(PagedPool, (SIZE_T)String.Length + sizeof(WCHAR), 'rtSU');
    if (Captured->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmCopyFromUser(Captured->Buffer, String.Buffer, String.Length);
    if (!NT_SUCCESS(Status)) {
        MmReleaseUnicodeString(Captured);
        return Status;
    }
    Captured->Length = String.Length;
    Captured->MaximumLength = String.Length > 0xFFFC ? String.Length : String.Length + sizeof(WCHAR);
    Captured->Buffer[String.Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

VOID MmReleaseUnicodeString(PUNICODE_STRING Captured)
{
    if (Captured->Buffer != NULL)
        ExFreePool(Captured->Buffer);
    *Captured = (UNICODE_STRING){0};
}
