/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What the log says of a process that ends by an exception.
 *
 * The program's ntdll reports a crash itself (ntdll/debug.c).  Where it cannot - the exception has no room on the stack, or
 * no handler may see it - the report is ntos's: the same first line, which whoever runs one program on a machine looks for.
 */
#include "psp.h"

VOID PspUnhandledException(PKTHREAD KThread, const EXCEPTION_RECORD *Record, const CONTEXT *Context)
{
    PETHREAD Thread = CONTAINING_RECORD(KThread, ETHREAD, Tcb);
    PEPROCESS Process = (PEPROCESS)KThread->OwningProcess;

    LogPrint("process %lu (%S) thread %lu: exception %08lx at %p, information %llx %llx, rsp %llx",
             (ULONG)(ULONG_PTR)Process->UniqueProcessId, Process->ImageName, (ULONG)(ULONG_PTR)Thread->Cid.UniqueThread,
             Record->ExceptionCode, Record->ExceptionAddress, Record->ExceptionInformation[0],
             Record->ExceptionInformation[1], Context->Rsp);
}

/* The last component. */
static UNICODE_STRING PspFileOf(const UNICODE_STRING *Path)
{
    UNICODE_STRING File = *Path;

    for (USHORT n = 0; n < Path->Length / sizeof(WCHAR); n++)
        if (Path->Buffer[n] == '\\') {
            File.Buffer = Path->Buffer + n + 1;
            File.Length = Path->Length - (n + 1) * sizeof(WCHAR);
        }
    return File;
}

VOID PspUndeliveredException(PKTHREAD Thread, const EXCEPTION_RECORD *Record, const CONTEXT *Context)
{
    PEPROCESS Process = (PEPROCESS)Thread->OwningProcess;
    POBJECT_NAME_INFORMATION Name = ExAllocatePoolWithTag(PagedPool, MM_IMAGE_NAME_SIZE, PSP_TAG);
    ULONG64 Address = (ULONG64)Record->ExceptionAddress, Base;

    PspUnhandledException(Thread, Record, Context);
    if (Name != NULL && MmQueryImageAt(&Process->Vm, Address, Name, &Base)) {
        UNICODE_STRING File = PspFileOf(&Name->Name);

        LogRaw("crash: %S: exception (%08lx) at %wZ+0x%llx", Process->ImageName, Record->ExceptionCode, &File, Address - Base);
    } else {
        LogRaw("crash: %S: exception (%08lx) at %p", Process->ImageName, Record->ExceptionCode, Record->ExceptionAddress);
    }
    if (Name != NULL)
        ExFreePool(Name);
}
