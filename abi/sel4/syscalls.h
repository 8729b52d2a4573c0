/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System call stubs, with libsel4's names and signatures.
 *
 *   RDX call number | RDI capability, then badge | RSI message info | R10 R8 R9 R15 message registers 0..3
 *
 * RCX and R11 are lost, and upstream loses RSP too, so every stub keeps it in RBX.  Message registers 4..119
 * are in the IPC buffer.  A task has one global pointer to the buffer of its (only) thread that uses these
 * stubs' buffer forms; it defines and sets it itself:
 *
 *     seL4_IPCBuffer *__sel4_ipc_buffer;
 *
 * The *WithMRs forms touch no buffer unless an invocation fails.  Everything here may wait in the kernel
 * except NBSend, NBRecv, Poll, Signal and Yield.  No thread-local storage, no vector code.
 */
#pragma once

#include "abi/sel4/types.h"

extern seL4_IPCBuffer *__sel4_ipc_buffer;

static inline seL4_IPCBuffer *seL4_GetIPCBuffer(void)
{
    return __sel4_ipc_buffer;
}

static inline void seL4_SetIPCBuffer(seL4_IPCBuffer *buffer)
{
    __sel4_ipc_buffer = buffer;
}

static inline seL4_Word seL4_GetMR(int i)
{
    return seL4_GetIPCBuffer()->msg[i];
}

static inline void seL4_SetMR(int i, seL4_Word mr)
{
    seL4_GetIPCBuffer()->msg[i] = mr;
}

static inline seL4_Word seL4_GetUserData(void)
{
    return seL4_GetIPCBuffer()->userData;
}

static inline void seL4_SetUserData(seL4_Word data)
{
    seL4_GetIPCBuffer()->userData = data;
}

static inline seL4_Word seL4_GetBadge(int i)
{
    return seL4_GetIPCBuffer()->caps_or_badges[i];
}

static inline seL4_CPtr seL4_GetCap(int i)
{
    return seL4_GetIPCBuffer()->caps_or_badges[i];
}

static inline void seL4_SetCap(int i, seL4_CPtr cptr)
{
    seL4_GetIPCBuffer()->caps_or_badges[i] = cptr;
}

static inline void seL4_SetCapReceivePath(seL4_CPtr receiveCNode, seL4_CPtr receiveIndex, seL4_Word receiveDepth)
{
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    buffer->receiveCNode = receiveCNode;
    buffer->receiveIndex = receiveIndex;
    buffer->receiveDepth = receiveDepth;
}

#define SEL4_SYSCALL_ASM "movq %%rsp, %%rbx\n\tsyscall\n\tmovq %%rbx, %%rsp"

/* All four message registers in and out. */
static inline void x64_sys_send_recv(seL4_Word sys, seL4_Word dest, seL4_Word *badge, seL4_Word info,
                                     seL4_Word *info_out, seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    register seL4_Word r10 __asm__("r10") = *mr0;
    register seL4_Word r8 __asm__("r8") = *mr1;
    register seL4_Word r9 __asm__("r9") = *mr2;
    register seL4_Word r15 __asm__("r15") = *mr3;

    __asm__ volatile(SEL4_SYSCALL_ASM
                     : "+D"(dest), "+S"(info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
                     : "d"(sys)
                     : "rcx", "rbx", "r11", "memory");
    *badge = dest;
    *info_out = info;
    *mr0 = r10;
    *mr1 = r8;
    *mr2 = r9;
    *mr3 = r15;
}

static inline void x64_sys_send(seL4_Word sys, seL4_Word dest, seL4_Word info, seL4_Word mr0, seL4_Word mr1,
                                seL4_Word mr2, seL4_Word mr3)
{
    register seL4_Word r10 __asm__("r10") = mr0;
    register seL4_Word r8 __asm__("r8") = mr1;
    register seL4_Word r9 __asm__("r9") = mr2;
    register seL4_Word r15 __asm__("r15") = mr3;

    __asm__ volatile(SEL4_SYSCALL_ASM
                     : "+D"(dest), "+S"(info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
                     : "d"(sys)
                     : "rcx", "rbx", "r11", "memory");
}

static inline void x64_sys_recv(seL4_Word sys, seL4_Word src, seL4_Word *badge, seL4_Word *info_out, seL4_Word *mr0,
                                seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    register seL4_Word r10 __asm__("r10") = 0;
    register seL4_Word r8 __asm__("r8") = 0;
    register seL4_Word r9 __asm__("r9") = 0;
    register seL4_Word r15 __asm__("r15") = 0;
    seL4_Word info = 0;

    __asm__ volatile(SEL4_SYSCALL_ASM
                     : "+D"(src), "+S"(info), "+r"(r10), "+r"(r8), "+r"(r9), "+r"(r15)
                     : "d"(sys)
                     : "rcx", "rbx", "r11", "memory");
    *badge = src;
    *info_out = info;
    *mr0 = r10;
    *mr1 = r8;
    *mr2 = r9;
    *mr3 = r15;
}

/* No message registers in; those that the message carries are lost, so only for signals and Yield. */
static inline seL4_Word x64_sys_short(seL4_Word sys, seL4_Word dest, seL4_Word info)
{
    __asm__ volatile(SEL4_SYSCALL_ASM
                     : "+D"(dest), "+S"(info)
                     : "d"(sys)
                     : "rcx", "rbx", "r11", "memory", "r8", "r9", "r10", "r15");
    return dest;
}

static inline void seL4_StoreMRs(seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3)
{
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();

    buffer->msg[0] = mr0;
    buffer->msg[1] = mr1;
    buffer->msg[2] = mr2;
    buffer->msg[3] = mr3;
}

static inline void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    x64_sys_send((seL4_Word)seL4_SysSend, dest, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2),
                 seL4_GetMR(3));
}

static inline void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    x64_sys_send((seL4_Word)seL4_SysNBSend, dest, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2),
                 seL4_GetMR(3));
}

static inline void seL4_Reply(seL4_MessageInfo_t msgInfo)
{
    x64_sys_send((seL4_Word)seL4_SysReply, 0, msgInfo.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2),
                 seL4_GetMR(3));
}

static inline seL4_Word seL4_MRValue(const seL4_Word *mr)
{
    return mr != NULL ? *mr : 0;
}

static inline void seL4_SetMRValue(seL4_Word *mr, seL4_Word value)
{
    if (mr != NULL)
        *mr = value;
}

/* The *WithMRs senders read MRi only if the pointer is not NULL; the receivers write likewise. */
static inline void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word *mr0, seL4_Word *mr1,
                                    seL4_Word *mr2, seL4_Word *mr3)
{
    x64_sys_send((seL4_Word)seL4_SysSend, dest, msgInfo.words[0], seL4_MRValue(mr0), seL4_MRValue(mr1),
                 seL4_MRValue(mr2), seL4_MRValue(mr3));
}

static inline void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word *mr0, seL4_Word *mr1,
                                      seL4_Word *mr2, seL4_Word *mr3)
{
    x64_sys_send((seL4_Word)seL4_SysNBSend, dest, msgInfo.words[0], seL4_MRValue(mr0), seL4_MRValue(mr1),
                 seL4_MRValue(mr2), seL4_MRValue(mr3));
}

static inline void seL4_ReplyWithMRs(seL4_MessageInfo_t msgInfo, seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                     seL4_Word *mr3)
{
    x64_sys_send((seL4_Word)seL4_SysReply, 0, msgInfo.words[0], seL4_MRValue(mr0), seL4_MRValue(mr1),
                 seL4_MRValue(mr2), seL4_MRValue(mr3));
}

static inline seL4_MessageInfo_t seL4_RecvCommon(seL4_Word sys, seL4_CPtr src, seL4_Word *sender)
{
    seL4_MessageInfo_t info;
    seL4_Word badge, mr0, mr1, mr2, mr3;

    x64_sys_recv(sys, src, &badge, &info.words[0], &mr0, &mr1, &mr2, &mr3);
    seL4_StoreMRs(mr0, mr1, mr2, mr3);
    seL4_SetMRValue(sender, badge);
    return info;
}

static inline seL4_MessageInfo_t seL4_RecvCommonWithMRs(seL4_Word sys, seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_MessageInfo_t info;
    seL4_Word badge, m0, m1, m2, m3;

    x64_sys_recv(sys, src, &badge, &info.words[0], &m0, &m1, &m2, &m3);
    seL4_SetMRValue(sender, badge);
    seL4_SetMRValue(mr0, m0);
    seL4_SetMRValue(mr1, m1);
    seL4_SetMRValue(mr2, m2);
    seL4_SetMRValue(mr3, m3);
    return info;
}

static inline seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_RecvCommon((seL4_Word)seL4_SysRecv, src, sender);
}

static inline seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0, seL4_Word *mr1,
                                                  seL4_Word *mr2, seL4_Word *mr3)
{
    return seL4_RecvCommonWithMRs((seL4_Word)seL4_SysRecv, src, sender, mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_RecvCommon((seL4_Word)seL4_SysNBRecv, src, sender);
}

static inline seL4_MessageInfo_t seL4_NBRecvWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0, seL4_Word *mr1,
                                                    seL4_Word *mr2, seL4_Word *mr3)
{
    return seL4_RecvCommonWithMRs((seL4_Word)seL4_SysNBRecv, src, sender, mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_MessageInfo_t info;
    seL4_Word badge;
    seL4_Word m0 = seL4_MRValue(mr0), m1 = seL4_MRValue(mr1), m2 = seL4_MRValue(mr2), m3 = seL4_MRValue(mr3);

    x64_sys_send_recv((seL4_Word)seL4_SysCall, dest, &badge, msgInfo.words[0], &info.words[0], &m0, &m1, &m2, &m3);
    seL4_SetMRValue(mr0, m0);
    seL4_SetMRValue(mr1, m1);
    seL4_SetMRValue(mr2, m2);
    seL4_SetMRValue(mr3, m3);
    return info;
}

static inline seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    seL4_Word m0 = seL4_GetMR(0), m1 = seL4_GetMR(1), m2 = seL4_GetMR(2), m3 = seL4_GetMR(3);
    seL4_MessageInfo_t info = seL4_CallWithMRs(dest, msgInfo, &m0, &m1, &m2, &m3);

    seL4_StoreMRs(m0, m1, m2, m3);
    return info;
}

static inline seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src, seL4_MessageInfo_t msgInfo, seL4_Word *sender,
                                                       seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_MessageInfo_t info;
    seL4_Word badge;
    seL4_Word m0 = seL4_MRValue(mr0), m1 = seL4_MRValue(mr1), m2 = seL4_MRValue(mr2), m3 = seL4_MRValue(mr3);

    x64_sys_send_recv((seL4_Word)seL4_SysReplyRecv, src, &badge, msgInfo.words[0], &info.words[0], &m0, &m1, &m2, &m3);
    seL4_SetMRValue(sender, badge);
    seL4_SetMRValue(mr0, m0);
    seL4_SetMRValue(mr1, m1);
    seL4_SetMRValue(mr2, m2);
    seL4_SetMRValue(mr3, m3);
    return info;
}

static inline seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t msgInfo, seL4_Word *sender)
{
    seL4_Word m0 = seL4_GetMR(0), m1 = seL4_GetMR(1), m2 = seL4_GetMR(2), m3 = seL4_GetMR(3);
    seL4_MessageInfo_t info = seL4_ReplyRecvWithMRs(src, msgInfo, sender, &m0, &m1, &m2, &m3);

    seL4_StoreMRs(m0, m1, m2, m3);
    return info;
}

static inline void seL4_Signal(seL4_CPtr dest)
{
    x64_sys_short((seL4_Word)seL4_SysSend, dest, 0);
}

static inline void seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    seL4_SetMRValue(sender, x64_sys_short((seL4_Word)seL4_SysRecv, src, 0));
}

static inline void seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    seL4_SetMRValue(sender, x64_sys_short((seL4_Word)seL4_SysNBRecv, src, 0));
}

static inline void seL4_Yield(void)
{
    x64_sys_short((seL4_Word)seL4_SysYield, 0, 0);
}

/*
 * Debug calls: only in debug kernels; a release kernel raises an UnknownSyscall fault.
 */
static inline void seL4_DebugPutChar(char c)
{
    x64_sys_short((seL4_Word)seL4_SysDebugPutChar, (uint8_t)c, 0);
}

static inline void seL4_DebugPutString(const char *text)
{
    for (; *text != '\0'; text++)
        seL4_DebugPutChar(*text);
}

static inline void seL4_DebugDumpScheduler(void)
{
    x64_sys_short((seL4_Word)seL4_SysDebugDumpScheduler, 0, 0);
}

static inline void seL4_DebugHalt(void)
{
    x64_sys_short((seL4_Word)seL4_SysDebugHalt, 0, 0);
}

static inline void seL4_DebugSnapshot(void)
{
    x64_sys_short((seL4_Word)seL4_SysDebugSnapshot, 0, 0);
}

static inline seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap)
{
    return (seL4_Uint32)x64_sys_short((seL4_Word)seL4_SysDebugCapIdentify, cap, 0);
}

/* The name goes through the IPC buffer: at most 951 bytes. */
static inline void seL4_DebugNameThread(seL4_CPtr tcb, const char *name)
{
    char *to = (char *)seL4_GetIPCBuffer()->msg;
    size_t i = 0;

    for (; name[i] != '\0' && i < seL4_MsgMaxLength * sizeof(seL4_Word) - 1; i++)
        to[i] = name[i];
    to[i] = '\0';
    x64_sys_short((seL4_Word)seL4_SysDebugNameThread, tcb, 0);
}
