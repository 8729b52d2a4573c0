#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py RUNS NAME...: measures the release build and prints Markdown tables.  Called by ./bench.sh.

Markers in the guest (tools/count.c): 1 first instruction of the kernel, 2 the prompt waits for its first line; from 16 on the
beginning and the end of what bench.exe measures, as it prints them.
"""
import os
import statistics
import struct
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = 'build/release'
sys.path.insert(0, os.path.join(ROOT, 'tests', 'system'))
from machine import Machine

KERNEL_ENTRY, PROMPT = 1, 2
FIELDS = ('user', 'kernel', 'syscalls', 'cr3', 'halts')
IDLE_SECONDS = 10


def marks(path):
    """The marks of a run: [(id, counters)]."""
    lines = (list(map(int, line.split())) for line in open(path))
    return [(line[0], dict(zip(FIELDS, line[1:]))) for line in lines]


def wait_for_mark(path, mark):
    """The marks of a run by id, once this one is among them: the prompt is seen a moment before its mark."""
    for _ in range(50):
        at = dict(marks(path))
        if mark in at:
            return at
        time.sleep(0.1)
    sys.exit(f'bench: the machine never came to mark {mark}')


def counters(live):
    """The counters in the plugin's live file: FIELDS, and the longest stretch without interrupts."""
    with open(live, 'rb') as f:
        return dict(zip(FIELDS, struct.unpack('<6Q', f.read())))


def difference(first, last):
    return {f: last[f] - first[f] for f in FIELDS}


def median(samples):
    return {f: int(statistics.median(s[f] for s in samples)) for f in FIELDS}


def number(n):
    return f'{n:,}'


class Counted:
    """A machine at its prompt with the counting plugin loaded."""

    def __init__(self, *arguments):
        self.directory = tempfile.TemporaryDirectory()
        self.out, self.live = (os.path.join(self.directory.name, n) for n in ('marks', 'live'))
        plugin = f'-plugin {BUILD}/count.so,out={self.out},live={self.live}'
        self.machine = Machine(*arguments, '--qemu', plugin)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.machine.__exit__()
        self.directory.cleanup()

    def counters(self):
        return counters(self.live)


def boot(runs, *arguments):
    samples, seconds = [], []
    for _ in range(runs):
        start = time.monotonic()
        with Counted(*arguments) as counted:
            if not counted.machine.prompt(60):
                sys.exit('bench: no prompt\n' + counted.machine.output[-2000:])
            seconds.append(time.monotonic() - start)
            at = wait_for_mark(counted.out, PROMPT)
            samples.append(difference(at[KERNEL_ENTRY], at[PROMPT]))
    return median(samples), statistics.median(seconds)


def bench_boot(runs):
    print('| boot, kernel entry to prompt | instructions | user | kernel | system calls | CR3 loads | seconds |\n|---|---|---|---|---|---|---|')
    for title, arguments in (('native system', ('--native',)), ('with the Win32 system', ())):
        m, seconds = boot(runs, *arguments)
        figures = (m['user'] + m['kernel'], m['user'], m['kernel'], m['syscalls'], m['cr3'])
        print(f'| {title} |', ' | '.join(number(n) for n in figures), f'| {seconds:.1f} |')
    print('\nDirect boot, release; seconds are those of `./run.sh` to the prompt, with the plugin.\n')


def bench_memory(runs):
    def reaches(mib):
        with Machine('-m', str(mib)) as machine:
            return machine.prompt(15) is not None
    least = next((mib for mib in (6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64) if reaches(mib)), None)
    print(f'| memory | figure |\n|---|---|\n| least `-m` that reaches the prompt | {least} MiB |\n')


def bench_idle(runs):
    rates, halts = [], []
    for _ in range(max(1, runs // 2)):
        with Counted() as counted:
            counted.machine.prompt(60)
            time.sleep(2)
            before, start = counted.counters(), time.monotonic()
            time.sleep(IDLE_SECONDS)
            spent, seconds = difference(before, counted.counters()), time.monotonic() - start
            rates.append((spent['user'] + spent['kernel']) / seconds)
            halts.append(spent['halts'] / seconds)
    print('| idle at the prompt | a second |\n|---|---|')
    print(f'| instructions | {number(int(statistics.median(rates)))} |\n| halts | {statistics.median(halts):.1f} |\n')


def bench_program(runs, options, arguments):
    """Runs bench.exe and prints its rows; each figure the median."""
    samples, titles, memory = {}, {}, {}
    for _ in range(runs):
        with tempfile.TemporaryDirectory() as directory:
            out = os.path.join(directory, 'marks')
            done = subprocess.run(['./run.sh', '--timeout', '300', *options, '--qemu', f'-plugin {BUILD}/count.so,out={out}', '--',
                                   f'{BUILD}/bench.exe', *arguments],
                                  cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
            if done.returncode:
                sys.exit(f'bench: bench.exe ended with {done.returncode}\n{done.stdout.decode()}{done.stderr.decode()}')
            at = dict(marks(out))
            for line in done.stdout.decode().splitlines():
                if line.startswith('#'):
                    continue
                first, count, title = line.strip().split(' ', 2)
                if first == 'memory':
                    memory.setdefault(title, []).append(int(count))
                    continue
                titles[int(first)] = title
                spent = difference(at[int(first)], at[int(first) + 1])
                samples.setdefault(int(first), []).append({f: spent[f] / int(count) for f in FIELDS})
    print('| operation | instructions | user | kernel | kernel entries | CR3 loads |\n|---|---|---|---|---|---|')
    for first, title in titles.items():
        m = {f: statistics.median(s[f] for s in samples[first]) for f in FIELDS}
        print(f'| {title} | {m["user"] + m["kernel"]:,.0f} | {m["user"]:,.0f} | {m["kernel"]:,.0f} | {m["syscalls"]:.1f} | {m["cr3"]:.1f} |')
    if memory:
        print('\n| memory of ... | bytes |\n|---|---|')
    for title, sizes in memory.items():
        print(f'| {title} | {number(int(statistics.median(sizes)))} |')
    print()


def bench_services(runs):
    bench_program(runs, (), ())


def bench_many(runs):
    bench_program(min(runs, 3), ('-m', '1024'), ('many',))


def run_program(program, *arguments, stdin=b''):
    """One `./run.sh -- PROGRAM`: the counters at the machine's end, seconds from command to exit."""
    with tempfile.TemporaryDirectory() as directory:
        live = os.path.join(directory, 'live')
        start = time.monotonic()
        done = subprocess.run(['./run.sh', '--qemu', f'-plugin {BUILD}/count.so,out={directory}/marks,live={live}', '--', program, *arguments],
                              cwd=ROOT, input=stdin, capture_output=True)
        seconds = time.monotonic() - start
        if done.returncode:
            sys.exit(f'bench: {program} ended with {done.returncode}\n{done.stderr.decode()}')
        return counters(live), seconds


def bench_run(runs):
    with tempfile.TemporaryDirectory() as directory:
        program = os.path.join(directory, 'program.exe')
        subprocess.run(['x86_64-w64-mingw32-gcc', '-O2', '-o', program, 'tests/system/run/program.c'], cwd=ROOT, check=True)
        print('| `./run.sh -- PROGRAM` | instructions | user | kernel | seconds |\n|---|---|---|---|---|')
        samples = {}
        for title, arguments, stdin in (('start of the machine, exit(0), power off', ('exit', '0'), b''),
                                        ('the same, 4 MiB through standard input and output', ('copy',), bytes(4 << 20))):
            done = [run_program(program, *arguments, stdin=stdin) for _ in range(runs)]
            m, seconds = median([d[0] for d in done]), statistics.median(d[1] for d in done)
            samples[title] = m
            print(f'| {title} | {number(m["user"] + m["kernel"])} | {number(m["user"])} | {number(m["kernel"])} | {seconds:.1f} |')
        first, second = (m['user'] + m['kernel'] for m in samples.values())
        print(f'\nA byte in and out again: {(second - first) / (4 << 20):.1f} instructions, the program\'s own included.\n')


def bench_sizes(runs):
    subprocess.run(['./mkiso.sh'], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    print('| file | bytes |\n|---|---|')
    for name in ('kernel32.elf', 'ntos.exe', 'boot.archive', 'ntos.elf', 'win32.archive', 'win32.elf', 'nereid.iso'):
        print(f'| {name} | {number(os.path.getsize(os.path.join(ROOT, BUILD, name)))} |')
    own = sum(os.path.getsize(os.path.join(ROOT, BUILD, n)) for n in ('kernel32.elf', 'ntos.elf'))
    print(f'| the ISO without GRUB\'s own files | {number(own)} |\n')


def bench_kernel(runs):
    subprocess.run(['tests/kernel/bench.py', str(runs)], cwd=ROOT, check=True)


def bench_win32(runs):
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'win32'))
    import bench
    bench.bench(runs)


BENCHES = {'boot': bench_boot, 'memory': bench_memory, 'idle': bench_idle, 'services': bench_services, 'many': bench_many,
           'run': bench_run, 'sizes': bench_sizes, 'kernel': bench_kernel, 'win32': bench_win32}


def main():
    os.chdir(ROOT)
    names = sys.argv[2:]
    for name in [n for n in BENCHES if n != 'win32'] if names == ['all'] else names:
        print(f'### {name}\n', flush=True)
        BENCHES[name](int(sys.argv[1]))
        sys.stdout.flush()


if __name__ == '__main__':
    main()
