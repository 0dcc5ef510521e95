# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What a person reads of accounts before and after. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from .._counted import counted

LINES = 1000


class Listing:
    """Accounts as lines of text, about as many lines as anybody reads; of the others only their number."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._left_out = 0

    def add(self, described: Callable[[], Iterable[str]]) -> None:
        """Add an account.

        :param described: makes its lines; it is not called when there are enough of them.
        """
        if len(self._lines) < LINES:
            self._lines += described()
        else:
            self._left_out += 1

    def text(self) -> str:
        """All of it, a line each, with a word about what is left out."""
        lines = list(self._lines)
        if self._left_out:
            lines.append(f"-- and {counted(self._left_out, 'more account')}")
        return "".join(line + "\n" for line in lines)
