/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The virtual memory services: capture, process by handle, the work in virtual.c and protect.c, results back.
 * Nothing here waits.
 */
#include "ntos/mm/services.h"
#include "ntos/inc/io.h"
#include "ntos/inc/log.h"

NTSTATUS MiReferenceProcess(HANDLE ProcessHandle, ACCESS_MASK Access, PEPROCESS *Process)
{
    NTSTATUS Status;

    if (ProcessHandle == NtCurrentProcess()) {
        *Process = PsGetCurrentProcess();
        ObReferenceObject(*Process);
    } else {
        Status = ObReferenceObjectByHandle(ProcessHandle, Access, PsProcessType, UserMode, (PVOID *)Process, NULL);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    if ((*Process)->Vm.Root != NULL && !(*Process)->Vm.Deleting)
        return STATUS_SUCCESS;
    ObDereferenceObject(*Process);
    return STATUS_PROCESS_IS_TERMINATING;
}

NTSTATUS MiGetRegion(MI_REGION *Region, PVOID *BaseAddress, PSIZE_T RegionSize)
{
    NTSTATUS Status = MmProbeForWrite(BaseAddress, sizeof(*BaseAddress), 1);

    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(RegionSize, sizeof(*RegionSize), 1);
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Region->Base, BaseAddress);
    return NT_SUCCESS(Status) ? MmGetUser(&Region->Size, RegionSize) : Status;
}

NTSTATUS MiPutRegion(const MI_REGION *Region, PVOID *BaseAddress, PSIZE_T RegionSize)
{
    NTSTATUS Status = MmCopyToUser(BaseAddress, &Region->Base, sizeof(Region->Base));

    return NT_SUCCESS(Status) ? MmCopyToUser(RegionSize, &Region->Size, sizeof(Region->Size)) : Status;
}

NTSTATUS NTAPI NtAllocateVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, ULONG_PTR ZeroBits,
        PSIZE_T RegionSize, ULONG AllocationType, ULONG Protect)
{
    ULONG64 Limit = MiZeroBitsLimit(ZeroBits);
    PEPROCESS Process;
    MI_REGION Region;
    NTSTATUS Status;

    if (Limit == 0)
        return STATUS_INVALID_PARAMETER_3;
    Status = MiGetRegion(&Region, BaseAddress, RegionSize);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmAllocateVirtualMemory(&Process->Vm, &Region.Base, Limit, &Region.Size, AllocationType, Protect);
    ObDereferenceObject(Process);
    return NT_SUCCESS(Status) ? MiPutRegion(&Region, BaseAddress, RegionSize) : Status;
}

/* MEM_ADDRESS_REQUIREMENTS: an inclusive end of a page; all zero asks for nothing. */
static NTSTATUS MiGetPlace(PVOID User, BOOLEAN Fixed, PMI_PLACE Place)
{
    struct {
        ULONG64 Lowest, Highest, Alignment;
    } Asked;
    NTSTATUS Status = MmCopyFromUser(&Asked, User, sizeof(Asked));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Fixed && (Asked.Lowest | Asked.Highest | Asked.Alignment) != 0)
        return STATUS_INVALID_PARAMETER;
    if (Asked.Alignment != 0 &&
        ((Asked.Alignment & (Asked.Alignment - 1)) != 0 || Asked.Alignment < MM_ALLOCATION_GRANULARITY))
        return STATUS_INVALID_PARAMETER;
    if (Asked.Lowest % MM_ALLOCATION_GRANULARITY != 0 || Asked.Lowest > (ULONG64)MM_HIGHEST_USER_ADDRESS)
        return STATUS_INVALID_PARAMETER;
    if (Asked.Highest != 0 && ((Asked.Highest + 1) % PAGE_SIZE != 0 ||
                               Asked.Highest > (ULONG64)MM_HIGHEST_USER_ADDRESS || Asked.Highest <= Asked.Lowest))
        return STATUS_INVALID_PARAMETER;
    if (Asked.Lowest > Place->Lowest)
        Place->Lowest = Asked.Lowest;
    if (Asked.Highest != 0)
        Place->Highest = Asked.Highest + 1;
    Place->Alignment = Asked.Alignment;
    return STATUS_SUCCESS;
}

NTSTATUS MiGetExtendedParameters(MEM_EXTENDED_PARAMETER *User, ULONG Count, BOOLEAN Fixed, PMI_PLACE Place)
{
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG Index, Seen = 0;

    *Place = (MI_PLACE)MI_EVERYWHERE;
    if (Count > 16 || (Count != 0 && User == NULL))
        return STATUS_INVALID_PARAMETER;
    for (Index = 0; NT_SUCCESS(Status) && Index < Count; Index++) {
        MEM_EXTENDED_PARAMETER Parameter;

        Status = MmCopyFromUser(&Parameter, &User[Index], sizeof(Parameter));
        if (!NT_SUCCESS(Status))
            break;
        if (Parameter.Type == MemExtendedParameterInvalidType || Parameter.Type >= MemExtendedParameterMax ||
            Parameter.Reserved != 0 || (Seen & 1u << Parameter.Type))
            return STATUS_INVALID_PARAMETER;
        Seen |= 1u << Parameter.Type;
        if (Parameter.Type == MemExtendedParameterAddressRequirements) {
            Status = MiGetPlace(Parameter.Pointer, Fixed, Place);
        } else if (Parameter.Type == MemExtendedParameterAttributeFlags &&
                   (Parameter.ULong64 & MEM_EXTENDED_PARAMETER_EC_CODE)) {
            /* Code of the ARM64EC interface, which only ARM64 has. */
            return STATUS_NOT_SUPPORTED;
        } else if ((Parameter.Type != MemExtendedParameterNumaNode &&
                    Parameter.Type != MemExtendedParameterAttributeFlags) || Parameter.ULong64 != 0) {
            /* One node, no partitions, no kinds of pages to choose from. */
            LogPrint("memory with extended parameter %lu is not implemented", (ULONG)Parameter.Type);
            return STATUS_NOT_IMPLEMENTED;
        }
    }
    return Status;
}

NTSTATUS NTAPI NtAllocateVirtualMemoryEx(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize,
        ULONG AllocationType, ULONG PageProtection, MEM_EXTENDED_PARAMETER *ExtendedParameters,
        ULONG ExtendedParameterCount)
{
    PEPROCESS Process;
    MI_REGION Region;
    MI_PLACE Place;
    NTSTATUS Status;

    Status = MiGetRegion(&Region, BaseAddress, RegionSize);
    if (NT_SUCCESS(Status))
        Status = MiGetExtendedParameters(ExtendedParameters, ExtendedParameterCount, Region.Base != NULL, &Place);
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiAllocateVirtualMemory(&Process->Vm, &Region.Base, &Place, &Region.Size, AllocationType,
                                     PageProtection);
    ObDereferenceObject(Process);
    return NT_SUCCESS(Status) ? MiPutRegion(&Region, BaseAddress, RegionSize) : Status;
}

NTSTATUS NTAPI NtFreeVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG FreeType)
{
    PEPROCESS Process;
    MI_REGION Region;
    NTSTATUS Status;

    Status = MiGetRegion(&Region, BaseAddress, RegionSize);
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmFreeVirtualMemory(&Process->Vm, &Region.Base, &Region.Size, FreeType);
    ObDereferenceObject(Process);
    return NT_SUCCESS(Status) ? MiPutRegion(&Region, BaseAddress, RegionSize) : Status;
}

NTSTATUS NTAPI NtProtectVirtualMemory(HANDLE ProcessHandle, PVOID *BaseAddress, PSIZE_T RegionSize, ULONG NewProtect,
        PULONG OldProtect)
{
    PEPROCESS Process;
    MI_REGION Region;
    NTSTATUS Status;
    ULONG Old;

    Status = MiGetRegion(&Region, BaseAddress, RegionSize);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(OldProtect, sizeof(ULONG), 1);
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmProtectVirtualMemory(&Process->Vm, &Region.Base, &Region.Size, NewProtect, &Old);
    ObDereferenceObject(Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MiPutRegion(&Region, BaseAddress, RegionSize);
    return NT_SUCCESS(Status) ? MmCopyToUser(OldProtect, &Old, sizeof(Old)) : Status;
}

static NTSTATUS MiCopyMemory(HANDLE ProcessHandle, BOOLEAN Write, PVOID Address, PVOID Buffer, SIZE_T Length,
        PSIZE_T ReturnedLength)
{
    PMM_SPACE Current = MmCurrentSpace;
    PEPROCESS Process;
    SIZE_T Copied = 0;
    NTSTATUS Status;

    if (ReturnedLength != NULL) {
        Status = MmProbeForWrite(ReturnedLength, sizeof(*ReturnedLength), 1);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    Status = MiReferenceProcess(ProcessHandle, Write ? PROCESS_VM_WRITE : PROCESS_VM_READ, &Process);
    if (NT_SUCCESS(Status)) {
        Status = Write ? MmCopySpaceToSpace(&Process->Vm, Address, Current, Buffer, Length, &Copied)
                       : MmCopySpaceToSpace(Current, Buffer, &Process->Vm, Address, Length, &Copied);
        ObDereferenceObject(Process);
    }
    if (ReturnedLength != NULL) {
        NTSTATUS Put = MmCopyToUser(ReturnedLength, &Copied, sizeof(Copied));

        if (NT_SUCCESS(Status))
            Status = Put;
    }
    return Status;
}

NTSTATUS NTAPI NtReadVirtualMemory(HANDLE ProcessHandle, LPCVOID BaseAddress, PVOID Buffer,
        SIZE_T NumberOfBytesToRead, PSIZE_T NumberOfBytesRead)
{
    return MiCopyMemory(ProcessHandle, FALSE, (PVOID)BaseAddress, Buffer, NumberOfBytesToRead, NumberOfBytesRead);
}

NTSTATUS NTAPI NtWriteVirtualMemory(HANDLE ProcessHandle, PVOID BaseAddress, LPCVOID Buffer,
        SIZE_T NumberOfBytesToWrite, PSIZE_T NumberOfBytesWritten)
{
    return MiCopyMemory(ProcessHandle, TRUE, BaseAddress, (PVOID)Buffer, NumberOfBytesToWrite, NumberOfBytesWritten);
}

/* Views and files share their pages: there is nothing to write back. */
NTSTATUS NTAPI NtFlushVirtualMemory(HANDLE ProcessHandle, LPCVOID *BaseAddress, PSIZE_T RegionSize,
        PIO_STATUS_BLOCK IoStatus)
{
    IO_STATUS_BLOCK Block = IoMakeStatus(STATUS_SUCCESS, 0);
    PEPROCESS Process;
    MI_REGION Region;
    NTSTATUS Status;
    PMMVAD Vad;

    Status = MiGetRegion(&Region, (PVOID *)BaseAddress, RegionSize);
    /* DIFFERS: NT wants a status block; libwine's FlushViewOfFile gives none. */
    if (NT_SUCCESS(Status) && IoStatus != NULL)
        Status = MmProbeForWrite(IoStatus, sizeof(*IoStatus), 1);
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_OPERATION, &Process);
    if (!NT_SUCCESS(Status))
        return Status;
    Vad = MiFindVad(&Process->Vm, (ULONG64)Region.Base);
    if (Vad == NULL || Vad->Segment == NULL || Region.Size > Vad->End - (ULONG64)Region.Base) {
        Status = STATUS_NOT_MAPPED_VIEW;
    } else {
        ULONG64 Start = MiRoundDown((ULONG64)Region.Base, PAGE_SIZE);
        ULONG64 End = Region.Size == 0 ? Vad->End : MiRoundUp((ULONG64)Region.Base + Region.Size, PAGE_SIZE);

        Region = (MI_REGION){(PVOID)Start, End - Start};
    }
    ObDereferenceObject(Process);
    if (NT_SUCCESS(Status))
        Status = MiPutRegion(&Region, (PVOID *)BaseAddress, RegionSize);
    if (!NT_SUCCESS(Status) || IoStatus == NULL)
        return Status;
    return MmCopyToUser(IoStatus, &Block, sizeof(Block));
}

/* The processor keeps its instruction cache coherent. */
NTSTATUS NTAPI NtFlushInstructionCache(HANDLE ProcessHandle, LPCVOID BaseAddress, SIZE_T Length)
{
    PEPROCESS Process;
    NTSTATUS Status = MiReferenceProcess(ProcessHandle, PROCESS_VM_WRITE, &Process);

    if (NT_SUCCESS(Status))
        ObDereferenceObject(Process);
    return Status;
}

/* One processor: entering ntos has serialised the caller. */
NTSTATUS NTAPI NtFlushProcessWriteBuffers(VOID)
{
    return STATUS_SUCCESS;
}

/* Prefetch and the like are advice. */
static NTSTATUS MiCheckRange(const MEMORY_RANGE_ENTRY *User)
{
    MEMORY_RANGE_ENTRY Range;
    NTSTATUS Status = MmGetUser(&Range, User);

    if (!NT_SUCCESS(Status))
        return Status;
    return MiIsProgramsRange(Range.VirtualAddress, Range.NumberOfBytes) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER_4;
}

NTSTATUS NTAPI NtSetInformationVirtualMemory(HANDLE ProcessHandle, VIRTUAL_MEMORY_INFORMATION_CLASS VmInformationClass,
        ULONG_PTR NumberOfEntries, PMEMORY_RANGE_ENTRY VirtualAddresses, PVOID VmInformation,
        ULONG VmInformationLength)
{
    PEPROCESS Process;
    NTSTATUS Status;
    ULONG Flags;

    if (VmInformationClass > VmCfgCallTargetInformation)
        return STATUS_INVALID_PARAMETER_2;
    if (VmInformationClass == VmCfgCallTargetInformation)
        return STATUS_NOT_SUPPORTED;
    if (VmInformation == NULL)
        return STATUS_INVALID_PARAMETER_5;
    if (VmInformationLength != sizeof(ULONG))
        return STATUS_INVALID_PARAMETER_6;
    if (NumberOfEntries == 0)
        return STATUS_INVALID_PARAMETER_3;
    Status = MmGetUser(&Flags, (PULONG)VmInformation);
    if (NT_SUCCESS(Status) && VmInformationClass == VmPrefetchInformation && Flags != 0)
        Status = STATUS_INVALID_PARAMETER_5;
    for (ULONG_PTR i = 0; i < NumberOfEntries && NT_SUCCESS(Status); i++)
        Status = MiCheckRange(&VirtualAddresses[i]);
    if (NT_SUCCESS(Status))
        Status = MiReferenceProcess(ProcessHandle, PROCESS_SET_INFORMATION, &Process);
    if (NT_SUCCESS(Status))
        ObDereferenceObject(Process);
    return Status;
}
