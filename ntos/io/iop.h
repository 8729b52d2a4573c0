/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos/io: the objects of the io system, the request (IRP) and what a driver inside ntos has to offer.
 *
 * A dispatch routine gets an IRP and either returns its final status, with IoStatus set and the IRP untouched by
 * anybody else, or keeps it, returns STATUS_PENDING and later calls IoCompleteRequest exactly once.  It runs in the
 * requester's context; a completion may run in any, and must not wait.  Lists of IRPs that a driver keeps use
 * IRP.ListEntry.
 */
#pragma once

#include "ntos/inc/io.h"
#include "ntos/inc/ps.h"
#include "ntos/inc/ex.h"
#include "ntos/inc/log.h"
#include "rtl.h"
#include <winioctl.h>

#ifndef FILE_SKIP_COMPLETION_PORT_ON_SUCCESS
#define FILE_SKIP_COMPLETION_PORT_ON_SUCCESS 0x1
#define FILE_SKIP_SET_EVENT_ON_HANDLE 0x2
#endif
#ifndef FILE_ATTRIBUTE_VALID_FLAGS
#define FILE_ATTRIBUTE_VALID_FLAGS 0x00007fb7
#endif
#ifndef FILE_ATTRIBUTE_VALID_SET_FLAGS
#define FILE_ATTRIBUTE_VALID_SET_FLAGS 0x000031a7
#endif
#ifndef IO_COMPLETION_QUERY_STATE
#define IO_COMPLETION_QUERY_STATE 0x0001
#endif
#ifndef FILE_SUPPORTS_REPARSE_POINTS
#define FILE_SUPPORTS_REPARSE_POINTS 0x00000080
#endif
#ifndef FILE_SUPPORTS_POSIX_UNLINK_RENAME
#define FILE_SUPPORTS_POSIX_UNLINK_RENAME 0x00000400
#endif
#define FileIoCompletionNotificationInformation ((FILE_INFORMATION_CLASS)41)
#define FileIoPriorityHintInformation ((FILE_INFORMATION_CLASS)43)
#define FileReplaceCompletionInformation ((FILE_INFORMATION_CLASS)61)
#define FileFsSectorSizeInformation ((FS_INFORMATION_CLASS)11)
#define FileIdExtdDirectoryInformation ((FILE_INFORMATION_CLASS)60)
#define FileIdExtdBothDirectoryInformation ((FILE_INFORMATION_CLASS)63)
#define FileDispositionInformationEx ((FILE_INFORMATION_CLASS)64)
#define FileRenameInformationEx ((FILE_INFORMATION_CLASS)65)
#define FileLinkInformationEx ((FILE_INFORMATION_CLASS)72)

#define IO_TAG_IRP 'prIO'
#define IO_TAG_BUFFER 'fbIO'
#define IO_TAG_NAME 'mnIO'
#define IO_TAG_MEMFS 'sfMM'
#define IO_TAG_HOST 'hvrD'
#define IO_TAG_CONSOLE 'vrDC'
#define IO_TAG_PORT 'tpIO'

#define IRP_MJ_CREATE 0x00
#define IRP_MJ_CREATE_NAMED_PIPE 0x01
#define IRP_MJ_CLOSE 0x02
#define IRP_MJ_READ 0x03
#define IRP_MJ_WRITE 0x04
#define IRP_MJ_QUERY_INFORMATION 0x05
#define IRP_MJ_SET_INFORMATION 0x06
#define IRP_MJ_QUERY_EA 0x07
#define IRP_MJ_SET_EA 0x08
#define IRP_MJ_FLUSH_BUFFERS 0x09
#define IRP_MJ_QUERY_VOLUME_INFORMATION 0x0a
#define IRP_MJ_SET_VOLUME_INFORMATION 0x0b
#define IRP_MJ_DIRECTORY_CONTROL 0x0c
#define IRP_MJ_FILE_SYSTEM_CONTROL 0x0d
#define IRP_MJ_DEVICE_CONTROL 0x0e
#define IRP_MJ_LOCK_CONTROL 0x11
#define IRP_MJ_CLEANUP 0x12
#define IRP_MJ_CREATE_MAILSLOT 0x13
#define IRP_MJ_MAXIMUM_FUNCTION 0x1b

#define IRP_MN_QUERY_DIRECTORY 0x01
#define IRP_MN_NOTIFY_CHANGE_DIRECTORY 0x02
#define IRP_MN_LOCK 0x01

#define FO_SYNCHRONOUS_IO 0x00000002
#define FO_ALERTABLE_IO 0x00000004
#define FO_WRITE_THROUGH 0x00000010
#define FO_SEQUENTIAL_ONLY 0x00000020
#define FO_NO_INTERMEDIATE_BUFFERING 0x00000008
#define FO_HANDLE_CREATED 0x00040000
#define FO_CLEANUP_COMPLETE 0x00004000
#define FO_DELETE_ON_CLOSE 0x00010000
#define FO_OPENED 0x80000000            /* the driver has accepted the create */

#define DO_EXCLUSIVE 0x00000008
#define DO_SYSTEM_BUFFER 0x00010000     /* ours: the driver wants its data in IRP.SystemBuffer */
#define DO_BYTE_STREAM 0x00020000       /* ours: reads and writes may be carried in pieces */

/* Everything a create asks for; lives on the creator's stack. */
typedef struct _OPEN_PACKET {
    ACCESS_MASK DesiredAccess;          /* generic bits mapped; perhaps MAXIMUM_ALLOWED */
    LARGE_INTEGER AllocationSize;
    ULONG FileAttributes;
    ULONG ShareAccess;
    ULONG Disposition;
    ULONG CreateOptions;
    ULONG Attributes;                   /* OBJ_ flags */
    KPROCESSOR_MODE Mode;
    UCHAR MajorFunction;                /* 0 (IRP_MJ_CREATE), IRP_MJ_CREATE_NAMED_PIPE, IRP_MJ_CREATE_MAILSLOT */
    const VOID *Parameters;             /* of the last two: NAMED_PIPE_CREATE_PARAMETERS, ... */
    PSECURITY_DESCRIPTOR SecurityDescriptor;        /* of the caller's attributes, captured; or NULL */
    PSECURITY_QUALITY_OF_SERVICE SecurityQos;       /* the same */
    PUNICODE_STRING CompleteName;       /* of the look-up; the driver's STATUS_REPARSE has replaced it (ObReparseName) */
    ULONG Reparses;                     /* that were answered to this open */
    BOOLEAN TargetDirectory;            /* open the parent of the last component (rename) */
    ULONG_PTR Information;              /* out: FILE_OPENED and the like */
    ACCESS_MASK GrantedAccess;          /* out: what MAXIMUM_ALLOWED comes to, if the file system has decided; else 0 */
    NTSTATUS FinalStatus;               /* out: STATUS_SUCCESS if the parse method came to run */
    BOOLEAN ParseCheck;                 /* out */
} OPEN_PACKET, *POPEN_PACKET;

struct _DEVICE_OBJECT {
    PDRIVER_OBJECT DriverObject;        /* referenced */
    LIST_ENTRY DriverLinks;
    ULONG Flags;                        /* DO_ */
    ULONG DeviceType;
    ULONG Characteristics;
    LONG OpenCount;                     /* file objects */
    BOOLEAN DeletePending;
    PVOID DeviceExtension;              /* the driver's */
    PCWSTR DosName;                     /* of a volume with a drive letter: \??\C:; NULL: none */
    LIST_ENTRY FileList;                /* FILE_OBJECT.DeviceLinks */
};

struct _FILE_OBJECT {
    PDEVICE_OBJECT DeviceObject;        /* referenced */
    LIST_ENTRY DeviceLinks;
    PVOID FsContext;                    /* the driver's */
    PVOID FsContext2;
    UNICODE_STRING FileName;            /* below the device; pool */
    LARGE_INTEGER CurrentByteOffset;
    ULONG Flags;                        /* FO_ */
    ULONG CreateOptions;
    ACCESS_MASK DesiredAccess;          /* what the open asked for, mapped */
    ULONG ShareAccess;
    BOOLEAN ReadAccess, WriteAccess, DeleteAccess;
    BOOLEAN LockOperation;              /* bytes were locked through this open */
    BOOLEAN Busy;                       /* synchronous file: a request is in progress */
    KEVENT LockEvent;                   /* synchronization event: Busy ended */
    KEVENT Event;                       /* what waiting for the handle means */
    NTSTATUS FinalStatus;
    LIST_ENTRY IrpList;                 /* IRP.FileListEntry: requests in progress */
    PIRP CleanupIrp;                    /* pool: for IRP_MJ_CLEANUP; NULL: sent, or the driver has none */
    PVOID CompletionPort;               /* referenced, or NULL */
    PVOID CompletionKey;
    ULONG CompletionModes;              /* FILE_SKIP_... */
    ULONG PriorityHint;                 /* IO_PRIORITY_HINT: kept, for all requests are alike */
};

struct _IRP {
    LIST_ENTRY ListEntry;               /* the driver's */
    LIST_ENTRY ThreadListEntry;         /* ETHREAD.IrpList */
    LIST_ENTRY FileListEntry;
    PDEVICE_OBJECT DeviceObject;
    PFILE_OBJECT FileObject;            /* referenced; NULL only for a close */
    PETHREAD Thread;                    /* requester, referenced; NULL: nobody waits for it any more */
    UCHAR MajorFunction;
    UCHAR MinorFunction;
    BOOLEAN Cancel;                     /* IoCancelIrp was called */
    BOOLEAN Pending;                    /* the driver keeps it */
    BOOLEAN Synchronous;                /* somebody waits for DoneEvent and frees it */
    BOOLEAN Completed;
    VOID (*CancelRoutine)(PIRP Irp);    /* driver's; completes or starts the end of a pending IRP; must not wait */
    PVOID SystemBuffer;                 /* pool; input, then output */
    const VOID *UserInput;              /* user addresses in Thread's process */
    PVOID UserOutput;                   /* NULL: the output stays in SystemBuffer */
    ULONG InputLength;
    ULONG OutputLength;
    PIO_STATUS_BLOCK UserIosb;          /* user address or NULL */
    PKEVENT UserEvent;                  /* referenced object or NULL */
    PKAPC Apc;                          /* pool; queued at the end; NULL: none */
    PVOID ApcContext;                   /* without Apc: value for the completion port */
    IO_STATUS_BLOCK IoStatus;
    KEVENT DoneEvent;
    union {
        struct { POPEN_PACKET Packet; } Create;         /* valid until the dispatch routine returns */
        struct {
            LARGE_INTEGER ByteOffset;
            ULONG Key;
            FILE_SEGMENT_ELEMENT *Segments;             /* pages instead of a buffer, or NULL; as Packet */
        } Transfer;
        struct { ULONG Code; } Control;
        struct { ULONG Class; } Information;            /* file and volume */
        struct { ULONG Class, Flags; UNICODE_STRING Pattern; } Directory;        /* SL_ flags */
        struct { ULONG Filter; BOOLEAN Tree, Extended; } Notify;
        struct { LARGE_INTEGER ByteOffset, Length; ULONG Key; BOOLEAN FailImmediately, Exclusive; } Lock;
    } Parameters;
    PVOID DriverContext[4];
};

typedef NTSTATUS (*PDRIVER_DISPATCH)(PDEVICE_OBJECT DeviceObject, PIRP Irp);

/* Optional short cuts, without IRP; none of them waits. */
typedef struct _FAST_IO_DISPATCH {
    /* Memory: user address with UserMode.  *Offset: position, advanced by the driver if it is the file's own. */
    NTSTATUS (*Read)(PFILE_OBJECT File, const LARGE_INTEGER *Offset, PVOID Memory, ULONG Length, ULONG Key,
            KPROCESSOR_MODE Mode, PULONG_PTR Information);
    NTSTATUS (*Write)(PFILE_OBJECT File, const LARGE_INTEGER *Offset, const VOID *Memory, ULONG Length, ULONG Key,
            KPROCESSOR_MODE Mode, PULONG_PTR Information);
    /* Path below the device, starting with a backslash (or empty), into ntos memory; *Needed in bytes in any case. */
    NTSTATUS (*QueryName)(PFILE_OBJECT File, PWCHAR Buffer, ULONG Length, PULONG Needed);
    NTSTATUS (*GetSegment)(PFILE_OBJECT File, PMM_SEGMENT *Segment);
    /* Where the driver keeps the descriptor of what the file is open on; NULL: in the file object. */
    PSECURITY_DESCRIPTOR *(*GetDescriptor)(PFILE_OBJECT File);
    /* What is kept there is another one now. */
    VOID (*DescriptorChanged)(PFILE_OBJECT File);
    /* Sets the end of file. */
    NTSTATUS (*SetSize)(PFILE_OBJECT File, ULONG64 Size);
    /* One lock of the calling process; takes no memory. */
    NTSTATUS (*Unlock)(PFILE_OBJECT File, PLARGE_INTEGER Offset, PLARGE_INTEGER Length, ULONG Key);
    /* Takes away what Process has locked through File; has to be there where LockOperation is ever set. */
    VOID (*UnlockAll)(PFILE_OBJECT File, PEPROCESS Process);
} FAST_IO_DISPATCH, *PFAST_IO_DISPATCH;

struct _DRIVER_OBJECT {
    UNICODE_STRING DriverName;          /* pool */
    /* [IRP_MJ_MAXIMUM_FUNCTION + 1]; NULL entries: STATUS_INVALID_DEVICE_REQUEST */
    const PDRIVER_DISPATCH *MajorFunction;
    const FAST_IO_DISPATCH *FastIo;     /* NULL: none */
    LIST_ENTRY DeviceList;
    PVOID DriverExtension;              /* the driver's */
};

/* ---- device.c ---- */
NTSTATUS IopInitializeTypes(VOID);
/* Directory is L"\\Driver" or L"\\FileSystem".  Permanent; the result is referenced. */
NTSTATUS IopCreateDriver(PCWSTR Directory, PCWSTR Name, const PDRIVER_DISPATCH *MajorFunction,
        const FAST_IO_DISPATCH *FastIo, PDRIVER_OBJECT *DriverObject);
/* Name may be NULL.  Permanent when named; the result is referenced. */
NTSTATUS IopCreateDevice(PDRIVER_OBJECT DriverObject, PUNICODE_STRING Name, ULONG DeviceType, ULONG Characteristics,
        ULONG Flags, PDEVICE_OBJECT *DeviceObject);
/* Takes the name away; the object goes when its last file does.  Consumes one reference. */
VOID IopDeleteDevice(PDEVICE_OBJECT DeviceObject);

/* ---- file.c ---- */
extern const OBJECT_TYPE_INITIALIZER IopFileTypeInitializer;
extern const OBJECT_TYPE_INITIALIZER IopDeviceTypeInitializer;
/* The access with which a file is open; MAXIMUM_ALLOWED stands for all until the file system knows better. */
VOID IopSetFileAccess(PFILE_OBJECT File, ACCESS_MASK Access);
/* A process's byte-range locks end with its last handle of the file, although others may have the same open: now, if it has none. */
VOID IopReleaseLocks(PEPROCESS Process, PFILE_OBJECT File);
/* Handle -> file with the rights in Access (any of AnyAccess if not 0).  Referenced. */
NTSTATUS IopReferenceFile(HANDLE Handle, ACCESS_MASK Access, ACCESS_MASK AnyAccess, PFILE_OBJECT *File,
        PACCESS_MASK Granted);
/* Whether the file grants the current thread Access now.  STATUS_ACCESS_DENIED. */
NTSTATUS IopCheckFileAccess(PFILE_OBJECT File, ACCESS_MASK Access);
/* Only one request at a time on a synchronous file.  May wait; STATUS_THREAD_IS_TERMINATING, STATUS_ALERTED ... */
NTSTATUS IopLockFile(PFILE_OBJECT File);
VOID IopUnlockFile(PFILE_OBJECT File);

/* ---- irp.c ---- */
PIRP IopAllocateIrp(PFILE_OBJECT File, UCHAR MajorFunction);
/* The same in zeroed pool memory (IO_TAG_IRP) of the caller, which IopFreeIrp will free. */
VOID IopInitializeIrp(PIRP Irp, PFILE_OBJECT File, UCHAR MajorFunction);
VOID IopFreeIrp(PIRP Irp);
/* SystemBuffer of max(InputLength, OutputLength) bytes with the caller's input; zero behind it. */
NTSTATUS IopCaptureSystemBuffer(PIRP Irp);
/* Bytes to the requester's output buffer; any context.  Offset within the output. */
NTSTATUS IopCopyOutput(PIRP Irp, ULONG Offset, const VOID *Source, SIZE_T Length);

/* The caller's asynchronous arguments, checked. */
typedef struct _IOP_ASYNC {
    HANDLE Event;
    PVOID ApcRoutine;
    PVOID ApcContext;
    PIO_STATUS_BLOCK Iosb;
} IOP_ASYNC, *PIOP_ASYNC;

/*
 * Runs the request as a service of the current thread: event, IOSB, APC, completion port, waiting for a synchronous
 * file. Consumes Irp.  The file's reference that the caller holds stays the caller's.  Returns the service's status.
 */
NTSTATUS IopPerformRequest(PIRP Irp, const IOP_ASYNC *Async);
/*
 * Runs the request to its end, waiting if need be; the result is in IoStatus and the IRP is the caller's again
 * (IopFreeIrp), unless STATUS_THREAD_IS_TERMINATING is returned: then it is gone.
 */
NTSTATUS IopCallAndWait(PIRP Irp);
/* Nobody waits for it: cleanup, close.  Consumes Irp. */
VOID IopCallAndForget(PIRP Irp);
/* Immediate result of a request without IRP: writes IOSB, sets the event, queues the packet.  Returns the service's
 * status. */
NTSTATUS IopFinishFast(PFILE_OBJECT File, PIO_STATUS_BLOCK UserIosb, PKEVENT Event, NTSTATUS Status, ULONG_PTR Information);

/* A request of a program has ended, and moved so many bytes: IO_COUNTERS. */
VOID IopCountRequest(PEPROCESS Process, UCHAR MajorFunction, ULONG_PTR Bytes);

VOID IoCompleteRequest(PIRP Irp);
/* FALSE: it cannot be cancelled now (or has no routine). */
BOOLEAN IoCancelIrp(PIRP Irp);
VOID IopThreadNotify(PETHREAD Thread, BOOLEAN Created);

/* ---- create.c ---- */
/* The end of the services that create: checks, opens, writes handle and IOSB of the caller.  Packet says the rest. */
NTSTATUS IopCreateForUser(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatusBlock, POPEN_PACKET Packet);

/* ---- npfs.c ---- */
typedef struct _NAMED_PIPE_CREATE_PARAMETERS {
    ULONG NamedPipeType;
    ULONG ReadMode;
    ULONG CompletionMode;
    ULONG MaximumInstances;
    ULONG InboundQuota;
    ULONG OutboundQuota;
    LARGE_INTEGER DefaultTimeout;
    BOOLEAN TimeoutSpecified;
} NAMED_PIPE_CREATE_PARAMETERS, *PNAMED_PIPE_CREATE_PARAMETERS;
NTSTATUS NpfsInitialize(VOID);

/* ---- msfs.c ---- */
typedef struct _MAILSLOT_CREATE_PARAMETERS {
    ULONG MailslotQuota;
    ULONG MaximumMessageSize;
    LARGE_INTEGER ReadTimeout;          /* -1: for ever */
} MAILSLOT_CREATE_PARAMETERS, *PMAILSLOT_CREATE_PARAMETERS;
NTSTATUS MsfsInitialize(VOID);

/* ---- completion.c ---- */
#define IOP_MOST_PACKETS 0x10000u       /* in one answer */
struct _KQUEUE_PORT {
    KEVENT NotEmpty;                    /* first: the dispatcher object of the port */
    KSEMAPHORE Semaphore;
    LIST_ENTRY PacketList;
    LONG Depth;
    LIST_ENTRY FactoryList;             /* worker factories that serve it */
};
NTSTATUS IopCreateCompletionType(VOID);
/* By who has passed the semaphore: up to Count packets to memory that was probed; how many. */
ULONG IopTakePackets(PIO_COMPLETION_PORT Port, FILE_IO_COMPLETION_INFORMATION *User, ULONG Count);
/* Takes a queued packet back, which is not released; FALSE: a thread that waits was promised it, or another. */
BOOLEAN IopRemovePacket(PIO_COMPLETION_PORT Port, PIO_PACKET Packet);

/* ---- waitpacket.c ---- */
NTSTATUS IopCreateWaitPacketType(VOID);

/* ---- workerfactory.c ---- */
NTSTATUS IopCreateWorkerFactoryType(VOID);
/* A packet of the port waits, and nobody waits for it. */
VOID IopFeedFactories(PIO_COMPLETION_PORT Port);
/* The thread is no worker any more, if it was one. */
VOID IopLeaveFactory(PETHREAD Thread);

/* ---- info.c ---- */
#define IOP_PRIORITY_NORMAL 2           /* IoPriorityNormal: the highest that a program may hint at */
typedef struct _IOP_CLASS {
    USHORT MinimumLength;               /* 0: no such class */
    ACCESS_MASK Access;
} IOP_CLASS;
/* Status and Information to the caller, as every synchronous service reports them; an error is not written. */
NTSTATUS IopReturn(PIO_STATUS_BLOCK IoStatusBlock, NTSTATUS Status, ULONG_PTR Information);

/* ---- ea.c ---- */
/* What a create with these attributes (user address, not NULL) answers: STATUS_EA_LIST_INCONSISTENT, STATUS_EAS_NOT_SUPPORTED. */
NTSTATUS IopCheckCreateEas(PVOID EaBuffer, ULONG EaLength);

/* ---- the rooms behind it ---- */
NTSTATUS MemfsInitialize(VOID);
NTSTATUS CondrvInitialize(VOID);
NTSTATUS IopInitializeHosts(VOID);
VOID IopConsoleProcessExit(PEPROCESS Process);
VOID IopHostProcessExit(PEPROCESS Process);
