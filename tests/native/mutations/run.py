#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Would the native tests notice?  Each mutation of list.txt is made in a copy of ntos, which is built and given the program that tests it.

Usage: tests/native/mutations/run.py [-v] [--list] [--record] [TEXT...]

TEXT: those whose file, reason or program contains it; -v shows the output; --record writes into list.txt what noticed those that do not say it.
A mutation is caught if the program fails, and if its output has the line that list.txt names; without a defect the program must pass.  All must
still fit the source: text that is not found once is a failure.  Closes with `N passed, N failed'.
"""
import os
import re
import shutil
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path[:0] = [os.path.join(ROOT, 'tests/native'), os.path.join(ROOT, 'tests')]
from building import make  # noqa: E402
from mutations import close, copy_tree, load, read, write  # noqa: E402
from run import CLOSING, programs  # noqa: E402

LIST = os.path.join(ROOT, 'tests/native/mutations/list.txt')
SCRATCH = os.path.join(ROOT, 'build/native-mutations')
LIMIT = 240


def prepare():
    """A tree like this one, with a copy of ntos and of what is built; the rest are links.  It is kept from run to run."""
    os.makedirs(os.path.join(SCRATCH, 'build'), exist_ok=True)
    for name in set(os.listdir(ROOT)) - {'ntos', 'build', '.git'}:
        link(os.path.join(ROOT, name), os.path.join(SCRATCH, name))
    link(os.path.join(ROOT, 'build/win32'), os.path.join(SCRATCH, 'build/win32'))
    for folder in ('ntos', 'build/release'):
        if not os.path.exists(os.path.join(SCRATCH, folder)):
            shutil.copytree(os.path.join(ROOT, folder), os.path.join(SCRATCH, folder), ignore=shutil.ignore_patterns('run'))
    copy_tree(os.path.join(ROOT, 'ntos'), os.path.join(SCRATCH, 'ntos'))


def link(target, path):
    if not os.path.lexists(path):
        os.symlink(target, path)


def build(folder):
    return make('-j2', 'CONFIG=release', 'all', 'native-tests', root=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def start(line):
    """The output of a program, with its arguments."""
    name, *arguments = line.split()
    files = next(files for program, *_, files in programs([name]) if program == name)
    options = [word for file in files for word in ('--with', f'build/release/{file}')]
    done = subprocess.run([f'{SCRATCH}/run.sh', '--timeout', str(LIMIT), *options, '--', f'build/release/tests/{name}.exe', *arguments],
                          cwd=SCRATCH, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.stdout.decode(errors='replace').replace('\r', '')


def stripped(line):
    """A failed check without its line number and its values."""
    return re.sub(r'^FAILED: (\w+\.\w+):\d+: (0x\w+ instead of 0x\w+: )?', r'\1: ', line.strip())


def sign_of(output, wanted):
    """What gave the mutation away: the line with this text, or the first failure if there is no such line or none is wanted; None: nothing."""
    lines = [stripped(line) for line in output.splitlines()]
    counts = CLOSING.findall(output)
    if counts and int(counts[-1][1]) == 0:
        return None
    failed = [stripped(line) for line in output.splitlines() if line.startswith('FAILED')]
    found = [line for line in lines if wanted and wanted in line]
    return (found or failed or [repr(lines[-1]) if lines else 'no output'])[0]


def run(mutation, verbose):
    path = os.path.join(SCRATCH, mutation.file)
    original = read(path)
    write(path, mutation.apply(original))
    try:
        built = build(SCRATCH)
        if built.returncode:
            return 'does not compile: ' + built.stdout[-1000:]
        output = start(mutation.options)
        if verbose:
            print(output)
        return sign_of(output, mutation.caught)
    finally:
        write(path, original)


def judge(mutation, sign):
    if sign is None:
        return 'SURVIVES'
    if sign.startswith('does not compile'):
        return 'BROKEN'
    return 'caught' if mutation.caught in sign else 'caught by another check'


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith('-')]
    chosen, stale = load(LIST)
    chosen = [m for m in chosen if not arguments or any(a in f'{m} ({m.options})' for a in arguments)]
    if '--list' in sys.argv:
        print('\n'.join(f'{m} ({m.options})' for m in chosen))
        return
    built = build(ROOT)
    if built.returncode:
        sys.exit(built.stdout)
    prepare()
    build(SCRATCH)
    sound = {line: sign_of(start(line), '') for line in sorted({m.options for m in chosen})}
    for line, sign in sound.items():
        if sign is not None:
            print(f'fails without a defect: {line}: {sign}', flush=True)
    caught, signs = 0, {}
    for i, m in enumerate(chosen):
        begin = time.time()
        sign = run(m, '-v' in sys.argv) if sound[m.options] is None else None
        verdict = judge(m, sign) if sound[m.options] is None else 'not tried'
        if verdict == 'caught':
            caught += 1
            signs[str(m)] = m.caught or sign
        print(f'{i + 1}/{len(chosen)} {verdict} ({time.time() - begin:.0f} s) {m} ({m.options}): {sign}', flush=True)
    close(LIST, signs, caught, chosen, stale)


main()
