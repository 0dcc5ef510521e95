# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""What Ansible shows of a backup that is taken: what makes way for it, and what is there instead."""

from typing import Dict, Sequence

from .._counted import counted
from .known import Known
from .request import BackupRequest
from .store import Store


def line_of(request: BackupRequest, store: Store) -> str:
    """The wanted backup, without what only a run finds out."""
    kind = "incremental" if request.incremental else "full"
    return "{0} backup in {1}\n".format(kind, store.place_of(request.name))


def diff_of(
    request: BackupRequest, store: Store, known: Known, superseded: Sequence[str], strangers: int
) -> Dict[str, str]:
    """A backup that is not there yet, and what goes for it.

    :param superseded: the names of the known backups that go.
    :param strangers: how many objects of no known backup go.
    """
    gone = [
        "{0} backup in {1}, taken by {2}\n".format(entry["type"], store.place_of(entry["name"]), entry["end_time"])
        for entry in known.chain.entries
        if entry["name"] in superseded
    ]
    if strangers:
        gone.append(
            "{0} in {1} that {2} of no known backup\n".format(
                counted(strangers, "object"), store.purged(request.name), "is" if strangers == 1 else "are"
            )
        )
    return {"before": "".join(gone), "after": line_of(request, store)}
