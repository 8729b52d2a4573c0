/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small exports of several families: local time, version conditions, error mode, text tests.
 */
#include "ntdllp.h"

#define TICKS_A_MINUTE 600000000ll
#define SYSTEM_CURRENT_TIME_ZONE ((SYSTEM_INFORMATION_CLASS)44)

/* --- local time: UTC minus the bias that ntos publishes --------------------------------------------------------- */

static LONGLONG RtlpTimeZoneBias(VOID)
{
    const volatile KSYSTEM_TIME *Bias = &USER_SHARED_DATA->TimeZoneBias;

    return (LONGLONG)((ULONGLONG)(ULONG)Bias->High1Time << 32 | Bias->LowPart);
}

NTSTATUS NTAPI RtlSystemTimeToLocalTime(const LARGE_INTEGER *SystemTime, PLARGE_INTEGER LocalTime)
{
    LocalTime->QuadPart = SystemTime->QuadPart - RtlpTimeZoneBias();
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime)
{
    SystemTime->QuadPart = LocalTime->QuadPart + RtlpTimeZoneBias();
    return STATUS_SUCCESS;
}

static VOID RtlpFillTimeZone(PRTL_TIME_ZONE_INFORMATION Information)
{
    memset(Information, 0, sizeof(*Information));
    Information->Bias = (LONG)(RtlpTimeZoneBias() / TICKS_A_MINUTE);
    wcscpy(Information->StandardName, L"UTC");
    wcscpy(Information->DaylightName, L"UTC");
}

/* DIFFERS: one zone without daylight saving, named UTC whatever its bias. */
NTSTATUS NTAPI RtlQueryTimeZoneInformation(PRTL_TIME_ZONE_INFORMATION Information)
{
    RtlpFillTimeZone(Information);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlQueryDynamicTimeZoneInformation(PRTL_DYNAMIC_TIME_ZONE_INFORMATION Information)
{
    memset(Information, 0, sizeof(*Information));
    RtlpFillTimeZone(&Information->Zone);
    wcscpy(Information->TimeZoneKeyName, L"UTC");
    return STATUS_SUCCESS;
}

/* What the system answers; it needs SE_TIME_ZONE_PRIVILEGE.  STATUS_INVALID_PARAMETER: a month or day out of range. */
/* PARTIAL: the executive has one fixed zone, and does not take another. */
NTSTATUS NTAPI RtlSetTimeZoneInformation(const RTL_TIME_ZONE_INFORMATION *Information)
{
    const TIME_FIELDS *Starts[] = { &Information->StandardStart, &Information->DaylightStart };

    for (ULONG Index = 0; Index < ARRAYSIZE(Starts); Index++)
        if (Starts[Index]->Month < 0 || Starts[Index]->Month > 12 || Starts[Index]->Day < 0 || Starts[Index]->Day > 31)
            return STATUS_INVALID_PARAMETER;
    return NtSetSystemInformation(SYSTEM_CURRENT_TIME_ZONE, (PVOID)Information, sizeof(*Information));
}

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
