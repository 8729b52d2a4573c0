/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Extended contexts: a CONTEXT, a CONTEXT_EX behind it, and behind that the extended processor state.
 *
 *      CONTEXT                     aligned to 16
 *      CONTEXT_EX                  offsets from itself to the three parts
 *      XSAVE header, features      aligned to 64; only with CONTEXT_XSTATE
 *
 * Which features there are stands in the shared page (XState.EnabledFeatures); none on a machine or system that keeps
 * the legacy state only: then CONTEXT_XSTATE answers STATUS_NOT_SUPPORTED.
 * Source: "Working with XState Context" (Win32 documentation); Intel SDM volume 1, chapter 13.
 */
#include "ntdllp.h"

#define XSTATE_FLAG 0x40u                       /* CONTEXT_XSTATE without the architecture */
#define KNOWN_FLAGS 0x5fu                       /* of a CONTEXT for AMD64 */
#define STATUS_FLAGS 0xf8000000u                /* CONTEXT_EXCEPTION_REQUEST and its like */
#define XSAVE_HEADER 64
#define AVX_SIZE 256
#define XSTATE_ALIGN 64
#define SHARED_ENABLED_FEATURES 0x3d8           /* KUSER_SHARED_DATA.XState.EnabledFeatures */

typedef struct _XSTATE_AREA {
    ULONG64 Mask;
    ULONG64 CompactionMask;
    ULONG64 Reserved[6];
    UCHAR Avx[AVX_SIZE];
} XSTATE_AREA;

ULONG64 NTAPI RtlGetEnabledExtendedFeatures(ULONG64 FeatureMask)
{
    return *(const volatile ULONG64 *)((const UCHAR *)USER_SHARED_DATA + SHARED_ENABLED_FEATURES) & FeatureMask;
}

/* STATUS_INVALID_PARAMETER: not flags of a CONTEXT for this processor. */
static NTSTATUS RtlpCheckContextFlags(ULONG Flags)
{
    if (!(Flags & CONTEXT_AMD64) || Flags & ~(CONTEXT_AMD64 | KNOWN_FLAGS | STATUS_FLAGS))
        return STATUS_INVALID_PARAMETER;
    return Flags & XSTATE_FLAG && RtlGetEnabledExtendedFeatures(~0ull) == 0 ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
}

static ULONG RtlpXStateLength(ULONG64 Features)
{
    return XSAVE_HEADER + (Features & XSTATE_MASK_AVX ? AVX_SIZE : 0);
}

/* Bytes for an extended context wherever it is put. */
NTSTATUS NTAPI RtlGetExtendedContextLength2(ULONG ContextFlags, PULONG ContextLength, ULONG64 CompactionMask)
{
    NTSTATUS Status = RtlpCheckContextFlags(ContextFlags);

    if (!NT_SUCCESS(Status))
        return Status;
    *ContextLength = sizeof(CONTEXT) + sizeof(CONTEXT_EX) + __alignof__(CONTEXT) - 1;
    if (ContextFlags & XSTATE_FLAG)
        *ContextLength += XSTATE_ALIGN - 1 + RtlpXStateLength(RtlGetEnabledExtendedFeatures(~0ull) & CompactionMask);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlGetExtendedContextLength(ULONG ContextFlags, PULONG ContextLength)
{
    return RtlGetExtendedContextLength2(ContextFlags, ContextLength, ~0ull);
}

/* Lays an extended context out in Context, which has as many bytes as RtlGetExtendedContextLength2 says. */
NTSTATUS NTAPI RtlInitializeExtendedContext2(PVOID Context, ULONG ContextFlags, PCONTEXT_EX *ContextEx,
        ULONG64 CompactionMask)
{
    ULONG_PTR Base = ((ULONG_PTR)Context + __alignof__(CONTEXT) - 1) & ~(ULONG_PTR)(__alignof__(CONTEXT) - 1), Area;
    PCONTEXT_EX Ex = (PCONTEXT_EX)(Base + sizeof(CONTEXT));
    ULONG64 Features = RtlGetEnabledExtendedFeatures(~0ull) & CompactionMask;
    NTSTATUS Status = RtlpCheckContextFlags(ContextFlags);

    if (!NT_SUCCESS(Status))
        return Status;
    ((PCONTEXT)Base)->ContextFlags = ContextFlags;
    Ex->Legacy.Offset = Ex->All.Offset = -(LONG)sizeof(CONTEXT);
    Ex->Legacy.Length = sizeof(CONTEXT);
    Ex->All.Length = sizeof(CONTEXT) + sizeof(CONTEXT_EX);
    Ex->XState.Offset = sizeof(CONTEXT_EX) + 1;
    Ex->XState.Length = 0;
    if (ContextFlags & XSTATE_FLAG) {
        Area = ((ULONG_PTR)(Ex + 1) + XSTATE_ALIGN - 1) & ~(ULONG_PTR)(XSTATE_ALIGN - 1);
        Ex->XState.Offset = (LONG)(Area - (ULONG_PTR)Ex);
        Ex->XState.Length = RtlpXStateLength(Features);
        Ex->All.Length = (ULONG)(Ex->XState.Offset + (LONG)Ex->XState.Length - Ex->All.Offset);
        memset((PVOID)Area, 0, XSAVE_HEADER);
    }
    *ContextEx = Ex;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlInitializeExtendedContext(PVOID Context, ULONG ContextFlags, PCONTEXT_EX *ContextEx)
{
    return RtlInitializeExtendedContext2(Context, ContextFlags, ContextEx, ~0ull);
}

static XSTATE_AREA *RtlpXSaveArea(PCONTEXT_EX ContextEx)
{
    return (XSTATE_AREA *)((PUCHAR)ContextEx + ContextEx->XState.Offset);
}

PVOID NTAPI RtlLocateLegacyContext(PCONTEXT_EX ContextEx, PULONG Length)
{
    if (ContextEx->Legacy.Length < sizeof(CONTEXT))
        return NULL;
    if (Length != NULL)
        *Length = ContextEx->Legacy.Length;
    return (PUCHAR)ContextEx + ContextEx->Legacy.Offset;
}

/* NULL: the feature is not enabled, or the context has no room for it. */
PVOID NTAPI RtlLocateExtendedFeature(PCONTEXT_EX ContextEx, ULONG FeatureId, PULONG Length)
{
    if (FeatureId != XSTATE_AVX || RtlGetEnabledExtendedFeatures(XSTATE_MASK_AVX) == 0 ||
        ContextEx->XState.Length < XSAVE_HEADER + AVX_SIZE)
        return NULL;
    if (Length != NULL)
        *Length = AVX_SIZE;
    return RtlpXSaveArea(ContextEx)->Avx;
}

ULONG64 NTAPI RtlGetExtendedFeaturesMask(PCONTEXT_EX ContextEx)
{
    return ContextEx->XState.Length >= XSAVE_HEADER ? RtlpXSaveArea(ContextEx)->Mask & ~3ull : 0;
}

/* Legacy features are not counted. */
VOID NTAPI RtlSetExtendedFeaturesMask(PCONTEXT_EX ContextEx, ULONG64 FeatureMask)
{
    if (ContextEx->XState.Length >= XSAVE_HEADER)
        RtlpXSaveArea(ContextEx)->Mask = RtlGetEnabledExtendedFeatures(FeatureMask) & ~3ull;
}

/* --- copying ----------------------------------------------------------------------------------------------------- */

static VOID RtlpCopyControl(PCONTEXT Destination, const CONTEXT *Source)
{
    Destination->Rip = Source->Rip;
    Destination->Rsp = Source->Rsp;
    Destination->EFlags = Source->EFlags;
    Destination->SegCs = Source->SegCs;
    Destination->SegSs = Source->SegSs;
}

static VOID RtlpCopyInteger(PCONTEXT Destination, const CONTEXT *Source)
{
    ULONG64 Rsp = Destination->Rsp;

    memcpy(&Destination->Rax, &Source->Rax, FIELD_OFFSET(CONTEXT, Rip) - FIELD_OFFSET(CONTEXT, Rax));
    Destination->Rsp = Rsp;
}

static VOID RtlpCopySegments(PCONTEXT Destination, const CONTEXT *Source)
{
    Destination->SegDs = Source->SegDs;
    Destination->SegEs = Source->SegEs;
    Destination->SegFs = Source->SegFs;
    Destination->SegGs = Source->SegGs;
}

static VOID RtlpCopyDebug(PCONTEXT Destination, const CONTEXT *Source)
{
    memcpy(&Destination->Dr0, &Source->Dr0, FIELD_OFFSET(CONTEXT, Rax) - FIELD_OFFSET(CONTEXT, Dr0));
}

/* Copies the parts that ContextFlags and the source have in common, and adds their flags.  STATUS_INVALID_PARAMETER:
 * one of the three is not for this processor. */
NTSTATUS NTAPI RtlCopyContext(PCONTEXT Destination, ULONG ContextFlags, PCONTEXT Source)
{
    ULONG Parts = ContextFlags & Source->ContextFlags & KNOWN_FLAGS;
    NTSTATUS Status = RtlpCheckContextFlags(ContextFlags);

    if (!NT_SUCCESS(Status))
        return Status;
    if (!(Destination->ContextFlags & Source->ContextFlags & CONTEXT_AMD64))
        return STATUS_INVALID_PARAMETER;
    Destination->ContextFlags |= Parts;
    if (Parts & CONTEXT_CONTROL & KNOWN_FLAGS)
        RtlpCopyControl(Destination, Source);
    if (Parts & CONTEXT_INTEGER & KNOWN_FLAGS)
        RtlpCopyInteger(Destination, Source);
    if (Parts & CONTEXT_SEGMENTS & KNOWN_FLAGS)
        RtlpCopySegments(Destination, Source);
    if (Parts & CONTEXT_FLOATING_POINT & KNOWN_FLAGS) {
        Destination->MxCsr = Source->MxCsr;
        memcpy(&Destination->FltSave, &Source->FltSave, sizeof(Source->FltSave));
    }
    if (Parts & CONTEXT_DEBUG_REGISTERS & KNOWN_FLAGS)
        RtlpCopyDebug(Destination, Source);
    return STATUS_SUCCESS;
}
