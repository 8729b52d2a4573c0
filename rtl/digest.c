/* SPDX-License-Identifier: BSD-2-Clause
 *
 * MD4 (RFC 1320), MD5 (RFC 1321), SHA-1 (RFC 3174), with the contexts that Windows' exports use.  For checks of
 * integrity between old programs, not for secrets.
 */
#include "rtl.h"

typedef VOID (*RTLP_BLOCK_ROUTINE)(ULONG *State, const UCHAR *Block);

static ULONG RtlpRotate(ULONG Value, ULONG Bits)
{
    return Value << Bits | Value >> (32 - Bits);
}

static ULONG RtlpLittle(const UCHAR *Bytes)
{
    return Bytes[0] | (ULONG)Bytes[1] << 8 | (ULONG)Bytes[2] << 16 | (ULONG)Bytes[3] << 24;
}

static ULONG RtlpBig(const UCHAR *Bytes)
{
    return Bytes[3] | (ULONG)Bytes[2] << 8 | (ULONG)Bytes[1] << 16 | (ULONG)Bytes[0] << 24;
}

/* Adds Data to the 64 byte buffer that holds Used bytes, and processes each full block. */
static VOID RtlpAbsorb(ULONG *State, UCHAR *Buffer, ULONG Used, const UCHAR *Data, ULONG Length,
        RTLP_BLOCK_ROUTINE Process)
{
    while (Length != 0) {
        ULONG Part = min(64 - Used, Length);

        memcpy(Buffer + Used, Data, Part);
        Used += Part;
        Data += Part;
        Length -= Part;
        if (Used == 64) {
            Process(State, Buffer);
            Used = 0;
        }
    }
}

/* The closing 0x80, zeros up to the last 8 bytes, the length. */
static VOID RtlpFinish(ULONG *State, UCHAR *Buffer, ULONG Used, const UCHAR LengthBytes[8], RTLP_BLOCK_ROUTINE Process)
{
    static const UCHAR Padding[64] = { 0x80 };
    ULONG Zeros = Used < 56 ? 56 - Used : 120 - Used;

    RtlpAbsorb(State, Buffer, Used, Padding, Zeros, Process);
    RtlpAbsorb(State, Buffer, 56, LengthBytes, 8, Process);
}

static VOID RtlpPut64(UCHAR Bytes[8], ULONGLONG Value, BOOLEAN BigEndian)
{
    for (ULONG Index = 0; Index < 8; Index++)
        Bytes[Index] = (UCHAR)(Value >> 8 * (BigEndian ? 7 - Index : Index));
}

static const ULONG RtlpMdStart[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };

static VOID RtlpMd4Block(ULONG *State, const UCHAR *Block)
{
    static const UCHAR Shifts[3][4] = { { 3, 7, 11, 19 }, { 3, 5, 9, 13 }, { 3, 9, 11, 15 } };
    static const UCHAR Third[16] = { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15 };
    static const ULONG Constants[3] = { 0, 0x5a827999, 0x6ed9eba1 };
    ULONG A = State[0], B = State[1], C = State[2], D = State[3];

    for (ULONG Step = 0; Step < 48; Step++) {
        ULONG Round = Step / 16, At = Step % 16;
        ULONG Mix = Round == 0 ? (B & C) | (~B & D) : Round == 1 ? (B & C) | (B & D) | (C & D) : B ^ C ^ D;
        ULONG Word = Round == 0 ? At : Round == 1 ? At % 4 * 4 + At / 4 : Third[At];
        ULONG Sum = RtlpRotate(A + Mix + RtlpLittle(Block + Word * 4) + Constants[Round], Shifts[Round][Step % 4]);

        A = D;
        D = C;
        C = B;
        B = Sum;
    }
    State[0] += A;
    State[1] += B;
    State[2] += C;
    State[3] += D;
}

VOID NTAPI MD4Init(MD4_CTX *Context)
{
    memcpy(Context->buf, RtlpMdStart, sizeof(RtlpMdStart));
    Context->i[0] = Context->i[1] = 0;
}

/* The two length words are the number of bits. */
static ULONG RtlpCountBits(ULONG Words[2], ULONG Length)
{
    ULONGLONG Bits = (ULONGLONG)Words[1] << 32 | Words[0];
    ULONG Used = (ULONG)(Bits / 8) % 64;

    Bits += (ULONGLONG)Length * 8;
    Words[0] = (ULONG)Bits;
    Words[1] = (ULONG)(Bits >> 32);
    return Used;
}

VOID NTAPI MD4Update(MD4_CTX *Context, const UCHAR *Data, ULONG Length)
{
    RtlpAbsorb(Context->buf, Context->in, RtlpCountBits(Context->i, Length), Data, Length, RtlpMd4Block);
}

VOID NTAPI MD4Final(MD4_CTX *Context)
{
    UCHAR Length[8];

    RtlpPut64(Length, (ULONGLONG)Context->i[1] << 32 | Context->i[0], FALSE);
    RtlpFinish(Context->buf, Context->in, RtlpCountBits(Context->i, 0), Length, RtlpMd4Block);
    memcpy(Context->digest, Context->buf, sizeof(Context->digest));
}

static VOID RtlpMd5Block(ULONG *State, const UCHAR *Block)
{
    static const UCHAR Shifts[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
    static const ULONG Sines[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    };
    ULONG A = State[0], B = State[1], C = State[2], D = State[3];

    for (ULONG Step = 0; Step < 64; Step++) {
        ULONG Round = Step / 16, Word, Mix, Sum;

        switch (Round) {
        case 0:
            Mix = (B & C) | (~B & D);
            Word = Step;
            break;
        case 1:
            Mix = (D & B) | (~D & C);
            Word = (5 * Step + 1) % 16;
            break;
        case 2:
            Mix = B ^ C ^ D;
            Word = (3 * Step + 5) % 16;
            break;
        default:
            Mix = C ^ (B | ~D);
            Word = 7 * Step % 16;
            break;
        }
        Sum = B + RtlpRotate(A + Mix + Sines[Step] + RtlpLittle(Block + Word * 4), Shifts[Round][Step % 4]);
        A = D;
        D = C;
        C = B;
        B = Sum;
    }
    State[0] += A;
    State[1] += B;
    State[2] += C;
    State[3] += D;
}

VOID NTAPI MD5Init(MD5_CTX *Context)
{
    memcpy(Context->buf, RtlpMdStart, sizeof(RtlpMdStart));
    Context->i[0] = Context->i[1] = 0;
}

VOID NTAPI MD5Update(MD5_CTX *Context, const UCHAR *Data, ULONG Length)
{
    RtlpAbsorb(Context->buf, Context->in, RtlpCountBits(Context->i, Length), Data, Length, RtlpMd5Block);
}

VOID NTAPI MD5Final(MD5_CTX *Context)
{
    UCHAR Length[8];

    RtlpPut64(Length, (ULONGLONG)Context->i[1] << 32 | Context->i[0], FALSE);
    RtlpFinish(Context->buf, Context->in, RtlpCountBits(Context->i, 0), Length, RtlpMd5Block);
    memcpy(Context->digest, Context->buf, sizeof(Context->digest));
}

static VOID RtlpShaBlock(ULONG *State, const UCHAR *Block)
{
    static const ULONG Constants[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
    ULONG Words[80], A = State[0], B = State[1], C = State[2], D = State[3], E = State[4];

    for (ULONG Index = 0; Index < 80; Index++)
        Words[Index] = Index < 16 ? RtlpBig(Block + Index * 4)
                : RtlpRotate(Words[Index - 3] ^ Words[Index - 8] ^ Words[Index - 14] ^ Words[Index - 16], 1);
    for (ULONG Step = 0; Step < 80; Step++) {
        ULONG Round = Step / 20;
        ULONG Mix = Round == 0 ? (B & C) | (~B & D) : Round == 2 ? (B & C) | (B & D) | (C & D) : B ^ C ^ D;
        ULONG Sum = RtlpRotate(A, 5) + Mix + E + Words[Step] + Constants[Round];

        E = D;
        D = C;
        C = RtlpRotate(B, 30);
        B = A;
        A = Sum;
    }
    State[0] += A;
    State[1] += B;
    State[2] += C;
    State[3] += D;
    State[4] += E;
}

VOID NTAPI A_SHAInit(PSHA_CTX Context)
{
    static const ULONG Start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 };

    memcpy(Context->State, Start, sizeof(Start));
    Context->Count[0] = Context->Count[1] = 0;
}

/* Count: bytes, high word first. */
VOID NTAPI A_SHAUpdate(PSHA_CTX Context, const UCHAR *Data, UINT Length)
{
    ULONG Used = Context->Count[1] % 64;

    Context->Count[1] += Length;
    Context->Count[0] += Context->Count[1] < Length;
    RtlpAbsorb(Context->State, Context->Buffer, Used, Data, Length, RtlpShaBlock);
}

VOID NTAPI A_SHAFinal(PSHA_CTX Context, PULONG Result)
{
    ULONGLONG Bytes = (ULONGLONG)Context->Count[0] << 32 | Context->Count[1];
    UCHAR Length[8];

    RtlpPut64(Length, Bytes * 8, TRUE);
    RtlpFinish(Context->State, Context->Buffer, (ULONG)(Bytes % 64), Length, RtlpShaBlock);
    for (ULONG Index = 0; Index < 5; Index++)
        Result[Index] = __builtin_bswap32(Context->State[Index]);
    A_SHAInit(Context);
}
