#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Say before a program runs why it cannot.

  pecheck.py PROGRAM [--beside FILE]... [--define NAME=VALUE]... --manifest FILE...

PROGRAM is checked against the DLLs beside it (--beside) and those in C:\\windows\\system32 (mkarchive's manifests).  Nothing is said,
and the status is 0, where it may run; else one line names the cause and the status is 126.

A program is refused for facts alone: what it is, a DLL that is nowhere, an export that its DLL lacks.  Delayed imports count for
nothing, since a program may live without them, and neither do tables that cannot be read: the machine's own loader judges those.
"""
import argparse
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pe
from mkarchive import end_at_interrupt, read_manifest

class Unfit(Exception):
    """The program's imports cannot be satisfied; the text is a whole sentence."""


SYSTEM32 = 'windows/system32/'
SUBSYSTEMS = {2: 'a GUI program: only console programs run here', 9: 'a Windows CE program', 10: 'an EFI program', 11: 'an EFI driver',
              12: 'an EFI driver', 13: 'an EFI program', 14: 'an Xbox program', 16: 'a boot program'}
MAX_FORWARDS = 16


def read(path):
    with open(path, 'rb') as f:
        return f.read()


class Checker:
    def __init__(self, beside, system):
        self.beside, self.system, self.loaded = beside, system, {}
        schema = system.get('apisetschema.dll')
        self.sets = pe.ApiSet(read(schema)) if schema else None

    def find(self, dll):
        """The files that dll may be on the machine, likeliest first."""
        name = dll.lower()
        if '.' not in name:
            name += '.dll'
        host = self.sets.host(name) if self.sets else None
        places = [self.system.get(host)] if host else [self.beside.get(name), self.system.get(name)]
        return [p for p in places if p]

    def load(self, path):
        """The DLL's imports and exports; None where its tables cannot be read."""
        if path not in self.loaded:
            image = pe.Pe(read(path))
            try:
                self.loaded[path] = image.imports(), image.exports()
            except struct.error:
                self.loaded[path] = None
        return self.loaded[path]

    def exports(self, dll, symbol, depth=0):
        """Whether a DLL that dll may be has the export; a forwarder has it where its target does."""
        for path in self.find(dll):
            tables = self.load(path)
            if tables is None:
                return True
            target = tables[1].get(symbol)
            if isinstance(target, str) and depth < MAX_FORWARDS:
                module, _, name = target.rpartition('.')
                target = self.exports(module, int(name[1:]) if name[:1] == '#' and name[1:].isdigit() else name, depth + 1)
            if target:
                return True
        return False

    def check_imports(self, name, path):
        """The closure of the imports.  A DLL of the system is taken to find its own."""
        seen, todo = set(), [(name, path)]
        while todo:
            name, path = todo.pop()
            tables = self.load(path)
            for dll, symbols in tables[0] if tables else ():
                self.check_import(name, dll, symbols, path not in self.system.values())
                for found in self.find(dll)[:1]:
                    if found not in seen:
                        seen.add(found)
                        todo.append((os.path.basename(found), found))

    def check_import(self, name, dll, symbols, by_symbol):
        found = self.find(dll)
        if not found:
            without = '' if 'kernel32.dll' in self.system else '; the machine has no Win32 system (--native, or little memory)'
            raise Unfit(f'{name} needs {dll}, which is neither beside the program nor in C:\\windows\\system32{without}')
        try:
            self.load(found[0])
        except pe.Refused as reason:
            raise Unfit(f'{name} needs {dll}, and {found[0]} is {reason}')
        for symbol in symbols if by_symbol else ():
            if not self.exports(dll, symbol):
                what = f'ordinal {symbol}' if isinstance(symbol, int) else symbol
                raise Unfit(f'{name} needs {what} from {dll}, which does not export it')


def check(program, beside, system):
    image = pe.Pe(read(program))
    if image.is_dll():
        raise pe.Refused('a DLL, not a program')
    if image.is_dotnet():
        raise pe.Refused('a .NET program, and there is no .NET runtime here')
    if image.subsystem in SUBSYSTEMS:
        raise pe.Refused(SUBSYSTEMS[image.subsystem])
    try:
        Checker(beside, system).check_imports(os.path.basename(program), program)
    except struct.error:
        pass


def system_files(manifests, defines):
    entries = {}
    for manifest in manifests:
        read_manifest(manifest, defines, entries)
    return {path[len(SYSTEM32):]: source for path, (_, source) in entries.items()
            if path.startswith(SYSTEM32) and '/' not in path[len(SYSTEM32):] and source}


def refuse(text):
    print(f'run.sh: {text}', file=sys.stderr)
    sys.exit(126)


def main():
    end_at_interrupt()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('program')
    parser.add_argument('--beside', action='append', default=[], metavar='FILE')
    parser.add_argument('--manifest', action='append', required=True, metavar='FILE')
    parser.add_argument('--define', action='append', default=[], metavar='NAME=VALUE')
    args = parser.parse_args()
    system = system_files(args.manifest, dict(d.split('=', 1) for d in args.define))
    try:
        check(args.program, {os.path.basename(f).lower(): f for f in args.beside + [args.program]}, system)
    except pe.Refused as reason:
        refuse(f'{args.program} is {reason}')
    except Unfit as reason:
        refuse(f'{args.program}: {reason}')
    except OSError as e:
        refuse(f'{e.filename}: {e.strerror}')


if __name__ == '__main__':
    main()
