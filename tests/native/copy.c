/* SPDX-License-Identifier: BSD-2-Clause
 *
 * No test: `copy N' copies N bytes from its standard input to its standard output, for tests/system/test_serial.py.
 */
#include "check.h"

static UCHAR Bytes[4096];

int wmain(int Count, PWSTR Arguments[])
{
    PRTL_USER_PROCESS_PARAMETERS Parameters = NtCurrentPeb()->ProcessParameters;
    ULONG Left = Count > 1 ? wcstoul(Arguments[1], NULL, 10) : 0;
    IO_STATUS_BLOCK IoStatus;
    NTSTATUS Status;

    while (Left != 0) {
        Status = NtReadFile(Parameters->StandardInput, NULL, NULL, NULL, &IoStatus, Bytes, min(Left, sizeof(Bytes)), NULL,
                            NULL);
        if (!NT_SUCCESS(Status) || IoStatus.Information == 0)
            return 2;
        Left -= (ULONG)IoStatus.Information;
        Status = NtWriteFile(Parameters->StandardOutput, NULL, NULL, NULL, &IoStatus, Bytes, (ULONG)IoStatus.Information, NULL,
                             NULL);
        if (!NT_SUCCESS(Status))
            return 3;
    }
    return 0;
}
