#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The five commands' own behaviour: --help, wrong arguments, missing files; and the packers' checks."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from report import Report

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMANDS = ['build.sh', 'mkiso.sh', 'run.sh', 'test.sh', 'bench.sh']


def call(*words):
    done = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def main():
    report = Report()
    for command in COMMANDS:
        status, out, _ = call('./' + command, '--help')
        report.check(f'{command} --help', status == 0 and out.startswith(f'Usage: ./{command}'), out)
        status, out, err = call('./' + command, '--no-such-option')
        report.check(f'{command} with a wrong argument', (status, out, err.count('\n')) == (2, '', 1), err)
    for words, expected in [(('-m', 'lots'), 2), (('-m',), 2), (('--with', 'README.md'), 2), (('--',), 2), (('--trace',), 2), (('--get', 'x'), 2),
                            (('--env', 'NOVALUE', '--', 'LICENSE'), 2), (('--', 'tests'), 126), (('--', 'LICENSE'), 126),
                            (('--', 'no-such-file.exe'), 126), (('--kernel', 'no-such-kernel'), 126)]:
        status, _, err = call('./run.sh', *words)
        report.check(f'run.sh {" ".join(words)}', status == expected and err.count('\n') == 1, f'{status}: {err}')

    with tempfile.TemporaryDirectory() as directory:
        archive = os.path.join(directory, 'archive')
        report.check('an archive', call('tools/mkarchive.py', '-o', archive, '--add', 'a/b=LICENSE')[0] == 0)
        report.check('its size is whole pages', os.path.getsize(archive) % 4096 == 0)
        for bad in ['/abs=LICENSE', '../up=LICENSE', 'a\\b=LICENSE', 'noequals', 'a=no-such-file']:
            status, _, err = call('tools/mkarchive.py', '-o', archive, '--add', bad)
            report.check(f'mkarchive --add {bad}', status == 1 and err.count('\n') == 1, err)
        status, _, err = call('tools/mkimage.py', '-o', os.path.join(directory, 'image'), 'LICENSE', archive)
        report.check('mkimage of a text file', status == 1 and err.count('\n') == 1, err)
    report.close()


if __name__ == '__main__':
    main()
