/* SPDX-License-Identifier: BSD-2-Clause
 *
 * RtlCloneUserProcess: the copy of a process, with a copy of the thread that calls, and of no other.
 *
 * The locks of ntdll that another thread may hold when the copy is made would stay held in it for ever: the loader's, the PEB's, the heaps' and
 * that of their list.  They are taken before, and given back on both sides.  In the copy the thread has another id, and nobody waits: each
 * section that it holds becomes its own first.  What a program locks by itself is its own business, as are its other threads.
 */
#include "ntdllp.h"
#include "heapp.h"

static VOID RtlpAdoptSection(PRTL_CRITICAL_SECTION Section)
{
    Section->OwningThread = NtCurrentTebEx()->ClientId.UniqueThread;
    Section->LockCount = Section->RecursionCount - 1;
    Section->LockSemaphore = NULL;
}

NTSTATUS NTAPI RtlPrepareForProcessCloning(VOID)
{
    RtlEnterCriticalSection(&LdrpLoaderLock);
    RtlEnterCriticalSection(NtCurrentPeb()->FastPebLock);
    RtlpLockHeaps();
    return STATUS_SUCCESS;
}

/* Cloned: this is the copy. */
NTSTATUS NTAPI RtlCompleteProcessCloning(BOOLEAN Cloned)
{
    if (Cloned) {
        RtlpAbandonWaiters();
        RtlpAdoptSection(NtCurrentPeb()->FastPebLock);
        RtlpAdoptSection(&LdrpLoaderLock);
    }
    RtlpUnlockHeaps(Cloned ? RtlpAdoptSection : NULL);
    RtlLeaveCriticalSection(NtCurrentPeb()->FastPebLock);
    RtlLeaveCriticalSection(&LdrpLoaderLock);
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpClone(ULONG ProcessFlags, PSECURITY_DESCRIPTOR ProcessSecurityDescriptor, PSECURITY_DESCRIPTOR ThreadSecurityDescriptor,
        HANDLE DebugPort, PRTL_USER_PROCESS_INFORMATION Information)
{
    struct {
        SIZE_T TotalLength;
        PS_ATTRIBUTE Attributes[3];
    } List = { sizeof(List) - (DebugPort == NULL ? sizeof(PS_ATTRIBUTE) : 0) };
    PS_CREATE_INFO Create = { .Size = sizeof(Create) };
    OBJECT_ATTRIBUTES Process, Thread;
    UCHAR Vector[512] __attribute__((aligned(16)));
    NTSTATUS Status;

    InitializeObjectAttributes(&Process, NULL, 0, NULL, ProcessSecurityDescriptor);
    InitializeObjectAttributes(&Thread, NULL, 0, NULL, ThreadSecurityDescriptor);
    List.Attributes[0] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_CLIENT_ID, sizeof(CLIENT_ID), { .ValuePtr = &Information->ClientId }, NULL };
    List.Attributes[1] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_IMAGE_INFO, sizeof(SECTION_IMAGE_INFORMATION), { .ValuePtr = &Information->ImageInformation }, NULL };
    List.Attributes[2] = (PS_ATTRIBUTE){ PS_ATTRIBUTE_DEBUG_OBJECT, sizeof(HANDLE), { .ValuePtr = DebugPort }, NULL };
    __asm__ volatile("fxsave %0" : "=m"(Vector));
    Status = NtCreateUserProcess(&Information->ProcessHandle, &Information->ThreadHandle, MAXIMUM_ALLOWED, MAXIMUM_ALLOWED, &Process, &Thread,
            ProcessFlags & RTL_CLONE_PROCESS_FLAGS_INHERIT_HANDLES ? PROCESS_CREATE_FLAGS_INHERIT_HANDLES : 0,
            ProcessFlags & RTL_CLONE_PROCESS_FLAGS_CREATE_SUSPENDED ? THREAD_CREATE_FLAGS_CREATE_SUSPENDED : 0, NULL, &Create,
            (PPS_ATTRIBUTE_LIST)&List);
    if (Status == STATUS_PROCESS_CLONED)
        __asm__ volatile("fxrstor %0" : : "m"(Vector));
    return Status;
}

NTSTATUS NTAPI RtlCloneUserProcess(ULONG ProcessFlags, PSECURITY_DESCRIPTOR ProcessSecurityDescriptor,
        PSECURITY_DESCRIPTOR ThreadSecurityDescriptor, HANDLE DebugPort, PRTL_USER_PROCESS_INFORMATION ProcessInformation)
{
    const ULONG Known = RTL_CLONE_PROCESS_FLAGS_CREATE_SUSPENDED | RTL_CLONE_PROCESS_FLAGS_INHERIT_HANDLES | RTL_CLONE_PROCESS_FLAGS_NO_SYNCHRONIZE;
    BOOLEAN Synchronize = (ProcessFlags & RTL_CLONE_PROCESS_FLAGS_NO_SYNCHRONIZE) == 0;
    RTL_USER_PROCESS_INFORMATION Information = { .Length = sizeof(Information) };
    NTSTATUS Status;

    if (ProcessFlags & ~Known)
        return STATUS_INVALID_PARAMETER;
    if (Synchronize)
        RtlPrepareForProcessCloning();
    Status = RtlpClone(ProcessFlags, ProcessSecurityDescriptor, ThreadSecurityDescriptor, DebugPort, &Information);
    if (Synchronize)
        RtlCompleteProcessCloning(Status == STATUS_PROCESS_CLONED);
    if (NT_SUCCESS(Status))             /* in the copy nothing but the length is set */
        *ProcessInformation = Information;
    return Status;
}
