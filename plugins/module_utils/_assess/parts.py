# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Reading one part after the other, where one that cannot be read fails nothing else. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Optional, TypeVar

from .._errors import DbferryError

_Part = TypeVar("_Part")


class Parts:
    """Reads parts and notes why some are missing."""

    def __init__(self, missing: Mapping[str, str]) -> None:
        """
        :param missing: parts that are left out on purpose, with the reason.
        """
        self.missing = dict(missing)
        """Every part that is not there, with the reason."""

    def read(self, name: str, read: Callable[[], _Part]) -> Optional[_Part]:
        """The part; ``None`` where it is missing, from before or because it could not be read."""
        if name in self.missing:
            return None
        try:
            return read()
        except DbferryError as error:
            self.missing[name] = error.message
            return None
