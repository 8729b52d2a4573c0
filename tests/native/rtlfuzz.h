/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of rtlfuzz: what a case is made of, and what is told of it (rtlfuzz.c); the routines, a file each family (rtlfuzz-FAMILY.c).
 *
 * A routine's case makes random input, calls the routine and tells all that it answers: told are values and bytes, no addresses.
 * All that is told goes into the routine's digest, which must be the same on every system.  What differs for a known reason is
 * not made, or not told, and the source says whose words that follows.
 */
#pragma once

#include "check.h"

typedef struct _FUZZ_ROUTINE {
    PCSTR Name;
    VOID (*Case)(VOID);
} FUZZ_ROUTINE;

/* Each ends with a row without a name. */
extern const FUZZ_ROUTINE StringRoutines[], NumberRoutines[], CRuntimeRoutines[], SecurityRoutines[], PathRoutines[];

/* --- random values ------------------------------------------------------------------------------------------------ */
ULONG64 Random64(VOID);
ULONG Below(ULONG Limit);
/* True once in Times calls. */
BOOLEAN Once(ULONG Times);
/* Often small, near a power of two, or near the end of the range. */
ULONG SomeUlong(VOID);
ULONG64 SomeUlong64(VOID);
VOID SomeBytes(PVOID Buffer, SIZE_T Length);
#define ONE_OF(Table) ((Table)[Below(ARRAYSIZE(Table))])

/* A character: mostly of ASCII; of all planes, halves of surrogates and what is unassigned now and then. */
WCHAR SomeChar(VOID);
/* At most Maximum characters, terminated by a zero (Buffer holds one more), of ASCII or any; the length. */
ULONG SomeText(PWSTR Buffer, ULONG Maximum);
ULONG SomeAscii(PSTR Buffer, ULONG Maximum);
/* The same of at most MaximumPieces of a table's pieces in a row, with a character changed, left out or added now and then. */
ULONG SomePieces(PWSTR Buffer, ULONG Maximum, const PCWSTR *Pieces, ULONG PieceCount, ULONG MaximumPieces);
#define SOME_PIECES(Buffer, Pieces, MaximumPieces) SomePieces(Buffer, ARRAYSIZE(Buffer) - 1, Pieces, ARRAYSIZE(Pieces), MaximumPieces)
/* The low bytes of a text, with its zero. */
VOID ToBytes(PSTR Buffer, PCWSTR Text, ULONG Length);

/* --- memory with nothing mapped behind; good until the end of the case --------------------------------------------- */
#define FUZZ_SLOT 0x10000
/* A copy of Length bytes. */
PVOID Input(const void *Bytes, SIZE_T Length);
/* Length bytes of a pattern. */
PVOID Output(SIZE_T Length);
/* Counted strings whose bytes end there. */
UNICODE_STRING InputUnicode(PCWSTR Text, ULONG Length);
STRING InputString(PCSTR Text, ULONG Length);
UNICODE_STRING OutputUnicode(ULONG MaximumLength);
STRING OutputString(ULONG MaximumLength);

/* --- telling ------------------------------------------------------------------------------------------------------- */
VOID Tell(PCSTR Name, ULONG64 Value);
VOID TellStatus(NTSTATUS Status);
VOID TellBytes(PCSTR Name, const void *Bytes, SIZE_T Length);
/* Text that a zero or Length ends; NULL is told as such. */
VOID TellText(PCSTR Name, PCWSTR Text, SIZE_T Length);
VOID TellUnicode(PCSTR Name, PCUNICODE_STRING String);
VOID TellString(PCSTR Name, const STRING *String);
/* -1, 0 or 1: of a comparison the sign alone is promised. */
VOID TellSign(PCSTR Name, LONG Value);
/* Where a pointer points, counted from Base; -1 for NULL. */
VOID TellPlace(PCSTR Name, const void *Place, const void *Base);

#define CASE(Routine) static VOID Case##Routine(VOID)
#define ROW(Routine) { #Routine, Case##Routine }
