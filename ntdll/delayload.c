/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Delay-loaded imports: a module's thunk comes here on the first call of a function, the module that has the function
 * is loaded, and the thunk's slot gets the address.
 * Source: LdrResolveDelayLoadedAPI, delayloadhandler.h (Win32 documentation).
 */
#include "ntdllp.h"

#define DELAYLOAD_GPA_FAILURE 4

/* The handle's slot of the descriptor keeps the module; NULL until it is loaded. */
static NTSTATUS LdrpDelayLoadModule(PUCHAR Base, const IMAGE_DELAYLOAD_DESCRIPTOR *Descriptor, PVOID *Module)
{
    PVOID volatile *Slot = (PVOID volatile *)(Base + Descriptor->ModuleHandleRVA);
    UNICODE_STRING Name;
    NTSTATUS Status;
    PVOID Loaded;

    *Module = *Slot;
    if (*Module != NULL)
        return STATUS_SUCCESS;
    if (!RtlCreateUnicodeStringFromAsciiz(&Name, (PCSZ)(Base + Descriptor->DllNameRVA)))
        return STATUS_NO_MEMORY;
    Status = LdrLoadDll(NULL, NULL, &Name, &Loaded);
    RtlFreeUnicodeString(&Name);
    if (!NT_SUCCESS(Status))
        return Status;
    *Module = InterlockedCompareExchangePointer(Slot, Loaded, NULL);
    if (*Module != NULL)
        LdrUnloadDll(Loaded);
    else
        *Module = Loaded;
    return STATUS_SUCCESS;
}

static NTSTATUS LdrpDelayLoadFunction(PUCHAR Base, const IMAGE_THUNK_DATA *Name, PVOID Module, PVOID *Address)
{
    PIMAGE_IMPORT_BY_NAME ByName = (PIMAGE_IMPORT_BY_NAME)(Base + Name->u1.AddressOfData);
    ANSI_STRING Text;

    if (IMAGE_SNAP_BY_ORDINAL(Name->u1.Ordinal))
        return LdrGetProcedureAddress(Module, NULL, (ULONG)IMAGE_ORDINAL(Name->u1.Ordinal), Address);
    RtlInitAnsiString(&Text, (PCSZ)ByName->Name);
    return LdrGetProcedureAddress(Module, &Text, 0, Address);
}

/* What the hooks of the module and of the system (a routine with the two names) put in the function's place. */
static PVOID LdrpAskDelayLoadHooks(PUCHAR Base, const IMAGE_DELAYLOAD_DESCRIPTOR *Descriptor,
        PDELAYLOAD_FAILURE_DLL_CALLBACK DllHook, PDELAYLOAD_FAILURE_SYSTEM_ROUTINE SystemHook, PIMAGE_THUNK_DATA Thunk,
        const IMAGE_THUNK_DATA *Name, PVOID Module, NTSTATUS Status)
{
    PCSZ DllName = (PCSZ)(Base + Descriptor->DllNameRVA);
    BOOLEAN ByOrdinal = IMAGE_SNAP_BY_ORDINAL(Name->u1.Ordinal);
    PCSZ Text = ByOrdinal ? (PCSZ)(ULONG_PTR)IMAGE_ORDINAL(Name->u1.Ordinal)
            : (PCSZ)((PIMAGE_IMPORT_BY_NAME)(Base + Name->u1.AddressOfData))->Name;
    DELAYLOAD_INFO Info = { sizeof(Info), Descriptor, Thunk, DllName, { !ByOrdinal, { Text } }, Module, NULL,
            RtlNtStatusToDosError(Status) };
    PVOID Address = NULL;

    if (ByOrdinal)
        Info.TargetApiDescriptor.Description.Ordinal = (ULONG)IMAGE_ORDINAL(Name->u1.Ordinal);
    if (DllHook != NULL)
        Address = DllHook(DELAYLOAD_GPA_FAILURE, &Info);
    if (Address == NULL && SystemHook != NULL)
        Address = SystemHook(DllName, Text);
    return Address;
}

static VOID LdrpSetThunk(PIMAGE_THUNK_DATA Thunk, PVOID Address)
{
    PVOID Page = Thunk;
    SIZE_T Length = sizeof(*Thunk);
    ULONG Old, Ignored;

    if (!NT_SUCCESS(NtProtectVirtualMemory(NtCurrentProcess(), &Page, &Length, PAGE_READWRITE, &Old)))
        return;
    Thunk->u1.Function = (ULONG_PTR)Address;
    if (Old != PAGE_READWRITE)
        NtProtectVirtualMemory(NtCurrentProcess(), &Page, &Length, Old, &Ignored);
}

/* The address of the function whose slot in the delay import address table is Thunk; the slot gets it too, unless a
 * hook has supplied it.  NULL: not found, and no hook helped.  May load modules and call their entry points. */
PVOID NTAPI LdrResolveDelayLoadedAPI(PVOID ParentModuleBase, PCIMAGE_DELAYLOAD_DESCRIPTOR Descriptor,
        PDELAYLOAD_FAILURE_DLL_CALLBACK FailureDllHook, PDELAYLOAD_FAILURE_SYSTEM_ROUTINE FailureSystemHook,
        PIMAGE_THUNK_DATA ThunkAddress, ULONG Flags)
{
    PUCHAR Base = ParentModuleBase;
    PIMAGE_THUNK_DATA Table = (PIMAGE_THUNK_DATA)(Base + Descriptor->ImportAddressTableRVA);
    const IMAGE_THUNK_DATA *Names = (const IMAGE_THUNK_DATA *)(Base + Descriptor->ImportNameTableRVA);
    const IMAGE_THUNK_DATA *Name = &Names[ThunkAddress - Table];
    PVOID Module = NULL, Address = NULL;
    NTSTATUS Status = LdrpDelayLoadModule(Base, Descriptor, &Module);

    if (NT_SUCCESS(Status))
        Status = LdrpDelayLoadFunction(Base, Name, Module, &Address);
    if (!NT_SUCCESS(Status))
        return LdrpAskDelayLoadHooks(Base, Descriptor, FailureDllHook, FailureSystemHook, ThunkAddress, Name, Module,
                Status);
    LdrpSetThunk(ThunkAddress, Address);
    return Address;
}
