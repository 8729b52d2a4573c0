/* SPDX-License-Identifier: BSD-2-Clause
 *
 * System calls that no stub makes: what a program can do with the capabilities in its own CNode.  Each attempt runs
 * in a child process; it must end (with whatever status), and the system must answer as before. Runs on: Nereid.
 */
#include "check.h"

#define SYS_CALL (-1ll)
#define SYS_REPLY_RECV (-2ll)
#define SYS_SEND (-3ll)
#define SYS_NBSEND (-4ll)
#define SYS_RECV (-5ll)
#define SYS_REPLY (-6ll)
#define SYS_NBRECV (-8ll)

#define SLOT_SERVICE 1
#define SLOT_FAULT 2
#define INFO(Label, Caps, Length) ((ULONG64)(Label) << 12 | (Caps) << 7 | (Length))

static PWSTR OwnPath;
static HANDLE Never;

/* RSP is kept in RBX, as the kernel's ABI asks for. */
static ULONG64 Raw(LONG64 Call, ULONG64 Slot, ULONG64 Info, ULONG64 Mr0, ULONG64 Mr1)
{
    register ULONG64 R10 __asm__("r10") = Mr0;
    register ULONG64 R8 __asm__("r8") = Mr1;
    register ULONG64 R9 __asm__("r9") = 3;
    register ULONG64 R15 __asm__("r15") = 7;

    __asm__ volatile("movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"
                     : "+D"(Slot), "+S"(Info), "+r"(R10), "+r"(R8), "+r"(R9), "+r"(R15)
                     : "d"(Call)
                     : "rbx", "rcx", "r11", "memory");
    return R10;
}

/* Service numbers: positions in the table. */
enum {
#define SERVICE(Name, Arguments) Name##Number,
#define MISSING(Name, Arguments) Name##Number,
#define RETIRED(Name, Arguments) Name##Number,
#include "abi/services.def"
    ServiceCount
};

/* The answer is not waited for: the service waits, and the thread sends again. */
static VOID SendTwice(VOID)
{
    ULONG64 Arguments[4] = { (ULONG64)Never, FALSE, 0, 0 };

    for (ULONG i = 0; i < 100; i++)
        Raw(SYS_SEND, SLOT_SERVICE, INFO(0, 0, 2), NtWaitForSingleObjectNumber, (ULONG64)Arguments);
}

static VOID SendPlain(VOID)
{
    for (ULONG i = 0; i < 100; i++)
        Raw(i % 2 ? SYS_SEND : SYS_NBSEND, SLOT_SERVICE, INFO(0, 0, 2), NtYieldExecutionNumber, 0);
}

static VOID BadNumbers(VOID)
{
    static const ULONG64 Numbers[] = { ServiceCount, 0xfff, 0x1000, 0x1001, 0x1fff, 0xffffffff, 1ull << 63, ~0ull };

    for (ULONG i = 0; i < ARRAYSIZE(Numbers); i++)
        Raw(SYS_CALL, SLOT_SERVICE, INFO(0, 0, 2), Numbers[i], 0);
}

static VOID BadBlocks(VOID)
{
    static const ULONG64 Blocks[] = { 0, 1, 0x7ffffffffff8, 0xffff800000000000, ~0ull - 7, 0x10000000, 0x100000000000 };

    for (ULONG n = 0; n < ServiceCount; n++)
        for (ULONG i = 0; i < ARRAYSIZE(Blocks); i++)
            if (n != NtTerminateThreadNumber && n != NtTestAlertNumber)
                Raw(SYS_CALL, SLOT_SERVICE, INFO(0, 0, 2), n, Blocks[i]);
}

static VOID Lengths(VOID)
{
    for (ULONG Length = 0; Length <= 127; Length++)
        Raw(SYS_CALL, SLOT_SERVICE, INFO(Length * 12345, 3, Length), NtYieldExecutionNumber, 0);
}

/* Messages that pretend to be faults. */
static VOID ForgedFaults(VOID)
{
    for (ULONG64 Label = 0; Label < 12; Label++)
        for (ULONG64 Address = 0; Address < 3; Address++)
            Raw(SYS_CALL, SLOT_FAULT, INFO(Label, 0, 5), 0xffff800000000000ull * Address, (ULONG64)&OwnPath);
}

static VOID ForgedFaultSends(VOID)
{
    for (ULONG64 Label = 0; Label < 12; Label++)
        Raw(SYS_SEND, SLOT_FAULT, INFO(Label, 0, 5), 0, 0);
}

static VOID OtherSlots(VOID)
{
    for (ULONG64 Slot = 3; Slot < 80; Slot++) {
        Raw(SYS_NBSEND, Slot, INFO(1, 1, 8), 1, 2);
        Raw(SYS_NBRECV, 0, 0, 0, 0);
    }
}

static VOID Receive(VOID)
{
    Raw(SYS_REPLY, 0, INFO(0, 0, 4), 1, 2);
    Raw(SYS_RECV, SLOT_SERVICE, 0, 0, 0);
}

static VOID ReplyReceive(VOID)
{
    Raw(SYS_REPLY_RECV, SLOT_FAULT, INFO(0, 0, 4), 1, 2);
}

static VOID UnknownCall(VOID)
{
    Raw(-100, SLOT_SERVICE, 0, 0, 0);
}

static VOID InvokeService(VOID)
{
    for (ULONG64 Label = 0; Label < 64; Label++)
        Raw(SYS_CALL, SLOT_SERVICE, INFO(Label, 0, 6), NtYieldExecutionNumber, 0);
}

static const struct {
    PCWSTR Name;
    VOID (*Routine)(VOID);
} Attempts[] = {
    { L"sendtwice", SendTwice },       { L"sendplain", SendPlain },   { L"numbers", BadNumbers },
    { L"blocks", BadBlocks },          { L"lengths", Lengths },       { L"faults", ForgedFaults },
    { L"faultsends", ForgedFaultSends }, { L"slots", OtherSlots },    { L"receive", Receive },
    { L"replyreceive", ReplyReceive }, { L"unknown", UnknownCall },       { L"labels", InvokeService },
};

static VOID TryInChild(PCWSTR Name)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;
    LARGE_INTEGER Limit = { .QuadPart = LONG_ENOUGH };
    WCHAR CommandLine[64] = L"raw ";
    PROCESS_START Start = { .ImagePath = OwnPath, .CommandLine = CommandLine, .Console = Own->ConsoleHandle };
    HANDLE Process, Event = NULL;
    ULONG Id;

    wcscat(CommandLine, Name);
    if (!CHECK_STATUS(STATUS_SUCCESS, StartProcess(&Start, &Process, &Id)))
        return;
    if (!CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Process, FALSE, &Limit)))
        NtTerminateProcess(Process, 1);
    NtClose(Process);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, TRUE));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Event, FALSE, NULL));
    NtClose(Event);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    OwnPath = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer;
    if (ArgumentCount > 1) {
        NtCreateEvent(&Never, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
        for (ULONG i = 0; i < ARRAYSIZE(Attempts); i++)
            if (wcscmp(Attempts[i].Name, Arguments[1]) == 0)
                Attempts[i].Routine();
        return 0;
    }
    for (ULONG i = 0; i < ARRAYSIZE(Attempts); i++)
        TryInChild(Attempts[i].Name);
    return CheckClose();
}
