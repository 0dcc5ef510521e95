# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""What a report may hold: the published JSON Schema is the list. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Optional

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_DIGITS = re.compile(r"[0-9]{1,20}")
_CUT = "…"


class _Dropped:
    """Stands for a value that the schema does not know."""


_DROPPED = _Dropped()


def keep_allowed(value: Any, schema: Mapping[str, Any], root: Optional[Mapping[str, Any]] = None) -> Any:
    """What of a value the schema names; everything else is left away without a word.

    A record may hold more than a report is to show, now or in a later release, and so may its members. Lists and texts
    are cut to ``maxItems`` and ``maxLength``; control characters, which no page can hold, become spaces; a number in
    digits becomes one where the schema wants it.

    :param value: plain data.
    :param schema: of the value: ``type``, ``enum``, ``const``, ``pattern``, ``properties``, ``additionalProperties``,
        ``items``, ``anyOf`` and ``$ref`` into ``$defs`` are understood.
    :param root: the schema that holds ``$defs``; the schema itself where it is left out.
    :returns: the value as it may be shown; ``None`` where nothing of it may.
    """
    kept = _keep(value, schema, schema if root is None else root)
    return None if kept is _DROPPED else kept


def _keep(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    if "$ref" in schema:
        return _keep(value, root["$defs"][schema["$ref"].rpartition("/")[2]], root)
    if "anyOf" in schema:
        for branch in schema["anyOf"]:
            kept = _keep(value, branch, root)
            if kept is not _DROPPED:
                return kept
        return _DROPPED
    if "const" in schema:
        return value if value == schema["const"] else _DROPPED
    if "enum" in schema:
        return str(value) if isinstance(value, str) and value in schema["enum"] else _DROPPED
    return _keep_type(value, schema, root)


def _keep_type(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> Any:
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if value is None:
        return None if "null" in types else _DROPPED
    if isinstance(value, Mapping):
        return _keep_members(value, schema, root) if "object" in types else _DROPPED
    if isinstance(value, (list, tuple)):
        return _keep_items(value, schema, root) if "array" in types else _DROPPED
    if isinstance(value, bool):
        return value if "boolean" in types else _DROPPED
    if isinstance(value, (int, float)):
        return _keep_number(value, types)
    if isinstance(value, str):
        if "string" in types:
            return _keep_text(value, schema)
        return int(value) if {"integer", "number"} & set(types) and _DIGITS.fullmatch(value) else _DROPPED
    return _DROPPED


def _keep_members(value: Mapping[str, Any], schema: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    known = schema.get("properties", {})
    others = schema.get("additionalProperties") or None
    kept = {}
    for name, member in value.items():
        wanted = known.get(name, others)
        if wanted is not None:
            kept[_clean(str(name))] = _keep(member, wanted, root)
    return {name: member for name, member in kept.items() if member is not _DROPPED}


def _keep_items(value: Any, schema: Mapping[str, Any], root: Mapping[str, Any]) -> list[Any]:
    kept = (_keep(item, schema["items"], root) for item in value)
    return [item for item in kept if item is not _DROPPED][: schema.get("maxItems")]


def _keep_number(value: Any, types: list[str]) -> Any:
    # NaN and the infinities are no JSON.
    if not math.isfinite(value):
        return _DROPPED
    if "number" in types:
        return value
    return int(value) if "integer" in types and value == int(value) else _DROPPED


def _keep_text(value: str, schema: Mapping[str, Any]) -> Any:
    text = _clean(value)
    if "pattern" in schema and not re.search(schema["pattern"], text):
        return _DROPPED
    longest = schema.get("maxLength")
    return text if longest is None or len(text) <= longest else text[: longest - len(_CUT)] + _CUT


def _clean(text: str) -> str:
    return _CONTROL.sub(" ", text)
