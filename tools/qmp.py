# SPDX-License-Identifier: BSD-2-Clause
"""The QEMU Machine Protocol, as far as tests and screenshots need it (QEMU: docs/interop/qmp-spec)."""
import json
import socket
import time


class Qmp:
    """A connection to a machine started with -qmp unix:PATH,server=on,wait=off."""

    def __init__(self, path, seconds=10):
        end = time.monotonic() + seconds
        while True:
            self.socket = socket.socket(socket.AF_UNIX)
            try:
                self.socket.connect(path)
                break
            except OSError:
                self.socket.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)
        self.file = self.socket.makefile('rw')
        self.file.readline()
        self.command('qmp_capabilities')

    def command(self, name, **arguments):
        """Runs one command; returns what it returns, raises RuntimeError with QEMU's words where it fails."""
        self.file.write(json.dumps({'execute': name, 'arguments': arguments}) + '\n')
        self.file.flush()
        while True:
            line = self.file.readline()
            if not line:
                raise RuntimeError(f'{name}: the machine has ended')
            answer = json.loads(line)
            if 'error' in answer:
                raise RuntimeError(f'{name}: {answer["error"]["desc"]}')
            if 'return' in answer:
                return answer['return']

    def keys(self, *names):
        """Presses the keys together (QEMU's names: a, shift, ret, ...)."""
        self.command('send-key', keys=[{'type': 'qcode', 'data': n} for n in names])
