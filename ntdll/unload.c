/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Unloading: which modules nobody needs any more, and their end.
 *
 * A module has as many uses as loads by calls and modules that import from it.  Modules that import each other in a circle
 * keep uses of each other for ever, so a use that is given back starts a look at everything that its module reaches: uses
 * that do not come from in there keep a module, and a module that is kept keeps its imports.  The others end together.
 *
 * The end: DLL_PROCESS_DETACH in the reverse order of initialisation, while all of them are still there; then they give
 * back the uses that they hold of modules that stay, and are unmapped.  An entry point may load and unload meanwhile: a
 * module that is ending is found, but no use keeps it, and nothing that stays can import from it.
 *
 * All under the loader lock.  Source: Microsoft, "DllMain" (DLL_PROCESS_DETACH), "FreeLibrary".
 */
#include "ntdllp.h"

/* A set of modules, linked by NextInSet. */
typedef struct _LDRP_SET {
    PLDRP_MODULE First, Last;
} LDRP_SET;

static VOID LdrpAppend(LDRP_SET *Set, PLDRP_MODULE Module)
{
    Module->NextInSet = NULL;
    *(Set->First == NULL ? &Set->First : &Set->Last->NextInSet) = Module;
    Set->Last = Module;
}

/* May the module end with others?  Only these are looked at. */
static BOOLEAN LdrpMayEnd(PLDRP_MODULE Module)
{
    return Module->Node.LoadCount != LDRP_PINNED && !Module->Ending;
}

/* What Module reaches, and how many uses of each come from in there. */
static LDRP_SET LdrpReachedFrom(PLDRP_MODULE Module)
{
    LDRP_SET Set = { NULL, NULL };

    Module->Reached = TRUE;
    Module->InnerUses = 0;
    LdrpAppend(&Set, Module);
    for (PLDRP_MODULE From = Module; From != NULL; From = From->NextInSet) {
        for (ULONG Index = 0; Index < From->ImportCount; Index++) {
            PLDRP_MODULE Imported = From->Imports[Index];

            if (!LdrpMayEnd(Imported))
                continue;
            if (!Imported->Reached) {
                Imported->Reached = TRUE;
                Imported->InnerUses = 0;
                LdrpAppend(&Set, Imported);
            }
            Imported->InnerUses++;
        }
    }
    return Set;
}

/* Takes the mark Reached from the modules of the set that are used from outside, and from all that they reach. */
static VOID LdrpKeepUsed(const LDRP_SET *Reached)
{
    PLDRP_MODULE Kept = NULL;

    for (PLDRP_MODULE Module = Reached->First; Module != NULL; Module = Module->NextInSet) {
        if (Module->Node.LoadCount == Module->InnerUses || !Module->Reached)
            continue;
        Module->Reached = FALSE;
        Module->NextKept = Kept;
        Kept = Module;
        while (Kept != NULL) {
            PLDRP_MODULE From = Kept;

            Kept = From->NextKept;
            for (ULONG Index = 0; Index < From->ImportCount; Index++) {
                if (!From->Imports[Index]->Reached)
                    continue;
                From->Imports[Index]->Reached = FALSE;
                From->Imports[Index]->NextKept = Kept;
                Kept = From->Imports[Index];
            }
        }
    }
}

/* Inserts by InitNumber, the last one first.  Most come in that order. */
static VOID LdrpInsertByNumber(LDRP_SET *Set, PLDRP_MODULE Module)
{
    PLDRP_MODULE *Place = &Set->First;

    if (Set->First == NULL || Set->Last->InitNumber >= Module->InitNumber) {
        LdrpAppend(Set, Module);
        return;
    }
    while ((*Place)->InitNumber >= Module->InitNumber)
        Place = &(*Place)->NextInSet;
    Module->NextInSet = *Place;
    *Place = Module;
}

/* The modules that end, in the order in which they do. */
static LDRP_SET LdrpFindUnused(PLDRP_MODULE Module)
{
    LDRP_SET Reached = LdrpReachedFrom(Module), Unused = { NULL, NULL };
    PLDRP_MODULE Next;

    LdrpKeepUsed(&Reached);
    for (Module = Reached.First; Module != NULL; Module = Next) {
        Next = Module->NextInSet;
        if (!Module->Reached)
            continue;
        Module->Reached = FALSE;
        Module->Ending = TRUE;
        LdrpInsertByNumber(&Unused, Module);
    }
    return Unused;
}

static VOID LdrpDetach(PLDRP_MODULE Module)
{
    if (Module->Entry.Flags & LDRP_PROCESS_ATTACH_CALLED) {
        Module->Entry.Flags &= ~LDRP_PROCESS_ATTACH_CALLED;
        LdrpCallEntry(Module, DLL_PROCESS_DETACH, NULL);
    }
    LdrpNotifyOfModule(Module, LDR_DLL_NOTIFICATION_REASON_UNLOADED);
}

static VOID LdrpUnmap(PLDRP_MODULE Module)
{
    PVOID Base = Module->Entry.DllBase;

    LdrpRemoveTls(Module);
    LdrpRemoveModule(Module);
    NtUnmapViewOfSection(NtCurrentProcess(), Base);
}

static VOID LdrpEnd(const LDRP_SET *Unused)
{
    PLDRP_MODULE Next;

    for (PLDRP_MODULE Module = Unused->First; Module != NULL; Module = Module->NextInSet)
        Module->Node.State = LdrModulesUnloading;
    for (PLDRP_MODULE Module = Unused->First; Module != NULL; Module = Module->NextInSet)
        LdrpDetach(Module);
    for (PLDRP_MODULE Module = Unused->First; Module != NULL; Module = Module->NextInSet)
        while (Module->ImportCount != 0)
            LdrpDereference(Module->Imports[--Module->ImportCount]);
    for (PLDRP_MODULE Module = Unused->First; Module != NULL; Module = Next) {
        Next = Module->NextInSet;
        LdrpUnmap(Module);
    }
}

VOID LdrpSetUses(PLDRP_MODULE Module, ULONG Uses)
{
    Module->Node.LoadCount = Uses;
    Module->Entry.ObsoleteLoadCount = (USHORT)min(Uses, 0xffff);
}

VOID LdrpReference(PLDRP_MODULE Module)
{
    if (Module->Node.LoadCount != LDRP_PINNED)
        LdrpSetUses(Module, Module->Node.LoadCount + 1);
}

/* Gives one use back of a module that has another one for sure. */
VOID LdrpDropUse(PLDRP_MODULE Module)
{
    if (Module->Node.LoadCount != LDRP_PINNED)
        LdrpSetUses(Module, Module->Node.LoadCount - 1);
}

/* Gives one use back, and unloads what nobody needs without it. */
VOID LdrpDereference(PLDRP_MODULE Module)
{
    LDRP_SET Unused;

    if (Module->Node.LoadCount == LDRP_PINNED || Module->Node.LoadCount == 0)
        return;
    LdrpDropUse(Module);
    if (Module->Ending)
        return;
    Unused = LdrpFindUnused(Module);
    LdrpEnd(&Unused);
}
