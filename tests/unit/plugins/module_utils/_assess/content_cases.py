# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts of a server that is as it should be, and what tests change in them."""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.backup_account import BackupAccount
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_code import Code
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.content_facts import (
    BinlogFilter,
    ContentFacts,
    Zone,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.facts import Facts
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.model import Check, Seen
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.wanted import Wanted
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._aurora.engine_versions import parse_engine_version
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.accounts_model import (
    GLOBAL,
    Account,
    AccountName,
    Authentication,
    Grant,
    Scope,
)
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.privileges import Rights
from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._mysql.server import ServerVersion

MYSQL_80 = ServerVersion("mysql", (8, 0, 36))
MYSQL_57 = ServerVersion("mysql", (5, 7, 44))
MYSQL_56 = ServerVersion("mysql", (5, 6, 24))
MARIADB_103 = ServerVersion("mariadb", (10, 3, 39))
MARIADB = ServerVersion("mariadb", (10, 11, 14))
AURORA_2 = parse_engine_version("5.7.mysql_aurora.2.12.5")
AURORA_3 = parse_engine_version("8.0.mysql_aurora.3.10.0")
AURORA_84 = parse_engine_version("8.4.mysql_aurora.8.4.1")
HASH = "2A" + "41" * 40

ME = AccountName("ferry", "%")
_SEEN = frozenset(("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "PROCESS", "RELOAD", "LOCK TABLES", "REPLICATION CLIENT"))
_VARIABLES = {
    "binlog_expire_logs_seconds": "2592000",
    "binlog_format": "ROW",
    "binlog_row_image": "FULL",
    "event_scheduler": "ON",
    "gtid_mode": "ON",
    "have_ssl": "YES",
    "log_bin": "ON",
    "log_replica_updates": "ON",
    "server_id": "7",
    "time_zone": "UTC",
}


class Case(NamedTuple):
    """A change of the facts with which a check fires."""

    check_id: str
    facts: Facts
    text: str = ""
    """A part of what is seen."""
    names: Optional[tuple[str, ...]] = None
    statement: Optional[str] = None
    severity: str = ""


def account(
    user: str, host: str = "%", plugin: str = "caching_sha2_password", data: str = HASH, **more: Any
) -> Account:
    """An account with a password."""
    return Account(AccountName(user, host), authentication=(Authentication(plugin, data),), **more)


def holder(user: str, *privileges: str) -> Account:
    """An account with global privileges."""
    return account(user, grants={GLOBAL: Grant(frozenset(privileges))})


def rights(*privileges: str) -> Rights:
    """The rights of the account that asks."""
    grants = {GLOBAL: Grant(frozenset(one for one in privileges if "_" not in one))}
    grants.update({Scope("dynamic", "", one): Grant(frozenset({one})) for one in privileges if "_" in one})
    return Rights(grants, {}, {}, False)


def code(kind: str, name: str, definer: str = "app@%", **more: Any) -> Code:
    """A stored object of schema shop."""
    return Code(kind, more.pop("schema", "shop"), name, definer, **more)


def content(variables: Optional[dict[str, str]] = None, **more: Any) -> ContentFacts:
    """A MySQL 8.0 that is as it should be."""
    facts = ContentFacts(
        version=MYSQL_80,
        me=ME,
        rights=rights(*_SEEN, "BACKUP_ADMIN"),
        backup=BackupAccount("ferry", ME, rights(*_SEEN, "BACKUP_ADMIN")),
        accounts=(account("root", "localhost"), account("app"), account("ferry")),
        dynamic={},
        changes_in_mysql={},
        proxies={},
        code=(code("procedure", "bill"), code("view", "orders_of_today")),
        variables={**_VARIABLES, **(variables or {})},
        plugins=(),
        components=(),
        keyring=(),
        functions=(),
        servers=(),
        zone_names=1780,
        zone=Zone("UTC", "UTC", "UTC"),
        replicas=(),
        binlog_filter=BinlogFilter("", ""),
    )
    return facts._replace(**more)


def facts_of(
    variables: Optional[dict[str, str]] = None,
    engine: Any = AURORA_3,
    wanted: Optional[Wanted] = None,
    target: Any = None,
    **more: Any,
) -> Facts:
    """Facts of a server that differs from a good one in some members."""
    return Facts(wanted or Wanted(), engine=engine, content=content(variables, **more), target=target)


def assert_fires(checks: tuple[Check, ...], case: Case) -> None:
    """The check of the case fires, and says what the case expects."""
    check = next(check for check in checks if check.id == case.check_id)
    seen = check.find(case.facts)
    assert isinstance(seen, Seen)
    assert case.text in seen.text
    assert seen.text.endswith(".")
    assert seen.severity == case.severity
    assert case.names is None or seen.objects.names == case.names
    assert case.statement is None or seen.statement == case.statement


def assert_quiet(checks: tuple[Check, ...], facts: Facts) -> None:
    """No check fires."""
    assert {check.id: seen.text for check in checks for seen in [check.find(facts)] if seen} == {}
