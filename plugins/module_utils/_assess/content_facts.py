# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Who and what lives in the source besides tables: accounts, stored objects, plug-ins, replication, zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any, Callable, NamedTuple, Optional, TypeVar

from .._mysql import accounts_read_mariadb, accounts_read_mysql
from .._mysql.accounts import read_rights
from .._mysql.accounts_model import Account, AccountName
from .._mysql.connection import Connection
from .._mysql.errors import MysqlError
from .._mysql.grant_tables import grant_of_set
from .._mysql.privileges import Rights
from .._mysql.reserved_accounts import system_reason
from .._mysql.server import ServerVersion
from .._mysql.time_zones import ZoneError
from .backup_account import BackupAccount, choose_account
from .content_code import Code, read_code
from .content_inventory import CHANGING, Entry, Inventory, read_inventory
from .content_zone import Zone, ZoneReading
from .late_questions import LateQuestions
from .model import NotKnownError
from .own_rights import OwnRights
from .server_facts import ServerFacts
from .unread import why_unread
from .wanted import Wanted

Read = TypeVar("Read")


class Replica(NamedTuple):
    """A channel by which the source itself is a replica."""

    channel: str
    upstream: str
    """Host and port of its own source."""
    receiving: bool
    applying: bool
    error: str
    """``error 1396``, or "". The server's own words quote statements and rows, hashes of passwords among them."""


class BinlogFilter(NamedTuple):
    """What the binary log leaves out."""

    do_db: str
    ignore_db: str


class ContentFacts(NamedTuple):
    """Who and what lives in the source besides tables. ``None`` is not known, and ``unknown`` says why."""

    version: ServerVersion
    me: AccountName
    """The account that asked."""
    rights: Optional[Rights] = None
    """What it may do."""
    backup: Optional[BackupAccount] = None
    """Whom the server takes the backup for."""
    encrypted: bool = True
    """Whether its connection is under TLS."""
    accounts: Optional[tuple[Account, ...]] = None
    """All accounts, without their grants below the global level and without what they are members of; MariaDB's roles
    are among them."""
    dynamic: Optional[Mapping[AccountName, frozenset[str]]] = None
    """Dynamic privileges; none before MySQL 8.0."""
    changes_in_mysql: Optional[Mapping[AccountName, Mapping[str, frozenset[str]]]] = None
    """Who may change schema mysql by grants on it: table, or ``*`` for all, to privileges."""
    proxies: Optional[Mapping[AccountName, tuple[AccountName, ...]]] = None
    """Who may act as whom."""
    code: Optional[tuple[Code, ...]] = None
    variables: Mapping[str, str] = {}
    status: Mapping[str, str] = {}
    schemas: Optional[tuple[str, ...]] = None
    """Those that are not the server's own, in the order of their names."""
    encrypting_schemas: Optional[tuple[str, ...]] = None
    """Those of them whose new tables are encrypted."""
    plugins: Optional[tuple[Entry, ...]] = None
    """Active plug-ins; ``detail`` is ``TYPE:library``, without a library for those that are built in."""
    components: Optional[tuple[str, ...]] = None
    keyring: Optional[tuple[str, ...]] = None
    """Keyring components, which components do not list."""
    functions: Optional[tuple[Entry, ...]] = None
    """Loadable functions, with their libraries."""
    servers: Optional[tuple[Entry, ...]] = None
    """Rows of ``mysql.servers``, with their wrappers."""
    zone_names: Optional[int] = None
    """How many named zones the server has loaded."""
    zone: Optional[Zone] = None
    replicas: Optional[tuple[Replica, ...]] = None
    binlog_filter: Optional[BinlogFilter] = None
    unknown: Mapping[str, str] = {}
    """Name of a member to the reason why it is not known."""

    def known(self, member: str) -> Any:
        """A member that may not be known.

        :raises NotKnownError: it is not.
        """
        value = getattr(self, member)
        if value is None:
            raise NotKnownError(self.unknown.get(member) or f"The server did not tell its {member}.")
        return value

    @property
    def people(self) -> tuple[Account, ...]:
        """The accounts that are not the server's own.

        :raises NotKnownError: the accounts are not known.
        """
        accounts: tuple[Account, ...] = self.known("accounts")
        return tuple(account for account in accounts if not system_reason(account.name))

    @property
    def others(self) -> tuple[Account, ...]:
        """The people without the migration's own accounts, which are made for the time of it.

        :raises NotKnownError: the accounts are not known.
        """
        own = (self.me, self.backup.name if self.backup is not None else None)
        return tuple(account for account in self.people if account.name not in own)

    def on(self, name: str) -> bool:
        """Whether a variable that the server knows is on."""
        return self.variables.get(name, "").upper() in ("ON", "1", "YES")


_READ_MYSQL = "GRANT SELECT ON mysql.* to the account that reads."
# Parts of the inventory, and what they are called here.
_MEMBERS = {"zones": "zone_names", "values": "zone"}


def read_content_facts(
    connection: Connection, server: ServerFacts, own: OwnRights, wanted: Wanted, late: LateQuestions
) -> Callable[[], ContentFacts]:
    """Read what there is besides tables, in six queries at most; a late question tells zones apart that are nearly
    alike.

    What the account may not read is not asked for. A query that is refused makes its fact unknown; where it is that of
    the small tables, though the grants allow it, each of them is asked for by itself.

    :param wanted: tells how the backup is going to log in.
    :returns: what tells them, once no question is to be added any more.
    :raises MysqlError: ``mysql.connection_lost``.
    """
    version, rights = server.version, own.rights
    unknown: dict[str, str] = {} if rights is not None else {"rights": own.why_not}

    def attempt(member: str, read: Callable[[], Read], help_text: str) -> Optional[Read]:
        try:
            return read()
        except NotKnownError as error:
            unknown[member] = str(error)
            return None
        except (MysqlError, ZoneError) as error:
            if error.error_id == "mysql.connection_lost":
                raise
            unknown[member] = why_unread(error, help_text)
            return None

    zone = ZoneReading(server.variables)
    user = wanted.backup_user or connection.login.user
    inventory, refused = read_inventory(connection, version, rights, user, zone.expressions)
    for part, reason in refused.items():
        unknown[_MEMBERS.get(part, part)] = reason
    # Who backs up is known without them, and then their rights take a query more.
    unknown.pop("roles", None)
    attempt("zone", lambda: zone.go_on(inventory.get("values", ()), late), "")
    replica_sql = replica_statement(version)
    facts = ContentFacts(
        version=version,
        me=_account_name(inventory["me"][0].name),
        rights=rights,
        encrypted=connection.encrypted,
        accounts=attempt("accounts", lambda: _read_accounts(connection, version, rights, inventory), _READ_MYSQL),
        dynamic=_dynamic(inventory.get("dynamic", ())) if "dynamic" not in refused else None,
        changes_in_mysql=_changes(inventory["changes_in_mysql"]) if "changes_in_mysql" in inventory else None,
        proxies=_proxies(inventory["proxies"]) if "proxies" in inventory else None,
        code=attempt("code", lambda: read_code(connection, version), ""),
        variables=server.variables,
        status={entry.name: entry.detail for entry in inventory.get("status", ())},
        schemas=tuple(sorted(_names(inventory["schemas"]))) if "schemas" in inventory else None,
        encrypting_schemas=_encrypting(inventory["schemas"]) if "schemas" in inventory else None,
        plugins=inventory.get("plugins"),
        components=_names(inventory.get("components", ())) if "components" not in refused else None,
        keyring=_names(inventory.get("keyring", ())) if "keyring" not in refused else None,
        functions=inventory.get("functions"),
        servers=inventory.get("servers"),
        zone_names=int(inventory["zones"][0].name) if inventory.get("zones") else None,
        replicas=attempt(
            "replicas",
            lambda: tuple(map(read_replica, connection.rows(replica_sql))),
            "GRANT REPLICATION CLIENT ON *.* to the account that reads (MariaDB: SLAVE MONITOR).",
        ),
        unknown=unknown,
    )
    facts = facts._replace(
        backup=attempt("backup", lambda: _read_backup_account(connection, facts, wanted, inventory), _READ_MYSQL)
    )
    if facts.on("log_bin"):
        facts = facts._replace(
            binlog_filter=attempt(
                "binlog_filter",
                lambda: _binlog_filter(connection.rows(_binlog_statement(version))),
                "GRANT REPLICATION CLIENT ON *.* to the account that reads.",
            )
        )

    def finish() -> ContentFacts:
        return facts if "zone" in unknown else facts._replace(zone=attempt("zone", zone.finish, ""))

    return finish


def _read_accounts(
    connection: Connection, version: ServerVersion, rights: Optional[Rights], inventory: Inventory
) -> tuple[Account, ...]:
    in_json = version.mariadb and version.number >= accounts_read_mariadb.JSON_SINCE
    table = "global_priv" if in_json else "user"
    if rights is not None and not rights.may_select("mysql", table):
        raise NotKnownError(f"SELECT is not granted on mysql.{table}. {_READ_MYSQL}")
    columns = _names(inventory.get("account_columns", ()))
    if version.mariadb:
        return tuple(accounts_read_mariadb.read_definitions(connection, version, columns))
    return tuple(accounts_read_mysql.read_definitions(connection, columns))


def _read_backup_account(
    connection: Connection, facts: ContentFacts, wanted: Wanted, inventory: Inventory
) -> BackupAccount:
    user = wanted.backup_user or facts.me.user
    name = choose_account(facts.known("accounts"), user, bool(wanted.backup_login_host))
    if name is None or name.user != user:
        return BackupAccount(user)
    if name == facts.me:
        return BackupAccount(user, name, facts.known("rights"))
    roles = None
    if "roles" in inventory:
        roles = [_account_name(entry.detail) for entry in inventory["roles"] if _account_name(entry.name) == name]
    return BackupAccount(user, name, read_rights(connection, facts.version, name, roles))


def _account_name(text: str) -> AccountName:
    user, _at, host = text.rpartition("@")
    return AccountName(user, host.lower())


def _names(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    return tuple(entry.name for entry in entries)


def _encrypting(entries: tuple[Entry, ...]) -> tuple[str, ...]:
    return tuple(sorted(entry.name for entry in entries if entry.detail == "YES"))


def _dynamic(entries: tuple[Entry, ...]) -> dict[AccountName, frozenset[str]]:
    found: dict[AccountName, set[str]] = defaultdict(set)
    for entry in entries:
        found[_account_name(entry.name)].add(entry.detail)
    return {name: frozenset(privileges) for name, privileges in found.items()}


def _changes(entries: tuple[Entry, ...]) -> dict[AccountName, dict[str, frozenset[str]]]:
    found: dict[AccountName, dict[str, frozenset[str]]] = defaultdict(dict)
    for entry in entries:
        held, _on, table = entry.detail.partition(" ON mysql.")
        changing = grant_of_set(held).privileges.intersection(CHANGING)
        if changing:
            found[_account_name(entry.name)][table] = changing
    return dict(found)


def _proxies(entries: tuple[Entry, ...]) -> dict[AccountName, tuple[AccountName, ...]]:
    found: dict[AccountName, tuple[AccountName, ...]] = {}
    for entry in entries:
        name = _account_name(entry.name)
        found[name] = (*found.get(name, ()), _account_name(entry.detail))
    return found


def replica_statement(version: ServerVersion) -> str:
    """What tells by which channels a server is a replica."""
    if version.mariadb:
        return "SHOW ALL SLAVES STATUS"
    return "SHOW REPLICA STATUS" if version.number >= (8, 0, 22) else "SHOW SLAVE STATUS"


def _binlog_statement(version: ServerVersion) -> str:
    modern = not version.mariadb and version.number >= (8, 2, 0)
    return "SHOW BINARY LOG STATUS" if modern else "SHOW MASTER STATUS"


def read_replica(row: Mapping[str, Any]) -> Replica:
    """A channel, of what SHOW REPLICA STATUS says of it."""

    def told(*names: str) -> str:
        return str(next((row[name] for name in names if row.get(name) is not None), ""))

    return Replica(
        channel=told("Channel_Name", "Connection_name"),
        upstream=f"{told('Source_Host', 'Master_Host')}:{told('Source_Port', 'Master_Port')}",
        receiving=told("Replica_IO_Running", "Slave_IO_Running") == "Yes",
        applying=told("Replica_SQL_Running", "Slave_SQL_Running") == "Yes",
        error=next((f"error {row[name]}" for name in ("Last_SQL_Errno", "Last_IO_Errno") if row.get(name)), ""),
    )


def _binlog_filter(rows: list[dict[str, Any]]) -> BinlogFilter:
    row = rows[0] if rows else {}
    return BinlogFilter(str(row.get("Binlog_Do_DB") or ""), str(row.get("Binlog_Ignore_DB") or ""))
