# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Collects the facts of every part, through the connection and the clients handed to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Optional

from .._aurora.clusters import Clusters
from .._aurora.engine_versions import EngineVersion, fallback_engine_versions
from .._aws.errors import AwsError
from .._mysql.connection import Connection
from .access_facts import read_access_facts
from .bucket_facts import read_bucket_facts
from .facts import Facts
from .host_facts import read_host_facts
from .key_facts import backup_key_arn, read_key_facts
from .model import LOGICAL, need
from .parts import Parts
from .source_facts import read_source_facts
from .target_facts import read_target_facts
from .wanted import Wanted
from .way import EngineChoice, choose_engine


class Clients(NamedTuple):
    """boto3 clients of the services that are asked."""

    s3: Any
    kms: Any
    sts: Any
    iam: Any
    rds: Any


class Collected(NamedTuple):
    """The facts, and the engine versions that they were judged against."""

    facts: Facts
    choice: EngineChoice
    live: bool
    """Whether AWS told the engine versions; else a table stands in."""


def collect(
    connection: Connection,
    clients: Optional[Clients],
    host: Mapping[str, Any],
    wanted: Wanted,
    missing: Mapping[str, str],
    server: Mapping[str, Any],
) -> Collected:
    """Read all that can be read; what cannot be is missing, with the reason, and fails nothing.

    :param connection: to the source. Without it there is nothing to assess.
    :param clients: ``None`` leaves AWS unasked.
    :param host: what was seen on the source host; empty where nobody looked.
    :param missing: parts that are left out on purpose, with the reason.
    :param server: what the source said of itself just before, as for ``read_source_facts``; empty where nobody asked.
    :raises MysqlError: the source's version cannot be read.
    """
    parts = Parts(missing)
    source = read_source_facts(connection, wanted, server, parts)
    if not host:
        parts.missing.setdefault("host", "Nobody looked at the source host.")
    elsewhere = "AWS was not asked."
    for name in ("bucket", "keys", "access", "target"):
        if clients is None:
            parts.missing.setdefault(name, elsewhere)
    offered, live = _offered(clients)
    known = source.server.version
    version = wanted.source_engine_version or known.text
    logical = wanted.way == LOGICAL or not choose_engine(version, offered, "", False).fitting
    choice = choose_engine(version, offered, wanted.engine_version, logical, live, known.mariadb)
    engine = choice.recommended
    bucket = parts.read("bucket", lambda: read_bucket_facts(clients.s3, wanted)) if clients else None
    keys = parts.read("keys", lambda: read_key_facts(clients.kms, wanted, bucket)) if clients else None
    key = backup_key_arn(keys, wanted.role_arn)
    facts = Facts(
        wanted=wanted,
        engine=engine,
        server=source.server,
        tables=source.tables,
        content=source.content,
        host=parts.read("host", lambda: read_host_facts(host)),
        bucket=bucket,
        keys=keys,
        access=parts.read("access", lambda: read_access_facts(clients.sts, clients.iam, wanted, key))
        if clients
        else None,
        target=parts.read("target", lambda: read_target_facts(clients.rds, wanted, engine)) if clients else None,
        ended_queries=connection.ended,
        missing=parts.missing,
    )
    return Collected(facts, choice, live)


def choose_for_a_copy(collected: Collected, clients: Optional[Clients]) -> Collected:
    """The same facts of the source, with an engine version that was chosen for a logical copy.

    For where a look at the source has closed the physical way, for which the engine was chosen at first.
    """
    facts = collected.facts
    wanted, server = facts.wanted, need(facts.server, "server")
    offered, live = _offered(clients)
    version = wanted.source_engine_version or server.version.text
    choice = choose_engine(version, offered, wanted.engine_version, True, live, server.version.mariadb)
    if choice.recommended == facts.engine:
        return collected._replace(choice=choice)
    engine = choice.recommended
    parts = Parts({name: reason for name, reason in facts.missing.items() if name != "target" or clients is None})
    target = parts.read("target", lambda: read_target_facts(clients.rds, wanted, engine)) if clients else None
    return Collected(facts._replace(engine=engine, target=target, missing=parts.missing), choice, live)


def _offered(clients: Optional[Clients]) -> tuple[list[EngineVersion], bool]:
    if clients is not None:
        try:
            offered = Clusters(clients.rds).engine_versions()
        except AwsError:
            offered = []
        if offered:
            return offered, True
    return fallback_engine_versions(), False
