# SPDX-License-Identifier: BSD-2-Clause
"""Go's own tests of its runtime and of the packages nearest to the system, built for Windows from Debian's sources of Go.

Each package's test program runs in a boot of its own, in a folder with the package's sources, as `go test' starts it.  What it
must say is known without Wine: Go's tests pass on Windows.  So all tests pass but those of FAILING, each with the reason.
"""
import functools
import os
import re
import subprocess
import time

from building import make

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT = 600
GO_TOOL = 'GO_GCFLAGS=-N'       # Go's tests that call the go command leave themselves out when this is set

# The packages, and the least number of tests that pass: a program that leaves out all tests has not passed.
PACKAGES = {
    'context': 25, 'internal/poll': 12, 'internal/syscall/windows/registry': 4, 'io': 67, 'os': 129, 'os/exec': 27,
    'path/filepath': 37, 'runtime': 250, 'runtime/debug': 8, 'runtime/pprof': 33, 'sync': 33, 'sync/atomic': 71,
    'syscall': 7, 'time': 157,
}

NO_SOURCES = "wants a file of the Go installation"
FAILING = {
    'internal/syscall/windows/registry': {
        'TestReadSubKeyNames': 'no type libraries are registered',
        'TestGetMUIStringValue': 'the names of the zone are not in a DLL of resources',
    },
    'os': {
        'TestNetworkSymbolicLink': 'there is no network', 'TestWindowsReadlink': 'there is no mountvol',
        'TestStatStdin': "libwine's cmd.exe joins programs with files, not with pipes",
    },
    'path/filepath': {
        'TestGlob': 'wants to lie in a folder called filepath',
        'TestBug3486': NO_SOURCES, 'TestWinSplitListTestsAreValid': "libwine's cmd.exe does not take a path with quotes apart",
    },
    'runtime': {
        'TestAtomicAlignment': NO_SOURCES,
        'Test64BitReturnStdCall': "libwine's kernelbase and Wine's ntdll refuse a condition of 0",
        'TestEnumWindows': 'there are no windows', 'TestRegisterClass': 'there are no windows',
    },
    'time': {
        'TestLoadLocationFromTZData': NO_SOURCES,
        'TestToEnglishName': 'UTC is the only zone in the registry',
    },
}


@functools.cache
def go_root():
    return subprocess.run(['go', 'env', 'GOROOT'], stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def sources(package):
    folder = os.path.join(go_root(), 'src', package)
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder))]


def run_package(report, package):
    start = time.monotonic()
    program = f"build/win32-tests/bin/go/{package.replace('/', '_')}.exe"
    make('-f', 'tests/win32/build.mk', program, check=True)
    files = [word for path in sources(package) for word in ('--with', path)]
    done = subprocess.run([os.path.join(ROOT, 'run.sh'), '-m', '1024', '--timeout', str(LIMIT), '--env', GO_TOOL, *files, '--',
                           os.path.join(ROOT, program), '-test.short', '-test.v'],
                          stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT + 60)
    output = done.stdout.decode(errors='replace').replace('\r', '')
    results = {name: result for result, name in re.findall(r'^--- (PASS|FAIL|SKIP): (\S+)', output, re.M)}
    known = FAILING.get(package, {})
    for name, result in results.items():
        if result != 'SKIP':
            report.check(f'go/{package}: {name}', result == ('FAIL' if name in known else 'PASS'),
                         'is in FAILING, and passes' if result == 'PASS' else explain(output, name))
    passed = sum(result == 'PASS' for result in results.values())
    ended = output.endswith('\nFAIL\n' if known else '\nPASS\n')
    report.check(f'go/{package}: all is run', ended and passed >= PACKAGES[package],
                 f'{passed} tests passed, status {done.returncode}, {output[-1500:]!r}, {done.stderr.decode(errors="replace")[-300:]!r}')
    print(f'go/{package}: {passed} tests pass, {time.monotonic() - start:.0f} s', flush=True)


def explain(output, name):
    """What the test said, or the end of it."""
    said = output[output.rfind(f'=== RUN   {name}\n'):]
    return said[:said.find(f'--- FAIL: {name}')][-1500:]


def run(report):
    for package in PACKAGES:
        run_package(report, package)
