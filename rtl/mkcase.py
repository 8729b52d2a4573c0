#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes rtl/casetable.h: runs of the simple case pairs of the Unicode character database (BMP).

Usage: rtl/mkcase.py > rtl/casetable.h

A pair (lower, upper) is taken if it maps there and back, as Windows' own table does; the final sigma is the one
exception (upper case only).  A run is lower case letters First..Last in steps of Step whose upper case letters are
all Delta away.
"""
import unicodedata


def upper(c):
    u = chr(c).upper()
    if len(u) != 1:
        u = chr(c).title()
    return ord(u) if len(u) == 1 and ord(u) < 0x10000 else c


def lower(c):
    l = chr(c).lower()
    return ord(l) if len(l) == 1 and ord(l) < 0x10000 else c


def runs(pairs):
    result = []
    for low, up in sorted(pairs):
        delta = up - low
        if result:
            first, last, step, d = result[-1]
            gap = low - last
            if d == delta and gap in (1, 2) and (first == last or gap == step):
                result[-1] = (first, low, gap, d)
                continue
        result.append((low, low, 1, delta))
    return result


def emit(name, table):
    print(f"static const RTLP_CASE_RUN {name}[] = {{")
    for first, last, step, delta in table:
        print(f"    {{ 0x{first:04x}, 0x{last:04x}, {step}, {delta} }},")
    print("};")


pairs = [(c, upper(c)) for c in range(0x80, 0x10000)
         if not 0xD800 <= c < 0xE000 and upper(c) != c and lower(upper(c)) == c]
ups = [(u, l) for l, u in pairs]
pairs.append((0x3C2, 0x3A3))
print("/* SPDX-License-Identifier: BSD-2-Clause")
print(f" * Made by rtl/mkcase.py from the Unicode character database {unicodedata.unidata_version}: edit that. */")
emit("RtlpLowerRuns", runs(pairs))
emit("RtlpUpperRuns", runs(ups))
