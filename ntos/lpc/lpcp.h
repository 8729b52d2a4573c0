/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos/lpc: ports, messages, waits.
 *
 *   connection port <----- server end <-----> client end
 *      Queue                  Pending            Queue, Pending
 *
 * A server makes a connection port, which has a name; each connection has two ends that know each other by Peer until
 * one of them goes.  What clients send is queued at the connection port, for whoever of the server receives;
 * what a server sends is queued at the client end.  A message that was received and wants an answer stays in the Pending
 * list of the end (or connection port) that it was sent to.
 *
 * A message belongs to the list that it is in, or to the code that holds it.  It refers to both ports; each port's
 * lists are emptied when its last handle goes, so that the circle of references is broken.
 */
#pragma once

#include "ntos/inc/lpc.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"
#include "ntos/inc/se.h"
#include "nt/alpcapi.h"
#include "rtl.h"

#define LPC_TAG_MESSAGE 'gMpL'
#define LPC_TAG_OTHER 'tOpL'

#define LPC_MAXIMUM_MESSAGE 0xFFFF      /* header included: the length fields have 16 bits */
#define LPC_RESERVE_TAG 0x80000000u     /* in ids of reserves, and in none of messages */
#define LPC_MAXIMUM_USAGE 0x800000      /* bytes of messages that one port's sender may have under way */

typedef struct _LPC_PORT LPC_PORT, *PLPC_PORT;
typedef struct _LPC_MESSAGE LPC_MESSAGE, *PLPC_MESSAGE;
typedef struct _LPC_CARGO LPC_CARGO, *PLPC_CARGO;
typedef struct _LPC_RESOURCE LPC_RESOURCE, *PLPC_RESOURCE;
typedef struct _LPC_REGION LPC_REGION, *PLPC_REGION;
typedef struct _LPC_LIST LPC_LIST, *PLPC_LIST;

typedef enum _LPC_PORT_KIND { LpcConnectionPort, LpcServerPort, LpcClientPort } LPC_PORT_KIND;

/* A thread that waits, on its own stack: for the next message of a queue, or for the answer to one message. */
typedef struct _LPC_WAIT {
    LIST_ENTRY Link;                    /* in LPC_PORT.Waiters; an answer's wait is in no list */
    KEVENT Event;
    PLPC_MESSAGE Message;               /* what came, or NULL; the waiter's */
    NTSTATUS Status;
} LPC_WAIT, *PLPC_WAIT;

typedef enum _LPC_MESSAGE_STATE {
    LpcMessageHeld,                     /* in no list */
    LpcMessageHanded,                   /* to a wait that has ended; its thread has not run since */
    LpcMessageQueued,
    LpcMessagePending
} LPC_MESSAGE_STATE;

struct _LPC_MESSAGE {
    LIST_ENTRY Link;                    /* in Queue or Pending, as State says */
    LIST_ENTRY IdLink;                  /* in the table of ids; Flink NULL: not in it */
    LPC_MESSAGE_STATE State;
    PLPC_WAIT Taker;                    /* the wait, if Handed */
    PLPC_PORT Port;                     /* sent to; referenced */
    PLPC_PORT Source;                   /* sent from; referenced; it pays */
    PETHREAD Sender;                    /* referenced, or NULL */
    PLPC_WAIT Reply;                    /* the sender waits here for the answer */
    PLPC_MESSAGE Callback;              /* the receiver's question back to the sender */
    BOOLEAN WantsReply;
    BOOLEAN Synchronous;                /* a thread waits for the answer: in Reply, or it works on Callback */
    ULONG Charge;
    PACCESS_TOKEN Token;                /* what the sender acted as; NULL: as the connection says */
    SECURITY_IMPERSONATION_LEVEL Level;
    PVOID SenderContext;                /* what the sender calls it: comes back with the answer */
    PVOID ReceiverContext;
    PLPC_CARGO Cargo;                   /* handles and a view, or NULL */
    ULONG Sequence;
    PLPC_RESOURCE Reserve;              /* whose memory this is; NULL: the pool's */
    PORT_MESSAGE Header;
    UCHAR Data[];
};

/* A section that one end of a connection gave, as NtConnectPort and NtAcceptConnectPort map it. */
typedef struct _LPC_VIEW {
    PSECTION Section;                   /* referenced, until mapped everywhere */
    ULONG Offset;
    SIZE_T Size;
    PVOID Base;                         /* in the giver's process */
} LPC_VIEW, *PLPC_VIEW;

struct _LPC_PORT {
    KEVENT Available;                   /* first: the wait object.  Waitable: signalled while Queue is not empty */
    LPC_PORT_KIND Kind;
    ULONG Flags;                        /* ALPC_PORFLG_ */
    PLPC_PORT Connection;               /* of an end; referenced */
    PLPC_PORT Peer;                     /* the other end, not referenced; NULL: none yet, or no longer */
    PEPROCESS Process;                  /* the creator; referenced */
    PVOID Context;
    LIST_ENTRY Queue, Waiters, Pending;
    BOOLEAN Legacy;                     /* made by the LPC services */
    BOOLEAN Connected;
    BOOLEAN Closed;                     /* the last handle went, or it was disconnected */
    BOOLEAN Emptied;                    /* by LpcpClosePort: no message may come into its lists any more */
    NTSTATUS EndStatus;                 /* once Closed: what its users are told */
    ULONG MaxMessageLength, MaxConnectionInfo;
    SIZE_T MaxPoolUsage, PoolUsage;     /* bytes of messages from here that exist */
    PLPC_MESSAGE CloseMessage;          /* server end: kept for the news that the client went */
    /* A connection that is being made: client end. */
    PLPC_MESSAGE ConnectMessage;        /* until it is answered; not owned */
    PLPC_WAIT ConnectWait;              /* from the answer to NtCompleteConnectPort */
    LPC_VIEW GivenView;                 /* the client's section */
    REMOTE_PORT_VIEW ServerView;        /* for the client: the server's section in its process */
    PVOID ClientViewInServer;
    PLPC_MESSAGE ConnectReply;          /* server end */
    PVOID OwnView, PeerView;            /* mapped in Process for the connection's life */
    /* ALPC. */
    ULONG DupObjectTypes;
    SIZE_T MaxSectionSize, MaxViewSize, MaxTotalSectionSize;    /* 0: no limit */
    SIZE_T SectionUsage;
    ULONG SequenceNo;
    ULONG_PTR LastResource;
    LIST_ENTRY Resources;
    LIST_ENTRY Mappings;                /* of all who receive from this queue */
    PVOID CompletionPort, CompletionKey;        /* the port is referenced */
    PLPC_LIST List;                     /* of who receives from this queue, or NULL */
    /* Whom the server may act as: client end. */
    SECURITY_QUALITY_OF_SERVICE Qos;
    PACCESS_TOKEN Token;                /* static tracking; referenced */
    SECURITY_IMPERSONATION_LEVEL Level;
};

/* Where messages to Port wait for a receiver. */
static inline PLPC_PORT LpcpQueueOf(PLPC_PORT Port)
{
    return Port->Kind == LpcServerPort ? Port->Connection : Port;
}

/* ------------------------------------------------------------------ message.c */

/*
 * A message from Source with room for DataLength bytes, held by the caller; its header is zero but for the lengths.
 * STATUS_QUOTA_EXCEEDED: Source has too much under way already.  STATUS_INSUFFICIENT_RESOURCES.
 */
NTSTATUS LpcpCreateMessage(PLPC_PORT Source, ULONG DataLength, PLPC_MESSAGE *Message);
/*
 * The same in the memory of one of Source's reserves, which was charged before.  STATUS_OBJECTID_NOT_FOUND, STATUS_RESOURCE_IN_USE,
 * STATUS_PORT_MESSAGE_TOO_LONG (for the reserve).
 */
NTSTATUS LpcpCreateReservedMessage(PLPC_PORT Source, ULONG ReserveId, ULONG DataLength, PLPC_MESSAGE *Message);
/* Takes it out of all lists and frees it, and no other one that is in a list.  A sender that waits gets Status. */
VOID LpcpDestroyMessage(PLPC_MESSAGE Message, NTSTATUS Status);
/*
 * Copies a program's header, and checks the lengths and what DataInfoOffset points to as far as it is in the header.
 * STATUS_INVALID_PARAMETER, STATUS_PORT_MESSAGE_TOO_LONG.
 */
NTSTATUS LpcpCaptureHeader(PLPC_PORT Port, const PORT_MESSAGE *User, PPORT_MESSAGE Header);
/* The message whose header was captured.  Statuses of LpcpCreateMessage, and STATUS_INVALID_PARAMETER (data entries). */
NTSTATUS LpcpCaptureMessage(PLPC_PORT Source, const PORT_MESSAGE *User, const PORT_MESSAGE *Header,
        PLPC_MESSAGE *Message);
/* Header (captured) and bytes into the new message; after a failure it is gone. */
NTSTATUS LpcpFillMessage(const PORT_MESSAGE *User, const PORT_MESSAGE *Header, PLPC_MESSAGE *Message);
/* Gives it a new id, the sender's client id and a reference on the sending thread. */
VOID LpcpIdentifyMessage(PLPC_MESSAGE Message, PLPC_PORT Port, USHORT Type);
/* Takes it out of the list that it is in, or back from the wait that it was handed to: the caller holds it. */
VOID LpcpUnlinkMessage(PLPC_MESSAGE Message);
/* Any message of this id, wherever it is, or NULL. */
PLPC_MESSAGE LpcpFindAnyMessage(ULONG MessageId);
/* A received message of this id that Port's holder may answer, or NULL. */
PLPC_MESSAGE LpcpFindMessage(PLPC_PORT Port, ULONG MessageId);
/* Hands the held message to a receiver of Message->Port, puts it in its completion list (it may be gone then), or queues it. */
VOID LpcpDeliver(PLPC_MESSAGE Message);
/* A waitable port is signalled no longer if there is nothing to receive. */
VOID LpcpQuiet(PLPC_PORT Queue);
/* A packet for the queue's completion port, if it has one. */
VOID LpcpNotify(PLPC_PORT Queue);
/* Puts a message that was taken from the queue back to its head; it goes if its port was closed meanwhile. */
VOID LpcpRequeue(PLPC_MESSAGE Message);
/* The held message waits for its answer now. */
VOID LpcpSetPending(PLPC_MESSAGE Message);
/* All messages to Port, which goes, that are queued or pending; who waits for their answers is told. */
VOID LpcpDestroyMessagesTo(PLPC_PORT Port);
/*
 * A question back to the sender of Message.  Find: the message that the current thread sent and is asked about, or NULL.
 * Forget: Thread has ended, its questions have no answer.
 */
VOID LpcpSetCallback(PLPC_MESSAGE Message, PLPC_MESSAGE Callback);
PLPC_MESSAGE LpcpTakeCallback(PLPC_MESSAGE Message);
PLPC_MESSAGE LpcpFindCallback(ULONG MessageId, ULONG CallbackId);
VOID LpcpForgetSender(PETHREAD Thread);

/* ------------------------------------------------------------------ wait.c */

VOID LpcpInitializeWait(PLPC_WAIT Wait);
/* Ends a wait; Message may be NULL. */
VOID LpcpEndWait(PLPC_WAIT Wait, PLPC_MESSAGE Message, NTSTATUS Status);
/* Waits.  What LpcpEndWait gave, or the reason why the wait broke off (then nobody may know the wait any more). */
NTSTATUS LpcpAwait(PLPC_WAIT Wait, KWAIT_REASON Reason, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
/* The next message for Port; held.  May wait. */
NTSTATUS LpcpReceive(PLPC_PORT Port, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLPC_MESSAGE *Message);

/* ------------------------------------------------------------------ port.c */

NTSTATUS LpcpCreatePortObject(LPC_PORT_KIND Kind, POBJECT_ATTRIBUTES ObjectAttributes, PLPC_PORT *Port);
/* By handle, referenced; STATUS_INVALID_PORT_HANDLE if it is none of the kinds (bits 1 << LPC_PORT_KIND). */
NTSTATUS LpcpReferencePort(HANDLE Handle, ULONG Kinds, PLPC_PORT *Port);
#define LPC_ANY_PORT 7
/* The answer of a query service; TooSmall: the status for a buffer (Length bytes) that does not hold it. */
NTSTATUS LpcpReturn(const void *Information, ULONG Size, PVOID User, ULONG Length, PULONG ReturnLength, NTSTATUS TooSmall);
#define LPC_ENDS (1 << LpcServerPort | 1 << LpcClientPort)
/* Ends a connection, or refuses those that ask for one. */
VOID LpcpClosePort(PLPC_PORT Port);
/* The message that tells a server end's queue that the client went: it must not fail then. */
NTSTATUS LpcpPrepareCloseMessage(PLPC_PORT Server);
/* Port is Closed: who uses it, or waits at its queue, is told Status. */
VOID LpcpEndPort(PLPC_PORT Port, NTSTATUS Status);

/* ------------------------------------------------------------------ terminate.c */

/* The thread has ended: the servers of the ports that it registered get LPC_CLIENT_DIED. */
VOID LpcpTellDeaths(PETHREAD Thread);

/* ------------------------------------------------------------------ request.c */

/*
 * The end that the other side of Port receives at, for a new message from Port.  STATUS_LPC_INVALID_CONNECTION_USAGE for
 * a connection port, STATUS_PORT_DISCONNECTED.
 */
NTSTATUS LpcpTarget(PLPC_PORT Port, PLPC_PORT *Target);
/* Delivers the message and waits for its answer, which is the caller's then.  The message is gone in every case. */
NTSTATUS LpcpSendAndWait(PLPC_MESSAGE Message, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLPC_MESSAGE *Reply);
/* Waits (again) for the answer to a delivered message.  A wait that breaks off cancels it. */
NTSTATUS LpcpWaitForReply(PLPC_MESSAGE Message, BOOLEAN Alertable, PLARGE_INTEGER Timeout, PLPC_MESSAGE *Reply);
/* Nobody waits for the answer to a delivered message any more. */
VOID LpcpCancel(PLPC_MESSAGE Message);
/* Reply answers the pending message, which is gone then. */
VOID LpcpAnswer(PLPC_MESSAGE Message, PLPC_MESSAGE Reply);
/* What the sender of a request gets to read, and what stands for its answer meanwhile: LPC_MESSAGE.Callback. */
typedef struct _LPC_QUESTION {
    PLPC_MESSAGE Text, Record;
} LPC_QUESTION, *PLPC_QUESTION;

/* A question from Port, held by the caller.  Statuses of LpcpCaptureMessage. */
NTSTATUS LpcpBuildQuestion(PLPC_PORT Port, const PORT_MESSAGE *User, const PORT_MESSAGE *Header, PLPC_QUESTION Question);
VOID LpcpDropQuestion(PLPC_QUESTION Question);
/* A thread waits for the answer to the pending request, and has not been asked back. */
BOOLEAN LpcpIsAwaited(PLPC_MESSAGE Request);
/*
 * Hands the question to the thread that waits for the answer to Request (LpcpIsAwaited), and waits for what it says: the
 * caller's then.  Request may be gone afterwards.  A wait that breaks off withdraws the question: who answers it does so in
 * vain, and the answer to Request comes to its sender's queue.
 */
NTSTATUS LpcpAsk(PLPC_MESSAGE Request, PLPC_QUESTION Question, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PLPC_MESSAGE *Reply);
/*
 * Answer (held; gone then) answers the question about Request, which the current thread sent; waits on for the answer to
 * Request, as LpcpWaitForReply does.
 */
NTSTATUS LpcpAnswerQuestion(PLPC_MESSAGE Request, PLPC_MESSAGE Answer, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PLPC_MESSAGE *Reply);
/* Header and bytes to a program, without a look at what its buffer holds. */
NTSTATUS LpcpCopyOut(PLPC_MESSAGE Message, PPORT_MESSAGE User);
/* The message was received: it waits for its answer, or its life ends. */
VOID LpcpFinishReceive(PLPC_MESSAGE Message);
/* Makes the current thread act as the sender of a pending message.  STATUS_REPLY_MESSAGE_MISMATCH. */
NTSTATUS LpcpImpersonate(PLPC_PORT Port, const PORT_MESSAGE *Header);

/* A client end's messages say whom it acts as, if its connection follows each message. */
VOID LpcpAttachToken(PLPC_MESSAGE Message);
/* The sender takes the message back, and keeps nothing of it but the news for the receiver (ALPC). */
VOID LpcpTurnCanceled(PLPC_MESSAGE Message);

/* ------------------------------------------------------------------ resource.c */

typedef enum _LPC_RESOURCE_KIND { LpcSectionResource, LpcContextResource, LpcReserveResource } LPC_RESOURCE_KIND;

/* A section from which views are given; lives while a resource or a region refers to it. */
typedef struct _LPC_SECTION {
    LONG References;
    PSECTION Section;                   /* referenced */
    SIZE_T Size;
    BOOLEAN Secured;                    /* nobody has a handle to it */
    LIST_ENTRY Regions;                 /* by offset */
} LPC_SECTION, *PLPC_SECTION;

/* A part of a section that is mapped somewhere or under way in a message. */
struct _LPC_REGION {
    LIST_ENTRY Link;
    LONG References;
    ULONG Mappings;
    PLPC_SECTION Section;
    SIZE_T Offset, Size;
};

typedef struct _LPC_MAPPING {
    LIST_ENTRY Link;                    /* LPC_PORT.Mappings of the queue */
    PLPC_PORT Owner;                    /* unmapped when it is closed; not referenced */
    PEPROCESS Process;                  /* referenced */
    PLPC_REGION Region;                 /* referenced */
    PVOID Base;
    ULONG MessageId;                    /* that brought it; 0: made here */
} LPC_MAPPING, *PLPC_MAPPING;

/* What a program knows by an ALPC_HANDLE; charged to its port. */
struct _LPC_RESOURCE {
    LIST_ENTRY Link;
    PLPC_PORT Port;                     /* NULL: deleted, but its message is under way */
    ULONG_PTR Id;
    LPC_RESOURCE_KIND Kind;
    ULONG Charge;
    PLPC_SECTION Section;
    PACCESS_TOKEN Token;
    SECURITY_IMPERSONATION_LEVEL Level;
    BOOLEAN Revoked;
    PLPC_MESSAGE Message;               /* a reserve's memory; NULL while in use */
    ULONG MessageSize;
};

/* NULL: no such resource of that kind. */
PLPC_RESOURCE LpcpFindResource(PLPC_PORT Port, LPC_RESOURCE_KIND Kind, ALPC_HANDLE Id);
/* Captures whom the current thread is, as Qos (user address) allows.  *Resource may be kept by the program. */
NTSTATUS LpcpCreateContext(PLPC_PORT Port, const SECURITY_QUALITY_OF_SERVICE *UserQos, PLPC_RESOURCE *Resource);
/* The memory of a reserve; statuses of LpcpCreateReservedMessage. */
NTSTATUS LpcpUseReserve(PLPC_PORT Port, ULONG ReserveId, ULONG Size, PLPC_RESOURCE *Reserve, PLPC_MESSAGE *Message);
VOID LpcpReturnReserve(PLPC_RESOURCE Reserve, PLPC_MESSAGE Message);
VOID LpcpDeleteResource(PLPC_RESOURCE Resource);
VOID LpcpDeleteResources(PLPC_PORT Port);

VOID LpcpDereferenceRegion(PLPC_REGION Region);
/* The view that starts at Base in the current process, or NULL. */
PLPC_MAPPING LpcpFindMapping(PLPC_PORT Port, PVOID Base);
PLPC_MAPPING LpcpFindMappingOf(PLPC_PORT Port, ULONG MessageId);
/* Maps a region in the current process until Owner is closed. */
NTSTATUS LpcpMapRegion(PLPC_PORT Owner, PLPC_REGION Region, ULONG MessageId, PLPC_MAPPING *Mapping);
VOID LpcpUnmap(PLPC_MAPPING Mapping);
VOID LpcpUnmapAll(PLPC_PORT Owner);

/* ------------------------------------------------------------------ attribute.c */

#define LPC_MAXIMUM_HANDLES 64

typedef struct _LPC_PARCEL {
    PVOID Object;                       /* referenced */
    ACCESS_MASK Access;
    ULONG Attributes;                   /* OBJ_INHERIT */
    ULONG Type;                         /* ALPC_OBJECT_ */
    HANDLE Handle;                      /* the receiver's, once it has one */
} LPC_PARCEL, *PLPC_PARCEL;

struct _LPC_CARGO {
    PLPC_REGION Region;                 /* referenced, or NULL */
    SIZE_T ViewSize;
    ULONG ViewFlags;                    /* for the receiver */
    ULONG HandleCount;
    LPC_PARCEL Handles[];
};

/*
 * What the program gives along with a message from Port to Target.  Answered: the message that this one answers, or NULL.
 * Call it last: a view that the sender gives away is unmapped here.  User may be NULL.
 */
NTSTATUS LpcpAttach(PLPC_PORT Port, PLPC_PORT Target, PLPC_MESSAGE Message, PLPC_MESSAGE Answered,
        PALPC_MESSAGE_ATTRIBUTES User);
/* Hands over what the program asks for of a message that is being received.  On an error nothing was handed over. */
NTSTATUS LpcpExpose(PLPC_MESSAGE Message, PALPC_MESSAGE_ATTRIBUTES User);
VOID LpcpReleaseCargo(PLPC_MESSAGE Message);
/* A handle for the current process, the first time; the same again later. */
NTSTATUS LpcpUnpack(PLPC_PARCEL Parcel);

/* Context and token into a block of the system's own; the rest of it is zero. */
#define LPC_MAXIMUM_BLOCK 0x100
VOID LpcpDescribe(PLPC_MESSAGE Message, ULONG Allocated, PALPC_MESSAGE_ATTRIBUTES Block);

/* ------------------------------------------------------------------ completionlist.c */

/* The held message into the queue's list: it counts as received then, and may be gone.  *Tell: too few look into the list. */
BOOLEAN LpcpPutInList(PLPC_PORT Queue, PLPC_MESSAGE Message, PBOOLEAN Tell);
/* The list has messages that nobody has taken out. */
BOOLEAN LpcpHasListed(PLPC_PORT Queue);
/* The port goes; the program's memory is left alone. */
VOID LpcpForgetList(PLPC_PORT Queue);
/* For NtAlpcSetInformation; User holds a structure (a number) of the right size. */
NTSTATUS LpcpRegisterList(PLPC_PORT Port, PVOID User);
NTSTATUS LpcpAdjustList(PLPC_PORT Port, PVOID User);
/* What is in the list is cancelled; it takes no more messages, and is forgotten if so wished. */
NTSTATUS LpcpUnregisterList(PLPC_PORT Port, BOOLEAN Forget);

/* ------------------------------------------------------------------ connect.c */

/*
 * Client end for the connection port; referenced result.  Its limits are the connection port's.
 * STATUS_OBJECT_NAME_NOT_FOUND if the server has gone.
 */
NTSTATUS LpcpCreateClientEnd(PLPC_PORT Connection, POBJECT_ATTRIBUTES ObjectAttributes, PLPC_PORT *Client);
/* The request for a connection (received, not answered) of this id at any port, or NULL. */
PLPC_MESSAGE LpcpLookupConnectRequest(ULONG MessageId);
/* Joins the ends (Server has its CloseMessage); the request is gone then, and the client still waits.  Cannot fail. */
VOID LpcpJoin(PLPC_MESSAGE Request, PLPC_PORT Server);
/* The client of a joined server end goes on, with Reply. */
VOID LpcpComplete(PLPC_PORT Server, PLPC_MESSAGE Reply);
/* Answers a request with no.  Reply may be NULL. */
VOID LpcpRefuse(PLPC_MESSAGE Request, PLPC_MESSAGE Reply);
/* The message that asks for a connection, Length bytes at User (user address). */
NTSTATUS LpcpBuildConnectRequest(PLPC_PORT Client, const void *User, ULONG Length, PLPC_MESSAGE *Request);
/* Client's Qos is set: captures what static tracking needs. */
VOID LpcpSetSecurity(PLPC_PORT Client, const SECURITY_QUALITY_OF_SERVICE *Qos);
/* Waits until the server has answered.  A wait that breaks off leaves the client end to be closed. */
NTSTATUS LpcpAwaitServer(PLPC_PORT Client, PLPC_MESSAGE Request, BOOLEAN Alertable, PLARGE_INTEGER Timeout,
        PLPC_MESSAGE *Reply);
/* The connection port of that name (user address), referenced. */
NTSTATUS LpcpOpenServer(PUNICODE_STRING PortName, PLPC_PORT *Connection);
/* The token of Message's sender, and how far the receiver may act as it; not referenced, NULL: nobody. */
PACCESS_TOKEN LpcpTokenOf(PLPC_MESSAGE Message, SECURITY_IMPERSONATION_LEVEL *Level);
/* User SID against the user of the server's process: STATUS_SERVER_SID_MISMATCH. */
NTSTATUS LpcpCheckServerSid(PLPC_PORT Connection, PSID UserSid);
