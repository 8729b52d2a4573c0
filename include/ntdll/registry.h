/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Registry helpers of ntdll (ntdll/registry.c), as the Windows Driver Kit documents them.
 */
#pragma once

/* RelativeTo: where Path begins. */
#define RTL_REGISTRY_ABSOLUTE 0
#define RTL_REGISTRY_SERVICES 1         /* ...\CurrentControlSet\Services */
#define RTL_REGISTRY_CONTROL 2          /* ...\CurrentControlSet\Control */
#define RTL_REGISTRY_WINDOWS_NT 3       /* ...\Windows NT\CurrentVersion */
#define RTL_REGISTRY_DEVICEMAP 4        /* ...\Hardware\DeviceMap */
#define RTL_REGISTRY_USER 5             /* the current user's key */
#define RTL_REGISTRY_MAXIMUM 6
#define RTL_REGISTRY_HANDLE 0x40000000  /* Path is a key's handle */
#define RTL_REGISTRY_OPTIONAL 0x80000000

/* A value's data, to a caller of RtlQueryRegistryValues. */
typedef NTSTATUS (NTAPI *PRTL_QUERY_REGISTRY_ROUTINE)(PWSTR ValueName, ULONG ValueType, PVOID ValueData, ULONG ValueLength,
        PVOID Context, PVOID EntryContext);

typedef struct _RTL_QUERY_REGISTRY_TABLE {
    PRTL_QUERY_REGISTRY_ROUTINE QueryRoutine;
    ULONG Flags;
    PWSTR Name;                         /* of the value, or (SUBKEY) of the key; NULL: all values */
    PVOID EntryContext;                 /* the routine's; with DIRECT where the data go */
    ULONG DefaultType;                  /* REG_NONE: no default; with TYPECHECK the type that is wanted in the highest byte */
    PVOID DefaultData;
    ULONG DefaultLength;                /* bytes; 0: DefaultData is a string (or strings) that ends with zero */
} RTL_QUERY_REGISTRY_TABLE, *PRTL_QUERY_REGISTRY_TABLE;

#define RTL_QUERY_REGISTRY_SUBKEY 0x001         /* this row and those after it are about a subkey */
#define RTL_QUERY_REGISTRY_TOPKEY 0x002         /* back to the key of the call */
#define RTL_QUERY_REGISTRY_REQUIRED 0x004       /* STATUS_OBJECT_NAME_NOT_FOUND if there is no such value */
#define RTL_QUERY_REGISTRY_NOVALUE 0x008        /* the routine is called once, about nothing */
#define RTL_QUERY_REGISTRY_NOEXPAND 0x010       /* variables and lists stay what they are */
#define RTL_QUERY_REGISTRY_DIRECT 0x020         /* the data go to EntryContext */
#define RTL_QUERY_REGISTRY_DELETE 0x040         /* the value is deleted afterwards */
#define RTL_QUERY_REGISTRY_NOSTRING 0x080       /* with DIRECT: a string is no UNICODE_STRING, but data */
#define RTL_QUERY_REGISTRY_TYPECHECK 0x100      /* with DIRECT: STATUS_OBJECT_TYPE_MISMATCH for another type */

/*
 * Rows are done one after the other, to the one that has neither routine nor SUBKEY or DIRECT; the first that fails is the last.
 *
 * DIRECT: a string goes to a UNICODE_STRING, whose Buffer is allocated (RtlFreeUnicodeString) if it is NULL; other data of up to four
 * bytes stand at EntryContext; longer ones, if a LONG there is negative, too, in a buffer of so many bytes, else behind two ULONGs, the
 * length and the type, where the first one was the buffer's size.  STATUS_BUFFER_TOO_SMALL.
 */
NTSTATUS NTAPI RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context,
        PVOID Environment);
NTSTATUS NTAPI RtlQueryRegistryValuesEx(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable, PVOID Context,
        PVOID Environment);
/* The key is made if it is not there. */
NTSTATUS NTAPI RtlWriteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName, ULONG ValueType, PVOID ValueData,
        ULONG ValueLength);
NTSTATUS NTAPI RtlDeleteRegistryValue(ULONG RelativeTo, PCWSTR Path, PCWSTR ValueName);
/* STATUS_SUCCESS: it is there, and can be read. */
NTSTATUS NTAPI RtlCheckRegistryKey(ULONG RelativeTo, PWSTR Path);
NTSTATUS NTAPI RtlCreateRegistryKey(ULONG RelativeTo, PWSTR Path);
