/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Security of private objects, entries for object types, extended contexts, user stacks, answers about 32-bit programs.
 */
#pragma once

#define SEF_DACL_AUTO_INHERIT 0x01
#define SEF_SACL_AUTO_INHERIT 0x02
#define SEF_DEFAULT_DESCRIPTOR_FOR_OBJECT 0x04
#define SEF_AVOID_PRIVILEGE_CHECK 0x08
#define SEF_AVOID_OWNER_CHECK 0x10
#define SEF_DEFAULT_OWNER_FROM_PARENT 0x20
#define SEF_DEFAULT_GROUP_FROM_PARENT 0x40
NTSTATUS NTAPI RtlNewSecurityObject(PSECURITY_DESCRIPTOR ParentDescriptor, PSECURITY_DESCRIPTOR CreatorDescriptor,
        PSECURITY_DESCRIPTOR *NewDescriptor, BOOLEAN IsDirectoryObject, HANDLE Token, PGENERIC_MAPPING GenericMapping);
NTSTATUS NTAPI RtlNewSecurityObjectEx(PSECURITY_DESCRIPTOR ParentDescriptor, PSECURITY_DESCRIPTOR CreatorDescriptor,
        PSECURITY_DESCRIPTOR *NewDescriptor, GUID *ObjectType, BOOLEAN IsDirectoryObject, ULONG AutoInheritFlags,
        HANDLE Token, PGENERIC_MAPPING GenericMapping);
NTSTATUS NTAPI RtlNewSecurityObjectWithMultipleInheritance(PSECURITY_DESCRIPTOR ParentDescriptor,
        PSECURITY_DESCRIPTOR CreatorDescriptor, PSECURITY_DESCRIPTOR *NewDescriptor, GUID **ObjectTypes,
        ULONG GuidCount, BOOLEAN IsDirectoryObject, ULONG AutoInheritFlags, HANDLE Token,
        PGENERIC_MAPPING GenericMapping);
NTSTATUS NTAPI RtlDeleteSecurityObject(PSECURITY_DESCRIPTOR *Descriptor);
NTSTATUS NTAPI RtlConvertToAutoInheritSecurityObject(PSECURITY_DESCRIPTOR ParentDescriptor,
        PSECURITY_DESCRIPTOR CurrentDescriptor, PSECURITY_DESCRIPTOR *NewDescriptor, GUID *ObjectType,
        BOOLEAN IsDirectoryObject, PGENERIC_MAPPING GenericMapping);
POBJECT_BOUNDARY_DESCRIPTOR NTAPI RtlCreateBoundaryDescriptor(PUNICODE_STRING Name, ULONG Flags);
VOID NTAPI RtlDeleteBoundaryDescriptor(POBJECT_BOUNDARY_DESCRIPTOR BoundaryDescriptor);
NTSTATUS NTAPI RtlAddSIDToBoundaryDescriptor(POBJECT_BOUNDARY_DESCRIPTOR *BoundaryDescriptor, PSID RequiredSid);
NTSTATUS NTAPI RtlAddIntegrityLabelToBoundaryDescriptor(POBJECT_BOUNDARY_DESCRIPTOR *BoundaryDescriptor, PSID IntegrityLabel);

NTSTATUS NTAPI RtlAddAccessAllowedObjectAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask,
        GUID *ObjectTypeGuid, GUID *InheritedObjectTypeGuid, PSID Sid);
NTSTATUS NTAPI RtlAddAccessDeniedObjectAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask,
        GUID *ObjectTypeGuid, GUID *InheritedObjectTypeGuid, PSID Sid);
NTSTATUS NTAPI RtlAddAuditAccessObjectAce(PACL Acl, ULONG AceRevision, ULONG AceFlags, ACCESS_MASK AccessMask,
        GUID *ObjectTypeGuid, GUID *InheritedObjectTypeGuid, PSID Sid, BOOLEAN AuditSuccess, BOOLEAN AuditFailure);

#ifndef _CONTEXT_EX_DEFINED
#define _CONTEXT_EX_DEFINED
typedef struct _CONTEXT_CHUNK {
    LONG Offset;
    ULONG Length;
} CONTEXT_CHUNK;
typedef struct _CONTEXT_EX {
    CONTEXT_CHUNK All;
    CONTEXT_CHUNK Legacy;
    CONTEXT_CHUNK XState;
} CONTEXT_EX, *PCONTEXT_EX;
#endif
ULONG64 NTAPI RtlGetEnabledExtendedFeatures(ULONG64 FeatureMask);
NTSTATUS NTAPI RtlGetExtendedContextLength(ULONG ContextFlags, PULONG ContextLength);
NTSTATUS NTAPI RtlGetExtendedContextLength2(ULONG ContextFlags, PULONG ContextLength, ULONG64 CompactionMask);
NTSTATUS NTAPI RtlInitializeExtendedContext(PVOID Context, ULONG ContextFlags, PCONTEXT_EX *ContextEx);
NTSTATUS NTAPI RtlInitializeExtendedContext2(PVOID Context, ULONG ContextFlags, PCONTEXT_EX *ContextEx,
        ULONG64 CompactionMask);
PVOID NTAPI RtlLocateLegacyContext(PCONTEXT_EX ContextEx, PULONG Length);
PVOID NTAPI RtlLocateExtendedFeature(PCONTEXT_EX ContextEx, ULONG FeatureId, PULONG Length);
ULONG64 NTAPI RtlGetExtendedFeaturesMask(PCONTEXT_EX ContextEx);
VOID NTAPI RtlSetExtendedFeaturesMask(PCONTEXT_EX ContextEx, ULONG64 FeatureMask);
NTSTATUS NTAPI RtlCopyContext(PCONTEXT Destination, ULONG ContextFlags, PCONTEXT Source);

NTSTATUS NTAPI RtlCreateUserStack(SIZE_T CommittedStackSize, SIZE_T MaximumStackSize, ULONG_PTR ZeroBits,
        SIZE_T PageSize, ULONG_PTR ReserveAlignment, PINITIAL_TEB InitialTeb);
VOID NTAPI RtlFreeUserStack(PVOID DeallocationStack);

NTSTATUS NTAPI RtlWow64EnableFsRedirection(BOOLEAN Enable);
NTSTATUS NTAPI RtlWow64EnableFsRedirectionEx(ULONG Disable, PULONG OldLevel);
NTSTATUS NTAPI RtlWow64GetProcessMachines(HANDLE ProcessHandle, PUSHORT CurrentMachine, PUSHORT NativeMachine);
NTSTATUS NTAPI RtlWow64GetThreadContext(HANDLE ThreadHandle, PVOID ThreadContext);
NTSTATUS NTAPI RtlWow64SetThreadContext(HANDLE ThreadHandle, const void *ThreadContext);

NTSTATUS NTAPI RtlSetTimeZoneInformation(const RTL_TIME_ZONE_INFORMATION *Information);
