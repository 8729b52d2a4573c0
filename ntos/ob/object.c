/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The life of an object: create, insert (name and first handle), open by pointer or name, delete.
 *
 * An object that nobody refers to is deleted at once.  Deleting one object may drop the last reference to another (its
 * directory, say); such objects are queued and deleted by the outermost call, so that stack use does not grow with the
 * length of the chain.  Delete methods do not wait, so the queue is empty whenever ob is left.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"

static POBJECT_HEADER ObpDeleteQueue;
BOOLEAN ObpDeleting;

static VOID ObpFreeObject(POBJECT_HEADER Header)
{
    POBJECT_TYPE Type = Header->Type;

    if (Header->NameInfo != NULL)
        ExFreePoolWithTag(Header->NameInfo, OB_TAG_NAME);
    SeReleaseSecurityDescriptor(Header->SecurityDescriptor);
    Type->TotalNumberOfObjects--;
    ExFreePoolWithTag(Header, OB_TAG_OBJECT);
}

static VOID ObpReleaseCreateInfo(POBJECT_HEADER Header)
{
    if (Header->Flags & OB_FLAG_INSERTED || Header->CreateInfo == NULL)
        return;
    ObpReleaseObjectAttributes(Header->CreateInfo);
    ExFreePoolWithTag(Header->CreateInfo, OB_TAG_OBJECT);
    Header->CreateInfo = NULL;
}

VOID ObpDeleteLastReference(POBJECT_HEADER Header)
{
    ObpReleaseCreateInfo(Header);
    Header->NextToDelete = ObpDeleteQueue;
    ObpDeleteQueue = Header;
    if (ObpDeleting)
        return;
    ObpDeleting = TRUE;
    while ((Header = ObpDeleteQueue) != NULL) {
        ObpDeleteQueue = Header->NextToDelete;
        if (Header->Type->TypeInfo.DeleteProcedure != NULL)
            Header->Type->TypeInfo.DeleteProcedure(OBJECT_HEADER_TO_OBJECT(Header));
        ObpFreeObject(Header);
    }
    ObpDeleting = FALSE;
}

static NTSTATUS ObpCheckCreateAttributes(KPROCESSOR_MODE Mode, ULONG Attributes, POBJECT_TYPE Type)
{
    if (Attributes & Type->TypeInfo.InvalidAttributes)
        return STATUS_INVALID_PARAMETER;
    if (Attributes & OBJ_PERMANENT && !SeSinglePrivilegeCheck(SeMakeLuid(SE_CREATE_PERMANENT_PRIVILEGE), Mode))
        return STATUS_PRIVILEGE_NOT_HELD;
    return STATUS_SUCCESS;
}

/* Attributes that say nothing are not kept: the usual unnamed event costs no second allocation. */
static NTSTATUS ObpAttachCreateInfo(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_TYPE Type,
        POBJECT_CREATE_INFORMATION *Kept)
{
    OBJECT_CREATE_INFORMATION Captured;
    NTSTATUS Status;

    *Kept = NULL;
    if (ObjectAttributes == NULL)
        return STATUS_SUCCESS;
    Status = ObpCaptureObjectAttributes(Mode, ObjectAttributes, &Captured);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObpCheckCreateAttributes(Mode, Captured.Attributes, Type);
    if (!NT_SUCCESS(Status)) {
        ObpReleaseObjectAttributes(&Captured);
        return Status;
    }
    *Kept = ExAllocatePoolWithTag(PagedPool, sizeof(Captured), OB_TAG_OBJECT);
    if (*Kept == NULL) {
        ObpReleaseObjectAttributes(&Captured);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    **Kept = Captured;
    return STATUS_SUCCESS;
}

NTSTATUS ObCreateObject(KPROCESSOR_MODE ProbeMode, POBJECT_TYPE ObjectType, POBJECT_ATTRIBUTES ObjectAttributes,
        KPROCESSOR_MODE OwnershipMode, PVOID ParseContext, ULONG ObjectBodySize, ULONG PagedPoolCharge,
        ULONG NonPagedPoolCharge, PVOID *Object)
{
    POBJECT_CREATE_INFORMATION CreateInfo;
    POBJECT_HEADER Header;
    NTSTATUS Status;

    *Object = NULL;
    Status = ObpAttachCreateInfo(ProbeMode, ObjectAttributes, ObjectType, &CreateInfo);
    if (!NT_SUCCESS(Status))
        return Status;
    Header = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Header) + ObjectBodySize, OB_TAG_OBJECT);
    if (Header == NULL) {
        if (CreateInfo != NULL) {
            ObpReleaseObjectAttributes(CreateInfo);
            ExFreePoolWithTag(CreateInfo, OB_TAG_OBJECT);
        }
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    memset(Header, 0, sizeof(*Header) + ObjectBodySize);
    Header->PointerCount = 1;
    Header->Type = ObjectType;
    Header->BodySize = ObjectBodySize;
    Header->CreateInfo = CreateInfo;
    if (++ObjectType->TotalNumberOfObjects > ObjectType->HighWaterNumberOfObjects)
        ObjectType->HighWaterNumberOfObjects = ObjectType->TotalNumberOfObjects;
    *Object = OBJECT_HEADER_TO_OBJECT(Header);
    return STATUS_SUCCESS;
}

NTSTATUS ObpCheckObjectAccess(POBJECT_HEADER Header, ACCESS_MASK DesiredAccess, ULONG Attributes,
        KPROCESSOR_MODE AccessMode, PACCESS_MASK GrantedAccess)
{
    POBJECT_TYPE Type = Header->Type;
    SECURITY_SUBJECT_CONTEXT Subject;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Attributes & OBJ_FORCE_ACCESS_CHECK)
        AccessMode = UserMode;
    if (Header->SecurityDescriptor == NULL || AccessMode == KernelMode) {
        if (DesiredAccess & MAXIMUM_ALLOWED)
            DesiredAccess |= GENERIC_ALL;
        RtlMapGenericMask(&DesiredAccess, &Type->TypeInfo.GenericMapping);
        *GrantedAccess = DesiredAccess & (Type->TypeInfo.ValidAccessMask | ACCESS_SYSTEM_SECURITY);
        return STATUS_SUCCESS;
    }
    SeCaptureSubjectContext(&Subject);
    SeAccessCheck(Header->SecurityDescriptor, &Subject, FALSE, DesiredAccess, 0, NULL, &Type->TypeInfo.GenericMapping,
                  AccessMode, GrantedAccess, &Status);
    SeReleaseSubjectContext(&Subject);
    *GrantedAccess &= Type->TypeInfo.ValidAccessMask | ACCESS_SYSTEM_SECURITY;
    return Status;
}

/* The name is taken: open the object that has it, if that is wanted. */
static NTSTATUS ObpUseExisting(PVOID Existing, POBJECT_HEADER Header, POBJECT_CREATE_INFORMATION Info)
{
    if (!(Info->Attributes & OBJ_OPENIF))
        return STATUS_OBJECT_NAME_COLLISION;
    if (ObGetObjectType(Existing) != Header->Type)
        return STATUS_OBJECT_TYPE_MISMATCH;
    return STATUS_OBJECT_NAME_EXISTS;
}

/*
 * Gives Object its name.  STATUS_OBJECT_NAME_EXISTS: *Existing is the referenced object that has the name already.
 */
static NTSTATUS ObpInsertName(PVOID Object, POBJECT_CREATE_INFORMATION Info, PVOID *Existing)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);
    OBP_LOOKUP Lookup;
    NTSTATUS Status;

    Status = ObpLookupObjectName(Info->RootDirectory, &Info->Name, Info->Attributes, Header->Type, Info->Mode, NULL,
                                 NULL, Object, NULL, &Lookup, Existing);
    if (NT_SUCCESS(Status)) {
        Status = ObpUseExisting(*Existing, Header, Info);
        if (Status != STATUS_OBJECT_NAME_EXISTS) {
            ObDereferenceObject(*Existing);
            *Existing = NULL;
        }
    } else if (Status == STATUS_OBJECT_NAME_NOT_FOUND && Lookup.Directory != NULL) {
        ACCESS_MASK Granted;

        Status = ObpCheckObjectAccess(OBJECT_TO_OBJECT_HEADER(Lookup.Directory),
                                      Header->Type == ObpDirectoryObjectType ? DIRECTORY_CREATE_SUBDIRECTORY
                                                                             : DIRECTORY_CREATE_OBJECT,
                                      0, Info->Mode, &Granted);
        if (NT_SUCCESS(Status))
            Status = ObpInsertDirectoryEntry(Lookup.Directory, &Lookup.LastName, Object);
    }
    ObpReleaseLookup(&Lookup);
    return Status;
}

/*
 * The descriptor of a new object: as its maker says.  Where nothing is said, named objects and those of types that ask for it get the
 * default of who makes them; what ntos itself makes under a name is open for reading.
 */
static NTSTATUS ObpAssignSecurity(POBJECT_HEADER Header, const OBJECT_CREATE_INFORMATION *Info)
{
    PSECURITY_DESCRIPTOR Given = Info != NULL ? Info->SecurityDescriptor : NULL, New;
    BOOLEAN Named = Header->NameInfo != NULL;
    NTSTATUS Status;

    if (Given == NULL && (Header->SecurityDescriptor != NULL || Header->Type->TypeInfo.SecurityProcedure != NULL ||
                          !(Named || Header->Type->TypeInfo.SecurityRequired)))
        return STATUS_SUCCESS;
    if (Given == NULL && Named && (Info == NULL || Info->Mode == KernelMode))
        New = SeReferenceSecurityDescriptor(SePublicDefaultSd);
    else {
        Status = SeAssignSecurity(NULL, Given, Info != NULL ? Info->Mode : KernelMode, &New);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    SeReleaseSecurityDescriptor(Header->SecurityDescriptor);
    Header->SecurityDescriptor = New;
    if (Header->Type->TypeInfo.TokenProcedure == NULL || Info == NULL || Info->Mode == KernelMode)
        return STATUS_SUCCESS;
    return SeLabelForToken(Header->Type->TypeInfo.TokenProcedure(Header + 1), &Header->SecurityDescriptor);
}

static VOID ObpFinishCreation(POBJECT_HEADER Header, POBJECT_CREATE_INFORMATION Info)
{
    if (Info == NULL)
        return;
    if (Info->Attributes & OBJ_PERMANENT)
        Header->Flags |= OB_FLAG_PERMANENT;
    if (Info->Attributes & OBJ_EXCLUSIVE)
        Header->Flags |= OB_FLAG_EXCLUSIVE;
}

/* Who makes an object gets what it asks for, but for the one right that only a privilege gives. */
static BOOLEAN ObpMayCreateWith(ACCESS_MASK Access, KPROCESSOR_MODE Mode)
{
    return !(Access & ACCESS_SYSTEM_SECURITY) || SeSinglePrivilegeCheck(SeMakeLuid(SE_SECURITY_PRIVILEGE), Mode);
}

NTSTATUS ObInsertObject(PVOID Object, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess,
        ULONG ObjectPointerBias, PVOID *NewObject, PHANDLE Handle)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);
    POBJECT_CREATE_INFORMATION Info = Header->CreateInfo;
    KPROCESSOR_MODE Mode = Info != NULL ? Info->Mode : UserMode;
    ULONG Attributes = Info != NULL ? Info->Attributes : 0;
    PVOID Target = Object;
    NTSTATUS Status = STATUS_SUCCESS;
    NTSTATUS HandleStatus = STATUS_SUCCESS;

    if (NewObject != NULL)
        *NewObject = NULL;
    Header->CreateInfo = NULL;
    Header->Flags |= OB_FLAG_INSERTED;
    if (Info != NULL && Info->Name.Length != 0)
        Status = ObpInsertName(Object, Info, &Target);
    else if (Info != NULL && Info->RootDirectory != NULL)
        Status = STATUS_OBJECT_NAME_INVALID;
    if (NT_SUCCESS(Status) && Status != STATUS_OBJECT_NAME_EXISTS && !ObpMayCreateWith(DesiredAccess, Mode)) {
        ObpUnlinkName(Header);
        Status = STATUS_PRIVILEGE_NOT_HELD;
    }
    if (!NT_SUCCESS(Status))
        goto out;
    if (Status == STATUS_OBJECT_NAME_EXISTS) {
        ObDereferenceObject(Object);
    } else {
        Target = Object;
        Status = ObpAssignSecurity(Header, Info);
        if (!NT_SUCCESS(Status)) {
            ObpUnlinkName(Header);
            goto out;
        }
    }
    /* From here on one reference on Target is ours. */
    if (Target == Object)
        ObpFinishCreation(Header, Info);
    if (Handle != NULL) {
        ACCESS_MASK Granted;

        /* The creator gets what it asks for; a name that existed is checked like any open. */
        HandleStatus = ObpCheckObjectAccess(OBJECT_TO_OBJECT_HEADER(Target), DesiredAccess, Attributes,
                                            Target == Object ? KernelMode : Mode, &Granted);
        if (NT_SUCCESS(HandleStatus)) {
            HandleStatus = ObpCreateHandle(Target == Object ? ObCreateHandle : ObOpenHandle, PsGetCurrentProcess(),
                                           Target, Granted, Attributes, Mode, Handle);
        }
        if (!NT_SUCCESS(HandleStatus)) {
            if (Target == Object)
                ObpUnlinkName(Header);
            Status = HandleStatus;
        }
    }
    if (NT_SUCCESS(Status) && NewObject != NULL) {
        OBJECT_TO_OBJECT_HEADER(Target)->PointerCount += 1 + ObjectPointerBias;
        *NewObject = Target;
    }
    Object = Target;
out:
    if (Info != NULL) {
        ObpReleaseObjectAttributes(Info);
        ExFreePoolWithTag(Info, OB_TAG_OBJECT);
    }
    ObDereferenceObject(Object);
    return Status;
}

VOID ObpDeleteNameCheck(POBJECT_HEADER Header)
{
    if (Header->HandleCount == 0 && !(Header->Flags & OB_FLAG_PERMANENT) && Header->NameInfo != NULL)
        ObpUnlinkName(Header);
}

VOID ObMakeTemporaryObject(PVOID Object)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);

    Header->Flags &= ~OB_FLAG_PERMANENT;
    ObpDeleteNameCheck(Header);
}

NTSTATUS ObOpenObjectByPointer(PVOID Object, ULONG HandleAttributes, PACCESS_STATE PassedAccessState,
        ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PHANDLE Handle)
{
    ACCESS_MASK Granted;
    NTSTATUS Status;

    *Handle = NULL;
    if (ObjectType != NULL && ObGetObjectType(Object) != ObjectType)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (HandleAttributes & ObGetObjectType(Object)->TypeInfo.InvalidAttributes)
        return STATUS_INVALID_PARAMETER;
    Status = ObpCheckObjectAccess(OBJECT_TO_OBJECT_HEADER(Object), DesiredAccess, HandleAttributes, AccessMode,
                                  &Granted);
    if (!NT_SUCCESS(Status))
        return Status;
    if (PassedAccessState != NULL)
        Granted |= PassedAccessState->PreviouslyGrantedAccess;
    return ObpCreateHandle(ObOpenHandle, PsGetCurrentProcess(), Object, Granted, HandleAttributes, AccessMode, Handle);
}

NTSTATUS ObOpenObjectByName(POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode,
        PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess, PVOID ParseContext, PHANDLE Handle)
{
    OBJECT_CREATE_INFORMATION Info;
    ACCESS_STATE LocalState;
    OBP_LOOKUP Lookup;
    PVOID Object;
    NTSTATUS Status;

    *Handle = NULL;
    if (ObjectAttributes == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = ObpCaptureObjectAttributes(AccessMode, ObjectAttributes, &Info);
    if (!NT_SUCCESS(Status))
        return Status;
    if (PassedAccessState == NULL) {
        memset(&LocalState, 0, sizeof(LocalState));
        LocalState.OriginalDesiredAccess = LocalState.RemainingDesiredAccess = DesiredAccess;
        LocalState.SecurityDescriptor = Info.SecurityDescriptor;
        PassedAccessState = &LocalState;
    }
    Status = ObpLookupObjectName(Info.RootDirectory, &Info.Name, Info.Attributes, ObjectType, AccessMode,
                                 PassedAccessState, ParseContext, NULL, Info.HasQos ? &Info.SecurityQos : NULL,
                                 &Lookup, &Object);
    if (NT_SUCCESS(Status)) {
        NTSTATUS OpenStatus = ObOpenObjectByPointer(Object, Info.Attributes & ~OBJ_PERMANENT, PassedAccessState,
                                                    PassedAccessState->RemainingDesiredAccess, NULL, AccessMode, Handle);

        ObDereferenceObject(Object);
        if (!NT_SUCCESS(OpenStatus))
            Status = OpenStatus;
    }
    ObpReleaseLookup(&Lookup);
    ObpReleaseObjectAttributes(&Info);
    return Status;
}

NTSTATUS ObReturnHandle(NTSTATUS Status, HANDLE Handle, PHANDLE UserHandle)
{
    NTSTATUS WriteStatus;

    if (!NT_SUCCESS(Status))
        Handle = NULL;
    WriteStatus = MmCopyToUser(UserHandle, &Handle, sizeof(Handle));
    if (NT_SUCCESS(WriteStatus))
        return Status;
    if (Handle != NULL)
        ObCloseHandle(Handle, KernelMode);
    return WriteStatus;
}

NTSTATUS ObOpenUserObject(POBJECT_TYPE ObjectType, PHANDLE UserHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    HANDLE Handle = NULL;
    NTSTATUS Status = ObOpenObjectByName(ObjectAttributes, ObjectType, UserMode, NULL, DesiredAccess, NULL, &Handle);

    return ObReturnHandle(Status, Handle, UserHandle);
}
