/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Environment blocks: "NAME=VALUE" strings, each ended by a zero, the block by one more.
 *
 * Names are compared without case; a name may begin with "=".  The process's own block is guarded by the PEB lock.
 * Every block is a heap block, the one that came with the process too: it is copied at the start.
 */
#include "ntdllp.h"

static SIZE_T RtlpEnvironmentLength(PCWSTR Environment)
{
    PCWSTR At = Environment;

    if (At == NULL)
        return 0;
    while (*At != 0)
        At += wcslen(At) + 1;
    return (SIZE_T)(At - Environment) + 1;
}

/* The entry of that name, or NULL; *Value is what follows its "=". */
static PWSTR RtlpFindVariable(PWSTR Environment, PCWSTR Name, SIZE_T NameLength, PWSTR *Value)
{
    for (PWSTR At = Environment; At != NULL && *At != 0; At += wcslen(At) + 1) {
        PWSTR Equals = wcschr(At + 1, '=');

        if (Equals == NULL || (SIZE_T)(Equals - At) != NameLength ||
            RtlCompareUnicodeStrings(At, NameLength, Name, NameLength, TRUE) != 0)
            continue;
        *Value = Equals + 1;
        return At;
    }
    return NULL;
}

/* Lengths in characters.  STATUS_VARIABLE_NOT_FOUND; STATUS_BUFFER_TOO_SMALL (*ReturnLength: needed, with the zero). */
NTSTATUS NTAPI RtlQueryEnvironmentVariable(PWSTR Environment, PCWSTR Name, SIZE_T NameLength, PWSTR Value,
        SIZE_T ValueLength, PSIZE_T ReturnLength)
{
    NTSTATUS Status = STATUS_VARIABLE_NOT_FOUND;
    PWSTR Found;

    RtlAcquirePebLock();
    if (Environment == NULL)
        Environment = NtCurrentPeb()->ProcessParameters->Environment;
    *ReturnLength = 0;
    if (RtlpFindVariable(Environment, Name, NameLength, &Found) != NULL) {
        SIZE_T Length = wcslen(Found);

        Status = STATUS_SUCCESS;
        *ReturnLength = Length;
        if (Length > ValueLength || (Length == ValueLength && Value == NULL)) {
            Status = STATUS_BUFFER_TOO_SMALL;
            *ReturnLength = Length + 1;
        } else {
            memcpy(Value, Found, Length * sizeof(WCHAR));
            if (Length < ValueLength)
                Value[Length] = 0;
        }
    }
    RtlReleasePebLock();
    return Status;
}

NTSTATUS NTAPI RtlQueryEnvironmentVariable_U(PWSTR Environment, PUNICODE_STRING Name, PUNICODE_STRING Value)
{
    SIZE_T Length;
    NTSTATUS Status = RtlQueryEnvironmentVariable(Environment, Name->Buffer, Name->Length / sizeof(WCHAR),
            Value->Buffer, Value->MaximumLength / sizeof(WCHAR), &Length);

    if (Status == STATUS_BUFFER_TOO_SMALL)
        Length--;
    if (Status != STATUS_VARIABLE_NOT_FOUND)
        Value->Length = (USHORT)min(Length * sizeof(WCHAR), 0xfffe);
    return Status;
}

NTSTATUS NTAPI RtlCreateEnvironment(BOOLEAN CloneCurrentEnvironment, PWSTR *Environment)
{
    static const WCHAR Empty[2] = { 0, 0 };
    PCWSTR Source = Empty;
    SIZE_T Length = 2;
    PWSTR Copy;

    RtlAcquirePebLock();
    if (CloneCurrentEnvironment && NtCurrentPeb()->ProcessParameters->Environment != NULL) {
        Source = NtCurrentPeb()->ProcessParameters->Environment;
        Length = RtlpEnvironmentLength(Source);
    }
    Copy = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, (Length + 1) * sizeof(WCHAR));
    if (Copy != NULL)
        memcpy(Copy, Source, Length * sizeof(WCHAR));
    RtlReleasePebLock();
    *Environment = Copy;
    return Copy != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* The block that the process was made with moves to the heap, where every other lies: who changes or replaces it frees it. */
NTSTATUS RtlpInitializeEnvironment(PRTL_USER_PROCESS_PARAMETERS Parameters)
{
    PVOID Copy;

    if (Parameters->Environment == NULL)
        return STATUS_SUCCESS;
    Copy = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, Parameters->EnvironmentSize + 2 * sizeof(WCHAR));
    if (Copy == NULL)
        return STATUS_NO_MEMORY;
    memcpy(Copy, Parameters->Environment, Parameters->EnvironmentSize);
    Parameters->Environment = Copy;
    return STATUS_SUCCESS;
}

VOID NTAPI RtlDestroyEnvironment(PWSTR Environment)
{
    RtlFreeHeap(RtlProcessHeap(), 0, Environment);
}

/* *PreviousEnvironment is the caller's to destroy; without it the previous block is destroyed. */
VOID NTAPI RtlSetCurrentEnvironment(PWSTR Environment, PWSTR *PreviousEnvironment)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentPeb()->ProcessParameters;
    PWSTR Previous;

    RtlAcquirePebLock();
    Previous = Parameters->Environment;
    Parameters->Environment = Environment;
    Parameters->EnvironmentSize = RtlpEnvironmentLength(Environment) * sizeof(WCHAR);
    Parameters->EnvironmentVersion++;
    RtlReleasePebLock();
    if (PreviousEnvironment != NULL)
        *PreviousEnvironment = Previous;
    else
        RtlDestroyEnvironment(Previous);
}

/* Where an entry of that name belongs: entries are in the order of their names. */
static PWSTR RtlpInsertionPoint(PWSTR Environment, PCUNICODE_STRING Name)
{
    PWSTR At = Environment;

    for (; *At != 0; At += wcslen(At) + 1) {
        PWSTR Equals = wcschr(At + 1, '=');
        SIZE_T Length = Equals != NULL ? (SIZE_T)(Equals - At) : wcslen(At);

        if (RtlCompareUnicodeStrings(At, Length, Name->Buffer, Name->Length / sizeof(WCHAR), TRUE) > 0)
            break;
    }
    return At;
}

/* A new block with the variable set (Value NULL: without it). */
static PWSTR RtlpChangedEnvironment(PWSTR Old, PCUNICODE_STRING Name, PCUNICODE_STRING Value)
{
    SIZE_T OldLength = RtlpEnvironmentLength(Old), Head, NameLength = Name->Length / sizeof(WCHAR);
    SIZE_T ValueLength = Value != NULL ? Value->Length / sizeof(WCHAR) : 0;
    PWSTR New = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY,
            (OldLength + NameLength + ValueLength + 4) * sizeof(WCHAR)), At, Found;

    if (New == NULL)
        return NULL;
    if (Old != NULL)
        memcpy(New, Old, OldLength * sizeof(WCHAR));
    At = RtlpFindVariable(New, Name->Buffer, NameLength, &Found);
    if (At != NULL) {
        SIZE_T Entry = wcslen(At) + 1;

        Head = (SIZE_T)(At - New);
        memmove(At, At + Entry, (OldLength - Head - Entry) * sizeof(WCHAR));
        OldLength -= Entry;
        memset(New + OldLength, 0, Entry * sizeof(WCHAR));
    } else {
        At = RtlpInsertionPoint(New, Name);
        Head = (SIZE_T)(At - New);
    }
    if (Value != NULL) {
        SIZE_T Entry = NameLength + ValueLength + 2;

        memmove(At + Entry, At, (max(OldLength, 1) - Head) * sizeof(WCHAR));
        memcpy(At, Name->Buffer, NameLength * sizeof(WCHAR));
        At[NameLength] = '=';
        memcpy(At + NameLength + 1, Value->Buffer, ValueLength * sizeof(WCHAR));
        At[NameLength + 1 + ValueLength] = 0;
    }
    return New;
}

/* Environment NULL: the process's own block.  Value NULL: the variable is removed. */
NTSTATUS NTAPI RtlSetEnvironmentVariable(PWSTR *Environment, PUNICODE_STRING Name, PUNICODE_STRING Value)
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentPeb()->ProcessParameters;
    PWSTR Old, New;

    if (Name->Length < sizeof(WCHAR))
        return STATUS_INVALID_PARAMETER;
    for (USHORT Index = 1; Index < Name->Length / sizeof(WCHAR); Index++)
        if (Name->Buffer[Index] == '=')
            return STATUS_INVALID_PARAMETER;
    RtlAcquirePebLock();
    Old = Environment != NULL ? *Environment : Parameters->Environment;
    New = RtlpChangedEnvironment(Old, Name, Value);
    if (New != NULL && Environment != NULL) {
        *Environment = New;
    } else if (New != NULL) {
        Parameters->Environment = New;
        Parameters->EnvironmentSize = RtlpEnvironmentLength(New) * sizeof(WCHAR);
        Parameters->EnvironmentVersion++;
    }
    if (New != NULL)
        RtlFreeHeap(RtlProcessHeap(), 0, Old);
    RtlReleasePebLock();
    return New != NULL ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

typedef struct _EXPANSION {
    PWSTR Buffer;
    SIZE_T Room;
    SIZE_T Length;
} EXPANSION;

static VOID RtlpExpandAppend(EXPANSION *Result, PCWSTR Text, SIZE_T Length)
{
    if (Result->Length + Length <= Result->Room)
        memcpy(Result->Buffer + Result->Length, Text, Length * sizeof(WCHAR));
    Result->Length += Length;
}

/* Replaces %NAME%; a name that does not exist stays as it is.  *ReturnedLength: bytes with the closing zero. */
NTSTATUS NTAPI RtlExpandEnvironmentStrings_U(PWSTR Environment, PUNICODE_STRING Source, PUNICODE_STRING Destination,
        PULONG ReturnedLength)
{
    EXPANSION Result = { Destination->Buffer, Destination->MaximumLength / sizeof(WCHAR), 0 };
    SIZE_T Length = Source->Length / sizeof(WCHAR), At = 0;

    RtlAcquirePebLock();
    if (Environment == NULL)
        Environment = NtCurrentPeb()->ProcessParameters->Environment;
    while (At < Length) {
        SIZE_T End = At + 1;
        PWSTR Value;

        while (End < Length && Source->Buffer[End] != '%')
            End++;
        if (Source->Buffer[At] != '%') {
            RtlpExpandAppend(&Result, Source->Buffer + At, End - At);
            At = End;
        } else if (End < Length && End > At + 1 &&
                   RtlpFindVariable(Environment, Source->Buffer + At + 1, End - At - 1, &Value) != NULL) {
            RtlpExpandAppend(&Result, Value, wcslen(Value));
            At = End + 1;
        } else {
            RtlpExpandAppend(&Result, Source->Buffer + At, End - At);
            At = End;
        }
    }
    RtlReleasePebLock();
    if (ReturnedLength != NULL)
        *ReturnedLength = (ULONG)((Result.Length + 1) * sizeof(WCHAR));
    if (Result.Length + 1 > Result.Room)
        return STATUS_BUFFER_TOO_SMALL;
    Result.Buffer[Result.Length] = 0;
    Destination->Length = (USHORT)(Result.Length * sizeof(WCHAR));
    return STATUS_SUCCESS;
}
