# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""A signal that asks the process to end, as an error that lets it clean up first."""

import signal
from contextlib import contextmanager
from typing import Any, Iterator

from .errors import ObjectStoreError

_SIGNALS = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)


@contextmanager
def interrupts_as_errors() -> Iterator[None]:
    """Raise ``objectstore.interrupted`` in the main thread when a signal asks the process to end.

    Only the first signal does: the next ones would break the cleaning up.
    """

    def interrupt(number: int, _frame: Any) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_IGN)
        raise ObjectStoreError(
            "The upload was stopped by signal {0}.".format(number),
            error_id="objectstore.interrupted",
            remedy="Run again; what arrived whole is not sent again.",
        )

    before = {each: signal.signal(each, interrupt) for each in _SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
