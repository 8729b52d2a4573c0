/* SPDX-License-Identifier: BSD-2-Clause
 *
 * AVL trees, bitmaps, calendar, SIDs, ACLs, security descriptors, checksums.
 * Tests: rtl/a[cv]*.c rtl/bitmap.c rtl/case.c rtl/digest.c rtl/memory.c rtl/printf.c rtl/random.c rtl/s[eit]*[cdg].c rtl/[tuw]*.c.
 */
#include "rtl.h"
#include "unit.h"

#define NODES 500

typedef struct _NODE {
    RTL_BALANCED_NODE Links;
    ULONG Key;
    BOOLEAN Inside;
} NODE;

static NODE Nodes[NODES];

static BOOLEAN Insert(PRTL_AVL_TREE Tree, NODE *New)
{
    PRTL_BALANCED_NODE Parent = NULL, At = Tree->Root;
    BOOLEAN Right = FALSE;

    while (At != NULL) {
        Parent = At;
        Right = New->Key > CONTAINING_RECORD(At, NODE, Links)->Key;
        At = At->Children[Right];
    }
    RtlAvlInsertNodeEx(Tree, Parent, Right, &New->Links);
    New->Inside = TRUE;
    return TRUE;
}

/* Height of the subtree, or -1000 if its balances, parents or order are wrong. */
static int Height(PRTL_BALANCED_NODE Node, PRTL_BALANCED_NODE Parent)
{
    int Left, Right;

    if (Node == NULL)
        return 0;
    Left = Height(Node->Left, Node);
    Right = Height(Node->Right, Node);
    if ((Node->ParentValue & ~3ull) != (ULONG_PTR)Parent || Left - Right > 1 || Right - Left > 1 ||
        (Node->ParentValue & 3) != (Left > Right ? 1u : Right > Left ? 2u : 0u))
        return -1000;
    return max(Left, Right) + 1;
}

static BOOLEAN IsGood(PRTL_AVL_TREE Tree)
{
    ULONG Count = 0, Expected = 0, Last = 0;

    for (PRTL_BALANCED_NODE Node = RtlAvlFirst(Tree); Node != NULL; Node = RtlAvlNext(Node), Count++) {
        if (Count != 0 && CONTAINING_RECORD(Node, NODE, Links)->Key <= Last)
            return FALSE;
        Last = CONTAINING_RECORD(Node, NODE, Links)->Key;
    }
    for (ULONG i = 0; i < NODES; i++)
        Expected += Nodes[i].Inside;
    return Count == Expected && Height(Tree->Root, NULL) >= 0;
}

static void TestAvl(void)
{
    RTL_AVL_TREE Tree = { NULL };
    ULONG Seed = 3;

    for (ULONG i = 0; i < NODES; i++)
        Nodes[i].Key = i * 7 % NODES;
    for (ULONG Round = 0; Round < 6000; Round++) {
        NODE *Node = &Nodes[RtlUniform(&Seed) % NODES];

        if (Node->Inside)
            RtlAvlRemoveNode(&Tree, &Node->Links);
        if (!Node->Inside)
            Insert(&Tree, Node);
        else
            Node->Inside = FALSE;
        if (Round % 20 == 0)
            CHECK(IsGood(&Tree));
    }
    for (ULONG i = 0; i < NODES; i++)
        if (Nodes[i].Inside)
            RtlAvlRemoveNode(&Tree, &Nodes[i].Links);
    CHECK(Tree.Root == NULL);
}

static void TestBitmaps(void)
{
    ULONG Words[4] = { 0 }, Start;
    RTL_BITMAP Map;

    RtlInitializeBitMap(&Map, Words, 100);
    RtlSetBits(&Map, 30, 40);
    CHECK(RtlAreBitsSet(&Map, 30, 40) && !RtlAreBitsSet(&Map, 29, 2) && RtlAreBitsClear(&Map, 70, 30));
    CHECK(RtlNumberOfSetBits(&Map) == 40 && RtlNumberOfClearBits(&Map) == 60);
    CHECK(RtlFindClearBits(&Map, 30, 0) == 0 && RtlFindClearBits(&Map, 30, 40) == 70);
    CHECK(RtlFindClearBits(&Map, 31, 0) == ~0u);
    CHECK(RtlFindSetBits(&Map, 40, 99) == 30 && RtlFindClearBitsAndSet(&Map, 5, 70) == 70 && RtlTestBit(&Map, 74));
    CHECK(RtlFindSetBitsAndClear(&Map, 45, 0) == 30 && RtlNumberOfSetBits(&Map) == 0);
    RtlSetAllBits(&Map);
    RtlClearBits(&Map, 95, 5);
    CHECK(RtlFindNextForwardRunClear(&Map, 0, &Start) == 5 && Start == 95 && !RtlAreBitsSet(&Map, 90, 100));
    RtlSetBits(&Map, 99, 2);
    CHECK(!RtlTestBit(&Map, 99));
    RtlClearBit(&Map, 1);
    CHECK(!RtlTestBit(&Map, 1) && RtlFindClearBits(&Map, 101, 0) == ~0u);
}

static void TestTime(void)
{
    LARGE_INTEGER Time = { .QuadPart = 0 }, Back;
    TIME_FIELDS Fields = { .Year = 2000, .Month = 2, .Day = 29, .Hour = 12 };
    ULONG Seconds;

    RtlTimeToTimeFields(&Time, &Fields);
    CHECK(Fields.Year == 1601 && Fields.Month == 1 && Fields.Day == 1 && Fields.Weekday == 1);
    for (LONGLONG Day = 0; Day < 400000; Day += 37) {
        Time.QuadPart = Day * 864000000000ll + 123456 * 10000ll;
        RtlTimeToTimeFields(&Time, &Fields);
        CHECK(RtlTimeFieldsToTime(&Fields, &Back) && Back.QuadPart == Time.QuadPart);
    }
    Time.QuadPart = 116444736000000000ll;
    RtlTimeToTimeFields(&Time, &Fields);
    CHECK(Fields.Year == 1970 && Fields.Month == 1 && Fields.Day == 1 && Fields.Weekday == 4 && Fields.Hour == 0);
    CHECK(RtlTimeToSecondsSince1970(&Time, &Seconds) && Seconds == 0);
    RtlSecondsSince1970ToTime(951825600, &Time);
    RtlTimeToTimeFields(&Time, &Fields);
    CHECK(Fields.Year == 2000 && Fields.Month == 2 && Fields.Day == 29 && Fields.Hour == 12 && Fields.Weekday == 2);
    Fields.Year = 1900;
    CHECK(!RtlTimeFieldsToTime(&Fields, &Time));
    Fields.Day = 28;
    CHECK(RtlTimeFieldsToTime(&Fields, &Time) && !RtlTimeToSecondsSince1970(&Time, &Seconds));
}

static void TestSecurity(void)
{
    SID_IDENTIFIER_AUTHORITY Nt = { { 0, 0, 0, 0, 0, 5 } };
    PSID Admins, System;
    UCHAR Buffer[256], Relative[256];
    PACL Acl = (PACL)Buffer;
    SECURITY_DESCRIPTOR Absolute;
    UNICODE_STRING Text;
    PVOID Ace;
    PACL Found;
    BOOLEAN Present, Defaulted;
    ULONG Length = sizeof(Relative);

    CHECK(RtlAllocateAndInitializeSid(&Nt, 2, 32, 544, 0, 0, 0, 0, 0, 0, &Admins) == STATUS_SUCCESS);
    CHECK(RtlAllocateAndInitializeSid(&Nt, 1, 18, 0, 0, 0, 0, 0, 0, 0, &System) == STATUS_SUCCESS);
    CHECK(RtlValidSid(Admins) && RtlLengthSid(Admins) == 16);
    CHECK(!RtlEqualSid(Admins, System) && RtlEqualSid(System, System));
    CHECK(RtlConvertSidToUnicodeString(&Text, Admins, TRUE) == STATUS_SUCCESS);
    CHECK(wcscmp(Text.Buffer, L"S-1-5-32-544") == 0);
    RtlFreeUnicodeString(&Text);
    CHECK(RtlCreateAcl(Acl, 64, ACL_REVISION) == STATUS_SUCCESS && RtlValidAcl(Acl));
    CHECK(RtlAddAccessAllowedAce(Acl, ACL_REVISION, 0x1f0003, Admins) == STATUS_SUCCESS);
    CHECK(RtlAddAccessDeniedAce(Acl, ACL_REVISION, 1, System) == STATUS_SUCCESS);
    CHECK(RtlAddAccessAllowedAce(Acl, ACL_REVISION, 1, Admins) == STATUS_ALLOTTED_SPACE_EXCEEDED);
    CHECK(Acl->AceCount == 2 && RtlGetAce(Acl, 1, &Ace) == STATUS_SUCCESS && ((PACE_HEADER)Ace)->AceType == 1);
    CHECK(RtlGetAce(Acl, 2, &Ace) == STATUS_INVALID_PARAMETER && RtlValidAcl(Acl));
    CHECK(RtlCreateSecurityDescriptor(&Absolute, 1) == STATUS_SUCCESS);
    CHECK(RtlSetDaclSecurityDescriptor(&Absolute, TRUE, Acl, FALSE) == STATUS_SUCCESS);
    CHECK(RtlSetOwnerSecurityDescriptor(&Absolute, Admins, FALSE) == STATUS_SUCCESS);
    Length = 20 + 64 + 15;
    CHECK(RtlAbsoluteToSelfRelativeSD(&Absolute, Relative, &Length) == STATUS_BUFFER_TOO_SMALL && Length == 20 + 64 + 16);
    CHECK(RtlAbsoluteToSelfRelativeSD(&Absolute, Relative, &Length) == STATUS_SUCCESS && Length == 20 + 64 + 16);
    CHECK(RtlValidRelativeSecurityDescriptor(Relative, Length, OWNER_SECURITY_INFORMATION));
    CHECK(RtlLengthSecurityDescriptor(Relative) == Length);
    CHECK(!RtlValidRelativeSecurityDescriptor(Relative, Length, GROUP_SECURITY_INFORMATION));
    for (ULONG Cut = 0; Cut < Length; Cut++)
        CHECK(!RtlValidRelativeSecurityDescriptor(Relative, Cut, 0));
    CHECK(RtlGetDaclSecurityDescriptor(Relative, &Present, &Found, &Defaulted) == STATUS_SUCCESS && Present &&
          memcmp(Found, Acl, 64) == 0);
    CHECK(RtlDeleteAce(Acl, 0) == STATUS_SUCCESS && Acl->AceCount == 1 && RtlValidAcl(Acl));
    ((PACE_HEADER)(Acl + 1))->AceSize = 200;
    CHECK(!RtlValidAcl(Acl));
    RtlFreeSid(Admins);
    RtlFreeSid(System);
}

static void TestChecksums(void)
{
    CHECK(RtlComputeCrc32(0, "123456789", 9) == 0xcbf43926);
    CHECK(RtlUlongByteSwap(0x01020304) == 0x04030201);
}

static BOOLEAN IsHex(const void *Bytes, ULONG Length, const char *Expected)
{
    char Text[3];

    for (ULONG i = 0; i < Length; i++) {
        _snprintf(Text, 3, "%02x", ((const UCHAR *)Bytes)[i]);
        if (memcmp(Text, Expected + 2 * i, 2) != 0)
            return FALSE;
    }
    return TRUE;
}

static void TestDigests(void)
{
    static const char Text[] = "12345678901234567890123456789012345678901234567890123456789012345678901234567890";
    MD4_CTX Md4;
    MD5_CTX Md5;
    SHA_CTX Sha;
    ULONG Result[5];

    MD4Init(&Md4);
    MD4Update(&Md4, (const UCHAR *)Text, 80);
    MD4Final(&Md4);
    CHECK(IsHex(Md4.digest, 16, "e33b4ddc9c38f2199c3e7b164fcc0536"));
    MD5Init(&Md5);
    MD5Update(&Md5, (const UCHAR *)Text, 33);
    MD5Update(&Md5, (const UCHAR *)Text + 33, 47);
    MD5Final(&Md5);
    CHECK(IsHex(Md5.digest, 16, "57edf4a22be3c955ac49da2e2107b67a"));
    A_SHAInit(&Sha);
    A_SHAUpdate(&Sha, (const UCHAR *)"abc", 3);
    A_SHAFinal(&Sha, Result);
    CHECK(IsHex(Result, 20, "a9993e364706816aba3e25717850c26c9cd0d89d"));
    A_SHAUpdate(&Sha, (const UCHAR *)"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56);
    A_SHAFinal(&Sha, Result);
    CHECK(IsHex(Result, 20, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"));
}

static RTL_GENERIC_COMPARE_RESULTS NTAPI Compare(PRTL_AVL_TABLE Table, PVOID First, PVOID Second)
{
    ULONG Left = *(PULONG)First, Right = *(PULONG)Second;

    return Left < Right ? GenericLessThan : Left > Right ? GenericGreaterThan : GenericEqual;
}

static PVOID NTAPI Allocate(PRTL_AVL_TABLE Table, ULONG Bytes)
{
    return RtlpAllocate(Bytes);
}

static VOID NTAPI Free(PRTL_AVL_TABLE Table, PVOID Node)
{
    RtlpFree(Node);
}

static void TestTables(void)
{
    RTL_AVL_TABLE Table;
    PULONG Element;
    BOOLEAN New;
    ULONG Expected = 0;

    RtlInitializeGenericTableAvl(&Table, Compare, Allocate, Free, NULL);
    CHECK(RtlIsGenericTableEmptyAvl(&Table));
    for (ULONG i = 0; i < 100; i++) {
        ULONG Key = i * 37 % 100;

        CHECK(*(PULONG)RtlInsertElementGenericTableAvl(&Table, &Key, sizeof(Key), &New) == Key && New);
    }
    CHECK(RtlInsertElementGenericTableAvl(&Table, &Expected, sizeof(Expected), &New) != NULL && !New);
    for (Element = RtlEnumerateGenericTableAvl(&Table, TRUE); Element != NULL;
         Element = RtlEnumerateGenericTableAvl(&Table, FALSE))
        CHECK(*Element == Expected++);
    CHECK(Expected == 100 && *(PULONG)RtlGetElementGenericTableAvl(&Table, 42) == 42);
    CHECK(RtlLookupElementGenericTableAvl(&Table, &Expected) == NULL);
    if (UnitFailAllocations(1))
        CHECK(RtlInsertElementGenericTableAvl(&Table, &Expected, sizeof(Expected), &New) == NULL);
    while (Expected-- > 0)
        CHECK(RtlDeleteElementGenericTableAvl(&Table, &Expected));
    CHECK(RtlNumberGenericTableElementsAvl(&Table) == 0);
}

const UNIT_TEST Tests[] = {
    { "AVL trees", TestAvl },
    { "bitmaps", TestBitmaps },
    { "calendar", TestTime },
    { "security", TestSecurity },
    { "checksums", TestChecksums },
    { "digests", TestDigests },
    { "AVL tables", TestTables },
    { 0 },
};
