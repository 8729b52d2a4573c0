/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The tables of the ANSI and the OEM code page, mapped into every process: PEB.AnsiCodePageData and OemCodePageData.
 * The registry names the pages (Control\Nls\CodePage: ACP, OEMCP); ex has the tables (nls.c).
 *
 * The sections are made at the first process and kept.  A volume without the file leaves the pointer NULL: such a page
 * is UTF-8, as 65001 is.  May wait for the files.
 */
#include "psp.h"
#include "ntos/inc/cm.h"
#include "rtl.h"

#define PSP_CODE_PAGE_KEY L"\\Registry\\Machine\\System\\CurrentControlSet\\Control\\Nls\\CodePage"

typedef struct _PSP_CODE_PAGE {
    PCWSTR Value;                       /* of the key */
    BOOLEAN Tried;
    PSECTION Section;                   /* NULL: UTF-8 */
} PSP_CODE_PAGE;

static PSP_CODE_PAGE PspAnsiPage = { .Value = L"ACP" }, PspOemPage = { .Value = L"OEMCP" };

static NTSTATUS PspOpenTable(PCWSTR Value, PSECTION *Section)
{
    WCHAR Text[16];
    UNICODE_STRING Number;
    ULONG CodePage;
    PCM_KEY Key;
    NTSTATUS Status = CmOpenKey(PSP_CODE_PAGE_KEY, &Key);

    if (!NT_SUCCESS(Status))
        return Status;
    Status = CmReadString(Key, Value, Text, ARRAYSIZE(Text));
    CmCloseKey(Key);
    if (!NT_SUCCESS(Status))
        return Status;
    RtlInitUnicodeString(&Number, Text);
    Status = RtlUnicodeStringToInteger(&Number, 10, &CodePage);
    return NT_SUCCESS(Status) ? ExCreateCodePageSection(CodePage, Section) : Status;
}

/* Another process may be created while this one waits: the first section stays. */
static VOID PspFindTable(PSP_CODE_PAGE *Page)
{
    PSECTION Section;
    NTSTATUS Status = PspOpenTable(Page->Value, &Section);

    Page->Tried = TRUE;
    if (!NT_SUCCESS(Status))
        return;
    if (Page->Section == NULL)
        Page->Section = Section;
    else
        ObDereferenceObject(Section);
}

static PVOID PspMapTable(PEPROCESS Process, PSP_CODE_PAGE *Page)
{
    PVOID Base = NULL;
    SIZE_T Size = 0;

    if (!Page->Tried)
        PspFindTable(Page);
    if (Page->Section == NULL ||
        !NT_SUCCESS(MmMapViewOfSection(Page->Section, &Process->Vm, &Base, 0, NULL, &Size, 0, PAGE_READONLY)))
        return NULL;
    return Base;
}

VOID PspMapCodePages(PEPROCESS Process, PPEB Peb)
{
    Peb->AnsiCodePageData = PspMapTable(Process, &PspAnsiPage);
    Peb->OemCodePageData = PspMapTable(Process, &PspOemPage);
}
