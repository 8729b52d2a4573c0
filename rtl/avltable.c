/* SPDX-License-Identifier: BSD-2-Clause
 *
 * AVL tables: elements are copied into nodes that the table's owner allocates.
 *
 * A node is RTL_BALANCED_LINKS (whose memory holds the intrusive node of avl.c) and then the element.  The tree's
 * root is BalancedRoot.RightChild.  The owner's compare routine is given the sought element first.
 */
#include "rtl.h"

_Static_assert(sizeof(RTL_BALANCED_NODE) <= sizeof(RTL_BALANCED_LINKS), "layout");

static PRTL_AVL_TREE RtlpTreeOf(PRTL_AVL_TABLE Table)
{
    return (PRTL_AVL_TREE)&Table->BalancedRoot.RightChild;
}

static PVOID RtlpElement(PRTL_BALANCED_NODE Node)
{
    return Node != NULL ? (PVOID)((PRTL_BALANCED_LINKS)Node + 1) : NULL;
}

/* The node that equals Buffer, or NULL and the place where it belongs. */
static PRTL_BALANCED_NODE RtlpFindNode(PRTL_AVL_TABLE Table, PVOID Buffer, PRTL_BALANCED_NODE *Parent, PBOOLEAN Right)
{
    PRTL_BALANCED_NODE Node = RtlpTreeOf(Table)->Root;

    *Parent = NULL;
    *Right = FALSE;
    while (Node != NULL) {
        RTL_GENERIC_COMPARE_RESULTS Order = Table->CompareRoutine(Table, Buffer, RtlpElement(Node));

        if (Order == GenericEqual)
            return Node;
        *Parent = Node;
        *Right = Order == GenericGreaterThan;
        Node = Node->Children[*Right];
    }
    return NULL;
}

VOID NTAPI RtlInitializeGenericTableAvl(PRTL_AVL_TABLE Table, PRTL_AVL_COMPARE_ROUTINE CompareRoutine,
        PRTL_AVL_ALLOCATE_ROUTINE AllocateRoutine, PRTL_AVL_FREE_ROUTINE FreeRoutine, PVOID TableContext)
{
    *Table = (RTL_AVL_TABLE){ .CompareRoutine = CompareRoutine, .AllocateRoutine = AllocateRoutine,
            .FreeRoutine = FreeRoutine, .TableContext = TableContext };
}

/* The element's copy in the table, or the one that was there; NULL: the owner has no memory. */
PVOID NTAPI RtlInsertElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer, ULONG BufferSize, PBOOLEAN NewElement)
{
    PRTL_BALANCED_NODE Parent, Node;
    BOOLEAN Right;

    Node = RtlpFindNode(Table, Buffer, &Parent, &Right);
    if (NewElement != NULL)
        *NewElement = Node == NULL;
    if (Node != NULL)
        return RtlpElement(Node);
    Node = Table->AllocateRoutine(Table, sizeof(RTL_BALANCED_LINKS) + BufferSize);
    if (Node == NULL) {
        if (NewElement != NULL)
            *NewElement = FALSE;
        return NULL;
    }
    memset(Node, 0, sizeof(RTL_BALANCED_LINKS));
    memcpy(RtlpElement(Node), Buffer, BufferSize);
    RtlAvlInsertNodeEx(RtlpTreeOf(Table), Parent, Right, Node);
    Table->NumberGenericTableElements++;
    return RtlpElement(Node);
}

BOOLEAN NTAPI RtlDeleteElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer)
{
    PRTL_BALANCED_NODE Parent, Node;
    BOOLEAN Right;

    Node = RtlpFindNode(Table, Buffer, &Parent, &Right);
    if (Node == NULL)
        return FALSE;
    if (Table->RestartKey == (PRTL_BALANCED_LINKS)Node)
        Table->RestartKey = (PRTL_BALANCED_LINKS)RtlAvlPrevious(Node);
    RtlAvlRemoveNode(RtlpTreeOf(Table), Node);
    Table->NumberGenericTableElements--;
    Table->DeleteCount++;
    Table->FreeRoutine(Table, Node);
    return TRUE;
}

PVOID NTAPI RtlLookupElementGenericTableAvl(PRTL_AVL_TABLE Table, PVOID Buffer)
{
    PRTL_BALANCED_NODE Parent;
    BOOLEAN Right;

    return RtlpElement(RtlpFindNode(Table, Buffer, &Parent, &Right));
}

PVOID NTAPI RtlEnumerateGenericTableWithoutSplayingAvl(PRTL_AVL_TABLE Table, PVOID *RestartKey)
{
    PRTL_BALANCED_NODE Node = *RestartKey != NULL ? RtlAvlNext(*RestartKey) : RtlAvlFirst(RtlpTreeOf(Table));

    if (Node != NULL)
        *RestartKey = Node;
    return RtlpElement(Node);
}

PVOID NTAPI RtlEnumerateGenericTableAvl(PRTL_AVL_TABLE Table, BOOLEAN Restart)
{
    PVOID Key = Restart ? NULL : Table->RestartKey;
    PVOID Element = RtlEnumerateGenericTableWithoutSplayingAvl(Table, &Key);

    Table->RestartKey = Key;
    return Element;
}

/* The element number Index in order; linear. */
PVOID NTAPI RtlGetElementGenericTableAvl(PRTL_AVL_TABLE Table, ULONG Index)
{
    PRTL_BALANCED_NODE Node = RtlAvlFirst(RtlpTreeOf(Table));

    while (Node != NULL && Index-- != 0)
        Node = RtlAvlNext(Node);
    return RtlpElement(Node);
}

ULONG NTAPI RtlNumberGenericTableElementsAvl(PRTL_AVL_TABLE Table)
{
    return Table->NumberGenericTableElements;
}

BOOLEAN NTAPI RtlIsGenericTableEmptyAvl(PRTL_AVL_TABLE Table)
{
    return Table->NumberGenericTableElements == 0;
}
