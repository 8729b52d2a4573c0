/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Event tracing without a session: registrations, events that nobody wants, activity identifiers.
 * Runs on: Nereid.
 *
 * Wine's routines are stubs that keep no registrations.
 */
#include "check.h"

static const GUID Provider = { 0x12345678, 0x1234, 0x5678, { 1, 2, 3, 4, 5, 6, 7, 8 } };

static VOID TestRegistrations(VOID)
{
    REGHANDLE First = 0, Second = 0, Third = 0;

    CHECK(EtwEventRegister(&Provider, NULL, NULL, &First) == ERROR_SUCCESS);
    CHECK(EtwEventRegister(&Provider, NULL, NULL, &Second) == ERROR_SUCCESS);
    CHECK(First != 0 && Second != 0 && First != Second);
    CHECK(EtwEventRegister(NULL, NULL, NULL, &Third) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventRegister(&Provider, NULL, NULL, NULL) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventUnregister(First) == ERROR_SUCCESS);
    CHECK(EtwEventUnregister(First) == ERROR_INVALID_HANDLE);
    CHECK(EtwEventRegister(&Provider, NULL, NULL, &Third) == ERROR_SUCCESS);
    CHECK(Third != First);
    CHECK(EtwEventWrite(First, &(EVENT_DESCRIPTOR){ 1 }, 0, NULL) == ERROR_INVALID_HANDLE);
    CHECK(EtwEventUnregister(Second) == ERROR_SUCCESS);
    CHECK(EtwEventUnregister(Third) == ERROR_SUCCESS);
    CHECK(EtwEventUnregister(0) == ERROR_INVALID_HANDLE);
    CHECK(EtwEventUnregister(~0ull) == ERROR_INVALID_HANDLE);
}

static VOID TestManyRegistrations(VOID)
{
    static REGHANDLE Handles[600];
    ULONG Count = 0;

    while (Count < ARRAYSIZE(Handles) && EtwEventRegister(&Provider, NULL, NULL, &Handles[Count]) == ERROR_SUCCESS)
        Count++;
    CHECK(Count >= 500);
    for (ULONG Index = 0; Index < Count; Index++)
        if (EtwEventUnregister(Handles[Index]) != ERROR_SUCCESS)
            CHECK(FALSE);
    CHECK(EtwEventRegister(&Provider, NULL, NULL, &Handles[0]) == ERROR_SUCCESS);
    CHECK(EtwEventUnregister(Handles[0]) == ERROR_SUCCESS);
}

static VOID TestWriting(VOID)
{
    EVENT_DESCRIPTOR Event = { .Id = 7, .Level = 4, .Keyword = 1 };
    EVENT_DATA_DESCRIPTOR Data[2] = { { (ULONGLONG)(ULONG_PTR)"text", 5, 0 }, { 0, 0xffff, 0 } };
    UCHAR Traits[] = { 8, 0, 'n', 'a', 'm', 'e', '1', 0 };
    REGHANDLE Handle = 0;

    CHECK(EtwEventRegister(&Provider, NULL, NULL, &Handle) == ERROR_SUCCESS);
    CHECK(!EtwEventEnabled(Handle, &Event));
    CHECK(!EtwEventProviderEnabled(Handle, 4, 1));
    CHECK(!EtwEventEnabled(0, &Event));
    CHECK(EtwEventWrite(Handle, &Event, 0, NULL) == ERROR_SUCCESS);
    CHECK(EtwEventWrite(Handle, &Event, 1, Data) == ERROR_SUCCESS);
    CHECK(EtwEventWrite(Handle, &Event, 2, Data) == ERROR_ARITHMETIC_OVERFLOW);
    CHECK(EtwEventWrite(Handle, &Event, 1, NULL) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventWrite(Handle, &Event, 129, Data) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventWrite(Handle, NULL, 0, NULL) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventWrite(0, &Event, 0, NULL) == ERROR_INVALID_HANDLE);
    CHECK(EtwEventWriteTransfer(Handle, &Event, &Provider, &Provider, 1, Data) == ERROR_SUCCESS);
    CHECK(EtwEventWriteString(Handle, 4, 1, L"text") == ERROR_SUCCESS);
    CHECK(EtwEventWriteString(Handle, 4, 1, NULL) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventWriteString(0, 4, 1, L"text") == ERROR_INVALID_HANDLE);
    CHECK(EtwEventSetInformation(Handle, EventProviderSetTraits, Traits, sizeof(Traits)) == ERROR_SUCCESS);
    CHECK(EtwEventSetInformation(Handle, EventProviderSetTraits, Traits, 4) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventSetInformation(Handle, 99, NULL, 0) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventSetInformation(0, EventProviderSetTraits, Traits, sizeof(Traits)) == ERROR_INVALID_HANDLE);
    CHECK(EtwEventUnregister(Handle) == ERROR_SUCCESS);
}

static VOID TestActivity(VOID)
{
    GUID Mine = Provider, First, Second, Zero = { 0 };

    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_GET_ID, &First) == ERROR_SUCCESS);
    CHECK(memcmp(&First, &Zero, sizeof(GUID)) == 0);
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_SET_ID, &Mine) == ERROR_SUCCESS);
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_GET_ID, &First) == ERROR_SUCCESS);
    CHECK(memcmp(&First, &Mine, sizeof(GUID)) == 0);
    CHECK(memcmp(&NtCurrentTebEx()->ActivityId, &Mine, sizeof(GUID)) == 0);
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_CREATE_ID, &First) == ERROR_SUCCESS);
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_CREATE_ID, &Second) == ERROR_SUCCESS);
    CHECK(memcmp(&First, &Second, sizeof(GUID)) != 0);
    Second = First;
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_GET_SET_ID, &Second) == ERROR_SUCCESS);
    CHECK(memcmp(&Second, &Mine, sizeof(GUID)) == 0);
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_CREATE_SET_ID, &Second) == ERROR_SUCCESS);
    CHECK(memcmp(&Second, &First, sizeof(GUID)) == 0);
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_GET_ID, &Second) == ERROR_SUCCESS);
    CHECK(memcmp(&Second, &First, sizeof(GUID)) != 0);
    CHECK(EtwEventActivityIdControl(0, &Second) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventActivityIdControl(6, &Second) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventActivityIdControl(EVENT_ACTIVITY_CTRL_GET_ID, NULL) == ERROR_INVALID_PARAMETER);
}

static ULONG NTAPI Request(ULONG RequestCode, PVOID RequestContext, PULONG BufferSize, PVOID Buffer)
{
    return ERROR_SUCCESS;
}

static VOID TestClassic(VOID)
{
    TRACE_GUID_REGISTRATION Guids[2] = { { &Provider, NULL }, { &Provider, NULL } };
    WNODE_HEADER Header = { .BufferSize = sizeof(Header), .HistoricalContext = 42 };
    TRACEHANDLE Handle = 0, Other = 0;

    CHECK(EtwRegisterTraceGuidsW(Request, NULL, &Provider, 2, Guids, NULL, NULL, &Handle) == ERROR_SUCCESS);
    CHECK(Handle != 0 && Guids[0].RegHandle != NULL && Guids[0].RegHandle != Guids[1].RegHandle);
    CHECK(EtwRegisterTraceGuidsA(Request, NULL, &Provider, 0, NULL, NULL, NULL, &Other) == ERROR_SUCCESS);
    CHECK(EtwRegisterTraceGuidsW(NULL, NULL, &Provider, 0, NULL, NULL, NULL, &Other) == ERROR_INVALID_PARAMETER);
    CHECK(EtwRegisterTraceGuidsW(Request, NULL, NULL, 0, NULL, NULL, NULL, &Other) == ERROR_INVALID_PARAMETER);
    CHECK(EtwRegisterTraceGuidsW(Request, NULL, &Provider, 1, NULL, NULL, NULL, &Other) == ERROR_INVALID_PARAMETER);
    CHECK(EtwRegisterTraceGuidsW(Request, NULL, &Provider, 0, NULL, NULL, NULL, NULL) == ERROR_INVALID_PARAMETER);
    CHECK(EtwEventUnregister(Handle) == ERROR_INVALID_HANDLE);
    CHECK(EtwUnregisterTraceGuids(Handle) == ERROR_SUCCESS);
    CHECK(EtwUnregisterTraceGuids(Handle) == ERROR_INVALID_HANDLE);
    CHECK(EtwUnregisterTraceGuids(Other) == ERROR_SUCCESS);
    CHECK(EtwUnregisterTraceGuids(0) == ERROR_INVALID_PARAMETER);
    CHECK(EtwGetTraceLoggerHandle(&Header) == 42);
    Header.BufferSize = 8;
    CHECK(EtwGetTraceLoggerHandle(&Header) == ~0ull && RtlGetLastWin32Error() == ERROR_BAD_LENGTH);
    CHECK(EtwGetTraceLoggerHandle(NULL) == ~0ull && RtlGetLastWin32Error() == ERROR_INVALID_PARAMETER);
    CHECK(EtwGetTraceEnableFlags(0) == 0 && RtlGetLastWin32Error() == ERROR_INVALID_PARAMETER);
    CHECK(EtwGetTraceEnableLevel(1) == 0 && RtlGetLastWin32Error() == ERROR_INVALID_HANDLE);
    CHECK(EtwLogTraceEvent(1, &Header) == ERROR_INVALID_HANDLE);
    CHECK(EtwLogTraceEvent(1, NULL) == ERROR_INVALID_PARAMETER);
    CHECK(EtwTraceMessage(1, 0, &Provider, 1, NULL) == ERROR_INVALID_HANDLE);
    CHECK(EtwTraceMessageVa(1, 0, &Provider, 1, NULL) == ERROR_INVALID_HANDLE);
}

int wmain(int argc, WCHAR **argv)
{
    TestRegistrations();
    TestManyRegistrations();
    TestWriting();
    TestActivity();
    TestClassic();
    return CheckClose();
}
