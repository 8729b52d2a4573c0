/* SPDX-License-Identifier: BSD-2-Clause */
/* Stands for the kernel's link address on the host. */
#pragma once

extern char hostImage[0x200000];
