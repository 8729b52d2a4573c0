/* SPDX-License-Identifier: BSD-2-Clause
 *
 * rtlfuzz: SIDs, access control lists and their entries, security descriptors of both forms.
 */
#include "rtlfuzz.h"

#define MOST_SIDS 15
#define SE_DACL_UNTRUSTED 0x0040
#define SE_SERVER_SECURITY 0x0080
#define SID_BYTES(Count) (8 + 4 * (Count))

/* --- SIDs ------------------------------------------------------------------------------------------------------------- */

typedef union _ANY_SID {
    SID Sid;
    UCHAR Bytes[SID_BYTES(MOST_SIDS)];
} ANY_SID;

static ULONG SomeSidCount(VOID)
{
    return Once(6) ? Below(MOST_SIDS + 1) : Below(6);
}

static ULONG MakeSid(ANY_SID *Any)
{
    static const SID_IDENTIFIER_AUTHORITY Authorities[] = { SECURITY_NT_AUTHORITY, SECURITY_WORLD_SID_AUTHORITY, { { 0, 0, 0xff, 0xff, 0xff, 0xff } },
        { { 0, 1, 0, 0, 0, 0 } }, { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } }, SECURITY_MANDATORY_LABEL_AUTHORITY };
    ULONG Count = SomeSidCount();

    Any->Sid.Revision = SID_REVISION;
    Any->Sid.SubAuthorityCount = (UCHAR)Count;
    Any->Sid.IdentifierAuthority = ONE_OF(Authorities);
    for (ULONG i = 0; i < Count; i++)
        ((PULONG)(Any->Bytes + 8))[i] = SomeUlong();
    return SID_BYTES(Count);
}

/* A SID at the end of what is mapped. */
static PSID SomeSid(VOID)
{
    ANY_SID Any;
    ULONG Length = MakeSid(&Any);

    TellBytes("sid", &Any, Length);
    return Input(&Any, Length);
}

/* The same, or with one sub-authority or authority changed, or one more of them. */
static PSID SomeSimilarSid(PSID Sid)
{
    ANY_SID Any;
    ULONG Length = SID_BYTES(*RtlSubAuthorityCountSid(Sid));

    if (Once(4))
        return SomeSid();
    memcpy(&Any, Sid, Length);
    if (Once(2))
        Any.Bytes[2 + Below(Length - 2)] ^= (UCHAR)(1 << Below(8));
    if (Once(4) && Any.Sid.SubAuthorityCount != 0) {
        Any.Sid.SubAuthorityCount--;
        Length -= 4;
    }
    TellBytes("sid", &Any, Length);
    return Input(&Any, Length);
}

CASE(RtlEqualSid)
{
    PSID First = SomeSid(), Second = SomeSimilarSid(First);

    Tell("equal", RtlEqualSid(First, Second));
}

/* "If one of the SIDs is not valid, the return value is undefined"; without sub-authorities there is no prefix. */
CASE(RtlEqualPrefixSid)
{
    PSID First = SomeSid(), Second = SomeSimilarSid(First);

    if (*RtlSubAuthorityCountSid(First) != 0 && *RtlSubAuthorityCountSid(Second) != 0)
        Tell("equal", RtlEqualPrefixSid(First, Second));
}

CASE(RtlValidSid)
{
    ANY_SID Any;
    ULONG Length = MakeSid(&Any);

    if (Once(3))
        Any.Sid.Revision = (UCHAR)Below(4);
    if (Once(4))
        Any.Sid.SubAuthorityCount = (UCHAR)SomeUlong();
    TellBytes("sid", &Any, Length);
    Tell("valid", RtlValidSid(&Any));
    Tell("length", RtlLengthSid(&Any));
    Tell("required", RtlLengthRequiredSid(Below(16)));
}

/* Wine takes RtlInitializeSid, RtlCopySid and RtlValidSecurityDescriptor for BOOL, and no 15 sub-authorities: no status is told of these. */
CASE(RtlInitializeSid)
{
    SID_IDENTIFIER_AUTHORITY Authority = SECURITY_NT_AUTHORITY;
    PSID Sid = Output(SID_BYTES(MOST_SIDS));
    ULONG Count = Below(MOST_SIDS), Index = Below(Count + 1);

    SomeBytes(&Authority, sizeof(Authority));
    Tell("count", Count);
    RtlInitializeSid(Sid, &Authority, (UCHAR)Count);
    TellBytes("sid", Sid, SID_BYTES(0));
    TellPlace("count", RtlSubAuthorityCountSid(Sid), Sid);
    TellPlace("authority", RtlIdentifierAuthoritySid(Sid), Sid);
    TellPlace("sub", RtlSubAuthoritySid(Sid, Index), Sid);
}

CASE(RtlCopySid)
{
    PSID Sid = SomeSid();
    ULONG Room = Below(SID_BYTES(MOST_SIDS) + 4);
    PSID Target = Output(Room);

    Tell("room", Room);
    RtlCopySid(Room, Target, Sid);
    TellBytes("copy", Target, Room);
}

/* Wine cuts the authority to 32 bits, and needs room for a zero. */
CASE(RtlConvertSidToUnicodeString)
{
    PSID Sid = SomeSid();
    const UCHAR *Authority = RtlIdentifierAuthoritySid(Sid)->Value;
    UNICODE_STRING Text = { 0 };
    USHORT Length = 0;
    NTSTATUS Status;

    if (Authority[0] != 0 || Authority[1] != 0)
        return;
    Status = RtlConvertSidToUnicodeString(&Text, Sid, TRUE);
    TellStatus(Status);
    if (NT_SUCCESS(Status)) {
        TellUnicode("text", &Text);
        Tell("maximum", Text.MaximumLength);
        Length = Text.Length;
        RtlFreeUnicodeString(&Text);
    }
    Text = OutputUnicode(Below(80) * sizeof(WCHAR));
    Tell("maximum", Text.MaximumLength);
    if (Text.MaximumLength == Length)
        return;
    TellStatus(RtlConvertSidToUnicodeString(&Text, Sid, FALSE));
    TellBytes("text", Text.Buffer, Text.MaximumLength);
}

CASE(RtlAllocateAndInitializeSid)
{
    SID_IDENTIFIER_AUTHORITY Authority = SECURITY_NT_AUTHORITY;
    ULONG Count = Below(12), Values[8];
    PSID Sid = NULL;
    NTSTATUS Status;

    for (ULONG i = 0; i < 8; i++)
        Values[i] = SomeUlong();
    Tell("count", Count);
    Status = RtlAllocateAndInitializeSid(&Authority, (UCHAR)Count, Values[0], Values[1], Values[2], Values[3], Values[4], Values[5], Values[6],
                                         Values[7], &Sid);
    TellStatus(Status);
    if (NT_SUCCESS(Status)) {
        TellBytes("sid", Sid, RtlLengthSid(Sid));
        RtlFreeSid(Sid);
    }
}

/* --- access control lists -------------------------------------------------------------------------------------------------- */

static PACL SomeNewAcl(VOID)
{
    ULONG Room = 8 + 4 * Below(60), Revision = Once(10) ? Below(6) : ACL_REVISION + 2 * Below(2);
    PACL Acl = Output(Room);
    NTSTATUS Status = RtlCreateAcl(Acl, Room, Revision);

    Tell("room", Room);
    Tell("revision", Revision);
    TellStatus(Status);
    return NT_SUCCESS(Status) ? Acl : NULL;
}

static ULONG SomeAceFlags(VOID)
{
    return Once(8) ? SomeUlong() & 0xff : Below(0x20);
}

/* Adds an entry; tells the status.  Wine has no entries for kinds of objects, and takes the flags of an audit
 * entry for BOOL. */
static VOID AddSomeAce(PACL Acl)
{
    ULONG Revision = Once(10) ? Below(6) : ACL_REVISION + 2 * Below(2), Flags = SomeAceFlags(), Mask = SomeUlong();
    PSID Sid = SomeSid();

    Tell("revision", Revision);
    switch (Below(6)) {
    case 0: TellStatus(RtlAddAccessAllowedAce(Acl, Revision, Mask, Sid)); break;
    case 1: TellStatus(RtlAddAccessDeniedAce(Acl, Revision, Mask, Sid)); break;
    case 2: TellStatus(RtlAddAccessAllowedAceEx(Acl, Revision, Flags, Mask, Sid)); break;
    case 3: TellStatus(RtlAddAccessDeniedAceEx(Acl, Revision, Flags, Mask, Sid)); break;
    case 4: TellStatus(RtlAddAuditAccessAce(Acl, Revision, Mask, Sid, TRUE, TRUE)); break;
    default: TellStatus(RtlAddAuditAccessAceEx(Acl, Revision, Flags, Mask, Sid, TRUE, TRUE));
    }
}

static VOID TellAcl(PACL Acl)
{
    Tell("count", Acl->AceCount);
    Tell("revision", Acl->AclRevision);
    TellBytes("acl", Acl, Acl->AclSize);
}

CASE(RtlAddAccessAllowedAce)
{
    PACL Acl = SomeNewAcl();

    for (ULONG Count = Acl != NULL ? Below(5) : 0; Count != 0; Count--) {
        AddSomeAce(Acl);
        TellAcl(Acl);
    }
}

CASE(RtlAddMandatoryAce)
{
    SID_IDENTIFIER_AUTHORITY Authority = SECURITY_MANDATORY_LABEL_AUTHORITY;
    PACL Acl = SomeNewAcl();
    ULONG Mask = Below(8);
    ANY_SID Label;

    if (Acl == NULL)
        return;
    RtlInitializeSid(&Label.Sid, &Authority, 1);
    *RtlSubAuthoritySid(&Label.Sid, 0) = 0x1000 * Below(5);
    TellStatus(RtlAddMandatoryAce(Acl, ACL_REVISION, SomeAceFlags(), Mask, SYSTEM_MANDATORY_LABEL_ACE_TYPE, &Label.Sid));
    TellAcl(Acl);
}

/* A list with some entries. */
static PACL SomeAcl(VOID)
{
    PACL Acl = SomeNewAcl();

    for (ULONG Count = Acl != NULL ? Below(5) : 0; Count != 0; Count--)
        AddSomeAce(Acl);
    return Acl;
}

CASE(RtlDeleteAce)
{
    PACL Acl = SomeAcl();

    if (Acl == NULL)
        return;
    for (ULONG Turn = 0; Turn < 2; Turn++) {
        ULONG Index = Below(Acl->AceCount + 2);

        Tell("index", Index);
        TellStatus(RtlDeleteAce(Acl, Index));
        TellAcl(Acl);
    }
}

CASE(RtlGetAce)
{
    PACL Acl = SomeAcl();
    ULONG Index;
    PVOID Ace = NULL;

    if (Acl == NULL)
        return;
    Index = Below(Acl->AceCount + 2);
    Tell("index", Index);
    TellStatus(RtlGetAce(Acl, Index, &Ace));
    TellPlace("ace", Ace, Acl);
    Tell("free", RtlFirstFreeAce(Acl, &Ace));
    TellPlace("ace", Ace, Acl);
}

/* Wine has other statuses for what is wrong. */
CASE(RtlQueryInformationAcl)
{
    PACL Acl = SomeAcl();
    ULONG Class = Below(4), Length = Below(16);
    NTSTATUS Status;
    PVOID Information;

    if (Acl == NULL)
        return;
    Information = Output(Length);
    Tell("class", Class);
    Status = RtlQueryInformationAcl(Acl, Information, Length, (ACL_INFORMATION_CLASS)Class);
    TellStatus(NT_SUCCESS(Status) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL);
    TellBytes("out", Information, Length);
}

/* At the end: Wine knows no other place, and has another status for a list that is full. */
CASE(RtlAddAce)
{
    PACL Acl = SomeAcl(), Source = SomeAcl();
    ULONG Revision = Once(10) ? Below(6) : ACL_REVISION + 2 * Below(2), Length;
    PVOID First = NULL, End = NULL;
    NTSTATUS Status;

    if (Acl == NULL || Source == NULL || Source->AceCount == 0 || !RtlFirstFreeAce(Source, &End) || End == NULL)
        return;
    RtlGetAce(Source, 0, &First);
    Length = (ULONG)((PUCHAR)End - (PUCHAR)First);
    Tell("revision", Revision);
    Status = RtlAddAce(Acl, Revision, MAXDWORD, First, Length);
    TellStatus(NT_SUCCESS(Status) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL);
    TellAcl(Acl);
}

/* The header: Wine takes sizes that are no multiple of 4, and looks at no entry. */
CASE(RtlValidAcl)
{
    PACL Acl = SomeAcl();

    if (Acl == NULL)
        return;
    if (Once(3))
        Acl->AclSize = (USHORT)(4 * Below(Acl->AclSize / 4 + 1));
    if (Once(4))
        Acl->AclRevision = (UCHAR)Below(7);
    TellBytes("acl", Acl, Acl->AclSize);
    Tell("valid", RtlValidAcl(Acl));
}

/* --- descriptors ------------------------------------------------------------------------------------------------------------ */

typedef struct _PARTS {
    PSID Owner;
    PSID Group;
    PACL Dacl;
    PACL Sacl;
} PARTS;

/* An absolute descriptor and its parts.  Bits that are set are bits of interest, and documented ones: Wine takes others. */
static VOID MakeDescriptor(PSECURITY_DESCRIPTOR Descriptor, PARTS *Parts)
{
    ULONG Interest = (Once(2) ? SomeUlong() : SomeUlong() & 0x3f00) & ~(ULONG)(SE_DACL_UNTRUSTED | SE_SERVER_SECURITY);

    memset(Parts, 0, sizeof(*Parts));
    TellStatus(RtlCreateSecurityDescriptor(Descriptor, SECURITY_DESCRIPTOR_REVISION));
    if (!Once(4))
        TellStatus(RtlSetOwnerSecurityDescriptor(Descriptor, Parts->Owner = SomeSid(), (BOOLEAN)Once(2)));
    if (!Once(4))
        TellStatus(RtlSetGroupSecurityDescriptor(Descriptor, Parts->Group = SomeSid(), (BOOLEAN)Once(2)));
    if (!Once(4))
        TellStatus(RtlSetDaclSecurityDescriptor(Descriptor, (BOOLEAN)!Once(4), Parts->Dacl = SomeAcl(), (BOOLEAN)Once(2)));
    if (Once(2))
        TellStatus(RtlSetSaclSecurityDescriptor(Descriptor, (BOOLEAN)!Once(4), Parts->Sacl = SomeAcl(), (BOOLEAN)Once(2)));
    if (Once(3))
        TellStatus(RtlSetControlSecurityDescriptor(Descriptor, (SECURITY_DESCRIPTOR_CONTROL)Interest, (SECURITY_DESCRIPTOR_CONTROL)(SomeUlong() & Interest)));
}

/* Which part of the absolute one a pointer is. */
static VOID TellPart(PCSTR Name, const void *Part, const void *Expected)
{
    Tell(Name, Part == NULL ? 0 : Part == Expected ? 1 : 2);
}

CASE(RtlSetControlSecurityDescriptor)
{
    SECURITY_DESCRIPTOR Descriptor;
    SECURITY_DESCRIPTOR_CONTROL Control = 0x7777;
    ULONG Revision = 77;
    PARTS Parts;
    PVOID Part = NULL;
    BOOLEAN Present = 7, Defaulted = 7;

    MakeDescriptor(&Descriptor, &Parts);
    TellStatus(RtlGetControlSecurityDescriptor(&Descriptor, &Control, &Revision));
    Tell("control", Control);
    Tell("revision", Revision);
    TellStatus(RtlGetOwnerSecurityDescriptor(&Descriptor, &Part, &Defaulted));
    TellPart("owner", Part, Parts.Owner);
    Tell("defaulted", Defaulted);
    TellStatus(RtlGetGroupSecurityDescriptor(&Descriptor, &Part, &Defaulted));
    TellPart("group", Part, Parts.Group);
    Tell("defaulted", Defaulted);
    Part = NULL;
    TellStatus(RtlGetDaclSecurityDescriptor(&Descriptor, &Present, (PACL *)&Part, &Defaulted));
    TellPart("dacl", Part, Parts.Dacl);
    Tell("present", Present);
    Tell("defaulted", Present ? Defaulted : 0);
    Part = NULL;
    TellStatus(RtlGetSaclSecurityDescriptor(&Descriptor, &Present, (PACL *)&Part, &Defaulted));
    TellPart("sacl", Part, Parts.Sacl);
    Tell("present", Present);
    Tell("defaulted", Present ? Defaulted : 0);
    Tell("length", RtlLengthSecurityDescriptor(&Descriptor));
}

/* A self-relative copy with as much room as it needs. */
static PSECURITY_DESCRIPTOR SomeRelative(PULONG Length)
{
    SECURITY_DESCRIPTOR Descriptor;
    PSECURITY_DESCRIPTOR Relative;
    PARTS Parts;

    MakeDescriptor(&Descriptor, &Parts);
    *Length = 0;
    TellStatus(RtlMakeSelfRelativeSD(&Descriptor, NULL, Length));
    Tell("length", *Length);
    Relative = Output(*Length);
    TellStatus(RtlMakeSelfRelativeSD(&Descriptor, Relative, Length));
    return Relative;
}

/* The parts of a self-relative descriptor, in whatever order they lie. */
static VOID TellParts(PSECURITY_DESCRIPTOR Relative)
{
    PVOID Owner = NULL, Group = NULL;
    PACL Dacl = NULL, Sacl = NULL;
    BOOLEAN Present, Defaulted;

    Tell("control", ((PISECURITY_DESCRIPTOR_RELATIVE)Relative)->Control);
    TellStatus(RtlGetOwnerSecurityDescriptor(Relative, &Owner, &Defaulted));
    TellStatus(RtlGetGroupSecurityDescriptor(Relative, &Group, &Defaulted));
    TellStatus(RtlGetDaclSecurityDescriptor(Relative, &Present, &Dacl, &Defaulted));
    TellStatus(RtlGetSaclSecurityDescriptor(Relative, &Present, &Sacl, &Defaulted));
    if (Owner != NULL)
        TellBytes("owner", Owner, RtlLengthSid(Owner));
    if (Group != NULL)
        TellBytes("group", Group, RtlLengthSid(Group));
    if (Dacl != NULL)
        TellBytes("dacl", Dacl, Dacl->AclSize);
    if (Sacl != NULL)
        TellBytes("sacl", Sacl, Sacl->AclSize);
}

CASE(RtlMakeSelfRelativeSD)
{
    ULONG Length, Room;
    PSECURITY_DESCRIPTOR Relative = SomeRelative(&Length), Copy;

    TellParts(Relative);
    Tell("length", RtlLengthSecurityDescriptor(Relative));
    Room = Below(Length + 8);
    Copy = Output(Room);
    Tell("room", Room);
    TellStatus(RtlMakeSelfRelativeSD(Relative, Copy, &Room));
    Tell("room", Room);
}

CASE(RtlAbsoluteToSelfRelativeSD)
{
    SECURITY_DESCRIPTOR Descriptor;
    PARTS Parts;
    ULONG Room = Below(300), Length = Room;
    PVOID Relative = Output(Room & ~3u);
    NTSTATUS Status;

    MakeDescriptor(&Descriptor, &Parts);
    Tell("room", Room);
    Status = RtlAbsoluteToSelfRelativeSD(&Descriptor, Relative, &Length);
    TellStatus(Status);
    Tell("room", Length);
    if (NT_SUCCESS(Status))
        TellParts(Relative);
}

/* The sizes of all that did not fit are Wine's, or of all. */
CASE(RtlSelfRelativeToAbsoluteSD)
{
    ULONG Length, Sizes[5], Given[5];
    PSECURITY_DESCRIPTOR Relative = SomeRelative(&Length);
    PVOID Targets[5];
    NTSTATUS Status;

    for (ULONG i = 0; i < 5; i++) {
        Given[i] = Sizes[i] = Once(8) ? Below(60) & ~7u : 512;
        Targets[i] = Output(Sizes[i]);
        Tell("room", Sizes[i]);
    }
    Status = RtlSelfRelativeToAbsoluteSD(Relative, Targets[0], &Sizes[0], Targets[1], &Sizes[1], Targets[2], &Sizes[2], Targets[3], &Sizes[3],
                                         Targets[4], &Sizes[4]);
    TellStatus(Status);
    for (ULONG i = 1; i < 5 && NT_SUCCESS(Status); i++)
        TellBytes("part", Targets[i], Given[i]);
    if (NT_SUCCESS(Status))
        Tell("control", ((PISECURITY_DESCRIPTOR)Targets[0])->Control);
}

const FUZZ_ROUTINE SecurityRoutines[] = {
    ROW(RtlEqualSid), ROW(RtlEqualPrefixSid), ROW(RtlValidSid), ROW(RtlInitializeSid), ROW(RtlCopySid), ROW(RtlConvertSidToUnicodeString),
    ROW(RtlAllocateAndInitializeSid), ROW(RtlAddAccessAllowedAce), ROW(RtlAddMandatoryAce), ROW(RtlDeleteAce), ROW(RtlGetAce),
    ROW(RtlQueryInformationAcl), ROW(RtlAddAce), ROW(RtlValidAcl), ROW(RtlSetControlSecurityDescriptor), ROW(RtlMakeSelfRelativeSD),
    ROW(RtlAbsoluteToSelfRelativeSD), ROW(RtlSelfRelativeToAbsoluteSD), { NULL, NULL }
};
