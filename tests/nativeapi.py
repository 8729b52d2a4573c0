#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""docs/native-api.md: it is what the sources give, and says `not' of each name that the build found no definition of."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from report import Report

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as file:
        return file.read()


def main():
    report = Report()
    made = subprocess.run([sys.executable, '-B', os.path.join(ROOT, 'ntdll/mkapi.py'), '--check'], capture_output=True, text=True)
    report.check('the page is up to date', made.returncode == 0, made.stdout + made.stderr)
    states = dict(re.findall(r'^\| `(\w+)` \| (\w+) \|', read('docs/native-api.md'), re.M))
    wanted = [line.split()[0] for line in read('ntdll/exports.txt').splitlines() if line.strip() and not line.startswith('#')]
    report.check('it has every name', sorted(states) == sorted(wanted))
    missing = 'build/release/gen/ntdll/missing.S'
    if report.check(missing, os.path.exists(os.path.join(ROOT, missing))):
        for name in re.findall(r'\.asciz "(\w+)"', read(missing)):
            report.check(f'{name} has no definition', states.get(name) == 'not', states.get(name))
    report.close()


if __name__ == '__main__':
    main()
