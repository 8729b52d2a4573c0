/* SPDX-License-Identifier: BSD-2-Clause
 *
 * National language support: the tables of \SystemRoot\system32\*.nls, mapped read-only into the program that asks.
 *
 * Each call maps the file once more; ntdll keeps what it needs.  A table that is not on the volume answers with the
 * status of its open.  Both services may wait for the file.
 *
 *   locale.nls       locales and their data             sortdefault.nls  sort keys, character types
 *   l_intl.nls       upper and lower case                c_NNN.nls        code page NNN
 *   normnfc.nls ...  normalisation forms
 */
#include "ntos/ex/exp.h"
#include "ntos/inc/io.h"

/* NtGetNlsSectionPtr's SectionType. */
#define NLS_SECTION_SORTKEYS 9
#define NLS_SECTION_CASEMAP 10
#define NLS_SECTION_CODEPAGE 11
#define NLS_SECTION_NORMALIZE 12

#define EXP_NLS_NAME_CHARS 64

static NTSTATUS ExpOpenNlsFile(PCWSTR Name, PSECTION *Section)
{
    WCHAR Buffer[EXP_NLS_NAME_CHARS];
    UNICODE_STRING Path = { 0, sizeof(Buffer), Buffer };
    PFILE_OBJECT File;
    NTSTATUS Status;

    RtlAppendUnicodeToString(&Path, L"\\SystemRoot\\system32\\");
    RtlAppendUnicodeToString(&Path, Name);
    Status = IoOpenFileObject(&Path, FILE_READ_DATA | SYNCHRONIZE, FILE_SHARE_READ,
                              FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT, KernelMode, &File);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmCreateSection(Section, NULL, PAGE_READONLY, SEC_COMMIT, File);
    ObDereferenceObject(File);
    return Status;
}

static NTSTATUS ExpMapNlsFile(PCWSTR Name, PVOID *Base, PSIZE_T Size)
{
    PSECTION Section;
    NTSTATUS Status = ExpOpenNlsFile(Name, &Section);

    *Base = NULL;
    *Size = 0;
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmMapViewOfSection(Section, MmCurrentSpace, Base, 0, NULL, Size, 0, PAGE_READONLY);
    ObDereferenceObject(Section);
    return Status;
}

/* Writes both answers; takes the view back if that fails. */
static NTSTATUS ExpReturnView(PVOID Base, PVOID *UserBase, SIZE_T Size, PSIZE_T UserSize)
{
    NTSTATUS Status = MmPutUser(UserBase, Base);

    if (NT_SUCCESS(Status) && UserSize != NULL)
        Status = MmPutUser(UserSize, Size);
    if (!NT_SUCCESS(Status))
        MmUnmapViewOfSection(MmCurrentSpace, Base);
    return Status;
}

static PCWSTR ExpNormalizationFile(ULONG Form)
{
    switch (Form) {
    case 1: return L"normnfc.nls";
    case 2: return L"normnfd.nls";
    case 5: return L"normnfkc.nls";
    case 6: return L"normnfkd.nls";
    case 13: return L"normidna.nls";
    default: return NULL;
    }
}

static NTSTATUS ExpNlsFileName(ULONG SectionType, ULONG SectionData, PWSTR Name)
{
    PCWSTR Fixed;

    switch (SectionType) {
    case NLS_SECTION_SORTKEYS:
        if (SectionData != 0)
            return STATUS_INVALID_PARAMETER_1;
        Fixed = L"sortdefault.nls";
        break;
    case NLS_SECTION_CASEMAP:
        if (SectionData != 0)
            return STATUS_UNSUCCESSFUL;
        Fixed = L"l_intl.nls";
        break;
    case NLS_SECTION_CODEPAGE:
        _snwprintf(Name, EXP_NLS_NAME_CHARS / 2, L"c_%03u.nls", SectionData);
        return STATUS_SUCCESS;
    case NLS_SECTION_NORMALIZE:
        Fixed = ExpNormalizationFile(SectionData);
        if (Fixed == NULL)
            return STATUS_OBJECT_NAME_NOT_FOUND;
        break;
    default:
        return STATUS_INVALID_PARAMETER_1;
    }
    wcscpy(Name, Fixed);
    return STATUS_SUCCESS;
}

NTSTATUS ExCreateCodePageSection(ULONG CodePage, PSECTION *Section)
{
    WCHAR Name[EXP_NLS_NAME_CHARS / 2];
    NTSTATUS Status = ExpNlsFileName(NLS_SECTION_CODEPAGE, CodePage, Name);

    return NT_SUCCESS(Status) ? ExpOpenNlsFile(Name, Section) : Status;
}

/* ContextData is not looked at (Windows: reserved). */
NTSTATUS NTAPI NtGetNlsSectionPtr(ULONG SectionType, ULONG SectionData, PVOID ContextData, PVOID *SectionPointer,
        PSIZE_T SectionSize)
{
    WCHAR Name[EXP_NLS_NAME_CHARS / 2];
    PVOID Base;
    SIZE_T Size;
    NTSTATUS Status = MmProbeAnswer(SectionPointer, sizeof(*SectionPointer), SectionSize, sizeof(*SectionSize));

    if (NT_SUCCESS(Status))
        Status = ExpNlsFileName(SectionType, SectionData, Name);
    if (NT_SUCCESS(Status))
        Status = ExpMapNlsFile(Name, &Base, &Size);
    return NT_SUCCESS(Status) ? ExpReturnView(Base, SectionPointer, Size, SectionSize) : Status;
}

NTSTATUS NTAPI NtInitializeNlsFiles(PVOID *BaseAddress, PLCID DefaultLocaleId, PLARGE_INTEGER DefaultCasingTableSize)
{
    LARGE_INTEGER CasingTableSize = { .QuadPart = 0 };
    PVOID Base;
    SIZE_T Size;
    NTSTATUS Status = MmProbeAnswer(BaseAddress, sizeof(*BaseAddress), DefaultCasingTableSize, sizeof(CasingTableSize));

    if (NT_SUCCESS(Status))
        Status = ExpMapNlsFile(L"locale.nls", &Base, &Size);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = MmPutUser(DefaultLocaleId, ExpDefaultLocale);
    if (NT_SUCCESS(Status) && DefaultCasingTableSize != NULL)
        Status = MmPutUser(DefaultCasingTableSize, CasingTableSize);
    if (!NT_SUCCESS(Status)) {
        MmUnmapViewOfSection(MmCurrentSpace, Base);
        return Status;
    }
    return ExpReturnView(Base, BaseAddress, Size, NULL);
}
