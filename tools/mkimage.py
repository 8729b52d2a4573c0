#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Turn the linked ntos.exe and a boot archive into the ELF image that the seL4 boot protocol wants.

  mkimage.py -o OUT NTOS.EXE ARCHIVE

Each section of the PE file becomes a PT_LOAD segment at its own address; the archive becomes one more behind the last page, and
its address is written into the section `.bootarc' (abi/bootarchive.h).
"""
import struct
import sys

PAGE = 4096
ARCHIVE_MAGIC = 0x3148435241445245


def fail(text):
    sys.exit(f'mkimage: {text}')


def pages(n):
    return (n + PAGE - 1) // PAGE * PAGE


def read_pe(name):
    """The image base, entry point and [(name, address, memory size, bytes)] of a PE32+ file."""
    data = open(name, 'rb').read()
    nt = struct.unpack_from('<I', data, 0x3c)[0]
    if data[:2] != b'MZ' or data[nt:nt + 4] != b'PE\0\0':
        fail(f'{name} is no PE file')
    count, optional_size = struct.unpack_from('<H12xH', data, nt + 6)
    optional = nt + 24
    magic, entry, base, header_size = struct.unpack_from('<H14xI4xQ28xI', data, optional)
    if magic != 0x20b:
        fail(f'{name} is no PE32+ file')
    sections = [('header', base, header_size, data[:header_size])]
    for i in range(count):
        title, size, address, raw_size, raw = struct.unpack_from('<8sIIII', data, optional + optional_size + 40 * i)
        sections.append((title.rstrip(b'\0').decode(), base + address, size, data[raw:raw + min(size, raw_size)]))
    return base + entry, sections


def write_image(out, pe, archive):
    """Writes the image of the executive in the file `pe' with the archive's bytes behind it."""
    entry, sections = read_pe(pe)
    end = max(pages(address + size) for _, address, size, _ in sections)
    for i, (name, address, size, content) in enumerate(sections):
        if name == '.bootarc':
            if struct.unpack_from('<Q', content)[0] != ARCHIVE_MAGIC:
                fail(f'{pe}: section .bootarc does not start with the archive magic')
            sections[i] = name, address, size, struct.pack('<QQQ', ARCHIVE_MAGIC, end, len(archive)) + content[24:]
            break
    else:
        fail(f'{pe} has no section .bootarc')
    sections.append(('archive', end, len(archive), archive))

    offset, headers = pages(64 + 56 * len(sections)), b''
    for name, address, size, content in sections:
        headers += struct.pack('<IIQQQQQQ', 1, 7, offset, address, address, len(content), size, PAGE)
        offset += pages(len(content))
    elf = struct.pack('<16sHHIQQQIHHHHHH', b'\x7fELF\x02\x01\x01', 2, 62, 1, entry, 64, 0, 0, 64, 56, len(sections), 0, 0, 0)
    with open(out, 'wb') as f:
        f.write((elf + headers).ljust(pages(64 + 56 * len(sections)), b'\0'))
        for _, _, _, content in sections:
            f.write(content.ljust(pages(len(content)), b'\0'))


def main():
    if len(sys.argv) != 5 or sys.argv[1] != '-o':
        print(__doc__)
        sys.exit(2)
    out, pe, archive_name = sys.argv[2:]
    with open(archive_name, 'rb') as f:
        archive = f.read()
    write_image(out, pe, archive)


if __name__ == '__main__':
    main()
