# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Reading back the routines that were just made, on a connection of its own, while the next ones are being made."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Optional

from .batches import BATCH_STATEMENTS
from .connection import Connection
from .errors import MysqlError
from .routines import ROUTINES, Key
from .routines_read import Text, show_create


class ReadAhead:
    """Texts of routines, asked for by a thread. A context manager; no thread is left behind it.

    It only saves time: where the server gives no second connection, or loses it, there are fewer texts, and whoever
    needs the others asks for them.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        """
        :param connect: makes the second connection, with ``multi_statements=True``; called in the thread.
        """
        self._connect = connect
        self._waiting: list[Key] = []
        self._batches: queue.SimpleQueue[Optional[list[Key]]] = queue.SimpleQueue()
        self._texts: dict[Key, Text] = {}
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> ReadAhead:
        self._thread.start()
        return self

    def __exit__(self, *_exc_info: object) -> None:
        self._end()

    def made(self, key: Key) -> None:
        """Note that an object was made and may be read."""
        # Nothing else that a run makes changes what SHOW CREATE prints of these.
        if key.kind in ROUTINES:
            self._waiting.append(key)
            if len(self._waiting) >= BATCH_STATEMENTS:
                self._send()

    def texts(self) -> Mapping[Key, Text]:
        """What SHOW CREATE said of what was made, once all has been read that can be."""
        self._send()
        self._end()
        return self._texts

    def _send(self) -> None:
        if self._waiting:
            self._batches.put(self._waiting)
            self._waiting = []

    def _end(self) -> None:
        self._batches.put(None)
        self._thread.join()

    def _read(self) -> None:
        try:
            with self._connect() as connection:
                for keys in iter(self._batches.get, None):
                    self._read_batch(connection, keys)
        except MysqlError:
            return

    def _read_batch(self, connection: Connection, keys: Sequence[Key]) -> None:
        for key, text in zip(keys, show_create(connection, keys)):
            self._texts[key] = text
