/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reader of registry text.
 *
 *   [HKEY_LOCAL_MACHINE\A\B]      key; [-...] deletes it with all below
 *   "name"="string"  @=...        value; @ is the unnamed one; \" and \\ inside quotes
 *   "name"=dword:0000001f         also hex:01,02 and hex(TYPE):...; a line that ends in \ goes on in the next
 *   "name"=-                      deletes the value
 *   ; comment
 *
 * The text becomes UTF-16 first (U+FFFD for malformed UTF-8), then is read line by line; a logical line
 * (continuations joined) is at most CMP_MAXIMUM_LINE characters.  Nothing is trusted: a bad line is reported and
 * skipped, the values of a bad key line too.
 */
#include "ntos/cm/regtext.h"

#define CMP_MAXIMUM_LINE 0x40000

typedef struct _CMP_READER {
    const CM_TEXT_SINK *Sink;
    PVOID Context;
    const WCHAR *Next;                  /* unread text */
    const WCHAR *End;
    ULONG LineNumber;                   /* of the logical line's first line */
    ULONG NextLineNumber;
    PWCHAR Line;                        /* the logical line; CMP_MAXIMUM_LINE + 1 */
    ULONG LineChars;
    BOOLEAN HaveKey;
    BOOLEAN SkipKey;                    /* values belong to a key line that was bad or deleted */
} CMP_READER, *PCMP_READER;

/* --- text ----------------------------------------------------------------------------------------------------- */

/* One code point from UTF-8; U+FFFD for what is none. */
static ULONG CmpDecodeUtf8(const UCHAR **Next, const UCHAR *End)
{
    static const ULONG Least[] = { 0, 0x80, 0x800, 0x10000 };
    ULONG First = *(*Next)++;
    ULONG More = First < 0x80 ? 0 : (First & 0xe0) == 0xc0 ? 1 : (First & 0xf0) == 0xe0 ? 2 : (First & 0xf8) == 0xf0
            ? 3 : 4;
    ULONG Value;

    if (More == 0)
        return First;
    if (More == 4)
        return 0xfffd;
    Value = First & (0x3fu >> More);
    for (ULONG i = 0; i < More; i++) {
        if (*Next == End || (**Next & 0xc0) != 0x80)
            return 0xfffd;
        Value = Value << 6 | (*(*Next)++ & 0x3f);
    }
    return Value < Least[More] || Value > 0x10ffff || (Value >= 0xd800 && Value < 0xe000) ? 0xfffd : Value;
}

/* The text as UTF-16; *Chars characters.  NULL: no memory. */
static PWCHAR CmpToUtf16(const CM_TEXT_SINK *Sink, const UCHAR *Text, SIZE_T Length, SIZE_T *Chars)
{
    const UCHAR *End = Text + Length;
    PWCHAR Result;
    SIZE_T Count = 0;

    if (Length >= 2 && Text[0] == 0xff && Text[1] == 0xfe) {
        Result = Sink->Allocate(Length);
        if (Result == NULL)
            return NULL;
        for (Text += 2; End - Text >= 2; Text += 2)
            Result[Count++] = (WCHAR)(Text[0] | Text[1] << 8);
        *Chars = Count;
        return Result;
    }
    if (Length >= 3 && Text[0] == 0xef && Text[1] == 0xbb && Text[2] == 0xbf)
        Text += 3;
    Result = Sink->Allocate((Length + 1) * sizeof(WCHAR));
    if (Result == NULL)
        return NULL;
    while (Text < End) {
        ULONG Value = CmpDecodeUtf8(&Text, End);

        if (Value >= 0x10000) {
            Result[Count++] = (WCHAR)(0xd800 + ((Value - 0x10000) >> 10));
            Result[Count++] = (WCHAR)(0xdc00 + (Value & 0x3ff));
        } else {
            Result[Count++] = (WCHAR)Value;
        }
    }
    *Chars = Count;
    return Result;
}

static BOOLEAN CmpIsBlank(WCHAR c)
{
    return c == ' ' || c == '\t';
}

static VOID CmpBad(PCMP_READER Reader, const char *Reason)
{
    Reader->Sink->BadLine(Reader->Context, Reader->LineNumber, Reason);
}

/* One line of the file without its end, blanks at both ends cut. */
static BOOLEAN CmpNextRawLine(PCMP_READER Reader, const WCHAR **Start, const WCHAR **End)
{
    const WCHAR *p = Reader->Next;

    if (p == Reader->End)
        return FALSE;
    *Start = p;
    while (p < Reader->End && *p != '\n' && *p != '\r')
        p++;
    *End = p;
    if (p < Reader->End && *p == '\r' && p + 1 < Reader->End && p[1] == '\n')
        p++;
    if (p < Reader->End)
        p++;
    Reader->Next = p;
    Reader->NextLineNumber++;
    while (*Start < *End && CmpIsBlank(**Start))
        (*Start)++;
    while (*End > *Start && CmpIsBlank((*End)[-1]))
        (*End)--;
    return TRUE;
}

/* A list of hexadecimal bytes may go on after a backslash at the end of the line. */
static BOOLEAN CmpNextLine(PCMP_READER Reader)
{
    const WCHAR *Start;
    const WCHAR *End;
    BOOLEAN TooLong = FALSE;
    BOOLEAN Continued;

    Reader->LineChars = 0;
    Reader->LineNumber = Reader->NextLineNumber + 1;
    if (!CmpNextRawLine(Reader, &Start, &End))
        return FALSE;
    do {
        Continued = End > Start && End[-1] == '\\' && *Start != ';' && *Start != '[';
        if (Continued)
            End--;
        if ((SIZE_T)(End - Start) > CMP_MAXIMUM_LINE - Reader->LineChars) {
            TooLong = TRUE;
            Reader->LineChars = 0;
        }
        for (; !TooLong && Start < End; Start++)
            Reader->Line[Reader->LineChars++] = *Start;
    } while (Continued && CmpNextRawLine(Reader, &Start, &End));
    Reader->Line[Reader->LineChars] = 0;
    if (TooLong)
        CmpBad(Reader, "the line is too long");
    return TRUE;
}

static BOOLEAN CmpSamePrefix(const WCHAR *Text, const WCHAR *End, const char *Prefix, const WCHAR **After)
{
    for (; *Prefix != 0; Prefix++, Text++) {
        WCHAR c = Text < End ? *Text : 0;

        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if (c != (WCHAR)*Prefix)
            return FALSE;
    }
    *After = Text;
    return TRUE;
}

/* --- keys ----------------------------------------------------------------------------------------------------- */

static NTSTATUS CmpReadKeyLine(PCMP_READER Reader)
{
    static const struct {
        const char *Short;
        const WCHAR *Full;
    } Roots[] = {
        { "hkey_local_machine", L"\\Registry\\Machine" },
        { "hklm", L"\\Registry\\Machine" },
        { "hkey_users", L"\\Registry\\User" },
        { "hku", L"\\Registry\\User" },
        { "hkey_classes_root", L"\\Registry\\Machine\\Software\\Classes" },
        { "hkcr", L"\\Registry\\Machine\\Software\\Classes" },
        { "hkey_current_user", L"\\Registry\\User\\.Default" },
        { "hkcu", L"\\Registry\\User\\.Default" },
        { "\\registry", L"\\Registry" },
    };
    const WCHAR *p = Reader->Line + 1;
    const WCHAR *End = Reader->Line + Reader->LineChars;
    BOOLEAN Delete = p < End && *p == '-';
    const WCHAR *Rest = NULL;
    const WCHAR *Root = NULL;
    PWCHAR Path;
    ULONG Chars = 0;
    NTSTATUS Status;

    Reader->HaveKey = TRUE;
    Reader->SkipKey = TRUE;
    if (Delete)
        p++;
    while (End > p && End[-1] != ']')
        End--;
    if (End == p) {
        CmpBad(Reader, "a key ends with ]");
        return STATUS_SUCCESS;
    }
    End--;
    for (ULONG i = 0; i < RTL_NUMBER_OF(Roots) && Root == NULL; i++) {
        if (CmpSamePrefix(p, End, Roots[i].Short, &Rest) && (Rest == End || *Rest == '\\'))
            Root = Roots[i].Full;
    }
    if (Root == NULL) {
        CmpBad(Reader, "the root of the key is not known");
        return STATUS_SUCCESS;
    }
    Path = Reader->Sink->Allocate((SIZE_T)(End - Rest + 64) * sizeof(WCHAR));
    if (Path == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    while (*Root != 0)
        Path[Chars++] = *Root++;
    while (Rest < End)
        Path[Chars++] = *Rest++;
    Status = Reader->Sink->Key(Reader->Context, Path, Chars, Delete);
    Reader->SkipKey = Delete;
    Reader->Sink->Free(Path);
    return Status;
}

/* --- values --------------------------------------------------------------------------------------------------- */

/* "..." with \\ and \" at *Text; unescaped in place.  Returns the characters, *Text moves behind the closing quote. */
static BOOLEAN CmpReadQuoted(PWCHAR *Text, PWCHAR End, PWCHAR *String, PULONG Chars)
{
    PWCHAR In = *Text + 1;
    PWCHAR Out = In;

    *String = Out;
    while (In < End && *In != '"') {
        if (*In == '\\' && In + 1 < End) {
            In++;
            *Out++ = *In == 'n' ? '\n' : *In == 'r' ? '\r' : *In;
            In++;
        } else {
            *Out++ = *In++;
        }
    }
    *Chars = (ULONG)(Out - *String);
    *Text = In + 1;
    return In < End;
}

static LONG CmpHexDigit(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static const WCHAR *CmpReadHex(const WCHAR *p, const WCHAR *End, ULONG Digits, PULONG Value)
{
    const WCHAR *Start = p;

    *Value = 0;
    while (p < End && CmpHexDigit(*p) >= 0 && (ULONG)(p - Start) < Digits)
        *Value = *Value << 4 | (ULONG)CmpHexDigit(*p++);
    return p > Start ? p : NULL;
}

/* Bytes xx,xx,... up to the end or a comment; in place over the text (each byte took at least two characters). */
static BOOLEAN CmpReadBytes(const WCHAR *p, const WCHAR *End, PUCHAR Out, PULONG Length)
{
    *Length = 0;
    for (;;) {
        ULONG Value;

        while (p < End && (CmpIsBlank(*p) || *p == ','))
            p++;
        if (p == End || *p == ';')
            return TRUE;
        p = CmpReadHex(p, End, 2, &Value);
        if (p == NULL)
            return FALSE;
        Out[(*Length)++] = (UCHAR)Value;
    }
}

static NTSTATUS CmpReadHexValue(PCMP_READER Reader, const WCHAR *Name, ULONG NameChars, const WCHAR *p)
{
    const WCHAR *End = Reader->Line + Reader->LineChars;
    ULONG Type = REG_BINARY;
    ULONG Length;

    if (p < End && *p == '(') {
        p = CmpReadHex(p + 1, End, 8, &Type);
        if (p == NULL || p == End || *p++ != ')')
            p = NULL;
    }
    if (p == NULL || p == End || *p != ':') {
        CmpBad(Reader, "a type of hex value is hex(NUMBER):");
        return STATUS_SUCCESS;
    }
    /* The bytes overwrite the text that was read already; the name lies before it. */
    if (!CmpReadBytes(p + 1, End, (PUCHAR)(Reader->Line + (p - Reader->Line)), &Length)) {
        CmpBad(Reader, "bytes are two hexadecimal digits with commas between them");
        return STATUS_SUCCESS;
    }
    return Reader->Sink->Value(Reader->Context, Name, NameChars, Type, p, Length);
}

static NTSTATUS CmpReadStringValue(PCMP_READER Reader, const WCHAR *Name, ULONG NameChars, PWCHAR p)
{
    PWCHAR String;
    ULONG Chars;

    if (!CmpReadQuoted(&p, Reader->Line + Reader->LineChars, &String, &Chars)) {
        CmpBad(Reader, "the string has no end");
        return STATUS_SUCCESS;
    }
    String[Chars] = 0;
    return Reader->Sink->Value(Reader->Context, Name, NameChars, REG_SZ, String, (Chars + 1) * sizeof(WCHAR));
}

static NTSTATUS CmpReadData(PCMP_READER Reader, const WCHAR *Name, ULONG NameChars, PWCHAR p)
{
    const WCHAR *End = Reader->Line + Reader->LineChars;
    const WCHAR *After;
    ULONG Number;

    if (p == End) {
        CmpBad(Reader, "the value has no data");
        return STATUS_SUCCESS;
    }
    if (*p == '"')
        return CmpReadStringValue(Reader, Name, NameChars, p);
    if (*p == '-')
        return Reader->Sink->DeleteValue(Reader->Context, Name, NameChars);
    if (CmpSamePrefix(p, End, "dword:", &After)) {
        if (CmpReadHex(After, End, 8, &Number) == NULL) {
            CmpBad(Reader, "a dword has one to eight hexadecimal digits");
            return STATUS_SUCCESS;
        }
        return Reader->Sink->Value(Reader->Context, Name, NameChars, REG_DWORD, &Number, sizeof(Number));
    }
    if (CmpSamePrefix(p, End, "hex", &After))
        return CmpReadHexValue(Reader, Name, NameChars, After);
    CmpBad(Reader, "the kind of data is not known");
    return STATUS_SUCCESS;
}

static NTSTATUS CmpReadValueLine(PCMP_READER Reader)
{
    PWCHAR p = Reader->Line;
    PWCHAR End = Reader->Line + Reader->LineChars;
    PWCHAR Name = p;
    ULONG NameChars = 0;

    if (*p == '@') {
        p++;
    } else if (*p != '"' || !CmpReadQuoted(&p, End, &Name, &NameChars)) {
        CmpBad(Reader, "neither key, value nor comment");
        return STATUS_SUCCESS;
    }
    while (p < End && CmpIsBlank(*p))
        p++;
    if (p >= End || *p++ != '=') {
        CmpBad(Reader, "a value has = after its name");
        return STATUS_SUCCESS;
    }
    while (p < End && CmpIsBlank(*p))
        p++;
    if (!Reader->HaveKey) {
        CmpBad(Reader, "a value before the first key");
        return STATUS_SUCCESS;
    }
    return Reader->SkipKey ? STATUS_SUCCESS : CmpReadData(Reader, Name, NameChars, p);
}

/*
 * "Windows Registry Editor Version 5.00" or "REGEDIT4" where the first text stands; anything else is a line like
 * others.
 */
static BOOLEAN CmpIsSignature(PCMP_READER Reader)
{
    const WCHAR *End = Reader->Line + Reader->LineChars;
    const WCHAR *After;

    return !Reader->HaveKey && (CmpSamePrefix(Reader->Line, End, "windows registry editor version 5", &After) ||
                                CmpSamePrefix(Reader->Line, End, "regedit4", &After));
}

NTSTATUS CmpReadRegistryText(const CM_TEXT_SINK *Sink, PVOID Context, const void *Text, SIZE_T LengthInBytes)
{
    CMP_READER Reader = { .Sink = Sink, .Context = Context };
    SIZE_T Chars;
    PWCHAR Wide = CmpToUtf16(Sink, Text, LengthInBytes, &Chars);
    NTSTATUS Status = STATUS_SUCCESS;

    if (Wide == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    /* No line is longer than the whole text. */
    Reader.Line = Sink->Allocate((min(Chars, CMP_MAXIMUM_LINE) + 2) * sizeof(WCHAR));
    if (Reader.Line == NULL)
        Status = STATUS_INSUFFICIENT_RESOURCES;
    Reader.Next = Wide;
    Reader.End = Wide + Chars;
    while (NT_SUCCESS(Status) && CmpNextLine(&Reader)) {
        if (Reader.LineChars == 0 || Reader.Line[0] == ';' || CmpIsSignature(&Reader))
            continue;
        Status = Reader.Line[0] == '[' ? CmpReadKeyLine(&Reader) : CmpReadValueLine(&Reader);
    }
    if (Reader.Line != NULL)
        Sink->Free(Reader.Line);
    Sink->Free(Wide);
    return Status;
}
