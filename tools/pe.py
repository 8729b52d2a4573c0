# SPDX-License-Identifier: BSD-2-Clause
"""Windows executable files: headers, imports, exports, symbols (Microsoft: PE Format)."""
import bisect
import struct

MACHINE_AMD64 = 0x8664
MACHINES = {0x14c: '32-bit x86', 0x1c0: '32-bit ARM', 0x1c4: '32-bit ARM', 0xaa64: 'ARM64', 0xa641: 'ARM64', 0x200: 'Itanium'}
FILE_DLL = 0x2000
EXPORT_DIRECTORY, IMPORT_DIRECTORY, EXCEPTION_DIRECTORY, CLR_DIRECTORY = 0, 1, 3, 14


class Refused(Exception):
    """The file is no program or DLL for this machine; the text says what it is instead."""


class Pe:
    """One PE32+ file for x64.  Raises Refused for everything else, struct.error for tables that point nowhere."""

    def __init__(self, data):
        self.data = data
        if data[:2] != b'MZ':
            raise Refused('not a Windows program (it does not begin with MZ)' if data else 'an empty file')
        if len(data) < 64:
            raise Refused('cut short inside its MZ header')
        header = struct.unpack_from('<I', data, 60)[0]
        if header + 24 > len(data):
            raise Refused('a DOS program, or cut short before its PE header')
        if data[header:header + 4] != b'PE\0\0':
            raise Refused('a DOS or 16-bit Windows program')
        self.machine, count, _, symbols, symbol_count, size, self.characteristics = struct.unpack_from('<HHIIIHH', data, header + 4)
        if self.machine != MACHINE_AMD64:
            raise Refused(f'for {MACHINES.get(self.machine, f"machine type 0x{self.machine:04x}")}, not for x64')
        optional = header + 24
        if optional + max(size, 112) > len(data):
            raise Refused('cut short inside its headers')
        if struct.unpack_from('<H', data, optional)[0] != 0x20b:
            raise Refused('no PE32+ image')
        self.base, self.subsystem = struct.unpack_from('<Q', data, optional + 24)[0], struct.unpack_from('<H', data, optional + 68)[0]
        directories = min(struct.unpack_from('<I', data, optional + 108)[0], 16, (size - 112) // 8)
        self.directories = [struct.unpack_from('<II', data, optional + 112 + 8 * i) for i in range(directories)]
        self.read_sections(optional + size, count)
        self.symbol_table = symbols, symbol_count

    def read_sections(self, offset, count):
        if offset + 40 * count > len(self.data):
            raise Refused('cut short inside its headers')
        self.sections = []
        for i in range(count):
            virtual_size, address, raw_size, raw = struct.unpack_from('<IIII', self.data, offset + 40 * i + 8)
            if raw_size and raw + min(raw_size, virtual_size or raw_size) > len(self.data):
                raise Refused('cut short: a section lies behind the end of the file')
            self.sections.append((address, max(virtual_size, raw_size), raw, raw_size))

    def directory(self, index):
        return self.directories[index] if index < len(self.directories) else (0, 0)

    def is_dll(self):
        return bool(self.characteristics & FILE_DLL)

    def is_dotnet(self):
        return self.directory(CLR_DIRECTORY)[0] != 0

    def offset(self, rva):
        for address, size, raw, raw_size in self.sections:
            if address <= rva < address + size:
                if rva - address >= raw_size:
                    break
                return raw + rva - address
        else:
            if rva < 4096:
                return rva
        raise struct.error(f'address 0x{rva:x} is not in the file')

    def unpack(self, layout, rva):
        return struct.unpack_from(layout, self.data, self.offset(rva))

    def text(self, rva):
        start = self.offset(rva)
        end = self.data.find(b'\0', start, start + 4096)
        if end < 0:
            raise struct.error(f'the name at 0x{rva:x} has no end')
        return self.data[start:end].decode('latin-1')

    def imports(self):
        """[(DLL, [name or ordinal])], without delayed ones."""
        rva, size = self.directory(IMPORT_DIRECTORY)
        result = []
        while rva:
            names, _, _, title, addresses = self.unpack('<IIIII', rva)
            if not title or not addresses:
                break
            result.append((self.text(title), self.thunks(names or addresses)))
            rva += 20
        return result

    def thunks(self, rva):
        result = []
        while True:
            value = self.unpack('<Q', rva)[0]
            if value == 0:
                return result
            result.append(value & 0xffff if value >> 63 else self.text((value & 0x7fffffff) + 2))
            rva += 8

    def exports(self):
        """{name or ordinal: RVA, or the forwarder's text}"""
        rva, size = self.directory(EXPORT_DIRECTORY)
        if not rva:
            return {}
        base, functions, names, addresses, titles, ordinals = self.unpack('<16xIIIIII', rva)
        result, by_index = {}, self.unpack(f'<{functions}I', addresses) if functions else ()
        for index, value in enumerate(by_index):
            if value:
                result[base + index] = self.text(value) if rva <= value < rva + size else value
        if names:
            for title, index in zip(self.unpack(f'<{names}I', titles), self.unpack(f'<{names}H', ordinals)):
                if base + index in result:
                    result[self.text(title)] = result[base + index]
        return result

    def functions(self):
        """Sorted [(RVA, name)]: the symbol table's functions where the file has them, else its exports and, without a name, what
        the exception table knows beside them."""
        found = self.symbols()
        if not found:
            found = [(rva, name) for name, rva in self.exports().items() if isinstance(rva, int) and isinstance(name, str)]
            named = {rva for rva, _ in found}
            rva, size = self.directory(EXCEPTION_DIRECTORY)
            starts = self.unpack(f'<{size // 12 * 3}I', rva)[::3] if rva else ()
            found += [(start, '') for start in starts if start not in named]
        return sorted(found)

    def symbols(self):
        offset, count = self.symbol_table
        strings, result, i = offset + 18 * count, [], 0
        while offset and i < count:
            raw, value, section, kind, storage, extra = struct.unpack_from('<8sIhHBB', self.data, offset + 18 * i)
            i += 1 + extra
            # Storage class 2 is external, 3 static; bit 5 of the type says function, which assemblers leave out.
            if not 0 < section <= len(self.sections) or storage not in (2, 3) or not (kind == 0x20 or storage == 2):
                continue
            if raw[:4] == b'\0\0\0\0':
                start = strings + struct.unpack_from('<I', raw, 4)[0]
                name = self.data[start:self.data.find(b'\0', start)]
            else:
                name = raw.rstrip(b'\0')
            result.append((self.sections[section - 1][0] + value, name.decode('latin-1')))
        return result


def nearest(functions, rva):
    """`name+0xOFFSET' for the function that holds the address, or None."""
    index = bisect.bisect_right(functions, (rva, '\uffff')) - 1
    if index < 0:
        return None
    start, name = functions[index]
    return f'{name}+0x{rva - start:x}' if name else None


class ApiSet:
    """The names api-ms-* and ext-ms-*: which DLL is behind each (schema version 6, section .apiset of apisetschema.dll)."""

    def __init__(self, data):
        pe = Pe(data)
        address, size, raw, raw_size = pe.sections[0]
        self.map = raw_map = data[raw:raw + raw_size]
        version, _, _, count, entries, _, _ = struct.unpack_from('<7I', raw_map)
        self.hosts = {}
        if version != 6:
            raise Refused(f'an API-set schema of version {version}')
        for i in range(count):
            _, name, _, hashed, values, value_count = struct.unpack_from('<6I', raw_map, entries + 24 * i)
            if value_count:
                value, value_size = struct.unpack_from('<II', raw_map, values + 12)
                self.hosts[self.string(name, hashed)] = self.string(value, value_size).lower()

    def string(self, offset, size):
        return self.map[offset:offset + size].decode('utf-16-le').lower()

    def host(self, dll):
        """The DLL behind a set's name; '' for a set without one; None where dll is no set's name."""
        name = dll.lower().removesuffix('.dll')
        if not name.startswith(('api-', 'ext-')):
            return None
        return self.hosts.get(name.rpartition('-')[0])
