# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""A file of the record as Ansible shows it beside another one."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def file_as_diff(name: str, text: str) -> dict[str, Any]:
    """One side of a difference.

    It never has the whole text in one string: Ansible masks the value of a secret option wherever it is.

    :param name: one of ``documents.FILES``.
    :param text: "" where there is no file.
    :returns: what is in a JSON document; of what is encrypted only how it is told from another text.
    """
    if not text:
        return {}
    if name.endswith(".vault"):
        digest = hashlib.sha256(text.encode("utf-8")).hexdigest()
        return {name: {"encrypted": True, "characters": len(text), "sha256": digest}}
    try:
        return {name: json.loads(text)}
    except ValueError:
        return {name: text.splitlines()}
