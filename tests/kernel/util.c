/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * See util.h.  Output goes to COM1 through an I/O port capability, the end of the run through QEMU's isa-debug-exit.
 */
#include "tests/kernel/util.h"

#define COM1 0x3f8
#define EXIT_PORT 0xf4
#define WINDOW 0x10000000000ull

seL4_IPCBuffer *__sel4_ipc_buffer;
seL4_BootInfo *bootInfo;
seL4_Word checksPassed, checksFailed;

static seL4_CPtr nextSlot, comPort, exitPort, never;
static seL4_Word nextPage = WINDOW, mappedTo = WINDOW;

void task_main(seL4_BootInfo *info);
void run(void);
void *memset(void *to, int value, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);

/* The compiler calls these two. */
void *memset(void *to, int value, size_t bytes)
{
    void *p = to;

    __asm__ volatile("rep stosb" : "+D"(p), "+c"(bytes) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *p = to;

    __asm__ volatile("rep movsb" : "+D"(p), "+S"(from), "+c"(bytes) : : "memory");
    return to;
}

static void putChar(char c)
{
    while (!(seL4_X86_IOPort_In8(comPort, COM1 + 5).result & 0x20))
        ;
    seL4_X86_IOPort_Out8(comPort, COM1, (seL4_Uint8)c);
}

void putString(const char *text)
{
    for (; *text != '\0'; text++)
        putChar(*text);
}

void putNumber(seL4_Word value)
{
    char digits[21];
    int i = 20;

    digits[20] = '\0';
    do
        digits[--i] = (char)('0' + value % 10);
    while ((value /= 10) != 0);
    putString(digits + i);
}

void putHex(seL4_Word value)
{
    int shift;

    putString("0x");
    for (shift = 60; shift > 0 && value >> shift == 0; shift -= 4)
        ;
    for (; shift >= 0; shift -= 4)
        putChar("0123456789abcdef"[value >> shift & 15]);
}

void exitMachine(int status)
{
    seL4_X86_IOPort_Out8(exitPort, EXIT_PORT, (seL4_Word)status);
    for (;;)
        seL4_Yield();
}

void check(bool ok, const char *what, const char *file, int line, seL4_Word got, seL4_Word wanted)
{
    if (ok) {
        checksPassed++;
        return;
    }
    checksFailed++;
    putString("FAILED ");
    putString(file);
    putString(":");
    putNumber((seL4_Word)line);
    putString(": ");
    putString(what);
    putString(" (");
    putHex(got);
    putString(", wanted ");
    putHex(wanted);
    putString(")\n");
}

void checkError(seL4_Error got, seL4_Error wanted, const seL4_Word *details, seL4_Word n, const char *what,
                const char *file, int line)
{
    seL4_Word i;

    for (i = 0; i < n && got == wanted; i++) {
        if (seL4_GetMR((int)i) != details[i + 1]) {
            check(false, what, file, line, seL4_GetMR((int)i), details[i + 1]);
            return;
        }
    }
    check(got == wanted, what, file, line, got, wanted);
}

void publish(const char *what, const seL4_Word *values, seL4_Word n)
{
    seL4_Word i;

    putString("same: ");
    putString(what);
    for (i = 0; i < n; i++) {
        putString(" ");
        putHex(values[i]);
    }
    putString("\n");
}

static void must(seL4_Error error, const char *what)
{
    if (error == seL4_NoError)
        return;
    putString("cannot go on: ");
    putString(what);
    putString(" gave error ");
    putNumber(error);
    putString("\n");
    exitMachine(2);
}

seL4_CPtr allocSlots(seL4_Word n)
{
    seL4_CPtr first = nextSlot;

    nextSlot += n;
    if (nextSlot > bootInfo->empty.end)
        must(seL4_NotEnoughMemory, "slots");
    return first;
}

/* Retypes from the last untypeds first: those are large. */
static seL4_Error retypeAnywhere(seL4_Word type, seL4_Word sizeBits, seL4_CPtr slot)
{
    seL4_Word i = bootInfo->untyped.end - bootInfo->untyped.start;
    seL4_Error error = seL4_NotEnoughMemory;

    while (i-- > 0 && error == seL4_NotEnoughMemory) {
        if (!bootInfo->untypedList[i].isDevice)
            error = seL4_Untyped_Retype(bootInfo->untyped.start + i, type, sizeBits, ROOT_CNODE, 0, 0, slot, 1);
    }
    return error;
}

seL4_CPtr newObject(seL4_Word type, seL4_Word sizeBits)
{
    seL4_CPtr slot = allocSlots(1);

    must(retypeAnywhere(type, sizeBits, slot), "Retype");
    return slot;
}

seL4_CPtr newUntyped(seL4_Word bits)
{
    return newObject(seL4_UntypedObject, bits);
}

seL4_CPtr tryUntyped(seL4_Word bits)
{
    seL4_CPtr slot = allocSlots(1);

    return retypeAnywhere(seL4_UntypedObject, bits, slot) == seL4_NoError ? slot : 0;
}

seL4_CPtr largePage(void)
{
    static seL4_CPtr slot;

    if (slot == 0)
        slot = newObject(seL4_X86_LargePageObject, 0);
    return slot;
}

static void mapTables(seL4_Word vaddr)
{
    seL4_X86_PDPT_Map(newObject(seL4_X86_PDPTObject, 0), ROOT_VSPACE, vaddr, 0);
    seL4_X86_PageDirectory_Map(newObject(seL4_X86_PageDirectoryObject, 0), ROOT_VSPACE, vaddr, 0);
    must(seL4_X86_PageTable_Map(newObject(seL4_X86_PageTableObject, 0), ROOT_VSPACE, vaddr, 0), "PageTable_Map");
}

seL4_Word allocPages(seL4_Word n)
{
    seL4_Word first = nextPage;

    nextPage += n << 12;
    while (mappedTo < nextPage) {
        mapTables(mappedTo);
        mappedTo += 1ull << 21;
    }
    return first;
}

void *newPages(seL4_Word n, seL4_CPtr *frame)
{
    seL4_Word vaddr = allocPages(n), i;

    for (i = 0; i < n; i++) {
        seL4_CPtr cap = newObject(seL4_X86_4K, 0);

        must(seL4_X86_Page_Map(cap, ROOT_VSPACE, vaddr + (i << 12), seL4_ReadWrite, 0), "Page_Map");
        if (i == 0 && frame != NULL)
            *frame = cap;
    }
    return (void *)vaddr;
}

void newThread(thread_t *t, void (*f)(seL4_Word, seL4_Word), seL4_Word a, seL4_Word b, seL4_Word priority,
               seL4_CPtr faultEndpoint)
{
    char *stack = newPages(2, NULL);

    t->ipc = newPages(1, &t->ipcFrame);
    t->tcb = newObject(seL4_TCBObject, 0);
    t->context = (seL4_UserContext){.rip = (seL4_Word)f, .rsp = (seL4_Word)stack + 8192 - 8, .rflags = 0x202,
                                    .rdi = a, .rsi = b};
    must(seL4_TCB_Configure(t->tcb, faultEndpoint, ROOT_CNODE, 0, ROOT_VSPACE, 0, (seL4_Word)t->ipc, t->ipcFrame),
         "TCB_Configure");
    must(seL4_TCB_SetSchedParams(t->tcb, seL4_CapInitThreadTCB, 255, priority), "TCB_SetSchedParams");
    must(seL4_TCB_WriteRegisters(t->tcb, false, 0, 20, &t->context), "TCB_WriteRegisters");
}

void startThread(thread_t *t)
{
    must(seL4_TCB_Resume(t->tcb), "TCB_Resume");
}

void park(void)
{
    for (;;)
        x64_sys_short((seL4_Word)seL4_SysRecv, never, 0);
}

void parkThread(seL4_Word unused1, seL4_Word unused2)
{
    park();
}

void settle(void)
{
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 1);
    seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, 255);
}

seL4_CPtr copyCap(seL4_CPtr from, seL4_CapRights_t rights)
{
    seL4_CPtr slot = allocSlots(1);

    must(seL4_CNode_Copy(ROOT_CNODE, slot, 64, ROOT_CNODE, from, 64, rights), "Copy");
    return slot;
}

seL4_CPtr mintCap(seL4_CPtr from, seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_CPtr slot = allocSlots(1);

    must(seL4_CNode_Mint(ROOT_CNODE, slot, 64, ROOT_CNODE, from, 64, rights, badge), "Mint");
    return slot;
}

seL4_Error deleteCap(seL4_CPtr slot)
{
    return seL4_CNode_Delete(ROOT_CNODE, slot, 64);
}

bool isEmptySlot(seL4_CPtr slot)
{
    seL4_Error error = seL4_CNode_Copy(ROOT_CNODE, slot, 64, ROOT_CNODE, seL4_CapInitThreadTCB, 64, seL4_AllRights);

    if (error == seL4_NoError)
        deleteCap(slot);
    return error == seL4_NoError;
}

seL4_Word allFlags(void)
{
    static seL4_Word flags;
    seL4_UserContext context = {.rflags = ~0ull};
    seL4_CPtr tcb;

    if (flags != 0)
        return flags;
    tcb = newObject(seL4_TCBObject, 0);
    must(seL4_TCB_WriteRegisters(tcb, false, 0, 20, &context), "TCB_WriteRegisters");
    must(seL4_TCB_ReadRegisters(tcb, false, 0, 20, &context), "TCB_ReadRegisters");
    CHECK_EQ(context.rflags & ~0x100ull, 0xed7);
    flags = context.rflags;
    return flags;
}

void task_main(seL4_BootInfo *info)
{
    bootInfo = info;
    __sel4_ipc_buffer = info->ipcBuffer;
    nextSlot = info->empty.start;
    comPort = allocSlots(1);
    exitPort = allocSlots(1);
    seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, COM1, COM1 + 7, ROOT_CNODE, comPort, 64);
    seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, EXIT_PORT, EXIT_PORT + 3, ROOT_CNODE, exitPort, 64);
    never = newObject(seL4_NotificationObject, 0);
    run();
    putNumber(checksPassed);
    putString(" passed, ");
    putNumber(checksFailed);
    putString(" failed\n");
    exitMachine(checksFailed != 0);
}
