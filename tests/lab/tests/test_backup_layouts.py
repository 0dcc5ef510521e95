# Copyright (c) 2026 dbferry contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every layout of a backup that Aurora reads, made by the real tool and restored; and those that it does not read."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path
from typing import Any

import backups
import pytest
from lab_client import Aws
from restores import failure, make_role, messages, one, settled, statements, statuses, writer

ROOT = "layouts/"


@pytest.fixture(scope="module")
def wide_role(aws: Aws) -> str:
    """A role that may read all that this module puts into the bucket."""
    return make_role(aws, "layouts", statements(aws.bucket, ROOT))


@pytest.fixture(scope="module")
def chain(lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A full backup and two increments; the rows of shop.steps tell which of them a cluster holds."""
    base = tmp_path_factory.mktemp("chain")
    backups.execute(lab, "CREATE TABLE shop.steps (id INT PRIMARY KEY) ENGINE=InnoDB")
    made: list[Path] = []
    for step in range(3):
        # Checkpoints move the LSN on, as time does on a busy server.
        backups.execute(
            lab,
            f"INSERT INTO shop.steps VALUES ({step})",
            "SET GLOBAL innodb_log_checkpoint_now = ON",
        )
        options = [f"--incremental-basedir={made[-1]}"] if made else []
        made.append(backups.take(lab, base / f"b{step}", *options))
    return made


@pytest.fixture(scope="module")
def streams(lab: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> list[bytes]:
    """A full backup and two increments as streams of their own, without any directory of files."""
    base = tmp_path_factory.mktemp("streams")
    backups.execute(lab, "CREATE TABLE shop.streamed (id INT PRIMARY KEY) ENGINE=InnoDB")
    made: list[bytes] = []
    for step in range(3):
        backups.execute(lab, f"INSERT INTO shop.streamed VALUES ({step})")
        options = [f"--incremental-basedir={base / str(step - 1)}"] if made else []
        made.append(backups.stream(lab, base / str(step), *options))
    return made


def held(lab: dict[str, Any], aws: Aws, role: str, identifier: str, prefix: str, table: str = "shop.steps") -> Any:
    """Restore what is under the prefix; the ids in `table`, with the number of orders as proof that all is there."""
    settled(aws, identifier, role, S3Prefix=prefix)
    assert statuses(aws, identifier)[-1] == "available", messages(aws, identifier)
    master = writer(lab, aws, identifier)
    assert one(master, "SELECT COUNT(*) FROM shop.order_line") > 0
    schemas = one(master, "SELECT GROUP_CONCAT(schema_name ORDER BY 1) FROM information_schema.schemata")
    assert schemas == "information_schema,mysql,performance_schema,shop,shop-archive,sys"
    ids = one(master, f"SELECT GROUP_CONCAT(id ORDER BY id) FROM {table}")
    master.close()
    aws.rds.delete_db_instance(DBInstanceIdentifier=f"{identifier}-1", SkipFinalSnapshot=True)
    aws.rds.delete_db_cluster(DBClusterIdentifier=identifier, SkipFinalSnapshot=True)
    return ids


@pytest.mark.parametrize(
    "places",
    [
        # Names that sort against the order of the LSNs, with timestamps, at different depths.
        ("weekly/2026-11-15_03-00-00/", "daily/a/b/2026-11-17_03-00-00/", "daily/2026-11-16_03-00-00/"),
        # The increments inside the base directory, as the user guide words it.
        ("", "increments/2/", "increments/1/"),
    ],
)
def test_a_chain_of_directories(
    lab: dict[str, Any], aws: Aws, wide_role: str, chain: list[Path], places: tuple[str, ...]
) -> None:
    prefix = f"{ROOT}chain-{len(places[0])}/"
    for backup, place in zip(chain, places):
        backups.upload(aws, backup, prefix + place)
    assert held(lab, aws, wide_role, f"chain-{len(places[0])}", prefix) == "0,1,2"


def test_a_stream_in_parts(lab: dict[str, Any], aws: Aws, wide_role: str, streams: list[bytes]) -> None:
    backups.put_parts(aws, f"{ROOT}xb/backup.xbstream", streams[0], 12)
    assert held(lab, aws, wide_role, "xb", f"{ROOT}xb/", "shop.streamed") == "0"


def test_parts_with_numbers_of_any_width(lab: dict[str, Any], aws: Aws, wide_role: str, streams: list[bytes]) -> None:
    size = -(-len(streams[0]) // 11)
    for number in range(11):
        part = streams[0][number * size : (number + 1) * size]
        aws.s3.put_object(Bucket=aws.bucket, Key=f"{ROOT}widths/backup.xbstream{number}", Body=part)
    assert held(lab, aws, wide_role, "widths", f"{ROOT}widths/", "shop.streamed") == "0"


def test_a_chain_of_streams(lab: dict[str, Any], aws: Aws, wide_role: str, streams: list[bytes]) -> None:
    for data, place in zip(streams, ("full", "incremental/2026-11-17", "incremental/2026-11-16")):
        backups.put_parts(aws, f"{ROOT}streams/{place}/backup.xbstream", data)
    assert held(lab, aws, wide_role, "streams", f"{ROOT}streams/", "shop.streamed") == "0,1,2"


def test_a_tar_stream_in_parts(lab: dict[str, Any], aws: Aws, wide_role: str, chain: list[Path]) -> None:
    backups.put_parts(aws, f"{ROOT}tar/backup.tar", backups.tar(chain[0]))
    assert held(lab, aws, wide_role, "tar", f"{ROOT}tar/") == "0"


def test_a_compressed_tar_stream_in_parts(lab: dict[str, Any], aws: Aws, wide_role: str, chain: list[Path]) -> None:
    for backup, place in zip(chain[:2], ("full", "i1")):
        data = backups.gzip_members(backups.tar(backup))
        backups.put_parts(aws, f"{ROOT}targz/{place}/backup.tar.gz", data)
    assert held(lab, aws, wide_role, "targz", f"{ROOT}targz/") == "0,1"


def test_a_whole_chain_in_one_tarball(lab: dict[str, Any], aws: Aws, wide_role: str, chain: list[Path]) -> None:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for backup, place in zip(chain, ("2026-11-15", "zz/2", "zz/1")):
            archive.add(backup, f"backups/{place}")
    backups.put_parts(aws, f"{ROOT}ball/all.tar.gz", packed.getvalue())
    assert held(lab, aws, wide_role, "ball", f"{ROOT}ball/") == "0,1,2"


def refused(aws: Aws, role: str, identifier: str) -> str:
    """Restore what is under the identifier's prefix; the reason of the failure."""
    settled(aws, identifier, role, S3Prefix=f"{ROOT}{identifier}/")
    reason = failure(aws, identifier)
    aws.rds.delete_db_cluster(DBClusterIdentifier=identifier, SkipFinalSnapshot=True)
    return reason


def test_a_mix_of_formats(aws: Aws, wide_role: str, chain: list[Path], streams: list[bytes]) -> None:
    backups.put_parts(aws, f"{ROOT}mix/full/backup.xbstream", streams[0])
    backups.upload(aws, chain[1], f"{ROOT}mix/increment/")
    assert refused(aws, wide_role, "mix") == "This does not look like a tar archive"


def test_a_missing_part(aws: Aws, wide_role: str, streams: list[bytes]) -> None:
    keys = backups.put_parts(aws, f"{ROOT}gap/backup.xbstream", streams[0])
    aws.s3.delete_object(Bucket=aws.bucket, Key=keys[1])
    assert refused(aws, wide_role, "gap") == f"A part of the backup is missing before {keys[2]}."


@pytest.mark.parametrize("extension", ["xbstream", "tar", "tar.gz"])
def test_a_stream_without_its_end(
    aws: Aws, wide_role: str, chain: list[Path], streams: list[bytes], extension: str
) -> None:
    data = {
        "xbstream": lambda: streams[0],
        "tar": lambda: backups.tar(chain[0]),
        "tar.gz": lambda: backups.gzip_members(backups.tar(chain[0])),
    }[extension]()
    name = f"short-{extension.replace('.', '-')}"
    backups.put_parts(aws, f"{ROOT}{name}/backup.{extension}", data[: len(data) * 3 // 4])
    assert refused(aws, wide_role, name)


@pytest.mark.parametrize("extension", ["xbstream", "tar", "tar.gz"])
def test_parts_in_the_wrong_order(
    aws: Aws, wide_role: str, chain: list[Path], streams: list[bytes], extension: str
) -> None:
    data = {
        "xbstream": lambda: streams[0],
        "tar": lambda: backups.tar(chain[0]),
        "tar.gz": lambda: backups.gzip_members(backups.tar(chain[0])),
    }[extension]()
    name = f"order-{extension.replace('.', '-')}"
    _first, second, third, _last = backups.put_parts(aws, f"{ROOT}{name}/backup.{extension}", data)
    body = aws.s3.get_object(Bucket=aws.bucket, Key=second)["Body"].read()
    aws.s3.copy_object(Bucket=aws.bucket, Key=second, CopySource={"Bucket": aws.bucket, "Key": third})
    aws.s3.put_object(Bucket=aws.bucket, Key=third, Body=body)
    tool = "mbstream" if extension == "xbstream" else "tar"
    assert refused(aws, wide_role, name).startswith(f"{tool} failed with status ")


def test_two_streams_in_one_directory(aws: Aws, wide_role: str, streams: list[bytes]) -> None:
    for number, data in enumerate(streams):
        backups.put_parts(aws, f"{ROOT}beside/backup-{number}.xbstream", data)
    assert "holds the parts of more than one stream" in refused(aws, wide_role, "beside")


def test_a_missing_increment(aws: Aws, wide_role: str, chain: list[Path]) -> None:
    for backup in (chain[0], chain[2]):
        backups.upload(aws, backup, f"{ROOT}lacks/{backup.name}/")
    assert "b2 does not follow any backup" in refused(aws, wide_role, "lacks")


def test_a_fork(lab: dict[str, Any], aws: Aws, wide_role: str, chain: list[Path], tmp_path: Path) -> None:
    backups.execute(lab, "INSERT INTO shop.steps VALUES (99)", "SET GLOBAL innodb_log_checkpoint_now = ON")
    other = backups.take(lab, tmp_path / "other", f"--incremental-basedir={chain[0]}")
    for backup in (*chain[:2], other):
        backups.upload(aws, backup, f"{ROOT}fork/{backup.name}/")
    assert refused(aws, wide_role, "fork").startswith("2 incremental backups start at LSN ")


@pytest.mark.parametrize(
    ("name", "option", "reason"),
    [
        ("partial", "--databases=shop", "is partial, which is not supported"),
        ("compressed", "--compress", "is compressed by XtraBackup"),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
def test_a_backup_of_a_kind_that_aurora_does_not_take(
    lab: dict[str, Any], aws: Aws, wide_role: str, tmp_path: Path, name: str, option: str, reason: str, streamed: bool
) -> None:
    identifier = f"{name}-stream" if streamed else name
    if streamed:
        data = backups.stream(lab, tmp_path / "lsn", option)
        backups.put_parts(aws, f"{ROOT}{identifier}/backup.xbstream", data)
    else:
        backups.upload(aws, backups.take(lab, tmp_path / "backup", option), f"{ROOT}{identifier}/")
    assert reason in refused(aws, wide_role, identifier)


def test_more_files_than_the_limit(lab: dict[str, Any], aws: Aws, wide_role: str) -> None:
    for number in range(lab["source_files_limit"] + 1):
        aws.s3.put_object(Bucket=aws.bucket, Key=f"{ROOT}many/{number}", Body=b"")
    limit = lab["source_files_limit"]
    assert f"The limit is {limit} files" in refused(aws, wide_role, "many")
