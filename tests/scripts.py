#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The five commands' own behaviour: --help, wrong arguments, missing files; and the packers' checks."""
import os
import shutil
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from report import Report

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMANDS = ['build.sh', 'mkiso.sh', 'run.sh', 'test.sh', 'bench.sh']


def call(*words):
    done = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=240)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def check_names(report, archive, folder):
    """What mkarchive refuses with one line: paths, and folders with something inside that C: cannot have."""
    def refused(what, *words):
        status, _, err = call('tools/mkarchive.py', '-o', archive, *words)
        report.check(f'mkarchive {what}', status == 1 and err.count('\n') == 1, err)

    for path, source in ('/abs', 'LICENSE'), ('../up', 'LICENSE'), ('a\\b', 'LICENSE'), ('a:b', 'LICENSE'), ('a', 'no-such-file'):
        refused(f'--add {path} {source}', '--add', path, source)
    make = lambda name: open(os.path.join(os.fsencode(folder), name), 'w').close()
    link = lambda target: os.symlink(target, os.path.join(folder, 'link'))
    for what, fill in {'a name with a star': lambda: make(b'a*'), 'a line feed': lambda: make(b'a\n'), 'a name not in UTF-8': lambda: make(b'\xff'),
                       'two names that differ in case': lambda: (make(b'a'), make(b'A')), 'a pipe': lambda: os.mkfifo(os.path.join(folder, 'pipe')),
                       'a link to itself': lambda: link('.'), 'a link to nothing': lambda: link('nothing')}.items():
        os.mkdir(folder)
        fill()
        refused(f'--add of a folder with {what}', '--add', 'folder', folder)
        shutil.rmtree(folder)
    for words in ('--run', 'x' * 32767), ('--env', '=C:=C:\\'), ('--env', 'A=' + 'x' * 32767), ('--env', 'A=\udcff'), ('--run', '\udcff'):
        refused(' '.join(words)[:20], *words)


def check_programs(report):
    """pecheck says nothing about what runs: API sets, forwarders, imports by ordinal, delayed imports."""
    words = ['--define', 'BUILD=build/release', '--define', 'WIN32=build/win32/files', '--manifest', 'boot/files.txt', '--manifest', 'boot/win32/files.txt']
    for program in 'build/release/ntcmd.exe', 'build/win32/files/reg.exe':
        status, out, err = call('tools/pecheck.py', program, *words)
        report.check(f'pecheck {program}', (status, out + err) == (0, ''), err)
    source = """#include <windows.h>
        __declspec(dllimport) void __cdecl _exit(int);
        __declspec(dllimport) BOOL WINAPI HeapFree(HANDLE, DWORD, LPVOID);
        void start(void) { HeapFree(0, 0, 0); AcquireSRWLockShared(0); _exit(0); }"""
    exports = 'LIBRARY api-ms-win-crt-runtime-l1-1-0.dll\nEXPORTS\n_exit\n'
    with tempfile.TemporaryDirectory() as directory:
        place = lambda name: os.path.join(directory, name)
        for name, text in ('p.c', source), ('crt.def', exports):
            with open(place(name), 'w') as f:
                f.write(text)
        call('llvm-dlltool-19', '-m', 'i386:x86-64', '-d', place('crt.def'), '-l', place('libcrt.a'))
        _, _, err = call('x86_64-w64-mingw32-gcc', '-nostdlib', '-e', 'start', '-o', place('p.exe'), place('p.c'), place('libcrt.a'), '-lkernel32')
        report.check('pecheck: a program is built', os.path.exists(place('p.exe')), err)
        status, out, err = call('tools/pecheck.py', place('p.exe'), *words)
        report.check('pecheck: an API set and a forwarder', (status, out + err) == (0, ''), err)


def resources(file):
    """What windres finds in a PE file, as the text of a resource script."""
    return call('x86_64-w64-mingw32-windres', '-J', 'coff', '-O', 'rc', file)[1]


def check_pictures(report):
    """pepictures takes a DLL's bitmaps and leaves its other resources."""
    rest = 'STRINGTABLE { 7 "seven" }\n1 RCDATA { "raw" }\nnamed TEXTS { "a text of its own" }\n'
    bitmap = b'BM' + struct.pack('<IIIIiiHHIIiiII', 54 + 36000, 0, 54, 40, 90, 100, 1, 32, 0, 36000, 0, 0, 0, 0) + bytes(36000)
    with tempfile.TemporaryDirectory() as directory:
        place = lambda name: os.path.join(directory, name)
        scripts = {'with': f'3 BITMAP "{place("p.bmp")}"\n{rest}', 'without': rest}
        for name, content in ('p.bmp', bitmap), ('p.c', b'int x;'), *((f'{s}.rc', scripts[s].encode()) for s in scripts):
            with open(place(name), 'wb') as f:
                f.write(content)
        for s in scripts:
            call('x86_64-w64-mingw32-windres', '-O', 'coff', place(f'{s}.rc'), place(f'{s}.o'))
            call('x86_64-w64-mingw32-gcc', '-shared', '-nostdlib', '-s', '-o', place(f'{s}.dll'), place('p.c'), place(f'{s}.o'))
        first, second = place('with.dll'), place('without.dll')
        size, wanted = os.path.getsize(first), resources(second)
        with open(second, 'rb') as f:
            unchanged = f.read()
        report.check('pepictures: DLLs are built', 'seven' in wanted and resources(first) != wanted, wanted)
        status, out, err = call('tools/pepictures.py', first, second)
        report.check('pepictures', (status, out + err) == (0, ''), err)
        report.check('pepictures: the other resources stay', resources(first) == wanted, resources(first))
        report.check('pepictures: the pictures are gone', os.path.getsize(first) < size - 32000)
        with open(second, 'rb') as f:
            report.check('pepictures: a DLL without pictures stays', f.read() == unchanged)
        for name, content in ('empty.dll', b''), ('short.dll', unchanged[:700]):
            with open(place(name), 'wb') as f:
                f.write(content)
            status, out, err = call('tools/pepictures.py', place(name))
            report.check(f'pepictures: {name} is refused', status == 1 and err.count('\n') == 1, err)


def main():
    report = Report()
    for command in COMMANDS:
        status, out, _ = call('./' + command, '--help')
        report.check(f'{command} --help', status == 0 and out.startswith(f'Usage: ./{command}'), out)
        status, out, err = call('./' + command, '--no-such-option')
        report.check(f'{command} with a wrong argument', (status, out, err.count('\n')) == (2, '', 1), err)
    for words, expected in [(('-m', 'lots'), 2), (('-m',), 2), (('--with', 'none.dll'), 126), (('--',), 2), (('--trace',), 2), (('--get', 'x'), 2),
                            (('--env', 'NOVALUE', '--', 'LICENSE'), 2), (('--', 'tests'), 126), (('--', 'LICENSE'), 126),
                            (('--', 'no-such-file.exe'), 126), (('--kernel', 'no-such-kernel'), 126)]:
        status, _, err = call('./run.sh', *words)
        report.check(f'run.sh {" ".join(words)}', status == expected and err.count('\n') == 1, f'{status}: {err}')

    with tempfile.TemporaryDirectory() as directory:
        archive = os.path.join(directory, 'archive')
        report.check('an archive', call('tools/mkarchive.py', '-o', archive, '--add', 'a/b', 'LICENSE')[0] == 0)
        report.check('its size is whole pages', os.path.getsize(archive) % 4096 == 0)
        check_names(report, archive, os.path.join(directory, 'folder'))
        status, _, err = call('tools/mkimage.py', '-o', os.path.join(directory, 'image'), 'LICENSE', archive)
        report.check('mkimage of a text file', status == 1 and err.count('\n') == 1, err)
        status, _, err = call('tools/mkarchive.py', '-o', os.path.join(directory, 'image'), '--image', 'LICENSE', '--add', 'a/b', 'LICENSE')
        report.check('mkarchive --image of a text file', status == 1 and err.count('\n') == 1, err)
    check_programs(report)
    check_pictures(report)
    report.close()


if __name__ == '__main__':
    main()
