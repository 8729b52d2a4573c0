/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parts of the session manager say to one another.
 */
#pragma once

#include "base/lib/process.h"

/* registry.c: values of the Session Manager key and its neighbours */
#define CONTROL_KEY L"\\Registry\\Machine\\System\\CurrentControlSet\\Control"
#define SESSION_MANAGER_KEY CONTROL_KEY L"\\Session Manager"

/* The text of a REG_SZ or REG_EXPAND_SZ value, to be freed with Free; NULL if there is none. */
PWSTR ReadText(PCWSTR KeyName, PCWSTR ValueName);

/* Sets a variable of this process, which its children inherit, for each value of the key. */
VOID LoadEnvironment(PCWSTR KeyName);

/* console.c: the terminal and its shell; never returns */
VOID RunConsole(VOID);

/* A console and its terminal for a program that is attached through *Reference; *Server is its server side, an asynchronous
 * handle. */
NTSTATUS StartTerminal(PHANDLE Server, PHANDLE Reference);

/* runner.c: one program instead of a shell; powers off */
VOID RunProgram(PCWSTR CommandLine);

/* main.c: a line for the log */
VOID Report(PCWSTR Format, ...);
