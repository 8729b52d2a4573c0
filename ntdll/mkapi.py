#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes docs/native-api.md: for each name of ntdll/exports.txt whether it is done, partial or not.

Usage: ntdll/mkapi.py [--check]     --check writes nothing, and fails if the page is not up to date

A name is `not' if no source defines it, or its row of abi/services.def is MISSING; `partial' if a line `PARTIAL: what is
missing' stands in the comment right before its definition (for a service: in ntos), or behind its row; else `done'.  A line
`DIFFERS: how' in that comment is shown beside.
"""
import collections
import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, 'docs/native-api.md')
NAME = re.compile(r'\b([A-Za-z_]\w*)\s*\(')
REMARK = re.compile(r'(PARTIAL|DIFFERS):\s*(.*?)\s*(?=\*/|\n \*\s*\n|PARTIAL:|DIFFERS:|$)', re.S)
FAMILIES = [('Nt', 'services'), ('Rtl', 'run-time library'), ('Ldr', 'loader'), ('Tp', 'thread pool'), ('Dbg', 'debugging'),
            ('Etw', 'event tracing'), ('Csr', 'subsystem'), ('Ki', 'entry points'), ('', 'C library and others')]


def read(path):
    with open(path, encoding='utf-8') as file:
        return file.read()


def comment_before(text, start):
    """The comments that stand directly before a place, in one text."""
    parts = []
    head = text[:start].rstrip(' \t')
    while head.endswith('*/\n'):
        begin = head.rfind('/*')
        parts.insert(0, head[begin:])
        head = head[:begin].rstrip(' \t')
    return ''.join(parts)


def remarks(comment):
    """{'PARTIAL': what is missing, 'DIFFERS': how}, each only if the comment says so."""
    return {kind: re.sub(r'\s*\n \*\s*', ' ', text).strip() for kind, text in REMARK.findall(comment)}


def definitions(folders):
    """name -> remarks, of each function that C or assembly files define."""
    found = {}
    for folder in folders:
        for path in sorted(glob.glob(os.path.join(ROOT, folder, '**/*.[cS]'), recursive=True)):
            text = read(path)
            if path.endswith('.S'):
                for name in re.findall(r'^\s*(?:\.globl\s+|[A-Z_]+\s*\(?\s*)?(\w+)\)?:?\s*$|^(\w+):', text, re.M):
                    found.setdefault(name[0] or name[1], {})
                for name in re.findall(r'^\s*(?:\.globl|[A-Z_]{3,})\s*\(?\s*(\w+)', text, re.M):
                    found.setdefault(name, {})
                continue
            for match in re.finditer(r'^(?!static\b|typedef\b|extern\b|#|/|\s|\})[^;{}=]*?\)\s*(?:__attribute__\S*\s*)?\n?\{', text, re.M):
                name = NAME.search(match[0])
                if name:
                    found.setdefault(name[1], remarks(comment_before(text, match.start())))
            for match in re.finditer(r'^[A-Z_]{3,}\((\w+)', text, re.M):        # definitions that a macro makes
                found.setdefault(match[1], {})
    return found


def services():
    """name -> (implemented?, remarks)."""
    rows = {}
    for line in read(os.path.join(ROOT, 'abi/services.def')).splitlines():
        row = re.match(r'(SERVICE|MISSING)\((\w+),', line)
        if row:
            rows[row[2]] = row[1] == 'SERVICE', remarks(line)
    return rows


def state_of(name, rows, library, executive):
    """('done' | 'partial' | 'not', what to say beside)."""
    name = re.sub('^Zw', 'Nt', name)
    if name in rows:
        implemented, said = rows[name]
        said = {**executive.get(name, {}), **said}
    else:
        implemented, said = name in library, library.get(name, {})
    if not implemented:
        return 'not', ''
    return ('partial' if 'PARTIAL' in said else 'done',
            ' '.join((said.get('PARTIAL', ''), 'Differs: ' + said['DIFFERS'] if 'DIFFERS' in said else '')).strip())


def page():
    wanted = [line.split()[0] for line in read(os.path.join(ROOT, 'ntdll/exports.txt')).splitlines()
              if line.strip() and not line.startswith('#')]
    rows, library, executive = services(), definitions(['ntdll', 'rtl']), definitions(['ntos'])
    families = collections.defaultdict(list)
    totals = collections.Counter()
    for name in sorted(wanted):
        state, missing = state_of(name, rows, library, executive)
        totals[state] += 1
        prefix = next(p for p, _ in FAMILIES if re.match(p + ('[A-Z]' if p else ''), name))
        families[prefix].append((name, state, missing))
    text = ['<!-- Made by ntdll/mkapi.py from the sources: edit those. -->', '# The native API', '',
            f'The {len(wanted)} names of `ntdll/exports.txt`: {totals["done"]} done, {totals["partial"]} partial, {totals["not"]} not. '
            'A name that is not there yet is exported too; it answers STATUS_NOT_IMPLEMENTED and logs its name once.', '']
    for prefix, title in FAMILIES:
        entries = families[prefix]
        if not entries:
            continue
        count = collections.Counter(state for _, state, _ in entries)
        text += [f'## {prefix + ": " if prefix else ""}{title}', '',
                 f'{len(entries)} names: {count["done"]} done, {count["partial"]} partial, {count["not"]} not.', '',
                 '| name | state | what is missing or different |', '| --- | --- | --- |']
        text += [f'| `{name}` | {state} | {missing.replace("|", chr(92) + "|")} |' for name, state, missing in entries] + ['']
    return '\n'.join(text)


def main():
    text = page()
    if '--check' not in sys.argv[1:]:
        with open(PAGE, 'w', encoding='utf-8') as file:
            file.write(text)
        return 0
    if os.path.exists(PAGE) and read(PAGE) == text:
        return 0
    print('docs/native-api.md is not up to date: run ntdll/mkapi.py')
    return 1


if __name__ == '__main__':
    sys.exit(main())
