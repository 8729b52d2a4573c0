#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Pack files into a boot archive (format: abi/bootarchive.h).

  mkarchive.py -o OUT [--manifest FILE]... [--add PATH=FILE]... [--option TEXT]...

A manifest line is `PATH = FILE`: the name inside the archive, and the file on this machine; `PATH =` alone makes an
empty directory; `#` starts a comment.  $(NAME) in a FILE is replaced from --define NAME=VALUE.  --option adds
a word to the registry value SystemStartOptions.  An entry given later replaces an earlier one.
"""
import argparse
import re
import struct
import sys
import zlib

PAGE = 4096
MAGIC = 0x3148435241445245
DIRECTORY, NORMAL = 0x10, 0x80
# One fixed time, 2026-01-01, so that equal inputs give equal archives.
LAST_WRITE_TIME = (1767225600 + 11644473600) * 10_000_000
BOOT_REG = 'windows/system32/config/boot.reg'


def fail(text):
    sys.exit(f'mkarchive: {text}')


def pages(n):
    return (n + PAGE - 1) // PAGE * PAGE


def read_manifest(name, defines, entries):
    try:
        lines = open(name, encoding='utf-8').read().splitlines()
    except OSError as e:
        fail(f'{name}: {e.strerror}')
    for number, line in enumerate(lines, 1):
        line = line.split('#')[0].strip()
        if not line:
            continue
        path, equals, source = (part.strip() for part in line.partition('='))
        if not equals:
            fail(f'{name}:{number}: a line is PATH = FILE')
        source = re.sub(r'\$\((\w+)\)', lambda m: defines.get(m[1]) or fail(f'{name}:{number}: {m[0]} is not defined'), source)
        entries[path] = source or None


def boot_reg(options):
    value = ' '.join(options).replace('\\', '\\\\').replace('"', '\\"')
    return ('Windows Registry Editor Version 5.00\n\n'
            '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control]\n'
            f'"SystemStartOptions"="{value}"\n').encode()


def load(path, source, options):
    if not path or path.startswith('/') or '..' in path.split('/') or '\\' in path:
        fail(f'{path!r} is no relative path with "/" between its parts')
    if path == BOOT_REG:
        return boot_reg(options)
    if source is None:
        return None
    try:
        return open(source, 'rb').read()
    except OSError as e:
        fail(f'{source}: {e.strerror}')


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-o', required=True, metavar='OUT')
    parser.add_argument('--manifest', action='append', default=[], metavar='FILE')
    parser.add_argument('--define', action='append', default=[], metavar='NAME=VALUE')
    parser.add_argument('--add', action='append', default=[], metavar='PATH=FILE')
    parser.add_argument('--option', action='append', default=[], metavar='TEXT')
    args = parser.parse_args()

    entries = {BOOT_REG: None}
    defines = dict(d.split('=', 1) for d in args.define)
    for manifest in args.manifest:
        read_manifest(manifest, defines, entries)
    for add in args.add:
        path, equals, source = add.partition('=')
        if not equals:
            fail(f'--add {add}: expected PATH=FILE')
        entries[path] = source

    files = [(path, load(path, source, args.option)) for path, source in sorted(entries.items(), key=lambda e: e[0].encode())]
    names = b''.join(path.encode() for path, _ in files)
    names_offset = 64 + 40 * len(files)
    data_offset = pages(names_offset + len(names))
    table, data, name_at, at = b'', [], 0, data_offset
    for path, content in files:
        length = len(path.encode())
        attributes = DIRECTORY if content is None else NORMAL
        table += struct.pack('<QQQIIII', at, len(content or b''), LAST_WRITE_TIME, name_at, length, attributes, 0)
        name_at += length
        if content:
            data.append(content.ljust(pages(len(content)), b'\0'))
            at += pages(len(content))
    table += names
    header = struct.pack('<QIIQQQQIIQ', MAGIC, 1, len(files), names_offset, len(names), data_offset, at, zlib.crc32(table), 0, 0)
    with open(args.o, 'wb') as out:
        out.write((header + table).ljust(data_offset, b'\0'))
        out.writelines(data)


if __name__ == '__main__':
    main()
