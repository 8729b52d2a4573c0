/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Conditions of ACEs: what follows the SID of a callback ACE and begins with `artx'.
 *
 * A condition is a program for a stack: literals and names of attributes are pushed, an operator takes its operands from the top and
 * pushes true, false or unknown.  What is no program (a cut token, an operand too few, a value of another type than the one that it is
 * compared with) makes the whole unknown: then an ACE that allows does not, and one that denies does.  Everything is read where it lies
 * in the descriptor, which was captured; lengths are checked at each step.
 *
 * Attributes of the resource are in SYSTEM_RESOURCE_ATTRIBUTE_ACEs of the SACL.  Tokens have none, neither of the user, the device nor
 * locally, and no groups of a device: such names are absent, which `Exists' may ask and nothing else, and nobody is a member for a device.
 *
 * Source: [MS-DTYP] 2.4.4.17 (tokens and operators), 2.4.10.1 (attributes), 2.5.3.1.5 (evaluation).  Nothing here waits.
 */
#include "ntos/se/sep.h"

#define SEP_CONDITION_DEPTH 32

enum {
    SepTokenPadding = 0x00, SepTokenInt8 = 0x01, SepTokenInt64 = 0x04, SepTokenString = 0x10, SepTokenOctets = 0x18,
    SepTokenComposite = 0x50, SepTokenSid = 0x51,
    SepTokenEqual = 0x80, SepTokenNotEqual, SepTokenLess, SepTokenLessOrEqual, SepTokenGreater, SepTokenGreaterOrEqual,
    SepTokenContains = 0x86, SepTokenExists = 0x87, SepTokenAnyOf = 0x88, SepTokenMemberOf = 0x89, SepTokenDeviceMemberOf = 0x8a,
    SepTokenMemberOfAny = 0x8b, SepTokenDeviceMemberOfAny = 0x8c, SepTokenNotExists = 0x8d, SepTokenNotContains = 0x8e,
    SepTokenNotAnyOf = 0x8f, SepTokenNotMemberOf = 0x90, SepTokenNotDeviceMemberOf = 0x91, SepTokenNotMemberOfAny = 0x92,
    SepTokenNotDeviceMemberOfAny = 0x93,
    SepTokenAnd = 0xa0, SepTokenOr = 0xa1, SepTokenNot = 0xa2,
    SepTokenLocal = 0xf8, SepTokenUser = 0xf9, SepTokenResource = 0xfa, SepTokenDevice = 0xfb,
};

/* An integer's token: the value, its sign and its base, as they were written. */
#define SEP_INTEGER_LENGTH (sizeof(ULONG64) + 2)

typedef struct _SEP_VALUE {
    UCHAR Type;                         /* SepTokenInt64, SepTokenString, SepTokenOctets, SepTokenSid */
    BOOLEAN Unsigned;
    ULONG64 Integer;
    const UCHAR *Bytes;                 /* of the others */
    ULONG Length;
} SEP_VALUE, *PSEP_VALUE;

typedef enum _SEP_OPERAND_KIND { SepResult, SepLiteral, SepAttribute } SEP_OPERAND_KIND;

typedef struct _SEP_OPERAND {
    SEP_OPERAND_KIND Kind;
    SEP_TRUTH Result;
    const UCHAR *Data;                  /* literals in a row; or the attribute, NULL: absent */
    ULONG Length;
    BOOLEAN Several;                    /* a composite */
} SEP_OPERAND, *PSEP_OPERAND;

static ULONG SepReadUlong(const UCHAR *From)
{
    ULONG Value;

    memcpy(&Value, From, sizeof(Value));
    return Value;
}

/* --- values ------------------------------------------------------------------------------------------------------------------------ */

static BOOLEAN SepIsSidWithin(const UCHAR *Bytes, ULONG Length)
{
    return Length >= FIELD_OFFSET(SID, SubAuthority) && RtlValidSid((PSID)Bytes) && RtlLengthSid((PSID)Bytes) <= Length;
}

/* One simple literal at *Data, which moves on. */
static BOOLEAN SepTakeLiteral(const UCHAR **Data, ULONG *Length, PSEP_VALUE Value)
{
    ULONG Size = SEP_INTEGER_LENGTH, Head = 1;
    UCHAR Type;

    if (*Length < 1 + sizeof(ULONG))
        return FALSE;
    Type = **Data;
    *Value = (SEP_VALUE){ .Type = Type >= SepTokenInt8 && Type <= SepTokenInt64 ? SepTokenInt64 : Type };
    if (Value->Type == SepTokenString || Value->Type == SepTokenOctets || Value->Type == SepTokenSid) {
        Head += sizeof(ULONG);
        Size = SepReadUlong(*Data + 1);
    } else if (Value->Type != SepTokenInt64) {
        return FALSE;
    }
    if (Size > *Length - Head)
        return FALSE;
    Value->Bytes = *Data + Head;
    Value->Length = Size;
    *Data += Head + Size;
    *Length -= Head + Size;
    if (Value->Type == SepTokenInt64)
        memcpy(&Value->Integer, Value->Bytes, sizeof(Value->Integer));
    return (Value->Type != SepTokenSid || SepIsSidWithin(Value->Bytes, Size)) && (Value->Type != SepTokenString || Size % 2 == 0);
}

/* The bytes of a string that ends with a NUL within the Room. */
static BOOLEAN SepTakeText(const UCHAR *Text, ULONG Room, PULONG Length)
{
    for (*Length = 0; *Length + sizeof(WCHAR) <= Room; *Length += sizeof(WCHAR)) {
        if (Text[*Length] == 0 && Text[*Length + 1] == 0)
            return TRUE;
    }
    return FALSE;
}

/* Value Index of an attribute, which is known to have it. */
static BOOLEAN SepTakeClaimValue(const SEP_OPERAND *Attribute, ULONG Index, PSEP_VALUE Value)
{
    const CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1 *Claim = (const VOID *)Attribute->Data;
    ULONG Offset = SepReadUlong(Attribute->Data + FIELD_OFFSET(CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1, Values) + Index * sizeof(ULONG));
    ULONG Room = Offset < Attribute->Length ? Attribute->Length - Offset : 0;

    *Value = (SEP_VALUE){ .Type = SepTokenInt64, .Bytes = Attribute->Data + Offset };
    switch (Claim->ValueType) {
    case CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64:
    case CLAIM_SECURITY_ATTRIBUTE_TYPE_UINT64:
    case CLAIM_SECURITY_ATTRIBUTE_TYPE_BOOLEAN:
        if (Room < sizeof(Value->Integer))
            return FALSE;
        memcpy(&Value->Integer, Value->Bytes, sizeof(Value->Integer));
        Value->Unsigned = Claim->ValueType != CLAIM_SECURITY_ATTRIBUTE_TYPE_INT64;
        return TRUE;
    case CLAIM_SECURITY_ATTRIBUTE_TYPE_STRING:
        Value->Type = SepTokenString;
        return SepTakeText(Value->Bytes, Room, &Value->Length);
    case CLAIM_SECURITY_ATTRIBUTE_TYPE_SID:
    case CLAIM_SECURITY_ATTRIBUTE_TYPE_OCTET_STRING:
        if (Room < sizeof(ULONG) || SepReadUlong(Value->Bytes) > Room - sizeof(ULONG))
            return FALSE;
        Value->Type = Claim->ValueType == CLAIM_SECURITY_ATTRIBUTE_TYPE_SID ? SepTokenSid : SepTokenOctets;
        Value->Length = SepReadUlong(Value->Bytes);
        Value->Bytes += sizeof(ULONG);
        return Value->Type != SepTokenSid || SepIsSidWithin(Value->Bytes, Value->Length);
    }
    return FALSE;
}

static ULONG SepClaimCount(const SEP_OPERAND *Attribute)
{
    return ((const CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1 *)Attribute->Data)->ValueCount;
}

/* Walks through an operand's values, from *At 0.  FALSE at the end. */
static BOOLEAN SepNextValue(const SEP_OPERAND *Operand, PULONG At, PSEP_VALUE Value)
{
    const UCHAR *Data = Operand->Data + *At;
    ULONG Left = Operand->Length - *At;

    if (Operand->Kind == SepAttribute)
        return *At < SepClaimCount(Operand) && SepTakeClaimValue(Operand, (*At)++, Value);
    if (Left == 0 || !SepTakeLiteral(&Data, &Left, Value))
        return FALSE;
    *At = Operand->Length - Left;
    return TRUE;
}

static BOOLEAN SepHasOneValue(const SEP_OPERAND *Operand)
{
    return Operand->Kind == SepAttribute ? SepClaimCount(Operand) == 1 : !Operand->Several;
}

static BOOLEAN SepIsCaseSensitive(const SEP_OPERAND *Operand)
{
    return Operand->Kind == SepAttribute &&
           ((const CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1 *)Operand->Data)->Flags & CLAIM_SECURITY_ATTRIBUTE_VALUE_CASE_SENSITIVE;
}

/* Less than, equal to or more than 0 in *Order; FALSE: the two are of different types. */
static BOOLEAN SepCompareValues(const SEP_VALUE *A, const SEP_VALUE *B, BOOLEAN CaseSensitive, PLONG Order)
{
    if (A->Type != B->Type)
        return FALSE;
    if (A->Type == SepTokenInt64) {
        BOOLEAN MinusA = !A->Unsigned && (LONG64)A->Integer < 0, MinusB = !B->Unsigned && (LONG64)B->Integer < 0;

        *Order = MinusA != MinusB ? (MinusA ? -1 : 1) : A->Integer < B->Integer ? -1 : A->Integer > B->Integer;
    } else if (A->Type == SepTokenString) {
        UNICODE_STRING TextA = { (USHORT)A->Length, (USHORT)A->Length, (PWSTR)A->Bytes };
        UNICODE_STRING TextB = { (USHORT)B->Length, (USHORT)B->Length, (PWSTR)B->Bytes };

        *Order = RtlCompareUnicodeString(&TextA, &TextB, !CaseSensitive);
    } else {
        *Order = A->Length != B->Length || memcmp(A->Bytes, B->Bytes, A->Length) != 0;
    }
    return TRUE;
}

/* --- operators --------------------------------------------------------------------------------------------------------------------- */

static SEP_TRUTH SepInverse(SEP_TRUTH Truth)
{
    return Truth == SepTrue ? SepFalse : Truth == SepFalse ? SepTrue : Truth;
}

/* Is Value among those of Set? */
static SEP_TRUTH SepIsAmong(const SEP_VALUE *Value, const SEP_OPERAND *Set, BOOLEAN CaseSensitive)
{
    SEP_VALUE Other;
    LONG Order;

    for (ULONG At = 0; SepNextValue(Set, &At, &Other); ) {
        if (!SepCompareValues(Value, &Other, CaseSensitive, &Order))
            return SepError;
        if (Order == 0)
            return SepTrue;
    }
    return SepFalse;
}

/* Are All of Part's values among those of Set, or is any? */
static SEP_TRUTH SepAreAmong(const SEP_OPERAND *Part, const SEP_OPERAND *Set, BOOLEAN All)
{
    BOOLEAN CaseSensitive = SepIsCaseSensitive(Part) || SepIsCaseSensitive(Set);
    SEP_VALUE Value;

    for (ULONG At = 0; SepNextValue(Part, &At, &Value); ) {
        SEP_TRUTH Found = SepIsAmong(&Value, Set, CaseSensitive);

        if (Found == SepError || (Found == SepTrue) != All)
            return Found;
    }
    return All ? SepTrue : SepFalse;
}

static SEP_TRUTH SepOrder(UCHAR Operator, const SEP_OPERAND *Left, const SEP_OPERAND *Right)
{
    ULONG AtLeft = 0, AtRight = 0;
    SEP_VALUE A, B;
    BOOLEAN Holds;
    LONG Order;

    if (!SepHasOneValue(Left) || !SepHasOneValue(Right) || !SepNextValue(Left, &AtLeft, &A) || !SepNextValue(Right, &AtRight, &B) ||
        (A.Type != SepTokenInt64 && A.Type != SepTokenString) ||
        !SepCompareValues(&A, &B, SepIsCaseSensitive(Left) || SepIsCaseSensitive(Right), &Order))
        return SepError;
    switch (Operator) {
    case SepTokenLess:
        Holds = Order < 0;
        break;
    case SepTokenLessOrEqual:
        Holds = Order <= 0;
        break;
    case SepTokenGreater:
        Holds = Order > 0;
        break;
    default:
        Holds = Order >= 0;
    }
    return Holds ? SepTrue : SepFalse;
}

static SEP_TRUTH SepEquality(const SEP_OPERAND *Left, const SEP_OPERAND *Right)
{
    SEP_TRUTH Within = SepAreAmong(Left, Right, TRUE);

    return Within == SepTrue ? SepAreAmong(Right, Left, TRUE) : Within;
}

/* The left side is an attribute; one that is absent answers nothing. */
static SEP_TRUTH SepRelate(UCHAR Operator, const SEP_OPERAND *Left, const SEP_OPERAND *Right)
{
    if (Left->Kind != SepAttribute || Right->Kind == SepResult)
        return SepError;
    if (Left->Data == NULL || (Right->Kind == SepAttribute && Right->Data == NULL))
        return SepUnknown;
    switch (Operator) {
    case SepTokenEqual:
        return SepEquality(Left, Right);
    case SepTokenNotEqual:
        return SepInverse(SepEquality(Left, Right));
    case SepTokenContains:
        return SepAreAmong(Right, Left, TRUE);
    case SepTokenNotContains:
        return SepInverse(SepAreAmong(Right, Left, TRUE));
    case SepTokenAnyOf:
        return SepAreAmong(Right, Left, FALSE);
    case SepTokenNotAnyOf:
        return SepInverse(SepAreAmong(Right, Left, FALSE));
    }
    return SepOrder(Operator, Left, Right);
}

/* Is who asks a member of All the groups of the operand, or of any? */
static SEP_TRUTH SepMembership(const SEP_CONDITION *Condition, const SEP_OPERAND *Groups, BOOLEAN Device, BOOLEAN All)
{
    SEP_VALUE Value;
    BOOLEAN Found = FALSE;

    if (Groups->Kind != SepLiteral)
        return SepError;
    for (ULONG At = 0; At < Groups->Length; ) {
        if (!SepNextValue(Groups, &At, &Value) || Value.Type != SepTokenSid)
            return SepError;
        Found = !Device && SepSidCounts(Condition->Token, Condition->Restricted, (PSID)Value.Bytes, Condition->ForDeny);
        if (Found != All)
            break;
    }
    return Found ? SepTrue : SepFalse;
}

/* What an operand says alone. */
static SEP_TRUTH SepTruthOf(const SEP_OPERAND *Operand)
{
    ULONG At = 0;
    SEP_VALUE Value;

    if (Operand->Kind == SepResult)
        return Operand->Result;
    if (Operand->Kind == SepLiteral)
        return SepError;
    if (Operand->Data == NULL)
        return SepUnknown;
    if (!SepHasOneValue(Operand) || !SepNextValue(Operand, &At, &Value))
        return SepError;
    if (Value.Type == SepTokenInt64)
        return Value.Integer != 0 ? SepTrue : SepFalse;
    return Value.Type != SepTokenString ? SepError : Value.Length != 0 ? SepTrue : SepFalse;
}

static SEP_TRUTH SepOfOne(const SEP_CONDITION *Condition, UCHAR Operator, const SEP_OPERAND *Operand)
{
    switch (Operator) {
    case SepTokenNot:
        return SepInverse(SepTruthOf(Operand));
    case SepTokenExists:
    case SepTokenNotExists:
        if (Operand->Kind != SepAttribute)
            return SepError;
        return (Operand->Data != NULL) == (Operator == SepTokenExists) ? SepTrue : SepFalse;
    case SepTokenMemberOf:
    case SepTokenDeviceMemberOf:
        return SepMembership(Condition, Operand, Operator == SepTokenDeviceMemberOf, TRUE);
    case SepTokenMemberOfAny:
    case SepTokenDeviceMemberOfAny:
        return SepMembership(Condition, Operand, Operator == SepTokenDeviceMemberOfAny, FALSE);
    case SepTokenNotMemberOf:
    case SepTokenNotDeviceMemberOf:
        return SepInverse(SepMembership(Condition, Operand, Operator == SepTokenNotDeviceMemberOf, TRUE));
    case SepTokenNotMemberOfAny:
    case SepTokenNotDeviceMemberOfAny:
        return SepInverse(SepMembership(Condition, Operand, Operator == SepTokenNotDeviceMemberOfAny, FALSE));
    }
    return SepError;
}

static SEP_TRUTH SepOfTwo(UCHAR Operator, const SEP_OPERAND *Left, const SEP_OPERAND *Right)
{
    SEP_TRUTH Decides = Operator == SepTokenOr ? SepTrue : SepFalse;
    SEP_TRUTH A, B;

    if (Operator != SepTokenAnd && Operator != SepTokenOr)
        return SepRelate(Operator, Left, Right);
    A = SepTruthOf(Left);
    B = SepTruthOf(Right);
    if (A == SepError || B == SepError)
        return SepError;
    if (A == Decides || B == Decides)
        return Decides;
    return A == SepUnknown ? A : B;
}

/* --- attributes and the walk -------------------------------------------------------------------------------------------------------- */

/* Does the ACE have the attribute of this name, whole and on? */
static BOOLEAN SepIsClaimOf(const SEP_CONDITION *Condition, PACE_HEADER Ace, PCUNICODE_STRING Name, PSEP_OPERAND Operand)
{
    const CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1 *Claim;
    PSID Sid = Ace->AceType == SYSTEM_RESOURCE_ATTRIBUTE_ACE_TYPE && !(Ace->AceFlags & INHERIT_ONLY_ACE) ? SepSidOfAce(Ace) : NULL;
    const ULONG Head = FIELD_OFFSET(CLAIM_SECURITY_ATTRIBUTE_RELATIVE_V1, Values);
    UNICODE_STRING Own;
    ULONG Length;

    if (Sid == NULL)
        return FALSE;
    Operand->Data = (PUCHAR)Sid + RtlLengthSid(Sid);
    Operand->Length = (ULONG)((PUCHAR)Ace + Ace->AceSize - Operand->Data);
    Claim = (const VOID *)Operand->Data;
    if (Operand->Length < Head || Claim->ValueCount == 0 || Claim->ValueCount > (Operand->Length - Head) / sizeof(ULONG) ||
        Claim->Flags & CLAIM_SECURITY_ATTRIBUTE_DISABLED ||
        (Claim->Flags & CLAIM_SECURITY_ATTRIBUTE_USE_FOR_DENY_ONLY && !Condition->ForDeny) ||
        Claim->Name > Operand->Length || !SepTakeText(Operand->Data + Claim->Name, Operand->Length - Claim->Name, &Length))
        return FALSE;
    Own = (UNICODE_STRING){ (USHORT)Length, (USHORT)Length, (PWSTR)(Operand->Data + Claim->Name) };
    return RtlEqualUnicodeString(&Own, Name, TRUE);
}

/* All values can be read, or the attribute is as good as absent. */
static BOOLEAN SepIsWholeClaim(const SEP_OPERAND *Attribute)
{
    SEP_VALUE Value;

    for (ULONG i = 0; i < SepClaimCount(Attribute); i++)
        if (!SepTakeClaimValue(Attribute, i, &Value))
            return FALSE;
    return TRUE;
}

static VOID SepFindAttribute(const SEP_CONDITION *Condition, UCHAR Token, PCUNICODE_STRING Name, PSEP_OPERAND Operand)
{
    PACE_HEADER Ace;

    for (ULONG i = 0; Token == SepTokenResource && Condition->Sacl != NULL && i < Condition->Sacl->AceCount &&
                      NT_SUCCESS(RtlGetAce(Condition->Sacl, i, (PVOID *)&Ace)); i++)
        if (SepIsClaimOf(Condition, Ace, Name, Operand) && SepIsWholeClaim(Operand))
            return;
    Operand->Data = NULL;
}

/* An operand at *Data, which moves on. */
static BOOLEAN SepTakeOperand(const SEP_CONDITION *Condition, const UCHAR **Data, ULONG *Length, PSEP_OPERAND Operand)
{
    const UCHAR *Start = *Data, *Inner = Start + 1 + sizeof(ULONG);
    UCHAR Token = *Start;
    ULONG Size, Left;
    SEP_VALUE Value;

    *Operand = (SEP_OPERAND){ .Kind = Token >= SepTokenLocal ? SepAttribute : SepLiteral, .Several = Token == SepTokenComposite };
    if (Token != SepTokenComposite && Token < SepTokenLocal) {
        Operand->Data = Start;
        if (!SepTakeLiteral(Data, Length, &Value))
            return FALSE;
        Operand->Length = (ULONG)(*Data - Start);
        return TRUE;
    }
    if (*Length < 1 + sizeof(ULONG) || SepReadUlong(Start + 1) > *Length - 1 - sizeof(ULONG))
        return FALSE;
    Size = Left = SepReadUlong(Start + 1);
    *Data = Inner + Size;
    *Length -= 1 + sizeof(ULONG) + Size;
    Operand->Data = Inner;
    Operand->Length = Size;
    if (Token >= SepTokenLocal) {
        UNICODE_STRING Name = { (USHORT)Size, (USHORT)Size, (PWSTR)Inner };

        SepFindAttribute(Condition, Token, &Name, Operand);
        return Token <= SepTokenDevice && Size % sizeof(WCHAR) == 0;
    }
    while (Left != 0)
        if (!SepTakeLiteral(&Inner, &Left, &Value))
            return FALSE;
    return TRUE;
}

static BOOLEAN SepTakesTwo(UCHAR Operator)
{
    return Operator <= SepTokenContains || Operator == SepTokenAnyOf || Operator == SepTokenNotContains || Operator == SepTokenNotAnyOf ||
           Operator == SepTokenAnd || Operator == SepTokenOr;
}

static BOOLEAN SepIsPadding(const UCHAR *Data, ULONG Length)
{
    while (Length != 0 && *Data == SepTokenPadding)
        Data++, Length--;
    return Length == 0;
}

/* The operator takes its operands from the Stack and puts its result there; FALSE: what it says makes all unknown. */
static BOOLEAN SepOperate(const SEP_CONDITION *Condition, UCHAR Operator, PSEP_OPERAND Stack, PULONG Depth)
{
    ULONG Count = SepTakesTwo(Operator) ? 2 : 1;
    SEP_TRUTH Result;

    if (*Depth < Count)
        return FALSE;
    *Depth -= Count;
    Result = Count == 2 ? SepOfTwo(Operator, &Stack[*Depth], &Stack[*Depth + 1]) : SepOfOne(Condition, Operator, &Stack[*Depth]);
    Stack[(*Depth)++] = (SEP_OPERAND){ .Kind = SepResult, .Result = Result };
    return Result != SepError;
}

SEP_TRUTH SepEvaluate(const SEP_CONDITION *Condition, const UCHAR *Data, ULONG Length)
{
    SEP_OPERAND Stack[SEP_CONDITION_DEPTH];
    ULONG Depth = 0;
    SEP_TRUTH Truth;

    while (Length != 0 && *Data != SepTokenPadding) {
        if (*Data >= SepTokenEqual && *Data < SepTokenLocal) {
            if (!SepOperate(Condition, *Data, Stack, &Depth))
                return SepUnknown;
            Data++, Length--;
        } else if (Depth == SEP_CONDITION_DEPTH || !SepTakeOperand(Condition, &Data, &Length, &Stack[Depth++])) {
            return SepUnknown;
        }
    }
    if (Depth != 1 || !SepIsPadding(Data, Length))
        return SepUnknown;
    Truth = SepTruthOf(&Stack[0]);
    return Truth == SepError ? SepUnknown : Truth;
}
