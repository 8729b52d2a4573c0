/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Counted strings: STRING and UNICODE_STRING.
 *
 * Length and MaximumLength are bytes.  Copies and appends never write past MaximumLength, and put a terminating zero
 * after the text where there is room for one.  Results that are allocated come from RtlpAllocate and are freed
 * with RtlFreeUnicodeString / RtlFreeAnsiString.
 */
#include "rtl.h"

#define UNICODE_STRING_MAX_CHARS_TERMINATED 0x7ffe

VOID NTAPI RtlInitString(PSTRING DestinationString, PCSZ SourceString)
{
    SIZE_T Length = SourceString != NULL ? strlen(SourceString) : 0;

    if (Length > 0xfffe)
        Length = 0xfffe;
    DestinationString->Length = (USHORT)Length;
    DestinationString->MaximumLength = (USHORT)(SourceString != NULL ? Length + 1 : 0);
    DestinationString->Buffer = (PCHAR)SourceString;
}

VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString)
{
    RtlInitString(DestinationString, SourceString);
}

NTSTATUS NTAPI RtlInitStringEx(PSTRING DestinationString, PCSZ SourceString)
{
    if (SourceString != NULL && strnlen(SourceString, 0xffff) > 0xfffe)
        return STATUS_NAME_TOO_LONG;
    RtlInitString(DestinationString, SourceString);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlInitAnsiStringEx(PANSI_STRING DestinationString, PCSZ SourceString)
{
    return RtlInitStringEx(DestinationString, SourceString);
}

VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    SIZE_T Length = SourceString != NULL ? wcslen(SourceString) : 0;

    if (Length > UNICODE_STRING_MAX_CHARS_TERMINATED)
        Length = UNICODE_STRING_MAX_CHARS_TERMINATED;
    DestinationString->Length = (USHORT)(Length * sizeof(WCHAR));
    DestinationString->MaximumLength = (USHORT)(SourceString != NULL ? (Length + 1) * sizeof(WCHAR) : 0);
    DestinationString->Buffer = (PWSTR)SourceString;
}

NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    if (SourceString != NULL && wcsnlen(SourceString, 0x8000) > UNICODE_STRING_MAX_CHARS_TERMINATED)
        return STATUS_NAME_TOO_LONG;
    RtlInitUnicodeString(DestinationString, SourceString);
    return STATUS_SUCCESS;
}

VOID NTAPI RtlCopyString(PSTRING DestinationString, const STRING *SourceString)
{
    USHORT Length = 0;

    if (SourceString != NULL) {
        Length = min(SourceString->Length, DestinationString->MaximumLength);
        memmove(DestinationString->Buffer, SourceString->Buffer, Length);
    }
    DestinationString->Length = Length;
}

VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString)
{
    USHORT Length = 0;

    if (SourceString != NULL) {
        Length = min(SourceString->Length, DestinationString->MaximumLength);
        memmove(DestinationString->Buffer, SourceString->Buffer, Length);
        if (Length + sizeof(WCHAR) <= DestinationString->MaximumLength)
            DestinationString->Buffer[Length / sizeof(WCHAR)] = 0;
    }
    DestinationString->Length = Length;
}

LONG NTAPI RtlCompareString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    USHORT Common = min(String1->Length, String2->Length);

    for (USHORT Index = 0; Index < Common; Index++) {
        UCHAR Left = (UCHAR)String1->Buffer[Index], Right = (UCHAR)String2->Buffer[Index];

        if (CaseInSensitive) {
            Left = (UCHAR)RtlUpperChar((CHAR)Left);
            Right = (UCHAR)RtlUpperChar((CHAR)Right);
        }
        if (Left != Right)
            return Left - Right;
    }
    return String1->Length - String2->Length;
}

BOOLEAN NTAPI RtlEqualString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    return String1->Length == String2->Length && RtlCompareString(String1, String2, CaseInSensitive) == 0;
}

BOOLEAN NTAPI RtlPrefixString(const STRING *String1, const STRING *String2, BOOLEAN CaseInSensitive)
{
    STRING Head = *String2;

    if (String1->Length > String2->Length)
        return FALSE;
    Head.Length = String1->Length;
    return RtlCompareString(String1, &Head, CaseInSensitive) == 0;
}

LONG NTAPI RtlCompareUnicodeStrings(const WCHAR *String1, SIZE_T Length1, const WCHAR *String2, SIZE_T Length2,
        BOOLEAN CaseInSensitive)
{
    SIZE_T Common = min(Length1, Length2);

    for (SIZE_T Index = 0; Index < Common; Index++) {
        WCHAR Left = String1[Index], Right = String2[Index];

        if (Left != Right && CaseInSensitive) {
            Left = RtlUpcaseUnicodeChar(Left);
            Right = RtlUpcaseUnicodeChar(Right);
        }
        if (Left != Right)
            return Left - Right;
    }
    return Length1 < Length2 ? -(LONG)(Length2 - Length1) : (LONG)(Length1 - Length2);
}

LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    return RtlCompareUnicodeStrings(String1->Buffer, String1->Length / sizeof(WCHAR), String2->Buffer,
            String2->Length / sizeof(WCHAR), CaseInSensitive);
}

BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    return String1->Length == String2->Length && RtlCompareUnicodeString(String1, String2, CaseInSensitive) == 0;
}

BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING String1, PCUNICODE_STRING String2, BOOLEAN CaseInSensitive)
{
    SIZE_T Count = String1->Length / sizeof(WCHAR);

    return String1->Length <= String2->Length &&
           RtlCompareUnicodeStrings(String1->Buffer, Count, String2->Buffer, Count, CaseInSensitive) == 0;
}

static NTSTATUS RtlpAppend(PSTRING Destination, const char *Source, SIZE_T Length)
{
    if (Length > (SIZE_T)(Destination->MaximumLength - Destination->Length))
        return STATUS_BUFFER_TOO_SMALL;
    memmove(Destination->Buffer + Destination->Length, Source, Length);
    Destination->Length += (USHORT)Length;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendAsciizToString(PSTRING Destination, PCSZ Source)
{
    return Source != NULL ? RtlpAppend(Destination, Source, strlen(Source)) : STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendStringToString(PSTRING Destination, const STRING *Source)
{
    return RtlpAppend(Destination, Source->Buffer, Source->Length);
}

static NTSTATUS RtlpAppendUnicode(PUNICODE_STRING Destination, PCWSTR Source, SIZE_T Length)
{
    if (Length > (SIZE_T)(Destination->MaximumLength - Destination->Length))
        return STATUS_BUFFER_TOO_SMALL;
    memmove((PCHAR)Destination->Buffer + Destination->Length, Source, Length);
    Destination->Length += (USHORT)Length;
    if (Destination->Length + sizeof(WCHAR) <= Destination->MaximumLength)
        Destination->Buffer[Destination->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
    return Source != NULL ? RtlpAppendUnicode(Destination, Source, wcslen(Source) * sizeof(WCHAR)) : STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
    return Source->Length != 0 ? RtlpAppendUnicode(Destination, Source->Buffer, Source->Length) : STATUS_SUCCESS;
}

BOOLEAN NTAPI RtlCreateUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString)
{
    SIZE_T Bytes = (wcslen(SourceString) + 1) * sizeof(WCHAR);

    if (Bytes > 0xffff)
        return FALSE;
    DestinationString->Buffer = RtlpAllocate(Bytes);
    if (DestinationString->Buffer == NULL)
        return FALSE;
    memcpy(DestinationString->Buffer, SourceString, Bytes);
    DestinationString->MaximumLength = (USHORT)Bytes;
    DestinationString->Length = (USHORT)(Bytes - sizeof(WCHAR));
    return TRUE;
}

NTSTATUS NTAPI RtlDuplicateUnicodeString(ULONG Flags, PCUNICODE_STRING SourceString, PUNICODE_STRING DestinationString)
{
    BOOLEAN Terminate = (Flags & RTL_DUPLICATE_UNICODE_STRING_NULL_TERMINATE) != 0;
    BOOLEAN AllocateEmpty = (Flags & RTL_DUPLICATE_UNICODE_STRING_ALLOCATE_NULL_STRING) != 0;
    SIZE_T Bytes;

    if (SourceString == NULL || DestinationString == NULL || (Flags & ~3u) != 0 || (AllocateEmpty && !Terminate) ||
        (SourceString->Length | SourceString->MaximumLength) & 1 ||
        SourceString->Length > SourceString->MaximumLength ||
        (SourceString->Buffer == NULL && SourceString->MaximumLength != 0))
        return STATUS_INVALID_PARAMETER;
    Bytes = SourceString->Length;
    if (Bytes == 0 && !AllocateEmpty) {
        *DestinationString = (UNICODE_STRING){ 0 };
        return STATUS_SUCCESS;
    }
    if (Terminate && Bytes + sizeof(WCHAR) > 0xfffe)
        return STATUS_NAME_TOO_LONG;
    DestinationString->Buffer = RtlpAllocate(Bytes + sizeof(WCHAR));
    if (DestinationString->Buffer == NULL)
        return STATUS_NO_MEMORY;
    if (Bytes != 0)
        memcpy(DestinationString->Buffer, SourceString->Buffer, Bytes);
    DestinationString->Buffer[Bytes / sizeof(WCHAR)] = 0;
    DestinationString->Length = (USHORT)Bytes;
    DestinationString->MaximumLength = (USHORT)(Bytes + (Terminate ? sizeof(WCHAR) : 0));
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpChangeCase(PUNICODE_STRING Destination, PCUNICODE_STRING Source, BOOLEAN Allocate,
        WCHAR (NTAPI *Map)(WCHAR))
{
    if (Allocate) {
        Destination->Buffer = RtlpAllocate(Source->Length != 0 ? Source->Length : sizeof(WCHAR));
        if (Destination->Buffer == NULL)
            return STATUS_NO_MEMORY;
        Destination->MaximumLength = Source->Length;
    } else if (Source->Length > Destination->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    for (USHORT Index = 0; Index < Source->Length / sizeof(WCHAR); Index++)
        Destination->Buffer[Index] = Map(Source->Buffer[Index]);
    Destination->Length = Source->Length;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
        BOOLEAN AllocateDestinationString)
{
    return RtlpChangeCase(DestinationString, SourceString, AllocateDestinationString, RtlUpcaseUnicodeChar);
}

NTSTATUS NTAPI RtlDowncaseUnicodeString(PUNICODE_STRING DestinationString, PCUNICODE_STRING SourceString,
        BOOLEAN AllocateDestinationString)
{
    return RtlpChangeCase(DestinationString, SourceString, AllocateDestinationString, RtlDowncaseUnicodeChar);
}

CHAR NTAPI RtlUpperChar(CHAR Character)
{
    return Character >= 'a' && Character <= 'z' ? Character - 0x20 : Character;
}

VOID NTAPI RtlUpperString(PSTRING DestinationString, const STRING *SourceString)
{
    USHORT Length = min(SourceString->Length, DestinationString->MaximumLength);

    for (USHORT Index = 0; Index < Length; Index++)
        DestinationString->Buffer[Index] = RtlUpperChar(SourceString->Buffer[Index]);
    DestinationString->Length = Length;
}

VOID NTAPI RtlEraseUnicodeString(PUNICODE_STRING String)
{
    if (String->Buffer != NULL && String->MaximumLength != 0)
        memset(String->Buffer, 0, String->MaximumLength);
    String->Length = 0;
}

VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING UnicodeString)
{
    if (UnicodeString->Buffer != NULL)
        RtlpFree(UnicodeString->Buffer);
    *UnicodeString = (UNICODE_STRING){ 0 };
}

VOID NTAPI RtlFreeAnsiString(PANSI_STRING AnsiString)
{
    if (AnsiString->Buffer != NULL)
        RtlpFree(AnsiString->Buffer);
    *AnsiString = (STRING){ 0 };
}

VOID NTAPI RtlFreeOemString(POEM_STRING OemString)
{
    if (OemString->Buffer != NULL)
        RtlpFree(OemString->Buffer);
    OemString->Buffer = NULL;
}

static BOOLEAN RtlpIsInSet(WCHAR Character, PCUNICODE_STRING Set, BOOLEAN CaseInSensitive)
{
    for (USHORT Index = 0; Index < Set->Length / sizeof(WCHAR); Index++) {
        WCHAR Member = Set->Buffer[Index];

        if (Character == Member ||
            (CaseInSensitive && RtlUpcaseUnicodeChar(Character) == RtlUpcaseUnicodeChar(Member)))
            return TRUE;
    }
    return FALSE;
}

NTSTATUS NTAPI RtlFindCharInUnicodeString(ULONG Flags, PCUNICODE_STRING StringToSearch, PCUNICODE_STRING CharSet,
        USHORT *NonInclusivePrefixLength)
{
    BOOLEAN Complement = (Flags & RTL_FIND_CHAR_IN_UNICODE_STRING_COMPLEMENT_CHAR_SET) != 0;
    BOOLEAN CaseInSensitive = (Flags & RTL_FIND_CHAR_IN_UNICODE_STRING_CASE_INSENSITIVE) != 0;
    LONG Count = StringToSearch->Length / sizeof(WCHAR);

    *NonInclusivePrefixLength = 0;
    if (Flags & RTL_FIND_CHAR_IN_UNICODE_STRING_START_AT_END) {
        for (LONG Index = Count - 1; Index >= 0; Index--) {
            if (RtlpIsInSet(StringToSearch->Buffer[Index], CharSet, CaseInSensitive) != Complement) {
                *NonInclusivePrefixLength = (USHORT)(Index * sizeof(WCHAR));
                return STATUS_SUCCESS;
            }
        }
        return STATUS_NOT_FOUND;
    }
    for (LONG Index = 0; Index < Count; Index++) {
        if (RtlpIsInSet(StringToSearch->Buffer[Index], CharSet, CaseInSensitive) != Complement) {
            *NonInclusivePrefixLength = (USHORT)((Index + 1) * sizeof(WCHAR));
            return STATUS_SUCCESS;
        }
    }
    return STATUS_NOT_FOUND;
}

NTSTATUS NTAPI RtlHashUnicodeString(PCUNICODE_STRING String, BOOLEAN CaseInSensitive, ULONG HashAlgorithm,
        PULONG HashValue)
{
    ULONG Hash = 0;

    if (String == NULL || HashValue == NULL ||
        (HashAlgorithm != HASH_STRING_ALGORITHM_DEFAULT && HashAlgorithm != HASH_STRING_ALGORITHM_X65599))
        return STATUS_INVALID_PARAMETER;
    for (USHORT Index = 0; Index < String->Length / sizeof(WCHAR); Index++) {
        WCHAR Character = String->Buffer[Index];

        Hash = Hash * 65599 + (CaseInSensitive ? RtlUpcaseUnicodeChar(Character) : Character);
    }
    *HashValue = Hash;
    return STATUS_SUCCESS;
}
