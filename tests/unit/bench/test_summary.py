# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Medians, straight lines, targets and tables of the benchmark."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import report
import targets
from hypothesis import given
from hypothesis import strategies as st
from rows import Row, read_rows, write_rows
from summary import GIB, Line, Median, Verdict, at_most, fit, medians

ROW = Row("large", "s3_tree", "1", 1, 4.0, 6.0, 2048, 10, 3, 4 * GIB, 1.0, 0.5)


def median(tool: str, wall: float, cpu: float = 1.0, rss: float = 1024, size: int = GIB, **more: float) -> Median:
    """Medians with the figures that a test is about."""
    values = {"bytes": 0.0, "requests": 0.0, "server_cpu_s": 0.0, "disk_bytes": 0.0, **more}
    return Median("c", tool, "1", size, 5, wall, cpu, rss, **values)


def outcome(verdicts: list[Verdict]) -> list[bool]:
    return [each.met for each in verdicts]


def test_medians_are_of_each_tool_and_size() -> None:
    walls = [5.0, 1.0, 9.0]
    rows = [replace(ROW, run=run, wall_s=wall) for run, wall in enumerate(walls)]
    rows += [replace(ROW, tool="rclone", wall_s=wall) for wall in (1.0, 2.0)]
    rows += [replace(ROW, size=GIB)]

    found = medians(rows)

    assert [(each.tool, each.size, each.runs, each.wall_s) for each in found] == [
        ("s3_tree", 4 * GIB, 3, 5.0),
        ("rclone", 4 * GIB, 2, 1.5),
        ("s3_tree", GIB, 1, 4.0),
    ]
    assert found[0].cpu_s_per_gib == 1.5


@given(
    st.floats(-1e3, 1e3),
    st.floats(-1e3, 1e3),
    st.lists(st.integers(-1000, 1000), min_size=2, max_size=9, unique=True),
)
def test_points_on_a_line_give_that_line(slope: float, intercept: float, xs: list[int]) -> None:
    line = fit([(x, intercept + slope * x) for x in xs])

    assert line.slope == pytest.approx(slope, abs=1e-6)
    assert line.at(0) == pytest.approx(intercept, abs=1e-3)


def test_a_line_says_how_well_it_fits() -> None:
    assert fit([(1, 1), (2, 2), (3, 3)]).r_squared == pytest.approx(1)
    # The line through these is y = 2/3 + x / 2, which leaves 1/6 of a variance of 2/3.
    bent = fit([(0, 1), (1, 1), (2, 2)])
    assert (bent.slope, bent.intercept, bent.r_squared) == pytest.approx((0.5, 5 / 6, 0.75))


def test_one_point_is_no_line() -> None:
    with pytest.raises(ValueError, match="two points"):
        fit([(1, 1), (1, 2)])


def test_large_is_judged_by_the_fastest_and_by_the_leanest_peer() -> None:
    peers = [median("s5cmd", 2.0, cpu=8.0), median("rclone", 9.0, cpu=3.0)]

    assert outcome(targets.judge_large([median("s3_tree", 2.0, cpu=1.5), *peers])) == [True, True, True]
    assert outcome(targets.judge_large([median("s3_tree", 2.1, cpu=1.9), *peers])) == [False, False, False]
    assert outcome(targets.judge_large([median("s3_tree", 1.0, cpu=1.6), *peers])) == [True, True, False]


def test_small_has_s5cmd_as_a_goal_of_its_own() -> None:
    peers = [median("s5cmd", 2.0), median("rclone", 4.0), median("community.aws.s3_sync", 40.0)]

    assert outcome(targets.judge_small([median("s3_tree", 3.0), *peers])) == [True, False, True]
    assert outcome(targets.judge_small([median("s3_tree", 4.1), *peers])) == [False, False, False]


def test_pipeline_is_judged_against_the_guide_not_the_quicker_way() -> None:
    others = [median("backup, gzip, split, aws s3 cp", 100.0), median("backup, split, aws s3 cp", 10.0)]

    assert outcome(targets.judge_pipeline([median("xtrabackup_s3", 60.0, rss=256 * 1024), *others])) == [True] * 3
    worse = median("xtrabackup_s3", 61.0, rss=257 * 1024, disk_bytes=2.0**21)
    assert outcome(targets.judge_pipeline([worse, *others])) == [False] * 3


@pytest.mark.parametrize(("share", "met"), [(0.54, True), (0.56, False)])
def test_resume_counts_what_the_next_run_sends(share: float, met: bool) -> None:
    found = [median("s3_tree, killed at half", 1.0), median("s3_tree, the next run", 1.0, bytes=share * GIB)]

    assert outcome(targets.judge_resume(found)) == [met]


def test_growth_wants_a_line_and_no_more_memory() -> None:
    line, bent = Line(1.0, 0.0, 0.99), Line(1.0, 0.0, 0.9)
    flat = [median("s3_tree", 1.0, rss=1000), median("s3_tree", 2.0, rss=1090, size=2 * GIB)]
    growing = [flat[0], median("s3_tree", 2.0, rss=1200, size=2 * GIB)]

    assert outcome(targets.judge_growth(flat, line, line)) == [True, True, True]
    assert outcome(targets.judge_growth(growing, bent, bent)) == [False, False, False]


def test_the_table_has_the_fastest_first_and_a_missed_target_stands_out() -> None:
    lines = report.transport_table([median("slow", 2.0), median("quick", 1.0)], {"quick": "its settings"}).splitlines()

    assert [line.split(" | ")[0] for line in lines[2:]] == ["| quick", "| slow"]
    assert lines[2].endswith("| its settings |")
    assert len({line.count("|") for line in lines}) == 1
    assert "| wall | 2.00 s, limit 1.00 s | **missed** |" in report.verdict_table([at_most("wall", 2, 1, "s")])


def test_what_the_next_run_sends_is_a_share_of_all() -> None:
    found = [median("killed", 1.0, bytes=GIB / 2), median("next", 1.0, bytes=GIB / 2 + GIB / 100)]

    shares = [line.split(" | ")[2] for line in report.resume_table(found).splitlines()[2:]]

    assert shares == ["50.0 %", "51.0 %"]


def test_100_gb_are_said_to_be_extrapolated() -> None:
    found = [median("s3_tree", 1.0, size=GIB), median("s3_tree", 2.0, size=2 * GIB)]

    last = report.growth_table(found, Line(1e-9, 7.0, 1.0), Line(2e-9, 0.0, 1.0)).splitlines()[-1]

    assert last.split(" | ")[:3] == ["| 100 GB, extrapolated", "107", "200"]


def test_a_section_is_replaced_and_the_rest_stays() -> None:
    document = (
        "# A\n<!-- bench:x begin -->\nold\n<!-- bench:x end -->\ntail <!-- bench:y begin --><!-- bench:y end -->\n"
    )

    new = report.replace_section(document, "x", "new\n")

    assert new == document.replace("\nold\n", "\n\nnew\n\n")
    assert report.replace_section(new, "x", "new") == new
    with pytest.raises(ValueError, match="bench:z begin"):
        report.replace_section(document, "z", "new")


def test_the_document_has_a_section_for_every_case() -> None:
    document = (Path(__file__).resolve().parents[3] / "docs" / "performance.md").read_text(encoding="utf-8")

    for name in ("large", "small", "pipeline", "resume", "growth"):
        assert report.replace_section(document, name, "new") != document


def test_rows_are_kept_as_a_list_of_objects(tmp_path: Path) -> None:
    path = tmp_path / "folder" / "rows.json"
    assert read_rows(path, Row) == []

    write_rows(path, [ROW, replace(ROW, run=2)])

    assert read_rows(path, Row) == [ROW, replace(ROW, run=2)]
    assert path.read_text(encoding="utf-8").startswith('[\n {\n  "case": "large",\n  "tool": "s3_tree",')
