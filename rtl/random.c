/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Pseudo random numbers by a seed (not for secrets), checksums, byte order.
 */
#include "rtl.h"

/* x' = x * 0x7fffffed + 0x7fffffc3 modulo 2^31 - 1: the sequence that Windows documents for RtlUniform. */
ULONG NTAPI RtlUniform(PULONG Seed)
{
    *Seed = (ULONG)(((ULONGLONG)*Seed * 0x7fffffed + 0x7fffffc3) % 0x7fffffff);
    return *Seed;
}

/* DIFFERS: Windows mixes a table of earlier values in; ours depends on the seed alone. */
ULONG NTAPI RtlRandom(PULONG Seed)
{
    ULONG High = RtlUniform(Seed);

    return (RtlUniform(Seed) ^ High >> 15) % 0x7fffffff;
}

ULONG NTAPI RtlRandomEx(PULONG Seed)
{
    return RtlRandom(Seed);
}

/* CRC-32 of IEEE 802.3, reflected polynomial 0xedb88320. */
DWORD NTAPI RtlComputeCrc32(DWORD InitialCrc, const void *Buffer, INT Length)
{
    const UCHAR *Data = Buffer;
    ULONG Crc = ~InitialCrc;

    for (; Length > 0; Length--, Data++) {
        Crc ^= *Data;
        for (ULONG Bit = 0; Bit < 8; Bit++)
            Crc = Crc >> 1 ^ (0xedb88320u & (0u - (Crc & 1)));
    }
    return ~Crc;
}

USHORT FASTCALL RtlUshortByteSwap(USHORT Source)
{
    return __builtin_bswap16(Source);
}

ULONG FASTCALL RtlUlongByteSwap(ULONG Source)
{
    return __builtin_bswap32(Source);
}

ULONGLONG FASTCALL RtlUlonglongByteSwap(ULONGLONG Source)
{
    return __builtin_bswap64(Source);
}
