/* SPDX-License-Identifier: BSD-2-Clause
 *
 * From the command line to an argument vector, by the rules of Windows' C runtime.
 *
 * The program's name (the first word) has rules of its own: quotes only toggle, backslashes are plain characters.
 * Everything is built in one allocation: the vector first, the characters behind it.  No function here waits.
 */
#include "base/lib/native.h"

typedef struct _SPLITTER {
    PCWSTR Next;
    PCWSTR End;
    PWSTR Out;
} SPLITTER;

static BOOLEAN IsBlank(WCHAR Character)
{
    return Character == L' ' || Character == L'\t';
}

static VOID SkipBlanks(SPLITTER *Splitter)
{
    while (Splitter->Next < Splitter->End && IsBlank(*Splitter->Next))
        Splitter->Next++;
}

static VOID CopyProgramName(SPLITTER *Splitter)
{
    BOOLEAN Quoted = FALSE;

    for (; Splitter->Next < Splitter->End; Splitter->Next++) {
        if (*Splitter->Next == L'"')
            Quoted = !Quoted;
        else if (!Quoted && IsBlank(*Splitter->Next))
            break;
        else
            *Splitter->Out++ = *Splitter->Next;
    }
    *Splitter->Out++ = 0;
}

/* Backslashes are special only in front of a quote.  TRUE if the quote behind them is a literal one. */
static BOOLEAN CopyBackslashes(SPLITTER *Splitter)
{
    ULONG Count = 0;
    BOOLEAN BeforeQuote;

    for (; Splitter->Next < Splitter->End && *Splitter->Next == L'\\'; Splitter->Next++)
        Count++;
    BeforeQuote = Splitter->Next < Splitter->End && *Splitter->Next == L'"';
    for (ULONG i = 0; i < (BeforeQuote ? Count / 2 : Count); i++)
        *Splitter->Out++ = L'\\';
    return BeforeQuote && (Count & 1);
}

static VOID CopyArgument(SPLITTER *Splitter)
{
    BOOLEAN Quoted = FALSE;

    while (Splitter->Next < Splitter->End && (Quoted || !IsBlank(*Splitter->Next))) {
        BOOLEAN IsLiteral = CopyBackslashes(Splitter);

        if (Splitter->Next == Splitter->End || (!Quoted && IsBlank(*Splitter->Next)))
            break;
        if (*Splitter->Next == L'"' && !IsLiteral) {
            if (Quoted && Splitter->Next + 1 < Splitter->End && Splitter->Next[1] == L'"')
                *Splitter->Out++ = *Splitter->Next++;
            else
                Quoted = !Quoted;
        } else {
            *Splitter->Out++ = *Splitter->Next;
        }
        Splitter->Next++;
    }
    *Splitter->Out++ = 0;
}

PWSTR *SplitCommandLine(PCWSTR CommandLine, ULONG Length, int *ArgumentCount)
{
    /* Each argument takes a character and a separator at least, so there are at most Length / 2 + 1 of them. */
    SIZE_T MaximumCount = Length / 2 + 2;
    PWSTR *Vector = Allocate((MaximumCount + 1) * sizeof(PWSTR) + (Length + MaximumCount) * sizeof(WCHAR));
    SPLITTER Splitter = { CommandLine, CommandLine + Length, (PWSTR)(Vector + MaximumCount + 1) };
    int Count = 0;

    if (Vector == NULL)
        return NULL;
    Vector[Count++] = Splitter.Out;
    CopyProgramName(&Splitter);
    SkipBlanks(&Splitter);
    while (Splitter.Next < Splitter.End) {
        Vector[Count++] = Splitter.Out;
        CopyArgument(&Splitter);
        SkipBlanks(&Splitter);
    }
    *ArgumentCount = Count;
    return Vector;
}
