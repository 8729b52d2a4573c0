#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fetch.py: brings the sources and programs that the Win32 tests use into build/win32-tests/src, once.

Debian's source packages come through apt with a list of sources of its own: the machine's binary sources, read as `deb-src', with
state in build/win32-tests/apt; the machine's configuration is not touched.  npm's packages come through `npm pack'.  A package that is
there is not fetched again; remove build/win32-tests to begin anew.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
CACHE = os.path.join(ROOT, 'build/win32-tests')
APT = os.path.join(CACHE, 'apt')
SOURCES = os.path.join(CACHE, 'src')
DEBIAN = ('sqlite3', 'lua5.4', 'zlib', 'bzip2', 'xz-utils')
NPM = ('@esbuild/win32-x64', '@esbuild/linux-x64')


def fail(text):
    sys.exit(f'fetch.py: {text}')


def call(command, directory):
    """Runs a program; its output only where it fails."""
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        fail(f'{command[0]} ended with {done.returncode}:\n' + done.stdout.decode(errors='replace')[-2000:])
    return done.stdout.decode(errors='replace')


def source_lists():
    """Copies of the machine's lists in which only source packages are named."""
    parts = os.path.join(APT, 'parts')
    os.makedirs(parts, exist_ok=True)
    for path in ['/etc/apt/sources.list', *glob.glob('/etc/apt/sources.list.d/*')]:
        if not os.path.isfile(path) or not path.endswith(('.list', '.sources')):
            continue
        text = open(path).read()
        text = re.sub(r'^Types:.*$', 'Types: deb-src', text, flags=re.M)
        text = re.sub(r'^deb\s', 'deb-src ', text, flags=re.M)
        with open(os.path.join(parts, os.path.basename(path)), 'w') as out:
            out.write(text)
    return parts


def apt_get(*arguments):
    """apt-get with the state of this cache; call it in a folder of the cache."""
    lists = os.path.join(APT, 'lists')
    os.makedirs(os.path.join(lists, 'partial'), exist_ok=True)
    options = {'Dir::Etc::SourceList': '/dev/null', 'Dir::Etc::SourceParts': os.path.join(APT, 'parts'), 'Dir::State::Lists': lists,
               'Acquire::Retries': '3', 'APT::Sandbox::User': 'root'}
    return ['apt-get', '-q', *(word for key, value in options.items() for word in ('-o', f'{key}={value}')), *arguments]


def unpack(archive, folder):
    """Unpacks an archive with one top folder as `folder'; the folder appears only when it is complete."""
    raw = folder + '.part'
    shutil.rmtree(raw, ignore_errors=True)
    with tarfile.open(archive) as tar:
        tar.extractall(raw)
    tops = os.listdir(raw)
    inner = os.path.join(raw, tops[0]) if len(tops) == 1 else raw
    os.rename(inner, folder)
    shutil.rmtree(raw, ignore_errors=True)


def debian(names):
    missing = [n for n in names if not os.path.isdir(os.path.join(SOURCES, n))]
    if not missing:
        return
    print('fetching the sources of', ', '.join(missing), flush=True)
    source_lists()
    call(apt_get('update'), CACHE)
    for name in missing:
        work = os.path.join(CACHE, 'download', name)
        os.makedirs(work, exist_ok=True)
        call(apt_get('source', '--download-only', name), work)
        archives = glob.glob(os.path.join(work, '*.orig.tar.*'))
        if len(archives) != 1:
            fail(f'{name}: {len(archives)} upstream archives')
        unpack(archives[0], os.path.join(SOURCES, name))


def npm(names):
    for name in names:
        folder = os.path.join(SOURCES, name.lstrip('@').replace('/', '-'))
        if os.path.isdir(folder):
            continue
        print('fetching', name, flush=True)
        if not shutil.which('npm'):             # not in tools/packages.txt: it may have come with another nodejs than Debian's
            call(['apt-get', '-q', 'install', '-y', '--no-install-recommends', 'npm'], CACHE)
        work = os.path.join(CACHE, 'download')
        os.makedirs(work, exist_ok=True)
        archive = call(['npm', 'pack', '--silent', name], work).split()[-1]
        unpack(os.path.join(work, archive), folder)


def main():
    os.makedirs(SOURCES, exist_ok=True)
    debian(DEBIAN)
    npm(NPM)


if __name__ == '__main__':
    main()
