#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The same ntos image on a kernel without our extensions (tests/kernel/strict): it relies on nothing that the ABI does not promise."""
import os
import re
import subprocess
import tempfile

from machine import ROOT, Report
from building import make

KERNEL = 'build/kernel-strict/kernel32.elf'


def boot(program, *options, system=('--native',), arguments=()):
    """Output and log of one program on the strict kernel."""
    with tempfile.NamedTemporaryFile() as log:
        done = subprocess.run(['./run.sh', *system, '--timeout', '240', '--kernel', KERNEL, '--log', log.name, *options, '--', program,
                               *arguments], cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, timeout=270)
        return done.stdout.decode(errors='replace'), log.read().decode(errors='replace')


def main():
    report = Report()
    make('BUILD=build/kernel-strict', 'CONFIG=release', 'KERNEL_VARIANT=tests/kernel/strict', KERNEL, check=True)
    make('-k', 'CONFIG=release', 'all', 'native-tests')
    output, log = boot('build/release/hello.exe')
    report.check('a program runs', 'Hello from process' in output, output[-800:])
    report.check('the log says that there is no execute protection', log.count('no execute protection') == 1, log[-800:])
    report.check('the log says that there is no single step', log.count('no single step') == 1, log[-800:])
    for options in (('-m', '64'), ('-m', '512', '--qemu', '-M q35'), ('-m', '3072'), ('-m', '4096', '--qemu', '-M q35')):
        output, _ = boot('build/release/hello.exe', *options)
        report.check(f'a program runs with {" ".join(options)}', 'Hello from process' in output, output[-800:])
    for machine in ('pc', 'q35'):
        with tempfile.NamedTemporaryFile(prefix='ram') as ram:  # with holes: only what is touched takes memory
            output, _ = boot('build/release/hello.exe', '-m', '65536', '--qemu', f'-M {machine},memory-backend=ram -object '
                             f'memory-backend-file,id=ram,size=64G,share=on,mem-path={ram.name}')
            report.check(f'a program runs with 64 GiB on {machine}', 'Hello from process' in output, output[-800:])
    for name, *arguments in (('ke',), ('mm',), ('except',), ('step', 'without')):
        output, _ = boot(os.path.join('build/release/tests', name + '.exe'), arguments=arguments)
        report.check(f'native test {name}', re.search(r'^[1-9]\d* passed, 0 failed', output, re.M) is not None, output[-800:])
    with tempfile.TemporaryDirectory() as directory:
        program = os.path.join(directory, 'program.exe')
        subprocess.run(['x86_64-w64-mingw32-gcc', '-O1', '-o', program, 'tests/system/run/program.c'], cwd=ROOT, check=True)
        for options in ((), ('-m', '96'), ('-m', '3072', '--qemu', '-M q35')):
            output, _ = boot(program, *options, system=(), arguments=('files',))
            report.check(f'a Windows program runs with {" ".join(options)}', 'directory=C:' in output, output[-800:])
    report.close()


main()
