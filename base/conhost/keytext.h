/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Key events and text: what a terminal sends, turned into key events, and the text that a program reads of them.
 */
#pragma once

#include "layout.h"

#define KEY_MAX_TEXT 8                  /* UTF-16 units of one event */
#define KEY_MAX_SEQUENCE 16
#define KEY_MAX_EVENTS KEY_MAX_SEQUENCE /* of one byte */

/* The text of an event; IsVt: keys without a character send a terminal's sequences too.  Returns the number of units. */
ULONG KeyText(const KEY_EVENT_RECORD *Key, BOOLEAN IsVt, WCHAR Text[KEY_MAX_TEXT]);

/* A terminal's bytes.  All zeros: nothing has come. */
typedef struct _KEY_PARSER {
    ULONG SequenceLength;               /* bytes of an escape sequence so far */
    UCHAR Sequence[KEY_MAX_SEQUENCE];
    ULONG CodePoint;                    /* UTF-8 */
    ULONG BytesLeft;
    BOOLEAN WasCarriageReturn;
} KEY_PARSER, *PKEY_PARSER;

/* Feeds one byte; writes the keys that it completes, going down, and returns their number.  CR LF is one Enter; what is
 * no key's sequence comes as the characters it is made of. */
ULONG KeyParse(PKEY_PARSER Parser, UCHAR Byte, KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS]);

/* Whether a sequence has begun that may be no more than the Escape key; and the keys if nothing else comes. */
BOOLEAN KeyIsPending(const KEY_PARSER *Parser);
ULONG KeyGiveUp(PKEY_PARSER Parser, KEY_EVENT_RECORD Keys[KEY_MAX_EVENTS]);
