# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What a check is, and what it finds. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Callable, NamedTuple, Optional, TypeVar

BLOCKER = "blocker"
"""The migration fails, or data is lost."""
WARNING = "warning"
"""Something changes or does not travel, and somebody has to decide about it."""
NOTE = "note"
"""Good to know; nothing has to be done."""
SEVERITIES = (BLOCKER, WARNING, NOTE)

PHYSICAL = "physical"
LOGICAL = "logical"
BOTH = (PHYSICAL, LOGICAL)

NAMED = 20
"""So many of the objects that a finding is about are named; all are counted."""


_Part = TypeVar("_Part")


class NotKnownError(Exception):
    """A check cannot judge, because a fact that it needs is not to be had; the text says why, and what would help."""


@dataclass(frozen=True)
class Objects:
    """Things that a check found: how many, and the names of the first."""

    count: int = 0
    names: tuple[str, ...] = ()
    """At most ``NAMED``, as a person writes them, such as ``shop.orders``."""
    first: tuple[str, ...] = ()
    """Schema and table of the first, for statements: a name such as ``my.db.orders`` does not tell them. Empty where it
    is no table."""

    def __bool__(self) -> bool:
        return self.count > 0


def objects_of(names: Iterable[str]) -> Objects:
    """The objects of a sequence of names, in its order."""
    count = 0
    first: list[str] = []
    for name in names:
        count += 1
        if len(first) < NAMED:
            first.append(name)
    return Objects(count, tuple(first))


class Seen(NamedTuple):
    """What a check saw that has to be said."""

    text: str
    """What was seen, as a sentence with the values: ``innodb_page_size is 32768.``"""
    objects: Objects = Objects()
    statement: str = ""
    """What to run for a remedy, where there is such a thing: SQL or a shell command; for the first of the objects."""
    severity: str = ""
    """Another severity than the check's own, where this case weighs less; "" for the check's."""
    remedy: str = ""
    """Another remedy than the check's own, where this case wants one; "" for the check's."""


class Check(NamedTuple):
    """One question about a migration, asked of collected facts."""

    id: str
    """Stable, ``area.what``, such as ``source.page_size``; the refusals of the stations have the same."""
    severity: str
    title: str
    """What is the matter when it fires, in a few words: ``InnoDB's pages are not 16 KiB``."""
    why: str
    """Why Aurora, or the way there, cares. A sentence or two."""
    remedy: str
    """What to do, a sentence or two, in the imperative."""
    link: str
    """Address of the documentation that the rule comes from."""
    needs: tuple[str, ...]
    """Parts of ``Facts`` without which it cannot be asked, such as ``("server", "tables")``."""
    find: Callable[[Any], Optional[Seen]]
    """Asked of ``facts.Facts``, which is not named here because the services that collect facts know this file.
    ``None`` where all is well.

    :raises NotKnownError: a single fact is missing.
    """
    ways: tuple[str, ...] = BOTH
    """The ways that it is about. A blocker of ``physical`` alone leaves the logical way open."""
    lasting: bool = False
    """Whether a blocker closes its ways for good: nothing on this server, host or AWS account can be changed so that it
    goes away, short of copying the data or of an upgrade."""
    upgrade: bool = False
    """Whether an upgrade of the source opens a lasting blocker's way."""

    @property
    def area(self) -> str:
        """What it looks at: ``source``, ``host``, ``tool``, ``bucket``, ``key``, ``role``, ``caller`` or ``target``."""
        return self.id.partition(".")[0]


def need(part: Optional[_Part], name: str) -> _Part:
    """A part of the facts, for whoever needs it.

    :param name: of the part, for the sentence that says it is missing.
    :raises NotKnownError: it was not collected.
    """
    if part is None:
        raise NotKnownError(f"Nothing is known of the {name}.")
    return part
