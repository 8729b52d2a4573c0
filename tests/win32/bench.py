# SPDX-License-Identifier: BSD-2-Clause
"""./bench.sh win32: Windows programs on Nereid beside the Linux builds of the same sources on Debian's cloud kernel, same QEMU.

The Linux machine is that kernel with an initramfs of our init (linux/init.c), the programs and their inputs; both keep their files in
memory.  What is counted is between two marks: from before the start of a program to after its end.
"""
import glob
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, HERE)
import fetch
import run as suite

CACHE = suite.CACHE
DLLS = ('advapi32', 'sechost', 'version', 'bcrypt', 'ucrtbase', 'vcruntime140', 'msvcp140')
MEMORY = '1024'
FIELDS = ('user', 'kernel', 'syscalls', 'cr3')
# title, standard input, command; {x} is the programs' folder and {e} the end of their names
WORK = (
    ('hello (msvcrt)', '', '{x}hello{e} one'),
    ('sqlite3, 100,000 inserts and queries', 'work.sql', '{x}sqlite3{e} bench.db'),
    ('lua, calculation', '', '{x}lua{e} bench.lua'),
    ('bzip2 -9, 1 MiB of text', 'text.txt', '{x}bzip2{e} -9 -c'),
    ('xz -T1 -6, 1 MiB of text', 'text.txt', '{x}xz{e} -T1 -6 -c'),
    ('esbuild, bundle of 100 files', '', '{x}esbuild{e} project/src/index.ts --bundle --minify --outfile=bench.js'),
)
LUA = '''local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
local t = {}
for i = 1, 200000 do t[i] = (i * 7919) % 100003 end
table.sort(t)
local s = {}
for i = 1, 50000 do s[#s + 1] = string.format("%d:%x", i, t[i]) end
print(fib(27), #table.concat(s, ","))
'''


def work_list(folder, end, loads):
    lines = [(title, words, command.format(x=folder, e=end)) for title, words, command in WORK]
    lines += [(f'load {d}.dll', '', f'load {d}.dll') for d in loads]
    return ''.join('\t'.join(line) + '\n' for line in lines)


def linux_kernel():
    """Debian's kernel for virtual machines, taken from its package once."""
    kept = os.path.join(CACHE, 'vmlinuz')
    if not os.path.exists(kept):
        work = os.path.join(CACHE, 'download', 'linux')
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        depends = fetch.call(['apt-cache', 'depends', '--important', 'linux-image-cloud-amd64'], work)
        fetch.fetch(['apt-get', '-q', 'download', re.search(r'linux-image-\d\S*', depends)[0]], work, "Debian's kernel for virtual machines")
        fetch.call(['dpkg-deb', '-x', glob.glob(os.path.join(work, '*.deb'))[0], os.path.join(work, 'x')], work)
        shutil.copy(glob.glob(os.path.join(work, 'x/boot/vmlinuz-*'))[0], kept)
        shutil.rmtree(work)
    return kept


def cpio(entries):
    """A `newc' archive of (path, mode, bytes)."""
    out = bytearray()
    for path, mode, data in [*entries, ('TRAILER!!!', 0, b'')]:
        name = path.encode() + b'\0'
        fields = (len(out) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        out += b'070701' + b''.join(b'%08x' % f for f in fields) + name
        out += b'\0' * (-len(out) % 4) + data
        out += b'\0' * (-len(out) % 4)
    return bytes(out)


def files_below(folder):
    for top, folders, files in os.walk(folder):
        yield top, None
        for name in files:
            yield os.path.join(top, name), open(os.path.join(top, name), 'rb').read()


def initramfs(path):
    linux = os.path.join(CACHE, 'linux')
    entries = [('init', 0o100755, open(os.path.join(linux, 'init'), 'rb').read()), ('dev', 0o040755, b''), ('host', 0o040755, b''),
               ('dev/console', 0o020600, b'')]
    entries = entries[:3]
    for name in ('hello', 'sqlite3', 'lua', 'bzip2', 'xz', 'esbuild'):
        entries.append((f'host/{name}', 0o100755, open(os.path.join(linux, name), 'rb').read()))
    for name in ('work.sql', 'text.txt'):
        entries.append((f'host/{name}', 0o100644, open(os.path.join(suite.IN, name), 'rb').read()))
    for name, data in files_below(os.path.join(suite.IN, 'project')):
        entries.append(('host/' + os.path.relpath(name, suite.IN), 0o040755 if data is None else 0o100644, data or b''))
    entries += [('host/bench.lua', 0o100644, LUA.encode()), ('host/measure.txt', 0o100644, work_list('/host/', '', ()).encode())]
    open(path, 'wb').write(cpio(entries))


def read_marks(path):
    return {int(line.split()[0]): dict(zip(FIELDS, map(int, line.split()[1:]))) for line in open(path)}


def results(path, output):
    """{title: (status, counters)} from the marks and the lines that tell which mark is whose."""
    at, found = read_marks(path), {}
    for number, status, title in re.findall(r'^(\d+)\t(\d+)\t(.*?)\r?$', output, re.M):
        first, last = at.get(int(number)), at.get(int(number) + 1)
        if first and last:
            found[title] = (int(status), {f: last[f] - first[f] for f in FIELDS})
    return found


def on_linux(directory):
    marks, image = (os.path.join(directory, n) for n in ('linux.marks', 'initramfs'))
    initramfs(image)
    done = subprocess.run(['timeout', '900', 'qemu-system-x86_64', '-machine', 'pc', '-cpu', 'max,-erms', '-m', MEMORY, '-nodefaults', '-no-reboot',
                           '-display', 'none', '-serial', 'stdio', '-kernel', linux_kernel(), '-initrd', image, '-append',
                           'console=ttyS0 quiet mitigations=off', '-plugin', f'build/release/count.so,out={marks}'],
                          cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
    return results(marks, done.stdout.decode(errors='replace'))


def on_nereid(directory):
    marks = os.path.join(directory, 'nereid.marks')
    files = {'measure.txt': work_list('', '.exe', DLLS), 'bench.lua': LUA}
    for name, text in files.items():
        open(os.path.join(directory, name), 'w').write(text)
    names = [os.path.join(suite.BIN, n + '.exe') for n in ('hello', 'sqlite3', 'lua', 'bzip2', 'xz', 'esbuild')]
    names += [os.path.join(suite.IN, n) for n in ('work.sql', 'text.txt', 'project')] + [os.path.join(directory, n) for n in files]
    start = time.monotonic()
    done = subprocess.run(['./run.sh', '-m', MEMORY, '--timeout', '900', '--qemu', f'-plugin build/release/count.so,out={marks}',
                           *(word for name in names for word in ('--with', name)), '--', os.path.join(suite.BIN, 'measure.exe'), 'measure.txt'],
                          cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
    print(done.stderr.decode(errors='replace')[-2000:], file=sys.stderr)
    return results(marks, done.stdout.decode(errors='replace'))


def hello_seconds(runs):
    """From the command to its exit status, the machine's start included."""
    seconds = []
    for _ in range(runs):
        start = time.monotonic()
        subprocess.run(['./run.sh', '--', os.path.join(suite.BIN, 'hello.exe')], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
        seconds.append(time.monotonic() - start)
    return statistics.median(seconds)


def number(n):
    return f'{n:,}'


def bench(runs):
    suite.prepare()
    fetch.npm([f'@esbuild/linux-x64@{fetch.npm_version("@esbuild/win32-x64")}'])
    subprocess.run(['make', '-s', '-f', 'tests/win32/build.mk', 'linux'], cwd=ROOT, check=True)
    with tempfile.TemporaryDirectory() as directory:
        ours, linux = on_nereid(directory), on_linux(directory)
    print('| program, start to exit | instructions | user and ntos | kernel | Linux: instructions | user | kernel | beside Linux |')
    print('|---|---|---|---|---|---|---|---|')
    for title in [w[0] for w in WORK] + [f'load {d}.dll' for d in DLLS]:
        row = [title]
        for side in (ours, linux):
            status, m = side.get(title, (None, None))
            row += ['-'] * 3 if m is None else [number(m['user'] + m['kernel']) + ('' if status == 0 or 'hello' in title else f' (status {status})'),
                                               number(m['user']), number(m['kernel'])]
        both = [side.get(title, (0, None))[1] for side in (ours, linux)]
        total = [m and m['user'] + m['kernel'] for m in both]
        row.append(f'{total[0] / total[1] * 100 - 100:+.1f} %' if all(total) else '')
        print('|', ' | '.join(row), '|')
    print(f'\n`./run.sh -- hello.exe`, command to exit status: {hello_seconds(runs):.1f} s.\n')
