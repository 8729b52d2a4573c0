#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [-v] [NAME...]: builds the tests of pure code for this machine, with its sanitizers, and runs them.

test_NAME.c is linked with unit.c and the sources that its head comment names: `Tests: rtl/*.c'.
"""
import glob
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
OUT = os.path.join(ROOT, 'build/unit')
CC = 'clang-19'
COMMON = ['-std=gnu11', '-g', '-O1', '-Wall', '-Wextra', '-Wno-unused-parameter', '-Wno-missing-field-initializers',
          '-Wno-microsoft-anon-tag', '-fms-extensions', '-fno-builtin', '-fno-strict-aliasing', '-fsanitize=address,undefined',
          '-fno-sanitize=alignment', '-fno-sanitize-recover=all']
SHIM = ['-fshort-wchar', '-Itests/unit/include', '-Iinclude', '-I.', '-idirafter', '/usr/share/mingw-w64/include']
CLOSING = re.compile(r'^(\d+) passed, (\d+) failed\b', re.M)


def build(test):
    """The program of one test, or the compiler's complaints."""
    sources = re.search(r'Tests: (.*)\.$', open(test).read(), re.M)[1].split()
    program = os.path.join(OUT, os.path.basename(test)[5:-2])
    objects = []
    for source in [test] + [s for pattern in sources for s in sorted(glob.glob(os.path.join(ROOT, pattern)))]:
        name = os.path.join(OUT, os.path.relpath(source, ROOT).replace('/', '.') + '.o')
        done = subprocess.run([CC, *COMMON, *SHIM, '-c', source, '-o', name], cwd=ROOT, capture_output=True, text=True)
        if done.returncode:
            return None, done.stderr
        objects.append(name)
    done = subprocess.run([CC, *COMMON, os.path.join(HERE, 'unit.c'), *objects, '-o', program], cwd=ROOT, capture_output=True,
                          text=True)
    return (program, '') if not done.returncode else (None, done.stderr)


def main():
    names = [a for a in sys.argv[1:] if not a.startswith('-')]
    os.makedirs(OUT, exist_ok=True)
    total = [0, 0]
    for test in sorted(glob.glob(os.path.join(HERE, 'test_*.c'))):
        name = os.path.basename(test)[5:-2]
        if names and name not in names:
            continue
        program, output = build(test)
        counts = (0, 1)
        if program:
            try:
                done = subprocess.run([program], capture_output=True, text=True, timeout=300)
                output = done.stdout + done.stderr
                closing = CLOSING.findall(output)
                if closing:
                    counts = int(closing[-1][0]), int(closing[-1][1]) or (1 if done.returncode else 0)
            except subprocess.TimeoutExpired:
                output = 'not finished after 300 seconds\n'
        total[0] += counts[0]
        total[1] += counts[1]
        print(f'{name}: {counts[0]} ok, {counts[1]} failed')
        if counts[1] or '-v' in sys.argv:
            print('\n'.join('    ' + line for line in output.splitlines()[-60:]))
    print(f'{total[0]} passed, {total[1]} failed')
    sys.exit(1 if total[1] else 0)


if __name__ == '__main__':
    main()
