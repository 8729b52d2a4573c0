/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages, text guesses, preferred languages.
 */
#pragma once

NTSTATUS NTAPI RtlFindMessage(PVOID DllHandle, ULONG MessageTableId, ULONG MessageLanguageId, ULONG MessageId,
        PMESSAGE_RESOURCE_ENTRY *MessageEntry);
NTSTATUS NTAPI RtlFormatMessage(PCWSTR MessageFormat, ULONG MaximumWidth, BOOLEAN IgnoreInserts,
        BOOLEAN ArgumentsAreAnsi, BOOLEAN ArgumentsAreAnArray, va_list *Arguments, PWSTR Buffer, ULONG Length,
        PULONG ReturnLength);
BOOLEAN NTAPI RtlIsTextUnicode(LPCVOID Buffer, INT Size, INT *Result);

#define MUI_LANGUAGE_ID 0x4
#define MUI_LANGUAGE_NAME 0x8
#define MUI_MERGE_SYSTEM_FALLBACK 0x10
#define MUI_MERGE_USER_FALLBACK 0x20
#define MUI_THREAD_LANGUAGES 0x40
#define MUI_CONSOLE_FILTER 0x100
#define MUI_COMPLEX_SCRIPT_FILTER 0x200
#define MUI_RESET_FILTERS 0x1
#define MUI_MACHINE_LANGUAGE_SETTINGS 0x400
NTSTATUS NTAPI RtlGetProcessPreferredUILanguages(ULONG Flags, PULONG Count, PZZWSTR Languages, PULONG Size);
NTSTATUS NTAPI RtlSetProcessPreferredUILanguages(ULONG Flags, PCZZWSTR Languages, PULONG Count);
NTSTATUS NTAPI RtlGetThreadPreferredUILanguages(ULONG Flags, PULONG Count, PZZWSTR Languages, PULONG Size);
NTSTATUS NTAPI RtlSetThreadPreferredUILanguages(ULONG Flags, PCZZWSTR Languages, PULONG Count);
NTSTATUS NTAPI RtlGetUserPreferredUILanguages(ULONG Flags, ULONG Reserved, PULONG Count, PZZWSTR Languages,
        PULONG Size);
NTSTATUS NTAPI RtlGetSystemPreferredUILanguages(ULONG Flags, ULONG Reserved, PULONG Count, PZZWSTR Languages,
        PULONG Size);
