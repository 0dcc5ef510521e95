# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read a description from its YAML file, and say where it is wrong."""

from __future__ import annotations

import dataclasses
import typing
from pathlib import Path
from typing import Any

import yaml

from .description import Command, Description
from .errors import LabError

CHECKOUT = Path(__file__).resolve().parents[3]
BASED_ON = "based_on"
_WORDS = {str: "a text", bool: "true or false", int: "a whole number", float: "a number"}


class _Fault(Exception):
    """What is wrong, in words that begin with the key."""


def load(path: Path) -> Description:
    """Read a description; raise LabError that names the file, the key and the fault when it is not one.

    `based_on` names another description (from the file's own directory), whose keys hold where this one has none.
    `{here}` stands for that directory and `{checkout}` for the root of the repository.
    """
    path = path.resolve()
    try:
        return typing.cast(Description, _convert(Description, _read(path, ()), "", path=path))
    except _Fault as exc:
        raise LabError(f"{path} does not describe a lab: {exc}. Compare it with tests/lab/lab.yml") from exc


def _read(path: Path, readers: tuple[Path, ...]) -> dict[str, Any]:
    if path in readers:
        raise _Fault(f"{BASED_ON} goes in a circle by way of {path}")
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise LabError(f"The lab's description {path} cannot be read: {exc}") from exc
    except yaml.YAMLError as exc:
        raise _Fault(f"{path} is not YAML: {exc}") from exc
    if not isinstance(raw, dict):
        raise _Fault(f"{path} holds no mapping")
    filled: dict[str, Any] = _filled(raw, {"{here}": str(path.parent), "{checkout}": str(CHECKOUT)})
    base = filled.pop(BASED_ON, None)
    if base is None:
        return filled
    if not isinstance(base, str):
        raise _Fault(f"{BASED_ON} must be a text")
    return _laid_over(_read((path.parent / base).resolve(), (*readers, path)), filled)


def _filled(value: Any, places: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(member, places) for key, member in value.items()}
    if isinstance(value, list):
        return [_filled(member, places) for member in value]
    if isinstance(value, str):
        for name, place in places.items():
            value = value.replace(name, place)
    return value


def _laid_over(base: dict[str, Any], upper: dict[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `upper`; sections are merged key by key, everything below them is replaced."""
    merged = dict(base)
    for name, value in upper.items():
        below = base.get(name)
        merged[name] = {**below, **value} if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _convert(wanted: Any, value: Any, key: str, **given: Any) -> Any:
    """`value` as the annotated type `wanted`; raise _Fault that names `key` when it is something else."""
    if wanted is Command:
        if value == []:
            raise _Fault(f"{key} must be a command: a list of a program and its arguments")
        wanted = list[str]
    if dataclasses.is_dataclass(wanted):
        return _record(wanted, value, key, given)
    kind, arguments = typing.get_origin(wanted), typing.get_args(wanted)
    if kind is list:
        if not isinstance(value, list):
            raise _Fault(f"{key} must be a list")
        return [_convert(arguments[0], member, f"{key}[{index}]") for index, member in enumerate(value)]
    if kind is dict:
        if not isinstance(value, dict):
            raise _Fault(f"{key} must be a mapping")
        return {
            _convert(str, name, key): _convert(arguments[1], entry, f"{key}.{name}") for name, entry in value.items()
        }
    # A whole number is as good as a fraction; YAML's true is an int to Python, but no number to a person.
    fits = isinstance(value, (int, float) if wanted is float else wanted)
    if not fits or isinstance(value, bool) is not (wanted is bool):
        raise _Fault(f"{key} must be {_WORDS[wanted]}, not {value!r}")
    return value


def _record(wanted: Any, value: Any, key: str, given: dict[str, Any]) -> Any:
    if not isinstance(value, dict):
        raise _Fault(f"{key} must be a mapping")
    prefix = f"{key}." if key else ""
    hints = typing.get_type_hints(wanted)
    fields = {entry.name: entry for entry in dataclasses.fields(wanted) if entry.name not in given}
    unknown = sorted(str(name) for name in value if name not in fields)
    if unknown:
        raise _Fault(f"unknown key {prefix}{unknown[0]} (known: {', '.join(prefix + name for name in sorted(fields))})")
    missing = sorted(
        name
        for name, entry in fields.items()
        if name not in value and entry.default is entry.default_factory is dataclasses.MISSING
    )
    if missing:
        raise _Fault(f"the key {prefix}{missing[0]} is missing")
    members = {name: _convert(hints[name], member, prefix + name) for name, member in value.items()}
    return wanted(**members, **given)
