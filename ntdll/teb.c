/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Small questions about the process, the thread and the machine: PEB lock, last error, version, processor.
 */
#include "ntdllp.h"

PPEB NTAPI RtlGetCurrentPeb(VOID)
{
    return NtCurrentPeb();
}

VOID NTAPI RtlAcquirePebLock(VOID)
{
    RtlEnterCriticalSection(NtCurrentPeb()->FastPebLock);
}

VOID NTAPI RtlReleasePebLock(VOID)
{
    RtlLeaveCriticalSection(NtCurrentPeb()->FastPebLock);
}

ULONG NTAPI RtlGetLastWin32Error(VOID)
{
    return NtCurrentTebEx()->LastErrorValue;
}

VOID NTAPI RtlSetLastWin32Error(ULONG Error)
{
    NtCurrentTebEx()->LastErrorValue = Error;
}

VOID NTAPI RtlRestoreLastWin32Error(ULONG Error)
{
    NtCurrentTebEx()->LastErrorValue = Error;
}

NTSTATUS NTAPI RtlGetLastNtStatus(VOID)
{
    return NtCurrentTebEx()->LastStatusValue;
}

ULONG NTAPI RtlNtStatusToDosError(NTSTATUS Status)
{
    NtCurrentTebEx()->LastStatusValue = Status;
    return RtlNtStatusToDosErrorNoTeb(Status);
}

VOID NTAPI RtlSetLastWin32ErrorAndNtStatusFromNtStatus(NTSTATUS Status)
{
    NtCurrentTebEx()->LastErrorValue = RtlNtStatusToDosError(Status);
}

/* Fills in the extended form too if dwOSVersionInfoSize says that there is room. */
NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW VersionInformation)
{
    PPEB Peb = NtCurrentPeb();

    VersionInformation->dwMajorVersion = Peb->OSMajorVersion;
    VersionInformation->dwMinorVersion = Peb->OSMinorVersion;
    VersionInformation->dwBuildNumber = Peb->OSBuildNumber;
    VersionInformation->dwPlatformId = Peb->OSPlatformId;
    VersionInformation->szCSDVersion[0] = 0;
    if (VersionInformation->dwOSVersionInfoSize == sizeof(RTL_OSVERSIONINFOEXW)) {
        PRTL_OSVERSIONINFOEXW Extended = (PRTL_OSVERSIONINFOEXW)VersionInformation;

        Extended->wServicePackMajor = 0;
        Extended->wServicePackMinor = 0;
        Extended->wSuiteMask = (WORD)USER_SHARED_DATA->SuiteMask;
        Extended->wProductType = (BYTE)USER_SHARED_DATA->NtProductType;
        Extended->wReserved = 0;
    }
    return STATUS_SUCCESS;
}

/* The build number carries the mark of a free build in its top bits, as Windows' does. */
VOID NTAPI RtlGetNtVersionNumbers(PULONG MajorVersion, PULONG MinorVersion, PULONG BuildNumber)
{
    PPEB Peb = NtCurrentPeb();

    if (MajorVersion != NULL)
        *MajorVersion = Peb->OSMajorVersion;
    if (MinorVersion != NULL)
        *MinorVersion = Peb->OSMinorVersion;
    if (BuildNumber != NULL)
        *BuildNumber = 0xf0000000 | Peb->OSBuildNumber;
}

/* The edition; PRODUCT_UNDEFINED for a caller that knows no version from Vista on. */
BOOLEAN NTAPI RtlGetProductInfo(ULONG MajorVersion, ULONG MinorVersion, ULONG ServicePackMajor,
        ULONG ServicePackMinor, PULONG ProductType)
{
    if (ProductType == NULL)
        return FALSE;
    *ProductType = MajorVersion >= 6 ? PRODUCT_PROFESSIONAL : PRODUCT_UNDEFINED;
    return MajorVersion >= 6;
}

BOOLEAN NTAPI RtlIsProcessorFeaturePresent(ULONG Feature)
{
    return Feature < PROCESSOR_FEATURE_MAX && USER_SHARED_DATA->ProcessorFeatures[Feature];
}

/* DIFFERS: always processor 0; the system runs on one processor. */
ULONG NTAPI NtGetCurrentProcessorNumber(VOID)
{
    return 0;
}

VOID NTAPI RtlGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcessorNumber)
{
    *ProcessorNumber = (PROCESSOR_NUMBER){ 0 };
}

/* --- pointers in disguise ---------------------------------------------------------------------------------------- */

static ULONG_PTR RtlpPointerCookie(VOID)
{
    static ULONG_PTR Cookie;
    LARGE_INTEGER Now;

    if (Cookie == 0) {
        NtQueryPerformanceCounter(&Now, NULL);
        InterlockedCompareExchangePointer((PVOID *)&Cookie,
                (PVOID)((ULONG_PTR)Now.QuadPart * 0x9e3779b97f4a7c15ull | 1), NULL);
    }
    return Cookie;
}

PVOID NTAPI RtlEncodePointer(PVOID Pointer);
PVOID NTAPI RtlDecodePointer(PVOID Pointer);
PVOID NTAPI RtlEncodeSystemPointer(PVOID Pointer);
PVOID NTAPI RtlDecodeSystemPointer(PVOID Pointer);

PVOID NTAPI RtlEncodePointer(PVOID Pointer)
{
    return (PVOID)((ULONG_PTR)Pointer ^ RtlpPointerCookie());
}

PVOID NTAPI RtlDecodePointer(PVOID Pointer)
{
    return RtlEncodePointer(Pointer);
}

PVOID NTAPI RtlEncodeSystemPointer(PVOID Pointer)
{
    return (PVOID)((ULONG_PTR)Pointer ^ USER_SHARED_DATA->Cookie);
}

PVOID NTAPI RtlDecodeSystemPointer(PVOID Pointer)
{
    return RtlEncodeSystemPointer(Pointer);
}
