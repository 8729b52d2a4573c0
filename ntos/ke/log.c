/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The log: COM3 and a ring in memory (ntos/inc/log.h).
 */
#include "kep.h"
#include "ntos/inc/hal.h"
#include "rtl.h"
#include <stdarg.h>

static char KipRing[LOG_RING_SIZE];
static ULONG64 KipRingEnd;              /* bytes ever written */

static VOID KipLog(const char *Text, SIZE_T Length)
{
    for (SIZE_T i = 0; i < Length; i++)
        KipRing[KipRingEnd++ % LOG_RING_SIZE] = Text[i];
    HalSerialWrite(3, Text, Length);
}

static SIZE_T KipFormat(char *Text, SIZE_T Size, const char *Prefix, const char *Format, va_list Arguments)
{
    SIZE_T Length = strlen(Prefix);
    int Written;

    memcpy(Text, Prefix, Length);
    Written = _vsnprintf(Text + Length, Size - Length - 1, Format, Arguments);
    Length = Written < 0 || (SIZE_T)Written > Size - Length - 1 ? Size - 1 : Length + (SIZE_T)Written;
    Text[Length++] = '\n';
    return Length;
}

VOID LogPrint(const char *Format, ...)
{
    char Text[400];
    va_list Arguments;

    va_start(Arguments, Format);
    KipLog(Text, KipFormat(Text, sizeof(Text), "ntos: ", Format, Arguments));
    va_end(Arguments);
}

VOID LogRaw(const char *Format, ...)
{
    char Text[400];
    va_list Arguments;

    va_start(Arguments, Format);
    KipLog(Text, KipFormat(Text, sizeof(Text), "", Format, Arguments));
    va_end(Arguments);
}

VOID LogConsole(const char *Format, ...)
{
    char Text[400];
    va_list Arguments;
    SIZE_T Length;

    va_start(Arguments, Format);
    Length = KipFormat(Text, sizeof(Text), "", Format, Arguments);
    va_end(Arguments);
    HalSerialWrite(1, Text, Length);
    KipLog(Text, Length);
}

VOID LogWrite(const char *Text, SIZE_T Length)
{
    char Clean[64];

    while (Length != 0) {
        SIZE_T n = Length < sizeof(Clean) ? Length : sizeof(Clean);

        for (SIZE_T i = 0; i < n; i++)
            Clean[i] = (UCHAR)Text[i] >= ' ' || Text[i] == '\n' || Text[i] == '\t' ? Text[i]
                       : Text[i] == '\r' ? ' ' : '?';
        KipLog(Clean, n);
        Text += n;
        Length -= n;
    }
}

SIZE_T LogReadRing(PVOID Buffer, SIZE_T Length)
{
    SIZE_T Available = KipRingEnd < LOG_RING_SIZE ? (SIZE_T)KipRingEnd : LOG_RING_SIZE;

    if (Length > Available)
        Length = Available;
    for (SIZE_T i = 0; i < Length; i++)
        ((char *)Buffer)[i] = KipRing[(KipRingEnd - Available + i) % LOG_RING_SIZE];
    return Length;
}
