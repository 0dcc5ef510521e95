# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as most will have it: built, installed by ansible-galaxy, and run with no configuration beside it."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path

import pytest

from .dumps import rows_of_both
from .playbook import PlaybookRunner

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def tarball(generation, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("tarball")
    galaxy = [str(generation.bin / "ansible-galaxy"), "collection", "build"]
    subprocess.run([*galaxy, str(CHECKOUT), "--output-path", str(folder)], check=True, env=generation.environment())
    (path,) = folder.glob("dbferry-aurora_mysql-*.tar.gz")
    return path


@pytest.fixture(scope="module")
def installed(tarball, generation, lab, tmp_path_factory) -> PlaybookRunner:
    """Runs playbooks of the installed tarball, with no checkout in the collections path and no configuration."""
    home = tmp_path_factory.mktemp("home of tarball")
    path = home / "collections"
    nothing = home / "ansible.cfg"
    nothing.touch()
    environment = {
        **generation.environment(),
        "ANSIBLE_CONFIG": str(nothing),
        "ANSIBLE_COLLECTIONS_PATH": str(path),
        "HOME": str(home),
    }
    install = [str(generation.bin / "ansible-galaxy"), "collection", "install", "--no-deps", "-p", str(path)]
    subprocess.run([*install, str(tarball)], check=True, env=environment, cwd=home)
    (path / "ansible_collections" / "amazon").symlink_to(generation.collections / "ansible_collections" / "amazon")
    return PlaybookRunner(environment, generation.playbook, lab.inventory, home)


def test_the_tarball_holds_what_is_needed_and_no_more(tarball):
    with tarfile.open(tarball) as archive:
        top = {name.split("/")[0] for name in archive.getnames()}
    assert {"plugins", "roles", "playbooks", "meta", "docs", "README.md", "LICENSE", "MANIFEST.json"} <= top
    assert not {name for name in top if name in ("build", "ansible_collections") or name.startswith(".git")}


def test_the_installed_tarball_takes_a_backup(installed, lab, tmp_path):
    options = {"migration_id": "from-a-tarball", "migration_work_dir": str(tmp_path / "work")}
    installed("backup", "--limit", "source", **options).succeeded()
    assert len(lab.objects("from-a-tarball/backup/")) == lab.document("from-a-tarball", "upload")["objects"]


@pytest.mark.thorough("a backup from the installed tarball; test_migrate.py runs the whole way from the checkout")
def test_the_installed_tarball_goes_the_whole_way(installed, lab, tmp_path):
    name = "whole-from-a-tarball"
    options = {
        "migration_id": name,
        "migration_work_dir": str(tmp_path / "work"),
        "report_dir": str(tmp_path / "pages"),
    }
    installed("migrate", "--limit", "source", **options).succeeded()
    source, target = rows_of_both(lab, "source", name)
    assert sum(line.startswith("INSERT") for line in source) > 5
    assert source == target
    assert lab.document(name, "verification")["equal"] is True
    assert (tmp_path / "pages" / f"{name}.html").read_bytes() == lab.client("s3").get_object(
        Bucket=lab.bucket, Key=f"{name}/record/report.html"
    )["Body"].read()
