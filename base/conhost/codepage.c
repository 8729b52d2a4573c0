/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Code pages (codepage.h).  Tables are mapped once each and stay.
 */
#include "ntdll.h"
#include "codepage.h"

#define NLS_SECTION_CODE_PAGE 11

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

/* Whole characters, in at most Size bytes; half of a pair is U+FFFD. */
static ULONG EncodeUtf8(const WCHAR *Units, ULONG Count, PUCHAR Utf8, ULONG Size)
{
    ULONG Length = 0;

    RtlUnicodeToUTF8N((PCHAR)Utf8, Size, &Length, Units, Count * sizeof(WCHAR));
    return Length;
}

ULONG CodePageEncode(const CODE_PAGE *CodePage, const WCHAR *Units, ULONG Count, PUCHAR Bytes)
{
    const CPTABLEINFO *Table = &CodePage->Table;
    USHORT Pair;

    if (CodePage->Number == CODE_PAGE_UTF8)
        return EncodeUtf8(Units, Count, Bytes, CODE_PAGE_MAX_BYTES);
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
        Done += EncodeUtf8(&Unit, 1, Utf8 + Done, 3);
    }
    return Done;
}

ULONG Utf16ToUtf8(PWCHAR High, const WCHAR *Units, ULONG Length, PUCHAR Utf8)
{
    ULONG Done = 0;

    if (*High != 0 && Length != 0) {
        WCHAR Pair[2] = { *High, Units[0] };
        ULONG Taken = IsLowSurrogate(Units[0]) ? 1 : 0;

        Done = EncodeUtf8(Pair, 1 + Taken, Utf8, CODE_PAGE_MAX_BYTES);
        Units += Taken;
        Length -= Taken;
        *High = 0;
    }
    if (Length != 0 && IsHighSurrogate(Units[Length - 1]))
        *High = Units[--Length];
    return Done + EncodeUtf8(Units, Length, Utf8 + Done, Length * 3);
}
