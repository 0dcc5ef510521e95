# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of plug-ins and components that Aurora has not, and of what stands there instead. Pure."""

from __future__ import annotations

from typing import NamedTuple, Optional

from .._counted import counted
from . import links
from .facts import Facts, content_of
from .model import NOTE, WARNING, Check, Seen, objects_of

_AUDIT = ("audit_log", "audit_log_filter", "mcafee_audit", "server_audit", "aws_audit")
_PASSWORDS = ("validate_password", "cracklib_password_check", "password_reuse_check", "simple_password_check")
_KEYRINGS = (
    "keyring",
    "component_keyring",
    "daemon_keyring",
    "file_key_management",
    "aws_key_management",
    "hashicorp_key_management",
)


class _Instead(NamedTuple):
    """What stands on Aurora where a plug-in stood.

    :ivar beginning: of the names of plug-ins and components.
    """

    beginning: str
    instead: str


_OTHERS = (
    _Instead("clone", "clones and snapshots of the cluster"),
    _Instead(
        "connection_control", "nothing; delay guesses at passwords before the cluster, by security groups and IAM"
    ),
    _Instead(
        "component_connection_control", "nothing; delay guesses at passwords before the cluster, by security groups"
    ),
    _Instead("group_replication", "Aurora's own replication of its storage"),
    _Instead("rpl_semi_sync", "Aurora's storage, which has each commit in three Availability Zones"),
    _Instead("thread_pool", "Aurora's own handling of threads, or RDS Proxy"),
    _Instead("query_response_time", "Performance Insights"),
    _Instead("rewriter", "nothing; change the statement in the application"),
    _Instead("component_query_attributes", "nothing for mysql_query_attribute_string()"),
    _Instead("component_mysqlx", "nothing: Aurora has no X Protocol"),
    _Instead("daemon_memcached", "nothing: Aurora MySQL 3 has no memcached interface; use Amazon ElastiCache"),
)
# Handled by other checks: engines with the tables, ways to log in with the accounts.
_ELSEWHERE = ("STORAGE ENGINE", "AUTHENTICATION")


def _loaded(facts: Facts) -> list[str]:
    """Names of plug-ins out of libraries, and of components."""
    content = content_of(facts)
    names = [
        entry.name
        for entry in content.known("plugins")
        for kind, _colon, library in [entry.detail.partition(":")]
        if library and kind not in _ELSEWHERE
    ]
    return names + [urn.rpartition("/")[2] for urn in content.known("components")]


def _among(facts: Facts, beginnings: tuple[str, ...]) -> list[str]:
    return [name for name in _loaded(facts) if _bare(name).startswith(beginnings)]


def _bare(name: str) -> str:
    return name.lower().replace("component_validate", "validate").replace("component_audit", "audit")


def _audit(facts: Facts) -> Optional[Seen]:
    found = _among(facts, _AUDIT)
    return Seen(f"The source keeps an audit log by {', '.join(found)}.", objects_of(found)) if found else None


def _passwords(facts: Facts) -> Optional[Seen]:
    found = _among(facts, _PASSWORDS)
    return Seen(f"The source judges new passwords by {', '.join(found)}.", objects_of(found)) if found else None


def _keyring(facts: Facts) -> Optional[Seen]:
    found = [*_among(facts, _KEYRINGS), *content_of(facts).known("keyring")]
    return Seen(f"The source keeps keys of encryption by {', '.join(found)}.", objects_of(found)) if found else None


def _others(facts: Facts) -> Optional[Seen]:
    known = (*_AUDIT, *_PASSWORDS, *_KEYRINGS)
    found = [name for name in _loaded(facts) if not _bare(name).startswith(known)]
    if not found:
        return None
    said = []
    for name in found:
        instead = next((one.instead for one in _OTHERS if _bare(name).startswith(one.beginning)), "")
        said.append(f"{name} (there: {instead})" if instead else name)
    return Seen(
        f"The source has loaded {counted(len(found), 'plug-in or component', 'plug-ins and components')} that "
        f"Aurora has not: {'; '.join(said[:8])}.",
        objects_of(found),
    )


def _x_protocol(facts: Facts) -> Optional[Seen]:
    sessions = content_of(facts).status.get("mysqlx_sessions_accepted", "0")
    if not sessions.isdigit() or int(sessions) == 0:
        return None
    accepted = counted(int(sessions), "session")
    return Seen(f"Since its start the source has accepted {accepted} by the X Protocol (port 33060).")


CHECKS: tuple[Check, ...] = (
    Check(
        id="source.audit_log",
        severity=WARNING,
        title="The audit log is kept in another way",
        why="Aurora loads no audit plug-ins; its Advanced Auditing is set by cluster parameters, and is off by "
        "default.",
        remedy="Set server_audit_logging to 1 and server_audit_events in restore_cluster_parameters, and export the "
        "audit log to CloudWatch; filters by user are server_audit_incl_users and server_audit_excl_users.",
        link=links.AUDITING,
        needs=("content",),
        find=_audit,
    ),
    Check(
        id="source.password_validation",
        severity=WARNING,
        title="The rules for new passwords do not travel",
        why="They are settings of a plug-in. Aurora MySQL 3 does not let anybody change a plug-in's settings; Aurora "
        "MySQL 8.4 has parameters for them.",
        remedy="Choose an engine version of 8.4 and set its validate_password parameters, or use IAM authentication.",
        link=links.PASSWORD_POLICIES,
        needs=("content",),
        find=_passwords,
    ),
    Check(
        id="source.keyring",
        severity=NOTE,
        title="Keys of encryption are kept by the server",
        why="Aurora encrypts the cluster's storage as a whole, with a key of AWS KMS, and has no keyring.",
        remedy="Set restore_kms_key_id where a key of yours is to be used; decrypt tables before a physical backup.",
        link=links.SECURITY,
        needs=("content",),
        find=_keyring,
    ),
    Check(
        id="source.plugins_lost",
        severity=WARNING,
        title="Plug-ins and components stay behind",
        why="Aurora loads none of yours, and a physical restore leaves them out.",
        remedy="See for each what it is used for, and that the target does without it or has what stands there "
        "instead.",
        link=links.PHYSICAL_MIGRATION,
        needs=("content",),
        find=_others,
    ),
    Check(
        id="source.x_protocol",
        severity=WARNING,
        title="Clients use the X Protocol",
        why="Aurora does not have the X plug-in: MySQL Shell's and the connectors' document store do not reach it.",
        remedy="Move these clients to the classic protocol and port 3306; mysqlx_ status variables tell how much they "
        "do.",
        link=links.MYSQL_80_COMPARED,
        needs=("content",),
        find=_x_protocol,
    ),
)
