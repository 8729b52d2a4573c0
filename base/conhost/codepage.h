/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Code pages of the console: UTF-8, which is computed, and those with a table on the system volume.
 */
#pragma once

#include "nt.h"

#define CODE_PAGE_UTF8 65001u
#define CODE_PAGE_MAX_BYTES 4           /* of a character */

typedef struct _CODE_PAGE {
    ULONG Number;
    CPTABLEINFO Table;                  /* not for UTF-8 */
} CODE_PAGE, *PCODE_PAGE;

static inline BOOLEAN IsHighSurrogate(WCHAR Unit)
{
    return Unit >= 0xd800 && Unit < 0xdc00;
}

static inline BOOLEAN IsLowSurrogate(WCHAR Unit)
{
    return Unit >= 0xdc00 && Unit < 0xe000;
}

/* STATUS_INVALID_PARAMETER: there is no such page.  May wait for the file. */
NTSTATUS CodePageOpen(ULONG Number, PCODE_PAGE CodePage);

/* One character, Count (1 or 2) UTF-16 units; writes at most CODE_PAGE_MAX_BYTES and returns their number. */
ULONG CodePageEncode(const CODE_PAGE *CodePage, const WCHAR *Units, ULONG Count, PUCHAR Bytes);

/* Text of the page as UTF-8: writes at most 3 bytes for each of Length.  *Lead: the first half of a character that the text
 * before ended with, and on return that of this one; 0: none. */
ULONG CodePageToUtf8(const CODE_PAGE *CodePage, PUCHAR Lead, const UCHAR *Bytes, ULONG Length, PUCHAR Utf8);

/* Writes at most 3 bytes for each of Length units, and 3 more; *High: as *Lead, for surrogate pairs. */
ULONG Utf16ToUtf8(PWCHAR High, const WCHAR *Units, ULONG Length, PUCHAR Utf8);
