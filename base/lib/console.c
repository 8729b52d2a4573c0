/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Console requests of programs (console.h): one ioctl each, answered by ntos or the terminal.  All may wait.
 */
#include "base/lib/console.h"

static NTSTATUS Control(HANDLE Console, ULONG Code, PVOID Input, ULONG InputLength, PVOID Output, ULONG OutputLength)
{
    IO_STATUS_BLOCK IoStatus = { 0 };
    NTSTATUS Status = NtDeviceIoControlFile(Console, NULL, NULL, NULL, &IoStatus, Code, Input, InputLength, Output,
            OutputLength);

    if (Status == STATUS_PENDING) {
        NtWaitForSingleObject(Console, FALSE, NULL);
        Status = IoStatus.Status;
    }
    return Status;
}

NTSTATUS ConsoleGetMode(HANDLE Console, PULONG Mode)
{
    *Mode = 0;
    return Control(Console, IOCTL_CONDRV_GET_MODE, NULL, 0, Mode, sizeof(*Mode));
}

NTSTATUS ConsoleSetMode(HANDLE Console, ULONG Mode)
{
    return Control(Console, IOCTL_CONDRV_SET_MODE, &Mode, sizeof(Mode), NULL, 0);
}

NTSTATUS ConsoleGetSize(HANDLE Console, CONDRV_SCREEN_SIZE *Size)
{
    *Size = (CONDRV_SCREEN_SIZE){ .Columns = 80, .Rows = 25 };
    return Control(Console, IOCTL_CONDRV_GET_SCREEN_SIZE, NULL, 0, Size, sizeof(*Size));
}

NTSTATUS ConsoleHandleControl(HANDLE Console, BOOLEAN Handle)
{
    ULONG Value = Handle;

    return Control(Console, IOCTL_CONDRV_SET_CONTROL_HANDLING, &Value, sizeof(Value), NULL, 0);
}
