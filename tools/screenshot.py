#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""screenshot.py PNG CONSOLE QEMU-COMMAND...: starts the machine, waits until its console (the file CONSOLE) shows the
prompt, writes the screen to PNG and ends the machine."""
import os
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from qmp import Qmp

PROMPT_WAIT = 60


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    png, console, command = os.path.abspath(sys.argv[1]), sys.argv[2], sys.argv[3:]
    open(console, 'w').close()
    with tempfile.TemporaryDirectory() as directory:
        socket = os.path.join(directory, 'qmp')
        machine = subprocess.Popen(command + ['-qmp', f'unix:{socket},server=on,wait=off'], stdin=subprocess.DEVNULL)
        try:
            qmp = Qmp(socket)
            for _ in range(PROMPT_WAIT * 10):
                if b'>' in open(console, 'rb').read() or machine.poll() is not None:
                    break
                time.sleep(0.1)
            else:
                sys.exit(f'screenshot: no prompt within {PROMPT_WAIT} seconds; the console is in {console}')
            time.sleep(0.5)         # the screen follows the serial line
            qmp.command('screendump', filename=png, format='png')
        finally:
            machine.kill()
            machine.wait()


if __name__ == '__main__':
    main()
