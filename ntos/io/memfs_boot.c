/* SPDX-License-Identifier: BSD-2-Clause
 *
 * First content of the memory volume: the root, the directories that everybody may write, the files of the boot archive,
 * whose pages stay where they lie.  A file that cannot be is left out, with a line in the log.
 */
#include "ntos/io/memfs.h"
#include "ntos/inc/ldr.h"
#include "ntos/inc/se.h"

PMEMFS_NODE MemfsRoot;
LARGE_INTEGER MemfsCreationTime;

/* One component of a boot file's path: found, or made as a directory. */
static PMEMFS_NODE MemfsEnterDirectory(PMEMFS_NODE Directory, PCUNICODE_STRING Name)
{
    PMEMFS_LINK Link = MemfsLookup(Directory, Name);

    if (Link == NULL && !NT_SUCCESS(MemfsCreateNode(Directory, Name, FILE_ATTRIBUTE_DIRECTORY, &Link)))
        return NULL;
    return MemfsIsDirectory(Link->Node) ? Link->Node : NULL;
}

static NTSTATUS MemfsAddBootFile(const LDR_BOOT_FILE *File)
{
    WCHAR Path[512];
    UNICODE_STRING Name = { 0, 0, Path };
    PMEMFS_NODE Directory = MemfsRoot;
    PMEMFS_NODE Node;
    PMEMFS_LINK Link;
    NTSTATUS Status;
    ULONG Bytes;

    Status = RtlUTF8ToUnicodeN(Path, sizeof(Path), &Bytes, File->Path, File->PathLength);
    if (Status != STATUS_SUCCESS)
        return Status;
    for (ULONG i = 0; i < Bytes / sizeof(WCHAR); i++) {
        if (Path[i] != '/') {
            Name.Length += sizeof(WCHAR);
            continue;
        }
        Directory = NT_SUCCESS(MemfsCheckName(&Name)) ? MemfsEnterDirectory(Directory, &Name) : NULL;
        if (Directory == NULL)
            return STATUS_OBJECT_NAME_INVALID;
        Name.Buffer = Path + i + 1;
        Name.Length = 0;
    }
    Status = MemfsCheckName(&Name);
    if (!NT_SUCCESS(Status))
        return Status;
    if (File->Attributes & FILE_ATTRIBUTE_DIRECTORY)
        return MemfsEnterDirectory(Directory, &Name) != NULL ? STATUS_SUCCESS : STATUS_OBJECT_NAME_COLLISION;
    if (MemfsLookup(Directory, &Name) != NULL)
        return STATUS_OBJECT_NAME_COLLISION;
    Status = MemfsCreateNode(Directory, &Name, File->Attributes & FILE_ATTRIBUTE_VALID_SET_FLAGS, &Link);
    if (!NT_SUCCESS(Status))
        return Status;
    Node = Link->Node;
    Node->CreationTime = Node->LastWriteTime = Node->ChangeTime = Node->LastAccessTime = File->LastWriteTime;
    Node->BootData = File->Size != 0 ? File->Data : NULL;
    Node->BootSize = File->Size;
    return STATUS_SUCCESS;
}

/* Directories in which everyone may write. */
static VOID MemfsOpenToAll(PCWSTR Name)
{
    UNICODE_STRING String;
    PMEMFS_NODE Node;

    RtlInitUnicodeString(&String, Name);
    Node = MemfsEnterDirectory(MemfsRoot, &String);
    if (Node != NULL)
        MemfsSetDescriptor(Node, SePublicOpenSd);
}

NTSTATUS MemfsPopulate(VOID)
{
    UNICODE_STRING Empty = RTL_CONSTANT_UNICODE_STRING(L"");
    NTSTATUS Status;
    LDR_BOOT_FILE File;
    PMEMFS_LINK Link;

    Status = MemfsCreateNode(NULL, &Empty, FILE_ATTRIBUTE_DIRECTORY, &Link);
    if (!NT_SUCCESS(Status))
        return Status;
    MemfsRoot = Link->Node;
    MemfsCreationTime = MemfsRoot->CreationTime;
    MemfsOpenToAll(L"temp");
    MemfsOpenToAll(L"users");
    MemfsOpenToAll(L"host");
    for (ULONG i = 0; LdrGetBootFile(i, &File); i++) {
        Status = MemfsAddBootFile(&File);
        if (Status == STATUS_INSUFFICIENT_RESOURCES)
            return Status;
        if (!NT_SUCCESS(Status))
            LogPrint("io: file %.*s of the boot archive is left out: status %08lx", (int)File.PathLength, File.Path,
                     (unsigned long)Status);
    }
    return STATUS_SUCCESS;
}
