# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What a backup that somebody stopped ends with."""

from .._errors import DbferryError
from .._stop import Stop


def raise_if_stopped(stop: Stop) -> None:
    """The question that every long loop of a backup asks, at least twice a second.

    :raises DbferryError: ``backup.interrupted``.
    """
    if stop.requested():
        raise DbferryError(
            "The backup was stopped by {0}; the tool has ended.".format(stop.signal_name()),
            "backup.interrupted",
            "Run the task again; it starts the backup anew.",
        )
