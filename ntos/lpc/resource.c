/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What an ALPC port's holder makes in advance and names by an ALPC_HANDLE: port sections, security contexts, reserves of
 * memory for messages.  And the views of port sections.
 *
 * A section is divided into regions; a region is mapped in one process or two, or under way in a message, and its place
 * is free when nothing refers to it.  Everything is charged to the port and goes when the port is closed.
 * DIFFERS: regions begin at multiples of 64 KiB, since views do.
 */
#include "ntos/lpc/lpcp.h"

/* ------------------------------------------------------------------ resources */

static NTSTATUS LpcpCreateResource(PLPC_PORT Port, LPC_RESOURCE_KIND Kind, ULONG Extra, PLPC_RESOURCE *Resource)
{
    PLPC_RESOURCE New;

    *Resource = NULL;
    if (Port->Closed)
        return Port->EndStatus;
    if (Port->PoolUsage + sizeof(*New) + Extra > Port->MaxPoolUsage)
        return STATUS_QUOTA_EXCEEDED;
    New = ExAllocatePoolZero(PagedPool, sizeof(*New), LPC_TAG_OTHER);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    New->Kind = Kind;
    New->Port = Port;
    New->Charge = sizeof(*New) + Extra;
    New->Id = Port->LastResource += 0x10;
    if (Kind == LpcReserveResource)
        New->Id = (New->Id & ~(ULONG_PTR)LPC_RESERVE_TAG) | LPC_RESERVE_TAG;
    Port->PoolUsage += New->Charge;
    InsertTailList(&Port->Resources, &New->Link);
    *Resource = New;
    return STATUS_SUCCESS;
}

PLPC_RESOURCE LpcpFindResource(PLPC_PORT Port, LPC_RESOURCE_KIND Kind, ALPC_HANDLE Id)
{
    for (PLIST_ENTRY Link = Port->Resources.Flink; Link != &Port->Resources; Link = Link->Flink) {
        PLPC_RESOURCE Resource = CONTAINING_RECORD(Link, LPC_RESOURCE, Link);

        if (Resource->Kind == Kind && Resource->Id == (ULONG_PTR)Id)
            return Resource;
    }
    return NULL;
}

static VOID LpcpDereferenceSection(PLPC_SECTION Section)
{
    if (--Section->References != 0)
        return;
    ObDereferenceObject(Section->Section);
    ExFreePoolWithTag(Section, LPC_TAG_OTHER);
}

/* The port has it no longer; its memory stays. */
static VOID LpcpUnlinkResource(PLPC_RESOURCE Resource)
{
    RemoveEntryList(&Resource->Link);
    Resource->Port->PoolUsage -= Resource->Charge;
    Resource->Port = NULL;
}

/* The end of one that holds nothing yet. */
static VOID LpcpFreeResource(PLPC_RESOURCE Resource)
{
    LpcpUnlinkResource(Resource);
    ExFreePoolWithTag(Resource, LPC_TAG_OTHER);
}

VOID LpcpDeleteResource(PLPC_RESOURCE Resource)
{
    if (Resource->Section != NULL) {
        Resource->Port->SectionUsage -= Resource->Section->Size;
        LpcpDereferenceSection(Resource->Section);
    }
    if (Resource->Token != NULL)
        ObDereferenceObject(Resource->Token);
    LpcpUnlinkResource(Resource);
    if (Resource->Kind == LpcReserveResource && Resource->Message == NULL)
        return;                         /* its message is under way: LpcpReturnReserve ends it */
    if (Resource->Message != NULL)
        ExFreePoolWithTag(Resource->Message, LPC_TAG_MESSAGE);
    ExFreePoolWithTag(Resource, LPC_TAG_OTHER);
}

VOID LpcpDeleteResources(PLPC_PORT Port)
{
    while (!IsListEmpty(&Port->Resources))
        LpcpDeleteResource(CONTAINING_RECORD(Port->Resources.Flink, LPC_RESOURCE, Link));
}

/* The end of a create service: the id for the program, or nothing was made. */
static NTSTATUS LpcpReturnResource(PLPC_RESOURCE Resource, PALPC_HANDLE User)
{
    NTSTATUS Status = MmPutUser(User, (ALPC_HANDLE)Resource->Id);

    if (!NT_SUCCESS(Status))
        LpcpDeleteResource(Resource);
    return Status;
}

static NTSTATUS LpcpDeleteService(HANDLE PortHandle, ULONG Flags, LPC_RESOURCE_KIND Kind, ALPC_HANDLE Id)
{
    PLPC_RESOURCE Resource;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Resource = LpcpFindResource(Port, Kind, Id);
    if (Resource == NULL)
        Status = STATUS_INVALID_HANDLE;
    else
        LpcpDeleteResource(Resource);
    ObDereferenceObject(Port);
    return Status;
}

/* ------------------------------------------------------------------ reserves */

static NTSTATUS LpcpCreateReserve(PLPC_PORT Port, ULONG Size, PLPC_RESOURCE *Reserve)
{
    PLPC_MESSAGE Message;
    NTSTATUS Status = LpcpCreateResource(Port, LpcReserveResource, Size, Reserve);

    if (!NT_SUCCESS(Status))
        return Status;
    Message = ExAllocatePoolWithTag(PagedPool, Size, LPC_TAG_MESSAGE);
    if (Message == NULL) {
        LpcpFreeResource(*Reserve);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    (*Reserve)->Message = Message;
    (*Reserve)->MessageSize = Size;
    return STATUS_SUCCESS;
}

/* MessageSize: bytes behind the header. */
NTSTATUS NTAPI NtAlpcCreateResourceReserve(HANDLE PortHandle, ULONG Flags, SIZE_T MessageSize, PALPC_HANDLE ResourceId)
{
    PLPC_RESOURCE Resource;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags != 0 || MessageSize > LPC_MAXIMUM_MESSAGE - sizeof(PORT_MESSAGE))
        return STATUS_INVALID_PARAMETER;
    Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCreateReserve(Port, sizeof(LPC_MESSAGE) + (ULONG)MessageSize, &Resource);
    if (NT_SUCCESS(Status))
        Status = LpcpReturnResource(Resource, ResourceId);
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtAlpcDeleteResourceReserve(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE ResourceId)
{
    return LpcpDeleteService(PortHandle, Flags, LpcReserveResource, ResourceId);
}

NTSTATUS LpcpUseReserve(PLPC_PORT Port, ULONG ReserveId, ULONG Size, PLPC_RESOURCE *Reserve, PLPC_MESSAGE *Message)
{
    *Message = NULL;
    *Reserve = LpcpFindResource(Port, LpcReserveResource, (ALPC_HANDLE)(ULONG_PTR)ReserveId);
    if (*Reserve == NULL)
        return STATUS_OBJECTID_NOT_FOUND;
    if ((*Reserve)->Message == NULL)
        return STATUS_RESOURCE_IN_USE;
    if ((*Reserve)->MessageSize < Size)
        return STATUS_PORT_MESSAGE_TOO_LONG;
    *Message = (*Reserve)->Message;
    (*Reserve)->Message = NULL;
    return STATUS_SUCCESS;
}

VOID LpcpReturnReserve(PLPC_RESOURCE Reserve, PLPC_MESSAGE Message)
{
    if (Reserve->Port != NULL) {
        Reserve->Message = Message;
        return;
    }
    ExFreePoolWithTag(Message, LPC_TAG_MESSAGE);
    ExFreePoolWithTag(Reserve, LPC_TAG_OTHER);
}

/* ------------------------------------------------------------------ security contexts */

NTSTATUS LpcpCreateContext(PLPC_PORT Port, const SECURITY_QUALITY_OF_SERVICE *UserQos, PLPC_RESOURCE *Resource)
{
    SECURITY_QUALITY_OF_SERVICE Qos;
    NTSTATUS Status = MmGetUser(&Qos, UserQos);

    if (!NT_SUCCESS(Status))
        return Status;
    if ((ULONG)Qos.ImpersonationLevel > SecurityDelegation)
        return STATUS_BAD_IMPERSONATION_LEVEL;
    Status = LpcpCreateResource(Port, LpcContextResource, 0, Resource);
    if (NT_SUCCESS(Status))
        (*Resource)->Token = SeReferenceClient(&Qos, &(*Resource)->Level);
    return Status;
}

NTSTATUS NTAPI NtAlpcCreateSecurityContext(HANDLE PortHandle, ULONG Flags, PALPC_SECURITY_ATTR SecurityAttribute)
{
    ALPC_SECURITY_ATTR Attribute;
    PLPC_RESOURCE Resource;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = MmGetUser(&Attribute, SecurityAttribute);
    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpCreateContext(Port, Attribute.QoS, &Resource);
    if (NT_SUCCESS(Status))
        Status = LpcpReturnResource(Resource, &SecurityAttribute->ContextHandle);
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtAlpcDeleteSecurityContext(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE ContextHandle)
{
    return LpcpDeleteService(PortHandle, Flags, LpcContextResource, ContextHandle);
}

/* Messages that were sent with it before keep it. */
NTSTATUS NTAPI NtAlpcRevokeSecurityContext(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE ContextHandle)
{
    PLPC_RESOURCE Resource;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Resource = LpcpFindResource(Port, LpcContextResource, ContextHandle);
    if (Resource != NULL)
        Resource->Revoked = TRUE;
    ObDereferenceObject(Port);
    return Resource != NULL ? STATUS_SUCCESS : STATUS_INVALID_HANDLE;
}

/* ------------------------------------------------------------------ sections */

/* The program's section, or a new one of Size bytes. */
static NTSTATUS LpcpGetSection(HANDLE Handle, SIZE_T Size, PSECTION *Section)
{
    LARGE_INTEGER Maximum = { .QuadPart = (LONGLONG)Size };

    if (Handle == NULL)
        return MmCreateSection(Section, &Maximum, PAGE_READWRITE, SEC_COMMIT, NULL);
    return ObReferenceObjectByHandle(Handle, SECTION_MAP_READ | SECTION_MAP_WRITE, MmSectionObjectType, UserMode,
                                     (PVOID *)Section, NULL);
}

static NTSTATUS LpcpMakeSection(PLPC_PORT Port, BOOLEAN Secured, HANDLE Handle, SIZE_T Size, PLPC_RESOURCE *Resource)
{
    PLPC_SECTION Section;
    NTSTATUS Status;

    if ((Port->MaxSectionSize != 0 && Size > Port->MaxSectionSize) ||
        (Port->MaxTotalSectionSize != 0 && Size > Port->MaxTotalSectionSize - min(Port->SectionUsage,
                                                                                 Port->MaxTotalSectionSize)))
        return STATUS_QUOTA_EXCEEDED;
    Status = LpcpCreateResource(Port, LpcSectionResource, sizeof(*Section), Resource);
    if (!NT_SUCCESS(Status))
        return Status;
    Section = ExAllocatePoolZero(PagedPool, sizeof(*Section), LPC_TAG_OTHER);
    Status = Section != NULL ? LpcpGetSection(Handle, Size, &Section->Section) : STATUS_INSUFFICIENT_RESOURCES;
    if (!NT_SUCCESS(Status)) {
        if (Section != NULL)
            ExFreePoolWithTag(Section, LPC_TAG_OTHER);
        LpcpFreeResource(*Resource);
        return Status;
    }
    Section->References = 1;
    Section->Size = Size;
    Section->Secured = Secured;
    InitializeListHead(&Section->Regions);
    (*Resource)->Section = Section;
    Port->SectionUsage += Size;
    return STATUS_SUCCESS;
}

/* Flags: ALPC_VIEWFLG_SECURED_ACCESS, for a section that no handle names.  The system's sections are multiples of 64 KiB. */
NTSTATUS NTAPI NtAlpcCreatePortSection(HANDLE PortHandle, ULONG Flags, HANDLE SectionHandle, SIZE_T SectionSize,
        PALPC_HANDLE AlpcSectionHandle, PSIZE_T ActualSectionSize)
{
    SIZE_T Unit = SectionHandle == NULL ? MM_ALLOCATION_GRANULARITY : PAGE_SIZE;
    SIZE_T Size = (SectionSize + Unit - 1) & ~(Unit - 1);
    PLPC_RESOURCE Resource;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags & ~ALPC_VIEWFLG_SECURED_ACCESS || (Flags != 0 && SectionHandle != NULL) || SectionSize == 0 ||
        SectionSize > (SIZE_T)MM_HIGHEST_USER_ADDRESS)
        return STATUS_INVALID_PARAMETER;
    Status = MmProbeForWrite(AlpcSectionHandle, sizeof(*AlpcSectionHandle), 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ActualSectionSize, sizeof(*ActualSectionSize), 1);
    if (NT_SUCCESS(Status))
        Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = LpcpMakeSection(Port, Flags != 0, SectionHandle, Size, &Resource);
    if (NT_SUCCESS(Status))
        Status = LpcpReturnResource(Resource, AlpcSectionHandle);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(ActualSectionSize, Size);
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtAlpcDeletePortSection(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE SectionHandle)
{
    return LpcpDeleteService(PortHandle, Flags, LpcSectionResource, SectionHandle);
}

/* ------------------------------------------------------------------ regions and views */

VOID LpcpDereferenceRegion(PLPC_REGION Region)
{
    if (--Region->References != 0)
        return;
    RemoveEntryList(&Region->Link);
    LpcpDereferenceSection(Region->Section);
    ExFreePoolWithTag(Region, LPC_TAG_OTHER);
}

/* The first free place of that size; one reference is the caller's. */
static NTSTATUS LpcpCreateRegion(PLPC_SECTION Section, SIZE_T Size, PLPC_REGION *Region)
{
    PLIST_ENTRY Link = Section->Regions.Flink;
    SIZE_T Offset = 0;

    for (; Link != &Section->Regions; Link = Link->Flink) {
        PLPC_REGION Taken = CONTAINING_RECORD(Link, LPC_REGION, Link);

        if (Taken->Offset - Offset >= Size)
            break;
        Offset = (Taken->Offset + Taken->Size + MM_ALLOCATION_GRANULARITY - 1) & ~(SIZE_T)(MM_ALLOCATION_GRANULARITY - 1);
    }
    if (Offset > Section->Size || Size > Section->Size - Offset)
        return STATUS_INSUFFICIENT_RESOURCES;
    *Region = ExAllocatePoolZero(PagedPool, sizeof(**Region), LPC_TAG_OTHER);
    if (*Region == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    (*Region)->References = 1;
    (*Region)->Section = Section;
    (*Region)->Offset = Offset;
    (*Region)->Size = Size;
    Section->References++;
    InsertTailList(Link, &(*Region)->Link);
    return STATUS_SUCCESS;
}

NTSTATUS LpcpMapRegion(PLPC_PORT Owner, PLPC_REGION Region, ULONG MessageId, PLPC_MAPPING *Mapping)
{
    PLPC_MAPPING New = ExAllocatePoolZero(PagedPool, sizeof(*New), LPC_TAG_OTHER);
    LARGE_INTEGER Offset = { .QuadPart = (LONGLONG)Region->Offset };
    SIZE_T Size = Region->Size;
    NTSTATUS Status;

    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = MmMapViewOfSection(Region->Section->Section, &PsGetCurrentProcess()->Vm, &New->Base, 0, &Offset, &Size, 0,
                                PAGE_READWRITE);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(New, LPC_TAG_OTHER);
        return Status;
    }
    New->Owner = Owner;
    New->Process = PsGetCurrentProcess();
    New->Region = Region;
    New->MessageId = MessageId;
    ObReferenceObject(New->Process);
    Region->References++;
    Region->Mappings++;
    InsertTailList(&LpcpQueueOf(Owner)->Mappings, &New->Link);
    *Mapping = New;
    return STATUS_SUCCESS;
}

VOID LpcpUnmap(PLPC_MAPPING Mapping)
{
    RemoveEntryList(&Mapping->Link);
    MmUnmapViewOfSection(&Mapping->Process->Vm, Mapping->Base);
    Mapping->Region->Mappings--;
    LpcpDereferenceRegion(Mapping->Region);
    ObDereferenceObject(Mapping->Process);
    ExFreePoolWithTag(Mapping, LPC_TAG_OTHER);
}

PLPC_MAPPING LpcpFindMapping(PLPC_PORT Port, PVOID Base)
{
    PLIST_ENTRY Head = &LpcpQueueOf(Port)->Mappings;

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        PLPC_MAPPING Mapping = CONTAINING_RECORD(Link, LPC_MAPPING, Link);

        if (Mapping->Base == Base && Mapping->Process == PsGetCurrentProcess())
            return Mapping;
    }
    return NULL;
}

PLPC_MAPPING LpcpFindMappingOf(PLPC_PORT Port, ULONG MessageId)
{
    PLIST_ENTRY Head = &LpcpQueueOf(Port)->Mappings;

    for (PLIST_ENTRY Link = Head->Flink; Link != Head; Link = Link->Flink) {
        PLPC_MAPPING Mapping = CONTAINING_RECORD(Link, LPC_MAPPING, Link);

        if (Mapping->MessageId == MessageId && Mapping->Process == PsGetCurrentProcess())
            return Mapping;
    }
    return NULL;
}

VOID LpcpUnmapAll(PLPC_PORT Owner)
{
    PLIST_ENTRY Head = &LpcpQueueOf(Owner)->Mappings;

    for (PLIST_ENTRY Link = Head->Flink, Next; Link != Head; Link = Next) {
        PLPC_MAPPING Mapping = CONTAINING_RECORD(Link, LPC_MAPPING, Link);

        Next = Link->Flink;
        if (Mapping->Owner == Owner)
            LpcpUnmap(Mapping);
    }
}

NTSTATUS NTAPI NtAlpcCreateSectionView(HANDLE PortHandle, ULONG Flags, PALPC_DATA_VIEW_ATTR ViewAttributes)
{
    PLPC_MAPPING Mapping = NULL;
    ALPC_DATA_VIEW_ATTR View;
    PLPC_RESOURCE Resource;
    PLPC_REGION Region;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = MmGetUser(&View, ViewAttributes);
    if (!NT_SUCCESS(Status))
        return Status;
    if (View.ViewBase != NULL || View.ViewSize == 0 || View.ViewSize > (SIZE_T)MM_HIGHEST_USER_ADDRESS)
        return STATUS_INVALID_PARAMETER;
    View.ViewSize = BYTES_TO_PAGES(View.ViewSize) << PAGE_SHIFT;
    Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Resource = LpcpFindResource(Port, LpcSectionResource, View.SectionHandle);
    if (Resource == NULL)
        Status = STATUS_INVALID_HANDLE;
    else if (Port->MaxViewSize != 0 && View.ViewSize > Port->MaxViewSize)
        Status = STATUS_QUOTA_EXCEEDED;
    else
        Status = LpcpCreateRegion(Resource->Section, View.ViewSize, &Region);
    if (NT_SUCCESS(Status)) {
        Status = LpcpMapRegion(Port, Region, 0, &Mapping);
        LpcpDereferenceRegion(Region);
    }
    if (NT_SUCCESS(Status)) {
        View.ViewBase = Mapping->Base;
        Status = MmPutUser(ViewAttributes, View);
        if (!NT_SUCCESS(Status))
            LpcpUnmap(Mapping);
    }
    ObDereferenceObject(Port);
    return Status;
}

NTSTATUS NTAPI NtAlpcDeleteSectionView(HANDLE PortHandle, ULONG Flags, PVOID ViewBase)
{
    PLPC_MAPPING Mapping;
    PLPC_PORT Port;
    NTSTATUS Status;

    if (Flags != 0)
        return STATUS_INVALID_PARAMETER;
    Status = LpcpReferencePort(PortHandle, LPC_ANY_PORT, &Port);
    if (!NT_SUCCESS(Status))
        return Status;
    Mapping = LpcpFindMapping(Port, ViewBase);
    if (Mapping == NULL)
        Status = STATUS_INVALID_PARAMETER;
    else
        LpcpUnmap(Mapping);
    ObDereferenceObject(Port);
    return Status;
}
