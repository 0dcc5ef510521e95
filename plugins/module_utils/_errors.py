# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The collection's one error type, and the one place where it becomes a failed task."""

from contextlib import contextmanager
from typing import Any, Dict, Iterator, Optional


class DbferryError(Exception):
    """Something went wrong that a person has to know about.

    :param message: what happened and why, one or two sentences, no secret in it.
    :param error_id: a stable name such as ``backup.tool_failed``, for searching and for tests.
    :param remedy: what to do about it; one or two sentences.
    :param details: further JSON-serialisable facts, bounded in size.
    """

    default_id = "dbferry.error"

    def __init__(
        self,
        message: str,
        error_id: Optional[str] = None,
        remedy: str = "",
        details: Optional[Dict[str, Any]] = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id or self.default_id
        self.remedy = remedy
        self.details = details or {}

    def __str__(self) -> str:
        text = "[{0}] {1}".format(self.error_id, self.message)
        if self.remedy:
            text = "{0} What to do: {1}".format(text, self.remedy)
        return text

    def add(self, message: str, remedy: str) -> None:
        """Tell what else went wrong on the way out.

        :param message: one sentence.
        :param remedy: what to do about that; one sentence.
        """
        self.message = "{0} {1}".format(self.message, message)
        self.remedy = "{0} {1}".format(self.remedy, remedy).strip()

    def as_result(self) -> Dict[str, Any]:
        """The error as members of a module's result: ``msg``, ``error_id``, ``remedy``, ``details``."""
        return {
            "msg": str(self),
            "error_id": self.error_id,
            "remedy": self.remedy,
            "details": self.details,
        }


@contextmanager
def errors_to_fail_json(module: Any) -> Iterator[None]:
    """Turn a ``DbferryError`` raised inside the block into ``module.fail_json``.

    :param module: the running AnsibleModule; it is only called, so this file needs no Ansible.
    """
    try:
        yield
    except DbferryError as error:
        module.fail_json(**error.as_result())
