# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fixtures: a lab of its own, and an AWS client's view of it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

# Found through the line above.
from backups import take, upload  # noqa: E402
from lab_client import LAB, Aws, labctl  # noqa: E402
from restores import PREFIX, make_role, statements  # noqa: E402


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """endpoints.json of a small lab in a directory with an awkward name, which is down again afterwards."""
    base = tmp_path_factory.mktemp("lab with space")
    description = yaml.safe_load((LAB / "lab.yml").read_text(encoding="utf-8"))
    description["aurora"]["status_seconds"] = {"creating": 0.5, "preparing-data-migration": 0.5, "migrating": 0.5}
    description["aurora"]["role_settle_seconds"] = 1.5
    description["aurora"]["source_files_limit"] = 1000
    (base / "lab.yml").write_text(yaml.safe_dump(description), encoding="utf-8")
    state = base / "state"
    up = labctl("up", "--fast", "--lab", str(base / "lab.yml"), "--state-dir", str(state))
    try:
        assert up.returncode == 0, up.stdout + up.stderr
        document = json.loads((state / "endpoints.json").read_text(encoding="utf-8"))
        limit = description["aurora"]["source_files_limit"]
        yield {**document, "state_dir": state, "description": base / "lab.yml", "source_files_limit": limit}
    finally:
        down = labctl("down", "--state-dir", str(state))
    assert down.returncode == 0, down.stdout + down.stderr
    assert not (state / "endpoints.json").exists()
    assert not list((state).glob("*/*.pid"))


@pytest.fixture(scope="session")
def aws(lab: dict[str, Any]) -> Aws:
    """The lab as an AWS client sees it."""
    return Aws(lab)


@pytest.fixture(scope="session")
def full_backup(lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A full backup on disk."""
    return take(lab, tmp_path_factory.mktemp("backup") / "full")


@pytest.fixture(scope="session")
def role(aws: Aws, full_backup: Path) -> str:
    """A role with the smallest rights, and the full backup under PREFIX."""
    upload(aws, full_backup, PREFIX)
    condition = {"StringEquals": {"aws:SourceAccount": aws.account}}
    return make_role(aws, "restore", statements(aws.bucket), Condition=condition)
