/* SPDX-License-Identifier: BSD-2-Clause
 *
 * lpc: ports, NT's local procedure calls.  The services of both families (NtRequestPort... and NtAlpc...) work on one
 * kind of object, type "ALPC Port".
 */
#pragma once

#include "nt.h"
#include "ntos/inc/ob.h"

extern POBJECT_TYPE LpcPortObjectType;

/* The object type; notice of ends of threads.  After PsInitSystem. */
NTSTATUS LpcInitSystem(VOID);
