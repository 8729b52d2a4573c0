/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Initialisation: DLL_PROCESS_ATTACH for what a load has brought.
 *
 * Modules whose imports are resolved wait in a list until the load tells of them (dllnotify.c), all before the first entry
 * point runs.  Then the graph is walked from the module that was asked for: what a module imports comes before it, each one
 * once.  An entry point may load more: such a load initialises its own graph, which may reach modules that the outer load
 * has not come to, and passes by those that are under way; the outer load goes on behind it.  PEB.Ldr's initialisation
 * list has the modules in the order in which they were called.
 *
 * A module that fails is told at once that it goes, and stays failed: no load that needs it succeeds.  An exception that leaves an
 * entry point or a callback ends that call alone; where it attaches, its code is what the load says.
 * Source: Microsoft, "DllMain", "Dynamic-Link Library Best Practices".
 */
#include "ntdllp.h"

static LIST_ENTRY LdrpUntold = { &LdrpUntold, &LdrpUntold };
static ULONG LdrpInitCount;

VOID LdrpAwaitInitialization(PLDRP_MODULE Module)
{
    InsertTailList(&LdrpUntold, &Module->Entry.InInitializationOrderLinks);
    Module->Ordered = TRUE;
    Module->Resolved = TRUE;
}

static VOID LdrpTellOfNewModules(VOID)
{
    while (!IsListEmpty(&LdrpUntold)) {
        PLDRP_MODULE Module = CONTAINING_RECORD(RemoveHeadList(&LdrpUntold), LDRP_MODULE, Entry.InInitializationOrderLinks);

        Module->Ordered = FALSE;
        LdrpNotifyOfModule(Module, LDR_DLL_NOTIFICATION_REASON_LOADED);
    }
}

/* FALSE: why is in the TEB's ExceptionCode. */
static BOOLEAN LdrpCallInitRoutine(PVOID Argument, PVOID ReasonArgument, PVOID Reserved)
{
    PLDRP_MODULE Module = Argument;
    ULONG Reason = (ULONG)(ULONG_PTR)ReasonArgument;

    LdrpCallTlsCallbacks(Module, Reason);
    if (Module->Entry.EntryPoint == NULL || Module->IsDriver || !(Module->Entry.Flags & LDRP_IMAGE_DLL) ||
        Module->Entry.EntryPoint(Module->Entry.DllBase, Reason, Reserved))
        return TRUE;
    NtCurrentTebEx()->ExceptionCode = STATUS_DLL_INIT_FAILED;
    return FALSE;
}

BOOLEAN LdrpCallEntry(PLDRP_MODULE Module, ULONG Reason, PVOID Reserved)
{
    return RtlpCallGuarded(LdrpCallInitRoutine, Module, (PVOID)(ULONG_PTR)Reason, Reserved);
}

static NTSTATUS LdrpInitializeModule(PLDRP_MODULE Module, PVOID Reserved)
{
    LdrpTrace("ldr: %wZ: initialisation\n", &Module->Entry.BaseDllName);
    InsertTailList(&NtCurrentPeb()->Ldr->InInitializationOrderModuleList, &Module->Entry.InInitializationOrderLinks);
    Module->Ordered = TRUE;
    Module->InitNumber = ++LdrpInitCount;
    Module->Entry.Flags |= LDRP_ENTRY_PROCESSED | LDRP_LOAD_IN_PROGRESS;
    Module->Node.State = LdrModulesInitializing;
    if (!LdrpCallEntry(Module, DLL_PROCESS_ATTACH, Reserved)) {
        NTSTATUS Status = NtCurrentTebEx()->ExceptionCode;

        LdrpCallEntry(Module, DLL_PROCESS_DETACH, Reserved);
        Module->Node.State = LdrModulesInitError;
        LdrpReport("%wZ: initialisation failed: status %08x\n", &Module->Entry.BaseDllName, Status);
        return NT_SUCCESS(Status) ? STATUS_DLL_INIT_FAILED : Status;
    }
    Module->Entry.Flags &= ~LDRP_LOAD_IN_PROGRESS;
    Module->Entry.Flags |= LDRP_PROCESS_ATTACH_CALLED;
    Module->Node.State = LdrModulesReadyToRun;
    return STATUS_SUCCESS;
}

/* The graph below Module, then Module; what is initialised, or under way, is passed by. */
static NTSTATUS LdrpWalkGraph(PLDRP_MODULE Module, PVOID Reserved)
{
    NTSTATUS Status = STATUS_SUCCESS;

    if (Module->InitFailed)
        return STATUS_DLL_INIT_FAILED;
    if (!Module->Resolved || Module->Visited)
        return STATUS_SUCCESS;
    Module->Visited = TRUE;
    for (ULONG Index = 0; Index < Module->ImportCount && NT_SUCCESS(Status); Index++)
        Status = LdrpWalkGraph(Module->Imports[Index], Reserved);
    if (NT_SUCCESS(Status))
        Status = LdrpInitializeModule(Module, Reserved);
    Module->InitFailed = !NT_SUCCESS(Status);
    return Status;
}

/* STATUS_DLL_INIT_FAILED: the module, or one that it needs, does not want to be there.  Otherwise the code of an exception. */
NTSTATUS LdrpInitializeGraph(PLDRP_MODULE Module)
{
    LdrpTellOfNewModules();
    return LdrpWalkGraph(Module, NULL);
}

/* What the program imports; its entry points learn from Reserved that they were not loaded by a call. */
VOID LdrpInitializeProgramImports(VOID)
{
    NTSTATUS Status = STATUS_SUCCESS;

    LdrpTellOfNewModules();
    for (ULONG Index = 0; Index < LdrpProgram->ImportCount && NT_SUCCESS(Status); Index++)
        Status = LdrpWalkGraph(LdrpProgram->Imports[Index], (PVOID)1);
    if (!NT_SUCCESS(Status))
        NtTerminateProcess(NtCurrentProcess(), Status);
}

/*
 * The lookup of an export has ended with Status, and its forwarders have made Module hold its imports from Known on: they
 * are initialised.  If one fails, or the lookup has, those that are not initialised are given back.
 */
NTSTATUS LdrpInitializeForwarded(PLDRP_MODULE Module, ULONG Known, NTSTATUS Status)
{
    for (ULONG Index = Known; Index < Module->ImportCount && NT_SUCCESS(Status); Index++)
        Status = LdrpInitializeGraph(Module->Imports[Index]);
    for (ULONG Index = Module->ImportCount; Index > Known && !NT_SUCCESS(Status); Index--) {
        PLDRP_MODULE Imported = Module->Imports[Index - 1];

        if (Imported->Visited && !Imported->InitFailed)
            continue;
        Module->Imports[Index - 1] = Module->Imports[--Module->ImportCount];
        LdrpDereference(Imported);
    }
    return Status;
}
