/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invocation stubs: one function for each of the 52 object methods, libsel4's names and argument order.
 *
 * Each is one seL4_Call and returns seL4_NoError or the error of the object; on an error the detail words
 * are in message registers 0..3 of the IPC buffer (seL4_GetMR).  Capabilities that an invocation takes beside
 * the invoked one go through caps_or_badges of the IPC buffer, message words beyond the fourth through msg[].
 */
#pragma once

#include "abi/sel4/bootinfo.h"
#include "abi/sel4/labels.h"
#include "abi/sel4/syscalls.h"
#include "abi/sel4/types.h"

/* One invocation with up to four words in registers; *result receives MR0 of a success reply. */
static inline seL4_Error seL4_Invoke(seL4_CPtr service, seL4_Word label, seL4_Word extraCaps, seL4_Word length,
                                     seL4_Word mr0, seL4_Word mr1, seL4_Word mr2, seL4_Word mr3, seL4_Word *result)
{
    seL4_MessageInfo_t info = seL4_MessageInfo_new(label, 0, extraCaps, length);
    seL4_Error error;

    info = seL4_CallWithMRs(service, info, &mr0, &mr1, &mr2, &mr3);
    error = (seL4_Error)seL4_MessageInfo_get_label(info);
    if (error != seL4_NoError)
        seL4_StoreMRs(mr0, mr1, mr2, mr3);
    seL4_SetMRValue(result, mr0);
    return error;
}

static inline seL4_Error seL4_Untyped_Retype(seL4_Untyped _service, seL4_Word type, seL4_Word size_bits, seL4_CNode root,
                                             seL4_Word node_index, seL4_Word node_depth, seL4_Word node_offset,
                                             seL4_Word num_objects)
{
    seL4_SetCap(0, root);
    seL4_SetMR(4, node_offset);
    seL4_SetMR(5, num_objects);
    return seL4_Invoke(_service, UntypedRetype, 1, 6, type, size_bits, node_index, node_depth, NULL);
}

/* Threads. */

static inline seL4_Error seL4_TCB_ReadRegisters(seL4_TCB _service, seL4_Bool suspend_source, seL4_Uint8 arch_flags,
                                                seL4_Word count, seL4_UserContext *regs)
{
    seL4_Word mr0 = (seL4_Word)suspend_source | (seL4_Word)arch_flags << 8, mr1 = count, mr2 = 0, mr3 = 0;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(TCBReadRegisters, 0, 0, 2);
    seL4_Word *words = (seL4_Word *)regs;
    seL4_Word i;

    info = seL4_CallWithMRs(_service, info, &mr0, &mr1, &mr2, &mr3);
    if (seL4_MessageInfo_get_label(info) != seL4_NoError) {
        seL4_StoreMRs(mr0, mr1, mr2, mr3);
        return (seL4_Error)seL4_MessageInfo_get_label(info);
    }
    words[0] = mr0;
    words[1] = mr1;
    words[2] = mr2;
    words[3] = mr3;
    for (i = 4; i < sizeof(*regs) / sizeof(seL4_Word); i++)
        words[i] = i < count ? seL4_GetMR((int)i) : 0;
    return seL4_NoError;
}

static inline seL4_Error seL4_TCB_WriteRegisters(seL4_TCB _service, seL4_Bool resume_target, seL4_Uint8 arch_flags,
                                                 seL4_Word count, seL4_UserContext *regs)
{
    const seL4_Word *words = (const seL4_Word *)regs;
    seL4_Word i;

    for (i = 2; i < count && i < sizeof(*regs) / sizeof(seL4_Word); i++)
        seL4_SetMR((int)i + 2, words[i]);
    return seL4_Invoke(_service, TCBWriteRegisters, 0, 22, (seL4_Word)resume_target | (seL4_Word)arch_flags << 8, count,
                       words[0], words[1], NULL);
}

static inline seL4_Error seL4_TCB_CopyRegisters(seL4_TCB _service, seL4_TCB source, seL4_Bool suspend_source,
                                                seL4_Bool resume_target, seL4_Bool transfer_frame,
                                                seL4_Bool transfer_integer, seL4_Uint8 arch_flags)
{
    seL4_Word flags = (seL4_Word)suspend_source | (seL4_Word)resume_target << 1 | (seL4_Word)transfer_frame << 2 |
                      (seL4_Word)transfer_integer << 3 | (seL4_Word)arch_flags << 8;

    seL4_SetCap(0, source);
    return seL4_Invoke(_service, TCBCopyRegisters, 1, 1, flags, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_Configure(seL4_TCB _service, seL4_Word fault_ep, seL4_CNode cspace_root,
                                            seL4_Word cspace_root_data, seL4_CPtr vspace_root,
                                            seL4_Word vspace_root_data, seL4_Word buffer, seL4_CPtr bufferFrame)
{
    seL4_SetCap(0, cspace_root);
    seL4_SetCap(1, vspace_root);
    seL4_SetCap(2, bufferFrame);
    return seL4_Invoke(_service, TCBConfigure, 3, 4, fault_ep, cspace_root_data, vspace_root_data, buffer, NULL);
}

static inline seL4_Error seL4_TCB_SetPriority(seL4_TCB _service, seL4_TCB authority, seL4_Word priority)
{
    seL4_SetCap(0, authority);
    return seL4_Invoke(_service, TCBSetPriority, 1, 1, priority, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_SetMCPriority(seL4_TCB _service, seL4_TCB authority, seL4_Word mcp)
{
    seL4_SetCap(0, authority);
    return seL4_Invoke(_service, TCBSetMCPriority, 1, 1, mcp, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_SetSchedParams(seL4_TCB _service, seL4_TCB authority, seL4_Word mcp,
                                                 seL4_Word priority)
{
    seL4_SetCap(0, authority);
    return seL4_Invoke(_service, TCBSetSchedParams, 1, 2, mcp, priority, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_SetIPCBuffer(seL4_TCB _service, seL4_Word buffer, seL4_CPtr bufferFrame)
{
    seL4_SetCap(0, bufferFrame);
    return seL4_Invoke(_service, TCBSetIPCBuffer, 1, 1, buffer, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_SetSpace(seL4_TCB _service, seL4_Word fault_ep, seL4_CNode cspace_root,
                                           seL4_Word cspace_root_data, seL4_CPtr vspace_root,
                                           seL4_Word vspace_root_data)
{
    seL4_SetCap(0, cspace_root);
    seL4_SetCap(1, vspace_root);
    return seL4_Invoke(_service, TCBSetSpace, 2, 3, fault_ep, cspace_root_data, vspace_root_data, 0, NULL);
}

static inline seL4_Error seL4_TCB_Suspend(seL4_TCB _service)
{
    return seL4_Invoke(_service, TCBSuspend, 0, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_Resume(seL4_TCB _service)
{
    return seL4_Invoke(_service, TCBResume, 0, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_BindNotification(seL4_TCB _service, seL4_CPtr notification)
{
    seL4_SetCap(0, notification);
    return seL4_Invoke(_service, TCBBindNotification, 1, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_UnbindNotification(seL4_TCB _service)
{
    return seL4_Invoke(_service, TCBUnbindNotification, 0, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_TCB_SetTLSBase(seL4_TCB _service, seL4_Word tls_base)
{
    return seL4_Invoke(_service, TCBSetTLSBase, 0, 1, tls_base, 0, 0, 0, NULL);
}

typedef struct seL4_TCB_SetFlags {
    int error;
    seL4_Word flags;
} seL4_TCB_SetFlags_t;

static inline seL4_TCB_SetFlags_t seL4_TCB_SetFlags(seL4_TCB _service, seL4_Word clear, seL4_Word set)
{
    seL4_TCB_SetFlags_t result;

    result.error = (int)seL4_Invoke(_service, TCBSetFlags, 0, 2, clear, set, 0, 0, &result.flags);
    return result;
}

/* CNodes. */

static inline seL4_Error seL4_CNode_Revoke(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return seL4_Invoke(_service, CNodeRevoke, 0, 2, index, depth, 0, 0, NULL);
}

static inline seL4_Error seL4_CNode_Delete(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return seL4_Invoke(_service, CNodeDelete, 0, 2, index, depth, 0, 0, NULL);
}

static inline seL4_Error seL4_CNode_CancelBadgedSends(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return seL4_Invoke(_service, CNodeCancelBadgedSends, 0, 2, index, depth, 0, 0, NULL);
}

static inline seL4_Error seL4_CNode_Copy(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                         seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth,
                                         seL4_CapRights_t rights)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights.words[0]);
    return seL4_Invoke(_service, CNodeCopy, 1, 5, dest_index, dest_depth, src_index, src_depth, NULL);
}

static inline seL4_Error seL4_CNode_Mint(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                         seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth,
                                         seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights.words[0]);
    seL4_SetMR(5, badge);
    return seL4_Invoke(_service, CNodeMint, 1, 6, dest_index, dest_depth, src_index, src_depth, NULL);
}

static inline seL4_Error seL4_CNode_Move(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                         seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth)
{
    seL4_SetCap(0, src_root);
    return seL4_Invoke(_service, CNodeMove, 1, 4, dest_index, dest_depth, src_index, src_depth, NULL);
}

static inline seL4_Error seL4_CNode_Mutate(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                           seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth,
                                           seL4_Word badge)
{
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, badge);
    return seL4_Invoke(_service, CNodeMutate, 1, 5, dest_index, dest_depth, src_index, src_depth, NULL);
}

static inline seL4_Error seL4_CNode_Rotate(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth,
                                           seL4_Word dest_badge, seL4_CNode pivot_root, seL4_Word pivot_index,
                                           seL4_Uint8 pivot_depth, seL4_Word pivot_badge, seL4_CNode src_root,
                                           seL4_Word src_index, seL4_Uint8 src_depth)
{
    seL4_SetCap(0, pivot_root);
    seL4_SetCap(1, src_root);
    seL4_SetMR(4, pivot_depth);
    seL4_SetMR(5, pivot_badge);
    seL4_SetMR(6, src_index);
    seL4_SetMR(7, src_depth);
    return seL4_Invoke(_service, CNodeRotate, 2, 8, dest_index, dest_depth, dest_badge, pivot_index, NULL);
}

static inline seL4_Error seL4_CNode_SaveCaller(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth)
{
    return seL4_Invoke(_service, CNodeSaveCaller, 0, 2, index, depth, 0, 0, NULL);
}

/* Interrupts. */

static inline seL4_Error seL4_IRQControl_Get(seL4_IRQControl _service, seL4_Word irq, seL4_CNode root, seL4_Word index,
                                             seL4_Uint8 depth)
{
    seL4_SetCap(0, root);
    return seL4_Invoke(_service, IRQIssueIRQHandler, 1, 3, irq, index, depth, 0, NULL);
}

/* level: 1 = level-triggered; polarity: 1 = active low; vector: 0..107, unused so far. */
static inline seL4_Error seL4_IRQControl_GetIOAPIC(seL4_IRQControl _service, seL4_CNode root, seL4_Word index,
                                                   seL4_Uint8 depth, seL4_Word ioapic, seL4_Word pin, seL4_Word level,
                                                   seL4_Word polarity, seL4_Word vector)
{
    seL4_SetCap(0, root);
    seL4_SetMR(4, level);
    seL4_SetMR(5, polarity);
    seL4_SetMR(6, vector);
    return seL4_Invoke(_service, X86IRQIssueIRQHandlerIOAPIC, 1, 7, index, depth, ioapic, pin, NULL);
}

/* The device must be told itself to write 0x30 + vector to 0xfee00000. */
static inline seL4_Error seL4_IRQControl_GetMSI(seL4_IRQControl _service, seL4_CNode root, seL4_Word index,
                                                seL4_Uint8 depth, seL4_Word pci_bus, seL4_Word pci_dev,
                                                seL4_Word pci_func, seL4_Word handle, seL4_Word vector)
{
    seL4_SetCap(0, root);
    seL4_SetMR(4, pci_func);
    seL4_SetMR(5, handle);
    seL4_SetMR(6, vector);
    return seL4_Invoke(_service, X86IRQIssueIRQHandlerMSI, 1, 7, index, depth, pci_bus, pci_dev, NULL);
}

static inline seL4_Error seL4_IRQHandler_Ack(seL4_IRQHandler _service)
{
    return seL4_Invoke(_service, IRQAckIRQ, 0, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_IRQHandler_SetNotification(seL4_IRQHandler _service, seL4_CPtr notification)
{
    seL4_SetCap(0, notification);
    return seL4_Invoke(_service, IRQSetIRQHandler, 1, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_IRQHandler_Clear(seL4_IRQHandler _service)
{
    return seL4_Invoke(_service, IRQClearIRQHandler, 0, 0, 0, 0, 0, 0, NULL);
}

/* Domains. */

static inline seL4_Error seL4_DomainSet_Set(seL4_DomainSet _service, seL4_Uint8 domain, seL4_TCB thread)
{
    seL4_SetCap(0, thread);
    return seL4_Invoke(_service, DomainSetSet, 1, 1, domain, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_DomainSet_ScheduleConfigure(seL4_DomainSet _service, seL4_Word index, seL4_Uint8 domain,
                                                          seL4_Word duration)
{
    return seL4_Invoke(_service, DomainScheduleConfigure, 0, 3, index, domain, duration, 0, NULL);
}

static inline seL4_Error seL4_DomainSet_ScheduleSetStart(seL4_DomainSet _service, seL4_Word index)
{
    return seL4_Invoke(_service, DomainScheduleSetStart, 0, 1, index, 0, 0, 0, NULL);
}

/* Address spaces. */

static inline seL4_Error seL4_X86_PDPT_Map(seL4_X86_PDPT _service, seL4_X64_PML4 pml4, seL4_Word vaddr,
                                           seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, pml4);
    return seL4_Invoke(_service, X86PDPTMap, 1, 2, vaddr, (seL4_Word)attr, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_PDPT_Unmap(seL4_X86_PDPT _service)
{
    return seL4_Invoke(_service, X86PDPTUnmap, 0, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_PageDirectory_Map(seL4_X86_PageDirectory _service, seL4_CPtr vspace, seL4_Word vaddr,
                                                    seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return seL4_Invoke(_service, X86PageDirectoryMap, 1, 2, vaddr, (seL4_Word)attr, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_PageDirectory_Unmap(seL4_X86_PageDirectory _service)
{
    return seL4_Invoke(_service, X86PageDirectoryUnmap, 0, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_PageTable_Map(seL4_X86_PageTable _service, seL4_CPtr vspace, seL4_Word vaddr,
                                                seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return seL4_Invoke(_service, X86PageTableMap, 1, 2, vaddr, (seL4_Word)attr, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_PageTable_Unmap(seL4_X86_PageTable _service)
{
    return seL4_Invoke(_service, X86PageTableUnmap, 0, 0, 0, 0, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_Page_Map(seL4_X86_Page _service, seL4_CPtr vspace, seL4_Word vaddr,
                                           seL4_CapRights_t rights, seL4_X86_VMAttributes attr)
{
    seL4_SetCap(0, vspace);
    return seL4_Invoke(_service, X86PageMap, 1, 3, vaddr, rights.words[0], (seL4_Word)attr, 0, NULL);
}

static inline seL4_Error seL4_X86_Page_Unmap(seL4_X86_Page _service)
{
    return seL4_Invoke(_service, X86PageUnmap, 0, 0, 0, 0, 0, 0, NULL);
}

typedef struct seL4_X86_Page_GetAddress {
    int error;
    seL4_Word paddr;
} seL4_X86_Page_GetAddress_t;

static inline seL4_X86_Page_GetAddress_t seL4_X86_Page_GetAddress(seL4_X86_Page _service)
{
    seL4_X86_Page_GetAddress_t result;

    result.error = (int)seL4_Invoke(_service, X86PageGetAddress, 0, 0, 0, 0, 0, 0, &result.paddr);
    return result;
}

static inline seL4_Error seL4_X86_ASIDControl_MakePool(seL4_X86_ASIDControl _service, seL4_Untyped untyped,
                                                       seL4_CNode root, seL4_Word index, seL4_Uint8 depth)
{
    seL4_SetCap(0, untyped);
    seL4_SetCap(1, root);
    return seL4_Invoke(_service, X86ASIDControlMakePool, 2, 2, index, depth, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_ASIDPool_Assign(seL4_X86_ASIDPool _service, seL4_CPtr vspace)
{
    seL4_SetCap(0, vspace);
    return seL4_Invoke(_service, X86ASIDPoolAssign, 1, 0, 0, 0, 0, 0, NULL);
}

/* I/O ports. */

static inline seL4_Error seL4_X86_IOPortControl_Issue(seL4_X86_IOPortControl _service, seL4_Word first_port,
                                                      seL4_Word last_port, seL4_CNode root, seL4_Word index,
                                                      seL4_Uint8 depth)
{
    seL4_SetCap(0, root);
    return seL4_Invoke(_service, X86IOPortControlIssue, 1, 4, first_port, last_port, index, depth, NULL);
}

typedef struct seL4_X86_IOPort_In8 {
    int error;
    seL4_Uint8 result;
} seL4_X86_IOPort_In8_t;

typedef struct seL4_X86_IOPort_In16 {
    int error;
    seL4_Uint16 result;
} seL4_X86_IOPort_In16_t;

typedef struct seL4_X86_IOPort_In32 {
    int error;
    seL4_Uint32 result;
} seL4_X86_IOPort_In32_t;

static inline seL4_X86_IOPort_In8_t seL4_X86_IOPort_In8(seL4_X86_IOPort _service, seL4_Uint16 port)
{
    seL4_Word value;
    int error = (int)seL4_Invoke(_service, X86IOPortIn8, 0, 1, port, 0, 0, 0, &value);

    return (seL4_X86_IOPort_In8_t){error, (seL4_Uint8)value};
}

static inline seL4_X86_IOPort_In16_t seL4_X86_IOPort_In16(seL4_X86_IOPort _service, seL4_Uint16 port)
{
    seL4_Word value;
    int error = (int)seL4_Invoke(_service, X86IOPortIn16, 0, 1, port, 0, 0, 0, &value);

    return (seL4_X86_IOPort_In16_t){error, (seL4_Uint16)value};
}

static inline seL4_X86_IOPort_In32_t seL4_X86_IOPort_In32(seL4_X86_IOPort _service, seL4_Uint16 port)
{
    seL4_Word value;
    int error = (int)seL4_Invoke(_service, X86IOPortIn32, 0, 1, port, 0, 0, 0, &value);

    return (seL4_X86_IOPort_In32_t){error, (seL4_Uint32)value};
}

static inline seL4_Error seL4_X86_IOPort_Out8(seL4_X86_IOPort _service, seL4_Word port, seL4_Word data)
{
    return seL4_Invoke(_service, X86IOPortOut8, 0, 2, port, data, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_IOPort_Out16(seL4_X86_IOPort _service, seL4_Word port, seL4_Word data)
{
    return seL4_Invoke(_service, X86IOPortOut16, 0, 2, port, data, 0, 0, NULL);
}

static inline seL4_Error seL4_X86_IOPort_Out32(seL4_X86_IOPort _service, seL4_Word port, seL4_Word data)
{
    return seL4_Invoke(_service, X86IOPortOut32, 0, 2, port, data, 0, 0, NULL);
}
