/* SPDX-License-Identifier: BSD-2-Clause
 *
 * AVL trees, intrusive: RTL_BALANCED_NODE.
 *
 * ParentValue is the parent's address with the balance in its two low bits: 0 even, LEFT_HEAVY, RIGHT_HEAVY.
 * Invariant: the heights of a node's subtrees differ by at most one, and the balance says by what.  The table form on
 * top of it is in avltable.c.
 */
#include "rtl.h"

enum { EVEN = 0, LEFT_HEAVY = 1, RIGHT_HEAVY = 2, BALANCE_MASK = 3 };

static PRTL_BALANCED_NODE RtlpParent(const RTL_BALANCED_NODE *Node)
{
    return (PRTL_BALANCED_NODE)(Node->ParentValue & ~(ULONG_PTR)BALANCE_MASK);
}

static VOID RtlpSetParent(PRTL_BALANCED_NODE Node, PRTL_BALANCED_NODE Parent)
{
    Node->ParentValue = (ULONG_PTR)Parent | (Node->ParentValue & BALANCE_MASK);
}

static ULONG RtlpBalance(const RTL_BALANCED_NODE *Node)
{
    return (ULONG)(Node->ParentValue & BALANCE_MASK);
}

static VOID RtlpSetBalance(PRTL_BALANCED_NODE Node, ULONG Balance)
{
    Node->ParentValue = (Node->ParentValue & ~(ULONG_PTR)BALANCE_MASK) | Balance;
}

/* The balance of a node whose subtree on that side is the higher one. */
static ULONG RtlpHeavy(ULONG Side)
{
    return Side == 0 ? LEFT_HEAVY : RIGHT_HEAVY;
}

static ULONG RtlpSideOf(const RTL_BALANCED_NODE *Parent, const RTL_BALANCED_NODE *Node)
{
    return Parent->Children[1] == Node;
}

/* Puts New into Old's place below Parent (NULL: the root). */
static VOID RtlpReplaceChild(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Parent, PRTL_BALANCED_NODE Old,
        PRTL_BALANCED_NODE New)
{
    if (Parent == NULL)
        Tree->Root = New;
    else
        Parent->Children[RtlpSideOf(Parent, Old)] = New;
    if (New != NULL)
        RtlpSetParent(New, Parent);
}

/* The child on Side rises, Node sinks to the other side.  Balances are the caller's. */
static VOID RtlpRotate(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Node, ULONG Side)
{
    PRTL_BALANCED_NODE Child = Node->Children[Side], Inner = Child->Children[1 - Side];

    RtlpReplaceChild(Tree, RtlpParent(Node), Node, Child);
    Child->Children[1 - Side] = Node;
    RtlpSetParent(Node, Child);
    Node->Children[Side] = Inner;
    if (Inner != NULL)
        RtlpSetParent(Inner, Node);
}

/* Node is two higher on Side.  Restores the invariant; TRUE if the subtree became lower by it. */
static BOOLEAN RtlpRebalance(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Node, ULONG Side)
{
    PRTL_BALANCED_NODE Child = Node->Children[Side], Middle;
    ULONG Heavy = RtlpHeavy(Side), Other = RtlpHeavy(1 - Side);

    if (RtlpBalance(Child) == Other) {
        Middle = Child->Children[1 - Side];
        RtlpRotate(Tree, Child, 1 - Side);
        RtlpRotate(Tree, Node, Side);
        RtlpSetBalance(Node, RtlpBalance(Middle) == Heavy ? Other : EVEN);
        RtlpSetBalance(Child, RtlpBalance(Middle) == Other ? Heavy : EVEN);
        RtlpSetBalance(Middle, EVEN);
        return TRUE;
    }
    RtlpRotate(Tree, Node, Side);
    if (RtlpBalance(Child) == EVEN) {
        RtlpSetBalance(Node, Heavy);
        RtlpSetBalance(Child, Other);
        return FALSE;
    }
    RtlpSetBalance(Node, EVEN);
    RtlpSetBalance(Child, EVEN);
    return TRUE;
}

VOID NTAPI RtlAvlInsertNodeEx(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Parent, BOOLEAN Right, PRTL_BALANCED_NODE Node)
{
    Node->Left = Node->Right = NULL;
    Node->ParentValue = (ULONG_PTR)Parent;
    if (Parent == NULL) {
        Tree->Root = Node;
        return;
    }
    Parent->Children[Right != 0] = Node;
    for (; Parent != NULL; Node = Parent, Parent = RtlpParent(Parent)) {
        ULONG Side = RtlpSideOf(Parent, Node);

        if (RtlpBalance(Parent) == EVEN) {
            RtlpSetBalance(Parent, RtlpHeavy(Side));
            continue;
        }
        if (RtlpBalance(Parent) == RtlpHeavy(Side))
            RtlpRebalance(Tree, Parent, Side);
        else
            RtlpSetBalance(Parent, EVEN);
        return;
    }
}

/* The subtree of Node on Side became lower by one. */
static VOID RtlpShrink(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Node, ULONG Side)
{
    while (Node != NULL) {
        PRTL_BALANCED_NODE Parent = RtlpParent(Node);
        ULONG ParentSide = Parent != NULL ? RtlpSideOf(Parent, Node) : 0;

        if (RtlpBalance(Node) == EVEN) {
            RtlpSetBalance(Node, RtlpHeavy(1 - Side));
            return;
        }
        if (RtlpBalance(Node) == RtlpHeavy(Side))
            RtlpSetBalance(Node, EVEN);
        else if (!RtlpRebalance(Tree, Node, 1 - Side))
            return;
        Node = Parent;
        Side = ParentSide;
    }
}

VOID NTAPI RtlAvlRemoveNode(PRTL_AVL_TREE Tree, PRTL_BALANCED_NODE Node)
{
    PRTL_BALANCED_NODE Parent = RtlpParent(Node), Next, Start = Parent;
    ULONG Side = Parent != NULL ? RtlpSideOf(Parent, Node) : 0;

    if (Node->Left == NULL || Node->Right == NULL) {
        RtlpReplaceChild(Tree, Parent, Node, Node->Left != NULL ? Node->Left : Node->Right);
        RtlpShrink(Tree, Start, Side);
        return;
    }
    for (Next = Node->Right; Next->Left != NULL;)
        Next = Next->Left;
    if (Next == Node->Right) {
        Start = Next;
        Side = 1;
    } else {
        Start = RtlpParent(Next);
        Side = 0;
        RtlpReplaceChild(Tree, Start, Next, Next->Right);
        Next->Right = Node->Right;
        RtlpSetParent(Next->Right, Next);
    }
    Next->Left = Node->Left;
    RtlpSetParent(Next->Left, Next);
    RtlpReplaceChild(Tree, Parent, Node, Next);
    RtlpSetBalance(Next, RtlpBalance(Node));
    RtlpShrink(Tree, Start, Side);
}

static PRTL_BALANCED_NODE RtlpOutermost(PRTL_BALANCED_NODE Node, ULONG Side)
{
    while (Node != NULL && Node->Children[Side] != NULL)
        Node = Node->Children[Side];
    return Node;
}

static PRTL_BALANCED_NODE RtlpNeighbour(const RTL_BALANCED_NODE *Node, ULONG Side)
{
    PRTL_BALANCED_NODE Parent;

    if (Node->Children[Side] != NULL)
        return RtlpOutermost(Node->Children[Side], 1 - Side);
    for (Parent = RtlpParent(Node); Parent != NULL && Parent->Children[Side] == Node; Parent = RtlpParent(Parent))
        Node = Parent;
    return Parent;
}

PRTL_BALANCED_NODE RtlAvlFirst(const RTL_AVL_TREE *Tree)
{
    return RtlpOutermost(Tree->Root, 0);
}

PRTL_BALANCED_NODE RtlAvlLast(const RTL_AVL_TREE *Tree)
{
    return RtlpOutermost(Tree->Root, 1);
}

PRTL_BALANCED_NODE RtlAvlNext(const RTL_BALANCED_NODE *Node)
{
    return RtlpNeighbour(Node, 1);
}

PRTL_BALANCED_NODE RtlAvlPrevious(const RTL_BALANCED_NODE *Node)
{
    return RtlpNeighbour(Node, 0);
}
