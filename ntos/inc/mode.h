/* SPDX-License-Identifier: BSD-2-Clause
 *
 * KPROCESSOR_MODE: whose pointer an argument is.  UserMode pointers are addresses in the current process and are
 * touched only through mm's user copies; KernelMode pointers are ntos's own and trusted.
 */
#pragma once

#include "nt.h"

typedef CCHAR KPROCESSOR_MODE;
typedef enum _MODE { KernelMode, UserMode, MaximumMode } MODE;
