/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small exports of several families: version conditions, error mode, text tests.
 */
#include "ntdllp.h"

#define SHORT_NAME_CHARS 12

/* --- version conditions: three bits for each kind, in the order of the kinds' bits ------------------------------- */

ULONGLONG NTAPI VerSetConditionMask(ULONGLONG ConditionMask, DWORD TypeMask, BYTE Condition)
{
    for (ULONG Kind = 0; Kind < 8; Kind++)
        if (TypeMask & 1u << Kind)
            ConditionMask |= (ULONGLONG)(Condition & 7) << 3 * Kind;
    return ConditionMask;
}

/* --- error mode -------------------------------------------------------------------------------------------------- */

ULONG NTAPI RtlGetThreadErrorMode(VOID)
{
    return NtCurrentTebEx()->HardErrorMode;
}

NTSTATUS NTAPI RtlSetThreadErrorMode(ULONG NewMode, PULONG OldMode)
{
    if (NewMode & ~0x70u)
        return STATUS_INVALID_PARAMETER_1;
    if (OldMode != NULL)
        *OldMode = NtCurrentTebEx()->HardErrorMode;
    NtCurrentTebEx()->HardErrorMode = NewMode;
    return STATUS_SUCCESS;
}

/* --- text -------------------------------------------------------------------------------------------------------- */

/* The capitals of Name, and their bytes in the OEM code page; FALSE if one has none there, or the bytes have no room. */
static BOOLEAN RtlpUpcaseToOem(PCUNICODE_STRING Name, PWCH Upper, PSTRING Oem)
{
    WCHAR Back[SHORT_NAME_CHARS];
    ULONG Bytes = 0, BackBytes = 0;

    for (SIZE_T Index = 0; Index < Name->Length / sizeof(WCHAR); Index++)
        Upper[Index] = RtlUpcaseUnicodeChar(Name->Buffer[Index]);
    if (RtlUnicodeToOemN(Oem->Buffer, Oem->MaximumLength, &Bytes, Upper, Name->Length) != STATUS_SUCCESS)
        return FALSE;
    Oem->Length = (USHORT)Bytes;
    RtlOemToUnicodeN(Back, sizeof(Back), &BackBytes, Oem->Buffer, Bytes);
    return BackBytes == Name->Length && memcmp(Back, Upper, BackBytes) == 0;
}

/* The bytes of Count characters in the OEM code page. */
static ULONG RtlpOemBytes(PCWCH Characters, SIZE_T Count)
{
    UNICODE_STRING Part = { (USHORT)(Count * sizeof(WCHAR)), (USHORT)(Count * sizeof(WCHAR)), (PWCH)Characters };

    return RtlUnicodeStringToOemSize(&Part) - 1;
}

/* Blanks stand inside a name, but neither at its start nor at the end of one of its parts. */
static BOOLEAN RtlpIsShortName(PCWCH Name, SIZE_T Length, PBOOLEAN Spaces)
{
    static const WCHAR Illegal[] = L"*?<>|\"+=,;[]:/\\";
    SIZE_T Dot = Length;

    for (SIZE_T Index = 0; Index < Length; Index++) {
        if (Name[Index] < ' ' || wcschr(Illegal, Name[Index]) != NULL)
            return FALSE;
        if (Name[Index] == ' ' && (Index == 0 || Index == Length - 1 || Name[Index + 1] == '.'))
            return FALSE;
        if (Name[Index] == '.') {
            if (Index == 0 || Index == Length - 1 || Dot != Length)
                return FALSE;
            Dot = Index;
        }
        *Spaces |= Name[Index] == ' ';
    }
    return RtlpOemBytes(Name, Dot) <= 8 && (Dot == Length || RtlpOemBytes(Name + Dot + 1, Length - Dot - 1) <= 3);
}

/* A name of 8.3 form in the OEM code page, in capitals: OemName.  The empty name is one.
 * Source: RtlIsNameLegalDOS8Dot3 (Windows driver documentation). */
BOOLEAN NTAPI RtlIsNameLegalDOS8Dot3(PUNICODE_STRING Name, POEM_STRING OemName, PBOOLEAN NameContainsSpaces)
{
    SIZE_T Length = Name->Length / sizeof(WCHAR);
    WCHAR Upper[SHORT_NAME_CHARS];
    CHAR Bytes[SHORT_NAME_CHARS];
    STRING Local = { 0, sizeof(Bytes), Bytes };
    BOOLEAN Spaces = FALSE, IsDots;

    if (Length > SHORT_NAME_CHARS || !RtlpUpcaseToOem(Name, Upper, OemName != NULL ? OemName : &Local))
        return FALSE;
    IsDots = (Length == 1 || Length == 2) && Upper[0] == '.' && Upper[Length - 1] == '.';
    if (!IsDots && !RtlpIsShortName(Upper, Length, &Spaces))
        return FALSE;
    if (NameContainsSpaces != NULL)
        *NameContainsSpaces = Spaces;
    return TRUE;
}
