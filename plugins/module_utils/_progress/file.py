# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The progress file: one line of JSON that a long module replaces while it works."""

import contextlib
import json
import os
import time
from typing import Any, Dict, Optional

from .samples import Samples

# Seconds between two writes of the same phase. A reader looks less often than this.
_MIN_INTERVAL = 0.5


class ProgressFile:
    """Writes a module's progress where its action plugin reads it.

    Progress is a courtesy: whatever goes wrong with the file is ignored, so that it never costs a backup.

    :param path: the file to make; ``None`` writes nothing.
    :ivar samples: how many bytes were moved when, file or no file.
    """

    def __init__(self, path: Optional[str]) -> None:
        self._path = path
        self._written_at = 0.0
        self._phase = ""
        self.samples = Samples()

    def update(self, phase: str, done: int = 0, total: int = 0, unit: str = "", detail: str = "") -> None:
        """Say what is going on; cheap enough to call for every block that is moved.

        :param phase: a word or two, such as ``uploading``; a new one is written at once.
        :param done: how much of the phase is done, in ``unit``.
        :param total: how much there is, in ``unit``; 0 where nobody knows.
        :param unit: ``bytes`` or the plural of what is counted.
        :param detail: a few words more, such as a file's name; never a secret.
        """
        if unit == "bytes":
            self.samples.add(phase, done)
        now = time.monotonic()
        if self._path is None or (phase == self._phase and now - self._written_at < _MIN_INTERVAL):
            return
        self._phase = phase
        self._written_at = now
        snapshot = {"phase": phase, "done": done, "total": total, "unit": unit, "detail": detail, "at": time.time()}
        self._replace(self._path, snapshot)

    def close(self) -> None:
        """Remove the file."""
        if self._path is not None:
            with contextlib.suppress(OSError):
                os.unlink(self._path)

    def _replace(self, path: str, snapshot: Dict[str, Any]) -> None:
        fresh = "{0}.new".format(path)
        try:
            # O_EXCL and O_NOFOLLOW: the directory may be one where others can put links.
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o644)
            with os.fdopen(descriptor, "w") as stream:
                stream.write(json.dumps(snapshot))
            os.rename(fresh, path)
        except OSError:
            self._path = None
