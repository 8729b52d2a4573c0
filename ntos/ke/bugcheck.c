/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Last words.  A fault of ntos itself goes to a second thread (its own small stack and IPC buffer, same address
 * space) that prints what is known and stops the machine; KeBugCheck is the same for broken invariants and boot
 * errors. Nothing here allocates or trusts more of ntos than its code and the UART ports.
 */
#include "kep.h"
#include "ntos/inc/hal.h"
#include "rtl.h"
#include <stdarg.h>

BOOLEAN KeRunMode;

static MM_KERNEL_OBJECT KipFaultThread, KipFaultEndpoint;
static seL4_UserContext KipFaultRegisters;
static UCHAR KipFaultStack[0x2000] __attribute__((aligned(16)));

extern UCHAR __ImageBase[];

VOID KeStopThreads(VOID)
{
    /* Whichever of the two runs this suspends itself on the way; the other waits or is at fault. */
    for (;;) {
        if (KipFaultThread.Cap != 0)
            seL4_TCB_Suspend(KipFaultThread.Cap);
        seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}

DECLSPEC_NORETURN static VOID KipStop(VOID)
{
    if (KeRunMode)
        HalPowerOff();
    HalHalt();
}

static VOID KipSay(const char *Format, ...)
{
    char Text[512];
    va_list Arguments;
    int Length;

    va_start(Arguments, Format);
    Length = _vsnprintf(Text, sizeof(Text), Format, Arguments);
    va_end(Arguments);
    if (Length < 0 || Length > (int)sizeof(Text))
        Length = sizeof(Text);
    HalSerialWrite(1, Text, (SIZE_T)Length);
    HalSerialWrite(3, Text, (SIZE_T)Length);
}

VOID KeBugCheck(const char *Format, ...)
{
    char Text[512];
    va_list Arguments;

    va_start(Arguments, Format);
    _vsnprintf(Text, sizeof(Text), Format, Arguments);
    va_end(Arguments);
    Text[sizeof(Text) - 1] = '\0';
    KipSay("\n*** STOP: %s\n", Text);
    KipStop();
}

/* Return addresses on the faulting stack that lie in ntos's code: a rough backtrace. */
static VOID KipPrintStack(ULONG64 Rsp)
{
    ULONG64 Base = (ULONG64)__ImageBase, Low = Rsp & ~7ull, Printed = 0;
    ULONG64 High = (Low | (KI_STACK_SIZE - 1)) + 1;

    if (KiCurrentCoroutine != NULL && Low >= (ULONG64)KiCurrentCoroutine->StackLow &&
        Low < (ULONG64)KiCurrentCoroutine->StackLow + KI_STACK_SIZE)
        High = (ULONG64)KiCurrentCoroutine->StackLow + KI_STACK_SIZE;
    else
        High = Low + 512;
    KipSay("*** stack:");
    for (; Low < High && Printed < 24; Low += 8) {
        ULONG64 Value = *(ULONG64 *)Low;

        if (Value <= Base || Value >= Base + 0x200000)
            continue;
        KipSay(" %llx", Value - Base);
        Printed++;
    }
    KipSay("\n");
}

/* The second thread.  Only one message ever arrives. */
static VOID KipFaultThreadMain(VOID)
{
    static const char *const Kind[] = { "null fault", "capability fault", "unknown system call", "exception",
                                        "debug exception", "page fault" };
    ULONG64 Badge, Mr0, Mr1, Mr2, Mr3;
    seL4_MessageInfo_t Info = seL4_RecvWithMRs(KipFaultEndpoint.Cap, &Badge, &Mr0, &Mr1, &Mr2, &Mr3);
    ULONG64 Label = seL4_MessageInfo_get_label(Info);
    seL4_UserContext *r = &KipFaultRegisters;

    KipSay("\n*** STOP: ntos: %s at ntos+%llx, details %llx %llx %llx, thread %p service %lu\n",
           Label < ARRAYSIZE(Kind) ? Kind[Label] : "fault", Mr0 - (ULONG64)__ImageBase, Mr1, Mr2, Mr3,
           (PVOID)KiCurrentThread, KiCurrentThread->ServiceNumber);
    seL4_TCB_ReadRegisters(seL4_CapInitThreadTCB, 0, 0, sizeof(*r) / sizeof(seL4_Word), r);
    KipSay("*** rip %016llx rsp %016llx rflags %08llx\n", r->rip, r->rsp, r->rflags);
    KipSay("*** rax %016llx rbx %016llx rcx %016llx rdx %016llx\n", r->rax, r->rbx, r->rcx, r->rdx);
    KipSay("*** rsi %016llx rdi %016llx rbp %016llx r8  %016llx\n", r->rsi, r->rdi, r->rbp, r->r8);
    KipSay("*** r9  %016llx r10 %016llx r11 %016llx r12 %016llx\n", r->r9, r->r10, r->r11, r->r12);
    KipSay("*** r13 %016llx r14 %016llx r15 %016llx\n", r->r13, r->r14, r->r15);
    if (!(Label == seL4_Fault_VMFault && (Mr1 & ~0xfffull) == (r->rsp & ~0xfffull)))
        KipPrintStack(r->rsp);
    KipStop();
}

VOID KiStartFaultThread(VOID)
{
    seL4_UserContext Registers = { 0 };

    if (!NT_SUCCESS(MmCreateKernelObject(seL4_TCBObject, 0, &KipFaultThread)) ||
        !NT_SUCCESS(MmCreateKernelObject(seL4_EndpointObject, 0, &KipFaultEndpoint)))
        KeBugCheck("Not enough memory for the kernel objects of ntos.");
    /* It shares ntos's IPC buffer: whoever runs it finds ntos stopped for good. */
    if (seL4_TCB_Configure(KipFaultThread.Cap, 0, MmRootCNode, 0, seL4_CapInitThreadVSpace, 0,
                           (seL4_Word)seL4_GetIPCBuffer(), seL4_CapInitThreadIPCBuffer) != seL4_NoError)
        KeBugCheck("The fault thread cannot be configured.");
    seL4_TCB_SetSchedParams(KipFaultThread.Cap, seL4_CapInitThreadTCB, 255, 255);
    seL4_TCB_SetFlags(KipFaultThread.Cap, 0, seL4_TCBFlag_fpuDisabled);
    Registers.rip = (seL4_Word)KipFaultThreadMain;
    Registers.rsp = (seL4_Word)&KipFaultStack[sizeof(KipFaultStack) - 40];
    Registers.rflags = 0x202;
    seL4_TCB_WriteRegisters(KipFaultThread.Cap, TRUE, 0, 18, &Registers);
    seL4_Yield();
    if (seL4_TCB_SetSpace(seL4_CapInitThreadTCB, KipFaultEndpoint.Cap, MmRootCNode, 0, seL4_CapInitThreadVSpace, 0) !=
        seL4_NoError)
        KeBugCheck("ntos cannot set its fault handler.");
}
