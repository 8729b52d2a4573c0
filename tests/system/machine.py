# SPDX-License-Identifier: BSD-2-Clause
"""A running system: ./run.sh with its console as a pipe, and QMP for keyboard and screen."""
import os
import re
import select
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, 'tools'), os.path.join(ROOT, 'tests')]
from qmp import Qmp
from report import Report

PATIENCE = 120      # seconds: what comes within a moment elsewhere may take that long on a machine that is busy, or stopped for a while
PROMPT = r'[A-Z]:\\[^\r\n>]*> ?$'
ESCAPE = re.compile(r'\x1b\[[0-9;?]*[A-Za-z]|\x1b[=>78M]|\x1b\][^\x07]*\x07')


class Machine:
    """`with Machine('iso', '-m', '64') as m:` starts ./run.sh with these arguments."""

    def __init__(self, *arguments, qmp=False):
        self.directory = tempfile.TemporaryDirectory()
        self.socket = os.path.join(self.directory.name, 'qmp')
        self.log = os.path.join(self.directory.name, 'log')
        extra = ['--log', self.log]
        if qmp:
            extra += ['--qemu', f'-qmp unix:{self.socket},server=on,wait=off']
        self.process = subprocess.Popen(['./run.sh', *arguments, *extra], cwd=ROOT, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.output = ''
        self.seen = 0
        self.qmp = Qmp(self.socket, PATIENCE) if qmp else None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            subprocess.run(['pkill', '-TERM', '-P', str(self.process.pid)], check=False)
            self.process.terminate()
            self.process.wait()
        self.directory.cleanup()

    def read(self, seconds):
        """Takes in what arrives within that time; False at the end of the output."""
        ready, _, _ = select.select([self.process.stdout], [], [], seconds)
        if ready:
            data = os.read(self.process.stdout.fileno(), 65536)
            if not data:
                return False
            self.output += data.decode(errors='replace')
        return True

    def expect(self, pattern, seconds=PATIENCE):
        """Waits until the pattern (a regular expression) appears behind what was seen before; the match, or None."""
        end = time.monotonic() + seconds
        while True:
            text = ESCAPE.sub('', self.output[self.seen:])
            match = re.search(pattern, text, re.M)
            if match:
                self.seen = len(self.output)
                return match
            left = end - time.monotonic()
            if left <= 0 or not self.read(left):
                return None

    def prompt(self, seconds=PATIENCE):
        return self.expect(PROMPT, seconds)

    def send(self, text):
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def command(self, line, seconds=PATIENCE):
        """Types a line at the prompt; what it printed, or None where no prompt came back."""
        self.seen = len(self.output)
        start = len(self.output)
        self.send(line + '\r')
        if not self.expect(r'\n[\s\S]*?' + PROMPT, seconds):      # the prompt that follows the line, not the line's own
            return None
        text = ESCAPE.sub('', self.output[start:]).replace('\r', '')
        return '\n'.join(text.split('\n')[1:-1])

    def quiet(self, seconds=0.5):
        """Takes in what comes until nothing has come for that time."""
        while True:
            before = len(self.output)
            if not self.read(seconds) or len(self.output) == before:
                return

    def insist(self, keys, pattern=PROMPT):
        """Types the keys again and again until the pattern appears: the first may come before there is somebody to see them."""
        for _ in range(PATIENCE // 5):
            self.send(keys)
            match = self.expect(pattern, 5)
            if match:
                self.quiet()
                self.seen = len(self.output)
                return match
        return None

    def wait(self, seconds=PATIENCE):
        """Waits for the end of the machine; run.sh's exit status, or None."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if not self.read(0.2):
                break
        try:
            return self.process.wait(max(0.1, end - time.monotonic()))
        except subprocess.TimeoutExpired:
            return None

    def read_log(self):
        return open(self.log, errors='replace').read() if os.path.exists(self.log) else ''
