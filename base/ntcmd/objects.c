/* SPDX-License-Identifier: BSD-2-Clause
 *
 * objdir: a directory of the object namespace, symbolic links with their targets.
 */
#include "ntcmd.h"

#define QUERY_BYTES 0x2000
#define MAX_TARGET 0x400

static NTSTATUS OpenDirectory(PCWSTR Path, PHANDLE Directory)
{
    UNICODE_STRING Name;
    OBJECT_ATTRIBUTES Attributes;

    RtlInitUnicodeString(&Name, Path);
    if (Name.Length > sizeof(WCHAR) && Path[Name.Length / sizeof(WCHAR) - 1] == L'\\')
        Name.Length -= sizeof(WCHAR);
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return NtOpenDirectoryObject(Directory, DIRECTORY_QUERY, &Attributes);
}

static VOID ShowTarget(HANDLE Directory, PUNICODE_STRING LinkName)
{
    OBJECT_ATTRIBUTES Attributes;
    UNICODE_STRING Target = { 0, MAX_TARGET, Allocate(MAX_TARGET) };
    HANDLE Link;

    InitializeObjectAttributes(&Attributes, LinkName, OBJ_CASE_INSENSITIVE, Directory, NULL);
    if (Target.Buffer != NULL && NT_SUCCESS(NtOpenSymbolicLinkObject(&Link, SYMBOLIC_LINK_QUERY, &Attributes))) {
        if (NT_SUCCESS(NtQuerySymbolicLinkObject(Link, &Target, NULL)))
            Print(L" -> %.*s", COUNTED(&Target));
        NtClose(Link);
    }
    Free(Target.Buffer);
}

static NTSTATUS ShowDirectory(HANDLE Directory)
{
    static const UNICODE_STRING LinkType = RTL_CONSTANT_UNICODE_STRING(L"SymbolicLink");
    POBJECT_DIRECTORY_INFORMATION Entries = Allocate(QUERY_BYTES);
    ULONG Context = 0;
    NTSTATUS Status = STATUS_NO_MEMORY;

    while (Entries != NULL) {
        Status = NtQueryDirectoryObject(Directory, Entries, QUERY_BYTES, FALSE, FALSE, &Context, NULL);
        if (!NT_SUCCESS(Status))
            break;
        for (POBJECT_DIRECTORY_INFORMATION Entry = Entries; Entry->Name.Buffer != NULL; Entry++) {
            Print(L"%-14.*s %.*s", COUNTED(&Entry->TypeName), COUNTED(&Entry->Name));
            if (RtlEqualUnicodeString(&Entry->TypeName, &LinkType, FALSE))
                ShowTarget(Directory, &Entry->Name);
            Print(L"\n");
        }
        if (Status != STATUS_MORE_ENTRIES)
            break;
    }
    Free(Entries);
    return Status == STATUS_NO_MORE_ENTRIES ? STATUS_SUCCESS : Status;
}

VOID CommandObjects(const COMMAND_LINE *Line)
{
    PCWSTR Path = Line->WordCount == 2 ? Line->Words[1] : L"\\";
    HANDLE Directory;
    NTSTATUS Status = OpenDirectory(Path, &Directory);

    if (NT_SUCCESS(Status)) {
        Status = ShowDirectory(Directory);
        NtClose(Directory);
    }
    if (!NT_SUCCESS(Status))
        Complain(L"objdir", Path, Status);
}
