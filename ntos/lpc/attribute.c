/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Attributes of ALPC messages: what goes along with the bytes.  Sent: context, security, handles, a view.  Received:
 * context, token, handles, a view.
 *
 * A handle travels as a reference to its object and becomes the receiver's handle when the receiver takes the message
 * (or asks, if its port has ALPC_PORFLG_ALLOW_INDIRECT_HANDLES); a receiver that does not ask gets nothing.  Nothing
 * here waits.
 */
#include "ntos/lpc/lpcp.h"
#include "ntos/inc/cm.h"
#include "ntos/inc/ex.h"
#include "ntos/inc/io.h"

#define LPC_SENT_ATTRIBUTES \
    (ALPC_MESSAGE_SECURITY_ATTRIBUTE | ALPC_MESSAGE_VIEW_ATTRIBUTE | ALPC_MESSAGE_CONTEXT_ATTRIBUTE | \
     ALPC_MESSAGE_HANDLE_ATTRIBUTE)

/* Where an attribute lies in the program's block. */
static PVOID LpcpPlace(PALPC_MESSAGE_ATTRIBUTES User, ULONG Allocated, ULONG Flag)
{
    return (PUCHAR)User + AlpcGetHeaderSize(Allocated & ~(Flag | (Flag - 1)));
}

static ULONG LpcpTypeCode(PVOID Object)
{
    const struct {
        POBJECT_TYPE Type;
        ULONG Code;
    } Codes[] = {
        { IoFileObjectType, ALPC_OBJECT_FILE }, { PsThreadType, ALPC_OBJECT_THREAD },
        { ExSemaphoreObjectType, ALPC_OBJECT_SEMAPHORE }, { ExEventObjectType, ALPC_OBJECT_EVENT },
        { PsProcessType, ALPC_OBJECT_PROCESS }, { ExMutantObjectType, ALPC_OBJECT_MUTANT },
        { MmSectionObjectType, ALPC_OBJECT_SECTION }, { CmKeyObjectType, ALPC_OBJECT_KEY },
        { SeTokenObjectType, ALPC_OBJECT_TOKEN }, { PsJobType, ALPC_OBJECT_JOB },
    };

    for (ULONG i = 0; i < RTL_NUMBER_OF(Codes); i++)
        if (ObGetObjectType(Object) == Codes[i].Type)
            return Codes[i].Code;
    return 0;
}

VOID LpcpReleaseCargo(PLPC_MESSAGE Message)
{
    PLPC_CARGO Cargo = Message->Cargo;

    if (Cargo == NULL)
        return;
    Message->Cargo = NULL;
    if (Cargo->Region != NULL)
        LpcpDereferenceRegion(Cargo->Region);
    for (ULONG i = 0; i < Cargo->HandleCount; i++)
        ObDereferenceObject(Cargo->Handles[i].Object);
    ExFreePoolWithTag(Cargo, LPC_TAG_OTHER);
}

static NTSTATUS LpcpNeedCargo(PLPC_MESSAGE Message, ULONG Handles)
{
    if (Message->Cargo == NULL)
        Message->Cargo = ExAllocatePoolZero(PagedPool, sizeof(LPC_CARGO) + Handles * sizeof(LPC_PARCEL), LPC_TAG_OTHER);
    return Message->Cargo != NULL ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* ------------------------------------------------------------------ sending */

/* One handle of the sender's, with the rights that the receiver will have. */
static NTSTATUS LpcpPack(PLPC_PORT Target, const ALPC_HANDLE_ATTR32 *Attribute, HANDLE Handle, PLPC_PARCEL Parcel)
{
    OBJECT_HANDLE_INFORMATION Information;
    ACCESS_MASK Access = Attribute->DesiredAccess;
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, 0, NULL, UserMode, &Parcel->Object, &Information);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Attribute->Flags & ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS)
        Access = Information.GrantedAccess;
    RtlMapGenericMask(&Access, &ObGetObjectType(Parcel->Object)->TypeInfo.GenericMapping);
    Parcel->Access = Access;
    Parcel->Type = LpcpTypeCode(Parcel->Object);
    if (Attribute->Flags & ALPC_HANDLEFLG_DUPLICATE_SAME_ATTRIBUTES)
        Parcel->Attributes = Information.HandleAttributes & OBJ_INHERIT;
    else if (Attribute->Flags & ALPC_HANDLEFLG_DUPLICATE_INHERIT)
        Parcel->Attributes = OBJ_INHERIT;
    if (Access & ~Information.GrantedAccess)
        Status = STATUS_ACCESS_DENIED;
    else if (Parcel->Type == 0 || !(Target->DupObjectTypes & Parcel->Type) ||
             (Attribute->ObjectType != 0 && Attribute->ObjectType != Parcel->Type))
        Status = STATUS_OBJECT_TYPE_MISMATCH;
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Parcel->Object);
        Parcel->Object = NULL;
    }
    return Status;
}

static NTSTATUS LpcpAttachHandles(PLPC_PORT Target, PLPC_MESSAGE Message, const ALPC_HANDLE_ATTR *User)
{
    ALPC_HANDLE_ATTR32 One;
    ALPC_HANDLE_ATTR Attribute;
    ULONG Count = 1;
    NTSTATUS Status = MmGetUser(&Attribute, User);

    if (!NT_SUCCESS(Status))
        return Status;
    if (!(Target->Flags & ALPC_PORFLG_ALLOW_DUP_OBJECT))
        return STATUS_ACCESS_DENIED;
    if (Attribute.Flags & ALPC_HANDLEFLG_INDIRECT) {
        Count = Attribute.HandleCount;
        if (Count == 0 || Count > LPC_MAXIMUM_HANDLES ||
            (Count > 1 && !(Target->Flags & ALPC_PORFLG_ALLOW_INDIRECT_HANDLES)))
            return STATUS_INVALID_PARAMETER;
    }
    Status = LpcpNeedCargo(Message, Count);
    for (ULONG i = 0; NT_SUCCESS(Status) && i < Count; i++) {
        HANDLE Handle = Attribute.Handle;

        One = (ALPC_HANDLE_ATTR32){ Attribute.Flags, 0, Attribute.ObjectType, Attribute.DesiredAccess };
        if (Attribute.Flags & ALPC_HANDLEFLG_INDIRECT) {
            Status = MmGetUser(&One, &Attribute.HandleAttrArray[i]);
            Handle = (HANDLE)(LONG_PTR)(LONG)One.Handle;
        }
        if (NT_SUCCESS(Status))
            Status = LpcpPack(Target, &One, Handle, &Message->Cargo->Handles[i]);
        if (NT_SUCCESS(Status))
            Message->Cargo->HandleCount++;
    }
    return Status;
}

static NTSTATUS LpcpAttachSecurity(PLPC_PORT Port, PLPC_MESSAGE Message, PALPC_SECURITY_ATTR User)
{
    ALPC_SECURITY_ATTR Attribute;
    PLPC_RESOURCE Context;
    BOOLEAN New = FALSE;
    NTSTATUS Status = MmGetUser(&Attribute, User);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Attribute.ContextHandle == NULL || Attribute.Flags & ALPC_SECFLG_CREATE_HANDLE) {
        Status = LpcpCreateContext(Port, Attribute.QoS, &Context);
        if (!NT_SUCCESS(Status))
            return Status;
        New = TRUE;
    } else {
        Context = LpcpFindResource(Port, LpcContextResource, Attribute.ContextHandle);
        if (Context == NULL || Context->Revoked)
            return STATUS_INVALID_HANDLE;
    }
    if (Message->Token != NULL)
        ObDereferenceObject(Message->Token);
    Message->Token = Context->Token;
    Message->Level = Context->Level;
    ObReferenceObject(Message->Token);
    if (!New)
        return STATUS_SUCCESS;
    if (Attribute.Flags & ALPC_SECFLG_CREATE_HANDLE)
        Status = MmPutUser(&User->ContextHandle, (ALPC_HANDLE)Context->Id);
    if (!(Attribute.Flags & ALPC_SECFLG_CREATE_HANDLE) || !NT_SUCCESS(Status))
        LpcpDeleteResource(Context);
    return Status;
}

/*
 * A view that the sender keeps can be written by it at any time; secured is one that it gives away, of a section that it
 * cannot map again.  DIFFERS: Windows secures also views that the sender keeps, by taking away the right to write.
 */
static NTSTATUS LpcpAttachView(PLPC_PORT Port, PLPC_MESSAGE Message, PLPC_MESSAGE Answered, ALPC_DATA_VIEW_ATTR *User)
{
    ALPC_DATA_VIEW_ATTR View;
    PLPC_MAPPING Mapping, Existing = NULL;
    NTSTATUS Status = MmGetUser(&View, User);

    if (!NT_SUCCESS(Status))
        return Status;
    if (View.Flags & ~(ALPC_VIEWFLG_UNMAP_EXISTING | ALPC_VIEWFLG_AUTO_RELEASE | ALPC_VIEWFLG_SECURED_ACCESS))
        return STATUS_INVALID_PARAMETER;
    if (View.Flags & ALPC_VIEWFLG_UNMAP_EXISTING && Answered != NULL)
        Existing = LpcpFindMappingOf(Port, Answered->Header.MessageId);
    if (View.ViewBase != NULL) {
        Mapping = LpcpFindMapping(Port, View.ViewBase);
        if (Mapping == NULL || View.ViewSize == 0 || View.ViewSize > Mapping->Region->Size)
            return STATUS_INVALID_PARAMETER;
        if (View.Flags & ALPC_VIEWFLG_SECURED_ACCESS &&
            (!(View.Flags & ALPC_VIEWFLG_AUTO_RELEASE) || !Mapping->Region->Section->Secured ||
             Mapping->Region->Mappings != 1))
            return STATUS_NOT_SUPPORTED;
        Status = LpcpNeedCargo(Message, 0);
        if (!NT_SUCCESS(Status))
            return Status;
        Message->Cargo->Region = Mapping->Region;
        Message->Cargo->Region->References++;
        Message->Cargo->ViewSize = View.ViewSize;
        Message->Cargo->ViewFlags = View.Flags & ALPC_VIEWFLG_SECURED_ACCESS;
        if (View.Flags & ALPC_VIEWFLG_AUTO_RELEASE) {
            if (Existing == Mapping)
                Existing = NULL;
            LpcpUnmap(Mapping);
        }
    }
    if (Existing != NULL)
        LpcpUnmap(Existing);
    return STATUS_SUCCESS;
}

NTSTATUS LpcpAttach(PLPC_PORT Port, PLPC_PORT Target, PLPC_MESSAGE Message, PLPC_MESSAGE Answered,
        PALPC_MESSAGE_ATTRIBUTES User)
{
    ALPC_MESSAGE_ATTRIBUTES Given;
    ALPC_CONTEXT_ATTR Context;
    NTSTATUS Status;

    if (User == NULL)
        return STATUS_SUCCESS;
    Status = MmGetUser(&Given, User);
    if (!NT_SUCCESS(Status))
        return Status;
    /* A program may send back the block that it received with: the token is not its to give. */
    Given.ValidAttributes &= ~(ALPC_MESSAGE_TOKEN_ATTRIBUTE | ALPC_MESSAGE_WORK_ON_BEHALF_ATTRIBUTE);
    if (Given.ValidAttributes & ~Given.AllocatedAttributes)
        return STATUS_INVALID_PARAMETER;
    if (Given.ValidAttributes & ~LPC_SENT_ATTRIBUTES)
        return STATUS_NOT_SUPPORTED;
    if (Given.ValidAttributes & ALPC_MESSAGE_CONTEXT_ATTRIBUTE) {
        Status = MmCopyFromUser(&Context, LpcpPlace(User, Given.AllocatedAttributes, ALPC_MESSAGE_CONTEXT_ATTRIBUTE),
                                sizeof(Context));
        if (NT_SUCCESS(Status))
            Message->SenderContext = Context.MessageContext;
    }
    if (NT_SUCCESS(Status) && Given.ValidAttributes & ALPC_MESSAGE_HANDLE_ATTRIBUTE)
        Status = LpcpAttachHandles(Target, Message,
                                   LpcpPlace(User, Given.AllocatedAttributes, ALPC_MESSAGE_HANDLE_ATTRIBUTE));
    if (NT_SUCCESS(Status) && Given.ValidAttributes & ALPC_MESSAGE_SECURITY_ATTRIBUTE)
        Status = LpcpAttachSecurity(Port, Message,
                                    LpcpPlace(User, Given.AllocatedAttributes, ALPC_MESSAGE_SECURITY_ATTRIBUTE));
    if (NT_SUCCESS(Status) && Given.ValidAttributes & ALPC_MESSAGE_VIEW_ATTRIBUTE)
        Status = LpcpAttachView(Port, Message, Answered,
                                LpcpPlace(User, Given.AllocatedAttributes, ALPC_MESSAGE_VIEW_ATTRIBUTE));
    return Status;
}

/* ------------------------------------------------------------------ receiving */

NTSTATUS LpcpUnpack(PLPC_PARCEL Parcel)
{
    if (Parcel->Handle != NULL)
        return STATUS_SUCCESS;
    return ObInsertHandle(PsGetCurrentProcess(), Parcel->Object, Parcel->Access, Parcel->Attributes, ObDuplicateHandle,
                          &Parcel->Handle);
}

static NTSTATUS LpcpPutAttribute(PALPC_MESSAGE_ATTRIBUTES User, ULONG Allocated, ULONG Flag, const void *Value, ULONG Size,
        PULONG Valid)
{
    NTSTATUS Status = MmCopyToUser(LpcpPlace(User, Allocated, Flag), Value, Size);

    if (NT_SUCCESS(Status))
        *Valid |= Flag;
    return Status;
}

static VOID LpcpDescribeContext(PLPC_MESSAGE Message, ALPC_CONTEXT_ATTR *Context)
{
    memset(Context, 0, sizeof(*Context));       /* what lies behind the last field, too */
    Context->PortContext = Message->Port != NULL ? Message->Port->Context : NULL;
    Context->MessageContext = Message->ReceiverContext;
    Context->Sequence = Message->Sequence;
    Context->MessageId = Message->Header.MessageId;
    Context->CallbackId = Message->Header.CallbackId;
}

static BOOLEAN LpcpDescribeToken(PLPC_MESSAGE Message, ALPC_TOKEN_ATTR *Attribute)
{
    SECURITY_IMPERSONATION_LEVEL Level;
    PACCESS_TOKEN Token = LpcpTokenOf(Message, &Level);

    if (Token != NULL)
        SeQueryTokenIds(Token, &Attribute->TokenId, &Attribute->AuthenticationId, &Attribute->ModifiedId);
    return Token != NULL;
}

VOID LpcpDescribe(PLPC_MESSAGE Message, ULONG Allocated, PALPC_MESSAGE_ATTRIBUTES Block)
{
    _Static_assert(sizeof(ALPC_MESSAGE_ATTRIBUTES) + sizeof(ALPC_SECURITY_ATTR) + sizeof(ALPC_DATA_VIEW_ATTR) +
                   sizeof(ALPC_CONTEXT_ATTR) + sizeof(ALPC_HANDLE_ATTR) + sizeof(ALPC_TOKEN_ATTR) + sizeof(ALPC_DIRECT_ATTR) +
                   sizeof(ALPC_WORK_ON_BEHALF_ATTR) <= LPC_MAXIMUM_BLOCK, "room for all attributes");

    memset(Block, 0, LPC_MAXIMUM_BLOCK);
    Block->AllocatedAttributes = Allocated;
    if (Allocated & ALPC_MESSAGE_CONTEXT_ATTRIBUTE) {
        LpcpDescribeContext(Message, LpcpPlace(Block, Allocated, ALPC_MESSAGE_CONTEXT_ATTRIBUTE));
        Block->ValidAttributes |= ALPC_MESSAGE_CONTEXT_ATTRIBUTE;
    }
    if (Allocated & ALPC_MESSAGE_TOKEN_ATTRIBUTE &&
        LpcpDescribeToken(Message, LpcpPlace(Block, Allocated, ALPC_MESSAGE_TOKEN_ATTRIBUTE)))
        Block->ValidAttributes |= ALPC_MESSAGE_TOKEN_ATTRIBUTE;
}

static NTSTATUS LpcpPutContext(PLPC_MESSAGE Message, PALPC_MESSAGE_ATTRIBUTES User, ULONG Allocated, PULONG Valid)
{
    ALPC_CONTEXT_ATTR Context;

    if (!(Allocated & ALPC_MESSAGE_CONTEXT_ATTRIBUTE))
        return STATUS_SUCCESS;
    LpcpDescribeContext(Message, &Context);
    return LpcpPutAttribute(User, Allocated, ALPC_MESSAGE_CONTEXT_ATTRIBUTE, &Context, sizeof(Context), Valid);
}

static NTSTATUS LpcpPutToken(PLPC_MESSAGE Message, PALPC_MESSAGE_ATTRIBUTES User, ULONG Allocated, PULONG Valid)
{
    ALPC_TOKEN_ATTR Attribute;

    if (!(Allocated & ALPC_MESSAGE_TOKEN_ATTRIBUTE) || !LpcpDescribeToken(Message, &Attribute))
        return STATUS_SUCCESS;
    return LpcpPutAttribute(User, Allocated, ALPC_MESSAGE_TOKEN_ATTRIBUTE, &Attribute, sizeof(Attribute), Valid);
}

/* A port for indirect handles learns how many there are; another gets its one handle. */
static NTSTATUS LpcpPutHandle(PLPC_MESSAGE Message, PALPC_MESSAGE_ATTRIBUTES User, ULONG Allocated, PULONG Valid)
{
    PLPC_CARGO Cargo = Message->Cargo;
    ALPC_HANDLE_ATTR Attribute = { 0 };
    NTSTATUS Status = STATUS_SUCCESS;

    if (!(Allocated & ALPC_MESSAGE_HANDLE_ATTRIBUTE) || Cargo == NULL || Cargo->HandleCount == 0)
        return STATUS_SUCCESS;
    if (Message->Port != NULL && Message->Port->Flags & ALPC_PORFLG_ALLOW_INDIRECT_HANDLES) {
        Attribute.Flags = ALPC_HANDLEFLG_INDIRECT;
        Attribute.HandleCount = Cargo->HandleCount;
    } else {
        Status = LpcpUnpack(&Cargo->Handles[0]);
        Attribute.Handle = Cargo->Handles[0].Handle;
        Attribute.ObjectType = Cargo->Handles[0].Type;
        Attribute.GrantedAccess = Cargo->Handles[0].Access;
    }
    if (NT_SUCCESS(Status))
        Status = LpcpPutAttribute(User, Allocated, ALPC_MESSAGE_HANDLE_ATTRIBUTE, &Attribute, sizeof(Attribute), Valid);
    if (!NT_SUCCESS(Status) && Cargo->Handles[0].Handle != NULL) {
        ObCloseHandle(Cargo->Handles[0].Handle, KernelMode);
        Cargo->Handles[0].Handle = NULL;
    }
    return Status;
}

/* The view stays mapped after an error: *Mapping is for the caller. */
static NTSTATUS LpcpPutView(PLPC_MESSAGE Message, PALPC_MESSAGE_ATTRIBUTES User, ULONG Allocated, PULONG Valid,
        PLPC_MAPPING *Mapping)
{
    ALPC_DATA_VIEW_ATTR View = { 0 };
    PLPC_CARGO Cargo = Message->Cargo;
    NTSTATUS Status;

    *Mapping = NULL;
    if (!(Allocated & ALPC_MESSAGE_VIEW_ATTRIBUTE) || Cargo == NULL || Cargo->Region == NULL || Message->Port == NULL)
        return STATUS_SUCCESS;
    Status = LpcpMapRegion(Message->Port, Cargo->Region, Message->Header.MessageId, Mapping);
    if (!NT_SUCCESS(Status))
        return Status;
    View.Flags = Cargo->ViewFlags;
    View.ViewBase = (*Mapping)->Base;
    View.ViewSize = Cargo->ViewSize;
    return LpcpPutAttribute(User, Allocated, ALPC_MESSAGE_VIEW_ATTRIBUTE, &View, sizeof(View), Valid);
}

NTSTATUS LpcpExpose(PLPC_MESSAGE Message, PALPC_MESSAGE_ATTRIBUTES User)
{
    PLPC_MAPPING Mapping = NULL;
    ULONG Allocated, Valid = 0;
    NTSTATUS Status;

    if (User == NULL)
        return STATUS_SUCCESS;
    Status = MmGetUser(&Allocated, &User->AllocatedAttributes);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(&User->ValidAttributes, 0);
    if (NT_SUCCESS(Status))
        Status = LpcpPutContext(Message, User, Allocated, &Valid);
    if (NT_SUCCESS(Status))
        Status = LpcpPutToken(Message, User, Allocated, &Valid);
    if (NT_SUCCESS(Status))
        Status = LpcpPutView(Message, User, Allocated, &Valid, &Mapping);
    if (NT_SUCCESS(Status))
        Status = LpcpPutHandle(Message, User, Allocated, &Valid);
    if (NT_SUCCESS(Status))
        Status = MmPutUser(&User->ValidAttributes, Valid);
    if (!NT_SUCCESS(Status) && Mapping != NULL)
        LpcpUnmap(Mapping);
    return Status;
}
