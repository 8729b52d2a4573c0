/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What programs ask about objects: NtQueryObject, NtSetInformationObject, NtQueryDirectoryObject, and the names of
 * objects.
 *
 * Results that contain pointers are put together in pool, with pointers into the program's buffer, and copied out in
 * one go.  Nothing here waits.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"

/* --- names ---------------------------------------------------------------------------------------------------- */

/* Bytes of the path of a named object below the root; 0 for the root itself (its path is "\"). */
static ULONG ObpPathLength(POBJECT_HEADER Header)
{
    ULONG Length = 0;

    while (Header->NameInfo != NULL) {
        Length += sizeof(WCHAR) + Header->NameInfo->Name.Length;
        if (Header->NameInfo->Directory == NULL)
            break;
        Header = OBJECT_TO_OBJECT_HEADER(Header->NameInfo->Directory);
    }
    return Length;
}

static VOID ObpWritePath(POBJECT_HEADER Header, PWCHAR End)
{
    while (Header->NameInfo != NULL) {
        POBJECT_HEADER_NAME_INFO Info = Header->NameInfo;

        End -= Info->Name.Length / sizeof(WCHAR);
        memcpy(End, Info->Name.Buffer, Info->Name.Length);
        *--End = '\\';
        if (Info->Directory == NULL)
            break;
        Header = OBJECT_TO_OBJECT_HEADER(Info->Directory);
    }
}

/* ObQueryNameString for ntos itself or, with UserMode, as programs see the name. */
static NTSTATUS ObpQueryNameString(PVOID Object, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length,
        PULONG ReturnLength, KPROCESSOR_MODE Mode)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Object);
    BOOLEAN HasName = Header->NameInfo != NULL || Object == ObpRootDirectory;
    ULONG PathLength;

    if (Header->Type->TypeInfo.QueryNameProcedure != NULL) {
        return Header->Type->TypeInfo.QueryNameProcedure(Object, HasName, ObjectNameInfo, Length, ReturnLength,
                                                         Mode);
    }
    PathLength = Object == ObpRootDirectory ? sizeof(WCHAR) : ObpPathLength(Header);
    *ReturnLength = sizeof(*ObjectNameInfo) + (PathLength != 0 ? PathLength + sizeof(WCHAR) : 0);
    if (Length < sizeof(*ObjectNameInfo))
        return STATUS_INFO_LENGTH_MISMATCH;
    memset(ObjectNameInfo, 0, sizeof(*ObjectNameInfo));
    if (PathLength == 0)
        return STATUS_SUCCESS;
    if (Length < *ReturnLength)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (PathLength > UNICODE_STRING_MAX_BYTES - sizeof(WCHAR))
        return STATUS_NAME_TOO_LONG;
    ObjectNameInfo->Name.Buffer = (PWSTR)(ObjectNameInfo + 1);
    ObjectNameInfo->Name.Length = PathLength;
    ObjectNameInfo->Name.MaximumLength = PathLength + sizeof(WCHAR);
    if (Object == ObpRootDirectory)
        ObjectNameInfo->Name.Buffer[0] = '\\';
    else
        ObpWritePath(Header, ObjectNameInfo->Name.Buffer + PathLength / sizeof(WCHAR));
    ObjectNameInfo->Name.Buffer[PathLength / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS ObQueryNameString(PVOID Object, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length, PULONG ReturnLength)
{
    return ObpQueryNameString(Object, ObjectNameInfo, Length, ReturnLength, KernelMode);
}

/* --- NtQueryObject -------------------------------------------------------------------------------------------- */

/* One query: Object is referenced (NULL for ObjectTypesInformation).  *Needed is always set. */
typedef struct _OBP_QUERY {
    PVOID Object;
    OBJECT_HANDLE_INFORMATION Handle;
    PVOID UserBuffer;
    ULONG Length;
    ULONG Needed;
} OBP_QUERY, *POBP_QUERY;

static NTSTATUS ObpQueryBasic(POBP_QUERY Query)
{
    POBJECT_HEADER Header = OBJECT_TO_OBJECT_HEADER(Query->Object);
    OBJECT_BASIC_INFORMATION Basic = { 0 };

    Query->Needed = sizeof(Basic);
    if (Query->Length != sizeof(Basic))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (Query->Handle.HandleAttributes & OBJ_INHERIT)
        Basic.Attributes |= OBJ_INHERIT;
    if (Query->Handle.HandleAttributes & OBJ_PROTECT_CLOSE)
        Basic.Attributes |= OBJ_PROTECT_CLOSE;
    if (Header->Flags & OB_FLAG_PERMANENT)
        Basic.Attributes |= OBJ_PERMANENT;
    if (Header->Flags & OB_FLAG_EXCLUSIVE)
        Basic.Attributes |= OBJ_EXCLUSIVE;
    Basic.GrantedAccess = Query->Handle.GrantedAccess;
    Basic.HandleCount = (ULONG)Header->HandleCount;
    Basic.PointerCount = (ULONG)Header->PointerCount - 1;
    Basic.NonPagedPoolUsage = sizeof(OBJECT_HEADER) + Header->BodySize;
    if (Header->NameInfo != NULL && Header->NameInfo->Directory != NULL)
        Basic.NameInformationLength = ObpPathLength(Header) + sizeof(WCHAR) + sizeof(UNICODE_STRING);
    Basic.TypeInformationLength = Header->Type->Name.Length + sizeof(WCHAR) + sizeof(OBJECT_TYPE_INFORMATION);
    if (Header->SecurityDescriptor != NULL)
        Basic.SecurityDescriptorLength = RtlLengthSecurityDescriptor(Header->SecurityDescriptor);
    if (Header->Type == ObpSymbolicLinkObjectType)
        Basic.CreateTime = ((POBJECT_SYMBOLIC_LINK)Query->Object)->CreationTime;
    return MmCopyToUser(Query->UserBuffer, &Basic, sizeof(Basic));
}

static NTSTATUS ObpQueryName(POBP_QUERY Query)
{
    ULONG Capacity = sizeof(OBJECT_NAME_INFORMATION) + UNICODE_STRING_MAX_BYTES + sizeof(WCHAR);
    POBJECT_NAME_INFORMATION Info;
    NTSTATUS Status;

    if (Query->Length < Capacity)
        Capacity = Query->Length;
    Info = ExAllocatePoolWithTag(PagedPool, max(Capacity, sizeof(*Info)), OB_TAG_NAME);
    if (Info == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    memset(Info, 0, sizeof(*Info));
    Status = ObpQueryNameString(Query->Object, Info, Capacity, &Query->Needed, UserMode);
    if (NT_SUCCESS(Status)) {
        ULONG Used = Info->Name.Buffer != NULL ? sizeof(*Info) + Info->Name.Length + sizeof(WCHAR) : sizeof(*Info);

        if (Info->Name.Buffer != NULL)
            Info->Name.Buffer = (PWSTR)((PUCHAR)Query->UserBuffer + sizeof(*Info));
        Status = MmCopyToUser(Query->UserBuffer, Info, Used);
    } else if (Status == STATUS_BUFFER_OVERFLOW && Query->Length >= sizeof(*Info)) {
        OBJECT_NAME_INFORMATION Empty = { 0 };

        /* NT leaves an empty string behind. */
        if (!NT_SUCCESS(MmPutUser((POBJECT_NAME_INFORMATION)Query->UserBuffer, Empty)))
            Status = STATUS_ACCESS_VIOLATION;
    }
    ExFreePoolWithTag(Info, OB_TAG_NAME);
    return Status;
}

static VOID ObpDescribeType(POBJECT_TYPE Type, PVOID UserName, POBJECT_TYPE_INFORMATION Info)
{
    memset(Info, 0, sizeof(*Info));
    Info->TypeName.Length = Type->Name.Length;
    Info->TypeName.MaximumLength = Type->Name.Length + sizeof(WCHAR);
    Info->TypeName.Buffer = UserName;
    Info->TotalNumberOfObjects = Type->TotalNumberOfObjects;
    Info->TotalNumberOfHandles = Type->TotalNumberOfHandles;
    Info->HighWaterNumberOfObjects = Type->HighWaterNumberOfObjects;
    Info->HighWaterNumberOfHandles = Type->HighWaterNumberOfHandles;
    Info->InvalidAttributes = Type->TypeInfo.InvalidAttributes;
    Info->GenericMapping = Type->TypeInfo.GenericMapping;
    Info->ValidAccessMask = Type->TypeInfo.ValidAccessMask;
    Info->SecurityRequired = Type->TypeInfo.SecurityRequired;
    /* The header's name for the padding byte is missing: TypeIndex. */
    *((PUCHAR)&Info->MaintainHandleCount + 1) = (UCHAR)Type->Index;
}

/* Structure and name at byte Offset of the program's buffer. */
static NTSTATUS ObpCopyType(POBP_QUERY Query, ULONG Offset, POBJECT_TYPE Type)
{
    PUCHAR Place = (PUCHAR)Query->UserBuffer + Offset;
    OBJECT_TYPE_INFORMATION Info;
    NTSTATUS Status;

    ObpDescribeType(Type, Place + sizeof(Info), &Info);
    Status = MmCopyToUser(Place, &Info, sizeof(Info));
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(Place + sizeof(Info), Type->Name.Buffer, Type->Name.Length + sizeof(WCHAR));
    return Status;
}

#define OBP_ALIGN8(n) (((n) + 7) & ~7u)

static ULONG ObpTypeSize(POBJECT_TYPE Type)
{
    return sizeof(OBJECT_TYPE_INFORMATION) + OBP_ALIGN8(Type->Name.Length + sizeof(WCHAR));
}

static NTSTATUS ObpQueryType(POBP_QUERY Query)
{
    POBJECT_TYPE Type = ObGetObjectType(Query->Object);

    Query->Needed = ObpTypeSize(Type);
    if (Query->Length < Query->Needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    return ObpCopyType(Query, 0, Type);
}

static NTSTATUS ObpQueryTypes(POBP_QUERY Query)
{
    ULONG Offset = OBP_ALIGN8(sizeof(OBJECT_TYPES_INFORMATION));
    NTSTATUS Status;

    Query->Needed = Offset;
    for (ULONG i = 0; i < ObpObjectTypeCount; i++)
        Query->Needed += ObpTypeSize(ObpObjectTypes[i]);
    if (Query->Length < Query->Needed)
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmPutUser(&((POBJECT_TYPES_INFORMATION)Query->UserBuffer)->NumberOfTypes, ObpObjectTypeCount);
    for (ULONG i = 0; NT_SUCCESS(Status) && i < ObpObjectTypeCount; i++) {
        Status = ObpCopyType(Query, Offset, ObpObjectTypes[i]);
        Offset += ObpTypeSize(ObpObjectTypes[i]);
    }
    return Status;
}

static NTSTATUS ObpQueryHandleFlags(POBP_QUERY Query)
{
    OBJECT_HANDLE_FLAG_INFORMATION Flags;

    Query->Needed = sizeof(Flags);
    if (Query->Length != sizeof(Flags))
        return STATUS_INFO_LENGTH_MISMATCH;
    Flags.Inherit = (Query->Handle.HandleAttributes & OBJ_INHERIT) != 0;
    Flags.ProtectFromClose = (Query->Handle.HandleAttributes & OBJ_PROTECT_CLOSE) != 0;
    return MmCopyToUser(Query->UserBuffer, &Flags, sizeof(Flags));
}

VOID ObQueryCounts(PULONG64 Objects, PULONG64 Handles)
{
    *Objects = *Handles = 0;
    for (ULONG i = 0; i < ObpObjectTypeCount; i++) {
        *Objects += ObpObjectTypes[i]->TotalNumberOfObjects;
        *Handles += ObpObjectTypes[i]->TotalNumberOfHandles;
    }
}

NTSTATUS NTAPI NtQueryObject(HANDLE Handle, OBJECT_INFORMATION_CLASS ObjectInformationClass, PVOID ObjectInformation,
        ULONG ObjectInformationLength, PULONG ReturnLength)
{
    static NTSTATUS (*const Classes[])(POBP_QUERY) = {
        [ObjectBasicInformation] = ObpQueryBasic,
        [ObjectNameInformation] = ObpQueryName,
        [ObjectTypeInformation] = ObpQueryType,
        [ObjectTypesInformation] = ObpQueryTypes,
        [ObjectHandleFlagInformation] = ObpQueryHandleFlags,
    };
    OBP_QUERY Query = { .UserBuffer = ObjectInformation, .Length = ObjectInformationLength };
    NTSTATUS Status;

    if ((ULONG)ObjectInformationClass >= RTL_NUMBER_OF(Classes))
        return STATUS_INVALID_INFO_CLASS;
    Status = MmProbeAnswer(ObjectInformation, ObjectInformationLength, ReturnLength, sizeof(*ReturnLength));
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObjectInformationClass != ObjectTypesInformation) {
        Status = ObReferenceObjectByHandle(Handle, 0, NULL, UserMode, &Query.Object, &Query.Handle);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = Classes[ObjectInformationClass](&Query);
    if (ReturnLength != NULL && Status != STATUS_INSUFFICIENT_RESOURCES) {
        NTSTATUS WriteStatus = MmPutUser(ReturnLength, Query.Needed);

        if (!NT_SUCCESS(WriteStatus))
            Status = WriteStatus;
    }
    if (Query.Object != NULL)
        ObDereferenceObject(Query.Object);
    return Status;
}

NTSTATUS NTAPI NtSetInformationObject(HANDLE Handle, OBJECT_INFORMATION_CLASS ObjectInformationClass,
        PVOID ObjectInformation, ULONG ObjectInformationLength)
{
    OBJECT_HANDLE_FLAG_INFORMATION Flags;
    PHANDLE_TABLE Table;
    PHANDLE_TABLE_ENTRY Entry;
    NTSTATUS Status;

    if (ObjectInformationClass != ObjectHandleFlagInformation)
        return STATUS_INVALID_INFO_CLASS;
    if (ObjectInformationLength != sizeof(Flags))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&Flags, ObjectInformation, sizeof(Flags));
    if (!NT_SUCCESS(Status))
        return Status;
    Table = ObpSelectTable(PsGetCurrentProcess(), Handle, UserMode);
    Entry = Table != NULL ? ObpLookupHandle(Table, Handle) : NULL;
    if (Entry == NULL)
        return STATUS_INVALID_HANDLE;
    Entry->Value &= ~(ULONG_PTR)OBJ_HANDLE_ATTRIBUTES;
    Entry->Value |= (Flags.Inherit ? OBJ_INHERIT : 0) | (Flags.ProtectFromClose ? OBJ_PROTECT_CLOSE : 0);
    return STATUS_SUCCESS;
}

/* --- permanence ----------------------------------------------------------------------------------------------- */

NTSTATUS NTAPI NtMakeTemporaryObject(HANDLE Handle)
{
    PVOID Object;
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, DELETE, NULL, UserMode, &Object, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    ObMakeTemporaryObject(Object);
    ObDereferenceObject(Object);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtMakePermanentObject(HANDLE Handle)
{
    PVOID Object;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_CREATE_PERMANENT_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = ObReferenceObjectByHandle(Handle, 0, NULL, UserMode, &Object, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    OBJECT_TO_OBJECT_HEADER(Object)->Flags |= OB_FLAG_PERMANENT;
    ObDereferenceObject(Object);
    return STATUS_SUCCESS;
}

/* --- NtQueryDirectoryObject ----------------------------------------------------------------------------------- */

static ULONG ObpEntrySize(POBJECT_HEADER_NAME_INFO Info)
{
    return sizeof(OBJECT_DIRECTORY_INFORMATION) + Info->Name.Length + sizeof(WCHAR) +
           Info->Header->Type->Name.Length + sizeof(WCHAR);
}

static PLIST_ENTRY ObpSkipEntries(POBJECT_DIRECTORY Directory, ULONG Count)
{
    PLIST_ENTRY Link = Directory->Names.Flink;

    while (Count-- > 0 && Link != &Directory->Names)
        Link = Link->Flink;
    return Link;
}

/* Appends a string at Offset of the buffer; returns the offset after it. */
static ULONG ObpPutString(PUCHAR Local, PUCHAR User, ULONG Offset, PUNICODE_STRING String, PUNICODE_STRING Result)
{
    memcpy(Local + Offset, String->Buffer, String->Length);
    *(PWCHAR)(Local + Offset + String->Length) = 0;
    Result->Length = String->Length;
    Result->MaximumLength = String->Length + sizeof(WCHAR);
    Result->Buffer = (PWSTR)(User + Offset);
    return Offset + String->Length + sizeof(WCHAR);
}

/* Count entries from Link on: the array, a zero entry, the strings. */
static NTSTATUS ObpCopyEntries(PLIST_ENTRY Link, ULONG Count, ULONG Size, PVOID UserBuffer)
{
    POBJECT_DIRECTORY_INFORMATION Local = ExAllocatePoolZero(PagedPool, Size, OB_TAG_DIRECTORY);
    ULONG Offset = (Count + 1) * sizeof(*Local);
    NTSTATUS Status;

    if (Local == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    for (ULONG i = 0; i < Count; i++, Link = Link->Flink) {
        POBJECT_HEADER_NAME_INFO Info = CONTAINING_RECORD(Link, OBJECT_HEADER_NAME_INFO, Order);

        Offset = ObpPutString((PUCHAR)Local, UserBuffer, Offset, &Info->Name, &Local[i].Name);
        Offset = ObpPutString((PUCHAR)Local, UserBuffer, Offset, &Info->Header->Type->Name, &Local[i].TypeName);
    }
    Status = MmCopyToUser(UserBuffer, Local, Size);
    ExFreePoolWithTag(Local, OB_TAG_DIRECTORY);
    return Status;
}

static NTSTATUS ObpQueryDirectory(POBJECT_DIRECTORY Directory, PVOID Buffer, ULONG Length, BOOLEAN Single,
        PULONG Index, PULONG Needed)
{
    PLIST_ENTRY First = ObpSkipEntries(Directory, *Index);
    PLIST_ENTRY Link = First;
    ULONG Count = 0;
    ULONG Size = sizeof(OBJECT_DIRECTORY_INFORMATION);
    NTSTATUS Status;

    *Needed = 0;
    if (First == &Directory->Names)
        return STATUS_NO_MORE_ENTRIES;
    for (; Link != &Directory->Names && !(Single && Count == 1); Link = Link->Flink, Count++) {
        ULONG EntrySize = ObpEntrySize(CONTAINING_RECORD(Link, OBJECT_HEADER_NAME_INFO, Order));

        if (Size + EntrySize > Length) {
            *Needed = Size + EntrySize;
            break;
        }
        Size += EntrySize;
    }
    if (Count == 0)
        return Single ? STATUS_BUFFER_TOO_SMALL : STATUS_MORE_ENTRIES;
    *Needed = Size;
    *Index += Count;
    Status = ObpCopyEntries(First, Count, Size, Buffer);
    if (NT_SUCCESS(Status) && !Single && Link != &Directory->Names)
        return STATUS_MORE_ENTRIES;
    return Status;
}

NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE DirectoryHandle, PVOID Buffer, ULONG Length, BOOLEAN ReturnSingleEntry,
        BOOLEAN RestartScan, PULONG Context, PULONG ReturnLength)
{
    POBJECT_DIRECTORY Directory;
    ULONG Index = 0;
    ULONG Needed;
    NTSTATUS Status;
    NTSTATUS WriteStatus = STATUS_SUCCESS;

    Status = MmProbeAnswer(Buffer, Length, ReturnLength, sizeof(*ReturnLength));
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Context, sizeof(*Context), 1);
    if (NT_SUCCESS(Status) && !RestartScan)
        Status = MmGetUser(&Index, Context);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(DirectoryHandle, DIRECTORY_QUERY, ObpDirectoryObjectType, UserMode,
                                       (PVOID *)&Directory, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObpQueryDirectory(Directory, Buffer, Length, ReturnSingleEntry, &Index, &Needed);
    ObDereferenceObject(Directory);
    if (NT_SUCCESS(Status))
        WriteStatus = MmPutUser(Context, Index);
    if (NT_SUCCESS(WriteStatus) && ReturnLength != NULL)
        WriteStatus = MmPutUser(ReturnLength, Needed);
    return NT_SUCCESS(WriteStatus) ? Status : WriteStatus;
}
