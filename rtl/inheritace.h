/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Lists of a new object (inheritace.c): of ntos's objects, and of private objects of programs.
 */
#pragma once

#include "rtl.h"

#define MAX_ACL 0xfff0u

typedef struct _OBJECT_SECURITY {
    PSECURITY_DESCRIPTOR Parent;            /* may be NULL, as the creator's */
    PSECURITY_DESCRIPTOR Creator;
    BOOLEAN IsContainer;
    ULONG Flags;                            /* SEF_... */
    const GENERIC_MAPPING *Mapping;         /* NULL: generic rights stay */
    GUID **Types;                           /* what the object is, its class first; TypeCount of them */
    ULONG TypeCount;
    PSID Owner;
    PSID Group;
    PACL TokenDacl;                         /* what a DACL is without any other source, or NULL */
} OBJECT_SECURITY;

/* An entry: a head, a SID, and perhaps application data behind it. */
typedef struct _ACE_PARTS {
    const ACE_HEADER *Header;
    ACCESS_MASK Mask;
    ULONG HeadLength;                       /* up to the SID; the mask is in it */
    PSID Sid;                               /* NULL: of a kind that is not known; copied as it is, and not inherited */
    ULONG TailLength;
    const GUID *InheritedType;              /* NULL: for objects of all types */
} ACE_PARTS;

/* STATUS_INVALID_ACL: the parts do not lie in the entry. */
NTSTATUS RtlpTakeAceApart(const ACE_HEADER *Ace, ACE_PARTS *Parts);
/* Appends an entry like Ace with other flags, mask and SID.  STATUS_ALLOTTED_SPACE_EXCEEDED. */
NTSTATUS RtlpAppendAce(PACL Acl, const ACE_PARTS *Ace, UCHAR AceFlags, ACCESS_MASK Mask, PSID Sid);
/* Appends what the object gets of the parent's list (may be NULL).  Automatic: marked INHERITED_ACE. */
NTSTATUS RtlpAppendInherited(const OBJECT_SECURITY *Object, PACL Acl, PACL Parent, BOOLEAN Automatic);
/* Appends a list that was given (may be NULL): generic rights are mapped, creators' SIDs replaced. */
NTSTATUS RtlpAppendGiven(const OBJECT_SECURITY *Object, PACL Acl, PACL Given, BOOLEAN DropInherited);
/* The parent's list has an entry for objects of just this type. */
BOOLEAN RtlpInheritsForType(const OBJECT_SECURITY *Object, PACL Parent);

/* A descriptor's list; all FALSE and NULL for a descriptor that is NULL. */
typedef struct _LIST_SOURCE {
    BOOLEAN Present;
    BOOLEAN Defaulted;
    BOOLEAN Protected;
    BOOLEAN AutoInherited;
    PACL Acl;
} LIST_SOURCE;
LIST_SOURCE RtlpListOf(PSECURITY_DESCRIPTOR Descriptor, BOOLEAN IsDacl);
/* Fills Acl; *Present: is there a list at all?  *Null: a DACL that grants everything. */
NTSTATUS RtlpMakeList(const OBJECT_SECURITY *Object, BOOLEAN IsDacl, PACL Acl, PBOOLEAN Present, PBOOLEAN Null);
/* Takes away the room that a list does not use. */
VOID RtlpTrimAcl(PACL Acl);
