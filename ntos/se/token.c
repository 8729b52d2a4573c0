/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Tokens as objects: creation, copies, the tokens of the system and of the interactive administrator, and the
 * services that open and duplicate them.
 *
 * A token's groups and privileges never change in number, only in their attributes; so the block that holds the SIDs
 * is made once.  Each change gives the token a new ModifiedId.  Nothing here waits.
 */
#include "ntos/se/sep.h"

POBJECT_TYPE SeTokenObjectType;
PACCESS_TOKEN SeSystemToken;
PACCESS_TOKEN SeUserToken;

static VOID SepDeleteToken(PVOID Object)
{
    PTOKEN Token = Object;

    if (Token->UserAndGroups != NULL)
        ExFreePoolWithTag(Token->UserAndGroups, SE_TAG_TOKEN);
    if (Token->DefaultDacl != NULL)
        ExFreePoolWithTag(Token->DefaultDacl, SE_TAG_TOKEN);
    SepForgetDescriptors(Token);
}

static const OBJECT_TYPE_INITIALIZER SepTokenTypeInitializer = {
    .InvalidAttributes = OBJ_OPENLINK,
    .GenericMapping = {
        TOKEN_READ | TOKEN_QUERY_SOURCE | TOKEN_DUPLICATE,
        TOKEN_WRITE | TOKEN_ADJUST_SESSIONID,
        TOKEN_EXECUTE | TOKEN_IMPERSONATE | TOKEN_ASSIGN_PRIMARY,
        TOKEN_ALL_ACCESS
    },
    .ValidAccessMask = TOKEN_ALL_ACCESS,
    .WaitOffset = OB_ALWAYS_SIGNALLED,
    .SecurityRequired = TRUE,
    .DeleteProcedure = SepDeleteToken,
};

/* Copies Count SIDs: entries to Entries, bytes to *Bytes, which moves on. */
static VOID SepCopySids(PSID_AND_ATTRIBUTES Entries, const SID_AND_ATTRIBUTES *Source, ULONG Count, PUCHAR *Bytes)
{
    for (ULONG i = 0; i < Count; i++) {
        ULONG Length = RtlLengthSid(Source[i].Sid);

        memcpy(*Bytes, Source[i].Sid, Length);
        Entries[i].Sid = *Bytes;
        Entries[i].Attributes = Source[i].Attributes;
        *Bytes += Length;
    }
}

static NTSTATUS SepFillGroups(PTOKEN Token, const SEP_TOKEN_SPEC *Spec)
{
    ULONG Entries = Spec->GroupCount + Spec->RestrictedSidCount;
    SIZE_T Size = Entries * sizeof(SID_AND_ATTRIBUTES);
    PUCHAR Bytes;

    for (ULONG i = 0; i < Spec->GroupCount; i++)
        Size += RtlLengthSid(Spec->Groups[i].Sid);
    for (ULONG i = 0; i < Spec->RestrictedSidCount; i++)
        Size += RtlLengthSid(Spec->RestrictedSids[i].Sid);
    Token->UserAndGroups = ExAllocatePoolWithTag(PagedPool, Size, SE_TAG_TOKEN);
    if (Token->UserAndGroups == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Token->RestrictedSids = Token->UserAndGroups + Spec->GroupCount;
    Token->UserAndGroupCount = Spec->GroupCount;
    Token->RestrictedSidCount = Spec->RestrictedSidCount;
    Token->VariableLength = (ULONG)Size;
    Bytes = (PUCHAR)(Token->UserAndGroups + Entries);
    SepCopySids(Token->UserAndGroups, Spec->Groups, Spec->GroupCount, &Bytes);
    SepCopySids(Token->RestrictedSids, Spec->RestrictedSids, Spec->RestrictedSidCount, &Bytes);
    return STATUS_SUCCESS;
}

NTSTATUS SepCreateToken(const SEP_TOKEN_SPEC *Spec, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes, PTOKEN *Result)
{
    PTOKEN Token;
    NTSTATUS Status;

    if (Spec->GroupCount > SEP_MAXIMUM_GROUPS || Spec->PrivilegeCount > SEP_MAXIMUM_PRIVILEGES)
        return STATUS_INVALID_PARAMETER;
    Status = ObCreateObject(Mode, SeTokenObjectType, Attributes, Mode, NULL, sizeof(*Token), 0, 0, (PVOID *)&Token);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SepFillGroups(Token, Spec);
    if (NT_SUCCESS(Status) && Spec->DefaultDacl != NULL) {
        Token->DefaultDacl = ExAllocatePoolWithTag(PagedPool, Spec->DefaultDacl->AclSize, SE_TAG_TOKEN);
        if (Token->DefaultDacl == NULL)
            Status = STATUS_INSUFFICIENT_RESOURCES;
        else
            memcpy(Token->DefaultDacl, Spec->DefaultDacl, Spec->DefaultDacl->AclSize);
    }
    if (!NT_SUCCESS(Status)) {
        ObDereferenceObject(Token);
        return Status;
    }
    memcpy(Token->TokenSource.SourceName, Spec->SourceName, TOKEN_SOURCE_LENGTH);
    ExAllocateLocallyUniqueId(&Token->TokenId);
    ExAllocateLocallyUniqueId(&Token->ModifiedId);
    Token->AuthenticationId = Spec->AuthenticationId;
    Token->ExpirationTime.QuadPart = MAXLONGLONG;
    Token->TokenType = Spec->Type;
    Token->ImpersonationLevel = Spec->Level;
    Token->DefaultOwnerIndex = Spec->OwnerIndex;
    Token->PrimaryGroupIndex = Spec->PrimaryGroupIndex;
    SepSetLevel(Token, Spec->IntegritySid);
    Token->ElevationType = TokenElevationTypeDefault;
    Token->MandatoryPolicy = TOKEN_MANDATORY_POLICY_NO_WRITE_UP;
    Token->PrivilegeCount = Spec->PrivilegeCount;
    memcpy(Token->Privileges, Spec->Privileges, Spec->PrivilegeCount * sizeof(LUID_AND_ATTRIBUTES));
    *Result = Token;
    return STATUS_SUCCESS;
}

/*
 * With EffectiveOnly what is disabled does not come along (a disabled group stays for deny ACEs only by its
 * attribute).
 */
static VOID SepDropDisabled(PTOKEN Token)
{
    ULONG Kept = 0;

    for (ULONG i = 0; i < Token->PrivilegeCount; i++) {
        if (Token->Privileges[i].Attributes & SE_PRIVILEGE_ENABLED)
            Token->Privileges[Kept++] = Token->Privileges[i];
    }
    Token->PrivilegeCount = Kept;
    Kept = 1;
    for (ULONG i = 1; i < Token->UserAndGroupCount; i++) {
        if (!(Token->UserAndGroups[i].Attributes &
              (SE_GROUP_ENABLED | SE_GROUP_USE_FOR_DENY_ONLY | SE_GROUP_INTEGRITY)))
            continue;
        if (Token->DefaultOwnerIndex == i)
            Token->DefaultOwnerIndex = Kept;
        if (Token->PrimaryGroupIndex == i)
            Token->PrimaryGroupIndex = Kept;
        Token->UserAndGroups[Kept++] = Token->UserAndGroups[i];
    }
    Token->UserAndGroupCount = Kept;
    if (Token->DefaultOwnerIndex >= Kept)
        Token->DefaultOwnerIndex = 0;
    if (Token->PrimaryGroupIndex >= Kept)
        Token->PrimaryGroupIndex = 0;
}

NTSTATUS SepCopyToken(PTOKEN Token, const SEP_TOKEN_CHANGES *Changes, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes,
        PTOKEN *NewToken)
{
    SEP_TOKEN_SPEC Spec = {
        .Type = Changes->Type,
        .Level = Changes->Level,
        .Groups = Token->UserAndGroups,
        .GroupCount = Token->UserAndGroupCount,
        .RestrictedSids = Token->RestrictedSids,
        .RestrictedSidCount = Token->RestrictedSidCount,
        .Privileges = Token->Privileges,
        .PrivilegeCount = Token->PrivilegeCount,
        .OwnerIndex = Token->DefaultOwnerIndex,
        .PrimaryGroupIndex = Token->PrimaryGroupIndex,
        .DefaultDacl = Token->DefaultDacl,
        .IntegritySid = Token->IntegritySid,
        .AuthenticationId = Token->AuthenticationId,
        .SourceName = Token->TokenSource.SourceName,
    };
    NTSTATUS Status;

    if (Changes->RestrictedSidCount != 0) {
        Spec.RestrictedSids = Changes->RestrictedSids;
        Spec.RestrictedSidCount = Changes->RestrictedSidCount;
    }
    Status = SepCreateToken(&Spec, Mode, Attributes, NewToken);
    if (!NT_SUCCESS(Status))
        return Status;
    (*NewToken)->TokenSource = Token->TokenSource;
    (*NewToken)->SessionId = Token->SessionId;
    (*NewToken)->ElevationType = Token->ElevationType;
    (*NewToken)->SandBoxInert = Token->SandBoxInert;
    (*NewToken)->WriteRestricted = Token->WriteRestricted;
    (*NewToken)->UIAccess = Token->UIAccess;
    (*NewToken)->MandatoryPolicy = Token->MandatoryPolicy;
    return STATUS_SUCCESS;
}

NTSTATUS SepDuplicateToken(PTOKEN Token, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes, BOOLEAN EffectiveOnly,
        TOKEN_TYPE Type, SECURITY_IMPERSONATION_LEVEL Level, PTOKEN *NewToken)
{
    SEP_TOKEN_CHANGES Changes = { .Type = Type, .Level = Level };
    NTSTATUS Status = SepCopyToken(Token, &Changes, Mode, Attributes, NewToken);

    if (!NT_SUCCESS(Status))
        return Status;
    (*NewToken)->ModifiedId = Token->ModifiedId;
    (*NewToken)->ParentTokenId = Token->ParentTokenId;
    if (EffectiveOnly)
        SepDropDisabled(*NewToken);
    /* The tokens of processes are never inserted: the copy is described here, as its holder's objects are. */
    Status = SeDescribeForToken(Token, &OBJECT_TO_OBJECT_HEADER(*NewToken)->SecurityDescriptor);
    if (!NT_SUCCESS(Status))
        ObDereferenceObject(*NewToken);
    return Status;
}

VOID SeQueryTokenIds(PACCESS_TOKEN Token, PLUID TokenId, PLUID AuthenticationId, PLUID ModifiedId)
{
    *TokenId = ((PTOKEN)Token)->TokenId;
    *AuthenticationId = ((PTOKEN)Token)->AuthenticationId;
    *ModifiedId = ((PTOKEN)Token)->ModifiedId;
}

PSID SeTokenUser(PACCESS_TOKEN Token)
{
    return ((PTOKEN)Token)->UserAndGroups[0].Sid;
}

NTSTATUS SeSubProcessToken(PACCESS_TOKEN ParentToken, PACCESS_TOKEN *NewToken)
{
    PTOKEN Token;
    NTSTATUS Status = SepDuplicateToken(ParentToken, KernelMode, NULL, FALSE, TokenPrimary, SecurityAnonymous, &Token);

    *NewToken = NT_SUCCESS(Status) ? Token : NULL;
    return Status;
}

static BOOLEAN SepEqualLuid(const LUID *A, const LUID *B)
{
    return A->LowPart == B->LowPart && A->HighPart == B->HighPart;
}

NTSTATUS SeCheckPrimaryToken(PACCESS_TOKEN Token)
{
    PTOKEN Given = Token, Own = PsGetCurrentProcess()->Token;
    BOOLEAN Kin;

    if (Given->TokenType != TokenPrimary)
        return STATUS_BAD_TOKEN_TYPE;
    Kin = SepEqualLuid(&Given->ParentTokenId, &Own->TokenId) ||
          (SepEqualLuid(&Given->ParentTokenId, &Own->ParentTokenId) &&
           SepEqualLuid(&Given->AuthenticationId, &Own->AuthenticationId));
    return Kin || SepPrivilegeEnabled(Own, SE_ASSIGNPRIMARYTOKEN_PRIVILEGE) ? STATUS_SUCCESS : STATUS_PRIVILEGE_NOT_HELD;
}

/* --- the tokens of the start ---------------------------------------------------------------------------------- */

#define SEP_MANDATORY (SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED)
#define SEP_ON (SE_PRIVILEGE_ENABLED | SE_PRIVILEGE_ENABLED_BY_DEFAULT)

/* Full access for System and Administrators. */
static VOID SepBuildDefaultDacl(PACL Acl, ULONG Size, PSID First, PSID Second)
{
    memset(Acl, 0, Size);               /* a list is given out whole: what no entry uses, too */
    RtlCreateAcl(Acl, Size, ACL_REVISION);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, GENERIC_ALL, First);
    RtlAddAccessAllowedAce(Acl, ACL_REVISION, GENERIC_ALL, Second);
}

static NTSTATUS SepCreateSystemToken(VOID)
{
    SID_AND_ATTRIBUTES Groups[] = {
        { SeExports.LocalSystemSid, 0 },
        { SeExports.AliasAdminsSid, SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED | SE_GROUP_OWNER },
        { SeExports.WorldSid, SEP_MANDATORY },
        { SeExports.AuthenticatedUsersSid, SEP_MANDATORY },
        { SeExports.SystemMandatorySid, SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED },
    };
    LUID_AND_ATTRIBUTES Privileges[SEP_MAXIMUM_PRIVILEGES];
    ULONG Acl[32];
    SEP_TOKEN_SPEC Spec = {
        .Type = TokenPrimary,
        .Level = SecurityAnonymous,
        .Groups = Groups,
        .GroupCount = RTL_NUMBER_OF(Groups),
        .Privileges = Privileges,
        .OwnerIndex = 1,
        .PrimaryGroupIndex = 0,
        .DefaultDacl = (PACL)Acl,
        .IntegritySid = SeExports.SystemMandatorySid,
        .AuthenticationId = SYSTEM_LUID,
        .SourceName = "*SYSTEM*",
    };

    for (ULONG i = SE_CREATE_TOKEN_PRIVILEGE; i < SE_MAX_WELL_KNOWN_PRIVILEGE; i++) {
        Privileges[Spec.PrivilegeCount].Luid = SeMakeLuid(i);
        Privileges[Spec.PrivilegeCount++].Attributes = SEP_ON;
    }
    SepBuildDefaultDacl((PACL)Acl, sizeof(Acl), SeExports.LocalSystemSid, SeExports.AliasAdminsSid);
    return SepCreateToken(&Spec, KernelMode, NULL, (PTOKEN *)&SeSystemToken);
}

/* The privileges that Windows gives an elevated administrator; those that are on from the start. */
static NTSTATUS SepCreateUserToken(VOID)
{
    static const struct {
        UCHAR Luid;
        BOOLEAN Enabled;
    } Has[] = {
        { SE_INCREASE_QUOTA_PRIVILEGE, FALSE }, { SE_SECURITY_PRIVILEGE, FALSE }, { SE_TAKE_OWNERSHIP_PRIVILEGE,
                                                                                    FALSE },
        { SE_LOAD_DRIVER_PRIVILEGE, FALSE }, { SE_SYSTEM_PROFILE_PRIVILEGE, FALSE }, { SE_SYSTEMTIME_PRIVILEGE, FALSE },
        { SE_PROF_SINGLE_PROCESS_PRIVILEGE, FALSE }, { SE_INC_BASE_PRIORITY_PRIVILEGE, FALSE },
        { SE_CREATE_PAGEFILE_PRIVILEGE, FALSE }, { SE_BACKUP_PRIVILEGE, FALSE }, { SE_RESTORE_PRIVILEGE, FALSE },
        { SE_SHUTDOWN_PRIVILEGE, FALSE }, { SE_DEBUG_PRIVILEGE, FALSE }, { SE_SYSTEM_ENVIRONMENT_PRIVILEGE, FALSE },
        { SE_CHANGE_NOTIFY_PRIVILEGE, TRUE }, { SE_REMOTE_SHUTDOWN_PRIVILEGE, FALSE }, { SE_UNDOCK_PRIVILEGE, FALSE },
        { SE_MANAGE_VOLUME_PRIVILEGE, FALSE }, { SE_IMPERSONATE_PRIVILEGE, TRUE }, { SE_CREATE_GLOBAL_PRIVILEGE, TRUE },
        { SE_INC_WORKING_SET_PRIVILEGE, FALSE }, { SE_TIME_ZONE_PRIVILEGE, FALSE },
        { SE_CREATE_SYMBOLIC_LINK_PRIVILEGE, FALSE },
    };
    SID_AND_ATTRIBUTES Groups[] = {
        { SeExports.AdministratorSid, 0 },
        { SeExports.AliasAdminsSid, SEP_MANDATORY | SE_GROUP_OWNER },
        { SeExports.AliasUsersSid, SEP_MANDATORY },
        { SeExports.WorldSid, SEP_MANDATORY },
        { SeExports.InteractiveSid, SEP_MANDATORY },
        { SeExports.AuthenticatedUsersSid, SEP_MANDATORY },
        { SeExports.LocalSid, SEP_MANDATORY },
        { SeExports.LogonSid, SEP_MANDATORY | SE_GROUP_LOGON_ID },
        { SeExports.HighMandatorySid, SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED },
    };
    LUID_AND_ATTRIBUTES Privileges[RTL_NUMBER_OF(Has)];
    ULONG Acl[32];
    SEP_TOKEN_SPEC Spec = {
        .Type = TokenPrimary,
        .Level = SecurityAnonymous,
        .Groups = Groups,
        .GroupCount = RTL_NUMBER_OF(Groups),
        .Privileges = Privileges,
        .PrivilegeCount = RTL_NUMBER_OF(Has),
        .OwnerIndex = 1,
        .PrimaryGroupIndex = 2,
        .DefaultDacl = (PACL)Acl,
        .IntegritySid = SeExports.HighMandatorySid,
        .SourceName = "User32  ",
    };

    for (ULONG i = 0; i < RTL_NUMBER_OF(Has); i++) {
        Privileges[i].Luid = SeMakeLuid(Has[i].Luid);
        Privileges[i].Attributes = Has[i].Enabled ? SEP_ON : 0;
    }
    ExAllocateLocallyUniqueId(&Spec.AuthenticationId);
    SepBuildDefaultDacl((PACL)Acl, sizeof(Acl), SeExports.AliasAdminsSid, SeExports.LocalSystemSid);
    return SepCreateToken(&Spec, KernelMode, NULL, (PTOKEN *)&SeUserToken);
}

NTSTATUS SeInitSystem(VOID)
{
    OBJECT_TYPE_INITIALIZER Initializer = SepTokenTypeInitializer;
    UNICODE_STRING Name = RTL_CONSTANT_UNICODE_STRING(L"Token");
    NTSTATUS Status = SepInitSids();

    if (NT_SUCCESS(Status))
        Status = ObCreateObjectType(&Name, &Initializer, NULL, &SeTokenObjectType);
    if (NT_SUCCESS(Status))
        Status = SepCreateSystemToken();
    if (NT_SUCCESS(Status))
        Status = SepCreateUserToken();
    return Status;
}

/* --- who is calling ------------------------------------------------------------------------------------------- */

VOID SeCaptureSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext)
{
    PETHREAD Thread = PsGetCurrentThread();
    PVOID Primary = PsGetCurrentProcess()->Token;

    memset(SubjectContext, 0, sizeof(*SubjectContext));
    /* The first coroutines of the boot have no process token yet: they are the system. */
    SubjectContext->PrimaryToken = Primary != NULL ? Primary : SeSystemToken;
    ObReferenceObject(SubjectContext->PrimaryToken);
    if (!Thread->Tcb.SystemThread && Thread->ImpersonationToken != NULL) {
        SubjectContext->ClientToken = Thread->ImpersonationToken;
        SubjectContext->ImpersonationLevel = SepTokenLevel(Thread->ImpersonationToken);
        ObReferenceObject(SubjectContext->ClientToken);
    }
}

VOID SeReleaseSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext)
{
    if (SubjectContext->ClientToken != NULL)
        ObDereferenceObject(SubjectContext->ClientToken);
    if (SubjectContext->PrimaryToken != NULL)
        ObDereferenceObject(SubjectContext->PrimaryToken);
    SubjectContext->ClientToken = SubjectContext->PrimaryToken = NULL;
}

NTSTATUS SeCreateAccessState(PACCESS_STATE AccessState, PVOID AuxData, ACCESS_MASK DesiredAccess,
        PGENERIC_MAPPING GenericMapping)
{
    memset(AccessState, 0, sizeof(*AccessState));
    if (GenericMapping != NULL)
        RtlMapGenericMask(&DesiredAccess, GenericMapping);
    AccessState->OriginalDesiredAccess = AccessState->RemainingDesiredAccess = DesiredAccess;
    AccessState->AuxData = AuxData;
    ExAllocateLocallyUniqueId(&AccessState->OperationID);
    SeCaptureSubjectContext(&AccessState->SubjectSecurityContext);
    return STATUS_SUCCESS;
}

VOID SeDeleteAccessState(PACCESS_STATE AccessState)
{
    SeReleaseSubjectContext(&AccessState->SubjectSecurityContext);
}

/* --- services ------------------------------------------------------------------------------------------------- */

NTSTATUS SepReferenceToken(HANDLE Handle, ACCESS_MASK Access, PTOKEN *Token)
{
    PVOID Found = NULL;

    *Token = NULL;
    if (Handle == NtCurrentThreadToken() || Handle == NtCurrentThreadEffectiveToken())
        Found = PsGetCurrentThread()->ImpersonationToken;
    if (Found == NULL && (Handle == NtCurrentProcessToken() || Handle == NtCurrentThreadEffectiveToken()))
        Found = PsGetCurrentProcess()->Token;
    if (Found != NULL) {
        if (Access & ~(TOKEN_QUERY | TOKEN_QUERY_SOURCE))
            return STATUS_ACCESS_DENIED;
        ObReferenceObject(Found);
        *Token = Found;
        return STATUS_SUCCESS;
    }
    if (Handle == NtCurrentThreadToken())
        return STATUS_NO_TOKEN;
    return ObReferenceObjectByHandle(Handle, Access, SeTokenObjectType, UserMode, (PVOID *)Token, NULL);
}

NTSTATUS NTAPI NtOpenProcessTokenEx(HANDLE ProcessHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes,
        PHANDLE TokenHandle)
{
    PEPROCESS Process;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(ProcessHandle, PROCESS_QUERY_LIMITED_INFORMATION, PsProcessType, UserMode,
                                       (PVOID *)&Process, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Process->Token == NULL)
        Status = STATUS_PROCESS_IS_TERMINATING;
    else
        Status = ObOpenObjectByPointer(Process->Token, HandleAttributes & OBJ_INHERIT, NULL, DesiredAccess,
                                       SeTokenObjectType, UserMode, &Handle);
    ObDereferenceObject(Process);
    return ObReturnHandle(Status, Handle, TokenHandle);
}

NTSTATUS NTAPI NtOpenProcessToken(HANDLE ProcessHandle, ACCESS_MASK DesiredAccess, PHANDLE TokenHandle)
{
    return NtOpenProcessTokenEx(ProcessHandle, DesiredAccess, 0, TokenHandle);
}

/* The open is checked with the process's own token, whomever the thread acts for. */
static NTSTATUS SepOpenAsSelf(PTOKEN Token, ULONG Attributes, ACCESS_MASK DesiredAccess, PHANDLE Handle)
{
    SECURITY_SUBJECT_CONTEXT Self = { .PrimaryToken = PsGetCurrentProcess()->Token };
    ACCESS_MASK Granted;
    NTSTATUS Status;

    if (!SeAccessCheck(OBJECT_TO_OBJECT_HEADER(Token)->SecurityDescriptor, &Self, FALSE, DesiredAccess, 0, NULL,
                       &SeTokenObjectType->TypeInfo.GenericMapping, UserMode, &Granted, &Status))
        return Status;
    return ObOpenObjectByPointer(Token, Attributes, NULL, Granted, SeTokenObjectType, KernelMode, Handle);
}

NTSTATUS NTAPI NtOpenThreadTokenEx(HANDLE ThreadHandle, ACCESS_MASK DesiredAccess, BOOLEAN OpenAsSelf,
        ULONG HandleAttributes, PHANDLE TokenHandle)
{
    PETHREAD Thread;
    HANDLE Handle = NULL;
    NTSTATUS Status;

    Status = MmProbeForWrite(TokenHandle, sizeof(*TokenHandle), 1);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(ThreadHandle, THREAD_QUERY_LIMITED_INFORMATION, PsThreadType, UserMode,
                                           (PVOID *)&Thread, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Thread->ImpersonationToken == NULL)
        Status = STATUS_NO_TOKEN;
    else if (SepTokenLevel(Thread->ImpersonationToken) == SecurityAnonymous)
        Status = STATUS_CANT_OPEN_ANONYMOUS;
    else if (OpenAsSelf)
        Status = SepOpenAsSelf(Thread->ImpersonationToken, HandleAttributes & OBJ_INHERIT, DesiredAccess, &Handle);
    else
        Status = ObOpenObjectByPointer(Thread->ImpersonationToken, HandleAttributes & OBJ_INHERIT, NULL, DesiredAccess,
                                       SeTokenObjectType, UserMode, &Handle);
    ObDereferenceObject(Thread);
    return ObReturnHandle(Status, Handle, TokenHandle);
}

NTSTATUS NTAPI NtOpenThreadToken(HANDLE ThreadHandle, ACCESS_MASK DesiredAccess, BOOLEAN OpenAsSelf,
        PHANDLE TokenHandle)
{
    return NtOpenThreadTokenEx(ThreadHandle, DesiredAccess, OpenAsSelf, 0, TokenHandle);
}

NTSTATUS SepCaptureLevel(POBJECT_ATTRIBUTES ObjectAttributes, PSECURITY_IMPERSONATION_LEVEL Level, PBOOLEAN Given)
{
    OBJECT_CREATE_INFORMATION Captured;
    NTSTATUS Status = ObpCaptureObjectAttributes(UserMode, ObjectAttributes, &Captured);

    if (!NT_SUCCESS(Status))
        return Status;
    *Given = Captured.HasQos;
    *Level = Captured.HasQos ? Captured.SecurityQos.ImpersonationLevel : SecurityAnonymous;
    ObpReleaseObjectAttributes(&Captured);
    return (ULONG)*Level > SecurityDelegation ? STATUS_BAD_IMPERSONATION_LEVEL : STATUS_SUCCESS;
}

/*
 * DIFFERS: attributes without a quality of service, which mean SecurityAnonymous, have the level in EffectiveOnly:
 * libwine's DuplicateTokenEx, and with it DuplicateToken and AccessCheck of programs, gives it there.
 */
NTSTATUS NTAPI NtDuplicateToken(HANDLE ExistingTokenHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, BOOLEAN EffectiveOnly, TOKEN_TYPE TokenType, PHANDLE NewTokenHandle)
{
    OBJECT_HANDLE_INFORMATION Source;
    SECURITY_IMPERSONATION_LEVEL Level;
    PTOKEN Token;
    PTOKEN New;
    HANDLE Handle = NULL;
    BOOLEAN Given;
    NTSTATUS Status;

    if (TokenType != TokenPrimary && TokenType != TokenImpersonation)
        return STATUS_INVALID_PARAMETER;
    Status = SepCaptureLevel(ObjectAttributes, &Level, &Given);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObjectAttributes != NULL && !Given && EffectiveOnly <= SecurityDelegation) {
        Level = (SECURITY_IMPERSONATION_LEVEL)EffectiveOnly;
        EffectiveOnly = FALSE;
    }
    Status = ObReferenceObjectByHandle(ExistingTokenHandle, TOKEN_DUPLICATE, SeTokenObjectType, UserMode,
                                       (PVOID *)&Token, &Source);
    if (!NT_SUCCESS(Status))
        return Status;
    /* No copy may reach further than its original. */
    if (Token->TokenType == TokenImpersonation &&
        (TokenType == TokenPrimary
         ? Token->ImpersonationLevel < SecurityImpersonation : Level > Token->ImpersonationLevel))
        Status = STATUS_BAD_IMPERSONATION_LEVEL;
    if (NT_SUCCESS(Status))
        Status = SepDuplicateToken(Token, UserMode, ObjectAttributes, EffectiveOnly, TokenType, Level, &New);
    if (NT_SUCCESS(Status))
        Status = ObInsertObject(New, NULL, DesiredAccess != 0 ? DesiredAccess : Source.GrantedAccess, 0, NULL, &Handle);
    ObDereferenceObject(Token);
    return ObReturnHandle(Status, Handle, NewTokenHandle);
}
