#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The five commands' own behaviour: --help, wrong arguments, missing files; and the packers' checks."""
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from report import Report

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMANDS = ['build.sh', 'mkiso.sh', 'run.sh', 'test.sh', 'bench.sh']


def call(*words):
    done = subprocess.run(words, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


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


def main():
    report = Report()
    for command in COMMANDS:
        status, out, _ = call('./' + command, '--help')
        report.check(f'{command} --help', status == 0 and out.startswith(f'Usage: ./{command}'), out)
        status, out, err = call('./' + command, '--no-such-option')
        report.check(f'{command} with a wrong argument', (status, out, err.count('\n')) == (2, '', 1), err)
    for words, expected in [(('-m', 'lots'), 2), (('-m',), 2), (('--with', 'README.md'), 2), (('--',), 2), (('--trace',), 2), (('--get', 'x'), 2),
                            (('--env', 'NOVALUE', '--', 'LICENSE'), 2), (('--', 'tests'), 126), (('--', 'LICENSE'), 126),
                            (('--', 'no-such-file.exe'), 126), (('--kernel', 'no-such-kernel'), 126)]:
        status, _, err = call('./run.sh', *words)
        report.check(f'run.sh {" ".join(words)}', status == expected and err.count('\n') == 1, f'{status}: {err}')

    with tempfile.TemporaryDirectory() as directory:
        archive = os.path.join(directory, 'archive')
        report.check('an archive', call('tools/mkarchive.py', '-o', archive, '--add', 'a/b=LICENSE')[0] == 0)
        report.check('its size is whole pages', os.path.getsize(archive) % 4096 == 0)
        for bad in ['/abs=LICENSE', '../up=LICENSE', 'a\\b=LICENSE', 'noequals', 'a=no-such-file']:
            status, _, err = call('tools/mkarchive.py', '-o', archive, '--add', bad)
            report.check(f'mkarchive --add {bad}', status == 1 and err.count('\n') == 1, err)
        status, _, err = call('tools/mkimage.py', '-o', os.path.join(directory, 'image'), 'LICENSE', archive)
        report.check('mkimage of a text file', status == 1 and err.count('\n') == 1, err)
        status, _, err = call('tools/mkarchive.py', '-o', os.path.join(directory, 'image'), '--image', 'LICENSE', '--add', 'a/b=LICENSE')
        report.check('mkarchive --image of a text file', status == 1 and err.count('\n') == 1, err)
    check_programs(report)
    report.close()


if __name__ == '__main__':
    main()
