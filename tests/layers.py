#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Checks who includes what: the layering table of docs/architecture.md.

A rule names a room and the include paths that its files may use.  `own` stands for a header of the same folder (or one below it);
NT stands for include/nt.h and its parts, include/rtl.h and mingw-w64's user-mode headers; DDK for mingw-w64's driver headers.
"""
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from report import Report

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STANDARD = r'(stdint|stddef|stdbool|stdarg|stdalign|limits|float|string)\.h'
NT = r'(nt|rtl|ntdll)(/\w+)?\.h|ntstatus\.h|(min)?win\w+\.h|intrin\.h|x86intrin\.h|cpuid\.h|immintrin\.h'
DDK = r'(ntddk|wdm|ntifs|ntdef|ntstatus|storport|srb|scsi|ntdd\w+|ntddkbd|ntddser|ntddbeep|ntddvdeo|kbdmou|poclass|initguid|wdmguid|ntimage|ntstrsafe|guiddef)\.h|ddk/\w+\.h'
NTOS = r'(ntos/)?inc/\w+\.h|rtl/\w+\.h|abi/\w+\.(h|def)|' + NT

RULES = [   # (files, allowed includes besides STANDARD and own headers); the first that matches a file counts
    (r'kernel/', r'abi/sel4/\w+\.h|(api|object|sched|arch|include|kernel)/[\w/]+\.h'),
    (r'ntos/(ke|mm)/', NTOS + r'|abi/sel4/\w+\.h'),
    (r'ntos/', NTOS),
    (r'rtl/', r'rtl/\w+\.h|abi/\w+\.h|' + NT),
    (r'ntdll/', r'rtl/\w+\.h|abi/\w+\.(h|def)|abi/sel4/\w+\.h|' + NT),
    (r'drivers/host/', r'rtl/\w+\.h|abi/[\w/]+\.(h|def)|' + NT + '|' + DDK),
    (r'drivers/include/', r'intrin\.h|' + DDK),
    (r'drivers/', r'abi/video\.h|drivers/lib/\w+\.h|' + DDK),
    (r'base/', r'abi/(condrv|conapi|runlink|video)\.h|base/lib/\w+\.h|ntdd(kbd|ser|beep)\.h|' + NT),
]
INCLUDE = re.compile(r'^\s*#\s*include\s*["<]([^">]+)[">]', re.M)


def component(path):
    """The part of the tree whose headers a file may include freely: ntos/ob, drivers/host, base/conhost, else the room."""
    parts = path.split('/')
    return '/'.join(parts[:2]) if parts[0] in ('ntos', 'drivers', 'base') and len(parts) > 2 else parts[0]


def own(path, name):
    """Whether the include `name` of file `path` is a header of its own component, named from the root or from its folder."""
    beside = os.path.normpath(os.path.join(os.path.dirname(path), name))
    return any(os.path.exists(os.path.join(ROOT, c)) and component(c) == component(path) for c in (name, beside))


def main():
    report = Report()
    for rule, _ in RULES:
        room = rule.split('(')[0].rstrip('/')
        report.check(f'room {room} exists', os.path.isdir(os.path.join(ROOT, room)))
    for folder, _, files in sorted(os.walk(ROOT)):
        place = os.path.relpath(folder, ROOT)
        if place.startswith(('build', '.git')):
            continue
        for file in sorted(files):
            path = os.path.normpath(os.path.join(place, file))
            allowed = next((allowed for rule, allowed in RULES if re.match(rule, path)), None)
            if allowed is None or not file.endswith(('.c', '.h', '.S')) or path.startswith('kernel/proofs'):
                continue
            for name in INCLUDE.findall(open(os.path.join(ROOT, path), encoding='utf-8').read()):
                good = re.fullmatch(STANDARD + '|' + allowed, name) or own(path, name)
                report.check(f'{path} includes {name}', bool(good))
    report.close()


if __name__ == '__main__':
    main()
