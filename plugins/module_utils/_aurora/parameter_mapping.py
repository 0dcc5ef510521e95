# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Which of a source's settings become parameters of the new cluster: what is taken, changed or left, and why.

Pure. What a family allows is asked of AWS (``cluster_parameters``); what a setting means is in ``parameter_rules``.
Where a family names no default, MySQL's own holds (Aurora User Guide, "Aurora MySQL configuration parameters").
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from .._errors import DbferryError
from .._mysql.quoting import mask_literals
from .parameter_rules import RULES, Converted, Rule
from .parameter_values import FamilyParameter, fit, parameter_text, same_value

# A record keeps no more of a value than this (``_mysql.server``), so a value of that length may not be whole.
_WHOLE_VALUE = 1000
_TEXT = ("character_set_server", "collation_server")
_STATEMENT = "init_connect"


class ParameterError(DbferryError):
    """The cluster's parameter group cannot have what the user asks for."""

    default_id = "restore.parameters"


class Entry(NamedTuple):
    """What became of one of the source's settings; a statement is shown without its literals."""

    name: str
    """The parameter; the source's own name where the family has none."""
    source_value: str
    value: str
    """What the cluster gets; "" where the setting is left."""
    reason: str
    """Why it was changed or left; "" where it was taken as it is."""


class ParameterPlan(NamedTuple):
    """The parameters of the new cluster's group, and what became of the source's settings."""

    parameters: dict[str, str]
    taken: tuple[Entry, ...]
    changed: tuple[Entry, ...]
    left: tuple[Entry, ...]


def plan_parameters(
    source: Mapping[str, Any],
    family: str,
    offered: Mapping[str, FamilyParameter],
    own: Mapping[str, Any],
    left: Collection[str] = (),
) -> ParameterPlan:
    """Decide on every setting of the source.

    A setting that has the family's default needs nothing and is listed nowhere.

    :param source: names and values of the source's global variables, as the server shows them.
    :param family: such as ``aurora-mysql8.0``.
    :param offered: the family's parameters by name.
    :param own: parameters that the user has chosen; they lead.
    :param left: names of variables or parameters whose source value the user does not want.
    :raises ParameterError: the family does not have what the user chose, or does not let it be changed.
    """
    parameters = _own_parameters(family, offered, own)
    taken: list[Entry] = []
    changed: list[Entry] = []
    remaining: list[Entry] = []
    for rule in RULES:
        variable = next((name for name in rule.variables if name in source), None)
        if variable is None:
            continue
        value = str(source[variable])
        entry, is_changed = _decide(
            rule, variable, value, family.rpartition("aurora-mysql")[2], offered, parameters, left
        )
        if entry is None:
            continue
        if not entry.value:
            remaining.append(entry)
        else:
            (changed if is_changed else taken).append(entry)
    apart = _of_another_character_set([*taken, *changed], parameters, offered)
    if apart is not None:
        taken = [entry for entry in taken if entry.name != apart.name]
        changed = [entry for entry in changed if entry.name != apart.name]
        remaining.append(apart)
    for entry in (*taken, *changed):
        parameters[entry.name] = entry.value
    return ParameterPlan(dict(sorted(parameters.items())), _shown(taken), _shown(changed), _shown(remaining))


def summary_lines(plan: ParameterPlan) -> list[str]:
    """The plan for a person to read, a line for each setting that needs one; what was taken as it is shares one."""
    lines = []
    if plan.taken:
        lines.append("taken: " + ", ".join(f"{entry.name}={entry.value}" for entry in plan.taken))
    lines += [
        f"changed: {entry.name}={entry.value}, {entry.source_value} on the source: {entry.reason}"
        for entry in plan.changed
    ]
    lines += [f"left: {entry.name}, {entry.source_value} on the source: {entry.reason}" for entry in plan.left]
    return lines


def plan_diff(plan: ParameterPlan) -> dict[str, str]:
    """The plan in the form of Ansible's differences: the source's settings before, the cluster's after."""
    every = sorted((*plan.taken, *plan.changed, *plan.left))
    return {
        "before_header": "source",
        "after_header": "cluster",
        "before": _lines((entry.name, entry.source_value) for entry in every),
        "after": _lines((entry.name, entry.value) for entry in every if entry.value),
    }


def _shown(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(Entry(*map(mask_literals, entry)) if entry.name == _STATEMENT else entry for entry in entries)


def _lines(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in pairs)


def _decide(
    rule: Rule,
    variable: str,
    value: str,
    series: str,
    offered: Mapping[str, FamilyParameter],
    own: Mapping[str, str],
    left: Collection[str],
) -> tuple[Entry | None, bool]:
    """The entry of one setting, ``None`` where nothing is to be done; and whether the value was changed."""
    name = next((name for name in rule.parameters if name in offered), None)
    parameter = offered[name] if name else None
    shown = name or variable
    usual = rule.defaults.get(series)
    if parameter and parameter.default and not rule.left:
        usual = parameter.default
    chosen = next((name for name in (*rule.parameters, shown) if name in own), None)

    def leave(reason: str) -> tuple[Entry | None, bool]:
        return Entry(shown, value, "", reason), False

    if chosen is not None:
        return (None, False) if same_value(own[chosen], value) else leave(f"your own value {own[chosen]} leads")
    if usual is not None and same_value(usual, value):
        return None, False
    if set(left) & {variable, shown}:
        return leave("you asked to leave it")
    if rule.left:
        return leave(rule.left)
    if len(value) >= _WHOLE_VALUE:
        return leave("it is too long for the record to keep it whole; set it yourself")
    if parameter is None:
        return leave(f"the family of parameters for {series} has none of that name")
    if not parameter.modifiable:
        return leave("AWS lets nobody change it")
    converted = rule.convert(value, series, parameter) if rule.convert else Converted(value)
    if converted.value is None:
        return leave(converted.why)
    fitting = fit(converted.value, parameter)
    if not fitting.value:
        return leave(fitting.why or "it is empty, and a parameter group holds no empty value")
    why = "; ".join(part for part in (converted.why, fitting.why) if part)
    if usual is not None and same_value(usual, fitting.value):
        # The family's default is what the changed value comes to; only the change itself is worth a word.
        return (Entry(shown, value, fitting.value, why), True) if why else (None, False)
    return Entry(shown, value, fitting.value, why), bool(why)


def _of_another_character_set(
    entries: Iterable[Entry], own: Mapping[str, str], offered: Mapping[str, FamilyParameter]
) -> Entry | None:
    """The entry to leave where ``character_set_server`` and ``collation_server`` would not belong together.

    A server does not start with a collation of another character set.
    """
    found = {entry.name: entry for entry in entries}
    wanted = {name: found[name].value if name in found else own.get(name, "") for name in _TEXT}
    charset, collation = (wanted[name] for name in _TEXT)
    if not charset and "character_set_server" in offered:
        charset = offered["character_set_server"].default or ""
    if not charset or not collation or _first_name(charset) == _first_name(collation):
        return None
    name = "collation_server" if "collation_server" in found else "character_set_server"
    if name not in found:
        return None
    other = charset if name == "collation_server" else collation
    return found[name]._replace(value="", reason=f"it does not belong to {other}, which the cluster gets")


def _first_name(name: str) -> str:
    first = name.lower().partition("_")[0]
    return "utf8mb3" if first == "utf8" else first


def _own_parameters(family: str, offered: Mapping[str, FamilyParameter], own: Mapping[str, Any]) -> dict[str, str]:
    parameters: dict[str, str] = {}
    wrong: list[str] = []
    for name, value in own.items():
        parameter = offered.get(name)
        if parameter is None:
            wrong.append(f"{name} (no such parameter)")
        elif not parameter.modifiable:
            wrong.append(f"{name} (AWS lets nobody change it)")
        else:
            fitting = fit(parameter_text(value), parameter)
            if fitting.value is None or fitting.why:
                wrong.append(f"{name} = {parameter_text(value)} (allowed: {parameter.allowed})")
            else:
                parameters[name] = fitting.value
    if wrong:
        raise ParameterError(
            f"Parameter family {family} does not take: {'; '.join(wrong)}.",
            remedy="Correct these parameters or leave them out; nothing was changed.",
            details={"family": family, "parameters": sorted(own)},
        )
    return parameters
