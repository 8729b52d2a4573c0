/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The reader of registry text (ntos/cm/regtext.c): what it makes of good and bad lines.  The reader is linked into
 * this program. Runs on: Nereid and Wine.
 */
#include "check.h"
#include "ntos/cm/regtext.h"

static WCHAR Story[4096];               /* what the reader said, as text */
static ULONG BadLines;

static VOID Tell(PCWSTR Format, ...)
{
    SIZE_T Used = wcslen(Story);
    va_list Arguments;

    va_start(Arguments, Format);
    _vsnwprintf(Story + Used, ARRAYSIZE(Story) - Used - 1, Format, Arguments);
    va_end(Arguments);
}

static NTSTATUS OnKey(PVOID Context, const WCHAR *Path, ULONG Chars, BOOLEAN Delete)
{
    Tell(L"%s%.*s;", Delete ? L"-" : L"", (int)Chars, Path);
    return STATUS_SUCCESS;
}

static NTSTATUS OnValue(PVOID Context, const WCHAR *Name, ULONG Chars, ULONG Type, const VOID *Data, ULONG DataLength)
{
    Tell(L"%.*s:%u:", (int)Chars, Name, Type);
    for (ULONG i = 0; i < DataLength; i++)
        Tell(L"%02x", ((const UCHAR *)Data)[i]);
    Tell(L";");
    return STATUS_SUCCESS;
}

static NTSTATUS OnDeleteValue(PVOID Context, const WCHAR *Name, ULONG Chars)
{
    Tell(L"%.*s:-;", (int)Chars, Name);
    return STATUS_SUCCESS;
}

static VOID OnBadLine(PVOID Context, ULONG Line, const char *Reason)
{
    BadLines++;
    Tell(L"!%u;", Line);
}

static const CM_TEXT_SINK Sink = { OnKey, OnValue, OnDeleteValue, OnBadLine, Allocate, Free };

static BOOLEAN Reads(const void *Text, SIZE_T Length, PCWSTR Expected)
{
    memset(Story, 0, sizeof(Story));
    if (!NT_SUCCESS(CmpReadRegistryText(&Sink, NULL, Text, Length)))
        return FALSE;
    if (wcscmp(Story, Expected) == 0)
        return TRUE;
    Print(L"read: %s\n", Story);
    return FALSE;
}

#define READS(Text, Expected) CHECK(Reads((Text), sizeof(Text) - 1, (Expected)))

int wmain(int ArgumentCount, PWSTR *Arguments)
{
    static const char Utf16[] = "\xff\xfe[\0H\0K\0L\0M\0]\0\n\0";

    READS("", L"");
    READS("Windows Registry Editor Version 5.00\r\n\r\n; comment\r\n[HKEY_LOCAL_MACHINE\\A]\r\n",
          L"\\Registry\\Machine\\A;");
    READS("REGEDIT4\n[HKLM\\A b\\C]", L"\\Registry\\Machine\\A b\\C;");
    READS("[-HKEY_USERS\\X]\n\"ignored\"=\"x\"\n", L"-\\Registry\\User\\X;");
    READS("\xef\xbb\xbf[hklm]\n", L"\\Registry\\Machine;");
    READS(Utf16, L"\\Registry\\Machine;");
    READS("[HKLM]\n@=\"a\"\n", L"\\Registry\\Machine;:1:61000000;");
    READS("[HKLM]\n\"n\"=\"\\\\\\\"\"\n", L"\\Registry\\Machine;n:1:5c0022000000;");
    READS("[HKLM]\n\"d\"=dword:0000001F\n", L"\\Registry\\Machine;d:4:1f000000;");
    READS("[HKLM]\n\"b\"=hex:01,02,\\\n  03\n", L"\\Registry\\Machine;b:3:010203;");
    READS("[HKLM]\n\"m\"=hex(7):41,00,00,00,00,00\n", L"\\Registry\\Machine;m:7:410000000000;");
    READS("[HKLM]\n\"e\"=hex(2):\n", L"\\Registry\\Machine;e:2:;");
    READS("[HKLM]\n\"gone\"=-\n", L"\\Registry\\Machine;gone:-;");
    READS("[HKLM]\n\"\xc3\xa9\"=\"\xf0\x9f\x98\x80\"\n", L"\\Registry\\Machine;\x00e9:1:3dd800de0000;");
    CHECK(BadLines == 0);
    READS("\"early\"=\"x\"\n", L"!1;");
    READS("[HKLM\n\"a\"=\"x\"\n[HKLM]\nnonsense\n\"a\"=\"b\n\"c\"=\n\"d\"=dword:xyz\n\"e\"=hex:0g\n\"f\"=what\n",
          L"!1;\\Registry\\Machine;!4;!5;!6;!7;!8;!9;");
    READS("[HKEY_NOWHERE\\A]\n\"a\"=\"x\"\n", L"!1;");
    READS("[HKLM]\n\"bad\xff\"=\"x\"\n", L"\\Registry\\Machine;bad\xfffd:1:78000000;");
    READS("[HKLM]\n\"a\"", L"\\Registry\\Machine;!2;");
    READS("[HKLM]\n\"a\"=\"x\\", L"\\Registry\\Machine;!2;");
    return CheckClose();
}
