#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Pack files into a boot archive (format: abi/bootarchive.h).

  mkarchive.py -o OUT [--image NTOS.EXE] [--manifest FILE]... [--add PATH FILE]... [--option TEXT]... [--run COMMANDLINE] [--window ADDRESS] [--env NAME=VALUE]...

A manifest line is `PATH = FILE`: the name inside the archive, and the file on this machine, relative to the tree's root; `PATH =` alone makes an
empty directory; `#` starts a comment.  $(NAME) in a FILE is replaced from --define NAME=VALUE.  --option adds
a word to the registry value SystemStartOptions, --run the value RunCommandLine,
--window starts the driver of the memory shared with the host (hexadecimal; abi/runlink.h), --env a variable to the machine's environment.  A FILE of --add may be a directory, which
stands for all that is below it.  An entry given later replaces an earlier one, whatever the case of their letters.
With --image, OUT is the image for the boot protocol that mkimage.py makes of that executive and the archive.
"""
import argparse
import os
import re
import signal
import stat
import struct
import sys
import zlib

import mkimage

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = 4096
MAGIC = 0x3148435241445245
DIRECTORY, NORMAL = 0x10, 0x80
# One fixed time, 2026-01-01, so that equal inputs give equal archives.
LAST_WRITE_TIME = (1767225600 + 11644473600) * 10_000_000
WINDOW_SIZE = 0x200000          # RUN_WINDOW_SIZE of abi/runlink.h
BOOT_REG = 'windows/system32/config/boot.reg'
# Microsoft, "Naming Files, Paths, and Namespaces": characters that no name has.
FORBIDDEN = re.compile(r'[\x00-\x1f<>:"|?*\\]')
MAXIMUM_TEXT = 32766            # UTF-16 units of a command line (CreateProcess) or a variable's value


def fail(text):
    sys.exit(f'mkarchive: {text}')


def end_at_interrupt():
    """Ctrl+C ends this process as it ends others, unless whoever started it has it ignored."""
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def pages(n):
    return (n + PAGE - 1) // PAGE * PAGE


def utf16(text, what):
    try:
        return text.encode('utf-16-le')
    except UnicodeEncodeError:
        fail(f'{what} {text!r} is not UTF-8')


def check_text(text, what):
    if len(utf16(text, what)) > MAXIMUM_TEXT * 2:
        fail(f'{what} {text[:40]!r}... has more than {MAXIMUM_TEXT} characters')


def enter(entries, path, source):
    """Entries are found by their lower-case path: [name as it was given, file of the host or None]."""
    utf16(path, 'the name')
    if not path or path.startswith('/') or '..' in path.split('/'):
        fail(f'{path!r} is no relative path with "/" between its parts')
    if FORBIDDEN.search(path):
        fail(f'{source or path!r}: a file on C: cannot have this name')
    entries[path.lower()] = path, source


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
        enter(entries, path, os.path.join(ROOT, source) if source else None)


def reg_string(text):
    """REGEDIT5's way to write a REG_SZ; as bytes where it has characters that a line cannot hold."""
    if text.isprintable():
        return '"' + text.replace('\\', '\\\\').replace('"', '\\"') + '"'
    return 'hex(1):' + ','.join(f'{b:02x}' for b in (text + '\0').encode('utf-16-le'))


def reg_strings(*texts):
    return 'hex(7):' + ','.join(f'{b:02x}' for b in ''.join(t + '\0' for t in (*texts, '')).encode('utf-16-le'))


def boot_reg(options, command, window, environment):
    control = '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control'
    lines = ['Windows Registry Editor Version 5.00', '', control + ']', '"SystemStartOptions"=' + reg_string(' '.join(options))]
    if command is not None:
        lines.append('"RunCommandLine"=' + reg_string(command))
    if window:
        service = '[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\shmem'
        first = int(window, 16)
        lines += ['', service + ']', '"Start"=dword:00000001', '', service + '\\Parameters]',
                  f'"Memory"={reg_strings(f"{first:x}-{first + WINDOW_SIZE - 1:x}")}']
    if environment:
        lines += ['', control + '\\Session Manager\\Environment]']
        lines += [f'{reg_string(name)}={reg_string(value)}' for name, value in environment.items()]
    return ('\n'.join(lines) + '\n').encode()


def add(entries, path, source, above=()):
    """One file, an empty directory (source None), or all that is below a directory of the host's; above: those it is in."""
    if source and os.path.isdir(source):
        place, inside, names = os.path.realpath(source), sorted(os.listdir(source)), {}
        if place in above:
            fail(f'{source}: a link to a folder that it is in')
        for name in inside:
            if names.setdefault(name.lower(), name) != name:
                fail(f'{source}: {names[name.lower()]} and {name} are the same name on C:')
            add(entries, f'{path}/{name}', os.path.join(source, name), (*above, place))
        if inside:
            return
        source = None
    enter(entries, path, source)


def load(path, source, args):
    if path == BOOT_REG:
        return boot_reg(args.option, args.run, args.window, dict(e.split('=', 1) for e in args.env))
    if source is None:
        return None
    try:
        if not stat.S_ISREG(os.stat(source).st_mode):
            fail(f'{source} is neither a file nor a folder')
        with open(source, 'rb') as f:
            return f.read()
    except OSError as e:
        fail(f'{source}: {e.strerror}')


def main():
    end_at_interrupt()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-o', required=True, metavar='OUT')
    parser.add_argument('--image', metavar='NTOS.EXE')
    parser.add_argument('--manifest', action='append', default=[], metavar='FILE')
    parser.add_argument('--define', action='append', default=[], metavar='NAME=VALUE')
    parser.add_argument('--add', action='append', default=[], nargs=2, metavar=('PATH', 'FILE'))
    parser.add_argument('--option', action='append', default=[], metavar='TEXT')
    parser.add_argument('--run', metavar='COMMANDLINE')
    parser.add_argument('--window', metavar='ADDRESS')
    parser.add_argument('--env', action='append', default=[], metavar='NAME=VALUE')
    args = parser.parse_args()

    entries = {BOOT_REG: (BOOT_REG, None)}
    defines = dict(d.split('=', 1) for d in args.define)
    for manifest in args.manifest:
        read_manifest(manifest, defines, entries)
    for path, source in args.add:
        add(entries, path, source)
    for variable in args.env:
        if variable.find('=') < 1:
            fail(f'--env {variable}: expected NAME=VALUE')
        check_text(variable, '--env')
    check_text(args.run or '', 'the command line')

    files = [(path, load(path, source, args)) for path, source in sorted(entries.values(), key=lambda e: e[0].encode())]
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
    archive = b''.join([(header + table).ljust(data_offset, b'\0'), *data])
    if args.image:
        mkimage.write_image(args.o, args.image, archive)
        return
    with open(args.o, 'wb') as out:
        out.write(archive)


if __name__ == '__main__':
    main()
