/* SPDX-License-Identifier: BSD-2-Clause
 *
 * A Windows program that waits for control events, for the runner's test: "handle" ends with 7 at the first, "default" has no handler,
 * "ignore" goes on for ever.
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>

static HANDLE told;
static BOOL handles_all;

static BOOL WINAPI handler(DWORD event)
{
    printf("event %lu\n", event);
    fflush(stdout);
    if (!handles_all)
        SetEvent(told);
    return TRUE;
}

int main(int argc, char **argv)
{
    told = CreateEventA(NULL, TRUE, FALSE, NULL);
    handles_all = argc > 1 && strcmp(argv[1], "ignore") == 0;
    if (handles_all || (argc > 1 && strcmp(argv[1], "handle") == 0))
        SetConsoleCtrlHandler(handler, TRUE);
    printf("ready\n");
    fflush(stdout);
    WaitForSingleObject(told, INFINITE);
    printf("ended\n");
    return 7;
}
