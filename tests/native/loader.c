/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The loader: imports, order of entry points, forwarders, numbers, relocation, thread-local storage, unloading, errors.
 * Its DLLs are loader-a.dll (imports from the other) and loader-b.dll, beside the program.
 * With: tests/loader-a.dll tests/loader-b.dll.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

static ULONG (*ACount)(ULONG);
static ULONG *(*ATls)(void);
static volatile ULONG TlsOfThread, *TlsPlaceOfThread;

static PVOID Load(PCWSTR Name, NTSTATUS Expected)
{
    UNICODE_STRING String;
    PVOID Base = NULL;

    RtlInitUnicodeString(&String, Name);
    CHECK_STATUS(Expected, LdrLoadDll(NULL, NULL, &String, &Base));
    return Base;
}

static PVOID Export(PVOID Base, PCSZ Name, ULONG Ordinal)
{
    ANSI_STRING String;
    PVOID Address = NULL;

    RtlInitAnsiString(&String, Name);
    LdrGetProcedureAddress(Base, Name != NULL ? &String : NULL, Ordinal, &Address);
    return Address;
}

static BOOLEAN IsLoaded(PCWSTR Name)
{
    UNICODE_STRING String;
    PVOID Base;

    RtlInitUnicodeString(&String, Name);
    return NT_SUCCESS(LdrGetDllHandleEx(LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT, NULL, NULL, &String, &Base));
}

static NTSTATUS NTAPI Thread(PVOID Argument)
{
    TlsPlaceOfThread = ATls();
    TlsOfThread = *TlsPlaceOfThread;
    *TlsPlaceOfThread = 5;
    return STATUS_SUCCESS;
}

static VOID TestExports(PVOID A)
{
    ULONG (*Forward)(ULONG) = Export(A, "AForward", 0);
    SIZE_T (*Length)(PCWSTR) = Export(A, "ALength", 0);
    ULONG (*ByNumber)(void) = Export(A, NULL, 7);
    ULONG (*OfB)(ULONG) = Export(A, "AOfB", 0);
    ANSI_STRING Missing;
    PVOID Address;

    CHECK(ACount != NULL && ACount(DLL_PROCESS_ATTACH) == 1);
    CHECK(ACount(100) == 1);
    CHECK(ACount(101) == 1);
    CHECK(OfB != NULL && OfB(DLL_PROCESS_ATTACH) == 1);
    CHECK(Forward != NULL && Forward(DLL_PROCESS_ATTACH) == 1);
    CHECK(Length != NULL && Length(L"four") == 4);
    CHECK(ByNumber != NULL && ByNumber() == 42);
    RtlInitAnsiString(&Missing, "Nothing");
    CHECK_STATUS(IsWine ? STATUS_PROCEDURE_NOT_FOUND : STATUS_ENTRYPOINT_NOT_FOUND,
                 LdrGetProcedureAddress(A, &Missing, 0, &Address));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrGetProcedureAddress((PVOID)0x1000, &Missing, 0, &Address));
}

static VOID TestTls(VOID)
{
    HANDLE Handle;

    if (!CHECK(ATls != NULL))
        return;
    CHECK(*ATls() == 0x2222);
    *ATls() = 3;
    if (!CHECK_STATUS(STATUS_SUCCESS, RtlCreateUserThread(NtCurrentProcess(), NULL, FALSE, 0, 0, 0, Thread, NULL,
                                                          &Handle, NULL)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, NtWaitForSingleObject(Handle, FALSE, NULL));
    NtClose(Handle);
    CHECK(TlsOfThread == 0x2222 && TlsPlaceOfThread != ATls() && *ATls() == 3);
    CHECK(ACount(DLL_THREAD_ATTACH) == 1 && ACount(DLL_THREAD_DETACH) == 1);
}

static VOID TestLists(PVOID A)
{
    PLDR_DATA_TABLE_ENTRY Entry = NULL;
    PPEB_LDR_DATA Ldr = NtCurrentPeb()->Ldr;
    PLDR_DATA_TABLE_ENTRY First = CONTAINING_RECORD(Ldr->InLoadOrderModuleList.Flink, LDR_DATA_TABLE_ENTRY,
            InLoadOrderLinks);
    PLDR_DATA_TABLE_ENTRY Second = CONTAINING_RECORD(First->InLoadOrderLinks.Flink, LDR_DATA_TABLE_ENTRY,
            InLoadOrderLinks);

    CHECK(First->DllBase == NtCurrentPeb()->ImageBaseAddress);
    CHECK(_wcsicmp(Second->BaseDllName.Buffer, L"ntdll.dll") == 0);
    CHECK_STATUS(STATUS_SUCCESS, LdrFindEntryForAddress((PUCHAR)A + 0x1000, &Entry));
    CHECK(Entry != NULL && Entry->DllBase == A && _wcsicmp(Entry->BaseDllName.Buffer, L"loader-a.dll") == 0);
    CHECK_STATUS(STATUS_NO_MORE_ENTRIES, LdrFindEntryForAddress((PVOID)0x10, &Entry));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    PVOID A, B, Again;
    const ULONG *(*BPointer)(void);

    CheckSystem();
    CHECK(!IsLoaded(L"loader-a.dll"));
    A = Load(L"loader-a", STATUS_SUCCESS);
    if (!CHECK(A != NULL))
        return CheckClose();
    ACount = Export(A, "ACount", 0);
    ATls = Export(A, "ATls", 0);
    TestExports(A);
    TestTls();
    TestLists(A);
    B = Load(L"LOADER-B.DLL", STATUS_SUCCESS);
    BPointer = Export(B, "BPointer", 0);
    CHECK(A != B && BPointer != NULL && *BPointer() == 77);
    Again = Load(L"loader-a.dll", STATUS_SUCCESS);
    CHECK(Again == A && ACount(DLL_PROCESS_ATTACH) == 1);
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(A));
    CHECK(IsLoaded(L"loader-a.dll"));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(A));
    CHECK(!IsLoaded(L"loader-a.dll") && IsLoaded(L"loader-b.dll"));
    CHECK_STATUS(STATUS_SUCCESS, LdrUnloadDll(B));
    CHECK(!IsLoaded(L"loader-b.dll"));
    CHECK_STATUS(STATUS_DLL_NOT_FOUND, LdrUnloadDll(B));
    Load(L"no-such.dll", STATUS_DLL_NOT_FOUND);
    Load(L"C:\\no-such-directory\\x.dll", STATUS_DLL_NOT_FOUND);
    return CheckClose();
}
