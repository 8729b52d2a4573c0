#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every way to boot reaches the prompt, and every way to boot wrongly says what is wrong."""
import os
import re
import select
import subprocess
import tempfile
import time

from machine import PATIENCE, ROOT, Machine, Report


def boots(report, what, *arguments):
    with Machine(*arguments) as machine:
        if report.check(f'{what}: reaches the prompt', machine.prompt(), machine.output[-1500:]):
            machine.send('poweroff\r')
            report.check(f'{what}: poweroff ends the machine with status 0', machine.wait() == 0, machine.output[-500:])


def refuses(report, what, pattern, *arguments):
    """The console must show one line with the pattern, and no prompt."""
    with Machine(*arguments) as machine:
        report.check(f'{what}: says so', machine.expect(pattern), machine.output[-1500:])


def image_tests(report):
    """Damaged root task images, booted by QEMU directly."""
    with tempfile.TemporaryDirectory() as directory:
        data = open(os.path.join(ROOT, 'build/release/ntos.elf'), 'rb').read()
        damaged = {'truncated in the headers': data[:100], 'truncated in the middle': data[:len(data) // 2],
                   'empty': b'', 'not an ELF file': b'hello, world\n' * 1000,
                   'a wild entry point': data[:24] + b'\xff' * 8 + data[32:]}
        for what, content in damaged.items():
            image = os.path.join(directory, 'image')
            with open(image, 'wb') as f:
                f.write(content)
            done = subprocess.Popen(['qemu-system-x86_64', '-machine', 'pc', '-cpu', 'max,-erms', '-m', '64', '-nodefaults', '-display', 'none',
                                     '-kernel', 'build/release/kernel32.elf', '-initrd', image, '-serial', 'stdio', '-no-reboot'],
                                    cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            text, end = '', time.monotonic() + PATIENCE
            while not re.search(r'(STOP|could not|kernel).*\n', text) and time.monotonic() < end:
                if select.select([done.stdout], [], [], 1)[0]:
                    data = os.read(done.stdout.fileno(), 4096)
                    text += data.decode(errors='replace')
                    if not data:
                        break
            done.kill()
            done.wait()
            report.check(f'ntos image {what}: one clear line', re.search(r'STOP|could not|kernel', text), text[-800:])


def main():
    report = Report()
    boots(report, 'direct')
    boots(report, 'direct, debug', 'debug')
    boots(report, 'ISO on BIOS', 'iso')
    boots(report, 'ISO on OVMF', 'uefi')
    boots(report, 'q35', '--qemu', '-machine q35')
    boots(report, '16 MiB', '-m', '16')
    boots(report, '3 GiB', '-m', '3G')
    for mib in '4', '6', '7':
        refuses(report, mib + ' MiB', r'too little memory', '-m', mib)
    boots(report, '8 MiB', '-m', '8')
    refuses(report, 'a kernel that is no kernel', r'(?i)kernel|elf|multiboot', '--kernel', 'README.md')
    image_tests(report)
    report.close()


if __name__ == '__main__':
    main()
