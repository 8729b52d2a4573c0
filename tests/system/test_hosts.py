#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""All drivers of the system in one process (HostGroup): tests/native/drivers.c has them work, and one of them go and come again
beside the others."""
import os
import re
import subprocess
import tempfile

from machine import ROOT, Report
from building import make

BUILD = os.path.join(ROOT, 'build/release')
PROGRAM = os.path.join(BUILD, 'tests/drivers.exe')
DRIVERS = ('serial', 'i8042prt', 'vga', 'null', 'beep')
WINDOW = '100000000'    # where run.sh puts the memory of a program's streams, in a machine of its usual size


def group(text, driver):
    """The registry's text with the driver in the group."""
    changed, count = re.subn(r'(\\Services\\' + driver + r'\][^\[]*?"HostGroup"=)""', r'\1"all"', text)
    assert count == 1, driver
    return changed


def image(directory):
    """An image whose registry has the drivers in one group; it runs the program."""
    text = open(os.path.join(ROOT, 'boot/registry/system.reg'), encoding='utf-8').read()
    for driver in DRIVERS:
        text = group(text, driver)
    registry, out = os.path.join(directory, 'system.reg'), os.path.join(directory, 'ntos.elf')
    with open(registry, 'w', encoding='utf-8') as f:
        f.write(text)
    adds = {'windows/system32/config/system.reg': registry, 'host/drivers.exe': PROGRAM, 'host/crash.sys': os.path.join(BUILD, 'crash.sys')}
    subprocess.run(['tools/mkarchive.py', '-o', out, '--image', os.path.join(BUILD, 'ntos.exe'), '--define', 'BUILD=' + BUILD,
                    '--manifest', 'boot/files.txt', '--window', WINDOW, '--option', 'RUN', '--run', r'C:\host\drivers.exe',
                    *(word for add in adds.items() for word in ('--add', *add))], cwd=ROOT, check=True)
    return out


def main():
    report = Report()
    make('-k', 'CONFIG=release', 'all', 'native-tests')
    with tempfile.TemporaryDirectory() as directory:
        log = os.path.join(directory, 'log')
        done = subprocess.run(['./run.sh', '--native', '--timeout', '240', '--log', log, '--qemu', '-initrd ' + image(directory), '--', PROGRAM],
                              cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
        output, text = done.stdout.decode(errors='replace'), open(log, errors='replace').read()
    report.check('they share a process: it does not end with one', text.count('io: driver null is unloaded') == 3 and
                 'io: driver host null ended' not in text, text[-1500:])
    report.check('they pass their test', done.returncode == 0 and re.search(r'^\d+ passed, 0 failed', output, re.M), output[-1500:] + text[-1500:])
    report.close()


if __name__ == '__main__':
    main()
