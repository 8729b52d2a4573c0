#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The framebuffer screen: the picture of it, read back glyph by glyph, holds the text that the serial line shows; --screenshot
writes a picture."""
import os
import subprocess
import time

from machine import ESCAPE, PATIENCE, ROOT, Machine, Report
from picture import picture_text


def main():
    report = Report()
    with Machine('iso', qmp=True) as m:
        report.check('the prompt appears', m.prompt(), m.output)
        for line in ('ver', 'echo The quick brown fox jumps over the lazy dog 0123456789 {}[]', 'objdir \\Device', 'lp'):
            m.command(line)
        path, end = os.path.join(m.directory.name, 'screen.ppm'), time.monotonic() + PATIENCE
        serial = [line.rstrip() for line in ESCAPE.sub('', m.output).replace('\r', '').split('\n') if line.strip()]
        while True:                             # the screen follows the serial line
            time.sleep(0.5)
            m.qmp.command('screendump', filename=path)
            picture = picture_text(path)
            if all(line in picture for line in serial[1:-1]) or time.monotonic() > end:
                break
        for line in serial[1:-1]:               # the last line has the cursor in it
            report.check(f'the picture shows {line!r}', line in picture, '\n'.join(picture))
    png = os.path.join(ROOT, 'build/screenshot.png')
    done = subprocess.run(['./run.sh', '--screenshot', png], cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE)
    report.check('--screenshot: status 0', done.returncode == 0, done.stderr.decode())
    report.check('--screenshot: a PNG file', os.path.exists(png) and open(png, 'rb').read(4) == b'\x89PNG')
    report.close()


if __name__ == '__main__':
    main()
