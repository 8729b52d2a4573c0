/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Files of hives, for tests that save and load them.
 */
#pragma once

#include "check.h"
#include "named.h"

static inline HANDLE OpenFile(PCWSTR Name, ULONG Disposition)
{
    IO_STATUS_BLOCK IoStatus;
    HANDLE File = NULL;

    CHECK_STATUS(STATUS_SUCCESS, NtCreateFile(&File, FILE_GENERIC_READ | FILE_GENERIC_WRITE, Named(NULL, Name), &IoStatus, NULL, 0, 0,
                                              Disposition, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0));
    return File;
}
