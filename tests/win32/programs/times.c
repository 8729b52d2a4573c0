// SPDX-License-Identifier: BSD-2-Clause
// Time: calendars, clocks that do not go backward, sleeping, timers.
#include <windows.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "check.h"

static void Calendar(void)
{
    char text[64];
    time_t t = 1700000000;
    struct tm tm = *gmtime(&t);

    SHOW("%s", strtok(asctime(&tm), "\n"));
    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %j %U %w %a %A %b %B %p %y %%", &tm);
    SHOW("%s", text);
    tm.tm_mday += 400;
    tm.tm_isdst = 0;
    SHOW("%d", mktime(&tm) != -1);
    SHOW("%d %d %d %d", tm.tm_year, tm.tm_mon, tm.tm_mday, tm.tm_wday);
    SHOW("%.0f", difftime(t, t - 86400));
    YES(time(NULL) > 1600000000);
}

static void FileTimes(void)
{
    SYSTEMTIME st = { .wYear = 2024, .wMonth = 2, .wDay = 29, .wHour = 23, .wMinute = 59, .wSecond = 58, .wMilliseconds = 999 }, back;
    FILETIME ft;
    WORD date, clock;

    YES(SystemTimeToFileTime(&st, &ft));
    SHOW("%08lx%08lx", ft.dwHighDateTime, ft.dwLowDateTime);
    YES(FileTimeToSystemTime(&ft, &back));
    SHOW("%d %d %d %d %d %d %d", back.wYear, back.wMonth, back.wDay, back.wDayOfWeek, back.wHour, back.wSecond, back.wMilliseconds);
    YES(FileTimeToDosDateTime(&ft, &date, &clock));
    SHOW("%04x %04x", date, clock);
    st.wDay = 30;
    YES(SystemTimeToFileTime(&st, &ft) == FALSE);
    SHOW("%lu", GetLastError());
    char text[64] = "";
    SHOW("%d", GetDateFormatA(0x409, 0, &back, "dddd, d MMMM yyyy", text, sizeof(text)));
    SHOW("%s", text);
    SHOW("%d", GetTimeFormatA(0x409, 0, &back, "HH:mm:ss tt h", text, sizeof(text)));
    SHOW("%s", text);
}

static void Clocks(void)
{
    LARGE_INTEGER frequency, first, second;
    FILETIME a, b;
    ULONGLONG tick = GetTickCount64();
    clock_t start = clock();

    YES(QueryPerformanceFrequency(&frequency) && frequency.QuadPart >= 1000);
    QueryPerformanceCounter(&first);
    GetSystemTimeAsFileTime(&a);
    Sleep(60);
    GetSystemTimeAsFileTime(&b);
    QueryPerformanceCounter(&second);
    YES(second.QuadPart > first.QuadPart);
    YES((second.QuadPart - first.QuadPart) * 1000 / frequency.QuadPart >= 50);
    YES(CompareFileTime(&b, &a) > 0);
    /* The count may lag where the host is busy: Wine's is set by a thread of its server. */
    for (int i = 0; i < 500 && GetTickCount64() - tick < 45; i++)
        Sleep(10);
    YES(GetTickCount64() - tick >= 45);
    YES(clock() - start >= 45 && clock() >= start);
    YES(GetTickCount() != 0);
}

static void Timer(void)
{
    LARGE_INTEGER due = { .QuadPart = -300000 };
    HANDLE timer = CreateWaitableTimerA(NULL, TRUE, NULL);

    YES(timer != NULL);
    YES(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    SHOW("%lu", WaitForSingleObject(timer, 0));
    SHOW("%lu", WaitForSingleObject(timer, 5000));
    SHOW("%lu", WaitForSingleObject(timer, 0));
    YES(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    YES(CancelWaitableTimer(timer));
    SHOW("%lu", WaitForSingleObject(timer, 60));
    CloseHandle(timer);
}

int main(void)
{
    putenv("TZ=UTC");
    tzset();
    Calendar();
    FileTimes();
    Clocks();
    Timer();
    return 0;
}
