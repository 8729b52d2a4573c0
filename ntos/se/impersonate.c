/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Threads that act for somebody else: NtImpersonateAnonymousToken, NtImpersonateThread, clients of servers, tokens that
 * a program gives (NtSetInformationThread, in ps).  The thread holds one reference on its token; SeCaptureSubjectContext
 * reads it.  Nothing here waits.
 */
#include "ntos/se/sep.h"

/* Consumes the reference on Token. */
static VOID SepSetThreadToken(PETHREAD Thread, PTOKEN Token)
{
    PVOID Old = Thread->ImpersonationToken;

    Thread->ImpersonationToken = Token;
    if (Old != NULL)
        ObDereferenceObject(Old);
}

/*
 * The level at which the process may act with Source: as another user, out of a restricted token, or at a higher level of integrity,
 * only with SeImpersonatePrivilege more than identification (Windows, ImpersonateLoggedOnUser).
 */
static SECURITY_IMPERSONATION_LEVEL SepAllowedLevel(PEPROCESS Process, PTOKEN Source, SECURITY_IMPERSONATION_LEVEL Level)
{
    PTOKEN Own = Process->Token;

    if (Level <= SecurityIdentification || Own == NULL || SepPrivilegeEnabled(Own, SE_IMPERSONATE_PRIVILEGE))
        return Level;
    return RtlEqualSid(Own->UserAndGroups[0].Sid, Source->UserAndGroups[0].Sid) &&
           (Own->RestrictedSidCount == 0 || Source->RestrictedSidCount != 0) &&
           SepIntegrityLevel(Source->IntegritySid) <= SepIntegrityLevel(Own->IntegritySid) ? Level : SecurityIdentification;
}

/* Nobody: the anonymous logon, without groups and privileges, of whom nothing is believed. */
static NTSTATUS SepCreateAnonymousToken(PTOKEN *Token)
{
    SID_AND_ATTRIBUTES Groups[] = {
        { SeExports.AnonymousLogonSid, 0 },
    };
    SEP_TOKEN_SPEC Spec = {
        .Type = TokenImpersonation,
        .Level = SecurityImpersonation,
        .Groups = Groups,
        .GroupCount = RTL_NUMBER_OF(Groups),
        .IntegritySid = SeExports.UntrustedMandatorySid,
        .AuthenticationId = ANONYMOUS_LOGON_LUID,
        .SourceName = "ANONYMOU",
    };

    return SepCreateToken(&Spec, KernelMode, NULL, Token);
}

/* A restricted process would leave its restrictions that way.  Source: Microsoft, "ImpersonateAnonymousToken". */
NTSTATUS NTAPI NtImpersonateAnonymousToken(HANDLE ThreadHandle)
{
    PTOKEN Own = PsGetCurrentProcess()->Token;
    PETHREAD Thread;
    PTOKEN Token;
    NTSTATUS Status;

    Status = ObReferenceObjectByHandle(ThreadHandle, THREAD_IMPERSONATE, PsThreadType, UserMode, (PVOID *)&Thread,
                                       NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = Own->RestrictedSidCount != 0 ? STATUS_ACCESS_DENIED : SepCreateAnonymousToken(&Token);
    if (NT_SUCCESS(Status))
        SepSetThreadToken(Thread, Token);
    ObDereferenceObject(Thread);
    return Status;
}

/* A copy of what Client acts as, at Level; never at more than it has itself. */
static NTSTATUS SepCopyClientToken(PETHREAD Client, SECURITY_IMPERSONATION_LEVEL Level, BOOLEAN EffectiveOnly,
        PTOKEN *Token)
{
    PEPROCESS Process = (PEPROCESS)Client->Tcb.OwningProcess;
    PTOKEN Source = Client->ImpersonationToken != NULL ? Client->ImpersonationToken : Process->Token;

    if (Source == NULL)
        return STATUS_THREAD_IS_TERMINATING;
    if (Source->TokenType == TokenImpersonation && Level > Source->ImpersonationLevel)
        return STATUS_BAD_IMPERSONATION_LEVEL;
    return SepDuplicateToken(Source, KernelMode, NULL, EffectiveOnly, TokenImpersonation, Level, Token);
}

PACCESS_TOKEN SeReferenceClient(const SECURITY_QUALITY_OF_SERVICE *Qos, SECURITY_IMPERSONATION_LEVEL *Level)
{
    SECURITY_SUBJECT_CONTEXT Subject;
    PTOKEN Client;

    SeCaptureSubjectContext(&Subject);
    Client = SepSubjectToken(&Subject);
    ObReferenceObject(Client);
    SeReleaseSubjectContext(&Subject);
    *Level = Qos != NULL && (ULONG)Qos->ImpersonationLevel <= SecurityDelegation ? Qos->ImpersonationLevel :
             SecurityImpersonation;
    if (Client->TokenType == TokenImpersonation && *Level > Client->ImpersonationLevel)
        *Level = Client->ImpersonationLevel;
    return Client;
}

NTSTATUS SeImpersonateClient(PACCESS_TOKEN Client, SECURITY_IMPERSONATION_LEVEL Level)
{
    PTOKEN Source = Client;
    PTOKEN Copy;
    NTSTATUS Status;

    Level = SepAllowedLevel((PEPROCESS)KeGetCurrentThread()->OwningProcess, Source, Level);
    Status = SepDuplicateToken(Source, KernelMode, NULL, FALSE, TokenImpersonation, Level, &Copy);
    if (NT_SUCCESS(Status))
        SepSetThreadToken(PsGetCurrentThread(), Copy);
    return Status;
}

NTSTATUS SeAssignImpersonationToken(PETHREAD Thread, PACCESS_TOKEN Token)
{
    PTOKEN Source = Token, Copy = NULL;
    SECURITY_IMPERSONATION_LEVEL Level;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Source == NULL) {
        SepSetThreadToken(Thread, NULL);
        return STATUS_SUCCESS;
    }
    if (Source->TokenType != TokenImpersonation)
        return STATUS_BAD_TOKEN_TYPE;
    Level = SepAllowedLevel((PEPROCESS)Thread->Tcb.OwningProcess, Source, Source->ImpersonationLevel);
    if (Level == Source->ImpersonationLevel)
        ObReferenceObject(Source);
    else
        Status = SepDuplicateToken(Source, KernelMode, NULL, FALSE, TokenImpersonation, Level, &Copy);
    if (NT_SUCCESS(Status))
        SepSetThreadToken(Thread, Copy != NULL ? Copy : Source);
    return Status;
}

NTSTATUS NTAPI NtImpersonateThread(HANDLE ServerThreadHandle, HANDLE ClientThreadHandle,
        PSECURITY_QUALITY_OF_SERVICE SecurityQos)
{
    SECURITY_QUALITY_OF_SERVICE Qos;
    PETHREAD Server;
    PETHREAD Client;
    PTOKEN Token;
    NTSTATUS Status;

    Status = MmGetUser(&Qos, SecurityQos);
    if (!NT_SUCCESS(Status))
        return Status;
    if ((ULONG)Qos.ImpersonationLevel > SecurityDelegation)
        return STATUS_BAD_IMPERSONATION_LEVEL;
    Status = ObReferenceObjectByHandle(ServerThreadHandle, THREAD_IMPERSONATE, PsThreadType, UserMode,
                                       (PVOID *)&Server, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ObReferenceObjectByHandle(ClientThreadHandle, THREAD_DIRECT_IMPERSONATION, PsThreadType, UserMode,
                                       (PVOID *)&Client, NULL);
    if (NT_SUCCESS(Status)) {
        Status = SepCopyClientToken(Client, Qos.ImpersonationLevel, Qos.EffectiveOnly != 0, &Token);
        if (NT_SUCCESS(Status))
            SepSetThreadToken(Server, Token);
        ObDereferenceObject(Client);
    }
    ObDereferenceObject(Server);
    return Status;
}
