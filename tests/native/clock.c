/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Clocks and the time zone: counters, precise time, local time, daylight saving time as the year's dates say.
 * Source: TIME_ZONE_INFORMATION, GetSystemTimePreciseAsFileTime, QueryUnbiasedInterruptTime (Win32 documentation).
 * Runs on: Nereid and Wine.
 *
 * Wine takes its zone from the host and does not take another one, and leaves the clock alone: both are set on Nereid only.
 */
#include "check.h"

NTSTATUS NTAPI RtlLocalTimeToSystemTime(PLARGE_INTEGER LocalTime, PLARGE_INTEGER SystemTime);

#define SECOND 10000000ll
#define MINUTE (60 * SECOND)
#define ZONE_CLASS ((SYSTEM_INFORMATION_CLASS)44)
#define DYNAMIC_ZONE_CLASS ((SYSTEM_INFORMATION_CLASS)102)
#define ZONE_KEY L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\TimeZoneInformation"

static VOID Sleep100ns(LONGLONG Units)
{
    LARGE_INTEGER Delay = { .QuadPart = -Units };

    NtDelayExecution(FALSE, &Delay);
}

/* --- counters ---------------------------------------------------------------------------------------------------- */

static VOID TestCounters(VOID)
{
    LARGE_INTEGER First, Second, Frequency = { 0 }, Other = { 0 };

    CHECK(RtlQueryPerformanceFrequency(&Frequency) && Frequency.QuadPart > 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryPerformanceCounter(&First, &Other));
    CHECK(Other.QuadPart == Frequency.QuadPart);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryPerformanceCounter(&First, NULL));
    CHECK(RtlQueryPerformanceCounter(&Second) && Second.QuadPart >= First.QuadPart);
    for (ULONG i = 0; i < 1000; i++) {
        First = Second;
        if (!RtlQueryPerformanceCounter(&Second) || Second.QuadPart < First.QuadPart) {
            CHECK(Second.QuadPart >= First.QuadPart);
            break;
        }
    }
    First = Second;
    Sleep100ns(SECOND / 20);
    RtlQueryPerformanceCounter(&Second);
    CHECK((Second.QuadPart - First.QuadPart) * 1000 / Frequency.QuadPart >= 49);
}

/* Finer than the clock's tick: within a few thousand readings some differ by less than half a millisecond. */
static VOID TestPreciseTime(VOID)
{
    LONGLONG Least = SECOND, First, Second;
    LARGE_INTEGER Coarse;

    NtQuerySystemTime(&Coarse);
    First = RtlGetSystemTimePrecise();
    CHECK(First >= Coarse.QuadPart && First - Coarse.QuadPart < 10 * SECOND);
    for (ULONG i = 0; i < 5000; i++) {
        Second = RtlGetSystemTimePrecise();
        if (Second < First) {
            CHECK(Second >= First);
            break;
        }
        if (Second > First)
            Least = min(Least, Second - First);
        First = Second;
    }
    CHECK(Least < SECOND / 2000);
}

static VOID TestUnbiasedTime(VOID)
{
    ULONGLONG First = 0, Second = 0;

    CHECK(!RtlQueryUnbiasedInterruptTime(NULL));
    CHECK(RtlQueryUnbiasedInterruptTime(&First) && First != 0);
    Sleep100ns(SECOND / 10);
    CHECK(RtlQueryUnbiasedInterruptTime(&Second) && Second - First >= SECOND / 20 && Second - First < 60 * SECOND);
}

/* --- the rate of time of day ------------------------------------------------------------------------------------- */

typedef struct _ADJUSTMENT {
    ULONG TimeAdjustment;
    BOOLEAN Disabled;
} ADJUSTMENT;

/* Time of day and interrupt time of one moment: again, if the machine was stopped between the readings. */
static VOID ReadBoth(PLARGE_INTEGER DayTime, PULONGLONG InterruptTime)
{
    ULONGLONG Again;

    do {
        RtlQueryUnbiasedInterruptTime(InterruptTime);
        NtQuerySystemTime(DayTime);
        RtlQueryUnbiasedInterruptTime(&Again);
    } while (Again - *InterruptTime > SECOND / 50);
}

/* So many milliseconds of time of day in a hundred of interrupt time, or a few more or less. */
static LONGLONG DayTimeIn100ms(VOID)
{
    ULONGLONG Before, After;
    LARGE_INTEGER First, Last;

    ReadBoth(&First, &Before);
    Sleep100ns(SECOND / 2);
    ReadBoth(&Last, &After);
    return (Last.QuadPart - First.QuadPart) * 100 / (LONGLONG)(After - Before);
}

/* A timer for a time of day comes when it is that time, as the clock says that runs faster or slower. */
static VOID TestTimerInTime(HANDLE Timer)
{
    LARGE_INTEGER Due, Now;

    NtQuerySystemTime(&Now);
    Due.QuadPart = Now.QuadPart + SECOND;
    CHECK_STATUS(STATUS_SUCCESS, NtSetTimer(Timer, &Due, NULL, NULL, FALSE, 0, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Timer, FALSE, NULL));
    NtQuerySystemTime(&Now);
    CHECK(Now.QuadPart >= Due.QuadPart - SECOND / 20 && Now.QuadPart < Due.QuadPart + 30 * SECOND);
}

/* Source: SetSystemTimeAdjustment (Win32 documentation). */
static VOID TestAdjustment(VOID)
{
    const SYSTEM_INFORMATION_CLASS Class = (SYSTEM_INFORMATION_CLASS)28;
    struct { ULONG TimeAdjustment, TimeIncrement; BOOLEAN Disabled; } Now;
    ADJUSTMENT Twice = { 2 * 156250, FALSE }, Half = { 156250 / 2, FALSE }, Off = { 0, TRUE }, Wrong = { 0, FALSE };
    LONGLONG Rate;
    HANDLE Timer;
    BOOLEAN Old;

    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(Class, &Now, sizeof(Now), NULL));
    CHECK(Now.TimeAdjustment == 156250 && Now.TimeIncrement == 156250 && Now.Disabled);
    RtlAdjustPrivilege(SE_SYSTEMTIME_PRIVILEGE, FALSE, FALSE, &Old);
    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, NtSetSystemInformation(Class, &Twice, sizeof(Twice)));
    RtlAdjustPrivilege(SE_SYSTEMTIME_PRIVILEGE, TRUE, FALSE, &Old);
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetSystemInformation(Class, &Twice, sizeof(Twice) - 1));
    CHECK_STATUS(STATUS_INVALID_PARAMETER_2, NtSetSystemInformation(Class, &Wrong, sizeof(Wrong)));
    Wrong.TimeAdjustment = MAXDWORD;
    CHECK_STATUS(STATUS_INVALID_PARAMETER_2, NtSetSystemInformation(Class, &Wrong, sizeof(Wrong)));
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemInformation(Class, &Twice, sizeof(Twice)));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(Class, &Now, sizeof(Now), NULL));
    CHECK(Now.TimeAdjustment == 2 * 156250 && !Now.Disabled);
    Rate = DayTimeIn100ms();
    CHECK(Rate > 170 && Rate < 230);
    CHECK_STATUS(STATUS_SUCCESS, NtCreateTimer(&Timer, TIMER_ALL_ACCESS, NULL, NotificationTimer));
    TestTimerInTime(Timer);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemInformation(Class, &Half, sizeof(Half)));
    Rate = DayTimeIn100ms();
    CHECK(Rate > 35 && Rate < 65);
    TestTimerInTime(Timer);
    NtClose(Timer);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemInformation(Class, &Off, sizeof(Off)));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(Class, &Now, sizeof(Now), NULL));
    CHECK(Now.TimeAdjustment == 156250 && Now.Disabled);
    Rate = DayTimeIn100ms();
    CHECK(Rate > 90 && Rate < 110);
}

/* --- the zone that is there -------------------------------------------------------------------------------------- */

static LONG BiasInMinutes(VOID)
{
    LARGE_INTEGER System = { .QuadPart = 0x1d0000000000000 }, Local, Back;

    CHECK_STATUS(STATUS_SUCCESS, RtlSystemTimeToLocalTime(&System, &Local));
    CHECK_STATUS(STATUS_SUCCESS, RtlLocalTimeToSystemTime(&Local, &Back));
    CHECK(Back.QuadPart == System.QuadPart && (System.QuadPart - Local.QuadPart) % MINUTE == 0);
    return (LONG)((System.QuadPart - Local.QuadPart) / MINUTE);
}

static VOID TestQuery(VOID)
{
    RTL_DYNAMIC_TIME_ZONE_INFORMATION Dynamic;
    RTL_TIME_ZONE_INFORMATION Zone;
    LONG Bias = BiasInMinutes();
    ULONG Length = 0;

    memset(&Zone, 0xa5, sizeof(Zone));
    memset(&Dynamic, 0xa5, sizeof(Dynamic));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryTimeZoneInformation(&Zone));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryDynamicTimeZoneInformation(&Dynamic));
    CHECK(memcmp(&Zone, &Dynamic.Zone, sizeof(Zone)) == 0);
    CHECK(wcsnlen(Zone.StandardName, 32) < 32 && wcsnlen(Zone.DaylightName, 32) < 32 && wcsnlen(Dynamic.TimeZoneKeyName, 128) < 128);
    CHECK(Bias == Zone.Bias || Bias == Zone.Bias + Zone.StandardBias || Bias == Zone.Bias + Zone.DaylightBias);
    CHECK((Zone.StandardStart.Month == 0) == (Zone.DaylightStart.Month == 0));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(ZONE_CLASS, &Zone, sizeof(Zone), &Length));
    CHECK(Length == sizeof(Zone));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQuerySystemInformation(ZONE_CLASS, &Zone, sizeof(Zone) - 1, NULL));
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(DYNAMIC_ZONE_CLASS, &Dynamic, sizeof(Dynamic), &Length));
    CHECK(Length == sizeof(Dynamic));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtQuerySystemInformation(DYNAMIC_ZONE_CLASS, &Dynamic, sizeof(Zone), NULL));
}

/* --- other zones ------------------------------------------------------------------------------------------------- */

#define UTC(...) ((TIME_FIELDS){ __VA_ARGS__ })

static const RTL_TIME_ZONE_INFORMATION Kolkata = { .Bias = -330, .StandardName = L"India Standard Time", .StandardBias = 7 };
static const RTL_TIME_ZONE_INFORMATION Berlin = {
    -60, L"W. Europe Standard Time", { 0, 10, 5, 3, 0, 0, 0, 0 }, 0, L"W. Europe Daylight Time", { 0, 3, 5, 2, 0, 0, 0, 0 }, -60
};
static const RTL_TIME_ZONE_INFORMATION Sydney = {
    -600, L"AUS Eastern Standard Time", { 0, 4, 1, 3, 0, 0, 0, 0 }, 0, L"AUS Eastern Daylight Time", { 0, 10, 1, 2, 0, 0, 0, 0 }, -60
};
static const RTL_TIME_ZONE_INFORMATION NewYork = {
    300, L"Eastern Standard Time", { 0, 11, 1, 2, 0, 0, 0, 0 }, 0, L"Eastern Daylight Time", { 0, 3, 2, 2, 0, 0, 0, 0 }, -60
};
/* The one summer of 2025, and a standard time that is not the zone's bias. */
static const RTL_TIME_ZONE_INFORMATION Once = {
    0, L"Then", { 2025, 9, 30, 1, 0, 0, 0, 0 }, 15, L"Once", { 2025, 5, 1, 1, 0, 0, 0, 0 }, -30
};
/* From the last Sunday of February, which is the fourth. */
static const RTL_TIME_ZONE_INFORMATION February = {
    0, L"S", { 0, 6, 2, 0, 0, 0, 0, 3 }, 0, L"D", { 0, 2, 5, 0, 0, 0, 0, 0 }, -60
};

static ULONG ZoneId(VOID)
{
    return USER_SHARED_DATA->TimeZoneId;
}

static VOID SetTime(TIME_FIELDS Fields)
{
    LARGE_INTEGER Time;

    CHECK(RtlTimeFieldsToTime(&Fields, &Time));
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemTime(&Time, NULL));
}

/* At that moment the bias and the zone's half (KUSER_SHARED_DATA.TimeZoneId) are these, for all who ask. */
static VOID ExpectAt(TIME_FIELDS Fields, LONG Bias, ULONG Id)
{
    struct {
        LARGE_INTEGER BootTime, CurrentTime, TimeZoneBias;
        ULONG TimeZoneId, Reserved;
        ULONGLONG BootTimeBias, SleepTimeBias;
    } Day = { .TimeZoneId = 77 };

    SetTime(Fields);
    if (!CHECK(BiasInMinutes() == Bias && ZoneId() == Id))
        Print(L"  %d-%d-%d %d:%d: bias %d, id %u\n", Fields.Year, Fields.Month, Fields.Day, Fields.Hour, Fields.Minute,
              BiasInMinutes(), ZoneId());
    CHECK_STATUS(STATUS_SUCCESS, NtQuerySystemInformation(SystemTimeOfDayInformation, &Day, sizeof(Day), NULL));
    CHECK(Day.TimeZoneBias.QuadPart == Bias * MINUTE && Day.TimeZoneId == Id);
    CHECK(USER_SHARED_DATA->TimeZoneBiasEffectiveStart.QuadPart <= Day.CurrentTime.QuadPart &&
          USER_SHARED_DATA->TimeZoneBiasEffectiveEnd.QuadPart > Day.CurrentTime.QuadPart);
}

static VOID TestWithoutPrivilege(VOID)
{
    LONG Before = BiasInMinutes();

    CHECK_STATUS(STATUS_PRIVILEGE_NOT_HELD, RtlSetTimeZoneInformation(&Berlin));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetSystemInformation(ZONE_CLASS, (PVOID)&Berlin, sizeof(Berlin) - 1));
    CHECK_STATUS(STATUS_INFO_LENGTH_MISMATCH, NtSetSystemInformation(DYNAMIC_ZONE_CLASS, (PVOID)&Berlin, sizeof(Berlin)));
    CHECK(BiasInMinutes() == Before);
}

static VOID TestFixed(VOID)
{
    RTL_TIME_ZONE_INFORMATION Zone;

    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&Kolkata));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryTimeZoneInformation(&Zone));
    CHECK(memcmp(&Zone, &Kolkata, sizeof(Zone)) == 0);
    ExpectAt(UTC(2025, 1, 1), -330, 0);         /* without a date StandardBias does not count */
    ExpectAt(UTC(2025, 7, 1), -330, 0);
}

static VOID TestNorth(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&Berlin));
    ExpectAt(UTC(2025, 1, 15, 12), -60, 1);
    ExpectAt(UTC(2025, 3, 30, 0, 59, 0), -60, 1);
    ExpectAt(UTC(2025, 3, 30, 1, 0, 0), -120, 2);
    ExpectAt(UTC(2025, 10, 26, 0, 59, 0), -120, 2);
    ExpectAt(UTC(2025, 10, 26, 1, 0, 0), -60, 1);
    ExpectAt(UTC(2024, 12, 31, 23, 59, 0), -60, 1);
    ExpectAt(UTC(2024, 3, 31, 1, 0, 0), -120, 2);       /* a month with five Sundays */
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&NewYork));
    ExpectAt(UTC(2025, 3, 9, 6, 59, 0), 300, 1);
    ExpectAt(UTC(2025, 3, 9, 7, 0, 0), 240, 2);
    ExpectAt(UTC(2025, 11, 2, 5, 59, 0), 240, 2);
    ExpectAt(UTC(2025, 11, 2, 6, 0, 0), 300, 1);
    ExpectAt(UTC(2026, 1, 1, 2, 0, 0), 300, 1);         /* the old year still, there */
}

static VOID TestSouth(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&Sydney));
    ExpectAt(UTC(2025, 1, 15), -660, 2);
    ExpectAt(UTC(2024, 12, 31, 12), -660, 2);
    ExpectAt(UTC(2024, 12, 31, 14), -660, 2);
    ExpectAt(UTC(2025, 4, 5, 15, 59, 0), -660, 2);
    ExpectAt(UTC(2025, 4, 5, 16, 0, 0), -600, 1);
    ExpectAt(UTC(2025, 10, 4, 15, 59, 0), -600, 1);
    ExpectAt(UTC(2025, 10, 4, 16, 0, 0), -660, 2);
}

static VOID TestSingleDates(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&Once));
    ExpectAt(UTC(2024, 6, 15), 15, 1);
    ExpectAt(UTC(2025, 5, 1, 1, 14, 0), 15, 1);
    ExpectAt(UTC(2025, 5, 1, 1, 15, 0), -30, 2);
    ExpectAt(UTC(2025, 9, 30, 0, 29, 0), -30, 2);
    ExpectAt(UTC(2025, 9, 30, 0, 30, 0), 15, 1);
    ExpectAt(UTC(2026, 6, 15), 15, 1);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&February));
    ExpectAt(UTC(2025, 2, 22, 23, 59, 0), 0, 1);
    ExpectAt(UTC(2025, 2, 23), -60, 2);
    ExpectAt(UTC(2025, 6, 10, 22, 59, 0), -60, 2);      /* the second Wednesday is the 11th */
    ExpectAt(UTC(2025, 6, 10, 23, 0, 0), 0, 1);
}

/* Nobody sets the clock or the zone: the moment comes, and local time changes. */
static VOID TestMoment(VOID)
{
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&Berlin));
    SetTime(UTC(2025, 3, 30, 0, 59, 59, 500));
    CHECK(BiasInMinutes() == -60);
    Sleep100ns(SECOND);
    CHECK(BiasInMinutes() == -120 && ZoneId() == 2);
    SetTime(UTC(2025, 10, 26, 0, 59, 59, 500));
    CHECK(BiasInMinutes() == -120);
    Sleep100ns(SECOND);
    CHECK(BiasInMinutes() == -60 && ZoneId() == 1);
}

static VOID TestDynamic(VOID)
{
    RTL_DYNAMIC_TIME_ZONE_INFORMATION New = { .Zone = Sydney, .TimeZoneKeyName = L"Any name", .DynamicDaylightTimeDisabled = 3 }, Now;

    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemInformation(DYNAMIC_ZONE_CLASS, &New, sizeof(New)));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryDynamicTimeZoneInformation(&Now));
    CHECK(memcmp(&Now.Zone, &Sydney, sizeof(Sydney)) == 0 && wcscmp(Now.TimeZoneKeyName, L"Any name") == 0);
    CHECK(Now.DynamicDaylightTimeDisabled == TRUE);
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&Sydney));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryDynamicTimeZoneInformation(&Now));
    CHECK(Now.TimeZoneKeyName[0] == 0 && Now.DynamicDaylightTimeDisabled == FALSE);
}

static VOID ExpectInvalid(RTL_TIME_ZONE_INFORMATION Zone)
{
    RTL_TIME_ZONE_INFORMATION Before, After;

    RtlQueryTimeZoneInformation(&Before);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlSetTimeZoneInformation(&Zone));
    RtlQueryTimeZoneInformation(&After);
    CHECK(memcmp(&Before, &After, sizeof(Before)) == 0);
}

static VOID TestInvalid(VOID)
{
    static const TIME_FIELDS Wrong[] = {
        { 0, 13, 1, 2, 0, 0, 0, 0 }, { 0, -1, 1, 2, 0, 0, 0, 0 }, { 0, 3, 0, 2, 0, 0, 0, 0 }, { 0, 3, 6, 2, 0, 0, 0, 0 },
        { 0, 3, 1, 24, 0, 0, 0, 0 }, { 0, 3, 1, 2, 60, 0, 0, 0 }, { 0, 3, 1, 2, 0, 60, 0, 0 }, { 0, 3, 1, 2, 0, 0, 1000, 0 },
        { 0, 3, 1, 2, 0, 0, 0, 7 }, { 0, 3, 1, 2, 0, 0, 0, -1 }, { 2025, 2, 29, 2, 0, 0, 0, 0 }, { 1600, 1, 1, 0, 0, 0, 0, 0 },
        { 30827, 1, 1, 0, 0, 0, 0, 0 }, { -1, 1, 1, 0, 0, 0, 0, 0 }, { 0 },
    };
    RTL_TIME_ZONE_INFORMATION Zone;

    for (ULONG i = 0; i < ARRAYSIZE(Wrong); i++) {
        Zone = Berlin;
        Zone.DaylightStart = Wrong[i];
        ExpectInvalid(Zone);
        Zone = Berlin;
        Zone.StandardStart = Wrong[i];
        ExpectInvalid(Zone);
    }
    Zone = Berlin;
    Zone.Bias = MINLONG;
    ExpectInvalid(Zone);
    Zone = Berlin;
    Zone.DaylightBias = 1441;
    ExpectInvalid(Zone);
    CHECK_STATUS(STATUS_ACCESS_VIOLATION, NtSetSystemInformation(ZONE_CLASS, (PVOID)0x1000, sizeof(Zone)));
}

static VOID CheckNumber(HANDLE Key, PCWSTR Name, ULONG Expected)
{
    UCHAR Buffer[64];
    PKEY_VALUE_PARTIAL_INFORMATION Value = (PVOID)Buffer;
    UNICODE_STRING ValueName;
    ULONG Length;

    RtlInitUnicodeString(&ValueName, Name);
    if (CHECK_STATUS(STATUS_SUCCESS, NtQueryValueKey(Key, &ValueName, KeyValuePartialInformation, Value, sizeof(Buffer), &Length)))
        CHECK(Value->Type == REG_DWORD && Value->DataLength == 4 && *(PULONG)Value->Data == Expected);
}

/* The zone stands in the registry as it would be read at start. */
static VOID TestRegistry(VOID)
{
    UNICODE_STRING Path = RTL_CONSTANT_UNICODE_STRING(ZONE_KEY), Name = RTL_CONSTANT_UNICODE_STRING(L"DaylightStart");
    OBJECT_ATTRIBUTES Attributes;
    UCHAR Buffer[64];
    PKEY_VALUE_PARTIAL_INFORMATION Value = (PVOID)Buffer;
    ULONG Length;
    HANDLE Key;

    SetTime(UTC(2025, 7, 1));
    CHECK_STATUS(STATUS_SUCCESS, RtlSetTimeZoneInformation(&Berlin));
    InitializeObjectAttributes(&Attributes, &Path, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (!CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_READ, &Attributes)))
        return;
    CheckNumber(Key, L"Bias", (ULONG)-60);
    CheckNumber(Key, L"DaylightBias", (ULONG)-60);
    CheckNumber(Key, L"StandardBias", 0);
    CheckNumber(Key, L"ActiveTimeBias", (ULONG)-120);
    CheckNumber(Key, L"DynamicDaylightTimeDisabled", 0);
    CHECK_STATUS(STATUS_SUCCESS, NtQueryValueKey(Key, &Name, KeyValuePartialInformation, Value, sizeof(Buffer), &Length));
    CHECK(Value->Type == REG_BINARY && Value->DataLength == 16 && memcmp(Value->Data, &Berlin.DaylightStart, 16) == 0);
    RtlInitUnicodeString(&Name, L"StandardName");
    CHECK_STATUS(STATUS_SUCCESS, NtQueryValueKey(Key, &Name, KeyValuePartialInformation, Value, sizeof(Buffer), &Length));
    CHECK(Value->Type == REG_SZ && wcscmp((PCWSTR)Value->Data, L"W. Europe Standard Time") == 0);
    NtClose(Key);
}

static VOID TestZones(VOID)
{
    LARGE_INTEGER Start, Now;
    ULONGLONG Before, After;
    BOOLEAN Old;

    NtQuerySystemTime(&Start);
    RtlQueryUnbiasedInterruptTime(&Before);
    RtlAdjustPrivilege(SE_TIME_ZONE_PRIVILEGE, FALSE, FALSE, &Old);
    TestWithoutPrivilege();
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_TIME_ZONE_PRIVILEGE, TRUE, FALSE, &Old));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_SYSTEMTIME_PRIVILEGE, TRUE, FALSE, &Old));
    TestFixed();
    TestNorth();
    TestSouth();
    TestSingleDates();
    TestMoment();
    TestDynamic();
    TestInvalid();
    TestRegistry();
    RtlQueryUnbiasedInterruptTime(&After);
    Now.QuadPart = Start.QuadPart + (LONGLONG)(After - Before);
    CHECK_STATUS(STATUS_SUCCESS, NtSetSystemTime(&Now, NULL));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    CheckSystem();
    TestCounters();
    TestPreciseTime();
    TestUnbiasedTime();
    TestQuery();
    if (!IsWine) {
        TestAdjustment();
        TestZones();
    }
    return CheckClose();
}
