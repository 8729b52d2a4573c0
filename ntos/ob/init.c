/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of ob: types Type, Directory and SymbolicLink, the root and the standard directories.
 *
 * Type objects are objects of type Type (which is one itself) with their names in \ObjectTypes; they live for ever.
 * A failure in here means no memory, and the boot ends.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"

POBJECT_TYPE ObpTypeObjectType;
POBJECT_TYPE ObpObjectTypes[OBP_MAXIMUM_TYPES];
ULONG ObpObjectTypeCount;

static POBJECT_DIRECTORY ObpTypeDirectory;

static const OBJECT_TYPE_INITIALIZER ObpTypeTypeInitializer = {
    .GenericMapping = { STANDARD_RIGHTS_READ, STANDARD_RIGHTS_WRITE, STANDARD_RIGHTS_EXECUTE,
                        STANDARD_RIGHTS_REQUIRED | 1 },
    .ValidAccessMask = STANDARD_RIGHTS_REQUIRED | 1,
    .WaitOffset = OB_ALWAYS_SIGNALLED,
};

NTSTATUS ObCreateObjectType(PUNICODE_STRING TypeName, POBJECT_TYPE_INITIALIZER ObjectTypeInitializer, PVOID Reserved,
        POBJECT_TYPE *ObjectType)
{
    POBJECT_TYPE Type;
    NTSTATUS Status;

    if (ObpObjectTypeCount == OBP_MAXIMUM_TYPES)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* The first call makes the type of types: its header points to itself below. */
    Status = ObCreateObject(KernelMode, ObpTypeObjectType != NULL ? ObpTypeObjectType : &(OBJECT_TYPE){ 0 }, NULL,
                            KernelMode, NULL, sizeof(*Type), 0, 0, (PVOID *)&Type);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObpTypeObjectType == NULL) {
        ObpTypeObjectType = Type;
        OBJECT_TO_OBJECT_HEADER(Type)->Type = Type;
        Type->TotalNumberOfObjects = Type->HighWaterNumberOfObjects = 1;
    }
    OBJECT_TO_OBJECT_HEADER(Type)->Flags |= OB_FLAG_PERMANENT | OB_FLAG_INSERTED;
    Status = ObpCaptureString(KernelMode, TypeName, &Type->Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Type->TypeInfo = *ObjectTypeInitializer;
    if (Type->TypeInfo.WaitOffset != OB_NOT_WAITABLE)
        Type->TypeInfo.ValidAccessMask |= SYNCHRONIZE;
    Type->Index = ObpObjectTypeCount + OBP_FIRST_TYPE_INDEX;
    ObpObjectTypes[ObpObjectTypeCount++] = Type;
    *ObjectType = Type;
    return ObpTypeDirectory != NULL ? ObpInsertDirectoryEntry(ObpTypeDirectory, &Type->Name, Type) : STATUS_SUCCESS;
}

static NTSTATUS ObpCreateType(PCWSTR Name, const OBJECT_TYPE_INITIALIZER *Initializer, POBJECT_TYPE *Type)
{
    OBJECT_TYPE_INITIALIZER Copy = *Initializer;
    UNICODE_STRING TypeName;

    RtlInitUnicodeString(&TypeName, Name);
    return ObCreateObjectType(&TypeName, &Copy, NULL, Type);
}

static NTSTATUS ObpCreateRoot(VOID)
{
    NTSTATUS Status;

    Status = ObCreateObject(KernelMode, ObpDirectoryObjectType, NULL, KernelMode, NULL, sizeof(*ObpRootDirectory), 0, 0,
                            (PVOID *)&ObpRootDirectory);
    if (!NT_SUCCESS(Status))
        return Status;
    OBJECT_TO_OBJECT_HEADER(ObpRootDirectory)->Flags |= OB_FLAG_PERMANENT | OB_FLAG_INSERTED;
    OBJECT_TO_OBJECT_HEADER(ObpRootDirectory)->SecurityDescriptor = SeReferenceSecurityDescriptor(SePublicDefaultSd);
    ObpInitializeDirectory(ObpRootDirectory);
    return STATUS_SUCCESS;
}

/* Directories in which every program may make objects. */
static VOID ObpOpenDirectory(PCWSTR Path)
{
    POBJECT_HEADER Header;
    UNICODE_STRING Name;
    PVOID Directory;

    RtlInitUnicodeString(&Name, Path);
    if (!NT_SUCCESS(ObReferenceObjectByName(&Name, 0, NULL, 0, ObpDirectoryObjectType, KernelMode, NULL, &Directory)))
        return;
    Header = OBJECT_TO_OBJECT_HEADER(Directory);
    SeReleaseSecurityDescriptor(Header->SecurityDescriptor);
    Header->SecurityDescriptor = SeReferenceSecurityDescriptor(SeSharedObjectsSd);
    ObDereferenceObject(Directory);
}

static POBJECT_DIRECTORY ObpFindRootEntry(PCWSTR Name)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return ObpLookupDirectoryEntry(ObpRootDirectory, &String, OBJ_CASE_INSENSITIVE);
}

NTSTATUS ObInitSystem(VOID)
{
    static const PCWSTR Directories[] = {
        L"\\ObjectTypes", L"\\GLOBAL??", L"\\Device", L"\\Driver", L"\\FileSystem", L"\\BaseNamedObjects",
        L"\\BaseNamedObjects\\Restricted", L"\\KernelObjects", L"\\KnownDlls", L"\\Callback", L"\\RPC Control",
        L"\\Security", L"\\NLS", L"\\Windows", L"\\Sessions", L"\\Sessions\\0", L"\\Sessions\\BNOLINKS",
        L"\\Sessions\\1", L"\\Sessions\\1\\BaseNamedObjects",
    };
    static const PCWSTR Open[] = {
        L"\\BaseNamedObjects", L"\\BaseNamedObjects\\Restricted", L"\\RPC Control", L"\\Sessions\\1\\BaseNamedObjects",
    };
    static const PCWSTR Links[][2] = {
        { L"\\??", L"\\GLOBAL??" },
        { L"\\DosDevices", L"\\??" },
        { L"\\GLOBAL??\\GLOBALROOT", L"" },
        { L"\\GLOBAL??\\Global", L"\\GLOBAL??" },
        { L"\\Sessions\\0\\BaseNamedObjects", L"\\BaseNamedObjects" },
        { L"\\Sessions\\0\\DosDevices", L"\\GLOBAL??" },
        { L"\\BaseNamedObjects\\Global", L"\\BaseNamedObjects" },
        { L"\\BaseNamedObjects\\Local", L"\\BaseNamedObjects" },
        { L"\\BaseNamedObjects\\Session", L"\\Sessions\\BNOLINKS" },
        { L"\\Sessions\\BNOLINKS\\0", L"\\BaseNamedObjects" },
        { L"\\Sessions\\1\\DosDevices", L"\\GLOBAL??" },
        { L"\\Sessions\\1\\BaseNamedObjects\\Global", L"\\BaseNamedObjects" },
        { L"\\Sessions\\1\\BaseNamedObjects\\Local", L"\\Sessions\\1\\BaseNamedObjects" },
        { L"\\Sessions\\1\\BaseNamedObjects\\Session", L"\\Sessions\\BNOLINKS" },
        { L"\\Sessions\\BNOLINKS\\1", L"\\Sessions\\1\\BaseNamedObjects" },
    };
    NTSTATUS Status;

    KeInitializeEvent(&ObDefaultObject, NotificationEvent, TRUE);
    Status = ObCreateHandleTable(&ObpKernelHandleTable);
    if (NT_SUCCESS(Status))
        Status = ObpCreateType(L"Type", &ObpTypeTypeInitializer, &ObpTypeObjectType);
    if (NT_SUCCESS(Status))
        Status = ObpCreateType(L"Directory", &ObpDirectoryTypeInitializer, &ObpDirectoryObjectType);
    if (NT_SUCCESS(Status))
        Status = ObpCreateType(L"SymbolicLink", &ObpSymbolicLinkTypeInitializer, &ObpSymbolicLinkObjectType);
    if (NT_SUCCESS(Status))
        Status = ObpCreateRoot();
    for (ULONG i = 0; NT_SUCCESS(Status) && i < RTL_NUMBER_OF(Directories); i++)
        Status = ObCreatePermanentDirectory(Directories[i]);
    for (ULONG i = 0; NT_SUCCESS(Status) && i < RTL_NUMBER_OF(Links); i++)
        Status = ObCreatePermanentSymbolicLink(Links[i][0], Links[i][1]);
    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG i = 0; i < RTL_NUMBER_OF(Open); i++)
        ObpOpenDirectory(Open[i]);
    ObpGlobalDosDevices = ObpFindRootEntry(L"GLOBAL??");
    ObpTypeDirectory = ObpFindRootEntry(L"ObjectTypes");
    for (ULONG i = 0; NT_SUCCESS(Status) && i < ObpObjectTypeCount; i++)
        Status = ObpInsertDirectoryEntry(ObpTypeDirectory, &ObpObjectTypes[i]->Name, ObpObjectTypes[i]);
    return Status;
}
