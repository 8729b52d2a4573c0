#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Hives between ntos/cm and other people's programs: what we write, hivexml and reged read; what hivexsh changes, we read.

Usage: tests/hive/run.py
"""
import base64
import os
import subprocess
import sys
import xml.etree.ElementTree as xml

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
OUT = os.path.join(ROOT, 'build/hive')
TOOL = os.path.join(OUT, 'hivetool')
SOURCES = ['tests/hive/hivetool.c', 'ntos/cm/hiveread.c', 'ntos/cm/hivebuild.c', 'rtl/memory.c', 'rtl/string.c', 'rtl/case.c']
FLAGS = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-missing-field-initializers', '-fms-extensions',
         '-fno-builtin', '-fno-strict-aliasing', '-fshort-wchar', '-fsanitize=address,undefined', '-fno-sanitize=alignment',
         '-fno-sanitize-recover=all', '-Itests/unit/include', '-Iinclude', '-I.', '-idirafter', '/usr/share/mingw-w64/include']
TYPES = {'string': 1, 'expand': 2, 'binary': 3, 'int32': 4, 'int32be': 5, 'link': 6, 'string-list': 7, 'int64': 11}

counts = [0, 0]


def check(holds, text):
    counts[not holds] += 1
    if not holds:
        print(f'FAILED: {text}')


def run(*command, **options):
    return subprocess.run(command, cwd=OUT, capture_output=True, timeout=300, **options)


def text(name):
    """What our reader finds, as a sorted list of lines with the key's path in each."""
    done = run(TOOL, 'text', name)
    check(done.returncode == 0, f'{name}: {done.stderr.decode()}')
    lines, path = [], ''
    for line in done.stdout.decode().splitlines():
        if line.startswith('key '):
            path = line[4:]
            lines.append(path)
        else:
            lines.append(f'{path} {line[6:]}')
    return sorted(lines)


def value_line(path, node):
    """A value of hivexml's in the same form."""
    kind, data = node.get('type'), node.get('value') or ''
    if node.get('encoding') == 'base64':
        raw = base64.b64decode(data)
    elif kind in ('string', 'expand'):
        raw = (data + '\0').encode('utf-16-le')
    elif kind == 'int32':
        raw = int(data).to_bytes(4, 'little')
    elif kind == 'binary':
        raw = base64.b64decode(data)
    else:
        raise ValueError(kind)
    return f"{path} {node.get('key') or '@'} {TYPES[kind]} {raw.hex()}"


def xml_text(name):
    """The same list from hivexml's output."""
    done = run('hivexml', name)
    check(done.returncode == 0, f'hivexml {name}: {done.stderr.decode()}')
    lines = []

    def walk(node, path):
        path = f"{path}\\{node.get('name')}"
        lines.append(path)
        for child in node:
            if child.tag == 'value':
                lines.append(value_line(path, child))
            elif child.tag == 'node':
                walk(child, path)

    for node in xml.fromstring(done.stdout):
        if node.tag == 'node':
            walk(node, '')
    return sorted(lines)


def compare(ours, theirs, name):
    check(len(ours) > 100, f'{name}: {len(ours)} lines')
    check(ours == theirs, f'{name}: differs: {[pair for pair in zip(ours, theirs) if pair[0] != pair[1]][:2]}')


def test_read_by_others():
    check(run(TOOL, 'write', 'sample').returncode == 0, 'the sample could not be written')
    compare(text('sample'), xml_text('sample'), 'hivexml')
    done = run('reged', '-x', 'sample', 'HKEY_LOCAL_MACHINE\\X', '\\', 'sample.reg')
    exported = open(os.path.join(OUT, 'sample.reg'), 'rb').read()
    exported = exported.decode('utf-16' if exported[:2] == b'\xff\xfe' else 'latin-1')
    check(exported.count('"index"=dword:') == 1500, f'reged: {done.stdout.decode(errors="replace")[-300:]}')
    check('\\Many\\k1499]' in exported, 'reged: the last subkey is missing')


def test_changed_by_others():
    script = ('cd \\\nadd Added\ncd Added\nsetval 2\nname\nstring:hello\nnumber\ndword:77\n'
              'add Below\ncd Below\nsetval 1\n@\nhex:3:' + ','.join('ab' for _ in range(300)) + '\n'
              'cd \\Many\\k0007\ndel\ncommit\n')
    done = run('hivexsh', '-w', 'sample', input=script.encode())
    check(done.returncode == 0, f'hivexsh: {done.stderr.decode()}')
    ours = text('sample')
    compare(ours, xml_text('sample'), 'hivexsh')
    check(any('\\Added number 4 4d000000' in line for line in ours), 'the number that hivexsh set')
    check(any(line.endswith('ab' * 300) and 'Below @ 3' in line for line in ours), 'the bytes that hivexsh set')
    check(not any('k0007' in line for line in ours), 'the key that hivexsh deleted')


def main():
    os.makedirs(OUT, exist_ok=True)
    subprocess.run(['clang-19', *FLAGS, *SOURCES, '-o', TOOL], cwd=ROOT, check=True)
    test_read_by_others()
    test_changed_by_others()
    print(f'{counts[0]} passed, {counts[1]} failed')
    sys.exit(1 if counts[1] else 0)


main()
