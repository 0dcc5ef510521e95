# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Values of parameters: what AWS allows, in which spelling, and whether two spellings mean the same. Pure.

The forms are those of the RDS API's ``Parameter``: ``AllowedValues`` is a range such as ``1-31536000``, a list such as
``ON,OFF``, or absent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

_RANGE = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?)-([0-9]+(?:\.[0-9]+)?)\Z")
_TRUE = frozenset(("1", "on", "true", "yes"))
_FALSE = frozenset(("0", "off", "false", "no"))


class FamilyParameter(NamedTuple):
    """A parameter of a family, as DescribeEngineDefaultClusterParameters shows it."""

    name: str
    default: str | None
    """The family's own default; ``None`` where MySQL's holds."""
    allowed: str
    """``AllowedValues``; "" where AWS names none."""
    data_type: str
    modifiable: bool


class Fitting(NamedTuple):
    """A value as AWS takes it, ``None`` where it takes none like it; and what was done to it, or why not."""

    value: str | None
    why: str = ""


def family_parameter(described: Mapping[str, Any]) -> FamilyParameter:
    """A parameter from the API's shape."""
    return FamilyParameter(
        name=str(described["ParameterName"]),
        default=described.get("ParameterValue"),
        allowed=str(described.get("AllowedValues") or ""),
        data_type=str(described.get("DataType") or ""),
        modifiable=bool(described.get("IsModifiable", True)),
    )


def fit(value: str, parameter: FamilyParameter) -> Fitting:
    """A value in the spelling and within the bounds that the parameter has.

    The same value in another spelling (``ON`` and ``1``) is no change; a number beyond the bounds becomes the bound.
    A formula of AWS (in braces) is left to AWS to judge.
    """
    allowed = parameter.allowed
    if not allowed or "{" in value:
        return Fitting(_plain_number(value))
    bounds = _RANGE.match(allowed)
    if bounds:
        return _within(value, Decimal(bounds[1]), Decimal(bounds[2]))
    members = [member.strip() for member in allowed.split(",") if member.strip()]
    if any(_RANGE.match(member) for member in members):
        # A mixture of ranges and words: AWS judges it.
        return Fitting(_plain_number(value))
    if parameter.data_type == "list":
        found = [_spelling(part.strip(), members) for part in value.split(",") if part.strip()]
        if None in found:
            return Fitting(None, f"AWS allows only {allowed}")
        return Fitting(",".join(str(part) for part in found))
    spelling = _spelling(value, members)
    return Fitting(spelling) if spelling is not None else Fitting(None, f"AWS does not allow {value}")


def same_value(one: str, other: str) -> bool:
    """Whether two spellings mean the same: numbers by value, truth values by meaning, lists whatever their order."""
    if one.strip().lower() == other.strip().lower():
        return True
    numbers = _number(one), _number(other)
    if None not in numbers:
        return numbers[0] == numbers[1]
    if "," in one or "," in other:
        return _set(one) == _set(other)
    truths = truth(one), truth(other)
    return None not in truths and truths[0] == truths[1]


def parameter_text(value: Any) -> str:
    """A value of a play as the API takes it."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, (list, tuple)):
        return ",".join(str(item) for item in value)
    return str(value)


def truth(value: str) -> bool | None:
    """What a switch says; ``None`` for what is no switch."""
    word = value.strip().lower()
    return True if word in _TRUE else False if word in _FALSE else None


def _spelling(value: str, members: list[str]) -> str | None:
    """The member that means the value; the one that looks like it first."""
    for member in members:
        if member.lower() == value.lower():
            return member
    return next((member for member in members if same_value(member, value)), None)


def _within(value: str, least: Decimal, most: Decimal) -> Fitting:
    switch = truth(value)
    number = _number(value) if _number(value) is not None else Decimal(int(switch)) if switch is not None else None
    if number is None:
        return Fitting(None, f"AWS wants a number from {least} to {most}")
    bounded = min(max(number, least), most)
    if bounded != number:
        return Fitting(_digits(bounded), f"AWS allows {least} to {most}")
    return Fitting(_digits(number))


def _plain_number(value: str) -> str:
    number = _number(value)
    return value if number is None else _digits(number)


def _number(value: str) -> Decimal | None:
    try:
        number = Decimal(value.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _digits(number: Decimal) -> str:
    """A number without an exponent and without zeros that say nothing."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _set(value: str) -> frozenset[str]:
    return frozenset(part.strip().lower() for part in value.split(",") if part.strip())
