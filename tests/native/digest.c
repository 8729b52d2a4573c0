/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Digests and check sums, calendar, byte order, random numbers.
 * Runs on: Nereid and Wine.
 *
 * The expected values come from other implementations (Python's hashlib, zlib and datetime; RFC 1320 for MD4).  Byte I of
 * a message of length N is 7 * I + N.
 */
#include "check.h"

static const struct {
    ULONG Length;
    PCSTR Md5;
    PCSTR Sha1;
    ULONG Crc32;
} Messages[] = {
    { 0, "d41d8cd98f00b204e9800998ecf8427e", "da39a3ee5e6b4b0d3255bfef95601890afd80709", 0x00000000 },
    { 1, "55a54008ad1ba589aa210d2629c1df41", "bf8b4530d8d246dd74ac53a13471bba17941dff7", 0xa505df1b },
    { 3, "c9aee4810523ef8658121b8d492c6b41", "4201de9f98cb0a9b8cf52398be7802b55d45266a", 0x6d58af33 },
    { 8, "915ec04d8618cc48a239e56cbcc2fcba", "fc1bbedc70772da6ffc4c111c3512a8af859de42", 0xa44d4b91 },
    { 55, "f1289732253518750e22b62a571a1748", "63ac9708fb581dd150d3647549f9e0cb51dcf1df", 0xabadefa5 },
    { 56, "179e3b9fa272a23e2a8b32bde1015414", "5a0c4d0eb2f15e05bbbff6b8dada9ae767fc03f0", 0x7c7d9a1a },
    { 57, "d5f0a59aa9d6d8164d3754fb91f67809", "4e77d3077d2ab5167db3434c31cac3d15a3afc12", 0xca3191fa },
    { 63, "dd785945d1d6b87eca0d276dbb8756fd", "d94ff3ad53f9b9327704b812ee9c1f3abbba3d48", 0xbef0ca58 },
    { 64, "e3ab394ce4eb7da020a27d2e2443143c", "5f55a35e13f1865e7ffc22dca1275b1a49b0ff56", 0x869618e4 },
    { 65, "28a6b0f918d9aea03e979a1657d8d0f6", "d7f8931010f8342a97383e1410a58c47d057708b", 0xa028eee2 },
    { 119, "d49720530a386a3191eac0dc840dd1bd", "774001b5ad1f46b40c48e1b94cb092c593ead25b", 0x3b340dd9 },
    { 120, "8a440004b569286a42c722295ce1c5a6", "6ebf3111dc761f11b13f29df0484848785385973", 0xaf965949 },
    { 121, "1f6329f06fb62076bef2278b7007e60f", "467945c0e868aaff130a18a6ff44c3963010999f", 0x92873b08 },
    { 127, "36d03458e8a745e61afcf02257826e12", "82d007f6e7e5672722c0717b6bea2ba6f17cd35c", 0x93ea027b },
    { 128, "52cc29caecfd9380a2261a80c58e6787", "0a44ac02432f6ead67d86fcb70a4d8ce589e50ec", 0xab4bf525 },
    { 129, "0fa5eac15b498f879494809c74939fc7", "461b146c523c63566b8bf8852dc8462116cf2e3f", 0xc2e6a730 },
    { 191, "050b3327d0ba3f19af2611aaad6df1d7", "23197991c9724f0f6b62914d589fcc14f4b1ec66", 0x09d8496d },
    { 192, "ef204c6d4d11c8124b4f50a9c73d6cfc", "7f1fe25f3fa1bd65998ecd66bd359cc5054a5ec1", 0x719212f2 },
    { 300, "59b0f2798dbe78320010d9c83672f8f6", "c85d81e5e65c69fc968bf5b0c509dbdb80bc2c2d", 0x16bfefd1 },
    { 1000, "c3b2968d34e038455d14c8827156e193", "7461968a9edb9b418224f1acb305d2feeaa10ba5", 0x616d2259 },
};

static const struct {
    LONGLONG Time;
    TIME_FIELDS Fields;
    BOOLEAN In1970;
    ULONG Since1970;
    BOOLEAN In1980;
    ULONG Since1980;
} Times[] = {
    { 0ll, { 1601, 1, 1, 0, 0, 0, 0, 1 }, FALSE, 0u, FALSE, 0u },
    { 315359999990000ll, { 1601, 12, 31, 23, 59, 59, 999, 1 }, FALSE, 0u, FALSE, 0u },
    { 31291525230040000ll, { 1700, 2, 28, 1, 2, 3, 4, 0 }, FALSE, 0u, FALSE, 0u },
    { 94405392000000000ll, { 1900, 2, 28, 12, 0, 0, 0, 3 }, FALSE, 0u, FALSE, 0u },
    { 94405824000000000ll, { 1900, 3, 1, 0, 0, 0, 0, 4 }, FALSE, 0u, FALSE, 0u },
    { 116444735999990000ll, { 1969, 12, 31, 23, 59, 59, 999, 3 }, FALSE, 0u, FALSE, 0u },
    { 116444736000000000ll, { 1970, 1, 1, 0, 0, 0, 0, 4 }, TRUE, 0u, FALSE, 0u },
    { 119600064000000000ll, { 1980, 1, 1, 0, 0, 0, 0, 2 }, TRUE, 315532800u, TRUE, 0u },
    { 125962780280090000ll, { 2000, 2, 29, 6, 7, 8, 9, 2 }, TRUE, 951804428u, TRUE, 636271628u },
    { 126226944000010000ll, { 2000, 12, 31, 0, 0, 0, 1, 0 }, TRUE, 978220800u, TRUE, 662688000u },
    { 133537247999990000ll, { 2024, 2, 29, 23, 59, 59, 999, 4 }, TRUE, 1709251199u, TRUE, 1393718399u },
    { 137919572470000000ll, { 2038, 1, 19, 3, 14, 7, 0, 2 }, TRUE, 2147483647u, TRUE, 1831950847u },
    { 137919572480000000ll, { 2038, 1, 19, 3, 14, 8, 0, 2 }, TRUE, 2147483648u, TRUE, 1831950848u },
    { 157519296000000000ll, { 2100, 2, 28, 0, 0, 0, 0, 0 }, TRUE, 4107456000u, TRUE, 3791923200u },
    { 157520160000000000ll, { 2100, 3, 1, 0, 0, 0, 0, 1 }, TRUE, 4107542400u, TRUE, 3792009600u },
    { 159394408950000000ll, { 2106, 2, 7, 6, 28, 15, 0, 0 }, TRUE, 4294967295u, TRUE, 3979434495u },
    { 159394408960000000ll, { 2106, 2, 7, 6, 28, 16, 0, 0 }, FALSE, 0u, TRUE, 3979434496u },
    { 757101636610010000ll, { 4000, 2, 29, 1, 1, 1, 1, 2 }, FALSE, 0u, FALSE, 0u },
    { 2650467743999990000ll, { 9999, 12, 31, 23, 59, 59, 999, 5 }, FALSE, 0u, FALSE, 0u },
    { 1320957464276670000ll, { 5786, 12, 12, 22, 53, 47, 667, 2 }, FALSE, 0u, FALSE, 0u },
    { 150100404639220000ll, { 2076, 8, 25, 7, 41, 3, 922, 2 }, TRUE, 3365566863u, TRUE, 3050034063u },
    { 810734973153890000ll, { 4170, 2, 12, 15, 55, 15, 389, 1 }, FALSE, 0u, FALSE, 0u },
    { 527243067734170000ll, { 3271, 10, 8, 0, 46, 13, 417, 4 }, FALSE, 0u, FALSE, 0u },
    { 1445068086488160000ll, { 6180, 3, 28, 12, 10, 48, 816, 2 }, FALSE, 0u, FALSE, 0u },
    { 371808412881350000ll, { 2779, 3, 20, 19, 28, 8, 135, 2 }, FALSE, 0u, FALSE, 0u },
    { 9156894551700000ll, { 1630, 1, 7, 6, 10, 55, 170, 1 }, FALSE, 0u, FALSE, 0u },
    { 1495620070036400000ll, { 6340, 6, 7, 17, 56, 43, 640, 5 }, FALSE, 0u, FALSE, 0u },
    { 1058806330443050000ll, { 4956, 3, 23, 6, 57, 24, 305, 2 }, FALSE, 0u, FALSE, 0u },
    { 111537431492700000ll, { 1954, 6, 14, 5, 59, 9, 270, 1 }, FALSE, 0u, FALSE, 0u },
    { 336851842206100000ll, { 2668, 6, 10, 19, 37, 0, 610, 3 }, FALSE, 0u, FALSE, 0u },
    { 1747027435394920000ll, { 7137, 2, 10, 11, 52, 19, 492, 3 }, FALSE, 0u, FALSE, 0u },
    { 1632505239110580000ll, { 6774, 3, 16, 15, 45, 11, 58, 6 }, FALSE, 0u, FALSE, 0u },
    { 1324465772650180000ll, { 5798, 1, 24, 11, 54, 25, 18, 3 }, FALSE, 0u, FALSE, 0u },
    { 2165579527804630000ll, { 8463, 6, 13, 18, 53, 0, 463, 3 }, FALSE, 0u, FALSE, 0u },
    { 241703827277730000ll, { 2366, 12, 6, 19, 12, 7, 773, 2 }, FALSE, 0u, FALSE, 0u },
    { 1272254413775370000ll, { 5632, 8, 12, 16, 22, 57, 537, 4 }, FALSE, 0u, FALSE, 0u },
    { 1297176580698160000ll, { 5711, 8, 4, 18, 47, 49, 816, 2 }, FALSE, 0u, FALSE, 0u },
    { 1898886711133480000ll, { 7618, 5, 2, 13, 5, 13, 348, 3 }, FALSE, 0u, FALSE, 0u },
    { 1874857859845580000ll, { 7542, 3, 11, 8, 59, 44, 558, 3 }, FALSE, 0u, FALSE, 0u },
    { 476000435518170000ll, { 3109, 5, 22, 10, 19, 11, 817, 6 }, FALSE, 0u, FALSE, 0u },
    { 404511830594950000ll, { 2882, 11, 5, 23, 44, 19, 495, 4 }, FALSE, 0u, FALSE, 0u },
    { 835285919149450000ll, { 4247, 12, 2, 2, 38, 34, 945, 4 }, FALSE, 0u, FALSE, 0u },
    { 2098543667028460000ll, { 8251, 1, 8, 23, 38, 22, 846, 3 }, FALSE, 0u, FALSE, 0u },
    { 1293720377439380000ll, { 5700, 8, 21, 13, 9, 3, 938, 6 }, FALSE, 0u, FALSE, 0u },
    { 169337309265770000ll, { 2137, 8, 11, 6, 8, 46, 577, 0 }, FALSE, 0u, FALSE, 0u },
    { 686648919704440000ll, { 3776, 11, 26, 13, 6, 10, 444, 2 }, FALSE, 0u, FALSE, 0u },
    { 1928497726894640000ll, { 7712, 3, 2, 13, 18, 9, 464, 3 }, FALSE, 0u, FALSE, 0u },
    { 875296502863250000ll, { 4374, 9, 15, 15, 44, 46, 325, 0 }, FALSE, 0u, FALSE, 0u },
    { 2476701483571500000ll, { 9449, 5, 10, 15, 25, 57, 150, 4 }, FALSE, 0u, FALSE, 0u },
};

static BOOLEAN IsHex(const void *Data, PCSTR Hex)
{
    CHAR Text[64];
    SIZE_T Length = strlen(Hex) / 2;

    for (SIZE_T Index = 0; Index < Length; Index++)
        _snprintf(Text + 2 * Index, 3, "%02x", ((const UCHAR *)Data)[Index]);
    return strncmp(Text, Hex, 2 * Length) == 0;
}

/* Each message at once, and in pieces of 1, 7 and 64 bytes. */
static VOID TestDigests(VOID)
{
    static const ULONG Pieces[] = { 0x10000, 1, 7, 64 };
    static UCHAR Message[1000];

    for (ULONG Row = 0; Row < ARRAYSIZE(Messages); Row++) {
        ULONG Length = Messages[Row].Length;

        for (ULONG Index = 0; Index < Length; Index++)
            Message[Index] = (UCHAR)(Index * 7 + Length);
        for (ULONG Piece = 0; Piece < ARRAYSIZE(Pieces); Piece++) {
            MD5_CTX Md5;
            SHA_CTX Sha;
            ULONG Sha1[5];
            DWORD Crc = 0;

            MD5Init(&Md5);
            A_SHAInit(&Sha);
            for (ULONG At = 0; At < Length; At += Pieces[Piece]) {
                ULONG Part = min(Pieces[Piece], Length - At);

                MD5Update(&Md5, Message + At, Part);
                A_SHAUpdate(&Sha, Message + At, Part);
                Crc = RtlComputeCrc32(Crc, Message + At, (INT)Part);
            }
            MD5Final(&Md5);
            A_SHAFinal(&Sha, Sha1);
            CHECK(IsHex(Md5.digest, Messages[Row].Md5));
            CHECK(IsHex(Sha1, Messages[Row].Sha1));
            CHECK(Crc == Messages[Row].Crc32);
        }
    }
}

static VOID TestMd4(VOID)
{
    static const struct { PCSTR Text; PCSTR Digest; } Rows[] = {
        { "", "31d6cfe0d16ae931b73c59d7e0c089c0" }, { "a", "bde52cb31de33e46245e05fbdbd6fb24" },
        { "abc", "a448017aaf21d8525fc10ae87aa6729d" }, { "message digest", "d9130a8164549fe818874806e1c7014b" },
        { "abcdefghijklmnopqrstuvwxyz", "d79e1c308aa5bbcdeea8ed63df412da9" },
        { "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "043f8582f241db351ce627e153e7f0e4" },
        { "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
          "e33b4ddc9c38f2199c3e7b164fcc0536" },
    };

    for (ULONG Row = 0; Row < ARRAYSIZE(Rows); Row++) {
        MD4_CTX Md4;

        MD4Init(&Md4);
        for (PCSTR At = Rows[Row].Text; *At != 0; At++)
            MD4Update(&Md4, (const UCHAR *)At, 1);
        MD4Final(&Md4);
        CHECK(IsHex(Md4.digest, Rows[Row].Digest));
    }
}

static VOID TestTimes(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(Times); Row++) {
        LARGE_INTEGER Time = { .QuadPart = Times[Row].Time }, Back = { .QuadPart = 0 };
        TIME_FIELDS Fields;
        ULONG Seconds = 0;

        memset(&Fields, 0x55, sizeof(Fields));
        RtlTimeToTimeFields(&Time, &Fields);
        CHECK(memcmp(&Fields, &Times[Row].Fields, sizeof(Fields)) == 0);
        CHECK(RtlTimeFieldsToTime(&Fields, &Back) && Back.QuadPart == Time.QuadPart);
        CHECK(RtlTimeToSecondsSince1970(&Time, &Seconds) == Times[Row].In1970);
        if (Times[Row].In1970) {
            CHECK(Seconds == Times[Row].Since1970);
            RtlSecondsSince1970ToTime(Seconds, &Back);
            CHECK(Back.QuadPart == Time.QuadPart - Time.QuadPart % 10000000);
        }
        CHECK(RtlTimeToSecondsSince1980(&Time, &Seconds) == Times[Row].In1980);
        if (Times[Row].In1980) {
            CHECK(Seconds == Times[Row].Since1980);
            RtlSecondsSince1980ToTime(Seconds, &Back);
            CHECK(Back.QuadPart == Time.QuadPart - Time.QuadPart % 10000000);
        }
    }
}

static VOID TestBadFields(VOID)
{
    static const TIME_FIELDS Bad[] = {
        { 1600, 12, 31 }, { 2000, 0, 1 }, { 2000, 13, 1 }, { 2000, 1, 0 }, { 2000, 1, 32 }, { 2001, 2, 29 }, { 1900, 2, 29 },
        { 2000, 4, 31 }, { 2000, 1, 1, 24 }, { 2000, 1, 1, 0, 60 }, { 2000, 1, 1, 0, 0, 60 }, { 2000, 1, 1, 0, 0, 0, 1000 },
        { 2000, 1, 1, -1 }, { 2000, 1, 1, 0, -1 }, { 2000, 1, 1, 0, 0, -1 }, { 2000, 1, 1, 0, 0, 0, -1 },
    };
    LARGE_INTEGER Time;

    for (ULONG Row = 0; Row < ARRAYSIZE(Bad); Row++) {
        TIME_FIELDS Fields = Bad[Row];

        TODO(Fields.Month == 2 ? OnWine : 0, CHECK(!RtlTimeFieldsToTime(&Fields, &Time)));     /* 29 February */
    }
}

static VOID TestByteOrder(VOID)
{
    for (ULONG Shift = 0; Shift < 64; Shift += 8) {
        CHECK(RtlUlonglongByteSwap(0xabull << Shift) == 0xabull << (56 - Shift));
        if (Shift < 32)
            CHECK(RtlUlongByteSwap(0xabu << Shift) == 0xabu << (24 - Shift));
        if (Shift < 16)
            CHECK(RtlUshortByteSwap((USHORT)(0xabu << Shift)) == (USHORT)(0xabu << (8 - Shift)));
    }
}

static VOID TestRandom(VOID)
{
    ULONG Seed = 1, Same = 1, Low = 0;

    for (ULONG Turn = 0; Turn < 32; Turn++) {
        ULONG Value = RtlUniform(&Seed);

        CHECK(Value == RtlUniform(&Same) && Seed == Same && Value < 0x7fffffff);
        Low += Value < 0x3fffffff;
    }
    CHECK(Low > 4 && Low < 28);
    /* No product is cut to 32 bits. */
    Seed = 0xfffffffc;
    TODO(OnWine, CHECK(RtlUniform(&Seed) == 0x7fffffe7));
}

int wmain(int argc, WCHAR **argv)
{
    CheckSystem();
    TestDigests();
    TestMd4();
    TestTimes();
    TestBadFields();
    if (!IsWine)            /* not there */
        TestByteOrder();
    TestRandom();
    return CheckClose();
}
