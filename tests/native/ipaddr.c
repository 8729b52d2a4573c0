/* SPDX-License-Identifier: BSD-2-Clause
 *
 * Internet addresses as text: what is taken, how much of it, and what is written.
 * Runs on: Nereid and Wine.
 *
 * The rows are what Windows' routines are known to answer: also where they look odd (a port must be good even where only
 * the address is asked for).
 */
#include "check.h"

enum { GOOD, BAD };

static const struct {
    PCWSTR Text;
    int Loose;
    int LooseEnd;
    ULONG LooseAddress;
    int Strict;
    int StrictEnd;
    ULONG StrictAddress;
    int Ex;
    USHORT Port;                        /* 0x5555: left alone */
} Ipv4Rows[] = {
    { L"", BAD, 0, 0x55555555, BAD, 0, 0x55555555, BAD, 0x0000 },
    { L" ", BAD, 0, 0x55555555, BAD, 0, 0x55555555, BAD, 0x0000 },
    { L"1.1.1.1", GOOD, 7, 0x01010101, GOOD, 7, 0x01010101, GOOD, 0x5555 },
    { L"0.0.0.0", GOOD, 7, 0x00000000, GOOD, 7, 0x00000000, GOOD, 0x5555 },
    { L"255.255.255.255", GOOD, 15, 0xffffffff, GOOD, 15, 0xffffffff, GOOD, 0x5555 },
    { L"256.1.1.1", BAD, 9, 0x55555555, BAD, 9, 0x55555555, BAD, 0x0000 },
    { L"1.1.1.256", BAD, 9, 0x55555555, BAD, 9, 0x55555555, BAD, 0x0000 },
    { L"1.2.3", GOOD, 5, 0x01020003, BAD, 5, 0x55555555, GOOD, 0x5555 },
    { L"1.2", GOOD, 3, 0x01000002, BAD, 3, 0x55555555, GOOD, 0x5555 },
    { L"1", GOOD, 1, 0x00000001, BAD, 1, 0x55555555, GOOD, 0x5555 },
    { L"1.2.3.4.5", BAD, 7, 0x55555555, BAD, 7, 0x55555555, BAD, 0x0000 },
    { L"1.2.3.4.", BAD, 7, 0x55555555, BAD, 7, 0x55555555, BAD, 0x0000 },
    { L"1.2.3.", BAD, 6, 0x55555555, BAD, 6, 0x55555555, BAD, 0x0000 },
    { L".1.2.3", BAD, 1, 0x55555555, BAD, 1, 0x55555555, BAD, 0x0000 },
    { L"1..2.3", BAD, 3, 0x55555555, BAD, 3, 0x55555555, BAD, 0x0000 },
    { L"1.2.3.4 ", GOOD, 7, 0x01020304, GOOD, 7, 0x01020304, BAD, 0x0000 },
    { L"1.2.3.4x", GOOD, 7, 0x01020304, GOOD, 7, 0x01020304, BAD, 0x0000 },
    { L" 1.2.3.4", BAD, 0, 0x55555555, BAD, 0, 0x55555555, BAD, 0x0000 },
    { L"0x1.2.3.4", GOOD, 9, 0x01020304, BAD, 2, 0x55555555, GOOD, 0x5555 },
    { L"01.2.3.4", GOOD, 8, 0x01020304, BAD, 1, 0x55555555, GOOD, 0x5555 },
    { L"1.2.3.010", GOOD, 9, 0x01020308, BAD, 7, 0x55555555, GOOD, 0x5555 },
    { L"1.2.3.0x10", GOOD, 10, 0x01020310, BAD, 8, 0x55555555, GOOD, 0x5555 },
    { L"08.1.1.1", BAD, 1, 0x55555555, BAD, 1, 0x55555555, BAD, 0x0000 },
    { L"4294967295", GOOD, 10, 0xffffffff, BAD, 10, 0x55555555, GOOD, 0x5555 },
    { L"4294967296", BAD, 9, 0x55555555, BAD, 9, 0x55555555, BAD, 0x0000 },
    { L"16777215.1", BAD, 10, 0x55555555, BAD, 10, 0x55555555, BAD, 0x0000 },
    { L"1.16777215", GOOD, 10, 0x01ffffff, BAD, 10, 0x55555555, GOOD, 0x5555 },
    { L"1.16777216", BAD, 10, 0x55555555, BAD, 10, 0x55555555, BAD, 0x0000 },
    { L"1.2.65535", GOOD, 9, 0x0102ffff, BAD, 9, 0x55555555, GOOD, 0x5555 },
    { L"1.2.65536", BAD, 9, 0x55555555, BAD, 9, 0x55555555, BAD, 0x0000 },
    { L"0xffffffff", GOOD, 10, 0xffffffff, BAD, 2, 0x55555555, GOOD, 0x5555 },
    { L"037777777777", GOOD, 12, 0xffffffff, BAD, 1, 0x55555555, GOOD, 0x5555 },
    { L"1.2.3.4:80", GOOD, 7, 0x01020304, GOOD, 7, 0x01020304, GOOD, 0x5000 },
    { L"1.2.3.4:", BAD, 8, 0x01020304, BAD, 8, 0x01020304, BAD, 0x0000 },
    { L"1.2.3.4:0", BAD, 9, 0x01020304, BAD, 9, 0x01020304, BAD, 0x0000 },
    { L"1.2.3.4:65535", GOOD, 7, 0x01020304, GOOD, 7, 0x01020304, GOOD, 0xffff },
    { L"1.2.3.4:65536", BAD, 13, 0x01020304, BAD, 13, 0x01020304, BAD, 0x0000 },
    { L"1.2.3.4:0x50", GOOD, 7, 0x01020304, GOOD, 7, 0x01020304, GOOD, 0x5000 },
    { L"1.2.3.4:010", GOOD, 7, 0x01020304, GOOD, 7, 0x01020304, GOOD, 0x0800 },
    { L"1.2.3.4:80x", BAD, 10, 0x01020304, BAD, 10, 0x01020304, BAD, 0x0000 },
    { L"a.b.c.d", BAD, 0, 0x55555555, BAD, 0, 0x55555555, BAD, 0x0000 },
    { L"1.2.3.a", BAD, 6, 0x55555555, BAD, 6, 0x55555555, BAD, 0x0000 },
    { L"0", GOOD, 1, 0x00000000, BAD, 1, 0x55555555, GOOD, 0x5555 },
    { L"00.0.0.0", GOOD, 8, 0x00000000, BAD, 1, 0x55555555, GOOD, 0x5555 },
    { L"0x", BAD, 2, 0x55555555, BAD, 2, 0x55555555, BAD, 0x0000 },
    { L"1.0x", BAD, 4, 0x55555555, BAD, 4, 0x55555555, BAD, 0x0000 },
    { L"127.1", GOOD, 5, 0x7f000001, BAD, 5, 0x55555555, GOOD, 0x5555 },
    { L"1.2.3.4/8", GOOD, 7, 0x01020304, GOOD, 7, 0x01020304, BAD, 0x0000 },
    { L"1.2.3.-4", BAD, 6, 0x55555555, BAD, 6, 0x55555555, BAD, 0x0000 },
    { L"+1.2.3.4", BAD, 0, 0x55555555, BAD, 0, 0x55555555, BAD, 0x0000 },
    { L"1,2,3,4", GOOD, 1, 0x00000001, BAD, 1, 0x55555555, BAD, 0x0000 },
    { L"192.168.0.1", GOOD, 11, 0xc0a80001, GOOD, 11, 0xc0a80001, GOOD, 0x5555 },
    { L"10.0.0.1:1", GOOD, 8, 0x0a000001, GOOD, 8, 0x0a000001, GOOD, 0x0100 },
    { L"1.2.3:80", GOOD, 5, 0x01020003, BAD, 5, 0x55555555, GOOD, 0x5000 },
    { L"1:80", GOOD, 1, 0x00000001, BAD, 1, 0x55555555, GOOD, 0x5000 },
};

static const struct {
    PCWSTR Text;
    int Result;
    int End;
    PCSTR Address;
    int Ex;
    ULONG Scope;
    USHORT Port;
} Ipv6Rows[] = {
    { L"", BAD, 0, "", BAD, 0, 0x0000 },
    { L"::", GOOD, 2, "00000000000000000000000000000000", GOOD, 0, 0x0000 },
    { L"::1", GOOD, 3, "00000000000000000000000000000001", GOOD, 0, 0x0000 },
    { L"1::", GOOD, 3, "00010000000000000000000000000000", GOOD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7:8", GOOD, 15, "00010002000300040005000600070008", GOOD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7", BAD, 13, "", BAD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7:8:9", GOOD, 15, "00010002000300040005000600070008", BAD, 0, 0x0000 },
    { L"1::8", GOOD, 4, "00010000000000000000000000000008", GOOD, 0, 0x0000 },
    { L"1::2::3", GOOD, 4, "00010000000000000000000000000002", BAD, 0, 0x0000 },
    { L":::", GOOD, 2, "00000000000000000000000000000000", BAD, 0, 0x0000 },
    { L":1", BAD, 0, "", BAD, 0, 0x0000 },
    { L"1:", BAD, 2, "", BAD, 0, 0x0000 },
    { L"1:2:", BAD, 4, "", BAD, 0, 0x0000 },
    { L"::ffff:1.2.3.4", GOOD, 14, "00000000000000000000ffff01020304", GOOD, 0, 0x0000 },
    { L"::1.2.3.4", GOOD, 9, "00000000000000000000000001020304", GOOD, 0, 0x0000 },
    { L"1:2:3:4:5:6:1.2.3.4", GOOD, 19, "00010002000300040005000601020304", GOOD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7:1.2.3.4", GOOD, 15, "00010002000300040005000600070001", BAD, 0, 0x0000 },
    { L"::1.2.3.256", BAD, 11, "", BAD, 0, 0x0000 },
    { L"::1.2.3", BAD, 7, "", BAD, 0, 0x0000 },
    { L"::1.2", BAD, 5, "", BAD, 0, 0x0000 },
    { L"1.2.3.4", BAD, 7, "", BAD, 0, 0x0000 },
    { L"fe80::1%2", GOOD, 7, "fe800000000000000000000000000001", GOOD, 2, 0x0000 },
    { L"fe80::1%", GOOD, 7, "fe800000000000000000000000000001", BAD, 0, 0x0000 },
    { L"fe80::1%a", GOOD, 7, "fe800000000000000000000000000001", BAD, 0, 0x0000 },
    { L"[fe80::1%2]:80", BAD, 0, "", GOOD, 2, 0x5000 },
    { L"[::1]:80", BAD, 0, "", GOOD, 0, 0x5000 },
    { L"[::1]", BAD, 0, "", GOOD, 0, 0x0000 },
    { L"[::1]:", BAD, 0, "", BAD, 0, 0x0000 },
    { L"[::1]:0", BAD, 0, "", BAD, 0, 0x0000 },
    { L"[::1]:65536", BAD, 0, "", BAD, 0, 0x0000 },
    { L"[::1]:0x50", BAD, 0, "", GOOD, 0, 0x5000 },
    { L"[::1", BAD, 0, "", BAD, 0, 0x0000 },
    { L"::1]", GOOD, 3, "00000000000000000000000000000001", BAD, 0, 0x0000 },
    { L"::1:80", GOOD, 6, "00000000000000000000000000010080", GOOD, 0, 0x0000 },
    { L"12345::", BAD, 0, "", BAD, 0, 0x0000 },
    { L"::12345", BAD, 7, "", BAD, 0, 0x0000 },
    { L"::g", GOOD, 2, "00000000000000000000000000000000", BAD, 0, 0x0000 },
    { L"::1g", GOOD, 3, "00000000000000000000000000000001", BAD, 0, 0x0000 },
    { L"2001:0db8:0000:0000:0000:ff00:0042:8329", GOOD, 39, "20010db8000000000000ff0000428329", GOOD, 0, 0x0000 },
    { L"2001:DB8::FF00:42:8329", GOOD, 22, "20010db8000000000000ff0000428329", GOOD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7::", GOOD, 15, "00010002000300040005000600070000", GOOD, 0, 0x0000 },
    { L"::2:3:4:5:6:7:8", GOOD, 15, "00000002000300040005000600070008", GOOD, 0, 0x0000 },
    { L"1:2:3:4::5:6:7:8", GOOD, 14, "00010002000300040000000500060007", BAD, 0, 0x0000 },
    { L"1::3:4:5:6:7:8", GOOD, 14, "00010000000300040005000600070008", GOOD, 0, 0x0000 },
    { L" ::1", BAD, 0, "", BAD, 0, 0x0000 },
    { L"::1 ", GOOD, 3, "00000000000000000000000000000001", BAD, 0, 0x0000 },
    { L"::1/64", GOOD, 3, "00000000000000000000000000000001", BAD, 0, 0x0000 },
    { L"0:0:0:0:0:0:0:0", GOOD, 15, "00000000000000000000000000000000", GOOD, 0, 0x0000 },
    { L"::00001", BAD, 7, "", BAD, 0, 0x0000 },
    { L"::0001", GOOD, 6, "00000000000000000000000000000001", GOOD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7:8%4294967295", GOOD, 15, "00010002000300040005000600070008", GOOD, 4294967295, 0x0000 },
    { L"::1%4294967296", GOOD, 3, "00000000000000000000000000000001", BAD, 0, 0x0000 },
    { L"::ffff:0:1.2.3.4", GOOD, 16, "0000000000000000ffff000001020304", GOOD, 0, 0x0000 },
    { L"fe80::0:5efe:1.2.3.4", GOOD, 20, "fe8000000000000000005efe01020304", GOOD, 0, 0x0000 },
    { L"1:::2", GOOD, 3, "00010000000000000000000000000000", BAD, 0, 0x0000 },
    { L"1::2:", BAD, 5, "", BAD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7:8:", GOOD, 15, "00010002000300040005000600070008", BAD, 0, 0x0000 },
    { L"::1.2.3.4:5", GOOD, 9, "00000000000000000000000001020304", BAD, 0, 0x0000 },
    { L"::1.2.3.04", GOOD, 10, "00000000000000000000000001020304", GOOD, 0, 0x0000 },
    { L"[1:2:3:4:5:6:7:8%3]:443", BAD, 0, "", GOOD, 3, 0xbb01 },
    { L"1:2::0x88", GOOD, 6, "00010002000000000000000000000088", BAD, 0, 0x0000 },
    { L"1:2::0X88:7", GOOD, 6, "00010002000000000000000000000088", BAD, 0, 0x0000 },
    { L"1:2::0x", GOOD, 6, "00010002000000000000000000000000", BAD, 0, 0x0000 },
    { L"1:2::00x5", GOOD, 7, "00010002000000000000000000000000", BAD, 0, 0x0000 },
    { L"1::0x1.2.3.4", GOOD, 4, "00010000000000000000000000000001", BAD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7:0x012345678", GOOD, 15, "00010002000300040005000600075678", BAD, 0, 0x0000 },
    { L"1:2:3:4:5:6:7:0x80000000", GOOD, 15, "0001000200030004000500060007ffff", BAD, 0, 0x0000 },
    { L"1:2:3:4:5:6:0x7", BAD, 13, "", BAD, 0, 0x0000 },
    { L"0x1", BAD, 1, "", BAD, 0, 0x0000 },
};

static const struct {
    PCSTR Address;
    PCWSTR Text;
} Ipv6Texts[] = {
    { "00000000000000000000000000000000", L"::" },
    { "00000000000000000000000000000001", L"::1" },
    { "00000000000000000000000000010000", L"::0.1.0.0" },
    { "00000000000000000000000001020304", L"::1.2.3.4" },
    { "00000000000000000000ffff01020304", L"::ffff:1.2.3.4" },
    { "0000000000000000ffff000001020304", L"::ffff:0:1.2.3.4" },
    { "20010db8000000000000ff0000428329", L"2001:db8::ff00:42:8329" },
    { "fe800000000000000000000000000001", L"fe80::1" },
    { "00010002000300040005000600070008", L"1:2:3:4:5:6:7:8" },
    { "00010000000000020000000000000003", L"1:0:0:2::3" },
    { "00000001000000000002000000000003", L"0:1::2:0:0:3" },
    { "fe8000000000000000005efe01020304", L"fe80::5efe:1.2.3.4" },
    { "fe8000000000000002005efe01020304", L"fe80::200:5efe:1.2.3.4" },
    { "00010000000300040005000600070008", L"1:0:3:4:5:6:7:8" },
    { "00000000000100000000000000000000", L"0:0:1::" },
    { "00010000000000000000000000000000", L"1::" },
    { "00000000000000000001000200030004", L"::1:2:3:4" },
    { "00000000000000000000ffff00000000", L"::ffff:0:0" },
    { "0000000000000000000000000000ffff", L"::ffff" },
    { "ffffffffffffffffffffffffffffffff", L"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
    { "00010002000300040005000600000000", L"1:2:3:4:5:6::" },
    { "00010002000300040005000000000000", L"1:2:3:4:5::" },
    { "0000000000000001000000000000a0b0", L"::1:0:0:0:a0b0" },
    { "12340000567800009abc0000def00000", L"1234:0:5678:0:9abc:0:def0:0" },
    { "00000002000300040005000600070008", L"0:2:3:4:5:6:7:8" },
    { "00000000000000000000ffff00000001", L"::ffff:0:1" },
    { "0000000000000000ffff000000000001", L"::ffff:0:0:1" },
    { "fe8000000000000000005efe00000000", L"fe80::5efe:0.0.0.0" },
    { "fe8000000000000000005efe00000001", L"fe80::5efe:0.0.0.1" },
    { "0000000000000000ffff000000000000", L"::ffff:0:0:0" },
    { "00000000000000000000ffff00010000", L"::ffff:0.1.0.0" },
    { "000000000000000000005efe01020304", L"::5efe:1.2.3.4" },
    { "0000000000000000000000007f000001", L"::127.0.0.1" },
    { "000000000000000000000000ffffffff", L"::255.255.255.255" },
    { "0000000000000000010000000000ffff", L"::100:0:0:ffff" },
    { "0000000000000000020000005efe0102", L"::200:0:5efe:102" },
    { "000000000000000002005efe01020304", L"::200:5efe:1.2.3.4" },
};

static BOOLEAN Narrow(PCWSTR Wide, PSTR Text)
{
    while ((*Text++ = (CHAR)*Wide++) != 0)
        ;
    return TRUE;
}

static ULONG Value4(const UCHAR *Bytes)
{
    return (ULONG)Bytes[0] << 24 | (ULONG)Bytes[1] << 16 | (ULONG)Bytes[2] << 8 | Bytes[3];
}

static NTSTATUS StatusOf(int Result)
{
    return Result == GOOD ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

static VOID TestIpv4(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(Ipv4Rows); Row++) {
        PCWSTR Text = Ipv4Rows[Row].Text, End;
        UCHAR Bytes[4];
        CHAR Ansi[64];
        PCSTR AnsiEnd;
        USHORT Port = 0x5555;
        BOOLEAN Good = TRUE;

        Narrow(Text, Ansi);
        memset(Bytes, 0x55, 4);
        Good &= CHECK(RtlIpv4StringToAddressW(Text, FALSE, &End, (PVOID)Bytes) == StatusOf(Ipv4Rows[Row].Loose));
        Good &= CHECK(End - Text == Ipv4Rows[Row].LooseEnd);
        if (Ipv4Rows[Row].Loose == GOOD)
            Good &= CHECK(Value4(Bytes) == Ipv4Rows[Row].LooseAddress);
        Good &= CHECK(RtlIpv4StringToAddressW(Text, TRUE, &End, (PVOID)Bytes) == StatusOf(Ipv4Rows[Row].Strict));
        Good &= CHECK(End - Text == Ipv4Rows[Row].StrictEnd);
        Good &= CHECK(RtlIpv4StringToAddressA(Ansi, FALSE, &AnsiEnd, (PVOID)Bytes) == StatusOf(Ipv4Rows[Row].Loose));
        Good &= CHECK(AnsiEnd - Ansi == Ipv4Rows[Row].LooseEnd);
        Good &= CHECK(RtlIpv4StringToAddressExW(Text, FALSE, (PVOID)Bytes, &Port) == StatusOf(Ipv4Rows[Row].Ex));
        if (Ipv4Rows[Row].Ex == GOOD)
            Good &= CHECK(Port == Ipv4Rows[Row].Port);
        Good &= CHECK(RtlIpv4StringToAddressExA(Ansi, FALSE, (PVOID)Bytes, &Port) == StatusOf(Ipv4Rows[Row].Ex));
        if (!Good)
            DbgPrint("row %u %s\n", Row, Ansi);
    }
}

static VOID FromHex(PCSTR Text, UCHAR Bytes[16])
{
    for (ULONG Index = 0; Index < 32; Index++) {
        UCHAR Digit = (UCHAR)(Text[Index] <= '9' ? Text[Index] - '0' : Text[Index] - 'a' + 10);

        Bytes[Index / 2] = (UCHAR)(Index % 2 != 0 ? Bytes[Index / 2] << 4 | Digit : Digit);
    }
}

static VOID TestIpv6(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(Ipv6Rows); Row++) {
        PCWSTR Text = Ipv6Rows[Row].Text, End = Text;
        UCHAR Bytes[16], Expected[16];
        CHAR Ansi[64];
        PCSTR AnsiEnd = Ansi;
        ULONG Scope = 0x55;
        USHORT Port = 0x5555;
        BOOLEAN Good = TRUE;

        Narrow(Text, Ansi);
        Good &= CHECK(RtlIpv6StringToAddressW(Text, &End, (PVOID)Bytes) == StatusOf(Ipv6Rows[Row].Result));
        Good &= CHECK(End - Text == Ipv6Rows[Row].End);
        if (Ipv6Rows[Row].Result == GOOD) {
            FromHex(Ipv6Rows[Row].Address, Expected);
            Good &= CHECK(memcmp(Bytes, Expected, 16) == 0);
        }
        Good &= CHECK(RtlIpv6StringToAddressA(Ansi, &AnsiEnd, (PVOID)Bytes) == StatusOf(Ipv6Rows[Row].Result));
        Good &= CHECK(AnsiEnd - Ansi == Ipv6Rows[Row].End);
        Good &= CHECK(RtlIpv6StringToAddressExW(Text, (PVOID)Bytes, &Scope, &Port) == StatusOf(Ipv6Rows[Row].Ex));
        if (Ipv6Rows[Row].Ex == GOOD)
            Good &= CHECK(Scope == Ipv6Rows[Row].Scope && Port == Ipv6Rows[Row].Port);
        Good &= CHECK(RtlIpv6StringToAddressExA(Ansi, (PVOID)Bytes, &Scope, &Port) == StatusOf(Ipv6Rows[Row].Ex));
        if (!Good)
            DbgPrint("row %u %s\n", Row, Ansi);
    }
}

static VOID TestIpv6Texts(VOID)
{
    for (ULONG Row = 0; Row < ARRAYSIZE(Ipv6Texts); Row++) {
        UCHAR Bytes[16], Back[16];
        WCHAR Text[64];
        CHAR Ansi[64], Expected[64];
        PCWSTR End;
        BOOLEAN Good = TRUE;

        FromHex(Ipv6Texts[Row].Address, Bytes);
        Good &= CHECK(RtlIpv6AddressToStringW((PVOID)Bytes, Text) == Text + wcslen(Ipv6Texts[Row].Text));
        Good &= CHECK(wcscmp(Text, Ipv6Texts[Row].Text) == 0);
        if (!IsWine) {          /* the form without Ex is not there */
            Narrow(Ipv6Texts[Row].Text, Expected);
            Good &= CHECK(RtlIpv6AddressToStringA((PVOID)Bytes, Ansi) == Ansi + strlen(Expected));
            Good &= CHECK(strcmp(Ansi, Expected) == 0);
        }
        Good &= CHECK(RtlIpv6StringToAddressW(Text, &End, (PVOID)Back) == STATUS_SUCCESS && *End == 0);
        Good &= CHECK(memcmp(Bytes, Back, 16) == 0);
        if (!Good)
            DbgPrint("text %u %ws\n", Row, Text);
    }
}

static VOID TestEx(VOID)
{
    static const UCHAR Four[4] = { 10, 1, 2, 255 }, Six[16] = { 0xfe, 0x80, [15] = 1 };
    WCHAR Text[80];
    CHAR Ansi[80];
    ULONG Length = ARRAYSIZE(Text);

    CHECK(RtlIpv4AddressToStringW((PVOID)Four, Text) == Text + 10 && wcscmp(Text, L"10.1.2.255") == 0);
    CHECK(RtlIpv4AddressToStringA((PVOID)Four, Ansi) == Ansi + 10 && strcmp(Ansi, "10.1.2.255") == 0);
    CHECK_STATUS(STATUS_SUCCESS, RtlIpv4AddressToStringExW((PVOID)Four, 0x5000, Text, &Length));
    CHECK(wcscmp(Text, L"10.1.2.255:80") == 0 && Length == 14);
    Length = 13;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIpv4AddressToStringExW((PVOID)Four, 0x5000, Text, &Length));
    CHECK(Length == 14);
    CHECK_STATUS(STATUS_SUCCESS, RtlIpv4AddressToStringExA((PVOID)Four, 0, Ansi, &Length));
    CHECK(strcmp(Ansi, "10.1.2.255") == 0 && Length == 11);
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIpv4AddressToStringExW(NULL, 0, Text, &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIpv4AddressToStringExW((PVOID)Four, 0, NULL, &Length));
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIpv4AddressToStringExW((PVOID)Four, 0, Text, NULL));
    Length = 80;
    CHECK_STATUS(STATUS_SUCCESS, RtlIpv6AddressToStringExW((PVOID)Six, 3, 0xbb01, Text, &Length));
    CHECK(wcscmp(Text, L"[fe80::1%3]:443") == 0 && Length == 16);
    Length = 80;
    CHECK_STATUS(STATUS_SUCCESS, RtlIpv6AddressToStringExW((PVOID)Six, 3, 0, Text, &Length));
    CHECK(wcscmp(Text, L"fe80::1%3") == 0 && Length == 10);
    Length = 80;
    CHECK_STATUS(STATUS_SUCCESS, RtlIpv6AddressToStringExA((PVOID)Six, 0, 0xbb01, Ansi, &Length));
    CHECK(strcmp(Ansi, "[fe80::1]:443") == 0 && Length == 14);
    Length = 13;
    CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIpv6AddressToStringExA((PVOID)Six, 0, 0xbb01, Ansi, &Length));
    CHECK(Length == 14);
    if (!IsWine)
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIpv6AddressToStringExW(NULL, 0, 0, Text, &Length));
    if (!IsWine)
        CHECK_STATUS(STATUS_INVALID_PARAMETER, RtlIpv6AddressToStringExW((PVOID)Six, 0, 0, NULL, &Length));
}

int wmain(int argc, WCHAR **argv)
{
    CheckSystem();
    TestIpv4();
    TestIpv6();
    TestIpv6Texts();
    TestEx();
    return CheckClose();
}
