/* SPDX-License-Identifier: BSD-2-Clause
 *
 * io: files, devices, drivers, completion ports; the memory volume (C:), the console device, driver hosts.
 *
 * Names and contracts are NT's.  A FILE_OBJECT is one open; whoever has a referenced pointer may use the functions
 * below. "May wait" means it needs a stack that can be parked (a service or a system coroutine).
 */
#pragma once

#include "nt.h"
#include "ntos/inc/mode.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ob.h"
#include "ntos/inc/ke.h"

typedef struct _DRIVER_OBJECT DRIVER_OBJECT, *PDRIVER_OBJECT;
typedef struct _DEVICE_OBJECT DEVICE_OBJECT, *PDEVICE_OBJECT;
typedef struct _FILE_OBJECT FILE_OBJECT, *PFILE_OBJECT;
typedef struct _IRP IRP, *PIRP;
typedef struct _KQUEUE_PORT IO_COMPLETION_PORT, *PIO_COMPLETION_PORT;
typedef struct _EPROCESS *PEPROCESS;
typedef struct _ETHREAD *PETHREAD;

extern POBJECT_TYPE IoFileObjectType;
extern POBJECT_TYPE IoDeviceObjectType;
extern POBJECT_TYPE IoDriverObjectType;
extern POBJECT_TYPE IoCompletionObjectType;

/*
 * Types, \Driver, \FileSystem, the memory volume (\Device\RamDisk0, \??\C:, \SystemRoot) filled from the boot archive,
 * and \Device\ConDrv.  After ObInitSystem, ExInitSystem, MmInitSections, PsInitSystem, LdrInitBootArchive.  Does not
 * wait.
 */
NTSTATUS IoInitSystem(VOID);

/*
 * Starts the drivers of \Registry\Machine\System\CurrentControlSet\Services with Start 0 and 1, one process for each
 * host group, all at once; returns when each has started or failed (or 10 s have passed).  After CmInitSystem2.  Waits:
 * call it from a system coroutine.  A driver that fails is logged; the status is that of the registry's enumeration.
 */
NTSTATUS IoStartDrivers(VOID);

/* A status block for a program: the status alone would leave the other half of its union as it was on ntos's stack. */
static inline IO_STATUS_BLOCK IoMakeStatus(NTSTATUS Status, ULONG_PTR Information)
{
    return (IO_STATUS_BLOCK){ .Pointer = (PVOID)(ULONG_PTR)(ULONG)Status, .Information = Information };
}

/* ------------------------------------------------------------------ files, for ntos itself */

/*
 * Opens a file by its NT path with no handle (ps: images; Options as NtOpenFile).  Path is of ntos.  Mode says whose
 * rights count.  *FileObject is referenced.  May wait (devices of driver hosts).  Statuses of NtOpenFile.
 */
NTSTATUS IoOpenFileObject(PCUNICODE_STRING Path, ACCESS_MASK DesiredAccess, ULONG ShareAccess, ULONG OpenOptions,
        KPROCESSOR_MODE Mode, PFILE_OBJECT *FileObject);

/* NtCreateFile for ntos: pointers are ntos's with KernelMode, the caller's with UserMode; Handle and IoStatus are
 * always ntos's. */
NTSTATUS IoCreateFile(PHANDLE FileHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        PIO_STATUS_BLOCK IoStatus, PLARGE_INTEGER AllocationSize, ULONG FileAttributes, ULONG ShareAccess,
        ULONG CreateDisposition, ULONG CreateOptions, KPROCESSOR_MODE Mode);

/* IoGetFileSegment (the data segment of an open file, for sections) is declared in ntos/inc/mm.h. */

/* Size in bytes of a file of the memory volume.  STATUS_INVALID_DEVICE_REQUEST for anything else. */
NTSTATUS IoGetFileSize(PFILE_OBJECT FileObject, PULONG64 Size);

/*
 * Bytes of a file of the memory volume from and to ntos's memory: all of them, or an error (STATUS_END_OF_FILE,
 * STATUS_DISK_FULL, STATUS_FILE_LOCK_CONFLICT).  A write grows the file; its rights were checked when the file was
 * opened. STATUS_INVALID_DEVICE_REQUEST for anything else.  Nothing waits.
 */
NTSTATUS IoReadFile(PFILE_OBJECT File, ULONG64 Offset, PVOID Buffer, ULONG Length);
NTSTATUS IoWriteFile(PFILE_OBJECT File, ULONG64 Offset, const void *Buffer, ULONG Length);
NTSTATUS IoSetFileSize(PFILE_OBJECT File, ULONG64 Size);
/* FileRenameInformation for ntos: no right on the file is wanted, on the new folder the caller's are. */
NTSTATUS IoRenameFile(PFILE_OBJECT File, HANDLE RootDirectory, PCUNICODE_STRING Name);

/* Was the file opened for writing?  (mm: data sections with PAGE_READWRITE.) */
BOOLEAN IoIsFileWritable(PFILE_OBJECT FileObject);

/* The name is ObQueryNameString's: \Device\RamDisk0\windows\... */

/* ------------------------------------------------------------------ processes and threads (ps) */

/*
 * Attaches a new process to the console that Console (a ConDrv Reference object, referenced for the call only) names,
 * or to its parent's if Console is NULL and Parent is not.  Before its first thread runs.  Does not wait.
 * STATUS_INVALID_HANDLE: no console.  NewGroup: it is the first of a process group, else in its parent's.  io detaches it by
 * itself when the process ends.
 */
NTSTATUS IoAttachConsole(PEPROCESS Process, PFILE_OBJECT Console, PEPROCESS Parent, BOOLEAN NewGroup);

/* ------------------------------------------------------------------ completion ports */

/* A packet in memory of another's: IoQueuePacket cannot fail but for the semaphore's limit.  Release(Packet) is called when it was taken. */
typedef struct _IO_PACKET {
    LIST_ENTRY ListEntry;
    VOID (*Release)(PVOID Packet);
    FILE_IO_COMPLETION_INFORMATION Information;
} IO_PACKET, *PIO_PACKET;
NTSTATUS IoQueuePacket(PVOID Port, PIO_PACKET Packet);

/* Queues a packet as NtSetIoCompletion does (jobs, wait packets).  Port is a referenced IoCompletion object. */
NTSTATUS IoSetIoCompletion(PVOID Port, PVOID KeyContext, PVOID ApcContext, NTSTATUS Status, ULONG_PTR Information);
