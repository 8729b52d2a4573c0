/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RtlVirtualUnwind: from a function's registers to its caller's.
 *
 * Format: Microsoft's "x64 exception handling" (UNWIND_INFO version 1, and the epilogue codes of version 2, which are
 * skipped because epilogues are recognised from their instructions).  Code addresses and stack slots are read as they
 * are: a bad one faults, which is an exception of its own.
 */
#include "ntdllp.h"

typedef union _UNWIND_CODE {
    struct {
        UCHAR CodeOffset;
        UCHAR UnwindOp : 4;
        UCHAR OpInfo : 4;
    };
    USHORT FrameOffset;
} UNWIND_CODE;

typedef struct _UNWIND_INFO {
    UCHAR Version : 3;
    UCHAR Flags : 5;
    UCHAR SizeOfProlog;
    UCHAR CountOfCodes;
    UCHAR FrameRegister : 4;
    UCHAR FrameOffset : 4;
    UNWIND_CODE Codes[];
} UNWIND_INFO;

enum {
    UWOP_PUSH_NONVOL,
    UWOP_ALLOC_LARGE,
    UWOP_ALLOC_SMALL,
    UWOP_SET_FPREG,
    UWOP_SAVE_NONVOL,
    UWOP_SAVE_NONVOL_FAR,
    UWOP_EPILOG,
    UWOP_SPARE,
    UWOP_SAVE_XMM128,
    UWOP_SAVE_XMM128_FAR,
    UWOP_PUSH_MACHFRAME
};

typedef struct _UNWIND_STATE {
    ULONG_PTR ImageBase;
    PRUNTIME_FUNCTION Function;
    PCONTEXT Context;
    PKNONVOLATILE_CONTEXT_POINTERS Pointers;
    BOOLEAN MachineFrame;
} UNWIND_STATE;

#define REGISTER_RSP 4
#define MAXIMUM_CHAIN 32            /* more pieces than any function has: the chain leads nowhere */

/* Rax, Rcx, Rdx, Rbx, Rsp, Rbp, Rsi, Rdi, R8 .. R15 lie in a row, in the order of the register numbers. */
static PULONGLONG RtlpRegister(PCONTEXT Context, ULONG Number)
{
    return &Context->Rax + Number;
}

static VOID RtlpLoadRegister(UNWIND_STATE *State, ULONG Number, PULONGLONG Place)
{
    *RtlpRegister(State->Context, Number) = *Place;
    if (State->Pointers != NULL)
        State->Pointers->IntegerContext[Number] = Place;
}

static VOID RtlpLoadXmm(UNWIND_STATE *State, ULONG Number, PM128A Place)
{
    (&State->Context->Xmm0)[Number] = *Place;
    if (State->Pointers != NULL)
        State->Pointers->FloatingContext[Number] = Place;
}

static const UNWIND_INFO *RtlpInfoOf(ULONG_PTR ImageBase, PRUNTIME_FUNCTION Function)
{
    return (const UNWIND_INFO *)(ImageBase + Function->UnwindData);
}

/* What follows the codes (their number rounded up to an even one): handler and its data, or the chained function. */
static PVOID RtlpAfterCodes(const UNWIND_INFO *Info)
{
    return (PVOID)&Info->Codes[(Info->CountOfCodes + 1) & ~1];
}

static ULONG RtlpCodeSlots(UNWIND_CODE Code)
{
    switch (Code.UnwindOp) {
    case UWOP_ALLOC_LARGE:
        return Code.OpInfo == 0 ? 2 : 3;
    case UWOP_SAVE_NONVOL:
    case UWOP_SAVE_XMM128:
        return 2;
    case UWOP_SAVE_NONVOL_FAR:
    case UWOP_SAVE_XMM128_FAR:
        return 3;
    default:
        return 1;
    }
}

static ULONG RtlpWide(const UNWIND_CODE *Code)
{
    return Code[1].FrameOffset | (ULONG)Code[2].FrameOffset << 16;
}

/* Undoes one operation of the prologue.  Frame is the value that saved registers are relative to. */
static VOID RtlpUndo(UNWIND_STATE *State, const UNWIND_INFO *Info, const UNWIND_CODE *Code, ULONG_PTR Frame)
{
    PCONTEXT Context = State->Context;

    switch (Code->UnwindOp) {
    case UWOP_PUSH_NONVOL:
        RtlpLoadRegister(State, Code->OpInfo, (PULONGLONG)Context->Rsp);
        Context->Rsp += 8;
        break;
    case UWOP_ALLOC_LARGE:
        Context->Rsp += Code->OpInfo == 0 ? Code[1].FrameOffset * 8u : RtlpWide(Code);
        break;
    case UWOP_ALLOC_SMALL:
        Context->Rsp += Code->OpInfo * 8u + 8;
        break;
    case UWOP_SET_FPREG:
        Context->Rsp = *RtlpRegister(Context, Info->FrameRegister) - Info->FrameOffset * 16u;
        break;
    case UWOP_SAVE_NONVOL:
        RtlpLoadRegister(State, Code->OpInfo, (PULONGLONG)(Frame + Code[1].FrameOffset * 8u));
        break;
    case UWOP_SAVE_NONVOL_FAR:
        RtlpLoadRegister(State, Code->OpInfo, (PULONGLONG)(Frame + RtlpWide(Code)));
        break;
    case UWOP_SAVE_XMM128:
        RtlpLoadXmm(State, Code->OpInfo, (PM128A)(Frame + Code[1].FrameOffset * 16u));
        break;
    case UWOP_SAVE_XMM128_FAR:
        RtlpLoadXmm(State, Code->OpInfo, (PM128A)(Frame + RtlpWide(Code)));
        break;
    case UWOP_PUSH_MACHFRAME:
        if (Code->OpInfo != 0)
            Context->Rsp += 8;
        Context->Rip = ((PULONGLONG)Context->Rsp)[0];
        Context->Rsp = ((PULONGLONG)Context->Rsp)[3];
        State->MachineFrame = TRUE;
        break;
    default:
        break;
    }
}

/* The frame that handlers see, and that saved registers are relative to. */
static ULONG_PTR RtlpFrameOf(const UNWIND_INFO *Info, PCONTEXT Context, ULONG PrologOffset)
{
    ULONG_PTR Fixed = *RtlpRegister(Context, Info->FrameRegister) - Info->FrameOffset * 16u;

    if (Info->FrameRegister == 0)
        return Context->Rsp;
    if (PrologOffset >= Info->SizeOfProlog || Info->Flags & UNW_FLAG_CHAININFO)
        return Fixed;
    for (ULONG Index = 0; Index < Info->CountOfCodes; Index += RtlpCodeSlots(Info->Codes[Index]))
        if (Info->Codes[Index].UnwindOp == UWOP_SET_FPREG)
            return PrologOffset >= Info->Codes[Index].CodeOffset ? Fixed : Context->Rsp;
    return Context->Rsp;
}

/* Undoes the prologue of the function and of those it is chained to. */
static VOID RtlpUndoPrologue(UNWIND_STATE *State, ULONG PrologOffset)
{
    PRUNTIME_FUNCTION Function = State->Function;

    for (ULONG Depth = 0; Depth < MAXIMUM_CHAIN; Depth++) {
        const UNWIND_INFO *Info = RtlpInfoOf(State->ImageBase, Function);
        ULONG_PTR Frame = RtlpFrameOf(Info, State->Context, PrologOffset);

        for (ULONG Index = 0; Index < Info->CountOfCodes; Index += RtlpCodeSlots(Info->Codes[Index]))
            if (Info->Codes[Index].CodeOffset <= PrologOffset)
                RtlpUndo(State, Info, &Info->Codes[Index], Frame);
        if (!(Info->Flags & UNW_FLAG_CHAININFO))
            return;
        Function = RtlpAfterCodes(Info);
        PrologOffset = (ULONG)-1;
    }
}

/* --- epilogues --------------------------------------------------------------------------------------------------- */

/* The function whose piece Function is: the end of its chain. */
static PRUNTIME_FUNCTION RtlpPrimaryOf(ULONG_PTR ImageBase, PRUNTIME_FUNCTION Function)
{
    for (ULONG Depth = 0; Depth < MAXIMUM_CHAIN; Depth++) {
        const UNWIND_INFO *Info = RtlpInfoOf(ImageBase, Function);

        if (!(Info->Flags & UNW_FLAG_CHAININFO))
            break;
        Function = RtlpAfterCodes(Info);
    }
    return Function;
}

/* Does the jump to Target leave the function?  (Only then is it a tail call.)  One to another piece of the function does
 * not; one to the start of the function is a call of itself. */
static BOOLEAN RtlpIsOutside(const UNWIND_STATE *State, ULONG_PTR Target)
{
    ULONG_PTR Rva = Target - State->ImageBase, ImageBase;
    PRUNTIME_FUNCTION Primary = RtlpPrimaryOf(State->ImageBase, State->Function), Other;

    if (Rva == Primary->BeginAddress)
        return TRUE;
    if (Rva >= State->Function->BeginAddress && Rva < State->Function->EndAddress)
        return FALSE;
    Other = RtlLookupFunctionEntry(Target, &ImageBase, NULL);
    return Other == NULL || ImageBase != State->ImageBase ||
           RtlpPrimaryOf(ImageBase, Other)->BeginAddress != Primary->BeginAddress;
}

static BOOLEAN RtlpIsEpilogueEnd(const UNWIND_STATE *State, const UCHAR *Code)
{
    switch (Code[0]) {
    case 0xc3:
    case 0xc2:
        return TRUE;
    case 0xf3:
        return Code[1] == 0xc3;
    case 0xeb:
        return RtlpIsOutside(State, (ULONG_PTR)Code + 2 + (LONG_PTR)(signed char)Code[1]);
    case 0xe9:
        return RtlpIsOutside(State, (ULONG_PTR)Code + 5 + (LONG_PTR)(LONG)(Code[1] | Code[2] << 8 | Code[3] << 16 |
                (ULONG)Code[4] << 24));
    case 0xff:
        return Code[1] == 0x25;
    default:
        return (Code[0] & 0xf8) == 0x48 && Code[1] == 0xff && (Code[2] & 0x38) == 0x20;
    }
}

/* Length of "add rsp, constant" or "lea rsp, [frame register + constant]", and the RSP it makes; 0: none of them. */
static ULONG RtlpStackRelease(const UNWIND_INFO *Info, PCONTEXT Context, const UCHAR *Code, PULONGLONG NewRsp)
{
    ULONG Register;

    if (Code[0] == 0x48 && Code[1] == 0x83 && Code[2] == 0xc4) {
        *NewRsp = Context->Rsp + (ULONGLONG)(LONGLONG)(signed char)Code[3];
        return 4;
    }
    if (Code[0] == 0x48 && Code[1] == 0x81 && Code[2] == 0xc4) {
        *NewRsp = Context->Rsp + (ULONGLONG)(LONGLONG)(LONG)(Code[3] | Code[4] << 8 | Code[5] << 16 |
                (ULONG)Code[6] << 24);
        return 7;
    }
    if ((Code[0] & 0xfe) != 0x48 || Code[1] != 0x8d || (Code[2] & 0x38) != 0x20 || Info->FrameRegister == 0)
        return 0;
    Register = (Code[2] & 7) | (Code[0] & 1) << 3;
    if (Register != Info->FrameRegister || (Code[2] & 7) == REGISTER_RSP)
        return 0;
    if (Code[2] >> 6 == 1) {
        *NewRsp = *RtlpRegister(Context, Register) + (ULONGLONG)(LONGLONG)(signed char)Code[3];
        return 4;
    }
    if (Code[2] >> 6 == 2) {
        *NewRsp = *RtlpRegister(Context, Register) + (ULONGLONG)(LONGLONG)(LONG)(Code[3] | Code[4] << 8 |
                Code[5] << 16 | (ULONG)Code[6] << 24);
        return 7;
    }
    return 0;
}

static ULONG RtlpPop(const UCHAR *Code, PULONG Register)
{
    if ((Code[0] & 0xf8) == 0x58) {
        *Register = Code[0] & 7;
        return 1;
    }
    if (Code[0] == 0x41 && (Code[1] & 0xf8) == 0x58) {
        *Register = (Code[1] & 7) + 8;
        return 2;
    }
    return 0;
}

static VOID RtlpReturn(PCONTEXT Context)
{
    Context->Rip = *(PULONGLONG)Context->Rsp;
    Context->Rsp += 8;
}

/* If control is in an epilogue, does the rest of it, the return included. */
static BOOLEAN RtlpFinishEpilogue(UNWIND_STATE *State, const UNWIND_INFO *Info, const UCHAR *Code)
{
    ULONGLONG NewRsp = State->Context->Rsp;
    const UCHAR *At = Code + RtlpStackRelease(Info, State->Context, Code, &NewRsp), *Pops = At;
    ULONG Length, Register;

    while ((Length = RtlpPop(At, &Register)) != 0)
        At += Length;
    if (!RtlpIsEpilogueEnd(State, At))
        return FALSE;
    State->Context->Rsp = NewRsp;
    for (; (Length = RtlpPop(Pops, &Register)) != 0; Pops += Length) {
        RtlpLoadRegister(State, Register, (PULONGLONG)State->Context->Rsp);
        State->Context->Rsp += 8;
    }
    RtlpReturn(State->Context);
    if (At[0] == 0xc2)                      /* ret with a number of bytes */
        State->Context->Rsp += At[1] | (ULONG)At[2] << 8;
    return TRUE;
}

/* --- entry point ------------------------------------------------------------------------------------------------- */

/* Changes Context to the caller's.  Answers the function's handler if it has one for HandlerType and control is in its
 * body, and then the handler's data; *EstablisherFrame is the frame that the handler identifies. */
PEXCEPTION_ROUTINE NTAPI RtlVirtualUnwind(DWORD HandlerType, ULONG_PTR ImageBase, ULONG_PTR ControlPc,
        PRUNTIME_FUNCTION FunctionEntry, PCONTEXT ContextRecord, PVOID *HandlerData, PULONG_PTR EstablisherFrame,
        PKNONVOLATILE_CONTEXT_POINTERS ContextPointers)
{
    UNWIND_STATE State = { ImageBase, FunctionEntry, ContextRecord, ContextPointers, FALSE };
    const UNWIND_INFO *Info;
    ULONG PrologOffset = (ULONG)(ControlPc - ImageBase - FunctionEntry->BeginAddress);
    PEXCEPTION_ROUTINE Handler = NULL;
    const UNWIND_INFO *Last;

    *HandlerData = NULL;
    if (FunctionEntry->UnwindData & 1)
        State.Function = FunctionEntry = (PRUNTIME_FUNCTION)(ImageBase + (FunctionEntry->UnwindData & ~1u));
    Info = RtlpInfoOf(ImageBase, FunctionEntry);
    *EstablisherFrame = RtlpFrameOf(Info, ContextRecord, PrologOffset);
    if (PrologOffset >= Info->SizeOfProlog || Info->Flags & UNW_FLAG_CHAININFO) {
        if (RtlpFinishEpilogue(&State, Info, (const UCHAR *)ControlPc))
            return NULL;
        Last = RtlpInfoOf(ImageBase, RtlpPrimaryOf(ImageBase, FunctionEntry));
        if (!(Last->Flags & UNW_FLAG_CHAININFO) && Last->Flags & HandlerType & (UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER)) {
            Handler = (PEXCEPTION_ROUTINE)(ImageBase + *(PULONG)RtlpAfterCodes(Last));
            *HandlerData = (PULONG)RtlpAfterCodes(Last) + 1;
        }
    }
    RtlpUndoPrologue(&State, PrologOffset);
    if (!State.MachineFrame)
        RtlpReturn(ContextRecord);
    return Handler;
}
