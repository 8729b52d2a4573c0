#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""inputs.py FOLDER: writes what the programs work on; the same bytes each time.

text.txt and mixed.bin for the packers, work.sql with 100,000 inserts, work.lua of 2,000 lines, project/ with 100 TypeScript files,
lines.txt for standard input, style.css for a minifier, Main.elm for a formatter.
"""
import os
import random
import sys

WORDS = ('the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one you were '
         'all her she there would their we him been has when who will no more if out so up said what its about than into them can only '
         'other time new some could these two may first then do any like my now over such our man me even most made after also did many '
         'kernel capability thread endpoint page frame window console handle object event driver archive registry').split()


def write(folder, name, data):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())


def text(rng, size):
    lines, length = [], 0
    while length < size:
        line = ' '.join(rng.choices(WORDS, k=rng.randrange(4, 16))).capitalize() + '.'
        lines.append(line)
        length += len(line) + 1
    return '\n'.join(lines) + '\n'


def mixed(rng):
    """Runs, noise and text, one after the other."""
    parts = []
    for i in range(40):
        parts += [bytes([i]) * rng.randrange(2000), rng.randbytes(rng.randrange(4000)), text(rng, rng.randrange(8000)).encode()]
    return b''.join(parts)


def sql(rng, rows):
    yield 'PRAGMA page_size=4096;\nCREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT, price REAL, class INTEGER, note BLOB);\n'
    yield 'CREATE TABLE class(id INTEGER PRIMARY KEY, title TEXT);\n'
    yield ''.join(f"INSERT INTO class VALUES({i},'class {i}');\n" for i in range(50))
    yield 'BEGIN;\n'
    for i in range(rows):
        if i and i % 25000 == 0:
            yield 'COMMIT;\nBEGIN;\n'
        yield f"INSERT INTO item VALUES({i},'{rng.choice(WORDS)}-{rng.randrange(100000)}',{rng.randrange(100000) / 100},{rng.randrange(50)},x'{rng.randbytes(6).hex()}');\n"
    yield '''COMMIT;
CREATE INDEX item_name ON item(name);
SELECT count(*), sum(id), round(sum(price),2), min(name), max(name) FROM item;
SELECT title, count(*), round(avg(price),3) FROM item JOIN class ON item.class=class.id GROUP BY class ORDER BY 2 DESC, 1 LIMIT 10;
SELECT id, name, hex(note) FROM item WHERE name LIKE 'kernel-9%' ORDER BY name, id LIMIT 10;
UPDATE item SET price=price*1.1 WHERE class=7;
DELETE FROM item WHERE id%10=3;
SELECT count(*), round(total(price),1) FROM item;
SELECT group_concat(name,',') FROM (SELECT name FROM item WHERE id<20 ORDER BY id);
WITH RECURSIVE f(n,a,b) AS (VALUES(1,0,1) UNION ALL SELECT n+1,b,a+b FROM f WHERE n<60) SELECT max(a) FROM f;
SELECT upper(substr(name,1,3)), printf('%05d|%.2f',id,price), length(note), typeof(note) FROM item ORDER BY price DESC, id LIMIT 5;
.mode csv
SELECT * FROM class WHERE id<3;
.mode json
SELECT id,title FROM class WHERE id>47;
.mode list
SELECT json_extract('{"a":[1,2,{"b":"x"}]}','$.a[2].b'), date(1700000000,'unixepoch'), strftime('%W',1700000000,'unixepoch');
PRAGMA integrity_check;
.backup copy.db
VACUUM;
PRAGMA integrity_check;
PRAGMA page_count;
'''


LUA_HEAD = '''-- Made by inputs.py.
local sum, lines = 0, 0
local function note(...)
  lines = lines + 1
  print(lines, ...)
end
local function mix(n) sum = (sum * 31 + n) % 2147483647 return sum end
-- io
local f = assert(io.open("lua.tmp", "w"))
for i = 1, 5000 do f:write(i, " ", i * i, "\\n") end
f:close()
local count, total = 0, 0
for a, b in io.lines("lua.tmp", "n", "n") do count = count + 1 total = total + b end
note("file", count, total)
f = assert(io.open("lua.tmp", "rb"))
note(f:seek("end"), f:seek("set", 10), f:read(5), f:read("l"), #f:read("a"))
f:close()
f = io.open("lua.tmp", "a+") f:write("tail") f:seek("set") note(f:read("L")) f:close()
note(io.open("no/such/file"))
note(pcall(io.lines, "no/such/file"))
note(io.type(f), io.type(io.stdout), io.type(1))
io.stdout:setvbuf("full")
note(io.read("l"), io.read("n"), io.read("a"))
-- os
note(os.rename("lua.tmp", "lua2.tmp"), os.remove("lua2.tmp"))
note((os.remove("lua2.tmp")))
note(os.date("!%Y-%m-%d %H:%M:%S", 1700000000), os.date("!*t", 86400).yday)
note(os.time{year=2024, month=2, day=30, hour=12} - os.time{year=2024, month=2, day=1, hour=12})
note(os.getenv("NOT_THERE"), type(os.getenv("SystemRoot")), type(os.clock()), os.setlocale())
local t = os.tmpname() note(type(t)) os.remove(t)
-- strings
note(string.format("%5.2f|%-8s|%08x|%q|%g|%a", math.pi, "ab", 48879, "a\\nb\\0c", 1e100, 1.0))
note(("hello world"):gsub("o", "0"), ("x=1, y=2"):gsub("(%w+)=(%w+)", "%2=%1"), ("abc"):rep(3, "-"))
note(string.pack("<i4 >I2 z s1", -2, 513, "zero", "len"):byte(1, -1))
note(utf8.char(228, 8364, 128512), utf8.len("\\u{e4}\\u{20ac}"), #"\\u{1F600}")
note(("%d+"):rep(2), ("a,b,,c"):find(",", 1, true), ("key = value"):match("^(%w+)%s*=%s*(%w+)$"))
-- coroutines, metatables, closures, integers
local co = coroutine.wrap(function(a) for i = 1, 3 do a = a + coroutine.yield(a * i) end return "done" end)
note(co(1), co(2), co(3), co(4))
local V = setmetatable({}, {__call = function(c, x, y) return setmetatable({x = x, y = y}, c) end})
V.__index = V V.__add = function(a, b) return V(a.x + b.x, a.y + b.y) end V.__tostring = function(v) return "(" .. v.x .. "," .. v.y .. ")" end
V.__eq = function(a, b) return a.x == b.x end V.__lt = function(a, b) return a.x < b.x end V.__len = function() return 2 end
note(tostring(V(1, 2) + V(3, 4)), V(1, 2) == V(1, 9), V(1, 0) < V(2, 0), #V(0, 0))
note(7 // 2, -7 // 2, 7 % -3, 7.5 // 2, 1 << 62, ~0, 5 / 2, 2 ^ 10, math.maxinteger + 1 == math.mininteger)
note(pcall(error, {code = 5}), select("#", pcall(error)), pcall(function() return 1 + {} end))
note(load("return 1 +")) note(load("x = ")) note(table.concat({1, 2, 3}, "-"), table.unpack({4, 5, 6}, 2))
do local closed = setmetatable({}, {__close = function() note("closed") end}) local c <close> = closed end
goto over
note("not reached")
::over::
'''


def lua_line(rng, i):
    a, b, c = rng.randrange(1, 1000), rng.randrange(1, 1000), rng.randrange(2, 60)
    return rng.choice((
        f'local function f{i}(x) return (x * {a} + {b}) % {c} end mix(f{i}({b}))',
        f'for k = 1, {c} do mix(k * {a} ~ {b}) end',
        f'mix(#string.rep("{rng.choice(WORDS)}", {c}) + ("{rng.choice(WORDS)}"):byte())',
        f'do local t = {{}} for k = {c}, 1, -1 do t[#t + 1] = k * {a} % {b} end table.sort(t) mix(t[1] + t[#t]) end',
        f'do local s = 0 for w in ("{" ".join(rng.choices(WORDS, k=6))}"):gmatch("%a+") do s = s + #w end mix(s) end',
        f'mix(math.floor(math.sin({a}) * {b} + {b})) mix({a} // {c}) mix({a} & {b} | {c})',
        f'do local ok, e = pcall(function() if mix({a}) % 2 == 0 then error("e{i}") end return {b} end) mix(#tostring(e)) end',
        f'note("step {i}", sum, string.format("%x %.3f", {a} * {b}, {a} / {c}))' if i % 10 == 0 else f'mix({a} * {b})',
        f'do local u = {{n = 0}} local w = setmetatable({{}}, {{__index = function(_, k) u.n = u.n + 1 return k * {c} end}}) mix(w[{a}] + w[{b}] + u.n) end',
        f'do local t = {{}} for k = 1, {c} do t["k" .. k] = k end local n = 0 for _, v in pairs(t) do n = n + v end mix(n) end'))


def lua(rng, lines):
    head = LUA_HEAD.splitlines()
    # A function may have 200 local variables: the lines stand in blocks.
    body, i = [], 0
    while len(head) + len(body) < lines - 1:
        body.append('do ' + lua_line(rng, i) + ' end')
        i += 1
    return '\n'.join(head + body + ['note("sum", sum, collectgarbage("count") > 0)']) + '\n'


TYPES = ('string', 'number', 'boolean')


def module(rng, i, earlier):
    """One TypeScript file: interfaces, an enum, a generic class, functions, and uses of some earlier files."""
    uses = rng.sample(earlier, min(len(earlier), rng.randrange(1, 6))) if earlier else []
    name = f'{rng.choice(WORDS).capitalize()}{i}'
    fields = [(f'{rng.choice(WORDS)}{k}', rng.choice(TYPES)) for k in range(rng.randrange(3, 9))]
    values = {'string': '"{} \\u00e9 text"', 'number': '{}', 'boolean': 'true'}
    lines = [f'import {{ make{n}, type {t} }} from "../{path}";' for n, t, path in uses]
    lines += ['', f'/** {text(rng, 60).strip()} */', f'export interface {name} {{']
    lines += [f'  {"readonly " if rng.random() < .3 else ""}{f}{"?" if rng.random() < .2 else ""}: {t};' for f, t in fields]
    lines += ['}', '', f'export enum Kind{i} {{ First = {i}, Second, Third = First | 4, Named = "named" }}', '',
              f'export class Store{i}<T extends {{ id?: number }} = {name} & {{ id?: number }}> {{',
              '  #items = new Map<number, T>();', '  private static count = 0;',
              f'  constructor(private readonly label: string = `store-${{Kind{i}.First}}`) {{ Store{i}.count++; }}',
              '  add(item: T): this { this.#items.set(item.id ?? this.#items.size, item); return this; }',
              '  get size(): number { return this.#items.size; }',
              '  *each(): IterableIterator<[number, T]> { for (const [key, value] of this.#items) yield [key, value]; }',
              '  async find(match: (item: T) => boolean): Promise<T | undefined> {',
              '    for (const [, item] of this.each()) { if (await Promise.resolve(match(item))) return item; }',
              '    return undefined;', '  }', f'  describe() {{ return this.label + ": " + this.size + "/" + Store{i}.count; }}', '}', '',
              f'export function make{i}(seed = {rng.randrange(1000)}): {name} {{',
              f'  const unused{i} = [seed, ...Array.from({{ length: {rng.randrange(2, 9)} }}, (_, k) => k ** 2)].map(n => n * 2);']
    for n, t, _ in uses:
        lines.append(f'  const part{n}: {t} = make{n}(seed + 1); if (!part{n}) throw new Error("no {t}");')
    lines += ['  return {'] + [f'    {f}: {values[t].format(rng.randrange(100000)) if t != "number" else rng.randrange(100000)},' for f, t in fields]
    lines += ['  };', '}', '']
    for k in range(rng.randrange(2, 6)):
        a, b = rng.randrange(1, 500), rng.randrange(1, 500)
        lines += [f'export const calc{i}_{k} = (x: number, y?: number): number => {{',
                  f'  if (x > {a}) {{ return x - {b} * (y ?? {k}); }} else if (x === {a}) {{ return {a} + {b}; }}',
                  f'  switch (x & 3) {{ case 0: return {a * b}; case 1: return x?.valueOf() ?? 0; default: return x * {a} + {b}; }}', '};']
    return name, '\n'.join(lines) + '\n'


def project(folder, rng, files):
    rooms = ('models', 'services', 'util', 'views', 'net')
    done, exports = [], []
    for i in range(files - 1):
        room = rooms[i % len(rooms)]
        name, code = module(rng, i, done)
        write(folder, f'project/src/{room}/{name.lower()}.ts', code)
        done.append((i, name, f'{room}/{name.lower()}'))
    for i, name, path in done:
        exports.append(f'import {{ make{i}, Store{i}, calc{i}_0 }} from "./{path}";')
    body = [f'total += calc{i}_0({i}); new Store{i}().add({{ ...make{i}({i}), id: {i} }});' for i, _, _ in done]
    write(folder, 'project/src/index.ts', '\n'.join(exports + ['import data from "../data.json";', 'let total: number = data.start;'] + body +
                                                   ['console.log(total, data.names.join());']) + '\n')
    write(folder, 'project/data.json', '{"start": 17, "names": ["one", "two"], "unused": {"deep": [1, 2, 3]}}\n')
    write(folder, 'project/tsconfig.json', '{"compilerOptions": {"target": "ES2020", "strict": true, "useDefineForClassFields": true}}\n')
    write(folder, 'project/package.json', '{"name": "project", "version": "1.0.0", "sideEffects": false}\n')


def style(rng, rules):
    """Rules with what a minifier shortens: colours, zeros, nesting, media queries, shorthands."""
    yield ':root { --main-color: #ff0000; }\n'
    for i in range(rules):
        word, red, size = rng.choice(WORDS), rng.randrange(256), rng.randrange(4)
        yield (f'.{word}-{i} {{\n  color: rgb({red}, {red}, {red});\n  margin: {size}px {size}px {size}px {size}px;\n  transition: opacity 200ms ease-in-out;\n'
               f'  & > .inner:not(.a, .b) {{ inset: 0; font-weight: bold; background: rgba({red}, 0, 0, 0.50) }}\n}}\n')
        if i % 5 == 0:
            yield f'@media (min-width: {size}00px) and (max-width: 900px) {{ .{word}-{i} {{ display: flex; flex-flow: row nowrap }} }}\n'


def elm(rng, functions):
    yield 'module Main exposing (..)\nimport Html exposing (text, div)\ntype Shape = Circle Float | Square Float\n'
    for i in range(functions):
        yield f'f{i} : Int -> Int -> String\nf{i} a b = if a>b then "{rng.choice(WORDS)}" else let c=a*{rng.randrange(99)}\n                                          in String.fromInt (c+b)\n'
    yield 'main = div [] [text (f0 1 2),text (f1 3\n        4)]\n'


BATCH = r"""@echo off
setlocal
set NAME=value
echo one %NAME% %1 %~n2
for %%i in (a b c) do echo item %%i
for /L %%n in (1,2,7) do echo number %%n
if exist few.txt echo there
if not "%NAME%"=="other" (echo not other) else (echo other)
call :sub first second
md d1
copy few.txt d1\copy.txt >nul
type d1\copy.txt
echo appended >> d1\copy.txt
type d1\copy.txt
ren d1\copy.txt moved.txt
dir /b d1
move d1\moved.txt m.txt >nul
del m.txt
rd d1
if exist d1 echo still there
set /a 3*(4+5)
echo.
echo %NAME:~1,3% %NAME:al=AL%
find "line" < few.txt
type few.txt | find /c "line"
goto end
:sub
echo sub %1 %2
exit /b 3
:end
echo level %ERRORLEVEL%
exit 4
"""


def make(folder):
    rng = random.Random(20260101)
    write(folder, 'text.txt', text(rng, 1 << 20))
    write(folder, 'mixed.bin', mixed(rng))
    write(folder, 'work.sql', ''.join(sql(rng, 100000)))
    write(folder, 'work.lua', lua(rng, 2000))
    write(folder, 'lines.txt', 'first line\n42 and the rest\n' + text(rng, 3000))
    write(folder, 'work.bat', BATCH.replace('\n', '\r\n'))
    write(folder, 'few.txt', 'first line\r\nsecond\r\nthird line\r\n')
    write(folder, 'typed.txt', 'echo typed\r\nset /a 6*7\r\nexit 6\r\n')
    project(folder, rng, 100)
    write(folder, 'style.css', ''.join(style(rng, 200)))
    write(folder, 'Main.elm', ''.join(elm(rng, 30)))


if __name__ == '__main__':
    make(sys.argv[1])
