# SPDX-License-Identifier: BSD-2-Clause
"""What the Win32 tests run: groups of steps; a group is one boot.

A step is one command line in C:\\host; see programs/batch.c for what is compared: exit status, output, and the files it leaves.
"""
from collections import namedtuple

Step = namedtuple('Step', 'name command input files seconds', defaults=('', (), 60))
# programs: files of build/win32-tests/bin; inputs: files and folders of build/win32-tests/in.
Group = namedtuple('Group', 'name memory programs inputs steps')

SHARED = ('libstdc++-6.dll', 'libgcc_s_seh-1.dll', 'libwinpthread-1.dll')
ENDS = ('null', 'divide', 'ud2', 'raise', 'abort', 'exit', '_exit', 'thread', 'terminate')


def both(name, *words, **more):
    """The same program with msvcrt and with the universal C runtime."""
    return [Step(n, ' '.join((n + '.exe', *words)), **more) for n in (name, name + '-ucrt')]


C = Group('c', 256, ('hello', 'hello-ucrt', 'args', 'args-ucrt', 'files', 'files-ucrt', 'times', 'times-ucrt', 'locales', 'locales-ucrt',
                     'numbers', 'numbers-ucrt', 'signals', 'signals-ucrt', 'threads', 'threads-ucrt', 'modules', 'plugin.dll', 'registry', 'winsock', 'console', 'noconsole', *SHARED), (), [
    *both('hello'), *both('args', 'plain "two words" "" "quo\\"te" back\\slash\\ "end\\\\" *.none'),
    *both('files'), *both('times'), *both('locales'), *both('numbers'), *both('signals'), *both('threads'),
    Step('twenty', '*20 hello.exe'), Step('modules', 'modules.exe'), Step('registry', 'registry.exe'), Step('winsock', 'winsock.exe'), Step('console', 'console.exe'), Step('noconsole', 'noconsole.exe', seconds=120),
    *(Step('end-' + how.strip('_') + str(how.startswith('_')), 'signals.exe ' + how) for how in ENDS),
])

CXX = Group('c++', 256, ('exceptions', 'exceptions-shared', 'streams', 'streams-shared', 'stdthreads', 'stdthreads-shared', *SHARED),
            ('lines.txt',), [
    Step('exceptions', 'exceptions.exe'), Step('exceptions-shared', 'exceptions-shared.exe'),
    Step('streams', 'streams.exe', 'lines.txt'), Step('streams-shared', 'streams-shared.exe', 'lines.txt'),
    Step('stdthreads', 'stdthreads.exe', seconds=30), Step('stdthreads-shared', 'stdthreads-shared.exe', seconds=30),
])

SQLITE = Group('sqlite', 512, ('sqlite3',), ('work.sql',), [
    Step('version', 'sqlite3.exe --version'),
    Step('work', 'sqlite3.exe work.db', 'work.sql', ('work.db', 'copy.db'), 200),
    Step('copy', 'sqlite3.exe copy.db "PRAGMA integrity_check; SELECT count(*), sum(id) FROM item; SELECT * FROM sqlite_master"'),
    Step('error', 'sqlite3.exe work.db "SELECT nothing FROM nowhere"'),
])

PACKERS = Group('packers', 256, ('lua', 'minigzip', 'bzip2', 'xz'), ('work.lua', 'lines.txt', 'text.txt', 'mixed.bin'), [
    Step('lua', 'lua.exe work.lua', 'lines.txt'),
    Step('lua-e', 'lua.exe -e "print(1+1, ...)" - one', 'lines.txt'),
    Step('minigzip', 'minigzip.exe -9', 'text.txt', ('minigzip.out',)),
    Step('minigunzip', 'minigzip.exe -d', 'minigzip.out', ('minigunzip.out',)),
    Step('gz-file', 'minigzip.exe mixed.bin', '', ('mixed.bin.gz', 'mixed.bin')),
    Step('gunzip-file', 'minigzip.exe -d mixed.bin.gz', '', ('mixed.bin',)),
    Step('bzip2', 'bzip2.exe -k -v -9 text.txt', '', ('text.txt.bz2',)),
    Step('bunzip2', 'bzip2.exe -d -c text.txt.bz2', '', ('bunzip2.out',)),
    Step('bzip2-test', 'bzip2.exe -t -vv text.txt.bz2'),
    Step('bzip2-pipe', 'bzip2.exe -c', 'mixed.bin', ('bzip2-pipe.out',)),
    Step('bzip2-bad', 'bzip2.exe -t mixed.bin'),
    Step('xz', 'xz.exe -T4 -2 --block-size=128KiB -k text.txt', '', ('text.txt.xz',), 120),
    Step('xz-list', 'xz.exe --list --robot text.txt.xz'),
    Step('unxz', 'xz.exe -T4 -d -c text.txt.xz', '', ('unxz.out',)),
    Step('xz-pipe', 'xz.exe -T4 -1 --check=sha256', 'mixed.bin', ('xz-pipe.out',)),
    Step('unxz-pipe', 'xz.exe -d', 'xz-pipe.out', ('unxz-pipe.out',)),
    Step('xz-bad', 'xz.exe -t mixed.bin'),
])

OTHERS = Group('others', 512, ('dlls', '7za', 'lightningcss', 'elm-format'), ('text.txt', 'mixed.bin', 'style.css', 'Main.elm'), [
    Step('dlls', 'dlls.exe'),
    Step('7za', '7za.exe a -bb1 -mx1 -mmt1 -mtm=off -mtr=off pack.7z text.txt mixed.bin'),
    Step('7za-test', '7za.exe t pack.7z'),
    Step('7za-extract', '7za.exe e -ounpacked pack.7z', '', ('unpacked\\text.txt', 'unpacked\\mixed.bin')),
    Step('7za-hash', '7za.exe h -scrcSHA256 text.txt mixed.bin'),
    Step('7za-bad', '7za.exe t mixed.bin'),
    Step('css', 'lightningcss.exe --minify --targets "chrome 80" -o style.min.css style.css', '', ('style.min.css',)),
    Step('css-bad', 'lightningcss.exe --bundle none.css'),
    Step('elm', 'elm-format.exe --stdin', 'Main.elm'),
    Step('elm-file', 'elm-format.exe --output Formatted.elm Main.elm', '', ('Formatted.elm',)),
])

# Children of a program that starts itself again and again.
PROCESSES = Group('processes', 512, ('processes',), (), [Step('processes', 'processes.exe', seconds=200)])

BUNDLE = 'esbuild.exe project/src/index.ts --bundle --log-level=error'
ESBUILD = Group('esbuild', 1024, ('esbuild',), ('project',), [
    Step('version', 'esbuild.exe --version'),
    Step('bundle', BUNDLE + ' --outfile=bundle.js', '', ('bundle.js',), 120),
    Step('minify', BUNDLE + ' --minify --sourcemap --outfile=small.js', '', ('small.js', 'small.js.map'), 120),
    Step('error', 'esbuild.exe project/src/none.ts --bundle', seconds=120),
])

# The system's own: the package's command interpreter and its companions.
KEY = 'HKCU\\Software\\Test'
SHELL = Group('shell', 256, (), ('work.bat', 'few.txt', 'typed.txt'), [
    Step('batch', 'cmd.exe /c work.bat arg some\\file.txt'),
    Step('typed', 'cmd.exe /q', 'typed.txt'),
    Step('words', 'cmd.exe /c echo hello "two words" ^& more & echo next'),
    Step('for', 'cmd.exe /c for /f "tokens=2" %i in (few.txt) do @echo [%i]'),
    Step('pipe', 'cmd.exe /c type few.txt | find "line"'),
    Step('missing', 'cmd.exe /c nosuchprogram'),
    Step('find', 'find.exe /c /v "line"', 'few.txt'),
    Step('xcopy', 'xcopy.exe few.txt copies\\ /y', '', ('copies\\few.txt',)),
    Step('attrib', 'attrib.exe +r copies\\few.txt'), Step('attrib-show', 'attrib.exe copies\\few.txt'),
    Step('reg-text', f'reg.exe add {KEY} /v Name /t REG_SZ /d "some text" /f'),
    Step('reg-number', f'reg.exe add {KEY} /v Number /t REG_DWORD /d 17 /f'),
    Step('reg-query', f'reg.exe query {KEY}'),
    Step('reg-export', f'reg.exe export {KEY} out.reg /y', '', ('out.reg',)),
    Step('reg-delete', f'reg.exe delete {KEY} /f'),
    Step('reg-import', 'reg.exe import out.reg'),
    Step('reg-again', f'reg.exe query {KEY} /v Number'),
    Step('reg-none', f'reg.exe query {KEY}\\None'),
])

# Runs of strain.exe, which have no reference: a boot each, its arguments and all that it may say.
STRAIN_FILES = ('hello.exe', 'plugin.dll')
SOUND = '1000 damaged files: all answered 1\nsound one: 1\n'
STRAIN = {
    'repeat 100 hello.exe': '100 runs, statuses 0\npages +0 handles +0 objects +0 processes +0\n',
    'mutate 1 1000 hello.exe': SOUND,
    'mutate-dll 1 1000 plugin.dll': SOUND,
}

# programs/node.js, which has no reference on Wine either (node wants memory placeholders, and a newer Windows than Wine's):
# what it prints on Linux, but for the platform, and its exit status.
NODE = (7, '''file 100000 true
sha256 11f15f4f91750d59aea2c3152c6d4dbab395bb0d248ec3b68783f7bb2588a930
gzip true
platform win32 x64 \\ .gz
json {"list":[3,5,9],"map":[[1,"a"]]}
text äöü€ c384c3b6c3bce282ac 12,ab
fibonacci 17711
worker 199999
worker ended 0
promise 100000 true
''')

# programs/postgres.bat with postgres.sql: what of 20,000 rows is left, as Python's hashlib says.
POSTGRES = (0, '''17143	171431429	00003e3b9e5336685200ae85d21b4f5e	fffb8ef15de06d87e6ba6c830f3b6284
12a84ab992bdd63f5303e6dd60cc10e8	19993
3769D93A219D1162BD4AE48DD988C01E	19995
4372e2ba2d04ea409b6d4a391641f938	19997
46bcb8f7477c1c33cf6dd9dd5c8045a3	19991
482018fcb72d6725497bebbe9bb83833	19990
5F4F7141B65A730B4EFB0E0D51F63E94	19998
b37ffe9e8f67937ea21dc01fd2c41a39	19996
bfb9e0ac9da156b7efe0d5ac723fbcb5	19994
d9798cdf31c02d86b8b81cc119d94836	20000
''')

# programs/control.c, which has no reference on Wine (that sends events to Unix process groups): what it prints, and its status.
CONTROL = (3, '''inheritable 1 1 1
through the pipe
con 1 1 0 2 0 267
handler 1 sent 1 told 0: 1 0
default: ready 0 processes 2 sent 1
default: ended with c000013a
handle: ready 0 processes 2 sent 1
handle: ended with 00000007
pass: ready 0 processes 2 sent 1
passed on 1
pass: ended with c000013a
end: ready 0 processes 2 sent 1
end: ended with 00000000
ignore: ready 0 processes 2 sent 1
ignore: ended with 00000008
events here 1 0
not an event 0
removed 1 0
free 1 attach 0 sent 0
''')

# What is known to differ: the reason, and each line of the output as it is on Wine and here.  Any other difference fails.
REGIONS = ('VirtualFree of free memory is ERROR_INVALID_ADDRESS, as Windows says',
           [('Regions                  87', 'Regions                  487')])
KNOWN = {
    'shell/typed': ('the system says Windows 10, Wine here Windows 7', [('Microsoft Windows 6.1.7601', 'Microsoft Windows 10.0.19045')]),
    'c/signals': REGIONS, 'c/signals-ucrt': REGIONS, 'c/end-divideFalse': REGIONS,
    'c/registry': (
        'values are enumerated in the order of their making, as on Windows (Wine sorts them); RtlValidSecurityDescriptor is TRUE for '
        'a valid descriptor, as documented, which the kernelbase in use takes for a failure (Wine\'s is FALSE)',
        [('Values                   0 Bytes 3', 'Values                   0 Text 1'),
         ('Values                   1 List 7', 'Values                   1 Number 4'),
         ('Values                   2 Number 4', 'Values                   2 Bytes 3'),
         ('Values                   3 Text 1', 'Values                   3 List 7'),
         ('Security                 IsValidSecurityDescriptor(buffer): yes',
          'Security                 IsValidSecurityDescriptor(buffer): no')]),
}

GROUPS = (C, CXX, SHELL, SQLITE, PACKERS, OTHERS, PROCESSES, ESBUILD)
