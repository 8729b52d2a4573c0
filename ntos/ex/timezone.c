/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The time zone: what the machine's local time is, and when it changes.
 *
 * The zone is read from Control\TimeZoneInformation of the registry at start; who sets another one (SeTimeZonePrivilege)
 * changes both, or neither.  Programs see the bias in KUSER_SHARED_DATA: local time = system time - bias.  A timer for
 * system time publishes the next one when daylight saving time begins or ends; ExpRefreshTimeZone does when the clock is set.
 *
 * A zone has two yearly dates or none.  Year 0: Day counts the Weekdays of the month, 5 being the last; else the one day
 * of that year.  Each date is local time as it is before the change.
 * Source: TIME_ZONE_INFORMATION, DYNAMIC_TIME_ZONE_INFORMATION, SetTimeZoneInformation (Win32 documentation); the key's values
 * have the names and types of these, the dates being TIME_FIELDS.
 *
 * DIFFERS: the rules of single years (Dynamic DST) are not looked up.
 */
#include "ntos/ex/exp.h"
#include "ntos/inc/cm.h"
#include "ntos/inc/log.h"

#define EXP_TIME_ZONE_KEY L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\TimeZoneInformation"
#define TICKS_A_MINUTE 600000000ll
#define TICKS_A_DAY (24 * 60 * TICKS_A_MINUTE)
#define MAXIMUM_BIAS (24 * 60)          /* minutes */

enum { ZONE_UNKNOWN, ZONE_STANDARD, ZONE_DAYLIGHT };    /* KUSER_SHARED_DATA.TimeZoneId */

_Static_assert(sizeof(RTL_TIME_ZONE_INFORMATION) == 172 && sizeof(RTL_DYNAMIC_TIME_ZONE_INFORMATION) == 432, "layout");

static RTL_DYNAMIC_TIME_ZONE_INFORMATION ExpTimeZone = { { .StandardName = L"UTC", .DaylightName = L"UTC" }, .TimeZoneKeyName = L"UTC" };
static KTIMER ExpTimeZoneTimer;
static KDPC ExpTimeZoneDpc;

/* --- when the bias changes --------------------------------------------------------------------------------------- */

/* The moment of a date in Year, as if local time were UTC. */
static LONG64 ExpDateInYear(const TIME_FIELDS *Start, LONG Year)
{
    TIME_FIELDS Date = *Start, First;
    LARGE_INTEGER Time;
    LONG Weeks = Start->Day;

    if (Start->Year != 0) {
        RtlTimeFieldsToTime(&Date, &Time);
        return Time.QuadPart;
    }
    Date.Year = (SHORT)Year;
    Date.Day = 1;
    RtlTimeFieldsToTime(&Date, &Time);
    RtlTimeToTimeFields(&Time, &First);
    Date.Day = (SHORT)(1 + (Start->Weekday - First.Weekday + 7) % 7 + (Weeks - 1) * 7);
    while (!RtlTimeFieldsToTime(&Date, &Time))          /* no fifth week in this month */
        Date.Day -= 7;
    return Time.QuadPart;
}

static LONG64 ExpStandardStart(const RTL_TIME_ZONE_INFORMATION *Zone, LONG Year)
{
    return ExpDateInYear(&Zone->StandardStart, Year) + (Zone->Bias + Zone->DaylightBias) * TICKS_A_MINUTE;
}

static LONG64 ExpDaylightStart(const RTL_TIME_ZONE_INFORMATION *Zone, LONG Year)
{
    return ExpDateInYear(&Zone->DaylightStart, Year) + (Zone->Bias + Zone->StandardBias) * TICKS_A_MINUTE;
}

/* What holds at system time Now, and from when until when. */
typedef struct _EXP_PERIOD {
    ULONG Id;
    LONG64 Bias;                        /* 100 ns */
    LONG64 Begin;
    LONG64 End;
} EXP_PERIOD;

static VOID ExpNarrow(EXP_PERIOD *Period, LONG64 Change, LONG64 Now)
{
    if (Change <= Now)
        Period->Begin = max(Period->Begin, Change);
    else
        Period->End = min(Period->End, Change);
}

static EXP_PERIOD ExpPeriodAt(const RTL_TIME_ZONE_INFORMATION *Zone, LONG64 Now)
{
    EXP_PERIOD Period = { ZONE_UNKNOWN, Zone->Bias * TICKS_A_MINUTE, 0, MAXLONGLONG };
    LARGE_INTEGER Local = { .QuadPart = max(Now - Zone->Bias * TICKS_A_MINUTE, TICKS_A_DAY) };
    TIME_FIELDS Fields;
    LONG64 Standard, Daylight;
    BOOLEAN IsDaylight;

    if (Zone->StandardStart.Month == 0)
        return Period;
    RtlTimeToTimeFields(&Local, &Fields);
    Standard = ExpStandardStart(Zone, Fields.Year);
    Daylight = ExpDaylightStart(Zone, Fields.Year);
    IsDaylight = Daylight < Standard ? Now >= Daylight && Now < Standard : Now < Standard || Now >= Daylight;
    for (LONG Year = max(Fields.Year - 1, 1601); Year <= min(Fields.Year + 1, 30826); Year++) {
        ExpNarrow(&Period, ExpStandardStart(Zone, Year), Now);
        ExpNarrow(&Period, ExpDaylightStart(Zone, Year), Now);
    }
    Period.Id = IsDaylight ? ZONE_DAYLIGHT : ZONE_STANDARD;
    Period.Bias += (IsDaylight ? Zone->DaylightBias : Zone->StandardBias) * TICKS_A_MINUTE;
    return Period;
}

VOID ExpRefreshTimeZone(VOID)
{
    LARGE_INTEGER Now, End;
    EXP_PERIOD Period;

    KeQuerySystemTime(&Now);
    Period = ExpPeriodAt(&ExpTimeZone.Zone, Now.QuadPart);
    End.QuadPart = Period.End;
    MmSharedUserData->TimeZoneBias.High2Time = (LONG)(Period.Bias >> 32);
    MmSharedUserData->TimeZoneBias.LowPart = (ULONG)Period.Bias;
    MmSharedUserData->TimeZoneBias.High1Time = (LONG)(Period.Bias >> 32);
    MmSharedUserData->TimeZoneId = Period.Id;
    MmSharedUserData->TimeZoneBiasEffectiveStart.QuadPart = Period.Begin;
    MmSharedUserData->TimeZoneBiasEffectiveEnd = End;
    MmSharedUserData->TimeZoneBiasStamp++;
    KeCancelTimer(&ExpTimeZoneTimer);
    if (Period.End != MAXLONGLONG)
        KeSetTimerEx(&ExpTimeZoneTimer, End, 0, &ExpTimeZoneDpc);
}

static VOID NTAPI ExpTimeZoneChanges(PKDPC Dpc, PVOID Context, PVOID SystemArgument1, PVOID SystemArgument2)
{
    ExpRefreshTimeZone();
}

VOID ExpQueryTimeZoneBias(PLARGE_INTEGER Bias, PULONG Id)
{
    LARGE_INTEGER Now;
    EXP_PERIOD Period;

    KeQuerySystemTime(&Now);
    Period = ExpPeriodAt(&ExpTimeZone.Zone, Now.QuadPart);
    Bias->QuadPart = Period.Bias;
    *Id = Period.Id;
}

/* --- what a zone may be ------------------------------------------------------------------------------------------ */

static BOOLEAN ExpIsBias(LONG Bias)
{
    return Bias >= -MAXIMUM_BIAS && Bias <= MAXIMUM_BIAS;
}

static BOOLEAN ExpIsDate(const TIME_FIELDS *Start)
{
    TIME_FIELDS Date = *Start;
    LARGE_INTEGER Time;

    if (Start->Year != 0)
        return Start->Year < 30827 && RtlTimeFieldsToTime(&Date, &Time);
    Date.Year = 2000;
    Date.Day = 1;
    return Start->Day >= 1 && Start->Day <= 5 && Start->Weekday >= 0 && Start->Weekday <= 6 && RtlTimeFieldsToTime(&Date, &Time);
}

static BOOLEAN ExpIsTimeZone(const RTL_TIME_ZONE_INFORMATION *Zone)
{
    if (!ExpIsBias(Zone->Bias) || !ExpIsBias(Zone->StandardBias) || !ExpIsBias(Zone->DaylightBias))
        return FALSE;
    if (Zone->StandardStart.Month == 0 && Zone->DaylightStart.Month == 0)
        return TRUE;
    return ExpIsDate(&Zone->StandardStart) && ExpIsDate(&Zone->DaylightStart);
}

/* --- the registry ------------------------------------------------------------------------------------------------ */

enum { ZONE_NUMBER, ZONE_TEXT, ZONE_DATE, ZONE_BOOLEAN };

static const struct {
    PCWSTR Name;
    USHORT Offset;
    UCHAR Kind;
    UCHAR Chars;                        /* of ZONE_TEXT */
} ExpTimeZoneValues[] = {
    { L"Bias", FIELD_OFFSET(RTL_TIME_ZONE_INFORMATION, Bias), ZONE_NUMBER, 0 },
    { L"StandardName", FIELD_OFFSET(RTL_TIME_ZONE_INFORMATION, StandardName), ZONE_TEXT, 32 },
    { L"StandardStart", FIELD_OFFSET(RTL_TIME_ZONE_INFORMATION, StandardStart), ZONE_DATE, 0 },
    { L"StandardBias", FIELD_OFFSET(RTL_TIME_ZONE_INFORMATION, StandardBias), ZONE_NUMBER, 0 },
    { L"DaylightName", FIELD_OFFSET(RTL_TIME_ZONE_INFORMATION, DaylightName), ZONE_TEXT, 32 },
    { L"DaylightStart", FIELD_OFFSET(RTL_TIME_ZONE_INFORMATION, DaylightStart), ZONE_DATE, 0 },
    { L"DaylightBias", FIELD_OFFSET(RTL_TIME_ZONE_INFORMATION, DaylightBias), ZONE_NUMBER, 0 },
    { L"TimeZoneKeyName", FIELD_OFFSET(RTL_DYNAMIC_TIME_ZONE_INFORMATION, TimeZoneKeyName), ZONE_TEXT, 128 },
    { L"DynamicDaylightTimeDisabled", FIELD_OFFSET(RTL_DYNAMIC_TIME_ZONE_INFORMATION, DynamicDaylightTimeDisabled), ZONE_BOOLEAN, 0 },
};

static VOID ExpReadTimeZoneValue(PCM_KEY Key, RTL_DYNAMIC_TIME_ZONE_INFORMATION *Zone, ULONG Index)
{
    PCWSTR Name = ExpTimeZoneValues[Index].Name;
    PVOID Place = (PUCHAR)Zone + ExpTimeZoneValues[Index].Offset;
    const void *Data;
    ULONG Type, Length;

    switch (ExpTimeZoneValues[Index].Kind) {
    case ZONE_NUMBER:
        *(PLONG)Place = (LONG)CmReadDwordDefault(Key, Name, 0);
        break;
    case ZONE_BOOLEAN:
        *(PBOOLEAN)Place = CmReadDwordDefault(Key, Name, FALSE) != 0;
        break;
    case ZONE_TEXT:
        if (!NT_SUCCESS(CmReadString(Key, Name, Place, ExpTimeZoneValues[Index].Chars)))
            *(PWCHAR)Place = 0;
        break;
    case ZONE_DATE:
        if (NT_SUCCESS(CmReadValue(Key, Name, &Type, &Data, &Length)) && Type == REG_BINARY && Length == sizeof(TIME_FIELDS))
            memcpy(Place, Data, sizeof(TIME_FIELDS));
        break;
    }
}

static NTSTATUS ExpWriteTimeZoneValue(PCM_KEY Key, const RTL_DYNAMIC_TIME_ZONE_INFORMATION *Zone, ULONG Index)
{
    PCWSTR Name = ExpTimeZoneValues[Index].Name;
    const void *Place = (const UCHAR *)Zone + ExpTimeZoneValues[Index].Offset;
    ULONG Number;

    switch (ExpTimeZoneValues[Index].Kind) {
    case ZONE_TEXT:
        return CmWriteValue(Key, Name, REG_SZ, Place, (ULONG)(wcslen(Place) + 1) * sizeof(WCHAR));
    case ZONE_DATE:
        return CmWriteValue(Key, Name, REG_BINARY, Place, sizeof(TIME_FIELDS));
    case ZONE_BOOLEAN:
        Number = *(const BOOLEAN *)Place;
        return CmWriteValue(Key, Name, REG_DWORD, &Number, sizeof(Number));
    default:
        return CmWriteValue(Key, Name, REG_DWORD, Place, sizeof(ULONG));
    }
}

/* Writes the zone and, as ActiveTimeBias, the bias in minutes that holds now. */
static NTSTATUS ExpStoreTimeZone(const RTL_DYNAMIC_TIME_ZONE_INFORMATION *Zone)
{
    LARGE_INTEGER Now;
    NTSTATUS Status;
    PCM_KEY Key;
    LONG Active;

    Status = CmCreateKey(EXP_TIME_ZONE_KEY, &Key);
    if (!NT_SUCCESS(Status))
        return Status;
    for (ULONG Index = 0; NT_SUCCESS(Status) && Index < ARRAYSIZE(ExpTimeZoneValues); Index++)
        Status = ExpWriteTimeZoneValue(Key, Zone, Index);
    KeQuerySystemTime(&Now);
    Active = (LONG)(ExpPeriodAt(&Zone->Zone, Now.QuadPart).Bias / TICKS_A_MINUTE);
    if (NT_SUCCESS(Status))
        Status = CmWriteValue(Key, L"ActiveTimeBias", REG_DWORD, &Active, sizeof(Active));
    CmCloseKey(Key);
    return Status;
}

NTSTATUS ExInitTimeZone(VOID)
{
    RTL_DYNAMIC_TIME_ZONE_INFORMATION Zone = { 0 };
    PCM_KEY Key;

    KeInitializeTimerEx(&ExpTimeZoneTimer, NotificationTimer);
    KeInitializeDpc(&ExpTimeZoneDpc, ExpTimeZoneChanges, NULL);
    if (NT_SUCCESS(CmOpenKey(EXP_TIME_ZONE_KEY, &Key))) {
        for (ULONG Index = 0; Index < ARRAYSIZE(ExpTimeZoneValues); Index++)
            ExpReadTimeZoneValue(Key, &Zone, Index);
        CmCloseKey(Key);
        if (ExpIsTimeZone(&Zone.Zone))
            ExpTimeZone = Zone;
        else
            LogPrint("the registry's time zone makes no sense: UTC");
    }
    ExpRefreshTimeZone();
    return STATUS_SUCCESS;
}

/* --- the information classes ------------------------------------------------------------------------------------- */

NTSTATUS ExpQueryTimeZone(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    return ExpPut(UserBuffer, Length, Needed, &ExpTimeZone.Zone, sizeof(ExpTimeZone.Zone));
}

NTSTATUS ExpQueryDynamicTimeZone(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    return ExpPut(UserBuffer, Length, Needed, &ExpTimeZone, sizeof(ExpTimeZone));
}

static NTSTATUS ExpChangeTimeZone(PVOID UserBuffer, ULONG Length, ULONG Expected)
{
    RTL_DYNAMIC_TIME_ZONE_INFORMATION New = { 0 }, Old = ExpTimeZone;
    NTSTATUS Status;

    if (Length != Expected)
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_TIME_ZONE_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmCopyFromUser(&New, UserBuffer, Length);
    if (!NT_SUCCESS(Status))
        return Status;
    New.Zone.StandardName[ARRAYSIZE(New.Zone.StandardName) - 1] = 0;
    New.Zone.DaylightName[ARRAYSIZE(New.Zone.DaylightName) - 1] = 0;
    New.TimeZoneKeyName[ARRAYSIZE(New.TimeZoneKeyName) - 1] = 0;
    New.DynamicDaylightTimeDisabled = New.DynamicDaylightTimeDisabled != FALSE;
    if (!ExpIsTimeZone(&New.Zone))
        return STATUS_INVALID_PARAMETER;
    Status = ExpStoreTimeZone(&New);
    if (!NT_SUCCESS(Status)) {
        ExpStoreTimeZone(&Old);
        return Status;
    }
    ExpTimeZone = New;
    ExpRefreshTimeZone();
    return STATUS_SUCCESS;
}

/* The zone has no name of the registry's afterwards. */
NTSTATUS ExpSetTimeZone(PVOID UserBuffer, ULONG Length)
{
    return ExpChangeTimeZone(UserBuffer, Length, sizeof(RTL_TIME_ZONE_INFORMATION));
}

NTSTATUS ExpSetDynamicTimeZone(PVOID UserBuffer, ULONG Length)
{
    return ExpChangeTimeZone(UserBuffer, Length, sizeof(RTL_DYNAMIC_TIME_ZONE_INFORMATION));
}
