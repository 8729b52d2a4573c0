/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small exports of several families: local time, version conditions, search paths, error mode, text tests.
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

/* --- search paths ------------------------------------------------------------------------------------------------ */

static volatile LONG RtlpSearchMode;        /* flags of RtlSetSearchPathMode; 0: not set, which is unsafe */

/* Parts of the default order: the directory of Module (NULL: of the program), the current one if CurrentFirst, system,
 * Windows, current, PATH. */
static NTSTATUS LdrpBuildSearchPath(PCWSTR Module, BOOLEAN CurrentFirst, PWSTR *Path)
{
    PCUNICODE_STRING Program = &NtCurrentPeb()->ProcessParameters->ImagePathName;
    PCWSTR Text = Module != NULL ? Module : Program->Buffer, Windows = (PCWSTR)USER_SHARED_DATA->NtSystemRoot;
    SIZE_T Directory = Module != NULL ? wcslen(Module) : Program->Length / sizeof(WCHAR), PathLength = 0;
    WCHAR System[MAX_PATH];
    PWSTR Result;

    while (Directory > 0 && Text[Directory - 1] != '\\' && Text[Directory - 1] != '/')
        Directory--;
    RtlpGetSystemDirectory(System, MAX_PATH);
    RtlQueryEnvironmentVariable(NULL, L"PATH", 4, NULL, 0, &PathLength);
    Result = RtlAllocateHeap(RtlProcessHeap(), 0,
            (Directory + wcslen(System) + wcslen(Windows) + PathLength + 16) * sizeof(WCHAR));
    if (Result == NULL)
        return STATUS_NO_MEMORY;
    memcpy(Result, Text, Directory * sizeof(WCHAR));
    Result[Directory] = 0;
    wcscat(Result, CurrentFirst ? L";.;" : L";");
    wcscat(Result, System);
    wcscat(Result, L";");
    wcscat(Result, Windows);
    wcscat(Result, CurrentFirst ? L";" : L";.;");
    Directory = wcslen(Result);
    if (PathLength != 0 && !NT_SUCCESS(RtlQueryEnvironmentVariable(NULL, L"PATH", 4, Result + Directory, PathLength,
                                                                   &PathLength)))
        Result[Directory] = 0;
    *Path = Result;
    return STATUS_SUCCESS;
}

/* The strings of these three are freed with RtlReleasePath. */
NTSTATUS NTAPI LdrGetDllPath(PCWSTR Module, ULONG Flags, PWSTR *Path, PWSTR *Unknown)
{
    *Unknown = NULL;
    return LdrpBuildSearchPath(Flags & LOAD_WITH_ALTERED_SEARCH_PATH_FLAG ? Module : NULL, FALSE, Path);
}

NTSTATUS NTAPI RtlGetSearchPath(PWSTR *Path)
{
    return LdrpBuildSearchPath(NULL, !(RtlpSearchMode & BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE_FLAG), Path);
}

NTSTATUS NTAPI RtlGetExePath(PCWSTR Name, PWSTR *Path)
{
    return LdrpBuildSearchPath(NULL, TRUE, Path);
}

/* Where RtlGetSearchPath puts the current directory: behind the system's (safe), or before.  A permanent safe mode
 * cannot be changed: STATUS_ACCESS_DENIED.  STATUS_INVALID_PARAMETER.  Source: SetSearchPathMode. */
NTSTATUS NTAPI RtlSetSearchPathMode(ULONG Flags)
{
    if (Flags != BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE_FLAG && Flags != BASE_SEARCH_PATH_DISABLE_SAFE_SEARCHMODE_FLAG &&
        Flags != (BASE_SEARCH_PATH_ENABLE_SAFE_SEARCHMODE_FLAG | BASE_SEARCH_PATH_PERMANENT_FLAG))
        return STATUS_INVALID_PARAMETER;
    if (RtlpSearchMode & BASE_SEARCH_PATH_PERMANENT_FLAG)
        return STATUS_ACCESS_DENIED;
    InterlockedExchange(&RtlpSearchMode, (LONG)Flags);
    return STATUS_SUCCESS;
}

VOID NTAPI RtlReleasePath(PWSTR Path)
{
    RtlFreeHeap(RtlProcessHeap(), 0, Path);
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
