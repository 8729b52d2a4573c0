#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The program runner: a program of the host's, its output and exit status, companions, crashes, files that are no programs."""
import os
import subprocess
import tempfile
import time

from machine import ROOT, Report

BUILD = os.path.join(ROOT, 'build/release')


def run(*words, stdin=b'', seconds=30):
    done = subprocess.run(['./run.sh', *words], cwd=ROOT, input=stdin, capture_output=True, timeout=seconds)
    return done.returncode, done.stdout, done.stderr.decode(errors='replace')


def main():
    report = Report()
    hello = os.path.join(BUILD, 'hello.exe')
    start = time.monotonic()
    status, out, err = run('--', hello, 'one', 'two three')
    seconds = time.monotonic() - start
    report.check('hello: exit status 0', status == 0, err)
    report.check('hello: its arguments', b'one' in out and b'two three' in out, repr(out))
    report.check('hello: only its output', b'>' not in out and b'ntos' not in out, repr(out))
    report.check('hello: at most 3 s (6 s where the machine is busy)', seconds < 6, f'{seconds:.1f} s')

    crash = os.path.join(BUILD, 'tests/crash.exe')
    for what, name in [('null', 'STATUS_ACCESS_VIOLATION'), ('jump', 'STATUS_ACCESS_VIOLATION'), ('stack', 'STATUS_STACK_OVERFLOW'),
                       ('divide', 'STATUS_INTEGER_DIVIDE_BY_ZERO'), ('ud', 'STATUS_ILLEGAL_INSTRUCTION')]:
        status, out, err = run('--', crash, what)
        report.check(f'crash {what}: status 125', status == 125, f'{status}\n{err}')
        report.check(f'crash {what}: names the exception', name in err, err)
        report.check(f'crash {what}: module and offset', 'crash.exe+0x' in err or what == 'jump', err)
    status, out, err = run('--', crash, 'exit', '7')
    report.check('an exit status is passed on', status == 7, f'{status}\n{err}')
    status, out, err = run('--timeout', '3', '--', crash, 'spin')
    report.check('--timeout ends a program that spins', status == 124, f'{status}\n{err}')

    with tempfile.TemporaryDirectory() as directory:
        image = open(hello, 'rb').read()
        bad = {'text.exe': b'this is no program\n', 'empty.exe': b'', 'cut.exe': image[:len(image) // 2], 'header.exe': image[:0x90],
               'machine.exe': image.replace(b'PE\0\0\x64\x86', b'PE\0\0\x4c\x01')}
        for name, content in bad.items():
            path = os.path.join(directory, name)
            with open(path, 'wb') as f:
                f.write(content)
            status, out, err = run('--', path)
            report.check(f'{name}: status 126', status == 126, f'{status}\n{err}')
            report.check(f'{name}: one line that names the file', name in err and out == b'', err)
    report.close()


if __name__ == '__main__':
    main()
