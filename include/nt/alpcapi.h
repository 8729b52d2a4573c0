/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ALPC: services and routines.  Microsoft does not document them; names, layouts and values are those of the public
 * symbols, as the phnt headers and NtDoc give them (ntlpcapi.h).
 *
 * Message attributes are one block: ALPC_MESSAGE_ATTRIBUTES, then the structures of the allocated attributes, the highest
 * flag first.  AlpcGetMessageAttribute finds one.
 */
#pragma once

#include "nt.h"

typedef HANDLE ALPC_HANDLE, *PALPC_HANDLE;

typedef struct _ALPC_PORT_ATTRIBUTES {
    ULONG Flags;                        /* ALPC_PORFLG_ */
    SECURITY_QUALITY_OF_SERVICE SecurityQos;
    SIZE_T MaxMessageLength;
    SIZE_T MemoryBandwidth;
    SIZE_T MaxPoolUsage;
    SIZE_T MaxSectionSize;
    SIZE_T MaxViewSize;
    SIZE_T MaxTotalSectionSize;
    ULONG DupObjectTypes;               /* ALPC_OBJECT_ */
    ULONG Reserved;
} ALPC_PORT_ATTRIBUTES, *PALPC_PORT_ATTRIBUTES;
_Static_assert(sizeof(ALPC_PORT_ATTRIBUTES) == 72, "layout");

/* ALPC_PORT_ATTRIBUTES.Flags, beside those of lpcapi.h */
#define ALPC_PORFLG_ALLOW_INDIRECT_HANDLES 0x2000000

#define ALPC_MESSAGE_SECURITY_ATTRIBUTE 0x80000000
#define ALPC_MESSAGE_VIEW_ATTRIBUTE 0x40000000
#define ALPC_MESSAGE_CONTEXT_ATTRIBUTE 0x20000000
#define ALPC_MESSAGE_HANDLE_ATTRIBUTE 0x10000000
#define ALPC_MESSAGE_TOKEN_ATTRIBUTE 0x08000000
#define ALPC_MESSAGE_DIRECT_ATTRIBUTE 0x04000000
#define ALPC_MESSAGE_WORK_ON_BEHALF_ATTRIBUTE 0x02000000

typedef struct _ALPC_MESSAGE_ATTRIBUTES {
    ULONG AllocatedAttributes;
    ULONG ValidAttributes;
} ALPC_MESSAGE_ATTRIBUTES, *PALPC_MESSAGE_ATTRIBUTES;

#define ALPC_SECFLG_CREATE_HANDLE 0x20000
typedef struct _ALPC_SECURITY_ATTR {
    ULONG Flags;
    PSECURITY_QUALITY_OF_SERVICE QoS;
    ALPC_HANDLE ContextHandle;
} ALPC_SECURITY_ATTR, *PALPC_SECURITY_ATTR;

#define ALPC_VIEWFLG_UNMAP_EXISTING 0x10000
#define ALPC_VIEWFLG_AUTO_RELEASE 0x20000
#define ALPC_VIEWFLG_SECURED_ACCESS 0x40000
typedef struct _ALPC_DATA_VIEW_ATTR {
    ULONG Flags;
    ALPC_HANDLE SectionHandle;
    PVOID ViewBase;
    SIZE_T ViewSize;
} ALPC_DATA_VIEW_ATTR, *PALPC_DATA_VIEW_ATTR;

typedef struct _ALPC_CONTEXT_ATTR {
    PVOID PortContext;
    PVOID MessageContext;
    ULONG Sequence;
    ULONG MessageId;
    ULONG CallbackId;
} ALPC_CONTEXT_ATTR, *PALPC_CONTEXT_ATTR;

#define ALPC_HANDLEFLG_DUPLICATE_SAME_ACCESS 0x10000
#define ALPC_HANDLEFLG_DUPLICATE_SAME_ATTRIBUTES 0x20000
#define ALPC_HANDLEFLG_INDIRECT 0x40000
#define ALPC_HANDLEFLG_DUPLICATE_INHERIT 0x80000
typedef struct _ALPC_HANDLE_ATTR32 {
    ULONG Flags;
    ULONG Handle;
    ULONG ObjectType;
    ACCESS_MASK DesiredAccess;
} ALPC_HANDLE_ATTR32, *PALPC_HANDLE_ATTR32;

typedef struct _ALPC_HANDLE_ATTR {
    ULONG Flags;
    union {
        HANDLE Handle;
        PALPC_HANDLE_ATTR32 HandleAttrArray;    /* ALPC_HANDLEFLG_INDIRECT */
    };
    union {
        ULONG ObjectType;               /* ALPC_OBJECT_ */
        ULONG HandleCount;              /* ALPC_HANDLEFLG_INDIRECT */
    };
    union {
        ACCESS_MASK DesiredAccess;
        ACCESS_MASK GrantedAccess;
    };
} ALPC_HANDLE_ATTR, *PALPC_HANDLE_ATTR;

#define ALPC_OBJECT_FILE 0x001
#define ALPC_OBJECT_THREAD 0x004
#define ALPC_OBJECT_SEMAPHORE 0x008
#define ALPC_OBJECT_EVENT 0x010
#define ALPC_OBJECT_PROCESS 0x020
#define ALPC_OBJECT_MUTANT 0x040
#define ALPC_OBJECT_SECTION 0x080
#define ALPC_OBJECT_KEY 0x100
#define ALPC_OBJECT_TOKEN 0x200
#define ALPC_OBJECT_COMPOSITION 0x400
#define ALPC_OBJECT_JOB 0x800
#define ALPC_OBJECT_ALL 0xFFD

typedef struct _ALPC_TOKEN_ATTR {
    LUID TokenId;
    LUID AuthenticationId;
    LUID ModifiedId;
} ALPC_TOKEN_ATTR, *PALPC_TOKEN_ATTR;

typedef struct _ALPC_DIRECT_ATTR {
    HANDLE Event;
} ALPC_DIRECT_ATTR, *PALPC_DIRECT_ATTR;

typedef struct _ALPC_WORK_ON_BEHALF_ATTR {
    ULONG ThreadId;
    ULONG ThreadCreationTimeLow;
} ALPC_WORK_ON_BEHALF_ATTR, *PALPC_WORK_ON_BEHALF_ATTR;

typedef enum _ALPC_PORT_INFORMATION_CLASS {
    AlpcBasicInformation,
    AlpcPortInformation,
    AlpcAssociateCompletionPortInformation,
    AlpcConnectedSIDInformation,
    AlpcServerInformation,
    AlpcMessageZoneInformation,
    AlpcRegisterCompletionListInformation,
    AlpcUnregisterCompletionListInformation,
    AlpcAdjustCompletionListConcurrencyCountInformation,
    AlpcRegisterCallbackInformation,
    AlpcCompletionListRundownInformation,
    AlpcWaitForPortReferences
} ALPC_PORT_INFORMATION_CLASS;

typedef struct _ALPC_BASIC_INFORMATION {
    ULONG Flags;
    ULONG SequenceNo;
    PVOID PortContext;
} ALPC_BASIC_INFORMATION, *PALPC_BASIC_INFORMATION;

typedef struct _ALPC_PORT_ASSOCIATE_COMPLETION_PORT {
    PVOID CompletionKey;
    HANDLE CompletionPort;
} ALPC_PORT_ASSOCIATE_COMPLETION_PORT, *PALPC_PORT_ASSOCIATE_COMPLETION_PORT;

/* AlpcRegisterCompletionListInformation */
typedef struct _ALPC_PORT_COMPLETION_LIST_INFORMATION {
    PVOID Buffer;
    ULONG Size;
    ULONG ConcurrencyCount;
    ULONG AttributeFlags;
} ALPC_PORT_COMPLETION_LIST_INFORMATION, *PALPC_PORT_COMPLETION_LIST_INFORMATION;

/*
 * A completion list: memory of a program into which the system puts the messages that come to a port, so that they are
 * received without a service.
 *
 *      header 0x300   ListSize: a ring of ULONGs   BitmapSize   DataSize: granules of 64 bytes
 *
 * A ring entry is the offset of a message in the data.  Head is the entry to be taken next, Tail the last one that was put
 * in; both are ALPC_COMPLETION_LIST_EMPTY where there is none.  Behind a message, at the next multiple of 8, follows its
 * attribute block (AttributeSize bytes; none if no AttributeFlags were wished for).  A set bit of the bitmap is a granule in
 * use; who has done with a message clears its bits.
 */
#define ALPC_COMPLETION_LIST_EMPTY 0xFFFFFF
#define ALPC_COMPLETION_LIST_GRANULE 64
#define ALPC_COMPLETION_LIST_START_MAGIC 0xDEADBEEFBAADF00Dull
#define ALPC_COMPLETION_LIST_END_MAGIC 0xBAADF00DDEADBEEFull
typedef union _ALPC_COMPLETION_LIST_STATE {
    struct {
        ULONG64 Head : 24;
        ULONG64 Tail : 24;
        ULONG64 ActiveThreadCount : 16; /* workers that are registered */
    } s1;
    ULONG64 Value;
} ALPC_COMPLETION_LIST_STATE, *PALPC_COMPLETION_LIST_STATE;

typedef struct _ALPC_COMPLETION_LIST_HEADER {
    ULONG64 StartMagic;
    ULONG TotalSize;
    ULONG ListOffset, ListSize;
    ULONG BitmapOffset, BitmapSize;
    ULONG DataOffset, DataSize;
    ULONG AttributeFlags, AttributeSize;
    __attribute__((aligned(128))) ALPC_COMPLETION_LIST_STATE State;
    ULONG LastMessageId, LastCallbackId;        /* of the message that was put in last */
    __attribute__((aligned(128))) ULONG PostCount;
    __attribute__((aligned(128))) ULONG ReturnCount;
    __attribute__((aligned(128))) ULONG LogSequenceNumber;
    __attribute__((aligned(128))) RTL_SRWLOCK UserLock;
    ULONG64 EndMagic;
} ALPC_COMPLETION_LIST_HEADER, *PALPC_COMPLETION_LIST_HEADER;
_Static_assert(sizeof(ALPC_COMPLETION_LIST_HEADER) == 0x300 && FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, State) == 0x80 &&
               FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, ReturnCount) == 0x180 &&
               FIELD_OFFSET(ALPC_COMPLETION_LIST_HEADER, EndMagic) == 0x288, "layout");

typedef enum _ALPC_MESSAGE_INFORMATION_CLASS {
    AlpcMessageSidInformation,
    AlpcMessageTokenModifiedIdInformation,
    AlpcMessageDirectStatusInformation,
    AlpcMessageHandleInformation,
    MaxAlpcMessageInfoClass
} ALPC_MESSAGE_INFORMATION_CLASS;

typedef struct _ALPC_MESSAGE_HANDLE_INFORMATION {
    ULONG Index;
    ULONG Flags;
    ULONG Handle;
    ULONG ObjectType;
    ACCESS_MASK GrantedAccess;
} ALPC_MESSAGE_HANDLE_INFORMATION, *PALPC_MESSAGE_HANDLE_INFORMATION;

#define ALPC_MSGFLG_REPLY_MESSAGE 0x1
#define ALPC_MSGFLG_LPC_MODE 0x2
#define ALPC_MSGFLG_RELEASE_MESSAGE 0x10000
#define ALPC_MSGFLG_SYNC_REQUEST 0x20000
#define ALPC_MSGFLG_TRACK_PORT_REFERENCES 0x40000
#define ALPC_MSGFLG_WAIT_USER_MODE 0x100000
#define ALPC_MSGFLG_WAIT_ALERTABLE 0x200000

#define ALPC_CANCELFLG_TRY_CANCEL 0x1
#define ALPC_CANCELFLG_NO_CONTEXT_CHECK 0x8

NTSTATUS NTAPI NtAlpcCreatePort(PHANDLE PortHandle, POBJECT_ATTRIBUTES ObjectAttributes,
        PALPC_PORT_ATTRIBUTES PortAttributes);
NTSTATUS NTAPI NtAlpcDisconnectPort(HANDLE PortHandle, ULONG Flags);
NTSTATUS NTAPI NtAlpcQueryInformation(HANDLE PortHandle, ALPC_PORT_INFORMATION_CLASS PortInformationClass,
        PVOID PortInformation, ULONG Length, PULONG ReturnLength);
NTSTATUS NTAPI NtAlpcSetInformation(HANDLE PortHandle, ALPC_PORT_INFORMATION_CLASS PortInformationClass,
        PVOID PortInformation, ULONG Length);
NTSTATUS NTAPI NtAlpcCreatePortSection(HANDLE PortHandle, ULONG Flags, HANDLE SectionHandle, SIZE_T SectionSize,
        PALPC_HANDLE AlpcSectionHandle, PSIZE_T ActualSectionSize);
NTSTATUS NTAPI NtAlpcDeletePortSection(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE SectionHandle);
/*
 * Memory for one message with MessageSize bytes behind its header.  A message that is sent with *ResourceId as MessageId is built in
 * it, and needs no other; STATUS_RESOURCE_IN_USE while that message exists, STATUS_OBJECTID_NOT_FOUND if there is no such reserve.
 */
NTSTATUS NTAPI NtAlpcCreateResourceReserve(HANDLE PortHandle, ULONG Flags, SIZE_T MessageSize, PALPC_HANDLE ResourceId);
NTSTATUS NTAPI NtAlpcDeleteResourceReserve(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE ResourceId);
NTSTATUS NTAPI NtAlpcCreateSectionView(HANDLE PortHandle, ULONG Flags, PALPC_DATA_VIEW_ATTR ViewAttributes);
NTSTATUS NTAPI NtAlpcDeleteSectionView(HANDLE PortHandle, ULONG Flags, PVOID ViewBase);
NTSTATUS NTAPI NtAlpcCreateSecurityContext(HANDLE PortHandle, ULONG Flags, PALPC_SECURITY_ATTR SecurityAttribute);
NTSTATUS NTAPI NtAlpcDeleteSecurityContext(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE ContextHandle);
NTSTATUS NTAPI NtAlpcRevokeSecurityContext(HANDLE PortHandle, ULONG Flags, ALPC_HANDLE ContextHandle);
NTSTATUS NTAPI NtAlpcQueryInformationMessage(HANDLE PortHandle, PPORT_MESSAGE PortMessage,
        ALPC_MESSAGE_INFORMATION_CLASS MessageInformationClass, PVOID MessageInformation, ULONG Length,
        PULONG ReturnLength);
NTSTATUS NTAPI NtAlpcConnectPort(PHANDLE PortHandle, PUNICODE_STRING PortName, POBJECT_ATTRIBUTES ObjectAttributes,
        PALPC_PORT_ATTRIBUTES PortAttributes, ULONG Flags, PSID RequiredServerSid, PPORT_MESSAGE ConnectionMessage,
        PULONG BufferLength, PALPC_MESSAGE_ATTRIBUTES OutMessageAttributes,
        PALPC_MESSAGE_ATTRIBUTES InMessageAttributes, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI NtAlpcConnectPortEx(PHANDLE PortHandle, POBJECT_ATTRIBUTES ConnectionPortObjectAttributes,
        POBJECT_ATTRIBUTES ClientPortObjectAttributes, PALPC_PORT_ATTRIBUTES PortAttributes, ULONG Flags,
        PSECURITY_DESCRIPTOR ServerSecurityRequirements, PPORT_MESSAGE ConnectionMessage, PSIZE_T BufferLength,
        PALPC_MESSAGE_ATTRIBUTES OutMessageAttributes, PALPC_MESSAGE_ATTRIBUTES InMessageAttributes,
        PLARGE_INTEGER Timeout);
NTSTATUS NTAPI NtAlpcAcceptConnectPort(PHANDLE PortHandle, HANDLE ConnectionPortHandle, ULONG Flags,
        POBJECT_ATTRIBUTES ObjectAttributes, PALPC_PORT_ATTRIBUTES PortAttributes, PVOID PortContext,
        PPORT_MESSAGE ConnectionRequest, PALPC_MESSAGE_ATTRIBUTES ConnectionMessageAttributes,
        BOOLEAN AcceptConnection);
NTSTATUS NTAPI NtAlpcSendWaitReceivePort(HANDLE PortHandle, ULONG Flags, PPORT_MESSAGE SendMessage,
        PALPC_MESSAGE_ATTRIBUTES SendMessageAttributes, PPORT_MESSAGE ReceiveMessage, PSIZE_T BufferLength,
        PALPC_MESSAGE_ATTRIBUTES ReceiveMessageAttributes, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI NtAlpcCancelMessage(HANDLE PortHandle, ULONG Flags, PALPC_CONTEXT_ATTR MessageContext);
NTSTATUS NTAPI NtAlpcImpersonateClientOfPort(HANDLE PortHandle, PPORT_MESSAGE Message, PVOID Flags);
/*
 * The current thread belongs to the container (server silo) of the thread that sent the received Message, until it reverts.
 * There are no silos: every thread belongs to the host, and nothing changes.  STATUS_MESSAGE_NOT_FOUND.
 */
NTSTATUS NTAPI NtAlpcImpersonateClientContainerOfPort(HANDLE PortHandle, PPORT_MESSAGE Message, ULONG Flags);
/* The current thread belongs to its own process's container again; also if it did so before. */
NTSTATUS NTAPI NtRevertContainerImpersonation(VOID);
NTSTATUS NTAPI NtAlpcOpenSenderProcess(PHANDLE ProcessHandle, HANDLE PortHandle, PPORT_MESSAGE PortMessage, ULONG Flags,
        ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);
NTSTATUS NTAPI NtAlpcOpenSenderThread(PHANDLE ThreadHandle, HANDLE PortHandle, PPORT_MESSAGE PortMessage, ULONG Flags,
        ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes);

/* The longest message that a port may allow, header included. */
ULONG NTAPI AlpcMaxAllowedMessageLength(VOID);
/* Bytes of a block with these attributes. */
ULONG NTAPI AlpcGetHeaderSize(ULONG AttributeFlags);
/* Buffer may be NULL.  STATUS_BUFFER_TOO_SMALL; *RequiredBufferSize is set in every case. */
NTSTATUS NTAPI AlpcInitializeMessageAttribute(ULONG AttributeFlags, PALPC_MESSAGE_ATTRIBUTES Buffer, SIZE_T BufferSize,
        PSIZE_T RequiredBufferSize);
/* NULL if that attribute (one flag) is not allocated. */
PVOID NTAPI AlpcGetMessageAttribute(PALPC_MESSAGE_ATTRIBUTES Buffer, ULONG AttributeFlag);

/*
 * Messages to the port (its queue: of a server end, the connection port's) come into Buffer from now on, unless they do not
 * fit, bring handles or a view that AttributeFlags ask for, or a thread waits for a message: those are received as before.  Of each one
 * that comes while fewer than ConcurrencyCount workers are registered, a packet tells at the port's completion port.
 * A receive that finds only the list answers STATUS_ALPC_CHECK_COMPLETION_LIST.  STATUS_PORT_ALREADY_SET.
 */
NTSTATUS NTAPI AlpcRegisterCompletionList(HANDLE PortHandle, PALPC_COMPLETION_LIST_HEADER Buffer, ULONG Size,
        ULONG ConcurrencyCount, ULONG AttributeFlags);
/* The system uses the buffer no longer; what nobody has taken out is lost: its sender is told STATUS_MESSAGE_LOST. */
NTSTATUS NTAPI AlpcUnregisterCompletionList(HANDLE PortHandle);
/* The same, but the list stays registered, and empty. */
NTSTATUS NTAPI AlpcRundownCompletionList(HANDLE PortHandle);
NTSTATUS NTAPI AlpcAdjustCompletionListConcurrencyCount(HANDLE PortHandle, ULONG ConcurrencyCount);
/* One worker more, which looks into the list until it is empty.  FALSE: there are 65,535. */
BOOLEAN NTAPI AlpcRegisterCompletionListWorkerThread(PVOID CompletionList);
/* One worker less.  FALSE: there are messages to be taken out first, or there was none. */
BOOLEAN NTAPI AlpcUnregisterCompletionListWorkerThread(PVOID CompletionList);
/* The next message, the caller's until it frees it; NULL: none.  *MessageAttributes (may be NULL): its attributes, or NULL. */
PPORT_MESSAGE NTAPI AlpcGetMessageFromCompletionList(PVOID CompletionList, PALPC_MESSAGE_ATTRIBUTES *MessageAttributes);
VOID NTAPI AlpcFreeCompletionListMessage(PVOID CompletionList, PPORT_MESSAGE Message);
/* NULL if the list has no attributes. */
PALPC_MESSAGE_ATTRIBUTES NTAPI AlpcGetCompletionListMessageAttributes(PVOID CompletionList, PPORT_MESSAGE Message);
VOID NTAPI AlpcGetCompletionListLastMessageInformation(PVOID CompletionList, PULONG LastMessageId, PULONG LastCallbackId);
/* How many were put in and not freed. */
ULONG NTAPI AlpcGetOutstandingCompletionListMessageCount(PVOID CompletionList);
