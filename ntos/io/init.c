/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of io: types and directories, the devices that are parts of ntos, the notifications of ends of processes and
 * threads.
 */
#include "ntos/io/iop.h"

static VOID IopProcessNotify(PEPROCESS Process, BOOLEAN Created)
{
    if (Created)
        return;
    IopConsoleProcessExit(Process);
    IopHostProcessExit(Process);
}

NTSTATUS IoInitSystem(VOID)
{
    NTSTATUS Status;

    Status = IopInitializeTypes();
    if (NT_SUCCESS(Status))
        Status = PsSetCreateProcessNotifyRoutine(IopProcessNotify);
    if (NT_SUCCESS(Status))
        Status = PsSetCreateThreadNotifyRoutine(IopThreadNotify);
    if (NT_SUCCESS(Status))
        Status = MemfsInitialize();
    if (NT_SUCCESS(Status))
        Status = CondrvInitialize();
    if (NT_SUCCESS(Status))
        Status = NpfsInitialize();
    if (NT_SUCCESS(Status))
        Status = MsfsInitialize();
    if (NT_SUCCESS(Status))
        Status = IopInitializeHosts();
    return Status;
}
