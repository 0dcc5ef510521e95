# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Checks of the source's variables, against what the new cluster's parameter group can hold. Pure."""

from __future__ import annotations

from typing import Optional

from .._aurora.parameter_mapping import Entry, ParameterError, ParameterPlan, plan_parameters
from .._aurora.parameter_rules import RULES
from .._aurora.parameter_values import FamilyParameter
from .._mysql.quoting import mask_literals
from . import links
from . import table_queries as queries
from .facts import Facts, server_of, tables_of
from .model import BLOCKER, NOTE, PHYSICAL, WARNING, Check, NotKnownError, Objects, Seen, objects_of

# Those of InnoDB's indexes; MyISAM's are built anew where its tables become InnoDB's.
_FULLTEXT = {"innodb_ft_min_token_size": "3", "innodb_ft_max_token_size": "84"}
# Where AWS did not tell what the family has, every parameter is taken to be there, and free.
_OFFERED = {name: FamilyParameter(name, None, "", "string", True) for rule in RULES for name in rule.parameters}


def _plan(facts: Facts) -> ParameterPlan:
    if facts.engine is None:
        raise NotKnownError("No engine version is chosen.")
    told = facts.target.parameters if facts.target is not None else None
    offered = dict(_OFFERED if told is None else told)
    own = {name: str(value) for name, value in facts.wanted.cluster_parameters.items()}
    # the user may set parameters that no rule is about; target.parameter_not_allowed tells those that there are not
    offered.update({name: FamilyParameter(name, None, "", "string", True) for name in own if name not in offered})
    try:
        return plan_parameters(server_of(facts).variables, facts.engine.family, offered, own)
    except ParameterError as error:
        raise NotKnownError(str(error)) from error


def _entries(entries: tuple[Entry, ...]) -> Objects:
    return objects_of(
        f"{entry.name}: {entry.source_value or '(empty)'}"
        + (f" becomes {entry.value}" if entry.value else " is left")
        + f" ({entry.reason})"
        for entry in entries
    )


def _changed(facts: Facts) -> Optional[Seen]:
    found = _entries(_plan(facts).changed)
    return Seen(f"Changed on the way: {found.count}.", found) if found else None


def _left(facts: Facts) -> Optional[Seen]:
    found = _entries(_plan(facts).left)
    return Seen(f"Not taken over: {found.count}.", found) if found else None


def _lower_case(facts: Facts) -> Optional[Seen]:
    value = server_of(facts).variables.get("lower_case_table_names", "0")
    given = str(facts.wanted.cluster_parameters.get("lower_case_table_names", ""))
    if value == "2":
        return Seen("lower_case_table_names is 2.")
    if given and given != value:
        return Seen(
            f"lower_case_table_names is {value}, and the cluster is to get {given}.",
            remedy="Take lower_case_table_names out of the cluster's parameters, so that it gets the source's.",
        )
    if value == "0":
        return None
    return Seen(
        f"lower_case_table_names is {value}; the cluster's parameter group gets it before the restore.", severity=NOTE
    )


def _init_connect(facts: Facts) -> Optional[Seen]:
    value = server_of(facts).variables.get("init_connect", "")
    return Seen(f"init_connect is {mask_literals(value)[:200]}.") if value.strip() else None


def _fulltext(facts: Facts) -> Optional[Seen]:
    variables = server_of(facts).variables
    found = tables_of(facts).of(queries.FULLTEXT)
    other = [f"{name} is {variables[name]}" for name, usual in _FULLTEXT.items() if variables.get(name, usual) != usual]
    if not found or not other:
        return None
    return Seen(f"{', '.join(other)}.", found)


CHECKS: tuple[Check, ...] = (
    Check(
        "source.lower_case_table_names",
        BLOCKER,
        "Names of tables are compared in another way",
        "Aurora fixes lower_case_table_names when the cluster is made, and knows 0 and 1 only; with another value than "
        "the source's, tables of the backup are not found.",
        "Move it by a logical copy, or rebuild the source with a value that Aurora knows.",
        links.MYSQL_LOWER_CASE,
        ("server",),
        _lower_case,
        ways=(PHYSICAL,),
    ),
    Check(
        "source.parameters_changed",
        WARNING,
        "Settings change on the way",
        "The target's series, or Aurora, does not know the source's value, so that statements may mean something else.",
        "Look at each, and set what is wanted in the cluster's parameters.",
        links.PARAMETERS,
        ("server",),
        _changed,
    ),
    Check(
        "source.parameters_left",
        NOTE,
        "Settings are not taken over",
        "Aurora sees to them itself, or another station does.",
        "Look at each, and set what is wanted in the cluster's parameters.",
        links.PARAMETERS,
        ("server",),
        _left,
    ),
    Check(
        "source.init_connect",
        WARNING,
        "A statement runs at every login",
        "It travels to the parameter group. On Aurora it also runs for the master user, who has no SUPER: if it fails "
        "there, nobody can log in.",
        "See that it runs on Aurora, for an account without rights on the tables that it names.",
        links.PARAMETERS,
        ("server",),
        _init_connect,
    ),
    Check(
        "source.fulltext_settings",
        WARNING,
        "Full-text indexes were built with settings of their own",
        "An index that was built with other word lengths than the server has finds other rows until it is rebuilt.",
        "Set the same lengths in the cluster's parameters, and rebuild the indexes if searches differ.",
        links.MYSQL_FULLTEXT,
        ("server", "tables"),
        _fulltext,
    ),
)
