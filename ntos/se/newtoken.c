/* SPDX-License-Identifier: BSD-2-Clause
 *
 * New tokens: NtFilterToken makes a weaker one of another, NtCreateToken one of nothing.  Nothing here waits.
 */
#include "ntos/se/sep.h"

/* What a limited user has, as Windows gives it. */
static BOOLEAN SepIsUserPrivilege(LUID Luid)
{
    switch (Luid.LowPart) {
    case SE_CHANGE_NOTIFY_PRIVILEGE:
    case SE_SHUTDOWN_PRIVILEGE:
    case SE_UNDOCK_PRIVILEGE:
    case SE_INC_WORKING_SET_PRIVILEGE:
    case SE_TIME_ZONE_PRIVILEGE:
        return TRUE;
    default:
        return FALSE;
    }
}

static VOID SepDenyOnly(PSID_AND_ATTRIBUTES Group)
{
    Group->Attributes &= ~(SE_GROUP_ENABLED | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_OWNER);
    Group->Attributes |= SE_GROUP_USE_FOR_DENY_ONLY;
}

/* LUA_TOKEN: the administrator's token for everyday work. */
static VOID SepLimit(PTOKEN Token)
{
    for (ULONG i = 0; i < Token->UserAndGroupCount; i++) {
        if (RtlEqualSid(Token->UserAndGroups[i].Sid, SeExports.AliasAdminsSid))
            SepDenyOnly(&Token->UserAndGroups[i]);
    }
    if (SepIntegrityLevel(Token->IntegritySid) > SECURITY_MANDATORY_MEDIUM_RID)
        Token->IntegritySid = SeExports.MediumMandatorySid;
    Token->ElevationType = TokenElevationTypeLimited;
}

static VOID SepApplyFilter(PTOKEN Token, ULONG Flags, const SID_AND_ATTRIBUTES *Disable, ULONG DisableCount,
        const LUID_AND_ATTRIBUTES *Delete, ULONG DeleteCount)
{
    ULONG Kept = 0;

    for (ULONG i = 0; i < Token->UserAndGroupCount; i++) {
        for (ULONG j = 0; j < DisableCount; j++) {
            if (!RtlEqualSid(Token->UserAndGroups[i].Sid, Disable[j].Sid))
                continue;
            SepDenyOnly(&Token->UserAndGroups[i]);
        }
    }
    for (ULONG i = 0; i < Token->PrivilegeCount; i++) {
        BOOLEAN Drop = (Flags & DISABLE_MAX_PRIVILEGE) != 0 &&
                       Token->Privileges[i].Luid.LowPart != SE_CHANGE_NOTIFY_PRIVILEGE;

        if (Flags & LUA_TOKEN)
            Drop |= !SepIsUserPrivilege(Token->Privileges[i].Luid);
        for (ULONG j = 0; j < DeleteCount; j++)
            Drop |= Delete[j].Luid.LowPart == Token->Privileges[i].Luid.LowPart;
        if (!Drop)
            Token->Privileges[Kept++] = Token->Privileges[i];
    }
    Token->PrivilegeCount = Kept;
    if (Flags & LUA_TOKEN)
        SepLimit(Token);
    if (Flags & SANDBOX_INERT)
        Token->SandBoxInert = TRUE;
    if (Flags & WRITE_RESTRICTED)
        Token->WriteRestricted = TRUE;
    /* Who may no longer own what is made leaves that to the user. */
    if (Token->UserAndGroups[Token->DefaultOwnerIndex].Attributes & SE_GROUP_USE_FOR_DENY_ONLY)
        Token->DefaultOwnerIndex = 0;
}

static NTSTATUS SepFilterToken(PTOKEN Token, const SID_AND_ATTRIBUTES *Restricted, ULONG RestrictedCount, PTOKEN *New)
{
    SEP_TOKEN_CHANGES Changes = {
        .Type = Token->TokenType,
        .Level = Token->ImpersonationLevel,
        .RestrictedSids = Restricted,
        .RestrictedSidCount = RestrictedCount,
    };
    NTSTATUS Status = SepCopyToken(Token, &Changes, KernelMode, NULL, New);

    if (NT_SUCCESS(Status))
        (*New)->ParentTokenId = Token->TokenId;
    return Status;
}

NTSTATUS NTAPI NtFilterToken(HANDLE ExistingTokenHandle, ULONG Flags, PTOKEN_GROUPS SidsToDisable,
        PTOKEN_PRIVILEGES PrivilegesToDelete, PTOKEN_GROUPS RestrictedSids, PHANDLE NewTokenHandle)
{
    LUID_AND_ATTRIBUTES Delete[SEP_MAXIMUM_PRIVILEGES];
    OBJECT_HANDLE_INFORMATION Source;
    PSID_AND_ATTRIBUTES Disable = NULL;
    PSID_AND_ATTRIBUTES Restricted = NULL;
    ULONG DisableCount = 0;
    ULONG RestrictedCount = 0;
    ULONG DeleteCount = 0;
    HANDLE Handle = NULL;
    PTOKEN Token;
    PTOKEN New;
    NTSTATUS Status;

    if (Flags & ~(DISABLE_MAX_PRIVILEGE | SANDBOX_INERT | LUA_TOKEN | WRITE_RESTRICTED))
        return STATUS_INVALID_PARAMETER;
    Status = SepCaptureGroups(SidsToDisable, &Disable, &DisableCount);
    if (NT_SUCCESS(Status) && PrivilegesToDelete != NULL)
        Status = SepCapturePrivileges(PrivilegesToDelete, Delete, &DeleteCount);
    if (NT_SUCCESS(Status))
        Status = SepCaptureGroups(RestrictedSids, &Restricted, &RestrictedCount);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(ExistingTokenHandle, TOKEN_DUPLICATE, SeTokenObjectType, UserMode,
                                           (PVOID *)&Token, &Source);
    if (NT_SUCCESS(Status)) {
        Status = SepFilterToken(Token, Restricted, RestrictedCount, &New);
        if (NT_SUCCESS(Status)) {
            SepApplyFilter(New, Flags, Disable, DisableCount, Delete, DeleteCount);
            Status = ObInsertObject(New, NULL, Source.GrantedAccess, 0, NULL, &Handle);
        }
        ObDereferenceObject(Token);
    }
    SepFreeSids(Disable, DisableCount);
    SepFreeSids(Restricted, RestrictedCount);
    return ObReturnHandle(Status, Handle, NewTokenHandle);
}

/* --- tokens of nothing -------------------------------------------------------------------------------------------- */

/* What NtCreateToken was given, captured. */
typedef struct _SEP_GIVEN {
    PSID_AND_ATTRIBUTES Groups;         /* pool; [0] is the user */
    ULONG GroupCount;
    LUID_AND_ATTRIBUTES Privileges[SEP_MAXIMUM_PRIVILEGES];
    ULONG PrivilegeCount;
    PSID Owner, PrimaryGroup;           /* pool; Owner NULL: the user */
    PACL DefaultDacl;                   /* pool or NULL */
    TOKEN_SOURCE Source;
    LUID AuthenticationId;
    LARGE_INTEGER ExpirationTime;
} SEP_GIVEN, *PSEP_GIVEN;

static VOID SepFreeGiven(PSEP_GIVEN Given)
{
    PVOID Blocks[] = { Given->Owner, Given->PrimaryGroup, Given->DefaultDacl };

    SepFreeSids(Given->Groups, Given->GroupCount);
    for (ULONG i = 0; i < RTL_NUMBER_OF(Blocks); i++) {
        if (Blocks[i] != NULL)
            ExFreePool(Blocks[i]);
    }
    ExFreePoolWithTag(Given, SE_TAG_TOKEN);
}

/* The user becomes the first of the groups. */
static NTSTATUS SepCaptureMembers(PSEP_GIVEN Given, PTOKEN_USER User, PTOKEN_GROUPS Groups)
{
    PSID_AND_ATTRIBUTES List;
    SID_AND_ATTRIBUTES First;
    ULONG Count;
    NTSTATUS Status = MmCopyFromUser(&First, &User->User, sizeof(First));

    if (NT_SUCCESS(Status))
        Status = SepCaptureOneSid(First.Sid, &First.Sid);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SepCaptureGroups(Groups, &List, &Count);
    if (NT_SUCCESS(Status)) {
        Given->Groups = ExAllocatePoolWithTag(PagedPool, (Count + 1) * sizeof(*List), SE_TAG_TOKEN);
        if (Given->Groups == NULL) {
            SepFreeSids(List, Count);
            Status = STATUS_INSUFFICIENT_RESOURCES;
        }
    }
    if (!NT_SUCCESS(Status)) {
        ExFreePool(First.Sid);
        return Status;
    }
    First.Attributes = 0;
    Given->Groups[0] = First;
    if (List != NULL) {
        memcpy(Given->Groups + 1, List, Count * sizeof(*List));
        ExFreePool(List);
    }
    Given->GroupCount = Count + 1;
    return STATUS_SUCCESS;
}

static NTSTATUS SepCapturePointedSid(const VOID *User, PSID *Sid)
{
    PVOID Pointer;
    NTSTATUS Status = MmCopyFromUser(&Pointer, User, sizeof(Pointer));

    return NT_SUCCESS(Status) ? SepCaptureOneSid(Pointer, Sid) : Status;
}

static NTSTATUS SepCaptureGiven(PSEP_GIVEN Given, PLUID AuthenticationId, PLARGE_INTEGER ExpirationTime,
        PTOKEN_USER User, PTOKEN_GROUPS Groups, PTOKEN_PRIVILEGES Privileges, PTOKEN_OWNER Owner,
        PTOKEN_PRIMARY_GROUP PrimaryGroup, PTOKEN_DEFAULT_DACL DefaultDacl, PTOKEN_SOURCE Source)
{
    PACL UserAcl = NULL;
    NTSTATUS Status;

    Status = MmGetUser(&Given->AuthenticationId, AuthenticationId);
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Given->ExpirationTime, ExpirationTime);
    if (NT_SUCCESS(Status))
        Status = MmGetUser(&Given->Source, Source);
    if (NT_SUCCESS(Status))
        Status = SepCaptureMembers(Given, User, Groups);
    if (NT_SUCCESS(Status))
        Status = SepCapturePrivileges(Privileges, Given->Privileges, &Given->PrivilegeCount);
    if (NT_SUCCESS(Status) && Owner != NULL)
        Status = SepCapturePointedSid(&Owner->Owner, &Given->Owner);
    if (NT_SUCCESS(Status))
        Status = SepCapturePointedSid(&PrimaryGroup->PrimaryGroup, &Given->PrimaryGroup);
    if (NT_SUCCESS(Status) && DefaultDacl != NULL)
        Status = MmGetUser(&UserAcl, &DefaultDacl->DefaultDacl);
    if (NT_SUCCESS(Status))
        Status = SepCaptureAcl(UserMode, UserAcl, &Given->DefaultDacl);
    return Status;
}

/* Where Sid stands among the user and the groups; MAXDWORD: nowhere. */
static ULONG SepIndexOf(const SEP_GIVEN *Given, PSID Sid)
{
    for (ULONG i = 0; i < Given->GroupCount; i++) {
        if (RtlEqualSid(Given->Groups[i].Sid, Sid))
            return i;
    }
    return MAXDWORD;
}

static NTSTATUS SepMakeToken(PSEP_GIVEN Given, TOKEN_TYPE Type, POBJECT_ATTRIBUTES Attributes, PTOKEN *Token)
{
    SEP_TOKEN_SPEC Spec = {
        .Type = Type,
        .Groups = Given->Groups,
        .GroupCount = Given->GroupCount,
        .Privileges = Given->Privileges,
        .PrivilegeCount = Given->PrivilegeCount,
        .PrimaryGroupIndex = SepIndexOf(Given, Given->PrimaryGroup),
        .DefaultDacl = Given->DefaultDacl,
        .IntegritySid = SeExports.MediumMandatorySid,
        .AuthenticationId = Given->AuthenticationId,
        .SourceName = Given->Source.SourceName,
    };
    BOOLEAN LevelGiven;
    NTSTATUS Status = SepCaptureLevel(Attributes, &Spec.Level, &LevelGiven);

    if (!NT_SUCCESS(Status))
        return Status;
    if (Spec.PrimaryGroupIndex == MAXDWORD)
        return STATUS_INVALID_PRIMARY_GROUP;
    Spec.OwnerIndex = Given->Owner != NULL ? SepIndexOf(Given, Given->Owner) : 0;
    if (Spec.OwnerIndex == MAXDWORD ||
        (Spec.OwnerIndex != 0 && !(Given->Groups[Spec.OwnerIndex].Attributes & SE_GROUP_OWNER)))
        return STATUS_INVALID_OWNER;
    for (ULONG i = 1; i < Given->GroupCount; i++) {
        if (Given->Groups[i].Attributes & SE_GROUP_INTEGRITY)
            Spec.IntegritySid = SepIsLevel(Given->Groups[i].Sid) ? Given->Groups[i].Sid : NULL;
    }
    if (Spec.IntegritySid == NULL)
        return STATUS_INVALID_LABEL;
    Status = SepCreateToken(&Spec, UserMode, Attributes, Token);
    if (!NT_SUCCESS(Status))
        return Status;
    (*Token)->TokenSource = Given->Source;
    (*Token)->ExpirationTime = Given->ExpirationTime;
    return STATUS_SUCCESS;
}

/*
 * Source: Microsoft, "ZwCreateToken" (Windows Internals, "Access tokens").  STATUS_PRIVILEGE_NOT_HELD
 * (SeCreateTokenPrivilege), STATUS_BAD_TOKEN_TYPE, STATUS_INVALID_OWNER, STATUS_INVALID_PRIMARY_GROUP, STATUS_INVALID_SID,
 * STATUS_INVALID_ACL.  The expiration time is kept and not looked at, as on Windows.
 */
NTSTATUS NTAPI NtCreateToken(PHANDLE TokenHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TOKEN_TYPE TokenType, PLUID AuthenticationId, PLARGE_INTEGER ExpirationTime, PTOKEN_USER User,
        PTOKEN_GROUPS Groups, PTOKEN_PRIVILEGES Privileges, PTOKEN_OWNER Owner, PTOKEN_PRIMARY_GROUP PrimaryGroup,
        PTOKEN_DEFAULT_DACL DefaultDacl, PTOKEN_SOURCE TokenSource)
{
    PSEP_GIVEN Given;
    HANDLE Handle = NULL;
    PTOKEN Token;
    NTSTATUS Status;

    if (TokenType != TokenPrimary && TokenType != TokenImpersonation)
        return STATUS_BAD_TOKEN_TYPE;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_CREATE_TOKEN_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Given = ExAllocatePoolZero(PagedPool, sizeof(*Given), SE_TAG_TOKEN);
    if (Given == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = SepCaptureGiven(Given, AuthenticationId, ExpirationTime, User, Groups, Privileges, Owner, PrimaryGroup,
                             DefaultDacl, TokenSource);
    if (NT_SUCCESS(Status))
        Status = SepMakeToken(Given, TokenType, ObjectAttributes, &Token);
    SepFreeGiven(Given);
    if (NT_SUCCESS(Status))
        Status = ObInsertObject(Token, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, TokenHandle);
}
