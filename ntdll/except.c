/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Dispatching exceptions and unwinding frames.
 *
 * RtlDispatchException asks the vectored handlers, then the handlers of the frames from the fault outwards.  A handler
 * that takes the exception calls RtlUnwindEx, which calls the handlers of the frames in between once more
 * (EXCEPTION_UNWINDING) and continues in the target frame.  Both walk with RtlVirtualUnwind and call handlers through
 * a frame of entry.S, whose own handlers tell the walker of nested exceptions and collided unwinds.  A step that faults,
 * because the stack or the unwind data are wrong, ends the walk: an exception has its second chance then, an unwind raises
 * STATUS_BAD_STACK.
 *
 * DIFFERS: a function may also link a record with a handler into the list at TEB.NtTib.ExceptionList, as 32-bit code does
 * (libwine's DLLs are made so; Windows does not look there in 64-bit code).  Such a record lies in its function's stack
 * frame and is asked after the frame's own handler; it may be the target of an unwind.
 */
#include "ntdllp.h"

VOID _local_unwind(PVOID TargetFrame, PVOID TargetIp);
DECLSPEC_NORETURN VOID KiDispatchUserException(PEXCEPTION_RECORD Record, PCONTEXT Context);
EXCEPTION_DISPOSITION RtlpNestedExceptionHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher);
EXCEPTION_DISPOSITION RtlpCollidedUnwindHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher);
EXCEPTION_DISPOSITION RtlpGuardHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher);
extern UCHAR RtlpGuardTarget[];

/* One step of a walk: the dispatcher context of the frame, and the registers of its caller. */
typedef struct _WALK {
    DISPATCHER_CONTEXT Dispatcher;
    CONTEXT Caller;
} WALK;

static BOOLEAN RtlpIsGoodFrame(ULONG_PTR Frame)
{
    PTEB Teb = NtCurrentTebEx();
    ULONG_PTR Low = Teb->DeallocationStack != NULL ? (ULONG_PTR)Teb->DeallocationStack
            : (ULONG_PTR)Teb->NtTib.StackLimit;

    return Frame >= Low && Frame < (ULONG_PTR)Teb->NtTib.StackBase && (Frame & 7) == 0;
}

/* Fills in Walk for the function that Context is in.  A leaf function has no handler and the frame RSP. */
static VOID RtlpStep(WALK *Walk, DWORD HandlerType, PCONTEXT Context)
{
    PDISPATCHER_CONTEXT Dispatcher = &Walk->Dispatcher;

    Dispatcher->ControlPc = Context->Rip;
    Dispatcher->ContextRecord = Context;
    Dispatcher->ScopeIndex = 0;
    Dispatcher->LanguageHandler = NULL;
    Dispatcher->HandlerData = NULL;
    Dispatcher->FunctionEntry = RtlLookupFunctionEntry(Context->Rip, &Dispatcher->ImageBase, NULL);
    Walk->Caller = *Context;
    if (Dispatcher->FunctionEntry == NULL) {
        Dispatcher->EstablisherFrame = Context->Rsp;
        Walk->Caller.Rip = *(PULONGLONG)Context->Rsp;
        Walk->Caller.Rsp += 8;
        return;
    }
    Dispatcher->LanguageHandler = RtlVirtualUnwind(HandlerType, Dispatcher->ImageBase, Context->Rip,
            Dispatcher->FunctionEntry, &Walk->Caller, &Dispatcher->HandlerData, &Dispatcher->EstablisherFrame, NULL);
}

static BOOLEAN RtlpGuardedStep(PVOID Walk, PVOID HandlerType, PVOID Context)
{
    RtlpStep(Walk, (DWORD)(ULONG_PTR)HandlerType, Context);
    return TRUE;
}

/* RtlpStep with a stack or unwind data that may be wrong; FALSE: reading them raised an exception. */
static BOOLEAN RtlpTryStep(WALK *Walk, DWORD HandlerType, PCONTEXT Context)
{
    return RtlpCallGuarded(RtlpGuardedStep, Walk, (PVOID)(ULONG_PTR)HandlerType, Context);
}

/* The handler of RtlpCallGuarded's frame. */
EXCEPTION_DISPOSITION RtlpGuardHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher)
{
    if (!(Record->ExceptionFlags & EXCEPTION_UNWINDING)) {
        NtCurrentTebEx()->ExceptionCode = Record->ExceptionCode;
        RtlUnwind(Frame, RtlpGuardTarget, Record, (PVOID)FALSE);
    }
    return ExceptionContinueSearch;
}

/* A handler found that it stands in an earlier unwind, and has replaced the dispatcher context by that unwind's: the
 * walk goes on in the frame that the unwind had reached, with the scopes that it had not left yet.  *Context becomes
 * that frame's registers. */
static VOID RtlpResumeCollided(WALK *Walk, DWORD HandlerType, PCONTEXT Context)
{
    DISPATCHER_CONTEXT Reached = Walk->Dispatcher;

    *Context = *Reached.ContextRecord;
    RtlpStep(Walk, HandlerType, Context);
    Walk->Dispatcher.ScopeIndex = Reached.ScopeIndex;
    Walk->Dispatcher.HandlerData = Reached.HandlerData;
    Walk->Dispatcher.LanguageHandler = Reached.LanguageHandler;
    Walk->Dispatcher.EstablisherFrame = Reached.EstablisherFrame;
}

/* Does the step lead outwards?  Unwind data that are wrong could send a walk round in circles. */
static BOOLEAN RtlpGoesOutwards(const WALK *Walk, const CONTEXT *Context)
{
    return Walk->Caller.Rsp > Context->Rsp;
}

/* --- linked records ---------------------------------------------------------------------------------------------- */

typedef PEXCEPTION_REGISTRATION_RECORD LINKED_RECORD;

/* Record, if it lies in the stack below Limit; else NULL. */
static LINKED_RECORD RtlpLinkedBelow(LINKED_RECORD Record, ULONG_PTR Limit)
{
    return RtlpIsGoodFrame((ULONG_PTR)Record) && (ULONG_PTR)Record < Limit ? Record : NULL;
}

/* The next one outwards; an end if the list does not ascend. */
static LINKED_RECORD RtlpLinkedNext(LINKED_RECORD Record)
{
    return Record->Next > Record ? Record->Next : NULL;
}

/* A walk that asks the record instead of the frame. */
static WALK RtlpWalkOfLinked(const WALK *Walk, LINKED_RECORD Record)
{
    WALK Linked = *Walk;

    Linked.Dispatcher.LanguageHandler = (PEXCEPTION_ROUTINE)Record->Handler;
    Linked.Dispatcher.EstablisherFrame = (ULONG_PTR)Record;
    return Linked;
}

/* --- dispatching ------------------------------------------------------------------------------------------------- */

static DECLSPEC_NORETURN VOID RtlpRaiseNested(PEXCEPTION_RECORD Cause, NTSTATUS Code)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = (DWORD)Code, .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
            .ExceptionRecord = Cause };

    RtlRaiseException(&Record);
    __builtin_trap();
}

/* Calls one frame's handler and takes its verdict; TRUE: execution continues.  *Context: the frame's registers. */
static BOOLEAN RtlpAskFrame(PEXCEPTION_RECORD Record, PCONTEXT Original, PCONTEXT Context, WALK *Walk,
        PULONG_PTR NestedFrame)
{
    for (;;) {
        ULONG_PTR Frame = Walk->Dispatcher.EstablisherFrame;
        EXCEPTION_DISPOSITION Verdict = RtlpExecuteHandlerForException(Record, (PVOID)Frame, Original,
                &Walk->Dispatcher);

        if (*NestedFrame == Frame) {
            Record->ExceptionFlags &= ~(DWORD)EXCEPTION_NESTED_CALL;
            *NestedFrame = 0;
        }
        switch (Verdict) {
        case ExceptionContinueExecution:
            if (Record->ExceptionFlags & EXCEPTION_NONCONTINUABLE)
                RtlpRaiseNested(Record, STATUS_NONCONTINUABLE_EXCEPTION);
            return TRUE;
        case ExceptionContinueSearch:
            return FALSE;
        case ExceptionNestedException:
            Record->ExceptionFlags |= EXCEPTION_NESTED_CALL;
            *NestedFrame = max(*NestedFrame, Walk->Dispatcher.EstablisherFrame);
            return FALSE;
        case ExceptionCollidedUnwind:
            RtlpResumeCollided(Walk, UNW_FLAG_EHANDLER, Context);
            break;
        default:
            RtlpRaiseNested(Record, STATUS_INVALID_DISPOSITION);
        }
    }
}

/* The records that lie in the frame of Walk; *Next is the first one beyond. */
static BOOLEAN RtlpAskLinked(PEXCEPTION_RECORD Record, PCONTEXT Original, PCONTEXT Context, const WALK *Walk,
        PULONG_PTR NestedFrame, LINKED_RECORD *Next)
{
    LINKED_RECORD Linked;

    while ((Linked = RtlpLinkedBelow(*Next, Walk->Caller.Rsp)) != NULL) {
        WALK LinkedWalk = RtlpWalkOfLinked(Walk, Linked);

        *Next = RtlpLinkedNext(Linked);
        if (RtlpAskFrame(Record, Original, Context, &LinkedWalk, NestedFrame))
            return TRUE;
    }
    return FALSE;
}

static BOOLEAN RtlpAskFrames(PEXCEPTION_RECORD Record, PCONTEXT Original)
{
    LINKED_RECORD Linked = NtCurrentTebEx()->NtTib.ExceptionList;
    CONTEXT Context = *Original;
    ULONG_PTR NestedFrame = 0;
    WALK Walk = { 0 };

    while (Context.Rip != 0) {
        if (!RtlpIsGoodFrame(Context.Rsp) || !RtlpTryStep(&Walk, UNW_FLAG_EHANDLER, &Context)) {
            Record->ExceptionFlags |= EXCEPTION_STACK_INVALID;
            return FALSE;
        }
        if (Walk.Dispatcher.LanguageHandler != NULL) {
            if (!RtlpIsGoodFrame(Walk.Dispatcher.EstablisherFrame)) {
                Record->ExceptionFlags |= EXCEPTION_STACK_INVALID;
                return FALSE;
            }
            if (RtlpAskFrame(Record, Original, &Context, &Walk, &NestedFrame))
                return TRUE;
        }
        if (RtlpAskLinked(Record, Original, &Context, &Walk, &NestedFrame, &Linked))
            return TRUE;
        if (!RtlpGoesOutwards(&Walk, &Context)) {
            Record->ExceptionFlags |= EXCEPTION_STACK_INVALID;
            return FALSE;
        }
        Context = Walk.Caller;
    }
    return FALSE;
}

/* TRUE: a handler wants execution to continue with ContextRecord. */
BOOLEAN NTAPI RtlDispatchException(PEXCEPTION_RECORD ExceptionRecord, PCONTEXT ContextRecord)
{
    if (RtlpCallVectoredHandlers(ExceptionRecord, ContextRecord) != EXCEPTION_CONTINUE_EXECUTION &&
        !RtlpAskFrames(ExceptionRecord, ContextRecord))
        return FALSE;
    RtlpCallVectoredContinueHandlers(ExceptionRecord, ContextRecord);
    return TRUE;
}

/*
 * No handler took it, not even the one of the outermost frame (the walk did not get there): a debugger has a second chance,
 * and without one the process ends with a report.
 */
static DECLSPEC_NORETURN VOID RtlpRaiseSecondChance(PEXCEPTION_RECORD Record, PCONTEXT Context)
{
    NTSTATUS Status;

    if (!NtCurrentPeb()->BeingDebugged)
        RtlpReportCrash(Record, Context);
    Status = NtRaiseException(Record, Context, FALSE);
    NtTerminateProcess(NtCurrentProcess(), Status);
    __builtin_trap();
}

/* From KiUserExceptionDispatcher (entry.S). */
VOID KiDispatchUserException(PEXCEPTION_RECORD Record, PCONTEXT Context)
{
    NTSTATUS Status;

    if (!RtlDispatchException(Record, Context))
        RtlpRaiseSecondChance(Record, Context);
    Status = NtContinue(Context, FALSE);
    NtTerminateProcess(NtCurrentProcess(), Status);
    __builtin_trap();
}

EXCEPTION_DISPOSITION RtlpNestedExceptionHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher)
{
    PDISPATCHER_CONTEXT Earlier = ((PDISPATCHER_CONTEXT *)Frame)[4];

    if (Record->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
        return ExceptionContinueSearch;
    Dispatcher->EstablisherFrame = Earlier->EstablisherFrame;
    return ExceptionNestedException;
}

EXCEPTION_DISPOSITION RtlpCollidedUnwindHandler(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher)
{
    PDISPATCHER_CONTEXT Earlier = ((PDISPATCHER_CONTEXT *)Frame)[4];
    ULONG_PTR TargetIp = Dispatcher->TargetIp;

    *Dispatcher = *Earlier;
    Dispatcher->TargetIp = TargetIp;
    return ExceptionCollidedUnwind;
}

/* --- raising ----------------------------------------------------------------------------------------------------- */

/* The registers of the caller of the function that called RtlCaptureContext. */
static VOID RtlpUnwindToCaller(PCONTEXT Context)
{
    WALK Walk = { 0 };

    RtlpStep(&Walk, UNW_FLAG_NHANDLER, Context);
    *Context = Walk.Caller;
}

VOID NTAPI RtlRaiseException(PEXCEPTION_RECORD ExceptionRecord)
{
    CONTEXT Context;

    RtlCaptureContext(&Context);
    RtlpUnwindToCaller(&Context);
    ExceptionRecord->ExceptionAddress = (PVOID)Context.Rip;
    if (NtCurrentPeb()->BeingDebugged)
        NtRaiseException(ExceptionRecord, &Context, TRUE);
    if (RtlDispatchException(ExceptionRecord, &Context))
        RtlpRestoreContext(&Context);
    RtlpRaiseSecondChance(ExceptionRecord, &Context);
}

VOID NTAPI RtlRaiseStatus(NTSTATUS Status)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = (DWORD)Status, .ExceptionFlags = EXCEPTION_NONCONTINUABLE };
    CONTEXT Context;

    RtlCaptureContext(&Context);
    RtlpUnwindToCaller(&Context);
    Record.ExceptionAddress = (PVOID)Context.Rip;
    RtlDispatchException(&Record, &Context);
    RtlpRaiseSecondChance(&Record, &Context);
}

/* --- unwinding --------------------------------------------------------------------------------------------------- */

/* Calls the frame's handler for unwinding; after a collision, the walk goes on in the frame that the earlier unwind had
 * reached, which may be the target. */
static VOID RtlpUnwindFrame(PEXCEPTION_RECORD Record, PCONTEXT Context, WALK *Walk, PVOID TargetFrame)
{
    for (;;) {
        if (TargetFrame != NULL && (PVOID)Walk->Dispatcher.EstablisherFrame == TargetFrame)
            Record->ExceptionFlags |= EXCEPTION_TARGET_UNWIND;
        switch (RtlpExecuteHandlerForUnwind(Record, (PVOID)Walk->Dispatcher.EstablisherFrame,
                Walk->Dispatcher.ContextRecord, &Walk->Dispatcher)) {
        case ExceptionContinueSearch:
            return;
        case ExceptionCollidedUnwind:
            RtlpResumeCollided(Walk, UNW_FLAG_UHANDLER, Context);
            Record->ExceptionFlags |= EXCEPTION_COLLIDED_UNWIND;
            break;
        default:
            RtlpRaiseNested(Record, STATUS_INVALID_DISPOSITION);
        }
    }
}

/* Calls and unlinks the records in the frame of Walk, up to the target.  TRUE: TargetFrame is one of them. */
static BOOLEAN RtlpUnwindLinked(PEXCEPTION_RECORD Record, PCONTEXT Context, const WALK *Walk, PVOID TargetFrame)
{
    PNT_TIB Tib = &NtCurrentTebEx()->NtTib;
    LINKED_RECORD Linked;

    while ((Linked = RtlpLinkedBelow(Tib->ExceptionList, Walk->Caller.Rsp)) != NULL && Linked != TargetFrame) {
        WALK LinkedWalk = RtlpWalkOfLinked(Walk, Linked);

        RtlpUnwindFrame(Record, Context, &LinkedWalk, TargetFrame);
        Tib->ExceptionList = RtlpLinkedNext(Linked);
    }
    return Linked != NULL;
}

/* Is it a linked record in the frame of Walk? */
static BOOLEAN RtlpIsLinkedTarget(const WALK *Walk, PVOID TargetFrame)
{
    LINKED_RECORD Linked = RtlpLinkedBelow(NtCurrentTebEx()->NtTib.ExceptionList, Walk->Caller.Rsp);

    while (Linked != NULL && Linked != TargetFrame)
        Linked = RtlpLinkedBelow(RtlpLinkedNext(Linked), Walk->Caller.Rsp);
    return Linked != NULL;
}

/* Unwinds to TargetFrame and continues there at TargetIp with RAX = ReturnValue.  TargetFrame NULL: an exit unwind, to
 * the end of the stack.  ContextRecord is working memory.  Returns only if the stack ended before the target. */
VOID NTAPI RtlUnwindEx(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue,
        PCONTEXT ContextRecord, PUNWIND_HISTORY_TABLE HistoryTable)
{
    EXCEPTION_RECORD OwnRecord = { .ExceptionCode = (DWORD)STATUS_UNWIND };
    WALK Walk = { 0 };

    RtlCaptureContext(ContextRecord);
    RtlpUnwindToCaller(ContextRecord);
    if (ExceptionRecord == NULL) {
        ExceptionRecord = &OwnRecord;
        OwnRecord.ExceptionAddress = (PVOID)ContextRecord->Rip;
    }
    ExceptionRecord->ExceptionFlags |= EXCEPTION_UNWINDING | (TargetFrame == NULL ? EXCEPTION_EXIT_UNWIND : 0);
    Walk.Dispatcher.TargetIp = (ULONG_PTR)TargetIp;
    for (;;) {
        if (!RtlpTryStep(&Walk, UNW_FLAG_UHANDLER, ContextRecord) ||
            !RtlpIsGoodFrame(Walk.Dispatcher.EstablisherFrame))
            RtlRaiseStatus(STATUS_BAD_STACK);
        if (TargetFrame != NULL && Walk.Dispatcher.EstablisherFrame > (ULONG_PTR)TargetFrame &&
            !RtlpIsLinkedTarget(&Walk, TargetFrame))
            RtlRaiseStatus(STATUS_INVALID_UNWIND_TARGET);
        if (Walk.Dispatcher.LanguageHandler != NULL) {
            RtlpUnwindFrame(ExceptionRecord, ContextRecord, &Walk, TargetFrame);
            ExceptionRecord->ExceptionFlags &= ~(DWORD)(EXCEPTION_COLLIDED_UNWIND | EXCEPTION_TARGET_UNWIND);
        }
        if ((PVOID)Walk.Dispatcher.EstablisherFrame == TargetFrame ||
            RtlpUnwindLinked(ExceptionRecord, ContextRecord, &Walk, TargetFrame))
            break;
        if (Walk.Caller.Rip == 0)
            return;
        if (!RtlpGoesOutwards(&Walk, ContextRecord))
            RtlRaiseStatus(STATUS_BAD_STACK);
        *ContextRecord = Walk.Caller;
    }
    ContextRecord->Rax = (ULONG_PTR)ReturnValue;
    if (ExceptionRecord->ExceptionCode != (DWORD)STATUS_UNWIND_CONSOLIDATE)
        ContextRecord->Rip = (ULONG_PTR)TargetIp;
    RtlRestoreContext(ContextRecord, ExceptionRecord);
}

VOID NTAPI RtlUnwind(PVOID TargetFrame, PVOID TargetIp, PEXCEPTION_RECORD ExceptionRecord, PVOID ReturnValue)
{
    CONTEXT Context;

    RtlUnwindEx(TargetFrame, TargetIp, ExceptionRecord, ReturnValue, &Context, NULL);
}

/* What setjmp of Windows' C runtimes saves. */
typedef struct _RTLP_JUMP_BUFFER {
    ULONGLONG Frame, Rbx, Rsp, Rbp, Rsi, Rdi, R12, R13, R14, R15, Rip;
    ULONG MxCsr;
    USHORT FpCsr;
    USHORT Spare;
    M128A Xmm6[10];
} RTLP_JUMP_BUFFER;

static VOID RtlpLoadJumpBuffer(PCONTEXT Context, const RTLP_JUMP_BUFFER *Buffer)
{
    Context->Rbx = Buffer->Rbx;
    Context->Rsp = Buffer->Rsp;
    Context->Rbp = Buffer->Rbp;
    Context->Rsi = Buffer->Rsi;
    Context->Rdi = Buffer->Rdi;
    Context->R12 = Buffer->R12;
    Context->R13 = Buffer->R13;
    Context->R14 = Buffer->R14;
    Context->R15 = Buffer->R15;
    Context->Rip = Buffer->Rip;
    Context->MxCsr = Buffer->MxCsr;
    Context->FltSave.MxCsr = Buffer->MxCsr;
    Context->FltSave.ControlWord = Buffer->FpCsr;
    memcpy(&Context->Xmm6, Buffer->Xmm6, sizeof(Buffer->Xmm6));
}

/* A record STATUS_LONGJUMP names a jump buffer, STATUS_UNWIND_CONSOLIDATE a routine that says where to go on. */
VOID __cdecl RtlRestoreContext(PCONTEXT ContextRecord, struct _EXCEPTION_RECORD *ExceptionRecord)
{
    if (ExceptionRecord != NULL && ExceptionRecord->ExceptionCode == (DWORD)STATUS_LONGJUMP &&
        ExceptionRecord->NumberParameters >= 1) {
        RtlpLoadJumpBuffer(ContextRecord, (const RTLP_JUMP_BUFFER *)ExceptionRecord->ExceptionInformation[0]);
    } else if (ExceptionRecord != NULL && ExceptionRecord->ExceptionCode == (DWORD)STATUS_UNWIND_CONSOLIDATE &&
               ExceptionRecord->NumberParameters >= 1) {
        PVOID (CALLBACK *Consolidate)(PEXCEPTION_RECORD) =
                (PVOID (CALLBACK *)(PEXCEPTION_RECORD))ExceptionRecord->ExceptionInformation[0];

        ContextRecord->Rip = (ULONG_PTR)RtlpCallConsolidate(ContextRecord, (PVOID)Consolidate, ExceptionRecord);
    }
    RtlpRestoreContext(ContextRecord);
}

/* --- the C language handler -------------------------------------------------------------------------------------- */

typedef struct _RTLP_SCOPE_TABLE {
    ULONG Count;
    struct {
        ULONG BeginAddress;
        ULONG EndAddress;
        ULONG HandlerAddress;
        ULONG JumpTarget;
    } ScopeRecord[];
} RTLP_SCOPE_TABLE;

typedef LONG (*RTLP_FILTER)(PEXCEPTION_POINTERS Pointers, PVOID Frame);
typedef VOID (*RTLP_TERMINATION)(BOOLEAN Abnormal, PVOID Frame);

static EXCEPTION_DISPOSITION RtlpFilterScopes(PEXCEPTION_RECORD Record, PVOID Frame, PCONTEXT Context,
        PDISPATCHER_CONTEXT Dispatcher)
{
    const RTLP_SCOPE_TABLE *Scopes = Dispatcher->HandlerData;
    ULONG_PTR Rva = Dispatcher->ControlPc - Dispatcher->ImageBase;
    EXCEPTION_POINTERS Pointers = { Record, Context };

    for (ULONG Index = Dispatcher->ScopeIndex; Index < Scopes->Count; Index++) {
        LONG Verdict = EXCEPTION_EXECUTE_HANDLER;

        if (Rva < Scopes->ScopeRecord[Index].BeginAddress || Rva >= Scopes->ScopeRecord[Index].EndAddress ||
            Scopes->ScopeRecord[Index].JumpTarget == 0)
            continue;
        if (Scopes->ScopeRecord[Index].HandlerAddress != EXCEPTION_EXECUTE_HANDLER)
            Verdict = ((RTLP_FILTER)(Dispatcher->ImageBase + Scopes->ScopeRecord[Index].HandlerAddress))(&Pointers,
                    Frame);
        if (Verdict < 0)
            return ExceptionContinueExecution;
        if (Verdict > 0)
            RtlUnwindEx(Frame, (PVOID)(Dispatcher->ImageBase + Scopes->ScopeRecord[Index].JumpTarget), Record,
                    (PVOID)(ULONG_PTR)Record->ExceptionCode, Dispatcher->ContextRecord, Dispatcher->HistoryTable);
    }
    return ExceptionContinueSearch;
}

static EXCEPTION_DISPOSITION RtlpTerminateScopes(PEXCEPTION_RECORD Record, PVOID Frame,
        PDISPATCHER_CONTEXT Dispatcher)
{
    const RTLP_SCOPE_TABLE *Scopes = Dispatcher->HandlerData;
    ULONG_PTR Rva = Dispatcher->ControlPc - Dispatcher->ImageBase;
    ULONG_PTR Target = Dispatcher->TargetIp - Dispatcher->ImageBase;

    for (ULONG Index = Dispatcher->ScopeIndex; Index < Scopes->Count; Index++) {
        if (Rva < Scopes->ScopeRecord[Index].BeginAddress || Rva >= Scopes->ScopeRecord[Index].EndAddress)
            continue;
        if (Record->ExceptionFlags & EXCEPTION_TARGET_UNWIND) {
            if (Scopes->ScopeRecord[Index].JumpTarget == Target && Scopes->ScopeRecord[Index].JumpTarget != 0)
                break;
            if (Target >= Scopes->ScopeRecord[Index].BeginAddress &&
                Target < Scopes->ScopeRecord[Index].EndAddress && Scopes->ScopeRecord[Index].JumpTarget == 0)
                break;
        }
        if (Scopes->ScopeRecord[Index].JumpTarget != 0)
            continue;
        Dispatcher->ScopeIndex = Index + 1;
        ((RTLP_TERMINATION)(Dispatcher->ImageBase + Scopes->ScopeRecord[Index].HandlerAddress))(TRUE, Frame);
    }
    return ExceptionContinueSearch;
}

/* __try of C: scopes of the function, innermost first; JumpTarget 0 is a __finally block. */
EXCEPTION_DISPOSITION __cdecl __C_specific_handler(struct _EXCEPTION_RECORD *ExceptionRecord, void *EstablisherFrame,
        struct _CONTEXT *ContextRecord, struct _DISPATCHER_CONTEXT *DispatcherContext)
{
    if (ExceptionRecord->ExceptionFlags & (EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND))
        return RtlpTerminateScopes(ExceptionRecord, EstablisherFrame, DispatcherContext);
    return RtlpFilterScopes(ExceptionRecord, EstablisherFrame, ContextRecord, DispatcherContext);
}

VOID _local_unwind(PVOID TargetFrame, PVOID TargetIp)
{
    RtlUnwind(TargetFrame, TargetIp, NULL, NULL);
}

/* --- stack traces ------------------------------------------------------------------------------------------------ */

/* Return addresses from the caller on; stops at the end of the stack, or where it cannot be walked. */
WORD NTAPI RtlCaptureStackBackTrace(DWORD FramesToSkip, DWORD FramesToCapture, PVOID *BackTrace, PDWORD BackTraceHash)
{
    CONTEXT Context;
    WALK Walk = { 0 };
    WORD Count = 0;
    DWORD Hash = 0;

    RtlCaptureContext(&Context);
    for (DWORD Depth = 0; Context.Rip != 0 && Count < FramesToCapture && RtlpIsGoodFrame(Context.Rsp); Depth++) {
        if (Depth > FramesToSkip) {
            BackTrace[Count++] = (PVOID)Context.Rip;
            Hash += (DWORD)Context.Rip;
        }
        if (!RtlpTryStep(&Walk, UNW_FLAG_NHANDLER, &Context) || !RtlpGoesOutwards(&Walk, &Context))
            break;
        Context = Walk.Caller;
    }
    if (BackTraceHash != NULL)
        *BackTraceHash = Hash;
    return Count;
}
