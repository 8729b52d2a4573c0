/* SPDX-License-Identifier: BSD-2-Clause
 *
 * For tests with a driver of their own: its service key, the privilege to load it, its device.
 */
#pragma once

#include "check.h"
#include <winioctl.h>

#define SERVICES L"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\"
#define MS 10000ll

static inline VOID Pause(LONGLONG Time)
{
    LARGE_INTEGER Interval = { .QuadPart = -Time };

    NtDelayExecution(FALSE, &Interval);
}

static inline VOID SetServiceValue(HANDLE Key, PCWSTR Name, ULONG Type, const void *Data, ULONG Length)
{
    UNICODE_STRING Value;

    RtlInitUnicodeString(&Value, Name);
    CHECK_STATUS(STATUS_SUCCESS, NtSetValueKey(Key, &Value, 0, Type, (PVOID)Data, Length));
}

/* A volatile key, to be loaded on demand.  WatchTime: seconds that ntos waits for its host (drivers/host/README.md). */
static inline VOID MakeServiceKey(PUNICODE_STRING Name, PCWSTR ImagePath, ULONG WatchTime)
{
    OBJECT_ATTRIBUTES Attributes = RTL_CONSTANT_OBJECT_ATTRIBUTES(Name, OBJ_CASE_INSENSITIVE);
    ULONG Type = 1, Start = 3;
    HANDLE Key;

    if (!CHECK_STATUS(STATUS_SUCCESS, NtCreateKey(&Key, KEY_ALL_ACCESS, &Attributes, 0, NULL, REG_OPTION_VOLATILE, NULL)))
        return;
    SetServiceValue(Key, L"Type", REG_DWORD, &Type, sizeof(Type));
    SetServiceValue(Key, L"Start", REG_DWORD, &Start, sizeof(Start));
    SetServiceValue(Key, L"WatchTime", REG_DWORD, &WatchTime, sizeof(WatchTime));
    SetServiceValue(Key, L"ImagePath", REG_SZ, ImagePath, (ULONG)(wcslen(ImagePath) + 1) * sizeof(WCHAR));
    NtClose(Key);
}

static inline VOID EnableLoadPrivilege(VOID)
{
    TOKEN_PRIVILEGES New = { 1, { { { SE_LOAD_DRIVER_PRIVILEGE, 0 }, SE_PRIVILEGE_ENABLED } } };
    HANDLE Token;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenProcessToken(NtCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &Token));
    CHECK_STATUS(STATUS_SUCCESS, NtAdjustPrivilegesToken(Token, FALSE, &New, 0, NULL, NULL));
    NtClose(Token);
}

static inline NTSTATUS OpenDevice(PCWSTR Path, ULONG Options, PHANDLE Handle)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, Path);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtOpenFile(Handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &Attributes, &IoStatus,
                      FILE_SHARE_READ | FILE_SHARE_WRITE, Options);
}

/* Of a synchronous file: the answer. */
static inline NTSTATUS ControlDevice(HANDLE Handle, ULONG Code, PVOID Input, ULONG InputLength, PVOID Output, ULONG OutputLength)
{
    IO_STATUS_BLOCK IoStatus = { .Status = STATUS_UNSUCCESSFUL };

    return NtDeviceIoControlFile(Handle, NULL, NULL, NULL, &IoStatus, Code, Input, InputLength, Output, OutputLength);
}
