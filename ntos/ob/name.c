/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lookup of names: from the root or a directory handle, component by component through directories; what is no
 * directory gets the rest of the name by its Parse method.  A Parse method that answers STATUS_REPARSE has replaced
 * the name, and the lookup starts again at the root, at most OBP_MAXIMUM_REPARSES times.
 *
 * The names `\??' and `\DosDevices' lead to the directory \GLOBAL??: a path that starts with `\??\' goes there without
 * a reparse, because nearly every file open takes that way.
 * Waits only where a Parse method does; the directory in hand is referenced there.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"

POBJECT_DIRECTORY ObpRootDirectory;
POBJECT_DIRECTORY ObpGlobalDosDevices;

NTSTATUS ObReparseName(PUNICODE_STRING CompleteName, PUNICODE_STRING Prefix, PUNICODE_STRING Rest)
{
    ULONG PrefixLength = Prefix != NULL ? Prefix->Length : 0;
    ULONG RestLength = Rest != NULL ? Rest->Length : 0;
    ULONG Slash;
    PWSTR Buffer;

    /* One separator between the two, whatever they brought along. */
    if (PrefixLength != 0 && RestLength != 0 && Prefix->Buffer[PrefixLength / sizeof(WCHAR) - 1] == '\\')
        PrefixLength -= sizeof(WCHAR);
    Slash = PrefixLength != 0 && RestLength != 0 && Rest->Buffer[0] != '\\' ? sizeof(WCHAR) : 0;
    if (PrefixLength + Slash + RestLength > UNICODE_STRING_MAX_BYTES - sizeof(WCHAR))
        return STATUS_NAME_TOO_LONG;
    Buffer = ExAllocatePoolWithTag(PagedPool, PrefixLength + Slash + RestLength + sizeof(WCHAR), OB_TAG_NAME);
    if (Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (PrefixLength != 0)
        memcpy(Buffer, Prefix->Buffer, PrefixLength);
    if (Slash != 0)
        Buffer[PrefixLength / sizeof(WCHAR)] = '\\';
    if (RestLength != 0)
        memcpy((PUCHAR)Buffer + PrefixLength + Slash, Rest->Buffer, RestLength);
    ObpReleaseString(CompleteName);
    CompleteName->Buffer = Buffer;
    CompleteName->Length = PrefixLength + Slash + RestLength;
    CompleteName->MaximumLength = CompleteName->Length + sizeof(WCHAR);
    Buffer[CompleteName->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

/* Cuts the first component off Rest (which starts with it, no separator); FALSE: empty component. */
static BOOLEAN ObpNextComponent(PUNICODE_STRING Rest, PUNICODE_STRING Component)
{
    ULONG Chars = Rest->Length / sizeof(WCHAR);
    ULONG i = 0;

    while (i < Chars && Rest->Buffer[i] != '\\')
        i++;
    Component->Buffer = Rest->Buffer;
    Component->Length = Component->MaximumLength = i * sizeof(WCHAR);
    Rest->Buffer += i;
    Rest->Length -= i * sizeof(WCHAR);
    Rest->MaximumLength = Rest->Length;
    return i != 0;
}

static VOID ObpSkipChars(PUNICODE_STRING String, ULONG Chars)
{
    String->Buffer += Chars;
    String->Length -= Chars * sizeof(WCHAR);
    String->MaximumLength = String->Length;
}

typedef struct _OBP_WALK {
    ULONG Attributes;
    POBJECT_TYPE ObjectType;
    KPROCESSOR_MODE AccessMode;
    PACCESS_STATE AccessState;
    PVOID ParseContext;
    PVOID InsertObject;
    PSECURITY_QUALITY_OF_SERVICE SecurityQos;
    POBP_LOOKUP Lookup;
} OBP_WALK, *POBP_WALK;

/* Lets Object's type take over; Object's reference is consumed. */
static NTSTATUS ObpParseObject(POBP_WALK Walk, PVOID Object, PUNICODE_STRING Rest, PVOID *Found)
{
    NTSTATUS Status;

    *Found = NULL;
    Status = ObGetObjectType(Object)->TypeInfo.ParseProcedure(Object, Walk->ObjectType, Walk->AccessState,
            Walk->AccessMode, Walk->Attributes, &Walk->Lookup->Name, Rest, Walk->ParseContext, Walk->SecurityQos,
                    Found);
    ObDereferenceObject(Object);
    if (NT_SUCCESS(Status) && Status != STATUS_REPARSE && *Found == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return Status;
}

/* What a directory has, or its shadow: only a name that is to be made (Inserts) has to be in the directory itself. */
static PVOID ObpFindEntry(POBJECT_DIRECTORY Directory, PCUNICODE_STRING Component, ULONG Attributes, BOOLEAN Inserts)
{
    PVOID Object = ObpLookupDirectoryEntry(Directory, Component, Attributes);

    if (Object == NULL && Directory->Shadow != NULL && !Inserts)
        Object = ObpLookupDirectoryEntry(Directory->Shadow, Component, Attributes);
    return Object;
}

/*
 * Walks Rest (no leading separator) from Directory, whose reference is consumed.  STATUS_REPARSE: Lookup->Name was
 * replaced.
 */
static NTSTATUS ObpWalkDirectories(POBP_WALK Walk, POBJECT_DIRECTORY Directory, UNICODE_STRING Rest, PVOID *Found)
{
    for (;;) {
        UNICODE_STRING Component;
        PVOID Object;
        OB_PARSE_METHOD Parse;

        if (!ObpNextComponent(&Rest, &Component)) {
            ObDereferenceObject(Directory);
            return STATUS_OBJECT_NAME_INVALID;
        }
        Object = ObpFindEntry(Directory, &Component, Walk->Attributes, Walk->InsertObject != NULL && Rest.Length == 0);
        if (Object == NULL) {
            if (Rest.Length != 0) {
                ObDereferenceObject(Directory);
                return STATUS_OBJECT_PATH_NOT_FOUND;
            }
            Walk->Lookup->Directory = Directory;
            Walk->Lookup->LastName = Component;
            return STATUS_OBJECT_NAME_NOT_FOUND;
        }
        ObReferenceObject(Object);
        ObDereferenceObject(Directory);
        Parse = ObGetObjectType(Object)->TypeInfo.ParseProcedure;
        if (Parse != NULL && (Walk->InsertObject == NULL || ObGetObjectType(Object) == ObpSymbolicLinkObjectType))
            return ObpParseObject(Walk, Object, &Rest, Found);
        if (Rest.Length == 0) {
            *Found = Object;
            return STATUS_SUCCESS;
        }
        if (ObGetObjectType(Object) != ObpDirectoryObjectType) {
            ObDereferenceObject(Object);
            return STATUS_OBJECT_PATH_NOT_FOUND;
        }
        ObpSkipChars(&Rest, 1);
        Directory = Object;
    }
}

/* Lookup->Name is absolute. */
static NTSTATUS ObpWalkFromRoot(POBP_WALK Walk, PVOID *Found)
{
    UNICODE_STRING Rest = Walk->Lookup->Name;
    POBJECT_DIRECTORY Start = ObpRootDirectory;

    if (Rest.Length == 0 || Rest.Buffer[0] != '\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    if (Rest.Length == sizeof(WCHAR)) {
        ObReferenceObject(ObpRootDirectory);
        *Found = ObpRootDirectory;
        return STATUS_SUCCESS;
    }
    ObpSkipChars(&Rest, 1);
    if (Rest.Length > 3 * sizeof(WCHAR) && Rest.Buffer[0] == '?' && Rest.Buffer[1] == '?' && Rest.Buffer[2] == '\\') {
        Start = ObpGlobalDosDevices;
        ObpSkipChars(&Rest, 3);
    }
    ObReferenceObject(Start);
    return ObpWalkDirectories(Walk, Start, Rest, Found);
}

/* A relative name: the handle is a directory, or an object with a Parse method (a key, a file). */
static NTSTATUS ObpWalkFromHandle(POBP_WALK Walk, HANDLE RootDirectory, PVOID *Found)
{
    UNICODE_STRING Rest = Walk->Lookup->Name;
    PVOID Root;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(RootDirectory, 0, NULL, Walk->AccessMode, &Root, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObGetObjectType(Root) != ObpDirectoryObjectType) {
        if (ObGetObjectType(Root)->TypeInfo.ParseProcedure == NULL ||
            ObGetObjectType(Root) == ObpSymbolicLinkObjectType) {
            ObDereferenceObject(Root);
            return STATUS_OBJECT_TYPE_MISMATCH;
        }
        return ObpParseObject(Walk, Root, &Rest, Found);
    }
    if (Rest.Length == 0) {
        *Found = Root;
        return STATUS_SUCCESS;
    }
    if (Rest.Buffer[0] == '\\') {
        ObDereferenceObject(Root);
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    }
    return ObpWalkDirectories(Walk, Root, Rest, Found);
}

NTSTATUS ObpLookupObjectName(HANDLE RootDirectory, PUNICODE_STRING Name, ULONG Attributes, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode, PACCESS_STATE AccessState, PVOID ParseContext, PVOID InsertObject,
        PSECURITY_QUALITY_OF_SERVICE SecurityQos, POBP_LOOKUP Lookup, PVOID *Object)
{
    OBP_WALK Walk = {
        Attributes, ObjectType, AccessMode, AccessState, ParseContext, InsertObject, SecurityQos, Lookup
    };
    NTSTATUS Status;

    memset(Lookup, 0, sizeof(*Lookup));
    *Object = NULL;
    Lookup->Name = *Name;
    memset(Name, 0, sizeof(*Name));
    if (ObjectType != NULL && ObjectType->TypeInfo.CaseInsensitive)
        Walk.Attributes |= OBJ_CASE_INSENSITIVE;
    if (RootDirectory != NULL)
        Status = ObpWalkFromHandle(&Walk, RootDirectory, Object);
    else
        Status = ObpWalkFromRoot(&Walk, Object);
    for (ULONG i = 0; Status == STATUS_REPARSE; i++) {
        if (i == OBP_MAXIMUM_REPARSES)
            return STATUS_OBJECT_NAME_NOT_FOUND;
        if (Attributes & OBJ_DONT_REPARSE)
            return STATUS_REPARSE_POINT_ENCOUNTERED;
        Status = ObpWalkFromRoot(&Walk, Object);
    }
    if (!NT_SUCCESS(Status)) {
        *Object = NULL;
        return Status;
    }
    if (InsertObject == NULL && ObjectType != NULL && ObGetObjectType(*Object) != ObjectType) {
        ObDereferenceObject(*Object);
        *Object = NULL;
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    return Status;
}

VOID ObpReleaseLookup(POBP_LOOKUP Lookup)
{
    if (Lookup->Directory != NULL)
        ObDereferenceObject(Lookup->Directory);
    ObpReleaseString(&Lookup->Name);
}

NTSTATUS ObReferenceObjectByName(PUNICODE_STRING ObjectName, ULONG Attributes, PACCESS_STATE AccessState,
        ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType, KPROCESSOR_MODE AccessMode, PVOID ParseContext,
        PVOID *Object)
{
    ACCESS_STATE LocalState;
    UNICODE_STRING Name;
    OBP_LOOKUP Lookup;
    ACCESS_MASK Granted;
    NTSTATUS Status;

    *Object = NULL;
    Status = ObpCaptureString(KernelMode, ObjectName, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    if (AccessState == NULL) {
        memset(&LocalState, 0, sizeof(LocalState));
        LocalState.OriginalDesiredAccess = LocalState.RemainingDesiredAccess = DesiredAccess;
        AccessState = &LocalState;
    }
    Status = ObpLookupObjectName(NULL, &Name, Attributes, ObjectType, AccessMode, AccessState, ParseContext, NULL,
                                 NULL, &Lookup, Object);
    ObpReleaseLookup(&Lookup);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObpCheckObjectAccess(OBJECT_TO_OBJECT_HEADER(*Object), DesiredAccess, Attributes, AccessMode, &Granted);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(*Object);
        *Object = NULL;
    }
    return Status;
}
