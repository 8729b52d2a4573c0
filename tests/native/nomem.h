/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Services without memory: what nomem.c gives its scenarios (nomem-FAMILY.c).
 *
 * A scenario is a chain of services that works with memory: TRY(NtCreateEvent, &Event, ...) && TRY(NtSetEvent, Event, NULL)
 * goes on while each answers success.  Then it gives back all that it may have got with DROP, which must succeed without
 * memory, too.  It is run again and again, each time another allocation fails.
 */
#pragma once

#include "check.h"

enum {
#define SERVICE(Name, Arguments) Number##Name,
#define MISSING(Name, Arguments) Number##Name,
#define RETIRED(Name, Arguments) Number##Name,
#include "abi/services.def"
#undef SERVICE
#undef MISSING
#undef RETIRED
    NUMBER_COUNT
};

typedef struct _SCENARIO {
    PCSTR Name;
    VOID (*Run)(VOID);
    VOID (*Clean)(VOID);            /* or NULL: what cannot be given back without memory; runs with memory */
    BOOLEAN OwnThread;              /* runs in a thread that ends after it */
} SCENARIO, *PSCENARIO;

typedef struct _SCENARIOS {
    const SCENARIO *List;
    ULONG Count;
} SCENARIOS;

extern const SCENARIOS ObjectScenarios, MemoryScenarios, FileScenarios, KeyScenarios, TokenScenarios, ProcessScenarios, PortScenarios,
        AlpcScenarios, SystemScenarios;

/* The service answered Status; TRUE: success.  A failure must be one for want of memory, and the one asked for. */
BOOLEAN NoMemAnswer(ULONG Service, NTSTATUS Status);
/* The same for a service that gives back, which may not fail. */
VOID NoMemGaveBack(ULONG Service, NTSTATUS Status);

/* The partner is a second thread, which does not run out of memory: Begin lets it call Routine, End waits until it is done. */
VOID NoMemBegin(NTSTATUS (NTAPI *Routine)(PVOID), PVOID Argument);
VOID NoMemEnd(VOID);
extern HANDLE NoMemPartner;

/* How a scenario calls a service: as it is, or as svcfuzz does, which runs the same scenarios (fuzzchains.h). */
#ifndef SCENARIO_CALL
#define SCENARIO_CALL(Service) Service
#endif
#define TRY(Service, ...) NoMemAnswer(Number##Service, SCENARIO_CALL(Service)(__VA_ARGS__))
#define DROP(Service, ...) NoMemGaveBack(Number##Service, SCENARIO_CALL(Service)(__VA_ARGS__))

/* Closes a handle unless it is NULL. */
static inline VOID NoMemClose(HANDLE Handle)
{
    if (Handle != NULL)
        DROP(NtClose, Handle);
}

static inline OBJECT_ATTRIBUTES NoMemName(PUNICODE_STRING String, PCWSTR Text)
{
    OBJECT_ATTRIBUTES Attributes;

    RtlInitUnicodeString(String, Text);
    InitializeObjectAttributes(&Attributes, String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return Attributes;
}
