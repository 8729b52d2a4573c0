/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug events: what ke, ps and mm tell a debugger (ntos/ps/dbgk.c).  All are quick when nobody debugs.  What reports on
 * behalf of the current thread waits until the debugger lets it go on.
 */
#pragma once

#include "ntos/inc/ps.h"

extern ULONG DbgkDebuggees;             /* processes that have a debugger */

NTSTATUS DbgkInitialize(VOID);
BOOLEAN DbgkIsDebugged(PEPROCESS Process);
/* An exception of the current thread.  TRUE: the debugger has handled it.  May wait. */
BOOLEAN DbgkForwardException(const EXCEPTION_RECORD *Record, BOOLEAN FirstChance);
/* A new thread that does not run yet: it stays until the debugger has seen it.  Does not wait. */
VOID DbgkCreateThread(PETHREAD Thread);
/* Somebody has resumed or ended it: an event of it that was put off until then comes again, or never. */
VOID DbgkResumeThread(PETHREAD Thread);
/* The current thread ends; Last: its process too.  May wait. */
VOID DbgkExitThread(PETHREAD Thread, BOOLEAN Last);
/* The current process has mapped (is about to unmap) an image.  May wait. */
VOID DbgkMapImage(PVOID Base);
VOID DbgkUnmapImage(PVOID Base);
/* A handle of the current process to the debug object of Process; STATUS_PORT_NOT_SET. */
NTSTATUS DbgkOpenDebugObject(PEPROCESS Process, PHANDLE Handle);
/* A process that got a debugger and does not start after all. */
VOID DbgkAbandonProcess(PEPROCESS Process);
/* The debugger of Parent, if it has one and passes it on, is Process's, which has no threads yet. */
NTSTATUS DbgkInheritDebugger(PEPROCESS Process, PEPROCESS Parent);
/* A process that has no threads yet is to be debugged from its start (PS_ATTRIBUTE_DEBUG_OBJECT). */
NTSTATUS DbgkAssignNewProcess(PEPROCESS Process, HANDLE DebugObjectHandle);
