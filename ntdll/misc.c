/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small exports of several families: version conditions, error mode, text tests.
 */
#include "ntdllp.h"

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

/* A name of 8.3 form.  *NameContainsSpaces: inside it. */
BOOLEAN NTAPI RtlIsNameLegalDOS8Dot3(PUNICODE_STRING Name, POEM_STRING OemName, PBOOLEAN NameContainsSpaces)
{
    static const WCHAR Illegal[] = L"*?<>|\"+=,;[]:/\\\345";
    SIZE_T Length = Name->Length / sizeof(WCHAR), Dot = Length;
    BOOLEAN Spaces = FALSE;

    if (Length == 0 || Length > 12)
        return FALSE;
    if (Name->Buffer[0] == '.')
        return Length == 1 || (Length == 2 && Name->Buffer[1] == '.');
    for (SIZE_T Index = 0; Index < Length; Index++) {
        WCHAR Character = Name->Buffer[Index];

        if (Character < ' ' || Character > 0x7e || wcschr(Illegal, Character) != NULL ||
            (Character == '.' && Dot != Length))
            return FALSE;
        if (Character == '.')
            Dot = Index;
        Spaces |= Character == ' ';
    }
    if (Dot > 8 || Dot == Length - 1 || (Dot != Length && Length - Dot > 4) || Name->Buffer[Dot - 1] == ' ' ||
        Name->Buffer[Length - 1] == ' ')
        return FALSE;
    if (NameContainsSpaces != NULL)
        *NameContainsSpaces = Spaces;
    if (OemName != NULL)
        RtlUnicodeStringToOemString(OemName, Name, FALSE);
    return TRUE;
}
