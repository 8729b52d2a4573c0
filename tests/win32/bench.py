# SPDX-License-Identifier: BSD-2-Clause
"""./bench.sh win32: Windows programs on Nereid, beside the same files on Wine and beside Linux builds of the same sources, same QEMU.

Wine and the Linux builds run on Linux machines (guests.py); all three keep their files in memory.  What is counted is between two marks:
from before the start of a program to after its end.  tools/where.c tells in which module.
"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [HERE, os.path.join(ROOT, 'tests'), os.path.join(ROOT, 'tools')]
import fetch
import guests
import run as suite
import where
from building import make

DLLS = ('advapi32', 'sechost', 'version', 'bcrypt', 'ucrtbase', 'vcruntime140', 'msvcp140')
PROGRAMS = ('hello', 'sqlite3', 'lua', 'bzip2', 'xz', 'esbuild')
INPUTS = ('work.sql', 'text.txt', 'project')
MEMORY = '1024'
# The machines' time is their instructions, one a nanosecond: how busy the host is changes no figure.
CLOCK = ['-icount', 'shift=0,sleep=off']
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
RUNTIMES = ('msvcrt.dll', 'ucrtbase.dll')
# Where instructions are executed: column titles for each system, {module: column}; what is not named is the first column's.
PLACES = {
    'Nereid': ('the program', 'C runtime', "Wine's other DLLs", 'ntdll', 'ntos', 'kernel'),
    'Wine': ('the program', 'C runtime', "Wine's other DLLs", 'ntdll', 'Unix side and server', 'kernel'),
    'Linux build': ('the program', '', '', '', '', 'kernel'),
}


class Run:
    """What one machine gave: (status, counters) and the modules' shares of each title."""

    def __init__(self, system, marks, blocks, output):
        self.system, self.found, self.shares = system, {}, {}
        at = {int(line.split()[0]): list(map(int, line.split()[1:3])) for line in open(marks)}
        titles = {int(number) + 1: (title, int(status)) for number, status, title in re.findall(r'^(\d+)\t(\d+)\t(.*?)\r*$', output, re.M)}
        for last, (title, status) in titles.items():
            if last in at and last - 1 in at:
                self.found[title] = status, *(b - a for a, b in zip(at[last - 1], at[last]))
        place = self.places()
        for mark, counts in where.read_marks(blocks):
            if mark in titles:
                self.shares[titles[mark][0]] = where.sums(counts, place)

    def places(self):
        """A function from an address to the column that it counts for."""
        columns = PLACES[self.system]
        modules = {name: os.path.join(ROOT, 'build/win32/files', name) for name in os.listdir(os.path.join(ROOT, 'build/win32/files'))
                   if name.endswith('.dll') and name != 'apisetschema.dll'}
        modules['program'] = os.path.join(suite.BIN, 'esbuild.exe')
        if self.system == 'Nereid':
            modules.update({name: os.path.join(ROOT, 'build/release', name) for name in ('ntdll.dll', 'ntos.exe')})
        if self.system == 'Wine':
            modules['ntdll.dll'] = os.path.join(guests.WINE_LIBRARIES, 'x86_64-windows/ntdll.dll')
        if self.system == 'Linux build':
            modules = {}
        find = where.Map(modules).module
        special = {'program': 0, 'ntdll.dll': 3, 'ntos.exe': 4, 'kernel': 5, 'other': 4 if self.system == 'Wine' else 0, **{name: 1 for name in RUNTIMES}}
        return lambda address: columns[special.get(find(address), 2)]

    def total(self, title):
        return sum(self.found[title][1:]) if title in self.found else None

    def row(self, title):
        """Instructions and how many of them are the kernel's, with the exit status where it is not what it should be."""
        if title not in self.found:
            return ['-', '-']
        status, user, kernel = self.found[title]
        return [number(user + kernel) + ('' if status == ('hello' in title) else f' (status {status})'), number(kernel)]


def work_list(folder, end, loads):
    lines = [(title, words, command.format(x=folder, e=end)) for title, words, command in WORK]
    lines += [(f'load {d}.dll', '', f'load {d}.dll') for d in loads]
    return ''.join('\t'.join(line) + '\n' for line in lines)


def plugins(directory, name):
    """QEMU's options for the clock and the plugins, and the two files that the plugins write."""
    marks, blocks = (os.path.join(directory, f'{name}.{kind}') for kind in ('marks', 'blocks'))
    return [*CLOCK, '-plugin', f'build/release/count.so,out={marks}', '-plugin', f'build/release/where.so,out={blocks}'], marks, blocks


def windows_files():
    """The programs and what they work on; the first is the one that measures."""
    return [os.path.join(suite.BIN, n + '.exe') for n in ('measure', *PROGRAMS)] + [os.path.join(suite.IN, n) for n in INPUTS]


def on_linux(directory):
    options, marks, blocks = plugins(directory, 'linux')
    files = [os.path.join(guests.LINUX, n) for n in PROGRAMS] + [os.path.join(suite.IN, n) for n in INPUTS]
    archive = guests.linux_machine(files, {'bench.lua': LUA, 'measure.txt': work_list('/host/', '', ())})
    return Run('Linux build', marks, blocks, guests.run(archive, MEMORY, directory, options))


def on_wine(directory):
    options, marks, blocks = plugins(directory, 'wine')
    archive = guests.wine_machine(windows_files(), {'bench.lua': LUA, 'measure.txt': work_list('', '.exe', DLLS)})
    return Run('Wine', marks, blocks, guests.run(archive, MEMORY, directory, options))


def on_nereid(directory):
    options, marks, blocks = plugins(directory, 'nereid')
    measure, *files = windows_files()
    for name, text in (('measure.txt', work_list('', '.exe', DLLS)), ('bench.lua', LUA)):
        files.append(os.path.join(directory, name))
        with open(files[-1], 'w') as f:
            f.write(text)
    done = subprocess.run(['./run.sh', '-m', MEMORY, '--timeout', '1500', '--qemu', ' '.join(options),
                           *(word for name in files for word in ('--with', name)), '--', measure, 'measure.txt'],
                          cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
    print(done.stderr.decode(errors='replace')[-2000:], file=sys.stderr)
    return Run('Nereid', marks, blocks, done.stdout.decode(errors='replace'))


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


def millions(n):
    return f'{n / 1e6:,.1f}' if n else ''


def beside(ours, theirs):
    return f'{ours / theirs * 100 - 100:+.1f} %' if ours and theirs else ''


def print_totals(systems):
    ours = systems[0]
    print('| program, start to exit |', ' | '.join(f'{s.system} | of it kernel' for s in systems), '| beside Wine | beside the Linux build |')
    print('|---' * (2 * len(systems) + 3) + '|')
    for title in [w[0] for w in WORK] + [f'load {d}.dll' for d in DLLS]:
        columns = [cell for s in systems for cell in s.row(title)]
        print('|', ' | '.join([title, *columns, *(beside(ours.total(title), s.total(title)) for s in systems[1:])]), '|')


def print_shares(systems):
    for system in systems:
        columns = PLACES[system.system]
        print(f'\n| {system.system}, millions |', ' | '.join(c for c in columns if c), '|')
        print('|---' * (1 + len([c for c in columns if c])) + '|')
        for title, _, _ in WORK:
            shares = system.shares.get(title, {})
            print('|', ' | '.join([title, *(millions(shares.get(c)) for c in columns if c)]), '|')


def bench(runs):
    suite.prepare()
    fetch.npm([f'@esbuild/linux-x64@{fetch.npm_version("@esbuild/win32-x64")}'])
    make('-f', 'tests/win32/build.mk', 'linux', check=True)
    with tempfile.TemporaryDirectory() as directory:
        systems = [run(directory) for run in (on_nereid, on_wine, on_linux)]
    print_totals(systems)
    print_shares(systems)
    print(f'\n`./run.sh -- hello.exe`, command to exit status: {hello_seconds(runs):.1f} s.\n')
