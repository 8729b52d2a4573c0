/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Private to ntos/se: the token's body.
 */
#pragma once

#include "ntos/inc/se.h"
#include "ntos/inc/ex.h"
#include "ntos/inc/ke.h"
#include "ntos/inc/mm.h"
#include "ntos/inc/ps.h"
#include "rtl.h"

#define SE_TAG_TOKEN 'ekoT'
#define SE_TAG_DESCRIPTOR 'dSeS'

#define SEP_MAXIMUM_GROUPS 1024
#define SEP_MAXIMUM_PRIVILEGES 64

/*
 * UserAndGroups[0] is the user.  All SIDs and the ACL lie in Variable, one pool block; PrimaryGroup and the owner are
 * entries of UserAndGroups.  RestrictedSids has a block of its own kind in Variable too.
 */
struct _TOKEN {
    TOKEN_SOURCE TokenSource;
    LUID TokenId;
    LUID AuthenticationId;
    LUID ParentTokenId;
    LUID ModifiedId;
    LUID OriginatingLogonSession;
    LARGE_INTEGER ExpirationTime;
    TOKEN_TYPE TokenType;
    SECURITY_IMPERSONATION_LEVEL ImpersonationLevel;
    ULONG SessionId;
    ULONG UserAndGroupCount;
    ULONG RestrictedSidCount;
    ULONG PrivilegeCount;
    ULONG VariableLength;
    ULONG DefaultOwnerIndex;
    ULONG PrimaryGroupIndex;
    TOKEN_ELEVATION_TYPE ElevationType;
    BOOLEAN UIAccess;
    BOOLEAN SandBoxInert;
    BOOLEAN WriteRestricted;            /* the restricted SIDs count for writing only */
    ULONG MandatoryPolicy;              /* TOKEN_MANDATORY_POLICY_... */
    PSID IntegritySid;                  /* static, or IntegritySpace */
    ULONG IntegritySpace[3];            /* a SID of one sub-authority */
    PACL DefaultDacl;                   /* pool block of its own, or NULL */
    PSECURITY_DESCRIPTOR DefaultDescriptor;     /* what the token's owner, group and DACL make; NULL: not asked for yet */
    PSECURITY_DESCRIPTOR LabelledDescriptor;    /* that with the token's label (SeLabelForToken); NULL: not asked for yet */
    PSID_AND_ATTRIBUTES UserAndGroups;  /* pool; the SIDs follow in the block */
    PSID_AND_ATTRIBUTES RestrictedSids; /* inside the same block */
    LUID_AND_ATTRIBUTES Privileges[SEP_MAXIMUM_PRIVILEGES];
};

NTSTATUS SepInitSids(VOID);
/* The token changes or goes: what it gives to new objects is made anew. */
VOID SepForgetDescriptors(PTOKEN Token);

/* What a new token consists of; all pointers are of ntos and copied. */
typedef struct _SEP_TOKEN_SPEC {
    TOKEN_TYPE Type;
    SECURITY_IMPERSONATION_LEVEL Level;
    const SID_AND_ATTRIBUTES *Groups;   /* [0] = user */
    ULONG GroupCount;
    const SID_AND_ATTRIBUTES *RestrictedSids;
    ULONG RestrictedSidCount;
    const LUID_AND_ATTRIBUTES *Privileges;
    ULONG PrivilegeCount;
    ULONG OwnerIndex;
    ULONG PrimaryGroupIndex;
    PACL DefaultDacl;
    PSID IntegritySid;
    LUID AuthenticationId;
    const CHAR *SourceName;             /* 8 characters */
} SEP_TOKEN_SPEC, *PSEP_TOKEN_SPEC;

/* A token object that is not inserted.  Attributes as ObCreateObject. */
NTSTATUS SepCreateToken(const SEP_TOKEN_SPEC *Spec, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes, PTOKEN *Token);
/* What a copy has otherwise than its original; RestrictedSidCount 0: the original's. */
typedef struct _SEP_TOKEN_CHANGES {
    TOKEN_TYPE Type;
    SECURITY_IMPERSONATION_LEVEL Level;
    const SID_AND_ATTRIBUTES *RestrictedSids;
    ULONG RestrictedSidCount;
} SEP_TOKEN_CHANGES;

/* A copy with ids of its own, not inserted.  Attributes as ObCreateObject. */
NTSTATUS SepCopyToken(PTOKEN Token, const SEP_TOKEN_CHANGES *Changes, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes,
        PTOKEN *NewToken);
/* A copy for the same holder: with the original's parent and state, and a descriptor. */
NTSTATUS SepDuplicateToken(PTOKEN Token, KPROCESSOR_MODE Mode, POBJECT_ATTRIBUTES Attributes, BOOLEAN EffectiveOnly,
        TOKEN_TYPE Type, SECURITY_IMPERSONATION_LEVEL Level, PTOKEN *NewToken);
/* The impersonation level that the attributes of a program ask for; not Given: SecurityAnonymous, for want of a word. */
NTSTATUS SepCaptureLevel(POBJECT_ATTRIBUTES ObjectAttributes, PSECURITY_IMPERSONATION_LEVEL Level, PBOOLEAN Given);
/* Token by handle; -4, -5, -6 (process, thread, effective) are accepted. */
NTSTATUS SepReferenceToken(HANDLE Handle, ACCESS_MASK Access, PTOKEN *Token);

/* The level at which a thread with this token acts; a primary token stands for its user. */
static inline SECURITY_IMPERSONATION_LEVEL SepTokenLevel(PTOKEN Token)
{
    return Token->TokenType == TokenPrimary ? SecurityImpersonation : Token->ImpersonationLevel;
}

/* Is Sid (enabled, or deny-only for deny ACEs) in the token? */
BOOLEAN SepSidInToken(PTOKEN Token, PSID Sid, BOOLEAN ForDeny);
/* Does it count for who has the token; Restricted: by its restricted SIDs? */
BOOLEAN SepSidCounts(PTOKEN Token, BOOLEAN Restricted, PSID Sid, BOOLEAN ForDeny);
PLUID_AND_ATTRIBUTES SepFindPrivilege(PTOKEN Token, LUID Luid);
BOOLEAN SepPrivilegeEnabled(PTOKEN Token, ULONG LowPart);
/* The token that the subject acts with; NULL: it stands for a client whom it may identify only, and so has no rights. */
PTOKEN SepActingToken(const SECURITY_SUBJECT_CONTEXT *Subject);

/* The token that says who the subject is, whatever it may do as that. */
static inline PTOKEN SepSubjectToken(const SECURITY_SUBJECT_CONTEXT *Subject)
{
    return Subject->ClientToken != NULL ? Subject->ClientToken : Subject->PrimaryToken;
}

/* Is it a mandatory label SID's authority? */
BOOLEAN SepIsLabel(PSID Sid);
/* A label that a token may have: S-1-16-n. */
BOOLEAN SepIsLevel(PSID Sid);
/* The token's level becomes that of Sid, which is copied, and its label among the groups follows; a level or NULL. */
VOID SepSetLevel(PTOKEN Token, PSID Sid);
/* Level of a mandatory label SID (S-1-16-n), 0 for another. */
ULONG SepIntegrityLevel(PSID Sid);

/*
 * The algorithm: Descriptor is self-relative or absolute, checked.  Privileges used are reported as a mask of
 * two bits.
 */
#define SEP_USED_SECURITY_PRIVILEGE 1
#define SEP_USED_TAKE_OWNERSHIP 2
NTSTATUS SepAccessCheck(PSECURITY_DESCRIPTOR Descriptor, PTOKEN Token, ACCESS_MASK Desired,
        const GENERIC_MAPPING *Mapping, ACCESS_MASK Previously, PACCESS_MASK Granted, PULONG PrivilegesUsed);

/* The ACE's SID; NULL where it has none.  RtlValidAcl has not looked at those of ACEs for object types. */
PSID SepSidOfAce(PACE_HEADER Header);
/* The type of an ACE for an object type; NULL: for all. */
const GUID *SepTypeOfAce(PACE_HEADER Header);

/* --- condition.c --- */

typedef enum _SEP_TRUTH { SepFalse, SepTrue, SepUnknown, SepError } SEP_TRUTH;

/* Whom a condition is about. */
typedef struct _SEP_CONDITION {
    PTOKEN Token;
    BOOLEAN Restricted;                 /* only the restricted SIDs count */
    BOOLEAN ForDeny;
    PACL Sacl;                          /* with the attributes of the object, or NULL */
} SEP_CONDITION;

/* Does the condition hold?  Data: what follows `artx'.  Never SepError. */
SEP_TRUTH SepEvaluate(const SEP_CONDITION *Condition, const UCHAR *Data, ULONG Length);

/* --- typelist.c --- */

#define SEP_MAXIMUM_TYPES 1024

typedef struct _SEP_TYPE_NODE {
    GUID Type;
    USHORT Level;                       /* at most one more than that of the node before; 0: the object */
    ACCESS_MASK Allowed, Denied;        /* so far */
    ACCESS_MASK Granted;                /* by the check, of what was desired */
} SEP_TYPE_NODE, *PSEP_TYPE_NODE;

typedef struct _SEP_TYPES {
    PSEP_TYPE_NODE Nodes;
    ULONG Count;                        /* 0: nobody asks by type */
    PSID Self;                          /* whom S-1-5-10 stands for; NULL: nobody */
} SEP_TYPES, *PSEP_TYPES;

/* A program's list, of which no node was allowed anything.  STATUS_INVALID_PARAMETER: no tree, or too many. */
NTSTATUS SepCaptureTypes(POBJECT_TYPE_LIST User, ULONG Count, PSID Self, PSEP_TYPES Types);
VOID SepFreeTypes(PSEP_TYPES Types);
/* The first node of that type. */
BOOLEAN SepFindType(const SEP_TYPES *Types, const GUID *Type, PULONG Part);
/* An ACE for that part, allowing and denying. */
VOID SepAllowType(const SEP_TYPES *Types, ULONG Part, ACCESS_MASK Mask);
VOID SepDenyType(const SEP_TYPES *Types, ULONG Part, ACCESS_MASK Mask);

/* The check for an object of parts, whose nodes say afterwards what is granted of each; the answer is the object's. */
NTSTATUS SepAccessCheckByType(PSECURITY_DESCRIPTOR Descriptor, PTOKEN Token, ACCESS_MASK Desired,
        const GENERIC_MAPPING *Mapping, ACCESS_MASK Previously, const SEP_TYPES *Types, PACCESS_MASK Granted,
        PULONG PrivilegesUsed);

/* --- check.c --- */

/* A check that a program asks for. */
typedef struct _SEP_CHECK {
    /* of the program */
    PSECURITY_DESCRIPTOR UserDescriptor;
    PSID UserSelf;
    POBJECT_TYPE_LIST UserTypes;
    ULONG TypeCount;
    BOOLEAN ResultList;                 /* an answer for each type */
    ACCESS_MASK Desired;
    PGENERIC_MAPPING UserMapping;
    PULONG UserGranted;
    NTSTATUS *UserStatus;
    /* captured */
    PTOKEN Token;                       /* referenced, or NULL */
    PSECURITY_DESCRIPTOR Descriptor;
    GENERIC_MAPPING Mapping;
    SEP_TYPES Types;
    /* the answer */
    NTSTATUS Result;
    ACCESS_MASK Granted;
    ULONG PrivilegesUsed;
} SEP_CHECK, *PSEP_CHECK;

/* Whether the client may be checked: an impersonation token for identification at least. */
NTSTATUS SepIsClient(PTOKEN Token);
/* Everything but descriptor and types, which need the token to be there. */
NTSTATUS SepBeginCheck(PSEP_CHECK Check);
/* Checks, and leaves the answer in Check; Token is there. */
NTSTATUS SepRunCheck(PSEP_CHECK Check);
/* For the part of that number: whether all that is desired was granted. */
NTSTATUS SepResultOfPart(const SEP_CHECK *Check, ULONG Part);
/* Writes the answer for the program. */
NTSTATUS SepReturnCheck(const SEP_CHECK *Check);
/* What was captured goes. */
VOID SepEndCheck(PSEP_CHECK Check);

/* User TOKEN_PRIVILEGES -> Entries[SEP_MAXIMUM_PRIVILEGES]. */
NTSTATUS SepCapturePrivileges(PTOKEN_PRIVILEGES User, PLUID_AND_ATTRIBUTES Entries, PULONG Count);
/* A PRIVILEGE_SET of a program, captured. */
typedef struct _SEP_PRIVILEGE_SET {
    ULONG Count, Control;
    LUID_AND_ATTRIBUTES Privilege[SEP_MAXIMUM_PRIVILEGES];
} SEP_PRIVILEGE_SET, *PSEP_PRIVILEGE_SET;

/* STATUS_INVALID_PARAMETER: too many. */
NTSTATUS SepCapturePrivilegeSet(PPRIVILEGE_SET User, PSEP_PRIVILEGE_SET Set);
/* A program's SID in pool.  STATUS_INVALID_SID. */
NTSTATUS SepCaptureOneSid(PVOID UserSid, PSID *Sid);
#define SEP_MAXIMUM_CLAIMS 64

/* Names of claims, which no token has, can be read.  STATUS_INVALID_PARAMETER: too many. */
NTSTATUS SepProbeNames(PUNICODE_STRING Names, ULONG Count);
/* User TOKEN_GROUPS -> pool list of pool SIDs, freed by SepFreeSids; User may be NULL. */
NTSTATUS SepCaptureGroups(PTOKEN_GROUPS User, PSID_AND_ATTRIBUTES *List, PULONG Count);
VOID SepFreeSids(PSID_AND_ATTRIBUTES List, ULONG Count);

/* A checked copy in pool (SE_TAG_TOKEN); NULL for NULL.  STATUS_INVALID_ACL. */
NTSTATUS SepCaptureAcl(KPROCESSOR_MODE Mode, const void *From, PACL *Acl);

/* --- descriptor.c --- */

/* Before each captured descriptor. */
typedef struct _SEP_COUNT {
    ULONG64 References;
    struct _SEP_COUNT *Source;          /* what it was inherited from, referenced, or NULL */
    struct _SEP_COUNT *Derived[2];      /* what was last inherited from it, by what is no container and by containers; not referenced */
    const GENERIC_MAPPING *Mapping;     /* with which it was inherited */
} SEP_COUNT, *PSEP_COUNT;

static inline PSEP_COUNT SepCountOf(PSECURITY_DESCRIPTOR Captured)
{
    return (PSEP_COUNT)Captured - 1;
}

typedef struct _SEP_PARTS {
    SECURITY_DESCRIPTOR_CONTROL Control;
    PSID Owner, Group;
    PACL Sacl, Dacl;                    /* or NULL */
} SEP_PARTS, *PSEP_PARTS;

/* The parts where they lie; none of NULL. */
VOID SepViewParts(PSECURITY_DESCRIPTOR Descriptor, PSEP_PARTS Parts);
/* A new descriptor of copies, with one reference. */
NTSTATUS SepBuild(const SEP_PARTS *Parts, PSECURITY_DESCRIPTOR *Result);

/* --- sacl.c --- */

/* The label that counts: the first one; NULL: none, or no list. */
SYSTEM_MANDATORY_LABEL_ACE *SepFindLabel(PACL Sacl);
/* The same of a descriptor. */
SYSTEM_MANDATORY_LABEL_ACE *SepLabelOf(PSECURITY_DESCRIPTOR Descriptor);
/* At least one label, and nothing else. */
BOOLEAN SepHasOnlyLabels(PACL Sacl);
/* A list in pool (SE_TAG_TOKEN) with the parts that Information names of New, the others of Old; either may be NULL, and so may the result. */
NTSTATUS SepJoinSacl(PACL Old, PACL New, SECURITY_INFORMATION Information, PACL *Joined);

/* --- assign.c --- */

/*
 * May a program with this token (NULL: without any right) give an object the owner and the label of Descriptor, as far as Information
 * names them?  STATUS_INVALID_OWNER: neither its user nor a group that can own, and no SeRestorePrivilege; STATUS_INVALID_LABEL: no
 * label, or above its own without SeRelabelPrivilege.
 */
NTSTATUS SepCheckAssignment(PTOKEN Token, PSECURITY_DESCRIPTOR Descriptor, SECURITY_INFORMATION Information);
