# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Each shape of a backup, from the source into a cluster: chains of streams, and backups that were there before."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from .dumps import rows_of_both

HOST = "source2"


def grow(lab, name: str) -> None:
    """Something on the source that an earlier backup does not have."""
    with lab.source(HOST) as source, source.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
        cursor.execute(f"CREATE TABLE {name}.t (n INT PRIMARY KEY) ENGINE=InnoDB")
        cursor.execute(f"INSERT INTO {name}.t VALUES (1), (2), (3)")


def arrives(playbook, lab, migration_id: str, grown: str, **options: Any) -> None:
    """Restore what was backed up; every row must be there, those too that the last backup brought."""
    playbook("restore", "--limit", HOST, migration_id=migration_id, **options).succeeded()
    source, target = rows_of_both(lab, HOST, migration_id)
    assert f"USE `{grown}`;" in source
    assert source == target


def forget(lab, migration_id: str, *stations: str) -> None:
    """Take documents out of a migration's record."""
    for station in stations:
        lab.client("s3").delete_object(Bucket=lab.bucket, Key=f"{migration_id}/record/{station}.json")


def vouched(lab, migration_id: str) -> dict[str, Any]:
    """What the record says of what stands in S3, whenever it was written."""
    page = lab.document(migration_id, "upload")
    return {name: value for name, value in page.items() if name != "written_at"}


def as_it_was(lab, migration_id: str) -> None:
    """Have the record tell of the source as it was before an upgrade that moved its files."""
    source = lab.document(migration_id, "source")
    source["version"] = source["version_number"] = "10.0.1"
    source["variables"] = {**source["variables"], "datadir": "/srv/old", "socket": "/srv/old/mysqld.sock"}
    lab.client("s3").put_object(Bucket=lab.bucket, Key=f"{migration_id}/record/source.json", Body=json.dumps(source))


@pytest.mark.thorough("a chain of streams that no disk holds")
def test_increments_as_streams(playbook, lab, tmp_path):
    migration_id = "streamed-chain"
    options = {
        "migration_id": migration_id,
        "migration_work_dir": str(tmp_path / "work"),
        "backup_format": "xbstream",
        "backup_part_size": "5MiB",
    }
    playbook("backup", "--limit", HOST, backup_mode="incremental", **options).failed_with("backup.no_chain")
    playbook("backup", "--limit", HOST, **options).succeeded()
    for number, new in enumerate((False, True), start=1):
        grow(lab, f"grown_streams_{number}")
        wanted = {"backup_mode": "incremental", "backup_new": new}
        assert playbook("backup", "--limit", HOST, **options, **wanted).succeeded().recap(HOST)["changed"] > 0
        # Without being asked for another, a second run takes none.
        again = playbook("backup", "--limit", HOST, backup_mode="incremental", **options).succeeded()
        assert again.recap(HOST)["changed"] == 0
        document = lab.document(migration_id, "backup")
        names = ["full", *(f"inc{each + 1:04d}" for each in range(number))]
        assert [entry["name"] for entry in document["chain"]] == names
    keys = lab.objects(f"{migration_id}/backup/")
    assert len(keys) == document["files"]
    assert all("/backup.xbstream0" in key for key in keys)
    # A full run finds the chain as it is.
    assert playbook("backup", "--limit", HOST, **options).succeeded().recap(HOST)["changed"] == 0


def take_elsewhere(lab, directory: Path, grown: str) -> None:
    """A full backup and an increment, as a cron job would leave them."""
    source = lab.endpoints["sources"][HOST]
    base: list[str] = []
    for name in ("2026-01-01_00-00-00/base", "2026-01-02_00-00-00"):
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        argv = ["mariabackup", "--no-defaults", "--backup", f"--target-dir={target}", *base]
        argv += [f"--host={source['host']}", f"--port={source['port']}", f"--datadir={source['datadir']}"]
        argv += [f"--user={source['root_user']}", f"--password={source['root_password']}"]
        subprocess.run(argv, check=True, capture_output=True)
        base = [f"--incremental-basedir={target}"]
        if name.endswith("base"):
            grow(lab, grown)


@pytest.mark.thorough("existing backups as they are; the lab's tests restore a chain out of a tarball")
def test_existing_backups_as_tarballs(playbook, lab, tmp_path):
    migration_id = "existing-chain"
    existing = tmp_path / "backups of a cron job"
    take_elsewhere(lab, existing, "grown_tarballs")
    before = sorted(path for path in existing.rglob("*"))
    options = {
        "migration_id": migration_id,
        "migration_work_dir": str(tmp_path / "work"),
        "backup_mode": "existing",
        "backup_existing_dir": str(existing),
        "backup_part_size": "5MiB",
    }
    playbook("backup", "--limit", HOST, **{**options, "backup_existing_dir": ""}).failed_with("backup.no_existing_dir")
    playbook("backup", "--limit", HOST, backup_most_files=10, **options).succeeded()
    document = lab.document(migration_id, "backup")
    assert [entry["name"] for entry in document["chain"]] == ["2026-01-01_00-00-00/base", "2026-01-02_00-00-00"]
    assert document["format"] in ("tar", "tar_gz")
    assert "more than the 10" in document["format_reason"]
    keys = lab.objects(f"{migration_id}/backup/")
    assert {key.rsplit("/", 1)[0] for key in keys} == {
        f"{migration_id}/backup/2026-01-01_00-00-00/base",
        f"{migration_id}/backup/2026-01-02_00-00-00",
    }
    again = playbook("backup", "--limit", HOST, backup_most_files=10, **options).succeeded()
    assert again.recap(HOST)["changed"] == 0
    # Once they are in S3 they may go from the host, and are not made again.
    for changed in (1, 0):
        kept_none = playbook("backup", "--limit", HOST, backup_most_files=10, upload_keep_staging=False, **options)
        assert kept_none.succeeded().recap(HOST)["changed"] == changed
    assert not (tmp_path / "work" / migration_id / "backup").exists()
    assert lab.document(migration_id, "backup") == document
    assert sorted(path for path in existing.rglob("*")) == before
    arrives(playbook, lab, migration_id, "grown_tarballs", migration_work_dir=str(tmp_path / "work"))


def test_existing_backups_as_they_are(playbook, lab, tmp_path):
    migration_id = "existing-trees"
    existing = tmp_path / "backups"
    take_elsewhere(lab, existing, "grown_trees")
    options = {"backup_mode": "existing", "backup_existing_dir": str(existing), "migration_id": migration_id}
    playbook("backup", "--limit", HOST, **options).succeeded()
    document = lab.document(migration_id, "backup")
    assert (document["format"], document["directory"]) == ("directory", str(existing))
    keys = lab.objects(f"{migration_id}/backup/")
    assert f"{migration_id}/backup/2026-01-01_00-00-00/base/xtrabackup_checkpoints" in keys
    assert len(keys) == document["files"]
    # What a cron job begins to write after they were adopted.
    (existing / "2026-01-03_00-00-00").mkdir()
    (existing / "2026-01-03_00-00-00" / "ibdata1.delta").write_bytes(b"half")
    late = playbook("backup", "--limit", HOST, "--tags", "upload", **options)
    late.failed_with("Run dbferry.aurora_mysql.backup again, which takes up")
    assert lab.objects(f"{migration_id}/backup/") == keys


def test_a_chain_that_no_disk_holds(playbook, lab, tmp_path):
    migration_id = "unstaged-chain"
    work = tmp_path / "work"
    options = {"migration_id": migration_id, "migration_work_dir": str(work), "backup_part_size": "5MiB"}
    playbook("backup", "--limit", HOST, backup_staging=False, **options).succeeded()
    # Another one that fails before this one makes way leaves the record true, and the next run content with it.
    uploaded = vouched(lab, migration_id)
    stranger = {"Bucket": lab.bucket, "Key": f"{migration_id}/backup/somebody's"}
    lab.client("s3").put_object(**stranger, Body=b"x")
    failed = playbook("backup", "--limit", HOST, backup_staging=False, backup_new=True, **options)
    failed.failed_with("[objectstore.strangers]")
    lab.client("s3").delete_object(**stranger)
    assert vouched(lab, migration_id) == uploaded
    assert playbook("backup", "--limit", HOST, backup_staging=False, **options).succeeded().recap(HOST)["changed"] == 0
    # As a run leaves it that ends between the last object and the record: the next one takes up what was sent.
    written = lab.document(migration_id, "backup")
    forget(lab, migration_id, "backup", "upload")
    taken_up = playbook("backup", "--limit", HOST, backup_staging="false", **options).succeeded()
    assert "Take the backup and send it while it is taken" not in taken_up.changed_tasks()
    assert lab.document(migration_id, "backup")["backup_id"] == written["backup_id"]
    assert lab.document(migration_id, "upload")["objects"] == len(lab.objects(f"{migration_id}/backup/"))
    grow(lab, "grown_unstaged")
    server = lab.document(migration_id, "source")
    as_it_was(lab, migration_id)
    increment = {"backup_mode": "incremental", "backup_new": True, **options}
    # An increment on disk would be sent as if it were all there is.
    playbook("backup", "--limit", HOST, **increment).failed_with("[backup.chain_not_staged]")
    playbook("backup", "--limit", HOST, backup_staging=False, **increment).succeeded()
    # What is backed up is the source as it is now.
    read = lab.document(migration_id, "source")
    assert (read["version"], read["variables"]) == (server["version"], server["variables"])
    assert "grown_unstaged" in read["schemas"]
    document = lab.document(migration_id, "backup")
    assert [entry["name"] for entry in document["chain"]] == ["full", "inc0001"]
    assert (document["staged"], document["directory"]) == (False, "")
    sent = lab.objects(f"{migration_id}/backup/")
    assert (len(sent), sum(sent.values())) == (document["files"], document["bytes"])
    assert not list((work / migration_id).glob("**/backup.xbstream*"))
    arrives(playbook, lab, migration_id, "grown_unstaged", migration_work_dir=str(work))


@pytest.mark.thorough("a chain that no disk holds")
def test_what_is_in_s3_alone_is_not_taken_again_and_makes_way_on_wish(playbook, lab, tmp_path):
    migration_id = "kept-in-s3"
    work = tmp_path / "work"
    options = {"migration_id": migration_id, "migration_work_dir": str(work), "backup_format": "xbstream"}
    playbook("backup", "--limit", HOST, upload_keep_staging=False, **options).succeeded()
    assert not (work / migration_id / "backup").exists()
    taken = lab.document(migration_id, "backup")
    for staging in (True, False):
        again = playbook("backup", "--limit", HOST, backup_staging=staging, upload_keep_staging=False, **options)
        assert again.succeeded().recap(HOST)["changed"] == 0
        assert lab.document(migration_id, "backup") == taken
    # The work directory knows of a backup that was staged, and not of one that stands in S3.
    streamed = {**options, "backup_staging": False, "backup_new": True}
    uploaded = vouched(lab, migration_id)
    playbook("backup", "--limit", HOST, **streamed).failed_with("In these roles upload_purge: true deletes")
    assert vouched(lab, migration_id) == uploaded
    directory = playbook("backup", "--limit", HOST, **{**streamed, "backup_format": "directory"})
    directory.failed_with("[backup.directory_is_staged]")
    assert vouched(lab, migration_id) == uploaded
    # The old one makes way, and the tool does not take the new one: nothing vouches for what is in S3.
    broken = playbook("backup", "--limit", HOST, upload_purge=True, backup_login_password="wrong", **streamed)
    broken.failed_with("source.access_denied")
    assert lab.objects(f"{migration_id}/backup/") == {}
    playbook("restore", "--limit", HOST, **options).failed_with("[restore.stale_upload]")
    playbook("backup", "--limit", HOST, upload_purge=True, **streamed).succeeded()
    replaced = lab.document(migration_id, "backup")
    assert (replaced["staged"], replaced["backup_id"] != taken["backup_id"]) == (False, True)
    assert lab.document(migration_id, "upload")["backup_id"] == replaced["backup_id"]


@pytest.mark.thorough("backup/test_increments.py ends the removal that a killed run has begun")
def test_a_removal_that_was_cut_short_is_ended_by_the_next_run(playbook, lab, tmp_path):
    if os.geteuid() != 0:
        pytest.skip("a directory that cannot be removed takes a mount, and that takes root")
    migration_id = "half-removed"
    home = tmp_path / "work" / migration_id
    options = {"migration_id": migration_id, "migration_work_dir": str(home.parent)}
    playbook("backup", "--limit", HOST, **options).succeeded()
    taken, uploaded = lab.document(migration_id, "backup"), vouched(lab, migration_id)
    obstacle = home / "backup" / "full" / "obstacle"
    obstacle.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "tmpfs", str(obstacle)], check=True)
    try:
        cut = playbook("backup", "--limit", HOST, upload_keep_staging=False, **options).failed_with("busy")
        assert cut.recap(HOST)["failed"] == 1
    finally:
        (mounted,) = home.glob("*/full/obstacle")
        subprocess.run(["umount", str(mounted)], check=True)
    # In whichever order the files went, the tool's own page is among those that a kill would have taken.
    (mounted.parent / "xtrabackup_checkpoints").unlink(missing_ok=True)
    ended = playbook("backup", "--limit", HOST, upload_keep_staging=False, **options).succeeded()
    assert ended.recap(HOST)["changed"] == 1
    assert list(home.glob("backup*")) == []
    assert (lab.document(migration_id, "backup"), vouched(lab, migration_id)) == (taken, uploaded)
    # Before another backup is taken, there is room for it.
    mounted.parent.mkdir(parents=True)
    anew = playbook("backup", "--limit", HOST, backup_new=True, upload_purge=True, **options).succeeded()
    assert "Remove what is left of a removal that was cut short" in anew.changed_tasks()
    assert [path.name for path in home.glob("backup*")] == ["backup"]
