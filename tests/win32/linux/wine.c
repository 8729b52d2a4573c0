// SPDX-License-Identifier: BSD-2-Clause
// The first program of the Linux machine with Wine that ./bench.sh win32 compares with: Wine's server, which stays, a first program, so
// that the system processes that Wine starts by itself have started, then measure.exe; then the end of the machine.  The programs' output
// goes to a file first: for a terminal Wine would start a console.
#include <fcntl.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define WINE "/usr/lib/wine/"

static char *const environment[] = { "WINEPREFIX=/wine", "WINEDEBUG=-all", "HOME=/", "USER=root", "PATH=" WINE, "TZ=UTC", NULL };

static int Run(char *const words[])
{
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(open("/report", O_WRONLY | O_CREAT | O_TRUNC, 0666), 1);
        execve(words[0], words, environment);
        _exit(127);
    }
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void PrintReport(void)
{
    char bytes[4096];
    ssize_t count;
    int report = open("/report", O_RDONLY);

    while ((count = read(report, bytes, sizeof(bytes))) > 0)
        write(1, bytes, (size_t)count);
    tcdrain(1);
}

int main(void)
{
    mount("proc", "/proc", "proc", 0, NULL);
    mount("devtmpfs", "/dev", "devtmpfs", 0, NULL);
    chdir("/wine/drive_c/host");
    if (Run((char *[]){ WINE "wineserver", "-p", NULL }) || Run((char *[]){ WINE "wine64", "hello.exe", "first", NULL }) == 127 ||
        Run((char *[]){ WINE "wine64", "measure.exe", "measure.txt", NULL }))
        puts("Wine does not run");
    fflush(stdout);
    PrintReport();
    reboot(RB_POWER_OFF);
    return 0;
}
