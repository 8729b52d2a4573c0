/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The layout of ALPC message attributes: the header, then the structures of the allocated attributes, the highest flag
 * first.  Nothing is allocated, nothing is global.
 */
#include "nt/alpcapi.h"

static const struct {
    ULONG Flag, Size;
} Attributes[] = {
    { ALPC_MESSAGE_SECURITY_ATTRIBUTE, sizeof(ALPC_SECURITY_ATTR) },
    { ALPC_MESSAGE_VIEW_ATTRIBUTE, sizeof(ALPC_DATA_VIEW_ATTR) },
    { ALPC_MESSAGE_CONTEXT_ATTRIBUTE, sizeof(ALPC_CONTEXT_ATTR) },
    { ALPC_MESSAGE_HANDLE_ATTRIBUTE, sizeof(ALPC_HANDLE_ATTR) },
    { ALPC_MESSAGE_TOKEN_ATTRIBUTE, sizeof(ALPC_TOKEN_ATTR) },
    { ALPC_MESSAGE_DIRECT_ATTRIBUTE, sizeof(ALPC_DIRECT_ATTR) },
    { ALPC_MESSAGE_WORK_ON_BEHALF_ATTRIBUTE, sizeof(ALPC_WORK_ON_BEHALF_ATTR) },
};

ULONG NTAPI AlpcMaxAllowedMessageLength(VOID)
{
    return 0xFFFF;
}

ULONG NTAPI AlpcGetHeaderSize(ULONG AttributeFlags)
{
    ULONG Size = sizeof(ALPC_MESSAGE_ATTRIBUTES);

    for (ULONG i = 0; i < RTL_NUMBER_OF(Attributes); i++)
        if (AttributeFlags & Attributes[i].Flag)
            Size += Attributes[i].Size;
    return Size;
}

NTSTATUS NTAPI AlpcInitializeMessageAttribute(ULONG AttributeFlags, PALPC_MESSAGE_ATTRIBUTES Buffer, SIZE_T BufferSize,
        PSIZE_T RequiredBufferSize)
{
    *RequiredBufferSize = AlpcGetHeaderSize(AttributeFlags);
    if (BufferSize < *RequiredBufferSize)
        return STATUS_BUFFER_TOO_SMALL;
    if (Buffer != NULL) {
        Buffer->AllocatedAttributes = AttributeFlags;
        Buffer->ValidAttributes = 0;
    }
    return STATUS_SUCCESS;
}

PVOID NTAPI AlpcGetMessageAttribute(PALPC_MESSAGE_ATTRIBUTES Buffer, ULONG AttributeFlag)
{
    if (AttributeFlag == 0 || AttributeFlag & (AttributeFlag - 1) || !(Buffer->AllocatedAttributes & AttributeFlag))
        return NULL;
    /* What lies before it are the attributes with higher flags. */
    return (PUCHAR)Buffer + AlpcGetHeaderSize(Buffer->AllocatedAttributes & ~(AttributeFlag | (AttributeFlag - 1)));
}
