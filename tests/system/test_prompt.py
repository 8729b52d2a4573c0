#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The prompt over the serial line: each command, line editing, errors, and use without a terminal."""
import subprocess
import tempfile
import time

from machine import PATIENCE, PROMPT, ROOT, Machine, Report
from test_run import compile_program

CONTROL_LEFT, F1, DELETE = '\x1b[1;5D', '\x1bOP', '\x1b[3~'
UP, DOWN, RIGHT, LEFT, HOME, END = ('\x1b[A', '\x1b[B', '\x1b[C', '\x1b[D', '\x1b[H', '\x1b[F')


def commands(report, m):
    def shows(line, *patterns, seconds=PATIENCE):
        text = m.command(line, seconds)
        for pattern in patterns:
            report.check(f'{line}: shows {pattern!r}', text is not None and pattern.lower() in text.lower(), repr(text))

    shows('help', 'dir', 'copy', 'objdir', 'poweroff')
    shows('ver', 'Nereid', '10.0.19045')
    shows('echo one  two', 'one  two')
    shows('cd', 'C:\\')
    shows('pwd', 'C:\\')
    shows('dir C:\\', 'windows', 'temp')
    shows('dir C:\\windows\\system32', 'ntdll.dll', 'ntcmd.exe')
    shows('cd C:\\windows\\system32')
    shows('pwd', 'C:\\windows\\system32')
    shows('cd C:\\')
    shows('copy C:\\windows\\system32\\config\\system.reg C:\\temp\\a.reg')
    shows('dir C:\\temp', 'a.reg')
    shows('type C:\\temp\\a.reg', 'Windows Registry Editor', 'ControlSet')
    shows('ren C:\\temp\\a.reg b.reg')
    shows('dir C:\\temp', 'b.reg')
    shows('ren C:\\temp\\b.reg C:\\b.reg', 'without a directory')
    shows('lp', 'ntcmd.exe', 'smss.exe', 'conhost.exe')
    shows('lm', 'ntdll.dll', 'serial.sys')
    shows('objdir \\', 'Device', 'KernelObjects')
    shows('objdir \\Device', 'Null', 'Serial0')
    shows('mem', 'free')
    shows('sysinfo', 'memory')
    shows('set', 'PATH')
    shows('set FRUIT=pear')
    shows('set FRUIT', 'pear')
    shows('time', ':')
    shows('history', 'ver')
    shows('nosuchprogram', 'nosuchprogram')
    shows('type C:\\no\\such\\file', 'no')
    shows('type C:\\windows', 'directory')
    shows('cd C:\\nowhere', 'nowhere')
    shows('C:\\windows\\system32\\config\\system.reg', 'not')
    shows('kill 99999', '99999')
    shows('kill', 'kill')
    shows('hello one "two three"', 'one', 'two three')
    shows('objdir \\NoSuch', 'NoSuch')


def editing(report, m):
    def types(what, keys, pattern):
        text = m.command(keys)
        report.check(f'{what}: {pattern!r}', text is not None and pattern in text, repr(text))

    types('insert in the middle', 'echo ac' + LEFT + 'b', 'abc')
    types('Home', 'cho start' + HOME + 'e' + END + '!', 'start!')
    types('backspace', 'echo wronk\x7fg', 'wrong')
    m.command('echo first')
    m.command('echo second')
    types('history', UP + UP, 'first')
    types('history down', UP + UP + DOWN, 'first')
    m.seen = len(m.output)
    m.send('echo dropped\x03')
    report.check('Ctrl+C gives a new prompt', m.prompt(), m.output[-300:])
    types('Ctrl+C drops the line', 'echo kept', 'kept')
    types('Tab completes a command', 'hel\t', 'dir')
    types('Tab completes a name', 'dir C:\\windows\\sys\t', 'ntdll.dll')
    long = 'x' * 3000
    text = m.command('echo ' + long)
    report.check('a line of 3,000 characters is echoed or refused in one line', text is not None)
    report.check('and the prompt goes on', m.command('echo alive') is not None)


def windows(report, m):
    """A Windows program at the prompt (tests/system/run/terminal.c)."""
    begin = 0

    def start(mode, ready):
        nonlocal begin
        m.seen = begin = len(m.output)
        m.send(f'C:\\host\\terminal.exe {mode}\r')
        report.check(f'{mode}: begins', m.expect(ready), repr(m.output[-300:]))

    def shows(what, keys, pattern):
        m.send(keys)
        report.check(f'{what}: {pattern!r}', m.expect(pattern), repr(m.output[-400:]))

    def ends(mode):
        m.seen = begin                  # what was waited for last may have come together with the end
        report.check(f'{mode}: exit status 3', m.expect(r'exit status 3\r?\n' + PROMPT), repr(m.output[-300:]))

    start('keys', 'ready')
    for what, keys, pattern in [
            ('a letter', 'a', 'key 41 0061 0'), ('Shift', 'A', 'key 41 0041 10'), ('Ctrl', '\x01', 'key 41 0001 8'), ('an arrow', UP, 'key 26 0000 0'),
            ('Ctrl and an arrow', CONTROL_LEFT, 'key 25 0000 8'), ('F1', F1, 'key 70 0000 0'), ('Del', DELETE, 'key 2e 0000 0'),
            ('Alt', '\x1bx', 'key 58 0078 2'), ('Ctrl+C is a key', '\x03', 'key 43 0003 8')]:
        shows(what, keys, pattern)
    m.send('q')
    ends('keys')

    start('lines', 'line>')
    for what, keys, pattern in [
            ('insert', 'helo' + LEFT + 'l\r', r'^\[hello\]'), ('the line before', UP + '!\r', r'^\[hello!\]'),
            ('the line before that', UP + UP + '\r', r'^\[hello\]'), ('words', 'one two' + CONTROL_LEFT + 'a ' + HOME + 'x\r', r'^\[xone a two\]'),
            ('Del', 'abc' + LEFT + DELETE + '\r', r'^\[ab\]'), ('Esc and F1', 'abc\x1b', ''), ('', F1 + F1 + '\r', r'^\[ab\]'), ('the end', 'end\r', r'^\[end\]')]:
        shows(what, keys, pattern)
        if what == 'Esc and F1':
            time.sleep(0.5)             # an Escape that something follows at once is a sequence
    ends('lines')

    start('control', '> pre')
    shows('Tab ends the line, in its place', 'fix' + LEFT + '\t', r'^count 7 state 0 p r e f i <09> x')
    ends('control')
    start('reading', 'ready')
    shows('echo', 'ab', 'ab')               # there is one while somebody reads
    m.send('\x03')
    report.check('Ctrl+C is an event, and the read gets nothing', m.expect(r'event 0[\s\S]*read 1 0|read 1 0[\s\S]*event 0'), repr(m.output[-200:]))
    shows('echo', 'z', 'z')
    shows('without processing it is a character', '\x03\r', 'unprocessed 1 4 03')
    ends('reading')
    for _ in range(3):
        start('computing', 'rea')       # in the middle of its printing, which holds a lock
        m.send('\x03')
        report.check('Ctrl+C ends a program that computes', m.prompt(), repr(m.output[-200:]))
    start('small', 'password')
    shows('without echo', 'secret\r', '6 characters, echo alone 0 87')
    report.check('nothing of it is shown', 'secret' not in m.output, repr(m.output[-200:]))
    shows('_getch', 'x', r'got 78[\s\S]*wait')
    shows('peek, count, flush', 'abc', r'events 1 peeked 1 . left 0 kbhit 0')
    ends('small')
    start('screen C:\\temp\\screen.txt', 'red.*green.*blue')
    m.send('x')
    ends('screen')
    text = m.command('type C:\\temp\\screen.txt') or ''
    for line in 'CONOUT$ is [active]', 'scrolled [active] [redgreenblue] cursor 14,7', 'its other handle [still]':
        report.check(f'screen: {line}', line in text, text)
    text = m.command('C:\\host\\terminal.exe consoles C:\\temp\\consoles.txt') or ''
    report.check('what is written after AttachConsole is at the prompt', "back at the prompt's" in text and 'nobody' not in text, text)
    text = m.command('type C:\\temp\\consoles.txt') or ''
    report.check('FreeConsole, AllocConsole, AttachConsole', 'free 1 alloc 1 wrote 16 alone 1 free 1 attach 1 alone 0' in text, text)


def without_terminal(report):
    done = subprocess.run("printf 'ver\\r\\npoweroff\\r\\n' | ./run.sh", shell=True, cwd=ROOT, capture_output=True, timeout=PATIENCE)
    report.check('without a terminal: exit status 0', done.returncode == 0, done.stderr.decode())
    report.check('without a terminal: output on stdout', b'10.0.19045' in done.stdout, repr(done.stdout[-500:]))


def main():
    report = Report()
    with Machine() as m:
        if report.check('the prompt appears', m.prompt(), m.output):
            commands(report, m)
            editing(report, m)
    with tempfile.TemporaryDirectory() as directory, Machine('--with', compile_program(directory, 'terminal.c')) as m:
        if report.check('the prompt appears', m.prompt(), m.output):
            windows(report, m)
    without_terminal(report)
    report.close()


if __name__ == '__main__':
    main()
