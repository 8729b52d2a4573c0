/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Preferred languages of the user interface: of the thread, the process, the user and the system.
 *
 * A list is texts in a row with an empty one at the end, at most five languages ("en-US", or "0409" where identifiers
 * are wanted).  The thread's list hangs in TEB.PreferredLanguages, the process's below; both are heap blocks.
 * DIFFERS: user and system have one language each, the installed one, named in English here.
 */
#include "ntdllp.h"

#define MAX_LANGUAGES 5
#define LANGUAGE_LENGTH 85                  /* characters, LOCALE_NAME_MAX_LENGTH */
#define MERGE_FLAGS (MUI_MERGE_SYSTEM_FALLBACK | MUI_MERGE_USER_FALLBACK)
#define FORM_FLAGS (MUI_LANGUAGE_ID | MUI_LANGUAGE_NAME)
#define LIST_ROOM (4 * MAX_LANGUAGES * (LANGUAGE_LENGTH + 1) + 1)

typedef struct _LANGUAGE_LIST {
    ULONG Count;
    WCHAR Names[MAX_LANGUAGES][LANGUAGE_LENGTH + 1];
} LANGUAGE_LIST;

typedef struct _LANGUAGE_TEXT {
    ULONG Count;
    ULONG Length;                           /* characters, without the empty text at the end */
    BOOLEAN Identifiers;
    WCHAR Text[LIST_ROOM];
} LANGUAGE_TEXT;

static const struct { USHORT Identifier; PCWSTR Name; } RtlpLanguages[] = {
    { 0x0409, L"en-US" }, { 0x0809, L"en-GB" }, { 0x0407, L"de-DE" }, { 0x040c, L"fr-FR" }, { 0x0c0a, L"es-ES" },
    { 0x0410, L"it-IT" }, { 0x0411, L"ja-JP" }, { 0x0412, L"ko-KR" }, { 0x0804, L"zh-CN" }, { 0x0404, L"zh-TW" },
    { 0x0416, L"pt-BR" }, { 0x0816, L"pt-PT" }, { 0x0419, L"ru-RU" }, { 0x0413, L"nl-NL" }, { 0x041d, L"sv-SE" },
    { 0x0415, L"pl-PL" }, { 0x041f, L"tr-TR" }, { 0x0405, L"cs-CZ" }, { 0x0406, L"da-DK" }, { 0x040b, L"fi-FI" },
    { 0x0414, L"nb-NO" }, { 0x0408, L"el-GR" }, { 0x040e, L"hu-HU" }, { 0x0401, L"ar-SA" }, { 0x040d, L"he-IL" },
    { 0x0422, L"uk-UA" },
};
static LANGUAGE_LIST *RtlpProcessLanguages;
static RTL_SRWLOCK RtlpLanguageLock;

static USHORT RtlpLanguageIdentifier(PCWSTR Name)
{
    for (ULONG Index = 0; Index < ARRAYSIZE(RtlpLanguages); Index++)
        if (_wcsicmp(Name, RtlpLanguages[Index].Name) == 0)
            return RtlpLanguages[Index].Identifier;
    return 0;
}

static PCWSTR RtlpLanguageName(ULONG Identifier)
{
    for (ULONG Index = 0; Index < ARRAYSIZE(RtlpLanguages); Index++)
        if (RtlpLanguages[Index].Identifier == Identifier)
            return RtlpLanguages[Index].Name;
    return NULL;
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

/* Appends a language that is not in the text yet. */
static VOID RtlpAppendLanguage(LANGUAGE_TEXT *Text, PCWSTR Name)
{
    WCHAR Identifier[8];

    if (Text->Identifiers) {
        _snwprintf(Identifier, ARRAYSIZE(Identifier), L"%04X", RtlpLanguageIdentifier(Name));
        Name = Identifier;
    }
    for (ULONG Offset = 0; Offset < Text->Length; Offset += (ULONG)wcslen(Text->Text + Offset) + 1)
        if (_wcsicmp(Text->Text + Offset, Name) == 0)
            return;
    wcscpy(Text->Text + Text->Length, Name);
    Text->Length += (ULONG)wcslen(Name) + 1;
    Text->Text[Text->Length] = 0;
    Text->Count++;
}

static VOID RtlpAppendLanguages(LANGUAGE_TEXT *Text, const LANGUAGE_LIST *List)
{
    for (ULONG Index = 0; List != NULL && Index < List->Count; Index++)
        RtlpAppendLanguage(Text, List->Names[Index]);
}

static VOID RtlpAppendProcessLanguages(LANGUAGE_TEXT *Text)
{
    RtlAcquireSRWLockShared(&RtlpLanguageLock);
    RtlpAppendLanguages(Text, RtlpProcessLanguages);
    RtlReleaseSRWLockShared(&RtlpLanguageLock);
}

static VOID RtlpAppendSystemLanguage(LANGUAGE_TEXT *Text, BOOLEAN OfUser)
{
    LANGID Identifier = 0;
    PCWSTR Name;

    if (OfUser)
        NtQueryDefaultUILanguage(&Identifier);
    else
        NtQueryInstallUILanguage(&Identifier);
    Name = RtlpLanguageName(Identifier);
    RtlpAppendLanguage(Text, Name != NULL ? Name : L"en-US");
}

static BOOLEAN RtlpIsGoodQuery(ULONG Flags, ULONG Allowed, PULONG Count, PZZWSTR Languages, PULONG Size)
{
    return !(Flags & ~Allowed) && (Flags & FORM_FLAGS) != FORM_FLAGS && Count != NULL && Size != NULL &&
           (Languages != NULL || *Size == 0);
}

/* Size: characters, the empty text included. */
static NTSTATUS RtlpReturnLanguages(LANGUAGE_TEXT *Text, PULONG Count, PZZWSTR Languages, PULONG Size)
{
    ULONG Room = *Size, Needed = Text->Length + (Text->Count != 0 ? 1 : 2);

    *Count = Text->Count;
    *Size = Needed;
    if (Languages == NULL)
        return STATUS_SUCCESS;
    if (Room < Needed)
        return STATUS_BUFFER_TOO_SMALL;
    memcpy(Languages, Text->Text, Needed * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

/* All of these: Flags say names (0, MUI_LANGUAGE_NAME) or identifiers (MUI_LANGUAGE_ID).  Languages NULL and *Size 0:
 * only the size.  STATUS_INVALID_PARAMETER, STATUS_BUFFER_TOO_SMALL (*Size says how much). */
NTSTATUS NTAPI RtlGetProcessPreferredUILanguages(ULONG Flags, PULONG Count, PZZWSTR Languages, PULONG Size)
{
    LANGUAGE_TEXT Text = { .Identifiers = (Flags & MUI_LANGUAGE_ID) != 0 };

    if (!RtlpIsGoodQuery(Flags, FORM_FLAGS, Count, Languages, Size))
        return STATUS_INVALID_PARAMETER;
    RtlpAppendProcessLanguages(&Text);
    return RtlpReturnLanguages(&Text, Count, Languages, Size);
}

/* The thread's own list, behind it (unless MUI_THREAD_LANGUAGES asks for that only) the process's; user's and
 * system's where merging is asked for, or nothing else is there. */
NTSTATUS NTAPI RtlGetThreadPreferredUILanguages(ULONG Flags, PULONG Count, PZZWSTR Languages, PULONG Size)
{
    LANGUAGE_TEXT Text = { .Identifiers = (Flags & MUI_LANGUAGE_ID) != 0 };

    if (!RtlpIsGoodQuery(Flags, FORM_FLAGS | MERGE_FLAGS | MUI_THREAD_LANGUAGES, Count, Languages, Size))
        return STATUS_INVALID_PARAMETER;
    RtlpAppendLanguages(&Text, NtCurrentTebEx()->PreferredLanguages);
    if (!(Flags & MUI_THREAD_LANGUAGES)) {
        RtlpAppendProcessLanguages(&Text);
        if (Flags & MUI_MERGE_USER_FALLBACK || Text.Count == 0)
            RtlpAppendSystemLanguage(&Text, TRUE);
        if (Flags & MUI_MERGE_SYSTEM_FALLBACK)
            RtlpAppendSystemLanguage(&Text, FALSE);
    }
    return RtlpReturnLanguages(&Text, Count, Languages, Size);
}

NTSTATUS NTAPI RtlGetUserPreferredUILanguages(ULONG Flags, ULONG Reserved, PULONG Count, PZZWSTR Languages,
        PULONG Size)
{
    LANGUAGE_TEXT Text = { .Identifiers = (Flags & MUI_LANGUAGE_ID) != 0 };

    if (Reserved != 0 || !RtlpIsGoodQuery(Flags, FORM_FLAGS, Count, Languages, Size))
        return STATUS_INVALID_PARAMETER;
    RtlpAppendSystemLanguage(&Text, TRUE);
    return RtlpReturnLanguages(&Text, Count, Languages, Size);
}

NTSTATUS NTAPI RtlGetSystemPreferredUILanguages(ULONG Flags, ULONG Reserved, PULONG Count, PZZWSTR Languages,
        PULONG Size)
{
    LANGUAGE_TEXT Text = { .Identifiers = (Flags & MUI_LANGUAGE_ID) != 0 };

    if (Reserved != 0 || !RtlpIsGoodQuery(Flags, FORM_FLAGS | MUI_MACHINE_LANGUAGE_SETTINGS, Count, Languages, Size))
        return STATUS_INVALID_PARAMETER;
    RtlpAppendSystemLanguage(&Text, FALSE);
    return RtlpReturnLanguages(&Text, Count, Languages, Size);
}

/* --- setting ----------------------------------------------------------------------------------------------------- */

/* Adds one language of a caller's list; what is no language is left out. */
static VOID RtlpAddToList(LANGUAGE_LIST *List, PCWSTR Name, SIZE_T Length, BOOLEAN Identifiers)
{
    if (List->Count == MAX_LANGUAGES || Length > LANGUAGE_LENGTH)
        return;
    if (Identifiers) {
        Name = RtlpLanguageName(wcstoul(Name, NULL, 16));
        if (Name == NULL)
            return;
    } else if (RtlpLanguageIdentifier(Name) == 0) {
        return;
    }
    for (ULONG Index = 0; Index < List->Count; Index++)
        if (_wcsicmp(List->Names[Index], Name) == 0)
            return;
    wcscpy(List->Names[List->Count++], Name);
}

/* *List: NULL for an empty list. */
static NTSTATUS RtlpMakeList(ULONG Flags, PCZZWSTR Languages, LANGUAGE_LIST **List)
{
    *List = NULL;
    if (Languages == NULL || *Languages == 0)
        return STATUS_SUCCESS;
    *List = RtlAllocateHeap(RtlProcessHeap(), HEAP_ZERO_MEMORY, sizeof(**List));
    if (*List == NULL)
        return STATUS_NO_MEMORY;
    for (PCWSTR Name = Languages; *Name != 0; Name += wcslen(Name) + 1)
        RtlpAddToList(*List, Name, wcslen(Name), (Flags & MUI_LANGUAGE_ID) != 0);
    if ((*List)->Count != 0)
        return STATUS_SUCCESS;
    RtlFreeHeap(RtlProcessHeap(), 0, *List);
    *List = NULL;
    return STATUS_INVALID_PARAMETER;
}

/* Languages NULL or empty: takes the list away.  *Count (may be NULL): the languages that were accepted.
 * STATUS_INVALID_PARAMETER: flags, or no language of the list is known. */
NTSTATUS NTAPI RtlSetProcessPreferredUILanguages(ULONG Flags, PCZZWSTR Languages, PULONG Count)
{
    LANGUAGE_LIST *List, *Old;
    NTSTATUS Status;

    if (Flags & ~FORM_FLAGS || (Flags & FORM_FLAGS) == FORM_FLAGS)
        return STATUS_INVALID_PARAMETER;
    Status = RtlpMakeList(Flags, Languages, &List);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlAcquireSRWLockExclusive(&RtlpLanguageLock);
    Old = RtlpProcessLanguages;
    RtlpProcessLanguages = List;
    if (Count != NULL)
        *Count = List != NULL ? List->Count : 0;
    RtlReleaseSRWLockExclusive(&RtlpLanguageLock);
    RtlFreeHeap(RtlProcessHeap(), 0, Old);
    return STATUS_SUCCESS;
}

/* The filters (console, complex scripts, reset) take no list, and leave the languages as they are: every language
 * that is known here can be shown. */
NTSTATUS NTAPI RtlSetThreadPreferredUILanguages(ULONG Flags, PCZZWSTR Languages, PULONG Count)
{
    const ULONG Filters = MUI_CONSOLE_FILTER | MUI_COMPLEX_SCRIPT_FILTER | MUI_RESET_FILTERS;
    PTEB Teb = NtCurrentTebEx();
    LANGUAGE_LIST *List;
    NTSTATUS Status;

    if (Flags & ~(FORM_FLAGS | Filters) || (Flags & FORM_FLAGS) == FORM_FLAGS || (Flags & Filters && Languages != NULL))
        return STATUS_INVALID_PARAMETER;
    if (Flags & Filters) {
        List = Teb->PreferredLanguages;
    } else {
        Status = RtlpMakeList(Flags, Languages, &List);
        if (!NT_SUCCESS(Status))
            return Status;
        RtlFreeHeap(RtlProcessHeap(), 0, Teb->PreferredLanguages);
        Teb->PreferredLanguages = List;
    }
    if (Count != NULL)
        *Count = List != NULL ? List->Count : 0;
    return STATUS_SUCCESS;
}

VOID RtlpFreeThreadLanguages(VOID)
{
    PVOID List = NtCurrentTebEx()->PreferredLanguages;

    NtCurrentTebEx()->PreferredLanguages = NULL;
    RtlFreeHeap(RtlProcessHeap(), 0, List);
}
