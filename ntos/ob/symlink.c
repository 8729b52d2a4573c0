/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Symbolic links: objects whose Parse method replaces the name that is being looked up by the link's target and the
 * rest.  The link itself is found only when nothing follows it and a link is asked for.
 * Services: NtCreateSymbolicLinkObject, NtOpenSymbolicLinkObject, NtQuerySymbolicLinkObject.  Nothing here waits.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"

POBJECT_TYPE ObpSymbolicLinkObjectType;

static NTSTATUS ObpParseSymbolicLink(PVOID ParseObject, POBJECT_TYPE ObjectType, PACCESS_STATE AccessState,
        KPROCESSOR_MODE AccessMode, ULONG Attributes, PUNICODE_STRING CompleteName, PUNICODE_STRING RemainingName,
        PVOID Context, PSECURITY_QUALITY_OF_SERVICE SecurityQos, PVOID *Object)
{
    POBJECT_SYMBOLIC_LINK Link = ParseObject;
    NTSTATUS Status;

    if (RemainingName->Length == 0 && (ObjectType == ObpSymbolicLinkObjectType || Attributes & OBJ_OPENLINK)) {
        ObReferenceObject(Link);
        *Object = Link;
        return STATUS_SUCCESS;
    }
    Status = ObReparseName(CompleteName, &Link->LinkTarget, RemainingName);
    return NT_SUCCESS(Status) ? STATUS_REPARSE : Status;
}

static VOID ObpDeleteSymbolicLink(PVOID Object)
{
    ObpReleaseString(&((POBJECT_SYMBOLIC_LINK)Object)->LinkTarget);
}

const OBJECT_TYPE_INITIALIZER ObpSymbolicLinkTypeInitializer = {
    .GenericMapping = {
        STANDARD_RIGHTS_READ | SYMBOLIC_LINK_QUERY,
        STANDARD_RIGHTS_WRITE,
        STANDARD_RIGHTS_EXECUTE | SYMBOLIC_LINK_QUERY,
        SYMBOLIC_LINK_ALL_ACCESS
    },
    .ValidAccessMask = SYMBOLIC_LINK_ALL_ACCESS,
    .WaitOffset = OB_NOT_WAITABLE,
    .DeleteProcedure = ObpDeleteSymbolicLink,
    .ParseProcedure = ObpParseSymbolicLink,
};

NTSTATUS ObpCreateSymbolicLink(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes, const UNICODE_STRING *Target,
        ACCESS_MASK DesiredAccess, PHANDLE Handle)
{
    UNICODE_STRING Captured;
    POBJECT_SYMBOLIC_LINK Link;
    NTSTATUS Status;

    Status = ObpCaptureString(Mode, Target, &Captured);
    if (!NT_SUCCESS(Status))
        return Status == STATUS_OBJECT_NAME_INVALID ? STATUS_INVALID_PARAMETER : Status;
    if (Captured.Length == 0 && Mode == UserMode)
        return STATUS_INVALID_PARAMETER;
    Status = ObCreateObject(Mode, ObpSymbolicLinkObjectType, Attributes, Mode, NULL, sizeof(*Link), 0, 0,
                            (PVOID *)&Link);
    if (!NT_SUCCESS(Status)) {
        ObpReleaseString(&Captured);
        return Status;
    }
    Link->LinkTarget = Captured;
    KeQuerySystemTime(&Link->CreationTime);
    return ObInsertObject(Link, NULL, DesiredAccess, 0, NULL, Handle);
}

NTSTATUS ObCreatePermanentSymbolicLink(PCWSTR Path, PCWSTR Target)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Name;
    UNICODE_STRING To;

    RtlInitUnicodeString(&Name, Path);
    RtlInitUnicodeString(&To, Target);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | OBJ_PERMANENT | OBJ_KERNEL_HANDLE, NULL,
                               NULL);
    return ObpCreateSymbolicLink(KernelMode, &Attributes, &To, 0, NULL);
}

NTSTATUS NTAPI NtCreateSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, PUNICODE_STRING LinkTarget)
{
    HANDLE Handle = NULL;
    NTSTATUS Status = ObpCreateSymbolicLink(UserMode, ObjectAttributes, LinkTarget, DesiredAccess, &Handle);

    return ObReturnHandle(Status, Handle, LinkHandle);
}

NTSTATUS NTAPI NtOpenSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes)
{
    return ObOpenUserObject(ObpSymbolicLinkObjectType, LinkHandle, DesiredAccess, ObjectAttributes);
}

/* ReturnedLength includes a terminating NUL, which is written where it fits. */
static NTSTATUS ObpCopyLinkTarget(POBJECT_SYMBOLIC_LINK Link, PUNICODE_STRING LinkTarget, PULONG ReturnedLength)
{
    ULONG Needed = Link->LinkTarget.Length + sizeof(WCHAR);
    UNICODE_STRING Given;
    WCHAR Zero = 0;
    NTSTATUS Status;

    Status = MmGetUser(&Given, LinkTarget);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ReturnedLength != NULL) {
        Status = MmPutUser(ReturnedLength, Needed);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Given.MaximumLength < (ReturnedLength != NULL ? Needed : Link->LinkTarget.Length))
        return STATUS_BUFFER_TOO_SMALL;
    /* An empty target (GLOBALROOT's) has no buffer. */
    Status = MmCopyToUser(Given.Buffer, Link->LinkTarget.Buffer, Link->LinkTarget.Length);
    if (NT_SUCCESS(Status) && Given.MaximumLength >= Needed)
        Status = MmCopyToUser((PUCHAR)Given.Buffer + Link->LinkTarget.Length, &Zero, sizeof(Zero));
    if (!NT_SUCCESS(Status))
        return Status;
    return MmPutUser(&LinkTarget->Length, Link->LinkTarget.Length);
}

NTSTATUS NTAPI NtQuerySymbolicLinkObject(HANDLE LinkHandle, PUNICODE_STRING LinkTarget, PULONG ReturnedLength)
{
    POBJECT_SYMBOLIC_LINK Link;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(LinkHandle, SYMBOLIC_LINK_QUERY, ObpSymbolicLinkObjectType, UserMode,
                                       (PVOID *)&Link, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObpCopyLinkTarget(Link, LinkTarget, ReturnedLength);
    ObDereferenceObject(Link);
    return Status;
}
