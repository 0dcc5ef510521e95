# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of privileges: those that do not travel, and those that the migration's own account needs, and
what it could not read in time. Pure."""

from __future__ import annotations

from collections import Counter
from typing import Optional

from .._counted import counted
from .._mysql.accounts_model import GLOBAL, Account, AccountName, Grant
from .._mysql.mandatory_roles import parse_mandatory_roles
from .._mysql.privileges import SUCCESSORS, Rights
from . import links
from .backup_account import LOCALHOST, BackupAccount
from .checks_accounts import account_objects, account_sql
from .content_facts import ContentFacts
from .facts import Facts, content_of
from .model import BLOCKER, PHYSICAL, WARNING, Check, Seen, objects_of
from .target_accounts import is_aurora_2, master_privileges

# Percona, "Connection and privileges needed"; the tables are 8.0's and later.
_BACKUP = ("RELOAD", "LOCK TABLES", "PROCESS", "REPLICATION CLIENT")
_BACKUP_80 = "BACKUP_ADMIN"
_BACKUP_TABLES = ("log_status", "keyring_component_status", "replication_group_members")
_KEYRING_STATUS_SINCE = (8, 0, 24)
# What reads accounts, stored objects and tables, in this assessment and in the stations after it.
_READING = ("SELECT", "SHOW VIEW", "TRIGGER", "EVENT", "PROCESS")


def _held(content: ContentFacts, account: Account) -> frozenset[str]:
    own = account.grants.get(GLOBAL, Grant(frozenset())).privileges
    return own | (content.dynamic or {}).get(account.name, frozenset())


def _lost(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    content.known("dynamic")
    given = master_privileges(facts.engine)
    counts: Counter[str] = Counter()
    named = []
    for account in content.others:
        lost = _held(content, account) - given
        if lost:
            counts.update(lost)
            named.append((account, lost))
    if not named:
        return None
    said = []
    for privilege, count in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))[:8]:
        instead = [name for name in SUCCESSORS.get(privilege, ()) if name in given]
        said.append(f"{privilege} ({count}{'; instead ' + ', '.join(instead) if instead else ''})")
    more = f" and {len(counts) - 8} more" if len(counts) > 8 else ""
    return Seen(
        f"{counted(len(named), 'account has', 'accounts have')} privileges that Aurora's master user cannot pass "
        f"on: {', '.join(said)}{more}.",
        objects_of(f"{account.name.label}: {', '.join(sorted(lost))}" for account, lost in named),
    )


def _grants_in_mysql(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    changes = content.known("changes_in_mysql")
    found = [account.name for account in content.people if account.name in changes]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'account')} may change schema mysql by grants on it.",
        objects_of(
            f"{name.label}: {', '.join(sorted(privileges))} ON mysql.{table}"
            for name in found
            for table, privileges in sorted(changes[name].items())
        ),
    )


def _proxies(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    proxies = content.known("proxies")
    found = [account.name for account in content.people if account.name in proxies]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'account')} may act as others.",
        objects_of(f"{name.label} as {other.label}" for name in found for other in proxies[name]),
    )


def _roles(facts: Facts) -> Optional[Seen]:
    if not is_aurora_2(facts.engine):
        return None
    content = content_of(facts)
    found = [account for account in content.people if account.is_role]
    if not found:
        return None
    return Seen(f"The source has {counted(len(found), 'role')}.", account_objects(found))


def _mandatory_roles(facts: Facts) -> Optional[Seen]:
    roles = parse_mandatory_roles(content_of(facts).variables.get("mandatory_roles", ""))
    if not roles:
        return None
    return Seen(
        f"mandatory_roles gives {counted(len(roles), 'role')} to every account of the source.",
        objects_of(role.label for role in roles),
    )


def _partial_revokes(facts: Facts) -> Optional[Seen]:
    found = [account for account in content_of(facts).people if account.restrictions]
    if not found or str(facts.wanted.cluster_parameters.get("partial_revokes", "")).upper() in ("1", "ON"):
        return None
    return Seen(
        f"{counted(len(found), 'account has', 'accounts have')} global privileges that do not count in some "
        "schemas (partial revokes).",
        objects_of(f"{account.name.label}: {', '.join(sorted(account.restrictions))}" for account in found),
    )


def _is_80(content: ContentFacts) -> bool:
    return not content.version.mariadb and content.version.number >= (8, 0, 0)


def _backup_privileges(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    backup: BackupAccount = content.known("backup")
    rights = backup.rights or Rights({}, {}, {}, content.version.mariadb)
    needed = [*_BACKUP, *([_BACKUP_80] if _is_80(content) else [])]
    missing = [privilege for privilege in needed if not rights.has(privilege)]
    tables = [
        table
        for table in (_BACKUP_TABLES if _is_80(content) else ())
        if not rights.may_select("performance_schema", table)
        and (table != "keyring_component_status" or content.version.number >= _KEYRING_STATUS_SINCE)
    ]
    if not missing and not tables:
        return None
    account = account_sql(backup.name or AccountName(backup.user, LOCALHOST))
    statements = [f"GRANT {', '.join(missing)} ON *.* TO {account};"] if missing else []
    statements += [f"GRANT SELECT ON performance_schema.{table} TO {account};" for table in tables]
    if backup.name is None or backup.rights is None:
        return Seen(
            f"No account lets {backup.user} in, as which the backup logs in from the server's own host.",
            statement="\n".join([f"CREATE USER {account} IDENTIFIED BY '...';", *statements]),
        )
    return Seen(
        f"{backup.name.label} lacks {len(missing) + len(tables)} of the privileges that a backup needs.",
        objects_of([*missing, *(f"SELECT ON performance_schema.{table}" for table in tables)]),
        "\n".join(statements),
    )


def _reading_privileges(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    rights: Rights = content.known("rights")
    missing = [privilege for privilege in _READING if not rights.has(privilege)]
    if not missing:
        return None
    return Seen(
        f"{content.me.label} lacks {', '.join(missing)}.",
        objects_of(missing),
        f"GRANT {', '.join(missing)} ON *.* TO {account_sql(content.me)};",
    )


def _queries_ended(facts: Facts) -> Optional[Seen]:
    count = facts.ended_queries
    if not count:
        return None
    which = "which" if count == 1 else "each of which"
    what = f"{counted(count, 'query', 'queries')} of the assessment, {which}"
    return Seen(f"The server ended {what} took longer than it may.")


CHECKS: tuple[Check, ...] = (
    Check(
        id="source.privileges_lost",
        severity=WARNING,
        title="Accounts have privileges that do not exist on Aurora",
        why="Nobody gets more on Aurora than its master user has, which has no SUPER, FILE or SHUTDOWN; what replaces "
        "a part of SUPER is given instead where the target has it.",
        remedy="See what each account needs it for. Files go by LOAD DATA FROM S3 and SELECT INTO OUTFILE S3, "
        "settings by parameter groups, ending sessions by CALL mysql.rds_kill.",
        link=links.SECURITY,
        needs=("content",),
        find=_lost,
    ),
    Check(
        id="source.grants_in_mysql",
        severity=WARNING,
        title="Accounts may change schema mysql",
        why="Nobody writes to schema mysql on Aurora, nor makes anything in it: these grants do not travel, and what "
        "needs them fails.",
        remedy="Let what uses them take CREATE USER, GRANT and the like, and tables in a schema of yours.",
        link=links.MYSQL_80_COMPARED,
        needs=("content",),
        find=_grants_in_mysql,
    ),
    Check(
        id="source.proxy_grants",
        severity=WARNING,
        title="Accounts may act as others",
        why="PROXY is no privilege of Aurora's master user, so that nobody gets it there.",
        remedy="Give those who log in this way accounts of their own, or roles where the target has them.",
        link=links.SECURITY,
        needs=("content",),
        find=_proxies,
    ),
    Check(
        id="source.roles_lost",
        severity=WARNING,
        title="Roles do not exist on the target",
        why="Aurora MySQL 2 is MySQL 5.7, which has no roles: what accounts have by them is lost.",
        remedy="Grant the roles' privileges to their members, or choose Aurora MySQL 3.",
        link=links.MYSQL_GRANTS,
        needs=("content",),
        find=_roles,
    ),
    Check(
        id="source.mandatory_roles",
        severity=WARNING,
        title="Accounts have roles by a setting of the server",
        why="mandatory_roles is not part of any account. Where the target lacks it, everybody loses these roles.",
        remedy="Set mandatory_roles in restore_cluster_parameters where the family has it, or grant the roles to "
        "those who need them.",
        link=links.MYSQL_GRANTS,
        needs=("content",),
        find=_mandatory_roles,
    ),
    Check(
        id="source.partial_revokes",
        severity=WARNING,
        title="Global privileges are revoked for single schemas",
        why="Where partial_revokes is off, as by default, the target cannot express it. The global privileges "
        "concerned are then left behind, so that no account can do more than before.",
        remedy="Set partial_revokes to 1 in restore_cluster_parameters, or grant schema by schema.",
        link=links.MYSQL_PARTIAL_REVOKES,
        needs=("content",),
        find=_partial_revokes,
    ),
    Check(
        id="source.missing_privileges",
        severity=BLOCKER,
        title="The account lacks privileges that a backup needs",
        why="XtraBackup stops at the first thing that it may not do, which may be hours after its start.",
        remedy="Grant them.",
        link=links.XTRABACKUP_PRIVILEGES,
        needs=("content",),
        find=_backup_privileges,
        ways=(PHYSICAL,),
    ),
    Check(
        id="source.missing_reading_privileges",
        severity=WARNING,
        title="The account does not see all of the source",
        why="What it may not read is neither assessed, nor brought, nor compared. Accounts are in schema mysql, and a "
        "server hides stored code from those who may not see it.",
        remedy="Grant them for the time of the migration.",
        link=links.MYSQL_GRANTS,
        needs=("content",),
        find=_reading_privileges,
    ),
    Check(
        id="source.queries_ended",
        severity=WARNING,
        title="Not all could be read in time",
        why="A query that takes long is ended, so that the assessment is no burden to the source. The checks that need "
        "its answer are listed as not made.",
        remedy="Give the queries more time by assess_statement_timeout, or assess when the server has less to do.",
        link=links.MYSQL_STATEMENT_TIMEOUT,
        needs=("server",),
        find=_queries_ended,
    ),
)
