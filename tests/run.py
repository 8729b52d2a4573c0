#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [-v] [-l] [NAME...]: runs the test suites and adds up their closing lines.

A suite is a command that prints what failed and closes with a line `N passed, N failed`.  One that does not come to its closing line,
or takes longer than its limit, counts as one failure, and the end of its output is shown.
"""
import glob
import os
import re
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CLOSING = re.compile(r'^(\d+) passed, (\d+) failed\b', re.M)


def suites():
    """
    All suites in the order in which they run: (name, command, limit in seconds).  The limit ends a suite that hangs; it is several times of
    what one takes, for machines that are slow or busy.
    """
    yield 'layers', ['tests/layers.py'], 120
    yield 'scripts', ['tests/scripts.py'], 300
    yield 'native-api', ['tests/nativeapi.py'], 120
    yield 'unit', ['tests/unit/run.py'], 600
    yield 'hive', ['tests/hive/run.py'], 300
    yield 'kernel', ['tests/kernel/run.py'], 2400
    yield 'proofs', ['kernel/proofs/run.py', '--suite'], 2400
    yield 'mm', ['tests/mm/run.py'], 900
    yield 'native', ['tests/native/run.py'], 2400
    yield 'win32', ['tests/win32/run.py'], 2400                  # the first time it fetches and builds
    for path in sorted(glob.glob('tests/system/test_*.py')):
        yield 'system/' + os.path.basename(path)[5:-3], [path], 1200


def run(command, limit):
    """The suite's counts and output."""
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=limit)
        output, status = done.stdout.decode(errors='replace'), done.returncode
    except subprocess.TimeoutExpired as e:
        output, status = (e.stdout or b'').decode(errors='replace') + f'\nnot finished after {limit} seconds\n', 124
    except OSError as e:
        return 0, 1, f'{command[0]}: {e.strerror}\n'
    lines = CLOSING.findall(output)
    if not lines:
        return 0, 1, output + f'no closing line; exit status {status}\n'
    passed, failed = int(lines[-1][0]), int(lines[-1][1])
    if status and not failed:
        return passed, 1, output + f'exit status {status}\n'
    return passed, failed, output


def main():
    os.chdir(ROOT)
    options = [a for a in sys.argv[1:] if a.startswith('-')]
    names = [a for a in sys.argv[1:] if not a.startswith('-')]
    chosen = [s for s in suites() if not names or any(s[0].startswith(n) for n in names)]
    if '-l' in options:
        print('\n'.join(name for name, _, _ in chosen))
        return
    if not chosen:
        sys.exit(f'run.py: no test is called {" or ".join(names)}; -l lists them')
    total = [0, 0]
    for name, command, limit in chosen:
        print(f'{name} ...', flush=True)
        start = time.monotonic()
        passed, failed, output = run(command, limit)
        total[0] += passed
        total[1] += failed
        print(f"{name}: {passed} ok, {failed} failed ({time.monotonic() - start:.0f} s)", flush=True)
        if failed or '-v' in options:
            print('\n'.join('    ' + line for line in output.splitlines()[-60:]), flush=True)
    print(f'{total[0]} passed, {total[1]} failed')
    sys.exit(1 if total[1] else 0)


if __name__ == '__main__':
    main()
