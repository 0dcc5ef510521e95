# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""The form of a chart: a specification for the chart library, with a table that says the same. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

BARS, SPANS, LINES = "bars", "spans", "lines"


def chart(
    name: str,
    title: str,
    kind: str,
    text: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[Mapping[str, Any]],
    same: Mapping[str, Any],
    across: str = "",
) -> dict[str, Any]:
    """A chart's specification.

    :param name: its id in the page.
    :param text: what it shows, for who does not see it.
    :param unit: of the values.
    :param same: the table that says the same.
    :param across: of a ``lines`` chart the unit of what goes across.
    """
    return {
        "id": name,
        "title": title,
        "kind": kind,
        "text": text,
        "unit": unit,
        "across": across,
        "labels": list(labels),
        "series": list(series),
        "table": same,
    }
