# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Take accounts out of one server and bring them to another."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from .._counted import counted
from . import batches
from .accounts_defaults import DEFAULTS, other_defaults
from .accounts_document import Export, Skipped, from_document, to_document, unpack
from .accounts_left import former_passwords, not_chosen, of_the_system, ownerless_grants
from .accounts_model import Account, AccountName, Scope
from .accounts_names import name_on_target
from .accounts_plan import Options, Plan, make_plan
from .accounts_read import read_accounts
from .accounts_read_show import ALL, Reading, current_user
from .accounts_steps import Phase
from .accounts_target import Target
from .connection import Connection
from .errors import MysqlError
from .grants import ALL as ALL_PRIVILEGES
from .grants import parse_grants, together
from .mandatory_roles import not_mandatory, read_mandatory_roles
from .new_passwords import new_password
from .privileges import Rights, rights_of, spelt_out, with_dynamic
from .quoting import quote_text
from .server import ServerVersion, read_variables, read_version

# Errors that say "you may not", and errors that say "this is not there": both are told, neither is our failure.
_REFUSED = {1044, 1045, 1142, 1143, 1227, 1370, 1410, 1698, 1961, 3619, 3730, 4005}
_MISSING = {1049, 1054, 1146, 1305}
_CANNOT_CREATE = 1396
_REFUSED_REMEDY = "Give the account that we are on the target the right that it names, or do without."
_FAILED_REMEDY = "Put right what the server says, or leave the account out (exclude); then run it again."
# Members of a result are for people; the whole is in the counts.
LISTED = 500


class Outcome(NamedTuple):
    """What became of the accounts on the target."""

    changed: bool
    summary: dict[str, int]
    skipped: list[Skipped]
    failed: list[Skipped]
    diff: dict[str, str]
    new_passwords: list[str]
    """Those among the created accounts that have a new password."""


def take_accounts(connection: Connection, include: Sequence[str], exclude: Sequence[str]) -> Export:
    """All accounts of a server that are its users', and the list of the others with the reason.

    :param include: patterns of ``user@host``; empty takes all. The account that is logged in is taken only if one of
        them fits it.
    :param exclude: patterns of accounts that stay.
    :raises MysqlError: ``accounts.unreadable`` when no account can be seen but the one that is logged in.
    """
    version = read_version(connection)
    me = current_user(connection)
    reading = read_accounts(connection, version)
    seen = {account.name for account in reading.accounts} | set(reading.hidden)
    if not reading.complete and not include and seen <= {me}:
        raise MysqlError(
            f"Of the accounts of {connection.where} none can be read but {me.label}: {reading.notes[0].reason}.",
            "accounts.unreadable",
            reading.notes[0].remedy,
        )
    taken = []
    skipped = list(reading.notes)

    def stays(name: AccountName) -> Skipped | None:
        left = not_chosen(name, include, exclude)
        if left is None and name == me and not include:
            remedy = "Name it in include, if it shall travel."
            left = Skipped(name.label, "account", "it is the account of the migration itself", remedy)
        return left or of_the_system(name)

    for account in reading.accounts:
        left = stays(account.name)
        if left:
            skipped.append(left)
        else:
            taken.append(account)
    for name, hidden in sorted(reading.hidden.items()):
        left = stays(name)
        if left:
            skipped.append(left)
        else:
            skipped.append(Skipped(name.label, "account", f"it cannot be read: {hidden}", reading.notes[0].remedy))
    for name, scopes in sorted(reading.ownerless.items()):
        if not stays(name):
            skipped.append(ownerless_grants(name, scopes))
    defaults = read_variables(connection, DEFAULTS)
    skipped += former_passwords(taken, defaults)
    mandatory = read_mandatory_roles(connection)
    return Export(
        version,
        tuple(taken),
        tuple(skipped),
        mandatory,
        tuple(sorted(reading.hidden)),
        reading.complete,
        tuple(include),
        tuple(exclude),
        defaults,
    )


def wanted_accounts(connection: Connection, export: str | None, written: Sequence[Mapping[str, Any]] | None) -> Export:
    """The accounts that a task asks for: an export, or descriptions written in the target's own terms.

    :raises MysqlError: ``accounts.export`` or ``accounts.document`` when they cannot be read.
    """
    if export is not None:
        return unpack(export)
    version = read_version(connection)
    accounts = [from_document(document) for document in written or ()]
    if not version.mariadb:
        # A role by hand says nothing of a host.
        accounts = [replace(one, name=AccountName(one.name.user, "%")) if one.is_role else one for one in accounts]
    if not any(ALL_PRIVILEGES in grant.privileges for account in accounts for grant in account.grants.values()):
        return Export(version, tuple(accounts), ())
    rights = read_rights(connection, version)
    spelt = (replace(one, grants=spelt_out(with_dynamic(one.grants, rights), version)) for one in accounts)
    return Export(version, tuple(spelt), ())


def bring_accounts(
    connection: Connection, export: Export, options: Options, check: bool, new_password_key: str = ""
) -> Outcome:
    """Bring accounts to a server; only differences are sent, and one that fails costs only itself.

    :param connection: the target, logged in with ``multi_statements=True``.
    :param check: plan only.
    :param new_password_key: what new passwords follow from (``new_passwords.new_password``); without it nobody knows
        them.
    :raises MysqlError: when the target cannot be read, its account may not make accounts, or nobody knows which of the
        target's accounts the source does not have, and they are to be dropped.
    """
    if options.purge and not options.absent and not export.complete:
        raise MysqlError(
            "The source did not name all of its accounts, so that nobody knows which of the target's it does not have.",
            "accounts.source_incomplete",
            "Read it with an account that has SELECT on mysql.*, or leave purge out.",
        )
    target = read_target(connection)
    if not target.rights.has("CREATE USER"):
        raise MysqlError(
            f"The account {target.current_user.label} may not make accounts on {connection.where}.",
            "accounts.create_user_missing",
            "Log in as the cluster's master user, or grant it CREATE USER with GRANT OPTION.",
        )
    there = read_accounts(connection, target.version)
    target = replace(target, hidden=frozenset(there.hidden))
    wanted, unseen = _without_hidden(export, there, target, options)
    not_asked = (one.name for one in there.accounts if not_chosen(one.name, export.include, export.exclude))
    plan = make_plan(
        wanted,
        export.version,
        there.accounts,
        target,
        options,
        unseen=(*export.hidden, *not_asked),
        new_password=lambda name: new_password(new_password_key or secrets.token_hex(32), name.label),
    )
    plan.skipped[:0] = [*export.skipped, *unseen]
    plan.skipped += not_mandatory(export.mandatory_roles, target.mandatory_roles)
    plan.skipped += other_defaults(plan.travelling, export.mandatory_roles, export.defaults, target.defaults)
    plan.left_out += sum(entry.account != ALL for entry in (*export.skipped, *unseen))
    if check:
        return _outcome(plan, [], bool(plan.steps), there.complete)
    stops = [step.phase in (Phase.CREATE, Phase.DROP) for step in plan.steps]
    failures = batches.run(connection, plan.steps, stops)
    return _outcome(plan, failures, _anything_done(plan, failures, stops), there.complete)


def _without_hidden(
    export: Export, there: Reading, target: Target, options: Options
) -> tuple[list[Account], list[Skipped]]:
    """The accounts without those that the target has and does not show: nobody can say what they lack.

    Those that are none of the plan's business are left to the plan, which knows why.
    """
    kept = []
    unseen = [note._replace(what=f"{note.what} of the target") for note in there.notes]
    for account in export.accounts:
        name = name_on_target(account.name, export.version, target.version)
        chosen = not_chosen(name, options.include, options.exclude) is None
        if name in there.hidden and chosen and name != target.current_user:
            reason = f"it is there, but the target does not let it be read: {there.hidden[name]}"
            unseen.append(Skipped(account.name.label, "account", reason, there.notes[0].remedy))
        else:
            kept.append(account)
    return kept, unseen


def read_target(connection: Connection) -> Target:
    """What planning has to know of a server, asked of the server."""
    version = read_version(connection)
    told = read_variables(connection, ("partial_revokes", "lower_case_table_names", *DEFAULTS))
    plugins = connection.rows(
        "SELECT PLUGIN_NAME AS name FROM information_schema.PLUGINS"
        " WHERE PLUGIN_TYPE = 'AUTHENTICATION' AND PLUGIN_STATUS = 'ACTIVE'"
    )
    routines = connection.rows(
        "SELECT ROUTINE_SCHEMA AS `schema`, ROUTINE_NAME AS name, ROUTINE_TYPE AS kind FROM information_schema.ROUTINES"
    )
    return Target(
        version=version,
        current_user=current_user(connection),
        rights=read_rights(connection, version),
        plugins=frozenset(row["name"] for row in plugins),
        partial_revokes=told.get("partial_revokes") == "ON",
        lower_case_names=told.get("lower_case_table_names", "0") != "0",
        defaults={name: told[name] for name in DEFAULTS if name in told},
        mandatory_roles=frozenset(read_mandatory_roles(connection)),
        routines=frozenset(Scope("routine", row["schema"], row["name"].lower(), row["kind"]) for row in routines),
    )


def read_rights(
    connection: Connection,
    version: ServerVersion,
    account: AccountName | None = None,
    roles: Iterable[AccountName] | None = None,
) -> Rights:
    """What an account may do and give to others, its roles included.

    ``SHOW GRANTS FOR CURRENT_USER()`` is the one source that managed servers answer in full.

    :param account: the one that is logged in where it is ``None``.
    :param roles: those of the account; ``None`` where they are not known, which takes a query more if it has any.
    """
    whose = f"{quote_text(account.user)}@{quote_text(account.host)}" if account else "CURRENT_USER()"
    granted = parse_grants(_lines(connection, f"SHOW GRANTS FOR {whose}{_using(roles or (), version)}"))
    # a role of MariaDB's has to be set before its privileges count, so that they are not ours to give
    if roles is None and granted.roles and not version.mariadb:
        with_roles = parse_grants(_lines(connection, f"SHOW GRANTS FOR {whose}{_using(granted.roles, version)}"))
        granted = together(granted, with_roles)
    return rights_of(granted, version)


def _using(roles: Iterable[AccountName], version: ServerVersion) -> str:
    named = ", ".join(f"{quote_text(role.user)}@{quote_text(role.host)}" for role in sorted(roles))
    return f" USING {named}" if named and not version.mariadb else ""


def _lines(connection: Connection, statement: str) -> list[str]:
    return [str(next(iter(row.values()))) for row in connection.rows(statement)]


def _anything_done(plan: Plan, failures: Sequence[batches.Failure], stops: Sequence[bool]) -> bool:
    """Whether any step was done: it did not fail, and was not passed over after one that stops its account."""
    failed = {failure.position for failure in failures}
    stopped = {plan.steps[position].account: position for position in failed if stops[position]}
    return any(
        position not in failed and position < stopped.get(step.account, position + 1)
        for position, step in enumerate(plan.steps)
    )


def _outcome(plan: Plan, failures: list[batches.Failure], changed: bool, complete: bool) -> Outcome:
    skipped, failed = list(plan.skipped), []
    lost: set[AccountName] = set()
    bad: set[AccountName] = set()
    for failure in failures:
        step = plan.steps[failure.position]
        text = f"{failure.text} (error {failure.errno})"
        if failure.errno in _MISSING:
            remedy = "Run it again once the object is there."
            skipped.append(Skipped(step.account.label, step.what, f"not on the target, or not yet: {text}", remedy))
        elif failure.errno == _CANNOT_CREATE and step.phase == Phase.CREATE and not complete:
            reason = f"it seems to be there already, and not all accounts of the target could be read: {text}"
            skipped.append(Skipped(step.account.label, step.what, reason, "See the entry for * of the target."))
            lost.add(step.account)
        elif failure.errno in _REFUSED:
            skipped.append(Skipped(step.account.label, step.what, f"the target refuses it: {text}", _REFUSED_REMEDY))
            if step.phase == Phase.CREATE:
                lost.add(step.account)
        else:
            failed.append(Skipped(step.account.label, step.what, text, _FAILED_REMEDY))
            bad.add(step.account)
    created = [name for name in plan.created if name not in lost | bad]
    altered = [name for name in plan.changed if name not in bad]
    removed = [name for name in plan.removed if name not in lost | bad]
    summary = {
        "created": len(created),
        "changed": len(altered),
        "removed": len(removed),
        "unchanged": plan.unchanged,
        "skipped": plan.left_out + len(lost),
        "failed": len(bad),
    }
    diff = {"before": plan.before.text(), "after": plan.after.text()}
    renewed = [name.label for name in plan.renewed if name not in lost | bad]
    return Outcome(changed, summary, skipped, failed, diff, renewed)


def failure_error(outcome: Outcome) -> MysqlError:
    """The error for accounts that could not be applied."""
    first = outcome.failed[0]
    return MysqlError(
        f"{counted(outcome.summary['failed'], 'account')} could not be brought over whole; the others were. The "
        "first is "
        f"{first.account}, {first.what}: {first.reason}.",
        "accounts.failed",
        "See failed_accounts in the result, put right what the server says, run it again: only the missing is sent.",
    )


def public_documents(accounts: Sequence[Account], limit: int) -> list[dict[str, Any]]:
    """Accounts for people to read: no hashes, at most ``limit``."""
    return [to_document(account, secrets=False) for account in accounts[:limit]]
