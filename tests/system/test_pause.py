#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A machine that its host stops for a while, again and again: its clock goes on, and no timer, wait or thread is lost by that."""
import os
import random
import re
import signal
import subprocess
import time

from machine import PATIENCE, ROOT, Report
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


def main():
    report = Report()
    make('-k', 'CONFIG=release', 'all', 'native-tests')
    programs(report)
    report.close()


if __name__ == '__main__':
    main()
