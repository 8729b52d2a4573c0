#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Builds the native test programs and runs them on Wine and on Nereid.

Where a program runs is said in its source's head comment: `Runs on: Nereid and Wine', `Runs on: Nereid' (others are not tests), `Runs on:
Nereid, debug' (the system's debug build).
`By name only' keeps a program out of a run of all.  `With: FILE...' there names files of the build folder that the program finds in C:\\host.
Lines `digest NAME VALUE' of a program must be the same on both systems.
"""
import argparse
import glob
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tests'))
from building import make  # noqa: E402
BUILD = os.path.join(ROOT, 'build/release')
WINE = next((w for w in ('/usr/lib/wine/wine64', '/usr/bin/wine64') if os.path.exists(w)), 'wine64')
CLOSING = re.compile(r'^(\d+) passed, (\d+) failed\b', re.M)
DIGEST = re.compile(r'^digest (\S+) (\S+)$', re.M)
LIMIT = 900         # seconds; several times of what the longest program takes


def programs(names):
    """(name, systems, configuration of Nereid, files it needs) of each test."""
    for source in sorted(glob.glob(os.path.join(ROOT, 'tests/native/*.c'))):
        name = os.path.basename(source)[:-2]
        text = open(source).read()
        match = re.search(r'Runs on: (Nereid and Wine|Nereid)(, debug)?\.', text)
        by_name = 'By name only' in text.split('*/')[0]
        needs = re.search(r'With: ([^\n]*)\.\n', text)
        if match and (name in names or not names and not by_name):
            yield (name, ['wine', 'nereid'] if 'Wine' in match[1] else ['nereid'], 'debug' if match[2] else 'release',
                   needs[1].split() if needs else [])


def command(system, config, program, files):
    if system == 'wine':
        return [WINE, program], dict(os.environ, WINEDEBUG='-all', WINEPREFIX=os.path.join(ROOT, 'build/wine'))
    options = [word for file in files for word in ('--with', os.path.join(BUILD, file))]
    return [os.path.join(ROOT, 'run.sh'), config, '--timeout', str(LIMIT), *options, '--', program], None


def run(system, config, program, files):
    """(passed, failed, output) of one program."""
    line, environment = command(system, config, program, files)
    try:
        done = subprocess.run(line, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=LIMIT + 30)
    except subprocess.TimeoutExpired as e:
        return 0, 1, (e.stdout or b'').decode(errors='replace') + f'not finished after {LIMIT} seconds\n'
    except OSError as e:
        return 0, 1, f'{line[0]}: {e.strerror}\n'
    output = done.stdout.decode(errors='replace').replace('\r', '')
    counts = CLOSING.findall(output)
    if not counts:
        return 0, 1, output + f'no closing line; exit status {done.returncode}\n'
    passed, failed = map(int, counts[-1])
    return passed, failed or (1 if done.returncode else 0), output


def compare(name, outputs):
    """(same, different, lines) of the digests that a program printed on each of the systems."""
    digests = {system: dict(DIGEST.findall(output)) for system, output in outputs.items()}
    different = sorted(key for key in set().union(*digests.values()) if len({each.get(key) for each in digests.values()}) > 1)
    lines = ''.join(f'{key} answers differently: {name} -v {key} says more\n' for key in different)
    return max(map(len, digests.values())) - len(different), len(different), lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('-v', '--verbose', action='store_true', help='the output of programs that pass, too')
    parser.add_argument('--wine', action='store_const', dest='only', const='wine', help='on Wine only')
    parser.add_argument('--nereid', action='store_const', dest='only', const='nereid', help='on Nereid only')
    parser.add_argument('names', nargs='*', metavar='NAME', help='programs of tests/native; all if none is named')
    options = parser.parse_args()
    for name in options.names:
        if not list(programs([name])):
            parser.error(f'there is no test program {name}')
    built = make('-k', 'CONFIG=release', 'all', 'native-tests')
    os.makedirs(os.path.join(ROOT, 'build/wine'), exist_ok=True)
    total, failures = [0, 0], []
    if built.returncode:
        total[1] += 1
        print('FAILED: not everything builds: programs are missing, or are those of the last build', flush=True)

    def report(line, passed, failed, output):
        total[0] += passed
        total[1] += failed
        line = f'{line}: {passed} ok, {failed} failed'
        details = '\n'.join('    ' + text for text in output.splitlines()[-40:])
        print(line, flush=True)
        if failed:
            failures.append(f'{line}\n{details}')
        if failed or options.verbose:
            print(details, flush=True)

    for name, systems, config, files in programs(options.names):
        outputs = {}
        for system in systems:
            if options.only not in (None, system):
                continue
            passed, failed, output = run(system, config, os.path.join(BUILD, 'tests', name + '.exe'), files)
            report(f'{name} on {system}', passed, failed, output)
            outputs[system] = output
        if len(outputs) > 1 and any(map(DIGEST.search, outputs.values())):
            report(f'{name} on both', *compare(name, outputs))
    for failure in failures[:5]:
        print('again, what failed:', failure, flush=True)
    print(f'{total[0]} passed, {total[1]} failed')
    sys.exit(1 if total[1] else 0)


if __name__ == '__main__':
    main()
