# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Decides in what two catalogues differ, and which of it the way into Aurora is known to bring about. No I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from .comparison_model import ERROR, EXPECTED, CatalogueObject, Difference, Key, LeftBehind

Objects = Mapping[tuple[str, Key], CatalogueObject]

_SHOWN = 200
# Storage engines that Aurora turns into InnoDB (Amazon Aurora User Guide, "Physical migration from MySQL by using
# Percona XtraBackup and Amazon S3").
_CONVERTED_ENGINES = ("MyISAM",)
_VARIABLE_NOTES = {
    "lower_case_table_names": "A cluster keeps it for life: restore again with a parameter group that sets it.",
    "sql_mode": "Set it in the cluster's parameter group where applications rely on it.",
    "character_set_server": "It is only the default of new schemas; set it in the cluster's parameter group.",
    "collation_server": "It is only the default of new schemas; set it in the cluster's parameter group.",
    "explicit_defaults_for_timestamp": "It only acts on new tables; set it in the cluster's parameter group.",
}


class Context:
    """What deciding needs to know about the two servers.

    :param target_login: the target's account that the migration uses, as ``user@host``.
    :param left_behind: what the way is known to have left behind or made otherwise, with the reason.
    """

    def __init__(self, target_login: str, left_behind: LeftBehind) -> None:
        self.target_login = target_login
        self.left_behind = left_behind


def compare_objects(source: Objects, target: Objects, context: Context) -> Iterator[Difference]:
    """The differences between two sets of catalogue objects, in the order of their names.

    What stands inside a missing or extra object is not told again.
    """
    absent: set[Key] = set()
    unlike_columns = {key[:2] for kind, key in set(source) ^ set(target) if kind == "column"}
    for kind, key in sorted(
        set(source) | set(target), key=lambda one: (one[1], one[0] not in ("table", "view"), one[0])
    ):
        ours, theirs = source.get((kind, key)), target.get((kind, key))
        if len(key) > 2 and key[:2] in absent:
            continue
        if ours is None or theirs is None:
            if kind == "table":
                absent.add(key)
            yield _presence(kind, ours, theirs, context)
            continue
        for difference in _attributes(ours, theirs, context):
            if difference.kind != "table.column_order" or key not in unlike_columns:
                yield difference


def compare_schemas(
    source: Mapping[str, CatalogueObject], target: Mapping[str, CatalogueObject], filled: set[str], context: Context
) -> Iterator[Difference]:
    """The differences between the lists of schemas, both by folded name.

    :param filled: names of the target's extra schemas that hold tables.
    """
    for name in sorted(set(source) | set(target)):
        ours, theirs = source.get(name), target.get(name)
        if ours is None and name not in filled:
            yield Difference("schema.extra", name, "", "empty", EXPECTED, "An empty schema that only the target has.")
        elif ours is None or theirs is None:
            yield _presence("schema", ours, theirs, context)
        else:
            yield from _attributes(ours, theirs, context)


def compare_variables(
    source: Mapping[str, str], target: Mapping[str, str], source_offset: str, target_offset: str
) -> Iterator[Difference]:
    """The differences between variables that applications notice.

    :param source_offset: how far the source's own time zone is from UTC, in winter and in summer; ``target_offset``
        likewise.
    """
    if source_offset != target_offset:
        yield Difference(
            "variable.time_zone",
            "time_zone",
            f"{_zone(source)} (UTC offset {source_offset})",
            f"{_zone(target)} (UTC offset {target_offset})",
            ERROR,
            "NOW(), defaults and events mean another time. Set time_zone in the cluster's parameter group.",
        )
    elif _zone(source) != _zone(target):
        yield Difference(
            "variable.time_zone",
            "time_zone",
            _zone(source),
            _zone(target),
            EXPECTED,
            f"Another name with the same offset from UTC ({source_offset}), in winter as in summer.",
        )
    for name, note in _VARIABLE_NOTES.items():
        ours, theirs = source.get(name, ""), target.get(name, "")
        if name == "sql_mode":
            ours, theirs = (",".join(sorted(value.split(","))) for value in (ours, theirs))
        elif name != "lower_case_table_names":
            ours, theirs = (_plain(value) for value in (ours, theirs))
        if ours != theirs:
            severity = ERROR if name == "lower_case_table_names" else EXPECTED
            yield Difference(f"variable.{name}", name, ours, theirs, severity, note)


def moved_since(earlier: tuple[str, int] | None, later: tuple[str, int] | None) -> bool | None:
    """Whether a server wrote to its binlog between two positions; None where one of them is not known.

    :param earlier: (file, position), as ``SHOW MASTER STATUS`` gives them.
    """
    if earlier is None or later is None:
        return None
    return earlier != later


def explained(difference: Difference, why: str) -> Difference:
    """The difference with a reason in front of its note."""
    return Difference(
        difference.kind,
        difference.object,
        difference.source,
        difference.target,
        difference.severity,
        " ".join(part for part in (why, difference.note) if part),
    )


def around_the_difference(value: str, other: str) -> tuple[str, str]:
    """Both values cut to what fits, beginning a little before they part where they are long."""
    if max(len(value), len(other)) <= _SHOWN:
        return value, other
    same = 0
    while same < min(len(value), len(other)) and value[same] == other[same]:
        same += 1
    start = max(0, same - 40)
    lead = "..." if start else ""
    return _cut(lead + value[start:]), _cut(lead + other[start:])


def _cut(shown: str) -> str:
    return shown if len(shown) <= _SHOWN else shown[: _SHOWN - 3] + "..."


def _presence(kind: str, ours: CatalogueObject | None, theirs: CatalogueObject | None, context: Context) -> Difference:
    if theirs is not None:
        return Difference(f"{kind}.extra", theirs.name, "", "there", ERROR, "Only the target has it.")
    name = cast(CatalogueObject, ours).name  # one of the two is there
    reason = context.left_behind.get((name, ""))
    if reason is not None:
        note = f"It was left behind: {reason}" if reason else "It was left behind."
        return Difference(f"{kind}.missing", name, "there", "", EXPECTED, note)
    return Difference(f"{kind}.missing", name, "there", "", ERROR, "The target does not have it.")


def _attributes(ours: CatalogueObject, theirs: CatalogueObject, context: Context) -> Iterator[Difference]:
    for attribute, value in ours.attributes.items():
        other = theirs.attributes[attribute]
        if value != other:
            severity, note = _rule(ours, attribute, value, other, context)
            source, target = around_the_difference(value, other)
            yield Difference(f"{ours.kind}.{attribute}", ours.name, source, target, severity, note)


def _rule(ours: CatalogueObject, attribute: str, value: str, other: str, context: Context) -> tuple[str, str]:
    """The severity of a differing attribute and a note."""
    if (ours.kind, attribute) == ("table", "engine") and value in _CONVERTED_ENGINES and other == "InnoDB":
        return EXPECTED, "Aurora keeps tables in InnoDB only."
    if attribute == "definer" and _same_account(other, context.target_login):
        return EXPECTED, "The definer was replaced by the target's login."
    if (ours.kind, attribute) == ("event", "status") and value == "ENABLED" and other.endswith("DISABLED"):
        return EXPECTED, "The event sleeps on the target; ALTER EVENT ... ENABLE wakes it after the switch."
    if (ours.kind, attribute) == ("event", "time_zone") and value == "SYSTEM":
        return EXPECTED, "SYSTEM is UTC on a cluster, so the event has the zone itself that SYSTEM was on the source."
    # A definer is named as it was asked for, so that yet another one is an error. Of a definition nobody can say more.
    made_so = f"{attribute} {other}" if attribute == "definer" else attribute
    reason = context.left_behind.get((ours.name, made_so))
    if reason is not None:
        return EXPECTED, f"It was made so: {reason}" if reason else "It was made so."
    return ERROR, ""


def _same_account(definer: str, login: str) -> bool:
    return definer.replace("`", "").replace("'", "") == login


def _zone(variables: Mapping[str, str]) -> str:
    zone = variables.get("time_zone", "")
    return "SYSTEM ({})".format(variables.get("system_time_zone", "")) if zone == "SYSTEM" else zone


def _plain(value: str) -> str:
    lowered = value.lower()
    lowered = {"on": "1", "off": "0"}.get(lowered, lowered)
    return "utf8mb3" + lowered[4:] if lowered == "utf8" or lowered.startswith("utf8_") else lowered
