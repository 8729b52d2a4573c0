/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security descriptors of objects: NtQuerySecurityObject, NtSetSecurityObject.  A type's Security method does the work;
 * types without one keep the descriptor in the object header (SeDefaultObjectMethod).  Nothing here waits.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"

/* Source: Microsoft, "SECURITY_INFORMATION". */
static ACCESS_MASK ObpQuerySecurityAccess(SECURITY_INFORMATION Information)
{
    ACCESS_MASK Access = 0;

    if (Information & (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION |
                       ATTRIBUTE_SECURITY_INFORMATION | SCOPE_SECURITY_INFORMATION | BACKUP_SECURITY_INFORMATION))
        Access |= READ_CONTROL;
    if (Information & (SACL_SECURITY_INFORMATION | BACKUP_SECURITY_INFORMATION))
        Access |= ACCESS_SYSTEM_SECURITY;
    return Access;
}

static ACCESS_MASK ObpSetSecurityAccess(SECURITY_INFORMATION Information)
{
    ACCESS_MASK Access = 0;

    if (Information & (OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION |
                       BACKUP_SECURITY_INFORMATION))
        Access |= WRITE_OWNER;
    if (Information & (DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION | UNPROTECTED_DACL_SECURITY_INFORMATION |
                       ATTRIBUTE_SECURITY_INFORMATION | BACKUP_SECURITY_INFORMATION))
        Access |= WRITE_DAC;
    if (Information & (SACL_SECURITY_INFORMATION | PROTECTED_SACL_SECURITY_INFORMATION | UNPROTECTED_SACL_SECURITY_INFORMATION |
                       SCOPE_SECURITY_INFORMATION | BACKUP_SECURITY_INFORMATION))
        Access |= ACCESS_SYSTEM_SECURITY;
    return Access;
}

static NTSTATUS ObpCallSecurityMethod(PVOID Object, SECURITY_OPERATION_CODE Code, SECURITY_INFORMATION Information,
        PSECURITY_DESCRIPTOR Descriptor, PULONG Length)
{
    OB_SECURITY_METHOD Method = ObGetObjectType(Object)->TypeInfo.SecurityProcedure;

    return (Method != NULL ? Method : SeDefaultObjectMethod)(Object, Code, &Information, Descriptor, Length);
}

/* A descriptor is never larger than this, so a larger buffer of a program's needs no larger copy. */
#define OBP_MAXIMUM_DESCRIPTOR 0x40000

NTSTATUS NTAPI NtQuerySecurityObject(HANDLE Handle, SECURITY_INFORMATION SecurityInformation,
        PSECURITY_DESCRIPTOR SecurityDescriptor, ULONG Length, PULONG LengthNeeded)
{
    ULONG Needed = min(Length, OBP_MAXIMUM_DESCRIPTOR);
    PVOID Local = NULL;
    PVOID Object;
    NTSTATUS Status;
    NTSTATUS WriteStatus;

    Status = MmProbeForWrite(SecurityDescriptor, Length, 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(LengthNeeded, sizeof(*LengthNeeded), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(Handle, ObpQuerySecurityAccess(SecurityInformation), NULL, UserMode, &Object,
                                       NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Needed != 0) {
        Local = ExAllocatePoolZero(PagedPool, Needed, OB_TAG_OBJECT);
        if (Local == NULL) {
            ObDereferenceObject(Object);
            return STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    Status = ObpCallSecurityMethod(Object, QuerySecurityDescriptor, SecurityInformation, Local, &Needed);
    if (NT_SUCCESS(Status))
        Status = MmCopyToUser(SecurityDescriptor, Local, Needed);
    WriteStatus = MmPutUser(LengthNeeded, Needed);
    if (Local != NULL)
        ExFreePoolWithTag(Local, OB_TAG_OBJECT);
    ObDereferenceObject(Object);
    return NT_SUCCESS(WriteStatus) ? Status : WriteStatus;
}

NTSTATUS NTAPI NtSetSecurityObject(HANDLE Handle, SECURITY_INFORMATION SecurityInformation,
        PSECURITY_DESCRIPTOR SecurityDescriptor)
{
    PSECURITY_DESCRIPTOR Captured;
    PVOID Object;
    NTSTATUS Status;

    if (SecurityDescriptor == NULL)
        return STATUS_ACCESS_VIOLATION;
    Status = ObReferenceObjectByHandle(Handle, ObpSetSecurityAccess(SecurityInformation), NULL, UserMode, &Object,
                                       NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SeCaptureSecurityDescriptor(SecurityDescriptor, UserMode, &Captured);
    if (NT_SUCCESS(Status)) {
        Status = SeCheckAssignment(Captured, SecurityInformation);
        if (NT_SUCCESS(Status))
            Status = ObpCallSecurityMethod(Object, SetSecurityDescriptor, SecurityInformation, Captured, NULL);
        SeReleaseSecurityDescriptor(Captured);
    }
    ObDereferenceObject(Object);
    return Status;
}
