# SPDX-License-Identifier: BSD-2-Clause
"""make, as tests call it: one at a time builds in a tree (build() of tools/sh/common.sh has the same lock)."""
import fcntl
import os
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def make(*words, root=ROOT, **options):
    """`make -s WORDS' in a tree; the options are those of subprocess.run()."""
    os.makedirs(os.path.join(root, 'build'), exist_ok=True)
    with open(os.path.join(root, 'build/lock'), 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return subprocess.run(['make', '-s', *words], cwd=root, **options)
