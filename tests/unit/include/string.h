/* SPDX-License-Identifier: BSD-2-Clause */
/* The C string functions are declared by nt.h, under their new names. */
#pragma once
#include "nt.h"
