# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptions of other labs: laid over one another, checked, and what is said of programs that are not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from lab.description import Description, require_programs
from lab.description_file import CHECKOUT, load
from lab.errors import LabError
from lab.sample_text import SampleError, features, render
from lab.source import require_known_features
from lab_client import LAB, labctl


def describe(path: Path, **sections: Any) -> Description:
    """The description that says only `sections` and has the rest from the lab's own."""
    path.write_text(yaml.safe_dump({"based_on": str(LAB / "lab.yml"), **sections}), encoding="utf-8")
    return load(path)


def test_a_description_is_laid_over_another(tmp_path: Path) -> None:
    (tmp_path / "middle.yml").write_text(f"based_on: {LAB}/lab.yml\nserver: {{time_zone: Asia/Tokyo}}\n")
    upper = tmp_path / "upper.yml"
    upper.write_text("based_on: middle.yml\nserver: {client: '{here}/client', arguments: []}\nremedy: '{checkout}/x'\n")
    lab, other = load(LAB / "lab.yml"), load(upper)
    assert (other.path, other.remedy) == (upper, f"{CHECKOUT}/x")
    assert (other.server.time_zone, other.server.client, other.server.arguments) == (
        "Asia/Tokyo",
        f"{tmp_path}/client",
        [],
    )
    assert (other.server.initialize, other.aurora) == (lab.server.initialize, lab.aurora)


@pytest.mark.parametrize(
    ("sections", "fault"),
    [
        ({"sever": {}}, "unknown key sever (known: allow_mariadb, aurora, backup, packages, remedy, server)"),
        ({"server": {"timezone": "UTC"}}, "unknown key server.timezone (known: server.arguments, "),
        ({"server": {"client": ["mysql"]}}, "server.client must be a text, not ['mysql']"),
        ({"server": {"initialize": "mysqld"}}, "server.initialize must be a list"),
        ({"server": {"initialize": []}}, "server.initialize must be a command"),
        ({"server": {"arguments": [1]}}, "server.arguments[0] must be a text, not 1"),
        ({"server": "mysqld"}, "server must be a mapping"),
        ({"allow_mariadb": "yes"}, "allow_mariadb must be true or false, not 'yes'"),
        ({"aurora": {"source_files_limit": True}}, "aurora.source_files_limit must be a whole number, not True"),
        ({"aurora": {"role_settle_seconds": "1"}}, "aurora.role_settle_seconds must be a number, not '1'"),
        ({"aurora": {"engine_versions": [{"version": "1"}]}}, "the key aurora.engine_versions[0].community is missing"),
        ({"packages": {"mysqld": 1}}, "packages.mysqld must be a text, not 1"),
        ({"based_on": 1}, "based_on must be a text"),
        ({"based_on": "other.yml"}, "based_on goes in a circle by way of "),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, sections: dict[str, Any], fault: str) -> None:
    with pytest.raises(LabError) as found:
        describe(tmp_path / "other.yml", **sections)
    assert str(found.value).startswith(f"{tmp_path / 'other.yml'} does not describe a lab: {fault}")


def test_a_key_that_is_missing_is_named(tmp_path: Path) -> None:
    raw = yaml.safe_load((LAB / "lab.yml").read_text(encoding="utf-8"))
    del raw["server"]["client"]
    (tmp_path / "lab.yml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    with pytest.raises(LabError, match=r"the key server\.client is missing"):
        load(tmp_path / "lab.yml")


@pytest.mark.parametrize(("text", "fault"), [("a: [", "is not YAML"), ("- a", "holds no mapping")])
def test_what_is_no_description_is_said_so(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "lab.yml").write_text(text, encoding="utf-8")
    with pytest.raises(LabError, match=fault):
        load(tmp_path / "lab.yml")


@pytest.mark.parametrize("name", sorted(path.name for path in LAB.glob("*.yml")))
def test_the_lab_s_own_descriptions_hold(name: str) -> None:
    require_known_features(load(LAB / name))


def test_a_program_that_is_not_there_is_named_with_the_remedy(tmp_path: Path) -> None:
    description = describe(
        tmp_path / "other.yml",
        server={"executable": "no-such-mysqld", "client": "/no/such/client"},
        backup={"prepare_base": ["no-such-xtrabackup", "--prepare"]},
        packages={"no-such-mysqld": "mysql-server-core"},
        remedy="Or fetch it.",
    )
    with pytest.raises(LabError) as found:
        require_programs(description)
    assert str(found.value) == (
        "Not found on this machine: /no/such/client, no-such-mysqld, no-such-xtrabackup"
        f" (named in {tmp_path / 'other.yml'})."
        " On Debian: apt-get install --no-install-recommends mysql-server-core Or fetch it."
    )


def test_a_lab_can_do_without_its_backup_tool_where_the_description_says_so(tmp_path: Path) -> None:
    describe(
        tmp_path / "other.yml",
        backup={"required": False, "executable": "no-such-xtrabackup"},
        server={"sample_without": {"roles": "this test wants none"}},
    )
    state = ("--state-dir", str(tmp_path / "state"))
    up = labctl("up", "--fast", "--lab", str(tmp_path / "other.yml"), *state)
    other = labctl("up", "--fast", *state)
    more = labctl("up", "--fast", "--sources", "2", "--lab", str(tmp_path / "other.yml"), *state)
    same = labctl("up", "--fast", "--lab", str(tmp_path / "other.yml"), *state)
    down = labctl("down", *state)
    assert (up.returncode, other.returncode, down.returncode) == (0, 1, 0), up.stderr
    assert f"is up already, as {tmp_path / 'other.yml'} describes it; stop it first" in other.stderr
    assert (more.returncode, same.returncode) == (1, 0)
    assert "is up already, with other sources or data; stop it first" in more.stderr
    assert "Not found on this machine: no-such-xtrabackup." in up.stdout
    assert "no physical backup will run here" in up.stdout
    assert "The sample data comes without roles: this test wants none" in up.stdout


def test_a_feature_that_the_sample_does_not_have_is_a_mistake(tmp_path: Path) -> None:
    description = describe(tmp_path / "other.yml", server={"sample_without": {"rolls": "a slip of the pen"}})
    with pytest.raises(
        LabError, match=r"sample_without names rolls, which the sample lacks \(it has account_options, "
    ):
        require_known_features(description)


def test_lines_of_a_feature_come_or_others_stand_in() -> None:
    text = "a\n-- with x\nb\n-- without x\nc\n-- end x\nd -- with y\n"
    assert features(text) == {"x"}
    assert render(text, []) == "a\nb\nd -- with y\n"
    assert render(text, ["x"]) == "a\nc\nd -- with y\n"


@pytest.mark.parametrize(
    "text", ["-- with x\n", "-- end x\n", "-- without x\n", "-- with x\n-- with y\n", "-- with x\n-- end y\n"]
)
def test_marks_that_do_not_pair_are_refused(text: str) -> None:
    with pytest.raises(SampleError):
        render(text, [])
