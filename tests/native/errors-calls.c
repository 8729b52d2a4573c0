/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Good calls of services, from the rows of errors-table.h: the objects, the memory and the contents that they need.
 */
#include "errors.h"

ERROR_HANDLE Handles[MOST_HANDLES];
ULONG HandleCount;
UCHAR Memory[MOST_ARGUMENTS][MEMORY_SIZE] __attribute__((aligned(16)));
ERROR_NAME Names[MOST_ARGUMENTS];
PVOID OwnPages;
static RTL_ATOM Atom;

/* --- handles ------------------------------------------------------------------------------------------------------ */

static PCWSTR NameOf(CHAR Letter)
{
    static WCHAR Text[64];

    switch (Letter) {
    case 'd': return L"\\BaseNamedObjects";
    case 'f':
    case 'v': return L"\\??\\C:\\errors.tmp";
    case 'g': return L"\\??\\C:\\";
    case 'h': return L"\\Registry\\Machine\\Software";
    case 'k': return L"\\Registry\\Machine\\Software\\errors";
    case 'q': return L"\\??\\pipe\\errors";
    case 'r': return L"\\??\\mailslot\\errors";
    case '?': return L"\\??\\C:\\errors-none\\none";
    }
    _snwprintf(Text, ARRAYSIZE(Text), L"\\BaseNamedObjects\\errors-%c", Letter);
    return Text;
}

HANDLE FindGood(CHAR Letter)
{
    for (ULONG i = 0; i < HandleCount; i++)
        if (Handles[i].Letter == Letter)
            return Handles[i].Good;
    return NULL;
}

/* Wine has none. */
static NTSTATUS MakeWaitPacket(PHANDLE Handle)
{
    NTSTATUS (NTAPI *Create)(PHANDLE, ACCESS_MASK, POBJECT_ATTRIBUTES) = (PVOID)FindService("NtCreateWaitCompletionPacket");

    return Create != NULL ? Create(Handle, GENERIC_ALL, NULL) : STATUS_NOT_IMPLEMENTED;
}

/* Wine has none.  It makes no worker. */
static NTSTATUS MakeWorkerFactory(PHANDLE Handle)
{
    ANY_SERVICE Create = FindService("NtCreateWorkerFactory"), Set = FindService("NtSetInformationWorkerFactory");
    LARGE_INTEGER Idle = { .QuadPart = -1 };
    ULONG Paused = 1;
    NTSTATUS Status;

    if (Create == NULL || Set == NULL)
        return STATUS_NOT_IMPLEMENTED;
    Status = Call(Create, (ULONG_PTR[MOST_ARGUMENTS]){ (ULONG_PTR)Handle, GENERIC_ALL, 0, (ULONG_PTR)FindGood('x'), (ULONG_PTR)NtCurrentProcess(), 1 });
    if (NT_SUCCESS(Status))
        Status = Call(Set, (ULONG_PTR[MOST_ARGUMENTS]){ (ULONG_PTR)*Handle, WorkerFactoryPaused, (ULONG_PTR)&Paused, sizeof(Paused) });
    return NT_SUCCESS(Status) ? Call(Set, (ULONG_PTR[MOST_ARGUMENTS]){ (ULONG_PTR)*Handle, WorkerFactoryIdleTimeout, (ULONG_PTR)&Idle, sizeof(Idle) }) : Status;
}

static NTSTATUS Make(CHAR Letter, PHANDLE Handle)
{
    CLIENT_ID Self = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    UNICODE_STRING String, Target = RTL_CONSTANT_UNICODE_STRING(L"\\BaseNamedObjects");
    LARGE_INTEGER Size = { .QuadPart = 0x10000 };
    OBJECT_ATTRIBUTES Name, Unnamed = { .Length = sizeof(Unnamed) };
    SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Impersonation = { .Length = sizeof(Impersonation), .SecurityQualityOfService = &Quality };
    IO_STATUS_BLOCK IoStatus;

    RtlInitUnicodeString(&String, NameOf(Letter));
    InitializeObjectAttributes(&Name, &String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    switch (Letter) {
    case 'e': return NtCreateEvent(Handle, EVENT_ALL_ACCESS, &Name, NotificationEvent, TRUE);
    case 'm': return NtCreateMutant(Handle, MUTANT_ALL_ACCESS, &Name, TRUE);
    case 'n': return NtCreateSemaphore(Handle, SEMAPHORE_ALL_ACCESS, &Name, 0, 1000);
    case 'i': return NtCreateTimer(Handle, TIMER_ALL_ACCESS, &Name, NotificationTimer);
    case 'y': return NtCreateKeyedEvent(Handle, KEYEDEVENT_ALL_ACCESS, &Name, 0);
    case 's': return NtCreateSection(Handle, SECTION_ALL_ACCESS, &Name, &Size, PAGE_READWRITE, SEC_COMMIT, NULL);
    case 'd': return NtOpenDirectoryObject(Handle, DIRECTORY_ALL_ACCESS, &Name);
    case 'l': return NtCreateSymbolicLinkObject(Handle, SYMBOLIC_LINK_ALL_ACCESS, &Name, &Target);
    case 'p': return NtOpenProcess(Handle, PROCESS_ALL_ACCESS, &Unnamed, &Self);
    case 't': return NtCreateThreadEx(Handle, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (PVOID)NameOf, NULL,
                                      THREAD_CREATE_FLAGS_CREATE_SUSPENDED, 0, 0, 0, NULL);
    case 'f': return NtCreateFile(Handle, FILE_ALL_ACCESS, &Name, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL,
                                  FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_OPEN_IF,
                                  FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
    case 'v': return NtOpenFile(Handle, FILE_READ_DATA | FILE_WRITE_DATA, &Name, &IoStatus,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_NO_INTERMEDIATE_BUFFERING);
    case 'g': return NtOpenFile(Handle, FILE_LIST_DIRECTORY | SYNCHRONIZE, &Name, &IoStatus,
                                FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                                FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT);
    case 'k': return NtCreateKey(Handle, KEY_ALL_ACCESS, &Name, 0, NULL, REG_OPTION_VOLATILE, NULL);
    case 'z': return NtDuplicateToken(FindGood('o'), TOKEN_ALL_ACCESS, &Impersonation, FALSE, TokenImpersonation, Handle);
    case 'o': return NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, Handle);
    case 'x': return NtCreateIoCompletion(Handle, IO_COMPLETION_ALL_ACCESS, &Name, 0);
    case 'j': return NtCreateJobObject(Handle, JOB_OBJECT_ALL_ACCESS, &Name);
    case 'b': return NtCreateDebugObject(Handle, DEBUG_OBJECT_ALL_ACCESS, &Unnamed, 0);
    case 'w': return MakeWaitPacket(Handle);
    case 'a': return MakeWorkerFactory(Handle);
    case 'u': return IsWine ? STATUS_NOT_IMPLEMENTED : NtCreatePort(Handle, &Name, 0, 256, 0);
    default: return STATUS_INVALID_PARAMETER;
    }
}

/* What the calls look for: bytes in the file, a subkey and a value, a token that the thread acts with. */
static VOID Furnish(CHAR Letter, HANDLE Handle)
{
    UNICODE_STRING String = RTL_CONSTANT_UNICODE_STRING(L"errors");
    OBJECT_ATTRIBUTES Name = { .Length = sizeof(Name), .RootDirectory = Handle, .ObjectName = &String };
    LARGE_INTEGER Start = { .QuadPart = 0 };
    IO_STATUS_BLOCK IoStatus;
    HANDLE Key, Thread = FindGood('t');

    if (Letter == 'f')
        CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(Handle, NULL, NULL, NULL, &IoStatus, Memory, 0x100, &Start, NULL));
    if (Letter == 'z')
        CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(Thread, ThreadImpersonationToken, &Handle, sizeof(Handle)));
    if (Letter != 'k')
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Handle, &String, 0, REG_BINARY, Memory, 8));
    if (CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, &Name, 0, NULL, REG_OPTION_VOLATILE, NULL)))
        NtClose(Key);
}

HANDLE DuplicateWith(HANDLE Handle, ACCESS_MASK Access)
{
    HANDLE Other = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Handle, NtCurrentProcess(), &Other, Access, 0, 0));
    return Other;
}

static VOID MakeHandles(VOID)
{
    for (PCSTR Letter = "emniysdlptfvgkozxjbuwa"; *Letter != 0; Letter++) {
        HANDLE Good = NULL;
        NTSTATUS Status = Make(*Letter, &Good);

        if (Status == STATUS_NOT_IMPLEMENTED || !CHECK(NT_SUCCESS(Status)))
            continue;
        Furnish(*Letter, Good);
        Handles[HandleCount].Letter = *Letter;
        Handles[HandleCount++].Good = Good;
    }
}

ULONG FindHandle(CHAR Letter)
{
    ULONG i = 0;

    while (i < HandleCount && Handles[i].Letter != Letter && Letter != 'H')
        i++;
    return i;
}

/* --- a good call -------------------------------------------------------------------------------------------------- */

ULONG Parse(PCSTR Text, ARGUMENT *Arguments)
{
    ULONG Count = 0;

    while (*Text != 0) {
        ARGUMENT *Argument = &Arguments[Count++];
        char *End;

        memset(Argument, 0, sizeof(*Argument));
        Argument->Kind = *Text++;
        if (*Text == '+')
            Text++;
        if ((Argument->Kind == '<' || Argument->Kind == '>' || Argument->Kind == '=') && *Text >= 'A' && *Text <= 'Z')
            Argument->What = *Text++;
        if (*Text == ':') {
            Argument->Number = (UCHAR)Text[1];
            Text += 2;
        } else if (*Text != ' ') {
            Argument->Number = strtoul(Text, &End, 16);
            Text = End;
        }
        if (*Text == '|') {
            Argument->Either = TRUE;
            Text++;
        }
        if (*Text == '?') {
            Argument->Optional = TRUE;
            Text++;
        }
        while (*Text == ' ')
            Text++;
    }
    return Count;
}

/* The boundary of a private namespace of that number: a name alone. */
typedef struct _BOUNDARY {
    OBJECT_BOUNDARY_DESCRIPTOR Descriptor;
    OBJECT_BOUNDARY_ENTRY Name;
    WCHAR Text[4];
} BOUNDARY;

static BOUNDARY MakeBoundary(ULONG Number)
{
    BOUNDARY Boundary = { { OBJECT_BOUNDARY_DESCRIPTOR_VERSION, 1, sizeof(Boundary), 0 }, { OBNS_Name, sizeof(Boundary) -
                          sizeof(Boundary.Descriptor) }, { 'e', 'r', 'r', (WCHAR)('0' + Number) } };

    return Boundary;
}

/* The namespace of number 2, which stays. */
static VOID MakeNamespace(VOID)
{
    BOUNDARY Boundary = MakeBoundary(2);
    HANDLE Namespace;

    CHECK_STATUS(STATUS_SUCCESS, NtCreatePrivateNamespace(&Namespace, DIRECTORY_ALL_ACCESS, NULL, &Boundary.Descriptor));
}

/* What a pointer points to. */
static ULONG_PTR Content(const ARGUMENT *Argument, ULONG Index)
{
    static SECURITY_DESCRIPTOR Descriptor;
    static SECURITY_QUALITY_OF_SERVICE Quality = { sizeof(Quality), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
    PUCHAR Place = Memory[Index];

    memset(Place, 0, MEMORY_SIZE);
    memset(&Names[Index], 0, sizeof(Names[Index]));
    Names[Index].String.MaximumLength = sizeof(Names[Index].Text);
    Names[Index].String.Buffer = Names[Index].Text;
    switch (Argument->What) {
    case 'O':
        InitializeObjectAttributes(&Names[Index].Attributes, Argument->Number != 0 ? &Names[Index].String : NULL,
                                   OBJ_CASE_INSENSITIVE, NULL, NULL);
        if (Argument->Number != 0) {
            wcscpy(Names[Index].Text, NameOf((CHAR)Argument->Number));
            Names[Index].String.Length = (USHORT)(wcslen(Names[Index].Text) * sizeof(WCHAR));
        }
        return (ULONG_PTR)&Names[Index].Attributes;
    case 'U':
        if (Argument->Number == 2)
            return (ULONG_PTR)L"er";
        if (Argument->Kind == '<') {
            wcscpy(Names[Index].Text, Argument->Number != 0 ? NameOf((CHAR)Argument->Number) : L"errors");
            Names[Index].String.Length = (USHORT)(wcslen(Names[Index].Text) * sizeof(WCHAR));
        }
        return (ULONG_PTR)&Names[Index].String;
    case 'H':
        *(PHANDLE)Place = Handles[0].Good;
        break;
    case 'Z':
        *(PULONG64)Place = Argument->Number != 0 ? Argument->Number : 0x1000;
        break;
    case 'I':
        *(PULONG)Place = Argument->Number;
        break;
    case 'A':
    case 'G':
        *(PVOID *)Place = OwnPages;
        break;
    case 'V':
        *(PLONG64)Place = -10000;
        break;
    case 'D':
        *(PCLIENT_ID)Place = NtCurrentTeb()->ClientId;
        break;
    case 'B':
        *(BOUNDARY *)Place = MakeBoundary(Argument->Number);
        break;
    case 'R':
        ((PMEMORY_RANGE_ENTRY)Place)->VirtualAddress = OwnPages;
        ((PMEMORY_RANGE_ENTRY)Place)->NumberOfBytes = 0x1000;
        break;
    case 'N':
        ((PKEY_VALUE_ENTRY)Place)->ValueName = &Names[Index].String;
        break;
    case 'M':
        ((PPORT_MESSAGE)Place)->u1.s1.TotalLength = sizeof(PORT_MESSAGE);
        ((PPORT_MESSAGE)Place)->MessageId = 0x12345;
        break;
    case 'P':
        ((PALPC_PORT_ATTRIBUTES)Place)->SecurityQos = Quality;
        ((PALPC_PORT_ATTRIBUTES)Place)->MaxMessageLength = 0x100;
        break;
    case 'W':
        ((PALPC_DATA_VIEW_ATTR)Place)->ViewSize = 0x1000;
        break;
    case 'E':
        InitializeObjectAttributes(&Names[Index].Attributes, NULL, 0, NULL, NULL);
        return (ULONG_PTR)&Names[Index].Attributes;
    case 'K':
        return (ULONG_PTR)&Quality;
    case 'S':
        memcpy(Place, &World, sizeof(World));
        break;
    case 'L':
        ((POBJECT_TYPE_LIST)Place)->ObjectType = (GUID *)(Place + sizeof(OBJECT_TYPE_LIST));
        break;
    case 'Y':
        RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
        RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
        RtlSetOwnerSecurityDescriptor(&Descriptor, &World, FALSE);
        RtlSetGroupSecurityDescriptor(&Descriptor, &World, FALSE);
        return (ULONG_PTR)&Descriptor;
    }
    if (Argument->Number == 0x4d0)
        *(PCONTEXT)Place = (CONTEXT){ .ContextFlags = CONTEXT_FULL, .Rsp = (ULONG_PTR)OwnPages + 0x1000 };
    return (ULONG_PTR)Place;
}

BOOLEAN IsPointer(const ARGUMENT *Argument)
{
    return Argument->Kind == '<' || Argument->Kind == '>' || Argument->Kind == '=';
}

BOOLEAN IsClass(const ARGUMENT *Argument)
{
    return Argument->Kind == 'c' || Argument->Kind == 'C';
}

BOOLEAN IsLength(const ARGUMENT *Argument)
{
    return Argument->Kind == 'L' || Argument->Kind == 'N' || Argument->Kind == 'S' || Argument->Kind == 'B';
}

static BOOLEAN IsNumber(const ARGUMENT *Argument)
{
    return Argument->Kind == '#' || Argument->Kind == '@' || IsClass(Argument) || IsLength(Argument);
}

BOOLEAN IsHandle(const ARGUMENT *Argument)
{
    return !IsPointer(Argument) && !IsNumber(Argument) && Argument->Kind != '$';
}

BOOLEAN FindClass(const ARGUMENT *Arguments, ULONG Count, PULONG Class, PULONG Length, PULONG Buffer)
{
    *Class = *Length = *Buffer = Count;
    for (ULONG i = 0; i < Count; i++) {
        if (IsClass(&Arguments[i]))
            *Class = i;
        if (IsLength(&Arguments[i]))
            *Length = i;
    }
    for (ULONG i = 0; i < Count && *Length < Count; i++)
        if (IsPointer(&Arguments[i]) && Arguments[i].What == 0 && Arguments[i].Number == Arguments[*Length].Number)
            *Buffer = min(*Buffer, i);
    return *Class < Count && *Buffer < Count;
}

ULONG SizeOf(const ARGUMENT *Argument)
{
    switch (Argument->What) {
    case 0: return Argument->Number;
    case 'O':
    case 'E': return sizeof(OBJECT_ATTRIBUTES);
    case 'S': return sizeof(SID);
    case 'L': return sizeof(OBJECT_TYPE_LIST);
    case 'U': return Argument->Number == 2 ? 4 : sizeof(UNICODE_STRING);
    case 'I': return sizeof(ULONG);
    case 'D': return sizeof(CLIENT_ID);
    case 'B': return sizeof(BOUNDARY);
    case 'R': return sizeof(MEMORY_RANGE_ENTRY);
    case 'M': return sizeof(PORT_MESSAGE);
    case 'N': return sizeof(KEY_VALUE_ENTRY);
    case 'P': return sizeof(ALPC_PORT_ATTRIBUTES);
    case 'W': return sizeof(ALPC_DATA_VIEW_ATTR);
    case 'K': return sizeof(SECURITY_QUALITY_OF_SERVICE);
    case 'Y': return sizeof(SECURITY_DESCRIPTOR);
    default: return sizeof(ULONG64);
    }
}

BOOLEAN Build(const ARGUMENT *Arguments, ULONG Count, ULONG_PTR *Values)
{
    for (ULONG i = 0; i < Count; i++) {
        if (IsPointer(&Arguments[i]))
            Values[i] = Content(&Arguments[i], i);
        else if (IsNumber(&Arguments[i]))
            Values[i] = Arguments[i].Kind == '@' ? Atom : Arguments[i].Number;
        else if (Arguments[i].Kind == '$')
            Values[i] = (ULONG_PTR)OwnPages;
        else if (FindHandle(Arguments[i].Kind) < HandleCount)
            Values[i] = (ULONG_PTR)Handles[FindHandle(Arguments[i].Kind)].Good;
        else
            return FALSE;
        if (Arguments[i].Optional && Arguments[i].Kind >= 'a')
            Values[i] = 0;
    }
    return TRUE;
}

ANY_SERVICE FindService(PCSTR Name)
{
    static PVOID Ntdll;
    UNICODE_STRING NtdllName = RTL_CONSTANT_UNICODE_STRING(L"ntdll.dll");
    ANSI_STRING String;
    PVOID Address = NULL;

    if (Ntdll == NULL)
        LdrGetDllHandle(NULL, NULL, &NtdllName, &Ntdll);
    RtlInitAnsiString(&String, Name);
    return NT_SUCCESS(LdrGetProcedureAddress(Ntdll, &String, 0, &Address)) ? (ANY_SERVICE)Address : NULL;
}

static VOID EnablePrivilege(ULONG Privilege)
{
    TOKEN_PRIVILEGES New = { 1, { { { Privilege, 0 }, SE_PRIVILEGE_ENABLED } } };

    NtAdjustPrivilegesToken(FindGood('o'), FALSE, &New, 0, NULL, NULL);
}

VOID PrepareCalls(VOID)
{
    SIZE_T Size = 0x1000;

    NtAllocateVirtualMemory(NtCurrentProcess(), &OwnPages, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    MakeHandles();
    if (!IsWine)                        /* Wine 8.0 has no private namespaces */
        MakeNamespace();
    NtAddAtom(L"er", 4, &Atom);
    EnablePrivilege(SE_BACKUP_PRIVILEGE);
    EnablePrivilege(SE_RESTORE_PRIVILEGE);
    EnablePrivilege(SE_LOAD_DRIVER_PRIVILEGE);
    EnablePrivilege(SE_TCB_PRIVILEGE);
    EnablePrivilege(SE_CREATE_PERMANENT_PRIVILEGE);
}
