/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU set-up at boot.
 */
#pragma once

#include "kernel/include/types.h"

void initMSRs(void);
void protectKernel(void);
void forgetBootMappings(void);
void setBootTickHandler(bool_t on);
