/* SPDX-License-Identifier: BSD-2-Clause
 *
 * UTF-8 and UTF-16.
 *
 * Malformed input is never an error that loses data: each part of it becomes one U+FFFD and the status is
 * STATUS_SOME_NOT_MAPPED.  A part is a lead byte with the good bytes that follow, and with the one that makes the value too
 * small, too large or a surrogate.  A destination that is too
 * small ends the conversion before the first character that does not fit as a whole.
 */
#include "rtl.h"

#define RTLP_REPLACEMENT 0xfffd

/* Decodes one code point from Text; *Used bytes were consumed (at least one).  Sets *Malformed. */
static ULONG RtlpDecodeUtf8(const UCHAR *Text, SIZE_T Length, SIZE_T *Used, BOOLEAN *Malformed)
{
    UCHAR Lead = Text[0];
    ULONG Need, Value;
    UCHAR Low = 0x80, High = 0xbf;

    *Used = 1;
    if (Lead < 0x80)
        return Lead;
    if (Lead >= 0xc2 && Lead <= 0xdf) {
        Need = 1;
        Value = Lead & 0x1f;
    } else if ((Lead & 0xf0) == 0xe0) {
        Need = 2;
        Value = Lead & 0x0f;
        Low = Lead == 0xe0 ? 0xa0 : 0x80;
        High = Lead == 0xed ? 0x9f : 0xbf;
    } else if (Lead >= 0xf0 && Lead <= 0xf4) {
        Need = 3;
        Value = Lead & 0x07;
        Low = Lead == 0xf0 ? 0x90 : 0x80;
        High = Lead == 0xf4 ? 0x8f : 0xbf;
    } else {
        *Malformed = TRUE;
        return RTLP_REPLACEMENT;
    }
    for (; Need != 0; Need--, ++*Used) {
        if (*Used >= Length || Text[*Used] < Low || Text[*Used] > High) {
            *Used += *Used < Length && (Text[*Used] & 0xc0) == 0x80;
            *Malformed = TRUE;
            return RTLP_REPLACEMENT;
        }
        Value = Value << 6 | (Text[*Used] & 0x3f);
        Low = 0x80;
        High = 0xbf;
    }
    return Value;
}

NTSTATUS NTAPI RtlUTF8ToUnicodeN(PWSTR UnicodeStringDestination, ULONG UnicodeStringMaxByteCount,
        PULONG UnicodeStringActualByteCount, PCCH UTF8StringSource, ULONG UTF8StringByteCount)
{
    const UCHAR *Source = (const UCHAR *)UTF8StringSource;
    SIZE_T Room = UnicodeStringMaxByteCount / sizeof(WCHAR), Out = 0, Used;
    BOOLEAN Malformed = FALSE;
    NTSTATUS Status = STATUS_SUCCESS;

    if (UTF8StringSource == NULL)
        return STATUS_INVALID_PARAMETER_4;
    if (UnicodeStringDestination == NULL && UnicodeStringActualByteCount == NULL)
        return STATUS_INVALID_PARAMETER;
    for (SIZE_T At = 0; At < UTF8StringByteCount; At += Used) {
        ULONG Value = RtlpDecodeUtf8(Source + At, UTF8StringByteCount - At, &Used, &Malformed);
        SIZE_T Units = Value >= 0x10000 ? 2 : 1;

        if (UnicodeStringDestination != NULL) {
            if (Out + Units > Room) {
                Status = STATUS_BUFFER_TOO_SMALL;
                break;
            }
            if (Units == 2) {
                UnicodeStringDestination[Out] = (WCHAR)(0xd800 + ((Value - 0x10000) >> 10));
                UnicodeStringDestination[Out + 1] = (WCHAR)(0xdc00 + (Value & 0x3ff));
            } else {
                UnicodeStringDestination[Out] = (WCHAR)Value;
            }
        }
        Out += Units;
    }
    if (UnicodeStringActualByteCount != NULL)
        *UnicodeStringActualByteCount = (ULONG)(Out * sizeof(WCHAR));
    return Status == STATUS_SUCCESS && Malformed ? STATUS_SOME_NOT_MAPPED : Status;
}

static ULONG RtlpDecodeUtf16(const WCHAR *Text, SIZE_T Length, SIZE_T *Used, BOOLEAN *Malformed)
{
    *Used = 1;
    if (Text[0] < 0xd800 || Text[0] > 0xdfff)
        return Text[0];
    if (Text[0] <= 0xdbff && Length > 1 && Text[1] >= 0xdc00 && Text[1] <= 0xdfff) {
        *Used = 2;
        return 0x10000 + ((ULONG)(Text[0] - 0xd800) << 10) + (Text[1] - 0xdc00);
    }
    *Malformed = TRUE;
    return RTLP_REPLACEMENT;
}

/* Writes the UTF-8 form of Value (1 to 4 bytes) to Bytes and returns its length. */
static SIZE_T RtlpEncodeUtf8(ULONG Value, UCHAR Bytes[4])
{
    SIZE_T Length = Value < 0x80 ? 1 : Value < 0x800 ? 2 : Value < 0x10000 ? 3 : 4;
    static const UCHAR Leads[5] = { 0, 0, 0xc0, 0xe0, 0xf0 };

    for (SIZE_T Index = Length - 1; Index > 0; Index--) {
        Bytes[Index] = (UCHAR)(0x80 | (Value & 0x3f));
        Value >>= 6;
    }
    Bytes[0] = (UCHAR)(Leads[Length] | Value);
    return Length;
}

NTSTATUS NTAPI RtlUnicodeToUTF8N(PCHAR UTF8StringDestination, ULONG UTF8StringMaxByteCount,
        PULONG UTF8StringActualByteCount, PCWCH UnicodeStringSource, ULONG UnicodeStringByteCount)
{
    SIZE_T Length = UnicodeStringByteCount / sizeof(WCHAR), Out = 0, Used;
    BOOLEAN Malformed = FALSE;
    NTSTATUS Status = STATUS_SUCCESS;

    if (UnicodeStringSource == NULL)
        return STATUS_INVALID_PARAMETER_4;
    if (UTF8StringDestination == NULL && UTF8StringActualByteCount == NULL)
        return STATUS_INVALID_PARAMETER;
    if (UTF8StringDestination != NULL && UnicodeStringByteCount % sizeof(WCHAR) != 0)
        return STATUS_INVALID_PARAMETER_5;
    for (SIZE_T At = 0; At < Length; At += Used) {
        UCHAR Bytes[4];
        SIZE_T Count = RtlpEncodeUtf8(RtlpDecodeUtf16(UnicodeStringSource + At, Length - At, &Used, &Malformed), Bytes);

        if (UTF8StringDestination != NULL) {
            if (Out + Count > UTF8StringMaxByteCount) {
                Status = STATUS_BUFFER_TOO_SMALL;
                break;
            }
            memcpy(UTF8StringDestination + Out, Bytes, Count);
        }
        Out += Count;
    }
    if (UTF8StringActualByteCount != NULL)
        *UTF8StringActualByteCount = (ULONG)Out;
    return Status == STATUS_SUCCESS && Malformed ? STATUS_SOME_NOT_MAPPED : Status;
}
