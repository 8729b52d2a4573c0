/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The well-known SIDs (SeExports), static and never freed.
 */
#include "ntos/se/sep.h"

SE_EXPORTS SeExports;

/* As SID, with room for the sub-authorities that we use. */
typedef struct _SEP_SID {
    UCHAR Revision;
    UCHAR SubAuthorityCount;
    SID_IDENTIFIER_AUTHORITY IdentifierAuthority;
    ULONG SubAuthority[5];
} SEP_SID;

#define SEP_SID_OF(Authority, Count, ...) { SID_REVISION, (Count), { { 0, 0, 0, 0, 0, (Authority) } }, { __VA_ARGS__ } }

static SEP_SID SepNull = SEP_SID_OF(0, 1, 0);
static SEP_SID SepWorld = SEP_SID_OF(1, 1, 0);
static SEP_SID SepLocal = SEP_SID_OF(2, 1, 0);
static SEP_SID SepCreatorOwner = SEP_SID_OF(3, 1, 0);
static SEP_SID SepCreatorGroup = SEP_SID_OF(3, 1, 1);
static SEP_SID SepOwnerRights = SEP_SID_OF(3, 1, 4);
static SEP_SID SepNtAuthority = SEP_SID_OF(5, 0, 0);
static SEP_SID SepInteractive = SEP_SID_OF(5, 1, 4);
static SEP_SID SepService = SEP_SID_OF(5, 1, 6);
static SEP_SID SepAnonymous = SEP_SID_OF(5, 1, 7);
static SEP_SID SepPrincipalSelf = SEP_SID_OF(5, 1, 10);
static SEP_SID SepAuthenticated = SEP_SID_OF(5, 1, 11);
static SEP_SID SepLocalSystem = SEP_SID_OF(5, 1, 18);
static SEP_SID SepAdmins = SEP_SID_OF(5, 2, 32, 544);
static SEP_SID SepUsers = SEP_SID_OF(5, 2, 32, 545);
static SEP_SID SepLogon = SEP_SID_OF(5, 3, 5, 0, 1);
/*
 * The one account of the machine: the built-in Administrator (RID 500) of a machine SID that is the same everywhere
 * until there is an account database.
 */
static SEP_SID SepAdministrator = SEP_SID_OF(5, 5, 21, 0x4e657265, 0x69640000, 0x6e746f73, 500);
static SEP_SID SepUntrusted = SEP_SID_OF(16, 1, SECURITY_MANDATORY_UNTRUSTED_RID);
static SEP_SID SepLow = SEP_SID_OF(16, 1, SECURITY_MANDATORY_LOW_RID);
static SEP_SID SepMedium = SEP_SID_OF(16, 1, SECURITY_MANDATORY_MEDIUM_RID);
static SEP_SID SepHigh = SEP_SID_OF(16, 1, SECURITY_MANDATORY_HIGH_RID);
static SEP_SID SepSystemLevel = SEP_SID_OF(16, 1, SECURITY_MANDATORY_SYSTEM_RID);

NTSTATUS SepInitSids(VOID)
{
    SeExports = (SE_EXPORTS){
        .NullSid = &SepNull,
        .WorldSid = &SepWorld,
        .LocalSid = &SepLocal,
        .CreatorOwnerSid = &SepCreatorOwner,
        .CreatorGroupSid = &SepCreatorGroup,
        .OwnerRightsSid = &SepOwnerRights,
        .PrincipalSelfSid = &SepPrincipalSelf,
        .NtAuthoritySid = &SepNtAuthority,
        .InteractiveSid = &SepInteractive,
        .ServiceSid = &SepService,
        .AnonymousLogonSid = &SepAnonymous,
        .AuthenticatedUsersSid = &SepAuthenticated,
        .LocalSystemSid = &SepLocalSystem,
        .AliasAdminsSid = &SepAdmins,
        .AliasUsersSid = &SepUsers,
        .AdministratorSid = &SepAdministrator,
        .LogonSid = &SepLogon,
        .UntrustedMandatorySid = &SepUntrusted,
        .LowMandatorySid = &SepLow,
        .HighMandatorySid = &SepHigh,
        .MediumMandatorySid = &SepMedium,
        .SystemMandatorySid = &SepSystemLevel,
    };
    return STATUS_SUCCESS;
}

BOOLEAN SepIsLabel(PSID Sid)
{
    static const SID_IDENTIFIER_AUTHORITY Authority = { SECURITY_MANDATORY_LABEL_AUTHORITY };

    return memcmp(RtlIdentifierAuthoritySid(Sid), &Authority, sizeof(Authority)) == 0;
}

BOOLEAN SepIsLevel(PSID Sid)
{
    return SepIsLabel(Sid) && *RtlSubAuthorityCountSid(Sid) == 1;
}

ULONG SepIntegrityLevel(PSID Sid)
{
    PSID_IDENTIFIER_AUTHORITY Authority = RtlIdentifierAuthoritySid(Sid);

    if (Authority->Value[5] != 16 || *RtlSubAuthorityCountSid(Sid) == 0)
        return 0;
    return *RtlSubAuthoritySid(Sid, *RtlSubAuthorityCountSid(Sid) - 1);
}

VOID SepSetLevel(PTOKEN Token, PSID Sid)
{
    SepForgetDescriptors(Token);
    Token->IntegritySid = NULL;
    if (Sid != NULL && NT_SUCCESS(RtlCopySid(sizeof(Token->IntegritySpace), Token->IntegritySpace, Sid)))
        Token->IntegritySid = Token->IntegritySpace;
    for (ULONG i = 1; i < Token->UserAndGroupCount && Token->IntegritySid != NULL; i++) {
        if (Token->UserAndGroups[i].Attributes & SE_GROUP_INTEGRITY)
            Token->UserAndGroups[i].Sid = Token->IntegritySid;
    }
}
