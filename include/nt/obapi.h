/* SPDX-License-Identifier: BSD-2-Clause
 *
 * NT services of the ob family: handles, names, directories, symbolic links, waits by handle.
 * Prototypes as Microsoft documents them (Windows Driver Kit and Win32 native API references); the numbers are
 * in abi/services.def.
 */
#pragma once

NTSTATUS NTAPI NtClose(HANDLE Handle);
NTSTATUS NTAPI NtDuplicateObject(HANDLE SourceProcessHandle, HANDLE SourceHandle, HANDLE TargetProcessHandle,
        PHANDLE TargetHandle, ACCESS_MASK DesiredAccess, ULONG HandleAttributes, ULONG Options);
NTSTATUS NTAPI NtQueryObject(HANDLE Handle, OBJECT_INFORMATION_CLASS ObjectInformationClass, PVOID
        ObjectInformation, ULONG ObjectInformationLength, PULONG ReturnLength);
NTSTATUS NTAPI NtSetInformationObject(HANDLE Handle, OBJECT_INFORMATION_CLASS ObjectInformationClass, PVOID
        ObjectInformation, ULONG ObjectInformationLength);
NTSTATUS NTAPI NtMakeTemporaryObject(HANDLE Handle);
NTSTATUS NTAPI NtMakePermanentObject(HANDLE Handle);
NTSTATUS NTAPI NtCompareObjects(HANDLE FirstObjectHandle, HANDLE SecondObjectHandle);
NTSTATUS NTAPI NtCreateDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes);
NTSTATUS NTAPI NtOpenDirectoryObject(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes);
NTSTATUS NTAPI NtQueryDirectoryObject(HANDLE DirectoryHandle, PVOID Buffer, ULONG Length, BOOLEAN ReturnSingleEntry,
        BOOLEAN RestartScan, PULONG Context, PULONG ReturnLength);
NTSTATUS NTAPI NtCreatePrivateNamespace(PHANDLE NamespaceHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes, POBJECT_BOUNDARY_DESCRIPTOR BoundaryDescriptor);
NTSTATUS NTAPI NtOpenPrivateNamespace(PHANDLE NamespaceHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes, POBJECT_BOUNDARY_DESCRIPTOR BoundaryDescriptor);
NTSTATUS NTAPI NtDeletePrivateNamespace(HANDLE NamespaceHandle);
NTSTATUS NTAPI NtCreateSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes, PUNICODE_STRING LinkTarget);
NTSTATUS NTAPI NtOpenSymbolicLinkObject(PHANDLE LinkHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES
        ObjectAttributes);
NTSTATUS NTAPI NtQuerySymbolicLinkObject(HANDLE LinkHandle, PUNICODE_STRING LinkTarget, PULONG ReturnedLength);
NTSTATUS NTAPI NtQuerySecurityObject(HANDLE Handle, SECURITY_INFORMATION SecurityInformation, PSECURITY_DESCRIPTOR
        SecurityDescriptor, ULONG Length, PULONG LengthNeeded);
NTSTATUS NTAPI NtSetSecurityObject(HANDLE Handle, SECURITY_INFORMATION SecurityInformation, PSECURITY_DESCRIPTOR
        SecurityDescriptor);
NTSTATUS NTAPI NtWaitForSingleObject(HANDLE Handle, BOOLEAN Alertable, PLARGE_INTEGER Timeout);
NTSTATUS NTAPI NtWaitForMultipleObjects(ULONG Count, const HANDLE *Handles, WAIT_TYPE WaitType, BOOLEAN Alertable,
        const LARGE_INTEGER *Timeout);
NTSTATUS NTAPI NtSignalAndWaitForSingleObject(HANDLE SignalHandle, HANDLE WaitHandle, BOOLEAN Alertable, const
        LARGE_INTEGER *Timeout);
/* A directory where what it lacks is looked up in another one, its shadow (DIRECTORY_QUERY and DIRECTORY_TRAVERSE); NULL: without. */
NTSTATUS NTAPI NtCreateDirectoryObjectEx(PHANDLE DirectoryHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes,
        HANDLE ShadowDirectoryHandle, ULONG Flags);
NTSTATUS NTAPI NtSetInformationSymbolicLink(HANDLE LinkHandle, ULONG SymbolicLinkInformationClass, PVOID SymbolicLinkInformation,
        ULONG SymbolicLinkInformationLength);
