/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Audits of servers: checks of the client whom a thread impersonates, and what servers say they did themselves.
 *
 * DIFFERS: there is no security log and no audit policy.  What the SACL of a server's object asks for is a line in the log of ntos,
 * and so is each privilege that a server says was used.  Names of programs stand there without control characters and cut.
 *
 * Only a process whose own token has SeAuditPrivilege may write there; a server that does without it (AUDIT_ALLOW_NO_PRIVILEGE) has
 * its check, and no line.  Source: Microsoft, "AccessCheckAndAuditAlarm", "ObjectOpenAuditAlarm" and the others.
 */
#include "ntos/se/sep.h"
#include "ntos/inc/log.h"

#define SEP_SHOWN 64                    /* characters of a name */

/* What a line says; names are captured. */
typedef struct _SEP_AUDIT {
    UNICODE_STRING Subsystem, Type, Object;
    PVOID HandleId;
} SEP_AUDIT, *PSEP_AUDIT;

static BOOLEAN SepMayAudit(VOID)
{
    return SepPrivilegeEnabled(PsGetCurrentProcess()->Token, SE_AUDIT_PRIVILEGE);
}

static VOID SepFreeAudit(PSEP_AUDIT Audit)
{
    MmReleaseUnicodeString(&Audit->Subsystem);
    MmReleaseUnicodeString(&Audit->Type);
    MmReleaseUnicodeString(&Audit->Object);
}

/* The names that are NULL here are not asked for.  After a failure SepFreeAudit is due all the same. */
static NTSTATUS SepCaptureAudit(PSEP_AUDIT Audit, PUNICODE_STRING Subsystem, PUNICODE_STRING *Type, PUNICODE_STRING *Object)
{
    NTSTATUS Status = MmCaptureUnicodeString(Subsystem, &Audit->Subsystem);

    if (NT_SUCCESS(Status) && Type != NULL)
        Status = MmCaptureUnicodeString(*Type, &Audit->Type);
    if (NT_SUCCESS(Status) && Object != NULL)
        Status = MmCaptureUnicodeString(*Object, &Audit->Object);
    return Status;
}

/* How a captured name stands in the log. */
static PUNICODE_STRING SepShow(PUNICODE_STRING Name)
{
    Name->Length = min(Name->Length, SEP_SHOWN * sizeof(WCHAR));
    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++)
        Name->Buffer[i] = Name->Buffer[i] < ' ' || Name->Buffer[i] == 0x7f ? '?' : Name->Buffer[i];
    return Name;
}

static VOID SepLogAccess(PSEP_AUDIT Audit, PTOKEN Token, ACCESS_MASK Access, BOOLEAN Creation, BOOLEAN Granted)
{
    WCHAR Text[SEP_SHOWN];
    UNICODE_STRING Who = { 0, sizeof(Text), Text };

    RtlConvertSidToUnicodeString(&Who, SeTokenUser(Token), FALSE);
    LogPrint("audit: %wZ: %wZ %s %wZ \"%wZ\", rights %lx, handle %llx: %s", (PVOID)SepShow(&Audit->Subsystem), (PVOID)&Who,
             Creation ? "makes" : "opens", (PVOID)SepShow(&Audit->Type), (PVOID)SepShow(&Audit->Object), Access,
             (ULONG64)Audit->HandleId, Granted ? "granted" : "denied");
}

static VOID SepLogPrivileges(PSEP_AUDIT Audit, PTOKEN Token, const SEP_PRIVILEGE_SET *Set, BOOLEAN Granted)
{
    WCHAR Text[SEP_SHOWN];
    UNICODE_STRING Who = { 0, sizeof(Text), Text };
    ULONG64 Low = 0;                    /* bit n: the privilege of that number */

    for (ULONG i = 0; i < Set->Count; i++)
        Low |= Set->Privilege[i].Luid.LowPart < 64 ? 1ull << Set->Privilege[i].Luid.LowPart : 0;
    RtlConvertSidToUnicodeString(&Who, SeTokenUser(Token), FALSE);
    LogPrint("audit: %wZ: %wZ uses privileges %llx for %s \"%wZ\", handle %llx: %s", (PVOID)SepShow(&Audit->Subsystem), (PVOID)&Who, Low,
             Audit->Object.Buffer != NULL ? "the service" : "an object", (PVOID)SepShow(&Audit->Object), (ULONG64)Audit->HandleId,
             Granted ? "granted" : "denied");
}

/* --- what a SACL asks for ------------------------------------------------------------------------------------------ */

/* Whether the part of the object that an ACE is about was granted; FALSE in *Asked: it has no such part. */
static BOOLEAN SepPartGranted(const SEP_CHECK *Check, PACE_HEADER Ace, PBOOLEAN Asked)
{
    const GUID *Type = Ace->AceType == SYSTEM_AUDIT_OBJECT_ACE_TYPE ? SepTypeOfAce(Ace) : NULL;
    ULONG Part = 0;

    *Asked = Type == NULL || Check->Types.Count == 0 || SepFindType(&Check->Types, Type, &Part);
    if (!Check->ResultList || !*Asked)
        return NT_SUCCESS(Check->Result);
    if (Type != NULL)
        return NT_SUCCESS(SepResultOfPart(Check, Part));
    while (Part < Check->Types.Count && !NT_SUCCESS(SepResultOfPart(Check, Part)))
        Part++;
    return Part < Check->Types.Count;
}

static BOOLEAN SepAceAsks(const SEP_CHECK *Check, PACE_HEADER Ace)
{
    BOOLEAN IsAudit = Ace->AceType == SYSTEM_AUDIT_ACE_TYPE || Ace->AceType == SYSTEM_AUDIT_OBJECT_ACE_TYPE, Asked;
    PSID Sid = IsAudit && !(Ace->AceFlags & INHERIT_ONLY_ACE) ? SepSidOfAce(Ace) : NULL;
    ACCESS_MASK Mask;

    if (Sid == NULL)
        return FALSE;
    if (Check->Types.Self != NULL && RtlEqualSid(Sid, SeExports.PrincipalSelfSid))
        Sid = Check->Types.Self;
    if (!(Ace->AceFlags & (SepPartGranted(Check, Ace, &Asked) ? SUCCESSFUL_ACCESS_ACE_FLAG : FAILED_ACCESS_ACE_FLAG)) || !Asked)
        return FALSE;
    Mask = ((SYSTEM_AUDIT_ACE *)Ace)->Mask;
    RtlMapGenericMask(&Mask, &Check->Mapping);
    return (Mask & (Check->Granted | Check->Desired) || Check->Desired & MAXIMUM_ALLOWED) && SepSidInToken(Check->Token, Sid, TRUE);
}

static BOOLEAN SepSaclAsks(const SEP_CHECK *Check)
{
    BOOLEAN Present = FALSE, Defaulted;
    PACE_HEADER Ace;
    PACL Sacl = NULL;

    if (Check->Descriptor != NULL)
        RtlGetSaclSecurityDescriptor(Check->Descriptor, &Present, &Sacl, &Defaulted);
    for (ULONG i = 0; Present && Sacl != NULL && i < Sacl->AceCount && NT_SUCCESS(RtlGetAce(Sacl, i, (PVOID *)&Ace)); i++) {
        if (SepAceAsks(Check, Ace))
            return TRUE;
    }
    return FALSE;
}

/* --- checks -------------------------------------------------------------------------------------------------------- */

/* What the services below add to a check. */
typedef struct _SEP_AUDITED_CHECK {
    SEP_CHECK Check;
    SEP_AUDIT Audit;
    PUNICODE_STRING UserSubsystem, UserType, UserObject;
    const HANDLE *ClientToken;          /* NULL: the thread's client */
    AUDIT_EVENT_TYPE Kind;
    ULONG Flags;
    BOOLEAN Creation;
    PBOOLEAN UserGenerate;
} SEP_AUDITED_CHECK, *PSEP_AUDITED_CHECK;

static NTSTATUS SepReferenceClient(const HANDLE *Handle, PTOKEN *Token)
{
    if (Handle != NULL)
        return SepReferenceToken(*Handle, TOKEN_QUERY, Token);
    *Token = PsGetCurrentThread()->ImpersonationToken;
    if (*Token == NULL)
        return STATUS_NO_IMPERSONATION_TOKEN;
    ObReferenceObject(*Token);
    return STATUS_SUCCESS;
}

static NTSTATUS SepRunAudited(PSEP_AUDITED_CHECK Audited, BOOLEAN MayAudit)
{
    PSEP_CHECK Check = &Audited->Check;
    BOOLEAN Generate = FALSE;
    NTSTATUS Status = SepBeginCheck(Check);

    if (NT_SUCCESS(Status))
        Status = MmProbeForWrite(Audited->UserGenerate, sizeof(*Audited->UserGenerate), 1);
    if (NT_SUCCESS(Status))
        Status = SepCaptureAudit(&Audited->Audit, Audited->UserSubsystem, &Audited->UserType, &Audited->UserObject);
    if (NT_SUCCESS(Status))
        Status = SepReferenceClient(Audited->ClientToken, &Check->Token);
    if (NT_SUCCESS(Status))
        Status = SepRunCheck(Check);
    if (!NT_SUCCESS(Status))
        return Status;
    if (MayAudit && SepSaclAsks(Check)) {
        Generate = NT_SUCCESS(Check->Result);
        SepLogAccess(&Audited->Audit, Check->Token, Generate ? Check->Granted : Check->Desired, Audited->Creation, Generate);
    }
    Status = SepReturnCheck(Check);
    return NT_SUCCESS(Status) ? MmPutUser(Audited->UserGenerate, Generate) : Status;
}

static NTSTATUS SepCheckAndAudit(PSEP_AUDITED_CHECK Audited)
{
    BOOLEAN MayAudit = SepMayAudit();
    NTSTATUS Status;

    if ((ULONG)Audited->Kind > AuditEventDirectoryServiceAccess || Audited->Flags & ~AUDIT_ALLOW_NO_PRIVILEGE)
        return STATUS_INVALID_PARAMETER;
    if (!MayAudit && !(Audited->Flags & AUDIT_ALLOW_NO_PRIVILEGE))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = SepRunAudited(Audited, MayAudit);
    SepEndCheck(&Audited->Check);
    SepFreeAudit(&Audited->Audit);
    return Status;
}

NTSTATUS NTAPI NtAccessCheckAndAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, PUNICODE_STRING ObjectTypeName,
        PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, ACCESS_MASK DesiredAccess, PGENERIC_MAPPING GenericMapping,
        BOOLEAN ObjectCreation, PULONG GrantedAccess, NTSTATUS *AccessStatus, PBOOLEAN GenerateOnClose)
{
    SEP_AUDITED_CHECK Audited = {
        .Check = { .UserDescriptor = SecurityDescriptor, .Desired = DesiredAccess, .UserMapping = GenericMapping,
                   .UserGranted = GrantedAccess, .UserStatus = AccessStatus },
        .Audit = { .HandleId = HandleId },
        .UserSubsystem = SubsystemName, .UserType = ObjectTypeName, .UserObject = ObjectName,
        .Creation = ObjectCreation, .UserGenerate = GenerateOnClose,
    };

    return SepCheckAndAudit(&Audited);
}

NTSTATUS NTAPI NtAccessCheckByTypeAndAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, PUNICODE_STRING ObjectTypeName,
        PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid, ACCESS_MASK DesiredAccess,
        AUDIT_EVENT_TYPE AuditType, ULONG Flags, POBJECT_TYPE_LIST ObjectTypeList, ULONG ObjectTypeListLength,
        PGENERIC_MAPPING GenericMapping, BOOLEAN ObjectCreation, PULONG GrantedAccess, NTSTATUS *AccessStatus, PBOOLEAN GenerateOnClose)
{
    SEP_AUDITED_CHECK Audited = {
        .Check = { .UserDescriptor = SecurityDescriptor, .UserSelf = PrincipalSelfSid, .UserTypes = ObjectTypeList,
                   .TypeCount = ObjectTypeListLength, .Desired = DesiredAccess, .UserMapping = GenericMapping,
                   .UserGranted = GrantedAccess, .UserStatus = AccessStatus },
        .Audit = { .HandleId = HandleId },
        .UserSubsystem = SubsystemName, .UserType = ObjectTypeName, .UserObject = ObjectName, .Kind = AuditType, .Flags = Flags,
        .Creation = ObjectCreation, .UserGenerate = GenerateOnClose,
    };

    return SepCheckAndAudit(&Audited);
}

static NTSTATUS SepCheckEachAndAudit(PUNICODE_STRING SubsystemName, PVOID HandleId, const HANDLE *ClientToken,
        PUNICODE_STRING ObjectTypeName, PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid,
        ACCESS_MASK DesiredAccess, AUDIT_EVENT_TYPE AuditType, ULONG Flags, POBJECT_TYPE_LIST ObjectTypeList,
        ULONG ObjectTypeListLength, PGENERIC_MAPPING GenericMapping, BOOLEAN ObjectCreation, PULONG GrantedAccess,
        NTSTATUS *AccessStatus, PBOOLEAN GenerateOnClose)
{
    SEP_AUDITED_CHECK Audited = {
        .Check = { .UserDescriptor = SecurityDescriptor, .UserSelf = PrincipalSelfSid, .UserTypes = ObjectTypeList,
                   .TypeCount = ObjectTypeListLength, .ResultList = TRUE, .Desired = DesiredAccess, .UserMapping = GenericMapping,
                   .UserGranted = GrantedAccess, .UserStatus = AccessStatus },
        .Audit = { .HandleId = HandleId }, .ClientToken = ClientToken,
        .UserSubsystem = SubsystemName, .UserType = ObjectTypeName, .UserObject = ObjectName, .Kind = AuditType, .Flags = Flags,
        .Creation = ObjectCreation, .UserGenerate = GenerateOnClose,
    };

    return SepCheckAndAudit(&Audited);
}

NTSTATUS NTAPI NtAccessCheckByTypeResultListAndAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId,
        PUNICODE_STRING ObjectTypeName, PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid,
        ACCESS_MASK DesiredAccess, AUDIT_EVENT_TYPE AuditType, ULONG Flags, POBJECT_TYPE_LIST ObjectTypeList,
        ULONG ObjectTypeListLength, PGENERIC_MAPPING GenericMapping, BOOLEAN ObjectCreation, PULONG GrantedAccess,
        NTSTATUS *AccessStatus, PBOOLEAN GenerateOnClose)
{
    return SepCheckEachAndAudit(SubsystemName, HandleId, NULL, ObjectTypeName, ObjectName, SecurityDescriptor, PrincipalSelfSid,
                                DesiredAccess, AuditType, Flags, ObjectTypeList, ObjectTypeListLength, GenericMapping,
                                ObjectCreation, GrantedAccess, AccessStatus, GenerateOnClose);
}

NTSTATUS NTAPI NtAccessCheckByTypeResultListAndAuditAlarmByHandle(PUNICODE_STRING SubsystemName, PVOID HandleId,
        HANDLE ClientToken, PUNICODE_STRING ObjectTypeName, PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor,
        PSID PrincipalSelfSid, ACCESS_MASK DesiredAccess, AUDIT_EVENT_TYPE AuditType, ULONG Flags, POBJECT_TYPE_LIST ObjectTypeList,
        ULONG ObjectTypeListLength, PGENERIC_MAPPING GenericMapping, BOOLEAN ObjectCreation, PULONG GrantedAccess,
        NTSTATUS *AccessStatus, PBOOLEAN GenerateOnClose)
{
    return SepCheckEachAndAudit(SubsystemName, HandleId, &ClientToken, ObjectTypeName, ObjectName, SecurityDescriptor, PrincipalSelfSid,
                                DesiredAccess, AuditType, Flags, ObjectTypeList, ObjectTypeListLength, GenericMapping,
                                ObjectCreation, GrantedAccess, AccessStatus, GenerateOnClose);
}

/* --- what servers did themselves ------------------------------------------------------------------------------------- */

/* A client of any type; an impersonation token for identification at least. */
static NTSTATUS SepReferenceAudited(HANDLE Handle, PTOKEN *Token)
{
    NTSTATUS Status = SepReferenceToken(Handle, TOKEN_QUERY, Token);

    if (!NT_SUCCESS(Status) || SepTokenLevel(*Token) >= SecurityIdentification)
        return Status;
    ObDereferenceObject(*Token);
    *Token = NULL;
    return STATUS_BAD_IMPERSONATION_LEVEL;
}

NTSTATUS NTAPI NtOpenObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, PUNICODE_STRING ObjectTypeName,
        PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, HANDLE ClientToken, ACCESS_MASK DesiredAccess,
        ACCESS_MASK GrantedAccess, PPRIVILEGE_SET Privileges, BOOLEAN ObjectCreation, BOOLEAN AccessGranted, PBOOLEAN GenerateOnClose)
{
    SEP_CHECK Check = { .Desired = DesiredAccess, .Granted = AccessGranted ? GrantedAccess : 0,
                        .Result = AccessGranted ? STATUS_SUCCESS : STATUS_ACCESS_DENIED };
    SEP_AUDIT Audit = { .HandleId = HandleId };
    SEP_PRIVILEGE_SET Set = { 0 };
    BOOLEAN Asked = FALSE;
    NTSTATUS Status;

    if (!SepMayAudit())
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmProbeForWrite(GenerateOnClose, sizeof(*GenerateOnClose), 1);
    if (NT_SUCCESS(Status))
        Status = SepCaptureAudit(&Audit, SubsystemName, &ObjectTypeName, &ObjectName);
    if (NT_SUCCESS(Status) && Privileges != NULL)
        Status = SepCapturePrivilegeSet(Privileges, &Set);
    if (NT_SUCCESS(Status))
        Status = SeCaptureSecurityDescriptor(SecurityDescriptor, UserMode, &Check.Descriptor);
    if (NT_SUCCESS(Status))
        Status = SepReferenceAudited(ClientToken, &Check.Token);
    if (NT_SUCCESS(Status)) {
        Asked = SepSaclAsks(&Check);
        if (Asked)
            SepLogAccess(&Audit, Check.Token, AccessGranted ? GrantedAccess : DesiredAccess, ObjectCreation, AccessGranted);
        if (Set.Count != 0 && AccessGranted)
            SepLogPrivileges(&Audit, Check.Token, &Set, TRUE);
        Status = MmPutUser(GenerateOnClose, (BOOLEAN)(Asked && AccessGranted));
    }
    SepEndCheck(&Check);
    SepFreeAudit(&Audit);
    return Status;
}

static NTSTATUS SepAuditEnd(PUNICODE_STRING SubsystemName, PVOID HandleId, BOOLEAN Generate, const char *What)
{
    SEP_AUDIT Audit = { .HandleId = HandleId };
    NTSTATUS Status;

    if (!SepMayAudit())
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = SepCaptureAudit(&Audit, SubsystemName, NULL, NULL);
    if (NT_SUCCESS(Status) && Generate)
        LogPrint("audit: %wZ: handle %llx is %s", (PVOID)SepShow(&Audit.Subsystem), (ULONG64)HandleId, What);
    SepFreeAudit(&Audit);
    return Status;
}

NTSTATUS NTAPI NtCloseObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, BOOLEAN GenerateOnClose)
{
    return SepAuditEnd(SubsystemName, HandleId, GenerateOnClose, "closed");
}

NTSTATUS NTAPI NtDeleteObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, BOOLEAN GenerateOnClose)
{
    return SepAuditEnd(SubsystemName, HandleId, GenerateOnClose, "deleted");
}

static NTSTATUS SepAuditPrivileges(PSEP_AUDIT Audit, PUNICODE_STRING Subsystem, PUNICODE_STRING *Service, HANDLE ClientToken,
        PPRIVILEGE_SET Privileges, BOOLEAN Granted)
{
    SEP_PRIVILEGE_SET Set;
    PTOKEN Token = NULL;
    NTSTATUS Status;

    if (!SepMayAudit())
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = SepCaptureAudit(Audit, Subsystem, NULL, Service);
    if (NT_SUCCESS(Status))
        Status = SepCapturePrivilegeSet(Privileges, &Set);
    if (NT_SUCCESS(Status))
        Status = SepReferenceAudited(ClientToken, &Token);
    if (NT_SUCCESS(Status)) {
        SepLogPrivileges(Audit, Token, &Set, Granted);
        ObDereferenceObject(Token);
    }
    SepFreeAudit(Audit);
    return Status;
}

NTSTATUS NTAPI NtPrivilegeObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, HANDLE ClientToken,
        ACCESS_MASK DesiredAccess, PPRIVILEGE_SET Privileges, BOOLEAN AccessGranted)
{
    SEP_AUDIT Audit = { .HandleId = HandleId };

    return SepAuditPrivileges(&Audit, SubsystemName, NULL, ClientToken, Privileges, AccessGranted);
}

NTSTATUS NTAPI NtPrivilegedServiceAuditAlarm(PUNICODE_STRING SubsystemName, PUNICODE_STRING ServiceName, HANDLE ClientToken,
        PPRIVILEGE_SET Privileges, BOOLEAN AccessGranted)
{
    SEP_AUDIT Audit = { 0 };

    return SepAuditPrivileges(&Audit, SubsystemName, &ServiceName, ClientToken, Privileges, AccessGranted);
}
