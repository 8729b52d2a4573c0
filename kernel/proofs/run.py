#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""run.py [-l] [-v] [-j N] [-t N] [--suite] [--selftest] [--table] [NAME...]: proves the kernel's functions with CBMC.

Each function proof_X of the .c files of this folder is one proof; the comment above it says what it shows (see README.md).  A proof holds
if every check holds and every place marked REACH can be reached, so that it does not hold for want of cases.
  -l          lists the proofs
  -v          shows what fails in full
  -j N        N at a time (default: one a CPU, 2 at most)
  -t N        at most N seconds for each
  --suite     without those marked `long: yes'
  --selftest  runs each proof on the mutants of the kernel that its comment names; a mutant that is not caught is a failure
  --table     prints README.md's table; with `--write' puts these rows into README.md, with the seconds of this run
Without names: all.  Closes with `N passed, N failed'.
"""
import concurrent.futures
import glob
import json
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
BUILD = os.path.join(ROOT, 'build', 'proofs')
sys.path.insert(0, HERE)
import cbmc  # noqa: E402

MEMORY = 4 << 30
LIMIT = 1500  # seconds for one proof (-t), on a machine that does other things too
CHECKS = ['--bounds-check', '--pointer-check', '--signed-overflow-check', '--undefined-shift-check', '--div-by-zero-check',
          '--pointer-primitive-check', '--unwinding-assertions', '--no-standard-checks', '--drop-unused-functions', '--object-bits', '24']
COMMENT = re.compile(r'/\*((?:[^*]|\*(?!/))*)\*/\s*void proof_(\w+)\(void\)')
FIELD = re.compile(r'^\s*\*\s*(of|shows|bounds|unwind|options|long|mutant)\b ?([^:]*): ?(.*)$')


class Proof:
    def __init__(self, path, comment, name):
        self.path, self.name, self.fields, self.mutants = path, name, {}, []
        key = None
        for line in comment.split('\n'):
            field = FIELD.match(line)
            if field and field[1] == 'mutant':
                old, new = (field[3] + ' ').replace('\\n', '\n').split(' => ')
                self.mutants.append((field[2].strip(), old, new.strip()))
                key = None
            elif field:
                key = field[1]
                self.fields[key] = field[3].strip()
            elif key:
                self.fields[key] += ' ' + line.strip(' *')
        self.seconds = 0

    @property
    def isLong(self):
        return self.fields.get('long', '').strip() == 'yes'


def proofs():
    for path in sorted(glob.glob(os.path.join(HERE, '*.c'))):
        for comment, name in COMMENT.findall(open(path).read()):
            yield Proof(path, comment, name)


def limits():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    os.nice(10)


def call(command, seconds=LIMIT):
    """(status, output, CPU seconds); status 124 if it took longer than `seconds'."""
    with tempfile.TemporaryFile() as output:
        child = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, preexec_fn=limits)
        timer = threading.Timer(seconds, child.kill)
        timer.start()
        _, status, usage = os.wait4(child.pid, 0)
        timer.cancel()
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors='replace')
    if child.returncode == -9:
        return 124, f'not finished after {seconds} seconds', usage.ru_utime + usage.ru_stime
    return child.returncode, text, usage.ru_utime + usage.ru_stime


def preprocess(proof, output, mutated=None):
    """The proof with the kernel's sources as one file; `mutated' is a folder whose files come before the tree's."""
    command = ['clang-19', '-E', '-std=gnu11', '-ffreestanding', '--target=x86_64-unknown-none-elf', '-Ikernel/proofs/model', '-I.']
    if mutated:
        command.insert(5, f'-I{mutated}')
    return call(command + [proof.path, '-o', output])


def verdict(output):
    """None if the proof holds, else why not."""
    try:
        messages = json.loads(output)
    except ValueError:
        return 'CBMC: ' + (output.strip().split('\n') or ['no output'])[-1]
    results = [r for m in messages if 'result' in m for r in m['result']]
    bare = [m['messageText'] for m in messages if 'no body for' in m.get('messageText', '') and 'nondet_' not in m['messageText']]
    if bare:
        return bare[0]
    if not results:
        errors = [m['messageText'] for m in messages if m.get('messageType') == 'ERROR']
        return 'CBMC: ' + (errors or ['no results'])[0]
    reach = [r for r in results if r['description'].startswith('reach ')]
    wrong = [f"{r.get('sourceLocation', {}).get('file', '?')}:{r.get('sourceLocation', {}).get('line', '?')}: {r['description']}"
             for r in results if r not in reach and r['status'] != 'SUCCESS']
    wrong += [f"never happens: {r['description'][6:]}" for r in reach if r['status'] != 'FAILURE']
    if not reach:
        wrong.append('nothing is marked REACH')
    return '\n    '.join(wrong) if wrong else None


def check(proof, tool, limit, mutated=None):
    """(None if it holds else the reason, CPU seconds)."""
    os.makedirs(BUILD, exist_ok=True)
    source = os.path.join(BUILD, proof.name + (os.path.basename(mutated) if mutated else '') + '.i')
    status, output, _ = preprocess(proof, source, mutated)
    if status:
        return 'does not compile: ' + output.strip().split('\n')[0], 0
    command = tool + CHECKS + ['--json-ui', '--function', 'proof_' + proof.name, '--unwind', proof.fields.get('unwind', '1').strip(), source]
    command += proof.fields.get('options', '').split()
    status, output, seconds = call(command, limit)
    return verdict(output) if status != 124 else output, seconds


def mutate(proof, number):
    """A folder with the mutated file, or None if the text to replace is not in it exactly once."""
    name, old, new = proof.mutants[number]
    folder = os.path.join(BUILD, f'{proof.name}.mutant{number}')
    text = open(os.path.join(ROOT, 'kernel', name)).read()
    if text.count(old) != 1:
        return None
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(os.path.dirname(os.path.join(folder, 'kernel', name)))
    with open(os.path.join(folder, 'kernel', name), 'w') as f:
        f.write(text.replace(old, new))
    return folder


def checkMutant(proof, number, tool, limit):
    folder = mutate(proof, number)
    name, old, _ = proof.mutants[number]
    if folder is None:
        return f'{name} does not contain exactly once: {old}', 0
    reason, seconds = check(proof, tool, limit, folder)
    if reason is None:
        return f'not caught: {name}: {old}', seconds
    if reason.startswith(('CBMC', 'does not compile', 'not finished', 'never happens')):
        return f'{name}: {old}: {reason}', seconds
    return None, seconds


def runAll(jobs, workers, verbose):
    """jobs: (label, function, proof).  Prints a line each; the number that failed."""
    failed = 0
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        running = {pool.submit(function): (label, proof) for label, function, proof in jobs}
        for done in concurrent.futures.as_completed(running):
            label, proof = running[done]
            reason, seconds = done.result()
            proof.seconds = max(proof.seconds, seconds)
            if reason:
                failed += 1
                shown = reason if verbose else '\n'.join(reason.split('\n')[:8])
                print(f'FAILED {label} ({seconds:.0f} s)\n    {shown}', flush=True)
            else:
                print(f'ok     {label} ({seconds:.1f} s)', flush=True)
    return failed


def row(p):
    cells = [f"`{p.name}`: {p.fields.get('of', '?')}", p.fields.get('shows', '?'), p.fields.get('bounds', 'none'),
             f'{p.seconds:.0f}' + (' (long)' if p.isLong else ''), str(len(p.mutants))]
    return '| ' + ' | '.join(c.replace('|', '\\|') for c in cells) + ' |'


def table(chosen, known):
    """A row for each proof chosen, in the order of all; `known' are rows for others, by name."""
    names = {p.name for p in chosen}
    rows = [row(next(c for c in chosen if c.name == p.name)) if p.name in names else known.get(p.name) for p in proofs()]
    return '\n'.join(['| functions | shown | bounds and assumptions | s | mutants |', '| --- | --- | --- | ---: | ---: |'] +
                     [r for r in rows if r])


def writeTable(chosen):
    """Puts the rows of the proofs chosen into README.md; others keep theirs."""
    path = os.path.join(HERE, 'README.md')
    head, rest = open(path).read().split('<!-- table -->\n', 1)
    old, tail = rest.split('<!-- end of table -->\n', 1)
    known = {r.split('`')[1]: r for r in old.split('\n') if r.startswith('| `')}
    with open(path, 'w') as f:
        f.write(f'{head}<!-- table -->\n{table(chosen, known)}\n<!-- end of table -->\n{tail}')


def main():
    arguments = sys.argv[1:]
    numbers = {'-j': min(2, os.cpu_count() or 1), '-t': LIMIT}
    for option in numbers:
        if option in arguments:
            at = arguments.index(option)
            numbers[option] = int(arguments[at + 1])
            del arguments[at:at + 2]
    workers, limit = numbers['-j'], numbers['-t']
    options = [a for a in arguments if a.startswith('-')]
    names = [a for a in arguments if not a.startswith('-')]
    if '-h' in options or '--help' in options:
        print(__doc__)
        return
    chosen = [p for p in proofs() if (not names or any(p.name.startswith(n) or os.path.basename(p.path).startswith(n) for n in names)) and
              not ('--suite' in options and p.isLong)]
    if '-l' in options:
        print('\n'.join(f"{os.path.basename(p.path):20} {p.name:28} {p.fields.get('of', '')}" for p in chosen))
        return
    if not chosen:
        sys.exit(f'run.py: no proof is called {" or ".join(names)}; -l lists them')
    try:
        tool = cbmc.command()
    except cbmc.Unavailable as e:
        print(f'CBMC is not to be had: {e}\n0 passed, 1 failed')
        sys.exit(1)
    if '--selftest' in options:
        jobs = [(f'{p.name} mutant {i}', lambda p=p, i=i: checkMutant(p, i, tool, limit), p) for p in chosen for i in range(len(p.mutants))]
    else:
        jobs = [(p.name, lambda p=p: check(p, tool, limit), p) for p in chosen]
    failed = runAll(jobs, workers, '-v' in options)
    if '--table' in options:
        writeTable(chosen) if '--write' in options else print(table(chosen, {}))
    print(f'{len(jobs) - failed} passed, {failed} failed')
    sys.exit(1 if failed else 0)


if __name__ == '__main__':
    main()
