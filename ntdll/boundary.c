/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Boundary descriptors of private namespaces: made with a name, then SIDs and integrity labels are added.  A descriptor is a
 * block of the heap that an addition may move.
 *
 * Source: Win32 documentation, CreateBoundaryDescriptor, AddSIDToBoundaryDescriptor, AddIntegrityLabelToBoundaryDescriptor,
 * DeleteBoundaryDescriptor.
 */
#include "ntdllp.h"

/* The end of the descriptor, where the next entry goes. */
static ULONG RtlpNextBoundaryEntry(POBJECT_BOUNDARY_DESCRIPTOR Descriptor)
{
    return (Descriptor->TotalSize + 7) & ~7u;
}

/* Descriptor has room for it. */
static VOID RtlpPutBoundaryEntry(POBJECT_BOUNDARY_DESCRIPTOR Descriptor, BOUNDARY_ENTRY_TYPE Type, const VOID *Data,
        ULONG Length)
{
    ULONG Offset = RtlpNextBoundaryEntry(Descriptor);
    POBJECT_BOUNDARY_ENTRY Entry = (POBJECT_BOUNDARY_ENTRY)((PUCHAR)Descriptor + Offset);

    Entry->EntryType = Type;
    Entry->EntrySize = sizeof(*Entry) + Length;
    memcpy(Entry + 1, Data, Length);
    Descriptor->Items++;
    Descriptor->TotalSize = Offset + Entry->EntrySize;
}

/* NULL: no name, flags that are none, no memory.  The result is RtlDeleteBoundaryDescriptor's. */
POBJECT_BOUNDARY_DESCRIPTOR NTAPI RtlCreateBoundaryDescriptor(PUNICODE_STRING Name, ULONG Flags)
{
    POBJECT_BOUNDARY_DESCRIPTOR Descriptor;

    if (Name == NULL || Name->Length == 0 || (Flags & ~BOUNDARY_DESCRIPTOR_ADD_APPCONTAINER_SID))
        return NULL;
    Descriptor = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY,
                                 sizeof(*Descriptor) + sizeof(OBJECT_BOUNDARY_ENTRY) + Name->Length);
    if (Descriptor == NULL)
        return NULL;
    Descriptor->Version = OBJECT_BOUNDARY_DESCRIPTOR_VERSION;
    Descriptor->TotalSize = sizeof(*Descriptor);
    Descriptor->Flags = Flags;
    RtlpPutBoundaryEntry(Descriptor, OBNS_Name, Name->Buffer, Name->Length);
    return Descriptor;
}

VOID NTAPI RtlDeleteBoundaryDescriptor(POBJECT_BOUNDARY_DESCRIPTOR BoundaryDescriptor)
{
    RtlFreeHeap(RtlProcessHeap(), 0, BoundaryDescriptor);
}

/* *Descriptor may move; on a failure it is as it was. */
static NTSTATUS RtlpAddBoundarySid(POBJECT_BOUNDARY_DESCRIPTOR *Descriptor, BOUNDARY_ENTRY_TYPE Type, PSID Sid)
{
    ULONG Offset = RtlpNextBoundaryEntry(*Descriptor), Length = RtlLengthSid(Sid);
    POBJECT_BOUNDARY_DESCRIPTOR Larger = RtlReAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, *Descriptor,
                                                           Offset + sizeof(OBJECT_BOUNDARY_ENTRY) + Length);

    if (Larger == NULL)
        return STATUS_NO_MEMORY;
    RtlpPutBoundaryEntry(Larger, Type, Sid, Length);
    *Descriptor = Larger;
    return STATUS_SUCCESS;
}

/* STATUS_INVALID_SID, STATUS_NO_MEMORY. */
NTSTATUS NTAPI RtlAddSIDToBoundaryDescriptor(POBJECT_BOUNDARY_DESCRIPTOR *BoundaryDescriptor, PSID RequiredSid)
{
    if (!RtlValidSid(RequiredSid))
        return STATUS_INVALID_SID;
    return RtlpAddBoundarySid(BoundaryDescriptor, OBNS_SID, RequiredSid);
}

/* STATUS_INVALID_SID (of another authority than a label's, too), STATUS_NO_MEMORY. */
NTSTATUS NTAPI RtlAddIntegrityLabelToBoundaryDescriptor(POBJECT_BOUNDARY_DESCRIPTOR *BoundaryDescriptor, PSID IntegrityLabel)
{
    static const SID_IDENTIFIER_AUTHORITY Authority = { SECURITY_MANDATORY_LABEL_AUTHORITY };

    if (!RtlValidSid(IntegrityLabel) ||
        memcmp(RtlIdentifierAuthoritySid(IntegrityLabel), &Authority, sizeof(Authority)) != 0)
        return STATUS_INVALID_SID;
    return RtlpAddBoundarySid(BoundaryDescriptor, OBNS_IL, IntegrityLabel);
}
