# SPDX-License-Identifier: BSD-2-Clause
"""Mutations: changes that break the sources on purpose, one at a time, so that the tests show that they can fail.

A list has one block a mutation: the file, `-' lines with a text that stands there once, `+' lines with what is put in its place, `?' what
breaks, `=' what notices it; `%' and `@' as the list says.  Comments are blocks whose lines begin with `#'.
"""
import os
import re
import shutil
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class Mutation:
    def __init__(self, block):
        lines = block.splitlines()
        self.file, self.why, self.config, self.options, self.caught = lines[0], '', '', '', ''
        old, new = [], []
        for line in lines[1:]:
            if line.startswith('-'):
                old.append(line[2:])
            elif line.startswith('+'):
                new.append(line[2:])
            elif line.startswith('?'):
                self.why = line[2:]
            elif line.startswith('%'):
                self.config = line[2:]
            elif line.startswith('@'):
                self.options = line[2:]
            elif line.startswith('='):
                self.caught = line[2:]
        self.old, self.new = '\n'.join(old).strip(), '\n'.join(new).strip()

    def __str__(self):
        return f'{self.file}: {self.why}'

    def pattern(self):
        """The old text, with any white space between its words."""
        return r'\s+'.join(re.escape(word) for word in self.old.split())

    def apply(self, text):
        changed, n = re.subn(self.pattern(), lambda _: self.new, text)
        return changed if n == 1 else None


def load(path):
    """(those that fit the sources, those that do not)."""
    text = '\n'.join(line for line in read(path).splitlines() if not line.startswith('#'))
    every = [Mutation(block.strip('\n')) for block in re.split(r'\n\n+', text) if block.strip()]
    stale = [m for m in every if m.apply(read(os.path.join(ROOT, m.file))) is None]
    for m in stale:
        print(f'does not fit the source: {m}')
    return [m for m in every if m not in stale], stale


def record(path, signs):
    """Puts a line `= SIGN' at the end of each of these entries."""
    blocks = re.split(r'\n\n+', read(path).strip('\n'))
    for i, block in enumerate(blocks):
        sign = None if block.startswith('#') else signs.get(str(Mutation(block)))
        if sign:
            blocks[i] = '\n'.join([line for line in block.split('\n') if not line.startswith('=')] + ['= ' + sign])
    write(path, '\n\n'.join(blocks) + '\n')


def close(path, signs, caught, chosen, stale):
    """The end of a run: records what noticed them, if that was asked for; the closing line and the exit status."""
    if '--record' in sys.argv:
        record(path, signs)
    print(f'{caught} passed, {len(chosen) - caught + len(stale)} failed')
    sys.exit(caught != len(chosen) or bool(stale))


def read(path):
    with open(path) as f:
        return f.read()


def write(path, text):
    with open(path, 'w') as f:
        f.write(text)


def copy_tree(source, target):
    """Files whose text differs, and no others, so that make rebuilds no more than it must."""
    for folder, _, names in os.walk(source):
        there = os.path.join(target, os.path.relpath(folder, source))
        os.makedirs(there, exist_ok=True)
        for name in set(os.listdir(there)) - set(names):
            if os.path.isfile(os.path.join(there, name)):
                os.remove(os.path.join(there, name))
        for name in names:
            old, new = os.path.join(there, name), os.path.join(folder, name)
            if not os.path.exists(old) or read(old) != read(new):
                shutil.copyfile(new, old)
