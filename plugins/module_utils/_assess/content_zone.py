# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The zone that a server works in, by questions that go into queries of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Optional

from .._mysql.time_zones import UTC_NAMES
from .._mysql.time_zones_read import SYSTEM, ZoneQuestions, ask_system_zone
from .content_inventory import Entry
from .late_questions import LateQuestions


class Zone(NamedTuple):
    """The zone that a server works in."""

    setting: str
    """The variable ``time_zone``."""
    system: str
    """The variable ``system_time_zone``, mostly an abbreviation."""
    name: str
    """What both mean: an IANA name, or an offset such as ``+02:00``."""
    candidates: tuple[str, ...] = ()
    """All names that fit, where the server does not tell which one it is."""

    @property
    def is_utc(self) -> bool:
        """Whether it is UTC by one of its names."""
        return self.name.upper() in UTC_NAMES


class ZoneReading:
    """Finds the zone: ``expressions``, then ``go_on`` with their values, and at last ``finish``."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._setting, self._system = variables.get("time_zone", ""), variables.get("system_time_zone", "")
        self._zone: Optional[Zone] = None
        self._questions: Optional[ZoneQuestions] = None
        self._late: Callable[[], list[Any]] = list
        self.expressions: Sequence[str] = ()
        """Whose values tell the zone; none where the settings do."""
        if self._setting.upper() != SYSTEM:
            self._zone = Zone(self._setting, self._system, self._setting)
        elif self._system.upper() in UTC_NAMES:
            self._zone = Zone(self._setting, self._system, "UTC")
        else:
            self._questions = ask_system_zone(self._system)
            self.expressions = next(self._questions)

    def go_on(self, entries: Sequence[Entry], late: LateQuestions) -> None:
        """Take the values, as ``content_inventory`` has them, and ask for more where several zones have them.

        :raises ZoneError: they are no zone's that is known here.
        """
        if entries:
            more = self._send([int(value) for value in entries[0].name.split(",")])
            self._late = late.add(more) if more else list

    def finish(self) -> Optional[Zone]:
        """The zone; ``None`` where its values were not told.

        :raises MysqlError: the server refuses the late question.
        :raises ZoneError: as for ``go_on``.
        """
        values = self._late()
        if values:
            self._send([int(value) for value in values])
        return self._zone

    def _send(self, values: list[int]) -> Sequence[str]:
        """Whose values are wanted next; none where the zone is found."""
        if self._questions is None:
            return ()
        try:
            return self._questions.send(values)
        except StopIteration as done:
            self._zone = Zone(self._setting, self._system, done.value.zone, done.value.candidates)
            return ()
