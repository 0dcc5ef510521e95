# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of accounts: who logs in, by what, and whether that goes on. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Optional

from .._counted import counted
from .._mysql.accounts_model import Account, AccountName
from .._mysql.quoting import quote_text
from .._mysql.reserved_accounts import reserved_reason
from . import links
from .facts import Facts, content_of
from .model import NOTE, WARNING, Check, Objects, Seen, objects_of
from .target_accounts import AURORA_84, authentication_plugins

_PASSWORD_PLUGINS = ("mysql_native_password", "caching_sha2_password", "sha256_password")
_OLD_PLUGIN = "mysql_old_password"
_INSTEAD = {
    "auth_gssapi_client": "Kerberos comes as authentication_kerberos, by AWS Directory Service",
    "authentication_kerberos": "Kerberos comes by AWS Directory Service, and its accounts are made anew",
    "ed25519": "its hash fits no plug-in of MySQL's",
    "sha256_password": "caching_sha2_password takes its place, with the same kind of password",
}
_NEEDS_HOST = frozenset(("auth_socket", "unix_socket", "auth_pam", "authentication_pam", "pam"))
_OWN_HOST = ("localhost", "127.0.0.1", "::1")
_OFF = ("0", "OFF", "NO")
# The name of a user had 16 characters at most before MySQL 5.7.8.
_KEPT = 11


def account_sql(name: AccountName) -> str:
    """An account as statements name it."""
    return f"{quote_text(name.user)}@{quote_text(name.host)}"


def account_objects(accounts: Iterable[Account]) -> Objects:
    """Accounts as the objects of a finding."""
    return objects_of(account.name.label or "''" for account in accounts)


def _reserved(facts: Facts) -> Optional[Seen]:
    accounts: tuple[Account, ...] = content_of(facts).known("accounts")
    found = [account for account in accounts if "Amazon" in reserved_reason(account.name.user)]
    if not found:
        return None
    old = found[0].name
    return Seen(
        f"{counted(len(found), 'account has', 'accounts have')} names that Amazon RDS keeps for itself.",
        account_objects(found),
        f"RENAME USER {account_sql(old)} TO {account_sql(old._replace(user=f'{old.user[:_KEPT]}_ours'))};",
    )


def _master_user(facts: Facts) -> Optional[Seen]:
    master = facts.wanted.master_username
    found = [account for account in content_of(facts).known("accounts") if account.name.user == master]
    if not master or not found:
        return None
    narrower = [account.name.label for account in found if account.name.host != "%"]
    more = (
        f" {narrower[0]} is more specific than {master}@%: from there, it is the account that logs in."
        if narrower
        else ""
    )
    return Seen(
        f"The master user is to be called {master}, and the source has accounts of that name.{more}",
        account_objects(found),
    )


def _plugins(facts: Facts) -> Optional[Seen]:
    known = authentication_plugins(facts.engine)
    found = [
        account
        for account in content_of(facts).people
        if account.authentication
        and not any(way.plugin in known for way in account.authentication)
        and account.authentication[0].plugin != _OLD_PLUGIN
    ]
    if not found:
        return None
    counts = Counter(account.authentication[0].plugin for account in found)
    said = []
    for plugin, count in counts.most_common():
        host = "it trusts the operating system's users of the server's host" if plugin in _NEEDS_HOST else ""
        reason = _INSTEAD.get(plugin) or host
        said.append(f"{plugin} ({count}{': ' + reason if reason else ''})")
    return Seen(
        f"{counted(len(found), 'account logs in', 'accounts log in')} by plug-ins that the target does not have: "
        f"{', '.join(said)}.",
        objects_of(f"{account.name.label} ({account.authentication[0].plugin})" for account in found),
    )


def _old_passwords(facts: Facts) -> Optional[Seen]:
    found = [
        account
        for account in content_of(facts).people
        if account.authentication and account.authentication[0].plugin == _OLD_PLUGIN
    ]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'account has', 'accounts have')} a password hash of 16 characters, as servers made "
        "them before MySQL 4.1.",
        account_objects(found),
        "SET SESSION old_passwords = 0;",
    )


def _empty_passwords(facts: Facts) -> Optional[Seen]:
    content = content_of(facts)
    found = [
        account
        for account in content.people
        if not account.locked
        and not account.further_factors
        and account.name.user
        and any(way.plugin in _PASSWORD_PLUGINS and not way.data_hex for way in account.authentication)
    ]
    if not found:
        return None
    locks = content.version.number >= ((10, 4, 2) if content.version.mariadb else (5, 7, 6))
    return Seen(
        f"{counted(len(found), 'account lets in', 'accounts let in')} whoever knows their name.",
        account_objects(found),
        f"ALTER USER {account_sql(found[0].name)} ACCOUNT LOCK;" if locks else "",
    )


def _anonymous(facts: Facts) -> Optional[Seen]:
    found = [account for account in content_of(facts).people if not account.name.user and not account.is_role]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'account has', 'accounts have')} no user name.",
        objects_of(f"''@{account.name.host}" for account in found),
        f"DROP USER {account_sql(found[0].name)};",
    )


def _second_factors(facts: Facts) -> Optional[Seen]:
    found = [account for account in content_of(facts).people if account.further_factors]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'account proves itself', 'accounts prove themselves')} by more than a password.",
        account_objects(found),
    )


def _locked(facts: Facts) -> Optional[Seen]:
    # a role of MySQL is an account that is locked and expired, and has no password
    people = [
        account
        for account in content_of(facts).people
        if account.authentication
        and not (account.locked and account.password.expired and not account.authentication[0].data_hex)
    ]
    locked = [account for account in people if account.locked]
    expired = [account for account in people if account.password.expired and not account.locked]
    if not locked and not expired:
        return None
    return Seen(
        f"{counted(len(locked), 'account is', 'accounts are')} locked, "
        f"{counted(len(expired), 'other has', 'others have')} a password that has expired.",
        account_objects([*locked, *expired]),
    )


def _local(facts: Facts) -> Optional[Seen]:
    let_in = [
        account
        for account in content_of(facts).others
        if account.name.user and not account.is_role and not account.locked
    ]
    elsewhere = {account.name.user for account in let_in if account.name.host not in _OWN_HOST}
    found = [account for account in let_in if account.name.user not in elsewhere]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'account lets in', 'accounts let in')} from the server's own host alone.",
        account_objects(found),
    )


def _client_certificates(facts: Facts) -> Optional[Seen]:
    found = [account for account in content_of(facts).people if account.tls.require in ("x509", "specified")]
    if not found:
        return None
    return Seen(
        f"{counted(len(found), 'account has', 'accounts have')} to show a certificate (REQUIRE X509, ISSUER, "
        "SUBJECT or CIPHER).",
        account_objects(found),
        f"ALTER USER {account_sql(found[0].name)} REQUIRE SSL;"
        if content_of(facts).version.number >= (5, 7, 6)
        else "",
    )


def _clear_connections(facts: Facts) -> Optional[Seen]:
    if facts.engine is None or facts.engine.major != AURORA_84 or content_of(facts).on("require_secure_transport"):
        return None
    if str(facts.wanted.cluster_parameters.get("require_secure_transport", "")).upper() in _OFF:
        return None
    return Seen("The source takes connections in clear; the target will refuse them.")


CHECKS: tuple[Check, ...] = (
    Check(
        id="source.reserved_accounts",
        severity=WARNING,
        title="Accounts have names that Amazon RDS reserves",
        why="RDS makes accounts of these names on each cluster, for itself; the source's stay behind, with what they "
        "define.",
        remedy="Rename them, and the logins and definers that use them, before the migration.",
        link=links.SECURITY,
        needs=("content",),
        find=_reserved,
    ),
    Check(
        id="source.master_user_exists",
        severity=WARNING,
        title="The master user's name is taken on the source",
        why="Aurora makes the master user with a password and privileges of its own, and the account of the source "
        "does not replace it: an application that logs in by that name is refused, or becomes the master user.",
        remedy="Choose another migration_target_login_user, or rename the account on the source.",
        link=links.SECURITY,
        needs=("content",),
        find=_master_user,
    ),
    Check(
        id="source.authentication_plugins",
        severity=WARNING,
        title="Accounts log in by plug-ins that Aurora does not have",
        why="Aurora loads no plug-ins of yours; an account whose plug-in is missing cannot be made there as it is.",
        remedy="Give them a password of a kind that Aurora knows, or choose objects_unsupported_plugin: new_password "
        "(or lock); with skip, the default, they stay behind.",
        link=links.MYSQL_PLUGINS,
        needs=("content",),
        find=_plugins,
    ),
    Check(
        id="source.old_passwords",
        severity=WARNING,
        title="Accounts have password hashes from before MySQL 4.1",
        why="MySQL 5.7 removed mysql_old_password: nobody can log in by such a hash on Aurora.",
        remedy="Run the statement, and in the same session SET PASSWORD for each of them.",
        link=links.MYSQL_PLUGINS,
        needs=("content",),
        find=_old_passwords,
    ),
    Check(
        id="source.empty_passwords",
        severity=WARNING,
        title="Accounts have no password",
        why="They arrive as they are, on a server that more networks may reach than the old one.",
        remedy="Give each of them a password, or lock it (statement), or leave it behind by objects_accounts_exclude.",
        link=links.SECURITY,
        needs=("content",),
        find=_empty_passwords,
    ),
    Check(
        id="source.anonymous_accounts",
        severity=WARNING,
        title="There are anonymous accounts",
        why="MySQL prefers the more specific host: an anonymous account takes the logins of named ones, even the "
        "master user's. Those from a specific host are therefore left behind.",
        remedy="Drop them on the source, unless an application logs in without a name.",
        link=links.MYSQL_CONNECTION_ACCESS,
        needs=("content",),
        find=_anonymous,
    ),
    Check(
        id="source.second_factors",
        severity=WARNING,
        title="Accounts have more than one factor of authentication",
        why="Aurora MySQL has no multi-factor authentication. The accounts are left behind: by their password alone "
        "they would be weaker than they are meant to be.",
        remedy="Make them anew on the target with a way to log in that suffices, such as IAM authentication.",
        link=links.AURORA_84_SECURITY,
        needs=("content",),
        find=_second_factors,
    ),
    Check(
        id="source.locked_accounts",
        severity=NOTE,
        title="Accounts are locked or have an expired password",
        why="They arrive locked or expired. Many are remains of people and programs that are gone.",
        remedy="Drop those that nobody needs, or leave them behind by objects_accounts_exclude.",
        link=links.MYSQL_ACCOUNT_LOCKING,
        needs=("content",),
        find=_locked,
    ),
    Check(
        id="source.local_accounts",
        severity=WARNING,
        title="Accounts let in nobody from another host",
        why="Nobody runs anything on Aurora's own host: the accounts arrive, and nobody can log in by them. What runs "
        "beside the source now, such as its application and its jobs, is refused.",
        remedy="Make accounts of the same users for the hosts that these will run on; those that only the old host "
        "needs may stay behind by objects_accounts_exclude.",
        link=links.MYSQL_CONNECTION_ACCESS,
        needs=("content",),
        find=_local,
    ),
    Check(
        id="source.client_certificates",
        severity=WARNING,
        title="Accounts have to show a client certificate",
        why="The authority that Aurora trusts is AWS' own, and no parameter names another: a certificate that yours "
        "has issued is not accepted, and the accounts cannot log in.",
        remedy="Let them demand TLS only (statement), and restrict who reaches the cluster by security groups or IAM.",
        link=links.SECURITY,
        needs=("content",),
        find=_client_certificates,
    ),
    Check(
        id="source.clear_connections",
        severity=WARNING,
        title="Connections without TLS will be refused",
        why="Aurora MySQL 8.4 demands TLS by default (require_secure_transport).",
        remedy="Let all clients use TLS, or set require_secure_transport to OFF in restore_cluster_parameters.",
        link=links.AURORA_84_SECURITY,
        needs=("content",),
        find=_clear_connections,
    ),
)
