/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The table of commands, in the order in which help shows them.
 */
#include "ntcmd.h"

#define MANY 1000

const COMMAND Commands[] = {
    { L"help", L"help [COMMAND]", L"shows the commands", 1, 2, CommandHelp },
    { L"ver", L"ver", L"shows the version", 1, 1, CommandVersion },
    { L"echo", L"echo TEXT", L"prints the text", 1, MANY, CommandEcho },
    { L"cls", L"cls", L"clears the screen", 1, 1, CommandClear },
    { L"history", L"history", L"shows the lines entered so far", 1, 1, CommandHistory },
    { L"set", L"set [NAME[=VALUE]]", L"shows or sets environment variables", 1, MANY, CommandSet },
    { L"time", L"time", L"shows date and time", 1, 1, CommandTime },
    { L"dir", L"dir [DIRECTORY | PATTERN]", L"lists files", 1, 2, CommandListDirectory },
    { L"cd", L"cd [DIRECTORY]", L"changes the current directory, or shows it", 1, 2, CommandChangeDirectory },
    { L"pwd", L"pwd", L"shows the current directory", 1, 1, CommandPrintDirectory },
    { L"type", L"type FILE...", L"prints files", 2, MANY, CommandType, TRUE },
    { L"copy", L"copy FROM TO", L"copies a file", 3, 3, CommandCopy, TRUE },
    { L"move", L"move FROM TO", L"moves a file or directory", 3, 3, CommandMove },
    { L"ren", L"ren FROM NAME", L"renames a file or directory", 3, 3, CommandRename },
    { L"del", L"del FILE...", L"deletes files", 2, MANY, CommandDelete },
    { L"md", L"md DIRECTORY...", L"makes directories", 2, MANY, CommandMakeDirectory },
    { L"rd", L"rd DIRECTORY...", L"removes empty directories", 2, MANY, CommandRemoveDirectory },
    { L"mklink", L"mklink [/d | /j] LINK TARGET", L"makes a symbolic link (/d: to a directory) or a junction", 3, 4, CommandMakeLink },
    { L"lp", L"lp", L"lists the processes", 1, 1, CommandProcesses },
    { L"kill", L"kill PID...", L"ends processes", 2, MANY, CommandKill },
    { L"lm", L"lm", L"lists modules of this program and drivers", 1, 1, CommandModules },
    { L"objdir", L"objdir [\\PATH]", L"lists a directory of the object namespace", 1, 2, CommandObjects },
    { L"mem", L"mem", L"shows the use of memory", 1, 1, CommandMemory },
    { L"sysinfo", L"sysinfo", L"shows the machine and the system", 1, 1, CommandSystem },
    { L"reboot", L"reboot", L"starts the machine again", 1, 1, CommandReboot },
    { L"poweroff", L"poweroff", L"switches the machine off", 1, 1, CommandPowerOff },
    { L"exit", L"exit [STATUS]", L"ends this prompt", 1, 2, CommandExit },
};

const ULONG CommandCount = ARRAYSIZE(Commands);

const COMMAND *FindCommand(PCWSTR Name)
{
    for (ULONG i = 0; i < CommandCount; i++)
        if (_wcsicmp(Commands[i].Name, Name) == 0)
            return &Commands[i];
    return NULL;
}
