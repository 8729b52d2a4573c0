/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The time of day at boot, from the CMOS clock (Motorola MC146818A data sheet).  The clock is taken to run in UTC.
 * A date that cannot be is answered with 2000-01-01.
 */
#include "halp.h"

#define CMOS_INDEX 0x70
#define CMOS_DATA 0x71
#define RTC_SECONDS 0x00
#define RTC_MINUTES 0x02
#define RTC_HOURS 0x04
#define RTC_DAY 0x07
#define RTC_MONTH 0x08
#define RTC_YEAR 0x09
#define RTC_STATUS_A 0x0a
#define RTC_STATUS_B 0x0b
#define RTC_UPDATE 0x80                 /* status A */
#define RTC_24_HOURS 0x02               /* status B */
#define RTC_BINARY 0x04
#define RTC_PM 0x80                     /* hours */

typedef struct _HALP_RTC {
    UCHAR Seconds, Minutes, Hours, Day, Month, Year, Century;
} HALP_RTC;

static UCHAR HalpReadCmos(UCHAR Index)
{
    KeWritePort(CMOS_INDEX, 1, Index);
    return (UCHAR)KeReadPort(CMOS_DATA, 1);
}

static VOID HalpReadClock(HALP_RTC *Rtc)
{
    for (ULONG n = 0; n < 10000 && (HalpReadCmos(RTC_STATUS_A) & RTC_UPDATE); n++)
        ;
    Rtc->Seconds = HalpReadCmos(RTC_SECONDS);
    Rtc->Minutes = HalpReadCmos(RTC_MINUTES);
    Rtc->Hours = HalpReadCmos(RTC_HOURS);
    Rtc->Day = HalpReadCmos(RTC_DAY);
    Rtc->Month = HalpReadCmos(RTC_MONTH);
    Rtc->Year = HalpReadCmos(RTC_YEAR);
    Rtc->Century = HalpAcpi.CenturyRegister != 0 ? HalpReadCmos(HalpAcpi.CenturyRegister) : 0;
}

static ULONG HalpDecode(UCHAR Value, BOOLEAN Binary)
{
    return Binary ? Value : (Value >> 4) * 10u + (Value & 15);
}

/* Days from 1601-01-01 to the first of March of the year, in years that begin with March. */
static ULONG64 HalpDays(ULONG Year, ULONG Month, ULONG Day)
{
    ULONG y = Month > 2 ? Year : Year - 1, m = Month > 2 ? Month - 3 : Month + 9;

    /* 584694: days from 0000-03-01 to 1601-01-01, proleptic Gregorian. */
    return 365ull * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + Day - 1 - 584694;
}

ULONG64 HalReadRtc(VOID)
{
    HALP_RTC Rtc, Again;
    UCHAR StatusB;
    BOOLEAN Binary;
    ULONG Year, Month, Day, Hours, n = 0;

    HalpReadClock(&Rtc);
    for (;; Rtc = Again) {
        HalpReadClock(&Again);
        if (memcmp(&Rtc, &Again, sizeof(Rtc)) == 0 || ++n == 8)
            break;
    }
    StatusB = HalpReadCmos(RTC_STATUS_B);
    Binary = (StatusB & RTC_BINARY) != 0;
    Hours = HalpDecode(Rtc.Hours & ~RTC_PM, Binary);
    if (!(StatusB & RTC_24_HOURS))
        Hours = Hours % 12 + (Rtc.Hours & RTC_PM ? 12 : 0);
    Year = HalpDecode(Rtc.Year, Binary);
    Month = HalpDecode(Rtc.Month, Binary);
    Day = HalpDecode(Rtc.Day, Binary);
    Year += HalpDecode(Rtc.Century, Binary) >= 19 && HalpDecode(Rtc.Century, Binary) <= 29
            ? HalpDecode(Rtc.Century, Binary) * 100 : Year < 80 ? 2000 : 1900;
    if (Month < 1 || Month > 12 || Day < 1 || Day > 31 || Hours > 23) {
        LogPrint("the CMOS clock holds no date");
        Year = 2000;
        Month = Day = 1;
    }
    return ((HalpDays(Year, Month, Day) * 24 + Hours) * 3600 + HalpDecode(Rtc.Minutes, Binary) * 60ull +
            HalpDecode(Rtc.Seconds, Binary)) * 10000000ull;
}
