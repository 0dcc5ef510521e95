# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Tables, lists of facts and scales, in the form in which the templates put them out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Optional, Union

from .._progress.line import format_bytes, format_duration

GOOD, BAD, WAIT = "good", "bad", "wait"
"""Tones of a text: well, not well, and somebody has to look."""

Cell = Union[str, dict[str, str]]


class Scale(NamedTuple):
    """A unit that keeps the figures of a chart short."""

    divisor: float
    unit: str

    def of(self, value: float) -> float:
        """The value in this unit, to three digits behind the point."""
        return round(value / self.divisor, 3)


_SECONDS = (Scale(1, "s"), Scale(60, "min"), Scale(3600, "h"), Scale(86400, "days"))
_BYTES = tuple(Scale(1024**power, unit) for power, unit in enumerate(("B", "KiB", "MiB", "GiB", "TiB", "PiB")))


def seconds_scale(values: Iterable[float]) -> Scale:
    """The unit for durations up to the largest of the values, in seconds."""
    largest = max(values, default=0.0)
    return next(scale for scale in reversed(_SECONDS) if scale.divisor == 1 or largest >= 2 * scale.divisor)


def bytes_scale(values: Iterable[float]) -> Scale:
    """The unit for sizes up to the largest of the values, in bytes."""
    largest = max(values, default=0.0)
    return next(scale for scale in reversed(_BYTES) if scale.divisor == 1 or largest >= scale.divisor)


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], numbers: Sequence[int] = ()) -> Any:
    """A table; the first cell of a row is its heading.

    :param columns: their headings.
    :param numbers: indexes of the columns that hold numbers.
    """
    return {
        "caption": caption,
        "columns": [{"title": title, "number": index in numbers} for index, title in enumerate(columns)],
        "rows": [[cell if isinstance(cell, dict) else {"text": cell, "tone": ""} for cell in row] for row in rows],
    }


def toned(text: str, tone: str) -> dict[str, str]:
    """A cell that says by its colour, too, how it is meant."""
    return {"text": text, "tone": tone}


def facts(*pairs: tuple[str, Any]) -> list[dict[str, str]]:
    """Names with values; those without one are left away."""
    return [{"name": name, "value": str(value)} for name, value in pairs if value is not None and str(value) != ""]


def size(count: Optional[float]) -> str:
    """Bytes for people; "" where they are not known."""
    return "" if count is None else format_bytes(count)


def duration(seconds: Optional[float]) -> str:
    """Seconds for people; "" where they are not known."""
    if seconds is None:
        return ""
    return f"{seconds:.1f} s" if seconds < 10 else format_duration(seconds)


def number(value: Optional[float]) -> str:
    """A count for people; "" where it is not known."""
    return "" if value is None else f"{value:,}".replace(",", "\u202f")


def moment(text: Optional[str]) -> str:
    """A time of the record for people, in UTC."""
    return "" if not text else text.replace("T", " ").replace("Z", " UTC")


def yes_or_no(value: Optional[bool]) -> str:
    """A truth for people; "" where it is not known."""
    return "" if value is None else "yes" if value else "no"
