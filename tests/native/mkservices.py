#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""mkservices.py SERVICES.DEF: the rows of the table of services as C initialisers, for badargs.c.

A row is { "NtName", NtName, "HPV" }: one letter an argument, H a handle, P a pointer, V a value.
"""
import re
import sys

print(f'/* Made from {sys.argv[1]} by tests/native/mkservices.py. */')
for name, arguments in re.findall(r'^(?:SERVICE|MISSING)\((\w+), \((.*)\)\)$', open(sys.argv[1]).read(), re.M):
    kinds = ''
    for argument in [] if arguments in ('VOID', 'void', '') else arguments.split(','):
        kind = argument.strip().rsplit(' ', 1)[0].replace('const ', '')
        pointer = '*' in argument or re.match(r'(P[A-Z]|LP[A-Z])', kind) and kind not in ('PROCESSINFOCLASS', 'POWER_INFORMATION_LEVEL')
        kinds += 'P' if pointer else 'H' if kind == 'HANDLE' else 'V'
    print(f'{{ "{name}", (PVOID){name}, "{kinds}" }},')
