/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What an ordinary user may and may not do, and the tokens that make one: NtCreateToken, NtFilterToken.
 * Runs on: Nereid.  (Wine's server knows one user, and makes no tokens.)
 */
#include "check.h"
#include "abi/condrv.h"

#define EVENT_NAME L"\\BaseNamedObjects\\UserTest"
#define KEY_NAME L"\\Registry\\Machine\\Software\\UserTest"
#define FILE_NAME L"\\??\\C:\\windows\\usertest.txt"
#define TEMP_NAME L"\\??\\C:\\temp\\usertest.txt"
#define FOLDER_NAME L"\\??\\C:\\temp\\usertest"
#define INNER_NAME FOLDER_NAME L"\\inner"
#define OTHER_NAME FOLDER_NAME L"\\other"

static struct { SID Sid; ULONG Rids[4]; } User = { { SID_REVISION, 5, SECURITY_NT_AUTHORITY, { 21 } }, { 1, 2, 3, 1001 } };
static struct { SID Sid; ULONG Rid; } Users = {
    { SID_REVISION, 2, SECURITY_NT_AUTHORITY, { SECURITY_BUILTIN_DOMAIN_RID } }, DOMAIN_ALIAS_RID_USERS
}, Admins = {
    { SID_REVISION, 2, SECURITY_NT_AUTHORITY, { SECURITY_BUILTIN_DOMAIN_RID } }, DOMAIN_ALIAS_RID_ADMINS
};
static SID World = { SID_REVISION, 1, SECURITY_WORLD_SID_AUTHORITY, { SECURITY_WORLD_RID } };
static SID Authenticated = { SID_REVISION, 1, SECURITY_NT_AUTHORITY, { SECURITY_AUTHENTICATED_USER_RID } };

static OBJECT_ATTRIBUTES Attributes;
static UNICODE_STRING String;

static POBJECT_ATTRIBUTES Named(PCWSTR Name)
{
    RtlInitUnicodeString(&String, Name);
    InitializeObjectAttributes(&Attributes, &String, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return &Attributes;
}

static VOID Close(HANDLE Handle)
{
    if (Handle != NULL)
        NtClose(Handle);
}

/* --- tokens ------------------------------------------------------------------------------------------------------ */

static NTSTATUS MakeToken(TOKEN_TYPE Type, PSID Owner, PSID Group, PHANDLE Token)
{
    static SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Own;
    LUID Id = { 0x1234, 0 };
    LARGE_INTEGER Never = { .QuadPart = -1 };
    TOKEN_USER Who = { { &User, 0 } };
    struct { DWORD Count; SID_AND_ATTRIBUTES Groups[3]; } Groups = { 3, {
        { &Users, SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED },
        { &World, SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED },
        { &Authenticated, SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED },
    } };
    TOKEN_PRIVILEGES Privileges = { 1, { { { SE_CHANGE_NOTIFY_PRIVILEGE, 0 }, SE_PRIVILEGE_ENABLED } } };
    TOKEN_OWNER OwnerInfo = { Owner };
    TOKEN_PRIMARY_GROUP GroupInfo = { Group };
    UCHAR AclSpace[64] __attribute__((aligned(8)));
    TOKEN_DEFAULT_DACL Dacl = { (PACL)AclSpace };
    TOKEN_SOURCE Source = { "UserTest", { 1, 0 } };

    InitializeObjectAttributes(&Own, NULL, 0, NULL, NULL);
    Own.SecurityQualityOfService = &Qos;
    RtlCreateAcl((PACL)AclSpace, sizeof(AclSpace), ACL_REVISION);
    RtlAddAccessAllowedAce((PACL)AclSpace, ACL_REVISION, GENERIC_ALL, &User);
    *Token = NULL;
    return NtCreateToken(Token, TOKEN_ALL_ACCESS, &Own, Type, &Id, &Never, &Who, (PTOKEN_GROUPS)&Groups, &Privileges,
                         Owner != NULL ? &OwnerInfo : NULL, &GroupInfo, &Dacl, &Source);
}

static VOID Act(HANDLE Token)
{
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Token,
            sizeof(Token)));
}

static VOID TestCreateToken(VOID)
{
    union { TOKEN_USER User; TOKEN_STATISTICS Statistics; TOKEN_SOURCE Source; UCHAR Bytes[256]; } Info;
    HANDLE Token;
    ULONG Length;

    CHECK_STATUS(STATUS_BAD_TOKEN_TYPE, MakeToken(7, NULL, &Users, &Token));
    CHECK_STATUS(STATUS_INVALID_OWNER, MakeToken(TokenPrimary, &Users, &Users, &Token));
    CHECK_STATUS(STATUS_INVALID_OWNER, MakeToken(TokenPrimary, &Admins, &Users, &Token));
    CHECK_STATUS(STATUS_INVALID_PRIMARY_GROUP, MakeToken(TokenPrimary, NULL, &Admins, &Token));
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, MakeToken(TokenPrimary, NULL, NULL, &Token));
    CHECK_STATUS(STATUS_SUCCESS, MakeToken(TokenPrimary, &User, &Users, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenUser, &Info, sizeof(Info), &Length));
    CHECK(RtlEqualSid(Info.User.User.Sid, &User));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenStatistics, &Info, sizeof(Info), &Length));
    CHECK(Info.Statistics.AuthenticationId.LowPart == 0x1234 && Info.Statistics.TokenType == TokenPrimary);
    CHECK(Info.Statistics.GroupCount == 3 && Info.Statistics.PrivilegeCount == 1);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenSource, &Info, sizeof(Info), &Length));
    CHECK(memcmp(Info.Source.SourceName, "UserTest", 8) == 0);
    Close(Token);
}

/* A thread handle of another right sets no token; a primary token is none for a thread, another user's none for a process. */
static VOID TestAssign(VOID)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters;
    RTL_USER_PROCESS_INFORMATION Child = { .Length = sizeof(Child) };
    HANDLE Primary = NULL, Token = NULL, Thread = NULL;
    BOOLEAN Enabled = FALSE;
    UNICODE_STRING Path;

    CHECK_STATUS(STATUS_SUCCESS, MakeToken(TokenPrimary, NULL, &Users, &Primary));
    CHECK_STATUS(STATUS_SUCCESS, MakeToken(TokenImpersonation, NULL, &Users, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateObject(NtCurrentProcess(), NtCurrentThread(), NtCurrentProcess(), &Thread,
            THREAD_SET_INFORMATION, 0, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetInformationThread(Thread, ThreadImpersonationToken, &Token, sizeof(Token)));
    CHECK_STATUS(STATUS_BAD_TOKEN_TYPE, NtSetInformationThread(NtCurrentThread(), ThreadImpersonationToken, &Primary,
            sizeof(Primary)));
    CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Own->ImagePathName.Buffer, &Path, NULL, NULL));
    CHECK_STATUS(STATUS_BAD_TOKEN_TYPE, RtlCreateUserProcess(&Path, OBJ_CASE_INSENSITIVE, Own, NULL, NULL, NULL, FALSE, NULL,
            Token, &Child));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_ASSIGNPRIMARYTOKEN_PRIVILEGE, FALSE, FALSE, &Enabled));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, RtlCreateUserProcess(&Path, OBJ_CASE_INSENSITIVE, Own, NULL, NULL, NULL, FALSE,
            NULL, Primary, &Child));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_ASSIGNPRIMARYTOKEN_PRIVILEGE, Enabled, FALSE, &Enabled));
    RtlFreeUnicodeString(&Path);
    Close(Thread);
    Close(Token);
    Close(Primary);
}

static ULONG GroupAttributes(HANDLE Token, PSID Sid)
{
    static union { TOKEN_GROUPS Groups; UCHAR Bytes[2048]; } Info;
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenGroups, &Info, sizeof(Info), &Length));
    for (ULONG i = 0; i < Info.Groups.GroupCount; i++) {
        if (RtlEqualSid(Info.Groups.Groups[i].Sid, Sid))
            return Info.Groups.Groups[i].Attributes;
    }
    return (ULONG)-1;
}

static NTSTATUS OpenEvent(ACCESS_MASK Access)
{
    HANDLE Event = NULL;
    NTSTATUS Status = NtOpenEvent(&Event, Access, Named(EVENT_NAME));

    Close(Event);
    return Status;
}

/* Makes or opens the namespace whose boundary asks for Sid. */
static NTSTATUS GetNamespace(PSID Sid, BOOLEAN Create, PHANDLE Namespace)
{
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"user");
    POBJECT_BOUNDARY_DESCRIPTOR Descriptor = RtlCreateBoundaryDescriptor(&Name, 0);
    NTSTATUS Status;

    *Namespace = NULL;
    CHECK_STATUS(STATUS_SUCCESS, RtlAddSIDToBoundaryDescriptor(&Descriptor, Sid));
    Status = Create ? NtCreatePrivateNamespace(Namespace, DIRECTORY_ALL_ACCESS, NULL, Descriptor)
                    : NtOpenPrivateNamespace(Namespace, DIRECTORY_QUERY, NULL, Descriptor);
    RtlDeleteBoundaryDescriptor(Descriptor);
    return Status;
}

static NTSTATUS TryNamespace(PSID Sid, BOOLEAN Create)
{
    HANDLE Namespace;
    NTSTATUS Status = GetNamespace(Sid, Create, &Namespace);

    Close(Namespace);
    return Status;
}

/* The token of this process, limited in three ways. */
static VOID TestFilter(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityImpersonation, SECURITY_STATIC_TRACKING, FALSE };
    struct { DWORD Count; SID_AND_ATTRIBUTES Groups[1]; } Disable = { 1, { { &Admins, 0 } } }, Only = { 1, { { &World, 0 } } };
    OBJECT_ATTRIBUTES Own;
    HANDLE Self = NULL, Copy = NULL, Token = NULL;
    TOKEN_ELEVATION_TYPE Elevation = 0;
    ULONG Length;

    InitializeObjectAttributes(&Own, NULL, 0, NULL, NULL);
    Own.SecurityQualityOfService = &Qos;
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, &Self));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Self, TOKEN_ALL_ACCESS, &Own, FALSE, TokenImpersonation, &Copy));

    CHECK_STATUS(STATUS_INVALID_PARAMETER, NtFilterToken(Copy, 0x80, NULL, NULL, NULL, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Copy, 0, (PTOKEN_GROUPS)&Disable, NULL, NULL, &Token));
    CHECK(GroupAttributes(Token, &Admins) == SE_GROUP_USE_FOR_DENY_ONLY);
    CHECK(GroupAttributes(Copy, &Admins) & SE_GROUP_ENABLED);
    Close(Token);

    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Copy, LUA_TOKEN, NULL, NULL, NULL, &Token));
    CHECK(GroupAttributes(Token, &Admins) == SE_GROUP_USE_FOR_DENY_ONLY);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationToken(Token, TokenElevationType, &Elevation, sizeof(Elevation),
            &Length));
    CHECK(Elevation == TokenElevationTypeLimited);
    Act(Token);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetSystemTime(&(LARGE_INTEGER){ .QuadPart = 1 }, NULL));
    Act(NULL);
    Close(Token);

    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Copy, 0, NULL, NULL, (PTOKEN_GROUPS)&Only, &Token));
    Act(Token);
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenEvent(EVENT_QUERY_STATE));
    Act(NULL);
    Close(Token);

    CHECK_STATUS(STATUS_SUCCESS, NtFilterToken(Copy, WRITE_RESTRICTED, NULL, NULL, (PTOKEN_GROUPS)&Only, &Token));
    Act(Token);
    CHECK_STATUS(STATUS_SUCCESS, OpenEvent(EVENT_QUERY_STATE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenEvent(EVENT_MODIFY_STATE));
    Act(NULL);
    Close(Token);
    Close(Copy);
    Close(Self);
}

/* A thread that may only identify its client has none of the client's rights: no privilege, no group. */
static VOID TestIdentify(VOID)
{
    SECURITY_QUALITY_OF_SERVICE Qos = { sizeof(Qos), SecurityIdentification, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES Own;
    HANDLE Self = NULL, Copy = NULL;
    BOOLEAN Enabled = FALSE;

    InitializeObjectAttributes(&Own, NULL, 0, NULL, NULL);
    Own.SecurityQualityOfService = &Qos;
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_SYSTEMTIME_PRIVILEGE, TRUE, FALSE, &Enabled));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ALL_ACCESS, &Self));
    CHECK_STATUS(STATUS_SUCCESS, NtDuplicateToken(Self, TOKEN_ALL_ACCESS, &Own, FALSE, TokenImpersonation, &Copy));
    Act(Copy);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetSystemTime(&(LARGE_INTEGER){ .QuadPart = 1 }, NULL));
    CHECK_STATUS(STATUS_BAD_IMPERSONATION_LEVEL, OpenEvent(EVENT_QUERY_STATE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryNamespace(&World, FALSE));
    Act(NULL);
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_SYSTEMTIME_PRIVILEGE, Enabled, FALSE, &Enabled));
    Close(Copy);
    Close(Self);
}

/* --- as the user ------------------------------------------------------------------------------------------------- */

static NTSTATUS CreateEvent(PCWSTR Name)
{
    HANDLE Event = NULL;
    NTSTATUS Status = NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(Name), NotificationEvent, FALSE);

    Close(Event);
    return Status;
}

static VOID UserObjects(VOID)
{
    HANDLE Event = NULL, Directory = NULL, Other = NULL;

    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenEvent(EVENT_MODIFY_STATE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenEvent(SYNCHRONIZE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, OpenEvent(MAXIMUM_ALLOWED));
    CHECK_STATUS(STATUS_ACCESS_DENIED, CreateEvent(L"\\UserTest"));
    CHECK_STATUS(STATUS_ACCESS_DENIED, CreateEvent(L"\\Device\\UserTest"));
    CHECK_STATUS(STATUS_ACCESS_DENIED, CreateEvent(L"\\KnownDlls\\UserTest"));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCreateDirectoryObject(&Directory, DIRECTORY_ALL_ACCESS, Named(L"\\UserTest")));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenDirectoryObject(&Directory, DIRECTORY_CREATE_OBJECT, Named(L"\\Device")));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenDirectoryObject(&Directory, DIRECTORY_QUERY, Named(L"\\Device")));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtDuplicateObject(NtCurrentProcess(), Directory, NtCurrentProcess(), &Other,
            DIRECTORY_ALL_ACCESS, 0, 0));
    Close(Directory);
    /* What is the user's own is the user's. */
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(L"\\BaseNamedObjects\\UserOwn"),
            NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Other, EVENT_ALL_ACCESS, Named(L"\\BaseNamedObjects\\UserOwn")));
    Close(Other);
    Close(Event);
}

/* The system's user has made one for everybody, whose descriptor is its own. */
static VOID UserNamespaces(VOID)
{
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryNamespace(&Admins, TRUE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryNamespace(&Admins, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, TryNamespace(&Users, TRUE));
    CHECK_STATUS(STATUS_OBJECT_NAME_COLLISION, TryNamespace(&World, TRUE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryNamespace(&World, FALSE));
}

static VOID UserProcesses(VOID)
{
    CLIENT_ID Id = { NtCurrentTeb()->ClientId.UniqueProcess, NULL };
    OBJECT_ATTRIBUTES None;
    HANDLE Handle = NULL;

    InitializeObjectAttributes(&None, NULL, 0, NULL, NULL);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenProcess(&Handle, PROCESS_TERMINATE, &None, &Id));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenProcess(&Handle, PROCESS_VM_READ, &None, &Id));
    /* Those that it may not open are passed over: all. */
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES, NtGetNextProcess(NULL, PROCESS_TERMINATE, 0, 0, &Handle));
    Id.UniqueThread = NtCurrentTeb()->ClientId.UniqueThread;
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenThread(&Handle, THREAD_TERMINATE, &None, &Id));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenProcessToken(NtCurrentProcess(), TOKEN_DUPLICATE, &Handle));
    /* The system's user made the token: it opens it as itself, the user does not. */
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, FALSE, &Handle));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &Handle));
    Close(Handle);
}

/* --- the console of another process ------------------------------------------------------------------------------ */

static NTSTATUS OpenConsole(HANDLE Root, PCWSTR Name, PHANDLE File)
{
    IO_STATUS_BLOCK IoStatus;

    *File = NULL;
    Named(Name)->RootDirectory = Root;
    return NtOpenFile(File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, &Attributes, &IoStatus, FILE_SHARE_READ | FILE_SHARE_WRITE, 0);
}

/* What the child does, which has no console: it joins its parent's. */
static NTSTATUS BindToParent(VOID)
{
    ULONG Parent = MAXDWORD;
    IO_STATUS_BLOCK IoStatus;
    HANDLE Connection, Reference;
    NTSTATUS Status = OpenConsole(NULL, L"\\Device\\ConDrv\\Reference", &Reference);

    if (Status != STATUS_INVALID_HANDLE)
        return STATUS_UNSUCCESSFUL;
    Status = OpenConsole(NULL, L"\\Device\\ConDrv\\Connection", &Connection);
    return NT_SUCCESS(Status) ? NtDeviceIoControlFile(Connection, NULL, NULL, NULL, &IoStatus, IOCTL_CONDRV_BIND_PROCESS, &Parent,
                                                      sizeof(Parent), NULL, 0) : Status;
}

static NTSTATUS BindAs(HANDLE Token)
{
    PRTL_USER_PROCESS_PARAMETERS Own = NtCurrentPeb()->ProcessParameters, Parameters = NULL;
    RTL_USER_PROCESS_INFORMATION Child = { .Length = sizeof(Child) };
    UNICODE_STRING CommandLine = RTL_CONSTANT_UNICODE_STRING(L"user bind"), Path;
    PROCESS_BASIC_INFORMATION Ended = { 0 };

    CHECK_STATUS(STATUS_SUCCESS, RtlDosPathNameToNtPathName_U_WithStatus(Own->ImagePathName.Buffer, &Path, NULL, NULL));
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateProcessParametersEx(&Parameters, &Own->ImagePathName, NULL, NULL, &CommandLine, NULL, NULL,
            NULL, NULL, NULL, RTL_USER_PROC_PARAMS_NORMALIZED));
    Parameters->ConsoleHandle = NULL;
    CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserProcess(&Path, OBJ_CASE_INSENSITIVE, Parameters, NULL, NULL, NULL, FALSE, NULL, Token,
            &Child));
    NtResumeThread(Child.ThreadHandle, NULL);
    NtWaitForSingleObject(Child.ProcessHandle, FALSE, NULL);
    NtQueryInformationProcess(Child.ProcessHandle, ProcessBasicInformation, &Ended, sizeof(Ended), NULL);
    RtlDestroyProcessParameters(Parameters);
    RtlFreeUnicodeString(&Path);
    Close(Child.ThreadHandle);
    Close(Child.ProcessHandle);
    return Ended.ExitStatus;
}

/* The user's own processes share consoles; the console of the system's is none of the user's, nor is any by a name of its own. */
static VOID TestConsole(VOID)
{
    HANDLE Server, Connection, Reference, Primary = NULL;
    BOOLEAN Enabled = FALSE;

    CHECK_STATUS(STATUS_SUCCESS, OpenConsole(NULL, L"\\Device\\ConDrv\\Server", &Server));
    CHECK_STATUS(STATUS_SUCCESS, OpenConsole(Server, L"Connection", &Connection));
    CHECK_STATUS(STATUS_SUCCESS, MakeToken(TokenPrimary, NULL, &Users, &Primary));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_ASSIGNPRIMARYTOKEN_PRIVILEGE, TRUE, FALSE, &Enabled));
    CHECK_STATUS(STATUS_SUCCESS, BindAs(NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, BindAs(Primary));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_ASSIGNPRIMARYTOKEN_PRIVILEGE, Enabled, FALSE, &Enabled));
    CHECK_STATUS(STATUS_SUCCESS, OpenConsole(NULL, L"\\Device\\ConDrv\\Reference", &Reference));
    Close(Reference);
    Close(Connection);
    Close(Primary);
    Close(Server);
}

static VOID UserRegistry(VOID)
{
    UNICODE_STRING Value = RTL_CONSTANT_UNICODE_STRING(L"value");
    SECURITY_DESCRIPTOR Open;
    HANDLE Key = NULL, Other = NULL;
    ULONG Data = 1, Length;
    UCHAR Buffer[256];

    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_READ, Named(KEY_NAME)));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryValueKey(Key, &Value, KeyValuePartialInformation, Buffer, sizeof(Buffer),
            &Length));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetValueKey(Key, &Value, 0, REG_DWORD, &Data, sizeof(Data)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtDuplicateObject(NtCurrentProcess(), Key, NtCurrentProcess(), &Other,
            KEY_ALL_ACCESS, 0, 0));
    RtlCreateSecurityDescriptor(&Open, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(&Open, TRUE, NULL, FALSE);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetSecurityObject(Key, DACL_SECURITY_INFORMATION, &Open));
    Close(Key);
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenKey(&Key, KEY_SET_VALUE, Named(KEY_NAME)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenKey(&Key, WRITE_DAC, Named(KEY_NAME)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenKey(&Key, DELETE, Named(KEY_NAME)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCreateKey(&Key, KEY_READ, Named(KEY_NAME L"\\Sub"), 0, NULL, 0, NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtCreateKey(&Key, KEY_READ, Named(KEY_NAME L"\\Link"), 0, NULL, REG_OPTION_CREATE_LINK,
            NULL));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenKey(&Key, KEY_CREATE_LINK, Named(KEY_NAME)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtOpenKeyEx(&Key, KEY_SET_VALUE, Named(KEY_NAME), REG_OPTION_OPEN_LINK));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKeyEx(&Key, MAXIMUM_ALLOWED, Named(KEY_NAME), REG_OPTION_OPEN_LINK));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetValueKey(Key, &Value, 0, REG_DWORD, &Data, sizeof(Data)));
    Close(Key);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenKeyEx(&Key, KEY_READ, Named(KEY_NAME L"\\Sub"), REG_OPTION_OPEN_LINK));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, MAXIMUM_ALLOWED, Named(KEY_NAME)));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtSetValueKey(Key, &Value, 0, REG_DWORD, &Data, sizeof(Data)));
    Close(Key);
}

static NTSTATUS Open(PCWSTR Name, ACCESS_MASK Access, ULONG Disposition, ULONG Options)
{
    IO_STATUS_BLOCK Iosb;
    HANDLE File = NULL;
    NTSTATUS Status = NtCreateFile(&File, Access | SYNCHRONIZE, Named(Name), &Iosb, NULL, FILE_ATTRIBUTE_NORMAL,
                                   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, Disposition,
                                   Options | FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);

    Close(File);
    return Status;
}

static VOID UserFiles(VOID)
{
    IO_STATUS_BLOCK Iosb;
    HANDLE File = NULL;

    CHECK_STATUS(STATUS_SUCCESS, Open(FILE_NAME, FILE_READ_DATA, FILE_OPEN, 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(L"\\SystemRoot\\system32\\ntdll.dll", FILE_READ_DATA | FILE_EXECUTE, FILE_OPEN, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME, FILE_WRITE_DATA, FILE_OPEN, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME, FILE_APPEND_DATA, FILE_OPEN, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME, FILE_READ_DATA, FILE_OVERWRITE, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME, FILE_READ_DATA, FILE_SUPERSEDE, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME, DELETE, FILE_OPEN, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME, FILE_READ_DATA | DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME L".new", FILE_READ_DATA, FILE_CREATE, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(FILE_NAME L".dir", FILE_LIST_DIRECTORY, FILE_CREATE, FILE_DIRECTORY_FILE));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, Open(FILE_NAME L".new", FILE_READ_DATA, FILE_OPEN, 0));
    CHECK_STATUS(STATUS_SUCCESS, NtOpenFile(&File, MAXIMUM_ALLOWED | SYNCHRONIZE, Named(FILE_NAME), &Iosb, 7,
            FILE_SYNCHRONOUS_IO_NONALERT));
    CHECK_STATUS(STATUS_ACCESS_DENIED, NtWriteFile(File, NULL, NULL, NULL, &Iosb, "x", 1, NULL, NULL));
    Close(File);
    CHECK_STATUS(STATUS_SUCCESS, Open(TEMP_NAME, FILE_WRITE_DATA | DELETE, FILE_CREATE, 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(TEMP_NAME, FILE_WRITE_DATA | DELETE, FILE_OVERWRITE, FILE_DELETE_ON_CLOSE));
}

/* --- files by the rights to their folder, and by privileges -------------------------------------------------------- */

/* Without SYNCHRONIZE, which rights to a folder do not give. */
static NTSTATUS OpenRaw(PCWSTR Name, ACCESS_MASK Access, ULONG Options, PHANDLE File)
{
    IO_STATUS_BLOCK Iosb;

    *File = NULL;
    return NtOpenFile(File, Access, Named(Name), &Iosb, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, Options);
}

static NTSTATUS TryRaw(PCWSTR Name, ACCESS_MASK Access, ULONG Options)
{
    HANDLE File;
    NTSTATUS Status = OpenRaw(Name, Access, Options, &File);

    Close(File);
    return Status;
}

/* What MAXIMUM_ALLOWED comes to; 0: nothing. */
static ACCESS_MASK Most(PCWSTR Name, ULONG Options)
{
    FILE_ACCESS_INFORMATION Access = { 0 };
    OBJECT_BASIC_INFORMATION Basic = { 0 };
    IO_STATUS_BLOCK Iosb;
    HANDLE File;

    if (!NT_SUCCESS(OpenRaw(Name, MAXIMUM_ALLOWED, Options, &File)))
        return 0;
    CHECK_STATUS(STATUS_SUCCESS, NtQueryObject(File, ObjectBasicInformation, &Basic, sizeof(Basic), NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQueryInformationFile(File, &Iosb, &Access, sizeof(Access), FileAccessInformation));
    CHECK(Access.AccessFlags == Basic.GrantedAccess);
    Close(File);
    return Basic.GrantedAccess;
}

/* As the owner: all get Access to the file, and nobody else anything. */
static VOID Allow(PCWSTR Name, ACCESS_MASK Access)
{
    UCHAR Space[64] __attribute__((aligned(8)));
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE File;

    RtlCreateAcl((PACL)Space, sizeof(Space), ACL_REVISION);
    if (Access != 0)
        RtlAddAccessAllowedAce((PACL)Space, ACL_REVISION, Access, &World);
    RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, (PACL)Space, FALSE);
    CHECK_STATUS(STATUS_SUCCESS, OpenRaw(Name, WRITE_DAC, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(File, DACL_SECURITY_INFORMATION, &Descriptor));
    Close(File);
}

/* The file OTHER_NAME gets the name of INNER_NAME. */
static NTSTATUS RenameOver(VOID)
{
    struct {
        FILE_RENAME_INFORMATION Information;
        WCHAR Rest[64];
    } Rename = { { .ReplaceIfExists = TRUE, .FileNameLength = sizeof(INNER_NAME) - sizeof(WCHAR) } };
    IO_STATUS_BLOCK Iosb;
    NTSTATUS Status;
    HANDLE File;

    memcpy(Rename.Information.FileName, INNER_NAME, Rename.Information.FileNameLength);
    CHECK_STATUS(STATUS_SUCCESS, OpenRaw(OTHER_NAME, DELETE, 0, &File));
    Status = NtSetInformationFile(File, &Iosb, &Rename, sizeof(Rename), FileRenameInformation);
    Close(File);
    return Status;
}

/* Nobody has rights to the file; what the folder gives.  Source: [MS-FSA] 2.1.5.1.2.1. */
static VOID TestFolderRights(HANDLE Token)
{
    Allow(INNER_NAME, 0);
    Allow(FOLDER_NAME, FILE_LIST_DIRECTORY | FILE_DELETE_CHILD | FILE_ADD_FILE);
    Act(Token);
    CHECK_STATUS(STATUS_SUCCESS, TryRaw(INNER_NAME, DELETE, 0));
    CHECK_STATUS(STATUS_SUCCESS, TryRaw(INNER_NAME, DELETE | FILE_READ_ATTRIBUTES, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, DELETE | SYNCHRONIZE, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, DELETE | FILE_WRITE_ATTRIBUTES, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, FILE_READ_DATA, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK(Most(INNER_NAME, 0) == (DELETE | FILE_READ_ATTRIBUTES));
    Act(NULL);
    Allow(FOLDER_NAME, FILE_LIST_DIRECTORY | FILE_ADD_FILE);
    Act(Token);
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, DELETE, 0));
    CHECK_STATUS(STATUS_SUCCESS, TryRaw(INNER_NAME, FILE_READ_ATTRIBUTES, 0));
    CHECK(Most(INNER_NAME, 0) == FILE_READ_ATTRIBUTES);
    CHECK_STATUS(STATUS_SUCCESS, Open(OTHER_NAME, FILE_WRITE_DATA, FILE_CREATE, 0));
    Allow(OTHER_NAME, DELETE);
    CHECK_STATUS(STATUS_ACCESS_DENIED, RenameOver());
    Act(NULL);
    Allow(FOLDER_NAME, FILE_DELETE_CHILD);
    Act(Token);
    CHECK_STATUS(STATUS_SUCCESS, TryRaw(INNER_NAME, DELETE, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, FILE_READ_ATTRIBUTES, 0));
    CHECK(Most(INNER_NAME, 0) == DELETE);
    CHECK_STATUS(STATUS_SUCCESS, RenameOver());
    Act(NULL);
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, TryRaw(OTHER_NAME, DELETE, 0));
}

/* The owner has READ_CONTROL and WRITE_DAC.  Source: Privilege Constants (Win32 documentation). */
static VOID TestBackupIntent(VOID)
{
    const ACCESS_MASK Owner = READ_CONTROL | WRITE_DAC, Backup = READ_CONTROL | ACCESS_SYSTEM_SECURITY | FILE_GENERIC_READ | FILE_TRAVERSE,
            Restore = WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY | FILE_GENERIC_WRITE | DELETE;
    BOOLEAN Was;

    Allow(INNER_NAME, 0);
    Allow(FOLDER_NAME, 0);
    RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, FALSE, FALSE, &Was);
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, FALSE, FALSE, &Was);
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, FILE_READ_DATA, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK(Most(INNER_NAME, FILE_OPEN_FOR_BACKUP_INTENT) == Owner);
    RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, TRUE, FALSE, &Was);
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, FILE_READ_DATA, 0));
    CHECK_STATUS(STATUS_SUCCESS, TryRaw(INNER_NAME, FILE_GENERIC_READ, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK_STATUS(STATUS_SUCCESS, TryRaw(INNER_NAME, ACCESS_SYSTEM_SECURITY | WRITE_DAC, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, FILE_READ_DATA | FILE_WRITE_DATA, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, DELETE, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK(Most(INNER_NAME, FILE_OPEN_FOR_BACKUP_INTENT) == (Owner | Backup) && Most(INNER_NAME, 0) == Owner);
    RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, FALSE, FALSE, &Was);
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, TRUE, FALSE, &Was);
    CHECK_STATUS(STATUS_SUCCESS, TryRaw(INNER_NAME, FILE_GENERIC_WRITE | DELETE, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, FILE_READ_DATA, FILE_OPEN_FOR_BACKUP_INTENT));
    CHECK(Most(INNER_NAME, FILE_OPEN_FOR_BACKUP_INTENT) == (Owner | Restore));
    CHECK_STATUS(STATUS_ACCESS_DENIED, Open(OTHER_NAME, FILE_WRITE_DATA, FILE_CREATE, 0));
    CHECK_STATUS(STATUS_SUCCESS, Open(OTHER_NAME, FILE_WRITE_DATA | DELETE, FILE_CREATE, FILE_OPEN_FOR_BACKUP_INTENT | FILE_DELETE_ON_CLOSE));
    RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, FALSE, FALSE, &Was);
}

static VOID SetFileAttributes(PCWSTR Name, ULONG FileAttributes)
{
    FILE_BASIC_INFORMATION Basic = { .FileAttributes = FileAttributes };
    IO_STATUS_BLOCK Iosb;
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, OpenRaw(Name, FILE_WRITE_ATTRIBUTES, 0, &File));
    CHECK_STATUS(STATUS_SUCCESS, NtSetInformationFile(File, &Iosb, &Basic, sizeof(Basic), FileBasicInformation));
    Close(File);
}

/* Whatever the descriptor says.  Source: [MS-FSA] 2.1.5.1.2.1. */
static VOID TestReadOnly(VOID)
{
    Allow(INNER_NAME, FILE_ALL_ACCESS);
    SetFileAttributes(INNER_NAME, FILE_ATTRIBUTE_READONLY);
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, FILE_WRITE_DATA, 0));
    CHECK_STATUS(STATUS_ACCESS_DENIED, TryRaw(INNER_NAME, MAXIMUM_ALLOWED | FILE_APPEND_DATA, 0));
    CHECK(Most(INNER_NAME, 0) == (FILE_ALL_ACCESS & ~(FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD)));
    SetFileAttributes(INNER_NAME, FILE_ATTRIBUTE_NORMAL);
    CHECK(Most(INNER_NAME, 0) == FILE_ALL_ACCESS);
}

/* As an ordinary user: nobody is asked for rights to what is new, but this one comes from a privilege alone. */
static VOID UserAudits(VOID)
{
    LARGE_INTEGER Timeout = { .QuadPart = -10000 };
    IO_STATUS_BLOCK Iosb;
    HANDLE Handle;

    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, Open(OTHER_NAME, ACCESS_SYSTEM_SECURITY | DELETE, FILE_CREATE, FILE_DELETE_ON_CLOSE));
    CHECK_STATUS(STATUS_SUCCESS, Open(OTHER_NAME, DELETE, FILE_CREATE, FILE_DELETE_ON_CLOSE));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtCreateNamedPipeFile(&Handle, GENERIC_READ | ACCESS_SYSTEM_SECURITY, Named(L"\\Device\\NamedPipe\\usertest"),
            &Iosb, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_CREATE, FILE_OPEN_FOR_BACKUP_INTENT, 0, 0, 0, 1, 0x100, 0x100, &Timeout));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtCreateEvent(&Handle, EVENT_ALL_ACCESS | ACCESS_SYSTEM_SECURITY, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtCreateEvent(&Handle, EVENT_ALL_ACCESS | ACCESS_SYSTEM_SECURITY,
            Named(L"\\BaseNamedObjects\\UserAudits"), NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_OBJECT_NAME_NOT_FOUND, NtOpenEvent(&Handle, SYNCHRONIZE, Named(L"\\BaseNamedObjects\\UserAudits")));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Handle, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    Close(Handle);
}

static VOID TestOpens(HANDLE Token)
{
    CHECK_STATUS(STATUS_SUCCESS, Open(FOLDER_NAME, FILE_LIST_DIRECTORY, FILE_CREATE, FILE_DIRECTORY_FILE));
    CHECK_STATUS(STATUS_SUCCESS, Open(INNER_NAME, FILE_WRITE_DATA, FILE_CREATE, 0));
    TestFolderRights(Token);
    Allow(FOLDER_NAME, FILE_ALL_ACCESS);
    CHECK_STATUS(STATUS_SUCCESS, Open(OTHER_NAME, FILE_WRITE_DATA, FILE_CREATE, 0));
    CHECK_STATUS(STATUS_SUCCESS, RenameOver());
    TestBackupIntent();
    Allow(FOLDER_NAME, FILE_ALL_ACCESS);
    TestReadOnly();
    Act(Token);
    UserAudits();
    Act(NULL);
    CHECK_STATUS(STATUS_SUCCESS, Open(INNER_NAME, DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE));
    CHECK_STATUS(STATUS_SUCCESS, Open(FOLDER_NAME, DELETE, FILE_OPEN, FILE_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE));
}

static VOID UserPriorities(VOID)
{
    static UCHAR Class[2] = { FALSE, 4 };       /* real time */
    KPRIORITY High = 20;
    ULONG Critical = TRUE;
    JOBOBJECT_BASIC_LIMIT_INFORMATION Limits = { .LimitFlags = JOB_OBJECT_LIMIT_PRIORITY_CLASS, .PriorityClass = 4 };
    HANDLE Job = NULL;

    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetInformationProcess(NtCurrentProcess(), ProcessPriorityClass, Class,
            sizeof(Class)));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetInformationProcess(NtCurrentProcess(), ProcessBasePriority, &High,
            sizeof(High)));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetInformationProcess(NtCurrentProcess(), ProcessBreakOnTermination,
            &Critical, sizeof(Critical)));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetInformationThread(NtCurrentThread(), ThreadPriority, &High,
            sizeof(High)));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateJobObject(&Job, JOB_OBJECT_ALL_ACCESS, NULL));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetInformationJobObject(Job, JobObjectBasicLimitInformation, &Limits,
            sizeof(Limits)));
    Close(Job);
}

static VOID UserPrivileges(VOID)
{
    OBJECT_ATTRIBUTES File;
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\temp\\none");
    HANDLE Token;

    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtShutdownSystem(ShutdownPowerOff));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetSystemTime(&(LARGE_INTEGER){ .QuadPart = 1 }, NULL));
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, MakeToken(TokenPrimary, NULL, &Users, &Token));
    InitializeObjectAttributes(&File, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtLoadKey(Named(L"\\Registry\\Machine\\UserTest"), &File));
    UserPriorities();
}

/* What the system's user finds: descriptors that say what the checks did. */
static VOID TestDescriptors(VOID)
{
    static UCHAR Buffer[512] __attribute__((aligned(8)));
    ACCESS_ALLOWED_ACE *Ace = NULL;
    BOOLEAN Present = FALSE, Defaulted;
    PACL Dacl = NULL;
    PSID Owner = NULL;
    HANDLE Event = NULL;
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenEvent(&Event, EVENT_ALL_ACCESS, Named(EVENT_NAME)));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Event, OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION,
            Buffer, sizeof(Buffer), &Length));
    RtlGetOwnerSecurityDescriptor(Buffer, &Owner, &Defaulted);
    RtlGetDaclSecurityDescriptor(Buffer, &Present, &Dacl, &Defaulted);
    CHECK(Owner != NULL && RtlEqualSid(Owner, &Admins));
    if (CHECK(Present && Dacl != NULL && Dacl->AceCount == 2)) {
        RtlGetAce(Dacl, 0, (PVOID *)&Ace);
        CHECK(Ace->Mask == EVENT_ALL_ACCESS);
    }
    Close(Event);
    /* An event without a name has no descriptor. */
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySecurityObject(Event, DACL_SECURITY_INFORMATION, Buffer, sizeof(Buffer), &Length));
    RtlGetDaclSecurityDescriptor(Buffer, &Present, &Dacl, &Defaulted);
    CHECK(!Present);
    Close(Event);
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    HANDLE Event = NULL, Key = NULL, Token = NULL, Namespace;
    UNICODE_STRING Value = RTL_CONSTANT_UNICODE_STRING(L"value");
    ULONG Data = 7;

    if (ArgumentCount > 1)
        return BindToParent();
    CHECK_STATUS(STATUS_SUCCESS, NtCreateEvent(&Event, EVENT_ALL_ACCESS, Named(EVENT_NAME), NotificationEvent, FALSE));
    CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, Named(KEY_NAME), 0, NULL, REG_OPTION_VOLATILE, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, &Value, 0, REG_DWORD, &Data, sizeof(Data)));
    CHECK_STATUS(STATUS_SUCCESS, Open(FILE_NAME, FILE_WRITE_DATA, FILE_CREATE, 0));
    TestCreateToken();
    TestAssign();
    TestConsole();
    TestFilter();
    CHECK_STATUS(STATUS_SUCCESS, GetNamespace(&World, TRUE, &Namespace));
    TestIdentify();
    CHECK_STATUS(STATUS_SUCCESS, MakeToken(TokenImpersonation, NULL, &Users, &Token));
    Act(Token);
    UserObjects();
    UserNamespaces();
    UserProcesses();
    UserRegistry();
    UserFiles();
    UserPrivileges();
    Act(NULL);
    TestOpens(Token);
    TestDescriptors();
    CHECK_STATUS(STATUS_SUCCESS, OpenEvent(EVENT_ALL_ACCESS));
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    CHECK_STATUS(STATUS_SUCCESS, Open(FILE_NAME, DELETE, FILE_OPEN, FILE_DELETE_ON_CLOSE));
    Close(Namespace);
    Close(Key);
    Close(Event);
    Close(Token);
    return CheckClose();
}
