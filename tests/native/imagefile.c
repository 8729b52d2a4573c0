/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The file of an image that runs: nobody may write, cut or delete it, and no handle to it grows rights.  An image made
 * of a file that somebody may write does not change with the file.
 * Runs on: Nereid and Wine.
 */
#include "check.h"

#define SELF NtCurrentProcess()
#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define MAX_IMAGE 0x100000

static UCHAR Bytes[MAX_IMAGE];

static struct {
    UNICODE_STRING Name;
    WCHAR Text[260];
} Mapped;

static NTSTATUS Open(PCUNICODE_STRING Name, ACCESS_MASK Access, ULONG Share, ULONG Disposition, PHANDLE File)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;

    *File = NULL;
    InitializeObjectAttributes(&Attributes, (PUNICODE_STRING)Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtCreateFile(File, Access | SYNCHRONIZE, &Attributes, &IoStatus, NULL, FILE_ATTRIBUTE_NORMAL, Share, Disposition,
                        FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE, NULL, 0);
}

static NTSTATUS Remove(HANDLE File)
{
    FILE_DISPOSITION_INFORMATION Disposition = { TRUE };
    IO_STATUS_BLOCK IoStatus;

    return NtSetInformationFile(File, &IoStatus, &Disposition, sizeof(Disposition), FileDispositionInformation);
}

static NTSTATUS Transfer(HANDLE File, BOOLEAN Write, ULONG Offset, PVOID Memory, ULONG Length, PULONG Done)
{
    LARGE_INTEGER At = { .QuadPart = Offset };
    IO_STATUS_BLOCK IoStatus = { .Information = 0 };
    NTSTATUS Status = Write ? NtWriteFile(File, NULL, NULL, NULL, &IoStatus, Memory, Length, &At, NULL)
                            : NtReadFile(File, NULL, NULL, NULL, &IoStatus, Memory, Length, &At, NULL);

    *Done = (ULONG)IoStatus.Information;
    return Status;
}

/* None of these opens may succeed while the image at Name is mapped. */
static VOID TestNoWrite(PCUNICODE_STRING Name)
{
    HANDLE File;

    CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(Name, FILE_WRITE_DATA, SHARE_ALL, FILE_OPEN, &File));
    TODO(OnWine, CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(Name, FILE_READ_DATA | FILE_APPEND_DATA, SHARE_ALL, FILE_OPEN,
                                                             &File)));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(Name, FILE_GENERIC_READ | FILE_GENERIC_WRITE, SHARE_ALL, FILE_OVERWRITE, &File));
    CHECK_STATUS(STATUS_SHARING_VIOLATION, Open(Name, FILE_GENERIC_READ | FILE_GENERIC_WRITE, SHARE_ALL, FILE_SUPERSEDE, &File));
    if (NT_SUCCESS(Open(Name, DELETE, SHARE_ALL, FILE_OPEN, &File))) {
        CHECK_STATUS(STATUS_CANNOT_DELETE, Remove(File));
        NtClose(File);
    }
}

static NTSTATUS Duplicate(HANDLE File, ACCESS_MASK Access, PACCESS_MASK Granted)
{
    OBJECT_BASIC_INFORMATION Basic = { .GrantedAccess = 0 };
    HANDLE Copy = NULL;
    NTSTATUS Status = NtDuplicateObject(SELF, File, SELF, &Copy, Access, 0, 0);

    if (NT_SUCCESS(Status)) {
        NtQueryObject(Copy, ObjectBasicInformation, &Basic, sizeof(Basic), NULL);
        NtClose(Copy);
    }
    *Granted = Basic.GrantedAccess;
    return Status;
}

/*
 * DuplicateHandle: `a file handle created with the GENERIC_READ access right cannot be duplicated so that it has both the
 * GENERIC_READ and GENERIC_WRITE access right'.  Wine grants it.
 */
static VOID TestDuplicate(PCUNICODE_STRING Name)
{
    ACCESS_MASK Granted;
    HANDLE File;

    CHECK_STATUS(STATUS_SUCCESS, Open(Name, FILE_GENERIC_READ, SHARE_ALL, FILE_OPEN, &File));
    CHECK_STATUS(STATUS_SUCCESS, Duplicate(File, FILE_READ_DATA, &Granted));
    CHECK(Granted == FILE_READ_DATA);
    CHECK_STATUS(STATUS_SUCCESS, Duplicate(File, GENERIC_READ, &Granted));
    CHECK(Granted == FILE_GENERIC_READ);
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, Duplicate(File, FILE_READ_DATA | FILE_WRITE_DATA, &Granted)));
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, Duplicate(File, GENERIC_READ | GENERIC_WRITE, &Granted)));
    TODO(OnWine, CHECK_STATUS(STATUS_ACCESS_DENIED, Duplicate(File, DELETE, &Granted)));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(File));
}

static PUCHAR MapImage(HANDLE File)
{
    HANDLE Section = NULL;
    PVOID Base = NULL;
    SIZE_T Size = 0;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateSection(&Section, SECTION_ALL_ACCESS, NULL, NULL, PAGE_EXECUTE, SEC_IMAGE, File));
    CHECK(NT_SUCCESS(NtMapViewOfSection(Section, SELF, &Base, 0, 0, NULL, &Size, ViewUnmap, 0, PAGE_EXECUTE_READ)));
    NtClose(Section);
    return Base;
}

/* A copy of the program, with a handle that may write it: what is written then is in the file and not in the image. */
static VOID TestWriter(PCUNICODE_STRING Name)
{
    UNICODE_STRING Copy = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\imagefile.tmp");
    PIMAGE_NT_HEADERS Headers = RtlImageNtHeader(NtCurrentTeb()->ProcessEnvironmentBlock->ImageBaseAddress);
    PIMAGE_SECTION_HEADER Code = (PVOID)((PUCHAR)&Headers->OptionalHeader + Headers->FileHeader.SizeOfOptionalHeader);
    UCHAR Zero[64] = { 0 }, Back[64];
    HANDLE File, Writer;
    ULONG Length, Done;
    PUCHAR Image;

    CHECK_STATUS(STATUS_SUCCESS, Open(Name, FILE_GENERIC_READ, SHARE_ALL, FILE_OPEN, &File));
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, 0, Bytes, sizeof(Bytes), &Length));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(File));
    if (!CHECK_STATUS(STATUS_SUCCESS, Open(&Copy, FILE_GENERIC_READ | FILE_GENERIC_WRITE | DELETE, SHARE_ALL, FILE_OVERWRITE_IF,
                                           &Writer)))
        return;
    CHECK_STATUS(STATUS_SUCCESS, Transfer(Writer, TRUE, 0, Bytes, Length, &Done));
    CHECK_STATUS(STATUS_SUCCESS, Open(&Copy, FILE_GENERIC_READ | FILE_EXECUTE, SHARE_ALL, FILE_OPEN, &File));
    Image = MapImage(File);
    CHECK_STATUS(STATUS_SUCCESS, Transfer(Writer, TRUE, Code->PointerToRawData, Zero, sizeof(Zero), &Done));
    CHECK_STATUS(STATUS_SUCCESS, Transfer(File, FALSE, Code->PointerToRawData, Back, sizeof(Back), &Done));
    CHECK(memcmp(Back, Zero, sizeof(Zero)) == 0);
    TODO(OnWine, CHECK(memcmp(Image + Code->VirtualAddress, Bytes + Code->PointerToRawData, sizeof(Zero)) == 0));
    CHECK_STATUS(STATUS_SUCCESS, NtUnmapViewOfSection(SELF, Image));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(File));
    CHECK_STATUS(STATUS_SUCCESS, Remove(Writer));
    CHECK_STATUS(STATUS_SUCCESS, NtClose(Writer));
}

int wmain(int argc, PWSTR *argv)
{
    UNICODE_STRING System = RTL_CONSTANT_UNICODE_STRING(L"\\??\\C:\\windows\\system32\\ntdll.dll");

    CHECK_STATUS(STATUS_SUCCESS, NtQueryVirtualMemory(SELF, NtCurrentTeb()->ProcessEnvironmentBlock->ImageBaseAddress,
                                                      MemoryMappedFilenameInformation, &Mapped, sizeof(Mapped), NULL));
    TestNoWrite(&Mapped.Name);
    TestDuplicate(&Mapped.Name);
    TestWriter(&Mapped.Name);
    /* Wine's own DLLs are mapped behind its server's back. */
    if (!IsWine)
        TestNoWrite(&System);
    return CheckClose();
}
