#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Takes the pictures (cursors, bitmaps, icons) out of the resources of Windows DLLs, which a system without windows never shows.

  pepictures.py FILE...

The files are changed in place.  Addresses stay: the resource section is as long as before in memory, its end is zero there and not in
the file.  (Microsoft: PE Format, The .rsrc Section.)
"""
import struct
import sys

import pe

PICTURES = {1, 2, 3, 12, 14}            # RT_CURSOR, RT_BITMAP, RT_ICON, RT_GROUP_CURSOR, RT_GROUP_ICON
RESOURCE_DIRECTORY = 2
SUBTREE = IS_NAME = 0x80000000
TABLE, ENTRY, LEAF = 16, 8, 16          # bytes of each


def read(section, address, offset=0):
    """The tree below the table at `offset': {number or name: subtree, or (bytes, code page)}; names before numbers, as they are."""
    names, numbers = struct.unpack_from('<HH', section, offset + 12)
    tree = {}
    for i in range(names + numbers):
        key, place = struct.unpack_from('<II', section, offset + TABLE + ENTRY * i)
        if key & IS_NAME:
            at = key & ~IS_NAME
            key = section[at + 2:at + 2 + 2 * struct.unpack_from('<H', section, at)[0]].decode('utf-16le')
        if place & SUBTREE:
            tree[key] = read(section, address, place & ~SUBTREE)
        else:
            data, size, page = struct.unpack_from('<III', section, place)
            tree[key] = section[data - address:data - address + size], page
    return tree


def tables(tree):
    """The tree's tables, each before those below it."""
    yield tree
    for below in tree.values():
        if isinstance(below, dict):
            yield from tables(below)


def write(tree, address):
    """The section's bytes: tables, leaves, names, data."""
    every = list(tables(tree))
    leaves = [leaf for table in every for leaf in table.values() if not isinstance(leaf, dict)]
    places, end = {}, 0
    for table in every:
        places[id(table)], end = end, end + TABLE + ENTRY * len(table)
    first_leaf, end = end, end + LEAF * len(leaves)
    body, names = b'', {}
    for name in sorted({key for table in every for key in table if isinstance(key, str)}):
        names[name] = end + len(body)
        body += struct.pack('<H', len(name)) + name.encode('utf-16le')
    head, described = b'', b''
    for table in every:
        count = sum(isinstance(key, str) for key in table)
        head += struct.pack('<12xHH', count, len(table) - count)
        for key, below in table.items():
            head += struct.pack('<I', names[key] | IS_NAME if isinstance(key, str) else key)
            if isinstance(below, dict):
                head += struct.pack('<I', places[id(below)] | SUBTREE)
                continue
            head += struct.pack('<I', first_leaf + len(described))
            body += bytes(-(end + len(body)) % 8)
            described += struct.pack('<IIII', address + end + len(body), len(below[0]), below[1], 0)
            body += below[0]
    return head + described + body


def cut(data):
    """A file's bytes without the pictures.  pe.Refused: its resources are no section of their own, or reach behind it."""
    file = pe.Pe(data)
    address, size = file.directory(RESOURCE_DIRECTORY)
    if address == 0:
        return data
    header = struct.unpack_from('<I', data, 60)[0]
    alignment = struct.unpack_from('<I', data, header + 24 + 36)[0]
    headers = header + 24 + struct.unpack_from('<H', data, header + 20)[0]
    number = next((i for i, section in enumerate(file.sections) if section[0] == address), None)
    if number is None:
        raise pe.Refused('its resources do not begin a section')
    _, _, raw, raw_size = file.sections[number]
    tree = read(data[raw:raw + raw_size], address)
    if not PICTURES & tree.keys():
        return data
    new = write({key: below for key, below in tree.items() if key not in PICTURES}, address)
    new += bytes(-len(new) % alignment)
    if len(new) > raw_size:
        raise pe.Refused('its resources are not laid out as usual')
    changed = bytearray(data[:raw] + new + data[raw + raw_size:])
    struct.pack_into('<II', changed, header + 24 + 112 + 8 * RESOURCE_DIRECTORY, address, len(new))
    struct.pack_into('<I', changed, header + 24 + 64, 0)        # no checksum
    struct.pack_into('<I', changed, headers + 40 * number + 16, len(new))
    for place in [header + 12] + [headers + 40 * i + 20 for i in range(len(file.sections))]:     # the symbols, the sections
        other = struct.unpack_from('<I', data, place)[0]
        if other > raw:
            struct.pack_into('<I', changed, place, other - raw_size + len(new))
    return bytes(changed)


def main():
    if len(sys.argv) < 2 or sys.argv[1].startswith('-'):
        print(__doc__)
        sys.exit(0 if sys.argv[1:] == ['--help'] else 2)
    for name in sys.argv[1:]:
        with open(name, 'rb') as f:
            data = f.read()
        try:
            changed = cut(data)
        except (pe.Refused, struct.error) as e:
            sys.exit(f'pepictures.py: {name}: {e}')
        with open(name, 'wb') as f:
            f.write(changed)


if __name__ == '__main__':
    main()
