/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Objects of type Key, and how names become keys: the Parse method below \Registry, for opens and creations alike (a
 * creation has a CM_PARSE_CONTEXT that is not OpenOnly).  Every open makes an object of its own over the shared CM_KEY. Link keys answer
 * STATUS_REPARSE with their target in front of the rest of the path.
 */
#include "ntos/cm/cmp.h"

POBJECT_TYPE CmKeyObjectType;

/* Consumes the reference on Key. */
static NTSTATUS CmpCreateBody(PCM_KEY Key, PVOID *Object)
{
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    Status = ObCreateObject(KernelMode, CmKeyObjectType, NULL, KernelMode, NULL, sizeof(*Body), 0, 0, (PVOID *)&Body);
    if (!NT_SUCCESS(Status)) {
        CmpDereferenceKey(Key);
        return Status;
    }
    Body->Key = Key;
    Body->ProcessId = PsGetCurrentProcessId();
    InitializeListHead(&Body->NotifyList);
    InsertTailList(&CmpOpens, &Body->OpenLink);
    *Object = Body;
    return STATUS_SUCCESS;
}

/* The open is checked with the key's descriptor; who has just made the key gets what it asks for. */
static NTSTATUS CmpOpenExisting(PCM_KEY Key, PVOID *Object)
{
    NTSTATUS Status = CmpCreateBody(Key, Object);

    if (NT_SUCCESS(Status))
        OBJECT_TO_OBJECT_HEADER(*Object)->SecurityDescriptor = SeReferenceSecurityDescriptor(Key->SecurityDescriptor);
    return Status;
}

/* From the first handle on the object shows the key's descriptor, also if it was made by this open. */
static NTSTATUS CmpOpenBody(OB_OPEN_REASON OpenReason, KPROCESSOR_MODE AccessMode, PEPROCESS Process, PVOID Object,
        PACCESS_MASK GrantedAccess, ULONG HandleCount)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);

    if (Header->SecurityDescriptor == NULL)
        Header->SecurityDescriptor = SeReferenceSecurityDescriptor(((PCM_KEY_BODY)Object)->Key->SecurityDescriptor);
    return STATUS_SUCCESS;
}

static VOID CmpDeleteBody(PVOID Object)
{
    PCM_KEY_BODY Body = Object;

    if (Body->Key == NULL)
        return;
    RemoveEntryList(&Body->OpenLink);
    CmpOpenGone(Body->Key);
}

static VOID CmpCloseBody(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    if (SystemHandleCount == 1)
        CmpCancelNotify(Object);
}

/* A hive is loaded below Machine and User only, an application's below A. */
static NTSTATUS CmpLinkFromParse(PCM_KEY Parent, PCUNICODE_STRING Name, PCM_PARSE_CONTEXT Context, PCM_KEY *Key)
{
    NTSTATUS Status;

    if (Parent->Parent != CmpRoot || (Parent == CmpApplications) != Context->Application)
        return STATUS_INVALID_PARAMETER;
    Status = CmpLinkTree(Parent, Name, Context->Hive);
    if (!NT_SUCCESS(Status))
        return Status;
    Context->Disposition = REG_CREATED_NEW_KEY;
    CmpReferenceKey(Context->Hive);
    *Key = Context->Hive;
    return STATUS_SUCCESS;
}

/* An open for backup or restoring: what the privileges give, whatever the key's descriptor and the caller's wish say. */
static NTSTATUS CmpGrantBackup(PCM_PARSE_CONTEXT Context, PACCESS_STATE AccessState)
{
    if (Context == NULL || !(Context->CreateOptions & REG_OPTION_BACKUP_RESTORE))
        return STATUS_SUCCESS;
    if (Context->BackupAccess == 0)
        return STATUS_ACCESS_DENIED;
    AccessState->PreviouslyGrantedAccess = Context->BackupAccess;
    AccessState->RemainingDesiredAccess = 0;
    return STATUS_SUCCESS;
}

/* Rest names what is missing below Parent: exactly one component may be created. */
static NTSTATUS CmpCreateFromParse(PCM_KEY Parent, UNICODE_STRING Rest, PCM_PARSE_CONTEXT Context,
        PSECURITY_DESCRIPTOR Descriptor, KPROCESSOR_MODE Mode, PCM_KEY *Key)
{
    ACCESS_MASK Needed = Context->CreateOptions & REG_OPTION_CREATE_LINK ? KEY_CREATE_LINK : KEY_CREATE_SUB_KEY;
    ACCESS_MASK Granted;
    UNICODE_STRING Name;
    UNICODE_STRING More;
    PSECURITY_DESCRIPTOR Assigned = NULL;
    ULONG Flags = 0;
    NTSTATUS Status = STATUS_SUCCESS;

    CmpNextComponent(&Rest, &Name);
    if (CmpNextComponent(&Rest, &More))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (Parent == CmpRoot)
        return STATUS_ACCESS_DENIED;
    if (Context->Hive != NULL)
        return CmpLinkFromParse(Parent, &Name, Context, Key);
    if (!(Context->BackupAccess & Needed)) {
        Status = SeCheckAccess(Parent->SecurityDescriptor, Needed, &CmKeyObjectType->TypeInfo.GenericMapping, Mode,
                               &Granted);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = SeAssignSecurity(&(SE_PARENT){ Parent->SecurityDescriptor, TRUE, &CmKeyObjectType->TypeInfo.GenericMapping }, Descriptor, Mode,
                              &Assigned);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Context->CreateOptions & REG_OPTION_VOLATILE)
        Flags |= CM_KEY_VOLATILE;
    if (Context->CreateOptions & REG_OPTION_CREATE_LINK)
        Flags |= CM_KEY_LINK;
    Status = CmpCreateSubKey(Parent, &Name, &Context->Class, Flags, Key);
    if (NT_SUCCESS(Status)) {
        Context->Disposition = REG_CREATED_NEW_KEY;
        CmpReferenceKey(*Key);
        Context->Created = *Key;
        CmpSetDescriptor(*Key, Assigned);
    }
    SeReleaseSecurityDescriptor(Assigned);
    return Status;
}

static NTSTATUS CmpParseKey(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState,
        KPROCESSOR_MODE AccessMode, ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName,
        PVOID ParseContext, PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object)
{
    PCM_KEY Start = ((PCM_KEY_BODY)ParseObject)->Key;
    PCM_PARSE_CONTEXT Context = ObjectType == CmKeyObjectType ? ParseContext : NULL;
    BOOLEAN OpenLink = (Attributes & OBJ_OPENLINK) != 0 ||
                       (Context != NULL && Context->CreateOptions & (REG_OPTION_CREATE_LINK | REG_OPTION_OPEN_LINK));
    UNICODE_STRING Rest = *RemainingName;
    UNICODE_STRING Target;
    PCM_KEY Key;
    PCM_KEY New;
    BOOLEAN AtLink;
    NTSTATUS Status;

    if (ObjectType != NULL && ObjectType != CmKeyObjectType)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (Start->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    CmpWalk(Start, &Rest, OpenLink, &Key, &AtLink);
    if (Context == NULL || Context->Hive == NULL) {
        Status = CmpCheckOpen(Start, Key);
        if (!NT_SUCCESS(Status)) {
            CmpDereferenceKey(Key);
            return Status;
        }
    }
    if (AtLink) {
        Status = CmpLinkTarget(Key, &Target);
        if (NT_SUCCESS(Status))
            Status = ObReparseName(CompleteName, &Target, &Rest);
        CmpDereferenceKey(Key);
        return NT_SUCCESS(Status) ? STATUS_REPARSE : Status;
    }
    if (Rest.Length == 0) {
        if (Context != NULL)
            Context->Disposition = REG_OPENED_EXISTING_KEY;
        if (Context != NULL && Context->CreateOptions & REG_OPTION_CREATE_LINK)
            Status = STATUS_OBJECT_NAME_COLLISION;
        else
            Status = CmpGrantBackup(Context, AccessState);
        if (NT_SUCCESS(Status))
            return CmpOpenExisting(Key, Object);
        CmpDereferenceKey(Key);
        return Status;
    }
    Status = STATUS_OBJECT_NAME_NOT_FOUND;
    if (Context != NULL && !Context->OpenOnly)
        Status = CmpGrantBackup(Context, AccessState);
    if (NT_SUCCESS(Status))
        Status = CmpCreateFromParse(Key, Rest, Context, AccessState != NULL ? AccessState->SecurityDescriptor : NULL,
                                    AccessMode, &New);
    CmpDereferenceKey(Key);
    return NT_SUCCESS(Status) ? CmpCreateBody(New, Object) : Status;
}

static NTSTATUS CmpQueryKeyName(PVOID Object, BOOLEAN HasObjectName, POBJECT_NAME_INFORMATION NameInfo, ULONG Length,
        PULONG ReturnLength, KPROCESSOR_MODE Mode)
{
    PCM_KEY Key = ((PCM_KEY_BODY)Object)->Key;
    ULONG PathLength = CmpKeyPath(Key, NULL);

    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    *ReturnLength = sizeof(*NameInfo) + PathLength + sizeof(WCHAR);
    if (Length < sizeof(*NameInfo))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Length < *ReturnLength)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (PathLength > UNICODE_STRING_MAX_BYTES - sizeof(WCHAR))
        return STATUS_NAME_TOO_LONG;
    NameInfo->Name.Buffer = (PWSTR)(NameInfo + 1);
    NameInfo->Name.Length = PathLength;
    NameInfo->Name.MaximumLength = PathLength + sizeof(WCHAR);
    CmpKeyPath(Key, NameInfo->Name.Buffer);
    NameInfo->Name.Buffer[PathLength / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

/* The descriptor belongs to the key; the object of an open shows it. */
static NTSTATUS CmpKeySecurity(PVOID Object, SECURITY_OPERATION_CODE OperationCode,
        PSECURITY_INFORMATION SecurityInformation, PSECURITY_DESCRIPTOR SecurityDescriptor, PULONG Length)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);
    PCM_KEY Key = ((PCM_KEY_BODY)Object)->Key;
    NTSTATUS Status;

    if (Key->Flags & CM_KEY_DELETED)
        return STATUS_KEY_DELETED;
    Status = SeDescriptorMethod(&Key->SecurityDescriptor, &CmKeyObjectType->TypeInfo.GenericMapping, OperationCode,
                                SecurityInformation, SecurityDescriptor, Length);
    if (OperationCode != SetSecurityDescriptor || !NT_SUCCESS(Status))
        return Status;
    SeReleaseSecurityDescriptor(Header->SecurityDescriptor);
    Header->SecurityDescriptor = SeReferenceSecurityDescriptor(Key->SecurityDescriptor);
    CmpReportChange(Key, REG_NOTIFY_CHANGE_SECURITY);
    return STATUS_SUCCESS;
}

static const OBJECT_TYPE_INITIALIZER CmpKeyTypeInitializer = {
    .InvalidAttributes = OBJ_PERMANENT | OBJ_EXCLUSIVE,
    .GenericMapping = { KEY_READ, KEY_WRITE, KEY_EXECUTE | KEY_CREATE_LINK, KEY_ALL_ACCESS },
    .ValidAccessMask = KEY_ALL_ACCESS,
    .WaitOffset = OB_ALWAYS_SIGNALLED,
    .SecurityRequired = TRUE,
    .CaseInsensitive = TRUE,
    .OpenProcedure = CmpOpenBody,
    .CloseProcedure = CmpCloseBody,
    .DeleteProcedure = CmpDeleteBody,
    .ParseProcedure = CmpParseKey,
    .SecurityProcedure = CmpKeySecurity,
    .QueryNameProcedure = CmpQueryKeyName,
};

NTSTATUS CmpReferenceBody(HANDLE Handle, ACCESS_MASK Access, PCM_KEY_BODY *Body)
{
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(Handle, Access, CmKeyObjectType, UserMode, (PVOID *)Body, NULL);
    if (NT_SUCCESS(Status) && (*Body)->Key->Flags & CM_KEY_DELETED) {
        ObDereferenceObject(*Body);
        *Body = NULL;
        return STATUS_KEY_DELETED;
    }
    return Status;
}

NTSTATUS CmpOpenKeyHandle(PCM_KEY Key, ACCESS_MASK Access, PHANDLE Handle)
{
    PVOID Body;
    NTSTATUS Status;

    CmpReferenceKey(Key);
    Status = CmpOpenExisting(Key, &Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObOpenObjectByPointer(Body, 0, NULL, Access, CmKeyObjectType, UserMode, Handle);
    ObDereferenceObject(Body);
    return Status;
}

NTSTATUS CmpOpenBodyByName(POBJECT_ATTRIBUTES Attributes, ACCESS_MASK Access, PCM_KEY_BODY *Body)
{
    HANDLE Handle;
    NTSTATUS Status = ObOpenObjectByName(Attributes, CmKeyObjectType, UserMode, NULL, Access, NULL, &Handle);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmpReferenceBody(Handle, Access, Body);
    ObCloseHandle(Handle, UserMode);
    return Status;
}

/* The object \REGISTRY that all paths go through. */
static NTSTATUS CmpCreateRootObject(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\REGISTRY");
    OBJECT_ATTRIBUTES Attributes;
    PCM_KEY_BODY Body;
    NTSTATUS Status;

    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = ObCreateObject(KernelMode, CmKeyObjectType, &Attributes, KernelMode, NULL, sizeof(*Body), 0, 0,
                            (PVOID *)&Body);
    if (!NT_SUCCESS(Status))
        return Status;
    Body->Key = CmpRoot;
    CmpReferenceKey(CmpRoot);
    InitializeListHead(&Body->NotifyList);
    InitializeListHead(&Body->OpenLink);
    /* One reference is kept for ever: the name never goes. */
    ObReferenceObject(Body);
    return ObInsertObject(Body, NULL, 0, 0, NULL, NULL);
}

NTSTATUS CmpInitObjects(VOID)
{
    OBJECT_TYPE_INITIALIZER Initializer = CmpKeyTypeInitializer;
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"Key");
    NTSTATUS Status = ObCreateObjectType(&Name, &Initializer, NULL, &CmKeyObjectType);

    return NT_SUCCESS(Status) ? CmpCreateRootObject() : Status;
}
