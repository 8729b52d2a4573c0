/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos's half of the console (abi/condrv.h is the contract): consoles, opens, messages, attached processes.
 */
#pragma once

#include "ntos/io/iop.h"
#include "abi/condrv.h"

#define CONDRV_OBJECT_SERVER 0

#ifndef CTRL_CLOSE_EVENT
#define CTRL_CLOSE_EVENT 2
#endif

/* Lives while an open, an attached process or a message refers to it. */
typedef struct _CONDRV_CONSOLE {
    LIST_ENTRY ConsoleLinks;            /* CondrvConsoles, oldest first */
    LONG References;
    LONG ServerHandles;                 /* opens of the server side that were not cleaned up; 0: the console is dead */
    BOOLEAN WantNotices;
    BOOLEAN InputSignalled;
    BOOLEAN WasUsed;                    /* a client has been there */
    ULONG ControlEvents;                /* sent so far */
    ULONG NextIdentifier;
    LIST_ENTRY Queued;                  /* CONDRV_MESSAGE: not fetched yet */
    LIST_ENTRY Fetched;                 /* in the server's hands */
    LIST_ENTRY ServerReads;             /* IRP.ListEntry: READ_IO that waits */
    LIST_ENTRY Processes;               /* CONDRV_PROCESS, oldest first */
    LIST_ENTRY Files;                   /* CONDRV_FILE of clients */
} CONDRV_CONSOLE, *PCONDRV_CONSOLE;

/* FILE_OBJECT.FsContext */
typedef struct _CONDRV_FILE {
    LIST_ENTRY ConsoleLinks;
    PCONDRV_CONSOLE Console;            /* referenced; NULL: a Connection that is bound to none yet */
    PFILE_OBJECT File;
    ULONG Kind;                         /* CONDRV_OBJECT_ */
    BOOLEAN IsTold;                     /* an Output that the server has been told of */
    BOOLEAN CleanedUp;
} CONDRV_FILE, *PCONDRV_FILE;

/* EPROCESS.IoProcessContext */
typedef struct _CONDRV_PROCESS {
    LIST_ENTRY ConsoleLinks;
    PCONDRV_CONSOLE Console;            /* referenced */
    PEPROCESS Process;                  /* not referenced: goes with it */
    PCONDRV_FILE Connection;            /* what attaches it, as long as it is open; compared only.  NULL: since it began */
    HANDLE Group;                       /* process id of the group's first */
    ULONG ControlEvents;                /* the console's count when it was told last */
    BOOLEAN HandlesControl;
} CONDRV_PROCESS, *PCONDRV_PROCESS;

/* A request of a client (Irp) or a notice (Irp NULL). */
typedef struct _CONDRV_MESSAGE {
    LIST_ENTRY Links;                   /* Queued or Fetched */
    PCONDRV_CONSOLE Console;
    PIRP Irp;
    PVOID Input;                        /* pool: Descriptor.InputSize bytes, or NULL */
    ULONG Done;                         /* write in pieces: bytes the server has taken */
    CD_IO_MESSAGE Message;
} CONDRV_MESSAGE, *PCONDRV_MESSAGE;

static inline PCONDRV_FILE CondrvFile(PFILE_OBJECT File)
{
    return File->FsContext;
}

static inline BOOLEAN CondrvIsOutput(ULONG Kind)
{
    return Kind == CONDRV_OBJECT_OUTPUT || Kind == CONDRV_OBJECT_SCREEN_BUFFER;
}

/* ---- condrv.c ---- */
VOID CondrvReference(PCONDRV_CONSOLE Console);
VOID CondrvDereference(PCONDRV_CONSOLE Console);
/* Makes an open one of the console's. */
VOID CondrvJoin(PCONDRV_CONSOLE Console, PCONDRV_FILE Open);

/* ---- condrv_io.c: requests of clients, the server's fetching and completing ---- */
NTSTATUS CondrvReadWrite(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS CondrvDeviceControl(PDEVICE_OBJECT DeviceObject, PIRP Irp);
/* CREATE_OBJECT or CLOSE_OBJECT of a client's open, if the server wants it or has to know. */
VOID CondrvNotifyOpen(PCONDRV_FILE Open, ULONG Function);
/* CONNECT or DISCONNECT of a process, if the server wants it; failures are dropped. */
VOID CondrvNotifyProcess(PCONDRV_CONSOLE Console, ULONG Function, HANDLE ProcessId);
/* The server is gone for good: everything queued and fetched fails. */
VOID CondrvFailAll(PCONDRV_CONSOLE Console);
/* TRUE: no client can ever come again. */
BOOLEAN CondrvIsAbandoned(PCONDRV_CONSOLE Console);
/* A client has gone: tells the server if it was the last. */
VOID CondrvClientGone(PCONDRV_CONSOLE Console);

/* ---- condrv_process.c ---- */
/* A Connection of the current process was opened to Console, which attaches the process unless it is already. */
NTSTATUS CondrvConnect(PCONDRV_CONSOLE Console, PCONDRV_FILE Connection);
/* It was closed. */
VOID CondrvDisconnect(PCONDRV_FILE Connection);
/* ProcessId, or if that is 0 the group, or if that is 0 too all. */
NTSTATUS CondrvSendControl(PCONDRV_CONSOLE Console, ULONG Event, HANDLE ProcessId, HANDLE Group, PULONG Ended);
NTSTATUS CondrvSetControlHandling(PCONDRV_CONSOLE Console, BOOLEAN Handles);
NTSTATUS CondrvGetAttached(PCONDRV_CONSOLE Console, PIRP Irp, BOOLEAN IsList);
/* The Connection becomes one to the console of the process ProcessId, (ULONG)-1: of the caller's parent. */
NTSTATUS CondrvBindProcess(PCONDRV_FILE Connection, ULONG ProcessId);
