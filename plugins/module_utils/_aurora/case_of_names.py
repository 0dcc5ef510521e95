# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""That a cluster compares names of tables as its source does. Pure.

``lower_case_table_names`` is fixed when a cluster is made, and with another value tables of the backup are not found
(Aurora User Guide, "Aurora MySQL configuration parameters").
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from .._errors import DbferryError
from .parameter_values import same_value

PARAMETER = "lower_case_table_names"
_DEFAULT = "0"


class CaseOfNamesError(DbferryError):
    """The cluster would compare names in another way than the source."""

    default_id = "restore.case_of_names"


def require_taken_over(source: Mapping[str, Any], own: Mapping[str, Any], left: Collection[str]) -> None:
    """Make sure that a group of the cluster's own gets the source's value.

    :param source: the source's variables; one that does not tell the value is not compared.
    :param own: parameters that the user has chosen.
    :param left: names of settings that the user does not want.
    :raises CaseOfNamesError: the user wants another value, or none.
    """
    if PARAMETER in left:
        raise CaseOfNamesError(
            f"{PARAMETER} is among the settings that are to be left, and it is taken over in any case: with another "
            "value, tables of the backup are not found.",
            remedy=f"Take {PARAMETER} off that list; nothing was changed.",
        )
    if PARAMETER in own:
        _require_alike(source, str(own[PARAMETER]), "the chosen parameters have", "Leave it out of them")


def require_group_alike(source: Mapping[str, Any], group: str, value: str | None) -> None:
    """Make sure that a group that is taken as it is has the source's value.

    :param value: the group's; ``None`` where nobody has set it.
    :raises CaseOfNamesError: it has another.
    """
    _require_alike(
        source,
        value or _DEFAULT,
        f"cluster parameter group {group} has",
        "Set it in that group as the source has it, name another group, or name none, so that one is made",
    )


def _require_alike(source: Mapping[str, Any], value: str, whose: str, remedy: str) -> None:
    if PARAMETER not in source:
        return
    wanted = str(source[PARAMETER])
    if not same_value(_compared(wanted), _compared(value)):
        raise CaseOfNamesError(
            f"{PARAMETER} is {wanted} on the source, and {whose} {value}: a cluster keeps it for life, and tables of "
            "the backup would not be found.",
            remedy=f"{remedy}; nothing was changed.",
            details={"source": wanted, "target": value},
        )


def _compared(value: str) -> str:
    # 2 compares names as 1 does, and exists on file systems that Aurora has not.
    return "1" if value.strip() == "2" else value.strip()
