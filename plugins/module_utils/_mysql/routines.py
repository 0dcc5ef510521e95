# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Stored objects (functions, procedures, views, triggers, events): their model, normal form and transport form.

A body belongs to the character set that its creator's client spoke, so it is bytes. To live in JSON it is kept as text
that decodes with UTF-8 and ``surrogateescape``: ``to_text`` and ``to_bytes`` are exact inverses for any bytes.
"""

from __future__ import annotations

import dataclasses
import fnmatch
import functools
import hashlib
import json
import re
from typing import Any, Iterable, Mapping, NamedTuple, Sequence

from .._errors import DbferryError
from . import packing
from .definers import role_as_account
from .routines_select import canonical_select
from .server import SYSTEM_SCHEMAS

# In the order in which they are created: a view may call a function, a trigger or an event is checked least.
KINDS = ("function", "procedure", "view", "trigger", "event")
ROUTINES = ("function", "procedure")

# What MySQL 8.4 on calls an event that runs on the source of this server alone; others call it SLAVESIDE_DISABLED.
REPLICA_SIDE_DISABLED = "REPLICA_SIDE_DISABLED"

_SCHEMA_VERSION = 2

# Modes that only changed what SHOW prints or how GRANT works, and the names of whole groups, whose members the server
# lists beside them. MySQL 8.0 removed them (Reference Manual, "Changes in MySQL 8.0"): they can and need not travel.
_REMOVED_MODES = frozenset(
    (
        "DB2",
        "MAXDB",
        "MSSQL",
        "MYSQL323",
        "MYSQL40",
        "POSTGRESQL",
        "NO_AUTO_CREATE_USER",
        "NO_FIELD_OPTIONS",
        "NO_KEY_OPTIONS",
        "NO_TABLE_OPTIONS",
    )
)


class ExportError(DbferryError):
    """The string given as ``export`` is not what ``mysql_routines_info`` returns."""

    default_id = "routines.export_unreadable"


class Selection(NamedTuple):
    """Which objects are looked at, on both sides: members of ``KINDS``, and names or shell patterns of schemas."""

    kinds: Sequence[str] = KINDS
    schemas: Sequence[str] = ()
    exclude_schemas: Sequence[str] = ()

    def has_schema(self, name: str) -> bool:
        """Whether a schema is chosen, and is none of the server's own."""
        return name.lower() not in SYSTEM_SCHEMAS and self.names(name)

    def names(self, name: str) -> bool:
        """Whether a schema is matched by ``schemas`` (none: all) and not excluded, be it the server's own."""
        if any(fnmatch.fnmatchcase(name, each) for each in self.exclude_schemas):
            return False
        return not self.schemas or any(fnmatch.fnmatchcase(name, each) for each in self.schemas)


class Key(NamedTuple):
    """What names a stored object on a server."""

    kind: str
    schema: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.schema}.{self.name}"


@dataclasses.dataclass(frozen=True)
class StoredObject:
    """One stored object, complete: the server's catalogue needs nothing else to make it again.

    ``clauses`` holds what only some kinds have:

    - function, procedure: ``parameters`` (text between the brackets, as typed), ``returns`` (function),
      ``deterministic`` and ``aggregate`` ("YES", "NO"), ``data_access``
    - view: ``algorithm``, ``columns`` (text between the brackets or ""); the body holds the check option, too
    - trigger: ``timing``, ``event``, ``table``, ``follows`` (the trigger that fires before it, or "")
    - event: ``schedule``, ``on_completion``, ``status`` (ENABLED, DISABLED or ``REPLICA_SIDE_DISABLED``), ``time_zone``

    ``definer`` is ``user@host``, or a role of MariaDB, without "@".

    ``parameters``, ``returns``, ``columns`` and ``body`` are bytes of ``character_set_client`` in the form of
    ``to_text``; everything else is Unicode text.
    """

    kind: str
    schema: str
    name: str
    definer: str
    security: str
    sql_mode: str
    character_set_client: str
    collation_connection: str
    database_collation: str
    comment: str
    body: str
    clauses: Mapping[str, str]

    @property
    def key(self) -> Key:
        """Kind, schema and name."""
        return Key(self.kind, self.schema, self.name)


@dataclasses.dataclass(frozen=True)
class NotPortable:
    """Something stored on a server that cannot, or may not, be made on another one.

    :ivar unreadable: it could not be read; with more rights, or by hand, it might travel.
    :ivar schemas: for the name "*", which stands for what the reader may not be shown: where that may be.
    """

    kind: str
    schema: str
    name: str
    reason: str
    remedy: str
    unreadable: bool = False
    schemas: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True)
class Inventory:
    """What one server has stored.

    :ivar family: the syntax that its catalogue speaks, such as ``mariadb`` or ``mysql-8.0``; between two families texts
        that a server rewrites (views, return types) are compared loosely.
    :ivar schemas: the schemas that were read, whether or not something is stored in them.
    :ivar kinds: the kinds that were read, whether or not there is one of them.
    """

    family: str
    schemas: tuple[str, ...]
    kinds: tuple[str, ...]
    objects: tuple[StoredObject, ...]
    not_portable: tuple[NotPortable, ...] = ()

    def by_key(self) -> dict[Key, StoredObject]:
        """The objects by their key."""
        return {each.key: each for each in self.objects}


def to_text(data: bytes) -> str:
    """Any bytes as text; ``to_bytes`` gives them back unchanged."""
    return data.decode("utf-8", "surrogateescape")


def to_bytes(text: str) -> bytes:
    """The bytes that ``to_text`` was given."""
    return text.encode("utf-8", "surrogateescape")


@functools.lru_cache(maxsize=256)
def portable_sql_mode(sql_mode: str) -> str:
    """A ``sql_mode`` without the modes that MySQL 8.0 removed and that stored code does not need."""
    return ",".join(mode for mode in sql_mode.split(",") if mode and mode not in _REMOVED_MODES)


def digest(stored: StoredObject) -> str:
    """SHA-256 (hex) of an object's normal form: equal for equal objects, on whatever server they are."""
    form = json.dumps(normal_form(stored), sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(form.encode("ascii")).hexdigest()


def normal_form(stored: StoredObject, loose: bool = False) -> dict[str, Any]:
    """All that an object means, without what servers may write in one way or another.

    ``utf8`` and ``utf8mb3`` are one name, the order of sql modes has no meaning, and the modes that MySQL 8.0 removed
    are left out. Neither has it which server disabled an event: a target of ours is nobody's replica.

    :param loose: also forget what two families of servers rewrite differently: superfluous brackets, literals'
        introducers, letter case, space and the schemas of columns in a view's select; display widths and the collation
        of a return type; comments behind the last END of a body, which MySQL drops; that roles are no accounts on
        MariaDB.
    """
    form = _members(stored)
    form["clauses"] = dict(stored.clauses)
    form["sql_mode"] = sorted(portable_sql_mode(stored.sql_mode).split(","))
    for member in ("character_set_client", "collation_connection", "database_collation"):
        form[member] = canonical_charset(form[member])
    if form["clauses"].get("status") == REPLICA_SIDE_DISABLED:
        form["clauses"]["status"] = "DISABLED"
    if stored.kind == "function":
        form["clauses"]["returns"] = _canonical_type(stored.clauses["returns"], loose)
    if loose:
        form["definer"] = role_as_account(stored.definer)
    if loose and stored.kind != "view":
        form["body"] = _BEHIND_THE_END.sub(r"\1", stored.body)
    if stored.kind == "view":
        # The server keeps neither a mode nor a schema collation for a view.
        form["sql_mode"] = form["database_collation"] = ""
        form["body"] = canonical_select(stored.body) if loose else _UTF8_LITERAL.sub("_utf8mb3", stored.body)
    return form


def same(wanted: StoredObject, actual: StoredObject, loose: bool = False) -> bool:
    """Whether two objects are the same in normal form."""
    return wanted == actual or normal_form(wanted, loose) == normal_form(actual, loose)


def same_but_for_select(wanted: StoredObject, actual: StoredObject) -> bool:
    """Whether two views of two families are the same if their selects are not looked at."""
    forms = [{**normal_form(each, loose=True), "body": ""} for each in (wanted, actual)]
    return wanted.kind == "view" and forms[0] == forms[1]


def export_inventory(inventory: Inventory) -> str:
    """An inventory as one opaque ASCII string."""
    document = {
        "schema_version": _SCHEMA_VERSION,
        "family": inventory.family,
        "schemas": inventory.schemas,
        "kinds": inventory.kinds,
        "objects": [_members(each) for each in inventory.objects],
        "not_portable": [dataclasses.asdict(each) for each in inventory.not_portable],
    }
    text = json.dumps(document, sort_keys=True, ensure_ascii=True)
    return packing.pack(text.encode("ascii"))


def import_inventory(text: str) -> Inventory:
    """The inventory that ``export_inventory`` was given.

    :raises ExportError: the string is damaged, cut off, or of another schema version.
    """
    try:
        document = json.loads(packing.unpack(text))
        if document.pop("schema_version") != _SCHEMA_VERSION:
            raise ValueError("it was written by another version of the collection")
        return Inventory(
            family=document["family"],
            schemas=tuple(document["schemas"]),
            kinds=tuple(document["kinds"]),
            objects=tuple(_objects_from(document["objects"])),
            not_portable=tuple(_not_portable_from(document["not_portable"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExportError(
            f"The value of export cannot be read: {error}.",
            remedy="Hand over the member export of mysql_routines_info (called with export: true) as it is.",
        ) from error


def _members(stored: StoredObject) -> dict[str, Any]:
    """What ``dataclasses.asdict`` gives, without its deep copy, which takes longer than reading the object."""
    return dict(vars(stored))


def _objects_from(documents: Iterable[Mapping[str, Any]]) -> Iterable[StoredObject]:
    for document in documents:
        stored = StoredObject(**document)
        if stored.kind not in KINDS:
            raise ValueError(f"kind {stored.kind} is not known")
        yield stored


def _not_portable_from(documents: Iterable[Mapping[str, Any]]) -> Iterable[NotPortable]:
    for document in documents:
        yield NotPortable(**{**document, "schemas": tuple(document.get("schemas", ()))})


@functools.lru_cache(maxsize=256)
def canonical_charset(name: str) -> str:
    """The name of a character set or collation, with ``utf8mb3`` for what older servers call ``utf8``."""
    return re.sub(r"\butf8(?=_|\b)", "utf8mb3", name)


def _canonical_type(returns: str, loose: bool) -> str:
    text = re.sub(r"\bCHARSET utf8\b", "CHARSET utf8mb3", returns)
    text = re.sub(r"\bCOLLATE utf8_", "COLLATE utf8mb3_", text)
    if loose:
        text = re.sub(r"\b((?:tiny|small|medium|big)?int|year)\(\d+\)", r"\1", text, flags=re.IGNORECASE)
        text = re.sub(r" COLLATE \w+", "", text)
    return text


_UTF8_LITERAL = re.compile(r"(?<![\w`'])_utf8(?=')")
_BEHIND_THE_END = re.compile(
    r"(\bEND)(?:\s|/\*(?:[^*]|\*(?!/))*\*/|--[^\n]*(?:\n|\Z)|#[^\n]*(?:\n|\Z))+\Z", re.IGNORECASE
)
