#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Writes the module definition file of ntdll, or of another DLL with exports that exist by name only (base/win32).

Usage: mkdef.py NM OUTPUT WANTED [--import] OBJECT...

Exported is every external name that the objects define, except private ones (Rtlp..., Ldrp..., Kip..., Tpp..., Etwp..., Sxsp...), and a Zw
alias for each Nt service of ntdll.  WANTED (ntdll/exports.txt) lists names that programs expect; those that nothing defines are
exported all the same, as KiMissingExportN of missing.S (see mkmissing.py).  The DLL has OUTPUT's name.
--import leaves the internal names out, as import libraries want it.
"""
import os
import re
import subprocess
import sys

PRIVATE = re.compile(r"^(Rtlp|Ldrp|Kip|Tpp|Etwp|Sxsp|Ntp)[A-Z]|^(KiServiceCall|KiContinueService|KiDispatch|KiMissing)|^\.|^Retired")


def defined(nm, objects):
    text = subprocess.run([nm, "--defined-only", "--extern-only", "--format=posix"] + objects, check=True,
                          capture_output=True, text=True).stdout
    names = set()
    for line in text.splitlines():
        part = line.split()
        if len(part) >= 2 and part[1] in "TD" and not PRIVATE.match(part[0]):
            names.add(part[0])
    return names


def main():
    nm, output, wanted_file = sys.argv[1:4]
    library = "ntdll" if output.endswith("import.def") else os.path.splitext(os.path.basename(output))[0]
    rest = sys.argv[4:]
    for_import = "--import" in rest
    objects = [a for a in rest if a != "--import"]
    names = defined(nm, objects)
    aliases = {}
    for name in names if library == "ntdll" else ():
        if re.match(r"Nt[A-Z]", name):
            aliases["Zw" + name[2:]] = name
    wanted = [line.split()[0] for line in open(wanted_file) if line.strip() and not line.startswith("#")]
    missing = [n for n in wanted if n not in names and n not in aliases]
    for index, name in enumerate(missing):
        aliases[name] = f"KiMissingExport{index}"
    with open(output, "w") as out:
        out.write(f"; Made by ntdll/mkdef.py from the objects and {wanted_file}: edit those.\nLIBRARY {library}.dll\nEXPORTS\n")
        for name in sorted(names | set(aliases)):
            target = aliases.get(name)
            out.write(f"    {name}\n" if target is None or for_import else f"    {name}={target}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
