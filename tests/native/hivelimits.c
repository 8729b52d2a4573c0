/* SPDX-License-Identifier: BSD-2-Clause
 *
 * How much keys and hives hold: Microsoft, "Registry Element Size Limits" (512 levels; key names of 255 characters, value names of 16,383),
 * data of all sizes, class names, 100,000 values and subkeys; all of it through a hive in both formats.  Then damaged hives: bits that
 * turn over in bins and base block, thousands of them, by a seed that is printed: each is refused or loaded, and what is loaded can be
 * walked and written.
 *
 * `hivelimits CASES SEED' tries so many.
 *
 * Runs on: Nereid.
 */
#include "hivefile.h"

#define SOURCE L"\\Registry\\Machine\\Software\\NereidHiveLimits"
#define TARGET L"\\Registry\\Machine\\NereidHiveLimits"
#define FILE_NAME L"\\??\\C:\\temp\\hivelimits.hiv"
#define MANY 100000u
#define CASES 3000

static NTSTATUS Create(HANDLE Root, PCWSTR Name, PUNICODE_STRING Class, PHANDLE Key)
{
    *Key = NULL;
    return NtCreateKey(Key, KEY_ALL_ACCESS, Named(Root, Name), 0, Class, 0, NULL);
}

static HANDLE OpenKey(HANDLE Root, PCWSTR Name)
{
    HANDLE Key = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtOpenKey(&Key, KEY_ALL_ACCESS, Named(Root, Name)));
    return Key;
}

static NTSTATUS SetValue(HANDLE Key, PCWSTR Name, const void *Data, ULONG Length)
{
    UNICODE_STRING String;

    RtlInitUnicodeString(&String, Name);
    return NtSetValueKey(Key, &String, 0, REG_BINARY, (PVOID)Data, Length);
}

static VOID EnablePrivileges(VOID)
{
    BOOLEAN Had;

    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_BACKUP_PRIVILEGE, TRUE, FALSE, &Had));
    CHECK_STATUS(STATUS_SUCCESS, RtlAdjustPrivilege(SE_RESTORE_PRIVILEGE, TRUE, FALSE, &Had));
}

/* Key's tree through a file. */
static HANDLE SaveAndLoad(HANDLE Key, ULONG Format)
{
    HANDLE File = OpenFile(FILE_NAME, FILE_OVERWRITE_IF);

    CHECK_STATUS(STATUS_SUCCESS, NtSaveKeyEx(Key, File, Format));
    NtClose(File);
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKey(Named(NULL, TARGET), Named(NULL, FILE_NAME)));
    return OpenKey(NULL, TARGET);
}

static VOID Unload(HANDLE Root)
{
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadKey(Named(NULL, TARGET)));
}

static VOID DeleteKey(HANDLE Key)
{
    CHECK_STATUS(STATUS_SUCCESS, NtDeleteKey(Key));
    NtClose(Key);
}

/* --- depth ------------------------------------------------------------------------------------------------------------ */

/* How many keys named d lie in each other below Root, up to Limit; all but Root's handle are closed. */
static ULONG DepthOf(HANDLE Root, ULONG Limit)
{
    HANDLE Key = Root, Next;
    ULONG Depth = 0;

    while (Depth < Limit && NT_SUCCESS(NtOpenKey(&Next, KEY_READ, Named(Key, L"d")))) {
        if (Key != Root)
            NtClose(Key);
        Key = Next;
        Depth++;
    }
    if (Key != Root)
        NtClose(Key);
    return Depth;
}

static VOID TestDepth(VOID)
{
    static HANDLE Keys[600];
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG Count = 0;
    HANDLE Root;

    CHECK_STATUS(STATUS_SUCCESS, Create(NULL, SOURCE, NULL, &Keys[Count++]));
    while (Count < ARRAYSIZE(Keys)) {
        Status = Create(Keys[Count - 1], L"d", NULL, &Keys[Count]);
        if (!NT_SUCCESS(Status))
            break;
        Count++;
    }
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Status);
    /* SOURCE is the fourth of 512 levels, the root of all not counted. */
    CHECK(Count == 512 - 3 + 1);
    Root = SaveAndLoad(Keys[0], REG_LATEST_FORMAT);
    CHECK(DepthOf(Root, 1000) == Count - 1);
    Unload(Root);
    while (Count-- != 0)
        DeleteKey(Keys[Count]);
}

/* --- names and classes ------------------------------------------------------------------------------------------------ */

static WCHAR LongName[0x8000];

static PCWSTR MakeName(ULONG Length, WCHAR Character)
{
    for (ULONG i = 0; i < Length; i++)
        LongName[i] = Character;
    LongName[Length] = 0;
    return LongName;
}

static ULONG ClassLength(HANDLE Key)
{
    static UCHAR Buffer[0x11000];
    PKEY_FULL_INFORMATION Info = (PVOID)Buffer;
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, KeyFullInformation, Info, sizeof(Buffer), &Length));
    for (ULONG i = 0; i < Info->ClassLength / sizeof(WCHAR); i++)
        if (Info->Class[i] != L'c')
            return (ULONG)-1;
    return Info->ClassLength;
}

static VOID TestNames(ULONG Format)
{
    static const ULONG KeyLengths[] = { 1, 255 }, ValueLengths[] = { 1, 255, 256, 16383 };
    static const WCHAR Characters[] = { L'n', 0xe4, 0x4e2d };
    static WCHAR ClassText[0x7fff];
    UNICODE_STRING Class = { sizeof(ClassText) - sizeof(WCHAR), sizeof(ClassText), ClassText };
    HANDLE Root, Key, Loaded;

    for (ULONG i = 0; i < ARRAYSIZE(ClassText); i++)
        ClassText[i] = L'c';
    CHECK_STATUS(STATUS_SUCCESS, Create(NULL, SOURCE, NULL, &Root));
    for (ULONG i = 0; i < ARRAYSIZE(KeyLengths); i++)
        for (ULONG c = 0; c < ARRAYSIZE(Characters); c++) {
            CHECK_STATUS(STATUS_SUCCESS, Create(Root, MakeName(KeyLengths[i], Characters[c]), NULL, &Key));
            NtClose(Key);
        }
    CHECK_STATUS(STATUS_INVALID_PARAMETER, Create(Root, MakeName(257, L'n'), NULL, &Key));
    for (ULONG i = 0; i < ARRAYSIZE(ValueLengths); i++)
        for (ULONG c = 0; c < ARRAYSIZE(Characters); c++)
            CHECK_STATUS(STATUS_SUCCESS, SetValue(Root, MakeName(ValueLengths[i], Characters[c]), &i, sizeof(i)));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, SetValue(Root, MakeName(16384, L'n'), NULL, 0));
    CHECK_STATUS(STATUS_SUCCESS, Create(Root, L"class", &Class, &Key));
    CHECK(ClassLength(Key) == Class.Length);

    Loaded = SaveAndLoad(Root, Format);
    for (ULONG i = 0; i < ARRAYSIZE(KeyLengths); i++)
        for (ULONG c = 0; c < ARRAYSIZE(Characters); c++) {
            HANDLE Child = OpenKey(Loaded, MakeName(KeyLengths[i], Characters[c]));

            NtClose(Child);
            DeleteKey(OpenKey(Root, LongName));
        }
    for (ULONG i = 0; i < ARRAYSIZE(ValueLengths); i++)
        for (ULONG c = 0; c < ARRAYSIZE(Characters); c++) {
            UNICODE_STRING Name;

            RtlInitUnicodeString(&Name, MakeName(ValueLengths[i], Characters[c]));
            CHECK_STATUS(STATUS_SUCCESS, NtDeleteValueKey(Loaded, &Name));
        }
    DeleteKey(Key);
    Key = OpenKey(Loaded, L"class");
    CHECK(ClassLength(Key) == Class.Length);
    NtClose(Key);
    Unload(Loaded);
    DeleteKey(Root);
}

/* --- data ------------------------------------------------------------------------------------------------------------- */

#define LARGEST 0x180000

static UCHAR Data[LARGEST];
static union {
    KEY_VALUE_PARTIAL_INFORMATION Info;
    UCHAR Room[LARGEST + 0x100];
} Answer;

/* Around the size of what fits a cell, and of what fits segments. */
static const ULONG Sizes[] = { 0, 1, 3, 4, 5, 8, 4091, 4092, 4093, 16343, 16344, 16345, 16348, 32687, 32688, 32689, 65536, 1000000, LARGEST };

static VOID TestData(ULONG Format)
{
    HANDLE Root, Loaded;
    ULONG Length;

    for (ULONG i = 0; i < LARGEST; i++)
        Data[i] = (UCHAR)(i * 7 + i / 256);
    CHECK_STATUS(STATUS_SUCCESS, Create(NULL, SOURCE, NULL, &Root));
    for (ULONG i = 0; i < ARRAYSIZE(Sizes); i++)
        CHECK_STATUS(STATUS_SUCCESS, SetValue(Root, MakeName(i + 1, L'v'), Data + i, Sizes[i] - (Sizes[i] == LARGEST ? i : 0)));
    Loaded = SaveAndLoad(Root, Format);
    for (ULONG i = 0; i < ARRAYSIZE(Sizes); i++) {
        ULONG Size = Sizes[i] - (Sizes[i] == LARGEST ? i : 0);
        UNICODE_STRING Name;

        RtlInitUnicodeString(&Name, MakeName(i + 1, L'v'));
        CHECK_STATUS(STATUS_SUCCESS, NtQueryValueKey(Loaded, &Name, KeyValuePartialInformation, &Answer, sizeof(Answer), &Length));
        CHECK(Answer.Info.DataLength == Size && memcmp(Answer.Info.Data, Data + i, Size) == 0);
    }
    Unload(Loaded);
    DeleteKey(Root);
}

/* --- many ------------------------------------------------------------------------------------------------------------- */

static PCWSTR NumberName(ULONG Number)
{
    _snwprintf(LongName, ARRAYSIZE(LongName), L"n%u", Number);
    return LongName;
}

static VOID CountAll(HANDLE Key, PULONG SubKeys, PULONG Values)
{
    KEY_CACHED_INFORMATION Info = { 0 };
    ULONG Length;

    CHECK_STATUS(STATUS_SUCCESS, NtQueryKey(Key, KeyCachedInformation, &Info, sizeof(Info), &Length));
    *SubKeys = Info.SubKeys;
    *Values = Info.Values;
}

/* All of them are there, under their names. */
static VOID CheckMany(HANDLE Root)
{
    ULONG SubKeys, Values, Length, Good = 0;

    CountAll(Root, &SubKeys, &Values);
    CHECK(SubKeys == MANY && Values == MANY);
    for (ULONG i = 0; i < MANY; i += 97) {
        UNICODE_STRING Name;
        HANDLE Key;

        RtlInitUnicodeString(&Name, NumberName(i));
        if (NT_SUCCESS(NtQueryValueKey(Root, &Name, KeyValuePartialInformation, &Answer, sizeof(Answer), &Length)))
            Good += *(UNALIGNED ULONG *)Answer.Info.Data == i;
        if (NT_SUCCESS(NtOpenKey(&Key, KEY_READ, Named(Root, NumberName(i)))))
            Good += NT_SUCCESS(NtClose(Key));
    }
    CHECK(Good == 2 * ((MANY + 96) / 97));
}

static VOID TestMany(VOID)
{
    ULONG Good = 0;
    HANDLE Root = NULL, Key;

    /* A hive of their own: it goes at once. */
    NtDeleteFile(Named(NULL, FILE_NAME L"2"));
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKeyEx(Named(NULL, TARGET L"2"), Named(NULL, FILE_NAME L"2"), REG_LOAD_HIVE_OPEN_HANDLE, NULL, NULL,
                                             KEY_ALL_ACCESS, &Root, NULL));
    for (ULONG i = 0; i < MANY; i++) {
        ULONG Number = i * 7919 % MANY;

        Good += NT_SUCCESS(SetValue(Root, NumberName(Number), &Number, sizeof(Number)));
        if (NT_SUCCESS(Create(Root, NumberName(i), NULL, &Key)))
            Good += NT_SUCCESS(NtClose(Key));
    }
    CHECK(Good == 2 * MANY);
    CheckMany(Root);
    Key = SaveAndLoad(Root, REG_LATEST_FORMAT);
    CheckMany(Key);
    Unload(Key);
    Key = SaveAndLoad(Root, REG_STANDARD_FORMAT);
    CheckMany(Key);
    Unload(Key);
    NtClose(Root);
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadKey2(Named(NULL, TARGET L"2"), REG_FORCE_UNLOAD));
    NtDeleteFile(Named(NULL, FILE_NAME L"2"));
}

/* Values that are deleted and set again in a key with many. */
static VOID TestChanges(VOID)
{
    enum { COUNT = 300 };
    BOOLEAN There[COUNT] = { FALSE };
    ULONG Random = 12345, SubKeys, Values, Length, Good = 0, Expected = 0;
    HANDLE Root;

    CHECK_STATUS(STATUS_SUCCESS, Create(NULL, SOURCE, NULL, &Root));
    for (ULONG i = 0; i < 20000; i++) {
        ULONG Number = (Random = Random * 1103515245 + 12345) / 65536 % COUNT;
        UNICODE_STRING Name;

        RtlInitUnicodeString(&Name, NumberName(Number));
        if (Random & 0x8000 && i % 64 < 8)
            Good += NtDeleteValueKey(Root, &Name) == (There[Number] ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND);
        else
            Good += NT_SUCCESS(SetValue(Root, NumberName(Number), &Number, sizeof(Number)));
        There[Number] = !(Random & 0x8000 && i % 64 < 8);
    }
    CHECK(Good == 20000);
    Good = 0;
    for (ULONG i = 0; i < COUNT; i++) {
        UNICODE_STRING Name;

        RtlInitUnicodeString(&Name, NumberName(i));
        Expected += There[i];
        Good += NT_SUCCESS(NtQueryValueKey(Root, &Name, KeyValuePartialInformation, &Answer, sizeof(Answer), &Length)) == There[i];
    }
    CountAll(Root, &SubKeys, &Values);
    CHECK(Good == COUNT && Values == Expected);
    DeleteKey(Root);
}

/* --- damage ----------------------------------------------------------------------------------------------------------- */

#define ROOM 0x10000

static UCHAR Good[ROOM], Bad[ROOM];
static ULONG64 Seed;

static ULONG Below(ULONG Limit)
{
    Seed ^= Seed << 13;
    Seed ^= Seed >> 7;
    Seed ^= Seed << 17;
    return (ULONG)(Seed >> 11) % Limit;
}

static VOID Seal(PULONG Base)
{
    Base[127] = 0;
    for (ULONG i = 0; i < 127; i++)
        Base[127] ^= Base[i];
}

static VOID WriteFile(PCWSTR Name, const UCHAR *Bytes, ULONG Length)
{
    LARGE_INTEGER Start = { .QuadPart = 0 };
    HANDLE File = OpenFile(Name, FILE_OVERWRITE_IF);
    IO_STATUS_BLOCK IoStatus;

    CHECK_STATUS(STATUS_SUCCESS, NtWriteFile(File, NULL, NULL, NULL, &IoStatus, (PVOID)Bytes, Length, &Start, NULL));
    NtClose(File);
}

/* A tree with each structure: leaves, an index of leaves, big data, classes, descriptors, names of both kinds. */
static ULONG MakeGood(ULONG Format)
{
    static WCHAR ClassText[] = L"a class";
    UNICODE_STRING Class = { sizeof(ClassText) - sizeof(WCHAR), sizeof(ClassText), ClassText };
    IO_STATUS_BLOCK IoStatus = { 0 };
    LARGE_INTEGER Start = { .QuadPart = 0 };
    SECURITY_DESCRIPTOR Descriptor;
    HANDLE Root, Key, File;

    CHECK_STATUS(STATUS_SUCCESS, Create(NULL, SOURCE, &Class, &Root));
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Root, L"small", Data, 4));
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Root, L"", Data, 100));
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Root, L"big", Data, 20000));
    CHECK_STATUS(STATUS_SUCCESS, SetValue(Root, L"\x3b1\x3b2", Data, 9));
    for (ULONG i = 0; i < 40; i++) {
        CHECK_STATUS(STATUS_SUCCESS, Create(Root, NumberName(i), i % 5 == 0 ? &Class : NULL, &Key));
        if (i == 7) {
            RtlCreateSecurityDescriptor(&Descriptor, SECURITY_DESCRIPTOR_REVISION);
            RtlSetDaclSecurityDescriptor(&Descriptor, TRUE, NULL, FALSE);
            CHECK_STATUS(STATUS_SUCCESS, NtSetSecurityObject(Key, DACL_SECURITY_INFORMATION, &Descriptor));
        }
        SetValue(Key, L"value", &i, sizeof(i));
        NtClose(Key);
    }
    File = OpenFile(FILE_NAME, FILE_OVERWRITE_IF);
    CHECK_STATUS(STATUS_SUCCESS, NtSaveKeyEx(Root, File, Format));
    CHECK_STATUS(STATUS_SUCCESS, NtReadFile(File, NULL, NULL, NULL, &IoStatus, Good, sizeof(Good), &Start, NULL));
    NtClose(File);
    for (ULONG i = 0; i < 40; i++)
        DeleteKey(OpenKey(Root, NumberName(i)));
    DeleteKey(Root);
    return (ULONG)IoStatus.Information;
}

/* Asks for everything in the key and what is below. */
static VOID Walk(HANDLE Key, ULONG Depth)
{
    ULONG Length;

    for (ULONG i = 0; NT_SUCCESS(NtEnumerateValueKey(Key, i, KeyValueFullInformation, &Answer, sizeof(Answer), &Length)); i++)
        ;
    for (ULONG i = 0; Depth < 4; i++) {
        WCHAR Name[300] = { 0 };
        PKEY_BASIC_INFORMATION Info = (PVOID)&Answer;
        HANDLE Child;

        if (!NT_SUCCESS(NtEnumerateKey(Key, i, KeyBasicInformation, Info, sizeof(Answer), &Length)))
            break;
        memcpy(Name, Info->Name, min(Info->NameLength, sizeof(Name) - sizeof(WCHAR)));
        if (NT_SUCCESS(NtOpenKey(&Child, KEY_READ, Named(Key, Name)))) {
            Walk(Child, Depth + 1);
            NtClose(Child);
        }
    }
}

/* One to eight changes of a bit, a byte or a word that is an offset or a size; the base block is sealed again. */
static VOID Damage(ULONG Length)
{
    ULONG Changes = 1 + Below(8);

    memcpy(Bad, Good, Length);
    for (ULONG i = 0; i < Changes; i++) {
        ULONG At = Below(16) == 0 ? Below(512) : 4096 + Below(Length - 4096);
        static const ULONG Words[] = { 0, 1, 0x20, 0x1000, 0x7fffffff, 0x80000000, 0xfffffff8, 0xffffffff };

        switch (Below(4)) {
        case 0: Bad[At] ^= (UCHAR)(1 << Below(8)); break;
        case 1: Bad[At] = (UCHAR)Below(256); break;
        case 2: ((PULONG)Bad)[At / 4] = Words[Below(ARRAYSIZE(Words))]; break;
        default: ((PULONG)Bad)[At / 4] = ((PULONG)Bad)[(4096 + Below(Length - 4096)) / 4];
        }
    }
    if (Below(8) != 0)
        Seal((PULONG)Bad);
}

static BOOLEAN IsAnswer(NTSTATUS Status)
{
    return Status == STATUS_SUCCESS || Status == STATUS_REGISTRY_CORRUPT || Status == STATUS_REGISTRY_RECOVERED ||
           Status == STATUS_INSUFFICIENT_RESOURCES;
}

static VOID TestDamage(ULONG Format, ULONG Cases)
{
    ULONG Length = MakeGood(Format), Loaded = 0;

    CHECK(Length > 0x8000);
    for (ULONG i = 0; i < Cases; i++) {
        ULONG64 Before = Seed;
        NTSTATUS Status;
        HANDLE Root;

        Damage(Length);
        WriteFile(FILE_NAME, Bad, Below(16) == 0 ? Below(Length) : Length);
        Status = NtLoadKey(Named(NULL, TARGET), Named(NULL, FILE_NAME));
        if (!CHECK(IsAnswer(Status)))
            Print(L"    seed 0x%I64x: 0x%08X\n", Before, Status);
        if (!NT_SUCCESS(Status))
            continue;
        Loaded++;
        if (NT_SUCCESS(NtOpenKey(&Root, KEY_READ | KEY_WRITE, Named(NULL, TARGET)))) {
            Walk(Root, 0);
            SetValue(Root, L"changed", &i, sizeof(i));
            NtClose(Root);
        }
        if (!CHECK_STATUS(STATUS_SUCCESS, NtUnloadKey(Named(NULL, TARGET))))
            Print(L"    seed 0x%I64x\n", Before);
    }
    Print(L"%u damaged hives, %u loaded all the same\n", Cases, Loaded);
    CHECK(Loaded < Cases);
    WriteFile(FILE_NAME, Good, Length);
    CHECK_STATUS(STATUS_SUCCESS, NtLoadKey(Named(NULL, TARGET), Named(NULL, FILE_NAME)));
    CHECK_STATUS(STATUS_SUCCESS, NtUnloadKey(Named(NULL, TARGET)));
}

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    ULONG Cases = ArgumentCount > 1 ? wcstoul(Arguments[1], NULL, 0) : CASES;

    Seed = ArgumentCount > 2 ? wcstoul(Arguments[2], NULL, 0) : 0x4e657265696421;
    Print(L"seed 0x%I64x\n", Seed);
    EnablePrivileges();
    TestDepth();
    TestNames(REG_LATEST_FORMAT);
    TestNames(REG_STANDARD_FORMAT);
    TestData(REG_LATEST_FORMAT);
    TestData(REG_STANDARD_FORMAT);
    TestChanges();
    TestMany();
    TestDamage(REG_LATEST_FORMAT, Cases / 2);
    TestDamage(REG_STANDARD_FORMAT, Cases - Cases / 2);
    return CheckClose();
}
