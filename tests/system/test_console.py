#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The console beyond the prompt: line mode, end of file, redirection, a terminal or shell that dies, files by commands."""
import re
import time

from machine import Machine, Report


def line_mode(report, m):
    """type CONIN$ reads lines as any program does that asks for nothing else."""
    m.seen = len(m.output)
    m.send('type \\??\\CONIN$\r')
    m.expect(r'CONIN\$\r?\n')
    m.send('on\x08ne\x1b[D\x1b[C tw\x7fwo\r')
    report.check('line mode: editing and echo', m.expect(r'^one two\r?\n'), repr(m.output[-200:]))
    m.send('dropped\x15kept\r')
    report.check('line mode: Ctrl+U', m.expect(r'^kept\r?\n'), repr(m.output[-200:]))
    m.send('\x1a\r')
    report.check('line mode: Ctrl+Z ends the file', m.prompt(), repr(m.output[-200:]))
    m.seen = len(m.output)
    m.send('type \\??\\CONIN$\rahead\r\x1a\recho after\r')
    report.check('input typed ahead goes to the program, then to the prompt', m.expect(r'^ahead\r?\n[^!]*^after'), repr(m.output[-300:]))
    m.quiet()


def redirection(report, m):
    m.command('echo one > C:\\temp\\r.txt')
    m.command('echo two>>C:\\temp\\r.txt')
    report.check('output to a file, then behind it', m.command('type C:\\temp\\r.txt') == 'one\ntwo', repr(m.output[-200:]))
    report.check('input from a file', m.command('ntcmd < C:\\temp\\r.txt').count('no such command') == 2, repr(m.output[-200:]))
    m.command('hello x > C:\\temp\\h.txt')
    report.check('output of a program to a file', 'argument 1: x' in m.command('type C:\\temp\\h.txt'), repr(m.output[-200:]))
    report.check('a bad target is said', 'path not found' in m.command('echo x > C:\\no\\way'), repr(m.output[-200:]))
    report.check('a missing name is said', 'missing' in m.command('echo x >'), repr(m.output[-200:]))


def file_commands(report, m):
    def shows(line, pattern):
        text = m.command(line) or ''
        report.check(f'{line}: {pattern!r}', re.search(pattern, text, re.M) if pattern else text == '', repr(text))

    shows('md C:\\temp\\d', '')
    shows('md C:\\temp\\d', 'exists already')
    shows('move C:\\temp\\r.txt C:\\temp\\d', '')
    shows('dir C:\\temp\\d\\*.txt', r'r\.txt$')
    shows('rd C:\\temp\\d', 'not empty')
    shows('ren C:\\temp\\d\\r.txt s.txt', '')
    shows('copy C:\\temp\\d\\s.txt C:\\temp\\d\\s.txt', 'same file')
    shows('del C:\\temp\\d\\s.txt', '')
    shows('del C:\\temp\\d\\s.txt', 'not found')
    shows('rd C:\\temp\\d', '')
    shows('del C:\\windows', 'directory')
    links(report, m, shows)
    shows('help copy', 'copies a file')
    shows('exit notanumber', 'not a number')
    shows('crash exit 7', 'exit status 7')


def links(report, m, shows):
    shows('md C:\\temp\\t', '')
    shows('echo inside > C:\\temp\\t\\f.txt', '')
    shows('mklink /j C:\\temp\\j C:\\temp\\t', '')
    shows('mklink /d C:\\temp\\d t', '')
    shows('mklink C:\\temp\\s t\\f.txt', '')
    shows('mklink C:\\temp\\s t\\f.txt', 'exists already')
    shows('mklink /x C:\\temp\\s t', 'usage')
    for line in ('j\\f.txt', 'd\\f.txt', 's'):
        shows(f'type C:\\temp\\{line}', 'inside')
    shows('dir C:\\temp', r'<JUNCTION>  j \[C:\\temp\\t\]$')
    shows('dir C:\\temp', r'<SYMLINKD>  d \[t\]$')
    shows('dir C:\\temp', r'<SYMLINK>  s \[t\\f\.txt\]$')
    shows('ren C:\\temp\\j k', '')
    for line in ('rd C:\\temp\\k', 'rd C:\\temp\\d', 'del C:\\temp\\s'):
        shows(line, '')
    shows('type C:\\temp\\t\\f.txt', 'inside')
    shows('del C:\\temp\\t\\f.txt', '')
    shows('rd C:\\temp\\t', '')


def flood(report, m):
    m.seen = len(m.output)
    m.send('crash flood\r')
    report.check('a program that prints without end prints', m.expect('line 1000'), repr(m.output[-200:]))
    m.send('\x03')
    report.check('and Ctrl+C ends it', m.prompt(), repr(m.output[-200:]))
    m.seen = len(m.output)
    m.send('type \\Device\\Serial1\r')
    time.sleep(0.5)
    report.check('Ctrl+C ends a command that waits for a device', m.insist('\x03'), repr(m.output[-200:]))
    report.check('with nothing left behind', m.command('echo quiet') == 'quiet', repr(m.output[-200:]))


def programs(report, m):
    m.command('echo MZ, but no program > C:\\temp\\bad.exe')
    text = m.command('C:\\temp\\bad')
    report.check('a corrupt program: one line that names it', text.count('\n') == 0 and 'bad.exe' in text, repr(text))
    report.check('a directory is no program', 'no such' in (m.command('C:\\windows') or ''), repr(m.output[-200:]))


def deaths(report, m):
    pid = re.search(r'conhost\.exe\s+(\d+)', m.command('lp'))[1]
    m.send(f'kill {pid}\r')
    m.quiet(1.5)
    m.seen = len(m.output)
    report.check('a terminal that dies is started again', m.insist('\r'), repr(m.output[-300:]))
    report.check('and the shell goes on', m.command('echo alive') == 'alive', repr(m.output[-300:]))
    m.seen = len(m.output)
    m.send('exit 3\r')
    report.check('a shell that ends is started again', m.expect(r'Nereid\.[^>]*> ?$'), repr(m.output[-300:]))
    report.check('the log says why', 'shell ended (0x00000003)' in m.read_log(), m.read_log()[-500:])


def main():
    report = Report()
    with Machine('-m', '32') as m:
        if report.check('the prompt appears', m.prompt(), m.output):
            line_mode(report, m)
            redirection(report, m)
            file_commands(report, m)
            programs(report, m)
            flood(report, m)
            deaths(report, m)
    report.close()


if __name__ == '__main__':
    main()
