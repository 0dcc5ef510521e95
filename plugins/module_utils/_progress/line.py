# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.6.
"""The line that a person reads, made from snapshots of a progress file."""

from typing import Any, Dict, NamedTuple, Optional

_BINARY_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


class Snapshot(NamedTuple):
    """One state of a progress file; the members are those of ``ProgressFile.update``, ``at`` is a Unix time."""

    phase: str
    done: int
    total: int
    unit: str
    detail: str
    at: float


def parse_snapshot(members: Dict[str, Any]) -> Snapshot:
    """A snapshot from the decoded JSON of a progress file.

    :raises ValueError: members are missing or of the wrong kind.
    """
    try:
        return Snapshot(
            phase=str(members["phase"]),
            done=int(members["done"]),
            total=int(members["total"]),
            unit=str(members["unit"]),
            detail=str(members["detail"]),
            at=float(members["at"]),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("not a progress snapshot: {0}".format(error)) from error


def format_bytes(count: float) -> str:
    """A number of bytes with a binary unit: ``1.4 GiB``."""
    for unit in _BINARY_UNITS:
        if abs(count) < 1024 or unit == _BINARY_UNITS[-1]:
            break
        count /= 1024.0
    return "{0:.0f} {1}".format(count, unit) if unit == "B" else "{0:.1f} {1}".format(count, unit)


def format_duration(seconds: float) -> str:
    """Seconds as ``45 s``, ``3 min 05 s`` or ``2 h 10 min``."""
    whole = max(0, round(seconds))
    if whole < 60:
        return "{0} s".format(whole)
    if whole < 3600:
        return "{0} min {1:02d} s".format(whole // 60, whole % 60)
    return "{0} h {1:02d} min".format(whole // 3600, whole % 3600 // 60)


def progress_line(current: Snapshot, first_of_phase: Optional[Snapshot], elapsed: float) -> str:
    """The line for one snapshot.

    :param current: the newest snapshot.
    :param first_of_phase: the earliest snapshot seen of the same phase, from which rate and ETA come.
    :param elapsed: seconds since the task began.
    """

    def amount(count: float) -> str:
        return format_bytes(count) if current.unit == "bytes" else "{0:.0f} {1}".format(count, current.unit).strip()

    parts = [current.phase]
    if current.total > 0:
        parts.append("{0:.0f} %".format(100.0 * min(current.done, current.total) / current.total))
        parts.append("{0} of {1}".format(amount(current.done), amount(current.total)))
    elif current.done > 0:
        parts.append(amount(current.done))
    if first_of_phase is not None:
        seconds = current.at - first_of_phase.at
        moved = current.done - first_of_phase.done
        if seconds > 0 and moved > 0:
            rate = moved / seconds
            parts.append("{0}/s".format(amount(rate)))
            if current.total > current.done:
                parts.append("about {0} left".format(format_duration((current.total - current.done) / rate)))
    parts.append("after {0}".format(format_duration(elapsed)))
    if current.detail:
        parts.append(current.detail)
    return " | ".join(parts)
