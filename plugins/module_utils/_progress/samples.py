# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""How far a module was at which moment, for whoever looks at its course afterwards. Pure but for the clock."""

import time
from typing import Any, Callable, Dict, List, NamedTuple, Optional

LIMIT = 120
"""So many samples are kept at most, however long it takes: with each halving of their number they lie twice as far
apart."""
_FIRST_INTERVAL = 0.25


class Sample(NamedTuple):
    """What was done by a moment; ``at`` is in seconds since the begin."""

    at: float
    phase: str
    done: int


class Samples:
    """Samples of what is done, evenly spread over the time it takes.

    :param clock: seconds that only grow.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun = clock()
        self._interval = _FIRST_INTERVAL
        self._kept: List[Sample] = []
        self._phases: Dict[str, Sample] = {}
        self._newest: Optional[Sample] = None

    def add(self, phase: str, done: int) -> None:
        """Note what is done; cheap enough to call for every block that is moved."""
        self._newest = Sample(self._clock() - self._begun, phase, done)
        fresh = phase not in self._phases
        if self._kept and not fresh and self._newest.at - self._kept[-1].at < self._interval:
            return
        self._kept.append(self._newest)
        if fresh:
            self._phases[phase] = self._newest
        # one place is the newest's
        if len(self._kept) >= LIMIT:
            # A phase's first sample tells when it began.
            begins = self._phases.values()
            self._kept = [each for place, each in enumerate(self._kept) if place % 2 == 0 or each in begins]
            self._interval *= 2

    def points(self, phase: str = "") -> List[Dict[str, Any]]:
        """The samples by time, as the migration record keeps them: ``at`` (seconds), ``phase`` and ``done``.

        :param phase: only those of this one; "" for all.
        """
        samples = list(self._kept)
        if self._newest is not None and self._newest != samples[-1]:
            samples.append(self._newest)
        return [
            {"at": round(each.at, 2), "phase": each.phase, "done": each.done}
            for each in samples
            if phase in ("", each.phase)
        ]
