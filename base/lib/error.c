/* SPDX-License-Identifier: BSD-2-Clause
 *
 * What to say to a user about a status: one short clause each, in lower case, for the codes that a command or a
 * program start can run into.  A code that is not in the table is shown as a number.
 */
#include "base/lib/native.h"

static const struct {
    NTSTATUS Status;
    PCWSTR Text;
} StatusTexts[] = {
    { STATUS_SUCCESS, L"success" },
    { STATUS_TIMEOUT, L"timed out" },
    { STATUS_PENDING, L"operation is pending" },
    { STATUS_NO_MORE_FILES, L"no more files" },
    { STATUS_BUFFER_OVERFLOW, L"buffer too small for all data" },
    { STATUS_UNSUCCESSFUL, L"operation failed" },
    { STATUS_NOT_IMPLEMENTED, L"not implemented" },
    { STATUS_INVALID_INFO_CLASS, L"information class not known" },
    { STATUS_INFO_LENGTH_MISMATCH, L"information has another size" },
    { STATUS_ACCESS_VIOLATION, L"access violation" },
    { STATUS_IN_PAGE_ERROR, L"page could not be read" },
    { STATUS_INVALID_HANDLE, L"invalid handle" },
    { STATUS_INVALID_CID, L"no such process or thread" },
    { STATUS_INVALID_PARAMETER, L"invalid parameter" },
    { STATUS_NO_SUCH_DEVICE, L"no such device" },
    { STATUS_NO_SUCH_FILE, L"file not found" },
    { STATUS_INVALID_DEVICE_REQUEST, L"not supported by the device" },
    { STATUS_END_OF_FILE, L"end of file" },
    { STATUS_NO_MEMORY, L"out of memory" },
    { STATUS_CONFLICTING_ADDRESSES, L"address range is in use" },
    { STATUS_ILLEGAL_INSTRUCTION, L"illegal instruction" },
    { STATUS_ACCESS_DENIED, L"access denied" },
    { STATUS_BUFFER_TOO_SMALL, L"buffer too small" },
    { STATUS_OBJECT_TYPE_MISMATCH, L"object has another type" },
    { STATUS_OBJECT_NAME_INVALID, L"invalid name" },
    { STATUS_OBJECT_NAME_NOT_FOUND, L"not found" },
    { STATUS_OBJECT_NAME_COLLISION, L"exists already" },
    { STATUS_OBJECT_PATH_INVALID, L"invalid path" },
    { STATUS_OBJECT_PATH_NOT_FOUND, L"path not found" },
    { STATUS_OBJECT_PATH_SYNTAX_BAD, L"invalid path" },
    { STATUS_SHARING_VIOLATION, L"in use by another program" },
    { STATUS_DELETE_PENDING, L"is being deleted" },
    { STATUS_PRIVILEGE_NOT_HELD, L"privilege not held" },
    { STATUS_DISK_FULL, L"no space left" },
    { STATUS_INSUFFICIENT_RESOURCES, L"not enough memory in the system" },
    { STATUS_MEDIA_WRITE_PROTECTED, L"write protected" },
    { STATUS_DEVICE_NOT_READY, L"device not ready" },
    { STATUS_IO_TIMEOUT, L"device timed out" },
    { STATUS_FILE_IS_A_DIRECTORY, L"is a directory" },
    { STATUS_NOT_SUPPORTED, L"not supported" },
    { STATUS_NOT_SAME_DEVICE, L"on another volume" },
    { STATUS_DIRECTORY_NOT_EMPTY, L"directory not empty" },
    { STATUS_NOT_A_DIRECTORY, L"not a directory" },
    { STATUS_NAME_TOO_LONG, L"name too long" },
    { STATUS_CANNOT_DELETE, L"cannot be deleted" },
    { STATUS_FILE_DELETED, L"has been deleted" },
    { STATUS_CANCELLED, L"cancelled" },
    { STATUS_DEVICE_NOT_CONNECTED, L"device is gone" },
    { STATUS_DEVICE_DOES_NOT_EXIST, L"no such device" },
    { STATUS_PROCESS_IS_TERMINATING, L"process is ending" },
    { STATUS_INVALID_IMAGE_FORMAT, L"damaged program file" },
    { STATUS_INVALID_IMAGE_NOT_MZ, L"not a program" },
    { STATUS_INVALID_IMAGE_PROTECT, L"not a program for this system" },
    { STATUS_INVALID_IMAGE_WIN_16, L"16-bit program" },
    { STATUS_INVALID_IMAGE_WIN_32, L"32-bit program" },
    { STATUS_IMAGE_MACHINE_TYPE_MISMATCH, L"program for another processor" },
    { STATUS_INVALID_FILE_FOR_SECTION, L"not a program" },
    { STATUS_MAPPED_FILE_SIZE_ZERO, L"file is empty" },
    { STATUS_SECTION_TOO_BIG, L"damaged program file (shorter than it says)" },
    { STATUS_DLL_NOT_FOUND, L"a DLL that the program needs was not found" },
    { STATUS_ENTRYPOINT_NOT_FOUND, L"a function that the program needs is missing in its DLL" },
    { STATUS_ORDINAL_NOT_FOUND, L"a function that the program needs is missing in its DLL" },
    { STATUS_DLL_INIT_FAILED, L"a DLL could not be initialised" },
    { STATUS_CONTROL_C_EXIT, L"ended by Ctrl+C" },
    { STATUS_BREAKPOINT, L"breakpoint" },
    { STATUS_STACK_OVERFLOW, L"stack overflow" },
    { STATUS_INTEGER_DIVIDE_BY_ZERO, L"division by zero" },
    { STATUS_INTEGER_OVERFLOW, L"integer overflow" },
    { STATUS_PRIVILEGED_INSTRUCTION, L"privileged instruction" },
    { STATUS_NONCONTINUABLE_EXCEPTION, L"noncontinuable exception" },
    { STATUS_DATATYPE_MISALIGNMENT, L"misaligned data" },
};

PCWSTR StatusText(NTSTATUS Status)
{
    for (ULONG i = 0; i < ARRAYSIZE(StatusTexts); i++)
        if (StatusTexts[i].Status == Status)
            return StatusTexts[i].Text;
    return NULL;
}

PCWSTR DescribeStatus(NTSTATUS Status)
{
    static WCHAR Number[24];
    PCWSTR Text = StatusText(Status);

    if (Text != NULL)
        return Text;
    _snwprintf(Number, ARRAYSIZE(Number), L"status 0x%08X", Status);
    return Number;
}
