# SPDX-License-Identifier: BSD-2-Clause
"""Has CBMC, which Debian 12 lacks: the package of the next release and the few libraries it needs, from the mirror that apt is set up
for, checked by apt with Debian's keys, unpacked into build/tools/cbmc and started through their own loader.  Nothing is installed.
"""
import fcntl
import glob
import os
import shutil
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
HOME = os.path.join(ROOT, 'build', 'tools', 'cbmc')
RELEASE = 'trixie'
PACKAGES = ['cbmc', 'minisat', 'libc6', 'libgcc-s1', 'libstdc++6']
KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'


class Unavailable(Exception):
    """Why CBMC cannot be had, in one line."""


def mirror():
    """The address of the Debian archive in apt's own sources."""
    try:
        own = dict(line.rstrip().split('=', 1) for line in open('/etc/os-release') if '=' in line).get('VERSION_CODENAME', 'bookworm')
        targets = subprocess.run(['apt-get', 'indextargets', '--format', '$(SITE) $(RELEASE) $(COMPONENT)', 'Created-By: Packages'],
                                 capture_output=True, text=True, timeout=60).stdout.split('\n')
    except (OSError, subprocess.SubprocessError) as e:
        raise Unavailable(f'apt cannot be asked for its mirror: {e}')
    sites = [t.split() for t in targets if len(t.split()) == 3]
    for site, release, component in sites:
        if component == 'main' and release.strip('"') in (own, 'stable', 'oldstable'):
            return site
    raise Unavailable("apt's sources name no Debian archive")


def aptOptions(state):
    for folder in ('lists/partial', 'archives/partial'):
        os.makedirs(os.path.join(state, folder), exist_ok=True)
    open(os.path.join(state, 'status'), 'w').close()
    signed = f'[arch=amd64 signed-by={KEYRING}] ' if os.path.exists(KEYRING) else '[arch=amd64] '
    with open(os.path.join(state, 'sources.list'), 'w') as f:
        f.write(f'deb {signed}{mirror()} {RELEASE} main\n')
    settings = {
        'Dir::Etc::SourceList': f'{state}/sources.list', 'Dir::Etc::SourceParts': '/dev/null', 'Dir::State': state,
        'Dir::State::Lists': f'{state}/lists', 'Dir::State::status': f'{state}/status', 'Dir::Cache': state,
        'Dir::Cache::archives': f'{state}/archives', 'Dir::Etc::Preferences': '/dev/null', 'Dir::Etc::PreferencesParts': '/dev/null',
        'Acquire::Languages': 'none', 'APT::Sandbox::User': 'root', 'Acquire::Retries': '3', 'APT::Update::Error-Mode': 'any',
        'APT::Architecture': 'amd64',
    }
    return [word for key, value in settings.items() for word in ('-o', f'{key}={value}')]


def step(command, folder, limit):
    try:
        done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              timeout=limit, env={**os.environ, 'LC_ALL': 'C'})
    except (OSError, subprocess.SubprocessError) as e:
        raise Unavailable(f'{command[0]}: {e}')
    if done.returncode:
        lines = done.stdout.decode(errors='replace').strip().split('\n')
        raise Unavailable(next((l for l in lines if l.startswith('E:')), lines[-1]))


def fetch(target):
    work = target + '.new'
    shutil.rmtree(work, ignore_errors=True)
    state = os.path.join(work, 'apt')
    options = aptOptions(state)
    step(['apt-get', *options, '-q', 'update'], work, 300)
    step(['apt-get', *options, '-q', 'download', *PACKAGES], os.path.join(state, 'archives'), 600)
    packages = glob.glob(os.path.join(state, 'archives', '*.deb'))
    if len(packages) != len(PACKAGES):
        raise Unavailable(f'{len(packages)} of {len(PACKAGES)} packages arrived')
    for package in packages:
        step(['dpkg-deb', '-x', package, work], work, 120)
    shutil.rmtree(state)
    shutil.rmtree(target, ignore_errors=True)
    os.rename(work, target)


def command(tool='cbmc'):
    """The words that start a tool of the CBMC package; fetches it at the first call."""
    os.makedirs(os.path.dirname(HOME), exist_ok=True)
    with open(HOME + '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(HOME, 'usr/bin', tool)):
            fetch(HOME)
    libraries = ':'.join(os.path.join(HOME, d) for d in ('usr/lib/x86_64-linux-gnu', 'usr/lib'))
    return [os.path.join(HOME, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'), '--library-path', libraries,
            os.path.join(HOME, 'usr/bin', tool)]
