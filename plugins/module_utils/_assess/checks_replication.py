# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the binary log, for catching up with the source by replication. Pure."""

from __future__ import annotations

import math
from typing import Optional

from . import links
from .content_facts import BinlogFilter, ContentFacts, Replica, replica_statement
from .facts import Facts, content_of
from .model import NOTE, WARNING, Check, Seen, objects_of

# What has to be there when the copy is done: a day for the restore and all that comes between, besides the transfer.
_MARGIN = 24 * 3600
_WEEK = 7 * 24 * 3600
# AWS, "Replication with Amazon Aurora MySQL": the source is of the target's series or of the one before.
_SOURCES = {"5.7": ("5.6", "5.7"), "8.0": ("5.7", "8.0"), "8.4": ("8.0", "8.4")}
_FOR_REPLICATION = "It matters only where the target is to catch up with the source after the copy. "


def _pair(facts: Facts) -> Optional[Seen]:
    version = content_of(facts).version
    if facts.engine is None or facts.engine.major not in _SOURCES:
        return None
    if version.mariadb:
        return Seen(f"The source is MariaDB {version.text}, whose events and GTIDs are not MySQL's.")
    series = f"{version.number[0]}.{version.number[1]}"
    taken = _SOURCES[facts.engine.major]
    if series in taken:
        return None
    return Seen(f"The source is MySQL {version.text}; {facts.engine.text} replicates from {' and '.join(taken)}.")


def _off(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    if "log_bin" not in content.variables or content.on("log_bin"):
        return None
    return Seen("log_bin is OFF.")


def _logging(facts: Facts) -> Optional[ContentFacts]:
    content = content_of(facts)
    return content if content.on("log_bin") else None


def _format(facts: Facts) -> Optional[Seen]:
    content = _logging(facts)
    form = content.variables.get("binlog_format", "") if content else ""
    if not form or form.upper() == "ROW":
        return None
    return Seen(f"binlog_format is {form}.", statement="SET GLOBAL binlog_format = 'ROW';")


def _row_image(facts: Facts) -> Optional[Seen]:
    content = _logging(facts)
    image = content.variables.get("binlog_row_image", "") if content else ""
    if not image or image.upper() in ("FULL", "FULL_NODUP"):
        return None
    return Seen(f"binlog_row_image is {image}.", statement="SET GLOBAL binlog_row_image = 'FULL';")


def _retention(facts: Facts) -> Optional[Seen]:
    content = _logging(facts)
    if content is None:
        return None
    seconds = int(float(content.variables.get("binlog_expire_logs_seconds", "0") or 0))
    days = float(content.variables.get("expire_logs_days", "0") or 0)
    kept = seconds or days * 86400
    needed = facts.transfer_seconds + _MARGIN
    if not kept or kept >= needed:
        return None
    by_seconds = "binlog_expire_logs_seconds" in content.variables
    wanted = max(_WEEK, 2 * math.ceil(needed / 3600) * 3600)
    travels = f", and the backup alone travels for {facts.transfer_seconds / 3600:.0f}" if kept >= _MARGIN else ""
    return Seen(
        f"Binary logs are kept for {kept / 3600:.1f} hours{travels}.",
        statement=f"SET GLOBAL binlog_expire_logs_seconds = {wanted};"
        if by_seconds
        else f"SET GLOBAL expire_logs_days = {math.ceil(wanted / 86400)};",
    )


def _server_id(facts: Facts) -> Optional[Seen]:
    if content_of(facts).variables.get("server_id") != "0":
        return None
    # No statement is proposed: the same number would be proposed to each server of a fleet.
    return Seen("server_id is 0.")


def _gtids(facts: Facts) -> Optional[Seen]:
    content = _logging(facts)
    mode = content.variables.get("gtid_mode", "") if content else ""
    if content is None or not mode or mode == "ON":
        return None
    if mode == "OFF":
        return Seen("gtid_mode is OFF: catching up goes by the file and position of the backup.")
    return Seen(f"gtid_mode is {mode}, so that some transactions have a GTID and some have none.", severity=WARNING)


def _filters(facts: Facts) -> Optional[Seen]:
    content = _logging(facts)
    if content is None:
        return None
    found: BinlogFilter = content.known("binlog_filter")
    said = [
        f"{name} is {value}"
        for name, value in (("binlog_do_db", found.do_db), ("binlog_ignore_db", found.ignore_db))
        if value
    ]
    return Seen(f"{', '.join(said)}.") if said else None


def _tls(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    offered = content.variables.get("have_ssl", "").upper()
    if content.encrypted or (offered == "YES") or (not offered and content.variables.get("tls_version", "")):
        return None
    return Seen("The source offers no TLS.")


def _replica(facts: Facts) -> Optional[Seen]:
    replicas: tuple[Replica, ...] = content_of(facts).known("replicas")
    if not replicas:
        return None
    stopped = [replica for replica in replicas if not (replica.receiving and replica.applying)]
    if not stopped:
        return Seen("The source is a running replica.", objects_of(replica.upstream for replica in replicas))
    error = f": {stopped[0].error}" if stopped[0].error else ""
    version = content_of(facts).version
    reset = "RESET REPLICA ALL" if not version.mariadb and version.number >= (8, 0, 22) else "RESET SLAVE ALL"
    return Seen(
        f"The source is a replica, and has stopped to receive or to apply{error}.",
        objects_of(replica.upstream for replica in stopped),
        severity=WARNING,
        remedy=f"Read the cause in {replica_statement(version)}, start replication again, and wait until it has caught "
        f"up, before the backup; or {reset} if it is to stand alone.",
    )


def _updates_unlogged(facts: Facts) -> Optional[Seen]:
    content = _logging(facts)
    replicas: tuple[Replica, ...] = content_of(facts).known("replicas")
    if content is None or not replicas or content.on("log_replica_updates") or content.on("log_slave_updates"):
        return None
    return Seen("The source is a replica with log_replica_updates (log_slave_updates) off.")


def _cluster_member(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    if content.on("wsrep_on"):
        return Seen("The source is a member of a Galera cluster (wsrep_on).")
    if content.variables.get("group_replication_group_name"):
        return Seen("The source is a member of a replication group.")
    return None


CHECKS: tuple[Check, ...] = (
    Check(
        id="source.replication_pair",
        severity=WARNING,
        title="The target cannot replicate from the source",
        why=_FOR_REPLICATION + "Aurora replicates from its own series of MySQL, or from the one before.",
        remedy="Plan for writes to stand still from the copy's beginning to the cutover, or copy by AWS DMS.",
        link=links.EXTERNAL_REPLICATION,
        needs=("content",),
        find=_pair,
    ),
    Check(
        id="source.binlog_off",
        severity=WARNING,
        title="The source writes no binary log",
        why=_FOR_REPLICATION + "Without a binary log it cannot: what is written after the copy began is missing there.",
        remedy="Set log_bin and server_id in the option file and restart, before the backup; or let writes stand "
        "still.",
        link=links.EXTERNAL_REPLICATION,
        needs=("content",),
        find=_off,
    ),
    Check(
        id="source.binlog_format",
        severity=WARNING,
        title="The binary log holds statements",
        why=_FOR_REPLICATION
        + "A statement may do something else on another server (NOW() in another zone, LIMIT, UUID()).",
        remedy="Set it to ROW; sessions that are connected keep the old format until they connect anew.",
        link=links.MYSQL_BINLOG,
        needs=("content",),
        find=_format,
    ),
    Check(
        id="source.binlog_row_image",
        severity=NOTE,
        title="The binary log holds parts of rows",
        why=_FOR_REPLICATION
        + "Rows of tables without a primary key are then found by the columns that changed, if at all.",
        remedy="Set it to FULL, or give each table a primary key.",
        link=links.MYSQL_BINLOG,
        needs=("content",),
        find=_row_image,
    ),
    Check(
        id="source.binlog_retention",
        severity=WARNING,
        title="Binary logs are removed too soon",
        why=_FOR_REPLICATION + "All that was written since the backup began has to be there when the cluster is ready.",
        remedy="Keep them longer than backup, transfer and restore take, and see that the disk has room for them.",
        link=links.EXTERNAL_REPLICATION,
        needs=("content",),
        find=_retention,
    ),
    Check(
        id="source.server_id",
        severity=WARNING,
        title="The source has no server_id",
        why=_FOR_REPLICATION + "A server with server_id 0 refuses all replicas.",
        remedy="Set a number that no other server of the topology has (SET GLOBAL server_id = ...), also in the option "
        "file.",
        link=links.MYSQL_BINLOG,
        needs=("content",),
        find=_server_id,
    ),
    Check(
        id="source.gtid_mode",
        severity=NOTE,
        title="Transactions have no GTIDs",
        why=_FOR_REPLICATION
        + "With GTIDs it finds the beginning by itself (mysql.rds_set_external_source_with_auto_position).",
        remedy="Nothing; or bring gtid_mode step by step to ON before the backup, with enforce_gtid_consistency.",
        link=links.MYSQL_GTIDS,
        needs=("content",),
        find=_gtids,
    ),
    Check(
        id="source.binlog_filters",
        severity=WARNING,
        title="The binary log leaves out schemas",
        why=_FOR_REPLICATION
        + "Changes that are not logged never reach the target, and nothing tells that they are missing.",
        remedy="Remove the options from the option file and restart, before the backup.",
        link=links.MYSQL_BINLOG,
        needs=("content",),
        find=_filters,
    ),
    Check(
        id="source.tls_not_offered",
        severity=WARNING,
        title="The source offers no TLS",
        why="The migration's account logs in over the network in clear, and so would replication into AWS.",
        remedy="Give the server a certificate (ssl_cert, ssl_key), or go through a VPN or Direct Connect only.",
        link=links.EXTERNAL_REPLICATION,
        needs=("content",),
        find=_tls,
    ),
    Check(
        id="source.replica",
        severity=NOTE,
        title="The source is a replica itself",
        why="It is a good place for a backup, as it spares its own source. Applications write elsewhere, and the "
        "cutover has to stop them there.",
        remedy="Plan the cutover at the top of the chain.",
        link=links.MYSQL_REPLICA_OPTIONS,
        needs=("content",),
        find=_replica,
    ),
    Check(
        id="source.replica_updates_unlogged",
        severity=WARNING,
        title="What the source receives is not in its binary log",
        why=_FOR_REPLICATION + "Nothing that comes from the source's own source would reach it.",
        remedy="Set log_replica_updates (log_slave_updates) and restart, or let the target replicate from the top of "
        "the chain.",
        link=links.MYSQL_REPLICA_OPTIONS,
        needs=("content",),
        find=_updates_unlogged,
    ),
    Check(
        id="source.cluster_member",
        severity=NOTE,
        title="The source is a member of a cluster",
        why="A backup of one member has everything. While it runs, a member that falls behind slows down or leaves "
        "the others.",
        remedy="Back up a member that takes no writes, and let the target replicate from one member alone.",
        link=links.MYSQL_GROUP_REPLICATION,
        needs=("content",),
        find=_cluster_member,
    ),
)
