#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The serial driver as a pipe: what a program in run mode reads and writes is this command's input and output, byte by byte,
from the first byte on (input that is there before the driver starts is kept)."""
import os
import random
import subprocess

from machine import ROOT, Report
from building import make

LENGTH = 30000


def main():
    report = Report()
    make('CONFIG=release', 'build/release/tests/copy.exe', check=True)
    data = random.Random(1).randbytes(LENGTH)
    done = subprocess.run(['./run.sh', '--timeout', '240', '--', 'build/release/tests/copy.exe', str(LENGTH)], cwd=ROOT, input=data,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    same = len(os.path.commonprefix([data, done.stdout]))
    report.check('all bytes pass in both directions', done.stdout == data,
                 f'{len(done.stdout)} of {LENGTH} bytes, the first {same} are right; {done.stderr.decode(errors="replace")}')
    report.check('the exit status is 0', done.returncode == 0, str(done.returncode))
    for _ in range(3):
        done = subprocess.run(['./run.sh'], cwd=ROOT, input=b'echo from the start\r\npoweroff\r\n', stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        report.check('input before the prompt is kept', b'\nfrom the start' in done.stdout, done.stdout.decode(errors='replace'))
    report.close()


if __name__ == '__main__':
    main()
