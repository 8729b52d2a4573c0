#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Kernel tests: the root task of this folder on several machines and kernel builds, and boots that must end in a clear line.

Usage: tests/kernel/run.py [TEXT]     only the cases whose name contains TEXT
"""
import difflib
import glob
import os
import re
import subprocess
import sys
import tempfile
import threading

import protection
from stretch import LIMIT, longest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from building import make  # noqa: E402
RELEASE, DEBUG = 'build/release', 'build/debug'
NO_FASTPATH, DOMAINS, MSR, AVX, STRICT = (f'build/kernel-{name}' for name in ('no-fastpath', 'domains', 'msr', 'avx', 'strict'))
BUILDS = [(RELEASE, 'release', ''), (DEBUG, 'debug', ''), (NO_FASTPATH, 'release', '-DCONFIG_FASTPATH=0'),
          (DOMAINS, 'release', '-DCONFIG_NUM_DOMAINS=16'), (MSR, 'release', '-DCONFIG_FSGSBASE_INST=0'),
          (AVX, 'release', '-DCONFIG_XSAVE=1 -DseL4_TCBBits=12'), (STRICT, 'release', '')]
BOOT_LIMIT = 300    # seconds; ten times of what a boot takes on a machine that is quiet
COUNTED = ' -icount shift=0,sleep=off'

# name, build, QEMU options
MACHINES = [(f'{machine}, {name}{", counted" if icount else ""}', RELEASE, f'-M {machine} -m {mebibytes}{icount}')
            for machine in ('pc', 'q35') for name, mebibytes in (('512 MiB', 512), ('3 GiB', 3072)) for icount in ('', COUNTED)] + [
    ('no fast path', NO_FASTPATH, '-m 64'),
    ('no fast path, counted', NO_FASTPATH, '-m 64' + COUNTED),
    ('pc, 16 MiB', RELEASE, '-m 16'),
    ('four CPUs', RELEASE, '-m 64 -smp 4'),
    ('255 CPUs listed', RELEASE, '-m 64 -smp 1,maxcpus=255'),
    ('a device: messages and DMA', RELEASE, '-m 64 -device edu'),
    ('a device: messages and DMA, q35', RELEASE, '-M q35 -m 64 -device edu'),
    ('debug kernel', DEBUG, '-m 64'),
    ('16 domains', DOMAINS, '-m 64'),
    ('AVX state', AVX, '-m 64'),
    ('without extensions', STRICT, '-m 64 -device edu'),
    ('without extensions, q35, 3 GiB', STRICT, '-M q35 -m 3072'),
    ('no SMEP, no SMAP', RELEASE, '-m 64 -cpu max,-smep,-smap,-erms'),
    ('FS base by system call', MSR, '-m 64 -cpu max,-fsgsbase,-erms'),
]

# name, CPU, QEMU options, root task, what the line must say
FAILURES = [
    ('no root task', 'max', '-m 64', None, 'no root task'),
    ('no ELF file', 'max', '-m 64', 'README.md', 'no x86-64 ELF file'),
    ('truncated root task', 'max', '-m 64', 'truncated', 'truncated'),
    ('too little memory', 'max', '-m 3', 'large', 'too little memory'),
    ('no ACPI', 'max', '-m 64 -no-acpi', 'ktest', 'no valid ACPI root pointer'),
    ('no 1 GiB pages', 'qemu64', '-m 64', 'ktest', 'no 1 GiB pages'),
    ('line on another port', 'max', '-m 64 -serial null -serial stdio -append console_port=0x2f8', 'README.md', 'no x86-64 ELF file'),
    ('no NX', 'max,-nx', '-m 64', 'ktest', 'NX'),
    ('no FSGSBASE', 'max,-fsgsbase', '-m 64', 'ktest', 'lacks FSGSBASE'),
]

results = [0, 0]
published = {}


def build_kernel(build, config, kernel_config):
    words = [f'BUILD={build}', f'CONFIG={config}', f'{build}/kernel32.elf', f'{build}/ktest.elf']
    if build == STRICT:
        words.append('KERNEL_VARIANT=tests/kernel/strict')
    if kernel_config:
        words += [f'KERNEL_CONFIG={kernel_config}', 'KTEST_CONFIG=' + ' '.join(w for w in kernel_config.split() if 'seL4' in w)]
    make(*words, check=True, stdout=subprocess.DEVNULL)


def qemu(kernel, cpu, options, initrd, limit, until=None):
    command = ['qemu-system-x86_64', *([] if '-cpu' in options else ['-cpu', cpu]), '-display', 'none', '-no-reboot',
               *([] if '-serial' in options else ['-serial', 'stdio']), '-monitor', 'none',
               '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', *options.split(), '-kernel', kernel]
    if initrd:
        command += ['-initrd', initrd]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    timer = threading.Timer(limit, process.kill)
    timer.start()
    try:
        if until is None:
            output = process.communicate()[0].decode(errors='replace')
        else:
            output = ''
            while 'cannot start' not in output or not output.endswith('\n'):
                byte = process.stdout.read(1)
                if not byte:
                    break
                output += byte.decode(errors='replace')
        return output if timer.is_alive() else output + '\ntimed out'
    finally:
        timer.cancel()
        process.kill()
        process.wait()


def record(passed, failed, name, output):
    results[0] += passed
    results[1] += failed
    print(f'{name}: {passed} ok, {failed} failed', flush=True)
    if failed:
        print('    ' + '\n    '.join(output.splitlines()[-20:]))


def run_machine(name, build, options):
    """One boot of the test task.  What it publishes (`same: ...`) must be alike everywhere, with and without fast paths."""
    output = qemu(f'{build}/kernel32.elf', 'max,-erms', options, f'{build}/ktest.elf', BOOT_LIMIT)
    closing = re.search(r'^(\d+) passed, (\d+) failed', output, re.M)
    passed, failed = (int(closing[1]), int(closing[2])) if closing else (0, 1)
    lines = [line for line in output.splitlines() if line.startswith('same: ')]
    first_name, first = published.setdefault('first', (name, lines))
    shown = '\n'.join(line for line in output.splitlines() if not line.startswith('same: '))
    extensions = [f'extension: {name} {"is ignored" if build == STRICT else "works"}' for name in ('no-execute', 'single step')]
    tested = '-device edu' not in options or not re.search(r'^device: 0\r?$', output, re.M)
    if lines == first and len(lines) > 100 and all(e in output for e in extensions) and tested:
        passed += 1
    else:
        failed += 1
        shown += f'\nother results than {first_name}:\n' + '\n'.join(list(difflib.unified_diff(first, lines, lineterm='', n=0))[:10])
    record(passed, failed, name, shown)


def run_failure(name, cpu, options, task, wanted):
    path = f'{RELEASE}/ktest.elf' if task == 'ktest' else task
    if task in ('truncated', 'large'):
        data = open(os.path.join(ROOT, RELEASE, 'ktest.elf'), 'rb').read()
        path = f'{RELEASE}/{task}.elf'
        with open(os.path.join(ROOT, path), 'wb') as f:
            f.write(data[:9000] if task == 'truncated' else data.ljust(1600 << 10, b'\0'))
    output = qemu(f'{RELEASE}/kernel32.elf', cpu, options, path, BOOT_LIMIT, until='line')
    good = any('cannot start' in line and wanted in line for line in output.splitlines())
    record(int(good), int(not good), name, output)


def run_debug_port():
    """What DebugPutChar writes comes out of the second serial port, the kernel's own lines do not."""
    output = qemu(f'{DEBUG}/kernel32.elf', 'max,-erms', '-m 64 -serial null -serial stdio -append debug_port=0x2f8', f'{DEBUG}/ktest.elf', BOOT_LIMIT)
    good = 'written by DebugPutChar' in output and 'is prober' not in output
    record(int(good), int(not good), 'DebugPutChar on another port', output)


def run_protection(cpu, hasSMEP):
    """Nothing of the kernel can be written and executed, or reached by user code; SMEP and SMAP are on where the CPU has them."""
    text = protection.monitor(f'{ROOT}/{RELEASE}/kernel32.elf', f'{ROOT}/{RELEASE}/ktest.elf', cpu)
    wrong = protection.faults(text, *protection.code(f'{ROOT}/{RELEASE}/kernel.elf'), hasSMEP)
    record(int(not wrong), int(bool(wrong)), f'protection of the kernel, {cpu}', '\n'.join(wrong))


def run_stretch(build):
    options = '-m 256' if build == RELEASE else '-m 64'  # a million capabilities, or fewer
    length, output = longest(f'{ROOT}/{build}/kernel32.elf', f'{ROOT}/{build}/ktest.elf', f'{ROOT}/{RELEASE}/count.so', options)
    good = 0 < length <= LIMIT
    record(int(good), int(not good), f'interrupts wait for at most {LIMIT:,} instructions, {build}: {length:,}', output)


def run_host():
    """The object code as a host program with sanitizers, invariants after each operation: the corpus of libFuzzer, then random choices."""
    make(f'BUILD={RELEASE}', 'CONFIG=release', f'{RELEASE}/kernel-fuzz', check=True, stdout=subprocess.DEVNULL)
    corpus = sorted(glob.glob(os.path.join(ROOT, 'tests/kernel/host/corpus/*')))
    for name, arguments in ((f'host, {len(corpus)} inputs of the corpus', corpus), ('host, 200,000 random operations', ['200000', '1'])):
        done = subprocess.run([f'{RELEASE}/kernel-fuzz', *arguments], cwd=ROOT, capture_output=True, text=True, timeout=900)
        good = bool(arguments) and done.returncode == 0 and ' 0 failed' in done.stdout
        record(int(good), int(not good), name, done.stdout + done.stderr)


def run_host_boot():
    """The boot code as a host program: known machines, then loader maps, tables and root tasks with changed bytes."""
    make(f'BUILD={RELEASE}', 'CONFIG=release', f'{RELEASE}/kernel-boot', check=True, stdout=subprocess.DEVNULL)
    done = subprocess.run([f'{RELEASE}/kernel-boot', '5000', '1'], cwd=ROOT, capture_output=True, text=True, timeout=900)
    closing = re.search(r'^(\d+) passed, (\d+) failed', done.stdout, re.M)
    good = done.returncode == 0 and closing
    record(int(closing[1]) if good else 0, 0 if good else 1, 'host, boot of known and 5,000 changed machines', done.stdout + done.stderr)


def run_64_gib(machine):
    """RAM is a file with holes: only what is touched takes memory."""
    with tempfile.NamedTemporaryFile(prefix='ram') as ram:
        run_machine(f'{machine}, 64 GiB', RELEASE, f'-M {machine},memory-backend=ram -m 64G -object '
                    f'memory-backend-file,id=ram,size=64G,share=on,mem-path={ram.name}')


def run_mutations():
    """A sample of the mutated kernels: the test task must notice each."""
    done = subprocess.run(['tests/kernel/mutations/run.py'], cwd=ROOT, capture_output=True, text=True)
    closing = re.search(r'^(\d+) passed, (\d+) failed', done.stdout, re.M)
    record(*((int(closing[1]), int(closing[2])) if closing else (0, 1)), 'mutations of the kernel', done.stdout + done.stderr)


def main():
    wanted = sys.argv[1] if len(sys.argv) > 1 else ''
    for build in BUILDS:
        build_kernel(*build)
    for case in MACHINES:
        if wanted in case[0]:
            run_machine(*case)
    for case in FAILURES:
        if wanted in case[0]:
            run_failure(*case)
    make(f'BUILD={RELEASE}', 'CONFIG=release', f'{RELEASE}/count.so', check=True, stdout=subprocess.DEVNULL)
    if wanted in 'debug kernel, another port':
        run_debug_port()
    for cpu, hasSMEP in (('max,-erms', True), ('max,-smep,-smap,-erms', False)):
        if wanted in f'protection of the kernel, {cpu}':
            run_protection(cpu, hasSMEP)
    for build in (RELEASE, NO_FASTPATH, DOMAINS, AVX, STRICT):
        if wanted in f'interrupts {build}':
            run_stretch(build)
    for machine in ('pc', 'q35'):
        if wanted in f'{machine}, 64 GiB':
            run_64_gib(machine)
    if wanted in 'host boot':
        run_host_boot()
    if wanted in 'host':
        run_host()
    if wanted in 'mutations':
        run_mutations()
    print(f'{results[0]} passed, {results[1]} failed')
    sys.exit(1 if results[1] else 0)


main()
