/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Reparse points: buffers for FSCTL_SET_REPARSE_POINT and FSCTL_GET_REPARSE_POINT ([MS-FSCC] 2.1.2).
 */
#pragma once

#include "base/lib/native.h"
#include <winioctl.h>

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

/* A link to Target that dir calls Shown: the names as Windows writes them, each with a NUL behind it.  They have to fit. */
static inline VOID MakeLink(LINK_POINT *Point, ULONG Tag, ULONG Flags, PCWSTR Target, PCWSTR Shown)
{
    ULONG Fixed = Tag == (ULONG)IO_REPARSE_TAG_SYMLINK ? sizeof(Flags) : 0;

    Point->Tag = Tag;
    Point->Reserved = 0;
    Point->SubstituteNameOffset = 0;
    Point->SubstituteNameLength = (USHORT)(wcslen(Target) * sizeof(WCHAR));
    Point->PrintNameOffset = Point->SubstituteNameLength + sizeof(WCHAR);
    Point->PrintNameLength = (USHORT)(wcslen(Shown) * sizeof(WCHAR));
    memcpy(Point->Data, &Flags, Fixed);
    memcpy(Point->Data + Fixed, Target, Point->SubstituteNameLength + sizeof(WCHAR));
    memcpy(Point->Data + Fixed + Point->PrintNameOffset, Shown, Point->PrintNameLength + sizeof(WCHAR));
    Point->DataLength = (USHORT)(8 + Fixed + Point->PrintNameOffset + Point->PrintNameLength + sizeof(WCHAR));
}
