# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sample's SQL for a server that does not understand all of it. Pure: text and features in, text out.

In the SQL files, lines between `-- with FEATURE` and `-- end FEATURE` need a feature of the server; lines after
`-- without FEATURE` in such a block stand in for them where the description names the feature in `sample_without`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

_MARK = re.compile(r"^\s*-- (?P<word>with|without|end) (?P<feature>\w+)$")


class SampleError(Exception):
    """The marks of a sample file do not pair."""


def features(text: str) -> set[str]:
    """The features that some lines of the text need."""
    return {found["feature"] for found in map(_MARK.match, text.splitlines()) if found}


def render(text: str, without: Collection[str]) -> str:
    """The text without the lines that need a feature of `without`, and without the lines that stand in for the others.

    Raises SampleError for marks that do not pair.
    """
    return "".join(f"{line}\n" for line in _kept(text, without))


def _kept(text: str, without: Collection[str]) -> Iterator[str]:
    inside: str | None = None
    keep = True
    for line in text.splitlines():
        mark = _MARK.match(line)
        if mark is None:
            if keep:
                yield line
            continue
        word, feature = mark["word"], mark["feature"]
        if (word == "with") is not (inside is None) or (inside is not None and feature != inside):
            raise SampleError(f"The mark {line.strip()!r} stands in a block of {inside}")
        if word == "with":
            inside, keep = feature, feature not in without
        elif word == "without":
            keep = feature in without
        else:
            inside, keep = None, True
    if inside is not None:
        raise SampleError(f"The block of {inside} has no end")
