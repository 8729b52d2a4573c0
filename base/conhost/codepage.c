/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Code pages (codepage.h).  Tables are mapped once each and stay.
 */
#include "ntdll.h"
#include "codepage.h"

#define NLS_SECTION_CODE_PAGE 11
#define REPLACEMENT_CHARACTER 0xfffd

NTSTATUS CodePageOpen(ULONG Number, PCODE_PAGE CodePage)
{
    PVOID Section;
    SIZE_T Size;

    if (Number == CODE_PAGE_UTF8) {
        *CodePage = (CODE_PAGE){ .Number = Number };
        return STATUS_SUCCESS;
    }
    if (Number > 0xffff || !NT_SUCCESS(NtGetNlsSectionPtr(NLS_SECTION_CODE_PAGE, Number, NULL, &Section, &Size)))
        return STATUS_INVALID_PARAMETER;
    *CodePage = (CODE_PAGE){ .Number = Number };
    RtlInitCodePageTable(Section, &CodePage->Table);
    return STATUS_SUCCESS;
}

static ULONG EncodeUtf8(ULONG CodePoint, PUCHAR Bytes)
{
    if (CodePoint < 0x80) {
        Bytes[0] = (UCHAR)CodePoint;
        return 1;
    }
    if (CodePoint < 0x800) {
        Bytes[0] = (UCHAR)(0xc0 | CodePoint >> 6);
        Bytes[1] = (UCHAR)(0x80 | (CodePoint & 0x3f));
        return 2;
    }
    if (CodePoint < 0x10000) {
        Bytes[0] = (UCHAR)(0xe0 | CodePoint >> 12);
        Bytes[1] = (UCHAR)(0x80 | (CodePoint >> 6 & 0x3f));
        Bytes[2] = (UCHAR)(0x80 | (CodePoint & 0x3f));
        return 3;
    }
    Bytes[0] = (UCHAR)(0xf0 | CodePoint >> 18);
    Bytes[1] = (UCHAR)(0x80 | (CodePoint >> 12 & 0x3f));
    Bytes[2] = (UCHAR)(0x80 | (CodePoint >> 6 & 0x3f));
    Bytes[3] = (UCHAR)(0x80 | (CodePoint & 0x3f));
    return 4;
}

static BOOLEAN IsHigh(WCHAR Unit)
{
    return Unit >= 0xd800 && Unit < 0xdc00;
}

static BOOLEAN IsLow(WCHAR Unit)
{
    return Unit >= 0xdc00 && Unit < 0xe000;
}

ULONG CodePageEncode(const CODE_PAGE *CodePage, const WCHAR *Units, ULONG Count, PUCHAR Bytes)
{
    const CPTABLEINFO *Table = &CodePage->Table;
    USHORT Pair;

    if (CodePage->Number == CODE_PAGE_UTF8) {
        if (Count == 2)
            return EncodeUtf8(0x10000 + ((Units[0] & 0x3ffu) << 10 | (Units[1] & 0x3ffu)), Bytes);
        return EncodeUtf8(IsHigh(Units[0]) || IsLow(Units[0]) ? REPLACEMENT_CHARACTER : Units[0], Bytes);
    }
    if (!Table->DBCSCodePage) {
        Bytes[0] = Count == 2 ? (UCHAR)Table->DefaultChar : ((const UCHAR *)Table->WideCharTable)[Units[0]];
        return 1;
    }
    Pair = Count == 2 ? Table->DefaultChar : ((const USHORT *)Table->WideCharTable)[Units[0]];
    if (Pair >= 0x100)
        *Bytes++ = (UCHAR)(Pair >> 8);
    *Bytes = (UCHAR)Pair;
    return Pair >= 0x100 ? 2 : 1;
}

ULONG CodePageToUtf8(const CODE_PAGE *CodePage, PUCHAR Lead, const UCHAR *Bytes, ULONG Length, PUCHAR Utf8)
{
    const CPTABLEINFO *Table = &CodePage->Table;
    ULONG Done = 0;

    if (CodePage->Number == CODE_PAGE_UTF8) {
        memcpy(Utf8, Bytes, Length);
        return Length;
    }
    for (ULONG i = 0; i < Length; i++) {
        WCHAR Unit = Table->MultiByteTable[Bytes[i]];

        if (*Lead != 0) {
            Unit = Table->DBCSOffsets[Table->DBCSOffsets[*Lead] + Bytes[i]];
            *Lead = 0;
        } else if (Table->DBCSCodePage && Table->DBCSOffsets[Bytes[i]] != 0) {
            *Lead = Bytes[i];
            continue;
        }
        Done += EncodeUtf8(Unit, Utf8 + Done);
    }
    return Done;
}

ULONG Utf16ToUtf8(PWCHAR High, const WCHAR *Units, ULONG Length, PUCHAR Utf8)
{
    ULONG Done = 0;

    for (ULONG i = 0; i < Length; i++) {
        WCHAR Unit = Units[i], First = *High;

        *High = 0;
        if (First != 0 && IsLow(Unit)) {
            Done += EncodeUtf8(0x10000 + ((First & 0x3ffu) << 10 | (Unit & 0x3ffu)), Utf8 + Done);
            continue;
        }
        if (First != 0)
            Done += EncodeUtf8(REPLACEMENT_CHARACTER, Utf8 + Done);
        if (IsHigh(Unit))
            *High = Unit;
        else
            Done += EncodeUtf8(IsLow(Unit) ? REPLACEMENT_CHARACTER : Unit, Utf8 + Done);
    }
    return Done;
}
