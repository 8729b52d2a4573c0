/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Code page tables and the locale table.
 *
 * A code page file, in 16-bit words: the header (its first word is its own size), then the distance from the next word
 * to the table from UTF-16, the table to UTF-16 of 256 words, a word that is not 0 if a table of glyphs of 256 words
 * follows, the number of lead byte ranges, and if there are any the offsets of their tables.
 */
#include "ntdllp.h"

#define CP_UTF8 65001

/* The header, as it lies in the file. */
typedef struct _CODE_PAGE_HEADER {
    USHORT HeaderSize;
    USHORT CodePage;
    USHORT MaximumCharacterSize;
    USHORT DefaultChar;
    USHORT UniDefaultChar;
    USHORT TransDefaultChar;
    USHORT TransUniDefaultChar;
    UCHAR LeadByte[MAXIMUM_LEADBYTES];
} CODE_PAGE_HEADER;

/* A table that says UTF-8 has no more than its first two words: that page is computed, not looked up. */
VOID NTAPI RtlInitCodePageTable(PUSHORT TableBase, PCPTABLEINFO CodePageTable)
{
    static const CPTABLEINFO Utf8 = { .CodePage = CP_UTF8, .MaximumCharacterSize = 4, .DefaultChar = '?',
            .UniDefaultChar = 0xfffd, .TransDefaultChar = '?', .TransUniDefaultChar = '?' };
    const CODE_PAGE_HEADER *Header = (const CODE_PAGE_HEADER *)TableBase;
    PUSHORT At;

    if (Header->CodePage == CP_UTF8) {
        *CodePageTable = Utf8;
        return;
    }
    CodePageTable->CodePage = Header->CodePage;
    CodePageTable->MaximumCharacterSize = Header->MaximumCharacterSize;
    CodePageTable->DefaultChar = Header->DefaultChar;
    CodePageTable->UniDefaultChar = Header->UniDefaultChar;
    CodePageTable->TransDefaultChar = Header->TransDefaultChar;
    CodePageTable->TransUniDefaultChar = Header->TransUniDefaultChar;
    memcpy(CodePageTable->LeadByte, Header->LeadByte, sizeof(CodePageTable->LeadByte));
    At = TableBase + Header->HeaderSize + 1;
    CodePageTable->WideCharTable = At + At[-1];
    CodePageTable->MultiByteTable = At;
    At += 256;
    At += 1 + (*At != 0 ? 256 : 0);
    CodePageTable->DBCSRanges = At;
    CodePageTable->DBCSCodePage = *At != 0;
    CodePageTable->DBCSOffsets = *At != 0 ? At + 1 : NULL;
}

/*
 * rtl's hook.  The executive has mapped the tables; what they say is worked out at the first call.  Two threads that do
 * so at once write the same.
 */
const CPTABLEINFO *RtlpCodePage(BOOLEAN Oem)
{
    static CPTABLEINFO Tables[2];
    static volatile BOOLEAN Ready[2];
    PPEB Peb = NtCurrentPeb();
    PUSHORT Data = Oem ? Peb->OemCodePageData : Peb->AnsiCodePageData;

    if (Data == NULL)
        return NULL;
    if (!Ready[Oem]) {
        RtlInitCodePageTable(Data, &Tables[Oem]);
        Ready[Oem] = TRUE;
    }
    return Tables[Oem].CodePage == CP_UTF8 ? NULL : &Tables[Oem];
}

/* locale.nls, mapped once for the process, and the system's default locale.  Size is what NtInitializeNlsFiles says. */
NTSTATUS NTAPI RtlGetLocaleFileMappingAddress(PVOID *BaseAddress, PLCID DefaultLocaleId,
        PLARGE_INTEGER DefaultCasingTableSize)
{
    static PVOID volatile Mapped;
    static LCID Locale;
    static LARGE_INTEGER CasingTableSize;
    PVOID Base = Mapped;
    NTSTATUS Status;

    if (Base == NULL) {
        Status = NtInitializeNlsFiles(&Base, &Locale, &CasingTableSize);
        if (!NT_SUCCESS(Status))
            return Status;
        if (InterlockedCompareExchangePointer(&Mapped, Base, NULL) != NULL)
            NtUnmapViewOfSection(NtCurrentProcess(), Base);
    }
    *BaseAddress = Mapped;
    *DefaultLocaleId = Locale;
    if (DefaultCasingTableSize != NULL)
        *DefaultCasingTableSize = CasingTableSize;
    return STATUS_SUCCESS;
}
