/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Service calls: the dispatch tables (abi/services.def, abi/hostservices.def), argument capture, trace.
 *
 * The argument block (8-byte slots at a user address) is captured once; narrower arguments are cut by the prototype
 * of the service itself.  A MISSING row answers STATUS_NOT_IMPLEMENTED, and says so in the log the first time.
 */
#include "kep.h"
#include "abi/hostservices.h"
#include "nt/alpcapi.h"

#define KI_USUAL_ARGUMENTS 14           /* a longer block is copied */
#define KI_MAX_ARGUMENTS 17

typedef NTSTATUS (*KI_SERVICE4)(ULONG64, ULONG64, ULONG64, ULONG64);
typedef NTSTATUS (*KI_SERVICE14)(ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64,
                                 ULONG64, ULONG64, ULONG64, ULONG64, ULONG64);
typedef NTSTATUS (*KI_SERVICE17)(ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64,
                                 ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64, ULONG64);

typedef struct _KI_SERVICE {
    PVOID Function;                     /* NULL: missing */
    const char *Name;
    UCHAR Arguments;
    BOOLEAN Reported;
} KI_SERVICE;

#define KI_COUNT_(a, b, c, d, e, f, g, h, i, j, k, l, m, o, p, q, r, n, ...) n
#define KI_COUNT(...) KI_COUNT_(__VA_ARGS__, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)
#define KI_ARGUMENTS(Arguments) _Generic((NTSTATUS (*) Arguments)0, NTSTATUS (*)(void): 0, default: KI_COUNT Arguments)

/* The rows against the public prototypes. */
#define SERVICE(Name, Arguments) NTSTATUS NTAPI Name Arguments;
#define MISSING(Name, Arguments) NTSTATUS NTAPI Name Arguments;
#define RETIRED(Name, Arguments)
#include "abi/services.def"
#undef SERVICE
#undef MISSING
#undef RETIRED

#define SERVICE(Name, Args) { (PVOID)Name, #Name, KI_ARGUMENTS(Args), FALSE },
#define MISSING(Name, Args) { NULL, #Name, 0, FALSE },
#define RETIRED(Name, Args) { NULL, #Name, 0, FALSE },
static KI_SERVICE KipServices[] = {
#include "abi/services.def"
};
#undef SERVICE
#undef MISSING
#undef RETIRED

#define HOST_SERVICE(Name, Args) { (PVOID)Name, #Name, KI_ARGUMENTS(Args), FALSE },
#define HOST_MISSING(Name, Args) { NULL, #Name, 0, FALSE },
static KI_SERVICE KipHostServices[] = {
#include "abi/hostservices.def"
};
#undef HOST_SERVICE
#undef HOST_MISSING

BOOLEAN KeTraceServices;

BOOLEAN KeIsServiceInProgress(PKTHREAD Thread)
{
    return Thread->MessageKind == KI_MESSAGE_SERVICE;
}

static KI_SERVICE *KipFindService(PKTHREAD Thread, ULONG64 Number, PNTSTATUS Status)
{
    *Status = STATUS_INVALID_SYSTEM_SERVICE;
    if (Number < ARRAYSIZE(KipServices))
        return &KipServices[Number];
    if (Number - HOST_SERVICE_BASE >= ARRAYSIZE(KipHostServices))
        return NULL;
    *Status = STATUS_ACCESS_DENIED;
    return Thread->DriverHost ? &KipHostServices[Number - HOST_SERVICE_BASE] : NULL;
}

static NTSTATUS KipMissing(KI_SERVICE *Service)
{
    if (!Service->Reported)
        LogPrint("%s is not implemented", Service->Name);
    Service->Reported = TRUE;
    return STATUS_NOT_IMPLEMENTED;
}

static NTSTATUS KipCall(const KI_SERVICE *Service, const ULONG64 *a)
{
    return ((KI_SERVICE14)Service->Function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12],
                                             a[13]);
}

static DECLSPEC_NOINLINE NTSTATUS KipCallLong(const KI_SERVICE *Service, const ULONG64 *a)
{
    return ((KI_SERVICE17)Service->Function)(a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], a[8], a[9], a[10], a[11], a[12],
                                             a[13], a[14], a[15], a[16]);
}

static NTSTATUS KipCallTraced(PKTHREAD Thread, const KI_SERVICE *Service, const ULONG64 *a)
{
    PETHREAD Caller = CONTAINING_RECORD(Thread, ETHREAD, Tcb);
    NTSTATUS Status;

    LogPrint("[%lu.%lu] %s(%llx, %llx, %llx, %llx, %llx, %llx)", (ULONG)(ULONG_PTR)Caller->Cid.UniqueProcess,
             (ULONG)(ULONG_PTR)Caller->Cid.UniqueThread, Service->Name, a[0], a[1], a[2], a[3], a[4], a[5]);
    Status = Service->Arguments > KI_USUAL_ARGUMENTS ? KipCallLong(Service, a) : KipCall(Service, a);
    LogPrint("[%lu] %s = %08lx", (ULONG)(ULONG_PTR)Caller->Cid.UniqueThread, Service->Name, (ULONG)Status);
    return Status;
}

/* Any service, its arguments wherever they are. */
static DECLSPEC_NOINLINE NTSTATUS KipCallAny(PKTHREAD Thread, const KI_SERVICE *Service, ULONG64 ArgumentBlock)
{
    BOOLEAN Long = Service->Arguments > KI_USUAL_ARGUMENTS;
    const ULONG64 *Near = MmPeekUser((PVOID)ArgumentBlock, KI_USUAL_ARGUMENTS * sizeof(*Near));
    ULONG64 a[KI_MAX_ARGUMENTS];

    if (Near != NULL && !Long && !KeTraceServices)
        return KipCall(Service, Near);
    if (!NT_SUCCESS(MmCopyFromUser(a, (PVOID)ArgumentBlock, Service->Arguments * sizeof(a[0]))))
        return STATUS_ACCESS_VIOLATION;
    if (KeTraceServices)
        return KipCallTraced(Thread, Service, a);
    return Long ? KipCallLong(Service, a) : KipCall(Service, a);
}

NTSTATUS KiCallService(PKTHREAD Thread, ULONG64 Number, ULONG64 ArgumentBlock)
{
    const ULONG64 *a;
    KI_SERVICE *Service;
    NTSTATUS Status;

    Service = Number < ARRAYSIZE(KipServices) ? &KipServices[Number] : KipFindService(Thread, Number, &Status);
    if (Service == NULL)
        return Status;
    Thread->ServiceNumber = (ULONG)Number;
    Thread->ArgumentBlock = ArgumentBlock;
    Thread->Services++;
    if (Service->Function == NULL)
        return KipMissing(Service);
    /* The usual case: the registers' home space, in the page of the stack that was used last. */
    if (Service->Arguments <= 4 && !KeTraceServices) {
        a = MmPeekUser((PVOID)ArgumentBlock, 4 * sizeof(*a));
        if (a != NULL)
            return ((KI_SERVICE4)Service->Function)(a[0], a[1], a[2], a[3]);
    }
    return KipCallAny(Thread, Service, ArgumentBlock);
}
