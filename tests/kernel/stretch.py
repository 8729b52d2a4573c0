# SPDX-License-Identifier: BSD-2-Clause
"""The longest stretch of kernel instructions during which an interrupt has to wait, over the whole kernel test."""
import os
import struct
import subprocess
import tempfile

LIMIT = 10000


def longest(kernel, task, plugin, options='-m 256'):
    """(instructions, console output); 0 if the test did not pass.  See tools/count.c for what a stretch is."""
    with tempfile.TemporaryDirectory() as tmp:
        live = os.path.join(tmp, 'live')
        command = ['qemu-system-x86_64', '-cpu', 'max,-erms', *options.split(), '-display', 'none', '-no-reboot', '-serial', 'stdio',
                   '-monitor', 'none', '-device', 'isa-debug-exit,iobase=0xf4,iosize=4', '-icount', 'shift=0,sleep=off',
                   '-plugin', f'{plugin},out={tmp}/marks,live={live}', '-kernel', kernel, '-initrd', task]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors='replace', timeout=1200)
        except subprocess.TimeoutExpired:
            return 0, 'timed out'
        if ' 0 failed' not in done.stdout:
            return 0, done.stdout + done.stderr
        return struct.unpack('<6Q', open(live, 'rb').read())[5], done.stdout
