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

#define SEP_ALWAYS (SE_GROUP_MANDATORY | SE_GROUP_ENABLED_BY_DEFAULT | SE_GROUP_ENABLED)

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
        SepSetLevel(Token, SeExports.MediumMandatorySid);
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
    /* Who may no longer own what is made leaves that to the user. */
    if (Token->UserAndGroups[Token->DefaultOwnerIndex].Attributes & SE_GROUP_USE_FOR_DENY_ONLY)
        Token->DefaultOwnerIndex = 0;
}

/*
 * What a token is restricted to, it stays restricted to: the new SIDs are those that it has already, too.  If that are none, NULL SID
 * (S-1-0-0), which nobody is.  The list is sorted so that the first *Count remain; its SIDs go on to be the caller's.
 */
static VOID SepNarrow(PTOKEN Token, PSID_AND_ATTRIBUTES Restricted, PULONG Count)
{
    ULONG Kept = 0;

    for (ULONG i = 0; i < *Count; i++) {
        SID_AND_ATTRIBUTES Sid = Restricted[i];
        ULONG k = 0;

        while (k < Token->RestrictedSidCount && !RtlEqualSid(Token->RestrictedSids[k].Sid, Sid.Sid))
            k++;
        if (k == Token->RestrictedSidCount)
            continue;
        Restricted[i] = Restricted[Kept];
        Restricted[Kept++] = Sid;
    }
    *Count = Kept;
}

static NTSTATUS SepFilterToken(PTOKEN Token, ULONG Flags, PSID_AND_ATTRIBUTES Restricted, ULONG RestrictedCount, PTOKEN *New)
{
    SID_AND_ATTRIBUTES NoneLeft = { SeExports.NullSid, SEP_ALWAYS };
    BOOLEAN Narrower = Token->RestrictedSidCount != 0 && RestrictedCount != 0;
    SEP_TOKEN_CHANGES Changes = { .Type = Token->TokenType, .Level = Token->ImpersonationLevel };
    NTSTATUS Status;

    if (Narrower)
        SepNarrow(Token, Restricted, &RestrictedCount);
    Changes.RestrictedSids = Narrower && RestrictedCount == 0 ? &NoneLeft : Restricted;
    Changes.RestrictedSidCount = Narrower ? max(RestrictedCount, 1) : RestrictedCount;
    Status = SepCopyToken(Token, &Changes, KernelMode, NULL, New);
    if (!NT_SUCCESS(Status))
        return Status;
    (*New)->ParentTokenId = Token->TokenId;
    /* A token that is restricted in all does not become one that is only in writing; new restrictions are for what the flag says. */
    if (Token->RestrictedSidCount == 0)
        (*New)->WriteRestricted = (Flags & WRITE_RESTRICTED) != 0;
    else if (Narrower)
        (*New)->WriteRestricted = Token->WriteRestricted && Flags & WRITE_RESTRICTED;
    return STATUS_SUCCESS;
}

/* Restricting SIDs have no attributes, and always count. */
static NTSTATUS SepCaptureRestricted(PTOKEN_GROUPS User, PSID_AND_ATTRIBUTES *List, PULONG Count)
{
    NTSTATUS Status = SepCaptureGroups(User, List, Count);

    for (ULONG i = 0; i < *Count && NT_SUCCESS(Status); i++) {
        if ((*List)[i].Attributes != 0)
            Status = STATUS_INVALID_PARAMETER;
        (*List)[i].Attributes = SEP_ALWAYS;
    }
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
        Status = SepCaptureRestricted(RestrictedSids, &Restricted, &RestrictedCount);
    if (NT_SUCCESS(Status))
        Status = ObReferenceObjectByHandle(ExistingTokenHandle, TOKEN_DUPLICATE, SeTokenObjectType, UserMode,
                                           (PVOID *)&Token, &Source);
    if (NT_SUCCESS(Status)) {
        Status = SepFilterToken(Token, Flags, Restricted, RestrictedCount, &New);
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

/* Claims of a program: STATUS_NOT_SUPPORTED if there are any. */
static NTSTATUS SepRefuseClaims(PTOKEN_SECURITY_ATTRIBUTES_INFORMATION User)
{
    TOKEN_SECURITY_ATTRIBUTES_INFORMATION Claims = { .Version = TOKEN_SECURITY_ATTRIBUTES_INFORMATION_VERSION_V1 };
    NTSTATUS Status = User != NULL ? MmGetUser(&Claims, User) : STATUS_SUCCESS;

    if (NT_SUCCESS(Status) && Claims.Version != TOKEN_SECURITY_ATTRIBUTES_INFORMATION_VERSION_V1)
        Status = STATUS_INVALID_PARAMETER;
    return NT_SUCCESS(Status) && Claims.AttributeCount != 0 ? STATUS_NOT_SUPPORTED : Status;
}

/* The same for groups of the device. */
static NTSTATUS SepRefuseGroups(PTOKEN_GROUPS User)
{
    ULONG Count = 0;
    NTSTATUS Status = User != NULL ? MmGetUser(&Count, &User->GroupCount) : STATUS_SUCCESS;

    return NT_SUCCESS(Status) && Count != 0 ? STATUS_NOT_SUPPORTED : Status;
}

/*
 * PARTIAL: no token has claims or groups of its device, so that there are none to disable, and a token cannot be restricted to some:
 * STATUS_NOT_SUPPORTED.
 */
NTSTATUS NTAPI NtFilterTokenEx(HANDLE ExistingTokenHandle, ULONG Flags, PTOKEN_GROUPS SidsToDisable,
        PTOKEN_PRIVILEGES PrivilegesToDelete, PTOKEN_GROUPS RestrictedSids, ULONG DisableUserClaimsCount,
        PUNICODE_STRING UserClaimsToDisable, ULONG DisableDeviceClaimsCount, PUNICODE_STRING DeviceClaimsToDisable,
        PTOKEN_GROUPS DeviceGroupsToDisable, PTOKEN_SECURITY_ATTRIBUTES_INFORMATION RestrictedUserAttributes,
        PTOKEN_SECURITY_ATTRIBUTES_INFORMATION RestrictedDeviceAttributes, PTOKEN_GROUPS RestrictedDeviceGroups, PHANDLE NewTokenHandle)
{
    PSID_AND_ATTRIBUTES Groups;
    ULONG Count;
    NTSTATUS Status = SepProbeNames(UserClaimsToDisable, DisableUserClaimsCount);

    if (NT_SUCCESS(Status))
        Status = SepProbeNames(DeviceClaimsToDisable, DisableDeviceClaimsCount);
    if (NT_SUCCESS(Status))
        Status = SepCaptureGroups(DeviceGroupsToDisable, &Groups, &Count);
    if (!NT_SUCCESS(Status))
        return Status;
    SepFreeSids(Groups, Count);
    Status = SepRefuseClaims(RestrictedUserAttributes);
    if (NT_SUCCESS(Status))
        Status = SepRefuseClaims(RestrictedDeviceAttributes);
    if (NT_SUCCESS(Status))
        Status = SepRefuseGroups(RestrictedDeviceGroups);
    return NT_SUCCESS(Status) ? NtFilterToken(ExistingTokenHandle, Flags, SidsToDisable, PrivilegesToDelete, RestrictedSids, NewTokenHandle) :
           Status;
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
    ULONG MandatoryPolicy;
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
    (*Token)->MandatoryPolicy = Given->MandatoryPolicy;
    return STATUS_SUCCESS;
}

static NTSTATUS SepCapturePolicy(PTOKEN_MANDATORY_POLICY User, PULONG Policy)
{
    NTSTATUS Status = STATUS_SUCCESS;

    *Policy = TOKEN_MANDATORY_POLICY_NO_WRITE_UP;
    if (User != NULL)
        Status = MmGetUser(Policy, &User->Policy);
    return NT_SUCCESS(Status) && *Policy & ~TOKEN_MANDATORY_POLICY_VALID_MASK ? STATUS_INVALID_PARAMETER : Status;
}

/*
 * STATUS_PRIVILEGE_NOT_HELD (SeCreateTokenPrivilege), STATUS_BAD_TOKEN_TYPE, STATUS_INVALID_OWNER, STATUS_INVALID_PRIMARY_GROUP,
 * STATUS_INVALID_SID, STATUS_INVALID_ACL.  The expiration time is kept and not looked at, as on Windows.
 *
 * PARTIAL: claims and groups of the device are STATUS_NOT_SUPPORTED.
 */
NTSTATUS NTAPI NtCreateTokenEx(PHANDLE TokenHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TOKEN_TYPE TokenType, PLUID AuthenticationId, PLARGE_INTEGER ExpirationTime, PTOKEN_USER User, PTOKEN_GROUPS Groups,
        PTOKEN_PRIVILEGES Privileges, PTOKEN_SECURITY_ATTRIBUTES_INFORMATION UserAttributes,
        PTOKEN_SECURITY_ATTRIBUTES_INFORMATION DeviceAttributes, PTOKEN_GROUPS DeviceGroups, PTOKEN_MANDATORY_POLICY MandatoryPolicy,
        PTOKEN_OWNER Owner, PTOKEN_PRIMARY_GROUP PrimaryGroup, PTOKEN_DEFAULT_DACL DefaultDacl, PTOKEN_SOURCE TokenSource)
{
    PSEP_GIVEN Given;
    HANDLE Handle = NULL;
    PTOKEN Token;
    NTSTATUS Status;

    if (TokenType != TokenPrimary && TokenType != TokenImpersonation)
        return STATUS_BAD_TOKEN_TYPE;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_CREATE_TOKEN_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = SepRefuseClaims(UserAttributes);
    if (NT_SUCCESS(Status))
        Status = SepRefuseClaims(DeviceAttributes);
    if (NT_SUCCESS(Status))
        Status = SepRefuseGroups(DeviceGroups);
    if (!NT_SUCCESS(Status))
        return Status;
    Given = ExAllocatePoolZero(PagedPool, sizeof(*Given), SE_TAG_TOKEN);
    if (Given == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Status = SepCapturePolicy(MandatoryPolicy, &Given->MandatoryPolicy);
    if (NT_SUCCESS(Status))
        Status = SepCaptureGiven(Given, AuthenticationId, ExpirationTime, User, Groups, Privileges, Owner, PrimaryGroup, DefaultDacl,
                                 TokenSource);
    if (NT_SUCCESS(Status))
        Status = SepMakeToken(Given, TokenType, ObjectAttributes, &Token);
    SepFreeGiven(Given);
    if (NT_SUCCESS(Status))
        Status = ObInsertObject(Token, NULL, DesiredAccess, 0, NULL, &Handle);
    return ObReturnHandle(Status, Handle, TokenHandle);
}

/* Source: Microsoft, "ZwCreateToken" (Windows Internals, "Access tokens"). */
NTSTATUS NTAPI NtCreateToken(PHANDLE TokenHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TOKEN_TYPE TokenType, PLUID AuthenticationId, PLARGE_INTEGER ExpirationTime, PTOKEN_USER User,
        PTOKEN_GROUPS Groups, PTOKEN_PRIVILEGES Privileges, PTOKEN_OWNER Owner, PTOKEN_PRIMARY_GROUP PrimaryGroup,
        PTOKEN_DEFAULT_DACL DefaultDacl, PTOKEN_SOURCE TokenSource)
{
    return NtCreateTokenEx(TokenHandle, DesiredAccess, ObjectAttributes, TokenType, AuthenticationId, ExpirationTime, User, Groups,
                           Privileges, NULL, NULL, NULL, NULL, Owner, PrimaryGroup, DefaultDacl, TokenSource);
}
