#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The prompt over the serial line: each command, line editing, errors, and use without a terminal."""
import subprocess

from machine import ROOT, Machine, Report

UP, DOWN, RIGHT, LEFT, HOME, END = ('\x1b[A', '\x1b[B', '\x1b[C', '\x1b[D', '\x1b[H', '\x1b[F')


def commands(report, m):
    def shows(line, *patterns, seconds=20):
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
    report.check('Ctrl+C gives a new prompt', m.prompt(5), m.output[-300:])
    types('Ctrl+C drops the line', 'echo kept', 'kept')
    types('Tab completes a command', 'hel\t', 'dir')
    types('Tab completes a name', 'dir C:\\windows\\sys\t', 'ntdll.dll')
    long = 'x' * 3000
    text = m.command('echo ' + long)
    report.check('a line of 3,000 characters is echoed or refused in one line', text is not None)
    report.check('and the prompt goes on', m.command('echo alive') is not None)


def without_terminal(report):
    done = subprocess.run("printf 'ver\\r\\npoweroff\\r\\n' | ./run.sh", shell=True, cwd=ROOT, capture_output=True, timeout=30)
    report.check('without a terminal: exit status 0', done.returncode == 0, done.stderr.decode())
    report.check('without a terminal: output on stdout', b'10.0.19045' in done.stdout, repr(done.stdout[-500:]))


def main():
    report = Report()
    with Machine() as m:
        if report.check('the prompt appears', m.prompt(30), m.output):
            commands(report, m)
            editing(report, m)
    without_terminal(report)
    report.close()


if __name__ == '__main__':
    main()
