# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The dump of what a restore leaves behind: one JSON document that a person can read, and compare with another. Pure.

Hashes are no part of it. They are kept apart, as ``user@host`` to their hexadecimal digits, for whoever encrypts them.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from .accounts_document import Export, to_document
from .accounts_model import Account
from .routines import Inventory, StoredObject

SCHEMA_VERSION = 1
AFTER_OBJECTS = "-- Rights:\n"
"""Where the statements about accounts go on once the stored objects are there."""
# Bytes that are no UTF-8, as ``routines.to_text`` has them, cannot stand in JSON.
_TEXTS = ("body", "comment")


class Hashes(NamedTuple):
    """An account's secrets.

    :ivar ways: of each way to log in, in its order; :ivar second_password: or "".
    """

    ways: list[str]
    second_password: str


def dump_document(
    accounts: Export | None, inventory: Inventory | None, time_zone: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The document without its hashes. What was not read is None in it.

    :param time_zone: what ``mysql_time_zone_info`` says.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "accounts": None
        if accounts is None
        else {
            "flavour": accounts.version.flavour,
            "version": accounts.version.text,
            "accounts": [to_document(account, secrets=False) for account in accounts.accounts],
            "left_behind": [entry.as_result() for entry in accounts.skipped],
            "mandatory_roles": [role.label for role in accounts.mandatory_roles],
        },
        "stored_objects": None
        if inventory is None
        else {
            "family": inventory.family,
            "schemas": list(inventory.schemas),
            "objects": [_object(each) for each in inventory.objects],
            "not_portable": [dataclasses.asdict(each) for each in inventory.not_portable],
        },
        "time_zone": None if time_zone is None else dict(time_zone),
    }


def hashes_of(accounts: Export | None) -> str:
    """The secrets of all accounts as JSON, the same for the same accounts."""
    found = {account.name.label: _hashes(account)._asdict() for account in (accounts.accounts if accounts else ())}
    return json.dumps(found, sort_keys=True)


def dump_text(document: Mapping[str, Any]) -> str:
    """The document as it is written: indented, so that two of them can be compared line by line."""
    return json.dumps(document, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def without_hashes(text: str) -> tuple[str, bool]:
    """A document's text as it is without hashes, and whether it has some.

    :raises ValueError: it is no document of ours.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or "hashes" not in document:
        raise ValueError("it has no hashes")
    return dump_text({**document, "hashes": None}), document["hashes"] is not None


def whole_script(accounts: bytes, routines: bytes) -> bytes:
    """The statements in an order in which they can be run: definers, what they define, and rights on it."""
    before, separator, after = accounts.partition(AFTER_OBJECTS.encode("ascii"))
    return before + routines + separator + after


def _hashes(account: Account) -> Hashes:
    return Hashes([way.data_hex for way in account.authentication], account.second_password_hex)


def _object(stored: StoredObject) -> dict[str, Any]:
    document = dataclasses.asdict(stored)
    document["clauses"] = {name: _lines(text) for name, text in stored.clauses.items()}
    return {**document, **{name: _lines(document[name]) for name in _TEXTS}}


def _lines(text: str) -> Any:
    """A text as JSON can have it: long ones line by line, and what is no UTF-8 as hexadecimal digits."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return {"hex": text.encode("utf-8", "surrogateescape").hex()}
    return text.split("\n") if "\n" in text else text
