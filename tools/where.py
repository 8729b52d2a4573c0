#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Tell in which modules and functions a guest's instructions were executed, from what the plugin where.c wrote.

  where.py FILE MARK [--module NAME=PE_FILE]... [--functions N]

prints the instructions between MARK and the mark before it: a line for each module, and with --functions the N functions that take most.
A PE file stands for the addresses from the base that its header names; what is in none is `kernel' (the upper half) or `other'.
"""
import argparse
import bisect
import collections
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pe

KERNEL = 1 << 63


def read_marks(path):
    """Yields (mark, {block address: instructions since the mark before})."""
    mark, blocks = None, {}
    with open(path) as f:
        for line in f:
            first, second = line.split()
            if first != 'mark':
                blocks[int(first, 16)] = int(second)
                continue
            if mark is not None:
                yield mark, blocks
            mark, blocks = int(second), {}
    if mark is not None:
        yield mark, blocks


class Map:
    """Which module and function an address is in; modules is {name: PE file}."""

    def __init__(self, modules):
        self.modules = []
        for name, path in modules.items():
            with open(path, 'rb') as f:
                image = pe.Pe(f.read())
            self.modules.append((image.base, image.base + max(a + s for a, s, _, _ in image.sections), name, image))
        self.functions = {}

    def find(self, address):
        """(module, its image or None, offset in it)"""
        for first, end, name, image in self.modules:
            if first <= address < end:
                return name, image, address - first
        return ('kernel' if address >= KERNEL else 'other'), None, address

    def module(self, address):
        return self.find(address)[0]

    def function(self, address):
        """`MODULE!NAME', with the number of the block in the module where the function has no name."""
        name, image, offset = self.find(address)
        if image is None:
            return f'{name}!{offset:x}'
        if name not in self.functions:
            self.functions[name] = image.functions()
        known = self.functions[name]
        index = bisect.bisect_right(known, (offset + 15, '\uffff')) - 1
        start, title = known[index] if index >= 0 else (0, '')
        return f'{name}!{title or f"+0x{start:x}"}'


def sums(blocks, key):
    total = collections.Counter()
    for address, count in blocks.items():
        total[key(address)] += count
    return total


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('file')
    parser.add_argument('mark', type=int)
    parser.add_argument('--module', action='append', default=[], metavar='NAME=PE_FILE')
    parser.add_argument('--functions', type=int, default=0, metavar='N')
    args = parser.parse_args()
    where = Map(dict(m.split('=', 1) for m in args.module))
    blocks = dict(read_marks(args.file)).get(args.mark)
    if blocks is None:
        sys.exit(f'where.py: {args.file} has no mark {args.mark}')
    for key, limit in ((where.module, None), (where.function, args.functions)):
        for name, count in sums(blocks, key).most_common(limit):
            print(f'{count:15,}  {name}')


if __name__ == '__main__':
    main()
