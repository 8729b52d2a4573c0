#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a program or a driver does wrong stays its own affair: the system, the shell and the others go on."""
import re
import time

from machine import Machine, Report


def pid_of(m, name):
    text = m.command('lp') or ''
    match = re.search(rf'^\s*{re.escape(name)}\s+(\d+)|^\s*(\d+)\s+.*{re.escape(name)}', text, re.M | re.I)
    return match and (match[1] or match[2])


def crashes(report, m):
    for what in ('null', 'jump', 'stack', 'kernel', 'handles', 'memory', 'divide', 'ud'):
        text = m.command(f'crash {what}')
        report.check(f'crash {what}: the prompt comes back', text is not None, m.output[-800:])
        report.check(f'after crash {what}: programs still start', 'Hello' in (m.command('hello') or ''), m.output[-800:])


def spinning(report, m):
    m.seen = len(m.output)
    m.send('crash spin\r')
    m.expect('spins')
    m.send('\x03')
    report.check('Ctrl+C ends a program that spins', m.prompt(), m.output[-500:])
    m.command('crash background')       # starts `crash spin quietly' and returns at once
    times = []
    while len(times) < 10 and min(times, default=2) >= 2:       # a host may stop the machine, but not each time
        start = time.monotonic()
        m.command('echo quick')
        times.append(time.monotonic() - start)
    report.check('the prompt is quick while a program spins', min(times) < 2, f'{times} s')
    pid = pid_of(m, 'crash.exe')
    report.check('lp shows it', pid, m.output[-1500:])
    if pid:
        m.command(f'kill {pid}')
        report.check('kill ends it', pid_of(m, 'crash.exe') is None, m.output[-1500:])


def driver_death(report, m):
    text = m.command('lp') or ''
    for pid in re.findall(r'ntoskrnl\.exe\s+(\d+)', text, re.I):
        m.seen = len(m.output)
        m.send(f'kill {pid}\r')
        report.check(f'driver host {pid} killed: the prompt goes on', m.prompt(10) or m.command('echo x'), m.output[-800:])
        report.check(f'driver host {pid} killed: echo works', 'back' in (m.command('echo back') or ''), m.output[-800:])


def main():
    report = Report()
    with Machine('-m', '48') as m:       # little memory: it is exhausted sooner
        if report.check('the prompt appears', m.prompt(), m.output):
            crashes(report, m)
            spinning(report, m)
            driver_death(report, m)
            before = m.command('mem')
            for _ in range(5):
                m.command('hello')
            report.check('mem still answers', before and m.command('mem'))
    report.close()


if __name__ == '__main__':
    main()
