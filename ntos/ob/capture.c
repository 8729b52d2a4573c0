/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Capture of what a service's OBJECT_ATTRIBUTES point to.  Everything is copied once, checked, and only the copy is
 * used afterwards.  With KernelMode the pointers are ntos's own; names are copied all the same, so that a captured
 * structure is always released in one way.
 */
#include "ntos/ob/obp.h"
#include "ntos/inc/mm.h"

#define OBP_KERNEL_ATTRIBUTES (OBJ_KERNEL_HANDLE)
#define OBP_VALID_ATTRIBUTES 0x00001ff2

static NTSTATUS ObpRead(KPROCESSOR_MODE Mode, PVOID Destination, const void *Source, SIZE_T Length)
{
    if (Mode == UserMode)
        return MmCopyFromUser(Destination, Source, Length);
    memcpy(Destination, Source, Length);
    return STATUS_SUCCESS;
}

NTSTATUS ObpCaptureString(KPROCESSOR_MODE Mode, const UNICODE_STRING *Source, PUNICODE_STRING Captured)
{
    UNICODE_STRING Given;
    NTSTATUS Status;

    memset(Captured, 0, sizeof(*Captured));
    Status = ObpRead(Mode, &Given, Source, sizeof(Given));
    if (!NT_SUCCESS(Status) || Given.Length == 0)
        return Status;
    if (Given.Length & 1 || Given.Length > UNICODE_STRING_MAX_BYTES - sizeof(WCHAR))
        return STATUS_OBJECT_NAME_INVALID;
    Captured->Buffer = ExAllocatePoolWithTag(PagedPool, Given.Length + sizeof(WCHAR), OB_TAG_NAME);
    if (Captured->Buffer == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = ObpRead(Mode, Captured->Buffer, Given.Buffer, Given.Length);
    if (!NT_SUCCESS(Status)) {
        ObpReleaseString(Captured);
        return Status;
    }
    Captured->Length = Given.Length;
    Captured->MaximumLength = Given.Length + sizeof(WCHAR);
    Captured->Buffer[Given.Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

VOID ObpReleaseString(PUNICODE_STRING String)
{
    if (String->Buffer != NULL)
        ExFreePoolWithTag(String->Buffer, OB_TAG_NAME);
    memset(String, 0, sizeof(*String));
}

NTSTATUS ObpCaptureObjectAttributes(KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES ObjectAttributes,
        POBJECT_CREATE_INFORMATION Captured)
{
    OBJECT_ATTRIBUTES Given;
    NTSTATUS Status;

    memset(Captured, 0, sizeof(*Captured));
    Captured->Mode = Mode;
    if (ObjectAttributes == NULL)
        return STATUS_SUCCESS;
    Status = ObpRead(Mode, &Given, ObjectAttributes, sizeof(Given));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Given.Length != sizeof(Given) || Given.Attributes & ~OBP_VALID_ATTRIBUTES)
        return STATUS_INVALID_PARAMETER;
    Captured->Attributes = Given.Attributes;
    if (Mode == UserMode)
        Captured->Attributes &= ~OBP_KERNEL_ATTRIBUTES;
    Captured->RootDirectory = Given.RootDirectory;
    if (Given.ObjectName != NULL) {
        Status = ObpCaptureString(Mode, Given.ObjectName, &Captured->Name);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if (Given.SecurityDescriptor != NULL) {
        Status = SeCaptureSecurityDescriptor(Given.SecurityDescriptor, Mode, &Captured->SecurityDescriptor);
        if (!NT_SUCCESS(Status))
            goto fail;
    }
    if (Given.SecurityQualityOfService != NULL) {
        Status = ObpRead(Mode, &Captured->SecurityQos, Given.SecurityQualityOfService, sizeof(Captured->SecurityQos));
        if (!NT_SUCCESS(Status))
            goto fail;
        Captured->HasQos = TRUE;
    }
    return STATUS_SUCCESS;

fail:
    ObpReleaseObjectAttributes(Captured);
    return Status;
}

VOID ObpReleaseObjectAttributes(POBJECT_CREATE_INFORMATION Captured)
{
    ObpReleaseString(&Captured->Name);
    SeReleaseSecurityDescriptor(Captured->SecurityDescriptor);
    Captured->SecurityDescriptor = NULL;
}
