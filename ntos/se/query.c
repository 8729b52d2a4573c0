/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NtQueryInformationToken and NtSetInformationToken.
 *
 * Answers with SIDs or ACLs are put together in pool, with pointers into the program's buffer, and copied out in one
 * go; the length needed is always returned, and a buffer that is too short gets STATUS_BUFFER_TOO_SMALL and nothing
 * else.
 */
#include "ntos/se/sep.h"

/* One answer in the making: Local NULL only counts.  Parts are placed at multiples of eight. */
typedef struct _SEP_ANSWER {
    PUCHAR Local;
    PUCHAR User;
    ULONG Used;
} SEP_ANSWER, *PSEP_ANSWER;

#define SEP_ALIGN8(n) (((n) + 7) & ~7u)

/* Room for Length bytes; returns the place in Local (NULL when counting). */
static PVOID SepReserve(PSEP_ANSWER Answer, ULONG Length)
{
    PUCHAR Place = Answer->Local != NULL ? Answer->Local + Answer->Used : NULL;

    Answer->Used += SEP_ALIGN8(Length);
    return Place;
}

/* Copies Data; returns its address in the program. */
static PVOID SepAppend(PSEP_ANSWER Answer, const void *Data, ULONG Length)
{
    PVOID UserPlace = Answer->User + Answer->Used;
    PVOID Place = SepReserve(Answer, Length);

    if (Place != NULL)
        memcpy(Place, Data, Length);
    return UserPlace;
}

static PSID SepAppendSid(PSEP_ANSWER Answer, PSID Sid)
{
    return SepAppend(Answer, Sid, RtlLengthSid(Sid));
}

/* Array of SID_AND_ATTRIBUTES at Place (NULL when counting), the SIDs behind. */
static VOID SepAppendSids(PSEP_ANSWER Answer, PSID_AND_ATTRIBUTES Place, const SID_AND_ATTRIBUTES *Source, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        PSID UserSid = SepAppendSid(Answer, Source[i].Sid);

        if (Place != NULL) {
            Place[i].Sid = UserSid;
            Place[i].Attributes = Source[i].Attributes;
        }
    }
}

static VOID SepTellUser(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepAppendSids(Answer, SepReserve(Answer, sizeof(TOKEN_USER)), Token->UserAndGroups, 1);
}

static VOID SepTellSidList(PSEP_ANSWER Answer, const SID_AND_ATTRIBUTES *List, ULONG Count)
{
    PTOKEN_GROUPS Groups = SepReserve(Answer, FIELD_OFFSET(TOKEN_GROUPS, Groups) + Count * sizeof(SID_AND_ATTRIBUTES));

    if (Groups != NULL)
        Groups->GroupCount = Count;
    SepAppendSids(Answer, Groups != NULL ? Groups->Groups : NULL, List, Count);
}

/* With the mandatory label, which is one of the groups (TOKEN_GROUPS: SE_GROUP_INTEGRITY). */
static ULONG SepGroupCount(PTOKEN Token)
{
    return Token->UserAndGroupCount - 1;
}

static VOID SepTellGroups(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellSidList(Answer, Token->UserAndGroups + 1, SepGroupCount(Token));
}

static VOID SepTellRestrictedSids(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellSidList(Answer, Token->RestrictedSids, Token->RestrictedSidCount);
}

static VOID SepTellPrivileges(PTOKEN Token, PSEP_ANSWER Answer)
{
    ULONG Size = FIELD_OFFSET(TOKEN_PRIVILEGES, Privileges) + Token->PrivilegeCount * sizeof(LUID_AND_ATTRIBUTES);
    PTOKEN_PRIVILEGES Privileges = SepReserve(Answer, Size);

    /* The exact length, not the rounded one: programs compute it too. */
    Answer->Used = Size;
    if (Privileges == NULL)
        return;
    Privileges->PrivilegeCount = Token->PrivilegeCount;
    memcpy(Privileges->Privileges, Token->Privileges, Token->PrivilegeCount * sizeof(LUID_AND_ATTRIBUTES));
}

static VOID SepTellOneSid(PSEP_ANSWER Answer, PSID Sid)
{
    PSID *Place = SepReserve(Answer, sizeof(PSID));
    PSID UserSid = Sid != NULL ? SepAppendSid(Answer, Sid) : NULL;

    if (Place != NULL)
        *Place = UserSid;
}

static VOID SepTellOwner(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellOneSid(Answer, Token->UserAndGroups[Token->DefaultOwnerIndex].Sid);
}

static VOID SepTellPrimaryGroup(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellOneSid(Answer, Token->UserAndGroups[Token->PrimaryGroupIndex].Sid);
}

static VOID SepTellDefaultDacl(PTOKEN Token, PSEP_ANSWER Answer)
{
    PTOKEN_DEFAULT_DACL Place = SepReserve(Answer, sizeof(*Place));
    PACL UserAcl = Token->DefaultDacl != NULL ? SepAppend(Answer, Token->DefaultDacl,
                                                          Token->DefaultDacl->AclSize) : NULL;

    if (Place != NULL)
        Place->DefaultDacl = UserAcl;
}

static VOID SepTellIntegrity(PTOKEN Token, PSEP_ANSWER Answer)
{
    SID_AND_ATTRIBUTES Label = { Token->IntegritySid, SE_GROUP_INTEGRITY | SE_GROUP_INTEGRITY_ENABLED };

    SepAppendSids(Answer, SepReserve(Answer, sizeof(TOKEN_MANDATORY_LABEL)), &Label, 1);
}

static VOID SepTellLogonSid(PTOKEN Token, PSEP_ANSWER Answer)
{
    for (ULONG i = 1; i < Token->UserAndGroupCount; i++) {
        if ((Token->UserAndGroups[i].Attributes & SE_GROUP_LOGON_ID) == SE_GROUP_LOGON_ID) {
            SepTellSidList(Answer, Token->UserAndGroups + i, 1);
            return;
        }
    }
    SepTellSidList(Answer, NULL, 0);
}

static VOID SepTellStatistics(PTOKEN Token, PSEP_ANSWER Answer)
{
    TOKEN_STATISTICS Info = {
        .TokenId = Token->TokenId,
        .AuthenticationId = Token->AuthenticationId,
        .ExpirationTime = Token->ExpirationTime,
        .TokenType = Token->TokenType,
        .ImpersonationLevel = Token->ImpersonationLevel,
        .DynamicCharged = Token->VariableLength,
        .GroupCount = SepGroupCount(Token),
        .PrivilegeCount = Token->PrivilegeCount,
        .ModifiedId = Token->ModifiedId,
    };

    SepAppend(Answer, &Info, sizeof(Info));
}

static VOID SepTellGroupsAndPrivileges(PTOKEN Token, PSEP_ANSWER Answer)
{
    PTOKEN_GROUPS_AND_PRIVILEGES Info = SepReserve(Answer, sizeof(*Info));
    ULONG SidCount = SepGroupCount(Token) + 1;
    PUCHAR UserSids = Answer->User + Answer->Used;
    ULONG Start = Answer->Used;
    PSID_AND_ATTRIBUTES Sids = SepReserve(Answer, SidCount * sizeof(*Sids));
    PUCHAR UserRestricted;
    PSID_AND_ATTRIBUTES Restricted;
    PVOID UserPrivileges;
    ULONG SidLength;

    SepAppendSids(Answer, Sids, Token->UserAndGroups, SidCount);
    SidLength = Answer->Used - Start;
    UserRestricted = Answer->User + Answer->Used;
    Start = Answer->Used;
    Restricted = SepReserve(Answer, Token->RestrictedSidCount * sizeof(*Restricted));
    SepAppendSids(Answer, Restricted, Token->RestrictedSids, Token->RestrictedSidCount);
    if (Info != NULL)
        Info->RestrictedSidLength = Answer->Used - Start;
    UserPrivileges = SepAppend(Answer, Token->Privileges, Token->PrivilegeCount * sizeof(LUID_AND_ATTRIBUTES));
    if (Info == NULL)
        return;
    Info->SidCount = SidCount;
    Info->SidLength = SidLength;
    Info->Sids = (PSID_AND_ATTRIBUTES)UserSids;
    Info->RestrictedSidCount = Token->RestrictedSidCount;
    Info->RestrictedSids = Token->RestrictedSidCount != 0 ? (PSID_AND_ATTRIBUTES)UserRestricted : NULL;
    Info->PrivilegeCount = Token->PrivilegeCount;
    Info->PrivilegeLength = Token->PrivilegeCount * sizeof(LUID_AND_ATTRIBUTES);
    Info->Privileges = UserPrivileges;
    Info->AuthenticationId = Token->AuthenticationId;
}

/* --- classes that are one number ------------------------------------------------------------------------------ */

static VOID SepTellUlong(PSEP_ANSWER Answer, ULONG Value)
{
    PULONG Place = SepReserve(Answer, sizeof(Value));

    if (Place != NULL)
        *Place = Value;
    Answer->Used = sizeof(Value);
}

static VOID SepTellType(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->TokenType);
}

static VOID SepTellLevel(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->ImpersonationLevel);
}

static VOID SepTellSession(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->SessionId);
}

static VOID SepTellSandBox(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->SandBoxInert);
}

static VOID SepTellElevationType(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->ElevationType);
}

static VOID SepTellElevation(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, SepSidInToken(Token, SeExports.AliasAdminsSid, FALSE));
}

static VOID SepTellRestricted(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->RestrictedSidCount != 0);
}

static VOID SepTellZero(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, 0);
}

static VOID SepTellUIAccess(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->UIAccess);
}

static VOID SepTellPolicy(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellUlong(Answer, Token->MandatoryPolicy);
}

static VOID SepTellSource(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepAppend(Answer, &Token->TokenSource, sizeof(Token->TokenSource));
}

static VOID SepTellOrigin(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepAppend(Answer, &Token->OriginatingLogonSession, sizeof(LUID));
}

static VOID SepTellNoSid(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellOneSid(Answer, NULL);
}

static VOID SepTellNoSids(PTOKEN Token, PSEP_ANSWER Answer)
{
    SepTellSidList(Answer, NULL, 0);
}

static VOID (*const SepClasses[MaxTokenInfoClass])(PTOKEN, PSEP_ANSWER) = {
    [TokenUser] = SepTellUser,
    [TokenGroups] = SepTellGroups,
    [TokenPrivileges] = SepTellPrivileges,
    [TokenOwner] = SepTellOwner,
    [TokenPrimaryGroup] = SepTellPrimaryGroup,
    [TokenDefaultDacl] = SepTellDefaultDacl,
    [TokenSource] = SepTellSource,
    [TokenType] = SepTellType,
    [TokenImpersonationLevel] = SepTellLevel,
    [TokenStatistics] = SepTellStatistics,
    [TokenRestrictedSids] = SepTellRestrictedSids,
    [TokenSessionId] = SepTellSession,
    [TokenGroupsAndPrivileges] = SepTellGroupsAndPrivileges,
    [TokenSandBoxInert] = SepTellSandBox,
    [TokenOrigin] = SepTellOrigin,
    [TokenElevationType] = SepTellElevationType,
    [TokenElevation] = SepTellElevation,
    [TokenHasRestrictions] = SepTellRestricted,
    [TokenVirtualizationAllowed] = SepTellZero,
    [TokenVirtualizationEnabled] = SepTellZero,
    [TokenIntegrityLevel] = SepTellIntegrity,
    [TokenUIAccess] = SepTellUIAccess,
    [TokenMandatoryPolicy] = SepTellPolicy,
    [TokenLogonSid] = SepTellLogonSid,
    [TokenIsAppContainer] = SepTellZero,
    [TokenCapabilities] = SepTellNoSids,
    [TokenAppContainerSid] = SepTellNoSid,
    [TokenAppContainerNumber] = SepTellZero,
    [TokenDeviceGroups] = SepTellNoSids,
    [TokenRestrictedDeviceGroups] = SepTellNoSids,
    [TokenIsRestricted] = SepTellRestricted,
};

/* A class for which the token has nothing to tell. */
static NTSTATUS SepCheckClass(PTOKEN Token, TOKEN_INFORMATION_CLASS Class)
{
    if (Class == TokenImpersonationLevel && Token->TokenType != TokenImpersonation)
        return STATUS_INVALID_INFO_CLASS;
    if (Class == TokenLinkedToken)
        return STATUS_NO_SUCH_LOGON_SESSION;
    return (ULONG)Class < MaxTokenInfoClass && SepClasses[Class] != NULL ? STATUS_SUCCESS : STATUS_INVALID_INFO_CLASS;
}

static NTSTATUS SepAnswer(PTOKEN Token, TOKEN_INFORMATION_CLASS Class, PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    SEP_ANSWER Answer = { .User = UserBuffer };
    NTSTATUS Status;

    SepClasses[Class](Token, &Answer);
    *Needed = Answer.Used;
    if (Length < Answer.Used)
        return STATUS_BUFFER_TOO_SMALL;
    Answer.Local = ExAllocatePoolZero(PagedPool, SEP_ALIGN8(Answer.Used), SE_TAG_TOKEN);
    if (Answer.Local == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Answer.Used = 0;
    SepClasses[Class](Token, &Answer);
    Status = MmCopyToUser(UserBuffer, Answer.Local, Answer.Used);
    ExFreePoolWithTag(Answer.Local, SE_TAG_TOKEN);
    return Status;
}

NTSTATUS NTAPI NtQueryInformationToken(HANDLE TokenHandle, TOKEN_INFORMATION_CLASS TokenInformationClass,
        PVOID TokenInformation, ULONG TokenInformationLength, PULONG ReturnLength)
{
    ULONG Needed = 0;
    PTOKEN Token;
    NTSTATUS Status;
    NTSTATUS WriteStatus;

    Status = MmProbeForWrite(TokenInformation, TokenInformationLength, 1);
    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(ReturnLength, sizeof(*ReturnLength), 1);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SepReferenceToken(TokenHandle, TokenInformationClass == TokenSource ? TOKEN_QUERY_SOURCE : TOKEN_QUERY,
                               &Token);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = SepCheckClass(Token, TokenInformationClass);
    if (NT_SUCCESS(Status)) {
        Status = SepAnswer(Token, TokenInformationClass, TokenInformation, TokenInformationLength, &Needed);
        WriteStatus = MmPutUser(ReturnLength, Needed);
        if (!NT_SUCCESS(WriteStatus))
            Status = WriteStatus;
    }
    ObDereferenceObject(Token);
    return Status;
}

/* --- setting -------------------------------------------------------------------------------------------------- */

/* Captures the SID that the one pointer at UserInformation names.  Free with ExFreePool. */
static NTSTATUS SepCaptureSidArgument(const void *UserInformation, ULONG Length, PSID *Sid)
{
    UCHAR Header[2];
    PVOID UserSid;
    NTSTATUS Status;

    if (Length < sizeof(PSID))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&UserSid, UserInformation, sizeof(UserSid));
    if (NT_SUCCESS(Status))
        Status = MmCopyFromUser(Header, UserSid, sizeof(Header));
    if (!NT_SUCCESS(Status))
        return Status;
    if (Header[1] > SID_MAX_SUB_AUTHORITIES)
        return STATUS_INVALID_SID;
    Status = MmCaptureBuffer(UserSid, RtlLengthRequiredSid(Header[1]), (PVOID *)Sid);
    if (!NT_SUCCESS(Status))
        return Status;
    ((PUCHAR)*Sid)[1] = Header[1];
    if (RtlValidSid(*Sid))
        return STATUS_SUCCESS;
    ExFreePool(*Sid);
    return STATUS_INVALID_SID;
}

/* The token's owner, group or default DACL changed: what it gives to new objects is made anew. */
static VOID SepTokenChanged(PTOKEN Token)
{
    SepForgetDescriptors(Token);
    ExAllocateLocallyUniqueId(&Token->ModifiedId);
}

static NTSTATUS SepSetOwnerOrGroup(PTOKEN Token, const void *UserInformation, ULONG Length, BOOLEAN Owner)
{
    NTSTATUS Result = Owner ? STATUS_INVALID_OWNER : STATUS_INVALID_PRIMARY_GROUP;
    PSID Sid;
    NTSTATUS Status = SepCaptureSidArgument(UserInformation, Length, &Sid);

    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG i = 0; i < Token->UserAndGroupCount; i++) {
        if (!RtlEqualSid(Token->UserAndGroups[i].Sid, Sid))
            continue;
        if (!Owner)
            Token->PrimaryGroupIndex = i;
        else if (i == 0 || Token->UserAndGroups[i].Attributes & SE_GROUP_OWNER)
            Token->DefaultOwnerIndex = i;
        else
            break;
        SepTokenChanged(Token);
        Result = STATUS_SUCCESS;
        break;
    }
    ExFreePool(Sid);
    return Result;
}

static NTSTATUS SepSetDefaultDacl(PTOKEN Token, const void *UserInformation, ULONG Length)
{
    PACL UserAcl;
    PACL New;
    NTSTATUS Status;

    if (Length < sizeof(TOKEN_DEFAULT_DACL))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = MmCopyFromUser(&UserAcl, UserInformation, sizeof(UserAcl));
    if (NT_SUCCESS(Status))
        Status = SepCaptureAcl(UserMode, UserAcl, &New);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Token->DefaultDacl != NULL)
        ExFreePoolWithTag(Token->DefaultDacl, SE_TAG_TOKEN);
    Token->DefaultDacl = New;
    SepTokenChanged(Token);
    return STATUS_SUCCESS;
}

static NTSTATUS SepSetSession(PTOKEN Token, const void *UserInformation, ULONG Length)
{
    ULONG Session;
    NTSTATUS Status;

    if (Length != sizeof(Session))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_TCB_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmCopyFromUser(&Session, UserInformation, sizeof(Session));
    if (NT_SUCCESS(Status))
        Token->SessionId = Session;
    return Status;
}

static NTSTATUS SepSetIntegrity(PTOKEN Token, const void *UserInformation, ULONG Length)
{
    PSID Sid;
    NTSTATUS Status;

    if (Length < sizeof(TOKEN_MANDATORY_LABEL))
        return STATUS_INFO_LENGTH_MISMATCH;
    Status = SepCaptureSidArgument(UserInformation, Length, &Sid);
    if (!NT_SUCCESS(Status))
        return Status;
    if (!SepIsLevel(Sid))
        Status = STATUS_INVALID_LABEL;
    else if (SepIntegrityLevel(Sid) > SepIntegrityLevel(Token->IntegritySid) &&
             !SeSinglePrivilegeCheck(SeMakeLuid(SE_TCB_PRIVILEGE), UserMode))
        Status = STATUS_PRIVILEGE_NOT_HELD;
    else
        SepSetLevel(Token, Sid);
    ExFreePool(Sid);
    return Status;
}

NTSTATUS NTAPI NtSetInformationToken(HANDLE TokenHandle, TOKEN_INFORMATION_CLASS TokenInformationClass,
        PVOID TokenInformation, ULONG TokenInformationLength)
{
    ACCESS_MASK Access = TOKEN_ADJUST_DEFAULT;
    PTOKEN Token;
    NTSTATUS Status;

    if (TokenInformationClass == TokenSessionId)
        Access |= TOKEN_ADJUST_SESSIONID;
    Status = ObReferenceObjectByHandle(TokenHandle, Access, SeTokenObjectType, UserMode, (PVOID *)&Token, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    switch (TokenInformationClass) {
    case TokenOwner:
    case TokenPrimaryGroup:
        Status = SepSetOwnerOrGroup(Token, TokenInformation, TokenInformationLength,
                                    TokenInformationClass == TokenOwner);
        break;
    case TokenDefaultDacl:
        Status = SepSetDefaultDacl(Token, TokenInformation, TokenInformationLength);
        break;
    case TokenSessionId:
        Status = SepSetSession(Token, TokenInformation, TokenInformationLength);
        break;
    case TokenIntegrityLevel:
        Status = SepSetIntegrity(Token, TokenInformation, TokenInformationLength);
        break;
    default:
        Status = STATUS_INVALID_INFO_CLASS;
        break;
    }
    ObDereferenceObject(Token);
    return Status;
}
