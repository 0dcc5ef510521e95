# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Why a fact of the source is not known. Pure."""

from __future__ import annotations

from .._errors import DbferryError
from .._mysql.errors import STATEMENT_TIMEOUT, MysqlError


def why_unread(error: DbferryError, remedy: str) -> str:
    """What a server, or nobody, answered to the question for a fact, and what to do.

    :param remedy: where the server refused the question; one that took too long is not helped by a grant.
    """
    if error.error_id == STATEMENT_TIMEOUT:
        return f"{error.message} {error.remedy}"
    told = error.server_text if isinstance(error, MysqlError) else str(error)
    return f"{told.rstrip('.')}. {remedy}".strip()
