// SPDX-License-Identifier: BSD-2-Clause
// The smallest program: a line, its arguments, and the number of arguments as its exit status.
#include <stdio.h>

int main(int argc, char **argv)
{
    puts("Hello from a Windows program.");
    for (int i = 1; i < argc; i++)
        printf("%d: [%s]\n", i, argv[i]);
    return argc - 1;
}
