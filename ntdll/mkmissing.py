#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes missing.S: one small routine for each name of WANTED (ntdll/exports.txt) that no object defines.

Usage: mkmissing.py NM OUTPUT WANTED OBJECT...

The routine loads the address of its name and goes to the DLL's KiMissingExport (ntdll/missing.c), which logs the name once and
answers as what is not implemented.
"""
import sys

import mkdef


def main():
    nm, output, wanted_file = sys.argv[1:4]
    names = mkdef.defined(nm, sys.argv[4:])
    wanted = [line.split()[0] for line in open(wanted_file) if line.strip() and not line.startswith("#")]
    missing = [n for n in wanted if n not in names and not (n.startswith("Zw") and "Nt" + n[2:] in names)]
    with open(output, "w") as out:
        out.write(f"/* Made by ntdll/mkmissing.py from {wanted_file}: edit that. */\n        .text\n")
        for index, name in enumerate(missing):
            out.write(f"        .globl KiMissingExport{index}\n        .p2align 3\nKiMissingExport{index}:\n"
                      f"        leaq .Lrow{index}(%rip), %rcx\n        jmp KiMissingExport\n")
        out.write("        .data\n")
        for index, name in enumerate(missing):
            out.write(f"        .p2align 3\n.Lrow{index}:\n        .quad 0\n        .asciz \"{name}\"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
