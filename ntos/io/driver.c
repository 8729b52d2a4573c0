/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Service keys: which drivers there are, which host they share, what resources they get; NtLoadDriver (NtUnloadDriver is
 * in unload.c); the list of modules.
 *
 * A key below ...\Services with Type 1 (kernel driver) or 2 (file system) and Start 0 or 1 is started at boot, others by
 * NtLoadDriver, which does not look at Start: what is disabled is the service control manager's affair.  Values: ImagePath
 * (default \SystemRoot\system32\drivers\NAME.sys), HostGroup (drivers with the same one share a process; empty or missing:
 * one of its own), Tag (order), WatchTime (seconds; hostwatch.c).  Parameters: IoPorts, Interrupts, Memory (REG_MULTI_SZ), or
 * subkeys Device0, Device1 .. with these values, one for each device.  A malformed resource fails the driver, with a line in
 * the log.
 */
#include "ntos/io/hostp.h"

#define IOP_SERVICES L"\\Registry\\Machine\\System\\CurrentControlSet\\Services"
#define IOP_KERNEL_DRIVER 1
#define IOP_FILE_SYSTEM_DRIVER 2
#define IOP_MAX_SERVICES 64

/* NtLoadDriver or NtUnloadDriver is at work: a synchronization event, set when nobody is. */
static KEVENT IopDriversLock;

/* ---- resources ---- */

typedef struct _IOP_DESCRIBE {
    PHOST Host;
    DRIVER_DESCRIPTOR *Descriptor;
    ULONG Instance;
} IOP_DESCRIBE, *PIOP_DESCRIBE;

/* "3f8-3ff" or "4", hexadecimal unless Base is 10. */
static NTSTATUS IopParseRange(PCWSTR Text, int Base, PULONG64 First, PULONG64 Last)
{
    PWSTR End;

    *First = *Last = _wcstoui64(Text, &End, Base);
    if (End == Text)
        return STATUS_INVALID_PARAMETER;
    if (*End == '-') {
        PCWSTR Second = End + 1;

        *Last = _wcstoui64(Second, &End, Base);
        if (End == Second)
            return STATUS_INVALID_PARAMETER;
    }
    return *End == 0 && *Last >= *First ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static NTSTATUS IopAddPorts(PIOP_DESCRIBE Describe, PCWSTR Text, DRIVER_RESOURCE *Resource)
{
    ULONG64 First, Last;
    ULONG Slot;
    NTSTATUS Status = IopParseRange(Text, 16, &First, &Last);

    if (!NT_SUCCESS(Status) || Last > 0xffff)
        return STATUS_INVALID_PARAMETER;
    Status = KeGrantPorts(Describe->Host->Channel, (USHORT)First, (USHORT)Last, &Slot);
    Resource->Type = DRIVER_RESOURCE_PORT;
    Resource->Slot = Slot;
    Resource->Start = First;
    Resource->Length = Last - First + 1;
    return Status;
}

static NTSTATUS IopAddInterrupt(PIOP_DESCRIBE Describe, PCWSTR Text, DRIVER_RESOURCE *Resource)
{
    ULONG Bit = DRIVER_FIRST_IRQ_BADGE_BIT + Describe->Host->InterruptCount;
    ULONG64 First, Last;
    ULONG Slot;
    NTSTATUS Status = IopParseRange(Text, 10, &First, &Last);

    if (!NT_SUCCESS(Status) || First != Last || First > 15)
        return STATUS_INVALID_PARAMETER;
    if (Bit > 63)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = KeGrantInterrupt(Describe->Host->Channel, (ULONG)First, Bit, &Slot);
    if (!NT_SUCCESS(Status))
        return Status;
    Describe->Host->InterruptCount++;
    Resource->Type = DRIVER_RESOURCE_INTERRUPT;
    Resource->BadgeBit = (UCHAR)Bit;
    Resource->Slot = Slot;
    Resource->Start = First;
    Resource->Length = 1;
    return STATUS_SUCCESS;
}

static NTSTATUS IopAddMemory(PIOP_DESCRIBE Describe, PCWSTR Text, DRIVER_RESOURCE *Resource)
{
    const DRIVER_FRAMEBUFFER *Framebuffer = &((DRIVER_START_BLOCK *)Describe->Host->Region)->Framebuffer;
    PHOST Host = Describe->Host;
    ULONG64 First, Last;
    NTSTATUS Status;

    Resource->Type = DRIVER_RESOURCE_MEMORY;
    if (_wcsicmp(Text, L"framebuffer") == 0) {
        Resource->Flags = DRIVER_RESOURCE_FRAMEBUFFER;
        Resource->Start = Framebuffer->PhysicalAddress;
        Resource->Length = (ULONG64)Framebuffer->Pitch * Framebuffer->Height;
    } else {
        Status = IopParseRange(Text, 16, &First, &Last);
        if (!NT_SUCCESS(Status))
            return Status;
        Resource->Start = First;
        Resource->Length = Last - First + 1;
    }
    if (Resource->Length == 0)
        return STATUS_SUCCESS;          /* no framebuffer in this machine: the driver sees an empty one */
    if (Host->RangeCount == HOST_MAX_RANGES)
        return STATUS_INSUFFICIENT_RESOURCES;
    Host->Ranges[Host->RangeCount].Start = Resource->Start;
    Host->Ranges[Host->RangeCount++].Length = Resource->Length;
    return STATUS_SUCCESS;
}

/* The most patient of its drivers decides for a host. */
static VOID IopReadWatchTime(PHOST Host, PCM_KEY Service)
{
    ULONG Time = CmReadDwordDefault(Service, L"WatchTime", HOST_WATCH_TIME);

    if (Time > HOST_MOST_WATCH_TIME)
        Time = HOST_MOST_WATCH_TIME;
    if (Time > Host->WatchTime)
        Host->WatchTime = Time;
}

/* All strings of one value. */
static NTSTATUS IopAddResources(PIOP_DESCRIBE Describe, PCM_KEY Key, PCWSTR Value,
        NTSTATUS (*Add)(PIOP_DESCRIBE Describe, PCWSTR Text, DRIVER_RESOURCE *Resource))
{
    DRIVER_DESCRIPTOR *Descriptor = Describe->Descriptor;
    WCHAR Text[40];

    for (ULONG i = 0; NT_SUCCESS(CmReadMultiString(Key, Value, i, Text, ARRAYSIZE(Text))); i++) {
        DRIVER_RESOURCE Resource = { .Instance = (UCHAR)Describe->Instance };
        NTSTATUS Status;

        if (Text[0] == 0)
            continue;
        if (Descriptor->ResourceCount == DRIVER_MAX_RESOURCES)
            return STATUS_INSUFFICIENT_RESOURCES;
        Status = Add(Describe, Text, &Resource);
        if (!NT_SUCCESS(Status)) {
            LogPrint("io: driver %S: resource %S %S is refused: status %08lx", (PCWSTR)Descriptor->ServiceName, Value,
                     Text, (unsigned long)Status);
            return Status;
        }
        Descriptor->Resources[Descriptor->ResourceCount++] = Resource;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS IopDescribeInstance(PIOP_DESCRIBE Describe, PCM_KEY Key)
{
    NTSTATUS Status;

    Status = IopAddResources(Describe, Key, L"IoPorts", IopAddPorts);
    if (NT_SUCCESS(Status))
        Status = IopAddResources(Describe, Key, L"Interrupts", IopAddInterrupt);
    if (NT_SUCCESS(Status))
        Status = IopAddResources(Describe, Key, L"Memory", IopAddMemory);
    return Status;
}

static NTSTATUS IopDescribeDevices(PIOP_DESCRIBE Describe, PCM_KEY Service)
{
    PCM_KEY Parameters, Device;
    WCHAR Name[] = L"Device0";
    NTSTATUS Status = STATUS_SUCCESS;

    Describe->Descriptor->InstanceCount = 1;
    if (!NT_SUCCESS(CmOpenSubKey(Service, L"Parameters", &Parameters)))
        return STATUS_SUCCESS;
    for (ULONG i = 0; NT_SUCCESS(Status) && i < DRIVER_MAX_INSTANCES; i++) {
        Name[ARRAYSIZE(Name) - 2] = (WCHAR)('0' + i);
        if (!NT_SUCCESS(CmOpenSubKey(Parameters, Name, &Device)))
            break;
        Describe->Instance = i;
        Describe->Descriptor->InstanceCount = i + 1;
        Status = IopDescribeInstance(Describe, Device);
        CmCloseKey(Device);
    }
    if (NT_SUCCESS(Status) && Describe->Descriptor->ResourceCount == 0 && Describe->Descriptor->InstanceCount == 1)
        Status = IopDescribeInstance(Describe, Parameters);
    CmCloseKey(Parameters);
    return Status;
}

/* ImagePath as an NT path. */
static VOID IopReadImagePath(PCM_KEY Service, PCWSTR Name, PWCHAR Path, ULONG Chars)
{
    WCHAR Value[128];

    if (!NT_SUCCESS(CmReadString(Service, L"ImagePath", Value, ARRAYSIZE(Value))) || Value[0] == 0)
        _snwprintf(Path, Chars, L"\\SystemRoot\\system32\\drivers\\%ls.sys", Name);
    else if (Value[0] == '\\')
        _snwprintf(Path, Chars, L"%ls", Value);
    else
        _snwprintf(Path, Chars, L"\\SystemRoot\\%ls", Value);
    Path[Chars - 1] = 0;
}

static NTSTATUS IopOpenService(PCWSTR Name, PCM_KEY *Service)
{
    PCM_KEY Services;
    NTSTATUS Status = CmOpenKey(IOP_SERVICES, &Services);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmOpenSubKey(Services, Name, Service);
    CmCloseKey(Services);
    return Status;
}

NTSTATUS IopMakeDriverObject(PHOST_DRIVER Driver)
{
    if (Driver->DriverObject != NULL)
        return STATUS_SUCCESS;
    return IopCreateDriver(L"\\Driver", Driver->Name, IopHostDispatch, NULL, &Driver->DriverObject);
}

NTSTATUS IopDescribeDriver(PHOST Host, ULONG Index)
{
    PHOST_DRIVER Driver = &Host->Drivers[Index];
    DRIVER_DESCRIPTOR *Descriptor = &((DRIVER_START_BLOCK *)Host->Region)->Drivers[Index];
    IOP_DESCRIBE Describe = { .Host = Host, .Descriptor = Descriptor };
    PCM_KEY Service;
    NTSTATUS Status;

    memset(Descriptor, 0, sizeof(*Descriptor));
    memcpy(Descriptor->ServiceName, Driver->Name, sizeof(Driver->Name));
    Status = IopOpenService(Driver->Name, &Service);
    if (!NT_SUCCESS(Status))
        return Status;
    IopReadImagePath(Service, Driver->Name, (PWCHAR)Descriptor->ImagePath, ARRAYSIZE(Descriptor->ImagePath));
    IopReadWatchTime(Host, Service);
    Status = IopDescribeDevices(&Describe, Service);
    CmCloseKey(Service);
    return NT_SUCCESS(Status) && !Driver->Unloaded ? IopMakeDriverObject(Driver) : Status;
}

/* ---- hosts from keys ---- */

PHOST IopFindDriver(PCWSTR Name, PULONG Index)
{
    PLIST_ENTRY Entry;

    for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink) {
        PHOST Host = CONTAINING_RECORD(Entry, HOST, HostLinks);

        for (ULONG i = 0; i < Host->DriverCount; i++) {
            if (_wcsicmp(Host->Drivers[i].Name, Name) == 0) {
                *Index = i;
                return Host;
            }
        }
    }
    return NULL;
}

/* The host a driver belongs to: one of its group that has not been started yet, or a new one. */
static PHOST IopGetHost(PCWSTR Group)
{
    PLIST_ENTRY Entry;
    PHOST Host;

    for (Entry = IopHosts.Flink; Group[0] != 0 && Entry != &IopHosts; Entry = Entry->Flink) {
        Host = CONTAINING_RECORD(Entry, HOST, HostLinks);
        if (Host->State == HostDown && Host->Region == NULL && Host->DriverCount < DRIVER_MAX_DRIVERS &&
            _wcsicmp(Host->Group, Group) == 0)
            return Host;
    }
    Host = ExAllocatePoolZero(NonPagedPool, sizeof(*Host), IO_TAG_HOST);
    if (Host == NULL)
        return NULL;
    KeInitializeEvent(&Host->StateEvent, NotificationEvent, FALSE);
    InitializeListHead(&Host->Waiting);
    wcsncpy(Host->Group, Group, HOST_NAME_CHARS - 1);
    InsertTailList(&IopHosts, &Host->HostLinks);
    return Host;
}

typedef struct _IOP_SERVICE {
    WCHAR Name[HOST_NAME_CHARS];
    WCHAR Group[HOST_NAME_CHARS];
    ULONG Start;
    ULONG Tag;
} IOP_SERVICE, *PIOP_SERVICE;

/* FALSE: no driver. */
static BOOLEAN IopReadService(PCWSTR Name, PIOP_SERVICE Entry)
{
    PCM_KEY Service;
    ULONG Type;

    if (!NT_SUCCESS(IopOpenService(Name, &Service)))
        return FALSE;
    memset(Entry, 0, sizeof(*Entry));
    wcsncpy(Entry->Name, Name, HOST_NAME_CHARS - 1);
    Type = CmReadDwordDefault(Service, L"Type", 0);
    Entry->Start = CmReadDwordDefault(Service, L"Start", 4);
    Entry->Tag = CmReadDwordDefault(Service, L"Tag", 0xffffffff);
    if (!NT_SUCCESS(CmReadString(Service, L"HostGroup", Entry->Group, HOST_NAME_CHARS)))
        Entry->Group[0] = 0;
    CmCloseKey(Service);
    return Type == IOP_KERNEL_DRIVER || Type == IOP_FILE_SYSTEM_DRIVER;
}

static NTSTATUS IopAddDriver(const IOP_SERVICE *Entry, PHOST *Result)
{
    PHOST Host = IopGetHost(Entry->Group);

    if (Host == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    wcsncpy(Host->Drivers[Host->DriverCount].Name, Entry->Name, HOST_NAME_CHARS - 1);
    KeInitializeEvent(&Host->Drivers[Host->DriverCount].Answered, NotificationEvent, FALSE);
    Host->Drivers[Host->DriverCount++].Status = STATUS_PENDING;
    *Result = Host;
    return STATUS_SUCCESS;
}

/* The services to start at boot, in order of Start, then Tag, then as they stand. */
static ULONG IopListBootServices(PIOP_SERVICE List)
{
    PCM_KEY Services;
    WCHAR Name[HOST_NAME_CHARS];
    ULONG Count = 0;

    if (!NT_SUCCESS(CmOpenKey(IOP_SERVICES, &Services)))
        return 0;
    for (ULONG i = 0; Count < IOP_MAX_SERVICES; i++) {
        NTSTATUS Status = CmEnumerateSubKey(Services, i, Name, HOST_NAME_CHARS);
        IOP_SERVICE Entry;
        ULONG At = Count;

        if (Status == STATUS_BUFFER_TOO_SMALL)
            continue;
        if (!NT_SUCCESS(Status))
            break;
        if (!IopReadService(Name, &Entry) || Entry.Start > 1)
            continue;
        for (; At > 0 && (List[At - 1].Start > Entry.Start ||
                          (List[At - 1].Start == Entry.Start && List[At - 1].Tag > Entry.Tag)); At--)
            List[At] = List[At - 1];
        List[At] = Entry;
        Count++;
    }
    CmCloseKey(Services);
    return Count;
}

NTSTATUS IoStartDrivers(VOID)
{
    PIOP_SERVICE List = ExAllocatePoolWithTag(PagedPool, IOP_MAX_SERVICES * sizeof(*List), IO_TAG_HOST);
    PLIST_ENTRY Entry;
    ULONG Count;
    PHOST Host;

    if (List == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Count = IopListBootServices(List);
    for (ULONG i = 0; i < Count; i++) {
        NTSTATUS Status = IopAddDriver(&List[i], &Host);

        if (!NT_SUCCESS(Status))
            LogPrint("io: driver %S: status %08lx", List[i].Name, (unsigned long)Status);
    }
    ExFreePool(List);
    for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink)
        IopStartHost(CONTAINING_RECORD(Entry, HOST, HostLinks));
    for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink)
        IopWaitForHost(CONTAINING_RECORD(Entry, HOST, HostLinks), 0);
    return STATUS_SUCCESS;
}

/* ---- services ---- */

/*
 * The last part of a path that names a key right below one of these.
 * DIFFERS: NT takes any key; here drivers are known by the names that their keys have there.
 */
static NTSTATUS IopServiceName(PCUNICODE_STRING Path, PWCHAR Name)
{
    static const UNICODE_STRING Folders[] = {
        RTL_CONSTANT_UNICODE_STRING(IOP_SERVICES L"\\"),
        RTL_CONSTANT_UNICODE_STRING(L"\\Registry\\Machine\\System\\ControlSet001\\Services\\"),
    };

    if (Path->Length == 0)
        return STATUS_INVALID_PARAMETER;
    if (Path->Buffer[0] != '\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    for (ULONG i = 0; i < ARRAYSIZE(Folders); i++) {
        PCWSTR Rest = Path->Buffer + Folders[i].Length / sizeof(WCHAR);
        ULONG Chars = (Path->Length - Folders[i].Length) / sizeof(WCHAR);

        if (!RtlPrefixUnicodeString(&Folders[i], Path, TRUE))
            continue;
        if (Chars == 0 || Chars >= HOST_NAME_CHARS)
            return STATUS_OBJECT_NAME_NOT_FOUND;
        memcpy(Name, Rest, Chars * sizeof(WCHAR));
        Name[Chars] = 0;
        return wcschr(Name, '\\') == NULL ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
    }
    return STATUS_OBJECT_NAME_NOT_FOUND;
}

/* Checks the privilege and that the caller's path names the key of a driver; the last part of it. */
static NTSTATUS IopCaptureService(PUNICODE_STRING UserPath, PWCHAR Name)
{
    UNICODE_STRING Path;
    IOP_SERVICE Entry;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_LOAD_DRIVER_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmCaptureUnicodeString(UserPath, &Path);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IopServiceName(&Path, Name);
    MmReleaseUnicodeString(&Path);
    return NT_SUCCESS(Status) && !IopReadService(Name, &Entry) ? STATUS_OBJECT_NAME_NOT_FOUND : Status;
}

NTSTATUS IopChangeDriver(PUNICODE_STRING UserPath, NTSTATUS (*Routine)(PCWSTR Name))
{
    WCHAR Name[HOST_NAME_CHARS];
    NTSTATUS Status = IopCaptureService(UserPath, Name);

    if (NT_SUCCESS(Status))
        Status = KeWaitForSingleObject(&IopDriversLock, Executive, UserMode, FALSE, NULL);
    if (Status != STATUS_SUCCESS)       /* the thread ends, for one */
        return Status;
    Status = Routine(Name);
    KeSetEvent(&IopDriversLock, 0, FALSE);
    return Status;
}

static NTSTATUS IopLoadDriver(PCWSTR Name)
{
    IOP_SERVICE Entry;
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG Index;
    PHOST Host = IopFindDriver(Name, &Index);

    if (Host != NULL && Host->Drivers[Index].Unloaded) {
        Status = IopLoadAgain(Host, Index);
        if (!NT_SUCCESS(Status))
            IopForgetFailedDriver(Host, Index);
        return Status;
    }
    if (Host != NULL && Host->State != HostFailed)
        return STATUS_IMAGE_ALREADY_LOADED;
    if (Host == NULL) {
        if (!IopReadService(Name, &Entry))
            return STATUS_OBJECT_NAME_NOT_FOUND;
        Entry.Group[0] = 0;
        Status = IopAddDriver(&Entry, &Host);
        Index = 0;
    }
    if (!NT_SUCCESS(Status))
        return Status;
    Host->QuickDeaths = 0;
    Host->Drivers[Index].Unloading = FALSE;
    Status = IopStartHost(Host);
    if (NT_SUCCESS(Status))
        Status = IopWaitForHost(Host, Index);
    if (!NT_SUCCESS(Status))
        IopForgetFailedDriver(Host, Index);
    return Status;
}

/* DIFFERS: a driver that is loaded on demand gets a process of its own even if it names a group that runs. */
NTSTATUS NTAPI NtLoadDriver(PUNICODE_STRING DriverServiceName)
{
    return IopChangeDriver(DriverServiceName, IopLoadDriver);
}

static VOID IopFillModule(PRTL_PROCESS_MODULE_INFORMATION Module, ULONG Index, PVOID Base, ULONG Size,
        const char *Directory, PCWSTR Name, const char *Extension)
{
    memset(Module, 0, sizeof(*Module));
    Module->ImageBase = Base;
    Module->ImageSize = Size;
    Module->LoadOrderIndex = (USHORT)Index;
    Module->LoadCount = 1;
    Module->OffsetToFileName = (USHORT)strlen(Directory);
    _snprintf((char *)Module->FullPathName, sizeof(Module->FullPathName) - 1, "%s%S%s", Directory, Name, Extension);
}

extern const IMAGE_DOS_HEADER __ImageBase;

/* SystemModuleInformation: ntos, then every driver that runs. */
static NTSTATUS IopQueryModules(PVOID UserBuffer, ULONG Length, PULONG ReturnLength)
{
    RTL_PROCESS_MODULE_INFORMATION Module;
    ULONG Offset = FIELD_OFFSET(RTL_PROCESS_MODULES, Modules);
    PIMAGE_NT_HEADERS Headers = RtlpImageNtHeader((PVOID)&__ImageBase);
    NTSTATUS Status = STATUS_SUCCESS;
    PLIST_ENTRY Entry;
    ULONG Count = 1;

    IopFillModule(&Module, 0, (PVOID)&__ImageBase, Headers != NULL ? Headers->OptionalHeader.SizeOfImage : 0,
                  "\\SystemRoot\\system32\\", L"ntos", ".exe");
    if (Length >= Offset + sizeof(Module))
        Status = MmCopyToUser((PUCHAR)UserBuffer + Offset, &Module, sizeof(Module));
    for (Entry = IopHosts.Flink; Entry != &IopHosts; Entry = Entry->Flink) {
        PHOST Host = CONTAINING_RECORD(Entry, HOST, HostLinks);

        for (ULONG i = 0; i < Host->DriverCount; i++) {
            if (!Host->Drivers[i].Started)
                continue;
            IopFillModule(&Module, Count, Host->Drivers[i].ImageBase, Host->Drivers[i].ImageSize,
                          "\\SystemRoot\\system32\\drivers\\", Host->Drivers[i].Name, ".sys");
            Offset += sizeof(Module);
            Count++;
            if (NT_SUCCESS(Status) && Length >= Offset + sizeof(Module))
                Status = MmCopyToUser((PUCHAR)UserBuffer + Offset, &Module, sizeof(Module));
        }
    }
    *ReturnLength = Offset + sizeof(Module);
    if (NT_SUCCESS(Status) && Length >= sizeof(ULONG))
        Status = MmPutUser((PULONG)UserBuffer, Count);
    if (NT_SUCCESS(Status) && Length < *ReturnLength)
        Status = STATUS_INFO_LENGTH_MISMATCH;
    return Status;
}

NTSTATUS IopInitializeHosts(VOID)
{
    KeInitializeEvent(&IopDriversLock, SynchronizationEvent, TRUE);
    IopInitializeWatch();
    ExRegisterInformationProvider(SystemModuleInformation, IopQueryModules);
    return STATUS_SUCCESS;
}
