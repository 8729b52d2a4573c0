/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A reader for small XML documents (manifests): elements, attributes, text, namespaces.
 *
 * The document is UTF-16 in memory and is not copied: names and values point into it, entities not yet replaced
 * (RtlpXmlDecode does that).  Comments, processing instructions and declarations are skipped.
 */
#pragma once

#include "ntdllp.h"

#define XML_MAX_ATTRIBUTES 24
#define XML_MAX_DEPTH 32
#define XML_MAX_NAMESPACES 48

typedef struct _XML_TEXT {
    PCWSTR Start;
    SIZE_T Length;                      /* characters */
} XML_TEXT;

typedef enum _XML_EVENT { XML_START, XML_END, XML_CHARACTERS, XML_FINISHED, XML_ERROR } XML_EVENT;

typedef struct _XML_ATTRIBUTE {
    XML_TEXT Name;                      /* with its prefix */
    XML_TEXT Value;
} XML_ATTRIBUTE;

typedef struct _XML_READER {
    PCWSTR At;
    PCWSTR End;
    XML_TEXT Name;                      /* of the element of a start or end, without its prefix */
    XML_TEXT Namespace;                 /* of that element; Length 0: none */
    XML_TEXT Text;                      /* of XML_CHARACTERS */
    XML_ATTRIBUTE Attributes[XML_MAX_ATTRIBUTES];
    ULONG AttributeCount;
    ULONG Depth;                        /* open elements, the one of XML_START included */
    BOOLEAN EmptyElement;               /* its end follows at once */
    XML_TEXT Open[XML_MAX_DEPTH];       /* names with prefixes */
    struct { ULONG Depth; XML_TEXT Prefix; XML_TEXT Uri; } Namespaces[XML_MAX_NAMESPACES];
    ULONG NamespaceCount;
} XML_READER;

VOID RtlpXmlOpen(XML_READER *Reader, PCWSTR Text, SIZE_T Length);
XML_EVENT RtlpXmlNext(XML_READER *Reader);
/* NULL: the element has no such attribute. */
const XML_TEXT *RtlpXmlAttribute(const XML_READER *Reader, PCWSTR Name);
BOOLEAN RtlpXmlEqual(const XML_TEXT *Text, PCWSTR String);
/* Writes Text with its entities replaced and a closing zero to Buffer, which has room for Text->Length + 1 characters. */
VOID RtlpXmlDecode(const XML_TEXT *Text, PWSTR Buffer);
