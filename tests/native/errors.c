/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The error paths of all services, one at a time: a call that is good (errors-table.h) but for one argument.
 *
 * A handle is NULL, closed, of another type, or lacks the right; a pointer is NULL, not mapped, the kernel's, not canonical, or to
 * memory that cannot be written; a length is 0 or one short; a class is none.  What such a call answers is the same for nearly all
 * services; Exceptions has the others.
 *
 * Runs on: Nereid and Wine.
 */
#include "check.h"
#include "nt/alpcapi.h"
#include "nt/dbgapi.h"
#include "errors-table.h"

#define MOST_ARGUMENTS 14
#define MEMORY_SIZE 0x1000

typedef NTSTATUS (NTAPI *ANY_SERVICE)(ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR,
                                      ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR, ULONG_PTR);

typedef enum _CASE {
    NullHandle, ClosedHandle, WrongType, MissingRight,
    NullPointer, Unmapped, Kernels, NotCanonical, ReadOnly,
    LengthZero, LengthShort, BadClass,
    CASE_COUNT
} CASE;

static const PCSTR CaseNames[] = { "NULL as the handle", "a closed handle", "a handle of another type", "a handle without the right",
        "NULL", "memory that is not mapped", "the kernel's memory", "an address that is not canonical", "read-only memory",
        "length 0", "a length one short", "a class that is none" };
C_ASSERT(ARRAYSIZE(CaseNames) == CASE_COUNT);

/* What is answered otherwise, and why. */
static const struct {
    PCSTR Service;
    ULONG Argument;                     /* from 0 */
    ULONG Cases;                        /* 1 << CASE; 0: all */
    ULONG Where;                        /* OnNereid, OnWine, Everywhere */
    NTSTATUS Status;
} Exceptions[] = {
    /* ObDuplicateObject without a target: the handle can only be closed. */
    { "NtDuplicateObject", 2, 1 << NullHandle, OnNereid, STATUS_INVALID_PARAMETER },
    /* The string there is empty: it has no room. */
    { "NtQuerySymbolicLinkObject", 1, 1 << ReadOnly, OnNereid, STATUS_BUFFER_TOO_SMALL },
    /* AddAtom: "a pointer to the atom name". */
    { "NtAddAtom", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    { "NtFindAtom", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    /* QueryInformationJobObject: NULL is "the job associated with the calling process"; there is none. */
    { "NtQueryInformationJobObject", 0, 1 << NullHandle, OnNereid, STATUS_ACCESS_DENIED },
    /* ReadProcessMemory, ERROR_PARTIAL_COPY: nothing was copied, whichever side the bad memory is on. */
    { "NtReadVirtualMemory", 2, 1 << NullPointer | 1 << Unmapped | 1 << ReadOnly, OnNereid, STATUS_PARTIAL_COPY },
    { "NtWriteVirtualMemory", 2, 1 << NullPointer | 1 << Unmapped, OnNereid, STATUS_PARTIAL_COPY },
    /* ZwCreateSection: without a file MaximumSize may not be NULL. */
    { "NtCreateSection", 3, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER_4 },
    { "NtSetInformationVirtualMemory", 4, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER_5 },
    /* libwine's FlushViewOfFile, LockFile and UnlockFile give no status block, SetFileAttributes opens with SYNCHRONIZE alone. */
    { "NtFlushVirtualMemory", 3, 1 << NullPointer, OnNereid, STATUS_NOT_MAPPED_VIEW },
    { "NtLockFile", 4, 1 << NullPointer, OnNereid, STATUS_SUCCESS },
    { "NtUnlockFile", 1, 1 << NullPointer, OnNereid, STATUS_SUCCESS },
    { "NtSetInformationFile", 0, 1 << MissingRight, Everywhere, STATUS_SUCCESS },
    /* A pipe's first instance needs a timeout. */
    { "NtCreateNamedPipeFile", 13, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    /* AdjustTokenPrivileges: NewState may be NULL only with DisableAllPrivileges. */
    { "NtAdjustPrivilegesToken", 2, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
    /* AccessCheck: "a pointer to a security descriptor". */
    { "NtAccessCheck", 0, 1 << NullPointer, OnNereid, STATUS_INVALID_SECURITY_DESCR },
    /* The file is opened first, and is open without sharing a write. */
    { "NtLoadKey", 0, 1 << NullPointer | 1 << Unmapped | 1 << Kernels | 1 << NotCanonical, OnNereid, STATUS_SHARING_VIOLATION },
    /* Nothing to send and nothing to receive. */
    { "NtAlpcSendWaitReceivePort", 4, 1 << NullPointer, OnNereid, STATUS_INVALID_PARAMETER },
};

/* What Wine does not look at; the words are the documentation's. */
static const struct {
    PCSTR Service;
    ULONG Arguments;                    /* 1 << number */
} LooksAway[] = {
    { "NtSetInformationObject", 1 << 3 },               /* another status */
    { "NtMakeTemporaryObject", 1 << 0 },                /* "the caller must have DELETE access" */
    { "NtSetInformationProcess", 1 << 0 | 1 << 3 },     /* "must have the PROCESS_SET_INFORMATION access right" */
    { "NtQueryInformationThread", 1 << 3 },             /* STATUS_INFO_LENGTH_MISMATCH: "is not equal to the required length" */
    { "NtSetInformationThread", 1 << 0 | 1 << 3 },      /* THREAD_SET_THREAD_TOKEN, or another right for another class */
    { "NtQueryInformationJobObject", 1 << 1 },          /* another status */
    { "NtSetInformationJobObject", 1 << 1 | 1 << 3 },   /* another status */
    { "NtFlushInstructionCache", 1 << 0 },              /* "a handle to a process whose instruction cache is to be flushed" */
    { "NtSetInformationVirtualMemory", 1 << 0 },        /* "must have the PROCESS_SET_INFORMATION access right" */
    { "NtReadFile", 1 << 1 }, { "NtWriteFile", 1 << 1 },        /* "a handle to an event object, created by the caller" */
    { "NtFsControlFile", 1 << 0 | 1 << 1 },             /* this code is answered without the file */
    { "NtSetInformationFile", 1 << 3 },                 /* another status */
    { "NtQueryVolumeInformationFile", 1 << 3 | 1 << 4 },        /* STATUS_INFO_LENGTH_MISMATCH, STATUS_INVALID_INFO_CLASS */
    { "NtNotifyChangeDirectoryFile", 1 << 0 },          /* "must have been opened with FILE_LIST_DIRECTORY" */
    { "NtCancelIoFile", 1 << 0 }, { "NtCancelIoFileEx", 1 << 0 },       /* "a handle to the file" */
    { "NtGetWriteWatch", 1 << 0 }, { "NtResetWriteWatch", 1 << 0 },     /* the memory of the caller only */
    { "NtReadFileScatter", 1 << 1 }, { "NtWriteFileGather", 1 << 1 },   /* as NtReadFile */
    { "NtSetVolumeInformationFile", 1 << 0 | 1 << 4 },  /* does nothing, and says success */
    { "NtQueryKey", 1 << 0 },                           /* KEY_QUERY_VALUE, "for any KeyInformationClass" */
    { "NtSaveKey", 1 << 0 | 1 << 1 },                   /* it looks for the privilege first */
    { "NtOpenProcessToken", 1 << 0 }, { "NtOpenProcessTokenEx", 1 << 0 },       /* "must have PROCESS_QUERY_INFORMATION" */
    { "NtOpenThreadToken", 1 << 0 }, { "NtOpenThreadTokenEx", 1 << 0 }, /* "must have THREAD_QUERY_INFORMATION" */
    { "NtSetInformationToken", 1 << 0 },                /* "must have TOKEN_ADJUST_DEFAULT" */
};

/* Services without a row. */
static const struct {
    PCSTR Service, Reason;
} NotCalled[] = {
    { "NtWaitForAlertByThreadId", "takes no handle, and NULL is for ever" },
    { "NtAlertThreadByThreadId", "takes a number" },
    { "NtDeleteAtom", "takes a number" },
    { "NtSetSystemTime", "sets the clock" },
    { "NtShutdownSystem", "ends the system" },
    { "NtSetSystemInformation", "sets the time zone: clock" },
    { "NtCreateUserProcess", "wants a program: ps" },
    { "NtCreateToken", "wants a token: user" },
    { "NtContinue", "does not come back: except" },
    { "NtRaiseException", "does not come back: except" },
    { "NtCallbackReturn", "has no callback to return from" },
    { "NtTestAlert", "takes nothing" },
    { "NtYieldExecution", "takes nothing" },
    { "NtFlushProcessWriteBuffers", "takes nothing" },
};

static const PCSTR Implemented[] = {
#define SERVICE(Name, Arguments) #Name,
#define MISSING(Name, Arguments)
#define RETIRED(Name, Arguments)
#include "abi/services.def"
#undef SERVICE
#undef MISSING
#undef RETIRED
};

typedef struct _ARGUMENT {
    CHAR Kind, What;
    BOOLEAN Optional;
    ULONG Number;
} ARGUMENT;

static struct {
    CHAR Letter;
    HANDLE Good, Weak;                  /* Weak has no right */
} Handles[32];
static ULONG HandleCount;
static RTL_ATOM Atom;
static BOOLEAN Verbose;
static UCHAR Memory[MOST_ARGUMENTS][MEMORY_SIZE] __attribute__((aligned(16)));
static struct {
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING String;
    WCHAR Text[64];
} Names[MOST_ARGUMENTS];
static PVOID Ntdll, ReadOnlyPage, ReservedPages, OwnPages;

/* --- handles ------------------------------------------------------------------------------------------------------ */

static PCWSTR NameOf(CHAR Letter)
{
    static WCHAR Text[64];

    switch (Letter) {
    case 'd': return L"\\BaseNamedObjects";
    case 'f':
    case 'v': return L"\\??\\C:\\errors.tmp";
    case 'g': return L"\\??\\C:\\";
    case 'k': return L"\\Registry\\Machine\\Software\\errors";
    case 'q': return L"\\??\\pipe\\errors";
    case 'r': return L"\\??\\mailslot\\errors";
    case '?': return L"\\??\\C:\\errors-none\\none";
    }
    _snwprintf(Text, ARRAYSIZE(Text), L"\\BaseNamedObjects\\errors-%c", Letter);
    return Text;
}

static HANDLE FindGood(CHAR Letter)
{
    for (ULONG i = 0; i < HandleCount; i++)
        if (Handles[i].Letter == Letter)
            return Handles[i].Good;
    return NULL;
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

static VOID MakeHandles(VOID)
{
    for (PCSTR Letter = "emniysdlptfvgkozxjbu"; *Letter != 0; Letter++) {
        HANDLE Good = NULL, Weak = NULL;
        NTSTATUS Status = Make(*Letter, &Good);

        if (Status == STATUS_NOT_IMPLEMENTED || !CHECK(NT_SUCCESS(Status)))
            continue;
        Furnish(*Letter, Good);
        CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), Good, NtCurrentProcess(), &Weak, 0, 0, 0));
        Handles[HandleCount].Letter = *Letter;
        Handles[HandleCount].Good = Good;
        Handles[HandleCount++].Weak = Weak;
    }
}

/* The index of the handle of that type; H is for any. */
static ULONG FindHandle(CHAR Letter)
{
    ULONG i = 0;

    while (i < HandleCount && Handles[i].Letter != Letter && Letter != 'H')
        i++;
    return i;
}

/* --- a good call -------------------------------------------------------------------------------------------------- */

static ULONG Parse(PCSTR Text, ARGUMENT *Arguments)
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
        if (*Text == '?') {
            Argument->Optional = TRUE;
            Text++;
        }
        while (*Text == ' ')
            Text++;
    }
    return Count;
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
    case 'R':
        ((PMEMORY_RANGE_ENTRY)Place)->VirtualAddress = OwnPages;
        ((PMEMORY_RANGE_ENTRY)Place)->NumberOfBytes = 0x1000;
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
    case 'Y':
        RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
        RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
        RtlSetOwnerSecurityDescriptor(&Descriptor, &World, FALSE);
        RtlSetGroupSecurityDescriptor(&Descriptor, &World, FALSE);
        return (ULONG_PTR)&Descriptor;
    }
    if (Argument->Number == 0x4d0)
        ((PCONTEXT)Place)->ContextFlags = CONTEXT_FULL;
    return (ULONG_PTR)Place;
}

static BOOLEAN IsPointer(const ARGUMENT *Argument)
{
    return Argument->Kind == '<' || Argument->Kind == '>' || Argument->Kind == '=';
}

static BOOLEAN IsNumber(const ARGUMENT *Argument)
{
    return Argument->Kind == '#' || Argument->Kind == '@' || Argument->Kind == 'c' || Argument->Kind == 'C' || Argument->Kind == 'L' || Argument->Kind == 'S';
}

/* FALSE: there is no such object here. */
static BOOLEAN Build(const ARGUMENT *Arguments, ULONG Count, ULONG_PTR *Values)
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

/* --- cases -------------------------------------------------------------------------------------------------------- */

/* A class is a letter that is a handle, too: what follows tells them apart. */
static BOOLEAN IsHandle(const ARGUMENT *Argument)
{
    return !IsPointer(Argument) && !IsNumber(Argument) && Argument->Kind != '$';
}

/* FALSE: the case is none for this argument.  *Status: what is expected. */
static BOOLEAN Spoil(const ARGUMENT *Argument, CASE Case, PULONG_PTR Value, NTSTATUS *Status)
{
    static const ULONG_PTR Pointers[] = { [NullPointer] = 0, [Unmapped] = 0, [Kernels] = 0xffff800000001000,
            [NotCanonical] = 0x0080000000001000 };
    ULONG Handle;

    if (Case <= MissingRight) {
        if (!IsHandle(Argument))
            return FALSE;
        Handle = FindHandle(Argument->Kind);
        *Status = Case == MissingRight ? STATUS_ACCESS_DENIED : Case == WrongType ? STATUS_OBJECT_TYPE_MISMATCH : STATUS_INVALID_HANDLE;
        *Value = Case == NullHandle ? 0 : Case == ClosedHandle ? 0xffff0 : Case == WrongType ?
                 (ULONG_PTR)Handles[Argument->Kind == 'e' ? FindHandle('s') : FindHandle('e')].Good : (ULONG_PTR)Handles[Handle].Weak;
        return Case == NullHandle ? !Argument->Optional : Case == WrongType ? Argument->Kind != 'H' :
               Case == MissingRight ? Argument->Number != 0 : TRUE;
    }
    if (Case <= ReadOnly && IsWine)
        return FALSE;                   /* it reads answers into buffers that it has not looked at, and ends the process */
    if (Case <= ReadOnly) {
        *Status = Case == NullPointer && Argument->What == 'O' && Argument->Number != 0 ? STATUS_INVALID_PARAMETER
                  : STATUS_ACCESS_VIOLATION;
        *Value = Case == ReadOnly ? (ULONG_PTR)ReadOnlyPage : Case == Unmapped ? (ULONG_PTR)ReservedPages : Pointers[Case];
        return IsPointer(Argument) && (Case != NullPointer || !Argument->Optional) && (Case != ReadOnly || Argument->Kind != '<') &&
               (Argument->Number != 0 || Argument->What != 0);
    }
    if (Case <= LengthShort) {
        *Status = Argument->Kind == 'S' ? STATUS_BUFFER_TOO_SMALL : STATUS_INFO_LENGTH_MISMATCH;
        *Value = Case == LengthZero ? 0 : Argument->Number - 1;
        return Argument->Kind == 'L' || Argument->Kind == 'S';
    }
    *Status = Argument->Kind == 'c' ? STATUS_INVALID_INFO_CLASS : STATUS_INVALID_PARAMETER;
    *Value = 0x7ffe;
    return Argument->Kind == 'c' || Argument->Kind == 'C';
}

static NTSTATUS ExpectedOf(PCSTR Service, ULONG Argument, CASE Case, NTSTATUS Usual)
{
    for (ULONG i = 0; i < ARRAYSIZE(Exceptions); i++)
        if (strcmp(Exceptions[i].Service, Service) == 0 && Exceptions[i].Argument == Argument &&
            (Exceptions[i].Cases == 0 || Exceptions[i].Cases & 1u << Case) && Exceptions[i].Where & (IsWine ? OnWine : OnNereid))
            return Exceptions[i].Status;
    return Usual;
}

static BOOLEAN IsCompared(PCSTR Service, ULONG Argument)
{
    for (ULONG i = 0; i < ARRAYSIZE(LooksAway) && IsWine; i++)
        if (strcmp(LooksAway[i].Service, Service) == 0 && LooksAway[i].Arguments & 1u << Argument)
            return FALSE;
    return TRUE;
}

static ANY_SERVICE FindService(PCSTR Name)
{
    ANSI_STRING String;
    PVOID Address = NULL;

    RtlInitAnsiString(&String, Name);
    return NT_SUCCESS(LdrGetProcedureAddress(Ntdll, &String, 0, &Address)) ? (ANY_SERVICE)Address : NULL;
}

static VOID TestCall(PCSTR Name, PCSTR Text)
{
    ANY_SERVICE Service = FindService(Name);
    ARGUMENT Arguments[MOST_ARGUMENTS];
    ULONG_PTR A[MOST_ARGUMENTS] = { 0 };
    ULONG Count = Parse(Text, Arguments);

    if (Service == NULL)
        return;
    for (ULONG i = 0; i < Count; i++)
        for (CASE Case = 0; Case < CASE_COUNT; Case++) {
            NTSTATUS Status, Expected;

            if (!Build(Arguments, Count, A))
                return;
            if (!IsCompared(Name, i) || !Spoil(&Arguments[i], Case, &A[i], &Expected))
                continue;
            Expected = ExpectedOf(Name, i, Case, Expected);
            if (Verbose)
                Print(L"%hs %u %hs\n", Name, i, CaseNames[Case]);
            Status = Service(A[0], A[1], A[2], A[3], A[4], A[5], A[6], A[7], A[8], A[9], A[10], A[11], A[12], A[13]);
            if (IsWine && Status == STATUS_NOT_IMPLEMENTED)
                continue;
            if (!CHECK(Status == Expected))
                Print(L"    %hs, argument %u, %hs: 0x%08X instead of 0x%08X\n", Name, i, CaseNames[Case], Status, Expected);
        }
}

/* Where the old state cannot be returned the new one is not set. */
static VOID TestNothingHappens(VOID)
{
    HANDLE Event, Mutant, Semaphore, Timer, Thread = FindGood('t');
    EVENT_BASIC_INFORMATION EventState;
    MUTANT_BASIC_INFORMATION MutantState;
    SEMAPHORE_BASIC_INFORMATION SemaphoreState;
    LARGE_INTEGER Now = { .QuadPart = 0 };
    SIZE_T Size = 0x1000;
    PVOID Base = NULL;
    ULONG Count;

    NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetEvent(Event, ReservedPages));
    NtQueryEvent(Event, EventBasicInformation, &EventState, sizeof(EventState), NULL);
    CHECK(EventState.EventState == 0);
    NtCreateMutant(&Mutant, MUTANT_ALL_ACCESS, NULL, TRUE);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReleaseMutant(Mutant, ReservedPages));
    NtQueryMutant(Mutant, MutantBasicInformation, &MutantState, sizeof(MutantState), NULL);
    CHECK(MutantState.CurrentCount == 0 && MutantState.OwnedByCaller);
    NtCreateSemaphore(&Semaphore, SEMAPHORE_ALL_ACCESS, NULL, 1, 5);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtReleaseSemaphore(Semaphore, 1, ReservedPages));
    NtQuerySemaphore(Semaphore, SemaphoreBasicInformation, &SemaphoreState, sizeof(SemaphoreState), NULL);
    CHECK(SemaphoreState.CurrentCount == 1);
    NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, NotificationTimer);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetTimer(Timer, &Now, NULL, NULL, FALSE, 0, ReservedPages));
    CHECK_STATUS(STATUS_TIMEOUT, NtWaitForSingleObject(Timer, FALSE, &Now));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSuspendThread(Thread, ReservedPages));
    CHECK_STATUS(STATUS_SUCCESS, NtSuspendThread(Thread, &Count));
    CHECK(Count == 1);
    NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtProtectVirtualMemory(NtCurrentProcess(), &Base, &Size, PAGE_READONLY, ReservedPages));
    *(volatile UCHAR *)Base = 1;
    NtClose(Event);
    NtClose(Mutant);
    NtClose(Semaphore);
    NtClose(Timer);
}

static BOOLEAN HasRow(PCSTR Service)
{
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++)
        if (strcmp(Calls[i].Service, Service) == 0)
            return TRUE;
    return FALSE;
}

static BOOLEAN HasReason(PCSTR Service)
{
    for (ULONG i = 0; i < ARRAYSIZE(NotCalled); i++)
        if (strcmp(NotCalled[i].Service, Service) == 0)
            return TRUE;
    return FALSE;
}

static VOID TestAllHaveRows(VOID)
{
    for (ULONG i = 0; i < ARRAYSIZE(Implemented); i++)
        if (!CHECK(HasRow(Implemented[i]) != HasReason(Implemented[i])))
            Print(L"    %hs: either a row or a reason\n", Implemented[i]);
}

static VOID EnablePrivilege(ULONG Privilege)
{
    TOKEN_PRIVILEGES New = { 1, { { { Privilege, 0 }, SE_PRIVILEGE_ENABLED } } };

    NtAdjustPrivilegesToken(FindGood('o'), FALSE, &New, 0, NULL, NULL);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    UNICODE_STRING NtdllName = RTL_CONSTANT_UNICODE_STRING(L"ntdll.dll");
    SIZE_T Size = 0x1000;

    CheckSystem();
    Verbose = ArgumentCount > 1;
    LdrGetDllHandle(NULL, NULL, &NtdllName, &Ntdll);
    NtAllocateVirtualMemory(NtCurrentProcess(), &ReadOnlyPage, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READONLY);
    NtAllocateVirtualMemory(NtCurrentProcess(), &ReservedPages, 0, &Size, MEM_RESERVE, PAGE_READWRITE);
    NtAllocateVirtualMemory(NtCurrentProcess(), &OwnPages, 0, &Size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    MakeHandles();
    NtAddAtom(L"er", 4, &Atom);
    EnablePrivilege(SE_BACKUP_PRIVILEGE);
    EnablePrivilege(SE_RESTORE_PRIVILEGE);
    EnablePrivilege(SE_LOAD_DRIVER_PRIVILEGE);
    EnablePrivilege(SE_TCB_PRIVILEGE);
    EnablePrivilege(SE_CREATE_PERMANENT_PRIVILEGE);
    TestAllHaveRows();
    for (ULONG i = 0; i < ARRAYSIZE(Calls); i++)
        if (ArgumentCount == 1 || wcstoul(Arguments[1], NULL, 10) == i)
            TestCall(Calls[i].Service, Calls[i].Arguments);
    if (!IsWine)                        /* it sets the state in its server, before it writes the old one */
        TestNothingHappens();
    return CheckClose();
}
