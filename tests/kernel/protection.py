# SPDX-License-Identifier: BSD-2-Clause
"""What protects the kernel from user code, as QEMU's monitor shows it while the kernel test runs: control registers, and every page of the upper half."""
import re
import struct
import subprocess
import tempfile
import time

CR0_WP, CR4_SMEP, CR4_SMAP, EFER_NXE = 1 << 16, 1 << 20, 1 << 21, 1 << 11
KERNEL_HALF = 1 << 47
LIMIT = 300      # seconds


def monitor(kernel, task, cpu):
    """What `info registers' and `info tlb' print at some moment of the test."""
    with tempfile.NamedTemporaryFile() as console:
        process = subprocess.Popen(['qemu-system-x86_64', '-cpu', cpu, '-m', '64', '-display', 'none', '-no-reboot', '-serial', f'file:{console.name}',
                                    '-monitor', 'stdio', '-kernel', kernel, '-initrd', task], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, text=True)
        deadline = time.time() + LIMIT
        while not open(console.name).read() and time.time() < deadline:
            time.sleep(0.05)
        try:
            return process.communicate('stop\ninfo registers\ninfo tlb\nquit\n', timeout=LIMIT)[0]
        finally:
            process.kill()


def code(elf):
    """First and last byte + 1 of the kernel's code: the one segment that is executed and not written."""
    data = open(elf, 'rb').read()
    start, size, count = struct.unpack_from('<Q', data, 32)[0], *struct.unpack_from('<HH', data, 54)
    segments = [struct.unpack_from('<IIQQQQQQ', data, start + i * size) for i in range(count)]
    return next((s[3], s[3] + s[6]) for s in segments if s[0] == 1 and s[1] == 5)


def faults(text, first, end, hasSMEP):
    """What is not as it should be, line by line; `text' is the monitor's."""
    values = {name: int(value, 16) for name, value in re.findall(r'\b(CR0|CR4|EFER)=([0-9a-f]+)', text)}
    wanted = [('CR0', CR0_WP), ('EFER', EFER_NXE)] + ([('CR4', CR4_SMEP), ('CR4', CR4_SMAP)] if hasSMEP else [])
    wrong = [f'{name} lacks {bit:#x}' for name, bit in wanted if not values.get(name, 0) & bit]
    pages = [(int(address, 16), flags) for address, flags in re.findall(r'^([0-9a-f]{16}): [0-9a-f]{16} ([-XGPDACTUW]{9})', text, re.M)]
    upper = [(address, flags) for address, flags in pages if address >= KERNEL_HALF]
    wrong += [f'{address:#x} is written and executed' for address, flags in upper if flags[8] == 'W' and flags[0] == '-']
    wrong += [f'{address:#x} belongs to user code' for address, flags in upper if flags[7] == 'U']
    wrong += [f'code at {page:#x} is {dict(upper).get(page, "not mapped")}' for page in range(first & ~4095, end, 4096)
              if dict(upper).get(page, 'XW')[0] == 'X' or dict(upper).get(page, 'XW')[-1] == 'W']
    return wrong
