# SPDX-License-Identifier: BSD-2-Clause
"""What every Python test closes with."""
import sys


class Report:
    """Counts checks; a failed one is printed, close() prints the closing line and ends the process."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, holds, detail=''):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f'FAILED: {what}' + (f'\n    {detail}' if detail else ''), flush=True)
        return holds

    def close(self):
        print(f'{self.passed} passed, {self.failed} failed')
        sys.exit(1 if self.failed else 0)
