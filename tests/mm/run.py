#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Boots the mm test task on the kernel, with several sizes of memory; prints its output."""
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from building import make  # noqa: E402
BUILD = os.environ.get('BUILD', 'build/release')
QEMU = ['qemu-system-x86_64', '-cpu', 'max,-erms', '-display', 'none', '-no-reboot', '-serial', 'stdio', '-monitor', 'none',
        '-device', 'isa-debug-exit,iobase=0x501,iosize=4', '-kernel', BUILD + '/kernel32.elf', '-initrd', BUILD + '/mmtest.elf']


def main():
    os.chdir(ROOT)
    make('BUILD=' + BUILD, BUILD + '/mmtest.elf', BUILD + '/kernel32.elf', check=True, stdout=sys.stderr)
    total = [0, 0]
    for memory in '16', '128', '4000':
        try:
            done = subprocess.run(QEMU + ['-m', memory], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=300)
            output = done.stdout.decode(errors='replace')
        except subprocess.TimeoutExpired as e:
            output = (e.stdout or b'').decode(errors='replace') + '\nnot finished\n'
        closing = re.search(r'^(\d+) passed, (\d+) failed', output, re.M)
        counts = (int(closing[1]), int(closing[2])) if closing else (0, 1)
        total = [a + b for a, b in zip(total, counts)]
        print(f'-m {memory}:\n{output if counts[1] else output.splitlines()[0]}')
    print(f'{total[0]} passed, {total[1]} failed')
    sys.exit(total[1] != 0)


main()
