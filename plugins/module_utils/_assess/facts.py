# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The facts that checks judge: what is wanted, and what was collected of each part. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Optional

from .._aurora.engine_versions import EngineVersion
from .access_facts import AccessFacts
from .bucket_facts import BucketFacts
from .content_facts import ContentFacts
from .host_facts import HostFacts
from .key_facts import KeyFacts
from .model import need
from .server_facts import ServerFacts
from .table_facts import TableFacts
from .target_facts import TargetFacts
from .wanted import Wanted


class Facts(NamedTuple):
    """All that an assessment knows. A part that was not collected is ``None``, and ``missing`` says why."""

    wanted: Wanted
    engine: Optional[EngineVersion] = None
    """The engine version that the migration would go to: the one that is wanted, else the one recommended."""
    server: Optional[ServerFacts] = None
    tables: Optional[TableFacts] = None
    content: Optional[ContentFacts] = None
    host: Optional[HostFacts] = None
    bucket: Optional[BucketFacts] = None
    keys: Optional[tuple[KeyFacts, ...]] = None
    access: Optional[AccessFacts] = None
    target: Optional[TargetFacts] = None
    transfer_seconds: float = 0
    """How long the backup is going to travel, as estimated; 0 where nobody knows."""
    ended_queries: int = 0
    """How many queries the source ended, because they took longer than they may."""
    missing: Mapping[str, str] = {}
    """Name of a part to a sentence that says why it was not collected."""


def server_of(facts: Facts) -> ServerFacts:
    """What the server says of itself, for a check that needs it.

    :raises NotKnownError: it was not collected.
    """
    return need(facts.server, "server")


def tables_of(facts: Facts) -> TableFacts:
    """The tables and files, for a check that needs them.

    :raises NotKnownError: they were not collected.
    """
    return need(facts.tables, "tables")


def content_of(facts: Facts) -> ContentFacts:
    """Who and what lives in the source besides tables, for a check that needs it.

    :raises NotKnownError: it was not collected.
    """
    return need(facts.content, "content")


def access_of(facts: Facts) -> AccessFacts:
    """The caller and the role, for a check that needs them.

    :raises NotKnownError: they were not collected.
    """
    return need(facts.access, "access")
