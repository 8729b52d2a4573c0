// SPDX-License-Identifier: BSD-2-Clause
// What the C test programs share: one line for each fact, whose text is the same wherever the program runs.
#pragma once
#include <stdio.h>

// Prints a fact. Facts are compared with those of the reference system: addresses, times and handles do not belong in them.
#define SHOW(format, ...) printf("%-24s " format "\n", __func__, __VA_ARGS__)
#define YES(what) SHOW("%s: %s", #what, (what) ? "yes" : "no")
