/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NT services of the se family: tokens and access checks.
 * Prototypes as Microsoft documents them (Windows Driver Kit and Win32 native API references); the numbers are
 * in abi/services.def.
 */
#pragma once

NTSTATUS NTAPI NtOpenProcessToken(HANDLE ProcessHandle, ACCESS_MASK DesiredAccess, PHANDLE TokenHandle);
NTSTATUS NTAPI NtOpenProcessTokenEx(HANDLE ProcessHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, PHANDLE
        TokenHandle);
NTSTATUS NTAPI NtOpenThreadToken(HANDLE ThreadHandle, ACCESS_MASK DesiredAccess, BOOLEAN OpenAsSelf, PHANDLE
        TokenHandle);
NTSTATUS NTAPI NtOpenThreadTokenEx(HANDLE ThreadHandle, ACCESS_MASK DesiredAccess, BOOLEAN OpenAsSelf, ULONG
        HandleAttributes, PHANDLE TokenHandle);
NTSTATUS NTAPI NtDuplicateToken(HANDLE ExistingTokenHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes, BOOLEAN EffectiveOnly, TOKEN_TYPE TokenType, PHANDLE NewTokenHandle);
NTSTATUS NTAPI NtCreateToken(PHANDLE TokenHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TOKEN_TYPE TokenType, PLUID AuthenticationId, PLARGE_INTEGER ExpirationTime, PTOKEN_USER User,
        PTOKEN_GROUPS Groups, PTOKEN_PRIVILEGES Privileges, PTOKEN_OWNER Owner, PTOKEN_PRIMARY_GROUP PrimaryGroup,
        PTOKEN_DEFAULT_DACL DefaultDacl, PTOKEN_SOURCE TokenSource);
NTSTATUS NTAPI NtFilterToken(HANDLE ExistingTokenHandle, ULONG Flags, PTOKEN_GROUPS SidsToDisable, PTOKEN_PRIVILEGES
        PrivilegesToDelete, PTOKEN_GROUPS RestrictedSids, PHANDLE NewTokenHandle);
NTSTATUS NTAPI NtQueryInformationToken(HANDLE TokenHandle, TOKEN_INFORMATION_CLASS TokenInformationClass, PVOID
        TokenInformation, ULONG TokenInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtSetInformationToken(HANDLE TokenHandle, TOKEN_INFORMATION_CLASS TokenInformationClass, PVOID
        TokenInformation, ULONG TokenInformationLength);
NTSTATUS NTAPI NtAdjustPrivilegesToken(HANDLE TokenHandle, BOOLEAN DisableAllPrivileges, PTOKEN_PRIVILEGES NewState,
        ULONG BufferLength, PTOKEN_PRIVILEGES PreviousState, PULONG ReturnLength);
NTSTATUS NTAPI NtAdjustGroupsToken(HANDLE TokenHandle, BOOLEAN ResetToDefault, PTOKEN_GROUPS NewState, ULONG
        BufferLength, PTOKEN_GROUPS PreviousState, PULONG ReturnLength);
NTSTATUS NTAPI NtPrivilegeCheck(HANDLE ClientToken, PPRIVILEGE_SET RequiredPrivileges, PBOOLEAN Result);
NTSTATUS NTAPI NtAccessCheck(PSECURITY_DESCRIPTOR SecurityDescriptor, HANDLE ClientToken, ACCESS_MASK DesiredAccess,
        PGENERIC_MAPPING GenericMapping, PPRIVILEGE_SET PrivilegeSet, PULONG PrivilegeSetLength, PULONG
        GrantedAccess, NTSTATUS *AccessStatus);
NTSTATUS NTAPI NtImpersonateAnonymousToken(HANDLE ThreadHandle);
/*
 * As NtAccessCheck, for an object with parts: ObjectTypeList names the object (level 0) and its property sets and properties, each
 * level below the one before.  Granted is what is granted on the whole tree.  ACEs of object types count where their type is, and
 * S-1-5-10 (SELF) in an ACE stands for PrincipalSelfSid.  STATUS_INVALID_PARAMETER: a list that is no tree.
 */
NTSTATUS NTAPI NtAccessCheckByType(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid, HANDLE ClientToken,
        ACCESS_MASK DesiredAccess, POBJECT_TYPE_LIST ObjectTypeList, ULONG ObjectTypeListLength, PGENERIC_MAPPING
        GenericMapping, PPRIVILEGE_SET PrivilegeSet, PULONG PrivilegeSetLength, PULONG GrantedAccess, NTSTATUS
        *AccessStatus);
/* The same; GrantedAccess and AccessStatus have one entry for each of the list, which must not be empty. */
NTSTATUS NTAPI NtAccessCheckByTypeResultList(PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid, HANDLE
        ClientToken, ACCESS_MASK DesiredAccess, POBJECT_TYPE_LIST ObjectTypeList, ULONG ObjectTypeListLength,
        PGENERIC_MAPPING GenericMapping, PPRIVILEGE_SET PrivilegeSet, PULONG PrivilegeSetLength, PULONG GrantedAccess,
        NTSTATUS *AccessStatus);
/*
 * Servers that check the client whom the calling thread impersonates (STATUS_NO_IMPERSONATION_TOKEN), and audit what the SACL of
 * the descriptor names.  They need SeAuditPrivilege in their process' token; with AUDIT_ALLOW_NO_PRIVILEGE in Flags they do
 * without, and nothing is audited.  *GenerateOnClose is to be given to NtCloseObjectAuditAlarm.
 */
NTSTATUS NTAPI NtAccessCheckAndAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, PUNICODE_STRING
        ObjectTypeName, PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, ACCESS_MASK
        DesiredAccess, PGENERIC_MAPPING GenericMapping, BOOLEAN ObjectCreation, PULONG GrantedAccess, NTSTATUS
        *AccessStatus, PBOOLEAN GenerateOnClose);
NTSTATUS NTAPI NtAccessCheckByTypeAndAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, PUNICODE_STRING
        ObjectTypeName, PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, PSID PrincipalSelfSid,
        ACCESS_MASK DesiredAccess, AUDIT_EVENT_TYPE AuditType, ULONG Flags, POBJECT_TYPE_LIST ObjectTypeList, ULONG
        ObjectTypeListLength, PGENERIC_MAPPING GenericMapping, BOOLEAN ObjectCreation, PULONG GrantedAccess, NTSTATUS
        *AccessStatus, PBOOLEAN GenerateOnClose);
NTSTATUS NTAPI NtAccessCheckByTypeResultListAndAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId,
        PUNICODE_STRING ObjectTypeName, PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, PSID
        PrincipalSelfSid, ACCESS_MASK DesiredAccess, AUDIT_EVENT_TYPE AuditType, ULONG Flags, POBJECT_TYPE_LIST
        ObjectTypeList, ULONG ObjectTypeListLength, PGENERIC_MAPPING GenericMapping, BOOLEAN ObjectCreation, PULONG
        GrantedAccess, NTSTATUS *AccessStatus, PBOOLEAN GenerateOnClose);
/* The client is the token's. */
NTSTATUS NTAPI NtAccessCheckByTypeResultListAndAuditAlarmByHandle(PUNICODE_STRING SubsystemName, PVOID HandleId,
        HANDLE ClientToken, PUNICODE_STRING ObjectTypeName, PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR
        SecurityDescriptor, PSID PrincipalSelfSid, ACCESS_MASK DesiredAccess, AUDIT_EVENT_TYPE AuditType, ULONG Flags,
        POBJECT_TYPE_LIST ObjectTypeList, ULONG ObjectTypeListLength, PGENERIC_MAPPING GenericMapping, BOOLEAN
        ObjectCreation, PULONG GrantedAccess, NTSTATUS *AccessStatus, PBOOLEAN GenerateOnClose);
/* Audits of servers that made their checks themselves.  All want SeAuditPrivilege: STATUS_PRIVILEGE_NOT_HELD. */
NTSTATUS NTAPI NtOpenObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, PUNICODE_STRING ObjectTypeName,
        PUNICODE_STRING ObjectName, PSECURITY_DESCRIPTOR SecurityDescriptor, HANDLE ClientToken, ACCESS_MASK
        DesiredAccess, ACCESS_MASK GrantedAccess, PPRIVILEGE_SET Privileges, BOOLEAN ObjectCreation, BOOLEAN
        AccessGranted, PBOOLEAN GenerateOnClose);
NTSTATUS NTAPI NtCloseObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, BOOLEAN GenerateOnClose);
NTSTATUS NTAPI NtDeleteObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, BOOLEAN GenerateOnClose);
NTSTATUS NTAPI NtPrivilegeObjectAuditAlarm(PUNICODE_STRING SubsystemName, PVOID HandleId, HANDLE ClientToken,
        ACCESS_MASK DesiredAccess, PPRIVILEGE_SET Privileges, BOOLEAN AccessGranted);
NTSTATUS NTAPI NtPrivilegedServiceAuditAlarm(PUNICODE_STRING SubsystemName, PUNICODE_STRING ServiceName, HANDLE
        ClientToken, PPRIVILEGE_SET Privileges, BOOLEAN AccessGranted);
/*
 * Equal: an access check says the same for both: same users, groups, restricted SIDs and privileges, with the same attributes.
 * TOKEN_QUERY on both, if they are two.
 */
NTSTATUS NTAPI NtCompareTokens(HANDLE FirstTokenHandle, HANDLE SecondTokenHandle, PBOOLEAN Equal);
/* NtFilterToken, and what it takes from a token's claims.  STATUS_NOT_SUPPORTED: tokens have no claims to take. */
NTSTATUS NTAPI NtFilterTokenEx(HANDLE ExistingTokenHandle, ULONG Flags, PTOKEN_GROUPS SidsToDisable, PTOKEN_PRIVILEGES
        PrivilegesToDelete, PTOKEN_GROUPS RestrictedSids, ULONG DisableUserClaimsCount, PUNICODE_STRING
        UserClaimsToDisable, ULONG DisableDeviceClaimsCount, PUNICODE_STRING DeviceClaimsToDisable, PTOKEN_GROUPS
        DeviceGroupsToDisable, PTOKEN_SECURITY_ATTRIBUTES_INFORMATION RestrictedUserAttributes,
        PTOKEN_SECURITY_ATTRIBUTES_INFORMATION RestrictedDeviceAttributes, PTOKEN_GROUPS RestrictedDeviceGroups,
        PHANDLE NewTokenHandle);
/* NtCreateToken, with claims, groups of the device and a policy. */
NTSTATUS NTAPI NtCreateTokenEx(PHANDLE TokenHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        TOKEN_TYPE TokenType, PLUID AuthenticationId, PLARGE_INTEGER ExpirationTime, PTOKEN_USER User, PTOKEN_GROUPS
        Groups, PTOKEN_PRIVILEGES Privileges, PTOKEN_SECURITY_ATTRIBUTES_INFORMATION UserAttributes,
        PTOKEN_SECURITY_ATTRIBUTES_INFORMATION DeviceAttributes, PTOKEN_GROUPS DeviceGroups, PTOKEN_MANDATORY_POLICY
        MandatoryPolicy, PTOKEN_OWNER Owner, PTOKEN_PRIMARY_GROUP PrimaryGroup, PTOKEN_DEFAULT_DACL DefaultDacl,
        PTOKEN_SOURCE TokenSource);
/* A token of a package (an AppContainer) from another token.  TOKEN_DUPLICATE on ExistingTokenHandle. */
NTSTATUS NTAPI NtCreateLowBoxToken(PHANDLE TokenHandle, HANDLE ExistingTokenHandle, ACCESS_MASK DesiredAccess,
        POBJECT_ATTRIBUTES ObjectAttributes, PSID PackageSid, ULONG CapabilityCount, PSID_AND_ATTRIBUTES Capabilities,
        ULONG HandleCount, const HANDLE *Handles);
/* The named security attributes of a token, or all (NumberOfAttributes 0).  TOKEN_QUERY.  STATUS_BUFFER_TOO_SMALL, STATUS_NOT_FOUND. */
NTSTATUS NTAPI NtQuerySecurityAttributesToken(HANDLE TokenHandle, PUNICODE_STRING Attributes, ULONG
        NumberOfAttributes, PVOID Buffer, ULONG Length, PULONG ReturnLength);
