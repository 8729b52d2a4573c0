#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Makes the video driver's font source from an X11 PCF font with 8x16 cells.

usage: mkfont.py FONT.pcf.gz OUTPUT.c

Output: FontCodes[] (sorted UTF-16 code units), FontGlyphs[][16] (a byte a line, the leftmost pixel in bit 7), and
CodePage437[], the characters of the VGA's own text mode glyphs.
Format: "The X11 Portable Compiled Format" of the X.Org documentation.
"""
import gzip
import struct
import sys

WIDTH, HEIGHT = 8, 16
METRICS, BITMAPS, ENCODINGS = 1 << 2, 1 << 3, 1 << 5
COMPRESSED_METRICS = 0x100
RANGES = [(0x20, 0x7e), (0xa0, 0x17f), (0x192, 0x192), (0x2c6, 0x2dd), (0x370, 0x3ff), (0x400, 0x45f), (0x490, 0x491),
          (0x1e00, 0x1eff), (0x2010, 0x203f), (0x2070, 0x209f), (0x20a0, 0x20bf), (0x2100, 0x214f), (0x2190, 0x21ff),
          (0x2200, 0x22ff), (0x2300, 0x23ff), (0x2500, 0x257f), (0x2580, 0x259f), (0x25a0, 0x25ff), (0x2600, 0x266f),
          (0x2713, 0x2717), (0xfffd, 0xfffd)]
LOW_437 = ("\u0000\u263a\u263b\u2665\u2666\u2663\u2660\u2022\u25d8\u25cb\u25d9\u2642\u2640\u266a\u266b\u263c"
           "\u25ba\u25c4\u2195\u203c\u00b6\u00a7\u25ac\u21a8\u2191\u2193\u2192\u2190\u221f\u2194\u25b2\u25bc")


def table(data, kind):
    """The table of that kind: (format word, bytes behind it, byte order for struct)."""
    count = struct.unpack_from("<I", data, 4)[0]
    for i in range(count):
        type_, format_, size, offset = struct.unpack_from("<4I", data, 8 + 16 * i)
        if type_ == kind:
            return format_, data[offset + 4:offset + size], ">" if format_ & 4 else "<"
    sys.exit("mkfont: the font lacks a table")


def metrics(data):
    """(left bearing, right bearing, ascent, descent) of each glyph."""
    format_, body, order = table(data, METRICS)
    if format_ & COMPRESSED_METRICS:
        count = struct.unpack_from(order + "H", body)[0]
        raw = [struct.unpack_from("5B", body, 2 + 5 * i) for i in range(count)]
        return [(r[0] - 128, r[1] - 128, r[3] - 128, r[4] - 128) for r in raw]
    count = struct.unpack_from(order + "I", body)[0]
    raw = [struct.unpack_from(order + "5hH", body, 4 + 12 * i) for i in range(count)]
    return [(r[0], r[1], r[3], r[4]) for r in raw]


def bitmaps(data):
    """A function: glyph number, lines -> the first byte of each line, leftmost pixel in bit 7."""
    format_, body, order = table(data, BITMAPS)
    count = struct.unpack_from(order + "I", body)[0]
    offsets = struct.unpack_from(order + "%dI" % count, body, 4)
    pixels = body[4 + 4 * count + 16:]
    pad = 1 << (format_ & 3)
    unit = 1 << (format_ >> 4 & 3)
    is_msb_first, is_big_endian = bool(format_ & 8), bool(format_ & 4)

    def lines(glyph, height):
        result = []
        for y in range(height):
            at = offsets[glyph] + y * pad
            byte = pixels[at + (unit - 1 if is_msb_first != is_big_endian else 0)]
            result.append(byte if is_msb_first else int("{:08b}".format(byte)[::-1], 2))
        return result

    return lines


def encodings(data):
    """Code point -> glyph number."""
    _, body, order = table(data, ENCODINGS)
    first2, last2, first1, last1, _ = struct.unpack_from(order + "5H", body)
    width = last2 - first2 + 1
    result = {}
    for high in range(first1, last1 + 1):
        for low in range(first2, last2 + 1):
            glyph = struct.unpack_from(order + "H", body, 10 + 2 * ((high - first1) * width + low - first2))[0]
            if glyph != 0xffff:
                result[high << 8 | low] = glyph
    return result


def cell(lines, metric):
    """The glyph's lines placed in a 16-line cell with 4 lines below the base line."""
    left, right, ascent, descent = metric
    if right - left > WIDTH:
        sys.exit("mkfont: the font is wider than %d pixels" % WIDTH)
    top = HEIGHT - 4 - ascent
    rows = [0] * HEIGHT
    for y, byte in enumerate(lines):
        if 0 <= top + y < HEIGHT:
            rows[top + y] = byte >> left & 0xff if left >= 0 else byte << -left & 0xff
    return rows


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with gzip.open(sys.argv[1]) as file:
        data = file.read()
    if data[:4] != b"\x01fcp":
        sys.exit("mkfont: %s is no PCF font" % sys.argv[1])
    measure, draw, glyphs = metrics(data), bitmaps(data), encodings(data)
    codes = [c for first, last in RANGES for c in range(first, last + 1) if c in glyphs]
    with open(sys.argv[2], "w") as out:
        out.write("/* Made by drivers/video/vga/mkfont.py from %s. */\n" % sys.argv[1])
        out.write('#include "drivers/video/vga/vga.h"\n\nconst ULONG FontCount = %d;\n' % len(codes))
        out.write("const WCHAR FontCodes[] = {\n")
        out.write("".join("    0x%04x,\n" % c for c in codes))
        out.write("};\nconst UCHAR FontGlyphs[][FONT_HEIGHT] = {\n")
        for code in codes:
            glyph = glyphs[code]
            height = measure[glyph][2] + measure[glyph][3]
            out.write("    {%s},\n" % ", ".join("0x%02x" % b for b in cell(draw(glyph, height), measure[glyph])))
        page = LOW_437 + bytes(range(32, 127)).decode() + "\u2302" + bytes(range(128, 256)).decode("cp437")
        out.write("};\nconst WCHAR CodePage437[256] = {\n")
        out.write("".join("    0x%04x,\n" % ord(c) for c in page))
        out.write("};\n")


main()
