/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The terminal's output language: UTF-8 text with the control functions of a VT100 (ECMA-48, xterm's colours).
 */
#pragma once

#include "screen.h"

#define VT_MAX_PARAMETERS 16

typedef enum _VT_STATE { VtGround, VtEscape, VtEscapeIntermediate, VtCsi, VtString, VtStringEscape } VT_STATE;

typedef struct _VT_PARSER {
    VT_STATE State;
    UCHAR Prefix;                       /* '?' and its like in front of the parameters, else 0 */
    BOOLEAN IsIgnored;                  /* the sequence has intermediates: parsed, not obeyed */
    ULONG ParameterCount;
    USHORT Parameters[VT_MAX_PARAMETERS];
    ULONG CodePoint;                    /* UTF-8 character being collected */
    UCHAR BytesLeft;
    ULONG LowestCodePoint;              /* smaller ones are overlong forms */
} VT_PARSER, *PVT_PARSER;

/* Interprets bytes; a sequence may continue in the next call.  A parser that is all zeros is in its initial state. */
VOID VtWrite(PVT_PARSER Parser, PSCREEN Screen, const UCHAR *Bytes, SIZE_T Length);
