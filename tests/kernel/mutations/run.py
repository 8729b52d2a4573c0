#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Would the kernel tests notice?  Each mutation of list.txt is made in a copy of the kernel, which is built and given the test task.

Usage: tests/kernel/mutations/run.py [--all] [--list] [--record] [TEXT...]

Without arguments a fixed sample; TEXT: those whose file or reason contains it; --record writes into list.txt what caught each.  A mutation is caught if a check fails or the closing line
does not come.  All must still fit the source: text that is not found once is a failure.  Closes with `N passed, N failed'.
"""
import os
import re
import select
import subprocess
import sys
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from building import make  # noqa: E402
from mutations import close, copy_tree, load, read, write  # noqa: E402

LIST = os.path.join(ROOT, 'tests/kernel/mutations/list.txt')
SCRATCH = os.path.join(ROOT, 'build/mutations')
TASK = os.path.join(ROOT, 'build/release/ktest.elf')
SAMPLE = 8
SILENCE, LIMIT = 20, 120  # seconds without output, and in all
MAKEFILE = 'CONFIG = release\nall:\ninclude tools/make/toolchain.mk\ninclude kernel/rules.mk\nall: $(BUILD)/kernel32.elf\n' \
           '-include $(shell find $(BUILD) -name \'*.d\' 2>/dev/null)\n'


def prepare():
    """A copy of what the kernel is built from; build folders are kept from run to run."""
    os.makedirs(SCRATCH, exist_ok=True)
    for folder in ('kernel', 'abi', 'tools/make'):
        copy_tree(os.path.join(ROOT, folder), os.path.join(SCRATCH, folder))


def build(config):
    """The kernel of the scratch copy; None if it does not compile."""
    folder = 'build-' + re.sub(r'\W+', '-', config or 'base')
    done = subprocess.run(['make', '-s', '-f', '-', 'BUILD=' + folder, 'KERNEL_CONFIG=' + config, 'WARN='], cwd=SCRATCH, input=MAKEFILE, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        print(done.stdout[-2000:])
        return None
    return f'{SCRATCH}/{folder}/kernel32.elf'


def boot(kernel, options):
    """Runs the test task, on a machine with these options: what gave the mutation away, or None."""
    process = subprocess.Popen(['qemu-system-x86_64', '-cpu', 'max,-erms', '-m', '64', '-display', 'none', '-no-reboot', '-serial', 'stdio', '-monitor',
                                'none', '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-device', 'edu', '-kernel', kernel, '-initrd', TASK,
                                *options.split()],
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    start, output = time.time(), b''
    try:
        while time.time() - start < LIMIT:
            if not select.select([process.stdout], [], [], SILENCE)[0]:
                return 'hangs after ' + last_line(output)
            data = os.read(process.stdout.fileno(), 65536)
            if not data:
                return None if re.search(rb'^\d+ passed, 0 failed', output, re.M) else 'no closing line after ' + last_line(output)
            output += data
            failed = re.search(rb'^FAILED (.*)\n', output, re.M)
            if failed:
                return failed[1].decode(errors='replace').strip()
            ignored = re.search(rb'^extension: (.* is ignored)', output, re.M)  # tests/kernel/run.py's part of the test
            if ignored:
                return ignored[1].decode().strip()
        return 'not finished'
    finally:
        process.kill()
        process.wait()


def stripped(sign):
    """A failed check without its line number and its values."""
    return re.sub(r'^tests/kernel/(\w+\.c):\d+: (.*) \(\w+, wanted \w+\)$', r'\1: \2', sign)


def last_line(output):
    lines = [line for line in output.decode(errors='replace').split('\n') if line.strip() and not line.startswith('same:')]
    return repr(lines[-1].strip()) if lines else 'the start'


def run(mutation):
    path = os.path.join(SCRATCH, mutation.file)
    original = read(path)
    write(path, mutation.apply(original))
    try:
        kernel = build(mutation.config)
        return 'does not compile' if kernel is None else boot(kernel, mutation.options)
    finally:
        write(path, original)


def main():
    arguments = [a for a in sys.argv[1:] if not a.startswith('-')]
    chosen, stale = load(LIST)
    if '--list' in sys.argv:
        print('\n'.join(map(str, chosen)))
        return
    if arguments:
        chosen = [m for m in chosen if any(a in str(m) for a in arguments)]
    elif '--all' not in sys.argv:
        chosen = chosen[::max(1, len(chosen) // SAMPLE)][:SAMPLE]
    make('CONFIG=release', 'build/release/ktest.elf', check=True, stdout=subprocess.DEVNULL)
    prepare()
    caught, signs = 0, {}
    for i, m in enumerate(chosen):
        start = time.time()
        sign = run(m)
        good = sign is not None and sign != 'does not compile'
        caught += good
        if good:
            signs[str(m)] = stripped(sign)
        print(f'{i + 1}/{len(chosen)} {"caught" if good else "SURVIVES" if sign is None else "BROKEN"} ({time.time() - start:.0f} s) {m}: {sign}', flush=True)
    close(LIST, signs, caught, chosen, stale)


main()
