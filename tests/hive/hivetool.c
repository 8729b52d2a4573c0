/* SPDX-License-Identifier: BSD-2-Clause
 *
 * ntos/cm's hive code as a program of the build host, for run.py:
 *
 *   hivetool write FILE     a sample hive: all sizes of data, many subkeys, names beyond ASCII
 *   hivetool text FILE      what a hive holds: `key PATH' and `value NAME TYPE HEX' lines, UTF-8
 */
#include "tests/unit/include/nt.h"
#include "ntos/cm/hive.h"
#include <stdio.h>
#include <stdlib.h>

static PVOID Allocate(SIZE_T Bytes)
{
    return malloc(Bytes);
}

static VOID Free(PVOID Memory)
{
    free(Memory);
}

static const CM_HIVE_MEMORY Memory = { Allocate, Free };

/* --- text ----------------------------------------------------------------------------------------------------- */

static char Path[0x20000];
static size_t PathLength;

static size_t PutUtf8(char *To, PCUNICODE_STRING Name)
{
    size_t Length = 0;

    for (ULONG i = 0; i < Name->Length / sizeof(WCHAR); i++) {
        ULONG c = Name->Buffer[i];

        if (c < 0x80) {
            To[Length++] = (char)c;
        } else if (c < 0x800) {
            To[Length++] = (char)(0xc0 | c >> 6);
            To[Length++] = (char)(0x80 | (c & 0x3f));
        } else {
            To[Length++] = (char)(0xe0 | c >> 12);
            To[Length++] = (char)(0x80 | (c >> 6 & 0x3f));
            To[Length++] = (char)(0x80 | (c & 0x3f));
        }
    }
    To[Length] = 0;
    return Length;
}

static NTSTATUS PrintKey(PVOID Context, const CM_HIVE_KEY *Key)
{
    Path[PathLength++] = '\\';
    PathLength += PutUtf8(Path + PathLength, &Key->Name);
    printf("key %s\n", Path);
    return STATUS_SUCCESS;
}

static NTSTATUS PrintValue(PVOID Context, PCUNICODE_STRING Name, ULONG Type, const void *Data, ULONG DataLength)
{
    static char Text[0x10000];

    PutUtf8(Text, Name);
    printf("value %s %u ", Text[0] != 0 ? Text : "@", Type);
    for (ULONG i = 0; i < DataLength; i++)
        printf("%02x", ((const UCHAR *)Data)[i]);
    printf("\n");
    return STATUS_SUCCESS;
}

static NTSTATUS PrintLeave(PVOID Context)
{
    while (Path[--PathLength] != '\\')
        ;
    Path[PathLength] = 0;
    return STATUS_SUCCESS;
}

static int PrintHive(const char *Name)
{
    static const CM_HIVE_SINK Sink = { PrintKey, PrintValue, PrintLeave };
    static UCHAR Image[0x1000000];
    FILE *File = fopen(Name, "rb");
    size_t Length = File != NULL ? fread(Image, 1, sizeof(Image), File) : 0;
    NTSTATUS Status = CmpReadHive(&Memory, &Sink, NULL, Image, (ULONG)Length);

    if (!NT_SUCCESS(Status))
        fprintf(stderr, "hivetool: %s: %x\n", Name, (unsigned)Status);
    return !NT_SUCCESS(Status);
}

/* --- sample --------------------------------------------------------------------------------------------------- */

static UNICODE_STRING String(const WCHAR *Text)
{
    USHORT Chars = 0;

    while (Text[Chars] != 0)
        Chars++;
    return (UNICODE_STRING){ Chars * sizeof(WCHAR), Chars * sizeof(WCHAR), (PWSTR)Text };
}

static void Enter(PCM_HIVE_BUILDER Builder, const WCHAR *Name, const WCHAR *Class)
{
    CM_HIVE_KEY Key = { .Name = String(Name), .Class = String(Class), .LastWriteTime = 0x01da000000000000 };

    CmpHiveBuilderSink.EnterKey(Builder, &Key);
}

static void Value(PCM_HIVE_BUILDER Builder, const WCHAR *Name, ULONG Type, const void *Data, ULONG Length)
{
    UNICODE_STRING Text = String(Name);

    CmpHiveBuilderSink.Value(Builder, &Text, Type, Data, Length);
}

static int WriteSample(const char *Name)
{
    static const ULONG Sizes[] = { 0, 1, 4, 5, 100, 5000, 16344, 16345, 50000 };
    static UCHAR Data[50000];
    PCM_HIVE_BUILDER Builder = CmpCreateHiveBuilder(&Memory);
    FILE *File = fopen(Name, "wb");
    PVOID Image;
    ULONG Length;
    int Bad;

    for (ULONG i = 0; i < sizeof(Data); i++)
        Data[i] = (UCHAR)(i * 13 + i / 256);
    Enter(Builder, L"ROOT", L"");
    Value(Builder, L"", 1, L"default", 16);
    for (ULONG i = 0; i < RTL_NUMBER_OF(Sizes); i++) {
        WCHAR Text[] = { 'd', 'a', 't', 'a', (WCHAR)('0' + i), 0 };

        Value(Builder, Text, 3, Data, Sizes[i]);
    }
    Enter(Builder, L"Empty", L"a class");
    CmpHiveBuilderSink.LeaveKey(Builder);
    Enter(Builder, L"Many", L"");
    for (ULONG i = 0; i < 1500; i++) {
        WCHAR Text[] = { 'k', (WCHAR)('0' + i / 1000), (WCHAR)('0' + i / 100 % 10), (WCHAR)('0' + i / 10 % 10),
                         (WCHAR)('0' + i % 10), 0 };

        Enter(Builder, Text, L"");
        Value(Builder, L"index", 4, &i, sizeof(i));
        CmpHiveBuilderSink.LeaveKey(Builder);
    }
    CmpHiveBuilderSink.LeaveKey(Builder);
    Enter(Builder, L"Stra\xdf" L"e", L"");
    Value(Builder, L"\x3b1\x3b2", 1, L"\x4e2d\x6587", 6);
    CmpHiveBuilderSink.LeaveKey(Builder);
    Enter(Builder, L"\x416\x4e2d", L"");
    CmpHiveBuilderSink.LeaveKey(Builder);
    CmpHiveBuilderSink.LeaveKey(Builder);
    if (!NT_SUCCESS(CmpFinishHiveBuilder(Builder, &Image, &Length)) || File == NULL)
        return 1;
    Bad = fwrite(Image, 1, Length, File) != Length;
    free(Image);
    return fclose(File) != 0 || Bad;
}

int main(int Count, char **Arguments)
{
    if (Count == 3 && Arguments[1][0] == 'w')
        return WriteSample(Arguments[2]);
    if (Count == 3 && Arguments[1][0] == 't')
        return PrintHive(Arguments[2]);
    fprintf(stderr, "usage: hivetool write|text FILE\n");
    return 2;
}
