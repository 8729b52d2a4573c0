/* SPDX-License-Identifier: BSD-2-Clause
 *
 * The parts of an object for access checks by type: a tree, as a list in which each part follows the one it belongs to, one level
 * deeper.  Node 0 is the object itself.
 *
 * What is allowed or denied of a part is so of all that belongs to it.  A part is allowed what all below it are allowed, and
 * denied what one below it is denied.  As in the DACL, what came first stays.
 *
 * Source: Microsoft, "AccessCheckByType", "OBJECT_TYPE_LIST"; [MS-DTYP] 2.5.3.2.
 */
#include "ntos/se/sep.h"

BOOLEAN SepFindType(const SEP_TYPES *Types, const GUID *Type, PULONG Part)
{
    for (ULONG i = 0; i < Types->Count; i++) {
        if (memcmp(&Types->Nodes[i].Type, Type, sizeof(*Type)) == 0) {
            *Part = i;
            return TRUE;
        }
    }
    return FALSE;
}

/* The first node behind Part that does not belong to it. */
static ULONG SepEndOfPart(const SEP_TYPES *Types, ULONG Part)
{
    ULONG End = Part + 1;

    while (End < Types->Count && Types->Nodes[End].Level > Types->Nodes[Part].Level)
        End++;
    return End;
}

static ULONG SepParentOf(const SEP_TYPES *Types, ULONG Part)
{
    ULONG Parent = Part;

    while (Types->Nodes[Parent].Level >= Types->Nodes[Part].Level)
        Parent--;
    return Parent;
}

static VOID SepUpdateParents(const SEP_TYPES *Types, ULONG Part)
{
    PSEP_TYPE_NODE Nodes = Types->Nodes;

    while (Part != 0) {
        ULONG Parent = SepParentOf(Types, Part), End = SepEndOfPart(Types, Parent);
        ACCESS_MASK ByAll = ~(ACCESS_MASK)0, ByOne = 0;

        for (ULONG i = Parent + 1; i < End; i++) {
            ByAll &= Nodes[i].Level == Nodes[Part].Level ? Nodes[i].Allowed : ~(ACCESS_MASK)0;
            ByOne |= Nodes[i].Denied;
        }
        Nodes[Parent].Allowed |= ByAll & ~Nodes[Parent].Denied;
        Nodes[Parent].Denied |= ByOne & ~Nodes[Parent].Allowed;
        Part = Parent;
    }
}

VOID SepAllowType(const SEP_TYPES *Types, ULONG Part, ACCESS_MASK Mask)
{
    ULONG End = SepEndOfPart(Types, Part);

    for (ULONG i = Part; i < End; i++)
        Types->Nodes[i].Allowed |= Mask & ~Types->Nodes[i].Denied;
    SepUpdateParents(Types, Part);
}

VOID SepDenyType(const SEP_TYPES *Types, ULONG Part, ACCESS_MASK Mask)
{
    ULONG End = SepEndOfPart(Types, Part);

    for (ULONG i = Part; i < End; i++)
        Types->Nodes[i].Denied |= Mask & ~Types->Nodes[i].Allowed;
    SepUpdateParents(Types, Part);
}

static NTSTATUS SepCaptureNodes(POBJECT_TYPE_LIST User, PSEP_TYPES Types, ULONG Count)
{
    ULONG Deepest = 0;                  /* that may come next */

    while (Types->Count < Count) {
        PSEP_TYPE_NODE Node = &Types->Nodes[Types->Count];
        OBJECT_TYPE_LIST Given;
        NTSTATUS Status = MmGetUser(&Given, &User[Types->Count]);

        if (!NT_SUCCESS(Status))
            return Status;
        if (Given.Level > Deepest || (Given.Level == 0) != (Types->Count == 0))
            return STATUS_INVALID_PARAMETER;
        Status = MmGetUser(&Node->Type, Given.ObjectType);
        if (!NT_SUCCESS(Status))
            return Status;
        Node->Level = Given.Level;
        Deepest = min(Given.Level + 1, ACCESS_MAX_LEVEL);
        Types->Count++;
    }
    return STATUS_SUCCESS;
}

NTSTATUS SepCaptureTypes(POBJECT_TYPE_LIST User, ULONG Count, PSID Self, PSEP_TYPES Types)
{
    NTSTATUS Status = STATUS_SUCCESS;

    memset(Types, 0, sizeof(*Types));
    if (Count > SEP_MAXIMUM_TYPES)
        return STATUS_INVALID_PARAMETER;
    if (Self != NULL)
        Status = SepCaptureOneSid(Self, &Types->Self);
    if (!NT_SUCCESS(Status) || Count == 0)
        return Status;
    Types->Nodes = ExAllocatePoolZero(PagedPool, Count * sizeof(*Types->Nodes), SE_TAG_TOKEN);
    Status = Types->Nodes != NULL ? SepCaptureNodes(User, Types, Count) : STATUS_INSUFFICIENT_RESOURCES;
    if (!NT_SUCCESS(Status))
        SepFreeTypes(Types);
    return Status;
}

VOID SepFreeTypes(PSEP_TYPES Types)
{
    if (Types->Nodes != NULL)
        ExFreePoolWithTag(Types->Nodes, SE_TAG_TOKEN);
    if (Types->Self != NULL)
        ExFreePool(Types->Self);
    memset(Types, 0, sizeof(*Types));
}
