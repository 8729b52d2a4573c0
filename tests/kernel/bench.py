#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Runs tests/kernel/bench.c under tools/count.c and prints a Markdown table.

Usage: tests/kernel/bench.py [RUNS] [KERNEL] [BENCH] [PLUGIN]   (median of RUNS; -icount, so they agree)
"""
import os, re, statistics, subprocess, sys, tempfile

from stretch import longest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.environ.get('BUILD', os.path.join(ROOT, 'build/release'))

# Upstream 16.0.0 without its SKIM window, same bench shape (docs/performance.md).
UPSTREAM = {16: 441, 18: 462, 20: 445, 22: 466, 24: 1129, 26: 1679, 28: 284, 30: 373, 32: 2000, 34: 958, 36: 1261,
            38: 1251, 40: 767, 42: 935, 44: 1603, 46: 1749, 48: 758, 50: 798, 52: 643, 54: 980, 56: 943, 58: 3535,
            60: 60.4 * 256, 62: 385 * 512}


def run(kernel, bench, plugin):
    with tempfile.TemporaryDirectory() as tmp:
        marks = os.path.join(tmp, 'marks')
        command = ['qemu-system-x86_64', '-cpu', 'max,-erms', '-m', '128', '-display', 'none', '-no-reboot', '-serial', 'stdio',
                   '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-icount', 'shift=0,sleep=off',
                   '-plugin', f'{plugin},out={marks}', '-kernel', kernel, '-initrd', bench]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        if ' 0 failed' not in done.stdout:
            sys.exit('the bench failed:\n' + done.stdout + done.stderr)
        totals = {}
        for line in open(marks):
            mark, user, kernel = (int(x) for x in line.split()[:3])
            totals[mark] = (user + kernel, user, kernel)
    rows = {}
    for m in re.finditer(r'row (\d+) (\d+) ([^\r\n]+)', done.stdout):
        i, n = int(m[1]), int(m[2])
        rows[i] = (m[3], [(b - a) / n for a, b in zip(totals[i], totals[i + 1])])
    return rows


def main():
    args = sys.argv[1:]
    runs = int(args[0]) if args else 1
    files = args[1:] + [os.path.join(BUILD, f) for f in ('kernel32.elf', 'kbench.elf', 'count.so')][len(args[1:]):]
    results = [run(*files) for _ in range(runs)]
    print('| kernel operation | instructions | user | kernel | seL4 16.0.0 |\n|---|---|---|---|---|')
    for i, (name, _) in results[0].items():
        total, user, kernel = (statistics.median(r[i][1][k] for r in results) for k in range(3))
        upstream = f'{UPSTREAM[i]:,.0f}' if i in UPSTREAM else ''
        print(f'| {name} | {total:,.1f} | {user:,.1f} | {kernel:,.1f} | {upstream} |')
    length, _ = longest(files[0], os.path.join(BUILD, 'ktest.elf'), files[2])
    print(f'\nThe longest stretch without interrupts, over the whole kernel test: {length:,} instructions.')


main()
