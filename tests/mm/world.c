/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What mm and ldr need of the rest of ntos, as small as it can be: one process, handles that are pointers, output on
 * COM1.
 */
#include "tests/mm/test.h"
#include "ntos/inc/se.h"
#include "ntos/inc/io.h"
#include "ntos/inc/log.h"
#include "ntos/inc/dbgk.h"

seL4_IPCBuffer *__sel4_ipc_buffer;
PKTHREAD KiCurrentThread;
POBJECT_TYPE PsProcessType, IoFileObjectType;
EPROCESS TestProcess;
int TestPassed, TestFailed;

static ETHREAD TestThread;
static ULONG64 TestSerial, TestPower;

void TestOpenSerial(void)
{
    KiCurrentThread = &TestThread.Tcb;
    TestThread.Tcb.Process = TestThread.Tcb.OwningProcess = &TestProcess.Pcb;
    TestSerial = seL4_CapDomain + 1;
    /* Slots 12 and 13 of the initial CSpace are empty. */
    seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x3F8, 0x3FF, seL4_CapInitThreadCNode, 12, 64);
    seL4_X86_IOPortControl_Issue(seL4_CapIOPortControl, 0x501, 0x504, seL4_CapInitThreadCNode, 13, 64);
    TestSerial = 12;
    TestPower = 13;
}

void TestPowerOff(void)
{
    seL4_X86_IOPort_Out32(TestPower, 0x501, 0);
    for (;;)
        seL4_Yield();
}

void TestWrite(const char *Format, ...)
{
    char Line[300];
    va_list Arguments;
    int Index;

    va_start(Arguments, Format);
    _vsnprintf(Line, sizeof(Line) - 1, Format, Arguments);
    va_end(Arguments);
    Line[sizeof(Line) - 1] = 0;
    for (Index = 0; Line[Index] != 0; Index++)
        seL4_X86_IOPort_Out8(TestSerial, 0x3F8, (seL4_Uint8)Line[Index]);
}

void TestCheck(int Ok, const char *What, const char *File, int Line)
{
    if (Ok) {
        TestPassed++;
        return;
    }
    TestFailed++;
    TestWrite("FAILED %s:%d: %s\n", File, Line, What);
}

VOID LogPrint(const char *Format, ...)
{
}

VOID KeBugCheck(const char *Format, ...)
{
    TestWrite("*** STOP: %s\n", Format);
    TestPowerOff();
    for (;;) {
    }
}

/* ------------------------------------------------------------------ ob */

NTSTATUS ObCreateObjectType(PUNICODE_STRING TypeName, POBJECT_TYPE_INITIALIZER ObjectTypeInitializer, PVOID Reserved,
        POBJECT_TYPE *ObjectType)
{
    *ObjectType = ExAllocatePoolZero(PagedPool, sizeof(**ObjectType), 0);
    (*ObjectType)->TypeInfo = *ObjectTypeInitializer;
    return STATUS_SUCCESS;
}

NTSTATUS ObCreateObject(KPROCESSOR_MODE ProbeMode, POBJECT_TYPE ObjectType, POBJECT_ATTRIBUTES ObjectAttributes,
        KPROCESSOR_MODE OwnershipMode, PVOID ParseContext, ULONG ObjectBodySize, ULONG PagedPoolCharge,
        ULONG NonPagedPoolCharge, PVOID *Object)
{
    POBJECT_HEADER Header = ExAllocatePoolZero(PagedPool, sizeof(*Header) + ObjectBodySize, 0);

    if (Header == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Header->PointerCount = 1;
    Header->Type = ObjectType;
    *Object = Header + 1;
    return STATUS_SUCCESS;
}

VOID ObpDeleteLastReference(POBJECT_HEADER Header)
{
    Header->Type->TypeInfo.DeleteProcedure(Header + 1);
    ExFreePool(Header);
}

NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
        KPROCESSOR_MODE AccessMode, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation)
{
    return STATUS_INVALID_HANDLE;
}

BOOLEAN SeSinglePrivilegeCheck(LUID PrivilegeValue, KPROCESSOR_MODE PreviousMode)
{
    return TRUE;
}

NTSTATUS ObInsertObject(PVOID Object, PACCESS_STATE PassedAccessState, ACCESS_MASK DesiredAccess,
        ULONG ObjectPointerBias, PVOID *NewObject, PHANDLE Handle)
{
    return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS ObOpenUserObject(POBJECT_TYPE ObjectType, PHANDLE UserHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES ObjectAttributes)
{
    return STATUS_NOT_IMPLEMENTED;
}

NTSTATUS ObReturnHandle(NTSTATUS Status, HANDLE Handle, PHANDLE UserHandle)
{
    return Status;
}

NTSTATUS ObCloseHandle(HANDLE Handle, KPROCESSOR_MODE PreviousMode)
{
    return STATUS_INVALID_HANDLE;
}

NTSTATUS ObQueryNameString(PVOID Object, POBJECT_NAME_INFORMATION ObjectNameInfo, ULONG Length, PULONG ReturnLength)
{
    return STATUS_NOT_IMPLEMENTED;
}

PFILE_OBJECT TestOpenFile(PMM_SEGMENT Segment)
{
    static struct {
        OBJECT_HEADER Header;
        PMM_SEGMENT Segment;
    } Open = { .Header.PointerCount = 1 };

    Open.Segment = Segment;
    return (PFILE_OBJECT)&Open.Segment;
}

NTSTATUS IoGetFileSegment(PFILE_OBJECT FileObject, PMM_SEGMENT *Segment)
{
    *Segment = *(PMM_SEGMENT *)FileObject;
    MmReferenceSegment(*Segment);
    return STATUS_SUCCESS;
}

/* ------------------------------------------------------------------ ke: no services, so none whose allocations could fail */

BOOLEAN KeIsServiceInProgress(PKTHREAD Thread)
{
    return FALSE;
}

/* ------------------------------------------------------------------ ps: nothing is debugged here */

ULONG DbgkDebuggees;

VOID DbgkMapImage(PVOID Base)
{
}

VOID DbgkUnmapImage(PVOID Base)
{
}
