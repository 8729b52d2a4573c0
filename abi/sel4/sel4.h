/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Everything a root task needs of the kernel's ABI.  The task defines `seL4_IPCBuffer *__sel4_ipc_buffer`.
 */
#pragma once

#include "abi/sel4/bootinfo.h"
#include "abi/sel4/invocations.h"
#include "abi/sel4/labels.h"
#include "abi/sel4/syscalls.h"
#include "abi/sel4/types.h"
