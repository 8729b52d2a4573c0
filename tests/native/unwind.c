/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Unwinding one frame, and finding its unwind data.  Functions of unwind-code.S are stepped through, and at each of their
 * instructions, and of those of calls to ntdll, the walk must come to the caller's true registers; data made here try each code, each way to leave a
 * function, handlers, chains, and data that are wrong.
 * Source: Microsoft, "x64 exception handling".
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define NOINLINE __attribute__((noinline))

/* --- stepping through true functions ----------------------------------------------------------------------------- */

#define TRAP_FLAG 0x100u
#define MAXIMUM_STEPS 200000
#define MAXIMUM_DEPTH 64

VOID StepThrough(PVOID Function);
extern const UCHAR SteppedReturn[];
ULONG64 SteppedRsp;
const struct {
    ULONG64 Rbx, Rbp, Rsi, Rdi, R12, R13, R14, R15;
    M128A Xmm[10];
} SteppedPattern = {
    0x1101, 0x1102, 0x1103, 0x1104, 0x1105, 0x1106, 0x1107, 0x1108,
    { { 6, 60 }, { 7, 70 }, { 8, 80 }, { 9, 90 }, { 10, 100 }, { 11, 110 }, { 12, 120 }, { 13, 130 }, { 14, 140 }, { 15, 150 } }
};

#define FUNCTION(Name) extern const UCHAR Name[], Name##End[]
FUNCTION(LeafFunction);
FUNCTION(PushFunction);
FUNCTION(FrameFunction);
FUNCTION(EarlySaveFunction);
FUNCTION(FarFrameFunction);
FUNCTION(LargeFunction);
FUNCTION(HugeFunction);
FUNCTION(TailFunction);
FUNCTION(MemoryTailFunction);
FUNCTION(RegisterTailFunction);
FUNCTION(RepFunction);
FUNCTION(RecursiveFunction);
FUNCTION(MachineBody);
FUNCTION(ErrorBody);
FUNCTION(ChainedFunction);
FUNCTION(ChainedSecond);
FUNCTION(ChainedFar);
FUNCTION(SecondVersionFunction);
extern const UCHAR MachineFunction[], ErrorFunction[];

static struct {
    const UCHAR *Start, *End;       /* no check outside, if End is not NULL */
    ULONG Steps, Checked, Bad;
    ULONG_PTR FirstBad;
    BOOLEAN Returned, GoodReturn;
} Stepped;

static BOOLEAN IsCaller(const CONTEXT *Context)
{
    return Context->Rip == (ULONG_PTR)SteppedReturn && Context->Rsp == SteppedRsp && Context->Rbx == SteppedPattern.Rbx &&
           Context->Rbp == SteppedPattern.Rbp && Context->Rsi == SteppedPattern.Rsi && Context->Rdi == SteppedPattern.Rdi &&
           memcmp(&Context->R12, &SteppedPattern.R12, 4 * sizeof(ULONG64)) == 0 &&
           memcmp(&Context->Xmm6, SteppedPattern.Xmm, sizeof(SteppedPattern.Xmm)) == 0;
}

/* Walks from Context until it stands behind the call, or somewhere that it should not come to. */
static VOID WalkToCaller(PCONTEXT Context)
{
    for (ULONG Depth = 0; Depth < MAXIMUM_DEPTH && Context->Rip != (ULONG_PTR)SteppedReturn; Depth++) {
        ULONG_PTR Base, Frame;
        PVOID Data;
        PRUNTIME_FUNCTION Function = RtlLookupFunctionEntry(Context->Rip, &Base, NULL);

        if (Context->Rsp > SteppedRsp || Context->Rsp + 0x200000 < SteppedRsp)
            return;
        if (Function == NULL) {
            Context->Rip = *(PULONG_PTR)Context->Rsp;
            Context->Rsp += 8;
        } else {
            RtlVirtualUnwind(UNW_FLAG_NHANDLER, Base, Context->Rip, Function, Context, &Data, &Frame, NULL);
        }
    }
}

static LONG NTAPI OnStep(PEXCEPTION_POINTERS Pointers)
{
    PCONTEXT Context = Pointers->ContextRecord;
    CONTEXT Walked = *Context;
    const UCHAR *Rip = (const UCHAR *)Context->Rip;

    if (Pointers->ExceptionRecord->ExceptionCode != (DWORD)STATUS_SINGLE_STEP)
        return EXCEPTION_CONTINUE_SEARCH;
    if (Rip == SteppedReturn) {
        Stepped.Returned = TRUE;
        Stepped.GoodReturn = IsCaller(Context);
        return EXCEPTION_CONTINUE_EXECUTION;
    }
    if (Stepped.End == NULL || (Rip >= Stepped.Start && Rip < Stepped.End)) {
        WalkToCaller(&Walked);
        Stepped.Checked++;
        if (!IsCaller(&Walked) && Stepped.Bad++ == 0)
            Stepped.FirstBad = Context->Rip;
    }
    if (++Stepped.Steps < MAXIMUM_STEPS)
        Context->EFlags |= TRAP_FLAG;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Wine takes no jump out of a function for the end of an epilogue, and faults where a register is saved before there is a frame
 * register. */
static const struct {
    PCSTR Name;
    const UCHAR *Function, *Start, *End;
    ULONG Instructions;
    BOOLEAN WineFails, WineFaults;
} SteppedFunctions[] = {
    { "LeafFunction", LeafFunction, NULL, NULL, 3 },
    { "PushFunction", PushFunction, NULL, NULL, 27 },
    { "FrameFunction", FrameFunction, NULL, NULL, 50 },
    { "EarlySaveFunction", EarlySaveFunction, NULL, NULL, 10, FALSE, TRUE },
    { "FarFrameFunction", FarFrameFunction, NULL, NULL, 8 },
    { "LargeFunction", LargeFunction, NULL, NULL, 14 },
    { "HugeFunction", HugeFunction, NULL, NULL, 14 },
    { "TailFunction", TailFunction, NULL, NULL, 10, TRUE },
    { "MemoryTailFunction", MemoryTailFunction, NULL, NULL, 10, TRUE },
    { "RegisterTailFunction", RegisterTailFunction, NULL, NULL, 10, TRUE },
    { "RepFunction", RepFunction, NULL, NULL, 7 },
    { "RecursiveFunction", RecursiveFunction, NULL, NULL, 18, TRUE },
    { "MachineBody", MachineFunction, MachineBody, MachineBodyEnd, 6 },
    { "ErrorBody", ErrorFunction, ErrorBody, ErrorBodyEnd, 3 },
    { "ChainedFunction", ChainedFunction, NULL, NULL, 17 },
    { "SecondVersionFunction", SecondVersionFunction, NULL, NULL, 7 },
};

/* Each instruction of ntdll that these calls lead through.  None may hold a lock that an exception's dispatching takes. */

static VOID StepHeap(VOID)
{
    PVOID Blocks[40];

    for (ULONG i = 0; i < ARRAYSIZE(Blocks); i++)
        Blocks[i] = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, 8u << i % 10);
    for (ULONG i = 0; i < ARRAYSIZE(Blocks); i++)
        RtlFreeHeap(RtlProcessHeap(), 0, RtlReAllocateHeap(RtlProcessHeap(), 0, Blocks[i], 100));
}

static VOID StepText(VOID)
{
    UNICODE_STRING Text = RTL_CONSTANT_UNICODE_STRING(L"%PATH% Stra\u00dfe"), Upper;
    WCHAR Buffer[300];
    UNICODE_STRING Expanded = { 0, sizeof(Buffer), Buffer };
    CHAR Narrow[80];
    LONG Room = ARRAYSIZE(Buffer);
    ULONG Length;

    RtlUpcaseUnicodeString(&Upper, &Text, TRUE);
    RtlFreeUnicodeString(&Upper);
    RtlExpandEnvironmentStrings_U(NULL, &Text, &Expanded, &Length);
    RtlGetFullPathName_U(L"C:\\a\\..\\b", sizeof(Buffer), Buffer, NULL);
    _snprintf(Narrow, sizeof(Narrow), "%5d %-8s %ls %I64x", 12, "text", L"wide", 0x123456789abcull);
    RtlNormalizeString(2 /* form D */, Text.Buffer, Text.Length / sizeof(WCHAR), Buffer, &Room);
}

static VOID NTAPI CountModule(PLDR_DATA_TABLE_ENTRY Entry, PVOID Count, PBOOLEAN Stop)
{
    ++*(PULONG)Count;
}

static VOID StepCallbacks(VOID)
{
    ULONG Count = 0;

    LdrEnumerateLoadedModules(0, CountModule, &Count);
    RtlRandomEx(&Count);
}

static VOID StepServices(VOID)
{
    LARGE_INTEGER Time, Frequency;
    HANDLE Event;

    NtQueryPerformanceCounter(&Time, &Frequency);
    NtYieldExecution();
    if (NT_SUCCESS(NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE))) {
        NtWaitForSingleObject(Event, FALSE, NULL);
        NtClose(Event);
    }
}

static VOID StepModules(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"ntdll.dll");
    ANSI_STRING Export;
    PVOID Base, Address;

    RtlInitAnsiString(&Export, "NtClose");
    if (NT_SUCCESS(LdrGetDllHandle(NULL, NULL, &Name, &Base)))
        LdrGetProcedureAddress(Base, &Export, 0, &Address);
}

static const struct {
    PCSTR Name;
    VOID (*Function)(VOID);
    ULONG Instructions;
} SteppedCalls[] = {
    { "heap", StepHeap, 2000 }, { "text", StepText, 2000 }, { "callbacks", StepCallbacks, 60 }, { "services", StepServices, 40 },
    { "modules", StepModules, 500 },
};

/* Not on Wine, which takes no jump out of a function for the end of an epilogue. */
static VOID StepCalls(VOID)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"ntdll.dll");
    PVOID Ntdll = NULL;

    CHECK_STATUS(STATUS_SUCCESS, LdrGetDllHandle(NULL, NULL, &Name, &Ntdll));
    for (ULONG Row = 0; Row < ARRAYSIZE(SteppedCalls) && !IsWine; Row++) {
        memset(&Stepped, 0, sizeof(Stepped));
        StepThrough((PVOID)SteppedCalls[Row].Function);
        CHECK(Stepped.Returned && Stepped.GoodReturn);
        if (!CHECK(Stepped.Checked >= SteppedCalls[Row].Instructions && Stepped.Bad == 0))
            Print(L"    %hs: %u instructions, %u bad, first at ntdll+0x%I64x\n", SteppedCalls[Row].Name, Stepped.Checked, Stepped.Bad,
                  (ULONG64)(Stepped.FirstBad - (ULONG_PTR)Ntdll));
    }
}

static ULONG SteppedRows;

static NTSTATUS NTAPI StepAll(PVOID Argument)
{
    PVOID Handler = RtlAddVectoredExceptionHandler(1, OnStep);

    for (ULONG Row = 0; Row < ARRAYSIZE(SteppedFunctions); Row++) {
        SteppedRows++;
        if (IsWine && SteppedFunctions[Row].WineFaults)
            continue;
        memset(&Stepped, 0, sizeof(Stepped));
        Stepped.Start = SteppedFunctions[Row].Start;
        Stepped.End = SteppedFunctions[Row].End;
        StepThrough((PVOID)SteppedFunctions[Row].Function);
        CHECK(Stepped.Returned && Stepped.GoodReturn);
        if (!CHECK(Stepped.Checked >= SteppedFunctions[Row].Instructions))
            Print(L"    %hs: %u instructions\n", SteppedFunctions[Row].Name, Stepped.Checked);
        if (IsWine && SteppedFunctions[Row].WineFails)
            TODO(OnWine, CHECK(Stepped.Bad == 0));
        else if (!CHECK(Stepped.Bad == 0))
            Print(L"    %hs: at %u instructions, first 0x%x behind its start\n", SteppedFunctions[Row].Name, Stepped.Bad,
                  (ULONG)(Stepped.FirstBad - (ULONG_PTR)SteppedFunctions[Row].Function));
    }
    StepCalls();
    CHECK(RtlRemoveVectoredExceptionHandler(Handler));
    return STATUS_SUCCESS;
}

/* On a stack that has room for HugeFunction's frame. */
static VOID TestSteps(VOID)
{
    HANDLE Thread = NULL;

    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0x400000, 0x400000, (PVOID)StepAll, NULL,
                                                     &Thread, NULL));
    CHECK_STATUS(STATUS_SUCCESS, CheckJoinThread(Thread, NULL));
    CHECK(SteppedRows == ARRAYSIZE(SteppedFunctions));
}

/* --- data made here ---------------------------------------------------------------------------------------------- */

/* An image of code, unwind data and functions; offsets from its start are RVAs. */
#define CODE_SIZE 0x100
#define INFO_SIZE 0x400
static struct {
    UCHAR Code[CODE_SIZE];
    UCHAR Info[INFO_SIZE];
    RUNTIME_FUNCTION Functions[8];
} __attribute__((aligned(16))) Image;

#define BASE ((ULONG_PTR)&Image)
#define INFO_RVA(Offset) ((ULONG)FIELD_OFFSET(typeof(Image), Info) + (Offset))
#define STACK_SLOTS 0x400
static ULONG64 __attribute__((aligned(16))) Stack[STACK_SLOTS];

#define SP(Slot) ((ULONG_PTR)&Stack[Slot])

/* Each slot tells its number. */
static VOID MakeStack(VOID)
{
    for (ULONG Slot = 0; Slot < STACK_SLOTS; Slot++)
        Stack[Slot] = 0xabc00000 + Slot;
}

static VOID MakeImage(const UCHAR *Info, ULONG Length)
{
    memset(&Image, 0, sizeof(Image));
    memset(Image.Code, 0x90, sizeof(Image.Code));
    memcpy(Image.Info, Info, Length);
    Image.Functions[0] = (RUNTIME_FUNCTION){ 0, 0x80, INFO_RVA(0) };
    MakeStack();
}

static CONTEXT Start(ULONG Slot)
{
    CONTEXT Context = { .ContextFlags = CONTEXT_FULL, .Rsp = SP(Slot) };
    PULONG64 Registers = &Context.Rax;

    for (ULONG Number = 0; Number < 16; Number++)
        if (Number != 4)
            Registers[Number] = 0x1000 + Number;
    return Context;
}

static PEXCEPTION_ROUTINE Unwind(ULONG Type, ULONG Offset, PCONTEXT Context, PVOID *Data, PULONG_PTR Frame)
{
    *Data = (PVOID)7;
    *Frame = 7;
    Context->Rip = BASE + Offset;
    return RtlVirtualUnwind(Type, BASE, BASE + Offset, &Image.Functions[0], Context, Data, Frame, NULL);
}

/* One code at offset 4 of a prologue of 4 bytes: before and behind it. */
typedef struct _CODE_ROW {
    UCHAR Info[16];
    ULONG Slot;             /* RSP before */
    ULONG Return;           /* the slot of the return address */
    ULONG Register;         /* the register that is loaded, and from where; 16: none */
    ULONG From;
} CODE_ROW;

static const CODE_ROW CodeRows[] = {
    { { 1, 4, 1, 0, 4, 0x30 }, 0, 1, 3, 0 },                                    /* push rbx */
    { { 1, 4, 1, 0, 4, 0x00 }, 0, 1, 0, 0 },                                    /* push rax: not usual, but possible */
    { { 1, 4, 1, 0, 4, 0xf0 }, 0, 1, 15, 0 },                                   /* push r15 */
    { { 1, 4, 1, 0, 4, 0x02 }, 0, 1, 16 },                                      /* 8 bytes */
    { { 1, 4, 1, 0, 4, 0xf2 }, 0, 16, 16 },                                     /* 128 bytes */
    { { 1, 4, 2, 0, 4, 0x01, 17, 0 }, 0, 17, 16 },                              /* 136 bytes */
    { { 1, 4, 2, 0, 4, 0x01, 0, 3 }, 0, 0x300, 16 },                            /* both bytes of the number */
    { { 1, 4, 3, 0, 4, 0x11, 0x88, 0x10, 0, 0 }, 0, 0x211, 16 },                /* a number of bytes */
    { { 1, 4, 2, 0, 4, 0x64, 5, 0 }, 0, 0, 6, 5 },                              /* rsi at 5 slots */
    { { 1, 4, 3, 0, 4, 0xc5, 0x30, 0, 0, 0 }, 0, 0, 12, 6 },                    /* r12 at 48 bytes */
    { { 1, 4, 1, 0x25, 4, 0x03 }, 0, 0x10, 16 },                                /* the frame is rbp - 0x20 */
    { { 1, 4, 1, 0xfb, 4, 0x03 }, 0, 0x10, 16 },                                /* r11 - 0xf0 */
    { { 1, 4, 1, 0, 4, 0x0a }, 0, 0x123, 16 },                                  /* a machine frame: RSP from it */
    { { 1, 4, 1, 0, 4, 0x1a }, 0, 0x123, 16 },                                  /* one with an error code */
    { { 2, 4, 3, 0, 2, 0x16, 0, 6, 4, 0x30 }, 0, 1, 3, 0 },                     /* version 2: its epilogue codes do nothing */
};

static VOID TestCodes(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(CodeRows); Row++) {
        const CODE_ROW *Code = &CodeRows[Row];
        BOOLEAN IsMachine = (Code->Info[5] & 15) == 10;
        CONTEXT Context;
        PVOID Data;
        ULONG_PTR Frame;

        MakeImage(Code->Info, sizeof(Code->Info));
        Context = Start(Code->Slot);
        CHECK(Unwind(UNW_FLAG_EHANDLER, 3, &Context, &Data, &Frame) == NULL);
        CHECK(Context.Rsp == SP(Code->Slot + 1) && Context.Rip == Stack[Code->Slot] && Frame == SP(Code->Slot));
        Context = Start(Code->Slot);
        if (Code->Info[3] != 0) {
            (&Context.Rax)[Code->Info[3] & 15] = SP(0x10) + (Code->Info[3] & 0xf0);
            Context.Rsp = SP(2);
        }
        Stack[3 + (Code->Info[5] >> 4)] = IsMachine ? SP(0x123) : Stack[3 + (Code->Info[5] >> 4)];
        Unwind(UNW_FLAG_EHANDLER, 4, &Context, &Data, &Frame);
        if (IsMachine)
            CHECK(Context.Rsp == SP(Code->Return) && Context.Rip == Stack[Code->Info[5] >> 4]);
        else
            CHECK(Context.Rsp == SP(Code->Return + 1) && Context.Rip == Stack[Code->Return]);
        CHECK(Frame == (Code->Info[3] != 0 ? SP(0x10) : SP(Code->Slot)));
        for (ULONG Number = 0; Number < 16; Number++)
            if (Number != 4 && Number != (Code->Info[3] & 15u))
                CHECK((&Context.Rax)[Number] == (Number == Code->Register ? 0xabc00000 + Code->From : 0x1000 + Number));
    }
}

/* Saved vector registers, and where the registers were. */
static VOID TestVectorsAndPointers(VOID)
{
    static const UCHAR Info[] = { 1, 8, 8, 0, 8, 0x68, 3, 0, 7, 0xf9, 0x80, 0, 0, 0, 6, 0x12, 4, 0x30, 2, 0xe0 };
    KNONVOLATILE_CONTEXT_POINTERS Pointers;
    CONTEXT Context;
    PVOID Data;
    ULONG_PTR Frame;

    MakeImage(Info, sizeof(Info));
    Context = Start(0);
    memset(&Pointers, 0, sizeof(Pointers));
    CHECK(RtlVirtualUnwind(UNW_FLAG_NHANDLER, BASE, BASE + 0x40, &Image.Functions[0], &Context, &Data, &Frame, &Pointers) == NULL);
    CHECK(Context.Xmm6.Low == Stack[6] && (ULONG64)Context.Xmm6.High == Stack[7]);
    CHECK(Context.Xmm15.Low == Stack[16] && (ULONG64)Context.Xmm15.High == Stack[17]);
    CHECK(Context.Rbx == Stack[2] && Context.R14 == Stack[3] && Context.Rip == Stack[4] && Context.Rsp == SP(5));
    CHECK(Pointers.FloatingContext[6] == (PM128A)&Stack[6] && Pointers.FloatingContext[15] == (PM128A)&Stack[16] && Pointers.FloatingContext[7] == NULL);
    CHECK(Pointers.IntegerContext[3] == &Stack[2] && Pointers.IntegerContext[14] == &Stack[3] && Pointers.IntegerContext[5] == NULL);
}

/* --- epilogues --------------------------------------------------------------------------------------------------- */

/* The function saves rsi and r13, has 0x20 bytes of frame and the frame register rbp; control is at offset 0x10. */
static const UCHAR EpilogueInfo[] = { 1, 8, 4, 0x05, 8, 0x03, 6, 0x32, 4, 0xd0, 2, 0x60, 0, 0, 0, 0 };

enum { InBody, Returns };

typedef struct _EPILOGUE_ROW {
    UCHAR Code[16];
    UCHAR Kind;
    UCHAR Slots;            /* Returns: from RSP to the return address */
    BOOLEAN WineFails;
    BOOLEAN FromFrame;      /* counted from rbp */
    UCHAR Removed;          /* slots that the return takes from the caller's stack */
} EPILOGUE_ROW;

static const EPILOGUE_ROW Epilogues[] = {
    { { 0xc3 }, Returns, 0 },
    { { 0xc2, 8, 0 }, Returns, 0, .Removed = 1 },
    { { 0xf3, 0xc3 }, Returns, 0 },
    { { 0xf3, 0x90 }, InBody },
    { { 0x5e, 0xc3 }, Returns, 1 },
    { { 0x41, 0x5d, 0x5e, 0xc3 }, Returns, 2 },
    { { 0x41, 0x5d, 0x5e, 0xc2, 0x08, 0x02 }, Returns, 2, .Removed = 0x41 },
    { { 0x41, 0x5d, 0x5e, 0x90, 0xc3 }, InBody },
    { { 0x48, 0x83, 0xc4, 0x20, 0x41, 0x5d, 0x5e, 0xc3 }, Returns, 6 },
    { { 0x48, 0x81, 0xc4, 0x20, 0, 0, 0, 0x41, 0x5d, 0x5e, 0xc3 }, Returns, 6 },
    { { 0x48, 0x83, 0xc4, 0x20, 0x48, 0x83, 0xc4, 0x20, 0xc3 }, InBody },
    { { 0x48, 0x83, 0xc0, 0x20, 0xc3 }, InBody },                               /* add rax */
    { { 0x83, 0xc4, 0x20, 0xc3 }, InBody },                                     /* add esp */
    { { 0x48, 0x8d, 0x65, 0x20, 0x41, 0x5d, 0x5e, 0xc3 }, Returns, 6, FALSE, TRUE },
    { { 0x48, 0x8d, 0xa5, 0x20, 0, 0, 0, 0x41, 0x5d, 0x5e, 0xc3 }, Returns, 6, FALSE, TRUE },
    { { 0x48, 0x8d, 0x66, 0x20, 0x5e, 0xc3 }, InBody, 0, TRUE },                /* lea rsp, [rsi + 0x20]: not the frame register */
    { { 0x49, 0x8d, 0x65, 0x20, 0x5e, 0xc3 }, InBody, 0, TRUE },                /* lea rsp, [r13 + 0x20] */
    { { 0x48, 0x8d, 0x45, 0x20, 0x5e, 0xc3 }, InBody },                         /* lea rax, [rbp + 0x20] */
    { { 0x48, 0x8d, 0x64, 0x24, 0x20, 0x5e, 0xc3 }, InBody },                   /* lea rsp, [rsp + 0x20] */
    { { 0x5e, 0xeb, 0x7e }, Returns, 1, TRUE },                                 /* jumps out of the function, forwards */
    { { 0x5e, 0xeb, 0x6d }, Returns, 1, TRUE },                                 /* just out of it */
    { { 0x5e, 0xeb, 0x6c }, InBody },                                           /* to its last byte */
    { { 0x5e, 0xeb, 0xed }, Returns, 1, TRUE },                                 /* to its first one */
    { { 0x5e, 0xeb, 0xee }, InBody },
    { { 0x5e, 0xeb, 0xec }, Returns, 1, TRUE },                                 /* before it */
    { { 0x5e, 0xe9, 0x00, 0x10, 0, 0 }, Returns, 1, TRUE },
    { { 0x5e, 0xe9, 0x00, 0xf0, 0xff, 0xff }, Returns, 1, TRUE },
    { { 0x5e, 0xe9, 0x10, 0, 0, 0 }, InBody },
    { { 0x5e, 0xff, 0x25, 0, 0, 0, 0 }, Returns, 1, TRUE },                     /* jmp [import] */
    { { 0x5e, 0x48, 0xff, 0x25, 0, 0, 0, 0 }, Returns, 1, TRUE },
    { { 0x5e, 0x48, 0xff, 0xe0 }, Returns, 1, TRUE },                           /* rex.w jmp rax */
    { { 0x5e, 0x49, 0xff, 0xe2 }, Returns, 1, TRUE },                           /* rex.wb jmp r10 */
    { { 0x5e, 0xff, 0xe0 }, InBody },                                           /* jmp rax: a switch */
    { { 0x5e, 0xff, 0xd0 }, InBody },
    { { 0x5e, 0x48, 0xff, 0xd0 }, InBody },                                     /* rex.w call rax */
    { { 0xcc }, InBody },
};

static VOID TestEpilogue(const EPILOGUE_ROW *Row)
{
    CONTEXT Context;
    PVOID Data;
    ULONG_PTR Frame;
    ULONG Return = Row->Kind == Returns ? (Row->FromFrame ? 0x20 : 0) + Row->Slots : 0x20 + 6;

    MakeImage(EpilogueInfo, sizeof(EpilogueInfo));
    Image.Info[0] |= UNW_FLAG_EHANDLER << 3;
    *(PULONG)(PVOID)&Image.Info[12] = 0x44;
    memcpy(&Image.Code[0x10], Row->Code, sizeof(Row->Code));
    Context = Start(0);
    Context.Rbp = SP(0x20);
    CHECK(Unwind(UNW_FLAG_EHANDLER, 0x10, &Context, &Data, &Frame) ==
          (Row->Kind == Returns ? NULL : (PEXCEPTION_ROUTINE)(BASE + 0x44)));
    if (!CHECK(Context.Rsp == SP(Return + 1 + Row->Removed) && Context.Rip == Stack[Return]))
        Print(L"    row %u\n", (ULONG)(Row - Epilogues));
}

static VOID TestEpilogues(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(Epilogues); Row++)
        if (!IsWine || !Epilogues[Row].WineFails)
            TestEpilogue(&Epilogues[Row]);
}

/* --- handlers and chains ----------------------------------------------------------------------------------------- */

static VOID TestHandlers(VOID)
{
    static const ULONG Flags[] = { 0, UNW_FLAG_EHANDLER, UNW_FLAG_UHANDLER, UNW_FLAG_EHANDLER | UNW_FLAG_UHANDLER };
    static const UCHAR Codes[] = { 0, 1, 2, 3 };    /* an odd number of codes has one more slot behind it */
    CONTEXT Context;
    PVOID Data;
    ULONG_PTR Frame;

    for (ULONG Has = 0; Has < 4; Has++)
        for (ULONG Wanted = 0; Wanted < 4; Wanted++)
            for (ULONG Index = 0; Index < ARRAYSIZE(Codes); Index++) {
                ULONG After = 4 + 2 * ((Codes[Index] + 1) & ~1);
                BOOLEAN Fits = (Flags[Has] & Flags[Wanted]) != 0;
                UCHAR Info[24] = { (UCHAR)(1 | Flags[Has] << 3), 6, Codes[Index], 0, 6, 0x30, 4, 0x60, 2, 0x70 };

                Info[After] = 0x50;
                Info[After + 1] = Info[After + 2] = Info[After + 3] = 0;
                MakeImage(Info, sizeof(Info));
                Context = Start(0);
                CHECK(Unwind(Flags[Wanted], 6, &Context, &Data, &Frame) ==
                      (Fits ? (PEXCEPTION_ROUTINE)(BASE + 0x50) : NULL));
                if (Fits)
                    CHECK(Data == &Image.Info[After + 4]);
                CHECK(Context.Rsp == SP(Codes[Index] + 1));
                Context = Start(0);                 /* the prologue has no handler */
                CHECK(Unwind(Flags[Wanted], 5, &Context, &Data, &Frame) == NULL);
            }
}

static VOID PutFunction(PUCHAR Place, ULONG Begin, ULONG End, ULONG Info)
{
    *(PRUNTIME_FUNCTION)(PVOID)Place = (RUNTIME_FUNCTION){ Begin, End, Info };
}

/* Function 0 is chained to one at 0x80, whose data have a handler. */
static VOID TestChains(VOID)
{
    static const UCHAR Chained[] = { 0x21, 2, 1, 0, 2, 0x30 };
    static const UCHAR Primary[] = { 0x09, 4, 2, 0, 4, 0x12, 2, 0x60, 0x70, 0, 0, 0 };
    CONTEXT Context;
    PVOID Data;
    ULONG_PTR Frame;

    MakeImage(Chained, sizeof(Chained));
    PutFunction(&Image.Info[8], 0x80, 0x100, INFO_RVA(0x40));
    memcpy(&Image.Info[0x40], Primary, sizeof(Primary));
    Context = Start(0);
    CHECK(Unwind(UNW_FLAG_EHANDLER, 0x10, &Context, &Data, &Frame) == (PEXCEPTION_ROUTINE)(BASE + 0x70));
    CHECK(Data == &Image.Info[0x4c] && Frame == SP(0));
    CHECK(Context.Rbx == Stack[0] && Context.Rsi == Stack[3] && Context.Rip == Stack[4] && Context.Rsp == SP(5));
    Context = Start(0);                             /* in its own prologue: all of the primary one is done */
    Unwind(UNW_FLAG_EHANDLER, 1, &Context, &Data, &Frame);
    CHECK(Context.Rbx == 0x1003 && Context.Rsi == Stack[2] && Context.Rip == Stack[3] && Context.Rsp == SP(4));
    Context = Start(0);
    CHECK(Unwind(UNW_FLAG_UHANDLER, 0x10, &Context, &Data, &Frame) == NULL);
}

/* A function may stand for another one: the lowest bit of its data's RVA. */
static VOID TestIndirect(VOID)
{
    static const UCHAR Info[] = { 1, 0, 1, 0, 0, 0x12 };
    CONTEXT Context;
    PVOID Data;
    ULONG_PTR Frame;

    MakeImage(Info, sizeof(Info));
    Image.Functions[1] = Image.Functions[0];
    Image.Functions[0].UnwindData = ((ULONG)FIELD_OFFSET(typeof(Image), Functions[1])) | 1;
    Context = Start(0);
    Unwind(UNW_FLAG_EHANDLER, 0x10, &Context, &Data, &Frame);
    CHECK(Context.Rsp == SP(3) && Context.Rip == Stack[2]);
}

/* --- data that are wrong ----------------------------------------------------------------------------------------- */

static ULONG Random(void)
{
    static ULONG Seed = 20;

    Seed = Seed * 1664525 + 1013904223;
    return Seed >> 8;
}

static NOINLINE BOOLEAN UnwindGuarded(PCONTEXT Context, ULONG Offset)
{
    PVOID Data;
    ULONG_PTR Frame;

    __try {
        Unwind(UNW_FLAG_EHANDLER, Offset, Context, &Data, &Frame);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return FALSE;
    }
    return TRUE;
}

/* A chain that leads to itself, directly and over another one: the answer does not matter, but there is one. */
static VOID TestEndlessChains(VOID)
{
    static const UCHAR Chained[] = { 0x21, 2, 0, 0 };
    CONTEXT Context;

    MakeImage(Chained, sizeof(Chained));
    PutFunction(&Image.Info[4], 0, 0x80, INFO_RVA(0));
    Context = Start(0);
    UnwindGuarded(&Context, 0x10);
    memcpy(&Image.Info[0x40], Chained, sizeof(Chained));
    PutFunction(&Image.Info[4], 0, 0x80, INFO_RVA(0x40));
    PutFunction(&Image.Info[0x44], 0, 0x80, INFO_RVA(0));
    Context = Start(0);
    UnwindGuarded(&Context, 0x10);
    Image.Code[0x10] = 0xeb;                        /* a jump whose target is looked for in the chain, too */
    Image.Code[0x11] = 0x7e;
    Context = Start(0);
    UnwindGuarded(&Context, 0x10);
}

/* Data at random: each ends with an answer or an exception. */
static VOID TestRandomData(VOID)
{
    ULONG Answers = 0;

    for (ULONG Round = 0; Round < 3000; Round++) {
        CONTEXT Context;

        MakeImage(Image.Info, 0);
        for (ULONG Index = 0; Index < INFO_SIZE; Index++)
            Image.Info[Index] = (UCHAR)Random();
        Image.Info[0] = (UCHAR)(Image.Info[0] & 0xf8) | 1;
        if (Round % 4 == 0)
            memset(&Image.Code[0x10], 0x58 + (int)(Round / 4 % 8), CODE_SIZE - 0x10);
        Context = Start(0x80);
        Answers += UnwindGuarded(&Context, Random() % 0x80);
    }
    CHECK(Answers > 100);
}

/* --- lookup ------------------------------------------------------------------------------------------------------ */

static PRUNTIME_FUNCTION Lookup(ULONG_PTR Address, ULONG_PTR Base)
{
    ULONG_PTR Found = 0;
    PRUNTIME_FUNCTION Function = RtlLookupFunctionEntry(Address, &Found, NULL);

    CHECK(Function == NULL || Found == Base);
    return Function;
}

/* Every byte of the functions that were stepped through has their data, and those around it have not. */
static VOID TestImageLookup(VOID)
{
    static const UCHAR *const Bounds[][2] = {
        { PushFunction, PushFunctionEnd }, { FrameFunction, FrameFunctionEnd }, { ChainedFunction, ChainedFunctionEnd },
        { ChainedSecond, ChainedSecondEnd }, { ChainedFar, ChainedFarEnd }
    };
    ULONG_PTR Base = (ULONG_PTR)NtCurrentPeb()->ImageBaseAddress;

    for (ULONG Row = 0; Row < ARRAYSIZE(Bounds); Row++) {
        PRUNTIME_FUNCTION Function = Lookup((ULONG_PTR)Bounds[Row][0], Base);

        if (!CHECK(Function != NULL))
            continue;
        CHECK(Function->BeginAddress == (ULONG_PTR)Bounds[Row][0] - Base);
        CHECK(Function->EndAddress == (ULONG_PTR)Bounds[Row][1] - Base);
        CHECK(Lookup((ULONG_PTR)Bounds[Row][1] - 1, Base) == Function);
        CHECK(Lookup((ULONG_PTR)Bounds[Row][0] - 1, Base) != Function && Lookup((ULONG_PTR)Bounds[Row][1], Base) != Function);
    }
    CHECK(Lookup((ULONG_PTR)LeafFunction, Base) == NULL);
    CHECK(Lookup(Base, Base) == NULL && Lookup(0, 0) == NULL && Lookup((ULONG_PTR)-1, 0) == NULL);
}

static RUNTIME_FUNCTION Tables[64][4];

static PRUNTIME_FUNCTION NTAPI NoFunction(DWORD64 ControlPc, PVOID Context)
{
    *(PDWORD64)Context = ControlPc;
    return NULL;
}

/* Wine wants sorted tables. */
static BOOLEAN IsBackwards(ULONG Table)
{
    return !IsWine && Table & 1;
}

/* Code made at run time: many tables, tables that are not sorted, none, one twice. */
static VOID TestRunTimeTables(VOID)
{
    ULONG_PTR Base = 0x7000000000;
    ULONG64 Asked = 0;

    for (ULONG Table = 0; Table < ARRAYSIZE(Tables); Table++) {
        for (ULONG Index = 0; Index < 4; Index++) {
            ULONG Place = IsBackwards(Table) ? 3 - Index : Index;

            Tables[Table][Place] = (RUNTIME_FUNCTION){ 0x100 * Index, 0x100 * Index + 0x80, 0x1000 };
        }
        CHECK(RtlAddFunctionTable(Tables[Table], 4, Base + 0x1000 * Table));
    }
    for (ULONG Table = 0; Table < ARRAYSIZE(Tables); Table++)
        for (ULONG Index = 0; Index < 4; Index++) {
            ULONG_PTR Start = Base + 0x1000 * Table + 0x100 * Index;
            PRUNTIME_FUNCTION Function = &Tables[Table][IsBackwards(Table) ? 3 - Index : Index];

            CHECK(Lookup(Start, Base + 0x1000 * Table) == Function && Lookup(Start + 0x7f, Base + 0x1000 * Table) == Function);
            CHECK(Lookup(Start + 0x80, Base) == NULL);
        }
    for (ULONG Table = 0; Table < ARRAYSIZE(Tables); Table += 2)
        CHECK(RtlDeleteFunctionTable(Tables[Table]));
    CHECK(Lookup(Base, Base) == NULL && Lookup(Base + 0x1000, Base + 0x1000) == &Tables[1][IsBackwards(1) ? 3 : 0]);
    for (ULONG Table = 1; Table < ARRAYSIZE(Tables); Table += 2)
        CHECK(RtlDeleteFunctionTable(Tables[Table]));
    CHECK(Lookup(Base + 0x1000, Base) == NULL && !RtlDeleteFunctionTable(Tables[1]) && !RtlDeleteFunctionTable(NULL));
    CHECK(RtlInstallFunctionTableCallback(Base | 3, Base, 0x1000, NoFunction, &Asked, NULL));
    CHECK(Lookup(Base + 0xfff, Base) == NULL && Asked == Base + 0xfff);
    Asked = 0;
    CHECK(Lookup(Base + 0x1000, Base) == NULL && Lookup(Base - 1, Base) == NULL && Asked == 0);
    CHECK(RtlDeleteFunctionTable((PRUNTIME_FUNCTION)(Base | 3)));
    for (ULONG Bits = 0; Bits < 3; Bits++)
        CHECK(!RtlInstallFunctionTableCallback(Base | Bits, Base, 0x1000, NoFunction, &Asked, NULL));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestSteps();
    TestCodes();
    TestVectorsAndPointers();
    TestEpilogues();
    TestHandlers();
    TestChains();
    if (!IsWine)            /* Wine does so in RtlLookupFunctionEntry only */
        TestIndirect();
    if (!IsWine)            /* Wine follows the chain for ever */
        TestEndlessChains();
    TestRandomData();
    TestImageLookup();
    TestRunTimeTables();
    return CheckClose();
}
