/* SPDX-License-Identifier: BSD-2-Clause
 *
 * crash WHAT: a program that does what a program should not.
 *
 * Not a test by itself: the system tests start it and look at what remains.  Runs on: Nereid, by hand.
 */
#include "base/lib/process.h"

#define MANY_HANDLES 4000000
#define KERNEL_ADDRESS ((PVOID)0xffff800000001000)

static volatile ULONG Sink;

static int ReadNull(PCWSTR Argument)
{
    return *(volatile int *)NULL;
}

static int JumpToGarbage(PCWSTR Argument)
{
    volatile ULONG_PTR Garbage = 0x123456789a;

    return ((int (*)(void))Garbage)();
}

/* Not a tail call, since the frame is needed after the call; the end is never reached. */
static __attribute__((noinline)) int Recurse(PCWSTR Argument)
{
    volatile UCHAR Frame[512];

    Frame[0] = (UCHAR)(ULONG_PTR)Argument;
    if (Sink != 1)
        Frame[1] = (UCHAR)Recurse(Argument);
    return Frame[0] + Frame[1];
}

static int PassKernelPointers(PCWSTR Argument)
{
    IO_STATUS_BLOCK IoStatus;

    Print(L"NtCreateEvent: 0x%08X\n",
          NtCreateEvent(KERNEL_ADDRESS, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    Print(L"NtOpenKey: 0x%08X\n", NtOpenKey((PHANDLE)&Sink, KEY_READ, KERNEL_ADDRESS));
    Print(L"NtWriteFile: 0x%08X\n",
          NtWriteFile(NtCurrentPeb()->ProcessParameters->StandardOutput, NULL, NULL, NULL, &IoStatus, KERNEL_ADDRESS,
                  100,
                      NULL, NULL));
    return *(volatile int *)KERNEL_ADDRESS;
}

static int ExhaustHandles(PCWSTR Argument)
{
    HANDLE Event;
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG Count = 0, Limit = wcstoul(Argument, NULL, 10);

    if (Limit == 0)
        Limit = MANY_HANDLES;
    while (NT_SUCCESS(Status) && Count < Limit) {
        Status = NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
        Count += NT_SUCCESS(Status);
    }
    Print(L"%u events, then 0x%08X\n", Count, Status);
    return 0;
}

static int ExhaustMemory(PCWSTR Argument)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG MiB = 0;

    while (NT_SUCCESS(Status)) {
        PVOID Base = NULL;
        SIZE_T Size = 1 << 20;

        Status = NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        for (SIZE_T i = 0; NT_SUCCESS(Status) && i < Size; i += 0x1000)
            ((volatile UCHAR *)Base)[i] = 1;
        MiB += NT_SUCCESS(Status);
    }
    Print(L"%u MiB, then 0x%08X\n", MiB, Status);
    return 0;
}

static NTSTATUS NTAPI SleepForEver(PVOID Argument)
{
    LARGE_INTEGER Long = { .QuadPart = -3600 * 10000000ll };

    return NtDelayExecution(FALSE, &Long);
}

static int ExhaustThreads(PCWSTR Argument)
{
    HANDLE Thread;
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG Count = 0;

    while (NT_SUCCESS(Status) && Count < 100000) {
        Status = NtCreateThreadEx(&Thread, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), SleepForEver, NULL, 0, 0, 0,
                0, NULL);
        Count += NT_SUCCESS(Status);
    }
    Print(L"%u threads, then 0x%08X\n", Count, Status);
    return 0;
}

static int Divide(PCWSTR Argument)
{
    volatile int Zero = 0, Number = 100;

    return Number / Zero;
}

static int UndefinedInstruction(PCWSTR Argument)
{
    __asm__ volatile("ud2");
    return 0;
}

static int PrivilegedInstruction(PCWSTR Argument)
{
    __asm__ volatile("hlt");
    return 0;
}

static int Breakpoint(PCWSTR Argument)
{
    __asm__ volatile("int3");
    return 0;
}

/* VOID OnStrayStack(VOID (*Routine)(VOID)): runs it on memory that is not the thread's stack. */
VOID OnStrayStack(VOID (*Routine)(VOID));
UCHAR StrayStack[0x10000];

__asm__(".text\n"
        ".globl OnStrayStack\n"
        "OnStrayStack: leaq StrayStack+0xff00(%rip), %rsp\n"
        "andq $-16, %rsp\n"
        "callq *%rcx\n"
        "ud2\n");

static VOID ReadNullThere(VOID)
{
    Sink = *(volatile ULONG *)NULL;
}

static VOID RaiseThere(VOID)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = (DWORD)STATUS_INTEGER_OVERFLOW };

    RtlRaiseException(&Record);
}

/* No walk over the frames reaches the outermost handler: the exception has its second chance at once. */
static int FaultOnStrayStack(PCWSTR Argument)
{
    OnStrayStack(ReadNullThere);
    return 0;
}

static int RaiseOnStrayStack(PCWSTR Argument)
{
    OnStrayStack(RaiseThere);
    return 0;
}

/* --- exceptions that cannot be dispatched ------------------------------------------------------------------------ */

static LONG NTAPI FaultAgain(PEXCEPTION_POINTERS Pointers)
{
    return *(volatile LONG *)NULL;
}

/* Each exception makes another one, until the stack has no room. */
static int FaultInHandler(PCWSTR Argument)
{
    RtlAddVectoredExceptionHandler(TRUE, FaultAgain);
    return *(volatile int *)NULL;
}

/* VOID BadUnwindData(VOID), VOID BadFrame(VOID): functions that fault; the unwind data of the first are not there, the second says
 * that its caller's registers are where nothing is. */
VOID BadUnwindData(VOID);
VOID BadFrame(VOID);

__asm__(".text\n.globl BadUnwindData\n"
        "BadUnwindData: subq $0x28, %rsp\nud2\nBadUnwindDataEnd:\n"
        ".globl BadFrame\n.seh_proc BadFrame\n"
        "BadFrame: pushq %rbp\n.seh_pushreg %rbp\nmovq %rsp, %rbp\n.seh_setframe %rbp, 0\n.seh_endprologue\n"
        "movq $0x12345678, %rbp\nud2\n.seh_endproc\n"
        ".section .pdata, \"dr\"\n.p2align 2\n.rva BadUnwindData, BadUnwindDataEnd\n.long 0x60000000\n.text\n");

static int FaultWithBadUnwindData(PCWSTR Argument)
{
    BadUnwindData();
    return 0;
}

static int FaultInBadFrame(PCWSTR Argument)
{
    BadFrame();
    return 0;
}

static int FailFast(PCWSTR Argument)
{
    __asm__ volatile("int $0x29" : : "c"(7));
    return 0;
}

/* The stack pointer is nowhere: the exception has no place. */
static int LoseStack(PCWSTR Argument)
{
    __asm__ volatile("movq $0x1000, %rsp\nud2");
    return 0;
}

static int Spin(PCWSTR Argument)
{
    if (wcscmp(Argument, L"quietly") != 0)
        Print(L"spins\n");
    for (;;)
        Sink++;
}

static int Flood(PCWSTR Argument)
{
    for (ULONG i = 0;; i++)
        Print(L"line %u\n", i);
}

static int StartInBackground(PCWSTR Argument)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;
    PROCESS_START Start = {
        .ImagePath = Own->ImagePathName.Buffer,
        .CommandLine = L"crash spin quietly",
        .Console = Own->ConsoleHandle,
        .Input = Own->StandardInput,
        .Output = Own->StandardOutput,
        .Error = Own->StandardError,
    };
    HANDLE Process;
    ULONG ProcessId;
    NTSTATUS Status = StartProcess(&Start, &Process, &ProcessId);

    if (NT_SUCCESS(Status))
        Print(L"process %u spins\n", ProcessId);
    return Status;
}

static int Exit(PCWSTR Argument)
{
    UNICODE_STRING Number;
    ULONG Status = 1;

    RtlInitUnicodeString(&Number, Argument);
    RtlUnicodeStringToInteger(&Number, 0, &Status);
    return (int)Status;
}

static const struct {
    PCWSTR Name;
    int (*Function)(PCWSTR Argument);
} Actions[] = {
    { L"null", ReadNull },
    { L"jump", JumpToGarbage },
    { L"stack", Recurse },
    { L"kernel", PassKernelPointers },
    { L"handles", ExhaustHandles },
    { L"memory", ExhaustMemory },
    { L"threads", ExhaustThreads },
    { L"divide", Divide },
    { L"ud", UndefinedInstruction },
    { L"privileged", PrivilegedInstruction },
    { L"breakpoint", Breakpoint },
    { L"stray", FaultOnStrayStack },
    { L"strayraise", RaiseOnStrayStack },
    { L"handler", FaultInHandler },
    { L"unwinddata", FaultWithBadUnwindData },
    { L"frame", FaultInBadFrame },
    { L"failfast", FailFast },
    { L"nostack", LoseStack },
    { L"spin", Spin },
    { L"flood", Flood },
    { L"background", StartInBackground },
    { L"exit", Exit },
};

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    for (ULONG i = 0; ArgumentCount >= 2 && i < ARRAYSIZE(Actions); i++)
        if (wcscmp(Arguments[1], Actions[i].Name) == 0)
            return Actions[i].Function(ArgumentCount >= 3 ? Arguments[2] : L"0");
    Print(L"crash WHAT, one of:");
    for (ULONG i = 0; i < ARRAYSIZE(Actions); i++)
        Print(L" %s", Actions[i].Name);
    Print(L"\n");
    return 2;
}
