/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of ntos: from the boot protocol's first instruction to the first program.
 *
 * KiSystemStartup runs on the boot stack and must not wait: UARTs, memory, the kernel objects of the loop, the clock.
 * The rest is a system coroutine (KipPhase1), in the order of the table below; each step may wait.  A step that fails
 * stops the boot with its name and status on COM1.
 */
#include "kep.h"
#include "abi/bootarchive.h"
#include "ntos/inc/cm.h"
#include "ntos/inc/ex.h"
#include "ntos/inc/hal.h"
#include "ntos/inc/io.h"
#include "ntos/inc/ldr.h"
#include "ntos/inc/lpc.h"
#include "ntos/inc/se.h"

DECLSPEC_NORETURN VOID KiSystemStartup(const seL4_BootInfo *BootInfo);

__attribute__((section(".bootarc"), used))
volatile BOOT_ARCHIVE_DESCRIPTOR KiBootArchive = { BOOT_ARCHIVE_MAGIC, 0, 0 };
seL4_IPCBuffer *__sel4_ipc_buffer;

static const seL4_BootInfo *KipBootInfo;
static MM_KERNEL_OBJECT KipEndpoint, KipNotification;

BOOLEAN KeGetBootBlob(ULONG64 Id, PVOID Buffer, SIZE_T Size)
{
    const UCHAR *Area = (const UCHAR *)KipBootInfo + seL4_BootInfoFrameSize;
    ULONG64 Offset = 0, End = KipBootInfo->extraLen;
    seL4_BootInfoHeader Header;

    for (; Offset + sizeof(Header) <= End; Offset += Header.len) {
        memcpy(&Header, Area + Offset, sizeof(Header));
        if (Header.len < sizeof(Header) || Header.len > End - Offset)
            return FALSE;
        if (Header.id == Id && Header.len >= sizeof(Header) + Size) {
            memcpy(Buffer, Area + Offset + sizeof(Header), Size);
            return TRUE;
        }
    }
    return FALSE;
}

static NTSTATUS KipLoadBootArchive(VOID)
{
    const char *Reason = "it is missing";
    NTSTATUS Status = STATUS_FILE_CORRUPT_ERROR;

    if (KiBootArchive.Address != 0)
        Status = LdrInitBootArchive((PVOID)KiBootArchive.Address, KiBootArchive.Size, &Reason);
    if (!NT_SUCCESS(Status))
        KeBugCheck("The boot archive in the ntos image cannot be used: %s.", Reason);
    return Status;
}

static NTSTATUS KipLoadRegistry(VOID)
{
    LDR_BOOT_FILE File = { 0 };
    NTSTATUS Status;

    LdrFindBootFile("windows/system32/config/system.reg", &File);
    Status = CmInitSystem2(File.Data, File.Size);
    if (NT_SUCCESS(Status) && LdrFindBootFile("windows/system32/config/boot.reg", &File))
        Status = CmLoadRegistryText(File.Data, File.Size);
    return Status;
}

/* SystemStartOptions: words, RUN and TRACE. */
static NTSTATUS KipReadOptions(VOID)
{
    WCHAR Options[512];
    PCM_KEY Key;

    if (!NT_SUCCESS(CmOpenKey(L"\\Registry\\Machine\\System\\CurrentControlSet\\Control", &Key)))
        return STATUS_SUCCESS;
    if (NT_SUCCESS(CmReadString(Key, L"SystemStartOptions", Options, ARRAYSIZE(Options)))) {
        KeRunMode = wcsstr(Options, L"RUN") != NULL;
        KeTraceServices = wcsstr(Options, L"TRACE") != NULL;
    }
    CmCloseKey(Key);
    return STATUS_SUCCESS;
}

static NTSTATUS KipStartSessionManager(VOID)
{
    PS_SYSTEM_PROCESS Parameters = {
        .ImagePath = L"\\SystemRoot\\system32\\smss.exe",
        .CommandLine = L"\\SystemRoot\\system32\\smss.exe",
        .CurrentDirectory = L"C:\\",
        .BasePriority = 11,
    };
    PEPROCESS Process;
    NTSTATUS Status = PsCreateSystemProcess(&Parameters, &Process, NULL);

    if (!NT_SUCCESS(Status))
        return Status;
    PsResumeProcess(Process);
    ObDereferenceObject(Process);
    return STATUS_SUCCESS;
}

static const struct {
    const char *Name;
    NTSTATUS (*Routine)(VOID);
} KipPhases[] = {
    { "boot archive", KipLoadBootArchive },
    { "object manager", ObInitSystem },
    { "security", SeInitSystem },
    { "executive", ExInitSystem },
    { "processes", PsInitSystem },
    { "ports", LpcInitSystem },
    { "sections", MmInitSections },
    { "registry", CmInitSystem },
    { "registry defaults", KipLoadRegistry },
    { "start options", KipReadOptions },
    { "time zone", ExInitTimeZone },
    { "processor", ExInitProcessor },
    { "input and output", IoInitSystem },
    { "ntdll", PsLocateSystemDll },
    { "drivers", IoStartDrivers },
    { "session manager", KipStartSessionManager },
};

static VOID KipPhase1(PVOID Context)
{
    MmFreeImageMemory(KiBootStack, KiBootStackTop - KiBootStack);
    for (ULONG i = 0; i < ARRAYSIZE(KipPhases); i++) {
        NTSTATUS Status = KipPhases[i].Routine();

        if (!NT_SUCCESS(Status))
            KeBugCheck("Nereid cannot start: %s failed (status %08lx).", KipPhases[i].Name, (ULONG)Status);
    }
    LogPrint("started");
}

static VOID KipFillSharedData(VOID)
{
    volatile KUSER_SHARED_DATA *Shared = MmSharedUserData;
    static const WCHAR Root[] = L"C:\\windows";
    BOOLEAN HasNoExecute = KiProbeNoExecute();

    if (!HasNoExecute)
        LogPrint("this kernel has no execute protection: every page that can be read can be executed");
    if (!KiProbeSingleStep())
        LogPrint("this kernel has no single step: the trap flag of a context that is set is left off");

    for (ULONG i = 0; i < ARRAYSIZE(Root); i++)
        Shared->NtSystemRoot[i] = Root[i];
    Shared->NtMajorVersion = 10;
    Shared->NtMinorVersion = 0;
    Shared->NtBuildNumber = 19045;
    Shared->NtProductType = 1;          /* NtProductWinNt */
    Shared->ProductTypeIsValid = TRUE;
    Shared->NativeProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
    Shared->ImageNumberLow = Shared->ImageNumberHigh = IMAGE_FILE_MACHINE_AMD64;
    Shared->NXSupportPolicy = HasNoExecute ? 2 : 0;
    Shared->SuiteMask = 0x110;          /* terminal, single user */
    Shared->LargePageMinimum = MM_LARGE_PAGE_SIZE;
    Shared->ActiveProcessorCount = 1;
    Shared->ActiveGroupCount = 1;
    Shared->UnparkedProcessorCount = 1;
    Shared->ActiveConsoleId = 1;
    Shared->ProcessorFeatures[PF_COMPARE_EXCHANGE_DOUBLE] = TRUE;
    Shared->ProcessorFeatures[PF_MMX_INSTRUCTIONS_AVAILABLE] = TRUE;
    Shared->ProcessorFeatures[PF_XMMI_INSTRUCTIONS_AVAILABLE] = TRUE;
    Shared->ProcessorFeatures[PF_RDTSC_INSTRUCTION_AVAILABLE] = TRUE;
    Shared->ProcessorFeatures[PF_PAE_ENABLED] = TRUE;
    Shared->ProcessorFeatures[PF_XMMI64_INSTRUCTIONS_AVAILABLE] = TRUE;
    Shared->ProcessorFeatures[PF_NX_ENABLED] = HasNoExecute;
    Shared->ProcessorFeatures[PF_COMPARE_EXCHANGE128] = TRUE;
    Shared->ProcessorFeatures[PF_FASTFAIL_AVAILABLE] = TRUE;
}

static VOID KipCreateLoopObjects(VOID)
{
    if (!NT_SUCCESS(MmCreateKernelObject(seL4_EndpointObject, 0, &KipEndpoint)) ||
        !NT_SUCCESS(MmCreateKernelObject(seL4_NotificationObject, 0, &KipNotification)))
        KeBugCheck("Not enough memory for the kernel objects of ntos.");
    KiEndpoint = KipEndpoint.Cap;
    KiReceiveEndpoint = MmMakeShortCap(KiEndpoint);
    KiNotification = KipNotification.Cap;
    if (seL4_TCB_BindNotification(seL4_CapInitThreadTCB, KiNotification) != seL4_NoError)
        KeBugCheck("ntos cannot bind its notification.");
    KiInitializeList(&KiExitList);
    KiInitializeList(&KiDpcList);
}

DECLSPEC_NORETURN VOID KiSystemStartup(const seL4_BootInfo *BootInfo)
{
    const char *Reason = "no reason given";
    PVOID BootStack;

    KipBootInfo = BootInfo;
    seL4_SetIPCBuffer(BootInfo->ipcBuffer);
    seL4_TCB_SetFlags(seL4_CapInitThreadTCB, 0, seL4_TCBFlag_fpuDisabled);
    HalInitSerial();
    PsInitSystemEarly();
    if (!NT_SUCCESS(MmInitSystem(BootInfo, &Reason)))
        KeBugCheck("Nereid cannot start: %s.", Reason);
    KiStartFaultThread();
    KipCreateLoopObjects();
    KipFillSharedData();
    HalInitSystem();
    KiInitializeClock();
    KiInitializeCoroutines();
    if (!NT_SUCCESS(KeCreateSystemCoroutine(KipPhase1, NULL, NULL)))
        KeBugCheck("Not enough memory for the first thread.");

    KiSwitchStack(&BootStack, KiCurrentCoroutine->StackPointer);
    __builtin_unreachable();
}
