/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small services of ex that own no object: locale, messages to the log, hard errors, shutdown, system time.
 * Nothing here waits.
 */
#include "ntos/ex/exp.h"
#include "ntos/inc/cm.h"
#include "ntos/inc/hal.h"
#include "ntos/inc/log.h"

/* DIFFERS: one locale for all users, US English, until the registry's Nls key is read. */
LCID ExpDefaultLocale = 0x0409;

NTSTATUS NTAPI NtQueryDefaultLocale(BOOLEAN UserProfile, PLCID DefaultLocaleId)
{
    return MmPutUser(DefaultLocaleId, ExpDefaultLocale);
}

NTSTATUS NTAPI NtQueryDefaultUILanguage(LANGID *DefaultUILanguageId)
{
    return MmPutUser(DefaultUILanguageId, LANGIDFROMLCID(ExpDefaultLocale));
}

NTSTATUS NTAPI NtQueryInstallUILanguage(LANGID *InstallUILanguageId)
{
    return MmPutUser(InstallUILanguageId, LANGIDFROMLCID(ExpDefaultLocale));
}

/*
 * There is no licence: no value has a name.
 * Source: values of licences, SLGetWindowsInformation (Win32 documentation), which says SL_E_VALUE_NOT_FOUND.
 */
NTSTATUS NTAPI NtQueryLicenseValue(PUNICODE_STRING ValueName, PULONG Type, PVOID Data, ULONG DataSize, PULONG ResultDataSize)
{
    UNICODE_STRING Name;
    NTSTATUS Status;

    Status = MmProbeForWrite(ResultDataSize, sizeof(*ResultDataSize), 1);
    if (NT_SUCCESS(Status) && Type != NULL)
        Status = MmProbeForWrite(Type, sizeof(*Type), 1);
    if (NT_SUCCESS(Status) && Data != NULL)
        Status = MmProbeForWrite(Data, DataSize, 1);
    if (NT_SUCCESS(Status))
        Status = MmCaptureUnicodeString(ValueName, &Name);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = Name.Length == 0 ? STATUS_INVALID_PARAMETER : STATUS_OBJECT_NAME_NOT_FOUND;
    MmReleaseUnicodeString(&Name);
    return Status;
}

/* The processor's writes are in order, and what reads them, too. */
NTSTATUS NTAPI NtFlushWriteBuffer(VOID)
{
    __asm__ volatile("mfence" ::: "memory");
    return STATUS_SUCCESS;
}

/* Nothing sleeps, so that nothing woke it. */
NTSTATUS NTAPI NtIsSystemResumeAutomatic(VOID)
{
    return FALSE;
}

#define EXP_DISPLAY_CHARS 512

/* UTF-16 of ntos to the log as UTF-8. */
static VOID ExpLogString(const WCHAR *Text, ULONG LengthInBytes)
{
    CHAR Utf8[EXP_DISPLAY_CHARS * 3];
    ULONG Size = 0;

    RtlUnicodeToUTF8N(Utf8, sizeof(Utf8), &Size, Text, LengthInBytes);
    LogWrite(Utf8, Size);
}

NTSTATUS NTAPI NtDisplayString(PUNICODE_STRING String)
{
    UNICODE_STRING Captured;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_TCB_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmCaptureUnicodeString(String, &Captured);
    if (!NT_SUCCESS(Status))
        return Status;
    /* DIFFERS: the log is polled output, which nobody may hold for long: what is longer than a line or two is cut. */
    ExpLogString(Captured.Buffer, min(Captured.Length, EXP_DISPLAY_CHARS * sizeof(WCHAR)));
    MmReleaseUnicodeString(&Captured);
    return STATUS_SUCCESS;
}

#define EXP_RESPONSE_RETURN_TO_CALLER 0
#define EXP_LAST_RESPONSE_OPTION 8      /* OptionCancelTryContinue */
#define EXP_MAXIMUM_HARD_ERROR_PARAMETERS 5

/* There is no hard error port: the error is logged, and the caller goes on as in NT when nobody answers. */
NTSTATUS NTAPI NtRaiseHardError(NTSTATUS ErrorStatus, ULONG NumberOfParameters, ULONG UnicodeStringParameterMask,
        PULONG_PTR Parameters, ULONG ValidResponseOptions, PULONG Response)
{
    ULONG_PTR Values[EXP_MAXIMUM_HARD_ERROR_PARAMETERS] = { 0 };
    NTSTATUS Status;

    if (NumberOfParameters > EXP_MAXIMUM_HARD_ERROR_PARAMETERS)
        return STATUS_INVALID_PARAMETER_2;
    if (ValidResponseOptions > EXP_LAST_RESPONSE_OPTION)
        return STATUS_INVALID_PARAMETER_4;
    Status = MmCopyFromUser(Values, Parameters, NumberOfParameters * sizeof(Values[0]));
    if (!NT_SUCCESS(Status))
        return Status;
    LogPrint("hard error %08x of process %u (%S)", (unsigned)ErrorStatus,
             (unsigned)(ULONG_PTR)PsGetCurrentProcessId(), PsGetCurrentProcess()->ImageName);
    for (ULONG i = 0; i < NumberOfParameters; i++) {
        UNICODE_STRING Text;

        if (!(UnicodeStringParameterMask & 1u << i)) {
            LogPrint("  parameter %u: %p", (unsigned)i, (PVOID)Values[i]);
        } else if (NT_SUCCESS(MmCaptureUnicodeString((PUNICODE_STRING)Values[i], &Text))) {
            LogPrint("  parameter %u: %wZ", (unsigned)i, (void *)&Text);
            MmReleaseUnicodeString(&Text);
        }
    }
    return MmPutUser(Response, EXP_RESPONSE_RETURN_TO_CALLER);
}

NTSTATUS NTAPI NtShutdownSystem(SHUTDOWN_ACTION Action)
{
    if ((ULONG)Action > ShutdownPowerOff)
        return STATUS_INVALID_PARAMETER;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_SHUTDOWN_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    LogPrint("shutdown: %s", Action == ShutdownReboot ? "reboot" : Action == ShutdownPowerOff ? "power off" : "halt");
    CmShutdownSystem();
    if (Action == ShutdownReboot)
        HalReboot();
    if (Action == ShutdownPowerOff)
        HalPowerOff();
    HalHalt();
}

NTSTATUS NTAPI NtSetSystemTime(const LARGE_INTEGER *SystemTime, PLARGE_INTEGER PreviousTime)
{
    LARGE_INTEGER New;
    LARGE_INTEGER Old;
    NTSTATUS Status;

    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_SYSTEMTIME_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmGetUser(&New, SystemTime);
    if (NT_SUCCESS(Status))
        Status = ExpProbeAnswer(PreviousTime, sizeof(*PreviousTime));
    if (!NT_SUCCESS(Status))
        return Status;
    if (New.QuadPart <= 0 || New.HighPart >= 0x20000000)
        return STATUS_INVALID_PARAMETER;
    KeSetSystemTime(&New, &Old);
    ExpRefreshTimeZone();
    return PreviousTime != NULL ? MmPutUser(PreviousTime, Old) : STATUS_SUCCESS;
}

/* --- the rate of time of day: SetSystemTimeAdjustment (Win32 documentation) ------------------------------------- */

#define EXP_MAXIMUM_ADJUSTMENT (16 * KeMaximumIncrement)

static ULONG ExpTimeAdjustment = KeMaximumIncrement;
static BOOLEAN ExpNoTimeAdjustment = TRUE;      /* "disabled": the clock runs at its own rate */

NTSTATUS ExpQueryTimeAdjustment(PVOID UserBuffer, ULONG Length, PULONG Needed)
{
    struct {
        ULONG TimeAdjustment, TimeIncrement;
        BOOLEAN Disabled, Padding[3];
    } Info = { ExpTimeAdjustment, KeMaximumIncrement, ExpNoTimeAdjustment };

    return ExpPut(UserBuffer, Length, Needed, &Info, sizeof(Info));
}

/* STATUS_INVALID_PARAMETER_2: a clock that would stand, or run sixteen times as fast. */
NTSTATUS ExpSetTimeAdjustment(PVOID UserBuffer, ULONG Length)
{
    struct {
        ULONG TimeAdjustment;
        BOOLEAN Disabled;
    } Info;
    NTSTATUS Status;

    if (Length != sizeof(Info))
        return STATUS_INFO_LENGTH_MISMATCH;
    if (!SeSinglePrivilegeCheck(SeMakeLuid(SE_SYSTEMTIME_PRIVILEGE), UserMode))
        return STATUS_PRIVILEGE_NOT_HELD;
    Status = MmCopyFromUser(&Info, UserBuffer, sizeof(Info));
    if (!NT_SUCCESS(Status))
        return Status;
    if (!Info.Disabled && (Info.TimeAdjustment == 0 || Info.TimeAdjustment > EXP_MAXIMUM_ADJUSTMENT))
        return STATUS_INVALID_PARAMETER_2;
    ExpNoTimeAdjustment = Info.Disabled != FALSE;
    ExpTimeAdjustment = Info.Disabled ? KeMaximumIncrement : Info.TimeAdjustment;
    KeSetTimeAdjustment(ExpTimeAdjustment);
    return STATUS_SUCCESS;
}
