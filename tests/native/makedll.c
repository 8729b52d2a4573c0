/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A DLL has its headers and one section, which has all at places of its own:
 *
 *      RVA 0x1000  entry point: mov rax, Entry; jmp rax        RVA 0x1010  Func: mov eax, Value; ret
 *          0x1100  export directory, its tables and names      0x1400  import descriptors, tables and names
 *          0x1900  directory of thread-local storage, the value, the index, relocations of the directory
 */
#include "makedll.h"

#define RAW 0x200
#define SECTION 0x1000
#define FUNC 0x1010
#define EXPORTS 0x1100
#define EXPORTS_SIZE 0x200
#define IMPORTS 0x1400
#define TABLES 0x1500
#define NAMES 0x1700
#define TLS 0x1900
#define TLS_VALUE 0x1928
#define TLS_RELOCATIONS 0x1940
#define IMAGE_BASE 0x180000000ull

/* The place in the file of what is at Rva. */
#define AT(Image, Rva) ((PVOID)((Image) + RAW + (Rva) - SECTION))

static VOID PutHeaders(PUCHAR Image, BOOLEAN HasEntry)
{
    PIMAGE_DOS_HEADER Dos = (PIMAGE_DOS_HEADER)Image;
    PIMAGE_NT_HEADERS Nt = (PIMAGE_NT_HEADERS)(Image + sizeof(*Dos));
    PIMAGE_SECTION_HEADER Section = (PIMAGE_SECTION_HEADER)(Nt + 1);
    PIMAGE_OPTIONAL_HEADER Optional = &Nt->OptionalHeader;

    Dos->e_magic = IMAGE_DOS_SIGNATURE;
    Dos->e_lfanew = sizeof(*Dos);
    Nt->Signature = IMAGE_NT_SIGNATURE;
    Nt->FileHeader.Machine = IMAGE_FILE_MACHINE_AMD64;
    Nt->FileHeader.NumberOfSections = 1;
    Nt->FileHeader.SizeOfOptionalHeader = sizeof(*Optional);
    Nt->FileHeader.Characteristics = IMAGE_FILE_DLL | IMAGE_FILE_EXECUTABLE_IMAGE | IMAGE_FILE_LARGE_ADDRESS_AWARE;
    Optional->Magic = IMAGE_NT_OPTIONAL_HDR64_MAGIC;
    Optional->AddressOfEntryPoint = HasEntry ? SECTION : 0;
    Optional->ImageBase = IMAGE_BASE;
    Optional->SectionAlignment = 0x1000;
    Optional->FileAlignment = RAW;
    Optional->MajorOperatingSystemVersion = Optional->MajorSubsystemVersion = 6;
    Optional->SizeOfImage = 2 * SECTION;
    Optional->SizeOfHeaders = RAW;
    Optional->Subsystem = IMAGE_SUBSYSTEM_WINDOWS_CUI;
    Optional->DllCharacteristics = IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE | IMAGE_DLLCHARACTERISTICS_NX_COMPAT;
    Optional->NumberOfRvaAndSizes = IMAGE_NUMBEROF_DIRECTORY_ENTRIES;
    Optional->DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT] = (IMAGE_DATA_DIRECTORY){ EXPORTS, EXPORTS_SIZE };
    memcpy(Section->Name, ".all", 4);
    Section->Misc.VirtualSize = Section->SizeOfRawData = SECTION;
    Section->VirtualAddress = SECTION;
    Section->PointerToRawData = RAW;
    Section->Characteristics = IMAGE_SCN_CNT_CODE | IMAGE_SCN_MEM_EXECUTE | IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE;
}

static VOID PutCode(PUCHAR Image, const MAKEDLL *Dll)
{
    PUCHAR Entry = AT(Image, SECTION), Func = AT(Image, FUNC);

    memcpy(Entry, "\x48\xb8", 2);
    memcpy(Entry + 2, &Dll->Entry, sizeof(Dll->Entry));
    memcpy(Entry + 10, "\xff\xe0", 2);
    Func[0] = 0xb8;
    memcpy(Func + 1, &Dll->Value, sizeof(Dll->Value));
    Func[5] = 0xc3;
}

static VOID PutExports(PUCHAR Image, PCSZ Forward)
{
    struct {
        IMAGE_EXPORT_DIRECTORY Directory;
        ULONG Functions[2], Names[2];
        USHORT Ordinals[2];
        char Forward[8], Func[8], Target[64];
    } *Exports = AT(Image, EXPORTS);
    ULONG First = Forward != NULL ? 0 : 1;

#define RVA(Field) (EXPORTS + (ULONG)((PUCHAR)&Exports->Field - (PUCHAR)Exports))
    Exports->Directory.Base = 1;
    Exports->Directory.NumberOfFunctions = 2;
    Exports->Directory.NumberOfNames = 2 - First;
    Exports->Directory.AddressOfFunctions = RVA(Functions);
    Exports->Directory.AddressOfNames = RVA(Names[First]);
    Exports->Directory.AddressOfNameOrdinals = RVA(Ordinals[First]);
    Exports->Functions[0] = Forward != NULL ? RVA(Target) : 0;
    Exports->Functions[1] = FUNC;
    Exports->Names[0] = RVA(Forward);
    Exports->Names[1] = RVA(Func);
    Exports->Ordinals[1] = 1;
    strcpy(Exports->Forward, "Forward");
    strcpy(Exports->Func, "Func");
    if (Forward != NULL)
        strcpy(Exports->Target, Forward);
#undef RVA
}

/* One import: a lookup table and an address table of one function. */
static VOID PutImport(PUCHAR Image, ULONG Index, PCSZ Import)
{
    PIMAGE_IMPORT_DESCRIPTOR Descriptor = (PIMAGE_IMPORT_DESCRIPTOR)AT(Image, IMPORTS) + Index;
    ULONG Lookup = TABLES + Index * 0x40, Name = NAMES + Index * 0x80;
    SIZE_T Length = strcspn(Import, "!#");
    PULONGLONG Thunk = AT(Image, Lookup);

    Descriptor->OriginalFirstThunk = Lookup;
    Descriptor->FirstThunk = Lookup + 0x20;
    Descriptor->Name = Name;
    memcpy(AT(Image, Name), Import, Length);
    if (Import[Length] == '#') {
        Thunk[0] = IMAGE_ORDINAL_FLAG64 | strtoul(Import + Length + 1, NULL, 10);
    } else {
        Thunk[0] = Name + 0x40;
        strcpy((PSTR)AT(Image, Name + 0x42), Import + Length + 1);
    }
    Thunk[4] = Thunk[0];
}

/* The directory has addresses, so that the image has relocations. */
static VOID PutTls(PUCHAR Image, ULONG Value)
{
    PIMAGE_NT_HEADERS Nt = (PIMAGE_NT_HEADERS)(Image + sizeof(IMAGE_DOS_HEADER));
    struct {
        IMAGE_BASE_RELOCATION Block;
        USHORT Entries[4];
    } *Relocations = AT(Image, TLS_RELOCATIONS);

    *(PIMAGE_TLS_DIRECTORY64)AT(Image, TLS) = (IMAGE_TLS_DIRECTORY64){
        .StartAddressOfRawData = IMAGE_BASE + TLS_VALUE, .EndAddressOfRawData = IMAGE_BASE + TLS_VALUE + sizeof(Value),
        .AddressOfIndex = IMAGE_BASE + MAKEDLL_TLS_INDEX, .SizeOfZeroFill = MAKEDLL_TLS_ZERO,
    };
    memcpy(AT(Image, TLS_VALUE), &Value, sizeof(Value));
    Relocations->Block = (IMAGE_BASE_RELOCATION){ SECTION, sizeof(*Relocations) };
    for (ULONG Index = 0; Index < 3; Index++)
        Relocations->Entries[Index] = (USHORT)(IMAGE_REL_BASED_DIR64 << 12 | (TLS - SECTION + Index * sizeof(ULONGLONG)));
    Nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_TLS] =
            (IMAGE_DATA_DIRECTORY){ TLS, sizeof(IMAGE_TLS_DIRECTORY64) };
    Nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_BASERELOC] =
            (IMAGE_DATA_DIRECTORY){ TLS_RELOCATIONS, sizeof(*Relocations) };
}

VOID MakeDllImage(PUCHAR Image, const MAKEDLL *Dll)
{
    PIMAGE_NT_HEADERS Nt = (PIMAGE_NT_HEADERS)(Image + sizeof(IMAGE_DOS_HEADER));
    ULONG Count = 0;

    memset(Image, 0, MAKEDLL_SIZE);
    PutHeaders(Image, Dll->Entry != NULL);
    PutCode(Image, Dll);
    PutExports(Image, Dll->Forward);
    for (; Count < MAKEDLL_IMPORTS && Dll->Imports[Count] != NULL; Count++)
        PutImport(Image, Count, Dll->Imports[Count]);
    if (Count != 0)
        Nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT] =
                (IMAGE_DATA_DIRECTORY){ IMPORTS, (Count + 1) * (ULONG)sizeof(IMAGE_IMPORT_DESCRIPTOR) };
    if (Dll->Tls)
        PutTls(Image, Dll->Value);
}

NTSTATUS MakeDllFile(PCWSTR Path, const void *Bytes, ULONG Length)
{
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK IoStatus;
    UNICODE_STRING Name;
    HANDLE File;
    NTSTATUS Status = RtlDosPathNameToNtPathName_U(Path, &Name, NULL, NULL) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_INVALID;

    if (!NT_SUCCESS(Status))
        return Status;
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    Status = NtCreateFile(&File, (Length != 0 ? FILE_WRITE_DATA : DELETE) | SYNCHRONIZE, &Attributes, &IoStatus, NULL,
                          FILE_ATTRIBUTE_NORMAL, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                          Length != 0 ? FILE_OVERWRITE_IF : FILE_OPEN,
                          FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE | (Length != 0 ? 0 : FILE_DELETE_ON_CLOSE),
                          NULL, 0);
    RtlFreeUnicodeString(&Name);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Length != 0)
        Status = NtWriteFile(File, NULL, NULL, NULL, &IoStatus, Bytes, Length, NULL, NULL);
    NtClose(File);
    return Status;
}

NTSTATUS MakeDll(PCWSTR Path, const MAKEDLL *Dll)
{
    static UCHAR Image[MAKEDLL_SIZE];

    MakeDllImage(Image, Dll);
    return MakeDllFile(Path, Image, sizeof(Image));
}

PCWSTR MakeDllPath(char Letter)
{
    static WCHAR Path[32];

    _snwprintf(Path, ARRAYSIZE(Path), MAKEDLL_DIRECTORY L"ldr-%c.dll", Letter);
    return Path;
}

UNICODE_STRING MakeDllName(char Letter)
{
    UNICODE_STRING Name;

    RtlInitUnicodeString(&Name, MakeDllPath(Letter) + wcslen(MAKEDLL_DIRECTORY));
    return Name;
}

BOOLEAN MakeDllIsLoaded(char Letter)
{
    UNICODE_STRING Name = MakeDllName(Letter);
    PVOID Base;

    return NT_SUCCESS(LdrGetDllHandleEx(LDR_GET_DLL_HANDLE_EX_UNCHANGED_REFCOUNT, NULL, NULL, &Name, &Base));
}

VOID MakeDllDeleteAll(VOID)
{
    for (char Letter = 'a'; Letter <= 'z'; Letter++)
        MakeDllFile(MakeDllPath(Letter), NULL, 0);
}
