# SPDX-License-Identifier: BSD-2-Clause
"""Reads the picture of a framebuffer screen back as text: each cell of 8 x 16 pixels is looked up in the font of the video
driver, which the build writes as C source."""
import os
import re

from machine import ROOT

FONT = os.path.join(ROOT, 'build/release/gen/font.c')
WIDTH, HEIGHT = 8, 16


def read_font():
    """{16 rows of a glyph: its character}."""
    codes, glyphs = re.findall(r'\[\]\S* = \{(.*?)\n\};', open(FONT).read(), re.S)
    codes = [int(n, 16) for n in re.findall(r'0x[0-9a-f]+', codes)]
    rows = [int(n, 16) for n in re.findall(r'0x[0-9a-f]+', glyphs)]
    table = {}
    for i, code in enumerate(codes):
        table.setdefault(tuple(rows[i * HEIGHT:(i + 1) * HEIGHT]), chr(code))
    return table


def read_ppm(path):
    """Width, height and the bytes of a binary PPM file (three a pixel)."""
    data = open(path, 'rb').read()
    header = re.match(rb'P6\s+(\d+)\s+(\d+)\s+255\s', data)
    return int(header[1]), int(header[2]), data[header.end():]


def picture_text(path):
    """The lines of text on the picture; a cell that is no glyph is shown as U+FFFD."""
    font = read_font()
    width, height, pixels = read_ppm(path)
    lines = []
    for top in range(0, height - HEIGHT + 1, HEIGHT):
        line = ''
        for left in range(0, width - WIDTH + 1, WIDTH):
            starts = [3 * ((top + y) * width + left) for y in range(HEIGHT)]
            rows = tuple(sum(0x80 >> x for x in range(WIDTH) if max(pixels[at + 3 * x:at + 3 * x + 3]) > 127) for at in starts)
            line += font.get(rows, '\ufffd')
        lines.append(line.rstrip())
    return lines
