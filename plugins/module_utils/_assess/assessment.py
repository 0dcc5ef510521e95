# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# PRIVATE to the collection. Runs on Python 3.9.
"""Runs the checks over the facts and puts the assessment together. Pure."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .._errors import DbferryError
from .catalogue import CHECKS
from .facts import Facts
from .finding import Finding, concerns
from .model import BLOCKER, LOGICAL, NOTE, SEVERITIES, WARNING, Check, NotKnownError
from .way import AFTER_AN_UPGRADE, CLOSED, NONE, EngineChoice, Way, decide, judge_ways

SCHEMA_VERSION = 1
_ID = rf"(?:{'|'.join(dict.fromkeys(check.area for check in CHECKS))})\.\w+\s*"
_NEXT = re.compile(rf"\s*\n\s*(?={_ID}(?::|$|\n))|\s*[,;]\s*(?={_ID}:)")


class Judgement(NamedTuple):
    """What became of every check."""

    findings: tuple[Finding, ...]
    """Blockers first, then warnings, then notes; within these in the order of the catalogue."""
    not_checked: tuple[tuple[Check, str], ...]
    """With the reason."""
    passed: tuple[Check, ...]


def read_ignored(entries: Iterable[object], checks: Sequence[Check] = CHECKS) -> dict[str, str]:
    """Which checks are to be passed over, and why.

    :param entries: each ``{"id": ..., "reason": ...}``, or the text ``ID: REASON``; one text may hold several.
    :raises DbferryError: ``assess.ignore``, an id that is no check's, or no reason.
    """
    ignored: dict[str, str] = {}
    known = [check.id for check in checks]
    for entry in [part for each in entries for part in _split(each)]:
        if isinstance(entry, Mapping):
            name, reason = str(entry.get("id") or ""), str(entry.get("reason") or "")
        else:
            name, _colon, reason = str(entry).partition(":")
        name, reason = name.strip(), reason.strip()
        if name not in known:
            near = difflib.get_close_matches(name, known, 3, 0.5)
            raise DbferryError(
                f"{name!r} is to be ignored, and there is no such check.",
                "assess.ignore",
                f"Near to it are {', '.join(near)}." if near else "docs/checks.md lists all.",
            )
        if not reason:
            raise DbferryError(
                f"{name} is to be ignored without a reason.",
                "assess.ignore",
                f"Write it as '{name}: why it may be passed over'; the report shows it.",
            )
        ignored[name] = reason
    return ignored


def _split(entry: object) -> list[object]:
    """What a text holds, as a survey's field has it: a reason may have commas, and ends where the next id begins."""
    return [part for part in _NEXT.split(entry) if part.strip()] if isinstance(entry, str) else [entry]


def judge(facts: Facts, ignored: Mapping[str, str], checks: Sequence[Check] = CHECKS) -> Judgement:
    """Ask every check.

    :param ignored: ids of checks to the reason why they are passed over.
    """
    findings: list[Finding] = []
    not_checked: list[tuple[Check, str]] = []
    passed: list[Check] = []
    for check in checks:
        lacking = [part for part in check.needs if getattr(facts, part) is None]
        if lacking:
            why = dict.fromkeys(facts.missing.get(part, f"Nothing is known of the {part}.") for part in lacking)
            not_checked.append((check, " ".join(why)))
            continue
        try:
            seen = check.find(facts)
        except NotKnownError as error:
            not_checked.append((check, str(error)))
            continue
        if seen is None:
            passed.append(check)
        else:
            findings.append(Finding(check, seen, ignored.get(check.id, "")))
    findings.sort(key=lambda finding: SEVERITIES.index(finding.severity))
    return Judgement(tuple(findings), tuple(not_checked), tuple(passed))


def verdict(judgement: Judgement, wanted_way: str, engine: EngineChoice) -> tuple[dict[str, Any], tuple[Way, ...]]:
    """The member ``verdict`` of an assessment, and the ways it was chosen from."""
    ways = judge_ways(judgement.findings)
    way, reasons = decide(ways, wanted_way)
    # What stands in the other way does not concern this one.
    concern = [each for each in judgement.findings if concerns(way, each.check.ways)]
    counts = {
        severity: sum(1 for each in concern if each.severity == severity and not each.ignored)
        for severity in SEVERITIES
    }
    counts["ignored"] = sum(1 for each in judgement.findings if each.ignored)
    counts["not_checked"] = len(judgement.not_checked)
    counts["passed"] = len(judgement.passed)
    in_the_way = [
        each.check.id
        for each in judgement.findings
        if each.severity == BLOCKER and not each.ignored and way in each.check.ways
    ]
    return {
        "way": way,
        "sentence": _sentence(way, ways, in_the_way, counts, engine),
        "reasons": list(reasons),
        "counts": counts,
        "blockers": in_the_way,
    }, ways


def stopping(document: Mapping[str, Any], fail_on: str) -> list[str]:
    """Ids of the findings that are to stop a run.

    :param document: an assessment.
    :param fail_on: ``blocker``, ``warning`` or ``never``.
    """
    way = document["verdict"]["way"]
    weights = {"never": (), "blocker": (BLOCKER,), "warning": (BLOCKER, WARNING)}[fail_on]
    return [
        finding["id"]
        for finding in document["findings"]
        if finding["severity"] in weights and not finding["ignored"] and concerns(way, finding["ways"])
    ]


def _sentence(
    way: str, ways: Sequence[Way], in_the_way: Sequence[str], counts: Mapping[str, int], engine: EngineChoice
) -> str:
    to = f" into {engine.recommended.text}" if engine.recommended else ""
    if way == NONE and any(each.passable for each in ways):
        return CLOSED
    if way == NONE:
        return "No way into Aurora MySQL is open."
    if way == AFTER_AN_UPGRADE:
        return "The physical way opens once the source has been upgraded."
    names = "A logical copy" if way == LOGICAL else "A physical copy"
    if in_the_way:
        return f"{names}{to} is the way, and {_count(len(in_the_way), BLOCKER)} {_stand(len(in_the_way))} in it."
    if counts[WARNING]:
        return f"{names}{to} is open; {_count(counts[WARNING], WARNING)} {_want(counts[WARNING])} a decision."
    if counts[NOTE]:
        return f"{names}{to} is open, and {_count(counts[NOTE], NOTE)} {_are(counts[NOTE])} worth reading."
    return f"{names}{to} is open."


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _stand(number: int) -> str:
    return "stands" if number == 1 else "stand"


def _want(number: int) -> str:
    return "wants" if number == 1 else "want"


def _are(number: int) -> str:
    return "is" if number == 1 else "are"
