# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Making many routines on several connections at once: a server has more than one core, and each commit waits."""

from __future__ import annotations

import contextlib
import queue
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Optional

from .batches import BATCH_STATEMENTS
from .connection import Connection
from .errors import MysqlError
from .routines_changer import Changer, Failure
from .routines_plan import Change

# Beside the first one; with a third one the server's two cores gained nothing more.
_MORE_CONNECTIONS = 2

Told = Iterator[tuple[Change, Optional[Failure]]]


class Makers:
    """Makes changes as a ``Changer`` does, and routines that nothing waits for on further connections, too."""

    def __init__(self, changer: Changer, connect: Callable[[], Connection]) -> None:
        """
        :param changer: does all that has to be done in order.
        :param connect: makes a connection like the changer's; where the server gives none, there are fewer at work.
        """
        self._changer = changer
        self._connect = connect

    def apply(self, changes: Sequence[Change]) -> Told:
        """Make the changes and say of each what became of it, not always in their order.

        What a server refuses while others are at work is tried once more in its order, and only that counts.

        :raises MysqlError: ``mysql.connection_lost``, with a change that nobody can tell of.
        """
        drops = [change for change in changes if change.wanted is None]
        yield from self._changer.apply(drops)
        made = {change.key for change in drops}
        free = [change for change in changes if self._changer.needs_nothing(change)]
        if len(free) > BATCH_STATEMENTS:
            for change, failure in self._side_by_side(free):
                if failure is None:
                    made.add(change.key)
                    yield change, None
        yield from self._changer.apply([change for change in changes if change.key not in made])

    def _side_by_side(self, changes: Sequence[Change]) -> Told:
        starts = range(0, len(changes), BATCH_STATEMENTS)
        with contextlib.ExitStack() as stack:
            changers = [self._changer, *self._more(stack)]
            idle: queue.SimpleQueue[Changer] = queue.SimpleQueue()
            for changer in changers:
                idle.put(changer)

            def make(batch: Sequence[Change]) -> list[tuple[Change, Optional[Failure]]]:
                changer = idle.get()
                try:
                    return list(changer.apply(batch))
                finally:
                    idle.put(changer)

            executor = stack.enter_context(ThreadPoolExecutor(len(changers)))
            running = [executor.submit(make, changes[start : start + BATCH_STATEMENTS]) for start in starts]
            try:
                for batch in as_completed(running):
                    yield from batch.result()
            finally:
                for batch in running:
                    batch.cancel()

    def _more(self, stack: contextlib.ExitStack) -> Iterator[Changer]:
        with contextlib.suppress(MysqlError):
            for _number in range(_MORE_CONNECTIONS):
                yield Changer(stack.enter_context(self._connect()), (), self._connect)
