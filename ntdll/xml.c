/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The XML reader of xml.h.  Source: XML 1.0 and Namespaces in XML 1.0 (W3C), without document types.
 */
#include "xml.h"

static BOOLEAN RtlpXmlIsBlank(WCHAR Character)
{
    return Character == ' ' || Character == '\t' || Character == '\r' || Character == '\n';
}

static BOOLEAN RtlpXmlIsName(WCHAR Character)
{
    return (Character >= 'a' && Character <= 'z') || (Character >= 'A' && Character <= 'Z') ||
           (Character >= '0' && Character <= '9') || Character == '_' || Character == '-' || Character == '.' ||
           Character == ':' || Character >= 0x80;
}

BOOLEAN RtlpXmlEqual(const XML_TEXT *Text, PCWSTR String)
{
    return wcslen(String) == Text->Length && wcsncmp(Text->Start, String, Text->Length) == 0;
}

static BOOLEAN RtlpXmlSame(const XML_TEXT *Left, const XML_TEXT *Right)
{
    return Left->Length == Right->Length &&
           (Left->Length == 0 || memcmp(Left->Start, Right->Start, Left->Length * sizeof(WCHAR)) == 0);
}

VOID RtlpXmlOpen(XML_READER *Reader, PCWSTR Text, SIZE_T Length)
{
    Reader->At = Text;
    Reader->End = Text + Length;
    Reader->AttributeCount = Reader->Depth = Reader->NamespaceCount = 0;
    Reader->EmptyElement = FALSE;
}

const XML_TEXT *RtlpXmlAttribute(const XML_READER *Reader, PCWSTR Name)
{
    for (ULONG Index = 0; Index < Reader->AttributeCount; Index++)
        if (RtlpXmlEqual(&Reader->Attributes[Index].Name, Name))
            return &Reader->Attributes[Index].Value;
    return NULL;
}

static VOID RtlpXmlSkipBlanks(XML_READER *Reader)
{
    while (Reader->At < Reader->End && RtlpXmlIsBlank(*Reader->At))
        Reader->At++;
}

static BOOLEAN RtlpXmlStartsWith(const XML_READER *Reader, PCWSTR String)
{
    SIZE_T Length = wcslen(String);

    return (SIZE_T)(Reader->End - Reader->At) >= Length && wcsncmp(Reader->At, String, Length) == 0;
}

/* Goes behind the next String; FALSE: there is none. */
static BOOLEAN RtlpXmlSkipPast(XML_READER *Reader, PCWSTR String)
{
    for (; Reader->At < Reader->End; Reader->At++) {
        if (RtlpXmlStartsWith(Reader, String)) {
            Reader->At += wcslen(String);
            return TRUE;
        }
    }
    return FALSE;
}

static BOOLEAN RtlpXmlName(XML_READER *Reader, XML_TEXT *Name)
{
    Name->Start = Reader->At;
    while (Reader->At < Reader->End && RtlpXmlIsName(*Reader->At))
        Reader->At++;
    Name->Length = (SIZE_T)(Reader->At - Name->Start);
    return Name->Length != 0;
}

/* --- namespaces -------------------------------------------------------------------------------------------------- */

/* Splits a name at its colon; *Prefix is empty if there is none. */
static VOID RtlpXmlSplit(const XML_TEXT *Name, XML_TEXT *Prefix, XML_TEXT *Local)
{
    *Prefix = (XML_TEXT){ Name->Start, 0 };
    *Local = *Name;
    for (SIZE_T Index = 0; Index < Name->Length; Index++) {
        if (Name->Start[Index] == ':') {
            Prefix->Length = Index;
            *Local = (XML_TEXT){ Name->Start + Index + 1, Name->Length - Index - 1 };
            return;
        }
    }
}

static BOOLEAN RtlpXmlDeclareNamespace(XML_READER *Reader, const XML_ATTRIBUTE *Attribute)
{
    XML_TEXT Prefix, Local;

    RtlpXmlSplit(&Attribute->Name, &Prefix, &Local);
    if (RtlpXmlEqual(&Attribute->Name, L"xmlns"))
        Local.Length = 0;
    else if (!RtlpXmlEqual(&Prefix, L"xmlns"))
        return TRUE;
    if (Reader->NamespaceCount == XML_MAX_NAMESPACES)
        return FALSE;
    Reader->Namespaces[Reader->NamespaceCount].Depth = Reader->Depth;
    Reader->Namespaces[Reader->NamespaceCount].Prefix = Local;
    Reader->Namespaces[Reader->NamespaceCount++].Uri = Attribute->Value;
    return TRUE;
}

/* Sets Name and Namespace from a name with its prefix. */
static VOID RtlpXmlResolve(XML_READER *Reader, const XML_TEXT *Qualified)
{
    XML_TEXT Prefix;

    RtlpXmlSplit(Qualified, &Prefix, &Reader->Name);
    Reader->Namespace = (XML_TEXT){ Qualified->Start, 0 };
    for (ULONG Index = Reader->NamespaceCount; Index > 0; Index--) {
        if (RtlpXmlSame(&Reader->Namespaces[Index - 1].Prefix, &Prefix)) {
            Reader->Namespace = Reader->Namespaces[Index - 1].Uri;
            return;
        }
    }
}

/* --- elements ---------------------------------------------------------------------------------------------------- */

static XML_EVENT RtlpXmlEndElement(XML_READER *Reader)
{
    if (Reader->Depth == 0)
        return XML_ERROR;
    RtlpXmlResolve(Reader, &Reader->Open[Reader->Depth - 1]);
    while (Reader->NamespaceCount > 0 && Reader->Namespaces[Reader->NamespaceCount - 1].Depth == Reader->Depth)
        Reader->NamespaceCount--;
    Reader->Depth--;
    Reader->AttributeCount = 0;
    return XML_END;
}

static XML_EVENT RtlpXmlEndTag(XML_READER *Reader)
{
    XML_TEXT Name;

    Reader->At += 2;
    if (!RtlpXmlName(Reader, &Name))
        return XML_ERROR;
    RtlpXmlSkipBlanks(Reader);
    if (!RtlpXmlStartsWith(Reader, L">") || Reader->Depth == 0 ||
        !RtlpXmlSame(&Name, &Reader->Open[Reader->Depth - 1]))
        return XML_ERROR;
    Reader->At++;
    return RtlpXmlEndElement(Reader);
}

static BOOLEAN RtlpXmlReadAttribute(XML_READER *Reader)
{
    XML_ATTRIBUTE *Attribute = &Reader->Attributes[Reader->AttributeCount];
    WCHAR Quote;

    if (Reader->AttributeCount == XML_MAX_ATTRIBUTES || !RtlpXmlName(Reader, &Attribute->Name))
        return FALSE;
    RtlpXmlSkipBlanks(Reader);
    if (!RtlpXmlStartsWith(Reader, L"="))
        return FALSE;
    Reader->At++;
    RtlpXmlSkipBlanks(Reader);
    if (Reader->At >= Reader->End || (*Reader->At != '"' && *Reader->At != '\''))
        return FALSE;
    Quote = *Reader->At++;
    Attribute->Value.Start = Reader->At;
    while (Reader->At < Reader->End && *Reader->At != Quote && *Reader->At != '<')
        Reader->At++;
    Attribute->Value.Length = (SIZE_T)(Reader->At - Attribute->Value.Start);
    if (Reader->At >= Reader->End || *Reader->At != Quote)
        return FALSE;
    Reader->At++;
    Reader->AttributeCount++;
    return RtlpXmlDeclareNamespace(Reader, Attribute);
}

static XML_EVENT RtlpXmlStartTag(XML_READER *Reader)
{
    XML_TEXT Name;

    Reader->At++;
    Reader->AttributeCount = 0;
    if (Reader->Depth == XML_MAX_DEPTH || !RtlpXmlName(Reader, &Name))
        return XML_ERROR;
    Reader->Open[Reader->Depth++] = Name;
    for (;;) {
        RtlpXmlSkipBlanks(Reader);
        if (RtlpXmlStartsWith(Reader, L">") || RtlpXmlStartsWith(Reader, L"/>"))
            break;
        if (!RtlpXmlReadAttribute(Reader))
            return XML_ERROR;
    }
    Reader->EmptyElement = *Reader->At == '/';
    Reader->At += Reader->EmptyElement ? 2 : 1;
    RtlpXmlResolve(Reader, &Name);
    return XML_START;
}

static XML_EVENT RtlpXmlCharacters(XML_READER *Reader)
{
    Reader->Text.Start = Reader->At;
    while (Reader->At < Reader->End && *Reader->At != '<')
        Reader->At++;
    Reader->Text.Length = (SIZE_T)(Reader->At - Reader->Text.Start);
    return XML_CHARACTERS;
}

static XML_EVENT RtlpXmlCData(XML_READER *Reader)
{
    Reader->At += wcslen(L"<![CDATA[");
    Reader->Text.Start = Reader->At;
    if (!RtlpXmlSkipPast(Reader, L"]]>"))
        return XML_ERROR;
    Reader->Text.Length = (SIZE_T)(Reader->At - Reader->Text.Start) - 3;
    return XML_CHARACTERS;
}

/* The next piece of the document.  XML_ERROR: it is not well formed, or larger than the limits above. */
XML_EVENT RtlpXmlNext(XML_READER *Reader)
{
    if (Reader->EmptyElement) {
        Reader->EmptyElement = FALSE;
        return RtlpXmlEndElement(Reader);
    }
    while (Reader->At < Reader->End) {
        if (*Reader->At != '<')
            return RtlpXmlCharacters(Reader);
        if (RtlpXmlStartsWith(Reader, L"<![CDATA["))
            return RtlpXmlCData(Reader);
        if (RtlpXmlStartsWith(Reader, L"</"))
            return RtlpXmlEndTag(Reader);
        if (!RtlpXmlStartsWith(Reader, L"<?") && !RtlpXmlStartsWith(Reader, L"<!"))
            return RtlpXmlStartTag(Reader);
        if (!RtlpXmlSkipPast(Reader, RtlpXmlStartsWith(Reader, L"<!--") ? L"-->" : L">"))
            return XML_ERROR;
    }
    return Reader->Depth == 0 ? XML_FINISHED : XML_ERROR;
}

/* --- entities ---------------------------------------------------------------------------------------------------- */

/* Length of the entity at Text (0: none), and what it stands for. */
static SIZE_T RtlpXmlEntity(PCWSTR Text, SIZE_T Room, PWCHAR Character)
{
    static const struct { PCWSTR Name; WCHAR Character; } Entities[] = {
        { L"&amp;", '&' }, { L"&lt;", '<' }, { L"&gt;", '>' }, { L"&quot;", '"' }, { L"&apos;", '\'' },
    };
    SIZE_T Length = 2;
    ULONG Value = 0, Base = 10, Digit;

    for (ULONG Index = 0; Index < ARRAYSIZE(Entities); Index++) {
        SIZE_T NameLength = wcslen(Entities[Index].Name);

        if (NameLength <= Room && wcsncmp(Text, Entities[Index].Name, NameLength) == 0) {
            *Character = Entities[Index].Character;
            return NameLength;
        }
    }
    if (Room < 4 || Text[1] != '#')
        return 0;
    if (Text[2] == 'x') {
        Base = 16;
        Length = 3;
    }
    for (; Length < Room && Text[Length] != ';'; Length++) {
        Digit = Text[Length] >= 'a' ? Text[Length] - 'a' + 10u : Text[Length] >= 'A' ? Text[Length] - 'A' + 10u
                : Text[Length] - (ULONG)'0';
        if (Digit >= Base || Value > 0xffff)
            return 0;
        Value = Value * Base + Digit;
    }
    *Character = (WCHAR)Value;
    return Length < Room && Value <= 0xffff ? Length + 1 : 0;
}

VOID RtlpXmlDecode(const XML_TEXT *Text, PWSTR Buffer)
{
    for (SIZE_T Index = 0; Index < Text->Length;) {
        SIZE_T Entity = 0;

        if (Text->Start[Index] == '&')
            Entity = RtlpXmlEntity(Text->Start + Index, Text->Length - Index, Buffer);
        if (Entity == 0)
            *Buffer = Text->Start[Index];
        Buffer++;
        Index += Entity != 0 ? Entity : 1;
    }
    *Buffer = 0;
}
