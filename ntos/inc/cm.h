/* SPDX-License-Identifier: BSD-2-Clause
 *
 * cm: the registry.  Keys and values in memory under \Registry; programs see objects of type Key, other rooms of ntos
 * read settings with the functions here.  Paths are absolute (L"\\Registry\\Machine\\..."), case-insensitive, links
 * followed.
 *
 * A PCM_KEY is referenced: every CmOpenKey or CmOpenSubKey is paired with CmCloseKey.  A key that is deleted under an
 * open PCM_KEY answers STATUS_KEY_DELETED.  Nothing here waits.
 */
#pragma once

#include "nt.h"
#include "ntos/inc/mode.h"
#include "ntos/inc/ob.h"

typedef struct _CM_KEY CM_KEY, *PCM_KEY;

extern POBJECT_TYPE CmKeyObjectType;

/* Type Key, \Registry, \Registry\Machine, \Registry\User.  After ObInitSystem. */
NTSTATUS CmInitSystem(VOID);
/* Loads registry text (UTF-8 or UTF-16 .reg); bad lines are logged and skipped.  Text is not kept. */
NTSTATUS CmLoadRegistryText(const void *Text, SIZE_T LengthInBytes);
/*
 * The registry as it is at boot: the text of the boot archive's windows/system32/config/system.reg.  A missing or empty
 * file is logged, and the registry stays empty.
 */
NTSTATUS CmInitSystem2(const void *Text, SIZE_T LengthInBytes);
/* The machine ends: writes what was changed in hives that have files.  Waits for the files. */
VOID CmShutdownSystem(VOID);

NTSTATUS CmOpenKey(PCWSTR Path, PCM_KEY *Key);
/* Path relative to Key. */
NTSTATUS CmOpenSubKey(PCM_KEY Key, PCWSTR Path, PCM_KEY *SubKey);
/* Makes what is missing, volatile below what is volatile. */
NTSTATUS CmCreateKey(PCWSTR Path, PCM_KEY *Key);
VOID CmCloseKey(PCM_KEY Key);

/*
 * Name of the Index-th subkey, NUL-terminated, into Name[NameChars].  STATUS_NO_MORE_ENTRIES,
 * STATUS_BUFFER_TOO_SMALL.
 */
NTSTATUS CmEnumerateSubKey(PCM_KEY Key, ULONG Index, PWCHAR Name, ULONG NameChars);
/*
 * Data pointer stays valid until the value changes: use it at once, before anything that may wait.  Any out
 * pointer may be NULL.
 */
NTSTATUS CmReadValue(PCM_KEY Key, PCWSTR ValueName, PULONG Type, const void **Data, PULONG DataLength);
NTSTATUS CmEnumerateValue(PCM_KEY Key, ULONG Index, PUNICODE_STRING Name, PULONG Type, const void **Data,
        PULONG DataLength);
/*
 * REG_SZ or REG_EXPAND_SZ (not expanded; of REG_MULTI_SZ the first string), always NUL-terminated.
 * STATUS_OBJECT_NAME_NOT_FOUND, STATUS_OBJECT_TYPE_MISMATCH, STATUS_BUFFER_TOO_SMALL.
 */
NTSTATUS CmReadString(PCM_KEY Key, PCWSTR ValueName, PWCHAR Buffer, ULONG BufferChars);
/* The Index-th string of a REG_MULTI_SZ (a REG_SZ is a list of one).  STATUS_NO_MORE_ENTRIES at the end. */
NTSTATUS CmReadMultiString(PCM_KEY Key, PCWSTR ValueName, ULONG Index, PWCHAR Buffer, ULONG BufferChars);
NTSTATUS CmReadDword(PCM_KEY Key, PCWSTR ValueName, PULONG Value);
/* The same with a default for a missing or wrong value; Key may be NULL. */
ULONG CmReadDwordDefault(PCM_KEY Key, PCWSTR ValueName, ULONG Default);
NTSTATUS CmWriteValue(PCM_KEY Key, PCWSTR ValueName, ULONG Type, const void *Data, ULONG DataLength);
