# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of all checks, docs/checks.md, made from the catalogue."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path
from typing import Any

from places import CHECKOUT

AREAS = {
    "source": "The source server",
    "tool": "The backup tool",
    "host": "The source host",
    "bucket": "The bucket",
    "key": "KMS keys",
    "caller": "The rights of who runs the stations",
    "role": "The role that RDS reads the bucket with",
    "target": "The cluster to be made",
}
_HEAD = """# Checks

What role `assess` and module `mysql_assessment_info` look at before anything is touched. This page is made from the
catalogue in the code. A *blocker* stops the ways that are named beside it, a *warning* wants a decision, a *note* is
good to know; in a single case a check may weigh less. Pass over a check with a reason:
`assess_ignore: ["source.page_size: why it may be passed over"]`.

| area | blockers | warnings | notes |
| --- | --- | --- | --- |
"""


def page(checks: tuple[Any, ...]) -> str:
    """The page as Markdown."""
    areas = list(AREAS)
    ordered = sorted(checks, key=lambda check: areas.index(check.area))
    grouped = [(area, list(group)) for area, group in groupby(ordered, key=lambda check: check.area)]
    text = _HEAD
    for area, group in grouped:
        counts = (sum(1 for check in group if check.severity == name) for name in ("blocker", "warning", "note"))
        text += f"| [{AREAS[area]}](#{_anchor(AREAS[area])}) | {' | '.join(map(str, counts))} |\n"
    for area, group in grouped:
        text += f"\n## {AREAS[area]}\n"
        for check in group:
            ways = " and ".join(check.ways)
            text += f"\n### `{check.id}`\n\n**{check.title}** ({check.severity}, {ways})\n\n"
            text += f"{check.why}\n\n*What to do:* {check.remedy} [Documentation]({check.link})\n"
    return text


def _anchor(heading: str) -> str:
    return heading.lower().replace(" ", "-")


def main() -> int:
    """Compare the page with the catalogue of the collection that lies staged in argv[1]; with --write, make it."""
    staged = Path(sys.argv[1])
    sys.path.insert(0, str(staged.parents[2]))
    from ansible_collections.dbferry.aurora_mysql.plugins.module_utils._assess.catalogue import CHECKS

    path, made = CHECKOUT / "docs/checks.md", page(CHECKS)
    if "--write" in sys.argv:
        path.write_text(made, encoding="utf-8")
    current = path.is_file() and path.read_text(encoding="utf-8") == made
    state = "holds" if current else "does not hold"
    print(f"docs/checks.md {state} the {len(CHECKS)} checks of the catalogue as they are")
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main())
