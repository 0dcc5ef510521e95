# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""All that was left behind, in a file, because the lists of a result are cut."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import DbferryError

Entries = Sequence[Mapping[str, Any]]


def write_left_behind(path: str, left_behind: Entries, failed: Entries, **others: Entries) -> None:
    """Write all lists whole.

    :param others: further lists, each under its own name.
    :raises DbferryError: ``controller.file_error``.
    """
    write_lists(path, {"left_behind": left_behind, "failed": failed, **others})


def write_lists(path: str, lists: Mapping[str, Entries]) -> None:
    """Write lists whole, as JSON that two runs' can be compared in line by line; only the owner may read it.

    :raises DbferryError: ``controller.file_error``.
    """
    text = json.dumps(lists, indent=1, sort_keys=True, ensure_ascii=False)
    fresh = f"{path}.new"
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogateescape") as stream:
            stream.write(text + "\n")
        os.replace(fresh, path)
    except OSError as error:
        raise DbferryError(
            f"{path} could not be written: {error.strerror or error}.",
            "controller.file_error",
            "Give a path in a directory of the controller that its user may write.",
        ) from error
