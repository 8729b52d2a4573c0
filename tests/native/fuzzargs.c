/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Arguments for svcfuzz (fuzz.h): a value for each role of services.h, mostly near what is valid.
 *
 * Structures are built in the thread's arena, a slot an argument; now and then they lie at the end of a page, where the
 * last bytes are missing, or misaligned, or another thread writes to them meanwhile (the scramble page).  Client IDs
 * name this process only: a privileged program may legally end any other.
 */
#include "fuzz.h"

static UCHAR ReadOnly[0x1000] __attribute__((aligned(0x1000), section(".rdata")));
static PUCHAR Edge;                     /* the end of the last page of a region */
static PUCHAR Guard, Reserved, Scramble;
static PRTL_USER_PROCESS_PARAMETERS Parameters;
static UNICODE_STRING OwnNtPath;

/* splitmix64 */
ULONG64 FuzzRandom(PFUZZ_THREAD Thread)
{
    ULONG64 z = Thread->Random += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static PUCHAR Map(SIZE_T Size, ULONG Type, ULONG Protect)
{
    PVOID Base = NULL;

    return NT_SUCCESS(NtAllocateVirtualMemory(NtCurrentProcess(), &Base, 0, &Size, Type, Protect)) ? Base : NULL;
}

NTSTATUS FuzzPrepareArguments(VOID)
{
    UNICODE_STRING CommandLine = RTL_CONSTANT_UNICODE_STRING(L"svcfuzz nothing");
    PWSTR Path = NtCurrentPeb()->ProcessParameters->ImagePathName.Buffer;
    PVOID Scratch = (PVOID)FUZZ_SCRATCH_BASE;
    SIZE_T Size = FUZZ_SCRATCH_SIZE / 2;
    UNICODE_STRING Image;

    RtlInitUnicodeString(&Image, Path);
    Edge = Map(0x2000, MEM_RESERVE, PAGE_READWRITE);
    Guard = Map(0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
    Reserved = Map(0x1000, MEM_RESERVE, PAGE_READWRITE);
    Scramble = Map(0x1000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (Edge == NULL || Scramble == NULL)
        return STATUS_NO_MEMORY;
    NtAllocateVirtualMemory(NtCurrentProcess(), &Scratch, 0, &Size, MEM_RESERVE, PAGE_READWRITE);
    Size = 0x1000;
    NtAllocateVirtualMemory(NtCurrentProcess(), (PVOID *)&Edge, 0, &Size, MEM_COMMIT, PAGE_READWRITE);
    Edge += 0x1000;
    RtlDosPathNameToNtPathName_U_WithStatus(Path, &OwnNtPath, NULL, NULL);
    return RtlCreateProcessParametersEx(&Parameters, &Image, NULL, NULL, &CommandLine, NULL, NULL, NULL, NULL, NULL, 1);
}

NTSTATUS FuzzPrepareThread(PFUZZ_THREAD Thread, ULONG64 Seed)
{
    Thread->Random = Seed;
    Thread->Arena = Map(0x10000, MEM_RESERVE, PAGE_READWRITE);
    if (Thread->Arena == NULL)
        return STATUS_NO_MEMORY;
    SIZE_T Size = FUZZ_ARENA;

    return NtAllocateVirtualMemory(NtCurrentProcess(), (PVOID *)&Thread->Arena, 0, &Size, MEM_COMMIT, PAGE_READWRITE);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

static ULONG_PTR Value(PFUZZ_THREAD Thread)
{
    switch (FuzzBelow(Thread, Thread->Careful ? 5 : 8)) {
    case 0: return 0;
    case 1: case 2: return FuzzBelow(Thread, 8);
    case 3: case 4: return FuzzBelow(Thread, 120);
    case 5: return 1ull << FuzzBelow(Thread, 64);
    case 6: return 0 - (ULONG_PTR)FuzzBelow(Thread, 4);
    default: return FuzzRandom(Thread) >> FuzzBelow(Thread, 64);
    }
}

static ULONG_PTR Length(PFUZZ_THREAD Thread)
{
    static const ULONG_PTR Edges[] = { 0x3ff, 0x400, 0x401, 0xfff, 0x1000, 0x1001, 0xffff, 0x10000, 0x10001, 0x100000, 0x7ffffffe,
            0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff, 0x100000000, 0x7fffffffffff, 0xffffffffffffffff };

    if (Thread->Careful)
        return FuzzOnce(Thread, 3) ? FUZZ_SLOT : 4 * FuzzBelow(Thread, FuzzOnce(Thread, 4) ? 32 : 16);
    switch (FuzzBelow(Thread, 8)) {
    case 0: return Edges[FuzzBelow(Thread, ARRAYSIZE(Edges))];
    case 1: return FuzzBelow(Thread, 16);
    case 2: case 3: return 4 * FuzzBelow(Thread, 32);
    case 4: return FuzzBelow(Thread, 0x400);
    default: return 8 * FuzzBelow(Thread, 0x80);
    }
}

static ULONG_PTR Protection(PFUZZ_THREAD Thread)
{
    static const ULONG Extra[] = { 0, 0, 0, 0, 0, PAGE_GUARD, PAGE_NOCACHE, PAGE_WRITECOMBINE };

    if (Thread->Careful)
        return 1u << FuzzBelow(Thread, 8);
    return FuzzOnce(Thread, 16) ? Value(Thread) : 1u << FuzzBelow(Thread, 8) | Extra[FuzzBelow(Thread, 8)];
}

static ULONG_PTR Flags(PFUZZ_THREAD Thread)
{
    static const ULONG Known[] = { MEM_COMMIT, MEM_RESERVE, MEM_COMMIT | MEM_RESERVE, MEM_RELEASE, MEM_DECOMMIT, MEM_RESET, SEC_COMMIT,
            SEC_RESERVE, SEC_IMAGE, OBJ_CASE_INSENSITIVE, OBJ_INHERIT, 0, 1, 3, 7, FILE_SYNCHRONOUS_IO_NONALERT,
            FILE_DIRECTORY_FILE, 0x110018, 0x11400c, 0x900a8, 0x2d1400 };

    switch (FuzzBelow(Thread, 4)) {
    case 0: return Thread->Careful ? 0 : 1u << FuzzBelow(Thread, 32);
    case 1: return Value(Thread);
    default: return Known[FuzzBelow(Thread, ARRAYSIZE(Known))];
    }
}

typedef struct _USUAL_VALUES {
    CHAR Role;
    ULONG Count;
    ULONG Value[12];
} USUAL_VALUES;

static const USUAL_VALUES UsualValues[] = {
    { '0', 1, { 0 } },
    { '1', 9, { MEM_COMMIT, MEM_RESERVE, MEM_COMMIT | MEM_RESERVE, MEM_RESET, MEM_RESERVE | MEM_TOP_DOWN, 0, 0, MEM_COMMIT,
                MEM_COMMIT | MEM_RESERVE | MEM_WRITE_WATCH } },
    { '2', 2, { MEM_RELEASE, MEM_DECOMMIT } },
    { '3', 5, { 7, 7, FILE_SHARE_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, 0 } },
    { '4', 7, { FILE_SYNCHRONOUS_IO_NONALERT, FILE_SYNCHRONOUS_IO_NONALERT, FILE_SYNCHRONOUS_IO_ALERT, FILE_DIRECTORY_FILE, 0,
                FILE_NON_DIRECTORY_FILE, FILE_DELETE_ON_CLOSE } },
    { '5', 6, { FILE_OPEN, FILE_OPEN_IF, FILE_CREATE, FILE_OVERWRITE, FILE_OVERWRITE_IF, FILE_SUPERSEDE } },
    { '6', 5, { FILE_ATTRIBUTE_NORMAL, 0, FILE_ATTRIBUTE_HIDDEN, FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_ARCHIVE } },
    { '7', 12, { 0x110018, 0x11400c, 0x900a8, 0x2d1400, 0x110004, 0x110008, 0x11c017, 0x90018, 0x9001c, 0x110010, 0x900c4, 0x980c8 } },
    { '8', 2, { ViewShare, ViewUnmap } },
};

/* A value that arguments of this role have; else one of the wild ones. */
static ULONG_PTR Usual(PFUZZ_THREAD Thread, CHAR Role)
{
    if (Role == '9')
        return FuzzOdd(Thread, 8) ? Value(Thread) : FuzzBelow(Thread, 4u << FuzzBelow(Thread, 6));
    for (ULONG i = 0; i < ARRAYSIZE(UsualValues) && !FuzzOdd(Thread, 4); i++)
        if (UsualValues[i].Role == Role)
            return UsualValues[i].Value[FuzzBelow(Thread, UsualValues[i].Count)];
    return FuzzOnce(Thread, 2) ? Flags(Thread) : Value(Thread);
}

static ULONG_PTR Access(PFUZZ_THREAD Thread)
{
    switch (FuzzBelow(Thread, 4)) {
    case 0: return MAXIMUM_ALLOWED | SYNCHRONIZE;
    case 1: return GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE | (FuzzOnce(Thread, 2) ? DELETE : 0);
    case 2: return Thread->Careful ? GENERIC_READ | SYNCHRONIZE : 1u << FuzzBelow(Thread, 32);
    default: return (ULONG)FuzzRandom(Thread) & 0x1f01ff;
    }
}

static ULONG_PTR Address(PFUZZ_THREAD Thread)
{
    ULONG_PTR Page = FUZZ_SCRATCH_BASE + (FuzzBelow(Thread, FUZZ_SCRATCH_SIZE >> 12) & ~(FuzzOnce(Thread, 2) ? 15u : 0)) * 0x1000ull;

    if (Thread->LastAddress != 0 && FuzzOnce(Thread, 3))
        return Thread->LastAddress;
    switch (Thread->Careful ? 23 : FuzzBelow(Thread, 24)) {
    case 0: return Page + FuzzBelow(Thread, 0x1000);
    case 1: return (ULONG_PTR)(FuzzOnce(Thread, 8) ? Thread->Arena : ReadOnly);
    case 2: return (ULONG_PTR)Scramble;
    case 3: return Value(Thread);
    case 4: return (ULONG_PTR)ReadOnly;
    case 5: return 0;
    default: return Page;
    }
}

/* --- pointers ------------------------------------------------------------------------------------------------------ */

static ULONG_PTR BadPointer(PFUZZ_THREAD Thread)
{
    static const ULONG_PTR Bad[] = { 0, 0, 0, 1, 0xffff, 0x10000, 0x7ffe0000, 0x7ffe0ffc, 0x00007ffffffe0000, 0x00007ffffffefff9,
            0x00007fffffffffff, 0x0000800000000000, 0xffff7fffffffffff, 0xffff800000000000, 0xffffffff80000000,
            0xfffffffffffffff9, 0x0000000010000000, 0x0000100000000000, 0x0000180000000000 };

    switch (FuzzBelow(Thread, 8)) {
    case 0: return (ULONG_PTR)ReadOnly + FuzzBelow(Thread, 0x1000);
    case 1: return (ULONG_PTR)Edge - FuzzBelow(Thread, 16);
    case 2: return (ULONG_PTR)Guard;
    case 3: return (ULONG_PTR)Reserved;
    case 4: return (ULONG_PTR)Scramble + 8 * FuzzBelow(Thread, 0x1f0);
    default: return Bad[FuzzBelow(Thread, ARRAYSIZE(Bad))];
    }
}

static VOID Noise(PFUZZ_THREAD Thread, PUCHAR Memory, ULONG Bytes)
{
    BOOLEAN Sparse = FuzzOnce(Thread, 2);

    for (ULONG i = 0; i < Bytes / 8; i++)
        ((PULONG64)Memory)[i] = Sparse && !FuzzOnce(Thread, 4) ? 0 : Value(Thread);
}

static const PCWSTR FileNames[] = { L"\\??\\C:\\SvcFuzz\\a", L"\\??\\C:\\SvcFuzz\\b", L"\\??\\C:\\SvcFuzz\\folder",
    L"\\??\\C:\\SvcFuzz\\folder\\c", L"\\??\\C:\\SvcFuzz\\hive", L"\\??\\C:\\SvcFuzz", L"\\??\\C:\\SvcFuzz\\file",
    L"\\Device\\NamedPipe\\svcfuzz-pipe", L"\\Device\\NamedPipe\\svcfuzz-a", L"\\Device\\Mailslot\\svcfuzz-slot",
    L"\\Device\\Mailslot\\svcfuzz-a", L"\\Device\\Null", L"\\Device\\ConDrv\\Connect", L"\\Device\\ConDrv\\Reference",
    L"\\??\\C:\\windows\\system32\\ntdll.dll", L"\\DosDevices\\C:\\SvcFuzz\\a:stream", L"*", L"a", L"b" };
static const PCWSTR KeyNames[] = { FUZZ_KEY L"\\a", FUZZ_KEY L"\\b", FUZZ_KEY L"\\a\\c", FUZZ_KEY L"\\key", FUZZ_KEY,
    L"\\Registry\\Machine\\SvcFuzzHive", L"\\Registry\\Machine", L"a", L"b", L"value", L"" };
static const PCWSTR ObjectNames[] = { L"\\BaseNamedObjects\\svcfuzz-a", L"\\BaseNamedObjects\\svcfuzz-b", L"\\BaseNamedObjects",
    L"\\BaseNamedObjects\\svcfuzz-c", L"\\KnownDlls\\ntdll.dll", FUZZ_PORT, L"\\KnownDlls", L"\\??", L"\\SystemRoot", L"a", L"b" };
static const PCWSTR OddNames[] = { L"a\\b", L"..", L"*", L"", L"\\", L"key", L"#5", L"svcfuzz", L"value" };

static const struct {
    ULONG Count;
    const PCWSTR *Names;
} Families[] = {
    [FuzzObjectNames] = { ARRAYSIZE(ObjectNames), ObjectNames }, [FuzzFileNames] = { ARRAYSIZE(FileNames), FileNames },
    [FuzzKeyNames] = { ARRAYSIZE(KeyNames), KeyNames }, { ARRAYSIZE(OddNames), OddNames },
};

/* Mostly a name of the service's family; NULL: one is to be made up. */
static PCWSTR PickName(PFUZZ_THREAD Thread)
{
    ULONG Family = FuzzOnce(Thread, 4) ? FuzzBelow(Thread, ARRAYSIZE(Families)) : Thread->Family;

    if (FuzzOdd(Thread, 12))
        return NULL;
    return Families[Family].Names[FuzzBelow(Thread, Families[Family].Count)];
}

static VOID PutString(PFUZZ_THREAD Thread, PUNICODE_STRING String, PUCHAR Room)
{
    PCWSTR Name = PickName(Thread);
    ULONG Chars;

    if (Name != NULL) {
        Chars = (ULONG)wcslen(Name);
        memcpy(Room, Name, Chars * sizeof(WCHAR));
    } else {
        Chars = FuzzBelow(Thread, 0x40);
        for (ULONG i = 0; i < Chars; i++)
            ((PWSTR)Room)[i] = FuzzOnce(Thread, 4) ? (WCHAR)Value(Thread) : (WCHAR)(L'a' + FuzzBelow(Thread, 3));
    }
    String->Length = (USHORT)(Chars * sizeof(WCHAR));
    String->MaximumLength = String->Length;
    String->Buffer = (PWSTR)Room;
    switch (Thread->Careful ? 31 : FuzzBelow(Thread, 32)) {
    case 0: String->Length = (USHORT)Value(Thread); break;
    case 1: String->Buffer = (PWSTR)BadPointer(Thread); break;
    case 2: String->MaximumLength = (USHORT)Value(Thread); break;
    case 3: String->Length++; break;
    default: break;
    }
}

/* A self-relative or absolute descriptor with small lists, in Room. */
static ULONG PutDescriptor(PFUZZ_THREAD Thread, PUCHAR Room)
{
    SECURITY_DESCRIPTOR Descriptor;
    SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
    PACL Acl = (PACL)(Room + 0x100);
    ULONG Size = 0x200;

    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlCreateAcl(Acl, 0x80, ACL_REVISION);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, (ULONG)Access(Thread), &World);
    RtlAddAccessDeniedAce(Acl, ACL_REVISION, 1u << FuzzBelow(Thread, 20), &World);
    RtlSetDaclSecurityDescriptor(&Descriptor, !FuzzOnce(Thread, 4), FuzzOnce(Thread, 4) ? NULL : Acl, FALSE);
    RtlSetOwnerSecurityDescriptor(&Descriptor, FuzzOnce(Thread, 2) ? NULL : &World, FALSE);
    if (FuzzOnce(Thread, 4)) {
        memcpy(Room, &Descriptor, sizeof(Descriptor));
        return sizeof(Descriptor);
    }
    UCHAR Relative[0x200];

    if (!NT_SUCCESS(RtlAbsoluteToSelfRelativeSD(&Descriptor, Relative, &Size)))
        Size = 0;
    memcpy(Room, Relative, Size);
    if (FuzzOdd(Thread, 4) && Size != 0)
        Room[FuzzBelow(Thread, Size)] ^= 1u << FuzzBelow(Thread, 8);
    return Size;
}

static ULONG PutGroups(PFUZZ_THREAD Thread, PUCHAR Room)
{
    PTOKEN_GROUPS Groups = (PTOKEN_GROUPS)Room;
    PSID Sid = Room + 0x200;
    SID_IDENTIFIER_AUTHORITY Nt = SECURITY_NT_AUTHORITY;

    RtlInitializeSid(Sid, &Nt, 2);
    *RtlSubAuthoritySid(Sid, 0) = SECURITY_BUILTIN_DOMAIN_RID;
    *RtlSubAuthoritySid(Sid, 1) = DOMAIN_ALIAS_RID_ADMINS;
    Groups->GroupCount = FuzzOdd(Thread, 8) ? (ULONG)Value(Thread) : FuzzBelow(Thread, 3);
    for (ULONG i = 0; i < 3; i++)
        Groups->Groups[i] = (SID_AND_ATTRIBUTES){ FuzzOdd(Thread, 8) ? (PSID)BadPointer(Thread) : Sid, (ULONG)Value(Thread) };
    return 0x60;
}

/* Anybody, or the user that the programs run as. */
static ULONG PutSid(PFUZZ_THREAD Thread, PUCHAR Room)
{
    static const ULONG Known[] = { SECURITY_LOCAL_SYSTEM_RID, SECURITY_AUTHENTICATED_USER_RID, SECURITY_PRINCIPAL_SELF_RID };
    SID_IDENTIFIER_AUTHORITY Nt = SECURITY_NT_AUTHORITY;

    RtlInitializeSid((PSID)Room, &Nt, 1);
    *RtlSubAuthoritySid((PSID)Room, 0) = Known[FuzzBelow(Thread, ARRAYSIZE(Known))];
    if (FuzzOdd(Thread, 8))
        Room[FuzzBelow(Thread, 2)] = (UCHAR)Value(Thread);
    return RtlLengthRequiredSid(1);
}

/* A tree, mostly. */
static ULONG PutTypes(PFUZZ_THREAD Thread, PUCHAR Room)
{
    POBJECT_TYPE_LIST List = (POBJECT_TYPE_LIST)Room;
    GUID *Types = (GUID *)(Room + 0x300);

    for (ULONG i = 0; i < 16; i++) {
        ULONG Deepest = i == 0 ? 0 : min(List[i - 1].Level + 1, ACCESS_MAX_LEVEL);

        Types[i] = (GUID){ i, 0, 0, { 0 } };
        List[i].Level = i == 0 ? 0 : (USHORT)(1 + FuzzBelow(Thread, Deepest));
        List[i].Sbz = 0;
        List[i].ObjectType = FuzzOdd(Thread, 32) ? (GUID *)BadPointer(Thread) : &Types[i];
        if (FuzzOdd(Thread, 16))
            List[i].Level = (USHORT)Value(Thread);
    }
    return 16 * sizeof(*List);
}

static ULONG PutPrivileges(PFUZZ_THREAD Thread, PUCHAR Room)
{
    PTOKEN_PRIVILEGES Privileges = (PTOKEN_PRIVILEGES)Room;

    Privileges->PrivilegeCount = FuzzOdd(Thread, 8) ? (ULONG)Value(Thread) : FuzzBelow(Thread, 4);
    for (ULONG i = 0; i < 4; i++)
        Privileges->Privileges[i] = (LUID_AND_ATTRIBUTES){ { FuzzBelow(Thread, 40), 0 }, FuzzBelow(Thread, 8) };
    return sizeof(ULONG) + 4 * sizeof(LUID_AND_ATTRIBUTES);
}

static ULONG PutAttributeList(PFUZZ_THREAD Thread, PUCHAR Room)
{
    static const ULONG_PTR Known[] = { PS_ATTRIBUTE_IMAGE_NAME, PS_ATTRIBUTE_PARENT_PROCESS, PS_ATTRIBUTE_TOKEN, PS_ATTRIBUTE_CLIENT_ID,
            PS_ATTRIBUTE_TEB_ADDRESS, PS_ATTRIBUTE_IMAGE_INFO, PS_ATTRIBUTE_HANDLE_LIST, PS_ATTRIBUTE_DEBUG_OBJECT };
    PPS_ATTRIBUTE_LIST List = (PPS_ATTRIBUTE_LIST)Room;
    PPS_ATTRIBUTE Attribute = List->Attributes;
    ULONG Count = 1 + FuzzBelow(Thread, 3);

    List->TotalLength = sizeof(SIZE_T) + Count * sizeof(PS_ATTRIBUTE);
    Attribute[0] = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_IMAGE_NAME, .Size = OwnNtPath.Length, .ValuePtr = OwnNtPath.Buffer };
    for (ULONG i = 1; i < Count; i++) {
        Attribute[i] = (PS_ATTRIBUTE){ .Attribute = Known[FuzzBelow(Thread, ARRAYSIZE(Known))], .Size = 8 * FuzzBelow(Thread, 9),
                .ValuePtr = Room + 0x200 };
        if (FuzzOnce(Thread, 2))
            Attribute[i].ValuePtr = FuzzPickHandle(Thread, Attribute[i].Attribute == PS_ATTRIBUTE_TOKEN ? 'o' : 'p');
    }
    if (FuzzOdd(Thread, 16))
        List->TotalLength = Value(Thread);
    return (ULONG)(sizeof(SIZE_T) + Count * sizeof(PS_ATTRIBUTE));
}

static VOID NTAPI NoRoutine(PVOID Context, PVOID Argument1, PVOID Argument2)
{
}

static NTSTATUS NTAPI NoThread(PVOID Argument)
{
    return STATUS_SUCCESS;
}

static ULONG PutObjectAttributes(PFUZZ_THREAD Thread, PUCHAR Room)
{
    POBJECT_ATTRIBUTES Attributes = (POBJECT_ATTRIBUTES)Room;
    PUNICODE_STRING Name = (PUNICODE_STRING)(Room + 0x40);
    static const CHAR Roots[] = "dkf";

    PutString(Thread, Name, Room + 0x60);
    *Attributes = (OBJECT_ATTRIBUTES){ .Length = sizeof(*Attributes), .ObjectName = FuzzOnce(Thread, Thread->Careful ? 16 : 4) ? NULL : Name };
    if (FuzzOnce(Thread, Thread->Careful ? 8 : 4))
        Attributes->RootDirectory = FuzzPickHandle(Thread, Roots[FuzzBelow(Thread, 3)]);
    Attributes->Attributes = Thread->Careful || FuzzOnce(Thread, 2) ? OBJ_CASE_INSENSITIVE | OBJ_OPENIF : (ULONG)FuzzRandom(Thread) & 0xfff;
    if (FuzzOnce(Thread, 8)) {
        PutDescriptor(Thread, Room + 0x180);
        Attributes->SecurityDescriptor = Room + 0x180;
    }
    switch (Thread->Careful ? 31 : FuzzBelow(Thread, 32)) {
    case 0: Attributes->Length = (ULONG)Value(Thread); break;
    case 1: Attributes->ObjectName = (PUNICODE_STRING)BadPointer(Thread); break;
    case 2: Attributes->Attributes = (ULONG)Value(Thread); break;
    case 3: Attributes->SecurityDescriptor = (PVOID)BadPointer(Thread); break;
    case 4: Attributes->SecurityQualityOfService = (PVOID)BadPointer(Thread); break;
    default: break;
    }
    return sizeof(*Attributes);
}

/* Own threads, or ones that do not exist. */
static ULONG PutClientId(PFUZZ_THREAD Thread, PUCHAR Room)
{
    PCLIENT_ID Id = (PCLIENT_ID)Room;

    *Id = NtCurrentTeb()->ClientId;
    if (FuzzOnce(Thread, 2))
        Id->UniqueThread = NULL;
    if (FuzzOnce(Thread, 4))
        Id->UniqueThread = (HANDLE)(ULONG_PTR)(0x10000000 + FuzzBelow(Thread, 0x10000));
    if (FuzzOnce(Thread, 4))
        Id->UniqueProcess = (HANDLE)(ULONG_PTR)(0x10000000 + FuzzBelow(Thread, 0x10000));
    return sizeof(*Id);
}

/* Times to wait are short: a thread that waits for ever is no use, but now and then there is one. */
static LONGLONG TimeToWait(PFUZZ_THREAD Thread)
{
    switch (FuzzBelow(Thread, 8)) {
    case 0: return -(LONGLONG)FuzzBelow(Thread, 20000);
    case 1: return FuzzBelow(Thread, 1000);
    case 2: return 1ll << FuzzBelow(Thread, 56);
    default: return 0;
    }
}

static ULONG PutContext(PFUZZ_THREAD Thread, PUCHAR Room)
{
    PCONTEXT Context = (PCONTEXT)Room;

    RtlCaptureContext(Context);
    Context->ContextFlags = FuzzOnce(Thread, 4) ? (ULONG)Value(Thread) : CONTEXT_AMD64 | FuzzBelow(Thread, 32);
    for (ULONG n = FuzzBelow(Thread, 3); n-- != 0;)
        ((PULONG64)Room)[FuzzBelow(Thread, sizeof(CONTEXT) / 8)] = Value(Thread);
    return sizeof(*Context);
}

/* The content for a pointer of Role at Room (a slot); the size that matters. */
static ULONG Fill(PFUZZ_THREAD Thread, CHAR Role, PUCHAR Room)
{
    switch (Role) {
    case 'O': return PutObjectAttributes(Thread, Room);
    case 'U':
        PutString(Thread, (PUNICODE_STRING)Room, Room + 0x20);
        return sizeof(UNICODE_STRING);
    case 'W': {
        UNICODE_STRING String;

        PutString(Thread, &String, Room);
        return String.MaximumLength + 2u & 0x3ffu;
    }
    case 'T':
        *(PLONGLONG)Room = TimeToWait(Thread);
        return sizeof(LONGLONG);
    case 'I': case 'Z':
        *(PULONG64)Room = Thread->Careful && FuzzOnce(Thread, 2) ? 0 : Length(Thread);
        return sizeof(ULONG64);
    case 'A':
        *(PULONG64)Room = Thread->Careful && FuzzOnce(Thread, 2) ? 0 : Address(Thread);
        return sizeof(ULONG64);
    case 'D': return PutClientId(Thread, Room);
    case 'X': return PutContext(Thread, Room);
    case 'Y': return PutDescriptor(Thread, Room);
    case 'G': return PutGroups(Thread, Room);
    case 'P': return PutPrivileges(Thread, Room);
    case '&': return PutTypes(Thread, Room);
    case '%': return PutSid(Thread, Room);
    case 'L': return PutAttributeList(Thread, Room);
    case 'N':
        for (ULONG i = 0; i < 70; i++)
            ((PHANDLE)Room)[i] = FuzzPickHandle(Thread, "emnitpc"[FuzzBelow(Thread, 7)]);
        return 64 * sizeof(HANDLE);
    case 'K':
        *(PSECURITY_QUALITY_OF_SERVICE)Room = (SECURITY_QUALITY_OF_SERVICE){ sizeof(SECURITY_QUALITY_OF_SERVICE),
                FuzzBelow(Thread, 5), FuzzOnce(Thread, 2), FuzzOnce(Thread, 2) };
        return sizeof(SECURITY_QUALITY_OF_SERVICE);
    case 'g': return FuzzPutMessageAttributes(Thread, Room);
    case 'h':
        *(PULONG64)Room = 0;
        return sizeof(HANDLE);
    case 'S': return sizeof(IO_STATUS_BLOCK);
    case 'B':
        if (FuzzOnce(Thread, 8))
            *(PHANDLE)Room = FuzzPickHandle(Thread, 'H');
        else if (FuzzOnce(Thread, 4))
            PutString(Thread, (PUNICODE_STRING)Room, Room + 0x20);
        return 8 * FuzzBelow(Thread, 9);
    default: return 8 * FuzzBelow(Thread, 9);
    }
}

static ULONG_PTR Pointer(PFUZZ_THREAD Thread, CHAR Role, PUCHAR Room)
{
    ULONG Size;

    if (Role != 'D' && FuzzOdd(Thread, 12))
        return BadPointer(Thread);
    if (Thread->Careful && strchr("hOUAZ", Role) == NULL && FuzzOnce(Thread, 3))
        return 0;
    Noise(Thread, Room, FuzzOnce(Thread, 4) ? FUZZ_SLOT : 0x60);
    Size = Fill(Thread, Role, Room);
    switch (Thread->Careful ? 31 : FuzzBelow(Thread, 32)) {
    case 0:         /* the last bytes of a page, some of them missing */
        Size += Size == 0;
        memcpy(Edge - Size, Room, Size);
        return (ULONG_PTR)Edge - Size + (Role == 'D' ? 0 : FuzzBelow(Thread, 2) * FuzzBelow(Thread, Size));
    case 1:         /* misaligned */
        memmove(Room + 1, Room, Size);
        return (ULONG_PTR)Room + 1;
    default:
        return (ULONG_PTR)Room;
    }
}

static ULONG_PTR Routine(PFUZZ_THREAD Thread, BOOLEAN ForThread)
{
    if (FuzzOdd(Thread, 64))
        return BadPointer(Thread);
    return ForThread ? (ULONG_PTR)NoThread : FuzzOnce(Thread, 2) ? 0 : (ULONG_PTR)NoRoutine;
}

static FUZZ_FAMILY FamilyOf(PCSTR Name)
{
    if (strstr(Name, "File") != NULL)
        return FuzzFileNames;
    return strstr(Name, "Key") != NULL && strstr(Name, "KeyedEvent") == NULL ? FuzzKeyNames : FuzzObjectNames;
}

static ULONG_PTR MakeArgument(PFUZZ_THREAD Thread, PCSTR Roles, ULONG i)
{
    switch (Roles[i]) {
    case 'r': return Access(Thread);
    case 'q': return FuzzOdd(Thread, 16) ? Value(Thread) : FuzzBelow(Thread, 2);
    case 'x': return Protection(Thread);
    case 'z': return Length(Thread);
    case 'w': return Flags(Thread);
    case 'v': return Value(Thread);
    case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
        return Usual(Thread, Roles[i]);
    case '+': return FuzzOdd(Thread, 8) ? Value(Thread) : FuzzBelow(Thread, 5);
    case 'a': return Address(Thread);
    case 'R': return Routine(Thread, strchr(Roles, 'h') != NULL);
    case 'C': return FuzzOdd(Thread, 12) ? BadPointer(Thread) : (ULONG_PTR)FuzzPickMessage(Thread);
    case 'Q': return FuzzOdd(Thread, 8) ? BadPointer(Thread) : (ULONG_PTR)Parameters;
    case 'p': case 't': case 'f': case 'e': case 's': case 'd': case 'l': case 'm': case 'n': case 'i': case 'y':
    case 'c': case 'j': case 'k': case 'o': case 'b': case 'u': case '#': case 'H':
        return (ULONG_PTR)FuzzPickHandle(Thread, Roles[i]);
    default:
        return Pointer(Thread, Roles[i], Thread->Arena + i * FUZZ_SLOT);
    }
}

static VOID Begin(PFUZZ_THREAD Thread, const SERVICE_ROW *Service, BOOLEAN Careful)
{
    Thread->Careful = Careful;
    Thread->Family = FamilyOf(Service->Name);
    /* The scramble page changes under the other threads' calls. */
    Scramble[FuzzBelow(Thread, 0x1000)] = (UCHAR)FuzzRandom(Thread);
}

VOID FuzzMakeArguments(PFUZZ_THREAD Thread, const SERVICE_ROW *Service, ULONG_PTR *Arguments)
{
    Begin(Thread, Service, FuzzOnce(Thread, 2));
    for (ULONG i = 0; i < MAX_ARGUMENTS && Service->Roles[i] != 0; i++)
        Arguments[i] = MakeArgument(Thread, Service->Roles, i);
}

BOOLEAN FuzzMakeTrespass(PFUZZ_THREAD Thread, const SERVICE_ROW *Service, ULONG_PTR *Arguments)
{
    ULONG Count = (ULONG)strlen(Service->Roles), Place = Count == 0 ? 0 : FuzzBelow(Thread, Count), Tries = 0;

    while (Tries < Count && FuzzPickGuarded(Thread, Service->Roles[Place]) == NULL) {
        Place = (Place + 1) % Count;
        Tries++;
    }
    if (Tries == Count)
        return FALSE;
    Begin(Thread, Service, TRUE);
    for (ULONG i = 0; i < Count; i++)
        Arguments[i] = MakeArgument(Thread, Service->Roles, i);
    Arguments[Place] = (ULONG_PTR)FuzzPickGuarded(Thread, Service->Roles[Place]);
    return TRUE;
}

VOID FuzzSpoilArguments(PFUZZ_THREAD Thread, const SERVICE_ROW *Service, ULONG_PTR *Arguments)
{
    ULONG Count = (ULONG)strlen(Service->Roles);

    Begin(Thread, Service, FALSE);
    for (ULONG n = Count == 0 ? 0 : 1 + FuzzBelow(Thread, min(Count, 3)); n-- != 0;) {
        ULONG i = FuzzBelow(Thread, Count);

        Arguments[i] = MakeArgument(Thread, Service->Roles, i);
    }
}

/* A view is written to, if it can be: a section that the handle does not let write changes then. */
static VOID UseAddress(PFUZZ_THREAD Thread, PCSTR Roles, ULONG_PTR Address)
{
    ULONG64 Content = FuzzRandom(Thread);

    Thread->LastAddress = Address;
    if (strchr(Roles, 's') != NULL)
        NtWriteVirtualMemory(NtCurrentProcess(), (PVOID)Address, &Content, sizeof(Content), NULL);
}

VOID FuzzTakeHandles(PFUZZ_THREAD Thread, PCSTR Roles, const ULONG_PTR *Arguments, NTSTATUS Status)
{
    for (ULONG i = 0; NT_SUCCESS(Status) && i < MAX_ARGUMENTS && Roles[i] != 0; i++) {
        if (Arguments[i] != (ULONG_PTR)Thread->Arena + i * FUZZ_SLOT)
            continue;
        if (Roles[i] == 'A')
            UseAddress(Thread, Roles, *(PULONG_PTR)Arguments[i]);
        if (Roles[i] != 'h')
            continue;
        PHANDLE Slot = &Thread->Made[Thread->MadeNext++ % FUZZ_MADE];

        if (*Slot != NULL)
            NtClose(*Slot);
        *Slot = *(PHANDLE)Arguments[i];
    }
}
