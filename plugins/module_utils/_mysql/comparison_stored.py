# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Functions, procedures, views, triggers and events as a comparison takes them. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

from .comparison_model import ERROR, EXPECTED, CatalogueObject, Difference, Key, LeftBehind
from .routines import Inventory, NotPortable, StoredObject, normal_form, to_bytes

_CHARACTER_SETS = ("character_set_client", "collation_connection", "database_collation")


def stored_objects(inventory: Inventory, loose: bool, fold: bool) -> dict[tuple[str, Key], CatalogueObject]:
    """The objects of an inventory in their normal form.

    :param loose: the two sides are of different families, which rewrite texts differently.
    :param fold: names of schemas in lower case, because one of the two sides ignores case.
    """
    found = (_catalogue_object(stored, loose, fold) for stored in inventory.objects)
    return {(one.kind, one.key): one for one in found}


def unread_objects(source: Inventory, left_behind: LeftBehind) -> Iterator[Difference]:
    """What stands on the source and could not be compared.

    :param left_behind: what was left behind on purpose.
    """
    for one in source.not_portable:
        name = _name(one)
        severity = ERROR if one.unreadable and (name, "") not in left_behind else EXPECTED
        kind = "{}.not_compared".format(one.kind.replace(" ", "_"))
        yield Difference(kind, name, "there", "", severity, f"{one.reason.capitalize()}. {one.remedy}")


def _name(one: NotPortable) -> str:
    return ".".join(part for part in (one.schema, one.name) if part)


def _catalogue_object(stored: StoredObject, loose: bool, fold: bool) -> CatalogueObject:
    form: dict[str, Any] = normal_form(stored, loose)
    attributes = {name: str(value) for name, value in form["clauses"].items()}
    attributes.update(
        definer=form["definer"],
        security=form["security"],
        sql_mode=",".join(form["sql_mode"]),
        creation_charset=" ".join(form[name] for name in _CHARACTER_SETS),
        comment=form["comment"],
        definition=_fingerprint(form["body"]),
    )
    schema = stored.schema.lower() if fold else stored.schema
    return CatalogueObject(stored.kind, (schema, stored.name), attributes)


def _fingerprint(body: str) -> str:
    """Instead of the text, which can be long and can hold a secret."""
    return "sha256:" + hashlib.sha256(to_bytes(body)).hexdigest()[:16]
