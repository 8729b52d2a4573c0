/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads: creation (stack, TEB, first context), the end, NtCreateThreadEx and its relatives.
 *
 * A thread object has one reference of its own from PspInsertThread until PspExitThread.  User memory of the thread
 * (stack, TEB) goes when it ends, unless the whole process goes; a few TEBs stay in the process, zeroed, for its next
 * threads.
 *
 * First context, on the top of the user stack:
 *
 *      StackBase - 0x28       RSP of RtlUserThreadStart (as if it were called)
 *      below, 16-aligned      CONTEXT for NtContinue: RIP = RtlUserThreadStart, RCX = start, RDX = argument
 *      below - 0x28           RSP of LdrInitializeThunk: RCX = the CONTEXT, RDX = ntdll's base
 */
#include "psp.h"
#include "ntos/inc/dbgk.h"

#define PSP_TEB_INITIAL_THREAD 0x0400   /* TEB.SameTebFlags */
#define PSP_TEB_SKIP_ATTACH 0x0008
#define PSP_INITIAL_CONTROL_WORD 0x27f
#define PSP_INITIAL_MXCSR 0x1f80
#define PSP_MXCSR_BITS 0xffff            /* the others may not be set */

static NTSTATUS PspTakeTeb(PEPROCESS Process, PVOID *Teb)
{
    if (Process->KeptTebCount == 0)
        return MmCreatePebTeb(&Process->Vm, PSP_TEB_SIZE, Teb);
    *Teb = Process->KeptTebs[--Process->KeptTebCount];
    return STATUS_SUCCESS;
}

/* A TEB that the program has made unwritable is not kept. */
static VOID PspReturnTeb(PEPROCESS Process, PVOID Teb)
{
    if (Process->KeptTebCount < PS_KEPT_TEBS && !Process->Exiting &&
        NT_SUCCESS(MmWriteSpace(&Process->Vm, Teb, NULL, PSP_TEB_SIZE)))
        Process->KeptTebs[Process->KeptTebCount++] = Teb;
    else
        MmFreePebTeb(&Process->Vm, Teb);
}

/* Writes one field of the TEB at the program's address User. */
#define PSP_PUT_TEB(Space, User, Field, ...) \
    MmWriteSpace(Space, &(User)->Field, &(__typeof__((User)->Field)){ __VA_ARGS__ }, sizeof((User)->Field))

/* The TEB is zero. */
static NTSTATUS PspWriteTeb(PETHREAD Thread, const MM_USER_STACK *Stack, const PSP_THREAD_START *Start)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    PMM_SPACE Space = &Process->Vm;
    PTEB User = Thread->Tcb.Teb;
    USHORT Flags = (Start->Initial ? PSP_TEB_INITIAL_THREAD : 0) |
                   (Start->Flags & THREAD_CREATE_FLAGS_SKIP_THREAD_ATTACH ? PSP_TEB_SKIP_ATTACH : 0);
    struct {                            /* the beginning of TEB */
        NT_TIB NtTib;
        PVOID EnvironmentPointer;
        CLIENT_ID ClientId;
        PVOID ActiveRpcHandle, ThreadLocalStoragePointer, ProcessEnvironmentBlock;
    } First = {
        .NtTib.StackBase = Stack->StackBase, .NtTib.StackLimit = Stack->StackLimit, .NtTib.Self = &User->NtTib,
        .ClientId = Thread->Cid, .ProcessEnvironmentBlock = Process->Peb,
    };
    UNICODE_STRING Static = PspStringOf(0, sizeof(User->StaticUnicodeBuffer), User->StaticUnicodeBuffer);
    NTSTATUS Status;

    C_ASSERT(FIELD_OFFSET(__typeof__(First), ProcessEnvironmentBlock) == FIELD_OFFSET(TEB, ProcessEnvironmentBlock));
    Status = MmWriteSpace(Space, User, &First, sizeof(First));
    if (NT_SUCCESS(Status))
        Status = PSP_PUT_TEB(Space, User, RealClientId, Thread->Cid.UniqueProcess, Thread->Cid.UniqueThread);
    if (NT_SUCCESS(Status))
        Status = MmWriteSpace(Space, &User->StaticUnicodeString, &Static, sizeof(Static));
    if (NT_SUCCESS(Status))
        Status = PSP_PUT_TEB(Space, User, DeallocationStack, Stack->DeallocationStack);
    if (NT_SUCCESS(Status) && Flags != 0)
        Status = PSP_PUT_TEB(Space, User, SameTebFlags, Flags);
    return Status;
}

/*
 * The first CONTEXT: of its bytes only those from ContextFlags to MxCsr of the saved vector state are not zero, and the
 * stack is zero already.
 */
#define PSP_CONTEXT_FIRST FIELD_OFFSET(CONTEXT, ContextFlags)
#define PSP_CONTEXT_LENGTH (FIELD_OFFSET(CONTEXT, FltSave.MxCsr_Mask) - PSP_CONTEXT_FIRST)

static NTSTATUS PspWriteContext(PMM_SPACE Space, ULONG64 User, ULONG64 Rsp, const PSP_THREAD_START *Start)
{
    CONTEXT Context;

    memset((PUCHAR)&Context + PSP_CONTEXT_FIRST, 0, PSP_CONTEXT_LENGTH);
    Context.ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    Context.Rip = PsRtlUserThreadStart;
    Context.Rsp = Rsp;
    Context.Rcx = (ULONG64)Start->StartRoutine;
    Context.Rdx = (ULONG64)Start->Argument;
    Context.EFlags = 0x200;
    Context.SegCs = 0x33;
    Context.SegSs = Context.SegDs = Context.SegEs = Context.SegGs = 0x2b;
    Context.SegFs = 0x53;
    Context.MxCsr = Context.FltSave.MxCsr = PSP_INITIAL_MXCSR;
    Context.FltSave.ControlWord = PSP_INITIAL_CONTROL_WORD;
    return MmWriteSpace(Space, (PVOID)(User + PSP_CONTEXT_FIRST), (PUCHAR)&Context + PSP_CONTEXT_FIRST,
                        PSP_CONTEXT_LENGTH);
}

/* NtCreateThread: the creator's CONTEXT, whose vector state has to be one that can be loaded, below its stack pointer. */
static NTSTATUS PspWriteGivenContext(PMM_SPACE Space, ULONG64 User, const CONTEXT *Given)
{
    CONTEXT Context = *Given;

    if (!(Context.ContextFlags & CONTEXT_FLOATING_POINT & ~CONTEXT_AMD64)) {
        memset(&Context.FltSave, 0, sizeof(Context.FltSave));
        Context.FltSave.MxCsr = PSP_INITIAL_MXCSR;
        Context.FltSave.ControlWord = PSP_INITIAL_CONTROL_WORD;
    }
    Context.FltSave.MxCsr &= PSP_MXCSR_BITS;
    return MmWriteSpace(Space, (PVOID)User, &Context, sizeof(Context));
}

static NTSTATUS PspStartContext(PETHREAD Thread, const MM_USER_STACK *Stack, const PSP_THREAD_START *Start)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    ULONG64 Rsp = Start->Context != NULL ? Start->Context->Rsp : (ULONG64)Stack->StackBase - 0x28;
    ULONG64 UserContext = (Rsp - sizeof(CONTEXT)) & ~15ull;
    KE_FIRST_REGISTERS Registers = { PsLdrInitializeThunk, UserContext - 0x28, UserContext, KeNtdllBase };
    NTSTATUS Status = Start->Context != NULL ? PspWriteGivenContext(&Process->Vm, UserContext, Start->Context)
                      : PspWriteContext(&Process->Vm, UserContext, Rsp, Start);

    if (!NT_SUCCESS(Status))
        return Status;
    return KeInitializeThread(&Thread->Tcb, &Process->Pcb, Thread->Tcb.Teb, &Registers, Process->Pcb.BasePriority);
}

/* Nothing calls out to user mode, so there is never a callback to return from. */
NTSTATUS NTAPI NtCallbackReturn(PVOID OutputBuffer, ULONG OutputLength, NTSTATUS Status)
{
    return STATUS_NO_CALLBACK_ACTIVE;
}

/* The new thread's stack: one that goes with it, or the creator's.  Source: Windows' INITIAL_TEB, whose old bounds count if there are some. */
static NTSTATUS PspMakeStack(PETHREAD Thread, const PSP_THREAD_START *Start, PMM_USER_STACK Stack)
{
    const INITIAL_TEB *Given = Start->InitialTeb;
    NTSTATUS Status;

    if (Given == NULL) {
        Status = MmCreateUserStack(&((PEPROCESS)Thread->Tcb.OwningProcess)->Vm, Start->ZeroBits, Start->StackReserve, Start->StackCommit, Stack);
        Thread->StackAllocation = NT_SUCCESS(Status) ? Stack->DeallocationStack : NULL;
        return Status;
    }
    if (Given->OldInitialTeb.OldStackBase != NULL || Given->OldInitialTeb.OldStackLimit != NULL)
        *Stack = (MM_USER_STACK){ Given->OldInitialTeb.OldStackBase, Given->OldInitialTeb.OldStackLimit, NULL };
    else
        *Stack = (MM_USER_STACK){ Given->StackBase, Given->StackLimit, Given->StackAllocationBase };
    return STATUS_SUCCESS;
}

/* What is not memory of the current thread; its TEB and stack are in the copy of the process already. */
static NTSTATUS PspCloneThread(PETHREAD Thread)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    PETHREAD Original = PsGetCurrentThread();
    PTEB User = Original->Tcb.Teb;
    CONTEXT Context = { .ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER };
    KE_FIRST_REGISTERS Registers;
    NTSTATUS Status = KeGetContextThread(&Original->Tcb, &Context);

    Thread->Tcb.Teb = User;
    Thread->StackAllocation = Original->StackAllocation;
    Thread->StartAddress = Original->StartAddress;
    Thread->Win32StartAddress = Original->Win32StartAddress;
    if (NT_SUCCESS(Status))
        Status = PSP_PUT_TEB(&Process->Vm, User, ClientId, Thread->Cid.UniqueProcess, Thread->Cid.UniqueThread);
    if (NT_SUCCESS(Status))
        Status = PSP_PUT_TEB(&Process->Vm, User, RealClientId, Thread->Cid.UniqueProcess, Thread->Cid.UniqueThread);
    Registers = (KE_FIRST_REGISTERS){ Context.Rip, Context.Rsp, Context.Rcx, Context.Rdx };
    Context.R10 = STATUS_PROCESS_CLONED;        /* where the stub finds its answer */
    if (NT_SUCCESS(Status))
        Status = KeInitializeThread(&Thread->Tcb, &Process->Pcb, User, &Registers, Process->Pcb.BasePriority);
    return NT_SUCCESS(Status) ? KeSetContextThread(&Thread->Tcb, &Context) : Status;
}

static NTSTATUS PspBuildThread(PETHREAD Thread, const PSP_THREAD_START *Start)
{
    MM_USER_STACK Stack;
    NTSTATUS Status = PspTakeTeb((PEPROCESS)Thread->Tcb.OwningProcess, &Thread->Tcb.Teb);

    if (NT_SUCCESS(Status))
        Status = PspMakeStack(Thread, Start, &Stack);
    if (NT_SUCCESS(Status))
        Status = PspWriteTeb(Thread, &Stack, Start);
    return NT_SUCCESS(Status) ? PspStartContext(Thread, &Stack, Start) : Status;
}

NTSTATUS PspCreateThread(PEPROCESS Process, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes,
                         const PSP_THREAD_START *Start, PETHREAD *Result)
{
    PETHREAD Thread;
    NTSTATUS Status = ObCreateObject(Mode, PsThreadType, Attributes, Mode, NULL, sizeof(ETHREAD), 0, 0,
                                     (PVOID *)&Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Process);
    Thread->Tcb.OwningProcess = Thread->Tcb.Process = &Process->Pcb;
    Thread->IoPriority = PSP_NORMAL_IO_PRIORITY;
    Thread->PagePriority = PSP_NORMAL_PAGE_PRIORITY;
    Thread->IrpList.Flink = Thread->IrpList.Blink = &Thread->IrpList;
    Thread->TimerList.Flink = Thread->TimerList.Blink = &Thread->TimerList;
    Thread->ExitStatus = STATUS_PENDING;
    Thread->StartAddress = Thread->Win32StartAddress = Start->StartRoutine;
    Thread->SkipAttach = (Start->Flags & THREAD_CREATE_FLAGS_SKIP_THREAD_ATTACH) != 0;
    Thread->HideFromDebugger = (Start->Flags & THREAD_CREATE_FLAGS_HIDE_FROM_DEBUGGER) != 0;
    Thread->Cid.UniqueProcess = Process->UniqueProcessId;
    KeQuerySystemTime(&Thread->CreateTime);
    Status = PspCreateCid(Thread, &Thread->Cid.UniqueThread);
    if (NT_SUCCESS(Status))
        Status = Start->Clone ? PspCloneThread(Thread) : PspBuildThread(Thread, Start);
    if (NT_SUCCESS(Status) && Mode == KernelMode)
        Status = PspOwn(Thread, Process);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Thread);
        return Status;
    }
    *Result = Thread;
    return STATUS_SUCCESS;
}

NTSTATUS PspInsertThread(PETHREAD Thread)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;

    if (Process->Exiting)
        return STATUS_PROCESS_IS_TERMINATING;
    ObReferenceObject(Thread);
    Thread->Inserted = TRUE;
    PspAppend(&Process->Pcb.ThreadListHead, &Thread->Tcb.ThreadListEntry);
    if (Process->ActiveThreads++ == 0) {
        ObReferenceObject(Process);     /* its own, until PspExitProcess */
        PspAnnounceProcess(Process);
    }
    if (Process->ActiveThreads > Process->ActiveThreadsHighWatermark)
        Process->ActiveThreadsHighWatermark = Process->ActiveThreads;
    PspNotifyThread(Thread, TRUE);
    PspHoldNewThread(Thread);
    DbgkCreateThread(Thread);
    return STATUS_SUCCESS;
}

static VOID PspFreeUserMemory(PETHREAD Thread)
{
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;
    SIZE_T Size = 0;

    if (Process->Vm.VSpaceCap == 0)
        return;
    if (Thread->StackAllocation != NULL)
        MmFreeVirtualMemory(&Process->Vm, &Thread->StackAllocation, &Size, MEM_RELEASE);
    if (Thread->Tcb.Teb != NULL)
        PspReturnTeb(Process, Thread->Tcb.Teb);
    Thread->StackAllocation = NULL;
    Thread->Tcb.Teb = NULL;
}

VOID PspDeleteThread(PVOID Object)
{
    PETHREAD Thread = Object;
    PEPROCESS Process = (PEPROCESS)Thread->Tcb.OwningProcess;

    KeUninitializeThread(&Thread->Tcb);
    if (Process != NULL && !Thread->Inserted)
        PspFreeUserMemory(Thread);
    if (Thread->Cid.UniqueThread != NULL)
        PspDeleteCid(Thread->Cid.UniqueThread);
    if (Thread->ImpersonationToken != NULL)
        ObDereferenceObject(Thread->ImpersonationToken);
    if (Thread->Name.Buffer != NULL)
        ExFreePool(Thread->Name.Buffer);
    if (Process != NULL)
        ObDereferenceObject(Process);
}

VOID PspExitThread(PKTHREAD KThread)
{
    PETHREAD Thread = CONTAINING_RECORD(KThread, ETHREAD, Tcb);
    PEPROCESS Process = (PEPROCESS)KThread->OwningProcess;
    BOOLEAN Last;

    KThread->Terminating = TRUE;
    do {                                /* others may end while a debugger looks at this one */
        Last = Process->ActiveThreads == 1;
        DbgkExitThread(Thread, Last);
    } while (Last != (Process->ActiveThreads == 1));
    PspNotifyThread(Thread, FALSE);
    ExTimerRundown(Thread);
    KeUninitializeThread(KThread);
    Process->ActiveThreads--;
    PspUnlink(&KThread->ThreadListEntry);
    Process->Pcb.KernelTime += KThread->KernelTime;
    Process->Pcb.UserTime += KThread->UserTime;
    if (!Last)
        PspFreeUserMemory(Thread);
    KeQuerySystemTime(&Thread->ExitTime);
    if (Last) {
        if (!Process->Exiting) {
            Process->Exiting = TRUE;
            Process->ExitStatus = Thread->ExitStatus;
        }
        PspExitProcess(Process);
    }
    KeRundownThread(KThread);
    if (Last)
        ObDereferenceObject(Process);
    ObDereferenceObject(Thread);
}

NTSTATUS PsTerminateThread(PETHREAD Thread, NTSTATUS ExitStatus)
{
    if (Thread->Tcb.SystemThread)
        return STATUS_ACCESS_DENIED;
    if (!Thread->Tcb.Terminating)
        Thread->ExitStatus = ExitStatus;
    KeTerminateThread(&Thread->Tcb, ExitStatus);
    DbgkResumeThread(Thread);
    return STATUS_SUCCESS;
}

NTSTATUS PsStartUserThread(PEPROCESS Process, const PS_USER_THREAD *User)
{
    PSP_THREAD_START Start = {
        .StartRoutine = User->StartRoutine, .Argument = User->Argument,
        .StackReserve = User->StackReserve != 0 ? User->StackReserve : Process->ImageInformation.MaximumStackSize,
        .StackCommit = User->StackCommit != 0 ? User->StackCommit : Process->ImageInformation.CommittedStackSize,
    };
    PETHREAD Thread;
    ULONG Previous;
    NTSTATUS Status = Process->Exiting || Process->Vm.VSpaceCap == 0 ? STATUS_PROCESS_IS_TERMINATING
                      : PspCreateThread(Process, KernelMode, NULL, &Start, &Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    Thread->WorkerFactory = User->WorkerFactory;
    Thread->WorkerPending = User->WorkerFactory != NULL;
    Status = PspInsertThread(Thread);
    if (NT_SUCCESS(Status))
        KeResumeThread(&Thread->Tcb, &Previous);
    ObDereferenceObject(Thread);
    return Status;
}

/* ------------------------------------------------------------------ services */

/* CLIENT_ID and TEB_ADDRESS, the attributes that NtCreateThreadEx returns. */
static NTSTATUS PspReturnThreadAttributes(PPS_ATTRIBUTE_LIST UserList, PETHREAD Thread)
{
    PS_ATTRIBUTE Attribute;
    SIZE_T Total, Count;
    NTSTATUS Status;

    if (UserList == NULL)
        return STATUS_SUCCESS;
    Status = MmGetUser(&Total, &UserList->TotalLength);
    if (!NT_SUCCESS(Status))
        return Status;
    Count = Total < sizeof(SIZE_T) ? 0 : (Total - sizeof(SIZE_T)) / sizeof(PS_ATTRIBUTE);
    for (SIZE_T i = 0; i < Count && i < 32; i++) {
        Status = MmGetUser(&Attribute, &UserList->Attributes[i]);
        if (NT_SUCCESS(Status) && Attribute.Attribute == PS_ATTRIBUTE_CLIENT_ID)
            Status = MmCopyToUser(Attribute.ValuePtr, &Thread->Cid, sizeof(Thread->Cid));
        else if (NT_SUCCESS(Status) && Attribute.Attribute == PS_ATTRIBUTE_TEB_ADDRESS)
            Status = MmCopyToUser(Attribute.ValuePtr, &Thread->Tcb.Teb, sizeof(PVOID));
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_SUCCESS;
}

NTSTATUS PspPutHandle(PHANDLE UserHandle, HANDLE Handle)
{
    NTSTATUS Status = MmPutUser(UserHandle, Handle);

    if (!NT_SUCCESS(Status))
        ObCloseHandle(Handle, KernelMode);
    return Status;
}

/* What NtCreateThread and NtCreateThreadEx do with a thread that was made: *Handle is the caller's, *ClientId and attributes are written. */
static NTSTATUS PspPublishThread(PETHREAD Thread, ACCESS_MASK Access, PPS_ATTRIBUTE_LIST AttributeList, PCLIENT_ID ClientId,
                                 PHANDLE ThreadHandle)
{
    HANDLE Handle;
    NTSTATUS Status = ObInsertObject(Thread, NULL, Access, 0, NULL, &Handle);

    if (NT_SUCCESS(Status))
        Status = PspReturnThreadAttributes(AttributeList, Thread);
    if (NT_SUCCESS(Status) && ClientId != NULL)
        Status = MmCopyToUser(ClientId, &Thread->Cid, sizeof(Thread->Cid));
    return NT_SUCCESS(Status) ? PspPutHandle(ThreadHandle, Handle) : Status;
}

static NTSTATUS PspCreateUserThread(PHANDLE ThreadHandle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, HANDLE ProcessHandle,
                                    PPSP_THREAD_START Start, PPS_ATTRIBUTE_LIST AttributeList, PCLIENT_ID ClientId)
{
    PEPROCESS Process;
    PETHREAD Thread;
    ULONG Previous;
    NTSTATUS Status = MmProbeForWrite(ThreadHandle, sizeof(HANDLE), 1);

    if (NT_SUCCESS(Status))
        Status = PspReferenceProcess(ProcessHandle, PROCESS_CREATE_THREAD, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Start->Initial = PspIsThreadless(Process);
    if (Start->StackReserve == 0)
        Start->StackReserve = Process->ImageInformation.MaximumStackSize;
    if (Start->StackCommit == 0)
        Start->StackCommit = Process->ImageInformation.CommittedStackSize;
    Status = Process->Exiting || Process->Vm.VSpaceCap == 0 ? STATUS_PROCESS_IS_TERMINATING
             : PspCreateThread(Process, UserMode, Attributes, Start, &Thread);
    ObDereferenceObject(Process);
    if (!NT_SUCCESS(Status))
        return Status;
    ObReferenceObject(Thread);
    Status = PspInsertThread(Thread);
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Thread);
        ObDereferenceObject(Thread);
        return Status;
    }
    Status = PspPublishThread(Thread, Access, AttributeList, ClientId, ThreadHandle);
    if (!NT_SUCCESS(Status))
        PsTerminateThread(Thread, Status);
    else if (!(Start->Flags & THREAD_CREATE_FLAGS_CREATE_SUSPENDED))
        KeResumeThread(&Thread->Tcb, &Previous);
    ObDereferenceObject(Thread);
    return Status;
}

NTSTATUS NTAPI NtCreateThreadEx(PHANDLE ThreadHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                                HANDLE ProcessHandle, PRTL_THREAD_START_ROUTINE StartRoutine, PVOID Argument,
                                ULONG CreateFlags, SIZE_T ZeroBits, SIZE_T StackSize, SIZE_T MaximumStackSize,
                                PPS_ATTRIBUTE_LIST AttributeList)
{
    PSP_THREAD_START Start = {
        .StartRoutine = (PVOID)StartRoutine, .Argument = Argument, .ZeroBits = ZeroBits, .StackReserve = MaximumStackSize,
        .StackCommit = StackSize, .Flags = CreateFlags,
    };

    if (CreateFlags & ~PSP_THREAD_FLAGS)
        return STATUS_INVALID_PARAMETER_7;
    return PspCreateUserThread(ThreadHandle, DesiredAccess, ObjectAttributes, ProcessHandle, &Start, AttributeList, NULL);
}

NTSTATUS NTAPI NtCreateThread(PHANDLE ThreadHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                              HANDLE ProcessHandle, PCLIENT_ID ClientId, PCONTEXT ThreadContext, PINITIAL_TEB InitialTeb,
                              BOOLEAN CreateSuspended)
{
    CONTEXT Context;
    INITIAL_TEB Teb;
    PSP_THREAD_START Start = {
        .Context = &Context, .InitialTeb = &Teb, .Flags = CreateSuspended ? THREAD_CREATE_FLAGS_CREATE_SUSPENDED : 0,
    };
    NTSTATUS Status;

    if (ThreadContext == NULL)
        return STATUS_INVALID_PARAMETER;
    Status = MmCopyFromUser(&Context, ThreadContext, sizeof(Context));
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Teb, InitialTeb);
    if (NT_SUCCESS(Status) && ClientId != NULL)
        Status = MmProbeForWrite(ClientId, sizeof(*ClientId), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    /* Where RtlUserThreadStart finds its routine. */
    Start.StartRoutine = (PVOID)(Context.Rip == PsRtlUserThreadStart ? Context.Rcx : Context.Rip);
    return PspCreateUserThread(ThreadHandle, DesiredAccess, ObjectAttributes, ProcessHandle, &Start, NULL, ClientId);
}

NTSTATUS NTAPI NtOpenThread(PHANDLE ThreadHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
                            PCLIENT_ID ClientId)
{
    OBJECT_ATTRIBUTES Attributes;
    CLIENT_ID Cid;
    PETHREAD Thread;
    HANDLE Handle;
    NTSTATUS Status = MmGetUser(&Cid, ClientId);

    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Attributes, ObjectAttributes);
    if (NT_SUCCESS(Status) && Attributes.ObjectName != NULL)
        Status = STATUS_INVALID_PARAMETER_MIX;
    if (NT_SUCCESS(Status))
        Status = PsLookupThreadByThreadId(Cid.UniqueThread, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Cid.UniqueProcess != NULL && Cid.UniqueProcess != Thread->Cid.UniqueProcess)
        Status = STATUS_INVALID_CID;
    if (NT_SUCCESS(Status))
        Status = ObOpenObjectByPointer(Thread, Attributes.Attributes & OBJ_INHERIT, NULL, DesiredAccess, PsThreadType,
                                       UserMode, &Handle);
    ObDereferenceObject(Thread);
    return NT_SUCCESS(Status) ? PspPutHandle(ThreadHandle, Handle) : Status;
}

static NTSTATUS PspReferenceThread(HANDLE Handle, ACCESS_MASK Access, PETHREAD *Thread)
{
    return ObReferenceObjectByHandle(Handle, Access, PsThreadType, UserMode, (PVOID *)Thread, NULL);
}

NTSTATUS NTAPI NtTerminateThread(HANDLE ThreadHandle, NTSTATUS ExitStatus)
{
    PETHREAD Thread;
    NTSTATUS Status;

    if (ThreadHandle == NULL)           /* the caller, unless it is the last one */
        return PsGetCurrentProcess()->ActiveThreads == 1 ? STATUS_CANT_TERMINATE_SELF
               : PsTerminateThread(PsGetCurrentThread(), ExitStatus);
    Status = PspReferenceThread(ThreadHandle, THREAD_TERMINATE, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = PsTerminateThread(Thread, ExitStatus);
    ObDereferenceObject(Thread);
    return Status;
}

static NTSTATUS PspChangeSuspend(HANDLE Handle, PULONG UserCount, NTSTATUS (*Routine)(PKTHREAD, PULONG))
{
    PETHREAD Thread;
    ULONG Previous = 0;
    NTSTATUS Status = UserCount != NULL ? MmProbeForWrite(UserCount, sizeof(*UserCount), 1) : STATUS_SUCCESS;

    if (NT_SUCCESS(Status))
        Status = PspReferenceThread(Handle, THREAD_SUSPEND_RESUME, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = Routine(&Thread->Tcb, &Previous);
    ObDereferenceObject(Thread);
    if (NT_SUCCESS(Status) && UserCount != NULL)
        Status = MmPutUser(UserCount, Previous);
    return Status;
}

NTSTATUS NTAPI NtSuspendThread(HANDLE ThreadHandle, PULONG PreviousSuspendCount)
{
    return PspChangeSuspend(ThreadHandle, PreviousSuspendCount, KeSuspendThread);
}

NTSTATUS PspResumeThread(PKTHREAD Thread, PULONG PreviousCount)
{
    NTSTATUS Status = KeResumeThread(Thread, PreviousCount);

    DbgkResumeThread(CONTAINING_RECORD(Thread, ETHREAD, Tcb));
    return Status;
}

NTSTATUS NTAPI NtResumeThread(HANDLE ThreadHandle, PULONG PreviousSuspendCount)
{
    return PspChangeSuspend(ThreadHandle, PreviousSuspendCount, PspResumeThread);
}

static NTSTATUS PspAlertResume(PKTHREAD Thread, PULONG Previous)
{
    KeAlertThread(Thread);
    return PspResumeThread(Thread, Previous);
}

NTSTATUS NTAPI NtAlertResumeThread(HANDLE ThreadHandle, PULONG PreviousSuspendCount)
{
    return PspChangeSuspend(ThreadHandle, PreviousSuspendCount, PspAlertResume);
}

#define PSP_THREAD_ALERT 0x0004         /* THREAD_ALERT, which mingw-w64 does not name */

NTSTATUS NTAPI NtAlertThread(HANDLE ThreadHandle)
{
    PETHREAD Thread;
    NTSTATUS Status = PspReferenceThread(ThreadHandle, PSP_THREAD_ALERT, &Thread);

    if (!NT_SUCCESS(Status))
        return Status;
    KeAlertThread(&Thread->Tcb);
    ObDereferenceObject(Thread);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtTestAlert(VOID)
{
    return KeTestAlertThread();
}

NTSTATUS NTAPI NtYieldExecution(VOID)
{
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI NtGetContextThread(HANDLE ThreadHandle, PCONTEXT ThreadContext)
{
    CONTEXT Context;
    PETHREAD Thread;
    NTSTATUS Status = MmCopyFromUser(&Context, ThreadContext, sizeof(Context));

    if (NT_SUCCESS(Status))
        Status = PspReferenceThread(ThreadHandle, THREAD_GET_CONTEXT, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeGetContextThread(&Thread->Tcb, &Context);
    ObDereferenceObject(Thread);
    return NT_SUCCESS(Status) ? MmCopyToUser(ThreadContext, &Context, sizeof(Context)) : Status;
}

NTSTATUS NTAPI NtSetContextThread(HANDLE ThreadHandle, PCONTEXT ThreadContext)
{
    CONTEXT Context;
    PETHREAD Thread;
    NTSTATUS Status = MmCopyFromUser(&Context, ThreadContext, sizeof(Context));

    if (NT_SUCCESS(Status))
        Status = PspReferenceThread(ThreadHandle, THREAD_SET_CONTEXT, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = KeSetContextThread(&Thread->Tcb, &Context);
    ObDereferenceObject(Thread);
    return Status;
}

NTSTATUS NTAPI NtContinue(PCONTEXT ContextRecord, BOOLEAN TestAlert)
{
    CONTEXT Context;
    NTSTATUS Status = MmCopyFromUser(&Context, ContextRecord, FIELD_OFFSET(CONTEXT, FltSave));

    return NT_SUCCESS(Status) ? KeContinue(&Context, TestAlert) : Status;
}

NTSTATUS NTAPI NtRaiseException(PEXCEPTION_RECORD ExceptionRecord, PCONTEXT ContextRecord, BOOLEAN FirstChance)
{
    EXCEPTION_RECORD Record;
    CONTEXT Context;
    NTSTATUS Status = MmCopyFromUser(&Context, ContextRecord, sizeof(Context));

    if (NT_SUCCESS(Status))
        Status = MmCopyFromUser(&Record, ExceptionRecord, sizeof(Record));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Record.NumberParameters > EXCEPTION_MAXIMUM_PARAMETERS)
        return STATUS_INVALID_PARAMETER;
    return KeRaiseUserException(&Record, &Context, FirstChance);
}

C_ASSERT(sizeof(KAPC) <= EX_RESERVE_SIZE);

/* The APC of a reserve object is about to run, or does not come any more. */
static VOID PspReserveApc(PKAPC Apc, PVOID *NormalRoutine, PVOID *NormalContext, PVOID *SystemArgument1, PVOID *SystemArgument2)
{
    ExReleaseReserve(Apc);
}

static VOID PspReserveApcRundown(PKAPC Apc)
{
    ExReleaseReserve(Apc);
}

NTSTATUS NTAPI NtQueueApcThreadEx(HANDLE ThreadHandle, HANDLE ReserveHandle, PPS_APC_ROUTINE ApcRoutine, PVOID ApcArgument1,
                                  PVOID ApcArgument2, PVOID ApcArgument3)
{
    BOOLEAN Special = ReserveHandle == QUEUE_USER_APC_SPECIAL_USER_APC, Reserved = ReserveHandle != NULL && !Special;
    PETHREAD Thread;
    PKAPC Apc;
    NTSTATUS Status;

    Status = PspReferenceThread(ThreadHandle, THREAD_SET_CONTEXT, &Thread);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Reserved) {
        Status = ExUseReserve(ReserveHandle, MemoryReserveUserApc, (PVOID *)&Apc);
    } else {
        Apc = ExAllocatePoolWithTag(NonPagedPool, sizeof(*Apc), PSP_TAG);
        if (Apc == NULL)
            Status = STATUS_NO_MEMORY;
    }
    if (NT_SUCCESS(Status)) {
        KeInitializeApc(Apc, &Thread->Tcb, Reserved ? PspReserveApc : NULL, Reserved ? PspReserveApcRundown : NULL, (PVOID)ApcRoutine, ApcArgument1);
        Apc->Special = Special;
        if (!KeInsertQueueApc(Apc, ApcArgument2, ApcArgument3)) {
            if (Reserved)
                ExReleaseReserve(Apc);
            else
                ExFreePool(Apc);
            Status = STATUS_UNSUCCESSFUL;
        }
    }
    ObDereferenceObject(Thread);
    return Status;
}

NTSTATUS NTAPI NtQueueApcThread(HANDLE ThreadHandle, PPS_APC_ROUTINE ApcRoutine, PVOID ApcArgument1,
                                PVOID ApcArgument2, PVOID ApcArgument3)
{
    return NtQueueApcThreadEx(ThreadHandle, NULL, ApcRoutine, ApcArgument1, ApcArgument2, ApcArgument3);
}
