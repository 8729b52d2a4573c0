#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The host's end of a machine that runs one program: its streams, files, crash report and exit status.

  runner.py --window ADDRESS [--timeout SECONDS] [--get FILE[=HOSTPATH]]... [--trace] [--log FILE] [--module FILE]... DIRECTORY -- QEMU...

QEMU is started with three serial ports: the console (DIRECTORY/console), the link (abi/runlink.h) and the log (DIRECTORY/log); and
with a window of memory at ADDRESS, a file that both sides map.  DIRECTORY is removed at the end.

SIGINT and SIGTERM reach the program as Ctrl+C, SIGQUIT as Ctrl+Break.  A second signal within two seconds ends the machine; so
does SIGTERM five seconds later, and any of them as long as there is no program.

Status: the program's; 124 at the timeout, 125 where it crashed, 126 where it could not be started, 128 and the signal's number
where one ended it.
"""
import argparse
import ctypes
import mmap
import os
import queue
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import pe

DATA, END, CREDIT, CLOSED, EXIT, FAILED, GET, FILE, FILE_END, POWER_OFF, CONTROL = range(1, 12)
WINDOW_SIZE, OUT_SIZE, IN_SIZE, MAXIMUM_PAYLOAD = 0x200000, 0x100000, 0x40000, 0x400
TIMEOUT, CRASHED, NOT_STARTED = 124, 125, 126
CONTROL_EVENTS = {signal.SIGINT: 0, signal.SIGTERM: 0, signal.SIGQUIT: 1}     # CTRL_C_EVENT, CTRL_BREAK_EVENT
AGAIN, PATIENCE = 2, 5                                                       # seconds
STATUS_CONTROL_C_EXIT = 0xc000013a
PR_SET_PDEATHSIG = 1                                                         # prctl(2)
# What the loader ends a process with before its first instruction (ntstatus.h).
LOADER_FAILURES = {0xc0000135: 'a DLL was not found', 0xc0000138: 'an ordinal was not found', 0xc0000139: 'an export was not found',
                   0xc0000142: 'a DLL could not be initialised', 0xc000007b: 'a file is no valid image'}


def say(text):
    try:
        print(text, file=sys.stderr, flush=True)
    except OSError:
        pass        # nobody reads it


class Link:
    """The socket to the machine's second serial port, and the window.  One thread writes frames, so that nobody who reads ever
    waits to write; a signal's handler may send."""

    def __init__(self, connection, window):
        self.connection, self.window, self.out = connection, window, queue.SimpleQueue()
        self.buffer, self.sent, self.taken, self.owed = bytearray(), 0, 0, 0
        threading.Thread(target=self.write, daemon=True).start()

    def write(self):
        while True:
            try:
                self.connection.sendall(self.out.get())
            except OSError:
                return

    def send(self, kind, channel=0, payload=b''):
        self.out.put(struct.pack('<BBHI', kind, channel, 0, len(payload)) + payload)

    def send_data(self, data):
        """Bytes of standard input, not over the end of the ring."""
        at = OUT_SIZE + self.sent % IN_SIZE
        self.window[at:at + len(data)] = data
        self.sent += len(data)
        self.out.put(struct.pack('<BBHI', DATA, 0, 0, len(data)))

    def room(self, credit):
        return min(credit, IN_SIZE - self.sent % IN_SIZE)

    def take(self, count):
        while len(self.buffer) < count:
            part = self.connection.recv(1 << 16)
            if not part:
                raise EOFError
            self.buffer += part
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def take_data(self, length):
        at = self.taken % OUT_SIZE
        if length > OUT_SIZE - at:
            raise ValueError
        self.taken += length
        self.owed += length
        return self.window[at:at + length]

    def give_credit(self):
        """Says, in large parts, that what was received is dealt with."""
        if self.owed >= OUT_SIZE // 4:
            self.send(CREDIT, 0, struct.pack('<I', self.owed))
            self.owed = 0

    def receive(self):
        """The next frame: (type, channel, bytes).  EOFError: the machine is gone; ValueError: it talks nonsense."""
        self.give_credit()
        try:
            kind, channel, zero, length = struct.unpack('<BBHI', self.take(8))
            if kind in (DATA, FILE) and not zero:
                return kind, channel, self.take_data(length)
            if zero or length > MAXIMUM_PAYLOAD or not DATA <= kind <= POWER_OFF:
                raise ValueError
            return kind, channel, self.take(length)
        except ConnectionError:
            raise EOFError


class Input(threading.Thread):
    """Sends this command's standard input, as far as there is credit."""

    def __init__(self, link):
        super().__init__(daemon=True)
        self.link, self.credit, self.more = link, 0, threading.Condition()

    def give(self, credit):
        with self.more:
            self.credit += credit
            self.more.notify()

    def run(self):
        while True:
            with self.more:
                while self.credit == 0:
                    self.more.wait()
                room = self.link.room(self.credit)
            try:
                data = os.read(0, room)
            except BlockingIOError:
                select.select([0], [], [])
                continue
            except OSError:
                data = b''
            if not data:
                self.link.send(END)
                return
            with self.more:
                self.credit -= len(data)
            self.link.send_data(data)


class Output:
    """One of this command's own output streams; a reader that has gone away is told to the machine."""

    def __init__(self, link, channel):
        self.link, self.channel, self.open = link, channel, True

    def write(self, data):
        while self.open and data:
            try:
                data = data[os.write(self.channel, data):]
            except BlockingIOError:
                select.select([], [self.channel], [])
            except OSError:
                self.open = False
                self.link.send(CLOSED, self.channel)


class Log:
    """The executive's log: crash reports with names for addresses, and, for --trace, all else as it comes."""

    ADDRESS = re.compile(r'([^\s+]+)\+0x([0-9a-f]+)')

    def __init__(self, path, modules):
        self.path, self.modules, self.functions, self.position = path, modules, {}, 0

    def text(self):
        with open(self.path, 'rb') as f:
            return f.read().decode(errors='replace').replace('\r', '')

    def follow(self):
        with open(self.path, 'rb') as f:
            f.seek(self.position)
            data = f.read()
        self.position += len(data)
        say(data.replace(b'\r', b'').decode(errors='replace').removesuffix('\n'))

    def name(self, match):
        module = match[1].lower()
        if module not in self.modules:
            return match[0]
        if module not in self.functions:
            try:
                with open(self.modules[module], 'rb') as f:
                    self.functions[module] = pe.Pe(f.read()).functions()
            except (OSError, pe.Refused, struct.error):
                self.functions[module] = []
        found = pe.nearest(self.functions[module], int(match[2], 16))
        return f'{match[0]} ({found})' if found else match[0]

    def crashes(self):
        """The lines of all crash reports."""
        return [self.ADDRESS.sub(self.name, line[7:]) for line in self.text().splitlines() if line.startswith('crash: ')]


class Runner:
    def __init__(self, args):
        self.args, self.directory = args, args.directory
        self.console, self.log = os.path.join(self.directory, 'console'), Log(os.path.join(self.directory, 'log'), {os.path.basename(file).lower(): file for file in args.module})
        self.machine, self.over = None, threading.Event()
        self.link = None            # of a program that runs
        self.status = None          # this command ends with it, whatever the machine says
        self.signal, self.signal_time, self.end_time = signal.SIGINT, 0, None

    def start(self):
        path, memory = os.path.join(self.directory, 'link'), os.path.join(self.directory, 'window')
        with open(memory, 'w+b') as f:
            f.truncate(WINDOW_SIZE)
            window = mmap.mmap(f.fileno(), WINDOW_SIZE)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen(1)
            listener.settimeout(0.2)
            for name in self.console, self.log.path:
                open(name, 'w').close()
            serial = ['-object', f'memory-backend-file,id=window,mem-path={memory},share=on,size={WINDOW_SIZE}',
                      '-device', f'pc-dimm,memdev=window,addr=0x{self.args.window}', '-serial', f'file:{self.console}', '-chardev', f'socket,id=link,path={path}', '-serial', 'chardev:link',
                      '-serial', f'file:{self.log.path}']
            # A terminal's signals are for this process alone; the machine ends with it, whatever ends it.
            libc = ctypes.CDLL(None)
            self.machine = subprocess.Popen(self.args.qemu + serial, stdin=subprocess.DEVNULL, stdout=2, start_new_session=True,
                                            preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL))
            threading.Thread(target=self.watch, daemon=True).start()
            while True:
                try:
                    return Link(listener.accept()[0], window)
                except TimeoutError:
                    if self.machine.poll() is not None:
                        sys.exit(NOT_STARTED)

    def leave(self, status):
        """Ends this command, from any thread or a signal's handler."""
        self.status = status
        if self.machine and self.machine.returncode is None:
            self.machine.kill()
        if self.args.log and os.path.exists(self.log.path):
            self.copy(self.log.path, self.args.log, '--log')
        shutil.rmtree(self.directory, ignore_errors=True)
        os._exit(status)

    def signalled(self, number, _):
        """A signal that the program is told of, if there is one."""
        now = time.monotonic()
        if self.link is None or now < self.signal_time + AGAIN:
            self.leave(128 + number)
        self.link.send(CONTROL, 0, struct.pack('<I', CONTROL_EVENTS[number]))
        self.signal, self.signal_time = number, now
        if number == signal.SIGTERM:
            self.end_time = now + PATIENCE

    def stopped(self, number, _):
        """Ctrl+Z stops the machine too."""
        if self.machine:
            self.machine.send_signal(signal.SIGSTOP)
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
        signal.signal(number, self.stopped)
        if self.machine:
            self.machine.send_signal(signal.SIGCONT)

    def catch_signals(self):
        """Those that whoever started this command wants ignored (nohup, a shell's background) stay so."""
        handlers = dict.fromkeys(CONTROL_EVENTS, self.signalled)
        handlers[signal.SIGHUP] = lambda number, _: self.leave(128 + number)
        handlers[signal.SIGTSTP] = self.stopped
        for number, handler in handlers.items():
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, handler)

    def end_machine(self):
        if self.machine and self.machine.poll() is None:
            self.machine.kill()
            self.machine.wait()

    def watch(self):
        """Ends the command at the timeout and the machine at a fatal error; shows the log for --trace."""
        end = time.monotonic() + self.args.timeout
        while not self.over.wait(0.1):
            if self.args.trace:
                self.log.follow()
            if self.args.timeout and time.monotonic() > end:
                say(f'run.sh: ended after {self.args.timeout} seconds (--timeout)')
                self.leave(TIMEOUT)
            if self.link and self.end_time and time.monotonic() > self.end_time:
                self.leave(128 + self.signal)
            with open(self.console, 'rb') as f:
                if re.search(rb'^(\*\*\* STOP|kernel: cannot start)', f.read(), re.M):
                    time.sleep(0.3)
                    self.end_machine()
                    return

    def serve(self, link):
        """Carries the streams; the program's exit status, or None with the reason said."""
        source, outputs = Input(link), {1: Output(link, 1), 2: Output(link, 2)}
        while True:
            kind, channel, payload = link.receive()
            if kind == DATA and channel in outputs:
                outputs[channel].write(payload)
            elif kind == CREDIT and len(payload) == 4:
                if source.ident is None:
                    source.start()
                    link.owed = OUT_SIZE
                    self.link = link
                source.give(struct.unpack('<I', payload)[0])
            elif kind == EXIT and len(payload) == 4:
                self.link = None
                return struct.unpack('<I', payload)[0]
            elif kind == FAILED:
                say(f'run.sh: {self.args.program}: {payload.decode(errors="replace")}')
                return None
            elif kind not in (END, CLOSED):
                raise ValueError

    def copy(self, source, target, option):
        """Whether it went; a target that is no file gets the bytes too."""
        try:
            with open(source, 'rb') as file, open(target, 'wb') as out:
                shutil.copyfileobj(file, out)
            return True
        except OSError as e:
            say(f'run.sh: {option} {target}: {e.strerror}')
            return False

    def get(self, link, wish):
        """Fetches one file; whether it came whole.  What lies at its place here is replaced only then."""
        name, _, target = wish.partition('=')
        windows = name.replace('/', '\\')
        target = target or windows.rpartition('\\')[2]
        if os.path.isdir(target):
            target = os.path.join(target, windows.rpartition('\\')[2])
        path = windows if re.match(r'[A-Za-z]:', windows) else 'C:' + windows if windows[:1] == '\\' else 'C:\\host\\' + windows
        path, part = path.encode(errors='replace'), os.path.join(self.directory, 'get')
        if len(path) > MAXIMUM_PAYLOAD:
            say(f'run.sh: --get {name}: the name is too long')
            return False
        link.send(GET, 0, path)
        with open(part, 'wb') as out:
            while True:
                kind, _, payload = link.receive()
                if kind == FILE:
                    out.write(payload)
                elif kind == FILE_END:
                    break
        if payload:
            say(f'run.sh: --get {name}: {payload.decode(errors="replace")}')
            return False
        return self.copy(part, target, '--get')

    def finish(self, link):
        """Lets the machine switch itself off, so that its log is complete."""
        link.send(POWER_OFF)
        try:
            self.machine.wait(60)
        except subprocess.TimeoutExpired:
            self.end_machine()
        self.over.set()
        if self.args.trace:
            self.log.follow()

    def exit_status(self, status, got):
        crashes = self.log.crashes()
        for line in crashes:
            say(line)
        # A status of 0 is a success, whatever a child of the program raised.
        crashed = status != 0 and any(f'({status:08x}) at ' in line for line in crashes)
        if status in LOADER_FAILURES and not crashed:
            say(f'run.sh: {self.args.program}: {LOADER_FAILURES[status]} (0x{status:08x})')
            return NOT_STARTED
        if status == STATUS_CONTROL_C_EXIT and not crashed:
            return 128 + self.signal
        if crashed or 0xc0000000 <= status < 0xc0010000:
            if not crashed:
                say(f'run.sh: {self.args.program}: ended with exception code 0x{status:08x}')
            return CRASHED
        if status > 255 and status % 256 == 0 or status == 0 and not got:
            return 1
        return status & 255

    def machine_gone(self):
        if self.status is not None:
            return self.status
        self.over.set()
        self.end_machine()
        with open(self.console, 'rb') as f:
            for line in f.read().decode(errors='replace').replace('\r', '').splitlines()[-5:]:
                say(line)
        for line in self.log.crashes():
            say(line)
        say('run.sh: the machine ended before the program did (the lines above are its console\'s last)')
        return NOT_STARTED

    def run(self):
        link = self.start()
        try:
            status = self.serve(link)
            if status is None:
                self.finish(link)
                return NOT_STARTED
            got = all([self.get(link, wish) for wish in self.args.get])
            self.finish(link)
            return self.exit_status(status, got)
        except EOFError:
            return self.machine_gone()
        except ValueError:
            say('run.sh: the machine does not keep to the protocol of abi/runlink.h')
            return NOT_STARTED
        except OSError as e:
            say(f'run.sh: {self.directory}: {e.strerror}')
            return NOT_STARTED
        finally:
            self.end_machine()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--timeout', type=int, default=0)
    parser.add_argument('--get', action='append', default=[])
    parser.add_argument('--trace', action='store_true')
    parser.add_argument('--log', help='where a copy of the log goes')
    parser.add_argument('--window', required=True, help='its physical address in the machine, hexadecimal')
    parser.add_argument('--program', default='the program')
    parser.add_argument('--module', action='append', default=[])
    parser.add_argument('directory')
    parser.add_argument('qemu', nargs='+')
    args = parser.parse_args()
    runner = Runner(args)
    runner.catch_signals()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    runner.leave(runner.run())


if __name__ == '__main__':
    main()
