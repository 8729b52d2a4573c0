/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Calendar: 100 ns units since 1601-01-01 to fields and back, in the Gregorian calendar.
 *
 * Years begin in March for the computation, so that a leap day is the last day of its year.
 */
#include "rtl.h"

#define TICKS_A_SECOND 10000000ll
#define TICKS_A_MILLISECOND 10000ll
#define SECONDS_A_DAY 86400ll
#define DAYS_400_YEARS 146097ll
#define DAYS_TO_1601 584694ll              /* from 0000-03-01 */
#define SECONDS_1601_TO_1970 11644473600ll
#define SECONDS_1601_TO_1980 11960006400ll

/* Days from 1601-01-01 to the date (proleptic Gregorian). */
static LONGLONG RtlpDaysOf(LONG Year, LONG Month, LONG Day)
{
    LONGLONG Years = Month <= 2 ? Year - 1 : Year;
    LONGLONG Months = Month <= 2 ? Month + 9 : Month - 3;

    return Years * 365 + Years / 4 - Years / 100 + Years / 400 + (Months * 153 + 2) / 5 + Day - 1 - DAYS_TO_1601;
}

VOID NTAPI RtlTimeToTimeFields(const LARGE_INTEGER *Time, PTIME_FIELDS TimeFields)
{
    LONGLONG Milliseconds = Time->QuadPart / TICKS_A_MILLISECOND;
    LONGLONG Seconds = Milliseconds / 1000, Days = Seconds / SECONDS_A_DAY, Rest = Seconds % SECONDS_A_DAY;
    LONGLONG Shifted = Days + DAYS_TO_1601, Era, OfEra, Year, OfYear, Month;

    TimeFields->Milliseconds = (SHORT)(Milliseconds % 1000);
    TimeFields->Hour = (SHORT)(Rest / 3600);
    TimeFields->Minute = (SHORT)(Rest / 60 % 60);
    TimeFields->Second = (SHORT)(Rest % 60);
    TimeFields->Weekday = (SHORT)((Days + 1) % 7);
    Era = Shifted / DAYS_400_YEARS;
    OfEra = Shifted % DAYS_400_YEARS;
    Year = (OfEra - OfEra / 1460 + OfEra / 36524 - OfEra / 146096) / 365;
    OfYear = OfEra - (365 * Year + Year / 4 - Year / 100);
    Month = (5 * OfYear + 2) / 153;
    TimeFields->Day = (SHORT)(OfYear - (153 * Month + 2) / 5 + 1);
    TimeFields->Month = (SHORT)(Month < 10 ? Month + 3 : Month - 9);
    TimeFields->Year = (SHORT)(Year + Era * 400 + (TimeFields->Month <= 2));
}

static BOOLEAN RtlpIsLeapYear(LONG Year)
{
    return (Year % 4 == 0 && Year % 100 != 0) || Year % 400 == 0;
}

BOOLEAN NTAPI RtlTimeFieldsToTime(PTIME_FIELDS TimeFields, PLARGE_INTEGER Time)
{
    static const UCHAR Lengths[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    LONG Length;

    if (TimeFields->Year < 1601 || TimeFields->Year > 30827 || TimeFields->Month < 1 || TimeFields->Month > 12 ||
        TimeFields->Hour < 0 || TimeFields->Hour > 23 || TimeFields->Minute < 0 || TimeFields->Minute > 59 ||
        TimeFields->Second < 0 || TimeFields->Second > 59 || TimeFields->Milliseconds < 0 ||
        TimeFields->Milliseconds > 999)
        return FALSE;
    Length = Lengths[TimeFields->Month - 1] + (TimeFields->Month == 2 && RtlpIsLeapYear(TimeFields->Year));
    if (TimeFields->Day < 1 || TimeFields->Day > Length)
        return FALSE;
    Time->QuadPart = (((RtlpDaysOf(TimeFields->Year, TimeFields->Month, TimeFields->Day) * 24 + TimeFields->Hour) * 60 +
                       TimeFields->Minute) * 60 + TimeFields->Second) * TICKS_A_SECOND +
                     TimeFields->Milliseconds * TICKS_A_MILLISECOND;
    return TRUE;
}

/* FALSE if the seconds do not fit into 32 bits. */
static BOOLEAN RtlpToSeconds(PLARGE_INTEGER Time, LONGLONG Epoch, PULONG ElapsedSeconds)
{
    LONGLONG Seconds = Time->QuadPart / TICKS_A_SECOND - Epoch;

    if (Seconds < 0 || Seconds > 0xffffffffll)
        return FALSE;
    *ElapsedSeconds = (ULONG)Seconds;
    return TRUE;
}

BOOLEAN NTAPI RtlTimeToSecondsSince1970(PLARGE_INTEGER Time, PULONG ElapsedSeconds)
{
    return RtlpToSeconds(Time, SECONDS_1601_TO_1970, ElapsedSeconds);
}

BOOLEAN NTAPI RtlTimeToSecondsSince1980(PLARGE_INTEGER Time, PULONG ElapsedSeconds)
{
    return RtlpToSeconds(Time, SECONDS_1601_TO_1980, ElapsedSeconds);
}

VOID NTAPI RtlSecondsSince1970ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time)
{
    Time->QuadPart = (ElapsedSeconds + SECONDS_1601_TO_1970) * TICKS_A_SECOND;
}

VOID NTAPI RtlSecondsSince1980ToTime(ULONG ElapsedSeconds, PLARGE_INTEGER Time)
{
    Time->QuadPart = (ElapsedSeconds + SECONDS_1601_TO_1980) * TICKS_A_SECOND;
}
