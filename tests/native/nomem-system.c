/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Without memory (nomem.h): system information, time, languages, exceptions.
 */
#include "nomem.h"

#define SELF NtCurrentProcess()
#define NLS_SECTION_CASEMAP 10
#define SystemLogicalProcessorInformationEx 107
#define SystemDynamicTimeZoneInformation 102
#define STATUS_OF_AN_ERROR ((NTSTATUS)0xE0001234)

static UCHAR Buffer[65536];
static volatile BOOLEAN Continued;
static volatile ULONG Raised;

static VOID Information(VOID)
{
    static const ULONG Classes[] = { SystemBasicInformation, SystemProcessInformation, SystemHandleInformation,
            SystemTimeOfDayInformation, SystemPerformanceInformation };
    LOGICAL_PROCESSOR_RELATIONSHIP Relation = RelationAll;
    BOOLEAN Good = TRUE;
    ULONG Length;

    for (ULONG i = 0; i < ARRAYSIZE(Classes) && Good; i++) {
        NtQuerySystemInformation(Classes[i], NULL, 0, &Length);
        Good = TRY(NtQuerySystemInformation, Classes[i], Buffer, Length, &Length);
    }
    if (Good)
        (void)TRY(NtQuerySystemInformationEx, SystemLogicalProcessorInformationEx, &Relation, sizeof(Relation), Buffer,
                  sizeof(Buffer), &Length);
}

static VOID Settings(VOID)
{
    UNICODE_STRING Nothing = RTL_CONSTANT_UNICODE_STRING(L"");
    EXECUTION_STATE Old;
    LARGE_INTEGER Time;
    ULONG Response;
    LCID Locale;
    LANGID Language;
    LUID Luid;
    ULARGE_INTEGER First;
    ULONG Range, Sequence, Least, Most, Current;
    UCHAR Node[6];

    NtQuerySystemTime(&Time);
    (void)(TRY(NtAllocateLocallyUniqueId, &Luid) && TRY(NtAllocateUuids, &First, &Range, &Sequence, Node) && TRY(NtSetUuidSeed, Node) &&
           TRY(NtSetTimerResolution, 10000, TRUE, &Current) && TRY(NtQueryTimerResolution, &Least, &Most, &Current) && TRY(NtQueryDefaultLocale, TRUE, &Locale) &&
           TRY(NtQueryDefaultUILanguage, &Language) && TRY(NtQueryInstallUILanguage, &Language) &&
           TRY(NtPowerInformation, SystemPowerCapabilities, NULL, 0, Buffer, sizeof(SYSTEM_POWER_CAPABILITIES)) &&
           TRY(NtSetThreadExecutionState, ES_CONTINUOUS, &Old) && TRY(NtSetSystemTime, &Time, NULL) && TRY(NtDisplayString, &Nothing) &&
           TRY(NtQueryDebugFilterState, 0, 0) && TRY(NtSetDebugFilterState, 0, 31, FALSE) && TRY(NtFlushWriteBuffer) &&
           TRY(NtIsSystemResumeAutomatic) &&
           TRY(NtRaiseHardError, STATUS_SUCCESS, 0, 0, NULL, 1, &Response));
}

/* The time zone as it is, set again: the registry's values, all or none. */
static VOID TimeZone(VOID)
{
    RTL_DYNAMIC_TIME_ZONE_INFORMATION Zone, Now;

    CHECK_STATUS(STATUS_SUCCESS, RtlQueryDynamicTimeZoneInformation(&Zone));
    (void)TRY(NtSetSystemInformation, (SYSTEM_INFORMATION_CLASS)SystemDynamicTimeZoneInformation, &Zone, sizeof(Zone));
    CHECK_STATUS(STATUS_SUCCESS, RtlQueryDynamicTimeZoneInformation(&Now));
    CHECK(memcmp(&Zone, &Now, sizeof(Zone)) == 0);
}

static VOID Tables(VOID)
{
    PVOID Casing = NULL, Locale = NULL;
    LCID Default;
    SIZE_T Size;

    (void)(TRY(NtGetNlsSectionPtr, NLS_SECTION_CASEMAP, 0, NULL, &Casing, &Size) &&
           TRY(NtInitializeNlsFiles, &Locale, &Default, NULL));
    if (Locale != NULL)
        DROP(NtUnmapViewOfSection, SELF, Locale);
    if (Casing != NULL)
        DROP(NtUnmapViewOfSection, SELF, Casing);
}

static LONG NTAPI Handler(PEXCEPTION_POINTERS Pointers)
{
    if (Pointers->ExceptionRecord->ExceptionCode != (ULONG)STATUS_OF_AN_ERROR)
        return EXCEPTION_CONTINUE_SEARCH;
    Raised++;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Both come back here only with a failure; else the thread goes on after RtlCaptureContext. */
static VOID Exceptions(VOID)
{
    EXCEPTION_RECORD Record = { .ExceptionCode = (ULONG)STATUS_OF_AN_ERROR };
    volatile NTSTATUS Status = STATUS_SUCCESS;
    volatile ULONG Before = Raised;
    PVOID Installed = RtlAddVectoredExceptionHandler(TRUE, Handler);
    CONTEXT Context;

    Continued = FALSE;
    RtlCaptureContext(&Context);
    if (!Continued) {
        Continued = TRUE;
        Status = NtContinue(&Context, FALSE);
    }
    if (NoMemAnswer(NumberNtContinue, Status)) {
        RtlCaptureContext(&Context);
        if (Raised == Before)
            Status = NtRaiseException(&Record, &Context, TRUE);
        (void)NoMemAnswer(NumberNtRaiseException, Status);
    }
    RtlRemoveVectoredExceptionHandler(Installed);
}

static const SCENARIO List[] = {
    { "information", Information }, { "settings", Settings }, { "time zone", TimeZone }, { "tables", Tables }, { "exceptions", Exceptions },
};
const SCENARIOS SystemScenarios = { List, ARRAYSIZE(List) };
