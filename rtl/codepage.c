/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The ANSI and the OEM code page, and the conversions of counted strings through them.
 *
 * A code page is a table (CPTABLEINFO) of characters of one byte, or of one or two; without a table it is UTF-8.  A
 * character that a page lacks becomes the page's default; that is no error.  The OEM routines tell of a string that was
 * cut, the multi-byte routines do not.
 * Source: Microsoft, "RtlMultiByteToUnicodeN", "RtlOemToUnicodeN", "RtlUnicodeStringToAnsiString" and their kin.
 */
#include "rtl.h"

static NTSTATUS RtlpOemStatus(NTSTATUS Status)
{
    return Status == STATUS_BUFFER_TOO_SMALL ? STATUS_BUFFER_OVERFLOW
            : Status == STATUS_SOME_NOT_MAPPED ? STATUS_SUCCESS : Status;
}

static NTSTATUS RtlpMultiByteStatus(NTSTATUS Status)
{
    return Status == STATUS_BUFFER_TOO_SMALL ? STATUS_SUCCESS : RtlpOemStatus(Status);
}

/* --- tables --------------------------------------------------------------------------------------------------------- */

/* The character at Text; *Used bytes of Length were consumed. */
static WCHAR RtlpTableToWide(const CPTABLEINFO *Table, const UCHAR *Text, SIZE_T Length, SIZE_T *Used)
{
    USHORT Trail = Table->DBCSCodePage ? Table->DBCSOffsets[Text[0]] : 0;

    *Used = 1;
    if (Trail == 0)
        return Table->MultiByteTable[Text[0]];
    if (Length < 2)
        return Table->UniDefaultChar;
    *Used = 2;
    return Table->DBCSOffsets[Trail + Text[1]];
}

/* The bytes of Character; how many. */
static SIZE_T RtlpWideToTable(const CPTABLEINFO *Table, WCHAR Character, UCHAR Bytes[2])
{
    USHORT Value;

    if (!Table->DBCSCodePage) {
        Bytes[0] = ((const UCHAR *)Table->WideCharTable)[Character];
        return 1;
    }
    Value = ((const USHORT *)Table->WideCharTable)[Character];
    if (Value < 0x100) {
        Bytes[0] = (UCHAR)Value;
        return 1;
    }
    Bytes[0] = (UCHAR)(Value >> 8);
    Bytes[1] = (UCHAR)Value;
    return 2;
}

/* Destination NULL: only the size is wanted. */
static NTSTATUS RtlpToUnicode(BOOLEAN Oem, PWCH Destination, ULONG MaxBytes, PULONG Done, const CHAR *Source, ULONG Length)
{
    const CPTABLEINFO *Table = RtlpCodePage(Oem);
    const UCHAR *Text = (const UCHAR *)Source;
    SIZE_T In = 0, Out = 0, Used;

    if (Table == NULL)
        return RtlUTF8ToUnicodeN(Destination, MaxBytes, Done, Source, Length);
    for (; In < Length && (Destination == NULL || Out < MaxBytes / sizeof(WCHAR)); In += Used, Out++) {
        WCHAR Character = RtlpTableToWide(Table, Text + In, Length - In, &Used);

        if (Destination != NULL)
            Destination[Out] = Character;
    }
    if (Done != NULL)
        *Done = (ULONG)(Out * sizeof(WCHAR));
    return In < Length ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}

static NTSTATUS RtlpFromUnicode(BOOLEAN Oem, PCHAR Destination, ULONG MaxBytes, PULONG Done, PCWCH Source, ULONG Length)
{
    const CPTABLEINFO *Table = RtlpCodePage(Oem);
    SIZE_T In, Out = 0, Count = 0;
    UCHAR Bytes[2];

    if (Table == NULL)
        return RtlUnicodeToUTF8N(Destination, MaxBytes, Done, Source, Length);
    for (In = 0; In < Length / sizeof(WCHAR); In++, Out += Count) {
        Count = RtlpWideToTable(Table, Source[In], Bytes);
        if (Destination == NULL)
            continue;
        if (Count > MaxBytes - Out)
            break;
        memcpy(Destination + Out, Bytes, Count);
    }
    if (Done != NULL)
        *Done = (ULONG)Out;
    return In < Length / sizeof(WCHAR) ? STATUS_BUFFER_TOO_SMALL : STATUS_SUCCESS;
}

/* --- texts ---------------------------------------------------------------------------------------------------------- */

NTSTATUS NTAPI RtlMultiByteToUnicodeN(PWCH UnicodeString, ULONG MaxBytesInUnicodeString, PULONG BytesInUnicodeString,
        const CHAR *MultiByteString, ULONG BytesInMultiByteString)
{
    return RtlpMultiByteStatus(RtlpToUnicode(FALSE, UnicodeString, MaxBytesInUnicodeString, BytesInUnicodeString,
            MultiByteString, BytesInMultiByteString));
}

NTSTATUS NTAPI RtlMultiByteToUnicodeSize(PULONG BytesInUnicodeString, const CHAR *MultiByteString,
        ULONG BytesInMultiByteString)
{
    return RtlpMultiByteStatus(RtlpToUnicode(FALSE, NULL, 0, BytesInUnicodeString, MultiByteString,
            BytesInMultiByteString));
}

NTSTATUS NTAPI RtlUnicodeToMultiByteN(PCHAR MultiByteString, ULONG MaxBytesInMultiByteString,
        PULONG BytesInMultiByteString, PCWCH UnicodeString, ULONG BytesInUnicodeString)
{
    return RtlpMultiByteStatus(RtlpFromUnicode(FALSE, MultiByteString, MaxBytesInMultiByteString, BytesInMultiByteString,
            UnicodeString, BytesInUnicodeString));
}

NTSTATUS NTAPI RtlUnicodeToMultiByteSize(PULONG BytesInMultiByteString, PWCH UnicodeString, ULONG BytesInUnicodeString)
{
    return RtlpMultiByteStatus(RtlpFromUnicode(FALSE, NULL, 0, BytesInMultiByteString, UnicodeString,
            BytesInUnicodeString));
}

NTSTATUS NTAPI RtlOemToUnicodeN(PWCH UnicodeString, ULONG MaxBytesInUnicodeString, PULONG BytesInUnicodeString,
        const CHAR *OemString, ULONG BytesInOemString)
{
    return RtlpOemStatus(RtlpToUnicode(TRUE, UnicodeString, MaxBytesInUnicodeString, BytesInUnicodeString, OemString,
            BytesInOemString));
}

NTSTATUS NTAPI RtlUnicodeToOemN(PCHAR OemString, ULONG MaxBytesInOemString, PULONG BytesInOemString,
        PCWCH UnicodeString, ULONG BytesInUnicodeString)
{
    return RtlpOemStatus(RtlpFromUnicode(TRUE, OemString, MaxBytesInOemString, BytesInOemString, UnicodeString,
            BytesInUnicodeString));
}

/* --- counted strings ------------------------------------------------------------------------------------------------ */

/* Sizes with the terminating zero. */
static ULONG RtlpUnicodeSize(BOOLEAN Oem, const STRING *String)
{
    ULONG Bytes = 0;

    RtlpToUnicode(Oem, NULL, 0, &Bytes, String->Buffer, String->Length);
    return Bytes + sizeof(WCHAR);
}

static ULONG RtlpByteSize(BOOLEAN Oem, PCUNICODE_STRING String)
{
    ULONG Bytes = 0;

    RtlpFromUnicode(Oem, NULL, 0, &Bytes, String->Buffer, String->Length);
    return Bytes + 1;
}

ULONG NTAPI RtlxAnsiStringToUnicodeSize(const STRING *AnsiString)
{
    return RtlpUnicodeSize(FALSE, AnsiString);
}

ULONG NTAPI RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString)
{
    return RtlpByteSize(FALSE, UnicodeString);
}

ULONG NTAPI RtlAnsiStringToUnicodeSize(const STRING *AnsiString)
{
    return RtlpUnicodeSize(FALSE, AnsiString);
}

ULONG NTAPI RtlUnicodeStringToAnsiSize(PCUNICODE_STRING UnicodeString)
{
    return RtlpByteSize(FALSE, UnicodeString);
}

ULONG NTAPI RtlUnicodeStringToOemSize(PCUNICODE_STRING UnicodeString)
{
    return RtlpByteSize(TRUE, UnicodeString);
}

/* The length of the whole text is told when there is no room for it, too. */
static NTSTATUS RtlpStringToUnicode(BOOLEAN Oem, PUNICODE_STRING Destination, const STRING *Source, BOOLEAN Allocate)
{
    ULONG Bytes = RtlpUnicodeSize(Oem, Source), Written = 0;

    if (Bytes > 0xffff)
        return STATUS_INVALID_PARAMETER_2;
    Destination->Length = (USHORT)(Bytes - sizeof(WCHAR));
    if (Allocate) {
        Destination->Buffer = RtlpAllocate(Bytes);
        if (Destination->Buffer == NULL)
            return STATUS_NO_MEMORY;
        Destination->MaximumLength = (USHORT)Bytes;
    } else if (Bytes > Destination->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    RtlpToUnicode(Oem, Destination->Buffer, Bytes - sizeof(WCHAR), &Written, Source->Buffer, Source->Length);
    Destination->Buffer[Written / sizeof(WCHAR)] = 0;
    Destination->Length = (USHORT)Written;
    return STATUS_SUCCESS;
}

static NTSTATUS RtlpUnicodeToString(BOOLEAN Oem, PSTRING Destination, PCUNICODE_STRING Source, BOOLEAN Allocate)
{
    ULONG Bytes = RtlpByteSize(Oem, Source), Written = 0;
    NTSTATUS Status = STATUS_SUCCESS;

    if (Bytes > 0xffff)
        return STATUS_INVALID_PARAMETER_2;
    Destination->Length = (USHORT)(Bytes - 1);
    if (Allocate) {
        Destination->Buffer = RtlpAllocate(Bytes);
        if (Destination->Buffer == NULL)
            return STATUS_NO_MEMORY;
        Destination->MaximumLength = (USHORT)Bytes;
    } else if (Bytes > Destination->MaximumLength) {
        if (Destination->MaximumLength == 0)
            return STATUS_BUFFER_OVERFLOW;
        Bytes = Destination->MaximumLength;
        Status = STATUS_BUFFER_OVERFLOW;
    }
    RtlpFromUnicode(Oem, Destination->Buffer, Bytes - 1, &Written, Source->Buffer, Source->Length);
    Destination->Buffer[Written] = 0;
    Destination->Length = (USHORT)Written;
    return Status;
}

NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING DestinationString, PCANSI_STRING SourceString,
        BOOLEAN AllocateDestinationString)
{
    return RtlpStringToUnicode(FALSE, DestinationString, SourceString, AllocateDestinationString);
}

NTSTATUS NTAPI RtlOemStringToUnicodeString(PUNICODE_STRING DestinationString, const STRING *SourceString,
        BOOLEAN AllocateDestinationString)
{
    return RtlpStringToUnicode(TRUE, DestinationString, SourceString, AllocateDestinationString);
}

NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING DestinationString, PCUNICODE_STRING SourceString,
        BOOLEAN AllocateDestinationString)
{
    return RtlpUnicodeToString(FALSE, DestinationString, SourceString, AllocateDestinationString);
}

NTSTATUS NTAPI RtlUnicodeStringToOemString(POEM_STRING DestinationString, PCUNICODE_STRING SourceString,
        BOOLEAN AllocateDestinationString)
{
    return RtlpUnicodeToString(TRUE, DestinationString, SourceString, AllocateDestinationString);
}

BOOLEAN NTAPI RtlCreateUnicodeStringFromAsciiz(PUNICODE_STRING target, LPCSTR src)
{
    STRING Source;

    return NT_SUCCESS(RtlInitStringEx(&Source, src)) &&
           NT_SUCCESS(RtlAnsiStringToUnicodeString(target, &Source, TRUE));
}
