#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mkservices.py SERVICES.DEF: the rows of the table of services as C initialisers, for services.h.

A row is { "NtName", NtName, "HPV", "fBz" }: one letter an argument, first H a handle, P a pointer, V a value, then what the
argument is for (services.h lists the letters).

mkservices.py --calls SERVICES.DEF: a function SpoiledNtName for each service, which takes what it takes and gives the number of its
row and all arguments to FuzzCall (fuzzchains.h).
"""
import re
import sys

HANDLES = [('DebugObject', 'b'), ('Completion', 'c'), ('KeyedEvent', 'y'), ('WorkerFactory', '#'), ('Process', 'p'), ('Thread', 't'), ('File', 'f'),
           ('Event', 'e'), ('Section', 's'), ('Directory', 'd'), ('Link', 'l'), ('Mutant', 'm'), ('Semaphore', 'n'), ('Timer', 'i'),
           ('Job', 'j'), ('Key', 'k'), ('Token', 'o'), ('Port', 'u')]
POINTERS = [
    (r'PORT_MESSAGE$', r'', 'C'), (r'ALPC_MESSAGE_ATTRIBUTES', r'', 'g'), (r'ALPC_HANDLE$', r'', 'B'), (r'const HANDLE$', r'', 'N'), (r'HANDLE$', r'', 'h'), (r'OBJECT_ATTRIBUTES', r'', 'O'), (r'UNICODE_STRING', r'', 'U'),
    (r'WCHAR', r'', 'W'), (r'LARGE_INTEGER', r'Timeout|Interval|DueTime|ReadTimeout', 'T'), (r'LARGE_INTEGER', r'', 'I'),
    (r'PVOID$|LPCVOID$', r'BaseAddress|SectionPointer', 'A'), (r'PSIZE_T', r'', 'Z'), (r'IO_STATUS_BLOCK', r'', 'S'),
    (r'CLIENT_ID', r'', 'D'), (r'CONTEXT$', r'', 'X'), (r'EXCEPTION_RECORD', r'', 'E'), (r'SECURITY_DESCRIPTOR', r'', 'Y'),
    (r'TOKEN_GROUPS', r'', 'G'), (r'TOKEN_PRIVILEGES|PRIVILEGE_SET', r'', 'P'), (r'GENERIC_MAPPING', r'', 'M'),
    (r'OBJECT_TYPE_LIST', r'', '&'), (r'PSID$', r'', '%'),
    (r'ROUTINE', r'', 'R'), (r'PVOID$', r'^StartRoutine$', 'R'), (r'PS_ATTRIBUTE_LIST', r'', 'L'), (r'PROCESS_PARAMETERS', r'', 'Q'), (r'PS_CREATE_INFO', r'', 'J'),
    (r'MEM_EXTENDED_PARAMETER', r'', 'V'), (r'MEMORY_RANGE_ENTRY', r'', 'F'), (r'QUALITY_OF_SERVICE', r'', 'K'),
]


# Values that have a table of their own in fuzzargs.c, by the argument's name.
VALUES = [(r'^AllocationType', '1'), (r'^FreeType', '2'), (r'ShareAccess', '3'), (r'CreateOptions|OpenOptions', '4'),
          (r'CreateDisposition', '5'), (r'FileAttributes', '6'), (r'ControlCode', '7'), (r'InheritDisposition', '8'),
          (r'Class$', '9'), (r'^ObjectTypeListLength$|ClaimsCount$|^CapabilityCount$|^HandleCount$|^NumberOfAttributes$', '+'), (r'ZeroBits|CommitSize|EaLength|ParameterCount|TitleIndex', '0')]


def split(argument):
    """Type and name of an argument; stars go to the type."""
    kind, name = re.fullmatch(r'(.*?)(\w+)', argument.strip()).groups()
    return kind.strip(), name


def is_pointer(kind):
    plain = kind.replace('const ', '')
    return '*' in kind or re.match(r'(P[A-Z]|LP[A-Z])', plain) and plain not in ('PROCESSINFOCLASS', 'POWER_INFORMATION_LEVEL')


def pointer_role(kind, name):
    if '*' not in kind and kind in ('PVOID', 'LPCVOID') and re.search(r'BaseAddress', name):
        return 'a'
    plain = kind.replace('*', '').strip()
    for type_pattern, name_pattern, role in POINTERS:
        if role in 'AN' and '*' not in kind:
            continue
        if re.search(type_pattern, plain) and re.search(name_pattern, name):
            return role
    return 'B'


def handle_role(name):
    return next((role for word, role in HANDLES if word in name), 'H')


def value_role(kind, name):
    if kind == 'ACCESS_MASK' or name == 'DesiredAccess':
        return 'r'
    if kind == 'BOOLEAN':
        return 'q'
    for pattern, role in VALUES:
        if re.search(pattern, name):
            return role
    if re.search(r'Protect', name):
        return 'x'
    if re.search(r'Length|Size|NumberOfBytes', name):
        return 'z'
    if re.search(r'Options|Flags|Attributes|AllocationType|FreeType|ShareAccess|Filter|SecurityInformation|ControlCode', name):
        return 'w'
    return 'v'


def services(path):
    """(name, [(type, name), ...]) of each service."""
    for name, arguments in re.findall(r'^(?:SERVICE|MISSING)\((\w+), \((.*)\)\)$', open(path).read(), re.M):
        yield name, [] if arguments in ('VOID', 'void', '') else [split(argument) for argument in arguments.split(',')]


def print_rows(path):
    for name, arguments in services(path):
        kinds = roles = ''
        for kind, argument_name in arguments:
            pointer = is_pointer(kind)
            kinds += 'P' if pointer else 'H' if kind == 'HANDLE' else 'V'
            roles += pointer_role(kind, argument_name) if pointer else handle_role(argument_name) if kind == 'HANDLE' \
                else value_role(kind, argument_name)
        print(f'{{ "{name}", (PVOID){name}, "{kinds}", "{roles}" }},')


def print_calls(path):
    for number, (name, arguments) in enumerate(services(path)):
        parameters = ', '.join(f'{kind} {argument}' for kind, argument in arguments) or 'VOID'
        values = ', '.join(f'(ULONG_PTR){argument}' for _, argument in arguments) or '0'
        print(f'static inline NTSTATUS Spoiled{name}({parameters})\n{{\n'
              f'    return FuzzCall({number}, {len(arguments)}, (ULONG_PTR[]){{ {values} }});\n}}')


def main():
    path = sys.argv[-1]
    print(f'/* Made from {path} by tests/native/mkservices.py. */')
    (print_calls if '--calls' in sys.argv else print_rows)(path)


main()
