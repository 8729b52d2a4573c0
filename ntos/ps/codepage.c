/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The tables of the ANSI and the OEM code page, mapped into every process: PEB.AnsiCodePageData and OemCodePageData.
 * The registry names the pages (Control\Nls\CodePage: ACP, OEMCP), the tables are \SystemRoot\system32\c_NUMBER.nls.
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

static NTSTATUS PspOpenTable(PCWSTR Number, PSECTION *Section)
{
    WCHAR Buffer[64];
    UNICODE_STRING Path = { 0, sizeof(Buffer), Buffer };
    PFILE_OBJECT File;
    NTSTATUS Status = RtlAppendUnicodeToString(&Path, L"\\SystemRoot\\system32\\c_");

    if (NT_SUCCESS(Status))
        Status = RtlAppendUnicodeToString(&Path, Number);
    if (NT_SUCCESS(Status))
        Status = RtlAppendUnicodeToString(&Path, L".nls");
    if (NT_SUCCESS(Status))
        Status = IoOpenFileObject(&Path, FILE_READ_DATA | SYNCHRONIZE, FILE_SHARE_READ,
                                  FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, KernelMode, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCreateSection(Section, NULL, PAGE_READONLY, SEC_COMMIT, File);
    ObDereferenceObject(File);
    return Status;
}

/* Another process may be created while this one waits: the first section stays. */
static VOID PspFindTable(PSP_CODE_PAGE *Page)
{
    WCHAR Number[16];
    PSECTION Section = NULL;
    NTSTATUS Status;
    PCM_KEY Key;

    if (!NT_SUCCESS(CmOpenKey(PSP_CODE_PAGE_KEY, &Key)))
        return;
    Status = CmReadString(Key, Page->Value, Number, ARRAYSIZE(Number));
    CmCloseKey(Key);
    if (NT_SUCCESS(Status))
        Status = PspOpenTable(Number, &Section);
    if (NT_SUCCESS(Status) && Page->Section != NULL)
        ObDereferenceObject(Section);
    else if (NT_SUCCESS(Status))
        Page->Section = Section;
    Page->Tried = TRUE;
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
