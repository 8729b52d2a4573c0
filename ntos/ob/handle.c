/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Handle tables.  A handle is four times the index of its entry; entries lie in pages of 256, and an array points to
 * the pages, so that lookup, allocation and release take constant time and a table grows without moving an entry.
 * Entry 0 is never used.  Free entries form a list; entries at NextUnused and above were never touched.
 *
 * Each entry in use holds one reference and one handle count of its object.  The system process's table is the
 * kernel's: its handles have the sign bit set and are accepted with KernelMode only, in any process.
 *
 * Open and Close methods may wait; a table may change meanwhile, so entries are looked up again after them.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/dbgk.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"

PHANDLE_TABLE ObpKernelHandleTable;

NTSTATUS ObCreateHandleTable(PHANDLE_TABLE *Table)
{
    *Table = ExAllocatePoolZero(NonPagedPool, sizeof(**Table), OB_TAG_HANDLES);
    if (*Table == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    (*Table)->NextUnused = 1;
    return STATUS_SUCCESS;
}

static VOID ObpFreeTable(PHANDLE_TABLE Table)
{
    for (ULONG i = 0; i < Table->Capacity >> OBP_HANDLE_PAGE_SHIFT; i++)
        ExFreePoolWithTag(Table->Pages[i], OB_TAG_HANDLES);
    if (Table->Pages != NULL)
        ExFreePoolWithTag(Table->Pages, OB_TAG_HANDLES);
    ExFreePoolWithTag(Table, OB_TAG_HANDLES);
}

/* One page more. */
static NTSTATUS ObpGrowTable(PHANDLE_TABLE Table)
{
    ULONG Pages = Table->Capacity >> OBP_HANDLE_PAGE_SHIFT;
    PHANDLE_TABLE_ENTRY Page;

    if (Table->Capacity >= OBP_MAXIMUM_HANDLES)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Pages == Table->PageSlots) {
        ULONG NewSlots = Pages == 0 ? 4 : Pages * 2;
        PHANDLE_TABLE_ENTRY *New = ExAllocatePoolWithTag(NonPagedPool, NewSlots * sizeof(*New), OB_TAG_HANDLES);

        if (New == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        if (Table->Pages != NULL) {
            memcpy(New, Table->Pages, Pages * sizeof(*New));
            ExFreePoolWithTag(Table->Pages, OB_TAG_HANDLES);
        }
        Table->Pages = New;
        Table->PageSlots = NewSlots;
    }
    Page = ExAllocatePoolWithTag(NonPagedPool, OBP_HANDLES_PER_PAGE * sizeof(*Page), OB_TAG_HANDLES);
    if (Page == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Table->Pages[Pages] = Page;
    Table->Capacity += OBP_HANDLES_PER_PAGE;
    return STATUS_SUCCESS;
}

/* Index of a free entry, taken off the list; 0 when there is no memory. */
static ULONG ObpAllocateEntry(PHANDLE_TABLE Table)
{
    ULONG Index = Table->FirstFree;

    if (Index != 0) {
        Table->FirstFree = ObpEntryAt(Table, Index)->NextFree;
    } else {
        if (Table->NextUnused >= Table->Capacity && !NT_SUCCESS(ObpGrowTable(Table)))
            return 0;
        Index = Table->NextUnused++;
    }
    Table->Count++;
    return Index;
}

static VOID ObpFreeEntry(PHANDLE_TABLE Table, ULONG Index)
{
    PHANDLE_TABLE_ENTRY Entry = ObpEntryAt(Table, Index);

    Entry->Value = 0;
    Entry->GrantedAccess = 0;
    Entry->NextFree = Table->FirstFree;
    Table->FirstFree = Index;
    Table->Count--;
}

/* Where ntos's own handles go. */
static BOOLEAN ObpUsesKernelTable(PEPROCESS Process, KPROCESSOR_MODE Mode, ULONG HandleAttributes)
{
    return Mode == KernelMode && (HandleAttributes & OBJ_KERNEL_HANDLE || Process == PsInitialSystemProcess);
}

PHANDLE_TABLE ObpSelectTable(PEPROCESS Process, HANDLE Handle, KPROCESSOR_MODE Mode)
{
    if (Mode == KernelMode && (LONG_PTR)Handle < 0)
        return ObpKernelHandleTable;
    return Process->ObjectTable;
}

PHANDLE_TABLE_ENTRY ObpLookupHandle(PHANDLE_TABLE Table, HANDLE Handle)
{
    ULONG_PTR Value = (ULONG_PTR)Handle;
    PHANDLE_TABLE_ENTRY Entry;

    if (Table == ObpKernelHandleTable)
        Value &= ~OBP_KERNEL_HANDLE_BIT;
    Value >>= 2;
    if (Value >= Table->NextUnused || Value == 0)
        return NULL;
    Entry = ObpEntryAt(Table, (ULONG)Value);
    return Entry->Value != 0 ? Entry : NULL;
}

static VOID ObpCountNewHandle(POBJECT_HEADER Header)
{
    POBJECT_TYPE Type = Header->Type;

    Header->HandleCount++;
    Header->PointerCount++;
    if (++Type->TotalNumberOfHandles > Type->HighWaterNumberOfHandles)
        Type->HighWaterNumberOfHandles = Type->TotalNumberOfHandles;
}

/* The last step of closing: the entry is gone, or was never filled. */
static VOID ObpDropHandleCount(PEPROCESS Process, POBJECT_HEADER Header)
{
    PVOID Object = OBJECT_HEADER_TO_OBJECT(Header);

    if (Header->Type->TypeInfo.CloseProcedure != NULL)
        Header->Type->TypeInfo.CloseProcedure(Process, Object, 0, Header->HandleCount);
    Header->Type->TotalNumberOfHandles--;
    if (--Header->HandleCount == 0)
        ObpDeleteNameCheck(Header);
    ObDereferenceObject(Object);
}

NTSTATUS ObpCreateHandle(OB_OPEN_REASON Reason, PEPROCESS Process, PVOID Object, ACCESS_MASK GrantedAccess,
        ULONG HandleAttributes, KPROCESSOR_MODE Mode, PHANDLE Handle)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);
    BOOLEAN Kernel = ObpUsesKernelTable(Process, Mode, HandleAttributes);
    PHANDLE_TABLE Table = Kernel ? ObpKernelHandleTable : Process->ObjectTable;
    PHANDLE_TABLE_ENTRY Entry;
    NTSTATUS Status;
    ULONG Index;

    *Handle = NULL;
    if (Table == NULL)
        return STATUS_PROCESS_IS_TERMINATING;
    if (Header->Flags & OB_FLAG_EXCLUSIVE && Header->HandleCount != 0 && Reason != ObInheritHandle)
        return STATUS_ACCESS_DENIED;
    ObpCountNewHandle(Header);
    if (Header->Type->TypeInfo.OpenProcedure != NULL) {
        Status = Header->Type->TypeInfo.OpenProcedure(Reason, Mode, Process, Object, &GrantedAccess,
                                                      (ULONG)Header->HandleCount);
        if (!NT_SUCCESS(Status)) {
            Header->Type->TotalNumberOfHandles--;
            Header->HandleCount--;
            ObDereferenceObject(Object);
            return Status;
        }
        /* The process may have ended while the method waited. */
        Table = Kernel ? ObpKernelHandleTable : Process->ObjectTable;
    }
    Index = Table != NULL ? ObpAllocateEntry(Table) : 0;
    if (Index == 0) {
        ObpDropHandleCount(Process, Header);
        return Table == NULL ? STATUS_PROCESS_IS_TERMINATING : STATUS_INSUFFICIENT_RESOURCES;
    }
    Entry = ObpEntryAt(Table, Index);
    Entry->Value = (ULONG_PTR)Header | (HandleAttributes & OBJ_HANDLE_ATTRIBUTES);
    Entry->GrantedAccess = GrantedAccess;
    *Handle = (HANDLE)((ULONG_PTR)Index << 2 | (Table == ObpKernelHandleTable ? OBP_KERNEL_HANDLE_BIT : 0));
    return STATUS_SUCCESS;
}

NTSTATUS ObInsertHandle(PEPROCESS Process, PVOID Object, ACCESS_MASK GrantedAccess, ULONG HandleAttributes,
        OB_OPEN_REASON Reason, PHANDLE Handle)
{
    POBJECT_TYPE Type = ObGetObjectType(Object);

    RtlMapGenericMask(&GrantedAccess, &Type->TypeInfo.GenericMapping);
    if (GrantedAccess & MAXIMUM_ALLOWED)
        GrantedAccess = Type->TypeInfo.ValidAccessMask;
    return ObpCreateHandle(Reason, Process, Object, GrantedAccess & Type->TypeInfo.ValidAccessMask, HandleAttributes,
                           KernelMode, Handle);
}

NTSTATUS ObCloseProcessHandle(PEPROCESS Process, HANDLE Handle, KPROCESSOR_MODE PreviousMode)
{
    PHANDLE_TABLE Table = ObpSelectTable(Process, Handle, PreviousMode);
    PHANDLE_TABLE_ENTRY Entry = Table != NULL ? ObpLookupHandle(Table, Handle) : NULL;
    POBJECT_HEADER Header;
    POBJECT_TYPE Type;

    if (Entry == NULL) {
        /* Closing a pseudo handle is allowed and does nothing. */
        return (LONG_PTR)Handle < 0 && (LONG_PTR)Handle >= -6 ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
    }
    Header = ObpEntryHeader(Entry);
    Type = Header->Type;
    if (Entry->Value & OBJ_PROTECT_CLOSE)
        return STATUS_HANDLE_NOT_CLOSABLE;
    if (Type->TypeInfo.OkayToCloseProcedure != NULL &&
        !Type->TypeInfo.OkayToCloseProcedure(Process, OBJECT_HEADER_TO_OBJECT(Header), Handle, PreviousMode))
        return STATUS_HANDLE_NOT_CLOSABLE;
    ObpFreeEntry(Table, (ULONG)(((ULONG_PTR)Handle & ~OBP_KERNEL_HANDLE_BIT) >> 2));
    ObpDropHandleCount(Process, Header);
    return STATUS_SUCCESS;
}

NTSTATUS ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode)
{
    return ObCloseProcessHandle(PsGetCurrentProcess(), Handle, PreviousMode);
}

/* A program with a debugger gets its mistakes as exceptions (CloseHandle, "Return value"). */
NTSTATUS NTAPI NtClose(HANDLE Handle)
{
    NTSTATUS Status = ObCloseProcessHandle(PsGetCurrentProcess(), Handle, UserMode);

    if (!NT_SUCCESS(Status) && Handle != NULL && DbgkIsDebugged(PsGetCurrentProcess()))
        return KeRaiseServiceException(Status);
    return Status;
}

static BOOLEAN ObpIsListed(HANDLE Handle, const HANDLE *HandleList, ULONG HandleCount)
{
    if (HandleCount == 0)
        return TRUE;
    for (ULONG i = 0; i < HandleCount; i++) {
        if ((ULONG_PTR)HandleList[i] >> 2 == (ULONG_PTR)Handle >> 2)
            return TRUE;
    }
    return FALSE;
}

/* Copies entry Index of Source into the same place of Target; a refusal leaves the place free. */
static VOID ObpInheritEntry(PEPROCESS Child, PHANDLE_TABLE Source, PHANDLE_TABLE Target, ULONG Index)
{
    HANDLE_TABLE_ENTRY Copy = *ObpEntryAt(Source, Index);
    POBJECT_HEADER Header = ObpEntryHeader(&Copy);
    PHANDLE_TABLE_ENTRY Entry;

    ObpCountNewHandle(Header);
    if (Header->Type->TypeInfo.OpenProcedure != NULL) {
        NTSTATUS Status = Header->Type->TypeInfo.OpenProcedure(ObInheritHandle, KernelMode, Child,
                OBJECT_HEADER_TO_OBJECT(Header), &Copy.GrantedAccess, (ULONG)Header->HandleCount);

        if (!NT_SUCCESS(Status)) {
            Header->Type->TotalNumberOfHandles--;
            Header->HandleCount--;
            ObDereferenceObject(OBJECT_HEADER_TO_OBJECT(Header));
            return;
        }
    }
    Entry = ObpEntryAt(Target, Index);
    Entry->Value = Copy.Value;
    Entry->GrantedAccess = Copy.GrantedAccess;
    Target->Count++;
}

NTSTATUS ObInheritHandles(PEPROCESS Parent, PEPROCESS Child, const HANDLE *HandleList, ULONG HandleCount)
{
    PHANDLE_TABLE Source = Parent->ObjectTable;
    PHANDLE_TABLE Target = Child->ObjectTable;
    ULONG Highest = 0;

    if (Source == NULL || Target == NULL)
        return STATUS_PROCESS_IS_TERMINATING;
    for (ULONG i = 1; i < Source->NextUnused; i++) {
        if (ObpEntryAt(Source, i)->Value & OBJ_INHERIT && ObpIsListed((HANDLE)((ULONG_PTR)i << 2), HandleList,
                                                                      HandleCount))
            Highest = i;
    }
    while (Target->Capacity <= Highest) {
        NTSTATUS Status = ObpGrowTable(Target);

        if (!NT_SUCCESS(Status))
            return Status;
    }
    for (ULONG i = 1; i <= Highest; i++)
        memset(ObpEntryAt(Target, i), 0, sizeof(HANDLE_TABLE_ENTRY));
    Target->NextUnused = Highest + 1;
    for (ULONG i = 1; i <= Highest && (Source = Parent->ObjectTable) != NULL && i < Source->NextUnused; i++) {
        if (ObpEntryAt(Source, i)->Value & OBJ_INHERIT && ObpIsListed((HANDLE)((ULONG_PTR)i << 2), HandleList,
                                                                      HandleCount))
            ObpInheritEntry(Child, Source, Target, i);
    }
    /* The gaps become the free list, lowest first. */
    for (ULONG i = Highest; i >= 1; i--) {
        PHANDLE_TABLE_ENTRY Entry = ObpEntryAt(Target, i);

        if (Entry->Value == 0) {
            Entry->NextFree = Target->FirstFree;
            Target->FirstFree = i;
        }
    }
    return STATUS_SUCCESS;
}

/* Closing very many handles takes long: every OBP_CLOSE_BATCH of them the event loop gets a turn. */
#define OBP_CLOSE_BATCH 4096

static VOID ObpLetOthersRun(VOID)
{
    LARGE_INTEGER Shortest = { .QuadPart = -1 };

    KeDelayExecutionThread(KernelMode, FALSE, &Shortest);
}

VOID ObKillProcess(PEPROCESS Process)
{
    PHANDLE_TABLE Table = Process->ObjectTable;

    if (Table == NULL || Table == ObpKernelHandleTable)
        return;
    /* Commit: no handle can be made in this process any more. */
    Process->ObjectTable = NULL;
    for (ULONG i = 1; i < Table->NextUnused; i++) {
        PHANDLE_TABLE_ENTRY Entry = ObpEntryAt(Table, i);

        if (Entry->Value != 0) {
            POBJECT_HEADER Header = ObpEntryHeader(Entry);

            Entry->Value = 0;
            ObpDropHandleCount(Process, Header);
        }
        if (i % OBP_CLOSE_BATCH == 0 && !ObpDeleting)
            ObpLetOthersRun();
    }
    ObpFreeTable(Table);
}

/* The table whose handles count as the process's, or NULL. */
static PHANDLE_TABLE ObpOwnTable(PEPROCESS Process)
{
    return Process == PsInitialSystemProcess ? ObpKernelHandleTable : Process->ObjectTable;
}

ULONG ObGetProcessHandleCount(PEPROCESS Process)
{
    PHANDLE_TABLE Table = ObpOwnTable(Process);

    return Table != NULL ? Table->Count : 0;
}

VOID ObQueryReferences(PVOID Object, PSIZE_T Handles, PSIZE_T Pointers)
{
    *Handles = (SIZE_T)OBJECT_TO_OBJECT_HEADER(Object)->HandleCount;
    *Pointers = (SIZE_T)OBJECT_TO_OBJECT_HEADER(Object)->PointerCount;
}

VOID ObEnumerateHandles(PEPROCESS Process, OB_HANDLE_CALLBACK Callback, PVOID Context)
{
    PHANDLE_TABLE Table = ObpOwnTable(Process);

    for (ULONG i = 1; Table != NULL && i < Table->NextUnused; i++) {
        PHANDLE_TABLE_ENTRY Entry = ObpEntryAt(Table, i);
        OBJECT_HANDLE_INFORMATION Information = { Entry->Value & OBJ_HANDLE_ATTRIBUTES, Entry->GrantedAccess };

        if (Entry->Value != 0 && !Callback(Context, (HANDLE)((ULONG_PTR)i << 2),
                                           OBJECT_HEADER_TO_OBJECT(ObpEntryHeader(Entry)), &Information))
            return;
    }
}
