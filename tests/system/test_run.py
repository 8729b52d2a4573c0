#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The program runner: streams, files, environment, exit status, crashes, and what is refused before anything runs.

Native programs come from the build; Windows programs are compiled here with mingw-w64's gcc (tests/system/run/)."""
import fcntl
import os
import pty
import random
import select
import signal
import struct
import subprocess
import tempfile
import termios
import time

from machine import ROOT, Report

BUILD = os.path.join(ROOT, 'build/release')
SOURCES = os.path.join(ROOT, 'tests/system/run')
SECONDS = 270


def run(*words, stdin=b'', cwd=ROOT):
    done = subprocess.run([os.path.join(ROOT, 'run.sh'), *words], cwd=cwd, input=stdin, capture_output=True, timeout=SECONDS)
    return done.returncode, done.stdout, done.stderr.decode(errors='replace')


def compile_program(directory, name, *options):
    out = os.path.join(directory, os.path.splitext(name)[0] + ('.dll' if '-shared' in options else '.exe'))
    subprocess.run(['x86_64-w64-mingw32-gcc', '-O1', '-Wall', '-Werror', '-o', out, os.path.join(SOURCES, name), *options], check=True)
    return out


def native(report):
    hello = os.path.join(BUILD, 'hello.exe')
    times = []
    while len(times) < 3 and min(times, default=20) >= 20:      # a host may be busy, or stop the machine, but not each time
        start = time.monotonic()
        status, out, err = run('--', hello, 'one', 'two three')
        times.append(time.monotonic() - start)
    report.check('hello: exit status 0', status == 0, err)
    report.check('hello: its arguments', b'one' in out and b'two three' in out, repr(out))
    report.check('hello: only its output', b'>' not in out and b'ntos' not in out, repr(out))
    report.check('hello: at most 3 s (20 s where the machine is busy)', min(times) < 20, f'{times} s')
    status, out, err = run('--native', '-m', '16', '--', hello, *(['x' * 99] * 250))
    report.check('25,000 characters of arguments', (status, out.count(b'x')) == (0, 99 * 250), f'{status} {len(out)}\n{err}')

    crash = os.path.join(BUILD, 'tests/crash.exe')
    for what, name in [('null', 'STATUS_ACCESS_VIOLATION'), ('jump', 'STATUS_ACCESS_VIOLATION'), ('stack', 'STATUS_STACK_OVERFLOW'),
                       ('divide', 'STATUS_INTEGER_DIVIDE_BY_ZERO'), ('ud', 'STATUS_ILLEGAL_INSTRUCTION'),
                       ('stray', 'STATUS_ACCESS_VIOLATION'), ('strayraise', 'STATUS_INTEGER_OVERFLOW'),
                       ('unwinddata', 'STATUS_ILLEGAL_INSTRUCTION'), ('frame', 'STATUS_ILLEGAL_INSTRUCTION'),
                       ('handler', '(c0000005)'), ('failfast', '(c0000409)'), ('nostack', '(c000001d)')]:
        status, out, err = run('--native', '--', crash, what)
        report.check(f'crash {what}: status 125', status == 125, f'{status}\n{err}')
        report.check(f'crash {what}: names the exception', name in err, err)
        report.check(f'crash {what}: module and offset', ('ntdll.dll+0x' if what == 'handler' else 'crash.exe+0x') in err or what == 'jump', err)
    status, out, err = run('--native', '--', crash, 'exit', '7')
    report.check('an exit status is passed on', status == 7, f'{status}\n{err}')
    status, out, err = run('--native', '--timeout', '3', '--', crash, 'spin')
    report.check('--timeout ends a program that spins', status == 124, f'{status}\n{err}')


def windows(report, directory):
    """A program that does what its first argument says (tests/system/run/program.c)."""
    program, plugin = compile_program(directory, 'program.c'), compile_program(directory, 'plugin.c', '-shared')
    data = random.Random(4).randbytes(1 << 20)
    status, out, err = run('--', program, 'copy', stdin=data)
    report.check('1 MiB of random bytes both ways', (status, out == data) == (0, True), f'{status} {len(out)} {err[-300:]}')
    report.check('standard error is separate', err == 'copied 1048576 bytes\r\n', err[-300:])
    status, out, err = run('--', program, 'ignore', stdin=data)
    report.check('a program that reads nothing', (status, out) == (3, b'ignored\r\n'), f'{status} {out[:80]} {err[-300:]}')

    folder = os.path.join(directory, 'folder')
    os.makedirs(os.path.join(folder, 'inner'))
    for name in 'a.txt', 'inner/b.txt':
        with open(os.path.join(folder, name), 'wb') as f:
            f.write(name.encode())
    status, out, err = run('--with', folder, '--env', 'VARIABLE=a "value" of it', '--get', 'made.bin', '--get', 'sub/deep.txt=here.txt', '--',
                           program, 'files', 'folder\\a.txt', 'folder\\inner\\b.txt', cwd=directory)
    report.check('--with a folder', b'a.txt inner/b.txt' in out, f'{status} {out} {err}')
    report.check('--env', b'VARIABLE=a "value" of it' in out, f'{status} {out} {err}')
    report.check('the current directory', b'directory=C:\\host' in out, f'{status} {out} {err}')
    for name, content in ('made.bin', bytes(range(256)) * 300), ('here.txt', b'deep'):
        path = os.path.join(directory, name)
        report.check(f'--get {name}', os.path.exists(path) and open(path, 'rb').read() == content, err)
    status, out, err = run('--get', 'nowhere.txt', '--', program, 'exit', '0', cwd=directory)
    report.check('--get of a file that is not there', status == 1 and 'nowhere.txt' in err and not os.path.exists('nowhere.txt'), f'{status} {err}')
    status, out, err = run('--', program, 'plugin')
    report.check('the DLL beside the program', (status, out) == (0, b'plugin says 42\r\n'), f'{status} {out} {err}')
    os.unlink(plugin)
    for argument, expected in ('256', 1), ('-1', 255):
        status, out, err = run('--', program, 'exit', argument)
        report.check(f'exit({argument}) is status {expected}', status == expected, f'{status} {err}')
    status, out, err = run('--', program, 'crash')
    report.check('a crash: status 125, exception and code', status == 125 and 'STATUS_ACCESS_VIOLATION (c0000005)' in err, f'{status} {err}')
    report.check('a crash: one report', err.count('STATUS_ACCESS_VIOLATION') == 1, err)
    report.check('a crash: the stack with names', '(crash_here+' in err and '(main+' in err, err)
    report.check('a crash: what was printed before', out == b'before\r\n', repr(out))
    status, out, err = run('--', compile_program(directory, 'debugger.c'))
    report.check('a debugger steps its child', (status, out) == (0, b'exit 42, 2 breakpoints, 5 steps\r\n'), f'{status} {out} {err}')
    status, out, err = run('--', program, 'share')
    costs = [int(word) for word in out.split() if word.isdigit()]
    report.check('a second process shares the 8 MiB of its DLLs and tables: it takes less than 4 MiB, promises included',
                 status == 0 and len(costs) == 2 and 0 < max(costs) < 4096, f'{status} {out} KiB {err}')
    status, out, err = run('--trace', '--', program, 'exit', '0')
    report.check('--trace: services', 'NtTerminateProcess(' in err, err[-2000:])
    report.check('--trace: the loader', 'ldr: c:\\windows\\system32\\kernel32.dll at ' in err.lower(), err[:2000])


def edges(report, directory):
    """Names, streams that are closed, places of files."""
    place = lambda name: os.path.join(directory, name)
    program, folder = compile_program(directory, 'program.c'), place('-odd')
    os.rename(program, place('-p=ü.exe'))
    os.mkdir(folder)
    odd = ['a=b.txt', '-dash', '.dot', 'two  words', "it's", 'ü€', 'n' * 200]
    for name in odd:
        with open(os.path.join(folder, name), 'w') as f:
            f.write(f'<{len(name)}>')
    os.symlink('-dash', os.path.join(folder, 'link'))
    with open(place('target'), 'w') as f:
        f.write('before')
    os.symlink('target', place('symlink'))
    status, out, err = run('--with', '-odd', '--with', '-odd/a=b.txt', '--with', '-odd/-dash', '--get', 'made.bin=symlink', '--get', 'made.bin=/dev/null', '--',
                           '-p=ü.exe', 'files', 'a=b.txt', '-dash', *('-odd/' + name for name in (*odd, 'link')), cwd=directory)
    wanted = ' '.join(f'<{len(name)}>' for name in ('a=b.txt', '-dash', *odd, '-dash'))
    report.check('odd names', out.startswith(wanted.encode()), f'{status} {out} {err}')
    report.check('--get through a link', os.path.islink(place('symlink')) and os.path.getsize(place('target')) == 256 * 300, err)
    report.check('--get to a device', not os.path.isfile('/dev/null'))
    program = place('-p=ü.exe')
    for how in '<&-', '>&-', '2>&-', '<&- >&- 2>&-', '</tmp':
        done = subprocess.run(['bash', '-c', f'"$@" {how}', '', os.path.join(ROOT, 'run.sh'), '--', program, 'copy'], stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=SECONDS)
        text = b'' if '2>' in how else b'copied 0 bytes\r\n'
        report.check(f'a closed stream: {how}', (done.returncode, done.stdout, done.stderr) == (0, b'', text), str(done))
    for words, text in ((('-m', '32', '--native', '--with', place('big')), 'more than twice as much memory'), (('--log', '/dev/null/log'), '--log'),
                        (('--with', place('pipe')), 'neither a file nor a folder')):
        if 'pipe' in words[-1]:
            os.mkfifo(place('pipe'))
        with open(place('big'), 'wb') as f:
            f.truncate(20 << 20)
        status, out, err = run(*words, '--', os.path.join(BUILD, 'hello.exe'))
        report.check(f'{" ".join(words[:2])} is refused', (status, out, err.count('\n')) == (126, b'', 1) and text in err, f'{status} {out} {err}')


class Control:
    """run.sh with a program that waits for control events (tests/system/run/control.c)."""

    def __init__(self, program, how, terminal=None):
        words = [os.path.join(ROOT, 'run.sh'), '--', program, how]
        self.process = subprocess.Popen(words, cwd=ROOT, stdin=terminal if terminal is not None else subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=lambda: self.prepare(terminal))
        self.text = b''

    @staticmethod
    def prepare(terminal):
        for number in signal.SIGINT, signal.SIGQUIT, signal.SIGTERM:
            signal.signal(number, signal.SIG_DFL)
        if terminal is not None:
            fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)

    def shows(self, text, count=1):
        """Waits until the output has the text that often."""
        end = time.monotonic() + SECONDS
        while self.text.count(text) < count and time.monotonic() < end:
            if select.select([self.process.stdout], [], [], 1)[0]:
                data = os.read(self.process.stdout.fileno(), 4096)
                self.text += data
                if not data:
                    break
        return self.text.count(text) >= count

    def end(self):
        """The exit status, once all output is there."""
        self.shows(b'never')
        try:
            return self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return None


def control(report, directory):
    """Signals at the host are control events of the program."""
    program, before = compile_program(directory, 'control.c'), set(os.listdir(os.path.join(BUILD, 'run')))
    for how, number, event, status in [('handle', signal.SIGINT, b'event 0', 7), ('handle', signal.SIGTERM, b'event 0', 7),
                                       ('handle', signal.SIGQUIT, b'event 1', 7), ('default', signal.SIGINT, b'', 130),
                                       ('default', signal.SIGQUIT, b'', 131), ('default', signal.SIGTERM, b'', 143)]:
        for _ in range(3):
            run = Control(program, how)
            run.shows(b'ready')
            start = time.monotonic()
            run.process.send_signal(number)
            got = run.end()
            if got == status or time.monotonic() - start < 4:   # over that, run.sh ends what the host has kept from answering
                break
        report.check(f'{how}: {number.name} is status {status}', got == status, f'{got} {run.text}')
        report.check(f'{how}: {number.name} is the event', event in run.text and (b'ended' in run.text) == (status == 7), repr(run.text))

    run = Control(program, 'ignore')
    run.shows(b'ready')
    run.process.send_signal(signal.SIGINT)
    report.check('a program that goes on after Ctrl+C', run.shows(b'event 0'), repr(run.text))
    time.sleep(2.2)
    run.process.send_signal(signal.SIGINT)
    report.check('and after the next, later', run.shows(b'event 0', 2), repr(run.text))
    for _ in range(SECONDS):            # of signals that come at once there is only one; two a little apart are two in a row on most hosts
        if run.process.poll() is not None:
            break
        run.process.send_signal(signal.SIGINT)
        time.sleep(0.2)
    got = run.end()
    report.check('is ended by two in a row', got == 130, f'{got} {run.text}')

    run = Control(program, 'ignore')
    run.shows(b'ready')
    run.process.send_signal(signal.SIGTERM)
    start = time.monotonic()
    got = run.end()
    report.check('SIGTERM ends it after a while', got == 143 and time.monotonic() - start > 4, f'{got} {run.text}')
    left = set(os.listdir(os.path.join(BUILD, 'run'))) - before
    report.check('nothing is left behind', not left, left)


def terminal(report, directory):
    """Ctrl+C as it is typed: the terminal's foreground processes get the signal."""
    master, slave = pty.openpty()
    before = termios.tcgetattr(slave)
    run = Control(compile_program(directory, 'control.c'), 'handle', slave)
    run.shows(b'ready')
    os.write(master, b'\x03')
    got = run.end()
    report.check('Ctrl+C at a terminal', got == 7 and b'event 0' in run.text, f'{got} {run.text}')
    report.check('and the terminal is as it was', termios.tcgetattr(slave) == before)
    os.close(master)
    os.close(slave)


def patched(image, what, value, layout='<H'):
    """The program with a header field changed: 'machine', 'subsystem' or 'clr'."""
    header = struct.unpack_from('<I', image, 60)[0]
    offset = {'machine': header + 4, 'characteristics': header + 22, 'subsystem': header + 24 + 68, 'clr': header + 24 + 112 + 14 * 8}[what]
    image = bytearray(image)
    struct.pack_into(layout, image, offset, value)
    return bytes(image)


def refused(report, directory):
    with open(compile_program(directory, 'program.c'), 'rb') as f:
        image = f.read()
    cases = {
        'text.exe': (b'this is no program\n', 'not a Windows program'), 'empty.exe': (b'', 'empty'), 'header.exe': (image[:0x90], 'cut short'),
        'cut.exe': (image[:len(image) // 4], 'cut short'), 'dos.exe': (image[:0x40] + image[0x40:0x400].replace(b'PE\0\0', b'NE\0\0'), '16-bit'),
        'x86.exe': (patched(image, 'machine', 0x14c), '32-bit x86'), 'arm.exe': (patched(image, 'machine', 0xaa64), 'ARM64'),
        'gui.exe': (patched(image, 'subsystem', 2), 'GUI'), 'net.exe': (patched(image, 'clr', 0x2000, '<I'), '.NET'),
        'dll.exe': (patched(image, 'characteristics', 0x2022), 'a DLL'),
        'nodll.exe': (image.replace(b'KERNEL32.dll', b'KERNEL99.dll'), 'needs KERNEL99.dll'),
        'noexport.exe': (image.replace(b'GetProcAddress\0', b'GetLostAddress\0'), 'needs GetLostAddress from KERNEL32.dll'),
    }
    for name, (content, text) in cases.items():
        path = os.path.join(directory, name)
        with open(path, 'wb') as f:
            f.write(content)
        status, out, err = run('--', path)
        report.check(f'{name}: status 126', status == 126, f'{status}\n{err}')
        report.check(f'{name}: one line with file and cause', err.count('\n') == 1 and name in err and text in err and out == b'', err)


def main():
    report = Report()
    native(report)
    with tempfile.TemporaryDirectory() as directory:
        windows(report, directory)
        edges(report, directory)
        control(report, directory)
        terminal(report, directory)
        refused(report, directory)
    report.close()


if __name__ == '__main__':
    main()
