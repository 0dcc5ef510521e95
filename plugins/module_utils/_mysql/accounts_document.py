# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Accounts as plain data: the form in which they travel, are shown, and may be written by hand. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from . import packing
from .accounts_model import (
    LEVELS,
    Account,
    AccountName,
    Authentication,
    Grant,
    Limits,
    PasswordRules,
    Scope,
    Tls,
)
from .errors import MysqlError
from .grants import privilege_name
from .server import ServerVersion

EXPORT_VERSION = 2

_ROLE_OPTIONS: dict[str, Any] = {"user": {"type": "str", "required": True}, "host": {"type": "str", "default": "%"}}
# The form as an argument specification; no_log stands on what is a secret and on nothing else, because it blanks out
# every equal text in a result.
ACCOUNT_OPTIONS: dict[str, Any] = {
    "user": {"type": "str", "required": True},
    "host": {"type": "str", "default": "%"},
    "role": {"type": "bool", "default": False},
    "authentication": {
        "type": "list",
        "elements": "dict",
        "options": {"plugin": {"type": "str", "required": True}, "data_hex": {"type": "str", "no_log": True}},
    },
    "further_factors": {"type": "list", "elements": "str"},
    "second_password": {"type": "bool", "no_log": False},
    "second_password_hex": {"type": "str", "no_log": True},
    "tls": {
        "type": "dict",
        "options": {
            "require": {"type": "str", "choices": ["none", "any", "x509", "specified"]},
            "cipher": {"type": "str"},
            "issuer": {"type": "str"},
            "subject": {"type": "str"},
        },
    },
    "limits": {
        "type": "dict",
        "options": {
            "queries_per_hour": {"type": "int"},
            "updates_per_hour": {"type": "int"},
            "connections_per_hour": {"type": "int"},
            "user_connections": {"type": "int"},
            "statement_seconds": {"type": "float"},
        },
    },
    "password": {
        "type": "dict",
        "no_log": False,
        "options": {
            "expired": {"type": "bool"},
            "lifetime_days": {"type": "int"},
            "history": {"type": "int"},
            "reuse_days": {"type": "int"},
            "require_current": {"type": "bool"},
            "failed_attempts": {"type": "int"},
            "lock_days": {"type": "int"},
        },
    },
    "locked": {"type": "bool", "default": False},
    "attributes": {"type": "str"},
    "roles": {
        "type": "list",
        "elements": "dict",
        "options": {**_ROLE_OPTIONS, "admin": {"type": "bool", "default": False}},
    },
    "default_roles": {"type": "list", "elements": "dict", "options": _ROLE_OPTIONS},
    "grants": {
        "type": "list",
        "elements": "dict",
        "options": {
            "level": {"type": "str", "required": True, "choices": list(LEVELS)},
            "schema": {"type": "str"},
            "name": {"type": "str"},
            "detail": {"type": "str"},
            "privileges": {"type": "list", "elements": "str", "default": []},
            "grant_option": {"type": "bool", "default": False},
        },
    },
    "restrictions": {
        "type": "list",
        "elements": "dict",
        "options": {
            "schema": {"type": "str", "required": True},
            "privileges": {"type": "list", "elements": "str", "required": True},
        },
    },
}


class Skipped(NamedTuple):
    """Something that does not travel, why, and what to do about it."""

    account: str
    what: str
    reason: str
    remedy: str

    def as_result(self) -> dict[str, str]:
        """As a member of a module's result."""
        return self._asdict()


class Export(NamedTuple):
    """The accounts of a server on their way to another one."""

    version: ServerVersion
    accounts: tuple[Account, ...]
    skipped: tuple[Skipped, ...]
    mandatory_roles: tuple[AccountName, ...] = ()
    """Roles that every account of the server has by its variable ``mandatory_roles``."""
    hidden: tuple[AccountName, ...] = ()
    """Accounts that the server has and did not show, so that they are not among the others."""
    complete: bool = True
    """Whether the server has no accounts but these, the skipped and the hidden ones."""
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    """The patterns that chose the accounts: of those that they leave out, it says nothing."""
    defaults: Mapping[str, str] | None = None
    """The server's variables that accounts depend on (``accounts_defaults.DEFAULTS``); None: they are the target's."""


def to_document(account: Account, secrets: bool) -> dict[str, Any]:
    """An account as JSON-serialisable data, without what is at its default.

    :param secrets: whether hashes are part of it.
    """
    document: dict[str, Any] = {"user": account.name.user, "host": account.name.host}
    if account.is_role:
        document["role"] = True
    ways = [{"plugin": way.plugin, **({"data_hex": way.data_hex} if secrets else {})} for way in account.authentication]
    if ways:
        document["authentication"] = ways
    if account.further_factors:
        document["further_factors"] = list(account.further_factors)
    if account.second_password_hex:
        document["second_password"] = True
        if secrets:
            document["second_password_hex"] = account.second_password_hex
    for member, value, default in (
        ("tls", account.tls, Tls()),
        ("limits", account.limits, Limits()),
        ("password", account.password, PasswordRules()),
    ):
        if value != default:
            usual = default._asdict()
            document[member] = {k: v for k, v in value._asdict().items() if v != usual[k]}
    if account.locked:
        document["locked"] = True
    if account.attributes_json:
        document["attributes"] = account.attributes_json
    if account.roles:
        document["roles"] = [
            {"user": role.user, "host": role.host, "admin": admin} for role, admin in sorted(account.roles.items())
        ]
    if account.default_roles:
        document["default_roles"] = [{"user": role.user, "host": role.host} for role in sorted(account.default_roles)]
    if account.grants:
        document["grants"] = [
            {
                **{part: value for part, value in zip(Scope._fields, scope) if value},
                "privileges": sorted(grant.privileges),
                "grant_option": grant.grantable,
            }
            for scope, grant in sorted(account.grants.items())
        ]
    if account.restrictions:
        document["restrictions"] = [
            {"schema": schema, "privileges": sorted(names)} for schema, names in sorted(account.restrictions.items())
        ]
    return document


def from_document(document: Mapping[str, Any]) -> Account:
    """The account that ``to_document`` with secrets made, or that a person wrote. None counts as not given.

    :raises MysqlError: ``accounts.document`` when it is not of that form.
    """
    try:
        return _from_document(document)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        who = f"{document.get('user')}@{document.get('host')}" if isinstance(document, Mapping) else "an account"
        raise MysqlError(
            f"The description of {who} cannot be read ({type(error).__name__}: {error}).",
            "accounts.document",
            "Write it as the documentation of mysql_accounts shows.",
        ) from error


_HASH_KEEPERS = frozenset(
    ("mysql_native_password", "mysql_old_password", "caching_sha2_password", "sha256_password", "ed25519", "parsec")
)


def _from_document(document: Mapping[str, Any]) -> Account:
    def some(mapping: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in mapping.items() if value is not None}

    def name(role: Mapping[str, Any]) -> AccountName:
        host = role.get("host")
        return AccountName(str(role["user"]), "%" if host is None else str(host).lower())

    given = some(document)
    is_role = bool(given.get("role", False))
    grants: dict[Scope, Grant] = {}
    for grant in given.get("grants", ()):
        scope = _scope(grant)
        before = grants.get(scope, Grant(frozenset()))
        privileges = before.privileges.union(privilege_name(str(one)) for one in grant.get("privileges") or ())
        grants[scope] = Grant(privileges, before.grantable or bool(grant.get("grant_option")))
    ways = given.get("authentication", ())
    # Listed without their hashes, which is not without passwords.
    if any(way["plugin"] in _HASH_KEEPERS and way.get("data_hex") is None for way in ways):
        ways = ()
    return Account(
        name=AccountName(str(given["user"]), "") if is_role else name(given),
        is_role=is_role,
        authentication=tuple(Authentication(str(way["plugin"]), _hex(way.get("data_hex"))) for way in ways),
        further_factors=tuple(str(plugin) for plugin in given.get("further_factors", ())),
        second_password_hex=_hex(given.get("second_password_hex")),
        tls=Tls(**some(given.get("tls", {}))),
        limits=Limits(**some(given.get("limits", {}))),
        password=PasswordRules(**some(given.get("password", {}))),
        locked=bool(given.get("locked", False)),
        attributes_json=str(given.get("attributes", "")),
        roles={name(role): bool(role.get("admin")) for role in given.get("roles", ())},
        default_roles=frozenset(name(role) for role in given.get("default_roles", ())),
        grants=grants,
        restrictions={
            str(entry["schema"]): frozenset(privilege_name(str(one)) for one in entry["privileges"])
            for entry in given.get("restrictions", ())
        },
    )


def _scope(grant: Mapping[str, Any]) -> Scope:
    """What a grant is about, in the case in which servers keep the names that they compare without regard to it."""
    if grant["level"] not in LEVELS:
        raise ValueError(f"level {grant['level']} is none of {', '.join(LEVELS)}")
    level, schema, name, detail = (str(grant.get(part) or "") for part in Scope._fields)
    if level == "routine":
        return Scope(level, schema, name.lower(), detail.upper())
    if level == "dynamic":
        return Scope(level, schema, name.upper(), detail)
    return Scope(level, schema, name, detail.lower())


def _hex(value: Any) -> str:
    text = str(value or "")
    bytes.fromhex(text)
    return text.upper()


def pack(export: Export) -> str:
    """Everything about accounts as one opaque string, hashes and all. A secret."""
    whole = {
        "export_version": EXPORT_VERSION,
        "flavour": export.version.flavour,
        "version": list(export.version.number),
        "accounts": [to_document(account, secrets=True) for account in export.accounts],
        "skipped": [entry.as_result() for entry in export.skipped],
        "mandatory_roles": [list(role) for role in export.mandatory_roles],
        "hidden": [list(name) for name in export.hidden],
        "complete": export.complete,
        "include": list(export.include),
        "exclude": list(export.exclude),
        "defaults": None if export.defaults is None else dict(export.defaults),
    }
    text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
    return packing.pack(text.encode("utf-8"))


def unpack(export: str) -> Export:
    """What ``pack`` made.

    :raises MysqlError: ``accounts.export`` when the string is not one of ours.
    """
    try:
        whole = json.loads(packing.unpack(export))
        if whole["export_version"] != EXPORT_VERSION:
            raise ValueError(f"its version is {whole['export_version']}")
        major, minor, patch = whole["version"]
        return Export(
            ServerVersion(whole["flavour"], (int(major), int(minor), int(patch))),
            tuple(from_document(document) for document in whole["accounts"]),
            tuple(Skipped(**entry) for entry in whole["skipped"]),
            tuple(AccountName(str(user), str(host)) for user, host in whole["mandatory_roles"]),
            tuple(AccountName(str(user), str(host)) for user, host in whole["hidden"]),
            bool(whole["complete"]),
            tuple(str(pattern) for pattern in whole["include"]),
            tuple(str(pattern) for pattern in whole["exclude"]),
            None if whole["defaults"] is None else {str(name): str(value) for name, value in whole["defaults"].items()},
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MysqlError(
            f"The export of accounts cannot be read: {error}.",
            "accounts.export",
            "Give the string that mysql_accounts_info returned as export, whole and from this collection's version.",
        ) from None
