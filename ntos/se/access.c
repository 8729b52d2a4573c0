/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The access check, and privileges.
 *
 * Order, as in NT: MAXIMUM_ALLOWED and generic bits are resolved; ACCESS_SYSTEM_SECURITY needs SeSecurityPrivilege;
 * WRITE_OWNER may come from SeTakeOwnershipPrivilege; the mandatory label may forbid writing (no-write-up) before
 * anything is granted; the owner has READ_CONTROL and WRITE_DAC; then the ACEs of the DACL in their order: a right
 * that a deny ACE names before it was allowed is refused.  A token with restricted SIDs must pass a second time with
 * these alone.  An ACE for OWNER RIGHTS (S-1-3-4) is for the owner, and what it says comes instead of the two rights.
 * ACEs of object types count for the part of the object that is of the type (typelist.c).  Who does not ask by type is
 * allowed nothing by one that allows a type, and denied all by one that denies it.  An ACE for SELF (S-1-5-10) is for
 * whom the object stands for, if the caller says who that is.  A callback ACE counts if its condition holds (condition.c); one that
 * denies also where nobody can say whether it does.
 */
#include "ntos/se/sep.h"

static BOOLEAN SepSidInList(const SID_AND_ATTRIBUTES *List, ULONG Count, PSID Sid, ULONG Attributes)
{
    for (ULONG i = 0; i < Count; i++) {
        if ((Attributes == 0 || List[i].Attributes & Attributes) && RtlEqualSid(List[i].Sid, Sid))
            return TRUE;
    }
    return FALSE;
}

BOOLEAN SepSidInToken(PTOKEN Token, PSID Sid, BOOLEAN ForDeny)
{
    /* The user has no SE_GROUP_ENABLED and always counts, unless it was made deny-only. */
    if (RtlEqualSid(Token->UserAndGroups[0].Sid, Sid))
        return ForDeny || !(Token->UserAndGroups[0].Attributes & SE_GROUP_USE_FOR_DENY_ONLY);
    return SepSidInList(Token->UserAndGroups + 1, Token->UserAndGroupCount - 1, Sid,
                        SE_GROUP_ENABLED | (ForDeny ? SE_GROUP_USE_FOR_DENY_ONLY : 0));
}

BOOLEAN SepSidCounts(PTOKEN Token, BOOLEAN Restricted, PSID Sid, BOOLEAN ForDeny)
{
    if (Restricted)
        return SepSidInList(Token->RestrictedSids, Token->RestrictedSidCount, Sid, 0);
    return SepSidInToken(Token, Sid, ForDeny);
}

PLUID_AND_ATTRIBUTES SepFindPrivilege(PTOKEN Token, LUID Luid)
{
    for (ULONG i = 0; i < Token->PrivilegeCount; i++) {
        if (Token->Privileges[i].Luid.LowPart == Luid.LowPart && Token->Privileges[i].Luid.HighPart == Luid.HighPart)
            return &Token->Privileges[i];
    }
    return NULL;
}

BOOLEAN SepPrivilegeEnabled(PTOKEN Token, ULONG LowPart)
{
    PLUID_AND_ATTRIBUTES Privilege = SepFindPrivilege(Token, SeMakeLuid(LowPart));

    if (Privilege == NULL || !(Privilege->Attributes & SE_PRIVILEGE_ENABLED))
        return FALSE;
    Privilege->Attributes |= SE_PRIVILEGE_USED_FOR_ACCESS;
    return TRUE;
}

/* A pass over a DACL: what the ACEs allow and deny for each part of the object, in Types. */
typedef struct _SEP_PASS {
    PTOKEN Token;
    BOOLEAN Restricted;                 /* only the restricted SIDs count */
    PSID Owner;
    PACL Sacl;                          /* NULL if it has none */
    const GENERIC_MAPPING *Mapping;
    ACCESS_MASK Wanted;
    BOOLEAN Maximum;                    /* everything is wanted */
    BOOLEAN ByType;                     /* the caller gave the types */
    const SEP_TYPES *Types;
} SEP_PASS, *PSEP_PASS;

static BOOLEAN SepMatches(PSEP_PASS Pass, PSID Sid, BOOLEAN ForDeny)
{
    if (RtlEqualSid(Sid, SeExports.OwnerRightsSid) && Pass->Owner != NULL)
        Sid = Pass->Owner;
    else if (Pass->Types->Self != NULL && RtlEqualSid(Sid, SeExports.PrincipalSelfSid))
        Sid = Pass->Types->Self;
    return SepSidCounts(Pass->Token, Pass->Restricted, Sid, ForDeny);
}

static ULONG SepSidOffset(PACE_HEADER Header)
{
    ULONG Flags = ((ACCESS_ALLOWED_OBJECT_ACE *)Header)->Flags;

    switch (Header->AceType) {
    case ACCESS_ALLOWED_OBJECT_ACE_TYPE:
    case ACCESS_DENIED_OBJECT_ACE_TYPE:
    case ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE:
    case ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE:
    case SYSTEM_AUDIT_OBJECT_ACE_TYPE:
        return FIELD_OFFSET(ACCESS_ALLOWED_OBJECT_ACE, ObjectType) +
               (Flags & ACE_OBJECT_TYPE_PRESENT ? sizeof(GUID) : 0) +
               (Flags & ACE_INHERITED_OBJECT_TYPE_PRESENT ? sizeof(GUID) : 0);
    }
    return FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart);
}

PSID SepSidOfAce(PACE_HEADER Header)
{
    ULONG Offset = Header->AceSize < FIELD_OFFSET(ACCESS_ALLOWED_OBJECT_ACE, ObjectType) ? 0 : SepSidOffset(Header);
    PSID Sid = (PUCHAR)Header + Offset;

    if (Offset == 0 || Offset + FIELD_OFFSET(SID, SubAuthority) > Header->AceSize || !RtlValidSid(Sid) ||
        Offset + RtlLengthSid(Sid) > Header->AceSize)
        return NULL;
    return Sid;
}

typedef enum _SEP_EFFECT { SepNothing, SepAllows, SepDenies } SEP_EFFECT;

/* What a callback ACE does if its condition holds: Effect, or nothing.  Without a condition it is for servers, which ask themselves. */
static SEP_EFFECT SepEffectIf(PSEP_PASS Pass, PACE_HEADER Header, PSID Sid, SEP_EFFECT Effect)
{
    static const UCHAR Signature[] = { 'a', 'r', 't', 'x' };
    const UCHAR *Data = (PUCHAR)Sid + RtlLengthSid(Sid);
    ULONG Length = (ULONG)((PUCHAR)Header + Header->AceSize - Data);
    SEP_CONDITION Condition = { Pass->Token, Pass->Restricted, Effect == SepDenies, Pass->Sacl };
    SEP_TRUTH Truth;

    if (Effect == SepNothing || Length < sizeof(Signature) || memcmp(Data, Signature, sizeof(Signature)) != 0)
        return SepNothing;
    Truth = SepEvaluate(&Condition, Data + sizeof(Signature), Length - sizeof(Signature));
    return Truth == SepTrue || (Truth == SepUnknown && Effect == SepDenies) ? Effect : SepNothing;
}

const GUID *SepTypeOfAce(PACE_HEADER Header)
{
    ACCESS_ALLOWED_OBJECT_ACE *Ace = (ACCESS_ALLOWED_OBJECT_ACE *)Header;

    return Ace->Flags & ACE_OBJECT_TYPE_PRESENT ? &Ace->ObjectType : NULL;
}

/* Part: of the object, which an ACE for object types is for. */
static SEP_EFFECT SepEffectOnType(PSEP_PASS Pass, PACE_HEADER Header, SEP_EFFECT Effect, PULONG Part)
{
    const GUID *Type = SepTypeOfAce(Header);

    if (Type == NULL || (Pass->ByType && SepFindType(Pass->Types, Type, Part)))
        return Effect;
    return Effect == SepDenies && !Pass->ByType ? Effect : SepNothing;
}

/* Part: of the object, which the ACE is for; 0 is the whole. */
static SEP_EFFECT SepEffectOf(PSEP_PASS Pass, PACE_HEADER Header, PSID Sid, PULONG Part)
{
    *Part = 0;
    switch (Header->AceType) {
    case ACCESS_ALLOWED_ACE_TYPE:
        return SepAllows;
    case ACCESS_DENIED_ACE_TYPE:
        return SepDenies;
    case ACCESS_ALLOWED_OBJECT_ACE_TYPE:
        return SepEffectOnType(Pass, Header, SepAllows, Part);
    case ACCESS_DENIED_OBJECT_ACE_TYPE:
        return SepEffectOnType(Pass, Header, SepDenies, Part);
    case ACCESS_ALLOWED_CALLBACK_ACE_TYPE:
        return SepEffectIf(Pass, Header, Sid, SepAllows);
    case ACCESS_DENIED_CALLBACK_ACE_TYPE:
        return SepEffectIf(Pass, Header, Sid, SepDenies);
    case ACCESS_ALLOWED_CALLBACK_OBJECT_ACE_TYPE:
        return SepEffectIf(Pass, Header, Sid, SepEffectOnType(Pass, Header, SepAllows, Part));
    case ACCESS_DENIED_CALLBACK_OBJECT_ACE_TYPE:
        return SepEffectIf(Pass, Header, Sid, SepEffectOnType(Pass, Header, SepDenies, Part));
    }
    return SepNothing;
}

static VOID SepApplyAce(PSEP_PASS Pass, PACE_HEADER Header)
{
    PSID Sid = Header->AceFlags & INHERIT_ONLY_ACE ? NULL : SepSidOfAce(Header);
    ULONG Part;
    SEP_EFFECT Effect = Sid != NULL ? SepEffectOf(Pass, Header, Sid, &Part) : SepNothing;
    ACCESS_MASK Mask;

    if (Effect == SepNothing || !SepMatches(Pass, Sid, Effect == SepDenies))
        return;
    Mask = ((ACCESS_ALLOWED_ACE *)Header)->Mask;
    RtlMapGenericMask(&Mask, Pass->Mapping);
    if (Effect == SepAllows)
        SepAllowType(Pass->Types, Part, Mask);
    else
        SepDenyType(Pass->Types, Part, Mask);
}

static BOOLEAN SepNamesOwnerRights(PACL Dacl)
{
    PACE_HEADER Ace;

    for (ULONG i = 0; i < Dacl->AceCount && NT_SUCCESS(RtlGetAce(Dacl, i, (PVOID *)&Ace)); i++) {
        PSID Sid = Ace->AceFlags & INHERIT_ONLY_ACE ? NULL : SepSidOfAce(Ace);

        if (Sid != NULL && RtlEqualSid(Sid, SeExports.OwnerRightsSid))
            return TRUE;
    }
    return FALSE;
}

static VOID SepRunPass(PSEP_PASS Pass, PACL Dacl)
{
    PSEP_TYPE_NODE Whole = &Pass->Types->Nodes[0];
    PACE_HEADER Ace;

    if (Pass->Owner != NULL && SepMatches(Pass, Pass->Owner, FALSE) && !SepNamesOwnerRights(Dacl))
        SepAllowType(Pass->Types, 0, READ_CONTROL | WRITE_DAC);
    for (ULONG i = 0; i < Dacl->AceCount && NT_SUCCESS(RtlGetAce(Dacl, i, (PVOID *)&Ace)); i++) {
        /* What an earlier entry allows no later one denies. */
        if (!Pass->Maximum && !(Pass->Wanted & ~Whole->Allowed))
            break;
        SepApplyAce(Pass, Ace);
    }
}

/* With a write-restricted token the restricted SIDs decide over these rights only. */
static ACCESS_MASK SepRestrictedRights(PTOKEN Token, const GENERIC_MAPPING *Mapping)
{
    if (!Token->WriteRestricted)
        return ~(ACCESS_MASK)0;
    return (Mapping->GenericWrite & ~(Mapping->GenericRead | Mapping->GenericExecute)) | DELETE | WRITE_DAC | WRITE_OWNER;
}

/*
 * Rights that the object's label takes away from a token of lower integrity: those that neither reading nor executing needs (what the
 * policy lets it do) are for writing.  SeRelabelPrivilege keeps WRITE_OWNER.
 */
static ACCESS_MASK SepMandatoryDenied(PSECURITY_DESCRIPTOR Descriptor, PTOKEN Token, const GENERIC_MAPPING *Mapping)
{
    ULONG ObjectLevel = SECURITY_MANDATORY_MEDIUM_RID;
    ACCESS_MASK Policy = SYSTEM_MANDATORY_LABEL_NO_WRITE_UP;
    SYSTEM_MANDATORY_LABEL_ACE *Label = SepLabelOf(Descriptor);
    ACCESS_MASK Allowed = 0;

    if (Label != NULL) {
        ObjectLevel = SepIntegrityLevel(&Label->SidStart);
        Policy = Label->Mask;
    }
    if (Token->IntegritySid == NULL || SepIntegrityLevel(Token->IntegritySid) >= ObjectLevel)
        return 0;
    if (!(Policy & SYSTEM_MANDATORY_LABEL_NO_WRITE_UP && Token->MandatoryPolicy & TOKEN_MANDATORY_POLICY_NO_WRITE_UP))
        Allowed |= ~((Mapping->GenericRead | Mapping->GenericExecute) & ~Mapping->GenericWrite);
    if (!(Policy & SYSTEM_MANDATORY_LABEL_NO_READ_UP))
        Allowed |= Mapping->GenericRead;
    if (!(Policy & SYSTEM_MANDATORY_LABEL_NO_EXECUTE_UP))
        Allowed |= Mapping->GenericExecute;
    if (SepPrivilegeEnabled(Token, SE_RELABEL_PRIVILEGE))
        Allowed |= WRITE_OWNER;
    return ~Allowed;
}

/* Rights that privileges give or that need one.  STATUS_PRIVILEGE_NOT_HELD. */
static NTSTATUS SepCheckPrivileges(PTOKEN Token, PACCESS_MASK Remaining, PACCESS_MASK Granted, PULONG Used)
{
    if (*Remaining & ACCESS_SYSTEM_SECURITY) {
        if (!SepPrivilegeEnabled(Token, SE_SECURITY_PRIVILEGE))
            return STATUS_PRIVILEGE_NOT_HELD;
        *Used |= SEP_USED_SECURITY_PRIVILEGE;
        *Granted |= ACCESS_SYSTEM_SECURITY;
        *Remaining &= ~ACCESS_SYSTEM_SECURITY;
    }
    return STATUS_SUCCESS;
}

/* What the DACL grants of each part. */
static VOID SepCheckDacl(PSEP_PASS Pass, PACL Dacl)
{
    const SEP_TYPES *Types = Pass->Types;

    SepRunPass(Pass, Dacl);
    for (ULONG i = 0; i < Types->Count; i++)
        Types->Nodes[i].Granted = Types->Nodes[i].Allowed;
    if (Pass->Token->RestrictedSidCount == 0)
        return;
    for (ULONG i = 0; i < Types->Count; i++)
        Types->Nodes[i].Allowed = Types->Nodes[i].Denied = 0;
    Pass->Restricted = TRUE;
    SepRunPass(Pass, Dacl);
    for (ULONG i = 0; i < Types->Count; i++)
        Types->Nodes[i].Granted &= Types->Nodes[i].Allowed | ~SepRestrictedRights(Pass->Token, Pass->Mapping);
}

NTSTATUS SepAccessCheckByType(PSECURITY_DESCRIPTOR Descriptor, PTOKEN Token, ACCESS_MASK Desired,
        const GENERIC_MAPPING *Mapping, ACCESS_MASK Previously, const SEP_TYPES *Types, PACCESS_MASK Granted,
        PULONG PrivilegesUsed)
{
    SEP_TYPE_NODE Alone = { 0 };
    SEP_TYPES Single = { &Alone, 1, Types->Self };
    SEP_PASS Pass = { .Token = Token, .Mapping = Mapping, .Maximum = (Desired & MAXIMUM_ALLOWED) != 0,
                      .ByType = Types->Count != 0, .Types = Types->Count != 0 ? Types : &Single };
    PSEP_TYPE_NODE Nodes = Pass.Types->Nodes;
    ACCESS_MASK FromPrivileges = Previously, MandatoryDenied;
    BOOLEAN Present, Defaulted;
    PACL Dacl = NULL;
    NTSTATUS Status;

    *Granted = 0;
    *PrivilegesUsed = 0;
    Pass.Wanted = Desired & ~MAXIMUM_ALLOWED;
    RtlMapGenericMask(&Pass.Wanted, Mapping);
    Pass.Wanted &= ~Previously;
    Status = SepCheckPrivileges(Token, &Pass.Wanted, &FromPrivileges, PrivilegesUsed);
    if (!NT_SUCCESS(Status))
        return Status;
    MandatoryDenied = SepMandatoryDenied(Descriptor, Token, Mapping);
    RtlGetOwnerSecurityDescriptor(Descriptor, &Pass.Owner, &Defaulted);
    RtlGetSaclSecurityDescriptor(Descriptor, &Present, &Pass.Sacl, &Defaulted);
    RtlGetDaclSecurityDescriptor(Descriptor, &Present, &Dacl, &Defaulted);
    if (Present && Dacl != NULL)
        SepCheckDacl(&Pass, Dacl);
    else
        for (ULONG i = 0; i < Pass.Types->Count; i++)
            Nodes[i].Granted = Pass.Maximum ? Mapping->GenericAll | Pass.Wanted : Pass.Wanted;
    if (Pass.Wanted & WRITE_OWNER & ~Nodes[0].Granted & ~MandatoryDenied && SepPrivilegeEnabled(Token, SE_TAKE_OWNERSHIP_PRIVILEGE)) {
        *PrivilegesUsed |= SEP_USED_TAKE_OWNERSHIP;
        FromPrivileges |= WRITE_OWNER;
    }
    for (ULONG i = 0; i < Pass.Types->Count; i++)
        Nodes[i].Granted = (Nodes[i].Granted & ~MandatoryDenied & (Pass.Maximum ? ~(ACCESS_MASK)0 : Pass.Wanted)) | FromPrivileges;
    if (Pass.Wanted & ~Nodes[0].Granted || (Pass.Maximum && Nodes[0].Granted == 0))
        return STATUS_ACCESS_DENIED;
    *Granted = Nodes[0].Granted;
    return STATUS_SUCCESS;
}

NTSTATUS SepAccessCheck(PSECURITY_DESCRIPTOR Descriptor, PTOKEN Token, ACCESS_MASK Desired,
        const GENERIC_MAPPING *Mapping, ACCESS_MASK Previously, PACCESS_MASK Granted, PULONG PrivilegesUsed)
{
    static const SEP_TYPES None;

    return SepAccessCheckByType(Descriptor, Token, Desired, Mapping, Previously, &None, Granted, PrivilegesUsed);
}

PTOKEN SepActingToken(const SECURITY_SUBJECT_CONTEXT *Subject)
{
    if (Subject->ClientToken == NULL)
        return Subject->PrimaryToken;
    return Subject->ImpersonationLevel >= SecurityImpersonation ? Subject->ClientToken : NULL;
}

BOOLEAN SeAccessCheck(PSECURITY_DESCRIPTOR SecurityDescriptor, PSECURITY_SUBJECT_CONTEXT SubjectSecurityContext,
        BOOLEAN SubjectContextLocked, ACCESS_MASK DesiredAccess, ACCESS_MASK PreviouslyGrantedAccess,
        PPRIVILEGE_SET *Privileges, PGENERIC_MAPPING GenericMapping, KPROCESSOR_MODE AccessMode,
        PACCESS_MASK GrantedAccess, PNTSTATUS AccessStatus)
{
    PTOKEN Token = SepActingToken(SubjectSecurityContext);
    ULONG Used;

    if (Privileges != NULL)
        *Privileges = NULL;
    if (AccessMode == KernelMode || SecurityDescriptor == NULL) {
        if (DesiredAccess & MAXIMUM_ALLOWED)
            DesiredAccess = (DesiredAccess & ~MAXIMUM_ALLOWED) | GENERIC_ALL;
        RtlMapGenericMask(&DesiredAccess, GenericMapping);
        *GrantedAccess = DesiredAccess | PreviouslyGrantedAccess;
        *AccessStatus = STATUS_SUCCESS;
        return TRUE;
    }
    if (Token == NULL) {
        *GrantedAccess = 0;
        *AccessStatus = STATUS_BAD_IMPERSONATION_LEVEL;
        return FALSE;
    }
    *AccessStatus = SepAccessCheck(SecurityDescriptor, Token, DesiredAccess, GenericMapping, PreviouslyGrantedAccess,
                                   GrantedAccess, &Used);
    return NT_SUCCESS(*AccessStatus);
}

NTSTATUS SeCheckAccess(PSECURITY_DESCRIPTOR SecurityDescriptor, ACCESS_MASK DesiredAccess,
        PGENERIC_MAPPING GenericMapping, KPROCESSOR_MODE AccessMode, PACCESS_MASK GrantedAccess)
{
    SECURITY_SUBJECT_CONTEXT Subject;
    NTSTATUS Status;

    SeCaptureSubjectContext(&Subject);
    SeAccessCheck(SecurityDescriptor, &Subject, FALSE, DesiredAccess, 0, NULL, GenericMapping, AccessMode,
                  GrantedAccess, &Status);
    SeReleaseSubjectContext(&Subject);
    return Status;
}

BOOLEAN SeSinglePrivilegeCheck(LUID PrivilegeValue, KPROCESSOR_MODE PreviousMode)
{
    SECURITY_SUBJECT_CONTEXT Subject;
    PTOKEN Token;
    BOOLEAN Held;

    if (PreviousMode == KernelMode)
        return TRUE;
    SeCaptureSubjectContext(&Subject);
    Token = SepActingToken(&Subject);
    Held = Token != NULL && SepPrivilegeEnabled(Token, PrivilegeValue.LowPart);
    SeReleaseSubjectContext(&Subject);
    return Held;
}

BOOLEAN SeActsAsSid(PSID Sid)
{
    SECURITY_SUBJECT_CONTEXT Subject;
    PTOKEN Token;
    BOOLEAN ActsAs;

    SeCaptureSubjectContext(&Subject);
    Token = SepActingToken(&Subject);
    ActsAs = Token != NULL && SepSidInToken(Token, Sid, FALSE);
    if (ActsAs && Token->RestrictedSidCount != 0 && !Token->WriteRestricted)
        ActsAs = SepSidInList(Token->RestrictedSids, Token->RestrictedSidCount, Sid, 0);
    SeReleaseSubjectContext(&Subject);
    return ActsAs;
}

BOOLEAN SeHasIntegrity(PSID Label)
{
    SECURITY_SUBJECT_CONTEXT Subject;
    PTOKEN Token;
    BOOLEAN High;

    if (!SepIsLabel(Label))
        return FALSE;
    SeCaptureSubjectContext(&Subject);
    Token = SepActingToken(&Subject);
    High = Token != NULL && Token->IntegritySid != NULL &&
           SepIntegrityLevel(Token->IntegritySid) >= SepIntegrityLevel(Label);
    SeReleaseSubjectContext(&Subject);
    return High;
}
