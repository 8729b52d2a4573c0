/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reparse points for programs that test the volume: buffers for FSCTL_SET_REPARSE_POINT ([MS-FSCC] 2.1.2).
 */
#pragma once

#include "base/lib/native.h"
#include <winioctl.h>

#define FOREIGN_TAG 0x00001234u         /* another maker's: the point has a GUID */
#define UNKNOWN_TAG 0x80001234u         /* one of Microsoft's that nobody knows */

typedef struct _LINK_POINT {
    ULONG Tag;
    USHORT DataLength;
    USHORT Reserved;
    USHORT SubstituteNameOffset, SubstituteNameLength;
    USHORT PrintNameOffset, PrintNameLength;
    UCHAR Data[MAXIMUM_REPARSE_DATA_BUFFER_SIZE];       /* of symbolic links: flags, and the names; else the names */
} LINK_POINT;

#define POINT_HEADER FIELD_OFFSET(LINK_POINT, SubstituteNameOffset)
#define POINT_LENGTH(Point) (POINT_HEADER + (Point)->DataLength)

/* A link to Target that shows Print: the names as Windows writes them, each with a NUL behind it. */
static inline VOID MakeLink(LINK_POINT *Point, ULONG Tag, ULONG Flags, PCWSTR Target, PCWSTR Print)
{
    ULONG Fixed = Tag == (ULONG)IO_REPARSE_TAG_SYMLINK ? sizeof(Flags) : 0;

    Point->Tag = Tag;
    Point->Reserved = 0;
    Point->SubstituteNameOffset = 0;
    Point->SubstituteNameLength = (USHORT)(wcslen(Target) * sizeof(WCHAR));
    Point->PrintNameOffset = Point->SubstituteNameLength + sizeof(WCHAR);
    Point->PrintNameLength = (USHORT)(wcslen(Print) * sizeof(WCHAR));
    memcpy(Point->Data, &Flags, Fixed);
    memcpy(Point->Data + Fixed, Target, Point->SubstituteNameLength + sizeof(WCHAR));
    memcpy(Point->Data + Fixed + Point->PrintNameOffset, Print, Point->PrintNameLength + sizeof(WCHAR));
    Point->DataLength = (USHORT)(8 + Fixed + Point->PrintNameOffset + Point->PrintNameLength + sizeof(WCHAR));
}
