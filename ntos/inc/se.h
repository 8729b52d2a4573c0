/* SPDX-License-Identifier: BSD-2-Clause
 *
 * se: security.  Tokens (who a thread is), security descriptors (who may do what to an object) and the access check
 * that joins them.  Tokens are objects of type Token; a process holds a referenced primary token (EPROCESS.Token), a
 * thread may hold an impersonation token.
 *
 * Names and contracts are NT's.  Descriptors kept by the executive are self-relative and in pool, and were checked when
 * captured.  Nothing here waits.
 */
#pragma once

#include "nt.h"
#include "ntos/inc/mode.h"
#include "ntos/inc/ob.h"

typedef struct _TOKEN TOKEN, *PTOKEN;
typedef PVOID PACCESS_TOKEN;

typedef struct _SECURITY_SUBJECT_CONTEXT {
    PACCESS_TOKEN ClientToken;          /* impersonation token or NULL; referenced */
    SECURITY_IMPERSONATION_LEVEL ImpersonationLevel;
    PACCESS_TOKEN PrimaryToken;         /* referenced */
    PVOID ProcessAuditId;
} SECURITY_SUBJECT_CONTEXT, *PSECURITY_SUBJECT_CONTEXT;

/* One open in progress. */
struct _ACCESS_STATE {
    LUID OperationID;
    BOOLEAN SecurityEvaluated;
    ULONG Flags;
    ACCESS_MASK RemainingDesiredAccess;
    ACCESS_MASK PreviouslyGrantedAccess;
    ACCESS_MASK OriginalDesiredAccess;
    SECURITY_SUBJECT_CONTEXT SubjectSecurityContext;
    PSECURITY_DESCRIPTOR SecurityDescriptor;        /* for the object that is created; owned by the caller */
    PVOID AuxData;
};

extern POBJECT_TYPE SeTokenObjectType;
extern PACCESS_TOKEN SeSystemToken;     /* LocalSystem; of the system process and its children */
extern PACCESS_TOKEN SeUserToken;       /* an administrator with a normal user's rights, for interactive programs */

/* Well-known SIDs (pool, for ever). */
typedef struct _SE_EXPORTS {
    PSID NullSid, WorldSid, LocalSid, CreatorOwnerSid, CreatorGroupSid, OwnerRightsSid, PrincipalSelfSid;
    PSID NtAuthoritySid, InteractiveSid, ServiceSid, AnonymousLogonSid, AuthenticatedUsersSid, LocalSystemSid;
    PSID AliasAdminsSid, AliasUsersSid, AdministratorSid, LogonSid;
    PSID UntrustedMandatorySid, LowMandatorySid, MediumMandatorySid, HighMandatorySid, SystemMandatorySid;
} SE_EXPORTS;
extern SE_EXPORTS SeExports;

/* Type, SIDs and the two tokens.  After ObInitSystem. */
NTSTATUS SeInitSystem(VOID);

/* Fills Context with the current thread's tokens, referenced; Release gives them back. */
VOID SeCaptureSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext);
VOID SeReleaseSubjectContext(PSECURITY_SUBJECT_CONTEXT SubjectContext);

NTSTATUS SeCreateAccessState(PACCESS_STATE AccessState, PVOID AuxData, ACCESS_MASK DesiredAccess,
        PGENERIC_MAPPING GenericMapping);
VOID SeDeleteAccessState(PACCESS_STATE AccessState);

/*
 * The access check.  A NULL descriptor or DACL grants everything.  With KernelMode everything is granted.
 * TRUE: *GrantedAccess holds the rights (DesiredAccess with MAXIMUM_ALLOWED and generic bits resolved, plus
 * PreviouslyGrantedAccess).  FALSE: *AccessStatus says why.
 */
BOOLEAN SeAccessCheck(PSECURITY_DESCRIPTOR SecurityDescriptor, PSECURITY_SUBJECT_CONTEXT SubjectSecurityContext,
        BOOLEAN SubjectContextLocked, ACCESS_MASK DesiredAccess, ACCESS_MASK PreviouslyGrantedAccess,
        PPRIVILEGE_SET *Privileges, PGENERIC_MAPPING GenericMapping, KPROCESSOR_MODE AccessMode,
        PACCESS_MASK GrantedAccess, PNTSTATUS AccessStatus);

/* The access check for the current thread; a NULL descriptor grants everything.  STATUS_ACCESS_DENIED and others. */
NTSTATUS SeCheckAccess(PSECURITY_DESCRIPTOR SecurityDescriptor, ACCESS_MASK DesiredAccess,
        PGENERIC_MAPPING GenericMapping, KPROCESSOR_MODE AccessMode, PACCESS_MASK GrantedAccess);

/* TRUE if the current thread acts as Sid: its user, or an enabled group of it; of a restricted token also a restricted SID. */
BOOLEAN SeActsAsSid(PSID Sid);
/* TRUE if the current thread's integrity is the label Sid's (S-1-16-...) or above. */
BOOLEAN SeHasIntegrity(PSID Label);

/* TRUE if the current thread's token has the privilege, enabled (or PreviousMode is KernelMode). */
BOOLEAN SeSinglePrivilegeCheck(LUID PrivilegeValue, KPROCESSOR_MODE PreviousMode);

/*
 * User (or ntos's own) descriptor -> checked self-relative copy in pool; *Captured NULL for NULL.  Free:
 * SeReleaseSecurityDescriptor.
 */
NTSTATUS SeCaptureSecurityDescriptor(PSECURITY_DESCRIPTOR SecurityDescriptor, KPROCESSOR_MODE Mode,
        PSECURITY_DESCRIPTOR *Captured);
/* NULL: nothing. */
VOID SeReleaseSecurityDescriptor(PSECURITY_DESCRIPTOR Captured);
/* One more holder of the same descriptor, to be released as well; NULL for NULL. */
PSECURITY_DESCRIPTOR SeReferenceSecurityDescriptor(PSECURITY_DESCRIPTOR Captured);

/*
 * Descriptors of what the system makes, owned by Administrators: everyone may read; also execute; also write and delete; even who
 * acts at a low level of integrity.  To be referenced.
 */
extern PSECURITY_DESCRIPTOR SePublicReadSd, SePublicDefaultSd, SePublicOpenSd, SeSharedObjectsSd;
/* The descriptor of an object that this token's holder makes without giving one.  Referenced.  STATUS_INSUFFICIENT_RESOURCES. */
NTSTATUS SeDescribeForToken(PACCESS_TOKEN Token, PSECURITY_DESCRIPTOR *Descriptor);
/*
 * *Descriptor, which is released, for what acts with this token: unless it has a label, the token's level, below which nobody writes or
 * reads.  STATUS_INSUFFICIENT_RESOURCES, and it is left as it was.
 */
NTSTATUS SeLabelForToken(PACCESS_TOKEN Token, PSECURITY_DESCRIPTOR *Descriptor);

/* Where a key or a file is made. */
typedef struct _SE_PARENT {
    PSECURITY_DESCRIPTOR Descriptor;    /* a captured one */
    BOOLEAN IsContainer;                /* what is made holds others */
    const GENERIC_MAPPING *Mapping;
} SE_PARENT;

/*
 * The descriptor of an object that the current thread makes.  Given (captured, or NULL) describes it; of Parent (or NULL) it inherits;
 * what it lacks of owner, group and DACL then comes from the token (newobject.c).  Referenced.  For a program (Mode):
 * STATUS_INVALID_OWNER and STATUS_INVALID_LABEL as NtSetSecurityObject; STATUS_PRIVILEGE_NOT_HELD: a SACL without
 * SeSecurityPrivilege.  STATUS_INSUFFICIENT_RESOURCES; STATUS_INVALID_ACL, STATUS_ALLOTTED_SPACE_EXCEEDED: what a list would become.
 */
NTSTATUS SeAssignSecurity(const SE_PARENT *Parent, PSECURITY_DESCRIPTOR Given, KPROCESSOR_MODE Mode, PSECURITY_DESCRIPTOR *New);
/* Whether the current thread may give an object these parts of a captured descriptor.  Errors as above. */
NTSTATUS SeCheckAssignment(PSECURITY_DESCRIPTOR Given, SECURITY_INFORMATION Information);

/* Set/query/delete of a descriptor in the object header: the security method of types that have none of their own. */
NTSTATUS SeDefaultObjectMethod(PVOID Object, SECURITY_OPERATION_CODE OperationCode,
        PSECURITY_INFORMATION SecurityInformation, PSECURITY_DESCRIPTOR SecurityDescriptor, PULONG Length);

/* The same for a descriptor that is kept elsewhere: *Kept is one of SeCaptureSecurityDescriptor's, or NULL. */
NTSTATUS SeDescriptorMethod(PSECURITY_DESCRIPTOR *Kept, const GENERIC_MAPPING *Mapping,
        SECURITY_OPERATION_CODE OperationCode, PSECURITY_INFORMATION SecurityInformation,
        PSECURITY_DESCRIPTOR SecurityDescriptor, PULONG Length);

/*
 * Servers that act for a client.  SeReferenceClient: the token that the current thread acts with, referenced, and the
 * level that Qos (NULL: impersonation) allows.  SeImpersonateClient: the current thread acts with a copy of it; without
 * SeImpersonatePrivilege, and as another user, only as far as identification.  STATUS_BAD_IMPERSONATION_LEVEL,
 * STATUS_INSUFFICIENT_RESOURCES.
 */
PACCESS_TOKEN SeReferenceClient(const SECURITY_QUALITY_OF_SERVICE *Qos, SECURITY_IMPERSONATION_LEVEL *Level);
NTSTATUS SeImpersonateClient(PACCESS_TOKEN Client, SECURITY_IMPERSONATION_LEVEL Level);
struct _ETHREAD;
/*
 * A program's token for a thread (NULL: none any more); a copy for identification where SeImpersonateClient would make
 * one.  STATUS_BAD_TOKEN_TYPE: a primary token.
 */
NTSTATUS SeAssignImpersonationToken(struct _ETHREAD *Thread, PACCESS_TOKEN Token);
/*
 * Whether the current process may give Token to a new process: a primary token (STATUS_BAD_TOKEN_TYPE) that is made
 * from its own by filtering or is of its kin, or any with SeAssignPrimaryTokenPrivilege (STATUS_PRIVILEGE_NOT_HELD).
 */
NTSTATUS SeCheckPrimaryToken(PACCESS_TOKEN Token);

VOID SeQueryTokenIds(PACCESS_TOKEN Token, PLUID TokenId, PLUID AuthenticationId, PLUID ModifiedId);
/* The user's SID; valid as long as the token is. */
PSID SeTokenUser(PACCESS_TOKEN Token);

/* The token of a new process: the parent's, copied.  Referenced result. */
NTSTATUS SeSubProcessToken(PACCESS_TOKEN ParentToken, PACCESS_TOKEN *NewToken);

static inline LUID SeMakeLuid(ULONG Low)
{
    LUID Luid = { Low, 0 };

    return Luid;
}
