#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The screen and the PS/2 keyboard: keys by QMP, the picture of the screen read back as text."""
import os
import re
import time

from machine import PATIENCE, Machine, Report

COLUMNS, ROWS, TEXT_BASE = 80, 25, 0xb8000
KEYS = {' ': 'spc', '\n': 'ret', '\\': 'backslash', '.': 'dot', '-': 'minus', '/': 'slash', '=': 'equal', ';': 'semicolon'}


def type_keys(m, text):
    for c in text:
        if c.isupper():
            m.qmp.keys('shift', c.lower())
        elif c == ':':
            m.qmp.keys('shift', 'semicolon')
        else:
            m.qmp.keys(KEYS.get(c, c))
        time.sleep(0.03)


def screen_text(m):
    """The VGA text buffer as lines."""
    path = os.path.join(m.directory.name, 'text')
    m.qmp.command('pmemsave', val=TEXT_BASE, size=COLUMNS * ROWS * 2, filename=path)
    cells = open(path, 'rb').read()[::2]
    return [cells[i:i + COLUMNS].decode('cp437').rstrip() for i in range(0, len(cells), COLUMNS)]


def wait_for(m, pattern, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        text = '\n'.join(screen_text(m))
        if re.search(pattern, text):
            return text
        m.read(0.2)
    return None


def main():
    report = Report()
    with Machine(qmp=True) as m:
        report.check('the prompt appears on the serial line', m.prompt(), m.output)
        report.check('the prompt appears on the screen', wait_for(m, r'C:\\.*>'), '\n'.join(screen_text(m)))
        type_keys(m, 'echo Typed here\n')
        report.check('keys reach the screen', wait_for(m, r'\nTyped here'), '\n'.join(screen_text(m)))
        report.check('and the serial line shows the same', m.expect('Typed here\r?\n'), m.output[-500:])
        m.quiet()
        m.command('echo from serial')
        report.check('the serial line reaches the screen', wait_for(m, 'from serial'), '\n'.join(screen_text(m)))
        type_keys(m, 'echo ad')
        m.qmp.keys('left')
        type_keys(m, 'bc\n')
        report.check('arrows of the keyboard', wait_for(m, r'\nabcd'), '\n'.join(screen_text(m)))
        m.qmp.keys('up')
        time.sleep(0.1)
        type_keys(m, 'e\n')
        report.check('history from the keyboard', wait_for(m, r'\nabcde'), '\n'.join(screen_text(m)))
        m.command('cls')
        report.check('cls empties the screen', wait_for(m, r'\A.{0,40}>\n*\Z'), '\n'.join(screen_text(m)))
        text = m.command('lp') or ''
        i8042 = re.findall(r'ntoskrnl\.exe\s+(\d+)', text, re.I)
        for pid in i8042:
            m.send(f'kill {pid}\r')
            m.prompt(10)
        for _ in range(PATIENCE // 10):         # what is typed before they are back is lost
            time.sleep(2)
            type_keys(m, 'echo still typing\n')
            typed = wait_for(m, r'\nstill typing', 10)
            if typed:
                break
        report.check('typing goes on after the drivers were killed', typed, '\n'.join(screen_text(m)))
    report.close()


if __name__ == '__main__':
    main()
