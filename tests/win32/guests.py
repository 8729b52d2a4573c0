# SPDX-License-Identifier: BSD-2-Clause
"""The two Linux machines that ./bench.sh win32 compares with: Debian's cloud kernel with an initramfs, so that files are in memory.

One has linux/init.c and the Linux builds; the other has linux/wine.c, the Wine that is installed here and the Windows programs.  Wine's DLLs
are the very files that Nereid's volume has (build/win32/files), and beside them what only Wine needs: its Unix side with the
libraries that ldd names, its own ntdll, win32u and ws2_32, and the two programs that it starts by itself.
"""
import glob
import os
import re
import shutil
import subprocess

import fetch
import run as suite

ROOT = suite.ROOT
LINUX = os.path.join(suite.CACHE, 'linux')
WINE, WINE_LIBRARIES, WINE_SHARED = '/usr/lib/wine', '/usr/lib/x86_64-linux-gnu/wine', '/usr/share/wine'
WINE_OWN = ('ntdll.dll', 'win32u.dll', 'ws2_32.dll', 'wineboot.exe', 'services.exe', 'setupapi.dll')
FOLDER, PROGRAM, DATA, LINK = 0o040755, 0o100755, 0o100644, 0o120777


def kernel():
    """Debian's kernel for virtual machines, taken from its package once."""
    kept = os.path.join(suite.CACHE, 'vmlinuz')
    if not os.path.exists(kept):
        work = os.path.join(suite.CACHE, 'download', 'linux')
        shutil.rmtree(work, ignore_errors=True)
        os.makedirs(work)
        depends = fetch.call(['apt-cache', 'depends', '--important', 'linux-image-cloud-amd64'], work)
        fetch.fetch(['apt-get', '-q', 'download', re.search(r'linux-image-\d\S*', depends)[0]], work, "Debian's kernel for virtual machines")
        fetch.call(['dpkg-deb', '-x', glob.glob(os.path.join(work, '*.deb'))[0], os.path.join(work, 'x')], work)
        shutil.copy(glob.glob(os.path.join(work, 'x/boot/vmlinuz-*'))[0], kept)
        shutil.rmtree(work)
    return kept


def read(path):
    with open(path, 'rb') as f:
        return f.read()


def cpio(entries):
    """A `newc' archive of {path: (mode, bytes)}, with the folders above each path (initramfs: buffer format)."""
    folders = {path[:i]: (FOLDER, b'') for path in entries for i in range(len(path)) if path[i] == '/'}
    out = bytearray()
    for path, (mode, data) in [*sorted(folders.items()), *entries.items(), ('TRAILER!!!', (0, b''))]:
        name = path.encode() + b'\0'
        fields = (len(out) + 1, mode, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), 0)
        out += b'070701' + b''.join(b'%08x' % f for f in fields) + name
        out += b'\0' * (-len(out) % 4) + data
        out += b'\0' * (-len(out) % 4)
    return bytes(out)


def put(entries, where, paths):
    """Adds files and whole folders of this machine below the folder `where'."""
    for path in paths:
        if os.path.isfile(path):
            entries[f'{where}/{os.path.basename(path)}'] = PROGRAM, read(path)
            continue
        for top, _, files in os.walk(path):
            for name in files:
                inside = os.path.relpath(os.path.join(top, name), os.path.dirname(path))
                entries[f'{where}/{inside}'] = DATA, read(os.path.join(top, name))


def libraries(paths):
    """The shared libraries of some programs, and the loader."""
    said = subprocess.run(['ldd', *paths], capture_output=True, check=True).stdout.decode()
    return sorted(set(re.findall(r'(/\S+) \(0x', said)))


def linux_machine(files, texts):
    """The initramfs for the Linux builds: files of this machine and {name: text} in /host."""
    entries = {'init': (PROGRAM, read(os.path.join(LINUX, 'init'))), 'dev': (FOLDER, b'')}
    put(entries, 'host', files)
    entries.update((f'host/{name}', (DATA, text.encode())) for name, text in texts.items())
    return cpio(entries)


def wine_machine(files, texts):
    """The initramfs for the Windows programs on Wine: files of this machine and {name: text} in C:\\host."""
    unix, windows = (f'{WINE_LIBRARIES}/x86_64-{kind}' for kind in ('unix', 'windows'))
    system32, host = 'wine/drive_c/windows/system32', 'wine/drive_c/host'
    entries = {'init': (PROGRAM, read(os.path.join(LINUX, 'wine'))), 'wine/dosdevices/c:': (LINK, b'../drive_c'),
               'wine/.update-timestamp': (DATA, b'disable\n'),
               **{name: (FOLDER, b'') for name in ('dev', 'proc', 'tmp', 'wine/drive_c/windows/temp')}}
    dlls = [p for p in glob.glob(os.path.join(ROOT, 'build/win32/files/*')) if p.endswith(('.dll', '.exe')) and os.path.basename(p) not in WINE_OWN]
    dlls += [os.path.join(windows, name) for name in WINE_OWN]
    entries.update((f'{system32}/{os.path.basename(p)}', (LINK, f'{windows}/{os.path.basename(p)}'.encode())) for p in dlls)
    put(entries, windows[1:], dlls)
    put(entries, system32, [os.path.join(ROOT, 'build/release/bcryptprimitives.dll')])      # Wine 8 has none
    binaries = [f'{unix}/{name}.so' for name in ('ntdll', 'win32u', 'bcrypt', 'ws2_32')] + [f'{WINE}/wine64', f'{WINE}/wineserver64']
    for path in [*binaries, *libraries(binaries)]:
        entries[path[1:]] = PROGRAM, read(path)
    entries[f'{WINE}/wineserver'[1:]] = LINK, b'wineserver64'
    put(entries, WINE_SHARED[1:], [f'{WINE_SHARED}/nls', f'{WINE_SHARED}/wine.inf'])
    put(entries, host, files)
    entries.update((f'{host}/{name}', (DATA, text.encode())) for name, text in texts.items())
    return cpio(entries)


def run(archive, memory, directory, options):
    """Boots the kernel with the archive; what it printed until it ended.  No SMAP: with it QEMU 7.2 fails IRET in user mode, which Wine uses."""
    image = os.path.join(directory, 'initramfs')
    with open(image, 'wb') as f:
        f.write(archive)
    done = subprocess.run(['timeout', '1500', 'qemu-system-x86_64', '-machine', 'pc', '-cpu', 'max,-erms,-smap', '-m', memory, '-nodefaults', '-no-reboot',
                           '-display', 'none', '-serial', 'stdio', '-kernel', kernel(), '-initrd', image, '-append',
                           'console=ttyS0 quiet mitigations=off', *options],
                          cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True)
    os.remove(image)
    return done.stdout.decode(errors='replace')
