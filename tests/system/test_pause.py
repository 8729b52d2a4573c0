#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A machine that its host stops for a while, again and again: its clock goes on, and no timer, wait or thread is lost by that; nor
does it matter that it is stopped while the kernel measures its timers."""
import os
import random
import re
import signal
import socket
import subprocess
import tempfile
import time

from machine import PATIENCE, ROOT, Machine, Report
from building import make

BUILD = os.path.join(ROOT, 'build/release/tests')


def qemu(process):
    """The number of the QEMU process below another one; None if there is none yet."""
    below = [process.pid]
    for number in below:
        listing = subprocess.run(['ps', '-o', 'pid=,comm=', '--ppid', str(number)], capture_output=True, text=True).stdout
        for pid, name in (line.split(None, 1) for line in listing.splitlines()):
            if name.startswith('qemu'):
                return int(pid)
            below.append(int(pid))
    return None


def stop(pid, seconds):
    os.kill(pid, signal.SIGSTOP)
    time.sleep(seconds)
    os.kill(pid, signal.SIGCONT)


def programs(report):
    """Tests of waits, timers and time pass as ever."""
    choice, stops = random.Random(1), 0
    for name in 'ke', 'ex', 'clock', 'threadpool':
        run = subprocess.Popen(['./run.sh', '--native', '--timeout', str(3 * PATIENCE), '--', os.path.join(BUILD, name + '.exe')], cwd=ROOT,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        while run.poll() is None and stops < 2000:
            time.sleep(choice.random() / 4)
            pid = qemu(run)
            if pid:
                try:
                    stop(pid, choice.choice((0.02, 0.2, 1.2)) * choice.random())
                except ProcessLookupError:
                    break
                stops += 1
        output = run.communicate()[0]
        report.check(f'{name}: passes', re.search(r'^[1-9]\d* passed, 0 failed', output, re.M), output[-1500:])
    report.check('they were stopped now and then', stops > 3, str(stops))


class Debugger:
    """QEMU's gdb server, which waits before the first instruction.  Source: "GDB Remote Serial Protocol" in gdb's manual."""

    def __init__(self, path):
        end = time.monotonic() + PATIENCE
        while not os.path.exists(path) and time.monotonic() < end:
            time.sleep(0.05)
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(path)

    def send(self, text):
        """Until it is taken."""
        self.socket.sendall(f'${text}#{sum(text.encode()) % 256:02x}'.encode())
        while self.socket.recv(1) != b'+':
            pass

    def ask(self, text):
        self.send(text)
        while self.socket.recv(1) != b'#':
            pass
        self.socket.sendall(b'+')


def symbol(name):
    listing = subprocess.run(['llvm-nm-19', os.path.join(ROOT, 'build/release/kernel.elf')], capture_output=True, text=True).stdout
    return re.search(rf'^([0-9a-f]+) \w {name}$', listing, re.M)[1]


def calibration(report):
    """Stopped between the first tick and the second, for longer than the APIC's timer counts in QEMU (2^32 ns)."""
    with tempfile.TemporaryDirectory() as directory:
        path, tick = os.path.join(directory, 'gdb'), symbol('boot_tick_entry')
        with Machine('--native', '--qemu', f'-S -chardev socket,id=gdb,path={path},server=on,wait=off -gdb chardev:gdb') as machine:
            debugger = Debugger(path)
            debugger.ask(f'Z1,{tick},1')
            debugger.ask('c')
            debugger.ask(f'z1,{tick},1')
            pid = qemu(machine.process)
            debugger.send('c')
            time.sleep(0.002)       # a fifth of the way to the second tick
            stop(pid, 5)
            report.check('the kernel measures again', machine.prompt() is not None, machine.output[-500:])


def main():
    report = Report()
    make('-k', 'CONFIG=release', 'all', 'native-tests')
    calibration(report)
    programs(report)
    report.close()


if __name__ == '__main__':
    main()
