#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [-l] [-v] [--wine] [--keep] [GROUP|GROUP/STEP...]: Windows programs on Nereid, compared byte by byte with the same programs on Wine.

Fetches and builds what is missing (build/win32-tests keeps it), runs each group of steps in one boot, and compares each step's exit
status, output and files.  Wine's reports are kept, under a name made from everything that goes in.  --wine makes them and no more;
--keep leaves both reports in build/win32-tests/reports; -v shows the times; -l lists what there is to run.
"""
import hashlib
import itertools
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path[:0] = [os.path.join(ROOT, 'tests'), HERE]
import gotests
import inputs
import steps
from building import make
from report import Report

CACHE = os.path.join(ROOT, 'build/win32-tests')
BIN, IN, REPORTS = (os.path.join(CACHE, n) for n in ('bin', 'in', 'reports'))
PREFIX = os.path.join(ROOT, 'build/wine')
WINE = next((w for w in ('/usr/lib/wine/wine64', '/usr/bin/wine64') if os.path.exists(w)), 'wine64')
LIMIT = 1200
PATIENCE = 4        # so many times of what a step may take on Wine it may take on Nereid, which an emulator runs


def prepare():
    subprocess.run([os.path.join(HERE, 'fetch.py')], check=True)
    make('-j2', '-f', 'tests/win32/build.mk', check=True)
    stamp = os.path.join(IN, 'stamp')
    version = hashlib.sha256(open(inputs.__file__, 'rb').read()).hexdigest()
    if not os.path.exists(stamp) or open(stamp).read() != version:
        shutil.rmtree(IN, ignore_errors=True)
        inputs.make(IN)
        open(stamp, 'w').write(version)


def materials(group):
    """The host's files and folders that the group finds in C:\\host."""
    names = [n if n.endswith('.dll') else n + '.exe' for n in ('batch', *group.programs)]
    return [os.path.join(BIN, n) for n in names] + [os.path.join(IN, n) for n in group.inputs]


def step_list(group, patience=1):
    return ''.join('\t'.join((s.name, str(s.seconds * patience), s.input, s.command, ' '.join(s.files))) + '\n' for s in group.steps)


def digest(group):
    """A name for everything that the report depends on."""
    h = hashlib.sha256(step_list(group).encode())
    for path in materials(group):
        for folder, folders, files in [(os.path.dirname(path), [], [os.path.basename(path)])] if os.path.isfile(path) else os.walk(path):
            folders.sort()
            for name in sorted(files):
                h.update(open(os.path.join(folder, name), 'rb').read())
    return h.hexdigest()[:16]


def on_wine(group):
    """Wine's report for the group, from the last time if nothing has changed."""
    kept = os.path.join(REPORTS, f'{group.name}.{digest(group)}.wine')
    if os.path.exists(kept):
        return open(kept, 'rb').read()
    folder = os.path.join(PREFIX, 'drive_c/host')
    environment = dict(os.environ, WINEDEBUG='-all', WINEPREFIX=PREFIX, TZ='UTC', LC_ALL='C.UTF-8')
    environment.pop('DISPLAY', None)
    os.makedirs(PREFIX, exist_ok=True)
    if not os.path.isdir(os.path.dirname(folder)):
        subprocess.run([WINE, 'wineboot.exe'], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    for path in materials(group):
        (shutil.copytree if os.path.isdir(path) else shutil.copy)(path, os.path.join(folder, os.path.basename(path)))
    shutil.copy(os.path.join(ROOT, 'build/release/bcryptprimitives.dll'), os.path.join(PREFIX, 'drive_c/windows/system32'))      # Wine 8 has none
    open(os.path.join(folder, 'list.txt'), 'w').write(step_list(group))
    for _ in range(3):      # a step that hangs on Wine is no reference: again
        done = subprocess.run([WINE, 'C:\\host\\batch.exe', 'list.txt'], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
                              capture_output=True, timeout=LIMIT)
        if not re.search(rb'^@step \S+ 0000dead ', done.stdout, re.M):
            break
    shutil.rmtree(folder, ignore_errors=True)
    if not done.stdout.replace(b'\r', b'').endswith(b'@end\n'):
        sys.exit(f'run.py: Wine did not come to the end of {group.name}:\n' + done.stdout.decode(errors='replace')[-1000:])
    for old in os.listdir(REPORTS):
        if old.startswith(group.name + '.'):
            os.remove(os.path.join(REPORTS, old))
    open(kept, 'wb').write(done.stdout)
    return done.stdout


def on_nereid(group):
    """(report, what the machine said beside it)."""
    with tempfile.TemporaryDirectory() as directory:
        listing = os.path.join(directory, 'list.txt')
        open(listing, 'w').write(step_list(group, PATIENCE))
        program, *rest = materials(group)
        options = [word for path in (listing, *rest) for word in ('--with', path)]
        done = subprocess.run([os.path.join(ROOT, 'run.sh'), '-m', str(group.memory), '--timeout', str(LIMIT), '--log', os.path.join(directory, 'log'),
                               *options, '--', program, 'list.txt'], stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT + 60)
        log = os.path.join(directory, 'log')
        said = done.stderr.decode(errors='replace') + (open(log, errors='replace').read() if os.path.exists(log) else '')
        return done.stdout, said


def read_report(data):
    """{step: (status, milliseconds, output, [file lines], lengths)}; stops at the first thing that is no report."""
    found, at = {}, 0
    header = re.compile(rb'@step (\S+) ([0-9a-f]{8}) (\d+) (\d+ (\d+))\r?\n')
    while (match := header.search(data, at)) is not None:
        end = match.end() + int(match[5])
        files = re.compile(rb'\r?\n((?:@file [^\n]*\n)*)').match(data, end)
        lines = files[1].decode(errors='replace').replace('\r', '').splitlines() if files else []
        found[match[1].decode()] = (match[2].decode(), int(match[3]), data[match.end():end], lines, match[4])
        at = files.end() if files else end
    return found


def first_difference(expected, got):
    a, b = (x.decode(errors='replace').splitlines() for x in (expected, got))
    for n, (x, y) in enumerate(zip(a, b), 1):
        if x != y:
            return f'output line {n}: {x!r} on Wine, {y!r} here'
    if len(a) == len(b):
        return 'outputs differ in line ends'
    longer = (a if len(a) > len(b) else b)[min(len(a), len(b))]
    return f'output of {len(a)} lines on Wine, {len(b)} here; the next is {longer!r}'


def differences(expected, got):
    """The lines that are not the same, (Wine's, ours) each; a missing line is None."""
    a, b = (x.decode(errors='replace').splitlines() for x in (expected, got))
    return [pair for pair in itertools.zip_longest(a, b) if pair[0] != pair[1]]


def compare(report, group, expected, got, verbose):
    for step in group.steps:
        what = f'{group.name}/{step.name}'
        want, have = expected[step.name], got.get(step.name)
        if not report.check(f'{what}: it ran', have is not None):
            continue
        report.check(f'{what}: exit status', want[0] == have[0], f'{want[0]} on Wine, {have[0]} here')
        if what in steps.KNOWN:
            reason, lines = steps.KNOWN[what]
            found = differences(want[2], have[2])
            report.check(f'{what}: output differs as known ({reason})', found == lines, f'the differences, on Wine and here: {found}')
        else:
            report.check(f'{what}: output', want[2] == have[2] and want[4] == have[4], first_difference(want[2], have[2]))
        for a, b in zip(want[3], have[3]):
            report.check(f'{what}: files', a == b, f'{a} on Wine, {b} here')
        report.check(f'{what}: number of files', len(want[3]) == len(have[3]))
        if verbose:
            print(f'    {what}: {have[1]} ms ({want[1]} on Wine)')


def chosen(names):
    """The groups, or parts of them, that the names select: GROUP or GROUP/STEP."""
    for group in steps.GROUPS:
        picked = [s for s in group.steps if not names or group.name in names or f'{group.name}/{s.name}' in names]
        if picked:
            yield group._replace(steps=picked)


def alone(report, what, memory, files, command, expected):
    """A run without a reference: its exit status, and all that it may print."""
    start = time.monotonic()
    options = [word for path in files for word in ('--with', path)]
    done = subprocess.run([os.path.join(ROOT, 'run.sh'), '-m', memory, '--timeout', str(LIMIT), *options, '--', *command],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT + 60)
    output = done.stdout.decode(errors='replace').replace('\r', '')
    report.check(what, (done.returncode, output) == expected, f'status {done.returncode}, {output!r}, {done.stderr.decode(errors="replace")[-300:]!r}')
    print(f'{what}: {time.monotonic() - start:.0f} s', flush=True)


def strain(report):
    """Many starts, and a thousand damaged files: what is left afterwards, and does the system go on?"""
    for arguments, said in steps.STRAIN.items():
        alone(report, f'strain/{arguments}', '512', [os.path.join(BIN, file) for file in steps.STRAIN_FILES],
              [os.path.join(BIN, 'strain.exe'), *arguments.split()], (0, said))


def control(report):
    """Control events, of which Wine knows those of Unix."""
    alone(report, 'control', '256', [], [os.path.join(BIN, 'control.exe')], steps.CONTROL)


def links(report):
    """Junctions and symbolic links, which Wine's functions follow where Windows' do not."""
    alone(report, 'links', '256', [], [os.path.join(BIN, 'links.exe')], (0, '0 wrong\n'))


def node(report):
    """Code made at run time with unwind data of its own, worker threads, and memory in placeholders."""
    alone(report, 'node', '1024', [os.path.join(HERE, 'programs/node.js')], [os.path.join(BIN, 'node.exe'), 'node.js'], steps.NODE)


def postgres(report):
    """A database server, whose many processes refuse to run with an administrator's rights and share memory."""
    programs = [os.path.join(HERE, 'programs', name) for name in ('postgres.bat', 'postgres.sql')]
    server = os.path.join(CACHE, 'src/embedded-postgres-windows-x64/native')
    alone(report, 'postgres', '1024', [server, *programs], [os.path.join(BIN, 'limited.exe'), 'cmd.exe', '/c', 'postgres.bat'], steps.POSTGRES)


ALONE = {'strain': strain, 'control': control, 'links': links, 'node': node, 'postgres': postgres, 'go': gotests.run}


def arguments():
    """The options and the names of the command line; ends where one is wrong, or with a list where one is asked for."""
    options = [a for a in sys.argv[1:] if a.startswith('-')]
    names = [a for a in sys.argv[1:] if not a.startswith('-')]
    known = [n for g in steps.GROUPS for n in (g.name, *(f'{g.name}/{s.name}' for s in g.steps))] + list(ALONE)
    if '-h' in options or '--help' in options:
        sys.exit(print(__doc__))
    if '-l' in options:
        sys.exit(print('\n'.join(known)))
    wrong = [a for a in options if a not in ('-v', '--wine', '--keep')] + [n for n in names if n not in known]
    if wrong:
        sys.exit(f"run.py: there is no {wrong[0]}; -l lists what there is to run, --help the options")
    return options, names


def main():
    options, names = arguments()
    os.makedirs(REPORTS, exist_ok=True)
    prepare()
    report = Report()
    for group in chosen(names):
        start = time.monotonic()
        expected = on_wine(group)
        if '--wine' in options:
            print(f'{group.name}: {time.monotonic() - start:.0f} s on Wine')
            continue
        start = time.monotonic()
        output, said = on_nereid(group)
        if '--keep' in options:
            for kind, data in (('nereid', output), ('log', said.encode())):
                open(os.path.join(REPORTS, f'{group.name}.last.{kind}'), 'wb').write(data)
        compare(report, group, read_report(expected), read_report(output), '-v' in options)
        if not report.check(f'{group.name}: the machine came to the end', output.replace(b'\r', b'').endswith(b'@end\n')):
            print('    ' + '\n    '.join(said.splitlines()[-15:]))
        print(f'{group.name}: {time.monotonic() - start:.0f} s', flush=True)
    for name, run in ALONE.items() if '--wine' not in options else ():
        if not names or name in names:
            run(report)
    report.close()


if __name__ == '__main__':
    main()
