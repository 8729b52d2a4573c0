/* SPDX-License-Identifier: BSD-2-Clause
 *
 * \Device\ConDrv: the console.  ntos carries requests of programs (clients) to the terminal (server, conhost.exe), and
 * knows which processes belong to a console.  It interprets no characters.
 *
 * Names below \Device\ConDrv
 *   Server       makes a console and opens its server side.  Whoever starts conhost may open it, inheritable, and hand
 *                it to conhost: then nothing can be lost before conhost runs, and the console outlives a conhost that
 *                dies (the next one starts with IOCTL_CONDRV_SET_SERVER_INFORMATION, see there).
 *   Reference    a console as such: the value for RTL_USER_PROCESS_PARAMETERS.ConsoleHandle.  A process created with it
 *                is attached to the console until it ends.  RootDirectory = a Server handle names the console; without
 *                one it is the caller's console (else STATUS_INVALID_HANDLE).
 *   Connection   the calling process's own console; without one it is bound to none until IOCTL_CONDRV_BIND_PROCESS.
 *                RootDirectory = a Reference or Server handle names the console, and attaches a process that has none.  A
 *                process that opens it is one of Win32: control events start a thread in it.  Closing the one that it
 *                opened first detaches it.
 *   ScreenBuffer a screen of the caller's own, shown when it is made the active one; the console as for Output.  This and
 *                Connection are synchronous files whatever the open says.
 *   Input, Output, CurrentIn, CurrentOut
 *                the console's input and the screen buffer that is active when it is opened.  RootDirectory = a Reference, Connection or Server handle names
 *                the console; without one it is the caller's (else STATUS_INVALID_HANDLE).  \??\CONIN$ and \??\CONOUT$
 *                are links to CurrentIn and CurrentOut.  An Input handle can be waited for: IOCTL_CONDRV_SIGNAL_INPUT.
 *   Console      CurrentIn if it is opened to be read, CurrentOut if to be written, nothing for both; \??\CON is a link to it.
 *
 * Client requests: NtReadFile on Input, NtWriteFile on Output, NtFlushBuffersFile, and NtDeviceIoControlFile with any
 * METHOD_BUFFERED code of device type 0x50 on Input, Output, ScreenBuffer, Connection, Reference, except those below "for
 * ntos".  Writes longer than CONDRV_MAX_DATA are carried in pieces; other requests with more input than that get
 * STATUS_INVALID_BUFFER_SIZE, and output ends there.
 *
 * Server: IOCTL_CONDRV_READ_IO waits for the next client request; IOCTL_CONDRV_COMPLETE_IO answers one, in any order,
 * later, from any thread.  Data that READ_IO had no room for is read with READ_INPUT.
 */
#pragma once

#include <winioctl.h>

#ifndef FILE_DEVICE_CONSOLE
#define FILE_DEVICE_CONSOLE 0x50
#endif

#define CONDRV_MAX_DATA 0x10000u

/* ---- client side: answered by conhost.  Codes of the Win32 layer's kernelbase; the others are in conapi.h. ---- */
#define IOCTL_CONDRV_GET_MODE CTL_CODE(FILE_DEVICE_CONSOLE, 0, METHOD_BUFFERED, FILE_READ_ACCESS)     /* out: ULONG */
#define IOCTL_CONDRV_SET_MODE CTL_CODE(FILE_DEVICE_CONSOLE, 1, METHOD_BUFFERED, FILE_WRITE_ACCESS)    /* in: ULONG */

/* in: text, UTF-16 or bytes */
#define IOCTL_CONDRV_WRITE_TEXT CTL_CODE(FILE_DEVICE_CONSOLE, 30, METHOD_BUFFERED, FILE_WRITE_ACCESS)
#define IOCTL_CONDRV_WRITE_BYTES CTL_CODE(FILE_DEVICE_CONSOLE, 31, METHOD_BUFFERED, FILE_WRITE_ACCESS)

/* ours: size of the screen in cells */
typedef struct _CONDRV_SCREEN_SIZE {
    USHORT Columns;
    USHORT Rows;
    USHORT CursorColumn;
    USHORT CursorRow;
} CONDRV_SCREEN_SIZE;
#define IOCTL_CONDRV_GET_SCREEN_SIZE CTL_CODE(FILE_DEVICE_CONSOLE, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* ---- client side, for ntos itself (any client handle) ---- */

/* in: ULONG, 1: Ctrl+C and Ctrl+Break do not end the calling process (it reads the key, or ignores it); 0: they do.
 * The setting is not inherited.  The process must be attached to the handle's console, else STATUS_INVALID_HANDLE. */
#define IOCTL_CONDRV_SET_CONTROL_HANDLING CTL_CODE(FILE_DEVICE_CONSOLE, 0x810, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* out: ULONG process ids of the attached processes, oldest first; STATUS_BUFFER_OVERFLOW if there are more */
#define IOCTL_CONDRV_GET_ATTACHED CTL_CODE(FILE_DEVICE_CONSOLE, 0x811, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* The next three are kernelbase's. */

/* in: CD_GROUP_EVENT.  As SEND_CONTROL, to the processes of a group (0: to all); the caller must be attached. */
#define IOCTL_CONDRV_GROUP_EVENT CTL_CODE(FILE_DEVICE_CONSOLE, 19, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* As GET_ATTACHED, but a buffer that is too small gets STATUS_BUFFER_TOO_SMALL and the number of processes. */
#define IOCTL_CONDRV_GET_PROCESS_LIST CTL_CODE(FILE_DEVICE_CONSOLE, 23, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* On a Connection that is bound to no console.  in: ULONG, a process id, -1 is the caller's parent: the caller is attached to that
 * process's console.  STATUS_INVALID_PARAMETER: no such process; STATUS_INVALID_HANDLE: it has no console;
 * STATUS_ACCESS_DENIED: the caller has one, or must not look into that process (PROCESS_QUERY_INFORMATION). */
#define IOCTL_CONDRV_BIND_PROCESS CTL_CODE(FILE_DEVICE_CONSOLE, 51, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* ---- server side ---- */

/* in: nothing, or a CD_IO_COMPLETE, which is completed first.  out: a CD_IO_MESSAGE followed by as many bytes of the
 * client's input as fit.  Waits for a request (pending; cancelable).  STATUS_PIPE_DISCONNECTED: all clients have gone. */
#define IOCTL_CONDRV_READ_IO CTL_CODE(FILE_DEVICE_CONSOLE, 1, METHOD_OUT_DIRECT, FILE_ANY_ACCESS)

/* in: CD_IO_COMPLETE.  STATUS_NOT_FOUND: no such request (it was cancelled). */
#define IOCTL_CONDRV_COMPLETE_IO CTL_CODE(FILE_DEVICE_CONSOLE, 2, METHOD_NEITHER, FILE_ANY_ACCESS)

/* in: CD_IO_OPERATION.  READ_INPUT copies client input from Buffer.Offset to Buffer.Data, WRITE_OUTPUT copies
 * Buffer.Data to the client's output at Buffer.Offset.  STATUS_NOT_FOUND; STATUS_INVALID_PARAMETER beyond the data. */
#define IOCTL_CONDRV_READ_INPUT CTL_CODE(FILE_DEVICE_CONSOLE, 3, METHOD_NEITHER, FILE_ANY_ACCESS)
#define IOCTL_CONDRV_WRITE_OUTPUT CTL_CODE(FILE_DEVICE_CONSOLE, 4, METHOD_NEITHER, FILE_ANY_ACCESS)

/* A new server process begins on this handle: requests that an earlier one had fetched and not completed are queued
 * again, in order.  in (optional): ULONG, CONDRV_WANT_NOTICES or 0 (the default). */
#define CONDRV_WANT_NOTICES 1u          /* CONNECT, DISCONNECT, CREATE_OBJECT, CLOSE_OBJECT; CANCEL comes always, and
                                         * CLOSE_OBJECT of a ScreenBuffer, and both of an Output that is opened while
                                         * there is a ScreenBuffer */
#define IOCTL_CONDRV_SET_SERVER_INFORMATION CTL_CODE(FILE_DEVICE_CONSOLE, 7, METHOD_NEITHER, FILE_ANY_ACCESS)

/* in: CD_CONTROL_EVENT.  In each attached process that has opened Connection a thread runs ntdll's KiUserControlDispatcher;
 * others are terminated with STATUS_CONTROL_C_EXIT unless they have set control handling.  out (optional): ULONG number of
 * processes ended. */
#define IOCTL_CONDRV_SEND_CONTROL CTL_CODE(FILE_DEVICE_CONSOLE, 0x820, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* in: ULONG: 1 sets, 0 clears the waitable state of the console's Input handles */
#define IOCTL_CONDRV_SIGNAL_INPUT CTL_CODE(FILE_DEVICE_CONSOLE, 0x821, METHOD_BUFFERED, FILE_ANY_ACCESS)

/* CD_IO_DESCRIPTOR.Function */
#define CONSOLE_IO_CONNECT 0x01         /* Process was attached.  Notice */
#define CONSOLE_IO_DISCONNECT 0x02      /* Process has ended.  Notice */
#define CONSOLE_IO_CREATE_OBJECT 0x03   /* Object was opened; Detail = CONDRV_OBJECT_*.  Notice */
#define CONSOLE_IO_CLOSE_OBJECT 0x04    /* Object has gone.  Notice */
#define CONSOLE_IO_RAW_WRITE 0x05       /* input = the bytes (UTF-8) */
#define CONSOLE_IO_RAW_READ 0x06        /* OutputSize = room for bytes */
#define CONSOLE_IO_USER_DEFINED 0x07    /* Detail = the ioctl code */
#define CONSOLE_IO_RAW_FLUSH 0x08
#define CONSOLE_IO_CANCEL 0x09          /* ours: the fetched request Identifier was cancelled; do not complete it */

/* CREATE_OBJECT's Detail; also in ObjectKind of every message */
#define CONDRV_OBJECT_REFERENCE 1
#define CONDRV_OBJECT_CONNECTION 2
#define CONDRV_OBJECT_INPUT 3
#define CONDRV_OBJECT_OUTPUT 4
#define CONDRV_OBJECT_SCREEN_BUFFER 5

/* A notice has a zero Identifier (CANCEL excepted) and gets no completion. */
typedef struct _CD_IO_DESCRIPTOR {
    LUID Identifier;
    ULONG_PTR Process;                  /* process id of the client */
    ULONG_PTR Object;                   /* the open handle's object: opaque, equal for equal opens */
    ULONG Function;
    ULONG InputSize;
    ULONG OutputSize;
    ULONG Reserved;
} CD_IO_DESCRIPTOR, *PCD_IO_DESCRIPTOR;

typedef struct _CD_IO_MESSAGE {
    CD_IO_DESCRIPTOR Descriptor;
    ULONG Detail;
    ULONG ObjectKind;
    /* input bytes follow */
} CD_IO_MESSAGE, *PCD_IO_MESSAGE;

typedef struct _CD_IO_BUFFER_DESCRIPTOR {
    PVOID Data;
    ULONG Size;
    ULONG Offset;
} CD_IO_BUFFER_DESCRIPTOR, *PCD_IO_BUFFER_DESCRIPTOR;

typedef struct _CD_IO_COMPLETE {
    LUID Identifier;
    IO_STATUS_BLOCK IoStatus;           /* the client's; Information <= OutputSize (for a write: <= InputSize) */
    CD_IO_BUFFER_DESCRIPTOR Write;      /* copied to the client's output first; Size may be 0 */
} CD_IO_COMPLETE, *PCD_IO_COMPLETE;

typedef struct _CD_IO_OPERATION {
    LUID Identifier;
    CD_IO_BUFFER_DESCRIPTOR Buffer;
} CD_IO_OPERATION, *PCD_IO_OPERATION;

typedef struct _CD_CONTROL_EVENT {
    ULONG Event;                        /* CTRL_C_EVENT 0, CTRL_BREAK_EVENT 1, CTRL_CLOSE_EVENT 2 (ends all) */
    ULONG ProcessId;                    /* 0: every attached process */
} CD_CONTROL_EVENT, *PCD_CONTROL_EVENT;

typedef struct _CD_GROUP_EVENT {
    ULONG Event;                        /* CTRL_C_EVENT or CTRL_BREAK_EVENT */
    ULONG Group;
} CD_GROUP_EVENT, *PCD_GROUP_EVENT;

_Static_assert(sizeof(CD_IO_DESCRIPTOR) == 40, "layout");
_Static_assert(sizeof(CD_IO_MESSAGE) == 48, "layout");
_Static_assert(sizeof(CD_IO_COMPLETE) == 40, "layout");
_Static_assert(sizeof(CD_IO_OPERATION) == 24, "layout");
