/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Object directories: a hash table of names.  The hash is of the upcased name, so that one table serves lookups
 * with and without OBJ_CASE_INSENSITIVE; the table doubles when it holds two names a bucket.
 *
 * A name holds one reference on its object and one on its directory.  It is taken out (ObpUnlinkName) when the last
 * handle of a temporary object closes.  A directory may have a shadow, which has none: names that it lacks are looked up
 * there.  Services: NtCreateDirectoryObject, NtCreateDirectoryObjectEx, NtOpenDirectoryObject, NtQueryDirectoryObject.
 * Nothing here waits.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"

POBJECT_TYPE ObpDirectoryObjectType;

VOID ObpInitializeDirectory(POBJECT_DIRECTORY Directory)
{
    Directory->BucketCount = OBP_INLINE_BUCKETS;
    Directory->Buckets = Directory->InlineBuckets;
    InitializeListHead(&Directory->Names);
}

ULONG ObpHashName(PCUNICODE_STRING Name)
{
    ULONG Hash = 0;

    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++) {
        WCHAR c = Name->Buffer[i];

        if (c >= 'a')
            c = c <= 'z' ? c - ('a' - 'A') : c < 0x80 ? c : RtlUpcaseUnicodeChar(c);
        Hash = Hash * 31 + c;
    }
    return Hash ^ Hash >> 15;
}

PVOID ObpLookupDirectoryEntry(POBJECT_DIRECTORY Directory, PCUNICODE_STRING Name, ULONG Attributes)
{
    ULONG Hash = ObpHashName(Name);
    BOOLEAN CaseInsensitive = (Attributes & OBJ_CASE_INSENSITIVE) != 0;
    POBJECT_HEADER_NAME_INFO Info;

    for (Info = Directory->Buckets[Hash & (Directory->BucketCount - 1)]; Info != NULL; Info = Info->HashNext) {
        if (Info->Hash != Hash || Info->Name.Length != Name->Length)
            continue;
        if (memcmp(Info->Name.Buffer, Name->Buffer, Name->Length) == 0 ||
            (CaseInsensitive && RtlEqualUnicodeString(&Info->Name, Name, TRUE)))
            return OBJECT_HEADER_TO_OBJECT(Info->Header);
    }
    return NULL;
}

/* Failure leaves the directory as it was: only slower. */
static VOID ObpGrowDirectory(POBJECT_DIRECTORY Directory)
{
    ULONG NewCount = Directory->BucketCount * 4;
    POBJECT_HEADER_NAME_INFO *New = ExAllocatePoolWithTag(NonPagedPool, NewCount * sizeof(*New), OB_TAG_DIRECTORY);

    if (New == NULL)
        return;
    memset(New, 0, NewCount * sizeof(*New));
    for (PLIST_ENTRY Link = Directory->Names.Flink; Link != &Directory->Names; Link = Link->Flink) {
        POBJECT_HEADER_NAME_INFO Info = CONTAINING_RECORD(Link, OBJECT_HEADER_NAME_INFO, Order);

        Info->HashNext = New[Info->Hash & (NewCount - 1)];
        New[Info->Hash & (NewCount - 1)] = Info;
    }
    if (Directory->Buckets != Directory->InlineBuckets)
        ExFreePoolWithTag(Directory->Buckets, OB_TAG_DIRECTORY);
    Directory->Buckets = New;
    Directory->BucketCount = NewCount;
}

NTSTATUS ObpInsertDirectoryEntry(POBJECT_DIRECTORY Directory, PCUNICODE_STRING Name, PVOID Object)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);
    POBJECT_HEADER_NAME_INFO Info;
    POBJECT_HEADER_NAME_INFO *Bucket;

    Info = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Info) + Name->Length + sizeof(WCHAR), OB_TAG_NAME);
    if (Info == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Directory->Count >= Directory->BucketCount * 2)
        ObpGrowDirectory(Directory);
    Info->Header = Header;
    Info->Directory = Directory;
    Info->Name.Buffer = (PWSTR)(Info + 1);
    Info->Name.Length = Name->Length;
    Info->Name.MaximumLength = Name->Length + sizeof(WCHAR);
    memcpy(Info->Name.Buffer, Name->Buffer, Name->Length);
    Info->Name.Buffer[Name->Length / sizeof(WCHAR)] = 0;
    Info->Hash = ObpHashName(Name);
    Bucket = &Directory->Buckets[Info->Hash & (Directory->BucketCount - 1)];
    Info->HashNext = *Bucket;
    *Bucket = Info;
    InsertTailList(&Directory->Names, &Info->Order);
    Directory->Count++;
    Header->NameInfo = Info;
    ObReferenceObject(Directory);
    ObReferenceObject(Object);
    return STATUS_SUCCESS;
}

VOID ObpUnlinkName(POBJECT_HEADER Header)
{
    POBJECT_HEADER_NAME_INFO Info = Header->NameInfo;
    POBJECT_HEADER_NAME_INFO *Link;
    POBJECT_DIRECTORY Directory;

    if (Info == NULL || Info->Directory == NULL)
        return;
    Directory = Info->Directory;
    Link = &Directory->Buckets[Info->Hash & (Directory->BucketCount - 1)];
    while (*Link != Info)
        Link = &(*Link)->HashNext;
    *Link = Info->HashNext;
    RemoveEntryList(&Info->Order);
    Directory->Count--;
    Info->Directory = NULL;
    ObDereferenceObject(Directory);
    ObDereferenceObject(OBJECT_HEADER_TO_OBJECT(Header));
}

/* The last handle of a private namespace goes: with it goes the namespace, though names may still hold the directory. */
static VOID ObpCloseDirectory(PEPROCESS Process, PVOID Object, ULONG_PTR ProcessHandleCount, ULONG_PTR SystemHandleCount)
{
    POBJECT_DIRECTORY Directory = Object;

    if (SystemHandleCount == 1 && Directory->Namespace != NULL)
        ObpForgetNamespace(Directory);
}

/* A directory goes only when no name refers to it any more, so it is empty. */
static VOID ObpDeleteDirectory(PVOID Object)
{
    POBJECT_DIRECTORY Directory = Object;

    if (Directory->Buckets != NULL && Directory->Buckets != Directory->InlineBuckets)
        ExFreePoolWithTag(Directory->Buckets, OB_TAG_DIRECTORY);
    if (Directory->Shadow != NULL)
        ObDereferenceObject(Directory->Shadow);
}

const OBJECT_TYPE_INITIALIZER ObpDirectoryTypeInitializer = {
    .InvalidAttributes = 0,
    .GenericMapping = {
        STANDARD_RIGHTS_READ | DIRECTORY_QUERY | DIRECTORY_TRAVERSE,
        STANDARD_RIGHTS_WRITE | DIRECTORY_CREATE_OBJECT | DIRECTORY_CREATE_SUBDIRECTORY,
        STANDARD_RIGHTS_EXECUTE | DIRECTORY_QUERY | DIRECTORY_TRAVERSE,
        DIRECTORY_ALL_ACCESS
    },
    .ValidAccessMask = DIRECTORY_ALL_ACCESS,
    .WaitOffset = OB_NOT_WAITABLE,
    .CloseProcedure = ObpCloseDirectory,
    .DeleteProcedure = ObpDeleteDirectory,
};

NTSTATUS ObpNewDirectory(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES ObjectAttributes, POBJECT_DIRECTORY *Directory)
{
    NTSTATUS Status = ObCreateObject(Mode, ObpDirectoryObjectType, ObjectAttributes, Mode, NULL, sizeof(**Directory), 0, 0,
                                     (PVOID *)Directory);

    if (NT_SUCCESS(Status))
        ObpInitializeDirectory(*Directory);
    return Status;
}

static NTSTATUS ObpCreateDirectory(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES ObjectAttributes,
        ACCESS_MASK DesiredAccess, POBJECT_DIRECTORY Shadow, PHANDLE Handle)
{
    POBJECT_DIRECTORY Directory;
    NTSTATUS Status = ObpNewDirectory(Mode, ObjectAttributes, &Directory);

    if (!NT_SUCCESS(Status))
        return Status;
    Directory->Shadow = Shadow;
    if (Shadow != NULL)
        ObReferenceObject(Shadow);
    return ObInsertObject(Directory, NULL, DesiredAccess, 0, NULL, Handle);
}

NTSTATUS ObCreatePermanentDirectory(PCWSTR Path)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, Path);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_PERMANENT | OBJ_KERNEL_HANDLE, NULL,
                               NULL);
    return ObpCreateDirectory(KernelMode, &Attributes, DIRECTORY_ALL_ACCESS, NULL, NULL);
}

NTSTATUS NTAPI NtCreateDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    HANDLE Handle = NULL;
    NTSTATUS Status = ObpCreateDirectory(UserMode, ObjectAttributes, DesiredAccess, NULL, &Handle);

    return ObReturnHandle(Status, Handle, DirectoryHandle);
}

/* DIFFERS: a shadow has no shadow (STATUS_INVALID_PARAMETER); no flag means anything. */
NTSTATUS NTAPI NtCreateDirectoryObjectEx(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ShadowDirectoryHandle, ULONG Flags)
{
    NTSTATUS Status = Flags != 0 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    POBJECT_DIRECTORY Shadow = NULL;
    HANDLE Handle = NULL;

    if (NT_SUCCESS(Status) && ShadowDirectoryHandle != NULL)
        Status = ObReferenceObjectByHandle(ShadowDirectoryHandle, DIRECTORY_QUERY | DIRECTORY_TRAVERSE, ObpDirectoryObjectType,
                                           UserMode, (PVOID *)&Shadow, NULL);
    if (NT_SUCCESS(Status) && Shadow != NULL && Shadow->Shadow != NULL)
        Status = STATUS_INVALID_PARAMETER;
    if (NT_SUCCESS(Status))
        Status = ObpCreateDirectory(UserMode, ObjectAttributes, DesiredAccess, Shadow, &Handle);
    if (Shadow != NULL)
        ObDereferenceObject(Shadow);
    return ObReturnHandle(Status, Handle, DirectoryHandle);
}

NTSTATUS NTAPI NtOpenDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(ObpDirectoryObjectType, DirectoryHandle, DesiredAccess, ObjectAttributes);
}
