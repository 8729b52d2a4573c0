/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The prompt: what its parts share.  commands.c has the table of commands; a command is one function in the file of its
 * group, which prints its own errors as one line `command: cause'.
 */
#pragma once

#include "base/lib/console.h"
#include "base/lib/process.h"
#include "edit.h"

#define MAX_PATH_CHARACTERS 1024

/* A command line: Words[0] is the command; Tail is the text behind it as it was typed, without blanks in front. */
typedef struct _COMMAND_LINE {
    PCWSTR Text;
    PCWSTR Tail;
    int WordCount;
    PWSTR *Words;
} COMMAND_LINE, *PCOMMAND_LINE;

typedef struct _COMMAND {
    PCWSTR Name;
    PCWSTR Usage;
    PCWSTR Help;
    int MinimumWords;           /* with the command itself */
    int MaximumWords;
    VOID (*Function)(const COMMAND_LINE *Line);
    BOOLEAN IsApart;            /* may read a device for ever: runs in a process of its own, for Ctrl+C */
} COMMAND;

extern const COMMAND Commands[];
extern const ULONG CommandCount;

/* The command of that name, case ignored, or NULL. */
const COMMAND *FindCommand(PCWSTR Name);

/* --- main.c --------------------------------------------------------------------------------------------------- */
extern EDITOR Editor;

/* "command: subject: cause". */
VOID Complain(PCWSTR Command, PCWSTR Subject, NTSTATUS Status);

/* Decimal, 0x... or 0...; FALSE if the text is anything else. */
BOOLEAN ParseNumber(PCWSTR Text, PULONG Number);

/* --- run.c ---------------------------------------------------------------------------------------------------- */
/* Runs the program that the line's first word names and waits for it. */
VOID RunProgram(const COMMAND_LINE *Line);

/* Runs the line's command in another ntcmd (`ntcmd /c LINE') and waits for it. */
VOID RunApart(const COMMAND_LINE *Line);

/* --- redirect.c ----------------------------------------------------------------------------------------------- */
typedef struct _REDIRECTION {
    HANDLE Input;               /* the handles to return to */
    HANDLE Output;
} REDIRECTION, *PREDIRECTION;

/* Carries out what Text asks for and blanks it out of Text.  FALSE: it said why not, and nothing is changed. */
BOOLEAN BeginRedirection(PWSTR Text, PREDIRECTION Redirection);
VOID EndRedirection(const REDIRECTION *Redirection);

/* --- complete.c ----------------------------------------------------------------------------------------------- */
/* Completes the word at the cursor, or lists what it could become.  TRUE if it printed: a new prompt is needed. */
BOOLEAN CompleteWord(PEDITOR Line);

/* --- directory.c ---------------------------------------------------------------------------------------------- */
/* Calls Visit for each entry of Directory that matches Pattern (NULL: all), until it returns FALSE. */
typedef BOOLEAN (*VISIT_ENTRY)(PVOID Context, const FILE_BOTH_DIR_INFORMATION *Entry);
NTSTATUS VisitDirectory(PCWSTR Directory, PCWSTR Pattern, VISIT_ENTRY Visit, PVOID Context);

/* --- links.c -------------------------------------------------------------------------------------------------- */
/* What a listing says of a link instead of its size, or NULL. */
PCWSTR LinkKind(const FILE_BOTH_DIR_INFORMATION *Entry);
/* " [target]" of the link Name in Directory; nothing if it cannot be read. */
VOID PrintLinkTarget(PCWSTR Directory, PCUNICODE_STRING Name);

/* --- commands ------------------------------------------------------------------------------------------------- */
VOID CommandHelp(const COMMAND_LINE *Line);
VOID CommandVersion(const COMMAND_LINE *Line);
VOID CommandEcho(const COMMAND_LINE *Line);
VOID CommandClear(const COMMAND_LINE *Line);
VOID CommandHistory(const COMMAND_LINE *Line);
VOID CommandSet(const COMMAND_LINE *Line);
VOID CommandTime(const COMMAND_LINE *Line);
VOID CommandExit(const COMMAND_LINE *Line);
VOID CommandChangeDirectory(const COMMAND_LINE *Line);
VOID CommandPrintDirectory(const COMMAND_LINE *Line);
VOID CommandListDirectory(const COMMAND_LINE *Line);
VOID CommandType(const COMMAND_LINE *Line);
VOID CommandCopy(const COMMAND_LINE *Line);
VOID CommandDelete(const COMMAND_LINE *Line);
VOID CommandMakeDirectory(const COMMAND_LINE *Line);
VOID CommandRemoveDirectory(const COMMAND_LINE *Line);
VOID CommandMakeLink(const COMMAND_LINE *Line);
VOID CommandMove(const COMMAND_LINE *Line);
VOID CommandRename(const COMMAND_LINE *Line);
VOID CommandProcesses(const COMMAND_LINE *Line);
VOID CommandModules(const COMMAND_LINE *Line);
VOID CommandObjects(const COMMAND_LINE *Line);
VOID CommandMemory(const COMMAND_LINE *Line);
VOID CommandSystem(const COMMAND_LINE *Line);
VOID CommandKill(const COMMAND_LINE *Line);
VOID CommandReboot(const COMMAND_LINE *Line);
VOID CommandPowerOff(const COMMAND_LINE *Line);
